//! `#[derive(Enum)]`, `#[derive(Document)]` and `#[derive(Value)]`: types for fields.

use kontract_schema::source::raw::{self, RawDocument, RawEnum, RawNewtype};
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

/// A newtype, stored as its field. What the type of the field is able to do, the newtype is too.
pub fn newtype(input: &DeriveInput, raw: &RawNewtype) -> TokenStream {
    let name = &input.ident;
    let fingerprint = raw::fingerprint(raw);
    let Data::Struct(data) = &input.data else { return TokenStream::new() };
    let Some(Field { ty, .. }) = data.fields.iter().next() else { return TokenStream::new() };
    let assert = assert::member(&raw.ty, false, ty, raw.ty_at.start);
    // The lifetime defers the bound to where the impl is used.
    let if_inner = |bound: TokenStream| quote!(where for<'a> #ty: #bound);
    let (new_id, paths) = (if_inner(quote!(k::NewId)), if_inner(quote!(k::HasPaths)));
    let (number, text) = (if_inner(quote!(k::Number)), if_inner(quote!(k::TextField)));
    let summable = if_inner(quote!(k::Summable));
    quote! {
        #[doc(hidden)]
        const _: () = {
            use ::kontract::__private as k;
            const _: () = { #assert };
            impl k::Value for #name {
                type Maybe = ::core::option::Option<Self>;
                const SORTS_IN_DOCUMENTS: bool = <#ty as k::Value>::SORTS_IN_DOCUMENTS;
                fn to_datum(&self) -> k::Result<k::Datum<'_>> { k::Value::to_datum(&self.0) }
                fn from_datum(datum: k::Datum<'_>) -> k::Result<Self> {
                    k::Value::from_datum(datum).map(Self)
                }
                fn to_member(&self) -> k::Result<k::Datum<'_>> { k::Value::to_member(&self.0) }
                fn list_to_member(items: &[Self]) -> k::Result<k::Datum<'_>> {
                    k::items_to_member(items.iter().map(|item| &item.0))
                }
                fn check(&self) -> k::Result<()> { k::Value::check(&self.0) }
            }
            impl k::Newtype for #name {
                type Inner = #ty;
                fn wrap(inner: #ty) -> Self { Self(inner) }
            }
            impl k::Plain for #name { fn ty() -> k::Type { <#ty as k::Plain>::ty() } }
            impl<W> k::Is<W> for #name where #ty: k::Is<W> {}
            impl k::Described for #name { const FINGERPRINT: u64 = #fingerprint; }
            impl k::NewId for #name #new_id { fn new_id() -> Self { Self(k::new_id()) } }
            #[diagnostic::do_not_recommend]
            impl k::HasPaths for #name #paths {}
            #[diagnostic::do_not_recommend]
            impl k::Number for #name #number {}
            #[diagnostic::do_not_recommend]
            impl k::TextField for #name #text {}
            #[diagnostic::do_not_recommend]
            impl k::Summable for #name #summable {
                type Sum = <#ty as k::Summable>::Sum;
                const BY: k::Function = <#ty as k::Summable>::BY;
                const TYPE: k::Type = <#ty as k::Summable>::TYPE;
            }
        };
    }
}
