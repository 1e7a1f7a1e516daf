//! rusqlite: what there is without a library.

use std::hint::black_box;
use std::rc::Rc;

use queries_bench_peer::{Failure, Peer, Rows, TASKS, User};
use rusqlite::types::Value;
use rusqlite::{Connection, Params, Row, named_params, params};

use crate::databases::{PRAGMAS, path};

pub struct Raw {
    connection: Connection,
    /// One for each thread.
    pool: Vec<Connection>,
}

const GET: &str = "SELECT id, name, email, age, bio, hair_color, created FROM users WHERE id = ?1";
const GET_MANY: &str = "SELECT id, name, email, age, bio, hair_color, created FROM users \
                        WHERE id IN (SELECT value FROM rarray(?1))";
const LIST: [&str; 2] = [
    "SELECT id, name, email, age, bio, hair_color, created FROM users",
    "SELECT id, name, email, age, bio, hair_color, created FROM users ORDER BY id",
];
const FILTER: [&str; 2] = [
    "SELECT id, name, email, age, bio, hair_color, created FROM users WHERE age = ?1",
    "SELECT id, name, email, age, bio, hair_color, created FROM users WHERE age = ?1 ORDER BY id",
];
const INSERT: &str = "INSERT INTO users (id, name, email, age, bio, hair_color, created) \
                      VALUES (:id, :name, :email, :age, :bio, :hair_color, :created)";
const UPSERT: &str = "INSERT INTO users (id, name, email, age, bio, hair_color, created) \
                      VALUES (:id, :name, :email, :age, :bio, :hair_color, :created) \
                      ON CONFLICT (id) DO UPDATE SET name = excluded.name, \
                      email = excluded.email, age = excluded.age, bio = excluded.bio, \
                      hair_color = excluded.hair_color, created = excluded.created, \
                      version = users.version + 1";
const RENAME: &str =
    "UPDATE users SET name = ?1, version = version + 1 WHERE id = ?2 AND version = ?3";

impl Raw {
    pub async fn connect(url: &str) -> Result<Raw, Failure> {
        let open = || {
            let connection = Connection::open(path(url))?;
            connection.execute_batch(PRAGMAS)?;
            rusqlite::vtab::array::load_module(&connection)?;
            Ok::<Connection, rusqlite::Error>(connection)
        };
        Ok(Raw { connection: open()?, pool: (0..TASKS).map(|_| open()).collect::<Result<_, _>>()? })
    }
}

fn user(row: &Row<'_>) -> rusqlite::Result<User> {
    Ok(User {
        id: row.get(0)?,
        name: row.get(1)?,
        email: row.get(2)?,
        age: row.get(3)?,
        bio: row.get(4)?,
        hair_color: row.get(5)?,
        created: row.get(6)?,
    })
}

fn query(connection: &Connection, text: &str, values: impl Params) -> Rows {
    let mut statement = connection.prepare_cached(text)?;
    let users = statement.query_map(values, user)?.collect::<Result<Vec<User>, _>>()?;
    Ok(black_box(users).len())
}

fn write(connection: &Connection, text: &str, user: &User) -> Rows {
    let values = named_params! {
        ":id": user.id, ":name": user.name, ":email": user.email, ":age": user.age,
        ":bio": user.bio, ":hair_color": user.hair_color, ":created": user.created,
    };
    Ok(connection.prepare_cached(text)?.execute(values)?)
}

impl Peer for Raw {
    async fn get(&mut self, id: &str) -> Rows {
        query(&self.connection, GET, [id])
    }

    async fn get_many(&mut self, ids: &[String]) -> Rows {
        let ids: Vec<Value> = ids.iter().cloned().map(Value::from).collect();
        query(&self.connection, GET_MANY, [Rc::new(ids)])
    }

    async fn list(&mut self, by_key: bool) -> Rows {
        query(&self.connection, LIST[usize::from(by_key)], [])
    }

    async fn filter(&mut self, age: i32, by_key: bool) -> Rows {
        query(&self.connection, FILTER[usize::from(by_key)], [age])
    }

    async fn insert(&mut self, user: User) -> Rows {
        write(&self.connection, INSERT, &user)
    }

    async fn insert_many(&mut self, users: Vec<User>) -> Rows {
        let transaction = self.connection.transaction()?;
        let mut written = 0;
        for user in &users {
            written += write(&transaction, INSERT, user)?;
        }
        transaction.commit()?;
        Ok(written)
    }

    async fn upsert(&mut self, user: User) -> Rows {
        write(&self.connection, UPSERT, &user)
    }

    async fn rename(&mut self, id: &str, version: i32, name: &str) -> Rows {
        Ok(self.connection.prepare_cached(RENAME)?.execute(params![name, id, version])?)
    }

    async fn get_at_once(&mut self, ids: &[String]) -> Rows {
        std::thread::scope(|scope| {
            let threads: Vec<_> = self
                .pool
                .iter_mut()
                .enumerate()
                .map(|(task, connection)| {
                    scope.spawn(move || {
                        let mut found = 0;
                        for id in ids.iter().skip(task).step_by(TASKS) {
                            found += query(connection, GET, [id])?;
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
