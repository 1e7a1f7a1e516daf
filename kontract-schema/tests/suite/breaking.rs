//! `tests/breaking/<row>/`: one case for each row of the rules. `old.rs` is sealed. `new.rs` has the
//! change, `expected.txt` the verdict, the whole message, and the statements. `near.rs` is a similar
//! change, which the rule must not match. `UPDATE_GOLDEN=1` rewrites `expected.txt`.
//!
//! Changes that pass run on rows of both databases. For refused changes, the suggested migration runs.

use std::cell::RefCell;
use std::fmt::Write;
use std::fs;
use std::path::{Path, PathBuf};

use kontract_schema::code;
use kontract_schema::diagnostic::Diagnostics;
use kontract_schema::gate::{Gate, ManualFile, gate, gate_with};
use kontract_schema::intent::Checked;
use kontract_schema::lock::{self, LockFile, Script};
use kontract_schema::model::Schema;
use kontract_schema::rules::{self, Judgement, Level, Levels, Verdict};
use kontract_schema::source::check::{self, Item, Items};
use kontract_schema::source::parse;

use crate::database::{
    Live, can_have, draft_keeps_rows, runs_on_empty_tables, shown_migration,
    suggested_migration_leads_to_the_schema, texts,
};
use crate::postgres::Postgres;
use crate::rules_reference::rules_of;
use crate::sqlite::Sqlite;

