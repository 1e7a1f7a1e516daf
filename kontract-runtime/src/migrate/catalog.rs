//! Reads the schema of a live database into the form of [`kontract_schema::catalog`], whose table
//! lists the source of each part.

use kontract_schema::catalog::{
    ALWAYS, BY_DEFAULT, Catalog, IndexPart, LiveCheck, LiveColumn, LiveIndex, LiveReference,
    LiveTable, apply_probe, parse_action, parse_sqlite_checks, parse_sqlite_index, probes,
};
use kontract_schema::dialect::Dialect;

use crate::driver::Backend;
use crate::driver::postgres::Session;
use crate::driver::sqlite::Connection;
use crate::driver::statement::PreparedStatement;
use crate::error::{Error, Result};
use crate::value::row::{Reader, field};
use crate::value::wire::{Scalar, Shape, Wire};

const TEXT: Wire = Wire::one(Scalar::Text);
const BOOL: Wire = Wire::one(Scalar::Bool);
const TEXTS: Wire = Wire { scalar: Scalar::Text, shape: Shape::List };

/// Limits a query to the current schema, without objects of extensions.
const HERE: &str = "c.relnamespace = current_schema()::regnamespace \
    AND NOT EXISTS (SELECT FROM pg_catalog.pg_depend e WHERE e.objid = c.oid \
    AND e.classid = 'pg_catalog.pg_class'::regclass AND e.deptype = 'e')";

/// Limits a query to ordinary and partitioned tables of the current schema.
fn ours() -> String {
    format!("{HERE} AND c.relkind IN ('r', 'p')")
}

type Facts<T> = Vec<(String, T)>;

/// A table's name and one fact about it.
fn fact<T>(
    from: &mut dyn Reader,
    read: impl FnOnce(&mut dyn Reader) -> Result<T>,
) -> Result<(String, T)> {
    Ok((field(from)?, read(from)?))
}

fn column(from: &mut dyn Reader) -> Result<(String, (String, LiveColumn))> {
    fact(from, |from| {
        let name = field(from)?;
        let column = LiveColumn { ty: field(from)?, not_null: field(from)?, default: field(from)? };
        Ok((name, column))
    })
}

fn key(from: &mut dyn Reader) -> Result<(String, String)> {
    fact(from, |from| field(from))
}

fn index(from: &mut dyn Reader) -> Result<(String, (String, LiveIndex))> {
    fact(from, |from| {
        let name = field(from)?;
        let (unique, condition) = (field(from)?, field(from)?);
        let (valid, method) = (field(from)?, field(from)?);
        let parts: Vec<String> = field(from)?;
        let parts = parts.iter().map(|part| IndexPart::new(Dialect::Postgres, part)).collect();
        Ok((name, LiveIndex { parts, unique, condition, valid, method }))
    })
}

fn index_of_file(from: &mut dyn Reader) -> Result<(String, (String, LiveIndex))> {
    fact(from, |from| {
        let name = field(from)?;
        let unique = field(from)?;
        let sql: Option<String> = field(from)?;
        let columns: Vec<Option<String>> = field(from)?;
        let (mut parts, condition) = match &sql {
            Some(sql) => parse_sqlite_index(sql),
            None => (columns.iter().flatten().cloned().map(IndexPart::Column).collect(), None),
        };
        // The statement may have other capital letters than the table.
        for (part, column) in parts.iter_mut().zip(columns) {
            if let (IndexPart::Column(name), Some(column)) = (part.bare_mut(), column) {
                *name = column;
            }
        }
        let method = "btree".to_owned();
        Ok((name, LiveIndex { parts, unique, condition, valid: true, method }))
    })
}

fn check(from: &mut dyn Reader) -> Result<(String, LiveCheck)> {
    fact(from, |from| Ok(LiveCheck { name: field(from)?, text: field(from)?, valid: field(from)? }))
}

