//! The workflow of `examples/learning`: a script sets up a server, then migrations run. One of them
//! fails, is fixed and runs. `kontract migrate status` is checked after each step.

use std::fs;
use std::path::Path;

use kontract_test_support::{execute, postgres_database, temporary_directory};

use super::{App, Ran, run};

/// A copy of the example outside of the workspace.
fn example() -> App {
    let app = App(temporary_directory());
    let from = Path::new(env!("CARGO_MANIFEST_DIR")).join("../examples/learning");
    for file in ["build.rs", "src/lib.rs", "kontract.lock.json"] {
        app.write(file, &fs::read_to_string(from.join(file)).expect(file));
    }
    app.write(
        "Cargo.toml",
        "[package]\nname = \"learning\"\nversion = \"0.1.0\"\nedition = \"2024\"\n\n[workspace]\n\n\
         [build-dependencies]\nkontract-build = \"0.1\"\n",
    );
    app
}

#[test]
fn from_a_fresh_server_to_the_next_release() {
    let database = postgres_database();
    let url = database.url();
    let app = example();
    let on = |arguments: &[&str]| -> Ran { run(app.dir(), arguments, &[("DATABASE_URL", url)]) };

    // First-time set-up, as `docker-entrypoint-initdb.d` would run it.
    execute(url, &app.run(&["sql", "--dialect", "postgres"]).is(0).out);
    let status = on(&["migrate", "status"]);
    assert!(
        status.is(0).out.starts_with("learning: 5 of 5 migrations applied\n"),
        "{}",
        status.out
    );
    on(&["drift"]).is(0);
    execute(
        url,
        "INSERT INTO user_accounts (user_id, username, password_hash, created_at) VALUES \
         (gen_random_uuid(), 'ada', 'x', 0), (gen_random_uuid(), 'eve', 'y', 0)",
    );

    // An incremental migration.
    app.edit(
        "pub password_hash: String,\n",
        "pub password_hash: String,\n    /// The e-mail address.\n    pub email: Option<String>,\n",
    );
    on(&["migrate", "create", "add_email"]).is(0);
    let status = on(&["migrate", "status"]);
    assert!(status.is(1).out.contains("add_email                pending"), "{}", status.out);
    on(&["migrate", "up"]).is(0);
    on(&["migrate", "status"]).is(0);

    // A migration that fails on the existing rows is rolled back.
    let before = app.read("kontract.lock.json");
    app.edit("pub email: Option<String>,\n", "pub email: String,\n");
    on(&["migrate", "create", "email_is_wanted"]).is(1);
    let file = "migrations/0007_email_is_wanted.sql";
    let ready = app.read(file);
    assert!(ready.contains("<value for email as string>"), "{ready}");
    let wrong = ready.replace("<value for email as string>", "no_such_function(username)");
    app.write(file, &wrong);
    on(&["migrate", "create", "email_is_wanted"]).is(0);
    let failed = on(&["migrate", "up"]);
    assert!(
        failed.is(1).err.contains("`email_is_wanted` failed at its first statement"),
        "{}",
        failed.err
    );
    let status = on(&["migrate", "status"]);
    assert!(
        status.is(1).out.starts_with("learning: 6 of 7 migrations applied\n"),
        "{}",
        status.out
    );

    // No database has run the migration: restore the lock file, fix the file, seal it and run it.
    app.write("kontract.lock.json", &before);
    app.write(file, &ready.replace("<value for email as string>", "username || '@example.org'"));
    on(&["migrate", "create", "email_is_wanted"]).is(0);
    on(&["migrate", "up"]).is(0);
    let status = on(&["migrate", "status"]);
    assert!(
        status.is(0).out.starts_with("learning: 7 of 7 migrations applied\n"),
        "{}",
        status.out
    );
    on(&["drift"]).is(0);
    on(&["verify"]).is(0);
    execute(
        url,
        "CREATE TABLE proof (n INTEGER CHECK (n = 2)); \
         INSERT INTO proof SELECT count(*) FROM user_accounts WHERE email LIKE '%@example.org'",
    );
}
