//! Reads `kontract.toml`: the levels of rules, the versions whose statements are accepted, and the key of
//! the history.

use std::io::ErrorKind;
use std::ops::Range;
use std::path::Path;

use kontract_schema::code;
use kontract_schema::diagnostic::{Diagnostic, Diagnostics};
use kontract_schema::rules::{Level, Levels};
use toml_edit::{Document, Item, TableLike, Value};

use crate::text_file::{MIGRATION_LIMIT, read_text_file};

/// The name of the file, beside Cargo.toml.
pub const CONFIG_FILE: &str = "kontract.toml";

/// What the file sets.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Config {
    /// The levels of rules.
    pub levels: Levels,
    /// The versions of Kontract whose sealed statements are taken as they are.
    pub generators: Vec<String>,
    /// The name under which databases keep the history of the package, if it is not the package's.
    pub history_key: Option<String>,
}

/// Reads the configuration of a package. Returns the defaults if it has no file, or one with errors,
/// which are added to `problems`.
pub fn read_config(package: &Path, problems: &mut Diagnostics) -> Config {
    let text = match read_text_file(&package.join(CONFIG_FILE), package, MIGRATION_LIMIT) {
        Ok(text) => text,
        Err(error) if error.kind() == ErrorKind::NotFound => return Config::default(),
        Err(error) => {
            let message = format!("{CONFIG_FILE} cannot be read: {error}");
            problems.push(Diagnostic::new(code::CONFIG, message));
            return Config::default();
        }
    };
    parse_config(text.trim_start_matches('\u{feff}')).unwrap_or_else(|found| {
        problems.extend(found);
        Config::default()
    })
}

/// Parses the text of the file.
///
/// # Errors
/// All errors, each with line and column.
fn parse_config(text: &str) -> Result<Config, Diagnostics> {
    let mut parser = Parser { text, config: Config::default(), problems: Diagnostics::new() };
    match Document::parse(text) {
        Ok(document) => parser.read_file(document.as_table()),
        Err(error) => {
            let problem = Diagnostic::new(code::CONFIG, error.message());
            parser.add_problem(error.span(), problem);
        }
    }
    parser.problems.or(parser.config)
}

struct Parser<'a> {
    text: &'a str,
    config: Config,
    problems: Diagnostics,
}

impl Parser<'_> {
    fn read_file(&mut self, file: &dyn TableLike) {
        for (key, item) in file.iter() {
            let span = key_span(file, key);
            match (key, item.as_table_like()) {
                ("rules", Some(rules)) => self.read_rules(rules),
                ("rules", None) => {
                    let problem = Diagnostic::new(code::CONFIG, "`rules` is not a table")
                        .help("write a line `[rules]`, and each rule on a line below it");
                    self.add_problem(span, problem);
                }
                ("allow_widening", _) => {
                    let result = self
                        .config
                        .levels
                        .set_allow_widening(item.as_bool(), source_text(self.text, item));
                    self.check(item.span(), result);
                }
                ("databases", _) => {
                    let names = item.as_array().map(|names| names.iter().map(|name| name.as_str()));
                    let names: Option<Vec<&str>> = names.and_then(Iterator::collect);
                    let written = source_text(self.text, item);
                    let result = self.config.levels.set_databases(names.as_deref(), written);
                    self.check(item.span(), result);
                }
                ("generators", _) => {
                    let versions = item.as_array().map(|list| list.iter().map(as_version));
                    match versions.and_then(Iterator::collect) {
                        Some(versions) => self.config.generators = versions,
                        None => {
                            let written = source_text(self.text, item);
                            let message = format!("`generators` cannot be {written}");
                            let problem = Diagnostic::new(code::CONFIG, message)
                                .help("it is a list of versions of Kontract, `[\"0.1.0\"]`");
                            self.add_problem(item.span(), problem);
                        }
                    }
                }
                ("history_key", _) => match item.as_str().filter(|key| is_history_key(key)) {
                    Some(key) => self.config.history_key = Some(key.to_owned()),
                    None => {
                        let written = source_text(self.text, item);
                        let what = format!("`history_key` cannot be {written}");
                        let problem = Diagnostic::new(code::CONFIG, what).help(
                            "it is a name of letters, digits, underscores and hyphens, for instance `\"app\"`",
                        );
                        self.add_problem(item.span(), problem);
                    }
                },
                (key, _) => self.add_problem(span, *Levels::unknown_key(key)),
            }
        }
    }

    fn read_rules(&mut self, rules: &dyn TableLike) {
        for (name, item) in rules.iter() {
            let level = item.as_str().and_then(Level::from_word);
            let result = self.config.levels.set_rule(name, level, source_text(self.text, item));
            self.check(key_span(rules, name), result);
        }
    }

    fn check(&mut self, span: Option<Range<usize>>, result: Result<(), Box<Diagnostic>>) {
        if let Err(problem) = result {
            self.add_problem(span, *problem);
        }
    }

    /// Adds an error with the line and column, both from 1, of its position.
    fn add_problem(&mut self, span: Option<Range<usize>>, mut problem: Diagnostic) {
        let start = span.map_or(0, |span| span.start).min(self.text.len());
        let before = &self.text[..start];
        let line = before.matches('\n').count() + 1;
        let column = before.rsplit('\n').next().unwrap_or_default().chars().count() + 1;
        problem.message = format!("{CONFIG_FILE}:{line}:{column}: {}", problem.message);
        self.problems.push(problem);
    }
}

