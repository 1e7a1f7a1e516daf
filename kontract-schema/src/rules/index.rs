//! Indexes: I1 to I6, I10, and C9 for a unique one on a new field.

use super::existing_rows::{cannot_violate, is_empty};
use super::{Context, Finding, Level, Rule, Verdict};
use crate::change::{Change, Fact, ItemChange};
use crate::code;
use crate::dialect::Dialect;
use crate::model::{Field, Index, Sql};
use crate::sql::table::is_on;
use crate::sqltext::expression::have_same_meaning;
use crate::sqltext::split_at_commas;

pub(super) const RULES: &[Rule] = rules! {
    "C9" new_field_needs_unique_values Deny: "a field with a unique index is new";
        why: "Existing rows without a value do not conflict: NULLs are distinct. Rows that all get the same default do, and rows that get the same value of a `backfill`.";
        postgres: "ADD COLUMN and CREATE UNIQUE INDEX; writes wait while the index is built.";
        sqlite: "ADD COLUMN and CREATE UNIQUE INDEX.";
        fix: "If all rows would get the same value, make the field an `Option` without a default or `backfill`, or set the value of each row in a manual migration.";
        judge: judge_unique_on_new_field;
    "I1" index_may_add Allow: "an index is new";
        why: "No row can violate it, but writes wait.";
        postgres: "CREATE INDEX; writes to the table wait while it is built, reads do not.";
        sqlite: "CREATE INDEX; all writes wait meanwhile.";
        fix: "For a large table with constant writes, choose a time with few writes.";
        judge: judge_added;
    "I2" unique_index_needs_distinct_rows Deny: "a unique index is new";
        why: "Existing rows may have the same values.";
        postgres: "CREATE UNIQUE INDEX fails if values are duplicate; writes wait while it is built.";
        sqlite: "CREATE UNIQUE INDEX fails if values are duplicate.";
        fix: "Remove the duplicates in a manual migration before it creates the index.";
        judge: judge_unique;
    "I3" index_may_drop_unique Warn: "an index is not unique any more";
        why: "No row can violate anything, but from now on two rows may have the same values.";
        both: "DROP INDEX, or the index is built again.";
        judge: judge_not_unique_any_more;
    "I4" index_may_change Allow: "an index changed";
        why: "It is built again.";
        postgres: "DROP INDEX and CREATE INDEX; writes wait, and queries have no index meanwhile.";
        sqlite: "DROP INDEX and CREATE INDEX.";
        judge: judge_changed;
    "I5" index_may_drop Allow: "an index was removed";
        why: "No row can violate anything, but queries that used it become slow.";
        both: "DROP INDEX.";
        judge: judge_removed;
    "I6" constraint_may_rename Allow: "an index, check or reference was renamed";
        why: "Only its name changes.";
        postgres: "RENAME, without a scan.";
        sqlite: "An index is built again; for a check or reference the table is rebuilt.";
        judge: judge_renamed;
    "I10" index_may_drop_with_field Allow: "an index was removed with its field";
        why: "The removal of the field has its own verdict.";
        postgres: "DROP COLUMN drops the index, too.";
        sqlite: "DROP INDEX first.";
        judge: judge_removed_with_field;
};

const WAIT: &str = "on PostgreSQL writes to the table wait while the index is built";
const SAME_VALUES: &str = "from now on two rows may have the same values there";

fn judge_added(change: &Change, _: &Context<'_>) -> Option<Finding> {
    let Fact::Index(ItemChange::Added(name, index)) = &change.fact else { return None };
    if index.unique {
        return None;
    }
    let message = format!("index `{name}` of table `{}` is new", change.table);
    let found = Finding::new(Verdict::Lock, message).note(WAIT);
    Some(if Dialect::Sqlite.has(index.method) {
        found
    } else {
        let method = index.method.as_str();
        found.note(format!(
            "SQLite does not have the index method {method}: no index is created there"
        ))
    })
}

fn judge_unique(change: &Change, context: &Context<'_>) -> Option<Finding> {
    match &change.fact {
        Fact::Index(ItemChange::Added(name, index)) if index.unique => {
            let message = unique_message(change, name);
            if is_unique_already(change, index, context) {
                let found = Finding::new(Verdict::Lock, message)
                    .level(Level::Allow)
                    .note("a key or unique index on fewer fields already exists")
                    .note(WAIT);
                return Some(found);
            }
            let has_new_field = !new_fields(change, index, context).is_empty();
            if has_new_field {
                None
            } else if has_no_existing_row(change, index, context) {
                Some(without_rows(message))
            } else {
                Some(duplicates(index, message))
            }
        }
        Fact::Index(ItemChange::Changed(name, from, to))
            if demands_more(change, from, to, context) =>
        {
            Some(duplicates(to, changed_message(change, name)))
        }
        _ => None,
    }
}

