//! The build script.
#![forbid(unsafe_code)]
#![allow(missing_docs, dead_code)]
pub mod cfg;
pub mod env;
pub mod scan;
pub mod stamp;
pub mod targets;
#[cfg(test)]
mod testing;
/// x
pub struct Builder;
impl Builder { pub fn root(self) {} }
