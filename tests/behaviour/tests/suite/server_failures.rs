//! PostgreSQL servers with a full disk, during a restart, as a standby, after a failover, and during
//! backup and restore.

use std::process::Stdio;
use std::time::{Duration, Instant};

use kontract::Kind;
use kontract::migrate::{Migrator, Options};
use kontract_behaviour::Storage;
use kontract_schema::migration::run_mode::Mode;
use kontract_test_support::cluster::Cluster;
use kontract_test_support::{block_on, execute, postgres_database, rows};

use super::run_modes::expect;
use super::start::{A, B, Program, by_hand, code, with_facts};
use super::user;

/// Waits until the condition is true.
pub(super) fn wait_for(url: &str, condition: &str) {
    let since = Instant::now();
    while rows(url, &format!("SELECT ({condition})::text")) != ["true"] {
        assert!(since.elapsed() < Duration::from_secs(60), "{condition}");
        std::thread::sleep(Duration::from_millis(10));
    }
}

/// 3000 rows of half a kilobyte on a disk without room for as many again: first in one transaction, then
/// in batches.
#[test]
fn a_server_with_a_full_disk() {
    let server = Cluster::start();
    let url = server.url();
    let filled = "CREATE TABLE a (id BIGINT PRIMARY KEY, n BIGINT NOT NULL, filler TEXT NOT NULL) \
                  WITH (autovacuum_enabled = false); \
                  INSERT INTO a SELECT i, 0, repeat('x', 500) FROM generate_series(1, 3000) AS i";
    let batch = "UPDATE a SET n = n + 1 WHERE id IN (SELECT id FROM a WHERE n = 1 LIMIT 300)";
    let batches = [A.replace(" a ", " before "), Mode::Repeat.mark(batch), B.to_owned()];
    let program = Program::new(&[filled, "CREATE TABLE c (n INT); UPDATE a SET n = n + 1"]);
    let program = program.then(&batches);
    block_on(async {
        Program::new(&[filled]).start(&url).await.unwrap().close().await;
        // Not a multiple of the page size: the last page is written in part, as on a full disk.
        server.limit_files(Some((2 << 20) + 4096));
        for _ in 0..2 {
            let (code, error) = code(program.start(&url).await);
            let state = error.database().map(|source| &*source.code);
            assert_eq!((&*code, state), ("K0425", Some("53100")), "{error}");
            let text = format!("{error:?}");
            for part in
                ["migration 2 `step`", "statement 2", "the disk is full", "free some disk space"]
            {
                assert!(text.contains(part), "{text}");
            }
            expect(&url, "SELECT count(*)::int FROM a WHERE n <> 0", 0).await;
            expect(&url, "SELECT count(*)::int FROM pg_class WHERE relname = 'c'", 0).await;
            expect(&url, "SELECT count(*)::int FROM _kontract_migrations", 1).await;
        }
        // Room for the transaction, and for some of the batches.
        server.limit_files(Some((4 << 20) + 4096));
        let (code, error) = code(program.start(&url).await);
        assert_eq!(code, "K0425", "{error}");
        let text = format!("{error:?}");
        assert!(text.contains("migration 3 `groups`") && text.contains("disk is full"), "{text}");
        let done = "count(*) FILTER (WHERE n = 2)";
        let some =
            format!("SELECT ({done} % 300 = 0 AND count(*) = 3000 AND {done} < 3000)::int FROM a");
        expect(&url, &some, 1).await;
        expect(&url, "SELECT count(*)::int FROM _kontract_migrations WHERE state = 'done'", 2)
            .await;
        server.limit_files(None);
        program.start(&url).await.unwrap().close().await;
        expect(&url, "SELECT count(*)::int FROM a WHERE n = 2", 3000).await;
        expect(&url, "SELECT count(*)::int FROM b", 0).await;
    });
}

