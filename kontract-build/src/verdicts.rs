//! What the derive of each table is told: a file for each struct that could be read.

use std::collections::BTreeMap;

use kontract_schema::diagnostic::{Diagnostics, Location};
use kontract_schema::dialect::{self, Dialect};
use kontract_schema::model::{Schema, Table};
use kontract_schema::source::check;
use kontract_schema::source::raw::RawTable;
use kontract_schema::verdict::{Problem, Verdict};

use crate::gather::{Gathered, by_table};
use crate::output::File;

/// The table without the fields that the struct does not have: those that only stay in the database,
/// and those that are switched off.
fn of_struct(table: &Table, raw: &RawTable) -> Table {
    let mut table = table.clone();
    let is_there = |name: &String| raw.fields.iter().any(|field| field.name == *name);
    table.schema.retain(|field| is_there(&field.name));
    table.indexes.retain(|_, index| index.fields.iter().all(is_there));
    table.references.retain(|_, key| key.fields.iter().all(is_there));
    table
}

/// The files. Problems of a table that no struct belongs to are told elsewhere.
pub fn files(gathered: &Gathered, schema: &Schema, problems: &Diagnostics) -> Vec<File> {
    let mut errors: BTreeMap<&str, Vec<Problem>> = BTreeMap::new();
    for problem in problems.iter() {
        if let Location::Schema { table, field } = &problem.location {
            let problem = Problem { field: field.clone(), message: problem.to_string() };
            errors.entry(table).or_default().push(problem);
        }
    }
    let mut files = Vec::new();
    for (name, strukt) in by_table(&gathered.structs) {
        let (Some(item), Some(table)) = (&strukt.item, schema.tables.get(name)) else { continue };
        // A name that is no file name: the derive finds no verdict and refuses.
        if name.contains(['/', '\\']) {
            continue;
        }
        let hex = |print: u64| format!("{print:016x}");
        let types = check::types(item, &gathered.items).into_iter();
        let verdict = Verdict {
            fingerprint: strukt.fingerprint().map(hex).unwrap_or_default(),
            table: of_struct(table, &item.raw),
            types: types.map(|(field, print)| (field, hex(print))).collect(),
            postgres: dialect::create_table(Dialect::Postgres, table, schema),
            sqlite: dialect::create_table(Dialect::Sqlite, table, schema),
            errors: errors.remove(name).unwrap_or_default(),
        };
        files.push((format!("tables/{name}.json"), verdict.write()));
    }
    files
}
