//! References and checks: F1, F2, F3, F5, I11, K1 to K4, and C10 to C12 where their field is new.

use super::{Context, Judgement, Verdict};
use crate::change::{Change, Fact};
use crate::code;
use crate::model::{ForeignKey, Index, Table};

/// K1: rows may stand against it. C10: not where it is about new fields that may be empty.
pub fn check_added(change: &Change, name: &str, sql: &str, context: &Context<'_>) -> Judgement {
    let message = format!("check `{name}` of table `{}` is new", change.table);
    let only_new = context.new_table(change).is_some_and(|table| {
        let words: Vec<&str> = sql.split(|c: char| !c.is_alphanumeric() && c != '_').collect();
        let mut mentioned =
            table.schema.iter().filter(|field| words.contains(&field.column())).peekable();
        mentioned.peek().is_some()
            && mentioned.all(|field| {
                let empty = field.optional && field.default.is_none() && field.stamp.is_none();
                empty && context.is_new_field(&change.table, &field.name)
            })
            && !words.iter().any(|word| {
                // Words that make something of NULL.
                ["null", "is", "coalesce", "ifnull", "case", "distinct"]
                    .contains(&word.to_lowercase().as_str())
            })
    });
    if only_new {
        return Judgement::pass(change, "C10", Verdict::Lock, message)
            .flags("S")
            .note("a check holds where its value is NULL, as it is in all rows that are there");
    }
    Judgement::refuse(change, "K1", Verdict::Dangerous, code::EXISTING_ROWS, message)
        .flags("P S U")
        .note("rows that are there may not keep it")
        .help("mend them in a migration before it adds the check")
}

/// K4: nothing can fail.
pub fn check_removed(change: &Change, name: &str) -> Judgement {
    let message = format!("check `{name}` of table `{}` was removed", change.table);
    Judgement::pass(change, "K4", Verdict::Safe, message).flags("U")
}

/// K2: the old one, or something else besides. K3: everything else.
pub fn check_changed(change: &Change, name: &str, from: &str, to: &str) -> Judgement {
    let message = format!("check `{name}` of table `{}` changed", change.table);
    let plain = |sql: &str| sql.split_whitespace().collect::<Vec<_>>().join(" ");
    let (from, to) = (plain(from), plain(to));
    // `a AND b OR c` is looser than `a AND b`, because OR binds least.
    let looser = [format!("{from} OR "), format!("({from}) OR ")];
    if from == to || looser.iter().any(|start| to.starts_with(start.as_str())) {
        return Judgement::pass(change, "K2", Verdict::Safe, message).flags("S U");
    }
    Judgement::refuse(change, "K3", Verdict::Dangerous, code::EXISTING_ROWS, message)
        .flags("P B S U")
        .note("rows that are there may not keep it, and a program that runs may break it")
        .help("mend them in a migration before it changes the check")
}

/// F1: rows may refer to nothing. C11: new optional fields refer to nothing yet. C12: new ones with
/// a default all refer to the same.
pub fn reference_added(
    change: &Change,
    name: &str,
    key: &ForeignKey,
    context: &Context<'_>,
) -> Judgement {
    let message =
        format!("reference `{name}` from table `{}` to `{}` is new", change.table, key.table);
    let is_new = |field: &String| context.is_new_field(&change.table, field);
    let is_empty = |field: &String| {
        let field = context.new_table(change).and_then(|table| table.field(field));
        field.is_some_and(|field| field.optional && field.default.is_none())
    };
    let any_new_and_empty = key.fields.iter().any(|field| is_new(field) && is_empty(field));
    if any_new_and_empty {
        return Judgement::pass(change, "C11", Verdict::Safe, message)
            .note("writes to both tables wait for a moment");
    }
    let rule = if key.fields.iter().any(is_new) { "C12" } else { "F1" };
    Judgement::refuse(change, rule, Verdict::Dangerous, code::EXISTING_ROWS, message)
        .flags("P S U")
        .note(format!("rows that are there may refer to none in `{}`", key.table))
        .help("mend them in a migration before it adds the reference")
}

/// F2: nothing can fail, but rows may refer to nothing from now on.
pub fn reference_removed(change: &Change, name: &str) -> Judgement {
    let message = format!("reference `{name}` of table `{}` was removed", change.table);
    Judgement::pass(change, "F2", Verdict::Safe, message)
        .flags("U")
        .note("from now on rows may refer to what does not exist")
}

/// F5: another target. F3: other things happen when it goes.
pub fn reference_changed(
    change: &Change,
    name: &str,
    from: &ForeignKey,
    to: &ForeignKey,
) -> Judgement {
    let table = &change.table;
    let same_target = (&from.fields, &from.table, &from.to) == (&to.fields, &to.table, &to.to);
    if same_target {
        return Judgement::refuse(
            change,
            "F3",
            Verdict::Dangerous,
            code::RULE_CHANGED,
            format!("reference `{name}` of table `{table}` has other actions"),
        )
        .flags("U")
        .note(format!("deleting or changing rows of `{}` will do something else", to.table));
    }
    Judgement::refuse(
        change,
        "F5",
        Verdict::Dangerous,
        code::EXISTING_ROWS,
        format!("reference `{name}` of table `{table}` points elsewhere"),
    )
    .flags("P S U")
    .note(format!("rows that are there may refer to none in `{}`", to.table))
}

/// I11: to find the rows that refer to one, the whole table is read. Said beside the verdict on the
/// change that brings the reference.
pub fn unindexed(change: &Change, context: &Context<'_>) -> Vec<Judgement> {
    let Some(table) = context.new_table(change) else { return Vec::new() };
    let brought: Vec<(&String, &ForeignKey)> = match &change.fact {
        Fact::TableAdded(_) => table.references.iter().collect(),
        Fact::ReferenceAdded { name, key } => vec![(name, key)],
        _ => return Vec::new(),
    };
    let slow = brought.into_iter().filter(|(_, key)| !is_indexed(table, &key.fields));
    slow.map(|(name, key)| {
        let help = match &key.fields[..] {
            [field] => format!("index `{field}`: `#[index]`"),
            fields => format!("index them: `#[table(index({}))]`", fields.join(", ")),
        };
        let message = format!("reference `{name}` of table `{}` has no index", change.table);
        let mut found = Judgement::pass(change, "I11", Verdict::Safe, message)
            .flags("M")
            .note(format!("deleting a row of `{}` reads all of `{}`", key.table, change.table))
            .help(help);
        found.field = key.fields.first().cloned();
        found
    })
    .collect()
}

/// Whether the key or an index begins with these fields.
fn is_indexed(table: &Table, fields: &[String]) -> bool {
    let key: Vec<String> = table.key().into_iter().map(str::to_owned).collect();
    let serves = |index: &Index| index.is_plain() && index.fields.starts_with(fields);
    key.starts_with(fields) || table.indexes.values().any(serves)
}
