//! An interrupted migration is undone, or recorded as applied.

use kontract::Error;
use kontract::migrate::{Migrator, Options, Progress, Resolution};
use kontract_schema::lock::{Script, Step};
use kontract_schema::migration::run_mode::Mode;

use super::run_modes::{expect, expect_journal};
use super::start::{A, B, Program, by_hand, code, with_facts};

pub const UNDO: Resolution = Resolution::RolledBack { by_hand: false, lose: false };
const BY_HAND: Resolution = Resolution::RolledBack { by_hand: true, lose: false };

/// Gives the last migration this way back.
pub fn with_way_back(mut program: Program, down: &[&str], loses: &[&str]) -> Program {
    let mut last = program.lock.migrations.pop().unwrap();
    let set = |script: &mut Script| {
        script.down = Some(down.iter().copied().map(Step::new).collect());
        script.loses = loses.iter().copied().map(str::to_owned).collect();
    };
    set(&mut last.sql.postgres);
    set(&mut last.sql.sqlite);
    program.lock.migrations.push(last.hashed());
    program
}

pub async fn resolve(url: &str, program: &Program, how: Resolution) -> Result<Vec<String>, Error> {
    let lock = with_facts(&program.lock);
    let migrator = Migrator::new(url, "made-up", lock, Options::default()).unwrap();
    let done = migrator.resolve(how).await;
    migrator.close().await;
    done
}

/// A migration that fails at its last statement; three are done.
fn failing(last: &str) -> Program {
    let steps = [
        "ALTER TABLE a ADD COLUMN b BIGINT".to_owned(),
        "CREATE INDEX a_b ON a (b)".to_owned(),
        Mode::Alone.mark("ANALYZE"),
        B.to_owned(),
        last.to_owned(),
    ];
    Program::new(&[A]).then(&steps)
}

const BACK: [&str; 3] = ["DROP TABLE b", "DROP INDEX a_b", "ALTER TABLE a DROP COLUMN b"];
const FAILS: &str = "INSERT INTO nowhere VALUES (1)";

