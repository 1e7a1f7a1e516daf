use kontract::prelude::*;

#[derive(Enum)]
pub enum Status {}

fn main() {}
