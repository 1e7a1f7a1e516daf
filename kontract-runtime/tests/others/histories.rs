//! Random histories of migrations on a file full of objects of others.

use std::collections::{BTreeMap, BTreeSet};

use kontract_runtime::Result;
use kontract_schema::intent::Checked;
use kontract_schema::model::Schema;
use proptest::prelude::*;
use proptest::test_runner::TestRunner;
use rusqlite::Connection;

use super::file::{File, read};
use super::random_schemas::{Step, schema, steps, walk};
use super::theirs::{Kind, State, Theirs, create};

/// The number of histories; `KONTRACT_HISTORIES` is another one.
const HISTORIES: u32 = 30;

/// One migration: what others create before it, the changes, and how it is run.
#[derive(Clone, Debug)]
struct Turn {
    theirs: Vec<[usize; 3]>,
    steps: Vec<Step>,
    removal: Option<(usize, usize)>,
    way: usize,
}

fn turn() -> impl Strategy<Value = Turn> {
    let number = || 0..1000usize;
    let theirs = prop::collection::vec([number(), number(), number()], 1..4);
    let removal = prop::option::weighted(0.4, (number(), number()));
    (theirs, steps(), removal, 0..6usize).prop_map(|(theirs, steps, removal, way)| Turn {
        theirs,
        steps,
        removal,
        way,
    })
}

#[test]
fn nothing_of_others_is_lost_or_broken_without_its_name() {
    let cases = std::env::var("KONTRACT_HISTORIES").ok().and_then(|text| text.parse().ok());
    let config = ProptestConfig {
        failure_persistence: None,
        max_shrink_iters: 60,
        ..ProptestConfig::with_cases(cases.unwrap_or(HISTORIES))
    };
    let counts = std::cell::RefCell::new(BTreeMap::new());
    let mut runner = TestRunner::new(config);
    let strategy = (schema(), prop::collection::vec(turn(), 8));
    let done = runner.run(&strategy, |(first, turns)| {
        let mut history = History::new(&first);
        for turn in &turns {
            history.take(turn);
        }
        for (what, count) in history.counts {
            *counts.borrow_mut().entry(what).or_insert(0usize) += count;
        }
        Ok(())
    });
    println!("{:?}", counts.borrow());
    done.unwrap_or_else(|failure| panic!("{failure}"));
    let counted = |what: &str| counts.borrow().get(what).copied().unwrap_or_default();
    assert!(counted("done") > 0 && counted("refused") > 0, "{counts:?}");
}

struct History {
    file: File,
    theirs: Vec<Theirs>,
    number: usize,
    /// Whether the database has a draft that cannot be taken back.
    is_stuck: bool,
    counts: BTreeMap<&'static str, usize>,
}

impl History {
    fn new(first: &Schema) -> History {
        let mut file = File::new();
        if file.seal(&Checked::from(first.clone())) {
            file.up().unwrap();
        }
        History { file, theirs: Vec::new(), number: 0, is_stuck: false, counts: BTreeMap::new() }
    }

    fn count(&mut self, what: &'static str) {
        *self.counts.entry(what).or_default() += 1;
    }

    /// Runs one migration in one of the ways.
    fn take(&mut self, turn: &Turn) {
        if self.is_stuck {
            return;
        }
        insert_rows(&self.file.open());
        for what in &turn.theirs {
            self.number += 1;
            let created = create(&self.file, self.number, *what);
            self.theirs.extend(created);
        }
        let mut new = walk(&self.file.lock.schema(), &turn.steps);
        remove(&mut new, turn.removal);
        // A renamed document table keeps its name in the file, which a new table could get again.
        let names: BTreeSet<&String> = new.schema.tables.values().map(|table| &table.ptr).collect();
        if names.len() < new.schema.tables.len() {
            return;
        }
        let before = self.file.lock.clone();
        if turn.way == 1 && self.file.draft(&new) {
            self.attempt("draft", File::up_with_draft);
            self.file.lock.draft = None;
            if !self.attempt("draft taken back", |file| file.down_to(file.lock.version)) {
                self.is_stuck = true; // its rows do not fit the tables as they were
            }
        }
        if self.is_stuck || !self.file.seal(&new) {
            return;
        }
        if !self.attempt("up", File::up) {
            self.file.lock = before;
            return;
        }
        if turn.way == 2 && self.attempt("down", File::down) {
            assert!(self.attempt("up again", File::up), "{:?}", self.file.up());
        }
        if turn.way == 3 && self.number.is_multiple_of(5) && self.reset() {
            assert!(self.attempt("up after reset", File::up), "{:?}", self.file.up());
        }
    }

