use kontract::prelude::*;
use kontract::value::Range;

#[derive(Table)]
#[table(layout = "columns")]
struct Hall {
    #[primkey]
    id: i64,
    seats: Range<u8>,
}

fn main() {}
