//! A migration with every run mode is interrupted at each statement and at each write to a file, and the
//! next start completes it. `server_failures.rs` has the tests of whole servers.

use std::os::unix::process::ExitStatusExt;
use std::process::{Child, Command, Stdio};
use std::sync::atomic::{AtomicUsize, Ordering};
use std::sync::{Arc, Mutex};

use kontract::migrate::{Migrator, Options};
use kontract_schema::lock::{LockFile, Step};
use kontract_schema::migration::run_mode::Mode;
use kontract_test_support::proxy::Cut;

use super::resolved_migrations::{UNDO, resolve, with_way_back};
use super::run_modes::expect;
use super::start::{Program, by_hand, with_facts};

const TABLES: &str = "CREATE TABLE a (id BIGINT PRIMARY KEY, n BIGINT NOT NULL); \
    CREATE TABLE log (n BIGINT PRIMARY KEY); CREATE INDEX old ON a (n)";
const ROWS: &str = "INSERT INTO a SELECT i, 0 FROM (WITH RECURSIVE s(i) AS (SELECT 1 UNION ALL SELECT i + 1 FROM s WHERE i < 1000) SELECT i FROM s) AS s";
const BATCH: &str = "UPDATE a SET n = n + 1 WHERE id IN (SELECT id FROM a WHERE n = 0 LIMIT 400)";

/// Two migrations. The second has every run mode.
fn program() -> Program {
    let alone = |sql: &str| Mode::Alone.mark(sql);
    let log = |n: u32| format!("INSERT INTO log VALUES ({n})");
    let mut program = Program::new(&[&format!("{TABLES}; {ROWS}")]).then(&[]);
    let mut last = program.lock.migrations.pop().unwrap();
    last.sql.postgres.up = [
        log(1),
        "ALTER TABLE a ADD CONSTRAINT small CHECK (n < 2) NOT VALID".into(),
        Mode::Repeat.mark(BATCH),
        alone("CREATE UNIQUE INDEX CONCURRENTLY IF NOT EXISTS new ON a (n, id)"),
        log(2),
        alone("ALTER TABLE a VALIDATE CONSTRAINT small"),
        alone("DROP INDEX CONCURRENTLY old"),
        log(3),
    ]
    .map(Step::new)
    .into();
    last.sql.sqlite.up = [
        log(1),
        "CREATE UNIQUE INDEX new ON a (n, id)".into(),
        Mode::Repeat.mark(BATCH),
        alone("ANALYZE"),
        log(2),
        "DROP INDEX old".into(),
        alone("VACUUM"),
        log(3),
    ]
    .map(Step::new)
    .into();
    program.lock.migrations.push(last.hashed());
    program
}

/// Fails unless each row was changed once, each entry was inserted once, and the indexes are valid.
async fn expect_the_end(url: &str) {
    let mut facts = vec![
        "(SELECT count(*) FROM _kontract_migrations WHERE state = 'done') = 2",
        "(SELECT count(*) FROM a WHERE n = 1) = 1000",
        "(SELECT sum(n) FROM log) = 6",
    ];
    facts.extend(if url.starts_with("sqlite:") {
        [
            "(SELECT count(*) FROM sqlite_schema WHERE name IN ('old', 'new')) = 1",
            "(SELECT group_concat(integrity_check) FROM pragma_integrity_check) = 'ok'",
            "1 = 1",
        ]
    } else {
        [
            "(SELECT count(*) FROM pg_index WHERE indrelid = 'a'::regclass AND indisvalid) = 2",
            "to_regclass('old') IS NULL",
            "(SELECT count(*) FROM pg_constraint WHERE conname = 'small' AND convalidated) = 1",
        ]
    });
    let wrong = facts
        .iter()
        .zip(0..)
        .map(|(fact, bit)| format!("CASE WHEN {fact} THEN 0 ELSE {} END", 1 << bit));
    // The bits of the number are the conditions that do not hold.
    expect(url, &format!("SELECT {}", wrong.collect::<Vec<_>>().join(" + ")), 0).await;
}

