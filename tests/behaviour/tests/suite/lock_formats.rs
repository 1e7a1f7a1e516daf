//! Programs with lock files of format 1 and 2 on one database.

use kontract::__private::Base;
use kontract::migrate::Migrator;
use kontract::storage::{HasRegistry, Registry};
use kontract_behaviour::StorageRegistry;
use kontract_schema::dialect::Dialect;
use kontract_schema::lock::LockFile;

use super::start::Program;

/// The lock file of this package before format 2.
const FORMAT_1: &str = include_str!("../../format_1.lock.json");

/// A program whose lock file has that text.
fn with_lock(registry: &'static Registry, text: String) -> &'static Registry {
    Box::leak(Box::new(Registry { lock: text.leak(), ..*registry }))
}

/// Each program finds the database as the other one left it, and has nothing to do.
async fn alternate(url: &str, registry: &'static Registry, migrations: usize) {
    let lock = LockFile::read(registry.lock).unwrap();
    let old = with_lock(registry, lock.write_in_format_1());
    assert!(old.lock.contains("\"format\": 1") && registry.lock.contains("\"format\": 2"));
    for (at, program) in [old, registry, old].into_iter().enumerate() {
        let lock = LockFile::read(program.lock).unwrap();
        let migrator = Migrator::new(url, program.package, lock, Default::default()).unwrap();
        let done = migrator.up(None).await.unwrap();
        assert_eq!(done.is_empty(), at > 0, "{done:?}");
        let status = migrator.status().await.unwrap();
        assert_eq!(status.migrations.len(), migrations);
        assert_eq!(status.drift, Some(Vec::new()));
        Base::connect(url, program).await.unwrap().close().await;
    }
}

kontract_test_support::both! {
    async fn a_database_of_either_format_is_up_to_date_for_the_other(url: &str) {
        let registry = StorageRegistry::REGISTRY;
        let count = LockFile::read(registry.lock).unwrap().migrations.len();
        alternate(url, Box::leak(Box::new(Registry { ..*registry })), count).await;
    }

    async fn each_format_continues_a_history_of_the_other(url: &str) {
        const ALL: [&str; 3] = [
            "CREATE TABLE a (id BIGINT PRIMARY KEY)",
            "INSERT INTO a VALUES (1)",
            "CREATE TABLE b (id BIGINT PRIMARY KEY); INSERT INTO b SELECT id FROM a",
        ];
        for count in 1..=3 {
            let program = Program::new(&ALL[..count]).registry();
            let lock = LockFile::read(program.lock).unwrap();
            let old = with_lock(program, lock.write_in_format_1());
            let (first, second) = if count % 2 == 1 { (program, old) } else { (old, program) };
            for program in [first, second] {
                Base::connect(url, program).await.unwrap().close().await;
            }
        }
    }
}

#[test]
fn a_file_of_format_1_has_the_same_content() {
    let lock = LockFile::read(FORMAT_1).unwrap();
    assert!(lock.is_in_older_format(FORMAT_1));
    let again = LockFile::read(&lock.write()).unwrap();
    assert_eq!(again, lock);
    assert_eq!(again.write_in_format_1(), FORMAT_1);
    for migration in &lock.migrations {
        assert_eq!(migration.hash, migration.content_hash());
        let creates =
            |dialect| migration.sql.for_dialect(dialect).up.iter().flat_map(|step| &step.creates);
        assert_eq!(creates(Dialect::Postgres).count(), creates(Dialect::Sqlite).count());
    }
    let edited = lock.write().replacen("\"creates\": \"", "\"creates\": \"x", 1);
    assert!(LockFile::read(&edited).is_err(), "the checksum covers the facts");
}
