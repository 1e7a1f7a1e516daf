//! Parses what SQLite stores only as the text of the CREATE statement: CHECK constraints, and the
//! expressions and conditions of indexes.

use super::normal::{COLLATE, split_collation};
use super::{IndexPart, LiveCheck, LiveColumn, LiveTable};
use crate::dialect::Dialect;
use crate::model::Deferrable;
use crate::sqltext::{Token, split_at_commas, split_order, words};

const HERE: Dialect = Dialect::Sqlite;

/// Returns the CHECK constraints in a `CREATE TABLE`, those of columns included.
pub fn parse_checks(sql: &str) -> Vec<LiveCheck> {
    let tokens = words(HERE, sql);
    let mut found = Vec::new();
    let (mut depth, mut at, mut name) = (0, 0, None);
    while let Some(token) = tokens.get(at) {
        match token {
            token if token.is("(") => depth += 1,
            token if token.is(")") => depth -= 1,
            token if depth == 1 && token.is("constraint") => {
                name = tokens.get(at + 1).and_then(Token::name);
                at += 1;
            }
            token if depth == 1 && token.is("check") => {
                if let Some((inner, end)) = bracket(sql, &tokens, at + 1) {
                    found.push(LiveCheck {
                        name: name.map(|name| name.into_owned()),
                        text: inner.to_owned(),
                        valid: true,
                    });
                    at = end;
                }
                name = None;
            }
            // The name belonged to another constraint.
            token if depth == 1 && is_constraint(token) => name = None,
            token if depth == 1 && token.is(",") => name = None,
            _ => {}
        }
        at += 1;
    }
    found
}

/// Adds the expressions of generated columns from a `CREATE TABLE`. Their defaults are
/// [`LiveColumn::generated`] of an empty text before.
pub fn add_expressions(table: &mut LiveTable, sql: &str) {
    for (name, expression) in parse_generated(sql) {
        let mut columns = table.columns.iter_mut();
        let found = columns.find(|(column, _)| column.eq_ignore_ascii_case(&name));
        if let Some((_, column)) = found
            && let Some((_, stored)) = column.expression()
        {
            column.default = Some(LiveColumn::generated(&expression, stored));
        }
    }
}

/// Adds the collations of columns from a `CREATE TABLE` to their types, except that of SQLite itself.
pub fn add_collations(table: &mut LiveTable, sql: &str) {
    for definition in split_definitions(sql) {
        let Some((name, collation)) = parse_collation(definition) else { continue };
        let mut columns = table.columns.iter_mut();
        let found = columns.find(|(column, _)| column.eq_ignore_ascii_case(&name));
        if let Some((_, column)) = found.filter(|_| collation != "BINARY") {
            column.ty = format!("{}{COLLATE}{collation}", column.ty);
        }
    }
}

/// Parses the name of a column and its collation, of which SQLite's own are in capital letters.
fn parse_collation(definition: &str) -> Option<(String, String)> {
    let tokens = words(HERE, definition);
    let mut depth = 0;
    let at = tokens.iter().position(|token| {
        depth += i32::from(token.is("(")) - i32::from(token.is(")"));
        depth == 0 && token.is("collate")
    })?;
    let (name, collation) = (tokens.first()?.written_name()?, tokens.get(at + 1)?.written_name()?);
    let upper = collation.to_ascii_uppercase();
    let is_builtin = ["BINARY", "NOCASE", "RTRIM"].contains(&upper.as_str());
    Some((name.into_owned(), if is_builtin { upper } else { collation.into_owned() }))
}

/// Writes the collation of a part of an index, if it is a column with or without one: nothing where it is
/// the collation of the column.
pub fn set_collation(table: &LiveTable, part: &mut IndexPart, collation: &str) {
    let bare = part.bare_mut();
    let part = match &*bare {
        IndexPart::Expression(text) => IndexPart::new(HERE, split_collation(text).0),
        part => part.clone(),
    };
    let IndexPart::Column(name) = part else { return };
    let Some(column) = table.columns.get(&name) else { return };
    let of_column = split_collation(&column.ty).1.unwrap_or("BINARY");
    *bare = if collation.eq_ignore_ascii_case(of_column) {
        IndexPart::Column(name)
    } else {
        IndexPart::Expression(format!("{}{COLLATE}{collation}", HERE.ident(&name)))
    };
}

/// Returns the definitions of columns and constraints in a `CREATE TABLE`.
fn split_definitions(sql: &str) -> Vec<&str> {
    let tokens = words(HERE, sql);
    let open = tokens.iter().position(|token| token.is("("));
    let inner = open.and_then(|open| bracket(sql, &tokens, open));
    inner.map_or_else(Vec::new, |(inner, _)| split_at_commas(HERE, inner))
}

