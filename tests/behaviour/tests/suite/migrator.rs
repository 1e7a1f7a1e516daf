//! `Migrator`, which the command line uses.

use std::time::Duration;

use kontract::Error;
use kontract::migrate::{Direction, EntryState, Migrator, Options, Resolution, Status};
use kontract_behaviour::Storage;
use kontract_schema::lock::{LockFile, Step};
use kontract_schema::migration::run_mode::Mode;

use super::start::{A, B, Program, by_hand, with_facts};

/// Two migrations that can be rolled back, and one that cannot.
fn program() -> Program {
    let mut program = Program::new(&[A, B, "CREATE TABLE c (id BIGINT PRIMARY KEY)"]);
    let mut lock = LockFile::default();
    for mut migration in program.lock.migrations {
        let (table, version) = (["a", "b", "c"][lock.migrations.len()], migration.version);
        for script in [&mut migration.sql.postgres, &mut migration.sql.sqlite] {
            script.down = (version < 3).then(|| vec![Step::new(format!("DROP TABLE {table}"))]);
            script.loses = vec![format!("SELECT 1 FROM {table} LIMIT 1")];
        }
        migration.parent = lock.head().to_owned();
        lock.migrations.push(migration.hashed());
        lock.version += 1;
    }
    program.lock = lock;
    program
}

fn migrator(url: &str, lock: &LockFile) -> Migrator {
    Migrator::new(url, "made-up", with_facts(lock), Options::default()).unwrap()
}

fn states(status: &Status) -> Vec<EntryState> {
    status.migrations.iter().map(|entry| entry.state.clone()).collect()
}

fn code<T>(result: Result<T, Error>) -> &'static str {
    let error = result.err().expect("the call is refused");
    error.code().expect("the error has a code")
}

/// Fails unless the table exists.
async fn has(url: &str, table: &str) {
    by_hand(url, &format!("DELETE FROM {table} WHERE 1 = 0")).await;
}

/// The lock file with new hashes, which the history of the database gets too.
async fn rehashed(url: &str, mut lock: LockFile) -> LockFile {
    let mut parent = String::new();
    for migration in &mut lock.migrations {
        *migration = kontract_schema::lock::Migration { parent, ..migration.clone() }.hashed();
        parent = migration.hash.clone();
        let (hash, version) = (&migration.hash, migration.version);
        by_hand(
            url,
            &format!("UPDATE _kontract_migrations SET hash = '{hash}' WHERE version = {version}"),
        )
        .await;
    }
    lock
}

use EntryState::{Applied, Pending};

const GUIDE: &str = include_str!("../../../../docs/migrations.md");

/// The columns of the history that the guide lists, with their types on a database.
fn documented_columns(is_postgres: bool) -> Vec<(String, String)> {
    let (_, chapter) = GUIDE.split_once("\n## Columns of the history\n").expect("the chapter");
    let rows = chapter.lines().filter(|line| line.starts_with("| `"));
    let columns = rows.map(|row| {
        let cells: Vec<&str> = row.split('|').map(|cell| cell.trim().trim_matches('`')).collect();
        (cells[1].to_owned(), cells[if is_postgres { 2 } else { 3 }].to_owned())
    });
    columns.filter(|(_, ty)| ty != "–").collect()
}