fn reference(from: &mut dyn Reader) -> Result<(String, LiveReference)> {
    fact(from, |from| {
        Ok(LiveReference {
            name: field(from)?,
            columns: field(from)?,
            table: field(from)?,
            to: field(from)?,
            on_delete: parse_action(&field::<String>(from)?),
            on_update: parse_action(&field::<String>(from)?),
            valid: field(from)?,
        })
    })
}

/// The facts that were read.
#[derive(Default)]
struct Read {
    tables: Vec<String>,
    columns: Facts<(String, LiveColumn)>,
    keys: Facts<String>,
    indexes: Facts<(String, LiveIndex)>,
    checks: Facts<LiveCheck>,
    references: Facts<LiveReference>,
    /// The facts of a table; those without a table have an empty name.
    others: Facts<String>,
}

impl Read {
    fn catalog(self, dialect: Dialect) -> Catalog {
        let mut catalog = Catalog::new(dialect);
        for name in self.tables {
            catalog.tables.insert(name, LiveTable::default());
        }
        for (table, other) in self.others {
            match catalog.tables.get_mut(&table) {
                Some(table) => drop(table.others.insert(other)),
                None if table.is_empty() => drop(catalog.others.insert(other)),
                None => {}
            }
        }
        let tables = &mut catalog.tables;
        for (table, (name, column)) in self.columns {
            if let Some(table) = tables.get_mut(&table) {
                table.order.push(name.clone());
                table.columns.insert(name, column);
            }
        }
        for (table, name) in self.keys {
            if let Some(table) = tables.get_mut(&table) {
                table.key.push(name);
            }
        }
        for (table, (name, index)) in self.indexes {
            if let Some(table) = tables.get_mut(&table) {
                table.indexes.insert(name, index);
            }
        }
        for (table, check) in self.checks {
            if let Some(table) = tables.get_mut(&table) {
                table.checks.push(check);
            }
        }
        for (table, reference) in self.references {
            if let Some(table) = tables.get_mut(&table) {
                table.references.push(reference);
            }
        }
        catalog
    }
}

/// Reads a database; on PostgreSQL the current schema. With an expected catalogue, expressions that
/// PostgreSQL considers equal to the expected ones read like them.
pub(crate) async fn read(backend: &Backend, expected: Option<&Catalog>) -> Result<Catalog> {
    match backend {
        Backend::Postgres(postgres) => {
            let mut session = postgres.session().await?;
            let read = read_session(&mut session, expected).await;
            session.close().await;
            read
        }
        Backend::Sqlite(sqlite) => sqlite.read(false, read_sqlite).await,
    }
}

async fn read_session(session: &mut Session, expected: Option<&Catalog>) -> Result<Catalog> {
    session.begin().await?;
    let live = read_postgres(session).await?;
    let live = match expected {
        Some(expected) => settled(session, expected, live).await?,
        None => live,
    };
    session.rollback().await?;
    Ok(live)
}

