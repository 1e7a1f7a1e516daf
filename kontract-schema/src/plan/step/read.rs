//! Parses the facts of a statement that a user wrote, or of a lock file of format 1. It recognises
//! the statements that Kontract knows; any other has no facts.

use super::{NewIndex, RUST, Rename, Step};
use crate::dialect::{Dialect, name_in_path};
use crate::sql::run_mode::Mode;
use crate::sqltext::{
    Token, TokenKind, counts_changed_rows, split_at_commas, split_order, split_statements, tokens,
    words,
};

impl Step {
    /// Parses a statement that runs in this mode.
    pub fn read(dialect: Dialect, run: Mode, sql: &str) -> Step {
        let mut words = Words::new(dialect, sql);
        let mut step = Step { run, sql: sql.to_owned(), ..Step::default() };
        step.converts = checks_values(dialect, sql);
        step.endless = run == Mode::Repeat && !counts_changed_rows(dialect, sql);
        // A statement that is not recognised has no facts.
        let _ = words.facts(&mut step);
        let usual = step.usual_concurrently();
        step.concurrently = words.concurrently.filter(|at| usual.is_some_and(|usual| usual != *at));
        step
    }

    /// Parses a statement after the line that gives its run mode, as in lock files of format 1.
    pub fn read_text(dialect: Dialect, text: &str) -> Step {
        if let Some(generated) = text.strip_prefix(RUST)
            && (generated.is_empty() || generated.starts_with('\n'))
        {
            return Step::read_call(dialect, generated.trim_start_matches('\n'), text);
        }
        let marked = text.strip_prefix("-- kontract: ").and_then(|rest| rest.split_once('\n'));
        let marked = marked.and_then(|(word, sql)| Some((Mode::of_word(word)?, sql)));
        let (run, sql) = marked.unwrap_or((Mode::Together, text));
        Step::read(dialect, run, sql)
    }

    fn read_call(dialect: Dialect, generated: &str, text: &str) -> Step {
        let found = split_statements(dialect, generated).unwrap_or_default();
        let steps = found.iter().map(|statement| {
            Step::read(dialect, Mode::of_comments(&statement.comments), statement.text)
        });
        let step = Step::call_rust(steps.collect());
        if step.to_text() == text {
            step
        } else {
            // The hash of the migration covers this text.
            Step { sql: generated.to_owned(), ..step }
        }
    }

    /// Parses statements with the lines that give their run modes.
    pub fn read_texts<T: AsRef<str>>(
        dialect: Dialect,
        texts: impl IntoIterator<Item = T>,
    ) -> Vec<Step> {
        texts.into_iter().map(|text| Step::read_text(dialect, text.as_ref())).collect()
    }
}

/// The tokens of a statement, from left to right.
#[derive(Clone)]
pub(super) struct Words<'a> {
    dialect: Dialect,
    sql: &'a str,
    pub(super) tokens: Vec<Token<'a>>,
    pub(super) at: usize,
    /// Where the keyword `CONCURRENTLY` begins.
    concurrently: Option<usize>,
}

impl<'a> Words<'a> {
    pub(super) fn new(dialect: Dialect, sql: &'a str) -> Words<'a> {
        Words { dialect, sql, tokens: words(dialect, sql), at: 0, concurrently: None }
    }

    /// Moves past `CONCURRENTLY` if it comes next. Returns whether it does.
    fn eat_concurrently(&mut self) -> bool {
        let start = self.tokens.get(self.at).map(|token| token.start);
        let is_next = self.eat(&["CONCURRENTLY"]);
        self.concurrently = start.filter(|_| is_next);
        is_next
    }

    /// Moves past these keywords or signs if they come next. Returns whether they do.
    pub(super) fn eat(&mut self, words: &[&str]) -> bool {
        let here = self.tokens.get(self.at..).unwrap_or_default();
        let is =
            here.len() >= words.len() && here.iter().zip(words).all(|(one, word)| one.is(word));
        self.at += if is { words.len() } else { 0 };
        is
    }

    /// Takes the next name. Returns it without its schema, and the whole text.
    fn name(&mut self) -> Option<(String, &'a str)> {
        let start = self.tokens.get(self.at)?.start;
        let mut name = self.tokens.get(self.at)?.name()?;
        self.at += 1;
        while self.eat(&["."]) {
            name = self.tokens.get(self.at)?.name()?;
            self.at += 1;
        }
        Some((name.into_owned(), &self.sql[start..self.tokens[self.at - 1].end()]))
    }

    /// Takes the next name of a table. Returns its path, as catalogues have it, and the whole text.
    fn table(&mut self) -> Option<(String, &'a str)> {
        let first = self.tokens.get(self.at)?.name()?;
        let is_qualified = self.tokens.get(self.at + 1).is_some_and(|token| token.is("."));
        let (name, text) = self.name()?;
        let is_default = DEFAULT_NAMESPACES.contains(&&*first);
        let path = if is_qualified && !is_default { format!("{first}/{name}") } else { name };
        Some((path, text))
    }

    /// Takes a bracket that comes next. Returns the text in it.
    pub(super) fn bracket(&mut self) -> Option<&'a str> {
        let open = self.at;
        let mut depth = 0;
        for (at, token) in self.tokens.iter().enumerate().skip(open) {
            depth += i32::from(token.is("(")) - i32::from(token.is(")"));
            if depth == 0 {
                self.at = at + 1;
                let inner = &self.sql[self.tokens[open].end()..token.start];
                return (at > open).then_some(inner.trim());
            }
        }
        None
    }

