//! What the runtime knows of a table: its model, parsed once, and how each column travels.

use std::sync::OnceLock;

use kontract_schema::dialect::Dialect;
use kontract_schema::model::{Field, Layout, Stamp, Table, Track, Type};
use kontract_schema::sql::dml::SqlExpr;
use kontract_schema::sql::table::numbered_by_insert;

use crate::error::Result;
use crate::sql::owner::{Owner, Ownership, Seen};
use crate::sql::statement_cache::StatementCache;
use crate::value::datum::Datum;
use crate::value::derived::Moment;
use crate::value::fit::is_limited;
use crate::value::types::{Timestamp, calendar};
use crate::value::wire::Wire;

/// A table as the runtime sees it.
pub struct Meta {
    /// The model.
    pub(crate) table: Table,
    /// How each field travels, in the order of the struct.
    pub(crate) wires: Vec<Wire>,
    /// The positions of the key fields, in key order.
    pub(crate) key: Vec<usize>,
    /// The positions of fields whose values no two rows share: the key, or without a key the fields of
    /// a unique index that cannot be NULL. Empty without either.
    pub(crate) distinct: Vec<usize>,
    /// The JSON keys of dates and times, and of lists of them, where rows are documents.
    pub(crate) moments: Vec<String>,
    /// Whether values of a record may be stored in another form than given: rounded, or cut.
    pub(crate) changes_values: bool,
    /// Whether an insert may omit values, which the database makes.
    pub(crate) makes_values: bool,
    /// Whether an insert returns the row: the database makes values of it, or stores some in another
    /// form.
    pub(crate) returns_rows: bool,
    /// The bookkeeping columns.
    track: Track,
    /// How the table takes part in the statements of an owner.
    ownership: Ownership,
    /// The statements of the table that are kept.
    pub(super) statements: StatementCache,
}

impl Meta {
    fn new(name: &str, schema: &str) -> Result<Meta, serde_json::Error> {
        let mut table: Table = serde_json::from_str(schema)?;
        table.name = name.to_owned();
        let wires = table.schema.iter().map(Wire::for_field).collect();
        let place = |name: &str| table.schema.iter().position(|field| field.name == name);
        let key: Vec<usize> = table.key().into_iter().filter_map(place).collect();
        let distinct = table.distinct_fields().into_iter().filter_map(place).collect();
        let moments = table.schema.iter().filter(|field| is_moment(&field.ty));
        let moments = moments.map(|field| field.column().to_owned()).collect();
        let track = table.tracked();
        let is_limited = |field: &Field| {
            field.sql_type.as_ref().is_some_and(|own| is_limited(own.kind()))
                || is_moment(&field.ty)
        };
        let changes_values = table.schema.iter().any(is_limited);
        let in_columns = table.layout == Layout::Columns;
        let makes_values = in_columns && table.schema.iter().any(Field::is_made);
        let differs = |field: &Field| field.generated.is_some() || field.stored_may_differ();
        let returns_rows = makes_values || (in_columns && table.schema.iter().any(differs));
        let ownership = if table.shared {
            Ownership::Shared
        } else if track.owner {
            Ownership::Owned
        } else {
            Ownership::Hidden
        };
        Ok(Meta {
            wires,
            key,
            distinct,
            moments,
            changes_values,
            makes_values,
            returns_rows,
            track,
            ownership,
            statements: StatementCache::default(),
            table,
        })
    }

    /// The columns of a query: their names, types, and whether they can be NULL.
    pub(crate) fn of_columns(name: &str, names: &[&str], types: Vec<(Type, bool)>) -> Meta {
        let field = |(name, (ty, optional)): (&&str, (Type, bool))| Field {
            optional,
            comment: None,
            ..Field::new(name, ty)
        };
        let table = Table {
            name: name.to_owned(),
            ptr: name.to_owned(),
            namespace: None,
            partition_by: None,
            comment: None,
            external: false,
            keyless: false,
            shared: false,
            layout: Layout::Columns,
            perm: Default::default(),
            track: Track::default(),
            schema: names.iter().zip(types).map(field).collect(),
            primary_key: Vec::new(),
            indexes: Default::default(),
            checks: Default::default(),
            references: Default::default(),
            hash: String::new(),
            dropped: Default::default(),
        };
        let wires = table.schema.iter().map(|field| Wire::for_type(&field.ty)).collect();
        Meta {
            wires,
            key: Vec::new(),
            distinct: Vec::new(),
            moments: Vec::new(),
            changes_values: false,
            makes_values: false,
            returns_rows: false,
            track: Track::default(),
            // The rows are those of a query, whose tables are limited to the owner.
            ownership: Ownership::Shared,
            statements: StatementCache::default(),
            table,
        }
    }

