//! [`crate::source::raw`] → [`Checked`]: the only way from source to a schema.
//!
//! [`check_struct`] has the rules about one struct; the derive reports them at the user's tokens, so the
//! build script does not. [`check_schema`] resolves names between items and has the rules that need all
//! items; the build script passes these errors to the derive of the struct.

use std::collections::BTreeMap;

use super::raw::{At, RawCheck, RawDefault, RawEnum, RawField, RawIndex, RawTable, RawType};
use crate::code;
use crate::diagnostic::{Diagnostic, Diagnostics};
use crate::intent::{Checked, Intent, TableIntent};
use crate::model::types::Type;
use crate::model::{
    Deferrable, Field, Index, Layout, Method, Perm, Schema, Sql, Table, Track, has_literals,
    is_literal, parse_constant,
};
use crate::name;
use crate::sql::table::column_names;
use crate::stored_text;

mod backfill;
mod fill;
mod hints;
mod local;
mod names;
mod projection;
mod references;
mod resolve;
mod retained_columns;

pub use fill::decide_fills;
pub use local::check_struct;
use local::column_type;
pub use projection::{ProjectedField, ProjectedTable, Projection, Selection, check_projection};
pub use resolve::{Item, Items};

use names::{check_enum_types, check_names};
use references::{check_cycles, resolve_references};
use resolve::{ImpliedColumn, Resolver};

/// The schema of all items of a package with the hints, and the errors between them. `sealed` is the sealed schema
/// of the lock file: a table that is in it keeps its pointer.
///
/// A table with errors is in the schema without the wrong parts. The items must have passed
/// [`check_struct`].
pub fn check_schema(package: &str, items: &Items, sealed: &Schema) -> (Checked, Diagnostics) {
    let mut problems = Diagnostics::new();
    let resolver = Resolver::new(items);
    let (mut schema, mut intent) = (Schema::default(), Intent::default());
    let mut structs: BTreeMap<String, &Item<RawTable>> = BTreeMap::new();
    for item in &items.tables {
        let table = check_table(package, item, &resolver, sealed, &mut problems);
        if let Some(other) = structs.get(&table.name) {
            problems
                .report(
                    code::DUPLICATE_TABLE,
                    format!(
                        "`{}` and `{}` both map to the table `{}`",
                        other.path(),
                        item.path(),
                        table.name
                    ),
                )
                .on(&table.name, None)
                .help("give one of them another name: `#[table(name = \"…\")]`");
            continue;
        }
        structs.insert(table.name.clone(), item);
        let hints = hints::read_hints(item, &resolver);
        if hints != TableIntent::default() {
            intent.tables.insert(table.name.clone(), hints);
        }
        schema.tables.insert(table.name.clone(), table);
    }
    resolve_references(&mut schema, &structs, &resolver, &mut problems);
    check_names(&schema, &mut problems);
    check_enum_types(&schema, &mut problems);
    check_cycles(&schema, &mut problems);
    (Checked { schema, intent }, problems)
}

/// For each field of a table whose type is an enum or document, the fingerprint of that item: the
/// derive proves with it that the type the compiler sees is the one that was resolved here.
pub fn fingerprint_types(item: &Item<RawTable>, items: &Items) -> BTreeMap<String, u64> {
    let resolver = Resolver::new(items);
    let fingerprint = |field: &RawField| {
        let print = resolver.fingerprint(&field.ty, item)?;
        Some((field.name.clone(), print))
    };
    item.raw.fields.iter().filter_map(fingerprint).collect()
}

/// The table of a struct with `#[table(standalone)]`: it has no enums, documents or references.
///
/// # Errors
/// Types and references that only the build script could resolve.
pub fn check_standalone(package: &str, raw: &RawTable) -> Result<Table, Diagnostics> {
    let mut problems = Diagnostics::new();
    for field in raw.fields.iter().filter(|field| field.sql_type.is_none()) {
        if let Some((path, at)) = find_path(&field.ty) {
            problems
                .report(
                    code::STANDALONE,
                    format!("a standalone table cannot have a field of type `{path}`"),
                )
                .at(at)
                .help("only the build script knows its variants or fields: remove `standalone`");
        }
    }
    let of_fields = raw.fields.iter().filter_map(|field| field.references.as_ref());
    for reference in of_fields.chain(&raw.references) {
        problems
            .report(code::STANDALONE, "a standalone table cannot have references")
            .at(reference.at)
            .help("only the build script knows the other table: remove `standalone`");
    }
    let item = Item { raw: raw.clone(), module: Vec::new(), place: String::new() };
    let (items, sealed) = (Items::default(), Schema::default());
    // The loops above reported what cannot be resolved.
    let mut unresolved = Diagnostics::new();
    let table = check_table(package, &item, &Resolver::new(&items), &sealed, &mut unresolved);
    problems.or(table)
}

