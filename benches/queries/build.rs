//! Compares the structs with kontract.lock.json and writes the registry.

fn main() {
    kontract_build::compile();
}
