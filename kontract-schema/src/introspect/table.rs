//! A table of the database as a struct: its fields, and the attributes that they and the struct get.

use std::collections::{BTreeMap, BTreeSet};

use super::enums::{EnumSource, element};
use super::portable::OwnText;
use super::rust::{self, Named, RustNames};
use super::source_text::{Part, Refused};
use super::types;
use crate::catalog::normal;
use crate::catalog::{Catalog, LiveColumn, LiveTable};
use crate::dialect::{Dialect, name_in_path};
use crate::model::types::Type;
use crate::model::{SqlKind, SqlType};
use crate::name;

/// A table with its Rust names.
pub(super) struct TableSource<'a> {
    pub(super) dialect: Dialect,
    pub(super) name: &'a str,
    pub(super) table: &'a LiveTable,
    pub(super) names: &'a Named,
    pub(super) fields: Vec<FieldSource<'a>>,
    /// `owned`, `versioned` …
    pub(super) tracked: Vec<&'static str>,
    pub(super) features: BTreeSet<&'static str>,
    /// The columns that are not taken over, with the reason.
    pub(super) left: BTreeMap<&'a str, String>,
    refused: &'a Refused,
}

/// A column as a field.
pub(super) struct FieldSource<'a> {
    pub(super) name: &'a str,
    pub(super) column: &'a LiveColumn,
    /// Its Rust name, without `r#`.
    pub(super) ident: String,
    pub(super) ty: types::Mapped,
    /// For an enum: its type name and its variants with the stored names.
    pub(super) variants: Option<EnumSource>,
    /// The enum of its type, if that is an enum type of PostgreSQL or a list of it.
    pub(super) native: Option<&'a EnumSource>,
    pub(super) optional: bool,
}

impl FieldSource<'_> {
    /// Returns the collation of a column of SQLite that its field does not express.
    pub(super) fn left_collation(&self, dialect: Dialect) -> Option<&str> {
        let is_left = dialect == Dialect::Sqlite && self.ty.sql_type.is_none();
        normal::split_collation(&self.column.ty).1.filter(|_| is_left)
    }
}

/// The bookkeeping columns, with their attribute arguments.
const TRACKED: [(&str, &str); 6] = [
    ("_version", "versioned"),
    ("_txid", "track"),
    ("_owner", "owned"),
    ("_deleted_txid", "soft_delete"),
    ("_deleted_at", "deleted_at"),
    ("_order", "ordered"),
];

/// The attribute for an index.
pub(super) struct IndexAttribute<'a> {
    pub(super) word: &'static str,
    /// The column, if the index is on one column in ascending order.
    pub(super) column: Option<&'a str>,
    /// The indexed fields or expressions.
    pub(super) on: Vec<String>,
    /// The other arguments.
    pub(super) options: Vec<String>,
}

