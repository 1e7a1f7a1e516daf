//! The start of a program.

use kontract::__private::Base;
use kontract::storage::Registry;
use kontract::{Error, Kind};
use kontract_behaviour::{NewJob, Storage};
use kontract_schema::lock::{LockFile, Migration, Script, Scripts, Step};

use super::server_failures::wait_for;
use super::user;

/// A registry of a package with these migrations, which are the same on both databases.
pub struct Program {
    pub lock: LockFile,
}

impl Program {
    pub fn new(migrations: &[&str]) -> Program {
        let mut lock = LockFile::default();
        for sql in migrations {
            let next = migration(&lock, "step", sql);
            lock.version += 1;
            lock.migrations.push(next);
        }
        Program { lock }
    }

    fn draft(mut self, up: &str, down: &str) -> Program {
        let mut draft = migration(&self.lock, "", up);
        for script in [&mut draft.sql.postgres, &mut draft.sql.sqlite] {
            script.down = Some(vec![Step::new(down)]);
        }
        self.lock.draft = Some(draft.hashed());
        self
    }

    /// Adds a migration with these statements, as a lock file has them.
    pub fn then(mut self, up: &[String]) -> Program {
        let mut next = migration(&self.lock, "groups", "");
        for script in [&mut next.sql.postgres, &mut next.sql.sqlite] {
            script.up = up.iter().map(Step::new).collect();
        }
        self.lock.version += 1;
        self.lock.migrations.push(next.hashed());
        self
    }

    pub fn registry(&self) -> &'static Registry {
        Box::leak(Box::new(Registry {
            package: "made-up",
            version: self.lock.version,
            head: self.lock.head().to_owned().leak(),
            draft: self.lock.draft.as_ref().map(|draft| &*draft.hash.clone().leak()),
            lock: with_facts(&self.lock).write().leak(),
            debug: true,
            generators: &[],
            migrations: &[],
        }))
    }

    pub async fn start(&self, url: &str) -> Result<Base, Error> {
        Base::connect(url, self.registry()).await
    }
}

fn migration(lock: &LockFile, name: &str, sql: &str) -> Migration {
    let up = sql.split(';').map(str::trim).filter(|s| !s.is_empty()).map(Step::new).collect();
    let script = Script { up, ..Script::default() };
    Migration {
        version: lock.version + 1,
        name: name.to_owned(),
        parent: lock.head().to_owned(),
        hash: String::new(),
        checksum: String::new(),
        changes: Vec::new(),
        additive: false,
        // The runner replays manual migrations one by one.
        manual: Some(kontract_schema::lock::Manual {
            file: "0001_x.sql".into(),
            checksum: String::new(),
        }),
        origin: None,
        sql: Scripts { postgres: script.clone(), sqlite: script },
    }
    .hashed()
}

/// The lock file with the facts of its statements, which the tests write as texts.
pub fn with_facts(lock: &LockFile) -> LockFile {
    LockFile::read(&lock.write_in_format_1()).unwrap()
}

/// A table as the lock file of this package has it.
fn settings() -> kontract_schema::model::Table {
    let lock = LockFile::read(include_str!("../../kontract.lock.json")).unwrap();
    lock.tables["settings"].clone()
}

pub fn code(result: Result<Base, Error>) -> (String, Error) {
    match result {
        Ok(_) => panic!("it starts"),
        Err(error) => (error.code().unwrap_or_default().to_owned(), error),
    }
}

/// Runs a statement on another connection.
pub async fn by_hand(url: &str, statement: &str) {
    let (url, statement) = (url.to_owned(), statement.to_owned());
    let run = move || kontract_test_support::execute(&url, &statement);
    tokio::task::spawn_blocking(run).await.unwrap();
}

pub const A: &str = "CREATE TABLE a (id BIGINT PRIMARY KEY)";
pub const B: &str = "CREATE TABLE b (id BIGINT PRIMARY KEY)";

