//! Prints statements that define tables, as far as both databases share the text.
//! [`postgres`](super::postgres) and [`sqlite`](super::sqlite) have what differs, under the same names.

use super::{
    Conversion, Dialect, convert_column, convert_key, from_json, json, postgres, sqlite, to_json,
    variants,
};
use crate::model::types::Type;
use crate::model::{Action, Field, Method, Schema, Table};
use crate::sql::ddl::{
    Alter, Column, ColumnKind, Constraint, CreateIndex, CreateTable, Default, Indexed, Only, Place,
    RowExpr, RowSource, Rule, Statement, Text,
};
use crate::sql::run_mode::Mode;
use crate::sql::table;
use crate::sqltext::{self, replace_names, split_at_commas};

/// Returns the statements that create a schema in an empty database: tables in the order of their
/// references, each with its indexes, then the references that close a cycle. Each statement can be run
/// again.
pub fn create_schema(dialect: Dialect, schema: &Schema) -> Vec<String> {
    let (mut tables, closing) = table::levels(schema);
    tables.retain(|table| !table.external);
    create_tables(&tables, &closing, schema, dialect)
        .iter()
        .map(|statement| statement_text(dialect, statement))
        .collect()
}

/// The statement trees of [`create_schema`] for some tables of it.
pub(crate) fn create_tables(
    tables: &[&Table],
    closing: &[(&Table, &str)],
    schema: &Schema,
    dialect: Dialect,
) -> Vec<Statement> {
    let closes = |table: &Table, constraint: &Constraint| {
        !dialect.capabilities().forward_references
            && closing.iter().any(|(of, name)| of.name == table.name && *name == constraint.name)
    };
    let mut statements = Vec::new();
    let mut afterwards = Vec::new();
    for &table in tables {
        let mut create = table::create(table, schema);
        let (now, later) =
            create.constraints.into_iter().partition(|constraint| !closes(table, constraint));
        create.constraints = now;
        statements.push(Statement::CreateTable(create));
        let indexes = table::indexes(table, dialect).into_iter();
        statements.extend(indexes.map(Statement::CreateIndex));
        afterwards.extend(later.into_iter().map(|constraint| Statement::EnsureConstraint {
            table: table.ptr.clone(),
            constraint,
        }));
    }
    statements.extend(afterwards);
    statements
}

/// Returns the statements that create a table and its indexes; the tables that it refers to have to
/// exist. Each statement can be run again.
pub fn create_table(dialect: Dialect, table: &Table, schema: &Schema) -> Vec<String> {
    create_tables(&[table], &[], schema, dialect)
        .iter()
        .map(|statement| statement_text(dialect, statement))
        .collect()
}

/// One statement as it runs in a mode: alone, so that other sessions may go on meanwhile, or in batches
/// of rows.
pub(crate) fn text_in_mode(dialect: Dialect, mode: Mode, statement: &Statement) -> String {
    let id = |name: &str| dialect.ident(name);
    match (mode, statement) {
        (Mode::Alone, Statement::CreateIndex(create)) => {
            create_index(dialect, create, " CONCURRENTLY")
        }
        (Mode::Alone, Statement::DropIndex { name }) => {
            format!("DROP INDEX CONCURRENTLY IF EXISTS {}", id(name))
        }
        (Mode::Repeat, Statement::Fill { table, column, value, only: Some(only) }) => format!(
            "UPDATE {table} SET {} = {}\nWHERE ctid IN (SELECT ctid FROM {table} WHERE {} LIMIT {BATCH})",
            id(column),
            expr(dialect, value),
            condition(dialect, only),
            table = id(table),
        ),
        (_, statement) => statement_text(dialect, statement),
    }
}

/// Returns the statements that drop tables, which may refer to one another. PostgreSQL refuses them if
/// other tables refer to these. On SQLite foreign keys have to be off.
pub fn drop_tables(dialect: Dialect, tables: &[String]) -> Vec<String> {
    let names: Vec<String> = tables.iter().map(|table| dialect.ident(table)).collect();
    match dialect {
        _ if names.is_empty() => Vec::new(),
        Dialect::Postgres => vec![format!("DROP TABLE {}", names.join(", "))],
        Dialect::Sqlite => names.iter().map(|name| format!("DROP TABLE {name}")).collect(),
    }
}

