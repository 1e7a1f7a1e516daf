//! The words of SQL text, for both databases.

/// A word of SQL.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Token {
    /// A bare word, in lower case.
    Word(String),
    /// A quoted name, as it is.
    Quoted(String),
    /// A text.
    Text(String),
    /// A number.
    Number(String),
    /// An operator or bracket.
    Sign(String),
}

impl Token {
    /// Whether it is this bare word or sign.
    pub fn is(&self, what: &str) -> bool {
        matches!(self, Token::Word(text) | Token::Sign(text) if text == what)
    }

    /// The name that it is.
    pub fn name(&self) -> Option<&str> {
        match self {
            Token::Word(name) | Token::Quoted(name) => Some(name),
            _ => None,
        }
    }
}

/// The words without their places.
pub fn tokens(text: &str) -> Vec<Token> {
    placed(text).into_iter().map(|(token, _, _)| token).collect()
}

/// The words, and from where to where each of them stands.
pub fn placed(text: &str) -> Vec<(Token, usize, usize)> {
    let mut found = Vec::new();
    let mut at = 0;
    while let Some(c) = text[at..].chars().next() {
        let rest = &text[at..];
        let (token, length) = match c {
            c if c.is_whitespace() => (None, c.len_utf8()),
            '-' if rest.starts_with("--") => (None, rest.find('\n').unwrap_or(rest.len())),
            '/' if rest.starts_with("/*") => {
                (None, rest.find("*/").map_or(rest.len(), |at| at + 2))
            }
            '\'' => text_token(rest, 0),
            'e' | 'E' if rest[1..].starts_with('\'') => {
                let (token, length) = text_token(rest, 1);
                (token.map(unescaped), length)
            }
            'u' | 'U' if rest[1..].starts_with("&'") => text_token(rest, 2),
            '"' | '`' => {
                let end = quoted(rest, c);
                let twice = format!("{c}{c}");
                let name = rest[1..end].strip_suffix(c).unwrap_or(&rest[1..end]);
                let name = name.replace(&twice, &c.to_string());
                (Some(Token::Quoted(name)), end)
            }
            c if is_word(c) && !c.is_ascii_digit() => {
                let end = rest.find(|c| !is_word(c)).unwrap_or(rest.len());
                (Some(Token::Word(rest[..end].to_lowercase())), end)
            }
            c if c.is_ascii_digit() => {
                let part = |c: char| !(c.is_ascii_alphanumeric() || c == '.' || c == '_');
                let end = rest.find(part).unwrap_or(rest.len());
                (Some(Token::Number(rest[..end].to_lowercase())), end)
            }
            _ => {
                let end = sign(rest);
                (Some(Token::Sign(rest[..end].to_owned())), end)
            }
        };
        if let Some(token) = token {
            found.push((token, at, at + length));
        }
        at += length;
    }
    found
}

fn is_word(c: char) -> bool {
    c.is_alphanumeric() || c == '_' || c == '$'
}

/// A text after a prefix of that many bytes.
fn text_token(rest: &str, prefix: usize) -> (Option<Token>, usize) {
    let end = prefix + quoted(&rest[prefix..], '\'');
    let inner = &rest[prefix + 1..end];
    let inner = inner.strip_suffix('\'').unwrap_or(inner);
    (Some(Token::Text(inner.replace("''", "'"))), end)
}

/// PostgreSQL prints backslashes twice, behind an `E`.
fn unescaped(token: Token) -> Token {
    match token {
        Token::Text(text) => Token::Text(text.replace("\\\\", "\\")),
        other => other,
    }
}

/// Where a quoted word ends; its quote doubled is a quote inside.
fn quoted(text: &str, quote: char) -> usize {
    let mut from = 1;
    while let Some(at) = text[from..].find(quote) {
        let end = from + at + 1;
        if !text[end..].starts_with(quote) {
            return end;
        }
        from = end + 1;
    }
    text.len()
}

/// How long an operator is. One that ends in a sign of numbers is two.
/// <https://www.postgresql.org/docs/current/sql-syntax-lexical.html#SQL-SYNTAX-OPERATORS>
fn sign(rest: &str) -> usize {
    if rest.starts_with("::") {
        return 2;
    }
    let is_operator = |c: char| "+-*/<>=~!@#%^&|?".contains(c);
    let mut end = rest.find(|c| !is_operator(c)).unwrap_or(rest.len());
    for comment in ["--", "/*"] {
        end = rest[..end].find(comment).filter(|at| *at > 0).unwrap_or(end);
    }
    let special = |text: &str| text.contains(['~', '!', '@', '#', '%', '^', '&', '|', '?']);
    let arrow = |text: &str| text.starts_with("->");
    while end > 1
        && rest[..end].ends_with(['+', '-'])
        && !special(&rest[..end])
        && !arrow(&rest[..end])
    {
        end -= 1;
    }
    if end == 0 { rest.chars().next().map_or(1, char::len_utf8) } else { end }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn words_of_sql() {
        let all = tokens("a>-1 AND \"B\"\"c\"\"\"<>'it''s' -- no\n OR x::text[] || E'\\\\d'/*c*/");
        let shown: Vec<String> = all.iter().map(|token| format!("{token:?}")).collect();
        assert_eq!(
            shown.join(" "),
            "Word(\"a\") Sign(\">\") Sign(\"-\") Number(\"1\") Word(\"and\") Quoted(\"B\\\"c\\\"\") \
             Sign(\"<>\") Text(\"it's\") Word(\"or\") Word(\"x\") Sign(\"::\") Word(\"text\") Sign(\"[\") \
             Sign(\"]\") Sign(\"||\") Text(\"\\\\d\")"
        );
    }
}