/// The path of an enum or document in a type, with its place.
fn find_path(ty: &RawType) -> Option<(&str, At)> {
    match ty {
        RawType::Known(_) | RawType::Text(_) => None,
        RawType::Named(path, at) => Some((path, *at)),
        RawType::List(element) => find_path(element),
    }
}

/// A table without its references to other tables.
fn check_table(
    package: &str,
    item: &Item<RawTable>,
    resolver: &Resolver<'_>,
    sealed: &Schema,
    problems: &mut Diagnostics,
) -> Table {
    let raw = &item.raw;
    let name = raw.table_name();
    let mut table = Table {
        ptr: String::new(),
        comment: raw.comment.clone(),
        namespace: raw.namespace.as_ref().map(|(name, _)| name.clone()),
        partition_by: raw
            .partition_by
            .as_ref()
            .map(|(key, _)| local::resolve_partition_key(raw, key)),
        external: raw.external.is_some(),
        keyless: raw.keyless.is_some(),
        shared: raw.shared,
        layout: raw.layout,
        perm: raw.perm.map_or(Perm::table_default(), |(bits, _)| Perm(bits)),
        track: track_of(raw),
        schema: Vec::new(),
        primary_key: raw.primary_key.iter().map(|(field, _)| field.clone()).collect(),
        indexes: BTreeMap::new(),
        checks: BTreeMap::new(),
        references: BTreeMap::new(),
        hash: String::new(),
        dropped: BTreeMap::new(),
        name,
    };
    // One field named in `primary_key(…)` is the same as `#[primkey]` on it.
    let single = match &table.primary_key[..] {
        [one] => Some(one.clone()),
        _ => None,
    };
    for field in &raw.fields {
        let mut checked = check_field(field, &table, item, resolver, problems);
        checked.primkey |= single.as_deref() == Some(&field.name);
        table.schema.push(checked);
    }
    if single.is_some() {
        table.primary_key.clear();
    }
    check_named_keys(&table, raw, problems);
    let field_indexes = raw.fields.iter().flat_map(|field| &field.indexes);
    for index in field_indexes.chain(&raw.indexes) {
        add_index(&mut table, index, problems);
    }
    for field in &raw.fields {
        for check in &field.checks {
            add_check(&mut table, check, Some(&field.name), problems);
        }
    }
    for check in &raw.checks {
        add_check(&mut table, check, None, problems);
    }
    table.ptr = choose_pointer(package, raw, &table, sealed);
    retained_columns::keep(&mut table, raw, sealed);
    backfill::check_backfills(raw, sealed, problems);
    table
}

/// The bookkeeping columns that the source asks for: the time of a deletion is beside its mark.
fn track_of(raw: &RawTable) -> Track {
    let has_marks = raw.layout == Layout::Columns && raw.track.deleted_at;
    Track { soft_delete: raw.track.soft_delete || has_marks, ..raw.track }
}

/// Reports the fields of the key whose type, an item of the package, does not identify a row.
fn check_named_keys(table: &Table, raw: &RawTable, problems: &mut Diagnostics) {
    for (raw, field) in raw.fields.iter().zip(&table.schema) {
        if let (RawType::Named(..), true) = (&raw.ty, table.is_key(&field.name))
            && let Some(why) = local::why_not_a_key(&field.ty)
        {
            problems
                .push(local::wrong_key_type(&field.name, why).on(&table.name, Some(&field.name)));
        }
    }
}

/// The name in the database: the given one, the one in the lock file, or a new one.
fn choose_pointer(package: &str, raw: &RawTable, table: &Table, sealed: &Schema) -> String {
    let born = hints::find_sealed(raw, sealed);
    match (&raw.ptr, born) {
        (Some((given, _)), _) => given.clone(),
        (None, Some(old)) if old.layout == table.layout && !named_after_itself(old) => {
            old.ptr.clone()
        }
        _ if table.layout == Layout::Document => name::pointer(package, &table.name),
        _ => table.name.clone(),
    }
}

/// Whether the name in the database is the logical name, so that a rename changes both.
fn named_after_itself(table: &Table) -> bool {
    table.layout == Layout::Columns && table.ptr == table.name
}

