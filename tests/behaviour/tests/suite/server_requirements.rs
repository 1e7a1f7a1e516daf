//! What a run needs from a PostgreSQL server and its role, session state, and blocking sessions; failures
//! of a run on either database.

use std::time::Duration;

use kontract::Kind;
use kontract::migrate::{Migrator, Options};
use kontract_behaviour::Storage;
use kontract_test_support::cluster::Cluster;
use kontract_test_support::{Database, block_on, execute, hold, postgres_database};

use super::run_modes::expect;
use super::start::{A, B, Program, by_hand, code, with_facts};

/// The address for another role. Creates the role if it does not exist.
fn as_role(database: &Database, role: &str) -> String {
    let make = format!(
        "DO $$ BEGIN CREATE ROLE {role} LOGIN; EXCEPTION WHEN duplicate_object OR unique_violation THEN NULL; END $$"
    );
    execute(database.url(), &make);
    let (_, server) = database.url().rsplit_once('@').unwrap();
    format!("postgres://{role}@{server}")
}

#[test]
fn a_read_only_database() {
    let database = postgres_database();
    let name = database.url().rsplit_once('/').unwrap().1;
    block_on(async {
        Program::new(&[A]).start(database.url()).await.unwrap().close().await;
        by_hand(
            database.url(),
            &format!("ALTER DATABASE {name} SET default_transaction_read_only = on"),
        )
        .await;
        // Nothing to do.
        Program::new(&[A]).start(database.url()).await.unwrap().close().await;
        let (code, error) = code(Program::new(&[A, B]).start(database.url()).await);
        assert_eq!((&*code, error.kind()), ("K0417", &Kind::Denied), "{error}");
        assert!(format!("{error:?}").contains("default_transaction_read_only"), "{error}");
    });
}

#[test]
fn a_role_that_may_not_create() {
    let database = postgres_database();
    let url = as_role(&database, "kontract_visitor");
    execute(database.url(), "REVOKE CREATE ON SCHEMA public FROM PUBLIC");
    block_on(async {
        let (first, error) = code(Program::new(&[A]).start(&url).await);
        assert_eq!(first, "K0435", "{error}");
        assert!(format!("{error:?}").contains("GRANT CREATE ON SCHEMA"), "{error}");
        // The role may write the history, but not create a table.
        Program::new(&[A]).start(database.url()).await.unwrap().close().await;
        by_hand(database.url(), "GRANT ALL ON ALL TABLES IN SCHEMA public TO kontract_visitor")
            .await;
        Program::new(&[A]).start(&url).await.unwrap().close().await;
        let (second, error) =
            code(Program::new(&[A, "INSERT INTO a VALUES (1)", B]).start(&url).await);
        assert_eq!(second, "K0435", "{error}");
        expect(database.url(), "SELECT count(*)::int FROM a", 0).await;
        // A migration that creates nothing runs.
        Program::new(&[A, "INSERT INTO a VALUES (1)"]).start(&url).await.unwrap().close().await;
    });
}

#[test]
fn a_role_that_does_not_own_a_table() {
    let database = postgres_database();
    let url = as_role(&database, "kontract_tenant");
    execute(database.url(), "GRANT ALL ON SCHEMA public TO kontract_tenant");
    block_on(async {
        Storage::connect(database.url()).await.unwrap().close().await;
        by_hand(database.url(), "GRANT ALL ON ALL TABLES IN SCHEMA public TO kontract_tenant")
            .await;
        let next = super::older_programs::next(super::older_programs::with_more);
        let error = super::older_programs::start(&url, next).await.map(|_| ()).unwrap_err();
        assert_eq!((error.code(), error.kind()), (Some("K0436"), &Kind::Migration), "{error}");
        let text = format!("{error:?}");
        assert!(text.contains("`settings`") && text.contains("`postgres`"), "{text}");
        let history = "SELECT count(*)::int FROM _kontract_migrations";
        expect(database.url(), history, 1).await;
        by_hand(database.url(), "GRANT postgres TO kontract_tenant").await;
        super::older_programs::start(&url, next).await.unwrap().close().await;
        by_hand(database.url(), "REVOKE postgres FROM kontract_tenant").await;
    });
}

