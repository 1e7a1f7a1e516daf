//! Whole tables: T1, T3, T5, T6, T10, T11, T13 to T17, M12.
//!
//! T4 (an empty table was removed) needs the database and is T3 for a build. T7 and M13 (the struct
//! has another name or module and the table does not) are not changes.

use super::texts::NOTHING;
use super::{Context, Finding, Rule, Verdict, rename};
use crate::change::{Change, Fact};
use crate::code;
use crate::model::{Layout, PartitionBy, Table};
use crate::sql::table::order_by_references;

pub(super) const RULES: &[Rule] = rules! {
    "T1" table_may_add Allow: "a table is new";
        why: "No other table refers to it yet.";
        postgres: "CREATE TABLE. Writes to the tables that it refers to wait for a moment.";
        sqlite: "CREATE TABLE.";
        judge: |change, context| judge_added(change, context, false);
    "T3" table_no_drop Forbid: "a table was removed";
        why: "Its rows would be lost.";
        postgres: "DROP TABLE; it fails if views or foreign keys depend on the table.";
        sqlite: "DROP TABLE; with foreign keys enabled it first deletes the rows and applies the ON DELETE actions of the rows that refer to them.";
        fix: "Restore the struct, or drop the table in a manual migration.";
        judge: judge_removed;
    "T5" table_no_unstated_rename Forbid: "a table was removed, and one with the same fields added";
        why: "It may be the same table under a new name. Dropping and creating it would lose its rows.";
        both: "Nothing, until the source says whether it is a rename.";
        fix: "State the rename on the new struct, `#[renamed_from(\"old\")]`, or cover the removal with a manual migration.";
        judge: judge_unstated_rename;
    "T6" table_may_rename Allow: "a table was renamed";
        why: "The source states the rename. A running program may use the old name.";
        both: "ALTER TABLE … RENAME; foreign keys follow.";
        fix: "Stop the old program before the new one starts, or keep the name in the database: `#[table(ptr = \"old\")]`.";
        judge: judge_renamed;
    "T10" comment_may_change Allow: "a comment was added, changed or removed";
        why: "Comments have no effect on rows.";
        postgres: "COMMENT ON.";
        sqlite: "Nothing: it has no comments.";
        judge: judge_comment;
    "T11" table_same_layout Forbid: "a table changed its layout";
        why: "Every row changes its form: one JSON document, or a column for each field.";
        both: "The rows are copied into a new table.";
        fix: "Keep the layout, or move the rows in a manual migration.";
        judge: judge_layout;
    "T14" external_table_may_change Allow: "the description of an external table was added, changed or removed";
        why: "Kontract does not create the table. A migration and `kontract drift` report a database without it or with other types.";
        both: NOTHING;
        judge: judge_external_description;
    "T15" table_may_become_external Warn: "a table became external";
        why: "It keeps its rows and columns, and migrations no longer change it. A new database does not get the table: it has to exist first.";
        both: NOTHING;
        fix: "Remove `#[table(external)]` if Kontract should go on managing the table.";
        judge: judge_released;
    "T16" external_table_no_takeover Deny: "a table is no longer external";
        why: "It exists in some databases, and not in new ones. An existing table has to match the struct; the end of the migration compares them.";
        both: "CREATE TABLE IF NOT EXISTS.";
        fix: "Keep `#[table(external)]`, or change the table to match the struct in a manual migration, which `kontract migrate create` writes.";
        judge: judge_takeover;
    "T13" table_may_add_cycle Allow: "new tables refer to each other in a cycle";
        why: "No existing table refers to them.";
        postgres: "CREATE TABLE for each, then the foreign key that closes the cycle.";
        sqlite: "CREATE TABLE for each; SQLite accepts a foreign key to a table that is created later.";
        judge: |change, context| judge_added(change, context, true);
    "T17" table_same_partitions Forbid: "a table is divided into partitions in another way, from now on, or not any more";
        why: "PostgreSQL cannot divide a table that exists: its rows have to be copied into a new table, for which partitions exist.";
        postgres: "The rows are copied into a new table; that fails at the first row that no partition takes.";
        sqlite: NOTHING;
        fix: "Keep `partition_by` as it is, or write a manual migration with `kontract migrate create`, and add the partitions between CREATE TABLE and INSERT.";
        judge: judge_partitions;
    "M12" table_same_database_name Deny: "a table has another name in the database";
        why: "A running program uses the old one.";
        both: "ALTER TABLE … RENAME.";
        fix: "Keep the name with `#[table(ptr = \"old\")]`, or rename it in a manual migration.";
        judge: judge_pointer;
};

