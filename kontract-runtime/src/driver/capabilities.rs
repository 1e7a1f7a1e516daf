//! What queries depend on of a database and its driver, as data. What the SQL of a database can express
//! is in [`Capabilities`](kontract_schema::dialect::Capabilities), which the planner uses too.

use kontract_schema::dialect::{Capabilities, Dialect};

use crate::error::Result;
use crate::value::row::{Reader, field};
use crate::value::wire::{Scalar, Wire};

/// What queries and their values depend on of a database.
#[derive(Debug)]
pub(crate) struct QueryCapabilities {
    /// Its name, for messages.
    pub(crate) name: &'static str,
    /// The hidden columns that identify a row of a table without a key, within one statement.
    pub(crate) row_id: &'static [&'static str],
    /// How many values a statement takes.
    pub(crate) max_values: usize,
    /// How a query plan is asked for.
    pub(crate) plan: PlanQuery,
    /// A prepared statement keeps the types of its first values, so that a text with values of other
    /// types is another statement.
    pub(crate) keeps_types_of_values: bool,
    /// A SELECT can change rows, by the functions that it calls.
    pub(crate) select_can_write: bool,
    /// One statement takes many rows, as arrays; otherwise it runs for each row.
    pub(crate) takes_arrays: bool,
    /// It has types for decimals, dates and times; otherwise it keeps them as text.
    pub(crate) has_decimals_and_dates: bool,
    /// It has a type for booleans; otherwise they are numbers.
    pub(crate) has_booleans: bool,
    /// A column keeps a list as an array; otherwise as JSON.
    pub(crate) has_arrays: bool,
    /// It has full text search on ordinary tables.
    pub(crate) has_text_search: bool,
    /// LIKE distinguishes upper and lower case; otherwise patterns are for GLOB.
    pub(crate) has_case_sensitive_like: bool,
    /// It reads fractions in JSON as the nearest number; otherwise values to compare them with travel
    /// as JSON too.
    pub(crate) reads_json_fractions_exactly: bool,
    /// The elements of a list have to be cast to the type of the column that they are compared with.
    pub(crate) casts_list_elements: bool,
    /// One object as a parameter sets all keys of a document; otherwise each key has a parameter.
    pub(crate) merges_objects: bool,
    /// What it writes between two elements of a JSON list.
    pub(crate) json_comma: &'static str,
}

/// How a query plan is asked for.
#[derive(Debug)]
pub(crate) struct PlanQuery {
    /// What comes before the query.
    pub(crate) prefix: &'static str,
    /// The columns of a plan.
    pub(crate) outputs: &'static [Wire],
    /// Reads one line of a plan.
    pub(crate) read: fn(&mut dyn Reader) -> Result<String>,
}

impl QueryCapabilities {
    /// The capabilities of a database.
    pub(crate) fn for_dialect(dialect: Dialect) -> &'static QueryCapabilities {
        dialect.choose(&QueryCapabilities::POSTGRES, &QueryCapabilities::SQLITE)
    }

    const POSTGRES: QueryCapabilities = QueryCapabilities {
        name: "PostgreSQL",
        row_id: Capabilities::POSTGRES.row_id,
        max_values: 65_535,
        plan: PlanQuery {
            prefix: "EXPLAIN ",
            outputs: &[Wire::one(Scalar::Text)],
            read: |from| field(from),
        },
        keeps_types_of_values: true,
        select_can_write: true,
        takes_arrays: true,
        has_decimals_and_dates: true,
        has_booleans: true,
        has_arrays: true,
        has_text_search: true,
        has_case_sensitive_like: true,
        reads_json_fractions_exactly: true,
        casts_list_elements: true,
        merges_objects: true,
        json_comma: ", ",
    };

    const SQLITE: QueryCapabilities = QueryCapabilities {
        name: "SQLite",
        row_id: Capabilities::SQLITE.row_id,
        max_values: 32_766,
        plan: PlanQuery {
            prefix: "EXPLAIN QUERY PLAN ",
            outputs: &[
                Wire::one(Scalar::I64),
                Wire::one(Scalar::I64),
                Wire::one(Scalar::I64),
                Wire::one(Scalar::Text),
            ],
            read: |from| {
                for _ in 0..3 {
                    from.read()?;
                }
                field(from)
            },
        },
        keeps_types_of_values: false,
        select_can_write: false,
        takes_arrays: false,
        has_decimals_and_dates: false,
        has_booleans: false,
        has_arrays: false,
        has_text_search: false,
        has_case_sensitive_like: false,
        reads_json_fractions_exactly: false,
        casts_list_elements: false,
        merges_objects: false,
        json_comma: ",",
    };
}
