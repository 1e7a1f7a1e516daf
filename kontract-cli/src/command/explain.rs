//! `kontract explain`: explains a code, a rule, or a change of the package.

use clap::Args;
use kontract_build::project::Look;
use kontract_schema::change::{Change, ChangeId};
use kontract_schema::code;
use kontract_schema::dialect::Dialect;
use kontract_schema::lock::Migration;
use kontract_schema::rules::{self, Explanation, Judgement, Rule};
use serde_json::{Value, json};

use crate::args::Global;
use crate::command::Answer;
use crate::failure::Failure;
use crate::package;
use crate::show::{self, say};

/// Explain a code (K0203), a rule (C14 or field_no_drop) or a change (users.email:removed)
#[derive(Args, Debug)]
#[command(after_help = "\
Examples:
  kontract explain K0203
  kontract explain C14
  kontract explain users.email:removed
  kontract explain            list all codes and rules")]
pub struct Explain {
    /// K0203, C14, field_no_drop or users.email:removed
    what: Option<String>,
}

impl Explain {
    pub fn run(&self, global: &Global) -> Result<Answer, Failure> {
        let Some(what) = self.what.as_deref().map(str::trim) else {
            print_list(global.json);
            return Ok(Answer::Yes);
        };
        if let Ok(id) = what.parse() {
            return explain_change(global, &id);
        }
        if let Some(code) = parse_code(what) {
            let found = code::explain(&code).ok_or_else(|| unknown(what))?;
            if global.json {
                show::json(&code_json(found));
            } else {
                say!("{}: {}\n", found.code, found.title);
                say!("{}", found.text);
            }
            return Ok(Answer::Yes);
        }
        let rule = rules::find(what).ok_or_else(|| unknown(what))?;
        if global.json {
            show::json(&rule_json(rule));
        } else {
            print_rule(rule);
        }
        Ok(Answer::Yes)
    }
}

/// The code that a user means: `K0203` for `K0203`, `k203` and `kontract[K0203]`.
fn parse_code(what: &str) -> Option<String> {
    let what =
        what.strip_prefix("kontract[").and_then(|what| what.strip_suffix(']')).unwrap_or(what);
    let digits = what.strip_prefix(['K', 'k'])?;
    // K1 to K4 are rules.
    let is_code = digits.len() > 2 && digits.bytes().all(|byte| byte.is_ascii_digit());
    is_code.then(|| format!("K{digits:0>4}"))
}

fn unknown(what: &str) -> Failure {
    let failure = Failure::new(format!("`{what}` is not a code, a rule or a change"));
    let failure = match rules::suggest(what) {
        Some(rule) => failure.help(format!(
            "did you mean `{}` (`{}`), {}?",
            rule.id, rule.name, rule.explanation.title
        )),
        None => failure,
    };
    failure.help("`kontract explain` lists the codes and rules, `kontract diff` the changes")
}

fn print_list(as_json: bool) {
    if as_json {
        show::json(&json!({
            "codes": code::ALL.iter().map(code_json).collect::<Vec<_>>(),
            "rules": rules::all().map(rule_json).collect::<Vec<_>>(),
        }));
        return;
    }
    say!("Codes");
    code::ALL.iter().for_each(|code| say!("  {}  {}", code.code, code.title));
    say!("\nRules for changes");
    rules::all().for_each(|rule| say!("  {:<5}  {}", rule.id, rule.explanation.title));
}

fn code_json(found: &code::CodeExplanation) -> Value {
    json!({"code": found.code.to_string(), "title": found.title, "text": found.text})
}

fn rule_json(rule: &Rule) -> Value {
    let Explanation { title, why, postgres, sqlite, fix } = rule.explanation;
    json!({
        "rule": rule.id, "name": rule.name, "title": title, "why": why,
        "postgres": postgres, "sqlite": sqlite, "fix": fix,
    })
}

fn print_rule(rule: &Rule) {
    let Explanation { title, why, postgres, sqlite, fix } = rule.explanation;
    say!("{}: {title}\n", rule.id);
    say!("{why}\n");
    say!("Name        {}", rule.name);
    say!("PostgreSQL  {postgres}");
    say!("SQLite      {sqlite}");
    if !fix.is_empty() {
        say!("To do       {fix}");
    }
}