/// The lock file of a program on disk, for processes.
pub struct Written {
    _directory: Box<dyn std::any::Any>,
    path: std::path::PathBuf,
}

impl Written {
    pub fn new(program: &Program) -> Written {
        let directory = kontract_test_support::temporary_directory();
        let path = directory.path().join("lock.json");
        std::fs::write(&path, program.lock.write()).unwrap();
        Written { _directory: Box::new(directory), path }
    }

    /// Starts a process that runs the program: this executable with the test `child`.
    pub fn start(&self, url: &str, variables: &[(&str, String)]) -> Child {
        let mut child = Command::new(std::env::current_exe().unwrap());
        child.args(["--ignored", "--exact", "interrupted_migrations::child", "--nocapture"]);
        child.env("KONTRACT_TEST_URL", url).env("KONTRACT_TEST_LOCK", &self.path);
        child.envs(variables.iter().map(|(name, value)| (name, value)));
        child.stdout(Stdio::null()).stderr(Stdio::piped()).spawn().unwrap()
    }
}

#[test]
#[ignore = "the process that the other tests start"]
fn child() {
    let number = |name: &str| std::env::var(name).ok().map(|text| text.parse().unwrap());
    let url = std::env::var("KONTRACT_TEST_URL").unwrap();
    let lock = std::fs::read_to_string(std::env::var("KONTRACT_TEST_LOCK").unwrap()).unwrap();
    let program = Program { lock: LockFile::read(&lock).unwrap() };
    if let Some(number) = number("KONTRACT_TEST_KILL_AT") {
        kontract_test_support::crash::kill_at_sqlite_statement(number);
    }
    if let Some(number) = number("KONTRACT_TEST_KILL_AT_WRITE") {
        kontract_test_support::crash::kill_at_sqlite_write(number);
    }
    if let Some(pages) = number("KONTRACT_TEST_PAGES") {
        kontract_test_support::crash::limit_sqlite_pages(pages);
    }
    let lease = std::env::var("KONTRACT_TEST_LEASE").ok().map(|text| text.parse().unwrap());
    kontract_test_support::block_on(async {
        let Some(lease) = lease else { return program.start(&url).await.unwrap().close().await };
        let options = Options::default().lease(std::time::Duration::from_millis(lease));
        Migrator::new(&url, "made-up", with_facts(&program.lock), options)
            .unwrap()
            .up(None)
            .await
            .unwrap();
    });
}

kontract_test_support::both! {
    async fn many_processes_at_once(url: &str) {
        let program = Written::new(&program());
        let children: Vec<Child> = (0..32).map(|_| program.start(url, &[])).collect();
        for child in children {
            let output = child.wait_with_output().unwrap();
            assert!(output.status.success(), "{}", String::from_utf8_lossy(&output.stderr));
        }
        expect_the_end(url).await;
    }
}

/// The process is killed at the beginning of each statement.
#[test]
fn sqlite_processes_killed_at_each_statement() {
    on_sqlite("KONTRACT_TEST_KILL_AT", 1, 40, &program(), go_on);
}

/// The process is killed during each write to a file, after half of it.
#[test]
fn sqlite_processes_killed_during_a_write() {
    on_sqlite("KONTRACT_TEST_KILL_AT_WRITE", 1, 100, &program(), go_on);
}

/// Starts the program again, which completes the migration.
async fn go_on(url: &str) {
    let again = program().start(url).await;
    again.unwrap_or_else(|error| panic!("{error}")).close().await;
    expect_the_end(url).await;
}

