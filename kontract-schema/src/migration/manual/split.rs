//! SQL text into statements, and which statements a migration must not have.

use crate::dialect::Dialect;
use crate::migration::run_mode::Mode;

/// A statement without its semicolon and without comments before or after it.
#[derive(Debug, PartialEq, Eq)]
pub struct Statement {
    /// The text.
    pub text: String,
    /// The line it begins in, from 1.
    pub line: usize,
}

/// Something that is opened and never closed.
#[derive(Debug, PartialEq, Eq)]
pub struct Open {
    /// What it is.
    pub what: &'static str,
    /// The line it is opened in, from 1.
    pub line: usize,
}

/// The statements of a text. Semicolons in texts, names, comments, dollar quotes and the bodies of
/// triggers and SQL functions (`BEGIN … END`) do not end one.
///
/// # Errors
/// A text, name, comment or body that is not closed.
pub fn statements(dialect: Dialect, text: &str) -> Result<Vec<Statement>, Open> {
    let mut found = Vec::new();
    let mut words: Vec<String> = Vec::new();
    let mut start: Option<usize> = None; // where the statement begins, comments left out
    let mut end = 0; // where its last token ends
    let mut depth = 0; // open BEGIN and CASE of a body
    let mut body_at = 0;
    let mut at = 0;
    while at < text.len() {
        let rest = &text[at..];
        let token =
            Token::read(dialect, rest).map_err(|what| Open { what, line: line_of(text, at) })?;
        let here = at;
        at += token.len;
        match token.kind {
            Kind::Space => continue,
            Kind::End if depth == 0 => {
                if let Some(from) = start.take() {
                    push(&mut found, text, from, end);
                }
                words.clear();
                continue;
            }
            Kind::Word => {
                let word = rest[..token.len].to_ascii_uppercase();
                let opens_body = match word.as_str() {
                    // SQLite's triggers; PostgreSQL's `BEGIN ATOMIC` is read by its second word.
                    "BEGIN" => depth == 0 && words.iter().any(|word| word == "TRIGGER"),
                    "ATOMIC" => depth == 0 && words.last().is_some_and(|word| word == "BEGIN"),
                    "CASE" => depth > 0,
                    _ => false,
                };
                if opens_body {
                    if depth == 0 {
                        body_at = here;
                    }
                    depth += 1;
                } else if word == "END" && depth > 0 {
                    depth -= 1;
                }
                words.push(word);
            }
            Kind::End | Kind::Other => {}
        }
        start.get_or_insert(here);
        end = at;
    }
    if depth > 0 {
        return Err(Open { what: "a body that begins with BEGIN", line: line_of(text, body_at) });
    }
    if let Some(from) = start {
        push(&mut found, text, from, end);
    }
    Ok(found)
}

fn push(found: &mut Vec<Statement>, text: &str, from: usize, end: usize) {
    let line = line_of(text, from);
    found.push(Statement { text: text[from..end].trim_end().to_owned(), line });
}

fn line_of(text: &str, at: usize) -> usize {
    text[..at].matches('\n').count() + 1
}

/// The statement with `?1` for `$1`, as SQLite counts values; for PostgreSQL as it is. And the
/// number of its last value.
pub fn numbered(dialect: Dialect, statement: &str) -> (String, usize) {
    let mut text = String::with_capacity(statement.len());
    let mut last = 0;
    let mut at = 0;
    while at < statement.len() {
        let rest = &statement[at..];
        // What is not closed the database refuses.
        let Ok(token) = Token::read(dialect, rest) else { return (text + rest, last) };
        let number = rest.strip_prefix('$').unwrap_or_default();
        let end = number.find(|c: char| !c.is_ascii_digit()).unwrap_or(number.len());
        let is_value = end > 0;
        if is_value {
            last = last.max(number[..end].parse().unwrap_or(usize::MAX));
        }
        let is_value = dialect == Dialect::Sqlite && is_value;
        text += if is_value { "?" } else { &rest[..token.len] };
        at += token.len;
    }
    (text, last)
}

/// A statement without its comments, its tokens one blank apart. What cannot be read stays.
pub fn without_blanks(dialect: Dialect, statement: &str) -> String {
    let mut tokens = Vec::new();
    let mut at = 0;
    while at < statement.len() {
        let Ok(token) = Token::read(dialect, &statement[at..]) else { return statement.to_owned() };
        if token.kind != Kind::Space {
            tokens.push(&statement[at..at + token.len]);
        }
        at += token.len;
    }
    tokens.join(" ")
}

