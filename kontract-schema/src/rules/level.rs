//! Levels: what the user makes of the verdicts, for the rules of a package.
//!
//! The defaults are the strict ones. A rule can be raised without limit; it can be lowered where the
//! change can be made without anybody's word on it and nothing is destroyed. The text comes from
//! `kontract.toml`; reading the file is the build script's.
//!
//! ```toml
//! # Y1, Y3, Y8 …: types whose values all fit into the new one
//! allow_widening = true
//!
//! [rules]
//! C18 = "deny"   # renames only by a manual migration
//! I5 = "warn"
//! ```

use std::collections::BTreeMap;

use super::explain::{self, explain};
use super::rename::similarity;
use super::{Judgement, Verdict};
use crate::change::Fact;
use crate::code;
use crate::diagnostic::Diagnostic;

/// What becomes of a change.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub enum Level {
    /// It passes.
    Allow,
    /// It passes, and the build says so.
    Warn,
    /// It is refused, unless a manual migration covers it.
    Deny,
}

/// What passes with a warning, unless the user says otherwise.
const WARNED: [&str; 6] = ["F2", "I3", "I11", "M1", "N1", "T15"];

/// Rules that never pass by themselves: data would be gone or changed, only the user knows a value,
/// or which of two things is meant.
const FINAL: [&str; 27] = [
    "T3", "T5", "T11", "C3", "C14", "C15", "C17", "C20", "C21", "C22", "E4", "E6", "J2", "J7",
    "M5", "M7", "M9", "Y2", "Y4", "Y5", "Y6", "Y10", "Y14", "Y21", "Y22", "Y27", "Y34",
];

/// The levels of a package, as far as they differ from the defaults.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Levels {
    rules: BTreeMap<&'static str, Level>,
    allow_widening: bool,
}

impl Level {
    const ALL: [Level; 3] = [Level::Allow, Level::Warn, Level::Deny];

    /// Its word in the file.
    pub fn word(self) -> &'static str {
        match self {
            Level::Allow => "allow",
            Level::Warn => "warn",
            Level::Deny => "deny",
        }
    }
}

impl Levels {
    /// Reads the text of `kontract.toml`: keys, one table, texts and `true` or `false`, comments.
    ///
    /// # Errors
    /// Everything that is wrong with it, each with its line.
    pub fn read(text: &str) -> Result<Levels, Vec<Diagnostic>> {
        let mut levels = Levels::default();
        let mut problems = Problems::default();
        let mut seen: Vec<(bool, String)> = Vec::new();
        let mut in_rules = false;
        for (line, number) in text.lines().zip(1..) {
            problems.line = number;
            let line = without_comment(line).trim();
            if let Some(name) = line.strip_prefix('[') {
                match name.strip_suffix(']').map(str::trim) {
                    Some("rules") if !in_rules => in_rules = true,
                    Some("rules") => problems.push("`[rules]` stands here twice", "make it one"),
                    _ => problems.push(
                        format!("`{line}` is not known"),
                        "the only table is `[rules]`; a key of the whole file stands before it",
                    ),
                }
                continue;
            }
            if line.is_empty() {
                continue;
            }
            let Some((key, value)) = line.split_once('=') else {
                problems.push(
                    format!("`{line}` is no key with a value"),
                    "write `I5 = \"warn\"` below `[rules]`",
                );
                continue;
            };
            let (key, value) = (unquoted(key.trim()).unwrap_or(key.trim()), value.trim());
            if seen.contains(&(in_rules, key.to_owned())) {
                problems.push(format!("`{key}` stands here twice"), "remove one of them");
            }
            seen.push((in_rules, key.to_owned()));
            match (in_rules, key) {
                (true, key) => levels.rule(key, value, &mut problems),
                (false, "allow_widening") => match value {
                    "true" => levels.allow_widening = true,
                    "false" => levels.allow_widening = false,
                    _ => problems.push(
                        format!("`allow_widening` cannot be {value}"),
                        "it is `true` or `false`",
                    ),
                },
                (false, key) => {
                    let message = format!("`{key}` is not known");
                    match explain(key) {
                        Some(_) => problems.push(message, "rules stand below a line `[rules]`"),
                        None if similarity(key, "allow_widening") > 60 => {
                            problems.push(message, "did you mean `allow_widening`?");
                        }
                        None => problems.push(message, "`allow_widening` and `[rules]` are"),
                    }
                }
            }
        }
        match problems.found.is_empty() {
            true => Ok(levels),
            false => Err(problems.found),
        }
    }

