use kontract::prelude::*;

#[derive(Table)]
pub struct User<'a> {
    #[primkey]
    pub id: &'a str,
}

fn main() {}
