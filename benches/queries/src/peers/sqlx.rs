//! sqlx: statements by hand, rows through `FromRow`, on a connection; at once through its pool.

use sqlx::FromRow;

#[derive(FromRow)]
#[allow(dead_code)]
struct User {
    id: String,
    name: String,
    email: String,
    age: i32,
    bio: Option<String>,
    hair_color: Option<String>,
    created: i64,
}

const COLUMNS: &str = "id, name, email, age, bio, hair_color, created";

/// What is the same for both databases.
macro_rules! sqlx_peer {
    ($connection:ty, $pool:ty) => {
        use std::hint::black_box;
        use std::sync::Arc;

        use queries_bench_peer::{Failure, Peer, Rows, TASKS};
        use sqlx::{query, query_as};

        use super::User;

        pub struct Sqlx {
            connection: $connection,
            pool: $pool,
        }

        impl Peer for Sqlx {
            async fn get(&mut self, id: &str) -> Rows {
                let found = query_as::<_, User>(GET).bind(id);
                Ok(black_box(found.fetch_optional(&mut self.connection).await?).into_iter().count())
            }

            async fn get_many(&mut self, ids: &[String]) -> Rows {
                get_many(&mut self.connection, ids).await
            }

            async fn list(&mut self, by_key: bool) -> Rows {
                let found = query_as::<_, User>(LIST[usize::from(by_key)]);
                Ok(black_box(found.fetch_all(&mut self.connection).await?).len())
            }

            async fn filter(&mut self, age: i32, by_key: bool) -> Rows {
                let found = query_as::<_, User>(FILTER[usize::from(by_key)]).bind(age);
                Ok(black_box(found.fetch_all(&mut self.connection).await?).len())
            }

            async fn insert(&mut self, user: queries_bench_peer::User) -> Rows {
                write(&mut self.connection, INSERT, user).await
            }

            async fn insert_many(&mut self, users: Vec<queries_bench_peer::User>) -> Rows {
                insert_many(&mut self.connection, users).await
            }

            async fn upsert(&mut self, user: queries_bench_peer::User) -> Rows {
                write(&mut self.connection, UPSERT, user).await
            }

            async fn rename(&mut self, id: &str, version: i32, name: &str) -> Rows {
                let done = query(RENAME).bind(name).bind(id).bind(version);
                Ok(done.execute(&mut self.connection).await?.rows_affected() as usize)
            }

            async fn get_at_once(&mut self, ids: &[String]) -> Rows {
                let ids: Arc<[String]> = ids.into();
                let tasks = (0..TASKS).map(|task| {
                    let (pool, ids) = (self.pool.clone(), Arc::clone(&ids));
                    tokio::spawn(async move {
                        let mut found = 0;
                        for id in ids.iter().skip(task).step_by(TASKS) {
                            let user = query_as::<_, User>(GET).bind(id).fetch_optional(&pool);
                            found += black_box(user.await?).into_iter().count();
                        }
                        Ok::<usize, sqlx::Error>(found)
                    })
                });
                crate::peers::sum(tasks.collect()).await
            }
        }

        async fn write(
            connection: &mut $connection,
            text: &'static str,
            user: queries_bench_peer::User,
        ) -> Rows {
            let done = query(text)
                .bind(user.id)
                .bind(user.name)
                .bind(user.email)
                .bind(user.age)
                .bind(user.bio)
                .bind(user.hair_color)
                .bind(user.created)
                .execute(connection);
            Ok(done.await?.rows_affected() as usize)
        }

        const GET: &str =
            "SELECT id, name, email, age, bio, hair_color, created FROM users WHERE id = $1";
        const LIST: [&str; 2] = [
            "SELECT id, name, email, age, bio, hair_color, created FROM users",
            "SELECT id, name, email, age, bio, hair_color, created FROM users ORDER BY id",
        ];
        const FILTER: [&str; 2] = [
            "SELECT id, name, email, age, bio, hair_color, created FROM users WHERE age = $1",
            "SELECT id, name, email, age, bio, hair_color, created FROM users WHERE age = $1 \
             ORDER BY id",
        ];
        const INSERT: &str =
            "INSERT INTO users (id, name, email, age, bio, hair_color, created) \
             VALUES ($1, $2, $3, $4, $5, $6, $7)";
        const UPSERT: &str =
            "INSERT INTO users (id, name, email, age, bio, hair_color, created) \
             VALUES ($1, $2, $3, $4, $5, $6, $7) ON CONFLICT (id) DO UPDATE SET \
             name = excluded.name, email = excluded.email, age = excluded.age, \
             bio = excluded.bio, hair_color = excluded.hair_color, created = excluded.created, \
             version = users.version + 1";
        const RENAME: &str =
            "UPDATE users SET name = $1, version = version + 1 WHERE id = $2 AND version = $3";
    };
}

