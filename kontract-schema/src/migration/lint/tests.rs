use super::*;
use crate::migration::manual::parse;

/// Posts refer to users.
fn old() -> Schema {
    let json = r#"{
        "users": {"ptr": "users", "layout": "columns", "schema": {"id": {"type": "bigint", "primkey": true}}},
        "posts": {"ptr": "posts", "layout": "columns", "schema": {"id": {"type": "bigint", "primkey": true},
            "author": {"type": "bigint"}},
            "references": {"posts_author_fkey": {"fields": ["author"], "table": "users", "to": ["id"], "on_delete": "cascade"}}},
        "events": {"ptr": "events", "layout": "columns", "partition_by": {"method": "range", "fields": ["id"]},
            "schema": {"id": {"type": "bigint", "primkey": true}}, "indexes": {"by_id": {"fields": ["id"]}}}
    }"#;
    serde_json::from_str(json).expect("a schema")
}

fn lints(text: &str) -> (Vec<String>, Vec<String>) {
    let manual = parse("x.sql", text).unwrap_or_else(|problems| panic!("{problems:?}"));
    let Lints { warnings, stale } = lint("0002_x.sql", &manual, &old(), &[], &Scripts::default());
    let to_text = |found: Vec<Diagnostic>| {
        found.iter().map(|found| format!("{} {}", found.code.unwrap(), found.message)).collect()
    };
    (to_text(warnings), to_text(stale))
}

fn rules_found(header: &str, sql: &str) -> Vec<String> {
    let (warnings, stale) =
        lints(&format!("-- kontract: data\n{header}-- up postgres\n{sql};\n-- up sqlite\n"));
    assert_eq!(stale, [""; 0], "{sql}");
    warnings
}

fn rules_on_sqlite(header: &str, sql: &str) -> Vec<String> {
    let (warnings, stale) =
        lints(&format!("-- kontract: data\n{header}-- up postgres\n-- up sqlite\n{sql};\n"));
    assert_eq!(stale, [""; 0], "{sql}");
    warnings
}

#[test]
fn statements_have_the_rules_of_changes() {
    for (sql, rule) in [
        ("CREATE UNIQUE INDEX a ON users (b)", "I1"),
        ("DROP INDEX a", "I5"),
        ("DROP TABLE IF EXISTS users", "T3"),
        ("ALTER TABLE users DROP COLUMN a", "C14"),
        ("ALTER TABLE \"users\" ALTER a SET NOT NULL", "N2"),
        ("ALTER TABLE users ADD COLUMN a TEXT NOT NULL", "C3"),
        ("ALTER TABLE users ALTER COLUMN a TYPE BIGINT", "Y12"),
        ("ALTER TABLE users ADD CONSTRAINT a CHECK (b > 0)", "K1"),
        ("alter table users rename column a to b", "C18"),
    ] {
        let found = rules_found("", sql);
        assert_eq!(found.len(), 1, "{sql}: {found:?}");
        assert!(found[0].starts_with("K0408 migration `0002_x.sql`: `"), "{found:?}");
        assert!(found[0].ends_with(&format!("({rule})")), "{sql}: {found:?}");
        let header = format!("-- kontract: allow({rule}) it is small\n");
        assert!(rules_found(&header, sql).is_empty(), "{sql}");
    }
}

#[test]
fn tables_with_partitions_have_one_way() {
    for sql in [
        "CREATE INDEX a ON events (b)",
        "DROP INDEX by_id",
        "ALTER TABLE events ADD CONSTRAINT a FOREIGN KEY (b) REFERENCES users",
    ] {
        assert_eq!(rules_found("", sql), [""; 0], "{sql}");
    }
    assert_eq!(rules_found("", "ALTER TABLE events ADD CONSTRAINT a CHECK (b > 0)").len(), 1);
}

#[test]
fn what_blocks_no_session_is_not_reported() {
    for sql in [
        "UPDATE users SET a = 'DROP TABLE users'",
        "CREATE INDEX CONCURRENTLY a ON users (b)",
        "CREATE INDEX a ON new (b)",
        "ALTER TABLE users ADD COLUMN a TEXT NOT NULL DEFAULT ''",
        "ALTER TABLE users ADD CONSTRAINT a CHECK (b > 0) NOT VALID",
        "ALTER TABLE users ADD CONSTRAINT a UNIQUE USING INDEX b",
        "DROP INDEX CONCURRENTLY IF EXISTS a",
        "SELECT count(*) FROM users",
    ] {
        let alone = sql.contains("CONCURRENTLY");
        let mark = if alone { "-- kontract: no-transaction\n" } else { "" };
        assert_eq!(rules_found("", &format!("{mark}{sql}")), [""; 0], "{sql}");
    }
}

