//! What runs of a script of the lock file, and in which groups. Pure.

use std::borrow::Cow;
use std::collections::BTreeSet;

use kontract_schema::code;
use kontract_schema::dialect::Dialect;
use kontract_schema::lock::{Migration, Script, Step as Statement};
use kontract_schema::migration::run_mode::{self, Group, Mode};
use kontract_schema::sqltext;

use super::failure::failure;
use crate::error::Result;

/// The prefix of the names of Kontract's own tables, and of temporary ones.
const OWN: &str = "_kontract";

/// A statement that runs within a transaction.
#[derive(Debug, PartialEq)]
#[expect(clippy::large_enum_variant, reason = "a step has few of them, and each is used once")]
pub(super) enum Inside<'a> {
    /// SQL. One that `repeats` runs until it changes no row.
    Sql { statement: Cow<'a, Statement>, repeats: bool },
    /// Calls the Rust code of the migration, with the statements of its `update_schema`.
    Rust { generated: &'a [Statement] },
}

/// Whether all statements run in one transaction.
pub(super) fn is_one_transaction(up: &[Statement]) -> bool {
    up.iter().all(|statement| statement.run == Mode::Together)
}

/// The statements for one transaction, also those that otherwise run outside one.
pub(super) fn read_together(statements: &[Statement]) -> Vec<Inside<'_>> {
    statements.iter().map(read_inside).collect()
}

/// The statement for a transaction, also one that otherwise runs outside.
pub(super) fn read_inside(statement: &Statement) -> Inside<'_> {
    if let Some(generated) = &statement.rust {
        return Inside::Rust { generated };
    }
    let repeats = statement.run == Mode::Repeat && !statement.endless;
    let statement = if statement.run == Mode::Alone {
        let sql = statement.sql_in_transaction();
        Cow::Owned(Statement { run: Mode::Together, sql, ..statement.clone() })
    } else {
        Cow::Borrowed(statement)
    };
    Inside::Sql { statement, repeats }
}

/// The group that comes after `done` statements of a migration; `None` after the last one.
///
/// # Errors
/// K0422: no group ends there.
pub(super) fn read_group(
    dialect: Dialect,
    migration: &Migration,
    done: usize,
) -> Result<Option<Group<'_>>> {
    let up = &migration.sql.for_dialect(dialect).up;
    let next = run_mode::groups(up).into_iter().find(|group| group.first > done);
    let first = next.as_ref().map_or(up.len() + 1, |group| group.first);
    if first != done + 1 {
        let what = format!(
            "no group of statements of migration {} ends at statement {done}",
            migration.version
        );
        return Err(failure(code::HISTORY_DAMAGED, what)
            .with_help("its row in `_kontract_migrations` was changed; restore it"));
    }
    Ok(next)
}

/// The statements as one transaction runs them, with their marks, for people.
pub(super) fn show_together(statements: &[Statement]) -> Vec<String> {
    let text = |statement: &Statement| match read_inside(statement) {
        Inside::Sql { statement, .. } => statement.to_text(),
        Inside::Rust { .. } => statement.to_text(),
    };
    statements.iter().map(text).collect()
}

/// The tables that a statement creates, drops or renames.
pub(super) fn named_tables(statement: &Statement) -> impl Iterator<Item = &String> {
    let renamed = statement.renames.iter().flat_map(|rename| [&rename.from, &rename.to]);
    statement.creates.iter().chain(&statement.drops).chain(renamed)
}

/// Whether a statement may change rows in a way that a comparison of tables does not show.
pub(super) fn may_change_rows(dialect: Dialect, statement: &Statement) -> bool {
    const ONLY_TABLES: [&str; 9] =
        ["CREATE", "ALTER", "DROP", "COMMENT", "ANALYZE", "VACUUM", "REINDEX", "GRANT", "REVOKE"];
    let word = sqltext::first_word(dialect, &statement.sql).unwrap_or_default();
    statement.rust.is_some() || !ONLY_TABLES.contains(&word.as_str())
}

/// The tables that migrations create or rename to, as the database stores their names.
pub(super) fn created_tables<'a>(
    dialect: Dialect,
    migrations: impl IntoIterator<Item = &'a Migration>,
) -> BTreeSet<String> {
    let statements =
        migrations.into_iter().flat_map(|migration| &migration.sql.for_dialect(dialect).up);
    let created = statements.flat_map(|statement| {
        let renamed = statement.renames.iter().map(|rename| &rename.to);
        statement.creates.iter().chain(renamed)
    });
    created.filter(|name| !is_own(name)).cloned().collect()
}

/// Whether a name of a table is one of Kontract's own, or of a temporary one.
pub(super) fn is_own(name: &str) -> bool {
    name.starts_with(OWN)
}

/// Whether a statement has that name of a table.
pub(super) fn may_name(statement: &Statement, name: &str) -> bool {
    let named = statement.rust.iter().flatten().any(|one| may_name(one, name));
    named || has_name(&statement.sql, name)
}

/// Whether a text has a name as a whole word, in any letters.
pub(super) fn has_name(text: &str, name: &str) -> bool {
    let (text, name) = (text.to_lowercase(), name.to_lowercase());
    let is_word = |char: char| char.is_alphanumeric() || char == '_';
    text.match_indices(&name).any(|(at, _)| {
        let (before, after) = (&text[..at], &text[at + name.len()..]);
        !before.ends_with(is_word) && !after.starts_with(is_word)
    })
}

/// Whether a statement looks for what exists: `IF EXISTS`, `IF NOT EXISTS`.
pub(super) fn looks_for_objects(statement: &Statement) -> bool {
    let text = statement.sql.to_uppercase();
    let words: Vec<&str> = text.split_whitespace().collect();
    let has = |searched: &[&str]| words.windows(searched.len()).any(|found| found == searched);
    has(&["IF", "EXISTS"]) || has(&["IF", "NOT", "EXISTS"])
}

/// Whether a statement of the script needs the right to create objects.
pub(super) fn creates_objects(script: &Script) -> bool {
    script.up.iter().any(Statement::creates_objects)
}

/// Whether a statement of the script calls Rust.
pub(super) fn calls_rust(script: &Script) -> bool {
    script.up.iter().any(|statement| statement.rust.is_some())
}

/// The quotes around a statement that a script repeats.
const QUOTE: &str = "$kontract$";

/// The statements as a SQL script runs them in one transaction; `None` where it cannot.
pub(super) fn read_for_script(dialect: Dialect, statements: &[Statement]) -> Option<Vec<String>> {
    let fits = |statement: &Statement| match statement.run {
        Mode::Together => true,
        Mode::Alone => statement.transactional,
        Mode::Repeat => dialect.capabilities().procedural_blocks && !statement.sql.contains(QUOTE),
    };
    if !statements.iter().all(fits) {
        return None;
    }
    let text = |statement: &Statement| match statement.run {
        Mode::Repeat => format!(
            "DO {QUOTE} BEGIN\n  LOOP\n    {};\n    EXIT WHEN NOT FOUND;\n  END LOOP;\nEND {QUOTE}",
            statement.sql
        ),
        _ => statement.sql_in_transaction(),
    };
    Some(statements.iter().map(text).collect())
}
