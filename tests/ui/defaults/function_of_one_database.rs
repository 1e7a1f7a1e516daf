use kontract::prelude::*;

#[derive(Table)]
#[table(layout = "columns", standalone)]
pub struct Note {
    #[primkey]
    pub id: i64,
    #[default(sql = "uuidv7()")]
    pub token: Uuid,
    #[default(sql = "gen_random_uuid()")]
    pub fine: Uuid,
    #[default(sql = "julianday('now')")]
    pub day: f64,
    #[generated("left(name, 1)")]
    pub letter: String,
    pub name: String,
}

fn main() {}
