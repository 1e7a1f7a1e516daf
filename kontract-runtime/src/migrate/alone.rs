//! What a statement is that runs outside of a transaction: which ones may be run again after an
//! interruption, and how the same is said within a transaction. Touches no database.

use std::borrow::Cow;
use std::ops::Range;

use kontract_schema::dialect;
use kontract_schema::migration::run_mode::{self, Mode};

/// A statement that cannot be part of a transaction, or should not be.
#[derive(Debug, PartialEq)]
pub(super) enum Alone<'a> {
    /// `CREATE INDEX CONCURRENTLY`: fails or breaks off with an index that is not valid.
    CreateIndex(NewIndex<'a>),
    /// `DROP INDEX CONCURRENTLY`; with `IF EXISTS` it can be run again.
    DropIndex {
        /// The statement with `IF EXISTS`.
        again: String,
    },
    /// Has the same result when it is run twice.
    Again,
    /// Nobody knows.
    Other,
}

/// An index that is made.
#[derive(Debug, PartialEq)]
pub(super) struct NewIndex<'a> {
    /// Its name as the database keeps it.
    pub(super) name: String,
    /// The table as the statement names it.
    pub(super) table: &'a str,
    /// What is between the brackets.
    columns: &'a str,
    /// What stands behind `WHERE`.
    only: Option<&'a str>,
    /// Whether rows without a value are equal.
    nulls_equal: bool,
}

impl NewIndex<'_> {
    /// A query that lists the values that several rows have.
    pub(super) fn duplicates(&self) -> String {
        let parts: Vec<&str> = parts(self.columns).into_iter().map(without_order).collect();
        dialect::duplicates(self.table, &parts.join(", "), self.only, self.nulls_equal)
    }
}

/// What a statement is.
pub(super) fn read(statement: &str) -> Alone<'_> {
    let words = words(statement);
    let is = |place: usize, word: &str| {
        words.get(place).is_some_and(|range| statement[range.clone()].eq_ignore_ascii_case(word))
    };
    if is(0, "VACUUM") || is(0, "ANALYZE") || (is(0, "ALTER") && is_validation(statement, &words)) {
        return Alone::Again;
    }
    if is(0, "DROP") && is(1, "INDEX") && is(2, "CONCURRENTLY") {
        let again = match is(3, "IF") {
            true => statement.to_owned(),
            false => {
                let (start, rest) = statement.split_at(words[2].end);
                format!("{start} IF EXISTS{rest}")
            }
        };
        return Alone::DropIndex { again };
    }
    new_index(statement, &words).map_or(Alone::Other, Alone::CreateIndex)
}

/// `ALTER TABLE name VALIDATE CONSTRAINT name` and nothing else.
fn is_validation(statement: &str, words: &[Range<usize>]) -> bool {
    let mut words = words.iter().map(|range| &statement[range.clone()]);
    words.any(|word| word.eq_ignore_ascii_case("VALIDATE"))
        && words.next().is_some_and(|word| word.eq_ignore_ascii_case("CONSTRAINT"))
        && words.count() == 1
}

fn new_index<'a>(statement: &'a str, words: &[Range<usize>]) -> Option<NewIndex<'a>> {
    let word = |place: usize| words.get(place).map(|range| &statement[range.clone()]);
    let is = |place: usize, text: &str| word(place).is_some_and(|w| w.eq_ignore_ascii_case(text));
    let mut at = 1;
    let mut skip = |text: &[&str]| {
        let there = text.iter().zip(at..).all(|(text, place)| is(place, text));
        at += if there { text.len() } else { 0 };
        there
    };
    if !is(0, "CREATE") {
        return None;
    }
    skip(&["UNIQUE"]);
    if !skip(&["INDEX", "CONCURRENTLY"]) {
        return None;
    }
    skip(&["IF", "NOT", "EXISTS"]);
    let name_at = at;
    at += 1;
    let mut skip = |text: &str| {
        let there = is(at, text);
        at += usize::from(there);
        there
    };
    if !skip("ON") {
        return None;
    }
    skip("ONLY");
    let from = words.get(at)?.start;
    // `schema.table`: the words of a name stand without a space between.
    while statement.get(words.get(at)?.end..)?.starts_with('.') {
        at += 1;
    }
    let to = words.get(at)?.end;
    let open = to + statement.get(to..)?.find('(')?;
    let close = open + closing(&statement[open..])?;
    let rest: Vec<_> = words.iter().filter(|range| range.start > close).collect();
    let text = |place: usize| {
        rest.get(place).map(|range| statement[(*range).clone()].to_ascii_uppercase())
    };
    let only = (0..rest.len()).find(|place| text(*place).as_deref() == Some("WHERE"));
    let nulls = ["NULLS", "NOT", "DISTINCT"].map(|word| Some(word.to_owned()));
    Some(NewIndex {
        name: unquoted(word(name_at)?),
        table: &statement[from..to],
        columns: statement[open + 1..close].trim(),
        only: only.map(|place| statement[rest[place].end..].trim()),
        nulls_equal: (0..rest.len()).any(|at| [text(at), text(at + 1), text(at + 2)] == nulls),
    })
}

