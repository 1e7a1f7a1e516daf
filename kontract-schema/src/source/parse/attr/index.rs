//! The arguments of `index` and `unique`, on a field and on a struct.

use syn::ext::IdentExt;
use syn::parse::ParseStream;
use syn::{Attribute, Ident, LitStr, Meta, Token, token};

use super::arguments::{Texts, parse_deferrable, parse_names, wrong};
use super::unknown_argument;
use crate::dialect::Dialect;
use crate::model::{Deferrable, Method};
use crate::source::attributes::Position;
use crate::source::raw::{At, RawField, RawIndex};
use crate::sqltext::Expressions;

/// All arguments of an index.
#[derive(Default)]
struct Arguments {
    fields: Vec<(String, At)>,
    descending: Vec<String>,
    name: Option<String>,
    method: Option<(Method, At)>,
    opclass: Vec<(String, String, At)>,
    include: Vec<(String, At)>,
    nulls_not_distinct: Option<At>,
    deferrable: Option<(Deferrable, At)>,
    on: Option<Texts>,
    condition: Option<Texts>,
}

/// `#[index]`, `#[unique(name = "…", where = "…")]` of a field.
pub fn read_field_index(attr: &Attribute, raw: &mut RawField, unique: bool) -> syn::Result<()> {
    let word = attribute_name(unique);
    let arguments = match &attr.meta {
        Meta::Path(_) => Arguments::default(),
        Meta::List(list) => {
            list.parse_args_with(|input: ParseStream<'_>| parse_arguments(input, word))?
        }
        Meta::NameValue(pair) => return wrong(&pair.value, "the attribute takes no value", word),
    };
    let belongs_to_struct = match (arguments.fields.first(), &arguments.on) {
        (Some((_, at)), _) => Some((*at, "an index of a field has no other fields", "a, b")),
        (None, Some(on)) => {
            Some((on.at, "an index of a field has no expression", "on = \"lower(email)\""))
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
    let arguments = parse_arguments(&content, attribute_name(unique))?;
    match (&arguments.on, &arguments.fields[..]) {
        (None, []) => {
            let message = "the fields are missing\nwrite their Rust names: `(a, b)`";
            Err(syn::Error::new_spanned(&meta.path, message))
        }
        (Some(on), [_, ..]) => {
            let message = "an index has fields or an expression, not both\nwrite all of it in the expression: `on = \"a, lower(b)\"`";
            Err(syn::Error::new(on.at.start, message))
        }
        _ => arguments.index(unique, at),
    }
}

impl Arguments {
    fn index(self, unique: bool, at: At) -> syn::Result<RawIndex> {
        let method = self.method.unwrap_or((Method::Btree, at));
        let sql = |texts: Option<Texts>| match texts {
            None => Ok(None),
            Some(texts) if Dialect::Sqlite.has(method.0) => texts.into_both().map(Some),
            Some(texts) => texts.into_postgres().map(Some),
        };
        // An operator class without a field is that of all fields.
        let mut opclass = Vec::new();
        for (field, class, at) in self.opclass {
            let is_all = field.is_empty();
            let fields = self.fields.iter().map(|(name, _)| name).filter(|_| is_all);
            opclass.extend(fields.map(|name| (name.clone(), class.clone(), at)));
            if !is_all {
                opclass.push((field, class, at));
            } else if self.fields.is_empty() {
                let message = "an expression has its operator class behind it\n\
                    write `on(postgres = \"lower(a) text_pattern_ops\", sqlite = \"lower(a)\")`";
                return Err(syn::Error::new(at.start, message));
            }
        }
        Ok(RawIndex {
            name: self.name,
            fields: self.fields,
            descending: self.descending,
            on: sql(self.on)?,
            unique,
            method,
            opclass,
            include: self.include,
            nulls_not_distinct: self.nulls_not_distinct,
            deferrable: self.deferrable,
            condition: sql(self.condition)?,
            at,
        })
    }
}

fn attribute_name(unique: bool) -> &'static str {
    if unique { "unique" } else { "index" }
}

fn parse_arguments(input: ParseStream<'_>, word: &'static str) -> syn::Result<Arguments> {
    let mut found = Arguments::default();
    while !input.is_empty() {
        parse_argument(input, word, &mut found)?;
        if !input.is_empty() {
            input.parse::<Token![,]>()?;
        }
    }
    Ok(found)
}

fn parse_argument(input: ParseStream<'_>, word: &str, found: &mut Arguments) -> syn::Result<()> {
    let ident = input.call(Ident::parse_any)?;
    let name = crate::source::parse::ident(&ident);
    let is_field = !input.peek(Token![=]) && !input.peek(token::Paren);
    let (on, condition) = match word {
        "unique" => ("unique(on = \"lower(email)\")", "unique(email, where = \"active\")"),
        _ => ("index(on = \"lower(email)\")", "index(email, where = \"active\")"),
    };
    match name.as_str() {
        // A field of this name is written with `r#`.
        "nulls_not_distinct" if is_field && ident == name => {
            found.nulls_not_distinct = Some(ident.span().into());
        }
        "deferrable" if ident == name && !input.peek(token::Paren) => {
            found.deferrable = Some((parse_deferrable(input)?, ident.span().into()));
        }
        _ if is_field => {
            if input.peek(Ident) {
                let order: Ident = input.parse()?;
                match order.to_string().as_str() {
                    "asc" => {}
                    "desc" => found.descending.push(name.clone()),
                    _ => {
                        return wrong(
                            &order,
                            &format!("`{order}` is not an order: write `asc` or `desc`"),
                            "table(index(a, b desc))",
                        );
                    }
                }
            }
            found.fields.push((name, ident.span().into()));
        }
        "name" => found.name = Some(parse_value(input)?.value()),
        "method" => {
            let text = parse_value(input)?;
            let Some(method) = Method::find(&text.value()) else {
                let message = format!(
                    "`{}` is not a method\nwrite `btree` (the default), `gin`, `gist`, `spgist`, `brin` or `hash`",
                    text.value()
                );
                return Err(syn::Error::new(text.span(), message));
            };
            found.method = Some((method, text.span().into()));
        }
        "opclass" => parse_classes(input, &ident, &mut found.opclass)?,
        "include" => {
            let content;
            syn::parenthesized!(content in input);
            found.include = parse_names(&content)?;
            if found.include.is_empty() {
                return wrong(&ident, "the fields are missing", "index(a, include(b, c))");
            }
        }
        "on" => found.on = Some(Texts::parse(input, Expressions::List, on)?),
        "where" => found.condition = Some(Texts::parse(input, Expressions::One, condition)?),
        _ => {
            return Err(unknown_argument(&ident, &name, word, Position::IndexArgument));
        }
    }
    Ok(())
}

/// `= "gin_trgm_ops"` for all fields, whose name is empty, or `(a = "…", b = "…")`.
fn parse_classes(
    input: ParseStream<'_>,
    word: &Ident,
    found: &mut Vec<(String, String, At)>,
) -> syn::Result<()> {
    const FORM: &str = "index(title, method = \"gin\", opclass = \"gin_trgm_ops\")";
    let mut add = |field: String, class: LitStr| {
        let is_plain = |c: char| c.is_ascii_lowercase() || c.is_ascii_digit() || c == '_';
        if class.value().is_empty() || !class.value().chars().all(is_plain) {
            return wrong(&class, "this is not the name of an operator class", FORM);
        }
        found.push((field, class.value(), class.span().into()));
        Ok(())
    };
    if input.peek(Token![=]) {
        return add(String::new(), parse_value(input)?);
    }
    let content;
    syn::parenthesized!(content in input);
    if content.is_empty() {
        return wrong(word, "the operator classes are missing", FORM);
    }
    while !content.is_empty() {
        let field = content.call(Ident::parse_any)?;
        add(crate::source::parse::ident(&field), parse_value(&content)?)?;
        if !content.is_empty() {
            content.parse::<Token![,]>()?;
        }
    }
    Ok(())
}

fn parse_value(input: ParseStream<'_>) -> syn::Result<LitStr> {
    input.parse::<Token![=]>()?;
    input.parse()
}
