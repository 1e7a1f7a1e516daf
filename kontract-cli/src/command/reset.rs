//! `kontract reset` and `kontract refresh`: a database to develop with, emptied and made anew. Any
//! other has to be named.

use kontract_runtime::manage::{Migrator, Options, Place};
use kontract_schema::dialect::Dialect;
use serde_json::json;

use super::migrate::{self, Target, answered};
use super::seed;
use crate::Answer;
use crate::args::{Global, Refresh, Reset, Sure};
use crate::database::block_on;
use crate::failure::Failure;
use crate::show::{self, count, say};

/// What was done.
#[derive(Default)]
struct Done {
    dropped: Vec<String>,
    ran: Vec<String>,
    seeds: Vec<String>,
}

pub fn reset(global: &Global, options: &Reset) -> Result<Answer, Failure> {
    let target = migrate::target(global)?;
    let work = async |migrator: &Migrator| {
        Ok(match answered(migrator.reset().await)? {
            Ok(dropped) => Ok(Done { dropped, ..Done::default() }),
            Err(refusal) => Err(refusal),
        })
    };
    let done = match run(global, &target, &options.sure, work)? {
        Some(done) => done,
        None => return Ok(Answer::No),
    };
    let name = &target.name;
    match global.json {
        true => show::json(&json!({"package": name, "dropped": done.dropped})),
        false => {
            say!("{name}: {} dropped{}", count(done.dropped.len(), "table"), list(&done.dropped))
        }
    }
    Ok(Answer::Yes)
}

pub fn refresh(global: &Global, options: &Refresh) -> Result<Answer, Failure> {
    let target = migrate::target(global)?;
    if migrate::refuses(global, &target) {
        return Ok(Answer::No);
    }
    if let Some(refusal) = only_the_program(&target) {
        show::failure(&refusal, global.json);
        return Ok(Answer::No);
    }
    if target.unsealed && !target.draft_passes {
        show::tell!("note: the source has changes that are refused; they are not made");
    }
    let work = async |migrator: &Migrator| {
        let scripts = seed::scripts(&target.dir, migrator.dialect())?.unwrap_or_default();
        let mut done = Done::default();
        let reset = match migrator.reset().await {
            // There is no file yet.
            Err(error)
                if migrator.dialect() == Dialect::Sqlite && error.code() == Some("K0413") =>
            {
                Ok(Vec::new())
            }
            reset => reset,
        };
        match answered(reset)? {
            Ok(dropped) => done.dropped = dropped,
            Err(refusal) => return Ok(Err(refusal)),
        }
        let takes_draft = migrator.dialect() == Dialect::Sqlite || environment() == Some(true);
        let ran = match target.draft_passes && takes_draft {
            true => migrator.up_with_draft().await,
            false => migrator.up(None).await,
        };
        match answered(ran)? {
            Ok(ran) => done.ran = ran,
            Err(refusal) => return Ok(Err(refusal.note("the tables are dropped"))),
        }
        match seed::run_all(migrator, &scripts).await? {
            Ok(seeds) => done.seeds = seeds,
            Err(refusal) => return Ok(Err(refusal.note("the tables are made anew"))),
        }
        Ok(Ok(done))
    };
    let Some(Done { dropped, ran, seeds }) = run(global, &target, &options.sure, work)? else {
        return Ok(Answer::No);
    };
    let name = &target.name;
    match global.json {
        true => show::json(&json!({
            "package": name, "dropped": dropped, "done": ran, "seeds": seeds,
        })),
        false => {
            say!("{name}: {} dropped{}", count(dropped.len(), "table"), list(&dropped));
            ran.iter().for_each(|what| say!("  {what}"));
            seeds.iter().for_each(|script| say!("  {script}"));
        }
    }
    Ok(Answer::Yes)
}

