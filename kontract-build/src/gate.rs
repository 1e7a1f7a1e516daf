//! The gate: the sealed state and the structs → the lock file with its draft, or what is wrong.

use kontract_schema::diagnostic::{Diagnostic, Diagnostics};
use kontract_schema::dialect::{self, Dialect};
use kontract_schema::lock::{ChangeRecord, LockFile, Migration, Script, Scripts};
use kontract_schema::{Schema, code};

use crate::migrations;

/// What is judged.
pub struct Case<'a> {
    /// The lock file as it is.
    pub old: &'a LockFile,
    /// What the structs say.
    pub schema: &'a Schema,
    /// The manual migration of the next version.
    pub next: Option<&'a migrations::File>,
    /// Whether some tables are not known, so that those that are absent may still exist.
    pub incomplete: bool,
}

/// The lock file as it is to be; none if it has to stay as it is.
pub fn judge(case: &Case<'_>, seal: Option<&str>, problems: &mut Diagnostics) -> Option<LockFile> {
    let old = case.old.schema();
    let added: Vec<_> =
        case.schema.tables.values().filter(|t| !old.tables.contains_key(&t.name)).collect();
    if case.incomplete || !problems.is_empty() {
        return None;
    }
    let script = |d: Dialect| Script {
        rebuild: false,
        up: added.iter().flat_map(|t| dialect::create_table(d, t, case.schema)).collect(),
        down: None,
    };
    let draft = Migration {
        version: case.old.version + 1,
        name: case.next.map(|n| n.name.clone()).unwrap_or_default(),
        parent: case.old.head().to_owned(),
        hash: String::new(),
        changes: added
            .iter()
            .map(|t| ChangeRecord { change: format!("{}:added", t.name), rule: "T1".into() })
            .collect(),
        manual: None,
        sql: Scripts { postgres: script(Dialect::Postgres), sqlite: script(Dialect::Sqlite) },
    }
    .hashed();
    let draft = (!draft.changes.is_empty()).then_some(draft);
    let lock = LockFile { draft, ..case.old.clone() };
    match seal {
        Some(name) => sealed(lock, case.schema, name, problems),
        None => Some(lock),
    }
}

/// The same lock file with its draft as the newest migration.
fn sealed(
    lock: LockFile,
    schema: &Schema,
    name: &str,
    problems: &mut Diagnostics,
) -> Option<LockFile> {
    let Some(draft) = lock.draft.clone() else { return Some(lock) };
    let plain = |c: char| c.is_ascii_lowercase() || c.is_ascii_digit() || c == '_';
    // A manual migration has its name already.
    let name = if draft.name.is_empty() { name } else { &draft.name };
    if name.is_empty() || !name.chars().all(plain) {
        problems.push(
            Diagnostic::new(code::SEAL, format!("`{name}` cannot be the name of a migration"))
                .help(
                    "use lower-case letters, digits and `_`: `KONTRACT_SEAL=add_posts cargo build`",
                ),
        );
        return None;
    }
    if lock.migrations.iter().any(|migration| migration.name == *name) {
        problems.push(
            Diagnostic::new(code::SEAL, format!("there is a migration `{name}` already"))
                .help("give this one another name; is KONTRACT_SEAL still set from the last time?"),
        );
        return None;
    }
    let migration = Migration { name: name.to_owned(), ..draft }.hashed();
    let version = migration.version;
    let mut migrations = lock.migrations.clone();
    migrations.push(migration);
    Some(LockFile { version, migrations, draft: None, ..lock }.with_schema(schema.clone()))
}
