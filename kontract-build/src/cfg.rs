//! `#[cfg]` and `#[cfg_attr]`, decided from what cargo tells the build script.
//!
//! Attributes enter, those that hold leave, so that what is parsed here equals what the derive
//! sees. A condition that cargo does not tell (a custom cfg of the application's own build script,
//! `debug_assertions`, …) is reported as undecided, never guessed.

use std::collections::{BTreeMap, BTreeSet};

use proc_macro2::Span;
use syn::parse::{Parse, ParseStream, Parser as _};
use syn::punctuated::Punctuated;
use syn::spanned::Spanned as _;
use syn::{Attribute, Data, DeriveInput, Field, Fields, Ident, LitBool, LitStr, Meta, Token};

use crate::env::Env;

/// What is set for the crate that is about to be compiled.
#[derive(Debug)]
pub struct Cfg {
    /// By upper-case name, as cargo spells them.
    set: BTreeMap<String, BTreeSet<String>>,
    features: Option<BTreeSet<String>>,
    feature_vars: BTreeSet<String>,
}

/// Attributes with their conditions decided.
pub enum Attributes {
    /// Those that hold, and the conditions under which the item is there, as they are written.
    On(Vec<Attribute>, Vec<String>),
    /// The item is not there; the condition that switches it off, as it is written.
    Off(String),
}

/// A field, and the condition that decides whether it is there.
pub type Conditional = (Ident, String);

/// A struct or enum with what is there, and its fields under conditions.
pub struct Stripped {
    /// The item as the compiler sees it.
    pub input: DeriveInput,
    /// Fields that are there.
    pub on: Vec<Conditional>,
    /// Fields that are not.
    pub off: Vec<Conditional>,
}

/// A condition that cannot be decided.
#[derive(Clone, Debug)]
pub struct Undecided {
    /// The name that nobody tells.
    pub name: String,
    /// Where it stands.
    pub span: Span,
}

/// Conditions that rustc or cargo always tell when they hold, so that silence means no.
const TOLD: [&str; 16] = [
    "miri",
    "target_abi",
    "target_arch",
    "target_endian",
    "target_env",
    "target_family",
    "target_feature",
    "target_has_atomic",
    "target_has_atomic_primitive_alignment",
    "target_os",
    "target_pointer_width",
    "target_thread_local",
    "target_vendor",
    "unix",
    "wasm",
    "windows",
];

/// Conditions of the test harness and of documentation: the tables of a package do not depend on
/// them.
const NEVER: [&str; 3] = ["doc", "doctest", "test"];

/// Conditions that depend on the profile, for which cargo tells the compiler's default only.
const PROFILE: [&str; 6] =
    ["debug_assertions", "overflow_checks", "panic", "proc_macro", "sanitize", "ub_checks"];

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

/// A condition.
enum Predicate {
    Const(bool),
    Name(Ident),
    Value(Ident, LitStr),
    All(Vec<Predicate>),
    Any(Vec<Predicate>),
    Not(Box<Predicate>),
    Other(Ident),
}

impl Parse for Predicate {
    fn parse(input: ParseStream<'_>) -> syn::Result<Predicate> {
        if input.peek(LitBool) {
            return Ok(Predicate::Const(input.parse::<LitBool>()?.value));
        }
        let name: Ident = input.call(syn::ext::IdentExt::parse_any)?;
        if input.peek(Token![=]) {
            input.parse::<Token![=]>()?;
            return Ok(Predicate::Value(name, input.parse()?));
        }
        if !input.peek(syn::token::Paren) {
            return Ok(Predicate::Name(name));
        }
        let content;
        syn::parenthesized!(content in input);
        match name.to_string().as_str() {
            "all" => Ok(Predicate::All(list(&content)?)),
            "any" => Ok(Predicate::Any(list(&content)?)),
            "not" => {
                let inner = content.parse()?;
                content.parse::<Option<Token![,]>>()?;
                Ok(Predicate::Not(Box::new(inner)))
            }
            _ => {
                content.parse::<proc_macro2::TokenStream>()?;
                Ok(Predicate::Other(name))
            }
        }
    }
}

fn list(input: ParseStream<'_>) -> syn::Result<Vec<Predicate>> {
    Ok(Punctuated::<Predicate, Token![,]>::parse_terminated(input)?.into_iter().collect())
}

/// `condition, attribute, …`
struct CfgAttr(Predicate, Vec<Meta>);

impl Parse for CfgAttr {
    fn parse(input: ParseStream<'_>) -> syn::Result<CfgAttr> {
        let predicate = input.parse()?;
        input.parse::<Option<Token![,]>>()?;
        let metas = Punctuated::<Meta, Token![,]>::parse_terminated(input)?;
        Ok(CfgAttr(predicate, metas.into_iter().collect()))
    }
}

