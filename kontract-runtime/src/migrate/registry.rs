//! What a program expects of its database, as the build script wrote it.

use super::rust::RustMigration;

/// What a program expects of its database. Written by the build script.
pub struct Registry {
    /// The package, under which the database keeps the history.
    pub package: &'static str,
    /// The version of the newest sealed migration.
    pub version: u32,
    /// Its hash; empty before the first.
    pub head: &'static str,
    /// The hash of the draft, where there is one.
    pub draft: Option<&'static str>,
    /// The text of the lock file.
    pub lock: &'static str,
    /// Whether the program was built with debug assertions.
    pub debug: bool,
    /// The versions of Kontract whose sealed statements are taken as they are.
    pub generators: &'static [&'static str],
    /// The migrations that are Rust.
    pub migrations: &'static [RustMigration],
}

impl Registry {
    /// The versions of Kontract whose sealed statements are taken as they are.
    pub(super) fn list_generators(&self) -> Vec<String> {
        self.generators.iter().map(|version| (*version).to_owned()).collect()
    }
}

/// A storage with a registry.
pub trait HasRegistry {
    /// What it expects of its database.
    const REGISTRY: &'static Registry;
}
