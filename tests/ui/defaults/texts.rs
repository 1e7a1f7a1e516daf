use kontract::prelude::*;

#[derive(Table)]
#[table(layout = "columns", standalone)]
pub struct Note {
    #[primkey]
    pub id: i64,
    #[default("{")]
    pub json: Json,
    #[default("[1, 70000]")]
    pub list: Vec<i16>,
    #[default("2026-02-30")]
    pub day: jiff::civil::Date,
    #[default("2026-02-01")]
    pub instant: jiff::Timestamp,
    #[default(1.5)]
    pub decimal: Decimal,
}

fn main() {}
