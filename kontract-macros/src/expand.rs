//! The pipeline of each macro: parse, check, read the build script's verdict, expand.

use kontract_schema::Table;
use kontract_schema::code;
use kontract_schema::diagnostic::Diagnostics;
use kontract_schema::dialect::{self, Dialect};
use kontract_schema::model::{Fill, Schema};
use kontract_schema::source::check;
use kontract_schema::source::parse;
use kontract_schema::source::raw::{self, RawField, RawTable, RawType};
use kontract_schema::verdict::Verdict;
use proc_macro2::{Ident, Span, TokenStream};
use quote::quote;
use syn::{Data, DeriveInput, Field, Fields};

use crate::{fallback, report, verdict};

mod assert;
mod helpers;
mod projection;
mod record;
mod storage;
mod value;

#[cfg(test)]
mod tests;

/// A struct with `#[derive(Table)]`, and everything that its impls need.
pub struct Checked<'a> {
    /// The tokens.
    pub input: &'a DeriveInput,
    /// The fields' tokens, in the order of `raw.fields` and `table.schema`.
    pub fields: Vec<&'a Field>,
    /// The struct as the source writes it.
    pub raw: &'a RawTable,
    /// The table: the build script's verdict, or that of the struct alone if it is standalone.
    pub verdict: &'a Verdict,
    /// For each field, where a new row has its value from.
    pub fills: Vec<Fill>,
}

impl Checked<'_> {
    /// The table.
    pub fn table(&self) -> &Table {
        &self.verdict.table
    }
}

/// `#[derive(Table)]`.
pub fn table(input: &DeriveInput) -> TokenStream {
    let span = input.ident.span();
    let failed = |problems: &Diagnostics| {
        let errors = report::errors(problems.iter(), span);
        // A type that cannot be stored may also not be `Send`, which would be a second error.
        let is_foreign =
            problems.iter().any(|problem| problem.code == Some(code::UNSUPPORTED_TYPE))
                && named_fields(input).iter().any(|field| fallback::is_tied(&field.ty));
        let fallback = (!is_foreign).then(|| fallback::table(input));
        quote!(#errors #fallback)
    };
    let raw = match parse::parse_table(input) {
        Ok(raw) => raw,
        Err(problems) => return failed(&problems),
    };
    let problems = check::check_struct(&raw);
    if !problems.is_empty() {
        return failed(&problems);
    }
    let verdict = match verdict_on(&raw) {
        Ok(verdict) => verdict,
        Err(problems) => return failed(&problems),
    };
    let fills = decide_fills(&raw, &verdict.table);
    let checked =
        Checked { input, fields: named_fields(input), raw: &raw, verdict: &verdict, fills };
    let errors = verdict_errors(&checked);
    let asserts = assert::types(&checked);
    let record = record::record(&checked);
    let helpers = helpers::helpers(&checked);
    quote! {
        #errors
        #[doc(hidden)]
        const _: () = {
            use ::kontract::__private as k;
            #asserts
            #record
        };
        #helpers
    }
}

/// Where each field of a new row has its value from. A newtype of a list has no empty value.
fn decide_fills(raw: &RawTable, table: &Table) -> Vec<Fill> {
    let fills = check::decide_fills(table).into_iter().zip(&raw.fields);
    let decide = |(fill, raw): (Fill, &RawField)| match raw.ty {
        RawType::Named(..) if fill == Fill::Empty && !raw.optional => Fill::Caller,
        _ => fill,
    };
    fills.map(decide).collect()
}

/// The build script's verdict, or that of the struct alone if it is standalone.
fn verdict_on(raw: &RawTable) -> Result<Verdict, Diagnostics> {
    if !raw.standalone {
        return verdict::read_verdict(raw).map_err(|problem| {
            let mut problems = Diagnostics::new();
            problems.push(*problem);
            problems
        });
    }
    let package = std::env::var("CARGO_PKG_NAME").unwrap_or_default();
    let table = check::check_standalone(&package, raw)?;
    let schema = Schema { tables: [(table.name.clone(), table.clone())].into() };
    let create = |dialect| dialect::create_table(dialect, &table, &schema);
    Ok(Verdict {
        fingerprint: format!("{:016x}", raw::fingerprint(raw)),
        types: Default::default(),
        postgres: create(Dialect::Postgres),
        sqlite: create(Dialect::Sqlite),
        errors: Vec::new(),
        table,
    })
}

/// The build script's errors, each at its field.
fn verdict_errors(checked: &Checked<'_>) -> TokenStream {
    let span = |field: Option<&String>| {
        let found = checked.raw.fields.iter().find(|raw| Some(&raw.name) == field);
        found.map_or(checked.raw.at, |raw| raw.at)
    };
    let errors = checked.verdict.errors.iter();
    errors.map(|problem| report::error(span(problem.field.as_ref()), &problem.message)).collect()
}

/// `#[derive(Enum)]`.
pub fn enumeration(input: &DeriveInput) -> TokenStream {
    match parse::parse_enum(input) {
        Ok(raw) => value::enumeration(input, &raw),
        Err(problems) => {
            let errors = report::errors(problems.iter(), input.ident.span());
            let fallback = fallback::value(input, &quote!(Enum));
            quote!(#errors #fallback)
        }
    }
}

/// `#[derive(Document)]`.
pub fn document(input: &DeriveInput) -> TokenStream {
    match parse::parse_document(input) {
        Ok(raw) => value::document(input, &raw, &named_fields(input)),
        Err(problems) => {
            let errors = report::errors(problems.iter(), input.ident.span());
            let fallback = fallback::value(input, &quote!(Object));
            quote!(#errors #fallback)
        }
    }
}

/// `#[derive(Value)]`.
pub fn newtype(input: &DeriveInput) -> TokenStream {
    match parse::parse_newtype(input) {
        Ok(raw) => value::newtype(input, &raw),
        Err(problems) => {
            let errors = report::errors(problems.iter(), input.ident.span());
            let fallback = fallback::newtype(input);
            quote!(#errors #fallback)
        }
    }
}

/// `#[derive(Projection)]`.
pub fn projection(input: &DeriveInput) -> TokenStream {
    let checked = parse::parse_projection(input).and_then(|raw| check::check_projection(&raw));
    match checked {
        Ok(projection) => projection::projection(input, &named_fields(input), projection.as_ref()),
        Err(problems) => {
            let errors = report::errors(problems.iter(), input.ident.span());
            let fallback = fallback::projection(input, &named_fields(input));
            quote!(#errors #fallback)
        }
    }
}

/// `storage!()`.
pub fn storage(input: TokenStream) -> TokenStream {
    if let Some(first) = input.into_iter().next() {
        return report::error(first.span(), "`storage!()` takes no arguments");
    }
    match verdict::read_registry() {
        Ok((registry, krate)) => storage::storage(&registry, &krate),
        Err(problem) => report::error(Span::call_site(), &problem.to_string()),
    }
}

fn named_fields(input: &DeriveInput) -> Vec<&Field> {
    match &input.data {
        Data::Struct(data) => match &data.fields {
            Fields::Named(fields) => fields.named.iter().collect(),
            _ => Vec::new(),
        },
        _ => Vec::new(),
    }
}

/// The name of a field's tokens; every field here has one.
fn name(field: &Field) -> &Ident {
    field.ident.as_ref().expect("named fields have names")
}
