//! References: F1, F2, F3, F4, F5, I11, and C11 and C12 of new fields.

use super::texts::{NOTHING, REBUILD, REBUILD_CHECKED};
use super::{Context, Finding, Rule, Verdict, existing_rows};
use crate::change::{Change, Fact, ItemChange};
use crate::code;
use crate::model::{Deferrable, ForeignKey, Index, Table};

pub(super) const RULES: &[Rule] = rules! {
    "C11" reference_may_add_on_new_field Allow: "a reference of a new optional field";
        why: "The field is NULL in all existing rows.";
        postgres: "ADD COLUMN and ADD CONSTRAINT; writes to both tables wait for a moment.";
        sqlite: REBUILD;
        judge: |change, context| judge_added(change, context, ExistingRows::Empty);
    "C12" new_field_needs_target Deny: "a reference of a new field that has a value";
        why: "Existing rows get a default, which refers to one row, or the value of a `backfill`; the rows that they refer to may not exist.";
        postgres: "ADD CONSTRAINT scans the table, and fails if there is no such row.";
        sqlite: REBUILD_CHECKED;
        fix: "Make the field an `Option` without a default or `backfill`, or fill it in a manual migration.";
        judge: |change, context| judge_added(change, context, ExistingRows::SameValue);
    "F1" reference_needs_target Deny: "a reference is new";
        why: "Existing rows may refer to rows that do not exist.";
        postgres: "ADD CONSTRAINT scans the table and fails if a row refers to one that does not exist; writes to both tables wait.";
        sqlite: REBUILD_CHECKED;
        fix: "Correct those rows in a manual migration before it adds the reference.";
        judge: |change, context| judge_added(change, context, ExistingRows::OwnValues);
    "F2" reference_may_drop Warn: "a reference was removed";
        why: "No row can violate anything, but from now on rows may refer to rows that do not exist.";
        postgres: "DROP CONSTRAINT; both tables are locked for a moment.";
        sqlite: REBUILD;
        judge: judge_removed;
    "F3" reference_same_actions Deny: "a reference has other actions";
        why: "Deleting or changing a row has another effect from now on; CASCADE deletes rows.";
        postgres: "The constraint is replaced.";
        sqlite: REBUILD;
        fix: "Keep the actions, or confirm the change with a manual migration.";
        judge: |change, _| judge_changed(change, true);
    "F4" reference_may_defer Allow: "a reference is checked at another time";
        why: "The same rows are refused: by the statement, or by the commit of the transaction.";
        postgres: "ALTER CONSTRAINT, without a scan.";
        sqlite: REBUILD;
        judge: judge_timing;
    "F5" reference_same_target Deny: "a reference has another target";
        why: "Existing rows may refer to rows that do not exist in the new table.";
        postgres: "The constraint is replaced; that fails if a row refers to one that does not exist.";
        sqlite: REBUILD_CHECKED;
        fix: "Correct those rows in a manual migration before it changes the reference.";
        judge: |change, _| judge_changed(change, false);
    "I11" reference_needs_index Warn: "a reference without an index";
        why: "Each deletion in the other table scans this table for rows that refer to the deleted one.";
        both: NOTHING;
        fix: "Index its field: `#[index]`.";
        judge: judge_unindexed;
};

/// What existing rows have in the fields of a new reference.
#[derive(Clone, Copy, PartialEq, Eq)]
enum ExistingRows {
    /// NULL in a new field.
    Empty,
    /// The same value in a new field.
    SameValue,
    /// Values of their own: no field is new.
    OwnValues,
}

impl ExistingRows {
    fn of_key(change: &Change, key: &ForeignKey, context: &Context<'_>) -> ExistingRows {
        let is_new = |field: &String| context.is_new_field(&change.table, field);
        let is_empty = |field: &String| {
            let field = context.new_table(change).and_then(|table| table.field(field));
            field.is_some_and(|field| {
                existing_rows::is_empty(field, context.backfill(change, field))
            })
        };
        if key.fields.iter().any(|field| is_new(field) && is_empty(field)) {
            ExistingRows::Empty
        } else if key.fields.iter().any(is_new) {
            ExistingRows::SameValue
        } else {
            ExistingRows::OwnValues
        }
    }
}

fn missing_target_note(key: &ForeignKey) -> String {
    format!("existing rows may refer to rows that do not exist in `{}`", key.table)
}

