//! The lexer: splits a text into tokens, by the rules of one database.
//!
//! The tokens cover the text without gaps, white space and comments included. A token that is opened
//! and not closed extends to the end of the text and is marked ([`Token::unclosed`]).
//!
//! Rules: [PostgreSQL](https://www.postgresql.org/docs/current/sql-syntax-lexical.html) with
//! `standard_conforming_strings` on, [SQLite](https://www.sqlite.org/draft/tokenreq.html).

use std::borrow::Cow;
use std::ops::Range;

use super::Dialect;

/// A token of SQL with its position in the text.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Token<'a> {
    /// Its kind.
    pub kind: TokenKind,
    /// The text, as written.
    pub text: &'a str,
    /// The position of its first byte.
    pub start: usize,
    /// For a token that is not closed and extends to the end of the text: what it is.
    pub unclosed: Option<&'static str>,
}

/// The kinds of tokens.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum TokenKind {
    /// White space.
    Space,
    /// `-- …` or `/* … */`.
    Comment,
    /// A keyword or a name without quotes.
    Word,
    /// `"name"`; on SQLite also `[name]` and `` `name` ``.
    QuotedName,
    /// A string: `'text'`; on PostgreSQL also `E'…'`, `U&'…'` and `$tag$ … $tag$`.
    Text,
    /// A number.
    Number,
    /// `$1`; on SQLite also `?`, `?1`, `:name`, `@name` and `$name`.
    Parameter,
    /// A semicolon.
    Semicolon,
    /// An operator, a bracket, a comma or a dot.
    Sign,
}

impl<'a> Token<'a> {
    /// Returns the position after its last byte.
    pub fn end(&self) -> usize {
        self.start + self.text.len()
    }

    /// Returns its range in the text.
    pub fn range(&self) -> Range<usize> {
        self.start..self.end()
    }

    /// Whether it is white space or a comment.
    pub fn is_blank(&self) -> bool {
        matches!(self.kind, TokenKind::Space | TokenKind::Comment)
    }

    /// Whether it is this keyword, in any case, or this sign.
    pub fn is(&self, what: &str) -> bool {
        match self.kind {
            TokenKind::Word => self.text.eq_ignore_ascii_case(what),
            TokenKind::Sign | TokenKind::Semicolon => self.text == what,
            _ => false,
        }
    }

    /// Returns the name: in lower case if it has no quotes, as PostgreSQL stores it, otherwise without
    /// its quotes. `None` for other tokens.
    pub fn name(&self) -> Option<Cow<'a, str>> {
        match self.kind {
            TokenKind::Word => Some(lower(self.text)),
            TokenKind::QuotedName => Some(self.unquoted()),
            _ => None,
        }
    }

    /// Returns the name as written, without quotes. `None` for tokens that are not names.
    pub fn written_name(&self) -> Option<Cow<'a, str>> {
        match self.kind {
            TokenKind::Word => Some(Cow::Borrowed(self.text)),
            TokenKind::QuotedName => Some(self.unquoted()),
            _ => None,
        }
    }

    fn unquoted(&self) -> Cow<'a, str> {
        let mut chars = self.text.chars();
        let open = chars.next().unwrap_or('"');
        let (close, rest) = match open {
            '[' => (']', chars.as_str()),
            // `U&"name"`.
            'u' | 'U' => ('"', self.text.get(3..).unwrap_or_default()),
            open => (open, chars.as_str()),
        };
        let inner = rest.strip_suffix(close).filter(|_| self.unclosed.is_none()).unwrap_or(rest);
        if close != ']' && inner.contains(close) {
            Cow::Owned(inner.replace(&format!("{close}{close}"), &close.to_string()))
        } else {
            Cow::Borrowed(inner)
        }
    }

    /// Returns the value of a string, without quotes and prefix. Of the escapes of an `E'…'` only the
    /// doubled backslash is decoded, the only one that PostgreSQL prints.
    pub fn text_value(&self) -> Option<Cow<'a, str>> {
        if self.kind != TokenKind::Text {
            return None;
        }
        if self.text.starts_with('$') {
            let tag = self.text[1..].find('$').map_or(0, |at| at + 2);
            let end = self.text.len() - if self.unclosed.is_some() { 0 } else { tag };
            return Some(Cow::Borrowed(&self.text[tag..end.max(tag)]));
        }
        let (prefix, inner) = self.text.split_once('\'')?;
        let inner = inner.strip_suffix('\'').filter(|_| self.unclosed.is_none()).unwrap_or(inner);
        let escapes = prefix.eq_ignore_ascii_case("e") && inner.contains("\\\\");
        if !escapes && !inner.contains('\'') {
            return Some(Cow::Borrowed(inner));
        }
        let value = inner.replace("''", "'");
        Some(Cow::Owned(if escapes { value.replace("\\\\", "\\") } else { value }))
    }
}

