//! `impl Record`: the table, and how a row is written and read.

use kontract_schema::model::{Layout, Stamp};
use kontract_schema::source::raw;
use proc_macro2::TokenStream;
use quote::quote;
use syn::Index;

use super::{Checked, name};

/// The impl, and the marker traits of the table.
pub fn record(checked: &Checked<'_>) -> TokenStream {
    let strukt = &checked.input.ident;
    let table = checked.table();
    let schema = table.to_json();
    let table_name = &table.name;
    let fingerprint = raw::fingerprint(checked.raw);
    let (postgres, sqlite) = (&checked.verdict.postgres, &checked.verdict.sqlite);
    let (encode, decode) = codec(checked);
    let touch = touch(checked);
    let keyed = keyed(checked);
    let markers = markers(checked);
    quote! {
        impl k::Record for #strukt {
            const SCHEMA: &'static str = #schema;
            const NAME: &'static str = #table_name;
            const FINGERPRINT: u64 = #fingerprint;
            const CREATE_POSTGRES: &'static [&'static str] = &[#(#postgres),*];
            const CREATE_SQLITE: &'static [&'static str] = &[#(#sqlite),*];
            fn meta() -> &'static k::Meta {
                static META: k::LazyMeta = k::LazyMeta::new(#table_name, <#strukt as k::Record>::SCHEMA);
                META.get()
            }
            fn encode(&self, to: &mut dyn k::Binder) -> k::Result<()> { #encode }
            fn decode(from: &mut dyn k::Reader) -> k::Result<Self> { #decode }
            #touch
        }
        #keyed
        #markers
    }
}

/// The impl of the key; none for a table without a key.
fn keyed(checked: &Checked<'_>) -> Option<TokenStream> {
    if checked.table().keyless {
        return None;
    }
    let strukt = &checked.input.ident;
    let (key_type, key) = key(checked);
    Some(quote! {
        impl k::Keyed for #strukt {
            type Key = #key_type;
            fn key(&self) -> Self::Key { #key }
        }
    })
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
        Layout::Columns => {
            let types: Vec<_> = checked.fields.iter().map(|field| &field.ty).collect();
            let row = tuple(types.iter().map(|ty| quote!(#ty)).collect());
            let written = fields.iter().zip(&checked.table().schema);
            let written = written.filter(|(_, field)| field.generated.is_none());
            let refs = tuple(written.map(|(name, _)| quote!(&self.#name)).collect());
            let values = places(fields.len(), &quote!(row));
            (
                quote!(k::ToColumns::to_columns(#refs, to)),
                quote! {
                    let row: #row = k::fields(from)?;
                    ::core::result::Result::Ok(Self { #(#fields: #values),* })
                },
            )
        }
        Layout::Document => {
            let keys = checked.fields.iter().zip(&checked.table().schema);
            let key = keys.filter(|(_, field)| field.primkey).map(|(tokens, _)| name(tokens));
            (
                quote! {
                    k::document((#(&self.#key,)*), self, to)
                },
                quote!(k::from_document(from)),
            )
        }
    }
}

/// The number of parts of the tuples that the runtime reads and writes in one call.
const WIDE: usize = 8;

/// The parts as a tuple; of tuples if there are more than [`WIDE`].
pub fn tuple(parts: Vec<TokenStream>) -> TokenStream {
    if parts.len() <= WIDE {
        return quote!((#(#parts,)*));
    }
    tuple(parts.chunks(WIDE).map(|parts| quote!((#(#parts,)*))).collect())
}

/// The expressions for the parts of a tuple that [`tuple`] makes.
fn places(count: usize, of: &TokenStream) -> Vec<TokenStream> {
    if count <= WIDE {
        return (0..count).map(Index::from).map(|at| quote!(#of.#at)).collect();
    }
    let chunks = places(count.div_ceil(WIDE), of).into_iter().enumerate();
    let inside = |(at, of): (usize, TokenStream)| places(WIDE.min(count - at * WIDE), &of);
    chunks.flat_map(inside).collect()
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
        fn touch(&mut self, now: k::Timestamp) {
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
    let is_distinct = !checked.table().distinct_fields().is_empty();
    let distinct = is_distinct.then(|| quote!(impl k::Distinct for #strukt {}));
    let owned = track.owner.then(|| quote!(impl k::Owned for #strukt {}));
    let is_for_owners = track.owner || checked.table().shared;
    let owner_table = is_for_owners.then(|| quote!(impl k::OwnerTable for #strukt {}));
    let deleted_at = track.deleted_at.then(|| quote!(impl k::DeletedAt for #strukt {}));
    let has_changes = track.txid && track.soft_delete && !checked.table().keyless;
    let tracked = has_changes.then(|| quote!(impl k::Tracked for #strukt {}));
    quote!(#deleted_at #distinct #ordered #versioned #soft_delete #owned #owner_table #tracked)
}

#[cfg(test)]
mod tests {
    use super::*;
    use quote::format_ident;
    use syn::{Expr, Member, parse_quote};

    /// The part of a tuple at an expression: `row.1.0` of `((a, b), (c,))`.
    fn at(row: &Expr, place: &Expr) -> Expr {
        let Expr::Field(place) = place else { return row.clone() };
        let Member::Unnamed(index) = &place.member else { panic!("no number") };
        match at(row, &place.base) {
            Expr::Tuple(tuple) => tuple.elems[index.index as usize].clone(),
            other => panic!("no tuple: {}", quote!(#other)),
        }
    }

    #[test]
    fn tuples_of_any_width_are_read_by_their_places() {
        for count in [1, 7, 8, 9, 16, 63, 64, 65, 513] {
            let names: Vec<_> = (0..count).map(|n| format_ident!("f{n}")).collect();
            let row = tuple(names.iter().map(|name| quote!(#name)).collect());
            let row: Expr = parse_quote!(#row);
            let places = places(count, &quote!(row));
            assert_eq!(places.len(), count);
            for (name, place) in names.iter().zip(places) {
                let found = at(&row, &parse_quote!(#place));
                assert_eq!(quote!(#found).to_string(), name.to_string(), "of {count}");
            }
        }
    }
}
