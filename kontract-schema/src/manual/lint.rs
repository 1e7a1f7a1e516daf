//! Statements of a manual migration that hold others up on PostgreSQL, or lose what the changes do
//! not say: the rules of generated changes, by their ids, as far as the first words of a statement
//! tell. A warning each; `-- kontract: allow(I1) reason` in the file says that it is meant.
//!
//! What a rule has judged already, because the file covers the change, is not told again, nor what
//! is done to tables that the migration itself makes. Statements are not understood beyond their
//! words: blocks of PL/pgSQL and functions are passed over.

use super::Manual;
use crate::catalog::tokens;
use crate::code;
use crate::diagnostic::Diagnostic;
use crate::group::mode;
use crate::model::Schema;
use crate::rules::Judgement;
use crate::rules::explain::explain;

/// What is to be said to the statements of a file, given the sealed schema and the verdicts on the
/// changes.
pub fn lint(
    file: &str,
    manual: &Manual,
    old: &Schema,
    judgements: &[Judgement],
) -> Vec<Diagnostic> {
    let is_judged = |rule: &str| {
        let family = |judged: &str| match rule {
            "Y12" => judged.starts_with(['Y', 'E', 'J', 'P']),
            "C14" => ["C15", "C16", "C17", "M5", "M7"].contains(&judged),
            "T3" => ["T5", "T11"].contains(&judged),
            "K1" => judged.starts_with(['K', 'E', 'F', 'C', 'N']),
            "N2" => judged.starts_with(['C', 'N', 'P', 'Y']),
            "I5" => judged.starts_with(['I', 'C', 'P']),
            _ => false,
        };
        judgements.iter().any(|judgement| judgement.rule == rule || family(judgement.rule))
    };
    let mut found = Vec::new();
    for statement in &manual.sql.postgres.up {
        let (_, sql) = mode(statement);
        let Some((rule, mend)) = rule(sql, old) else { continue };
        if is_judged(rule) || manual.allows.iter().any(|allowed| allowed == rule) {
            continue;
        }
        let title = explain(rule).map_or("", |rule| rule.title);
        let start: String = sql.split_whitespace().take(5).collect::<Vec<_>>().join(" ");
        let message = format!("migration `{file}`: `{start} …`: {title} ({rule})");
        found.push(
            Diagnostic::new(code::LINT, message)
                .help(mend)
                .help(format!("or say that it is meant: `-- kontract: allow({rule}) why`")),
        );
    }
    found
}

