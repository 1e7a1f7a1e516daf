//! Conditions: parsed by `cfg-expr`, decided by the variables that cargo sets.
//!
//! What `cfg-expr` lacks is here: `true` and `false`, raw strings, and positions in the source.

use std::collections::{BTreeMap, BTreeSet};

use cfg_expr::Expression;
use cfg_expr::expr::{Logic, Predicate, TargetPredicate};
use cfg_expr::targets::Endian;
use proc_macro2::{Delimiter, Span, TokenStream, TokenTree};
use syn::LitStr;

use crate::cargo::env::Env;

/// A condition that cannot be decided.
#[derive(Clone, Debug)]
pub struct Undecided {
    /// The name whose value is unknown, or the whole condition.
    pub name: String,
    /// Its position.
    pub span: Span,
}

/// What cargo reports about the target and the features.
#[derive(Debug)]
pub struct Facts {
    /// The values by upper-case name, as cargo spells it.
    values: BTreeMap<String, BTreeSet<String>>,
    features: Option<BTreeSet<String>>,
    feature_variables: BTreeSet<String>,
}

/// Names that cargo always passes if they are set, so that a missing variable means false.
const ALWAYS_PASSED: [&str; 16] = [
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
const ALWAYS_FALSE: [&str; 3] = ["doc", "doctest", "test"];

/// Conditions that depend on the profile, for which cargo passes the compiler's default only.
const PROFILE: [&str; 6] =
    ["debug_assertions", "overflow_checks", "panic", "proc_macro", "sanitize", "ub_checks"];

/// Whether a condition holds, or the first name that leaves it undecided.
#[derive(Debug)]
enum Truth {
    True,
    False,
    Unknown(String),
}

impl Logic for Truth {
    fn top() -> Truth {
        Truth::True
    }

    fn bottom() -> Truth {
        Truth::False
    }

    // `cfg-expr` combines from right to left: `other` is the earlier one.
    fn and(self, other: Truth) -> Truth {
        match (self, other) {
            (Truth::False, _) | (_, Truth::False) => Truth::False,
            (Truth::True, other) => other,
            (unknown, Truth::True) => unknown,
            (Truth::Unknown(_), earlier) => earlier,
        }
    }

    fn or(self, other: Truth) -> Truth {
        self.not().and(other.not()).not()
    }

    fn not(self) -> Truth {
        match self {
            Truth::True => Truth::False,
            Truth::False => Truth::True,
            unknown => unknown,
        }
    }
}

impl From<bool> for Truth {
    fn from(value: bool) -> Truth {
        if value { Truth::True } else { Truth::False }
    }
}

impl Facts {
    /// Reads the variables `CARGO_CFG_*` and `CARGO_FEATURE_*`.
    pub fn new(env: &Env) -> Facts {
        let split = |list: &str| list.split(',').map(str::to_owned).collect::<BTreeSet<_>>();
        let mut values: BTreeMap<_, _> = env
            .with_prefix("CARGO_CFG_")
            .map(|(name, list)| (name.to_owned(), split(list)))
            .collect();
        Facts {
            features: values.remove("FEATURE"),
            values,
            feature_variables: env
                .with_prefix("CARGO_FEATURE_")
                .map(|(name, _)| name.to_owned())
                .collect(),
        }
    }

    /// Decides a condition.
    ///
    /// # Errors
    /// It depends on something that cargo does not report, or cannot be parsed.
    pub fn evaluate(&self, tokens: &TokenStream) -> Result<bool, Undecided> {
        let text = normalize(tokens);
        let truth = match Expression::parse(&text) {
            Ok(expression) => expression.eval(|predicate| self.decide(predicate)),
            Err(_) => Truth::Unknown(text),
        };
        match truth {
            Truth::True => Ok(true),
            Truth::False => Ok(false),
            Truth::Unknown(name) => {
                let span = find_ident(tokens, &name).or(tokens
                    .clone()
                    .into_iter()
                    .next()
                    .map(|token| token.span()));
                Err(Undecided { name, span: span.unwrap_or_else(Span::call_site) })
            }
        }
    }

    fn decide(&self, predicate: &Predicate<'_>) -> Truth {
        match predicate {
            Predicate::Flag("true") => Truth::True,
            Predicate::Flag("false") => Truth::False,
            Predicate::Flag(name) => self.decide_flag(name),
            Predicate::Test => self.decide_flag("test"),
            Predicate::DebugAssertions => self.decide_flag("debug_assertions"),
            Predicate::ProcMacro => self.decide_flag("proc_macro"),
            Predicate::Feature(name) => self.has_feature(name).into(),
            Predicate::TargetFeature(name) => self.decide_value("target_feature", name),
            Predicate::KeyValue { key, val } => self.decide_value(key, val),
            Predicate::Target(target) => self.decide_target(target),
        }
    }

    fn decide_target(&self, target: &TargetPredicate) -> Truth {
        match target {
            TargetPredicate::Abi(abi) => self.decide_value("target_abi", abi.as_str()),
            TargetPredicate::Arch(arch) => self.decide_value("target_arch", arch.as_str()),
            TargetPredicate::Endian(endian) => {
                let name = if *endian == Endian::big { "big" } else { "little" };
                self.decide_value("target_endian", name)
            }
            TargetPredicate::Env(env) => self.decide_value("target_env", env.as_str()),
            // Also the names `unix` and `windows` alone, which cargo passes under these names too.
            TargetPredicate::Family(family) => {
                let name = family.as_str();
                let is_set = self.values.contains_key(&name.to_uppercase());
                if is_set { Truth::True } else { self.decide_value("target_family", name) }
            }
            TargetPredicate::HasAtomic(width) => {
                self.decide_value("target_has_atomic", &width.to_string())
            }
            TargetPredicate::Os(os) => self.decide_value("target_os", os.as_str()),
            TargetPredicate::Panic(_) => Truth::Unknown("panic".to_owned()),
            TargetPredicate::PointerWidth(width) => {
                self.decide_value("target_pointer_width", &width.to_string())
            }
            TargetPredicate::Vendor(vendor) => self.decide_value("target_vendor", vendor.as_str()),
        }
    }

    fn decide_flag(&self, name: &str) -> Truth {
        if PROFILE.contains(&name) {
            Truth::Unknown(name.to_owned())
        } else if ALWAYS_FALSE.contains(&name) {
            Truth::False
        } else if self.values.contains_key(&name.to_uppercase()) {
            Truth::True
        } else if ALWAYS_PASSED.contains(&name) {
            Truth::False
        } else {
            Truth::Unknown(name.to_owned())
        }
    }

    fn decide_value(&self, name: &str, value: &str) -> Truth {
        let values = self.values.get(&name.to_uppercase());
        let is_set = values.is_some_and(|values| values.contains(value));
        if PROFILE.contains(&name) {
            Truth::Unknown(name.to_owned())
        } else if is_set || ALWAYS_PASSED.contains(&name) {
            is_set.into()
        } else {
            Truth::Unknown(name.to_owned())
        }
    }

    fn has_feature(&self, name: &str) -> bool {
        match &self.features {
            Some(features) => features.contains(name),
            None => self.feature_variables.contains(&name.to_uppercase().replace('-', "_")),
        }
    }
}

/// Writes the tokens as `cfg-expr` reads them: strings without escapes, and `version("1.80")` as the
/// name `version`, which cannot be decided.
fn normalize(tokens: &TokenStream) -> String {
    let mut text = String::new();
    let mut is_operator = false;
    for token in tokens.clone() {
        if !text.is_empty() && !is_operator {
            text.push(' ');
        }
        match &token {
            TokenTree::Group(group)
                if is_operator && group.delimiter() == Delimiter::Parenthesis =>
            {
                text += &format!("({})", normalize(&group.stream()));
            }
            TokenTree::Group(_) => {}
            TokenTree::Literal(literal) => match syn::parse_str::<LitStr>(&literal.to_string()) {
                Ok(string) => text += &format!("\"{}\"", string.value()),
                Err(_) => text += &literal.to_string(),
            },
            TokenTree::Ident(_) | TokenTree::Punct(_) => text += &token.to_string(),
        }
        is_operator = matches!(&token, TokenTree::Ident(name) if name == "all" || name == "any" || name == "not");
    }
    text
}

/// Finds the first identifier with this name.
fn find_ident(tokens: &TokenStream, name: &str) -> Option<Span> {
    tokens.clone().into_iter().find_map(|token| match token {
        TokenTree::Ident(ident) if ident == name => Some(ident.span()),
        TokenTree::Group(group) => find_ident(&group.stream(), name),
        _ => None,
    })
}

#[cfg(test)]
mod tests {
    use super::*;

    fn evaluate(condition: &str) -> Result<bool, String> {
        let facts = Facts::new(&Env::from([
            ("CARGO_CFG_UNIX", ""),
            ("CARGO_CFG_TARGET_OS", "linux"),
            ("CARGO_CFG_TARGET_ENDIAN", "little"),
            ("CARGO_CFG_TARGET_POINTER_WIDTH", "64"),
            ("CARGO_CFG_TARGET_HAS_ATOMIC", "16,32,64,8,ptr"),
            ("CARGO_CFG_TARGET_FEATURE", "fxsr,sse,sse2"),
            ("CARGO_CFG_DEBUG_ASSERTIONS", ""),
            ("CARGO_CFG_MINE", "a,b"),
            ("CARGO_FEATURE_WITH_EMAIL", "1"),
        ]));
        let tokens = condition.parse().expect(condition);
        facts.evaluate(&tokens).map_err(|undecided| undecided.name)
    }

    #[test]
    fn conditions() {
        for (condition, expected) in [
            ("unix", Ok(true)),
            ("windows", Ok(false)),
            ("target_os = \"linux\"", Ok(true)),
            ("target_os = r#\"linux\"#", Ok(true)),
            ("target_os = \"macos\"", Ok(false)),
            ("target_endian = \"big\"", Ok(false)),
            ("target_pointer_width = \"64\"", Ok(true)),
            ("target_has_atomic = \"ptr\"", Ok(true)),
            ("target_has_atomic = \"128\"", Ok(false)),
            ("target_feature = \"sse2\"", Ok(true)),
            ("feature = \"with-email\"", Ok(true)),
            ("feature = \"other\"", Ok(false)),
            ("test", Ok(false)),
            ("not(test)", Ok(true)),
            ("true", Ok(true)),
            ("any(false, true,)", Ok(true)),
            ("all()", Ok(true)),
            ("any()", Ok(false)),
            ("mine = \"a\"", Ok(true)),
            ("mine = \"c\"", Err("mine")),
            ("debug_assertions", Err("debug_assertions")),
            ("panic = \"abort\"", Err("panic")),
            ("tokio_unstable", Err("tokio_unstable")),
            ("version(\"1.80\")", Err("version")),
            ("any(version(\"1.80\"), unix)", Ok(true)),
            ("any(tokio_unstable, unix)", Ok(true)),
            ("all(tokio_unstable, windows)", Ok(false)),
            ("all(tokio_unstable, unix)", Err("tokio_unstable")),
            ("any(all(first, windows), second, third)", Err("second")),
            ("not(tokio_unstable)", Err("tokio_unstable")),
            // Not conditions that `cfg-expr` accepts.
            ("target_pointer_width = \"x\"", Err("target_pointer_width = \"x\"")),
            ("unix windows", Err("unix windows")),
        ] {
            assert_eq!(evaluate(condition), expected.map_err(str::to_owned), "{condition}");
        }
    }
}