fn judge_unique_on_new_field(change: &Change, context: &Context<'_>) -> Option<Finding> {
    let Fact::Index(ItemChange::Added(name, index)) = &change.fact else { return None };
    if !index.unique || is_unique_already(change, index, context) {
        return None;
    }
    let new_fields = new_fields(change, index, context);
    if new_fields.is_empty() {
        return None;
    }
    let message = unique_message(change, name);
    if has_no_existing_row(change, index, context) {
        return Some(without_rows(message));
    }
    let table = context.new_table(change);
    let fields: Vec<&Field> = new_fields.iter().filter_map(|name| table?.field(name)).collect();
    let backfill = |field: &Field| context.backfill(change, field);
    Some(
        if !index.nulls_not_distinct && fields.iter().any(|field| is_empty(field, backfill(field)))
        {
            Finding::new(Verdict::Lock, message)
                .level(Level::Allow)
                .note("existing rows have no value, and NULLs are distinct")
                .note(WAIT)
        } else if fields.iter().any(|field| backfill(field).is_some()) {
            duplicates(index, message).note(
                "existing rows get the value of `backfill`, which may be the same in several rows",
            )
        } else if fields.iter().any(|field| field.has_own_values()) {
            Finding::new(Verdict::Lock, message)
                .level(Level::Allow)
                .note("each existing row gets its own value from the default")
                .note(WAIT)
        } else if fields.iter().any(|field| field.generated.is_some()) {
            duplicates(index, message).note("two existing rows may have the same computed value")
        } else {
            duplicates(index, message).note("all existing rows get the same value in the new field")
        },
    )
}

/// Whether no existing row meets the condition of the index, because of what it has in new fields.
fn has_no_existing_row(change: &Change, index: &Index, context: &Context<'_>) -> bool {
    let Some(condition) = &index.condition else { return false };
    let opposite = |sql: &str| format!("NOT ({sql})");
    let postgres = opposite(&condition.postgres);
    let opposite = Sql { postgres, sqlite: opposite(&condition.sqlite) };
    cannot_violate(change, &opposite, context)
}

fn without_rows(message: String) -> Finding {
    Finding::new(Verdict::Lock, message)
        .level(Level::Allow)
        .note("no existing row meets the condition of the index, because of what it has in the new fields")
        .note(WAIT)
}

fn unique_message(change: &Change, name: &str) -> String {
    format!("unique index `{name}` of table `{}` is new", change.table)
}

fn changed_message(change: &Change, name: &str) -> String {
    format!("index `{name}` of table `{}` changed", change.table)
}

/// The fields of an index that these changes add.
fn new_fields<'a>(change: &Change, index: &'a Index, context: &Context<'_>) -> Vec<&'a String> {
    index.fields.iter().filter(|field| context.is_new_field(&change.table, field)).collect()
}

fn duplicates(index: &Index, message: String) -> Finding {
    let what = match &index.on {
        Some(sql) => &sql.postgres,
        None => &index.fields.join(", "),
    };
    Finding::new(Verdict::Dangerous, message)
        .code(code::EXISTING_ROWS)
        .flags("P S")
        .note(format!("existing rows may have the same values in {what}"))
        .help("remove the duplicates in a migration before it creates the index")
}

/// Whether a key or unique index on some of these fields makes the rows distinct: one that both tables
/// have, or one of the old table whose values stay.
fn is_unique_already(change: &Change, index: &Index, context: &Context<'_>) -> bool {
    let (Some(old), Some(new)) = (context.old_table(change), context.new_table(change)) else {
        return false;
    };
    let within = |fields: &[String]| {
        !fields.is_empty() && fields.iter().all(|field| index.fields.contains(field))
    };
    let key: Vec<String> = new.key().into_iter().map(str::to_owned).collect();
    let same_key = old.key() == new.key();
    // A partial index does not restrict the other rows.
    let unique = |other: &Index| {
        let keeps_nulls = other.nulls_not_distinct || !index.nulls_not_distinct;
        let is_within = (other.is_plain() && within(&other.fields))
            || (Index { on: None, ..other.clone() }.is_plain() && has_expressions_of(index, other));
        other.unique && keeps_nulls && is_within
    };
    (same_key && within(&key))
        || old.indexes.iter().any(|(name, other)| {
            let stays = || new.indexes.get(name) == Some(other);
            unique(other) && (stays() || keeps_values(change, context))
        })
}

