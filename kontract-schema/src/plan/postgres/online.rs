//! Rewrites statements so that they block running programs as little as possible: constraints are
//! added `NOT VALID` and validated at the end, indexes are built concurrently, existing rows get values
//! in batches. One transaction becomes several steps, which the runner records in its journal.
//!
//! | statement | becomes |
//! |---|---|
//! | `CREATE INDEX` | `CREATE INDEX CONCURRENTLY`, alone |
//! | `DROP INDEX` | `DROP INDEX CONCURRENTLY`, alone; of a unique one after `DROP CONSTRAINT IF EXISTS` |
//! | `DROP INDEX` and `CREATE INDEX` of one name | build the new index under another name, then swap |
//! | `ADD CONSTRAINT` | `… NOT VALID`, at the end `VALIDATE CONSTRAINT`, alone |
//! | `SET NOT NULL` | a CHECK that is `NOT VALID`, its validation, then `SET NOT NULL`, which then scans no rows |
//! | `ALTER TYPE … ADD VALUE` | the same, alone: the value may be used once it is committed |
//! | `UPDATE` of rows that lack a value | batches, each in its own transaction |
//!
//! Statements on tables that the same script creates stay as they are: those tables are empty and unused.
//! On a table that is divided into partitions PostgreSQL builds and drops indexes only within a transaction,
//! adds foreign keys only together with their validation (before version 18), and `ctid` does not identify a
//! row: the statements about these stay as they are, too.

use std::collections::{BTreeMap, BTreeSet};

use crate::change::{Change, Fact, ItemChange};
use crate::dialect::{Dialect, name_in_path};
use crate::model::{Schema, Table};
use crate::name;
use crate::plan::{implied, placeholders};
use crate::sql::ddl::{Alter, Constraint, ConstraintRule, SqlExpr, Statement};
use crate::sql::run_mode::Mode;
use crate::sql::table;

/// What statements alone do not tell of the tables that they change.
#[derive(Default)]
pub struct TableForms {
    /// The paths of tables that are divided into partitions.
    partitioned: BTreeSet<String>,
    /// The paths of their indexes.
    partitioned_indexes: BTreeSet<String>,
    /// The paths of unique indexes that changes drop, with those of their tables. In a database that was
    /// taken over, such an index may be that of a constraint.
    unique: BTreeMap<String, String>,
}

impl TableForms {
    /// Reads the schemas before and after the changes.
    pub fn read(old: &Schema, new: &Schema, changes: &[Change]) -> TableForms {
        let mut forms = TableForms::default();
        let tables = old.tables.values().chain(new.tables.values());
        for table in tables.filter(|table| table.partition_by.is_some()) {
            forms.partitioned.insert(table.path());
            let indexes = table::all_indexes(table, Dialect::Postgres).into_iter();
            forms.partitioned_indexes.extend(indexes.map(|index| table.path_of(&index.name)));
        }
        for change in changes {
            let Fact::Index(ItemChange::Removed(name, index) | ItemChange::Changed(name, index, _)) =
                &change.fact
            else {
                continue;
            };
            let has_other = |table: &&Table| {
                table.checks.contains_key(name) || table.references.contains_key(name)
            };
            let table = new.tables.get(&change.table).filter(|table| !has_other(table));
            if let Some(table) = table.filter(|_| index.unique && !table::is_constraint(index)) {
                forms.unique.insert(table.path_of(name), table.path());
            }
        }
        forms
    }
}