fn check_field(
    raw: &RawField,
    table: &Table,
    item: &Item<RawTable>,
    resolver: &Resolver<'_>,
    problems: &mut Diagnostics,
) -> Field {
    let ty = match &raw.ty {
        // Of a type with its own column only a newtype is known.
        RawType::Named(..) if raw.sql_type.is_some() && !resolver.is_newtype(&raw.ty, item) => {
            Type::Sql
        }
        RawType::List(_) if raw.sql_type.is_some() && !resolver.resolves(&raw.ty, item) => {
            Type::Array(Box::new(Type::Sql))
        }
        ty => resolver.resolve_type(ty, item, &table.name, &raw.name, problems),
    };
    let effective = match (&raw.column, table.layout) {
        (Some((name, _)), Layout::Columns) => name,
        (None, Layout::Columns) => &raw.name,
        (_, Layout::Document) => &raw.json,
    };
    let default = raw.default.as_ref().and_then(|(default, _)| {
        let value = default_value(default, raw, item, &ty, resolver);
        let implied = resolver.implied_column(&raw.ty, item);
        let value = match &implied {
            Some(ImpliedColumn { sql_type, native: false }) => {
                value.and_then(|value| stored_text::normalize_constant(sql_type.kind(), &value))
            }
            _ => value,
        };
        // A type that cannot be resolved is reported above.
        let is_resolved = raw.sql_type.is_some() || ty != Type::Sql;
        if value.is_none() && is_resolved {
            let problem = wrong_default(default, raw, &ty, resolver.find_enum(&raw.ty, item));
            problems.push(problem.on(&table.name, Some(&raw.name)));
        }
        value
    });
    let is_key = raw.primkey.is_some() || table.primary_key.contains(&raw.name);
    let is_column = table.layout == Layout::Columns || is_key;
    let implied = resolver.implied_column(&raw.ty, item).filter(|_| is_column);
    // A type that the field gives is not one of the migrations.
    let native = raw.sql_type.is_none() && implied.as_ref().is_some_and(|implied| implied.native);
    let given = raw.sql_type.as_ref().map(|(ty, _)| ty.clone());
    // A type that travels as text is one of the database.
    let ty = match (&implied, ty) {
        (Some(ImpliedColumn { native: false, .. }), Type::String) => Type::Sql,
        (Some(ImpliedColumn { native: false, .. }), Type::Array(_)) => {
            Type::Array(Box::new(Type::Sql))
        }
        (_, ty) => ty,
    };
    if let Some((sql_type, at)) = &raw.sql_type
        && column_type::known_type(&raw.ty).is_none()
    {
        column_type::check_cast(&ty, sql_type, *at, problems);
    }
    Field {
        name: raw.name.clone(),
        native,
        ty,
        optional: raw.optional,
        comment: raw.comment.clone(),
        // Of several fields `primary_key(…)` has the names.
        primkey: raw.primkey.is_some() && table.primary_key.is_empty(),
        column: (*effective != raw.name).then(|| effective.clone()),
        perm: raw.perm.map_or(Perm::default(), |(bits, _)| Perm(bits)),
        default,
        default_sql: raw.default_sql.as_ref().map(|(sql, _)| sql.clone()),
        identity: raw.identity.is_some(),
        generated: raw.generated.as_ref().map(|(generated, _)| generated.clone()),
        sql_type: given.or(implied.map(|implied| implied.sql_type)),
        stamp: raw.stamp.map(|(stamp, _)| stamp),
        kept: false,
    }
}

/// The problem of a default that is not a value of the type. An enum has its variants in the help.
fn wrong_default(
    default: &RawDefault,
    raw: &RawField,
    ty: &Type,
    of_type: Option<&RawEnum>,
) -> Diagnostic {
    let Some(RawEnum { ident, variants, .. }) = of_type else {
        let message = format!("the default of `{}` is not a value of its type", raw.name);
        return Diagnostic::new(code::DEFAULT_VALUE, message).help(default_help(ty));
    };
    let names = || variants.iter().map(|(name, _)| name.as_str());
    let (message, near) = match default {
        RawDefault::Variant(written) => {
            let distance = |name: &&str| strsim::damerau_levenshtein(name, written);
            let near = names().min_by_key(distance).filter(|name| distance(name) <= 2);
            (format!("`{written}` is not a variant of `{ident}`"), near)
        }
        RawDefault::Value(_) => {
            (format!("the default of `{}` is not a variant of `{ident}`", raw.name), None)
        }
    };
    Diagnostic::new(code::DEFAULT_VALUE, message).help(match near {
        Some(near) => format!("did you mean `{ident}::{near}`?"),
        None => {
            let names: Vec<&str> = names().collect();
            format!("write `#[default({ident}::…)]` with one of {}", names.join(", "))
        }
    })
}

/// How a default of a type is written.
fn default_help(ty: &Type) -> String {
    let example = match ty {
        Type::Uuid => "00000000-0000-0000-0000-000000000000",
        Type::Decimal => "0.00",
        Type::Instant => "2026-01-31T00:00:00Z",
        Type::DateTime => "2026-01-31T00:00:00",
        Type::Day => "2026-01-31",
        Type::Time => "00:00:00",
        Type::Json | Type::Object(_) => "{}",
        Type::Array(_) => "[]",
        Type::String | Type::Bytes | Type::Sql => "text",
        Type::Boolean => return "write a literal: `true` or `false`".to_owned(),
        Type::Number | Type::Float32 => return "write a literal, such as `1.5`".to_owned(),
        Type::Enum(_) => return "write a variant of the enum".to_owned(),
        _ => return "write a literal, such as `0`, that the type can hold".to_owned(),
    };
    format!("write it as text, `#[default(\"{example}\")]`, or as SQL, `#[default(sql = \"…\")]`")
}

