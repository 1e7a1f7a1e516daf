//! Describes tables as lines of text, which can be stored and compared with those of another time.

use std::collections::BTreeSet;

use super::{Catalog, LiveCheck, LiveIndex, LiveReference, LiveTable};
use crate::dialect::print_path;

/// Describes the tables of these names that a catalogue has: a line for each table, column, key, index,
/// constraint and trigger, and for each enum type that a column has. Two catalogues of one database
/// have the same line for the same object, also if it was dropped and created again.
pub fn describe(catalog: &Catalog, tables: &BTreeSet<String>) -> BTreeSet<String> {
    let mut lines = BTreeSet::new();
    for (name, table) in catalog.tables.iter().filter(|(name, _)| tables.contains(*name)) {
        let shown = print_path(name);
        lines.insert(format!("table `{shown}`"));
        lines.extend(describe_table(table).map(|line| format!("{line} of table `{shown}`")));
        for column in table.columns.values() {
            let ty = column.ty.trim_end_matches("[]");
            if let Some(values) = catalog.enums.get(ty) {
                lines.insert(format!("type `{ty}` ({})", values.join(", ")));
            }
        }
    }
    lines
}

fn describe_table(table: &LiveTable) -> impl Iterator<Item = String> {
    let columns = table.columns.iter().map(|(name, column)| {
        let null = if column.not_null { " NOT NULL" } else { "" };
        let default = column.default.as_deref().map(|text| format!(" DEFAULT {text}"));
        format!("column `{name}` ({}{null}{})", column.ty, default.unwrap_or_default())
    });
    let key = (!table.key.is_empty()).then(|| format!("primary key ({})", table.key.join(", ")));
    let partition = table.partition_by.as_ref().map(|key| format!("partition key ({key:?})"));
    let indexes = table.indexes.iter().map(|(name, index)| describe_index(name, index));
    let checks = table.checks.iter().map(describe_check);
    let references = table.references.iter().map(describe_reference);
    let comments = table.comments.iter().map(|(column, text)| match column.as_str() {
        "" => format!("comment ({text})"),
        column => format!("comment of column `{column}` ({text})"),
    });
    let others = table.others.iter().map(ToString::to_string);
    let own = columns.chain(key).chain(partition).chain(indexes);
    own.chain(checks).chain(references).chain(comments).chain(others)
}

fn describe_index(name: &str, index: &LiveIndex) -> String {
    let LiveIndex { parts, classes, include, deferrable, condition, method, .. } = index;
    let parts: Vec<String> =
        parts.iter().map(|part| format!("{} {}", part.as_str(), part.order())).collect();
    let parts: Vec<&str> = parts.iter().map(|part| part.trim()).collect();
    let mut text = format!("{method} {}", parts.join(", "));
    let flags = [
        (index.unique, ", unique"),
        (index.nulls_not_distinct, ", NULLs are equal"),
        (!index.valid, ", not valid"),
    ];
    text.extend(flags.into_iter().filter(|(is_set, _)| *is_set).map(|(_, word)| word));
    for (what, names) in [("classes", classes), ("includes", include)] {
        if !names.is_empty() {
            text += &format!(", {what} {}", names.join(" "));
        }
    }
    text += &deferrable.sql().to_lowercase();
    if let Some(condition) = condition {
        text += &format!(", where {condition}");
    }
    format!("index `{name}` ({text})")
}

fn describe_check(check: &LiveCheck) -> String {
    let LiveCheck { name, text, valid } = check;
    let name = name.as_ref().map(|name| format!(" `{name}`")).unwrap_or_default();
    let valid = if *valid { "" } else { ", not validated" };
    format!("check{name} ({text}{valid})")
}

fn describe_reference(reference: &LiveReference) -> String {
    let LiveReference { name, columns, table, to, on_delete, on_update, .. } = reference;
    let name = name.as_ref().map(|name| format!(" `{name}`")).unwrap_or_default();
    let to = if to.is_empty() { String::new() } else { format!(" ({})", to.join(", ")) };
    let mut rules = format!("on delete {}, on update {}", on_delete.sql(), on_update.sql());
    rules += reference.deferrable.sql();
    rules.extend(reference.other_rule.iter().map(|rule| format!(", {rule}")));
    rules += if reference.valid { "" } else { ", not validated" };
    format!("reference{name} ({} to `{}`{to}, {rules})", columns.join(", "), print_path(table))
}

#[cfg(test)]
mod tests {
    use super::super::LiveColumn;
    use super::*;
    use crate::dialect::Dialect;

    #[test]
    fn other_tables_are_left_out_and_each_fact_has_a_line() {
        let mut catalog = Catalog::new(Dialect::Postgres);
        let column =
            LiveColumn { ty: "mood[]".into(), not_null: true, default: Some("'{}'".into()) };
        let mut table = LiveTable::default();
        table.columns.insert("moods".into(), column);
        table.key.push("id".into());
        table
            .indexes
            .insert("i".into(), LiveIndex { method: "btree".into(), ..LiveIndex::default() });
        catalog.tables.insert("a".into(), table.clone());
        catalog.tables.insert("b".into(), table);
        catalog.enums.insert("mood".into(), vec!["sad".into(), "ok".into()]);
        let lines = describe(&catalog, &BTreeSet::from(["a".to_owned(), "gone".to_owned()]));
        let lines: Vec<&str> = lines.iter().map(String::as_str).collect();
        assert_eq!(
            lines,
            [
                "column `moods` (mood[] NOT NULL DEFAULT '{}') of table `a`",
                "index `i` (btree , not valid) of table `a`",
                "primary key (id) of table `a`",
                "table `a`",
                "type `mood` (sad, ok)",
            ]
        );
    }
}