fn judge_added(change: &Change, context: &Context<'_>, in_cycle: bool) -> Option<Finding> {
    let Fact::TableAdded(table) = &change.fact else { return None };
    let (_, closing) = order_by_references(context.new);
    if closing.iter().any(|(of, _)| of.name == table.name) != in_cycle {
        return None;
    }
    let found = Finding::new(Verdict::Safe, format!("table `{}` is new", table.name));
    Some(if table.references.is_empty() {
        found
    } else {
        found.note("writes to the tables that it refers to wait while it is created")
    })
}

fn judge_removed(change: &Change, context: &Context<'_>) -> Option<Finding> {
    let Fact::TableRemoved(table) = &change.fact else { return None };
    if rename::likely_table(table, context).is_some() {
        return None;
    }
    let name = &table.name;
    let found = Finding::new(Verdict::Loss, format!("table `{name}` was removed"))
        .code(code::TABLE_REMOVED)
        .flags("B")
        .note(present(table, context))
        .help(format!("restore the struct of `{name}`, or drop the table in a migration"));
    Some(found)
}

fn judge_unstated_rename(change: &Change, context: &Context<'_>) -> Option<Finding> {
    let Fact::TableRemoved(table) = &change.fact else { return None };
    let (name, other) = (&table.name, &rename::likely_table(table, context)?.name);
    let message =
        format!("table `{name}` was removed, and `{other}` with the same fields was added");
    let found = Finding::new(Verdict::Dangerous, message)
        .code(code::TABLE_REMOVED)
        .flags("H")
        .note(present(table, context))
        .help(format!(
            "if `{other}` is `{name}` under a new name, add `#[renamed_from(\"{name}\")]` to its struct"
        ));
    Some(found)
}

fn present(table: &Table, context: &Context<'_>) -> String {
    context.present(&format!("with the fields {}", rename::list_fields(&table.schema)))
}

fn judge_renamed(change: &Change, context: &Context<'_>) -> Option<Finding> {
    match &change.fact {
        Fact::TableRenamed { from } => Some(
            Finding::new(Verdict::Dangerous, format!("table `{from}` is now `{}`", change.table))
                .flags("B")
                .note("a running program may use the old name"),
        ),
        Fact::PointerChanged { from, to } if is_renamed(change, context) => {
            Some(Finding::new(Verdict::Dangerous, pointer_message(change, from, to)).flags("B"))
        }
        _ => None,
    }
}

fn judge_pointer(change: &Change, context: &Context<'_>) -> Option<Finding> {
    let Fact::PointerChanged { from, to } = &change.fact else { return None };
    if is_renamed(change, context) {
        return None;
    }
    let found = Finding::new(Verdict::Dangerous, pointer_message(change, from, to))
        .code(code::TABLE_CHANGED)
        .flags("B")
        .help(help_to_keep(from, to));
    Some(found)
}

/// Returns how to keep the old name.
fn help_to_keep(from: &str, to: &str) -> String {
    let parts = |path: &str| match path.split_once('/') {
        Some((namespace, name)) => (Some(namespace.to_owned()), name.to_owned()),
        None => (None, path.to_owned()),
    };
    let ((namespace, name), (other, _)) = (parts(from), parts(to));
    match namespace {
        Some(namespace) => {
            format!("keep the name with `#[table(schema = \"{namespace}\", ptr = \"{name}\")]`")
        }
        None if other.is_some() => "keep the schema of the connection: remove `schema`".to_owned(),
        None => format!("keep the name with `#[table(ptr = \"{name}\")]`"),
    }
}

fn pointer_message(change: &Change, from: &str, to: &str) -> String {
    let name = |path: &str| path.replacen('/', ".", 1);
    let (from, to) = (name(from), name(to));
    format!("the name of table `{}` in the database is now `{to}`, it was `{from}`", change.table)
}

