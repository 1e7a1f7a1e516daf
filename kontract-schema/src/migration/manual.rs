//! Manual migrations: parses `migrations/0006_rename_email.sql` into its statements, and writes the
//! template of a file for the changes that need one.
//!
//! ```sql
//! -- kontract: covers users.email:removed, users.age:type
//!
//! -- up
//! UPDATE users SET age = 0 WHERE age IS NULL;
//!
//! -- down postgres
//! ALTER TABLE users ADD COLUMN email TEXT;
//!
//! -- down sqlite
//! ALTER TABLE users ADD COLUMN email TEXT;
//! ```
//!
//! A section without a database applies to both. A line before a statement gives its run mode if it
//! does not run in one transaction with the others (see [`run_mode`](crate::migration::run_mode)).
//! `-- kontract: rebuild` declares that the migration rebuilds tables on SQLite: foreign keys are off
//! while it runs, and checked before it commits. A migration that only moves data, and covers no
//! change, has the line `-- kontract: data`; one that creates what new tables need, such as extensions,
//! types and functions, the line `-- kontract: before`: it runs before the generated statements. A migration that loses data needs the approval of a
//! user: `-- kontract: accept 1f0c…`, with the hash of the plan. The build script finds the files,
//! numbers them and compares them with the lock file.

use std::borrow::Cow;

use super::run_mode::Mode;
use crate::change::{Change, ChangeId, ChangeKind};
use crate::code;
use crate::diagnostic::Diagnostic;
use crate::dialect::{Dialect, PLACEHOLDER};
use crate::plan::{Script, Scripts, Step};
use crate::rules;
use crate::sqltext::{self, split_statements, tokens, without_blanks};

/// The content of a manual migration.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Manual {
    /// The ids of the changes that it covers, in the order of the file.
    pub covers: Vec<ChangeId>,
    /// The hash of the plan whose data loss is accepted ([`Plan::hash`](crate::gate::Plan::hash)).
    pub accepts: Option<String>,
    /// The rules that its statements are allowed to break.
    pub allows: Vec<Allow>,
    /// The lines at which the statements of `up` begin, for each database of [`Dialect::ALL`].
    pub lines: [Vec<usize>; 2],
    /// Whether it runs before the statements that are generated for the other changes.
    pub before: bool,
    /// Its statements; empty for a migration in Rust.
    pub sql: Scripts,
    /// The facts of its code, for a migration in Rust.
    pub rust: Option<RustCode>,
}

/// A line `-- kontract: allow(I1) reason`.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Allow {
    /// The rule.
    pub rule: String,
    /// The line, from 1.
    pub line: usize,
    /// The line at which its section ends, if it is in a section: it then applies to the next
    /// statement there. At the head of the file it applies to the whole file.
    pub until: Option<usize>,
}

/// The facts of a migration in Rust.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct RustCode {
    /// The name of the struct that is the migration.
    pub ty: String,
    /// Whether `up` calls `update_schema`.
    pub updates: bool,
    /// Whether `down` calls `update_schema`; `None` if the migration has no `down`.
    pub down: Option<bool>,
}

impl RustCode {
    /// Returns the call of the code, with the generated steps that the code runs.
    fn scripts(&self, own: &Scripts, generated: &Scripts) -> Scripts {
        Scripts::for_each(|dialect| {
            let (own, generated) = (own.for_dialect(dialect), generated.for_dialect(dialect));
            let up = if self.updates { generated.up.clone() } else { Vec::new() };
            let down = self.down.map(|updates| {
                let generated = generated.down.clone().filter(|_| updates);
                vec![Step::call_rust(generated.unwrap_or_default())]
            });
            let rebuild = own.rebuild || generated.rebuild;
            Script { rebuild, up: vec![Step::call_rust(up)], down, ..Script::default() }
        })
    }

