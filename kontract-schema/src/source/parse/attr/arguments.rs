//! The arguments of permissions, defaults, checks, backfills and columns, each at its tokens.

use syn::parse::ParseStream;
use syn::punctuated::Punctuated;
use syn::{Attribute, Expr, Ident, Lit, LitStr, Meta, Path, Token, UnOp};

use super::unknown_argument;
use crate::dialect::Dialect;
use crate::model::{Deferrable, Perm, Sql, SqlKind, SqlType};
use crate::source::attributes::Position;
use crate::source::parse::normalize_name;
use crate::source::raw::{At, RawCheck, RawDefault, RawField, RawRemoved, Written};
use crate::sqltext::{Expressions, find_mistake};

/// An error at some tokens, with the form that is expected as its second line.
pub fn wrong<T>(tokens: &impl quote::ToTokens, message: &str, form: &str) -> syn::Result<T> {
    Err(syn::Error::new_spanned(tokens, format!("{message}\nwrite `#[{form}]`")))
}

/// Expects `#[name]` alone.
pub fn expect_no_arguments(attr: &Attribute) -> syn::Result<()> {
    match &attr.meta {
        Meta::Path(_) => Ok(()),
        other => {
            let name = name_of(other.path());
            wrong(other, &format!("`{name}` takes no arguments"), &name)
        }
    }
}

/// The name that a path consists of; empty for a path of several segments.
pub fn name_of(path: &Path) -> String {
    path.get_ident().map(crate::source::parse::ident).unwrap_or_default()
}

/// The one argument of `#[name(argument)]` or `#[name = argument]`.
pub fn parse_argument(attr: &Attribute, form: &str) -> syn::Result<Expr> {
    match &attr.meta {
        Meta::List(list) => {
            list.parse_args().or_else(|_| wrong(&list.path, "one argument is expected", form))
        }
        Meta::NameValue(pair) => Ok(pair.value.clone()),
        Meta::Path(path) => wrong(path, "an argument is missing", form),
    }
}

/// The text of `#[name("text")]` or `#[name = "text"]`, which is not empty.
pub fn parse_text(attr: &Attribute, form: &str) -> syn::Result<(String, At)> {
    match parse_argument(attr, form)? {
        Expr::Lit(syn::ExprLit { lit: Lit::Str(text), .. }) if !text.value().is_empty() => {
            Ok((text.value(), text.span().into()))
        }
        other => wrong(&other, "a string literal is expected", form),
    }
}

/// `#[removed("old_name")]` or `#[removed("old_name", keep)]`.
pub fn parse_removed(attr: &Attribute, form: &str) -> syn::Result<RawRemoved> {
    let Meta::List(list) = &attr.meta else {
        let (name, at) = parse_text(attr, form)?;
        return Ok(RawRemoved { name: normalize_name(&name), at, keep: false });
    };
    let read = |input: ParseStream<'_>| {
        let name: LitStr = input.parse()?;
        let keep = input.parse::<Option<Token![,]>>()?.is_some() && !input.is_empty();
        if keep && input.parse::<Ident>()? != "keep" {
            return Err(input.error("`keep` is expected"));
        }
        Ok((name, keep))
    };
    match list.parse_args_with(read) {
        Ok((name, keep)) if !name.value().is_empty() => {
            Ok(RawRemoved { name: normalize_name(&name.value()), at: name.span().into(), keep })
        }
        _ => wrong(&list.tokens, "the name of a field is expected", form),
    }
}

/// `#[perm(RW_)]`, also `#[perm(R__ | _W_)]`.
pub fn parse_perm(attr: &Attribute, form: &str) -> syn::Result<u8> {
    fn bits(expr: &Expr, form: &str) -> syn::Result<u8> {
        match expr {
            Expr::Binary(binary) if matches!(binary.op, syn::BinOp::BitOr(_)) => {
                Ok(bits(&binary.left, form)? | bits(&binary.right, form)?)
            }
            Expr::Path(path) => permission_bits(&name_of(&path.path)).map_or_else(
                || {
                    wrong(
                        expr,
                        "permissions have three places: `R` or `_`, `W` or `_`, `X` or `_`",
                        form,
                    )
                },
                Ok,
            ),
            other => wrong(other, "permissions are expected, like `R__` or `RW_`", form),
        }
    }
    bits(&parse_argument(attr, form)?, form)
}

