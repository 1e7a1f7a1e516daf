//! Rust items → [`crate::source::raw`].
//!
//! The derives and the build script both parse with it. All errors are reported at once, each at the
//! smallest token that the user typed. [`crate::source::check`] finds out whether the parts fit
//! together.

use syn::{Data, DeriveInput, Fields, FieldsNamed};
use unicode_normalization::UnicodeNormalization;

use super::raw::{At, RawDocument, RawEnum, RawField, RawNewtype, RawTable, RawType};
use crate::code;
use crate::diagnostic::{Diagnostic, Diagnostics};
use crate::model::types::Type;

mod attr;
mod projection;
mod serde;
mod ty;

pub use projection::parse_projection;

/// Reads a struct with `#[derive(Table)]`.
///
/// # Errors
/// Every part that does not have the form of a table.
pub fn parse_table(input: &DeriveInput) -> Result<RawTable, Diagnostics> {
    let mut problems = Diagnostics::new();
    refuse_generics(input, "a table", &mut problems);
    let container = serde::read_container(&input.attrs, &mut problems);
    let mut table = attr::read_table_attributes(input, &mut problems);
    if let Some(fields) = find_named_fields(input, "Table", &mut problems) {
        table.fields = parse_fields(fields, &container, Owner::Table, &mut problems);
        if table.comments {
            table.comment = read_documentation(&input.attrs);
            for (raw, field) in table.fields.iter_mut().zip(&fields.named) {
                raw.comment = read_documentation(&field.attrs);
            }
        }
    }
    problems.or(table)
}

/// Reads a struct with `#[derive(Document)]`.
///
/// # Errors
/// Every part that does not have the form of a document.
pub fn parse_document(input: &DeriveInput) -> Result<RawDocument, Diagnostics> {
    let mut problems = Diagnostics::new();
    refuse_generics(input, "a document", &mut problems);
    let container = serde::read_container(&input.attrs, &mut problems);
    let mut fields = Vec::new();
    if let Some(named) = find_named_fields(input, "Document", &mut problems) {
        fields = parse_fields(named, &container, Owner::Document, &mut problems);
    }
    refuse_equal_keys(&fields, &mut problems);
    problems.or(RawDocument { ident: ident(&input.ident), fields })
}

/// Reports fields of a document that have one name, in Rust or in the JSON.
fn refuse_equal_keys(fields: &[RawField], problems: &mut Diagnostics) {
    for (i, field) in fields.iter().enumerate() {
        let same = |other: &&RawField| other.name == field.name || other.json == field.json;
        if let Some(other) = fields[..i].iter().find(same) {
            let message = if other.name == field.name {
                format!("two fields have the name `{}`", field.name)
            } else {
                format!("`{}` and `{}` have the same key: `{}`", other.name, field.name, field.json)
            };
            problems
                .report(code::DUPLICATE_COLUMN, message)
                .at(field.at)
                .help("give one of them another name");
        }
    }
}

/// Reads an enum with `#[derive(Enum)]`.
///
/// # Errors
/// Every part that does not have the form of such an enum.
pub fn parse_enum(input: &DeriveInput) -> Result<RawEnum, Diagnostics> {
    let mut problems = Diagnostics::new();
    refuse_generics(input, "an enum", &mut problems);
    let container = serde::read_container(&input.attrs, &mut problems);
    let native = attr::read_enum_attributes(input, &mut problems);
    let mut variants: Vec<(String, String)> = Vec::new();
    let mut renamed: Vec<(String, String, At)> = Vec::new();
    let span = match &input.data {
        Data::Enum(data) => {
            for variant in &data.variants {
                let stored = parse_variant(variant, &container, &mut problems);
                if variants.iter().any(|(_, other)| *other == stored) {
                    let message = format!("two variants are stored as `{stored}`");
                    problems.report(code::VARIANT, message).at(variant.ident.span());
                }
                let former = attr::read_variant_attributes(&variant.attrs, &mut problems);
                renamed.extend(former.map(|(from, at)| (from, stored.clone(), at)));
                variants.push((ident(&variant.ident), stored));
            }
            if data.variants.is_empty() { Some(input.ident.span()) } else { None }
        }
        Data::Struct(data) => Some(data.struct_token.span),
        Data::Union(data) => Some(data.union_token.span),
    };
    if let Some(span) = span {
        problems
            .report(code::WRONG_ITEM, "`Enum` is derived for an enum with variants")
            .at(span)
            .help("for a struct derive `Document`");
    }
    refuse_former_names(&variants, &renamed, &mut problems);
    let renamed = renamed.into_iter().map(|(from, to, _)| (from, to)).collect();
    problems.or(RawEnum { ident: ident(&input.ident), variants, renamed, native })
}

