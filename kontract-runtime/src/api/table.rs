//! `Table<R>`: rows by key.
//!
//! Each operation on one row is one statement in one round trip. On a table with soft delete,
//! deleted rows are invisible to all of them except where they say otherwise; every change of a row
//! gives it the next version and the id of its transaction.

mod batch;
mod queue;
mod row;
mod upsert;

use std::marker::PhantomData;
use std::sync::Arc;

use kontract_schema::dialect::Dialect;

pub use self::row::Row;
pub(crate) use self::row::decode_row;
pub use self::upsert::UniqueBy;
use crate::api::filter::Filter;
use crate::api::patch::Patch;
use crate::api::query::Query;
use crate::driver::Backend;
use crate::driver::statement::{PreparedStatement, no_rows};
use crate::error::{Error, Kind, Result};
use crate::sql::error_context;
use crate::sql::meta::Meta;
use crate::sql::record::{Insert, Record, SoftDelete, Versioned};
use crate::sql::table_statements::Build;
use crate::sql::tree::Changes;
use crate::value::assign::Assign;
use crate::value::datum::Datum;
use crate::value::field_value::Value;
use crate::value::row::{Binder, Key};
use crate::value::types::Timestamp;

/// To whom rows belong that the plain storage writes.
pub(crate) const SYSTEM: &str = "system";

/// A handle to the rows of one table. Cheap to clone.
///
/// ```
/// # use kontract_doc_tables::*;
/// # #[tokio::main(flavor = "current_thread")]
/// # async fn main() -> Result<()> {
/// # let (users, tasks) = demo().await?;
/// if let Some(user) = users.get(1).await? {
///     println!("{} of {} users", user.name, users.count().await?);
/// }
/// assert_eq!(users.get(99).await?, None);
/// # Ok(()) }
/// ```
pub struct Table<R> {
    pub(crate) backend: Arc<Backend>,
    of: PhantomData<fn() -> R>,
}

impl<R> Clone for Table<R> {
    fn clone(&self) -> Self {
        Table { backend: Arc::clone(&self.backend), of: PhantomData }
    }
}

impl<R: Record> Table<R> {
    pub(crate) fn new(backend: Arc<Backend>) -> Table<R> {
        Table { backend, of: PhantomData }
    }

