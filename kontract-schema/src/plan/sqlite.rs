//! The statements of each change on SQLite. Its ALTER TABLE adds, drops and renames columns; all
//! other changes of a table become one rebuild: build the new form beside the old one, copy the rows,
//! replace the old table.
//!
//! Renames are always ALTER TABLE statements: references from other tables follow only those.

use std::collections::BTreeSet;

use super::implied::Implied;
use super::{Planned, documents, fill, implied, rebuild, tables};
use crate::change::{Change, Fact, ItemChange};
use crate::dialect::{self, Conversion, Dialect};
use crate::model::{Field, Index, Layout, Schema, Table};
use crate::sql::ddl::{
    Alter, ColumnDefault, ColumnDefinition, ColumnKind, Place, RowSource, SqlExpr, Statement,
    Tracked,
};
use crate::sql::table;

const HERE: Dialect = Dialect::Sqlite;

/// Applies the changes to `schema` and returns the statements.
pub fn steps(changes: &[Change], schema: &mut Schema, ask: bool) -> Planned {
    let mut steps = Planned { ask, ..Planned::default() };
    let mut done = vec![false; changes.len()];
    let mut renamed: BTreeSet<&str> = BTreeSet::new(); // tables whose constraints have new names
    for at in 0..changes.len() {
        if done[at] {
            continue;
        }
        match &changes[at].fact {
            Fact::TableAdded(_) => {
                let (taken, create) = tables::plan_added(&changes[at..], schema, HERE);
                steps.statements.extend(create);
                done[at..at + taken].fill(true);
            }
            Fact::TableRemoved(_) => {
                let (taken, drops, closing) = tables::take_removed(&changes[at..], schema, HERE);
                steps.statements.extend(drops);
                steps.rebuild |= !closing.is_empty();
                done[at..at + taken].fill(true);
            }
            Fact::External { .. } => {
                steps.statements.extend(tables::plan_external(&changes[at], schema, HERE));
                done[at] = true;
            }
            _ if is_rename(&changes[at], schema) => {
                let names_changed = rename(&changes[at], schema, &mut steps);
                let waited = match &changes[at].fact {
                    Fact::TableRenamed { from } => renamed.remove(from.as_str()),
                    _ => false,
                };
                if names_changed || waited {
                    renamed.insert(&changes[at].table);
                }
            }
            _ => {
                let table = &changes[at].table;
                let run = run(changes, &done, table, at, schema);
                run.iter().for_each(|at| done[*at] = true);
                let rebuild = renamed.remove(table.as_str());
                apply_run(changes, &run, &done, table, rebuild, schema, &mut steps);
            }
        }
    }
    for table in renamed {
        apply_run(changes, &[], &done, table, true, schema, &mut steps);
    }
    steps
}

/// Whether a change is an ALTER TABLE that references from other tables have to follow.
fn is_rename(change: &Change, schema: &Schema) -> bool {
    match &change.fact {
        Fact::TableRenamed { .. } | Fact::PointerChanged { .. } => true,
        Fact::FieldRenamed { from, .. } | Fact::ColumnChanged { from, .. } => {
            let table = schema.tables.get(&change.table);
            table.is_none_or(|table| table.layout == Layout::Columns || table.is_key(&from.name))
        }
        _ => false,
    }
}

/// Returns the changes of one table from `at` up to its next rename.
fn run(changes: &[Change], done: &[bool], table: &str, at: usize, schema: &Schema) -> Vec<usize> {
    let rest = changes.iter().enumerate().skip(at);
    rest.filter(|(i, change)| change.table == table && !done[*i])
        .take_while(|(_, change)| {
            let is_whole = matches!(
                change.fact,
                Fact::TableAdded(_) | Fact::TableRemoved(_) | Fact::External { .. }
            );
            !is_whole && !is_rename(change, schema)
        })
        .map(|(i, _)| i)
        .collect()
}