/// Returns the statements with their modes.
pub fn online(statements: Vec<Statement>, forms: TableForms) -> Vec<(Mode, Statement)> {
    let mut script = Script { fresh: fresh(&statements), forms, ..Script::default() };
    let mut rest = statements.into_iter().peekable();
    while let Some(statement) = rest.next() {
        match (statement, rest.peek()) {
            (Statement::DropIndex { name, .. }, Some(Statement::CreateIndex(create)))
                if create.name == name_in_path(&name) && script.builds_alone(&create.table) =>
            {
                let Some(Statement::CreateIndex(mut create)) = rest.next() else { break };
                let to = create.name;
                create.name = name::join(&["_kontract_new", &to]);
                let from = match name.split_once('/') {
                    Some((namespace, _)) => format!("{namespace}/{}", create.name),
                    None => create.name.clone(),
                };
                script.index(create);
                script.drop_index(name, Mode::Together);
                script.push(Statement::RenameIndex { from, to });
            }
            (Statement::CreateIndex(create), _) if script.builds_alone(&create.table) => {
                script.index(create);
            }
            (Statement::DropIndex { name, .. }, _) => {
                let waits = script.forms.partitioned_indexes.contains(&name);
                script.drop_index(name, if waits { Mode::Together } else { Mode::Alone });
            }
            (add @ Statement::AddVariant { .. }, _) => script.steps.push((Mode::Alone, add)),
            (Statement::Alter { table, action }, _) if !script.fresh.contains(&table) => {
                script.alter(table, action);
            }
            (Statement::Fill { table, column, value, only: Some(only) }, next)
                if is_batched(&value, &only) && script.builds_alone(&table) =>
            {
                // New rows have the value from the beginning.
                if let Some(Statement::Alter { table, action: Alter::SetNotNull(column) }) = next
                    && only == SqlExpr::Column(column.clone()).is_null()
                {
                    script.demand(table.clone(), column);
                }
                if let Some(Statement::Alter { action: Alter::AddConstraint(constraint), .. }) =
                    next
                    && brings(&value, &only, &constraint.rule)
                    && let Some(Statement::Alter { table, action }) = rest.next()
                {
                    script.alter(table, action);
                }
                let fill = Statement::Fill { table, column, value, only: Some(only) };
                script.steps.push((Mode::Repeat, fill));
            }
            (statement, _) => script.push(statement),
        }
    }
    script.end()
}

/// Returns the tables that the script creates, with all of their names.
fn fresh(statements: &[Statement]) -> BTreeSet<String> {
    let mut fresh = BTreeSet::new();
    for statement in statements {
        match statement {
            Statement::CreateTable(create) => drop(fresh.insert(create.name.clone())),
            Statement::RenameTable { from, to } | Statement::MoveTable { from, to }
                if fresh.contains(from) =>
            {
                fresh.insert(to.clone());
            }
            _ => {}
        }
    }
    fresh
}

/// Whether rows that got their value no longer match the condition of the update.
fn is_batched(value: &SqlExpr, only: &SqlExpr) -> bool {
    let is_value = match value {
        SqlExpr::WithKey(_, _, value) => {
            matches!(**value, SqlExpr::Literal(..) | SqlExpr::Now(_) | SqlExpr::Variants(_))
        }
        value => matches!(
            value,
            SqlExpr::Literal(..)
                | SqlExpr::Now(_)
                | SqlExpr::Variants(_)
                | SqlExpr::RenamedKey(..)
                | SqlExpr::WithoutKey(..)
        ),
    };
    let is_mark = *only == SqlExpr::is_live() || *only == !SqlExpr::is_live();
    is_value && !placeholders::has_placeholder(value) && !is_mark
}

/// Whether the update makes all rows meet the constraint.
fn brings(value: &SqlExpr, only: &SqlExpr, rule: &ConstraintRule) -> bool {
    match (value, only, rule) {
        (
            SqlExpr::WithKey(_, key, _) | SqlExpr::RenamedKey(_, _, key),
            _,
            ConstraintRule::HasKey(other),
        ) => key == other,
        (_, SqlExpr::OneOf(place, _), ConstraintRule::OneOf(other, _)) => {
            implied::same_place(place, other)
        }
        _ => false,
    }
}

#[derive(Default)]
struct Script {
    fresh: BTreeSet<String>,
    forms: TableForms,
    steps: Vec<(Mode, Statement)>,
    /// The constraints to validate: table and name.
    unproven: Vec<(String, String)>,
    /// The columns that contain no NULL after the validation: table and name.
    filled: Vec<(String, String)>,
}