    /// Sets the facts of the statement.
    fn facts(&mut self, step: &mut Step) -> Option<()> {
        if self.eat(&["CREATE"]) {
            let is_temporary = self.eat(&["TEMP"]) || self.eat(&["TEMPORARY"]);
            let found = self.create(step, is_temporary);
            step.creates_other = !is_temporary && !step.creates_objects();
            found
        } else if self.eat(&["DROP"]) {
            self.drop(step)
        } else if self.eat(&["ALTER"]) {
            self.alter(step)
        } else {
            let (vacuum, analyze) = (self.eat(&["VACUUM"]), self.eat(&["ANALYZE"]));
            let is_alone = step.run == Mode::Alone;
            step.repeatable = is_alone && (vacuum || analyze);
            step.transactional = is_alone && analyze && !vacuum;
            Some(())
        }
    }

    fn create(&mut self, step: &mut Step, is_temporary: bool) -> Option<()> {
        self.eat(&["UNLOGGED"]);
        if self.eat(&["TABLE"]) {
            self.eat(&["IF", "NOT", "EXISTS"]);
            let (path, text) = self.table()?;
            let temporary = |prefix: &&str| {
                text.get(..prefix.len()).is_some_and(|start| start.eq_ignore_ascii_case(prefix))
            };
            let is_temporary = is_temporary || ["pg_temp.", "temp."].iter().any(temporary);
            step.creates.extend((!is_temporary).then_some(path));
            return Some(());
        }
        let unique = self.eat(&["UNIQUE"]);
        if self.eat(&["INDEX"]) {
            let concurrently = self.eat_concurrently();
            self.eat(&["IF", "NOT", "EXISTS"]);
            if self.tokens.get(self.at)?.is("ON") {
                return None;
            }
            let (name, _) = self.name()?;
            if concurrently && step.run == Mode::Alone {
                step.index = Some(self.new_index(name, unique)?);
                step.transactional = true;
            } else {
                step.objects.push(name);
            }
            return Some(());
        }
        self.eat(&["MATERIALIZED"]);
        self.eat(&["CONSTRAINT"]);
        if self.eat(&["TRIGGER"]) || self.eat(&["VIEW"]) {
            self.eat(&["IF", "NOT", "EXISTS"]);
            step.objects.push(self.name()?.0);
        }
        Some(())
    }

    fn new_index(&mut self, name: String, unique: bool) -> Option<NewIndex> {
        if !self.eat(&["ON"]) {
            return None;
        }
        self.eat(&["ONLY"]);
        let (_, table) = self.name()?;
        while !self.tokens.get(self.at)?.is("(") {
            self.at += 1;
        }
        let list = self.bracket()?;
        let parts = split_at_commas(self.dialect, list).into_iter();
        let parts = parts.map(|part| split_order(self.dialect, part).0.to_owned()).collect();
        let rest = &self.tokens[self.at..];
        let condition = rest.iter().find(|token| token.is("WHERE"));
        let is_nulls = |window: &[Token<'_>]| {
            let sought = ["NULLS", "NOT", "DISTINCT"];
            window.iter().zip(sought).all(|(token, word)| token.is(word))
        };
        Some(NewIndex {
            name,
            table: table.to_owned(),
            parts,
            condition: condition.map(|token| self.sql[token.end()..].trim().to_owned()),
            unique,
            nulls_equal: rest.windows(3).any(is_nulls),
        })
    }

