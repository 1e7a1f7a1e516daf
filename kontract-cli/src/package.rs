//! Which package is meant, and what cargo would tell its build script: `cargo metadata` and
//! `rustc --print cfg` in, [`Settings`] out.

use std::collections::BTreeSet;
use std::ffi::OsString;
use std::path::{Path, PathBuf};
use std::process::Command;

use kontract_build::project::{Project, Settings};
use serde_json::Value;
use toml_edit::{DocumentMut, Item};

use crate::args::Global;
use crate::failure::Failure;

/// A package of the workspace, as cargo describes it.
pub struct Package {
    /// Cargo's description.
    description: Value,
}

/// The package that the arguments mean, opened.
///
/// # Errors
/// There is none, or it does not use Kontract.
pub fn open(global: &Global) -> Result<(Package, Project), Failure> {
    let package = find(global)?;
    if !package.uses_kontract() {
        let message = format!("the package `{}` does not use Kontract", package.name());
        return Err(Failure::new(message)
            .note("it has no build-dependency `kontract-build`")
            .help("add it: `kontract init`"));
    }
    let settings = Settings {
        name: package.name().to_owned(),
        dir: package.dir(),
        build_script: package.build_script(),
        features: package.features(global)?,
        cfg: cfg(global, &package.dir())?,
    };
    let project = Project::new(&settings)?;
    Ok((package, project))
}

/// The package that the arguments mean.
///
/// # Errors
/// There is none, or there are several.
pub fn find(global: &Global) -> Result<Package, Failure> {
    let manifest = match &global.manifest_path {
        Some(path) => path.clone(),
        None => nearest_manifest()?,
    };
    let metadata = metadata(&manifest)?;
    let mut packages: Vec<Package> = metadata["packages"]
        .as_array()
        .into_iter()
        .flatten()
        .map(|description| Package { description: description.clone() })
        .collect();
    let names = |packages: &[Package]| {
        packages
            .iter()
            .map(|package| format!("`{}`", package.name()))
            .collect::<Vec<_>>()
            .join(", ")
    };
    if let Some(name) = &global.package {
        let all = names(&packages);
        return packages.into_iter().find(|package| package.name() == name).ok_or_else(|| {
            Failure::new(format!("the workspace has no package `{name}`"))
                .note(format!("it has {all}"))
        });
    }
    let real = std::fs::canonicalize(&manifest).unwrap_or(manifest);
    let here = |package: &Package| {
        let path = package.manifest();
        std::fs::canonicalize(&path).unwrap_or(path) == real
    };
    if let Some(place) = packages.iter().position(here) {
        return Ok(packages.swap_remove(place));
    }
    // The manifest of a workspace: its one package with tables is meant.
    packages.retain(Package::uses_kontract);
    match packages.len() {
        0 => Err(Failure::new("no package of the workspace uses Kontract")
            .help("add it to one: `kontract init --package NAME`")),
        1 => Ok(packages.swap_remove(0)),
        _ => Err(Failure::new("several packages of the workspace use Kontract")
            .help(format!("say which: `--package NAME`, one of {}", names(&packages)))),
    }
}

fn nearest_manifest() -> Result<PathBuf, Failure> {
    let here = std::env::current_dir()
        .map_err(|error| Failure::new(format!("the current directory is not known: {error}")))?;
    let manifest = here.ancestors().map(|dir| dir.join("Cargo.toml")).find(|path| path.is_file());
    manifest.ok_or_else(|| {
        Failure::new(format!("there is no Cargo.toml in {} or above it", here.display()))
            .help("go to the package, or name it: `kontract -C DIR …`")
    })
}

fn metadata(manifest: &Path) -> Result<Value, Failure> {
    let cargo = std::env::var_os("CARGO").unwrap_or_else(|| OsString::from("cargo"));
    let mut command = Command::new(cargo);
    command.args(["metadata", "--no-deps", "--format-version=1", "--manifest-path"]).arg(manifest);
    let text = output(command, "`cargo metadata`")?;
    serde_json::from_str(&text)
        .map_err(|error| Failure::new(format!("`cargo metadata` cannot be understood: {error}")))
}

/// What is set for the target, as cargo finds it out.
fn cfg(global: &Global, dir: &Path) -> Result<Vec<String>, Failure> {
    let rustc = std::env::var_os("RUSTC").unwrap_or_else(|| OsString::from("rustc"));
    let mut command = Command::new(rustc);
    command.args(["--print", "cfg"]).current_dir(dir);
    if let Some(target) = global.target.clone().or_else(|| configured_target(dir)) {
        command.args(["--target", &target]);
    }
    if let Ok(flags) = std::env::var("RUSTFLAGS") {
        command.args(flags.split_whitespace());
    }
    Ok(output(command, "`rustc --print cfg`")?.lines().map(str::to_owned).collect())
}