kontract_test_support::both! {
    async fn the_columns_of_the_history_are_documented(url: &str) {
        let storage = Storage::connect(url).await.unwrap();
        let is_postgres = url.starts_with("postgres");
        let columns = if is_postgres {
            storage.sql("SELECT column_name::text, data_type::text FROM information_schema.columns WHERE table_name = '_kontract_migrations' ORDER BY ordinal_position")
        } else {
            storage.sql("SELECT name, type FROM pragma_table_info('_kontract_migrations') ORDER BY cid")
        };
        let columns = columns.fetch::<(String, String)>().await.unwrap();
        assert_eq!(columns, documented_columns(is_postgres));
        let states = storage.sql("SELECT state FROM _kontract_migrations").fetch::<(String,)>();
        assert!(states.await.unwrap().iter().all(|(state,)| state == "done" || state == "draft"));
    }

    async fn up_and_down(url: &str) {
        let program = program();
        let manage = migrator(url, &program.lock);
        assert_eq!(manage.up(Some(1)).await.unwrap(), ["migration 1 `step`"]);
        let status = manage.status().await.unwrap();
        assert_eq!(states(&status), [Applied, Pending, Pending]);
        assert!(status.drift.is_none(), "the lock file does not describe version 1");
        let entry = &status.migrations[0];
        assert!(entry.applied_at.is_some() && entry.name == "step" && entry.version == 1);
        let planned = manage.plan(Direction::Up(None)).await.unwrap();
        let statements: Vec<_> = planned.iter().flat_map(|planned| &planned.statements).collect();
        assert_eq!(statements, [B, "CREATE TABLE c (id BIGINT PRIMARY KEY)"]);
        assert_eq!(states(&manage.status().await.unwrap()), [Applied, Pending, Pending]);
        assert_eq!(manage.up(None).await.unwrap(), ["migration 2 `step`", "migration 3 `step`"]);
        let status = manage.status().await.unwrap();
        assert_eq!((states(&status), status.drift), (vec![Applied; 3], Some(Vec::new())));
        assert!(manage.up(None).await.unwrap().is_empty());

        assert_eq!(code(manage.down(0, false).await), "K0443");
        assert_eq!(code(manage.up(Some(4)).await), "K0446");
        assert_eq!(code(manage.plan(Direction::Down(4)).await), "K0446");
        // Without the migration that cannot be rolled back.
        let two = LockFile { migrations: program.lock.migrations[..2].to_vec(), version: 2, ..program.lock.clone() };
        assert_eq!(code(migrator(url, &two).down(1, false).await), "K0420");
        by_hand(url, "DELETE FROM _kontract_migrations WHERE version = 3").await;
        let manage = migrator(url, &two);
        by_hand(url, "INSERT INTO b VALUES (1)").await;
        assert_eq!(code(manage.down(0, false).await), "K0444");
        let planned = manage.plan(Direction::Down(0)).await.unwrap();
        let statements: Vec<_> = planned.iter().flat_map(|planned| &planned.statements).collect();
        assert_eq!(statements, ["DROP TABLE b", "DROP TABLE a"]);
        assert_eq!(manage.redo(true).await.unwrap(), ["taking migration 2 `step` back", "migration 2 `step`"]);
        assert_eq!(manage.down(0, false).await.unwrap().len(), 2, "b is empty now");
        assert_eq!(states(&manage.status().await.unwrap()), [Pending, Pending]);
        by_hand(url, A).await;
        manage.close().await;
    }

    /// Before its first step, `down` checks what blocks the later ones.
    async fn the_whole_way_back_is_checked_first(url: &str) {
        let program = program();
        let manage = migrator(url, &program.lock);
        manage.up(None).await.unwrap();
        let mut lock = program.lock.clone();
        for migration in &mut lock.migrations[..2] {
            for script in [&mut migration.sql.postgres, &mut migration.sql.sqlite] {
                script.down = (migration.version == 1).then(|| vec![Step::new("DROP TABLE a")]);
            }
        }
        let error = migrator(url, &rehashed(url, lock).await).down(0, false).await.unwrap_err();
        let text = format!("{error:?}");
        assert!(text.contains("the migrations 3 `step`, 2 `step` have no way back; nothing was taken back"), "{text}");

        let mut lock = program.lock.clone();
        let sql = &mut lock.migrations[2].sql;
        for script in [&mut sql.postgres, &mut sql.sqlite] {
            script.down = Some(vec![Step::new("DROP TABLE c")]);
        }
        let manage = migrator(url, &rehashed(url, lock).await);
        by_hand(url, "INSERT INTO a VALUES (1)").await;
        let error = manage.down(0, false).await.unwrap_err();
        assert_eq!(error.code(), Some("K0444"), "{error}");
        let text = format!("{error:?}");
        assert!(text.contains("taking migration 1 `step` back would lose data"), "{text}");
        assert_eq!(states(&manage.status().await.unwrap()), vec![Applied; 3], "no step was taken");
        assert_eq!(manage.down(1, false).await.unwrap().len(), 2);
        assert_eq!(manage.down(0, true).await.unwrap().len(), 1);
    }

    async fn status_and_plan_leave_no_trace(url: &str) {
        let manage = migrator(url, &program().lock);
        if let Some(path) = url.strip_prefix("sqlite:") {
            assert_eq!(code(manage.status().await), "K0413");
            assert!(!std::path::Path::new(path).exists());
            by_hand(url, "CREATE TABLE x (id BIGINT)").await;
        }
        assert_eq!(states(&manage.status().await.unwrap()), vec![Pending; 3]);
        assert_eq!(manage.plan(Direction::Up(None)).await.unwrap().len(), 3);
        by_hand(url, "CREATE TABLE _kontract_migrations (id BIGINT)").await;
    }

    /// Reading the status waits for no lock.
    async fn status_and_plan_during_a_migration(url: &str) {
        migrator(url, &program().lock).up(Some(1)).await.unwrap();
        let lock = if url.starts_with("sqlite:") {
            "BEGIN IMMEDIATE"
        } else {
            "SELECT pg_advisory_lock(1802464884, hashtext(current_schema()))"
        };
        let to = url.to_owned();
        let hold = move || kontract_test_support::hold(&to, lock);
        let held = tokio::task::spawn_blocking(hold).await.unwrap();
        let options = Options::default().patience(std::time::Duration::from_millis(100));
        let manage = Migrator::new(url, "made-up", with_facts(&program().lock), options).unwrap();
        let since = std::time::Instant::now();
        assert_eq!(states(&manage.status().await.unwrap()), [Applied, Pending, Pending]);
        assert_eq!(manage.plan(Direction::Up(None)).await.unwrap().len(), 2);
        assert_eq!(manage.preview().await.unwrap().len(), 2);
        assert!(since.elapsed() < std::time::Duration::from_secs(2), "{:?}", since.elapsed());
        assert_eq!(code(manage.up(None).await), "K0426");
        tokio::task::spawn_blocking(move || drop(held)).await.unwrap();
        assert_eq!(manage.up(None).await.unwrap().len(), 2);
    }

    async fn other_histories_are_shown(url: &str) {
        Program::new(&[A, B]).start(url).await.unwrap().close().await;
        let other = migrator(url, &Program::new(&[A]).lock);
        assert_eq!(states(&other.status().await.unwrap()), [Applied, EntryState::Unknown]);
        let other = migrator(url, &Program::new(&[B, B]).lock);
        assert_eq!(states(&other.status().await.unwrap()), vec![EntryState::Differs; 2]);
        by_hand(url, "ALTER TABLE _kontract_migrations DROP COLUMN step").await;
        let old = migrator(url, &Program::new(&[A, B]).lock);
        assert_eq!(states(&old.status().await.unwrap()), [Applied, Applied]);
    }

    async fn baseline_adopts_tables(url: &str) {
        let lock = LockFile::read(include_str!("../../kontract.lock.json")).unwrap();
        let package = "kontract-behaviour";
        let manage = Migrator::new(url, package, lock.clone(), Options::default()).unwrap();
        Storage::connect(url).await.unwrap().close().await;
        let before = manage.status().await.unwrap();
        assert_eq!(before.drift, Some(Vec::new()));
        by_hand(url, "DELETE FROM _kontract_migrations").await;
        by_hand(url, "ALTER TABLE settings RENAME COLUMN value TO worth").await;
        assert_eq!(code(manage.baseline(lock.version).await), "K0427");
        assert!(states(&manage.status().await.unwrap()).iter().all(|state| *state == Pending));
        by_hand(url, "ALTER TABLE settings RENAME COLUMN worth TO value").await;
        manage.baseline(lock.version).await.unwrap();
        assert_eq!(states(&manage.status().await.unwrap()), states(&before));
        Storage::connect(url).await.unwrap().close().await;
        by_hand(url, "ALTER TABLE settings DROP COLUMN value").await;
        let drift = manage.status().await.unwrap().drift.unwrap();
        assert!(drift.iter().any(|line| line.contains("settings")), "{drift:?}");
    }

    async fn an_interrupted_statement_is_resolved(url: &str) {
        let steps = [Mode::Alone.mark("INSERT INTO a VALUES (7)"), B.to_owned()];
        let program = Program::new(&[A]).then(&steps);
        let manage = migrator(url, &program.lock);
        assert_eq!(manage.up(None).await.unwrap(), ["migration 1 `step`", "migration 2 `groups`"]);
        assert_eq!(code(manage.resolve(Resolution::StatementDone).await), "K0445");
        for (how, rows) in [(Resolution::StatementDone, 0), (Resolution::StatementAgain, 1)] {
            by_hand(url, "UPDATE _kontract_migrations SET state = 'started', step = 0 WHERE version = 2").await;
            by_hand(url, "DELETE FROM a; DROP TABLE b").await;
            let running = EntryState::Running { done: 0, of: 2, started: Some(steps[0].clone()) };
            assert_eq!(states(&manage.status().await.unwrap()), [Applied, running]);
            assert_eq!(code(manage.up(None).await), "K0441");
            assert_eq!(code(manage.down(0, false).await), "K0442");
            assert_eq!(code(manage.baseline(2).await), "K0442");
            assert_eq!(manage.resolve(how).await.unwrap().len(), 1);
            assert_eq!(manage.up(None).await.unwrap(), ["migration 2 `groups`"]);
            has(url, "b").await;
            by_hand(url, &format!("INSERT INTO b SELECT 1 WHERE (SELECT count(*) FROM a) <> {rows}; INSERT INTO b VALUES (1)")).await;
        }
    }
}

