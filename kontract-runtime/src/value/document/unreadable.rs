//! The error for stored JSON that cannot be read. It names the member.

use std::borrow::Cow;
use std::collections::BTreeMap;

use serde_json::value::RawValue;

use crate::error::Error;

/// serde's message may quote values of rows, so only its kind and position are used.
pub(crate) fn unreadable(text: &str, error: serde_json::Error) -> Error {
    if error.classify() != serde_json::error::Category::Data {
        return Error::decode(format!("the stored JSON is damaged (at byte {})", error.column()));
    }
    let message = error.to_string();
    // This message names a field of the type, and quotes no value.
    let missing = message.strip_prefix("missing field `").and_then(|rest| rest.split('`').next());
    let place = if error.line() == 1 { place(text, error.column()) } else { String::new() };
    Error::decode(match (missing, place.as_str()) {
        (Some(field), "") => format!("the stored JSON does not fit the type: it has no `{field}`"),
        (Some(field), place) => {
            format!("the stored JSON does not fit the type: `{place}` has no `{field}`")
        }
        (None, "") => {
            format!("the stored JSON does not fit the type (at byte {})", error.column())
        }
        (None, place) => format!("the stored JSON does not fit the type: `{place}`"),
    })
}

/// Returns the member that begins at the column, ends there or contains it: `home.rooms[2]`; empty
/// for the whole document.
fn place(text: &str, column: usize) -> String {
    fn holds(text: &str, part: &RawValue, column: usize) -> Option<usize> {
        let start = part.get().as_ptr() as usize - text.as_ptr() as usize;
        (start <= column && column <= start + part.get().len()).then(|| column - start)
    }
    let inner = |part: &RawValue, column: usize| place(part.get(), column);
    if let Ok(members) = serde_json::from_str::<BTreeMap<Cow<'_, str>, &RawValue>>(text) {
        for (name, part) in members {
            if let Some(column) = holds(text, part, column) {
                return match inner(part, column) {
                    rest if rest.is_empty() || rest.starts_with('[') => format!("{name}{rest}"),
                    rest => format!("{name}.{rest}"),
                };
            }
        }
    } else if let Ok(items) = serde_json::from_str::<Vec<&RawValue>>(text) {
        for (number, part) in items.into_iter().enumerate() {
            if let Some(column) = holds(text, part, column) {
                return match inner(part, column) {
                    rest if rest.is_empty() || rest.starts_with('[') => format!("[{number}]{rest}"),
                    rest => format!("[{number}].{rest}"),
                };
            }
        }
    }
    String::new()
}

#[cfg(test)]
mod tests {
    use super::*;
    use serde::Deserialize;

    #[derive(Debug, Deserialize)]
    #[allow(dead_code, reason = "only whether it can be read matters")]
    struct Outer {
        a: u8,
        inner: Option<Inner>,
        list: Vec<Inner>,
    }

    #[derive(Debug, Deserialize)]
    #[allow(dead_code, reason = "only whether it can be read matters")]
    struct Inner {
        n: bool,
    }

    fn message_of(text: &str) -> String {
        unreadable(text, serde_json::from_str::<Outer>(text).expect_err("it cannot")).to_string()
    }

    #[test]
    fn the_member_is_named_and_its_value_is_not() {
        for (text, expected) in [
            (r#"{"a": "s3cr3t", "list": []}"#, "`a`"),
            (r#"{"a":300,"list":[]}"#, "`a`"),
            (r#"{"a":-1}"#, "`a`"),
            (r#"{"list":[],"a":1,"inner":{"n":"s3cr3t"}}"#, "`inner.n`"),
            (r#"{"list": [{"n": true}, {"n": 77}], "a": 1}"#, "`list[1].n`"),
            (r#"{"list": [{"n": true}, "s3cr3t"], "a": 1}"#, "`list[1]`"),
            (r#"{"a":[1],"list":[]}"#, "`a`"),
            (r#"{"a":1,"inner":{}}"#, "`inner` has no `n`"),
            (r#"{"a":1,"inner":null}"#, "it has no `list`"),
            (r#"["s3cr3t"]"#, "does not fit the type"),
            (r#"{"a":1,"#, "is damaged (at byte 7)"),
        ] {
            let message = message_of(text);
            assert!(message.contains(expected), "{text}: {message}");
            assert!(!message.contains("s3cr3t") && !message.contains("77"), "{message}");
        }
    }
}
