use kontract::prelude::*;

#[derive(Value)]
pub struct Two(i64, i64);

#[derive(Value)]
pub struct Named {
    id: i64,
}

#[derive(Value)]
pub struct Unit;

#[derive(Value)]
pub enum Kind {
    A,
}

#[derive(Value)]
pub struct Generic<T>(T);

#[derive(Value)]
pub struct Absent(Option<i64>);

#[derive(Value)]
pub struct Unsigned(u64);

fn main() {}
