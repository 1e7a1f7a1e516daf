//! Migrations in Rust: what their code can do, and what happens when it fails.

use kontract::__private::{Base, Code, RustMigration};
use kontract::migrate::Migrator;
use kontract::migrate::{Dialect, Migration, MigrationDb};
use kontract::storage::{HasRegistry, Registry};
use kontract::{Error, Json, Kind, Result, Timestamp, Uuid};
use kontract_behaviour::{Storage, StorageRegistry};
use kontract_schema::lock::{LockFile, Manual, Step};
use kontract_schema::migration::run_mode::Mode;

use super::run_modes::expect;
use super::start::{Program, by_hand, code, with_facts};

/// A program whose last migration has these statements and this code.
fn program(
    before: &[&str],
    generated: [&[String]; 2],
    code: &'static dyn Code,
) -> &'static Registry {
    let mut program = Program::new(before).then(&[]);
    let mut last = program.lock.migrations.pop().expect("one");
    last.name = "rust".to_owned();
    let [up, down] = generated.map(|texts| Step::call_rust(texts.iter().map(Step::new).collect()));
    for script in [&mut last.sql.postgres, &mut last.sql.sqlite] {
        script.up = vec![
            Step::new("CREATE TABLE before (id BIGINT)"),
            up.clone(),
            Step::new("CREATE TABLE after (id BIGINT)"),
        ];
        script.down =
            Some(vec![Step::new("DROP TABLE after"), down.clone(), Step::new("DROP TABLE before")]);
    }
    let checksum = "1:sha256:5eed";
    last.manual = Some(Manual { file: "0002_rust.rs".to_owned(), checksum: checksum.to_owned() });
    program.lock.migrations.push(last.hashed());
    let migrations: &'static [RustMigration] =
        Box::leak(Box::new([RustMigration { file: "0002_rust.rs", checksum, code }]));
    Box::leak(Box::new(Registry { migrations, ..*program.registry() }))
}

pub async fn start(url: &str, registry: &'static Registry) -> Result<Base> {
    Base::connect(url, registry).await
}

/// Fails unless the second migration was rolled back completely.
async fn expect_nothing(url: &str) {
    expect(url, "SELECT count(*) FROM a", 1).await;
    expect(url, "SELECT max(version) FROM _kontract_migrations WHERE package = 'made-up'", 1).await;
    by_hand(url, "CREATE TABLE before (id BIGINT); DROP TABLE before").await;
}

const TWO: [&str; 1] = ["CREATE TABLE a (id BIGINT PRIMARY KEY); INSERT INTO a VALUES (1)"];

/// Doubles the ids before a column is added, and again after it.
struct Doubles;

impl Migration for Doubles {
    async fn up(&self, db: &mut MigrationDb) -> Result<()> {
        let rows = db.query::<(i64,)>("SELECT id FROM a ORDER BY id", ()).await?;
        for (id,) in &rows {
            db.exec("INSERT INTO before VALUES ($1)", (*id,)).await?;
        }
        db.update_schema().await?;
        // Work that waits for something other than the database.
        tokio::time::sleep(std::time::Duration::from_millis(5)).await;
        let changed = db.exec("UPDATE a SET b = id * $2 + $1", (0i64, 2i64)).await?;
        assert_eq!(changed, rows.len() as u64);
        db.exec("INSERT INTO before VALUES (7); INSERT INTO before VALUES (8)", ()).await.map(drop)
    }

    async fn down(&self, db: &mut MigrationDb) -> Result<()> {
        let rows = db.query::<(i64, i64)>("SELECT id, b FROM a WHERE b > $1", (0i64,)).await?;
        db.update_schema().await?;
        for (id, b) in rows {
            db.exec("INSERT INTO a VALUES ($1)", (id + b * 10,)).await?;
        }
        Ok(())
    }
}

pub fn doubles() -> &'static Registry {
    let up = [
        "ALTER TABLE a ADD COLUMN b BIGINT".to_owned(),
        Mode::Repeat
            .mark("UPDATE a SET b = 0 WHERE id IN (SELECT id FROM a WHERE b IS NULL LIMIT 1)"),
        Mode::Alone.mark("CREATE INDEX CONCURRENTLY IF NOT EXISTS a_b ON a (b)"),
    ];
    let here = ["DROP INDEX a_b".to_owned(), "ALTER TABLE a DROP COLUMN b".to_owned()];
    program(&TWO, [&up, &here], &Doubles)
}

