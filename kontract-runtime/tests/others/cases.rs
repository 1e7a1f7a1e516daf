//! What SQLite loses or breaks without a word, case by case.

use kontract_schema::intent::{Checked, TableIntent};
use kontract_schema::model::types::Type;
use kontract_schema::model::{Field, Layout, Schema, Table};

use super::file::{File, refusal};
use super::random_schemas::{add_reference, blank, plain};

/// A table with a text key, a check and the fields `name` and `note`.
fn orders() -> Table {
    let mut orders = blank("users", Layout::Columns);
    "orders".clone_into(&mut orders.name);
    "orders".clone_into(&mut orders.ptr);
    for name in ["name", "note"] {
        orders.schema.push(Field { optional: true, ..plain(name, Type::String) });
    }
    orders.checks.insert("orders_check".to_owned(), "id IS NOT NULL".into());
    orders
}

fn checked(tables: impl IntoIterator<Item = Table>) -> Checked {
    let tables = tables.into_iter().map(|table| (table.name.clone(), table)).collect();
    Checked::from(Schema { tables })
}

/// The table under another name and without its check: it is renamed and rebuilt.
fn purchases() -> Checked {
    let mut table = orders();
    "purchases".clone_into(&mut table.name);
    "purchases".clone_into(&mut table.ptr);
    table.checks.clear();
    let mut new = checked([table]);
    let hints = TableIntent { renamed_from: Some("orders".to_owned()), ..TableIntent::default() };
    new.intent.tables.insert("purchases".to_owned(), hints);
    new
}

/// A file with the table `orders` and three rows.
fn file() -> File {
    let mut file = File::new();
    assert!(file.seal(&checked([orders()])));
    file.up().unwrap();
    file.run("INSERT INTO orders (id, name) VALUES ('a', 'one'), ('b', 'two'), ('c', 'three')");
    file
}

#[test]
fn a_table_that_is_renamed_and_rebuilt_keeps_triggers_and_indexes() {
    let mut file = file();
    file.run(
        "CREATE TABLE log (id TEXT); CREATE INDEX theirs ON orders (name); \
         CREATE TRIGGER logs AFTER INSERT ON orders BEGIN INSERT INTO log VALUES (new.id); END; \
         CREATE TRIGGER copies AFTER INSERT ON log BEGIN UPDATE orders SET note = 'seen' WHERE id = new.id; END; \
         CREATE VIEW names AS SELECT name FROM orders",
    );
    assert!(file.seal(&purchases()));
    file.up().unwrap();
    file.run("INSERT INTO purchases (id, name) VALUES ('d', 'four')");
    assert_eq!(file.read("SELECT id FROM log"), "d");
    assert_eq!(file.read("SELECT note FROM purchases WHERE id = 'd'"), "seen");
    assert_eq!(file.read("SELECT count(*) FROM names"), "4");
    assert_eq!(file.read("SELECT tbl_name FROM sqlite_schema WHERE name = 'theirs'"), "purchases");
    file.down().unwrap();
    file.run("INSERT INTO orders (id, name) VALUES ('e', 'five')");
    assert_eq!(file.read("SELECT id FROM log"), "d e");
}

#[test]
fn a_table_that_is_renamed_and_rebuilt_keeps_columns() {
    let mut file = file();
    file.run("ALTER TABLE orders ADD COLUMN invoice TEXT; UPDATE orders SET invoice = id");
    assert!(file.seal(&purchases()));
    let (code, text) = refusal(file.up());
    assert_eq!(code, "K0433", "{text}");
    assert!(text.contains("column `invoice`"), "{text}");
    assert_eq!(file.read("SELECT invoice FROM orders"), "a b c");
}

#[test]
fn a_table_that_is_renamed_and_rebuilt_does_not_break_triggers() {
    let mut file = file();
    file.run(
        "CREATE TABLE log (id TEXT); \
         CREATE TRIGGER logs AFTER INSERT ON orders BEGIN INSERT INTO log VALUES (new.note); END",
    );
    let mut new = purchases();
    let table = new.schema.tables.get_mut("purchases").unwrap();
    table.schema.retain(|field| field.name != "note");
    assert!(file.seal(&new));
    let (code, text) = refusal(file.up());
    assert_eq!(code, "K0464", "{text}");
    assert!(text.contains("trigger `logs` on `purchases`"), "{text}");
}