/// Returns the generated columns in a `CREATE TABLE` with their expressions.
fn parse_generated(sql: &str) -> Vec<(String, String)> {
    let tokens = words(HERE, sql);
    let mut found = Vec::new();
    let (mut depth, mut at, mut column) = (0, 0, None);
    while let Some(token) = tokens.get(at) {
        let begins = at.checked_sub(1).and_then(|before| tokens.get(before));
        let begins = begins.is_some_and(|before| before.is("(") || before.is(","));
        match token {
            token if token.is("(") => depth += 1,
            token if token.is(")") => depth -= 1,
            token if depth == 1 && begins => column = token.written_name(),
            token if depth == 1 && token.is("as") => {
                if let (Some((inner, end)), Some(name)) = (bracket(sql, &tokens, at + 1), &column) {
                    found.push((name.clone().into_owned(), inner.to_owned()));
                    at = end;
                }
            }
            _ => {}
        }
        at += 1;
    }
    found
}

fn is_constraint(token: &Token<'_>) -> bool {
    ["primary", "unique", "not", "default", "references", "foreign", "collate"]
        .iter()
        .any(|word| token.is(word))
}

/// Returns the text in the bracket that opens at a token, and the position of the closing bracket.
fn bracket<'a>(sql: &'a str, tokens: &[Token<'_>], open: usize) -> Option<(&'a str, usize)> {
    tokens.get(open).filter(|token| token.is("("))?;
    let mut depth = 0;
    for (at, token) in tokens.iter().enumerate().skip(open) {
        depth += i32::from(token.is("("));
        depth -= i32::from(token.is(")"));
        if depth == 0 {
            return Some((sql[tokens[open].end()..token.start].trim(), at));
        }
    }
    None
}

/// Returns the columns of each foreign key in a `CREATE TABLE` that can be deferred, and when it is
/// checked.
pub fn parse_deferrable(sql: &str) -> Vec<(Vec<String>, Deferrable)> {
    split_definitions(sql).into_iter().filter_map(parse_deferrable_definition).collect()
}

/// Parses the definition of a column or constraint.
fn parse_deferrable_definition(definition: &str) -> Option<(Vec<String>, Deferrable)> {
    let tokens = words(HERE, definition);
    let find = |word: &str| tokens.iter().position(|token| token.is(word));
    let references = find("references")?;
    let at = (references..tokens.len()).find(|at| tokens[*at].is("deferrable"))?;
    if tokens[at - 1].is("not") {
        return None;
    }
    let is_deferred = tokens.get(at + 2).is_some_and(|token| token.is("deferred"));
    let columns = match find("foreign").filter(|foreign| *foreign < references) {
        Some(foreign) => {
            let (inner, _) = bracket(definition, &tokens, foreign + 2)?;
            let column = |name: &str| Some(words(HERE, name).first()?.name()?.into_owned());
            split_at_commas(HERE, inner).into_iter().filter_map(column).collect()
        }
        None => vec![tokens.first()?.name()?.into_owned()],
    };
    Some((columns, Deferrable::from_flags(true, is_deferred)))
}

/// Returns the indexed parts of a `CREATE INDEX`, and its condition.
pub fn parse_index(sql: &str) -> (Vec<IndexPart>, Option<String>) {
    let tokens = words(HERE, sql);
    let open = tokens.iter().position(|token| token.is("("));
    let Some((inner, end)) = open.and_then(|open| bracket(sql, &tokens, open)) else {
        return (Vec::new(), None);
    };
    let condition = tokens.get(end + 1).filter(|token| token.is("where"));
    let condition = condition.map(|token| sql[token.end()..].trim().to_owned());
    let parts = split_at_commas(HERE, inner).into_iter().map(|part| IndexPart::new(HERE, part));
    (parts.collect(), condition)
}

impl IndexPart {
    /// Parses a part as a statement has it: a column or an expression, and the words for its order
    /// after it.
    pub fn new(dialect: Dialect, text: &str) -> IndexPart {
        let (text, order) = split_order(dialect, text);
        let part = match &words(dialect, text)[..] {
            [one] => one.name().map(|name| IndexPart::Column(name.into_owned())),
            _ => None,
        };
        let part = part.unwrap_or_else(|| IndexPart::Expression(text.to_owned()));
        match order.as_str() {
            "" | "asc" => part,
            _ => IndexPart::Ordered(Box::new(part), order),
        }
    }

    /// Returns the part without the words after it.
    pub fn bare(&self) -> &IndexPart {
        match self {
            IndexPart::Ordered(part, _) => part.bare(),
            part => part,
        }
    }

    /// Returns the part without the words after it, to be changed.
    pub fn bare_mut(&mut self) -> &mut IndexPart {
        match self {
            IndexPart::Ordered(part, _) => part.bare_mut(),
            part => part,
        }
    }

