//! `index` and `unique`, on a field and on a struct: on which fields or on what else, of which rows,
//! and how it is built.

use syn::ext::IdentExt;
use syn::parse::ParseStream;
use syn::{Attribute, Ident, LitStr, Meta, Token, token};

use super::arguments::{Texts, wrong};
use super::unknown_argument;
use crate::model::Method;
use crate::source::attributes::Position;
use crate::source::raw::{At, RawField, RawIndex};

/// What has to be known of all arguments before the index is made of them.
#[derive(Default)]
struct Arguments {
    fields: Vec<(String, At)>,
    descending: Vec<String>,
    name: Option<String>,
    method: Option<(Method, At)>,
    on: Option<Texts>,
    condition: Option<Texts>,
}

/// `#[index]`, `#[unique(name = "…", where = "…")]` of a field.
pub fn read_field_index(attr: &Attribute, raw: &mut RawField, unique: bool) -> syn::Result<()> {
    let word = attribute_name(unique);
    let arguments = match &attr.meta {
        Meta::Path(_) => Arguments::default(),
        Meta::List(list) => {
            list.parse_args_with(|input: ParseStream<'_>| arguments(input, word))?
        }
        Meta::NameValue(pair) => return wrong(&pair.value, "no value is expected", word),
    };
    let belongs_to_struct = match (arguments.fields.first(), &arguments.on) {
        (Some((_, at)), _) => Some((*at, "the index of a field is on this field alone", "a, b")),
        (None, Some(on)) => {
            Some((on.at, "the index of a field is on the field", "on = \"lower(email)\""))
        }
        (None, None) => None,
    };
    if let Some((at, message, list)) = belongs_to_struct {
        let help = format!("on the struct: `#[table({word}({list}))]`");
        return Err(syn::Error::new(at.start, format!("{message}\n{help}")));
    }
    let fields = vec![(raw.name.clone(), raw.at)];
    let index = Arguments { fields, ..arguments }.index(unique, At::tokens(attr.meta.path()))?;
    raw.indexes.push(index);
    Ok(())
}

/// `index(a, b desc, where = "…")`, `unique(on = "…", name = "…")` of a struct.
pub fn read_struct_index(
    meta: &syn::meta::ParseNestedMeta<'_>,
    unique: bool,
    at: At,
) -> syn::Result<RawIndex> {
    let content;
    syn::parenthesized!(content in meta.input);
    let arguments = arguments(&content, attribute_name(unique))?;
    match (&arguments.on, &arguments.fields[..]) {
        (None, []) => {
            let message = "the fields are missing\nwrite their Rust names: `(a, b)`";
            Err(syn::Error::new_spanned(&meta.path, message))
        }
        (Some(on), [_, ..]) => {
            let message =
                "an index is on fields or on SQL\nwrite all of it there: `on = \"a, lower(b)\"`";
            Err(syn::Error::new(on.at.start, message))
        }
        _ => arguments.index(unique, at),
    }
}

impl Arguments {
    fn index(self, unique: bool, at: At) -> syn::Result<RawIndex> {
        let method = self.method.unwrap_or((Method::Btree, at));
        let sql = |texts: Option<Texts>| match (texts, method.0) {
            (None, _) => Ok(None),
            (Some(texts), Method::Gin) => texts.of_postgres().map(Some),
            (Some(texts), Method::Btree) => texts.of_both().map(Some),
        };
        Ok(RawIndex {
            name: self.name,
            fields: self.fields,
            descending: self.descending,
            on: sql(self.on)?,
            unique,
            method,
            condition: sql(self.condition)?,
            at,
        })
    }
}

fn attribute_name(unique: bool) -> &'static str {
    if unique { "unique" } else { "index" }
}

fn arguments(input: ParseStream<'_>, word: &'static str) -> syn::Result<Arguments> {
    let mut found = Arguments::default();
    while !input.is_empty() {
        argument(input, word, &mut found)?;
        if !input.is_empty() {
            input.parse::<Token![,]>()?;
        }
    }
    Ok(found)
}

fn argument(input: ParseStream<'_>, word: &str, found: &mut Arguments) -> syn::Result<()> {
    let ident = input.call(Ident::parse_any)?;
    let name = crate::source::parse::ident(&ident);
    let is_field = !input.peek(Token![=]) && !input.peek(token::Paren);
    let (on, condition) = match word {
        "unique" => ("unique(on = \"lower(email)\")", "unique(email, where = \"active\")"),
        _ => ("index(on = \"lower(email)\")", "index(email, where = \"active\")"),
    };
    match name.as_str() {
        _ if is_field => {
            if input.peek(Ident) {
                let order: Ident = input.parse()?;
                match order.to_string().as_str() {
                    "asc" => {}
                    "desc" => found.descending.push(name.clone()),
                    _ => {
                        return wrong(
                            &order,
                            "not an order: `asc` or `desc`",
                            "table(index(a, b desc))",
                        );
                    }
                }
            }
            found.fields.push((name, ident.span().into()));
        }
        "name" => found.name = Some(value(input)?.value()),
        "method" => {
            let text = value(input)?;
            let known = [Method::Btree, Method::Gin].into_iter();
            let Some(method) = known.into_iter().find(|known| known.word() == text.value()) else {
                let message = "not a method\n`btree` (the default) or `gin`";
                return Err(syn::Error::new(text.span(), message));
            };
            found.method = Some((method, text.span().into()));
        }
        "on" => found.on = Some(Texts::parse(input, on)?),
        "where" => found.condition = Some(Texts::parse(input, condition)?),
        _ => {
            return Err(unknown_argument(&ident, &name, word, Position::IndexArgument));
        }
    }
    Ok(())
}

fn value(input: ParseStream<'_>) -> syn::Result<LitStr> {
    input.parse::<Token![=]>()?;
    input.parse()
}