fn lower(text: &str) -> Cow<'_, str> {
    if text.chars().any(char::is_uppercase) {
        Cow::Owned(text.to_lowercase())
    } else {
        Cow::Borrowed(text)
    }
}

/// An iterator over the tokens of a text.
#[derive(Clone, Debug)]
pub struct Tokens<'a> {
    dialect: Dialect,
    text: &'a str,
    at: usize,
    continued: Option<Continued>,
}

/// A string of PostgreSQL that can continue after white space with a line break, by the same rules.
#[derive(Clone, Copy, Debug)]
struct Continued {
    /// Whether a backslash is an escape.
    escapes: bool,
    /// Whether there was a line break.
    breaks: bool,
}

/// Returns the tokens of a text, white space and comments included.
pub fn tokens(dialect: Dialect, text: &str) -> Tokens<'_> {
    Tokens { dialect, text, at: 0, continued: None }
}

/// Returns the tokens of a text without white space and comments.
pub fn words(dialect: Dialect, text: &str) -> Vec<Token<'_>> {
    tokens(dialect, text).filter(|token| !token.is_blank()).collect()
}

impl<'a> Iterator for Tokens<'a> {
    type Item = Token<'a>;

    fn next(&mut self) -> Option<Token<'a>> {
        let rest = self.text.get(self.at..).filter(|rest| !rest.is_empty())?;
        let scanned = match (self.dialect, self.continued) {
            (_, Some(Continued { escapes, breaks: true })) if rest.starts_with('\'') => {
                Scanned::until(TokenKind::Text, quoted(rest, '\'', escapes), rest, TEXT)
            }
            (Dialect::Postgres, _) => postgres(rest),
            (Dialect::Sqlite, _) => sqlite(rest),
        };
        let text = &rest[..scanned.len];
        let token = Token { kind: scanned.kind, text, start: self.at, unclosed: scanned.unclosed };
        self.at += scanned.len;
        self.continued = self.continued_after(&token);
        Some(token)
    }
}

impl Tokens<'_> {
    fn continued_after(&self, token: &Token<'_>) -> Option<Continued> {
        match token.kind {
            _ if self.dialect != Dialect::Postgres => None,
            TokenKind::Text if !token.text.starts_with('$') => {
                let goes_on = token.text.starts_with('\'');
                let escapes = match self.continued {
                    Some(before) if goes_on && before.breaks => before.escapes,
                    _ => token.text.starts_with(['e', 'E']),
                };
                Some(Continued { escapes, breaks: false })
            }
            TokenKind::Space => {
                let breaks = token.text.contains(['\n', '\r']);
                self.continued.map(|before| Continued { breaks: before.breaks || breaks, ..before })
            }
            TokenKind::Comment if token.text.starts_with("--") => self.continued,
            _ => None,
        }
    }
}

/// The token at the start of a text.
struct Scanned {
    kind: TokenKind,
    len: usize,
    unclosed: Option<&'static str>,
}

impl Scanned {
    fn new(kind: TokenKind, len: usize) -> Scanned {
        Scanned { kind, len, unclosed: None }
    }

    /// Returns a token whose closing delimiter may be missing.
    fn until(kind: TokenKind, end: Option<usize>, text: &str, what: &'static str) -> Scanned {
        match end {
            Some(len) => Scanned::new(kind, len),
            None => Scanned { kind, len: text.len(), unclosed: Some(what) },
        }
    }
}

const TEXT: &str = "a text";
const NAME: &str = "a quoted name";
const COMMENT: &str = "a comment";
const DOLLAR: &str = "a dollar quote";

