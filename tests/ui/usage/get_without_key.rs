use kontract::prelude::*;

#[derive(Table)]
#[table(standalone, layout = "columns", keyless)]
pub struct Visit {
    pub page: String,
}

pub async fn get(visits: &kontract::KeylessTable<Visit>) {
    let _ = visits.get("/").await;
}

pub fn handle(storage: &kontract::storage::Base) {
    let _ = storage.table::<Visit>();
}

fn main() {}
