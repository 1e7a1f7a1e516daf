//! Levels: how `kontract.toml` changes the default levels of the rules.
//!
//! Each rule can be raised; it can be lowered if the change needs no decision of the user and destroys
//! no data. The build script reads them from
//! `kontract.toml`.
//!
//! ```toml
//! # Y1, Y3, Y9 …: all values fit into the new type
//! allow_widening = true
//! # the databases that the package runs on
//! databases = ["sqlite"]
//!
//! [rules]
//! C18 = "deny"   # renames only by a manual migration
//! index_may_drop = "warn"   # the name of I5
//! ```

use std::collections::BTreeMap;

use super::conversion::is_free_on_sqlite;
use super::rename::similarity;
use super::{DefaultLevel, Judgement, Level, Verdict, find, suggest};
use crate::change::Fact;
use crate::code;
use crate::diagnostic::Diagnostic;
use crate::dialect::Dialect;

/// The levels of a package, as far as they differ from the defaults.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Levels {
    rules: BTreeMap<&'static str, Level>,
    allow_widening: bool,
    only_sqlite: bool,
}

impl Levels {
    /// Sets the level of a rule. `written` is the value as the user wrote it; `None` as `level` means that
    /// it is not a level.
    ///
    /// # Errors
    /// The rule does not exist; it cannot have this level; the value is not a level.
    pub fn set_rule(
        &mut self,
        name: &str,
        level: Option<Level>,
        written: &str,
    ) -> Result<(), Box<Diagnostic>> {
        let Some(rule) = find(name).filter(|rule| rule.id == name || rule.name == name) else {
            let suggestion = match suggest(name) {
                Some(rule) => {
                    format!("did you mean `{}`, {}? ", rule.id, rule.explanation.title)
                }
                None => String::new(),
            };
            let help = format!("{suggestion}`kontract explain` lists all rules");
            return Err(invalid(format!("the rule `{name}` does not exist"), help));
        };
        match level {
            Some(Level::Allow | Level::Warn) if rule.level == DefaultLevel::Forbid => Err(invalid(
                format!("`{name}` cannot be {written}: {}", rule.explanation.title),
                "only a manual migration lets it pass; remove the line",
            )),
            Some(level) => {
                self.rules.insert(rule.id, level);
                Ok(())
            }
            None => Err(invalid(
                format!("`{name}` cannot be {written}"),
                "a level is `\"deny\"`, `\"warn\"` or `\"allow\"`",
            )),
        }
    }

    /// Sets whether a wider type passes. `written` is the value as the user wrote it; `value` is
    /// `None` if that is not a boolean.
    ///
    /// # Errors
    /// The value is not a boolean.
    pub fn set_allow_widening(
        &mut self,
        value: Option<bool>,
        written: &str,
    ) -> Result<(), Box<Diagnostic>> {
        let message = || format!("`allow_widening` cannot be {written}");
        self.allow_widening = value.ok_or_else(|| invalid(message(), "it is `true` or `false`"))?;
        Ok(())
    }

    /// Sets the databases that the package runs on, by their names. `written` is the value as the user
    /// wrote it; without `names` it is not a list of texts.
    ///
    /// # Errors
    /// The value is not a list of databases, or has none.
    pub fn set_databases(
        &mut self,
        names: Option<&[&str]>,
        written: &str,
    ) -> Result<(), Box<Diagnostic>> {
        let is_known = |name: &&str| Dialect::ALL.iter().any(|dialect| dialect.name() == *name);
        let Some(names) = names.filter(|names| !names.is_empty() && names.iter().all(is_known))
        else {
            return Err(invalid(
                format!("`databases` cannot be {written}"),
                "it is `[\"postgres\", \"sqlite\"]`, `[\"postgres\"]` or `[\"sqlite\"]`",
            ));
        };
        self.only_sqlite = !names.contains(&Dialect::Postgres.name());
        Ok(())
    }

