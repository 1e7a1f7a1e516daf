//! One statement for many rows: with arrays as parameters, or once for each row.

use std::sync::Arc;

use super::Backend;
use super::row_sink::{Counted, Sink};
use super::statement::PreparedStatement;
use crate::error::{Error, Result};
use crate::value::datum::Datum;
use crate::value::row::Binder;
use crate::value::row_values::RowValues;
use crate::value::wire::Wire;

/// A statement for rows with given keys. With arrays it has them as parameters, otherwise one key.
pub(crate) struct ForKeys {
    pub(crate) sql: Arc<PreparedStatement>,
    /// The parameters before those of the keys.
    pub(crate) values: Vec<Datum<'static>>,
    /// How the columns of a key travel.
    pub(crate) wires: Vec<Wire>,
    /// The parameters behind those of the keys.
    pub(crate) last: Vec<Datum<'static>>,
}

impl ForKeys {
    /// Binds the parameters for the key with that number.
    pub(super) fn bind(
        &self,
        keys: &dyn RowValues,
        number: usize,
        to: &mut dyn Binder,
    ) -> Result<()> {
        bind_all(&self.values, to)?;
        keys.bind(number, to)?;
        bind_all(&self.last, to)
    }
}

/// Binds values.
fn bind_all(values: &[Datum<'_>], to: &mut dyn Binder) -> Result<()> {
    values.iter().try_for_each(|value| to.bind(value.borrowed()))
}

/// The statements that store rows: one for all that give the same values.
pub(crate) struct StoreRows {
    pub(crate) forms: Vec<StoreForm>,
    pub(crate) rows: Arc<dyn RowValues>,
    /// The parameters behind those of the rows.
    pub(crate) last: Vec<Datum<'static>>,
    /// The error for a key that is taken.
    pub(crate) key_taken: Box<dyn Fn() -> Error + Send + Sync>,
}

impl StoreRows {
    /// Binds the parameters for the row with that number.
    pub(super) fn bind(&self, row: usize, to: &mut dyn Binder) -> Result<()> {
        self.rows.bind(row, to)?;
        bind_all(&self.last, to)
    }
}

/// A statement that stores rows. With arrays it has them as parameters, otherwise one row.
pub(crate) struct StoreForm {
    pub(crate) sql: Arc<PreparedStatement>,
    /// How the columns of a row travel.
    pub(crate) wires: Vec<Wire>,
    /// Which rows it is for, by their numbers.
    pub(crate) rows: Vec<usize>,
}

impl Backend {
    /// Reads the rows with those keys. Returns for each row the place of its key.
    pub(crate) async fn find_rows(
        &self,
        statement: ForKeys,
        keys: Box<dyn RowValues>,
        rows: &mut Sink,
    ) -> Result<Vec<usize>> {
        match self {
            Backend::Postgres(postgres) => postgres.find_rows(&statement, &*keys, rows).await,
            Backend::Sqlite(sqlite) => sqlite.find_rows(statement, keys, rows).await,
        }
    }

    /// Changes the rows with those keys, all of them or none. Returns how many there were.
    pub(crate) async fn change_rows(
        &self,
        statement: ForKeys,
        keys: Box<dyn RowValues>,
    ) -> Result<u64> {
        match self {
            Backend::Postgres(postgres) => postgres.change_rows(&statement, &*keys).await,
            Backend::Sqlite(sqlite) => sqlite.change_rows(statement, keys).await,
        }
    }

    /// Stores rows, all of them or none. With a sink, it takes the rows that the statements return;
    /// the number of each is in the result.
    pub(crate) async fn store_rows(
        &self,
        store: StoreRows,
        stored: Option<&mut Sink>,
    ) -> Result<Vec<usize>> {
        if store.rows.count() == 0 {
            return Ok(Vec::new());
        }
        let mut none = Counted::sink();
        let stored = stored.unwrap_or(&mut none);
        match self {
            Backend::Postgres(postgres) => postgres.store_rows(&store, stored).await,
            Backend::Sqlite(sqlite) => sqlite.store_rows(store, stored).await,
        }
    }
}
