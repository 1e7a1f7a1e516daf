//! Bookkeeping columns: M4 to M9, C6, I8.

use super::texts::REBUILD;
use super::{Context, Finding, Rule, Verdict};
use crate::change::{Change, Fact};
use crate::code;
use crate::model::Tracked;

pub(super) const RULES: &[Rule] = rules! {
    "C6" order_needs_value Deny: "the order of rows is new";
        why: "The order of existing rows is not known.";
        postgres: "ADD COLUMN … BIGSERIAL rewrites the table; reads and writes wait meanwhile.";
        sqlite: REBUILD;
        fix: "Number the rows in a manual migration.";
        judge: |change, _| {
            judge_added(change, Tracked::Order, |message| {
                Finding::new(Verdict::Dangerous, message)
                    .code(code::BOOKKEEPING)
                    .flags("R U")
                    .note("the order of existing rows is not known, and the table is rewritten")
            })
        };
    "I8" unique_index_same_scope Deny: "deletion marks are new on a table with a unique index";
        why: "From now on a value can be used again when its row is marked as deleted.";
        both: "ADD COLUMN, and the index is built again for the rows that are not deleted.";
        fix: "Confirm the change with a manual migration.";
        judge: |change, context| judge_deletion_marks(change, context, true);
    "M4" version_may_add Allow: "versions are new";
        why: "Every row begins at 1.";
        postgres: "ADD COLUMN … DEFAULT 1, without a rewrite.";
        sqlite: "ADD COLUMN … DEFAULT 1.";
        judge: |change, _| {
            judge_added(change, Tracked::Version, |message| Finding::new(Verdict::Safe, message))
        };
    "M5" bookkeeping_no_drop Forbid: "a bookkeeping column was removed";
        why: "Its values would be lost, and running programs rely on it.";
        postgres: "DROP COLUMN.";
        sqlite: "DROP COLUMN, or a rebuild.";
        fix: "Keep it in `#[table(…)]`, or drop it in a manual migration.";
        judge: |change, _| judge_removed(change, false);
    "M6" deletion_mark_may_add Allow: "deletion marks are new";
        why: "No row is deleted yet.";
        postgres: "ADD COLUMN, without a rewrite.";
        sqlite: "ADD COLUMN.";
        judge: |change, context| {
            judge_deletion_marks(change, context, false).or_else(|| judge_deletion_times(change))
        };
    "M7" deletion_mark_no_drop Forbid: "deletion marks were removed";
        why: "Rows that are marked as deleted would be visible again.";
        postgres: "DROP COLUMN.";
        sqlite: "DROP COLUMN, or a rebuild.";
        fix: "Delete those rows in the manual migration, before it drops the column.";
        judge: |change, _| judge_removed(change, true);
    "M8" transaction_id_may_add Allow: "transaction ids are new";
        why: "All existing rows count as changed by one transaction, that of the migration.";
        postgres: "ADD COLUMN with that transaction as default.";
        sqlite: "The table is rebuilt; existing rows get 0.";
        judge: |change, _| {
            judge_added(change, Tracked::Txid, |message| {
                Finding::new(Verdict::Backfill, message)
                    .flags("U")
                    .note("all existing rows count as changed by one transaction")
            })
        };
    "M9" owner_needs_value Forbid: "owners are new";
        why: "The owners of existing rows are not known.";
        both: "ADD COLUMN; the manual migration sets the owners.";
        fix: "Set the owners in a manual migration; the generated one sets `system`.";
        judge: |change, _| {
            judge_added(change, Tracked::Owner, |message| {
                Finding::new(Verdict::Backfill, message)
                    .code(code::BOOKKEEPING)
                    .note("existing rows have no owner; the generated migration sets `system`")
            })
        };
};

fn added_message(change: &Change, tracked: Tracked) -> String {
    format!("bookkeeping column `{}` of table `{}` is new", tracked.name(), change.table)
}

fn judge_added(
    change: &Change,
    tracked: Tracked,
    finding: fn(String) -> Finding,
) -> Option<Finding> {
    (change.fact == Fact::TrackAdded(tracked)).then(|| finding(added_message(change, tracked)))
}

fn judge_deletion_marks(
    change: &Change,
    context: &Context<'_>,
    with_unique_index: bool,
) -> Option<Finding> {
    if change.fact != Fact::TrackAdded(Tracked::DeletedTxid) {
        return None;
    }
    let has_unique_index = context
        .old_table(change)
        .is_some_and(|table| table.indexes.values().any(|index| index.unique));
    let message = added_message(change, Tracked::DeletedTxid);
    (has_unique_index == with_unique_index).then(|| {
        if with_unique_index {
            Finding::new(Verdict::Dangerous, message)
                .code(code::BOOKKEEPING)
                .flags("H")
                .note("unique indexes will allow a value again when its row is deleted")
        } else {
            Finding::new(Verdict::Safe, message)
        }
    })
}

/// The times of deletions without new marks. With them, the marks are judged.
fn judge_deletion_times(change: &Change) -> Option<Finding> {
    judge_added(change, Tracked::DeletedAt, |message| {
        Finding::new(Verdict::Safe, message)
            .note("rows that are deleted already count as deleted at the first `purge_deleted`")
    })
}

fn judge_removed(change: &Change, are_deletion_marks: bool) -> Option<Finding> {
    let Fact::TrackRemoved(tracked) = &change.fact else { return None };
    if (*tracked == Tracked::DeletedTxid) != are_deletion_marks {
        return None;
    }
    let message =
        format!("bookkeeping column `{}` of table `{}` was removed", tracked.name(), change.table);
    Some(if are_deletion_marks {
        Finding::new(Verdict::Loss, message)
            .code(code::BOOKKEEPING)
            .flags("B")
            .note("rows that are marked as deleted would be visible again")
            .help("delete them in the migration, before it drops the column")
    } else {
        Finding::new(Verdict::Dangerous, message)
            .code(code::BOOKKEEPING)
            .flags("B b")
            .note("its values would be lost, and running programs rely on it")
    })
}
