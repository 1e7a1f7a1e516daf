//! `kontract.lock.json`: the sealed state of the schema, its history, and at most one draft.
//!
//! Reading checks everything that can be checked without a database: the format, unknown and
//! duplicate keys, the hash of each table and the chain of migration hashes. Writing gives the same
//! bytes for the same content: tables by name, two spaces, LF, a final newline.

mod conflict;
pub(crate) mod format1;

use std::collections::BTreeMap;

use serde::{Deserialize, Serialize};

use self::conflict::read_conflict;
use super::flatbuffers_ids::{self, Ids};
use super::former_fields;
use super::origin::Origin;
use crate::change::ChangeId;
use crate::intent::{Checked, Target};
use crate::model::{Schema, Table, Type};
use crate::plan::{Scripts, Step};
use crate::serde::is_default;
use crate::serde::ordered_map::DistinctKeys;

/// The format that this version writes. This version also reads format 1.
pub const FORMAT: u32 = 2;

/// The content of a lock file.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct LockFile {
    /// The format of the file. It is [`FORMAT`] even if the file was read in an older format.
    pub format: u32,
    /// The version of the newest sealed migration; 0 before the first.
    pub version: u32,
    /// The sealed state: the schema after migration [`LockFile::version`].
    pub tables: BTreeMap<String, Table>,
    /// Fields that sealed migrations have dropped, by table, with the type they had.
    #[serde(default, skip_serializing_if = "BTreeMap::is_empty")]
    pub dropped: BTreeMap<String, BTreeMap<String, Type>>,
    /// The numbers of fields and variants in FlatBuffers, where they differ from their positions in
    /// [`LockFile::tables`].
    #[serde(default, skip_serializing_if = "BTreeMap::is_empty")]
    pub ids: Ids,
    /// The `cfg` conditions of tables (`users`) and fields (`users.email`), as the source has them.
    /// A build in which a condition is false leaves the item in the database.
    #[serde(default, skip_serializing_if = "BTreeMap::is_empty")]
    pub conditions: BTreeMap<String, String>,
    /// The sealed history, oldest first: versions 1, 2, 3 …
    pub migrations: Vec<Migration>,
    /// The changes since then, not released yet: a migration of the next version. Its name is empty
    /// unless a manual migration file gives one.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub draft: Option<Migration>,
}

/// One step of the history. In lock files of format 1, `T` is the text of a statement.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Migration<T = Step> {
    /// Its number.
    pub version: u32,
    /// Its name, `add_posts`.
    pub name: String,
    /// The hash of the previous migration; empty for the first.
    #[serde(default, skip_serializing_if = "String::is_empty")]
    pub parent: String,
    /// `sha256:` over the compact JSON of this migration in format 1 with an empty `hash`. Databases
    /// store it, so it is the same in every format.
    pub hash: String,
    /// `sha256:` over the compact JSON of this migration with an empty `checksum` (since format 2). It
    /// detects manual edits of what the hash does not cover.
    #[serde(default, skip_serializing_if = "String::is_empty")]
    pub checksum: String,
    /// The changes of the schema, in the order of the plan.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub changes: Vec<ChangeRecord>,
    /// Whether programs built before this migration can run beside it: it only adds things that they
    /// need not know ([`additive`](crate::rules::additive)).
    #[serde(default, skip_serializing_if = "is_default")]
    pub additive: bool,
    /// The manual migration file that covers its dangerous changes.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub manual: Option<Manual>,
    /// What its statements were generated from. `None` for the draft, and for a migration that was
    /// sealed before the lock file recorded it.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub origin: Option<Origin>,
    /// The statements, those of the manual file included. Sealed statements are never generated again.
    pub sql: Scripts<T>,
}

/// A change as the lock file records it.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct ChangeRecord {
    /// What changed, `users.email:added`.
    pub change: ChangeId,
    /// The rule that judged it, `C1`.
    pub rule: String,
}

/// The record of a manual migration file.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Manual {
    /// Its name below `migrations/`, `0006_rename_email.sql`.
    pub file: String,
    /// `1:sha256:` over its content without comments and white space ([`manual::checksum`](crate::migration::manual::checksum)).
    pub checksum: String,
}

