//! Updates of the documents of a table.

use super::fill::{renamed_variants, replaced_variants, value_for_null, value_for_old_rows};
use crate::change::{Change, Fact, Names};
use crate::dialect::{Conversion, Dialect, convert_key};
use crate::model::types::Type;
use crate::model::{Layout, Table};
use crate::sql::ddl::{Place, SqlExpr, Statement};
use crate::sql::table;

/// An update of the documents of a table: of which rows, and to what value.
pub struct DocumentStep {
    /// The rows that change.
    pub only: SqlExpr,
    /// Returns the new document for the current one.
    pub to: Box<dyn Fn(SqlExpr) -> SqlExpr>,
}

/// Returns how a change updates documents, if it does. Without `ask`, values that only the user knows
/// stay as they are.
pub fn find_step(
    dialect: Dialect,
    change: &Change,
    old: &Table,
    new: &Table,
    ask: bool,
) -> Option<DocumentStep> {
    if new.layout != Layout::Document {
        return None;
    }
    match &change.fact {
        Fact::FieldAdded { field, backfill } => {
            let field = new.field(&field.name)?;
            let key = field.column().to_owned();
            let is_empty = field.default.is_none() && backfill.is_none();
            let is_list = matches!(field.ty, Type::Array(_)) && is_empty;
            let value = value_for_old_rows(field, backfill.as_ref()).filter(|_| !is_list)?;
            Some(DocumentStep { only: SqlExpr::LacksKey(key.clone()), to: with_key(key, value) })
        }
        Fact::BecameRequired { field, backfill } => {
            let field = new.field(field)?;
            let key = field.column().to_owned();
            let value = value_for_null(old, field, backfill.as_ref());
            Some(DocumentStep { only: SqlExpr::LacksKey(key.clone()), to: with_key(key, value) })
        }
        Fact::FieldRemoved(field) => {
            let key = field.column().to_owned();
            let only = SqlExpr::HasKey(key.clone());
            let to = Box::new(move |data| SqlExpr::WithoutKey(Box::new(data), key.clone()));
            Some(DocumentStep { only, to })
        }
        Fact::FieldRenamed { from, to } | Fact::ColumnChanged { from, to } => {
            let (from, to) = (from.column().to_owned(), to.column().to_owned());
            let only = SqlExpr::HasKey(from.clone());
            let step = move |data| SqlExpr::RenamedKey(Box::new(data), from.clone(), to.clone());
            names_differ(&change.fact).then(|| DocumentStep { only, to: Box::new(step) })
        }
        Fact::VariantsRenamed { field, .. } => {
            let field = old.field(field)?;
            let key = field.column().to_owned();
            let (only, value) =
                renamed_variants(change, field, Place::Key(key.clone(), field.ty.clone()))?;
            Some(DocumentStep { only, to: with_key(key, value) })
        }
        Fact::TypeChanged { field, .. } if replaced_variants(change).is_some() => {
            let (gone, value) = replaced_variants(change)?;
            let field = new.field(field)?;
            let key = field.column().to_owned();
            let place = Place::Key(key.clone(), field.ty.clone());
            Some(DocumentStep {
                only: SqlExpr::OneOf(Box::new(place), gone),
                to: with_key(key, value),
            })
        }
        Fact::TypeChanged { field, from, to } => {
            let key = old.field(field)?.column().to_owned();
            match convert_key(dialect, &key, &from.ty, &to.ty) {
                Conversion::Same => return None,
                Conversion::Unknown if !ask => return None,
                _ => {}
            }
            let types = Box::new((from.ty.clone(), to.ty.clone()));
            let only = SqlExpr::HasKey(key.clone());
            let step =
                move |data| SqlExpr::ConvertedKey(Box::new(data), key.clone(), types.clone());
            Some(DocumentStep { only, to: Box::new(step) })
        }
        _ => None,
    }
}

fn with_key(key: String, value: SqlExpr) -> Box<dyn Fn(SqlExpr) -> SqlExpr> {
    Box::new(move |data| SqlExpr::WithKey(Box::new(data), key.clone(), Box::new(value.clone())))
}

/// Returns the `UPDATE` for a document step.
pub fn fill(table: &Table, step: DocumentStep) -> Statement {
    Statement::Fill {
        table: table.path(),
        column: table::DATA.to_owned(),
        value: (step.to)(SqlExpr::Column(table::DATA.to_owned())),
        only: Some(step.only),
    }
}

/// Whether a rename changes a name in the database.
pub fn names_differ(fact: &Fact) -> bool {
    match fact {
        Fact::FieldRenamed { from, to } | Fact::ColumnChanged { from, to } => {
            Names::column(from) != Names::column(to)
        }
        _ => false,
    }
}
