//! Permissions: M1, M2.

use super::texts::NOTHING;
use super::{Finding, Rule, Verdict};
use crate::change::{Change, Fact};

pub(super) const RULES: &[Rule] = rules! {
    "M1" permission_may_grow Warn: "permissions allow more";
        why: "The database does not know them, but owners may do more than before, which is a matter of security.";
        both: NOTHING;
        fix: "Make sure that it is intended.";
        judge: |change, _| judge_permissions(change, true);
    "M2" permission_may_shrink Allow: "permissions allow less";
        why: "The database does not know them. An operation without the permission does not compile, or is refused.";
        both: NOTHING;
        judge: |change, _| judge_permissions(change, false);
};

fn judge_permissions(change: &Change, allows_more: bool) -> Option<Finding> {
    if let Fact::SharedChanged { to } = change.fact {
        return (to == allows_more).then(|| judge_shared(&change.table, to));
    }
    let (subject, from, to) = match &change.fact {
        Fact::TablePermChanged { from, to } => (format!("table `{}`", change.table), from, to),
        Fact::PermChanged { field, from, to } => {
            (format!("field `{field}` of table `{}`", change.table), from, to)
        }
        _ => return None,
    };
    if (to.0 & !from.0 != 0) != allows_more {
        return None;
    }
    let message = format!("permissions of {subject} changed from `{from}` to `{to}`");
    let found = Finding::new(Verdict::Safe, message).flags("M");
    Some(if allows_more {
        found.note("security: owner handles may do more than before")
    } else {
        found
    })
}

fn judge_shared(table: &str, is_shared: bool) -> Finding {
    if is_shared {
        let message = format!("owner handles see all rows of table `{table}`");
        let found = Finding::new(Verdict::Safe, message).flags("M");
        return found.note("security: each owner may read and change the rows of the others");
    }
    let message = format!("table `{table}` is not shared any more");
    Finding::new(Verdict::Safe, message).flags("M")
}
