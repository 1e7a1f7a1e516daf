//! Finds statements that must not run on a pooled connection or in a transaction of Kontract, by their
//! first words, and answers other questions about statements that users write.

use super::{Dialect, Token, TokenKind, tokens, words};

/// Returns the first two keywords of a statement, in upper case, without quoted names and signs.
/// `None` for a text without a word.
fn first_words(dialect: Dialect, statement: &str) -> Option<(String, String)> {
    let mut words = tokens(dialect, statement).filter(|token| token.kind == TokenKind::Word);
    let first = words.next()?.text.to_ascii_uppercase();
    Some((first, words.next().map_or(String::new(), |word| word.text.to_ascii_uppercase())))
}

/// Returns the first keyword of a statement, in upper case.
pub fn first_word(dialect: Dialect, statement: &str) -> Option<String> {
    first_words(dialect, statement).map(|(first, _)| first)
}

/// Returns the keyword of a statement that begins or ends a transaction or a savepoint.
pub fn transaction_control(dialect: Dialect, statement: &str) -> Option<String> {
    let (first, second) = first_words(dialect, statement)?;
    let own = ["BEGIN", "COMMIT", "ROLLBACK", "END", "ABORT", "SAVEPOINT", "RELEASE"];
    let is_control = own.contains(&first.as_str())
        || (["START", "PREPARE"].contains(&first.as_str()) && second == "TRANSACTION");
    is_control.then_some(first)
}

/// Whether a statement is SQLite's `PRAGMA foreign_keys`, which has no effect in a transaction.
pub fn sets_foreign_keys(dialect: Dialect, statement: &str) -> bool {
    let is_pragma = |(first, second)| first == "PRAGMA" && second == "FOREIGN_KEYS";
    dialect == Dialect::Sqlite && first_words(dialect, statement).is_some_and(is_pragma)
}

/// Returns the keyword that prevents a statement from running in a transaction.
pub fn needs_no_transaction(dialect: Dialect, statement: &str) -> Option<String> {
    let (first, second) = first_words(dialect, statement)?;
    if tokens(dialect, statement).any(|token| token.is("CONCURRENTLY")) {
        return Some("CONCURRENTLY".to_owned());
    }
    let outside = match dialect {
        Dialect::Postgres => {
            first == "VACUUM"
                || (["CREATE", "DROP"].contains(&first.as_str())
                    && ["DATABASE", "TABLESPACE"].contains(&second.as_str()))
                || (first == "ALTER" && second == "SYSTEM")
        }
        Dialect::Sqlite => ["VACUUM", "ATTACH", "DETACH", "PRAGMA"].contains(&first.as_str()),
    };
    outside.then_some(first)
}

/// Returns why a statement must not run on a connection of the pool, and what to do instead. `None`
/// if it may.
pub fn refused_in_pool(dialect: Dialect, statement: &str) -> Option<(String, &'static str)> {
    if let Some(word) = transaction_control(dialect, statement) {
        let why = format!("`{word}` would begin or end a transaction without the storage");
        return Some((
            why,
            "use `storage.transaction(async |tx| …)`: it commits if the closure returns `Ok`",
        ));
    }
    let (first, second) = first_words(dialect, statement)?;
    if dialect == Dialect::Postgres && first == "COPY" {
        let is_stream = |token: Token<'_>| token.is("STDIN") || token.is("STDOUT");
        return tokens(dialect, statement).any(is_stream).then(|| {
            let why = "`COPY` to and from the program is not supported".to_owned();
            (why, "write rows with `insert_many`, read them with `stream`, or run it in `psql`")
        });
    }
    let (is_setting, help) = match dialect {
        Dialect::Postgres => (
            match first.as_str() {
                "SET" => !["LOCAL", "CONSTRAINTS", "TRANSACTION"].contains(&second.as_str()),
                first => ["RESET", "DISCARD", "PREPARE", "DEALLOCATE", "LISTEN", "UNLISTEN"]
                    .contains(&first),
            },
            match first.as_str() {
                "PREPARE" | "DEALLOCATE" => {
                    "run the statement itself: each connection prepares it once"
                }
                _ => {
                    "`SET LOCAL` changes it until the end of a transaction, `ALTER ROLE … SET` for all connections"
                }
            },
        ),
        Dialect::Sqlite if ["ATTACH", "DETACH"].contains(&first.as_str()) => {
            (true, "open the other file with a `Storage` of its own")
        }
        Dialect::Sqlite => {
            (first == "PRAGMA", "to read a value, write `SELECT * FROM pragma_table_info('…')`")
        }
    };
    is_setting.then(|| (format!("`{first}` would affect one pooled connection only"), help))
}

/// Whether a query locks the rows that it finds: `FOR UPDATE`, `FOR NO KEY UPDATE`, `FOR SHARE`, `FOR
/// KEY SHARE`.
pub fn locks_rows(dialect: Dialect, query: &str) -> bool {
    let words: Vec<Token<'_>> =
        words(dialect, query).into_iter().filter(|token| token.kind == TokenKind::Word).collect();
    let is_lock = |after: &[Token<'_>]| match after {
        [first, ..] if first.is("UPDATE") || first.is("SHARE") => true,
        [first, ..] if ["NO", "KEY"].iter().any(|word| first.is(word)) => {
            after.iter().take(3).any(|word| word.is("UPDATE") || word.is("SHARE"))
        }
        _ => false,
    };
    (1..words.len()).any(|at| words[at - 1].is("FOR") && is_lock(&words[at..]))
}

/// Whether a statement reports how many rows it changed: a `SELECT` reports how many it returned.
pub fn counts_changed_rows(dialect: Dialect, statement: &str) -> bool {
    const VERBS: [&str; 6] = ["SELECT", "INSERT", "UPDATE", "DELETE", "MERGE", "REPLACE"];
    let mut depth = 0usize;
    for token in words(dialect, statement) {
        if token.is("(") {
            depth += 1;
        } else if token.is(")") {
            depth = depth.saturating_sub(1);
        } else if depth == 0 && VERBS.iter().any(|verb| token.is(verb)) {
            return !token.is("SELECT");
        }
    }
    false
}

/// Returns the statement with SQLite's `?1` in place of `$1` (unchanged for PostgreSQL), and the number
/// of its last parameter.
pub fn numbered_parameters(dialect: Dialect, statement: &str) -> (String, usize) {
    let mut text = String::with_capacity(statement.len());
    let mut last = 0;
    for token in tokens(dialect, statement) {
        let number = token.text.strip_prefix('$').filter(|_| token.kind == TokenKind::Parameter);
        let digits = number.map_or("", |number| {
            &number[..number.find(|c: char| !c.is_ascii_digit()).unwrap_or(number.len())]
        });
        if !digits.is_empty() {
            last = last.max(digits.parse().unwrap_or(usize::MAX));
        }
        match number {
            Some(number) if dialect == Dialect::Sqlite && !digits.is_empty() => {
                text.push('?');
                text += number;
            }
            _ => text += token.text,
        }
    }
    (text, last)
}