    fn rule(&mut self, key: &str, value: &str, problems: &mut Problems) {
        let Some(rule) = explain(key).filter(|rule| rule.rule == key) else {
            let like = explain::ALL.iter().max_by_key(|rule| similarity(key, rule.rule));
            let meant = match explain(key).or(like) {
                Some(rule) => format!("did you mean `{}`, {}?", rule.rule, rule.title),
                None => String::new(),
            };
            return problems.push(
                format!("there is no rule `{key}`"),
                format!("{meant} `kontract explain` lists all"),
            );
        };
        let word = unquoted(value);
        match Level::ALL.into_iter().find(|level| Some(level.word()) == word) {
            Some(Level::Allow | Level::Warn) if FINAL.contains(&rule.rule) => problems.push(
                format!("`{key}` cannot be {value}: {}", rule.title),
                "only a manual migration lets it pass; remove the line",
            ),
            Some(level) => {
                self.rules.insert(rule.rule, level);
            }
            None => problems.push(
                format!("`{key}` cannot be {value}"),
                "a level is `\"deny\"`, `\"warn\"` or `\"allow\"`",
            ),
        }
    }

    /// Sets the level of each judgement. `is_complete` says whether the statements for a judgement
    /// are known, without a value that only the user has.
    pub fn apply(
        &self,
        judgements: &mut [Judgement],
        is_complete: impl Fn(&[Judgement], &Judgement) -> bool,
    ) {
        for at in 0..judgements.len() {
            let Some(level) = self.of(&judgements[at]) else { continue };
            let can_pass = can_pass(&judgements[at]) && is_complete(judgements, &judgements[at]);
            set(&mut judgements[at], level, can_pass);
        }
    }

    fn of(&self, judgement: &Judgement) -> Option<Level> {
        let said = self.rules.get(judgement.rule).copied();
        said.or((self.allow_widening && is_widening(judgement)).then_some(Level::Allow))
    }
}

/// The level of a rule that passes, if nobody says otherwise.
pub(super) fn of_passing(rule: &str) -> Level {
    if WARNED.contains(&rule) { Level::Warn } else { Level::Allow }
}

/// Whether every value of the old type is one of the new.
fn is_widening(judgement: &Judgement) -> bool {
    let of_type = judgement.rule.starts_with('Y') || judgement.rule == "E9";
    of_type && matches!(judgement.verdict, Verdict::Safe | Verdict::Lock)
}

/// Whether a refused change may pass if the user wants it.
fn can_pass(judgement: &Judgement) -> bool {
    use Fact::*;
    let destroys = matches!(
        judgement.change.fact,
        TableRemoved(_) | FieldRemoved(_) | TrackRemoved(_) | LayoutChanged { .. } | BadHint { .. }
    );
    let serious = matches!(judgement.verdict, Verdict::Backfill | Verdict::Loss);
    judgement.passes || (judgement.coverable && judgement.with.is_empty() && !destroys && !serious)
}

fn set(judgement: &mut Judgement, level: Level, can_pass: bool) {
    let rule = judgement.rule;
    match (level, judgement.passes) {
        (Level::Deny, true) => {
            judgement.passes = false;
            judgement.level = level;
            judgement.code = code::DENIED;
            judgement.notes.push(format!("kontract.toml says `{rule} = \"deny\"`"));
        }
        (Level::Allow | Level::Warn, false) if !can_pass => {
            judgement.notes.push(format!(
                "kontract.toml lets {rule} pass where it can; here only a migration can say what becomes of the rows"
            ));
        }
        (Level::Deny, false) => {}
        (_, _) => {
            judgement.passes = true;
            judgement.level = level;
        }
    }
}

