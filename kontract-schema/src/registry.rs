//! What the build script passes to `storage!()`: one file for all crates of the package.
//!
//! The macro turns these facts into Rust code and decides nothing. The file contains no path of the
//! machine, so it is the same everywhere.

use serde::{Deserialize, Serialize};

/// The file `registry.json`.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Registry {
    /// The name under which databases keep the history of the package.
    pub package: String,
    /// The version of the lock file.
    pub version: u32,
    /// The hash of the newest sealed migration; empty before the first.
    pub head: String,
    /// The hash of the draft.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub draft: Option<String>,
    /// The versions of Kontract whose sealed statements are taken as they are.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub generators: Vec<String>,
    /// The errors that belong to no struct, in the printed form of
    /// [`Diagnostic`](crate::diagnostic::Diagnostic).
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub errors: Vec<String>,
    /// The migrations that are written in Rust, by number.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub migrations: Vec<RustMigration>,
    /// The library and the programs of the package.
    pub crates: Vec<Crate>,
}

/// A migration that is written in Rust.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct RustMigration {
    /// Its number.
    pub version: u32,
    /// The path of its file, relative to the package if it is inside it.
    pub path: String,
    /// The name of its file.
    pub file: String,
    /// The checksum of its file.
    pub checksum: String,
    /// The name of the struct that implements it.
    pub type_name: String,
}

/// A crate of the package.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Crate {
    /// Its name, as rustc knows it.
    pub name: String,
    /// Whether it is a program. The library and a program may have the same name.
    pub is_bin: bool,
    /// The handles of its tables.
    pub handles: Vec<Handle>,
}

/// The handle of a table: a field of `Storage`.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Handle {
    /// The name of the field, a Rust identifier.
    pub name: String,
    /// The logical name of the table.
    pub table: String,
    /// The path of its struct from the crate root, `crate::models::User`.
    pub path: String,
    /// Whether the struct is public.
    pub is_pub: bool,
    /// Whether the table has no key.
    #[serde(default, skip_serializing_if = "crate::serde::is_default")]
    pub keyless: bool,
    /// Whether the storages of owners have the table: it is owned or shared.
    #[serde(default, skip_serializing_if = "crate::serde::is_default")]
    pub for_owners: bool,
    /// The fingerprint of the struct as the build script read it, 16 hexadecimal digits; `None` if
    /// its derive reports an error.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub fingerprint: Option<String>,
}

/// A registry that was not written by this version of Kontract.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Unreadable;

impl Registry {
    /// The name of the file.
    pub const FILE: &str = "registry.json";

    /// Writes the text of the file.
    pub fn write(&self) -> String {
        let json = serde_json::to_string(self);
        json.expect("the types of the registry serialize to JSON") + "\n"
    }

    /// Reads the text of the file.
    ///
    /// # Errors
    /// It was not written by this version of Kontract.
    pub fn read(text: &str) -> Result<Registry, Unreadable> {
        serde_json::from_str(text).map_err(|_| Unreadable)
    }

    /// Finds a crate.
    pub fn find_crate(&self, name: &str, is_bin: bool) -> Option<&Crate> {
        self.crates.iter().find(|krate| krate.name == name && krate.is_bin == is_bin)
    }
}
