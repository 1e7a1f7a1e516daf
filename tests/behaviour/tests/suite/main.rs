//! Tests of the storage, on both databases.

mod address;
mod ahead;
mod batches;
mod contention;
mod crash;
mod documents;
mod errors;
mod external;
mod filters;
mod formats;
mod groups;
mod hostile;
mod indexes;
mod kept;
mod keywords;
mod manage;
mod operations;
mod packages;
mod pooler;
mod queries;
mod queue;
mod rebuild;
mod references;
mod rust;
mod server;
mod servers;
mod start;
mod transactions;
mod trust;
mod types;
mod wire;

use kontract::{Bytes, Timestamp};
use kontract_behaviour::{Mood, NewUser, User};

/// A new user with this name.
fn user(name: &str) -> NewUser {
    NewUser::new(name, format!("{name}@example.org"), 18.0, Mood::Good, Bytes::default())
}

/// A user with this id.
fn user_with_id(id: &str) -> User {
    use kontract::table::Insert;
    user(id).id(id).into_record(Timestamp::now())
}
