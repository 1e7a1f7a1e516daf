use kontract::prelude::*;

#[derive(Table)]
pub struct User
where
    String: Clone,
{
    #[primkey]
    pub id: String,
}

fn main() {}
