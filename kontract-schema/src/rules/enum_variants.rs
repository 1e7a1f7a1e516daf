//! Variants of enums: E2 to E7.

use super::texts::{NOTHING, REBUILD};
use super::{Context, Finding, Level, Rule, Verdict};
use crate::change::{Change, Fact, Shape};
use crate::code;
use crate::intent::VariantRename;
use crate::model::types::Type;
use crate::sql::enum_types::is_part;

pub(super) const RULES: &[Rule] = rules! {
    "E2" enum_may_append_variant Allow: "an enum has more variants, at the end";
        why: "Existing rows keep their values. A running program cannot read the new variants.";
        postgres: "The check is replaced, which scans the table; an enum type gets the value, which waits for nothing.";
        sqlite: REBUILD;
        fix: "Replace the old program before the new one writes the new variants.";
        judge: |change, _| judge_added(change, true);
    "E3" enum_may_insert_variant Allow: "an enum has more variants, in between";
        why: "Existing rows keep their values, and an enum type the order of the old variants. A running program cannot read the new ones.";
        postgres: "The check is replaced, which scans the table; an enum type gets the value at its place, which waits for nothing.";
        sqlite: REBUILD;
        fix: "Replace the old program before the new one writes the new variants.";
        judge: |change, _| judge_added(change, false);
    "E4" variant_no_drop Forbid: "variants were removed";
        why: "Existing rows may have them.";
        postgres: "The check is replaced; that fails if a row has one of them. PostgreSQL cannot remove a value of an enum type: the type is created again, and all its columns are rewritten.";
        sqlite: "The table is rebuilt; that fails if a row has one of them.";
        fix: "Restore the variants, or replace them in the rows by a manual migration.";
        judge: judge_removed;
    "E5" variant_may_rename Allow: "a variant was renamed";
        why: "The source states the rename. A running program knows only the old name.";
        postgres: "The check gets the new names, and the rows are updated in batches, also in lists and nested documents. A value of an enum type is renamed, and no row changes.";
        sqlite: "The table is rebuilt, or the rows are updated.";
        fix: "Stop the old program before the new one starts, or keep the stored name: `#[serde(rename = \"old\")]`.";
        judge: judge_renamed;
    "E6" variant_no_unstated_rename Forbid: "variants were removed, and others added";
        why: "One may be another under a new name.";
        postgres: "The check is replaced; that fails if a row has an old name.";
        sqlite: "The table is rebuilt; that fails if a row has an old name.";
        fix: "Keep the stored name, `#[serde(rename = \"old\")]`, or replace it in the rows by a manual migration.";
        judge: judge_replaced;
    "E7" enum_may_reorder Allow: "variants have another order";
        why: "Variants are stored by name.";
        both: NOTHING;
        judge: judge_reordered;
    "E10" enum_type_may_rename Allow: "an enum type has another name";
        why: "All fields of the type have the new one, with the same variants. A running program names the old type.";
        postgres: "The type is renamed, and no row changes.";
        sqlite: NOTHING;
        fix: "Stop the old program before the new one starts, or keep the name: `#[native(name = \"old\")]`.";
        judge: judge_renamed_type;
    "E11" enum_same_storage Forbid: "an enum becomes an enum type of PostgreSQL, or the reverse";
        why: "The column gets another type, and a running program sends values of the old one.";
        postgres: "The table is rewritten, while nothing can use it.";
        sqlite: NOTHING;
        fix: "Keep the storage, or convert the column in a manual migration.";
        judge: judge_storage;
    "E15" enum_type_same_order Forbid: "variants of an enum type have another order";
        why: "The values of an enum type are ordered as they are declared, so that comparisons, orders and indexes change.";
        postgres: "PostgreSQL cannot reorder the values: the type is created again, and all its columns are rewritten.";
        sqlite: "Queries use the new order; no row changes.";
        fix: "Keep the order of the variants, or create the type again in a manual migration.";
        judge: judge_reordered_type;
};

/// Returns the variants of two enums, or of the elements of two lists.
pub(super) fn both_enums<'a>(from: &'a Type, to: &'a Type) -> Option<(&'a [String], &'a [String])> {
    match (from, to) {
        (Type::Enum(from), Type::Enum(to)) => Some((from, to)),
        (Type::Array(from), Type::Array(to)) => both_enums(from, to),
        _ => None,
    }
}

/// The variants of an enum that changed.
struct Variants {
    /// `` field `role` of table `users` ``.
    subject: String,
    /// Whether the new variants begin with the old ones.
    appends: bool,
    removed: Vec<String>,
    added: Vec<String>,
    /// Whether the old variants have another order.
    is_reordered: bool,
    /// Whether it is an enum type of PostgreSQL before and after.
    are_native: bool,
}

fn changed_variants(change: &Change) -> Option<Variants> {
    let Fact::TypeChanged { field, from, to } = &change.fact else { return None };
    let are_native = from.native && to.native;
    if !are_native && from.column_type() != to.column_type() {
        return None;
    }
    let (old, new) = both_enums(&from.ty, &to.ty)?;
    let missing = |from: &[String], to: &[String]| -> Vec<String> {
        from.iter().filter(|name| !to.contains(name)).map(|name| format!("`{name}`")).collect()
    };
    Some(Variants {
        subject: format!("field `{field}` of table `{}`", change.table),
        appends: new.starts_with(old),
        removed: missing(old, new),
        added: missing(new, old),
        is_reordered: old != new && missing(old, new).is_empty() && !is_part(old, new),
        are_native,
    })
}

