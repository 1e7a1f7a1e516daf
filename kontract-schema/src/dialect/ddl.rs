//! Prints statements that define tables, as far as both databases share the text.
//! [`postgres`] and [`sqlite`] have what differs, under the same names.

use std::collections::BTreeSet;

use super::dml::expr_text;
use super::values::{
    known_default, print_collation, print_column_type, print_constant, print_default_constant,
    print_field_constant, print_has_key, print_now, print_one_of, resolve_default,
};
use super::{Dialect, json, name_in_path, postgres, sqlite};
use crate::model::types::Type;
use crate::model::{
    Deferrable, Field, FieldDefault, Generated, Method, PartitionBy, ReferenceAction, Schema, Table,
};
use crate::sql::ddl::{
    Alter, ColumnDefault, ColumnDefinition, ColumnKind, Constraint, ConstraintRule, CreateIndex,
    CreateTable, Indexed, IndexedPlace, Place, RowSource, SqlExpr, Statement, Tracked, UserSql,
};
use crate::sql::enum_types::{enum_types, find_namespace};
use crate::sql::run_mode::Mode;
use crate::sql::table;
use crate::sqltext::{self, replace_names, split_at_commas};

/// Returns the statements that create a schema in an empty database: enum types, tables in the order of
/// their references, each with its indexes, then the references that close a cycle. Each statement can be
/// run again.
pub fn create_schema(dialect: Dialect, schema: &Schema) -> Vec<String> {
    let (mut tables, closing) = table::order_by_references(schema);
    tables.retain(|table| !table.external);
    let tables = create_tables(&tables, &closing, schema, dialect);
    let statements = create_types(dialect, schema).into_iter().chain(tables);
    // A schema may be that of a type and of a table.
    let mut texts: Vec<String> = Vec::new();
    for statement in statements {
        let text = print_statement(dialect, &statement);
        if !texts.contains(&text) {
            texts.push(text);
        }
    }
    texts
}

/// The statement trees of the enum types of a schema, where the database has such types, and of the
/// schemas in which they are.
fn create_types(dialect: Dialect, schema: &Schema) -> Vec<Statement> {
    if !dialect.capabilities().enum_types {
        return Vec::new();
    }
    let types = enum_types(schema);
    let namespaces: BTreeSet<String> =
        types.keys().filter_map(|name| find_namespace(name)).collect();
    let namespaces = namespaces.into_iter().map(Statement::CreateNamespace);
    let types = types.into_iter().map(|(name, variants)| Statement::CreateType { name, variants });
    namespaces.chain(types).collect()
}

/// The statement trees of [`create_schema`] for some tables of it.
pub(crate) fn create_tables(
    tables: &[&Table],
    closing: &[(&Table, &str)],
    schema: &Schema,
    dialect: Dialect,
) -> Vec<Statement> {
    let waits = |table: &Table, constraint: &Constraint| {
        let is_closing =
            |(of, name): &(&Table, &str)| of.name == table.name && *name == constraint.name;
        !dialect.capabilities().forward_references
            && (closing.iter().any(is_closing) || needs_own_index(table, constraint))
    };
    let mut statements = Vec::new();
    let mut afterwards = Vec::new();
    let namespaces: BTreeSet<&String> =
        tables.iter().filter_map(|table| table.namespace.as_ref()).collect();
    if dialect.capabilities().namespaces {
        let create = |name: &String| Statement::CreateNamespace(name.clone());
        statements.extend(namespaces.into_iter().map(create));
    }
    for &table in tables {
        let mut create = table::create(table, schema, dialect);
        let (now, later) =
            create.constraints.into_iter().partition(|constraint| !waits(table, constraint));
        create.constraints = now;
        statements.push(Statement::CreateTable(create));
        statements.extend(create_comments(dialect, table));
        let indexes = table::indexes(table, dialect).into_iter();
        statements.extend(indexes.map(Statement::CreateIndex));
        afterwards.extend(
            later
                .into_iter()
                .map(|constraint| Statement::EnsureConstraint { table: table.path(), constraint }),
        );
    }
    statements.extend(afterwards);
    statements
}

