//! Operations on many rows: if one row fails, no row is changed.
//!
//! This file encodes values and decodes rows; `many_rows` runs the statements.

use std::collections::HashMap;

use super::many_rows::key_bytes;
use super::{Table, Timestamp};
use crate::api::operation::{Answer, Operation, Pick};
use crate::api::patch::Patch;
use crate::driver::row_sink::Collected;
use crate::error::Result;
use crate::sql::record::{Insert, Record};
use crate::sql::table_statements::Build;
use crate::value::assign::Assign;
use crate::value::encoded::Encoded;
use crate::value::row::Key;

impl<R: Record> Table<R> {
    /// Returns the rows with those keys, in the order of the keys; `None` for a key without a row. One
    /// statement for all keys.
    ///
    /// ```
    /// # use kontract_doc_tables::*; example(async |users, tasks| {
    /// let found = users.get_many([2, 99, 1]).await?;
    /// let names: Vec<_> = found.iter().map(|user| user.as_ref().map(|user| user.name.as_str())).collect();
    /// assert_eq!(names, [Some("Bob"), None, Some("Ann")]);
    /// # Ok(()) })
    /// ```
    ///
    /// # Errors
    /// The errors of [`Table::get`].
    pub fn get_many<K: Assign<R::Key>>(
        &self,
        keys: impl IntoIterator<Item = K>,
    ) -> Operation<Vec<Option<R>>> {
        let keys = encode_keys(keys.into_iter().map(K::assign));
        let running = self.on("get from").get_many(keys, Collected::sink(R::decode));
        Operation::new(running, Answer::into_places)
    }

    /// Inserts all the rows, or none of them if one fails. Returns them as they are stored.
    ///
    /// ```
    /// # use kontract_doc_tables::*; example(async |users, tasks| {
    /// let new = [NewUser::new(4, "dora@example.org", "Dora"), NewUser::new(5, "eve@example.org", "Eve")];
    /// assert_eq!(users.insert_many(new).await?.len(), 2);
    /// # Ok(()) })
    /// ```
    ///
    /// # Errors
    /// The errors of [`Table::insert`].
    pub fn insert_many<I: Insert<R>>(
        &self,
        rows: impl IntoIterator<Item = I>,
    ) -> Operation<Vec<R>> {
        let now = Timestamp::now();
        let rows = rows.into_iter();
        let mut records = Vec::with_capacity(rows.size_hint().0);
        for row in rows {
            records.push(row.into_record(now));
        }
        self.put_many("insert into", Build::insert_rows, records)
    }

    /// Inserts or replaces all the rows, or none of them if one fails, as [`Table::set`]. If two rows have
    /// the same key, the later one is stored. Returns them as they are stored.
    ///
    /// ```
    /// # use kontract_doc_tables::*; example(async |users, tasks| {
    /// let mut all = users.list().await?;
    /// all.iter_mut().for_each(|user| user.born = Some(2000));
    /// users.set_many(all).await?;
    /// assert_eq!(users.query(User::born.eq(2000)).count().await?, 3);
    /// # Ok(()) })
    /// ```
    ///
    /// # Errors
    /// The errors of [`Table::set`].
    pub fn set_many<I: Insert<R>>(&self, rows: impl IntoIterator<Item = I>) -> Operation<Vec<R>> {
        let now = Timestamp::now();
        let rows = rows.into_iter();
        let mut records = Vec::with_capacity(rows.size_hint().0);
        for row in rows {
            let mut record = row.into_record(now);
            record.touch(now);
            records.push(record);
        }
        match last_of_each(&records) {
            Ok(mut is_last) => records.retain(|_| is_last.next().unwrap_or_default()),
            Err(error) => return Operation::failed(self.on("set in").explain(error)),
        }
        self.put_many("set in", Build::set_rows, records)
    }

    /// Makes the same change to all rows with those keys, or to none of them if one fails. Returns the number
    /// of rows. Keys without a row are skipped, and a repeated key counts once.
    ///
    /// ```
    /// # use kontract_doc_tables::*; example(async |users, tasks| {
    /// assert_eq!(tasks.update_many([2, 3, 99], Task::patch().done(true)).await?, 2);
    /// # Ok(()) })
    /// ```
    ///
    /// # Errors
    /// The errors of [`Table::update`], but a missing row is not an error.
    pub fn update_many<K: Assign<R::Key>>(
        &self,
        keys: impl IntoIterator<Item = K>,
        patch: impl Into<Patch<R>>,
    ) -> Operation<u64> {
        let keys = encode_keys(keys.into_iter().map(K::assign));
        let running = self.on("update of").update_many(keys, patch.into().into_sets());
        Operation::new(running, Answer::into_affected)
    }

    /// Deletes all rows with those keys, and returns how many there were.
    ///
    /// ```
    /// # use kontract_doc_tables::*; example(async |users, tasks| {
    /// assert_eq!(tasks.delete_many([1, 2, 99]).await?, 2);
    /// # Ok(()) })
    /// ```
    ///
    /// # Errors
    /// The errors of [`Table::delete`].
    pub fn delete_many<K: Assign<R::Key>>(
        &self,
        keys: impl IntoIterator<Item = K>,
    ) -> Operation<u64> {
        let keys = encode_keys(keys.into_iter().map(K::assign));
        Operation::new(self.on("delete from").delete_many(keys), Answer::into_affected)
    }

    pub(super) fn put_many(
        &self,
        verb: &'static str,
        statement: Pick,
        records: Vec<R>,
    ) -> Operation<Vec<R>> {
        let on = self.on(verb);
        let mut values = on.room(records.len());
        for record in &records {
            let done = record.encode(&mut values);
            on.end_row(&mut values, done);
        }
        let running = on.put_many(statement, values, Box::new(records));
        Operation::new(running, Answer::into_kept)
    }
}

/// Encodes the keys, one row for each key.
fn encode_keys<K: Key>(keys: impl Iterator<Item = K>) -> Encoded {
    let mut values = Encoded::with_capacity(keys.size_hint().0);
    for key in keys {
        let done = key.bind(&mut values);
        values.end_row(done);
    }
    values
}

/// Returns for each record whether it is the last one with its key: one statement cannot set a row
/// twice.
fn last_of_each<R: Record>(records: &[R]) -> Result<std::vec::IntoIter<bool>> {
    let keys = encode_keys(records.iter().map(R::key)).checked()?;
    let mut places: HashMap<Vec<u8>, usize> = HashMap::with_capacity(keys.rows());
    let mut is_last = vec![true; keys.rows()];
    for place in 0..keys.rows() {
        if let Some(earlier) = places.insert(key_bytes(&keys, place)?, place) {
            is_last[earlier] = false;
        }
    }
    Ok(is_last.into_iter())
}
