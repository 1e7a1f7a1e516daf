//! Tables that are divided into partitions in another way, or by a column of another type. PostgreSQL
//! changes neither in place, so the rows are copied into a new table. The user adds its partitions.

use super::{HERE, fill};
use crate::change::{Change, Fact};
use crate::dialect::{self, Conversion};
use crate::model::{Schema, Table};
use crate::plan::rebuild;
use crate::sql::ddl::{
    Alter, ColumnDefinition, ConstraintRule, RowSource, SqlExpr, Statement, Tracked,
};
use crate::sql::table;

/// Whether PostgreSQL cannot make the change in the table that is there.
pub fn replaces_table(change: &Change, old: &Table, new: &Table) -> bool {
    match &change.fact {
        Fact::PartitionChanged { .. } => true,
        Fact::TypeChanged { field, .. } => {
            let key = new.partition_by.as_ref();
            let (Some(before), Some(after)) = (old.field(field), new.field(field)) else {
                return false;
            };
            let (before, after) = (table::column(old, before), table::column(new, after));
            key.is_some_and(|key| key.fields.contains(field))
                && before.kind != after.kind
                && !keeps_values(&before, &after)
        }
        _ => false,
    }
}

fn keeps_values(before: &ColumnDefinition, after: &ColumnDefinition) -> bool {
    let converted = dialect::convert_column(HERE, "value", &before.kind, &after.kind);
    converted == Conversion::Same && fill::same_kind(HERE, &before.kind, &after.kind)
}

/// Builds the new form of the table, copies the rows and replaces the old table, without its references
/// and those of other tables. Keys and constraints that have an index get their names when the old ones
/// are gone.
pub fn replace_table(old: &Table, new: &Table, schema: &Schema) -> Vec<Statement> {
    let columns = table::columns(new).into_iter().filter(|column| !column.is_generated());
    let value = |column: ColumnDefinition| {
        let own = SqlExpr::Column(column.name.clone());
        let before = table::columns(old).into_iter().find(|other| other.name == column.name);
        let value = match before {
            Some(before) if !keeps_values(&before, &column) => {
                SqlExpr::Convert(Box::new(own), Box::new(before.kind), Box::new(column.kind))
            }
            _ => own,
        };
        (column.name, value)
    };
    let values = columns.map(value).collect();
    let mut statements =
        rebuild::rebuild(HERE, old, new, schema, RowSource::Table(old.path()), values);
    let mut temporary = new.clone();
    temporary.set_path(&rebuild::temporary(old, new));
    let (from, to) = (table::key_name(&temporary), table::key_name(new));
    let mut uniques = Vec::new();
    if let Some(Statement::CreateTable(create)) = statements.first_mut() {
        for mut constraint in std::mem::take(&mut create.constraints) {
            match constraint.rule {
                ConstraintRule::References { .. } => {}
                ConstraintRule::Unique(_) => uniques.push(Alter::AddConstraint(constraint)),
                _ => {
                    if matches!(constraint.rule, ConstraintRule::PrimaryKey(_)) {
                        constraint.name.clone_from(&from);
                    }
                    create.constraints.push(constraint);
                }
            }
        }
    }
    let alter = |action| Statement::Alter { table: new.path(), action };
    if !new.keyless {
        statements.push(alter(Alter::RenameConstraint { from, to }));
    }
    statements.extend(uniques.into_iter().map(alter));
    statements.extend(set_sequences(new));
    statements
}

/// Returns the statements after which a table whose rows were copied gives new numbers.
pub fn set_sequences(table: &Table) -> impl Iterator<Item = Statement> {
    let identities = table.schema.iter().filter(|field| field.identity);
    let identities = identities.map(|field| field.column().to_owned());
    let order = table::tracked(table).find(|column| *column == Tracked::Order);
    let columns = identities.chain(order.map(|column| column.name().to_owned()));
    columns.map(|column| Statement::SetSequence { table: table.path(), column })
}
