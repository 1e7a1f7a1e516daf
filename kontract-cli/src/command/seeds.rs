//! The scripts in seeds/: reading and running them.

use std::fs;
use std::io::{Error as IoError, ErrorKind};
use std::path::Path;

use kontract_runtime::manage::Migrator;
use kontract_schema::dialect::Dialect;

use super::migrate::runner::split_refusal;
use crate::failure::Failure;

/// The directory of the scripts, below the package.
const DIRECTORY: &str = "seeds";

/// A script.
pub struct Script {
    /// `seeds/01_users.sql`.
    name: String,
    text: String,
}

/// The failure for a package without the directory.
pub fn missing_directory(dir: &Path) -> Failure {
    let dir = dir.join(DIRECTORY);
    Failure::new(format!("the directory {} does not exist", dir.display()))
        .help("create it, with scripts such as seeds/01_users.sql")
        .help("name a script for one database 01_users.postgres.sql or 01_users.sqlite.sql")
}

/// The scripts of a package for a database, sorted by name. Returns `None` without the directory.
///
/// # Errors
/// The directory or a script cannot be read.
pub fn read_scripts(dir: &Path, dialect: Dialect) -> Result<Option<Vec<Script>>, Failure> {
    let dir = dir.join(DIRECTORY);
    let entries = match fs::read_dir(&dir) {
        Ok(entries) => entries,
        Err(error) if error.kind() == ErrorKind::NotFound => return Ok(None),
        Err(error) => return Err(unreadable(&dir, &error)),
    };
    let mut names = Vec::new();
    for entry in entries {
        let entry = entry.map_err(|error| unreadable(&dir, &error))?;
        names.push(entry.file_name().to_string_lossy().into_owned());
    }
    names.sort();
    let mut scripts = Vec::new();
    for name in names.into_iter().filter(|name| is_script_for(name, dialect)) {
        let path = dir.join(&name);
        let text = fs::read_to_string(&path).map_err(|error| unreadable(&path, &error))?;
        let text = text.trim_start_matches('\u{feff}').to_owned();
        scripts.push(Script { name: format!("{DIRECTORY}/{name}"), text });
    }
    Ok(Some(scripts))
}

/// Whether a file of this name is a script, and not one for another database.
fn is_script_for(name: &str, dialect: Dialect) -> bool {
    let Some(stem) = name.strip_suffix(".sql").filter(|_| !name.starts_with('.')) else {
        return false;
    };
    let mut others = Dialect::ALL.iter().filter(|other| **other != dialect);
    !others.any(|other| stem.ends_with(&format!(".{}", other.name())))
}

fn unreadable(path: &Path, error: &IoError) -> Failure {
    Failure::new(format!("{} cannot be read: {error}", path.display()))
}

/// Runs the scripts and returns their names. The inner error is a script that failed.
///
/// # Errors
/// The database cannot be reached.
pub async fn run_scripts(
    migrator: &Migrator,
    scripts: &[Script],
) -> Result<Result<Vec<String>, Failure>, Failure> {
    let mut ran = Vec::new();
    for script in scripts {
        if let Err(mut refusal) = split_refusal(migrator.seed(&script.name, &script.text).await)? {
            if !ran.is_empty() {
                refusal = refusal.note(format!("done before: {}", ran.join(", ")));
            }
            return Ok(Err(refusal));
        }
        ran.push(script.name.clone());
    }
    Ok(Ok(ran))
}
