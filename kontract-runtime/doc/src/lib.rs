//! The tables of the examples in the documentation, in a SQLite database in memory.

use std::sync::atomic::{AtomicU32, Ordering};

use kontract_schema::Schema;
use kontract_schema::gate::gate;
use kontract_schema::lock::LockFile;

pub use kontract::changes::*;
pub use kontract::expr::*;
pub use kontract::migrate::{Direction, EntryState, Migrator, Options, Resolution};
pub use kontract::prelude::*;
pub use kontract::query::*;
pub use kontract::raw::*;
pub use kontract::storage::Base;
pub use kontract::value::Range;
pub use kontract::{
    Column, Error, Filter, Isolation, KeylessTable, Kind, Owner, Result, Table, Transaction,
};

#[derive(Clone, Debug, PartialEq, Table)]
#[table(layout = "columns", standalone)]
pub struct User {
    #[primkey]
    pub id: i64,
    #[unique]
    pub email: String,
    pub name: String,
    pub born: Option<i32>,
}

#[derive(Clone, Debug, PartialEq, Table)]
#[table(layout = "columns", standalone)]
pub struct Task {
    #[primkey]
    pub id: i64,
    pub user_id: i64,
    pub title: String,
    pub points: i32,
    pub done: bool,
}

#[derive(Clone, Debug, PartialEq, Table)]
#[table(layout = "columns", standalone, ordered, versioned, track, soft_delete)]
pub struct Job {
    #[primkey]
    pub id: i64,
    pub name: String,
}

#[derive(Clone, Debug, PartialEq, Table)]
#[table(layout = "columns", standalone)]
pub struct Note {
    #[primkey]
    pub id: i64,
    pub tags: Vec<String>,
    pub extra: Json,
}

#[derive(Clone, Debug, PartialEq, Table)]
#[table(layout = "columns", standalone, owned, deleted_at)]
pub struct Letter {
    #[primkey]
    pub id: i64,
    pub text: String,
}

#[derive(Clone, Debug, PartialEq, Table)]
#[table(layout = "columns", standalone)]
pub struct Room {
    #[primkey]
    pub id: i64,
    pub name: String,
    pub nights: Range<i32>,
}

#[derive(Clone, Debug, PartialEq, Table)]
#[table(layout = "columns", standalone, keyless)]
pub struct Visit {
    pub page: String,
    pub day: i32,
    pub seconds: i32,
}

/// Returns a database with three users. Ann, born in 1990, has two tasks: "Buy milk" (2 points, done) and
/// "Write a letter" (3 points); Bob has one: "Buy bread" (1 point); Cem has no task.
async fn database() -> Result<Base> {
    let base = Base::open("sqlite::memory:").await?;
    base.create::<User>().await?;
    base.create::<Task>().await?;
    let user = |id, name: &str, born| User {
        id,
        email: format!("{}@example.org", name.to_lowercase()),
        name: name.to_owned(),
        born,
    };
    base.table::<User>()
        .insert_many([user(1, "Ann", Some(1990)), user(2, "Bob", None), user(3, "Cem", None)])
        .await?;
    let task = |id, user_id, title: &str, points, done| Task {
        id,
        user_id,
        title: title.to_owned(),
        points,
        done,
    };
    let all = [
        task(1, 1, "Buy milk", 2, true),
        task(2, 1, "Write a letter", 3, false),
        task(3, 2, "Buy bread", 1, false),
    ];
    base.table::<Task>().insert_many(all).await?;
    Ok(base)
}

/// Runs an example with the handles of users and tasks.
pub fn example(run: impl AsyncFnOnce(Table<User>, Table<Task>) -> Result<()>) {
    storage_example(async |storage| run(storage.table(), storage.table()).await);
}

/// Runs an example with a database of users and tasks.
pub fn storage_example(run: impl AsyncFnOnce(Base) -> Result<()>) {
    block_on(async { run(database().await?).await });
}

