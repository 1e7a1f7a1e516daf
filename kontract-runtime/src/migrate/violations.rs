//! Rows that violate a coming change. They are looked for before the first statement of a migration, so
//! that it fails at once and names the rows. A manual migration whose statements may correct rows has no
//! queries for them.

use kontract_schema::code;
use kontract_schema::dialect;
use kontract_schema::lock::Obstacle;

use super::executor::Queries;
use super::failure::failure;
use crate::error::{Error, Result};

/// How many rows are named.
const NAMED: usize = 5;

/// Looks for rows that violate the changes of a migration.
///
/// # Errors
/// K0462, which names the first of them.
pub(super) async fn check<Q: Queries>(
    database: &mut Q,
    changes: &[Obstacle],
    title: &str,
) -> Result<()> {
    for change in changes {
        if let Some((found, keys)) = find(database, change).await? {
            return Err(refuse(title, change, found, &keys));
        }
    }
    Ok(())
}

/// Returns how many rows violate a change, and the keys of the first; `None` if no row does.
pub(super) async fn find<Q: Queries>(
    database: &mut Q,
    change: &Obstacle,
) -> Result<Option<(i64, Vec<String>)>> {
    let counted: Vec<(i64,)> = database.fetch(&dialect::query_count(&change.rows), ()).await?;
    let Some((found @ 1..,)) = counted.first().copied() else { return Ok(None) };
    let first = dialect::query_first(&change.rows, NAMED);
    let keys: Vec<(String,)> = database.fetch(&first, ()).await?;
    Ok(Some((found, keys.into_iter().map(|(key,)| key).collect())))
}

/// The error that names them.
pub(super) fn refuse(
    title: &str,
    Obstacle { change, rows }: &Obstacle,
    found: i64,
    keys: &[String],
) -> Error {
    let what = if found == 1 { "row violates" } else { "rows violate" };
    let key = if found == 1 { "key" } else { "keys" };
    let more = if keys.len() as i64 == found { "" } else { ", …" };
    let keys = keys.join(", ");
    let message =
        format!("{title} was not started: {found} {what} `{change}` ({key}: {keys}{more})");
    failure(code::ROWS_IN_THE_WAY, message)
        .with_help(format!("fix them, and start again; all of them: {rows}"))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn some_rows_are_named() {
        let rows = "SELECT CAST(id AS TEXT) FROM users WHERE email IS NULL ORDER BY id";
        let change =
            Obstacle { change: "users.email:required".parse().unwrap(), rows: rows.into() };
        let refused = |found: i64, keys: &[&str]| {
            let keys: Vec<String> = keys.iter().map(|key| (*key).to_owned()).collect();
            refuse("migration 4 `all_reachable`", &change, found, &keys)
        };
        assert_eq!(
            refused(1, &["7"]).message(),
            "migration 4 `all_reachable` was not started: 1 row violates `users.email:required` (key: 7)"
        );
        let error = refused(9, &["1", "2", "3", "4", "5"]);
        assert!(
            error
                .message()
                .ends_with("9 rows violate `users.email:required` (keys: 1, 2, 3, 4, 5, …)"),
            "{error}"
        );
        assert_eq!(error.code(), Some("K0462"));
        assert!(error.help().is_some_and(|help| help.contains(rows)), "{error}");
    }
}