#[test]
fn a_role_that_does_not_own_a_dropped_table() {
    let database = postgres_database();
    let url = as_role(&database, "kontract_guest");
    execute(database.url(), "GRANT ALL ON SCHEMA public TO kontract_guest");
    execute(database.url(), "CREATE TABLE theirs (id INT)");
    block_on(async {
        let program = Program::new(&[A, "CREATE TABLE b (id INT); DROP TABLE theirs"]);
        let (first, error) = code(program.start(&url).await);
        assert_eq!(first, "K0436", "{error}");
        expect(database.url(), "SELECT count(*)::int FROM _kontract_migrations", 0).await;
        let program = Program::new(&["CREATE SCHEMA private; CREATE TABLE private.a (id INT)"]);
        let (second, error) = code(program.start(&url).await);
        assert_eq!(second, "K0435", "{error}");
        assert!(format!("{error:?}").contains("GRANT CREATE ON DATABASE"), "{error:?}");
        execute(database.url(), "CREATE SCHEMA private");
        let program = Program::new(&["CREATE TABLE private.a (id INT)"]);
        let (third, error) = code(program.start(&url).await);
        assert_eq!(third, "K0435", "{error}");
        execute(database.url(), "GRANT ALL ON SCHEMA private TO kontract_guest");
        program.start(&url).await.unwrap().close().await;
    });
}

#[test]
fn an_extension_that_the_server_lacks() {
    let database = postgres_database();
    let program = Program::new(&[A, "CREATE EXTENSION IF NOT EXISTS no_such_extension"]);
    block_on(async {
        let (code, error) = code(program.start(database.url()).await);
        assert_eq!(code, "K0467", "{error}");
        assert!(format!("{error:?}").contains("`no_such_extension`"), "{error:?}");
        expect(database.url(), "SELECT count(*)::int FROM _kontract_migrations", 0).await;
    });
}

/// A server with few locks: a migration with more objects is refused before its first statement.
#[test]
fn more_tables_than_the_server_has_locks() {
    let mut server = Cluster::start();
    execute(&server.url(), "ALTER SYSTEM SET max_locks_per_transaction = 10");
    server.stop();
    server.start_again();
    let tables = |count: usize| {
        let one = |n| format!("CREATE TABLE t{n} (id BIGINT PRIMARY KEY, note TEXT)");
        (0..count).map(one).collect::<Vec<_>>().join("; ")
    };
    let url = server.url();
    block_on(async {
        let many = Program::new(&[A, &tables(5_500)]);
        let (refused, error) = code(many.start(&url).await);
        assert_eq!(refused, "K0466", "{error}");
        let text = format!("{error:?}");
        assert!(text.contains("migration 2 `step` locks about 5500"), "{text}");
        assert!(text.contains("max_locks_per_transaction = "), "{text}");
        expect(&url, "SELECT count(*)::int FROM _kontract_migrations", 0).await;
        // What cannot be counted fails at the statement, whose error says what to do.
        let hidden = "SELECT pg_advisory_xact_lock(n) FROM generate_series(1, 60000) AS n";
        let program = Program::new(&[A, hidden]);
        let (failed, error) = code(program.start(&url).await);
        assert_eq!(failed, "K0425", "{error}");
        assert!(format!("{error:?}").contains("max_locks_per_transaction"), "{error:?}");
        Program::new(&[A, &tables(100)]).start(&url).await.unwrap().close().await;
    });
}

/// Settings that one migration leaves in the session do not affect the next.
#[test]
fn migrations_do_not_share_session_state() {
    let database = postgres_database();
    let leaks = "CREATE SCHEMA elsewhere; SET search_path = elsewhere; SET ROLE pg_monitor; \
                 SET statement_timeout = 5000; CREATE TEMP TABLE b (other INT); \
                 CREATE TEMP TABLE _kontract_migrations (other INT); LISTEN something; \
                 SELECT pg_advisory_lock(7); SET default_transaction_isolation = 'serializable'";
    // As many of one kind as of the other: all but the last are sent in one message.
    let facts = "CREATE TABLE facts AS SELECT current_setting('statement_timeout') AS timeout, \
                 current_user::text = session_user::text AS same, current_schema()::text AS schema, \
                 current_setting('transaction_isolation') AS isolation";
    let wrong = "SELECT count(*)::int FROM facts WHERE timeout <> '0' OR NOT same OR schema <> 'public' \
                 OR isolation <> 'read committed'";
    block_on(async {
        Program::new(&[leaks, facts, B, leaks_again().as_str()])
            .start(database.url())
            .await
            .unwrap()
            .close()
            .await;
        expect(database.url(), wrong, 0).await;
        expect(database.url(), "SELECT count(*)::int FROM public.b", 0).await;
        expect(database.url(), "SELECT count(*)::int FROM public._kontract_migrations", 4).await;
    });
}

/// The same statements as the last migration, which is not sent in one message.
fn leaks_again() -> String {
    "SET search_path = elsewhere; SET ROLE pg_monitor; CREATE TEMP TABLE _kontract_migrations (x INT)".into()
}

