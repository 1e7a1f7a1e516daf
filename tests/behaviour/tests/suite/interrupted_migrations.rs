//! A migration with every run mode is interrupted at each statement and at each write to a file, and the
//! next start completes it. `server_failures.rs` has the tests of whole servers.

use std::os::unix::process::ExitStatusExt;
use std::process::{Child, Command, Stdio};
use std::sync::{Arc, Mutex};

use kontract::migrate::{Migrator, Options};
use kontract_schema::lock::{LockFile, Step};
use kontract_schema::migration::run_mode::Mode;
use kontract_test_support::proxy::Cut;

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
    on_sqlite("KONTRACT_TEST_KILL_AT", 40);
}

/// The process is killed during each write to a file, after half of it.
#[test]
fn sqlite_processes_killed_during_a_write() {
    on_sqlite("KONTRACT_TEST_KILL_AT_WRITE", 100);
}

/// Kills a process at each point of this kind. Fails unless there are more than `least`.
fn on_sqlite(kind: &str, least: u32) {
    let directory = kontract_test_support::temporary_directory();
    let program = program();
    let written = Written::new(&program);
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
            program.start(&url).await.unwrap().close().await;
            expect_the_end(&url).await;
            if !killed {
                break;
            }
            point += 1;
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

/// Interrupts the program at these points, and starts it again.
fn on_postgres(points: Points, start: impl AsyncFn(&str, &Mutex<Option<Child>>)) {
    let Points { first, step, only, sent, least } = points;
    let database = kontract_test_support::postgres_database();
    let url = database.url();
    let program = program();
    kontract_test_support::block_on(async {
        for point in (first..).step_by(step) {
            by_hand(url, "DROP SCHEMA public CASCADE; CREATE SCHEMA public").await;
            let process = Arc::default();
            let proxy = Cut::at(url, only, point, sent, Arc::clone(&process)).await;
            start(&proxy.url, &process).await;
            let was_cut = proxy.was_cut();
            let again = program.start(url).await;
            again.unwrap_or_else(|error| panic!("{point}: {error}")).close().await;
            expect_the_end(url).await;
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
    on_postgres(Points { sent: false, ..Points::each(2) }, process_that_is_killed);
}

#[test]
fn postgres_processes_killed_during_a_statement() {
    on_postgres(Points { first: 2, ..Points::each(2) }, process_that_is_killed);
}

async fn connection_that_is_lost(url: &str, _: &Mutex<Option<Child>>) {
    if let Ok(base) = program().start(url).await {
        base.close().await;
    }
}

#[test]
fn connections_lost_during_a_statement() {
    on_postgres(Points::each(1), connection_that_is_lost);
}

#[test]
fn connections_lost_before_a_statement() {
    on_postgres(Points { sent: false, ..Points::each(1) }, connection_that_is_lost);
}

/// The server commits, and the answer is lost.
#[test]
fn lost_answers_to_commits() {
    let commits = Points { only: "COMMIT", least: 5, ..Points::each(1) };
    on_postgres(commits, connection_that_is_lost);
}