/// The rule that speaks of a statement, and what to write instead.
fn rule(sql: &str, old: &Schema) -> Option<(&'static str, &'static str)> {
    let tokens = tokens(sql);
    let has = |words: &[&str]| {
        tokens
            .windows(words.len())
            .any(|window| window.iter().zip(words).all(|(token, word)| token.is(word)))
    };
    let starts = |words: &[&str]| {
        tokens.len() >= words.len() && tokens.iter().zip(words).all(|(token, word)| token.is(word))
    };
    let is_old = |table: &crate::model::Table| {
        tokens.iter().any(|token| token.name() == Some(table.ptr.as_str()))
    };
    // What is made here has no rows and no users.
    let on_old = old.tables.values().any(is_old);
    if starts(&["drop", "index"]) && !has(&["concurrently"]) {
        return Some((
            "I5",
            "`DROP INDEX CONCURRENTLY`, after a line `-- kontract: no-transaction`",
        ));
    }
    if !on_old {
        return None;
    }
    let creates = starts(&["create", "index"]) || starts(&["create", "unique", "index"]);
    if creates && !has(&["concurrently"]) {
        let mend = "`CREATE INDEX CONCURRENTLY`, after a line `-- kontract: no-transaction`";
        return Some(("I1", mend));
    }
    if starts(&["drop", "table"]) {
        return Some(("T3", "remove the struct, so that the migration covers it"));
    }
    if !starts(&["alter", "table"]) {
        return None;
    }
    let adds = has(&["add", "constraint"]) && !has(&["using", "index"]);
    match () {
        () if has(&["drop", "column"]) => {
            Some(("C14", "remove the field, so that the migration covers it"))
        }
        () if has(&["set", "not", "null"]) => Some((
            "N2",
            "a CHECK that is NOT VALID, then VALIDATE CONSTRAINT, then SET NOT NULL, which scans no more",
        )),
        () if has(&["add", "column"]) && has(&["not", "null"]) && !has(&["default"]) => {
            Some(("C3", "add the column without NOT NULL, fill it, and set NOT NULL then"))
        }
        () if has(&["type"]) && has(&["alter", "column"]) => {
            Some(("Y12", "a new column, filled in batches, that takes the place of the old one"))
        }
        () if adds && !has(&["not", "valid"]) => {
            Some(("K1", "`… NOT VALID`, and `VALIDATE CONSTRAINT` afterwards"))
        }
        () if has(&["rename", "column"]) => {
            Some(("C18", "`#[renamed_from(\"old\")]` on the field makes the statement"))
        }
        () => None,
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::manual::parse;

    fn old() -> Schema {
        let json = r#"{"users": {"ptr": "users", "layout": "columns", "schema": {"id": {"type": "bigint", "primkey": true}}}}"#;
        serde_json::from_str(json).expect("a schema")
    }

    fn said(header: &str, sql: &str) -> Vec<String> {
        let text = format!("-- kontract: data\n{header}-- up postgres\n{sql};\n-- up sqlite\n");
        let manual = parse("x.sql", &text).unwrap_or_else(|problems| panic!("{problems:?}"));
        let found = lint("0002_x.sql", &manual, &old(), &[]);
        found.iter().map(|found| format!("{} {}", found.code, found.message)).collect()
    }

    #[test]
    fn statements_have_the_rules_of_changes() {
        for (sql, rule) in [
            ("CREATE UNIQUE INDEX a ON users (b)", "I1"),
            ("DROP INDEX a", "I5"),
            ("DROP TABLE IF EXISTS users", "T3"),
            ("ALTER TABLE users DROP COLUMN a", "C14"),
            ("ALTER TABLE \"users\" ALTER a SET NOT NULL", "N2"),
            ("ALTER TABLE users ADD COLUMN a TEXT NOT NULL", "C3"),
            ("ALTER TABLE users ALTER COLUMN a TYPE BIGINT", "Y12"),
            ("ALTER TABLE users ADD CONSTRAINT a CHECK (b > 0)", "K1"),
            ("alter table users rename column a to b", "C18"),
        ] {
            let found = said("", sql);
            assert_eq!(found.len(), 1, "{sql}: {found:?}");
            assert!(found[0].starts_with("K0408 migration `0002_x.sql`: `"), "{found:?}");
            assert!(found[0].ends_with(&format!("({rule})")), "{sql}: {found:?}");
            let header = format!("-- kontract: allow({rule}) it is small\n");
            assert!(said(&header, sql).is_empty(), "{sql}");
        }
    }

    #[test]
    fn what_holds_nobody_up_is_not_told() {
        for sql in [
            "UPDATE users SET a = 'DROP TABLE users'",
            "CREATE INDEX CONCURRENTLY a ON users (b)",
            "CREATE INDEX a ON new (b)",
            "ALTER TABLE users ADD COLUMN a TEXT NOT NULL DEFAULT ''",
            "ALTER TABLE users ADD CONSTRAINT a CHECK (b > 0) NOT VALID",
            "ALTER TABLE users ADD CONSTRAINT a UNIQUE USING INDEX b",
            "DROP INDEX CONCURRENTLY IF EXISTS a",
            "SELECT count(*) FROM users",
        ] {
            let alone = sql.contains("CONCURRENTLY");
            let mark = if alone { "-- kontract: no-transaction\n" } else { "" };
            assert_eq!(said("", &format!("{mark}{sql}")), [""; 0], "{sql}");
        }
    }
}
