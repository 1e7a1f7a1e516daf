//! `#[cfg]` and `#[cfg_attr]`, decided by the variables that cargo sets for the build script.
//!
//! Attributes go in, those that apply come out, so that the scan parses exactly what the derive
//! sees. A condition that these variables do not decide (a custom cfg of the application's own build
//! script, `debug_assertions`, …) is reported as undecided, never guessed.

use proc_macro2::TokenStream;
use syn::parse::{Parse, ParseStream, Parser as _};
use syn::punctuated::Punctuated;
use syn::spanned::Spanned as _;
use syn::{Attribute, Data, DeriveInput, Field, Fields, Ident, Meta, Token};

use self::condition::Facts;
pub use self::condition::Undecided;
use super::derives::DERIVES;
use super::tokens::mentions;
use crate::cargo::env::Env;

mod condition;

/// The conditions that hold for the crate that is about to be compiled.
#[derive(Debug)]
pub struct Cfg {
    facts: Facts,
}

/// Attributes with their conditions decided.
pub enum Attributes {
    /// The item exists: the attributes that apply, and its conditions as they are written.
    Enabled(Vec<Attribute>, Vec<String>),
    /// The item does not exist: the condition that disables it, as it is written.
    Disabled(String),
}

/// A field, and the condition that decides whether it exists.
pub type ConditionalField = (Ident, String);

/// A struct or enum without what its conditions disable.
pub struct StrippedItem {
    /// The item as the compiler sees it.
    pub input: DeriveInput,
    /// The conditional fields that exist.
    pub enabled: Vec<ConditionalField>,
    /// The conditional fields that do not exist.
    pub disabled: Vec<ConditionalField>,
}

/// Attributes that cannot change a table, whatever their condition.
const HARMLESS: [&str; 10] = [
    "allow",
    "deny",
    "deprecated",
    "doc",
    "expect",
    "forbid",
    "inline",
    "must_use",
    "non_exhaustive",
    "warn",
];

/// `condition, attribute, …`
struct CfgAttr(TokenStream, Vec<Meta>);

impl Parse for CfgAttr {
    fn parse(input: ParseStream<'_>) -> syn::Result<CfgAttr> {
        let mut condition = TokenStream::new();
        while !input.is_empty() && !input.peek(Token![,]) {
            condition.extend([input.parse::<proc_macro2::TokenTree>()?]);
        }
        input.parse::<Option<Token![,]>>()?;
        let metas = Punctuated::<Meta, Token![,]>::parse_terminated(input)?;
        Ok(CfgAttr(condition, metas.into_iter().collect()))
    }
}

impl Cfg {
    /// Reads the variables `CARGO_CFG_*` and `CARGO_FEATURE_*`.
    pub fn new(env: &Env) -> Cfg {
        Cfg { facts: Facts::new(env) }
    }

    /// Resolves `cfg_attr` and removes `cfg`.
    ///
    /// # Errors
    /// A condition that matters cannot be decided.
    pub fn resolve_attributes(&self, attrs: Vec<Attribute>) -> Result<Attributes, Undecided> {
        let mut kept = Vec::new();
        let mut undecided = None;
        let conditions = attrs.iter().filter(|attr| attr.path().is_ident("cfg")).map(source_text);
        let conditions = conditions.collect();
        for attr in attrs {
            match self.resolve_attribute(attr, &mut kept) {
                Ok(None) => {}
                Ok(Some(disabling)) => return Ok(Attributes::Disabled(disabling)),
                Err(condition) => undecided = undecided.or(Some(condition)),
            }
        }
        match undecided {
            None => Ok(Attributes::Enabled(kept, conditions)),
            Some(undecided) => Err(undecided),
        }
    }

    /// Keeps what applies of an attribute. Returns the condition that disables the item.
    fn resolve_attribute(
        &self,
        attr: Attribute,
        kept: &mut Vec<Attribute>,
    ) -> Result<Option<String>, Undecided> {
        if attr.path().is_ident("cfg") {
            // rustc reports a `cfg` without a list.
            let Meta::List(list) = &attr.meta else { return Ok(None) };
            let holds = self.facts.evaluate(&list.tokens)?;
            return Ok((!holds).then(|| source_text(&attr)));
        }
        if !attr.path().is_ident("cfg_attr") {
            kept.push(attr);
            return Ok(None);
        }
        let Ok(CfgAttr(condition, metas)) = attr.parse_args() else { return Ok(None) };
        match self.facts.evaluate(&condition) {
            Ok(false) => return Ok(None),
            Err(_) if metas.iter().all(is_harmless) => return Ok(None),
            Err(undecided) => return Err(undecided),
            Ok(true) => {}
        }
        for meta in metas {
            let disabling = self.resolve_attribute(Attribute { meta, ..attr.clone() }, kept)?;
            if disabling.is_some() {
                return Ok(disabling);
            }
        }
        Ok(None)
    }

    /// Whether conditions of the lock file (those of [`Attributes::Enabled`], separated by commas)
    /// hold or cannot be decided.
    pub fn may_hold(&self, conditions: &str) -> bool {
        let metas = Punctuated::<Meta, Token![,]>::parse_terminated.parse_str(conditions);
        metas.into_iter().flatten().all(|meta| {
            meta.require_list().is_ok_and(|list| self.facts.evaluate(&list.tokens).unwrap_or(true))
        })
    }

