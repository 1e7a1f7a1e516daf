//! The rules that one struct can break by itself, each at the user's token.

use crate::code;
use crate::diagnostic::{Diagnostic, Diagnostics};
use crate::model::types::Type;
use crate::model::{Layout, Perm, Track};
use crate::name;
use crate::source::raw::{At, RawDefault, RawField, RawReference, RawTable, RawType};

/// The bookkeeping columns.
const OURS: [&str; 5] = ["_version", "_txid", "_owner", "_deleted_txid", "_order"];
/// The system columns of PostgreSQL tables.
/// <https://www.postgresql.org/docs/current/ddl-system-columns.html>
const POSTGRES: [&str; 6] = ["tableoid", "xmin", "cmin", "xmax", "cmax", "ctid"];
/// The names of SQLite's hidden key. <https://www.sqlite.org/lang_createtable.html#rowid>
const SQLITE: [&str; 3] = ["rowid", "_rowid_", "oid"];

mod index;

/// Reports what is wrong with one struct.
pub fn local(table: &RawTable) -> Diagnostics {
    let mut problems = Diagnostics::new();
    table_name(table, &mut problems);
    layout(table, &mut problems);
    external(table, &mut problems);
    key(table, &mut problems);
    for field in &table.fields {
        column_name(field, table.layout, &mut problems);
        permissions(field, is_key(table, field), &mut problems);
        default(field, is_key(table, field), &mut problems);
        stamp(field, &mut problems);
        backfill(field, is_key(table, field), &mut problems);
        sql_type(field, table.layout, &mut problems);
    }
    distinct_columns(table, &mut problems);
    for index in table.fields.iter().flat_map(|field| &field.indexes).chain(&table.indexes) {
        index::index(table, index, &mut problems);
    }
    for reference in &table.references {
        self::reference(table, reference, &mut problems);
    }
    problems
}

/// The column or JSON key.
fn column(field: &RawField, layout: Layout) -> (&str, At) {
    match (&field.column, layout) {
        (Some((name, at)), Layout::Columns) => (name, *at),
        (None, Layout::Columns) => (&field.name, field.at),
        (_, Layout::Document) => (&field.json, field.at),
    }
}

fn is_key(table: &RawTable, field: &RawField) -> bool {
    field.primkey.is_some() || table.primary_key.iter().any(|(name, _)| *name == field.name)
}

fn table_name(table: &RawTable, problems: &mut Diagnostics) {
    let written = table.name.as_ref().map_or(table.at, |(_, at)| *at);
    let name = table.table_name();
    let pointer = table.ptr.as_ref().map(|(ptr, at)| (ptr.as_str(), *at));
    for (name, at) in [(name.as_str(), written)].into_iter().chain(pointer) {
        let lower = name.to_lowercase();
        if ["sqlite_", "pg_", "_kontract"].iter().any(|prefix| lower.starts_with(prefix)) {
            problems.push(
                Diagnostic::new(
                    code::RESERVED_NAME,
                    format!("the table name `{name}` is reserved"),
                )
                .at(at)
                .help("give another: `#[table(name = \"…\")]`"),
            );
        }
        if let Some(bad) = name.chars().find(|c| "/\\\"".contains(*c) || c.is_control()) {
            problems.push(
                Diagnostic::new(
                    code::RESERVED_NAME,
                    format!("the table name {name:?} contains {bad:?}"),
                )
                .at(at)
                .help("use letters, digits and `_`"),
            );
        }
        too_long(name, at, "table", problems);
    }
}

fn too_long(name: &str, at: At, attribute: &str, problems: &mut Diagnostics) {
    if name.len() > name::MAX {
        problems.push(
            Diagnostic::new(
                code::LONG_NAME,
                format!(
                    "the name `{name}` has {} bytes; a database takes {}",
                    name.len(),
                    name::MAX
                ),
            )
            .at(at)
            .help(format!("give a shorter one: `#[{attribute}(name = \"…\")]`")),
        );
    }
}