    /// Reports a call of `update_schema` whose statements cannot be generated.
    fn problems(&self, file: &str, generated: &Scripts) -> Option<Diagnostic> {
        let both = [&generated.postgres, &generated.sqlite];
        let is_open = |script: &Script| script.up.iter().any(|step| step.placeholder);
        let (what, help) = if self.updates && both.iter().any(|script| is_open(script)) {
            (
                "calls `update_schema`, but its statements need a value that only you know",
                "write the statements with `db.exec`; `kontract migrate create --rs NAME` writes them for you to complete",
            )
        } else if self.down == Some(true) && both.iter().any(|script| script.down.is_none()) {
            (
                "calls `update_schema` in `down`, but the reverse statements cannot be generated",
                "write the statements with `db.exec`, or remove `down`: the migration then cannot be reversed",
            )
        } else {
            return None;
        };
        let message = format!("migration `{file}` {what}");
        Some(Diagnostic::new(code::MIGRATION_FORM, message).help(help))
    }
}

impl Manual {
    /// Returns its steps. For a migration in Rust that is the call, with the steps generated for the
    /// changes that it covers.
    ///
    /// # Errors
    /// It calls `update_schema`, and the statements cannot be generated.
    pub fn scripts(&self, file: &str, generated: &Scripts) -> Result<Scripts, Box<Diagnostic>> {
        let Some(code) = &self.rust else { return Ok(self.sql.clone()) };
        match code.problems(file, generated) {
            Some(problem) => Err(Box::new(problem)),
            None => Ok(code.scripts(&self.sql, generated)),
        }
    }
}

/// The directives of a file and its sections.
#[derive(Default)]
pub(super) struct Sections<'a> {
    found: Vec<Section<'a>>,
    pub(super) covers: Vec<ChangeId>,
    pub(super) accepts: Option<String>,
    pub(super) allows: Vec<Allow>,
    pub(super) rebuild: bool,
    pub(super) data: bool,
    pub(super) before: bool,
}

impl Sections<'_> {
    /// Reports a file that covers nothing, if it has no other mistake. `comment` begins a comment.
    pub(super) fn check_covers(&self, comment: &str, problems: &mut Problems<'_>) {
        if self.before && !self.covers.is_empty() && problems.found.is_empty() {
            problems.push(1, "runs before the generated statements, and covers changes").help.push(
                "write two migrations: what the tables need first, and then what covers the changes"
                    .to_owned(),
            );
        }
        let is_complete = !self.covers.is_empty() || self.data || self.before;
        if !is_complete && problems.found.is_empty() {
            problems.push(1, "covers nothing").help.extend([
                format!("name the changes that it covers: `{comment} kontract: covers users.email:removed`"),
                format!("if it only moves data, write `{comment} kontract: data`; if it creates what new tables need, `{comment} kontract: before`"),
            ]);
        }
    }

    /// Sets the end of the `allow` lines of a section that ends at this line.
    fn close_allows(&mut self, line: usize) {
        for until in self.allows.iter_mut().filter_map(|allow| allow.until.as_mut()) {
            *until = (*until).min(line);
        }
    }
}

struct Section<'a> {
    is_up: bool,
    dialect: Option<Dialect>,
    line: usize,
    lines: Vec<&'a str>,
}

