//! `kontract introspect` on random databases with names and texts that are hard to write: the source always
//! passes its own check, the database matches it, and a second run shows no change.

use kontract_test_support::{Database, execute, postgres_database, sqlite_database};

use self::numbers::Numbers;
use super::{App, run};

mod numbers;
mod postgres;
mod sqlite;

/// Names that are keywords, of the longest length, equal in Rust, or that have to be quoted.
const NAMES: [&str; 40] = [
    "type",
    "self",
    "Self",
    "crate",
    "super",
    "select",
    "order",
    "table",
    "id",
    "Id",
    "ID",
    "data",
    "_data",
    "_",
    "__",
    "user name",
    "user-name",
    "user_name",
    "userName",
    "quo\"te",
    "apo'strophe",
    "back\\slash",
    "Größe",
    "日本",
    "naïve",
    "😀",
    "1st",
    "a.b",
    "a/b",
    "r#fn",
    "%s {} $1",
    "Vec",
    "Option",
    "New",
    "async",
    "new\nline",
    "tab\tulator",
    "--comment",
    "/*comment*/",
    "\u{202e}abc",
];

/// Texts for defaults and checks.
const TEXTS: [&str; 14] = [
    "",
    " ",
    "plain",
    "it's",
    "\"quoted\"",
    "back\\slash",
    "-- no comment",
    "/* no comment",
    "a;b",
    "a, b",
    "(",
    "{\"a\": [1]}",
    "new\nline",
    "日本",
];

/// Returns a name as SQL writes it.
fn quote(name: &str) -> String {
    format!("\"{}\"", name.replace('"', "\"\""))
}

/// Returns a text as SQL writes it.
fn literal(text: &str) -> String {
    format!("'{}'", text.replace('\'', "''"))
}

/// Chooses a text, as SQL writes it.
fn choose_text(numbers: &mut Numbers) -> String {
    literal(numbers.choose::<&str>(&TEXTS))
}

/// Chooses names that differ, also in lower case, and have at most 63 bytes.
fn choose_names(numbers: &mut Numbers, count: usize) -> Vec<String> {
    let mut names: Vec<String> = Vec::new();
    while names.len() < count {
        let mut name = numbers.choose(&NAMES).to_string();
        match numbers.below(6) {
            0 => name = format!("{name}{}", numbers.below(100)),
            1 => name = format!("{name}_{}", "n".repeat(62 - name.len())),
            _ => {}
        }
        if !names.iter().any(|other| other.to_lowercase() == name.to_lowercase()) {
            names.push(name);
        }
    }
    names
}

fn check_database(database: &Database, seed: u64, ddl: &str) {
    execute(database.url(), ddl);
    let app = App::new("mod tables;\n");
    let url = [("DATABASE_URL", database.url())];
    let introspect = |arguments: &[&str]| {
        let ran = run(app.dir(), &[&["introspect"], arguments].concat(), &url);
        assert_eq!(ran.status, 0, "seed {seed}\n{}\n{}\n{ddl}", ran.out, ran.err);
        ran
    };
    let written = introspect(&["--out", "src/tables.rs", "--json"]).json();
    let source = app.read("src/tables.rs");
    let context = || format!("seed {seed}\n{ddl}\n{source}");
    assert_eq!(written["differences"], serde_json::json!([]), "{}", context());
    let check = run(app.dir(), &["check"], &[]);
    assert_eq!(check.status, 0, "{}\n{}", check.err, context());
    let drift = run(app.dir(), &["drift"], &url);
    assert_eq!(drift.status, 0, "{}\n{}\n{}", drift.out, drift.err, context());
    let again = introspect(&["--out", "src/tables.rs"]);
    assert_eq!(again.out, "the database matches the structs\n", "{}", context());
}

#[test]
fn random_databases_of_postgres_come_in() {
    for seed in 0..6 {
        let mut numbers = Numbers::new(seed);
        check_database(&postgres_database(), seed, &postgres::write_database(&mut numbers));
    }
}

#[test]
fn random_databases_of_sqlite_come_in() {
    for seed in 0..12 {
        let mut numbers = Numbers::new(seed);
        check_database(&sqlite_database(), seed, &sqlite::write_database(&mut numbers));
    }
}
