//! Removed fields, and those whose column stays: C14, C15.

use super::shifted::find_shift;
use crate::change::{Change, Fact};
use crate::code;
use crate::model::{Field, Layout};
use crate::rules::{Context, Finding, Level, Rule, Verdict};

pub(in crate::rules) const RULES: &[Rule] = rules! {
    "C14" field_no_drop Forbid: "a field was removed";
        why: "Its values would be lost, and a running program reads them.";
        postgres: "DROP COLUMN; it fails if a view depends on the column. In a document table the key is removed from every row.";
        sqlite: "DROP COLUMN, or a rebuild. A document table is rebuilt without the key.";
        fix: "Restore the field, or drop it in a manual migration.";
        judge: judge_removed;
    "C15" field_needs_drop_migration Forbid: "a field was removed, and the source says so";
        why: "`#[removed(\"old\")]` states that this is not a rename. The values would be lost, so that a manual migration decides about them; the lock file remembers the name. With `keep` the values stay, for programs that still have the field, and the change passes.";
        postgres: "DROP COLUMN in the manual migration; with `keep` DROP NOT NULL, unless the column has a default.";
        sqlite: "DROP COLUMN in the manual migration; with `keep` a rebuild, unless the column has a default or is optional.";
        fix: "In two releases: `#[removed(\"old\", keep)]` on the struct keeps the column, without a value in new rows; when no program has the field any more, `#[removed(\"old\")]` and a manual migration drop it. `#[removed(\"old\")]` may stay: it keeps the name from being used again.";
        judge: judge_stated;
};

/// Whether the struct states that the field was removed.
pub(super) fn is_stated(change: &Change, field: &Field, context: &Context<'_>) -> bool {
    context.intent.table(&change.table).removed.contains(&field.name)
}

/// What the lock file has.
pub(super) fn present(field: &Field, context: &Context<'_>) -> String {
    let optional = if field.optional { ", optional" } else { "" };
    context.present(&format!("as `{}`{optional}", field.ty))
}

pub(super) fn removed_message(change: &Change, field: &Field) -> String {
    format!("field `{}` of table `{}` was removed", field.name, change.table)
}

fn judge_removed(change: &Change, context: &Context<'_>) -> Option<Finding> {
    let Fact::FieldRemoved(field) = &change.fact else { return None };
    if is_stated(change, field, context) {
        return None;
    }
    let found =
        Finding::new(Verdict::Loss, removed_message(change, field)).code(code::FIELD_REMOVED);
    let name = &field.name;
    if field.kept {
        return Some(
            found.note("its column was kept, and still has the values").help(format!(
                "keep it, `#[removed(\"{name}\", keep)]`; or state the removal, `#[removed(\"{name}\")]`, and drop it in a migration"
            )),
        );
    }
    if context.renames.get(&change.table, &field.name).is_some() {
        return None;
    }
    let found = found
        .flags("B b")
        .note(present(field, context))
        .help("restore the field, or drop it in a migration");
    Some(match find_shift(change, field, None, context) {
        Some(shift) => shift.describe(found, change, field, context),
        None => found,
    })
}

fn judge_stated(change: &Change, context: &Context<'_>) -> Option<Finding> {
    match &change.fact {
        Fact::FieldRemoved(field) if is_stated(change, field, context) => {
            let found = Finding::new(Verdict::Loss, removed_message(change, field))
                .code(code::FIELD_REMOVED)
                .flags("B b")
                .note(
                    "the source states the removal, and a migration has to decide about its values",
                );
            Some(if field.kept {
                found
            } else {
                found.help(format!(
                    "for programs that still have it, keep its column for a release: `#[removed(\"{}\", keep)]`",
                    field.name
                ))
            })
        }
        Fact::KeptChanged { field, to } => Some(judge_kept(change, field, *to, context)),
        _ => None,
    }
}

/// The struct does not have the field any more and its column stays; or it has it again.
fn judge_kept(change: &Change, field: &str, is_kept: bool, context: &Context<'_>) -> Finding {
    let table = &change.table;
    if !is_kept {
        let message = format!("field `{field}` of table `{table}` was restored");
        return Finding::new(Verdict::Safe, message).level(Level::Allow).flags("M");
    }
    let message = format!("field `{field}` of table `{table}` was removed, and its values stay");
    let found = Finding::new(Verdict::Safe, message).level(Level::Allow).flags("M").note(format!(
        "programs that have the field go on; when none has it any more, `#[removed(\"{field}\")]` drops it"
    ));
    match context.new_table(change).map(|table| table.layout) {
        Some(Layout::Document) => found
            .level(Level::Warn)
            .note("a row that this program writes as a whole loses the value"),
        _ => found,
    }
}