#[derive(Default)]
struct Problems {
    line: usize,
    found: Vec<Diagnostic>,
}

impl Problems {
    fn push(&mut self, message: impl AsRef<str>, help: impl Into<String>) {
        let message = format!("kontract.toml, line {}: {}", self.line, message.as_ref());
        self.found.push(Diagnostic::new(code::CONFIG, message).help(help));
    }
}

/// The line up to a `#` that stands outside of quotes.
fn without_comment(line: &str) -> &str {
    let mut quoted = None;
    for (at, c) in line.char_indices() {
        match (c, quoted) {
            ('#', None) => return &line[..at],
            ('"' | '\'', None) => quoted = Some(c),
            (c, Some(open)) if c == open => quoted = None,
            _ => {}
        }
    }
    line
}

/// The text between quotes.
fn unquoted(text: &str) -> Option<&str> {
    ['"', '\''].iter().find_map(|quote| text.strip_prefix(*quote)?.strip_suffix(*quote))
}

#[cfg(test)]
mod tests {
    use super::*;

    fn problems(text: &str) -> Vec<String> {
        let found = Levels::read(text).expect_err(text);
        found.iter().map(|problem| problem.to_string().replace('\n', "; ")).collect()
    }

    #[test]
    fn what_a_file_says() {
        let text = "# levels\n allow_widening = true # all\n\n[rules]\r\nC18 = \"deny\"\n\"I5\" = 'warn'\n";
        let levels = Levels::read(text).unwrap();
        assert!(levels.allow_widening);
        assert_eq!(levels.rules, [("C18", Level::Deny), ("I5", Level::Warn)].into());
        assert_eq!(Levels::read("").unwrap(), Levels::default());
        assert_eq!(Levels::read("[rules]\nC14 = \"deny\"").unwrap().rules.len(), 1);
    }

    #[test]
    fn mistakes_have_their_lines() {
        for (text, expected) in [
            (
                "[rules]\nC180 = \"deny\"",
                "line 2: there is no rule `C180`; help: did you mean `C18`, a field was renamed?",
            ),
            ("[rules]\nc18 = \"deny\"", "line 2: there is no rule `c18`; help: did you mean `C18`"),
            (
                "[rules]\nC18 = \"forbid\"",
                "line 2: `C18` cannot be \"forbid\"; help: a level is `\"deny\"`",
            ),
            ("[rules]\nC18 = deny", "line 2: `C18` cannot be deny"),
            (
                "[rules]\n\nC14 = \"allow\"",
                "line 3: `C14` cannot be \"allow\": a field was removed; help: only a manual migration",
            ),
            ("[rules]\nI5 = \"warn\"\nI5 = \"deny\"", "line 3: `I5` stands here twice"),
            (
                "I5 = \"warn\"",
                "line 1: `I5` is not known; help: rules stand below a line `[rules]`",
            ),
            (
                "alow_widening = true",
                "line 1: `alow_widening` is not known; help: did you mean `allow_widening`?",
            ),
            (
                "strict = true",
                "line 1: `strict` is not known; help: `allow_widening` and `[rules]` are",
            ),
            ("allow_widening = \"yes\"", "line 1: `allow_widening` cannot be \"yes\""),
            ("[levels]", "line 1: `[levels]` is not known; help: the only table"),
            ("[rules]\n[rules]", "line 2: `[rules]` stands here twice"),
            ("nothing", "line 1: `nothing` is no key with a value"),
        ] {
            let found = problems(text);
            assert_eq!(found.len(), 1, "{found:?}");
            let expected = format!("kontract[K0314]: kontract.toml, {expected}");
            assert!(found[0].starts_with(&expected), "{} is not {expected}", found[0]);
        }
    }
}