impl Cfg {
    /// What cargo tells.
    pub fn new(env: &Env) -> Cfg {
        let values = |list: &str| list.split(',').map(str::to_owned).collect::<BTreeSet<_>>();
        let mut set: BTreeMap<_, _> = env
            .with_prefix("CARGO_CFG_")
            .map(|(name, list)| (name.to_owned(), values(list)))
            .collect();
        Cfg {
            features: set.remove("FEATURE"),
            set,
            feature_vars: env
                .with_prefix("CARGO_FEATURE_")
                .map(|(name, _)| name.to_owned())
                .collect(),
        }
    }

    /// The attributes that hold, `cfg_attr` resolved and `cfg` removed.
    ///
    /// # Errors
    /// A condition cannot be decided and matters.
    pub fn attributes(&self, attrs: Vec<Attribute>) -> Result<Attributes, Undecided> {
        let mut kept = Vec::new();
        let mut undecided = None;
        let conditions = attrs.iter().filter(|attr| attr.path().is_ident("cfg")).map(written);
        let conditions = conditions.collect();
        for attr in attrs {
            match self.attribute(attr, &mut kept) {
                Ok(None) => {}
                Ok(Some(off)) => return Ok(Attributes::Off(off)),
                Err(name) => undecided = undecided.or(Some(name)),
            }
        }
        match undecided {
            None => Ok(Attributes::On(kept, conditions)),
            Some(undecided) => Err(undecided),
        }
    }

    /// Keeps what holds of an attribute; returns the condition that switches the item off.
    fn attribute(
        &self,
        attr: Attribute,
        kept: &mut Vec<Attribute>,
    ) -> Result<Option<String>, Undecided> {
        if attr.path().is_ident("cfg") {
            // What is no condition at all, rustc reports.
            let holds = attr.parse_args().map_or(Ok(true), |predicate| self.holds(&predicate))?;
            return Ok((!holds).then(|| written(&attr)));
        }
        if !attr.path().is_ident("cfg_attr") {
            kept.push(attr);
            return Ok(None);
        }
        let Ok(CfgAttr(predicate, metas)) = attr.parse_args::<CfgAttr>() else { return Ok(None) };
        match self.holds(&predicate) {
            Ok(false) => return Ok(None),
            Err(_) if metas.iter().all(is_harmless) => return Ok(None),
            Err(undecided) => return Err(undecided),
            Ok(true) => {}
        }
        for meta in metas {
            if let Some(off) = self.attribute(Attribute { meta, ..attr.clone() }, kept)? {
                return Ok(Some(off));
            }
        }
        Ok(None)
    }

    /// Whether conditions that somebody has written down hold, as [`Attributes::On`] has them with
    /// commas between; also where they cannot be decided.
    pub fn hold(&self, written: &str) -> bool {
        let metas = Punctuated::<Meta, Token![,]>::parse_terminated.parse_str(written);
        metas.into_iter().flatten().all(|meta| {
            let predicate = meta.require_list().and_then(|list| list.parse_args());
            predicate.is_ok_and(|predicate| self.holds(&predicate).unwrap_or(true))
        })
    }

    /// A struct or enum whose own attributes are decided, with the fields and variants that are
    /// there.
    ///
    /// # Errors
    /// A condition inside it cannot be decided.
    pub fn strip(&self, mut input: DeriveInput) -> Result<Stripped, Undecided> {
        let (mut on, mut off) = (Vec::new(), Vec::new());
        match &mut input.data {
            Data::Struct(data) => (on, off) = self.fields(&mut data.fields)?,
            Data::Enum(data) => {
                let mut kept = Punctuated::new();
                for mut variant in std::mem::take(&mut data.variants) {
                    let attrs = self.attributes(std::mem::take(&mut variant.attrs))?;
                    if let Attributes::On(attrs, _) = attrs {
                        variant.attrs = attrs;
                        self.fields(&mut variant.fields)?;
                        kept.push(variant);
                    }
                }
                data.variants = kept;
            }
            Data::Union(_) => {}
        }
        Ok(Stripped { input, on, off })
    }

    /// Takes out the fields that are not there. Those under conditions, on and off.
    fn fields(
        &self,
        fields: &mut Fields,
    ) -> Result<(Vec<Conditional>, Vec<Conditional>), Undecided> {
        let (mut on, mut off) = (Vec::new(), Vec::new());
        let list = match fields {
            Fields::Named(named) => &mut named.named,
            Fields::Unnamed(unnamed) => &mut unnamed.unnamed,
            Fields::Unit => return Ok((on, off)),
        };
        let mut kept: Punctuated<Field, Token![,]> = Punctuated::new();
        for mut field in std::mem::take(list) {
            match self.attributes(std::mem::take(&mut field.attrs))? {
                Attributes::On(attrs, conditions) => {
                    field.attrs = attrs;
                    let named = field.ident.clone().filter(|_| !conditions.is_empty());
                    on.extend(named.map(|ident| (ident, conditions.join(", "))));
                    kept.push(field);
                }
                Attributes::Off(cfg) => off.extend(field.ident.map(|ident| (ident, cfg))),
            }
        }
        *list = kept;
        Ok((on, off))
    }

