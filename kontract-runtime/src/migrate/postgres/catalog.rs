//! Reads the schemas of PostgreSQL that have tables of the program.

use std::collections::BTreeSet;

use kontract_schema::catalog::{
    ALWAYS, BY_DEFAULT, Catalog, IndexPart, LiveCheck, LiveIndex, TakenName, apply_probe, probes,
};
use kontract_schema::dialect::Dialect;
use kontract_schema::model::Deferrable;

use crate::driver::postgres::Session;
use crate::error::{Error, Result};
use crate::migrate::catalog::{Rows, edit};
use crate::migrate::executor::Queries;

/// The schemas that are read.
pub(super) enum Namespaces {
    /// That of the connection and these others.
    Named(BTreeSet<String>),
    /// All that are not the server's own.
    All,
}

impl Namespaces {
    /// Returns those of an expected catalogue.
    fn of_catalog(expected: &Catalog) -> Namespaces {
        let namespace = |path: &String| Some(path.split_once('/')?.0.to_owned());
        Namespaces::Named(expected.tables.keys().filter_map(namespace).collect())
    }

    /// Limits a query for `pg_class AS c` to these schemas, without objects of extensions and partitions of
    /// tables.
    pub(super) fn condition(&self) -> String {
        format!(
            "{} AND NOT c.relispartition \
             AND NOT EXISTS (SELECT FROM pg_catalog.pg_depend e WHERE e.objid = c.oid \
             AND e.classid = 'pg_catalog.pg_class'::regclass AND e.deptype = 'e')",
            self.contain("c.relnamespace")
        )
    }

    /// Returns the condition that a schema, given as a column with its `oid`, is one of these.
    fn contain(&self, column: &str) -> String {
        let schemas = match self {
            Namespaces::Named(names) => {
                let names = names.iter().map(|name| Dialect::Postgres.literal(name));
                let names: Vec<String> =
                    ["current_schema()".to_owned()].into_iter().chain(names).collect();
                format!("nspname IN ({})", names.join(", "))
            }
            Namespaces::All => "nspname !~ '^pg_' AND nspname <> 'information_schema' \
                AND has_schema_privilege(oid, 'USAGE')"
                .to_owned(),
        };
        format!("{column} IN (SELECT oid FROM pg_catalog.pg_namespace WHERE {schemas})")
    }
}

/// Returns the path of a table of `pg_class`: its name, behind its schema and a `/` unless that is the schema
/// of the connection. A `/` in a name, which no table of a program has, becomes a `\`.
pub(super) fn path(class: &str) -> String {
    format!(
        "(SELECT CASE WHEN n.nspname = current_schema() THEN '' \
         ELSE translate(n.nspname, '/', '\\') || '/' END \
         || translate({class}.relname, '/', '\\') FROM pg_catalog.pg_namespace n WHERE n.oid = {class}.relnamespace)"
    )
}

/// Returns the statements that set the form of names and texts in what the server prints; `word` is
/// `SET`, or `SET LOCAL` for a transaction.
pub(super) fn set_form(word: &str) -> String {
    format!("{word} standard_conforming_strings = on; {word} quote_all_identifiers = off")
}

/// Reads the current schema and those of the expected tables. With an expected catalogue, expressions that PostgreSQL considers equal
/// to the expected ones read like them; that needs a transaction.
///
/// # Errors
/// The errors of the database.
pub(super) async fn read_as(session: &mut Session, expected: Option<&Catalog>) -> Result<Catalog> {
    match expected {
        Some(expected) => {
            let live = read_namespaces(session, &Namespaces::of_catalog(expected)).await?;
            settled(session, expected, live).await
        }
        None => read_catalog(session).await,
    }
}

/// Reads all schemas of a database, except those of the server.
pub(super) async fn read_catalog(session: &mut Session) -> Result<Catalog> {
    read_namespaces(session, &Namespaces::All).await
}

