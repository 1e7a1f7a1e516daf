//! Finds the package of the arguments, and what cargo would pass to its build script: `cargo
//! metadata` and `rustc --print cfg` in, [`Settings`] out.

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
    /// The description by `cargo metadata`.
    description: Value,
}

/// Opens the package of the arguments.
///
/// # Errors
/// There is no such package, or it does not use Kontract.
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
        features: package.enabled_features(global)?,
        cfg: read_cfg(global, &package.dir())?,
    };
    let project = Project::new(&settings)?;
    Ok((package, project))
}

/// Finds the package of the arguments.
///
/// # Errors
/// There is no such package, or there are several.
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
    if let Some(name) = &global.package {
        let all = list_names(&packages);
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
    // For the manifest of a workspace, the package is the only one that uses Kontract.
    packages.retain(Package::uses_kontract);
    match packages.len() {
        0 => Err(Failure::new("no package of the workspace uses Kontract")
            .help("add it to one: `kontract init --package NAME`")),
        1 => Ok(packages.swap_remove(0)),
        _ => Err(Failure::new("several packages of the workspace use Kontract")
            .help(format!("name one with `--package NAME`: {}", list_names(&packages)))),
    }
}

/// The names of the packages: `` `a`, `b` ``.
fn list_names(packages: &[Package]) -> String {
    let names: Vec<String> =
        packages.iter().map(|package| format!("`{}`", package.name())).collect();
    names.join(", ")
}

fn nearest_manifest() -> Result<PathBuf, Failure> {
    let here = std::env::current_dir()
        .map_err(|error| Failure::new(format!("the current directory cannot be read: {error}")))?;
    let manifest = here.ancestors().map(|dir| dir.join("Cargo.toml")).find(|path| path.is_file());
    manifest.ok_or_else(|| {
        Failure::new(format!("no Cargo.toml in {} or above it", here.display()))
            .help("change to the package, or name it: `kontract -C DIR …`")
    })
}

fn metadata(manifest: &Path) -> Result<Value, Failure> {
    let cargo = std::env::var_os("CARGO").unwrap_or_else(|| OsString::from("cargo"));
    let mut command = Command::new(cargo);
    command.args(["metadata", "--no-deps", "--format-version=1", "--manifest-path"]).arg(manifest);
    let text = output(command, "`cargo metadata`")?;
    serde_json::from_str(&text).map_err(|error| {
        Failure::new(format!("the output of `cargo metadata` is invalid: {error}"))
    })
}

/// The `cfg`s of the target, as cargo determines them.
fn read_cfg(global: &Global, dir: &Path) -> Result<Vec<String>, Failure> {
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

/// `build.target` of the nearest cargo configuration that has it.
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
        let message = String::from_utf8_lossy(&output.stderr);
        let message = message.trim().trim_start_matches("error: ");
        return Err(Failure::new(format!("{what} failed: {message}")));
    }
    Ok(String::from_utf8_lossy(&output.stdout).into_owned())
}

impl Package {
    /// The name.
    pub fn name(&self) -> &str {
        self.description["name"].as_str().unwrap_or_default()
    }

    /// The path of its Cargo.toml.
    pub fn manifest(&self) -> PathBuf {
        PathBuf::from(self.description["manifest_path"].as_str().unwrap_or_default())
    }

    /// The directory.
    pub fn dir(&self) -> PathBuf {
        self.manifest().parent().map(Path::to_owned).unwrap_or_default()
    }

    /// The path of its build script.
    pub fn build_script(&self) -> Option<PathBuf> {
        let targets = self.description["targets"].as_array()?;
        let is_script = |target: &&Value| target["kind"][0] == "custom-build";
        Some(PathBuf::from(targets.iter().find(is_script)?["src_path"].as_str()?))
    }

    /// Whether Cargo.toml has `build = false`.
    pub fn refuses_build_script(&self) -> bool {
        let text = std::fs::read_to_string(self.manifest()).unwrap_or_default();
        let document: Option<DocumentMut> = text.parse().ok();
        let build = document.as_ref().and_then(|document| document.get("package")?.get("build"));
        build.and_then(Item::as_bool) == Some(false)
    }

    /// The root files of its library and its programs, the library first.
    pub fn roots(&self) -> Vec<PathBuf> {
        let targets = self.description["targets"].as_array().map(Vec::as_slice).unwrap_or_default();
        let of_kind =
            |kind: &'static str| targets.iter().filter(move |target| target["kind"][0] == kind);
        let all = of_kind("lib").chain(of_kind("bin"));
        let paths = all.filter_map(|target| target["src_path"].as_str());
        paths.map(PathBuf::from).collect()
    }

    fn uses_kontract(&self) -> bool {
        let dependencies = self.description["dependencies"].as_array().into_iter().flatten();
        let mut names = dependencies
            .filter(|dependency| dependency["kind"] == "build")
            .map(|dependency| &dependency["name"]);
        names.any(|name| name == "kontract-build")
    }

    /// The enabled features: the default ones and those of the arguments, with the features that
    /// they enable.
    fn enabled_features(&self, global: &Global) -> Result<BTreeSet<String>, Failure> {
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
            // `dep:tls` is not a feature; `tls/ring` enables the feature `tls`, if there is one.
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

    #[derive(clap::Parser)]
    struct OnlyGlobal {
        #[command(flatten)]
        global: Global,
    }

    fn enabled(arguments: &[&str]) -> Vec<String> {
        let description = serde_json::json!({
            "name": "app",
            "features": {"default": ["a"], "a": ["b", "dep:x"], "b": [], "c": ["tls/ring", "log?/std"],
                         "tls": ["dep:tls"], "log": ["dep:log"]},
        });
        let arguments = ["kontract"].iter().chain(arguments);
        let arguments = OnlyGlobal::parse_from(arguments);
        let package = Package { description };
        let features = package.enabled_features(&arguments.global);
        features
            .map_or_else(|failure| vec![failure.diagnostic.message], |on| on.into_iter().collect())
    }

    #[test]
    fn features_enable_others() {
        assert_eq!(enabled(&[]), ["a", "b", "default"]);
        assert_eq!(enabled(&["--no-default-features"]), [""; 0]);
        assert_eq!(enabled(&["--no-default-features", "-F", "c,b"]), ["b", "c", "tls"]);
        assert_eq!(enabled(&["--features", "nope"]), ["the package `app` has no feature `nope`"]);
    }
}
