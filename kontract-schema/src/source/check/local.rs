//! The rules about one struct. Errors are at the user's tokens.

use crate::code;
use crate::diagnostic::{Diagnostic, Diagnostics};
use crate::dialect::ROWID_NAMES;
use crate::model::types::Type;
use crate::model::{Layout, Perm, Track, Tracked};
use crate::name;
use crate::source::raw::{At, RawField, RawTable, RawType};

/// The bookkeeping columns.
const OURS: [&str; 6] = ["_version", "_txid", "_owner", "_deleted_txid", "_deleted_at", "_order"];
/// The system columns of PostgreSQL tables.
/// <https://www.postgresql.org/docs/current/ddl-system-columns.html>
const POSTGRES: [&str; 6] = ["tableoid", "xmin", "cmin", "xmax", "cmax", "ctid"];
/// The columns that a table of PostgreSQL can have; on SQLite they are 2000.
/// <https://www.postgresql.org/docs/current/limits.html>
const MOST_COLUMNS: usize = 1600;

pub(super) mod column_type;
pub(super) mod columns;
mod index;
mod made;
mod partition_key;
mod references;

use self::columns::KnownColumns;
pub(super) use self::partition_key::resolve_partition_key;

/// The errors of one struct.
pub fn check_struct(table: &RawTable) -> Diagnostics {
    let mut problems = Diagnostics::new();
    check_table_name(table, &mut problems);
    check_layout(table, &mut problems);
    check_external(table, &mut problems);
    check_owners(table, &mut problems);
    check_key(table, &mut problems);
    partition_key::check_partition_key(table, &mut problems);
    for field in &table.fields {
        check_column_name(field, table.layout, &mut problems);
        check_permissions(field, is_key(table, field), &mut problems);
        made::check_made(table, field, &mut problems);
        check_backfill(field, is_key(table, field), &mut problems);
        column_type::check_sql_type(field, table, &mut problems);
    }
    check_distinct_columns(table, &mut problems);
    check_number_of_columns(table, &mut problems);
    for index in table.fields.iter().flat_map(|field| &field.indexes).chain(&table.indexes) {
        index::check_index(table, index, &mut problems);
    }
    for check in table.fields.iter().flat_map(|field| &field.checks).chain(&table.checks) {
        if let Some(name) = &check.name {
            check_length(name, check.at, "table(check)", &mut problems);
        }
        let found = KnownColumns::of_struct(table).check_condition("check", &check.sql);
        found.into_iter().for_each(|problem| problems.push(problem.at(check.at)));
    }
    references::check_references(table, &mut problems);
    problems
}

/// The column or JSON key.
fn column_name(field: &RawField, layout: Layout) -> (&str, At) {
    match (&field.column, layout) {
        (Some((name, at)), Layout::Columns) => (name, *at),
        (None, Layout::Columns) => (&field.name, field.at),
        (_, Layout::Document) => (&field.json, field.at),
    }
}

fn is_key(table: &RawTable, field: &RawField) -> bool {
    field.primkey.is_some() || table.primary_key.iter().any(|(name, _)| *name == field.name)
}

fn check_table_name(table: &RawTable, problems: &mut Diagnostics) {
    let written = table.name.as_ref().map_or(table.at, |(_, at)| *at);
    let name = table.table_name();
    let pointer = table.ptr.as_ref().map(|(ptr, at)| (ptr.as_str(), *at));
    for (name, at) in [(name.as_str(), written)].into_iter().chain(pointer) {
        let lower = name.to_lowercase();
        if ["sqlite_", "pg_", "_kontract"].iter().any(|prefix| lower.starts_with(prefix)) {
            problems
                .report(code::RESERVED_NAME, format!("the table name `{name}` is reserved"))
                .at(at)
                .help("give another name: `#[table(name = \"…\")]`");
        }
        if let Some(bad) = name.chars().find(|c| "/\\\"".contains(*c) || c.is_control()) {
            problems
                .report(code::RESERVED_NAME, format!("the table name {name:?} contains {bad:?}"))
                .at(at)
                .help("use letters, digits and `_`");
        }
        check_length(name, at, "table", problems);
    }
    if let Some((name, at)) = &table.namespace {
        let lower = name.to_lowercase();
        let is_plain = |c: char| c.is_alphanumeric() || c == '_' || c == '$';
        if lower.starts_with("pg_") || lower == "information_schema" {
            problems
                .report(code::RESERVED_NAME, format!("the schema `{name}` belongs to PostgreSQL"))
                .at(at)
                .help("give another name: `#[table(schema = \"…\")]`");
        } else if !name.chars().all(is_plain) {
            problems
                .report(code::RESERVED_NAME, format!("the schema {name:?} is not a plain name"))
                .at(at)
                .help("use letters, digits and `_`");
        }
        check_length(name, *at, "table", problems);
    }
}