/// The stored value of a default, if it is one of the type.
fn default_value(
    default: &RawDefault,
    raw: &RawField,
    item: &Item<RawTable>,
    ty: &Type,
    resolver: &Resolver<'_>,
) -> Option<serde_json::Value> {
    match (default, ty) {
        (RawDefault::Variant(variant), Type::Enum(_)) => {
            let enumeration = resolver.find_enum(&raw.ty, item)?;
            let (_, stored) = enumeration.variants.iter().find(|(name, _)| name == variant)?;
            Some(stored.clone().into())
        }
        (RawDefault::Value(value), _) => constant_value(value, ty),
        _ => None,
    }
}

/// The value of a literal, or of the text of a type without literals.
fn constant_value(written: &serde_json::Value, ty: &Type) -> Option<serde_json::Value> {
    match written {
        _ if has_literals(ty) => is_literal(written, ty).then(|| written.clone()),
        serde_json::Value::String(text) => parse_constant(ty, text),
        serde_json::Value::Number(number) if *ty == Type::Decimal => {
            parse_constant(ty, &number.to_string())
        }
        _ => None,
    }
}

fn add_index(table: &mut Table, raw: &RawIndex, problems: &mut Diagnostics) {
    let fields: Vec<String> = raw.fields.iter().map(|(name, _)| name.clone()).collect();
    let method = raw.method.0;
    let sql = |given: &Option<(Sql, At)>| given.as_ref().map(|(sql, _)| sql.clone());
    let (on, condition) = (sql(&raw.on), sql(&raw.condition));
    let words = match &on {
        Some(sql) => name::words(&sql.postgres),
        None => column_names(table, &fields).join("_"),
    };
    for field in fields.iter().filter_map(|name| table.field(name)) {
        let has_class = raw.opclass.iter().any(|(name, ..)| *name == field.name);
        let why = match (&field.ty, method) {
            _ if has_class => continue,
            (Type::Enum(_), Method::Gin) => "the method `gin` is for lists, documents and JSON",
            (ty, Method::Btree | Method::Brin) if ty.members().is_some() => {
                "documents have no order; on PostgreSQL, `method = \"gin\"` indexes their fields"
            }
            _ => continue,
        };
        problems
            .report(code::INDEX_TYPE, format!("`{}` cannot have this index: {why}", field.name))
            .on(&table.name, Some(&field.name))
            .help("index a field with a scalar value");
    }
    let name = raw.name.clone().unwrap_or_else(|| {
        if raw.unique {
            name::join(&[&table.name, &words, "key"])
        } else {
            name::join(&["idx", &table.name, &words])
        }
    });
    if table.indexes.contains_key(&name) {
        problems.push(duplicate_name(&name, &table.name, fields.first()));
    }
    let descending = raw.descending.clone();
    let class = |(field, class, _): &(String, String, At)| (field.clone(), class.clone());
    let index = Index {
        fields,
        descending,
        opclass: raw.opclass.iter().map(class).collect(),
        on,
        include: raw.include.iter().map(|(name, _)| name.clone()).collect(),
        unique: raw.unique,
        nulls_not_distinct: raw.nulls_not_distinct.is_some(),
        deferrable: raw.deferrable.map_or(Deferrable::Never, |(deferrable, _)| deferrable),
        method,
        condition,
    };
    table.indexes.insert(name, index);
}

fn add_check(
    table: &mut Table,
    raw: &RawCheck,
    field: Option<&String>,
    problems: &mut Diagnostics,
) {
    let column = field.and_then(|field| table.field(field)).map(|field| field.column().to_owned());
    let mut name = raw.name.clone().unwrap_or_else(|| match &column {
        Some(column) => name::join(&[&table.name, column, "check"]),
        None => name::join(&[&table.name, "check"]),
    });
    if raw.name.is_none() {
        let base = name.clone();
        let mut number = 2;
        while table.checks.contains_key(&name) {
            name = name::join(&[&base, &number.to_string()]);
            number += 1;
        }
    }
    if table.checks.insert(name.clone(), raw.sql.clone()).is_some() {
        problems.push(duplicate_name(&name, &table.name, field));
    }
}

fn duplicate_name(name: &str, table: &str, field: Option<&String>) -> Diagnostic {
    Diagnostic::new(
        code::DUPLICATE_NAME,
        format!("two indexes or constraints have the name `{name}`"),
    )
    .on(table, field.map(String::as_str))
    .help("give one of them another name: `name = \"…\"`")
}
