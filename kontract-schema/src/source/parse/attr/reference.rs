//! The arguments of `references`, on a field and on a struct.

use syn::parse::ParseStream;
use syn::{Attribute, Ident, LitStr, Meta, Path, Token};

use super::arguments::{parse_deferrable, parse_names, wrong};
use super::unknown_argument;
use crate::model::{Deferrable, ReferenceAction};
use crate::source::attributes::Position;
use crate::source::parse::normalize_name;
use crate::source::raw::{At, RawField, RawReference};

/// `(User, field = "…", on_delete = "…", on_update = "…", name = "…")` of a field.
pub fn parse_reference(attr: &Attribute, raw: &RawField, form: &str) -> syn::Result<RawReference> {
    let Meta::List(list) = &attr.meta else {
        return wrong(&attr.meta, "the struct referred to is missing", form);
    };
    list.parse_args_with(|input: ParseStream<'_>| {
        let path: Path = input
            .parse()
            .or_else(|_| wrong(&list.path, "the struct referred to is missing", form))?;
        let mut reference = new_reference(&path, vec![(raw.name.clone(), raw.at)]);
        reference_arguments(input, &mut reference)?;
        Ok(reference)
    })
}

fn new_reference(path: &Path, fields: Vec<(String, At)>) -> RawReference {
    let segments: Vec<String> =
        path.segments.iter().map(|s| crate::source::parse::ident(&s.ident)).collect();
    RawReference {
        fields,
        table: segments.join("::"),
        to: Vec::new(),
        name: None,
        on_delete: ReferenceAction::NoAction,
        on_update: ReferenceAction::NoAction,
        deferrable: Deferrable::Never,
        at: At::tokens(path),
    }
}

/// `(fields(a, b), Other(x, y), on_delete = "…")` of a struct.
pub fn parse_struct_reference(
    meta: &syn::meta::ParseNestedMeta<'_>,
    form: &str,
) -> syn::Result<RawReference> {
    let content;
    syn::parenthesized!(content in meta.input);
    let word: Ident =
        content.parse().or_else(|_| wrong(&meta.path, "the fields are missing", form))?;
    if word != "fields" || !content.peek(syn::token::Paren) {
        return wrong(&word, "the first argument names the fields of this struct", form);
    }
    let inner;
    syn::parenthesized!(inner in content);
    let fields = parse_names(&inner)?;
    if fields.is_empty() {
        return wrong(&word, "the fields are missing", form);
    }
    content.parse::<Token![,]>()?;
    let path: Path = Path::parse_mod_style(&content)
        .or_else(|_| wrong(&meta.path, "the struct referred to is missing", form))?;
    let mut reference = new_reference(&path, fields);
    if content.peek(syn::token::Paren) {
        let inner;
        syn::parenthesized!(inner in content);
        reference.to = parse_names(&inner)?.into_iter().map(|(name, _)| name).collect();
        if reference.to.len() != reference.fields.len() {
            let (own, other) = (reference.fields.len(), reference.to.len());
            let message = format!("the numbers of fields differ: {own} here and {other} there");
            return wrong(&path, &message, form);
        }
    }
    reference_arguments(&content, &mut reference)?;
    Ok(reference)
}

/// The arguments of a reference, behind the struct referred to.
fn reference_arguments(input: ParseStream<'_>, reference: &mut RawReference) -> syn::Result<()> {
    while !input.is_empty() {
        input.parse::<Token![,]>()?;
        if input.is_empty() {
            break;
        }
        let key: Ident = input.parse()?;
        let word = key.to_string();
        if word == "deferrable" {
            reference.deferrable = parse_deferrable(input)?;
            continue;
        }
        if !Position::ReferenceArgument.names().any(|name| name == word) {
            return Err(unknown_argument(&key, &word, "references", Position::ReferenceArgument));
        }
        input.parse::<Token![=]>()?;
        let value: LitStr = input.parse()?;
        match word.as_str() {
            "field" if reference.fields.len() > 1 => {
                let message = "`field` names one field, and this reference has several\n\
                    name the fields behind the struct: `Other(x, y)`";
                return Err(syn::Error::new(key.span(), message));
            }
            "field" => reference.to = vec![normalize_name(&value.value())],
            "on_delete" => reference.on_delete = parse_action(&value)?,
            "on_update" => reference.on_update = parse_action(&value)?,
            _ => reference.name = Some(value.value()),
        }
    }
    Ok(())
}

fn parse_action(text: &LitStr) -> syn::Result<ReferenceAction> {
    ReferenceAction::find(&text.value()).ok_or_else(|| {
        let message = format!(
            "`{}` is not an action\nwrite `no_action`, `restrict`, `cascade`, `set_null` or `set_default`",
            text.value()
        );
        syn::Error::new(text.span(), message)
    })
}
