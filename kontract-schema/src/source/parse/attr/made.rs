//! The arguments of values that the database makes: identities, defaults in SQL, generated columns.

use syn::ext::IdentExt;
use syn::parse::{ParseStream, Parser};
use syn::{Attribute, Ident, LitStr, Meta, Token};

use super::arguments::{Texts, expect_no_arguments, name_of, wrong};
use super::unknown_argument;
use crate::model::{Generated, Sql};
use crate::source::attributes::Position;
use crate::source::raw::At;
use crate::sqltext::Expressions;

/// `#[primkey]` or `#[primkey(identity)]`: the place of `identity`.
pub fn parse_key(attr: &Attribute) -> syn::Result<Option<At>> {
    let Meta::List(list) = &attr.meta else { return expect_no_arguments(attr).map(|()| None) };
    let argument: Ident = list
        .parse_args()
        .or_else(|_| wrong(&list.tokens, "`identity` is the only argument", "primkey(identity)"))?;
    if argument == "identity" {
        return Ok(Some(argument.span().into()));
    }
    let written = argument.to_string();
    Err(unknown_argument(&argument, &written, "primkey", Position::KeyArgument))
}

/// Whether the arguments begin with `name =`.
pub fn has_named_argument(attr: &Attribute) -> bool {
    let Meta::List(list) = &attr.meta else { return false };
    let is_named = |input: ParseStream<'_>| {
        let is_named = input.peek(Ident::peek_any) && input.peek2(Token![=]);
        input.parse::<proc_macro2::TokenStream>()?;
        Ok(is_named)
    };
    is_named.parse2(list.tokens.clone()).unwrap_or(false)
}

/// `#[default(sql = "now()")]` or `#[default(postgres = "…", sqlite = "…")]`.
pub fn parse_default_sql(attr: &Attribute) -> syn::Result<(Sql, At)> {
    const FORM: &str = "default(sql = \"now()\")";
    let read = |input: ParseStream<'_>| {
        let key = input.fork().call(Ident::parse_any)?;
        match key.to_string().as_str() {
            "sql" => {
                input.call(Ident::parse_any)?;
                Texts::parse(input, Expressions::One, FORM)?.into_both()
            }
            "postgres" | "sqlite" => {
                Texts::parse_each(input, Expressions::One, FORM, At::tokens(&key))?.into_both()
            }
            written => Err(unknown_argument(&key, written, "default", Position::DefaultArgument)),
        }
    };
    let (sql, _) = attr.parse_args_with(read)?;
    Ok((sql, At::tokens(attr.meta.path())))
}

/// `#[generated("price * amount")]`, with `virtual` behind it, or with a text for each database.
pub fn parse_generated(attr: &Attribute, form: &str) -> syn::Result<Generated> {
    let Meta::List(list) = &attr.meta else {
        return wrong(&attr.meta, "an argument is missing", form);
    };
    let at = At::tokens(attr.meta.path());
    let read = |input: ParseStream<'_>| {
        let sql = if input.peek(LitStr) {
            let one = Texts::one(&input.parse()?, Expressions::One, form)?;
            input.parse::<Option<Token![,]>>()?;
            one
        } else {
            Texts::parse_each(input, Expressions::One, form, at)?
        };
        let is_virtual = !input.is_empty();
        if is_virtual {
            let word = input.call(Ident::parse_any)?;
            if word != "virtual" {
                let written = name_of(&word.clone().into());
                let position = Position::GeneratedArgument;
                return Err(unknown_argument(&word, &written, "generated", position));
            }
            input.parse::<Option<Token![,]>>()?;
        }
        Ok(Generated { sql: sql.into_both()?.0, stored: !is_virtual })
    };
    list.parse_args_with(read)
}
