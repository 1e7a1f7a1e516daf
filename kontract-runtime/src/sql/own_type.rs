//! Values and columns of fields with a column type of their own (`#[column(sql_type = "…")]`).
//!
//! A value travels as the type that its Rust type implies. Where it is compared it is never changed;
//! where it is assigned it becomes what the column stores; where it is read it is of the Rust type.

use kontract_schema::Type;
use kontract_schema::dialect::dml;
use kontract_schema::model::{SqlKind, SqlType};
use kontract_schema::sql::dml::{Collation, Each, Function, SqlExpr};
use kontract_schema::stored_text::Form;

use crate::error::{Error, Kind, Result};
use crate::sql::meta::Meta;
use crate::value::datum::Datum;
use crate::value::fit;

impl Meta {
    /// Returns the type that the source gives for the column of a field; `None` for keys of documents.
    pub(crate) fn own_type(&self, place: usize) -> Option<&SqlType> {
        if self.is_inside(place) { None } else { self.table.schema[place].sql_type.as_ref() }
    }

    /// Returns whether the source gives a type for some column.
    pub(crate) fn has_own_types(&self) -> bool {
        self.table.schema.iter().any(|field| field.sql_type.is_some())
    }

    /// Returns a value as the column of a field stores it.
    ///
    /// # Errors
    /// [`Kind::Value`] for a value that does not fit, with the name of the field.
    pub(crate) fn fit<'a>(&self, place: usize, value: Datum<'a>) -> Result<Datum<'a>> {
        self.fitted(place, value, fit::fit)
    }

    /// Returns a value by which a row is found, as the column of a field stores it.
    ///
    /// # Errors
    /// [`Kind::Value`] for a value that does not fit, or that the column would change.
    pub(crate) fn fit_key<'a>(&self, place: usize, value: Datum<'a>) -> Result<Datum<'a>> {
        self.fitted(place, value, fit::fit_key)
    }

    /// Returns one form for values that the column of a field takes for equal.
    pub(crate) fn same<'a>(&self, place: usize, value: Datum<'a>) -> Datum<'a> {
        fit::same(value, self.own_type(place).map(SqlType::kind))
    }

    fn fitted<'a>(
        &self,
        place: usize,
        value: Datum<'a>,
        fit: fn(Datum<'a>, &SqlKind) -> Result<Datum<'a>>,
    ) -> Result<Datum<'a>> {
        match self.own_type(place) {
            Some(own) => fit(value, own.kind()).map_err(|error| self.of_field(place, &error)),
            None => Ok(value),
        }
    }

    fn of_field(&self, place: usize, error: &Error) -> Error {
        let what = format!("`{}`: {}", self.table.schema[place].name, error.message());
        let named = Error::new(Kind::Value, what);
        match error.help() {
            Some(help) => named.with_help(help.to_owned()),
            None => named,
        }
    }

    /// Returns a parameter as what it is compared with.
    pub(crate) fn compared(&self, place: usize, value: SqlExpr) -> SqlExpr {
        match self.own_type(place) {
            Some(own) => compared(own, self.ty(place), value),
            None => value,
        }
    }

    /// Returns a value as the column of a field stores it.
    pub(crate) fn assigned(&self, place: usize, value: SqlExpr) -> SqlExpr {
        match self.own_type(place) {
            Some(own) => value.cast(dml::casts_to_assign(own, self.ty(place))),
            None => value,
        }
    }

    /// Returns a computed value as the column of a field stores it.
    pub(crate) fn computed(&self, place: usize, value: SqlExpr) -> SqlExpr {
        let Some(own) = self.own_type(place) else { return value };
        let value = self.assigned(place, value);
        if !fit::is_limited(own.kind()) {
            return value;
        }
        let column = self.table.schema[place].name.clone();
        SqlExpr::Stored { value: Box::new(value), kind: own.kind().clone(), column }
    }

    /// Returns the types through which the elements of a list of values are cast, to be compared with
    /// the column of a field.
    pub(crate) fn list_casts(&self, place: usize) -> Vec<String> {
        match self.own_type(place) {
            Some(own) => dml::casts_to_compare(own, self.ty(place)),
            None => vec![dml::parameter_type(self.ty(place))],
        }
    }
}

