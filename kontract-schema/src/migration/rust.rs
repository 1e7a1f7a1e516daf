//! Migrations in Rust: parses `migrations/0006_rename_email.rs` into the changes that it covers and
//! the name of its struct, and writes the template of such a file. The code itself is not analysed.
//!
//! ```text
//! //! kontract: covers users.email:removed
//! ```
//!
//! The directives are those of a SQL file. The trait is `kontract::migrate::Migration`.

use std::str::FromStr;

use proc_macro2::{Delimiter, Span, TokenStream, TokenTree};
use quote::ToTokens;
use syn::{Fields, ImplItem, Item, ItemImpl, Type, Visibility};

use super::manual::{Manual, Problems, RustCode, Sections, directive, join_ids};
use super::run_mode::Mode;
use crate::change::{Change, ChangeId};
use crate::diagnostic::Diagnostic;
use crate::dialect::PLACEHOLDER;
use crate::plan::{Script, Scripts, Step};

/// The expected form of a file.
const FORM: &str = "the file holds one struct that is the migration: `pub struct RenameEmail;` with \
                    `impl kontract::migrate::Migration for RenameEmail { … }`";

/// Parses the text of a migration file.
///
/// # Errors
/// All mistakes in the file, each with its line.
pub fn parse(file: &str, text: &str) -> Result<Manual, Vec<Diagnostic>> {
    let mut problems = Problems { file, found: Vec::new() };
    let sections = directives(text, &mut problems);
    sections.check_covers("//!", &mut problems);
    let code = match syn::parse_file(text) {
        Ok(parsed) => code(&parsed, &mut problems),
        Err(error) => {
            let what = match TokenStream::from_str(text) {
                Ok(_) => error.to_string(),
                Err(_) => "a bracket or a text is not closed".to_owned(),
            };
            problems.push(line(error.span()), what);
            None
        }
    };
    if let Ok(tokens) = TokenStream::from_str(text) {
        placeholders(tokens, &mut problems);
    }
    match (code, problems.found.is_empty()) {
        (Some(code), true) => {
            let down = code.down.is_some().then(Vec::new);
            let script = Script { down, ..Script::default() };
            let sqlite = Script { rebuild: sections.rebuild, ..script.clone() };
            let sql = Scripts { postgres: script, sqlite };
            let Sections { covers, accepts, allows, before, .. } = sections;
            let (lines, rust) = (Default::default(), Some(code));
            Ok(Manual { covers, accepts, allows, lines, before, sql, rust })
        }
        _ => Err(problems.found),
    }
}

/// Returns the checksum of a migration file. It covers the tokens, so that comments, blanks and line
/// ends may change. It begins with its version, `1:`; a file that cannot be parsed gets the checksum
/// of its bytes.
pub fn checksum(text: &str) -> String {
    let text = text.replace("\r\n", "\n");
    let Ok(tokens) = TokenStream::from_str(&text) else {
        return crate::hash::of_bytes(text.as_bytes());
    };
    let sections = directives(&text, &mut Problems { file: "", found: Vec::new() });
    let mut bytes =
        format!("{} {} {}\n", join_ids(&sections.covers, ","), sections.rebuild, sections.data);
    canonical(tokens, &mut bytes);
    format!("1:{}", crate::hash::of_bytes(bytes.as_bytes()))
}

