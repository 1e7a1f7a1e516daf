//! Reads the objects that tables need and that no struct creates: the server notes which object depends on
//! which.

use std::collections::BTreeMap;

use kontract_schema::catalog::{Prerequisite, PrerequisiteKind};

use super::catalog::{Namespaces, path};
use crate::driver::postgres::Session;
use crate::error::Result;
use crate::migrate::executor::Queries;

/// Reads the objects that the tables of all schemas need, in a fixed order.
///
/// # Errors
/// The errors of the database.
pub(super) async fn read_prerequisites(session: &mut Session) -> Result<Vec<Prerequisite>> {
    let edges: Vec<(String, String, String)> = session.fetch(&query_edges(), ()).await?;
    type ObjectRow = (String, String, String, Option<String>, Option<String>);
    let described: Vec<ObjectRow> = session.fetch(&query_objects(), ()).await?;
    let used = |id: &String| edges.iter().any(|(_, _, needed)| needed == id);
    let described: Vec<_> = described.into_iter().filter(|(id, ..)| used(id)).collect();
    let places: BTreeMap<String, usize> =
        described.iter().enumerate().map(|(at, (id, ..))| (id.clone(), at)).collect();
    let mut found: Vec<Prerequisite> = described
        .into_iter()
        .map(|(_, kind, name, namespace, definition)| Prerequisite {
            kind: match kind.as_str() {
                "extension" => PrerequisiteKind::Extension,
                "function" => PrerequisiteKind::Function,
                "type" => PrerequisiteKind::Type,
                "enum" => PrerequisiteKind::Enum,
                _ => PrerequisiteKind::Other,
            },
            name,
            namespace,
            definition,
            needs: Vec::new(),
            tables: Vec::new(),
        })
        .collect();
    for (table, from, needed) in edges {
        let Some(needed) = places.get(&needed).copied() else { continue };
        if !table.is_empty() {
            found[needed].tables.push(table);
        } else if let Some(from) = places.get(&from).filter(|from| **from != needed) {
            found[*from].needs.push(needed);
        }
    }
    Ok(found)
}

/// The id of an object in these queries.
fn id(class: &str, object: &str) -> String {
    format!("{class}::text || ':' || {object}::text")
}

/// Returns the query for what tables need, and what that needs: the table or an empty text, the object that
/// needs another one, and that other one. A member of an extension is the extension, an array type the
/// type of its elements.
fn query_edges() -> String {
    let ours = Namespaces::All.condition();
    let (of, from, needed) = (path("c"), id("class", "object"), id("needed_class", "needed"));
    let [attrdef, constraint, class, ty, extension] =
        ["attrdef", "constraint", "class", "type", "extension"]
            .map(|name| format!("'pg_catalog.pg_{name}'::regclass::oid"));
    format!(
        "WITH RECURSIVE parts (owner_class, owner, class, object) AS (\
         SELECT {class}, adrelid, {attrdef}, oid FROM pg_catalog.pg_attrdef \
         UNION ALL SELECT {class}, conrelid, {constraint}, oid FROM pg_catalog.pg_constraint \
         WHERE conrelid <> 0 \
         UNION ALL SELECT {class}, indrelid, {class}, indexrelid FROM pg_catalog.pg_index \
         UNION ALL SELECT {ty}, contypid, {constraint}, oid FROM pg_catalog.pg_constraint \
         WHERE contypid <> 0 \
         UNION ALL SELECT {ty}, t.oid, {class}, t.typrelid FROM pg_catalog.pg_type t \
         JOIN pg_catalog.pg_class r ON r.oid = t.typrelid AND r.relkind = 'c'), \
         needs (class, object, needed_class, needed) AS (\
         SELECT d.classid, d.objid, \
         CASE WHEN m.refobjid IS NULL THEN d.refclassid ELSE {extension} END, \
         coalesce(m.refobjid, y.typelem, d.refobjid) FROM pg_catalog.pg_depend d \
         LEFT JOIN pg_catalog.pg_type y ON d.refclassid = {ty} AND y.oid = d.refobjid \
         AND y.typcategory = 'A' AND y.typelem <> 0 \
         LEFT JOIN pg_catalog.pg_depend m ON m.classid = d.refclassid \
         AND m.objid = coalesce(y.typelem, d.refobjid) AND m.refclassid = {extension} \
         AND m.deptype = 'e' \
         WHERE d.deptype IN ('n', 'a') AND d.refobjid >= 16384 AND d.refclassid::regclass::text IN \
         ('pg_proc', 'pg_type', 'pg_opclass', 'pg_opfamily', 'pg_operator', 'pg_collation', \
         'pg_extension', 'pg_ts_config', 'pg_ts_dict')), \
         all_needs (class, object, needed_class, needed) AS (\
         SELECT class, object, needed_class, needed FROM needs \
         UNION SELECT p.owner_class, p.owner, n.needed_class, n.needed FROM parts p \
         JOIN needs n ON (n.class, n.object) = (p.class, p.object)), \
         walk (place, class, object, needed_class, needed) AS (\
         SELECT {of}, n.class, n.object, n.needed_class, n.needed FROM pg_catalog.pg_class c \
         JOIN all_needs n ON n.class = {class} AND n.object = c.oid \
         WHERE {ours} AND c.relkind IN ('r', 'p') \
         UNION SELECT '', n.class, n.object, n.needed_class, n.needed FROM walk w \
         JOIN all_needs n ON (n.class, n.object) = (w.needed_class, w.needed)) \
         SELECT place, {from}, {needed} FROM walk ORDER BY 1, 2, 3"
    )
}