/// Reads the current schema of PostgreSQL.
pub(crate) async fn read_postgres(session: &mut Session) -> Result<Catalog> {
    let ours = ours();
    let tables = format!("SELECT c.relname::text FROM pg_catalog.pg_class c WHERE {ours}");
    let columns = format!(
        "SELECT c.relname::text, a.attname::text, format_type(a.atttypid, a.atttypmod), a.attnotnull, \
         CASE WHEN a.attidentity = 'a' THEN '{ALWAYS} as identity' \
         WHEN a.attidentity <> '' THEN '{BY_DEFAULT} as identity' \
         WHEN a.attgenerated <> '' THEN '{ALWAYS} as (' || pg_get_expr(d.adbin, d.adrelid) || ')' \
         ELSE pg_get_expr(d.adbin, d.adrelid) END \
         FROM pg_catalog.pg_class c JOIN pg_catalog.pg_attribute a ON a.attrelid = c.oid \
         LEFT JOIN pg_catalog.pg_attrdef d ON d.adrelid = c.oid AND d.adnum = a.attnum \
         WHERE {ours} AND a.attnum > 0 AND NOT a.attisdropped ORDER BY c.relname, a.attnum"
    );
    let keys = format!(
        "SELECT c.relname::text, a.attname::text FROM pg_catalog.pg_class c \
         JOIN pg_catalog.pg_constraint p ON p.conrelid = c.oid AND p.contype = 'p' \
         CROSS JOIN LATERAL unnest(p.conkey) WITH ORDINALITY AS k(attnum, place) \
         JOIN pg_catalog.pg_attribute a ON a.attrelid = c.oid AND a.attnum = k.attnum \
         WHERE {ours} ORDER BY c.relname, k.place"
    );
    // A part with what is not usual about its order behind it; 100 is the collation of a database.
    let indexes = format!(
        "SELECT c.relname::text, x.relname::text, i.indisunique, pg_get_expr(i.indpred, i.indrelid), \
         i.indisvalid, m.amname::text, \
         (SELECT array_agg(pg_get_indexdef(x.oid, k::int, false) \
         || CASE WHEN i.indcollation[k - 1] NOT IN (0, coalesce(a.attcollation, 100)) \
         THEN ' COLLATE ' || quote_ident(l.collname) ELSE '' END \
         || CASE WHEN o.opcdefault THEN '' ELSE ' ' || quote_ident(o.opcname) END \
         || CASE i.indoption[k - 1] WHEN 1 THEN ' DESC NULLS LAST' WHEN 2 THEN ' NULLS FIRST' \
         WHEN 3 THEN ' DESC' ELSE '' END ORDER BY k) \
         FROM generate_series(1, i.indnkeyatts) k \
         JOIN pg_catalog.pg_opclass o ON o.oid = i.indclass[k - 1] \
         LEFT JOIN pg_catalog.pg_collation l ON l.oid = i.indcollation[k - 1] \
         LEFT JOIN pg_catalog.pg_attribute a ON a.attrelid = c.oid AND a.attnum = i.indkey[k - 1] \
         AND a.attnum > 0) \
         FROM pg_catalog.pg_class c JOIN pg_catalog.pg_index i ON i.indrelid = c.oid AND NOT i.indisprimary \
         JOIN pg_catalog.pg_class x ON x.oid = i.indexrelid JOIN pg_catalog.pg_am m ON m.oid = x.relam \
         WHERE {ours}"
    );
    let checks = format!(
        "SELECT c.relname::text, p.conname::text, pg_get_expr(p.conbin, p.conrelid), p.convalidated \
         FROM pg_catalog.pg_class c \
         JOIN pg_catalog.pg_constraint p ON p.conrelid = c.oid AND p.contype = 'c' WHERE {ours} \
         ORDER BY c.relname, p.conname"
    );
    let others = format!(
        "SELECT c.relname::text, 'trigger `' || t.tgname || '`' FROM pg_catalog.pg_class c \
         JOIN pg_catalog.pg_trigger t ON t.tgrelid = c.oid AND NOT t.tgisinternal WHERE {ours} \
         UNION ALL SELECT c.relname::text, 'policy `' || p.polname || '`' FROM pg_catalog.pg_class c \
         JOIN pg_catalog.pg_policy p ON p.polrelid = c.oid WHERE {ours} \
         UNION ALL SELECT c.relname::text, 'constraint `' || p.conname || '`' FROM pg_catalog.pg_class c \
         JOIN pg_catalog.pg_constraint p ON p.conrelid = c.oid AND p.contype = 'x' WHERE {ours} \
         UNION ALL SELECT '', CASE c.relkind WHEN 'v' THEN 'view' WHEN 'm' THEN 'materialized view' \
         ELSE 'foreign table' END || ' `' || c.relname || '`' \
         FROM pg_catalog.pg_class c WHERE {HERE} AND c.relkind IN ('v', 'm', 'f')"
    );
    let names = |of: &str, numbers: &str| {
        format!(
            "(SELECT array_agg(a.attname::text ORDER BY k.place) FROM unnest({numbers}) \
             WITH ORDINALITY AS k(attnum, place) \
             JOIN pg_catalog.pg_attribute a ON a.attrelid = {of} AND a.attnum = k.attnum)"
        )
    };
    let references = format!(
        "SELECT c.relname::text, p.conname::text, {}, t.relname::text, {}, p.confdeltype::text, \
         p.confupdtype::text, p.convalidated FROM pg_catalog.pg_class c \
         JOIN pg_catalog.pg_constraint p ON p.conrelid = c.oid AND p.contype = 'f' \
         JOIN pg_catalog.pg_class t ON t.oid = p.confrelid WHERE {ours} \
         ORDER BY c.relname, p.conname",
        names("c.oid", "p.conkey"),
        names("t.oid", "p.confkey"),
    );
    let of_index = [TEXT, TEXT, BOOL, TEXT, BOOL, TEXT, TEXTS];
    let of_reference = [TEXT, TEXT, TEXTS, TEXT, TEXTS, TEXT, TEXT, BOOL];
    let read = Read {
        tables: all(session, &tables, &[TEXT], |from| field(from)).await?,
        columns: all(session, &columns, &[TEXT, TEXT, TEXT, BOOL, TEXT], column).await?,
        keys: all(session, &keys, &[TEXT, TEXT], key).await?,
        indexes: all(session, &indexes, &of_index, index).await?,
        checks: all(session, &checks, &[TEXT, TEXT, TEXT, BOOL], check).await?,
        references: all(session, &references, &of_reference, reference).await?,
        others: all(session, &others, &[TEXT, TEXT], key).await?,
    };
    Ok(read.catalog(Dialect::Postgres))
}

