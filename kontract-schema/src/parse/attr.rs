//! The attributes of tables and fields.
//!
//! A name that is nearly one of ours is reported with the right spelling; any other name belongs to
//! somebody else.

use syn::parse::{Parse, ParseStream};
use syn::punctuated::Punctuated;
use syn::{Attribute, DeriveInput, Expr, Ident, Lit, LitStr, Meta, Path, Token, UnOp};

use crate::code;
use crate::diagnostic::{Diagnostic, Diagnostics};
use crate::model::{Action, Backfill, Layout, Perm, Stamp, Track};
use crate::raw::{At, RawCheck, RawDefault, RawField, RawIndex, RawReference, RawTable};

/// The attributes of fields.
pub const FIELD_ATTRIBUTES: [&str; 12] = [
    "primkey",
    "perm",
    "references",
    "unique",
    "index",
    "default",
    "check",
    "created_at",
    "updated_at",
    "backfill",
    "renamed_from",
    "column",
];

/// The attributes of structs.
pub const STRUCT_ATTRIBUTES: [&str; 4] = ["table", "perm", "renamed_from", "removed"];

/// What users of other tools write, and what it is called here.
const ELSEWHERE: [(&str, &str); 13] = [
    ("primary_key", "primkey"),
    ("primarykey", "primkey"),
    ("primekey", "primkey"),
    ("pk", "primkey"),
    ("id", "primkey"),
    ("key", "primkey"),
    ("permission", "perm"),
    ("permissions", "perm"),
    ("foreign_key", "references"),
    ("reference", "references"),
    ("belongs_to", "references"),
    ("renamed", "renamed_from"),
    ("rename", "column"),
];

/// Reads the attributes of a struct. The fields are read by the caller.
pub fn table(input: &DeriveInput, problems: &mut Diagnostics) -> RawTable {
    let mut table = RawTable {
        ident: super::ident(&input.ident),
        at: input.ident.span().into(),
        name: None,
        ptr: None,
        layout: Layout::Document,
        standalone: false,
        external: None,
        track: Track::default(),
        track_at: None,
        primary_key: Vec::new(),
        indexes: Vec::new(),
        checks: Vec::new(),
        perm: None,
        renamed_from: None,
        removed: Vec::new(),
        fields: Vec::new(),
    };
    let mut seen = Vec::new();
    for attr in &input.attrs {
        let Some(name) = own(attr, &STRUCT_ATTRIBUTES, "struct", &mut seen, problems) else {
            continue;
        };
        let at = At::tokens(attr.meta.path());
        let read = match name {
            "table" => words(attr, &mut table, problems),
            "perm" => perm(attr).map(|bits| table.perm = Some((bits, at))),
            "removed" => text(attr, "removed(\"old_name\")").map(|old| table.removed.push(old)),
            _ => text(attr, "renamed_from(\"old_name\")").map(|old| table.renamed_from = Some(old)),
        };
        report(read, problems);
    }
    table
}

/// Reads the attributes of a field into it.
pub fn field(attrs: &[Attribute], raw: &mut RawField, problems: &mut Diagnostics) {
    let mut seen = Vec::new();
    for attr in attrs {
        let Some(name) = own(attr, &FIELD_ATTRIBUTES, "field", &mut seen, problems) else {
            continue;
        };
        let at = At::tokens(attr.meta.path());
        let read = match name {
            "primkey" => word(attr).map(|()| raw.primkey = Some(at)),
            "perm" => perm(attr).map(|bits| raw.perm = Some((bits, at))),
            "references" => reference(attr).map(|reference| raw.references = Some(reference)),
            "unique" | "index" => index(attr, raw, name == "unique"),
            "default" => default(attr).map(|default| raw.default = Some(default)),
            "check" => check(attr).map(|check| raw.checks.push(check)),
            "created_at" | "updated_at" => word(attr).map(|()| {
                let stamp = if name == "created_at" { Stamp::CreatedAt } else { Stamp::UpdatedAt };
                raw.stamp = Some((stamp, at));
            }),
            "backfill" => backfill(attr).map(|backfill| raw.backfill = Some(backfill)),
            "renamed_from" => {
                text(attr, "renamed_from(\"old_name\")").map(|old| raw.renamed_from = Some(old))
            }
            _ => column(attr, raw),
        };
        report(read, problems);
    }
}

