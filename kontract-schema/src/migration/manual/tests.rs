use super::*;
use crate::sqltext::Unclosed;

const BOTH: [Dialect; 2] = Dialect::ALL;

fn texts(dialect: Dialect, text: &str) -> Vec<String> {
    let found = split_statements(dialect, text).unwrap();
    found.into_iter().map(|statement| statement.text.to_owned()).collect()
}

fn texts_of(steps: &[Step]) -> Vec<String> {
    steps.iter().map(Step::to_text).collect()
}

#[test]
fn semicolons_that_end_no_statement() {
    for dialect in BOTH {
        assert_eq!(
            texts(dialect, "a 'x;''y;' ; b \"q;\"\"\"; -- c;\n/* d; */ e"),
            ["a 'x;''y;'", "b \"q;\"\"\"", "e"]
        );
        assert_eq!(texts(dialect, " ;; -- nothing\n;"), [""; 0]);
    }
    assert_eq!(
        texts(Dialect::Postgres, "DO $$ a; $$; $x$ ; $$ ; $x$; e'\\';'; t$1; /* /* ; */ ; */ z"),
        ["DO $$ a; $$", "$x$ ; $$ ; $x$", "e'\\';'", "t$1", "z"]
    );
    let trigger = "CREATE TRIGGER t AFTER INSERT ON a BEGIN\n  UPDATE a SET x = CASE WHEN y THEN 1 \
                   ELSE 2 END;\n  DELETE FROM b;\nEND";
    assert_eq!(texts(Dialect::Sqlite, &format!("{trigger}; SELECT 1;")), [trigger, "SELECT 1"]);
    assert_eq!(texts(Dialect::Sqlite, "a [x;y]; b `z;`; c"), ["a [x;y]", "b `z;`", "c"]);
    let function = "CREATE FUNCTION f() RETURNS int BEGIN ATOMIC\n SELECT 1; SELECT 2; END";
    assert_eq!(texts(Dialect::Postgres, &format!("{function}; x")), [function, "x"]);
}

#[test]
fn what_is_not_closed_has_its_line() {
    let open = |dialect, text| split_statements(dialect, text).unwrap_err();
    assert_eq!(open(Dialect::Sqlite, "a;\n\nb 'c"), Unclosed { what: "a text", line: 3 });
    assert_eq!(open(Dialect::Postgres, "\n$a$ b $b$").what, "a dollar quote");
    assert_eq!(open(Dialect::Postgres, "/* /* */").what, "a comment");
    assert_eq!(
        open(Dialect::Sqlite, "CREATE TRIGGER t BEGIN x;").what,
        "a body that begins with BEGIN"
    );
}

#[test]
fn statements_a_migration_must_not_have() {
    for dialect in BOTH {
        for text in
            ["BEGIN", "commit", "/* x */ ROLLBACK TO a", "END", "START TRANSACTION", "SAVEPOINT a"]
        {
            assert!(refused_statement(dialect, Mode::Together, text).is_some(), "{text}");
        }
        for text in
            ["SELECT 'COMMIT'", "UPDATE a SET \"begin\" = 1", "CREATE TABLE vacuum_log (x TEXT)"]
        {
            assert_eq!(refused_statement(dialect, Mode::Together, text), None, "{text}");
        }
    }
    assert!(
        refused_statement(
            Dialect::Postgres,
            Mode::Together,
            "CREATE INDEX CONCURRENTLY i ON t (a)"
        )
        .is_some()
    );
    assert!(
        refused_statement(Dialect::Sqlite, Mode::Together, "PRAGMA foreign_keys = OFF").is_some()
    );
}

#[test]
fn sections() {
    let text = "-- About this.\r\n-- kontract: covers users.email:removed,  users.age:type\r\n\r\n\
                -- up\r\nDROP TABLE a;\r\nDROP TABLE b;\r\n-- down postgres\r\nx\r\n";
    let manual = parse("0002_x.sql", text).unwrap();
    assert_eq!(join_ids(&manual.covers, " "), "users.email:removed users.age:type");
    assert_eq!(texts_of(&manual.sql.postgres.up), ["DROP TABLE a", "DROP TABLE b"]);
    assert_eq!(manual.sql.sqlite.up, manual.sql.postgres.up);
    assert_eq!(manual.sql.postgres.down, Some(vec![Step::new("x")]));
    assert_eq!(manual.sql.sqlite.down, None);
}

