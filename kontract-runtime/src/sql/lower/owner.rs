//! The rows of an owner: each table that enters a statement is limited to them.

use kontract_schema::sql::dml::SqlExpr;

use super::Lower;
use crate::error::{Error, Kind, Result};
use crate::sql::meta::Meta;
use crate::sql::owner::Ownership;
use crate::sql::table_columns::OWNER;

impl Lower {
    /// Returns the condition on the rows of a table that a statement of the owner sees; `None` if it sees
    /// all.
    ///
    /// # Errors
    /// [`Kind::Forbidden`] if owners do not see the table.
    pub(crate) fn own_rows(&mut self, meta: &Meta) -> Result<Option<SqlExpr>> {
        self.check_seen(meta)?;
        let Some(owner) = &self.owner else { return Ok(None) };
        let seen = meta.seen_by(Some(owner));
        let Some(wire) = seen.wire() else { return Ok(None) };
        let number = match self.owner_parameter {
            Some(number) => number,
            None => self.params.push(wire, owner.seen_names().into_owned()),
        };
        self.owner_parameter = Some(number);
        Ok(seen.condition(SqlExpr::column(OWNER), number))
    }

    /// Checks that the owner sees the table.
    ///
    /// # Errors
    /// [`Kind::Forbidden`].
    pub(crate) fn check_seen(&self, meta: &Meta) -> Result<()> {
        if self.owner.is_some() && meta.ownership() == Ownership::Hidden {
            return Err(hidden(meta));
        }
        Ok(())
    }

    /// Returns the condition that a row is not deleted, if the table has deleted rows, and is one that the
    /// owner sees.
    ///
    /// # Errors
    /// The errors of [`Lower::own_rows`].
    pub(super) fn live_rows(&mut self, meta: &Meta) -> Result<Option<SqlExpr>> {
        let own = self.own_rows(meta)?;
        Ok(SqlExpr::all(meta.live().into_iter().chain(own)))
    }
}

fn hidden(meta: &Meta) -> Error {
    let what = format!(
        "`{}` is neither owned nor shared, and this handle is bound to an owner",
        meta.name()
    );
    let help =
        "declare `#[table(owned)]` or `#[table(shared)]`, or use the storage without `as_owner`";
    Error::new(Kind::Forbidden, what).with_help(help)
}
