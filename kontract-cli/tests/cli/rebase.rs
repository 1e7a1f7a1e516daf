//! `kontract rebase` in real repositories, at the conflicts that git makes.

use std::fs;
use std::process::Command;

use super::{App, Ran, USER, run, run_command};

const ITEM: &str = "
#[derive(kontract::Table)]
#[table(layout = \"columns\")]
pub struct Item {
    #[primkey]
    pub id: i64,
    pub title: String,
}
";

const RANK: (&str, &str) = ("src/item.rs", "    #[index]\n    pub rank: Option<i32>,\n}");

impl App {
    pub(super) fn git(&self, arguments: &[&str]) -> Ran {
        let mut command = Command::new("git");
        command.args(["-c", "user.name=Ada", "-c", "user.email=ada@example.org"]);
        command.args(["-c", "commit.gpgsign=false", "-c", "core.hooksPath=/dev/null"]);
        run_command(command.args(arguments).current_dir(self.dir()).env("GIT_EDITOR", "true"))
    }

    pub(super) fn commit(&self, message: &str) {
        self.git(&["add", "--all"]).is(0);
        self.git(&["commit", "--quiet", "--message", message]).is(0);
    }

    pub(super) fn replace_end(&self, file: &str, end: &str) {
        let text = self.read(file);
        self.write(file, &text.replace("\n}", &format!("\n{end}")));
    }

    /// The names of the sealed migrations.
    pub(super) fn history(&self) -> Vec<String> {
        let lock: serde_json::Value =
            serde_json::from_str(&self.read("kontract.lock.json")).unwrap();
        let names = lock["migrations"].as_array().unwrap().iter();
        names.map(|migration| migration["name"].as_str().unwrap().to_owned()).collect()
    }

    pub(super) fn files(&self) -> Vec<String> {
        let files = fs::read_dir(self.dir().join("migrations")).unwrap();
        let mut files: Vec<String> =
            files.map(|file| file.unwrap().file_name().into_string().unwrap()).collect();
        files.sort();
        files
    }

    /// Fails unless the sources, the files and the lock file agree, and the history leads to the structs.
    #[track_caller]
    pub(super) fn assert_consistent(&self) {
        self.run(&["check", "--sealed"]).is(0);
        self.run(&["verify"]).is(0);
    }
}

/// On the branch `main`, migration 2 is `rank`. On the branch `mine`, which is checked out,
/// migration 2 is `less`, a manual migration.
fn two_branches() -> App {
    two_branches_in([2; 3])
}

/// Like [`two_branches`]; the lock files of the common commit, of `main` and of `mine` have these formats.
pub(super) fn two_branches_in([common, main, mine]: [u32; 3]) -> App {
    let app = App::new("pub mod item;\npub mod user;\n");
    let columns = "Table)]\n#[table(layout = \"columns\")]";
    app.write("src/user.rs", &USER.replace("Serialize, Deserialize, Table)]", columns));
    app.write("src/item.rs", ITEM);
    app.run(&["seal", "init"]).is(0);
    app.set_lock_format(common);
    app.git(&["init", "--quiet", "--initial-branch=main"]).is(0);
    app.commit("init");
    app.git(&["checkout", "--quiet", "-b", "mine"]).is(0);
    let user = app.read("src/user.rs");
    let less = user.replace("    pub email: String,\n", "");
    let with_hint = less.replace("pub struct", "#[removed(\"email\")]\npub struct");
    app.write("src/user.rs", &with_hint);
    app.run(&["migrate", "create", "less"]).is(1);
    app.run(&["seal"]).is(0);
    app.set_lock_format(mine);
    app.commit("less");
    app.git(&["checkout", "--quiet", "main"]).is(0);
    app.replace_end(RANK.0, RANK.1);
    app.run(&["seal", "rank"]).is(0);
    app.set_lock_format(main);
    app.commit("rank");
    app.git(&["checkout", "--quiet", "mine"]).is(0);
    app
}

#[test]
fn rebase_after_a_merge_conflict() {
    let app = two_branches();
    app.git(&["merge", "main"]).is(1);
    let ran = app.run(&["check"]);
    assert!(ran.is(3).err.contains("run `kontract rebase`"), "{}", ran.err);
    let ran = app.run(&["rebase"]);
    assert_eq!(
        ran.is(0).out,
        "app: kontract.lock.json has the migrations of both, version 3\n  \
         their side keeps its numbers: released in branch `main`\n  \
         `less`: version 2 is now version 3\n  \
         migrations/0002_less.sql is now migrations/0003_less.sql\n\
         build, then `git add kontract.lock.json migrations/`\n"
    );
    assert_eq!(app.history(), ["init", "rank", "less"]);
    assert_eq!(app.files(), ["0003_less.sql"]);
    app.assert_consistent();
    app.commit("merged");
    let ran = app.run(&["rebase"]);
    assert!(ran.is(3).err.contains("git has no conflict in kontract.lock.json"), "{}", ran.err);
}