/// Reads a struct with `#[derive(Value)]`.
///
/// # Errors
/// Every part that does not have the form of a newtype.
pub fn parse_newtype(input: &DeriveInput) -> Result<RawNewtype, Diagnostics> {
    let mut problems = Diagnostics::new();
    refuse_generics(input, "a newtype", &mut problems);
    let name = ident(&input.ident);
    let span = match &input.data {
        Data::Struct(data) => match &data.fields {
            Fields::Unnamed(fields) if fields.unnamed.len() == 1 => {
                let field = &fields.unnamed[0];
                let (ty, optional) = ty::parse_field_type(&field.ty, false, &mut problems);
                let ty_at = At::tokens(&field.ty);
                if optional {
                    problems
                        .report(code::UNSUPPORTED_TYPE, "a newtype of an `Option` cannot be stored")
                        .at(ty_at)
                        .help(format!("remove the `Option` here, and write `Option<{name}>`"));
                }
                return problems.or(RawNewtype { ident: name, ty, ty_at });
            }
            Fields::Unit => input.ident.span().into(),
            fields => At::tokens(fields),
        },
        Data::Enum(data) => data.enum_token.span.into(),
        Data::Union(data) => data.union_token.span.into(),
    };
    let problem = problems
        .report(code::WRONG_ITEM, "`Value` is derived for a struct with one unnamed field")
        .at(span);
    match &input.data {
        Data::Enum(_) => problem.help("for an enum derive `Enum`"),
        Data::Struct(data) if matches!(data.fields, Fields::Named(_)) => {
            problem.help("for a struct with named fields derive `Document`")
        }
        _ => problem.help(format!("write `struct {name}(Uuid);`, with the type of the value")),
    };
    Err(problems)
}

/// Reads a variant. Returns its stored name.
fn parse_variant(
    variant: &syn::Variant,
    container: &serde::Container,
    problems: &mut Diagnostics,
) -> String {
    let name = ident(&variant.ident);
    if !matches!(variant.fields, Fields::Unit) {
        let help = "an enum is stored as the name of its variant: put the data in other fields";
        problems
            .report(code::VARIANT, format!("variant `{name}` has data"))
            .at(At::tokens(&variant.fields))
            .help(help);
    }
    let stored = serde::read_variant(variant, container, problems);
    let mut refuse = |why: &str| {
        let message = format!("the stored name {stored:?} of variant `{name}` {why}");
        problems.report(code::VARIANT, message).at(variant.ident.span());
    };
    if let Some(bad) = stored.chars().find(|c| ",()'\"\\".contains(*c) || c.is_control()) {
        refuse(&format!("contains {bad:?}"));
    }
    if stored.is_empty() || stored.trim() != stored {
        refuse("is empty or begins or ends with white space");
    }
    stored
}

/// Reports former names of variants that a variant has, or two have.
fn refuse_former_names(
    variants: &[(String, String)],
    renamed: &[(String, String, At)],
    problems: &mut Diagnostics,
) {
    let mut taken = Vec::new();
    for (from, to, at) in renamed {
        let note = if variants.iter().any(|(_, stored)| stored == from) {
            "a variant with that name still exists"
        } else if taken.contains(&from) {
            "another variant has the same former name"
        } else {
            taken.push(from);
            continue;
        };
        let message = format!("variant `{to}` cannot have been renamed from `{from}`");
        problems
            .report(code::RENAME_HINT, message)
            .at(*at)
            .note(note)
            .help("correct the name in the attribute, or remove the attribute");
    }
}

/// An identifier without `r#`, in the normal form of the compiler.
pub fn ident(ident: &syn::Ident) -> String {
    let text = ident.to_string();
    normalize_name(text.strip_prefix("r#").unwrap_or(&text))
}

/// Returns a name of Rust in the normal form NFC, which the compiler gives to a derive, whatever form
/// the file has.
pub fn normalize_name(name: &str) -> String {
    name.nfc().collect()
}

