//! The statements of each change on PostgreSQL. ALTER TABLE supports all changes in place.

mod detached_references;
mod enum_types;
mod generated;
mod online;
mod partitions;

pub use self::online::{TableForms, online};

use self::detached_references::Detached;
use self::generated::{change_generated, change_identity};
use super::implied::Implied;
use super::{documents, fill, implied, rebuild, tables};
use crate::change::{Change, Fact, ItemChange};
use crate::dialect::{self, Conversion, Dialect};
use crate::model::{Field, ForeignKey, Index, Layout, Schema, Sql, Table};
use crate::sql::ddl::{
    Alter, ColumnDefault, ColumnDefinition, ColumnKind, CreateIndex, Place, RowSource, SqlExpr,
    Statement, Tracked,
};
use crate::sql::table;

const HERE: Dialect = Dialect::Postgres;

/// Applies the changes to `schema` and returns the statements.
pub fn steps(changes: &[Change], schema: &mut Schema, ask: bool) -> Vec<Statement> {
    let types = enum_types::plan_types(changes, schema);
    let mut statements = types.first.clone();
    let mut detached = Detached::default();
    let mut at = 0;
    while let Some(change) = changes.get(at) {
        statements.extend(detached.detach(at, changes, schema));
        let rest = &changes[at..];
        let taken = match change.fact {
            Fact::TableAdded(_) => {
                let (taken, create) = tables::plan_added(rest, schema, HERE);
                statements.extend(detached.postpone(at, changes, schema, create));
                taken
            }
            Fact::TableRemoved(_) => {
                let (taken, drops, closing) = tables::take_removed(rest, schema, HERE);
                statements.extend(closing.into_iter().map(|(table, name)| Statement::Alter {
                    table,
                    action: Alter::DropConstraint(name),
                }));
                statements.extend(drops);
                taken
            }
            Fact::External { .. } => {
                statements.extend(tables::plan_external(change, schema, HERE));
                1
            }
            _ => {
                let mut old = before(change, schema).cloned();
                old.iter_mut().for_each(|old| types.follow_renames(old));
                change.apply(schema);
                let is_detached = detached.rename(change);
                if let (Some(old), Some(new), false) =
                    (old, schema.tables.get(&change.table), is_detached)
                {
                    if partitions::replaces_table(change, &old, new) {
                        statements.extend(detached.detach_table(at, new, schema));
                        statements.extend(partitions::replace_table(&old, new, schema));
                    } else {
                        statements.extend(table_steps(change, &old, new, schema, &rest[1..], ask));
                    }
                }
                1
            }
        };
        at += taken;
        statements.extend(detached.attach(at - 1, schema));
    }
    statements.extend(types.last);
    statements
}

/// Combines consecutive type changes of one table into one statement: each statement would rewrite
/// the table.
pub fn rewritten_once(statements: Vec<Statement>) -> Vec<Statement> {
    let is_of_types = |action: &Alter| {
        matches!(action, Alter::SetType { .. } | Alter::DropDefault(_) | Alter::SetDefault(_))
    };
    let mut found: Vec<Statement> = Vec::new();
    for statement in statements {
        match (found.last_mut(), statement) {
            (
                Some(Statement::Alter { table: of, action: last }),
                Statement::Alter { table, action },
            ) if *of == table && is_of_types(&action) => match last {
                Alter::Several(all) => all.push(action),
                one if is_of_types(one) => {
                    *one = Alter::Several(vec![one.clone(), action]);
                }
                _ => found.push(Statement::Alter { table, action }),
            },
            (_, statement) => found.push(statement),
        }
    }
    // A table that is rewritten once at most keeps its statements.
    let rewrites = |action: &Alter| matches!(action, Alter::SetType { .. });
    let apart = |statement| match statement {
        Statement::Alter { table, action: Alter::Several(all) }
            if all.iter().filter(|action| rewrites(action)).count() < 2 =>
        {
            all.into_iter()
                .map(|action| Statement::Alter { table: table.clone(), action })
                .collect()
        }
        statement => vec![statement],
    };
    found.into_iter().flat_map(apart).collect()
}

