//! Members of nested documents: J1 to J7.

use super::texts::{NOTHING, OPEN_VALUES};
use super::{Context, Finding, Level, Rule, Verdict};
use crate::change::{Change, Fact};
use crate::code;
use crate::model::types::{Member, Type};
use crate::model::widening::holds_all_of;

use Verdict::{Backfill, Dangerous};

pub(super) const RULES: &[Rule] = rules! {
    "J1" member_may_add_optional Allow: "a nested document has new optional members";
        why: "Existing values can be read.";
        both: NOTHING;
        judge: judge_added_optional;
    "J2" member_needs_value Forbid: "a nested document has a new required member";
        why: "Existing values do not have it, and could not be read.";
        both: OPEN_VALUES;
        fix: "Make the member an `Option`, or rewrite the values in a manual migration.";
        judge: |change, _| judge_members(change, "J2");
    "J3" member_no_drop Deny: "a member of a nested document was removed";
        why: "Existing values keep it until they are written again; then it is lost.";
        both: OPEN_VALUES;
        fix: "Keep the member, or cover the change with a manual migration.";
        judge: |change, _| judge_members(change, "J3");
    "J4" member_no_unstated_rename Deny: "a member of a nested document was removed, and one of the same type added";
        why: "It may be the same member under a new name; existing values have the old one.";
        both: OPEN_VALUES;
        fix: "Keep the stored name, `#[serde(rename = \"old\")]`, or rename the key in a manual migration.";
        judge: |change, _| judge_members(change, "J4");
    "J5" member_same_type Deny: "a member of a nested document has another type";
        why: "Existing values could not be read.";
        both: OPEN_VALUES;
        fix: "Keep the type, or rewrite the values in a manual migration.";
        judge: |change, _| judge_widened(change).or_else(|| judge_members(change, "J5"));
    "J6" member_variant_no_drop Deny: "variants of an enum in a nested document were removed";
        why: "Existing values may have them.";
        both: OPEN_VALUES;
        fix: "Keep the variants, or replace them in the values by a manual migration.";
        judge: |change, _| judge_members(change, "J6");
    "J7" required_member_needs_value Forbid: "a member of a nested document became required";
        why: "Existing values may not have it.";
        both: OPEN_VALUES;
        fix: "Keep the `Option`, or fill the member in a manual migration.";
        judge: |change, _| judge_members(change, "J7");
};

/// The types of a nested document that changed.
struct Nested<'a> {
    message: String,
    from: &'a Type,
    to: &'a Type,
}

fn changed_members(change: &Change) -> Option<Nested<'_>> {
    let Fact::TypeChanged { field, from, to } = &change.fact else { return None };
    let are_nested = from.ty.members().is_some() && to.ty.members().is_some();
    (are_nested && from.sql_type == to.sql_type).then(|| Nested {
        message: format!("members of field `{field}` of table `{}` changed", change.table),
        from: &from.ty,
        to: &to.ty,
    })
}

fn judge_added_optional(change: &Change, _: &Context<'_>) -> Option<Finding> {
    let Nested { message, from, to } = changed_members(change)?;
    (holds_all_of(to, from) && only_adds(from, to))
        .then(|| Finding::new(Verdict::Safe, message).flags("M"))
}

fn judge_widened(change: &Change) -> Option<Finding> {
    let Nested { message, from, to } = changed_members(change)?;
    (holds_all_of(to, from) && !only_adds(from, to))
        .then(|| Finding::new(Verdict::Safe, message).level(Level::Allow).flags("M"))
}

fn judge_members(change: &Change, id: &str) -> Option<Finding> {
    let Nested { message, from, to } = changed_members(change)?;
    if holds_all_of(to, from) {
        return None;
    }
    let (rule, verdict, why) = match (from.members(), to.members()) {
        (Some(old), Some(new)) => worst_member(old, new),
        _ => ("J5", Dangerous, "existing values have another form".to_owned()),
    };
    (rule == id).then(|| {
        Finding::new(verdict, message).code(code::TYPE_CHANGED).flags("P B").note(why).help(
            "make new members an `Option`, keep old ones, or rewrite the values in a migration",
        )
    })
}

/// Whether no existing member changed.
fn only_adds(from: &Type, to: &Type) -> bool {
    let (old, new) = (from.members().unwrap_or_default(), to.members().unwrap_or_default());
    old.iter().all(|member| new.contains(member))
}

/// Returns the rule for the most serious change of a member: its id, the verdict and the reason.
fn worst_member(old: &[Member], new: &[Member]) -> (&'static str, Verdict, String) {
    fn find<'a>(list: &'a [Member], name: &str) -> Option<&'a Member> {
        list.iter().find(|member| member.name == name)
    }
    let removed = old.iter().find(|member| find(new, &member.name).is_none());
    let required = |member: &&Member| !member.optional;
    let added = new.iter().filter(required).find(|member| find(old, &member.name).is_none());
    match (removed, added) {
        (Some(removed), Some(added)) if removed.ty == added.ty => {
            let why = format!("`{}` may be `{}` under a new name", added.name, removed.name);
            return ("J4", Dangerous, why);
        }
        (Some(removed), _) => {
            let why =
                format!("`{}` was removed, and is lost when a row is written again", removed.name);
            return ("J3", Dangerous, why);
        }
        (None, Some(added)) => {
            return ("J2", Backfill, format!("existing values have no `{}`", added.name));
        }
        (None, None) => {}
    }
    let became_required = old
        .iter()
        .filter(|member| member.optional)
        .find(|member| find(new, &member.name).is_some_and(|member| !member.optional));
    if let Some(member) = became_required {
        return ("J7", Backfill, format!("existing values may have no `{}`", member.name));
    }
    let is_enum = |ty: &Type| matches!(ty, Type::Enum(_));
    let changes_enum = old.iter().any(|member| {
        find(new, &member.name)
            .is_some_and(|now| is_enum(&member.ty) && is_enum(&now.ty) && member.ty != now.ty)
    });
    let rule = if changes_enum { "J6" } else { "J5" };
    (rule, Dangerous, "existing values have another form".to_owned())
}
