//! A migration in Rust, in an application that is built and run.

use std::fs;

use kontract_e2e::App;

/// The program, with these attributes and fields of its struct.
fn main_with(attributes: &str, fields: &str) -> String {
    format!(
        "use kontract::prelude::*;

#[derive(Debug, Table)]
#[table(layout = \"columns\")]
{attributes}pub struct User {{
    #[primkey]
    pub id: String,
{fields}}}

kontract::storage!();

#[tokio::main]
async fn main() -> kontract::Result<()> {{
    let url = \"sqlite:app.db\";
    if std::env::args().any(|argument| argument == \"down\") {{
        println!(\"{{:?}}\", Storage::migrator(url)?.down(1, true).await?);
        return Ok(());
    }}
    let storage = Storage::connect(url).await?;
    println!(\"{{:?}}\", storage.users.list().await?);
    storage.close().await;
    Ok(())
}}
"
    )
}

const FILE: &str = "migrations/0002_one_case.rs";

const MIGRATION: &str = "//! Addresses are kept in lower case.
//!
//! kontract: covers users.email:removed

use kontract::Result;
use kontract::migrate::{Migration, MigrationDb};

pub struct OneCase;

impl Migration for OneCase {
    async fn up(&self, db: &mut MigrationDb) -> Result<()> {
        for (id, email) in db.query::<(String, String)>(\"SELECT id, email FROM users\", ()).await? {
            let mail = email.to_lowercase();
            db.exec(\"UPDATE users SET mail = $1 WHERE id = $2\", (mail, id)).await?;
        }
        db.update_schema().await
    }

    async fn down(&self, db: &mut MigrationDb) -> Result<()> {
        db.exec(\"ALTER TABLE users ADD COLUMN email TEXT NOT NULL DEFAULT ''\", ()).await?;
        db.exec(\"UPDATE users SET email = mail\", ()).await.map(drop)
    }
}
";

#[test]
fn a_migration_in_rust_from_build_to_run() {
    let app = App::new("rust_migration", env!("CARGO_TARGET_TMPDIR"), "");
    let run = |arguments: &[&str]| app.cargo(&[&["run", "--quiet", "--"], arguments].concat(), &[]);
    app.write("src/main.rs", &main_with("", "    pub email: String,\n"));
    app.seal("init");
    run(&[]).passes().says("[]");
    let insert = "INSERT INTO users (id, email) VALUES ('1', 'Ada@Example.org')";
    kontract_test_support::execute(&format!("sqlite:{}/app.db", app.dir().display()), insert);

    // The build script notices the new directory.
    app.write(
        "src/main.rs",
        &main_with("#[removed(\"email\")]\n", "    pub mail: Option<String>,\n"),
    );
    app.check().fails().says("kontract[K0203]: field `email` of table `users` was removed");
    app.write(
        FILE,
        &MIGRATION.replace("users.email:removed", "users.email:removed, users.id:type"),
    );
    app.check().fails().says("kontract[K0406]: migration `0002_one_case.rs` covers `users.id:type`, which is not among the changes");
    app.write(FILE, &MIGRATION.replace("//! kontract: covers users.email:removed\n", ""));
    app.check()
        .fails()
        .says("kontract[K0405]: migration `0002_one_case.rs`, line 1: covers nothing");
    app.write(FILE, &MIGRATION.replace("covers users.email:removed", "data"));
    app.check().fails().says("kontract[K0203]: field `email` of table `users` was removed");
    app.write(FILE, &MIGRATION.replace("pub struct", "struct"));
    app.check().fails().says("line 8: `OneCase` is not public");
    // The compiler reports the position in the migration file.
    app.write(FILE, &MIGRATION.replace("email.to_lowercase()", "email.to_lower()"));
    app.check()
        .fails()
        .says("no method named `to_lower` found")
        .says("migrations/0002_one_case.rs:13:30");

    app.write(FILE, MIGRATION);
    app.check().passes();
    assert!(!app.check().passes().compiled());
    assert_eq!(app.changes("draft"), ["users.mail:added", "users.email:removed"]);
    assert_eq!(app.lock_json()["draft"]["manual"]["file"], "0002_one_case.rs");
    run(&[]).passes().says("[User { id: \"1\", mail: Some(\"ada@example.org\") }]");
    app.seal("ignored");
    run(&[]).passes().says("[User { id: \"1\", mail: Some(\"ada@example.org\") }]");

    // Rolls back and runs again, then runs on a new database.
    run(&["down"]).passes().says("[\"taking migration 2 `one_case` back\"]");
    run(&[]).passes().says("mail: Some(\"ada@example.org\")");
    fs::remove_file(app.dir().join("app.db")).expect("the database");
    run(&[]).passes().says("[]");

    // A sealed migration must not change.
    let lock = app.lock();
    app.write(
        FILE,
        &MIGRATION.replace("kept in lower case.", "the same in any case.").replace('\n', "\r\n"),
    );
    app.check().passes();
    app.write(FILE, &MIGRATION.replace("to_lowercase", "to_uppercase"));
    app.check().fails().says("error: kontract[K0403]: migration `0002_one_case.rs` was changed after version 2 was sealed from it");
    fs::remove_file(app.dir().join(FILE)).expect("the file");
    app.check().fails().says("error: kontract[K0402]: migration `0002_one_case.rs` is missing: version 2 was sealed from it");
    assert_eq!(app.lock(), lock);

    // An external table, with a reference to it and a query.
    app.write(FILE, MIGRATION);
    let main = main_with("", "    pub mail: Option<String>,\n");
    let others = "#[derive(Debug, Table)]
#[table(external)]
pub struct Account {
    #[primkey]
    pub id: i64,
    pub name: String,
}

#[derive(Debug, Table)]
#[table(layout = \"columns\")]
pub struct Order {
    #[primkey]
    pub id: i64,
    #[references(Account)]
    #[index]
    pub account: i64,
}

kontract::storage!();";
    let query = "println!(\"{:?}\", storage.accounts.list().await?);\n    storage.close()";
    let main = main.replace("kontract::storage!();", others).replace("storage.close()", query);
    app.write("src/main.rs", &main);
    app.seal("orders");
    assert_eq!(app.lock_json()["tables"]["accounts"]["external"], true);
    run(&[]).fails().says("kontract[K0461]: external tables differ from their structs\nnote: table `accounts` does not exist");
    let accounts = "CREATE TABLE accounts (id INTEGER PRIMARY KEY, name TEXT, more TEXT); INSERT INTO accounts VALUES (1, 'Ada', '')";
    kontract_test_support::execute(&format!("sqlite:{}/app.db", app.dir().display()), accounts);
    run(&[]).passes().says("[Account { id: 1, name: \"Ada\" }]");
}