/// Returns the table of a change before the change.
fn before<'a>(change: &Change, schema: &'a Schema) -> Option<&'a Table> {
    let name = match &change.fact {
        Fact::TableRenamed { from } => from,
        _ => &change.table,
    };
    schema.tables.get(name)
}

fn table_steps(
    change: &Change,
    old: &Table,
    new: &Table,
    schema: &Schema,
    later: &[Change],
    ask: bool,
) -> Vec<Statement> {
    let alter = |action| Statement::Alter { table: new.path(), action };
    if let Fact::LayoutChanged { .. } = change.fact {
        return change_layout(change, old, new, schema);
    }
    let mut statements = Vec::new();
    if let Fact::PointerChanged { from, to } = &change.fact {
        statements.extend(rebuild::rename(HERE, from, to));
    }
    let follows = in_place_rename(change, old, new);
    let implied = match &follows {
        Some(_) => Implied::default(),
        None => Implied::between(HERE, old, new),
    };
    let changed = match &follows {
        Some(_) => Vec::new(),
        None => implied::changed_indexes(HERE, change, old, new),
    };
    statements.extend(implied.first.into_iter().map(alter));
    let drop = |name: &String| Statement::drop_index(new.path_of(name));
    statements.extend(changed.iter().map(|index| drop(&index.name)));
    statements.extend(follows.into_iter().flatten().map(alter));
    statements.extend(own_steps(change, old, new, schema, later, ask));
    if let Some(step) = documents::find_step(HERE, change, old, new, ask) {
        statements.push(documents::fill(new, step));
    }
    statements.extend(changed.into_iter().map(Statement::CreateIndex));
    statements.extend(implied.last.into_iter().map(alter));
    statements
}

/// Returns the actions of a rename that indexes and checks follow by themselves; `None` for other
/// changes.
fn in_place_rename(change: &Change, old: &Table, new: &Table) -> Option<Vec<Alter>> {
    let (Fact::FieldRenamed { from, to } | Fact::ColumnChanged { from, to }) = &change.fact else {
        return None;
    };
    let field = new.field(&to.name)?;
    if old.layout == Layout::Document && !new.is_key(&field.name) {
        return None;
    }
    let mut actions = Vec::new();
    if documents::names_differ(&change.fact) {
        let (from, to) = (from.column().to_owned(), to.column().to_owned());
        actions.push(Alter::RenameColumn { from, to });
    }
    let name_of = |table: &Table, field: &str| {
        table.field(field).and_then(|field| table::one_of(table, field, HERE)).map(|one| one.name)
    };
    if let (Some(from), Some(to)) = (name_of(old, &from.name), name_of(new, &to.name))
        && from != to
    {
        actions.push(Alter::RenameConstraint { from, to });
    }
    Some(actions)
}