async fn read_namespaces(session: &mut Session, namespaces: &Namespaces) -> Result<Catalog> {
    let here = namespaces.condition();
    let ours = format!("{here} AND c.relkind IN ('r', 'p')");
    let (of, to) = (path("c"), path("t"));
    let tables = format!("SELECT {of} FROM pg_catalog.pg_class c WHERE {ours}");
    let columns = format!(
        "SELECT {of}, a.attname::text, format_type(a.atttypid, a.atttypmod) \
         || coalesce((SELECT ' COLLATE ' || quote_ident(l.collname) FROM pg_catalog.pg_collation l \
         JOIN pg_catalog.pg_type y ON y.oid = a.atttypid AND y.typcollation <> l.oid \
         WHERE l.oid = a.attcollation), ''), a.attnotnull, \
         CASE WHEN a.attidentity = 'a' THEN '{ALWAYS} as identity' \
         WHEN a.attidentity <> '' THEN '{BY_DEFAULT} as identity' \
         WHEN a.attgenerated <> '' THEN '{ALWAYS} as (' || pg_get_expr(d.adbin, d.adrelid) || ') ' \
         || CASE a.attgenerated WHEN 's' THEN 'stored' ELSE 'virtual' END \
         ELSE pg_get_expr(d.adbin, d.adrelid) END \
         FROM pg_catalog.pg_class c JOIN pg_catalog.pg_attribute a ON a.attrelid = c.oid \
         LEFT JOIN pg_catalog.pg_attrdef d ON d.adrelid = c.oid AND d.adnum = a.attnum \
         WHERE {ours} AND a.attnum > 0 AND NOT a.attisdropped ORDER BY c.relname, a.attnum"
    );
    let keys = format!(
        "SELECT {of}, a.attname::text FROM pg_catalog.pg_class c \
         JOIN pg_catalog.pg_constraint p ON p.conrelid = c.oid AND p.contype = 'p' \
         CROSS JOIN LATERAL unnest(p.conkey) WITH ORDINALITY AS k(attnum, place) \
         JOIN pg_catalog.pg_attribute a ON a.attrelid = c.oid AND a.attnum = k.attnum \
         WHERE {ours} ORDER BY c.relname, k.place"
    );
    // A part with what is not usual about its order behind it; 100 is the collation of a database.
    let indexes = format!(
        "SELECT {of}, x.relname::text, i.indisunique, pg_get_expr(i.indpred, i.indrelid), \
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
         AND a.attnum > 0), \
         (SELECT array_agg(o.opcname::text ORDER BY k) FROM generate_series(1, i.indnkeyatts) k \
         JOIN pg_catalog.pg_opclass o ON o.oid = i.indclass[k - 1]), \
         ARRAY(SELECT a.attname::text FROM generate_series(i.indnkeyatts + 1, i.indnatts) k \
         JOIN pg_catalog.pg_attribute a ON a.attrelid = c.oid AND a.attnum = i.indkey[k - 1] \
         ORDER BY k), coalesce((to_jsonb(i) ->> 'indnullsnotdistinct')::boolean, false), \
         coalesce(u.condeferrable, false), coalesce(u.condeferred, false) \
         FROM pg_catalog.pg_class c JOIN pg_catalog.pg_index i ON i.indrelid = c.oid AND NOT i.indisprimary \
         AND NOT i.indisexclusion \
         JOIN pg_catalog.pg_class x ON x.oid = i.indexrelid JOIN pg_catalog.pg_am m ON m.oid = x.relam \
         LEFT JOIN pg_catalog.pg_constraint u ON u.conindid = x.oid AND u.contype = 'u' \
         WHERE {ours}"
    );
    let checks = format!(
        "SELECT {of}, p.conname::text, pg_get_expr(p.conbin, p.conrelid), p.convalidated \
         FROM pg_catalog.pg_class c \
         JOIN pg_catalog.pg_constraint p ON p.conrelid = c.oid AND p.contype = 'c' WHERE {ours} \
         ORDER BY c.relname, p.conname"
    );
    let others = format!(
        "SELECT {of}, 'trigger', t.tgname::text FROM pg_catalog.pg_class c \
         JOIN pg_catalog.pg_trigger t ON t.tgrelid = c.oid AND NOT t.tgisinternal WHERE {ours} \
         UNION ALL SELECT {of}, 'policy', p.polname::text FROM pg_catalog.pg_class c \
         JOIN pg_catalog.pg_policy p ON p.polrelid = c.oid WHERE {ours} \
         UNION ALL SELECT {of}, 'rule', r.rulename::text FROM pg_catalog.pg_class c \
         JOIN pg_catalog.pg_rewrite r ON r.ev_class = c.oid WHERE {ours} \
         UNION ALL SELECT {of}, 'exclusion constraint', p.conname::text \
         FROM pg_catalog.pg_class c \
         JOIN pg_catalog.pg_constraint p ON p.conrelid = c.oid AND p.contype = 'x' WHERE {ours} \
         UNION ALL SELECT '', CASE c.relkind WHEN 'v' THEN 'view' WHEN 'm' THEN 'materialized view' \
         WHEN 'S' THEN 'sequence' WHEN 'c' THEN 'composite type' ELSE 'foreign table' END, \
         {of} FROM pg_catalog.pg_class c \
         WHERE {here} AND c.relkind IN ('v', 'm', 'f', 'S', 'c') AND NOT EXISTS (\
         SELECT FROM pg_catalog.pg_depend o WHERE o.objid = c.oid AND c.relkind = 'S' \
         AND o.classid = 'pg_catalog.pg_class'::regclass AND o.deptype IN ('a', 'i'))"
    );
    let taken = format!(
        "SELECT {of}, 'index', {to} FROM pg_catalog.pg_index i \
         JOIN pg_catalog.pg_class c ON c.oid = i.indexrelid \
         JOIN pg_catalog.pg_class t ON t.oid = i.indrelid WHERE {near} \
         UNION ALL SELECT {of}, 'sequence', {to} FROM pg_catalog.pg_depend o \
         JOIN pg_catalog.pg_class c ON c.oid = o.objid AND c.relkind = 'S' \
         JOIN pg_catalog.pg_class t ON t.oid = o.refobjid \
         WHERE {near} AND o.classid = 'pg_catalog.pg_class'::regclass \
         AND o.refclassid = 'pg_catalog.pg_class'::regclass AND o.deptype IN ('a', 'i') \
         UNION ALL SELECT {of}, 'partition', {to} FROM pg_catalog.pg_inherits h \
         JOIN pg_catalog.pg_class c ON c.oid = h.inhrelid AND c.relkind IN ('r', 'p', 'f') \
         JOIN pg_catalog.pg_class t ON t.oid = h.inhparent WHERE {near} AND c.relispartition \
         UNION ALL SELECT (SELECT CASE WHEN n.nspname = current_schema() THEN '' \
         ELSE n.nspname || '/' END || y.typname FROM pg_catalog.pg_namespace n \
         WHERE n.oid = y.typnamespace), CASE y.typtype WHEN 'e' THEN 'enum type' WHEN 'd' THEN 'domain' \
         ELSE 'range type' END, NULL FROM pg_catalog.pg_type y \
         WHERE y.typtype IN ('e', 'd', 'r') AND {}",
        namespaces.contain("y.typnamespace"),
        near = namespaces.contain("c.relnamespace"),
    );
    let ignored = "SELECT kind, count(*) FROM (\
         SELECT p.oid, 'pg_catalog.pg_proc'::regclass AS class, p.pronamespace AS place, \
         CASE p.prokind WHEN 'p' THEN 'procedure' ELSE 'function' END AS kind \
         FROM pg_catalog.pg_proc p \
         UNION ALL SELECT t.oid, 'pg_catalog.pg_type'::regclass, t.typnamespace, \
         CASE t.typtype WHEN 'd' THEN 'domain' ELSE 'range type' END \
         FROM pg_catalog.pg_type t WHERE t.typtype IN ('d', 'r') \
         UNION ALL SELECT s.oid, 'pg_catalog.pg_statistic_ext'::regclass, s.stxnamespace, \
         'statistics object' FROM pg_catalog.pg_statistic_ext s) AS found \
         WHERE place = current_schema()::regnamespace AND NOT EXISTS (\
         SELECT FROM pg_catalog.pg_depend e WHERE e.objid = found.oid AND e.classid = found.class \
         AND e.deptype = 'e') GROUP BY kind";
    let partition_keys = format!(
        "SELECT {of}, pg_get_partkeydef(c.oid) FROM pg_catalog.pg_class c \
         WHERE {ours} AND c.relkind = 'p'"
    );
    let names = |of: &str, numbers: &str| {
        format!(
            "(SELECT array_agg(a.attname::text ORDER BY k.place) FROM unnest({numbers}) \
             WITH ORDINALITY AS k(attnum, place) \
             JOIN pg_catalog.pg_attribute a ON a.attrelid = {of} AND a.attnum = k.attnum)"
        )
    };
    let references = format!(
        "SELECT {of}, p.conname::text, {}, {to}, {}, p.confdeltype::text, \
         p.confupdtype::text, p.convalidated, p.condeferrable, p.condeferred, \
         CASE WHEN p.confmatchtype = 'f' AND cardinality(p.conkey) > 1 THEN 'MATCH FULL' \
         ELSE substring(pg_get_constraintdef(p.oid) \
         FROM 'ON DELETE SET (?:NULL|DEFAULT) \\([^)]*\\)') END FROM pg_catalog.pg_class c \
         JOIN pg_catalog.pg_constraint p ON p.conrelid = c.oid AND p.contype = 'f' \
         AND p.conparentid = 0 \
         JOIN pg_catalog.pg_class t ON t.oid = p.confrelid WHERE {ours} \
         ORDER BY c.relname, p.conname",
        names("c.oid", "p.conkey"),
        names("t.oid", "p.confkey"),
    );
    let rows = Rows {
        tables: list(session, &tables).await?,
        columns: session.fetch(&columns, ()).await?,
        keys: session.fetch(&keys, ()).await?,
        references: session.fetch(&references, ()).await?,
        others: session.fetch(&others, ()).await?,
        ignored: session.fetch(ignored, ()).await?,
    };
    let mut catalog = Catalog::new(Dialect::Postgres);
    rows.add_to(&mut catalog);
    // Of the schemas of the path, without those of extensions.
    let enums = "SELECT format_type(t.oid, NULL), array_agg(e.enumlabel::text ORDER BY e.enumsortorder) \
         FROM pg_catalog.pg_type t JOIN pg_catalog.pg_enum e ON e.enumtypid = t.oid \
         WHERE NOT EXISTS (SELECT FROM pg_catalog.pg_depend x WHERE x.objid = t.oid \
         AND x.classid = 'pg_catalog.pg_type'::regclass AND x.deptype = 'e') GROUP BY t.oid";
    catalog.enums = session.fetch::<(String, Vec<String>)>(enums, ()).await?.into_iter().collect();
    let domains = "SELECT format_type(t.oid, NULL), format_type(t.typbasetype, t.typtypmod) \
         FROM pg_catalog.pg_type t WHERE t.typtype = 'd' AND t.oid >= 16384";
    catalog.domains = session.fetch::<(String, String)>(domains, ()).await?.into_iter().collect();
    type IndexRow = (
        String,
        String,
        bool,
        Option<String>,
        bool,
        String,
        Vec<String>,
        Vec<String>,
        Vec<String>,
        bool,
        bool,
        bool,
    );
    for row in session.fetch::<IndexRow>(&indexes, ()).await? {
        let (table, name, unique, condition, valid, method, parts, classes, include, ..) = row;
        let (.., nulls_not_distinct, deferrable, deferred) = row;
        let parts = parts.iter().map(|part| IndexPart::new(Dialect::Postgres, part)).collect();
        let deferrable = Deferrable::from_flags(deferrable, deferred);
        let index = LiveIndex {
            parts,
            classes,
            include,
            nulls_not_distinct,
            deferrable,
            unique,
            condition,
            valid,
            method,
        };
        edit(&mut catalog, &table, |table| drop(table.indexes.insert(name, index)));
    }
    let taken = session.fetch::<(String, String, Option<String>)>(&taken, ()).await?.into_iter();
    catalog.taken = taken.map(|(name, kind, table)| (name, TakenName { kind, table })).collect();
    for (table, key) in session.fetch::<(String, String)>(&partition_keys, ()).await? {
        edit(&mut catalog, &table, |table| table.set_partition_key(key));
    }
    let comments = format!(
        "SELECT {of}, coalesce(a.attname::text, ''), d.description FROM pg_catalog.pg_class c \
         JOIN pg_catalog.pg_description d ON d.objoid = c.oid \
         AND d.classoid = 'pg_catalog.pg_class'::regclass \
         LEFT JOIN pg_catalog.pg_attribute a ON a.attrelid = c.oid AND a.attnum = d.objsubid \
         AND d.objsubid > 0 WHERE {ours}"
    );
    for (table, column, text) in session.fetch::<(String, String, String)>(&comments, ()).await? {
        edit(&mut catalog, &table, |table| drop(table.comments.insert(column, text)));
    }
    type CheckRow = (String, Option<String>, String, bool);
    for (table, name, text, valid) in session.fetch::<CheckRow>(&checks, ()).await? {
        edit(&mut catalog, &table, |table| table.checks.push(LiveCheck { name, text, valid }));
    }
    Ok(catalog)
}

async fn list(session: &mut Session, query: &str) -> Result<Vec<String>> {
    let rows: Vec<(String,)> = session.fetch(query, ()).await?;
    Ok(rows.into_iter().map(|(text,)| text).collect())
}

/// Asks PostgreSQL, within a transaction, which of the expressions that read differently are equal.
/// Everything that it creates for this is rolled back.
async fn settled(session: &mut Session, expected: &Catalog, mut live: Catalog) -> Result<Catalog> {
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
    list(session, query).await
}

/// Returns whether the role may not create temporary tables, or the server is read-only.
fn is_not_allowed(error: &Error) -> bool {
    error.database().is_some_and(|source| ["42501", "25006"].contains(&source.code.as_str()))
}