/// Another runner is migrating and does not end.
#[test]
fn a_runner_without_the_lock_reports_it() {
    let file = kontract_test_support::sqlite_database();
    let server = kontract_test_support::postgres_database();
    let program = program();
    let options = Options::default().patience(Duration::from_millis(50));
    kontract_test_support::block_on(async {
        let manage = |url: &str| {
            Migrator::new(url, "made-up", with_facts(&program.lock), options.clone()).unwrap()
        };
        by_hand(file.url(), "CREATE TABLE x (id BIGINT)").await;
        let writer = kontract_test_support::hold(file.url(), "BEGIN IMMEDIATE");
        assert_eq!(code(manage(file.url()).up(None).await), "K0426");
        drop(writer);
        manage(file.url()).up(None).await.unwrap();

        let lock = "SET application_name = 'the other one'; \
                    SELECT pg_advisory_lock(1802464884, hashtext(current_schema()))";
        let runner = kontract_test_support::hold(server.url(), lock);
        let error = manage(server.url()).up(None).await.unwrap_err();
        assert_eq!(error.code(), Some("K0426"), "{error}");
        let text = format!("{error:?}");
        assert!(text.contains("`the other one`") && text.contains(" s ago"), "{text}");
        drop(runner);
        migrator(server.url(), &program.lock).up(None).await.unwrap();
    });
}