/// Returns the statements of a change without the constraints, indexes and documents that follow it.
fn own_steps(
    change: &Change,
    old: &Table,
    new: &Table,
    schema: &Schema,
    later: &[Change],
    ask: bool,
) -> Vec<Statement> {
    let alter = |action| Statement::Alter { table: new.path(), action };
    let in_columns = new.layout == Layout::Columns;
    let drop = |name: &String| alter(Alter::DropConstraint(name.clone()));
    match &change.fact {
        Fact::PointerChanged { .. } => follow_pointer(old, new),
        Fact::FieldAdded { field, backfill } if in_columns => {
            let Some(field) = new.field(&field.name) else { return Vec::new() };
            let mut statements = add_column(new, field, backfill.as_ref());
            statements.extend(field.comment.clone().map(|text| Statement::Comment {
                table: new.path(),
                column: Some(field.column().to_owned()),
                text: Some(text),
            }));
            statements
        }
        Fact::FieldRemoved(field) if in_columns => {
            vec![alter(Alter::DropColumn(field.column().to_owned()))]
        }
        Fact::VariantsRenamed { field, .. } if enum_types::is_of_type(old, new, field) => {
            Vec::new()
        }
        Fact::VariantsRenamed { field, .. } if in_columns || old.is_key(field) => {
            let Some(before) = old.field(field) else { return Vec::new() };
            let column = before.column().to_owned();
            let renamed = fill::renamed_variants(change, before, Place::Column(column.clone()));
            let fill = renamed.map(|(only, value)| Statement::Fill {
                table: new.path(),
                column,
                value,
                only: Some(only),
            });
            let default = change_default(old, new, field, false).map(alter);
            default.into_iter().chain(fill).collect()
        }
        Fact::TypeChanged { field, .. }
            if new.field(field).is_some_and(|field| field.generated.is_some()) =>
        {
            change_generated(new, field, None, None)
        }
        Fact::TypeChanged { field, .. } if in_columns || old.is_key(field) => {
            let set_later = later.iter().any(|other| changes_default(other, change));
            let column = column_of(new, field);
            let is_of_type = enum_types::is_of_type(old, new, field);
            let replace = fill::replaced_variants(change).filter(|_| !is_of_type);
            let fill = replace.map(|(gone, value)| Statement::Fill {
                table: new.path(),
                column: column.clone(),
                value,
                only: Some(SqlExpr::OneOf(Box::new(Place::Column(column)), gone)),
            });
            let asked = ask.then(|| ask_for(old, new, field)).flatten();
            let types = change_type(old, new, field, !set_later).into_iter().map(alter);
            let (drops, adds) = generated::detach_dependents(new, &column_of(new, field));
            let own = fill.into_iter().chain(asked);
            drops.into_iter().chain(own).chain(types).chain(adds).collect()
        }
        Fact::DefaultChanged { field, .. } | Fact::StampChanged { field, .. } if in_columns => {
            let typed_later = later.iter().any(|other| changes_default(change, other));
            change_default(old, new, field, typed_later).into_iter().map(alter).collect()
        }
        Fact::IdentityChanged { field, to } => change_identity(new, field, *to),
        Fact::GeneratedChanged { field, from, to } if in_columns => {
            change_generated(new, field, from.as_ref(), to.as_ref())
        }
        Fact::BecameOptional { field } if in_columns => {
            let columns = table::column_names(new, &[field]);
            columns.into_iter().map(|column| alter(Alter::DropNotNull(column))).collect()
        }
        Fact::BecameRequired { field, backfill } if in_columns => {
            let Some(field) = new.field(field) else { return Vec::new() };
            let column = field.column().to_owned();
            let fill = fill_null(new, &column, fill::value_for_null(old, field, backfill.as_ref()));
            vec![fill, alter(Alter::SetNotNull(column))]
        }
        Fact::CommentChanged { field, to, .. } => {
            let place = |name: &String| Some(table::place(new, new.field(name)?));
            let column = match field.as_ref().map(place) {
                None => None,
                Some(Some(Place::Column(column))) => Some(column),
                // A key of a document has no comment.
                Some(_) => return Vec::new(),
            };
            vec![Statement::Comment { table: new.path(), column, text: to.clone() }]
        }
        Fact::KeyChanged { .. } => change_key(old, new),
        Fact::Index(ItemChange::Added(name, index)) => vec![create_index(new, name, index)],
        Fact::Index(ItemChange::Removed(name, index)) => vec![drop_index(new, name, index)],
        Fact::Index(ItemChange::Changed(name, from, to)) => {
            let print = |index| dialect::print_statement(HERE, &create_index(new, name, index));
            if print(from) == print(to) {
                return Vec::new(); // only the index on SQLite changed
            }
            vec![drop_index(new, name, from), create_index(new, name, to)]
        }
        Fact::Index(ItemChange::Renamed(from, to)) => {
            vec![Statement::RenameIndex { from: new.path_of(from), to: to.clone() }]
        }
        Fact::Check(ItemChange::Added(name, sql)) => {
            vec![alter(Alter::AddConstraint(table::check(name, sql)))]
        }
        Fact::Check(ItemChange::Removed(name, _))
        | Fact::Reference(ItemChange::Removed(name, _)) => {
            vec![drop(name)]
        }
        // Only the condition for SQLite changed.
        Fact::Check(ItemChange::Changed(_, from, to)) if from.postgres == to.postgres => Vec::new(),
        Fact::Check(ItemChange::Changed(name, _, to)) => {
            vec![drop(name), alter(Alter::AddConstraint(table::check(name, to)))]
        }
        Fact::Check(ItemChange::Renamed(from, to))
        | Fact::Reference(ItemChange::Renamed(from, to)) => {
            vec![alter(Alter::RenameConstraint { from: from.clone(), to: to.clone() })]
        }
        Fact::Reference(ItemChange::Added(name, key)) => {
            vec![alter(Alter::AddConstraint(table::reference(new, name, key, schema)))]
        }
        Fact::Reference(ItemChange::Changed(name, from, to))
            if *from == (ForeignKey { deferrable: from.deferrable, ..to.clone() }) =>
        {
            let (name, deferrable) = (name.clone(), to.deferrable);
            vec![alter(Alter::AlterConstraint { name, deferrable })]
        }
        Fact::Reference(ItemChange::Changed(name, _, to)) => {
            vec![drop(name), alter(Alter::AddConstraint(table::reference(new, name, to, schema)))]
        }
        Fact::TrackAdded(tracked) => add_tracked(new, *tracked),
        Fact::TrackRemoved(tracked) => {
            let drop = alter(Alter::DropColumn(tracked.name().to_owned()));
            rebuild::purge(new, *tracked).into_iter().chain([drop]).collect()
        }
        // No change in the database, or a change that follows from fields.
        Fact::TableRenamed { .. }
        | Fact::TablePermChanged { .. }
        | Fact::SharedChanged { .. }
        | Fact::PermChanged { .. }
        | Fact::FieldRenamed { .. }
        | Fact::ColumnChanged { .. }
        | Fact::FieldAdded { .. }
        | Fact::FieldRemoved(_)
        | Fact::TypeChanged { .. }
        | Fact::VariantsRenamed { .. }
        | Fact::DefaultChanged { .. }
        | Fact::GeneratedChanged { .. }
        | Fact::StampChanged { .. }
        | Fact::BecameOptional { .. }
        | Fact::BecameRequired { .. }
        | Fact::KeptChanged { .. }
        | Fact::PartitionChanged { .. }
        | Fact::BadHint { .. } => Vec::new(),
        Fact::TableAdded(_)
        | Fact::TableRemoved(_)
        | Fact::External { .. }
        | Fact::LayoutChanged { .. } => {
            unreachable!("whole tables are planned elsewhere")
        }
    }
}

