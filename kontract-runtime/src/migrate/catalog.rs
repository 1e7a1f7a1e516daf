//! Puts the rows of the catalogue queries into the form of [`kontract_schema::catalog`], whose table
//! lists the source of each part. The queries are beside the runners of the databases.

use kontract_schema::catalog::{
    Catalog, LiveColumn, LiveReference, LiveTable, OtherObject, parse_action,
};
use kontract_schema::model::Deferrable;

/// A column: its table, name, type, NOT NULL and default.
pub(super) type ColumnRow = (String, String, String, bool, Option<String>);

/// A foreign key: its table, name, columns, the table and columns that it refers to, its actions on
/// delete and on update, whether it is validated, can be deferred, and is deferred, and a rule that structs
/// cannot express.
pub(super) type ReferenceRow = (
    String,
    Option<String>,
    Vec<String>,
    String,
    Vec<String>,
    String,
    String,
    bool,
    bool,
    bool,
    Option<String>,
);

/// The rows that both databases give in the same form. A name of a table comes first.
pub(super) struct Rows {
    pub(super) tables: Vec<String>,
    pub(super) columns: Vec<ColumnRow>,
    /// The columns of the primary keys.
    pub(super) keys: Vec<(String, String)>,
    pub(super) references: Vec<ReferenceRow>,
    /// Other objects: the table, the kind and the name. Those without a table have an empty name of a
    /// table.
    pub(super) others: Vec<(String, String, String)>,
    /// The numbers of objects that nothing looks at, by kind.
    pub(super) ignored: Vec<(String, i64)>,
}

impl Rows {
    /// Adds the rows to an empty catalogue.
    pub(super) fn add_to(self, catalog: &mut Catalog) {
        for name in self.tables {
            catalog.tables.insert(name, LiveTable::default());
        }
        let ignored = self.ignored.into_iter();
        catalog.ignored = ignored.map(|(kind, count)| (kind, count.unsigned_abs())).collect();
        for (table, kind, name) in self.others {
            let other = OtherObject { kind, name };
            if table.is_empty() {
                catalog.others.insert(other);
            } else {
                edit(catalog, &table, |table| {
                    table.others.insert(other);
                });
            }
        }
        for (table, name, ty, not_null, default) in self.columns {
            edit(catalog, &table, |table| {
                table.order.push(name.clone());
                table.columns.insert(name, LiveColumn { ty, not_null, default });
            });
        }
        for (table, name) in self.keys {
            edit(catalog, &table, |table| table.key.push(name));
        }
        for row in self.references {
            let (of, name, columns, table, to, on_delete, on_update, valid, ..) = row;
            let (.., deferrable, deferred, other_rule) = row;
            let (on_delete, on_update) = (parse_action(&on_delete), parse_action(&on_update));
            let deferrable = Deferrable::from_flags(deferrable, deferred);
            let reference = LiveReference {
                name,
                columns,
                table,
                to,
                on_delete,
                on_update,
                deferrable,
                valid,
                other_rule,
            };
            edit(catalog, &of, |table| table.references.push(reference));
        }
    }
}

/// Adds a fact to a table, if the catalogue has it.
pub(super) fn edit(catalog: &mut Catalog, table: &str, add: impl FnOnce(&mut LiveTable)) {
    if let Some(table) = catalog.tables.get_mut(table) {
        add(table);
    }
}