/// Parses the text of a migration file, with LF or CRLF line ends.
///
/// # Errors
/// All mistakes in the file, each with its line.
pub fn parse(file: &str, text: &str) -> Result<Manual, Vec<Diagnostic>> {
    let text = text.replace("\r\n", "\n");
    let mut problems = Problems { file, found: Vec::new() };
    let sections = sections(&text, &mut problems);
    if !sections.found.iter().any(|section| section.is_up) && problems.found.is_empty() {
        problems.push(1, "has no section `-- up`").help.push(
            "write what goes forward below a line `-- up`; `-- up postgres` and `-- up sqlite` \
             where the databases differ"
                .to_owned(),
        );
    }
    let mut lines = [Vec::new(), Vec::new()];
    let mut script = |dialect: Dialect, lines: &mut Vec<usize>| {
        let up = section(&sections, true, dialect, &mut problems).map(|found| {
            let (up, at): (Vec<_>, Vec<_>) = found.into_iter().unzip();
            *lines = at;
            up
        });
        let down = section(&sections, false, dialect, &mut problems);
        let down = down.map(|found| found.into_iter().map(|(step, _)| step).collect::<Vec<_>>());
        let any_up = sections.found.iter().any(|section| section.is_up);
        if up.is_none() && any_up {
            let message = format!("has no section `-- up {}`", dialect.name());
            problems
                .push(1, message)
                .help
                .push("write it, empty if there is nothing to do".to_owned());
        }
        let up = up.unwrap_or_default();
        let mut all = up.iter().chain(down.iter().flatten());
        let rebuild = dialect == Dialect::Sqlite
            && (sections.rebuild || all.any(|step| names_new_form(dialect, &step.sql)));
        Script { rebuild, up, down, ..Script::default() }
    };
    let [on_postgres, on_sqlite] = &mut lines;
    let sql = Scripts {
        postgres: script(Dialect::Postgres, on_postgres),
        sqlite: script(Dialect::Sqlite, on_sqlite),
    };
    sections.check_covers("--", &mut problems);
    if problems.found.is_empty() {
        let Sections { covers, accepts, allows, before, .. } = sections;
        Ok(Manual { covers, accepts, allows, lines, before, sql, rust: None })
    } else {
        Err(problems.found)
    }
}

/// Returns the checksum of a migration file. It covers what the file does, so that comments, blanks
/// and line ends may change. It begins with its version, `1:`; a file that cannot be parsed gets the
/// checksum of its bytes.
pub fn checksum(text: &str) -> String {
    let Ok(manual) = parse("", text) else {
        return crate::hash::of_bytes(text.replace("\r\n", "\n").as_bytes());
    };
    let mut bytes = join_ids(&manual.covers, ",");
    for dialect in Dialect::ALL {
        let script = manual.sql.for_dialect(dialect);
        let (word, no_down) = (dialect.name(), script.down.is_none());
        bytes += &format!("\n{word} {} {no_down}", script.rebuild);
        let parts = [&script.up, script.down.as_ref().unwrap_or(&script.up)];
        for step in parts.into_iter().take(2 - usize::from(no_down)).flatten() {
            let mode = step.run.as_str().unwrap_or_default();
            bytes += &format!("\n{mode}:{}", without_blanks(dialect, &step.sql));
        }
        bytes += "\n";
    }
    format!("1:{}", crate::hash::of_bytes(bytes.as_bytes()))
}

/// Returns the ids with a separator between them.
pub(crate) fn join_ids(ids: &[ChangeId], separator: &str) -> String {
    ids.iter().map(ChangeId::to_string).collect::<Vec<_>>().join(separator)
}

pub(super) struct Problems<'a> {
    pub(super) file: &'a str,
    pub(super) found: Vec<Diagnostic>,
}

impl Problems<'_> {
    pub(super) fn push(&mut self, line: usize, message: impl AsRef<str>) -> &mut Diagnostic {
        let message = format!("migration `{}`, line {line}: {}", self.file, message.as_ref());
        // A section for both databases is parsed twice.
        if let Some(same) = self.found.iter().position(|other| other.message == message) {
            return &mut self.found[same];
        }
        self.found.push(Diagnostic::new(code::MIGRATION_FORM, message));
        self.found.last_mut().expect("one was pushed just now")
    }
}