/// The number of rows that an `UPDATE` in batches changes at a time.
const BATCH: u32 = 10_000;

/// Prints a statement, without a semicolon.
pub fn statement_text(dialect: Dialect, statement: &Statement) -> String {
    let id = |name: &str| dialect.ident(name);
    match statement {
        Statement::CreateTable(create) => create_table_text(dialect, create),
        Statement::CreateIndex(create) => create_index(dialect, create, ""),
        Statement::DropTable { table } | Statement::ReplaceTable { table, .. } => {
            format!("DROP TABLE {}", id(table))
        }
        Statement::RenameTable { from, to } => {
            format!("ALTER TABLE {} RENAME TO {}", id(from), id(to))
        }
        Statement::DropIndex { name } => format!("DROP INDEX {}", id(name)),
        Statement::RenameIndex { from, to } => {
            format!("ALTER INDEX {} RENAME TO {}", id(from), id(to))
        }
        Statement::Alter { table, action } => {
            format!("ALTER TABLE {} {}", id(table), alter(dialect, action))
        }
        Statement::EnsureConstraint { table, constraint } => format!(
            "DO $$ BEGIN\n  IF NOT EXISTS (\n    SELECT FROM pg_constraint\n    WHERE conname = {} \
             AND conrelid = {}::regclass\n  ) THEN\n    ALTER TABLE {} ADD {};\n  END IF;\nEND $$",
            dialect.literal(&constraint.name),
            dialect.literal(&id(table)),
            id(table),
            self::constraint(dialect, constraint),
        ),
        Statement::Fill { table, column, value, only } => {
            let value = expr(dialect, value);
            let mut text = format!("UPDATE {} SET {} = {value}", id(table), id(column));
            if let Some(only) = only {
                text += &format!(" WHERE {}", condition(dialect, only));
            }
            text
        }
        Statement::Delete { table, only } => {
            format!("DELETE FROM {} WHERE {}", id(table), condition(dialect, only))
        }
        Statement::Copy { from, to, columns, only } => {
            let names: Vec<_> = columns.iter().map(|(name, _)| id(name)).collect();
            let values: Vec<_> = columns.iter().map(|(_, value)| expr(dialect, value)).collect();
            let mut text = format!(
                "INSERT INTO {} ({})\nSELECT {}\nFROM {}",
                id(to),
                names.join(", "),
                values.join(", "),
                source(dialect, from)
            );
            if let Some(only) = only {
                text += &format!("\nWHERE {}", condition(dialect, only));
            }
            text
        }
    }
}

/// Returns a query with a row if the table has rows, or if a row has a value in the field that is not
/// the default.
pub(crate) fn holds(dialect: Dialect, table: &Table, field: Option<&Field>) -> String {
    let from = format!("SELECT 1 FROM {}", dialect.ident(&table.ptr));
    let Some(field) = field else { return from + " LIMIT 1" };
    let value = match crate::sql::table::place(table, field) {
        Place::Column(name) => dialect.ident(&name),
        Place::Key(key, ty) => json::json_field(dialect, crate::sql::table::DATA, &key, &ty),
    };
    let condition = match &field.default {
        Some(default) => format!("{value} <> {}", constant(dialect, default, &field.ty)),
        None => format!("{value} IS NOT NULL"),
    };
    format!("{from} WHERE {condition} LIMIT 1")
}

/// Returns a query with a row if the table has rows that are marked as deleted.
pub(crate) fn holds_deleted(dialect: Dialect, table: &Table) -> String {
    let condition = condition(dialect, &Only::Deleted);
    format!("SELECT 1 FROM {} WHERE {condition} LIMIT 1", dialect.ident(&table.ptr))
}

/// Prints the source of rows after `FROM`.
fn source(dialect: Dialect, from: &RowSource) -> String {
    match from {
        RowSource::Table(name) => dialect.ident(name),
        RowSource::Select(columns, from) => {
            let column = |(name, value): &(String, RowExpr)| match value {
                RowExpr::Column(same) if same == name => dialect.ident(name),
                value => format!("{} AS {}", expr(dialect, value), dialect.ident(name)),
            };
            let columns: Vec<_> = columns.iter().map(column).collect();
            format!("(SELECT {}\nFROM {})", columns.join(", "), source(dialect, from))
        }
    }
}

