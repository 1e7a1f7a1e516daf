//! `kontract explain`: a code, a rule, or a change of this package.

use kontract_build::project::Look;
use kontract_schema::change::Change;
use kontract_schema::code::{self, Code};
use kontract_schema::dialect::Dialect;
use kontract_schema::lock::Migration;
use kontract_schema::rules::{self, Judgement, explain};
use serde_json::{Value, json};

use crate::Answer;
use crate::args::{Explain, Global};
use crate::failure::Failure;
use crate::package;
use crate::show::{self, say};

pub fn run(global: &Global, options: &Explain) -> Result<Answer, Failure> {
    let Some(what) = options.what.as_deref().map(str::trim) else {
        list(global.json);
        return Ok(Answer::Yes);
    };
    if what.contains(':') {
        return change(global, what);
    }
    if let Some(number) = code_number(what) {
        let found = code::explain(Code(number)).ok_or_else(|| unknown(what))?;
        match global.json {
            true => show::json(&code_json(found)),
            false => {
                say!("{}: {}\n", found.code, found.title);
                say!("{}", found.text);
            }
        }
        return Ok(Answer::Yes);
    }
    let rule = explain::explain(what).ok_or_else(|| unknown(what))?;
    match global.json {
        true => show::json(&rule_json(rule)),
        false => rule_text(rule),
    }
    Ok(Answer::Yes)
}

/// `K0203`, `k203` and `kontract[K0203]` → 203.
fn code_number(what: &str) -> Option<u16> {
    let what =
        what.strip_prefix("kontract[").and_then(|what| what.strip_suffix(']')).unwrap_or(what);
    let digits = what.strip_prefix(['K', 'k'])?;
    // K1 … K4 are rules.
    (digits.len() > 2 && digits.bytes().all(|byte| byte.is_ascii_digit()))
        .then(|| digits.parse().ok())?
}

fn unknown(what: &str) -> Failure {
    Failure::new(format!("`{what}` is no message, rule or change"))
        .help("`kontract explain` lists all messages and rules, `kontract diff` the changes")
}

fn list(as_json: bool) {
    if as_json {
        show::json(&json!({
            "codes": code::ALL.iter().map(code_json).collect::<Vec<_>>(),
            "rules": explain::ALL.iter().map(rule_json).collect::<Vec<_>>(),
        }));
        return;
    }
    say!("Messages");
    code::ALL.iter().for_each(|code| say!("  {}  {}", code.code, code.title));
    say!("\nRules for changes");
    explain::ALL.iter().for_each(|rule| say!("  {:<5}  {}", rule.rule, rule.title));
}

fn code_json(found: &code::Explanation) -> Value {
    json!({"code": found.code.to_string(), "title": found.title, "text": found.text})
}

fn rule_json(rule: &explain::Explanation) -> Value {
    json!({
        "rule": rule.rule, "title": rule.title, "why": rule.why,
        "postgres": rule.postgres, "sqlite": rule.sqlite, "mend": rule.mend,
    })
}

fn rule_text(rule: &explain::Explanation) {
    say!("{}: {}\n", rule.rule, rule.title);
    say!("{}\n", rule.why);
    say!("PostgreSQL  {}", rule.postgres);
    say!("SQLite      {}", rule.sqlite);
    if !rule.mend.is_empty() {
        say!("To do       {}", rule.mend);
    }
}

/// A change that is not sealed, or one of the history.
fn change(global: &Global, id: &str) -> Result<Answer, Failure> {
    let (_, project) = package::open(global)?;
    let look = project.look()?;
    let judgements = look.gate.iter().flat_map(|gate| &gate.judgements);
    let of = |judgement: &&Judgement| judgement.covers().map(Change::id).any(|other| other == id);
    if let Some(judgement) = judgements.clone().find(of) {
        pending(global, &look, judgement, id);
        return Ok(Answer::Yes);
    }
    let is_it = |migration: &&Migration| migration.changes.iter().any(|other| other.change == id);
    let Some(migration) = look.lock.migrations.iter().rev().find(is_it) else {
        let failure = Failure::new(format!("there is no change `{id}`"));
        return Err(match (&look.gate, judgements.count()) {
            (None, _) => failure.note("the changes are not known before `kontract check` passes"),
            (_, 0) => failure.note("nothing has changed, and no migration made it"),
            _ => failure.help("`kontract diff` lists the changes"),
        });
    };
    let record = migration.changes.iter().find(|other| other.change == id);
    let rule = record.and_then(|record| explain::explain(&record.rule));
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
        rule_text(rule);
    }
    Ok(Answer::Yes)
}

fn pending(global: &Global, look: &Look, judgement: &Judgement, id: &str) {
    let rule = explain::explain(judgement.rule);
    let fate = show::Fate::of(judgement, look);
    if global.json {
        let verdict = show::verdict(judgement.verdict);
        show::json(&json!({
            "change": id, "rule": rule.map(rule_json), "migration": null,
            "fate": fate.word(), "verdict": verdict, "message": judgement.message,
            "notes": judgement.notes, "help": judgement.help, "sql": alone(look, judgement),
        }));
        return;
    }
    say!("{id}: {}, {}", fate.word(), show::verdict(judgement.verdict));
    say!("{}", judgement.message);
    judgement.notes.iter().for_each(|note| say!("  note: {note}"));
    judgement.help.iter().for_each(|help| say!("  help: {help}"));
    say!("");
    if let Some(rule) = rule {
        rule_text(rule);
    }
    flags(judgement);
    if judgement.passes {
        for (dialect, statements) in alone(look, judgement).as_object().into_iter().flatten() {
            let statements = statements.as_array().into_iter().flatten().filter_map(Value::as_str);
            let text: String = statements.map(|statement| format!("\n{statement};")).collect();
            match text.is_empty() {
                true => say!("\n-- {dialect}: nothing"),
                false => say!("\n-- {dialect}{text}"),
            }
        }
    }
}

/// What the letters say, `rules.rs` has the list.
fn flags(judgement: &Judgement) {
    let meaning = |flag: &str| match flag {
        "P" => Some("rows may stand against it"),
        "B" => Some("it breaks the program that runs"),
        "b" => Some("it breaks going back to the program that runs"),
        "R" => Some("the table is rewritten"),
        "S" => Some("the table is read as a whole"),
        "H" => Some("the source may say what is meant"),
        "U" => Some("one of the databases cannot do it in place"),
        "M" => Some("nothing changes in the database"),
        _ => None,
    };
    let said: Vec<&str> = judgement.flags.split_whitespace().filter_map(meaning).collect();
    if !said.is_empty() {
        say!("Facts       {}", said.join("; "));
    }
}

/// The statements for this change and those that belong to it, by themselves.
fn alone(look: &Look, judgement: &rules::Judgement) -> Value {
    let changes: Vec<Change> = judgement.covers().cloned().collect();
    let scripts = kontract_schema::plan::plan(&look.lock.schema(), &changes);
    let of = |dialect: Dialect| (dialect.name().to_owned(), json!(scripts.of(dialect).up));
    Value::Object(Dialect::ALL.map(of).into_iter().collect())
}

#[cfg(test)]
mod tests {
    use super::code_number;

    #[test]
    fn codes_and_rules_are_told_apart() {
        for (text, number) in [
            ("K0203", Some(203)),
            ("k203", Some(203)),
            ("kontract[K0203]", Some(203)),
            ("K4", None),
            ("C14", None),
            ("K02x3", None),
        ] {
            assert_eq!(code_number(text), number, "{text}");
        }
    }
}
