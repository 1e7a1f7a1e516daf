//! The parts of the SQL about the history that differ between the databases, as data.

use kontract_schema::dialect::Dialect;

/// The texts of one database.
pub(super) struct HistorySql {
    /// Creates the table of the history, and what else the runner needs.
    pub(super) create: &'static [&'static str],
    /// The shape of the tables that `m.tables` lists as JSON.
    pub(super) shape: &'static str,
    /// Around `m.shape = {shape}`: NULL where a start has to restore something first, and true
    /// without a comparison where the database has counted no change since.
    pub(super) unchanged: (&'static str, &'static str),
    /// Records the database's count of schema changes with the shape.
    pub(super) record_changes: &'static str,
    /// Milliseconds since 1970.
    pub(super) now: &'static str,
    /// The command that runs a script.
    pub(super) run_script: &'static str,
}

impl HistorySql {
    /// The texts of that database.
    pub(super) fn for_dialect(dialect: Dialect) -> &'static HistorySql {
        dialect.choose(&POSTGRES, &SQLITE)
    }
}

const POSTGRES: HistorySql = HistorySql {
    create: &[CREATE_POSTGRES],
    shape: "(WITH ours AS (SELECT c.oid FROM pg_catalog.pg_class c \
        JOIN pg_catalog.pg_namespace n ON n.oid = c.relnamespace \
        WHERE CASE WHEN n.nspname = current_schema() THEN '' ELSE n.nspname || '/' END || c.relname \
        IN (SELECT jsonb_array_elements_text(m.tables::jsonb))) \
        SELECT md5(coalesce(string_agg(line, ';' ORDER BY line), '')) FROM (\
        SELECT concat_ws(' ', attrelid, attname, atttypid, atttypmod, attnotnull, atthasdef) AS line \
        FROM pg_catalog.pg_attribute WHERE attrelid IN (SELECT oid FROM ours) AND attnum > 0 AND NOT attisdropped \
        UNION ALL SELECT concat_ws(' ', indrelid, indexrelid, indisvalid) \
        FROM pg_catalog.pg_index WHERE indrelid IN (SELECT oid FROM ours) \
        UNION ALL SELECT concat_ws(' ', conrelid, conname, convalidated) \
        FROM pg_catalog.pg_constraint WHERE conrelid IN (SELECT oid FROM ours)) AS lines)",
    unchanged: ("", ""),
    record_changes: "",
    now: "(extract(epoch FROM now()) * 1000)::bigint",
    run_script: "psql -v ON_ERROR_STOP=1 -f FILE \"$DATABASE_URL\"",
};

const SQLITE: HistorySql = HistorySql {
    create: &[CREATE_SQLITE, CREATE_COUNTERS, START_COUNTERS],
    shape: "(SELECT coalesce(group_concat(sql, ';'), '') FROM (\
        SELECT sql FROM sqlite_schema WHERE sql IS NOT NULL \
        AND tbl_name IN (SELECT value FROM json_each(m.tables)) ORDER BY type, name))",
    unchanged: (
        "CASE WHEN NOT EXISTS (SELECT 1 FROM _kontract_clock WHERE id = 1) THEN NULL \
         WHEN m.seen IS (SELECT schema_version FROM pragma_schema_version) THEN 1 ELSE ",
        " END",
    ),
    record_changes: ", seen = (SELECT schema_version FROM pragma_schema_version)",
    now: "CAST((julianday('now') - 2440587.5) * 86400000 AS INTEGER)",
    run_script: "sqlite3 -bail NEW.db < FILE",
};

/// Creates the table on PostgreSQL; under the lock, because `IF NOT EXISTS` alone loses races.
pub(super) const CREATE_POSTGRES: &str = "CREATE TABLE IF NOT EXISTS _kontract_migrations (\
    package TEXT NOT NULL, version INT NOT NULL, name TEXT NOT NULL, hash TEXT NOT NULL, \
    state TEXT NOT NULL, reverse TEXT, applied_at BIGINT NOT NULL, tables TEXT NOT NULL, \
    shape TEXT NOT NULL, step INT NOT NULL DEFAULT 0, additive BOOLEAN NOT NULL DEFAULT false, \
    PRIMARY KEY (package, version))";

/// Adds the columns that the table of an older version lacks. `ADD COLUMN IF NOT EXISTS` alone would
/// lock the table at every start.
pub(super) const UPGRADE_POSTGRES: &str = "DO $$ BEGIN \
    IF (SELECT count(*) FROM pg_catalog.pg_attribute WHERE attname IN ('step', 'additive') \
        AND NOT attisdropped AND attrelid = '_kontract_migrations'::regclass) < 2 THEN \
        ALTER TABLE _kontract_migrations ADD COLUMN IF NOT EXISTS step INT NOT NULL DEFAULT 0, \
        ADD COLUMN IF NOT EXISTS additive BOOLEAN NOT NULL DEFAULT false; \
    END IF; END $$";

/// Creates the table on SQLite.
pub(super) const CREATE_SQLITE: &str = "CREATE TABLE IF NOT EXISTS _kontract_migrations (\
    package TEXT NOT NULL, version INTEGER NOT NULL, name TEXT NOT NULL, hash TEXT NOT NULL, \
    state TEXT NOT NULL, reverse TEXT, applied_at INTEGER NOT NULL, tables TEXT NOT NULL, \
    shape TEXT NOT NULL, step INTEGER NOT NULL DEFAULT 0, additive INTEGER NOT NULL DEFAULT 0, \
    seen INTEGER, PRIMARY KEY (package, version)) STRICT";

/// The columns that the table of an older version lacks, and the statements that add them.
pub(super) const COLUMNS_SQLITE: [(&str, &str); 3] = [
    ("step", "ALTER TABLE _kontract_migrations ADD COLUMN step INTEGER NOT NULL DEFAULT 0"),
    ("additive", "ALTER TABLE _kontract_migrations ADD COLUMN additive INTEGER NOT NULL DEFAULT 0"),
    ("seen", "ALTER TABLE _kontract_migrations ADD COLUMN seen INTEGER"),
];

/// Creates the table of the counters.
pub(super) const CREATE_COUNTERS: &str = "CREATE TABLE IF NOT EXISTS _kontract_clock (\
    id INTEGER PRIMARY KEY CHECK (id = 1), txid INTEGER NOT NULL, place INTEGER NOT NULL) STRICT";

/// Inserts the counters of a database without rows.
pub(super) const START_COUNTERS: &str = "INSERT INTO _kontract_clock (id, txid, place) VALUES (1, 0, 0) \
    ON CONFLICT (id) DO NOTHING";
