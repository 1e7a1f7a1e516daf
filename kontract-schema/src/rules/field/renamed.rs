//! Renamed fields: C17, C18, C19, C22.

use super::removed::{is_stated, present, removed_message};
use super::shifted::find_shift;
use crate::change::{Change, Fact, Names};
use crate::code;
use crate::model::Field;
use crate::rules::texts::NOTHING;
use crate::rules::{Context, Finding, Rule, Verdict};

pub(in crate::rules) const RULES: &[Rule] = rules! {
    "C17" field_no_unstated_rename Forbid: "a field was removed, and one of the same type added";
        why: "It may be the same field under a new name. Dropping and adding it would lose its values.";
        both: "Nothing, until the source says whether it is a rename.";
        fix: "State the rename on the new field, `#[renamed_from(\"old\")]`; keep the column, `#[column(name = \"old\")]`; or state on the struct that the old field was removed, `#[removed(\"old\")]`.";
        judge: |change, context| judge_unstated(change, context, false);
    "C18" field_may_rename Allow: "a field was renamed";
        why: "The source states the rename. A running program uses the old name.";
        postgres: "RENAME COLUMN, without a rewrite; in a document table the key is renamed in every row.";
        sqlite: "RENAME COLUMN; indexes, checks and views follow. A document table is rebuilt with the new key.";
        fix: "Stop the old program before the new one starts, or keep the column: `#[column(name = \"old\")]`.";
        judge: judge_renamed;
    "C19" field_may_rename_in_rust Allow: "a field has another name in Rust, and the same column";
        why: "The database does not know the name of the field.";
        both: NOTHING;
        judge: judge_same_column;
    "C22" field_no_case_rename Forbid: "a name that differs only in case";
        why: "Column names are case-insensitive in SQLite; quoted names are case-sensitive in PostgreSQL.";
        postgres: "Nothing, until the source states the rename.";
        sqlite: "Nothing, until the source states the rename; a table cannot have two columns that differ only in case.";
        fix: "State `#[renamed_from(\"old\")]`, or keep the column: `#[column(name = \"old\")]`.";
        judge: |change, context| judge_unstated(change, context, true);
};

/// A field that may have been renamed, or that has another column under the same name.
fn judge_unstated(change: &Change, context: &Context<'_>, only_case: bool) -> Option<Finding> {
    match &change.fact {
        Fact::FieldRemoved(field) if !field.kept && !is_stated(change, field, context) => {
            let (other, score) = context.renames.get(&change.table, &field.name)?;
            let differs_in_case = other.name.eq_ignore_ascii_case(&field.name);
            (differs_in_case == only_case)
                .then(|| likely_rename(change, field, other, score, context))
        }
        Fact::ColumnChanged { from, to } if from.column() != to.column() => {
            let differs_in_case = from.column().eq_ignore_ascii_case(to.column());
            (differs_in_case == only_case).then(|| other_column(change, from, to))
        }
        _ => None,
    }
}

fn likely_rename(
    change: &Change,
    field: &Field,
    other: &Field,
    score: usize,
    context: &Context<'_>,
) -> Finding {
    let (old, new) = (&field.name, &other.name);
    let message =
        format!("{}, and `{new}` of the same type was added", removed_message(change, field));
    let mut found = Finding::new(Verdict::Dangerous, message)
        .code(code::FIELD_REMOVED)
        .flags("H")
        .note(present(field, context))
        .note(format!("the names are {score} % alike"))
        .help(format!(
            "if `{new}` is `{old}` under a new name, state the rename: `#[renamed_from(\"{old}\")]`"
        ))
        .help(format!(
            "if `{new}` is another field, state the removal on the struct: `#[removed(\"{old}\")]`"
        ));
    found.field = Some(new.clone());
    // The new field would be refused, too, and that is the same mistake.
    if !other.may_be_omitted() {
        let is_other = |candidate: &&Change| match &candidate.fact {
            Fact::FieldAdded { field: added, .. } => {
                candidate.table == change.table && added.name == *new
            }
            _ => false,
        };
        found.with = context.changes.iter().filter(is_other).cloned().collect();
    }
    match find_shift(change, field, Some((other, score)), context) {
        Some(shift) => shift.describe(found, change, field, context),
        None => found,
    }
}

fn other_column(change: &Change, from: &Names, to: &Names) -> Finding {
    let (before, after) = (from.column(), to.column());
    let message = format!(
        "the column of field `{}` of table `{}` is now `{after}`, it was `{before}`",
        to.name, change.table
    );
    Finding::new(Verdict::Dangerous, message)
        .code(code::FIELD_REMOVED)
        .flags("H B b")
        .help(format!("keep the column: `#[column(name = \"{before}\")]`"))
}

fn renamed_message(change: &Change, from: &Names, to: &Names) -> String {
    format!("field `{}` of table `{}` is now `{}`", from.name, change.table, to.name)
}

fn judge_renamed(change: &Change, _: &Context<'_>) -> Option<Finding> {
    let Fact::FieldRenamed { from, to } = &change.fact else { return None };
    (from.column() != to.column()).then(|| {
        Finding::new(Verdict::Dangerous, renamed_message(change, from, to))
            .flags("B b")
            .note("a running program uses the old column; stop it before this one starts")
    })
}

fn judge_same_column(change: &Change, _: &Context<'_>) -> Option<Finding> {
    let message = match &change.fact {
        Fact::FieldRenamed { from, to } if from.column() == to.column() => {
            renamed_message(change, from, to)
        }
        Fact::ColumnChanged { from, to } if from.column() == to.column() => {
            format!("field `{}` of table `{}` names its column", to.name, change.table)
        }
        _ => return None,
    };
    Some(Finding::new(Verdict::Safe, message).flags("M"))
}
