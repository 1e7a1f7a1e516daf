use super::*;
use crate::gate::gate;
use crate::lock::Manual;
use crate::migration::manual;
use crate::model::Table;

fn schema(fields: &str) -> Schema {
    let json = format!(
        r#"{{"ptr": "users", "layout": "columns", "schema": {{"id": {{"type": "bigint", "primkey": true}}, {fields}}}}}"#
    );
    let mut table: Table = serde_json::from_str(&json).unwrap();
    table.name = "users".to_owned();
    Schema { tables: [("users".to_owned(), table)].into() }
}

const NAME: &str = r#""name": {"type": "string"}"#;
const AGE: &str = r#""age": {"type": "bigint", "optional": true}"#;
const EMAIL: &str = r#""email": {"type": "string", "optional": true}"#;

/// Three migrations: the table, an optional field, another one.
fn history() -> LockFile {
    let mut lock = LockFile::default();
    for (name, fields) in [
        ("init", NAME.to_owned()),
        ("add_age", format!("{NAME}, {AGE}")),
        ("add_email", format!("{NAME}, {AGE}, {EMAIL}")),
    ] {
        let new = schema(&fields);
        let draft = gate(&lock, &new, None).draft;
        lock = LockFile { draft, ..lock }.seal(name, new);
    }
    LockFile::read(&lock.write()).unwrap()
}

/// The lock file with a migration changed, and with the hashes for it.
fn edited(mut lock: LockFile, index: usize, edit: impl Fn(&mut Migration)) -> LockFile {
    edit(&mut lock.migrations[index]);
    for index in index..lock.migrations.len() {
        if let Some(before) = index.checked_sub(1) {
            lock.migrations[index].parent = lock.migrations[before].hash.clone();
        }
        lock.migrations[index] = lock.migrations[index].clone().hashed();
    }
    LockFile::read(&lock.write()).unwrap()
}

fn messages(lock: &LockFile, accepted: &[&str]) -> Vec<String> {
    let accepted: Vec<String> = accepted.iter().map(|version| (*version).to_owned()).collect();
    let compared = compare_statements(lock, 0, |_| None);
    refuse_statements(&compared, &accepted).iter().map(|problem| problem.to_string()).collect()
}

#[test]
fn sealed_statements_are_generated_again() {
    let lock = history();
    let compared = compare_statements(&lock, 0, |_| None);
    assert_eq!(compared.len(), 3);
    assert!(compared.iter().all(|one| matches!(one.result, Comparison::Equal)));
    assert_eq!(compare_statements(&lock, 2, |_| None).len(), 1);
    let before = |index: usize| &lock.migrations[index].origin.as_ref().unwrap().before;
    assert_eq!(before(0).get("users"), Some(&None));
    assert_eq!(before(2)["users"].as_ref().unwrap().schema.len(), 3);
}

#[test]
fn each_part_of_a_migration_is_compared() {
    type Edit = fn(&mut Migration);
    let edits: [(Edit, &str); 8] = [
        (
            |it| it.sql.sqlite.up.push(Step::new("ATTACH DATABASE '/tmp/x' AS x")),
            "on sqlite, statement 2 in it: `ATTACH DATABASE '/tmp/x' AS x`\nnote: generated: nothing",
        ),
        (|it| drop(it.sql.postgres.up.pop()), "on postgres, statement 1 in it: nothing"),
        (
            |it| it.sql.postgres.down.as_mut().unwrap().push(Step::new("DROP TABLE users")),
            "statement of the way back 2 in it: `DROP TABLE users`",
        ),
        (|it| it.sql.sqlite.loses.push("SELECT writefile()".into()), "query before it runs 2"),
        (|it| it.sql.sqlite.up[0].creates.push("x".into()), "the facts about its statements"),
        (|it| it.additive = !it.additive, "older programs cannot run beside it, and they can"),
        (
            |it| it.changes[0].change = "users.age:removed".parse().unwrap(),
            "it lists the changes `users.age:removed`\nnote: its tables changed by `users.age:added`",
        ),
        (
            |it| {
                let origin = it.origin.as_mut().unwrap();
                origin.before.insert("users".into(), None);
            },
            "its tables changed by `users:added`",
        ),
    ];
    for (edit, expected) in edits {
        let found = messages(&edited(history(), 1, edit), &[]);
        let found = found.iter().find(|text| text.contains("migration 2 `add_age`")).unwrap();
        assert!(found.starts_with("kontract[K0409]: migration 2 `add_age`"), "{found}");
        assert!(found.contains(expected), "{found}");
    }
}

