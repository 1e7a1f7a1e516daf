//! `Table<R>`: operations on rows by their primary key.
//!
//! Each operation on one row is one statement in one round trip. On a table with soft delete, an
//! operation does not see deleted rows unless its documentation says that it does. Each change of a
//! row increments its version and stores the id of the transaction.

mod batch;
mod keyless;
mod many_rows;
mod one_row;
mod purge;
mod queue;
mod row;
mod stored;
mod transfer;
mod upsert;

use std::marker::PhantomData;
use std::sync::Arc;
use std::time::Duration;

pub use self::keyless::{KeylessTable, TableHandle};
pub use self::row::Row;
pub(crate) use self::row::decode_row;
use self::stored::{Stored, prepare_one};
pub use self::upsert::UniqueBy;
use crate::api::access::Access;
use crate::api::filter::Filter;
use crate::api::operation::{Answer, CurrentRow, ExpectedVersion, On, Operation, Pick, PickInsert};
use crate::api::patch::Patch;
use crate::api::query::{Connected, Query};
use crate::driver::row_sink::{Collected, Counted, Sink};
#[cfg(doc)]
use crate::error::Kind;
use crate::sql::record::{DeletedAt, Insert, Keyed, NewRow, Record, SoftDelete, Versioned};
use crate::sql::table_statements::Build;
use crate::sql::tree::node::Node;
use crate::value::assign::Assign;
use crate::value::row::Key;
use crate::value::row_values::{RowValues, TypedRows};
use crate::value::types::Timestamp;

/// A handle to the rows of one table. Cheap to clone.
///
/// ```
/// # use kontract_doc_tables::*; example(async |users, tasks| {
/// if let Some(user) = users.get(1).await? {
///     println!("{} of {} users", user.name, users.count().await?);
/// }
/// assert_eq!(users.get(99).await?, None);
/// # Ok(()) })
/// ```
pub struct Table<R> {
    pub(crate) access: Arc<Access>,
    of: PhantomData<fn() -> R>,
}

impl<R> Clone for Table<R> {
    fn clone(&self) -> Self {
        Table { access: Arc::clone(&self.access), of: PhantomData }
    }
}

impl<R: Keyed> Table<R> {
    /// Returns the row with that key, or `None`. One statement.
    ///
    /// ```
    /// # use kontract_doc_tables::*; example(async |users, tasks| {
    /// let ann: Option<User> = users.get(1).await?;
    /// assert_eq!(ann.unwrap().name, "Ann");
    /// assert!(users.get(99).await?.is_none());
    /// # Ok(()) })
    /// ```
    ///
    /// # Errors
    /// [`Kind::Connection`] if the database cannot be reached; [`Kind::Decode`] if the row does not fit
    /// the struct: the table was changed by other software, see `kontract drift`.
    pub fn get(&self, key: impl Assign<R::Key>) -> Operation<Option<R>> {
        let (on, key) = (self.on("get from"), boxed_key(key.assign()));
        Operation::new(
            on.by_key(Build::get, key, Some(Collected::sink(R::decode))),
            Answer::into_one,
        )
    }

    /// Returns the row with that key and its bookkeeping columns, also if it is deleted (soft delete).
    ///
    /// ```
    /// # use kontract_doc_tables::*; queue_example(async |jobs| {
    /// jobs.insert(Job { id: 1, name: "mail".into() }).await?;
    /// jobs.delete(1).await?;
    /// let row = jobs.get_row(1).await?.unwrap();
    /// assert_eq!((row.record.name.as_str(), row.version, row.is_deleted()), ("mail", Some(2), true));
    /// # Ok(()) })
    /// ```
    ///
    /// # Errors
    /// The errors of [`Table::get`].
    pub fn get_row(&self, key: impl Assign<R::Key>) -> Operation<Option<Row<R>>> {
        let (on, key) = (self.on("get from"), boxed_key(key.assign()));
        let rows = Some(Collected::sink(row::decode_row::<R>));
        Operation::new(on.by_key(Build::get_row, key, rows), Answer::into_one)
    }