/// A function of another role and a temporary table with the name of one of our tables are not used.
#[test]
fn objects_of_other_roles_are_not_used() {
    let database = postgres_database();
    let url = format!("{}?options[search_path]=app,pg_catalog", database.url());
    block_on(async {
        by_hand(database.url(), "CREATE SCHEMA app").await;
        let mine = "CREATE TEMP TABLE a (other INT); CREATE TABLE a (id BIGINT PRIMARY KEY); INSERT INTO a VALUES (1)";
        Program::new(&[mine, B]).start(&url).await.unwrap().close().await;
        expect(database.url(), "SELECT count(*)::int FROM app.a", 1).await;
        expect(database.url(), "SELECT count(*)::int FROM app._kontract_migrations", 2).await;
        // The same package in another schema of the database.
        Program::new(&[A]).start(database.url()).await.unwrap().close().await;
        expect(database.url(), "SELECT count(*)::int FROM public._kontract_migrations", 1).await;
    });
}

#[test]
fn a_migration_that_gives_up_the_lock_is_refused() {
    let database = postgres_database();
    let gives_up = "CREATE TABLE b (id INT); SELECT pg_advisory_unlock_all()";
    block_on(async {
        for program in [Program::new(&[A, gives_up]), Program::new(&[A, gives_up, "SELECT 1"])] {
            let (code, error) = code(program.start(database.url()).await);
            assert_eq!(code, "K0448", "{error}");
            assert!(format!("{error:?}").contains("migration 2 `step`"), "{error}");
        }
        Program::new(&[A, B]).start(database.url()).await.unwrap().close().await;
    });
}

#[test]
fn blocking_sessions_are_reported() {
    let database = postgres_database();
    let url = database.url().to_owned();
    block_on(async {
        Program::new(&[A]).start(&url).await.unwrap().close().await;
        let holds = url.clone();
        let lock = "SET application_name = 'a report'; BEGIN; LOCK TABLE a IN ACCESS SHARE MODE";
        let held = tokio::task::spawn_blocking(move || hold(&holds, lock)).await.unwrap();
        let second = Program::new(&[A, "ALTER TABLE a ADD COLUMN b BIGINT"]);
        let options = Options::default().statement_patience(Duration::from_millis(300));
        let manage = Migrator::new(&url, "made-up", with_facts(&second.lock), options).unwrap();
        let error = manage.up(None).await.unwrap_err();
        assert_eq!((error.code(), error.kind()), (Some("K0450"), &Kind::Timeout), "{error}");
        let text = format!("{error:?}");
        for part in
            ["migration 2 `step`", "(`a report`, idle in transaction", "the session ", " s in its"]
        {
            assert!(text.contains(part), "{text}");
        }
        tokio::task::spawn_blocking(move || drop(held)).await.unwrap();
        manage.up(None).await.unwrap();
        manage.close().await;
    });
}

/// While a migration waits for the lock of a table, readers behind it wait only briefly.
#[test]
fn readers_do_not_wait_for_long() {
    let database = postgres_database();
    let url = database.url().to_owned();
    block_on(async {
        Program::new(&[A]).start(&url).await.unwrap().close().await;
        let holds = url.clone();
        let lock = "BEGIN; LOCK TABLE a IN ACCESS SHARE MODE";
        let held = tokio::task::spawn_blocking(move || hold(&holds, lock)).await.unwrap();
        let reads = url.clone();
        let reader = tokio::task::spawn_blocking(move || {
            // Much longer than one attempt: without pauses, a statement would wait for all attempts.
            let read = "DO $$ DECLARE since TIMESTAMPTZ; BEGIN \
                        FOR i IN 1..400 LOOP since := clock_timestamp(); PERFORM count(*) FROM a; \
                        IF clock_timestamp() - since > interval '1.5 s' THEN RAISE 'it waits for %', clock_timestamp() - since; END IF; \
                        COMMIT; PERFORM pg_sleep(0.005); COMMIT; END LOOP; END $$";
            execute(&reads, read);
        });
        let second = Program::new(&[A, "ALTER TABLE a ADD COLUMN b BIGINT"]);
        let options = Options::default().statement_patience(Duration::from_millis(200));
        let manage = Migrator::new(&url, "made-up", with_facts(&second.lock), options).unwrap();
        let error = manage.up(None).await.unwrap_err();
        assert_eq!(error.code(), Some("K0450"), "{error}");
        reader.await.unwrap();
        tokio::task::spawn_blocking(move || drop(held)).await.unwrap();
        manage.up(None).await.unwrap();
    });
}