macro_rules! cases {
    ($($name:ident: $row:literal;)*) => {
        $(#[test] fn $name() { case($row); })*
        /// The names of all cases.
        pub const CASES: &[&str] = &[$($row),*];
    };
}

cases! {
    c1: "C1";
    c1_list: "C1_list";
    c2: "C2";
    c2_sql: "C2_sql";
    c2_json: "C2_json";
    c3: "C3";
    c3_backfill: "C3_backfill";
    c3_backfill_default: "C3_backfill_default";
    c3_backfill_document: "C3_backfill_document";
    c3_backfill_optional: "C3_backfill_optional";
    c3_document: "C3_document";
    c3_list: "C3_list";
    c4: "C4";
    c4_sql: "C4_sql";
    c5: "C5";
    c6: "C6";
    c7: "C7";
    c8: "C8";
    c9: "C9";
    c9_backfill: "C9_backfill";
    c9_default: "C9_default";
    c9_where: "C9_where";
    c10: "C10";
    c10_default: "C10_default";
    c11: "C11";
    c12: "C12";
    c12_backfill: "C12_backfill";
    c14: "C14";
    c14_columns: "C14_columns";
    c14_shift: "C14_shift";
    c15: "C15";
    c15_keep: "C15_keep";
    c15_keep_document: "C15_keep_document";
    c15_required: "C15_required";
    c17: "C17";
    c17_shift: "C17_shift";
    c18: "C18";
    c18_document: "C18_document";
    c18_type: "C18_type";
    c19: "C19";
    c20: "C20";
    c21: "C21";
    c21_never_there: "C21_never_there";
    c21_not_removed: "C21_not_removed";
    c21_twice: "C21_twice";
    c21_chain: "C21_chain";
    c21_variant: "C21_variant";
    c22: "C22";
    c23: "C23";
    c24: "C24";
    c26: "C26";
    e1: "E1";
    e2: "E2";
    e2_list: "E2_list";
    e2_native: "E2_native";
    e2_optional: "E2_optional";
    e3_native: "E3_native";
    e4_native: "E4_native";
    e5_native: "E5_native";
    e11: "E11";
    e11_back: "E11_back";
    e15: "E15";
    e3: "E3";
    e4: "E4";
    e4_document: "E4_document";
    e5: "E5";
    e5_more: "E5_more";
    e5_nested: "E5_nested";
    e6: "E6";
    e6_list: "E6_list";
    e7: "E7";
    e9: "E9";
    e9_text: "E9_text";
    e10: "E10";
    f1: "F1";
    f1_several: "F1_several";
    f2: "F2";
    f3: "F3";
    f4: "F4";
    f5: "F5";
    f6: "F6";
    f8: "F8";
    i1: "I1";
    i1_gin: "I1_gin";
    i2: "I2";
    i2_where: "I2_where";
    i2_expressions: "I2_expressions";
    i2_narrower: "I2_narrower";
    i2_replaced: "I2_replaced";
    i2_wider: "I2_wider";
    i3: "I3";
    i4: "I4";
    i4_desc: "I4_desc";
    i4_method: "I4_method";
    i4_where: "I4_where";
    i5: "I5";
    i6: "I6";
    i8: "I8";
    i10: "I10";
    i10_rebuilt: "I10_rebuilt";
    i10_where_moves: "I10_where_moves";
    i11: "I11";
    i11_table: "I11_table";
    j1: "J1";
    j2: "J2";
    j3: "J3";
    j4: "J4";
    j5: "J5";
    j5_wider: "J5_wider";
    j6: "J6";
    j7: "J7";
    j8: "J8";
    k1: "K1";
    k1_backfill: "K1_backfill";
    k1_nulls: "K1_nulls";
    k2: "K2";
    k2_list: "K2_list";
    k3: "K3";
    k4: "K4";
    k4_moves: "K4_moves";
    m1: "M1";
    m1_shared: "M1_shared";
    m2: "M2";
    m2_shared: "M2_shared";
    m2_hidden: "M2_hidden";
    m4: "M4";
    m5: "M5";
    m6: "M6";
    m6_times: "M6_times";
    m7: "M7";
    m8: "M8";
    m9: "M9";
    m12: "M12";
    n1: "N1";
    n2: "N2";
    n2_backfill: "N2_backfill";
    n2_backfill_document: "N2_backfill_document";
    n2_default: "N2_default";
    n2_document: "N2_document";
    n2_unique: "N2_unique";
    n3: "N3";
    n4: "N4";
    n4_null: "N4_null";
    n4_sql: "N4_sql";
    n5: "N5";
    n5_optional: "N5_optional";
    n6: "N6";
    n7: "N7";
    n8: "N8";
    n8_virtual: "N8_virtual";
    n9: "N9";
    n9_required: "N9_required";
    n10: "N10";
    n11: "N11";
    n12: "N12";
    p1: "P1";
    p1_columns: "P1_columns";
    p1_references: "P1_references";
    p1_wider: "P1_wider";
    p2: "P2";
    p2_references: "P2_references";
    p2_wider: "P2_wider";
    p3: "P3";
    p3_identity: "P3_identity";
    p4: "P4";
    p4_references: "P4_references";
    p5: "P5";
    t1: "T1";
    t17: "T17";
    t17_changed: "T17_changed";
    t17_removed: "T17_removed";
    p9: "P9";
    t3: "T3";
    t5: "T5";
    t6: "T6";
    t7: "T7";
    t10: "T10";
    t11: "T11";
    t11_values: "T11_values";
    t13: "T13";
    t15: "T15";
    y1: "Y1";
    y1_document: "Y1_document";
    y2: "Y2";
    y3: "Y3";
    y4: "Y4";
    y5: "Y5";
    y6: "Y6";
    y7: "Y7";
    y8: "Y8";
    y9: "Y9";
    y10: "Y10";
    y10_smaller: "Y10_smaller";
    y11: "Y11";
    y12: "Y12";
    y12_own: "Y12_own";
    y12_swapped: "Y12_swapped";
    y13: "Y13";
    y14: "Y14";
    y15: "Y15";
    y18: "Y18";
    y19: "Y19";
    y20: "Y20";
    y21: "Y21";
    y22: "Y22";
    y23: "Y23";
    y23_number: "Y23_number";
    y24: "Y24";
    y25: "Y25";
    y26: "Y26";
    y27: "Y27";
    y28: "Y28";
    y29: "Y29";
    y30: "Y30";
    y31: "Y31";
    y32: "Y32";
    y32_narrower: "Y32_narrower";
    y33: "Y33";
    y34: "Y34";
    y37: "Y37";
    y38: "Y38";
    y40: "Y40";
    y41: "Y41";
}

#[test]
fn every_case_is_a_test() {
    let mut found: Vec<String> = fs::read_dir(root())
        .unwrap()
        .map(|entry| entry.unwrap().file_name().into_string().unwrap())
        .collect();
    found.sort();
    let mut tested = CASES.to_vec();
    tested.sort();
    assert_eq!(found, tested);
}

fn root() -> PathBuf {
    Path::new(env!("CARGO_MANIFEST_DIR")).join("../tests/breaking")
}

fn case(row: &str) {
    let dir = root().join(row);
    let (old, new) = schemas(row);
    let near = parse_source(&fs::read_to_string(dir.join("near.rs")).unwrap(), &old);
    let lock = sealed(&old);

    let found = gate(&lock, &new, None);
    let text = report(&found);
    let expected = dir.join("expected.txt");
    if std::env::var_os("UPDATE_GOLDEN").is_some() {
        fs::write(&expected, &text).unwrap();
    }
    let expected_text = fs::read_to_string(&expected).unwrap_or_default();
    assert_eq!(text, expected_text, "UPDATE_GOLDEN=1 rewrites {}", expected.display());

    let rules = rules_of(row);
    let is_meant = |judgement: &&Judgement| rules.iter().any(|rule| rule == judgement.rule.id);
    if rules.is_empty() {
        assert!(found.changes.is_empty(), "{text}");
    } else {
        assert!(found.judgements.iter().any(|j| is_meant(&j)), "{rules:?}: none in\n{text}");
    }
    let near_found = gate(&lock, &near, None);
    let same = near_found.judgements.iter().filter(is_meant).any(|judgement| {
        found.judgements.iter().any(|other| other.finding.message == judgement.finding.message)
    });
    assert!(!same, "{rules:?} also judges near.rs\n{}", report(&near_found));

    runs(&mut Sqlite::new(), &old, &new);
    thread_local!(static SERVER: RefCell<Option<Postgres>> = const { RefCell::new(None) });
    SERVER.with_borrow_mut(|server| runs(server.get_or_insert_with(Postgres::new), &old, &new));
}

/// The judgements on the change of a case.
pub fn judgements(row: &str) -> Vec<Judgement> {
    let (old, new) = schemas(row);
    gate(&sealed(&old), &new, None).judgements
}

/// The sources of a case, before and after the change.
pub fn sources(row: &str) -> [String; 2] {
    let dir = root().join(row);
    ["old.rs", "new.rs"].map(|file| fs::read_to_string(dir.join(file)).unwrap())
}

fn schemas(row: &str) -> (Schema, Checked) {
    let [old, new] = sources(row);
    let old = parse_schema(&old, &Schema::default());
    let new = parse_source(&new, &old);
    (old, new)
}

pub fn sealed(schema: &Schema) -> LockFile {
    LockFile { version: 1, ..LockFile::default().with_schema(schema.clone()) }
}

/// Levels that set each rule to this level, if the rule accepts it.
fn all_at(level: &str) -> Levels {
    let mut levels = Levels::default();
    for rule in rules::all() {
        // Some rules cannot be lowered.
        let _ = levels.set_rule(rule.id, Level::from_word(level), level);
    }
    levels
}

#[test]
fn allowed_changes_lead_to_the_new_schema() {
    let (levels, mut live) = (all_at("allow"), (Sqlite::new(), Postgres::new()));
    let mut allowed = 0;
    for case in CASES {
        let (old, new) = schemas(case);
        let before = gate(&sealed(&old), &new, None);
        let found = gate_with(&levels, &sealed(&old), &new, None);
        for (was, is) in before.judgements.iter().zip(&found.judgements) {
            assert!(!was.passes || is.passes, "{case}: {}", is.rule.id);
            let final_verdict = matches!(was.finding.verdict, Verdict::Loss | Verdict::Backfill);
            assert!(was.passes || !is.passes || !final_verdict, "{case}: {} passes", is.rule.id);
        }
        let Some(draft) = found.draft.filter(|_| before.draft.is_none()) else { continue };
        allowed += 1;
        let sql = &draft.sql;
        if !can_have(&mut live.1, &old) || !can_have(&mut live.1, &new.schema) {
            continue;
        }
        runs_on_empty_tables(&mut live.0, &old, &new.schema, &sql.sqlite)
            .and_then(|()| runs_on_empty_tables(&mut live.1, &old, &new.schema, &sql.postgres))
            .unwrap_or_else(|error| panic!("{case}: {error}"));
    }
    assert!(allowed > 20, "only {allowed} cases can be allowed");
}

#[test]
fn widening_changes_can_be_allowed() {
    let mut levels = Levels::default();
    levels.set_allow_widening(Some(true), "true").unwrap();
    let passes = |case: &&&str| {
        let (old, new) = schemas(case);
        let before = gate(&sealed(&old), &new, None).draft;
        before.is_none() && gate_with(&levels, &sealed(&old), &new, None).draft.is_some()
    };
    let found: Vec<&str> = CASES.iter().filter(passes).copied().collect();
    let expected = [
        "E9_text",
        "P2_references",
        "P2_wider",
        "Y1",
        "Y1_document",
        "Y3",
        "Y7",
        "Y9",
        "Y15",
        "Y29",
        "Y40",
        "Y41",
    ];
    assert_eq!(found, expected);
}

#[test]
fn widening_changes_pass_where_sqlite_has_nothing_to_do() {
    let mut levels = Levels::default();
    levels.set_databases(Some(&["sqlite"]), "[\"sqlite\"]").unwrap();
    let mut found = Vec::new();
    for case in CASES {
        let (old, new) = schemas(case);
        let gate = gate_with(&levels, &sealed(&old), &new, None);
        let Some(draft) =
            gate.draft.filter(|_| self::gate(&sealed(&old), &new, None).draft.is_none())
        else {
            continue;
        };
        let runs: Vec<&str> = draft.sql.sqlite.up.iter().map(|step| step.sql.as_str()).collect();
        let is_index = |sql: &&str| sql.contains("INDEX");
        assert!(runs.iter().all(is_index), "{case}: {runs:?}");
        assert!(gate.judgements.iter().all(|one| one.finding.verdict == Verdict::Safe), "{case}");
        found.push(*case);
    }
    let expected =
        ["P2_references", "P2_wider", "P9", "Y1", "Y1_document", "Y3", "Y9", "Y15", "Y40", "Y41"];
    assert_eq!(found, expected);
}

/// The ready-made migration of a case gets no warnings about its own statements.
#[test]
fn ready_made_migrations_have_no_warnings() {
    let mut shown = 0;
    for case in CASES {
        let (old, new) = schemas(case);
        let found = gate(&sealed(&old), &new, None);
        let Some(text) = shown_migration(&found) else { continue };
        let record = lock::Manual { file: "0002_all.sql".into(), checksum: String::new() };
        let file = ManualFile { name: "all", text: &text, record: &record };
        let lints = gate(&sealed(&old), &new, Some(file)).lints;
        let texts: Vec<String> = lints.iter().map(ToString::to_string).collect();
        assert_eq!(texts, [""; 0], "{case}\n{text}");
        shown += 1;
    }
    assert!(shown > 80, "only {shown} cases have one");
}

#[test]
fn denied_changes_are_refused() {
    let levels = all_at("deny");
    for case in CASES {
        let (old, new) = schemas(case);
        let before = gate(&sealed(&old), &new, None);
        let found = gate_with(&levels, &sealed(&old), &new, None);
        assert!(found.judgements.iter().all(|judgement| !judgement.passes), "{case}");
        for problem in found.problems.iter().filter(|problem| problem.code == Some(code::DENIED)) {
            assert!(problem.to_string().contains("kontract.toml says `"), "{problem}");
        }
        // The migration that the message shows covers the changes that passed before.
        let coverable =
            |gate: &Gate| gate.judgements.iter().all(|judgement| judgement.finding.coverable);
        if before.draft.is_some() && coverable(&found) {
            let text = shown_migration(&found).unwrap_or_else(|| panic!("{case}: none shown"));
            let record = lock::Manual { file: "0002_all.sql".into(), checksum: String::new() };
            let file = ManualFile { name: "all", text: &text, record: &record };
            let covered = gate_with(&levels, &sealed(&old), &new, Some(file));
            assert!(covered.draft.is_some(), "{case}: {:?}\n{text}", covered.problems);
        }
    }
}

fn runs<L: Live>(live: &mut L, old: &Schema, new: &Checked) {
    // PostgreSQL has virtual columns from version 18 on.
    if !can_have(live, old) || !can_have(live, &new.schema) {
        return;
    }
    let done = draft_keeps_rows(live, old, new);
    done.unwrap_or_else(|error| panic!("{}: {error}", L::DIALECT.name()));
    let done = suggested_migration_leads_to_the_schema(live, old, new);
    done.unwrap_or_else(|error| panic!("{}: {error}", L::DIALECT.name()));
}

/// The text of `expected.txt`.
fn report(gate: &Gate) -> String {
    let mut text = String::new();
    for judgement in &gate.judgements {
        let passes = if judgement.passes { "passes" } else { "refused" };
        let (id, flags) = (judgement.change.id(), judgement.finding.flags);
        let _ =
            write!(text, "{} {:?} {passes}: {id}", judgement.rule.id, judgement.finding.verdict);
        let _ = writeln!(
            text,
            "{}",
            if flags.is_empty() { String::new() } else { format!(" [{flags}]") }
        );
        if judgement.passes {
            judgement.finding.notes.iter().for_each(|note| text += &format!("    {note}\n"));
        }
    }
    for problem in gate.problems.iter() {
        let _ = write!(text, "\n{problem}\n");
        if let Some(migration) = &problem.migration {
            let _ = write!(text, "\nready-made migration:\n{migration}\n");
        }
    }
    if let Some(draft) = &gate.draft {
        script(&mut text, "postgres", &draft.sql.postgres);
        script(&mut text, "sqlite", &draft.sql.sqlite);
    }
    if text.is_empty() { "no change\n".to_owned() } else { text }
}

fn script(text: &mut String, name: &str, script: &Script) {
    let rebuild = if script.rebuild { " (rebuild)" } else { "" };
    let mut part = |word: &str, statements: &[String]| {
        *text += &format!("\n-- {word} {name}{rebuild}\n");
        statements.iter().for_each(|statement| *text += &format!("{statement};\n"));
    };
    part("up", &texts(&script.up));
    match &script.down {
        Some(down) => part("down", &texts(down)),
        None => *text += &format!("\n-- no way down {name}\n"),
    }
}

/// The schema of a source without mistakes.
pub fn parse_schema(source: &str, sealed: &Schema) -> Schema {
    parse_source(source, sealed).schema
}

/// The schema and the hints of a source without mistakes.
pub fn parse_source(source: &str, sealed: &Schema) -> Checked {
    try_source(source, sealed).unwrap_or_else(|problems| panic!("{problems:#?}"))
}

/// The schema of a source, or its problems.
pub fn try_schema(source: &str, sealed: &Schema) -> Result<Schema, Vec<String>> {
    try_source(source, sealed).map(|checked| checked.schema)
}

/// The schema and the hints of a source, or its problems.
pub fn try_source(source: &str, sealed: &Schema) -> Result<Checked, Vec<String>> {
    let texts = |problems: Diagnostics| problems.iter().map(ToString::to_string).collect();
    let items = items(source).map_err(texts)?;
    let (checked, problems) = check::check_schema("app", &items, sealed);
    problems.or(checked).map_err(texts)
}

fn items(source: &str) -> Result<Items, Diagnostics> {
    fn item<T>(raw: T) -> Item<T> {
        Item { raw, module: Vec::new(), place: String::new() }
    }
    let mut found = Items::default();
    for one in syn::parse_str::<syn::File>(source).expect("Rust").items {
        let is_document = |inner: &syn::ItemStruct| {
            inner.attrs.iter().any(|attr| {
                let mut found = false;
                let _ = attr.parse_nested_meta(|meta| {
                    found |= meta.path.is_ident("Document");
                    Ok(())
                });
                found
            })
        };
        match one {
            syn::Item::Struct(inner) if is_document(&inner) => {
                found.documents.push(item(parse::parse_document(&inner.into())?));
            }
            syn::Item::Struct(inner) => {
                let raw = parse::parse_table(&inner.into())?;
                check::check_struct(&raw).or(())?;
                found.tables.push(item(raw));
            }
            syn::Item::Enum(inner) => {
                found.enums.push(item(parse::parse_enum(&inner.into())?));
            }
            _ => {}
        }
    }
    Ok(found)
}
