//! Histories and lock files in, steps and refusals out.

use kontract_schema::lock::{LockFile, Script, Scripts};

use super::*;
use crate::migrate::options::Options;

fn migration(version: u32, name: &str, parent: &str) -> Migration {
    let script = Script { up: vec![Statement::new(format!("-- {version}"))], ..Script::default() };
    Migration {
        version,
        name: name.into(),
        parent: parent.into(),
        hash: String::new(),
        checksum: String::new(),
        changes: Vec::new(),
        additive: false,
        manual: None,
        origin: None,
        sql: Scripts { postgres: script.clone(), sqlite: script },
    }
    .hashed()
}

fn target(sealed: u32, draft: bool) -> Target {
    let mut lock = LockFile { version: sealed, ..LockFile::default() };
    for version in 1..=sealed {
        let parent = lock.head().to_owned();
        lock.migrations.push(migration(version, &format!("m{version}"), &parent));
    }
    if draft {
        lock.draft = Some(migration(sealed + 1, "", lock.head()));
    }
    let drafts = if draft { Drafts::Apply } else { Drafts::Revert };
    Target::new(lock, "app", Goal::Up { until: None, drafts }, Options::default())
}

fn row(migration: &Migration, is_draft: bool) -> Applied {
    Applied {
        version: migration.version,
        name: migration.name.clone(),
        hash: migration.hash.clone(),
        state: if is_draft { State::Draft } else { State::Done },
        step: 0,
        additive: false,
        reverse: is_draft.then(|| "{\"statements\":[\"back\"],\"loses\":[]}".into()),
        applied_at: 0,
    }
}

fn code(result: Result<Option<Step>>) -> &'static str {
    result.expect_err("refused").code().expect("it has a code")
}

const HERE: Dialect = Dialect::Sqlite;

#[test]
fn goes_step_by_step_to_the_end() {
    let target = target(3, true);
    let rows: Vec<Applied> = target.lock.migrations.iter().map(|m| row(m, false)).collect();
    let draft = target.lock.draft.clone().expect("a draft");
    assert_eq!(decide(&target, HERE, &[]).ok().flatten(), Some(Step::Create(vec![])));
    assert_eq!(
        decide(&target, HERE, &rows[..2]).ok().flatten(),
        Some(Step::Apply { index: Some(2) })
    );
    assert_eq!(decide(&target, HERE, &rows).ok().flatten(), Some(Step::Apply { index: None }));
    let with_draft: Vec<_> = rows.iter().cloned().chain([row(&draft, true)]).collect();
    assert_eq!(decide(&target, HERE, &with_draft).ok(), Some(None));
}

#[test]
fn a_draft_that_changed_is_taken_back_and_a_sealed_one_stays() {
    let before = target(1, true);
    let draft = row(before.lock.draft.as_ref().expect("a draft"), true);
    let history = [row(&before.lock.migrations[0], false), draft];
    let sealed = target(2, false);
    assert_eq!(decide(&sealed, HERE, &history).ok().flatten(), Some(Step::Seal { index: 1 }));
    let none = target(1, false);
    let reversal = Reversal {
        statements: vec![Statement::new("back")],
        loses: Vec::new(),
        taken: Vec::new(),
        rust: None,
    };
    let back = Step::Reverse { version: 2, is_draft: true, reversal };
    assert_eq!(decide(&none, HERE, &history).ok().flatten(), Some(back));
    let stuck = [history[0].clone(), Applied { reverse: None, ..history[1].clone() }];
    assert_eq!(code(decide(&none, HERE, &stuck)), "K0424");
}

#[test]
fn goes_back_all_the_way_or_not_at_all() {
    let mut target = target(3, false);
    target.goal = Goal::Down { to: 0, lose: false };
    for version in [1, 3] {
        target.lock.migrations[version - 1].sql.sqlite.down = Some(Vec::new());
    }
    let rows: Vec<Applied> = target.lock.migrations.iter().map(|m| row(m, false)).collect();
    let error = decide(&target, HERE, &rows).expect_err("2 has no way back");
    assert_eq!(error.code(), Some("K0443"));
    let text = format!("{error:?}");
    assert!(text.contains("migration 2 `m2` has no way back; nothing was taken back"), "{text}");
    assert!(text.contains("`kontract migrate down --to 2`"), "{text}");
    target.goal = Goal::Down { to: 2, lose: false };
    assert!(matches!(decide(&target, HERE, &rows), Ok(Some(Step::Reverse { version: 3, .. }))));
}