/// Two migrations. The second has every run mode, and a way back that changes no rows.
fn program_with_way_back() -> Program {
    let fill =
        "UPDATE a SET extra = 1 WHERE id IN (SELECT id FROM a WHERE extra IS NULL LIMIT 400)";
    let alone = |sql: &str| Mode::Alone.mark(sql);
    let mut program = Program::new(&[&format!("{TABLES}; {ROWS}")]).then(&[]);
    let mut last = program.lock.migrations.pop().unwrap();
    let up = |index: String, other: String| {
        [
            "ALTER TABLE a ADD COLUMN extra BIGINT".into(),
            Mode::Repeat.mark(fill),
            index,
            "CREATE TABLE later (n BIGINT PRIMARY KEY)".into(),
            other,
            "INSERT INTO later VALUES (1)".into(),
        ]
        .map(Step::new)
        .into()
    };
    let concurrently = "CREATE INDEX CONCURRENTLY IF NOT EXISTS new ON a (extra)";
    last.sql.postgres.up = up(alone(concurrently), alone("DROP INDEX CONCURRENTLY old"));
    last.sql.sqlite.up = up("CREATE INDEX new ON a (extra)".into(), alone("VACUUM"));
    program.lock.migrations.push(last.hashed());
    let back = ["DROP TABLE later", "DROP INDEX new", "ALTER TABLE a DROP COLUMN extra"];
    let mut program = with_way_back(program, &back, &[]);
    let mut last = program.lock.migrations.pop().unwrap();
    last.sql.postgres.down.as_mut().unwrap().push(Step::new("CREATE INDEX old ON a (n)"));
    program.lock.migrations.push(last.hashed());
    program
}

/// Undoes the migration where it was interrupted; it leaves nothing, and the program starts again.
async fn undo_and_go_on(url: &str, undone: &AtomicUsize) {
    let program = program_with_way_back();
    match resolve(url, &program, UNDO).await {
        Ok(_) => {
            undone.fetch_add(1, Ordering::Relaxed);
            expect(
                url,
                "SELECT count(*) FROM _kontract_migrations WHERE state = 'done' AND version = 1",
                1,
            )
            .await;
            expect(url, "SELECT count(*) FROM _kontract_migrations", 1).await;
            // Everything that the migration makes can be made, and the old index is there.
            let back = if url.starts_with("sqlite:") {
                ""
            } else {
                "DROP INDEX old; CREATE INDEX old ON a (n);"
            };
            by_hand(url, &format!(
                "{back} ALTER TABLE a ADD COLUMN extra BIGINT; CREATE INDEX new ON a (extra); CREATE TABLE later (n BIGINT); \
                 DROP TABLE later; DROP INDEX new; ALTER TABLE a DROP COLUMN extra"
            )).await;
        }
        Err(error) => assert_eq!(error.code(), Some("K0445"), "{error:?}"),
    }
    program.start(url).await.unwrap_or_else(|error| panic!("{error:?}")).close().await;
    expect(url, "SELECT count(*) FROM _kontract_migrations WHERE state = 'done'", 2).await;
    expect(url, "SELECT count(*) FROM a WHERE extra = 1", 1000).await;
    expect(url, "SELECT count(*) FROM later", 1).await;
}

/// Each end state of a killed process can be undone.
#[test]
fn sqlite_processes_killed_and_undone() {
    let undone = AtomicUsize::new(0);
    let finish = async |url: &str| undo_and_go_on(url, &undone).await;
    on_sqlite("KONTRACT_TEST_KILL_AT", 3, 40, &program_with_way_back(), finish);
    assert!(undone.into_inner() > 10);
}

/// Each end state after a lost connection can be undone.
#[test]
fn lost_connections_are_undone() {
    let undone = AtomicUsize::new(0);
    let lose = async |url: &str, _: &Mutex<Option<Child>>| {
        if let Ok(base) = program_with_way_back().start(url).await {
            base.close().await;
        }
    };
    let finish = async |url: &str| undo_and_go_on(url, &undone).await;
    on_postgres(Points::each(2), lose, finish);
    assert!(undone.into_inner() > 10);
}

/// Kills a process at each point of this kind, or at each `step`-th one. Fails unless there are more than
/// `least`. `finish` goes on with what is left.
fn on_sqlite(kind: &str, step: u32, least: u32, program: &Program, finish: impl AsyncFn(&str)) {
    let directory = kontract_test_support::temporary_directory();
    let written = Written::new(program);
    let path = directory.path().join("test.db");
    let url = format!("sqlite:{}", path.display());
    kontract_test_support::block_on(async {
        let mut point = 1;
        loop {
            for end in ["", "-wal", "-shm", "-migrate"] {
                let _ = std::fs::remove_file(format!("{}{end}", path.display()));
            }
            let child = written.start(&url, &[(kind, point.to_string())]);
            let output = child.wait_with_output().unwrap();
            let killed = output.status.signal() == Some(9);
            assert!(killed || output.status.success(), "{point}: {output:?}");
            finish(&url).await;
            if !killed {
                break;
            }
            point += step;
        }
        assert!(point > least, "the migration has more of them than that: {point}");
    });
}

