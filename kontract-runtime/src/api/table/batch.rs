//! Operations on many rows: if one row fails, no row is changed.
//!
//! This file encodes values and decodes rows; `many_rows` runs the statements.

use std::sync::Arc;

use super::many_rows::{is_last_of_key, keep_last};
use super::stored::{Stored, prepare_all, prepare_last};
use super::{Table, Timestamp};
use crate::api::operation::{Answer, Operation, PickInsert};
use crate::api::patch::Patch;
use crate::driver::row_sink::Collected;
use crate::error::Result;
use crate::sql::meta::Meta;
use crate::sql::record::{Insert, Keyed, Record};
use crate::sql::table_statements::Build;
use crate::value::assign::Assign;
use crate::value::row::Key;
use crate::value::row_values::{BindRow, RowValues, TypedRows};

impl<R: Keyed> Table<R> {
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
        let keys = boxed_keys(keys.into_iter().map(K::assign));
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
        self.add_many(rows)
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
        let rows = rows.into_iter().map(|row| {
            let mut row = row.into_row(now);
            row.touch(now);
            row
        });
        // One statement cannot set a row twice.
        self.put_many("set in", Build::set_rows, prepare_last(rows))
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
        let on = self.on("update of");
        match last_of_each(R::meta(), keys.into_iter().map(K::assign).collect(), R::Key::bind) {
            Ok(keys) => {
                let keys = boxed_keys(keys.into_iter());
                let running = on.update_many(keys, patch.into().into_sets());
                Operation::new(running, Answer::into_affected)
            }
            Err(error) => Operation::failed(on.explain(error)),
        }
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
        let keys = boxed_keys(keys.into_iter().map(K::assign));
        Operation::new(self.on("delete from").delete_many(keys), Answer::into_affected)
    }
}

impl<R: Record> Table<R> {
    /// Inserts all the rows, or none of them.
    pub(super) fn add_many<I: Insert<R>>(
        &self,
        rows: impl IntoIterator<Item = I>,
    ) -> Operation<Vec<R>> {
        let now = Timestamp::now();
        let rows = rows.into_iter().map(|row| row.into_row(now));
        self.put_many("insert into", Build::insert_rows, prepare_all(rows))
    }

    fn put_many(
        &self,
        verb: &'static str,
        statement: PickInsert,
        rows: Result<Stored<Vec<R>>>,
    ) -> Operation<Vec<R>> {
        let on = self.on(verb);
        match rows {
            Ok(Stored::Records(records)) => {
                let records = Arc::new(TypedRows::new(records, R::encode));
                Operation::new(on.put_many(statement, records, None), Answer::into_records)
            }
            Ok(Stored::Values(rows)) => {
                let stored = Some(Collected::sink(R::decode));
                let running = on.put_many(statement, Arc::new(rows), stored);
                Operation::new(running, Answer::into_all)
            }
            Err(error) => Operation::failed(on.explain(error)),
        }
    }
}

/// Returns keys without their type.
fn boxed_keys<K: Key>(keys: impl Iterator<Item = K>) -> Box<dyn RowValues> {
    Box::new(TypedRows::new(keys.collect::<Vec<K>>(), K::bind))
}

/// Returns the rows without those whose key a later row has.
fn last_of_each<T>(meta: &'static Meta, mut rows: Vec<T>, bind_key: BindRow<T>) -> Result<Vec<T>> {
    let is_last = is_last_of_key(meta, rows.len(), &|row, to| bind_key(&rows[row], to))?;
    keep_last(&mut rows, is_last);
    Ok(rows)
}