/// Scans the token at the start of a non-empty text, on PostgreSQL.
fn postgres(text: &str) -> Scanned {
    let first = text.chars().next().unwrap_or(' ');
    match first {
        ' ' | '\t' | '\n' | '\r' | '\u{b}' | '\u{c}' => {
            let is_space = |c| matches!(c, ' ' | '\t' | '\n' | '\r' | '\u{b}' | '\u{c}');
            Scanned::new(TokenKind::Space, run_length(text, is_space))
        }
        ';' => Scanned::new(TokenKind::Semicolon, 1),
        '-' if text.starts_with("--") => {
            Scanned::new(TokenKind::Comment, run_length(text, |c| c != '\n' && c != '\r'))
        }
        '/' if text.starts_with("/*") => {
            Scanned::until(TokenKind::Comment, nested_comment(text), text, COMMENT)
        }
        '\'' => Scanned::until(TokenKind::Text, text_end(text, 0, false), text, TEXT),
        'e' | 'E' if text[1..].starts_with('\'') => {
            Scanned::until(TokenKind::Text, text_end(text, 1, true), text, TEXT)
        }
        'u' | 'U' if text[1..].starts_with("&'") => {
            Scanned::until(TokenKind::Text, text_end(text, 2, false), text, TEXT)
        }
        '"' => Scanned::until(TokenKind::QuotedName, quoted(text, '"', false), text, NAME),
        'u' | 'U' if text[1..].starts_with("&\"") => {
            let end = quoted(&text[2..], '"', false).map(|end| end + 2);
            Scanned::until(TokenKind::QuotedName, end, text, NAME)
        }
        '$' => match dollar_tag(text) {
            Some(tag) => {
                let end = text[tag.len()..].find(tag).map(|at| at + 2 * tag.len());
                Scanned::until(TokenKind::Text, end, text, DOLLAR)
            }
            None => match run_length(&text[1..], |c| c.is_ascii_digit()) {
                0 => Scanned::new(TokenKind::Sign, 1),
                digits => Scanned::new(TokenKind::Parameter, 1 + digits),
            },
        },
        c if starts_name(c) => Scanned::new(TokenKind::Word, run_length(text, continues_name)),
        _ => match number_length(text) {
            0 => Scanned::new(TokenKind::Sign, postgres_sign(text)),
            len => Scanned::new(TokenKind::Number, len),
        },
    }
}

/// Scans the token at the start of a non-empty text, on SQLite.
fn sqlite(text: &str) -> Scanned {
    let first = text.chars().next().unwrap_or(' ');
    match first {
        c if is_sqlite_space(c) => {
            Scanned::new(TokenKind::Space, run_length(text, is_sqlite_space))
        }
        ';' => Scanned::new(TokenKind::Semicolon, 1),
        // In contrast to PostgreSQL, a carriage return does not end it.
        '-' if text.starts_with("--") => {
            Scanned::new(TokenKind::Comment, run_length(text, |c| c != '\n'))
        }
        '/' if text.starts_with("/*") => {
            let end = text[2..].find("*/").map(|at| at + 4);
            Scanned::until(TokenKind::Comment, end, text, COMMENT)
        }
        '\'' => Scanned::until(TokenKind::Text, quoted(text, '\'', false), text, TEXT),
        '"' | '`' => Scanned::until(TokenKind::QuotedName, quoted(text, first, false), text, NAME),
        '[' => Scanned::until(TokenKind::QuotedName, text.find(']').map(|at| at + 1), text, NAME),
        '?' => {
            Scanned::new(TokenKind::Parameter, 1 + run_length(&text[1..], |c| c.is_ascii_digit()))
        }
        '$' | '@' | ':' | '#' => match sqlite_variable(text) {
            0 => Scanned::new(TokenKind::Sign, 1),
            len => Scanned::new(TokenKind::Parameter, len),
        },
        c if starts_name(c) => Scanned::new(TokenKind::Word, run_length(text, continues_name)),
        _ => match number_length(text) {
            0 => Scanned::new(TokenKind::Sign, sqlite_sign(text)),
            len => Scanned::new(TokenKind::Number, len),
        },
    }
}

/// Returns the number of bytes at the start of a text whose characters meet the condition.
fn run_length(text: &str, is_part: impl Fn(char) -> bool) -> usize {
    text.find(|c| !is_part(c)).unwrap_or(text.len())
}

/// Both databases treat every non-ASCII character as a letter, even white space.
fn starts_name(c: char) -> bool {
    c.is_ascii_alphabetic() || c == '_' || !c.is_ascii()
}

fn continues_name(c: char) -> bool {
    c.is_ascii_alphanumeric() || c == '_' || c == '$' || !c.is_ascii()
}

/// SQLite ignores a byte order mark.
fn is_sqlite_space(c: char) -> bool {
    matches!(c, ' ' | '\t' | '\n' | '\r' | '\u{b}' | '\u{c}' | '\u{feff}')
}

/// Returns the end of a quoted token at the start of a text. A doubled quote is part of the token, and
/// with `escapes` so is a quote after a backslash.
fn quoted(text: &str, quote: char, escapes: bool) -> Option<usize> {
    let mut chars = text.char_indices().skip(1).peekable();
    while let Some((at, c)) = chars.next() {
        if escapes && c == '\\' {
            chars.next();
        } else if c == quote && chars.next_if(|(_, next)| *next == quote).is_none() {
            return Some(at + 1);
        }
    }
    None
}

