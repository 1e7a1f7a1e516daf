//! Renames: which removed and added things are likely one (T5, C17, C22), and hints that cannot be
//! followed (C20, C21).

use super::{Context, Judgement, Verdict};
use crate::change::{Change, Fact, HintError};
use crate::code;
use crate::model::{Field, Table};

/// The added field that is likely the removed one under a new name: same type, same optionality,
/// the most similar name. With it the similarity of the names in percent. Each added field is the
/// likely successor of one removed field only.
pub fn likely_field<'a>(
    table: &str,
    removed: &Field,
    context: &Context<'a>,
) -> Option<(&'a Field, usize)> {
    let in_table = context.changes.iter().filter(|change| change.table == table);
    let (mut added, mut gone) = (Vec::new(), Vec::new());
    for change in in_table {
        match &change.fact {
            Fact::FieldAdded(field) => added.push(field),
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

/// The added table that is likely the removed one: most of the fields are the same.
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

/// How similar two names are, in percent: 100 − edits per letter.
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

/// `` `id` string, `age` number ``: the fields of a table for a note.
pub fn list_of(fields: &[Field]) -> String {
    let names: Vec<String> =
        fields.iter().map(|field| format!("`{}` {}", field.name, field.ty)).collect();
    names.join(", ")
}

/// C21: a hint that matches nothing, or more than one thing. C20: one that exchanges two names.
pub fn bad_hint(
    change: &Change,
    field: &Option<String>,
    from: &str,
    why: HintError,
    context: &Context<'_>,
) -> Judgement {
    let table = &change.table;
    let (subject, here) = match field {
        Some(field) => (format!("field `{field}` of table `{table}`"), field),
        None => (format!("table `{table}`"), table),
    };
    let message = match why {
        HintError::NeverThere => format!("field `{from}` cannot have been removed from {subject}"),
        HintError::NotRemoved => format!("field `{from}` is not removed from {subject}"),
        HintError::StaleVariant | HintError::BothVariants => {
            format!("no variant of {subject} can have been renamed from `{from}`")
        }
        _ => format!("{subject} cannot have been renamed from `{from}`"),
    };
    let refuse = |rule| {
        let mut found =
            Judgement::refuse(change, rule, Verdict::Dangerous, code::RENAME_HINT, &message);
        found.coverable = false;
        found.flags("H")
    };
    let mut found = match why {
        HintError::Stale => refuse("C21")
            .note(format!("kontract.lock.json has neither `{from}` nor `{here}`"))
            .help("remove the attribute, or correct the name in it"),
        HintError::StillThere => refuse("C21")
            .note(format!("`{from}` is still in the source"))
            .help(format!("remove `{from}`, or the attribute")),
        HintError::NeverThere => refuse("C21")
            .note(format!("the table never had a field `{from}`, says kontract.lock.json"))
            .help(format!(
                "remove the attribute `#[removed(\"{from}\")]`, or correct the name in it"
            )),
        HintError::NotRemoved => refuse("C21")
            .note("it is still in the struct, or under a new name")
            .help(format!("remove the field, or the attribute `#[removed(\"{from}\")]`")),
        HintError::StaleVariant => refuse("C21")
            .note(format!("in kontract.lock.json no variant of it is stored as `{from}`"))
            .help("remove the attribute of the variant, or correct the stored name in it"),
        HintError::BothVariants => refuse("C20")
            .note(format!("in kontract.lock.json both `{from}` and the new name are variants"))
            .help("take the attribute out, and replace the values in a migration"),
        HintError::Both => {
            refuse("C20").note(format!("kontract.lock.json has both `{from}` and `{here}`")).help(
                "rename in two steps with a sealed migration between them, or remove the attribute",
            )
        }
        HintError::Twice => refuse("C21")
            .note(format!("another `renamed_from` names `{from}` too"))
            .help("only one of them can be its successor"),
    };
    // What the hint stands at would otherwise be reported as new, and what it names as removed.
    found.with = context
        .changes
        .iter()
        .filter(|other| match (&other.fact, field) {
            (Fact::FieldAdded(added), Some(field)) => other.table == *table && added.name == *field,
            (Fact::FieldRemoved(gone), Some(_)) => other.table == *table && gone.name == from,
            _ => false,
        })
        .cloned()
        .collect();
    found
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
