//! `kontract drift`: a live database against the lock file. Reads, and writes nowhere.

use kontract_build::project::Look;
use kontract_runtime::inspect::Recorded;
use kontract_schema::catalog::{self, Catalog, Difference};
use kontract_schema::model::Schema;
use serde_json::{Value, json};

use crate::Answer;
use crate::args::{Drift, Global};
use crate::failure::Failure;
use crate::show::{self, say};
use crate::{database, package};

/// What was found.
struct Found {
    /// The newest row of this package's history.
    last: Option<Recorded>,
    differences: Vec<Difference>,
    /// What is there and not ours.
    unmanaged: Vec<String>,
    /// What one should know of the comparison.
    notes: Vec<String>,
}

pub fn run(global: &Global, _: &Drift) -> Result<Answer, Failure> {
    let (package, project) = package::open(global)?;
    let look = project.look()?;
    let found = database::inspect(global, async |inspector| {
        let history = inspector.history().await?;
        let last = history.iter().rev().find(|row| row.package == package.name()).cloned();
        let (schema, notes) = wanted(&look, last.as_ref());
        let expected = catalog::expected(inspector.dialect(), &schema);
        let live = inspector.catalog(Some(&expected)).await?;
        let mut notes = notes;
        for foreign in catalog::foreign(&live).iter().filter(|_| last.is_none()) {
            let up_to = inspector.last_of(foreign).await?;
            let up_to = up_to.map(|last| format!(" up to `{last}`")).unwrap_or_default();
            let (tool, table) = (foreign.tool, foreign.table);
            notes.push(format!(
                "the database has been migrated by {tool}{up_to}; its table `{table}` is left alone"
            ));
        }
        let differences = catalog::compare(&expected, &live);
        let unmanaged = unmanaged(package.name(), &expected, &live, &history);
        Ok(Found { last, differences, unmanaged, notes })
    })?;
    match global.json {
        true => show::json(&as_json(package.name(), &look, &found)),
        false => as_text(package.name(), &look, &found),
    }
    Ok(if found.differences.is_empty() { Answer::Yes } else { Answer::No })
}

/// The schema that the database should have: the sealed one, or that of the draft where the
/// database has taken it in.
fn wanted(look: &Look, last: Option<&Recorded>) -> (Schema, Vec<String>) {
    let sealed = look.lock.schema();
    let Some(last) = last else {
        // What a program would find that takes the tables over.
        let schema = look.gate.as_ref().map_or(sealed, |_| look.schema.clone());
        let note = "no program of this package has run on the database: it has no history; \
                    it is compared with the structs";
        return (schema, vec![note.to_owned()]);
    };
    let draft = look.gate.as_ref().and_then(|gate| gate.draft.as_ref());
    if last.state == "draft" {
        if draft.is_some_and(|draft| draft.hash == last.hash) {
            let note = "the database has taken in the changes that are not sealed: they count";
            return (look.schema.clone(), vec![note.to_owned()]);
        }
        let note = "the database has taken in changes that were not sealed and are others by now";
        return (sealed, vec![note.to_owned()]);
    }
    let version = i64::from(look.lock.version);
    let at = i64::from(last.version);
    let mut notes = Vec::new();
    if at < version {
        let what = match version - at {
            1 => "one migration is".to_owned(),
            more => format!("{more} migrations are"),
        };
        notes.push(format!(
            "the database is at version {at} of {version}: {what} pending, and what they bring is missing"
        ));
    } else if at > version {
        notes.push(format!(
            "the database is at version {at}, newer than the lock file, which is at {version}"
        ));
    } else if last.hash != look.lock.head() {
        notes.push(format!("the database has another migration {at} than the lock file"));
    }
    (sealed, notes)
}

/// What is there and not ours, with the package that manages it where one does.
fn unmanaged(
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

fn as_json(package: &str, look: &Look, found: &Found) -> Value {
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
        "notes": found.notes,
    })
}

fn as_text(package: &str, look: &Look, found: &Found) {
    found.notes.iter().for_each(|note| show::tell!("note: {note}"));
    let version = look.lock.version;
    match found.differences.len() {
        0 => say!("{package}: the database is as the lock file says, at version {version}"),
        1 => say!("{package}: the database differs from the lock file at version {version}:"),
        many => {
            say!(
                "{package}: the database differs from the lock file at version {version} in {many} things:"
            )
        }
    }
    found.differences.iter().for_each(|difference| say!("  {difference}"));
    if !found.unmanaged.is_empty() {
        say!("not managed, and left alone:");
        found.unmanaged.iter().for_each(|what| say!("  {what}"));
    }
}