    /// Returns whether a row has that key. Deleted rows (soft delete) do not count.
    ///
    /// ```
    /// # use kontract_doc_tables::*; example(async |users, tasks| {
    /// assert!(users.exists(1).await?);
    /// assert!(!users.exists(99).await?);
    /// # Ok(()) })
    /// ```
    ///
    /// # Errors
    /// [`Kind::Connection`] if the database cannot be reached.
    pub fn exists(&self, key: impl Assign<R::Key>) -> Operation<bool> {
        let (on, key) = (self.on("look-up in"), boxed_key(key.assign()));
        Operation::new(on.by_key(Build::exists, key, Some(Counted::sink())), Answer::has_rows)
    }

    /// Inserts a row and returns it as it is stored. The row is the struct, or its `New…` struct: fields that
    /// are not given get a new id, their default, or the current time. A deleted row (soft delete) with the
    /// same key is replaced.
    ///
    /// ```
    /// # use kontract_doc_tables::*; example(async |users, tasks| {
    /// let dora = NewUser::new(4, "dora@example.org", "Dora").born(2001);
    /// assert_eq!(users.insert(dora.clone()).await?.born, Some(2001));
    /// let taken = users.insert(dora).await.unwrap_err();
    /// assert!(matches!(taken.kind(), Kind::Unique { .. }));
    /// # Ok(()) })
    /// ```
    ///
    /// # Errors
    /// [`Kind::Unique`] if another row has the key or other unique values ([`set`](Table::set) and
    /// [`upsert`](Table::upsert) replace it), [`Kind::Check`], [`Kind::ForeignKey`]; [`Kind::Value`] if a
    /// value cannot be stored.
    pub fn insert(&self, row: impl Insert<R>) -> Operation<R> {
        self.put("insert into", Build::insert, row.into_row(Timestamp::now()))
    }

    /// Inserts the row, or replaces the row with its key. Returns the row as it is stored. Sets the fields
    /// with `#[updated_at]`; a deleted row (soft delete) is live again, with the next version. To change
    /// single fields, use [`update`](Table::update).
    ///
    /// ```
    /// # use kontract_doc_tables::*; example(async |users, tasks| {
    /// let ann = User { id: 1, email: "ann@example.org".into(), name: "Anna".into(), born: None };
    /// users.set(ann).await?;
    /// assert_eq!(users.get(1).await?.unwrap().born, None);
    /// # Ok(()) })
    /// ```
    ///
    /// # Errors
    /// The errors of [`Table::insert`], but a row with the same key is not an error.
    pub fn set(&self, row: impl Insert<R>) -> Operation<R> {
        let now = Timestamp::now();
        let mut row = row.into_row(now);
        row.touch(now);
        self.put("set in", Build::set, row)
    }

    /// Changes some fields of the row with that key, and returns the changed row. Sets the fields with
    /// `#[updated_at]`. An empty patch changes nothing and returns the row.
    ///
    /// ```
    /// # use kontract_doc_tables::*; example(async |users, tasks| {
    /// let ann = users.update(1, User::patch().name("Anna")).await?;
    /// assert_eq!((ann.name.as_str(), ann.born), ("Anna", Some(1990)));
    /// let missing = users.update(99, User::patch().name("Zoe")).await.unwrap_err();
    /// assert_eq!(*missing.kind(), Kind::NotFound);
    /// # Ok(()) })
    /// ```
    ///
    /// # Errors
    /// [`Kind::NotFound`] if there is no such row; otherwise the errors of [`Table::insert`].
    pub fn update(&self, key: impl Assign<R::Key>, patch: impl Into<Patch<R>>) -> Operation<R> {
        self.change(boxed_key(key.assign()), None, patch.into())
    }

