//! Packages with a lock file of format 1, alone and beside lock files of format 2.

use kontract_build::project::{Project, Settings};
use kontract_schema::lock::{LockFile, Migration};
use kontract_test_support::{both, execute};

use super::rebase::two_branches_in;
use super::{App, ITEM, Ran, USER, run};

const LOCK: &str = "kontract.lock.json";

impl App {
    /// Writes the lock file in format 1 or 2, with the same content.
    pub(super) fn set_lock_format(&self, format: u32) {
        let lock = LockFile::read(&self.read(LOCK)).unwrap();
        let text = if format == 1 { lock.write_in_format_1() } else { lock.write() };
        assert!(text.starts_with(&format!("{{\n  \"format\": {format},\n")), "{text}");
        self.write(LOCK, &text);
    }

    /// Writes the unsealed changes into the lock file, as a build does.
    pub(super) fn write_draft(&self) {
        let settings =
            Settings { name: "app".into(), dir: self.dir().to_owned(), ..Settings::default() };
        let look = Project::new(&settings).unwrap().look().unwrap();
        let draft = look.gate.unwrap().draft;
        assert!(draft.is_some(), "the source has no unsealed changes");
        self.write(LOCK, &LockFile { draft, ..look.lock }.write());
    }
}

/// Five migrations: documents and columns, a generated and a manual change of documents, an index that
/// PostgreSQL builds outside of a transaction, a manual rebuild on SQLite.
fn app() -> App {
    let app = App::new(&format!("{USER}{ITEM}"));
    app.run(&["seal", "init"]).is(0);
    app.edit("    pub name: String,\n", "    pub tags: Vec<String>,\n    pub name: String,\n");
    app.run(&["seal", "tags"]).is(0);
    app.remove_email();
    app.run(&["migrate", "create", "less"]).is(1);
    app.run(&["seal"]).is(0);
    app.edit("    pub title: String,\n", "    #[index]\n    pub title: String,\n");
    app.run(&["seal", "titles"]).is(0);
    app.edit("    pub title: String,\n", "    #[check(\"title <> ''\")]\n    pub title: String,\n");
    app.run(&["migrate", "create", "checked"]).is(1);
    app.run(&["seal"]).is(0);
    app
}

/// Adds a column. It is not sealed.
fn add_rank(app: &App) {
    app.edit("    pub title: String,\n", "    pub title: String,\n    pub rank: Option<i32>,\n");
}

/// Adds a migration in Rust, which only a program can run.
fn add_rust(app: &App) {
    app.edit("    pub tags: Vec<String>,\n", "");
    app.edit("pub struct User", "#[removed(\"tags\")]\npub struct User");
    app.run(&["migrate", "create", "--rs", "no_tags"]).is(1);
    app.run(&["seal"]).is(0);
}

/// Fails unless the output of the commands does not depend on the format, or they write the lock file.
fn expect_same_output(app: &App, commands: &[&[&str]]) {
    for command in commands {
        for env in [&[][..], &[("CI", "true")], &[("KONTRACT_LOCKED", "1")]] {
            let [first, second] = [2, 1].map(|format| {
                app.set_lock_format(format);
                let before = app.read(LOCK);
                let ran = run(app.dir(), command, env);
                assert_eq!(app.read(LOCK), before, "{command:?}");
                ran
            });
            assert_eq!(
                (first.status, &first.out, &first.err),
                (second.status, &second.out, &second.err),
                "{command:?}"
            );
        }
    }
}

