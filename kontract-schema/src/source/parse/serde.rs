//! The names that serde gives to fields and variants.
//!
//! The keys of a document are those that serde writes. `rename`, `rename_all`, `alias`, `default`
//! and attributes that do not change the JSON are supported. Others are errors, because the lock file
//! would have other keys than the rows.

use self::case::Case;
use syn::meta::ParseNestedMeta;
use syn::{Attribute, LitStr};

use crate::code;
use crate::diagnostic::Diagnostics;
use crate::source::raw::{At, RawField};

/// serde's attributes of a struct or enum.
#[derive(Default)]
pub struct Container {
    rename_all: Option<Case>,
    default: bool,
}

/// Reads the attributes of a struct or enum.
pub fn read_container(attrs: &[Attribute], problems: &mut Diagnostics) -> Container {
    let mut container = Container::default();
    each_argument(attrs, problems, |meta, key, refuse| {
        match key {
            "rename_all" => match read_literal(meta)?.and_then(|name| Case::parse(&name)) {
                Some(case) => container.rename_all = Some(case),
                None => refuse(meta)?,
            },
            "default" => {
                container.default = true;
                skip_value(meta)?;
            }
            // These do not change the JSON of a value.
            "rename" | "deny_unknown_fields" | "bound" | "crate" | "expecting" => skip_value(meta)?,
            _ => refuse(meta)?,
        }
        Ok(())
    });
    container
}

/// Sets the JSON name of a field, and whether serde accepts JSON without it.
pub fn read_field(
    field: &syn::Field,
    container: &Container,
    raw: &mut RawField,
    problems: &mut Diagnostics,
) {
    let mut renamed = None;
    raw.serde_default = container.default;
    let may_be_absent = raw.optional || matches!(raw.ty, crate::source::raw::RawType::List(_));
    each_argument(&field.attrs, problems, |meta, key, refuse| {
        match key {
            "rename" => match read_literal(meta)? {
                Some(name) => renamed = Some(name),
                None => refuse(meta)?,
            },
            "default" => {
                raw.serde_default = true;
                skip_value(meta)?;
            }
            "skip_serializing_if" if may_be_absent => skip_value(meta)?,
            "alias" | "bound" => skip_value(meta)?,
            _ => refuse(meta)?,
        }
        Ok(())
    });
    raw.json = renamed.unwrap_or_else(|| match container.rename_all {
        Some(case) => case.field_key(&raw.name),
        None => raw.name.clone(),
    });
}

/// The stored name of a variant.
pub fn read_variant(
    variant: &syn::Variant,
    container: &Container,
    problems: &mut Diagnostics,
) -> String {
    let mut renamed = None;
    each_argument(&variant.attrs, problems, |meta, key, refuse| {
        match key {
            "rename" => match read_literal(meta)? {
                Some(name) => renamed = Some(name),
                None => refuse(meta)?,
            },
            "alias" => skip_value(meta)?,
            _ => refuse(meta)?,
        }
        Ok(())
    });
    let name = super::ident(&variant.ident);
    renamed.unwrap_or_else(|| match container.rename_all {
        Some(case) => case.variant_name(&name),
        None => name,
    })
}

type Refuse<'a> = &'a mut dyn FnMut(&ParseNestedMeta<'_>) -> syn::Result<()>;

/// Calls `read` for each argument of `#[serde(…)]`, with a function that reports it as unsupported.
fn each_argument(
    attrs: &[Attribute],
    problems: &mut Diagnostics,
    mut read: impl FnMut(&ParseNestedMeta<'_>, &str, Refuse<'_>) -> syn::Result<()>,
) {
    for attr in attrs.iter().filter(|attr| attr.path().is_ident("serde")) {
        let mut refused = Vec::new();
        // serde reports syntax errors itself.
        let _ = attr.parse_nested_meta(|meta| {
            let key = meta.path.get_ident().map(ToString::to_string).unwrap_or_default();
            let mut refuse = |meta: &ParseNestedMeta<'_>| {
                refused.push((key.clone(), At::tokens(&meta.path)));
                skip_value(meta)
            };
            read(&meta, &key, &mut refuse)
        });
        for (key, span) in refused {
            problems.report(code::SERDE, format!("`#[serde({key})]` is not supported"))
                    .at(span)
                    .note("the keys of the JSON must be those in the lock file; supported are rename, rename_all, alias and default")
                    .help(explain_key(&key));
        }
    }
}