pub mod postgres {
    use sqlx::postgres::PgPoolOptions;
    use sqlx::{Connection, PgConnection, PgPool};

    use crate::databases::POOL;

    sqlx_peer!(PgConnection, PgPool);

    impl Sqlx {
        pub async fn connect(url: &str) -> Result<Sqlx, Failure> {
            let pool = PgPoolOptions::new().max_connections(POOL as u32).connect(url).await?;
            Ok(Sqlx { connection: PgConnection::connect(url).await?, pool })
        }
    }

    async fn get_many(connection: &mut PgConnection, ids: &[String]) -> Rows {
        let text = "SELECT id, name, email, age, bio, hair_color, created FROM users \
                    WHERE id = ANY($1)";
        Ok(black_box(query_as::<_, User>(text).bind(ids).fetch_all(connection).await?).len())
    }

    /// Through arrays, as its FAQ says.
    async fn insert_many(
        connection: &mut PgConnection,
        users: Vec<queries_bench_peer::User>,
    ) -> Rows {
        let (mut ids, mut names, mut emails, mut ages) = (vec![], vec![], vec![], vec![]);
        let (mut bios, mut colors, mut created) = (vec![], vec![], vec![]);
        for user in users {
            ids.push(user.id);
            names.push(user.name);
            emails.push(user.email);
            ages.push(user.age);
            bios.push(user.bio);
            colors.push(user.hair_color);
            created.push(user.created);
        }
        let text = "INSERT INTO users (id, name, email, age, bio, hair_color, created) \
                    SELECT * FROM UNNEST($1::text[], $2::text[], $3::text[], $4::int4[], \
                    $5::text[], $6::text[], $7::int8[])";
        let done = query(text)
            .bind(ids)
            .bind(names)
            .bind(emails)
            .bind(ages)
            .bind(bios)
            .bind(colors)
            .bind(created)
            .execute(connection);
        Ok(done.await?.rows_affected() as usize)
    }
}

pub mod sqlite {
    use sqlx::sqlite::{SqliteConnectOptions, SqlitePoolOptions, SqliteSynchronous};
    use sqlx::{Connection, QueryBuilder, Sqlite, SqliteConnection, SqlitePool};

    use crate::databases::{POOL, path};

    sqlx_peer!(SqliteConnection, SqlitePool);

    impl Sqlx {
        pub async fn connect(url: &str) -> Result<Sqlx, Failure> {
            let options = SqliteConnectOptions::new()
                .filename(path(url))
                .synchronous(SqliteSynchronous::Normal);
            let pool = SqlitePoolOptions::new().max_connections(POOL as u32);
            Ok(Sqlx {
                pool: pool.connect_with(options.clone()).await?,
                connection: SqliteConnection::connect_with(&options).await?,
            })
        }
    }

    async fn get_many(connection: &mut SqliteConnection, ids: &[String]) -> Rows {
        let mut text = QueryBuilder::<Sqlite>::new("SELECT ");
        text.push(super::COLUMNS).push(" FROM users WHERE id IN (");
        let mut list = text.separated(", ");
        for id in ids {
            list.push_bind(id.clone());
        }
        text.push(")");
        Ok(black_box(text.build_query_as::<User>().fetch_all(connection).await?).len())
    }

    /// As many rows in a statement as SQLite has parameters for.
    async fn insert_many(
        connection: &mut SqliteConnection,
        mut users: Vec<queries_bench_peer::User>,
    ) -> Rows {
        let mut transaction = connection.begin().await?;
        let mut written = 0;
        while !users.is_empty() {
            let rest = users.split_off(users.len().min(32_766 / 7));
            let mut text = QueryBuilder::<Sqlite>::new("INSERT INTO users (");
            text.push(super::COLUMNS).push(") ");
            text.push_values(std::mem::replace(&mut users, rest), |mut row, user| {
                row.push_bind(user.id)
                    .push_bind(user.name)
                    .push_bind(user.email)
                    .push_bind(user.age)
                    .push_bind(user.bio)
                    .push_bind(user.hair_color)
                    .push_bind(user.created);
            });
            written += text.build().execute(&mut *transaction).await?.rows_affected();
        }
        transaction.commit().await?;
        Ok(written as usize)
    }
}
