//! What a run needs of the server and the role, checked before the first change: a server that is new
//! enough and accepts writes, a schema in which the role may create tables, tables that it owns.
//!
//! What a manual migration does besides is unknown until the server refuses it.

use std::collections::BTreeSet;
use std::time::Duration;

use kontract_schema::code;
use kontract_schema::dialect::Dialect;
use kontract_schema::lock::Migration;
use kontract_schema::model::{Field, Table};

use crate::driver::postgres::Session;
use crate::error::{Error, Kind, Result};
use crate::migrate::executor::Queries;
use crate::migrate::failure::failure;
use crate::migrate::postgres::catalog;
use crate::migrate::statements;
use crate::migrate::target::Target;

/// The oldest server: it has `pg_current_snapshot`.
const OLDEST: i32 = 13;
/// The oldest server with virtual generated columns.
const VIRTUAL: i32 = 18;

/// What the server, the role and the session are.
pub(super) struct Server {
    /// The path of schemas, as SQL: those that are there, and temporary objects last.
    path: String,
    /// Its version, as `150004`.
    version: i32,
    may_create: bool,
    /// Whether the table of the history is there.
    pub(super) has_history: bool,
    /// The process of the session.
    pub(super) process: i32,
}

/// Reads it.
///
/// # Errors
/// K0437, K0417, K0430, K0435: it is too old or read-only, the connection has no schema, or the role
/// may not create the table of the history.
pub(super) async fn read_server(session: &mut Session) -> Result<Server> {
    let text = "SELECT current_setting('server_version_num')::int, pg_is_in_recovery(), \
         current_setting('transaction_read_only') = 'on', \
         (SELECT string_agg(quote_ident(name), ', ' ORDER BY place) \
          FROM unnest(current_schemas(false)) WITH ORDINALITY AS s (name, place)), \
         has_schema_privilege(current_schema(), 'CREATE'), \
         to_regclass('_kontract_migrations') IS NOT NULL, pg_backend_pid()";
    type Facts = (i32, bool, bool, Option<String>, Option<bool>, bool, i32);
    let found: Option<Facts> = session.fetch(text, ()).await?.into_iter().next();
    let Some((version, standby, read_only, path, may_create, has_history, process)) = found else {
        return Err(
            Error::new(Kind::Connection, "the server did not answer").with_code(code::UNREACHABLE)
        );
    };
    check_version(version)?;
    check_writable(standby, read_only)?;
    let (Some(path), Some(may_create)) = (path, may_create) else {
        return Err(failure(code::NO_SCHEMA, "the connection has no schema to create tables in")
            .with_help("create the schema of the user's `search_path`"));
    };
    let path = format!("{path}, pg_temp");
    let server = Server { path, version, may_create, has_history, process };
    if may_create || has_history { Ok(server) } else { Err(may_not_create()) }
}

fn check_version(version: i32) -> Result<()> {
    let version = version / 10_000;
    if version >= OLDEST {
        return Ok(());
    }
    let what = format!("the server is PostgreSQL {version}; version {OLDEST} or newer is needed");
    Err(failure(code::SERVER_TOO_OLD, what).with_help("upgrade the server; nothing was changed"))
}

fn check_writable(standby: bool, read_only: bool) -> Result<()> {
    let (what, help) = match (standby, read_only) {
        (false, false) => return Ok(()),
        (true, _) => (
            "the database has to be migrated, and this server is a read-only standby",
            "start the program once with the address of the primary",
        ),
        (false, true) => (
            "the database has to be migrated, and its transactions are read-only",
            "set `default_transaction_read_only` to `off` for this role or database",
        ),
    };
    Err(Error::new(Kind::Denied, what).with_code(code::READ_ONLY).with_help(help))
}

fn may_not_create() -> Error {
    failure(
        code::MAY_NOT_CREATE,
        "the role may not create tables in the schema, and the migrations create or rename some",
    )
    .with_help(
        "as the owner of the schema: `GRANT CREATE ON SCHEMA name TO role`; nothing was changed",
    )
}

/// Checks that the role may create the tables of other schemas than that of the connection.
///
/// # Errors
/// K0435, with the schema.
async fn check_schemas(session: &mut Session, pending: &[Migration]) -> Result<()> {
    let created = statements::created_tables(Dialect::Postgres, pending);
    let schemas: BTreeSet<&str> =
        created.iter().filter_map(|path| Some(path.split_once('/')?.0)).collect();
    if schemas.is_empty() {
        return Ok(());
    }
    let names: Vec<String> =
        schemas.into_iter().map(|name| Dialect::Postgres.literal(name)).collect();
    // A schema that is missing is created.
    let text = format!(
        "SELECT name, to_regnamespace(quote_ident(name)) IS NOT NULL, current_user::text, current_database()::text \
         FROM unnest(ARRAY[{}]) AS wanted (name) \
         WHERE CASE WHEN to_regnamespace(quote_ident(name)) IS NULL \
         THEN NOT has_database_privilege(current_database(), 'CREATE') \
         ELSE NOT has_schema_privilege(to_regnamespace(quote_ident(name)), 'CREATE') END ORDER BY name",
        names.join(", ")
    );
    let refused: Vec<(String, bool, String, String)> = session.fetch(&text, ()).await?;
    let Some((name, exists, role, database)) = refused.into_iter().next() else { return Ok(()) };
    let (what, grant) = if exists {
        (
            format!(
                "the role may not create tables in the schema `{name}`, and the migrations create some"
            ),
            format!("as the owner of the schema: `GRANT CREATE ON SCHEMA {name} TO {role}`"),
        )
    } else {
        (
            format!("the role may not create the schema `{name}`, which the migrations need"),
            format!(
                "as the owner of the database: `GRANT CREATE ON DATABASE {database} TO {role}`"
            ),
        )
    };
    Err(failure(code::MAY_NOT_CREATE, what).with_help(format!("{grant}; nothing was changed")))
}

