//! Many concurrent tasks on SQLite: none fails because of the others, no reader waits for a writer, and
//! none sees half of a transaction. Also the costs of operations on both databases.

mod changes;
mod concurrent_tasks;
mod killed_processes;
mod processes;
mod query_plans;
mod statement_counts;
mod wal;

use kontract::{Bytes, Error};
use kontract_behaviour::{Mood, NewSetting, NewUser, Setting, Storage};

/// The keys of two rows that always have the same value.
const PAIR: [i64; 2] = [1, 2];

/// Sets both rows of the pair to this value, in one transaction.
async fn write_pair(storage: &Storage, value: &str) -> Result<(), Error> {
    storage
        .transaction(async |tx| {
            for half in PAIR {
                tx.settings.set(NewSetting::new("pair", half, value)).await?;
            }
            Ok(())
        })
        .await
}

/// Reads the value of the pair with one statement.
async fn read_pair(storage: &Storage) -> Result<String, Error> {
    let rows = storage.settings.query(Setting::space.eq("pair")).await?;
    assert_eq!(rows.len(), 2);
    assert_eq!(rows[0].value, rows[1].value, "a transaction is incomplete");
    Ok(rows[0].value.clone())
}

/// Reads the value of the pair with two statements of a read-only transaction.
async fn read_halves(storage: &Storage) -> Result<String, Error> {
    let reading = kontract::Transaction::new().read_only();
    storage
        .transaction_with(reading, async |tx| {
            let first = tx.settings.get(("pair".to_owned(), PAIR[0])).await?.unwrap();
            tokio::task::yield_now().await;
            let second = tx.settings.get(("pair".to_owned(), PAIR[1])).await?.unwrap();
            assert_eq!(first.value, second.value, "a read-only transaction saw two states");
            Ok(first.value)
        })
        .await
}

/// Whether foreign keys are on in the connection that a statement runs on.
async fn has_foreign_keys(storage: &Storage) -> Result<bool, Error> {
    let sql = "SELECT foreign_keys FROM pragma_foreign_keys";
    Ok(storage.sql(sql).fetch::<(i64,)>().await? == [(1,)])
}

/// A new user with this name.
fn user(name: &str) -> NewUser {
    NewUser::new(name, format!("{name}@example.org"), 18.0, Mood::Good, Bytes::default())
}
