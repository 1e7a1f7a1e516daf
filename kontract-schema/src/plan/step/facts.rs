//! Fills the facts of a step from a typed statement of the planner.

use super::{NewIndex, Rename, Step};
use crate::dialect::{self, Dialect, name_in_path};
use crate::sql::ddl::{Alter, CreateIndex, Statement};
use crate::sql::run_mode::Mode;
use crate::sqltext::split_order;

/// Whether the database drops a table although other objects depend on it, so that the runner has to
/// look for them.
pub(super) fn leaves_others(dialect: Dialect) -> bool {
    !dialect.capabilities().alter_constraints
}

/// Whether a value of the statement has a placeholder.
pub(crate) fn has_placeholder(dialect: Dialect, statement: &Statement) -> bool {
    statement.values().into_iter().any(|value| dialect::has_placeholder(dialect, value))
}

/// Returns the step for a statement that runs in this mode.
pub(crate) fn of_statement(dialect: Dialect, run: Mode, statement: &Statement) -> Step {
    let sql = dialect::print_in_mode(dialect, run, statement);
    let converts = dialect::checks_values(dialect, statement);
    let placeholder = has_placeholder(dialect, statement);
    let step = Step { run, sql, converts, placeholder, ..Step::default() };
    let is_alone = run == Mode::Alone;
    let name = |path: &str| dialect.table_name(path);
    match statement {
        Statement::CreateTable(create) => Step { creates: vec![name(&create.name)], ..step },
        Statement::CreateNamespace(_) => Step { creates_other: true, ..step },
        Statement::DropTable { table, columns, indexes } if leaves_others(dialect) => Step {
            drops: vec![name(table)],
            drops_columns: columns.clone(),
            own_indexes: Some(indexes.clone()),
            ..step
        },
        Statement::DropTable { table, .. } => Step { drops: vec![name(table)], ..step },
        Statement::ReplaceTable { table, gone, indexes } => Step {
            drops: vec![name(table)],
            rebuilds: Some(name(table)),
            drops_columns: gone.clone(),
            own_indexes: Some(indexes.clone()),
            ..step
        },
        Statement::RenameTable { from, to } | Statement::MoveTable { from, to } => {
            Step { renames: vec![Rename { from: name(from), to: name(to) }], ..step }
        }
        Statement::CreateIndex(create) if is_alone => {
            Step { index: Some(new_index(dialect, create)), transactional: true, ..step }
        }
        Statement::CreateIndex(create) => Step { objects: vec![create.name.clone()], ..step },
        Statement::DropIndex { name, .. } => {
            let drops_index = Some(name_in_path(name).to_owned());
            Step { drops_index, transactional: is_alone, ..step }
        }
        Statement::RenameIndex { from, to } => {
            Step { objects: vec![name_in_path(from).to_owned(), to.clone()], ..step }
        }
        Statement::Alter { action, .. } => match action {
            Alter::DropColumn(name) | Alter::RenameColumn { from: name, .. } => {
                Step { drops_columns: vec![name.clone()], ..step }
            }
            Alter::Validate(_) => Step { repeatable: is_alone, transactional: is_alone, ..step },
            _ => step,
        },
        Statement::CreateType { .. } => Step { creates_other: true, ..step },
        // A new variant may be used once the transaction that adds it is committed.
        Statement::AddVariant { .. } => Step { repeatable: is_alone, ..step },
        Statement::DropType { .. }
        | Statement::RenameType { .. }
        | Statement::RenameVariant { .. }
        | Statement::EnsureConstraint { .. }
        | Statement::Comment { .. }
        | Statement::SetSequence { .. }
        | Statement::CopySequence { .. }
        | Statement::Fill { .. }
        | Statement::Copy { .. }
        | Statement::Delete { .. } => step,
    }
}

fn new_index(dialect: Dialect, create: &CreateIndex) -> NewIndex {
    let parts = dialect::print_index_parts(dialect, create);
    NewIndex {
        name: create.name.clone(),
        table: dialect.table(&create.table),
        parts: parts.iter().map(|part| split_order(dialect, part).0.to_owned()).collect(),
        condition: dialect::print_index_condition(dialect, create),
        unique: create.unique,
        nulls_equal: create.nulls_not_distinct,
    }
}
