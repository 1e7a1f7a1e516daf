//! Primary keys: P1, P2, P5. A table without a key (P3, P4) is refused by the check of the source.

use super::texts::{CONVERT, REBUILD};
use super::{Context, Finding, Rule, Verdict, conversion};
use crate::change::{Change, Fact};
use crate::code;

pub(super) const RULES: &[Rule] = rules! {
    "P1" table_same_primary_key Deny: "another primary key";
        why: "Rows may have NULL or the same values in the new key, and other tables refer to the old one.";
        postgres: "The constraint is replaced, which builds an index; it fails if values are duplicate, or if foreign keys refer to the key.";
        sqlite: REBUILD;
        fix: "Keep the key, or replace it in a manual migration that also changes the foreign keys that refer to it.";
        judge: |change, _| judge_key(change, false);
    "P2" primary_key_same_type Deny: "a field of the primary key has another type";
        why: "Rows are found by this value, and foreign keys refer to it.";
        postgres: "The table is rewritten; columns that refer to it have to follow in the same migration.";
        sqlite: "The table is rebuilt, unless only the width of an integer changes.";
        fix: CONVERT;
        judge: judge_type;
    "P5" primary_key_same_order Deny: "the fields of the primary key have another order";
        why: "The index of the key serves other queries, and running programs name the fields in the old order.";
        postgres: "The constraint is replaced, which builds an index.";
        sqlite: REBUILD;
        fix: "Keep the order, or replace the key in a manual migration.";
        judge: |change, _| judge_key(change, true);
};

fn judge_key(change: &Change, only_order: bool) -> Option<Finding> {
    let Fact::KeyChanged { from, to } = &change.fact else { return None };
    let sorted = |fields: &[String]| {
        let mut fields = fields.to_vec();
        fields.sort();
        fields
    };
    let list = |fields: &[String]| {
        fields.iter().map(|field| format!("`{field}`")).collect::<Vec<_>>().join(", ")
    };
    let (before, after) = (list(from), list(to));
    (only_order == (sorted(from) == sorted(to))).then(|| {
        Finding::new(
            Verdict::Dangerous,
            format!("primary key of table `{}` changed from {before} to {after}", change.table),
        )
        .code(code::KEY_CHANGED)
        .flags("P B U")
        .note("rows may have NULL or the same values in the new key, and other tables refer to the old one")
        .help(format!("keep {before} as the key"))
    })
}

fn judge_type(change: &Change, context: &Context<'_>) -> Option<Finding> {
    let converted = conversion::converted(change)?;
    conversion::is_of_key(change, context).then(|| match conversion::widened_key(&converted) {
        Some((rule, why)) => {
            let found = conversion::finding(change, &converted, Verdict::Lock, why);
            conversion::describe_widening(found, rule, change, context)
        }
        None => {
            let why = "rows are found by this value, and foreign keys refer to it";
            conversion::finding(change, &converted, Verdict::Dangerous, why)
        }
    })
}
