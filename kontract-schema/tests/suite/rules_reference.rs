//! Every kind of change has an answer: a case in `tests/breaking`, another row, a test, or the
//! reason why it cannot be made. `docs/rules.md` is this list, with the verdicts of the cases;
//! `UPDATE_GOLDEN=1` rewrites it.

use std::collections::BTreeMap;
use std::fmt::Write;
use std::fs;
use std::path::{Path, PathBuf};

use kontract_schema::rules;

use crate::breaking::{CASES, judgements};

/// The answer to a row that is not the name of a rule.
#[derive(Clone, Copy)]
enum Answer {
    /// The rules of these rows judge it. A case may show it.
    As(&'static [&'static str]),
    /// It is not a change: the case shows that.
    Nothing,
    /// Another part refuses or handles it: the file and the test that show it.
    Shown(&'static str, &'static str),
    /// It cannot be made.
    Cannot(&'static str),
}

use Answer::{As, Cannot, Nothing, Shown};

/// The families of rows, each with its subject and the number of its last row.
const FAMILIES: [(char, &str, usize); 13] = [
    ('T', "Tables", 17),
    ('C', "Fields", 30),
    ('N', "Optional fields and defaults", 12),
    ('Y', "Types", 43),
    ('E', "Enums", 14),
    ('P', "Primary keys", 9),
    ('I', "Indexes", 11),
    ('F', "References", 9),
    ('K', "Checks", 5),
    ('J', "Documents", 12),
    ('M', "Permissions and bookkeeping", 15),
    ('O', "Other objects", 4),
    ('L', "Plans", 14),
];

const NO_DATA: &str = "enums carry no data";
const UNMANAGED: &str = "views, triggers and rights are not declared in the source";

const EXTERNAL: &str = "tests/behaviour/tests/suite/external_tables.rs";
const MADE: &str = "tests/behaviour/tests/suite/made_values.rs";
const START: &str = "tests/behaviour/tests/suite/start.rs";
const REBUILD: &str = "tests/behaviour/tests/suite/rebuild.rs";
const SQLITE: &str = "kontract-schema/tests/suite/sqlite.rs";
const PROPERTIES: &str = "kontract-schema/tests/suite/properties.rs";
const IDS: &str = "kontract-schema/tests/suite/flatbuffers_ids.rs";
const GATE: &str = "kontract-schema/src/gate/tests.rs";