/// `R__` → `0b100`. `None` for another form, and for `___`, which permits nothing.
fn permission_bits(text: &str) -> Option<u8> {
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

/// `#[default(0)]`, `#[default(i64::MAX)]`, `#[default(Status::Draft)]`, `#[default(Cents(0))]`.
pub fn parse_default(attr: &Attribute, form: &str) -> syn::Result<(RawDefault, Written)> {
    let expr = parse_argument(attr, form)?;
    let value = match peel_newtypes(&expr) {
        Expr::Path(path) => match (integer_bound(path), path.path.segments.last()) {
            (Some(bound), _) => Some(RawDefault::Value(bound.into())),
            (None, Some(last)) => {
                Some(RawDefault::Variant(crate::source::parse::ident(&last.ident)))
            }
            (None, None) => None,
        },
        inner => literal_value(inner).map(RawDefault::Value),
    };
    match value {
        Some(value) => Ok((value, Written::new(&expr))),
        None => wrong(
            &expr,
            "a default is a literal, a bound like `i32::MAX`, or a variant of an enum",
            form,
        ),
    }
}

/// The value inside of newtypes: `0` of `Cents(0)`.
fn peel_newtypes(expr: &Expr) -> &Expr {
    match expr {
        Expr::Call(call) if call.args.len() == 1 && matches!(*call.func, Expr::Path(_)) => {
            peel_newtypes(&call.args[0])
        }
        other => other,
    }
}

fn literal_value(expr: &Expr) -> Option<serde_json::Value> {
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
        Expr::Unary(unary) if matches!(unary.op, UnOp::Neg(_)) => negated_literal(&unary.expr),
        Expr::Group(group) => literal_value(&group.expr),
        Expr::Paren(paren) => literal_value(&paren.expr),
        _ => None,
    }
}

/// The value of a literal after a minus. The sign is parsed together with the digits, because the
/// smallest integer has no positive counterpart.
fn negated_literal(expr: &Expr) -> Option<serde_json::Value> {
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
        Expr::Group(group) => negated_literal(&group.expr),
        Expr::Paren(paren) => negated_literal(&paren.expr),
        _ => None,
    }
}