kontract_test_support::both! {
    /// What is done is undone, also by a program that has another migration, and it can run again.
    async fn a_failed_migration_is_undone(url: &str) {
        let program = with_way_back(failing(FAILS), &BACK, &["SELECT 1 FROM b", "SELECT 1 FROM a WHERE b > 0"]);
        for other in [false, true] {
            assert_eq!(code(program.start(url).await).0, "K0425");
            expect_journal(url, "running", 3).await;
            let another = Program::new(&[A]).then(&["SELECT 7".to_owned(), Mode::Alone.mark("ANALYZE")]);
            let by = if other { &another } else { &program };
            if other {
                let (code, error) = code(another.start(url).await);
                assert_eq!(code, "K0440", "{error}");
                assert!(format!("{error:?}").contains("`kontract migrate resolve --rolled-back`"), "{error:?}");
                by_hand(url, "INSERT INTO a (id, b) VALUES (1, 1)").await;
                let error = resolve(url, by, UNDO).await.unwrap_err();
                assert_eq!(error.code(), Some("K0444"), "{error:?}");
                expect(url, "SELECT count(*) FROM a WHERE b = 1", 1).await;
            }
            let lose = Resolution::RolledBack { by_hand: false, lose: other };
            assert_eq!(resolve(url, by, lose).await.unwrap(), ["undoing migration 2 `groups`"]);
            expect_journal(url, "done", 0).await;
            // The column and the index are gone.
            by_hand(url, "ALTER TABLE a ADD COLUMN b BIGINT; CREATE INDEX a_b ON a (b); DROP INDEX a_b; ALTER TABLE a DROP COLUMN b").await;
        }
        let error = resolve(url, &program, UNDO).await.unwrap_err();
        assert_eq!(error.code(), Some("K0445"), "{error:?}");
        with_way_back(failing("SELECT 1"), &BACK, &[]).start(url).await.unwrap().close().await;
        by_hand(url, "INSERT INTO b VALUES (1)").await;
    }

    /// A migration that was edited and sealed again just runs where nothing of it was done, and goes on
    /// where what is done has not changed.
    async fn an_edited_migration_goes_on(url: &str) {
        let first = |statement: &str| Program::new(&[A]).then(&[Mode::Alone.mark(statement), B.to_owned()]);
        let (code_, error) = code(first(FAILS).start(url).await);
        assert_eq!(code_, "K0425", "{error}");
        expect_journal(url, "running", 0).await;
        first("ANALYZE").start(url).await.unwrap().close().await;
        expect_journal(url, "done", 0).await;
        by_hand(url, "DROP TABLE b; DELETE FROM _kontract_migrations WHERE version = 2").await;
        assert_eq!(code(first(FAILS).start(url).await).0, "K0425");
        // Also as one transaction.
        Program::new(&[A]).then(&[B.to_owned()]).start(url).await.unwrap().close().await;
        by_hand(url, "DROP TABLE b; DELETE FROM _kontract_migrations WHERE version = 2").await;
        assert_eq!(code(failing(FAILS).start(url).await).0, "K0425");
        failing("INSERT INTO a (id, b) VALUES (1, 5)").start(url).await.unwrap().close().await;
        expect(url, "SELECT count(*) FROM a WHERE b = 5", 1).await;
        expect(url, "SELECT count(*) FROM _kontract_migrations WHERE shape LIKE '{%'", 0).await;
    }

    /// Without a way back, the user undoes or finishes it, and the tables are compared.
    async fn what_is_left_is_named(url: &str) {
        let program = failing(FAILS);
        assert_eq!(code(program.start(url).await).0, "K0425");
        for how in [UNDO, BY_HAND] {
            let error = resolve(url, &program, how).await.unwrap_err();
            assert_eq!(error.code(), Some("K0465"), "{error:?}");
            let text = format!("{error:?}");
            assert!(text.contains("the tables are not as they were before migration 2 `groups`; nothing was changed"), "{text}");
            assert!(text.contains("note: new: column `b` (") && text.contains("note: new: index `a_b` ("), "{text}");
            assert!(text.contains("`kontract migrate resolve --rolled-back --by-hand`"), "{text}");
        }
        by_hand(url, "DROP INDEX a_b; ALTER TABLE a DROP COLUMN b").await;
        resolve(url, &program, UNDO).await.unwrap();
        expect_journal(url, "done", 0).await;
        // A statement that changed rows leaves nothing that can be compared.
        let steps = |last: &str| [Mode::Alone.mark("INSERT INTO a VALUES (7)"), last.to_owned()];
        let program = Program::new(&[A]).then(&steps(FAILS));
        assert_eq!(code(program.start(url).await).0, "K0425");
        let error = resolve(url, &program, UNDO).await.unwrap_err();
        let text = format!("{error:?}");
        assert!(error.code() == Some("K0465") && text.contains("note: statement 1 is done: `INSERT INTO a VALUES (7)`"), "{text}");
        by_hand(url, "DELETE FROM a").await;
        resolve(url, &program, BY_HAND).await.unwrap();
        Program::new(&[A]).then(&steps("SELECT 1")).start(url).await.unwrap().close().await;
        expect(url, "SELECT count(*) FROM a", 1).await;
    }

    async fn a_migration_that_was_finished_by_hand_is_recorded(url: &str) {
        let program = failing(FAILS);
        assert_eq!(code(program.start(url).await).0, "K0425");
        let lock = with_facts(&program.lock);
        let migrator = Migrator::new(url, "made-up", lock, Options::default()).unwrap();
        let found = migrator.unfinished().await.unwrap().unwrap();
        let progress: Vec<_> = found.statements.iter().map(|(progress, _)| *progress).collect();
        use Progress::{Done, Pending};
        assert_eq!(progress, [Done, Done, Done, Pending, Pending]);
        assert!(found.is_sealed && !found.has_way_back && found.until_after == Some(Vec::new()));
        assert_eq!(found.since_before.unwrap().len(), 2);
        migrator.close().await;
        by_hand(url, B).await;
        let done = resolve(url, &program, Resolution::Applied).await.unwrap();
        assert_eq!(done, ["migration 2 `groups`, recorded as applied"]);
        expect_journal(url, "done", 0).await;
        program.start(url).await.unwrap().close().await;
    }
}

