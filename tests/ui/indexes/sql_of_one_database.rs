use kontract::prelude::*;

#[derive(Table)]
#[table(
    layout = "columns",
    standalone,
    check("email ~ '@'"),
    check("n::int > 0"),
    check(postgres = "name GLOB 'a*'", sqlite = "name ILIKE 'a%'"),
    index(on = "lower(email) text_pattern_ops"),
    index(name, where = "tags @> '{a}'"),
    index(tags, method = "gin", where = "email ~ '@'"),
    check(postgres = "email ~ '@'", sqlite = "email GLOB '*@*'")
)]
pub struct Person {
    #[primkey]
    pub id: i64,
    pub email: String,
    pub name: String,
    pub n: i64,
    pub tags: Vec<String>,
    #[default(sql = "interval '1 day'")]
    pub length: String,
    #[generated("name == ''")]
    pub is_empty: bool,
}

fn main() {}