/// Whether the constraint is a reference to unique fields of its own table, whose index is created
/// after the table.
fn needs_own_index(table: &Table, constraint: &Constraint) -> bool {
    let reference = table.references.get(&constraint.name);
    reference.is_some_and(|key| key.table == table.name && !table.has_key(&key.to))
}

/// Returns the statements that set the comments of a table.
pub(crate) fn create_comments(dialect: Dialect, table: &Table) -> Vec<Statement> {
    if !dialect.capabilities().comments {
        return Vec::new();
    }
    let comment = |(column, text): (Option<String>, String)| Statement::Comment {
        table: table.path(),
        column,
        text: Some(text),
    };
    table::comments(table).into_iter().map(comment).collect()
}

/// Returns the statements that create a table and its indexes; the tables that it refers to have to
/// exist. Each statement can be run again.
pub fn create_table(dialect: Dialect, table: &Table, schema: &Schema) -> Vec<String> {
    create_tables(&[table], &[], schema, dialect)
        .iter()
        .map(|statement| print_statement(dialect, statement))
        .collect()
}

/// One statement as it runs in a mode: alone, so that other sessions may go on meanwhile, or in batches
/// of rows.
pub(crate) fn print_in_mode(dialect: Dialect, mode: Mode, statement: &Statement) -> String {
    let id = |name: &str| dialect.ident(name);
    match (mode, statement) {
        (Mode::Alone, Statement::CreateIndex(create)) => {
            print_create_index(dialect, create, " CONCURRENTLY")
        }
        (Mode::Alone, Statement::DropIndex { name, .. }) => {
            format!("DROP INDEX CONCURRENTLY IF EXISTS {}", dialect.index(name))
        }
        (Mode::Repeat, Statement::Fill { table, column, value, only: Some(only) }) => format!(
            "UPDATE {table} SET {} = {}\nWHERE ctid IN (SELECT ctid FROM {table} WHERE {} LIMIT {BATCH})",
            id(column),
            expr_text(dialect, value),
            expr_text(dialect, only),
            table = dialect.table(table),
        ),
        (_, statement) => print_statement(dialect, statement),
    }
}

/// Returns the statements that drop tables, which may refer to one another. PostgreSQL refuses them if
/// other tables refer to these. On SQLite foreign keys have to be off.
pub fn drop_tables(dialect: Dialect, tables: &[String]) -> Vec<String> {
    let names: Vec<String> = tables.iter().map(|table| dialect.table(table)).collect();
    match dialect {
        _ if names.is_empty() => Vec::new(),
        Dialect::Postgres => vec![format!("DROP TABLE {}", names.join(", "))],
        Dialect::Sqlite => names.iter().map(|name| format!("DROP TABLE {name}")).collect(),
    }
}

/// The number of rows that an `UPDATE` in batches changes at a time.
const BATCH: u32 = 10_000;

