//! Each example of `docs/queries.md`, `docs/coming-from.md` and README.md, on both databases. `build.rs` makes a
//! test of each.
#![allow(dead_code, unused_imports, unused_variables, reason = "pages show parts of programs")]

use kontract::expr::{count, exists, scalar, value};
use kontract::prelude::*;
use kontract::query::{Cursor, alias, from, record};
use kontract::{Error, Isolation, Kind, Transaction};
use serde_json::json;
use tasks::*;

const ANN: &str = "0190a6e0-0000-7000-8000-000000000001";
const BOB: &str = "0190a6e0-0000-7000-8000-000000000002";

/// The database of `examples/tasks` with its development rows.
async fn demo(url: &str) -> Storage {
    let storage = Storage::connect(url).await.expect("a fresh database");
    let rows = include_str!("../../../examples/tasks/seeds/01_demo.sql");
    kontract_test_support::execute(url, rows);
    storage
}

/// The messages on the page are lines of the expected messages in `tests/ui`.
#[test]
fn compile_errors_on_the_page_are_those_of_the_compiler() {
    let page = include_str!("../../../docs/queries.md");
    let root = std::path::Path::new(env!("CARGO_MANIFEST_DIR")).join("../..");
    let mut shown = 0;
    for part in page.split("<!-- ").skip(1) {
        let (file, rest) = part.split_once(" -->\n```text\n").expect("a message follows its file");
        let (message, _) = rest.split_once("\n```").expect("the message ends");
        let real = std::fs::read_to_string(root.join(file)).expect("the case exists");
        let mut lines = real.lines();
        for line in message.lines() {
            assert!(lines.any(|other| other == line), "{file} does not say, in this order: {line}");
            shown += 1;
        }
    }
    assert!(shown > 10);
}

include!(concat!(env!("OUT_DIR"), "/examples.rs"));
