//! The module tree of the package → every struct and enum in it that has one of Kontract's derives.
//!
//! The scan follows what rustc would compile: from the root of each target along `mod`
//! declarations, with both rules of `#[path]`, and with `#[cfg]` decided by [`crate::source::cfg`].
//! A file without `mod` declarations and derives is read but not parsed. Structs that only a macro
//! produces (`macro_rules!`, `include!`) are not seen; their derive reports an error because it
//! finds no verdict.

use std::path::Path;

use kontract_schema::diagnostic::{Diagnostics, SourceRange};
use syn::DeriveInput;

use crate::cargo::targets::CrateRoot;
use crate::source::cfg::{Cfg, ConditionalField};
use crate::source::source_file::SourceFile;

mod item_tokens;
mod lex;
mod re_exports;
mod scanner;

/// The result of a scan.
#[derive(Default)]
pub struct Scan {
    /// The structs and enums, in the order of the source.
    pub items: Vec<ScannedItem>,
    /// Every file of the module tree.
    pub sources: Vec<SourceFile>,
    /// Files, modules and structs that cannot be read.
    pub broken: Diagnostics,
    /// Conditions that cannot be decided.
    pub undecided: Diagnostics,
    /// Tables and modules that a condition disables in this build.
    pub disabled: Vec<DisabledByCfg>,
    /// Whether a file contains `storage!`.
    pub has_storage: bool,
}

/// A struct or enum that has one of Kontract's derives.
pub struct ScannedItem {
    /// The name of the derive.
    pub derive: &'static str,
    /// The item as the derive sees it.
    pub input: DeriveInput,
    /// Its position.
    pub place: SourceRange,
    /// The conditions of the item and of the modules around it.
    pub conditions: Vec<String>,
    /// The conditional fields that exist in this build.
    pub enabled_fields: Vec<ConditionalField>,
    /// The conditional fields that do not exist in this build.
    pub disabled_fields: Vec<ConditionalField>,
    /// The crates it belongs to: more than one if two targets share a file.
    pub homes: Vec<Home>,
}

/// An item that a condition disables in this build.
pub struct DisabledByCfg {
    /// The item.
    pub item: DisabledItem,
    /// The condition as it is written: `cfg(feature = "extra")`.
    pub cfg: String,
    /// Its position.
    pub place: SourceRange,
}

/// What a condition disables.
pub enum DisabledItem {
    /// The struct of a table.
    Table(Box<DeriveInput>),
    /// A module.
    Module(String),
}

/// An item's place in one crate.
pub struct Home {
    /// The index of the crate root.
    pub root: usize,
    /// The path of its module below the crate root.
    pub module: Vec<String>,
    /// The path by which the crate root can name it, `crate::models::User`; `None` if it cannot.
    pub path: Option<String>,
    /// Whether it is `pub`, so that a public signature may contain it.
    pub is_pub: bool,
}

/// Scans the crates of a package.
pub fn scan_crates(package: &Path, roots: &[CrateRoot], cfg: &Cfg) -> Scan {
    scanner::scan_crates(package, roots, cfg)
}

#[cfg(test)]
mod tests;
