//! Compares SQL expressions by meaning: a condition as the user wrote it, and the same condition as a
//! database prints it.
//!
//! PostgreSQL prints an expression from its parsed form: with casts, all parentheses, and other
//! words (`a IN ('x', 'y')` is `a = ANY (ARRAY['x'::text, 'y'::text])`). [`parse_expression`] returns
//! one tree for both, without casts. For an expression that it does not support it returns `None`, and
//! the comparison is by tokens.

use super::{Dialect, Token, TokenKind, words};

/// An expression.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum ParsedExpr {
    /// A column in lower case, or a keyword like `current_date`. SQLite ignores case in names, and
    /// PostgreSQL tables hardly ever have two columns that differ in case only.
    Name(String),
    /// A string literal.
    Text(String),
    /// A number.
    Number(String),
    /// An operator or a function with its operands.
    Call(String, Vec<ParsedExpr>),
}

/// Whether two texts have the same meaning.
pub fn have_same_meaning(dialect: Dialect, a: &str, b: &str) -> bool {
    let parsed = || matches!((parse_expression(dialect, a), parse_expression(dialect, b)), (Some(a), Some(b)) if are_alike(&a, &b));
    a == b || list_token_values(dialect, a) == list_token_values(dialect, b) || parsed()
}

/// Returns the tokens of a text by value: words in lower case, names and strings without quotes.
fn list_token_values(dialect: Dialect, text: &str) -> Vec<(TokenKind, String)> {
    let value = |token: &Token<'_>| match token.kind {
        TokenKind::Text => token.text_value().unwrap_or_default().into_owned(),
        TokenKind::Number => token.text.to_lowercase(),
        _ => token.name().map_or_else(|| token.text.to_owned(), |name| name.into_owned()),
    };
    words(dialect, text).iter().map(|token| (token.kind, value(token))).collect()
}

/// Whether two trees have the same meaning. The values of a list have no order.
pub(super) fn are_alike(a: &ParsedExpr, b: &ParsedExpr) -> bool {
    match (a, b) {
        (ParsedExpr::Call(word, of), ParsedExpr::Call(other, others)) => {
            let all = |of: &[ParsedExpr], others: &[ParsedExpr]| {
                of.iter().all(|one| others.iter().any(|other| are_alike(one, other)))
            };
            let is_list = ["in", "not in"].contains(&word.as_str());
            word == other
                && of.len() == others.len()
                && match (of.split_first(), others.split_first()) {
                    (Some((left, of)), Some((other, others))) if is_list => {
                        are_alike(left, other) && all(of, others) && all(others, of)
                    }
                    _ => of.iter().zip(others).all(|(one, other)| are_alike(one, other)),
                }
        }
        // A constraint has the columns of one table: PostgreSQL prints `users.age` as `age`.
        (ParsedExpr::Name(one), ParsedExpr::Name(other)) => column_part(one) == column_part(other),
        _ => a == b,
    }
}

/// Returns the name of a column without its table.
fn column_part(name: &str) -> &str {
    name.rsplit_once('.').map_or(name, |(_, column)| column)
}

/// Returns the text without brackets around the whole of it.
pub fn strip_brackets(dialect: Dialect, text: &str) -> &str {
    let text = text.trim();
    let Some(inner) = text.strip_prefix('(').and_then(|rest| rest.strip_suffix(')')) else {
        return text;
    };
    let mut depth = 0;
    let closes_early = words(dialect, inner).iter().any(|token| {
        depth += i32::from(token.is("(")) - i32::from(token.is(")"));
        depth < 0
    });
    if closes_early { text } else { strip_brackets(dialect, inner) }
}

/// Whether an expression needs brackets as a part of an index: names and function calls do not.
pub(crate) fn needs_brackets(dialect: Dialect, text: &str) -> bool {
    let bare = strip_brackets(dialect, text);
    let is_call = || match words(dialect, bare)[..] {
        [name, open, .., close] if name.name().is_some() && close.kind == TokenKind::Sign => {
            // After the name there is one bracket, up to the end.
            let inner = &bare[open.start..];
            open.is("(") && strip_brackets(dialect, inner) != inner
        }
        _ => false,
    };
    match parse_expression(dialect, text) {
        Some(ParsedExpr::Call(word, _)) if word == "collate" => false,
        Some(_) => bare == text && words(dialect, text).len() > 1 && !is_call(),
        None => false,
    }
}

