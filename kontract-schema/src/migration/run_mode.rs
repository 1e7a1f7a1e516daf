//! How the statements of a migration run: most of them in one transaction together; some cannot run
//! in a transaction; some change rows in batches, so that the locks on the rows are held for a short
//! time only.
//!
//! The first line of a statement gives its mode, in `migrations/` and in `kontract plan`:
//!
//! ```sql
//! -- kontract: no-transaction
//! CREATE INDEX CONCURRENTLY IF NOT EXISTS posts_title ON posts (title);
//!
//! -- kontract: repeat
//! UPDATE posts SET rating = 0 WHERE id IN (SELECT id FROM posts WHERE rating IS NULL LIMIT 1000);
//! ```
//!
//! For a migration written in Rust the lock file has one step that calls the code. It contains the
//! generated steps that the code runs with `update_schema`; the list can be empty. The call runs in
//! one transaction with its neighbours.

use crate::plan::Step;
pub use crate::sql::run_mode::Mode;

/// The steps that run in one transaction, or one step that runs outside of a transaction.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Group<'a> {
    /// How they run.
    pub mode: Mode,
    /// The number of the first step in the script, from 1.
    pub first: usize,
    /// The steps. Only a group of [`Mode::Together`] has more than one.
    pub steps: Vec<&'a Step>,
}

/// Returns the groups of a script. An empty script has no groups.
pub fn groups(steps: &[Step]) -> Vec<Group<'_>> {
    let mut found: Vec<Group<'_>> = Vec::new();
    for (step, first) in steps.iter().zip(1..) {
        match found.last_mut() {
            Some(last) if step.run == Mode::Together && last.mode == step.run => {
                last.steps.push(step);
            }
            _ => found.push(Group { mode: step.run, first, steps: vec![step] }),
        }
    }
    found
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::dialect::Dialect;

    #[test]
    fn neighbours_are_together() {
        let script = ["A", "B", "-- kontract: no-transaction\nC", "D", "-- kontract: repeat\nE"];
        let steps = Step::read_texts(Dialect::Postgres, script);
        let seen: Vec<_> = groups(&steps)
            .iter()
            .map(|group| {
                let sql: String = group.steps.iter().map(|step| step.sql.as_str()).collect();
                (group.mode, group.first, sql)
            })
            .collect();
        assert_eq!(
            seen,
            [
                (Mode::Together, 1, "AB".to_owned()),
                (Mode::Alone, 3, "C".to_owned()),
                (Mode::Together, 4, "D".to_owned()),
                (Mode::Repeat, 5, "E".to_owned()),
            ]
        );
        assert!(groups(&[]).is_empty());
    }
}
