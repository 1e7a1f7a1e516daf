//! `#[derive(Projection)]`: a struct that rows of a query become.
//!
//! Tokens of a struct enter, impls of `Shape` and `SelectAs` leave. Which types the columns have is
//! left to rustc: what is emitted holds each of them against the type of its field.

use proc_macro2::{Delimiter, Ident, Span, TokenStream, TokenTree};
use quote::{format_ident, quote, quote_spanned};
use syn::spanned::Spanned;
use syn::{Attribute, Data, DeriveInput, Field, Fields, Path, Type};

use super::name;
use crate::report;

/// A field that says which column it is.
struct Selected<'a> {
    ty: &'a Type,
    /// What is selected.
    what: What,
    /// The tables in it, as places in the list of all.
    tables: Vec<usize>,
}

enum What {
    /// `Task::title`, or `Task::title.of(Other)`.
    Column(TokenStream),
    /// `Task::title.lower()`.
    Expr(TokenStream),
    /// `record::<Task>()`.
    Record,
}

/// The impls.
pub fn projection(input: &DeriveInput) -> TokenStream {
    let ident = &input.ident;
    let fields = match &input.data {
        Data::Struct(data) if matches!(data.fields, Fields::Named(_)) => &data.fields,
        _ => {
            return report::error(
                ident.span(),
                "`Projection` is for structs with named fields: each becomes a column",
            );
        }
    };
    if !input.generics.params.is_empty() {
        return report::error(
            input.generics.span(),
            "a projection cannot be generic: each field has one type of column",
        );
    }
    let fields: Vec<&Field> = fields.iter().collect();
    let mut tables = Tables::default();
    let selected = match selected(input, &fields, &mut tables) {
        Ok(selected) => selected,
        Err(error) => return error.into_compile_error(),
    };
    let reads = fields.iter().enumerate().map(|(at, field)| {
        let (name, ty) = (name(field), &field.ty);
        let read = match selected.as_ref().map(|all| (&all[at].what, all[at].tables[..].first())) {
            Some((What::Record, Some(table))) => {
                let presence = presence(ty);
                let table = &tables.0[*table];
                quote!(k::row::<k::#presence, <#table as k::Source>::Record>(from)?)
            }
            _ => quote!(k::field(from)?),
        };
        quote!(#name: #read)
    });
    let types = fields.iter().map(|field| &field.ty);
    let names: Vec<&Ident> = fields.iter().map(|field| name(field)).collect();
    let texts = names.iter().map(|name| name.to_string().trim_start_matches("r#").to_owned());
    let text = ident.to_string();
    let columns = fields.iter().enumerate().map(|(at, field)| {
        let (name, ty, vis) = (name(field), &field.ty, &field.vis);
        quote! {
            #vis const #name: k::Column<k::RowsOf<#ident>, #ty> = k::Column::of_rows(#at);
        }
    });
    let select = selected.as_ref().map(|selected| select(ident, selected, &tables));
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

/// `SelectAs`, in every query that has the tables.
fn select(ident: &Ident, selected: &[Selected<'_>], tables: &Tables) -> TokenStream {
    let number = |at: usize| format_ident!("I{at}");
    let indexes: Vec<Ident> = (0..tables.0.len()).map(number).collect();
    let bounds = tables.0.iter().enumerate().map(|(at, table)| {
        let is_needed = |field: &&Selected<'_>| field.tables.contains(&at) && !is_option(field.ty);
        let index = &indexes[at];
        match selected.iter().any(|field| is_needed(&field)) {
            true => quote!(S: k::HasAlways<#table, #index>),
            false => quote!(S: k::Has<#table, #index>),
        }
    });
    let outputs = selected.iter().map(|field| {
        let ty = field.ty;
        let span = ty.span();
        let index = field.tables.first().map(|table| &indexes[*table]);
        match &field.what {
            What::Column(column) => {
                quote_spanned!(span=> to.column::<S, #index, #ty, _, _>(#column);)
            }
            What::Expr(expr) if is_option(ty) => {
                quote_spanned!(span=> to.maybe::<S, #ty, _>(#expr);)
            }
            What::Expr(expr) => quote_spanned!(span=> to.value::<S, #ty>(#expr);),
            What::Record => {
                let table = field.tables.first().map(|table| &tables.0[*table]);
                let optional = is_option(ty);
                quote_spanned!(span=> to.record::<S, #index, #table>(#optional);)
            }
        }
    });
    quote! {
        impl<S, #(#indexes),*> k::SelectAs<S, (#(#indexes,)*)> for #ident
        where #(#bounds),*
        {
            fn outputs(to: &mut k::Outputs) { #(#outputs)* }
        }
    }
}

/// What each field is; none where the struct says it of no field.
fn selected<'a>(
    input: &DeriveInput,
    fields: &[&'a Field],
    tables: &mut Tables,
) -> syn::Result<Option<Vec<Selected<'a>>>> {
    let of = |attrs: &[Attribute], name: &str| {
        let mut found = attrs.iter().filter(|attr| attr.path().is_ident(name));
        let first = found.next().cloned();
        match found.next() {
            Some(second) => {
                Err(syn::Error::new_spanned(second, format!("`{name}` stands here twice")))
            }
            None => Ok(first),
        }
    };
    let table = match of(&input.attrs, "projection")? {
        Some(attr) => Some(attr.parse_args::<Path>().map_err(|_| {
            let help = "name the table whose columns the fields are: `#[projection(Task)]`";
            syn::Error::new_spanned(&attr, help)
        })?),
        None => None,
    };
    let columns: Vec<Option<Attribute>> =
        fields.iter().map(|field| of(&field.attrs, "column")).collect::<syn::Result<_>>()?;
    if table.is_none() && columns.iter().all(Option::is_none) {
        return Ok(None);
    }
    let mut selected = Vec::new();
    for (field, column) in fields.iter().zip(columns) {
        let column = match (column, &table) {
            (Some(attr), _) => attr.parse_args::<TokenStream>().map_err(|_| {
                let help = "say which column the field is: `#[column(Task::title)]`";
                syn::Error::new_spanned(&attr, help)
            })?,
            (None, Some(table)) => {
                let name = name(field);
                let table = at(quote!(#table), name.span());
                quote_spanned!(name.span()=> #table::#name)
            }
            (None, None) => {
                let what = "nothing says which column this field is";
                let help = "write `#[column(Task::title)]` on it, or `#[projection(Task)]` on the \
                            struct for all fields that are columns of one table";
                return Err(syn::Error::new_spanned(field, format!("{what}\nhelp: {help}")));
            }
        };
        selected.push(what(&field.ty, column, tables)?);
    }
    Ok(Some(selected))
}

fn what<'a>(ty: &'a Type, tokens: TokenStream, tables: &mut Tables) -> syn::Result<Selected<'a>> {
    if let Some(table) = whole(&tokens) {
        let tables = vec![tables.add(&table)];
        return Ok(Selected { ty, what: What::Record, tables });
    }
    if let Some(table) = renamed(&tokens) {
        let tables = vec![tables.add(&table)];
        return Ok(Selected { ty, what: What::Column(tokens), tables });
    }
    if let Ok(path) = syn::parse2::<Path>(tokens.clone()) {
        let mut table = path.clone();
        table.segments.pop();
        table.segments.pop_punct();
        if table.segments.is_empty() {
            let what = "a column is named with its table: `Task::title`";
            return Err(syn::Error::new_spanned(path, what));
        }
        let tables = vec![tables.add(&table)];
        return Ok(Selected { ty, what: What::Column(tokens), tables });
    }
    let mut places = Vec::new();
    mentioned(tokens.clone(), &mut |table| {
        let place = tables.add(table);
        if !places.contains(&place) {
            places.push(place);
        }
    });
    Ok(Selected { ty, what: What::Expr(tokens), tables: places })
}

/// The tables of a projection, each once.
#[derive(Default)]
struct Tables(Vec<Path>);

impl Tables {
    fn add(&mut self, table: &Path) -> usize {
        let text = quote!(#table).to_string();
        let known = self.0.iter().position(|known| quote!(#known).to_string() == text);
        known.unwrap_or_else(|| {
            self.0.push(table.clone());
            self.0.len() - 1
        })
    }
}

/// The same tokens as if they stood there: so that an error points there.
fn at(tokens: TokenStream, span: Span) -> TokenStream {
    let moved = |mut token: TokenTree| {
        token.set_span(span);
        token
    };
    tokens.into_iter().map(moved).collect()
}

/// The table of `record::<Task>()`.
fn whole(tokens: &TokenStream) -> Option<Path> {
    let call: syn::ExprCall = syn::parse2(tokens.clone()).ok()?;
    let syn::Expr::Path(function) = &*call.func else { return None };
    let last = function.path.segments.last()?;
    let syn::PathArguments::AngleBracketed(arguments) = &last.arguments else { return None };
    match arguments.args.first()? {
        syn::GenericArgument::Type(Type::Path(table)) if last.ident == "record" => {
            Some(table.path.clone())
        }
        _ => None,
    }
}

/// The table of `Task::title.of(Other)`, which is `Other`.
fn renamed(tokens: &TokenStream) -> Option<Path> {
    let call: syn::ExprMethodCall = syn::parse2(tokens.clone()).ok()?;
    match (&*call.receiver, call.args.first()?) {
        (syn::Expr::Path(_), syn::Expr::Path(table)) if call.method == "of" => {
            Some(table.path.clone())
        }
        _ => None,
    }
}

/// The tables of an expression: what stands before the last `::` of a path that is not called.
fn mentioned(tokens: TokenStream, found: &mut impl FnMut(&Path)) {
    let mut path = TokenStream::new();
    let mut end = |path: &mut TokenStream, is_called: bool| {
        let path = std::mem::take(path);
        let Ok(mut path) = syn::parse2::<Path>(path) else { return };
        path.segments.pop();
        path.segments.pop_punct();
        if !is_called && !path.segments.is_empty() {
            found(&path);
        }
    };
    let mut inner = Vec::new();
    for token in tokens {
        match token {
            TokenTree::Ident(ident) => path.extend([TokenTree::Ident(ident)]),
            TokenTree::Punct(punct) if punct.as_char() == ':' => {
                path.extend([TokenTree::Punct(punct)]);
            }
            TokenTree::Group(group) => {
                end(&mut path, group.delimiter() == Delimiter::Parenthesis);
                inner.push(group.stream());
            }
            _ => end(&mut path, false),
        }
    }
    end(&mut path, false);
    for group in inner {
        mentioned(group, found);
    }
}

fn is_option(ty: &Type) -> bool {
    match ty {
        Type::Path(path) => path.path.segments.last().is_some_and(|last| last.ident == "Option"),
        _ => false,
    }
}

fn presence(ty: &Type) -> Ident {
    format_ident!("{}", if is_option(ty) { "Sometimes" } else { "Always" })
}
