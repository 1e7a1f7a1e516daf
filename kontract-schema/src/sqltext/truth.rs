//! Whether a condition is one, as far as the types of the columns show it: PostgreSQL takes only a
//! boolean as a condition, and compares no boolean or text with a number. SQLite takes everything.

use super::condition::has_casts;
use super::{Dialect, ParsedExpr, parse_expression};

/// The type of a value.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(crate) enum ValueType {
    /// A condition.
    Boolean,
    /// A number.
    Number,
    /// A text.
    Text,
    /// Another type, by its name.
    Other(String),
}

impl ValueType {
    fn describe(&self) -> String {
        match self {
            ValueType::Boolean => "a boolean".to_owned(),
            ValueType::Number => "a number".to_owned(),
            ValueType::Text => "a text".to_owned(),
            ValueType::Other(name) => format!("of the type `{name}`"),
        }
    }
}

/// Returns why PostgreSQL does not take the text as a condition; `None` if it may be one. `column`
/// returns the type of a column with a name in lower case.
pub(crate) fn find_wrong_condition(
    text: &str,
    column: &dyn Fn(&str) -> Option<ValueType>,
) -> Option<String> {
    // The tree has no casts, and they change types.
    if has_casts(Dialect::Postgres, text) {
        return None;
    }
    let tree = parse_expression(Dialect::Postgres, text)?;
    find_in_condition(&tree, column)
}

fn find_in_condition(
    tree: &ParsedExpr,
    column: &dyn Fn(&str) -> Option<ValueType>,
) -> Option<String> {
    match tree {
        ParsedExpr::Call(word, parts) if ["and", "or", "not"].contains(&word.as_str()) => {
            parts.iter().find_map(|part| find_in_condition(part, column))
        }
        ParsedExpr::Call(word, parts) if TRUTHS.contains(&word.as_str()) => {
            parts.iter().find_map(|part| find_in_condition(part, column))
        }
        ParsedExpr::Text(text) => Some(format!("`'{text}'` is a text, and not a condition")),
        ParsedExpr::Call(word, parts) if COMPARISONS.contains(&word.as_str()) => {
            let (left, others) = parts.split_first()?;
            others.iter().find_map(|other| find_wrong_comparison(left, other, column))
        }
        tree => match find_type(tree, column)? {
            ValueType::Boolean => None,
            ty => Some(format!("{} is {}, and not a condition", name_of(tree), ty.describe())),
        },
    }
}

/// Tests of a condition.
const TRUTHS: [&str; 6] =
    ["is true", "is not true", "is false", "is not false", "is unknown", "is not unknown"];

const COMPARISONS: [&str; 8] = ["=", "<>", "<", ">", "<=", ">=", "in", "not in"];

/// A text literal takes the type of the other side, and a number or boolean does not.
fn find_wrong_comparison(
    left: &ParsedExpr,
    right: &ParsedExpr,
    column: &dyn Fn(&str) -> Option<ValueType>,
) -> Option<String> {
    use ValueType::*;
    let (one, other) = (find_type(left, column)?, find_type(right, column)?);
    let differ = matches!(
        (&one, &other),
        (Boolean, Number)
            | (Number, Boolean)
            | (Text, Number)
            | (Number, Text)
            | (Boolean, Text)
            | (Text, Boolean)
    );
    differ.then(|| {
        format!(
            "{} is {} and {} is {}: PostgreSQL does not compare them",
            name_of(left),
            one.describe(),
            name_of(right),
            other.describe()
        )
    })
}

fn name_of(tree: &ParsedExpr) -> String {
    match tree {
        ParsedExpr::Name(name) => format!("`{name}`"),
        ParsedExpr::Text(text) => format!("`'{text}'`"),
        ParsedExpr::Number(number) => format!("`{number}`"),
        ParsedExpr::Call(word, _) if word.starts_with(char::is_alphabetic) => {
            format!("the value of `{word}`")
        }
        ParsedExpr::Call(sign, _) => format!("the result of `{sign}`"),
    }
}