struct Fails(fn() -> Result<()>);

impl Migration for Fails {
    async fn up(&self, db: &mut MigrationDb) -> Result<()> {
        db.exec("INSERT INTO a VALUES (2)", ()).await?;
        db.exec("INSERT INTO before VALUES (2)", ()).await?;
        (self.0)()
    }
}

/// Runs one statement, or several ones.
struct Runs {
    statement: &'static str,
    /// Whether the code ignores an error.
    goes_on: bool,
}

impl Migration for Runs {
    async fn up(&self, db: &mut MigrationDb) -> Result<()> {
        match db.exec(self.statement, ()).await {
            Err(error) if !self.goes_on => Err(error),
            _ => Ok(()),
        }
    }
}

const fn runs(statement: &'static str) -> Runs {
    Runs { statement, goes_on: false }
}

/// Writes and reads values of all types.
struct Values;

impl Migration for Values {
    async fn up(&self, db: &mut MigrationDb) -> Result<()> {
        let columns = match db.dialect() {
            Dialect::Postgres => {
                "t TEXT, n DOUBLE PRECISION, f BOOLEAN, i INTEGER, s SMALLINT, b BYTEA, u UUID, j JSONB, l TEXT[], m BIGINT, o TEXT"
            }
            Dialect::Sqlite => {
                "t TEXT, n REAL, f INTEGER, i INTEGER, s INTEGER, b BLOB, u TEXT, j TEXT, l TEXT, m INTEGER, o TEXT"
            }
        };
        db.exec(&format!("CREATE TABLE v ({columns})"), ()).await?;
        let (id, moment) = (Uuid::now_v7(), Timestamp::now());
        let json: Json = serde_json::json!({"a": [1, null]});
        let list = vec!["x".to_owned(), "y'; --".to_owned()];
        let row = (
            "it's $1",
            1.5,
            true,
            -3i32,
            7i16,
            vec![0u8, 255],
            id,
            json.clone(),
            list.clone(),
            moment,
            None::<&str>,
        );
        db.exec("INSERT INTO v VALUES ($1, $2, $3, $4, $5, $6, $7, $8, $9, $10, $11)", row).await?;
        type Row = (
            String,
            f64,
            bool,
            i32,
            i16,
            Vec<u8>,
            Uuid,
            Json,
            Vec<String>,
            Timestamp,
            Option<String>,
        );
        let found = db.query::<Row>("SELECT * FROM v WHERE u = $1 AND t <> '$2'", (id,)).await?;
        let expected: Row =
            ("it's $1".to_owned(), 1.5, true, -3, 7, vec![0, 255], id, json, list, moment, None);
        assert_eq!(found, [expected]);
        let none = db.query::<(String,)>("SELECT o FROM v", ()).await.expect_err("it is NULL");
        assert_eq!(
            (none.kind(), format!("{none:?}").contains("column 1 of the query")),
            (&Kind::Decode, true),
            "{none}"
        );
        let other = db.query::<(i64,)>("SELECT t FROM v", ()).await.expect_err("it is a text");
        assert_eq!(*other.kind(), Kind::Decode, "{other}");
        Ok(())
    }
}

/// Runs the same query before and after the table changes.
struct AsksTwice;

impl Migration for AsksTwice {
    async fn up(&self, db: &mut MigrationDb) -> Result<()> {
        const QUERY: &str = "SELECT * FROM a WHERE id = $1";
        let before = db.query::<(i64,)>(QUERY, (1i64,)).await?;
        db.exec("ALTER TABLE a ADD COLUMN b TEXT", ()).await?;
        let after = db.query::<(i64, Option<String>)>(QUERY, (1i64,)).await?;
        assert_eq!((before, after), (vec![(1,)], vec![(1, None)]));
        Ok(())
    }
}

