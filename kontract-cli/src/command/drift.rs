//! `kontract drift`: compares a live database with the lock file. It only reads.

use clap::Args;
use kontract_build::project::Look;
use kontract_runtime::inspect::Recorded;
use kontract_schema::catalog::{self, Catalog, Difference};
use kontract_schema::model::Schema;
use serde_json::{Value, json};

use crate::args::Global;
use crate::command::Answer;
use crate::failure::Failure;
use crate::show::{self, say};
use crate::{database, package};

/// The result of a comparison.
struct Comparison {
    /// The newest row of this package's history.
    last: Option<Recorded>,
    differences: Vec<Difference>,
    /// Objects that Kontract does not manage.
    unmanaged: Vec<String>,
    /// The kinds of objects that are not compared, with their numbers.
    not_compared: Vec<String>,
    /// How to read the result.
    notes: Vec<String>,
}

/// Compare a live database with the lock file
#[derive(Args, Debug)]
#[command(after_help = "\
Examples:
  kontract drift --database-url sqlite:app.db
  DATABASE_URL=postgres://app@db/app kontract drift --json

The command only reads: a read-only role is enough. Objects that Kontract does not manage are
listed, and are not differences. Triggers, views, functions, policies and the like are counted, and
never compared; owners, privileges, storage parameters and the numbers of sequences are not looked
at. Status 1 if the database differs, or if the source has errors.")]
pub struct Drift {}

impl Drift {
    pub fn run(&self, global: &Global) -> Result<Answer, Failure> {
        let (package, project) = package::open(global)?;
        let look = project.look()?;
        // The structs are part of what the database is compared with. A refused change is not an error.
        if look.problems.iter().any(|problem| problem.judgement.is_none()) {
            show::refusal(package.name(), &look.problems, global.json);
            return Ok(Answer::No);
        }
        let found = database::inspect(global, async |inspector| {
            let history = inspector.history().await?;
            let last = history.iter().rev().find(|row| row.package == look.history_key).cloned();
            let (schema, notes) = expected_schema(&look, last.as_ref());
            let expected = catalog::expected(inspector.dialect(), &schema);
            let live = inspector.catalog(Some(&expected)).await?;
            let mut notes = notes;
            for foreign in catalog::foreign(&live).iter().filter(|_| last.is_none()) {
                let up_to = inspector.last_of(foreign).await?;
                let up_to = up_to.map(|last| format!(" up to `{last}`")).unwrap_or_default();
                let (tool, table) = (foreign.tool, foreign.table);
                notes.push(format!(
                "the database has been migrated by {tool}{up_to}; its table `{table}` stays unchanged"
            ));
            }
            let differences = catalog::compare(&expected, &live);
            let unmanaged = list_unmanaged(&look.history_key, &expected, &live, &history);
            let not_compared = catalog::not_compared(&live);
            Ok(Comparison { last, differences, unmanaged, not_compared, notes })
        })?;
        if global.json {
            show::json(&as_json(package.name(), &look, &found));
        } else {
            print(package.name(), &look, &found);
        }
        Ok(Answer::yes_if(found.differences.is_empty()))
    }
}

/// The schema that the database should have, with notes: the sealed schema, or that of the draft if
/// the database has applied it.
fn expected_schema(look: &Look, last: Option<&Recorded>) -> (Schema, Vec<String>) {
    let sealed = look.lock.schema();
    let Some(last) = last else {
        // A program that adopts the tables compares them with the structs.
        let note = "the database has no history of this package; it is compared with the structs";
        return (look.source.schema.clone(), vec![note.to_owned()]);
    };
    let draft = look.gate.as_ref().and_then(|gate| gate.draft.as_ref());
    if last.state == "draft" {
        if draft.is_some_and(|draft| draft.hash == last.hash) {
            let note =
                "the database has applied the unsealed changes; they are part of the comparison";
            return (look.source.schema.clone(), vec![note.to_owned()]);
        }
        let note = "the database has applied unsealed changes that the source has changed since";
        return (sealed, vec![note.to_owned()]);
    }
    let version = i64::from(look.lock.version);
    let at = i64::from(last.version);
    let mut notes = Vec::new();
    if at < version {
        let count = match version - at {
            1 => "1 migration is".to_owned(),
            more => format!("{more} migrations are"),
        };
        notes.push(format!(
            "the database is at version {at} of {version}: {count} pending, whose changes are missing"
        ));
    } else if at > version {
        notes.push(format!(
            "the database is at version {at}, newer than the lock file, which is at {version}"
        ));
    } else if last.hash != look.lock.head() {
        notes.push(format!("migration {at} of the database is not the one of the lock file"));
    }
    (sealed, notes)
}

/// The objects that this package does not manage, with the package that does, if any.
fn list_unmanaged(
    package: &str,
    expected: &Catalog,
    live: &Catalog,
    history: &[Recorded],
) -> Vec<String> {
    let others = history.iter().filter(|row| row.package != package);
    let owner = |table: &str| {
        let owner = others.clone().find(|row| row.tables.iter().any(|name| name == table));
        owner.map(|row| format!(", managed by the package {}", row.package)).unwrap_or_default()
    };
    let mut list = catalog::unmanaged(expected, live);
    for line in &mut list {
        if let Some(table) = line.strip_prefix("table `").and_then(|rest| rest.strip_suffix('`')) {
            line.push_str(&owner(table));
        }
    }
    list
}

fn as_json(package: &str, look: &Look, found: &Comparison) -> Value {
    let applied = found.last.as_ref();
    let differences = found.differences.iter();
    json!({
        "package": package,
        "version": look.lock.version,
        "applied": applied.map(|row| json!({
            "version": row.version, "name": row.name, "hash": row.hash, "state": row.state,
        })),
        "differences": differences
            .map(|difference| json!({"table": difference.table, "message": difference.text}))
            .collect::<Vec<_>>(),
        "unmanaged": found.unmanaged,
        "not_compared": found.not_compared,
        "notes": found.notes,
    })
}

fn print(package: &str, look: &Look, found: &Comparison) {
    found.notes.iter().for_each(|note| show::tell!("note: {note}"));
    let version = look.lock.version;
    match found.differences.len() {
        0 => say!("{package}: the database matches the lock file, at version {version}"),
        1 => say!("{package}: the database differs from the lock file at version {version}:"),
        many => {
            say!(
                "{package}: the database differs from the lock file at version {version}, {many} times:"
            )
        }
    }
    found.differences.iter().for_each(|difference| say!("  {difference}"));
    if !found.unmanaged.is_empty() {
        say!("not managed by this package:");
        found.unmanaged.iter().for_each(|what| say!("  {what}"));
    }
    if !found.not_compared.is_empty() {
        say!("not compared: {}", found.not_compared.join(", "));
    }
}