#[test]
fn commands_print_the_same_and_leave_the_file() {
    let app = app();
    add_rust(&app);
    let ran = app.run(&["check", "--sealed"]);
    assert_eq!(
        (ran.is(0).out.as_str(), ran.err.as_str()),
        ("app: 2 tables, all sealed at version 6\n", "")
    );
    let commands: [&[&str]; 9] = [
        &["check"],
        &["check", "--sealed", "--json"],
        &["diff", "--json"],
        &["plan"],
        &["plan", "--json"],
        &["flatbuffers"],
        &["sql", "--dialect", "sqlite"],
        &["sql", "--dialect", "postgres"],
        &["explain", "items.rank:added"],
    ];
    expect_same_output(&app, &commands);
    let schema = app.run(&["flatbuffers"]).is(0).out.clone();
    assert!(schema.contains("email:string (id: 2, deprecated)"), "{schema}");
    assert!(schema.contains("tags:[string] (id: 3, deprecated)"), "{schema}");

    add_rank(&app);
    expect_same_output(&app, &commands);
    app.write_draft();
    expect_same_output(&app, &commands);
    let ran = app.run(&["check"]);
    assert!(ran.is(0).err.is_empty(), "the build would write the file: {}", ran.err);
}

#[test]
fn sealing_writes_format_2_with_the_same_history() {
    let seal: &[&str] = &["seal", "rank"];
    for command in [seal, &["migrate", "create", "rank"]] {
        let [first, second] = [2, 1].map(|format| {
            let app = app();
            add_rust(&app);
            add_rank(&app);
            app.write_draft();
            app.set_lock_format(format);
            let before = app.read(LOCK);
            let ran = run(app.dir(), command, &[("KONTRACT_LOCKED", "1")]);
            assert!(ran.is(3).err.starts_with("error[K0307]"), "{}", ran.err);
            assert_eq!(app.read(LOCK), before);
            app.run(command).is(0);
            app.assert_consistent_offline();
            app.read(LOCK)
        });
        assert!(first.starts_with("{\n  \"format\": 2,\n"), "{first}");
        assert_eq!(first, second, "{command:?}");
    }
}

impl App {
    fn assert_consistent_offline(&self) {
        self.run(&["check", "--sealed"]).is(0);
    }
}

fn with_database(app: &App, url: &str, arguments: &[&str]) -> Ran {
    run(app.dir(), arguments, &[("DATABASE_URL", url)])
}

both! {
    async fn verify_replays_the_history(url: &str) {
        let app = app();
        add_rank(&app);
        app.write_draft();
        app.set_lock_format(1);
        let dialect = if url.starts_with("sqlite") { "sqlite" } else { "postgres" };
        let ran = with_database(&app, url, &["verify", "--dialect", dialect]);
        assert!(ran.is(0).out.contains("all 6 migrations lead to the structs"), "{}", ran.out);
    }

    /// Each command runs with one format on what the command before did with the other one.
    async fn a_database_is_migrated_with_alternating_formats(url: &str) {
        let app = app();
        // Creates the file on SQLite.
        execute(url, "CREATE TABLE other (id INTEGER); DROP TABLE other");
        for formats in [[1, 2], [2, 1]] {
            let mut formats = formats.into_iter().cycle();
            let mut next = |status: i32, arguments: &[&str]| {
                app.set_lock_format(formats.next().unwrap());
                let ran = with_database(&app, url, arguments);
                ran.is(status);
                ran
            };
            next(0, &["migrate", "up", "--to", "2"]);
            next(1, &["drift"]);
            next(0, &["migrate", "up", "--to", "4"]);
            next(0, &["migrate", "redo"]);
            let ran = next(0, &["migrate", "up"]);
            assert_eq!(ran.out, "app: done:\n  migration 5 `checked`\n");
            for _ in 0..2 {
                assert_eq!(next(0, &["migrate", "up"]).out, "app: nothing to do\n");
                let ran = next(0, &["drift"]);
                assert_eq!(ran.out, "app: the database matches the lock file, at version 5\n");
                next(0, &["migrate", "status"]);
                let ran = next(0, &["plan", "--database-url", url]);
                assert_eq!(ran.out, "-- app: nothing to do\n");
            }
            next(0, &["migrate", "down", "--to", "3"]);
            let ran = next(0, &["plan", "--database-url", url]);
            assert!(ran.out.starts_with("-- app, migration 4 `titles`\n"), "{}", ran.out);
            next(0, &["migrate", "up"]);
            next(0, &["drift"]);
            execute(url, "DROP INDEX idx_items_title");
            for _ in 0..2 {
                let ran = next(1, &["drift"]);
                assert!(ran.out.contains("table `items` has no index `idx_items_title`"), "{}", ran.out);
            }
            let drop = "DROP TABLE _kontract_migrations; DROP TABLE items; DROP TABLE ";
            let tables = app.read(LOCK);
            let users = tables.split("\"ptr\": \"").find(|text| text.starts_with("tbl_users_"));
            let users = users.and_then(|text| text.split('"').next()).unwrap();
            execute(url, &format!("{drop}{users}"));
        }
    }
}

