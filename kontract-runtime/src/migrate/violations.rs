//! Rows that stand against a migration: looked for before its first statement, so that one that
//! cannot succeed fails at once, and says because of which rows. Only what was generated is looked
//! after; a manual migration may mend the rows itself.

use kontract_schema::dialect::{self, Dialect};
use kontract_schema::lock::{Migration, Obstacle};

use super::failure;
use crate::driver::postgres::Session;
use crate::driver::sqlite::Connection;
use crate::driver::statement::PreparedStatement;
use crate::error::{Error, Result};
use crate::value::row::field;
use crate::value::wire::{Scalar, Wire};

/// How many of them are named.
const NAMED: usize = 5;

/// Refuses a migration that rows stand against, on PostgreSQL.
pub(super) async fn on_postgres(
    session: &mut Session,
    migration: &Migration,
    title: &str,
) -> Result<()> {
    for obstacle in &migration.sql.of(Dialect::Postgres).obstacles {
        let done = session.run(&count(obstacle), &|_| Ok(()), |from| field::<i64>(from)).await?;
        if let Some(found @ 1..) = done.rows.first().copied() {
            let query = some(obstacle);
            let done = session.run(&query, &|_| Ok(()), |from| field::<String>(from)).await?;
            return Err(refusal(title, obstacle, found, &done.rows));
        }
    }
    Ok(())
}

/// The same on SQLite.
pub(super) fn on_sqlite(
    connection: &Connection<'_>,
    migration: &Migration,
    title: &str,
) -> Result<()> {
    for obstacle in &migration.sql.of(Dialect::Sqlite).obstacles {
        let found = connection.run(&count(obstacle), &|_| Ok(()), |from| field::<i64>(from))?;
        if let Some(found @ 1..) = found.first().copied() {
            let keys =
                connection.run(&some(obstacle), &|_| Ok(()), |from| field::<String>(from))?;
            return Err(refusal(title, obstacle, found, &keys));
        }
    }
    Ok(())
}

pub(super) fn count(Obstacle { rows, .. }: &Obstacle) -> PreparedStatement {
    PreparedStatement::raw(&dialect::count_of(rows), Vec::new(), vec![Wire::one(Scalar::I64)])
}

pub(super) fn some(Obstacle { rows, .. }: &Obstacle) -> PreparedStatement {
    let sql = dialect::first_of(rows, NAMED);
    PreparedStatement::raw(&sql, Vec::new(), vec![Wire::one(Scalar::Text)])
}

/// What is said of them.
pub(super) fn refusal(
    title: &str,
    Obstacle { change, rows }: &Obstacle,
    found: i64,
    keys: &[String],
) -> Error {
    let (what, stand) = if found == 1 { ("row", "stands") } else { ("rows", "stand") };
    let more = if keys.len() as i64 == found { "" } else { ", …" };
    let message = format!(
        "{title} is not begun: {found} {what} {stand} against `{change}`, with the key {}{more}",
        keys.join(", ")
    );
    failure("K0462", message).with_help(format!("mend them, and start again; all of them: {rows}"))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn some_rows_are_named() {
        let rows = "SELECT CAST(id AS TEXT) FROM users WHERE email IS NULL ORDER BY id";
        let obstacle = Obstacle { change: "users.email:required".into(), rows: rows.into() };
        let said = |found: i64, keys: &[&str]| {
            let keys: Vec<String> = keys.iter().map(|key| (*key).to_owned()).collect();
            let error = refusal("migration 4 `all_reachable`", &obstacle, found, &keys);
            (error.message().to_owned(), error.to_string())
        };
        assert_eq!(
            said(1, &["7"]).0,
            "migration 4 `all_reachable` is not begun: 1 row stands against `users.email:required`, with the key 7"
        );
        let (message, all) = said(9, &["1", "2", "3", "4", "5"]);
        assert!(
            message.ends_with(
                "9 rows stand against `users.email:required`, with the key 1, 2, 3, 4, 5, …"
            ),
            "{message}"
        );
        assert!(all.contains("K0462") && all.contains(rows), "{all}");
    }
}
