//! All types of columns, with all operations, on both databases: each is right, or a clear error says
//! that it is not possible. `docs/types.md` shows the result; `UPDATE_GOLDEN=1` writes it.

mod cells;
mod expressions;
#[macro_use]
mod operations;
mod random;
mod types;

use std::path::Path;

use cells::{Cells, Table};
use kontract_test_support::{block_on, both, execute};

/// What `docs/types.md` says before the table.
const INTRODUCTION: &str = include_str!("column_types/introduction.md");

#[test]
fn every_type_with_every_operation() {
    let mut table = Table::default();
    for (name, check) in types::CHECKS {
        for database in both() {
            if database.is_postgres() {
                execute(database.url(), "CREATE EXTENSION citext");
            }
            let mut cells = Cells::new(name, database.is_postgres());
            block_on(check(database.url(), &mut cells));
            table.add(cells);
        }
    }
    let wrong = table.wrong();
    assert!(wrong.is_empty(), "{} cells are wrong:\n{}", wrong.len(), wrong.join("\n"));
    let text = format!("{INTRODUCTION}\n{}", table.to_markdown());
    let file = Path::new(env!("CARGO_MANIFEST_DIR")).join("../../docs/types.md");
    if std::env::var_os("UPDATE_GOLDEN").is_some() {
        std::fs::write(&file, &text).unwrap();
    }
    let written = std::fs::read_to_string(&file).unwrap_or_default();
    assert!(written == text, "docs/types.md differs; UPDATE_GOLDEN=1 writes it");
}
