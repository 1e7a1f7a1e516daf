//! Which package owns a table. Several packages may keep their tables in one database, each with a
//! history of its own; the newest row of a history lists the tables of its package. No package
//! creates or adopts a table of another: `CREATE TABLE IF NOT EXISTS` would find it, and both would
//! change it, and drop it.
//!
//! The lock file does not describe a draft's tables; they are read from its statements.

use std::collections::BTreeSet;

use kontract_schema::code;
use kontract_schema::dialect::Dialect;

use super::executor::Queries;
use super::failure::failure;
use super::history::Applied;
use super::statements;
use super::step::Step;
use super::target::Target;
use super::tracking::{self, Package};
use crate::error::{Error, Result};

/// JSON of the physical names of the package's tables after a step.
pub(super) fn list_after(target: &Target, dialect: Dialect, step: &Step) -> String {
    let mut names = target.own_tables(dialect);
    if let (Step::Apply { index: None }, Some(draft)) = (step, &target.lock.draft) {
        // The tables that a draft drops stay the package's: it may be taken back.
        names.extend(statements::created_tables(dialect, [draft]));
    }
    serde_json::Value::from_iter(names).to_string()
}

/// The tables that no other package may own when a step begins.
pub(super) fn list_claimed(target: &Target, dialect: Dialect, step: &Step) -> BTreeSet<String> {
    match step {
        Step::Reverse { .. }
        | Step::Seal { .. }
        | Step::ResolveStatement { .. }
        | Step::AdoptHistory(_)
        | Step::Undo(_) => BTreeSet::new(),
        Step::Create(_) | Step::Adopt { .. } | Step::ResolveApplied { .. } => {
            target.own_tables(dialect)
        }
        Step::Apply { .. } | Step::Continue { .. } => {
            let migration = step.index().and_then(|index| target.migration(index));
            let mut names = target.own_tables(dialect);
            names.extend(statements::created_tables(dialect, migration));
            names
        }
    }
}

/// The tables that the pending migrations and the draft create.
pub(super) fn list_pending(
    target: &Target,
    dialect: Dialect,
    history: &[Applied],
) -> BTreeSet<String> {
    let pending = target.pending(history).iter().chain(target.draft());
    statements::created_tables(dialect, pending)
}

/// Looks for another package that owns one of these tables.
///
/// # Errors
/// K0463, which names both packages.
pub(super) async fn check<Q: Queries>(
    database: &mut Q,
    package: &str,
    claimed: &BTreeSet<String>,
) -> Result<()> {
    let packages = tracking::read_packages(database).await?;
    refuse_others(database.dialect(), package, claimed, &packages)
}

fn refuse_others(
    dialect: Dialect,
    own: &str,
    claimed: &BTreeSet<String>,
    packages: &[Package],
) -> Result<()> {
    let ignores_case = !dialect.capabilities().case_sensitive_names;
    let same =
        |one: &str, other: &str| one == other || (ignores_case && one.eq_ignore_ascii_case(other));
    for (package, tables) in packages.iter().filter(|(package, _)| package != own) {
        let is_theirs = |name: &&String| tables.iter().any(|table| same(name, table));
        let found: Vec<&String> = claimed.iter().filter(is_theirs).collect();
        if !found.is_empty() {
            return Err(refuse_table(own, package, &found));
        }
    }
    Ok(())
}

fn refuse_table(own: &str, package: &str, tables: &[&String]) -> Error {
    let names = tables.iter().map(|name| format!("`{name}`")).collect::<Vec<_>>().join(", ");
    let (what, verb) = if tables.len() == 1 { ("table", "belongs") } else { ("tables", "belong") };
    failure(code::TABLE_OF_ANOTHER, format!("{what} {names} {verb} to the package `{package}`, which migrates it in this database; nothing was changed"))
        .with_help(format!("to use the table as `{package}` creates it, write `#[table(external)]` on the struct; to have a table of your own, give it another name, `#[table(name = \"…\")]`, or use another database; if the structs moved here from `{package}`, or `{own}` has another name now: `kontract migrate adopt-history --from {package}`"))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_owner_is_named() {
        let claimed = BTreeSet::from(["Posts".to_owned(), "users".to_owned()]);
        let others = [("blog".to_owned(), vec!["posts".to_owned(), "tags".to_owned()])];
        assert!(refuse_others(Dialect::Postgres, "shop", &claimed, &others).is_ok(), "two names");
        let error = refuse_others(Dialect::Sqlite, "shop", &claimed, &others).unwrap_err();
        assert_eq!(error.code(), Some("K0463"));
        assert!(error.message().starts_with("table `Posts` belongs to the package `blog`"));
        let renamed = "`kontract migrate adopt-history --from blog`";
        assert!(format!("{error:?}").contains(renamed), "{error}");
    }
}