/// `pg_ctl restart -m fast` during a migration: the same start completes it.
#[test]
fn a_server_that_restarts() {
    let mut server = Cluster::start();
    let url = server.url();
    let slow = "INSERT INTO a VALUES (2); SELECT pg_sleep(CASE WHEN to_regclass('short') IS NULL THEN 60 ELSE 0 END)";
    let program = Program::new(&[A, "INSERT INTO a VALUES (1)", slow, B]);
    block_on(async {
        Program::new(&[A]).start(&url).await.unwrap().close().await;
        let at = url.clone();
        let start = tokio::spawn(async move { program.start(&at).await.map(|_| ()) });
        let restart = move || {
            wait_for(
                &server.url(),
                "EXISTS (SELECT FROM pg_stat_activity WHERE query LIKE '%THEN 60%' AND pid <> pg_backend_pid())",
            );
            execute(&server.url(), "CREATE TABLE short ()");
            server.stop();
            std::thread::sleep(Duration::from_millis(300));
            server.start_again();
            server
        };
        let _server = tokio::task::spawn_blocking(restart).await.unwrap();
        start.await.unwrap().unwrap();
        expect(&url, "SELECT sum(id)::int FROM a", 3).await;
        expect(&url, "SELECT count(*)::int FROM _kontract_migrations WHERE state = 'done'", 4)
            .await;
    });
}

/// A standby can be read and is not migrated. After promotion, migrations that it had not received run
/// again.
#[test]
fn a_standby() {
    let primary = Cluster::start();
    block_on(async {
        let storage = Storage::connect(&primary.url()).await.unwrap();
        let ada = storage.users.insert(user("Ada")).await.unwrap();
        storage.close().await;
        Program::new(&[A]).start(&primary.url()).await.unwrap().close().await;
        let mut standby = primary.standby();
        let url = standby.url();

        let storage = Storage::connect(&url).await.unwrap();
        assert_eq!(storage.users.get(&ada.id).await.unwrap(), Some(ada));
        let error = storage.users.insert(user("Bob")).await.unwrap_err();
        assert_eq!((error.code(), error.kind()), (Some("K0417"), &Kind::Denied), "{error}");
        storage.close().await;
        // A table was changed by hand: the program starts, and the result of the comparison is not stored.
        by_hand(&primary.url(), "ALTER TABLE settings ADD COLUMN note TEXT").await;
        let caught_up = "EXISTS (SELECT FROM pg_attribute WHERE attrelid = 'settings'::regclass AND attname = 'note')";
        let at = url.clone();
        tokio::task::spawn_blocking(move || wait_for(&at, caught_up)).await.unwrap();
        Storage::connect(&url).await.unwrap().close().await;

        let since = Instant::now();
        let (code, error) = code(Program::new(&[A, B]).start(&url).await);
        assert_eq!((&*code, error.kind()), ("K0417", &Kind::Denied), "{error}");
        assert!(format!("{error:?}").contains("standby"), "{error}");
        assert!(since.elapsed() < Duration::from_secs(5), "{:?}", since.elapsed());

        // The standby receives nothing more from the primary.
        standby.stop();
        let program = Program::new(&[A, B, "INSERT INTO b VALUES (7)"]);
        program.start(&primary.url()).await.unwrap().close().await;
        drop(primary);
        standby.start_again();
        standby.promote();
        expect(&url, "SELECT count(*)::int FROM _kontract_migrations WHERE package = 'made-up'", 1)
            .await;
        program.start(&url).await.unwrap().close().await;
        expect(&url, "SELECT sum(id)::int FROM b", 7).await;
    });
}

/// A dump holds a lock on each table until its output is taken.
#[test]
fn a_backup_that_runs() {
    let database = postgres_database();
    let url = database.url().to_owned();
    block_on(async {
        Program::new(&[A]).start(&url).await.unwrap().close().await;
        by_hand(&url, "INSERT INTO a SELECT generate_series(1, 200000)").await;
        let mut dump = Cluster::program("pg_dump");
        dump.args(["-a", "-d", &url]).stdout(Stdio::piped());
        let dump = dump.spawn().unwrap();
        let at = url.clone();
        let holds = "EXISTS (SELECT FROM pg_locks WHERE relation = 'a'::regclass AND pid <> pg_backend_pid())";
        tokio::task::spawn_blocking(move || wait_for(&at, holds)).await.unwrap();
        let program = Program::new(&[A, "ALTER TABLE a ADD COLUMN b BIGINT"]);
        let options = Options::default().statement_patience(Duration::from_millis(100));
        let manage = Migrator::new(&url, "made-up", with_facts(&program.lock), options).unwrap();
        let since = Instant::now();
        loop {
            let error = manage.up(None).await.unwrap_err();
            assert_eq!((error.code(), error.kind()), (Some("K0450"), &Kind::Timeout), "{error}");
            // On a busy machine the second connection may look too late.
            if format!("{error:?}").contains("`pg_dump`") {
                break;
            }
            assert!(since.elapsed() < Duration::from_secs(60), "{error}");
        }
        let saved = tokio::task::spawn_blocking(|| dump.wait_with_output()).await.unwrap().unwrap();
        assert!(saved.status.success());
        assert_eq!(
            saved
                .stdout
                .split(|byte| *byte == b'\n')
                .filter(|line| line.first().is_some_and(u8::is_ascii_digit))
                .count(),
            200_000
        );
        manage.up(None).await.unwrap();
        manage.close().await;
    });
}

