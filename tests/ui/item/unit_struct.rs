use kontract::prelude::*;

#[derive(Table)]
pub struct User;

fn main() {}