/// The server refuses a statement of a manual migration, and the migration is rolled back.
#[test]
fn a_manual_migration_of_another_roles_table() {
    let database = postgres_database();
    let url = as_role(&database, "kontract_writer");
    execute(
        database.url(),
        "GRANT ALL ON SCHEMA public TO kontract_writer; CREATE TABLE theirs (id INT)",
    );
    let program =
        Program::new(&[A, "INSERT INTO a VALUES (1); ALTER TABLE theirs ADD COLUMN b INT"]);
    block_on(async {
        let (code, error) = code(program.start(&url).await);
        assert_eq!(code, "K0425", "{error}");
        let text = format!("{error:?}");
        assert!(
            text.contains("statement 2") && text.contains("must be owner of table theirs"),
            "{text}"
        );
        expect(database.url(), "SELECT count(*)::int FROM a", 0).await;
        by_hand(database.url(), "ALTER TABLE theirs OWNER TO kontract_writer").await;
        program.start(&url).await.unwrap().close().await;
    });
}

#[test]
fn two_packages_in_two_schemas_do_not_wait_for_each_other() {
    let database = postgres_database();
    let url = database.url().to_owned();
    let other = format!("{url}?options[search_path]=other");
    block_on(async {
        by_hand(&url, "CREATE SCHEMA other").await;
        let slow = Program::new(&["SELECT pg_sleep(3)"]);
        let slow = tokio::spawn(async move { slow.start(&url).await.map(|_| ()) });
        tokio::time::sleep(Duration::from_millis(300)).await;
        let options = Options::default().patience(Duration::ZERO);
        let quick = Migrator::new(&other, "made-up", Program::new(&[A]).lock, options).unwrap();
        quick.up(None).await.unwrap();
        assert!(!slow.is_finished());
        slow.await.unwrap().unwrap();
    });
}

/// The server's statement timeout applies to migrations, which are then rolled back.
#[test]
fn a_statement_timeout_rolls_back() {
    let database = postgres_database();
    let url = database.url();
    let name = url.rsplit_once('/').unwrap().1;
    let limit = |value: &str| format!("ALTER DATABASE {name} SET statement_timeout = {value}");
    let program = Program::new(&[A, "CREATE TABLE b (id INT); SELECT pg_sleep(0.6)", "SELECT 1"]);
    block_on(async {
        by_hand(url, &limit("'300ms'")).await;
        let error = program.start(url).await.map(|_| ()).unwrap_err();
        let text = format!("{error:?}");
        assert!(text.contains("migration 2 `step`") && text.contains("cancelled"), "{text}");
        assert_eq!(error.database().map(|source| &*source.code), Some("57014"), "{error}");
        expect(url, "SELECT count(*)::int FROM pg_class WHERE relname = 'b'", 0).await;
        expect(url, "SELECT count(*)::int FROM _kontract_migrations", 1).await;
        by_hand(url, &limit("0")).await;
        program.start(url).await.unwrap().close().await;
    });
}

/// The lock timeout of a runner does not limit its own statements.
#[test]
fn a_long_statement_is_waited_for() {
    let database = postgres_database();
    let url = database.url();
    let slow = Program::new(&[A, "SELECT pg_sleep(2.5)", "SELECT pg_sleep(1.5)"]);
    block_on(async {
        let millis = Duration::from_millis;
        let options = Options::default().patience(millis(50)).statement_patience(millis(50));
        let manage = Migrator::new(url, "made-up", with_facts(&slow.lock), options).unwrap();
        assert_eq!(manage.up(None).await.unwrap().len(), 3);
    });
}

#[test]
fn a_flood_of_messages_is_harmless() {
    let database = postgres_database();
    // The statement is not split at its semicolons.
    let flood = "DO $$ BEGIN FOR i IN 1..20000 LOOP RAISE NOTICE 'n %', i; RAISE WARNING 'w %', i; END LOOP; END $$".to_owned();
    let program = Program::new(&[A]).then(&[flood]).then(&[B.to_owned()]);
    block_on(async {
        program.start(database.url()).await.unwrap().close().await;
        expect(database.url(), "SELECT count(*)::int FROM b", 0).await;
    });
}