/// Asks PostgreSQL, within a transaction, which of the expressions that read differently are equal.
/// Everything that it creates for this is rolled back.
pub(crate) async fn settled(
    session: &mut Session,
    expected: &Catalog,
    mut live: Catalog,
) -> Result<Catalog> {
    for probe in probes(expected, &live) {
        session.execute("SAVEPOINT _kontract_probe").await?;
        let printed = print(session, &probe.make, &probe.print).await;
        session.execute("ROLLBACK TO SAVEPOINT _kontract_probe").await?;
        match printed {
            Ok(printed) if printed.contains(&probe.live) => apply_probe(&mut live, &probe),
            Ok(_) => {}
            Err(error) if is_not_allowed(&error) => {
                live.unsure = true;
                break;
            }
            // An expression that these columns do not allow is a different one.
            Err(error) if error.database().is_some() => {}
            Err(error) => return Err(error),
        }
    }
    Ok(live)
}

async fn print(session: &mut Session, make: &[String], query: &str) -> Result<Vec<String>> {
    for statement in make {
        session.execute(statement).await?;
    }
    all(session, query, &[TEXT], |from| field(from)).await
}

/// Returns whether the role may not create temporary tables, or the server is read-only.
fn is_not_allowed(error: &Error) -> bool {
    error.database().is_some_and(|source| ["42501", "25006"].contains(&source.code.as_str()))
}

async fn all<T: Send>(
    session: &mut Session,
    text: &str,
    outputs: &[Wire],
    decode: crate::driver::statement::Decode<T>,
) -> Result<Vec<T>> {
    let query = PreparedStatement::raw(text, Vec::new(), outputs.to_vec());
    Ok(session.run(&query, &|_| Ok(()), decode).await?.rows)
}