/// The rows that are not names of rules: the change, and its answer.
const ROWS: &[(&str, &str, Answer)] = &[
    (
        "T2",
        "a new table already exists, with another shape",
        Shown(SQLITE, "t2_c25_a_table_with_other_columns_is_reported"),
    ),
    ("T4", "an empty table was removed", As(&["T3"])),
    ("T7", "a struct was renamed and its table was not", Nothing),
    ("T8", "a table moves to another schema of the database", As(&["M12"])),
    ("T9", "a table is split, or two are merged", As(&["T1", "T3", "C14"])),
    (
        "T12",
        "storage options of a table changed",
        Cannot("every SQLite table is STRICT, and has no other options"),
    ),
    (
        "T14",
        "the description of an external table changed",
        Shown(EXTERNAL, "t14_changes_of_an_external_struct_run_no_statement"),
    ),
    (
        "T16",
        "a table is no longer external",
        Shown(EXTERNAL, "t15_t16_tables_become_external_and_managed"),
    ),
    ("C13", "a field of a domain type is new", As(&["C1", "C3"])),
    ("C16", "a field without values was removed", As(&["C14"])),
    ("C23", "fields have another order; in FlatBuffers they keep their ids (J12)", Nothing),
    ("C24", "a field is new in the middle", As(&["C1"])),
    (
        "C25",
        "a new column already exists, with another type",
        Shown(SQLITE, "t2_c25_a_table_with_other_columns_is_reported"),
    ),
    ("C26", "a field is no longer stored", As(&["C14"])),
    (
        "C27",
        "a name is too long or reserved",
        Shown("tests/ui/names/system_column_of_postgres.rs", ""),
    ),
    (
        "C28",
        "more values in one statement than a database accepts",
        Shown("tests/behaviour/tests/suite/batches.rs", "a_batch_of_a_hundred_thousand_rows"),
    ),
    ("C29", "the comment of a field changed", As(&["T10"])),
    (
        "C30",
        "the collation of a column changed",
        Cannot(
            "the schema has no collations: PostgreSQL orders text by that of the database, SQLite by its bytes; a collation in `sql_type` is another type",
        ),
    ),
    ("N3", "a field with a default became required", As(&["N2"])),
    ("N6", "a default that is not a value of the new type", As(&["Y11"])),
    (
        "Y16",
        "`citext` → text",
        Shown("kontract-schema/src/rules/conversion.rs", "y16_citext_is_text"),
    ),
    ("Y17", "a type → a domain with a check", As(&["Y12"])),
    ("Y35", "a list ↔ a table of its own", As(&["C14", "T1"])),
    ("Y36", "unsigned integers", Shown("tests/ui/types/unsigned_64_bits.rs", "")),
    ("Y37", "another Rust type for the same column type", Nothing),
    (
        "Y39",
        "the type of a column that a view or trigger uses",
        Shown(REBUILD, "a_rebuild_keeps_unmanaged_objects"),
    ),
    ("Y40", "the type of a column with an index and a check", As(&["Y1"])),
    ("Y41", "the types of several columns", As(&["Y1", "Y3"])),
    ("Y42", "text → an enum", As(&["E9"])),
    ("Y43", "a field is encrypted", Cannot("the program encrypts, as bytes or text")),
    ("E1", "an enum is new", As(&["C1"])),
    (
        "E8",
        "the number of a variant changed: databases store its name, and the lock file keeps its FlatBuffers id",
        Shown(IDS, "ids_are_never_moved_or_reused"),
    ),
    (
        "E12",
        "an enum type without columns is dropped, unless something else uses it",
        Shown("kontract-schema/tests/suite/native_enums.rs", "a_type_goes_with_its_last_column"),
    ),
    ("E13", "a field of a variant is new", Cannot(NO_DATA)),
    ("E14", "a field moved to another variant", Cannot(NO_DATA)),
    ("P6", "keys are generated differently", As(&["N4", "N10", "N12"])),
    (
        "P7",
        "a table with AUTOINCREMENT is rebuilt",
        Shown(MADE, "p7_a_rebuilt_table_gives_no_number_twice"),
    ),
    (
        "P8",
        "a text key on SQLite",
        Shown("kontract-schema/tests/suite/golden.rs", "create_statements"),
    ),
    ("I7", "NULLs are equal in a unique index from now on", As(&["I2"])),
    (
        "I9",
        "an extension is needed",
        Cannot(
            "generated statements need none; a migration with `-- kontract: before` creates what a type or an operator class needs",
        ),
    ),
    ("F6", "the referenced table was renamed", As(&["T6"])),
    ("F7", "the type of a referenced key", As(&["P2"])),
    ("F8", "a table references itself", As(&["C11"])),
    (
        "F9",
        "a reference to an external table",
        Shown(EXTERNAL, "f9_an_external_table_must_match_its_struct"),
    ),
    (
        "K5",
        "an exclusion constraint",
        Cannot(
            "SQLite does not have it, and structs declare only what both databases have; one that a manual migration creates stays",
        ),
    ),
    ("J8", "the names that serde writes changed", As(&["J4"])),
    ("J9", "the required keys of a document changed", As(&["C3", "C14", "N2"])),
    ("J10", "the path of an index on a document changed", As(&["C18"])),
    ("J11", "a flattened struct", Shown("tests/ui/serde/flatten.rs", "")),
    (
        "J12",
        "the FlatBuffers ids, which the lock file keeps",
        Shown(IDS, "flatc_accepts_a_history"),
    ),
    ("M3", "policies of the database", Cannot("owner handles check permissions, not the database")),
    ("M10", "the time to live of a key-value space", Cannot("Kontract has no key-value store yet")),
    ("M11", "the value type of a key-value space", Cannot("Kontract has no key-value store yet")),
    (
        "M13",
        "a struct moved to another module",
        Shown("kontract-schema/tests/check.rs", "m13_a_module_does_not_change_a_table"),
    ),
    (
        "M14",
        "two structs for one table",
        Shown("kontract-schema/tests/check.rs", "two_structs_for_one_table"),
    ),
    (
        "M15",
        "a table or field under a `cfg`",
        Shown(
            "tests/e2e/tests/disabled_fields.rs",
            "a_feature_that_is_enabled_disabled_and_enabled",
        ),
    ),
    ("O1", "a view, trigger or function", Cannot(UNMANAGED)),
    (
        "O2",
        "objects that Kontract does not manage",
        Shown(START, "unmanaged_tables_are_not_changed"),
    ),
    ("O3", "a trigger is new", Cannot(UNMANAGED)),
    ("O4", "rights, owners, comments", Cannot(UNMANAGED)),
    ("L1", "the order of the statements", Shown(SQLITE, "every_plan_leads_to_the_new_schema")),
    (
        "L2",
        "statements that run together",
        Shown("kontract-schema/src/migration/run_mode.rs", "neighbours_are_together"),
    ),
    ("L3", "new tables in the same plan need no care", As(&["T1"])),
    (
        "L4",
        "a migration whose result differs from the schema is refused",
        Shown(START, "a_migration_that_does_not_lead_to_the_schema_is_rolled_back"),
    ),
    (
        "L5",
        "the database has the schema after the migration",
        Shown(SQLITE, "every_plan_leads_to_the_new_schema"),
    ),
    ("L6", "many first starts at the same time", Shown(START, "many_processes_at_once")),
    (
        "L7",
        "the program and the database have different histories",
        Shown(START, "another_history_is_refused"),
    ),
    (
        "L8",
        "two branches sealed the next migration",
        Shown("kontract-build/src/lock/read_error.rs", "Conflict"),
    ),
    (
        "L9",
        "a rollback exists if it is exact",
        Shown(PROPERTIES, "inverses_restore_the_old_schema"),
    ),
    (
        "L10",
        "a migration covers what needs it, by id, and nothing else",
        Shown(GATE, "a_file_covers_what_needs_it_and_nothing_else"),
    ),
    (
        "L11",
        "an approval is valid for one plan",
        Shown(GATE, "an_approval_holds_for_one_plan_only"),
    ),
    (
        "L12",
        "statements of manual migrations are judged",
        Shown(
            "kontract-schema/src/migration/lint/tests.rs",
            "statements_have_the_rules_of_changes",
        ),
    ),
    (
        "L13",
        "rules for empty tables",
        Cannot("a build cannot read rows, and assumes that there are some"),
    ),
    (
        "L14",
        "databases derived from PostgreSQL",
        Cannot("they are not supported: these tests do not run on them"),
    ),
];

