//! What the pending steps need that a server may not have, checked before the first change: room for the
//! locks of a transaction, and extensions.

use std::collections::BTreeSet;

use kontract_schema::catalog::{Catalog, LiveTable, expected};
use kontract_schema::code;
use kontract_schema::dialect::Dialect;
use kontract_schema::lock::{Migration, Step as Statement};
use kontract_schema::migration::run_mode::{self, Mode};

use crate::driver::postgres::Session;
use crate::error::Result;
use crate::migrate::executor::Queries;
use crate::migrate::failure::failure;
use crate::migrate::step::Step;
use crate::migrate::target::Target;

const HERE: Dialect = Dialect::Postgres;

/// With fewer locks, any server has room.
const HARMLESS: usize = 500;

/// Checks that the server has room for the locks of each transaction: one for each table and index
/// that it creates or drops.
///
/// # Errors
/// K0466, with the number of locks.
pub(super) async fn check_locks(
    session: &mut Session,
    target: &Target,
    step: &Step,
    pending: &[Migration],
) -> Result<()> {
    let Some((title, needed)) = count_locks(target, step, pending) else { return Ok(()) };
    if needed < HARMLESS {
        return Ok(());
    }
    // The server reserves `max_locks_per_transaction` locks for each process that can run transactions.
    let text = "SELECT current_setting('max_locks_per_transaction')::bigint, \
         sum(setting::bigint)::bigint + 1 FROM pg_catalog.pg_settings WHERE name IN \
         ('max_connections', 'autovacuum_max_workers', 'max_worker_processes', 'max_wal_senders', \
         'max_prepared_transactions')";
    let found: Vec<(i64, i64)> = session.fetch(text, ()).await?;
    let Some((each, processes)) = found.first().copied() else { return Ok(()) };
    let (each, processes) =
        (each.unsigned_abs() as usize, processes.unsigned_abs().max(1) as usize);
    let room = each * processes;
    // A server has some memory for more locks than it promises.
    if needed <= room + room / 2 {
        return Ok(());
    }
    let enough = needed / processes + 1;
    let what = format!(
        "{title} locks about {needed} tables and indexes in one transaction, and the server has room for {room} locks"
    );
    let split = match step {
        Step::Create(_) => "`kontract migrate up --to VERSION` runs the history in parts",
        _ => "seal the changes as several migrations, each of which is a transaction",
    };
    Err(failure(code::TOO_MANY_LOCKS, what).with_help(format!(
        "set `max_locks_per_transaction = {enough}` or more in `postgresql.conf`, and restart the server; or {split}; nothing was changed"
    )))
}

/// Returns the transaction with the most locks, and how many they are.
fn count_locks(target: &Target, step: &Step, pending: &[Migration]) -> Option<(String, usize)> {
    let tables = expected(HERE, &target.lock.schema());
    if let Step::Create(_) = step {
        let own = tables.tables.values().filter(|table| !table.external);
        return Some((step.title(target), own.map(count_objects).sum()));
    }
    let counted = pending.iter().flat_map(|migration| {
        let title = format!("migration {} `{}`", migration.version, migration.name);
        let groups = run_mode::groups(&migration.sql.for_dialect(HERE).up).into_iter();
        let together = groups.filter(|group| group.mode == Mode::Together);
        let locks = together.map(|group| group.steps.iter().map(|one| count(one, &tables)).sum());
        locks.max().map(|locks: usize| (title, locks))
    });
    counted.max_by_key(|(_, locks)| *locks)
}

/// Returns how many objects a statement creates and drops, at least.
fn count(statement: &Statement, tables: &Catalog) -> usize {
    let of_table = |path: &String| tables.tables.get(path).map_or(1, count_table);
    let tables = statement.creates.iter().chain(&statement.drops);
    tables.map(of_table).sum::<usize>()
        + statement.objects.len()
        + usize::from(statement.index.is_some())
}

/// Returns how many objects a table is: itself, its key, and the table and index of long values.
fn count_table(table: &LiveTable) -> usize {
    let is_long = |ty: &str| matches!(ty, "text" | "jsonb" | "bytea") || ty.ends_with("[]");
    let has_long = table.columns.values().any(|column| is_long(&column.ty));
    1 + usize::from(!table.key.is_empty()) + if has_long { 2 } else { 0 }
}

/// Returns how many objects a table is with its indexes.
fn count_objects(table: &LiveTable) -> usize {
    count_table(table) + table.indexes.len()
}

/// Checks that the server has the extensions that pending statements create.
///
/// # Errors
/// K0467, with the extensions.
pub(super) async fn check_extensions<'a>(
    session: &mut Session,
    pending: impl IntoIterator<Item = &'a Migration>,
) -> Result<()> {
    let statements = pending.into_iter().flat_map(|one| &one.sql.for_dialect(HERE).up);
    let wanted: BTreeSet<String> = statements.filter_map(find_extension).collect();
    if wanted.is_empty() {
        return Ok(());
    }
    let names: Vec<String> = wanted.iter().map(|name| HERE.literal(name)).collect();
    let text = format!(
        "SELECT name FROM unnest(ARRAY[{}]) AS wanted (name) WHERE name NOT IN \
         (SELECT name::text FROM pg_catalog.pg_available_extensions) ORDER BY name",
        names.join(", ")
    );
    let missing: Vec<(String,)> = session.fetch(&text, ()).await?;
    let missing: Vec<String> = missing.into_iter().map(|(name,)| format!("`{name}`")).collect();
    let what = match missing.as_slice() {
        [] => return Ok(()),
        [name] => {
            format!("the migrations create the extension {name}, which the server does not have")
        }
        names => format!(
            "the migrations create the extensions {}, which the server does not have",
            names.join(", ")
        ),
    };
    Err(failure(code::NO_EXTENSION, what).with_help(
        "install its package on the server, often `postgresql-NN-NAME` or `postgresql-contrib`; `SELECT name FROM pg_available_extensions` lists what it has; nothing was changed",
    ))
}

/// Returns the extension that a statement creates.
fn find_extension(statement: &Statement) -> Option<String> {
    let text = statement.sql.trim();
    let rest = strip_words(text, &["CREATE", "EXTENSION"])?;
    let rest = strip_words(rest, &["IF", "NOT", "EXISTS"]).unwrap_or(rest);
    if let Some(quoted) = rest.strip_prefix('"') {
        return quoted.split('"').next().map(str::to_owned);
    }
    let is_part = |char: char| char.is_alphanumeric() || char == '_';
    let name = rest.split(|char| !is_part(char)).next()?;
    (!name.is_empty()).then(|| name.to_lowercase())
}

/// Returns a text without the words at its beginning.
fn strip_words<'a>(mut text: &'a str, words: &[&str]) -> Option<&'a str> {
    for word in words {
        let start = text.get(..word.len())?;
        if !start.eq_ignore_ascii_case(word) || !text[word.len()..].starts_with(char::is_whitespace)
        {
            return None;
        }
        text = text[word.len()..].trim_start();
    }
    Some(text)
}
