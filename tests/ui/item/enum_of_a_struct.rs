use kontract::prelude::*;

#[derive(Enum)]
pub struct Status {
    draft: bool,
}

fn main() {}