impl<'a> TableSource<'a> {
    pub(super) fn new(
        catalog: &'a Catalog,
        name: &'a str,
        table: &'a LiveTable,
        names: &'a RustNames,
        enums: &'a BTreeMap<&'a str, EnumSource>,
        refused: &'a Refused,
    ) -> TableSource<'a> {
        let mut written = TableSource {
            dialect: catalog.dialect,
            name,
            table,
            names: names.table(name),
            fields: Vec::new(),
            tracked: Vec::new(),
            features: BTreeSet::new(),
            left: BTreeMap::new(),
            refused,
        };
        let mut idents = BTreeSet::new();
        for column in &table.order {
            if let Some((_, word)) = TRACKED.iter().find(|(tracked, _)| tracked == column) {
                if written.is_tracked(column) {
                    written.tracked.push(word)
                } else {
                    let reason = format!("column `{column}`: the name is reserved for Kontract");
                    written.left.insert(column, reason);
                }
                continue;
            }
            written.add_field(catalog, column, &mut idents, names, enums);
        }
        written
    }

    /// Returns why a part was refused before.
    pub(super) fn refusal(&self, part: Part) -> Option<&'a str> {
        self.refused.get(&(self.name.to_owned(), part)).map(String::as_str)
    }

    /// Whether a bookkeeping column, with its index, is as Kontract creates it.
    pub(super) fn is_tracked(&self, column: &str) -> bool {
        let index = match column {
            "_txid" => "txid",
            "_owner" => "owner",
            "_deleted_at" => "deleted_at",
            "_order" => "order",
            _ => return true,
        };
        self.table.indexes.contains_key(&name::join(&["idx", name_in_path(self.name), index]))
    }

    pub(super) fn add_field(
        &mut self,
        catalog: &Catalog,
        name: &'a str,
        idents: &mut BTreeSet<String>,
        names: &RustNames,
        enums: &'a BTreeMap<&'a str, EnumSource>,
    ) {
        let column = &self.table.columns[name];
        let ty = types::print_type_of(&column.ty);
        let left = |why: &str| Some(format!("column `{name}` {ty}: {why}"));
        let is_key = self.table.key.iter().any(|key| key == name);
        let mapped = types::map_type(catalog, &column.ty);
        let lower = name.to_lowercase();
        let refused = self.refusal(Part::Column(name.to_owned()));
        // Without its expression it would be another column.
        let expression = column.expression().and(self.refusal(Part::OwnDefault(name.to_owned())));
        let refused = refused.or(expression);
        let reason = match &mapped {
            _ if refused.is_some() => refused.and_then(left),
            _ if column.takes_no_values() && !is_key => {
                left("it takes no values, and only a key can be numbered by the database")
            }
            _ if rust::RESERVED_COLUMNS.contains(&lower.as_str()) => left("the name is reserved"),
            _ if rust::is_hidden(name, self.table.columns.keys()) => {
                left("another column has the same name in other capital letters")
            }
            None => left("it has no matching Rust type"),
            Some(_) => None,
        };
        let native = enums.get(element(&column.ty));
        let mut ty = match (reason, mapped) {
            (None, Some(ty)) => ty,
            (reason, _) => {
                self.left.insert(name, reason.unwrap_or_default());
                return;
            }
        };
        if let Some((ident, _)) = native {
            let is_list = matches!(ty.ty, Type::Array(_));
            ty.rust = if is_list { format!("Vec<{ident}>") } else { ident.clone() };
            ty.sql_type = None;
        }
        self.features.extend(ty.feature);
        let ident = rust::choose_unique(&rust::field_name(name), idents);
        let is_text = !is_key && native.is_none() && ty.ty == Type::String && ty.sql_type.is_none();
        let variants = (is_text && self.refusal(Part::Enum(name.to_owned())).is_none())
            .then(|| self.check_values(name))
            .flatten()
            .map(|variants| {
                (
                    names.enumeration(&format!("{}{}", self.names.ident, rust::camel_case(&ident))),
                    variants,
                )
            });
        let optional = !column.not_null && !is_key;
        self.fields.push(FieldSource { name, column, ident, ty, variants, native, optional });
    }

    /// Returns why a column is not taken over without which no row can be inserted.
    pub(super) fn find_missing(&self) -> Option<&str> {
        let is_demanded = |name: &str| {
            let column = &self.table.columns[name];
            column.not_null && column.default.is_none()
        };
        let mut left = self.left.iter().filter(|(name, _)| is_demanded(name));
        left.next().map(|(_, why)| why.as_str())
    }

    /// Returns SQL of the table for both databases. `is_index` says that it is a list of parts of an index.
    pub(super) fn own_text(&self, text: &str, is_index: bool) -> OwnText {
        let is_text = |column: &LiveColumn| {
            matches!(SqlType::from_text(&column.ty).kind(), SqlKind::Text | SqlKind::Varchar(_))
        };
        let columns = self.table.columns.iter().filter(|(_, column)| is_text(column));
        let texts: Vec<&str> = columns.map(|(name, _)| name.as_str()).collect();
        OwnText::new(self.dialect, text, is_index, &texts)
    }

    pub(super) fn find_field(&self, column: &str) -> Option<&FieldSource<'a>> {
        self.fields.iter().find(|field| field.name == column)
    }

    pub(super) fn find_fields(&self, columns: &[String]) -> Option<Vec<&FieldSource<'a>>> {
        columns.iter().map(|column| self.find_field(column)).collect()
    }

    pub(super) fn has_soft_delete(&self) -> bool {
        self.tracked.contains(&"soft_delete")
    }
}
