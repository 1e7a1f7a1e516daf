//! What stands beside the struct: column constants, `NewUser` and `UserPatch`.

use kontract_schema::model::types::Type;
use kontract_schema::model::{self, Layout};
use proc_macro2::{Ident, TokenStream};
use quote::{format_ident, quote};
use syn::{Meta, Visibility};

use super::{Checked, name};

/// A field with its tokens.
struct Both<'a> {
    at: usize,
    ident: &'a Ident,
    ty: &'a syn::Type,
    vis: &'a Visibility,
    field: &'a model::Field,
    filled: Filled,
}

/// Who gives a field of a new row its value.
enum Filled {
    /// The caller.
    No,
    /// The type itself: `None`, or an empty list.
    Empty,
    /// A new one, unless the caller gives one.
    Id,
    /// The time of the insert, unless the caller gives one.
    Now,
    /// This literal or variant, unless the caller gives one.
    By(TokenStream),
}

/// All of them.
pub fn helpers(checked: &Checked<'_>) -> TokenStream {
    let fields = checked.fields.iter().zip(&checked.table().schema).enumerate();
    let fields: Vec<Both<'_>> = fields
        .map(|(at, (tokens, field))| Both {
            at,
            ident: name(tokens),
            ty: &tokens.ty,
            vis: &tokens.vis,
            field,
            filled: filled(checked, tokens, field),
        })
        .collect();
    let columns = columns(checked, &fields);
    let (new, new_impls) = new(checked, &fields);
    let (patch, patch_impls) = patch(checked, &fields);
    quote! {
        #new
        #patch
        const _: () = {
            use ::kontract::__private as k;
            #columns
            #new_impls
            #patch_impls
        };
    }
}

fn filled(checked: &Checked<'_>, tokens: &syn::Field, field: &model::Field) -> Filled {
    let table = checked.table();
    if field.stamp.is_some() {
        return Filled::Now;
    }
    let refers = table.references.values().any(|key| key.fields.contains(&field.name));
    let single_key = table.key() == [field.name.as_str()];
    if single_key && !refers && matches!(field.ty, Type::String | Type::Uuid) {
        return Filled::Id;
    }
    match (default(tokens, field), &field.ty) {
        (Some(default), _) => Filled::By(default),
        (None, Type::Array(_)) => Filled::Empty,
        (None, _) if field.optional => Filled::Empty,
        _ => Filled::No,
    }
}

