//! Splits a text into its statements.

use super::{Dialect, Token, TokenKind, tokens};

/// A statement without its semicolon and without comments before or after it.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct StatementText<'a> {
    /// The text.
    pub text: &'a str,
    /// The line at which it begins, from 1.
    pub line: usize,
    /// The comments `-- …` between the previous statement and this one that are alone on their line,
    /// without the dashes and the white space around them.
    pub comments: Vec<&'a str>,
}

/// An opening delimiter without the closing one.
#[derive(Debug, PartialEq, Eq)]
pub struct Unclosed {
    /// What is not closed: "a text".
    pub what: &'static str,
    /// The line of the opening delimiter, from 1.
    pub line: usize,
}

/// Splits a text into its statements. Semicolons in strings, names, comments, dollar quotes and the
/// bodies of triggers and SQL functions (`BEGIN … END`) do not end a statement.
///
/// # Errors
/// A string, name, comment or body is not closed.
pub fn split_statements(dialect: Dialect, text: &str) -> Result<Vec<StatementText<'_>>, Unclosed> {
    let mut found = Vec::new();
    let mut open = Open::default();
    for token in tokens(dialect, text) {
        if let Some(what) = token.unclosed {
            return Err(Unclosed { what, line: line_of(text, token.start) });
        }
        match token.kind {
            TokenKind::Space => {}
            TokenKind::Comment => open.comments.extend(line_comment(text, &token)),
            TokenKind::Semicolon if open.depth == 0 => {
                found.extend(std::mem::take(&mut open).statement(text));
            }
            _ => open.push(token),
        }
    }
    if open.depth > 0 {
        return Err(Unclosed {
            what: "a body that begins with BEGIN",
            line: line_of(text, open.body),
        });
    }
    found.extend(open.statement(text));
    Ok(found)
}

/// The current statement.
#[derive(Default)]
struct Open<'a> {
    comments: Vec<&'a str>,
    /// From the start of its first token to the end of its last one.
    range: Option<(usize, usize)>,
    /// Whether it contains the word TRIGGER.
    is_trigger: bool,
    /// Whether the previous word is BEGIN.
    after_begin: bool,
    /// The number of open BEGIN and CASE of a body.
    depth: usize,
    body: usize,
}

impl<'a> Open<'a> {
    fn push(&mut self, token: Token<'a>) {
        if self.range.is_none() {
            self.range = Some((token.start, token.end()));
        } else if let Some((_, end)) = &mut self.range {
            *end = token.end();
        }
        if token.kind != TokenKind::Word {
            return;
        }
        // For SQLite's triggers; `BEGIN ATOMIC` of PostgreSQL is recognised by its second word.
        let opens = if self.depth > 0 {
            token.is("CASE")
        } else {
            (token.is("BEGIN") && self.is_trigger) || (token.is("ATOMIC") && self.after_begin)
        };
        if opens {
            if self.depth == 0 {
                self.body = token.start;
            }
            self.depth += 1;
        } else if token.is("END") && self.depth > 0 {
            self.depth -= 1;
        }
        self.is_trigger |= token.is("TRIGGER");
        self.after_begin = token.is("BEGIN");
    }

    fn statement(self, text: &'a str) -> Option<StatementText<'a>> {
        let (start, end) = self.range?;
        let line = line_of(text, start);
        Some(StatementText { text: &text[start..end], line, comments: self.comments })
    }
}

/// Returns the text of a comment `-- …` that begins its line.
fn line_comment<'a>(text: &'a str, token: &Token<'a>) -> Option<&'a str> {
    let before = &text[..token.start];
    let line = before.rfind(['\n', '\r']).map_or(before, |at| &before[at + 1..]);
    let comment = token.text.strip_prefix("--").filter(|_| line.trim().is_empty())?;
    Some(comment.trim())
}

fn line_of(text: &str, at: usize) -> usize {
    text[..at].matches('\n').count() + 1
}

/// Returns a statement without comments and with single spaces, for checksums: names, strings, words
/// and numbers, and each sign by itself. Unclosed text stays as it is.
///
/// Checksums of migration files depend on this form, so it must not change when the lexer does.
pub fn without_blanks(dialect: Dialect, statement: &str) -> String {
    let mut parts = Vec::new();
    let mut code = 0..0; // tokens side by side that are neither quoted nor blank
    for token in tokens(dialect, statement) {
        if token.unclosed.is_some() {
            return statement.to_owned();
        }
        let quote = match token.kind {
            TokenKind::Text | TokenKind::QuotedName => Some(unquoted_prefix(token.text)),
            TokenKind::Space | TokenKind::Comment => Some(0),
            _ => None,
        };
        if code.end != token.start {
            code = token.start..token.start;
        }
        code.end = token.start + quote.unwrap_or(token.text.len());
        if quote.is_some() {
            parts.extend(split_code(&statement[code.clone()]));
            if !token.is_blank() {
                parts.push(&statement[code.end..token.end()]);
            }
            code = token.end()..token.end();
        }
    }
    parts.extend(split_code(&statement[code]));
    parts.join(" ")
}

/// Returns the length of the `U&` before a quote, which counts as code; the `E` belongs to its string.
fn unquoted_prefix(text: &str) -> usize {
    if text.starts_with(['u', 'U']) { 2 } else { 0 }
}

/// Splits code into words and numbers, and each sign by itself.
fn split_code(code: &str) -> Vec<&str> {
    let is_word = |c: char| c.is_alphanumeric() || c == '_';
    let mut found = Vec::new();
    let mut rest = code;
    while let Some(first) = rest.chars().next() {
        let len = if is_word(first) {
            rest.find(|c| !is_word(c) && c != '$').unwrap_or(rest.len())
        } else {
            first.len_utf8()
        };
        if !first.is_whitespace() {
            found.push(&rest[..len]);
        }
        rest = &rest[len..];
    }
    found
}
