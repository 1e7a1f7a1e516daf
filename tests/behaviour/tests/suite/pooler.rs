//! The storage and the runner behind PgBouncer in transaction mode and without advisory locks, where the
//! runner uses a lease.

use std::time::{Duration, Instant};

use kontract::migrate::{Migrator, Options};
use kontract_behaviour::{NewJob, Storage};
use kontract_schema::migration::run_mode::Mode;
use kontract_test_support::pooler::Pooler;
use kontract_test_support::{Database, block_on, execute, postgres_database};

use super::run_modes::expect;
use super::start::{A, Program, by_hand, code, with_facts};
use super::user;

/// A pooler that refuses unknown settings, and one that accepts and ignores them.
const KINDS: [&str; 2] = ["", "ignore_startup_parameters = extra_float_digits,options"];

fn pooled() -> (Database, Pooler, String) {
    let database = postgres_database();
    let pooler = Pooler::start(KINDS[0]);
    let url = pooler.url(&database);
    (database, pooler, url)
}

fn long() -> Program {
    let steps: Vec<String> = (0..10)
        .map(|n| format!("CREATE TABLE t{n} (id BIGINT PRIMARY KEY); INSERT INTO t{n} VALUES (1)"))
        .collect();
    Program::new(&steps.iter().map(String::as_str).collect::<Vec<_>>())
}

/// Runs many concurrent statements, with fewer sessions than connections.
async fn work(url: &str) {
    let storage = Storage::connect(url).await.unwrap();
    let tasks: Vec<_> = (0..8)
        .map(|task| {
            let storage = storage.clone();
            tokio::spawn(async move {
                for round in 0..15 {
                    let name = format!("{task}-{round}");
                    let ada = storage.users.insert(user(&name)).await.unwrap();
                    assert_eq!(storage.users.get(&ada.id).await.unwrap().as_ref(), Some(&ada));
                    let jobs = (0..3i64).map(NewJob::new);
                    assert_eq!(storage.jobs.insert_many(jobs).await.unwrap().len(), 3);
                    storage.jobs.pop().await.unwrap().unwrap();
                    storage.users.insert(user(&name)).await.unwrap_err();
                    assert!(storage.users.delete(&ada.id).await.unwrap());
                }
            })
        })
        .collect();
    for task in tasks {
        task.await.unwrap();
    }
    assert_eq!(storage.jobs.count().await.unwrap(), 8 * 15 * 2);
    assert_eq!(storage.jobs.list().await.unwrap().len(), 8 * 15 * 2);
    storage.verify().await.unwrap();
    storage.close().await;
}

#[test]
fn a_storage_works_behind_a_pooler() {
    for kind in KINDS {
        let database = postgres_database();
        let pooler = Pooler::start(&format!("{kind}\ndefault_pool_size = 2"));
        block_on(work(&pooler.url(&database)));
    }
}

/// The parameter of sqlx that disables prepared statements.
#[test]
fn an_address_can_disable_prepared_statements() {
    let database = postgres_database();
    block_on(work(&format!("{}?statement-cache-capacity=0", database.url())));
}

/// Half of the programs start behind the pooler, the others directly: the lease and the advisory lock
/// exclude each other.
#[test]
fn many_programs_start_behind_a_pooler() {
    for kind in KINDS {
        let database = postgres_database();
        let pooler = Pooler::start(kind);
        let registry = long().registry();
        block_on(async {
            let starts: Vec<_> = (0..8)
                .map(|n| {
                    let through = n % 2 == 0;
                    let url = if through { pooler.url(&database) } else { database.url().into() };
                    tokio::spawn(async move {
                        let base = kontract::__private::Base::connect(&url, registry).await;
                        base.unwrap().close().await;
                    })
                })
                .collect();
            for start in starts {
                start.await.unwrap();
            }
            let done = "SELECT count(*)::int FROM _kontract_migrations WHERE state = 'done'";
            expect(database.url(), done, 10).await;
            expect(database.url(), "SELECT count(*)::int FROM t9", 1).await;
        });
    }
}

#[test]
fn the_lease_of_a_killed_runner_expires() {
    let (database, _pooler, url) = pooled();
    let lease = |seconds: f64| {
        format!(
            "CREATE TABLE IF NOT EXISTS _kontract_lease (id INT PRIMARY KEY CHECK (id = 1), holder TEXT NOT NULL, \
             until TIMESTAMPTZ NOT NULL); DELETE FROM _kontract_lease; \
             INSERT INTO _kontract_lease VALUES (1, 'killed', clock_timestamp() + interval '{seconds} s')"
        )
    };
    block_on(async {
        // A runner with a direct connection respects the lease, too.
        for url in [database.url(), &url] {
            by_hand(database.url(), &lease(60.0)).await;
            let options = Options::default().patience(Duration::from_millis(200));
            let manage = Migrator::new(url, "made-up", with_facts(&long().lock), options).unwrap();
            let error = manage.up(None).await.unwrap_err();
            assert_eq!(error.code(), Some("K0426"), "{error}");
        }
        by_hand(database.url(), &lease(1.5)).await;
        let since = Instant::now();
        long().start(&url).await.unwrap().close().await;
        assert!(since.elapsed() > Duration::from_secs(1), "{:?}", since.elapsed());
        let free = "SELECT count(*)::int FROM _kontract_lease WHERE until > clock_timestamp()";
        expect(database.url(), free, 0).await;
    });
}

