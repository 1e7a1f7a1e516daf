//! Columns that the database numbers or computes.

use crate::dialect::Dialect;
use crate::model::{Field, Generated, Table};
use crate::sql::ddl::{Alter, ColumnDefinition, SqlExpr, Statement};
use crate::sql::table;

/// Numbers the rows of a table from now on, or does not any more. An existing `serial` column has a
/// default in place of an identity.
pub fn change_identity(table: &Table, field: &str, to: bool) -> Vec<Statement> {
    let Some(column) = table.field(field).map(|field| field.column().to_owned()) else {
        return Vec::new();
    };
    let alter = |action| Statement::Alter { table: table.path(), action };
    if to {
        let sequence = Statement::SetSequence { table: table.path(), column: column.clone() };
        // An existing key may be a `serial` column.
        let drop = alter(Alter::DropDefault(column.clone()));
        vec![drop, alter(Alter::AddIdentity(column)), sequence]
    } else {
        vec![alter(Alter::DropIdentity(column.clone())), alter(Alter::DropDefault(column))]
    }
}

/// Changes how a column is computed. Only a stored column can become a plain one in place; in all
/// other cases the column is created again.
pub fn change_generated(
    table: &Table,
    field: &str,
    from: Option<&Generated>,
    to: Option<&Generated>,
) -> Vec<Statement> {
    let Some(field) = table.field(field) else { return Vec::new() };
    let alter = |action| Statement::Alter { table: table.path(), action };
    let name = || field.column().to_owned();
    match (from, to) {
        (Some(from), None) if from.stored => {
            let column = table::column(table, field);
            let default = column.default.is_some().then(|| alter(Alter::SetDefault(column)));
            [alter(Alter::DropExpression(name()))].into_iter().chain(default).collect()
        }
        (Some(from), None) => {
            let column = table::column(table, field);
            let bare = ColumnDefinition { not_null: false, default: None, ..column.clone() };
            let value =
                SqlExpr::Given(Box::new(from.sql.clone()), field.ty.clone(), column.not_null);
            let fill = super::fill_null(table, &column.name, value);
            let not_null = column.not_null.then(|| alter(Alter::SetNotNull(name())));
            let default = column.default.is_some().then(|| alter(Alter::SetDefault(column)));
            let statements =
                [alter(Alter::DropColumn(name())), alter(Alter::AddColumn(bare)), fill];
            statements.into_iter().chain(not_null).chain(default).collect()
        }
        _ => {
            let (drop, add) = create_again(table, field);
            [drop].into_iter().chain(add).collect()
        }
    }
}

/// Returns the statements that drop the columns computed from a column, whose type PostgreSQL does
/// not change under them, and those that create them again.
pub fn detach_dependents(table: &Table, column: &str) -> (Vec<Statement>, Vec<Statement>) {
    let depends = |field: &&Field| {
        let expression = field.generated.as_ref();
        expression.is_some_and(|generated| table::mentions(&generated.sql, column))
    };
    let (mut drops, mut adds) = (Vec::new(), Vec::new());
    for field in table.schema.iter().filter(depends) {
        let (drop, add) = create_again(table, field);
        drops.push(drop);
        adds.extend(add);
    }
    (drops, adds)
}

/// Returns the statement that drops a generated column, its indexes and checks with it, and those
/// that create them again.
fn create_again(table: &Table, field: &Field) -> (Statement, Vec<Statement>) {
    let alter = |action| Statement::Alter { table: table.path(), action };
    let column = ColumnDefinition { primary_key: false, ..table::column(table, field) };
    let drop = alter(Alter::DropColumn(column.name.clone()));
    let mut adds = vec![alter(Alter::AddColumn(column))];
    for (name, index) in &table.indexes {
        if Dialect::Postgres.has(index.method) && table::is_on(index, field) {
            adds.push(Statement::CreateIndex(table::index(table, name, index)));
        }
    }
    let one_of = table::one_of(table, field, super::HERE);
    let checks = table.checks.iter().filter(|(_, sql)| table::mentions(sql, field.column()));
    let own = checks.map(|(name, sql)| table::check(name, sql));
    adds.extend(own.chain(one_of).map(|check| alter(Alter::AddConstraint(check))));
    (drop, adds)
}
