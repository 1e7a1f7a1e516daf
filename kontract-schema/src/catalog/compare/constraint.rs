//! Compares CHECK constraints and foreign keys.

use super::Sides;
use crate::catalog::{LiveCheck, LiveReference};
use crate::dialect::print_path;
use crate::sqltext::expression;

impl Sides<'_> {
    pub(super) fn compare_check(&self, wanted: &LiveCheck, push: &mut impl FnMut(String)) {
        let name = wanted.name.as_deref().unwrap_or_default();
        let named = self.found.checks.iter().find(|check| check.name == wanted.name);
        let same = |check: &&LiveCheck| {
            expression::have_same_meaning(self.live.dialect, &check.text, &wanted.text)
        };
        let Some(found) = named.filter(same).or(self.found.checks.iter().find(same)) else {
            return match named {
                None => push(format!("has no constraint `{name}`")),
                Some(_) if self.live.unsure => {}
                Some(found) => push(format!(
                    "has the constraint `{name}` with the condition {} instead of {}",
                    found.text, wanted.text
                )),
            };
        };
        if !found.valid {
            let name = found.name.as_deref().unwrap_or(name);
            push(format!("has the constraint `{name}`, which is NOT VALID: old rows may break it"));
        }
    }

    pub(super) fn compare_reference(&self, wanted: &LiveReference, push: &mut impl FnMut(String)) {
        let name = wanted.name.as_deref().unwrap_or_default();
        let on = |key: &&LiveReference| {
            key.columns == wanted.columns
                && key.table == wanted.table
                && (key.to == wanted.to || self.is_key_of(key, &wanted.to))
        };
        let same = |key: &&LiveReference| {
            let rules = |key: &LiveReference| {
                (key.on_delete, key.on_update, key.deferrable, key.other_rule.clone())
            };
            on(key) && rules(key) == rules(wanted)
        };
        let columns = wanted.columns.join(", ");
        match self.found.references.iter().find(same) {
            Some(found) if !found.valid => {
                let name = found.name.as_deref().unwrap_or(name);
                push(format!(
                    "has the reference `{name}`, which is NOT VALID: old rows may break it"
                ));
            }
            Some(_) => {}
            None => match self.found.references.iter().find(on) {
                Some(other) => push(format!(
                    "has the reference from ({columns}) to `{}` with{} instead of{}",
                    print_path(&wanted.table),
                    print_actions(other),
                    print_actions(wanted)
                )),
                None => push(format!(
                    "has no reference `{name}` from ({columns}) to `{}` ({})",
                    print_path(&wanted.table),
                    wanted.to.join(", ")
                )),
            },
        }
    }

    /// SQLite omits the columns that a reference refers to if they are the primary key.
    fn is_key_of(&self, key: &LiveReference, to: &[String]) -> bool {
        let named = key.to.iter().any(|name| !name.is_empty());
        !named && self.live.tables.get(&key.table).is_some_and(|table| table.key == to)
    }
}

/// Returns the actions as SQL, ` ON DELETE CASCADE ON UPDATE NO ACTION`, and when it is checked.
fn print_actions(key: &LiveReference) -> String {
    let (on_delete, on_update) = (key.on_delete.sql(), key.on_update.sql());
    let other = key.other_rule.iter().map(|rule| format!(" {rule}")).collect::<String>();
    format!(" ON DELETE {on_delete} ON UPDATE {on_update}{}{other}", key.deferrable.sql())
}
