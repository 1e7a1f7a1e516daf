use super::*;
use crate::dialect::Dialect;
use crate::model::Table;
use crate::plan::Step;

/// A table of the columns layout in the shape of the lock file.
fn table(name: &str, fields: &str, rest: &str) -> (String, Table) {
    let json = format!(
        r#"{{"ptr": "{name}", "layout": "columns", "schema": {{"id": {{"type": "bigint", "primkey": true}}, {fields}}}{rest}}}"#
    );
    let mut table: Table = serde_json::from_str(&json).unwrap();
    table.name = name.to_owned();
    (name.to_owned(), table)
}

fn schema(fields: &str, rest: &str) -> Schema {
    Schema { tables: [table("users", fields, rest)].into() }
}

fn lock(fields: &str) -> LockFile {
    LockFile { version: 5, ..LockFile::default().with_schema(schema(fields, "")) }
}

fn with_file<'a>(lock: &LockFile, new: impl Into<Target<'a>>, text: &str) -> Gate {
    let record = lock::Manual { file: "0006_x.sql".into(), checksum: "sha256:0".into() };
    gate(lock, new, Some(ManualFile { name: "x", text, record: &record }))
}

const EMAIL: &str = r#""email": {"type": "string"}"#;
const AGE: &str = r#""age": {"type": "bigint"}"#;

