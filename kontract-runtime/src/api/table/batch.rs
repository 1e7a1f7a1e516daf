//! Many rows at once: an error in one leaves all as they were. Keys without a row are none.
//!
//! On PostgreSQL rows travel as arrays, one for each column, so there is no limit to their number:
//! one statement takes as many as fit into some megabytes, and more go in one transaction; keys
//! always go in one statement. On SQLite the statement for one row runs for each of them in one
//! transaction.

use std::collections::{HashMap, HashSet};
use std::sync::Arc;

use super::{Table, Timestamp, write};
use crate::api::patch::Patch;
use crate::driver::Backend;
use crate::driver::postgres::{Lists, Postgres};
use crate::driver::sqlite::Sqlite;
use crate::driver::statement::{PreparedStatement, no_rows};
use crate::error::{Error, Result};
use crate::sql::record::{Insert, Record};
use crate::value::assign::Assign;
use crate::value::datum::Datum;
use crate::value::row::{Binder, Key, Reader, field};

/// How many bytes of values one statement takes at most, about.
const CHUNK: usize = 8 << 20;

/// How many keys SQLite looks up on the thread of the caller: about as long as another takes to begin.
const BRIEF: usize = 128;

impl<R: Record> Table<R> {
    /// Returns the rows with those keys, in the order of the keys; `None` for a key without a row. One
    /// statement for all keys.
    ///
    /// ```
    /// # use kontract_doc_tables::*;
    /// # #[tokio::main(flavor = "current_thread")]
    /// # async fn main() -> Result<()> {
    /// # let (users, tasks) = demo().await?;
    /// let found = users.get_many([2, 99, 1]).await?;
    /// let names: Vec<_> = found.iter().map(|user| user.as_ref().map(|user| user.name.as_str())).collect();
    /// assert_eq!(names, [Some("Bob"), None, Some("Ann")]);
    /// # Ok(()) }
    /// ```
    ///
    /// # Errors
    /// As [`Table::get`].
    pub async fn get_many<K: Assign<R::Key>>(
        &self,
        keys: impl IntoIterator<Item = K>,
    ) -> Result<Vec<Option<R>>> {
        let keys: Vec<R::Key> = keys.into_iter().map(Assign::assign).collect();
        let found = match &*self.backend {
            Backend::Postgres(postgres) => {
                let sql = self.build().get_many();
                let mut lists = Lists::new(&self.build().key_wires());
                let bound = keys.iter().try_for_each(|key| key.bind(&mut lists));
                match bound {
                    Ok(()) => get_numbered(postgres, &sql, &lists, keys.len()).await,
                    Err(error) => Err(error),
                }
            }
            Backend::Sqlite(sqlite) => {
                let sql = self.build().get();
                let is_brief = keys.len() <= BRIEF;
                let get = move |reader: &crate::driver::sqlite::Connection<'_>| {
                    reader.at_once(|| {
                        let mut get = reader.prepare(&sql)?;
                        keys.iter().map(|key| get.first(&|to| key.bind(to), R::decode)).collect()
                    })
                };
                sqlite.read(is_brief, get).await
            }
        };
        found.map_err(self.explain("get from"))
    }

    /// Inserts all the rows, or none of them if one fails. Returns them as they are stored.
    ///
    /// ```
    /// # use kontract_doc_tables::*;
    /// # #[tokio::main(flavor = "current_thread")]
    /// # async fn main() -> Result<()> {
    /// # let (users, tasks) = demo().await?;
    /// let new = [NewUser::new(4, "dora@example.org", "Dora"), NewUser::new(5, "eve@example.org", "Eve")];
    /// assert_eq!(users.insert_many(new).await?.len(), 2);
    /// # Ok(()) }
    /// ```
    ///
    /// # Errors
    /// As [`Table::insert`].
    pub async fn insert_many<I: Insert<R>>(
        &self,
        rows: impl IntoIterator<Item = I>,
    ) -> Result<Vec<R>> {
        let now = Timestamp::now();
        let records = rows.into_iter().map(|row| row.into_record(now)).collect();
        let (one, many) = (self.build().insert(), Sqls::Insert);
        self.put_many(records, one, many).await.map_err(self.explain("insert into"))
    }

    /// Inserts or replaces all the rows, or none of them if one fails, as [`Table::set`]. If two rows have
    /// the same key, the later one is stored. Returns them as they are stored.
    ///
    /// ```
    /// # use kontract_doc_tables::*;
    /// # #[tokio::main(flavor = "current_thread")]
    /// # async fn main() -> Result<()> {
    /// # let (users, tasks) = demo().await?;
    /// let mut all = users.list().await?;
    /// all.iter_mut().for_each(|user| user.born = Some(2000));
    /// users.set_many(all).await?;
    /// assert_eq!(users.query(User::born.eq(2000)).count().await?, 3);
    /// # Ok(()) }
    /// ```
    ///
    /// # Errors
    /// As [`Table::set`].
    pub async fn set_many<I: Insert<R>>(
        &self,
        rows: impl IntoIterator<Item = I>,
    ) -> Result<Vec<R>> {
        let now = Timestamp::now();
        let mut records: Vec<R> = rows.into_iter().map(|row| row.into_record(now)).collect();
        records.iter_mut().for_each(|record| record.touch(now));
        let set = async {
            let records = last_of_each(records)?;
            self.put_many(records, self.build().set(), Sqls::Set).await
        };
        set.await.map_err(self.explain("set in"))
    }

    /// Makes the same change to all rows with those keys, or to none of them if one fails. Returns the number
    /// of rows. Keys without a row are skipped, and a repeated key counts once.
    ///
    /// ```
    /// # use kontract_doc_tables::*;
    /// # #[tokio::main(flavor = "current_thread")]
    /// # async fn main() -> Result<()> {
    /// # let (users, tasks) = demo().await?;
    /// assert_eq!(tasks.update_many([2, 3, 99], Task::patch().done(true)).await?, 2);
    /// # Ok(()) }
    /// ```
    ///
    /// # Errors
    /// As [`Table::update`], but a missing row is not an error.
    pub async fn update_many<K: Assign<R::Key>>(
        &self,
        keys: impl IntoIterator<Item = K>,
        patch: impl Into<Patch<R>>,
    ) -> Result<u64> {
        let explain = self.explain("update of");
        let sets = self.stamped(patch.into()).map_err(&explain)?;
        let keys = each_once(keys.into_iter().map(Assign::assign)).map_err(&explain)?;
        if sets.is_empty() {
            return Ok(self.get_many(keys).await?.iter().flatten().count() as u64);
        }
        let updated = match &*self.backend {
            Backend::Postgres(postgres) => match self.build().update_many(sets) {
                Ok((sql, values)) => self.by_lists(postgres, &sql, &values, &keys).await,
                Err(error) => Err(error),
            },
            Backend::Sqlite(sqlite) => match self.build().update(sets, false) {
                Ok((sql, values)) => Self::each(sqlite, keys, sql, values, R::decode).await,
                Err(error) => Err(error),
            },
        };
        updated.map_err(explain)
    }

    /// Deletes all rows with those keys, and returns how many there were.
    ///
    /// ```
    /// # use kontract_doc_tables::*;
    /// # #[tokio::main(flavor = "current_thread")]
    /// # async fn main() -> Result<()> {
    /// # let (users, tasks) = demo().await?;
    /// assert_eq!(tasks.delete_many([1, 2, 99]).await?, 2);
    /// # Ok(()) }
    /// ```
    ///
    /// # Errors
    /// As [`Table::delete`].
    pub async fn delete_many<K: Assign<R::Key>>(
        &self,
        keys: impl IntoIterator<Item = K>,
    ) -> Result<u64> {
        let keys: Vec<R::Key> = keys.into_iter().map(Assign::assign).collect();
        let deleted = match &*self.backend {
            Backend::Postgres(postgres) => {
                self.by_lists(postgres, &self.build().delete_many(), &[], &keys).await
            }
            Backend::Sqlite(sqlite) => {
                Self::each(sqlite, keys, self.build().delete(), Vec::new(), no_rows).await
            }
        };
        deleted.map_err(self.explain("delete from"))
    }

    /// One statement with those values, and the keys as lists behind them.
    async fn by_lists(
        &self,
        postgres: &Postgres,
        sql: &PreparedStatement,
        values: &[Datum<'static>],
        keys: &[R::Key],
    ) -> Result<u64> {
        let mut lists = Lists::new(&self.build().key_wires());
        keys.iter().try_for_each(|key| key.bind(&mut lists))?;
        Ok(postgres.run_lists(sql, values, &lists, no_rows).await?.affected)
    }

    /// The same statement for each key in one transaction, after the same values.
    async fn each<T: Send + 'static>(
        sqlite: &Sqlite,
        keys: Vec<R::Key>,
        sql: Arc<PreparedStatement>,
        values: Vec<Datum<'static>>,
        decode: crate::driver::statement::Decode<T>,
    ) -> Result<u64> {
        let work = move |tx: &mut crate::driver::sqlite::Transaction<'_>| {
            let mut sql = tx.prepare(&sql)?;
            let mut affected = 0;
            for key in &keys {
                let bind = |to: &mut dyn Binder| {
                    values.iter().try_for_each(|value| to.bind(value.clone()))?;
                    key.bind(to)
                };
                affected += tx.run(&mut sql, &bind, decode)?.affected;
            }
            Ok(affected)
        };
        sqlite.write(0, work).await
    }

    async fn put_many(
        &self,
        records: Vec<R>,
        one: Arc<PreparedStatement>,
        many: Sqls,
    ) -> Result<Vec<R>> {
        if records.is_empty() {
            return Ok(records);
        }
        match &*self.backend {
            Backend::Postgres(postgres) => {
                let sql = match many {
                    Sqls::Insert => self.build().insert_many(),
                    Sqls::Set => self.build().set_many(),
                };
                self.put_arrays(postgres, &records, &sql).await?;
                Ok(records)
            }
            Backend::Sqlite(sqlite) => {
                let records = Arc::new(records);
                let shared = Arc::clone(&records);
                let (meta, table) = (self.meta(), self.clone());
                let work = move |tx: &mut crate::driver::sqlite::Transaction<'_>| {
                    let mut one = tx.prepare(&one)?;
                    for record in shared.iter() {
                        let done = tx.run(&mut one, &|to| write(meta, record, to), no_rows)?;
                        if done.affected == 0 && meta.has_soft_delete() {
                            return Err(table.duplicate_key());
                        }
                    }
                    Ok(())
                };
                sqlite.write(i64::try_from(records.len()).unwrap_or(i64::MAX), work).await?;
                // The work, which held the other half, is over.
                Arc::try_unwrap(records).map_err(|_| {
                    crate::Error::new(crate::Kind::Database, "the batch is still in use")
                })
            }
        }
    }

    /// One statement where all rows fit into it; otherwise, and where the statement passes over
    /// keys that are there, a transaction.
    async fn put_arrays(
        &self,
        postgres: &Postgres,
        records: &[R],
        sql: &PreparedStatement,
    ) -> Result<()> {
        let meta = self.meta();
        let mut chunks = Vec::new();
        let empty = || Lists::new(&self.build().insert_wires());
        let mut lists = empty();
        let mut start = 0;
        for (place, record) in records.iter().enumerate() {
            write(meta, record, &mut lists)?;
            if lists.size() >= CHUNK {
                let full = std::mem::replace(&mut lists, empty());
                chunks.push((full, place + 1 - start));
                start = place + 1;
            }
        }
        chunks.push((lists, records.len() - start));
        chunks.retain(|(_, rows)| *rows > 0);
        if let ([(lists, _)], false) = (&chunks[..], meta.has_soft_delete()) {
            let done = postgres.run_lists(sql, &[], lists, no_rows).await;
            return done.map(|_| ()).map_err(|error| self.repeated(error));
        }
        let mut tx = postgres.begin().await?;
        for (lists, rows) in &chunks {
            let done = match lists.arguments(sql, &[]) {
                Ok(arguments) => tx.run_with(sql, arguments, no_rows).await,
                Err(error) => Err(error),
            };
            let refused = match done {
                Ok(done) if done.affected == *rows as u64 => continue,
                Ok(_) => self.duplicate_key(),
                Err(error) => self.repeated(error),
            };
            // Where this fails, the server rolls back by itself.
            let _ = tx.rollback().await;
            return Err(refused);
        }
        tx.commit().await
    }

    /// Two rows of one statement have the same key: PostgreSQL has an error of its own for that,
    /// `cardinality_violation`.
    fn repeated(&self, error: Error) -> Error {
        match error.database() {
            Some(said) if said.code == "21000" => self.duplicate_key(),
            _ => error,
        }
    }
}

