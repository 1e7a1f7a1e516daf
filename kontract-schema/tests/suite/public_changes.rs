//! Changes that applications published, and the verdict that their facts want: does the gate agree?
//! `tests/public_changes/` has one file for each application, with its tables reduced to what a change
//! touches, and rows as they may be before it. A change may be there twice, with and without a hint.
//!
//! What passes runs on the rows in both databases: no value changes, and after a safe change a program
//! of the version before still reads and inserts. `UPDATE_GOLDEN=1` rewrites `report.txt`.

mod notation;

use std::collections::BTreeMap;
use std::fmt::Write;
use std::fs;
use std::path::PathBuf;

use kontract_schema::gate::gate;
use kontract_schema::intent::Checked;
use kontract_schema::model::Schema;

use crate::breaking::{sealed, try_source};
use crate::database::{Live, content, creates_twice, matches, texts};
use crate::postgres::Postgres;
use crate::sqlite::Sqlite;
use notation::{Expected, Pair};

/// How many changes of an application have an answer, and how many of them pass.
#[derive(Default)]
struct Counts([(usize, usize); 3]);

#[test]
fn the_gate_agrees_with_public_changes() {
    let (mut sqlite, mut postgres) = (Sqlite::new(), Postgres::new());
    let (mut counts, mut differences, mut problems) = (BTreeMap::new(), String::new(), Vec::new());
    for (application, text) in files() {
        let counts: &mut Counts = counts.entry(application.clone()).or_default();
        for pair in text.lines().filter(|line| !line.starts_with("//")).map(Pair::read) {
            let (old, new) = match schemas(&pair) {
                Ok(schemas) => schemas,
                Err(error) => {
                    problems.push(format!("{}\n{error}\n{}\n{}", pair.text, pair.old, pair.new));
                    continue;
                }
            };
            let found = gate(&sealed(&old), &new, None);
            let (all, passed) = &mut counts.0[pair.expected as usize];
            (*all, *passed) = (*all + 1, *passed + usize::from(found.draft.is_some()));
            let agrees = found.draft.is_some() != (pair.expected == Expected::Dangerous);
            if agrees == pair.reason.is_some() {
                let rules = found.judgements.iter().map(|one| (one.rule.id, one.passes));
                let rules: Vec<_> = rules.collect();
                problems.push(format!("{}\nagrees: {agrees}, {rules:?}", pair.text));
            } else if let Some(reason) = &pair.reason {
                let _ = write!(differences, "\n{application}: {}\n    {reason}\n", pair.text);
            }
            for done in
                [runs(&mut sqlite, &pair, &old, &new), runs(&mut postgres, &pair, &old, &new)]
            {
                problems.extend(done.err().map(|error| format!("{}\n{error}", pair.text)));
            }
        }
    }
    assert!(problems.is_empty(), "{} problems\n{}", problems.len(), problems.join("\n\n"));
    check_measure(&counts);
    compare_report(&report(&counts, &differences));
}

/// The files and the names of the applications.
fn files() -> Vec<(String, String)> {
    let entries = fs::read_dir(directory()).unwrap().map(|entry| entry.unwrap().path());
    let mut found: Vec<_> = entries
        .map(|path| {
            let name = path.file_stem().unwrap().to_str().unwrap().to_owned();
            (name, fs::read_to_string(path).unwrap())
        })
        .filter(|(name, _)| name != "report")
        .collect();
    found.sort();
    found
}

fn directory() -> PathBuf {
    PathBuf::from(env!("CARGO_MANIFEST_DIR")).join("tests/public_changes")
}

fn schemas(pair: &Pair) -> Result<(Schema, Checked), String> {
    let parse = |source: &str, sealed: &Schema| {
        syn::parse_str::<syn::File>(source).map_err(|error| error.to_string())?;
        try_source(source, sealed).map_err(|problems| problems.join("\n"))
    };
    let old = parse(&pair.old, &Schema::default())?.schema;
    let new = parse(&pair.new, &old)?;
    Ok((old, new))
}

/// What passes runs on the rows, and keeps their values.
fn runs<L: Live>(live: &mut L, pair: &Pair, old: &Schema, new: &Checked) -> Result<(), String> {
    let name = L::DIALECT.name();
    let Some(draft) = gate(&sealed(old), new, None).draft else { return Ok(()) };
    creates_twice(live, old)?;
    live.run(&pair.rows(L::DIALECT), false).map_err(|error| format!("{name}, rows: {error}"))?;
    let before = content(live, old, old.into());
    let script = draft.sql.for_dialect(L::DIALECT);
    let up = texts(&script.up);
    live.run(&up, script.rebuild).map_err(|error| format!("{name}: {error}\n{up:?}"))?;
    matches(live, &new.schema).map_err(|error| format!("{name}: {error}\n{up:?}"))?;
    let after = content(live, old, new.into());
    if let Some(changed) = after.iter().find(|values| !before.contains(values)) {
        return Err(format!("{name}: was {before:?}, is {changed:?}\n{up:?}"));
    }
    if pair.expected == Expected::Safe {
        let insert = [pair.row(L::DIALECT, 9)];
        let done = live.run(&insert, false);
        done.map_err(|error| format!("{name}, a program of the version before: {error}"))?;
        let found = live.texts(&pair.query(L::DIALECT));
        assert_eq!(found, [Some("4".to_owned())], "{}", pair.text);
    }
    Ok(())
}

/// The measure: 300 changes of five applications, none that is dangerous passes, of the safe ones 98 of
/// 100 do, and all that the source states.
fn check_measure(counts: &BTreeMap<String, Counts>) {
    let sum = |expected: Expected| {
        let found = counts.values().map(|counts| counts.0[expected as usize]);
        found.fold((0, 0), |(all, passed), one| (all + one.0, passed + one.1))
    };
    let [safe, stated, dangerous] =
        [Expected::Safe, Expected::Stated, Expected::Dangerous].map(sum);
    assert!(counts.len() >= 5 && safe.0 + stated.0 + dangerous.0 >= 300);
    assert_eq!(dangerous.1, 0, "dangerous changes pass");
    assert_eq!(stated.1, stated.0, "stated changes are refused");
    assert!(safe.1 * 100 >= safe.0 * 98, "{} of {} safe changes pass", safe.1, safe.0);
}

fn report(counts: &BTreeMap<String, Counts>, differences: &str) -> String {
    let mut text = "Public changes: how many there are, and how many of them pass\n\n".to_owned();
    let line = |name: &str, words: [String; 3]| {
        format!("{name:<16}{:>12}{:>12}{:>12}\n", words[0], words[1], words[2])
    };
    text += &line("application", ["safe", "stated", "dangerous"].map(str::to_owned));
    let mut sum = [(0, 0); 3];
    for (name, Counts(found)) in counts {
        text += &line(name, found.map(|(all, passed)| format!("{passed} of {all}")));
        for (total, one) in sum.iter_mut().zip(found) {
            *total = (total.0 + one.0, total.1 + one.1);
        }
    }
    text += &line("all", sum.map(|(all, passed)| format!("{passed} of {all}")));
    text + "\nWhere the gate differs:\n"
        + if differences.is_empty() { "\nnowhere\n" } else { differences }
}

fn compare_report(text: &str) {
    let path = directory().join("report.txt");
    if std::env::var_os("UPDATE_GOLDEN").is_some() {
        fs::write(&path, text).unwrap();
    }
    let expected = fs::read_to_string(&path).unwrap_or_default();
    assert_eq!(text, expected, "UPDATE_GOLDEN=1 rewrites {}", path.display());
}