/// Reads the attributes of a variant: its former stored name.
pub fn variant(attrs: &[Attribute], problems: &mut Diagnostics) -> Option<(String, At)> {
    let mut found = None;
    // Others belong to other derives: `#[default]`.
    for attr in attrs.iter().filter(|attr| attr.path().is_ident("renamed_from")) {
        if found.is_some() {
            let message = "`renamed_from` stands here twice";
            let problem = Diagnostic::new(code::DUPLICATE_ATTRIBUTE, message);
            problems.push(problem.at(At::tokens(attr.meta.path())).help("remove one of them"));
        }
        report(text(attr, "renamed_from(\"old_name\")").map(|old| found = Some(old)), problems);
    }
    found
}

/// Reports attributes on the fields of a document, which has none.
pub fn none(attrs: &[Attribute], problems: &mut Diagnostics) {
    for attr in attrs {
        if let Some(name) = attr.path().get_ident()
            && FIELD_ATTRIBUTES.iter().any(|known| name == known)
        {
            problems.push(
                Diagnostic::new(code::ATTRIBUTE_FORM, format!("`{name}` on a field of a document"))
                    .at(name.span())
                    .help(
                        "attributes belong to the fields of tables; a document is stored as it is",
                    ),
            );
        }
    }
}

/// Whether the field says `column(sql_type = …)`.
pub fn has_sql_type(attrs: &[Attribute]) -> bool {
    attrs.iter().filter(|attr| attr.path().is_ident("column")).any(|attr| {
        let mut found = false;
        let _ = attr.parse_nested_meta(|meta| {
            found |= meta.path.is_ident("sql_type");
            meta.value()?.parse::<LitStr>().map(drop)
        });
        found
    })
}

/// The name of an attribute if it is one of `known` and stands here for the first time.
fn own(
    attr: &Attribute,
    known: &[&'static str],
    place: &str,
    seen: &mut Vec<&'static str>,
    problems: &mut Diagnostics,
) -> Option<&'static str> {
    let ident = attr.path().get_ident()?;
    let written = super::ident(ident);
    let other_place = |name: &&&str| **name == written.as_str() && !known.contains(name);
    if let Some(name) = known.iter().find(|name| **name == written) {
        if seen.contains(name) && !["check", "table", "removed"].contains(name) {
            problems.push(
                Diagnostic::new(code::DUPLICATE_ATTRIBUTE, format!("`{name}` stands here twice"))
                    .at(ident.span())
                    .help("remove one of them"),
            );
            return None;
        }
        seen.push(name);
        return Some(name);
    }
    if FIELD_ATTRIBUTES.iter().chain(&STRUCT_ATTRIBUTES).find(other_place).is_some() {
        let help = if place == "struct" {
            match written.as_str() {
                "primkey" => {
                    "mark the key field, or write `#[table(primary_key(a, b))]`".to_owned()
                }
                "unique" | "index" | "check" => {
                    format!("on a struct write `#[table({written}(…))]`")
                }
                _ => format!("`{written}` belongs to a field"),
            }
        } else {
            format!("`{written}` belongs to the struct")
        };
        problems.push(
            Diagnostic::new(code::ATTRIBUTE_FORM, format!("`{written}` on a {place}"))
                .at(ident.span())
                .help(help),
        );
        return None;
    }
    if let Some(meant) = suggestion(&written, known) {
        problems.push(
            Diagnostic::new(code::UNKNOWN_ATTRIBUTE, format!("unknown attribute `{written}`"))
                .at(ident.span())
                .help(format!("did you mean `{meant}`?")),
        );
    }
    None
}

/// The known name that `written` probably means.
fn suggestion<'a>(written: &str, known: &[&'a str]) -> Option<&'a str> {
    let elsewhere = ELSEWHERE.iter().find(|(name, _)| *name == written).map(|(_, ours)| *ours);
    let near = |name: &&&str| strsim::damerau_levenshtein(written, name) <= 1 + name.len() / 5;
    let found = known.iter().find(|name| Some(**name) == elsewhere).or_else(|| {
        known.iter().filter(near).min_by_key(|name| strsim::damerau_levenshtein(written, name))
    });
    found.copied()
}

fn report(read: syn::Result<()>, problems: &mut Diagnostics) {
    for error in read.err().into_iter().flatten() {
        let mut lines = error.to_string();
        let help = lines.find('\n').map(|at| lines.split_off(at));
        let mut problem = Diagnostic::new(code::ATTRIBUTE_FORM, lines).at(error.span());
        if let Some(help) = help {
            problem = problem.help(help.trim());
        }
        problems.push(problem);
    }
}

