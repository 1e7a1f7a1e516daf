//! Likely renames: which removed and added fields or tables may be the same one (T5, C17, C22).

use std::cmp::Reverse;
use std::collections::{BTreeMap, BTreeSet};

use super::Context;
use crate::change::{Change, Fact};
use crate::model::{Field, Schema, Table};

/// The likely renames of fields: of each table, the removed fields and the added ones that they likely
/// are under a new name.
#[derive(Clone, Debug, Default)]
pub struct Renames<'a>(BTreeMap<(&'a str, &'a str), (&'a Field, usize)>);

impl<'a> Renames<'a> {
    /// Finds them in the changes between two schemas.
    pub fn find(old: &'a Schema, new: &'a Schema, changes: &'a [Change]) -> Renames<'a> {
        let mut tables: BTreeMap<&str, (Vec<Candidate<'a>>, Vec<Candidate<'a>>)> = BTreeMap::new();
        let candidate = |schema: &'a Schema, change: &'a Change, field: &'a Field| Candidate {
            field,
            facts: schema.tables.get(&change.table).map_or(0, |table| list_facts(table, field)),
        };
        for change in changes {
            match &change.fact {
                Fact::FieldAdded { field, .. } => {
                    let (_, added) = tables.entry(&change.table).or_default();
                    added.push(candidate(new, change, field));
                }
                Fact::FieldRemoved(field) => {
                    let (gone, _) = tables.entry(&change.table).or_default();
                    gone.push(candidate(old, change, field));
                }
                _ => {}
            }
        }
        let mut found = BTreeMap::new();
        for (table, (gone, added)) in tables {
            for (from, to, score) in pair_fields(&gone, &added, &mut similarity) {
                found.insert((table, from.name.as_str()), (to, score));
            }
        }
        Renames(found)
    }

    /// Returns the added field that is likely the removed one under a new name, with the similarity of
    /// the names in percent.
    pub fn get(&self, table: &str, removed: &str) -> Option<(&'a Field, usize)> {
        self.0.get(&(table, removed)).copied()
    }
}

/// A field that was removed or added.
struct Candidate<'a> {
    field: &'a Field,
    /// What else the table says of it: [`list_facts`].
    facts: u8,
}

/// Returns what a table says of a field beside its type, a bit each: it is alone in a unique index, in
/// another index, in a reference; it has a default or a time of change.
fn list_facts(table: &Table, field: &Field) -> u8 {
    let is_alone = |fields: &[String]| matches!(fields, [only] if *only == field.name);
    let has_index = |unique| {
        table.indexes.values().any(|index| index.unique == unique && is_alone(&index.fields))
    };
    let is_reference = table.references.values().any(|key| is_alone(&key.fields));
    let has_default = field.default_value().is_some();
    [has_index(true), has_index(false), is_reference, has_default, field.stamp.is_some()]
        .into_iter()
        .enumerate()
        .fold(0, |facts, (bit, is_so)| facts | (u8::from(is_so) << bit))
}

/// Up to so many pairs of fields of one kind are all compared.
const MOST_PAIRS: usize = 256;
/// Of more fields each is compared with so many that are next to it in the order of the names.
const NEIGHBOURS: usize = 4;

