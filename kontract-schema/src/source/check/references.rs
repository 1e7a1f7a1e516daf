//! References between tables: their targets, and cycles that cannot be filled.

use std::collections::{BTreeMap, BTreeSet};

use super::duplicate_name;
use super::resolve::{Item, Resolver};
use crate::code;
use crate::diagnostic::{Diagnostic, Diagnostics};
use crate::model::{Field, ForeignKey, Schema, SqlKind, Table, Type};
use crate::name;
use crate::source::raw::{RawReference, RawTable};
use crate::sql::table::column_names;

/// Resolves the references of all tables.
pub(super) fn resolve_references(
    schema: &mut Schema,
    structs: &BTreeMap<String, &Item<RawTable>>,
    resolver: &Resolver<'_>,
    problems: &mut Diagnostics,
) {
    let mut found: Vec<(String, String, ForeignKey)> = Vec::new();
    for (name, item) in structs {
        let of_fields = item.raw.fields.iter().filter_map(|field| field.references.as_ref());
        for raw in of_fields.chain(&item.raw.references) {
            let place = raw.fields.first().map(|(field, _)| field.as_str());
            let Some(target) = resolver.find_table(&raw.table, item) else {
                if resolver.is_faulty(&raw.table) {
                    continue;
                }
                problems
                    .report(
                        code::UNKNOWN_REFERENCE,
                        format!("`{}` is not a table of this package", raw.table),
                    )
                    .on(name, place)
                    .help("refer to a struct with `#[derive(Table)]`");
                continue;
            };
            let (table, target) = (&schema.tables[name], &schema.tables[&target.raw.table_name()]);
            match build_foreign_key(table, target, raw) {
                Ok(key) => {
                    let columns = column_names(table, &key.fields).join("_");
                    let made = || name::join(&[name, &columns, "fkey"]);
                    found.push((name.clone(), raw.name.clone().unwrap_or_else(made), key));
                }
                Err(problem) => problems.push(problem.on(name, place)),
            }
        }
    }
    for (table, constraint, key) in found {
        let Some(table) = schema.tables.get_mut(&table) else { continue };
        if let Some(other) = table.references.insert(constraint.clone(), key) {
            problems.push(duplicate_name(&constraint, &table.name, other.fields.first()));
        }
    }
}

/// The foreign key: to the key of a table, or to fields that are unique together.
fn build_foreign_key(
    table: &Table,
    target: &Table,
    raw: &RawReference,
) -> Result<ForeignKey, Box<Diagnostic>> {
    let fields: Vec<String> = raw.fields.iter().map(|(field, _)| field.clone()).collect();
    let key = target.key().into_iter().map(str::to_owned);
    let to = if raw.to.is_empty() { key.collect() } else { raw.to.clone() };
    let wrong = |message: String| Diagnostic::new(code::REFERENCE_TYPE, message);
    if to.is_empty() {
        return Err(wrong(format!("`{}` has no key that the reference could be to", target.name))
            .help(match &fields[..] {
                [_] => {
                    format!("name a unique field of it: `references({}, field = \"…\")`", raw.table)
                }
                _ => format!("name unique fields of it: `{}(a, b)`", raw.table),
            })
            .into());
    }
    if to.len() != fields.len() {
        let message = format!("the key of `{}` has {}", target.name, count_fields(to.len()));
        return Err(wrong(message)
            .help(match &fields[..] {
                [_] => "name a unique field of it, `field = \"…\"`, or refer to the whole key: \
                    `#[table(references(fields(a, b), …))]`"
                    .to_owned(),
                _ => format!(
                    "name one of its fields for each field that refers to it: `{}(a, b)`",
                    raw.table
                ),
            })
            .into());
    }
    if !target.is_target(&to) || to.iter().any(|field| target.field(field).is_none()) {
        let fields = to.join("`, `");
        let message =
            format!("`{fields}` is neither the primary key of `{}` nor unique", target.name);
        return Err(wrong(message)
            .help("refer to the primary key, or make the fields unique there")
            .into());
    }
    for (from, to) in fields.iter().zip(&to) {
        let (Some(from), Some(to)) = (table.field(from), target.field(to)) else { continue };
        if !can_refer(from, to) {
            let target = &target.name;
            let (is, wants) = (&from.ty, &to.ty);
            let message =
                format!("`{}` is `{is}`, but `{target}.{}` is `{wants}`", from.name, to.name);
            return Err(wrong(message).help("give both the same type").into());
        }
    }
    let (on_delete, on_update, deferrable) = (raw.on_delete, raw.on_update, raw.deferrable);
    Ok(ForeignKey { fields, table: target.name.clone(), to, on_delete, on_update, deferrable })
}

/// Whether values of both fields can be equal: both have the same type, or both are integers.
fn can_refer(from: &Field, to: &Field) -> bool {
    let is_integer = |field: &Field| {
        let kind = match &field.sql_type {
            Some(sql_type) => sql_type.kind().clone(),
            None => SqlKind::for_type(&field.ty),
        };
        let is_whole = field.ty != Type::Date && field.ty.whole_range().is_some();
        is_whole && matches!(kind, SqlKind::SmallInt | SqlKind::Integer | SqlKind::BigInt)
    };
    (from.ty == to.ty && from.sql_type == to.sql_type) || (is_integer(from) && is_integer(to))
}

fn count_fields(fields: usize) -> String {
    if fields == 1 { "one field".to_owned() } else { format!("{fields} fields") }
}

/// Reports cycles in which every reference is required: no row can be the first one.
pub(super) fn check_cycles(schema: &Schema, problems: &mut Diagnostics) {
    let required = |table: &Table| -> Vec<(String, String)> {
        let all_required = |key: &&ForeignKey| {
            key.fields.iter().all(|f| table.field(f).is_some_and(|field| !field.optional))
        };
        let keys = table.references.values().filter(all_required);
        keys.map(|key| (key.fields[0].clone(), key.table.clone())).collect()
    };
    let mut reported: BTreeSet<String> = BTreeSet::new();
    for start in schema.tables.keys() {
        let mut path: Vec<(String, String)> = Vec::new();
        let mut visited: BTreeSet<&str> = BTreeSet::new();
        let cycle = find_cycle(schema, start, start, &required, &mut path, &mut visited);
        if cycle && !reported.contains(start) {
            // A row that refers to itself can be inserted: its key is known.
            if path.len() == 1 {
                continue;
            }
            reported.extend(path.iter().map(|(table, _)| table.clone()));
            let spelt: Vec<String> =
                path.iter().map(|(table, field)| format!("{table}.{field}")).collect();
            let path_text = spelt.join(" → ");
            let message = format!("these required references form a cycle: {path_text} → {start}");
            let why = "each row needs an existing row of the other table, so the first one cannot be inserted";
            problems
                .report(code::CYCLE, message)
                .on(start, Some(&path[0].1))
                .note(why)
                .help("make one of them an `Option`");
        }
    }
}

fn find_cycle<'a>(
    schema: &'a Schema,
    start: &str,
    at: &'a str,
    edges: &dyn Fn(&Table) -> Vec<(String, String)>,
    path: &mut Vec<(String, String)>,
    visited: &mut BTreeSet<&'a str>,
) -> bool {
    if !visited.insert(at) {
        return false;
    }
    let Some(table) = schema.tables.get(at) else { return false };
    for (field, target) in edges(table) {
        path.push((at.to_owned(), field));
        if target == start {
            return true;
        }
        let Some((target, _)) = schema.tables.get_key_value(&target) else { continue };
        if find_cycle(schema, start, target, edges, path, visited) {
            return true;
        }
        path.pop();
    }
    false
}