/// Returns a version of Kontract, if the value is one.
fn as_version(value: &Value) -> Option<String> {
    let is_allowed = |c: char| c.is_ascii_alphanumeric() || ".+-".contains(c);
    let text = value.as_str().filter(|text| !text.is_empty() && text.chars().all(is_allowed));
    text.map(str::to_owned)
}

/// Whether a text can be the key of a history: what cargo allows for the name of a package.
fn is_history_key(key: &str) -> bool {
    let is_allowed = |c: char| c.is_alphanumeric() || c == '_' || c == '-';
    !key.is_empty() && key.chars().all(is_allowed)
}

/// A value as it is written.
fn source_text<'a>(text: &'a str, item: &Item) -> &'a str {
    item.span().and_then(|span| text.get(span)).unwrap_or("a table")
}

fn key_span(table: &dyn TableLike, key: &str) -> Option<Range<usize>> {
    table.key(key).and_then(|key| key.span())
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn valid_files() {
        for text in [
            "",
            "# levels\n allow_widening = true # all\n\n[rules]\r\nC18 = \"deny\"\n\"I5\" = 'warn'\n",
            "rules = { C18 = \"deny\", I5 = \"warn\" }",
            "rules.C18 = \"\"\"\ndeny\"\"\"",
            "[rules]\nC14 = \"deny\"",
            "history_key = \"my-app_2\"",
        ] {
            assert!(parse_config(text).is_ok(), "{text}");
        }
        let inline = parse_config("rules = { C18 = \"deny\" }").unwrap();
        assert_eq!(inline, parse_config("[rules]\nC18 = 'deny'").unwrap());
        assert_ne!(inline, Config::default());
    }

    #[test]
    fn mistakes_have_a_position() {
        for (text, expected) in [
            (
                "[rules]\nC180 = \"deny\"",
                "2:1: the rule `C180` does not exist; help: did you mean `C10`, a check that no existing row violates?",
            ),
            (
                "[rules]\nK0203 = \"deny\"",
                "2:1: the rule `K0203` does not exist; help: `kontract explain` lists all rules",
            ),
            (
                "[rules]\nc18 = \"deny\"",
                "2:1: the rule `c18` does not exist; help: did you mean `C18`",
            ),
            (
                "[rules]\nC18 = \"forbid\"",
                "2:1: `C18` cannot be \"forbid\"; help: a level is `\"deny\"`",
            ),
            ("[rules]\nC18 = 3", "2:1: `C18` cannot be 3"),
            ("[rules]\nC18 = deny", "2:7: "),
            (
                "[rules]\n\n  C14 = \"allow\"",
                "3:3: `C14` cannot be \"allow\": a field was removed; help: only a manual migration",
            ),
            ("[rules]\nI5 = \"warn\"\nI5 = \"deny\"", "3:1: duplicate key"),
            (
                "I5 = \"warn\"",
                "1:1: the key `I5` does not exist; help: rules are below a line `[rules]`",
            ),
            (
                "alow_widening = true",
                "1:1: the key `alow_widening` does not exist; help: did you mean `allow_widening`?",
            ),
            ("strict = true", "1:1: the key `strict` does not exist; help: the keys are"),
            ("allow_widening = \"yes\"", "1:18: `allow_widening` cannot be \"yes\""),
            ("databases = [\"mysql\"]", "1:13: `databases` cannot be [\"mysql\"]; help: it is"),
            ("databases = []", "1:13: `databases` cannot be []"),
            ("databases = \"sqlite\"", "1:13: `databases` cannot be \"sqlite\""),
            (
                "generators = \"0.1.0\"",
                "1:14: `generators` cannot be \"0.1.0\"; help: it is a list of versions",
            ),
            ("generators = [\"a b\"]", "1:14: `generators` cannot be [\"a b\"]"),
            ("generator = []", "1:1: the key `generator` does not exist; help: did you mean"),
            (
                "database = [\"sqlite\"]",
                "1:1: the key `database` does not exist; help: did you mean `databases`?",
            ),
            ("history_key = 3", "1:15: `history_key` cannot be 3; help: it is a name"),
            ("history_key = \"\"", "1:15: `history_key` cannot be \"\""),
            ("history_key = \"a b\"", "1:15: `history_key` cannot be \"a b\""),
            (
                "history = \"a\"",
                "1:1: the key `history` does not exist; help: did you mean `history_key`?",
            ),
            ("[levels]", "1:2: the key `levels` does not exist; help: the keys are"),
            ("rules = 1", "1:1: `rules` is not a table"),
            ("[rules]\n[rules]", "2:"),
            ("nothing", "1:"),
        ] {
            let problems = parse_config(text).expect_err(text);
            let found: Vec<String> =
                problems.iter().map(|problem| problem.to_string().replace('\n', "; ")).collect();
            assert_eq!(found.len(), 1, "{found:?}");
            let expected = format!("kontract[K0314]: kontract.toml:{expected}");
            assert!(found[0].starts_with(&expected), "{} does not start with {expected}", found[0]);
        }
    }

    /// The texts in backticks.
    fn quoted(text: &str) -> Vec<&str> {
        text.split('`').skip(1).step_by(2).collect()
    }

    fn help(text: &str) -> String {
        let problems = parse_config(text).expect_err(text);
        problems.iter().flat_map(|problem| problem.help.clone()).collect()
    }

    #[test]
    fn what_a_message_suggests_is_accepted() {
        for rule in kontract_schema::rules::all() {
            for written in [rule.id.to_lowercase(), format!("{}x", rule.name)] {
                let help = help(&format!("[rules]\n{written} = \"deny\""));
                let meant = quoted(&help)[0];
                assert!(parse_config(&format!("[rules]\n{meant} = \"deny\"")).is_ok(), "{help}");
            }
        }
        for level in quoted(&help("[rules]\nC18 = \"off\"")) {
            assert!(parse_config(&format!("[rules]\nC18 = {level}")).is_ok(), "{level}");
        }
        for key in ["allow_widening", "databases", "generators", "history_key"] {
            for value in quoted(&help(&format!("{key} = 1"))) {
                assert!(parse_config(&format!("{key} = {value}")).is_ok(), "{value}");
            }
        }
    }

    #[test]
    fn the_reference_lists_every_key_with_its_values_and_default() {
        let page = Path::new(env!("CARGO_MANIFEST_DIR")).join("../src/reference/configuration.rs");
        let page = std::fs::read_to_string(page).unwrap();
        let (_, table) = page.split_once("| key | values | default |").unwrap();
        let rows = table.lines().skip(2).take_while(|line| line.starts_with("//! |"));
        let rows: Vec<Vec<&str>> = rows.map(|line| line.split('|').collect()).collect();
        let keys: Vec<&str> = rows.iter().map(|row| quoted(row[1])[0]).collect();
        assert_eq!(keys, quoted(&help("other = 1")));
        for (row, key) in rows.iter().zip(keys) {
            let (values, default) = (quoted(row[2]), quoted(row[3]));
            let line = |value: &str| match key {
                "[rules]" => format!("[rules]\nC18 = {value}"),
                key => format!("{key} = {value}"),
            };
            assert!(values.iter().all(|value| parse_config(&line(value)).is_ok()), "{values:?}");
            for default in default {
                assert_eq!(parse_config(&line(default)).unwrap(), Config::default());
            }
        }
        // The example of the page.
        let example = page.split("```").nth(1).unwrap().replace("//!", "");
        assert!(parse_config(example.trim_start_matches("toml")).is_ok(), "{example}");
    }
}
