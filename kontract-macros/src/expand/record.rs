//! `impl Record`: what the table is, and how a row is written and read.

use kontract_schema::model::{Layout, Stamp};
use kontract_schema::raw;
use proc_macro2::TokenStream;
use quote::quote;

use super::{Checked, name};

/// The impl and the markers of what the table can do.
pub fn record(checked: &Checked<'_>) -> TokenStream {
    let strukt = &checked.input.ident;
    let table = checked.table();
    let schema = table.to_json();
    let table_name = &table.name;
    let fingerprint = raw::fingerprint(checked.raw);
    let (postgres, sqlite) = (&checked.verdict.postgres, &checked.verdict.sqlite);
    let (key_type, key) = key(checked);
    let (encode, decode) = codec(checked);
    let touch = touch(checked);
    let markers = markers(checked);
    quote! {
        impl k::Record for #strukt {
            type Key = #key_type;
            const SCHEMA: &'static str = #schema;
            const NAME: &'static str = #table_name;
            const FINGERPRINT: u64 = #fingerprint;
            const CREATE_POSTGRES: &'static [&'static str] = &[#(#postgres),*];
            const CREATE_SQLITE: &'static [&'static str] = &[#(#sqlite),*];
            fn meta() -> &'static k::Meta {
                static META: k::LazyMeta = k::LazyMeta::new(#table_name, <#strukt as k::Record>::SCHEMA);
                META.get()
            }
            fn key(&self) -> Self::Key { #key }
            fn encode(&self, to: &mut dyn k::Binder) -> k::Result<()> { #encode }
            fn decode(from: &mut dyn k::Reader) -> k::Result<Self> { #decode }
            #touch
        }
        #markers
    }
}

/// The key's type and the expression for it: of one field, or a tuple.
fn key(checked: &Checked<'_>) -> (TokenStream, TokenStream) {
    let tokens: Vec<_> = checked
        .table()
        .key()
        .iter()
        .filter_map(|key| {
            let at = checked.raw.fields.iter().position(|raw| raw.name == *key)?;
            let (ty, field) = (&checked.fields[at].ty, name(checked.fields[at]));
            Some((quote!(#ty), quote!(::core::clone::Clone::clone(&self.#field))))
        })
        .collect();
    match &tokens[..] {
        [(ty, value)] => (ty.clone(), value.clone()),
        several => {
            let (types, values): (Vec<_>, Vec<_>) = several.iter().cloned().unzip();
            (quote!((#(#types),*)), quote!((#(#values),*)))
        }
    }
}

fn codec(checked: &Checked<'_>) -> (TokenStream, TokenStream) {
    let fields: Vec<_> = checked.fields.iter().map(|field| name(field)).collect();
    match checked.table().layout {
        Layout::Columns => (
            quote! {
                #(to.bind(k::Value::to_datum(&self.#fields)?)?;)*
                ::core::result::Result::Ok(())
            },
            quote!(::core::result::Result::Ok(Self { #(#fields: k::field(from)?),* })),
        ),
        Layout::Document => {
            let keys = checked.fields.iter().zip(&checked.table().schema);
            let key = keys.filter(|(_, field)| field.primkey).map(|(tokens, _)| name(tokens));
            (
                quote! {
                    #(to.bind(k::Value::to_datum(&self.#key)?)?;)*
                    k::document(self, to)
                },
                quote!(k::from_document(from)),
            )
        }
    }
}

/// Sets the times of the last change.
fn touch(checked: &Checked<'_>) -> TokenStream {
    let fields = checked.fields.iter().zip(&checked.table().schema);
    let kept: Vec<_> = fields
        .filter(|(_, field)| field.stamp == Some(Stamp::UpdatedAt))
        .map(|(tokens, _)| name(tokens))
        .collect();
    if kept.is_empty() {
        return TokenStream::new();
    }
    quote! {
        fn touch(&mut self, now: ::kontract::Timestamp) {
            #(self.#kept = k::Moment::moment(now);)*
        }
    }
}

fn markers(checked: &Checked<'_>) -> TokenStream {
    let strukt = &checked.input.ident;
    let track = checked.table().tracked();
    let ordered = track.order.then(|| quote!(impl k::Ordered for #strukt {}));
    let versioned = track.version.then(|| quote!(impl k::Versioned for #strukt {}));
    let soft_delete = track.soft_delete.then(|| quote!(impl k::SoftDelete for #strukt {}));
    quote!(#ordered #versioned #soft_delete)
}
