//! Probes: asks PostgreSQL to print an expression, to compare expressions that are written differently.
//!
//! [`probes`] lists the expressions that differ as text. The runtime lets PostgreSQL print the expected
//! ones, in a transaction that it rolls back. [`apply_probe`] replaces the live text with the expected one
//! if both are printed alike. SQLite keeps expressions as they were written.

use super::normal::{self, NormalDefault};
use super::{Catalog, IndexPart, LiveColumn};
use crate::dialect::probe;
use crate::sqltext::expression;

/// A probe for one expression.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Probe {
    /// The statements that create the expression, in a transaction that is rolled back.
    pub make: Vec<String>,
    /// The query that prints the expression: it returns one text.
    pub print: String,
    /// The live text, which the query has to return if both are the same.
    pub live: String,
    /// The expected text.
    wanted: String,
    table: String,
}

/// Returns the expressions whose texts differ.
pub fn probes(expected: &Catalog, live: &Catalog) -> Vec<Probe> {
    let mut found = Vec::new();
    if !live.dialect.capabilities().reprints_expressions {
        return found;
    }
    let live_dialect = live.dialect;
    for (name, wanted) in &expected.tables {
        let Some(is) = live.tables.get(name) else { continue };
        let mut push = |(make, print): (String, String), live: &str, wanted: &str| {
            let make = vec![probe::probe_table(name), make];
            let (live, wanted) = (live.to_owned(), wanted.to_owned());
            found.push(Probe { make, print, live, wanted, table: name.clone() });
        };
        for check in &wanted.checks {
            let other = is.checks.iter().find(|other| other.name == check.name);
            if let Some(other) = other.filter(|other| {
                !expression::have_same_meaning(live.dialect, &other.text, &check.text)
            }) {
                push(probe::probe_check(&check.text), &other.text, &check.text);
            }
        }
        for (column, want) in &wanted.columns {
            let other = is.columns.get(column).and_then(|column| column.default.as_deref());
            if let (Some((wanted, stored)), Some((text, live))) =
                (want.expression(), is.columns.get(column).and_then(LiveColumn::expression))
            {
                let differs = !expression::have_same_meaning(live_dialect, text, wanted);
                if differs && stored == live {
                    let (make, print) = probe::probe_generated(&want.ty, wanted, stored);
                    let whole = |text| LiveColumn::generated(text, stored);
                    push((make, print), &whole(text), &whole(wanted));
                }
                continue;
            }
            let (Some(want), Some(other)) = (want.default.as_deref(), other) else { continue };
            let is_expression = |text: &str| {
                matches!(
                    normal::normalize_default(live.dialect, text, ""),
                    NormalDefault::Expression(_)
                )
            };
            let differs = is_expression(want)
                && is_expression(other)
                && !expression::have_same_meaning(live.dialect, want, other);
            if differs && !want.starts_with("nextval(") {
                push(probe::probe_default(column, want), other, want);
            }
        }
        for (name, index) in &wanted.indexes {
            let Some(other) = is.indexes.get(name) else { continue };
            for parts in index.parts.iter().zip(&other.parts) {
                if let (IndexPart::Expression(want), IndexPart::Expression(other)) =
                    (parts.0.bare(), parts.1.bare())
                    && !expression::have_same_meaning(live.dialect, want, other)
                {
                    push(probe::probe_index_part(want), other, want);
                }
            }
            if let (Some(want), Some(other)) = (&index.condition, &other.condition)
                && !expression::have_same_meaning(live.dialect, want, other)
            {
                push(probe::probe_condition(want), other, want);
            }
        }
    }
    found
}

/// Replaces the live text with the expected one, after the database has printed both alike.
pub fn apply_probe(live: &mut Catalog, probe: &Probe) {
    let Some(table) = live.tables.get_mut(&probe.table) else { return };
    let replace = |text: &mut String| {
        if *text == probe.live {
            text.clone_from(&probe.wanted);
        }
    };
    table.checks.iter_mut().for_each(|check| replace(&mut check.text));
    table.columns.values_mut().filter_map(|column| column.default.as_mut()).for_each(replace);
    for index in table.indexes.values_mut() {
        index.condition.iter_mut().for_each(replace);
        for part in &mut index.parts {
            if let IndexPart::Expression(text) = part.bare_mut() {
                replace(text);
            }
        }
    }
}
