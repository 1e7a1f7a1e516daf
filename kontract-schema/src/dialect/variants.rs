//! Variants under new names: in a column, in a list, at any depth of a document. Everything else of
//! a value stays as it is.

use super::{Dialect, json};
use crate::intent::VariantRename;
use crate::model::types::Type;
use crate::sql::ddl::{Place, Variants};
use crate::sql::table::DATA;

/// The value in its place with the new names: of a column what it holds, of a key JSON.
pub(super) fn print_renamed(dialect: Dialect, variants: &Variants) -> String {
    let renames: Vec<InnerRename<'_>> =
        variants.renames.iter().map(InnerRename::from_rename).collect();
    match (&variants.place, &variants.ty, dialect) {
        (Place::Column(name), Type::Enum(_), _) => {
            let column = dialect.ident(name);
            print_case(&column, &renames, |name| dialect.literal(name), &column)
        }
        (Place::Column(name), Type::Array(element), Dialect::Postgres) if element.is_scalar() => {
            let replace = |list: String, rename: &InnerRename<'_>| {
                let (from, to) = (dialect.literal(rename.from), dialect.literal(rename.to));
                format!("array_replace({list}, {from}, {to})")
            };
            renames.iter().fold(dialect.ident(name), replace)
        }
        (Place::Column(name), ty, _) => {
            rename_in_json(dialect, &dialect.ident(name), None, ty, &renames, 1)
        }
        (Place::Key(key, ty), ..) => {
            let text = json::print_json_text(dialect, DATA, key);
            rename_in_json(dialect, &print_member(dialect, DATA, key), Some(&text), ty, &renames, 1)
        }
    }
}

/// Prints the condition that a variant has an old name.
pub(super) fn print_differs(dialect: Dialect, variants: &Variants) -> String {
    let value = match &variants.place {
        Place::Column(name) => dialect.ident(name),
        Place::Key(key, _) => print_member(dialect, DATA, key),
    };
    let renamed = print_renamed(dialect, variants);
    match dialect {
        Dialect::Postgres => format!("{value} IS DISTINCT FROM {renamed}"),
        Dialect::Sqlite => format!("json({value}) IS NOT {renamed}"),
    }
}

/// A rename below what is looked at.
#[derive(Clone, Copy)]
struct InnerRename<'a> {
    path: &'a [String],
    from: &'a str,
    to: &'a str,
}

impl<'a> InnerRename<'a> {
    fn from_rename(rename: &'a VariantRename) -> InnerRename<'a> {
        InnerRename { path: &rename.path, from: &rename.from, to: &rename.to }
    }

    /// The same rename, seen from below a key; none if it is not there.
    fn below(self, key: &str) -> Option<InnerRename<'a>> {
        let (first, path) = self.path.split_first()?;
        (first == key).then_some(InnerRename { path, ..self })
    }
}

/// A JSON value with the new names; `text` is the same value as text, where there is a shorter way
/// to it. `depth` makes the names of lists within lists differ.
fn rename_in_json(
    dialect: Dialect,
    value: &str,
    text: Option<&str>,
    ty: &Type,
    renames: &[InnerRename<'_>],
    depth: usize,
) -> String {
    match ty {
        Type::Enum(_) => {
            let json = |name: &str| dialect.literal(&serde_json::Value::from(name).to_string());
            match dialect {
                Dialect::Postgres => {
                    print_case(value, renames, |name| json(name) + "::jsonb", value)
                }
                Dialect::Sqlite => {
                    let text = text.unwrap_or(value);
                    let mut sql = format!("CASE {text}");
                    for InnerRename { from, to, .. } in renames {
                        sql += &format!(" WHEN {} THEN {}", dialect.literal(from), json(to));
                    }
                    format!("json({sql} ELSE {value} END)")
                }
            }
        }
        Type::Array(element) => {
            let list = format!("list_{depth}");
            let deeper = |value: &str, text: &str| {
                rename_in_json(dialect, value, Some(text), element, renames, depth + 1)
            };
            match dialect {
                Dialect::Postgres => {
                    let one = format!("{list}.e");
                    let made = deeper(&one, &one);
                    format!(
                        "CASE WHEN jsonb_typeof({value}) = 'array' THEN (SELECT \
                         coalesce(jsonb_agg({made} ORDER BY {list}.n), '[]') FROM \
                         jsonb_array_elements({value}) WITH ORDINALITY AS {list} (e, n)) \
                         ELSE {value} END"
                    )
                }
                Dialect::Sqlite => {
                    let one = format!("{list}.value");
                    let made = match **element {
                        Type::Enum(_) => deeper(&format!("json_quote({one})"), &one),
                        // Only these are kept as JSON there.
                        _ => format!(
                            "json(CASE WHEN {list}.type IN ('object', 'array') THEN {} \
                             WHEN {list}.type IN ('true', 'false') THEN {list}.type \
                             ELSE json_quote({one}) END)",
                            deeper(&one, &one)
                        ),
                    };
                    format!(
                        "json(CASE WHEN json_type({value}) = 'array' THEN (SELECT \
                         json_group_array({made}) FROM json_each({value}) AS {list}) \
                         ELSE {value} END)"
                    )
                }
            }
        }
        Type::Object(members) => {
            let inside = members.iter().filter_map(|inner| {
                let renames: Vec<InnerRename<'_>> =
                    renames.iter().filter_map(|rename| rename.below(&inner.name)).collect();
                let (at, text) = (
                    print_member(dialect, value, &inner.name),
                    json::print_json_text(dialect, value, &inner.name),
                );
                let made = || rename_in_json(dialect, &at, Some(&text), &inner.ty, &renames, depth);
                (!renames.is_empty()).then(|| (inner.name.as_str(), made()))
            });
            match dialect {
                Dialect::Postgres => {
                    let mut sql = value.to_owned();
                    for (name, made) in inside {
                        let name = dialect.literal(name);
                        sql += &format!(
                            " || CASE WHEN {value} ? {name} THEN jsonb_build_object({name}, {made}) \
                             ELSE '{{}}' END"
                        );
                    }
                    format!(
                        "CASE WHEN jsonb_typeof({value}) = 'object' THEN {sql} ELSE {value} END"
                    )
                }
                Dialect::Sqlite => {
                    let mut sql = value.to_owned();
                    for (name, made) in inside {
                        sql += &format!(", {}, {made}", json::json_path(dialect, name));
                    }
                    format!(
                        "json(CASE WHEN json_type({value}) = 'object' THEN json_replace({sql}) \
                         ELSE {value} END)"
                    )
                }
            }
        }
        _ => value.to_owned(),
    }
}

/// Prints the value of a key, as JSON.
fn print_member(dialect: Dialect, value: &str, key: &str) -> String {
    match dialect {
        Dialect::Postgres => format!("({value}->{})", dialect.literal(key)),
        Dialect::Sqlite => format!("({value}->{})", json::json_path(dialect, key)),
    }
}

fn print_case(
    value: &str,
    renames: &[InnerRename<'_>],
    constant: impl Fn(&str) -> String,
    otherwise: &str,
) -> String {
    let mut sql = format!("CASE {value}");
    for InnerRename { from, to, .. } in renames {
        sql += &format!(" WHEN {} THEN {}", constant(from), constant(to));
    }
    format!("{sql} ELSE {otherwise} END")
}
