//! The verdicts: for each struct that could be read, what its derive needs and reports.

use std::collections::BTreeMap;

use kontract_schema::diagnostic::{Diagnostics, Location};
use kontract_schema::dialect::{self, Dialect};
use kontract_schema::model::{Schema, Table};
use kontract_schema::source::check;
use kontract_schema::source::raw::RawTable;
use kontract_schema::verdict::{FieldError, Verdict};

use super::OutputFile;
use crate::source::items::{SourceItems, structs_by_table};

/// Makes the verdict files. Problems of tables without a struct are reported by `storage!()`.
pub fn verdict_files(
    items: &SourceItems,
    schema: &Schema,
    problems: &Diagnostics,
) -> Vec<OutputFile> {
    let mut errors: BTreeMap<&str, Vec<FieldError>> = BTreeMap::new();
    for problem in problems.iter() {
        if let Location::Schema { table, field } = &problem.location {
            let problem = FieldError { field: field.clone(), message: problem.to_string() };
            errors.entry(table).or_default().push(problem);
        }
    }
    let mut files = Vec::new();
    for (name, strukt) in structs_by_table(&items.structs) {
        let (Some(item), Some(table)) = (&strukt.item, schema.tables.get(name)) else { continue };
        // Not a file name: the derive finds no verdict and reports an error.
        if name.contains(['/', '\\']) {
            continue;
        }
        let to_hex = |print: u64| format!("{print:016x}");
        let types = check::fingerprint_types(item, &items.items).into_iter();
        let verdict = Verdict {
            fingerprint: strukt.fingerprint().map(to_hex).unwrap_or_default(),
            table: without_missing_fields(table, &item.raw),
            types: types.map(|(field, print)| (field, to_hex(print))).collect(),
            postgres: dialect::create_table(Dialect::Postgres, table, schema),
            sqlite: dialect::create_table(Dialect::Sqlite, table, schema),
            errors: errors.remove(name).unwrap_or_default(),
        };
        files.push((format!("tables/{name}.json"), verdict.write()));
    }
    files
}

/// The table without the fields that the struct does not have: columns that are only retained in the
/// database, and fields that are disabled in this build.
fn without_missing_fields(table: &Table, raw: &RawTable) -> Table {
    let mut table = table.clone();
    let exists = |name: &String| raw.fields.iter().any(|field| field.name == *name);
    table.schema.retain(|field| exists(&field.name));
    table.indexes.retain(|_, index| index.fields.iter().all(exists));
    table.references.retain(|_, key| key.fields.iter().all(exists));
    table
}
