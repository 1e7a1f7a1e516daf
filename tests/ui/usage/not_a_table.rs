use kontract::prelude::*;


pub struct User {
    pub id: String,
}

pub fn name() -> &'static str {
    <User as Record>::NAME
}

fn main() {}