    fn drop(&mut self, step: &mut Step) -> Option<()> {
        if self.eat(&["TABLE"]) {
            self.eat(&["IF", "EXISTS"]);
            loop {
                step.drops.push(self.table()?.0);
                if !self.eat(&[","]) {
                    return Some(());
                }
            }
        }
        if self.eat(&["INDEX"]) {
            step.transactional = self.eat_concurrently() && step.run == Mode::Alone;
            step.drops_existing = !self.eat(&["IF", "EXISTS"]) && step.transactional;
            step.drops_index = Some(self.name()?.0);
        } else {
            self.eat(&["MATERIALIZED"]);
            if self.eat(&["TRIGGER"]) || self.eat(&["VIEW"]) {
                self.eat(&["IF", "EXISTS"]);
                step.drops_objects.push(self.name()?.0);
            }
        }
        Some(())
    }

    fn alter(&mut self, step: &mut Step) -> Option<()> {
        if self.eat(&["INDEX"]) {
            self.eat(&["IF", "EXISTS"]);
            let (from, _) = self.name()?;
            if self.eat(&["RENAME", "TO"]) {
                step.objects.extend([from, self.name()?.0]);
            }
            return Some(());
        }
        let (table, action) = self.altered()?;
        match action {
            Action::Rename => {
                let (to, _) = self.name()?;
                let to = match table.split_once('/') {
                    Some((namespace, _)) => format!("{namespace}/{to}"),
                    None => to,
                };
                step.renames.push(Rename { from: table, to });
            }
            Action::Move => {
                let (namespace, _) = self.name()?;
                let name = name_in_path(&table);
                let is_default = DEFAULT_NAMESPACES.contains(&&*namespace);
                let to = if is_default { name.to_owned() } else { format!("{namespace}/{name}") };
                step.renames.push(Rename { from: table, to });
            }
            Action::Drop(column) | Action::RenameColumn { from: column, .. } => {
                step.drops_columns.push(column);
            }
            Action::Add(_) => {}
            Action::Validate => {
                let _ = self.name()?;
                let is_all = self.at == self.tokens.len();
                step.repeatable = is_all && step.run == Mode::Alone;
                step.transactional = step.repeatable;
            }
        }
        Some(())
    }

    /// Takes the name and the table of a statement that creates an index.
    pub(super) fn created_index(&mut self) -> Option<(String, String)> {
        let is_create = self.eat(&["CREATE"]);
        self.eat(&["UNIQUE"]);
        if !(is_create && self.eat(&["INDEX"])) {
            return None;
        }
        self.eat_concurrently();
        self.eat(&["IF", "NOT", "EXISTS"]);
        let (name, _) = self.name()?;
        if !self.eat(&["ON"]) {
            return None;
        }
        self.eat(&["ONLY"]);
        Some((name, self.name()?.0))
    }

    /// Takes the table after `ALTER` and its first action.
    pub(super) fn altered(&mut self) -> Option<(String, Action)> {
        if !self.eat(&["TABLE"]) {
            return None;
        }
        self.eat(&["IF", "EXISTS"]);
        self.eat(&["ONLY"]);
        let (table, _) = self.table()?;
        let action = if self.eat(&["RENAME", "TO"]) {
            Action::Rename
        } else if self.eat(&["SET", "SCHEMA"]) {
            Action::Move
        } else if self.eat(&["RENAME"]) {
            if self.eat(&["CONSTRAINT"]) {
                return None;
            }
            self.eat(&["COLUMN"]);
            let (from, _) = self.name()?;
            self.eat(&["TO"]);
            Action::RenameColumn { from, to: self.name()?.0 }
        } else if self.eat(&["DROP"]) {
            if self.eat(&["CONSTRAINT"]) {
                return None;
            }
            self.eat(&["COLUMN"]);
            self.eat(&["IF", "EXISTS"]);
            Action::Drop(self.name()?.0)
        } else if self.eat(&["ADD"]) {
            self.eat(&["COLUMN"]);
            self.eat(&["IF", "NOT", "EXISTS"]);
            Action::Add(self.name()?.0)
        } else if self.eat(&["VALIDATE", "CONSTRAINT"]) {
            Action::Validate
        } else {
            return None;
        };
        Some((table, action))
    }
}

/// The namespaces whose tables have a name as their path: those that a connection uses by itself.
const DEFAULT_NAMESPACES: [&str; 2] = ["public", "main"];

/// The action of an `ALTER TABLE`.
pub(super) enum Action {
    Rename,
    Move,
    RenameColumn { from: String, to: String },
    Drop(String),
    Add(String),
    Validate,
}

/// Whether a statement contains a checked conversion of Kontract's, which turns a value that does not
/// fit into a text with the reason.
fn checks_values(dialect: Dialect, sql: &str) -> bool {
    tokens(dialect, sql)
        .any(|token| token.kind == TokenKind::Text && token.text.starts_with("' is no "))
}
