//! Migrations with several groups of statements: how they run, and how they continue.

use kontract::__private::Base;
use kontract::migrate::{Migrator, Options, Resolution};
use kontract::storage::Registry;
use kontract_schema::migration::run_mode::Mode;

use super::start::{A, Program, by_hand, code, with_facts};

/// A statement of a migration with its run mode, as a lock file has it.
fn alone(sql: &str) -> String {
    Mode::Alone.mark(sql)
}

fn repeat(sql: &str) -> String {
    Mode::Repeat.mark(sql)
}

/// Fails unless the query returns this number.
pub async fn expect(url: &str, query: &str, number: i64) {
    let check = format!(
        "INSERT INTO seen (n) SELECT CASE WHEN found.n = {number} THEN 0 ELSE -1 - found.n END FROM ({query}) AS found(n)"
    );
    let check = if url.starts_with("sqlite:") {
        format!(
            "WITH found(n) AS ({query}) INSERT INTO seen (n) SELECT CASE WHEN n = {number} THEN 0 ELSE -1 - n END FROM found"
        )
    } else {
        check
    };
    let table = "CREATE TABLE IF NOT EXISTS seen (n BIGINT, CHECK (n >= 0))";
    by_hand(url, &format!("{table}; {check}")).await;
}

/// Fails unless the last row of the history has this state and step.
pub async fn expect_journal(url: &str, state: &str, step: i64) {
    let query = format!(
        "SELECT step FROM _kontract_migrations WHERE package = 'made-up' AND state = '{state}' \
         AND version = (SELECT max(version) FROM _kontract_migrations WHERE package = 'made-up')"
    );
    expect(url, &query, step).await;
}

const ROWS: &str = "INSERT INTO a WITH RECURSIVE n(i) AS (SELECT 1 UNION ALL SELECT i + 1 FROM n WHERE i < 2500) SELECT i FROM n";
const FILL: &str = "UPDATE a SET b = 1 WHERE id IN (SELECT id FROM a WHERE b IS NULL LIMIT 1000)";

