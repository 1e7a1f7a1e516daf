//! Toasty in the bench of queries. Gets the URL of an empty database; then a line with the name of an
//! operation asks for a round, and the answer is a line with nanoseconds.

use std::collections::HashMap;
use std::hint::black_box;
use std::io::Write;

use queries_bench_peer::{Failure, Op, Peer, Rows, Runner, TASKS};
use toasty::stmt::{List, Query};
use toasty::{Connection, Db};

#[derive(Debug, toasty::Model)]
#[table = "users"]
struct User {
    #[key]
    id: String,
    name: String,
    #[unique]
    email: String,
    #[index]
    age: i32,
    bio: Option<String>,
    hair_color: Option<String>,
    created: i64,
    #[version]
    version: u64,
}

/// What makes a row.
macro_rules! create {
    ($user:ident) => {
        User::create()
            .id($user.id)
            .name($user.name)
            .email($user.email)
            .age($user.age)
            .bio($user.bio)
            .hair_color($user.hair_color)
            .created($user.created)
    };
}

/// As many rows in a statement as there are parameters for.
const CHUNK: usize = 32_766 / 8;

struct Toasty {
    db: Db,
    connection: Connection,
    /// Its version check is one of the row in memory.
    rows: HashMap<String, User>,
}

#[tokio::main]
async fn main() -> Result<(), Failure> {
    // A task like those of an application, not the one that `main` blocks on.
    tokio::spawn(serve()).await?
}

async fn serve() -> Result<(), Failure> {
    let url = std::env::args().nth(1).ok_or("the URL of an empty database")?;
    let mut db = Db::builder();
    let db = db.models(toasty::models!(User)).max_pool_size(10).connect(&url).await?;
    db.push_schema().await?;
    let mut connection = db.connection().await?;
    if url.starts_with("sqlite:") {
        toasty::sql::statement("PRAGMA synchronous = normal").exec(&mut connection).await?;
    }
    let mut runner = Runner::new(Toasty { db, connection, rows: HashMap::new() }).await?;
    answer("ready")?;
    let mut line = String::new();
    while std::io::stdin().read_line(&mut line)? > 0 {
        let op = Op::ALL.iter().find(|op| op.name() == line.trim()).ok_or("no such operation")?;
        line.clear();
        answer(&runner.round(*op).await?.as_nanos().to_string())?;
    }
    Ok(())
}

fn answer(text: &str) -> Result<(), Failure> {
    let mut output = std::io::stdout().lock();
    writeln!(output, "{text}")?;
    Ok(output.flush()?)
}

impl Peer for Toasty {
    async fn get(&mut self, id: &str) -> Rows {
        let found = User::filter_by_id(id).first().exec(&mut self.connection).await?;
        Ok(black_box(found).into_iter().count())
    }

    async fn get_many(&mut self, ids: &[String]) -> Rows {
        let found = User::filter(User::fields().id().in_list(ids.to_vec()));
        Ok(black_box(found.exec(&mut self.connection).await?).len())
    }

    async fn list(&mut self, by_key: bool) -> Rows {
        let found = Query::<List<User>>::all();
        let found = if by_key { found.order_by(User::fields().id().asc()) } else { found };
        Ok(black_box(found.exec(&mut self.connection).await?).len())
    }

    async fn filter(&mut self, age: i32, by_key: bool) -> Rows {
        let found = User::filter_by_age(age);
        let found = if by_key { found.order_by(User::fields().id().asc()) } else { found };
        Ok(black_box(found.exec(&mut self.connection).await?).len())
    }

    async fn insert(&mut self, user: queries_bench_peer::User) -> Rows {
        black_box(create!(user).exec(&mut self.connection).await?);
        Ok(1)
    }

    async fn insert_many(&mut self, users: Vec<queries_bench_peer::User>) -> Rows {
        let mut transaction = self.connection.transaction().await?;
        let mut users = users.into_iter().peekable();
        let mut written = 0;
        while users.peek().is_some() {
            let mut many = User::create_many();
            for user in users.by_ref().take(CHUNK) {
                many = many.item(create!(user));
            }
            written += black_box(many.exec(&mut transaction).await?).len();
        }
        transaction.commit().await?;
        Ok(written)
    }

    async fn upsert(&mut self, user: queries_bench_peer::User) -> Rows {
        let upsert = User::upsert_by_id(user.id)
            .name(user.name)
            .email(user.email)
            .age(user.age)
            .bio(user.bio)
            .hair_color(user.hair_color)
            .created(user.created);
        black_box(upsert.exec(&mut self.connection).await?);
        Ok(1)
    }

    async fn rename(&mut self, id: &str, _: i32, name: &str) -> Rows {
        if !self.rows.contains_key(id) {
            let user = User::get_by_id(&mut self.connection, id).await?;
            self.rows.insert(id.to_owned(), user);
        }
        let user = self.rows.get_mut(id).ok_or("it was just read")?;
        user.update().name(name).exec(&mut self.connection).await?;
        Ok(1)
    }

    async fn get_at_once(&mut self, ids: &[String]) -> Rows {
        let ids: std::sync::Arc<[String]> = ids.into();
        let tasks: Vec<_> = (0..TASKS)
            .map(|task| {
                let (mut db, ids) = (self.db.clone(), ids.clone());
                tokio::spawn(async move {
                    let mut found = 0;
                    for id in ids.iter().skip(task).step_by(TASKS) {
                        let user = User::filter_by_id(id.as_str()).first().exec(&mut db).await?;
                        found += black_box(user).into_iter().count();
                    }
                    Ok::<usize, toasty::Error>(found)
                })
            })
            .collect();
        let mut found = 0;
        for task in tasks {
            found += task.await??;
        }
        Ok(found)
    }
}