fn sections<'a>(text: &'a str, problems: &mut Problems<'_>) -> Sections<'a> {
    let mut sections = Sections::default();
    for (line, number) in text.lines().zip(1..) {
        let comment = line.trim().strip_prefix("--").map(str::trim);
        if let Some(directive) = comment.and_then(|text| text.strip_prefix("kontract:")) {
            match (Mode::of_word(directive.trim()), sections.found.last_mut()) {
                (Some(_), Some(section)) => section.lines.push(line),
                (_, section) => {
                    // An empty line keeps the line numbers.
                    section.into_iter().for_each(|section| section.lines.push(""));
                    self::directive(directive.trim(), number, &mut sections, problems);
                }
            }
            continue;
        }
        if let Some((is_up, dialect)) = comment.and_then(marker) {
            let twice = |other: &Section<'_>| {
                other.is_up == is_up
                    && (other.dialect == dialect || other.dialect.is_none() || dialect.is_none())
            };
            if let Some(other) = sections.found.iter().find(|other| twice(other)) {
                let message =
                    format!("`{}` overlaps with the section in line {}", line.trim(), other.line);
                problems.push(number, message);
            }
            sections.close_allows(number);
            sections.found.push(Section { is_up, dialect, line: number, lines: Vec::new() });
            continue;
        }
        match sections.found.last_mut() {
            Some(section) => section.lines.push(line),
            None if comment.is_some() || line.trim().is_empty() => {}
            None => {
                problems
                    .push(number, "is before the first section")
                    .help
                    .push("begin with a line `-- up`".to_owned());
            }
        }
    }
    sections.close_allows(usize::MAX);
    sections
}

/// Parses `up`, `down postgres` … into the direction and the database.
fn marker(comment: &str) -> Option<(bool, Option<Dialect>)> {
    let mut words = comment.split_whitespace();
    let is_up = match words.next()?.to_ascii_lowercase().as_str() {
        "up" => true,
        "down" => false,
        _ => return None,
    };
    let dialect = match words.next() {
        None => None,
        Some(word) => {
            let named = |dialect: &Dialect| word.eq_ignore_ascii_case(dialect.name());
            Some(Dialect::ALL.into_iter().find(named)?)
        }
    };
    words.next().is_none().then_some((is_up, dialect))
}

pub(super) fn directive(
    text: &str,
    line: usize,
    sections: &mut Sections<'_>,
    problems: &mut Problems<'_>,
) {
    if let Some(list) = text.strip_prefix("covers") {
        let ids = list.split(',').map(str::trim).filter(|id| !id.is_empty());
        for id in ids {
            match id.parse::<ChangeId>() {
                Ok(id) if sections.covers.contains(&id) => {
                    problems.push(line, format!("`{id}` is listed twice"));
                }
                Ok(found) if !id.contains(char::is_whitespace) => sections.covers.push(found),
                _ => {
                    let message = format!("`{id}` is not the name of a change");
                    let help =
                        "changes are named like `users.email:removed`; `kontract diff` lists them";
                    problems.push(line, message).help.push(help.to_owned());
                }
            }
        }
    } else if let Some(hash) = text.strip_prefix("accept ").map(str::trim) {
        if !is_plan_hash(hash) {
            problems
                .push(line, format!("`{hash}` is not the hash of a plan"))
                .help
                .push("the hash has 16 digits; `kontract plan` shows it".to_owned());
        } else if sections.accepts.replace(hash.to_owned()).is_some() {
            problems.push(line, "a plan is accepted twice");
        }
    } else if let Some((rule, reason)) =
        text.strip_prefix("allow(").and_then(|rest| rest.split_once(')'))
    {
        match rules::find(rule) {
            None => problems
                .push(line, format!("unknown rule `{rule}`"))
                .help
                .push("the warning names the rule; `kontract explain` lists all rules".to_owned()),
            Some(_) if reason.trim().is_empty() => problems
                .push(line, format!("`allow({rule})` has no reason"))
                .help
                .push(format!("write a reason: `-- kontract: allow({rule}) the table is small`")),
            Some(rule) => {
                let until = (!sections.found.is_empty()).then_some(usize::MAX);
                sections.allows.push(Allow { rule: rule.id.to_owned(), line, until });
            }
        }
    } else if text == "rebuild" {
        sections.rebuild = true;
    } else if text == "data" {
        sections.data = true;
    } else if text == "before" {
        sections.before = true;
    } else {
        problems.push(line, format!("`{text}` is not known")).help.push(
            "`-- kontract: covers …`, `-- kontract: accept …`, `-- kontract: allow(…) …`, `-- kontract: data`, `-- kontract: before` and `-- kontract: rebuild` are; before a statement \
                 `-- kontract: no-transaction` and `-- kontract: repeat`"
                .to_owned(),
        );
    }
}