#[test]
fn a_dropped_table_is_refused_while_others_refer_to_it() {
    for action in ["CASCADE", "SET NULL", "RESTRICT", "NO ACTION"] {
        for rows in [3, 0] {
            let mut file = file();
            file.run(&format!(
                "CREATE TABLE theirs (id INTEGER PRIMARY KEY, g TEXT REFERENCES orders ON DELETE {action}); \
                 INSERT INTO theirs (g) SELECT id FROM orders LIMIT {rows}"
            ));
            let refused = |file: &File, result| {
                let (code, text) = refusal(result);
                assert_eq!(code, "K0428", "{action}: {text}");
                assert!(text.contains("table `theirs` refers to `orders`"), "{text}");
                assert!(text.contains(&format!("rows: {rows}")), "{text}");
                assert_eq!(file.read("SELECT count(g) FROM theirs"), rows.to_string());
                assert_eq!(file.read("SELECT count(*) FROM orders"), "3");
            };
            refused(&file, file.down());
            refused(&file, file.reset());
            assert!(file.seal(&checked([])));
            refused(&file, file.up());
            file.run("DROP TABLE theirs");
            file.up().unwrap();
        }
    }
}

#[test]
fn a_draft_is_not_taken_back_while_others_refer_to_its_table() {
    let mut file = file();
    let mut posts = blank("posts", Layout::Columns);
    add_reference(&mut posts, "orders");
    posts.references.clear();
    assert!(file.draft(&checked([orders(), posts])));
    file.up_with_draft().unwrap();
    file.run(
        "INSERT INTO posts (id) VALUES (1); \
         CREATE TABLE theirs (post INTEGER REFERENCES posts ON DELETE CASCADE); \
         INSERT INTO theirs VALUES (1)",
    );
    file.lock.draft = None;
    let (code, text) = refusal(file.down_to(1));
    assert_eq!(code, "K0428", "{text}");
    assert_eq!(file.read("SELECT post FROM theirs"), "1");
    file.run("DROP TABLE theirs; DELETE FROM posts; CREATE TRIGGER theirs AFTER DELETE ON posts BEGIN SELECT 1; END");
    let (code, text) = refusal(file.up());
    assert_eq!(code, "K0433", "{text}");
    assert!(text.contains("trigger `theirs`"), "{text}");
    file.run("DROP TRIGGER theirs");
    file.up().unwrap();
}

#[test]
fn what_goes_with_a_dropped_table_is_named() {
    let mut file = file();
    file.run(
        "ALTER TABLE orders ADD COLUMN invoice TEXT; CREATE INDEX by_note ON orders (note); \
         CREATE TRIGGER logs AFTER DELETE ON orders BEGIN SELECT 1; END",
    );
    assert!(file.seal(&checked([])));
    let (code, text) = refusal(file.up());
    assert_eq!(code, "K0433", "{text}");
    assert!(text.contains("column `invoice`, index `by_note`, trigger `logs`"), "{text}");
}

#[test]
fn triggers_and_views_that_would_break_are_named() {
    let mut without = orders();
    without.schema.retain(|field| field.name != "note");
    without.checks.clear(); // rebuilt
    for (object, named) in [
        (
            "CREATE TRIGGER t AFTER INSERT ON orders BEGIN INSERT INTO log VALUES (new.note); END",
            "trigger `t` on `orders`",
        ),
        (
            "CREATE TRIGGER t AFTER UPDATE OF name ON orders BEGIN INSERT INTO log VALUES (old.note); END",
            "trigger `t` on `orders`",
        ),
        (
            "CREATE TRIGGER t AFTER DELETE ON log BEGIN DELETE FROM orders WHERE note = old.id; END",
            "trigger `t` on `log`",
        ),
        ("CREATE VIEW v AS SELECT note FROM orders", "view `v`"),
        (
            "CREATE VIEW v AS SELECT name FROM orders; CREATE TRIGGER t INSTEAD OF INSERT ON v BEGIN INSERT INTO orders (id, note) VALUES (new.name, 1); END",
            "trigger `t` on `v`",
        ),
        ("CREATE VIRTUAL TABLE f USING fts5(note, content='orders')", "full-text table `f`"),
    ] {
        let mut file = file();
        file.run(&format!("CREATE TABLE log (id TEXT); {object}"));
        // A trigger that was broken before is not the migration's.
        file.run("CREATE TABLE old (id TEXT); CREATE TRIGGER broken AFTER INSERT ON old BEGIN INSERT INTO gone VALUES (1); END");
        assert!(file.seal(&checked([without.clone()])));
        let (code, text) = refusal(file.up());
        assert_eq!(code, "K0464", "{object}: {text}");
        assert!(text.contains(&format!("{named} would no longer work: ")), "{text}");
        assert!(text.contains("no such column") || text.contains("no column named"), "{text}");
        assert_eq!(file.read("SELECT count(*) FROM pragma_table_info('orders')"), "3");
    }
}

#[test]
fn a_generated_column_that_uses_a_dropped_column_is_named() {
    let mut file = file();
    let mut without = orders();
    without.schema.retain(|field| field.name != "note");
    file.run(
        "ALTER TABLE orders ADD COLUMN loud TEXT AS (upper(note)); \
         ALTER TABLE orders ADD COLUMN other TEXT AS (upper(name))",
    );
    assert!(file.seal(&checked([without])));
    let (code, text) = refusal(file.up());
    assert_eq!(code, "K0464", "{text}");
    assert!(text.contains("generated column `loud` of `orders` would no longer work"), "{text}");
    file.run("ALTER TABLE orders DROP COLUMN loud");
    file.up().unwrap();
    assert_eq!(file.read("SELECT other FROM orders"), "ONE TWO THREE");
}