/// What belongs to only one of the layouts.
fn layout(table: &RawTable, problems: &mut Diagnostics) {
    if table.layout == Layout::Columns {
        return;
    }
    let mut needs_columns = |what: &str, at: At, help: &str| {
        problems.push(
            Diagnostic::new(code::LAYOUT, format!("{what} needs the columns layout"))
                .at(at)
                .help(help),
        );
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
                "a document's key is renamed with `#[serde(rename = \"…\")]`",
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
    if let Some(at) = table.track_at.filter(|_| table.track != Track::default()) {
        needs_columns(
            "choosing bookkeeping columns",
            at,
            "a document table has all of them: remove the word",
        );
    }
}

/// What says how a table is made or changed means nothing where others do that.
fn external(table: &RawTable, problems: &mut Diagnostics) {
    let Some(at) = table.external else { return };
    let mut refuse = |what: &str, at: At| {
        problems.push(
            Diagnostic::new(code::EXTERNAL, format!("{what} of a table that others manage"))
                .at(at)
                .help("remove it: the struct only describes the table"),
        );
    };
    if table.standalone {
        refuse("`standalone`", at);
    }
    let renamed = table.renamed_from.iter().map(|(_, at)| *at);
    let given = renamed.chain(table.removed.iter().map(|removed| removed.at));
    given.for_each(|at| refuse("a hint", at));
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

fn key(table: &RawTable, problems: &mut Diagnostics) {
    let marked: Vec<(&RawField, At)> =
        table.fields.iter().filter_map(|field| Some((field, field.primkey?))).collect();
    match (&marked[..], &table.primary_key[..]) {
        ([], []) => problems.push(
            Diagnostic::new(code::NO_KEY, format!("`{}` has no primary key", table.ident))
                .at(table.at)
                .help("mark the field that identifies a row: `#[primkey]`"),
        ),
        ([], named) => {
            for (i, (name, at)) in named.iter().enumerate() {
                if named[..i].iter().any(|(other, _)| other == name) {
                    problems.push(
                        Diagnostic::new(
                            code::DUPLICATE_ATTRIBUTE,
                            format!("`{name}` stands in the key twice"),
                        )
                        .at(at),
                    );
                }
                match table.fields.iter().find(|field| field.name == *name) {
                    Some(field) => key_type(field, problems),
                    None => unknown_field(table, name, *at, problems),
                }
            }
        }
        ([(field, _)], []) => key_type(field, problems),
        ([(first, at), ..], [_, ..]) => problems.push(
            Diagnostic::new(
                code::TWO_KEYS,
                format!("`{}` has `primkey` and `primary_key(…)`", first.name),
            )
            .at(at)
            .help("keep one of them"),
        ),
        ([(first, _), rest @ ..], []) => {
            for (field, at) in rest {
                problems.push(
                    Diagnostic::new(
                        code::TWO_KEYS,
                        format!("`{}` is a second primary key", field.name),
                    )
                    .at(at)
                    .note(format!("`{}` is the first", first.name))
                    .help(
                        "for a key of both write `#[table(layout = \"columns\", primary_key(…))]`",
                    ),
                );
            }
        }
    }
}

fn key_type(field: &RawField, problems: &mut Diagnostics) {
    let why = match &field.ty {
        _ if field.optional => "an `Option` would leave rows without a key",
        RawType::Known(Type::Number | Type::Float32) => {
            "a floating-point number may not equal itself"
        }
        RawType::Known(Type::Boolean) => "two rows are not a table",
        RawType::Known(Type::Json | Type::Bytes | Type::Decimal | Type::DateTime | Type::Time)
        | RawType::List(_) => "such values are no identity",
        RawType::Named(..) => "an enum or document is no identity",
        RawType::Known(_) => return,
    };
    problems.push(
        Diagnostic::new(
            code::KEY_TYPE,
            format!("`{}` cannot be the primary key: {why}", field.name),
        )
        .at(field.ty_at)
        .help("a key is a String, an integer, a Uuid, a Timestamp or a day"),
    );
}

fn unknown_field(table: &RawTable, name: &str, at: At, problems: &mut Diagnostics) {
    let near = table
        .fields
        .iter()
        .map(|field| field.name.as_str())
        .min_by_key(|field| strsim::damerau_levenshtein(field, name))
        .filter(|field| strsim::damerau_levenshtein(field, name) <= 2);
    let mut problem =
        Diagnostic::new(code::UNKNOWN_FIELD, format!("`{}` has no field `{name}`", table.ident))
            .at(at);
    if let Some(near) = near {
        problem = problem.help(format!("did you mean `{near}`?"));
    }
    problems.push(problem);
}

fn column_name(field: &RawField, layout: Layout, problems: &mut Diagnostics) {
    let (name, at) = column(field, layout);
    let lower = name.to_lowercase();
    let whose = if OURS.contains(&lower.as_str()) {
        "Kontract's own column"
    } else if layout == Layout::Document && field.primkey.is_none() {
        // A key of the JSON is no column.
        ""
    } else if POSTGRES.contains(&lower.as_str()) {
        "a system column of PostgreSQL"
    } else if SQLITE.contains(&lower.as_str()) {
        "SQLite's hidden key"
    } else if layout == Layout::Document && lower == "data" {
        "the column of the document itself"
    } else {
        ""
    };
    if !whose.is_empty() {
        problems.push(
            Diagnostic::new(code::RESERVED_NAME, format!("the name `{name}` is {whose}"))
                .at(at)
                .help(match layout {
                    Layout::Columns => "give another: `#[column(name = \"…\")]`",
                    Layout::Document => "give another: `#[serde(rename = \"…\")]`",
                }),
        );
    }
    too_long(name, at, "column", problems);
}

fn distinct_columns(table: &RawTable, problems: &mut Diagnostics) {
    for (i, field) in table.fields.iter().enumerate() {
        let (name, at) = column(field, table.layout);
        let same =
            |other: &&RawField| column(other, table.layout).0.to_lowercase() == name.to_lowercase();
        if let Some(other) = table.fields[..i].iter().find(same) {
            problems.push(
                Diagnostic::new(
                    code::DUPLICATE_COLUMN,
                    format!(
                        "`{}` and `{}` have the same name in the database: `{name}`",
                        other.name, field.name
                    ),
                )
                .at(at)
                .help("give one of them another name"),
            );
        }
    }
}

fn permissions(field: &RawField, is_key: bool, problems: &mut Diagnostics) {
    let Some((bits, at)) = field.perm else { return };
    if bits & Perm::X != 0 {
        problems.push(
            Diagnostic::new(code::PERM, "a field has no execute permission")
                .at(at)
                .help("`X` belongs to a table: it allows deleting rows"),
        );
    }
    if is_key && bits & Perm::R == 0 {
        problems.push(
            Diagnostic::new(code::PERM, "the key cannot be unreadable: nobody could name a row")
                .at(at)
                .help("add `R`, or remove the attribute"),
        );
    }
}

fn default(field: &RawField, is_key: bool, problems: &mut Diagnostics) {
    let Some((default, written)) = &field.default else { return };
    let at = written.at;
    let mut report = |message: String, help: &str| {
        problems.push(Diagnostic::new(code::DEFAULT_VALUE, message).at(at).help(help));
    };
    if is_key {
        report(
            "a key has no default: two rows would have it".into(),
            "remove it; keys of type Uuid or String are made for you",
        );
        return;
    }
    if field.stamp.is_some() {
        report(
            "a kept time has no default".into(),
            "it is the time of the change: remove one of the attributes",
        );
        return;
    }
    let (ty, fits) = match (&field.ty, default) {
        (RawType::Named(..), _) => return,
        (RawType::List(_), _) => ("a list".to_owned(), false),
        (RawType::Known(ty), RawDefault::Variant(_)) => (format!("`{ty}`"), false),
        (RawType::Known(ty), RawDefault::Value(value)) => {
            (format!("`{ty}`"), super::literal_fits(value, ty))
        }
    };
    if !fits {
        report(
            format!("this default is no value for {ty}"),
            "write a literal of the type of the field: `0`, `1.5`, `true` or `\"text\"`; other types have no default",
        );
    }
}

/// The key of a row that is there is never made up.
fn backfill(field: &RawField, is_key: bool, problems: &mut Diagnostics) {
    if let Some((_, at)) = field.backfill.as_ref().filter(|_| is_key) {
        problems.push(
            Diagnostic::new(code::ATTRIBUTE_FORM, "`backfill` on a key: every row has one")
                .at(at)
                .help("remove it"),
        );
    }
}

fn stamp(field: &RawField, problems: &mut Diagnostics) {
    let Some((_, at)) = field.stamp else { return };
    let is_time = matches!(field.ty, RawType::Known(Type::Date | Type::Instant | Type::String));
    let fits = is_time && field.sql_type.is_none() && !field.optional;
    if !fits {
        problems.push(
            Diagnostic::new(code::STAMP, format!("`{}` cannot keep a time", field.name))
                .at(field.ty_at)
                .help(
                    "its type is `Timestamp`, a point in time of jiff, chrono or time, or `String`",
                ),
        );
    }
    if field.primkey.is_some() {
        problems.push(Diagnostic::new(code::STAMP, "a key is no kept time").at(at));
    }
}

fn sql_type(field: &RawField, layout: Layout, problems: &mut Diagnostics) {
    if let (Some((_, at)), Layout::Document, None) = (&field.sql_type, layout, field.primkey) {
        problems.push(
            Diagnostic::new(code::LAYOUT, "`column(sql_type)` needs the columns layout")
                .at(at)
                .help("a field of a document is JSON: its type is what serde writes"),
        );
    }
}

/// What a reference of several fields says of its own struct.
fn reference(table: &RawTable, reference: &RawReference, problems: &mut Diagnostics) {
    if let Some(name) = &reference.name {
        too_long(name, reference.at, "table(references)", problems);
    }
    for (i, (name, at)) in reference.fields.iter().enumerate() {
        if reference.fields[..i].iter().any(|(other, _)| other == name) {
            let message = format!("`{name}` stands in the reference twice");
            problems.push(Diagnostic::new(code::DUPLICATE_ATTRIBUTE, message).at(at));
        }
        if table.fields.iter().all(|field| field.name != *name) {
            unknown_field(table, name, *at, problems);
        }
    }
}
