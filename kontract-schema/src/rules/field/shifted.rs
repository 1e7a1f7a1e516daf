//! Names that move on: a field gets a new name, and another field takes its name.

use crate::change::{Change, Fact};
use crate::model::{Field, Table};
use crate::rules::rename::{same_kind, similarity};
use crate::rules::{Context, Finding};

/// A second reading of a removed and an added field: the field between them got the new name, and the
/// removed field has its name.
pub(super) struct Shift<'a> {
    /// The field between them, as it was.
    old: &'a Field,
    /// The field that has its name.
    new: &'a Field,
    /// The added field.
    added: &'a Field,
}

/// Returns the shift that a removed field is likely a part of. `added` is the field that it likely is under
/// a new name, without a shift.
pub(super) fn find_shift<'a>(
    change: &Change,
    removed: &Field,
    added: Option<(&'a Field, usize)>,
    context: &'a Context<'_>,
) -> Option<Shift<'a>> {
    let (before, after) = (context.old_table(change)?, context.new_table(change)?);
    let candidates: Vec<&Field> = match added {
        Some((field, _)) => vec![field],
        None => after.schema.iter().filter(|field| before.field(&field.name).is_none()).collect(),
    };
    let score = added.map_or(0, |(_, score)| score);
    let shifts = candidates.into_iter().flat_map(|added| {
        before.schema.iter().filter_map(move |old| Some((old, after.field(&old.name)?, added)))
    });
    let mut shifts = shifts.filter(|(old, new, added)| {
        same_kind(old, added)
            && same_kind(new, removed)
            && (!same_kind(old, new)
                || takes_place(before, after, old, added, removed)
                || similarity(&old.name, &added.name) > score.max(50))
    });
    let (old, new, added) = shifts.next()?;
    Some(Shift { old, new, added })
}

/// Whether the added field has the place of the old one, and the old name that of the removed field.
fn takes_place(before: &Table, after: &Table, old: &Field, added: &Field, removed: &Field) -> bool {
    let place =
        |table: &Table, name: &str| table.schema.iter().position(|field| field.name == name);
    place(before, &old.name) == place(after, &added.name)
        && place(before, &removed.name) == place(after, &old.name)
}

impl Shift<'_> {
    /// Adds the second reading to the finding on the removed field.
    pub(super) fn describe(
        &self,
        found: Finding,
        change: &Change,
        removed: &Field,
        context: &Context<'_>,
    ) -> Finding {
        let (old, new, gone) = (&self.old.name, &self.added.name, &removed.name);
        let mut found = found.help(format!(
            "if `{old}` is now `{new}`, and `{gone}` is now `{old}`, rename in two migrations: first `{new}` with `#[renamed_from(\"{old}\")]` beside the unchanged `{gone}`; after that one is sealed, `{old}` with `#[renamed_from(\"{gone}\")]`"
        ));
        if !same_kind(self.old, self.new) {
            found = found.note(format!(
                "`{old}` has the type that `{gone}` had, and `{new}` that which `{old}` had: the names may have moved on"
            ));
            // Converting the values would be the same mistake.
            let is_conversion = |other: &&Change| {
                matches!(&other.fact, Fact::TypeChanged { field, .. } if field == old)
                    && other.table == change.table
            };
            found.with.extend(context.changes.iter().filter(is_conversion).cloned());
        }
        found
    }
}