#[test]
fn rebase_during_a_git_rebase_and_in_the_other_order() {
    let app = two_branches();
    app.git(&["rebase", "main"]).is(1);
    let json = app.run(&["rebase", "--json"]).is(0).json();
    assert_eq!(json["moved"], serde_json::json!([{"name": "less", "from": 2, "to": 3}]));
    assert_eq!(json["kept"], "ours");
    app.git(&["add", "--all"]).is(0);
    app.git(&["rebase", "--continue"]).is(0);
    assert_eq!(app.history(), ["init", "rank", "less"]);
    app.assert_consistent();
}

#[test]
fn released_migrations_keep_their_numbers() {
    let ours_first = |app: &App| {
        assert_eq!(
            (app.history(), app.files()),
            (names(&["init", "less", "rank"]), names(&["0002_less.sql"]))
        );
        app.assert_consistent();
    };
    // On the default branch.
    let app = two_branches();
    app.git(&["checkout", "--quiet", "main"]).is(0);
    app.git(&["merge", "mine"]).is(1);
    let ran = app.run(&["rebase"]);
    let says = "our side keeps its numbers: released in branch `main`";
    assert!(ran.is(0).out.contains(says), "{}", ran.out);
    assert_eq!(
        (app.history(), app.files()),
        (names(&["init", "rank", "less"]), names(&["0003_less.sql"]))
    );
    app.assert_consistent();

    // In a tag; the other branch has not been released.
    let app = two_branches();
    app.git(&["branch", "--move", "main", "other"]).is(0);
    app.git(&["tag", "v1.0"]).is(0);
    app.git(&["merge", "other"]).is(1);
    let refused = app.run(&["rebase", "--keep", "theirs"]);
    assert_eq!(
        refused.is(3).err,
        "error: `less` of our side would get new numbers, but have been released: tag `v1.0`\n |\n \
         = note: a database that ran them would refuse the new history (K0421)\n \
         = help: keep them: `kontract rebase --keep ours`\n"
    );
    let ran = app.run(&["rebase"]);
    assert!(ran.is(0).out.contains("released in tag `v1.0`"), "{}", ran.out);
    ours_first(&app);

    // In a database, and in no commit of a default branch.
    let app = two_branches();
    app.git(&["branch", "--move", "main", "other"]).is(0);
    let database = format!("sqlite:{}?mode=rwc", app.dir().join("app.db").display());
    app.run(&["migrate", "up", "--database-url", &database]).is(0);
    app.git(&["merge", "other"]).is(1);
    let ran = app.run(&["rebase", "--database-url", &database]);
    assert!(ran.is(0).out.contains("released in the database"), "{}", ran.out);
    ours_first(&app);
    app.run(&["migrate", "up", "--database-url", &database]).is(0);

    // Both.
    let app = two_branches();
    app.git(&["tag", "v1.0"]).is(0);
    app.git(&["merge", "main"]).is(1);
    let ran = app.run(&["rebase"]);
    assert!(ran.is(3).err.contains("the other branch has been released too"), "{}", ran.err);
    let ran = app.run(&["rebase", "--keep", "ours"]);
    assert!(ran.is(3).err.contains("`rank` of their side would get new numbers"), "{}", ran.err);
    app.run(&["rebase", "--keep", "ours", "--force"]).is(0);
    ours_first(&app);
}

fn names(all: &[&str]) -> Vec<String> {
    all.iter().map(|name| (*name).to_owned()).collect()
}

#[test]
fn a_conflict_in_the_draft_alone_is_accepted() {
    let app = App::new("pub mod item;\npub mod user;\n");
    app.write("src/user.rs", USER);
    app.write("src/item.rs", ITEM);
    app.run(&["seal", "init"]).is(0);
    app.git(&["init", "--quiet", "--initial-branch=main"]).is(0);
    app.commit("init");
    app.git(&["checkout", "--quiet", "-b", "mine"]).is(0);
    app.replace_end("src/user.rs", "    pub nick: Option<String>,\n}");
    app.write_draft();
    app.commit("nick");
    app.git(&["checkout", "--quiet", "main"]).is(0);
    app.replace_end(RANK.0, RANK.1);
    app.write_draft();
    app.commit("rank");
    for style in ["merge", "diff3"] {
        app.git(&["checkout", "--quiet", "-B", "merged", "mine"]).is(0);
        app.git(&["-c", &format!("merge.conflictStyle={style}"), "merge", "main"]).is(1);
        let text = app.read("kontract.lock.json");
        assert!(text.contains("<<<<<<<") && text.contains("\n  \"draft\": {"), "{text}");
        app.run(&["check"]).is(0);
        app.write_draft();
        let text = app.read("kontract.lock.json");
        assert!(text.contains("users.nick:added") && text.contains("items.rank:added"), "{text}");
        app.run(&["seal", "both"]).is(0);
        app.assert_consistent();
        app.commit("merged");
    }
    // One side has sealed its draft.
    app.git(&["checkout", "--quiet", "main"]).is(0);
    app.run(&["seal", "rank"]).is(0);
    app.commit("seal");
    app.git(&["checkout", "--quiet", "-B", "merged", "mine"]).is(0);
    app.git(&["merge", "main"]).is(0);
    app.run(&["seal", "nick"]).is(0);
    assert_eq!(app.history(), ["init", "rank", "nick"]);
    app.assert_consistent();
}

