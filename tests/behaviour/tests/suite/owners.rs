//! Storages that are bound to an owner: what they see, and what they change.

mod cells;
mod queries;
mod scopes;
mod transfer;

use kontract::prelude::*;
use kontract::storage::{Base, OwnerBase};
use kontract::{Error, Kind};

macro_rules! record {
    ($(#[$meta:meta])* $name:ident) => {
        $(#[$meta])*
        struct $name {
            #[primkey]
            id: i64,
            #[unique]
            code: String,
            text: String,
            n: i64,
        }

        impl $name {
            fn numbered(id: i64, text: &str) -> $name {
                $name { id, code: format!("c{id}"), text: text.to_owned(), n: id }
            }
        }
    };
}

record! {
    /// Documents, whose deleted rows stay.
    #[derive(Clone, Debug, PartialEq, Serialize, Deserialize, Table)]
    #[table(standalone)]
    Paper
}

record! {
    /// Columns, with all bookkeeping.
    #[derive(Clone, Debug, PartialEq, Table)]
    #[table(layout = "columns", standalone, track, owned, versioned, soft_delete, ordered)]
    Sheet
}

record! {
    /// Columns, with the owner alone.
    #[derive(Clone, Debug, PartialEq, Table)]
    #[table(layout = "columns", standalone, owned)]
    Slip
}

record! {
    /// Seen by all owners.
    #[derive(Clone, Debug, PartialEq, Table)]
    #[table(layout = "columns", standalone, shared)]
    Board
}

record! {
    /// Documents that all owners see.
    #[derive(Clone, Debug, PartialEq, Serialize, Deserialize, Table)]
    #[table(standalone, shared)]
    Poster
}

record! {
    /// Neither owned nor shared.
    #[derive(Clone, Debug, PartialEq, Table)]
    #[table(layout = "columns", standalone)]
    Ledger
}

/// A database with all tables.
async fn database(url: &str) -> Base {
    let base = Base::open(url).await.unwrap();
    base.create::<Paper>().await.unwrap();
    base.create::<Sheet>().await.unwrap();
    base.create::<Slip>().await.unwrap();
    base.create::<Board>().await.unwrap();
    base.create::<Poster>().await.unwrap();
    base.create::<Ledger>().await.unwrap();
    base
}

/// The storages of two owners.
fn ann_and_bob(base: &Base) -> (OwnerBase, OwnerBase) {
    (base.as_owner("ann").unwrap(), base.as_owner("bob").unwrap())
}

/// A result as a word.
fn word<T>(result: Result<T, Error>, of: impl Fn(T) -> String) -> String {
    match result {
        Ok(done) => of(done),
        Err(error) => {
            let text = format!("{error} {error:?}");
            for secret in ["bob", "by the program"] {
                assert!(!text.contains(secret), "{text}");
            }
            match error.kind() {
                Kind::Unique { .. } => "Unique".to_owned(),
                Kind::NotFound => "NotFound".to_owned(),
                Kind::Conflict { .. } => "Conflict".to_owned(),
                kind => panic!("{kind:?}: {error:?}"),
            }
        }
    }
}