    fn holds(&self, predicate: &Predicate) -> Result<bool, Undecided> {
        match predicate {
            Predicate::Const(value) => Ok(*value),
            Predicate::Name(name) => self.name(name),
            Predicate::Value(name, value) => self.value(name, &value.value()),
            Predicate::Not(inner) => self.holds(inner).map(|holds| !holds),
            Predicate::All(inner) => self.fold(inner, false),
            Predicate::Any(inner) => self.fold(inner, true),
            Predicate::Other(name) => Err(undecided(name)),
        }
    }

    /// `any` ends with the first true one, `all` with the first false one, whatever the others are.
    fn fold(&self, inner: &[Predicate], ends_with: bool) -> Result<bool, Undecided> {
        let mut unknown = None;
        for predicate in inner {
            match self.holds(predicate) {
                Ok(value) if value == ends_with => return Ok(ends_with),
                Ok(_) => {}
                Err(undecided) => unknown = unknown.or(Some(undecided)),
            }
        }
        unknown.map_or(Ok(!ends_with), Err)
    }

    fn name(&self, ident: &Ident) -> Result<bool, Undecided> {
        let name = ident.to_string();
        match name.as_str() {
            name if PROFILE.contains(&name) => Err(undecided(ident)),
            name if NEVER.contains(&name) => Ok(false),
            name if self.set.contains_key(&name.to_uppercase()) => Ok(true),
            name if TOLD.contains(&name) => Ok(false),
            _ => Err(undecided(ident)),
        }
    }

    fn value(&self, ident: &Ident, value: &str) -> Result<bool, Undecided> {
        let name = ident.to_string();
        if name == "feature" {
            return Ok(match &self.features {
                Some(features) => features.contains(value),
                None => self.feature_vars.contains(&value.to_uppercase().replace('-', "_")),
            });
        }
        let set = self.set.get(&name.to_uppercase()).is_some_and(|values| values.contains(value));
        match name.as_str() {
            name if PROFILE.contains(&name) => Err(undecided(ident)),
            _ if set => Ok(true),
            name if TOLD.contains(&name) => Ok(false),
            _ => Err(undecided(ident)),
        }
    }
}

/// A condition as it is written, on one line.
fn written(attr: &Attribute) -> String {
    let text = attr.meta.span().source_text().unwrap_or_else(|| "cfg(…)".to_owned());
    text.split_whitespace().collect::<Vec<_>>().join(" ")
}

fn undecided(name: &Ident) -> Undecided {
    Undecided { name: name.to_string(), span: name.span() }
}

fn is_harmless(meta: &Meta) -> bool {
    let path = meta.path();
    if path.is_ident("derive") {
        let words = quote_text(meta);
        return !crate::scan::DERIVES.iter().any(|derive| words.contains(derive));
    }
    HARMLESS.iter().any(|name| path.is_ident(name))
}

fn quote_text(meta: &Meta) -> String {
    match meta {
        Meta::List(list) => list.tokens.to_string(),
        _ => String::new(),
    }
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

    fn holds(condition: &str) -> Result<bool, String> {
        cfg()
            .holds(&syn::parse_str(condition).expect(condition))
            .map_err(|undecided| undecided.name)
    }

    #[test]
    fn conditions() {
        for (condition, expected) in [
            ("unix", Ok(true)),
            ("windows", Ok(false)),
            ("target_os = \"linux\"", Ok(true)),
            ("target_os = \"macos\"", Ok(false)),
            ("target_feature = \"sse2\"", Ok(true)),
            ("feature = \"with-email\"", Ok(true)),
            ("feature = \"other\"", Ok(false)),
            ("test", Ok(false)),
            ("not(test)", Ok(true)),
            ("true", Ok(true)),
            ("all()", Ok(true)),
            ("any()", Ok(false)),
            ("mine = \"a\"", Ok(true)),
            ("mine = \"c\"", Err("mine")),
            ("debug_assertions", Err("debug_assertions")),
            ("tokio_unstable", Err("tokio_unstable")),
            ("version(\"1.80\")", Err("version")),
            ("any(tokio_unstable, unix)", Ok(true)),
            ("all(tokio_unstable, windows)", Ok(false)),
            ("all(tokio_unstable, unix)", Err("tokio_unstable")),
            ("not(tokio_unstable)", Err("tokio_unstable")),
        ] {
            assert_eq!(holds(condition), expected.map_err(str::to_owned), "{condition}");
        }
    }

    fn strip(item: &str) -> Result<String, String> {
        let mut input: DeriveInput = syn::parse_str(item).expect("a struct");
        let attrs = cfg().attributes(std::mem::take(&mut input.attrs)).map_err(|u| u.name)?;
        let Attributes::On(attrs, _) = attrs else { return Ok(String::new()) };
        input.attrs = attrs;
        let input = cfg().strip(input).map_err(|undecided| undecided.name)?.input;
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
