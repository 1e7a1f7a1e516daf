//! What a `cfg` switches off and the lock file has: it stays as it is there.
//!
//! One lock file serves all builds. It keeps the condition of each table and field that stands under
//! one; where a build does not have the item, it is taken from the lock file, so that the verdict is
//! on what all builds have together. What stands nowhere in the source any more is gone, as ever.

use std::collections::BTreeMap;

use kontract_schema::change::Fact;
use kontract_schema::change::diff::diff;
use kontract_schema::code;
use kontract_schema::diagnostic::{Diagnostic, Diagnostics};
use kontract_schema::dialect::Dialect;
use kontract_schema::lock::LockFile;
use kontract_schema::model::{Field, Layout, Schema, Sql, Table};
use kontract_schema::sqltext::names;

use crate::cfg::Cfg;
use crate::gather::{Gathered, Off};

/// What came of it.
#[derive(Default)]
pub struct Kept {
    /// The conditions for the lock file, by `users` and `users.email`.
    pub conditions: BTreeMap<String, String>,
    /// What is off, each worth a warning.
    pub warnings: Vec<Diagnostic>,
    /// Fields that rows cannot be without.
    pub problems: Diagnostics,
}

/// Adds to the schema of the source what is switched off in this build.
pub fn keep(gathered: &Gathered, cfg: &Cfg, old: &LockFile, schema: &mut Schema) -> Kept {
    let mut kept = Kept::default();
    for ((table, field), condition) in &gathered.conditions {
        let found = schema.tables.get(table);
        let is_there = |field: &String| found.is_some_and(|table| table.field(field).is_some());
        // Where another one is off, the two are one item, which is always there.
        if field.as_ref().map_or(found.is_some(), is_there)
            && !gathered.off.iter().any(|off| off.is(table, field.as_deref()))
        {
            // One that is off belongs to another form of the item, in a module that is off.
            let key = key(table, field.as_deref());
            let other = old.conditions.get(&key).filter(|condition| !cfg.hold(condition));
            let condition = other.unwrap_or(condition).clone();
            kept.conditions.insert(key, condition);
        }
    }
    // As it is in the lock file, under the names of the source.
    let mut now = old.schema();
    let mut former = BTreeMap::new();
    for change in diff(&now, schema) {
        match &change.fact {
            Fact::TableRenamed { from } => drop(former.insert(change.table.clone(), from.clone())),
            Fact::FieldRenamed { .. } => {}
            _ => continue,
        }
        change.apply(&mut now);
    }
    let condition = |table: &String, field: Option<&str>| {
        let names = [Some(table), former.get(table)].into_iter().flatten();
        names.filter_map(|name| old.conditions.get(&key(name, field))).next().cloned()
    };
    for (name, sealed) in now.tables {
        let Some(table) = schema.tables.get_mut(&name) else {
            // In a module that is off nobody looks.
            let may_be = |off: &Off| off.is(&name, None) || off.table.is_none();
            let off = gathered.off.iter().any(may_be).then(|| condition(&name, None)).flatten();
            if let Some(condition) = off {
                let what = format!("table `{name}`");
                kept.warnings.push(warning(&what, &condition).on(&name, None));
                kept.conditions.insert(name.clone(), condition);
                schema.tables.insert(name, sealed);
            }
            continue;
        };
        for field in &sealed.schema {
            let is_off = gathered.off.iter().any(|off| off.is(&name, Some(&field.name)));
            let is_gone =
                table.field(&field.name).is_none() && !table.removed.contains(&field.name);
            let condition = condition(&name, Some(&field.name)).filter(|_| is_off && is_gone);
            let Some(condition) = condition else { continue };
            take(field, &sealed, table);
            kept.add(field, table, condition);
        }
    }
    kept
}

impl Kept {
    fn add(&mut self, field: &Field, table: &Table, condition: String) {
        let what = format!("field `{}` of table `{}`", field.name, table.name);
        let in_columns = table.layout == Layout::Columns;
        let has_default = in_columns && field.default.is_some();
        let is_needed = if in_columns { !field.optional } else { table.is_required(field) };
        if is_needed && !has_default && !table.external {
            let message = format!(
                "{what} is switched off in this build (`{condition}`), and rows need a value"
            );
            let default = if in_columns { ", or give it a default" } else { "" };
            let help = format!("make it an `Option`{default}, or take the condition away");
            let problem = Diagnostic::new(code::CFG_OFF, message).help(help);
            self.problems.push(problem.on(&table.name, None));
        } else {
            let mut warning = warning(&what, &condition);
            if !in_columns {
                warning = warning.note("`set` writes whole documents, and so without it");
            }
            self.warnings.push(warning.on(&table.name, None));
        }
        self.conditions.insert(key(&table.name, Some(&field.name)), condition);
    }
}

/// What the lock file calls it.
fn key(table: &str, field: Option<&str>) -> String {
    field.map_or(table.to_owned(), |field| format!("{table}.{field}"))
}

fn warning(what: &str, condition: &str) -> Diagnostic {
    let message = format!("{what} is switched off in this build (`{condition}`)");
    Diagnostic::new(code::CFG_OFF, message)
        .note("the database keeps it as kontract.lock.json has it")
        .help("remove it in a build that has it")
}

/// Adds a field as it is sealed, behind those of the struct, with what depends on it.
fn take(field: &Field, sealed: &Table, table: &mut Table) {
    table.schema.push(field.clone());
    let names_it = |dialect, sql: &str| {
        names(dialect, sql).iter().any(|(name, _)| name.eq_ignore_ascii_case(field.column()))
    };
    let is_in =
        |sql: &Sql| Dialect::ALL.into_iter().any(|dialect| names_it(dialect, sql.of(dialect)));
    let is_on_it = |fields: &[String]| fields.contains(&field.name);
    for (name, index) in &sealed.indexes {
        if is_on_it(&index.fields) || index.texts().any(is_in) {
            table.indexes.entry(name.clone()).or_insert_with(|| index.clone());
        }
    }
    for (name, sql) in sealed.checks.iter().filter(|(_, sql)| names_it(Dialect::Postgres, sql)) {
        table.checks.entry(name.clone()).or_insert_with(|| sql.clone());
    }
    for (name, key) in sealed.references.iter().filter(|(_, key)| is_on_it(&key.fields)) {
        table.references.entry(name.clone()).or_insert_with(|| key.clone());
    }
}
