//! `kontract drift` on real databases, with rights to read and no more.

use std::fs;
use std::os::unix::fs::PermissionsExt as _;

use kontract_runtime::Base;
use kontract_test_support::{both, execute};

use super::databases::registry;
use super::{App, Ran, USER, run};

fn drift(app: &App, url: &str) -> Ran {
    run(app.dir(), &["drift"], &[("DATABASE_URL", url)])
}

const ITEM: &str = "
#[derive(Table)]
#[table(layout = \"columns\")]
pub struct Item {
    #[primkey]
    pub id: i64,
    #[index]
    pub title: String,
    #[default(1)]
    pub rank: i32,
}
";

async fn set_up(app: &App, url: &str) {
    Base::connect(url, registry(app)).await.expect("created").close().await;
}

both! {
    async fn nothing_and_something(url: &str) {
        let app = App::new(&format!("{USER}{ITEM}"));
        app.run(&["seal", "init"]).is(0);
        set_up(&app, url).await;
        let ran = drift(&app, url);
        assert_eq!(ran.is(0).out, "app: the database is as the lock file says, at version 1\n");
        assert_eq!(ran.err, "");
        execute(url, "DROP INDEX idx_items_title; ALTER TABLE items ADD COLUMN extra TEXT; \
                      CREATE TABLE other (id INTEGER)");
        let ran = drift(&app, url);
        assert_eq!(
            ran.is(1).out.lines().take(2).collect::<Vec<_>>(),
            ["app: the database differs from the lock file at version 1:",
             "  table `items` has no index `idx_items_title`"]
        );
        assert!(ran.out.contains("not managed, and left alone:\n"), "{}", ran.out);
        assert!(ran.out.contains("  table `other`\n"), "{}", ran.out);
        let ran = run(app.dir(), &["drift", "--json", "--database-url", url], &[]);
        let json = ran.is(1).json();
        assert_eq!(json["applied"]["version"], 1);
        assert_eq!(json["differences"][0]["table"], "items");
        assert_eq!(json["differences"][0]["message"], "has no index `idx_items_title`");
        let unmanaged = json["unmanaged"].as_array().expect("a list");
        assert!(unmanaged.iter().any(|what| what == "table `other`"), "{json}");
    }

    async fn what_is_pending_is_told(url: &str) {
        let app = App::new(USER);
        app.run(&["seal", "init"]).is(0);
        let ran = drift_of_an_empty_database(&app, url);
        assert!(ran.is(1).err.contains("it has no history"), "{}", ran.err);
        set_up(&app, url).await;
        app.edit("}\n", &format!("}}\n{ITEM}"));
        app.run(&["seal", "items"]).is(0);
        let ran = drift(&app, url);
        assert!(ran.is(1).err.contains("at version 1 of 2: one migration is pending"), "{}", ran.err);
        assert!(ran.out.contains("table `items` does not exist"), "{}", ran.out);
    }
}

/// SQLite's file has to be there: nothing makes it.
fn drift_of_an_empty_database(app: &App, url: &str) -> Ran {
    if let Some(path) = url.strip_prefix("sqlite:") {
        let ran = drift(app, url);
        assert!(ran.is(3).err.contains("there is no file"), "{}", ran.err);
        assert!(!std::path::Path::new(path).exists(), "it was made");
        execute(url, "VACUUM");
    }
    drift(app, url)
}

#[test]
fn a_role_that_may_only_read_is_enough() {
    let database = kontract_test_support::postgres_database();
    let url = database.url();
    let app = App::new(&format!("{USER}{ITEM}"));
    app.run(&["seal", "init"]).is(0);
    kontract_test_support::block_on(set_up(&app, url));
    let role = format!("reader_{}", std::process::id());
    execute(
        url,
        &format!(
            "REVOKE ALL ON DATABASE {} FROM PUBLIC; CREATE ROLE {role} LOGIN; \
             GRANT CONNECT ON DATABASE {0} TO {role}; \
             ALTER ROLE {role} SET default_transaction_read_only = on; \
             GRANT SELECT ON ALL TABLES IN SCHEMA public TO {role}",
            url.rsplit('/').next().expect("a name")
        ),
    );
    let readers = url.replace("postgres@", &format!("{role}@"));
    assert_ne!(readers, url);
    let ran = drift(&app, &readers);
    execute(url, &format!("DROP OWNED BY {role}; DROP ROLE {role}"));
    assert!(ran.is(0).out.contains("as the lock file says"), "{}", ran.out);
}

#[test]
fn a_file_that_may_only_be_read_is_enough() {
    let database = kontract_test_support::sqlite_database();
    let url = database.url();
    let app = App::new(&format!("{USER}{ITEM}"));
    app.run(&["seal", "init"]).is(0);
    kontract_test_support::block_on(set_up(&app, url));
    let path = std::path::Path::new(url.strip_prefix("sqlite:").expect("a file"));
    fs::set_permissions(path, fs::Permissions::from_mode(0o444)).expect("may be changed");
    let before = fs::read(path).expect("readable");
    assert!(drift(&app, url).is(0).out.contains("as the lock file says"));
    assert_eq!(fs::read(path).expect("readable"), before);
    let beside = path.parent().expect("a directory").read_dir().expect("readable");
    let names: Vec<_> = beside.map(|entry| entry.expect("an entry").file_name()).collect();
    assert_eq!(names, [path.file_name().expect("a name")], "nothing stands beside it");
}

#[test]
fn a_database_that_cannot_be_reached() {
    let app = App::new(USER);
    app.run(&["seal", "init"]).is(0);
    let ran = app.run(&["drift"]);
    assert!(ran.is(3).err.contains("error: no database is named"), "{}", ran.err);
    let ran = drift(&app, "mysql://localhost/x");
    assert!(ran.is(3).err.starts_with("error[K0411]"), "{}", ran.err);
    let ran = drift(&app, "postgres://nobody@127.0.0.1:1/none");
    assert!(ran.is(3).err.starts_with("error[K04"), "{}", ran.err);
}