/// Another runner acquires the lease between two migrations: the first one writes nothing until it has
/// the lease again, and then reads what was done.
#[test]
fn a_lost_lease_is_acquired_again() {
    let (database, _pooler, url) = pooled();
    // The first migration ends once the other runner waits for the lease.
    let until_robbed = "DO $$ BEGIN /* the first */ LOOP PERFORM pg_sleep(0.01); \
         EXIT WHEN EXISTS (SELECT FROM pg_locks WHERE relation = '_kontract_lease'::regclass AND NOT granted); \
         END LOOP; END $$";
    let program = Program::new(&[])
        .then(&[A.to_owned(), until_robbed.to_owned()])
        .then(&["CREATE TABLE b (n INT)".to_owned()])
        .then(&["INSERT INTO b VALUES (1)".to_owned()]);
    block_on(async {
        let direct = database.url().to_owned();
        let robber = tokio::task::spawn_blocking(move || {
            // Waits for the end of the first migration, which holds the row. The lock on the table has
            // a queue, so that the next transaction comes after it.
            let rob = "DO $$ BEGIN LOOP PERFORM pg_sleep(0.01), pg_stat_clear_snapshot(); \
                       EXIT WHEN EXISTS (SELECT FROM pg_stat_activity WHERE query LIKE '%/* the first */%' \
                       AND datname = current_database() AND pid <> pg_backend_pid()); END LOOP; END $$; \
                       LOCK TABLE _kontract_lease IN EXCLUSIVE MODE; UPDATE _kontract_lease SET holder = 'other', until = clock_timestamp() + interval '1 s'; \
                       CREATE TABLE robbed AS SELECT (SELECT count(*) FROM _kontract_migrations) AS migrations";
            execute(&direct, rob);
        });
        program.start(&url).await.unwrap().close().await;
        robber.await.unwrap();
        expect(database.url(), "SELECT migrations::int FROM robbed", 1).await;
        expect(database.url(), "SELECT count(*)::int FROM b", 1).await;
    });
}

/// A migration that runs three times as long as a lease, while two other runners wait: one behind the
/// pooler, which has a single session, and one with a direct connection.
#[test]
fn a_statement_may_take_longer_than_a_lease() {
    let database = postgres_database();
    let pooler = Pooler::start("default_pool_size = 2");
    let steps = [
        "CREATE TABLE steps (n INT, pid INT)",
        "INSERT INTO steps VALUES (1, 0); SELECT pg_sleep(1.5)",
        "INSERT INTO steps VALUES (2, 0)",
        "INSERT INTO steps VALUES (3, 0); SELECT pg_sleep(1.5)",
        "INSERT INTO steps VALUES (4, 0)",
    ];
    let program = Program::new(&steps);
    let options = Options::default().lease(Duration::from_millis(500));
    let runner = |url: &str| {
        Migrator::new(url, "made-up", with_facts(&program.lock), options.clone()).unwrap()
    };
    let url = pooler.url(&database);
    let (holder, others) = (runner(&url), [runner(&url), runner(database.url())]);
    block_on(async {
        let work = tokio::spawn(async move { holder.up(None).await });
        let begun = "SELECT (to_regclass('_kontract_migrations') IS NOT NULL)::int";
        tokio::time::sleep(Duration::from_millis(300)).await;
        expect(database.url(), begun, 1).await;
        let waiting = others.map(|other| tokio::spawn(async move { other.up(None).await }));
        // The first runner did all the work.
        assert_eq!(work.await.unwrap().unwrap().len(), steps.len());
        for other in waiting {
            assert_eq!(other.await.unwrap().unwrap(), Vec::<String>::new());
        }
        expect(database.url(), "SELECT count(*)::int FROM steps", 4).await;
    });
}

