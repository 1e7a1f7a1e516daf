//! A printed statement, how its values travel, and what it gives.

use std::sync::Arc;

use kontract_schema::Type;
use kontract_schema::dialect::{Dialect, dml};
use kontract_schema::sql::dml::{Conflict, Insert, RowStatement};

use super::capabilities::QueryCapabilities;
use crate::error::{Error, MISFIT, Result};
use crate::value::datum::Datum;
use crate::value::raw_columns::{self, Binds};
use crate::value::row::{Binder, Reader};
use crate::value::wire::Wire;

/// A printed statement, and how its values travel.
#[derive(Debug)]
pub(crate) struct PreparedStatement {
    pub(crate) text: Arc<str>,
    /// The caller's parameters, in order.
    pub(crate) params: Vec<Wire>,
    /// The columns of the rows.
    pub(crate) outputs: Vec<Wire>,
    /// Whether it changes rows.
    pub(crate) writes: bool,
    /// Whether it may wait for what a transaction has changed or locked.
    pub(crate) waits: bool,
    /// Whether it may return many rows, or look at many.
    pub(crate) long: bool,
    /// Whether it runs once: it is not kept prepared, for a table may change before the same text comes
    /// again.
    pub(crate) once: bool,
    /// The columns and keys of documents whose values the database computes.
    pub(super) computed: Vec<String>,
    /// Whether its columns may have other types than the outputs, as those of a text of the user.
    pub(crate) converts: bool,
    /// The last of the caller's parameters, which the owner of the handle gives.
    pub(crate) owner: OwnerParameters,
    /// Whether it stores no row, without an error, if it may not replace the row that is there.
    pub(crate) skips_taken: bool,
    /// SQLite: the numbers of the parameters that the driver supplies.
    pub(super) txid: Option<usize>,
    pub(super) place: Option<usize>,
}

/// The parameters of a statement that the owner of the handle gives, behind the others.
#[derive(Clone, Copy, Debug, Default)]
pub(crate) struct OwnerParameters {
    /// The owner that new rows get.
    pub(crate) is_written: bool,
    /// What the owners of rows are compared with, behind that.
    pub(crate) is_compared: bool,
}

impl PreparedStatement {
    /// Prints a statement.
    pub(crate) fn new(
        dialect: Dialect,
        statement: &RowStatement,
        params: Vec<Wire>,
        outputs: Vec<Wire>,
    ) -> PreparedStatement {
        let printed = dml::print(dialect, statement, params.len());
        PreparedStatement {
            text: printed.text.into(),
            writes: !matches!(statement, RowStatement::Select(_)),
            waits: !matches!(statement, RowStatement::Select(select) if select.lock.is_none()),
            long: false,
            once: false,
            converts: false,
            params,
            outputs,
            computed: statement.computed_columns().into_iter().map(str::to_owned).collect(),
            owner: OwnerParameters::default(),
            skips_taken: matches!(
                statement,
                RowStatement::Insert(Insert {
                    conflict: Some(Conflict { filter: Some(_), .. }),
                    ..
                })
            ),
            txid: printed.txid,
            place: printed.place,
        }
    }

    /// A statement of the runner, whose text is a constant.
    pub(crate) fn raw(text: &str, params: Vec<Wire>, outputs: Vec<Wire>) -> PreparedStatement {
        PreparedStatement {
            text: text.into(),
            params,
            outputs,
            writes: false,
            waits: false,
            long: false,
            once: false,
            computed: Vec::new(),
            owner: OwnerParameters::default(),
            skips_taken: false,
            converts: false,
            txid: None,
            place: None,
        }
    }

    /// Marks it as a statement that changes rows.
    pub(crate) fn writing(mut self) -> PreparedStatement {
        self.writes = true;
        self.waits = true;
        self
    }

    /// Marks it as a statement that waits for no transaction.
    pub(crate) fn never_waiting(mut self) -> PreparedStatement {
        self.waits = false;
        self
    }

    /// Marks it as a statement whose columns may have other types than its outputs.
    pub(crate) fn converting(mut self) -> PreparedStatement {
        self.converts = true;
        self
    }

