//! Each example of `docs/queries.md` and `docs/coming-from.md`, on both databases. `build.rs` makes a
//! test of each.
#![allow(dead_code, unused_imports)]

use kontract::prelude::*;
use kontract::*;
use serde_json::json;
use tasks::*;

const ANN: &str = "0190a6e0-0000-7000-8000-000000000001";
const BOB: &str = "0190a6e0-0000-7000-8000-000000000002";

/// The database of `examples/tasks` with its rows to develop with.
async fn demo(url: &str) -> Storage {
    let storage = Storage::connect(url).await.expect("a fresh database");
    let rows = include_str!("../../../examples/tasks/seeds/01_demo.sql");
    kontract_test_support::execute(url, rows);
    storage
}

include!(concat!(env!("OUT_DIR"), "/examples.rs"));