/// An object that is not a table has the name of a table. It is not changed.
#[test]
fn an_object_of_another_kind_is_not_used() {
    let on_both = ["VIEW settings AS SELECT 1 AS x"];
    let on_postgres = [
        "MATERIALIZED VIEW settings AS SELECT 1 AS x",
        "SEQUENCE settings",
        "TYPE settings AS (x INT)",
        "TYPE settings AS ENUM ('x')",
        "DOMAIN settings AS INT",
    ];
    let sqlite = kontract_test_support::sqlite_database;
    let made = on_both.iter().map(|what| (sqlite(), what));
    let made =
        made.chain(on_both.iter().chain(&on_postgres).map(|what| (postgres_database(), what)));
    block_on(async {
        for (database, what) in made {
            by_hand(database.url(), &format!("CREATE {what}")).await;
            let error = Storage::connect(database.url()).await.map(|_| ()).unwrap_err();
            assert_eq!(*error.kind(), Kind::Migration, "{what}: {error}");
            assert!(format!("{error:?}").contains("settings"), "{what}: {error}");
            let history = "SELECT count(*) FROM _kontract_migrations";
            expect(database.url(), history, 0).await;
            let (kind, _) = what.split_once(" settings").unwrap();
            by_hand(database.url(), &format!("DROP {kind} settings")).await;
            Storage::connect(database.url()).await.unwrap().close().await;
        }
    });
}

kontract_test_support::both! {
    async fn two_packages_in_one_schema_at_once(url: &str) {
        let registry = |package: &'static str, table: &str| -> &'static kontract::storage::Registry {
            let sql = |n: usize| format!("CREATE TABLE {table}{n} (id BIGINT PRIMARY KEY)");
            let steps: Vec<String> = (0..5).map(sql).collect();
            let program = Program::new(&steps.iter().map(String::as_str).collect::<Vec<_>>());
            Box::leak(Box::new(kontract::storage::Registry { package, ..*program.registry() }))
        };
        let packages = [registry("one", "a"), registry("two", "b")];
        let starts = (0..8).map(|n| {
            let (url, registry) = (url.to_owned(), packages[n % 2]);
            tokio::spawn(async move {
                kontract::__private::Base::connect(&url, registry).await.unwrap().close().await;
            })
        });
        for start in starts.collect::<Vec<_>>() {
            start.await.unwrap();
        }
        let history = "SELECT count(*) FROM _kontract_migrations WHERE state = 'done' AND package IN ('one', 'two')";
        expect(url, history, 10).await;
        expect(url, "SELECT count(*) FROM a4, b4", 0).await;
    }

    async fn a_refused_commit_rolls_back(url: &str) {
        let deferred = "CREATE TABLE c (a BIGINT REFERENCES a (id) DEFERRABLE INITIALLY DEFERRED); INSERT INTO c VALUES (7)";
        for program in [Program::new(&[A, deferred]), Program::new(&[A, deferred, B])] {
            let (code, error) = code(program.start(url).await);
            assert_eq!(code, "K0425", "{error}");
            let text = format!("{error:?}");
            assert!(text.contains("migration 2 `step`") && text.contains("a foreign key is violated"), "{text}");
        }
        expect(url, "SELECT count(*) FROM _kontract_migrations", 1).await;
        let fixed = deferred.replace("VALUES (7)", "SELECT id FROM a");
        Program::new(&[A, &fixed, B]).start(url).await.unwrap().close().await;
    }

    async fn tables_that_are_newer_than_the_history(url: &str) {
        let program = Program::new(&[A, B]);
        program.start(url).await.unwrap().close().await;
        by_hand(url, "INSERT INTO b VALUES (1)").await;
        by_hand(url, "DELETE FROM _kontract_migrations WHERE version = 2").await;
        let (code, error) = code(program.start(url).await);
        assert_eq!(code, "K0427", "{error}");
        let text = format!("{error:?}");
        assert!(text.contains("table `b` exists already, and migration 2 creates it"), "{text}");
        // `baseline` confirms that the tables are correct.
        let manage = Migrator::new(url, "made-up", with_facts(&program.lock), Options::default()).unwrap();
        manage.baseline(2).await.unwrap();
        program.start(url).await.unwrap().close().await;
        expect(url, "SELECT count(*) FROM b", 1).await;
    }

    async fn the_clock_does_not_order_the_history(url: &str) {
        Program::new(&[A, B]).start(url).await.unwrap().close().await;
        by_hand(url, "UPDATE _kontract_migrations SET applied_at = 9000000000000 - version * 1000000000000").await;
        let program = Program::new(&[A, B, "CREATE TABLE c (id BIGINT PRIMARY KEY)"]);
        program.start(url).await.unwrap().close().await;
        program.start(url).await.unwrap().close().await;
        let manage = Migrator::new(url, "made-up", with_facts(&program.lock), Options::default()).unwrap();
        let status = manage.status().await.unwrap();
        let versions: Vec<_> = status.migrations.iter().map(|entry| entry.version).collect();
        assert_eq!(versions, [1, 2, 3]);
        assert!(status.migrations.iter().all(|entry| entry.state == kontract::migrate::EntryState::Applied));
    }
}
