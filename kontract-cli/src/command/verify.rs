//! `kontract verify`: replays the history on a scratch database.

use clap::Args;
use kontract_build::project::Look;
use kontract_runtime::manage::{Migrator, Options};
use kontract_runtime::scratch::Scratch;
use kontract_runtime::{Error, Kind};
use kontract_schema::code::{self, Code};
use kontract_schema::dialect::Dialect;
use kontract_schema::lock::{LockFile, Manual};
use serde_json::json;

use crate::args::{DialectName, Global};
use crate::command::Answer;
use crate::database::{block_on, url};
use crate::failure::Failure;
use crate::package;
use crate::show::{self, say};

mod server_statements;

/// Run all migrations on a scratch database and compare the result with the structs
#[derive(Args, Debug)]
#[command(after_help = "\
Examples:
  kontract verify                                       on SQLite, in a temporary file
  kontract verify --database-url postgres://ci@db/app   in a temporary database on that server

The command finds a manual migration that fails, or that does not lead to the structs, before it
runs on a database that matters. Unsealed changes run as the last migration. The scratch database
is removed afterwards. In it, migrations cannot reach files, other databases or programs: on
PostgreSQL they run as a temporary role, if the role of the address may create one.")]
pub struct Verify {
    /// The database system [default: that of the address, or SQLite]
    #[arg(long, value_name = "DIALECT", value_enum)]
    dialect: Option<DialectName>,
}

impl Verify {
    pub fn run(&self, global: &Global) -> Result<Answer, Failure> {
        let (package, project) = package::open(global)?;
        let look = project.look()?;
        if !look.problems.is_empty() {
            if global.json {
                show::json(&json!({
                    "package": package.name(), "problems": show::problems_json(&look.problems),
                }));
            } else {
                show::problems(&look.problems);
            }
            return Ok(Answer::No);
        }
        let dialect = match (self.dialect, &global.database_url) {
            (Some(dialect), _) => dialect.into(),
            (None, Some(url)) if url.starts_with("postgres") => Dialect::Postgres,
            (None, _) => Dialect::Sqlite,
        };
        let lock = history_with_draft(&look);
        let migrations = lock.migrations.len();
        let wrong =
            block_on(replay(global, dialect, package.name(), lock, look.generators.clone()))?;
        let (name, on) = (package.name(), dialect.name());
        if global.json {
            show::json(&json!({
                "package": name, "dialect": on, "migrations": migrations, "verified": wrong.is_none(),
                "error": wrong.as_ref().map(|wrong| json!({
                    "code": wrong.diagnostic.code.map(Code::as_str),
                    "message": wrong.diagnostic.message,
                    "help": wrong.diagnostic.help,
                })),
            }));
        } else if let Some(wrong) = &wrong {
            show::failure(wrong, false);
        } else {
            let lead = if migrations == 1 {
                "1 migration leads".to_owned()
            } else {
                format!("all {migrations} migrations lead")
            };
            say!("{name}: {lead} to the structs on {on}");
        }
        Ok(Answer::yes_if(wrong.is_none()))
    }
}

/// The codes of SQLite (SQLITE_AUTH) and PostgreSQL for what the connection may not do.
const DENIED: [&str; 2] = ["23", "42501"];

const CONFINED: &str = "in the scratch database a migration reaches no files, other databases, programs or roles; an extension that only a superuser creates has to be in the database `template1`";

const TEST_HELP: &str =
    "test it in the program: call `Storage::migrator(url)` and `up` on an empty database";

/// The lock file with the draft as its last migration, and every migration marked to run.
fn history_with_draft(look: &Look) -> LockFile {
    let draft = look.gate.as_ref().and_then(|gate| gate.draft.clone());
    let name = draft.as_ref().map(|draft| draft.name.clone()).unwrap_or_default();
    let mut lock = LockFile { draft, ..look.lock.clone() }.seal(&name, look.source.clone());
    for migration in &mut lock.migrations {
        // On an empty database, the runner skips a history without manual migrations.
        migration
            .manual
            .get_or_insert_with(|| Manual { file: String::new(), checksum: String::new() });
    }
    lock
}

/// Replays the history, and returns what is wrong with it.
///
/// # Errors
/// The scratch database cannot be created or removed.
async fn replay(
    global: &Global,
    dialect: Dialect,
    package: &str,
    lock: LockFile,
    generators: Vec<String>,
) -> Result<Option<Failure>, Failure> {
    let scratch = if dialect.capabilities().server {
        Scratch::postgres(url(global)?).await?
    } else {
        Scratch::sqlite()?
    };
    let reaching = scratch.shares_role().then(|| server_statements::find(&lock)).flatten();
    if reaching.is_some() {
        scratch.remove().await?;
        return Ok(reaching);
    }
    let ran = run_all(&scratch, package, lock, generators).await;
    scratch.remove().await?;
    match ran {
        Ok(()) => Ok(None),
        Err(error) if error.code() == Some(code::RUST_MIGRATION.as_str()) => {
            let mut failure = Failure::from(error);
            failure.diagnostic.help = vec![TEST_HELP.to_owned()];
            Ok(Some(failure))
        }
        Err(error) if *error.kind() == Kind::Migration => {
            let is_denied = error.database().is_some_and(|error| {
                DENIED.contains(&&*error.code) || error.message.starts_with("not authorized")
            });
            let failure = Failure::from(error);
            Ok(Some(if is_denied { failure.note(CONFINED) } else { failure }))
        }
        Err(error) => Err(error.into()),
    }
}

/// Runs all migrations. The runner compares the tables with the lock file at the end.
async fn run_all(
    scratch: &Scratch,
    package: &str,
    lock: LockFile,
    generators: Vec<String>,
) -> Result<(), Error> {
    let migrator = Migrator::in_scratch(scratch, package, lock, Options::from_env()?)?;
    let migrator = migrator.with_generators(generators);
    let ran = migrator.up(None).await;
    migrator.close().await;
    ran.map(|_| ())
}
