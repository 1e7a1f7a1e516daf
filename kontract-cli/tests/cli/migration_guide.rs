//! Runs every command of `docs/migrations.md` on databases in the situation that the guide describes.

use kontract_test_support::{both, execute};

use super::{App, run};

const GUIDE: &str = include_str!("../../../docs/migrations.md");

const USER: &str = "\
use kontract::prelude::*;

#[derive(Table)]
#[table(layout = \"columns\")]
pub struct User {
    #[primkey]
    pub id: String,
    pub name: String,
    pub email: String,
}
";

/// The shell blocks of a chapter: for each its commands, with their exit status.
fn chapter(title: &str) -> Vec<Vec<(Vec<&'static str>, i32)>> {
    let (_, text) = GUIDE.split_once(&format!("\n## {title}\n")).expect(title);
    let text = text.split("\n## ").next().expect("a text");
    let blocks =
        text.split("```sh\n").skip(1).map(|rest| rest.split("```").next().expect("a block"));
    let command = |line: &'static str| {
        let (command, comment) = line.split_once('#').unwrap_or((line, ""));
        let status =
            comment.trim().strip_prefix("status ").map_or(0, |n| n.parse().expect("a number"));
        let mut words = command.split_whitespace();
        assert_eq!(words.next(), Some("kontract"), "{line}");
        (words.collect(), status)
    };
    blocks.map(|block| block.lines().map(command).collect()).collect()
}

/// A package and its database in a situation that a chapter describes.
struct Situation<'a> {
    app: App,
    url: &'a str,
    blocks: std::vec::IntoIter<Vec<(Vec<&'static str>, i32)>>,
}

impl<'a> Situation<'a> {
    /// The table `users` is released, and the database has one row of it.
    fn released(url: &'a str, title: &str) -> Situation<'a> {
        let found = Situation::new(url, title, App::new(USER));
        found.app.run(&["seal", "init"]).is(0);
        found.command(&["migrate", "up"], 0);
        execute(url, "INSERT INTO users (id, name, email) VALUES ('1', ' Ada ', '7')");
        found
    }

    fn new(url: &'a str, title: &str, app: App) -> Situation<'a> {
        Situation { app, url, blocks: chapter(title).into_iter() }
    }

    fn command(&self, words: &[&str], status: i32) {
        let words = &words.iter().map(|word| self.word(word)).collect::<Vec<_>>();
        let words: &[&str] = &words.iter().map(String::as_str).collect::<Vec<_>>();
        let ran = run(self.app.dir(), words, &[("DATABASE_URL", self.url)]);
        assert_eq!(ran.status, status, "kontract {words:?}\n{}\n{}", ran.out, ran.err);
    }

    /// A word of a command. `HASH` becomes the hash that `kontract plan` prints.
    fn word(&self, word: &str) -> String {
        match word {
            "HASH" => {
                let plan = self.app.run(&["plan", "--json"]).json();
                plan["plan"].as_str().expect("a plan").to_owned()
            }
            word => word.to_owned(),
        }
    }

    /// Runs the commands of the next block of the chapter.
    fn follow(&mut self) -> &Situation<'a> {
        for (words, status) in self.blocks.next().expect("one more block") {
            self.command(&words, status);
        }
        self
    }

    fn end(mut self) {
        assert!(self.blocks.next().is_none(), "a block that no test runs");
    }

    /// Fails unless exactly one row satisfies the condition.
    fn holds(&self, condition: &str) {
        self.holds_in("users", condition);
    }

    fn holds_in(&self, table: &str, condition: &str) {
        execute(
            self.url,
            &format!(
                "CREATE TABLE proof (n INTEGER CHECK (n = 1)); \
             INSERT INTO proof SELECT count(*) FROM {table} WHERE {condition}; DROP TABLE proof"
            ),
        );
    }
}

/// The files of the chapter "Data migrations".
fn files() -> Vec<&'static str> {
    let blocks = GUIDE.split("```sql\n").skip(1);
    blocks.map(|rest| rest.split("```").next().expect("a block")).collect()
}

