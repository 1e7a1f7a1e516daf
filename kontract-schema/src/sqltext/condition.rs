//! What a condition is for rows of which some columns are known: whether no row can violate it, and
//! whether all rows that meet one condition meet another.
//!
//! A row violates a check if its condition is false; one that is NULL does not.

use super::expression::are_alike;
use super::{Dialect, ParsedExpr, parse_expression, words};

/// What is known of a value.
#[derive(Clone, Debug, PartialEq)]
pub(crate) enum Known {
    /// It is NULL.
    Null,
    /// It is this number.
    Number(f64),
    /// It is this text.
    Text(String),
    /// It is this truth value.
    Truth(bool),
    /// It is not NULL.
    NotNull,
    /// Nothing.
    Unknown,
}

/// Whether the condition cannot be false in a row with these columns. The names are in lower case.
pub(crate) fn cannot_be_false(
    dialect: Dialect,
    condition: &str,
    column: &dyn Fn(&str) -> Known,
) -> bool {
    parse_expression(dialect, condition).is_some_and(|tree| {
        // A cast, which the tree does not have, changes values, but not NULL.
        let casts = has_casts(dialect, condition);
        let column = |name: &str| match column(name) {
            Known::Null => Known::Null,
            Known::Unknown => Known::Unknown,
            _ if casts => Known::NotNull,
            known => known,
        };
        matches!(evaluate(&tree, &column, !casts), Known::Null | Known::Truth(true))
    })
}

/// Returns what is known of the value of an expression that names no columns.
pub(crate) fn value_of(dialect: Dialect, text: &str) -> Known {
    let unknown = |_: &str| Known::Unknown;
    match parse_expression(dialect, text) {
        Some(tree) => evaluate(&tree, &unknown, !has_casts(dialect, text)),
        None => Known::Unknown,
    }
}

pub(super) fn has_casts(dialect: Dialect, text: &str) -> bool {
    let tokens = words(dialect, text);
    let is_typed = tokens.windows(2).any(|pair| {
        // `DATE '2000-01-01'`, but not `LIKE 'x%'`.
        let is_type = !CONNECTORS.iter().any(|word| pair[0].is(word));
        pair[0].name().is_some() && pair[1].text_value().is_some() && is_type
    });
    is_typed || tokens.iter().any(|token| token.is("::") || token.is("cast"))
}

/// Keywords that a text follows.
const CONNECTORS: [&str; 15] = [
    "and", "or", "not", "like", "ilike", "glob", "regexp", "to", "escape", "between", "in", "when",
    "then", "else", "from",
];

/// Operators and functions that are NULL if an operand is, on both databases.
const STRICT: &str = "= <> < > <= >= + - * / % || -> ->> ~~ !~~ ~~* !~~* ~ ~* !~ !~* & | << >> @> <@ && \
    glob regexp like abs ceil ceiling char_length character_length floor instr length lower ltrim \
    mod octet_length power round rtrim sign sqrt starts_with strpos substr substring trim trunc \
    upper btrim left right position replace timezone date_trunc extract to_char lpad rpad \
    jsonb_typeof json_typeof cardinality";

