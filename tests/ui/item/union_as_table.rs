use kontract::prelude::*;

#[derive(Table)]
pub union User {
    a: u32,
    b: f32,
}

fn main() {}