kontract_test_support::both! {
    async fn all_run_modes_run_in_order(url: &str) {
        let steps = [
            "ALTER TABLE a ADD COLUMN b BIGINT".to_owned(),
            repeat(FILL),
            alone("ANALYZE"),
            "CREATE TABLE c (id BIGINT PRIMARY KEY)".to_owned(),
            "INSERT INTO c VALUES (1)".to_owned(),
        ];
        let program = Program::new(&[A, ROWS]).then(&steps);
        program.start(url).await.unwrap().close().await;
        expect(url, "SELECT count(*) FROM a WHERE b = 1", 2500).await;
        expect(url, "SELECT count(*) FROM c", 1).await;
        program.start(url).await.unwrap().close().await;
        expect_journal(url, "done", 0).await;
    }

    async fn a_failed_group_keeps_the_groups_before_it(url: &str) {
        let steps = |last: &str| [
            "ALTER TABLE a ADD COLUMN b BIGINT".to_owned(),
            repeat(FILL),
            "CREATE TABLE c (id BIGINT PRIMARY KEY)".to_owned(),
            last.to_owned(),
        ];
        let program = Program::new(&[A, ROWS]).then(&steps("INSERT INTO late VALUES (1)"));
        for _ in 0..2 {
            let (code, error) = code(program.start(url).await);
            assert_eq!(code, "K0425", "{error}");
            let text = format!("{error:?}");
            let done = "at statement 4; statements 1 to 2 are done, and the next start goes on after them";
            assert!(text.contains(done), "{text}");
            expect_journal(url, "running", 2).await;
        }
        // The statements that are done must not change.
        let mut other = steps("SELECT 1");
        other[0] = "ALTER TABLE a ADD COLUMN b INTEGER".to_owned();
        let (code, error) = code(Program::new(&[A, ROWS]).then(&other).start(url).await);
        assert_eq!(code, "K0440", "{error}");
        by_hand(url, "CREATE TABLE late (id BIGINT)").await;
        program.start(url).await.unwrap().close().await;
        expect(url, "SELECT count(*) FROM late", 1).await;
    }

    async fn an_interrupted_statement_must_be_resolved(url: &str) {
        // Only a lost connection leaves a statement whose outcome is unknown.
        let program = Program::new(&[A]).then(&[alone("INSERT INTO a VALUES (7)")]);
        program.start(url).await.unwrap().close().await;
        by_hand(url, "UPDATE _kontract_migrations SET state = 'started', step = 0 WHERE version = 2").await;
        let (code, error) = code(program.start(url).await);
        assert_eq!(code, "K0441", "{error}");
        let text = format!("{error:?}");
        assert!(text.contains("`INSERT INTO a VALUES (7)`") && text.contains("resolve --again"), "{text}");
        expect(url, "SELECT count(*) FROM a", 1).await;
    }

    async fn repeatable_statements_run_again(url: &str) {
        let program = Program::new(&[A]).then(&[alone("ANALYZE a"), "INSERT INTO a VALUES (1)".to_owned()]);
        program.start(url).await.unwrap().close().await;
        by_hand(url, "DELETE FROM a").await;
        by_hand(url, "UPDATE _kontract_migrations SET state = 'started', step = 0 WHERE version = 2").await;
        program.start(url).await.unwrap().close().await;
        expect(url, "SELECT count(*) FROM a", 1).await;
    }

    async fn a_wrong_step_number_is_refused(url: &str) {
        let steps = ["SELECT 1".to_owned(), "SELECT 2".to_owned(), alone("ANALYZE a")];
        let program = Program::new(&[A]).then(&steps);
        program.start(url).await.unwrap().close().await;
        by_hand(url, "UPDATE _kontract_migrations SET state = 'running', step = 1 WHERE version = 2").await;
        let (code, error) = code(program.start(url).await);
        assert_eq!(code, "K0422", "{error}");
    }

    async fn a_batch_that_never_ends_is_refused(url: &str) {
        let (code, error) = code(Program::new(&[A]).then(&[repeat("SELECT 1")]).start(url).await);
        assert_eq!(code, "K0425", "{error}");
        assert!(format!("{error:?}").contains("does not change rows"), "{error}");
    }

    async fn many_at_once(url: &str) {
        let steps = [
            "ALTER TABLE a ADD COLUMN b BIGINT".to_owned(),
            repeat(FILL),
            alone("ANALYZE"),
            "INSERT INTO a (id) VALUES (-1)".to_owned(),
        ];
        let registry = Program::new(&[A, ROWS]).then(&steps).registry();
        let starts: Vec<_> = (0..8)
            .map(|_| {
                let url = url.to_owned();
                tokio::spawn(async move { Base::connect(&url, registry).await.unwrap().close().await })
            })
            .collect();
        for start in starts {
            start.await.unwrap();
        }
        expect(url, "SELECT count(*) FROM a WHERE b = 1", 2500).await;
        expect(url, "SELECT count(*) FROM a WHERE id = -1", 1).await;
    }

    async fn the_history_of_an_older_version_gets_new_columns(url: &str) {
        let old = Program::new(&[A]);
        old.start(url).await.unwrap().close().await;
        by_hand(url, "ALTER TABLE _kontract_migrations DROP COLUMN step").await;
        old.start(url).await.unwrap().close().await;
        let program = Program::new(&[A]).then(&[alone("ANALYZE a")]);
        program.start(url).await.unwrap().close().await;
        expect_journal(url, "done", 0).await;
    }
}

const CIC: &str = "CREATE INDEX CONCURRENTLY IF NOT EXISTS a_b ON a (b)";
const UNIQUE: &str = "CREATE UNIQUE INDEX CONCURRENTLY IF NOT EXISTS a_b ON a (b DESC) WHERE b > 0";
const WITH_B: &str = "CREATE TABLE a (id BIGINT PRIMARY KEY, b BIGINT)";
const VALID: &str =
    "SELECT count(*) FROM pg_index WHERE indexrelid = to_regclass('a_b') AND indisvalid";
