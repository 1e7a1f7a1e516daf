//! What a derive emits besides its errors: impls without meaning, so that the code that uses the
//! struct does not drown the errors in others.

use proc_macro2::TokenStream;
use quote::quote;
use syn::DeriveInput;

/// The impls of a table that has errors.
pub fn table(input: &DeriveInput) -> TokenStream {
    if !input.generics.params.is_empty() {
        return TokenStream::new();
    }
    let name = &input.ident;
    quote! {
        const _: () = {
            use ::kontract::__private as k;
            impl k::Record for #name {
                type Key = ::std::string::String;
                const SCHEMA: &'static str = "";
                const NAME: &'static str = "";
                const FINGERPRINT: u64 = 0;
                const CREATE_POSTGRES: &'static [&'static str] = &[];
                const CREATE_SQLITE: &'static [&'static str] = &[];
                fn meta() -> &'static k::Meta { ::core::unreachable!() }
                fn key(&self) -> Self::Key { ::core::unreachable!() }
                fn encode(&self, _: &mut dyn k::Binder) -> k::Result<()> { ::core::unreachable!() }
                fn decode(_: &mut dyn k::Reader) -> k::Result<Self> { ::core::unreachable!() }
            }
        };
    }
}

/// The impls of an enum or document that has errors.
pub fn value(input: &DeriveInput, word: &TokenStream) -> TokenStream {
    if !input.generics.params.is_empty() {
        return TokenStream::new();
    }
    let name = &input.ident;
    quote! {
        const _: () = {
            use ::kontract::__private as k;
            impl k::Value for #name {
                type Maybe = ::core::option::Option<Self>;
                fn to_datum(&self) -> k::Result<k::Datum<'_>> { ::core::unreachable!() }
                fn from_datum(_: k::Datum<'_>) -> k::Result<Self> { ::core::unreachable!() }
            }
            impl k::Is<k::words::#word> for #name {}
            impl k::Described for #name { const FINGERPRINT: u64 = 0; }
        };
    }
}
