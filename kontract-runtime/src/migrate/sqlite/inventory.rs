//! What an SQLite file contains, whoever created it.

use std::collections::{BTreeMap, BTreeSet};

use kontract_schema::dialect::{Dialect, Probe, print_trigger_probes, print_view_probe};
use kontract_schema::sqltext;

use super::references::Reference;
use crate::driver::sqlite::Connection;
use crate::error::Result;

/// The content of a file.
pub(super) struct Inventory {
    /// The columns of each table, also hidden and generated ones. A virtual table has none here.
    pub(super) tables: BTreeMap<String, Vec<String>>,
    /// Indexes, triggers and views.
    pub(super) objects: Vec<Object>,
    pub(super) references: Vec<Reference>,
    /// Why a probe does not work; `None` for one that does.
    pub(super) probes: Vec<(Probed, Option<String>)>,
}

/// An index, a trigger or a view.
#[derive(Clone, Debug)]
pub(super) struct Object {
    pub(super) kind: String,
    pub(super) name: String,
    pub(super) table: String,
    pub(super) sql: String,
}

/// A table or view that is probed.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(super) struct Probed {
    pub(super) name: String,
    pub(super) is_view: bool,
    pub(super) probe: Probe,
}

impl Inventory {
    /// Reads the whole file.
    pub(super) fn read(connection: &Connection<'_>) -> Result<Inventory> {
        let kinds: Vec<(String, String)> = connection.fetch(
            "SELECT name, type FROM pragma_table_list \
             WHERE schema = 'main' AND name NOT LIKE 'sqlite\\_%' ESCAPE '\\'",
            (),
        )?;
        let columns: Vec<(String, String)> = connection.fetch(
            "SELECT t.name, c.name FROM pragma_table_list t JOIN pragma_table_xinfo(t.name) c \
             WHERE t.schema = 'main' AND t.type IN ('table', 'shadow') ORDER BY t.name, c.cid",
            (),
        )?;
        let mut tables: BTreeMap<String, Vec<String>> = BTreeMap::new();
        for (name, _) in kinds.iter().filter(|(_, kind)| kind != "view") {
            tables.entry(name.clone()).or_default();
        }
        for (table, column) in columns {
            tables.entry(table).and_modify(|columns| columns.push(column));
        }
        let objects = read_objects(connection, None)?;
        let probes = probe_all(connection, &kinds, &objects)?;
        Ok(Inventory { tables, objects, references: Reference::read_all(connection)?, probes })
    }

    /// Returns the probes that work.
    pub(super) fn working(&self) -> impl Iterator<Item = &Probed> {
        self.probes.iter().filter(|(_, reason)| reason.is_none()).map(|(probed, _)| probed)
    }
}

/// Reads the indexes, triggers and views of the file, or those of one table, in the order in which they
/// were created. Indexes that belong to a constraint are part of their table.
pub(super) fn read_objects(
    connection: &Connection<'_>,
    table: Option<&str>,
) -> Result<Vec<Object>> {
    let rows: Vec<(String, String, String, String)> = connection.fetch(
        "SELECT type, name, tbl_name, sql FROM sqlite_schema \
         WHERE type IN ('index', 'trigger', 'view') AND sql IS NOT NULL \
         AND ($1 IS NULL OR tbl_name = $1 COLLATE NOCASE) ORDER BY rowid",
        (table.map(str::to_owned),),
    )?;
    let object = |(kind, name, table, sql)| Object { kind, name, table, sql };
    Ok(rows.into_iter().map(object).collect())
}

/// Reads the columns of a table or view, without those that are generated if `only_given`. Returns
/// none where the view does not work.
pub(super) fn read_columns(
    connection: &Connection<'_>,
    table: &str,
    only_given: bool,
) -> Vec<String> {
    let query = if only_given {
        "SELECT name FROM pragma_table_xinfo($1) WHERE hidden = 0 ORDER BY cid"
    } else {
        "SELECT name FROM pragma_table_xinfo($1) ORDER BY cid"
    };
    let rows: Vec<(String,)> = connection.fetch(query, (table.to_owned(),)).unwrap_or_default();
    rows.into_iter().map(|(name,)| name).collect()
}

/// Returns the tables of full-text search that find the rows of a table by their rowids.
pub(super) fn list_searches(connection: &Connection<'_>, table: &str) -> Result<Vec<String>> {
    let virtuals: Vec<(String, String)> = connection
        .fetch("SELECT name, sql FROM sqlite_schema WHERE type = 'table' AND rootpage = 0", ())?;
    let searches = |(_, sql): &(String, String)| {
        let words = sqltext::words(Dialect::Sqlite, sql);
        words.windows(3).any(|window| match window {
            [option, sign, value] => {
                let named = value.text_value().or_else(|| value.written_name());
                option.is("CONTENT")
                    && sign.is("=")
                    && named.is_some_and(|name| name.eq_ignore_ascii_case(table))
            }
            _ => false,
        })
    };
    Ok(virtuals.into_iter().filter(searches).map(|(name, _)| name).collect())
}

/// Probes the views, the tables and views with triggers, and the tables of full-text search.
fn probe_all(
    connection: &Connection<'_>,
    kinds: &[(String, String)],
    objects: &[Object],
) -> Result<Vec<(Probed, Option<String>)>> {
    let with_triggers: BTreeSet<String> = objects
        .iter()
        .filter(|object| object.kind == "trigger")
        .map(|object| object.table.to_lowercase())
        .collect();
    let searches: Vec<(String,)> = connection.fetch(
        "SELECT name FROM sqlite_schema WHERE type = 'table' AND rootpage = 0 \
         AND sql LIKE '%using%fts%'",
        (),
    )?;
    let mut probes = Vec::new();
    for (name, kind) in kinds {
        let is_view = kind == "view";
        let probed = |probe| Probed { name: name.clone(), is_view, probe };
        if is_view {
            let probe = print_view_probe(name);
            let reason = connection.find_compile_error(&probe.sql);
            probes.push((probed(probe), reason));
        } else if searches.iter().any(|(search,)| search == name) {
            // It compiles its query of the table with the content when it reads the first row.
            let probe = print_view_probe(name);
            let reason = connection.find_query_error(&probe.sql);
            probes.push((probed(probe), reason));
        }
        if with_triggers.contains(&name.to_lowercase()) {
            for probe in print_trigger_probes(name, &read_columns(connection, name, true)) {
                let reason = connection.find_compile_error(&probe.sql);
                probes.push((probed(probe), reason));
            }
        }
    }
    Ok(probes)
}
