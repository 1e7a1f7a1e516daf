//! `kontract seed`: scripts with rows to develop with, in the order of their names.

use std::fs;
use std::io::ErrorKind;
use std::path::Path;

use kontract_runtime::manage::{Migrator, Options};
use kontract_schema::dialect::Dialect;
use serde_json::json;

use super::migrate::{self, answered};
use crate::Answer;
use crate::args::{Global, Seed};
use crate::database::block_on;
use crate::failure::Failure;
use crate::show::{self, count, say};

/// Where they are, below the package.
pub const DIRECTORY: &str = "seeds";

/// A script.
pub struct Script {
    /// `seeds/01_users.sql`.
    pub name: String,
    text: String,
}

pub fn run(global: &Global, _: &Seed) -> Result<Answer, Failure> {
    let target = migrate::target(global)?;
    let ran = block_on(async {
        let migrator = target.migrator(Options::from_env()?)?;
        let ran = match scripts(&target.dir, migrator.dialect())? {
            Some(scripts) => run_all(&migrator, &scripts).await,
            None => Err(missing(&target.dir)),
        };
        migrator.close().await;
        ran
    })?;
    let ran = match ran {
        Ok(ran) => ran,
        Err(refusal) => {
            show::failure(&refusal, global.json);
            return Ok(Answer::No);
        }
    };
    let name = &target.name;
    match global.json {
        true => show::json(&json!({"package": name, "seeds": ran})),
        false => {
            say!("{name}: {} run", count(ran.len(), "seed"));
            ran.iter().for_each(|script| say!("  {script}"));
        }
    }
    Ok(Answer::Yes)
}

fn missing(dir: &Path) -> Failure {
    let dir = dir.join(DIRECTORY);
    Failure::new(format!("there is no directory {}", dir.display()))
        .help("make it, with scripts like seeds/01_users.sql")
        .help(
            "a script for one database alone is named 01_users.postgres.sql or 01_users.sqlite.sql",
        )
}

/// Those of a package for a database, by name; none where there is no directory.
///
/// # Errors
/// They cannot be read.
pub fn scripts(dir: &Path, dialect: Dialect) -> Result<Option<Vec<Script>>, Failure> {
    let dir = dir.join(DIRECTORY);
    let failed = |path: &Path, error: &std::io::Error| {
        Failure::new(format!("{} cannot be read: {error}", path.display()))
    };
    let entries = match fs::read_dir(&dir) {
        Ok(entries) => entries,
        Err(error) if error.kind() == ErrorKind::NotFound => return Ok(None),
        Err(error) => return Err(failed(&dir, &error)),
    };
    let mut names = Vec::new();
    for entry in entries {
        let entry = entry.map_err(|error| failed(&dir, &error))?;
        names.push(entry.file_name().to_string_lossy().into_owned());
    }
    names.sort();
    let fits = |name: &String| {
        let Some(stem) = name.strip_suffix(".sql").filter(|_| !name.starts_with('.')) else {
            return false;
        };
        let other =
            |other: &Dialect| *other != dialect && stem.ends_with(&format!(".{}", other.name()));
        !Dialect::ALL.iter().any(other)
    };
    let read = |name: String| {
        let path = dir.join(&name);
        let text = fs::read_to_string(&path).map_err(|error| failed(&path, &error))?;
        let text = text.trim_start_matches('\u{feff}').to_owned();
        Ok(Script { name: format!("{DIRECTORY}/{name}"), text })
    };
    names.into_iter().filter(fits).map(read).collect::<Result<_, _>>().map(Some)
}

/// Runs them; says which.
///
/// # Errors
/// The database cannot be reached. That a script fails is the inner error.
pub async fn run_all(
    migrator: &Migrator,
    scripts: &[Script],
) -> Result<Result<Vec<String>, Failure>, Failure> {
    let mut ran = Vec::new();
    for script in scripts {
        if let Err(mut refusal) = answered(migrator.seed(&script.name, &script.text).await)? {
            if !ran.is_empty() {
                refusal = refusal.note(format!("done before: {}", ran.join(", ")));
            }
            return Ok(Err(refusal));
        }
        ran.push(script.name.clone());
    }
    Ok(Ok(ran))
}
