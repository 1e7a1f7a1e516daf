//! A review in Markdown. Texts of a branch cannot become markup: code is fenced longer than any run of
//! backticks in it, and other text is escaped.

use kontract_schema::diagnostic::Diagnostics;

use super::{ChangeLine, Entry, Review};
use crate::show::count;

/// Returns the comment.
pub fn render(review: &Review, package: &str, problems: &Diagnostics) -> String {
    let mut lines =
        vec![format!("### {}: {}", escape(package), escape(&review.heading())), String::new()];
    for gone in &review.gone {
        lines.push(format!(
            "- ❌ {} is missing or was changed; databases may have run it",
            escape(gone)
        ));
    }
    for problem in problems.iter() {
        lines.push(format!("- ❌ {}", escape(&problem.title())));
        lines.extend(problem.notes.iter().map(|note| format!("  - {}", escape(note))));
    }
    review.entries.iter().for_each(|entry| add_entry(entry, &mut lines));
    lines.join("\n")
}

fn add_entry(entry: &Entry, lines: &mut Vec<String>) {
    let mark = match (entry.is_explained, entry.is_manual) {
        (false, _) => "❌",
        (true, true) => "✋",
        (true, false) => "✅",
    };
    lines.extend([String::new(), format!("#### {mark} {}", escape(&entry.title)), String::new()]);
    lines.extend([escape(&entry.origin), String::new()]);
    lines.extend(entry.notes.iter().map(|note| format!("- {}", escape(note))));
    for ChangeLine { verdict, ids, rule, message } in &entry.changes {
        let ids: Vec<String> = ids.iter().map(|id| escape(&format!("`{id}`"))).collect();
        let (ids, rule, message) = (ids.join(", "), escape(rule), escape(message));
        lines.push(format!("- **{verdict}** {ids} ({rule}): {message}"));
    }
    for (dialect, statements) in &entry.statements {
        let text: String = statements.iter().map(|statement| format!("{statement};\n")).collect();
        let fence = "`".repeat(longest_run(&text).max(2) + 1);
        let summary = format!("{} on {}", count(statements.len(), "statement"), dialect.name());
        lines.extend([
            String::new(),
            format!("<details><summary>{summary}</summary>"),
            String::new(),
            format!("{fence}sql\n{text}{fence}"),
            "</details>".to_owned(),
        ]);
    }
}

/// The length of the longest run of backticks.
fn longest_run(text: &str) -> usize {
    text.split(|c| c != '`').map(str::len).max().unwrap_or_default()
}

/// Returns a text as one line in which only pairs of backticks are markup.
fn escape(text: &str) -> String {
    let text = text.split_whitespace().collect::<Vec<_>>().join(" ");
    let parts: Vec<&str> = text.split('`').collect();
    let is_paired = parts.len() % 2 == 1 && !text.contains("``");
    let mut escaped = String::new();
    for (index, part) in parts.iter().enumerate() {
        if index > 0 {
            escaped += if is_paired { "`" } else { "&#96;" };
        }
        if is_paired && index % 2 == 1 {
            escaped += part;
        } else {
            for c in part.chars() {
                if "&<>[]!@*_#|\\~".contains(c) {
                    escaped += &format!("&#{};", u32::from(c));
                } else {
                    escaped.push(c);
                }
            }
        }
    }
    escaped
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn texts_do_not_become_markup() {
        for (text, expected) in [
            ("field `email` was removed", "field `email` was removed"),
            ("`<b>` and <b>", "`<b>` and &#60;b&#62;"),
            ("a ` <b>", "a &#96; &#60;b&#62;"),
            ("`` <b> ``", "&#96;&#96; &#60;b&#62; &#96;&#96;"),
            ("two\n\n# lines", "two &#35; lines"),
            ("@everyone ![x](y)", "&#64;everyone &#33;&#91;x&#93;(y)"),
        ] {
            assert_eq!(escape(text), expected);
        }
        assert_eq!(longest_run("a ``` b ````"), 4);
    }
}
