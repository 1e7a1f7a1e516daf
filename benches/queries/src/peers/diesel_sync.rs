//! Diesel, whose calls block: at once on threads, through its pool.

macro_rules! diesel_peer {
    ($connection:ty) => {
        use std::hint::black_box;

        use diesel::prelude::*;
        use diesel::r2d2::{ConnectionManager, Pool};
        use queries_bench_peer::{Failure, Peer, Rows, TASKS};

        use super::super::diesel_models::{CHUNK, User, users};
        use crate::databases::POOL;

        pub struct Sync {
            connection: $connection,
            pool: Pool<ConnectionManager<$connection>>,
        }

        impl Peer for Sync {
            async fn get(&mut self, id: &str) -> Rows {
                get(&mut self.connection, id)
            }

            async fn get_many(&mut self, ids: &[String]) -> Rows {
                let found = users::table.filter(users::id.eq_any(ids));
                let found = found.select(User::as_select()).load(&mut self.connection)?;
                Ok(black_box(found).len())
            }

            async fn list(&mut self, by_key: bool) -> Rows {
                let found = users::table.select(User::as_select());
                let found: Vec<User> = if by_key {
                    found.order(users::id).load(&mut self.connection)?
                } else {
                    found.load(&mut self.connection)?
                };
                Ok(black_box(found).len())
            }

            async fn filter(&mut self, age: i32, by_key: bool) -> Rows {
                let found = users::table.filter(users::age.eq(age)).select(User::as_select());
                let found: Vec<User> = if by_key {
                    found.order(users::id).load(&mut self.connection)?
                } else {
                    found.load(&mut self.connection)?
                };
                Ok(black_box(found).len())
            }

            async fn insert(&mut self, user: queries_bench_peer::User) -> Rows {
                let insert = diesel::insert_into(users::table).values(User::from(user));
                Ok(insert.execute(&mut self.connection)?)
            }

            async fn insert_many(&mut self, new: Vec<queries_bench_peer::User>) -> Rows {
                let new: Vec<User> = new.into_iter().map(User::from).collect();
                let written = self.connection.transaction(|connection| {
                    let chunks = new.chunks(CHUNK).map(|chunk| {
                        diesel::insert_into(users::table).values(chunk).execute(connection)
                    });
                    chunks.sum::<QueryResult<usize>>()
                })?;
                Ok(written)
            }

            async fn upsert(&mut self, user: queries_bench_peer::User) -> Rows {
                let user = User::from(user);
                let insert = diesel::insert_into(users::table)
                    .values(&user)
                    .on_conflict(users::id)
                    .do_update()
                    .set((&user, users::version.eq(users::version + 1)));
                Ok(insert.execute(&mut self.connection)?)
            }

            async fn rename(&mut self, id: &str, version: i32, name: &str) -> Rows {
                let row = users::table.filter(users::id.eq(id).and(users::version.eq(version)));
                let update = diesel::update(row)
                    .set((users::name.eq(name), users::version.eq(users::version + 1)));
                Ok(update.execute(&mut self.connection)?)
            }

            async fn get_at_once(&mut self, ids: &[String]) -> Rows {
                std::thread::scope(|scope| {
                    let threads: Vec<_> = (0..TASKS)
                        .map(|task| {
                            let pool = &self.pool;
                            scope.spawn(move || {
                                let mut found = 0;
                                for id in ids.iter().skip(task).step_by(TASKS) {
                                    found += get(&mut *pool.get()?, id)?;
                                }
                                Ok::<usize, Failure>(found)
                            })
                        })
                        .collect();
                    let found = threads.into_iter().map(|thread| match thread.join() {
                        Ok(found) => found,
                        Err(_) => Err("a thread panicked".into()),
                    });
                    found.sum()
                })
            }
        }

        fn get(connection: &mut $connection, id: &str) -> Rows {
            let found = users::table.find(id).select(User::as_select()).first(connection);
            Ok(black_box(found.optional()?).into_iter().count())
        }
    };
}

pub mod postgres {
    diesel_peer!(diesel::PgConnection);

    impl Sync {
        pub async fn connect(url: &str) -> Result<Sync, Failure> {
            let pool = Pool::builder().max_size(POOL as u32).test_on_check_out(false);
            Ok(Sync {
                pool: pool.build(ConnectionManager::new(url))?,
                connection: diesel::PgConnection::establish(url)?,
            })
        }
    }
}

pub mod sqlite {
    use diesel::connection::SimpleConnection;

    use crate::databases::{PRAGMAS, path};

    diesel_peer!(diesel::SqliteConnection);

    impl Sync {
        pub async fn connect(url: &str) -> Result<Sync, Failure> {
            let pool = Pool::builder().max_size(POOL as u32).test_on_check_out(false);
            let mut connection = diesel::SqliteConnection::establish(path(url))?;
            connection.batch_execute(PRAGMAS)?;
            Ok(Sync { pool: pool.build(ConnectionManager::new(path(url)))?, connection })
        }
    }
}
