use kontract::prelude::*;

#[derive(Enum)]
pub enum Status<T> {
    Draft,
    Other(T),
}

fn main() {}
