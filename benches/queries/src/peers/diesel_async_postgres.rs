//! diesel-async; at once through deadpool.

use std::hint::black_box;
use std::sync::Arc;

use diesel::BoolExpressionMethods;
use diesel::prelude::{ExpressionMethods, OptionalExtension, QueryDsl, SelectableHelper};
use diesel_async::pooled_connection::deadpool::Pool;
use diesel_async::pooled_connection::{
    AsyncDieselConnectionManager, ManagerConfig, RecyclingMethod,
};
use diesel_async::{AsyncConnection, AsyncPgConnection, RunQueryDsl};
use queries_bench_peer::{Failure, Peer, Rows, TASKS};

use super::diesel_models::{CHUNK, User, users};
use crate::databases::POOL;

pub struct Async {
    connection: AsyncPgConnection,
    pool: Pool<AsyncPgConnection>,
}

impl Async {
    pub async fn connect(url: &str) -> Result<Async, Failure> {
        let mut config = ManagerConfig::default();
        // Otherwise a round trip before each use.
        config.recycling_method = RecyclingMethod::Fast;
        let manager = AsyncDieselConnectionManager::new_with_config(url, config);
        Ok(Async {
            connection: AsyncPgConnection::establish(url).await?,
            pool: Pool::builder(manager).max_size(POOL).build()?,
        })
    }
}

async fn get(connection: &mut AsyncPgConnection, id: &str) -> Rows {
    let found = users::table.find(id).select(User::as_select()).first(connection).await;
    Ok(black_box(found.optional()?).into_iter().count())
}

impl Peer for Async {
    async fn get(&mut self, id: &str) -> Rows {
        get(&mut self.connection, id).await
    }

    async fn get_many(&mut self, ids: &[String]) -> Rows {
        let found = users::table.filter(users::id.eq_any(ids));
        let found = found.select(User::as_select()).load(&mut self.connection).await?;
        Ok(black_box(found).len())
    }

    async fn list(&mut self, by_key: bool) -> Rows {
        let found = users::table.select(User::as_select());
        let found: Vec<User> = if by_key {
            found.order(users::id).load(&mut self.connection).await?
        } else {
            found.load(&mut self.connection).await?
        };
        Ok(black_box(found).len())
    }

    async fn filter(&mut self, age: i32, by_key: bool) -> Rows {
        let found = users::table.filter(users::age.eq(age)).select(User::as_select());
        let found: Vec<User> = if by_key {
            found.order(users::id).load(&mut self.connection).await?
        } else {
            found.load(&mut self.connection).await?
        };
        Ok(black_box(found).len())
    }

    async fn insert(&mut self, user: queries_bench_peer::User) -> Rows {
        let insert = diesel::insert_into(users::table).values(User::from(user));
        Ok(insert.execute(&mut self.connection).await?)
    }

    async fn insert_many(&mut self, new: Vec<queries_bench_peer::User>) -> Rows {
        let new: Vec<User> = new.into_iter().map(User::from).collect();
        let written = self.connection.transaction(async |connection| {
            let mut written = 0;
            for chunk in new.chunks(CHUNK) {
                let insert = diesel::insert_into(users::table).values(chunk);
                written += insert.execute(connection).await?;
            }
            Ok::<usize, diesel::result::Error>(written)
        });
        Ok(written.await?)
    }

    async fn upsert(&mut self, user: queries_bench_peer::User) -> Rows {
        let user = User::from(user);
        let insert = diesel::insert_into(users::table)
            .values(&user)
            .on_conflict(users::id)
            .do_update()
            .set((&user, users::version.eq(users::version + 1)));
        Ok(insert.execute(&mut self.connection).await?)
    }

    async fn rename(&mut self, id: &str, version: i32, name: &str) -> Rows {
        let row = users::table.filter(users::id.eq(id).and(users::version.eq(version)));
        let update =
            diesel::update(row).set((users::name.eq(name), users::version.eq(users::version + 1)));
        Ok(update.execute(&mut self.connection).await?)
    }

    async fn get_at_once(&mut self, ids: &[String]) -> Rows {
        let ids: Arc<[String]> = ids.into();
        let tasks = (0..TASKS).map(|task| {
            let (pool, ids) = (self.pool.clone(), Arc::clone(&ids));
            tokio::spawn(async move {
                let mut found = 0;
                for id in ids.iter().skip(task).step_by(TASKS) {
                    found += get(&mut *pool.get().await?, id).await?;
                }
                Ok::<usize, Failure>(found)
            })
        });
        super::sum(tasks.collect()).await
    }
}
