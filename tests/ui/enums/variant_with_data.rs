use kontract::prelude::*;

#[derive(Enum)]
pub enum Status {
    Draft,
    Published(i64),
    Gone { when: i64 },
}

fn main() {}