fn workspace() -> PathBuf {
    Path::new(env!("CARGO_MANIFEST_DIR")).join("..")
}

/// The row of a case: `C14_columns` → `C14`.
fn row_of(case: &str) -> &str {
    case.split('_').next().unwrap_or(case)
}

/// All rows, in order.
fn all() -> impl Iterator<Item = String> {
    FAMILIES.iter().flat_map(|(letter, _, last)| (1..=*last).map(move |n| format!("{letter}{n}")))
}

fn answer(row: &str) -> Option<(&'static str, Answer)> {
    ROWS.iter().find(|(id, ..)| *id == row).map(|(_, what, answer)| (*what, *answer))
}

/// The rules that judge a case; empty if it is not a change.
pub fn rules_of(case: &str) -> Vec<String> {
    match answer(row_of(case)) {
        Some((_, As(rows))) => rows.iter().map(|row| (*row).to_owned()).collect(),
        Some((_, Nothing)) => Vec::new(),
        _ => vec![row_of(case).to_owned()],
    }
}

#[test]
fn every_row_has_one_answer() {
    let rows: Vec<String> = all().collect();
    for (id, ..) in ROWS {
        assert!(rows.iter().any(|row| row == id), "the row {id} does not exist");
    }
    for row in &rows {
        let case = CASES.iter().any(|case| row_of(case) == row);
        match answer(row) {
            None => assert!(case && rules::find(row).is_some(), "{row} has no answer"),
            Some((_, Nothing)) => assert!(case, "{row} has no case"),
            Some((_, As(others))) => {
                for other in others {
                    assert!(
                        rules::find(other).is_some(),
                        "{row} is judged as {other}, which is not a rule"
                    );
                }
            }
            Some((_, Shown(file, name))) => {
                let text = fs::read_to_string(workspace().join(file));
                let text = text.unwrap_or_else(|error| panic!("{row}: {file}: {error}"));
                assert!(text.contains(name), "{row}: {file} has no {name}");
            }
            Some((_, Cannot(_))) => assert!(!case, "{row} has a case"),
        }
        // A rule needs no case if a test shows it.
        let elsewhere = matches!(answer(row), None | Some((_, Shown(..))));
        assert!(elsewhere || rules::find(row).is_none(), "{row} is a rule and has another answer");
    }
}

