use kontract::storage::{Base, OwnerBase};

pub fn serve(_: &OwnerBase) {}

pub fn all(storage: &Base) {
    serve(storage);
}

fn main() {}
