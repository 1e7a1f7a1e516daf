use kontract::prelude::*;

#[derive(Table)]
pub enum User {
    A,
    B,
}

fn main() {}