#[test]
fn the_list_is_up_to_date() {
    let text = list();
    let file = workspace().join("docs/rules.md");
    if std::env::var_os("UPDATE_GOLDEN").is_some() {
        fs::write(&file, &text).unwrap();
    }
    let current = fs::read_to_string(&file).unwrap_or_default();
    assert_eq!(current, text, "UPDATE_GOLDEN=1 rewrites {}", file.display());
}

fn list() -> String {
    let mut verdicts: BTreeMap<String, Vec<String>> = BTreeMap::new();
    for case in CASES {
        for judgement in judgements(case) {
            let passes = if judgement.passes { "passes" } else { "refused" };
            let verdict =
                format!("{passes} ({})", format!("{:?}", judgement.finding.verdict).to_lowercase());
            let of = verdicts.entry(judgement.rule.id.to_owned()).or_default();
            if !of.contains(&verdict) {
                of.push(verdict);
            }
        }
    }
    let mut text = "# Every kind of change\n\n\
        Kontract judges each change of a schema by a rule. *Passes*: the change becomes part of the next\n\
        migration. *Refused*: the build fails until the source declares more or a manual migration covers\n\
        the change. The word in parentheses is the verdict: *safe*, *backfill* (rows need a value), *lock*\n\
        (other sessions wait), *dangerous* (running programs break, or existing rows may violate it), *loss*\n\
        (data is lost or changed). If a rule has two verdicts, the details decide, and the message says which.\n\
        `kontract explain C14` or `kontract explain field_no_drop` prints the reason and what each database\n\
        does; `kontract.toml` changes the level of a rule by its id or name, and `allow_widening = true` in it lets\n\
        the changes of types pass that lose no value: Y1, Y3, Y7, Y9, Y15, Y16, Y29, a wider integer key (P2), and an\n\
        enum that becomes a text (E9).\n\n\
        A test writes this file (`kontract-schema/tests/suite/rules_reference.rs`); the cases are in `tests/breaking`,\n\
        where each runs on both databases.\n"
        .to_owned();
    for (letter, subject, last) in FAMILIES {
        let _ = write!(
            text,
            "\n## {subject}\n\n| rule | name | what changed | answer |\n|---|---|---|---|\n"
        );
        for row in (1..=last).map(|n| format!("{letter}{n}")) {
            let rule = rules::find(&row);
            let name = rule.map(|rule| format!("`{}`", rule.name)).unwrap_or_default();
            let (what, answer) = match (rule, answer(&row)) {
                (Some(rule), Some((_, answer))) => (rule.explanation.title, answer_text(answer)),
                (Some(rule), None) => {
                    let found = verdicts.get(&row).map(|found| found.join(", or "));
                    (rule.explanation.title, found.unwrap_or_default())
                }
                (None, Some((what, answer))) => (what, answer_text(answer)),
                (None, None) => continue,
            };
            let _ = writeln!(text, "| {row} | {name} | {} | {answer} |", what.replace('|', "\\|"));
        }
    }
    text
}

fn answer_text(answer: Answer) -> String {
    match answer {
        As(rows) => format!("as {}", rows.join(", ")),
        Nothing => "no change".to_owned(),
        Shown(file, "") => format!("compile error: `{file}`"),
        Shown(file, name) => format!("see `{name}` in `{file}`"),
        Cannot(why) => format!("cannot occur: {why}"),
    }
}
