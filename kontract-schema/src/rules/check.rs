//! Checks: K1 to K4, and C10 on new fields.

use super::existing_rows::cannot_violate;
use super::texts::{CHECK_FAILS, REBUILD, REBUILD_FAILS};
use super::{Context, Finding, Rule, Verdict};
use crate::change::{Change, Fact, ItemChange};
use crate::code;
use crate::dialect::Dialect;
use crate::model::Sql;
use crate::sqltext::implies;

pub(super) const RULES: &[Rule] = rules! {
    "C10" check_may_add_on_new_fields Allow: "a check that no existing row violates";
        why: "A check allows NULL, which existing rows have in new optional fields; the default of new fields may meet it, too.";
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
        why: "All rows that meet the old condition meet the new one: it is the old one `OR` another, a longer list or a wider bound.";
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
    (!cannot_violate(change, sql, context)).then(|| {
        Finding::new(Verdict::Dangerous, added_message(change, name))
            .code(code::EXISTING_ROWS)
            .flags("P S U")
            .note("existing rows may violate it")
            .help("correct them in a migration before it adds the check")
    })
}

fn judge_added_on_new(change: &Change, context: &Context<'_>) -> Option<Finding> {
    let Fact::Check(ItemChange::Added(name, sql)) = &change.fact else { return None };
    cannot_violate(change, sql, context).then(|| {
        Finding::new(Verdict::Lock, added_message(change, name))
            .flags("S")
            .note("no existing row violates it, because of what it has in the new fields")
    })
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

/// Whether rows that the old condition accepts are accepted by the new one, on both databases.
fn allows_more(from: &Sql, to: &Sql) -> bool {
    Dialect::ALL.into_iter().all(|dialect| {
        let (from, to) = (from.for_dialect(dialect), to.for_dialect(dialect));
        has_more(from, to) || implies(dialect, from, to)
    })
}

/// Whether the new text is the old one, or the old one `OR` another.
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