/// Prints a statement, without a semicolon.
pub fn print_statement(dialect: Dialect, statement: &Statement) -> String {
    let id = |name: &str| dialect.ident(name);
    match statement {
        Statement::CreateTable(create) => print_create_table(dialect, create),
        Statement::CreateIndex(create) => print_create_index(dialect, create, ""),
        Statement::DropTable { table, .. } | Statement::ReplaceTable { table, .. } => {
            format!("DROP TABLE {}", dialect.table(table))
        }
        Statement::RenameTable { from, to } => {
            format!("ALTER TABLE {} RENAME TO {}", dialect.table(from), print_new_name(dialect, to))
        }
        Statement::Comment { table, column, text } => {
            let table = dialect.table(table);
            let of = match column {
                Some(column) => format!("COLUMN {table}.{}", id(column)),
                None => format!("TABLE {table}"),
            };
            let text = text.as_ref().map_or("NULL".to_owned(), |text| dialect.literal(text));
            format!("COMMENT ON {of} IS {text}")
        }
        Statement::MoveTable { from, to } => print_move(dialect, from, to),
        Statement::CreateNamespace(name) => format!(
            "DO $$ BEGIN\n  IF to_regnamespace({}) IS NULL THEN\n    CREATE SCHEMA {};\n  END IF;\nEND $$",
            dialect.literal(&id(name)),
            id(name)
        ),
        Statement::DropIndex { name, if_exists } => {
            let word = if *if_exists { "IF EXISTS " } else { "" };
            format!("DROP INDEX {word}{}", dialect.index(name))
        }
        Statement::RenameIndex { from, to } => {
            format!("ALTER INDEX {} RENAME TO {}", dialect.index(from), id(to))
        }
        Statement::Alter { table, action } => {
            format!("ALTER TABLE {} {}", dialect.table(table), print_alter(dialect, action))
        }
        Statement::EnsureConstraint { table, constraint } => format!(
            "DO $$ BEGIN\n  IF NOT EXISTS (\n    SELECT FROM pg_constraint\n    WHERE conname = {} \
             AND conrelid = {}::regclass\n  ) THEN\n    ALTER TABLE {} ADD {};\n  END IF;\nEND $$",
            dialect.literal(&constraint.name),
            dialect.literal(&dialect.table(table)),
            dialect.table(table),
            print_constraint(dialect, constraint),
        ),
        // Not an identity, but a column with a sequence.
        Statement::SetSequence { table, column } if column == Tracked::Order.name() => format!(
            "SELECT setval(pg_get_serial_sequence({}, {}),\n  (SELECT greatest(max({}), 0) + 1 FROM {}), false)",
            dialect.literal(&dialect.table(table)),
            dialect.literal(column),
            id(column),
            dialect.table(table)
        ),
        Statement::SetSequence { table, column } => {
            let (table, column) = (dialect.table(table), id(column));
            let alter = format!("ALTER TABLE {table} ALTER COLUMN {column} RESTART WITH ");
            format!(
                "DO $$ BEGIN\n  EXECUTE {} ||\n    (SELECT greatest(max({column}), 0) + 1 FROM {table});\nEND $$",
                dialect.literal(&alter)
            )
        }
        Statement::CopySequence { from, to } => format!(
            "INSERT INTO sqlite_sequence (name, seq)\nSELECT {}, seq FROM sqlite_sequence \
             WHERE name = {}",
            dialect.table_literal(to),
            dialect.table_literal(from)
        ),
        Statement::Fill { table, column, value, only } => {
            let value = expr_text(dialect, value);
            let mut text = format!("UPDATE {} SET {} = {value}", dialect.table(table), id(column));
            if let Some(only) = only {
                text += &format!(" WHERE {}", expr_text(dialect, only));
            }
            text
        }
        Statement::CreateType { name, variants } => {
            let variants: Vec<String> =
                variants.iter().map(|variant| dialect.literal(variant)).collect();
            format!(
                "DO $$ BEGIN\n  IF to_regtype({}) IS NULL THEN\n    CREATE TYPE {name} AS ENUM ({});\n  \
                 END IF;\nEND $$",
                dialect.literal(name),
                variants.join(", ")
            )
        }
        Statement::DropType { name, unless_used: true } => print_drop_type(name),
        Statement::DropType { name, unless_used: false } => format!("DROP TYPE {name}"),
        Statement::RenameType { from, to } => format!("ALTER TYPE {from} RENAME TO {to}"),
        Statement::AddVariant { name, variant, before } => {
            let place = before.as_ref().map(|other| format!(" BEFORE {}", dialect.literal(other)));
            format!(
                "ALTER TYPE {name} ADD VALUE IF NOT EXISTS {}{}",
                dialect.literal(variant),
                place.unwrap_or_default()
            )
        }
        Statement::RenameVariant { name, from, to } => format!(
            "ALTER TYPE {name} RENAME VALUE {} TO {}",
            dialect.literal(from),
            dialect.literal(to)
        ),
        Statement::Delete { table, only } => {
            format!("DELETE FROM {} WHERE {}", dialect.table(table), expr_text(dialect, only))
        }
        Statement::Copy { from, to, columns, only } => {
            let names: Vec<_> = columns.iter().map(|(name, _)| id(name)).collect();
            let values: Vec<_> =
                columns.iter().map(|(_, value)| expr_text(dialect, value)).collect();
            let mut text = format!(
                "INSERT INTO {} ({})\nSELECT {}\nFROM {}",
                dialect.table(to),
                names.join(", "),
                values.join(", "),
                print_source(dialect, from)
            );
            if let Some(only) = only {
                text += &format!("\nWHERE {}", expr_text(dialect, only));
            }
            text
        }
    }
}