    /// Changes the row if it has that version: optimistic locking. Needs `#[table(versioned)]` or the layout
    /// `document`. Versions start at 1, and each change adds 1.
    ///
    /// ```
    /// # use kontract_doc_tables::*; queue_example(async |jobs| {
    /// jobs.insert(Job { id: 1, name: "mail".into() }).await?;
    /// jobs.update_if(1, 1, Job::patch().name("letter")).await?;
    /// let stale = jobs.update_if(1, 1, Job::patch().name("parcel")).await.unwrap_err();
    /// assert_eq!(*stale.kind(), Kind::Conflict { expected: 1, actual: 2 });
    /// let now: &Job = stale.current_row().unwrap();
    /// assert_eq!(now.name, "letter");
    /// # Ok(()) })
    /// ```
    ///
    /// # Errors
    /// [`Kind::Conflict`] if the row has another version: repeat the change on the row as it is now, which
    /// [`Error::current_row`](crate::Error::current_row) returns, with the version in the kind; otherwise the
    /// errors of [`Table::update`].
    pub fn update_if(
        &self,
        key: impl Assign<R::Key>,
        version: i64,
        patch: impl Into<Patch<R>>,
    ) -> Operation<R>
    where
        R: Versioned,
    {
        let expected = ExpectedVersion { version, take_row: take_current_row::<R> };
        self.change(boxed_key(key.assign()), Some(expected), patch.into())
    }

    /// Deletes the row with that key, and returns whether there was one. With soft delete the row is only
    /// marked and can be restored.
    ///
    /// ```
    /// # use kontract_doc_tables::*; example(async |users, tasks| {
    /// tasks.delete_many([1, 2]).await?;
    /// assert!(tasks.delete(3).await?);
    /// assert!(!tasks.delete(3).await?);
    /// # Ok(()) })
    /// ```
    ///
    /// # Errors
    /// [`Kind::ForeignKey`] if other rows refer to it: delete those first, or declare
    /// `on_delete = "cascade"`.
    pub fn delete(&self, key: impl Assign<R::Key>) -> Operation<bool> {
        self.affect("delete from", Build::delete, boxed_key(key.assign()))
    }

    /// Removes the row with that key permanently, also if it is marked as deleted (soft delete). Returns
    /// whether there was one.
    ///
    /// ```
    /// # use kontract_doc_tables::*; queue_example(async |jobs| {
    /// jobs.insert(Job { id: 1, name: "mail".into() }).await?;
    /// jobs.delete(1).await?;
    /// assert!(jobs.purge(1).await?);
    /// assert!(jobs.get_row(1).await?.is_none());
    /// # Ok(()) })
    /// ```
    ///
    /// # Errors
    /// [`Kind::ForeignKey`] if other rows refer to it.
    pub fn purge(&self, key: impl Assign<R::Key>) -> Operation<bool> {
        self.affect("purge of", Build::purge, boxed_key(key.assign()))
    }

    /// Restores a deleted row (soft delete), and returns whether there was one.
    ///
    /// ```
    /// # use kontract_doc_tables::*; queue_example(async |jobs| {
    /// jobs.insert(Job { id: 1, name: "mail".into() }).await?;
    /// jobs.delete(1).await?;
    /// assert!(jobs.restore(1).await?);
    /// assert!(jobs.exists(1).await?);
    /// # Ok(()) })
    /// ```
    ///
    /// # Errors
    /// [`Kind::Unique`] if another row has its unique values now.
    pub fn restore(&self, key: impl Assign<R::Key>) -> Operation<bool>
    where
        R: SoftDelete,
    {
        self.affect("restore in", Build::restore, boxed_key(key.assign()))
    }

    /// Removes the rows permanently that were deleted at least that long ago, in batches of 1,000 rows: one
    /// statement each, so that other writers wait for a batch at most. Returns how many there were. The
    /// database's clock decides.
    ///
    /// Rows that were deleted before the table had `deleted_at`, or by programs that do not know it, count as
    /// deleted at the first call. Rows of a tracked table stay until all
    /// [consumers](crate::api::storage::Base::consumer) of changes have read their deletion.
    ///
    /// ```
    /// # use kontract_doc_tables::*; owner_example(async |storage| {
    /// use std::time::Duration;
    ///
    /// let letters: Table<Letter> = storage.table(); // `#[table(deleted_at)]`
    /// letters.insert(Letter { id: 1, text: "Dear Ann".into() }).await?;
    /// letters.delete(1).await?;
    /// assert_eq!(letters.purge_deleted(Duration::from_secs(30 * 86_400)).await?, 0);
    /// assert_eq!(letters.purge_deleted(Duration::ZERO).await?, 1);
    /// # Ok(()) })
    /// ```
    ///
    /// # Errors
    /// [`Kind::ForeignKey`] if other rows refer to a row; batches before it stay removed, unless the call is
    /// in a transaction.
    pub fn purge_deleted(&self, older_than: Duration) -> Operation<u64>
    where
        R: DeletedAt,
    {
        let on = self.on("purge of");
        Operation::new(on.purge_deleted(older_than), Answer::into_affected)
    }

