//! The way in from an existing database, with the schemas of applications that use other tools: structs
//! are written, checked and compared, the program adopts the tables, an empty database is created from
//! the same structs, and its structs are the same again.
//!
//! `way_in/report.txt` counts the objects of each schema that come out equal, and lists the others with
//! the reason. `UPDATE_GOLDEN=1` writes it.

use std::collections::BTreeMap;
use std::fmt::Write as _;
use std::fs;
use std::path::{Path, PathBuf};

use kontract_runtime::Base;
use kontract_test_support::{Database, block_on, execute, postgres_database, sqlite_database};

use self::objects::{Object, list_objects};
use super::sql::registry;
use super::{App, Ran, run};

mod objects;

/// The share of the objects that come out equal, in percent: it only rises.
const FLOOR: f64 = 99.7;

/// A schema, and the result of its loop.
struct Schema {
    name: String,
    text: String,
    postgres: bool,
}

/// An object of a schema that does not come out equal, with the reason.
type Unequal = (Object, String);

fn directory() -> PathBuf {
    Path::new(env!("CARGO_MANIFEST_DIR")).join("tests/cli/way_in")
}

fn read_schemas(of: &str) -> Vec<Schema> {
    let files = fs::read_dir(directory().join(of)).expect("the directory of schemas");
    let mut schemas: Vec<Schema> = files
        .map(|file| {
            let path = file.expect("an entry").path();
            let file = path.file_name().and_then(|name| name.to_str()).expect("a name").to_owned();
            let name = file.trim_end_matches(".sql").replace('.', ", ");
            let text = fs::read_to_string(&path).expect("a schema");
            Schema { postgres: file.contains("postgres"), name, text }
        })
        .collect();
    schemas.sort_by(|a, b| a.name.cmp(&b.name));
    schemas
}

impl Schema {
    fn empty_database(&self) -> Database {
        if self.postgres { postgres_database() } else { sqlite_database() }
    }

    /// Runs the loop, and returns the number of objects and those that do not come out equal.
    fn go_round(&self) -> (Vec<Object>, Vec<Unequal>) {
        let existing = self.empty_database();
        execute(existing.url(), &self.text);
        let before = list_objects(&existing);
        let app = App::new("mod tables;\n");
        let step = |name: &str, ran: Ran| {
            assert_eq!(ran.status, 0, "{}: {name}\n{}\n{}", self.name, ran.out, ran.err);
            ran
        };
        let url = [("DATABASE_URL", existing.url())];
        let ran = run(app.dir(), &["introspect", "--json", "--out", "src/tables.rs"], &url);
        let written = step("introspect", ran).json();
        step("check", run(app.dir(), &["check"], &[]));
        step("drift", run(app.dir(), &["drift"], &url));
        step("seal", run(app.dir(), &["seal", "init"], &[]));
        let connect = |database: &Database| {
            let connected = block_on(Base::connect(database.url(), registry(&app)));
            block_on(connected.unwrap_or_else(|error| panic!("{}: {error}", self.name)).close());
        };
        let shown = step("dry run", run(app.dir(), &["migrate", "up", "--dry-run"], &url)).out;
        connect(&existing);
        step("drift after the adoption", run(app.dir(), &["drift"], &url));
        let after = list_objects(&existing);
        let is_shown = |object: &&Object| shown.contains(&format!("CONSTRAINT {}", object.title));
        let gone = before.iter().filter(|object| !after.contains(object) && !is_shown(object));
        let gone = gone.map(ToString::to_string);
        let gone: Vec<String> = gone.collect();
        assert!(gone.is_empty(), "{}: the adoption changed {}", self.name, gone.join("\n"));
        let empty = self.empty_database();
        connect(&empty);
        let url = [("DATABASE_URL", empty.url())];
        let ran = run(app.dir(), &["introspect"], &url);
        let again = step("introspect again", ran).out;
        self.assert_same_structs(&app.read("src/tables.rs"), &again);
        let after = list_objects(&empty);
        let is_there = |object: &&Object| after.iter().any(|other| object.equals(other));
        let unequal = before.iter().filter(|object| !is_there(object)).map(|object| {
            let other = after.iter().find(|other| other.name() == object.name());
            let reasons = written["left_out"].as_array().into_iter().flatten();
            let reason = match other {
                Some(other) => format!("it becomes `{}`", other.definition),
                None => find_reason(
                    object,
                    reasons
                        .filter_map(|one| Some((one["table"].as_str()?, one["message"].as_str()?))),
                ),
            };
            (object.clone(), reason)
        });
        let unequal: Vec<Unequal> = unequal.collect();
        (before, unequal)
    }

    /// The structs of the created database are those of the existing one, apart from notes. SQLite's
    /// STRICT tables have no boolean, which becomes an integer.
    fn assert_same_structs(&self, before: &str, after: &str) {
        let code = |text: &str| -> Vec<String> {
            let lines = text.lines().filter(|line| !line.trim_start().starts_with("//"));
            let lines = lines.filter(|line| !line.is_empty()).map(|line| {
                if self.postgres {
                    return line.to_owned();
                }
                let line = line.replace("bool", "i64").replace("default(true)", "default(1)");
                line.replace("default(false)", "default(0)")
            });
            lines.collect()
        };
        let (before, after) = (code(before), code(after));
        for (line, other) in before.iter().zip(&after) {
            assert_eq!(line, other, "{}: the structs differ", self.name);
        }
        assert_eq!(before.len(), after.len(), "{}: one is longer", self.name);
    }
}