kontract_test_support::both! {
    async fn a_second_start_finds_the_rows(url: &str) {
        let storage = Storage::connect(url).await.unwrap();
        let user = storage.users.insert(user("Ada")).await.unwrap();
        storage.close().await;
        let storage = Storage::connect(url).await.unwrap();
        assert_eq!(storage.users.get(&user.id).await.unwrap(), Some(user));
        storage.verify().await.unwrap();
    }

    async fn many_at_once_on_an_empty_database(url: &str) {
        let starts: Vec<_> = (0..8)
            .map(|_| {
                let url = url.to_owned();
                tokio::spawn(async move {
                    let storage = Storage::connect(&url).await.unwrap();
                    storage.jobs.push(NewJob::new(1i64)).await.unwrap();
                    storage.close().await;
                })
            })
            .collect();
        for start in starts {
            start.await.unwrap();
        }
        let storage = Storage::connect(url).await.unwrap();
        assert_eq!(storage.jobs.count().await.unwrap(), 8);
    }

    async fn many_processes_at_once(url: &str) {
        let start = || {
            let mut program = tokio::process::Command::new(env!("CARGO_BIN_EXE_start"));
            program.arg(url).env("RUST_BACKTRACE", "0").kill_on_drop(true).spawn().unwrap()
        };
        let programs: Vec<_> = (0..6).map(|_| start()).collect();
        for mut program in programs {
            assert!(program.wait().await.unwrap().success());
        }
        let storage = Storage::connect(url).await.unwrap();
        assert_eq!(storage.jobs.count().await.unwrap(), 6 * 20);
        let rows = storage.jobs.list().rows().await.unwrap();
        let places: std::collections::BTreeSet<_> = rows.iter().map(|row| row.order).collect();
        assert_eq!(places.len(), 6 * 20, "every row has its own place");
    }

    async fn many_at_once_with_a_long_history(url: &str) {
        let steps: Vec<String> = (0..10).map(|n| format!("CREATE TABLE t{n} (id BIGINT PRIMARY KEY)")).collect();
        let steps: Vec<&str> = steps.iter().map(String::as_str).collect();
        let registry = Program::new(&steps).registry();
        let starts: Vec<_> = (0..8)
            .map(|_| {
                let url = url.to_owned();
                tokio::spawn(async move { Base::connect(&url, registry).await.unwrap().close().await })
            })
            .collect();
        for start in starts {
            start.await.unwrap();
        }
    }

    async fn a_start_continues_after_the_last_migration(url: &str) {
        Program::new(&[A]).start(url).await.unwrap();
        Program::new(&[A, B]).start(url).await.unwrap();
        by_hand(url, "INSERT INTO b VALUES (1)").await;
    }

    async fn a_failed_migration_is_rolled_back(url: &str) {
        let broken = Program::new(&[A, "CREATE TABLE b (id BIGINT PRIMARY KEY); INSERT INTO b VALUES (1); INSERT INTO nowhere VALUES (1)"]);
        let (code_, error) = code(broken.start(url).await);
        assert_eq!(code_, "K0425", "{error}");
        let text = format!("{error:?}");
        assert!(text.contains("migration 2 `step`") && text.contains("statement 3") && text.contains("nowhere"), "{text}");
        assert!(text.contains("\nnote: the file is `migrations/0001_x.sql`"), "{text}");
        // The first migration is applied, the second is rolled back, and a fixed program continues.
        Program::new(&[A, B]).start(url).await.unwrap();
    }

    async fn a_failed_migration_names_the_constraint(url: &str) {
        let rows = "CREATE TABLE a (id BIGINT PRIMARY KEY, b BIGINT NOT NULL, CONSTRAINT small CHECK (b < 9)); \
                    INSERT INTO a VALUES (1, 5); INSERT INTO a VALUES (2, 5)";
        for (statement, named) in [
            ("CREATE UNIQUE INDEX a_b_key ON a (b)", "b"),
            ("INSERT INTO a VALUES (3, 9)", "a check refused the row (`small`)"),
            ("INSERT INTO a VALUES (3, NULL)", "a column needs a value (`b`)"),
        ] {
            let (code, error) = code(Program::new(&[rows, statement]).start(url).await);
            assert_eq!(code, "K0425", "{error}");
            let text = format!("{error:?}");
            assert!(text.contains("migration 2 `step`") && text.contains(named), "{text}");
        }
    }

    async fn a_migration_that_commits_is_refused(url: &str) {
        let (code, error) = code(Program::new(&["CREATE TABLE a (id BIGINT PRIMARY KEY); COMMIT"]).start(url).await);
        assert_eq!(code, "K0425", "{error}");
    }

    async fn an_abandoned_start_is_rolled_back(url: &str) {
        let steps: Vec<String> = (0..8).map(|n| format!("CREATE TABLE t{n} (id BIGINT PRIMARY KEY)")).collect();
        let steps: Vec<&str> = steps.iter().map(String::as_str).collect();
        let program = Program::new(&steps);
        for millis in [1, 3, 5, 8, 13, 21, 34] {
            let start = program.start(url);
            let _ = tokio::time::timeout(std::time::Duration::from_millis(millis), start).await;
        }
        program.start(url).await.unwrap().close().await;
        program.start(url).await.unwrap().close().await;
    }

    async fn an_older_program_is_refused(url: &str) {
        Program::new(&[A, B]).start(url).await.unwrap();
        let (code, error) = code(Program::new(&[A]).start(url).await);
        assert_eq!(code, "K0420", "{error}");
        assert!(format!("{error:?}").contains("version 2"), "{error}");
    }

    async fn another_history_is_refused(url: &str) {
        Program::new(&[A]).start(url).await.unwrap();
        let (code, error) = code(Program::new(&[B, A]).start(url).await);
        assert_eq!(code, "K0421", "{error}");
    }

    async fn a_history_with_a_gap_is_refused(url: &str) {
        Program::new(&[A, B]).start(url).await.unwrap();
        by_hand(url, "DELETE FROM _kontract_migrations WHERE package = 'made-up' AND version = 1").await;
        let three = Program::new(&[A, B, "CREATE TABLE c (id BIGINT PRIMARY KEY)"]);
        let (code, error) = code(three.start(url).await);
        assert_eq!(code, "K0422", "{error}");
    }

    async fn changes_by_hand_are_found(url: &str) {
        let storage = Storage::connect(url).await.unwrap();
        storage.close().await;
        by_hand(url, "ALTER TABLE settings DROP COLUMN value").await;
        let error = Storage::connect(url).await.map(|_| ()).unwrap_err();
        assert_eq!((error.code(), error.kind()), (Some("K0427"), &Kind::Migration));
        assert!(format!("{error:?}").contains("settings") && format!("{error:?}").contains("value"), "{error}");
    }

    async fn a_migration_that_does_not_lead_to_the_schema_is_rolled_back(url: &str) {
        let mut program = Program::new(&[A, "CREATE TABLE settings (space TEXT NOT NULL, name BIGINT NOT NULL)"]);
        program.lock.tables.insert("settings".into(), settings());
        for _ in 0..2 {
            let (code, error) = code(program.start(url).await);
            assert_eq!(code, "K0427", "{error}");
            let text = format!("{error:?}");
            assert!(text.contains("migration 2 `step`") && text.contains("settings"), "{text}");
        }
        by_hand(url, "CREATE TABLE settings (id BIGINT)").await;
        by_hand(url, "INSERT INTO a VALUES (1)").await;
    }

    async fn additional_columns_are_accepted(url: &str) {
        Storage::connect(url).await.unwrap().close().await;
        by_hand(url, "ALTER TABLE settings ADD COLUMN note TEXT").await;
        Storage::connect(url).await.unwrap().close().await;
        Storage::connect(url).await.unwrap().close().await;
    }

    async fn tables_without_a_history_are_adopted(url: &str) {
        let storage = Storage::connect(url).await.unwrap();
        let ada = storage.users.insert(user("Ada")).await.unwrap();
        storage.close().await;
        by_hand(url, "DROP TABLE _kontract_migrations").await;
        by_hand(url, "DROP TABLE uses; DROP TABLE settings").await;
        let storage = Storage::connect(url).await.unwrap();
        assert_eq!(storage.users.list().await.unwrap(), [ada], "the rows are kept");
        assert_eq!(storage.settings.count().await.unwrap(), 0, "the missing table was created");
        storage.verify().await.unwrap();
    }

    async fn unmanaged_tables_are_not_changed(url: &str) {
        by_hand(url, "CREATE TABLE settings (other BIGINT PRIMARY KEY)").await;
        let error = Storage::connect(url).await.map(|_| ()).unwrap_err();
        assert_eq!(error.code(), Some("K0431"), "{error}");
        assert!(format!("{error:?}").contains("settings"), "{error}");
        by_hand(url, "INSERT INTO settings (other) VALUES (1)").await;
    }
}

