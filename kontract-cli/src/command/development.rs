//! Which databases `reset` and `refresh` may drop tables of: development databases, and any other
//! that the arguments name.

use clap::Args;
use kontract_runtime::manage::{DatabaseAddress, Migrator, Options};

use crate::args::Global;
use crate::command::migrate::target::Target;
use crate::database::block_on;
use crate::failure::Failure;
use crate::show;

/// What counts as a development database, for the help texts.
pub const DEVELOPMENT_HELP: &str = "\
A development database is a SQLite file, a local database whose name is `dev` or `test` or ends in
`_dev` or `_test`, or any database with KONTRACT_ENV=development. With another value of
KONTRACT_ENV, no database is one. Name any other database: `--force --yes-drop NAME`.";

/// The confirmation for a database that is not a development database.
#[derive(Args, Debug)]
pub struct Confirmation {
    /// Also drop tables of a database that is not a development database
    #[arg(long, requires = "yes_drop")]
    force: bool,
    /// The name of that database
    #[arg(long, value_name = "NAME", requires = "force")]
    yes_drop: Option<String>,
}

/// What a command did.
#[derive(Default)]
pub struct Done {
    pub dropped: Vec<String>,
    pub ran: Vec<String>,
    pub seeds: Vec<String>,
}

impl Done {
    /// `2 tables dropped: items, authors`.
    pub fn dropped_text(&self) -> String {
        let count = show::count(self.dropped.len(), "table");
        if self.dropped.is_empty() {
            format!("{count} dropped")
        } else {
            format!("{count} dropped: {}", self.dropped.join(", "))
        }
    }
}

/// Runs the work if tables of this database may be dropped; otherwise prints the refusal and
/// returns `None`.
///
/// # Errors
/// The database cannot be reached.
pub fn run_if_allowed(
    global: &Global,
    target: &Target,
    confirmation: &Confirmation,
    work: impl AsyncFnOnce(&Migrator) -> Result<Result<Done, Failure>, Failure>,
) -> Result<Option<Done>, Failure> {
    let done = block_on(async {
        let migrator = target.migrator(Options::from_env()?)?;
        let refusal = refusal(&migrator.place()?, read_environment(), confirmation);
        let done = match refusal {
            Some(refusal) => Ok(Err(refusal)),
            None => work(&migrator).await,
        };
        migrator.close().await;
        done
    })?;
    match done {
        Ok(done) => Ok(Some(done)),
        Err(refusal) => {
            show::failure(&refusal, global.json);
            Ok(None)
        }
    }
}

/// Whether KONTRACT_ENV is `development`. Returns `None` if it is not set.
pub fn read_environment() -> Option<bool> {
    let value = std::env::var("KONTRACT_ENV").ok().filter(|value| !value.is_empty())?;
    Some(value == "development")
}

/// Why no table of this database may be dropped. Returns `None` if tables may be dropped.
fn refusal(
    place: &DatabaseAddress,
    environment: Option<bool>,
    confirmation: &Confirmation,
) -> Option<Failure> {
    let database = &place.database;
    match &confirmation.yes_drop {
        Some(name) if confirmation.force && name == database => return None,
        Some(name) => {
            return Some(Failure::new(format!(
                "the database is `{database}`, not `{name}`; nothing was changed"
            )));
        }
        None => {}
    }
    if environment.unwrap_or_else(|| looks_like_development(place)) {
        return None;
    }
    let message = format!("the database `{database}` is not a development database");
    let reason = match (environment, &place.host) {
        (Some(_), _) => Some("KONTRACT_ENV is not `development`".to_owned()),
        (None, Some(host)) => Some(format!("it is on `{host}`")),
        (None, None) => None,
    };
    let mut failure = Failure::new(message);
    failure.diagnostic.notes.extend(reason);
    Some(
        failure
            .help("if all its data may be lost, set KONTRACT_ENV=development")
            .help(format!("or name the database: `--force --yes-drop {database}`")),
    )
}

/// Whether the database is a file, or a local one with a development name.
fn looks_like_development(place: &DatabaseAddress) -> bool {
    let Some(host) = &place.host else { return true };
    let is_local = ["localhost", "127.0.0.1", "::1", "[::1]"].contains(&host.as_str())
        || host.starts_with('/');
    let ends_in = |word: &str| {
        let rest = place.database.strip_suffix(word);
        rest.is_some_and(|rest| rest.is_empty() || rest.ends_with('_'))
    };
    is_local && (ends_in("dev") || ends_in("test"))
}

#[cfg(test)]
mod tests {
    use super::*;

    fn refuses(host: Option<&str>, database: &str, environment: Option<bool>, yes: &str) -> bool {
        let place =
            DatabaseAddress { host: host.map(str::to_owned), database: database.to_owned() };
        let yes_drop = Some(yes.to_owned()).filter(|yes| !yes.is_empty());
        let confirmation = Confirmation { force: yes_drop.is_some(), yes_drop };
        refusal(&place, environment, &confirmation).is_some()
    }

    #[test]
    fn development_databases() {
        assert!(!refuses(None, "app.db", None, ""));
        for (host, name) in [("localhost", "app_dev"), ("127.0.0.1", "test"), ("/run/pg", "a_test")]
        {
            assert!(!refuses(Some(host), name, None, ""), "{host} {name}");
            assert!(refuses(Some(host), name, Some(false), ""), "{host} {name}");
        }
        for (host, name) in [
            ("localhost", "app"),
            ("db.example.org", "app_dev"),
            ("localhost", "contest"),
            ("::1", "_device"),
        ] {
            assert!(refuses(Some(host), name, None, ""), "{host} {name}");
            assert!(!refuses(Some(host), name, Some(true), ""), "{host} {name}");
            assert!(!refuses(Some(host), name, Some(false), name), "{host} {name}");
            assert!(refuses(Some(host), name, None, "other"), "{host} {name}");
        }
        assert!(refuses(None, "app.db", Some(false), ""));
        assert!(refuses(None, "app.db", None, "other.db"), "a wrong name is a mistake anywhere");
    }
}
