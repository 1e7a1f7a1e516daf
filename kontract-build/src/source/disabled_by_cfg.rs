//! Tables and fields that a `cfg` disables in this build and that the lock file has: they are
//! retained as the lock file has them.
//!
//! One lock file serves all builds. It stores the condition of each conditional table and field. If a
//! build does not have the item, it is taken from the lock file, so that the build judges the schema
//! of all builds together. An item that is nowhere in the source counts as removed.

use std::collections::BTreeMap;

use kontract_schema::change::Fact;
use kontract_schema::change::diff::diff;
use kontract_schema::code;
use kontract_schema::diagnostic::{Diagnostic, Diagnostics};
use kontract_schema::dialect::Dialect;
use kontract_schema::intent::Checked;
use kontract_schema::lock::LockFile;
use kontract_schema::model::{Field, Layout, Schema, Sql, Table};
use kontract_schema::sqltext::list_names;

use super::cfg::Cfg;
use super::items::{Disabled, SourceItems};

/// The result of [`retain_disabled`].
#[derive(Default)]
pub struct Retained {
    /// The conditions for the lock file, by `users` and `users.email`.
    pub conditions: BTreeMap<String, String>,
    /// A warning for each item that is disabled.
    pub warnings: Vec<Diagnostic>,
    /// Disabled fields that rows need.
    pub problems: Diagnostics,
}

/// Adds to the schema of the source what is disabled in this build and in the lock file.
pub fn retain_disabled(
    items: &SourceItems,
    cfg: &Cfg,
    old: &LockFile,
    source: &mut Checked,
) -> Retained {
    let conditions = enabled_conditions(items, cfg, old, &source.schema);
    let mut retained = Retained { conditions, ..Retained::default() };
    let (locked, former_names) = rename_locked(old, source);
    let Checked { schema, intent } = source;
    let find_condition = |table: &String, field: Option<&str>| {
        let names = [Some(table), former_names.get(table)].into_iter().flatten();
        names.filter_map(|name| old.conditions.get(&condition_key(name, field))).next().cloned()
    };
    for (name, sealed) in locked.tables {
        let Some(table) = schema.tables.get_mut(&name) else {
            // The scan does not read disabled modules.
            let may_be =
                |disabled: &Disabled| disabled.matches(&name, None) || disabled.table.is_none();
            let is_disabled = items.disabled.iter().any(may_be);
            let condition = is_disabled.then(|| find_condition(&name, None)).flatten();
            if let Some(condition) = condition {
                let subject = format!("table `{name}`");
                retained.warnings.push(disabled_warning(&subject, &condition).on(&name, None));
                retained.conditions.insert(name.clone(), condition);
                schema.tables.insert(name, sealed);
            }
            continue;
        };
        for field in &sealed.schema {
            let is_disabled =
                items.disabled.iter().any(|disabled| disabled.matches(&name, Some(&field.name)));
            let is_removed = intent.table(&name).removed.contains(&field.name);
            let is_missing = table.field(&field.name).is_none() && !is_removed;
            let condition = find_condition(&name, Some(&field.name));
            let Some(condition) = condition.filter(|_| is_disabled && is_missing) else { continue };
            add_locked_field(field, &sealed, table);
            retained.add_field(field, table, condition);
        }
    }
    retained
}

/// The conditions of the items that exist in this build.
fn enabled_conditions(
    items: &SourceItems,
    cfg: &Cfg,
    old: &LockFile,
    schema: &Schema,
) -> BTreeMap<String, String> {
    let mut conditions = BTreeMap::new();
    for ((table, field), condition) in &items.conditions {
        let found = schema.tables.get(table);
        let has_field = |field: &String| found.is_some_and(|table| table.field(field).is_some());
        let exists = field.as_ref().map_or(found.is_some(), has_field);
        // An item with an enabled and a disabled form always exists.
        let has_other_form =
            items.disabled.iter().any(|disabled| disabled.matches(table, field.as_deref()));
        if exists && !has_other_form {
            // A locked condition that does not hold belongs to another form, in a disabled module.
            let key = condition_key(table, field.as_deref());
            let locked = old.conditions.get(&key).filter(|locked| !cfg.may_hold(locked));
            conditions.insert(key, locked.unwrap_or(condition).clone());
        }
    }
    conditions
}

/// The schema of the lock file with the names of the source, and for each renamed table its former
/// name.
fn rename_locked(old: &LockFile, source: &Checked) -> (Schema, BTreeMap<String, String>) {
    let mut locked = old.schema();
    let mut former_names = BTreeMap::new();
    for change in diff(&locked, source) {
        match &change.fact {
            Fact::TableRenamed { from } => {
                former_names.insert(change.table.clone(), from.clone());
            }
            Fact::FieldRenamed { .. } => {}
            _ => continue,
        }
        change.apply(&mut locked);
    }
    (locked, former_names)
}

impl Retained {
    fn add_field(&mut self, field: &Field, table: &Table, condition: String) {
        let subject = format!("field `{}` of table `{}`", field.name, table.name);
        let in_columns = table.layout == Layout::Columns;
        let has_default = in_columns && field.may_be_omitted() && field.stamp.is_none();
        let is_required = if in_columns { !field.optional } else { table.is_required(field) };
        if is_required && !has_default && !table.external {
            let message =
                format!("{subject} is disabled in this build (`{condition}`), but rows require it");
            let default = if in_columns { ", or give it a default" } else { "" };
            let help = format!("make it an `Option`{default}, or remove the condition");
            let problem = Diagnostic::new(code::CFG_OFF, message).help(help);
            self.problems.push(problem.on(&table.name, None));
        } else {
            let mut warning = disabled_warning(&subject, &condition);
            if !in_columns {
                warning = warning.note("`set` replaces the whole document, so it drops the field");
            }
            self.warnings.push(warning.on(&table.name, None));
        }
        self.conditions.insert(condition_key(&table.name, Some(&field.name)), condition);
    }
}

/// The key of a condition in the lock file.
fn condition_key(table: &str, field: Option<&str>) -> String {
    field.map_or(table.to_owned(), |field| format!("{table}.{field}"))
}

fn disabled_warning(subject: &str, condition: &str) -> Diagnostic {
    let message = format!("{subject} is disabled in this build (`{condition}`)");
    Diagnostic::new(code::CFG_OFF, message)
        .note("the database keeps it as in kontract.lock.json")
        .help("to remove it, delete it from the source and build with the condition enabled")
}

/// Adds a locked field after those of the struct, with its indexes, checks and foreign keys.
fn add_locked_field(field: &Field, sealed: &Table, table: &mut Table) {
    table.schema.push(field.clone());
    let names_it = |dialect, sql: &str| {
        list_names(dialect, sql).iter().any(|(name, _)| name.eq_ignore_ascii_case(field.column()))
    };
    let is_in = |sql: &Sql| {
        Dialect::ALL.into_iter().any(|dialect| names_it(dialect, sql.for_dialect(dialect)))
    };
    let contains_it = |fields: &[String]| fields.contains(&field.name);
    for (name, index) in &sealed.indexes {
        if contains_it(&index.fields) || index.texts().any(is_in) {
            table.indexes.entry(name.clone()).or_insert_with(|| index.clone());
        }
    }
    for (name, sql) in sealed.checks.iter().filter(|(_, sql)| is_in(sql)) {
        table.checks.entry(name.clone()).or_insert_with(|| sql.clone());
    }
    for (name, key) in sealed.references.iter().filter(|(_, key)| contains_it(&key.fields)) {
        table.references.entry(name.clone()).or_insert_with(|| key.clone());
    }
}