kontract_test_support::both! {
    async fn a_query_is_prepared_again_after_a_change(url: &str) {
        start(url, program(&TWO, [&[], &[]], &AsksTwice)).await.unwrap().close().await;
    }

    async fn code_runs_between_the_statements(url: &str) {
        start(url, doubles()).await.unwrap().close().await;
        expect(url, "SELECT b FROM a", 2).await;
        expect(url, "SELECT sum(id) FROM before", 1 + 7 + 8).await;
        by_hand(url, "DROP INDEX a_b; DROP TABLE after").await;
        start(url, doubles()).await.unwrap().close().await;
    }

    async fn rollback_and_run_again(url: &str) {
        let migrator = Base::migrator(url, doubles()).unwrap();
        assert_eq!(migrator.up(None).await.unwrap(), ["migration 1 `step`", "migration 2 `rust`"]);
        assert_eq!(migrator.down(1, false).await.unwrap(), ["taking migration 2 `rust` back"]);
        expect(url, "SELECT sum(id) FROM a", 1 + 21).await;
        by_hand(url, "CREATE TABLE before (id BIGINT); DROP TABLE before; DELETE FROM a WHERE id = 21").await;
        assert_eq!(migrator.up(None).await.unwrap(), ["migration 2 `rust`"]);
        assert_eq!(migrator.redo(false).await.unwrap().len(), 2);
        expect(url, "SELECT count(*) FROM a WHERE b > 0", 2).await;
        migrator.close().await;
    }

    async fn an_error_rolls_back(url: &str) {
        let refuses: &'static Fails = &Fails(|| Err(Error::migration("a row of `a` is odd")));
        let (code_, error) = code(start(url, program(&TWO, [&[], &[]], refuses)).await);
        let text = format!("{error:?}");
        assert!(code_ == "K0425" && text.contains("migration 2 `rust` failed: a row of `a` is odd"), "{text}");
        expect_nothing(url).await;
        // A fixed program continues.
        static DONE: Fails = Fails(|| Ok(()));
        start(url, program(&TWO, [&[], &[]], &DONE)).await.unwrap().close().await;
        expect(url, "SELECT count(*) FROM a", 2).await;
    }

    async fn a_panic_rolls_back(url: &str) {
        static PANICS: Fails = Fails(|| panic!("row {} is odd", 3));
        for _ in 0..2 {
            let (code, error) = code(start(url, program(&TWO, [&[], &[]], &PANICS)).await);
            let text = format!("{error:?}");
            assert!(code == "K0425" && text.contains("migration 2 `rust` failed: it panicked: row 3 is odd"), "{text}");
            expect_nothing(url).await;
        }
    }

    async fn a_failed_statement_is_reported(url: &str) {
        static FAILS: Runs = runs("INSERT INTO a VALUES (1)");
        let (code_, error) = code(start(url, program(&TWO, [&[], &[]], &FAILS)).await);
        assert_eq!(code_, "K0425", "{error}");
        assert_eq!(error.help(), Some("the statement is `INSERT INTO a VALUES (1)`"));
        assert!(error.notes().eq(["the file is `migrations/0002_rust.rs`"]));
        assert!(error.database().is_some());
        expect_nothing(url).await;
        // Code that ignores an error does not commit half a migration.
        static GOES_ON: Runs = Runs { statement: "INSERT INTO a VALUES (1)", goes_on: true };
        let (code, error) = code(start(url, program(&TWO, [&[], &[]], &GOES_ON)).await);
        assert!(code == "K0425" && format!("{error:?}").contains("a statement failed, and the code ignored the error"), "{error}");
        expect_nothing(url).await;
    }

    async fn code_cannot_leave_its_transaction(url: &str) {
        static COMMITS: Runs = runs("INSERT INTO a VALUES (3); COMMIT; SELECT 1");
        let (code_, error) = code(start(url, program(&TWO, [&[], &[]], &COMMITS)).await);
        assert!(code_ == "K0425" && format!("{error:?}").contains("`COMMIT`: a migration runs in a transaction of its own"), "{error}");
        expect_nothing(url).await;
    }

    async fn code_must_run_the_generated_statements(url: &str) {
        static NOTHING: Runs = runs("SELECT 1");
        let generated = ["ALTER TABLE a ADD COLUMN b BIGINT".to_owned()];
        let (code_, error) = code(start(url, program(&TWO, [&generated, &[]], &NOTHING)).await);
        assert!(code_ == "K0425" && format!("{error:?}").contains("without calling `update_schema`"), "{error}");
        expect_nothing(url).await;
    }

    async fn values_of_all_kinds(url: &str) {
        start(url, program(&TWO, [&[], &[]], &Values)).await.unwrap().close().await;
        expect(url, "SELECT count(*) FROM v", 1).await;
    }

    async fn a_runner_without_the_code_refuses(url: &str) {
        let registry = doubles();
        let lock = LockFile::read(registry.lock).unwrap();
        let migrator = Migrator::new(url, "made-up", lock, Default::default()).unwrap();
        let error = migrator.up(None).await.unwrap_err();
        let text = format!("{error:?}");
        assert_eq!(error.code(), Some("K0460"), "{text}");
        assert!(text.contains("migration 2 `rust` is Rust, `0002_rust.rs`") && text.contains("Storage::migrator(url)"), "{text}");
        // The migrations before it were run, and the plan shows the next ones.
        let planned = migrator.plan(kontract::migrate::Direction::Up(None)).await.unwrap();
        assert_eq!(planned.len(), 1);
        assert!(planned[0].statements[1].contains("ALTER TABLE a ADD COLUMN b"), "{planned:?}");
        assert_eq!(migrator.status().await.unwrap().migrations.len(), 2);
        start(url, registry).await.unwrap().close().await;
        assert_eq!(migrator.down(1, false).await.unwrap_err().code(), Some("K0460"));
        migrator.close().await;
        expect(url, "SELECT b FROM a", 2).await;
    }

    async fn a_migration_of_several_groups_continues_after_the_code(url: &str) {
        let registry = doubles();
        let mut lock = LockFile::read(registry.lock).unwrap();
        let mut last = lock.migrations.pop().unwrap();
        for script in [&mut last.sql.postgres, &mut last.sql.sqlite] {
            script.up.push(Step::new(Mode::Alone.mark("ANALYZE a")));
            script.up.push(Step::new("INSERT INTO late VALUES (1)"));
        }
        lock.migrations.push(last.hashed());
        let registry: &'static Registry = Box::leak(Box::new(Registry {
            head: lock.head().to_owned().leak(), lock: with_facts(&lock).write().leak(), ..*registry
        }));
        let (code_, error) = code(start(url, registry).await);
        assert_eq!(code_, "K0425", "{error}");
        expect(url, "SELECT count(*) FROM before", 3).await;
        by_hand(url, "CREATE TABLE late (id BIGINT)").await;
        start(url, registry).await.unwrap().close().await;
        expect(url, "SELECT count(*) FROM before", 3).await;
    }

    async fn a_program_runs_its_migrations_by_hand(url: &str) {
        let migrator = Storage::migrator(url).unwrap();
        let done = migrator.up(None).await.unwrap();
        assert!(!done.is_empty());
        assert_eq!(migrator.status().await.unwrap().drift, Some(Vec::new()));
        migrator.close().await;
        assert_eq!(StorageRegistry::REGISTRY.migrations.len(), 0);
        Storage::connect(url).await.unwrap().close().await;
    }
}

