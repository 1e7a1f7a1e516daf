//! Tables that are added or removed as a whole.

use crate::change::{Change, Fact};
use crate::dialect::{Dialect, create_tables};
use crate::model::{Schema, Table};
use crate::sql::ddl::Statement;
use crate::sql::table::{self, index_names};

/// Plans the added tables at the head of the changes, in the order of their references. Returns how
/// many changes it took, and the statements.
pub fn plan_added(
    changes: &[Change],
    schema: &mut Schema,
    dialect: Dialect,
) -> (usize, Vec<Statement>) {
    let is_added = |change: &&Change| matches!(change.fact, Fact::TableAdded(_));
    let run: Vec<&Change> = changes.iter().take_while(is_added).collect();
    run.iter().for_each(|change| change.apply(schema));
    let group = some(schema, &run);
    let (tables, closing) = table::order_by_references(&group);
    (run.len(), create_tables(&tables, &closing, schema, dialect))
}

/// Plans a change of an external table. A table that Kontract manages from now on is created if it
/// does not exist; nothing else is done.
pub fn plan_external(change: &Change, schema: &mut Schema, dialect: Dialect) -> Vec<Statement> {
    change.apply(schema);
    match schema.tables.get(&change.table) {
        Some(table) if !table.external => create_tables(&[table], &[], schema, dialect),
        _ => Vec::new(),
    }
}

/// Takes the removed tables at the head of the changes. Returns how many changes it took, the
/// statements that drop the tables, each before those it refers to, and the references that close a
/// cycle.
pub fn take_removed(
    changes: &[Change],
    schema: &mut Schema,
    dialect: Dialect,
) -> (usize, Vec<Statement>, Vec<(String, String)>) {
    let is_removed = |change: &&Change| matches!(change.fact, Fact::TableRemoved(_));
    let run: Vec<&Change> = changes.iter().take_while(is_removed).collect();
    let group = some(schema, &run);
    let (tables, closing) = table::order_by_references(&group);
    let drops = tables.iter().rev().map(|table| drop_table(table, dialect)).collect();
    let closing =
        closing.into_iter().map(|(table, name)| (table.path(), name.to_owned())).collect();
    run.iter().for_each(|change| change.apply(schema));
    (run.len(), drops, closing)
}

fn drop_table(table: &Table, dialect: Dialect) -> Statement {
    let columns = table::columns(table).into_iter().map(|column| column.name).collect();
    Statement::DropTable { table: table.path(), columns, indexes: index_names(table, dialect) }
}

fn some(schema: &Schema, changes: &[&Change]) -> Schema {
    let names = changes.iter().map(|change| &change.table);
    let tables = names.filter_map(|name| schema.tables.get(name));
    Schema { tables: tables.map(|table| (table.name.clone(), table.clone())).collect() }
}
