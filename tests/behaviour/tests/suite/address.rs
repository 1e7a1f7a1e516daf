//! Addresses of databases, and errors when a database cannot be reached, read or written.

use kontract::__private::Base;
use kontract::Kind;
use kontract::storage::Registry;
use kontract_behaviour::Storage;

use super::start::{A, B, Program, by_hand, code};
use super::user;

/// Errors in the address, the settings, or the rights of the role.
#[test]
fn invalid_addresses_and_settings() {
    let damaged = Registry { lock: "{", ..*Program::new(&["SELECT 1"]).registry() };
    let damaged: &'static Registry = Box::leak(Box::new(damaged));
    let file = kontract_test_support::sqlite_database();
    let server = kontract_test_support::postgres_database();
    kontract_test_support::block_on(async {
        for url in [file.url(), server.url()] {
            let (code, error) = code(Base::connect(url, damaged).await);
            assert_eq!(code, "K0429", "{error}");
        }
        let nowhere = format!("{}?options[search_path]=nowhere", server.url());
        let (code_, error) = code(Program::new(&["SELECT 1"]).start(&nowhere).await);
        assert_eq!(code_, "K0430", "{error}");
        Base::open(file.url()).await.unwrap().close().await;
        let reading = format!("{}?mode=ro", file.url());
        by_hand(file.url(), "CREATE TABLE t (id INTEGER)").await;
        let (code_, error) =
            code(Program::new(&["CREATE TABLE a (id INTEGER)"]).start(&reading).await);
        assert_eq!(code_, "K0417", "{error}");
    });
}

/// The database does not exist, or refuses the connection.
#[test]
fn unreachable_databases() {
    let directory = kontract_test_support::temporary_directory();
    let path = directory.path().display();
    std::fs::write(
        directory.path().join("text"),
        "not a database, but long enough to look like one".repeat(30),
    )
    .unwrap();
    // A file that is not a database, such as an encrypted one.
    let bytes: Vec<u8> =
        (0..8192u32).map(|n| (n.wrapping_mul(2_654_435_761) >> 24) as u8).collect();
    std::fs::write(directory.path().join("encrypted"), bytes).unwrap();
    let database = kontract_test_support::postgres_database();
    let without_database = format!("{}_not_there", database.url());
    kontract_test_support::block_on(async {
        for (url, expected) in [
            ("mysql://host".to_owned(), "K0411"),
            ("sqlite:".to_owned(), "K0411"),
            (format!("sqlite:{path}/x.db?what=1"), "K0411"),
            ("sqlite://user:s3cr3t@host/x".to_owned(), "K0411"),
            ("postgres://user:s3cr3t@host:port/x".to_owned(), "K0411"),
            (format!("{}?sslmod=require", database.url()), "K0411"),
            (format!("{}?a=b&SSL_MODE=require", database.url()), "K0411"),
            (format!("sqlite:{path}/none/x.db"), "K0414"),
            (format!("sqlite:{path}"), "K0415"),
            (format!("sqlite:{path}/text"), "K0416"),
            (format!("sqlite:{path}/encrypted"), "K0416"),
            (format!("sqlite:{path}/x.db?mode=rw"), "K0413"),
            (without_database, "K0413"),
            ("postgres://user:s3cr3t@127.0.0.1:1/x".to_owned(), "K0410"),
        ] {
            let error = Storage::connect(&url).await.map(|_| ()).unwrap_err();
            assert_eq!(error.code(), Some(expected), "{url}: {error}");
            assert!(!format!("{error} {error:?}").contains("s3cr3t"), "{error}");
            let named = match expected {
                "K0410" => "no server answers at `127.0.0.1:1`",
                "K0413" if url.starts_with("postgres") => "_not_there`",
                _ => continue,
            };
            assert!(error.to_string().contains(named), "{error}");
        }
    });
}

/// A read-only directory, with and without a file in it. No file is created.
#[test]
fn a_read_only_directory() {
    let directory = kontract_test_support::temporary_directory();
    let url = |name: &str| format!("sqlite:{}", directory.path().join(name).display());
    kontract_test_support::block_on(async {
        Program::new(&[A]).start(&url("there.db")).await.unwrap().close().await;
    });
    kontract_test_support::only_readable(directory.path(), || {
        kontract_test_support::block_on_as_other_user(async {
            for (name, expected) in [("there.db", "K0417"), ("none.db", "K0414")] {
                let (code, error) = code(Program::new(&[A, B]).start(&url(name)).await);
                assert_eq!(code, expected, "{name}: {error}");
            }
            // The file can still be read.
            let reading = format!("{}?mode=ro", url("there.db"));
            let (code, error) = code(Program::new(&[A, B]).start(&reading).await);
            assert_eq!(code, "K0417", "{error}");
        });
    });
    let names = std::fs::read_dir(directory.path()).unwrap().count();
    assert_eq!(names, 1);
}

/// A wrong and a correct password.
#[test]
fn passwords() {
    let database = kontract_test_support::postgres_database();
    let role = "DO $$ BEGIN CREATE ROLE kontract_password LOGIN SUPERUSER PASSWORD 's3cr3t right'; \
                EXCEPTION WHEN duplicate_object THEN NULL; END $$";
    kontract_test_support::execute(database.url(), role);
    let (_, server) = database.url().rsplit_once('@').unwrap();
    kontract_test_support::block_on(async {
        let right = format!("postgres://kontract_password:s3cr3t%20right@{server}");
        Storage::connect(&right).await.unwrap().close().await;
        let wrong = format!("postgres://kontract_password:s3cr3t%20wrong@{server}");
        let error = Storage::connect(&wrong).await.map(|_| ()).unwrap_err();
        assert_eq!((error.code(), error.kind()), (Some("K0412"), &Kind::Denied), "{error}");
        assert!(!format!("{error} {error:?}").contains("s3cr3t"), "{error}");
    });
}

/// The address requires TLS, and the feature is disabled.
#[test]
fn without_tls() {
    let database = kontract_test_support::postgres_database();
    kontract_test_support::block_on(async {
        let url = format!("{}?sslmode=require", database.url());
        let error = Storage::connect(&url).await.map(|_| ()).unwrap_err();
        assert_eq!((error.code(), error.kind()), (Some("K0410"), &Kind::Connection), "{error}");
        assert!(format!("{error:?}").contains("feature `tls`"), "{error}");
    });
}

/// A database in memory has one connection, and is deleted with it.
#[test]
fn in_memory() {
    kontract_test_support::block_on(async {
        let storage = Storage::connect("sqlite::memory:").await.unwrap();
        let user = storage.users.insert(user("Ada")).await.unwrap();
        assert_eq!(storage.users.list().await.unwrap(), std::slice::from_ref(&user));
        assert_eq!(storage.users.get_many([&user.id]).await.unwrap(), [Some(user)]);
        storage.close().await;
        let storage = Storage::connect("sqlite::memory:").await.unwrap();
        assert_eq!(storage.users.count().await.unwrap(), 0);
    });
}
