//! Gives rows to other owners.

use super::{Table, boxed_key};
use crate::api::operation::{Answer, Gives, On, OneStatement, Operation, Running, StatementValues};
use crate::driver::row_sink::{Collected, Sink};
use crate::error::Result;
use crate::sql::owner::{SYSTEM, check_name};
use crate::sql::record::{Keyed, Owned};
use crate::value::assign::Assign;
use crate::value::datum::Datum;
use crate::value::row_values::RowValues;

impl<R: Keyed> Table<R> {
    /// Gives the row with that key to another owner, in one statement, and returns it. The handle of an
    /// owner gives away rows of the owner only; the storage itself those of any owner, and it can also give
    /// rows to `system`, the owner of the rows that the program writes. A later write of the former owner
    /// does not find the row.
    ///
    /// ```
    /// # use kontract_doc_tables::*; owner_example(async |storage| {
    /// let (ann, bob) = (storage.as_owner("ann")?, storage.as_owner("bob")?);
    /// ann.table().insert(Letter { id: 1, text: "Dear Bob".into() }).await?;
    /// ann.table::<Letter>().transfer(1, "bob").await?;
    /// assert!(bob.table::<Letter>().exists(1).await?);
    /// assert!(!ann.table::<Letter>().exists(1).await?);
    /// # Ok(()) })
    /// ```
    ///
    /// # Errors
    /// [`Kind::NotFound`](crate::Kind::NotFound) if there is no such row;
    /// [`Kind::Value`](crate::Kind::Value) if the name cannot be that of an owner, see
    /// [`Base::as_owner`](crate::Base::as_owner).
    pub fn transfer(&self, key: impl Assign<R::Key>, to: impl Into<String>) -> Operation<R>
    where
        R: Owned,
    {
        let (on, key, to) = (self.on("transfer in"), boxed_key(key.assign()), to.into());
        let rows = Collected::sink(R::decode);
        Operation::new(on.transfer(key, to, rows), Answer::into_the_one)
    }
}

impl On {
    fn transfer(self, row: Box<dyn RowValues>, to: String, rows: Sink) -> Running {
        if let Err(error) = self.check_receiver(&to) {
            return Running::failed(self.explain(error));
        }
        let sql = self.build().transfer();
        let values = StatementValues { set: vec![Datum::Text(to.into())], row, version: None };
        let (rows, gives) = (Some(rows), Gives::Changed(None));
        Running::Statement(OneStatement { on: self, sql, values, rows, gives })
    }

    /// Checks that the handle may give rows to that owner.
    fn check_receiver(&self, name: &str) -> Result<()> {
        if name == SYSTEM && self.access.owner.is_none() { Ok(()) } else { check_name(name) }
    }
}
