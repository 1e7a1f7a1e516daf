//! The actions of each kind of step, on both databases.

use kontract_schema::dialect::Dialect;
use kontract_schema::lock::{LockFile, Manual, Obstacle, Script, Scripts};

use super::*;
use crate::migrate::options::Options;
use crate::migrate::resolution::Resolution;
use crate::migrate::target::{Drafts, Goal};

const UP: Goal = Goal::Up { until: None, drafts: Drafts::Revert };
const ALONE: &str = "-- kontract: no-transaction\n";
const REPEAT: &str = "-- kontract: repeat\n";

/// A sealed migration of these statements.
fn migration(lock: &LockFile, statements: &[&str]) -> Migration {
    let script = |dialect| Script {
        up: Statement::read_texts(dialect, statements),
        down: Some(vec![Statement::new("BACK")]),
        ..Script::default()
    };
    Migration {
        version: lock.version + 1,
        name: "m".into(),
        parent: lock.head().to_owned(),
        hash: String::new(),
        checksum: String::new(),
        changes: Vec::new(),
        additive: false,
        manual: None,
        origin: None,
        sql: Scripts { postgres: script(Dialect::Postgres), sqlite: script(Dialect::Sqlite) },
    }
}

/// A target with these migrations.
fn target(goal: Goal, migrations: &[&dyn Fn(&LockFile) -> Migration]) -> Target {
    let mut lock = LockFile::default();
    for migration in migrations {
        let next = migration(&lock).hashed();
        lock.migrations.push(next);
        lock.version += 1;
    }
    Target::new(lock, "app", goal, Options::default())
}

fn manual(mut migration: Migration) -> Migration {
    migration.manual = Some(Manual { file: "0001_m.sql".into(), checksum: String::new() });
    migration
}

fn with_obstacle(mut migration: Migration) -> Migration {
    let obstacle =
        Obstacle { change: "users.email:required".parse().unwrap(), rows: "SELECT 1".into() };
    migration.sql.postgres.obstacles.push(obstacle.clone());
    migration.sql.sqlite.obstacles.push(obstacle);
    migration
}

fn rebuilding(mut migration: Migration) -> Migration {
    migration.sql.sqlite.rebuild = true;
    migration
}

/// The history after that many migrations.
fn done(target: &Target, count: usize) -> Vec<Applied> {
    let migrations = target.lock.migrations.iter().take(count);
    migrations.map(|migration| Applied::new(migration, State::Done)).collect()
}

/// The actions of the next step, a line each.
fn actions(target: &Target, guarantees: Guarantees, history: &[Applied]) -> Vec<String> {
    let step = decide(target, guarantees.dialect, history).expect("it is decided");
    let step = step.expect("there is a step");
    let actions =
        execute(target, &guarantees, &step, history, Checked::default()).expect("it can be run");
    actions.iter().map(ToString::to_string).collect()
}

#[track_caller]
fn check(target: &Target, history: &[Applied], postgres: &[&str], sqlite: &[&str]) {
    assert_eq!(actions(target, Guarantees::POSTGRES, history), postgres, "PostgreSQL");
    assert_eq!(actions(target, Guarantees::SQLITE, history), sqlite, "SQLite");
}

/// The history with a row of the last migration in that state.
fn interrupted(target: &Target, count: usize, state: State, step: usize) -> Vec<Applied> {
    let mut history = done(target, count);
    history.push(Applied { step, ..Applied::new(&target.lock.migrations[count], state) });
    history
}

#[test]
fn an_empty_database_gets_the_current_schema() {
    let target = target(UP, &[&|lock| migration(lock, &["A"]), &|lock| migration(lock, &["B"])]);
    let rows = ["record 1 done 0", "record 2 done 0, with the shape", "compare tables", "commit"];
    let postgres = ["begin", "check existing tables", "rename constraints"];
    let sqlite = ["begin", "check history: empty", "check existing tables"];
    check(&target, &[], &[&postgres[..], &rows].concat(), &[&sqlite[..], &rows].concat());
}

