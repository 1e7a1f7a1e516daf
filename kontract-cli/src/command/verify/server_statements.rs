//! Statements that take effect outside their database. They are refused where the migrations of a scratch
//! database run as a role that has other databases.

use kontract_schema::dialect::Dialect;
use kontract_schema::lock::LockFile;
use kontract_schema::sqltext::words;

use crate::failure::Failure;

/// The first words of these statements.
const STARTS: [&str; 17] = [
    "alter database",
    "alter group",
    "alter role",
    "alter system",
    "alter user",
    "create database",
    "create group",
    "create role",
    "create user",
    "drop database",
    "drop group",
    "drop owned",
    "drop role",
    "drop user",
    "reassign owned",
    "set role",
    "set session",
];

/// Returns the refusal of the first such statement for PostgreSQL.
pub fn find(lock: &LockFile) -> Option<Failure> {
    for migration in &lock.migrations {
        for step in &migration.sql.postgres.up {
            let words = words(Dialect::Postgres, &step.sql);
            let first: Vec<String> =
                words.iter().take(2).map(|word| word.text.to_lowercase()).collect();
            if STARTS.contains(&first.join(" ").as_str()) {
                let (version, name) = (migration.version, &migration.name);
                let what = first.join(" ").to_uppercase();
                let message = format!(
                    "migration {version} `{name}` has a statement `{what}`, which takes effect outside the scratch database"
                );
                return Some(Failure::new(message).help(
                    "name a role that may create roles in `--database-url`: the migrations then run as a temporary role",
                ));
            }
        }
    }
    None
}