const THERE: &str = "SELECT count(*) FROM pg_class WHERE relname = 'a_b'";

/// Leaves an invalid index, as an interrupted CREATE INDEX does.
async fn broken_index(url: &str) {
    by_hand(url, "CREATE INDEX a_b ON a (b); UPDATE pg_index SET indisvalid = false WHERE indexrelid = 'a_b'::regclass").await;
}

/// Runs a test on PostgreSQL only.
fn on_postgres(test: impl AsyncFnOnce(&str)) {
    let database = kontract_test_support::postgres_database();
    kontract_test_support::block_on(test(database.url()));
}

#[test]
fn an_interrupted_index_is_created_again() {
    on_postgres(async |url| {
        Program::new(&[WITH_B]).start(url).await.unwrap().close().await;
        broken_index(url).await;
        let program = Program::new(&[WITH_B]).then(&[alone(CIC)]);
        program.start(url).await.unwrap().close().await;
        expect(url, VALID, 1).await;
        // The program exited while the server created the index, which then failed or succeeded.
        for hand in ["DROP INDEX a_b", "SELECT 1"] {
            by_hand(url, hand).await;
            by_hand(
                url,
                "UPDATE _kontract_migrations SET state = 'started', step = 0 WHERE version = 2",
            )
            .await;
            program.start(url).await.unwrap().close().await;
            expect(url, VALID, 1).await;
        }
        let drop = alone("DROP INDEX CONCURRENTLY a_b");
        let program = Program::new(&[WITH_B]).then(&[alone(CIC)]).then(&[drop]);
        program.start(url).await.unwrap().close().await;
        by_hand(
            url,
            "UPDATE _kontract_migrations SET state = 'started', step = 0 WHERE version = 3",
        )
        .await;
        program.start(url).await.unwrap().close().await;
        expect(url, THERE, 0).await;
    });
}

#[test]
fn duplicates_are_reported_and_leave_no_index() {
    on_postgres(async |url| {
        Program::new(&[WITH_B]).start(url).await.unwrap().close().await;
        by_hand(url, "INSERT INTO a VALUES (1, 5), (2, 5), (3, 6), (4, NULL), (5, NULL)").await;
        let program = Program::new(&[WITH_B]).then(&[alone(UNIQUE)]);
        let (code, error) = code(program.start(url).await);
        assert_eq!(code, "K0425", "{error}");
        let text = format!("{error:?}");
        let query = "SELECT b, count(*) FROM a WHERE b > 0 GROUP BY b HAVING count(*) > 1 AND num_nulls(b) = 0";
        assert!(text.contains(query), "{text}");
        expect(url, &format!("SELECT count(*) FROM ({query}) AS q"), 1).await;
        expect(url, THERE, 0).await;
        expect_journal(url, "running", 0).await;
        by_hand(url, "DELETE FROM a WHERE id = 2").await;
        program.start(url).await.unwrap().close().await;
        expect(url, VALID, 1).await;
    });
}

/// Eight programs start while an index is created concurrently: the waiting programs do not block it.
#[test]
fn many_programs_wait_for_an_index() {
    // Each number of rows gives another interleaving.
    (0..10).for_each(|round| many_wait(5000 * (round + 1)));
}

fn many_wait(rows: u32) {
    on_postgres(async |url| {
        Program::new(&[WITH_B]).start(url).await.unwrap().close().await;
        let insert = format!("INSERT INTO a SELECT n, n FROM generate_series(1, {rows}) n");
        by_hand(url, &insert).await;
        let steps = [alone(CIC), "INSERT INTO a VALUES (-1, -1)".to_owned()];
        let registry: &'static Registry = Program::new(&[WITH_B]).then(&steps).registry();
        let starts: Vec<_> = (0..8)
            .map(|_| {
                let url = url.to_owned();
                tokio::spawn(
                    async move { Base::connect(&url, registry).await.unwrap().close().await },
                )
            })
            .collect();
        for start in starts {
            start.await.unwrap();
        }
        expect(url, VALID, 1).await;
        expect(url, "SELECT count(*) FROM a WHERE id = -1", 1).await;
    });
}

