use kontract::prelude::*;

#[derive(Document)]
pub enum Address {
    Home,
}

fn main() {}
