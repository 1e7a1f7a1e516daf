use kontract::prelude::*;

#[derive(Serialize, Deserialize, Table)]
#[table(standalone)]
pub struct Note {
    #[primkey]
    pub id: i64,
    #[default(sql = "now()")]
    pub seen: jiff::Timestamp,
    #[default("text")]
    pub day: Bytes,
    #[generated("day")]
    pub copy: jiff::civil::Date,
    #[default("{}")]
    pub fine: Json,
}

fn main() {}