/// Runs an example with an empty queue.
pub fn queue_example(run: impl AsyncFnOnce(Table<Job>) -> Result<()>) {
    block_on(async {
        let base = Base::open("sqlite::memory:").await?;
        base.create::<Job>().await?;
        run(base.table()).await
    });
}

/// Runs an example with an empty table of letters, whose rows have owners.
pub fn owner_example(run: impl AsyncFnOnce(Base) -> Result<()>) {
    block_on(async {
        let base = Base::open("sqlite::memory:").await?;
        base.create::<Letter>().await?;
        run(base).await
    });
}

/// Runs an example with one note: its tags are "new" and "letter".
pub fn note_example(run: impl AsyncFnOnce(Table<Note>) -> Result<()>) {
    block_on(async {
        let base = Base::open("sqlite::memory:").await?;
        base.create::<Note>().await?;
        let tags = vec!["new".into(), "letter".into()];
        let extra = serde_json::json!({ "pages": [3, 5], "from": { "city": "Bern" } });
        let note = Note { id: 1, tags, extra };
        base.table().insert(note).await?;
        run(base.table()).await
    });
}

/// Runs an example with two rooms: "Blue" from the night 2 to the night 5, "Red" from 6 to 14.
pub fn room_example(run: impl AsyncFnOnce(Table<Room>) -> Result<()>) {
    block_on(async {
        let base = Base::open("sqlite::memory:").await?;
        base.create::<Room>().await?;
        let room = |id, name: &str, nights| Room { id, name: name.to_owned(), nights };
        let rooms = [room(1, "Blue", Range::from(2..=5)), room(2, "Red", Range::from(6..=14))];
        base.table().insert_many(rooms).await?;
        run(base.table()).await
    });
}

/// Runs an example with three visits: one of "/" (day 1, 30 seconds), two of "/help" (day 1, 90 seconds; day
/// 2, 60 seconds).
pub fn keyless_example(run: impl AsyncFnOnce(KeylessTable<Visit>) -> Result<()>) {
    block_on(async {
        let base = Base::open("sqlite::memory:").await?;
        base.create::<Visit>().await?;
        let visits = base.keyless_table();
        let visit = |page: &str, day, seconds| Visit { page: page.to_owned(), day, seconds };
        let all = [visit("/", 1, 30), visit("/help", 1, 90), visit("/help", 2, 60)];
        visits.insert_many(all).await?;
        run(visits).await
    });
}

/// Runs an example with a migrator for an empty database, and a lock file with one migration, `add_users`.
pub fn migrator_example(run: impl AsyncFnOnce(Migrator) -> Result<()>) {
    let mut table: kontract_schema::Table =
        serde_json::from_str(<User as Record>::SCHEMA).expect("the derive writes the table");
    table.name = <User as Record>::NAME.to_owned();
    let schema = Schema { tables: [(table.name.clone(), table)].into() };
    let draft = gate(&LockFile::default(), &schema, None).draft.expect("a new table passes");
    let lock = LockFile { draft: Some(draft), ..LockFile::default() }.seal("add_users", schema);
    // A migrator reads the history over a connection of its own, so the database is a file.
    static COUNT: AtomicU32 = AtomicU32::new(0);
    let count = COUNT.fetch_add(1, Ordering::Relaxed);
    let dir = std::env::temp_dir().join(format!("kontract-doc-{}-{count}", std::process::id()));
    std::fs::create_dir_all(&dir).expect("the directory of temporary files can be written");
    let file = dir.join("app.db");
    std::fs::write(&file, "").expect("the directory is ours"); // an empty database
    let url = format!("sqlite:{}", file.display());
    block_on(async { run(Migrator::new(&url, "app", lock, Options::default())?).await });
    std::fs::remove_dir_all(&dir).expect("the directory is ours");
}

fn block_on(example: impl Future<Output = Result<()>>) {
    let runtime = tokio::runtime::Builder::new_current_thread().enable_all().build();
    runtime.expect("a runtime can be created").block_on(example).expect("the example succeeds");
}