/// An interrupted CREATE INDEX leaves an index that is not valid.
#[test]
fn an_invalid_index_is_named_and_dropped() {
    let database = kontract_test_support::postgres_database();
    let url = database.url();
    kontract_test_support::block_on(async {
        let index = Mode::Alone.mark("CREATE INDEX CONCURRENTLY a_b ON a (b)");
        let first = "CREATE TABLE a (id BIGINT PRIMARY KEY, b BIGINT)";
        let plain = Program::new(&[first]).then(&[index, FAILS.to_owned()]);
        let program = with_way_back(plain, &["DROP INDEX a_b"], &[]);
        assert_eq!(code(program.start(url).await).0, "K0425");
        by_hand(url, "UPDATE pg_index SET indisvalid = false WHERE indexrelid = 'a_b'::regclass; \
                      UPDATE _kontract_migrations SET state = 'started', step = 0 WHERE version = 2").await;
        let lock = with_facts(&program.lock);
        let migrator = Migrator::new(url, "made-up", lock, Options::default()).unwrap();
        let found = migrator.unfinished().await.unwrap().unwrap();
        assert_eq!(found.statements[0].0, Progress::Started);
        let expected = "new: index `a_b` (btree b, not valid, classes int8_ops) of table `a`";
        assert_eq!(found.since_before, Some(vec![expected.to_owned()]));
        migrator.resolve(UNDO).await.unwrap();
        assert_eq!(migrator.unfinished().await.unwrap(), None);
        migrator.close().await;
        expect(url, "SELECT count(*) FROM pg_class WHERE relname = 'a_b'", 0).await;
    });
}

/// A statement outside a transaction releases the runner's lock, or ends its session, while a second
/// runner waits: what was done is undone, and a corrected migration runs.
#[test]
fn a_runner_that_lost_its_lock_is_undone() {
    let database = kontract_test_support::postgres_database();
    let url = database.url();
    let fill = "UPDATE a SET b = 1 WHERE id IN (SELECT id FROM a WHERE b IS NULL LIMIT 1)";
    let steps = |release: &str| {
        [
            "ALTER TABLE a ADD COLUMN b BIGINT".to_owned(),
            Mode::Repeat.mark(fill),
            Mode::Alone.mark(release),
            Mode::Repeat.mark(&fill.replace("= 1", "= 2").replace("IS NULL", "= 1")),
            B.to_owned(),
        ]
    };
    kontract_test_support::block_on(async {
        for release in [
            "SELECT pg_advisory_unlock_all(), pg_sleep(0.2)",
            "DISCARD ALL",
            "SELECT pg_terminate_backend(pg_backend_pid())",
        ] {
            by_hand(url, "DROP SCHEMA public CASCADE; CREATE SCHEMA public").await;
            let rows = "INSERT INTO a VALUES (1), (2), (3)";
            let with_back = |release| {
                let program = Program::new(&[A, rows]).then(&steps(release));
                with_way_back(program, &["DROP TABLE b", "ALTER TABLE a DROP COLUMN b"], &[])
            };
            let program = with_back(release);
            let registry = program.registry();
            let starts = [0, 1].map(|_| {
                let url = url.to_owned();
                tokio::spawn(async move {
                    kontract::__private::Base::connect(&url, registry).await.is_ok()
                })
            });
            for start in starts {
                assert!(!start.await.unwrap(), "{release}");
            }
            expect(url, "SELECT count(*) FROM a WHERE b = 1", 3).await;
            resolve(url, &program, UNDO).await.unwrap();
            expect(url, "SELECT count(*) FROM _kontract_migrations WHERE state = 'done'", 2).await;
            with_back("ANALYZE").start(url).await.unwrap().close().await;
            expect(url, "SELECT count(*) FROM a WHERE b = 2", 3).await;
        }
    });
}