/// Another table has an index with this name, which `IF NOT EXISTS` would accept.
#[test]
fn an_index_of_another_table_is_not_accepted() {
    on_postgres(async |url| {
        Program::new(&[WITH_B]).start(url).await.unwrap().close().await;
        by_hand(url, "CREATE TABLE other (b BIGINT); CREATE INDEX a_b ON other (b)").await;
        let (code, error) = code(Program::new(&[WITH_B]).then(&[alone(CIC)]).start(url).await);
        assert_eq!(code, "K0425", "{error}");
        assert!(
            format!("{error:?}").contains("the database has the index `a_b` of table `other`"),
            "{error}"
        );
    });
}

/// A statement outside a transaction releases the runner's lock while another runner waits for it:
/// the first one stops, the second one does not repeat the statement, and the work is done once.
#[test]
fn a_runner_that_loses_its_lock_stops() {
    for release in [
        "SELECT pg_advisory_unlock_all()",
        "SELECT pg_advisory_unlock_all(), pg_sleep(1)",
        "DISCARD ALL",
    ] {
        on_postgres(async |url| {
            let steps = [
                "ALTER TABLE a ADD COLUMN b BIGINT".to_owned(),
                alone(release),
                repeat(
                    "UPDATE a SET b = coalesce(b, 0) + 1 WHERE id IN (SELECT id FROM a WHERE b IS NULL LIMIT 1000)",
                ),
                "CREATE TABLE c (id BIGINT PRIMARY KEY)".to_owned(),
                "INSERT INTO c VALUES (1)".to_owned(),
            ];
            let program = Program::new(&[A, ROWS]).then(&steps);
            let registry = program.registry();
            let starts = [0, 1].map(|_| {
                let url = url.to_owned();
                tokio::spawn(async move { code(Base::connect(&url, registry).await).0 })
            });
            let mut codes = Vec::new();
            for start in starts {
                codes.push(start.await.unwrap());
            }
            codes.sort();
            assert_eq!(codes, ["K0441", "K0448"], "{release}");
            expect(url, "SELECT count(*) FROM a WHERE b IS NOT NULL", 0).await;
            expect_journal(url, "started", 1).await;
            let options = Options::default();
            let migrator =
                Migrator::new(url, "made-up", with_facts(&program.lock), options).unwrap();
            migrator.resolve(Resolution::StatementDone).await.unwrap();
            migrator.close().await;
            program.start(url).await.unwrap().close().await;
            expect(url, "SELECT count(*) FROM a WHERE b = 1", 2500).await;
            expect(url, "SELECT count(*) FROM c", 1).await;
        });
    }
}

/// The file that a runner on SQLite has locked is deleted: another process could lock a new one.
#[test]
fn a_runner_whose_locked_file_is_deleted_stops() {
    let database = kontract_test_support::sqlite_database();
    let url = database.url();
    kontract_test_support::block_on(async {
        let steps = [alone("INSERT INTO a VALUES (1)"), alone("INSERT INTO a VALUES (2)")];
        let lock = with_facts(&Program::new(&[A]).then(&steps).lock);
        let file = format!("{}-migrate", url.trim_start_matches("sqlite:"));
        let deletes = move |title: &str| {
            if title.starts_with("migration 2") {
                std::fs::remove_file(&file).unwrap();
            }
        };
        let options = Options::default().listener(deletes);
        let migrator = Migrator::new(url, "made-up", lock.clone(), options).unwrap();
        let error = migrator.up(None).await.unwrap_err();
        assert_eq!(error.code(), Some("K0448"), "{error}");
        migrator.close().await;
        expect(url, "SELECT count(*) FROM a", 0).await;
        let migrator = Migrator::new(url, "made-up", lock, Options::default()).unwrap();
        migrator.up(None).await.unwrap();
        migrator.close().await;
        expect(url, "SELECT count(*) FROM a", 2).await;
    });
}
