//! The arguments of single attributes: permissions, defaults, checks, backfills, references, indexes
//! and columns, each at its tokens.

use syn::parse::{Parse, ParseStream};
use syn::{Attribute, Expr, Ident, Lit, LitStr, Meta, Path, Token, UnOp};

use crate::model::{Action, Backfill, Perm};
use crate::raw::{At, RawCheck, RawDefault, RawField, RawIndex, RawReference};

/// An error at some tokens, with the form that is expected as its second line.
pub fn wrong<T>(tokens: &impl quote::ToTokens, message: &str, form: &str) -> syn::Result<T> {
    Err(syn::Error::new_spanned(tokens, format!("{message}\nwrite `#[{form}]`")))
}

/// `#[name]` alone.
pub fn word(attr: &Attribute) -> syn::Result<()> {
    match &attr.meta {
        Meta::Path(_) => Ok(()),
        other => {
            let name = span_text(other.path());
            wrong(other, &format!("`{name}` takes no arguments"), &name)
        }
    }
}

pub fn span_text(path: &Path) -> String {
    path.get_ident().map(crate::parse::ident).unwrap_or_default()
}

/// The one argument of `#[name(argument)]` or `#[name = argument]`.
pub fn argument(attr: &Attribute, form: &str) -> syn::Result<Expr> {
    match &attr.meta {
        Meta::List(list) => {
            list.parse_args().or_else(|_| wrong(&list.path, "one argument is expected", form))
        }
        Meta::NameValue(pair) => Ok(pair.value.clone()),
        Meta::Path(path) => wrong(path, "an argument is missing", form),
    }
}

pub fn text(attr: &Attribute, form: &str) -> syn::Result<(String, At)> {
    match argument(attr, form)? {
        Expr::Lit(syn::ExprLit { lit: Lit::Str(text), .. }) if !text.value().is_empty() => {
            Ok((text.value(), text.span().into()))
        }
        other => wrong(&other, "a text is expected", form),
    }
}

pub fn perm(attr: &Attribute) -> syn::Result<u8> {
    const FORM: &str = "perm(RW_)";
    fn bits(expr: &Expr) -> syn::Result<u8> {
        match expr {
            Expr::Binary(binary) if matches!(binary.op, syn::BinOp::BitOr(_)) => {
                Ok(bits(&binary.left)? | bits(&binary.right)?)
            }
            Expr::Path(path) => mask(&span_text(&path.path)).map_or_else(
                || {
                    wrong(
                        expr,
                        "permissions are three places, `R` or `_`, `W` or `_`, `X` or `_`",
                        FORM,
                    )
                },
                Ok,
            ),
            other => wrong(other, "permissions are written like `R__` or `RW_`", FORM),
        }
    }
    bits(&argument(attr, FORM)?)
}

/// `R__` → `0b100`. Nothing at all is no permission to write down.
fn mask(text: &str) -> Option<u8> {
    let places = [('R', Perm::R), ('W', Perm::W), ('X', Perm::X)];
    if text.len() != 3 {
        return None;
    }
    let mut bits = 0;
    for (c, (letter, bit)) in text.chars().zip(places) {
        match c {
            '_' => {}
            c if c == letter => bits |= bit,
            _ => return None,
        }
    }
    (bits != 0).then_some(bits)
}

pub fn default(attr: &Attribute) -> syn::Result<(RawDefault, At)> {
    const FORM: &str = "default(0)";
    let expr = argument(attr, FORM)?;
    let at = At::tokens(&expr);
    if let Some(bound) = bound(&expr) {
        return Ok((RawDefault::Value(bound.into()), at));
    }
    if let Expr::Path(path) = &expr
        && let Some(last) = path.path.segments.last()
    {
        return Ok((RawDefault::Variant(crate::parse::ident(&last.ident)), at));
    }
    match literal(&expr) {
        Some(value) => Ok((RawDefault::Value(value), at)),
        None => wrong(&expr, "a default is a literal or the variant of an enum", FORM),
    }
}

fn literal(expr: &Expr) -> Option<serde_json::Value> {
    match expr {
        Expr::Lit(literal) => match &literal.lit {
            Lit::Str(text) => Some(text.value().into()),
            Lit::Bool(value) => Some(value.value.into()),
            Lit::Int(value) => value.base10_parse::<i64>().ok().map(Into::into),
            Lit::Float(value) => {
                serde_json::Number::from_f64(value.base10_parse().ok()?).map(Into::into)
            }
            _ => None,
        },
        Expr::Unary(unary) if matches!(unary.op, UnOp::Neg(_)) => negative(&unary.expr),
        Expr::Group(group) => literal(&group.expr),
        Expr::Paren(paren) => literal(&paren.expr),
        _ => None,
    }
}