#[test]
fn both_branches_change_the_same_field() {
    let app = two_branches();
    app.git(&["checkout", "--quiet", "main"]).is(0);
    app.write(
        "src/user.rs",
        &app.read("src/user.rs").replace("email: String", "email: Option<String>"),
    );
    app.run(&["seal", "mail"]).is(0);
    app.commit("mail");
    app.git(&["checkout", "--quiet", "mine"]).is(0);
    app.git(&["merge", "main"]).is(1);
    let before = (app.read("kontract.lock.json"), app.files());
    let ran = app.run(&["rebase"]);
    let expected = "error[K0313]: both branches change the same item: `users.email:removed` here, `users.email:optional` in the other branch";
    assert!(ran.is(1).err.starts_with(expected), "{}", ran.err);
    assert!(ran.err.ends_with("nothing was written\n"), "{}", ran.err);
    let json = app.run(&["rebase", "--json"]).is(1).json();
    assert_eq!(json["problems"][0]["code"], "K0313");
    assert_eq!(before, (app.read("kontract.lock.json"), app.files()));
}

#[test]
fn a_name_on_both_branches_and_an_edited_file() {
    let app = two_branches();
    app.git(&["checkout", "--quiet", "main"]).is(0);
    app.replace_end("src/item.rs", "    pub more: Option<i32>,\n}");
    app.run(&["seal", "less"]).is(0);
    app.commit("less");
    app.git(&["checkout", "--quiet", "mine"]).is(0);
    app.git(&["merge", "main"]).is(1);
    let ran = app.run(&["rebase"]);
    assert!(ran.is(1).err.contains("both branches have a migration `less`"), "{}", ran.err);

    let app = two_branches();
    app.git(&["merge", "main"]).is(1);
    let before = app.read("kontract.lock.json");
    let text = app.read("migrations/0002_less.sql");
    app.write("migrations/0002_less.sql", &format!("{text}\nSELECT 1;\n"));
    let ran = app.run(&["rebase"]);
    assert!(
        ran.is(1).err.contains("`0002_less.sql` is missing or was changed after it was sealed"),
        "{}",
        ran.err
    );
    app.write("migrations/0002_less.sql", &text);
    app.write("migrations/0003_less.sql", "-- up\nSELECT 1;\n");
    let ran = app.run(&["rebase"]);
    assert!(
        ran.is(1)
            .err
            .contains("`0002_less.sql` cannot be renamed to `0003_less.sql`: the file exists"),
        "{}",
        ran.err
    );
    assert_eq!(app.files(), ["0002_less.sql", "0003_less.sql"]);
    // If the lock file must not be written, the files keep their names.
    fs::remove_file(app.dir().join("migrations/0003_less.sql")).unwrap();
    let ran = run(app.dir(), &["rebase"], &[("KONTRACT_LOCKED", "1")]);
    assert!(ran.is(3).err.starts_with("error[K0307]"), "{}", ran.err);
    assert_eq!(
        (app.files(), app.read("kontract.lock.json")),
        (vec!["0002_less.sql".into()], before)
    );
    // The process was killed after it renamed the file.
    fs::rename(
        app.dir().join("migrations/0002_less.sql"),
        app.dir().join("migrations/0003_less.sql"),
    )
    .unwrap();
    app.run(&["rebase"]).is(0);
    app.assert_consistent();
}

#[test]
fn rebase_onto_a_commit() {
    let app = two_branches();
    let ran = app.run(&["rebase", "--onto", "nowhere"]);
    assert!(ran.is(3).err.contains("git has no commit `nowhere`"), "{}", ran.err);
    app.replace_end("src/item.rs", "    pub more: Option<i32>,\n}");
    app.run(&["seal", "more"]).is(0);
    let ran = app.run(&["rebase", "--onto", "main"]);
    assert!(ran.is(3).err.contains("migration 3 `more` is not committed yet"), "{}", ran.err);
    app.git(&["checkout", "--quiet", "."]).is(0);
    // The conflict was resolved with the lock file of one side.
    app.git(&["merge", "main"]).is(1);
    app.git(&["checkout", "--quiet", "--theirs", "kontract.lock.json"]).is(0);
    app.git(&["add", "kontract.lock.json"]).is(0);
    app.run(&["rebase", "--onto", "main"]).is(0);
    assert_eq!(app.history(), ["init", "rank", "less"]);
    app.assert_consistent();
    app.commit("merged");
    // Before the merge. Git reports the conflict all the same.
    let app = two_branches();
    app.run(&["rebase", "--onto", "main"]).is(0);
    app.commit("on top");
    app.git(&["merge", "main"]).is(1);
    app.run(&["rebase"]).is(0);
    assert_eq!(
        (app.history(), app.files()),
        (vec!["init".into(), "rank".into(), "less".into()], vec!["0003_less.sql".into()])
    );
    app.assert_consistent();
}