/// Parses the lines `//! kontract: …`.
fn directives(text: &str, problems: &mut Problems<'_>) -> Sections<'static> {
    let mut sections = Sections::default();
    for (line, number) in text.lines().zip(1..) {
        let comment = line.trim().strip_prefix("//!").map(str::trim);
        if let Some(words) = comment.and_then(|text| text.strip_prefix("kontract:")) {
            directive(words.trim(), number, &mut sections, problems);
        }
    }
    sections
}

/// Finds the struct that implements the migration.
fn code(file: &syn::File, problems: &mut Problems<'_>) -> Option<RustCode> {
    let is_migration = |item: &&ItemImpl| {
        let path = item.trait_.as_ref().map(|(path, _)| path);
        path.and_then(|path| path.segments.last()).is_some_and(|last| last.ident == "Migration")
    };
    let impls = file.items.iter().filter_map(|item| match item {
        Item::Impl(item) => Some(item),
        _ => None,
    });
    let found: Vec<&ItemImpl> = impls.filter(is_migration).collect();
    let [item] = found[..] else {
        let (at, what) = match found.get(1) {
            None => (1, "the file contains no migration"),
            Some(second) => (
                line(syn::spanned::Spanned::span(&second.self_ty)),
                "the file contains a second migration",
            ),
        };
        problems.push(at, what).help.push(FORM.to_owned());
        return None;
    };
    let name = match &*item.self_ty {
        Type::Path(ty) => ty.path.get_ident(),
        _ => None,
    };
    let strukt = file.items.iter().find_map(|item| match item {
        Item::Struct(strukt) if Some(&strukt.ident) == name => Some(strukt),
        _ => None,
    });
    let at = line(syn::spanned::Spanned::span(&item.self_ty));
    let Some(strukt) = strukt.filter(|strukt| matches!(strukt.fields, Fields::Unit)) else {
        problems
            .push(at, "the migration is not a struct without fields")
            .help
            .push(FORM.to_owned());
        return None;
    };
    if matches!(strukt.vis, Visibility::Inherited) {
        let what = format!("`{}` is not public", strukt.ident);
        let help = format!("write `pub struct {};`", strukt.ident);
        problems.push(line(strukt.ident.span()), what).help.push(help);
    }
    let down = item.items.iter().find_map(|item| match item {
        ImplItem::Fn(method) if method.sig.ident == "down" => Some(method.to_token_stream()),
        _ => None,
    });
    let in_down = down.as_ref().map(|tokens| updates(tokens.clone()));
    let everywhere = updates(file.to_token_stream());
    Some(RustCode {
        ty: strukt.ident.to_string(),
        updates: everywhere > in_down.unwrap_or_default(),
        down: in_down.map(|calls| calls > 0),
    })
}

/// Counts the uses of the name `update_schema`.
fn updates(tokens: TokenStream) -> usize {
    let count = |token: TokenTree| match token {
        TokenTree::Ident(ident) => usize::from(ident == "update_schema"),
        TokenTree::Group(group) => updates(group.stream()),
        _ => 0,
    };
    tokens.into_iter().map(count).sum()
}

/// Reports string literals that contain a placeholder.
fn placeholders(tokens: TokenStream, problems: &mut Problems<'_>) {
    for token in without_docs(tokens) {
        match token {
            TokenTree::Group(group) => placeholders(group.stream(), problems),
            TokenTree::Literal(literal) if literal.to_string().contains(PLACEHOLDER) => {
                let help = "replace it with the value that rows get".to_owned();
                problems.push(line(literal.span()), "has a placeholder").help.push(help);
            }
            _ => {}
        }
    }
}

fn line(span: Span) -> usize {
    span.start().line.max(1)
}

/// Appends the tokens with single spaces, without doc comments.
fn canonical(tokens: TokenStream, out: &mut String) {
    for token in without_docs(tokens) {
        match token {
            TokenTree::Group(group) => {
                let (open, close) = match group.delimiter() {
                    Delimiter::Parenthesis => ("( ", ") "),
                    Delimiter::Brace => ("{ ", "} "),
                    Delimiter::Bracket => ("[ ", "] "),
                    Delimiter::None => ("", ""),
                };
                *out += open;
                canonical(group.stream(), out);
                *out += close;
            }
            other => {
                *out += &other.to_string();
                out.push(' ');
            }
        }
    }
}

/// Removes `#[doc = …]` and `#![doc = …]`, the token form of doc comments.
fn without_docs(tokens: TokenStream) -> Vec<TokenTree> {
    let all: Vec<TokenTree> = tokens.into_iter().collect();
    let is_punct =
        |at: usize, c| matches!(all.get(at), Some(TokenTree::Punct(p)) if p.as_char() == c);
    let is_doc = |at: usize| match all.get(at) {
        Some(TokenTree::Group(group)) if group.delimiter() == Delimiter::Bracket => {
            let first = group.stream().into_iter().next();
            matches!(first, Some(TokenTree::Ident(ident)) if ident == "doc")
        }
        _ => false,
    };
    let mut found = Vec::with_capacity(all.len());
    let mut at = 0;
    while at < all.len() {
        let bang = usize::from(is_punct(at + 1, '!'));
        if is_punct(at, '#') && is_doc(at + 1 + bang) {
            at += 2 + bang;
        } else {
            found.push(all[at].clone());
            at += 1;
        }
    }
    found
}

/// Returns the template of a migration file: the covered changes and a call of `update_schema`. If
/// the statements have placeholders, the file has a call for each statement of both databases, and
/// the user fills in the values.
pub fn template(name: &str, changes: &[&Change], sql: &Scripts) -> String {
    let ids: Vec<ChangeId> = changes.iter().map(|change| change.id()).collect();
    let ty: String = name.split('_').map(capitalized).collect();
    let ty =
        if ty.starts_with(|c: char| c.is_ascii_digit()) { format!("Migration{ty}") } else { ty };
    let is_open =
        [&sql.postgres.up, &sql.sqlite.up].into_iter().flatten().any(|step| step.placeholder);
    let mut text = if ids.is_empty() {
        "//! kontract: data\n".to_owned()
    } else {
        format!("//! kontract: covers {}\n", join_ids(&ids, ", "))
    };
    if is_open && sql.sqlite.rebuild {
        text += "//! kontract: rebuild\n";
    }
    let texts = |script: &Script| -> Vec<String> { script.up.iter().map(Step::to_text).collect() };
    let differs = is_open && texts(&sql.postgres) != texts(&sql.sqlite);
    let dialect = if differs { "Dialect, " } else { "" };
    text += "\nuse kontract::Result;\n";
    text += &format!("use kontract::migrate::{{{dialect}Migration, MigrationDb}};\n\n");
    text += &format!("pub struct {ty};\n\nimpl Migration for {ty} {{\n");
    text += "    async fn up(&self, db: &mut MigrationDb) -> Result<()> {\n";
    text += &match (ids.is_empty(), is_open) {
        (true, _) => "        // db.exec(\"UPDATE … SET … = $1\", (1i64,)).await?;\n        let _ = db;\n        Ok(())\n".to_owned(),
        (_, false) => "        // Runs what was generated for these changes: `kontract plan` shows it.\n        db.update_schema().await\n".to_owned(),
        (_, true) if differs => format!(
            "        match db.dialect() {{\n            Dialect::Postgres => {{\n{}            }}\n            Dialect::Sqlite => {{\n{}            }}\n        }}\n        Ok(())\n",
            calls(&sql.postgres.up, 16),
            calls(&sql.sqlite.up, 16),
        ),
        (_, true) => format!("{}        Ok(())\n", calls(&sql.postgres.up, 8)),
    };
    text += "    }\n";
    if !ids.is_empty() && sql.postgres.down.is_some() && sql.sqlite.down.is_some() {
        text += "\n    async fn down(&self, db: &mut MigrationDb) -> Result<()> {\n        db.update_schema().await\n    }\n";
    }
    text + "}\n"
}

fn capitalized(word: &str) -> String {
    let mut chars = word.chars();
    chars
        .next()
        .map_or(String::new(), |first| first.to_ascii_uppercase().to_string() + chars.as_str())
}

/// Returns a call for each statement.
fn calls(steps: &[Step], indent: usize) -> String {
    let indent = " ".repeat(indent);
    let call = |step: &Step| {
        // In the transaction of the migration.
        let sql = step.sql_in_transaction();
        let hashes = "#".repeat(usize::from(sql.contains('"')));
        let call = format!("db.exec(r{hashes}\"{sql}\"{hashes}, ()).await?");
        match step.run {
            Mode::Repeat => format!("{indent}while {call} > 0 {{}}\n"),
            _ => format!("{indent}{call};\n"),
        }
    };
    steps.iter().map(call).collect()
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::change::{Fact, ItemChange};

    const FILE: &str = "//! Why.\n//! kontract: covers users.email:removed\n\nuse kontract::{Migration, MigrationDb, Result};\n\n\
        pub struct RenameEmail;\n\nimpl Migration for RenameEmail {\n    async fn up(&self, db: &mut MigrationDb) -> Result<()> {\n        \
        db.update_schema().await\n    }\n}\n";

    fn problems(text: &str) -> Vec<String> {
        let found = parse("0002_x.rs", text).expect_err("it is refused");
        found.into_iter().map(|problem| problem.message).collect()
    }

    #[test]
    fn what_a_file_says() {
        let manual = parse("0002_x.rs", FILE).expect("a migration");
        assert_eq!(join_ids(&manual.covers, " "), "users.email:removed");
        assert_eq!((manual.sql.postgres.down, manual.sql.sqlite.rebuild), (None, false));
        let code = RustCode { ty: "RenameEmail".into(), updates: true, down: None };
        assert_eq!(manual.rust, Some(code));
        let back = FILE.replace("\n    }\n}\n", "\n    }\n    async fn down(&self, db: &mut MigrationDb) -> Result<()> { help(db).await }\n}\n");
        let rebuild = back.replace("//! Why.", "//! kontract: rebuild");
        let manual = parse("0002_x.rs", &rebuild).expect("a migration");
        assert_eq!((manual.sql.postgres.down, manual.sql.sqlite.rebuild), (Some(vec![]), true));
        assert_eq!(manual.rust.map(|code| (code.updates, code.down)), Some((true, Some(false))));
        let only_back =
            back.replace("db.update_schema()", "x()").replace("help(db)", "db.update_schema()");
        let manual = parse("0002_x.rs", &only_back).expect("a migration");
        assert_eq!(manual.rust.map(|code| (code.updates, code.down)), Some((false, Some(true))));
    }

    #[test]
    fn what_is_wrong_has_its_line() {
        for (old, new, problem) in [
            ("//! kontract: covers users.email:removed", "", "line 1: covers nothing"),
            ("covers users.email:removed", "cover x", "line 2: `cover x` is not known"),
            ("pub struct", "struct", "line 6: `RenameEmail` is not public"),
            (
                "RenameEmail;",
                "RenameEmail { a: u8 }",
                "line 8: the migration is not a struct without fields",
            ),
            ("impl Migration for", "impl Other for", "line 1: the file contains no migration"),
            (
                "use kontract",
                "impl Migration for X {}\nuse kontract",
                "line 9: the file contains a second migration",
            ),
            (
                "update_schema()",
                "exec(\"SET a = <value for a as TEXT>\")",
                "line 10: has a placeholder",
            ),
            ("().await", "() await", "line 10: unexpected token"),
            ("().await", "(.await", "line 11: a bracket or a text is not closed"),
        ] {
            let found = problems(&FILE.replace(old, new));
            let expected = format!("migration `0002_x.rs`, {problem}");
            assert!(
                found.len() == 1 && found[0].starts_with(&expected),
                "{found:?}\nnot {expected}"
            );
        }
    }

    #[test]
    fn a_checksum_is_over_the_tokens() {
        let sum = checksum(FILE);
        assert!(sum.starts_with("1:sha256:"), "{sum}");
        for same in [
            FILE.replace('\n', "\r\n"),
            FILE.replace("//! Why.\n", "// other\n"),
            FILE.replace("    ", " ").replace("pub struct", "/** text */ pub struct /* here */"),
        ] {
            assert_eq!(checksum(&same), sum, "{same}");
        }
        for other in [
            FILE.replace("users.email", "users.mail"),
            FILE.replace("covers", "data\n//! kontract: covers"),
            FILE.replace("db.update_schema().await", "Ok(())"),
            FILE.replace("pub struct", "#[allow(dead_code)] pub struct"),
            FILE.replace("await\n", "await //\n;"),
            "fn (".to_owned(),
        ] {
            assert_ne!(checksum(&other), sum, "{other}");
        }
    }

    #[test]
    fn the_ready_made_file_can_be_read() {
        let change = Change {
            table: "users".to_owned(),
            fact: Fact::Check(ItemChange::Removed("adult".into(), "age > 17".into())),
        };
        let script = |up: &str| {
            let step = Step { placeholder: up.contains('<'), ..Step::new(up) };
            Script { up: vec![step], down: Some(vec![]), ..Script::default() }
        };
        let sql = |postgres, sqlite| Scripts { postgres: script(postgres), sqlite: script(sqlite) };
        let text = template("add_2fa", &[&change], &sql("A", "B"));
        let manual = parse("0002_add_2fa.rs", &text).expect("a migration");
        let code = RustCode { ty: "Add2fa".into(), updates: true, down: Some(true) };
        assert_eq!((manual.rust, manual.covers), (Some(code), vec![change.id()]));
        let open = template("2fa", &[&change], &sql("A \"<value for a as TEXT>\"", "B"));
        let found = parse("0002_x.rs", &open).expect_err("it has a placeholder");
        assert!(found.len() == 1 && found[0].message.contains("has a placeholder"), "{found:?}");
        let closed = open.replace("<value for a as TEXT>", "1");
        let code = parse("0002_x.rs", &closed).expect("a migration").rust.expect("Rust");
        assert_eq!((code.ty.as_str(), code.updates), ("Migration2fa", false));
        assert!(
            closed.contains(
                "Dialect::Postgres => {\n                db.exec(r#\"A \"1\"\"#, ()).await?;"
            ),
            "{closed}"
        );
        let data = template("fix", &[], &Scripts::default());
        assert!(parse("0002_fix.rs", &data).expect("a migration").covers.is_empty());
    }
}