impl Script {
    /// Whether indexes of the table are built, and its rows changed, in steps of their own.
    fn builds_alone(&self, table: &str) -> bool {
        !self.fresh.contains(table) && !self.forms.partitioned.contains(table)
    }

    fn push(&mut self, statement: Statement) {
        let waiting = [&mut self.unproven, &mut self.filled];
        match &statement {
            Statement::DropTable { table, .. } | Statement::ReplaceTable { table, .. } => {
                waiting.into_iter().for_each(|list| list.retain(|(of, _)| of != table));
            }
            Statement::RenameTable { from, to } | Statement::MoveTable { from, to } => {
                for (of, _) in waiting.into_iter().flatten().filter(|(of, _)| of == from) {
                    of.clone_from(to);
                }
            }
            _ => {}
        }
        self.steps.push((Mode::Together, statement));
    }

    fn index(&mut self, create: crate::sql::ddl::CreateIndex) {
        self.steps.push((Mode::Alone, Statement::CreateIndex(create)));
    }

    /// Drops an index; where it may be that of a constraint, the constraint with it.
    fn drop_index(&mut self, name: String, mode: Mode) {
        let table = self.forms.unique.get(&name).cloned();
        let if_exists = table.is_some();
        if let Some(table) = table {
            let action = Alter::DropConstraintIfExists(name_in_path(&name).to_owned());
            self.push(Statement::Alter { table, action });
        }
        self.steps.push((mode, Statement::DropIndex { name, if_exists }));
    }

    fn alter(&mut self, table: String, action: Alter) {
        match action {
            Alter::AddConstraint(constraint)
                if can_wait(&constraint.rule) && !self.is_refused(&table, &constraint.rule) =>
            {
                self.unproven.push((table.clone(), constraint.name.clone()));
                let action = Alter::AddNotValid(constraint);
                self.push(Statement::Alter { table, action });
            }
            Alter::SetNotNull(column) => self.demand(table, &column),
            Alter::DropConstraint(name) => {
                self.unproven.retain(|(of, other)| (of, other) != (&table, &name));
                self.push(Statement::Alter { table, action: Alter::DropConstraint(name) });
            }
            action => self.push(Statement::Alter { table, action }),
        }
    }

    /// Whether PostgreSQL refuses the constraint with `NOT VALID`.
    fn is_refused(&self, table: &str, rule: &ConstraintRule) -> bool {
        matches!(rule, ConstraintRule::References { .. }) && self.forms.partitioned.contains(table)
    }

    /// Adds the CHECK that refuses new rows without a value for the column.
    fn demand(&mut self, table: String, column: &str) {
        let of = (table, column.to_owned());
        if self.filled.contains(&of) {
            return;
        }
        let name = proof(column);
        self.unproven.push((of.0.clone(), name.clone()));
        let constraint = Constraint { name, rule: ConstraintRule::NotNull(of.1.clone()) };
        let action = Alter::AddNotValid(constraint);
        self.push(Statement::Alter { table: of.0.clone(), action });
        self.filled.push(of);
    }

    fn end(mut self) -> Vec<(Mode, Statement)> {
        for (table, name) in std::mem::take(&mut self.unproven) {
            self.steps
                .push((Mode::Alone, Statement::Alter { table, action: Alter::Validate(name) }));
        }
        for (table, column) in std::mem::take(&mut self.filled) {
            let name = proof(&column);
            for action in [Alter::SetNotNull(column), Alter::DropConstraint(name)] {
                self.push(Statement::Alter { table: table.clone(), action });
            }
        }
        self.steps
    }
}

/// Returns the name of the CHECK that is used in place of NOT NULL until the column is validated.
fn proof(column: &str) -> String {
    name::join(&["_kontract", column, "not_null"])
}

fn can_wait(rule: &ConstraintRule) -> bool {
    matches!(
        rule,
        ConstraintRule::Check(_)
            | ConstraintRule::OneOf(..)
            | ConstraintRule::HasKey(_)
            | ConstraintRule::NotNull(_)
            | ConstraintRule::References { .. }
    )
}
