//! Whole tables: T1, T3, T5, T6, T11, T13 to T16, M12.
//!
//! T4 (a table proven empty) needs the database and is T3 for a build. T7 and M13 (the struct has
//! another name or place and the table the same) are no change at all.

use super::{Context, Judgement, Verdict, rename};
use crate::change::{Change, Fact};
use crate::code;
use crate::model::Table;
use crate::sql::table::levels;

/// T1: nothing refers to a table that is new. T13: not even where new tables refer to each other in
/// a circle.
pub fn added(change: &Change, table: &Table, context: &Context<'_>) -> Judgement {
    let message = format!("table `{}` is new", table.name);
    let (_, closing) = levels(context.new);
    let in_circle = closing.iter().any(|(of, _)| of.name == table.name);
    let rule = if in_circle { "T13" } else { "T1" };
    let found = Judgement::pass(change, rule, Verdict::Safe, message);
    match table.references.is_empty() {
        true => found,
        false => found.note("writes to the tables it refers to wait while it is created"),
    }
}

/// T3: its rows would be gone. T5: unless another struct with the same fields is the same table
/// under a new name.
pub fn removed(change: &Change, table: &Table, context: &Context<'_>) -> Judgement {
    let name = &table.name;
    let message = format!("table `{name}` was removed");
    let present = context.present(&format!("with the fields {}", rename::list_of(&table.schema)));
    if let Some(other) = rename::likely_table(table, context) {
        let found = Judgement::refuse(
            change,
            "T5",
            Verdict::Dangerous,
            code::TABLE_REMOVED,
            format!("{message}, and `{}` with the same fields was added", other.name),
        );
        return found.flags("H").note(present).help(format!(
            "if `{}` is `{name}` under a new name, say so on its struct: `#[renamed_from(\"{name}\")]`",
            other.name
        ));
    }
    Judgement::refuse(change, "T3", Verdict::Loss, code::TABLE_REMOVED, message)
        .flags("B")
        .note(present)
        .help(format!("restore the struct of `{name}`, or drop the table in a migration"))
}

/// T6: the source states the rename.
pub fn renamed(change: &Change, from: &str) -> Judgement {
    let message = format!("table `{from}` is now `{}`", change.table);
    Judgement::pass(change, "T6", Verdict::Dangerous, message)
        .flags("B")
        .note("a program that still runs may use the old name")
}

/// M12: the table has another name in the database. Part of a stated rename (T6) it passes.
pub fn pointer(change: &Change, from: &str, to: &str, context: &Context<'_>) -> Judgement {
    let stated = context.changes.iter().any(|other| {
        other.table == change.table && matches!(other.fact, Fact::TableRenamed { .. })
    });
    let message =
        format!("table `{}` is called `{to}` in the database, no longer `{from}`", change.table);
    if stated {
        return Judgement::pass(change, "T6", Verdict::Dangerous, message).flags("B");
    }
    Judgement::refuse(change, "M12", Verdict::Dangerous, code::TABLE_CHANGED, message)
        .flags("B")
        .help(format!("keep the name with `#[table(ptr = \"{from}\")]`"))
}

/// T14: what others manage is described, or not any more. T15: what was ours is theirs from now on.
/// T16: what was theirs is ours, and has to be what the struct says on every database.
pub fn external(change: &Change, from: Option<&Table>, to: Option<&Table>) -> Judgement {
    let name = &change.table;
    let is_ours = |table: Option<&Table>| table.is_some_and(|table| !table.external);
    if is_ours(to) {
        let message = format!("table `{name}` was managed by others, and is managed from now on");
        return Judgement::refuse(change, "T16", Verdict::Dangerous, code::TABLE_CHANGED, message)
            .flags("P")
            .note("where it is there already, it has to be as the struct says")
            .help("keep `#[table(external)]`");
    }
    if is_ours(from) {
        let message = format!("table `{name}` is managed by others from now on");
        return Judgement::pass(change, "T15", Verdict::Dangerous, message)
            .flags("M")
            .note("it stays as it is, and no migration touches it any more; a new database does not get it");
    }
    let message = match to {
        Some(_) => format!("table `{name}` of others is described as the source says"),
        None => format!("table `{name}` of others is not described any more"),
    };
    Judgement::pass(change, "T14", Verdict::Safe, message).flags("M")
}

/// T11: every row takes another form.
pub fn layout(change: &Change) -> Judgement {
    let Fact::LayoutChanged { from, to } = &change.fact else { unreachable!("judged by its fact") };
    let word = |table: &Table| format!("{:?}", table.layout).to_lowercase();
    let message = format!(
        "table `{}` changed its layout from `{}` to `{}`",
        change.table,
        word(from),
        word(to)
    );
    Judgement::refuse(change, "T11", Verdict::Loss, code::TABLE_CHANGED, message)
        .flags("B b R")
        .help(format!("keep `#[table(layout = \"{}\")]`", word(from)))
}
