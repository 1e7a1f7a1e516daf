//! Rows by unique fields: added, or changed where there is one with those values.

use std::sync::Arc;

use kontract_schema::Type;
use kontract_schema::model::{Index, Stamp};
use kontract_schema::sql::dml::{Conflict, Expr};
use kontract_schema::sql::table::DATA;

use super::{Table, Timestamp};
use crate::api::filter::Column;
use crate::api::operation::{Answer, On, Operation, Running, fail};
use crate::driver::row_sink::{Collected, Sink};
use crate::driver::statement::PreparedStatement;
use crate::error::{Error, Result};
use crate::sql::meta::is_moment;
use crate::sql::record::{Insert, Record};
use crate::sql::table_columns::{DELETED, VERSION};
use crate::sql::table_statements::Build;
use crate::value::encoded::Encoded;
use crate::value::field_value::Value;

/// The fields of a unique index, or the key: a column, or a tuple of them.
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

impl<R: Record> Table<R> {
    /// Adds the row, or gives its values to the one that has the same values in those fields, which
    /// are the fields of a unique index. That one keeps its key and when it was created; it gets the
    /// next version. Returns the row as it is stored. One statement: of two at once none fails.
    ///
    /// It takes the whole row: fields that the `New…` struct was not given have their defaults
    /// afterwards, in a row that was there too. To change some fields only, use [`Table::update`], or
    /// [`Table::update_if`] for the version that was read.
    ///
    /// Rows without a value in one of the fields are equal to none, and deleted ones do not count.
    ///
    /// ```
    /// # use kontract_doc_tables::*;
    /// # #[tokio::main(flavor = "current_thread")]
    /// # async fn main() -> Result<()> {
    /// # let (users, tasks) = demo().await?;
    /// let user = users.upsert(User::email, NewUser::new(1, "ann@example.org", "Anna")).await?;
    /// assert_eq!(user.name, "Anna");
    /// # Ok(()) }
    /// ```
    ///
    /// # Errors
    /// [`Kind::Value`](crate::Kind::Value) where no unique index is on exactly these fields;
    /// otherwise as [`Table::insert`], for the other unique fields.
    pub fn upsert(&self, by: impl UniqueBy<R>, row: impl Insert<R>) -> Operation<R> {
        let on = self.on("upsert into");
        let now = Timestamp::now();
        let mut record = row.into_record(now);
        record.touch(now);
        let mut values = on.room(1);
        let done = record.encode(&mut values);
        on.end_row(&mut values, done);
        let running = on.upsert(&by.places(), values, Collected::sink(R::decode));
        Operation::new(running, Answer::into_the_one)
    }
}

impl On {
    /// Adds a row, or changes the one that has the same values in the fields at those places.
    fn upsert(self, places: &[usize], values: Encoded, rows: Sink) -> Running {
        match self.build().upsert(places) {
            Ok(sql) => self.run(Arc::new(sql), values, rows),
            Err(error) => fail(self.explain(error)),
        }
    }
}

impl Build<'_> {
    fn upsert(&self, places: &[usize]) -> Result<PreparedStatement> {
        let is_key = same(places, &self.meta.key);
        if !is_key && !self.has_unique(places) {
            return Err(self.not_unique(places));
        }
        let track = self.meta.track();
        let live = if is_key { None } else { self.meta.live() };
        let mut set = self.replacement();
        let present = Expr::Present { table: self.ptr(), column: VERSION.to_owned() };
        set.extend(self.bump(present));
        if is_key && track.soft_delete {
            set.push((DELETED.to_owned(), Expr::Null));
        }
        if set.is_empty() {
            // Otherwise the row that is there would not come back.
            let column = self.meta.column_name(places[0]);
            set.push((column.clone(), Expr::Excluded(column)));
        }
        let target = places.iter().map(|place| self.indexed(*place)).collect();
        let conflict = Conflict { target, partial: live, set, filter: None };
        Ok(self.insert_statement(Some(conflict), self.meta.outputs()))
    }

    /// The new values of a row that is there: all but its key and when it was created.
    fn replacement(&self) -> Vec<(String, Expr)> {
        let schema = &self.meta.table.schema;
        let is_kept = |place: usize| {
            self.meta.key.contains(&place) || schema[place].stamp == Some(Stamp::CreatedAt)
        };
        if self.meta.is_document() {
            let kept = (0..schema.len()).filter(|place| is_kept(*place));
            let keys = kept.map(|place| self.meta.column_name(place)).collect();
            let keep = Expr::Keep { table: self.ptr(), column: DATA.to_owned(), keys };
            return vec![(DATA.to_owned(), keep)];
        }
        let written = self.written().into_iter();
        let new = written.filter(|(.., place)| place.is_some_and(|place| !is_kept(place)));
        new.map(|(name, ..)| (name.clone(), Expr::Excluded(name))).collect()
    }

    /// A field as an index has it.
    fn indexed(&self, place: usize) -> Expr {
        let key = self.meta.column_name(place);
        match self.meta.is_inside(place) {
            // Indexes on dates are on their texts.
            true if is_moment(self.meta.ty(place)) => Expr::Json { key, ty: Type::String },
            true => Expr::Json { key, ty: self.meta.ty(place).clone() },
            false => Expr::Column(key),
        }
    }

    fn has_unique(&self, places: &[usize]) -> bool {
        let schema = &self.meta.table.schema;
        let place = |name: &String| schema.iter().position(|field| field.name == *name);
        // One of some rows, or of a function of the values, says nothing about the others.
        let whole = |index: &&Index| index.unique && index.is_plain();
        self.meta.table.indexes.values().filter(whole).any(|index| {
            let indexed: Vec<usize> = index.fields.iter().filter_map(place).collect();
            same(places, &indexed)
        })
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

/// Whether they are the same fields, in any order.
fn same(places: &[usize], others: &[usize]) -> bool {
    places.len() == others.len() && others.iter().all(|place| places.contains(place))
}
