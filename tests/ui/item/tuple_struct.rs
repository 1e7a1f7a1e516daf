use kontract::prelude::*;

#[derive(Table)]
pub struct User(String, i64);

fn main() {}