/// Returns the statement that drops a type, unless something else uses it.
pub fn print_drop_type(name: &str) -> String {
    format!(
        "DO $$ BEGIN\n  DROP TYPE IF EXISTS {name};\nEXCEPTION WHEN dependent_objects_still_exist THEN\n  \
         NULL;\nEND $$"
    )
}

/// Prints the new name of a table with a path, without its namespace where the database has one.
fn print_new_name(dialect: Dialect, path: &str) -> String {
    match dialect {
        Dialect::Postgres => dialect.ident(name_in_path(path)),
        Dialect::Sqlite => dialect.table(path),
    }
}

/// Prints the move of a table to another namespace. That of the connection has no fixed name.
fn print_move(dialect: Dialect, from: &str, to: &str) -> String {
    let table = dialect.table(from);
    match (dialect, to.split_once('/')) {
        (Dialect::Sqlite, _) => format!("ALTER TABLE {table} RENAME TO {}", dialect.table(to)),
        (Dialect::Postgres, Some((namespace, _))) => {
            format!("ALTER TABLE {table} SET SCHEMA {}", dialect.ident(namespace))
        }
        (Dialect::Postgres, None) => format!(
            "DO $$ BEGIN\n  EXECUTE format('ALTER TABLE {} SET SCHEMA %I', current_schema());\nEND $$",
            table.replace('\'', "\'\'").replace('%', "%%")
        ),
    }
}

/// Returns a query with a row if the table has rows, or if a row has a value in the field that is not
/// the default.
pub(crate) fn query_values(dialect: Dialect, table: &Table, field: Option<&Field>) -> String {
    let from = format!("SELECT 1 FROM {}", dialect.table(&table.path()));
    let Some(field) = field else { return from + " LIMIT 1" };
    let value = match crate::sql::table::place(table, field) {
        Place::Column(name) => dialect.ident(&name),
        Place::Key(key, ty) => json::print_json_key(dialect, crate::sql::table::DATA, &key, &ty),
    };
    let condition = match &field.default {
        Some(default) => format!("{value} <> {}", print_field_constant(dialect, default, field)),
        None => format!("{value} IS NOT NULL"),
    };
    format!("{from} WHERE {condition} LIMIT 1")
}

/// Returns a query with a row if the table has rows that are marked as deleted.
pub(crate) fn query_deleted_rows(dialect: Dialect, table: &Table) -> String {
    let condition = expr_text(dialect, &!SqlExpr::is_live());
    format!("SELECT 1 FROM {} WHERE {condition} LIMIT 1", dialect.table(&table.path()))
}