    /// Returns a query of all rows. Deleted rows (soft delete) are not included.
    ///
    /// ```
    /// # use kontract_doc_tables::*; example(async |users, tasks| {
    /// let names: Vec<String> = users.list().order_by(User::name.asc()).select(User::name).await?;
    /// assert_eq!(names, ["Ann", "Bob", "Cem"]);
    /// # Ok(()) })
    /// ```
    pub fn list(&self) -> Query<R> {
        self.start_query(None)
    }

    /// Returns a query of the rows that match the filter.
    ///
    /// ```
    /// # use kontract_doc_tables::*; example(async |users, tasks| {
    /// let open: Vec<Task> = tasks.query(Task::done.eq(false) & Task::points.gt(1)).await?;
    /// assert_eq!(open[0].title, "Write a letter");
    /// # Ok(()) })
    /// ```
    pub fn query(&self, filter: Filter<R>) -> Query<R> {
        self.start_query(Some(filter.node))
    }

    /// Returns the number of rows. Deleted rows (soft delete) do not count.
    ///
    /// ```
    /// # use kontract_doc_tables::*; example(async |users, tasks| {
    /// assert_eq!(tasks.count().await?, 3);
    /// # Ok(()) })
    /// ```
    ///
    /// # Errors
    /// [`Kind::Connection`] if the database cannot be reached.
    pub fn count(&self) -> Operation<u64> {
        self.list().count()
    }

    fn change(
        &self,
        key: Box<dyn RowValues>,
        expected: Option<ExpectedVersion>,
        patch: Patch<R>,
    ) -> Operation<R> {
        let rows = Collected::sink(R::decode);
        let running = self.on("update of").change(key, expected, patch.into_sets(), rows);
        Operation::new(running, Answer::into_the_one)
    }

    fn affect(
        &self,
        verb: &'static str,
        statement: Pick,
        key: Box<dyn RowValues>,
    ) -> Operation<bool> {
        Operation::new(self.on(verb).by_key(statement, key, None), Answer::has_affected)
    }
}

/// What tables with and without a key share.
impl<R: Record> Table<R> {
    pub(crate) fn new(access: Arc<Access>) -> Table<R> {
        Table { access, of: PhantomData }
    }

    /// Returns what an operation works on.
    pub(crate) fn on(&self, verb: &'static str) -> On {
        On { access: Arc::clone(&self.access), meta: R::meta(), verb }
    }

    fn put(&self, verb: &'static str, statement: PickInsert, row: NewRow<R>) -> Operation<R> {
        let on = self.on(verb);
        match prepare_one(row, &[]) {
            Ok(Stored::Records(record)) => {
                let record = Box::new(TypedRows::new([record], R::encode));
                Operation::new(on.put(statement, record, None), Answer::into_record)
            }
            Ok(Stored::Values(row)) => {
                let rows = Some(Collected::sink(R::decode));
                Operation::new(on.put(statement, Box::new(row), rows), Answer::into_the_one)
            }
            Err(error) => Operation::failed(on.explain(error)),
        }
    }

    fn start_query(&self, filter: Option<Node>) -> Query<R> {
        let mut query = Query::start(R::meta(), Connected { access: Arc::clone(&self.access) });
        query.parts.filter = filter;
        query
    }
}

/// Takes the row with another version out of a sink of such records.
fn take_current_row<R: Record>(rows: Sink) -> Option<CurrentRow> {
    Collected::<R>::take(rows).pop().map(|row| Box::new(row) as CurrentRow)
}

/// Returns a key without its type.
fn boxed_key<K: Key>(key: K) -> Box<dyn RowValues> {
    Box::new(TypedRows::new([key], K::bind))
}