fn judge_added(change: &Change, context: &Context<'_>, rows: ExistingRows) -> Option<Finding> {
    let Fact::Reference(ItemChange::Added(name, key)) = &change.fact else { return None };
    if ExistingRows::of_key(change, key, context) != rows {
        return None;
    }
    let message =
        format!("reference `{name}` from table `{}` to `{}` is new", change.table, key.table);
    Some(if rows == ExistingRows::Empty {
        Finding::new(Verdict::Safe, message).note("writes to both tables wait for a moment")
    } else {
        Finding::new(Verdict::Dangerous, message)
            .code(code::EXISTING_ROWS)
            .flags("P S U")
            .note(missing_target_note(key))
            .help("correct them in a migration before it adds the reference")
    })
}

fn judge_removed(change: &Change, _: &Context<'_>) -> Option<Finding> {
    let Fact::Reference(ItemChange::Removed(name, _)) = &change.fact else { return None };
    let message = format!("reference `{name}` of table `{}` was removed", change.table);
    let found = Finding::new(Verdict::Safe, message)
        .flags("U")
        .note("from now on rows may refer to rows that do not exist");
    Some(found)
}

fn judge_changed(change: &Change, same_target: bool) -> Option<Finding> {
    let Fact::Reference(ItemChange::Changed(name, from, to)) = &change.fact else { return None };
    let target = |key: &ForeignKey| (key.fields.clone(), key.table.clone(), key.to.clone());
    if (target(from) == target(to)) != same_target || is_timing(from, to) {
        return None;
    }
    let table = &change.table;
    Some(if same_target {
        let message = format!("reference `{name}` of table `{table}` has other actions");
        Finding::new(Verdict::Dangerous, message)
            .code(code::RULE_CHANGED)
            .flags("U")
            .note(format!("deleting or changing rows of `{}` will have another effect", to.table))
    } else {
        let message = format!("reference `{name}` of table `{table}` has another target");
        Finding::new(Verdict::Dangerous, message)
            .code(code::EXISTING_ROWS)
            .flags("P S U")
            .note(missing_target_note(to))
    })
}

/// Whether both differ only in when they are checked.
fn is_timing(from: &ForeignKey, to: &ForeignKey) -> bool {
    from.deferrable != to.deferrable
        && *from == ForeignKey { deferrable: from.deferrable, ..to.clone() }
}

fn judge_timing(change: &Change, _: &Context<'_>) -> Option<Finding> {
    let Fact::Reference(ItemChange::Changed(name, from, to)) = &change.fact else { return None };
    if !is_timing(from, to) {
        return None;
    }
    let when = match to.deferrable {
        Deferrable::Never => "by each statement",
        Deferrable::Immediate => "by each statement, unless a transaction defers it",
        Deferrable::Deferred => "when the transaction commits",
    };
    let message = format!("reference `{name}` of table `{}` is now checked {when}", change.table);
    Some(Finding::new(Verdict::Safe, message).flags("U"))
}

fn judge_unindexed(change: &Change, context: &Context<'_>) -> Option<Finding> {
    let table = context.new_table(change)?;
    let added: Vec<(&String, &ForeignKey)> = match &change.fact {
        Fact::TableAdded(_) => table.references.iter().collect(),
        Fact::Reference(ItemChange::Added(name, key)) => vec![(name, key)],
        _ => return None,
    };
    let unindexed: Vec<_> =
        added.into_iter().filter(|(_, key)| !is_indexed(table, &key.fields)).collect();
    let names: Vec<String> = unindexed.iter().map(|(name, _)| format!("`{name}`")).collect();
    let (_, first) = unindexed.first()?;
    let (subject, verb) =
        if names.len() == 1 { ("reference", "has") } else { ("references", "have") };
    let message =
        format!("{subject} {} of table `{}` {verb} no index", names.join(", "), change.table);
    let mut found = Finding::new(Verdict::Safe, message).flags("M");
    for (_, key) in &unindexed {
        let note = format!("deleting a row of `{}` scans `{}`", key.table, change.table);
        if !found.notes.contains(&note) {
            found.notes.push(note);
        }
        found.help.push(match &key.fields[..] {
            [field] => format!("index `{field}`: `#[index]`"),
            fields => format!("index them: `#[table(index({}))]`", fields.join(", ")),
        });
    }
    found.field = first.fields.first().cloned();
    Some(found)
}

/// Whether the key or an index begins with these fields.
fn is_indexed(table: &Table, fields: &[String]) -> bool {
    let key: Vec<String> = table.key().into_iter().map(str::to_owned).collect();
    let serves = |index: &Index| index.is_plain() && index.fields.starts_with(fields);
    key.starts_with(fields) || table.indexes.values().any(serves)
}
