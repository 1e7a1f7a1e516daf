//! Compares indexes.

use super::{Sides, describe_taken};
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
                None => push(match self.find_holder(name) {
                    Some(holder) => format!(
                        "has no index `{name}`: the database has the {holder}, and an index cannot have the same name"
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

    /// Returns what has the name of an index of the table: its kind, its name and its table.
    fn find_holder(&self, index: &str) -> Option<String> {
        let path = match self.path.split_once('/') {
            Some((namespace, _)) => format!("{namespace}/{index}"),
            None => index.to_owned(),
        };
        let is_same = |other: &&String| self.live.dialect.is_same_name(other, &path);
        let table = self.live.tables.keys().find(is_same);
        let is_type = |path: &str| self.live.taken.get(path).is_some_and(|one| one.table.is_none());
        let taken = || describe_taken(&path, self.live).filter(|_| !is_type(&path));
        table.map(|table| format!("table `{}`", print_path(table))).or_else(taken)
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
