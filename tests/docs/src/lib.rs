//! The examples in `docs/`; see `tests/examples.rs`.