/// Returns the query for the objects of users and the extensions: id, kind, name, schema if it is not the
/// one of the connection, and the statement that creates it.
fn query_objects() -> String {
    let described =
        |class: &str, kind: &str, name: &str, namespace: &str, sql: &str, from: &str| {
            let id = id(&format!("'pg_catalog.pg_{class}'::regclass::oid"), "o.oid");
            format!(
                "SELECT {id}, {kind}, {name}, \
             (SELECT n.nspname::text FROM pg_catalog.pg_namespace n WHERE n.oid = {namespace} \
             AND n.nspname NOT IN (current_schema(), 'pg_catalog')), {sql} FROM {from}"
            )
        };
    let queries = [
        described(
            "extension",
            "'extension'",
            "quote_ident(o.extname)",
            "o.extnamespace",
            "NULL",
            "pg_catalog.pg_extension o",
        ),
        described(
            "proc",
            "'function'",
            "o.oid::regprocedure::text",
            "o.pronamespace",
            "CASE WHEN o.prokind <> 'a' THEN pg_get_functiondef(o.oid) END",
            "pg_catalog.pg_proc o WHERE o.oid >= 16384",
        ),
        described(
            "type",
            "CASE o.typtype WHEN 'e' THEN 'enum' WHEN 'b' THEN 'other' ELSE 'type' END",
            "format_type(o.oid, NULL)",
            "o.typnamespace",
            TYPE,
            "pg_catalog.pg_type o WHERE o.oid >= 16384",
        ),
        described(
            "opclass",
            "'other'",
            "quote_ident(o.opcname)",
            "o.opcnamespace",
            "NULL",
            "pg_catalog.pg_opclass o WHERE o.oid >= 16384",
        ),
        described(
            "operator",
            "'other'",
            "o.oid::regoperator::text",
            "o.oprnamespace",
            "NULL",
            "pg_catalog.pg_operator o WHERE o.oid >= 16384",
        ),
        described(
            "collation",
            "'other'",
            "o.oid::regcollation::text",
            "o.collnamespace",
            "NULL",
            "pg_catalog.pg_collation o WHERE o.oid >= 16384",
        ),
        described(
            "ts_config",
            "'other'",
            "o.oid::regconfig::text",
            "o.cfgnamespace",
            "NULL",
            "pg_catalog.pg_ts_config o WHERE o.oid >= 16384",
        ),
    ];
    format!("{} ORDER BY 1", queries.join(" UNION ALL "))
}

/// The statement that creates the type `o`.
const TYPE: &str = "CASE o.typtype \
    WHEN 'e' THEN (SELECT 'CREATE TYPE ' || format_type(o.oid, NULL) || ' AS ENUM (' \
    || string_agg(quote_literal(e.enumlabel), ', ' ORDER BY e.enumsortorder) || ')' \
    FROM pg_catalog.pg_enum e WHERE e.enumtypid = o.oid) \
    WHEN 'c' THEN (SELECT 'CREATE TYPE ' || format_type(o.oid, NULL) || ' AS (' \
    || coalesce(string_agg(quote_ident(a.attname) || ' ' || format_type(a.atttypid, a.atttypmod) \
    || coalesce((SELECT ' COLLATE ' || l.oid::regcollation::text FROM pg_catalog.pg_collation l \
    JOIN pg_catalog.pg_type y ON y.oid = a.atttypid AND y.typcollation <> l.oid \
    WHERE l.oid = a.attcollation), ''), ', ' ORDER BY a.attnum), '') || ')' \
    FROM pg_catalog.pg_attribute a JOIN pg_catalog.pg_class r ON r.oid = a.attrelid \
    AND r.relkind = 'c' WHERE a.attrelid = o.typrelid AND a.attnum > 0 AND NOT a.attisdropped \
    HAVING count(*) > 0) \
    WHEN 'd' THEN 'CREATE DOMAIN ' || format_type(o.oid, NULL) || ' AS ' \
    || format_type(o.typbasetype, o.typtypmod) \
    || coalesce((SELECT ' COLLATE ' || l.oid::regcollation::text FROM pg_catalog.pg_collation l \
    JOIN pg_catalog.pg_type y ON y.oid = o.typbasetype AND y.typcollation <> l.oid \
    WHERE l.oid = o.typcollation), '') \
    || coalesce(' DEFAULT ' || o.typdefault, '') || CASE WHEN o.typnotnull THEN ' NOT NULL' ELSE '' END \
    || coalesce((SELECT string_agg(' CONSTRAINT ' || quote_ident(p.conname) || ' ' \
    || pg_get_constraintdef(p.oid), '' ORDER BY p.conname) FROM pg_catalog.pg_constraint p \
    WHERE p.contypid = o.oid AND p.contype = 'c'), '') \
    WHEN 'r' THEN (SELECT 'CREATE TYPE ' || format_type(o.oid, NULL) || ' AS RANGE (SUBTYPE = ' \
    || format_type(g.rngsubtype, NULL) || CASE WHEN g.rngsubdiff <> 0 \
    THEN ', SUBTYPE_DIFF = ' || g.rngsubdiff::regproc::text ELSE '' END || ')' \
    FROM pg_catalog.pg_range g WHERE g.rngtypid = o.oid) END";
