use kontract::prelude::*;

#[derive(Table)]
#[table(layout = "columns", standalone, primary_key(tenant, day))]
pub struct Outside {
    pub tenant: i64,
    pub day: Date,
    #[primkey(identity)]
    pub id: i64,
}

#[derive(Table)]
#[table(layout = "columns", standalone, primary_key(tenant, id))]
pub struct Twice {
    #[primkey(identity)]
    pub tenant: i64,
    #[primkey(identity)]
    pub id: i64,
}

#[derive(Table)]
#[table(layout = "columns", standalone, primary_key(tenant, id))]
pub struct Marked {
    #[primkey]
    pub tenant: i64,
    pub id: i64,
}

#[derive(Table)]
#[table(layout = "columns", standalone, primary_key(tenant, code))]
pub struct Text {
    pub tenant: i64,
    #[primkey(identity)]
    pub code: String,
}

fn main() {}