/// Creates an index of the user, or the constraint that it is.
fn create_index(table: &Table, name: &str, index: &Index) -> Statement {
    if table::is_constraint(index) {
        let action = Alter::AddConstraint(table::unique(table, name, index));
        Statement::Alter { table: table.path(), action }
    } else {
        Statement::CreateIndex(table::index(table, name, index))
    }
}

/// Drops an index of the user, or the constraint that it is.
fn drop_index(table: &Table, name: &str, index: &Index) -> Statement {
    if table::is_constraint(index) {
        let action = Alter::DropConstraint(name.to_owned());
        Statement::Alter { table: table.path(), action }
    } else {
        Statement::drop_index(table.path_of(name))
    }
}

/// Renames the primary key and the indexes of the bookkeeping columns, which are named after the table.
fn follow_pointer(old: &Table, new: &Table) -> Vec<Statement> {
    if old.ptr == new.ptr {
        return Vec::new();
    }
    let (from, to) = (table::key_name(old), table::key_name(new));
    let action = Alter::RenameConstraint { from, to };
    let mut statements = vec![Statement::Alter { table: new.path(), action }];
    let renamed = implied::renamed_indexes(HERE, old, new).into_iter();
    let rename = |(from, to): (String, CreateIndex)| Statement::RenameIndex {
        from: new.path_of(&from),
        to: to.name,
    };
    statements.extend(renamed.map(rename));
    statements
}

fn fill_null(table: &Table, column: &str, value: SqlExpr) -> Statement {
    Statement::Fill {
        table: table.path(),
        column: column.to_owned(),
        value,
        only: Some(SqlExpr::Column(column.to_owned()).is_null()),
    }
}

/// The column of a field.
fn column_of(table: &Table, field: &str) -> String {
    table.field(field).map_or(field, |field| field.column()).to_owned()
}