/// The modes that lines before the statements say, in the order of the statements of a text.
pub fn modes(text: &str, statements: &[Statement]) -> Vec<Mode> {
    let lines: Vec<&str> = text.lines().collect();
    let mut after = 0; // the line in which the statement before ends
    let mut found = Vec::with_capacity(statements.len());
    for statement in statements {
        let before = lines.get(after..statement.line - 1).unwrap_or_default();
        after = statement.line - 1 + statement.text.lines().count();
        let mode = before.iter().rev().find_map(|line| {
            let text = line.trim().strip_prefix("--")?.trim().strip_prefix("kontract:")?;
            Mode::of_word(text.trim())
        });
        found.push(mode.unwrap_or(Mode::Together));
    }
    found
}

/// Why a migration must not have the statement, if it must not.
pub fn refused(dialect: Dialect, mode: Mode, statement: &str) -> Option<String> {
    let words = words(dialect, statement)?;
    let first = words.first()?.as_str();
    let second = words.get(1).map_or("", String::as_str);
    if dialect == Dialect::Sqlite && first == "PRAGMA" && second == "FOREIGN_KEYS" {
        return Some(
            "`PRAGMA foreign_keys` does nothing in a transaction: a line `-- kontract: rebuild` at the head of the file has them off, and checked at the end".to_owned(),
        );
    }
    if is_of_transactions(first, second) {
        return Some(format!(
            "`{first}`: a migration runs in a transaction of its own and must not begin or end one"
        ));
    }
    if mode == Mode::Repeat && !["UPDATE", "DELETE", "INSERT", "WITH"].contains(&first) {
        return Some(format!("`{first}` cannot be repeated until it changes no row"));
    }
    if mode == Mode::Alone {
        return None;
    }
    if words.iter().any(|word| word == "CONCURRENTLY") {
        return Some("`CONCURRENTLY` cannot run in the transaction of a migration".to_owned());
    }
    let outside = match dialect {
        Dialect::Postgres => {
            first == "VACUUM"
                || (["CREATE", "DROP"].contains(&first)
                    && ["DATABASE", "TABLESPACE"].contains(&second))
                || (first == "ALTER" && second == "SYSTEM")
        }
        Dialect::Sqlite => ["VACUUM", "ATTACH", "DETACH", "PRAGMA"].contains(&first),
    };
    outside.then(|| format!("`{first}` cannot run in the transaction of a migration"))
}

/// Whether a statement with these first words begins or ends a transaction, or a part of one.
fn is_of_transactions(first: &str, second: &str) -> bool {
    let own = ["BEGIN", "COMMIT", "ROLLBACK", "END", "ABORT", "SAVEPOINT", "RELEASE"];
    own.contains(&first) || (["START", "PREPARE"].contains(&first) && second == "TRANSACTION")
}

/// Why a statement must not be run on a connection that others use after it, if it must not; and what
/// to do instead.
pub fn refused_in_pool(dialect: Dialect, statement: &str) -> Option<(String, &'static str)> {
    let words = words(dialect, statement)?;
    let first = words.first()?.as_str();
    let second = words.get(1).map_or("", String::as_str);
    if is_of_transactions(first, second) {
        let help = "use `storage.transaction(async |tx| …)`: what it returns decides";
        return Some((
            format!("`{first}` begins or ends a transaction behind the storage's back"),
            help,
        ));
    }
    let is_setting = match dialect {
        Dialect::Postgres => match first {
            "SET" => !["LOCAL", "CONSTRAINTS", "TRANSACTION"].contains(&second),
            first => ["RESET", "DISCARD", "DEALLOCATE", "LISTEN", "UNLISTEN"].contains(&first),
        },
        Dialect::Sqlite => first == "PRAGMA",
    };
    let help = match dialect {
        Dialect::Postgres => {
            "in a transaction `SET LOCAL` lasts until its end; `ALTER ROLE … SET` is for all of them"
        }
        Dialect::Sqlite => "to read something: `SELECT * FROM pragma_table_info('…')`",
    };
    is_setting.then(|| {
        (
            format!("`{first}` is about a connection, and the next statement may get another one"),
            help,
        )
    })
}

