//! Reads the build script's output: the verdict on a struct, or the registry. A macro reads one file.

use std::path::Path;

use kontract_schema::code;
use kontract_schema::diagnostic::Diagnostic;
use kontract_schema::registry::{Crate, Registry};
use kontract_schema::source::raw::{self, RawTable};
use kontract_schema::verdict::Verdict;

/// The environment variable with the directory of the build script's output.
const OUT: &str = "KONTRACT_OUT";

fn no_build_script() -> Diagnostic {
    Diagnostic::new(code::NO_BUILD_SCRIPT, "this package has no Kontract build script")
        .help("add `kontract-build` to [build-dependencies] in Cargo.toml, and to build.rs:\n`fn main() { kontract_build::compile(); }`")
}

/// The verdict on a struct.
///
/// # Errors
/// The package has no build script, or the build script saw another struct than the compiler. Changes
/// would not be checked, so both are errors.
pub fn read_verdict(raw: &RawTable) -> Result<Verdict, Box<Diagnostic>> {
    let name = raw.table_name();
    let Some(out) = std::env::var_os(OUT) else {
        return Err(Box::new(
            no_build_script()
                .at(raw.at)
                .help("or, for a table without migrations, write `#[table(standalone)]`"),
        ));
    };
    let not_seen = |what: &str| {
        Box::new(
            Diagnostic::new(code::NOT_SEEN, format!("the build script {what} `{}`", raw.ident))
                .at(raw.at)
                .note("it reads the files of the module tree; it does not see a struct that a macro makes, in a function, or under `#[cfg(test)]`")
                .help("move the struct to a module, name its file with `kontract_build::Builder::root`,\nor, for a table without migrations, write `#[table(standalone)]`"),
        )
    };
    let path = Path::new(&out).join("tables").join(format!("{name}.json"));
    let Ok(text) = std::fs::read_to_string(&path) else { return Err(not_seen("did not see")) };
    let Ok(mut verdict) = Verdict::read(&text) else {
        return Err(not_seen("wrote no readable verdict on"));
    };
    if verdict.fingerprint != format!("{:016x}", raw::fingerprint(raw)) {
        return Err(not_seen("saw another struct than"));
    }
    verdict.table.name = name;
    Ok(verdict)
}

/// Reads the registry. Returns it with the crate of it that is compiled.
///
/// # Errors
/// The package has no build script, or the build script did not see this crate.
pub fn read_registry() -> Result<(Registry, Crate), Box<Diagnostic>> {
    let (Ok(name), Some(out)) = (std::env::var("CARGO_CRATE_NAME"), std::env::var_os(OUT)) else {
        return Err(Box::new(no_build_script()));
    };
    let is_bin = std::env::var_os("CARGO_BIN_NAME").is_some();
    let text = std::fs::read_to_string(Path::new(&out).join(Registry::FILE)).ok();
    let registry = text.and_then(|text| Registry::read(&text).ok());
    let found = registry.and_then(|registry| {
        let krate = registry.find_crate(&name, is_bin)?.clone();
        Some((registry, krate))
    });
    found.ok_or_else(|| {
        Box::new(
            Diagnostic::new(code::NOT_SEEN, format!("the build script did not see the crate `{name}`"))
                .note("it reads the library and the programs of the package; tests and examples use the storage of the library")
                .help("name the root file of another crate with `kontract_build::Builder::root`"),
        )
    })
}