/// Adds the column, in three steps if existing rows need a value that no default gives.
fn add_column(table: &Table, field: &Field, backfill: Option<&Sql>) -> Vec<Statement> {
    let alter = |action| Statement::Alter { table: table.path(), action };
    let column = ColumnDefinition { primary_key: false, ..table::column(table, field) };
    let value = match fill::value_for_old_rows(field, backfill) {
        Some(SqlExpr::Literal(value, _)) if column.default.is_none() => {
            // Only for existing rows.
            let (name, default) = (column.name.clone(), Some(ColumnDefault::Value(value)));
            return vec![
                alter(Alter::AddColumn(ColumnDefinition { default, ..column })),
                alter(Alter::DropDefault(name)),
            ];
        }
        value => value.filter(|_| fill::wants_a_value(field, backfill)),
    };
    let name = column.name.clone();
    let Some(value) = value else { return vec![alter(Alter::AddColumn(column))] };
    let bare = ColumnDefinition { not_null: false, default: None, ..column.clone() };
    let mut statements = vec![alter(Alter::AddColumn(bare)), fill_null(table, &name, value)];
    if column.not_null {
        statements.push(alter(Alter::SetNotNull(name)));
    }
    if column.default.is_some() {
        statements.push(alter(Alter::SetDefault(column)));
    }
    statements
}

/// Whether the first change sets the default of the field whose type the second changes. A default of
/// the old type does not fit the new type, and the reverse.
fn changes_default(default: &Change, ty: &Change) -> bool {
    let field = match &default.fact {
        Fact::DefaultChanged { field, .. } | Fact::StampChanged { field, .. } => field,
        _ => return false,
    };
    default.table == ty.table
        && matches!(&ty.fact, Fact::TypeChanged { field: other, .. } if field == other)
}

/// Returns the statement with a placeholder, if the column stays and only the user knows how to convert
/// its values.
fn ask_for(old: &Table, new: &Table, field: &str) -> Option<Statement> {
    let (before, after) = (table::column(old, old.field(field)?), new.field(field)?);
    let kind = table::column(new, after).kind;
    let unknown = dialect::convert_column(HERE, "value", &before.kind, &kind);
    let asks = unknown == Conversion::Unknown && fill::same_kind(HERE, &before.kind, &kind);
    asks.then(|| Statement::Fill {
        table: new.path(),
        column: before.name,
        value: SqlExpr::Todo(field.to_owned(), after.ty.clone()),
        only: None,
    })
}

fn change_type(old: &Table, new: &Table, field: &str, sets_default: bool) -> Vec<Alter> {
    let (Some(before), Some(after)) = (old.field(field), new.field(field)) else {
        return Vec::new();
    };
    let (before, after) = (table::column(old, before), table::column(new, after));
    let fits = match (&after.default, &after.kind) {
        (Some(ColumnDefault::Value(value)), ColumnKind::Field { ty, .. }) => fill::fits(value, ty),
        _ => dialect::print_default(HERE, &after).is_some(),
    };
    let set = (fits && sets_default).then(|| Alter::SetDefault(after.clone()));
    let converted = dialect::convert_column(HERE, "value", &before.kind, &after.kind);
    let stays = matches!(converted, Conversion::Same | Conversion::Unknown);
    if stays && fill::same_kind(HERE, &before.kind, &after.kind) {
        // The change of the default may have been postponed to this change.
        return set.into_iter().collect();
    }
    // PostgreSQL does not convert a default with its column.
    let has_default = dialect::print_default(HERE, &before).is_some();
    let drop = has_default.then(|| Alter::DropDefault(before.name.clone()));
    let value = Box::new(SqlExpr::Column(before.name));
    let using = SqlExpr::Convert(value, Box::new(before.kind), Box::new(after.kind.clone()));
    let change = Alter::SetType { column: after, using };
    drop.into_iter().chain([change]).chain(set).collect()
}

fn change_default(old: &Table, new: &Table, field: &str, typed_later: bool) -> Option<Alter> {
    let (before, after) = (old.field(field)?, new.field(field)?);
    let (before, after) = (table::column(old, before), table::column(new, after));
    let text = |column: &ColumnDefinition| dialect::print_default(HERE, column);
    match (text(&before), text(&after)) {
        (before, after) if before == after => None,
        (_, Some(_)) if !typed_later => Some(Alter::SetDefault(after)),
        _ => Some(Alter::DropDefault(after.name)),
    }
}

