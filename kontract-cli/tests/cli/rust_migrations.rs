//! Migrations in Rust: the command writes, shows and seals them, and leaves running them to the
//! program.

use super::{App, USER, run};

fn sealed() -> App {
    let app = App::new(USER);
    app.run(&["migrate", "create", "init"]).is(0);
    app
}

#[test]
fn create_writes_rust_that_can_be_sealed() {
    let app = sealed();
    app.remove_email();
    let ran = app.run(&["migrate", "create", "--rs", "drop_email"]);
    assert!(
        ran.is(1).out.starts_with("wrote migrations/0002_drop_email.rs for these changes:\n"),
        "{}",
        ran.out
    );
    assert_eq!(
        app.read("migrations/0002_drop_email.rs"),
        "//! kontract: covers users.email:removed\n\n\
         use kontract::Result;\n\
         use kontract::migrate::{Migration, MigrationDb};\n\n\
         pub struct DropEmail;\n\n\
         impl Migration for DropEmail {\n    \
         async fn up(&self, db: &mut MigrationDb) -> Result<()> {\n        \
         // Runs what was generated for these changes: `kontract plan` shows it.\n        \
         db.update_schema().await\n    }\n}\n"
    );
    let plan = app.run(&["plan"]);
    assert!(plan.is(0).out.contains("-- kontract: rust\n"), "{}", plan.out);
    assert!(plan.out.contains("data - 'email'"), "{}", plan.out);
    let ran = app.run(&["seal"]);
    assert!(ran.is(0).out.contains("sealed migration 2 `drop_email`"), "{}", ran.out);
    assert!(
        ran.out.contains("commit kontract.lock.json and migrations/0002_drop_email.rs"),
        "{}",
        ran.out
    );
    // The code of a sealed migration must not change, its comments may.
    let text = app.read("migrations/0002_drop_email.rs");
    app.write("migrations/0002_drop_email.rs", &text.replace("// Runs", "// It runs"));
    app.run(&["check"]).is(0);
    app.write(
        "migrations/0002_drop_email.rs",
        &text.replace("update_schema()", "exec(\"SELECT 1\", ())"),
    );
    let ran = app.run(&["check"]);
    assert!(
        ran.is(1).err.contains("K0403") && ran.err.contains("`0002_drop_email.rs` was changed"),
        "{}",
        ran.err
    );
}

#[test]
fn placeholders_are_in_the_code() {
    let app = sealed();
    app.edit("    pub email: String,\n", "    pub email: String,\n    pub age: i64,\n");
    app.run(&["migrate", "create", "add_age", "--rs"]).is(1);
    let text = app.read("migrations/0002_add_age.rs");
    assert!(
        text.contains("match db.dialect()") && text.contains("<value for age as bigint>"),
        "{text}"
    );
    let ran = app.run(&["seal"]);
    assert!(
        ran.is(1).err.contains("migration `0002_add_age.rs`, line ")
            && ran.err.contains("has a placeholder"),
        "{}",
        ran.err
    );
    let updates = text.split("match db").next().expect("its beginning").to_owned()
        + "db.update_schema().await }\n}\n";
    app.write("migrations/0002_add_age.rs", &updates);
    let ran = app.run(&["seal"]);
    assert!(
        ran.is(1)
            .err
            .contains("calls `update_schema`, but its statements need a value that only you know"),
        "{}",
        ran.err
    );
    app.write("migrations/0002_add_age.rs", &text.replace("<value for age as bigint>", "18"));
    app.run(&["seal"]).is(0);
}

#[test]
fn data_loss_is_accepted_in_the_file() {
    let app = sealed();
    app.edit("    pub email: String,\n", "");
    app.run(&["migrate", "create", "--rs", "drop_email"]).is(1);
    assert!(app.run(&["seal"]).is(1).err.contains("K0407"));
    app.seal_accepting();
    let text = app.read("migrations/0002_drop_email.rs");
    assert!(
        text.starts_with("//! kontract: covers users.email:removed\n//! kontract: accept "),
        "{text}"
    );
    app.run(&["check", "--sealed"]).is(0);
}

#[test]
fn only_the_program_runs_a_migration_in_rust() {
    let app = sealed();
    let ran = app.run(&["migrate", "create", "fix_names", "--rs"]);
    assert!(
        ran.is(1).out.starts_with("wrote migrations/0002_fix_names.rs: write what it does,\n"),
        "{}",
        ran.out
    );
    assert!(app.read("migrations/0002_fix_names.rs").starts_with("//! kontract: data\n"));
    app.run(&["seal"]).is(0);
    for database in kontract_test_support::both() {
        let url = database.url();
        let at = |arguments: &[&str]| run(app.dir(), arguments, &[("DATABASE_URL", url)]);
        let ran = at(&["migrate", "up"]);
        assert!(ran.is(1).err.starts_with("error[K0460]: migration 2 `fix_names` is Rust, `0002_fix_names.rs`, which only the program can run\n"), "{}", ran.err);
        assert!(ran.err.contains("Storage::migrator(url)"), "{}", ran.err);
        let ran = at(&["migrate", "status"]);
        assert!(ran.is(1).out.contains("fix_names"), "{}", ran.out);
        let ran = at(&["migrate", "up", "--dry-run"]);
        assert!(
            ran.is(0).out.contains("-- app, migration 2 `fix_names`\n-- kontract: rust;\n"),
            "{}",
            ran.out
        );
        at(&["migrate", "up", "--to", "1"]).is(0);
    }
    let ran = app.run(&["verify"]);
    assert!(
        ran.is(1).err.contains("K0460") && ran.err.contains("test it in the program"),
        "{}",
        ran.err
    );
    let ran = app.run(&["sql", "--dialect", "sqlite"]);
    assert!(ran.status != 0 && ran.err.contains("calls Rust"), "{} {}", ran.out, ran.err);
}