fn alter(dialect: Dialect, action: &Alter) -> String {
    let id = |name: &str| dialect.ident(name);
    match action {
        Alter::Several(all) => {
            let all: Vec<String> = all.iter().map(|action| alter(dialect, action)).collect();
            all.join(",\n  ")
        }
        Alter::AddColumn(column) => format!("ADD COLUMN {}", self::column(dialect, column)),
        Alter::DropColumn(name) => format!("DROP COLUMN {}", id(name)),
        Alter::RenameColumn { from, to } => format!("RENAME COLUMN {} TO {}", id(from), id(to)),
        Alter::SetNotNull(name) => format!("ALTER COLUMN {} SET NOT NULL", id(name)),
        Alter::DropNotNull(name) => format!("ALTER COLUMN {} DROP NOT NULL", id(name)),
        Alter::SetDefault(column) => match default(dialect, column) {
            Some(value) => format!("ALTER COLUMN {} SET DEFAULT {value}", id(&column.name)),
            None => format!("ALTER COLUMN {} DROP DEFAULT", id(&column.name)),
        },
        Alter::DropDefault(name) => format!("ALTER COLUMN {} DROP DEFAULT", id(name)),
        Alter::SetType { column, using } => format!(
            "ALTER COLUMN {} TYPE {} USING {}",
            id(&column.name),
            kind(dialect, &column.kind),
            expr(dialect, using)
        ),
        Alter::AddConstraint(constraint) => {
            format!("ADD {}", self::constraint(dialect, constraint))
        }
        Alter::AddNotValid(constraint) => {
            format!("ADD {} NOT VALID", self::constraint(dialect, constraint))
        }
        Alter::Validate(name) => format!("VALIDATE CONSTRAINT {}", id(name)),
        Alter::DropConstraint(name) => format!("DROP CONSTRAINT {}", id(name)),
        Alter::RenameConstraint { from, to } => {
            format!("RENAME CONSTRAINT {} TO {}", id(from), id(to))
        }
        Alter::ReplaceKey { names: (old, new), columns } => format!(
            "DROP CONSTRAINT {}, ADD CONSTRAINT {} PRIMARY KEY ({})",
            id(old),
            id(new),
            list(dialect, columns)
        ),
    }
}

fn create_table_text(dialect: Dialect, create: &CreateTable) -> String {
    let columns = create.columns.iter().map(|column| self::column(dialect, column));
    let demanded = |constraint: &&Constraint| {
        !dialect.capabilities().json_type || constraint.rule != Rule::IsJson
    };
    let constraints = create.constraints.iter().filter(demanded);
    let lines: Vec<String> = columns
        .chain(constraints.map(|constraint| self::constraint(dialect, constraint)))
        .map(|line| format!("  {line}"))
        .collect();
    format!(
        "CREATE TABLE {}{} (\n{}\n){}",
        if create.if_not_exists { "IF NOT EXISTS " } else { "" },
        dialect.ident(&create.name),
        lines.join(",\n"),
        match dialect {
            Dialect::Postgres => "",
            Dialect::Sqlite => " STRICT",
        }
    )
}

fn create_index(dialect: Dialect, create: &CreateIndex, how: &str) -> String {
    let using = match create.method {
        Method::Btree => String::new(),
        method => format!(" USING {}", method.word()),
    };
    format!(
        "CREATE {}INDEX{how} IF NOT EXISTS {} ON {}{using} ({}){}",
        if create.unique { "UNIQUE " } else { "" },
        dialect.ident(&create.name),
        dialect.ident(&create.table),
        index_parts(dialect, &create.on).join(", "),
        index_condition(dialect, create).map_or_else(String::new, |rows| format!(" WHERE {rows}"))
    )
}

/// The condition of an index on the rows that are not deleted.
pub(crate) const LIVE: &str = "_deleted_txid IS NULL";