/// Explains an unsealed change, or one of a sealed migration.
fn explain_change(global: &Global, id: &ChangeId) -> Result<Answer, Failure> {
    let (_, project) = package::open(global)?;
    let look = project.look()?;
    let judgements = look.gate.iter().flat_map(|gate| &gate.judgements);
    let covers_id =
        |judgement: &&Judgement| judgement.covers().map(Change::id).any(|other| other == *id);
    if let Some(judgement) = judgements.clone().find(covers_id) {
        explain_pending(global, &look, judgement, id);
        return Ok(Answer::Yes);
    }
    let has_change =
        |migration: &&Migration| migration.changes.iter().any(|other| other.change == *id);
    let Some(migration) = look.lock.migrations.iter().rev().find(has_change) else {
        let failure = Failure::new(format!("no change has the id `{id}`"));
        return Err(match (&look.gate, judgements.count()) {
            (None, _) => failure.note("the changes are unknown until `kontract check` passes"),
            (_, 0) => failure
                .note("the source has no unsealed changes, and no migration made this change"),
            _ => failure.help("`kontract diff` lists the changes"),
        });
    };
    let record = migration.changes.iter().find(|other| other.change == *id);
    let rule = record.and_then(|record| rules::find(&record.rule));
    let manual = migration.manual.as_ref().map(|manual| manual.file.as_str());
    if global.json {
        show::json(&json!({
            "change": id, "rule": rule.map(rule_json),
            "migration": {"version": migration.version, "name": migration.name, "file": manual},
        }));
        return Ok(Answer::Yes);
    }
    say!("{id}: made by migration {} `{}`", migration.version, migration.name);
    if let Some(file) = manual {
        say!("with the manual migration {file}");
    }
    if let Some(rule) = rule {
        say!("");
        print_rule(rule);
    }
    Ok(Answer::Yes)
}

fn explain_pending(global: &Global, look: &Look, judgement: &Judgement, id: &ChangeId) {
    let fate = show::Fate::decide(judgement, look);
    if global.json {
        let verdict = show::verdict_word(judgement.finding.verdict);
        show::json(&json!({
            "change": id, "rule": rule_json(judgement.rule), "migration": null,
            "fate": fate.as_str(), "verdict": verdict, "message": judgement.finding.message,
            "notes": judgement.finding.notes, "help": judgement.finding.help, "sql": statements_json(look, judgement),
            "ready_made": ready_made_migration(look, judgement),
        }));
        return;
    }
    say!("{id}: {}, {}", fate.as_str(), show::verdict_word(judgement.finding.verdict));
    say!("{}", judgement.finding.message);
    judgement.finding.notes.iter().for_each(|note| say!("  note: {note}"));
    judgement.finding.help.iter().for_each(|help| say!("  help: {help}"));
    say!("");
    print_rule(judgement.rule);
    print_flags(judgement);
    if let Some(migration) = ready_made_migration(look, judgement) {
        say!("\n-- ready-made migration; `kontract migrate create NAME` writes it\n{migration}");
    }
    if judgement.passes {
        for (dialect, statements) in
            statements_json(look, judgement).as_object().into_iter().flatten()
        {
            let statements = statements.as_array().into_iter().flatten().filter_map(Value::as_str);
            let text: String = statements.map(|statement| format!("\n{statement};")).collect();
            if text.is_empty() {
                say!("\n-- {dialect}: no statements");
            } else {
                say!("\n-- {dialect}{text}");
            }
        }
    }
}

/// Prints what the flags mean. `rules.rs` has the list.
fn print_flags(judgement: &Judgement) {
    let meaning = |flag: &str| match flag {
        "P" => Some("rows may violate it"),
        "B" => Some("it breaks the running program"),
        "b" => Some("it breaks a return to the running program"),
        "R" => Some("the table is rewritten"),
        "S" => Some("the whole table is read"),
        "H" => Some("an attribute in the source can say what is meant"),
        "U" => Some("one of the databases cannot do it in place"),
        "M" => Some("nothing changes in the database"),
        _ => None,
    };
    let facts: Vec<&str> = judgement.finding.flags.split_whitespace().filter_map(meaning).collect();
    if !facts.is_empty() {
        say!("Facts       {}", facts.join("; "));
    }
}

/// The ready-made migration that makes a refused change pass. Returns `None` if it passes.
fn ready_made_migration(look: &Look, judgement: &Judgement) -> Option<String> {
    let problem = look.problems.iter().find(|problem| judgement.reports(problem))?;
    let of_gate = || look.gate.as_ref()?.manual_text(&look.lock.schema());
    problem.migration.clone().or_else(of_gate)
}

/// The statements for this change and its parts alone.
fn statements_json(look: &Look, judgement: &Judgement) -> Value {
    let changes: Vec<Change> = judgement.covers().cloned().collect();
    let scripts = kontract_schema::plan::plan(&look.lock.schema(), &changes);
    let statements = |dialect: Dialect| {
        let steps = scripts.for_dialect(dialect).up.iter();
        let texts: Vec<String> = steps.map(kontract_schema::lock::Step::to_text).collect();
        (dialect.name().to_owned(), json!(texts))
    };
    Value::Object(Dialect::ALL.map(statements).into_iter().collect())
}

#[cfg(test)]
mod tests {
    use super::parse_code;

    #[test]
    fn codes_and_rules_are_distinct() {
        for (text, code) in [
            ("K0203", Some("K0203")),
            ("k203", Some("K0203")),
            ("kontract[K0203]", Some("K0203")),
            ("K4", None),
            ("C14", None),
            ("K02x3", None),
        ] {
            assert_eq!(parse_code(text).as_deref(), code, "{text}");
        }
    }
}
