//! CHECKs and foreign keys as enums and attributes.

use std::collections::BTreeMap;

use super::enums::name_variants;
use super::index::print_deferrable;
use super::rust;
use super::table::{FieldSource, TableSource};
use crate::catalog::{IndexPart, LiveCheck, LiveIndex, LiveReference};
use crate::dialect::{name_in_path, print_path};
use crate::model::{Deferrable, ReferenceAction};
use crate::name;
use crate::sql::table::enum_check_name;
use crate::sqltext::expression;
use crate::sqltext::list_names;

/// Why a constraint that old rows may violate is not taken over.
const NOT_VALID: &str = "it is NOT VALID: take it over after `ALTER TABLE … VALIDATE CONSTRAINT …`";

/// The column of a CHECK, if it is only one, and its arguments or why it cannot be taken over.
pub(super) type CheckAttribute<'a> = (Option<&'a str>, Result<Vec<String>, String>);

impl<'a> TableSource<'a> {
    /// Returns the values that a CHECK allows, with variant names.
    pub(super) fn check_values(&self, column: &str) -> Option<Vec<(String, String)>> {
        let trees = self
            .table
            .checks
            .iter()
            .filter_map(|check| expression::parse_expression(self.dialect, &check.text));
        let mut found = trees.filter_map(|tree| expression::list_allowed_texts(&tree, column));
        let values = found.next()?;
        name_variants(&values)
    }

    /// Returns the references in a fixed order: SQLite gives none.
    pub(super) fn sorted_references(&self) -> Vec<&'a LiveReference> {
        let mut all: Vec<&LiveReference> = self.table.references.iter().collect();
        all.sort_by_key(|key| (&key.columns, &key.table));
        all
    }

    /// Returns the arguments of `check` and the column that it belongs to, if it is only one; `None` for
    /// the CHECK of an enum without a name of its own. The inner error is the reason why it cannot be taken over.
    pub(super) fn check_attribute(&self, check: &'a LiveCheck) -> Option<CheckAttribute<'a>> {
        let tree = expression::parse_expression(self.dialect, &check.text);
        let is_enum = |field: &FieldSource<'_>| {
            let values =
                tree.as_ref().and_then(|tree| expression::list_allowed_texts(tree, field.name));
            let Some((_, variants)) = &field.variants else { return false };
            values.is_some_and(|values| values.iter().eq(variants.iter().map(|(_, stored)| stored)))
        };
        if let Some(field) = self.fields.iter().find(|field| is_enum(field)) {
            let made = enum_check_name(name_in_path(self.name), field.name);
            if check.name.as_ref().is_none_or(|name| *name == made) {
                return None;
            }
        }
        let mut names = self.columns_in(&check.text).into_iter();
        let place = match (names.next(), names.next()) {
            (Some(column), None) => Some(column),
            _ => None,
        };
        if let Some(column) = self.left_column_in(&check.text) {
            return Some((place, Err(format!("the column `{column}` is not taken over"))));
        }
        if !check.valid {
            return Some((place, Err(NOT_VALID.to_owned())));
        }
        let made = match place {
            Some(column) => name::join(&[&self.names.table, column, "check"]),
            None => name::join(&[&self.names.table, "check"]),
        };
        let named = check.name.as_ref().filter(|name| **name != made);
        let text = expression::strip_brackets(self.dialect, &check.text);
        let text = self.own_text(text, false).or_other("true");
        let mut list = text.print_arguments();
        list.extend(named.map(|name| format!("name = {}", rust::print_literal(name))));
        Some((place, Ok(list)))
    }

    /// Returns the columns of the table that a text names, each once.
    pub(super) fn columns_in(&self, sql: &str) -> Vec<&'a str> {
        let names: Vec<String> = list_names(self.dialect, sql)
            .into_iter()
            .map(|(name, _)| name.to_lowercase())
            .collect();
        let columns = self.table.order.iter().map(String::as_str);
        columns.filter(|column| names.contains(&column.to_lowercase())).collect()
    }

    /// Returns a column in a text that is not taken over.
    pub(super) fn left_column_in(&self, sql: &str) -> Option<&'a str> {
        self.columns_in(sql).into_iter().find(|column| self.left.contains_key(column))
    }

    /// Returns the arguments of `references` for a foreign key: for a field if it has one column,
    /// otherwise for the struct.
    ///
    /// # Errors
    /// The reason why it cannot be taken over.
    pub(super) fn reference_attribute(
        &self,
        key: &LiveReference,
        tables: &BTreeMap<&str, TableSource<'_>>,
    ) -> Result<Vec<String>, String> {
        let columns = key.columns.join(", ");
        let left = |why: &str| {
            let target = print_path(&key.table);
            Err(format!("reference from ({columns}) to `{target}`: {why}"))
        };
        let Some(from) = self.find_fields(&key.columns) else {
            return left("the column is not taken over");
        };
        if !key.valid {
            return left(NOT_VALID);
        }
        if let Some(rule) = &key.other_rule {
            return left(&format!("structs cannot express {rule}"));
        }
        let first = self.sorted_references().into_iter().find(|other| other.columns == key.columns);
        if from.len() == 1 && first.is_some_and(|first| first != key) {
            return left("the column has another reference already");
        }
        let Some(target) = tables.get(key.table.as_str()) else {
            return left("the table is not taken over");
        };
        let is_key = key.to.iter().all(String::is_empty) || key.to == target.table.key;
        let to = if is_key { &target.table.key } else { &key.to };
        let Some(to) = target.find_fields(to) else {
            return left("the column that it refers to is not taken over");
        };
        if from.len() != to.len() {
            return left("the numbers of columns differ");
        }
        let unique = |(name, index): (&String, &LiveIndex)| {
            let on = |part: &IndexPart| matches!(part, IndexPart::Column(name) if to.iter().any(|to| to.name == *name));
            index.unique
                && !index.nulls_not_distinct
                && index.deferrable == Deferrable::Never
                && index.condition.is_none()
                && index.parts.len() == to.len()
                && index.parts.iter().all(on)
                && matches!(target.index_attribute(name, index), Ok(Some(_)))
        };
        if !is_key && (target.has_soft_delete() || !target.table.indexes.iter().any(unique)) {
            return left("the columns that it refers to are not unique for Kontract");
        }
        let idents = |fields: &[&FieldSource<'_>]| -> String {
            let idents: Vec<String> =
                fields.iter().map(|field| rust::print_ident(&field.ident)).collect();
            idents.join(", ")
        };
        let mut list = Vec::new();
        match &from[..] {
            [_] => {
                list.push(target.names.ident.clone());
                list.extend(
                    (!is_key).then(|| format!("field = {}", rust::print_literal(&to[0].ident))),
                );
            }
            _ => {
                list.push(format!("fields({})", idents(&from)));
                list.push(if is_key {
                    target.names.ident.clone()
                } else {
                    format!("{}({})", target.names.ident, idents(&to))
                });
            }
        }
        for (word, action) in [("on_delete", key.on_delete), ("on_update", key.on_update)] {
            if action != ReferenceAction::NoAction {
                list.push(format!("{word} = \"{}\"", action.to_keywords()));
            }
        }
        list.extend(print_deferrable(key.deferrable));
        let made = name::join(&[&self.names.table, &key.columns.join("_"), "fkey"]);
        let named = key.name.as_ref().filter(|name| **name != made);
        list.extend(named.map(|name| format!("name = {}", rust::print_literal(name))));
        Ok(list)
    }
}
