//! The facts from which `storage!()` makes `Storage`.

use kontract_schema::diagnostic::Diagnostics;
use kontract_schema::lock::LockFile;
use kontract_schema::registry::{Crate, Handle, Registry, RustMigration};

use super::OutputFile;
use crate::cargo::package::Package;
use crate::lock::migrations::MigrationFile;
use crate::source::items::{SourceItems, structs_by_table};

/// A field of `Storage` that is not a handle.
const RESERVED: &str = "kontract_base";

/// Makes the registry, and the copy of the lock file that it embeds.
pub fn registry_files(
    package: &Package,
    history_key: &str,
    items: &SourceItems,
    migrations: &[MigrationFile],
    lock: &LockFile,
    generators: &[String],
    problems: &Diagnostics,
) -> Vec<OutputFile> {
    let errors = problems.iter().filter(|problem| items.is_shown_by_storage(problem));
    let crates = package.roots.iter().enumerate().map(|(root, target)| Crate {
        name: target.krate.clone(),
        is_bin: target.is_bin,
        handles: handles(items, root),
    });
    let registry = Registry {
        package: history_key.to_owned(),
        version: lock.version,
        head: lock.head().to_owned(),
        draft: lock.draft.as_ref().map(|draft| draft.hash.clone()),
        generators: generators.to_vec(),
        errors: errors.map(ToString::to_string).collect(),
        migrations: migrations.iter().filter_map(|file| rust_migration(package, file)).collect(),
        crates: crates.collect(),
    };
    vec![("lock.json".to_owned(), lock.write()), (Registry::FILE.to_owned(), registry.write())]
}

/// The handles of a crate: one for each table whose struct the crate root can name.
fn handles(items: &SourceItems, root: usize) -> Vec<Handle> {
    let mut handles: Vec<Handle> = Vec::new();
    for strukt in structs_by_table(&items.structs).values() {
        let Some((path, is_pub)) = strukt.path_in(root) else { continue };
        let mut name = to_identifier(&strukt.table);
        while name == RESERVED || handles.iter().any(|handle| handle.name == name) {
            name.push('_');
        }
        handles.push(Handle {
            name,
            table: strukt.table.clone(),
            path: path.to_owned(),
            is_pub,
            keyless: strukt.item.as_ref().is_some_and(|item| item.raw.keyless.is_some()),
            for_owners: strukt.item.as_ref().is_some_and(|item| item.raw.is_for_owners()),
            fingerprint: strukt.fingerprint().map(|print| format!("{print:016x}")),
        });
    }
    handles
}

fn rust_migration(package: &Package, file: &MigrationFile) -> Option<RustMigration> {
    Some(RustMigration {
        version: file.version,
        path: package.migrations.join(&file.manual.file).display().to_string(),
        file: file.manual.file.clone(),
        checksum: file.manual.checksum.clone(),
        type_name: file.rust_code()?.ty,
    })
}

/// Turns a name into a Rust identifier: raw if it is a keyword, with `_` for invalid characters.
fn to_identifier(name: &str) -> String {
    let is_identifier = |text: &str| syn::parse_str::<syn::Ident>(text).is_ok();
    let is_valid = |c: char| is_identifier(&format!("x{c}"));
    let mut text: String = name.chars().map(|c| if is_valid(c) { c } else { '_' }).collect();
    if !text.starts_with(|c: char| c == '_' || is_identifier(&c.to_string())) {
        text.insert(0, '_');
    }
    if is_identifier(&text) {
        return text;
    }
    // `self`, `super`, `crate`, `Self` and `_` cannot be raw.
    let raw = format!("r#{text}");
    if is_identifier(&raw) { raw } else { text + "_" }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::source::items::TableStruct;
    use crate::source::scan::Home;

    #[test]
    fn identifiers() {
        for (name, expected) in [
            ("users", "users"),
            ("type", "r#type"),
            ("self", "self_"),
            ("my-table", "my_table"),
            ("2fa", "_2fa"),
            ("été", "été"),
            ("", "__"),
        ] {
            assert_eq!(to_identifier(name), expected);
        }
    }

    #[test]
    fn names_of_handles_are_unique() {
        let strukt = |table: &str| TableStruct {
            table: table.to_owned(),
            item: None,
            file: "src/lib.rs".into(),
            homes: vec![Home {
                root: 0,
                module: Vec::new(),
                path: Some("crate::A".to_owned()),
                is_pub: false,
            }],
        };
        let structs = ["a-b", "a_b", "kontract_base"].map(strukt).into();
        let items = SourceItems { structs, ..SourceItems::default() };
        let names: Vec<String> = handles(&items, 0).into_iter().map(|handle| handle.name).collect();
        assert_eq!(names, ["a_b", "a_b_", "kontract_base_"]);
        assert!(handles(&items, 1).is_empty());
    }
}
