//! What cargo gives a build script (environment, manifest), and what it gets back (directives).

pub mod env;
pub mod package;
pub mod report;
pub mod targets;