#[test]
fn statements_of_sqlite() {
    for (sql, rule) in [
        ("DROP TABLE users", "T3"),
        ("DROP TABLE users; ALTER TABLE users_new RENAME TO users", "T3"),
        ("ALTER TABLE users RENAME TO people", "T6"),
        ("ALTER TABLE users DROP COLUMN a", "C14"),
        ("ALTER TABLE \"users\" DROP a", "C14"),
        ("ALTER TABLE `users` RENAME a TO b", "C18"),
        ("ALTER TABLE users RENAME COLUMN a TO b", "C18"),
        ("ALTER TABLE users ADD COLUMN a TEXT NOT NULL", "C3"),
        ("INSERT OR REPLACE INTO users VALUES (1)", "F3"),
        ("REPLACE INTO users VALUES (1)", "F3"),
        ("UPDATE OR REPLACE users SET id = 1", "F3"),
    ] {
        let found = rules_on_sqlite("", sql);
        assert_eq!(found.len(), 1, "{sql}: {found:?}");
        assert!(found[0].ends_with(&format!("({rule})")), "{sql}: {found:?}");
        let header = format!("-- kontract: allow({rule}) it is small\n");
        assert!(rules_on_sqlite(&header, sql).is_empty(), "{sql}");
    }
    for sql in [
        "REPLACE INTO posts VALUES (1, 1)",
        "INSERT INTO users VALUES (1) ON CONFLICT DO NOTHING",
        "DROP TABLE posts; ALTER TABLE posts_new RENAME TO posts",
        "ALTER TABLE users_new RENAME TO users",
        "ALTER TABLE users ADD COLUMN a TEXT NOT NULL DEFAULT ''",
        "CREATE INDEX a ON users (b); DROP INDEX c",
        "DROP TABLE other",
    ] {
        assert_eq!(rules_on_sqlite("", sql), [""; 0], "{sql}");
    }
    let rebuilt = "DROP TABLE users; ALTER TABLE users_new RENAME TO users";
    assert_eq!(rules_on_sqlite("-- kontract: rebuild\n", rebuilt), [""; 0]);
    let off = parse(
        "x.sql",
        "-- kontract: data\n-- up postgres\n-- up sqlite\nPRAGMA foreign_keys = OFF;\n",
    );
    assert!(off.unwrap_err()[0].message.contains("`-- kontract: rebuild`"));
}

#[test]
fn one_statement_is_allowed_at_a_time() {
    let file = |allow: &str| {
        format!(
            "-- kontract: data\n-- up postgres\nCREATE INDEX a ON users (b);\n{allow}\
             CREATE INDEX c ON users (d);\n-- up sqlite\n-- down\n"
        )
    };
    assert_eq!(lints(&file("")).0.len(), 2);
    let (warnings, stale) = lints(&file("-- kontract: allow(I1) it is small\n"));
    assert_eq!(warnings.len(), 1);
    assert!(warnings[0].contains("`CREATE INDEX a ON users"), "{warnings:?}");
    assert_eq!(stale, [""; 0]);
    // Two rules, and a mode, before one statement.
    let both = "-- kontract: allow(C14) it is empty\n-- kontract: allow(I1) it is small\n";
    let (warnings, stale) = lints(&file(both));
    assert_eq!(warnings.len(), 1);
    assert_eq!(stale, ["K0405 migration `0002_x.sql`, line 4: `allow(C14)` allows nothing"]);
    // At the end of its section it is for nothing, also not for the next one.
    for at in ["-- up sqlite\n", "-- down\n"] {
        let late = file("").replace(at, &format!("-- kontract: allow(I1) it is small\n{at}"));
        let (warnings, stale) = lints(&late);
        assert_eq!((warnings.len(), stale.len()), (2, 1), "{late}");
    }
    let (_, stale) = lints("-- kontract: data\n-- kontract: allow(T3) no\n-- up\nSELECT 1;\n");
    assert_eq!(stale.len(), 1);
}

#[test]
fn lines_stay_where_they_are() {
    let problems = parse(
        "x.sql",
        "-- kontract: data\n-- up\n-- kontract: allow(I1) it is small\nSELECT 1;\nCOMMIT;\n",
    );
    assert!(problems.unwrap_err()[0].message.contains("line 5"));
}
