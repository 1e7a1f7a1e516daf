//! Inserts a row, or updates the row with the same unique values.

use std::sync::Arc;

use kontract_schema::Type;
use kontract_schema::model::{Deferrable, Index, Stamp};
use kontract_schema::sql::dml::{Conflict, SqlExpr};
use kontract_schema::sql::table::DATA;

use super::stored::{Stored, prepare_one};
use super::{Table, Timestamp};
use crate::api::filter::Column;
use crate::api::operation::{Answer, Gives, On, OneStatement, Operation, Running, StatementValues};
use crate::driver::row_sink::{Collected, Sink};
use crate::driver::statement::PreparedStatement;
use crate::error::{Error, Result};
use crate::sql::meta::is_moment;
use crate::sql::record::{Insert, Keyed, Record};
use crate::sql::table_columns::VERSION;
use crate::sql::table_statements::Build;
use crate::value::field_value::Value;
use crate::value::row_values::{Omitted, RowValues, TypedRows};

/// The fields of a unique index or of the key: a column, or a tuple of columns.
#[diagnostic::on_unimplemented(
    message = "`{Self}` does not say by which fields of `{R}` rows are unique",
    label = "neither a column of `{R}` nor a tuple of them"
)]
pub trait UniqueBy<R> {
    #[doc(hidden)]
    fn places(&self) -> Vec<usize>;
}

impl<R: Record, T: Value> UniqueBy<R> for Column<R, T> {
    fn places(&self) -> Vec<usize> {
        vec![self.place()]
    }
}

macro_rules! tuples {
    ($($($part:ident $index:tt),+;)*) => { $(
        impl<R: Record, $($part: Value),+> UniqueBy<R> for ($(Column<R, $part>,)+) {
            fn places(&self) -> Vec<usize> {
                vec![$(self.$index.place()),+]
            }
        }
    )* };
}

tuples! {
    A 0;
    A 0, B 1;
    A 0, B 1, C 2;
    A 0, B 1, C 2, D 3;
    A 0, B 1, C 2, D 3, E 4;
    A 0, B 1, C 2, D 3, E 4, F 5;
}

impl<R: Keyed> Table<R> {
    /// Inserts the row, or updates the row that has the same values in those fields
    /// (`INSERT … ON CONFLICT DO UPDATE`). The fields must be those of a unique index or of the
    /// key. An updated row keeps its key and its time of creation, and gets the next version.
    /// Returns the row as it is stored. Concurrent calls do not fail.
    ///
    /// An update replaces all other values: fields that the `New…` struct was not given get their
    /// defaults. To change some fields only, use [`Table::update`], or [`Table::update_if`] for the
    /// version that was read.
    ///
    /// Rows with NULL in one of the fields do not match, unless the index is `nulls_not_distinct`, and
    /// deleted rows (soft delete) do not count.
    ///
    /// ```
    /// # use kontract_doc_tables::*; example(async |users, tasks| {
    /// let user = users.upsert(User::email, NewUser::new(1, "ann@example.org", "Anna")).await?;
    /// assert_eq!(user.name, "Anna");
    /// # Ok(()) })
    /// ```
    ///
    /// # Errors
    /// [`Kind::Value`](crate::Kind::Value) if no unique index has exactly these fields, or it is
    /// `deferrable`: PostgreSQL finds no row by such an index; otherwise
    /// the errors of [`Table::insert`], for the other unique fields.
    pub fn upsert(&self, by: impl UniqueBy<R>, row: impl Insert<R>) -> Operation<R> {
        let on = self.on("upsert into");
        let now = Timestamp::now();
        let mut row = row.into_row(now);
        row.touch(now);
        let places = by.places();
        let row: Box<dyn RowValues> = match prepare_one(row, &places) {
            Ok(Stored::Records(record)) => Box::new(TypedRows::new([record], R::encode)),
            Ok(Stored::Values(row)) => Box::new(row),
            Err(error) => return Operation::failed(on.explain(error)),
        };
        let running = on.upsert(&places, row, Collected::sink(R::decode));
        Operation::new(running, Answer::into_the_one)
    }
}

impl On {
    /// Inserts a row, or updates the row that has the same values in those fields.
    fn upsert(self, places: &[usize], record: Box<dyn RowValues>, rows: Sink) -> Running {
        match self.prepare_upsert(places, &*record) {
            Ok((sql, index)) => {
                let values = StatementValues { set: Vec::new(), row: record, version: None };
                let (rows, gives) = (Some(rows), Gives::Record(index));
                Running::Statement(OneStatement { on: self, sql, values, rows, gives })
            }
            Err(error) => Running::failed(self.explain(error)),
        }
    }

    /// Returns the statement and the name of the unique index; `None` is the key.
    fn prepare_upsert(
        &self,
        places: &[usize],
        record: &dyn RowValues,
    ) -> Result<(Arc<PreparedStatement>, Option<&'static str>)> {
        let omitted = self.find_omitted(record)?;
        let build = self.build();
        let is_key = same(places, &self.meta.key);
        let unique = if is_key { None } else { Some(build.find_unique(places)?) };
        let sql = build.upsert(places, unique.map(|(_, index)| index), &omitted);
        Ok((Arc::new(sql), unique.map(|(name, _)| name)))
    }
}

