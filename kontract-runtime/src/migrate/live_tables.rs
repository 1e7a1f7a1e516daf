//! Compares live tables with those of the lock file, and describes the differences.

use kontract_schema::catalog::{Catalog, Difference, Foreign, compare, find_in_the_way, foreign};
use kontract_schema::code;
use kontract_schema::dialect::{print_path, query_null_keys};
use kontract_schema::model::Schema;

use super::executor::Queries;
use super::failure::failure;
use crate::error::{Error, Result};

/// The number of differences in a message: with the other notes and its help it has at most 12 lines.
const SHOWN: usize = 8;

/// Refuses tables that differ from the lock file.
///
/// # Errors
/// K0427, which names the differences.
pub(super) fn refuse_differences(differences: &[Difference]) -> Result<()> {
    refuse(
        differences,
        "change the database back by hand, or seal a manual migration that does what was done",
    )
}

/// Refuses to begin where the tables are not what the version of the database has left.
///
/// # Errors
/// K0427, which names the differences.
pub(super) fn refuse_left_tables(version: usize, differences: &[Difference]) -> Result<()> {
    if differences.is_empty() {
        return Ok(());
    }
    let what = match version {
        0 => "the database is not what the migrations begin with; nothing was changed".to_owned(),
        _ => format!("the tables are not what migration {version} has left; nothing was changed"),
    };
    let error = with_differences(failure(code::DATABASE_DRIFTED, what), differences);
    Err(error.with_help("change the tables back by hand; where they are those of a later version, `kontract migrate baseline VERSION` records it; where a migration is to do what was done by hand, write it with `IF EXISTS` and `IF NOT EXISTS`"))
}

/// Refuses a migration after which the tables differ from its schema.
///
/// # Errors
/// K0427, which names the differences.
pub(super) fn refuse_result(differences: &[Difference]) -> Result<()> {
    refuse(
        differences,
        "the migration was not recorded: correct its statements, and seal it again; a statement that catches its own error, `EXCEPTION WHEN OTHERS`, hides it",
    )
}

/// Forgets constants as defaults of columns that should have no default. A way back leaves them, which adds
/// a required column to rows that are there: `ADD COLUMN email TEXT NOT NULL DEFAULT ''`.
pub(super) fn allow_constants(wanted: &Catalog, live: &mut Catalog) {
    let is_constant =
        |text: &str| text.starts_with(|c: char| "'-.".contains(c) || c.is_ascii_digit());
    for (path, table) in &mut live.tables {
        let Some(wanted) = wanted.tables.get(path) else { continue };
        for (name, column) in &mut table.columns {
            let has_none = wanted.columns.get(name).is_some_and(|wanted| wanted.default.is_none());
            column.default.take_if(|text| has_none && is_constant(text));
        }
    }
}

/// Refuses to adopt tables that differ from the lock file.
///
/// # Errors
/// K0427, which names the differences.
pub(super) fn refuse_adoption(differences: &[Difference], help: &'static str) -> Result<()> {
    refuse(differences, help)
}

fn refuse(differences: &[Difference], help: &'static str) -> Result<()> {
    if differences.is_empty() {
        return Ok(());
    }
    let error = failure(code::DATABASE_DRIFTED, "the database differs from the lock file");
    Err(with_differences(error, differences).with_help(help))
}

/// Adds the first differences to an error, a note each.
pub(super) fn with_differences(error: Error, differences: &[Difference]) -> Error {
    let shown = differences.iter().take(SHOWN);
    let error = shown.fold(error, |error, difference| error.with_note(difference.to_string()));
    match differences.len().checked_sub(SHOWN) {
        Some(more @ 1..) => error.with_note(format!("and {more} more differences")),
        _ => error,
    }
}

/// Checks the tables of a database without a history. Tables with names of the schema are adopted
/// if they match the schema.
///
/// # Errors
/// K0431: the tables differ.
pub(super) fn check_existing(expected: &Catalog, live: &Catalog) -> Result<()> {
    let mut existing = expected.clone();
    existing
        .tables
        .retain(|name, _| live.tables.contains_key(name) || find_in_the_way(name, live).is_some());
    let differences = compare(&existing, live);
    if differences.is_empty() {
        return Ok(());
    }
    let what = "the database has tables of the same names that differ from the lock file";
    let mut error = with_differences(failure(code::TABLES_IN_THE_WAY, what), &differences);
    let tools = foreign(live).into_iter().map(|Foreign { table, tool, .. }| {
        format!("{tool} has migrated this database; its table `{table}` is not changed")
    });
    let tools: Vec<String> = tools.collect();
    if !tools.is_empty() {
        error = error.with_note(tools.join("; "));
    }
    Err(error.with_help("connect to another database, or change those tables by hand; `kontract introspect` writes structs for existing tables"))
}

/// Checks that no row of an existing table has NULL in its key, which old tables of SQLite allow.
///
/// # Errors
/// K0462: a table has such rows.
pub(super) async fn refuse_null_keys<Q: Queries>(
    database: &mut Q,
    schema: &Schema,
    live: &Catalog,
) -> Result<()> {
    for table in schema.tables.values().filter(|table| !table.external) {
        let name = database.dialect().table_name(&table.path());
        let found = live.tables.get(&name);
        let allows_null = found.is_some_and(|found| {
            found.key.iter().any(|key| found.columns.get(key).is_some_and(|key| !key.not_null))
        });
        let Some((query, [delete, update])) = query_null_keys(database.dialect(), table) else {
            continue;
        };
        if allows_null && database.exists(&query).await? {
            let message = format!(
                "table `{}` has rows without a key, which cannot be read; its key allows NULL",
                print_path(&name)
            );
            return Err(failure(code::ROWS_IN_THE_WAY, message).with_help(format!(
                "delete them, `{delete}`, or give each a key, `{update}`; nothing was changed"
            )));
        }
    }
    Ok(())
}

#[cfg(test)]
mod tests {
    use kontract_schema::catalog::{LiveColumn, LiveTable, TRACKING};
    use kontract_schema::dialect::Dialect;

    use super::*;

    #[test]
    fn an_error_with_many_differences_has_at_most_12_lines() {
        let column = LiveColumn { ty: "text".into(), not_null: false, default: None };
        let columns = (0..40).map(|number| (format!("c{number}"), column.clone())).collect();
        let (mut expected, mut live) =
            (Catalog::new(Dialect::Sqlite), Catalog::new(Dialect::Sqlite));
        expected.tables.insert("t".into(), LiveTable { columns, ..LiveTable::default() });
        let names = TRACKING.iter().map(|(table, _)| *table).chain(["t"]);
        live.tables.extend(names.map(|name| (name.to_owned(), LiveTable::default())));
        let text = format!("{:?}", check_existing(&expected, &live).unwrap_err());
        assert_eq!(text.lines().count(), 12, "{text}");
        assert!(text.contains("and 32 more differences"), "{text}");
    }

    #[test]
    fn notes_and_help_are_lines() {
        let error = Error::value("a\nb").with_note("c\n  d").with_help("e\nf");
        assert_eq!(format!("{error:?}"), "a b\nnote: c d\nhelp: e f");
    }
}
