//! The database of a handle, and the owner that the handle is bound to.

use std::sync::Arc;

use crate::driver::Backend;
use crate::driver::statement::PreparedStatement;
use crate::error::Result;
use crate::sql::owner::{Owner, SYSTEM};
use crate::value::datum::Datum;
use crate::value::row::Binder;

/// The access of a handle to the database. Each statement of a handle with an owner is limited to the
/// rows of the owner; nothing makes a handle without an owner of one that has an owner.
#[derive(Clone)]
pub struct Access {
    pub(crate) backend: Backend,
    pub(crate) owner: Option<Arc<Owner>>,
}

impl Access {
    /// Creates the access of the program itself, which sees all rows.
    pub(crate) fn unbound(backend: Backend) -> Arc<Access> {
        Arc::new(Access { backend, owner: None })
    }

    /// Returns the access of the same owner on another connection.
    pub(crate) fn on(&self, backend: Backend) -> Arc<Access> {
        Arc::new(Access { backend, owner: self.owner.clone() })
    }

    /// Binds the parameters of a statement of a table that the owner gives.
    pub(crate) fn bind_owner(&self, sql: &PreparedStatement, to: &mut dyn Binder) -> Result<()> {
        if sql.owner.is_written {
            to.bind(Datum::Text(self.writer().into()))?;
        }
        match &self.owner {
            Some(owner) if sql.owner.is_compared => to.bind(owner.seen_names()),
            _ => Ok(()),
        }
    }

    /// Returns the values of those parameters.
    pub(crate) fn owner_values(&self, sql: &PreparedStatement) -> Vec<Datum<'static>> {
        let writer = sql.owner.is_written.then(|| Datum::Text(self.writer().to_owned().into()));
        let owner = self.owner.as_ref().filter(|_| sql.owner.is_compared);
        let seen = owner.map(|owner| owner.seen_names().into_owned());
        writer.into_iter().chain(seen).collect()
    }

    /// Returns to whom new rows belong.
    pub(crate) fn writer(&self) -> &str {
        self.owner.as_ref().map_or(SYSTEM, |owner| owner.writer())
    }
}