/// The statements as they run in one transaction: indexes are made and dropped while others wait.
/// One of [`Mode::Repeat`] runs until it changes no row.
pub(super) fn together(statements: &[String]) -> impl Iterator<Item = (Mode, Cow<'_, str>)> {
    statements.iter().map(|statement| match run_mode::mode(statement) {
        (Mode::Alone, sql) => (Mode::Together, within(sql)),
        (mode, sql) => (mode, Cow::Borrowed(sql)),
    })
}

/// Whether a statement that is to run alone could be part of a transaction.
pub(super) fn fits_in_transaction(statement: &str) -> bool {
    let is_vacuum = || {
        let first = words(statement).into_iter().next();
        first.is_some_and(|range| statement[range].eq_ignore_ascii_case("VACUUM"))
    };
    match read(statement) {
        Alone::CreateIndex(_) | Alone::DropIndex { .. } => true,
        Alone::Again => !is_vacuum(),
        Alone::Other => false,
    }
}

/// A statement that is to run alone, for a transaction.
fn within(statement: &str) -> Cow<'_, str> {
    let concurrently = match read(statement) {
        Alone::CreateIndex(_) | Alone::DropIndex { .. } => words(statement)
            .into_iter()
            .find(|range| statement[range.clone()].eq_ignore_ascii_case("CONCURRENTLY")),
        Alone::Again | Alone::Other => None,
    };
    match concurrently {
        Some(range) => {
            let rest = statement[range.end..].trim_start();
            Cow::Owned(format!("{}{rest}", &statement[..range.start]))
        }
        None => Cow::Borrowed(statement),
    }
}

/// Whether a statement says itself how many rows it changed: a `SELECT` says how many it returned.
pub(super) fn counts_its_rows(statement: &str) -> bool {
    const VERBS: [&str; 6] = ["SELECT", "INSERT", "UPDATE", "DELETE", "MERGE", "REPLACE"];
    let mut depth = 0usize;
    let mut from = 0;
    for range in words(statement) {
        let between = &statement[from..range.start];
        depth += between.matches('(').count();
        depth = depth.saturating_sub(between.matches(')').count());
        from = range.end;
        let word = statement[range].to_ascii_uppercase();
        if depth == 0 && VERBS.contains(&word.as_str()) {
            return word != "SELECT";
        }
    }
    false
}

/// Where the words and the quoted names of a statement stand, in order; what is in texts and
/// comments does not count.
pub(super) fn words(statement: &str) -> Vec<Range<usize>> {
    let mut found = Vec::new();
    let mut at = 0;
    while let Some(first) = statement[at..].chars().next() {
        let rest = &statement[at..];
        let length = match first {
            '-' if rest.starts_with("--") => rest.find('\n').unwrap_or(rest.len()),
            '/' if rest.starts_with("/*") => rest.find("*/").map_or(rest.len(), |end| end + 2),
            '\'' => quoted(rest, '\''),
            '"' => quoted(rest, '"'),
            '$' => dollars(rest),
            _ if is_word(first) => rest.find(|c| !is_word(c)).unwrap_or(rest.len()),
            _ => first.len_utf8(),
        };
        if first == '"' || is_word(first) {
            found.push(at..at + length);
        }
        at += length;
    }
    found
}

fn is_word(c: char) -> bool {
    c.is_alphanumeric() || c == '_'
}

