//! `kontract verify`: the whole history, replayed on a database that is made for it and removed.

use kontract_build::project::Look;
use kontract_runtime::manage::{Migrator, Options};
use kontract_runtime::scratch::Scratch;
use kontract_runtime::{Error, Kind};
use kontract_schema::dialect::Dialect;
use kontract_schema::lock::{LockFile, Manual};
use serde_json::json;

use crate::Answer;
use crate::args::{Global, Verify};
use crate::database::{block_on, url};
use crate::failure::Failure;
use crate::package;
use crate::show::{self, say};

pub fn run(global: &Global, options: &Verify) -> Result<Answer, Failure> {
    let (package, project) = package::open(global)?;
    let look = project.look()?;
    if !look.problems.is_empty() {
        match global.json {
            true => show::json(&json!({
                "package": package.name(), "problems": show::problems_json(&look.problems),
            })),
            false => show::problems(&look.problems),
        }
        return Ok(Answer::No);
    }
    let dialect = match (options.dialect, &global.database_url) {
        (Some(dialect), _) => dialect.into(),
        (None, Some(url)) if url.starts_with("postgres") => Dialect::Postgres,
        (None, _) => Dialect::Sqlite,
    };
    let lock = whole(&look);
    let migrations = lock.migrations.len();
    let wrong = block_on(replay(global, dialect, package.name(), lock))?;
    let (name, on) = (package.name(), dialect.name());
    match global.json {
        true => show::json(&json!({
            "package": name, "dialect": on, "migrations": migrations, "verified": wrong.is_none(),
            "error": wrong.as_ref().map(|wrong| json!({
                "code": wrong.code, "message": wrong.message, "help": wrong.help,
            })),
        })),
        false => match &wrong {
            None => say!("{name}: {} to the structs on {on}", leads(migrations)),
            Some(wrong) => show::failure(wrong, false),
        },
    }
    Ok(if wrong.is_none() { Answer::Yes } else { Answer::No })
}

fn leads(migrations: usize) -> String {
    match migrations {
        1 => "the one migration leads".to_owned(),
        many => format!("all {many} migrations lead"),
    }
}

/// The lock file with the draft as its last migration, each of them one to be run.
fn whole(look: &Look) -> LockFile {
    let mut lock = LockFile { draft: None, ..look.lock.clone() };
    if let Some(draft) = look.gate.as_ref().and_then(|gate| gate.draft.clone()) {
        lock.version += 1;
        lock.migrations.push(draft);
        lock = lock.with_schema(look.schema.clone());
    }
    for migration in &mut lock.migrations {
        // A history without a manual migration would be left out on an empty database.
        migration
            .manual
            .get_or_insert_with(|| Manual { file: String::new(), checksum: String::new() });
    }
    lock
}

/// What is wrong with the history.
async fn replay(
    global: &Global,
    dialect: Dialect,
    package: &str,
    lock: LockFile,
) -> Result<Option<Failure>, Failure> {
    let scratch = match dialect {
        Dialect::Sqlite => Scratch::sqlite()?,
        Dialect::Postgres => Scratch::postgres(url(global)?).await?,
    };
    let ran = up(scratch.url(), package, lock).await;
    scratch.remove().await?;
    match ran {
        Ok(()) => Ok(None),
        Err(error) if error.code() == Some("K0460") => Ok(Some(Failure {
            help: vec!["let a test of the program call `Storage::migrator(url)` and `up` on an empty database: it compares the tables at the end".to_owned()],
            ..error.into()
        })),
        Err(error) if *error.kind() == Kind::Migration => Ok(Some(error.into())),
        Err(error) => Err(error.into()),
    }
}

/// The runner compares the tables with the lock file at the end.
async fn up(url: &str, package: &str, lock: LockFile) -> Result<(), Error> {
    let migrator = Migrator::new(url, package, lock, Options::from_env()?)?;
    let ran = migrator.up(None).await;
    migrator.close().await;
    ran.map(|_| ())
}
