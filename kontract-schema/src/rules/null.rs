//! Optional fields and defaults: N1, N2, N4, N5, N7.
//!
//! N3 is N2: a default fills the rows that have no value. N6 belongs to the change of the type. N8
//! to N10 cannot be written.

use super::field::value_help;
use super::{Context, Judgement, Verdict};
use crate::change::Change;
use crate::code;
use crate::model::Layout;
use crate::model::types::Type;
use crate::sql::table::is_on;

/// N1: nothing can fail, but a program that still runs does not expect NULL.
/// The same of a field whose column only stays for such programs.
pub fn optional(change: &Change, field: &str, context: &Context<'_>) -> Judgement {
    let kept = context.new_table(change).and_then(|table| table.field(field));
    if kept.is_some_and(|field| field.kept) {
        let message =
            format!("field `{field}` of table `{}` has no value in new rows", change.table);
        return Judgement::pass(change, "N1", Verdict::Safe, message)
            .flags("B U")
            .note("programs that have it go on inserting rows, and cannot read those without a value: make it an `Option` a release before, or stop them first");
    }
    let message = format!("field `{field}` of table `{}` became optional", change.table);
    Judgement::pass(change, "N1", Verdict::Safe, message)
        .flags("B U")
        .note("a program that still runs cannot read rows without a value; replace it first")
}

/// N2: rows without a value need one.
pub fn required(change: &Change, field: &str, context: &Context<'_>) -> Judgement {
    let table = context.new_table(change);
    let message = format!("field `{field}` of table `{}` became required", change.table);
    let Some((table, new)) = table.and_then(|table| Some((table, table.field(field)?))) else {
        return Judgement::pass(change, "N2", Verdict::Backfill, message);
    };
    if new.backfill.is_some() {
        return Judgement::pass(change, "N2", Verdict::Backfill, message)
            .flags("P S U")
            .note("rows without a value get that of `backfill`; where it breaks a rule of the table, nothing is done");
    }
    let declared = new.default.is_some()
        || new.stamp.is_some()
        || (table.layout == Layout::Document && matches!(new.ty, Type::Array(_)));
    // What is filled in has to keep the rules that are there.
    let words = |sql: &str| -> Vec<String> {
        sql.split(|c: char| !c.is_alphanumeric() && c != '_').map(str::to_owned).collect()
    };
    let ruled = table.indexes.values().any(|index| index.unique && is_on(index, new))
        || table.references.values().any(|key| key.fields.contains(&new.name))
        || table.checks.values().any(|sql| words(sql).iter().any(|word| word == new.column()));
    if declared && ruled {
        return Judgement::refuse(change, "N2", Verdict::Backfill, code::EXISTING_ROWS, message)
            .flags("P S U")
            .note(
                "rows without a value would all get the default, which its unique index, \
                 reference or check may not allow",
            )
            .help("give each row its value in a migration");
    }
    if declared {
        return Judgement::pass(change, "N2", Verdict::Backfill, message)
            .flags("S U")
            .note("rows without a value get the default");
    }
    let message = format!("{message}, and rows may have no value for it");
    Judgement::refuse(change, "N2", Verdict::Backfill, code::NO_VALUE, message)
        .flags("P S U")
        .help(value_help(&new.ty, table.is_key(&new.name)))
}

/// N4: rows inserted from now on get another value. N5: programs that run already may rely on a
/// default that goes. N7: a document's default is the program's alone.
pub fn default(
    change: &Change,
    field: &str,
    was: bool,
    is: bool,
    context: &Context<'_>,
) -> Judgement {
    let what = match (was, is) {
        (false, _) => "has a default now",
        (true, true) => "has another default",
        (true, false) => "has no default any more",
    };
    let message = format!("field `{field}` of table `{}` {what}", change.table);
    let table = context.new_table(change);
    let new = table.and_then(|table| table.field(field));
    if table.is_some_and(|table| table.layout == Layout::Document) {
        return Judgement::pass(change, "N7", Verdict::Safe, message).flags("M");
    }
    let still = new.is_some_and(|new| new.default.is_some() || new.stamp.is_some());
    if is || still || new.is_some_and(|new| new.optional) {
        return Judgement::pass(change, "N4", Verdict::Safe, message)
            .flags("U")
            .note("rows that are there keep their values");
    }
    Judgement::refuse(change, "N5", Verdict::Dangerous, code::DEFAULT_REMOVED, message)
        .flags("B")
        .note("inserts of other programs that leave the column out would fail")
        .help("keep the default, or make the field an `Option`")
}