/// Whether an index on expressions has all those of the other index.
fn has_expressions_of(index: &Index, other: &Index) -> bool {
    let (Some(on), Some(others)) = (&index.on, &other.on) else { return false };
    Dialect::ALL.into_iter().all(|dialect| {
        let on = split_at_commas(dialect, on.for_dialect(dialect));
        let others = split_at_commas(dialect, others.for_dialect(dialect));
        let has = |other: &&str| on.iter().any(|one| have_same_meaning(dialect, one, other));
        others.iter().all(has)
    })
}

/// Whether no change of the table gives its fields other names or values.
fn keeps_values(change: &Change, context: &Context<'_>) -> bool {
    let changes_values = |fact: &Fact| {
        matches!(
            fact,
            Fact::TypeChanged { .. }
                | Fact::VariantsRenamed { .. }
                | Fact::FieldRenamed { .. }
                | Fact::BecameRequired { .. }
                | Fact::LayoutChanged { .. }
        )
    };
    !context.changes.iter().any(|other| other.table == change.table && changes_values(&other.fact))
}

/// Whether rows that the old index allows may violate the new one.
fn demands_more(change: &Change, from: &Index, to: &Index, context: &Context<'_>) -> bool {
    // Rows that are distinct in some fields are distinct in more fields, and so are fewer rows.
    let is_implied = from.unique
        && from.on == to.on
        && from.fields.iter().all(|field| to.fields.contains(field))
        && (from.condition.is_none() || from.condition == to.condition)
        && (from.nulls_not_distinct || !to.nulls_not_distinct);
    to.unique && !is_implied && !is_unique_already(change, to, context)
}

fn judge_changed(change: &Change, context: &Context<'_>) -> Option<Finding> {
    let Fact::Index(ItemChange::Changed(name, from, to)) = &change.fact else { return None };
    let stops_being_unique = from.unique && !to.unique;
    (!stops_being_unique && !demands_more(change, from, to, context))
        .then(|| Finding::new(Verdict::Lock, changed_message(change, name)).note(WAIT))
}

fn judge_not_unique_any_more(change: &Change, context: &Context<'_>) -> Option<Finding> {
    match &change.fact {
        Fact::Index(ItemChange::Removed(name, index))
            if index.unique && !is_field_removed(change, index, context) =>
        {
            let message = format!("unique index `{name}` of table `{}` was removed", change.table);
            Some(Finding::new(Verdict::Safe, message).note(SAME_VALUES))
        }
        Fact::Index(ItemChange::Changed(name, from, to)) if from.unique && !to.unique => Some(
            Finding::new(Verdict::Lock, changed_message(change, name)).note(SAME_VALUES).note(WAIT),
        ),
        _ => None,
    }
}

fn judge_removed(change: &Change, context: &Context<'_>) -> Option<Finding> {
    let Fact::Index(ItemChange::Removed(name, index)) = &change.fact else { return None };
    (!index.unique && !is_field_removed(change, index, context)).then(|| {
        let message = format!("index `{name}` of table `{}` was removed", change.table);
        Finding::new(Verdict::Safe, message).note("queries that used it may become slow")
    })
}

fn judge_removed_with_field(change: &Change, context: &Context<'_>) -> Option<Finding> {
    let Fact::Index(ItemChange::Removed(name, index)) = &change.fact else { return None };
    is_field_removed(change, index, context).then(|| {
        let message =
            format!("index `{name}` of table `{}` was removed with its field", change.table);
        Finding::new(Verdict::Safe, message)
    })
}

/// Whether the changes remove a field that the index is on.
fn is_field_removed(change: &Change, index: &Index, context: &Context<'_>) -> bool {
    context.changes.iter().any(|other| match &other.fact {
        Fact::FieldRemoved(field) => other.table == change.table && is_on(index, field),
        _ => false,
    })
}

fn judge_renamed(change: &Change, _: &Context<'_>) -> Option<Finding> {
    let (what, from, to) = match &change.fact {
        Fact::Index(ItemChange::Renamed(from, to)) => ("index", from, to),
        Fact::Check(ItemChange::Renamed(from, to)) => ("check", from, to),
        Fact::Reference(ItemChange::Renamed(from, to)) => ("reference", from, to),
        _ => return None,
    };
    let message = format!("{what} `{from}` of table `{}` is now `{to}`", change.table);
    Some(Finding::new(Verdict::Safe, message))
}