/// Which statement with arrays.
enum Sqls {
    Insert,
    Set,
}

async fn get_numbered<R: Record>(
    postgres: &Postgres,
    sql: &PreparedStatement,
    lists: &Lists,
    keys: usize,
) -> Result<Vec<Option<R>>> {
    let mut found: Vec<Option<R>> = Vec::new();
    found.resize_with(keys, || None);
    for (number, record) in postgres.run_lists(sql, &[], lists, decode_numbered::<R>).await?.rows {
        let place = usize::try_from(number - 1).ok();
        if let Some(place) = place.and_then(|place| found.get_mut(place)) {
            *place = Some(record);
        }
    }
    Ok(found)
}

/// The last record of each key: one statement cannot set a row twice.
fn last_of_each<R: Record>(records: Vec<R>) -> Result<Vec<R>> {
    let mut places: HashMap<Vec<u8>, usize> = HashMap::with_capacity(records.len());
    let mut last: Vec<Option<R>> = Vec::with_capacity(records.len());
    for record in records {
        let bytes = KeyBytes::of(&record.key())?;
        if let Some(earlier) = places.insert(bytes, last.len()) {
            last[earlier] = None;
        }
        last.push(Some(record));
    }
    Ok(last.into_iter().flatten().collect())
}

/// The keys without those that were there before.
fn each_once<K: Key>(keys: impl Iterator<Item = K>) -> Result<Vec<K>> {
    let mut seen = HashSet::new();
    let mut once = Vec::new();
    for key in keys {
        if seen.insert(KeyBytes::of(&key)?) {
            once.push(key);
        }
    }
    Ok(once)
}

/// A key as bytes that differ where keys differ.
struct KeyBytes(Vec<u8>);

impl KeyBytes {
    fn of(key: &impl Key) -> Result<Vec<u8>> {
        let mut bytes = KeyBytes(Vec::new());
        key.bind(&mut bytes)?;
        Ok(bytes.0)
    }
}

impl Binder for KeyBytes {
    fn bind(&mut self, datum: Datum<'_>) -> Result<()> {
        let start = self.0.len();
        self.0.extend([0; 8]);
        crate::value::json::write(&datum, &mut self.0)?;
        let length = (self.0.len() - start) as u64;
        self.0[start..start + 8].copy_from_slice(&length.to_be_bytes());
        Ok(())
    }
}

/// Reads the number of a key in a batch, and the record.
fn decode_numbered<R: Record>(from: &mut dyn Reader) -> Result<(i64, R)> {
    let number = field(from)?;
    Ok((number, R::decode(from)?))
}
