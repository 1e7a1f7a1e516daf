//! Hints of the source that cannot be followed: C20, C21.

use super::{Context, Finding, Rule, Verdict};
use crate::change::{Change, Fact, HintError};
use crate::code;

pub(super) const RULES: &[Rule] = rules! {
    "C20" hint_no_swap Forbid: "two fields swap their names";
        why: "The hints do not say whether the names or the values move.";
        both: "Nothing, until the hints are corrected.";
        fix: "Rename in two steps with a sealed migration between them, or remove the hints.";
        judge: |change, context| judge_hint(change, context, true);
    "C21" hint_needs_match Forbid: "a `renamed_from` or `removed` does not match exactly one thing";
        why: "The user would believe that a hint was followed which was not.";
        both: "Nothing, until the hint is corrected.";
        fix: "Correct the name in it, or remove it. A manual migration cannot cover a wrong hint.";
        judge: |change, context| judge_hint(change, context, false);
};

fn judge_hint(change: &Change, context: &Context<'_>, is_swap: bool) -> Option<Finding> {
    let Fact::BadHint { field, from, why } = &change.fact else { return None };
    if matches!(why, HintError::Both | HintError::BothVariants) != is_swap {
        return None;
    }
    let table = &change.table;
    let (subject, here) = match field {
        Some(field) => (format!("field `{field}` of table `{table}`"), field),
        None => (format!("table `{table}`"), table),
    };
    let message = match why {
        HintError::NeverThere => format!("field `{from}` cannot have been removed from {subject}"),
        HintError::NotRemoved => format!("field `{from}` was not removed from {subject}"),
        HintError::StaleVariant | HintError::BothVariants => {
            format!("no variant of {subject} can have been renamed from `{from}`")
        }
        _ => format!("{subject} cannot have been renamed from `{from}`"),
    };
    let (note, help) = match why {
        HintError::Stale => (
            format!("kontract.lock.json has neither `{from}` nor `{here}`"),
            "remove the attribute, or correct the name in it".to_owned(),
        ),
        HintError::StillThere => (
            format!("`{from}` is still in the source"),
            format!("remove `{from}`, or the attribute"),
        ),
        HintError::NeverThere => (
            format!("in kontract.lock.json the table has never had a field `{from}`"),
            format!("remove the attribute `#[removed(\"{from}\")]`, or correct the name in it"),
        ),
        HintError::NotRemoved => (
            "it is still in the struct, or under a new name".to_owned(),
            format!("remove the field, or the attribute `#[removed(\"{from}\")]`"),
        ),
        HintError::StaleVariant => (
            format!("in kontract.lock.json no variant of it is stored as `{from}`"),
            "remove the attribute of the variant, or correct the stored name in it".to_owned(),
        ),
        HintError::BothVariants => (
            format!("in kontract.lock.json both `{from}` and the new name are variants"),
            "remove the attribute, and replace the values in a migration".to_owned(),
        ),
        HintError::Both => (
            format!("kontract.lock.json has both `{from}` and `{here}`"),
            "rename in two steps with a sealed migration between them, or remove the attribute"
                .to_owned(),
        ),
        HintError::Twice => (
            format!("another `renamed_from` names `{from}`, too"),
            "keep one of the two attributes".to_owned(),
        ),
    };
    let mut found = Finding::new(Verdict::Dangerous, message)
        .code(code::RENAME_HINT)
        .flags("H")
        .note(note)
        .help(help);
    found.coverable = false;
    // The field of the hint would also be reported as new, and the one that it names as removed.
    found.with = context
        .changes
        .iter()
        .filter(|other| match (&other.fact, field) {
            (Fact::FieldAdded { field: added, .. }, Some(field)) => {
                other.table == *table && added.name == *field
            }
            (Fact::FieldRemoved(gone), Some(_)) => other.table == *table && gone.name == *from,
            _ => false,
        })
        .cloned()
        .collect();
    Some(found)
}