/// Only the code that applied a draft rolls it back.
#[test]
fn a_draft_is_rolled_back_by_its_own_code() {
    let database = kontract_test_support::sqlite_database();
    let url = database.url();
    kontract_test_support::block_on(async {
        let drafted = |code: &'static dyn Code, checksum: &'static str| {
            let registry = doubles();
            let mut lock = LockFile::read(registry.lock).unwrap();
            let mut draft = lock.migrations.pop().unwrap();
            lock.version = 1;
            draft.name = checksum.to_owned();
            draft.manual.as_mut().unwrap().checksum = checksum.to_owned();
            let draft = lock.draft.insert(draft.hashed()).hash.clone();
            let rust = RustMigration { file: "0002_rust.rs", checksum, code };
            let registry: &'static Registry = Box::leak(Box::new(Registry {
                version: 1,
                head: lock.head().to_owned().leak(),
                draft: Some(draft.leak()),
                lock: lock.write().leak(),
                migrations: Box::leak(Box::new([rust])),
                ..*registry
            }));
            registry
        };
        let first = drafted(&Doubles, "1:sha256:1");
        start(url, first).await.unwrap().close().await;
        expect(url, "SELECT b FROM a", 2).await;
        // Without the draft, its code is missing.
        let without = Registry { migrations: &[], ..*Program::new(&TWO).registry() };
        let (code_, error) = code(start(url, Box::leak(Box::new(without))).await);
        assert_eq!(code_, "K0460", "{error}");
        let other = drafted(&Doubles, "1:sha256:2");
        let (code_, error) = code(start(url, other).await);
        assert!(code_ == "K0424" && format!("{error:?}").contains("`0002_rust.rs`"), "{error}");
        let migrator = Base::migrator(url, first).unwrap();
        assert_eq!(migrator.down(1, true).await.unwrap(), ["taking the draft back"]);
        start(url, other).await.unwrap().close().await;
        by_hand(url, "INSERT INTO after VALUES (1)").await;
    });
}
