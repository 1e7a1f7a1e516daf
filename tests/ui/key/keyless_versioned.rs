use kontract::prelude::*;

#[derive(Table)]
#[table(layout = "columns", keyless, versioned)]
pub struct Visit {
    pub page: String,
}

#[derive(Table)]
#[table(layout = "columns", keyless, soft_delete)]
pub struct Click {
    pub page: String,
}

#[derive(Table)]
#[table(layout = "columns", keyless, ordered)]
pub struct Job {
    pub page: String,
}

fn main() {}
