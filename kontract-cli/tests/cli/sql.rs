//! `kontract sql` on real databases: a program that connects afterwards runs no migration.

use kontract_runtime::{Base, Registry};
use kontract_schema::lock::LockFile;
use kontract_test_support::{both, execute};

use super::{App, USER};

/// The registry that the build script would write for this package.
pub fn registry(app: &App) -> &'static Registry {
    let text: &'static str = app.read("kontract.lock.json").leak();
    let lock = LockFile::read(text).expect("a lock file");
    let head: &'static str = lock.head().to_owned().leak();
    Box::leak(Box::new(Registry {
        package: "app",
        version: lock.version,
        head,
        draft: None,
        lock: text,
        debug: true,
        generators: &[],
        migrations: &[],
    }))
}

fn script(app: &App, url: &str) -> String {
    let dialect = if url.starts_with("sqlite") { "sqlite" } else { "postgres" };
    app.run(&["sql", "--dialect", dialect]).is(0).out.clone()
}

/// Fails unless the history has that many rows, and none was written since they were marked.
fn assert_marked(url: &str, rows: usize) {
    execute(
        url,
        &format!(
            "CREATE TABLE proof (n INTEGER CHECK (n = {rows})); \
             INSERT INTO proof SELECT count(*) FROM _kontract_migrations WHERE applied_at = 42"
        ),
    );
}

fn fails(url: &str, statements: &str) -> bool {
    std::panic::catch_unwind(|| execute(url, statements)).is_err()
}

const POST: &str = "
#[derive(Table)]
#[table(layout = \"columns\", versioned, ordered)]
pub struct Post {
    #[primkey]
    pub id: i64,
    #[references(User)]
    #[index]
    pub author: String,
    #[unique]
    pub title: String,
    #[check(\"rank > 0\")]
    pub rank: Option<i32>,
}
";

both! {
    async fn the_script_creates_the_schema(url: &str) {
        let app = App::new(USER);
        app.run(&["seal", "init"]).is(0);
        app.edit("}\n", &format!("}}\n{}", POST.replace("    #[references(User)]\n", "")));
        app.run(&["seal", "posts"]).is(0);
        let text = script(&app, url);
        assert_eq!(text, script(&app, url), "the same bytes every time");
        execute(url, &text);
        execute(url, "UPDATE _kontract_migrations SET applied_at = 42 \
                      WHERE applied_at BETWEEN 1700000000000 AND 9000000000000");
        let base = Base::connect(url, registry(&app)).await.expect("up to date");
        base.verify().await.expect("as the lock file says");
        base.close().await;
        assert_marked(url, 2);
        // The next migration runs on top of the script.
        app.edit("    pub title: String,\n", "    pub title: String,\n    pub text: Option<String>,\n");
        app.run(&["seal", "text"]).is(0);
        let base = Base::connect(url, registry(&app)).await.expect("migrated");
        base.verify().await.expect("as the lock file says");
        base.close().await;
        execute(url, "DROP TABLE proof");
        assert_marked(url, 2);
        execute(url, "INSERT INTO posts (id, author, title, _order) VALUES (1, 'a', 'b', 1)");
        execute(url, "UPDATE posts SET text = 'c'");
    }

    async fn the_script_runs_data_migrations(url: &str) {
        let app = App::new(&USER.replace("Serialize, Deserialize, Table)]", "Table)]\n#[table(layout = \"columns\")]"));
        app.run(&["seal", "init"]).is(0);
        app.remove_email();
        app.run(&["migrate", "create", "less"]).is(1);
        let file = "migrations/0002_less.sql";
        let text = app.read(file);
        let (covers, drop) = text.split_once("-- up\n").expect("one section");
        let insert = |name: &str| format!("INSERT INTO users (id, name, email) VALUES ('1', '{name}', 'x');");
        let repeat = "-- kontract: repeat\nUPDATE users SET name = 'Ada; Al' WHERE name = 'Ada';";
        let (postgres, sqlite) = (insert("Ada"), insert("Ada; Al"));
        app.write(file, &format!("{covers}-- up postgres\n{postgres}\n{repeat}\n{drop}\n-- up sqlite\n{sqlite}\n{drop}"));
        app.run(&["seal"]).is(0);
        execute(url, &script(&app, url));
        execute(url, "UPDATE _kontract_migrations SET applied_at = 42");
        Base::connect(url, registry(&app)).await.expect("up to date").close().await;
        assert_marked(url, 2);
        execute(url, "UPDATE users SET name = name WHERE id = '1'");
        execute(url, "CREATE TABLE one (n INTEGER CHECK (n = 1)); \
                      INSERT INTO one SELECT count(*) FROM users WHERE name = 'Ada; Al'");
    }

    async fn the_script_fails_on_a_database_with_a_history(url: &str) {
        let app = App::new(USER);
        app.run(&["seal", "init"]).is(0);
        Base::connect(url, registry(&app)).await.expect("created").close().await;
        app.edit("}\n", &format!("}}\n{}", POST.replace("    #[references(User)]\n", "")));
        app.run(&["seal", "posts"]).is(0);
        assert!(fails(url, &script(&app, url)));
        assert!(fails(url, "DELETE FROM posts"), "the table exists");
        // The script changed nothing: the program migrates the database.
        let base = Base::connect(url, registry(&app)).await.expect("migrated");
        base.verify().await.expect("as the lock file says");
        base.close().await;
    }

    async fn the_start_reports_tables_that_differ(url: &str) {
        let app = App::new(USER);
        app.run(&["seal", "init"]).is(0);
        let text = script(&app, url);
        let name = text.split("EXISTS tbl_users_").nth(1).expect("a table").split(' ').next().expect("its name");
        execute(url, &format!("CREATE TABLE tbl_users_{name} (id TEXT PRIMARY KEY, data TEXT, _txid BIGINT, _owner TEXT, _order BIGINT, _deleted_txid BIGINT)"));
        execute(url, &text);
        let error = Base::connect(url, registry(&app)).await.err().expect("refused");
        assert_eq!(error.code(), Some("K0427"), "{error}");
    }
}

#[test]
fn sql_refuses_an_empty_history_and_one_that_no_script_can_run() {
    let app = App::new(USER);
    let ran = app.run(&["sql"]);
    assert!(ran.is(3).err.starts_with("error[K0311]: nothing is sealed yet"), "{}", ran.err);
    app.run(&["seal", "init"]).is(0);
    app.remove_email();
    let ran = app.run(&["sql"]);
    assert!(
        ran.is(0).err.contains("the source has unsealed changes; they are not in the script"),
        "{}",
        ran.err
    );
    assert!(ran.out.contains("'email'"), "{}", ran.out);
    app.run(&["migrate", "create", "less"]).is(1);
    app.run(&["seal"]).is(0);
    app.run(&["sql", "--dialect", "postgres"]).is(0);
    let ran = app.run(&["sql", "--dialect", "sqlite"]);
    assert!(ran.is(3).err.contains("which a script cannot do"), "{}", ran.err);
}