/// The value of `i64::MIN`, `u8::MAX` and the like.
fn integer_bound(path: &syn::ExprPath) -> Option<i64> {
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

/// `"sql", name = "…"`, or `postgres = "…", sqlite = "…", name = "…"`: the arguments of a check.
pub fn parse_check_arguments(input: ParseStream<'_>, form: &str) -> syn::Result<RawCheck> {
    let at = input.span().into();
    let mut texts = if input.peek(LitStr) {
        let texts = Texts::one(&input.parse()?, Expressions::One, form)?;
        if !input.is_empty() {
            input.parse::<Token![,]>()?;
        }
        texts
    } else if input.peek(Ident) && input.peek2(Token![=]) {
        Texts {
            expressions: Expressions::One,
            postgres: None,
            sqlite: None,
            form: with_both(form),
            at,
        }
    } else {
        return Err(input.error(format!("a condition in SQL is expected\nwrite `#[{form}]`")));
    };
    let mut name = None;
    while !input.is_empty() {
        let key: Ident = input.parse()?;
        input.parse::<Token![=]>()?;
        match key.to_string().as_str() {
            "name" => name = Some(input.parse::<LitStr>()?.value()),
            word => texts.set(&key, word, &input.parse()?, "`postgres`, `sqlite` or `name`")?,
        }
        if !input.is_empty() {
            input.parse::<Token![,]>()?;
        }
    }
    let (sql, at) = texts.into_both()?;
    Ok(RawCheck { name, sql, at })
}

/// The value of `deferrable`, or of `deferrable = "deferred"`, behind the word.
pub fn parse_deferrable(input: ParseStream<'_>) -> syn::Result<Deferrable> {
    if !input.peek(Token![=]) {
        return Ok(Deferrable::Immediate);
    }
    input.parse::<Token![=]>()?;
    let text: LitStr = input.parse()?;
    let all = [Deferrable::Immediate, Deferrable::Deferred].into_iter();
    all.into_iter().find(|one| one.keyword() == Some(&*text.value())).ok_or_else(|| {
        let message = format!(
            "`{}` is not a time of a check\nwrite `deferrable`, or `deferrable = \"deferred\"`",
            text.value()
        );
        syn::Error::new(text.span(), message)
    })
}

/// `#[check("age >= 0", name = "…")]`.
pub fn parse_check(attr: &Attribute, form: &str) -> syn::Result<RawCheck> {
    match &attr.meta {
        Meta::List(list) if !list.tokens.is_empty() => {
            list.parse_args_with(|input: ParseStream<'_>| parse_check_arguments(input, form))
        }
        Meta::NameValue(pair) => {
            let text = string_literal(pair.value.clone(), form)?;
            let (sql, at) = Texts::one(&text, Expressions::One, form)?.into_both()?;
            Ok(RawCheck { name: None, sql, at })
        }
        meta => wrong(meta.path(), "a condition in SQL is expected", form),
    }
}

/// SQL in the source: one text for both databases, or one for each.
pub struct Texts {
    expressions: Expressions,
    postgres: Option<String>,
    sqlite: Option<String>,
    /// An example of the attribute, for errors.
    form: String,
    /// Its place.
    pub at: At,
}

impl Texts {
    /// One text for both databases.
    pub fn one(text: &LitStr, expressions: Expressions, form: &str) -> syn::Result<Texts> {
        let at = text.span().into();
        let given = Some(read_expression(text, &Dialect::ALL, expressions, form)?);
        let form = form.to_owned();
        Ok(Texts { expressions, postgres: given.clone(), sqlite: given, form, at })
    }

    /// Sets the text for the database with this name, or reports that `expected` is expected.
    fn set(&mut self, key: &Ident, word: &str, text: &LitStr, expected: &str) -> syn::Result<()> {
        let (place, dialect) = match word {
            "postgres" => (&mut self.postgres, Dialect::Postgres),
            "sqlite" => (&mut self.sqlite, Dialect::Sqlite),
            _ => return wrong(key, &format!("{expected} is expected"), &self.form),
        };
        if place.is_some() {
            return wrong(key, &format!("`{word}` is given twice"), &self.form);
        }
        *place = Some(read_expression(text, &[dialect], self.expressions, &self.form)?);
        Ok(())
    }

    /// `= "…"`, `("…")`, or `(postgres = "…", sqlite = "…")`, without white space around the texts.
    pub fn parse(
        input: ParseStream<'_>,
        expressions: Expressions,
        form: &str,
    ) -> syn::Result<Texts> {
        let trim = |text: Option<String>| text.map(|text| text.trim().to_owned());
        let written = Texts::parse_written(input, expressions, form)?;
        Ok(Texts { postgres: trim(written.postgres), sqlite: trim(written.sqlite), ..written })
    }

    fn parse_written(
        input: ParseStream<'_>,
        expressions: Expressions,
        form: &str,
    ) -> syn::Result<Texts> {
        if input.peek(Token![=]) {
            input.parse::<Token![=]>()?;
            return Texts::one(&string_literal(input.parse()?, form)?, expressions, form);
        }
        let content;
        syn::parenthesized!(content in input);
        if content.peek(LitStr) && !content.peek2(Token![,]) {
            return Texts::one(&content.parse()?, expressions, form);
        }
        let at = content.span().into();
        Texts::parse_each(&content, expressions, form, at)
    }

    /// `postgres = "…", sqlite = "…"`, up to the end or to a word that is not followed by `=`.
    pub fn parse_each(
        content: ParseStream<'_>,
        expressions: Expressions,
        form: &str,
        at: At,
    ) -> syn::Result<Texts> {
        let form = with_both(form);
        let mut found = Texts { expressions, postgres: None, sqlite: None, form, at };
        while !content.is_empty() && content.peek2(Token![=]) {
            let key: Ident = content.parse()?;
            content.parse::<Token![=]>()?;
            let word = key.to_string();
            found.set(&key, &word, &content.parse()?, "`postgres` or `sqlite`")?;
            if !content.is_empty() {
                content.parse::<Token![,]>()?;
            }
        }
        Ok(found)
    }

    /// The text for both databases.
    pub fn into_both(self) -> syn::Result<(Sql, At)> {
        match (self.postgres, self.sqlite) {
            (Some(postgres), Some(sqlite)) => Ok((Sql { postgres, sqlite }, self.at)),
            _ => Err(missing_database(self.at, &self.form)),
        }
    }

    /// The text for PostgreSQL, for attributes that SQLite ignores.
    pub fn into_postgres(self) -> syn::Result<(Sql, At)> {
        let Some(postgres) = self.postgres else {
            return Err(missing_database(self.at, &self.form));
        };
        Ok((Sql { sqlite: self.sqlite.unwrap_or_else(|| postgres.clone()), postgres }, self.at))
    }
}

/// The form of an attribute with a text for each database: `index(on = "…")` becomes
/// `index(on(postgres = "…", sqlite = "…"))`, and `check("…")` and `default(sql = "…")` become
/// `check(postgres = …)` and `default(postgres = …)`.
fn with_both(form: &str) -> String {
    const BOTH: &str = "(postgres = \"…\", sqlite = \"…\")";
    if let Some((head, _)) = form.split_once("(sql = ") {
        return format!("{head}{BOTH}");
    }
    if let Some((head, _)) = form.split_once("(\"") {
        let end = ")".repeat(head.matches('(').count());
        return format!("{head}{BOTH}{end}");
    }
    let head = form.rsplit_once(" = ").map_or(form, |(head, _)| head);
    let end = if form.ends_with(')') { ")" } else { "" };
    format!("{head}{BOTH}{end}")
}

fn missing_database(at: At, form: &str) -> syn::Error {
    let message = format!("the expression for the other database is missing\nwrite `#[{form}]`");
    syn::Error::new(at.start, message)
}

fn string_literal(expr: Expr, form: &str) -> syn::Result<LitStr> {
    match expr {
        Expr::Lit(syn::ExprLit { lit: Lit::Str(text), .. }) => Ok(text),
        other => wrong(&other, "a string literal is expected", form),
    }
}

/// The SQL in a literal, as it is written.
fn read_expression(
    text: &LitStr,
    dialects: &[Dialect],
    expressions: Expressions,
    form: &str,
) -> syn::Result<String> {
    let sql = text.value();
    match find_mistake(dialects, &sql, expressions) {
        Some(mistake) => wrong(text, &mistake, form),
        None => Ok(sql),
    }
}

/// `= "…"`, or `(postgres = "…", sqlite = "…")`.
pub fn parse_backfill(attr: &Attribute, form: &str) -> syn::Result<(Sql, At)> {
    let at = At::tokens(attr.meta.path());
    let tokens = match &attr.meta {
        Meta::Path(path) => return wrong(path, "an argument is missing", form),
        Meta::NameValue(pair) => {
            let (sign, value) = (&pair.eq_token, &pair.value);
            quote::quote!(#sign #value)
        }
        Meta::List(list) => {
            let inner = &list.tokens;
            quote::quote!((#inner))
        }
    };
    let texts =
        |input: ParseStream<'_>| Ok(Texts { at, ..Texts::parse(input, Expressions::Query, form)? });
    Ok((syn::parse::Parser::parse2(texts, tokens)?.into_both()?.0, at))
}

/// Rust names of fields, with their places: `a, b`.
pub fn parse_names(input: ParseStream<'_>) -> syn::Result<Vec<(String, At)>> {
    let idents = Punctuated::<Ident, Token![,]>::parse_terminated(input)?;
    Ok(idents
        .iter()
        .map(|ident| (crate::source::parse::ident(ident), ident.span().into()))
        .collect())
}

/// `#[column(name = "…", sql_type = "…")]`.
pub fn parse_column(attr: &Attribute, raw: &mut RawField, form: &str) -> syn::Result<()> {
    if !matches!(attr.meta, Meta::List(_)) {
        return wrong(&attr.meta, "arguments are missing", form);
    }
    attr.parse_nested_meta(|meta| {
        let written = name_of(&meta.path);
        if !matches!(written.as_str(), "name" | "sql_type") {
            let position = Position::ColumnArgument;
            return Err(unknown_argument(&meta.path, &written, "column", position));
        }
        let text: LitStr = meta.value()?.parse()?;
        let (value, at) = (text.value(), text.span().into());
        if written == "sql_type" {
            match SqlType::parse(&value) {
                Ok(ty) => raw.sql_type = Some((ty, at)),
                Err(why) => {
                    return wrong(&text, &format!("this is not one column type: {why}"), form);
                }
            }
        } else if value.trim().is_empty() || value.contains(['\0', ';']) {
            return wrong(&text, "this cannot be a name", form);
        } else {
            raw.column = Some((value, at));
        }
        Ok(())
    })
}

/// `#[native]`, `#[native(name = "mood")]`, `#[native(name = "app.mood")]`. Without a name, the enum's in
/// snake case.
pub fn parse_native(attr: &Attribute, ident: &Ident, form: &str) -> syn::Result<SqlType> {
    let mut name = None;
    match &attr.meta {
        Meta::Path(_) => {}
        Meta::List(_) => attr.parse_nested_meta(|meta| {
            let written = name_of(&meta.path);
            if written != "name" {
                let position = Position::NativeArgument;
                return Err(unknown_argument(&meta.path, &written, "native", position));
            }
            name = Some(meta.value()?.parse::<LitStr>()?);
            Ok(())
        })?,
        other => return wrong(other, "`native` takes a name in brackets", form),
    }
    let text = match &name {
        Some(name) => name.value(),
        None => crate::name::snake(&crate::source::parse::ident(ident)),
    };
    let help = "native(name = \"mood\")";
    let refuse = |why: &str| match &name {
        Some(name) => wrong(name, why, help),
        None => wrong(ident, why, help),
    };
    match SqlType::parse(&text) {
        Ok(ty) if ty.collation().is_none() => match ty.kind() {
            SqlKind::Named { name, arguments } if arguments.is_empty() => {
                if name.split('.').any(|part| part.trim_matches('"').len() > crate::name::MAX) {
                    return refuse("the name of the enum type is too long for PostgreSQL");
                }
                Ok(SqlType::new(ty.kind().clone()))
            }
            _ => {
                refuse(&format!("`{text}` is a type of PostgreSQL: an enum type has its own name"))
            }
        },
        _ => refuse(&format!("`{text}` cannot be the name of an enum type")),
    }
}
