//! Whose a table is. Several packages may keep their tables in one database, each with its own
//! history; the newest row of a history lists the tables of its package. What one package has, no
//! other makes or takes over: `CREATE TABLE IF NOT EXISTS` would find it there, and both would
//! change it, and drop it, as if it was theirs.
//!
//! A draft has no description in the lock file. What it makes is read from its statements.

use std::collections::BTreeSet;

use kontract_schema::dialect::Dialect;
use kontract_schema::lock::Migration;

use super::alone::{unquoted, words};
use super::decide::{Step, Wanted};
use super::{failure, tracking};
use crate::driver::postgres::Session;
use crate::driver::sqlite::Connection;
use crate::error::{Error, Result};
use crate::value::datum::Datum;
use crate::value::row::{Binder, Reader, field};

/// What Kontract names its own tables, and those that it makes for a moment.
const OWN: &str = "_kontract";

impl Wanted {
    /// JSON of the physical names of the tables after a step.
    pub(super) fn tables_after(&self, dialect: Dialect, step: &Step) -> String {
        let mut names = self.sealed_tables();
        if let (Step::Apply { index: None }, Some(draft)) = (step, &self.lock.draft) {
            // Those that it drops stay ours: it may be taken back.
            names.extend(made(dialect, [draft]));
        }
        serde_json::Value::from_iter(names).to_string()
    }

    /// The physical names of the tables that the lock file describes as ours.
    pub(super) fn sealed_tables(&self) -> BTreeSet<String> {
        let ours = self.lock.tables.values().filter(|table| !table.external);
        ours.map(|table| table.ptr.clone()).collect()
    }

    /// The tables that nobody else may have from that step on; with `all` also for those after it.
    fn claims(&self, dialect: Dialect, step: &Step, all: bool) -> BTreeSet<String> {
        let mut names = match step {
            Step::Create(_) | Step::Adopt { .. } => return self.sealed_tables(),
            Step::Apply { .. } | Step::Continue { .. } => self.sealed_tables(),
            Step::Reverse { .. } | Step::Seal { .. } | Step::Repair { .. } => {
                return BTreeSet::new();
            }
        };
        let here = match step {
            Step::Apply { index } => self.migration(*index),
            Step::Continue { index, .. } => self.migration(Some(*index)),
            _ => None,
        };
        names.extend(made(dialect, here));
        if all {
            names.extend(made(dialect, self.pending()));
            names.extend(made(dialect, self.draft()));
        }
        names
    }
}

/// The tables that migrations make, as the database keeps their names.
fn made<'a>(
    dialect: Dialect,
    migrations: impl IntoIterator<Item = &'a Migration>,
) -> BTreeSet<String> {
    let statements = migrations.into_iter().flat_map(|migration| &migration.sql.of(dialect).up);
    statements.filter_map(|text| makes(text)).filter(|name| !name.starts_with(OWN)).collect()
}

/// The table that a statement makes, or gives a new name.
fn makes(statement: &str) -> Option<String> {
    let words = words(statement);
    let word = |at: usize| words.get(at).map(|range| &statement[range.clone()]);
    let is = |at: usize, text: &str| word(at).is_some_and(|word| word.eq_ignore_ascii_case(text));
    if is(0, "ALTER") && is(1, "TABLE") {
        let at = (2..words.len()).find(|at| is(*at, "RENAME") && is(at + 1, "TO"))?;
        return word(at + 2).map(unquoted);
    }
    if !is(0, "CREATE") {
        return None;
    }
    let table = if is(1, "UNLOGGED") { 2 } else { 1 };
    if !is(table, "TABLE") {
        return None;
    }
    let mut at = if is(table + 1, "IF") { table + 4 } else { table + 1 };
    // `schema.table`: the words of a name stand without a space between.
    while statement.get(words.get(at)?.end..)?.starts_with('.') {
        at += 1;
    }
    word(at).map(unquoted)
}

/// Refuses a step that would make or take over a table of another package, on PostgreSQL; also
/// those that come after it.
///
/// # Errors
/// K0463, which names both.
pub(super) async fn on_postgres(session: &mut Session, wanted: &Wanted, step: &Step) -> Result<()> {
    let here = Dialect::Postgres;
    let claims = wanted.claims(here, step, true);
    if claims.is_empty() {
        return Ok(());
    }
    let query = tracking::tables_of_others_query(here);
    let others = session.run(&query, &|to| bind(to, &wanted.package), read).await?;
    refuse(here, &wanted.package, &claims, &others.rows)
}

