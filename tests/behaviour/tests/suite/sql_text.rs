//! SQL as text: what Kontract's lexer takes for a comment, a text or the end of a statement is what the
//! databases take for it.

use kontract::{Error, Kind};
use kontract_behaviour::{NewSetting, Storage};
use kontract_schema::dialect::Dialect;
use kontract_schema::sqltext::{TokenKind, Unclosed, split_statements, tokens};
use kontract_test_support::{Answer, answers, postgres_database, sqlite_database};

use super::user;

/// Comments that end with a carriage return on PostgreSQL. SQLite's comments go on to the line feed.
const COMMENTS: [&str; 4] = ["--\r", "-- x\r", "/* */ --\r\t", "--\r--\r"];

kontract_test_support::both! {
    async fn a_text_without_a_statement(url: &str) {
        let storage = Storage::connect(url).await.unwrap();
        for text in ["", " ;", "-- only a comment", "/* x */"] {
            let text = kontract::raw::AssertSafe(text.to_owned());
            let error = storage.sql(text).execute().await.unwrap_err();
            assert_eq!(*error.kind(), Kind::Value, "{error}");
            assert_eq!(error.to_string(), "statement as text: the text contains no statement");
        }
    }

    /// No `BEGIN` behind a comment reaches a pooled connection, where it would hide later writes.
    async fn begin_behind_a_comment(url: &str) {
        let storage = Storage::connect(url).await.unwrap();
        for (number, comment) in (0i64..).zip(COMMENTS) {
            for begin in ["BEGIN", "SAVEPOINT a", "START TRANSACTION"] {
                let text = kontract::raw::AssertSafe(format!("{comment}{begin}"));
                let done = storage.sql(text).execute().await;
                if url.starts_with("postgres") {
                    assert_eq!(*done.unwrap_err().kind(), Kind::Denied, "{comment:?}{begin}");
                }
            }
            for place in 0..10i64 {
                let key = format!("{number}-{place}");
                storage.settings.set(NewSetting::new(key, 1i64, "kept")).await.unwrap();
            }
        }
        storage.close().await;
        let storage = Storage::connect(url).await.unwrap();
        assert_eq!(storage.settings.count().await.unwrap(), 10 * COMMENTS.len() as u64);
    }

    /// No `COMMIT` behind a comment ends a transaction whose closure then fails.
    async fn commit_behind_a_comment(url: &str) {
        let storage = Storage::connect(url).await.unwrap();
        for comment in COMMENTS {
            for commit in ["COMMIT", "END", "ROLLBACK"] {
                let done = storage
                    .transaction(async |tx| {
                        tx.users.insert(user("Ada")).await?;
                        let text = kontract::raw::AssertSafe(format!("{comment}{commit}"));
                        let done = tx.sql(text).execute().await;
                        if url.starts_with("postgres") {
                            assert_eq!(*done.unwrap_err().kind(), Kind::Denied);
                        }
                        tx.users.insert(user("Bob")).await?;
                        Err::<(), Error>(Error::custom("the closure fails"))
                    })
                    .await;
                assert!(done.is_err(), "{comment:?}{commit}");
                assert_eq!(storage.users.count().await.unwrap(), 0, "{comment:?}{commit}");
            }
        }
        storage.close().await;
    }
}

/// The same numbers in every run.
struct Random(u64);

impl Random {
    fn below(&mut self, end: usize) -> usize {
        self.0 = self.0.wrapping_mul(6_364_136_223_846_793_005).wrapping_add(1);
        (self.0 >> 33) as usize % end
    }

    fn one_of<T: Copy>(&mut self, of: &[T]) -> T {
        of[self.below(of.len())]
    }

    /// What is between the quotes of a text, a name or a comment. It may end them too early.
    fn content(&mut self) -> String {
        const PARTS: [&str; 24] = [
            "a", "b ", "é", "", "", "'", "''", "\"", "\"\"", "\\", "\\\\", "$", "$$", "$t$", ";",
            "--", "/*", "*/", "\n", "\r", "[", "]", "`", "x'",
        ];
        let length = self.below(4);
        (0..length).map(|_| self.one_of(&PARTS)).collect()
    }

    fn blank(&mut self) -> String {
        let content = self.content();
        match self.below(12) {
            0 => format!("/*{content}*/"),
            1 => format!("/*/*{content}*/*/"),
            2 => format!("--{content}\n"),
            3 => format!("--{content}\r"),
            4 => "\r".to_owned(),
            5 => "\n".to_owned(),
            _ => " ".to_owned(),
        }
    }