/// Applies a rename. Returns whether constraints have other names now, which needs a rebuild.
fn rename(change: &Change, schema: &mut Schema, steps: &mut Planned) -> bool {
    let name = match &change.fact {
        Fact::TableRenamed { from } => from,
        _ => &change.table,
    };
    let Some(old) = schema.tables.get(name).cloned() else { return false };
    change.apply(schema);
    let Some(new) = schema.tables.get(&change.table) else { return false };
    match &change.fact {
        Fact::PointerChanged { from, to } => {
            steps.statements.extend(rebuild::rename(HERE, from, to));
            for (name, to) in implied::renamed_indexes(HERE, &old, new) {
                steps.statements.push(Statement::drop_index(name));
                steps.statements.push(Statement::CreateIndex(to));
            }
        }
        Fact::FieldRenamed { from, to } | Fact::ColumnChanged { from, to }
            if documents::names_differ(&change.fact) =>
        {
            let (from, to) = (from.column().to_owned(), to.column().to_owned());
            let mut alter = |from, to| {
                let (table, action) = (new.path(), Alter::RenameColumn { from, to });
                steps.statements.push(Statement::Alter { table, action });
            };
            if from.to_lowercase() == to.to_lowercase() {
                // Names that differ in case only are the same column to SQLite, so rename in two steps.
                let between = format!("_kontract_{to}");
                alter(from, between.clone());
                alter(between, to);
            } else {
                alter(from, to);
            }
            if let Some(step) = documents::find_step(HERE, change, &old, new, true) {
                steps.statements.push(documents::fill(new, step));
            }
        }
        _ => {}
    }
    let names = |table: &Table| -> Vec<String> {
        table::constraints(table, schema, HERE)
            .into_iter()
            .map(|constraint| constraint.name)
            .collect()
    };
    let composite = new.key().len() > 1; // its name is not worth a rebuild: nothing refers to it
    let relevant = |table: &Table| {
        let key = table::key_name(table);
        names(table).into_iter().filter(|name| !composite || *name != key).collect::<Vec<_>>()
    };
    relevant(&old) != relevant(new)
}

/// Applies a run of changes of one table: each by itself, or all in one rebuild if one needs it.
fn apply_run(
    changes: &[Change],
    run: &[usize],
    done: &[bool],
    table: &str,
    mut rebuild: bool,
    schema: &mut Schema,
    steps: &mut Planned,
) {
    let Some(old) = schema.tables.get(table).cloned() else { return };
    // None of these changes affects another table.
    let mut state = Schema { tables: [(table.to_owned(), old.clone())].into() };
    let mut in_place = Vec::new();
    for &at in run {
        let Some(before) = state.tables.get(table).cloned() else { continue };
        changes[at].apply(&mut state);
        let Some(after) = state.tables.get(table) else { continue };
        match alone(&changes[at], &before, after, steps.ask) {
            Some(statements) => in_place.extend(statements),
            None => rebuild = true,
        }
    }
    if rebuild && let Some(new) = state.tables.get(table) {
        let own: Vec<&Change> = run.iter().map(|at| &changes[*at]).collect();
        let rowid = rebuild::find_rowid(&old, new);
        let (from, document) = source(&own, &old, new, rowid, steps.ask);
        let mut values = values(&own, &old, new, &document);
        values.extend(rowid.map(|name| (name.to_owned(), SqlExpr::Column(name.to_owned()))));
        // References can point to fields that other tables get later.
        let mut ahead = schema.clone();
        ahead.tables.insert(table.to_owned(), new.clone());
        let later = changes.iter().zip(done).filter(|(_, done)| !**done);
        later
            .filter(|(change, _)| matches!(change.fact, Fact::FieldAdded { .. }))
            .for_each(|(change, _)| change.apply(&mut ahead));
        let mut statements = rebuild::rebuild(HERE, &old, new, &ahead, from, values);
        if new.key_fields().any(|key| key.identity) && new.key().len() == 1 {
            let (from, to) = (old.path(), rebuild::temporary(&old, new));
            statements.insert(1, Statement::CopySequence { from, to });
        }
        steps.statements.extend(statements);
        steps.rebuild = true;
    } else {
        steps.statements.extend(in_place);
    }
    schema.tables.extend(state.tables);
}