#[test]
fn a_rebuild_keeps_rowids() {
    let mut file = file();
    file.run(
        "UPDATE orders SET rowid = rowid * 10; \
         CREATE VIRTUAL TABLE search USING fts5(name, content='orders'); \
         INSERT INTO search (search) VALUES ('rebuild')",
    );
    let mut new = orders();
    new.checks.clear();
    assert!(file.seal(&checked([new])));
    file.up().unwrap();
    assert_eq!(file.read("SELECT rowid FROM orders"), "10 20 30");
    assert_eq!(file.read("SELECT name FROM search WHERE search MATCH 'two'"), "two");
    file.down().unwrap();
    assert_eq!(file.read("SELECT rowid FROM orders"), "10 20 30");
}

#[test]
fn columns_with_the_names_of_the_rowid_keep_their_values() {
    let mut table = orders();
    table.schema.push(Field { column: Some("RowId".to_owned()), ..plain("first", Type::String) });
    let (mut other, mut all) = (table.clone(), table.clone());
    other.checks.clear();
    for column in ["_rowid_", "oid"] {
        all.schema.push(Field { column: Some(column.to_owned()), ..plain(column, Type::String) });
    }
    let mut without = all.clone();
    without.checks.clear();
    for (old, new, rowids) in [(table, other, "10 20 30"), (all, without, "1 2 3")] {
        let mut file = File::new();
        let columns: Vec<&str> = old.schema.iter().skip(3).map(|field| field.column()).collect();
        assert!(file.seal(&checked([old.clone()])));
        file.up().unwrap();
        let values = columns.iter().map(|name| format!(", 'my {name}'")).collect::<String>();
        let insert = format!("INSERT INTO orders (id, {}) VALUES", columns.join(", "));
        let rows: Vec<String> =
            ["a", "b", "c"].map(|id| format!("{insert} ('{id}'{values})")).into();
        file.run(&rows.join("; "));
        if columns.len() == 1 {
            file.run("UPDATE orders SET _rowid_ = _rowid_ * 10");
        }
        assert!(file.seal(&checked([new])));
        file.up().unwrap();
        for column in &columns {
            let value = format!("my {column}");
            let query = format!("SELECT \"{column}\" FROM orders LIMIT 1");
            assert_eq!(file.read(&query), value);
        }
        if columns.len() == 1 {
            assert_eq!(file.read("SELECT _rowid_ FROM orders"), rowids);
        }
    }
}

#[test]
fn a_table_without_rowid_is_not_rebuilt() {
    let mut file = file();
    file.run(
        "DROP TABLE orders; CREATE TABLE orders (id TEXT NOT NULL PRIMARY KEY, name TEXT, note TEXT, \
         CONSTRAINT orders_check CHECK (id IS NOT NULL)) STRICT, WITHOUT ROWID",
    );
    let mut new = orders();
    new.checks.clear();
    assert!(file.seal(&checked([new])));
    let (code, text) = refusal(file.up());
    assert_eq!(code, "K0433", "{text}");
    assert!(text.contains("would drop WITHOUT ROWID"), "{text}");
}

#[test]
fn a_reference_to_a_column_that_is_no_longer_unique_is_named() {
    let mut table = orders();
    super::random_schemas::add_index(&mut table, 1, true);
    let mut file = File::new();
    assert!(file.seal(&checked([table.clone()])));
    file.up().unwrap();
    let name = table.indexes.keys().next().unwrap().clone();
    let columns = file.read(&format!("SELECT group_concat(name) FROM pragma_index_info('{name}')"));
    file.run(&format!(
        "CREATE TABLE theirs (a TEXT, b TEXT, FOREIGN KEY (a, b) REFERENCES orders ({columns}))"
    ));
    table.indexes.clear();
    assert!(file.seal(&checked([table])));
    let (code, text) = refusal(file.up());
    assert_eq!(code, "K0428", "{text}");
    assert!(text.contains("table `theirs` refers to"), "{text}");
    file.run("INSERT INTO theirs VALUES (NULL, NULL)");
}

#[test]
fn rows_of_others_that_violated_a_reference_before_are_left_alone() {
    let mut file = file();
    file.run(
        "PRAGMA foreign_keys = OFF; CREATE TABLE theirs (g TEXT REFERENCES orders); \
         INSERT INTO theirs VALUES ('a'), ('missing')",
    );
    let mut new = orders();
    new.checks.clear();
    assert!(file.seal(&checked([new])));
    file.up().unwrap();
    assert_eq!(file.read("SELECT g FROM theirs"), "a missing");
}
