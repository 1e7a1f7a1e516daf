//! The key of a package's history in a database: kontract.toml, and packages that are renamed or split.

use kontract_test_support::{both, execute};

use super::{App, ITEM, Ran, USER, run};

fn kontract(app: &App, url: &str, arguments: &[&str]) -> Ran {
    run(app.dir(), arguments, &[("DATABASE_URL", url)])
}

/// Gives the package another name.
fn rename(app: &App, old: &str, new: &str) {
    let manifest = app.read("Cargo.toml");
    let (old, new) = (format!("name = \"{old}\""), format!("name = \"{new}\""));
    assert!(manifest.contains(&old), "{manifest}");
    app.write("Cargo.toml", &manifest.replace(&old, &new));
}

/// Fails unless exactly so many rows of the history have the condition.
fn has_rows(url: &str, condition: &str, count: u32) {
    execute(
        url,
        &format!(
            "CREATE TABLE proof (n INTEGER CHECK (n = {count})); INSERT INTO proof \
             SELECT count(*) FROM _kontract_migrations WHERE {condition}; DROP TABLE proof"
        ),
    );
}

/// The tables `users` and `items`, a migration each.
fn app() -> App {
    let app = App::new(USER);
    app.run(&["seal", "init"]).is(0);
    app.edit("}\n", &format!("}}\n{ITEM}"));
    app.run(&["seal", "items"]).is(0);
    app
}

both! {
    async fn the_key_of_kontract_toml(url: &str) {
        let app = app();
        execute(url, "CREATE TABLE other (id INTEGER)");
        app.write("kontract.toml", "history_key = \"shop\"\n");
        kontract(&app, url, &["migrate", "up"]).is(0);
        has_rows(url, "package = 'shop'", 2);
        has_rows(url, "package <> 'shop'", 0);
        rename(&app, "app", "models");
        kontract(&app, url, &["migrate", "status"]).is(0);
        kontract(&app, url, &["drift"]).is(0);
        assert_eq!(kontract(&app, url, &["migrate", "up"]).is(0).out, "models: nothing to do\n");
        let script = app.run(&["sql", "--dialect", "sqlite"]).is(0).out.clone();
        assert!(script.contains("('shop', 1, 'init',"), "{script}");
        app.write("kontract.toml", "history_key = \"a b\"\n");
        let ran = kontract(&app, url, &["check"]);
        assert!(ran.is(1).err.contains("`history_key` cannot be \"a b\""), "{}", ran.err);
    }

    async fn a_renamed_package_adopts_its_history(url: &str) {
        let app = app();
        execute(url, "CREATE TABLE other (id INTEGER)");
        kontract(&app, url, &["migrate", "up", "--to", "1"]).is(0);
        rename(&app, "app", "models");
        let ran = kontract(&app, url, &["migrate", "up"]);
        assert!(ran.is(1).err.starts_with("error[K0463]"), "{}", ran.err);
        assert!(ran.err.contains("`kontract migrate adopt-history --from app`"), "{}", ran.err);
        let ran = kontract(&app, url, &["migrate", "adopt-history", "--from", "nothing"]);
        assert!(ran.is(1).err.starts_with("error[K0468]: the database has no history of `nothing`"), "{}", ran.err);
        assert!(ran.err.contains("it has histories of `app`"), "{}", ran.err);
        let ran = kontract(&app, url, &["migrate", "adopt-history", "--from", "app", "--dry-run"]);
        let update = "-- models, the adoption of the history of `app`\nUPDATE _kontract_migrations SET package = 'models' WHERE package = 'app';\n";
        assert!(ran.is(0).out.starts_with(update), "{}", ran.out);
        has_rows(url, "package = 'app'", 1);
        let ran = kontract(&app, url, &["migrate", "adopt-history", "--from", "app"]);
        assert_eq!(ran.is(0).out, "models: done:\n  the adoption of the history of `app`\n");
        has_rows(url, "package = 'models'", 1);
        has_rows(url, "package = 'app'", 0);
        assert_eq!(kontract(&app, url, &["migrate", "up"]).is(0).out, "models: done:\n  migration 2 `items`\n");
        kontract(&app, url, &["migrate", "status"]).is(0);
        let ran = kontract(&app, url, &["migrate", "adopt-history", "--from", "app"]);
        assert!(ran.is(1).err.starts_with("error[K0468]: the database has a history of `models` already"), "{}", ran.err);
    }

    async fn a_split_package_adopts_its_tables(url: &str) {
        let whole = app();
        execute(url, "CREATE TABLE other (id INTEGER)");
        kontract(&whole, url, &["migrate", "up"]).is(0);
        execute(url, "INSERT INTO items (id, title) VALUES (1, 'a')");
        // The struct `Item` moves to a package of its own.
        let part = App::new(&format!("use kontract::prelude::*;\n{ITEM}"));
        rename(&part, "app", "items");
        part.run(&["seal", "items"]).is(0);
        let ran = kontract(&part, url, &["migrate", "up"]);
        assert!(ran.is(1).err.starts_with("error[K0463]: table `items` belongs to the package `app`"), "{}", ran.err);
        let ran = kontract(&part, url, &["migrate", "adopt-history", "--from", "app", "--dry-run"]);
        assert!(ran.is(0).out.contains("the rows of 'app' in _kontract_migrations no longer list: items"), "{}", ran.out);
        // Tables that differ are not adopted.
        execute(url, "ALTER TABLE items RENAME COLUMN title TO name");
        let ran = kontract(&part, url, &["migrate", "adopt-history", "--from", "app"]);
        assert!(ran.is(1).err.starts_with("error[K0427]"), "{}", ran.err);
        has_rows(url, "package = 'items'", 0);
        has_rows(url, "tables LIKE '%\"items\"%'", 2);
        execute(url, "ALTER TABLE items RENAME COLUMN name TO title");
        let ran = kontract(&part, url, &["migrate", "adopt-history", "--from", "app"]);
        assert_eq!(ran.is(0).out, "items: done:\n  the adoption of tables of `app`\n");
        has_rows(url, "package = 'items' AND state = 'done'", 1);
        has_rows(url, "package = 'app' AND tables LIKE '%\"items\"%'", 0);
        kontract(&part, url, &["migrate", "status"]).is(0);
        // The former package gives the table up without a statement.
        whole.edit("#[table(layout = \"columns\")]", "#[table(layout = \"columns\", external)]");
        whole.run(&["seal", "items_moved"]).is(0);
        kontract(&whole, url, &["migrate", "up"]).is(0);
        execute(url, "UPDATE items SET title = 'b' WHERE id = 1");
        part.edit("    pub title: String,\n", "    pub title: String,\n    pub rank: Option<i32>,\n");
        part.run(&["seal", "rank"]).is(0);
        kontract(&part, url, &["migrate", "up"]).is(0);
        // A package that has nothing of the other one.
        let third = App::new(&format!("use kontract::prelude::*;\n{}", ITEM.replace("Item", "Thing")));
        rename(&third, "app", "things");
        third.run(&["seal", "things"]).is(0);
        let ran = kontract(&third, url, &["migrate", "adopt-history", "--from", "app"]);
        assert!(ran.is(1).err.starts_with("error[K0468]: the history of `app` has neither"), "{}", ran.err);
    }
}