fn judge_added(change: &Change, appends: bool) -> Option<Finding> {
    let found = changed_variants(change)?;
    let keeps_order = !(found.are_native && found.is_reordered);
    let is_added = found.removed.is_empty() && !found.added.is_empty() && keeps_order;
    (is_added && found.appends == appends).then(|| {
        let message = format!("variants {} of {} are new", found.added.join(", "), found.subject);
        Finding::new(Verdict::Lock, message)
            .flags("B S U")
            .note("a running program cannot read them")
    })
}

fn judge_reordered(change: &Change, _: &Context<'_>) -> Option<Finding> {
    let found = changed_variants(change)?;
    let is_only_order = found.removed.is_empty() && found.added.is_empty();
    (is_only_order && found.is_reordered && !found.are_native).then(|| {
        let message = format!("variants of {} have another order", found.subject);
        Finding::new(Verdict::Safe, message).flags("M")
    })
}

fn judge_reordered_type(change: &Change, _: &Context<'_>) -> Option<Finding> {
    let found = changed_variants(change)?;
    (found.is_reordered && found.are_native).then(|| {
        let message = format!("variants of {} have another order", found.subject);
        Finding::new(Verdict::Dangerous, message)
            .code(code::ENUM_VARIANT)
            .flags("P B b R U")
            .note("PostgreSQL orders the values of an enum type as they are declared")
            .help("keep the order of the variants, or create the type again in a migration")
    })
}

/// The change of an enum whose storage changes: the subject, and both column types.
fn changed_storage(change: &Change) -> Option<(String, &Shape, &Shape)> {
    let Fact::TypeChanged { field, from, to } = &change.fact else { return None };
    both_enums(&from.ty, &to.ty)?;
    let subject = format!("field `{field}` of table `{}`", change.table);
    (from.native || to.native).then_some((subject, from, to))
}

fn judge_renamed_type(change: &Change, _: &Context<'_>) -> Option<Finding> {
    let (subject, from, to) = changed_storage(change)?;
    let is_renamed = from.native && to.native && from.sql_type != to.sql_type;
    is_renamed.then(|| {
        let name = |shape: &Shape| shape.column_kind().to_string();
        let message =
            format!("the enum type of {subject} is `{}` instead of `{}`", name(to), name(from));
        Finding::new(Verdict::Dangerous, message)
            .flags("B b")
            .note("a running program names the old type; stop it before this one starts")
    })
}

fn judge_storage(change: &Change, _: &Context<'_>) -> Option<Finding> {
    let (subject, from, to) = changed_storage(change)?;
    if from.native == to.native {
        return None;
    }
    if from.sql_type == to.sql_type {
        // The database has the type already.
        let message = format!("the migrations manage the enum type of {subject}, or no longer do");
        return Some(Finding::new(Verdict::Safe, message).level(Level::Allow));
    }
    let name = |shape: &Shape| shape.column_kind().to_string();
    let message = format!("{subject} is stored as `{}` instead of `{}`", name(to), name(from));
    Some(
        Finding::new(Verdict::Dangerous, message)
            .code(code::TYPE_CHANGED)
            .flags("P B b R U")
            .note("the table is rewritten, and a running program sends values of the old type")
            .help("keep the storage, or convert the column in a migration"),
    )
}

fn judge_removed(change: &Change, _: &Context<'_>) -> Option<Finding> {
    let found = changed_variants(change)?;
    (!found.removed.is_empty() && found.added.is_empty()).then(|| {
        let message = removed_message(&found.removed, &found.subject);
        Finding::new(Verdict::Dangerous, message)
            .code(code::ENUM_VARIANT)
            .flags("P B b U")
            .note("existing rows may have them")
            .help("restore them, or replace them in a migration")
    })
}

/// `` variant `Done` of field `status` … was removed ``.
fn removed_message(removed: &[String], subject: &str) -> String {
    let (noun, verb) = if removed.len() == 1 { ("variant", "was") } else { ("variants", "were") };
    format!("{noun} {} of {subject} {verb} removed", removed.join(", "))
}

fn judge_replaced(change: &Change, _: &Context<'_>) -> Option<Finding> {
    let Variants { subject, removed, added, .. } = changed_variants(change)?;
    (!removed.is_empty() && !added.is_empty()).then(|| {
        let removed = removed_message(&removed, &subject);
        let message = format!("{removed}, and {} added", added.join(", "));
        Finding::new(Verdict::Dangerous, message)
            .code(code::ENUM_VARIANT)
            .flags("P H B U")
            .note("existing rows may have the old names")
            .help("state a rename, `#[renamed_from(\"old\")]` on the variant; keep the stored name, `#[serde(rename = \"…\")]`; or replace it in a migration")
    })
}

fn judge_renamed(change: &Change, _: &Context<'_>) -> Option<Finding> {
    let Fact::VariantsRenamed { field, renames } = &change.fact else { return None };
    let describe = |rename: &VariantRename| {
        let path: String = rename.path.iter().map(|key| format!(".{key}")).collect();
        format!("`{}` is now `{}` in `{field}{path}`", rename.from, rename.to)
    };
    let all: Vec<String> = renames.iter().map(describe).collect();
    let message = format!("variant {} of table `{}`", all.join(", variant "), change.table);
    let found = Finding::new(Verdict::Dangerous, message)
        .flags("B b")
        .note("a running program knows only the old names; stop it before this one starts");
    Some(found)
}