fn is_plan_hash(text: &str) -> bool {
    text.len() == 16
        && text.bytes().all(|byte| byte.is_ascii_digit() || (b'a'..=b'f').contains(&byte))
}

/// Adds the line that accepts a plan to the text of a migration file. It replaces an older `accept`
/// line, or goes below the `covers` line. Other lines and the line ends stay as they are.
pub fn with_accept(text: &str, hash: &str) -> String {
    let directive = |line: &str, word: &str| {
        let (comment, rest) = line.split_once("kontract:")?;
        let is_it = rest.trim_start().starts_with(word) && !comment.contains(char::is_alphanumeric);
        is_it.then(|| comment.to_owned())
    };
    let mut lines: Vec<String> = text.split_inclusive('\n').map(str::to_owned).collect();
    lines.retain(|line| directive(line, "accept ").is_none());
    let covers = lines.iter().rposition(|line| directive(line, "covers").is_some());
    let (at, comment) = match covers {
        Some(at) => (at + 1, directive(&lines[at], "covers").unwrap_or_default()),
        None => (0, "-- ".to_owned()),
    };
    let end = if text.contains("\r\n") { "\r\n" } else { "\n" };
    lines.insert(at, format!("{comment}kontract: accept {hash}{end}"));
    lines.concat()
}

/// Whether a statement names the new form of a table that it rebuilds.
fn names_new_form(dialect: Dialect, sql: &str) -> bool {
    let is_new = |name: Cow<'_, str>| name.contains("_kontract_new_");
    tokens(dialect, sql).any(|token| token.written_name().is_some_and(is_new))
}

/// Returns the steps of a section for one database, each with its line.
fn section(
    sections: &Sections<'_>,
    is_up: bool,
    dialect: Dialect,
    problems: &mut Problems<'_>,
) -> Option<Vec<(Step, usize)>> {
    let is_for = |section: &&Section<'_>| {
        section.is_up == is_up && section.dialect.is_none_or(|other| other == dialect)
    };
    let section = sections.found.iter().find(is_for)?;
    let text = section.lines.join("\n");
    let mut statements = Vec::new();
    match split_statements(dialect, &text) {
        Ok(found) => {
            for statement in found {
                let mode = Mode::of_comments(&statement.comments);
                let line = section.line + statement.line;
                if let Some(why) = refused_statement(dialect, mode, statement.text) {
                    let problem = problems.push(line, why);
                    if refused_statement(dialect, Mode::Alone, statement.text).is_none() {
                        let line = "write `-- kontract: no-transaction` in the line before it";
                        problem.help.push(line.to_owned());
                    }
                } else if statement.text.contains(PLACEHOLDER) {
                    problems
                        .push(line, "has a placeholder")
                        .help
                        .push("replace it with the value that rows get".to_owned());
                }
                statements.push((Step::read(dialect, mode, statement.text), line));
            }
        }
        Err(open) => {
            problems.push(section.line + open.line, format!("{} is not closed", open.what));
        }
    }
    Some(statements)
}