    /// Drops the tables of the package. What others created on them goes with them.
    fn reset(&mut self) -> bool {
        let goes_along = |one: &Theirs| {
            matches!(one.kind, Kind::Column | Kind::Generated | Kind::Index | Kind::Trigger)
        };
        let (gone, left) = std::mem::take(&mut self.theirs).into_iter().partition(goes_along);
        self.theirs = left;
        let gone: Vec<Theirs> = gone;
        gone.iter().rev().for_each(|one| one.drop(&self.file.open()));
        self.attempt("reset", File::reset)
    }

    /// Runs an action. Where it is refused, the owners of what it names drop that, up to ten times.
    /// Returns whether it was done.
    fn attempt(&mut self, what: &'static str, action: fn(&File) -> Result<Vec<String>>) -> bool {
        for _ in 0..10 {
            let states = self.states();
            let content = dump(&self.file.open());
            match action(&self.file) {
                Ok(_) => {
                    self.compare(&states, what);
                    self.count("done");
                    return true;
                }
                Err(error) => {
                    let text = format!("{error:?}");
                    assert_eq!(dump(&self.file.open()), content, "{what} failed: {text}");
                    let is_named = |one: &Theirs| names(&text, &one.name);
                    let Some(at) = self.theirs.iter().position(is_named) else {
                        self.refused_without_others(what, action, &text);
                        return false;
                    };
                    self.count("refused");
                    let named = self.theirs.remove(at);
                    named.drop(&self.file.open());
                }
            }
        }
        false
    }

    /// Fails unless the action is refused without objects of others, too.
    fn refused_without_others(
        &mut self,
        what: &str,
        action: fn(&File) -> Result<Vec<String>>,
        text: &str,
    ) {
        self.count("impossible");
        let copy = self.file.copy();
        for one in self.theirs.iter().rev() {
            one.drop(&copy.open());
        }
        assert!(action(&copy).is_err(), "{what} was refused without a name: {text}");
    }

    fn states(&self) -> Vec<State> {
        let open = self.file.open();
        self.theirs.iter().map(|one| one.state(&open)).collect()
    }

    /// Compares the objects of others with what they were like.
    fn compare(&self, before: &[State], what: &str) {
        let open = self.file.open();
        for (one, before) in self.theirs.iter().zip(before) {
            let now = one.state(&open);
            assert_eq!(now, *before, "{what}: {one:?}");
            let broken = one.fire(&open, |_| one.table_now(&open));
            assert_eq!(broken, None, "{what}: {one:?}");
        }
    }
}

/// Whether a text contains a name that does not go on.
fn names(text: &str, name: &str) -> bool {
    text.match_indices(name)
        .any(|(at, _)| !text[at + name.len()..].starts_with(|next: char| next.is_ascii_digit()))
}

/// All objects and rows of a file.
fn dump(open: &Connection) -> String {
    let objects = "SELECT coalesce(sql, name) FROM sqlite_schema ORDER BY name";
    let mut text = read(open, objects).unwrap();
    let tables = "SELECT json_group_array(name) FROM sqlite_schema WHERE type = 'table' AND rootpage > 0 AND name NOT LIKE '%\\_data' ESCAPE '\\'";
    let tables: Vec<String> = serde_json::from_str(&read(open, tables).unwrap()).unwrap();
    for table in tables {
        let columns = format!(
            "SELECT group_concat('quote(\"' || name || '\")', '||') FROM pragma_table_xinfo('{table}')"
        );
        let columns = read(open, &columns).unwrap();
        text += &format!("\n{table}: ");
        text += &read(open, &format!("SELECT {columns} FROM \"{table}\"")).unwrap();
    }
    text
}