/// The backup contains the lease of a runner. It expires in the copy, too.
#[test]
fn a_backup_with_a_lock_in_it() {
    let (database, copy) = (postgres_database(), postgres_database());
    block_on(async {
        Program::new(&[A]).start(database.url()).await.unwrap().close().await;
        by_hand(database.url(), "CREATE TABLE _kontract_lease (id INT PRIMARY KEY CHECK (id = 1), holder TEXT NOT NULL, until TIMESTAMPTZ NOT NULL); \
            INSERT INTO _kontract_lease VALUES (1, 'saved', clock_timestamp() + interval '4 s')").await;
        let saved = Cluster::program("pg_dump").args(["-d", database.url()]).output().unwrap();
        assert!(saved.status.success(), "{saved:?}");
        let directory = kontract_test_support::temporary_directory();
        let file = directory.path().join("saved.sql");
        std::fs::write(&file, saved.stdout).unwrap();
        let mut restore = Cluster::program("psql");
        restore.args(["-q", "-v", "ON_ERROR_STOP=1", "-d", copy.url(), "-f"]).arg(&file);
        let restored = restore.output().unwrap();
        assert!(restored.status.success(), "{restored:?}");
        expect(copy.url(), "SELECT count(*)::int FROM _kontract_lease", 1).await;
        Program::new(&[A, B]).start(copy.url()).await.unwrap().close().await;
        expect(copy.url(), "SELECT (until < clock_timestamp())::int FROM _kontract_lease", 1).await;
        expect(copy.url(), "SELECT count(*)::int FROM b", 0).await;
    });
}

/// A runner that is killed or gives up during a statement releases its lock soon.
#[test]
fn an_abandoned_start_releases_the_lock_soon() {
    let database = postgres_database();
    let url = database.url().to_owned();
    block_on(async {
        let slow = Program::new(&[A, "INSERT INTO a VALUES (1); SELECT pg_sleep(60)"]);
        let at = url.clone();
        let start = tokio::spawn(async move { slow.start(&at).await.map(|_| ()) });
        let at = url.clone();
        let runs = "EXISTS (SELECT FROM pg_stat_activity WHERE query LIKE '%pg_sleep(60)%' AND datname = current_database() AND pid <> pg_backend_pid())";
        tokio::task::spawn_blocking(move || wait_for(&at, runs)).await.unwrap();
        start.abort();
        assert!(start.await.unwrap_err().is_cancelled());
        let since = Instant::now();
        Program::new(&[A, B]).start(&url).await.unwrap().close().await;
        assert!(since.elapsed() < Duration::from_secs(10), "{:?}", since.elapsed());
        expect(&url, "SELECT count(*)::int FROM a", 0).await;
    });
}

/// A proxy sees traffic on the connection each minute, also after a migration that resets the session.
#[test]
fn a_silent_connection_is_kept_alive() {
    let database = postgres_database();
    let note = "INSERT INTO alive SELECT current_setting('tcp_keepalives_idle')";
    let program =
        Program::new(&[&format!("CREATE TABLE alive (idle TEXT); {note}"), "RESET ALL", note]);
    block_on(async {
        program.start(database.url()).await.unwrap().close().await;
        expect(database.url(), "SELECT count(*)::int FROM alive WHERE idle = '60'", 2).await;
    });
}
