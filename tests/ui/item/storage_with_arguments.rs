kontract::storage!(users);

fn main() {}