#[test]
fn a_migration_is_one_transaction_with_its_row() {
    let created = |lock: &LockFile| with_obstacle(migration(lock, &["CREATE TABLE t (id INT)"]));
    let target = target(UP, &[&|lock| migration(lock, &["A"]), &created, &created]);
    check(
        &target,
        &done(&target, 1),
        &[
            "check owners: t",
            "begin",
            "check tables of version 1",
            "commit",
            "begin",
            "check violations: users.email:required",
            "run 1: CREATE TABLE t (id INT)",
            "check transaction",
            "record 2 done 0",
            "commit",
        ],
        &[
            "begin",
            "check history: 1 done 0",
            "check tables of version 1",
            "commit",
            "begin",
            "check history: 1 done 0",
            "check owners: t",
            "watch objects",
            "check violations: users.email:required",
            "run 1: CREATE TABLE t (id INT)",
            "compare objects",
            "record 2 done 0",
            "commit",
        ],
    );
}

#[test]
fn a_manual_migration_leaves_a_clean_session() {
    let target = target(UP, &[&|lock| manual(migration(lock, &["A", "B"]))]);
    check(
        &target,
        &[],
        &[
            "begin",
            "run 1: A",
            "run 2: B",
            "take back session",
            "record 1 done 0, with the shape",
            "compare tables",
            "clean session",
            "commit",
        ],
        &[
            "begin",
            "check history: empty",
            "watch objects",
            "run 1: A",
            "run 2: B",
            "compare objects",
            "record 1 done 0, with the shape",
            "compare tables",
            "commit",
        ],
    );
}

#[test]
fn a_rebuild_is_watched_without_foreign_keys() {
    let rebuild = |lock: &LockFile| rebuilding(migration(lock, &["A"]));
    let target = target(UP, &[&|lock| migration(lock, &["A"]), &rebuild, &rebuild]);
    let history = done(&target, 1);
    assert_eq!(
        actions(&target, Guarantees::SQLITE, &history),
        [
            "begin, foreign keys off",
            "check history: 1 done 0",
            "watch objects",
            "run 1: A",
            "compare objects",
            "record 2 done 0",
            "commit",
        ]
    );
    assert_eq!(actions(&target, Guarantees::POSTGRES, &history)[0], "begin");
}

#[test]
fn groups_are_recorded_one_by_one() {
    let alone = format!("{ALONE}ANALYZE");
    let repeat = format!("{REPEAT}UPDATE t SET a = 1 WHERE a IS NULL");
    let groups = |lock: &LockFile| {
        with_obstacle(manual(migration(lock, &["A", "B", alone.as_str(), repeat.as_str()])))
    };
    let target = target(UP, &[&groups]);
    check(
        &target,
        &[],
        &[
            "begin",
            "check violations: users.email:required",
            "record 1 running 0, with the tables before it",
            "run 1: A",
            "run 2: B",
            "take back session",
            "record 1 running 2",
            "clean session",
            "commit",
        ],
        &[
            "begin",
            "check history: empty",
            "watch objects",
            "check violations: users.email:required",
            "record 1 running 0, with the tables before it",
            "run 1: A",
            "run 2: B",
            "compare objects",
            "record 1 running 2",
            "commit",
        ],
    );
    check(
        &target,
        &interrupted(&target, 0, State::Running, 2),
        &[
            "record 1 started 2",
            "run alone 3: ANALYZE",
            "take back session",
            "clean session",
            "record 1 running 3",
        ],
        &["record 1 started 2", "run alone 3: ANALYZE", "record 1 running 3"],
    );
    check(
        &target,
        &interrupted(&target, 0, State::Started, 2),
        &[
            "record 1 started 2",
            "run again alone 3: ANALYZE",
            "take back session",
            "clean session",
            "record 1 running 3",
        ],
        &["record 1 started 2", "run again alone 3: ANALYZE", "record 1 running 3"],
    );
    let update = "repeat 4: UPDATE t SET a = 1 WHERE a IS NULL";
    check(
        &target,
        &interrupted(&target, 0, State::Running, 3),
        &["record 1 started 3", update, "take back session", "clean session", "record 1 running 4"],
        &["record 1 started 3", update, "record 1 running 4"],
    );
    let end = ["record 1 done 0, with the shape", "compare tables", "commit"];
    let history = interrupted(&target, 0, State::Running, 4);
    check(
        &target,
        &history,
        &[&["begin"][..], &end].concat(),
        &[&["begin", "check history: 1 running 4"][..], &end].concat(),
    );
}

