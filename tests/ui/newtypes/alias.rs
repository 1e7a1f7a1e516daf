use kontract::prelude::*;

type String = u32;

#[derive(Value)]
pub struct Name(String);

fn main() {}