/// Prints the source of rows after `FROM`.
fn print_source(dialect: Dialect, from: &RowSource) -> String {
    match from {
        RowSource::Table(name) => dialect.table(name),
        RowSource::Select(columns, from) => {
            let column = |(name, value): &(String, SqlExpr)| match value {
                SqlExpr::Column(same) if same == name => dialect.ident(name),
                value => format!("{} AS {}", expr_text(dialect, value), dialect.ident(name)),
            };
            let columns: Vec<_> = columns.iter().map(column).collect();
            // With an offset SQLite computes the columns once. Otherwise it puts their expressions in place of
            // each use, and the statement grows by a factor with each level.
            let once = dialect.choose("", "\nLIMIT -1 OFFSET 0");
            format!("(SELECT {}\nFROM {}{once})", columns.join(", "), print_source(dialect, from))
        }
    }
}

fn print_alter(dialect: Dialect, action: &Alter) -> String {
    let id = |name: &str| dialect.ident(name);
    match action {
        Alter::Several(all) => {
            let all: Vec<String> = all.iter().map(|action| print_alter(dialect, action)).collect();
            all.join(",\n  ")
        }
        Alter::AddColumn(column) => format!("ADD COLUMN {}", print_column(dialect, column)),
        Alter::DropColumn(name) => format!("DROP COLUMN {}", id(name)),
        Alter::RenameColumn { from, to } => format!("RENAME COLUMN {} TO {}", id(from), id(to)),
        Alter::SetNotNull(name) => format!("ALTER COLUMN {} SET NOT NULL", id(name)),
        Alter::DropNotNull(name) => format!("ALTER COLUMN {} DROP NOT NULL", id(name)),
        Alter::SetDefault(column) => match print_default(dialect, column) {
            Some(value) => format!("ALTER COLUMN {} SET DEFAULT {value}", id(&column.name)),
            None => format!("ALTER COLUMN {} DROP DEFAULT", id(&column.name)),
        },
        Alter::DropDefault(name) => format!("ALTER COLUMN {} DROP DEFAULT", id(name)),
        Alter::AddIdentity(name) => {
            format!("ALTER COLUMN {} ADD {BY_DEFAULT_AS_IDENTITY}", id(name))
        }
        Alter::DropIdentity(name) => format!("ALTER COLUMN {} DROP IDENTITY IF EXISTS", id(name)),
        Alter::DropExpression(name) => format!("ALTER COLUMN {} DROP EXPRESSION", id(name)),
        Alter::SetType { column, using } => format!(
            "ALTER COLUMN {} TYPE {} USING {}",
            id(&column.name),
            print_column_type(dialect, &column.kind),
            expr_text(dialect, using)
        ),
        Alter::AddConstraint(constraint) => {
            format!("ADD {}", print_constraint(dialect, constraint))
        }
        Alter::AddNotValid(constraint) => {
            format!("ADD {} NOT VALID", print_constraint(dialect, constraint))
        }
        Alter::Validate(name) => format!("VALIDATE CONSTRAINT {}", id(name)),
        Alter::DropConstraint(name) => format!("DROP CONSTRAINT {}", id(name)),
        Alter::DropConstraintIfExists(name) => format!("DROP CONSTRAINT IF EXISTS {}", id(name)),
        Alter::AlterConstraint { name, deferrable } => {
            let when = match deferrable {
                Deferrable::Never => " NOT DEFERRABLE",
                deferrable => deferrable.sql(),
            };
            format!("ALTER CONSTRAINT {}{when}", id(name))
        }
        Alter::RenameConstraint { from, to } => {
            format!("RENAME CONSTRAINT {} TO {}", id(from), id(to))
        }
        Alter::ReplaceKey { old, new } => {
            let drop = old.iter().map(|old| format!("DROP CONSTRAINT {}", id(old)));
            let add = new.iter().map(|(new, columns)| {
                let columns = join_names(dialect, columns);
                format!("ADD CONSTRAINT {} PRIMARY KEY ({columns})", id(new))
            });
            drop.chain(add).collect::<Vec<_>>().join(", ")
        }
    }
}

