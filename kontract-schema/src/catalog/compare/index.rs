//! Compares indexes.

use super::Sides;
use crate::catalog::{IndexPart, LiveIndex};
use crate::dialect::{Dialect, print_path};
use crate::model::Deferrable;
use crate::sqltext::expression;

impl Sides<'_> {
    pub(super) fn compare_index(
        &self,
        name: &str,
        wanted: &LiveIndex,
        push: &mut impl FnMut(String),
    ) {
        let Some(found) = self.found.indexes.get(name) else {
            let mut others = self.found.indexes.iter();
            let other = others
                .find(|(_, other)| same_index(self.live.dialect, other, wanted) && other.valid);
            return match other {
                // SQLite itself names the index of a UNIQUE in CREATE TABLE.
                Some((other, _)) if other.starts_with("sqlite_autoindex_") => {}
                Some((other, _)) => {
                    push(format!(
                        "has no index `{name}`; `{other}` is the same under another name"
                    ));
                }
                None => push(match self.find_owner(name) {
                    Some(owner) => format!(
                        "has no index `{name}`: the table `{}` has an index of that name, and names of indexes are unique in a database",
                        print_path(owner)
                    ),
                    None => format!("has no index `{name}`"),
                }),
            };
        };
        if !found.valid {
            return push(format!("has the index `{name}`, which is INVALID: building it failed"));
        }
        if found.unique != wanted.unique {
            let is = if found.unique { "is unique" } else { "is not unique" };
            return push(format!("has the index `{name}`, which {is}"));
        }
        if found.method != wanted.method {
            let (is, wants) = (&found.method, &wanted.method);
            return push(format!("has the index `{name}` of the kind {is} instead of {wants}"));
        }
        let unsure = self.live.unsure && has_expression(wanted);
        if !unsure && !same_parts(self.live.dialect, found, wanted) {
            let (is, wants) = (list_parts(found), list_parts(wanted));
            return push(format!("has the index `{name}` on ({is}) instead of ({wants})"));
        }
        if let Some(text) = option_difference(found, wanted) {
            return push(format!("has the index `{name}` {text}"));
        }
        if !same_condition(self.live.dialect, found, wanted) && !self.live.unsure {
            let text = |index: &LiveIndex| match &index.condition {
                Some(text) => format!("where {text}"),
                None => "of all rows".to_owned(),
            };
            let (is, wants) = (text(found), text(wanted));
            push(format!("has the index `{name}` {is} instead of {wants}"));
        }
    }

    /// Returns the table that has an index of this name.
    fn find_owner(&self, index: &str) -> Option<&str> {
        let ignores_case = !self.live.dialect.capabilities().case_sensitive_names;
        let is_same =
            |other: &String| other == index || (ignores_case && other.eq_ignore_ascii_case(index));
        let mut tables = self.live.tables.iter();
        tables.find(|(_, table)| table.indexes.keys().any(is_same)).map(|(name, _)| name.as_str())
    }
}

pub(super) fn same_index(dialect: Dialect, a: &LiveIndex, b: &LiveIndex) -> bool {
    a.unique == b.unique
        && a.method == b.method
        && option_difference(a, b).is_none()
        && same_parts(dialect, a, b)
        && same_condition(dialect, a, b)
}

fn same_parts(dialect: Dialect, a: &LiveIndex, b: &LiveIndex) -> bool {
    let same = |(at, (one, other)): (usize, (&IndexPart, &IndexPart))| {
        let bare = match (one.bare(), other.bare()) {
            (IndexPart::Column(one), IndexPart::Column(other)) => one == other,
            (IndexPart::Expression(one), IndexPart::Expression(other)) => {
                expression::have_same_meaning(dialect, one, other)
            }
            _ => false,
        };
        // A catalogue does not name the operator class of a part that has the default one.
        let without_class = |part: &IndexPart, of: &LiveIndex| {
            let class = of.classes.get(at).map_or("", String::as_str);
            part.order().strip_prefix(class).unwrap_or(part.order()).trim_start().to_owned()
        };
        let order = one.order() == other.order()
            || one.order() == without_class(other, a)
            || other.order() == without_class(one, b);
        bare && order
    };
    a.parts.len() == b.parts.len() && a.parts.iter().zip(&b.parts).enumerate().all(same)
}

/// Returns how the included columns and the rules of an index differ, for a sentence about it.
fn option_difference(found: &LiveIndex, wanted: &LiveIndex) -> Option<String> {
    let include = |index: &LiveIndex| match &index.include[..] {
        [] => "without included columns".to_owned(),
        columns => format!("including ({})", columns.join(", ")),
    };
    let nulls = |index: &LiveIndex| {
        let word = if index.nulls_not_distinct { "equal" } else { "distinct" };
        format!("with {word} NULLs")
    };
    let when = |index: &LiveIndex| match index.deferrable {
        Deferrable::Never => "that is not deferrable".to_owned(),
        deferrable => format!("that is{}", deferrable.sql()),
    };
    let of: [&dyn Fn(&LiveIndex) -> String; 3] = [&include, &nulls, &when];
    let differs = of.iter().find(|of| of(found) != of(wanted))?;
    Some(format!("{} instead of one {}", differs(found), differs(wanted)))
}

fn same_condition(dialect: Dialect, a: &LiveIndex, b: &LiveIndex) -> bool {
    match (&a.condition, &b.condition) {
        (Some(a), Some(b)) => expression::have_same_meaning(dialect, a, b),
        (None, None) => true,
        _ => false,
    }
}

fn has_expression(index: &LiveIndex) -> bool {
    index.parts.iter().any(|part| matches!(part.bare(), IndexPart::Expression(_)))
}

fn list_parts(index: &LiveIndex) -> String {
    index.parts.iter().map(print_part).collect::<Vec<_>>().join(", ")
}

/// Returns a part of an index as messages print it.
pub(crate) fn print_part(part: &IndexPart) -> String {
    match part.order() {
        "" => part.as_str().to_owned(),
        order => format!("{} {}", part.as_str(), order.to_uppercase()),
    }
}