/// The value of a literal behind a minus. The smallest integer has no positive counterpart: the sign
/// is read together with the digits.
fn negative(expr: &Expr) -> Option<serde_json::Value> {
    match expr {
        Expr::Lit(literal) => match &literal.lit {
            Lit::Int(value) => {
                format!("-{}", value.base10_digits()).parse::<i64>().ok().map(Into::into)
            }
            Lit::Float(value) => {
                serde_json::Number::from_f64(-value.base10_parse::<f64>().ok()?).map(Into::into)
            }
            _ => None,
        },
        Expr::Group(group) => negative(&group.expr),
        Expr::Paren(paren) => negative(&paren.expr),
        _ => None,
    }
}

/// `i64::MIN` and its like.
fn bound(expr: &Expr) -> Option<i64> {
    let Expr::Path(path) = expr else { return None };
    let words: Vec<String> = path.path.segments.iter().map(|s| s.ident.to_string()).collect();
    let [ty, end] = &words[..] else { return None };
    let (min, max) = match ty.as_str() {
        "i8" => (i8::MIN.into(), i8::MAX.into()),
        "i16" => (i16::MIN.into(), i16::MAX.into()),
        "i32" => (i32::MIN.into(), i32::MAX.into()),
        "i64" => (i64::MIN, i64::MAX),
        "u8" => (0, u8::MAX.into()),
        "u16" => (0, u16::MAX.into()),
        "u32" => (0, u32::MAX.into()),
        _ => return None,
    };
    match end.as_str() {
        "MIN" => Some(min),
        "MAX" => Some(max),
        _ => None,
    }
}

/// `("sql", name = "…")`.
struct Check {
    sql: LitStr,
    name: Option<String>,
}

impl Parse for Check {
    fn parse(input: ParseStream<'_>) -> syn::Result<Check> {
        let sql = input.parse()?;
        Ok(Check { sql, name: trailing_name(input)? })
    }
}

/// `, name = "…"` at the end of an argument list.
fn trailing_name(input: ParseStream<'_>) -> syn::Result<Option<String>> {
    let mut found = None;
    for (key, value) in pairs(input)? {
        match span_text(&key.clone().into()).as_str() {
            "name" => found = Some(value.value()),
            _ => return Err(syn::Error::new(key.span(), "only `name = \"…\"` can stand here")),
        }
    }
    Ok(found)
}

/// `, key = "value"` up to the end.
fn pairs(input: ParseStream<'_>) -> syn::Result<Vec<(Ident, LitStr)>> {
    let mut pairs = Vec::new();
    while !input.is_empty() {
        input.parse::<Token![,]>()?;
        if input.is_empty() {
            break;
        }
        let key = input.parse()?;
        input.parse::<Token![=]>()?;
        pairs.push((key, input.parse()?));
    }
    Ok(pairs)
}

pub fn check(attr: &Attribute) -> syn::Result<RawCheck> {
    const FORM: &str = "check(\"age >= 0\")";
    let check = match &attr.meta {
        Meta::List(list) => list.parse_args::<Check>(),
        _ => {
            let (sql, at) = text(attr, FORM)?;
            Ok(Check { sql: LitStr::new(&sql, at.start), name: None })
        }
    };
    match check {
        Ok(check) => to_raw(check),
        Err(_) => wrong(attr.meta.path(), "a condition in SQL is expected", FORM),
    }
}

/// `"sql", name = "…"`, in the brackets of a check.
pub fn raw_check(content: ParseStream<'_>) -> syn::Result<RawCheck> {
    to_raw(content.parse()?)
}

fn to_raw(check: Check) -> syn::Result<RawCheck> {
    if check.sql.value().trim().is_empty() {
        return wrong(&check.sql, "the condition is empty", "check(\"age >= 0\")");
    }
    Ok(RawCheck { name: check.name, sql: check.sql.value(), at: check.sql.span().into() })
}