    /// The logical name, for messages.
    pub(crate) fn name(&self) -> &str {
        &self.table.name
    }

    /// Whether rows are JSON documents.
    pub(crate) fn is_document(&self) -> bool {
        self.table.layout == Layout::Document
    }

    /// Whether the field is a key of the JSON document, not a column.
    pub(crate) fn is_inside(&self, place: usize) -> bool {
        self.is_document() && !self.key.contains(&place)
    }

    /// The positions of the fields that a row of the columns layout writes: all that the database
    /// does not compute.
    pub(crate) fn written_places(&self) -> impl Iterator<Item = usize> {
        let fields = self.table.schema.iter().enumerate();
        fields.filter(|(_, field)| field.generated.is_none()).map(|(place, _)| place)
    }

    /// The positions of the fields with `#[updated_at]`.
    pub(crate) fn updated_at(&self) -> impl Iterator<Item = usize> {
        let stamped = self.table.schema.iter().enumerate();
        stamped.filter(|(_, f)| f.stamp == Some(Stamp::UpdatedAt)).map(|(place, _)| place)
    }

    /// The bookkeeping columns of the table.
    pub(crate) fn track(&self) -> Track {
        self.track
    }

    /// How the table takes part in the statements of an owner.
    pub(crate) fn ownership(&self) -> Ownership {
        self.ownership
    }

    /// Returns which rows statements of that owner see; without an owner, all.
    pub(crate) fn seen_by(&self, owner: Option<&Owner>) -> Seen {
        match owner {
            Some(owner) if self.ownership == Ownership::Owned => owner.seen(),
            _ => Seen::All,
        }
    }

    /// Whether deleted rows stay.
    pub(crate) fn has_soft_delete(&self) -> bool {
        self.track().soft_delete
    }

    /// A moment as the type of a field keeps it.
    pub(crate) fn stamp(&self, place: usize, now: Timestamp) -> Result<Datum<'static>> {
        let micros = now.as_millis().saturating_mul(1000);
        let (days, rest) = (micros.div_euclid(calendar::DAY), micros.rem_euclid(calendar::DAY));
        let datum = match self.ty(place) {
            Type::Date => Datum::I64(now.as_millis()),
            Type::String => Datum::Text(String::moment(now).into()),
            Type::DateTime => Datum::DateTime(micros),
            // The clock of a machine is within the years 1 to 9999.
            Type::Day => Datum::Day(i32::try_from(days).unwrap_or(i32::MAX)),
            Type::Time => Datum::Time(rest),
            _ => Datum::Instant(micros),
        };
        if !self.is_document() {
            return Ok(datum);
        }
        Ok(Datum::Json(crate::value::json::to_text(&datum)?.into()))
    }

    /// The column that an INSERT of these columns has to number itself, and its value; `each` for the
    /// rows of a query.
    pub(crate) fn next_number(
        &self,
        dialect: Dialect,
        given: &[String],
        each: bool,
    ) -> Option<(String, SqlExpr)> {
        let field = numbered_by_insert(&self.table, dialect)?;
        let column = field.column().to_owned();
        if given.contains(&column) {
            return None;
        }
        let number = SqlExpr::NextNumber { table: self.table.path(), column: column.clone(), each };
        Some((column, number))
    }

    /// The type of a field.
    pub(crate) fn ty(&self, place: usize) -> &Type {
        &self.table.schema[place].ty
    }
}

/// Whether it is a date or time that is text in JSON, or a list of them.
pub(crate) fn is_moment(ty: &Type) -> bool {
    match ty {
        Type::Instant | Type::DateTime | Type::Day | Type::Time => true,
        Type::Array(element) => is_moment(element),
        _ => false,
    }
}

/// A [`Meta`] that is built at its first use.
pub struct LazyMeta {
    name: &'static str,
    schema: &'static str,
    meta: OnceLock<Meta>,
}

impl LazyMeta {
    /// Of the logical name and [`Record::SCHEMA`](crate::Record::SCHEMA).
    pub const fn new(name: &'static str, schema: &'static str) -> LazyMeta {
        LazyMeta { name, schema, meta: OnceLock::new() }
    }

    /// The meta.
    ///
    /// # Panics
    /// Where the derive wrote something that is not a table, which it does not: macros and runtime
    /// share the model and are of the same version.
    pub fn get(&self) -> &Meta {
        self.meta.get_or_init(|| {
            Meta::new(self.name, self.schema).expect("the derive serialized this same model")
        })
    }
}
