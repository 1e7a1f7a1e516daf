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

/// A branch with a generated migration, a manual one and unsealed changes.
fn branch() -> App {
    let app = App::new(&format!("{USER}{ITEM}"));
    app.run(&["seal", "init"]).is(0);
    app.git(&["init", "--quiet", "--initial-branch=main"]).is(0);
    app.commit("init");
    app.git(&["checkout", "--quiet", "-b", "mine"]).is(0);
    app.edit("    pub title: String,\n", "    pub title: String,\n    pub rank: Option<i32>,\n");
    app.run(&["seal", "rank"]).is(0);
    app.remove_email();
    app.run(&["migrate", "create", "less"]).is(1);
    app.run(&["seal"]).is(0);
    app.commit("less");
    app.edit("    pub title: String,\n", "    pub title: String,\n    pub note: Option<String>,\n");
    app
}

#[test]
fn a_reviewer_sees_what_a_branch_adds() {
    let app = branch();
    app.run(&["check", "--against", "mine"]).is(0);
    let ran = app.run(&["check", "--against", "main"]);
    for expected in [
        "app: 3 new migrations since main\n",
        "migration 2 `rank`: generated from its changes\n",
        "safe       items.rank:added (C1)\n",
        "      ALTER TABLE items ADD COLUMN rank INTEGER",
        "migration 3 `less`: manual, the statements of migrations/0003_less.sql\n",
        "loss       users.email:removed (C14)\n",
        "migration 4: not sealed, generated from the changes of the structs\n",
        "items.note:added",
    ] {
        assert!(ran.is(0).out.contains(expected), "{expected}\n{}", ran.out);
    }
    app.run(&["check", "--against", "main", "--sealed"]).is(1);
    let ran = app.run(&["check", "--against", "main", "--format", "markdown"]);
    for expected in [
        "### app: 3 new migrations since main\n",
        "#### ✅ migration 2 `rank`\n",
        "- **safe** `items.rank:added` (C1): ",
        "<details><summary>1 statement on postgres</summary>\n\n```sql\nALTER TABLE items",
        "#### ✋ migration 3 `less`\n",
        "- **loss** `users.email:removed` (C14): ",
    ] {
        assert!(ran.is(0).out.contains(expected), "{expected}\n{}", ran.out);
    }
    let json = app.run(&["check", "--against", "main", "--json"]).is(0).json();
    assert_eq!(json["review"]["new"][1]["manual"], true);
    assert_eq!(json["review"]["ok"], true);

    let ran = app.run(&["check", "--against", "other"]);
    assert!(ran.is(3).err.contains("git has no commit `other`"), "{}", ran.err);
    app.run(&["check", "--format", "markdown"]).is(2);
}

#[test]
fn a_reviewer_sees_what_nothing_explains() {
    let app = branch();
    // Without a record, nothing can be compared.
    let sealed = app.read(LOCK);
    let mut lock = LockFile::read(&sealed).unwrap();
    let mut parent = lock.migrations[0].hash.clone();
    for migration in &mut lock.migrations[1..] {
        *migration = Migration { origin: None, parent, ..migration.clone() }.hashed();
        parent = migration.hash.clone();
    }
    add_statement(&mut lock.migrations[1]);
    lock.migrations[1] = lock.migrations[1].clone().hashed();
    lock.migrations[2].parent = lock.migrations[1].hash.clone();
    lock.migrations[2] = lock.migrations[2].clone().hashed();
    app.write(LOCK, &lock.write());
    app.write("kontract.toml", "generators = [\"unrecorded\"]\n");
    let ran = app.run(&["check", "--against", "main"]);
    assert!(ran.is(0).out.contains("kontract.toml accepts those of unrecorded"), "{}", ran.out);
    assert!(ran.out.contains("DELETE FROM tbl_users;"), "{}", ran.out);
    app.write("kontract.toml", "");
    let ran = app.run(&["check", "--against", "main", "--format", "markdown"]);
    assert!(
        ran.is(1).out.contains("- ❌ kontract&#91;K0409&#93;: migration 2 `rank`"),
        "{}",
        ran.out
    );
    assert!(ran.out.contains("#### ❌ migration 2 `rank`"), "{}", ran.out);

    // A migration of the commit is gone.
    app.write(LOCK, &sealed);
    app.git(&["checkout", "--quiet", "-b", "other"]).is(0);
    app.write(LOCK, "{\"format\": 2, \"version\": 0, \"tables\": {}, \"migrations\": []}\n");
    std::fs::remove_file(app.dir().join("migrations/0003_less.sql")).unwrap();
    let ran = app.run(&["check", "--against", "main"]);
    assert!(ran.is(1).out.contains("migration 1 `init` is missing or was changed"), "{}", ran.out);
}