/// SQLite applies a draft, rolls it back when it changes, and keeps it when it is sealed.
#[test]
fn drafts() {
    let database = kontract_test_support::sqlite_database();
    let url = database.url();
    kontract_test_support::block_on(async {
        let drafted = || Program::new(&[A]).draft(B, "DROP TABLE b");
        drafted().start(url).await.unwrap().close().await;
        drafted().start(url).await.unwrap().close().await;
        let other =
            Program::new(&[A]).draft("CREATE TABLE c (id BIGINT PRIMARY KEY)", "DROP TABLE c");
        other.start(url).await.unwrap().close().await;
        by_hand(url, "CREATE TABLE b (id BIGINT)").await;
        by_hand(url, "DROP TABLE b").await;

        // The unchanged draft is sealed: only its row in the history changes.
        let mut sealed = Program::new(&[A]);
        let draft = other.lock.draft.clone().unwrap();
        sealed.lock.migrations.push(Migration { name: "add_c".into(), ..draft }.hashed());
        sealed.lock.version = 2;
        sealed.start(url).await.unwrap().close().await;
        sealed.start(url).await.unwrap().close().await;
    });
}

/// A server refuses drafts unless it is a development server.
#[test]
fn a_server_refuses_drafts() {
    let database = kontract_test_support::postgres_database();
    kontract_test_support::block_on(async {
        let (code, error) =
            code(Program::new(&[A]).draft(B, "DROP TABLE b").start(database.url()).await);
        assert_eq!(code, "K0423", "{error}");
        assert!(format!("{error:?}").contains("KONTRACT_ENV=development"), "{error}");
    });
}