/// Returns the strings of `column IN ('a', 'b')`; `None` for any other expression.
pub fn list_allowed_texts(tree: &ParsedExpr, column: &str) -> Option<Vec<String>> {
    let ParsedExpr::Call(word, parts) = tree else { return None };
    let [ParsedExpr::Name(name), values @ ..] = &parts[..] else { return None };
    if word != "in" || *name != column.to_lowercase() {
        return None;
    }
    let text = |value: &ParsedExpr| match value {
        ParsedExpr::Text(text) => Some(text.clone()),
        _ => None,
    };
    values.iter().map(text).collect()
}

/// Returns the tree of an expression; `None` if it is not supported.
pub fn parse_expression(dialect: Dialect, text: &str) -> Option<ParsedExpr> {
    let tokens = words(dialect, text);
    let mut parser = Parser { tokens: &tokens, at: 0 };
    let expr = parser.parse_operand(0)?;
    (parser.at == tokens.len()).then_some(expr)
}

/// Returns the position of the token after a type that begins at `at`.
#[cfg(feature = "parse")]
pub(crate) fn skip_type(tokens: &[Token<'_>], at: usize) -> usize {
    let mut parser = Parser { tokens, at };
    let found = parser.parse_type();
    if found.is_some() { parser.at } else { (at + 1).min(tokens.len()) }
}

/// Splits a part of an index into the value and the words after it.
pub(crate) fn split_order(dialect: Dialect, text: &str) -> (&str, String) {
    let mut text = text.trim();
    let mut order = Vec::new();
    for token in words(dialect, text).iter().skip(1).rev() {
        if token.kind != TokenKind::Word || parse_expression(dialect, text).is_some() {
            break;
        }
        order.insert(0, token.text.to_lowercase());
        text = text[..token.start].trim_end();
    }
    (text, order.join(" "))
}

/// The precedence of operators in PostgreSQL.
/// <https://www.postgresql.org/docs/current/sql-syntax-lexical.html#SQL-PRECEDENCE>
mod power {
    pub const OR: u8 = 1;
    pub const AND: u8 = 2;
    pub const NOT: u8 = 3;
    pub const IS: u8 = 4;
    pub const COMPARE: u8 = 5;
    pub const IN: u8 = 6;
    pub const OTHER: u8 = 7;
    pub const ADD: u8 = 8;
    pub const MULTIPLY: u8 = 9;
    pub const ZONE: u8 = 11;
    pub const SIGN: u8 = 12;
}

struct Parser<'a> {
    tokens: &'a [Token<'a>],
    at: usize,
}