/// `build.target` of the nearest configuration of cargo that has one.
fn configured_target(dir: &Path) -> Option<String> {
    let home = std::env::var_os("CARGO_HOME").map(PathBuf::from);
    let home = home.or_else(|| Some(PathBuf::from(std::env::var_os("HOME")?).join(".cargo")));
    let places = dir.ancestors().map(|dir| dir.join(".cargo")).chain(home);
    let mut files = places.flat_map(|dir| [dir.join("config.toml"), dir.join("config")]);
    files.find_map(|file| {
        let document: DocumentMut = std::fs::read_to_string(file).ok()?.parse().ok()?;
        Some(document.get("build")?.get("target")?.as_str()?.to_owned())
    })
}

fn output(mut command: Command, what: &str) -> Result<String, Failure> {
    let output =
        command.output().map_err(|error| Failure::new(format!("{what} cannot be run: {error}")))?;
    if !output.status.success() {
        let said = String::from_utf8_lossy(&output.stderr);
        let said = said.trim().trim_start_matches("error: ");
        return Err(Failure::new(format!("{what} failed: {said}")));
    }
    Ok(String::from_utf8_lossy(&output.stdout).into_owned())
}

impl Package {
    /// Its name.
    pub fn name(&self) -> &str {
        self.description["name"].as_str().unwrap_or_default()
    }

    /// Its Cargo.toml.
    pub fn manifest(&self) -> PathBuf {
        PathBuf::from(self.description["manifest_path"].as_str().unwrap_or_default())
    }

    /// Its directory.
    pub fn dir(&self) -> PathBuf {
        self.manifest().parent().map(Path::to_owned).unwrap_or_default()
    }

    /// Its build script.
    pub fn build_script(&self) -> Option<PathBuf> {
        let targets = self.description["targets"].as_array()?;
        let is_script = |target: &&Value| target["kind"][0] == "custom-build";
        Some(PathBuf::from(targets.iter().find(is_script)?["src_path"].as_str()?))
    }

    /// Whether Cargo.toml says `build = false`.
    pub fn refuses_build_script(&self) -> bool {
        let text = std::fs::read_to_string(self.manifest()).unwrap_or_default();
        let document: Option<DocumentMut> = text.parse().ok();
        let build = document.as_ref().and_then(|document| document.get("package")?.get("build"));
        build.and_then(Item::as_bool) == Some(false)
    }

    /// The files of its library and its programs, the library first.
    pub fn roots(&self) -> Vec<PathBuf> {
        let targets = self.description["targets"].as_array().map(Vec::as_slice).unwrap_or_default();
        let of =
            |kind: &'static str| targets.iter().filter(move |target| target["kind"][0] == kind);
        let paths = of("lib").chain(of("bin")).filter_map(|target| target["src_path"].as_str());
        paths.map(PathBuf::from).collect()
    }

    fn uses_kontract(&self) -> bool {
        let dependencies = self.description["dependencies"].as_array().into_iter().flatten();
        let mut names = dependencies
            .filter(|dependency| dependency["kind"] == "build")
            .map(|dependency| &dependency["name"]);
        names.any(|name| name == "kontract-build")
    }

    /// The features that are on: the default ones and those that the arguments name, with all that
    /// these bring.
    fn features(&self, global: &Global) -> Result<BTreeSet<String>, Failure> {
        let known = &self.description["features"];
        let mut wanted: Vec<String> = global.features.clone();
        for name in &wanted {
            if known.get(name).is_none() {
                let message = format!("the package `{}` has no feature `{name}`", self.name());
                return Err(Failure::new(message));
            }
        }
        if !global.no_default_features {
            wanted.push("default".to_owned());
        }
        let mut on = BTreeSet::new();
        while let Some(name) = wanted.pop() {
            // `dep:tls` is none; `tls/ring` is the feature `tls` where there is one.
            let name = name.split('/').next().unwrap_or_default().to_owned();
            let Some(brings) = known.get(&name).and_then(Value::as_array) else { continue };
            if on.insert(name) {
                let brings = brings.iter().filter_map(Value::as_str);
                wanted.extend(brings.map(str::to_owned));
            }
        }
        Ok(on)
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use clap::Parser as _;

    fn on(arguments: &[&str]) -> Vec<String> {
        let description = serde_json::json!({
            "name": "app",
            "features": {"default": ["a"], "a": ["b", "dep:x"], "b": [], "c": ["tls/ring", "log?/std"],
                         "tls": ["dep:tls"], "log": ["dep:log"]},
        });
        let arguments = ["kontract", "check"].iter().chain(arguments);
        let arguments = crate::args::Arguments::parse_from(arguments);
        let package = Package { description };
        let features = package.features(&arguments.global);
        features.map_or_else(|failure| vec![failure.message], |on| on.into_iter().collect())
    }

    #[test]
    fn features_bring_others() {
        assert_eq!(on(&[]), ["a", "b", "default"]);
        assert_eq!(on(&["--no-default-features"]), [""; 0]);
        assert_eq!(on(&["--no-default-features", "-F", "c,b"]), ["b", "c", "tls"]);
        assert_eq!(on(&["--features", "nope"]), ["the package `app` has no feature `nope`"]);
    }
}