/// The length of what stands in quotes; two quotes stand for one.
fn quoted(text: &str, quote: char) -> usize {
    let mut at = 1;
    while let Some(next) = text[at..].find(quote) {
        at += next + 1;
        match text[at..].starts_with(quote) {
            true => at += 1,
            false => return at,
        }
    }
    text.len()
}

/// The length of `$tag$ … $tag$`.
fn dollars(text: &str) -> usize {
    let tag = text[1..].find('$').map(|end| &text[..end + 2]);
    let tag = tag.filter(|tag| tag[1..tag.len() - 1].chars().all(is_word));
    let end = tag.and_then(|tag| text[tag.len()..].find(tag).map(|end| end + 2 * tag.len()));
    end.unwrap_or(1)
}

/// Where the bracket closes that a text begins with.
fn closing(text: &str) -> Option<usize> {
    let mut depth = 0;
    let mut at = 0;
    while let Some(c) = text[at..].chars().next() {
        match c {
            '(' => depth += 1,
            ')' => depth -= 1,
            _ => {}
        }
        if depth == 0 {
            return Some(at);
        }
        at += match c {
            '\'' | '"' => quoted(&text[at..], c),
            c => c.len_utf8(),
        };
    }
    None
}

/// Splits at the commas outside of brackets and quotes.
fn parts(list: &str) -> Vec<&str> {
    let mut found = Vec::new();
    let (mut from, mut at) = (0, 0);
    while let Some(c) = list[at..].chars().next() {
        match c {
            '(' => at += closing(&list[at..]).unwrap_or(0) + 1,
            '\'' | '"' => at += quoted(&list[at..], c),
            ',' => {
                found.push(list[from..at].trim());
                at += 1;
                from = at;
            }
            c => at += c.len_utf8(),
        }
    }
    found.push(list[from..].trim());
    found
}

/// A part of an index without the words on its order.
fn without_order(mut part: &str) -> &str {
    for end in [" NULLS FIRST", " NULLS LAST", " DESC", " ASC"] {
        let Some(at) = part.len().checked_sub(end.len()) else { continue };
        if part.get(at..).is_some_and(|tail| tail.eq_ignore_ascii_case(end)) {
            part = part[..at].trim_end();
        }
    }
    part
}

/// A name as the database keeps it.
pub(super) fn unquoted(name: &str) -> String {
    match name.strip_prefix('"').and_then(|rest| rest.strip_suffix('"')) {
        Some(inner) => inner.replace("\"\"", "\""),
        None => name.to_lowercase(),
    }
}