/// A migration that waits for a lock gives up, and statements behind it wait only briefly.
#[test]
fn a_migration_gives_up_on_a_locked_table() {
    let database = kontract_test_support::postgres_database();
    let url = database.url().to_owned();
    kontract_test_support::block_on(async {
        Program::new(&[A]).start(&url).await.unwrap().close().await;
        let held = url.clone();
        let holder = tokio::task::spawn_blocking(move || {
            kontract_test_support::execute(
                &held,
                "BEGIN; LOCK TABLE a; SELECT pg_sleep(6); COMMIT",
            );
        });
        let at = url.clone();
        let is_held = "EXISTS (SELECT FROM pg_locks WHERE relation = 'a'::regclass AND granted AND mode = 'AccessExclusiveLock')";
        tokio::task::spawn_blocking(move || wait_for(&at, is_held)).await.unwrap();
        let second = Program::new(&[A, "ALTER TABLE a ADD COLUMN b BIGINT"]);
        second.start(&url).await.unwrap().close().await;
        holder.await.unwrap();
    });
}

/// The server ends the session during a migration.
#[test]
fn an_interrupted_migration_is_run_again() {
    let database = kontract_test_support::postgres_database();
    let url = database.url().to_owned();
    kontract_test_support::block_on(async {
        by_hand(&url, "CREATE TABLE pauses AS SELECT 60 AS seconds").await;
        let program = Program::new(&[
            A,
            "CREATE TABLE b (id BIGINT PRIMARY KEY); SELECT pg_sleep(seconds) FROM pauses",
        ]);
        let ended = url.clone();
        let end = tokio::task::spawn_blocking(move || {
            wait_for(
                &ended,
                "EXISTS (SELECT FROM pg_stat_activity WHERE wait_event = 'PgSleep' AND datname = current_database())",
            );
            kontract_test_support::end_sessions(&ended);
        });
        let error = program.start(&url).await.map(|_| ()).unwrap_err();
        assert_eq!(*error.kind(), Kind::Connection, "{error}");
        assert!(format!("{error:?}").contains("migration 2 `step`"), "{error}");
        end.await.unwrap();
        by_hand(&url, "DELETE FROM pauses").await;
        program.start(&url).await.unwrap().close().await;
        by_hand(&url, "INSERT INTO b VALUES (1)").await;
    });
}

/// A deleted counter row is created again, and continues after the existing rows.
#[test]
fn a_missing_counter_row_is_restored() {
    let database = kontract_test_support::sqlite_database();
    let url = database.url();
    kontract_test_support::block_on(async {
        for loss in ["DROP TABLE _kontract_clock", "DELETE FROM _kontract_clock"] {
            let storage = Storage::connect(url).await.unwrap();
            for task in 0..3i64 {
                storage.jobs.push(NewJob::new(task)).await.unwrap();
            }
            storage.jobs.pop().await.unwrap();
            let before = storage.jobs.list().rows().await.unwrap();
            storage.close().await;
            by_hand(url, loss).await;
            let storage = Storage::connect(url).await.unwrap();
            let job = storage.jobs.push(NewJob::new(9i64)).await.unwrap();
            let row = storage.jobs.get_row(job.id).await.unwrap().unwrap();
            let older = |row: &kontract::table::Row<_>| (row.txid, row.order);
            for (txid, order) in before.iter().map(older) {
                assert!(txid < row.txid && order < row.order, "{loss}: {txid:?} {order:?}");
            }
            storage.close().await;
        }
    });
}
