//! Checks: K1 to K4, and C10 on new fields.

use super::texts::{CHECK_FAILS, REBUILD, REBUILD_FAILS};
use super::{Context, Finding, Rule, Verdict};
use crate::change::{Change, Fact, ItemChange};
use crate::code;
use crate::model::Sql;

pub(super) const RULES: &[Rule] = rules! {
    "C10" check_may_add_on_new_fields Allow: "a check on new fields";
        why: "A check allows NULL, which all existing rows have in the new fields.";
        postgres: "ADD CONSTRAINT scans the table.";
        sqlite: REBUILD;
        judge: judge_added_on_new;
    "K1" check_needs_valid_rows Deny: "a check is new";
        why: "Existing rows may violate it.";
        postgres: CHECK_FAILS;
        sqlite: REBUILD_FAILS;
        fix: "Correct those rows in a manual migration before it adds the check.";
        judge: judge_added;
    "K2" check_may_loosen Allow: "a check allows more";
        why: "It is the old condition `OR` another one.";
        postgres: "The constraint is replaced, which scans the table.";
        sqlite: REBUILD;
        judge: |change, _| judge_changed(change, true);
    "K3" check_no_tighten Deny: "a check changed";
        why: "Existing rows may violate it, and a running program may, too.";
        postgres: "The constraint is replaced; that fails if a row violates the check.";
        sqlite: REBUILD_FAILS;
        fix: "Correct those rows in a manual migration before it changes the check.";
        judge: |change, _| judge_changed(change, false);
    "K4" check_may_drop Allow: "a check was removed";
        why: "No row can violate anything.";
        postgres: "DROP CONSTRAINT, without a scan.";
        sqlite: REBUILD;
        judge: judge_removed;
};

fn added_message(change: &Change, name: &str) -> String {
    format!("check `{name}` of table `{}` is new", change.table)
}

fn judge_added(change: &Change, context: &Context<'_>) -> Option<Finding> {
    let Fact::Check(ItemChange::Added(name, sql)) = &change.fact else { return None };
    (!is_on_empty_fields(change, sql, context)).then(|| {
        Finding::new(Verdict::Dangerous, added_message(change, name))
            .code(code::EXISTING_ROWS)
            .flags("P S U")
            .note("existing rows may violate it")
            .help("correct them in a migration before it adds the check")
    })
}

fn judge_added_on_new(change: &Change, context: &Context<'_>) -> Option<Finding> {
    let Fact::Check(ItemChange::Added(name, sql)) = &change.fact else { return None };
    is_on_empty_fields(change, sql, context).then(|| {
        Finding::new(Verdict::Lock, added_message(change, name))
            .flags("S")
            .note("a check allows NULL, which all existing rows have there")
    })
}

/// Whether a condition names only new fields that are NULL in existing rows, and does not treat NULL
/// as a value.
fn is_on_empty_fields(change: &Change, sql: &Sql, context: &Context<'_>) -> bool {
    [&sql.postgres, &sql.sqlite].iter().all(|sql| names_empty_fields(change, sql, context))
}

fn names_empty_fields(change: &Change, sql: &str, context: &Context<'_>) -> bool {
    let Some(table) = context.new_table(change) else { return false };
    let words: Vec<&str> = sql.split(|c: char| !c.is_alphanumeric() && c != '_').collect();
    let mut mentioned =
        table.schema.iter().filter(|field| words.contains(&field.column())).peekable();
    let handles_null = words.iter().any(|word| {
        ["null", "is", "coalesce", "ifnull", "case", "distinct"]
            .contains(&word.to_lowercase().as_str())
    });
    !handles_null
        && mentioned.peek().is_some()
        && mentioned
            .all(|field| field.starts_empty() && context.is_new_field(&change.table, &field.name))
}

fn judge_changed(change: &Change, is_looser: bool) -> Option<Finding> {
    let Fact::Check(ItemChange::Changed(name, from, to)) = &change.fact else { return None };
    if allows_more(from, to) != is_looser {
        return None;
    }
    let message = format!("check `{name}` of table `{}` changed", change.table);
    Some(if is_looser {
        Finding::new(Verdict::Safe, message).flags("S U")
    } else {
        Finding::new(Verdict::Dangerous, message)
            .code(code::EXISTING_ROWS)
            .flags("P B S U")
            .note("existing rows may violate it, and a running program may, too")
            .help("correct them in a migration before it changes the check")
    })
}

/// Whether the new condition is the old one, or the old one `OR` another.
fn allows_more(from: &Sql, to: &Sql) -> bool {
    has_more(&from.postgres, &to.postgres) && has_more(&from.sqlite, &to.sqlite)
}

fn has_more(from: &str, to: &str) -> bool {
    let normal = |sql: &str| sql.split_whitespace().collect::<Vec<_>>().join(" ");
    let (from, to) = (normal(from), normal(to));
    // `a AND b OR c` is looser than `a AND b`, because OR binds least.
    let starts = [format!("{from} OR "), format!("({from}) OR ")];
    from == to || starts.iter().any(|start| to.starts_with(start.as_str()))
}

fn judge_removed(change: &Change, _: &Context<'_>) -> Option<Finding> {
    let Fact::Check(ItemChange::Removed(name, _)) = &change.fact else { return None };
    let message = format!("check `{name}` of table `{}` was removed", change.table);
    Some(Finding::new(Verdict::Safe, message).flags("U"))
}
