//! Primary keys: P1 to P5, and partition keys: P9.

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
    "P3" primary_key_no_add Deny: "a table without a key gets one";
        why: "Rows may have NULL or the same values in the fields of the key.";
        postgres: "The constraint is added, which builds an index and blocks all other sessions; it fails if values are NULL or duplicate.";
        sqlite: REBUILD;
        fix: "Remove duplicates and NULL in a manual migration that then adds the key.";
        judge: judge_added;
    "P4" primary_key_no_drop Deny: "a table loses its key";
        why: "Programs find rows by the key: `get`, `set`, `update` and `delete` of one row are gone. Logical replication of PostgreSQL needs a key to replicate updates and deletions.";
        postgres: "The constraint and its index are dropped at once; that fails if foreign keys refer to the key.";
        sqlite: REBUILD;
        fix: "Keep the key, or drop it in a manual migration when no running program uses it.";
        judge: judge_dropped;
    "P5" primary_key_same_order Deny: "the fields of the primary key have another order";
        why: "The index of the key serves other queries, and running programs name the fields in the old order.";
        postgres: "The constraint is replaced, which builds an index.";
        sqlite: REBUILD;
        fix: "Keep the order, or replace the key in a manual migration.";
        judge: |change, _| judge_key(change, true);
    "P9" partition_key_same_type Forbid: "a field by which a table is divided into partitions has another type";
        why: "PostgreSQL does not change the type of such a column: the bounds of the partitions have it.";
        postgres: "The rows are copied into a new table; that fails at the first row that no partition takes.";
        sqlite: REBUILD;
        fix: "Keep the type, or write a manual migration with `kontract migrate create`, and add the partitions between CREATE TABLE and INSERT.";
        judge: judge_partition_type;
};

fn judge_added(change: &Change, _: &Context<'_>) -> Option<Finding> {
    let Fact::KeyChanged { from, to } = &change.fact else { return None };
    (from.is_empty() && !to.is_empty()).then(|| {
        let (table, after) = (&change.table, list_fields(to));
        Finding::new(
            Verdict::Dangerous,
            format!("table `{table}`, which has no primary key, gets the key {after}"),
        )
        .code(code::KEY_CHANGED)
        .flags("P B")
        .note("existing rows may have NULL or the same values in the fields of the key")
        .help("keep the argument `keyless` of the table")
    })
}

fn judge_dropped(change: &Change, _: &Context<'_>) -> Option<Finding> {
    let Fact::KeyChanged { from, to } = &change.fact else { return None };
    (to.is_empty() && !from.is_empty()).then(|| {
        let (table, before) = (&change.table, list_fields(from));
        Finding::new(
            Verdict::Dangerous,
            format!("table `{table}` loses its primary key {before}"),
        )
        .code(code::KEY_CHANGED)
        .flags("P B")
        .note("running programs find rows by the key, and rows of the same values become possible")
        .help(format!("keep {before} as the key"))
    })
}

/// Returns the names of the fields, for a message.
fn list_fields(fields: &[String]) -> String {
    fields.iter().map(|field| format!("`{field}`")).collect::<Vec<_>>().join(", ")
}

fn judge_key(change: &Change, only_order: bool) -> Option<Finding> {
    let Fact::KeyChanged { from, to } = &change.fact else { return None };
    if from.is_empty() || to.is_empty() {
        return None;
    }
    let sorted = |fields: &[String]| {
        let mut fields = fields.to_vec();
        fields.sort();
        fields
    };
    let (before, after) = (list_fields(from), list_fields(to));
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
    let is_here =
        conversion::is_of_key(change, context) && !conversion::is_of_partition_key(change, context);
    is_here.then(|| match conversion::widened_key(&converted) {
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

fn judge_partition_type(change: &Change, context: &Context<'_>) -> Option<Finding> {
    let converted = conversion::converted(change)?;
    conversion::is_of_partition_key(change, context).then(|| {
        let why = "PostgreSQL does not change the type of a column that divides a table";
        conversion::finding(change, &converted, Verdict::Dangerous, why)
    })
}