/// The table that a statement creates, or renames a table to.
pub(super) fn created_table(statement: &str) -> Option<String> {
    let words = words(statement);
    let word = |at: usize| words.get(at).map(|range| &statement[range.clone()]);
    let is = |at: usize, text: &str| word(at).is_some_and(|word| word.eq_ignore_ascii_case(text));
    if is(0, "ALTER") && is(1, "TABLE") {
        let at = (2..words.len()).find(|at| is(*at, "RENAME") && is(at + 1, "TO"))?;
        return word(at + 2).map(unquoted);
    }
    if !is(0, "CREATE") {
        return None;
    }
    let table = if is(1, "UNLOGGED") { 2 } else { 1 };
    if !is(table, "TABLE") {
        return None;
    }
    let mut at = if is(table + 1, "IF") { table + 4 } else { table + 1 };
    // `schema.table`: the words of a name have no space between them.
    while statement.get(words.get(at)?.end..)?.starts_with('.') {
        at += 1;
    }
    word(at).map(unquoted)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn indexes_are_read() {
        let text = "CREATE UNIQUE INDEX CONCURRENTLY IF NOT EXISTS \"my \"\"key\" ON app.\"Users\" USING btree (lower(email), \"a,b\" DESC) INCLUDE (id) WHERE deleted IS NULL";
        let Alone::CreateIndex(index) = read(text) else { panic!("it is an index") };
        assert_eq!((index.name.as_str(), index.table), ("my \"key", "app.\"Users\""));
        assert_eq!(
            index.duplicates(),
            "SELECT lower(email), \"a,b\", count(*) FROM app.\"Users\" WHERE deleted IS NULL \
             GROUP BY lower(email), \"a,b\" HAVING count(*) > 1 AND num_nulls(lower(email), \"a,b\") = 0"
        );
        let text = "create index concurrently Posts_Title on only posts(title) nulls not distinct";
        let Alone::CreateIndex(index) = read(text) else { panic!("it is an index") };
        assert_eq!((index.name.as_str(), index.table), ("posts_title", "posts"));
        assert_eq!(
            index.duplicates(),
            "SELECT title, count(*) FROM posts GROUP BY title HAVING count(*) > 1"
        );
        assert_eq!(read("CREATE INDEX CONCURRENTLY ON posts (title)"), Alone::Other, "no name");
    }

    #[test]
    fn what_can_be_run_again() {
        let again = |text: &str| match read(text) {
            Alone::DropIndex { again } => again,
            other => panic!("{other:?}"),
        };
        assert_eq!(again("DROP INDEX CONCURRENTLY a"), "DROP INDEX CONCURRENTLY IF EXISTS a");
        let text = "DROP INDEX /* x */ CONCURRENTLY IF EXISTS a";
        assert_eq!(again(text), text);
        for text in ["VACUUM", "analyze posts", "ALTER TABLE a.b VALIDATE CONSTRAINT \"c\""] {
            assert_eq!(read(text), Alone::Again, "{text}");
        }
        for text in
            ["ALTER TABLE a VALIDATE CONSTRAINT b, ADD COLUMN c INT", "CALL p()", "DROP INDEX a"]
        {
            assert_eq!(read(text), Alone::Other, "{text}");
        }
    }

    #[test]
    fn in_a_transaction_the_same_is_said_otherwise() {
        let script = [
            "A",
            "-- kontract: no-transaction\nCREATE INDEX CONCURRENTLY IF NOT EXISTS a ON b (c)",
            "-- kontract: no-transaction\nDROP INDEX CONCURRENTLY IF EXISTS a",
            "-- kontract: no-transaction\nALTER TABLE a VALIDATE CONSTRAINT b",
            "-- kontract: repeat\nUPDATE a SET b = 'CONCURRENTLY'",
        ]
        .map(str::to_owned);
        let found: Vec<(Mode, String)> =
            together(&script).map(|(mode, sql)| (mode, sql.into_owned())).collect();
        let wanted = [
            (Mode::Together, "A"),
            (Mode::Together, "CREATE INDEX IF NOT EXISTS a ON b (c)"),
            (Mode::Together, "DROP INDEX IF EXISTS a"),
            (Mode::Together, "ALTER TABLE a VALIDATE CONSTRAINT b"),
            (Mode::Repeat, "UPDATE a SET b = 'CONCURRENTLY'"),
        ];
        assert_eq!(found, wanted.map(|(mode, sql)| (mode, sql.to_owned())));
    }

    #[test]
    fn statements_that_count() {
        for (text, counts) in [
            ("UPDATE a SET b = 1", true),
            ("WITH x AS (SELECT 1), y AS (DELETE FROM a RETURNING 1) INSERT INTO b SELECT 1", true),
            ("WITH x AS (UPDATE a SET b = 1 RETURNING 1) SELECT count(*) FROM x", false),
            ("-- UPDATE\nSELECT 'UPDATE'", false),
            ("DO $$ BEGIN UPDATE a SET b = 1; END $$", false),
            ("VACUUM", false),
        ] {
            assert_eq!(counts_its_rows(text), counts, "{text}");
        }
    }

    #[test]
    fn tables_that_statements_create() {
        for (statement, name) in [
            ("CREATE TABLE IF NOT EXISTS \"My \"\"posts\" (\n  id BIGINT\n)", Some("My \"posts")),
            ("create unlogged table app.Posts (id BIGINT)", Some("posts")),
            ("ALTER TABLE posts RENAME TO articles", Some("articles")),
            ("ALTER TABLE posts RENAME COLUMN title TO name", None),
            ("CREATE TEMP TABLE posts (id BIGINT)", None),
            ("CREATE INDEX posts_title ON posts (title)", None),
            ("INSERT INTO a VALUES ('CREATE TABLE b')", None),
        ] {
            assert_eq!(created_table(statement).as_deref(), name, "{statement}");
        }
    }
}
