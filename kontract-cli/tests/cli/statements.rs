//! Statements in a lock file that no change of a struct asks for are refused by each command that reads
//! them.

use kontract_schema::lock::{LockFile, Migration, Step};
use kontract_test_support::both;

use super::{App, ITEM, USER, run};

const LOCK: &str = "kontract.lock.json";

/// Two sealed migrations.
fn app() -> App {
    let app = App::new(&format!("{USER}{ITEM}"));
    app.run(&["seal", "init"]).is(0);
    app.edit("    pub title: String,\n", "    pub title: String,\n    pub rank: Option<i32>,\n");
    app.run(&["seal", "rank"]).is(0);
    app
}

impl App {
    /// Edits the newest migration, and sets the hashes for it.
    fn edit_newest(&self, edit: impl FnOnce(&mut Migration)) {
        let mut lock = LockFile::read(&self.read(LOCK)).unwrap();
        let newest = lock.migrations.last_mut().unwrap();
        edit(newest);
        *newest = newest.clone().hashed();
        self.write(LOCK, &lock.write());
    }
}

fn add_statement(migration: &mut Migration) {
    for script in [&mut migration.sql.postgres, &mut migration.sql.sqlite] {
        script.up.push(Step::new("DELETE FROM tbl_users"));
    }
}

both! {
    async fn a_statement_of_another_hand(url: &str) {
        let app = app();
        let commands: [&[&str]; 6] = [
            &["check"],
            &["check", "--sealed"],
            &["verify", "--dialect", "sqlite"],
            &["plan", "--database-url", url],
            &["migrate", "up", "--database-url", url],
            &["seal", "next"],
        ];
        app.run(&["check", "--sealed"]).is(0);
        app.run(&["migrate", "up", "--to", "1", "--database-url", url]).is(0);
        app.edit_newest(add_statement);
        app.edit("pub struct Item {", "pub struct Item {\n    pub note: Option<String>,");
        for arguments in commands {
            let ran = app.run(arguments);
            assert!(ran.is(1).err.contains("[K0409]: migration 2 `rank` differs"), "{}", ran.err);
            assert!(ran.err.contains("statement 2 in it: `DELETE FROM tbl_users`"), "{}", ran.err);
        }
        let status = app.run(&["migrate", "status", "--database-url", url, "--json"]);
        assert_eq!(status.json()["migrations"][1]["state"], "pending", "{}", status.out);
    }

    async fn a_version_that_is_accepted(url: &str) {
        let app = app();
        app.edit_newest(|migration| {
            migration.origin.as_mut().unwrap().generator = "0.0.9".to_owned();
            migration.sql.postgres.up[0].sql.insert(5, ' ');
            migration.sql.sqlite.up[0].sql.insert(5, ' ');
        });
        let ran = app.run(&["check"]);
        assert!(ran.is(1).err.contains("Kontract 0.0.9 generated it"), "{}", ran.err);
        assert!(ran.err.contains("write `generators = [\"0.0.9\"]` into kontract.toml"), "{}", ran.err);
        app.write("kontract.toml", "generators = [\"0.0.9\"]\n");
        app.run(&["check", "--sealed"]).is(0);
        run(app.dir(), &["verify", "--dialect", "sqlite"], &[]).is(0);
        app.run(&["migrate", "up", "--database-url", url]).is(0);
    }
}

#[test]
fn histories_without_a_record_go_on() {
    let app = app();
    app.edit_newest(|migration| migration.origin = None);
    // It follows one with a record.
    let ran = app.run(&["check"]);
    assert!(ran.is(1).err.contains("migration 2 `rank` has no record"), "{}", ran.err);
    let mut lock = LockFile::read(&app.read(LOCK)).unwrap();
    let mut parent = String::new();
    for migration in &mut lock.migrations {
        *migration = Migration { origin: None, parent, ..migration.clone() }.hashed();
        parent = migration.hash.clone();
    }
    for text in [lock.write(), lock.write_in_format_1()] {
        app.write(LOCK, &text);
        app.run(&["check", "--sealed"]).is(0);
        app.run(&["verify", "--dialect", "sqlite"]).is(0);
    }
    app.edit("    pub title: String,\n", "    pub title: String,\n    pub note: Option<String>,\n");
    app.run(&["seal", "note"]).is(0);
    app.run(&["check", "--sealed"]).is(0);
    app.edit_newest(add_statement);
    app.run(&["check", "--sealed"]).is(1);
}