/// Returns a value as what a column of the type compares.
pub(crate) fn compared(own: &SqlType, ty: &Type, value: SqlExpr) -> SqlExpr {
    let value = value.cast(dml::casts_to_compare(own, ty));
    match own.kind() {
        SqlKind::Char(_) => SqlExpr::Trimmed(Box::new(value)),
        _ => value,
    }
}

/// Returns a value as what the elements of a list in a column of the type are compared with.
pub(crate) fn element(own: &SqlType, ty: &Type, value: SqlExpr) -> SqlExpr {
    let element = SqlType::new(own.kind().innermost().without_limits());
    let value = value.cast(dml::casts_to_assign(&element, ty));
    match element.kind() {
        SqlKind::Char(_) => SqlExpr::Trimmed(Box::new(value)),
        SqlKind::Citext => SqlExpr::Collated(Box::new(value), Collation::NoCase),
        SqlKind::Numeric(_) if matches!(ty, Type::String | Type::Sql) => {
            SqlExpr::Collated(Box::new(value), Collation::Decimal)
        }
        _ if *ty == Type::Decimal => SqlExpr::Collated(Box::new(value), Collation::Decimal),
        _ => value,
    }
}

/// Returns how the elements of a list become what a column of the type compares.
pub(crate) fn each(own: &SqlType, ty: &Type, casts: bool) -> Option<Each> {
    match own.kind() {
        _ if casts => Some(Each::As(dml::casts_to_compare(own, ty))),
        SqlKind::Char(_) => Some(Each::Trimmed),
        _ => None,
    }
}

/// Returns a column of the type as its Rust type is read.
pub(crate) fn read(own: &SqlType, ty: &Type, column: SqlExpr) -> SqlExpr {
    let is_list = matches!(ty, Type::Array(_));
    match (own.kind(), ty) {
        // A cast of the elements would add it, too.
        (SqlKind::Array(_), _) if is_list && *own.kind().innermost() == SqlKind::Inet => {
            let text = SqlExpr::As(Box::new(column), "text".to_owned());
            SqlExpr::As(Box::new(text), dml::parameter_type(ty))
        }
        // A cast would add `/32` to an address.
        (SqlKind::Inet, Type::String | Type::Sql) => {
            SqlExpr::Call(Function::AddressText, vec![column])
        }
        _ => SqlExpr::As(Box::new(column), dml::parameter_type(ty)),
    }
}

/// Returns whether a database that keeps the values of a column as text has another order of them than
/// PostgreSQL.
pub(crate) fn sorts_as_text(own: &SqlType, ty: &Type) -> bool {
    let is_text = *ty == Type::String;
    match own.kind() {
        SqlKind::Hstore | SqlKind::TsVector | SqlKind::TsQuery | SqlKind::Vector(_) => true,
        SqlKind::SmallInt | SqlKind::Integer | SqlKind::BigInt => is_text,
        SqlKind::Real | SqlKind::Double => is_text,
        kind => is_text && Form::for_kind(kind).is_some_and(|form| !form.sorts_as_printed()),
    }
}

/// Returns whether both databases have a least and a greatest value of the type.
pub(crate) fn has_least(kind: &SqlKind) -> bool {
    !matches!(
        kind,
        SqlKind::Boolean
            | SqlKind::Bytea
            | SqlKind::Uuid
            | SqlKind::Json
            | SqlKind::Jsonb
            | SqlKind::Macaddr
            | SqlKind::Macaddr8
            | SqlKind::Bit(_)
            | SqlKind::VarBit(_)
            | SqlKind::Range(_)
            | SqlKind::Multirange(_)
            | SqlKind::TsVector
            | SqlKind::TsQuery
            | SqlKind::Ltree
            | SqlKind::Hstore
            | SqlKind::Vector(_)
            | SqlKind::Array(_)
    )
}
