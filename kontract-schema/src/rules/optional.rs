//! Optional fields and defaults: N1, N2, N4, N5, N7.
//!
//! N3 is N2: a default is for new rows, and fills no row without a value. N6 belongs to the change of the
//! type. N8 to N12 are in `made.rs`.

use super::field::help_null_rows;
use super::texts::{NOTHING, REBUILD};
use super::{Context, Finding, Level, Rule, Verdict};
use crate::change::{Change, Fact};
use crate::code;
use crate::model::{Field, Layout};

pub(super) const RULES: &[Rule] = rules! {
    "N1" field_may_become_optional Warn: "a field became optional";
        why: "No row can violate it, but a running program cannot read rows without a value.";
        postgres: "DROP NOT NULL, or DROP CONSTRAINT for the check of a document, without a scan.";
        sqlite: REBUILD;
        fix: "Replace the old program before the new one writes rows without a value.";
        judge: judge_optional;
    "N2" required_field_needs_value Deny: "a field became required";
        why: "Existing rows may have no value for it.";
        postgres: "Rows without a value get that of `backfill`; then SET NOT NULL, or the check of a document, scans the table.";
        sqlite: "The table is rebuilt, with the value of `backfill` in rows without one.";
        fix: "Declare a value for them, `#[backfill = \"…\"]`: a default is for new rows only. Or keep the `Option`, or fill the rows in a manual migration.";
        judge: judge_required;
    "N4" default_may_change Allow: "a default was added or changed";
        why: "Existing rows keep their values.";
        postgres: "SET DEFAULT, without a scan.";
        sqlite: REBUILD;
        judge: judge_default;
    "N5" default_no_drop Deny: "a default was removed";
        why: "Inserts of running programs that omit the column would fail, or insert NULL, which they cannot read.";
        postgres: "DROP DEFAULT.";
        sqlite: REBUILD;
        fix: "Keep the default, or cover the change with a manual migration if no such program runs.";
        judge: judge_default_removed;
    "N7" document_default_may_change Allow: "the default of a field of a document changed";
        why: "Only the program has it; the database has no default for a JSON key.";
        both: NOTHING;
        judge: judge_document_default;
};

fn judge_optional(change: &Change, context: &Context<'_>) -> Option<Finding> {
    let Fact::BecameOptional { field } = &change.fact else { return None };
    let table = context.new_table(change);
    let is_kept = table.and_then(|table| table.field(field)).is_some_and(|field| field.kept);
    let found = if is_kept {
        let message =
            format!("field `{field}` of table `{}` has no value in new rows", change.table);
        Finding::new(Verdict::Safe, message)
            .note("programs that have the field still insert values, and cannot read rows without one: make it an `Option` a release before, or stop them first")
    } else {
        let message = format!("field `{field}` of table `{}` became optional", change.table);
        Finding::new(Verdict::Safe, message)
            .note("a running program cannot read rows without a value; replace it first")
    };
    Some(found.flags("B U"))
}

fn judge_required(change: &Change, context: &Context<'_>) -> Option<Finding> {
    let Fact::BecameRequired { field, backfill } = &change.fact else { return None };
    let message = format!("field `{field}` of table `{}` became required", change.table);
    let found = Finding::new(Verdict::Backfill, message);
    let table = context.new_table(change);
    let Some((table, field)) = table.and_then(|table| Some((table, table.field(field)?))) else {
        return Some(found.level(Level::Allow));
    };
    if backfill.is_some() {
        return Some(found.level(Level::Allow).flags("P S U").note(
            "rows without a value get that of `backfill`; if it violates a constraint, the migration fails and changes nothing",
        ));
    }
    let is_filled_later = field.default_value().is_some() || field.stamp.is_some();
    let former = context.old_table(change).and_then(|old| old.field(&field.name));
    if is_filled_later && former.is_some_and(|former| former.kept) {
        return Some(
            found
                .level(Level::Allow)
                .flags("S U")
                .note("rows of programs that do not have the field get the default"),
        );
    }
    let message = format!("{}, and existing rows may have no value for it", found.message);
    let found = Finding::new(Verdict::Backfill, message)
        .code(code::NO_VALUE)
        .flags("P S U")
        .help(help_null_rows(table, field));
    Some(if is_filled_later { found.note("a default is for new rows only") } else { found })
}

/// A default or a stamp that was added, changed or removed.
struct DefaultChange {
    message: String,
    is_document: bool,
    /// Whether inserts may still omit the column.
    may_be_omitted: bool,
}

fn default_change(change: &Change, context: &Context<'_>) -> Option<DefaultChange> {
    let (name, had_one, has_one) = match &change.fact {
        Fact::DefaultChanged { field, from, to } => (field, from.is_some(), to.is_some()),
        Fact::StampChanged { field, from, to } => (field, from.is_some(), to.is_some()),
        _ => return None,
    };
    let what = match (had_one, has_one) {
        (false, _) => "now has a default",
        (true, true) => "has another default",
        (true, false) => "has no default any more",
    };
    let table = context.new_table(change);
    let field = table.and_then(|table| table.field(name));
    let is_filled = field.is_some_and(Field::may_be_omitted);
    let becomes_null = had_one && !has_one && is_read_without_null(change, name, context);
    Some(DefaultChange {
        message: format!("field `{name}` of table `{}` {what}", change.table),
        is_document: table.is_some_and(|table| table.layout == Layout::Document),
        may_be_omitted: has_one || (is_filled && !becomes_null),
    })
}

/// Whether programs of the version before cannot read the field without a value. One that is only kept
/// for them has its own note.
fn is_read_without_null(change: &Change, name: &str, context: &Context<'_>) -> bool {
    let becomes_optional = |other: &Change| {
        other.table == change.table
            && matches!(&other.fact, Fact::BecameOptional { field } if field == name)
    };
    let field = context.new_table(change).and_then(|table| table.field(name));
    context.changes.iter().any(becomes_optional) && field.is_some_and(|field| !field.kept)
}

fn judge_document_default(change: &Change, context: &Context<'_>) -> Option<Finding> {
    let found = default_change(change, context)?;
    found.is_document.then(|| Finding::new(Verdict::Safe, found.message).flags("M"))
}

fn judge_default(change: &Change, context: &Context<'_>) -> Option<Finding> {
    let found = default_change(change, context)?;
    (!found.is_document && found.may_be_omitted).then(|| {
        Finding::new(Verdict::Safe, found.message)
            .flags("U")
            .note("existing rows keep their values")
    })
}

fn judge_default_removed(change: &Change, context: &Context<'_>) -> Option<Finding> {
    let found = default_change(change, context)?;
    (!found.is_document && !found.may_be_omitted).then(|| {
        Finding::new(Verdict::Dangerous, found.message)
            .code(code::DEFAULT_REMOVED)
            .flags("B")
            .note("inserts of other programs that omit the column would fail, or insert NULL, which they cannot read")
            .help("keep the default until no such program runs")
    })
}
