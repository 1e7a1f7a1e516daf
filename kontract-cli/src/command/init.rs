//! `kontract init`: adds Kontract to a package. What exists stays.

use std::fs;
use std::path::{Path, PathBuf};

use clap::Args;
use serde_json::json;
use toml_edit::{Array, DocumentMut, InlineTable, Item, Table, Value};

use crate::args::Global;
use crate::command::Answer;
use crate::failure::Failure;
use crate::package::{self, Package};
use crate::show::{self, say};

const BUILD_SCRIPT: &str = "fn main() {\n    kontract_build::compile();\n}\n";

/// A file to write.
struct Edit {
    path: PathBuf,
    /// Its new text. `None` if the file stays unchanged.
    text: Option<String>,
    /// The additions, for the user.
    added: Vec<String>,
}

/// Add Kontract to a package
#[derive(Args, Debug)]
#[command(after_help = "\
Examples:
  cargo new app && kontract -C app init
  kontract init --path ../kontract     use a checkout of Kontract instead of a release

The command adds dependencies to Cargo.toml and writes build.rs. Existing entries stay; a second
run changes nothing.")]
pub struct Init {
    /// Depend on this checkout of Kontract
    #[arg(long, value_name = "DIR")]
    path: Option<PathBuf>,
}

impl Init {
    pub fn run(&self, global: &Global) -> Result<Answer, Failure> {
        let package = package::find(global)?;
        // All edits are computed before the first file is written.
        let edits = [edit_manifest(&package, self.path.as_deref())?, edit_build_script(&package)?];
        let mut done: Vec<String> = Vec::new();
        for edit in &edits {
            let Some(text) = &edit.text else { continue };
            fs::write(&edit.path, text).map_err(|error| {
                Failure::new(format!("{} cannot be written: {error}", edit.path.display()))
            })?;
            let shown = edit.path.strip_prefix(package.dir()).unwrap_or(&edit.path).display();
            done.extend(edit.added.iter().map(|added| format!("{shown}: {added}")));
        }
        let missing = find_place_for_table(&package);
        if global.json {
            show::json(&json!({"package": package.name(), "done": done, "missing": missing}));
            return Ok(Answer::Yes);
        }
        if done.is_empty() {
            say!("{}: already uses Kontract", package.name());
        } else {
            say!("{}: added Kontract", package.name());
        }
        done.iter().for_each(|line| say!("  {line}"));
        if let Some(file) = missing {
            say!("\nnext, write a first table, for example in {file}:\n\n{}", first_table(&file));
            say!("then run `cargo build`; `kontract diff` lists the changes");
        }
        Ok(Answer::Yes)
    }
}

/// Adds the dependencies to Cargo.toml.
fn edit_manifest(package: &Package, checkout: Option<&Path>) -> Result<Edit, Failure> {
    let path = package.manifest();
    let text = read_file(&path)?;
    let mut document: DocumentMut = text
        .parse()
        .map_err(|error| Failure::new(format!("{} cannot be read: {error}", path.display())))?;
    let mut added = Vec::new();
    let checkout = checkout.map(|dir| checkout_path(dir, &package.dir())).transpose()?;
    let dependency = |below: &str| match &checkout {
        None => Value::from(release()),
        Some(dir) => {
            let mut table = InlineTable::new();
            let path = Path::new(dir).join(below);
            table.insert("path", path.to_string_lossy().trim_end_matches('/').into());
            Value::InlineTable(table)
        }
    };
    let dependencies = [
        ("dependencies", "kontract", dependency("")),
        ("dependencies", "serde", with_features("1", &["derive"])),
        ("dependencies", "tokio", with_features("1", &["macros", "rt-multi-thread"])),
        ("build-dependencies", "kontract-build", dependency("kontract-build")),
    ];
    for (section, name, value) in dependencies {
        let table = document.entry(section).or_insert_with(|| Item::Table(Table::new()));
        let Some(table) = table.as_table_like_mut() else {
            return Err(Failure::new(format!("{}: `{section}` is not a table", path.display())));
        };
        if table.contains_key(name) {
            continue;
        }
        table.insert(name, Item::Value(value));
        added.push(format!("[{section}] {name}"));
    }
    let text = (!added.is_empty()).then(|| document.to_string());
    Ok(Edit { path, text, added })
}