fn print_create_table(dialect: Dialect, create: &CreateTable) -> String {
    let columns = create.columns.iter().map(|column| print_column(dialect, column));
    let demanded = |constraint: &&Constraint| match &constraint.rule {
        ConstraintRule::IsJson => !dialect.capabilities().json_type,
        ConstraintRule::Unique(_) => dialect.capabilities().index_options,
        _ => true,
    };
    let constraints = create.constraints.iter().filter(demanded);
    let lines: Vec<String> = columns
        .chain(constraints.map(|constraint| print_constraint(dialect, constraint)))
        .map(|line| format!("  {line}"))
        .collect();
    format!(
        "CREATE TABLE {}{} (\n{}\n){}",
        if create.if_not_exists { "IF NOT EXISTS " } else { "" },
        dialect.table(&create.name),
        lines.join(",\n"),
        match dialect {
            Dialect::Postgres => match &create.partition_by {
                Some(key) => format!(" PARTITION BY {}", print_partition_key(dialect, key)),
                None => String::new(),
            },
            Dialect::Sqlite => " STRICT".to_owned(),
        }
    )
}

/// Prints a partition key that has columns in place of fields: `RANGE (created_at)`.
pub(crate) fn print_partition_key(dialect: Dialect, key: &PartitionBy) -> String {
    format!("{} ({})", key.method.as_str().to_uppercase(), join_names(dialect, &key.fields))
}

fn print_create_index(dialect: Dialect, create: &CreateIndex, how: &str) -> String {
    let has_options = dialect.capabilities().index_options;
    let using = match create.method {
        Method::Btree => String::new(),
        _ if !has_options => String::new(),
        method => format!(" USING {}", method.as_str()),
    };
    format!(
        "CREATE {}INDEX{how} IF NOT EXISTS {} ON {}{using} ({}){}{}{}",
        if create.unique { "UNIQUE " } else { "" },
        dialect.ident(&create.name),
        dialect.table(&create.table),
        print_index_parts(dialect, create).join(", "),
        print_included(dialect, create),
        if create.nulls_not_distinct && has_options { " NULLS NOT DISTINCT" } else { "" },
        print_index_condition(dialect, create)
            .map_or_else(String::new, |rows| format!(" WHERE {rows}"))
    )
}

/// Prints the included columns of an index, with a space before them.
fn print_included(dialect: Dialect, create: &CreateIndex) -> String {
    if create.include.is_empty() || !dialect.capabilities().index_options {
        return String::new();
    }
    format!(" INCLUDE ({})", join_names(dialect, &create.include))
}

/// The condition of an index on the rows that are not deleted.
pub(crate) const LIVE: &str = "_deleted_txid IS NULL";

/// Prints the condition of a partial index.
pub(crate) fn print_index_condition(dialect: Dialect, create: &CreateIndex) -> Option<String> {
    let own = create.condition.as_ref().map(|text| print_user_sql(dialect, text));
    match (own, create.live_only) {
        (Some(own), true) => Some(format!("({own}) AND {LIVE}")),
        (None, true) => Some(LIVE.to_owned()),
        (own, false) => own,
    }
}