/// Returns the statements of a change that needs no rebuild; `None` if it needs one.
fn alone(change: &Change, old: &Table, new: &Table, ask: bool) -> Option<Vec<Statement>> {
    let in_columns = new.layout == Layout::Columns;
    if !Implied::between(HERE, old, new).is_empty() {
        return None;
    }
    let alter = |action| vec![Statement::Alter { table: new.path(), action }];
    let own = match &change.fact {
        Fact::FieldAdded { field, backfill } if in_columns => {
            let field = new.field(&field.name)?;
            let column = ColumnDefinition { primary_key: false, ..table::column(new, field) };
            let can_be_added = match &column.default {
                None | Some(ColumnDefault::Value(_)) => true,
                Some(ColumnDefault::Generated(generated)) => !generated.stored,
                Some(ColumnDefault::Now | ColumnDefault::Sql(_) | ColumnDefault::Identity) => false,
            };
            let filled = backfill.is_none() && (!column.not_null || column.default.is_some());
            (can_be_added && filled).then(|| alter(Alter::AddColumn(column)))?
        }
        Fact::FieldRemoved(field) if in_columns => {
            alter(Alter::DropColumn(field.column().to_owned()))
        }
        Fact::VariantsRenamed { field, .. } if in_columns => {
            let before = old.field(field)?;
            // The default contains the old name of the variant.
            if before.default != new.field(field)?.default {
                return None;
            }
            let column = before.column().to_owned();
            let (only, value) =
                fill::renamed_variants(change, before, Place::Column(column.clone()))?;
            vec![Statement::Fill { table: new.path(), column, value, only: Some(only) }]
        }
        Fact::TypeChanged { field, .. } if in_columns || new.is_key(field) => {
            same_values(old.field(field)?, new.field(field)?, ask).then(Vec::new)?
        }
        Fact::DefaultChanged { field, .. } | Fact::StampChanged { field, .. } if in_columns => {
            let text = |table: &Table| {
                let column = table::column(table, table.field(field)?);
                dialect::print_default(HERE, &column)
            };
            (text(old) == text(new)).then(Vec::new)?
        }
        Fact::BecameOptional { .. } | Fact::BecameRequired { .. } if in_columns => return None,
        Fact::GeneratedChanged { .. } | Fact::IdentityChanged { .. } => return None,
        Fact::Index(ItemChange::Added(name, index)) => create(new, name, index),
        Fact::Index(ItemChange::Removed(name, index)) => drop_index(name, index),
        Fact::Index(ItemChange::Changed(name, from, to))
            if print_index(new, name, from) == print_index(new, name, to) =>
        {
            Vec::new() // only the index on PostgreSQL changed
        }
        Fact::Index(ItemChange::Changed(name, from, to)) => {
            drop_index(name, from).into_iter().chain(create(new, name, to)).collect()
        }
        Fact::Index(ItemChange::Renamed(from, to)) => {
            let index = new.indexes.get(to)?;
            drop_index(from, index).into_iter().chain(create(new, to, index)).collect()
        }
        Fact::TrackAdded(
            column @ (Tracked::Version | Tracked::DeletedTxid | Tracked::DeletedAt),
        ) => {
            let index = table::tracked_index(new, *column).map(Statement::CreateIndex);
            let add = alter(Alter::AddColumn(table::tracked_column(*column)));
            add.into_iter().chain(index).collect()
        }
        Fact::TrackRemoved(column) => {
            let index = table::tracked_index(old, *column);
            let drop = index.map(|index| Statement::drop_index(index.name));
            let drop = drop.into_iter().chain(rebuild::purge(new, *column));
            drop.chain(alter(Alter::DropColumn(column.name().to_owned()))).collect()
        }
        // Only the condition for PostgreSQL changed.
        Fact::Check(ItemChange::Changed(_, from, to)) if from.sqlite == to.sqlite => Vec::new(),
        Fact::KeyChanged { .. }
        | Fact::TrackAdded(_)
        | Fact::LayoutChanged { .. }
        | Fact::Check(_)
        | Fact::Reference(_) => return None,
        Fact::TablePermChanged { .. }
        | Fact::SharedChanged { .. }
        | Fact::PartitionChanged { .. }
        | Fact::PermChanged { .. }
        | Fact::CommentChanged { .. }
        | Fact::FieldAdded { .. }
        | Fact::FieldRemoved(_)
        | Fact::FieldRenamed { .. }
        | Fact::ColumnChanged { .. }
        | Fact::TypeChanged { .. }
        | Fact::VariantsRenamed { .. }
        | Fact::DefaultChanged { .. }
        | Fact::StampChanged { .. }
        | Fact::BecameOptional { .. }
        | Fact::BecameRequired { .. }
        | Fact::KeptChanged { .. }
        | Fact::BadHint { .. } => Vec::new(),
        Fact::TableAdded(_)
        | Fact::TableRemoved(_)
        | Fact::External { .. }
        | Fact::TableRenamed { .. }
        | Fact::PointerChanged { .. } => unreachable!("planned elsewhere"),
    };
    let changed = implied::changed_indexes(HERE, change, old, new);
    let drops = changed.iter().map(|index| Statement::drop_index(index.name.clone()));
    let mut statements: Vec<Statement> = drops.collect();
    statements.extend(own);
    if let Some(step) = documents::find_step(HERE, change, old, new, ask) {
        statements.push(documents::fill(new, step));
    }
    statements.extend(changed.into_iter().map(Statement::CreateIndex));
    Some(statements)
}