/// The version to depend on: that of this program, up to the next breaking one.
fn release() -> String {
    let mut parts = env!("CARGO_PKG_VERSION").split('.');
    match (parts.next(), parts.next()) {
        (Some("0"), Some(minor)) => format!("0.{minor}"),
        (Some(major), _) => major.to_owned(),
        (None, _) => "*".to_owned(),
    }
}

fn with_features(version: &str, features: &[&str]) -> Value {
    let mut table = InlineTable::new();
    table.insert("version", version.into());
    table.insert("features", Value::Array(features.iter().copied().collect::<Array>()));
    Value::InlineTable(table)
}

/// The path of a checkout for Cargo.toml: as it was given, if it is absolute or relative to the
/// package.
fn checkout_path(dir: &Path, package: &Path) -> Result<String, Failure> {
    let found = fs::canonicalize(dir).ok().filter(|dir| dir.join("kontract-build").is_dir());
    let Some(found) = found else {
        return Err(Failure::new(format!("{} is not a checkout of Kontract", dir.display())));
    };
    let here = std::env::current_dir().ok().and_then(|dir| fs::canonicalize(dir).ok());
    let is_here = here.is_some() && here == fs::canonicalize(package).ok();
    // Cargo resolves a relative path from the directory of the package.
    let named = if is_here || dir.is_absolute() { dir } else { &found };
    Ok(named.to_string_lossy().into_owned())
}

/// Writes build.rs, or keeps the one that calls Kontract.
fn edit_build_script(package: &Package) -> Result<Edit, Failure> {
    let path = package.build_script().unwrap_or_else(|| package.dir().join("build.rs"));
    if !path.exists() {
        if package.refuses_build_script() {
            return Err(Failure::new("Cargo.toml has `build = false`")
                .note("nothing was changed")
                .help("remove that line: Kontract needs a build script"));
        }
        let added = vec!["kontract_build::compile()".to_owned()];
        return Ok(Edit { path, text: Some(BUILD_SCRIPT.to_owned()), added });
    }
    if read_file(&path)?.contains("kontract_build") {
        return Ok(Edit { path, text: None, added: Vec::new() });
    }
    Err(Failure::new(format!("{} exists and does not call Kontract", path.display()))
        .note("nothing was changed")
        .help("add `kontract_build::compile();` to its `main`, then run this command again"))
}

/// The file for the first table. Returns `None` if a root file already has `storage!()`.
fn find_place_for_table(package: &Package) -> Option<String> {
    let roots = package.roots();
    let has_storage =
        |root: &PathBuf| fs::read_to_string(root).is_ok_and(|text| text.contains("storage!"));
    if roots.iter().any(has_storage) {
        return None;
    }
    let root = roots.into_iter().next()?;
    Some(root.strip_prefix(package.dir()).unwrap_or(&root).to_string_lossy().into_owned())
}

fn first_table(file: &str) -> String {
    let table = "\
use kontract::prelude::*;

#[derive(Serialize, Deserialize, Table)]
pub struct User {
    #[primkey]
    pub id: String,
    pub name: String,
}

kontract::storage!();
";
    let main = "
#[tokio::main]
async fn main() -> kontract::Result<()> {
    let storage = Storage::connect(\"sqlite:app.db\").await?;
    storage.users.set(User { id: \"1\".into(), name: \"Ada\".into() }).await?;
    println!(\"{} users\", storage.users.list().await?.len());
    Ok(())
}
";
    if file.ends_with("main.rs") { format!("{table}{main}") } else { table.to_owned() }
}

fn read_file(path: &Path) -> Result<String, Failure> {
    fs::read_to_string(path)
        .map_err(|error| Failure::new(format!("{} cannot be read: {error}", path.display())))
}

#[cfg(test)]
mod tests {
    #[test]
    fn depends_on_this_version() {
        let version = super::release();
        assert!(env!("CARGO_PKG_VERSION").starts_with(&format!("{version}.")), "{version}");
    }
}