fn evaluate(tree: &ParsedExpr, column: &dyn Fn(&str) -> Known, literals: bool) -> Known {
    let inner = |part: &ParsedExpr| evaluate(part, column, literals);
    let (word, parts) = match tree {
        ParsedExpr::Name(name) => {
            return match name.as_str() {
                "null" => Known::Null,
                "true" => Known::Truth(true),
                "false" => Known::Truth(false),
                name => column(name),
            };
        }
        ParsedExpr::Text(text) if literals => return Known::Text(text.clone()),
        ParsedExpr::Number(number) if literals => {
            return read_number(number).map_or(Known::NotNull, Known::Number);
        }
        ParsedExpr::Text(_) | ParsedExpr::Number(_) => return Known::NotNull,
        ParsedExpr::Call(word, parts) => (word.as_str(), parts),
    };
    match (word, &parts[..]) {
        ("and", parts) => all(parts.iter().map(inner)),
        ("or", parts) => negate(all(parts.iter().map(|part| negate(inner(part))))),
        ("not", [part]) => negate(inner(part)),
        ("is null" | "is unknown", [part]) => is_null(&inner(part)),
        ("is not null" | "is not unknown", [part]) => negate(is_null(&inner(part))),
        ("is true" | "is not false", [part]) => match inner(part) {
            Known::Truth(truth) => Known::Truth(truth),
            Known::Null => Known::Truth(word == "is not false"),
            _ => Known::Unknown,
        },
        ("is false" | "is not true", [part]) => match inner(part) {
            Known::Truth(truth) => Known::Truth(!truth),
            Known::Null => Known::Truth(word == "is not true"),
            _ => Known::Unknown,
        },
        ("coalesce" | "ifnull", parts) => {
            let found = parts.iter().map(inner).find(|known| *known != Known::Null);
            found.unwrap_or(Known::Null)
        }
        ("nullif", [part, other]) => match compare("=", inner(part), inner(other)) {
            _ if inner(part) == Known::Null => Known::Null,
            Known::Truth(true) => Known::Null,
            _ => Known::Unknown,
        },
        ("in", [value, list @ ..]) => {
            let is_equal = |item: &ParsedExpr| negate(compare("=", inner(value), inner(item)));
            negate(all(list.iter().map(is_equal)))
        }
        ("not in", [value, list @ ..]) => {
            all(list.iter().map(|item| negate(compare("=", inner(value), inner(item)))))
        }
        ("length" | "char_length" | "character_length", [part]) => match inner(part) {
            Known::Text(text) => Known::Number(text.chars().count() as f64),
            Known::Null => Known::Null,
            _ => Known::Unknown,
        },
        ("=" | "<>" | "<" | ">" | "<=" | ">=", [left, right]) => {
            compare(word, inner(left), inner(right))
        }
        (word, parts) => {
            let is_strict = STRICT.split_whitespace().any(|strict| strict == word);
            let is_null = parts.iter().any(|part| inner(part) == Known::Null);
            if is_strict && is_null { Known::Null } else { Known::Unknown }
        }
    }
}

/// Returns the number, if an `f64` has its value exactly enough to compare it.
fn read_number(text: &str) -> Option<f64> {
    let exact = |number: &f64| number.abs() < 1e15 && text.len() <= 16;
    text.parse().ok().filter(exact)
}

/// `AND`.
fn all(parts: impl Iterator<Item = Known>) -> Known {
    let mut found = Known::Truth(true);
    for part in parts {
        found = match (found, part) {
            (Known::Truth(false), _) | (_, Known::Truth(false)) => Known::Truth(false),
            (Known::Truth(true), Known::Truth(true)) => Known::Truth(true),
            (Known::Null | Known::Truth(true), Known::Null | Known::Truth(true)) => Known::Null,
            _ => Known::Unknown,
        };
    }
    found
}

fn negate(known: Known) -> Known {
    match known {
        Known::Truth(truth) => Known::Truth(!truth),
        Known::Null => Known::Null,
        _ => Known::Unknown,
    }
}

fn is_null(known: &Known) -> Known {
    match known {
        Known::Unknown => Known::Unknown,
        known => Known::Truth(*known == Known::Null),
    }
}

/// Compares two values. Texts that differ may be equal under a collation.
fn compare(sign: &str, left: Known, right: Known) -> Known {
    let truth = match (left, right) {
        (Known::Null, _) | (_, Known::Null) => return Known::Null,
        (Known::Number(left), Known::Number(right)) => match sign {
            "=" => left == right,
            "<>" => left != right,
            "<" => left < right,
            ">" => left > right,
            "<=" => left <= right,
            _ => left >= right,
        },
        (Known::Text(left), Known::Text(right)) if left == right => {
            !["<>", "<", ">"].contains(&sign)
        }
        (Known::Truth(left), Known::Truth(right)) if ["=", "<>"].contains(&sign) => {
            (left == right) == (sign == "=")
        }
        _ => return Known::Unknown,
    };
    Known::Truth(truth)
}