/// The item that a field belongs to.
#[derive(Clone, Copy, PartialEq)]
enum Owner {
    Table,
    Document,
}

/// Returns the text of the documentation comments; `None` if there are none.
fn read_documentation(attrs: &[syn::Attribute]) -> Option<String> {
    let line = |attr: &syn::Attribute| {
        let syn::Meta::NameValue(pair) = &attr.meta else { return None };
        let syn::Expr::Lit(syn::ExprLit { lit: syn::Lit::Str(text), .. }) = &pair.value else {
            return None;
        };
        let text = text.value();
        let text = text.strip_prefix(' ').unwrap_or(&text).trim_end().to_owned();
        attr.path().is_ident("doc").then_some(text)
    };
    let lines: Vec<String> = attrs.iter().filter_map(line).collect();
    let text = lines.join("\n").trim().replace('\0', "");
    (!text.is_empty()).then_some(text)
}

fn parse_fields(
    fields: &FieldsNamed,
    container: &serde::Container,
    owner: Owner,
    problems: &mut Diagnostics,
) -> Vec<RawField> {
    let mut raws = Vec::new();
    for field in &fields.named {
        let Some(name) = &field.ident else { continue };
        let mut raw = RawField {
            name: ident(name),
            at: name.span().into(),
            json: String::new(),
            serde_default: false,
            ty: RawType::Known(Type::Sql),
            ty_at: At::tokens(&field.ty),
            optional: false,
            comment: None,
            primkey: None,
            identity: None,
            perm: None,
            default: None,
            default_sql: None,
            generated: None,
            indexes: Vec::new(),
            references: None,
            checks: Vec::new(),
            stamp: None,
            backfill: None,
            renamed_from: None,
            column: None,
            sql_type: None,
        };
        // The attributes decide which types are allowed; their errors follow those of the type.
        let mut of_attributes = Diagnostics::new();
        match owner {
            Owner::Table => attr::read_field_attributes(&field.attrs, &mut raw, &mut of_attributes),
            Owner::Document => attr::refuse_all(&field.attrs, &mut of_attributes),
        }
        (raw.ty, raw.optional) = ty::parse_field_type(&field.ty, raw.sql_type.is_some(), problems);
        serde::read_field(field, container, &mut raw, problems);
        problems.extend(of_attributes);
        raws.push(raw);
    }
    raws
}

fn find_named_fields<'a>(
    input: &'a DeriveInput,
    derive: &str,
    problems: &mut Diagnostics,
) -> Option<&'a FieldsNamed> {
    let name = ident(&input.ident);
    let (what, span) = match &input.data {
        Data::Struct(data) => match &data.fields {
            Fields::Named(fields) if !fields.named.is_empty() => return Some(fields),
            Fields::Named(_) | Fields::Unit => {
                ("a struct without fields", input.ident.span().into())
            }
            Fields::Unnamed(fields) => ("a tuple struct", At::tokens(fields)),
        },
        Data::Enum(data) => ("an enum", data.enum_token.span.into()),
        Data::Union(data) => ("a union", data.union_token.span.into()),
    };
    let mut problem =
        Diagnostic::new(code::WRONG_ITEM, format!("`{derive}` cannot be derived for {what}"))
            .at(span);
    problem = match &input.data {
        Data::Enum(_) => problem.help("derive `Enum` to use it as the type of a field"),
        _ => problem.help(format!("write `struct {name} {{ … }}` with named fields")),
    };
    problems.push(problem);
    None
}

fn refuse_generics(input: &DeriveInput, what: &str, problems: &mut Diagnostics) {
    let generics = &input.generics;
    if let Some(first) = generics.params.first() {
        let (kind, help) = match first {
            syn::GenericParam::Lifetime(_) => {
                ("lifetime", "store owned values: `String` instead of `&str`")
            }
            syn::GenericParam::Type(_) => ("type", "write the concrete type"),
            syn::GenericParam::Const(_) => ("const", "write the concrete value"),
        };
        problems
            .report(code::GENERIC_ITEM, format!("{what} cannot have {kind} parameters"))
            .at(At::tokens(&generics.params))
            .help(help);
    }
    if let Some(clause) = &generics.where_clause {
        problems
            .report(code::GENERIC_ITEM, format!("{what} cannot have a where clause"))
            .at(At::tokens(clause));
    }
}
