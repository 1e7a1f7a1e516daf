//! Sentences that the explanations of several rules share.

/// A column changes its type on PostgreSQL.
pub const REWRITE: &str =
    "ALTER COLUMN … TYPE rewrites the table and its indexes; reads and writes wait meanwhile.";
/// A change on SQLite that ALTER TABLE cannot make.
pub const REBUILD: &str = "The table is rebuilt: its rows are copied into a new one.";
/// What the user can do about a change of a type.
pub const CONVERT: &str = "Keep the type, or convert the values in a manual migration, which `kontract migrate create` writes.";
/// The same about one whose values all fit.
pub const WIDEN: &str = "Keep the type; let wider types pass with `allow_widening = true` in kontract.toml; or convert the values in a manual migration, which `kontract migrate create` writes.";
/// A catalogue entry changes and no row does.
pub const CATALOGUE: &str = "Only the catalogue changes.";
pub const NOTHING: &str = "No statement runs.";
/// A check has to hold for existing rows, on PostgreSQL.
pub const CHECK_FAILS: &str =
    "ADD CONSTRAINT scans the table and fails if a row violates the check.";
/// The same on SQLite.
pub const REBUILD_FAILS: &str = "The table is rebuilt; that fails if a row violates the check.";
/// A foreign key has to hold for existing rows, on SQLite.
pub const REBUILD_CHECKED: &str =
    "The table is rebuilt; the foreign keys are checked before the commit.";
/// What runs for a value inside a document that the planner cannot compute.
pub const OPEN_VALUES: &str =
    "No generated statement; the migration that the message shows has a place for the new values.";
