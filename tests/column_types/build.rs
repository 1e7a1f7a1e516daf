//! Compiles the schema.

fn main() {
    kontract_build::compile();
}
