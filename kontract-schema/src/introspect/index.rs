//! An index as an attribute.

use super::rust;
use super::table::{FieldSource, IndexAttribute, TableSource};
use crate::catalog::{IndexPart, LiveIndex};
use crate::dialect::{self, Dialect, name_in_path};
use crate::model::types::Type;
use crate::model::{Deferrable, Method};
use crate::name;
use crate::sqltext::expression;

/// Returns the argument for the time at which a constraint is checked.
pub(super) fn print_deferrable(deferrable: Deferrable) -> Option<String> {
    match deferrable {
        Deferrable::Never => None,
        Deferrable::Immediate => Some("deferrable".to_owned()),
        Deferrable::Deferred => Some("deferrable = \"deferred\"".to_owned()),
    }
}

/// Returns a part of an index as SQL.
fn print_part(dialect: Dialect, part: &IndexPart) -> String {
    let value = match part.bare() {
        IndexPart::Column(name) => dialect.ident(name),
        part => part.as_str().to_owned(),
    };
    match part.order() {
        "" => value,
        order => format!("{value} {}", order.to_uppercase()),
    }
}

impl TableSource<'_> {
    /// Returns the name of an index that migrations create for a bookkeeping column or a number.
    pub(super) fn own_index_name(&self, word: &str) -> String {
        name::join(&["idx", name_in_path(self.name), word])
    }

    /// Returns the attribute for an index; `None` if other attributes imply the index.
    ///
    /// # Errors
    /// The reason why it cannot be taken over.
    pub(super) fn index_attribute<'b>(
        &self,
        name: &str,
        index: &'b LiveIndex,
    ) -> Result<Option<IndexAttribute<'b>>, String> {
        let left = |why: &str| Err(format!("index `{name}`: {why}"));
        let implied = ["txid", "owner", "order", "number"].map(|word| self.own_index_name(word));
        if implied.iter().any(|implied| implied == name) {
            return Ok(None);
        }
        let Some(method) = Method::find(&index.method) else {
            return left(&format!("its method is {}", index.method));
        };
        if !index.valid {
            return left("it is INVALID");
        }
        let Some(condition) = self.own_condition(index) else {
            return left("its condition does not exclude deleted rows");
        };
        let named = index.parts.iter().map(IndexPart::as_str).chain(index.condition.as_deref());
        if let Some(column) = named.filter_map(|text| self.left_column_in(text)).next() {
            return left(&format!("the column `{column}` is not taken over"));
        }
        let word = if index.unique { "unique" } else { "index" };
        let is_of_both = Dialect::Sqlite.has(method);
        let mut list = Vec::new();
        let fields: Option<Vec<(&FieldSource<'_>, &str)>> = index
            .parts
            .iter()
            .map(|part| match (part.bare(), part.order()) {
                (IndexPart::Column(column), order @ ("" | "desc")) => {
                    Some((self.find_field(column)?, order))
                }
                (IndexPart::Column(column), class) if !class.contains(' ') => {
                    Some((self.find_field(column)?, class))
                }
                _ => None,
            })
            .collect();
        let columns: String = match &fields {
            Some(fields) => {
                let columns: Vec<&str> = fields.iter().map(|(field, _)| field.name).collect();
                columns.join("_")
            }
            None => {
                let parts = index.parts.iter().map(|part| print_part(self.dialect, part));
                let sql = parts.collect::<Vec<_>>().join(", ");
                let text = self.own_text(&sql, true);
                if is_of_both && index.unique && !text.has_other() {
                    return left("the other database does not have its expression");
                }
                // An index on the columns serves queries there, too.
                let on = self.columns_in(&sql).into_iter().map(|column| self.dialect.ident(column));
                let on = on.collect::<Vec<_>>().join(", ");
                list.push(if is_of_both {
                    text.or_other(&on).print_argument("on")
                } else {
                    format!("on = {}", rust::print_literal(&sql))
                });
                name::words(&sql)
            }
        };
        let mut classes = Vec::new();
        for (at, (field, order)) in fields.iter().flatten().enumerate() {
            let is_whole = matches!(field.ty.ty, Type::Array(_) | Type::Json);
            let given = Some(*order).filter(|order| !matches!(*order, "" | "desc" | "asc"));
            // An extension may give the default class of a plain type.
            let is_unusual = !matches!(method, Method::Btree | Method::Hash | Method::Brin)
                && !is_whole
                && field.ty.sql_type.is_none();
            let default = index.classes.get(at).filter(|_| is_unusual).map(String::as_str);
            let class = given.or(default);
            let has_class = class.is_some();
            classes.extend(class.map(|class| {
                let ident = rust::print_ident(&field.ident);
                format!("{ident} = {}", rust::print_literal(class))
            }));
            match (&field.ty.ty, method) {
                (Type::Number | Type::Float32, _) if index.unique => {
                    return left("a floating-point NaN does not equal itself");
                }
                _ if has_class || (field.ty.sql_type.is_some() && method != Method::Btree) => {}
                (Type::Array(_) | Type::Json, Method::Btree) => {
                    return left("values of this type have no order");
                }
                (_, Method::Gin) if !is_whole => return left("its values have no elements"),
                _ => {}
            }
            let order = if *order == "desc" { " desc" } else { "" };
            list.push(rust::print_ident(&field.ident) + order);
        }
        if let (Some([(only, "")]), None) = (fields.as_deref(), condition)
            && self.table.key == [only.name]
            && method == Method::Btree
            && index.include.is_empty()
        {
            return left("the key has an index already");
        }
        let table = &self.names.table;
        let made = if index.unique {
            name::join(&[table, &columns, "key"])
        } else {
            name::join(&["idx", table, &columns])
        };
        let mut options = Vec::new();
        if method != Method::Btree {
            options.push(format!("method = {}", rust::print_literal(method.as_str())));
        }
        if !classes.is_empty() {
            options.push(format!("opclass({})", classes.join(", ")));
        }
        if !index.include.is_empty() {
            let Some(fields) = self.find_fields(&index.include) else {
                return left("a column that it includes is not taken over");
            };
            let idents: Vec<String> =
                fields.iter().map(|field| rust::print_ident(&field.ident)).collect();
            options.push(format!("include({})", idents.join(", ")));
        }
        if index.nulls_not_distinct {
            options.push("nulls_not_distinct".to_owned());
        }
        options.extend(print_deferrable(index.deferrable));
        options.extend(condition.map(|rows| {
            if is_of_both {
                let text = self.own_text(rows, false);
                // Rows beside those of a unique index may have the same values.
                text.or_other(if index.unique { "false" } else { "true" }).print_argument("where")
            } else {
                format!("where = {}", rust::print_literal(rows))
            }
        }));
        let of_sqlite = name.starts_with("sqlite_autoindex_");
        options.extend(
            (!of_sqlite && made != name).then(|| format!("name = {}", rust::print_literal(name))),
        );
        if let ([_], [IndexPart::Column(column)]) = (&list[..], &index.parts[..]) {
            return Ok(Some(IndexAttribute { word, column: Some(column), on: list, options }));
        }
        Ok(Some(IndexAttribute { word, column: None, on: list, options }))
    }

    /// Returns the condition for the attribute, without the condition that rows are not deleted; `None`
    /// if the index lacks the latter.
    #[allow(clippy::option_option)]
    pub(super) fn own_condition<'b>(&self, index: &'b LiveIndex) -> Option<Option<&'b str>> {
        let implied = index.unique && self.has_soft_delete();
        let Some(text) = &index.condition else { return (!implied).then_some(None) };
        if !implied {
            return Some(Some(expression::strip_brackets(self.dialect, text)));
        }
        if expression::have_same_meaning(self.dialect, text, dialect::LIVE) {
            return Some(None);
        }
        // `(own) AND _deleted_txid IS NULL`, as either database prints it.
        let text = expression::strip_brackets(self.dialect, text);
        let own = [format!("({})", dialect::LIVE), dialect::LIVE.to_owned()];
        let own = own.iter().find_map(|live| text.strip_suffix(live.as_str()))?;
        let own = own.trim_end().strip_suffix("AND")?;
        Some(Some(expression::strip_brackets(self.dialect, own)))
    }
}