#[test]
fn statements_say_how_they_run() {
    let text = "-- kontract: data\n-- up postgres\nA; UPDATE a SET b = 1;\n\n\
                -- kontract: no-transaction\n-- because\nCREATE INDEX CONCURRENTLY i ON a (b);\nB;\n\
                -- kontract: repeat\nUPDATE a SET b = 2\nWHERE b = 1;\n-- up sqlite\nA;";
    let up = parse("0002_x.sql", text).unwrap().sql.postgres.up;
    assert_eq!(
        texts_of(&up),
        [
            "A",
            "UPDATE a SET b = 1",
            "-- kontract: no-transaction\nCREATE INDEX CONCURRENTLY i ON a (b)",
            "B",
            "-- kontract: repeat\nUPDATE a SET b = 2\nWHERE b = 1",
        ]
    );
    let wrong = "-- kontract: data\n-- up\n-- kontract: repeat\nSELECT 1;\n-- kontract: no-transaction\nCOMMIT;\nVACUUM;";
    let found = parse("0002_x.sql", wrong).unwrap_err();
    let lines: Vec<&str> = found.iter().map(|p| &p.message[..]).collect();
    assert!(lines[0].contains("line 4: `SELECT` cannot be repeated"), "{lines:?}");
    assert!(lines[1].contains("line 6: `COMMIT`"), "{lines:?}");
    assert!(found[2].help[0].contains("no-transaction"), "{found:?}");
}

#[test]
fn a_checksum_is_of_what_is_done() {
    let text = "-- kontract: covers users.email:removed\n-- up\nUPDATE a SET b = 'x  y';\nDROP TABLE a;\n-- down postgres\nSELECT 1;\n";
    let sum = checksum(text);
    assert!(sum.starts_with("1:sha256:"), "{sum}");
    for same in [
        text.replace('\n', "\r\n"),
        text.replace("UPDATE a", "-- why\nUPDATE  /* this */ a").replace("'x  y';", "'x  y' ;\n\n"),
        text.replace("DROP", "  DROP") + "-- the end",
    ] {
        assert_eq!(checksum(&same), sum, "{same}");
    }
    for other in [
        text.replace("'x  y'", "'x y'"),
        text.replace("DROP TABLE a", "DROP TABLE b"),
        text.replace("email", "mail"),
        text.replace("-- down postgres", "-- down"),
        text.replace("SELECT 1;", ""),
        text.replace("UPDATE", "-- kontract: repeat\nUPDATE"),
        text.replace("-- up", "-- kontract: rebuild\n-- up"),
        text.replace("SELECT 1", "SELECT 'open"),
    ] {
        assert_ne!(checksum(&other), sum, "{other}");
    }
}

fn messages(text: &str) -> Vec<String> {
    parse("0002_x.sql", text).unwrap_err().into_iter().map(|problem| problem.message).collect()
}

#[test]
fn mistakes_have_their_lines() {
    let found = messages(
        "-- kontract: covers email\n-- kontract: cover a:b\nSELECT 1;\n-- up\nCOMMIT;\n\n\
         UPDATE a SET b = <value for b>;\n-- up sqlite\n'",
    );
    let lines: Vec<&str> = found
        .iter()
        .map(|text| text.split_once(", ").unwrap().1.split(':').next().unwrap())
        .collect();
    assert_eq!(lines, ["line 1", "line 2", "line 3", "line 8", "line 5", "line 7"]);
    assert!(messages("-- kontract: covers a:type\n")[0].contains("no section `-- up`"));
    assert!(messages("-- kontract: covers a:type\n-- up sqlite\n")[0].contains("-- up postgres"));
    assert!(messages("-- up\nSELECT 1")[0].contains("covers nothing"));
}

#[test]
fn an_accepted_plan_is_written_below_the_covered_changes() {
    let file = "-- why\r\n-- kontract: covers users.a:removed\r\n\r\n-- up\r\nSELECT 1;\r\n";
    let accepted = with_accept(file, "0123456789abcdef");
    assert_eq!(
        accepted,
        "-- why\r\n-- kontract: covers users.a:removed\r\n-- kontract: accept 0123456789abcdef\r\n\r\n-- up\r\nSELECT 1;\r\n"
    );
    let manual = parse("x.sql", &accepted).unwrap();
    assert_eq!(manual.accepts.as_deref(), Some("0123456789abcdef"));
    // It does not change what the file does, so older checksums stay valid.
    assert_eq!(checksum(&accepted), checksum(file));
    let later = with_accept(&accepted, "fedcba9876543210");
    assert_eq!(later, accepted.replace("0123456789abcdef", "fedcba9876543210"));
    // The same line in a file of another language.
    let other = with_accept("//! kontract: covers users.a:removed\n\nuse x;", "0123456789abcdef");
    assert_eq!(
        other,
        "//! kontract: covers users.a:removed\n//! kontract: accept 0123456789abcdef\n\nuse x;"
    );
    for wrong in ["", "0123", "0123456789ABCDEF", "<hash>"] {
        let text = format!("-- kontract: covers a:type\n-- kontract: accept {wrong}\n-- up\n");
        let found = parse("x.sql", &text).unwrap_err();
        assert!(found[0].message.contains("line 2: `"), "{found:?}");
    }
    let twice = with_accept(file, "0123456789abcdef") + "-- kontract: accept 0123456789abcdef\n";
    assert!(parse("x.sql", &twice).unwrap_err()[0].message.ends_with("a plan is accepted twice"));
}