/// Reads a SQLite database.
pub(crate) fn read_sqlite(connection: &Connection<'_>) -> Result<Catalog> {
    const TABLES: &str = "SELECT name, sql FROM sqlite_schema WHERE type = 'table' \
                          AND name NOT LIKE 'sqlite\\_%' ESCAPE '\\'";
    const COLUMNS: &str = "SELECT t.name, c.name, c.type, c.\"notnull\", \
        CASE WHEN c.hidden IN (2, 3) THEN 'generated always' ELSE c.dflt_value END \
        FROM sqlite_schema t JOIN pragma_table_xinfo(t.name) c \
        WHERE t.type = 'table' AND c.hidden <> 1 ORDER BY t.name, c.cid";
    const KEYS: &str = "SELECT t.name, c.name FROM sqlite_schema t \
        JOIN pragma_table_xinfo(t.name) c WHERE t.type = 'table' AND c.pk > 0 ORDER BY t.name, c.pk";
    const INDEXES: &str = "SELECT t.name, i.name, i.\"unique\", s.sql, \
        (SELECT json_group_array(x.name ORDER BY x.seqno) FROM pragma_index_xinfo(i.name) x WHERE x.key = 1) \
        FROM sqlite_schema t JOIN pragma_index_list(t.name) i \
        LEFT JOIN sqlite_schema s ON s.type = 'index' AND s.name = i.name \
        WHERE t.type = 'table' AND i.origin <> 'pk'";
    const REFERENCES: &str = "SELECT t.name, NULL, json_group_array(r.\"from\" ORDER BY r.seq), r.\"table\", \
        json_group_array(coalesce(r.\"to\", '') ORDER BY r.seq), r.on_delete, r.on_update, 1 \
        FROM sqlite_schema t JOIN pragma_foreign_key_list(t.name) r WHERE t.type = 'table' \
        GROUP BY t.name, r.id ORDER BY t.name, r.id DESC";
    const OTHERS: &str = "SELECT CASE type WHEN 'view' THEN '' ELSE tbl_name END, \
        type || ' `' || name || '`' FROM sqlite_schema WHERE type IN ('view', 'trigger')";
    let none = |_: &mut dyn crate::value::row::Binder| Ok(());
    let query =
        |text: &str, outputs: &[Wire]| PreparedStatement::raw(text, Vec::new(), outputs.to_vec());
    let tables: Facts<String> = connection.run(&query(TABLES, &[TEXT, TEXT]), &none, key)?;
    let checks = |(table, sql): &(String, String)| -> Facts<LiveCheck> {
        parse_sqlite_checks(sql).into_iter().map(|check| (table.clone(), check)).collect()
    };
    let of_index = [TEXT, TEXT, BOOL, TEXT, TEXTS];
    let of_reference = [TEXT, TEXT, TEXTS, TEXT, TEXTS, TEXT, TEXT, BOOL];
    let read = Read {
        checks: tables.iter().flat_map(checks).collect(),
        columns: connection.run(&query(COLUMNS, &[TEXT, TEXT, TEXT, BOOL, TEXT]), &none, column)?,
        keys: connection.run(&query(KEYS, &[TEXT, TEXT]), &none, key)?,
        indexes: connection.run(&query(INDEXES, &of_index), &none, index_of_file)?,
        references: connection.run(&query(REFERENCES, &of_reference), &none, reference)?,
        others: connection.run(&query(OTHERS, &[TEXT, TEXT]), &none, key)?,
        tables: tables.into_iter().map(|(name, _)| name).collect(),
    };
    let mut catalog = read.catalog(Dialect::Sqlite);
    as_created(&mut catalog);
    Ok(catalog)
}

/// Restores the capital letters of tables and columns in references. SQLite keeps the letters of
/// the statement, and finds tables and columns by any.
fn as_created(catalog: &mut Catalog) {
    let known: Vec<(String, Vec<String>)> =
        catalog.tables.iter().map(|(name, table)| (name.clone(), table.order.clone())).collect();
    let columns_of = |table: &str| known.iter().find(|(name, _)| name == table);
    for table in catalog.tables.values_mut() {
        for reference in &mut table.references {
            as_named(&mut reference.table, known.iter().map(|(name, _)| name));
            for column in &mut reference.columns {
                as_named(column, table.order.iter());
            }
            let Some((_, columns)) = columns_of(&reference.table) else { continue };
            for column in &mut reference.to {
                as_named(column, columns.iter());
            }
        }
    }
}

fn as_named<'a>(written: &mut String, mut names: impl Iterator<Item = &'a String>) {
    if let Some(name) = names.find(|name| name.eq_ignore_ascii_case(written)) {
        written.clone_from(name);
    }
}