/// Whether the source states that the table of the change was renamed.
fn is_renamed(change: &Change, context: &Context<'_>) -> bool {
    context
        .changes
        .iter()
        .any(|other| other.table == change.table && matches!(other.fact, Fact::TableRenamed { .. }))
}

fn is_managed(table: Option<&Table>) -> bool {
    table.is_some_and(|table| !table.external)
}

fn judge_comment(change: &Change, _: &Context<'_>) -> Option<Finding> {
    let Fact::CommentChanged { field, .. } = &change.fact else { return None };
    let of = match field {
        Some(field) => format!("field `{field}` of table `{}`", change.table),
        None => format!("table `{}`", change.table),
    };
    Some(Finding::new(Verdict::Safe, format!("the comment of {of} changed")).flags("M"))
}

fn judge_takeover(change: &Change, _: &Context<'_>) -> Option<Finding> {
    let Fact::External { to, .. } = &change.fact else { return None };
    is_managed(to.as_deref()).then(|| {
        Finding::new(
            Verdict::Dangerous,
            format!("table `{}` was external, and Kontract manages it from now on", change.table),
        )
        .code(code::TABLE_CHANGED)
        .flags("P")
        .note("in a database that has the table, it has to match the struct")
        .help("keep `#[table(external)]`")
    })
}

fn judge_released(change: &Change, _: &Context<'_>) -> Option<Finding> {
    let Fact::External { from, to } = &change.fact else { return None };
    (is_managed(from.as_deref()) && !is_managed(to.as_deref())).then(|| {
        Finding::new(
            Verdict::Dangerous,
            format!("table `{}` is external from now on", change.table),
        )
        .flags("M")
        .note("the table stays, and migrations no longer change it; a new database does not get it")
    })
}

fn judge_external_description(change: &Change, _: &Context<'_>) -> Option<Finding> {
    let Fact::External { from, to } = &change.fact else { return None };
    if is_managed(from.as_deref()) || is_managed(to.as_deref()) {
        return None;
    }
    let verb = if to.is_some() { "changed" } else { "was removed" };
    let message = format!("the description of the external table `{}` {verb}", change.table);
    Some(Finding::new(Verdict::Safe, message).flags("M"))
}

fn judge_layout(change: &Change, _: &Context<'_>) -> Option<Finding> {
    let Fact::LayoutChanged { from, to, .. } = &change.fact else { return None };
    let (from, to) = (layout_word(from.layout), layout_word(to.layout));
    let message = format!("table `{}` changed its layout from `{from}` to `{to}`", change.table);
    let found = Finding::new(Verdict::Loss, message)
        .code(code::TABLE_CHANGED)
        .flags("B b R")
        .help(format!("keep `#[table(layout = \"{from}\")]`"));
    Some(found)
}

fn judge_partitions(change: &Change, _: &Context<'_>) -> Option<Finding> {
    let Fact::PartitionChanged { from, to } = &change.fact else { return None };
    let table = &change.table;
    let show = |key: &PartitionBy| format!("`{}({})`", key.method.as_str(), key.fields.join(", "));
    let (message, help) = match (from, to) {
        (Some(from), Some(to)) => (
            format!(
                "the partitioning of table `{table}` changed from {} to {}",
                show(from),
                show(to)
            ),
            format!("keep {}", show(from)),
        ),
        (Some(from), None) => (
            format!("table `{table}` is not divided by {} any more", show(from)),
            format!("keep `partition_by` with {}", show(from)),
        ),
        (None, to) => (
            format!("table `{table}` is divided by {}", to.as_ref().map_or(String::new(), show)),
            "remove `partition_by`".to_owned(),
        ),
    };
    let found = Finding::new(Verdict::Dangerous, message)
        .code(code::TABLE_CHANGED)
        .flags("U")
        .note("PostgreSQL cannot divide a table that exists: the rows have to be copied into a new one")
        .help(help);
    Some(found)
}

fn layout_word(layout: Layout) -> &'static str {
    match layout {
        Layout::Document => "document",
        Layout::Columns => "columns",
    }
}