impl Server {
    /// The settings that migrations run with. `word` is `SET`, or `SET LOCAL` for a transaction.
    pub(super) fn settings(&self, word: &str, lock_timeout: Duration) -> String {
        // An `ALTER TABLE` that waits makes every later reader wait behind it.
        let (millis, path) = (lock_timeout.as_millis().max(1), &self.path);
        format!(
            "{word} lock_timeout = {millis}; {word} search_path = {path}; \
             {word} client_min_messages = warning; {}; ",
            catalog::set_form(word)
        )
    }

    /// Checks that the server has what the tables of the pending migrations need.
    ///
    /// # Errors
    /// K0437: a table has a virtual column, which this version does not have.
    pub(super) fn check_tables(&self, target: &Target, pending: &[Migration]) -> Result<()> {
        let changes = pending.iter().flat_map(|migration| &migration.changes);
        let tables = changes.filter_map(|one| target.lock.tables.get(&one.change.table));
        tables.filter(|table| !table.external).try_for_each(|table| self.check_table(table))
    }

    fn check_table(&self, table: &Table) -> Result<()> {
        let version = self.version / 10_000;
        let is_virtual = |field: &&Field| field.generated.as_ref().is_some_and(|one| !one.stored);
        match table.schema.iter().find(is_virtual).filter(|_| version < VIRTUAL) {
            None => Ok(()),
            Some(field) => {
                let what = format!(
                    "`{}` of table `{}` is a virtual column, and the server is PostgreSQL {version}; \
                     version {VIRTUAL} is needed",
                    field.name, table.name
                );
                Err(failure(code::SERVER_TOO_OLD, what).with_help(
                    "store the column: remove `virtual` from `#[generated(…)]`; nothing was changed",
                ))
            }
        }
    }

    /// Checks what the role needs for the pending migrations.
    ///
    /// # Errors
    /// K0435, K0436: it may not create tables, or does not own a table that is changed.
    pub(super) async fn check_role(
        &self,
        session: &mut Session,
        target: &Target,
        pending: &[Migration],
    ) -> Result<()> {
        let here = Dialect::Postgres;
        check_schemas(session, pending).await?;
        let creates =
            pending.iter().any(|one| statements::creates_objects(one.sql.for_dialect(here)));
        if !self.may_create && creates {
            return Err(may_not_create());
        }
        let changes = pending.iter().flat_map(|migration| &migration.changes);
        let tables: BTreeSet<&str> = changes.map(|one| one.change.table.as_str()).collect();
        let tables = tables.into_iter().filter_map(|name| target.lock.tables.get(name));
        let tables = tables.filter(|table| !table.external);
        let mut names: BTreeSet<String> =
            tables.map(|table| here.table_literal(&table.path())).collect();
        let statements = pending.iter().flat_map(|one| &one.sql.for_dialect(here).up);
        let named = statements.flat_map(|statement| {
            statement.drops.iter().chain(statement.renames.iter().map(|rename| &rename.from))
        });
        names.extend(named.map(|path| here.table_literal(path)));
        if names.is_empty() {
            return Ok(());
        }
        let text = format!(
            "SELECT c.relname::text, c.relowner::regrole::text, current_user::text \
             FROM pg_catalog.pg_class c \
             WHERE c.oid IN (SELECT to_regclass(name) FROM unnest(ARRAY[{}]) AS n (name)) \
             AND c.relkind IN ('r', 'p') AND NOT pg_has_role(c.relowner, 'USAGE') \
             ORDER BY c.relname",
            Vec::from_iter(names).join(", ")
        );
        let others: Vec<(String, String, String)> = session.fetch(&text, ()).await?;
        let Some((table, owner, role)) = others.first() else { return Ok(()) };
        let what = match others.len() - 1 {
            0 => format!("the migrations change the table `{table}`, which `{owner}` owns"),
            more => format!(
                "the migrations change the table `{table}` and {more} more, which `{owner}` and others own"
            ),
        };
        Err(failure(code::NOT_THE_OWNER, what).with_help(format!(
            "migrate as the owner, or make `{role}` a member: `GRANT {owner} TO {role}`; nothing was changed"
        )))
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn code(result: Result<()>) -> Option<&'static str> {
        result.err().and_then(|error| error.code())
    }

    #[test]
    fn servers() {
        assert_eq!(code(check_version(120_022)), Some("K0437"));
        assert_eq!(code(check_version(90_624)), Some("K0437"));
        assert_eq!(code(check_version(130_000)), None);
        assert_eq!(code(check_version(180_004)), None);
    }

    #[test]
    fn read_only_servers() {
        assert_eq!(code(check_writable(false, false)), None);
        for (standby, read_only) in [(true, true), (true, false), (false, true)] {
            assert_eq!(code(check_writable(standby, read_only)), Some("K0417"));
        }
    }
}
