//! Rows that violate a coming change. They are looked for before the first statement of a generated
//! migration, so that it fails at once and names the rows. A manual migration may fix rows itself,
//! and is not checked.

use kontract_schema::code;
use kontract_schema::dialect;
use kontract_schema::lock::Obstacle;

use super::executor::Executor;
use super::failure::failure;
use crate::driver::statement::PreparedStatement;
use crate::error::{Error, Result};
use crate::value::row::field;
use crate::value::wire::{Scalar, Wire};

/// How many rows are named.
const NAMED: usize = 5;

/// Looks for rows that violate the changes of a migration.
///
/// # Errors
/// K0462, which names the first of them.
pub(super) async fn check<E: Executor>(
    executor: &mut E,
    changes: &[Obstacle],
    title: &str,
) -> Result<()> {
    for change in changes {
        let counted = executor.run(&count(change), &|_| Ok(()), |from| field::<i64>(from)).await?;
        if let Some(found @ 1..) = counted.rows.first().copied() {
            let query = list_first(change);
            let keys = executor.run(&query, &|_| Ok(()), |from| field::<String>(from)).await?;
            return Err(refuse(title, change, found, &keys.rows));
        }
    }
    Ok(())
}

/// Counts the rows that violate a change.
pub(super) fn count(change: &Obstacle) -> PreparedStatement {
    let sql = dialect::query_count(&change.rows);
    PreparedStatement::raw(&sql, Vec::new(), vec![Wire::one(Scalar::I64)])
}

/// Lists the keys of the first of them.
pub(super) fn list_first(change: &Obstacle) -> PreparedStatement {
    let sql = dialect::query_first(&change.rows, NAMED);
    PreparedStatement::raw(&sql, Vec::new(), vec![Wire::one(Scalar::Text)])
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