    pub(crate) fn meta(&self) -> &'static Meta {
        R::meta()
    }

    pub(crate) fn dialect(&self) -> Dialect {
        self.backend.dialect()
    }

    pub(crate) fn build(&self) -> Build<'static> {
        Build { meta: R::meta(), dialect: self.dialect() }
    }

    /// Returns the row with that key, or `None`. One statement.
    ///
    /// ```
    /// # use kontract_doc_tables::*;
    /// # #[tokio::main(flavor = "current_thread")]
    /// # async fn main() -> Result<()> {
    /// # let (users, tasks) = demo().await?;
    /// let ann: Option<User> = users.get(1).await?;
    /// assert_eq!(ann.unwrap().name, "Ann");
    /// assert!(users.get(99).await?.is_none());
    /// # Ok(()) }
    /// ```
    ///
    /// # Errors
    /// [`Kind::Connection`] if the database cannot be reached; [`Kind::Decode`] if the row does not fit
    /// the struct: the table was changed by other software, see `kontract drift`.
    pub async fn get(&self, key: impl Assign<R::Key>) -> Result<Option<R>> {
        let sql = self.build().get();
        self.one(&sql, &key.assign(), R::decode).await.map_err(self.explain("get from"))
    }

    /// Returns the row with that key and its bookkeeping columns, also if it is deleted (soft delete).
    ///
    /// ```
    /// # use kontract_doc_tables::*;
    /// # #[tokio::main(flavor = "current_thread")]
    /// # async fn main() -> Result<()> {
    /// # let jobs = jobs().await?;
    /// jobs.insert(Job { id: 1, name: "mail".into() }).await?;
    /// jobs.delete(1).await?;
    /// let row = jobs.get_row(1).await?.unwrap();
    /// assert_eq!((row.record.name.as_str(), row.version, row.is_deleted()), ("mail", Some(2), true));
    /// # Ok(()) }
    /// ```
    ///
    /// # Errors
    /// As [`Table::get`].
    pub async fn get_row(&self, key: impl Assign<R::Key>) -> Result<Option<Row<R>>> {
        let sql = self.build().get_row();
        self.one(&sql, &key.assign(), decode_row::<R>).await.map_err(self.explain("get from"))
    }

    /// Returns whether a row has that key. Deleted rows (soft delete) do not count.
    ///
    /// ```
    /// # use kontract_doc_tables::*;
    /// # #[tokio::main(flavor = "current_thread")]
    /// # async fn main() -> Result<()> {
    /// # let (users, tasks) = demo().await?;
    /// assert!(users.exists(1).await?);
    /// assert!(!users.exists(99).await?);
    /// # Ok(()) }
    /// ```
    ///
    /// # Errors
    /// [`Kind::Connection`] if the database cannot be reached.
    pub async fn exists(&self, key: impl Assign<R::Key>) -> Result<bool> {
        let sql = self.build().exists();
        let found = self.one(&sql, &key.assign(), no_rows).await;
        Ok(found.map_err(self.explain("look-up in"))?.is_some())
    }

    /// Inserts a row and returns it as it is stored. The row is the struct, or its `New…` struct: fields that
    /// are not given get a new id, their default, or the current time. A deleted row (soft delete) with the
    /// same key is replaced.
    ///
    /// ```
    /// # use kontract_doc_tables::*;
    /// # #[tokio::main(flavor = "current_thread")]
    /// # async fn main() -> Result<()> {
    /// # let (users, tasks) = demo().await?;
    /// let dora = NewUser::new(4, "dora@example.org", "Dora").born(2001);
    /// assert_eq!(users.insert(dora.clone()).await?.born, Some(2001));
    /// let taken = users.insert(dora).await.unwrap_err();
    /// assert!(matches!(taken.kind(), Kind::Unique { .. }));
    /// # Ok(()) }
    /// ```
    ///
    /// # Errors
    /// [`Kind::Unique`] if another row has the key or other unique values ([`set`](Table::set) and
    /// [`upsert`](Table::upsert) replace it), [`Kind::Check`], [`Kind::ForeignKey`]; [`Kind::Value`] if a
    /// value cannot be stored.
    pub async fn insert(&self, row: impl Insert<R>) -> Result<R> {
        let record = row.into_record(Timestamp::now());
        self.put(&self.build().insert(), &record).await.map_err(self.explain("insert into"))?;
        Ok(record)
    }

    /// Inserts the row, or replaces the row with its key. Returns the row as it is stored. Sets the fields
    /// with `#[updated_at]`; a deleted row (soft delete) is live again, with the next version. To change
    /// single fields, use [`update`](Table::update).
    ///
    /// ```
    /// # use kontract_doc_tables::*;
    /// # #[tokio::main(flavor = "current_thread")]
    /// # async fn main() -> Result<()> {
    /// # let (users, tasks) = demo().await?;
    /// let ann = User { id: 1, email: "ann@example.org".into(), name: "Anna".into(), born: None };
    /// users.set(ann).await?;
    /// assert_eq!(users.get(1).await?.unwrap().born, None);
    /// # Ok(()) }
    /// ```
    ///
    /// # Errors
    /// As [`Table::insert`], but a row with the same key is not an error.
    pub async fn set(&self, row: impl Insert<R>) -> Result<R> {
        let now = Timestamp::now();
        let mut record = row.into_record(now);
        record.touch(now);
        self.put(&self.build().set(), &record).await.map_err(self.explain("set in"))?;
        Ok(record)
    }

    /// Changes some fields of the row with that key, and returns the changed row. Sets the fields with
    /// `#[updated_at]`. An empty patch changes nothing and returns the row.
    ///
    /// ```
    /// # use kontract_doc_tables::*;
    /// # #[tokio::main(flavor = "current_thread")]
    /// # async fn main() -> Result<()> {
    /// # let (users, tasks) = demo().await?;
    /// let ann = users.update(1, User::patch().name("Anna")).await?;
    /// assert_eq!((ann.name.as_str(), ann.born), ("Anna", Some(1990)));
    /// let missing = users.update(99, User::patch().name("Zoe")).await.unwrap_err();
    /// assert_eq!(*missing.kind(), Kind::NotFound);
    /// # Ok(()) }
    /// ```
    ///
    /// # Errors
    /// [`Kind::NotFound`] if there is no such row; otherwise as [`Table::insert`].
    pub async fn update(&self, key: impl Assign<R::Key>, patch: impl Into<Patch<R>>) -> Result<R> {
        let (key, patch) = (key.assign(), patch.into());
        let changed = self.change(&key, None, patch).await.map_err(self.explain("update of"))?;
        changed.ok_or_else(|| self.not_found("update of"))
    }

    /// Changes the row if it has that version: optimistic locking. Needs `#[table(versioned)]` or the layout
    /// `document`. Versions start at 1, and each change adds 1.
    ///
    /// ```
    /// # use kontract_doc_tables::*;
    /// # #[tokio::main(flavor = "current_thread")]
    /// # async fn main() -> Result<()> {
    /// # let jobs = jobs().await?;
    /// jobs.insert(Job { id: 1, name: "mail".into() }).await?;
    /// jobs.update_if(1, 1, Job::patch().name("letter")).await?;
    /// let stale = jobs.update_if(1, 1, Job::patch().name("parcel")).await.unwrap_err();
    /// assert_eq!(*stale.kind(), Kind::Conflict { expected: 1, actual: 2 });
    /// # Ok(()) }
    /// ```
    ///
    /// # Errors
    /// [`Kind::Conflict`] if the row has another version: read it again and repeat the change; otherwise as
    /// [`Table::update`].
    pub async fn update_if(
        &self,
        key: impl Assign<R::Key>,
        version: i64,
        patch: impl Into<Patch<R>>,
    ) -> Result<R>
    where
        R: Versioned,
    {
        let (key, patch) = (key.assign(), patch.into());
        let explain = || self.explain("update of");
        if let Some(row) = self.change(&key, Some(version), patch).await.map_err(explain())? {
            return Ok(row);
        }
        let sql = self.build().version();
        let actual = self.one(&sql, &key, |from| crate::value::row::field::<i32>(from)).await;
        match actual.map_err(explain())?.map(i64::from) {
            None => Err(self.not_found("update of")),
            Some(actual) => {
                let what = format!("the row has version {actual}, not {version}");
                let kind = Kind::Conflict { expected: version, actual };
                Err(explain()(Error::new(kind, what).with_help("read it again and decide anew")))
            }
        }
    }

    /// Deletes the row with that key, and returns whether there was one. With soft delete the row is only
    /// marked and can be restored.
    ///
    /// ```
    /// # use kontract_doc_tables::*;
    /// # #[tokio::main(flavor = "current_thread")]
    /// # async fn main() -> Result<()> {
    /// # let (users, tasks) = demo().await?;
    /// tasks.delete_many([1, 2]).await?;
    /// assert!(tasks.delete(3).await?);
    /// assert!(!tasks.delete(3).await?);
    /// # Ok(()) }
    /// ```
    ///
    /// # Errors
    /// [`Kind::ForeignKey`] if other rows refer to it: delete those first, or declare
    /// `on_delete = "cascade"`.
    pub async fn delete(&self, key: impl Assign<R::Key>) -> Result<bool> {
        self.affects(&self.build().delete(), &key.assign(), "delete from").await
    }

    /// Removes the row with that key permanently, also if it is marked as deleted (soft delete). Returns
    /// whether there was one.
    ///
    /// ```
    /// # use kontract_doc_tables::*;
    /// # #[tokio::main(flavor = "current_thread")]
    /// # async fn main() -> Result<()> {
    /// # let jobs = jobs().await?;
    /// jobs.insert(Job { id: 1, name: "mail".into() }).await?;
    /// jobs.delete(1).await?;
    /// assert!(jobs.purge(1).await?);
    /// assert!(jobs.get_row(1).await?.is_none());
    /// # Ok(()) }
    /// ```
    ///
    /// # Errors
    /// [`Kind::ForeignKey`] if other rows refer to it.
    pub async fn purge(&self, key: impl Assign<R::Key>) -> Result<bool> {
        self.affects(&self.build().purge(), &key.assign(), "purge of").await
    }

    /// Restores a deleted row (soft delete), and returns whether there was one.
    ///
    /// ```
    /// # use kontract_doc_tables::*;
    /// # #[tokio::main(flavor = "current_thread")]
    /// # async fn main() -> Result<()> {
    /// # let jobs = jobs().await?;
    /// jobs.insert(Job { id: 1, name: "mail".into() }).await?;
    /// jobs.delete(1).await?;
    /// assert!(jobs.restore(1).await?);
    /// assert!(jobs.exists(1).await?);
    /// # Ok(()) }
    /// ```
    ///
    /// # Errors
    /// [`Kind::Unique`] if another row has its unique values now.
    pub async fn restore(&self, key: impl Assign<R::Key>) -> Result<bool>
    where
        R: SoftDelete,
    {
        self.affects(&self.build().restore(), &key.assign(), "restore in").await
    }

    /// Returns a query of all rows. Deleted rows (soft delete) are not included.
    ///
    /// ```
    /// # use kontract_doc_tables::*;
    /// # #[tokio::main(flavor = "current_thread")]
    /// # async fn main() -> Result<()> {
    /// # let (users, tasks) = demo().await?;
    /// let names: Vec<String> = users.list().order_by(User::name.asc()).select(User::name).await?;
    /// assert_eq!(names, ["Ann", "Bob", "Cem"]);
    /// # Ok(()) }
    /// ```
    pub fn list(&self) -> Query<R> {
        Query::new(self.clone(), None)
    }

    /// Returns a query of the rows that match the filter.
    ///
    /// ```
    /// # use kontract_doc_tables::*;
    /// # #[tokio::main(flavor = "current_thread")]
    /// # async fn main() -> Result<()> {
    /// # let (users, tasks) = demo().await?;
    /// let open: Vec<Task> = tasks.query(Task::done.eq(false) & Task::points.gt(1)).await?;
    /// assert_eq!(open[0].title, "Write a letter");
    /// # Ok(()) }
    /// ```
    pub fn query(&self, filter: Filter<R>) -> Query<R> {
        Query::new(self.clone(), Some(filter))
    }

    /// Returns the number of rows. Deleted rows (soft delete) do not count.
    ///
    /// ```
    /// # use kontract_doc_tables::*;
    /// # #[tokio::main(flavor = "current_thread")]
    /// # async fn main() -> Result<()> {
    /// # let (users, tasks) = demo().await?;
    /// assert_eq!(tasks.count().await?, 3);
    /// # Ok(()) }
    /// ```
    ///
    /// # Errors
    /// [`Kind::Connection`] if the database cannot be reached.
    pub async fn count(&self) -> Result<u64> {
        self.list().count().await
    }

    /// A row by its key.
    async fn one<T: Send + 'static>(
        &self,
        sql: &Arc<PreparedStatement>,
        key: &R::Key,
        decode: crate::driver::statement::Decode<T>,
    ) -> Result<Option<T>> {
        let done = self.backend.run(sql, &|to| key.bind(to), decode).await?;
        Ok(done.rows.into_iter().next())
    }

    async fn affects(
        &self,
        sql: &Arc<PreparedStatement>,
        key: &R::Key,
        verb: &'static str,
    ) -> Result<bool> {
        let done = self.backend.run(sql, &|to| key.bind(to), no_rows).await;
        Ok(done.map_err(self.explain(verb))?.affected > 0)
    }

    /// Stores a record. Where the statement passes over a row that is there, that is an error.
    async fn put(&self, sql: &Arc<PreparedStatement>, record: &R) -> Result<()> {
        let meta = self.meta();
        let done = self.backend.run(sql, &|to| write(meta, record, to), no_rows).await?;
        match done.affected {
            0 if meta.has_soft_delete() => {
                // As where the database refuses it, on tables without soft delete.
                self.backend.fail().await;
                Err(self.duplicate_key())
            }
            _ => Ok(()),
        }
    }

    async fn change(
        &self,
        key: &R::Key,
        version: Option<i64>,
        patch: Patch<R>,
    ) -> Result<Option<R>> {
        let sets = self.stamped(patch)?;
        if sets.is_empty() {
            return self.one(&self.build().get(), key, R::decode).await;
        }
        let (sql, values) = self.build().update(sets, version.is_some())?;
        let values = |to: &mut dyn Binder| {
            values.iter().try_for_each(|value| to.bind(value.clone()))?;
            key.bind(to)?;
            version.map_or(Ok(()), |version| to.bind(Datum::I64(version)))
        };
        let done = self.backend.run(&sql, &values, R::decode).await?;
        Ok(done.rows.into_iter().next())
    }

    /// What a patch sets, the times of change included; nothing where it is empty.
    pub(crate) fn stamped(&self, mut patch: Patch<R>) -> Result<Changes> {
        if patch.is_empty() {
            return Ok(Changes::default());
        }
        let now = Timestamp::now();
        for place in self.meta().updated_at() {
            patch.put(place, self.meta().stamp(place, now));
        }
        patch.checked()
    }

    fn not_found(&self, verb: &'static str) -> Error {
        self.explain(verb)(Error::new(Kind::NotFound, "there is no row with that key"))
    }

    /// An error with the table and what was done to it.
    pub(crate) fn explain(&self, verb: &'static str) -> impl Fn(Error) -> Error + use<R> {
        move |error| error_context::explain(R::meta(), verb, error)
    }

    fn duplicate_key(&self) -> Error {
        Error::taken(error_context::key_name(self.meta()))
    }
}

/// The values of an insert: the record's, then the owner.
pub(crate) fn write<R: Record>(meta: &Meta, record: &R, to: &mut dyn Binder) -> Result<()> {
    record.encode(to)?;
    match meta.track().owner {
        true => SYSTEM.to_owned().to_datum().and_then(|owner| to.bind(owner)),
        false => Ok(()),
    }
}