/// Whether all rows that do not violate the condition `from` do not violate `to` either.
pub(crate) fn implies(dialect: Dialect, from: &str, to: &str) -> bool {
    // Casts, which the trees do not have, change values.
    let has_casts = has_casts(dialect, from) || has_casts(dialect, to);
    match (parse_expression(dialect, from), parse_expression(dialect, to)) {
        (Some(from), Some(to)) if !has_casts => tree_implies(&from, &to),
        _ => super::expression::have_same_meaning(dialect, from, to),
    }
}

fn tree_implies(from: &ParsedExpr, to: &ParsedExpr) -> bool {
    if are_alike(from, to) {
        return true;
    }
    let parts = |tree: &'_ ParsedExpr, operator: &str| match tree {
        ParsedExpr::Call(word, parts) if word == operator => Some(parts.clone()),
        _ => None,
    };
    if let Some(to) = parts(to, "and") {
        return to.iter().all(|to| tree_implies(from, to));
    }
    if let Some(from) = parts(from, "or") {
        return from.iter().all(|from| tree_implies(from, to));
    }
    let is_weaker = |to: &[ParsedExpr]| to.iter().any(|to| tree_implies(from, to));
    let is_stronger = |from: &[ParsedExpr]| from.iter().any(|from| tree_implies(from, to));
    parts(to, "or").is_some_and(|to| is_weaker(&to))
        || parts(from, "and").is_some_and(|from| is_stronger(&from))
        || list_implies(from, to)
        || bound_implies(from, to)
}

/// Whether one list of constants contains another: `a IN (1)` and `a IN (1, 2)`.
fn list_implies(from: &ParsedExpr, to: &ParsedExpr) -> bool {
    let (Some((from, few)), Some((to, many))) = (list_of(from, "in", "="), list_of(to, "in", "="))
    else {
        let lists = (list_of(from, "not in", "<>"), list_of(to, "not in", "<>"));
        let (Some((from, many)), Some((to, few))) = lists else { return false };
        return from == to && few.iter().all(|one| many.contains(one));
    };
    from == to && few.iter().all(|one| many.contains(one))
}

/// Returns the value and the constants of a list, also of one with a single constant.
fn list_of<'a>(
    tree: &'a ParsedExpr,
    word: &str,
    single: &str,
) -> Option<(&'a ParsedExpr, &'a [ParsedExpr])> {
    let ParsedExpr::Call(name, parts) = tree else { return None };
    let (value, list) = parts.split_first()?;
    let is_constant =
        |part: &ParsedExpr| matches!(part, ParsedExpr::Text(_) | ParsedExpr::Number(_));
    ((name == word || name == single) && list.iter().all(is_constant)).then_some((value, list))
}

/// Whether one bound contains another: `a > 5` and `a >= 0`.
fn bound_implies(from: &ParsedExpr, to: &ParsedExpr) -> bool {
    let bound = |tree: &ParsedExpr| match tree {
        ParsedExpr::Call(sign, parts) => match &parts[..] {
            [value, ParsedExpr::Number(number)] => {
                Some((sign.clone(), value.clone(), read_number(number)?))
            }
            _ => None,
        },
        _ => None,
    };
    let (Some((from, value, inner)), Some((to, other, outer))) = (bound(from), bound(to)) else {
        return false;
    };
    value == other
        && match (from.as_str(), to.as_str()) {
            (">" | ">=" | "=", ">=") => inner >= outer,
            (">", ">") => inner >= outer,
            (">=" | "=", ">") => inner > outer,
            ("<" | "<=" | "=", "<=") => inner <= outer,
            ("<", "<") => inner <= outer,
            ("<=" | "=", "<") => inner < outer,
            _ => false,
        }
}