fn check_length(name: &str, at: At, attribute: &str, problems: &mut Diagnostics) {
    if name.is_empty() || name.contains('\0') {
        problems
            .report(code::RESERVED_NAME, format!("{name:?} cannot be a name in the database"))
            .at(at)
            .help(format!("give another name: `#[{attribute}(name = \"…\")]`"));
    } else if name.len() > name::MAX {
        problems
            .report(
                code::LONG_NAME,
                format!(
                    "the name `{name}` has {} bytes; at most {} are allowed",
                    name.len(),
                    name::MAX
                ),
            )
            .at(at)
            .help(format!("give a shorter name: `#[{attribute}(name = \"…\")]`"));
    }
}

/// Attributes that only one of the layouts allows.
fn check_layout(table: &RawTable, problems: &mut Diagnostics) {
    if table.layout == Layout::Columns {
        return;
    }
    let mut needs_columns = |what: &str, at: At, help: &str| {
        problems
            .report(code::LAYOUT, format!("{what} needs the layout `columns`"))
            .at(at)
            .help(help);
    };
    const SWITCH: &str = "add `layout = \"columns\"` to `#[table(…)]`";
    for field in &table.fields {
        if let Some(reference) = &field.references {
            needs_columns("`references`", reference.at, SWITCH);
        }
        for check in &field.checks {
            needs_columns("`check`", check.at, SWITCH);
        }
        if let Some((_, at)) = field.column {
            needs_columns(
                "`column(name)`",
                at,
                "rename the key of a document with `#[serde(rename = \"…\")]`",
            );
        }
    }
    for check in &table.checks {
        needs_columns("`check`", check.at, SWITCH);
    }
    for reference in &table.references {
        needs_columns("`references`", reference.at, SWITCH);
    }
    if let (true, Some((_, at))) = (table.primary_key.len() > 1, table.primary_key.first()) {
        needs_columns("a key of several fields", *at, SWITCH);
    }
    let beside = Track { deleted_at: table.track.deleted_at, ..Track::default() };
    if let Some(at) = table.track_at.filter(|_| table.track != beside) {
        needs_columns(
            "a bookkeeping argument",
            at,
            "a document table has these bookkeeping columns: remove the argument",
        );
    }
}

/// A table whose rows have owners on request cannot be shared: all owners would see all rows.
fn check_owners(table: &RawTable, problems: &mut Diagnostics) {
    if let Some(at) = table.track_at.filter(|_| table.shared && table.track.owner) {
        problems
            .report(code::PERM, "a table is `owned` or `shared`, not both")
            .at(at)
            .note("owners see and change all rows of a shared table")
            .help(
                "remove `shared` if each row has an owner, or `owned` if all owners see all rows",
            );
    }
}

/// Attributes about creating or changing a table are errors on an external table.
fn check_external(table: &RawTable, problems: &mut Diagnostics) {
    let Some(at) = table.external else { return };
    let mut refuse = |what: &str, at: At| {
        problems
            .report(code::EXTERNAL, format!("an external table cannot have {what}"))
            .at(at)
            .help("remove it: migrations do not touch this table");
    };
    if table.standalone {
        refuse("`standalone`", at);
    }
    let renamed = table.renamed_from.iter().map(|(_, at)| *at);
    let given = renamed.chain(table.removed.iter().map(|removed| removed.at));
    given.for_each(|at| refuse("a hint", at));
    let partitions = table.partition_by.iter().map(|(_, at)| *at);
    partitions.for_each(|at| refuse("`partition_by`", at));
    table.checks.iter().for_each(|check| refuse("a check", check.at));
    table.references.iter().for_each(|reference| refuse("a reference", reference.at));
    for field in &table.fields {
        let hint = field.renamed_from.as_ref().map(|(_, at)| *at);
        let hint = hint.or(field.backfill.as_ref().map(|(_, at)| *at));
        hint.into_iter().for_each(|at| refuse("a hint", at));
        field.checks.iter().for_each(|check| refuse("a check", check.at));
        field.references.iter().for_each(|reference| refuse("a reference", reference.at));
    }
    let indexes = table.fields.iter().flat_map(|field| &field.indexes).chain(&table.indexes);
    indexes.filter(|index| !index.unique).for_each(|index| refuse("an index", index.at));
}

