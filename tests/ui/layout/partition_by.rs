use kontract::prelude::*;

#[derive(Table)]
#[table(layout = "columns", unique(kind), partition_by = "range(created_at, size, place)")]
struct Event {
    #[primkey]
    id: i64,
    created_at: i64,
    kind: String,
    #[generated("id + 1")]
    size: i64,
}

#[derive(Table)]
#[table(layout = "columns", primary_key(a, b), partition_by = "list(a, a)", unique(on = "lower(a), b"))]
struct Word {
    a: String,
    b: i64,
}

#[derive(Table)]
#[table(layout = "columns", partition_by = "range(lower(name))")]
struct Name {
    #[primkey]
    name: String,
}

#[derive(Table)]
#[table(layout = "columns", partition_by = "months(day)")]
struct Day {
    #[primkey]
    day: i32,
}

#[derive(Table)]
#[table(partition_by = "hash(id)")]
struct Paper {
    #[primkey]
    id: i64,
}

#[derive(Table)]
#[table(external, partition_by = "hash(id)")]
struct Alien {
    #[primkey]
    id: i64,
}

fn main() {}