    /// Sets which of its parameters the owner of the handle gives.
    pub(crate) fn with_owner(mut self, owner: OwnerParameters) -> PreparedStatement {
        self.owner = owner;
        self
    }

    /// Marks it as a statement that runs once.
    pub(crate) fn once(mut self) -> PreparedStatement {
        self.once = true;
        self
    }

    /// Adds to an error about a value, for which the database names no column, those whose values it
    /// computed.
    pub(crate) fn name_columns(&self, error: Error) -> Error {
        // Texts that are too long, numbers and times out of range, bits of another length.
        const MISFITS: [&str; 4] = ["22001", "22003", "22008", "22026"];
        let is_misfit = error.message() == MISFIT
            || error.database().is_some_and(|error| MISFITS.contains(&&*error.code));
        if self.computed.is_empty() || !is_misfit {
            return error;
        }
        let names: Vec<String> = self.computed.iter().map(|name| format!("`{name}`")).collect();
        error.of_columns(&names.join(" or "))
    }

    /// Refuses more values than the database takes.
    pub(crate) fn check_values(&self, dialect: Dialect) -> Result<()> {
        let &QueryCapabilities { name, max_values: most, .. } =
            QueryCapabilities::for_dialect(dialect);
        let count = self.params.len();
        if count <= most {
            return Ok(());
        }
        let what = format!("the statement has {count} values, and {name} takes {most}");
        let help = "the list of an `is_in` is one value, whatever its length; otherwise send several statements";
        Err(Error::value(what).with_help(help))
    }

    /// Marks it as a statement that may read many rows.
    pub(crate) fn long(mut self) -> PreparedStatement {
        self.long = true;
        self
    }
}

/// The columns of a row, in order.
pub(crate) type Columns = Vec<Datum<'static>>;

/// A statement with its values, and how its rows are read.
pub(crate) struct BoundStatement {
    pub(crate) sql: Arc<PreparedStatement>,
    values: Vec<Datum<'static>>,
    pub(crate) read: Decode<Columns>,
}

impl BoundStatement {
    /// A query whose rows are tuples; `mark` says how it runs.
    pub(crate) fn query<R: raw_columns::Columns>(
        text: &str,
        values: impl Binds,
        mark: fn(PreparedStatement) -> PreparedStatement,
    ) -> Result<BoundStatement> {
        BoundStatement::new(text, values, &R::types(), R::read, mark)
    }

    /// A statement without rows, or whose rows have no columns that matter.
    pub(crate) fn change(
        text: &str,
        values: impl Binds,
        mark: fn(PreparedStatement) -> PreparedStatement,
    ) -> Result<BoundStatement> {
        BoundStatement::new(text, values, &[], |_| Ok(Columns::new()), mark)
    }

    fn new(
        text: &str,
        values: impl Binds,
        outputs: &[Type],
        read: Decode<Columns>,
        mark: fn(PreparedStatement) -> PreparedStatement,
    ) -> Result<BoundStatement> {
        let values = values.datums()?.into_iter();
        let (params, values) = values.map(|(ty, value)| (Wire::for_type(&ty), value)).unzip();
        let outputs = outputs.iter().map(Wire::for_type).collect();
        let sql = Arc::new(mark(PreparedStatement::raw(text, params, outputs)));
        Ok(BoundStatement { sql, values, read })
    }

    /// Whether it has values.
    pub(crate) fn has_values(&self) -> bool {
        !self.values.is_empty()
    }

    /// Binds the values.
    pub(crate) fn bind(&self, to: &mut dyn Binder) -> Result<()> {
        self.values.iter().try_for_each(|value| to.bind(value.borrowed()))
    }
}

/// Writes the values of a statement.
pub(crate) type Encode<'a> = &'a (dyn Fn(&mut dyn Binder) -> Result<()> + Sync);

/// Reads a row.
pub(crate) type Decode<T> = fn(&mut dyn Reader) -> Result<T>;

/// What a statement did: its rows, and how many rows it changed.
pub(crate) struct Done<T> {
    pub(crate) rows: Vec<T>,
    pub(crate) affected: u64,
}