/// Prints the condition of a partial index.
pub(crate) fn index_condition(dialect: Dialect, create: &CreateIndex) -> Option<String> {
    let own = create.condition.as_ref().map(|text| user_text(dialect, text));
    match (own, create.live_only) {
        (Some(own), true) => Some(format!("({own}) AND {LIVE}")),
        (None, true) => Some(LIVE.to_owned()),
        (own, false) => own,
    }
}

/// The parts of an index.
pub(crate) fn index_parts(dialect: Dialect, on: &Indexed) -> Vec<String> {
    match on {
        Indexed::Places(places) => {
            let part = |(place, descending): &(Place, bool)| {
                let text = match place {
                    Place::Column(name) => dialect.ident(name),
                    // An expression needs its own parentheses.
                    Place::Key(key, ty) => {
                        format!("({})", json::indexed_field(dialect, table::DATA, key, ty))
                    }
                };
                if *descending { text + " DESC" } else { text }
            };
            places.iter().map(part).collect()
        }
        Indexed::Text(text) => {
            let text = user_text(dialect, text);
            let part = |part: &str| {
                let (value, _) = sqltext::in_order(dialect, part);
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
fn user_text(dialect: Dialect, text: &Text) -> String {
    let value = |name: &str| {
        let key = |(key, _): &&(String, Type)| key.to_lowercase() == name.to_lowercase();
        let (key, ty) = text.keys.iter().find(key)?;
        Some(json::indexed_field(dialect, table::DATA, key, ty))
    };
    replace_names(dialect, text.sql.of(dialect), value)
}

/// Prints a column for `CREATE TABLE` and `ADD COLUMN`.
pub(crate) fn column(dialect: Dialect, column: &Column) -> String {
    if let ColumnKind::Tracked(tracked) = column.kind {
        let definition = match dialect {
            Dialect::Postgres => postgres::tracked(tracked),
            Dialect::Sqlite => sqlite::tracked(tracked),
        };
        let default = match &column.default {
            Some(Default::Value(value)) => {
                format!(" DEFAULT {}", constant(dialect, value, &Type::String))
            }
            _ => String::new(),
        };
        return format!("{} {definition}{default}", column.name);
    }
    let mut text = format!("{} {}", dialect.ident(&column.name), kind(dialect, &column.kind));
    let is_implied = column.primary_key && dialect.capabilities().primary_key_is_not_null;
    if column.not_null && !is_implied {
        text += " NOT NULL";
    }
    if let Some(value) = default(dialect, column) {
        text += &format!(" DEFAULT {value}");
    }
    if column.primary_key {
        text += " PRIMARY KEY";
    }
    text
}

/// The type of a column.
pub(crate) fn kind(dialect: Dialect, kind: &ColumnKind) -> String {
    match dialect {
        Dialect::Postgres => postgres::kind(kind),
        Dialect::Sqlite => sqlite::kind(kind).to_owned(),
    }
}

/// Prints the default of a column, the text after `DEFAULT`.
pub(crate) fn default(dialect: Dialect, column: &Column) -> Option<String> {
    let ColumnKind::Field { ty, .. } = &column.kind else { return None };
    match column.default.as_ref()? {
        Default::Value(value) => Some(constant(dialect, value, ty)),
        Default::Now => now(dialect, ty),
    }
}

/// Prints the time of the statement for a type; `None` for types that are not times.
pub(crate) fn now(dialect: Dialect, ty: &Type) -> Option<String> {
    match dialect {
        Dialect::Postgres => postgres::now(ty),
        Dialect::Sqlite => sqlite::now(ty),
    }
    .map(str::to_owned)
}

/// Prints a constant for a column of this type.
fn constant(dialect: Dialect, value: &serde_json::Value, ty: &Type) -> String {
    match dialect {
        Dialect::Postgres => postgres::constant(value, ty),
        Dialect::Sqlite => sqlite::constant(value, ty),
    }
}

/// Prints the condition of a CHECK; `None` for other constraints.
pub(crate) fn condition_of(dialect: Dialect, rule: &Rule) -> Option<String> {
    match rule {
        Rule::Check(sql) => Some(sql.clone()),
        Rule::OneOf(place, names) => Some(one_of(dialect, place, names)),
        Rule::HasKey(key) => Some(has_key(dialect, key)),
        Rule::NotNull(column) => Some(format!("{} IS NOT NULL", dialect.ident(column))),
        Rule::IsJson => Some("json_valid(data)".to_owned()),
        Rule::PrimaryKey(_) | Rule::References { .. } => None,
    }
}

fn constraint(dialect: Dialect, constraint: &Constraint) -> String {
    let rule = match &constraint.rule {
        Rule::PrimaryKey(columns) => format!("PRIMARY KEY ({})", list(dialect, columns)),
        Rule::References { columns, table, to, on_delete, on_update } => format!(
            "FOREIGN KEY ({}) REFERENCES {} ({}){}{}",
            list(dialect, columns),
            dialect.ident(table),
            list(dialect, to),
            action("DELETE", *on_delete),
            action("UPDATE", *on_update)
        ),
        rule => format!("CHECK ({})", condition_of(dialect, rule).unwrap_or_default()),
    };
    format!("CONSTRAINT {} {rule}", dialect.ident(&constraint.name))
}

fn action(event: &str, action: Action) -> String {
    let words = match action {
        Action::NoAction => return String::new(),
        Action::Restrict => "RESTRICT",
        Action::Cascade => "CASCADE",
        Action::SetNull => "SET NULL",
        Action::SetDefault => "SET DEFAULT",
    };
    format!(" ON {event} {words}")
}

fn list(dialect: Dialect, names: &[String]) -> String {
    names.iter().map(|name| dialect.ident(name)).collect::<Vec<_>>().join(", ")
}

fn one_of(dialect: Dialect, place: &Place, names: &[String]) -> String {
    let names: Vec<_> = names.iter().map(|name| dialect.literal(name)).collect();
    let place = match place {
        Place::Column(name) => dialect.ident(name),
        Place::Key(key, _) => json::json_text(dialect, table::DATA, key),
    };
    format!("{place} IN ({})", names.join(", "))
}

pub(super) fn has_key(dialect: Dialect, key: &str) -> String {
    match dialect {
        Dialect::Postgres => format!("data ? {}", dialect.literal(key)),
        Dialect::Sqlite => format!("json_type(data, {}) IS NOT NULL", json::path(dialect, key)),
    }
}

fn condition(dialect: Dialect, only: &Only) -> String {
    match only {
        Only::Null(column) => format!("{} IS NULL", dialect.ident(column)),
        Only::HasKey(key) => has_key(dialect, key),
        Only::OneOf(place, names) => one_of(dialect, place, names),
        Only::HasVariants(of) => variants::differs(dialect, of),
        Only::LacksKey(key) => format!("{} IS NULL", json::json_text(dialect, table::DATA, key)),
        Only::Live => LIVE.to_owned(),
        Only::Deleted => "_deleted_txid IS NOT NULL".to_owned(),
    }
}

/// The start of a placeholder for a value that the user has to write: `<value for rating as number>`.
pub(crate) const PLACEHOLDER: &str = "<value for ";

/// Prints a value as JSON for a document.
fn as_json(dialect: Dialect, value: &RowExpr) -> String {
    match (value, dialect) {
        (RowExpr::Literal(value, _), _) => {
            let json = dialect.literal(&value.to_string());
            match dialect {
                Dialect::Postgres => format!("{json}::jsonb"),
                Dialect::Sqlite => format!("json({json})"),
            }
        }
        (RowExpr::Now(_), Dialect::Postgres) => format!("to_jsonb({})", expr(dialect, value)),
        (RowExpr::Todo(_, ty) | RowExpr::Given(_, ty, _), Dialect::Postgres) => {
            postgres::convert::as_given(&expr(dialect, value), ty)
        }
        (RowExpr::Todo(_, ty) | RowExpr::Given(_, ty, _), Dialect::Sqlite) => {
            sqlite::convert::as_given(&expr(dialect, value), ty)
        }
        (RowExpr::Json(column, ty), _) => {
            let column = dialect.ident(column);
            to_json(dialect, &column, ty).unwrap_or_else(|| as_json(dialect, &unknown(&column, ty)))
        }
        _ => expr(dialect, value),
    }
}

/// The placeholder for a conversion that is not known.
fn unknown(value: &str, ty: &Type) -> RowExpr {
    RowExpr::Todo(value.trim_matches('"').to_owned(), ty.clone())
}

fn expr(dialect: Dialect, value: &RowExpr) -> String {
    let inner = |value: &RowExpr| expr(dialect, value);
    match value {
        RowExpr::Column(name) => dialect.ident(name),
        RowExpr::Literal(value, ty) => constant(dialect, value, ty),
        RowExpr::Now(ty) => now(dialect, ty).unwrap_or_else(|| "NULL".to_owned()),
        RowExpr::Null => "NULL".to_owned(),
        RowExpr::Todo(field, ty) => format!("{PLACEHOLDER}{field} as {ty}>"),
        RowExpr::Given(backfill, ..) => match dialect {
            Dialect::Postgres => format!("({})", backfill.postgres),
            Dialect::Sqlite => format!("({})", backfill.sqlite),
        },
        RowExpr::Or(first, second) => format!("coalesce({}, {})", inner(first), inner(second)),
        RowExpr::Case(only, then, otherwise) => format!(
            "CASE WHEN {} THEN {} ELSE {} END",
            condition(dialect, only),
            inner(then),
            inner(otherwise)
        ),
        RowExpr::Convert(value, from, to) => {
            let value = inner(value);
            let converted = convert_column(dialect, &value, from, to).text(&value);
            converted.unwrap_or_else(|| match to {
                ColumnKind::Field { ty, .. } => inner(&unknown(&value, ty)),
                _ => value,
            })
        }
        RowExpr::Before(tracked) => match dialect {
            Dialect::Postgres => postgres::before(*tracked),
            Dialect::Sqlite => sqlite::before(*tracked),
        }
        .to_owned(),
        RowExpr::WithKey(data, key, value) => {
            let (data, json) = (inner(data), as_json(dialect, value));
            let document = match dialect {
                Dialect::Postgres => postgres::with_key(&data, key, &json),
                Dialect::Sqlite => sqlite::with_key(&data, key, &json),
            };
            match &**value {
                // Without a value the result is NULL, which the column refuses: a null in the document
                // would count as a value.
                RowExpr::Given(.., true) => {
                    format!("CASE WHEN {} IS NOT NULL THEN {document} END", inner(value))
                }
                _ => document,
            }
        }
        RowExpr::WithoutKey(data, key) => match dialect {
            Dialect::Postgres => postgres::without_key(&inner(data), key),
            Dialect::Sqlite => sqlite::without_key(&inner(data), key),
        },
        RowExpr::RenamedKey(data, from, to) => {
            let data = inner(data);
            match dialect {
                Dialect::Postgres => postgres::with_key(
                    &format!("({})", postgres::without_key(&data, from)),
                    to,
                    &format!("data->{}", dialect.literal(from)),
                ),
                Dialect::Sqlite => sqlite::with_key(
                    &sqlite::without_key(&data, from),
                    to,
                    &format!("json(data->{})", json::path(dialect, from)),
                ),
            }
        }
        RowExpr::ConvertedKey(data, key, from, to) => {
            let data = inner(data);
            let json = match convert_key(dialect, key, from, to) {
                Conversion::By(text) => text,
                Conversion::Same => return data,
                Conversion::Unknown => as_json(dialect, &unknown(key, to)),
            };
            match dialect {
                Dialect::Postgres => postgres::with_key(&data, key, &json),
                Dialect::Sqlite => sqlite::with_key(&data, key, &json),
            }
        }
        RowExpr::Document(keys) => {
            let pairs: Vec<_> = keys
                .iter()
                .map(|(key, value)| {
                    format!("{}, {}", dialect.literal(key), as_json(dialect, value))
                })
                .collect();
            match dialect {
                Dialect::Postgres => format!("jsonb_build_object({})", pairs.join(", ")),
                Dialect::Sqlite => format!("json_object({})", pairs.join(", ")),
            }
        }
        RowExpr::Json(..) => as_json(dialect, value),
        RowExpr::Variants(of) => variants::renamed(dialect, of),
        RowExpr::Key(key, to, not_null) => {
            from_json(dialect, key, to, *not_null).unwrap_or_else(|| match to {
                ColumnKind::Field { ty, .. } => inner(&unknown(key, ty)),
                _ => "NULL".to_owned(),
            })
        }
    }
}