/// The same on SQLite, for that step alone.
pub(super) fn on_sqlite(connection: &Connection<'_>, wanted: &Wanted, step: &Step) -> Result<()> {
    let here = Dialect::Sqlite;
    let claims = wanted.claims(here, step, false);
    if claims.is_empty() {
        return Ok(());
    }
    let query = tracking::tables_of_others_query(here);
    let others = connection.run(&query, &|to| bind(to, &wanted.package), read)?;
    refuse(here, &wanted.package, &claims, &others)
}

/// A package with its tables.
pub(super) type Package = (String, Vec<String>);

/// Binds the name of the package whose own tables do not count.
pub(super) fn bind(to: &mut dyn Binder, package: &str) -> Result<()> {
    to.bind(Datum::Text(package.to_owned().into()))
}

/// Reads a row of [`tracking::tables_of_others_query`].
pub(super) fn read(from: &mut dyn Reader) -> Result<Package> {
    let package = field::<String>(from)?;
    Ok((package, serde_json::from_str(&field::<String>(from)?).unwrap_or_default()))
}

fn refuse(
    dialect: Dialect,
    own: &str,
    claims: &BTreeSet<String>,
    others: &[Package],
) -> Result<()> {
    // SQLite does not distinguish case.
    let same = |one: &str, other: &str| match dialect {
        Dialect::Postgres => one == other,
        Dialect::Sqlite => one.eq_ignore_ascii_case(other),
    };
    for (package, tables) in others {
        let is_theirs = |name: &&String| tables.iter().any(|table| same(name, table));
        let found: Vec<&String> = claims.iter().filter(is_theirs).collect();
        if !found.is_empty() {
            return Err(refusal(dialect, own, package, &found));
        }
    }
    Ok(())
}

fn refusal(dialect: Dialect, own: &str, package: &str, tables: &[&String]) -> Error {
    let (new, old) = (dialect.literal(own), dialect.literal(package));
    let names = tables.iter().map(|name| format!("`{name}`")).collect::<Vec<_>>().join(", ");
    let (what, verb) = if tables.len() == 1 { ("table", "belongs") } else { ("tables", "belong") };
    failure("K0463", format!("{what} {names} {verb} to the package `{package}`, which migrates it in this database; nothing was changed"))
        .with_help(format!("to use it as `{package}` makes it, say `#[table(external)]` on the struct; to have another one, give the struct a name of its own, `#[table(name = \"…\")]`, or use another database; where `{package}` is the old name of `{own}`, its history has to follow: `UPDATE _kontract_migrations SET package = {new} WHERE package = {old}`"))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn what_statements_make() {
        for (statement, name) in [
            ("CREATE TABLE IF NOT EXISTS \"My \"\"posts\" (\n  id BIGINT\n)", Some("My \"posts")),
            ("create unlogged table app.Posts (id BIGINT)", Some("posts")),
            ("ALTER TABLE posts RENAME TO articles", Some("articles")),
            ("ALTER TABLE posts RENAME COLUMN title TO name", None),
            ("CREATE TEMP TABLE posts (id BIGINT)", None),
            ("CREATE INDEX posts_title ON posts (title)", None),
            ("INSERT INTO a VALUES ('CREATE TABLE b')", None),
        ] {
            assert_eq!(makes(statement).as_deref(), name, "{statement}");
        }
    }

    #[test]
    fn the_owner_is_named() {
        let claims = BTreeSet::from(["Posts".to_owned(), "users".to_owned()]);
        let others = [("blog".to_owned(), vec!["posts".to_owned(), "tags".to_owned()])];
        assert!(refuse(Dialect::Postgres, "shop", &claims, &others).is_ok(), "two names");
        let error = refuse(Dialect::Sqlite, "shop", &claims, &others).unwrap_err();
        assert_eq!(error.code(), Some("K0463"));
        assert!(error.message().starts_with("table `Posts` belongs to the package `blog`"));
        let renamed = "UPDATE _kontract_migrations SET package = 'shop' WHERE package = 'blog'";
        assert!(error.to_string().contains(renamed), "{error}");
    }
}