/// Creates an index of the user, if SQLite supports its method.
fn create(table: &Table, name: &str, index: &Index) -> Vec<Statement> {
    let create = || Statement::CreateIndex(table::index(table, name, index));
    HERE.has(index.method).then(create).into_iter().collect()
}

/// Prints the statement that creates an index of the user, if SQLite supports its method.
fn print_index(table: &Table, name: &str, index: &Index) -> Option<String> {
    let statements = create(table, name, index);
    statements.first().map(|statement| dialect::print_statement(HERE, statement))
}

fn drop_index(name: &str, index: &Index) -> Vec<Statement> {
    let drop = || Statement::drop_index(name.to_owned());
    HERE.has(index.method).then(drop).into_iter().collect()
}

/// Whether a type change keeps the stored values of a column.
fn same_values(old: &Field, new: &Field, ask: bool) -> bool {
    let kind = |field: &Field| ColumnKind::Field {
        ty: field.ty.clone(),
        sql_type: field.sql_type.clone(),
    };
    let (from, to) = (kind(old), kind(new));
    fill::same_kind(HERE, &from, &to)
        && match dialect::convert_column(HERE, "value", &from, &to) {
            Conversion::Same => true,
            Conversion::By(_) | Conversion::Checked(_) => false,
            Conversion::Unknown => !ask,
        }
}

