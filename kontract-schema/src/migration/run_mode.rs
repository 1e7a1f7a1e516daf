//! How the statements of a migration run: most of them in one transaction together; some cannot run
//! in one; some move data in batches, so that nobody waits for all of it.
//!
//! A statement says so by its first line, in the lock file as in `migrations/`:
//!
//! ```sql
//! -- kontract: no-transaction
//! CREATE INDEX CONCURRENTLY IF NOT EXISTS posts_title ON posts (title);
//!
//! -- kontract: repeat
//! UPDATE posts SET rating = 0 WHERE id IN (SELECT id FROM posts WHERE rating IS NULL LIMIT 1000);
//! ```
//!
//! In the place where a migration that is Rust is called, the lock file has one statement that begins
//! with `-- kontract: rust`: the generated statements that the code runs by `update_schema`, which may
//! be none. It runs together with its neighbours.

use crate::dialect::Dialect;
pub use crate::sql::run_mode::Mode;
use crate::sqltext::{Statement, split_statements};

/// The mode of a statement, and the statement without the line that says so.
pub fn mode(statement: &str) -> (Mode, &str) {
    let marked = statement.strip_prefix("-- kontract: ").and_then(|rest| rest.split_once('\n'));
    match marked.and_then(|(word, sql)| Some((Mode::of_word(word.trim())?, sql))) {
        Some(found) => found,
        None => (Mode::Together, statement),
    }
}

/// The line of a call of Rust.
const RUST: &str = "-- kontract: rust";

/// The call of a Rust migration, in the place of a statement, with what it runs by `update_schema`.
pub fn rust_call(generated: &[String]) -> String {
    match generated {
        [] => RUST.to_owned(),
        generated => format!("{RUST}\n{}", generated.join(";\n")),
    }
}

/// The generated statements of the call of a Rust migration, where the statement is one; each with
/// its mark.
pub fn of_rust_call(dialect: Dialect, statement: &str) -> Option<Vec<String>> {
    let text = statement.strip_prefix(RUST)?;
    let text = if text.is_empty() { text } else { text.strip_prefix('\n')? };
    let found = split_statements(dialect, text).ok()?;
    let marked =
        |statement: &Statement<'_>| Mode::of_comments(&statement.comments).mark(statement.text);
    Some(found.iter().map(marked).collect())
}

/// Whether a statement is the call of a Rust migration.
pub fn is_rust_call(statement: &str) -> bool {
    statement == RUST || statement.strip_prefix(RUST).is_some_and(|rest| rest.starts_with('\n'))
}

/// Statements that are done, or not done, together.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Group<'a> {
    /// How they run.
    pub mode: Mode,
    /// The number of the first in the script, from 1.
    pub first: usize,
    /// The statements; only a group of [`Mode::Together`] has more than one.
    pub statements: Vec<&'a str>,
}

/// The groups of a script. One without statements has none.
pub fn groups(statements: &[String]) -> Vec<Group<'_>> {
    let mut found: Vec<Group<'_>> = Vec::new();
    for (statement, first) in statements.iter().zip(1..) {
        let (mode, sql) = mode(statement);
        match found.last_mut() {
            Some(last) if mode == Mode::Together && last.mode == mode => last.statements.push(sql),
            _ => found.push(Group { mode, first, statements: vec![sql] }),
        }
    }
    found
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn neighbours_are_together() {
        let script = ["A", "B", "-- kontract: no-transaction\nC", "D", "-- kontract: repeat\nE"];
        let script = script.map(str::to_owned);
        let found = groups(&script);
        let seen: Vec<_> = found.iter().map(|g| (g.mode, g.first, g.statements.concat())).collect();
        assert_eq!(
            seen,
            [
                (Mode::Together, 1, "AB".to_owned()),
                (Mode::Alone, 3, "C".to_owned()),
                (Mode::Together, 4, "D".to_owned()),
                (Mode::Repeat, 5, "E".to_owned()),
            ]
        );
        assert_eq!(mode(&Mode::Alone.mark("C")), (Mode::Alone, "C"));
        assert_eq!(mode("-- kontract: what\nC"), (Mode::Together, "-- kontract: what\nC"));
        assert!(groups(&[]).is_empty());
    }

    #[test]
    fn a_call_of_rust_keeps_its_statements() {
        let repeated = Mode::Repeat.mark("UPDATE a SET b = 1");
        let insert = "INSERT INTO a VALUES ('x;\n-- kontract: repeat\n')".to_owned();
        for dialect in Dialect::ALL {
            for generated in [vec![], vec!["SELECT 1".to_owned(), repeated.clone(), insert.clone()]]
            {
                let call = rust_call(&generated);
                assert!(is_rust_call(&call), "{call}");
                assert_eq!(mode(&call), (Mode::Together, call.as_str()));
                assert_eq!(of_rust_call(dialect, &call), Some(generated));
            }
        }
        for other in ["SELECT 1", "-- kontract: rusty\nSELECT 1", ""] {
            assert!(
                !is_rust_call(other) && of_rust_call(Dialect::Sqlite, other).is_none(),
                "{other}"
            );
        }
    }
}