/// Removes a field, or a table with all references to it.
fn remove(Checked { schema, intent }: &mut Checked, removal: Option<(usize, usize)>) {
    let Some((at, field)) = removal else { return };
    let names: Vec<String> = schema.tables.keys().cloned().collect();
    let Some(name) = names.get(at % names.len().max(1)) else { return };
    if field % 3 == 0 {
        intent.tables.remove(name);
        schema.tables.remove(name);
        for table in schema.tables.values_mut() {
            table.references.retain(|_, key| key.table != *name);
        }
        return;
    }
    let table = schema.tables.get_mut(name).expect("it was picked");
    let used = |name: &String| {
        table.indexes.values().any(|index| index.fields.contains(name))
            || table.references.values().any(|key| key.fields.contains(name))
    };
    let free = table.schema.iter().filter(|field| !field.primkey && !used(&field.name));
    let free: Vec<String> = free.map(|field| field.name.clone()).collect();
    if let Some(gone) = free.get(field % free.len().max(1)).cloned() {
        table.schema.retain(|field| field.name != gone);
        if let Some(hints) = intent.tables.get_mut(name) {
            hints.fields.remove(&gone);
        }
    }
}

/// Inserts rows into tables that have none, as far as their constraints accept some value.
fn insert_rows(open: &Connection) {
    let tables = "SELECT json_group_array(name) FROM sqlite_schema WHERE type = 'table' \
         AND name NOT LIKE 'theirs%' AND name NOT LIKE '\\_kontract%' ESCAPE '\\' AND name NOT LIKE 'sqlite%'";
    let tables: Vec<String> = serde_json::from_str(&read(open, tables).unwrap()).unwrap();
    let texts = ["one", "draft", "{}", "[]", "0191b3c8-0000-7000-8000-000000000000", "2026-11-21"];
    for table in tables {
        if read(open, &format!("SELECT count(*) FROM \"{table}\"")).unwrap() != "0" {
            continue;
        }
        let columns = format!(
            "SELECT json_group_array(json_array(name, type)) FROM pragma_table_xinfo('{table}') WHERE hidden = 0 AND (\"notnull\" OR name NOT LIKE 'to\\_%' ESCAPE '\\') AND name <> '_deleted_txid'"
        );
        let columns: Vec<(String, String)> =
            serde_json::from_str(&read(open, &columns).unwrap()).unwrap();
        for (row, word) in [(10, "one"), (20, "two"), (30, "three")] {
            for text in texts {
                let value = |(name, ty): &(String, String)| match (&**name, &**ty) {
                    ("id", "TEXT") => format!("'{word}'"),
                    ("data", _) => format!("'{{\"name\": \"{word}\"}}'"),
                    (_, "INTEGER") => (row / 10 % 2).to_string(),
                    (_, "REAL") => "1.5".to_owned(),
                    (_, "BLOB") => "x'00'".to_owned(),
                    _ if text == "one" => format!("'{word}'"),
                    _ => format!("'{text}'"),
                };
                let value = |column: &(String, String)| match &*column.0 {
                    "id" if column.1 == "INTEGER" => row.to_string(),
                    _ => value(column),
                };
                let names: Vec<String> =
                    columns.iter().map(|(name, _)| format!("\"{name}\"")).collect();
                let values: Vec<String> = columns.iter().map(value).collect();
                let (names, values) = (names.join(", "), values.join(", "));
                let has_alias = columns.iter().any(|(name, ty)| name == "id" && ty == "INTEGER");
                let (rowid, number) =
                    if has_alias { ("", String::new()) } else { (", rowid", format!(", {row}")) };
                let sql = format!(
                    "INSERT OR IGNORE INTO \"{table}\" ({names}{rowid}) VALUES ({values}{number})"
                );
                if open.execute(&sql, []).is_ok_and(|rows| rows > 0) {
                    break;
                }
            }
        }
    }
}
