//! Reads a struct with `#[derive(Projection)]`: which columns its fields are.

use proc_macro2::{Delimiter, TokenStream, TokenTree};
use quote::ToTokens;
use syn::{DeriveInput, Field, Meta, Path};

use super::attr::each_attribute;
use super::{find_named_fields, refuse_generics, ty};
use crate::diagnostic::Diagnostics;
use crate::source::attributes::Position;
use crate::source::raw::{At, RawProjection, RawProjectionField, RawSelection};

/// Reads a struct with `#[derive(Projection)]`.
///
/// # Errors
/// Every part that does not have the form of a projection.
pub fn parse_projection(input: &DeriveInput) -> Result<RawProjection, Diagnostics> {
    let mut problems = Diagnostics::new();
    refuse_generics(input, "a projection", &mut problems);
    let mut table = None;
    each_attribute(&input.attrs, Position::Projection, &mut problems, |attr, known, _| {
        let path: syn::Result<Path> = attr.parse_args();
        let path = path.map_err(|_| wrong_form(&attr.meta, "the table is missing", known.form))?;
        table = Some(path.to_token_stream());
        Ok(())
    });
    let mut fields = Vec::new();
    if let Some(named) = find_named_fields(input, "Projection", &mut problems) {
        fields.extend(named.named.iter().filter_map(|field| read_field(field, &mut problems)));
    }
    problems.or(RawProjection { ident: super::ident(&input.ident), table, fields })
}

fn read_field(field: &Field, problems: &mut Diagnostics) -> Option<RawProjectionField> {
    let mut column = None;
    each_attribute(&field.attrs, Position::ProjectionField, problems, |attr, known, _| {
        let Meta::List(list) = &attr.meta else {
            return Err(wrong_form(&attr.meta, "the column is missing", known.form));
        };
        if list.tokens.is_empty() {
            return Err(wrong_form(&list.path, "the column is missing", known.form));
        }
        column = Some(parse_selection(list.tokens.clone(), known.form)?);
        Ok(())
    });
    Some(RawProjectionField {
        ident: field.ident.clone()?,
        at: At::tokens(field),
        optional: ty::type_argument(&field.ty, "Option").is_some(),
        column,
    })
}

fn wrong_form(tokens: &impl ToTokens, message: &str, form: &str) -> syn::Error {
    syn::Error::new_spanned(tokens, format!("{message}\nwrite `#[{form}]`"))
}

/// What the tokens in the brackets of `#[column(…)]` select.
fn parse_selection(tokens: TokenStream, form: &str) -> syn::Result<RawSelection> {
    if let Some(table) = table_of_record(&tokens) {
        return Ok(RawSelection::Record { table });
    }
    if let Some(table) = table_of_renamed(&tokens) {
        return Ok(RawSelection::Column { tokens, table });
    }
    if let Ok(path) = syn::parse2::<Path>(tokens.clone()) {
        return match without_last_segment(path) {
            Some(table) => Ok(RawSelection::Column { tokens, table }),
            None => Err(wrong_form(&tokens, "the column has no table", form)),
        };
    }
    let mut tables = Vec::new();
    find_tables(tokens.clone(), &mut tables);
    Ok(RawSelection::Expression { tokens, tables })
}

/// `Task` of `Task::title`; `None` for a path of one segment.
fn without_last_segment(mut path: Path) -> Option<TokenStream> {
    path.segments.pop();
    path.segments.pop_punct();
    (!path.segments.is_empty()).then(|| path.to_token_stream())
}

/// The table of `record::<Task>()`.
fn table_of_record(tokens: &TokenStream) -> Option<TokenStream> {
    let call: syn::ExprCall = syn::parse2(tokens.clone()).ok()?;
    let syn::Expr::Path(function) = &*call.func else { return None };
    let last = function.path.segments.last()?;
    let syn::PathArguments::AngleBracketed(arguments) = &last.arguments else { return None };
    match arguments.args.first()? {
        syn::GenericArgument::Type(syn::Type::Path(table)) if last.ident == "record" => {
            Some(table.path.to_token_stream())
        }
        _ => None,
    }
}

/// The table of `Task::title.of(Other)`, which is `Other`.
fn table_of_renamed(tokens: &TokenStream) -> Option<TokenStream> {
    let call: syn::ExprMethodCall = syn::parse2(tokens.clone()).ok()?;
    match (&*call.receiver, call.args.first()?) {
        (syn::Expr::Path(_), syn::Expr::Path(table)) if call.method == "of" => {
            Some(table.path.to_token_stream())
        }
        _ => None,
    }
}

/// Adds the tables of an expression: the part before the last `::` of each path that is not called.
fn find_tables(tokens: TokenStream, tables: &mut Vec<TokenStream>) {
    let mut path = TokenStream::new();
    let mut groups = Vec::new();
    for token in tokens {
        match token {
            TokenTree::Ident(ident) => path.extend([TokenTree::Ident(ident)]),
            TokenTree::Punct(punct) if punct.as_char() == ':' => {
                path.extend([TokenTree::Punct(punct)]);
            }
            TokenTree::Group(group) => {
                let path = std::mem::take(&mut path);
                if group.delimiter() != Delimiter::Parenthesis {
                    tables.extend(table_of_column(path));
                }
                groups.push(group.stream());
            }
            _ => tables.extend(table_of_column(std::mem::take(&mut path))),
        }
    }
    tables.extend(table_of_column(path));
    for group in groups {
        find_tables(group, tables);
    }
}

fn table_of_column(path: TokenStream) -> Option<TokenStream> {
    without_last_segment(syn::parse2(path).ok()?)
}