/// Pairs removed fields with added ones of the same type: first those with the most similar names, and of
/// equally similar ones those of which the table says the same. Each field is in one pair at most. The
/// number of comparisons grows with the number of fields.
fn pair_fields<'a>(
    gone: &[Candidate<'a>],
    added: &[Candidate<'a>],
    compare: &mut dyn FnMut(&str, &str) -> usize,
) -> Vec<(&'a Field, &'a Field, usize)> {
    let mut kinds: BTreeMap<String, (Vec<usize>, Vec<usize>)> = BTreeMap::new();
    for (at, one) in gone.iter().enumerate() {
        kinds.entry(kind_of(one.field)).or_default().0.push(at);
    }
    for (at, one) in added.iter().enumerate() {
        kinds.entry(kind_of(one.field)).or_default().1.push(at);
    }
    let mut pairs = Vec::new();
    for (from, to) in kinds.values() {
        for (from, to) in list_pairs(gone, from, added, to) {
            let (one, other) = (&gone[from], &added[to]);
            let score = compare(&one.field.name, &other.field.name);
            let unlike = (one.facts ^ other.facts).count_ones();
            pairs.push((Reverse(score), unlike, &one.field.name, &other.field.name, from, to));
        }
    }
    pairs.sort();
    let (mut is_used, mut found) =
        ((vec![false; gone.len()], vec![false; added.len()]), Vec::new());
    for (Reverse(score), .., from, to) in pairs {
        if !is_used.0[from] && !is_used.1[to] {
            (is_used.0[from], is_used.1[to]) = (true, true);
            found.push((gone[from].field, added[to].field, score));
        }
    }
    found
}

/// Returns the pairs to compare, of two lists of fields of one kind.
fn list_pairs(
    gone: &[Candidate<'_>],
    from: &[usize],
    added: &[Candidate<'_>],
    to: &[usize],
) -> BTreeSet<(usize, usize)> {
    if from.len() * to.len() <= MOST_PAIRS {
        return from.iter().flat_map(|from| to.iter().map(|to| (*from, *to))).collect();
    }
    let mut pairs = BTreeSet::new();
    // Names that begin or end alike are next to each other in one of the orders.
    for is_reversed in [false, true] {
        let key = |name: &str| -> String {
            let name = name.to_lowercase();
            if is_reversed { name.chars().rev().collect() } else { name }
        };
        let sorted = |all: &[Candidate<'_>], of: &[usize]| {
            let mut keys: Vec<(String, usize)> =
                of.iter().map(|at| (key(&all[*at].field.name), *at)).collect();
            keys.sort();
            keys
        };
        let (from, to) = (sorted(gone, from), sorted(added, to));
        for (rank, (name, at)) in from.iter().enumerate() {
            // The place of the name among the others, and its own rank, for names without likeness.
            let place = to.partition_point(|(other, _)| other < name);
            for middle in [place, rank] {
                let first = middle.saturating_sub(NEIGHBOURS / 2);
                pairs.extend(to.iter().skip(first).take(NEIGHBOURS).map(|(_, to)| (*at, *to)));
            }
        }
    }
    pairs
}

/// The text is the same for fields that store the same values.
fn kind_of(field: &Field) -> String {
    let own = field.sql_type.as_ref().map(|ty| ty.kind());
    format!("{:?} {} {own:?}", field.ty, field.optional)
}

/// Whether two fields store the same values.
pub(super) fn same_kind(a: &Field, b: &Field) -> bool {
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
    use super::*;

    fn field(name: &str) -> Field {
        let field = serde_json::from_str(r#"{"type": "string"}"#).expect("a field");
        Field { name: name.to_owned(), ..field }
    }

    fn candidates(fields: &[Field]) -> Vec<Candidate<'_>> {
        fields.iter().map(|field| Candidate { field, facts: 0 }).collect()
    }

    /// 100 fields replaced by 100 other ones, and more.
    #[test]
    fn comparisons_grow_with_the_number_of_fields() {
        let count = |fields: usize| {
            let list = |word: &str| -> Vec<Field> {
                (0..fields).map(|n| field(&format!("{word}_{n}"))).collect()
            };
            let (gone, added) = (list("customer_name"), list("person"));
            let mut compared = 0;
            let pairs = pair_fields(&candidates(&gone), &candidates(&added), &mut |a, b| {
                compared += 1;
                similarity(a, b)
            });
            assert!(pairs.len() > fields / 2, "{} pairs of {fields}", pairs.len());
            let same_number = pairs
                .iter()
                .filter(|(from, to, _)| from.name.rsplit('_').next() == to.name.rsplit('_').next());
            assert!(same_number.count() > fields / 2);
            compared
        };
        for fields in [20, 100, 200, 400] {
            let compared = count(fields);
            assert!(compared <= fields * 4 * NEIGHBOURS, "{fields} fields: {compared}");
        }
    }

    #[test]
    fn a_field_is_paired_by_what_the_table_says_of_it() {
        let (gone, added) = ([field("a")], [field("x"), field("y"), field("z")]);
        let gone = [Candidate { field: &gone[0], facts: 0b101 }];
        let mut added = candidates(&added);
        (added[1].facts, added[2].facts) = (0b101, 0b100);
        let found = pair_fields(&gone, &added, &mut similarity);
        assert_eq!(found[0].1.name, "y");
    }

    #[test]
    fn similar_names() {
        assert_eq!(similarity("email", "email"), 100);
        assert_eq!(similarity("email", "mail"), 80);
        assert_eq!(similarity("a", "b"), 0);
        assert!(similarity("created", "created_at") >= 70);
    }
}
