//! What diff, gate and lock file cost with many tables of eight fields, one field of each tenth
//! changed.
//!
//! `cargo run --release -p schema-scale -- [TABLES] [ROUNDS]` (1000 and 20)

use std::collections::BTreeMap;
use std::hint::black_box;
use std::time::{Duration, Instant};

use kontract_schema::change::diff::diff;
use kontract_schema::gate::gate;
use kontract_schema::lock::LockFile;
use kontract_schema::model::types::Type;
use kontract_schema::model::{Field, Layout, Perm, Schema, Table, Track};

fn main() {
    let mut arguments = std::env::args().skip(1).map(|n| n.parse().expect("a number"));
    let tables: usize = arguments.next().unwrap_or(1000);
    let rounds: usize = arguments.next().unwrap_or(20);

    let old = schema(tables, false);
    let new = schema(tables, true);
    let empty = LockFile::default();
    let mut lock = gate(&empty, &old, None).draft.map_or(empty, |draft| {
        let mut lock = LockFile::default().with_schema(old.clone());
        lock.version = 1;
        lock.migrations.push(draft.hashed());
        lock
    });
    lock.draft = None;
    let text = lock.write();
    println!(
        "{tables} tables of 8 fields, median of {rounds} rounds, lock file {} KB",
        text.len() / 1000
    );
    let changes = diff(&old, &new).len();
    measure(&format!("diff, {changes} changes"), rounds, || diff(&old, &new).len());
    measure("diff, judge, plan (gate)", rounds, || gate(&lock, &new, None).changes.len());
    measure("lock file read and checked", rounds, || {
        LockFile::read(&text).expect("a lock").tables.len()
    });
    measure("lock file written", rounds, || lock.write().len());
}

fn measure<T>(what: &str, rounds: usize, work: impl Fn() -> T) {
    let mut times: Vec<Duration> = (0..rounds)
        .map(|_| {
            let start = Instant::now();
            black_box(work());
            start.elapsed()
        })
        .collect();
    times.sort();
    println!("{what:32} {:>8.1} ms", times[rounds / 2].as_secs_f64() * 1000.0);
}

fn schema(tables: usize, changed: bool) -> Schema {
    let mut schema = Schema::default();
    for at in 0..tables {
        let types = [
            Type::String,
            Type::String,
            Type::Number,
            Type::Boolean,
            Type::Bigint,
            Type::Uuid,
            Type::Json,
            Type::Array(Box::new(Type::String)),
        ];
        let mut fields: Vec<Field> =
            types.into_iter().enumerate().map(|(n, ty)| field(&format!("field_{n}"), ty)).collect();
        fields[0].primkey = true;
        if changed && at % 10 == 0 {
            fields.push(Field { optional: true, ..field("more", Type::String) });
        }
        let name = format!("table_{at:04}");
        let table = Table {
            ptr: name.clone(),
            name: name.clone(),
            layout: Layout::Columns,
            namespace: None,
            partition_by: None,
            comment: None,
            external: false,
            keyless: false,
            shared: false,
            perm: Perm::table_default(),
            track: Track::default(),
            schema: fields,
            primary_key: Vec::new(),
            indexes: BTreeMap::new(),
            checks: BTreeMap::new(),
            references: BTreeMap::new(),
            hash: String::new(),
            dropped: BTreeMap::new(),
        };
        schema.tables.insert(name, table);
    }
    schema
}

fn field(name: &str, ty: Type) -> Field {
    Field::new(name, ty)
}
