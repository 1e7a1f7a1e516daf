use kontract::prelude::*;

#[derive(Table)]
pub struct User<const N: usize> {
    #[primkey]
    pub id: String,
}

fn main() {}