    /// Returns the text of the column or expression.
    pub fn as_str(&self) -> &str {
        match self {
            IndexPart::Column(text) | IndexPart::Expression(text) => text,
            IndexPart::Ordered(part, _) => part.as_str(),
        }
    }

    /// Returns the words after the column or expression.
    pub fn order(&self) -> &str {
        match self {
            IndexPart::Ordered(_, order) => order,
            IndexPart::Column(_) | IndexPart::Expression(_) => "",
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn checks_with_and_without_names() {
        let sql = "CREATE TABLE \"check\" (a TEXT CHECK (a <> 'CHECK (no)'), -- CHECK (no)\n \
                   b INT CONSTRAINT n NOT NULL CHECK ((b) > 0) DEFAULT (abs(1)), \
                   CONSTRAINT one CHECK (a IN ('x', ')')), constraint \"t\"\"wo\" FOREIGN KEY (a) \
                   REFERENCES b, CHECK(b<9))";
        let found: Vec<_> =
            parse_checks(sql).into_iter().map(|check| (check.name, check.text)).collect();
        let named = |name: Option<&str>, text: &str| (name.map(str::to_owned), text.to_owned());
        assert_eq!(
            found,
            [
                named(None, "a <> 'CHECK (no)'"),
                named(None, "(b) > 0"),
                named(Some("one"), "a IN ('x', ')')"),
                named(None, "b<9"),
            ]
        );
    }

    #[test]
    fn foreign_keys_that_can_be_deferred() {
        let sql = "CREATE TABLE t (a INT REFERENCES b (x, y) DEFERRABLE, \"B c\" INT REFERENCES d \
                   NOT DEFERRABLE, e INT DEFAULT (f(1, 2)) REFERENCES g ON DELETE CASCADE \
                   DEFERRABLE INITIALLY IMMEDIATE, CONSTRAINT k FOREIGN KEY (\"B c\", a) \
                   REFERENCES h (i, j) DEFERRABLE INITIALLY DEFERRED, deferrable INT)";
        let columns = |names: &[&str]| names.iter().map(|name| (*name).to_owned()).collect();
        assert_eq!(
            parse_deferrable(sql),
            [
                (columns(&["a"]), Deferrable::Immediate),
                (columns(&["e"]), Deferrable::Immediate),
                (columns(&["B c", "a"]), Deferrable::Deferred),
            ]
        );
    }

    #[test]
    fn collations_of_columns() {
        let sql = "CREATE TABLE t (a TEXT NOT NULL collate nocase, \"B c\" TEXT COLLATE \"my own\" \
                   DEFAULT '', d TEXT CHECK (d = 'x' COLLATE RTRIM), e TEXT COLLATE BINARY, \
                   PRIMARY KEY (d COLLATE NOCASE))";
        let mut table = LiveTable::default();
        for name in ["a", "B c", "d", "e"] {
            let column = LiveColumn { ty: "TEXT".into(), not_null: false, default: None };
            table.columns.insert(name.to_owned(), column);
        }
        add_collations(&mut table, sql);
        let ty = |name: &str| table.columns[name].ty.as_str();
        assert_eq!(
            ["a", "B c", "d", "e"].map(ty),
            ["TEXT COLLATE NOCASE", "TEXT COLLATE my own", "TEXT", "TEXT"]
        );
    }

    #[test]
    fn expressions_of_generated_columns() {
        let sql = "CREATE TABLE t (a INTEGER DEFAULT (CAST(1 AS TEXT)), \"B c\" INT AS (a * (2)), \
                   d TEXT GENERATED ALWAYS AS (upper(')')) STORED NOT NULL, e INT, CHECK (a AS b))";
        let named = |name: &str, text: &str| (name.to_owned(), text.to_owned());
        assert_eq!(parse_generated(sql), [named("B c", "a * (2)"), named("d", "upper(')')")]);
    }

    #[test]
    fn parts_of_indexes() {
        let sql = "CREATE UNIQUE INDEX i ON t (a, \"B c\" ASC, lower(d), (data->>'$.\"e\"'), f DESC, \
                   lower(g) DESC NULLS LAST, h COLLATE nocase) \
                   WHERE _deleted_txid IS NULL";
        let (parts, condition) = parse_index(sql);
        assert_eq!(
            parts,
            [
                IndexPart::Column("a".into()),
                IndexPart::Column("B c".into()),
                IndexPart::Expression("lower(d)".into()),
                IndexPart::Expression("(data->>'$.\"e\"')".into()),
                IndexPart::Ordered(Box::new(IndexPart::Column("f".into())), "desc".into()),
                IndexPart::Ordered(
                    Box::new(IndexPart::Expression("lower(g)".into())),
                    "desc nulls last".into()
                ),
                IndexPart::Expression("h COLLATE nocase".into()),
            ]
        );
        assert_eq!(condition.as_deref(), Some("_deleted_txid IS NULL"));
    }
}