/// The expression of `#[default(…)]`.
fn default(tokens: &syn::Field, field: &model::Field) -> Option<TokenStream> {
    field.default.as_ref()?;
    let attr = tokens.attrs.iter().find(|attr| attr.path().is_ident("default"))?;
    let written = match &attr.meta {
        Meta::List(list) => list.tokens.clone(),
        Meta::NameValue(pair) => {
            let value = &pair.value;
            quote!(#value)
        }
        Meta::Path(_) => return None,
    };
    // A literal without a point is no f64 for rustc.
    let value = match &field.ty {
        Type::Number => quote!((#written) as f64),
        Type::Float32 => quote!((#written) as f32),
        Type::Date => quote!(k::Timestamp::from_millis(#written)),
        _ => written,
    };
    Some(value)
}

/// `User::age`: a typed constant for each field.
fn columns(checked: &Checked<'_>, fields: &[Both<'_>]) -> TokenStream {
    let strukt = &checked.input.ident;
    // `User::patch` is the function.
    let named = fields.iter().filter(|both| *both.ident != "patch");
    let constants = named.map(|Both { at, ident, ty, vis, .. }| {
        quote! {
            #vis const #ident: k::Column<#strukt, #ty> = k::Column::new(#at);
        }
    });
    quote! {
        #[doc(hidden)]
        #[allow(non_upper_case_globals, missing_docs, dead_code)]
        impl #strukt { #(#constants)* }
    }
}

/// Whether the type is the application's: an enum, a document, or what only the database knows.
fn is_own(ty: &Type) -> bool {
    match ty {
        Type::Array(element) => is_own(element),
        Type::Enum(_) | Type::Object(_) | Type::Sql => true,
        _ => false,
    }
}

/// `NewUser`, what an insert takes, and its impls.
fn new(checked: &Checked<'_>, fields: &[Both<'_>]) -> (TokenStream, TokenStream) {
    let strukt = &checked.input.ident;
    let vis = &checked.input.vis;
    let new = format_ident!("New{strukt}");
    let doc = format!("A new row for `{}`: what is left out is filled in.", checked.table().name);
    let members = fields.iter().map(|Both { ident, ty, vis, filled, .. }| match filled {
        Filled::No | Filled::Empty => quote!(#vis #ident: #ty),
        _ => quote!(#vis #ident: ::core::option::Option<#ty>),
    });
    let (required, optional): (Vec<_>, Vec<_>) =
        fields.iter().partition(|both| matches!(both.filled, Filled::No));
    let arguments =
        required.iter().map(|Both { ident, ty, .. }| quote!(#ident: impl k::Assign<#ty>));
    let given = required.iter().map(|Both { ident, .. }| quote!(#ident: k::Assign::assign(#ident)));
    let empty = optional
        .iter()
        .map(|Both { ident, .. }| quote!(#ident: ::core::default::Default::default()));
    // Who may not see a field may not fill it either.
    let closed = required.iter().find(|both| !matches!(both.vis, Visibility::Public(_)));
    let new_vis = closed.map_or(vis, |both| both.vis);
    let setters = optional.iter().filter(|both| *both.ident != "new").map(|both| {
        let Both { ident, ty, vis, filled, .. } = both;
        let put = match filled {
            Filled::No | Filled::Empty => quote!(put),
            _ => quote!(give),
        };
        quote! {
            #vis fn #ident(mut self, value: impl k::Assign<#ty>) -> Self {
                k::#put(&mut self.#ident, value);
                self
            }
        }
    });
    let values = fields.iter().map(|Both { ident, filled, .. }| match filled {
        Filled::Id => quote!(#ident: self.#ident.unwrap_or_else(k::new_id)),
        Filled::Now => quote!(#ident: k::or_now(self.#ident, now)),
        Filled::By(value) => quote!(#ident: k::or(self.#ident, #value)),
        _ => quote!(#ident: self.#ident),
    });
    let values = quote!(#(#values),*);
    // The derive cannot know whether an own type is `Clone`. What depends on a lifetime is left for
    // the compiler to find out where a row is cloned; otherwise it would refuse the others here.
    let own = fields.iter().filter(|both| is_own(&both.field.ty)).map(|both| both.ty);
    let clones = fields.iter().map(|Both { ident, .. }| quote!(#ident: self.#ident.clone()));
    let clone = quote! {
        impl ::core::clone::Clone for #new
        where
            #(for<'clone> #own: ::core::clone::Clone),*
        {
            fn clone(&self) -> Self {
                Self { #(#clones),* }
            }
        }
    };
    let item = quote! {
        #[doc = #doc]
        #[allow(missing_docs, dead_code)]
        #vis struct #new { #(#members),* }
    };
    let impls = quote! {
        #[allow(missing_docs, dead_code, clippy::too_many_arguments, clippy::new_without_default)]
        impl #new {
            #new_vis fn new(#(#arguments),*) -> Self {
                Self { #(#given,)* #(#empty),* }
            }
            #(#setters)*
        }
        #clone
        impl k::Insert<#strukt> for #new {
            #[allow(unused_variables)]
            fn into_record(self, now: k::Timestamp) -> #strukt {
                #strukt { #values }
            }
        }
    };
    (item, impls)
}

/// `UserPatch`, what an update may set, and its impls.
fn patch(checked: &Checked<'_>, fields: &[Both<'_>]) -> (TokenStream, TokenStream) {
    let strukt = &checked.input.ident;
    let vis = &checked.input.vis;
    let patch = format_ident!("{strukt}Patch");
    let doc = format!("Changes of a row of `{}`: what is not set stays.", checked.table().name);
    let set = match checked.table().layout {
        Layout::Columns => quote!(with),
        Layout::Document => quote!(with_member),
    };
    let settable = fields
        .iter()
        .filter(|both| !checked.table().is_key(&both.field.name) && both.field.stamp.is_none());
    let setters = settable.map(|Both { at, ident, ty, vis, .. }| {
        quote! {
            #vis fn #ident(self, value: impl k::Assign<#ty>) -> Self {
                Self(self.0.#set::<#ty>(#at, value))
            }
        }
    });
    let computed = (!fields.iter().any(|both| *both.ident == "set")).then(|| {
        quote! {
            /// Sets a field to what the database computes of the row as it was.
            #vis fn set<T: k::Value, I>(
                mut self,
                column: k::Column<#strukt, T>,
                what: impl k::Computes<#strukt, T, I>,
            ) -> Self {
                self.0.compute(column, what);
                self
            }
        }
    });
    let item = quote! {
        #[doc = #doc]
        #[derive(::core::clone::Clone)]
        #vis struct #patch(::kontract::__private::Patch<#strukt>);
    };
    let impls = quote! {
        #[allow(missing_docs, dead_code)]
        impl #patch { #(#setters)* #computed }
        impl ::core::convert::From<#patch> for k::Patch<#strukt> {
            fn from(patch: #patch) -> Self { patch.0 }
        }
        #[allow(dead_code)]
        impl #strukt {
            /// Changes of a row, for `update`.
            #vis fn patch() -> #patch { #patch(k::Patch::new()) }
        }
    };
    (item, impls)
}
