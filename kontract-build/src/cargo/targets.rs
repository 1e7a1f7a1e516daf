//! The package's targets → the crate roots to scan.
//!
//! The library and the programs, found by cargo's rules, with the `name` and `path` of `[lib]` and
//! `[[bin]]` in Cargo.toml. Tests, examples and benchmarks are not scanned unless
//! [`Builder::root`](crate::Builder::root) adds them.

use std::path::{Path, PathBuf};

use toml_edit::{Document, TableLike};

use crate::directory::list_names;

/// The crate root of a target.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct CrateRoot {
    /// The name of the crate, as rustc knows it.
    pub krate: String,
    /// Whether it is a program; otherwise it is the library.
    pub is_bin: bool,
    /// Its file, relative to the package.
    pub file: PathBuf,
}

/// A target in Cargo.toml.
struct Target {
    is_bin: bool,
    name: Option<String>,
    path: Option<String>,
}

/// Finds the crate roots of the package and adds those of `extra` files: the library first, then the
/// programs by file.
pub fn find_crate_roots(package: &Path, package_name: &str, extra: &[PathBuf]) -> Vec<CrateRoot> {
    let manifest = std::fs::read_to_string(package.join("Cargo.toml")).unwrap_or_default();
    let targets = read_targets(&manifest);
    let mut roots: Vec<CrateRoot> = Vec::new();
    let mut add = |is_bin: bool, default_name: &str, file: PathBuf| {
        if !package.join(&file).is_file() || roots.iter().any(|root| root.file == file) {
            return;
        }
        let has_this_file = |target: &&Target| match &target.path {
            Some(path) => Path::new(path) == file,
            // Without a path the name leads to the file.
            None => !target.is_bin || target.name.as_deref() == Some(default_name),
        };
        let target = targets.iter().filter(|target| target.is_bin == is_bin).find(has_this_file);
        let name = target.and_then(|target| target.name.as_deref()).unwrap_or(default_name);
        roots.push(CrateRoot { krate: name.replace('-', "_"), is_bin, file });
    };
    for target in &targets {
        if let Some(path) = &target.path {
            let default =
                if target.is_bin { crate_name(Path::new(path)) } else { package_name.to_owned() };
            add(target.is_bin, &default, PathBuf::from(path));
        }
    }
    add(false, package_name, PathBuf::from("src/lib.rs"));
    add(true, package_name, PathBuf::from("src/main.rs"));
    for name in list_names(&package.join("src/bin")) {
        let path = Path::new("src/bin").join(&name);
        match name.strip_suffix(".rs") {
            Some(stem) => add(true, stem, path),
            None => add(true, &name, path.join("main.rs")),
        }
    }
    for file in extra {
        let is_known = roots.iter().any(|root| root.file == *file);
        if !is_known && package.join(file).is_file() {
            // For cargo an example is a program, a test is not.
            let is_bin = !["tests", "benches"].iter().any(|dir| file.starts_with(dir));
            let krate = crate_name(file).replace('-', "_");
            roots.push(CrateRoot { krate, is_bin, file: file.clone() });
        }
    }
    roots.sort_by(|a, b| (a.is_bin, &a.file).cmp(&(b.is_bin, &b.file)));
    roots
}

/// The default name of a crate whose root is this file: `src/bin/import.rs` and
/// `src/bin/import/main.rs` → `import`.
fn crate_name(file: &Path) -> String {
    let stem = |path: &Path| path.file_stem().map(|stem| stem.to_string_lossy().into_owned());
    let own = stem(file).unwrap_or_default();
    match file.parent().and_then(stem) {
        Some(dir) if own == "main" && dir != "src" => dir,
        _ => own,
    }
}

/// Reads `[lib]` and `[[bin]]`. Returns nothing for text that is not TOML, which cargo refuses.
fn read_targets(manifest: &str) -> Vec<Target> {
    let Ok(manifest) = Document::parse(manifest) else { return Vec::new() };
    let lib = manifest.get("lib").and_then(|lib| lib.as_table_like());
    let bins = manifest.get("bin").into_iter().flat_map(|bins| {
        let tables = bins.as_array_of_tables().into_iter().flatten();
        let inline = bins.as_array().into_iter().flatten();
        tables
            .map(|table| table as &dyn TableLike)
            .chain(inline.filter_map(|bin| Some(bin.as_inline_table()? as &dyn TableLike)))
    });
    let lib = lib.into_iter().map(|table| read_target(table, false));
    lib.chain(bins.map(|table| read_target(table, true))).collect()
}

fn read_target(table: &dyn TableLike, is_bin: bool) -> Target {
    let text = |key| table.get(key)?.as_str().map(str::to_owned);
    Target { is_bin, name: text("name"), path: text("path") }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::testing::Dir;

    fn found(files: &[(&str, &str)], extra: &[&str]) -> Vec<String> {
        let dir = Dir::with(files);
        let extra: Vec<PathBuf> = extra.iter().map(PathBuf::from).collect();
        let show = |root: CrateRoot| {
            format!("{}{} {}", root.krate, if root.is_bin { "!" } else { "" }, root.file.display())
        };
        find_crate_roots(dir.path(), "my-app", &extra).into_iter().map(show).collect()
    }

    #[test]
    fn crate_roots_by_cargos_rules() {
        let files = [
            ("src/lib.rs", ""),
            ("src/main.rs", ""),
            ("src/bin/import.rs", ""),
            ("src/bin/re-index/main.rs", ""),
            ("src/bin/re-index/part.rs", ""),
            ("src/other.rs", ""),
            ("tools/x.rs", ""),
        ];
        let expected = [
            "my_app src/lib.rs",
            "import! src/bin/import.rs",
            "re_index! src/bin/re-index/main.rs",
            "my_app! src/main.rs",
        ];
        assert_eq!(found(&files, &[]), expected);
        assert_eq!(found(&files, &["tools/x.rs"]).last().unwrap(), "x! tools/x.rs");
        let files = [("src/lib.rs", ""), ("tests/a-b.rs", ""), ("examples/c/main.rs", "")];
        assert_eq!(found(&files, &[]), ["my_app src/lib.rs"]);
        assert_eq!(
            found(&files, &["tests/a-b.rs", "examples/c/main.rs"]),
            ["my_app src/lib.rs", "a_b tests/a-b.rs", "c! examples/c/main.rs"]
        );
    }

    #[test]
    fn crate_roots_of_the_manifest() {
        let manifest = "
            [package]
            name = \"my-app\"
            [lib] # the library
            name = 'core'
            [[bin]]
            name = \"server\"
            path = \"server/main.rs\"
            [[bin]]
            path = \"src/main.rs\"
            name = \"my-app-cli\"
            [dependencies]
            path = \"no\"
        ";
        let files = [
            ("Cargo.toml", manifest),
            ("src/lib.rs", ""),
            ("src/main.rs", ""),
            ("server/main.rs", ""),
        ];
        assert_eq!(
            found(&files, &[]),
            ["core src/lib.rs", "server! server/main.rs", "my_app_cli! src/main.rs"]
        );
    }
    #[test]
    fn inline_tables_and_long_strings() {
        let manifest = "
            bin = [{ name = 'server', path = \"\"\"server/\\
                main.rs\"\"\" }]
            lib.name = \"co\\u0072e\"
            [package]
            name = \"my-app\"
        ";
        let files = [("Cargo.toml", manifest), ("src/lib.rs", ""), ("server/main.rs", "")];
        assert_eq!(found(&files, &[]), ["core src/lib.rs", "server! server/main.rs"]);
    }
}
