//! Tests of the storage, on both databases.

mod address;
mod batches;
mod changes;
mod concurrent_transactions;
mod connections;
mod documents;
mod errors;
mod external_tables;
mod filters;
mod hostile;
mod indexes;
mod interrupted_migrations;
mod keyless;
mod keys;
mod keywords;
mod lock_formats;
mod made_values;
mod migrator;
mod numbered_key_parts;
mod older_programs;
mod operations;
mod owners;
mod packages;
mod partitions;
mod pooler;
mod proven_steps;
mod queries;
mod queue;
mod rebuild;
mod references;
mod removal_in_two_releases;
mod resolved_migrations;
mod run_modes;
mod rust_migrations;
mod schemas;
mod search_path;
mod server_failures;
mod server_requirements;
mod soft_delete;
mod sql_text;
mod start;
mod transactions;
mod types;
mod upserts;

use kontract::{Bytes, Timestamp};
use kontract_behaviour::{Mood, NewUser, User};

/// A new user with this name.
fn user(name: &str) -> NewUser {
    NewUser::new(name, format!("{name}@example.org"), 18.0, Mood::Good, Bytes::default())
}

/// A user with this id.
fn user_with_id(id: &str) -> User {
    use kontract::table::Insert;
    user(id).id(id).into_row(Timestamp::now()).into_record().expect("a record")
}