/// The process is killed, and the server notices it only at the end of the statement.
#[test]
fn a_killed_process_leaves_its_lease_behind() {
    let (database, _pooler, url) = pooled();
    let steps = ["CREATE TABLE a (id BIGINT)", "INSERT INTO a VALUES (1); SELECT pg_sleep(1)"];
    let program = Program::new(&steps);
    let written = super::interrupted_migrations::Written::new(&program);
    block_on(async {
        let lease = [("KONTRACT_TEST_LEASE", "2000".to_owned())];
        let mut process = written.start(&url, &lease);
        let sleeps = "SELECT pg_sleep(0.01), pg_stat_clear_snapshot(); EXIT WHEN EXISTS (SELECT FROM                       pg_stat_activity WHERE query LIKE '%pg_sleep(1)%' AND datname = current_database()                       AND pid <> pg_backend_pid());".replace("SELECT pg_sleep", "PERFORM pg_sleep");
        by_hand(database.url(), &format!("DO $$ BEGIN LOOP {sleeps} END LOOP; END $$")).await;
        process.kill().unwrap();
        process.wait().unwrap();
        let killed = Instant::now();
        program.start(&url).await.unwrap().close().await;
        // The statement ended, the lease expired, and the statement was run again.
        assert!(killed.elapsed() > Duration::from_secs(2), "{:?}", killed.elapsed());
        expect(database.url(), "SELECT count(*)::int FROM a", 1).await;
        expect(database.url(), "SELECT count(*)::int FROM _kontract_migrations", 2).await;
    });
}

#[test]
fn statements_that_need_a_session_are_refused() {
    let (database, _pooler, url) = pooled();
    let alone = Mode::Alone.mark("CREATE INDEX CONCURRENTLY i ON a (id)");
    let batch = Mode::Repeat
        .mark("UPDATE a SET id = id + 10 WHERE id IN (SELECT id FROM a WHERE id < 10 LIMIT 2)");
    let rows = "INSERT INTO a SELECT generate_series(1, 5)";
    let program = Program::new(&[A, rows]).then(&[batch, alone]);
    block_on(async {
        let (code_, error) = code(program.start(&url).await);
        assert_eq!(code_, "K0449", "{error}");
        let text = format!("{error:?}");
        assert!(text.contains("statement 2 of migration 3") && text.contains("direct"), "{text}");
        expect(database.url(), "SELECT count(*)::int FROM a WHERE id > 10", 5).await;
        program.start(database.url()).await.unwrap().close().await;
        program.start(&url).await.unwrap().close().await;
    });
}

/// The statements of the code and of the schema run in the session of one transaction.
#[test]
fn a_migration_in_rust_behind_a_pooler() {
    for kind in KINDS {
        let database = postgres_database();
        let pooler = Pooler::start(kind);
        block_on(async {
            let starts: Vec<_> = (0..3)
                .map(|_| {
                    let url = pooler.url(&database);
                    tokio::spawn(async move {
                        super::rust_migrations::start(&url, super::rust_migrations::doubles())
                            .await
                            .map(|_| ())
                    })
                })
                .collect();
            for start in starts {
                start.await.unwrap().unwrap();
            }
            expect(database.url(), "SELECT b FROM a", 2).await;
            expect(database.url(), "SELECT count(*)::int FROM before", 3).await;
        });
    }
}

/// All connections share the only session of the server.
#[test]
fn a_migration_leaves_nothing_in_the_session() {
    let database = postgres_database();
    let pooler = Pooler::start(&format!("{}\ndefault_pool_size = 1", KINDS[1]));
    let url = pooler.url(&database);
    let leaks = "CREATE TABLE a (id BIGINT); SET work_mem = '777kB'; SET ROLE pg_monitor; \
                 SELECT pg_advisory_lock(7); CREATE TEMP TABLE mine (id INT)";
    block_on(async {
        Program::new(&[leaks, "CREATE TABLE b (id BIGINT)"])
            .start(&url)
            .await
            .unwrap()
            .close()
            .await;
        let clean = "DO $$ BEGIN IF current_setting('work_mem') = '777kB' OR current_user <> session_user \
                     OR to_regclass('mine') IS NOT NULL OR current_setting('lock_timeout') <> '0' \
                     OR EXISTS (SELECT FROM pg_locks WHERE locktype = 'advisory' AND pid = pg_backend_pid()) \
                     THEN RAISE 'something is left'; END IF; END $$";
        by_hand(&url, clean).await;
    });
}

/// Some compatible servers have no advisory locks. Here the role may not call them.
#[test]
fn without_advisory_locks() {
    let database = postgres_database();
    execute(
        database.url(),
        "DO $$ BEGIN CREATE ROLE kontract_unlocked LOGIN; EXCEPTION WHEN duplicate_object OR unique_violation THEN NULL; END $$; \
         GRANT ALL ON SCHEMA public TO kontract_unlocked; \
         REVOKE EXECUTE ON FUNCTION pg_try_advisory_lock(int, int), pg_try_advisory_xact_lock(int, int) FROM PUBLIC",
    );
    let (_, server) = database.url().rsplit_once('@').unwrap();
    let url = format!("postgres://kontract_unlocked@{server}");
    let registry = long().registry();
    block_on(async {
        let starts: Vec<_> = (0..6)
            .map(|_| {
                let url = url.clone();
                tokio::spawn(async move {
                    kontract::__private::Base::connect(&url, registry).await.unwrap().close().await;
                })
            })
            .collect();
        for start in starts {
            start.await.unwrap();
        }
        expect(database.url(), "SELECT count(*)::int FROM t9", 1).await;
        expect(database.url(), "SELECT count(*)::int FROM _kontract_lease", 1).await;
    });
}
