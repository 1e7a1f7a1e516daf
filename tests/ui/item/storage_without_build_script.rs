kontract::storage!();

fn main() {}
