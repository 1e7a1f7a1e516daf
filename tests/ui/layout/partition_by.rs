use kontract::prelude::*;

#[derive(Table)]
#[table(layout = "columns", standalone, partition_by = "ranges(day)")]
pub struct UnknownMethod {
    #[primkey]
    pub day: i64,
}

#[derive(Table)]
#[table(layout = "columns", standalone, partition_by = "range day")]
pub struct NoBrackets {
    #[primkey]
    pub day: i64,
}

#[derive(Table)]
#[table(layout = "columns", standalone, partition_by = "range(days)")]
pub struct UnknownColumn {
    #[primkey]
    pub day: i64,
}

#[derive(Table)]
#[table(layout = "columns", standalone, partition_by = "range(day)")]
pub struct KeyWithoutTheColumn {
    #[primkey(identity)]
    pub id: i64,
    pub day: i64,
}

#[derive(Table)]
#[table(layout = "columns", standalone, primary_key(tenant, id), partition_by = "hash(day)")]
pub struct KeyOfSeveral {
    pub tenant: i64,
    #[primkey(identity)]
    pub id: i64,
    pub day: i64,
}

#[derive(Table)]
#[table(layout = "columns", standalone, keyless, partition_by = "range(day)")]
pub struct UniqueWithoutTheColumn {
    #[unique]
    pub code: String,
    pub day: i64,
}

#[derive(Table)]
#[table(layout = "columns", standalone, keyless, partition_by = "list(day, code)")]
pub struct ListOfTwo {
    pub code: String,
    pub day: i64,
}

#[derive(Table)]
#[table(layout = "columns", standalone, keyless, partition_by = "hash(day, day)")]
pub struct Twice {
    pub day: i64,
}

#[derive(Table)]
#[table(layout = "columns", standalone, keyless, partition_by = "range(next)")]
pub struct Generated {
    pub day: i64,
    #[generated("day + 1")]
    pub next: i64,
}

#[derive(Serialize, Deserialize, Table)]
#[table(standalone, partition_by = "range(id)")]
pub struct Document {
    #[primkey]
    pub id: i64,
}

fn main() {}