#[test]
fn a_statement_outside_a_transaction_needs_a_session_and_an_answer() {
    let alone = format!("{ALONE}CALL p()");
    let target = target(UP, &[&|lock| manual(migration(lock, &[alone.as_str()]))]);
    let code = |guarantees: Guarantees, history: &[Applied]| {
        let step = decide(&target, guarantees.dialect, history).ok().flatten();
        let step = step.expect("there is a step");
        execute(&target, &guarantees, &step, history, Checked::default())
            .err()
            .and_then(|error| error.code())
    };
    let pooled = Guarantees { runs_outside_transactions: false, ..Guarantees::POSTGRES };
    assert_eq!(code(pooled, &[]), Some("K0449"));
    assert_eq!(code(Guarantees::POSTGRES, &[]), None);
    let started = interrupted(&target, 0, State::Started, 0);
    assert_eq!(code(Guarantees::POSTGRES, &started), Some("K0441"));
    assert_eq!(code(Guarantees::SQLITE, &started), Some("K0441"));
}

#[test]
fn a_migration_is_taken_back() {
    let back = Goal::Down { to: 0, lose: false };
    let losing = |lock: &LockFile| {
        let mut losing = migration(lock, &["A"]);
        losing.sql.postgres.loses.push("SELECT 1".into());
        losing.sql.sqlite.loses.push("SELECT 1".into());
        losing
    };
    let target = target(back, &[&losing]);
    check(
        &target,
        &done(&target, 1),
        &[
            "begin",
            "check loss: SELECT 1",
            "run 1: BACK",
            "take back session",
            "delete row 1",
            "clean session",
            "commit",
        ],
        &[
            "begin, foreign keys off",
            "check history: 1 done 0",
            "watch objects",
            "check loss: SELECT 1",
            "run 1: BACK",
            "compare objects",
            "delete row 1",
            "commit",
        ],
    );
}

#[test]
fn tables_are_adopted_and_statements_resolved() {
    let goal = Goal::Adopt { version: 1 };
    let adopted = target(goal, &[&|lock| migration(lock, &["A"])]);
    check(
        &adopted,
        &[],
        &[
            "begin",
            "check adopted tables",
            "rename constraints",
            "record 1 done 0, with the shape",
            "commit",
        ],
        &[
            "begin",
            "check history: empty",
            "check adopted tables",
            "record 1 done 0, with the shape",
            "commit",
        ],
    );
    let alone = format!("{ALONE}CALL p()");
    let done = Goal::Resolve(Resolution::StatementDone);
    let resolved = target(done, &[&|lock| migration(lock, &[alone.as_str()])]);
    check(
        &resolved,
        &interrupted(&resolved, 0, State::Started, 0),
        &["begin", "record 1 running 1", "commit"],
        &["begin", "check history: 1 started 0", "record 1 running 1", "commit"],
    );
}

#[test]
fn an_interrupted_migration_is_undone_or_recorded() {
    let alone = format!("{ALONE}ANALYZE");
    let way_back = |down: Option<Vec<Statement>>| {
        let alone = alone.clone();
        move |lock: &LockFile| {
            let mut migration = migration(lock, &["CREATE TABLE t (id INT)", alone.as_str()]);
            migration.sql.postgres.down.clone_from(&down);
            migration.sql.sqlite.down.clone_from(&down);
            migration
        }
    };
    let undo = Goal::Resolve(Resolution::RolledBack { by_hand: false, lose: false });
    let back = Statement::read_texts(Dialect::Sqlite, ["DROP TABLE t"]);
    let undone = target(undo, &[&way_back(Some(back))]);
    let begun = |target: &Target, state, step| {
        let row = &target.lock.migrations[0];
        let reverse = Reversal::json_of_begun(&row.sql.sqlite, None);
        interrupted(target, 0, state, step)
            .into_iter()
            .map(|row| Applied { reverse: reverse.clone(), ..row })
            .collect::<Vec<_>>()
    };
    check(
        &undone,
        &begun(&undone, State::Started, 1),
        &[
            "begin",
            "undo: DROP TABLE t",
            "take back session",
            "delete row 1",
            "clean session",
            "commit",
        ],
        &[
            "begin, foreign keys off",
            "check history: 1 started 1",
            "watch objects",
            "undo: DROP TABLE t",
            "compare objects",
            "delete row 1",
            "commit",
        ],
    );
    let applied = target(Goal::Resolve(Resolution::Applied), &[&way_back(None)]);
    check(
        &applied,
        &begun(&applied, State::Running, 1),
        &[
            "begin",
            "check adopted tables",
            "rename constraints",
            "record 1 done 0, with the shape",
            "commit",
        ],
        &[
            "begin",
            "check history: 1 running 1",
            "check adopted tables",
            "record 1 done 0, with the shape",
            "commit",
        ],
    );
}