#[test]
fn a_draft_continues_the_history() {
    let lock = lock(EMAIL);
    let new = schema(&format!(r#"{EMAIL}, "age": {{"type": "bigint", "optional": true}}"#), "");
    let draft = gate(&lock, &new, None).draft.unwrap();
    assert_eq!((draft.version, draft.name.as_str(), draft.parent.as_str()), (6, "", lock.head()));
    assert_eq!(draft.hash, draft.content_hash());
    let record = ChangeRecord { change: "users.age:added".parse().unwrap(), rule: "C1".into() };
    assert_eq!(draft.changes, [record]);
    for dialect in Dialect::ALL {
        let script = draft.sql.for_dialect(dialect);
        assert!(script.up[0].sql.starts_with("ALTER TABLE users ADD COLUMN age "));
        let back = Step::read_text(dialect, "ALTER TABLE users DROP COLUMN age");
        assert_eq!(script.down.as_deref(), Some(&[back][..]));
    }
}

#[test]
fn all_refusals_at_once_and_one_file_for_all() {
    let lock = lock(&format!("{EMAIL}, {AGE}"));
    let found = gate(&lock, &schema(r#""age": {"type": "string"}"#, ""), None);
    assert!(found.draft.is_none());
    let problems: Vec<_> = found.problems.iter().collect();
    assert_eq!(problems.len(), 2);
    assert!(problems[0].message.contains("type of field `age`"));
    let file = problems[0].migration.as_ref().unwrap();
    assert!(file.contains("-- kontract: covers users.age:type, users.email:removed\n"), "{file}");
    assert!(problems[1].message.contains("field `email` of table `users` was removed"));
    let other = problems[1].help.last().unwrap();
    assert!(other.contains("0006_") && other.contains("`users.email:removed`"), "{other}");
}

#[test]
fn statements_stand_around_those_of_the_file() {
    let lock = lock(EMAIL);
    // `nick` can be added before, the index only after the file has added its column.
    let new = schema(
        r#""nick": {"type": "string", "optional": true}, "age": {"type": "bigint"}"#,
        r#", "indexes": {"idx_users_age": {"fields": ["age"]}}"#,
    );
    let text = "-- kontract: covers users.email:removed, users.age:added\n-- up\nMANUAL;\n-- down\nBACK;\n";
    let plan = with_file(&lock, &new, text).plan.unwrap();
    let found = with_file(&lock, &new, &manual::with_accept(text, &plan.hash));
    let draft = found.draft.unwrap();
    assert_eq!(draft, plan.migration);
    assert_eq!(draft.name, "x");
    assert_eq!(draft.manual.unwrap().file, "0006_x.sql");
    let starts = |list: &[Step]| -> Vec<String> {
        list.iter()
            .map(Step::to_text)
            .map(|sql| sql.split(" users").next().unwrap().to_owned())
            .collect()
    };
    let script = draft.sql.postgres;
    assert_eq!(
        starts(&script.up),
        [
            "ALTER TABLE",
            "MANUAL",
            "-- kontract: no-transaction\nCREATE INDEX CONCURRENTLY IF NOT EXISTS idx_users_age ON"
        ]
    );
    assert_eq!(starts(&script.down.unwrap()), ["DROP INDEX idx_users_age", "BACK", "ALTER TABLE"]);
}

#[test]
fn a_file_covers_what_needs_it_and_nothing_else() {
    let lock = lock(&format!("{EMAIL}, {AGE}"));
    let new =
        schema(r#""age": {"type": "string"}, "nick": {"type": "string", "optional": true}"#, "");
    let messages = |text: &str| -> Vec<String> {
        with_file(&lock, &new, text)
            .problems
            .iter()
            .map(|problem| problem.message.clone())
            .collect()
    };
    let found =
        messages("-- kontract: covers users.age:type, users.nick:added, users.a:type\n-- up\n");
    assert_eq!(found.len(), 3, "{found:?}");
    assert!(found[0].contains("`email` of table `users` was removed"));
    assert_eq!(
        found[1],
        "migration `0006_x.sql` covers `users.nick:added`, which does not need a manual migration"
    );
    assert_eq!(
        found[2],
        "migration `0006_x.sql` covers `users.a:type`, which is not among the changes"
    );
    // A file that cannot be read is one mistake, not one for each change.
    let found = messages("-- kontract: covers users.age:type\nDROP TABLE users;\n");
    assert!(
        found.iter().all(|message| message.contains("migration `0006_x.sql`, line")),
        "{found:?}"
    );
}

#[test]
fn a_wrong_hint_is_wrong_whatever_runs() {
    let lock = lock(EMAIL);
    let mut new = Checked::from(schema(&format!("{EMAIL}, {AGE}"), ""));
    let hints = new.intent.tables.entry("users".into()).or_default();
    hints.fields.entry("age".into()).or_default().renamed_from = Some("years".into());
    let found = gate(&lock, &new, None);
    let messages: Vec<_> = found.problems.iter().map(|problem| problem.message.as_str()).collect();
    assert_eq!(messages, ["field `age` of table `users` cannot have been renamed from `years`"]);
    let found = with_file(&lock, &new, "-- kontract: covers users.age:hint\n-- up\n");
    assert!(found.draft.is_none());
}

#[test]
fn the_same_input_gives_the_same_bytes() {
    let lock = lock(EMAIL);
    let new = schema(AGE, "");
    let (a, b) = (gate(&lock, &new, None), gate(&lock, &new, None));
    let text = |gate: &Gate| gate.problems.iter().map(ToString::to_string).collect::<String>();
    assert_eq!(text(&a), text(&b));
    assert_eq!(a.draft, b.draft);
}

#[test]
fn an_approval_holds_for_one_plan_only() {
    let lock = lock(&format!("{EMAIL}, {AGE}"));
    let new = schema(AGE, "");
    let text = "-- kontract: covers users.email:removed\n-- up\nDROP;\n";
    let messages =
        |found: &Gate| -> Vec<String> { found.problems.iter().map(ToString::to_string).collect() };
    let found = with_file(&lock, &new, text);
    assert!(found.draft.is_none());
    let hash = found.plan.as_ref().unwrap().hash.clone();
    assert_eq!(found.plan.as_ref().unwrap().loses, ["field `email` of table `users` was removed"]);
    assert_eq!(
        messages(&found),
        [format!(
            "kontract[K0407]: migration `0006_x.sql` loses data, and its plan is not accepted\n\
             note: field `email` of table `users` was removed\n\
             help: state the removal of `email` on the struct of `users`: `#[removed(\"email\")]`\n\
             help: or check the plan, `kontract plan`, and accept it, `kontract seal --accept {hash}`: \
             that writes `-- kontract: accept {hash}` into the migration"
        )]
    );
    let accepted = manual::with_accept(text, &hash);
    assert!(with_file(&lock, &new, &accepted).draft.is_some());
    // Blanks and comments of the file are not what it does.
    let spaced = accepted.replace("DROP;", "\n-- gone\n  DROP  ;");
    assert!(with_file(&lock, &new, &spaced).draft.is_some());

    // Another statement, another change beside it, another history, another new schema.
    let others = [
        with_file(&lock, &new, &accepted.replace("DROP;", "DROP CASCADE;")),
        with_file(
            &lock,
            &schema(&format!(r#"{AGE}, "a": {{"type": "bigint", "optional": true}}"#), ""),
            &accepted,
        ),
        with_file(
            &LockFile { migrations: vec![found.plan.unwrap().migration], ..lock.clone() },
            &new,
            &accepted,
        ),
        with_file(&lock, &schema(r#""age": {"type": "bigint", "perm": 4}"#, ""), &accepted),
    ];
    for other in &others {
        assert!(other.draft.is_none());
        let found = messages(other).concat();
        assert!(
            found
                .contains("its plan has changed since it was accepted\nnote: the accepted plan is"),
            "{found}"
        );
        assert!(
            found.contains(&format!("the accepted plan is {hash}, the plan is now ")),
            "{found}"
        );
    }

    // The source states the removal; then there is nothing to accept.
    let mut stated = Checked::from(new.clone());
    stated.intent.tables.entry("users".into()).or_default().removed.push("email".into());
    assert!(with_file(&lock, &stated, text).draft.is_some());
    let found = with_file(&lock, &stated, &accepted);
    assert!(found.draft.is_none());
    assert!(messages(&found)[0].starts_with(
        "kontract[K0406]: migration `0006_x.sql` accepts losses, and does not lose data"
    ));
}

#[test]
fn whatever_loses_data_is_accepted() {
    let lock = LockFile { version: 5, ..LockFile::default().with_schema(schema(AGE, "")) };
    let new = schema(r#""age": {"type": "boolean"}"#, "");
    let text = "-- kontract: covers users.age:type\n-- up\nX;\n";
    let loses = |found: Gate| found.plan.unwrap().loses;
    assert_eq!(
        loses(with_file(&lock, &new, text)),
        ["type of field `age` of table `users` changed from `bigint` to `boolean`"]
    );
    let none = Schema::default();
    let text = "-- kontract: covers users:removed\n-- up\nX;\n";
    assert_eq!(loses(with_file(&lock, &none, text)), ["table `users` was removed"]);
    // Rows that violate a change are not a loss: the migration fails.
    let new = schema(r#""age": {"type": "string"}"#, "");
    let text = "-- kontract: covers users.age:type\n-- up\nX;\n";
    let found = with_file(&lock, &new, text);
    assert!(found.draft.is_some());
}

#[test]
fn rows_that_violate_a_manual_migration_are_counted() {
    let lock = lock(EMAIL);
    let new =
        schema(EMAIL, r#", "indexes": {"users_email_key": {"fields": ["email"], "unique": true}}"#);
    let ready_made = gate(&lock, &new, None).problems.iter().next().unwrap().migration.clone();
    let ready_made = ready_made.unwrap() + "\n";
    let counted = |text: &str| {
        let draft = with_file(&lock, &new, text).draft.unwrap_or_else(|| panic!("{text}"));
        Dialect::ALL.map(|dialect| draft.sql.for_dialect(dialect).obstacles.len())
    };
    assert_eq!(counted(&ready_made), [1, 1]);
    let head = "-- kontract: covers users.users_email_key:index_added\n-- up\n";
    for (statements, expected) in [
        ("CREATE UNIQUE INDEX users_email_key ON users (email);", [1, 1]),
        (
            "UPDATE users SET email = id;\nCREATE UNIQUE INDEX users_email_key ON users (email);",
            [0, 0],
        ),
        ("DELETE FROM users;\nCREATE UNIQUE INDEX users_email_key ON users (email);", [0, 0]),
        ("SELECT merge_users();\nCREATE UNIQUE INDEX users_email_key ON users (email);", [0, 0]),
        ("ALTER TABLE users ALTER COLUMN email TYPE TEXT USING id;\nX;", [0, 0]),
        ("ALTER TABLE users ADD CONSTRAINT users_email_key UNIQUE (email);", [1, 1]),
        ("ALTER TABLE users ADD CONSTRAINT c CHECK (email <> '') NOT VALID;", [0, 0]),
    ] {
        assert_eq!(counted(&format!("{head}{statements}\n")), expected, "{statements}");
    }
}
