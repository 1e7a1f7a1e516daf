//! The build script of a Kontract application.
//!
//! ```no_run
//! // build.rs
//! fn main() {
//!     kontract_build::compile();
//! }
//! ```
//!
//! It reads the structs of the package and compares them with `kontract.lock.json`. Where every
//! change is safe or covered by a manual migration, it writes the changes to the lock file as its
//! draft. Otherwise it leaves the lock file unchanged, and the derives report what is wrong. It never
//! panics, and writes only the lock file and `OUT_DIR`.
//!
//! | variable | meaning |
//! |---|---|
//! | `KONTRACT_SEAL=name` | seals the draft: it becomes the next migration, with this name |
//! | `KONTRACT_LOCKED=1` | the lock file is not written: a lock file that is out of date is an error |
//! | `KONTRACT_LOCKED=0` | the lock file is written although `CI` or `DOCS_RS` is set |
//!
//! The optional file `kontract.toml` beside Cargo.toml sets the levels of rules (see
//! [`Levels`](kontract_schema::rules::Levels)).
//!
//! Cargo compiles build scripts without optimisation, which makes parsing slow. An application with
//! hundreds of tables should set `[profile.dev.build-override] opt-level = 1` in its Cargo.toml.
#![forbid(unsafe_code)]
#![allow(clippy::needless_doctest_main, reason = "a build.rs is shown whole")]

mod builder;
mod directory;
mod text_file;

mod cargo;
mod config;
mod source;

mod lock;

mod assessment;
mod output;
mod run;

pub mod project;

#[cfg(test)]
mod testing;
#[cfg(test)]
mod tests;

pub use builder::Builder;
pub use run::compile;
