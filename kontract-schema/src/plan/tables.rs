//! Tables that are added or removed as a whole.

use crate::change::{Change, Fact};
use crate::dialect::{Dialect, create_tables};
use crate::model::Schema;
use crate::sql::ddl::Statement;
use crate::sql::table;

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

/// Takes the removed tables at the head of the changes. Returns how many changes it took, the tables
/// in an order in which each comes before those it refers to, and the references that close a cycle.
pub fn take_removed(
    changes: &[Change],
    schema: &mut Schema,
) -> (usize, Vec<String>, Vec<(String, String)>) {
    let is_removed = |change: &&Change| matches!(change.fact, Fact::TableRemoved(_));
    let run: Vec<&Change> = changes.iter().take_while(is_removed).collect();
    let group = some(schema, &run);
    let (tables, closing) = table::order_by_references(&group);
    let names = tables.iter().rev().map(|table| table.path()).collect();
    let closing =
        closing.into_iter().map(|(table, name)| (table.path(), name.to_owned())).collect();
    run.iter().for_each(|change| change.apply(schema));
    (run.len(), names, closing)
}

fn some(schema: &Schema, changes: &[&Change]) -> Schema {
    let names = changes.iter().map(|change| &change.table);
    let tables = names.filter_map(|name| schema.tables.get(name));
    Schema { tables: tables.map(|table| (table.name.clone(), table.clone())).collect() }
}