/// An error at some tokens, with the form that is expected as its second line.
fn wrong<T>(tokens: &impl quote::ToTokens, message: &str, form: &str) -> syn::Result<T> {
    Err(syn::Error::new_spanned(tokens, format!("{message}\nwrite `#[{form}]`")))
}

/// `#[name]` alone.
fn word(attr: &Attribute) -> syn::Result<()> {
    match &attr.meta {
        Meta::Path(_) => Ok(()),
        other => {
            let name = span_text(other.path());
            wrong(other, &format!("`{name}` takes no arguments"), &name)
        }
    }
}

fn span_text(path: &Path) -> String {
    path.get_ident().map(super::ident).unwrap_or_default()
}

/// The one argument of `#[name(argument)]` or `#[name = argument]`.
fn argument(attr: &Attribute, form: &str) -> syn::Result<Expr> {
    match &attr.meta {
        Meta::List(list) => {
            list.parse_args().or_else(|_| wrong(&list.path, "one argument is expected", form))
        }
        Meta::NameValue(pair) => Ok(pair.value.clone()),
        Meta::Path(path) => wrong(path, "an argument is missing", form),
    }
}

fn text(attr: &Attribute, form: &str) -> syn::Result<(String, At)> {
    match argument(attr, form)? {
        Expr::Lit(syn::ExprLit { lit: Lit::Str(text), .. }) if !text.value().is_empty() => {
            Ok((text.value(), text.span().into()))
        }
        other => wrong(&other, "a text is expected", form),
    }
}

