//! What tables consist of besides columns, on real databases: created, changed, taken back, compared.

use kontract_test_support::{both, execute};

use super::{App, Ran, run};

/// The source of a package: the items, with the prelude.
fn source(items: &str) -> String {
    format!("use kontract::prelude::*;\n{items}")
}

fn kontract(app: &App, url: &str, arguments: &[&str]) -> Ran {
    run(app.dir(), arguments, &[("DATABASE_URL", url)])
}

/// Seals the source. Changes that are refused get the migration that `kontract migrate create` writes.
fn seal(app: &App, name: &str) {
    if app.run(&["seal", name]).status != 0 {
        app.run(&["migrate", "create", name]).is(1);
        if app.run(&["migrate", "create", name]).status != 0 {
            app.seal_accepting();
        }
    }
}

/// The database has exactly what the lock file has.
#[track_caller]
fn matches(app: &App, url: &str) {
    let ran = kontract(app, url, &["drift"]);
    ran.is(0);
    assert!(ran.out.starts_with("app: the database matches the lock file"), "{}", ran.out);
    assert!(!ran.out.contains("not managed"), "{}", ran.out);
}

/// Creates a database for the first items, changes it to the second, takes the change back and makes
/// it again. The database matches the lock file each time.
#[track_caller]
fn there_and_back(url: &str, before: &str, after: &str) -> App {
    let (old, app) = (App::new(&source(before)), App::new(&source(before)));
    for app in [&old, &app] {
        app.run(&["seal", "init"]).is(0);
    }
    execute(url, "SELECT 1");
    kontract(&old, url, &["migrate", "up"]).is(0);
    matches(&old, url);
    app.write("src/lib.rs", &source(after));
    seal(&app, "change");
    kontract(&app, url, &["migrate", "up"]).is(0);
    matches(&app, url);
    kontract(&app, url, &["migrate", "down", "--to", "1", "--accept-data-loss"]).is(0);
    matches(&old, url);
    kontract(&app, url, &["migrate", "up"]).is(0);
    matches(&app, url);
    app
}

fn fails(url: &str, statements: &str) -> bool {
    std::panic::catch_unwind(|| execute(url, statements)).is_err()
}

both! {
    async fn checks_have_a_text_for_each_database(url: &str) {
        const BEFORE: &str = r#"
            #[derive(Table)]
            #[table(layout = "columns")]
            struct Item {
                #[primkey]
                id: i64,
                #[check("length(title) > 1", name = "title_long")]
                title: String,
            }
        "#;
        let after = BEFORE.replace(
            r#""length(title) > 1""#,
            r#"postgres = "title ~ '^[a-z;]{2,}$'", sqlite = "title NOT GLOB '*[^a-z;]*' AND length(title) > 1""#,
        );
        there_and_back(url, BEFORE, &after);
        execute(url, "INSERT INTO items (id, title) VALUES (1, 'a;b')");
        for title in ["a", "A;b"] {
            assert!(fails(url, &format!("INSERT INTO items (id, title) VALUES (2, '{title}')")), "{title}");
        }
        // A change of the text for one database changes nothing in the other.
        let app = App::new(&source(&after));
        app.run(&["seal", "init"]).is(0);
        app.write("src/lib.rs", &source(&after.replace("{2,}", "{3,}")));
        seal(&app, "longer");
        let lock: serde_json::Value = serde_json::from_str(&app.read("kontract.lock.json")).unwrap();
        let sql = &lock["migrations"][1]["sql"];
        assert!(sql["postgres"]["up"].to_string().contains("{3,}"), "{sql}");
        assert!(sql["sqlite"]["up"].as_array().is_none_or(Vec::is_empty), "{sql}");
    }
}