/// Returns the end of a string after a prefix of `prefix` bytes.
fn text_end(text: &str, prefix: usize, escapes: bool) -> Option<usize> {
    Some(prefix + quoted(&text[prefix..], '\'', escapes)?)
}

/// Returns the end of a block comment of PostgreSQL, where they nest.
fn nested_comment(text: &str) -> Option<usize> {
    let bytes = text.as_bytes();
    let (mut depth, mut at) = (0, 0);
    while at + 1 < bytes.len() {
        match &bytes[at..at + 2] {
            b"/*" => depth += 1,
            b"*/" => depth -= 1,
            _ => {
                at += 1;
                continue;
            }
        }
        at += 2;
        if depth == 0 {
            return Some(at);
        }
    }
    None
}

/// Returns `$$` or `$tag$` at the start of a text.
fn dollar_tag(text: &str) -> Option<&str> {
    let close = text[1..].find('$')?;
    let tag = &text[1..=close];
    let is_tag = tag.chars().next().is_none_or(starts_name) && tag.chars().all(continues_name);
    is_tag.then(|| &text[..close + 2])
}

/// Returns the length of the number at the start of a text, or 0.
fn number_length(text: &str) -> usize {
    let digits = |text: &str| run_length(text, |c| c.is_ascii_digit() || c == '_');
    let starts = |text: &str| text.starts_with(|c: char| c.is_ascii_digit());
    if !(starts(text) || text.starts_with('.') && starts(&text[1..])) {
        return 0;
    }
    let radix =
        text.get(..2).is_some_and(|head| ["0x", "0o", "0b"].contains(&&*head.to_ascii_lowercase()));
    if radix && text[2..].starts_with(|c: char| c.is_ascii_hexdigit()) {
        return 2 + run_length(&text[2..], |c| c.is_ascii_hexdigit() || c == '_');
    }
    let mut at = digits(text);
    if text[at..].starts_with('.') {
        at += 1 + digits(&text[at + 1..]);
    }
    let rest = &text[at..];
    if rest.starts_with(['e', 'E']) {
        let sign = usize::from(rest[1..].starts_with(['+', '-']));
        if starts(&rest[1 + sign..]) {
            at += 1 + sign + digits(&rest[1 + sign..]);
        }
    }
    at
}

/// Returns the length of a parameter of SQLite, or 0 without a name after the sign. As in Tcl, the
/// name can be followed by `::name` and, in brackets, by anything without white space.
fn sqlite_variable(text: &str) -> usize {
    let mut at = 1;
    let mut named = false;
    loop {
        let rest = &text[at..];
        let name = run_length(rest, continues_name);
        if name > 0 {
            (at, named) = (at + name, true);
        } else if rest.starts_with("::") {
            at += 2;
        } else if rest.starts_with('(') && named {
            let inner = run_length(&rest[1..], |c| c != ')' && !is_sqlite_space(c));
            let is_closed = rest[1 + inner..].starts_with(')');
            return if is_closed { at + 2 + inner } else { at };
        } else {
            return if named { at } else { 0 };
        }
    }
}

/// Returns the length of an operator or another sign on PostgreSQL. An operator ends before a comment,
/// and ends in `+` or `-` only if it contains a character that no standard operator has.
/// <https://www.postgresql.org/docs/current/sql-syntax-lexical.html#SQL-SYNTAX-OPERATORS>
fn postgres_sign(text: &str) -> usize {
    if let Some(sign) = ["::", ":=", ".."].into_iter().find(|sign| text.starts_with(sign)) {
        return sign.len();
    }
    let mut end = run_length(text, |c| "+-*/<>=~!@#%^&|`?".contains(c));
    for comment in ["--", "/*"] {
        end = text[..end].find(comment).unwrap_or(end);
    }
    let is_special = |text: &str| text.contains(['~', '!', '@', '#', '%', '^', '&', '|', '`', '?']);
    while end > 1 && text[..end].ends_with(['+', '-']) && !is_special(&text[..end]) {
        end -= 1;
    }
    end.max(text.chars().next().map_or(1, char::len_utf8))
}

/// Returns the length of an operator or another sign on SQLite.
fn sqlite_sign(text: &str) -> usize {
    let signs = ["->>", "->", "||", "<=", ">=", "<>", "<<", ">>", "!=", "=="];
    let sign = signs.into_iter().find(|sign| text.starts_with(sign));
    sign.map_or_else(|| text.chars().next().map_or(1, char::len_utf8), str::len)
}