impl<T> Migration<T> {
    /// Returns the migration with other steps.
    pub(super) fn with_sql<U>(self, sql: Scripts<U>) -> Migration<U> {
        let Migration {
            version,
            name,
            parent,
            hash,
            checksum,
            changes,
            additive,
            manual,
            origin,
            ..
        } = self;
        Migration { version, name, parent, hash, checksum, changes, additive, manual, origin, sql }
    }
}

impl Migration {
    /// Computes the value that [`Migration::hash`] must have.
    pub fn content_hash(&self) -> String {
        format1::hash_of(self)
    }

    /// Computes the value that [`Migration::checksum`] must have.
    pub fn content_checksum(&self) -> String {
        crate::hash::of_json(&Migration { checksum: String::new(), ..self.clone() })
    }

    /// Sets the hash and the checksum for the content.
    pub fn hashed(mut self) -> Migration {
        self.hash = self.content_hash();
        self.with_checksum()
    }

    /// Returns the hashes that this migration can have had as a draft: with its name if a manual
    /// migration gave it, otherwise without one.
    pub fn draft_hashes(&self) -> [String; 2] {
        let named = Migration { origin: None, ..self.clone() };
        let unnamed = Migration { name: String::new(), ..named.clone() };
        [named.content_hash(), unnamed.content_hash()]
    }

    /// Sets the checksum for the content; the hash stays.
    pub(super) fn with_checksum(mut self) -> Migration {
        self.checksum = self.content_checksum();
        self
    }
}

impl Default for LockFile {
    /// The lock file of an empty database.
    fn default() -> Self {
        LockFile {
            format: FORMAT,
            version: 0,
            tables: BTreeMap::new(),
            dropped: BTreeMap::new(),
            ids: Ids::new(),
            conditions: BTreeMap::new(),
            migrations: Vec::new(),
            draft: None,
        }
    }
}

impl LockFile {
    /// Returns the sealed schema.
    pub fn schema(&self) -> Schema {
        let unhashed = |table: &Table| Table {
            hash: String::new(),
            dropped: self.dropped.get(&table.name).cloned().unwrap_or_default(),
            ..table.clone()
        };
        Schema { tables: self.tables.iter().map(|(name, t)| (name.clone(), unhashed(t))).collect() }
    }

    /// Returns the hash of the newest sealed migration; empty before the first.
    pub fn head(&self) -> &str {
        self.migrations.last().map_or("", |migration| &migration.hash)
    }

    /// Returns the lock file with a schema as its sealed state and with hashes set. It remembers the
    /// fields that the schema drops, and all FlatBuffers numbers stay; hints say which names are new.
    pub fn with_schema(mut self, new: impl Into<Checked>) -> LockFile {
        let (old, new) = (self.schema(), new.into());
        let target = Target::from(&new);
        self.dropped = former_fields::after(std::mem::take(&mut self.dropped), &old, target);
        self.ids = flatbuffers_ids::after(&self.ids, &old, target);
        self.tables = new.schema.tables;
        for table in self.tables.values_mut() {
            table.hash = table.content_hash();
        }
        self
    }

    /// Seals the draft: it becomes the newest migration under this name, and the schema of the source
    /// the sealed state. Returns the lock file unchanged if it has no draft.
    pub fn seal(mut self, name: &str, source: impl Into<Checked>) -> LockFile {
        let Some(draft) = self.draft.take() else { return self };
        let source = source.into();
        let origin = Origin::new(&self.schema(), Target::from(&source));
        let migration = Migration { name: name.to_owned(), origin: Some(origin), ..draft }.hashed();
        self.version = migration.version;
        self.migrations.push(migration);
        self.with_schema(source)
    }

    /// Returns the text of the file.
    pub fn write(&self) -> String {
        let json = serde_json::to_string_pretty(self);
        json.expect("the types of the lock file serialize to JSON") + "\n"
    }

    /// Returns the text of the file in format 1.
    pub fn write_in_format_1(&self) -> String {
        format1::write(self)
    }

