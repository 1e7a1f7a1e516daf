//! Permissions: M1, M2.

use super::DefaultLevel::{Allow, Warn};
use super::texts::{NONE, NOTHING};
use super::{Explanation, Finding, Rule, Verdict};
use crate::change::{Change, Fact};

pub(super) const RULES: &[Rule] = &[
    Rule {
        id: "M1",
        name: "permission_may_grow",
        level: Warn,
        judge: |change, _| judge_permissions(change, true),
        explanation: Explanation {
            title: "permissions allow more",
            why: "The database does not know them, but owners may do more than before, which is a matter of security.",
            postgres: NOTHING,
            sqlite: NOTHING,
            fix: "Make sure that it is intended.",
        },
    },
    Rule {
        id: "M2",
        name: "permission_may_shrink",
        level: Allow,
        judge: |change, _| judge_permissions(change, false),
        explanation: Explanation {
            title: "permissions allow less",
            why: "The database does not know them. An operation without the permission does not compile, or is refused.",
            postgres: NOTHING,
            sqlite: NOTHING,
            fix: NONE,
        },
    },
];

fn judge_permissions(change: &Change, allows_more: bool) -> Option<Finding> {
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