impl<'a> Parser<'a> {
    fn peek(&self) -> Option<Token<'a>> {
        self.tokens.get(self.at).copied()
    }

    fn next(&mut self) -> Option<Token<'a>> {
        let token = self.peek();
        self.at += 1;
        token
    }

    /// Moves past a word or sign if it comes next. Returns whether it does.
    fn eat(&mut self, what: &str) -> bool {
        let is = self.peek().is_some_and(|token| token.is(what));
        self.at += usize::from(is);
        is
    }

    fn want(&mut self, what: &str) -> Option<()> {
        self.eat(what).then_some(())
    }

    fn parse_operand(&mut self, least: u8) -> Option<ParsedExpr> {
        let mut left = self.parse_prefix()?;
        while let Some(grown) = self.parse_infix(left.clone(), least)? {
            left = grown;
        }
        Some(left)
    }

    fn parse_prefix(&mut self) -> Option<ParsedExpr> {
        if self.eat("not") {
            return Some(call("not", vec![self.parse_operand(power::NOT)?]));
        }
        if self.eat("-") {
            return Some(match self.parse_operand(power::SIGN)? {
                ParsedExpr::Number(number) => ParsedExpr::Number(format!("-{number}")),
                other => call("-", vec![other]),
            });
        }
        if self.eat("(") {
            let mut inner = self.parse_list(")")?;
            return Some(match inner.len() {
                1 => inner.remove(0),
                _ => call("row", inner),
            });
        }
        if self.eat("case") {
            return self.parse_case();
        }
        if self.eat("cast") {
            self.want("(")?;
            let value = self.parse_operand(0)?;
            self.want("as")?;
            self.parse_type()?;
            self.want(")")?;
            return Some(value);
        }
        if self.eat("array") {
            self.want("[")?;
            return Some(call("array", self.parse_list("]")?));
        }
        let token = self.next()?;
        match token.kind {
            TokenKind::Text => Some(ParsedExpr::Text(token.text_value()?.into_owned())),
            TokenKind::Number => Some(ParsedExpr::Number(token.text.to_lowercase())),
            TokenKind::Word => self.parse_named(token.name()?.into_owned()),
            TokenKind::QuotedName => self.parse_qualified(token.name()?.to_lowercase()),
            _ => None,
        }
    }

    fn parse_named(&mut self, word: String) -> Option<ParsedExpr> {
        match self.peek().and_then(|token| token.text_value()) {
            // `interval '1 day'` is `'1 day'::interval`.
            Some(text) => {
                self.at += 1;
                Some(ParsedExpr::Text(text.into_owned()))
            }
            None => match word.as_str() {
                "current_timestamp" => Some(call("now", Vec::new())),
                "and" | "or" | "in" | "is" | "like" | "between" | "then" | "else" | "end" => None,
                _ => self.parse_qualified(word),
            },
        }
    }

    /// Parses the rest of a qualified name, or a function call.
    fn parse_qualified(&mut self, first: String) -> Option<ParsedExpr> {
        let mut name = first;
        while self.eat(".") {
            let part = self.next()?.name()?.to_lowercase();
            name = match name.as_str() {
                "pg_catalog" => part,
                _ => format!("{name}.{part}"),
            };
        }
        if !self.eat("(") {
            return Some(ParsedExpr::Name(name));
        }
        let name = if name == "transaction_timestamp" { "now".to_owned() } else { name };
        Some(ParsedExpr::Call(name, self.parse_list(")")?))
    }

    /// Parses expressions up to a sign; `extract(epoch FROM x)` has keywords between them.
    fn parse_list(&mut self, end: &str) -> Option<Vec<ParsedExpr>> {
        let mut items = Vec::new();
        while !self.eat(end) {
            items.push(self.parse_operand(0)?);
            let more = [",", "from", "for"].iter().any(|word| self.eat(word));
            if !more && !self.peek()?.is(end) {
                return None;
            }
        }
        Some(items)
    }

    fn parse_case(&mut self) -> Option<ParsedExpr> {
        let mut parts = Vec::new();
        if !self.peek()?.is("when") {
            parts.push(self.parse_operand(0)?);
        }
        loop {
            if self.eat("when") {
                let when = self.parse_operand(0)?;
                self.want("then")?;
                parts.push(call("when", vec![when, self.parse_operand(0)?]));
            } else if self.eat("else") {
                parts.push(self.parse_operand(0)?);
            } else {
                self.want("end")?;
                return Some(call("case", parts));
            }
        }
    }

    /// Extends an expression by the next operator, if its precedence is higher than `least`.
    fn parse_infix(&mut self, left: ParsedExpr, least: u8) -> Option<Option<ParsedExpr>> {
        let Some(token) = self.peek() else { return Some(None) };
        if token.is("::") {
            self.at += 1;
            let ty = self.parse_type()?;
            return Some(Some(match left {
                // PostgreSQL prints a negative number as a string.
                ParsedExpr::Text(text) if is_number(&ty) && text.parse::<f64>().is_ok() => {
                    ParsedExpr::Number(text)
                }
                left => left,
            }));
        }
        if token.is("[") {
            self.at += 1;
            let mut parts = vec![left];
            parts.extend(self.parse_list("]")?);
            return Some(Some(call("element", parts)));
        }
        let negated = token.is("not");
        let word = match self.tokens.get(self.at + usize::from(negated)) {
            Some(token) if token.kind == TokenKind::Word => token.name()?.into_owned(),
            Some(token) if is_sign(token) && !negated => {
                return self.parse_operator(left, token.text.to_owned(), least);
            }
            _ => return Some(None),
        };
        let binds = match word.as_str() {
            "or" => power::OR,
            "and" => power::AND,
            "is" | "isnull" | "notnull" => power::IS,
            "in" | "between" | "like" | "ilike" | "glob" | "regexp" => power::IN,
            "at" | "collate" => power::ZONE,
            _ => return Some(None),
        };
        if binds <= least {
            return Some(None);
        }
        self.at += 1 + usize::from(negated);
        let not = |expr: ParsedExpr| if negated { call("not", vec![expr]) } else { expr };
        Some(Some(match word.as_str() {
            "or" | "and" => chain(&word, left, self.parse_operand(binds)?),
            "is" => self.parse_is(left)?,
            "isnull" => call("is null", vec![left]),
            "notnull" => call("is not null", vec![left]),
            "in" => {
                self.want("(")?;
                one_of(left, self.parse_list(")")?, negated)
            }
            "between" => {
                let low = self.parse_operand(binds)?;
                self.want("and")?;
                let high = self.parse_operand(binds)?;
                let parts = |low_sign: &str, high_sign: &str| {
                    [
                        call(low_sign, vec![left.clone(), low.clone()]),
                        call(high_sign, vec![left.clone(), high.clone()]),
                    ]
                };
                if negated {
                    call("or", parts("<", ">").to_vec())
                } else {
                    call("and", parts(">=", "<=").to_vec())
                }
            }
            "like" | "ilike" => {
                let sign = if word == "like" { "~~" } else { "~~*" };
                let sign = if negated { format!("!{sign}") } else { sign.to_owned() };
                ParsedExpr::Call(sign, vec![left, self.parse_operand(binds)?])
            }
            "at" => {
                self.want("time")?;
                self.want("zone")?;
                call("timezone", vec![self.parse_operand(binds)?, left])
            }
            _ => not(ParsedExpr::Call(word, vec![left, self.parse_operand(binds)?])),
        }))
    }

    fn parse_is(&mut self, left: ParsedExpr) -> Option<ParsedExpr> {
        let not = if self.eat("not") { "not " } else { "" };
        if self.eat("distinct") {
            self.want("from")?;
            let right = self.parse_operand(power::IS)?;
            return Some(ParsedExpr::Call(format!("is {not}distinct"), vec![left, right]));
        }
        let what = self.next().filter(|token| token.kind == TokenKind::Word)?.name()?;
        Some(ParsedExpr::Call(format!("is {not}{what}"), vec![left]))
    }

    fn parse_operator(
        &mut self,
        left: ParsedExpr,
        sign: String,
        least: u8,
    ) -> Option<Option<ParsedExpr>> {
        let binds = match sign.as_str() {
            "," | ")" | "]" | "(" | "." | ";" => return Some(None),
            "<" | ">" | "=" | "<=" | ">=" | "<>" | "!=" | "==" => power::COMPARE,
            "+" | "-" => power::ADD,
            "*" | "/" | "%" => power::MULTIPLY,
            _ => power::OTHER,
        };
        if binds <= least {
            return Some(None);
        }
        self.at += 1;
        let sign = match sign.as_str() {
            "!=" => "<>".to_owned(),
            "==" => "=".to_owned(),
            _ => sign,
        };
        let is_any = self.eat("any") || self.eat("some");
        if is_any || self.eat("all") {
            self.want("(")?;
            let mut list = self.parse_list(")")?;
            let list = (list.len() == 1).then(|| list.remove(0))?;
            let (membership, word) = if is_any { ("=", "any") } else { ("<>", "all") };
            return Some(Some(match list {
                ParsedExpr::Call(array, items) if array == "array" && sign == membership => {
                    one_of(left, items, !is_any)
                }
                list => ParsedExpr::Call(format!("{sign} {word}"), vec![left, list]),
            }));
        }
        Some(Some(ParsedExpr::Call(sign, vec![left, self.parse_operand(binds)?])))
    }

    /// Parses a type and returns its first word: `double precision`, `numeric(10,2)`, `text[]`.
    fn parse_type(&mut self) -> Option<String> {
        let first = self.next()?.name()?.into_owned();
        loop {
            let more = ["precision", "varying", "with", "without", "time", "zone"];
            if more.iter().any(|word| self.eat(word)) {
            } else if self.eat(".") {
                self.next()?;
            } else if self.eat("(") {
                self.parse_list(")")?;
            } else if self.peek().is_some_and(|token| token.is("["))
                && self.tokens.get(self.at + 1).is_some_and(|token| token.is("]"))
            {
                self.at += 2;
            } else {
                return Some(first);
            }
        }
    }
}