impl Build {
    /// `index`: the unique index of the fields; without it they are the key.
    fn upsert(
        &self,
        places: &[usize],
        index: Option<&Index>,
        omitted: &Omitted,
    ) -> PreparedStatement {
        let is_key = index.is_none();
        let live = if is_key { None } else { self.meta.live() };
        let mut set = self.replacement();
        let present = SqlExpr::Present { table: self.ptr(), column: VERSION.to_owned() };
        set.extend(self.bump(present));
        if is_key {
            set.extend(self.meta.no_deletion_marks());
        }
        if set.is_empty() {
            // Without an assignment, RETURNING would not return the existing row.
            let column = self.meta.column_name(places[0]);
            set.push((column.clone(), SqlExpr::Excluded(column)));
        }
        let target = places.iter().map(|place| self.indexed(*place)).collect();
        let is_equal = index.is_some_and(|index| index.nulls_not_distinct);
        let schema = &self.meta.table.schema;
        let nullable = places.iter().filter(|place| is_equal && schema[**place].optional);
        let equal_nulls = nullable.map(|place| self.indexed(*place)).collect();
        let conflict = Conflict { target, equal_nulls, partial: live, set, filter: None };
        self.insert_statement(omitted, Some(conflict), self.meta.outputs())
    }

    /// Returns the new values of an existing row: all except its key and its time of creation.
    fn replacement(&self) -> Vec<(String, SqlExpr)> {
        let schema = &self.meta.table.schema;
        let is_kept = |place: usize| {
            self.meta.key.contains(&place) || schema[place].stamp == Some(Stamp::CreatedAt)
        };
        if self.meta.is_document() {
            let kept = (0..schema.len()).filter(|place| is_kept(*place));
            let keys = kept.map(|place| self.meta.column_name(place)).collect();
            let keep = SqlExpr::Keep { table: self.ptr(), column: DATA.to_owned(), keys };
            return vec![(DATA.to_owned(), keep)];
        }
        let written = self.written().into_iter();
        let new = written.filter(|(.., place)| place.is_some_and(|place| !is_kept(place)));
        new.map(|(name, ..)| (name.clone(), SqlExpr::Excluded(name))).collect()
    }

    /// Returns the expression that an index has for the field.
    fn indexed(&self, place: usize) -> SqlExpr {
        let key = self.meta.column_name(place);
        if !self.meta.is_inside(place) {
            return SqlExpr::Column(key);
        }
        let ty = self.meta.ty(place);
        // Indexes on dates are indexes on their texts.
        let ty = if is_moment(ty) { Type::String } else { ty.clone() };
        SqlExpr::Json { key, ty }
    }

    /// Returns the unique index on exactly these fields, with its name.
    ///
    /// # Errors
    /// No such index exists, or it can be deferred: then no database finds the row by it.
    fn find_unique(&self, places: &[usize]) -> Result<(&'static str, &'static Index)> {
        let schema = &self.meta.table.schema;
        let place = |name: &String| schema.iter().position(|field| field.name == *name);
        // A partial index, or one on an expression, does not make the fields unique.
        let is_whole = |index: &Index| {
            let indexed: Vec<usize> = index.fields.iter().filter_map(place).collect();
            let is_of_fields = index.on.is_none() && same(places, &indexed);
            index.unique && index.condition.is_none() && is_of_fields
        };
        let indexes = self.meta.table.indexes.iter();
        let mut found = indexes.filter(|(_, index)| is_whole(index)).peekable();
        let is_deferrable = found.peek().is_some();
        let index = found.find(|(_, index)| index.deferrable == Deferrable::Never);
        index.map(|(name, index)| (name.as_str(), index)).ok_or_else(|| {
            if is_deferrable { self.deferrable(places) } else { self.not_unique(places) }
        })
    }

    fn deferrable(&self, places: &[usize]) -> Error {
        let names = places.iter().map(|place| self.meta.table.schema[*place].name.as_str());
        let names: Vec<&str> = names.collect();
        let what = format!(
            "the unique index on `{}` is deferrable, and PostgreSQL finds no row by such an index",
            names.join("`, `")
        );
        Error::value(what)
            .with_help("remove `deferrable`, or get the row and update it in a transaction")
    }

    fn not_unique(&self, places: &[usize]) -> Error {
        let names = places.iter().map(|place| self.meta.table.schema[*place].name.as_str());
        let names: Vec<&str> = names.collect();
        let what = format!("no unique index is on exactly `{}`", names.join("`, `"));
        Error::value(what).with_help(match names[..] {
            [name] => format!("put `#[unique]` on the field `{name}`"),
            _ => format!("put `#[table(unique({}))]` on the struct", names.join(", ")),
        })
    }
}

/// Returns whether both are the same fields, in any order.
fn same(places: &[usize], others: &[usize]) -> bool {
    places.len() == others.len() && others.iter().all(|place| places.contains(place))
}
