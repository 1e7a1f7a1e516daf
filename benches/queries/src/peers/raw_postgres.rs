//! tokio-postgres: what there is without a library. Many rows are copied, in the binary format.

use std::hint::black_box;
use std::pin::pin;
use std::sync::Arc;

use queries_bench_peer::{Failure, Peer, Rows, TASKS, User};
use tokio_postgres::binary_copy::BinaryCopyInWriter;
use tokio_postgres::types::{ToSql, Type};
use tokio_postgres::{Client, NoTls, Row, Statement};

use crate::databases::POOL;

pub struct Raw {
    client: Client,
    get: Statement,
    get_many: Statement,
    list: [Statement; 2],
    filter: [Statement; 2],
    insert: Statement,
    upsert: Statement,
    rename: Statement,
    /// Connections, each with the statement that reads a row.
    pool: Vec<(Arc<Client>, Statement)>,
}

const GET: &str = "SELECT id, name, email, age, bio, hair_color, created FROM users WHERE id = $1";

impl Raw {
    pub async fn connect(url: &str) -> Result<Raw, Failure> {
        let connect = async || {
            let (client, connection) = tokio_postgres::connect(url, NoTls).await?;
            tokio::spawn(connection);
            Ok::<Client, tokio_postgres::Error>(client)
        };
        let client = connect().await?;
        let mut pool = Vec::new();
        for _ in 0..POOL {
            let client = connect().await?;
            let get = client.prepare(GET).await?;
            pool.push((Arc::new(client), get));
        }
        let all = "SELECT id, name, email, age, bio, hair_color, created FROM users";
        let insert = "INSERT INTO users (id, name, email, age, bio, hair_color, created) \
                      VALUES ($1, $2, $3, $4, $5, $6, $7)";
        let prepare = async |text: String| client.prepare(&text).await;
        Ok(Raw {
            get: prepare(GET.to_owned()).await?,
            get_many: prepare(format!("{all} WHERE id = ANY($1)")).await?,
            list: [prepare(all.to_owned()).await?, prepare(format!("{all} ORDER BY id")).await?],
            filter: [
                prepare(format!("{all} WHERE age = $1")).await?,
                prepare(format!("{all} WHERE age = $1 ORDER BY id")).await?,
            ],
            insert: prepare(insert.to_owned()).await?,
            upsert: prepare(format!(
                "{insert} ON CONFLICT (id) DO UPDATE SET name = excluded.name, \
                 email = excluded.email, age = excluded.age, bio = excluded.bio, \
                 hair_color = excluded.hair_color, created = excluded.created, \
                 version = users.version + 1"
            ))
            .await?,
            rename: prepare(
                "UPDATE users SET name = $1, version = version + 1 WHERE id = $2 AND version = $3"
                    .to_owned(),
            )
            .await?,
            client,
            pool,
        })
    }
}

fn user(row: Row) -> Result<User, tokio_postgres::Error> {
    Ok(User {
        id: row.try_get(0)?,
        name: row.try_get(1)?,
        email: row.try_get(2)?,
        age: row.try_get(3)?,
        bio: row.try_get(4)?,
        hair_color: row.try_get(5)?,
        created: row.try_get(6)?,
    })
}

fn users(rows: Vec<Row>) -> Rows {
    let users = rows.into_iter().map(user).collect::<Result<Vec<User>, _>>()?;
    Ok(black_box(users).len())
}

impl Peer for Raw {
    async fn get(&mut self, id: &str) -> Rows {
        users(self.client.query(&self.get, &[&id]).await?)
    }

    async fn get_many(&mut self, ids: &[String]) -> Rows {
        users(self.client.query(&self.get_many, &[&ids]).await?)
    }

    async fn list(&mut self, by_key: bool) -> Rows {
        users(self.client.query(&self.list[usize::from(by_key)], &[]).await?)
    }

    async fn filter(&mut self, age: i32, by_key: bool) -> Rows {
        users(self.client.query(&self.filter[usize::from(by_key)], &[&age]).await?)
    }

    async fn insert(&mut self, user: User) -> Rows {
        let User { id, name, email, age, bio, hair_color, created } = &user;
        let values: [&(dyn ToSql + Sync); 7] = [id, name, email, age, bio, hair_color, created];
        Ok(self.client.execute(&self.insert, &values).await? as usize)
    }

    async fn insert_many(&mut self, users: Vec<User>) -> Rows {
        let copy = "COPY users (id, name, email, age, bio, hair_color, created) \
                    FROM STDIN (FORMAT binary)";
        let types =
            [Type::TEXT, Type::TEXT, Type::TEXT, Type::INT4, Type::TEXT, Type::TEXT, Type::INT8];
        let sink = self.client.copy_in(copy).await?;
        let mut writer = pin!(BinaryCopyInWriter::new(sink, &types));
        for User { id, name, email, age, bio, hair_color, created } in &users {
            let row: [&(dyn ToSql + Sync); 7] = [id, name, email, age, bio, hair_color, created];
            writer.as_mut().write(&row).await?;
        }
        Ok(writer.finish().await? as usize)
    }

    async fn upsert(&mut self, user: User) -> Rows {
        let User { id, name, email, age, bio, hair_color, created } = &user;
        let values: [&(dyn ToSql + Sync); 7] = [id, name, email, age, bio, hair_color, created];
        Ok(self.client.execute(&self.upsert, &values).await? as usize)
    }

    async fn rename(&mut self, id: &str, version: i32, name: &str) -> Rows {
        Ok(self.client.execute(&self.rename, &[&name, &id, &version]).await? as usize)
    }

    async fn get_at_once(&mut self, ids: &[String]) -> Rows {
        let ids: Arc<[String]> = ids.into();
        let tasks = (0..TASKS).map(|task| {
            let (client, get) = self.pool[task % POOL].clone();
            let ids = Arc::clone(&ids);
            tokio::spawn(async move {
                let mut found = 0;
                for id in ids.iter().skip(task).step_by(TASKS) {
                    found += users(client.query(&get, &[&id]).await?)?;
                }
                Ok::<usize, Failure>(found)
            })
        });
        super::sum(tasks.collect()).await
    }
}