/// The disk is full at each size of the file.
#[test]
fn a_full_disk() {
    let program = program();
    let written = Written::new(&program);
    kontract_test_support::block_on(async {
        let mut failures = 0;
        for pages in 2.. {
            let database = kontract_test_support::sqlite_database();
            let url = database.url();
            let child = written.start(url, &[("KONTRACT_TEST_PAGES", pages.to_string())]);
            let output = child.wait_with_output().unwrap();
            if output.status.success() {
                break;
            }
            let errors = String::from_utf8_lossy(&output.stderr);
            assert!(errors.contains("the disk is full"), "{pages}: {errors}");
            failures += 1;
            program.start(url).await.unwrap().close().await;
            expect_the_end(url).await;
        }
        assert!(failures > 10, "{failures}");
    });
}

/// The points at which a program waits for the server.
struct Points {
    first: usize,
    /// 1 for every point, 2 for every second one.
    step: usize,
    /// The text that the message must contain.
    only: &'static str,
    /// Whether the server receives the message.
    sent: bool,
    /// The test fails unless there are more points than this.
    least: usize,
}

impl Points {
    fn each(step: usize) -> Points {
        Points { first: 1, step, only: "", sent: true, least: 40 }
    }
}

/// Interrupts a program at these points. `finish` goes on with what is left.
fn on_postgres(
    points: Points,
    start: impl AsyncFn(&str, &Mutex<Option<Child>>),
    finish: impl AsyncFn(&str),
) {
    let Points { first, step, only, sent, least } = points;
    let database = kontract_test_support::postgres_database();
    let url = database.url();
    kontract_test_support::block_on(async {
        for point in (first..).step_by(step) {
            by_hand(url, "DROP SCHEMA public CASCADE; CREATE SCHEMA public").await;
            let process = Arc::default();
            let proxy = Cut::at(url, only, point, sent, Arc::clone(&process)).await;
            start(&proxy.url, &process).await;
            let was_cut = proxy.was_cut();
            finish(url).await;
            if !was_cut {
                assert!(point > least, "the migration has more points than that: {point}");
                break;
            }
        }
    });
}

async fn process_that_is_killed(url: &str, process: &Mutex<Option<Child>>) {
    let program = Written::new(&program());
    *process.lock().unwrap() = Some(program.start(url, &[]));
    loop {
        let ended = process.lock().unwrap().as_mut().unwrap().try_wait().unwrap();
        match ended {
            Some(status) => break assert!(status.signal() == Some(9) || status.success()),
            None => tokio::time::sleep(std::time::Duration::from_millis(2)).await,
        }
    }
}

#[test]
fn postgres_processes_killed_before_a_statement() {
    on_postgres(Points { sent: false, ..Points::each(2) }, process_that_is_killed, go_on);
}

#[test]
fn postgres_processes_killed_during_a_statement() {
    on_postgres(Points { first: 2, ..Points::each(2) }, process_that_is_killed, go_on);
}

async fn connection_that_is_lost(url: &str, _: &Mutex<Option<Child>>) {
    if let Ok(base) = program().start(url).await {
        base.close().await;
    }
}

#[test]
fn connections_lost_during_a_statement() {
    on_postgres(Points::each(1), connection_that_is_lost, go_on);
}

#[test]
fn connections_lost_before_a_statement() {
    on_postgres(Points { sent: false, ..Points::each(1) }, connection_that_is_lost, go_on);
}

/// The server commits, and the answer is lost.
#[test]
fn lost_answers_to_commits() {
    let commits = Points { only: "COMMIT", least: 5, ..Points::each(1) };
    on_postgres(commits, connection_that_is_lost, go_on);
}