fn is_sign(token: &Token<'_>) -> bool {
    matches!(token.kind, TokenKind::Sign | TokenKind::Semicolon)
}

fn is_number(ty: &str) -> bool {
    ["integer", "bigint", "smallint", "numeric", "double", "real"].contains(&ty)
}

fn call(name: &str, parts: Vec<ParsedExpr>) -> ParsedExpr {
    ParsedExpr::Call(name.to_owned(), parts)
}

/// Returns `a AND b AND c` as one call, however it was grouped.
fn chain(word: &str, left: ParsedExpr, right: ParsedExpr) -> ParsedExpr {
    let mut parts = Vec::new();
    for side in [left, right] {
        match side {
            ParsedExpr::Call(name, inner) if name == word => parts.extend(inner),
            other => parts.push(other),
        }
    }
    call(word, parts)
}

/// Returns `a IN (…)`; with one value `a = …`.
fn one_of(left: ParsedExpr, mut values: Vec<ParsedExpr>, negated: bool) -> ParsedExpr {
    if values.len() == 1 {
        let sign = if negated { "<>" } else { "=" };
        return call(sign, vec![left, values.remove(0)]);
    }
    let mut parts = vec![left];
    parts.extend(values);
    call(if negated { "not in" } else { "in" }, parts)
}

