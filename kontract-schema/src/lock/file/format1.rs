//! Lock files of format 1, in which a statement is a text and a comment says how it runs.
//!
//! The hash of a migration is over this form in every format: databases store it, and a program with a
//! lock file of either format recognises their history. Reading turns statements into steps; writing
//! gives the same bytes again.

use std::collections::BTreeMap;

use serde::de::Error as _;
use serde::{Deserialize, Serialize};
use serde_json::Error;

use super::{FORMAT, LockFile, Migration};
use crate::hash;
use crate::lock::flatbuffers_ids::Ids;
use crate::model::{Dialect, Table, Type};
use crate::plan::{KnownTables, Scripts, Step};
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

/// A migration, or the draft. It has no checksum.
type Sealed = Migration<Text>;

/// Reads a lock file. Does not check hashes.
///
/// # Errors
/// The text is not JSON, or not in the shape of a lock file of format 1.
pub(super) fn read_format1(text: &str) -> Result<LockFile, Error> {
    let file: File<Sealed> = serde_json::from_str(text)?;
    if file.migrations.iter().chain(&file.draft).any(|migration| !migration.checksum.is_empty()) {
        return Err(Error::custom("unknown field `checksum`"));
    }
    Ok(lock_of(file, with_steps))
}

/// Reads a lock file of format 2 with a draft of format 1. `git merge` creates it without a conflict if
/// one branch has written format 2, and the other one has added the draft. Does not check hashes.
///
/// # Errors
/// The text is not JSON, or not in that shape.
pub(super) fn read_with_draft(text: &str) -> Result<LockFile, Error> {
    Ok(lock_of(serde_json::from_str(text)?, |migration: Migration, known| {
        with_steps(with_texts(&migration), known);
        migration
    }))
}

/// Returns the content of a file whose sealed migrations `read_migration` reads.
fn lock_of<M>(
    file: File<M>,
    read_migration: impl Fn(M, &mut [KnownTables; 2]) -> Migration,
) -> LockFile {
    let File { format: _, version, tables, dropped, ids, conditions, migrations, draft } = file;
    let mut known = [KnownTables::default(), KnownTables::default()];
    let read = |migration| read_migration(migration, &mut known);
    let migrations = migrations.into_iter().map(read).collect();
    let draft = draft.map(|draft| with_steps(draft, &mut known));
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
        migrations: lock.migrations.iter().map(with_texts).collect(),
        draft: lock.draft.as_ref().map(with_texts),
    };
    let json = serde_json::to_string_pretty(&file);
    json.expect("the types of the lock file serialize to JSON") + "\n"
}

/// Returns the hash of a migration: over its compact JSON with an empty hash.
pub(super) fn hash_of(migration: &Migration) -> String {
    hash::of_json(&Sealed { hash: String::new(), ..with_texts(migration) })
}

/// Returns the statements of both databases, for hashes.
pub(crate) fn scripts(scripts: &Scripts) -> Scripts<Text> {
    let texts = |steps: &[Step], _| steps.iter().map(|step| Text(step.to_text())).collect();
    Scripts::for_each(|dialect| scripts.for_dialect(dialect).map(texts))
}

fn with_texts(migration: &Migration) -> Sealed {
    let sql = scripts(&migration.sql);
    Sealed { checksum: String::new(), ..migration.clone().with_sql(sql) }
}

/// Returns the migration with its steps. `known` are then the tables after it.
fn with_steps(migration: Sealed, known: &mut [KnownTables; 2]) -> Migration {
    let by_hand = migration.manual.is_some();
    let read = |dialect, known: &mut KnownTables| {
        migration.sql.for_dialect(dialect).map(|texts, is_up| {
            let mut steps = Step::read_texts(dialect, texts.iter().map(|Text(text)| text));
            if is_up {
                known.follow(dialect, &mut steps, by_hand);
            } else {
                known.clone().follow(dialect, &mut steps, by_hand);
            }
            steps
        })
    };
    let [on_postgres, on_sqlite] = known;
    let postgres = read(Dialect::Postgres, on_postgres);
    let sql = Scripts { postgres, sqlite: read(Dialect::Sqlite, on_sqlite) };
    migration.with_sql(sql).with_checksum()
}
