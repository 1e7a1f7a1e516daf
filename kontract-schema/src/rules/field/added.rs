//! New fields: C1 to C5, C7, C8.

use serde_json::Value;

use crate::change::{Change, Fact};
use crate::code;
use crate::dialect::{self, Volatility};
use crate::model::types::Type;
use crate::model::{Field, Layout, Sql, Table};
use crate::rules::existing_rows::is_null;
use crate::rules::{Context, Finding, Level, Rule, Verdict};

pub(in crate::rules) const RULES: &[Rule] = rules! {
    "C1" field_may_add_optional Allow: "an optional field, or a list of a document, is new";
        why: "Existing rows need no value.";
        postgres: "ADD COLUMN, without a rewrite; nothing for a document.";
        sqlite: "ADD COLUMN; nothing for a document.";
        judge: |change, context| judge_added(change, context, ExistingRows::Absent);
    "C2" field_may_add_default Allow: "a field with a default is new";
        why: "Existing rows get the default.";
        postgres: "ADD COLUMN … DEFAULT, without a rewrite. The rows of a document table are updated.";
        sqlite: "ADD COLUMN … DEFAULT. A document table is rebuilt with the default in each row.";
        judge: |change, context| judge_added(change, context, ExistingRows::Default);
    "C3" field_needs_value Forbid: "a required field without a default is new";
        why: "Existing rows have no value for it, and Kontract cannot choose one.";
        both: "ADD COLUMN … NOT NULL fails if the table has rows; the generated migration fills them first.";
        fix: "Declare a value: `#[default(…)]` for existing rows and later inserts, `#[backfill = \"…\"]` in SQL for existing rows only; make the field an `Option`; or fill it in a manual migration.";
        judge: |change, context| {
            judge_added(change, context, ExistingRows::Backfill)
                .or_else(|| judge_added(change, context, ExistingRows::Unknown))
        };
    "C4" field_may_add_timestamp Allow: "a `created_at` or `updated_at` field is new, or one whose default is the time";
        why: "All existing rows get the time of the migration.";
        postgres: "ADD COLUMN with the time of the transaction as default.";
        sqlite: "The table is rebuilt: ADD COLUMN accepts only constants as default.";
        judge: |change, context| judge_added(change, context, ExistingRows::MigrationTime);
    "C5" field_may_add_own_values Allow: "a new field has a default that differs by row";
        why: "Each existing row gets its own value from the default, `gen_random_uuid()`.";
        postgres: "ADD COLUMN without the default, which would write the table again; then the rows are updated in batches.";
        sqlite: "The table is rebuilt, with the default in each row.";
        judge: |change, context| judge_added(change, context, ExistingRows::OwnValues);
    "C7" field_may_add_stored Warn: "a stored generated column is new";
        why: "The database computes it for each existing row.";
        postgres: "ADD COLUMN writes the table again; reads and writes wait meanwhile.";
        sqlite: "The table is rebuilt.";
        fix: "Run it while the table is little used, or make the column `virtual`.";
        judge: |change, context| judge_added(change, context, ExistingRows::Stored);
    "C8" field_may_add_virtual Allow: "a virtual generated column is new";
        why: "No row stores it.";
        postgres: "ADD COLUMN, without a rewrite; from PostgreSQL 18.";
        sqlite: "ADD COLUMN.";
        judge: |change, context| judge_added(change, context, ExistingRows::Virtual);
};

/// What existing rows have in a new field.
#[derive(Clone, Copy, PartialEq, Eq)]
enum ExistingRows {
    Backfill,
    MigrationTime,
    Default,
    /// A value of its own for each row, from the default or a number.
    OwnValues,
    /// A computed value, which they store.
    Stored,
    /// A computed value.
    Virtual,
    /// No value, or an empty list.
    Absent,
    /// They need a value that the source does not declare.
    Unknown,
}

impl ExistingRows {
    fn of_field(field: &Field, backfill: Option<&Sql>, layout: Layout) -> ExistingRows {
        if !field.optional && is_null(field, backfill) {
            ExistingRows::Unknown
        } else if backfill.is_some() {
            ExistingRows::Backfill
        } else if field.stamp.is_some() {
            ExistingRows::MigrationTime
        } else if let Some(generated) = &field.generated {
            if generated.stored { ExistingRows::Stored } else { ExistingRows::Virtual }
        } else if let Some(sql) = &field.default_sql {
            match dialect::volatility(sql) {
                Volatility::Constant => ExistingRows::Default,
                Volatility::Stable => ExistingRows::MigrationTime,
                Volatility::Volatile => ExistingRows::OwnValues,
            }
        } else if field.identity {
            ExistingRows::OwnValues
        } else if field.default.is_some() {
            ExistingRows::Default
        } else if field.optional
            || (layout == Layout::Document && matches!(field.ty, Type::Array(_)))
        {
            ExistingRows::Absent
        } else {
            ExistingRows::Unknown
        }
    }
}

