//! All types of columns, with all operations, on both databases: each is right, or a clear error says
//! that it is not possible. `docs/types.md` shows the result; `UPDATE_GOLDEN=1` writes it.

#[macro_use]
mod operations;
#[macro_use]
mod keys;
#[macro_use]
mod parts;
#[macro_use]
mod tables;

mod cells;
mod common;
mod coverage;
mod document_defaults;
mod expressions;
mod random;
mod random_own_types;
mod random_texts;
mod types;

use std::path::Path;

use cells::{Cells, Table};
use kontract_test_support::{block_on, both, execute};

/// What `docs/types.md` says before the table.
const INTRODUCTION: &str = include_str!("introduction.md");

/// The types of PostgreSQL that the columns need. A domain takes the place of the extension `vector`, which
/// PostgreSQL does not bring along: it has the same casts.
const TYPES: &str = "CREATE EXTENSION citext; CREATE EXTENSION ltree; \
    CREATE EXTENSION hstore; CREATE DOMAIN vector AS real[]; \
    CREATE DOMAIN parcel_code AS text CHECK (VALUE ~ '^[A-Z]+$'); \
    CREATE TYPE place AS (street text, number integer); \
    CREATE TYPE shade AS ENUM ('dark', 'light', 'white');";

#[test]
fn every_type_with_every_operation() {
    let mut table = Table::default();
    for (name, check) in types::CHECKS {
        for database in both() {
            if database.is_postgres() {
                execute(database.url(), TYPES);
            }
            let mut cells = Cells::new(name, database.is_postgres());
            block_on(check(database.url(), &mut cells));
            table.add(cells);
        }
    }
    let missing = coverage::find_missing(&table);
    let missing = missing.iter().map(|missing| format!("{missing} has no row"));
    let wrong: Vec<String> = missing.chain(table.wrong()).collect();
    assert!(wrong.is_empty(), "{} cells are wrong:\n{}", wrong.len(), wrong.join("\n"));
    let text = format!("{INTRODUCTION}\n{}", table.to_markdown());
    let file = Path::new(env!("CARGO_MANIFEST_DIR")).join("../../docs/types.md");
    if std::env::var_os("UPDATE_GOLDEN").is_some() {
        std::fs::write(&file, &text).unwrap();
    }
    let written = std::fs::read_to_string(&file).unwrap_or_default();
    assert!(written == text, "docs/types.md differs; UPDATE_GOLDEN=1 writes it");
}