/// Whether a query locks the rows that it finds: `FOR UPDATE`, `FOR NO KEY UPDATE`, `FOR SHARE`, `FOR
/// KEY SHARE`.
pub fn locks_rows(dialect: Dialect, query: &str) -> bool {
    let words = words(dialect, query).unwrap_or_default();
    let lock = |at: usize| match words.get(at).map(String::as_str) {
        Some("UPDATE" | "SHARE") => true,
        Some("NO" | "KEY") => {
            words[at..].iter().take(3).any(|word| word == "UPDATE" || word == "SHARE")
        }
        _ => false,
    };
    (1..words.len()).any(|at| words[at - 1] == "FOR" && lock(at))
}

/// The words of a statement in upper case, without names in quotes; none where something is not closed.
fn words(dialect: Dialect, statement: &str) -> Option<Vec<String>> {
    let mut words = Vec::new();
    let mut at = 0;
    while at < statement.len() {
        let token = Token::read(dialect, &statement[at..]).ok()?;
        if token.kind == Kind::Word {
            words.push(statement[at..at + token.len].to_ascii_uppercase());
        }
        at += token.len;
    }
    Some(words)
}

#[derive(Clone, Copy, PartialEq, Eq)]
enum Kind {
    Space,
    Word,
    End,
    Other,
}

struct Token {
    kind: Kind,
    len: usize,
}

impl Token {
    /// The token at the head of a text that is not empty; or what is not closed.
    fn read(dialect: Dialect, text: &str) -> Result<Token, &'static str> {
        let is_word = |c: char| c.is_alphanumeric() || c == '_';
        let first = text.chars().next().unwrap_or(' ');
        let (kind, len) = match first {
            c if c.is_whitespace() => (Kind::Space, c.len_utf8()),
            ';' => (Kind::End, 1),
            '-' if text.starts_with("--") => (Kind::Space, text.find('\n').unwrap_or(text.len())),
            '/' if text.starts_with("/*") => {
                (Kind::Space, comment(dialect, text).ok_or("a comment")?)
            }
            '\'' => (Kind::Other, quoted(text, '\'', false).ok_or("a text")?),
            '"' => (Kind::Other, quoted(text, '"', false).ok_or("a quoted name")?),
            '`' if dialect == Dialect::Sqlite => {
                (Kind::Other, quoted(text, '`', false).ok_or("a quoted name")?)
            }
            '[' if dialect == Dialect::Sqlite => {
                (Kind::Other, text.find(']').ok_or("a quoted name")? + 1)
            }
            'e' | 'E' if dialect == Dialect::Postgres && text[1..].starts_with('\'') => {
                (Kind::Other, 1 + quoted(&text[1..], '\'', true).ok_or("a text")?)
            }
            '$' if dialect == Dialect::Postgres => match dollar(text)? {
                Some(len) => (Kind::Other, len),
                None => (Kind::Other, 1),
            },
            c if is_word(c) => {
                // A dollar inside a name does not begin a quote.
                let goes_on = |c: char| is_word(c) || c == '$';
                (Kind::Word, text.find(|c| !goes_on(c)).unwrap_or(text.len()))
            }
            c => (Kind::Other, c.len_utf8()),
        };
        Ok(Token { kind, len })
    }
}

/// Where a quoted piece ends; its quote doubled is a quote inside, and with `escapes` so is one
/// after a backslash.
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

/// Where a block comment ends; PostgreSQL's nest.
fn comment(dialect: Dialect, text: &str) -> Option<usize> {
    let mut depth = 0;
    let mut at = 0;
    while at < text.len() {
        let rest = &text[at..];
        if rest.starts_with("/*") && (depth == 0 || dialect == Dialect::Postgres) {
            depth += 1;
            at += 2;
        } else if rest.starts_with("*/") {
            depth -= 1;
            at += 2;
            if depth == 0 {
                return Some(at);
            }
        } else {
            at += rest.chars().next().map_or(1, char::len_utf8);
        }
    }
    None
}

/// The length of a dollar quote: `$$ … $$`, `$tag$ … $tag$`. None if it is something else, `$1`.
fn dollar(text: &str) -> Result<Option<usize>, &'static str> {
    let Some(close) = text[1..].find('$') else { return Ok(None) };
    let tag = &text[1..close + 1];
    let is_tag = tag.chars().all(|c| c.is_alphanumeric() || c == '_')
        && !tag.starts_with(|c: char| c.is_ascii_digit());
    if !is_tag {
        return Ok(None);
    }
    let mark = &text[..close + 2];
    match text[mark.len()..].find(mark) {
        Some(at) => Ok(Some(mark.len() + at + mark.len())),
        None => Err("a dollar quote"),
    }
}
