use kontract::prelude::*;

#[derive(Table)]
pub struct User<T> {
    #[primkey]
    pub id: String,
    pub extra: T,
}

fn main() {}
