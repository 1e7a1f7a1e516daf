//! Reads the schema of a SQLite database.

use kontract_schema::catalog::{
    Catalog, IndexPart, LiveIndex, LiveReference, LiveTable, TakenName, add_sqlite_collations,
    add_sqlite_expressions, parse_sqlite_checks, parse_sqlite_deferrable, parse_sqlite_index,
    set_sqlite_collation,
};
use kontract_schema::dialect::Dialect;

use crate::driver::sqlite::Connection;
use crate::error::Result;
use crate::migrate::catalog::{Rows, edit};

/// Reads a SQLite database.
pub(super) fn read_catalog(connection: &Connection<'_>) -> Result<Catalog> {
    // A virtual table keeps its rows in shadow tables, which belong to it.
    const TABLES: &str = "SELECT s.name, s.sql FROM sqlite_schema s \
        JOIN pragma_table_list l ON l.schema = 'main' AND l.name = s.name \
        WHERE s.type = 'table' AND l.type = 'table' AND s.name NOT LIKE 'sqlite\\_%' ESCAPE '\\'";
    const COLUMNS: &str = "SELECT t.name, c.name, c.type, c.\"notnull\", \
        CASE c.hidden WHEN 2 THEN 'generated always as () virtual' \
        WHEN 3 THEN 'generated always as () stored' ELSE c.dflt_value END \
        FROM sqlite_schema t JOIN pragma_table_xinfo(t.name) c \
        WHERE t.type = 'table' AND c.hidden <> 1 ORDER BY t.name, c.cid";
    const KEYS: &str = "SELECT t.name, c.name FROM sqlite_schema t \
        JOIN pragma_table_xinfo(t.name) c WHERE t.type = 'table' AND c.pk > 0 ORDER BY t.name, c.pk";
    const INDEXES: &str = "SELECT t.name, i.name, i.\"unique\", s.sql, \
        (SELECT json_group_array(x.name ORDER BY x.seqno) FROM pragma_index_xinfo(i.name) x WHERE x.key = 1), \
        (SELECT json_group_array(x.coll ORDER BY x.seqno) FROM pragma_index_xinfo(i.name) x WHERE x.key = 1) \
        FROM sqlite_schema t JOIN pragma_index_list(t.name) i \
        LEFT JOIN sqlite_schema s ON s.type = 'index' AND s.name = i.name \
        WHERE t.type = 'table' AND i.origin <> 'pk'";
    const REFERENCES: &str = "SELECT t.name, NULL, json_group_array(r.\"from\" ORDER BY r.seq), r.\"table\", \
        json_group_array(coalesce(r.\"to\", '') ORDER BY r.seq), r.on_delete, r.on_update, 1, 0, 0, NULL \
        FROM sqlite_schema t JOIN pragma_foreign_key_list(t.name) r WHERE t.type = 'table' \
        GROUP BY t.name, r.id ORDER BY t.name, r.id DESC";
    const OTHERS: &str = "SELECT CASE type WHEN 'view' THEN '' ELSE tbl_name END, \
        type, name FROM sqlite_schema WHERE type IN ('view', 'trigger') \
        UNION ALL SELECT '', 'virtual table', name FROM pragma_table_list \
        WHERE schema = 'main' AND type = 'virtual'";
    let tables: Vec<(String, String)> = connection.fetch(TABLES, ())?;
    let rows = Rows {
        tables: tables.iter().map(|(name, _)| name.clone()).collect(),
        columns: connection.fetch(COLUMNS, ())?,
        keys: connection.fetch(KEYS, ())?,
        references: connection.fetch(REFERENCES, ())?,
        others: connection.fetch(OTHERS, ())?,
        ignored: Vec::new(),
    };
    let mut catalog = Catalog::new(Dialect::Sqlite);
    rows.add_to(&mut catalog);
    for (table, sql) in &tables {
        edit(&mut catalog, table, |table| add_sqlite_collations(table, sql));
    }
    type IndexRow = (String, String, bool, Option<String>, Vec<Option<String>>, Vec<String>);
    let indexes: Vec<IndexRow> = connection.fetch(INDEXES, ())?;
    for (table, name, unique, sql, columns, collations) in indexes {
        let taken = TakenName { kind: "index".to_owned(), table: Some(table.clone()) };
        catalog.taken.insert(name.clone(), taken);
        edit(&mut catalog, &table, |table| {
            let index = index(table, unique, sql.as_deref(), columns, &collations);
            table.indexes.insert(name, index);
        });
    }
    for (table, sql) in &tables {
        edit(&mut catalog, table, |table| {
            table.checks = parse_sqlite_checks(sql);
            for (columns, deferrable) in parse_sqlite_deferrable(sql) {
                let is_it = |key: &&mut LiveReference| {
                    key.columns
                        .iter()
                        .map(|name| name.to_lowercase())
                        .eq(columns.iter().map(|name| name.to_lowercase()))
                };
                table
                    .references
                    .iter_mut()
                    .filter(is_it)
                    .for_each(|key| key.deferrable = deferrable);
            }
            add_sqlite_expressions(table, sql);
        });
    }
    as_created(&mut catalog);
    without_slashes(&mut catalog);
    Ok(catalog)
}

fn index(
    table: &LiveTable,
    unique: bool,
    sql: Option<&str>,
    columns: Vec<Option<String>>,
    collations: &[String],
) -> LiveIndex {
    let (mut parts, condition) = match sql {
        Some(sql) => parse_sqlite_index(sql),
        None => (columns.iter().flatten().cloned().map(IndexPart::Column).collect(), None),
    };
    // The statement may have other capital letters than the table.
    for (part, column) in parts.iter_mut().zip(columns) {
        if let (IndexPart::Column(name), Some(column)) = (part.bare_mut(), column) {
            *name = column;
        }
    }
    // A part has the collation of its column, or one in the statement.
    for (part, collation) in parts.iter_mut().zip(collations) {
        set_sqlite_collation(table, part, collation);
    }
    let method = "btree".to_owned();
    LiveIndex { parts, unique, condition, valid: true, method, ..LiveIndex::default() }
}

/// Restores the capital letters of tables and columns in references. SQLite keeps the letters of
/// the statement, and finds tables and columns by any.
fn as_created(catalog: &mut Catalog) {
    let known: Vec<(String, Vec<String>)> =
        catalog.tables.iter().map(|(name, table)| (name.clone(), table.order.clone())).collect();
    let columns_of = |table: &str| known.iter().find(|(name, _)| name == table);
    for table in catalog.tables.values_mut() {
        for reference in &mut table.references {
            as_named(&mut reference.table, known.iter().map(|(name, _)| name));
            for column in &mut reference.columns {
                as_named(column, table.order.iter());
            }
            let Some((_, columns)) = columns_of(&reference.table) else { continue };
            for column in &mut reference.to {
                as_named(column, columns.iter());
            }
        }
    }
}

/// Replaces a `/` in the names of tables, which no table of a program has: in a path it is the sign between
/// schema and table.
fn without_slashes(catalog: &mut Catalog) {
    let plain = |name: &str| name.replace('/', "\\");
    let tables = std::mem::take(&mut catalog.tables).into_iter();
    catalog.tables = tables.map(|(name, table)| (plain(&name), table)).collect();
    for reference in catalog.tables.values_mut().flat_map(|table| &mut table.references) {
        reference.table = plain(&reference.table);
    }
}

fn as_named<'a>(written: &mut String, mut names: impl Iterator<Item = &'a String>) {
    if let Some(name) = names.find(|name| name.eq_ignore_ascii_case(written)) {
        written.clone_from(name);
    }
}