#[cfg(test)]
mod tests {
    use super::*;

    const HERE: Dialect = Dialect::Postgres;

    /// `a` and `b` are NULL, `zero` is 0, `word` is `x`, `yes` is true, `id` is not NULL.
    fn column(name: &str) -> Known {
        match name {
            "a" | "b" => Known::Null,
            "zero" => Known::Number(0.0),
            "word" => Known::Text("x".to_owned()),
            "yes" => Known::Truth(true),
            "id" => Known::NotNull,
            _ => Known::Unknown,
        }
    }

    #[test]
    fn conditions_that_no_row_violates() {
        for text in [
            "a > 0",
            "a > 0 AND b > 0",
            "a > other",
            "a BETWEEN 1 AND 5",
            "a IN ('x', 'y') AND char_length(b) < 5",
            "NOT (a = 1)",
            "a IS NULL OR a > 0",
            "a IS NULL",
            "id IS NOT NULL",
            "coalesce(a, 1) > 0",
            "(a IS NULL) = (b IS NULL)",
            "lower(a) = a",
            "a::text <> ''",
            "a NOT LIKE 'x%'",
            "a NOT IN (1, 2)",
            "zero >= 0",
            "zero IN (0, 1)",
            "word <> '' OR length(word) = 1",
            "yes",
            "yes IS NOT FALSE AND a IS NOT TRUE",
            "zero >= 0 AND a > other",
        ] {
            assert!(cannot_be_false(HERE, text, &column), "{text}");
        }
    }

    #[test]
    fn conditions_that_a_row_may_violate() {
        for text in [
            "a IS NOT NULL",
            "num_nonnulls(a, b) = 1",
            "num_nulls(a, b) = 1",
            "concat(a, b) <> ''",
            "greatest(a, 0) > 1",
            "typeof(a) = 'text'",
            "iif(a > 0, 1, 0) = 1",
            "coalesce(a, 0) > 0",
            "a IS DISTINCT FROM b",
            "CASE WHEN a > 0 THEN true ELSE false END",
            "a > 0 OR other > 0",
            "(a IS NULL) <> (b IS NULL)",
            "other > 0",
            "zero > 0",
            "zero::text = '1'",
            "word = 'y'",
            "word <> 'y'",
            "NOT yes",
            "a IS TRUE",
            "a SIMILAR TO 'x'",
            "(a, id) > (1, 2)",
        ] {
            assert!(!cannot_be_false(HERE, text, &column), "{text}");
        }
    }

    #[test]
    fn conditions_that_others_imply() {
        for (from, to) in [
            ("a IN ('x')", "a IN ('x', 'y')"),
            ("a IN ('x', 'y')", "a IN ('y', 'z', 'x')"),
            ("a NOT IN (1, 2)", "a <> 1"),
            ("a > 5", "a >= 0"),
            ("a >= 1", "a > 0"),
            ("a = 3", "a < 4"),
            ("a > 0 AND b > 0", "b > 0"),
            ("a > 0", "a > 0 OR b > 0"),
            ("a = 1 OR a = 2", "a IN (1, 2, 3)"),
            ("length(a) <= 20 AND a <> ''", "a <> '' AND length(a) <= 40"),
            ("a BETWEEN 1 AND 5", "a BETWEEN 0 AND 10"),
        ] {
            assert!(implies(HERE, from, to), "{from} and {to}");
        }
        for (from, to) in [
            ("a IN ('x', 'y')", "a IN ('x')"),
            ("a <> 1", "a NOT IN (1, 2)"),
            ("a >= 0", "a > 0"),
            ("a > 0 OR b > 0", "a > 0"),
            ("a > 0", "b > 0"),
            ("a > 0", "a > 0 AND b > 0"),
            ("a::int >= 1", "a > 0"),
            ("a >= 1", "a <= 2"),
            ("a IN (1, b)", "a IN (1, 2, c)"),
        ] {
            assert!(!implies(HERE, from, to), "{from} and {to}");
        }
    }
}