#[cfg(test)]
mod tests {
    use super::*;

    const HERE: Dialect = Dialect::Postgres;

    #[test]
    fn a_list_has_no_order() {
        assert!(have_same_meaning(
            HERE,
            "status IN ('b', 'a')",
            "(status = ANY (ARRAY['a'::text, 'b'::text]))"
        ));
        assert!(have_same_meaning(HERE, "ts.n > 0 AND public.ts.m > 0", "n > 0 AND m > 0"));
        assert!(!have_same_meaning(HERE, "ts.n > 0", "m > 0"));
        assert!(!have_same_meaning(HERE, "status IN ('b', 'b')", "status IN ('a', 'b')"));
    }

    #[test]
    fn as_written_and_as_printed() {
        for (written, printed) in [
            ("rank > 0", "(rank > 0)"),
            ("title <> ''", "(title <> ''::text)"),
            ("title != ''", "(title <> ''::text)"),
            ("status IN ('a', 'b')", "(status = ANY (ARRAY['a'::text, 'b'::text]))"),
            (
                "status in ('a','b')",
                "((status)::text = ANY ((ARRAY['a'::character varying, 'b'::character varying])::text[]))",
            ),
            ("status IN ('a')", "(status = 'a'::text)"),
            ("status NOT IN (1, 2)", "(status <> ALL (ARRAY[1, 2]))"),
            ("a BETWEEN 1 AND 5 AND b", "(((a >= 1) AND (a <= 5)) AND b)"),
            ("a > 0 AND b > 0 OR c", "(((a > 0) AND (b > 0)) OR c)"),
            ("a LIKE 'x%'", "(a ~~ 'x%'::text)"),
            ("a NOT LIKE 'x%'", "(a !~~ 'x%'::text)"),
            ("char_length(a) <= 20", "(char_length((a)::text) <= 20)"),
            ("price >= 0", "(price >= (0)::numeric)"),
            ("a > -1", "(a > '-1'::integer)"),
            ("a > -1", "(a > (-1))"),
            ("NOT a", "(NOT a)"),
            ("a IS NOT NULL OR b IS NULL", "((a IS NOT NULL) OR (b IS NULL))"),
            ("starts_at < ends_at", "(starts_at < ends_at)"),
            ("data ? 'name'", "(data ? 'name'::text)"),
            (
                "(extract(epoch FROM now()) * 1000)::bigint",
                "((EXTRACT(epoch FROM now()) * (1000)::numeric))::bigint",
            ),
            ("(now() AT TIME ZONE 'UTC')::date", "((now() AT TIME ZONE 'UTC'::text))::date"),
            ("now()", "CURRENT_TIMESTAMP"),
            ("a > now() - interval '1 day'", "(a > (now() - '1 day'::interval))"),
            ("CASE WHEN a THEN 1 ELSE 2 END > 1", "(CASE WHEN a THEN 1 ELSE 2 END > 1)"),
            ("a || b <> 'x'", "((a || b) <> 'x'::text)"),
            ("lower(email)", "lower(email)"),
            ("\"userId\" > 1", "userId > 1"),
            ("lower(\"Email\") = 'A'", "(lower(\"Email\") = 'A'::text)"),
        ] {
            let (a, b) = (parse_expression(HERE, written), parse_expression(HERE, printed));
            assert!(a.is_some() && a == b, "{written}\n{a:?}\n{b:?}");
        }
    }

    #[test]
    fn brackets_of_an_index() {
        for text in ["a || b", "data->>'a'", "a::text", "lower(a) || lower(b)", "NOT a"] {
            assert!(needs_brackets(HERE, text), "{text}");
        }
        for text in
            ["a", "\"B\"", "lower(a)", "(a || b)", "a desc", "a COLLATE nocase", "f((a), b)"]
        {
            assert!(!needs_brackets(HERE, text), "{text}");
        }
    }

    #[test]
    fn what_differs_stays_different() {
        for (a, b) in [
            ("a > 0", "a > 1"),
            ("a > 0", "a >= 0"),
            ("(a OR b) AND c", "a OR (b AND c)"),
            ("a IN ('x', 'y')", "a IN ('x', 'z')"),
            ("a IN ('x', 'x')", "a IN ('x', 'y')"),
            ("coalesce(a, b)", "coalesce(b, a)"),
            ("a = 'x'", "a = 'X'"),
            ("a IS NULL", "a IS NOT NULL"),
        ] {
            assert!(!have_same_meaning(HERE, a, b), "{a} and {b}");
        }
    }
}
