//! Owners: whose rows a statement sees, and to whom new rows belong.

use kontract_schema::sql::dml::{Each, SqlExpr};

use crate::error::{Error, Result};
use crate::value::datum::Datum;
use crate::value::wire::{Scalar, Wire};

/// The owner of the rows that the program itself writes.
pub(crate) const SYSTEM: &str = "system";

/// For whom a handle works: an owner, or several whose rows it sees together, such as a user and the
/// teams of the user.
///
/// New rows belong to the first owner, or to the one that [`writing_as`](Owner::writing_as) names. A text
/// is an owner, too: `storage.as_owner("ann")`.
///
/// ```
/// # use kontract_doc_tables::*; owner_example(async |storage| {
/// let ann = storage.as_owner(Owner::new("ann").and("team-7").writing_as("team-7"))?;
/// ann.table().insert(Letter { id: 1, text: "For all of us".into() }).await?;
/// let row = ann.table::<Letter>().get_row(1).await?.unwrap();
/// assert_eq!(row.owner.as_deref(), Some("team-7"));
/// # Ok(()) })
/// ```
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Owner {
    names: Vec<String>,
    writes_as: Option<String>,
}

impl Owner {
    /// Creates the scope of one owner.
    pub fn new(name: impl Into<String>) -> Owner {
        Owner { names: vec![name.into()], writes_as: None }
    }

    /// Adds an owner whose rows are seen and changed, too.
    pub fn and(mut self, name: impl Into<String>) -> Owner {
        self.names.push(name.into());
        self
    }

    /// Sets which of the owners new rows belong to; without it, the first one.
    pub fn writing_as(mut self, name: impl Into<String>) -> Owner {
        self.writes_as = Some(name.into());
        self
    }

    /// Returns the scope with each owner once.
    ///
    /// # Errors
    /// [`Kind::Value`](crate::Kind::Value) if a name cannot be that of an owner, or new rows would belong
    /// to an owner outside of the scope, who alone would see them.
    pub(crate) fn checked(self) -> Result<Owner> {
        self.names.iter().try_for_each(|name| check_name(name))?;
        if self.writes_as.as_ref().is_some_and(|name| !self.names.contains(name)) {
            let what = "new rows would belong to an owner whose rows the handle does not see";
            return Err(Error::value(what).with_help("add that owner: `.and(…)`"));
        }
        let mut names: Vec<String> = Vec::with_capacity(self.names.len());
        for name in self.names {
            if !names.contains(&name) {
                names.push(name);
            }
        }
        Ok(Owner { names, writes_as: self.writes_as })
    }

    /// Returns to whom new rows belong.
    pub(crate) fn writer(&self) -> &str {
        self.writes_as.as_deref().unwrap_or(&self.names[0])
    }

    /// Returns which rows it sees of tables whose rows have owners.
    pub(super) fn seen(&self) -> Seen {
        if self.names.len() == 1 { Seen::One } else { Seen::Several }
    }

    /// Returns the value that the owners of rows are compared with.
    pub(crate) fn seen_names(&self) -> Datum<'_> {
        let text = |name: &String| Datum::Text(name.as_str().to_owned().into());
        match &self.names[..] {
            [name] => Datum::Text(name.as_str().into()),
            names => Datum::Array(names.iter().map(text).collect()),
        }
    }
}

impl<T: Into<String>> From<T> for Owner {
    fn from(name: T) -> Owner {
        Owner::new(name)
    }
}

/// Checks that rows can belong to an owner with this name.
///
/// # Errors
/// [`Kind::Value`](crate::Kind::Value).
pub(crate) fn check_name(name: &str) -> Result<()> {
    let what = if name.is_empty() {
        "the name of an owner is empty"
    } else if name.contains('\0') {
        "the name of an owner contains a NUL character"
    } else if name == SYSTEM {
        let what = "`system` is the owner of the rows that the program itself writes";
        return Err(Error::value(what).with_help("use the storage without `as_owner`"));
    } else {
        return Ok(());
    };
    Err(Error::value(what).with_help("use the id of a user or of a tenant"))
}

/// How a table takes part in the statements of an owner.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Ownership {
    /// Each row has an owner.
    Owned,
    /// All owners see all rows.
    Shared,
    /// Owners do not see the table.
    Hidden,
}

/// Which rows a statement of a table sees: what its text depends on.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub(crate) enum Seen {
    /// Those of all owners.
    All,
    /// Those of one owner.
    One,
    /// Those of several owners.
    Several,
}

impl Seen {
    /// Returns how the value of [`Owner::seen_names`] travels; `None` if all rows are seen.
    pub(crate) fn wire(self) -> Option<Wire> {
        match self {
            Seen::All => None,
            Seen::One => Some(Wire::one(Scalar::Text)),
            Seen::Several => Some(Wire::one(Scalar::Text).many()),
        }
    }

    /// Returns the condition on an owner column; the parameter of that number has the names.
    pub(crate) fn condition(self, owner: SqlExpr, number: usize) -> Option<SqlExpr> {
        match self {
            Seen::All => None,
            Seen::One => Some(owner.eq(SqlExpr::Param(number))),
            Seen::Several => {
                Some(SqlExpr::AnyOf { of: Box::new(owner), list: number, each: Each::Itself })
            }
        }
    }
}