/// Functions of both databases that return numbers, and those that return texts.
const NUMBERS: &str = "length char_length character_length octet_length abs ceil ceiling floor round sqrt sign \
    mod power strpos position cardinality extract";
const TEXTS: &str =
    "lower upper trim ltrim rtrim btrim substr substring replace left right lpad rpad concat";

/// Returns the type of an expression; `None` if it is unknown, or that of the other side.
fn find_type(tree: &ParsedExpr, column: &dyn Fn(&str) -> Option<ValueType>) -> Option<ValueType> {
    let is_in = |names: &str, word: &str| names.split_whitespace().any(|name| name == word);
    let (word, parts) = match tree {
        ParsedExpr::Name(name) => {
            return match name.as_str() {
                "true" | "false" => Some(ValueType::Boolean),
                name => column(name),
            };
        }
        ParsedExpr::Number(_) => return Some(ValueType::Number),
        ParsedExpr::Text(_) => return None,
        ParsedExpr::Call(word, parts) => (word.as_str(), parts),
    };
    let is_condition = ["and", "or", "not"].contains(&word)
        || COMPARISONS.contains(&word)
        || word.starts_with("is ");
    match word {
        _ if is_condition => Some(ValueType::Boolean),
        "+" | "-" | "*" | "/" | "%" => {
            let is_number = |part| find_type(part, column) == Some(ValueType::Number);
            parts.iter().all(is_number).then_some(ValueType::Number)
        }
        "||" => {
            let is_text = |part| find_type(part, column) == Some(ValueType::Text);
            parts.iter().any(is_text).then_some(ValueType::Text)
        }
        "coalesce" => parts.iter().find_map(|part| find_type(part, column)),
        word if is_in(NUMBERS, word) => Some(ValueType::Number),
        word if is_in(TEXTS, word) => Some(ValueType::Text),
        _ => None,
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn column(name: &str) -> Option<ValueType> {
        match name {
            "n" | "m" => Some(ValueType::Number),
            "name" => Some(ValueType::Text),
            "done" => Some(ValueType::Boolean),
            "at" => Some(ValueType::Other("instant".to_owned())),
            _ => None,
        }
    }

    #[test]
    fn what_postgres_takes_as_a_condition() {
        for (text, expected) in [
            ("n", "`n` is a number, and not a condition"),
            ("name", "`name` is a text, and not a condition"),
            ("at", "`at` is of the type `instant`, and not a condition"),
            ("1", "`1` is a number, and not a condition"),
            ("'yes'", "`'yes'` is a text, and not a condition"),
            ("n + m", "the result of `+` is a number, and not a condition"),
            ("lower(name)", "the value of `lower` is a text, and not a condition"),
            ("coalesce(n, 0)", "the value of `coalesce` is a number, and not a condition"),
            ("n > 0 AND m", "`m` is a number, and not a condition"),
            ("NOT n", "`n` is a number, and not a condition"),
            (
                "done = 1",
                "`done` is a boolean and `1` is a number: PostgreSQL does not compare them",
            ),
            ("name > 5", "`name` is a text and `5` is a number: PostgreSQL does not compare them"),
            (
                "name IN ('a', 5)",
                "`name` is a text and `5` is a number: PostgreSQL does not compare them",
            ),
        ] {
            assert_eq!(find_wrong_condition(text, &column).as_deref(), Some(expected), "{text}");
        }
        for text in [
            "done",
            "NOT done AND n > 0",
            "unknown_kind",
            "n::boolean",
            "done IS TRUE",
            "done = (n > 0)",
            "n = '5'",
            "name = 'x' OR length(name) > 5",
            "f(n)",
            "at > '2020-01-01'",
            "name LIKE 'x%'",
            "coalesce(done, true)",
            "n - m > 0",
        ] {
            assert_eq!(find_wrong_condition(text, &column), None, "{text}");
        }
    }
}
