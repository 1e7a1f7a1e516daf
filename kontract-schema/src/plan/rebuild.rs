//! A table in a new form: created beside the old one, filled from it, and put in its place.

use super::fill::{find_backfill, value_for_old_rows};
use crate::change::Change;
use crate::dialect::{Dialect, ROWID_NAMES, create_comments, is_rowid, name_in_path};
use crate::model::{Layout, Schema, Table};
use crate::name;
use crate::sql::ddl::{ColumnKind, CreateTable, RowSource, SqlExpr, Statement, Tracked};
use crate::sql::table::{self, has_soft_delete, index_names};

/// Builds the new form of the table beside the old one, copies the rows, replaces the old table, and
/// creates the indexes again.
pub fn rebuild(
    dialect: Dialect,
    old: &Table,
    new: &Table,
    schema: &Schema,
    from: RowSource,
    values: Vec<(String, SqlExpr)>,
) -> Vec<Statement> {
    let create = table::create(new, schema, dialect);
    let create = CreateTable { name: temporary(old, new), if_not_exists: false, ..create };
    // Without the mark, deleted rows are not copied.
    let only = (has_soft_delete(old) && !has_soft_delete(new)).then(SqlExpr::is_live);
    let kept: Vec<&String> = create.columns.iter().map(|column| &column.name).collect();
    let old_columns = table::columns(old).into_iter().map(|column| column.name);
    let gone = old_columns.filter(|name| !kept.contains(&name)).collect();
    let mut statements = vec![
        Statement::CreateTable(create),
        Statement::Copy { from, to: temporary(old, new), columns: values, only },
        Statement::ReplaceTable { table: old.path(), gone, indexes: index_names(old, dialect) },
        Statement::RenameTable { from: temporary(old, new), to: old.path() },
    ];
    if old.path() != new.path() {
        // A separate step, which the references of other tables follow.
        statements.extend(rename(dialect, &old.path(), &new.path()));
    }
    statements.extend(create_comments(dialect, new));
    let indexes = table::indexes(new, dialect).into_iter();
    statements.extend(indexes.map(Statement::CreateIndex));
    statements
}

/// Returns the name of SQLite's rowid if the rows have to keep it in a rebuild: the new form has no
/// integer key, which is the rowid. Others may refer to rows by it, such as a full-text index with
/// external content. `None` also if columns have all of its names, so that it cannot be named.
pub fn find_rowid(old: &Table, new: &Table) -> Option<&'static str> {
    let columns = [table::columns(old), table::columns(new)].concat();
    if table::columns(new).iter().any(is_rowid) {
        return None;
    }
    let is_free = |name: &&str| !columns.iter().any(|one| one.name.eq_ignore_ascii_case(name));
    ROWID_NAMES.into_iter().find(is_free)
}

/// Returns the statements that give a table another path.
pub fn rename(dialect: Dialect, from: &str, to: &str) -> Vec<Statement> {
    let namespace = |path: &str| path.split_once('/').map(|(namespace, _)| namespace.to_owned());
    if namespace(from) == namespace(to) {
        return vec![Statement::RenameTable { from: from.to_owned(), to: to.to_owned() }];
    }
    let between = match namespace(to) {
        Some(namespace) => format!("{namespace}/{}", name_in_path(from)),
        None => name_in_path(from).to_owned(),
    };
    let create = namespace(to).filter(|_| dialect.capabilities().namespaces);
    let create = create.map(Statement::CreateNamespace);
    let moved = Statement::MoveTable { from: from.to_owned(), to: between.clone() };
    let renamed = Statement::RenameTable { from: between.clone(), to: to.to_owned() };
    create.into_iter().chain([moved]).chain((between != to).then_some(renamed)).collect()
}

/// Returns the name of a table while it is built beside the table that it replaces.
pub fn temporary(old: &Table, new: &Table) -> String {
    old.path_of(&name::join(&["_kontract_new", &new.ptr]))
}

/// Returns the statement that deletes the rows marked as deleted, before the mark is dropped: without
/// the mark they would be live rows again.
pub fn purge(table: &Table, gone: Tracked) -> Option<Statement> {
    let (table, only) = (table.path(), !SqlExpr::is_live());
    (gone == Tracked::DeletedTxid).then_some(Statement::Delete { table, only })
}

/// Returns the values of a table's columns when its layout changes.
pub fn across_layouts(changes: &[&Change], old: &Table, new: &Table) -> Vec<(String, SqlExpr)> {
    let old_columns = table::columns(old);
    let value = |name: &str, kind: &ColumnKind| match kind {
        ColumnKind::Data => {
            let keys = new.schema.iter().filter_map(|field| {
                let from = old.field(&field.name)?;
                let value = SqlExpr::ColumnAsJson(from.column().to_owned(), from.ty.clone());
                Some((field.column().to_owned(), value))
            });
            SqlExpr::Document(keys.collect())
        }
        ColumnKind::Tracked(tracked) if old_columns.iter().any(|column| column.name == name) => {
            SqlExpr::Column(tracked.name().to_owned())
        }
        ColumnKind::Tracked(tracked) => SqlExpr::Before(*tracked),
        ColumnKind::Field { .. } => {
            let field = new.schema.iter().find(|field| field.column() == name);
            let from = field.and_then(|field| old.field(&field.name));
            match (field, from) {
                (_, Some(from)) if old.is_key(&from.name) || old.layout == Layout::Columns => {
                    SqlExpr::Column(from.column().to_owned())
                }
                (Some(field), Some(from)) => SqlExpr::KeyAsColumn(
                    from.column().to_owned(),
                    Box::new(kind.clone()),
                    !field.optional,
                ),
                (Some(field), None) => value_for_old_rows(field, find_backfill(changes, field))
                    .unwrap_or(SqlExpr::Null),
                (None, _) => SqlExpr::Null,
            }
        }
    };
    let columns = table::columns(new).into_iter().filter(|column| !column.is_generated());
    columns.map(|column| (column.name.clone(), value(&column.name, &column.kind))).collect()
}