/// Why the tables cannot be made anew from here: then none is dropped.
fn only_the_program(target: &Target) -> Option<Failure> {
    let mut all = target.lock.migrations.iter().chain(&target.lock.draft);
    let (file, version) = all.find_map(|migration| {
        let manual = migration.manual.as_ref().filter(|manual| manual.file.ends_with(".rs"))?;
        Some((&manual.file, migration.version))
    })?;
    let message = format!(
        "migration {version} is Rust, `{file}`, which only the program can run; nothing was dropped"
    );
    let help = "drop the tables, `kontract reset`, and start the program: it makes them anew";
    Some(Failure::new(message).help(help))
}

fn list(names: &[String]) -> String {
    match names.is_empty() {
        true => String::new(),
        false => format!(": {}", names.join(", ")),
    }
}

/// Does it where it may be done; what is refused is told.
fn run(
    global: &Global,
    target: &Target,
    sure: &Sure,
    work: impl AsyncFnOnce(&Migrator) -> Result<Result<Done, Failure>, Failure>,
) -> Result<Option<Done>, Failure> {
    let done = block_on(async {
        let migrator = target.migrator(Options::from_env()?)?;
        let done = match unsure(&migrator.place()?, environment(), sure) {
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

/// Whether the environment says that it is one for development; none where it says nothing.
fn environment() -> Option<bool> {
    let value = std::env::var("KONTRACT_ENV").ok().filter(|value| !value.is_empty())?;
    Some(value == "development")
}

/// Why tables are not dropped there.
fn unsure(place: &Place, environment: Option<bool>, sure: &Sure) -> Option<Failure> {
    let database = &place.database;
    match &sure.yes_drop {
        Some(name) if sure.force && name == database => return None,
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
    let why = match (environment, &place.host) {
        (Some(_), _) => "KONTRACT_ENV is not `development`".to_owned(),
        (None, Some(host)) => format!("it is on `{host}`"),
        (None, None) => String::new(),
    };
    let message = format!("the database `{database}` does not look like one to develop with");
    Some(
        Failure::new(message)
            .note(why)
            .help("set KONTRACT_ENV=development where all of it may be lost")
            .help(format!("or name it: `--force --yes-drop {database}`")),
    )
}

/// A file, or a database of this machine that is named so.
fn looks_like_development(place: &Place) -> bool {
    let Some(host) = &place.host else { return true };
    let here = ["localhost", "127.0.0.1", "::1", "[::1]"].contains(&host.as_str());
    let named = |word: &str| {
        let rest = place.database.strip_suffix(word);
        rest.is_some_and(|rest| rest.is_empty() || rest.ends_with('_'))
    };
    (here || host.starts_with('/')) && (named("dev") || named("test"))
}

#[cfg(test)]
mod tests {
    use super::*;

    fn refused(host: Option<&str>, database: &str, environment: Option<bool>, yes: &str) -> bool {
        let place = Place { host: host.map(str::to_owned), database: database.to_owned() };
        let yes_drop = Some(yes.to_owned()).filter(|yes| !yes.is_empty());
        let sure = Sure { force: yes_drop.is_some(), yes_drop };
        unsure(&place, environment, &sure).is_some()
    }

    #[test]
    fn databases_to_develop_with() {
        assert!(!refused(None, "app.db", None, ""));
        for (host, name) in [("localhost", "app_dev"), ("127.0.0.1", "test"), ("/run/pg", "a_test")]
        {
            assert!(!refused(Some(host), name, None, ""), "{host} {name}");
            assert!(refused(Some(host), name, Some(false), ""), "{host} {name}");
        }
        for (host, name) in [
            ("localhost", "app"),
            ("db.example.org", "app_dev"),
            ("localhost", "contest"),
            ("::1", "_device"),
        ] {
            assert!(refused(Some(host), name, None, ""), "{host} {name}");
            assert!(!refused(Some(host), name, Some(true), ""), "{host} {name}");
            assert!(!refused(Some(host), name, Some(false), name), "{host} {name}");
            assert!(refused(Some(host), name, None, "other"), "{host} {name}");
        }
        assert!(refused(None, "app.db", Some(false), ""));
        assert!(refused(None, "app.db", None, "other.db"), "a wrong name is a mistake anywhere");
    }
}