fn check_key(table: &RawTable, problems: &mut Diagnostics) {
    let marked: Vec<(&RawField, At)> =
        table.fields.iter().filter_map(|field| Some((field, field.primkey?))).collect();
    if let Some(at) = table.keyless {
        check_keyless(table, at, problems);
        return;
    }
    match (&marked[..], &table.primary_key[..]) {
        ([], []) => {
            problems
                .report(code::NO_KEY, format!("`{}` has no primary key", table.ident))
                .at(table.at)
                .help("mark the field that identifies a row: `#[primkey]`")
                .help("or, if rows are found by queries only, declare a table without a key: `#[table(layout = \"columns\", keyless)]`");
        }
        ([], named) => check_named_key(table, named, problems),
        // The field of the key that the database numbers.
        ([(field, at)], named @ [_, ..]) if field.identity.is_some() => {
            check_named_key(table, named, problems);
            if !named.iter().any(|(name, _)| *name == field.name) {
                let message = format!("`{}` is numbered and is not in the key", field.name);
                let names = named.iter().map(|(name, _)| name.as_str()).chain([&*field.name]);
                let names = names.collect::<Vec<_>>().join(", ");
                problems
                    .report(code::TWO_KEYS, message)
                    .at(at)
                    .help(format!("write `primary_key({names})`, or remove one of them"));
            }
        }
        ([(field, _)], []) => check_key_type(field, problems),
        ([(first, at), ..], [_, ..]) => {
            let message =
                format!("`{}` has `primkey`, and the struct has `primary_key(…)`", first.name);
            problems.report(code::TWO_KEYS, message).at(at).help("keep one of them; the one field of the key that the database numbers has both: `#[primkey(identity)]`");
        }
        ([(first, _), rest @ ..], []) => {
            let help = "for a key of several fields write `#[table(layout = \"columns\", primary_key(a, b))]`";
            for (field, at) in rest {
                problems
                    .report(code::TWO_KEYS, format!("`{}` is a second primary key", field.name))
                    .at(at)
                    .note(format!("`{}` is the first", first.name))
                    .help(help);
            }
        }
    }
}

/// Reports fields of a key that do not exist, are named twice, or do not identify a row.
fn check_named_key(table: &RawTable, named: &[(String, At)], problems: &mut Diagnostics) {
    for (i, (name, at)) in named.iter().enumerate() {
        if named[..i].iter().any(|(other, _)| other == name) {
            problems
                .report(code::DUPLICATE_ATTRIBUTE, format!("the key has `{name}` twice"))
                .at(at);
        }
        match table.fields.iter().find(|field| field.name == *name) {
            Some(field) => check_key_type(field, problems),
            None => report_unknown_field(table, name, *at, problems),
        }
    }
}

/// Reports what a table without a key cannot have: a key, the layout `document`, and what works on the
/// row of a key.
fn check_keyless(table: &RawTable, at: At, problems: &mut Diagnostics) {
    let marked = table.fields.iter().find_map(|field| Some((&field.name, field.primkey?)));
    let named = table.primary_key.first().map(|(name, at)| (name, *at));
    if let Some((name, at)) = marked.or(named) {
        problems
            .report(code::KEYLESS, format!("`{name}` is the key of a table that is `keyless`"))
            .at(at)
            .help("remove the key, or `keyless`");
        return;
    }
    if table.layout == Layout::Document {
        problems
            .report(code::LAYOUT, "`keyless` needs the layout `columns`")
            .at(at)
            .help("add `layout = \"columns\"` to `#[table(…)]`");
        return;
    }
    let Track { version, soft_delete, deleted_at, order, .. } = table.track;
    let arguments = [
        (version, "versioned"),
        (soft_delete, "soft_delete"),
        (deleted_at, "deleted_at"),
        (order, "ordered"),
    ];
    if let Some((_, argument)) = arguments.into_iter().find(|(is_given, _)| *is_given) {
        problems
            .report(code::KEYLESS, format!("`{argument}` needs a key, and the table is `keyless`"))
            .at(table.track_at.unwrap_or(at))
            .help(format!("remove `{argument}`, or give the table a key: `#[primkey]`"));
    }
}

/// The type of a path is checked where it is known: by [`why_not_a_key`].
fn check_key_type(field: &RawField, problems: &mut Diagnostics) {
    let why = match &field.ty {
        _ if field.optional => Some("an `Option` would leave rows without a key"),
        RawType::Known(ty) => why_not_a_key(ty),
        RawType::List(_) => Some(NOT_A_KEY),
        RawType::Named(..) | RawType::Text(_) => None,
    };
    if let Some(why) = why {
        problems.push(wrong_key_type(&field.name, why).at(field.ty_at));
    }
}

const NOT_A_KEY: &str = "its type does not identify a row";

/// The reason why a field of that type cannot be a key, or a part of one.
pub(super) fn why_not_a_key(ty: &Type) -> Option<&'static str> {
    Some(match ty {
        Type::Number | Type::Float32 => "a floating-point NaN does not equal itself",
        Type::Json | Type::Decimal | Type::Array(_) => NOT_A_KEY,
        Type::Object(_) => "a document does not identify a row",
        _ => return None,
    })
}

