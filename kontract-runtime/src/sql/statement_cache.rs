//! The statements of a table that are printed once and kept.

use std::collections::BTreeMap;
use std::sync::{Arc, OnceLock, PoisonError, RwLock};

use kontract_schema::dialect::Dialect;

use crate::driver::statement::PreparedStatement;
use crate::sql::owner::Seen;
use crate::value::row_values::Omitted;

/// The statements of a table, for each dialect.
#[derive(Default)]
pub(crate) struct StatementCache {
    /// By dialect, then by [`Seen`].
    fixed: [[Fixed; 3]; 2],
    updates: RwLock<BTreeMap<UpdateForm, Arc<PreparedStatement>>>,
    inserts: RwLock<BTreeMap<InsertForm, Arc<PreparedStatement>>>,
}

/// The statements whose text depends on the table alone.
struct Fixed([OnceLock<Arc<PreparedStatement>>; COUNT]);

impl Default for Fixed {
    fn default() -> Self {
        Fixed([const { OnceLock::new() }; COUNT])
    }
}

/// A statement whose text depends on the table alone.
#[derive(Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
pub(super) enum Op {
    Get,
    GetRow,
    Exists,
    GetWithVersion,
    GetAtVersion,
    Insert,
    Set,
    Delete,
    Purge,
    Restore,
    PurgeDeleted,
    DateDeleted,
    Pop,
    Shift,
    PopMany,
    ShiftMany,
    InsertMany,
    SetMany,
    GetMany,
    DeleteMany,
    Transfer,
}

const COUNT: usize = Op::Transfer as usize + 1;

/// How many forms of updates of a table are kept, and of inserts.
const FORMS: usize = 128;

/// What the text of an update depends on.
#[derive(Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
pub(super) struct UpdateForm {
    pub(super) dialect: Dialect,
    pub(super) seen: Seen,
    /// A bit for each field that is set.
    pub(super) fields: u128,
    pub(super) versioned: bool,
}

/// What the text of an insert depends on, if the rows omit values.
#[derive(Clone, PartialEq, Eq, PartialOrd, Ord)]
pub(super) struct InsertForm {
    pub(super) dialect: Dialect,
    pub(super) seen: Seen,
    pub(super) op: Op,
    pub(super) omitted: Omitted,
}

impl StatementCache {
    /// The statement, built where it is not there yet.
    pub(super) fn get_or_build(
        &self,
        dialect: Dialect,
        seen: Seen,
        op: Op,
        build: impl FnOnce() -> PreparedStatement,
    ) -> Arc<PreparedStatement> {
        let Fixed(cells) = &self.fixed[dialect as usize][seen as usize];
        Arc::clone(cells[op as usize].get_or_init(|| Arc::new(build())))
    }

    /// The update of that form, if it is kept.
    pub(super) fn update(&self, form: UpdateForm) -> Option<Arc<PreparedStatement>> {
        // Nothing panics while it is held, and a map is never half changed.
        let updates = self.updates.read().unwrap_or_else(PoisonError::into_inner);
        updates.get(&form).map(Arc::clone)
    }

    /// Keeps the update of that form, while there is room.
    pub(super) fn keep_update(&self, form: UpdateForm, statement: &Arc<PreparedStatement>) {
        let mut updates = self.updates.write().unwrap_or_else(PoisonError::into_inner);
        if updates.len() < FORMS {
            updates.insert(form, Arc::clone(statement));
        }
    }

    /// The insert of that form, built where it is not there yet, and kept while there is room.
    pub(super) fn get_or_build_insert(
        &self,
        form: InsertForm,
        build: impl FnOnce() -> PreparedStatement,
    ) -> Arc<PreparedStatement> {
        let inserts = self.inserts.read().unwrap_or_else(PoisonError::into_inner);
        if let Some(statement) = inserts.get(&form) {
            return Arc::clone(statement);
        }
        drop(inserts);
        let statement = Arc::new(build());
        let mut inserts = self.inserts.write().unwrap_or_else(PoisonError::into_inner);
        if inserts.len() < FORMS {
            inserts.insert(form, Arc::clone(&statement));
        }
        statement
    }
}