/// Changes the key columns. In a document table only the key is a column.
fn change_key(old: &Table, new: &Table) -> Vec<Statement> {
    let alter = |action| Statement::Alter { table: new.path(), action };
    let (before, after) =
        (table::column_names(old, &old.key()), table::column_names(new, &new.key()));
    let mut statements = Vec::new();
    if new.layout == Layout::Document {
        for field in new.key_fields().filter(|field| !before.contains(&field.column().to_owned())) {
            let column = ColumnDefinition {
                not_null: false,
                primary_key: false,
                ..table::column(new, field)
            };
            let (name, kind) = (column.name.clone(), column.kind.clone());
            statements.push(alter(Alter::AddColumn(column)));
            statements.push(fill_null(
                new,
                &name,
                SqlExpr::KeyAsColumn(name.clone(), Box::new(kind), true),
            ));
        }
    }
    statements.push(alter(Alter::ReplaceKey {
        old: (!old.keyless).then(|| table::key_name(old)),
        new: (!new.keyless).then(|| (table::key_name(new), after.clone())),
    }));
    if new.layout == Layout::Document {
        let gone = before.into_iter().filter(|column| !after.contains(column));
        statements.extend(gone.map(|column| alter(Alter::DropColumn(column))));
    }
    statements
}

/// Adds a bookkeeping column. Existing rows belong to the system.
fn add_tracked(table: &Table, tracked: Tracked) -> Vec<Statement> {
    let alter = |action| Statement::Alter { table: table.path(), action };
    let mut column = table::tracked_column(tracked);
    let mut statements = Vec::new();
    if tracked == Tracked::Owner {
        column.default = Some(ColumnDefault::Value("system".into()));
        statements.push(alter(Alter::AddColumn(column)));
        statements.push(alter(Alter::DropDefault(tracked.name().to_owned())));
    } else {
        statements.push(alter(Alter::AddColumn(column)));
    }
    let index = table::tracked_index(table, tracked).map(Statement::CreateIndex);
    statements.into_iter().chain(index).collect()
}

/// Builds the table in its new layout and replaces the old table. The key of the new table has to be
/// renamed, because it is named after the temporary name.
fn change_layout(change: &Change, old: &Table, new: &Table, schema: &Schema) -> Vec<Statement> {
    let values = rebuild::across_layouts(&[change], old, new);
    let values = values.into_iter().filter(|(_, value)| !is_serial(value)).collect();
    // References from other tables prevent dropping the old table.
    let others = schema.tables.values().filter(|other| other.name != new.name);
    let incoming: Vec<_> = others
        .flat_map(|other| other.references.iter().map(move |(name, key)| (other, name, key)))
        .filter(|(_, _, key)| key.table == new.name)
        .collect();
    let alter = |table: &Table, action| Statement::Alter { table: table.path(), action };
    let mut statements: Vec<Statement> = incoming
        .iter()
        .map(|(other, name, _)| alter(other, Alter::DropConstraint((*name).clone())))
        .collect();
    let mut rebuild =
        rebuild::rebuild(HERE, old, new, schema, RowSource::Table(old.path()), values);
    if let Some(Statement::CreateTable(create)) = rebuild.first_mut() {
        create.constraints.retain(|constraint| !new.references.contains_key(&constraint.name));
    }
    statements.extend(rebuild);
    if new.key().len() == 1 {
        let mut temporary = new.clone();
        temporary.set_path(&rebuild::temporary(old, new));
        statements.push(Statement::Alter {
            table: new.path(),
            action: Alter::RenameConstraint {
                from: table::key_name(&temporary),
                to: table::key_name(new),
            },
        });
    }
    let is_copied = |column: &Tracked| table::tracked(old).any(|other| other == *column);
    if is_copied(&Tracked::Order) {
        statements.extend(partitions::set_sequences(new));
    }
    let own = new.references.iter().map(|(name, key)| (new, name, key));
    statements.extend(own.chain(incoming).map(|(other, name, key)| {
        alter(other, Alter::AddConstraint(table::reference(other, name, key, schema)))
    }));
    statements
}

/// Whether the value comes from the sequence of `_order`, which the column's default uses.
fn is_serial(value: &SqlExpr) -> bool {
    matches!(value, SqlExpr::Before(Tracked::Order))
}
