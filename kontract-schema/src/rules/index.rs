//! Indexes: I1 to I6, I10, and C9 for a unique one on a new field.

use super::{Context, Judgement, Verdict};
use crate::change::{Change, Fact};
use crate::code;
use crate::model::{Index, Method};
use crate::sql::table::is_on;

const WAIT: &str = "on PostgreSQL writes to the table wait while the index is built";

/// I1: an index keeps writers waiting. I2: a unique one may find values twice. C9: on a new field
/// it cannot, unless all rows get the same default.
pub fn added(change: &Change, name: &str, index: &Index, context: &Context<'_>) -> Judgement {
    let table = &change.table;
    if !index.unique {
        let message = format!("index `{name}` of table `{table}` is new");
        let found = Judgement::pass(change, "I1", Verdict::Lock, message).note(WAIT);
        return match index.method {
            Method::Btree => found,
            Method::Gin => found.note("SQLite has no index of the method gin: there none is made"),
        };
    }
    let message = format!("unique index `{name}` of table `{table}` is new");
    if holds_already(change, index, context) {
        return Judgement::pass(change, "I2", Verdict::Lock, message)
            .note("a key or unique index on fewer fields is there already")
            .note(WAIT);
    }
    let new_fields: Vec<_> =
        index.fields.iter().filter(|field| context.is_new_field(table, field)).collect();
    if new_fields.is_empty() {
        return refuse_unique(change, "I2", index, message);
    }
    let filled = |field: &&&String| {
        let table = context.new_table(change);
        let field = table.and_then(|table| table.field(field));
        field.is_some_and(|field| {
            !field.optional || field.default.is_some() || field.stamp.is_some()
        })
    };
    if new_fields.iter().any(|field| !filled(&field)) {
        return Judgement::pass(change, "C9", Verdict::Lock, message)
            .note("rows that are there have no value, and NULLs are distinct")
            .note(WAIT);
    }
    refuse_unique(change, "C9", index, message)
        .note("all rows that are there get the same value in the new field")
}

fn refuse_unique(change: &Change, rule: &'static str, index: &Index, message: String) -> Judgement {
    let what = match &index.on {
        Some(sql) => &sql.postgres,
        None => &index.fields.join(", "),
    };
    Judgement::refuse(change, rule, Verdict::Dangerous, code::EXISTING_ROWS, message)
        .flags("P S")
        .note(format!("rows that are there may have the same values in {what}"))
        .help("remove the duplicates in a migration before it creates the index")
}

/// Whether the old table has a key or unique index on some of these fields.
fn holds_already(change: &Change, index: &Index, context: &Context<'_>) -> bool {
    let (Some(old), Some(new)) = (context.old_table(change), context.new_table(change)) else {
        return false;
    };
    let within = |fields: &[String]| {
        !fields.is_empty() && fields.iter().all(|field| index.fields.contains(field))
    };
    // The key and the unique indexes have to be there on both sides: what goes does not count.
    let key: Vec<String> = new.key().into_iter().map(str::to_owned).collect();
    let same_key = old.key() == new.key();
    // One of some rows says nothing about the others.
    let unique = |other: &Index| other.unique && other.is_plain() && within(&other.fields);
    (same_key && within(&key))
        || old
            .indexes
            .iter()
            .any(|(name, other)| unique(other) && new.indexes.get(name) == Some(other))
}

/// I5: queries may become slow. I3: values may become double. I10: the field itself goes.
pub fn removed(change: &Change, name: &str, index: &Index, context: &Context<'_>) -> Judgement {
    let table = &change.table;
    let field_goes = context.changes.iter().any(|other| match &other.fact {
        Fact::FieldRemoved(field) => other.table == *table && is_on(index, field),
        _ => false,
    });
    if field_goes {
        let message = format!("index `{name}` of table `{table}` goes with its field");
        return Judgement::pass(change, "I10", Verdict::Safe, message);
    }
    if index.unique {
        let message = format!("unique index `{name}` of table `{table}` was removed");
        return Judgement::pass(change, "I3", Verdict::Safe, message)
            .note("from now on two rows may have the same values there");
    }
    let message = format!("index `{name}` of table `{table}` was removed");
    Judgement::pass(change, "I5", Verdict::Safe, message)
        .note("queries that used it may become slow")
}

/// I4: the index is built again. Where it demands more than before, as I2; where it stops being
/// unique, I3.
pub fn changed(
    change: &Change,
    name: &str,
    from: &Index,
    to: &Index,
    context: &Context<'_>,
) -> Judgement {
    let message = format!("index `{name}` of table `{}` changed", change.table);
    if to.unique {
        // No two of more rows had the same in less.
        let demanded = from.unique
            && from.on == to.on
            && from.fields.iter().all(|field| to.fields.contains(field))
            && (from.condition.is_none() || from.condition == to.condition);
        if !demanded && !holds_already(change, to, context) {
            return refuse_unique(change, "I2", to, message);
        }
    } else if from.unique {
        return Judgement::pass(change, "I3", Verdict::Lock, message)
            .note("from now on two rows may have the same values there")
            .note(WAIT);
    }
    Judgement::pass(change, "I4", Verdict::Lock, message).note(WAIT)
}

/// I6: only the name changes.
pub fn renamed(change: &Change, what: &str, from: &str, to: &str) -> Judgement {
    let message = format!("{what} `{from}` of table `{}` is now `{to}`", change.table);
    Judgement::pass(change, "I6", Verdict::Safe, message)
}
