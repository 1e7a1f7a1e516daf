//! `#[derive(Enum)]` and `#[derive(Document)]`: types for fields.

use kontract_schema::source::raw::{self, RawDocument, RawEnum};
use proc_macro2::TokenStream;
use quote::quote;
use syn::{Data, DeriveInput, Field};

use super::assert;

/// An enum, stored by the names of its variants.
pub fn enumeration(input: &DeriveInput, raw: &RawEnum) -> TokenStream {
    let name = &input.ident;
    let fingerprint = raw::fingerprint(raw);
    let Data::Enum(data) = &input.data else { return TokenStream::new() };
    let variants: Vec<_> = data.variants.iter().map(|variant| &variant.ident).collect();
    let stored: Vec<_> = raw.variants.iter().map(|(_, stored)| stored).collect();
    quote! {
        #[doc(hidden)]
        const _: () = {
            use ::kontract::__private as k;
            impl k::Value for #name {
                type Maybe = ::core::option::Option<Self>;
                fn to_datum(&self) -> k::Result<k::Datum<'_>> {
                    k::variant_to_datum(match self { #(Self::#variants => #stored),* })
                }
                fn from_datum(datum: k::Datum<'_>) -> k::Result<Self> {
                    k::variant_from_datum(datum, |name| match name {
                        #(#stored => ::core::option::Option::Some(Self::#variants),)*
                        _ => ::core::option::Option::None,
                    })
                }
            }
            impl k::Plain for #name { fn ty() -> k::Type { k::Type::String } }
            impl k::Is<k::words::Enum> for #name {}
            impl k::Described for #name { const FINGERPRINT: u64 = #fingerprint; }
        };
    }
}

/// A document, stored as the JSON that serde writes.
pub fn document(input: &DeriveInput, raw: &RawDocument, fields: &[&Field]) -> TokenStream {
    let name = &input.ident;
    let fingerprint = raw::fingerprint(raw);
    let asserts = fields
        .iter()
        .zip(&raw.fields)
        .map(|(tokens, raw)| assert::member(&raw.ty, raw.optional, &tokens.ty, raw.ty_at.start));
    let members = fields.iter().zip(&raw.fields).map(|(tokens, raw)| {
        let (vis, ident, ty, json) = (&tokens.vis, &tokens.ident, &tokens.ty, &raw.json);
        quote!(#vis const #ident: k::Member<#name, #ty> = k::Member::new(#json);)
    });
    quote! {
        #[doc(hidden)]
        const _: () = {
            use ::kontract::__private as k;
            #[allow(non_upper_case_globals, missing_docs, dead_code)]
            impl #name { #(#members)* }
            const _: () = { #(#asserts)* };
            impl k::Value for #name {
                type Maybe = ::core::option::Option<Self>;
                fn to_datum(&self) -> k::Result<k::Datum<'_>> { k::object_to_datum(self) }
                fn from_datum(datum: k::Datum<'_>) -> k::Result<Self> { k::object_from_datum(datum) }
            }
            impl k::HasPaths for #name {}
            impl k::Plain for #name { fn ty() -> k::Type { k::Type::Json } }
            impl k::Is<k::words::Object> for #name {}
            impl k::Described for #name { const FINGERPRINT: u64 = #fingerprint; }
        };
    }
}