fn perm(attr: &Attribute) -> syn::Result<u8> {
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

fn default(attr: &Attribute) -> syn::Result<(RawDefault, At)> {
    const FORM: &str = "default(0)";
    let expr = argument(attr, FORM)?;
    let at = At::tokens(&expr);
    if let Some(bound) = bound(&expr) {
        return Ok((RawDefault::Value(bound.into()), at));
    }
    if let Expr::Path(path) = &expr
        && let Some(last) = path.path.segments.last()
    {
        return Ok((RawDefault::Variant(super::ident(&last.ident)), at));
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

fn check(attr: &Attribute) -> syn::Result<RawCheck> {
    const FORM: &str = "check(\"age >= 0\")";
    let check = match &attr.meta {
        Meta::List(list) => list.parse_args::<Check>(),
        _ => {
            let (sql, at) = text(attr, FORM)?;
            Ok(Check { sql: LitStr::new(&sql, at.start), name: None })
        }
    };
    match check {
        Ok(check) => raw_check(check),
        Err(_) => wrong(attr.meta.path(), "a condition in SQL is expected", FORM),
    }
}

fn raw_check(check: Check) -> syn::Result<RawCheck> {
    if check.sql.value().trim().is_empty() {
        return wrong(&check.sql, "the condition is empty", "check(\"age >= 0\")");
    }
    Ok(RawCheck { name: check.name, sql: check.sql.value(), at: check.sql.span().into() })
}

/// `= "…"`, or `(postgres = "…", sqlite = "…")`.
fn backfill(attr: &Attribute) -> syn::Result<(Backfill, At)> {
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
fn reference(attr: &Attribute) -> syn::Result<RawReference> {
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
                .map(|s| super::ident(&s.ident))
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

fn index(attr: &Attribute, raw: &mut RawField, unique: bool) -> syn::Result<()> {
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

fn column(attr: &Attribute, raw: &mut RawField) -> syn::Result<()> {
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

const TABLE_WORDS: [&str; 13] = [
    "name",
    "ptr",
    "layout",
    "standalone",
    "external",
    "primary_key",
    "index",
    "unique",
    "check",
    "track",
    "owned",
    "versioned",
    "soft_delete",
];

/// `#[table(…)]`.
fn words(attr: &Attribute, table: &mut RawTable, problems: &mut Diagnostics) -> syn::Result<()> {
    if !matches!(attr.meta, Meta::List(_)) {
        return wrong(
            &attr.meta,
            "arguments are missing",
            "table(name = \"…\", layout = \"columns\")",
        );
    }
    let mut errors: Option<syn::Error> = None;
    let mut seen: Vec<String> = Vec::new();
    let mut duplicates = Vec::new();
    let parsed = attr.parse_nested_meta(|meta| {
        let word = span_text(&meta.path);
        let at = At::tokens(&meta.path);
        let repeatable = ["index", "unique", "check"].contains(&word.as_str());
        if !repeatable && seen.contains(&word) {
            duplicates.push((word.clone(), at));
        }
        seen.push(word.clone());
        let mut one = || -> syn::Result<()> {
            match word.as_str() {
                "name" => table.name = Some(value(&meta)?),
                "ptr" => table.ptr = Some(value(&meta)?),
                "layout" => {
                    let (text, at) = value(&meta)?;
                    table.layout = match text.as_str() {
                        "document" => Layout::Document,
                        "columns" => Layout::Columns,
                        _ => {
                            let message = "not a layout\n`document` (the default) or `columns`";
                            return Err(syn::Error::new(at.start, message));
                        }
                    };
                }
                "standalone" => table.standalone = true,
                "external" => table.external = Some(at),
                "primary_key" => table.primary_key = list(&meta)?.0,
                "index" | "unique" => {
                    let (fields, name) = list(&meta)?;
                    table.indexes.push(RawIndex { name, fields, unique: word == "unique", at });
                }
                "check" => {
                    let content;
                    syn::parenthesized!(content in meta.input);
                    table.checks.push(raw_check(content.parse()?)?);
                }
                "track" | "owned" | "versioned" | "soft_delete" | "ordered" => {
                    table.track_at = table.track_at.or(Some(at));
                    let place = match word.as_str() {
                        "track" => &mut table.track.txid,
                        "owned" => &mut table.track.owner,
                        "versioned" => &mut table.track.version,
                        "soft_delete" => &mut table.track.soft_delete,
                        _ => &mut table.track.order,
                    };
                    *place = true;
                }
                _ => {
                    let mut message = format!("`{word}` is not known here");
                    match suggestion(&word, &TABLE_WORDS) {
                        Some(meant) => message += &format!("\ndid you mean `{meant}`?"),
                        None => {
                            message +=
                                &format!("\nknown are {} and ordered", TABLE_WORDS.join(", "))
                        }
                    }
                    return Err(syn::Error::new(at.start, message));
                }
            }
            Ok(())
        };
        let result = one();
        if let Err(error) = result {
            // Read on to the next argument, so that every mistake is reported.
            while !meta.input.is_empty() && !meta.input.peek(Token![,]) {
                meta.input.parse::<proc_macro2::TokenTree>()?;
            }
            match &mut errors {
                Some(all) => all.combine(error),
                None => errors = Some(error),
            }
        }
        Ok(())
    });
    for (word, span) in duplicates {
        problems.push(
            Diagnostic::new(code::DUPLICATE_ATTRIBUTE, format!("`{word}` stands here twice"))
                .at(span)
                .help("remove one of them"),
        );
    }
    // The tables of others have columns, unless they say otherwise.
    if table.external.is_some() && !seen.iter().any(|word| word == "layout") {
        table.layout = Layout::Columns;
    }
    match errors {
        Some(errors) => Err(errors),
        None => parsed,
    }
}

fn value(meta: &syn::meta::ParseNestedMeta<'_>) -> syn::Result<(String, At)> {
    let text: LitStr = meta.value()?.parse()?;
    if text.value().is_empty() || text.value().contains('\0') {
        return Err(syn::Error::new(text.span(), "this cannot be a name"));
    }
    Ok((text.value(), text.span().into()))
}

/// Names of fields with their places.
type Names = Vec<(String, At)>;

/// `(a, b, name = "…")`.
fn list(meta: &syn::meta::ParseNestedMeta<'_>) -> syn::Result<(Names, Option<String>)> {
    enum Item {
        Field(Ident),
        Name(String),
    }
    impl Parse for Item {
        fn parse(input: ParseStream<'_>) -> syn::Result<Item> {
            let ident: Ident = input.parse()?;
            if ident == "name" && input.peek(Token![=]) {
                input.parse::<Token![=]>()?;
                return Ok(Item::Name(input.parse::<LitStr>()?.value()));
            }
            Ok(Item::Field(ident))
        }
    }
    let content;
    syn::parenthesized!(content in meta.input);
    let (mut fields, mut name) = (Vec::new(), None);
    for item in Punctuated::<Item, Token![,]>::parse_terminated(&content)? {
        match item {
            Item::Field(ident) => fields.push((super::ident(&ident), ident.span().into())),
            Item::Name(text) => name = Some(text),
        }
    }
    if fields.is_empty() {
        return Err(syn::Error::new_spanned(
            &meta.path,
            "the fields are missing\nwrite their Rust names: `(a, b)`",
        ));
    }
    Ok((fields, name))
}
