//! Many tasks at once on SQLite, which has to serve like a server: none is refused because of the others,
//! no reader waits for a writer, and none sees half of a transaction. And what each operation
//! costs, on both databases.

mod counts;
mod killed;
mod log;
mod plans;
mod processes;
mod tasks;

use kontract::{Bytes, Error};
use kontract_behaviour::{Mood, NewSetting, NewUser, Setting, Storage};

/// Two rows that always have the same value.
const PAIR: [i64; 2] = [1, 2];

/// Gives both rows of the pair another value.
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

/// The value of the pair, read by one statement; both rows have it.
async fn read_pair(storage: &Storage) -> Result<String, Error> {
    let rows = storage.settings.query(Setting::space.eq("pair")).await?;
    assert_eq!(rows.len(), 2);
    assert_eq!(rows[0].value, rows[1].value, "half of a transaction");
    Ok(rows[0].value.clone())
}

/// The same by two statements of a transaction that reads.
async fn read_halves(storage: &Storage) -> Result<String, Error> {
    let reading = kontract::Transaction::new().read_only();
    storage
        .transaction_with(reading, async |tx| {
            let first = tx.settings.get(("pair".to_owned(), PAIR[0])).await?.unwrap();
            tokio::task::yield_now().await;
            let second = tx.settings.get(("pair".to_owned(), PAIR[1])).await?.unwrap();
            assert_eq!(first.value, second.value, "two moments in one transaction");
            Ok(first.value)
        })
        .await
}

/// Whether foreign keys are on in the connection that a statement runs on.
async fn has_foreign_keys(storage: &Storage) -> Result<bool, Error> {
    let sql = "SELECT foreign_keys FROM pragma_foreign_keys";
    Ok(storage.sql(sql).fetch::<(i64,)>().await? == [(1,)])
}

/// A new user with that name.
fn user(name: &str) -> NewUser {
    NewUser::new(name, format!("{name}@example.org"), 18.0, Mood::Good, Bytes::default())
}
