//! Permissions and bookkeeping columns: M1, M2, M4 to M9, C6, I8.

use super::{Context, Judgement, Verdict};
use crate::change::Change;
use crate::code;
use crate::model::Perm;
use crate::sql::ddl::Tracked;

/// M1: more is allowed, which is a matter of security and so is said. M2: less is allowed.
pub fn perm(change: &Change, field: Option<&str>, from: Perm, to: Perm) -> Judgement {
    let subject = match field {
        Some(field) => format!("field `{field}` of table `{}`", change.table),
        None => format!("table `{}`", change.table),
    };
    let message = format!("permissions of {subject} changed from `{from}` to `{to}`");
    if to.0 & !from.0 == 0 {
        return Judgement::pass(change, "M2", Verdict::Safe, message).flags("M");
    }
    Judgement::pass(change, "M1", Verdict::Safe, message)
        .flags("M")
        .note("security: owner handles are allowed more than before")
}

/// M4: a version begins at 1. M6: no row is deleted yet; I8: but unique indexes change their
/// meaning. M8: all rows changed now. M9: nobody knows whose the rows are. C6: nor in which order.
pub fn track_added(change: &Change, tracked: Tracked, context: &Context<'_>) -> Judgement {
    let message =
        format!("bookkeeping column `{}` of table `{}` is new", tracked.name(), change.table);
    let refuse = |rule, verdict| {
        Judgement::refuse(change, rule, verdict, code::BOOKKEEPING, message.clone())
    };
    match tracked {
        Tracked::Version => Judgement::pass(change, "M4", Verdict::Safe, message),
        Tracked::Txid => Judgement::pass(change, "M8", Verdict::Backfill, message)
            .flags("U")
            .note("all rows that are there count as changed by one transaction"),
        Tracked::DeletedTxid => {
            let unique = context
                .old_table(change)
                .is_some_and(|table| table.indexes.values().any(|index| index.unique));
            match unique {
                false => Judgement::pass(change, "M6", Verdict::Safe, message),
                true => refuse("I8", Verdict::Dangerous)
                    .flags("H")
                    .note("unique indexes will allow a value again once its row is deleted"),
            }
        }
        Tracked::Owner => refuse("M9", Verdict::Backfill)
            .note("rows that are there belong to nobody; in a migration they go to `system`"),
        Tracked::Order => refuse("C6", Verdict::Dangerous)
            .flags("R U")
            .note("the order of the rows that are there is not known, and the table is rewritten"),
    }
}

/// M5: code that relies on the column breaks. M7: deleted rows come back.
pub fn track_removed(change: &Change, tracked: Tracked) -> Judgement {
    let message =
        format!("bookkeeping column `{}` of table `{}` was removed", tracked.name(), change.table);
    if tracked == Tracked::DeletedTxid {
        return Judgement::refuse(change, "M7", Verdict::Loss, code::BOOKKEEPING, message)
            .flags("B")
            .note("rows marked as deleted would be there again")
            .help("delete them for good in the migration, before it drops the column");
    }
    Judgement::refuse(change, "M5", Verdict::Dangerous, code::BOOKKEEPING, message)
        .flags("B b")
        .note("what it holds would be lost, and programs that run rely on it")
}