    /// The error for a key that the file cannot have.
    pub fn unknown_key(key: &str) -> Box<Diagnostic> {
        let help = if find(key).is_some() {
            "rules are below a line `[rules]`"
        } else if similarity(key, "allow_widening") > 60 {
            "did you mean `allow_widening`?"
        } else if similarity(key, "databases") > 60 {
            "did you mean `databases`?"
        } else if similarity(key, "generators") > 60 {
            "did you mean `generators`?"
        } else if similarity(key, "history_key") > 60 {
            "did you mean `history_key`?"
        } else {
            "the keys are `allow_widening`, `databases`, `generators`, `history_key` and `[rules]`"
        };
        invalid(format!("the key `{key}` does not exist"), help)
    }

    /// Sets the level of each judgement. `is_complete` says whether the statements for a judgement
    /// are known, without a value that only the user has.
    pub fn apply(&self, judgements: &mut [Judgement], is_complete: impl Fn(&Judgement) -> bool) {
        for judgement in judgements {
            let is_free = self.only_sqlite && is_free_on_sqlite(&judgement.change);
            if is_free {
                judgement.finding.verdict = Verdict::Safe;
                judgement.finding.notes = vec![
                    "every value fits, no statement runs, and running programs go on".to_owned(),
                ];
            }
            let default = is_free.then_some(Level::Allow);
            let Some(level) = self.configured_level(judgement).or(default) else { continue };
            let can_pass = can_pass(judgement) && is_complete(judgement);
            set(judgement, level, can_pass);
        }
    }

    fn configured_level(&self, judgement: &Judgement) -> Option<Level> {
        let configured = self.rules.get(judgement.rule.id).copied();
        configured.or((self.allow_widening && is_widening(judgement)).then_some(Level::Allow))
    }
}

/// Whether every value of the old type is one of the new.
fn is_widening(judgement: &Judgement) -> bool {
    let of_type = judgement.rule.id.starts_with('Y') || ["E9", "P2"].contains(&judgement.rule.id);
    of_type && matches!(judgement.finding.verdict, Verdict::Safe | Verdict::Lock)
}

/// Whether a refused change may pass if the user wants it.
fn can_pass(judgement: &Judgement) -> bool {
    use Fact::*;
    let destroys = matches!(
        judgement.change.fact,
        TableRemoved(_) | FieldRemoved(_) | TrackRemoved(_) | LayoutChanged { .. } | BadHint { .. }
    );
    let serious = matches!(judgement.finding.verdict, Verdict::Backfill | Verdict::Loss);
    judgement.passes
        || (judgement.finding.coverable
            && judgement.finding.with.is_empty()
            && !destroys
            && !serious)
}

/// Whether a change passes by default, or can pass by the levels of some `kontract.toml`.
pub(crate) fn can_pass_by_level(judgement: &Judgement) -> bool {
    can_pass(judgement) || is_free_on_sqlite(&judgement.change)
}

fn set(judgement: &mut Judgement, level: Level, can_pass: bool) {
    let rule = judgement.rule.id;
    match (level, judgement.passes) {
        (Level::Deny, true) => {
            judgement.passes = false;
            judgement.level = level;
            judgement.finding.code = code::DENIED;
            judgement.finding.notes.push(format!("kontract.toml says `{rule} = \"deny\"`"));
        }
        (Level::Allow | Level::Warn, false) if !can_pass => {
            judgement.finding.notes.push(format!(
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

fn invalid(message: String, help: impl Into<String>) -> Box<Diagnostic> {
    Box::new(Diagnostic::new(code::CONFIG, message).help(help))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn levels_that_a_rule_takes() {
        let mut levels = Levels::default();
        levels.set_rule("C18", Some(Level::Deny), "\"deny\"").unwrap();
        levels.set_rule("I5", Some(Level::Warn), "'warn'").unwrap();
        levels.set_rule("C14", Some(Level::Deny), "\"deny\"").unwrap();
        levels.set_allow_widening(Some(true), "true").unwrap();
        assert!(levels.allow_widening);
        let expected = [("C14", Level::Deny), ("C18", Level::Deny), ("I5", Level::Warn)];
        assert_eq!(levels.rules, expected.into());
        assert!(levels.set_rule("C14", Some(Level::Allow), "\"allow\"").is_err());
    }
}
