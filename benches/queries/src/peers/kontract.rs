//! Kontract, in both layouts.

use std::hint::black_box;
use std::sync::Arc;

use kontract::prelude::*;
use queries_bench_peer::{Failure, Peer, Rows, TASKS};

use crate::Storage;

/// A column for each field.
#[derive(Table)]
#[table(layout = "columns", versioned)]
pub struct User {
    #[primkey]
    pub id: String,
    pub name: String,
    #[unique]
    pub email: String,
    #[index]
    pub age: i32,
    pub bio: Option<String>,
    pub hair_color: Option<String>,
    pub created: i64,
}

/// One JSON column beside the key.
#[derive(Serialize, Deserialize, Table)]
pub struct Document {
    #[primkey]
    pub id: String,
    pub name: String,
    #[unique]
    pub email: String,
    #[index]
    pub age: i32,
    pub bio: Option<String>,
    pub hair_color: Option<String>,
    pub created: i64,
}

macro_rules! peer {
    ($peer:ident $record:ident $table:ident) => {
        pub struct $peer(Storage);

        impl $peer {
            pub async fn connect(url: &str) -> Result<$peer, Failure> {
                Ok($peer(Storage::connect(url).await?))
            }
        }

        impl From<queries_bench_peer::User> for $record {
            fn from(user: queries_bench_peer::User) -> $record {
                let queries_bench_peer::User { id, name, email, age, bio, hair_color, created } =
                    user;
                $record { id, name, email, age, bio, hair_color, created }
            }
        }

        impl Peer for $peer {
            async fn get(&mut self, id: &str) -> Rows {
                Ok(black_box(self.0.$table.get(id).await?).into_iter().count())
            }

            async fn get_many(&mut self, ids: &[String]) -> Rows {
                let found = self.0.$table.get_many(ids.iter().map(String::as_str)).await?;
                Ok(black_box(found).iter().flatten().count())
            }

            async fn list(&mut self, by_key: bool) -> Rows {
                let mut users = self.0.$table.list();
                if by_key {
                    users = users.order_by($record::id.asc());
                }
                Ok(black_box(users.await?).len())
            }

            async fn filter(&mut self, age: i32, by_key: bool) -> Rows {
                let mut users = self.0.$table.query($record::age.eq(age));
                if by_key {
                    users = users.order_by($record::id.asc());
                }
                Ok(black_box(users.await?).len())
            }

            async fn insert(&mut self, user: queries_bench_peer::User) -> Rows {
                black_box(self.0.$table.insert($record::from(user)).await?);
                Ok(1)
            }

            async fn insert_many(&mut self, users: Vec<queries_bench_peer::User>) -> Rows {
                let users = users.into_iter().map($record::from);
                Ok(black_box(self.0.$table.insert_many(users).await?).len())
            }

            async fn upsert(&mut self, user: queries_bench_peer::User) -> Rows {
                black_box(self.0.$table.set($record::from(user)).await?);
                Ok(1)
            }

            async fn rename(&mut self, id: &str, version: i32, name: &str) -> Rows {
                let patch = $record::patch().name(name);
                black_box(self.0.$table.update_if(id, version.into(), patch).await?);
                Ok(1)
            }

            async fn get_at_once(&mut self, ids: &[String]) -> Rows {
                let ids: Arc<[String]> = ids.into();
                let tasks = (0..TASKS).map(|task| {
                    let (table, ids) = (self.0.$table.clone(), Arc::clone(&ids));
                    tokio::spawn(async move {
                        let mut found = 0;
                        for id in ids.iter().skip(task).step_by(TASKS) {
                            found += black_box(table.get(id.as_str()).await?).into_iter().count();
                        }
                        Ok::<usize, kontract::Error>(found)
                    })
                });
                super::sum(tasks.collect()).await
            }
        }
    };
}

peer!(Columns User users);
peer!(Documents Document documents);
