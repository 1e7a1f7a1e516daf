use kontract::prelude::*;

#[derive(Table)]
#[table(layout = "columns", standalone)]
pub struct Line {
    #[primkey]
    pub id: i64,
    pub price: i64,
    #[generated("prise * 2")]
    pub misspelt: i64,
    #[generated("price * 2")]
    #[default(0)]
    pub with_default: i64,
    #[generated("with_default * 2")]
    pub of_another: i64,
    #[generated("price * 2", virtual)]
    #[index]
    pub indexed: i64,
}

fn main() {}
