//! What a derive emits beside its errors: impls that only compile, so that code that uses the struct
//! adds no further errors.

use proc_macro2::{Ident, TokenStream, TokenTree};
use quote::{ToTokens, quote};
use syn::{DeriveInput, Field, Type};

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
                const SCHEMA: &'static str = "";
                const NAME: &'static str = "";
                const FINGERPRINT: u64 = 0;
                const CREATE_POSTGRES: &'static [&'static str] = &[];
                const CREATE_SQLITE: &'static [&'static str] = &[];
                fn meta() -> &'static k::Meta { ::core::unreachable!() }
                fn encode(&self, _: &mut dyn k::Binder) -> k::Result<()> { ::core::unreachable!() }
                fn decode(_: &mut dyn k::Reader) -> k::Result<Self> { ::core::unreachable!() }
            }
            impl k::Distinct for #name {}
            impl k::Keyed for #name {
                type Key = ::std::string::String;
                fn key(&self) -> Self::Key { ::core::unreachable!() }
            }
        };
    }
}

/// The impls of an enum or document that has errors.
pub fn value(input: &DeriveInput, word: &TokenStream) -> TokenStream {
    with_proof(input, |name| quote!(impl k::Is<k::words::#word> for #name {}))
}

/// The impls of every type for fields that has errors.
fn value_impls(name: &Ident) -> TokenStream {
    quote! {
        impl k::Value for #name {
            type Maybe = ::core::option::Option<Self>;
            fn to_datum(&self) -> k::Result<k::Datum<'_>> { ::core::unreachable!() }
            fn from_datum(_: k::Datum<'_>) -> k::Result<Self> { ::core::unreachable!() }
        }
        impl k::Described for #name { const FINGERPRINT: u64 = 0; }
    }
}

/// The impls of a newtype that has errors.
pub fn newtype(input: &DeriveInput) -> TokenStream {
    with_proof(input, |name| quote!(impl<W> k::Is<W> for #name {}))
}

/// The impls of a type for fields that has errors, with the proof that it is what its tokens claim.
fn with_proof(input: &DeriveInput, proof: impl FnOnce(&Ident) -> TokenStream) -> TokenStream {
    if !input.generics.params.is_empty() {
        return TokenStream::new();
    }
    let shared = value_impls(&input.ident);
    let proof = proof(&input.ident);
    quote! {
        const _: () = {
            use ::kontract::__private as k;
            #shared
            #proof
        };
    }
}

/// The impls of a projection that has errors.
pub fn projection(input: &DeriveInput, fields: &[&Field]) -> TokenStream {
    if !input.generics.params.is_empty() {
        return TokenStream::new();
    }
    let name = &input.ident;
    let types = fields.iter().map(|field| &field.ty);
    quote! {
        const _: () = {
            use ::kontract::__private as k;
            impl k::Shape for #name {
                type Fields = (#(#types,)*);
                const NAME: &'static str = "";
                const NAMES: &'static [&'static str] = &[];
                fn read(_: &mut dyn k::Reader) -> k::Result<Self> { ::core::unreachable!() }
            }
            impl<S> k::SelectAs<S, ()> for #name {
                fn outputs(_: &mut k::Outputs) { ::core::unreachable!() }
            }
        };
    }
}

/// Whether a type is borrowed, or cannot leave its thread.
pub fn is_tied(ty: &Type) -> bool {
    fn any(tokens: TokenStream) -> bool {
        tokens.into_iter().any(|token| match token {
            TokenTree::Group(group) => any(group.stream()),
            TokenTree::Punct(punct) => ['*', '&', '\''].contains(&punct.as_char()),
            TokenTree::Ident(ident) => {
                ["dyn", "impl", "Rc", "Weak", "Cell", "RefCell"].iter().any(|tied| ident == tied)
            }
            TokenTree::Literal(_) => false,
        })
    }
    any(ty.to_token_stream())
}
