//! A development server accepts drafts. The tests are a program of their own, because the environment
//! decides the kind of server.

use std::sync::LazyLock;

use kontract::__private::Base;
use kontract::storage::{HasRegistry, Registry};
use kontract_behaviour::StorageRegistry;
use kontract_schema::dialect::Dialect;
use kontract_schema::gate::gate;
use kontract_schema::lock::{LockFile, Migration, Script, Scripts, Step};
use kontract_schema::model::Field;

/// Makes the servers of this program development servers.
static DEVELOPMENT: LazyLock<()> = LazyLock::new(|| {
    // SAFETY: every test of the program waits for this before it does anything else, so no other
    // thread reads the environment.
    unsafe { std::env::set_var("KONTRACT_ENV", "development") };
});

fn registry(up: &str, down: &str) -> &'static Registry {
    let script = Script {
        // A draft runs in one transaction, so it can be rolled back completely.
        up: Step::read_texts(
            Dialect::Postgres,
            [
                up,
                "-- kontract: no-transaction\nCREATE INDEX CONCURRENTLY IF NOT EXISTS a_id ON a (id)",
            ],
        ),
        down: Some(vec![Step::new(down)]),
        loses: vec!["SELECT 1 FROM a LIMIT 1".into()],
        ..Script::default()
    };
    let draft = Migration {
        version: 1,
        name: String::new(),
        parent: String::new(),
        hash: String::new(),
        checksum: String::new(),
        changes: Vec::new(),
        additive: false,
        manual: None,
        origin: None,
        sql: Scripts { postgres: script.clone(), sqlite: script },
    };
    let lock = LockFile { draft: Some(draft.hashed()), ..LockFile::default() };
    Box::leak(Box::new(Registry {
        package: "drafted",
        version: 0,
        head: "",
        draft: lock.draft.as_ref().map(|draft| &*draft.hash.clone().leak()),
        lock: lock.write().leak(),
        debug: true,
        generators: &[],
        migrations: &[],
    }))
}

#[test]
fn a_development_server_applies_and_rolls_back_drafts() {
    LazyLock::force(&DEVELOPMENT);
    let database = kontract_test_support::postgres_database();
    let url = database.url();
    kontract_test_support::block_on(async {
        let first = registry("CREATE TABLE a (id BIGINT)", "DROP TABLE a");
        Base::connect(url, first).await.unwrap().close().await;
        Base::connect(url, first).await.unwrap().close().await;
        let second = registry("CREATE TABLE a (id BIGINT, name TEXT)", "DROP TABLE a");
        Base::connect(url, second).await.unwrap().close().await;
    });
    kontract_test_support::execute(url, "INSERT INTO a (id, name) VALUES (1, 'x')");
    // Inserted rows survive the next edit.
    let third = registry("CREATE TABLE a (id TEXT)", "DROP TABLE a");
    let error = kontract_test_support::block_on(Base::connect(url, third)).map(|_| ()).unwrap_err();
    assert_eq!(error.code(), Some("K0432"), "{error}");
    assert!(
        format!("{error:?}").contains("would lose data that `SELECT 1 FROM a LIMIT 1` finds"),
        "{error}"
    );
    let help = "to lose it, `kontract migrate down --to 0 --accept-data-loss`";
    assert!(error.help().is_some_and(|found| found.ends_with(help)), "{error:?}");
    let release =
        Box::leak(Box::new(Registry { debug: false, ..*registry("SELECT 1", "SELECT 1") }));
    let error =
        kontract_test_support::block_on(Base::connect(url, release)).map(|_| ()).unwrap_err();
    assert_eq!(error.code(), Some("K0423"), "{error}");
}

/// The program of this package with an optional field of `settings` that is not sealed, or that is
/// sealed; its lock file is in format 1 or 2.
fn with_field(name: &str, sealed: bool, format: u32) -> &'static Registry {
    let mut lock = LockFile::read(StorageRegistry::REGISTRY.lock).unwrap();
    let mut schema = lock.schema();
    let fields = &mut schema.tables.get_mut("settings").unwrap().schema;
    let like = fields.last().unwrap().clone();
    fields.push(Field { name: name.into(), optional: true, column: None, ..like });
    let draft = gate(&lock, &schema, None).draft.expect("the change passes");
    if sealed {
        lock = lock.with_schema(schema);
        lock.version = draft.version;
        lock.migrations.push(Migration { name: "field".into(), ..draft }.hashed());
    } else {
        lock.draft = Some(draft);
    }
    let text = if format == 1 { lock.write_in_format_1() } else { lock.write() };
    assert!(text.starts_with(&format!("{{\n  \"format\": {format},\n")), "{text}");
    Box::leak(Box::new(Registry {
        version: lock.version,
        head: lock.head().to_owned().leak(),
        draft: lock.draft.as_ref().map(|draft| &*draft.hash.clone().leak()),
        lock: text.leak(),
        ..*StorageRegistry::REGISTRY
    }))
}

/// Fails unless `settings` has this field, and not the other one.
fn expect_field(url: &str, field: &str, other: &str) {
    kontract_test_support::execute(url, &format!("UPDATE settings SET {field} = NULL"));
    let update = format!("UPDATE settings SET {other} = NULL");
    let run = || kontract_test_support::execute(url, &update);
    assert!(std::panic::catch_unwind(run).is_err(), "`settings` has `{other}`");
}

/// A program with a lock file of the other format keeps the draft, replaces it, and seals it.
fn continue_draft(url: &str, [first, second]: [u32; 2]) {
    let start = |registry: &'static Registry| {
        kontract_test_support::block_on(async {
            let base = Base::connect(url, registry).await.unwrap();
            base.verify().await.unwrap();
            base.close().await;
        });
    };
    let mark = |value: u32| {
        let mark = "UPDATE _kontract_migrations SET applied_at";
        kontract_test_support::execute(url, &format!("{mark} = {value} WHERE version = 2"));
    };
    let expect_marked = |rows: u32| {
        let proof = format!(
            "CREATE TABLE proof (n INTEGER CHECK (n = {rows})); INSERT INTO proof SELECT count(*) \
             FROM _kontract_migrations WHERE version = 2 AND applied_at = 42; DROP TABLE proof"
        );
        kontract_test_support::execute(url, &proof);
    };
    start(with_field("one", false, first));
    expect_field(url, "one", "two");
    mark(42);
    start(with_field("one", false, second));
    expect_marked(1);
    start(with_field("two", false, second));
    expect_field(url, "two", "one");
    expect_marked(0);
    start(with_field("one", false, first));
    expect_field(url, "one", "two");
    // Sealing changes the row of the history only.
    kontract_test_support::execute(
        url,
        "INSERT INTO settings (space, name, value, one) VALUES ('a', 1, 'b', 'c')",
    );
    start(with_field("one", true, second));
    start(with_field("one", true, first));
    kontract_test_support::execute(
        url,
        "CREATE TABLE kept (n INTEGER CHECK (n = 1)); INSERT INTO kept SELECT count(*) FROM settings WHERE one = 'c'",
    );
}

#[test]
fn a_draft_of_one_lock_format_continues_in_the_other() {
    LazyLock::force(&DEVELOPMENT);
    for formats in [[1, 2], [2, 1]] {
        for database in kontract_test_support::both() {
            continue_draft(database.url(), formats);
        }
    }
}
