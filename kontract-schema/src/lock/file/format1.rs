//! Lock files of format 1, in which a statement is a text and a comment says how it runs.
//!
//! The hash of a migration is over this form in every format: databases store it, and a program with a
//! lock file of either format recognises their history. Reading turns statements into steps; writing
//! gives the same bytes again.

use std::collections::BTreeMap;

use serde::{Deserialize, Serialize};

use super::{ChangeRecord, FORMAT, LockFile, Manual, Migration};
use crate::hash;
use crate::lock::flatbuffers_ids::Ids;
use crate::model::{Dialect, Table, Type};
use crate::plan::{self, Columns, Obstacle, Step};
use crate::serde::is_default;
use crate::serde::lines::Text;

/// A lock file with sealed migrations in the form `M`.
#[derive(Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
struct File<M> {
    format: u32,
    version: u32,
    tables: BTreeMap<String, Table>,
    #[serde(default, skip_serializing_if = "BTreeMap::is_empty")]
    dropped: BTreeMap<String, BTreeMap<String, Type>>,
    #[serde(default, skip_serializing_if = "BTreeMap::is_empty")]
    ids: Ids,
    #[serde(default, skip_serializing_if = "BTreeMap::is_empty")]
    conditions: BTreeMap<String, String>,
    migrations: Vec<M>,
    #[serde(default, skip_serializing_if = "Option::is_none")]
    draft: Option<Sealed>,
}

/// A migration, or the draft.
#[derive(Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
struct Sealed {
    version: u32,
    name: String,
    #[serde(default, skip_serializing_if = "String::is_empty")]
    parent: String,
    hash: String,
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    changes: Vec<ChangeRecord>,
    #[serde(default, skip_serializing_if = "is_default")]
    additive: bool,
    #[serde(default, skip_serializing_if = "Option::is_none")]
    manual: Option<Manual>,
    sql: Scripts,
}

/// The statements for each database.
#[derive(Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub(crate) struct Scripts {
    postgres: Script,
    sqlite: Script,
}

#[derive(Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
struct Script {
    #[serde(default, skip_serializing_if = "is_default")]
    rebuild: bool,
    up: Vec<Text>,
    #[serde(default, skip_serializing_if = "Option::is_none")]
    down: Option<Vec<Text>>,
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    obstacles: Vec<Obstacle>,
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    loses: Vec<String>,
}

/// Reads a lock file. Does not check hashes.
///
/// # Errors
/// The text is not JSON, or not in the shape of a lock file of format 1.
pub(super) fn read(text: &str) -> Result<LockFile, serde_json::Error> {
    Ok(lock_of(serde_json::from_str(text)?, Sealed::read))
}

/// Reads a lock file of format 2 with a draft of format 1. `git merge` creates it without a conflict if
/// one branch has written format 2, and the other one has added the draft. Does not check hashes.
///
/// # Errors
/// The text is not JSON, or not in that shape.
pub(super) fn read_with_draft(text: &str) -> Result<LockFile, serde_json::Error> {
    Ok(lock_of(serde_json::from_str(text)?, |migration: Migration, columns| {
        Sealed::of(&migration).read(columns);
        migration
    }))
}

/// Returns the content of a file whose sealed migrations `read_migration` reads.
fn lock_of<M>(
    file: File<M>,
    read_migration: impl Fn(M, &mut [Columns; 2]) -> Migration,
) -> LockFile {
    let File { format: _, version, tables, dropped, ids, conditions, migrations, draft } = file;
    let mut columns = [Columns::default(), Columns::default()];
    let read = |migration| read_migration(migration, &mut columns);
    let migrations = migrations.into_iter().map(read).collect();
    let draft = draft.map(|draft| draft.read(&mut columns));
    LockFile { format: FORMAT, version, tables, dropped, ids, conditions, migrations, draft }
}

/// Returns the text of a lock file.
pub(super) fn write(lock: &LockFile) -> String {
    let file: File<Sealed> = File {
        format: 1,
        version: lock.version,
        tables: lock.tables.clone(),
        dropped: lock.dropped.clone(),
        ids: lock.ids.clone(),
        conditions: lock.conditions.clone(),
        migrations: lock.migrations.iter().map(Sealed::of).collect(),
        draft: lock.draft.as_ref().map(Sealed::of),
    };
    let json = serde_json::to_string_pretty(&file);
    json.expect("the types of the lock file serialize to JSON") + "\n"
}

/// Returns the hash of a migration: over its compact JSON with an empty hash.
pub(super) fn hash_of(migration: &Migration) -> String {
    hash::of_json(&Sealed { hash: String::new(), ..Sealed::of(migration) })
}

/// Returns the statements of both databases, for hashes.
pub(crate) fn scripts(scripts: &plan::Scripts) -> Scripts {
    Scripts { postgres: Script::of(&scripts.postgres), sqlite: Script::of(&scripts.sqlite) }
}

impl Sealed {
    fn of(migration: &Migration) -> Sealed {
        Sealed {
            version: migration.version,
            name: migration.name.clone(),
            parent: migration.parent.clone(),
            hash: migration.hash.clone(),
            changes: migration.changes.clone(),
            additive: migration.additive,
            manual: migration.manual.clone(),
            sql: scripts(&migration.sql),
        }
    }

    /// Returns the migration. `columns` are then the columns of the tables after it.
    fn read(self, columns: &mut [Columns; 2]) -> Migration {
        let Sealed { version, name, parent, hash, changes, additive, manual, sql } = self;
        let by_hand = manual.is_some();
        let [on_postgres, on_sqlite] = columns;
        let sql = plan::Scripts {
            postgres: sql.postgres.read(Dialect::Postgres, on_postgres, by_hand),
            sqlite: sql.sqlite.read(Dialect::Sqlite, on_sqlite, by_hand),
        };
        let checksum = String::new();
        Migration { version, name, parent, hash, checksum, changes, additive, manual, sql }
            .with_checksum()
    }
}

impl Script {
    fn of(script: &plan::Script) -> Script {
        let texts = |steps: &[Step]| steps.iter().map(|step| Text(step.text())).collect();
        Script {
            rebuild: script.rebuild,
            up: texts(&script.up),
            down: script.down.as_deref().map(texts),
            obstacles: script.obstacles.clone(),
            loses: script.loses.clone(),
        }
    }

    fn read(self, dialect: Dialect, columns: &mut Columns, by_hand: bool) -> plan::Script {
        let steps =
            |texts: Vec<Text>| Step::read_texts(dialect, texts.into_iter().map(|Text(text)| text));
        let Script { rebuild, up, down, obstacles, loses } = self;
        let (mut up, mut down) = (steps(up), down.map(steps));
        columns.follow(dialect, &mut up, by_hand);
        if let Some(down) = &mut down {
            columns.clone().follow(dialect, down, by_hand);
        }
        plan::Script { rebuild, up, down, obstacles, loses }
    }
}