fn explain_key(key: &str) -> &'static str {
    match key {
        "rename" | "rename_all" => "use one name for reading and writing",
        "flatten" => "write the fields out, or put them in a struct with `#[derive(Document)]`",
        "skip" | "skip_serializing" | "skip_deserializing" => "leave the field out of the table",
        "skip_serializing_if" => {
            "only an `Option` or a list may be absent: make the field one of them"
        }
        "with" | "serialize_with" | "deserialize_with" => "use a field of the type that is stored",
        _ => "remove it, or keep the value in a field of type `Json`",
    }
}

/// Skips `= value` or `(…)`.
fn skip_value(meta: &ParseNestedMeta<'_>) -> syn::Result<()> {
    if meta.input.peek(syn::Token![=]) {
        meta.value()?.parse::<syn::Expr>()?;
    } else if meta.input.peek(syn::token::Paren) {
        let content;
        syn::parenthesized!(content in meta.input);
        content.parse::<proc_macro2::TokenStream>()?;
    }
    Ok(())
}

/// `rename = "x"`, or `rename(serialize = "x", deserialize = "x")` with one name.
fn read_literal(meta: &ParseNestedMeta<'_>) -> syn::Result<Option<String>> {
    if meta.input.peek(syn::Token![=]) {
        return Ok(Some(meta.value()?.parse::<LitStr>()?.value()));
    }
    let mut names: Vec<String> = Vec::new();
    meta.parse_nested_meta(|inner| {
        names.push(inner.value()?.parse::<LitStr>()?.value());
        Ok(())
    })?;
    Ok(match &names[..] {
        [reading, writing] if reading == writing => Some(reading.clone()),
        _ => None,
    })
}

/// serde's own rules for `rename_all`, which differ from those of general case converters: fields
/// are split at `_`, variants at upper-case letters.
mod case {
    #[derive(Clone, Copy)]
    pub enum Case {
        Lower,
        Upper,
        Pascal,
        Camel,
        Snake,
        ScreamingSnake,
        Kebab,
        ScreamingKebab,
    }

    impl Case {
        pub fn parse(name: &str) -> Option<Case> {
            Some(match name {
                "lowercase" => Case::Lower,
                "UPPERCASE" => Case::Upper,
                "PascalCase" => Case::Pascal,
                "camelCase" => Case::Camel,
                "snake_case" => Case::Snake,
                "SCREAMING_SNAKE_CASE" => Case::ScreamingSnake,
                "kebab-case" => Case::Kebab,
                "SCREAMING-KEBAB-CASE" => Case::ScreamingKebab,
                _ => return None,
            })
        }

        /// The name of a field that is `snake_case` in the source.
        pub fn field_key(self, name: &str) -> String {
            match self {
                Case::Lower | Case::Snake => name.to_owned(),
                Case::Upper | Case::ScreamingSnake => name.to_ascii_uppercase(),
                Case::Pascal => name.split('_').map(capital).collect(),
                Case::Camel => lower_first(&Case::Pascal.field_key(name)),
                Case::Kebab => name.replace('_', "-"),
                Case::ScreamingKebab => name.to_ascii_uppercase().replace('_', "-"),
            }
        }

        /// The name of a variant that is `PascalCase` in the source.
        pub fn variant_name(self, name: &str) -> String {
            match self {
                Case::Pascal => name.to_owned(),
                Case::Lower => name.to_ascii_lowercase(),
                Case::Upper => name.to_ascii_uppercase(),
                Case::Camel => lower_first(name),
                Case::Snake => {
                    let mut out = String::new();
                    for (i, c) in name.char_indices() {
                        if i > 0 && c.is_uppercase() {
                            out.push('_');
                        }
                        out.push(c.to_ascii_lowercase());
                    }
                    out
                }
                Case::ScreamingSnake => Case::Snake.variant_name(name).to_ascii_uppercase(),
                Case::Kebab => Case::Snake.variant_name(name).replace('_', "-"),
                Case::ScreamingKebab => Case::ScreamingSnake.variant_name(name).replace('_', "-"),
            }
        }
    }

    fn capital(word: &str) -> String {
        let mut chars = word.chars();
        chars.next().map_or(String::new(), |c| c.to_ascii_uppercase().to_string() + chars.as_str())
    }

    fn lower_first(word: &str) -> String {
        let mut chars = word.chars();
        chars.next().map_or(String::new(), |c| c.to_ascii_lowercase().to_string() + chars.as_str())
    }
}
