//! Likely renames: which removed and added fields or tables may be the same one (T5, C17, C22).

use super::Context;
use crate::change::Fact;
use crate::model::{Field, Table};

/// Returns the added field that is likely the removed one under a new name, with the similarity of
/// the names in percent: the same type, the same optionality, the most similar name. Each added field
/// is the likely successor of at most one removed field.
pub fn likely_field<'a>(
    table: &str,
    removed: &Field,
    context: &Context<'a>,
) -> Option<(&'a Field, usize)> {
    let in_table = context.changes.iter().filter(|change| change.table == table);
    let (mut added, mut gone) = (Vec::new(), Vec::new());
    for change in in_table {
        match &change.fact {
            Fact::FieldAdded { field, .. } => added.push(field),
            Fact::FieldRemoved(field) => gone.push(field),
            _ => {}
        }
    }
    let mut pairs: Vec<(usize, &Field, &Field)> = Vec::new();
    for from in &gone {
        for to in added.iter().filter(|to| same_kind(from, to)) {
            pairs.push((similarity(&from.name, &to.name), from, to));
        }
    }
    pairs.sort_by(|a, b| (b.0, &a.1.name, &a.2.name).cmp(&(a.0, &b.1.name, &b.2.name)));
    let mut used: Vec<&str> = Vec::new();
    for (score, from, to) in pairs {
        if used.contains(&from.name.as_str()) || used.contains(&to.name.as_str()) {
            continue;
        }
        used.extend([from.name.as_str(), to.name.as_str()]);
        if from.name == removed.name {
            return Some((to, score));
        }
    }
    None
}

fn same_kind(a: &Field, b: &Field) -> bool {
    a.ty == b.ty && a.optional == b.optional && a.sql_type == b.sql_type
}

/// Returns the added table that is likely the removed one: at least two thirds of the fields are the
/// same.
pub fn likely_table<'a>(removed: &Table, context: &Context<'a>) -> Option<&'a Table> {
    let added = context.changes.iter().filter_map(|change| match &change.fact {
        Fact::TableAdded(table) => Some(&**table),
        _ => None,
    });
    let common = |table: &Table| {
        let same = |field: &&Field| {
            removed.field(&field.name).is_some_and(|other| same_kind(field, other))
        };
        table.schema.iter().filter(same).count()
    };
    let most = |table: &&Table| {
        let larger = table.schema.len().max(removed.schema.len());
        table.layout == removed.layout && common(table) * 3 >= larger * 2
    };
    added.filter(most).max_by_key(|table| common(table))
}

/// Returns how similar two names are, in percent: 100 minus the edits per 100 letters.
pub(super) fn similarity(a: &str, b: &str) -> usize {
    let (a, b): (Vec<char>, Vec<char>) =
        (a.to_lowercase().chars().collect(), b.to_lowercase().chars().collect());
    let mut row: Vec<usize> = (0..=b.len()).collect();
    for (i, x) in a.iter().enumerate() {
        let mut before = row[0];
        row[0] = i + 1;
        for (j, y) in b.iter().enumerate() {
            let change = before + usize::from(x != y);
            before = row[j + 1];
            row[j + 1] = change.min(row[j] + 1).min(row[j + 1] + 1);
        }
    }
    let longer = a.len().max(b.len()).max(1);
    100 - row[b.len()] * 100 / longer
}

/// Lists the fields of a table for a note: `` `id` string, `age` number ``.
pub fn list_fields(fields: &[Field]) -> String {
    let names: Vec<String> =
        fields.iter().map(|field| format!("`{}` {}", field.name, field.ty)).collect();
    names.join(", ")
}

#[cfg(test)]
mod tests {
    use super::similarity;

    #[test]
    fn similar_names() {
        assert_eq!(similarity("email", "email"), 100);
        assert_eq!(similarity("email", "mail"), 80);
        assert_eq!(similarity("a", "b"), 0);
        assert!(similarity("created", "created_at") >= 70);
    }
}
