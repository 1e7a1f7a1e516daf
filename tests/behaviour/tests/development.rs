//! A development server accepts drafts. The test is a program of its own, because the environment
//! decides the kind of server.

use kontract::__private::Base;
use kontract::storage::Registry;
use kontract_schema::dialect::Dialect;
use kontract_schema::lock::{LockFile, Migration, Script, Scripts, Step};

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
        migrations: &[],
    }))
}

#[test]
fn a_development_server_applies_and_rolls_back_drafts() {
    // SAFETY: this is the only test of the program, so no other thread reads the environment.
    unsafe { std::env::set_var("KONTRACT_ENV", "development") };
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
    let release =
        Box::leak(Box::new(Registry { debug: false, ..*registry("SELECT 1", "SELECT 1") }));
    let error =
        kontract_test_support::block_on(Base::connect(url, release)).map(|_| ()).unwrap_err();
    assert_eq!(error.code(), Some("K0423"), "{error}");
}
