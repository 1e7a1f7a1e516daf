//! The package's targets → the crate roots to scan.
//!
//! The library and the programs, by cargo's own rules for their places, with the `name` and `path`
//! that `[lib]` and `[[bin]]` sections of Cargo.toml give. Tests, examples and benchmarks have no
//! tables of their own. Of Cargo.toml only these lines are read; what they cannot say (an inline
//! table), [`Builder::root`](crate::Builder::root) can.

use std::path::{Path, PathBuf};

use crate::scan::Root;

/// A `[lib]` or `[[bin]]` section.
#[derive(Debug, Default, PartialEq)]
struct Section {
    is_bin: bool,
    name: Option<String>,
    path: Option<String>,
}

/// The crate roots of the package, those of `extra` files among them: the library first, then the
/// programs by file.
pub fn roots(package: &Path, package_name: &str, extra: &[PathBuf]) -> Vec<Root> {
    let sections =
        sections(&std::fs::read_to_string(package.join("Cargo.toml")).unwrap_or_default());
    let mut roots: Vec<Root> = Vec::new();
    let mut add = |is_bin: bool, default_name: &str, file: PathBuf| {
        if !package.join(&file).is_file() || roots.iter().any(|root| root.file == file) {
            return;
        }
        let of_this = |section: &&Section| match &section.path {
            Some(path) => Path::new(path) == file,
            // Without a path the name leads to the file.
            None => !section.is_bin || section.name.as_deref() == Some(default_name),
        };
        let section = sections.iter().filter(|section| section.is_bin == is_bin).find(of_this);
        let name = section.and_then(|section| section.name.as_deref()).unwrap_or(default_name);
        roots.push(Root { krate: name.replace('-', "_"), is_bin, file });
    };
    for section in &sections {
        if let Some(path) = &section.path {
            let default =
                if section.is_bin { stem(Path::new(path)) } else { package_name.to_owned() };
            add(section.is_bin, &default, PathBuf::from(path));
        }
    }
    add(false, package_name, PathBuf::from("src/lib.rs"));
    add(true, package_name, PathBuf::from("src/main.rs"));
    for name in names_in(&package.join("src/bin")) {
        let path = Path::new("src/bin").join(&name);
        match name.strip_suffix(".rs") {
            Some(stem) => add(true, stem, path),
            None => add(true, &name, path.join("main.rs")),
        }
    }
    for file in extra {
        let known = roots.iter().any(|root| root.file == *file);
        if !known && package.join(file).is_file() {
            // For cargo an example is a program, a test is not.
            let is_bin = !["tests", "benches"].iter().any(|dir| file.starts_with(dir));
            let krate = stem(file).replace('-', "_");
            roots.push(Root { krate, is_bin, file: file.clone() });
        }
    }
    roots.sort_by(|a, b| (a.is_bin, &a.file).cmp(&(b.is_bin, &b.file)));
    roots
}

/// The names in a directory, ordered; none if it cannot be read. One that is not Unicode is shown
/// as well as it can be, and names no file.
pub fn names_in(dir: &Path) -> Vec<String> {
    let entries = std::fs::read_dir(dir).into_iter().flatten().flatten();
    let mut names: Vec<String> =
        entries.map(|entry| entry.file_name().to_string_lossy().into_owned()).collect();
    names.sort();
    names
}

/// The name of a crate whose root is this file: `src/bin/import.rs` and `src/bin/import/main.rs` →
/// `import`.
fn stem(file: &Path) -> String {
    let name = |path: &Path| path.file_stem().map(|stem| stem.to_string_lossy().into_owned());
    let own = name(file).unwrap_or_default();
    match file.parent().and_then(name) {
        Some(dir) if own == "main" && dir != "src" => dir,
        _ => own,
    }
}

fn sections(manifest: &str) -> Vec<Section> {
    let mut sections = Vec::new();
    let mut inside = false;
    for line in manifest.lines().map(str::trim) {
        if line.starts_with('[') {
            let header: String =
                line.chars().take_while(|c| *c != '#').filter(|c| *c != ' ').collect();
            inside = matches!(header.as_str(), "[lib]" | "[[bin]]");
            if inside {
                sections.push(Section { is_bin: header == "[[bin]]", ..Section::default() });
            }
        } else if inside
            && let Some((key, value)) = line.split_once('=')
            && let Some(section) = sections.last_mut()
        {
            match key.trim().trim_matches('"') {
                "name" => section.name = text(value),
                "path" => section.path = text(value),
                _ => {}
            }
        }
    }
    sections
}

/// The text between the quotes.
fn text(value: &str) -> Option<String> {
    let value = value.trim();
    let quote = value.chars().next().filter(|c| matches!(c, '"' | '\''))?;
    value[1..].split(quote).next().map(str::to_owned)
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::testing::Dir;

    fn found(files: &[(&str, &str)], extra: &[&str]) -> Vec<String> {
        let dir = Dir::with(files);
        let extra: Vec<PathBuf> = extra.iter().map(PathBuf::from).collect();
        let show = |root: Root| {
            format!("{}{} {}", root.krate, if root.is_bin { "!" } else { "" }, root.file.display())
        };
        roots(dir.path(), "my-app", &extra).into_iter().map(show).collect()
    }

    #[test]
    fn by_cargos_rules() {
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
    fn by_the_manifest() {
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
}