#[test]
fn rebase_merges_both_formats() {
    let onto: &[&str] = &["rebase", "--onto", "main"];
    for command in [&["rebase"][..], &["rebase", "--keep", "ours", "--force"], onto] {
        let results = [[2, 2, 2], [1, 1, 1], [1, 2, 1], [1, 1, 2], [1, 2, 2]].map(|formats| {
            let app = two_branches_in(formats);
            if command == onto {
                app.run(command).is(0);
            } else {
                app.git(&["merge", "main"]).is(1);
                let ran = app.run(&["check"]);
                assert!(ran.is(3).err.contains("run `kontract rebase`"), "{}", ran.err);
                app.run(command).is(0);
                app.assert_consistent();
            }
            app.read(LOCK)
        });
        assert!(results[0].starts_with("{\n  \"format\": 2,\n  \"version\": 3,\n"));
        for result in &results {
            assert_eq!(*result, results[0], "{command:?}");
        }
    }
}

#[test]
fn rebase_during_a_git_rebase_merges_both_formats() {
    for formats in [[1, 1, 1], [1, 2, 1], [1, 1, 2]] {
        let app = two_branches_in(formats);
        app.git(&["rebase", "main"]).is(1);
        app.run(&["rebase"]).is(0);
        app.git(&["add", "--all"]).is(0);
        app.git(&["rebase", "--continue"]).is(0);
        assert_eq!(app.history(), ["init", "rank", "less"]);
        app.assert_consistent();
    }
}

/// The message about a conflict lists the migrations of both sides.
#[test]
fn a_conflict_between_formats_names_the_migrations() {
    for formats in [[1, 1, 1], [1, 1, 2], [1, 2, 1], [2, 2, 2]] {
        let app = two_branches_in(formats);
        app.git(&["merge", "main"]).is(1);
        let err = app.run(&["check"]).is(3).err.clone();
        assert!(err.contains("\n = note: ours has `less`\n = note: theirs has `rank`\n"), "{err}");
    }
}

/// Git merges a draft of format 1 with a lock file of format 2 without a conflict, as the draft is new on
/// one side and the rest is rewritten on the other.
#[test]
fn a_merge_of_a_draft_with_the_other_format() {
    let app = app();
    app.set_lock_format(1);
    app.git(&["init", "--quiet", "--initial-branch=main"]).is(0);
    app.commit("format 1");
    app.git(&["checkout", "--quiet", "-b", "mine"]).is(0);
    add_rank(&app);
    app.write_draft();
    let draft: Option<Migration> = LockFile::read(&app.read(LOCK)).unwrap().draft;
    app.set_lock_format(1);
    app.commit("a draft");
    app.git(&["checkout", "--quiet", "main"]).is(0);
    app.set_lock_format(2);
    app.commit("format 2");
    app.git(&["checkout", "--quiet", "mine"]).is(0);
    app.git(&["merge", "main"]).is(0);
    let merged = app.read(LOCK);
    assert!(
        merged.starts_with("{\n  \"format\": 2,\n")
            && serde_json::from_str::<LockFile>(&merged).is_err()
    );
    assert_eq!(LockFile::read(&merged).unwrap().draft, draft);
    let ran = app.run(&["check"]);
    assert!(ran.is(0).err.contains("the next build writes kontract.lock.json"), "{}", ran.err);
    app.run(&["seal", "rank"]).is(0);
    app.assert_consistent();
}