    /// Whether a text is a lock file of an older format with this content: it then need not be
    /// written again.
    pub fn is_in_older_format(&self, text: &str) -> bool {
        text == self.write_in_format_1()
    }

    /// Reads the text of a lock file of this format or an older one. Conflict markers of git within
    /// the draft are accepted: the draft is then missing, and the next build computes it.
    ///
    /// # Errors
    /// The first mistake in the file. A damaged file is never partly used.
    pub fn read(text: &str) -> Result<LockFile, ReadError> {
        if let Some(read) = read_conflict(text) {
            return read;
        }
        #[derive(Deserialize)]
        struct Format {
            format: Option<u64>,
        }
        let corrupt = |error: serde_json::Error| ReadError::Corrupt {
            line: error.line(),
            column: error.column(),
            why: error.to_string(),
        };
        let format = serde_json::from_str::<Format>(text).map_err(corrupt)?.format;
        if let Some(format) = format.filter(|format| *format > u64::from(FORMAT)) {
            return Err(ReadError::Newer { format });
        }
        serde_json::from_str::<DistinctKeys>(text).map_err(corrupt)?;
        let read = if format == Some(1) {
            format1::read_format1(text)
        } else {
            serde_json::from_str(text)
                .or_else(|error| format1::read_with_draft(text).map_err(|_| error))
        };
        let mut lock: LockFile = read.map_err(corrupt)?;
        for (name, table) in &mut lock.tables {
            table.name = name.clone();
            if table.hash != table.content_hash() {
                return Err(ReadError::TableHash { table: name.clone() });
            }
        }
        for (name, slots) in &lock.ids {
            if !flatbuffers_ids::fits(slots, lock.tables.get(name)) {
                return Err(ReadError::Ids { table: name.clone() });
            }
        }
        let mut names = BTreeMap::new();
        for Migration { version, name, .. } in &lock.migrations {
            if let Some(one) = names.insert(*version, name.clone()) {
                let names = [one, name.clone()];
                return Err(ReadError::Twins { version: *version, names });
            }
        }
        let mut parent = "";
        for (migration, version) in lock.migrations.iter().zip(1..) {
            if migration.version != version || migration.parent != parent {
                return Err(ReadError::Chain { version: migration.version, expected: version });
            }
            if migration.hash != migration.content_hash()
                || migration.checksum != migration.content_checksum()
            {
                return Err(ReadError::MigrationHash { version });
            }
            parent = &migration.hash;
        }
        if lock.version as usize != lock.migrations.len() {
            return Err(ReadError::Chain {
                version: lock.version,
                expected: lock.migrations.len() as u32,
            });
        }
        Ok(lock)
    }
}

/// Why a lock file cannot be read.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum ReadError {
    /// It has git's conflict markers, and the sealed parts of the two sides differ.
    Conflict {
        /// The line of the first marker, from 1.
        line: usize,
        /// The names of the migrations that only our side has.
        ours: Vec<String>,
        /// The names of the migrations that only the other side has.
        theirs: Vec<String>,
    },
    /// It was written by a newer version of Kontract.
    Newer {
        /// Its format.
        format: u64,
    },
    /// It is not JSON, or not in the shape of a lock file.
    Corrupt {
        /// The line, from 1.
        line: usize,
        /// The column, from 1.
        column: usize,
        /// The message of the JSON reader.
        why: String,
    },
    /// A table was edited by hand.
    TableHash {
        /// Its logical name.
        table: String,
    },
    /// The FlatBuffers numbers of a table do not match its fields and variants.
    Ids {
        /// Its logical name.
        table: String,
    },
    /// A sealed migration was edited by hand.
    MigrationHash {
        /// Its version.
        version: u32,
    },
    /// Two branches sealed the same version, and the file has both migrations.
    Twins {
        /// The version.
        version: u32,
        /// The names of the two migrations.
        names: [String; 2],
    },
    /// A sealed migration was removed, added or moved by hand.
    Chain {
        /// The version that the file has at this position.
        version: u32,
        /// The version that belongs at this position.
        expected: u32,
    },
}
