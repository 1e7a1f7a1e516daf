//! What the derive adds to the struct: column constants, `NewUser` and `UserPatch`.

use kontract_schema::model::types::Type;
use kontract_schema::model::{self, Fill, Layout};
use kontract_schema::source::raw::{RawDefault, RawField, RawType};
use proc_macro2::{Ident, TokenStream};
use quote::{format_ident, quote};
use syn::Visibility;

use super::{Checked, name};

/// The path of what generated code uses.
fn private() -> TokenStream {
    quote!(::kontract::__private)
}

/// A field with its tokens.
struct TableField<'a> {
    at: usize,
    ident: &'a Ident,
    ty: &'a syn::Type,
    vis: &'a Visibility,
    field: &'a model::Field,
    raw: &'a RawField,
    fill: Fill,
}

/// The items, and their impls.
pub fn helpers(checked: &Checked<'_>) -> TokenStream {
    let tokens = checked.fields.iter().zip(&checked.raw.fields);
    let fields = checked.table().schema.iter().zip(&checked.fills);
    let fields: Vec<TableField<'_>> = tokens
        .zip(fields)
        .enumerate()
        .map(|(at, ((tokens, raw), (field, fill)))| TableField {
            at,
            ident: name(tokens),
            ty: &tokens.ty,
            vis: &tokens.vis,
            field,
            raw,
            fill: *fill,
        })
        .collect();
    let columns = columns(checked, &fields);
    let (new, new_impls) = new(checked, &fields);
    let (patch, patch_impls) = patch(checked, &fields);
    // Methods are outside of the `const` block, so that the compiler prints short paths: `NewUser::new`.
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

/// The given value of a field, or that of `#[default(…)]`.
fn or_default(field: &TableField<'_>) -> TokenStream {
    let ident = field.ident;
    let Some((default, written)) = &field.raw.default else { return quote!(self.#ident) };
    let tokens = &written.tokens;
    if matches!(syn::parse2(tokens.clone()), Ok(syn::Expr::Call(_))) {
        return quote!(k::or(self.#ident, #tokens));
    }
    let is_text = matches!(field.raw.ty, RawType::Text(_));
    let value = match &field.field.ty {
        // rustc takes a literal without a point for an integer.
        Type::Number => quote!((#tokens) as f64),
        Type::Float32 => quote!((#tokens) as f32),
        Type::Date => quote!(k::Timestamp::from_millis(#tokens)),
        ty if model::has_literals(ty) && !is_text => quote!(#tokens),
        ty => {
            let json = field.field.default.as_ref().map(ToString::to_string);
            let read = if is_moment(ty) { quote!(or_moment) } else { quote!(or_constant) };
            return quote!(k::#read(self.#ident, #json));
        }
    };
    let ty = field.ty;
    let is_of_a_newtype =
        matches!((&field.raw.ty, default), (RawType::Named(..), RawDefault::Value(_)));
    if is_of_a_newtype {
        quote!(k::or(self.#ident, <#ty as k::Newtype>::wrap(k::Assign::assign(#value))))
    } else {
        quote!(k::or(self.#ident, #value))
    }
}

/// Whether the type is a date or time, or a list of them.
fn is_moment(ty: &Type) -> bool {
    match ty {
        Type::Array(element) => is_moment(element),
        ty => matches!(ty, Type::Instant | Type::DateTime | Type::Day | Type::Time),
    }
}

/// `User::age`: a typed constant for each field.
fn columns(checked: &Checked<'_>, fields: &[TableField<'_>]) -> TokenStream {
    let strukt = &checked.input.ident;
    // `User::patch` is the function.
    let named = fields.iter().filter(|field| *field.ident != "patch");
    let constants = named.map(|TableField { at, ident, ty, vis, .. }| {
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

/// Whether the type is the application's: an enum, a document, or one with a `sql_type`.
fn is_own(ty: &Type) -> bool {
    match ty {
        Type::Array(element) => is_own(element),
        Type::Enum(_) | Type::Object(_) | Type::Sql => true,
        _ => false,
    }
}

/// `NewUser`, which an insert takes, with its methods; and its impls of traits.
fn new(checked: &Checked<'_>, fields: &[TableField<'_>]) -> (TokenStream, TokenStream) {
    let k = private();
    let strukt = &checked.input.ident;
    let vis = &checked.input.vis;
    let new = format_ident!("New{strukt}");
    let doc =
        format!("A new row for `{}`. Fields that are not set are filled in.", checked.table().name);
    let fields: Vec<&TableField<'_>> =
        fields.iter().filter(|field| field.fill != Fill::Generated).collect();
    let members = fields.iter().map(|TableField { ident, ty, vis, fill, .. }| match fill {
        Fill::Caller | Fill::Empty => quote!(#vis #ident: #ty),
        _ => quote!(#vis #ident: ::core::option::Option<#ty>),
    });
    let (required, optional): (Vec<_>, Vec<_>) =
        fields.iter().copied().partition(|field| field.fill == Fill::Caller);
    let arguments =
        required.iter().map(|TableField { ident, ty, .. }| quote!(#ident: impl #k::Assign<#ty>));
    let given =
        required.iter().map(|TableField { ident, .. }| quote!(#ident: #k::Assign::assign(#ident)));
    let empty = optional
        .iter()
        .map(|TableField { ident, .. }| quote!(#ident: ::core::default::Default::default()));
    // `new` is as visible as the least visible field that it sets.
    let closed = required.iter().find(|field| !matches!(field.vis, Visibility::Public(_)));
    let new_vis = closed.map_or(vis, |field| field.vis);
    let setters = optional.iter().filter(|field| *field.ident != "new").map(|field| {
        let TableField { ident, ty, vis, fill, .. } = field;
        let put = match fill {
            Fill::Caller | Fill::Empty => quote!(put),
            _ => quote!(give),
        };
        quote! {
            #vis fn #ident(mut self, value: impl #k::Assign<#ty>) -> Self {
                #k::#put(&mut self.#ident, value);
                self
            }
        }
    });
    // The derive cannot know whether an own type is `Clone`. A bound with a lifetime is checked where a
    // row is cloned; one without would be an error here.
    let own = fields.iter().filter(|field| is_own(&field.field.ty)).map(|field| field.ty);
    let clones = fields.iter().map(|TableField { ident, .. }| quote!(#ident: self.#ident.clone()));
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
        #[allow(missing_docs, dead_code, clippy::too_many_arguments, clippy::new_without_default)]
        impl #new {
            #new_vis fn new(#(#arguments),*) -> Self {
                Self { #(#given,)* #(#empty),* }
            }
            #(#setters)*
        }
    };
    let insert = insert(checked, &new, &fields);
    let impls = quote!(#clone #insert);
    (item, impls)
}

/// The expression for a field of a new row; none if the database makes it.
fn filled(field: &TableField<'_>) -> Option<TokenStream> {
    let ident = field.ident;
    Some(match field.fill {
        Fill::NewId => quote!(self.#ident.unwrap_or_else(k::new_id)),
        Fill::Now => quote!(k::or_now(self.#ident, now)),
        Fill::Default => or_default(field),
        Fill::Caller | Fill::Empty => quote!(self.#ident),
        Fill::Database | Fill::Generated => return None,
    })
}

/// `impl Insert`. Where the database makes values, the row is what is given; otherwise it is the record.
fn insert(checked: &Checked<'_>, new: &Ident, fields: &[&TableField<'_>]) -> TokenStream {
    let strukt = &checked.input.ident;
    let makes = checked.fills.iter().any(|fill| matches!(fill, Fill::Database | Fill::Generated));
    let row = if makes {
        let values = fields.iter().map(|field| match filled(field) {
            Some(value) => quote!(&#value),
            None => {
                let ident = field.ident;
                quote!(k::Made(&self.#ident))
            }
        });
        let values = super::record::tuple(values.collect());
        quote!(k::given(#values))
    } else {
        let values = fields.iter().map(|field| {
            let (ident, value) = (field.ident, filled(field));
            quote!(#ident: #value)
        });
        quote!(k::NewRow::Record(#strukt { #(#values),* }))
    };
    quote! {
        impl k::Insert<#strukt> for #new {
            #[allow(unused_variables)]
            fn into_row(self, now: k::Timestamp) -> k::NewRow<#strukt> { #row }
        }
    }
}

/// `UserPatch`, which an update takes, with its methods; and its impls of traits.
fn patch(checked: &Checked<'_>, fields: &[TableField<'_>]) -> (TokenStream, TokenStream) {
    let k = private();
    let strukt = &checked.input.ident;
    let vis = &checked.input.vis;
    let patch = format_ident!("{strukt}Patch");
    let doc =
        format!("Changes of a row of `{}`. Fields that are not set stay.", checked.table().name);
    let set = match checked.table().layout {
        Layout::Columns => quote!(with),
        Layout::Document => quote!(with_member),
    };
    let settable = fields
        .iter()
        .filter(|field| !checked.table().is_key(&field.field.name))
        .filter(|field| field.field.stamp.is_none() && field.fill != Fill::Generated);
    let setters = settable.map(|TableField { at, ident, ty, vis, .. }| {
        quote! {
            #vis fn #ident(self, value: impl #k::Assign<#ty>) -> Self {
                Self(self.0.#set::<#ty>(#at, value))
            }
        }
    });
    let computed = (!fields.iter().any(|field| *field.ident == "set")).then(|| {
        quote! {
            /// Sets a field to an expression over the row before the update.
            #vis fn set<T: #k::Value, I>(
                mut self,
                column: #k::Column<#strukt, T>,
                what: impl #k::Computes<#strukt, T, I>,
            ) -> Self {
                self.0.compute(column, what);
                self
            }
        }
    });
    let item = quote! {
        #[doc = #doc]
        #[derive(::core::clone::Clone)]
        #vis struct #patch(#k::Patch<#strukt>);
        #[allow(missing_docs, dead_code)]
        impl #patch { #(#setters)* #computed }
        #[allow(dead_code)]
        impl #strukt {
            /// Changes of a row, for `update`.
            #vis fn patch() -> #patch { #patch(#k::Patch::new()) }
        }
    };
    // Not `From`: rustc would compare its impls for the `Patch` of each table with all others.
    let impls = quote! {
        #[allow(clippy::from_over_into)]
        impl ::core::convert::Into<k::Patch<#strukt>> for #patch {
            fn into(self) -> k::Patch<#strukt> { self.0 }
        }
    };
    (item, impls)
}