/// The note of `introspect` that names the object, or its table.
fn find_reason<'a>(object: &Object, notes: impl Iterator<Item = (&'a str, &'a str)>) -> String {
    let table = object.table.trim_start_matches("public.");
    let of_table: Vec<&str> =
        notes.filter(|(name, _)| *name == table).map(|(_, note)| note).collect();
    let columns = object.definition.split_once(" REFERENCES ").map_or("", |(columns, _)| columns);
    let columns = columns.trim_start_matches("FOREIGN KEY ");
    let of_object = of_table.iter().find(|note| {
        let is_reference = !columns.is_empty() && note.contains(columns);
        is_reference
            || object.names().any(|name| {
                note.contains(&format!("`{name}`")) || note.contains(&format!("({name})"))
            })
    });
    let whole = of_table.iter().find(|note| note.starts_with("the table"));
    (*of_object.or(whole).unwrap_or(&"WITHOUT A NOTE")).to_owned()
}

fn print_report(results: &[(String, Vec<Object>, Vec<Unequal>)]) -> String {
    let mut text = String::from("Objects that come out equal, of all\n\n");
    let kinds = ["column", "key", "reference", "unique", "index", "check", "default"];
    let mut line = |name: &str, cells: Vec<String>| {
        let _ = write!(text, "{name:<26}");
        cells.iter().for_each(|cell| {
            let _ = write!(text, "{cell:>11}");
        });
        text.push('\n');
    };
    let heads = kinds.iter().map(|kind| (*kind).to_owned()).chain(["all".to_owned()]);
    line("", heads.collect());
    let mut sums: BTreeMap<&str, (usize, usize)> = BTreeMap::new();
    for (name, all, unequal) in results {
        let cells = kinds.iter().chain([&"all"]).map(|kind| {
            let of_kind = |object: &Object| *kind == "all" || object.kind == *kind;
            let total = all.iter().filter(|object| of_kind(object)).count();
            let equal = total - unequal.iter().filter(|(object, _)| of_kind(object)).count();
            let sum = sums.entry(kind).or_default();
            *sum = (sum.0 + equal, sum.1 + total);
            format!("{equal}/{total}")
        });
        let cells = cells.collect();
        line(name, cells);
    }
    let cells =
        kinds.iter().chain([&"all"]).map(|kind| format!("{}/{}", sums[kind].0, sums[kind].1));
    line("all", cells.collect());
    let (equal, total) = sums["all"];
    let share = percent(equal, total);
    let _ = write!(text, "\n{share:.1} % of the objects come out equal.\n");
    for (name, _, unequal) in results.iter().filter(|(_, _, unequal)| !unequal.is_empty()) {
        let _ = write!(text, "\n{name}\n");
        for (object, reason) in unequal {
            let _ = writeln!(text, "  {object}\n      {reason}");
        }
    }
    text
}

fn percent(equal: usize, total: usize) -> f64 {
    equal as f64 * 100.0 / total as f64
}

#[test]
fn schemas_of_applications_go_round() {
    let schemas = read_schemas("schemas");
    assert_eq!(schemas.iter().filter(|schema| schema.postgres).count(), 5);
    assert_eq!(schemas.iter().filter(|schema| !schema.postgres).count(), 3);
    let (equal, total) = check_schemas(&schemas, "report.txt");
    assert!(percent(equal, total) >= FLOOR);
}

/// An ERP with several schemas and keys of several columns, and a store of events with partitions.
#[test]
fn schemas_that_are_made_up_go_round() {
    check_schemas(&read_schemas("made_up"), "made_up.txt");
}

/// Runs the loop of each schema, compares the result with a report, and returns the number of objects that
/// come out equal, and of all.
fn check_schemas(schemas: &[Schema], report: &str) -> (usize, usize) {
    let results: Vec<_> = std::thread::scope(|scope| {
        let running: Vec<_> =
            schemas.iter().map(|schema| scope.spawn(|| schema.go_round())).collect();
        let results = running.into_iter().zip(schemas).map(|(running, schema)| {
            let (all, unequal) = running.join().expect("the loop closes");
            (schema.name.clone(), all, unequal)
        });
        results.collect()
    });
    let text = print_report(&results);
    println!("{}", text.split("\n\n").take(2).collect::<Vec<_>>().join("\n"));
    let file = directory().join(report);
    if std::env::var_os("UPDATE_GOLDEN").is_some() {
        fs::write(&file, &text).expect("the report");
    }
    let expected = fs::read_to_string(&file).unwrap_or_default();
    let only = |a: &str, b: &str| -> Vec<String> {
        let lines = a.lines().filter(|line| !b.lines().any(|other| other == *line));
        lines.map(str::to_owned).collect()
    };
    let (new, old) = (only(&text, &expected), only(&expected, &text));
    assert_eq!(new, old, "UPDATE_GOLDEN=1 writes {}", file.display());
    let total: usize = results.iter().map(|(_, all, _)| all.len()).sum();
    let unequal: usize = results.iter().map(|(_, _, unequal)| unequal.len()).sum();
    (total - unequal, total)
}