/// The parts of an index. Where the database cannot take NULLs as equal, a part that can be NULL is two
/// expressions that never are.
pub(crate) fn print_index_parts(dialect: Dialect, create: &CreateIndex) -> Vec<String> {
    let has_options = dialect.capabilities().index_options;
    match &create.on {
        Indexed::Places(places) => {
            let parts = |indexed: &IndexedPlace| {
                let text = match &indexed.place {
                    Place::Column(name) => dialect.ident(name),
                    // An expression needs its own parentheses.
                    Place::Key(key, ty) => {
                        format!("({})", json::print_indexed_key(dialect, table::DATA, key, ty))
                    }
                };
                if create.nulls_not_distinct && indexed.optional && !has_options {
                    return vec![format!("coalesce({text}, 0)"), format!("({text} IS NULL)")];
                }
                let class = indexed.opclass.iter().filter(|_| has_options);
                let class: String = class.map(|class| format!(" {class}")).collect();
                let order = if indexed.descending { " DESC" } else { "" };
                vec![format!("{text}{class}{order}")]
            };
            places.iter().flat_map(parts).collect()
        }
        Indexed::Text(text) => {
            let text = print_user_sql(dialect, text);
            let part = |part: &str| {
                let (value, _) = sqltext::split_order(dialect, part);
                if sqltext::needs_brackets(dialect, value) {
                    format!("({value}){}", &part[value.len()..])
                } else {
                    part.to_owned()
                }
            };
            split_at_commas(dialect, &text).into_iter().map(part).collect()
        }
    }
}

/// Prints SQL of the user, with expressions on the document in place of its keys.
fn print_user_sql(dialect: Dialect, text: &UserSql) -> String {
    let value = |name: &str| {
        let key = |(key, _): &&(String, Type)| key.to_lowercase() == name.to_lowercase();
        let (key, ty) = text.keys.iter().find(key)?;
        Some(json::print_indexed_key(dialect, table::DATA, key, ty))
    };
    replace_names(dialect, text.sql.for_dialect(dialect), value)
}

/// Prints a column for `CREATE TABLE` and `ADD COLUMN`.
pub(crate) fn print_column(dialect: Dialect, column: &ColumnDefinition) -> String {
    if let ColumnKind::Tracked(tracked) = column.kind {
        let definition = match dialect {
            Dialect::Postgres => postgres::print_tracked(tracked),
            Dialect::Sqlite => sqlite::print_tracked(tracked),
        };
        let default = match &column.default {
            Some(ColumnDefault::Value(value)) => {
                format!(" DEFAULT {}", print_constant(dialect, value, &Type::String))
            }
            _ => String::new(),
        };
        return format!("{} {definition}{default}", column.name);
    }
    let mut text =
        format!("{} {}", dialect.ident(&column.name), print_column_type(dialect, &column.kind));
    if let Some(collation) = print_collation(dialect, &column.kind) {
        text += &format!(" COLLATE {collation}");
    }
    let is_implied = column.primary_key && dialect.capabilities().primary_key_is_not_null;
    if column.not_null && !is_implied {
        text += " NOT NULL";
    }
    let (mut before_key, mut after_key) = (String::new(), "");
    match (&column.default, dialect) {
        (Some(ColumnDefault::Generated(generated)), _) => {
            before_key = format!(" {}", print_generated(dialect, generated));
        }
        (Some(ColumnDefault::Identity), Dialect::Postgres) => {
            before_key = format!(" {BY_DEFAULT_AS_IDENTITY}");
        }
        (Some(ColumnDefault::Identity), Dialect::Sqlite) => after_key = " AUTOINCREMENT",
        _ => {
            if let Some(value) = print_default(dialect, column) {
                before_key = format!(" DEFAULT {value}");
            }
        }
    }
    text += &before_key;
    if column.primary_key {
        text += " PRIMARY KEY";
        text += after_key;
    }
    text
}

/// How PostgreSQL numbers rows that do not give the column.
const BY_DEFAULT_AS_IDENTITY: &str = "GENERATED BY DEFAULT AS IDENTITY";

/// Prints the expression of a generated column, with the words around it.
fn print_generated(dialect: Dialect, generated: &Generated) -> String {
    let kind = if generated.stored { "STORED" } else { "VIRTUAL" };
    format!("GENERATED ALWAYS AS ({}) {kind}", generated.sql.for_dialect(dialect))
}

