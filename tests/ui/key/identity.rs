use kontract::prelude::*;

#[derive(Table)]
#[table(layout = "columns", standalone)]
pub struct Text {
    #[primkey(identity)]
    pub id: String,
}

#[derive(Serialize, Deserialize, Table)]
#[table(standalone)]
pub struct Document {
    #[primkey(identity)]
    pub id: i64,
    pub name: String,
}

#[derive(Table)]
#[table(layout = "columns", standalone)]
pub struct Misspelt {
    #[primkey(serial)]
    pub id: i64,
}

#[derive(Table)]
#[table(layout = "columns", standalone)]
pub struct Default {
    #[primkey(identity)]
    #[default(sql = "7")]
    pub id: i64,
}

fn main() {}