/// The problem of a field that cannot be a key.
pub(super) fn wrong_key_type(field: &str, why: &str) -> Diagnostic {
    Diagnostic::new(code::KEY_TYPE, format!("`{field}` cannot be the primary key: {why}"))
        .help("a key is a String, an integer, a Uuid, bytes, a date or time, a bool or an enum")
}

fn report_unknown_field(table: &RawTable, name: &str, at: At, problems: &mut Diagnostics) {
    let near = table
        .fields
        .iter()
        .map(|field| field.name.as_str())
        .min_by_key(|field| strsim::damerau_levenshtein(field, name))
        .filter(|field| strsim::damerau_levenshtein(field, name) <= 2);
    let mut problem =
        Diagnostic::new(code::UNKNOWN_FIELD, format!("`{}` has no field `{name}`", table.ident))
            .at(at);
    problem = problem.help(match near {
        Some(near) => format!("did you mean `{near}`?"),
        None => {
            let fields: Vec<&str> = table.fields.iter().map(|field| field.name.as_str()).collect();
            format!("its fields are {}", fields.join(", "))
        }
    });
    problems.push(problem);
}

fn check_column_name(field: &RawField, layout: Layout, problems: &mut Diagnostics) {
    let (name, at) = column_name(field, layout);
    let lower = name.to_lowercase();
    let whose = if OURS.contains(&lower.as_str()) {
        "reserved for a bookkeeping column"
    } else if layout == Layout::Document && field.primkey.is_none() {
        // A key of the JSON is not a column.
        ""
    } else if POSTGRES.contains(&lower.as_str()) {
        "a system column of PostgreSQL"
    } else if ROWID_NAMES.contains(&lower.as_str()) {
        "the hidden key of SQLite tables"
    } else if layout == Layout::Document && lower == "data" {
        "the column with the document"
    } else {
        ""
    };
    if !whose.is_empty() {
        problems.report(code::RESERVED_NAME, format!("the name `{name}` is {whose}")).at(at).help(
            match layout {
                Layout::Columns => "give another name: `#[column(name = \"…\")]`",
                Layout::Document => "give another name: `#[serde(rename = \"…\")]`",
            },
        );
    }
    check_length(name, at, "column", problems);
}

fn check_distinct_columns(table: &RawTable, problems: &mut Diagnostics) {
    for (i, field) in table.fields.iter().enumerate() {
        if table.fields[..i].iter().any(|other| other.name == field.name) {
            problems
                .report(
                    code::DUPLICATE_COLUMN,
                    format!("two fields have the name `{}`", field.name),
                )
                .at(field.at)
                .help("give one of them another name");
            continue;
        }
        let (name, at) = column_name(field, table.layout);
        let same = |other: &&RawField| {
            column_name(other, table.layout).0.to_lowercase() == name.to_lowercase()
        };
        if let Some(other) = table.fields[..i].iter().find(same) {
            problems
                .report(
                    code::DUPLICATE_COLUMN,
                    format!(
                        "`{}` and `{}` have the same name in the database: `{name}`",
                        other.name, field.name
                    ),
                )
                .at(at)
                .help("give one of them another name");
        }
    }
}

/// Reports a table with more columns than PostgreSQL has, ours included.
fn check_number_of_columns(table: &RawTable, problems: &mut Diagnostics) {
    if table.layout == Layout::Document {
        return;
    }
    let ours = Tracked::ALL.into_iter().filter(|column| table.track.has(*column)).count();
    let columns = table.fields.len() + ours;
    if columns > MOST_COLUMNS {
        let ours = if ours == 0 { String::new() } else { format!(", {ours} of them bookkeeping") };
        problems
            .report(
                code::TOO_MANY_COLUMNS,
                format!(
                    "`{}` has {columns} columns{ours}; PostgreSQL has at most {MOST_COLUMNS} in a table",
                    table.ident
                ),
            )
            .at(table.at)
            .help("divide the struct, or put some fields into one of type `Json` or of a document");
    }
}

fn check_permissions(field: &RawField, is_key: bool, problems: &mut Diagnostics) {
    let Some((bits, at)) = field.perm else { return };
    if bits & Perm::X != 0 {
        problems
            .report(code::PERM, "a field has no execute permission")
            .at(at)
            .help("`X` belongs to a table: it allows deleting rows");
    }
    if is_key && bits & Perm::R == 0 {
        problems
            .report(code::PERM, "the key must be readable: it identifies rows")
            .at(at)
            .help("add `R`, or remove the attribute");
    }
}

/// A backfill of the key is an error: existing rows have a key.
fn check_backfill(field: &RawField, is_key: bool, problems: &mut Diagnostics) {
    if let Some((_, at)) = field.backfill.as_ref().filter(|_| is_key) {
        problems
            .report(code::ATTRIBUTE_FORM, "`backfill` on a key: existing rows have a key")
            .at(at)
            .help("remove it");
    }
}