/// Returns why a statement of a migration must not run in this mode; `None` if it may.
fn refused_statement(dialect: Dialect, mode: Mode, statement: &str) -> Option<String> {
    if sqltext::sets_foreign_keys(dialect, statement) {
        return Some(
            "`PRAGMA foreign_keys` has no effect in a transaction: with a line `-- kontract: rebuild` at the head of the file, foreign keys are off while the migration runs and are checked at the end".to_owned(),
        );
    }
    if let Some(word) = sqltext::transaction_control(dialect, statement) {
        return Some(format!(
            "`{word}`: a migration runs in a transaction of its own and must not begin or end one"
        ));
    }
    if mode == Mode::Repeat {
        let first = sqltext::first_word(dialect, statement)?;
        if !["UPDATE", "DELETE", "INSERT", "WITH"].contains(&first.as_str()) {
            return Some(format!("`{first}` cannot be repeated until it changes no row"));
        }
    }
    if mode == Mode::Alone {
        return None;
    }
    let word = sqltext::needs_no_transaction(dialect, statement)?;
    Some(format!("`{word}` cannot run in the transaction of a migration"))
}

/// Returns why the code of a migration must not run these statements: it runs in the transaction of
/// the migration. `None` if it may.
pub fn refused(dialect: Dialect, sql: &str) -> Option<String> {
    let found = match split_statements(dialect, sql) {
        Ok(found) => found,
        Err(open) => return Some(format!("{} is not closed", open.what)),
    };
    found.iter().find_map(|statement| refused_statement(dialect, Mode::Together, statement.text))
}

/// Returns a name for a migration of these changes: `remove_users_email`.
pub fn name_for(changes: &[&Change]) -> String {
    let Some(first) = changes.first() else { return "change".to_owned() };
    let ChangeId { table, item, kind } = first.id();
    use ChangeKind::*;
    let verb = match kind {
        Removed | IndexRemoved | CheckRemoved | ReferenceRemoved | TrackRemoved => "remove",
        Added | IndexAdded | CheckAdded | ReferenceAdded | TrackAdded => "add",
        Renamed | VariantsRenamed | IndexRenamed | CheckRenamed | ReferenceRenamed => "rename",
        _ => "change",
    };
    let subject = item.map(|item| format!("{table}_{item}")).unwrap_or(table);
    let word = |c: char| if c.is_ascii_alphanumeric() { c.to_ascii_lowercase() } else { '_' };
    let subject: String = subject.chars().map(word).collect();
    let name = format!("{verb}_{}", subject.trim_matches('_'));
    name.chars().take(60).collect()
}

/// Returns the template of a migration file: the covered changes and the statements for both
/// databases, with placeholders for values that only the user knows.
pub fn template(changes: &[&Change], sql: &Scripts) -> String {
    let ids: Vec<ChangeId> = changes.iter().map(|change| change.id()).collect();
    let mut text = format!("-- kontract: covers {}\n", join_ids(&ids, ", "));
    if sql.sqlite.rebuild {
        text += "-- kontract: rebuild\n";
    }
    section_text(&mut text, "up", Some(&sql.postgres.up), Some(&sql.sqlite.up));
    let down = (sql.postgres.down.as_ref(), sql.sqlite.down.as_ref());
    section_text(&mut text, "down", down.0, down.1);
    text
}

fn section_text(
    text: &mut String,
    word: &str,
    postgres: Option<&Vec<Step>>,
    sqlite: Option<&Vec<Step>>,
) {
    let statements = |steps: &Vec<Step>| -> String {
        steps.iter().map(|step| format!("{};\n", step.to_text())).collect()
    };
    let (postgres, sqlite) = (postgres.map(statements), sqlite.map(statements));
    let mut push = |dialect: &str, statements: Option<String>| {
        if let Some(statements) = statements {
            *text += &format!("\n-- {word}{dialect}\n{statements}");
        }
    };
    if postgres == sqlite {
        push("", postgres);
    } else {
        push(" postgres", postgres);
        push(" sqlite", sqlite);
    }
}

#[cfg(test)]
mod tests;