fn judge_added(change: &Change, context: &Context<'_>, rows: ExistingRows) -> Option<Finding> {
    let Fact::FieldAdded { field, backfill } = &change.fact else { return None };
    let table = context.new_table(change)?;
    if ExistingRows::of_field(field, backfill.as_ref(), table.layout) != rows {
        return None;
    }
    let message = format!("field `{}` of table `{}` is new", field.name, change.table);
    let found = match rows {
        ExistingRows::Backfill => Finding::new(Verdict::Backfill, message)
            .level(Level::Allow)
            .flags("S")
            .note("existing rows get the value of `backfill`"),
        ExistingRows::MigrationTime => Finding::new(Verdict::Backfill, message)
            .note("all existing rows get the time of the migration")
            .flags("U"),
        ExistingRows::OwnValues if field.identity => Finding::new(Verdict::Dangerous, message)
            .code(code::KEY_CHANGED)
            .level(Level::Deny)
            .note("the database numbers existing rows together with the change of the key")
            .help("add the field in the manual migration that changes the key"),
        ExistingRows::OwnValues => Finding::new(Verdict::Backfill, message)
            .note("each existing row gets its own value from the default")
            .flags("S U"),
        ExistingRows::Stored => Finding::new(Verdict::Lock, message)
            .note("the database computes it for each existing row; other sessions wait meanwhile")
            .flags("R U"),
        ExistingRows::Default | ExistingRows::Absent | ExistingRows::Virtual => {
            Finding::new(Verdict::Safe, message)
        }
        ExistingRows::Unknown => Finding::new(
            Verdict::Backfill,
            format!(
                "field `{}` of table `{}` is new and required, and existing rows have no value for it",
                field.name, change.table
            ),
        )
        .code(code::NO_VALUE)
        .help(help_new_field(table, field)),
    };
    Some(match former_type_note(change, field, context) {
        Some(note) if rows == ExistingRows::Unknown => found.note(note),
        Some(note) => found.note(note).level(Level::Warn),
        None => found,
    })
}

/// The note that a removed field of this name had another type.
fn former_type_note(change: &Change, field: &Field, context: &Context<'_>) -> Option<String> {
    let former = context.old_table(change)?.dropped.get(&field.name)?;
    (*former != field.ty).then(|| {
        format!("a removed field of this name was a `{former}`: backups, and programs that read them, may expect that type")
    })
}

/// Returns the advice how the source gives existing rows a value in a new field.
fn help_new_field(table: &Table, field: &Field) -> String {
    if table.is_key(&field.name) {
        return SET_THE_KEY.to_owned();
    }
    if let Type::Enum(names) = &field.ty {
        let first = names.first().map_or("…", String::as_str);
        return format!(
            "declare a variant for them, such as `{first}`: `#[default(…)]`, or in SQL \
             `#[backfill = \"…\"]`; or make the field an `Option`"
        );
    }
    match default_example(&field.ty) {
        Some(example) => format!(
            "declare a value for them: `#[default({example})]`, or in SQL `#[backfill = \"…\"]`; or \
             make the field an `Option`"
        ),
        None => format!(
            "declare a value for them, in SQL: {}; or make the field an `Option`",
            backfill_example(table, field)
        ),
    }
}

/// Returns the advice how the source gives rows without a value one, in a field that becomes required. A
/// default is for new rows.
pub fn help_null_rows(table: &Table, field: &Field) -> String {
    if table.is_key(&field.name) {
        return SET_THE_KEY.to_owned();
    }
    let example = backfill_example(table, field);
    format!("declare a value for rows without one, in SQL: {example}; or keep the `Option`")
}

const SET_THE_KEY: &str = "set the key of each row in a manual migration";

/// Returns the attribute with the default of the field, or with an empty list, as SQL.
fn backfill_example(table: &Table, field: &Field) -> String {
    let literal = match &field.default {
        Some(Value::String(text)) => format!("'{}'", text.replace('\'', "''")),
        Some(Value::Number(number)) => number.to_string(),
        Some(Value::Bool(truth)) => truth.to_string(),
        _ if matches!(field.ty, Type::Array(_)) && table.layout == Layout::Columns => {
            return "`#[backfill(postgres = \"'{}'\", sqlite = \"'[]'\")]`".to_owned();
        }
        _ => "…".to_owned(),
    };
    format!("`#[backfill = {literal:?}]`")
}

/// Returns a literal that `#[default(…)]` accepts for the type; `None` if the type has no default.
fn default_example(ty: &Type) -> Option<&'static str> {
    match ty {
        Type::String => Some("\"…\""),
        Type::Boolean => Some("false"),
        Type::Number | Type::Float32 => Some("0.0"),
        Type::Bigint
        | Type::Date
        | Type::Int8
        | Type::Int16
        | Type::Int32
        | Type::Uint8
        | Type::Uint16
        | Type::Uint32 => Some("0"),
        _ => None,
    }
}