    fn literal(&mut self, dialect: Dialect) -> String {
        let content = self.content();
        let both = [format!("'{content}'"), format!("'{content}'"), "1.5".to_owned()];
        let own = match dialect {
            Dialect::Postgres => [
                format!("E'{content}'"),
                format!("e'{content}'"),
                format!("U&'{content}'"),
                format!("$${content}$$"),
                format!("$t${content}$t$"),
                format!("'{content}'\n'{content}'"),
            ],
            Dialect::Sqlite => [
                "x'6162'".to_owned(),
                format!("'{content}'||'{content}'"),
                "NULL".to_owned(),
                format!("(SELECT '{content}')"),
                "-1".to_owned(),
                format!("'{content}' -- {content}\n"),
            ],
        };
        let all: Vec<&String> = both.iter().chain(&own).collect();
        self.one_of(&all).clone()
    }

    fn name(&mut self, dialect: Dialect) -> String {
        let content = self.content();
        match (dialect, self.below(3)) {
            (Dialect::Sqlite, 0) => format!("[n{content}]"),
            (Dialect::Sqlite, 1) => format!("`n{content}`"),
            (Dialect::Postgres, 0) => format!("U&\"n{content}\""),
            _ => format!("\"n{content}\""),
        }
    }

    /// A few statements, if their texts, names and comments end where they were meant to.
    fn text(&mut self, dialect: Dialect) -> String {
        let mut text = String::new();
        for _ in 0..=self.below(3) {
            text += &format!("{}SELECT{} ", self.blank(), self.blank());
            for column in 0..=self.below(2) {
                let comma = if column > 0 { "," } else { "" };
                let (literal, name) = (self.literal(dialect), self.name(dialect));
                text += &format!("{comma}{}{literal} AS {name}{}", self.blank(), self.blank());
            }
            text.push(';');
        }
        text
    }
}

/// The tokens of a text with a space between them, and without its comments.
fn spaced(dialect: Dialect, text: &str) -> String {
    let parts = tokens(dialect, text).map(|token| match token.kind {
        TokenKind::Comment => " ",
        // PostgreSQL joins texts with a line break between them.
        TokenKind::Space if token.text.contains(['\n', '\r']) => "\n",
        _ => token.text,
    });
    parts.collect::<Vec<_>>().join(" ")
}

/// SQLite names a column without `AS` by its text.
fn without_own_name((name, value): (String, Option<String>)) -> (String, Option<String>) {
    (if name.starts_with('n') { name } else { String::new() }, value)
}

/// Compares the lexer with the database on random texts.
fn compare(dialect: Dialect, url: &str) {
    let mut random = Random(7);
    let texts: Vec<String> = (0..4000).map(|_| random.text(dialect)).collect();
    let whole = answers(url, &texts);
    let (mut accepted, mut refused) = (0, 0);
    let mut compared: Vec<(&String, &Answer, Vec<String>)> = Vec::new();
    for (text, answer) in texts.iter().zip(&whole) {
        match split_statements(dialect, text) {
            Ok(statements) => {
                let parts = statements.iter().map(|statement| statement.text.to_owned());
                compared.push((text, answer, parts.collect()));
                if answer.is_ok() {
                    accepted += 1;
                    compared.push((text, answer, vec![spaced(dialect, text)]));
                }
            }
            // SQLite takes the end of the text for the end of such a comment.
            Err(Unclosed { what: "a comment", .. }) if dialect == Dialect::Sqlite => {}
            Err(unclosed) => {
                refused += 1;
                assert!(answer.is_err(), "{} is not closed in {text:?}: {answer:?}", unclosed.what);
            }
        }
    }
    assert!(accepted > 400 && refused > 200, "{accepted} accepted, {refused} refused");
    let parts: Vec<String> = compared.iter().flat_map(|(_, _, parts)| parts.clone()).collect();
    let mut found = answers(url, &parts).into_iter();
    for (text, answer, parts) in compared {
        let own: Vec<Answer> = found.by_ref().take(parts.len()).collect();
        let joined: Answer = own.into_iter().collect::<Result<Vec<_>, _>>().map(|all| all.concat());
        assert_eq!(joined.is_ok(), answer.is_ok(), "{text:?} as {parts:?}: {joined:?}, {answer:?}");
        if let (Ok(joined), Ok(answer)) = (joined, answer) {
            let answer = answer.iter().cloned().map(without_own_name).collect::<Vec<_>>();
            let joined = joined.into_iter().map(without_own_name).collect::<Vec<_>>();
            assert_eq!(joined, answer, "{text:?} as {parts:?}");
        }
    }
}

#[test]
fn tokens_and_statements_end_where_postgres_ends_them() {
    let database = postgres_database();
    compare(Dialect::Postgres, database.url());
}

#[test]
fn tokens_and_statements_end_where_sqlite_ends_them() {
    let database = sqlite_database();
    compare(Dialect::Sqlite, database.url());
}