#[test]
fn refuses_histories_of_others() {
    let target = target(2, false);
    let rows: Vec<Applied> = target.lock.migrations.iter().map(|m| row(m, false)).collect();
    let newer = Applied { version: 3, ..rows[1].clone() };
    assert_eq!(code(decide(&target, HERE, &[&rows[..], &[newer]].concat())), "K0420");
    let other = Applied { hash: "sha256:0".into(), ..rows[0].clone() };
    assert_eq!(code(decide(&target, HERE, &[other])), "K0421");
    assert_eq!(code(decide(&target, HERE, &rows[1..])), "K0422");
}

/// A migration of these statements, interrupted after `step` of them.
fn interrupted(up: &[&str], down: Option<&[&str]>, state: State, step: usize) -> Applied {
    let script = Script {
        up: Statement::read_texts(HERE, up),
        down: down.map(|down| Statement::read_texts(HERE, down)),
        ..Script::default()
    };
    let reverse = Reversal::json_of_begun(&script, None);
    Applied { state, step, reverse, hash: "sha256:0".into(), ..row(&migration(1, "m", ""), false) }
}

#[test]
fn a_migration_that_was_changed_behind_what_is_done_goes_on() {
    let one = ["CREATE TABLE a (id INT)", "-- kontract: no-transaction\nANALYZE", "SELECT 1"];
    let mut target = target(1, false);
    let mut decide_with = |up: &[&str], state, step| {
        target.lock.migrations[0].sql.sqlite.up = Statement::read_texts(HERE, up);
        decide(&target, HERE, &[interrupted(&one, None, state, step)])
    };
    let other = [one[0], one[1], "SELECT 2"];
    let goes_on = |done, started| Some(Step::Continue { index: 0, done, started });
    assert_eq!(decide_with(&other, State::Running, 2).ok(), Some(goes_on(2, false)));
    assert_eq!(decide_with(&other, State::Started, 1).ok(), Some(goes_on(1, true)));
    assert_eq!(decide_with(&other[..1], State::Running, 1).ok(), Some(goes_on(1, false)));
    // Nothing was done, so nothing has to be alike.
    let all = Some(Step::Apply { index: Some(0) });
    assert_eq!(decide_with(&["SELECT 3"], State::Running, 0).ok(), Some(all));
    let different = ["SELECT 3", one[1], one[2]];
    assert_eq!(decide_with(&different, State::Running, 0).ok(), Some(goes_on(0, false)));
    assert_eq!(code(decide_with(&different, State::Running, 1)), "K0440");
    assert_eq!(code(decide_with(&[one[0], "SELECT 3"], State::Started, 1)), "K0440");
    assert_eq!(code(decide_with(&one[..1], State::Running, 2)), "K0440");
    let unknown = Applied { reverse: None, ..interrupted(&one, None, State::Running, 0) };
    assert_eq!(code(decide(&target, HERE, &[unknown])), "K0440");
}

#[test]
fn only_what_statements_can_undo_is_undone() {
    let changes_tables = ["CREATE TABLE a (id INT)", "-- kontract: no-transaction\nANALYZE"];
    let changes_rows = ["UPDATE a SET n = 1", changes_tables[1]];
    let back: Option<&[&str]> = Some(&["DROP TABLE a"]);
    let back_with_rows: Option<&[&str]> = Some(&["UPDATE a SET n = 0"]);
    let mut target = target(1, false);
    target.goal = Goal::Resolve(Resolution::RolledBack { by_hand: false, lose: false });
    for (up, down, step, expected) in [
        (changes_tables, back, 1, Ok(1)),
        (changes_rows, back, 1, Ok(1)),
        (changes_tables, None, 1, Ok(0)),
        (changes_rows, None, 1, Err("K0465")),
        (changes_rows, None, 0, Ok(0)),
        (changes_tables, back_with_rows, 1, Err("K0465")),
        (changes_tables, back_with_rows, 2, Ok(1)),
    ] {
        let decided = decide(&target, HERE, &[interrupted(&up, down, State::Running, step)]);
        let found = match decided {
            Ok(Some(Step::Undo(undo))) => Ok(undo.statements.len()),
            decided => Err(code(decided)),
        };
        assert_eq!(found, expected, "{up:?} {down:?} {step}");
    }
    target.goal = Goal::Resolve(Resolution::RolledBack { by_hand: true, lose: false });
    let by_hand = decide(&target, HERE, &[interrupted(&changes_rows, None, State::Started, 0)]);
    assert!(matches!(by_hand, Ok(Some(Step::Undo(_)))));
}