#[test]
fn a_change_that_loses_data_needs_a_manual_migration() {
    // All schemas fit: the field goes and comes back.
    let mut lock = history();
    for (name, fields) in
        [("less", format!("{NAME}, {EMAIL}")), ("more", format!("{NAME}, {AGE}, {EMAIL}"))]
    {
        let new = schema(&fields);
        let plan = gate(&lock, &new, None).plan.map(|plan| plan.migration);
        let old = lock.schema();
        let changes = diff(&old, &new);
        let judgements = judge(&Context::new(&old, (&new).into(), &changes, lock.version));
        let history = (lock.version, lock.head());
        let problems = &mut Diagnostics::new();
        let draft = plan_migration(history, &old, &changes, &judgements, None, problems);
        assert!(plan.is_none_or(|plan| plan == draft));
        lock = LockFile { draft: Some(draft), ..lock.clone() }.seal(name, new);
    }
    let found = messages(&lock, &[]);
    assert_eq!(found.len(), 1, "{found:?}");
    assert!(found[0].contains("migration 4 `less` makes a change that needs a manual migration"));
    assert!(found[0].contains("note: `users.age:removed`: "), "{}", found[0]);
}

#[test]
fn a_version_can_be_accepted() {
    let other = |it: &mut Migration| {
        it.origin.as_mut().unwrap().generator = "0.0.9".into();
        it.sql.sqlite.up[0].sql += " NULL";
    };
    let lock = edited(history(), 1, other);
    let found = messages(&lock, &[VERSION, UNRECORDED]);
    assert_eq!(found.len(), 1);
    for expected in [
        &format!("note: Kontract 0.0.9 generated it, and this is Kontract {VERSION}\n"),
        "help: if it was released, write `generators = [\"0.0.9\"]` into kontract.toml",
    ] {
        assert!(found[0].contains(expected), "{}", found[0]);
    }
    assert!(messages(&lock, &["0.0.9"]).is_empty());
    // Of another version, but equal.
    let lock = edited(history(), 1, |it| it.origin.as_mut().unwrap().generator = "0.0.9".into());
    assert!(messages(&lock, &[]).is_empty());
}

#[test]
fn older_histories_have_no_record() {
    let mut lock = history();
    for index in 0..3 {
        lock = edited(lock, index, |it| it.origin = None);
    }
    assert!(messages(&lock, &[]).is_empty());
    let results = compare_statements(&lock, 0, |_| None);
    assert!(results.iter().all(|one| matches!(one.result, Comparison::Unrecorded)));
    // The record begins with the first migration that this version seals.
    let lock_after = |lock: &LockFile| {
        let added = schema(&format!(
            "{NAME}, {AGE}, {EMAIL}, \"x\": {{\"type\": \"string\", \"optional\": true}}"
        ));
        let draft = gate(lock, &added, None).draft;
        LockFile { draft, ..lock.clone() }.seal("x", added)
    };
    let lock = lock_after(&lock);
    assert!(messages(&lock, &[]).is_empty());
    assert!(matches!(compare_statements(&lock, 3, |_| None)[0].result, Comparison::Equal));
    // After it, none can be without.
    let lock = edited(history(), 2, |it| it.origin = None);
    let found = messages(&lock, &[]);
    assert_eq!(found.len(), 1);
    assert!(found[0].contains("migration 3 `add_email` has no record"), "{}", found[0]);
    assert!(messages(&lock, &[UNRECORDED]).is_empty());
}

#[test]
fn the_statements_around_a_manual_file_are_compared() {
    let lock = history();
    let new =
        schema(&format!("{NAME}, {EMAIL}, \"x\": {{\"type\": \"string\", \"optional\": true}}"));
    let text = "-- kontract: covers users.age:removed\n-- up\nALTER TABLE users DROP COLUMN age;\n";
    let record = Manual { file: "0004_less.sql".into(), checksum: manual::checksum(text) };
    let file = ManualFile { name: "less", text, record: &record };
    let draft = gate(&lock, &new, Some(file)).plan.unwrap().migration;
    let lock = LockFile { draft: Some(draft), ..lock }.seal("less", new);
    let result = |lock: &LockFile, text: Option<&str>| {
        let compared = compare_statements(lock, 3, |_| text.map(str::to_owned));
        compared[0].result.clone()
    };
    assert!(matches!(result(&lock, Some(text)), Comparison::Equal));
    assert!(matches!(result(&lock, None), Comparison::NoFile));
    for index in 0..=2 {
        let lock = edited(lock.clone(), 3, |it| {
            it.sql.sqlite.up.insert(index, Step::new("DELETE FROM users"));
        });
        assert!(matches!(result(&lock, Some(text)), Comparison::Different(_)), "{index}");
    }
    // A file that covers less than it has to.
    let less = text.replace("users.age:removed", "users.name:removed");
    let Comparison::Different(problem) = result(&lock, Some(&less)) else { panic!("equal") };
    assert!(problem.message.contains("makes a change that needs a manual migration"));
}