/// Prints the default of a column, the text after `DEFAULT`; `None` for a column without one.
pub(crate) fn print_default(dialect: Dialect, column: &ColumnDefinition) -> Option<String> {
    let ColumnKind::Field { ty, sql_type } = &column.kind else { return None };
    match column.default.as_ref()? {
        ColumnDefault::Value(value) => {
            Some(print_default_constant(dialect, value, ty, sql_type.as_ref()))
        }
        ColumnDefault::Now => print_now(dialect, ty),
        ColumnDefault::Sql(sql) => {
            let text = known_default(dialect, sql, ty);
            Some(text.unwrap_or_else(|| {
                let text = sql.for_dialect(dialect);
                // SQLite needs brackets around all but constants.
                if dialect == Dialect::Sqlite || sqltext::needs_brackets(dialect, text) {
                    format!("({text})")
                } else {
                    text.to_owned()
                }
            }))
        }
        ColumnDefault::Identity | ColumnDefault::Generated(_) => None,
    }
}

/// Prints the default of a field as an expression of a statement on rows; NULL without one.
pub(super) fn print_field_default(dialect: Dialect, field: &Field) -> String {
    let default = match field.default_value() {
        Some(FieldDefault::Constant(value)) => print_field_constant(dialect, &value, field),
        Some(FieldDefault::Sql(sql)) => {
            format!("({})", resolve_default(&sql, &field.ty).for_dialect(dialect))
        }
        None => "NULL".to_owned(),
    };
    match dialect {
        Dialect::Postgres => {
            let kind = ColumnKind::Field { ty: field.ty.clone(), sql_type: field.sql_type.clone() };
            format!("{default}::{}", print_column_type(dialect, &kind))
        }
        Dialect::Sqlite => default,
    }
}

/// Prints the condition of a CHECK; `None` for other constraints.
pub(crate) fn print_check(dialect: Dialect, rule: &ConstraintRule) -> Option<String> {
    match rule {
        ConstraintRule::Check(sql) => Some(sql.for_dialect(dialect).to_owned()),
        ConstraintRule::OneOf(place, names) => Some(print_one_of(dialect, place, names)),
        ConstraintRule::HasKey(key) => Some(print_has_key(dialect, key)),
        ConstraintRule::NotNull(column) => Some(format!("{} IS NOT NULL", dialect.ident(column))),
        ConstraintRule::IsJson => Some("json_valid(data)".to_owned()),
        ConstraintRule::PrimaryKey(_)
        | ConstraintRule::Unique(_)
        | ConstraintRule::References { .. } => None,
    }
}

fn print_constraint(dialect: Dialect, constraint: &Constraint) -> String {
    let rule = match &constraint.rule {
        ConstraintRule::PrimaryKey(columns) => {
            format!("PRIMARY KEY ({})", join_names(dialect, columns))
        }
        ConstraintRule::Unique(create) => format!(
            "UNIQUE{} ({}){}{}",
            if create.nulls_not_distinct { " NULLS NOT DISTINCT" } else { "" },
            print_index_parts(dialect, create).join(", "),
            print_included(dialect, create),
            create.deferrable.sql()
        ),
        ConstraintRule::References { columns, table, to, on_delete, on_update, deferrable } => {
            format!(
                "FOREIGN KEY ({}) REFERENCES {} ({}){}{}{}",
                join_names(dialect, columns),
                dialect.table(table),
                join_names(dialect, to),
                print_action("DELETE", *on_delete),
                print_action("UPDATE", *on_update),
                deferrable.sql()
            )
        }
        rule => format!("CHECK ({})", print_check(dialect, rule).unwrap_or_default()),
    };
    format!("CONSTRAINT {} {rule}", dialect.ident(&constraint.name))
}

fn print_action(event: &str, action: ReferenceAction) -> String {
    match action {
        ReferenceAction::NoAction => String::new(),
        action => format!(" ON {event} {}", action.sql()),
    }
}

fn join_names(dialect: Dialect, names: &[String]) -> String {
    names.iter().map(|name| dialect.ident(name)).collect::<Vec<_>>().join(", ")
}