/// `= "…"`, or `(postgres = "…", sqlite = "…")`.
pub fn backfill(attr: &Attribute) -> syn::Result<(Backfill, At)> {
    const FORM: &str = "backfill = \"0\"";
    const BOTH: &str = "backfill(postgres = \"…\", sqlite = \"…\")";
    let at = At::tokens(attr.meta.path());
    let given = |text: &LitStr| match text.value().trim() {
        "" => wrong(text, "the expression is empty", FORM),
        sql if sql.contains([';', '\0']) || sql.contains("--") || sql.contains("/*") => {
            wrong(text, "one expression is expected, without `;` and comments", FORM)
        }
        sql => Ok(sql.to_owned()),
    };
    let is_text = |list: &syn::MetaList| list.parse_args::<LitStr>().is_ok();
    let Meta::List(list) = &attr.meta else {
        let (sql, _) = text(attr, FORM)?;
        let sql = given(&LitStr::new(&sql, at.start))?;
        return Ok((Backfill { postgres: sql.clone(), sqlite: sql }, at));
    };
    if is_text(list) {
        let sql = given(&list.parse_args()?)?;
        return Ok((Backfill { postgres: sql.clone(), sqlite: sql }, at));
    }
    let (mut postgres, mut sqlite) = (None, None);
    attr.parse_nested_meta(|meta| {
        let place = match span_text(&meta.path).as_str() {
            "postgres" => &mut postgres,
            "sqlite" => &mut sqlite,
            _ => return wrong(&meta.path, "neither `postgres` nor `sqlite`", BOTH),
        };
        *place = Some(given(&meta.value()?.parse()?)?);
        Ok(())
    })?;
    match (postgres, sqlite) {
        (Some(postgres), Some(sqlite)) => Ok((Backfill { postgres, sqlite }, at)),
        _ => wrong(attr.meta.path(), "the expression of the other database is missing", BOTH),
    }
}

/// `(User, field = "…", on_delete = "…", on_update = "…")`.
pub fn reference(attr: &Attribute) -> syn::Result<RawReference> {
    const FORM: &str = "references(User, on_delete = \"cascade\")";
    let Meta::List(list) = &attr.meta else {
        return wrong(&attr.meta, "the struct referred to is missing", FORM);
    };
    list.parse_args_with(|input: ParseStream<'_>| {
        let path: Path = input
            .parse()
            .or_else(|_| wrong(&list.path, "the struct referred to is missing", FORM))?;
        let mut reference = RawReference {
            table: path
                .segments
                .iter()
                .map(|s| crate::parse::ident(&s.ident))
                .collect::<Vec<_>>()
                .join("::"),
            field: None,
            on_delete: Action::NoAction,
            on_update: Action::NoAction,
            at: At::tokens(&path),
        };
        for (key, value) in pairs(input)? {
            match key.to_string().as_str() {
                "field" => reference.field = Some(value.value()),
                "on_delete" => reference.on_delete = action(&value)?,
                "on_update" => reference.on_update = action(&value)?,
                other => {
                    let message = format!("`{other}` is no part of a reference");
                    return wrong(&key, &message, FORM);
                }
            }
        }
        Ok(reference)
    })
}

fn action(text: &LitStr) -> syn::Result<Action> {
    Ok(match text.value().to_ascii_lowercase().replace(' ', "_").as_str() {
        "no_action" => Action::NoAction,
        "restrict" => Action::Restrict,
        "cascade" => Action::Cascade,
        "set_null" => Action::SetNull,
        "set_default" => Action::SetDefault,
        _ => {
            let message = "not an action\none of `no_action`, `restrict`, `cascade`, `set_null`, `set_default`";
            return Err(syn::Error::new(text.span(), message));
        }
    })
}

pub fn index(attr: &Attribute, raw: &mut RawField, unique: bool) -> syn::Result<()> {
    let word = if unique { "unique" } else { "index" };
    let name = match &attr.meta {
        Meta::Path(_) => None,
        Meta::List(list) => {
            let mut name = None;
            list.parse_nested_meta(|meta| {
                if !meta.path.is_ident("name") {
                    return Err(meta.error(format!("only `name = \"…\"` can stand here\nseveral fields: `#[table({word}(a, b))]` on the struct")));
                }
                name = Some(meta.value()?.parse::<LitStr>()?.value());
                Ok(())
            })?;
            name
        }
        Meta::NameValue(pair) => return wrong(&pair.value, "no value is expected", word),
    };
    let at = At::tokens(attr.meta.path());
    raw.indexes.push(RawIndex { name, fields: vec![(raw.name.clone(), raw.at)], unique, at });
    Ok(())
}

pub fn column(attr: &Attribute, raw: &mut RawField) -> syn::Result<()> {
    const FORM: &str = "column(name = \"…\", sql_type = \"…\")";
    if !matches!(attr.meta, Meta::List(_)) {
        return wrong(&attr.meta, "arguments are missing", FORM);
    }
    attr.parse_nested_meta(|meta| {
        let place = match meta.path.get_ident().map(ToString::to_string).as_deref() {
            Some("name") => &mut raw.column,
            Some("sql_type") => &mut raw.sql_type,
            _ => return wrong(&meta.path, "not an argument of `column`", FORM),
        };
        let text: LitStr = meta.value()?.parse()?;
        if text.value().trim().is_empty() || text.value().contains(['\0', ';']) {
            return wrong(&text, "this cannot be a name or a type", FORM);
        }
        *place = Some((text.value(), text.span().into()));
        Ok(())
    })
}