/// Returns the values of the columns of the new form, computed from a row of the old one.
fn values(
    changes: &[&Change],
    old: &Table,
    new: &Table,
    document: &SqlExpr,
) -> Vec<(String, SqlExpr)> {
    if old.layout != new.layout {
        return rebuild::across_layouts(changes, old, new);
    }
    let old_columns = table::columns(old);
    let value = |column: &ColumnDefinition| {
        let same = old_columns.iter().find(|other| other.name == column.name);
        match &column.kind {
            ColumnKind::Data => document.clone(),
            ColumnKind::Tracked(tracked) => match same {
                Some(_) => SqlExpr::Column(column.name.clone()),
                None => SqlExpr::Before(*tracked),
            },
            kind => {
                let field = new.schema.iter().find(|field| field.column() == column.name);
                let field = field.expect("a column of a field has its field");
                match same {
                    Some(from) => {
                        let own = || {
                            let of = |change: &&&Change| change.field() == Some(&field.name);
                            changes.iter().filter(of)
                        };
                        let (value, from) = renamed(own(), from, &field.name, old);
                        let replaced = own().find_map(|change| fill::replaced_variants(change));
                        let value = match replaced {
                            Some((gone, replaced)) => {
                                let place = Place::Column(column.name.clone());
                                let only = SqlExpr::OneOf(Box::new(place), gone);
                                SqlExpr::Case(Box::new(only), Box::new(replaced), Box::new(value))
                            }
                            None => value,
                        };
                        let value = if from.kind == *kind {
                            value
                        } else {
                            SqlExpr::Convert(
                                Box::new(value),
                                Box::new(from.kind),
                                Box::new(kind.clone()),
                            )
                        };
                        if !from.not_null && column.not_null {
                            value.or_else(fill::value_for_null(
                                old,
                                field,
                                fill::find_backfill(changes, field),
                            ))
                        } else {
                            value
                        }
                    }
                    // The new key of a document table.
                    None if new.layout == Layout::Document => {
                        SqlExpr::KeyAsColumn(column.name.clone(), Box::new(kind.clone()), true)
                    }
                    None => {
                        let backfill = fill::find_backfill(changes, field);
                        fill::value_for_old_rows(field, backfill).unwrap_or(SqlExpr::Null)
                    }
                }
            }
        }
    };
    let columns = table::columns(new).into_iter().filter(|column| !column.is_generated());
    columns.map(|column| (column.name.clone(), value(&column))).collect()
}

/// Returns a column of the old table with renamed variants, if the changes rename variants, and its
/// field after that.
fn renamed<'a>(
    changes: impl Iterator<Item = &'a &'a Change>,
    column: &ColumnDefinition,
    field: &str,
    old: &Table,
) -> (SqlExpr, ColumnDefinition) {
    let (mut value, mut table) = (SqlExpr::Column(column.name.clone()), old.clone());
    for change in changes {
        let place = Place::Column(column.name.clone());
        let made = table.field(field).and_then(|of| fill::renamed_variants(change, of, place));
        if let Some((_, made)) = made {
            value = made;
            let mut state = Schema { tables: [(change.table.clone(), table.clone())].into() };
            change.apply(&mut state);
            table = state.tables.remove(&change.table).unwrap_or(table);
        }
    }
    let now = table.field(field).map(|field| table::column(&table, field));
    (value, now.unwrap_or_else(|| column.clone()))
}

/// Returns the rows of the old table with the changes of their documents applied: a `SELECT` for each
/// change but the last, which is applied while the rows are copied. With `rowid`, the rows have a
/// column of that name as well.
fn source(
    changes: &[&Change],
    old: &Table,
    new: &Table,
    rowid: Option<&str>,
    ask: bool,
) -> (RowSource, SqlExpr) {
    let names = table::columns(old).into_iter().map(|column| column.name);
    let names: Vec<String> = names.chain(rowid.map(str::to_owned)).collect();
    let mut source = RowSource::Table(old.path());
    let data = || SqlExpr::Column(table::DATA.to_owned());
    let mut document = data();
    let steps =
        changes.iter().filter_map(|change| documents::find_step(HERE, change, old, new, ask));
    for step in steps {
        if document != data() {
            let value = |name: &String| {
                if name == table::DATA { document.clone() } else { SqlExpr::Column(name.clone()) }
            };
            let columns = names.iter().map(|name| (name.clone(), value(name))).collect();
            source = RowSource::Select(columns, Box::new(source));
        }
        let then = Box::new((step.to)(data()));
        document = SqlExpr::Case(Box::new(step.only), then, Box::new(data()));
    }
    (source, document)
}