    /// Removes the disabled fields and variants of a struct or enum, whose own attributes are
    /// already resolved.
    ///
    /// # Errors
    /// A condition inside it cannot be decided.
    pub fn strip_item(&self, mut input: DeriveInput) -> Result<StrippedItem, Undecided> {
        let (mut enabled, mut disabled) = (Vec::new(), Vec::new());
        match &mut input.data {
            Data::Struct(data) => (enabled, disabled) = self.strip_fields(&mut data.fields)?,
            Data::Enum(data) => {
                let mut kept = Punctuated::new();
                for mut variant in std::mem::take(&mut data.variants) {
                    let attrs = self.resolve_attributes(std::mem::take(&mut variant.attrs))?;
                    if let Attributes::Enabled(attrs, _) = attrs {
                        variant.attrs = attrs;
                        self.strip_fields(&mut variant.fields)?;
                        kept.push(variant);
                    }
                }
                data.variants = kept;
            }
            Data::Union(_) => {}
        }
        Ok(StrippedItem { input, enabled, disabled })
    }

    /// Removes the disabled fields. Returns the conditional fields, enabled and disabled.
    fn strip_fields(
        &self,
        fields: &mut Fields,
    ) -> Result<(Vec<ConditionalField>, Vec<ConditionalField>), Undecided> {
        let (mut enabled, mut disabled) = (Vec::new(), Vec::new());
        let list = match fields {
            Fields::Named(named) => &mut named.named,
            Fields::Unnamed(unnamed) => &mut unnamed.unnamed,
            Fields::Unit => return Ok((enabled, disabled)),
        };
        let mut kept: Punctuated<Field, Token![,]> = Punctuated::new();
        for mut field in std::mem::take(list) {
            match self.resolve_attributes(std::mem::take(&mut field.attrs))? {
                Attributes::Enabled(attrs, conditions) => {
                    field.attrs = attrs;
                    let named = field.ident.clone().filter(|_| !conditions.is_empty());
                    enabled.extend(named.map(|ident| (ident, conditions.join(", "))));
                    kept.push(field);
                }
                Attributes::Disabled(cfg) => disabled.extend(field.ident.map(|ident| (ident, cfg))),
            }
        }
        *list = kept;
        Ok((enabled, disabled))
    }
}

/// The text of an attribute as it is written, on one line.
fn source_text(attr: &Attribute) -> String {
    let text = attr.meta.span().source_text().unwrap_or_else(|| "cfg(…)".to_owned());
    text.split_whitespace().collect::<Vec<_>>().join(" ")
}

fn is_harmless(meta: &Meta) -> bool {
    let path = meta.path();
    if path.is_ident("derive") {
        return !matches!(meta, Meta::List(list) if mentions(&list.tokens, &DERIVES));
    }
    HARMLESS.iter().any(|name| path.is_ident(name))
}

#[cfg(test)]
mod tests {
    use super::*;

    fn cfg() -> Cfg {
        Cfg::new(&Env::from([
            ("CARGO_CFG_UNIX", ""),
            ("CARGO_CFG_TARGET_OS", "linux"),
            ("CARGO_CFG_TARGET_FEATURE", "fxsr,sse,sse2"),
            ("CARGO_CFG_DEBUG_ASSERTIONS", ""),
            ("CARGO_CFG_MINE", "a,b"),
            ("CARGO_FEATURE_WITH_EMAIL", "1"),
        ]))
    }

    fn strip(item: &str) -> Result<String, String> {
        let mut input: DeriveInput = syn::parse_str(item).expect("a struct");
        let attrs =
            cfg().resolve_attributes(std::mem::take(&mut input.attrs)).map_err(|u| u.name)?;
        let Attributes::Enabled(attrs, _) = attrs else { return Ok(String::new()) };
        input.attrs = attrs;
        let input = cfg().strip_item(input).map_err(|undecided| undecided.name)?.input;
        Ok(quote::ToTokens::to_token_stream(&input).to_string())
    }

    #[test]
    fn fields_and_attributes() {
        let same = |left: &str, right: &str| {
            let plain: DeriveInput = syn::parse_str(right).expect("a struct");
            assert_eq!(strip(left).unwrap(), quote::ToTokens::to_token_stream(&plain).to_string());
        };
        same(
            "struct S { a: u8, #[cfg(windows)] b: u8, #[cfg(unix)] #[index] c: u8 }",
            "struct S { a: u8, #[index] c: u8 }",
        );
        same(
            "struct S { #[cfg_attr(unix, index, cfg_attr(not(test), unique))] a: u8 }",
            "struct S { #[index] #[unique] a: u8 }",
        );
        same("struct S { #[cfg_attr(docsrs, doc = \"x\")] a: u8 }", "struct S { a: u8 }");
        same("enum E { A, #[cfg(feature = \"other\")] B }", "enum E { A }");
        assert_eq!(strip("#[cfg(test)] struct S { a: u8 }").unwrap(), "");
        assert_eq!(strip("struct S { #[cfg(mine)] #[cfg(other)] a: u8 }").unwrap_err(), "other");
        assert_eq!(strip("struct S { #[cfg_attr(other, index)] a: u8 }").unwrap_err(), "other");
        same("#[cfg_attr(other, derive(Debug))] struct S { a: u8 }", "struct S { a: u8 }");
    }
}