both! {
    async fn add_a_field(url: &str) {
        let mut at = Situation::released(url, "Add a field");
        at.app.edit("    pub email: String,\n", "    pub email: String,\n    pub age: Option<i64>,\n");
        at.follow().holds("age IS NULL");
        at.end();
    }

    async fn add_a_required_field(url: &str) {
        let mut at = Situation::released(url, "Add a required field");
        at.app.edit("    pub email: String,\n", "    pub email: String,\n    pub rating: f64,\n");
        at.follow();
        at.app.edit("    pub rating", "    #[backfill = \"1.0\"]\n    pub rating");
        at.follow().holds("rating = 1.0");
        at.end();
    }

    async fn flatbuffers(url: &str) {
        let mut at = Situation::released(url, "FlatBuffers");
        at.app.edit("    pub name: String,\n    pub email: String,\n", "    #[renamed_from(\"email\")]\n    pub mail: String,\n    pub name: String,\n");
        at.app.run(&["seal", "mail"]).is(0);
        at.follow();
        let text = at.app.read("app.fbs");
        assert!(text.contains("\n  name:string (id: 1);\n  mail:string (id: 2);\n}"), "{text}");
        at.end();
    }

    async fn rename_a_field(url: &str) {
        let mut at = Situation::released(url, "Rename a field");
        at.app.edit("    pub name: String", "    #[renamed_from(\"name\")]\n    pub title: String");
        at.follow().holds("title = ' Ada '");
        at.end();
    }

    async fn remove_a_field(url: &str) {
        let mut at = Situation::released(url, "Remove a field");
        at.app.edit("    pub email: String,\n", "");
        at.app.edit("pub struct", "#[removed(\"email\")]\npub struct");
        at.follow().holds("name = ' Ada '");
        at.end();
    }

    async fn remove_a_table(url: &str) {
        let note = "\n#[derive(Table)]\n#[table(layout = \"columns\")]\npub struct Note {\n    #[primkey]\n    pub id: i64,\n}\n";
        let app = App::new(&format!("{USER}{note}"));
        let mut at = Situation::new(url, "Remove a table", app);
        at.command(&["seal", "init"], 0);
        at.command(&["migrate", "up"], 0);
        at.app.edit(note, "");
        at.follow();
        execute(url, "CREATE TABLE notes (n INT)");
        at.end();
    }

    async fn change_the_type_of_a_field(url: &str) {
        let mut at = Situation::released(url, "Change the type of a field");
        at.app.edit("    pub email: String", "    pub email: i64");
        at.follow().holds("email = 7");
        at.end();
    }

    async fn data_migrations(url: &str) {
        let mut at = Situation::released(url, "Data migrations");
        let [all, _, batches, _] = files()[..] else { panic!("four files") };
        at.app.write("migrations/0002_trim_names.sql", all);
        at.follow().holds("name = 'Ada'");
        execute(url, "UPDATE users SET name = ' Eve '");
        at.app.write("migrations/0003_again.sql", &format!("-- kontract: data\n-- up\n{batches}"));
        at.command(&["seal"], 0);
        at.command(&["migrate", "up"], 0);
        at.holds("name = 'Eve'");
        at.end();
    }

    async fn data_moves_in_documents(url: &str) {
        let documents = USER.replace("#[table(layout = \"columns\")]\n", "");
        let app = App::new(&documents.replace("(Table)", "(Serialize, Deserialize, Table)"));
        let at = Situation::new(url, "Data migrations", app);
        at.command(&["seal", "init"], 0);
        at.command(&["migrate", "up"], 0);
        let lock: serde_json::Value = serde_json::from_str(&at.app.read("kontract.lock.json")).expect("JSON");
        let table = lock["tables"]["users"]["ptr"].as_str().expect("a name");
        execute(url, &format!("INSERT INTO {table} (id, data, _txid, _owner, _order) VALUES ('1', '{{\"name\": \" Ada \", \"email\": \"7\"}}', 1, 'x', 1)"));
        at.app.write("migrations/0002_trim_names.sql", &files()[1].replace("tbl_users_18adde", table));
        at.command(&["seal"], 0);
        at.command(&["migrate", "up"], 0);
        at.holds_in(table, "data->>'name' = 'Ada' AND data->>'email' = '7'");
    }

    async fn migrations_in_rust(url: &str) {
        let (_, code) = GUIDE.split_once("```rust\n").expect("code");
        let code = code.split("```").next().expect("a block");
        kontract_schema::migration::rust::parse("0002_fix_names.rs", code).expect("a migration");
        let mut at = Situation::released(url, "Migrations in Rust");
        at.follow();
        at.follow();
        at.holds("name = ' Ada '");
        at.end();
    }

    async fn failed_migrations(url: &str) {
        let mut at = Situation::released(url, "Failed migrations");
        at.app.edit("    pub email: String", "    pub email: i64");
        at.command(&["migrate", "create", "email_is_a_number"], 1);
        at.command(&["migrate", "create", "email_is_a_number"], 0);
        execute(url, "UPDATE users SET email = 'x'");
        at.follow();
        let ran = run(at.app.dir(), &["migrate", "up"], &[("DATABASE_URL", url)]);
        assert!(ran.is(1).err.contains("1 row violates `users.email:type`"), "{}", ran.err);
        execute(url, "UPDATE users SET email = '8'");
        at.follow().holds("email = 8");
        at.app.write("migrations/0003_names.sql", "-- kontract: data\n\n-- up\n-- kontract: no-transaction\nCREATE INDEX names ON users (name);\n\
                      INSERT INTO nowhere VALUES (1);\n\n-- down\nDROP INDEX names;\n");
        at.command(&["seal"], 0);
        at.command(&["migrate", "up"], 1);
        at.follow();
        execute(url, "CREATE TABLE nowhere (n INTEGER)");
        at.follow().holds_in("nowhere", "n = 1");
        at.end();
    }

    async fn rollback(url: &str) {
        let mut at = Situation::released(url, "Rollback");
        at.app.edit("    pub email: String,\n", "    pub email: String,\n    pub age: Option<i64>,\n");
        at.command(&["migrate", "create", "add_age"], 0);
        at.command(&["migrate", "up"], 0);
        at.follow().holds("age IS NULL");
        at.end();
    }

    async fn existing_databases(url: &str) {
        let app = App::new("");
        let mut at = Situation::new(url, "Existing databases", app);
        execute(url, "CREATE TABLE users (id BIGINT NOT NULL PRIMARY KEY, name TEXT NOT NULL); INSERT INTO users VALUES (1, 'Ada')");
        at.follow();
        at.app.write("src/lib.rs", "mod tables;\n");
        at.follow().holds("name = 'Ada'");
        at.end();
    }

    async fn sql_script_of_the_schema(url: &str) {
        let mut at = Situation::released(url, "SQL script of the schema");
        at.follow();
        at.end();
    }

    async fn continuous_integration(url: &str) {
        let mut at = Situation::released(url, "Continuous integration");
        at.app.git(&["init", "-q", "-b", "main"]).is(0);
        at.app.commit("released");
        at.app.git(&["update-ref", "refs/remotes/origin/main", "HEAD"]).is(0);
        at.follow();
        at.command(&["drift"], 0);
        at.end();
    }

    async fn reset_a_development_database(url: &str) {
        let mut at = Situation::released(url, "Reset a development database");
        let name = url.rsplit('/').next().expect("a name").split('?').next().expect("a name");
        at.app.write("seeds/users.sql", "INSERT INTO users (id, name, email) VALUES ('2', 'Eve', 'e')");
        for (mut words, status) in at.blocks.next().expect("a block") {
            if url.starts_with("postgres") {
                words.extend(["--force", "--yes-drop", name]);
            }
            at.command(&words, status);
        }
        at.end();
    }
}

/// `rebase.rs` runs the command of this chapter at conflicts of git.
#[test]
fn merge_conflicts() {
    assert_eq!(chapter("Merge conflicts"), [[(vec!["rebase"], 0)]]);
}
