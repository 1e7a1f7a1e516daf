//! Tests the history, migrations, `refresh` with development rows, the program, and the files of SQLite.

use std::process::Command;

use kontract_test_support::{both, execute, postgres_database, sqlite_database};
use tasks::{NewUser, Repositories, Status, Storage, TaskWithUser};

const LOCK: &str = include_str!("../kontract.lock.json");
const DEMO: &str = include_str!("../seeds/01_demo.sql");

/// The history has a migration for the first tables, then one for `tasks`.
#[test]
fn the_history_is_sealed() {
    let lock: serde_json::Value = serde_json::from_str(LOCK).unwrap();
    assert_eq!(lock["version"], 2);
    assert!(lock.get("draft").is_none());
    let names: Vec<_> = lock["migrations"].as_array().unwrap().iter().map(|m| &m["name"]).collect();
    assert_eq!(names, ["init", "add_tasks"]);
    let sql = lock["migrations"][1]["sql"]["sqlite"]["up"].to_string();
    for part in [
        "CREATE TABLE IF NOT EXISTS tasks (",
        "id TEXT NOT NULL PRIMARY KEY",
        "user_id TEXT NOT NULL",
        "title TEXT NOT NULL",
        "status TEXT NOT NULL DEFAULT 'pending'",
        "REFERENCES users (id)",
        "idx_tasks_user_id ON tasks (user_id)",
    ] {
        assert!(sql.contains(part), "{part} is not in {sql}");
    }
}

both! {
    /// Upgrades a database of the release before, with rows, and rolls it back.
    async fn a_database_of_the_release_before_is_upgraded(url: &str) {
        let migrator = Storage::migrator(url).unwrap();
        migrator.up(Some(1)).await.unwrap();
        execute(url, "INSERT INTO users (id, email, password_hash, name) VALUES ('a', 'a@b', 'x', 'A')");
        let storage = Storage::connect(url).await.unwrap();
        let of = Repositories::new(&storage);
        assert_eq!(of.tasks.create("a", "first").await.unwrap().status, Status::Pending);
        storage.close().await;
    }

    /// Does what `kontract refresh` does: no old row is left.
    async fn refresh_with_development_rows(url: &str) {
        let storage = Storage::connect(url).await.unwrap();
        let of = Repositories::new(&storage);
        of.users.create(NewUser::new("old@example.org", "x", "Old")).await.unwrap();
        storage.close().await;
        let migrator = Storage::migrator(url).unwrap();
        assert_eq!(migrator.reset().await.unwrap().len(), 5, "five tables");
        migrator.up(None).await.unwrap();
        migrator.seed("01_demo.sql", DEMO).await.unwrap();
        migrator.close().await;

        let storage = Storage::connect(url).await.unwrap();
        let of = Repositories::new(&storage);
        let names: Vec<_> = of.users.find_all().await.unwrap().into_iter().map(|user| user.name).collect();
        assert_eq!(names, ["Ann", "Bob", "Cem"]);
        let tasks = of.tasks.find_with_users().await.unwrap();
        assert_eq!(tasks.len(), 3);
        let TaskWithUser { title, user_name, .. } = &tasks[2];
        assert_eq!((title.as_str(), user_name.as_str()), ("Buy bread", "Bob"));
        assert_eq!(of.assets.find_images(640).await.unwrap().len(), 1);
        storage.close().await;
    }
}

/// Write-ahead log: readers continue during a write, and SQLite has two additional files.
#[test]
fn sqlite_writes_ahead() {
    let database = sqlite_database();
    kontract_test_support::block_on(async {
        let storage = Storage::connect(database.url()).await.unwrap();
        let path = database.url().trim_start_matches("sqlite:");
        for file in ["-wal", "-shm"] {
            let file = format!("{path}{file}");
            assert!(std::path::Path::new(&file).exists(), "{file}");
        }
        execute(database.url(), DEMO);
        let of = Repositories::new(&storage);
        // A writer that has not committed yet.
        let writing = kontract_test_support::hold(
            database.url(),
            "BEGIN IMMEDIATE; UPDATE tasks SET title = 'changed'",
        );
        assert_eq!(of.tasks.find_all().await.unwrap()[0].title, "Buy milk");
        drop(writing);
        storage.close().await;
    });
}

#[test]
fn the_program_runs_twice() {
    for database in [sqlite_database(), postgres_database()] {
        for users in [0, 1] {
            let output = Command::new(env!("CARGO_BIN_EXE_tasks"))
                .env("DATABASE_URL", database.url())
                .output()
                .unwrap();
            let text = String::from_utf8_lossy(&output.stdout);
            assert!(output.status.success(), "{text}{}", String::from_utf8_lossy(&output.stderr));
            assert!(text.starts_with(&format!("{users} users\n")), "{text}");
            assert!(text.contains("Ann: Look around\nAnn: Buy milk\n"), "{text}");
            let done = format!("done: Buy milk\n{} Completed\n", users + 2);
            assert!(text.ends_with(&done), "{text}");
        }
    }
}
