//! `#[derive(Projection)]`: impls of `Shape` and `SelectAs`.
//!
//! rustc compares the type of each column with that of its field.

use kontract_schema::source::check::{ProjectedField, Projection, Selection};
use proc_macro2::{Ident, TokenStream};
use quote::{format_ident, quote, quote_spanned};
use syn::spanned::Spanned;
use syn::{DeriveInput, Field};

use super::name;

/// The impls. Without a `projection` the query names the columns.
pub fn projection(
    input: &DeriveInput,
    fields: &[&Field],
    projection: Option<&Projection>,
) -> TokenStream {
    let ident = &input.ident;
    let text = ident.to_string();
    let types = fields.iter().map(|field| &field.ty);
    let names: Vec<&Ident> = fields.iter().map(|field| name(field)).collect();
    let texts = names.iter().map(|name| name.to_string().trim_start_matches("r#").to_owned());
    let reads = names.iter().enumerate().map(|(at, name)| {
        let read = projection.map_or_else(|| quote!(k::field(from)?), |all| read_field(all, at));
        quote!(#name: #read)
    });
    let columns = fields.iter().enumerate().map(|(at, field)| {
        let (name, ty, vis) = (name(field), &field.ty, &field.vis);
        quote! {
            #vis const #name: k::Column<k::RowsOf<#ident>, #ty> = k::Column::of_rows(#at);
        }
    });
    let select = projection.map(|projection| select(ident, fields, projection));
    quote! {
        #[doc(hidden)]
        const _: () = {
            use ::kontract::__private as k;
            impl k::Shape for #ident {
                type Fields = (#(#types,)*);
                const NAME: &'static str = #text;
                const NAMES: &'static [&'static str] = &[#(#texts),*];
                fn read(from: &mut dyn k::Reader) -> k::Result<Self> {
                    ::core::result::Result::Ok(Self { #(#reads),* })
                }
            }
            #select
            #[allow(non_upper_case_globals, missing_docs, dead_code)]
            impl #ident { #(#columns)* }
        };
    }
}

/// The expression that reads a field.
fn read_field(projection: &Projection, at: usize) -> TokenStream {
    let field = &projection.fields[at];
    let Selection::Record { table } = &field.selection else { return quote!(k::field(from)?) };
    let presence = if field.optional { quote!(Sometimes) } else { quote!(Always) };
    let table = &projection.tables[*table].path;
    quote!(k::row::<k::#presence, <#table as k::Source>::Record>(from)?)
}

/// `SelectAs`, in every query that has the tables.
fn select(ident: &Ident, fields: &[&Field], projection: &Projection) -> TokenStream {
    let tables = &projection.tables;
    let indexes: Vec<Ident> = (0..tables.len()).map(|at| format_ident!("I{at}")).collect();
    let bounds = tables.iter().zip(&indexes).map(|(table, index)| {
        let path = &table.path;
        let bound = if table.required { quote!(HasAlways) } else { quote!(Has) };
        quote!(S: k::#bound<#path, #index>)
    });
    let output = |(field, selected): (&&Field, &ProjectedField)| {
        let ty = &field.ty;
        let optional = selected.optional;
        let span = ty.span();
        match &selected.selection {
            Selection::Column { tokens, table } => {
                let index = &indexes[*table];
                quote_spanned!(span=> to.column::<S, #index, #ty, _, _>(#tokens);)
            }
            Selection::Expression(tokens) if optional => {
                quote_spanned!(span=> to.maybe::<S, #ty, _>(#tokens);)
            }
            Selection::Expression(tokens) => {
                quote_spanned!(span=> to.value::<S, #ty>(#tokens);)
            }
            Selection::Record { table } => {
                let (index, table) = (&indexes[*table], &tables[*table].path);
                quote_spanned!(span=> to.record::<S, #index, #table>(#optional);)
            }
        }
    };
    let outputs = fields.iter().zip(&projection.fields).map(output);
    quote! {
        impl<S, #(#indexes),*> k::SelectAs<S, (#(#indexes,)*)> for #ident
        where #(#bounds),*
        {
            fn outputs(to: &mut k::Outputs) { #(#outputs)* }
        }
    }
}
