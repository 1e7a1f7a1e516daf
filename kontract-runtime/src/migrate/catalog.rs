//! What a live database has, read into the form of [`kontract_schema::catalog`], whose table says
//! where each thing comes from.

use std::collections::BTreeSet;

use kontract_schema::catalog::{
    Catalog, Column, Index, Reference, Table, action, constraint_names,
};

use crate::backend::Query;
use crate::backend::postgres::Session;
use crate::backend::sqlite::Connection;
use crate::error::Result;
use crate::record::{Reader, field};
use crate::wire::{Scalar, Shape, Wire};

const TEXT: Wire = Wire::one(Scalar::Text);
const BOOL: Wire = Wire::one(Scalar::Bool);
const TEXTS: Wire = Wire { scalar: Scalar::Text, shape: Shape::List };

/// Ordinary and partitioned tables of the current schema.
const OURS: &str = "c.relnamespace = current_schema()::regnamespace AND c.relkind IN ('r', 'p')";

type Facts<T> = Vec<(String, T)>;

/// A table's name and one fact about it.
fn fact<T>(
    from: &mut dyn Reader,
    read: impl FnOnce(&mut dyn Reader) -> Result<T>,
) -> Result<(String, T)> {
    Ok((field(from)?, read(from)?))
}

fn column(from: &mut dyn Reader) -> Result<(String, (String, Column))> {
    fact(from, |from| {
        let name = field(from)?;
        let column = Column { ty: field(from)?, not_null: field(from)?, default: field(from)? };
        Ok((name, column))
    })
}

fn key(from: &mut dyn Reader) -> Result<(String, String)> {
    fact(from, |from| field(from))
}

fn index(from: &mut dyn Reader) -> Result<(String, (String, Index))> {
    fact(from, |from| {
        let name = field(from)?;
        let index = Index { unique: field(from)?, partial: field(from)?, columns: field(from)? };
        Ok((name, index))
    })
}

fn reference(from: &mut dyn Reader) -> Result<(String, Reference)> {
    fact(from, |from| {
        Ok(Reference {
            columns: field(from)?,
            table: field(from)?,
            to: field(from)?,
            on_delete: action(&field::<String>(from)?),
            on_update: action(&field::<String>(from)?),
        })
    })
}

/// Everything that was read.
#[derive(Default)]
struct Read {
    tables: Vec<String>,
    columns: Facts<(String, Column)>,
    keys: Facts<String>,
    indexes: Facts<(String, Index)>,
    constraints: Facts<String>,
    references: Facts<Reference>,
}

impl Read {
    fn catalog(self) -> Catalog {
        let mut catalog = Catalog::default();
        for name in self.tables {
            catalog.tables.insert(name, Table::default());
        }
        let mut put = |table: &str, change: &mut dyn FnMut(&mut Table)| {
            if let Some(table) = catalog.tables.get_mut(table) {
                change(table);
            }
        };
        for (table, (name, column)) in self.columns {
            put(&table, &mut |t| {
                t.columns.insert(name.clone(), column.clone());
            });
        }
        for (table, name) in self.keys {
            put(&table, &mut |t| t.key.push(name.clone()));
        }
        for (table, (name, index)) in self.indexes {
            put(&table, &mut |t| {
                t.indexes.insert(name.clone(), index.clone());
            });
        }
        for (table, name) in self.constraints {
            put(&table, &mut |t| {
                t.constraints.insert(name.clone());
            });
        }
        for (table, reference) in self.references {
            put(&table, &mut |t| {
                t.references.insert(reference.clone());
            });
        }
        catalog
    }
}

/// Reads the current schema of PostgreSQL.
pub(crate) async fn read_postgres(session: &mut Session) -> Result<Catalog> {
    let tables = format!("SELECT c.relname::text FROM pg_catalog.pg_class c WHERE {OURS}");
    let columns = format!(
        "SELECT c.relname::text, a.attname::text, format_type(a.atttypid, a.atttypmod), a.attnotnull, \
         CASE WHEN a.attidentity <> '' THEN 'identity' WHEN a.attgenerated <> '' THEN 'generated' \
         ELSE pg_get_expr(d.adbin, d.adrelid) END \
         FROM pg_catalog.pg_class c JOIN pg_catalog.pg_attribute a ON a.attrelid = c.oid \
         LEFT JOIN pg_catalog.pg_attrdef d ON d.adrelid = c.oid AND d.adnum = a.attnum \
         WHERE {OURS} AND a.attnum > 0 AND NOT a.attisdropped"
    );
    let keys = format!(
        "SELECT c.relname::text, a.attname::text FROM pg_catalog.pg_class c \
         JOIN pg_catalog.pg_constraint p ON p.conrelid = c.oid AND p.contype = 'p' \
         CROSS JOIN LATERAL unnest(p.conkey) WITH ORDINALITY AS k(attnum, place) \
         JOIN pg_catalog.pg_attribute a ON a.attrelid = c.oid AND a.attnum = k.attnum \
         WHERE {OURS} ORDER BY c.relname, k.place"
    );
    let indexes = format!(
        "SELECT c.relname::text, x.relname::text, i.indisunique AND i.indisvalid, i.indpred IS NOT NULL, \
         (SELECT array_agg(a.attname::text ORDER BY k.place) FROM unnest(i.indkey::int2[]) \
         WITH ORDINALITY AS k(attnum, place) \
         LEFT JOIN pg_catalog.pg_attribute a ON a.attrelid = c.oid AND a.attnum = k.attnum AND k.attnum > 0 \
         WHERE k.place <= i.indnkeyatts) \
         FROM pg_catalog.pg_class c JOIN pg_catalog.pg_index i ON i.indrelid = c.oid AND NOT i.indisprimary \
         JOIN pg_catalog.pg_class x ON x.oid = i.indexrelid WHERE {OURS} AND i.indisvalid"
    );
    let constraints = format!(
        "SELECT c.relname::text, p.conname::text FROM pg_catalog.pg_class c \
         JOIN pg_catalog.pg_constraint p ON p.conrelid = c.oid AND p.contype IN ('c', 'f') WHERE {OURS}"
    );
    let names = |of: &str, numbers: &str| {
        format!(
            "(SELECT array_agg(a.attname::text ORDER BY k.place) FROM unnest({numbers}) \
             WITH ORDINALITY AS k(attnum, place) \
             JOIN pg_catalog.pg_attribute a ON a.attrelid = {of} AND a.attnum = k.attnum)"
        )
    };
    let references = format!(
        "SELECT c.relname::text, {}, t.relname::text, {}, p.confdeltype::text, p.confupdtype::text \
         FROM pg_catalog.pg_class c \
         JOIN pg_catalog.pg_constraint p ON p.conrelid = c.oid AND p.contype = 'f' \
         JOIN pg_catalog.pg_class t ON t.oid = p.confrelid WHERE {OURS}",
        names("c.oid", "p.conkey"),
        names("t.oid", "p.confkey"),
    );
    let read = Read {
        tables: all(session, &tables, &[TEXT], |from| field(from)).await?,
        columns: all(session, &columns, &[TEXT, TEXT, TEXT, BOOL, TEXT], column).await?,
        keys: all(session, &keys, &[TEXT, TEXT], key).await?,
        indexes: all(session, &indexes, &[TEXT, TEXT, BOOL, BOOL, TEXTS], index).await?,
        constraints: all(session, &constraints, &[TEXT, TEXT], key).await?,
        references: all(session, &references, &[TEXT, TEXTS, TEXT, TEXTS, TEXT, TEXT], reference)
            .await?,
    };
    Ok(read.catalog())
}

async fn all<T>(
    session: &mut Session,
    text: &str,
    outputs: &[Wire],
    decode: crate::backend::Decode<T>,
) -> Result<Vec<T>> {
    let query = Query::raw(text, Vec::new(), outputs.to_vec());
    Ok(session.run(&query, &|_| Ok(()), decode).await?.rows)
}

/// Reads a SQLite database.
pub(crate) fn read_sqlite(connection: &Connection<'_>) -> Result<Catalog> {
    const TABLES: &str = "SELECT name, sql FROM sqlite_schema WHERE type = 'table' \
                          AND name NOT LIKE 'sqlite\\_%' ESCAPE '\\'";
    const COLUMNS: &str = "SELECT t.name, c.name, c.type, c.\"notnull\", c.dflt_value \
        FROM sqlite_schema t JOIN pragma_table_xinfo(t.name) c WHERE t.type = 'table'";
    const KEYS: &str = "SELECT t.name, c.name FROM sqlite_schema t \
        JOIN pragma_table_xinfo(t.name) c WHERE t.type = 'table' AND c.pk > 0 ORDER BY t.name, c.pk";
    const INDEXES: &str = "SELECT t.name, i.name, i.\"unique\", i.partial, \
        (SELECT json_group_array(x.name ORDER BY x.seqno) FROM pragma_index_xinfo(i.name) x WHERE x.key = 1) \
        FROM sqlite_schema t JOIN pragma_index_list(t.name) i \
        WHERE t.type = 'table' AND i.origin = 'c'";
    const REFERENCES: &str = "SELECT t.name, json_group_array(r.\"from\" ORDER BY r.seq), r.\"table\", \
        json_group_array(coalesce(r.\"to\", '') ORDER BY r.seq), r.on_delete, r.on_update \
        FROM sqlite_schema t JOIN pragma_foreign_key_list(t.name) r WHERE t.type = 'table' \
        GROUP BY t.name, r.id";
    let none = |_: &mut dyn crate::record::Binder| Ok(());
    let query = |text: &str, outputs: &[Wire]| Query::raw(text, Vec::new(), outputs.to_vec());
    let tables: Facts<String> = connection.run(&query(TABLES, &[TEXT, TEXT]), &none, key)?;
    let named = |(table, sql): &(String, String)| -> Vec<(String, String)> {
        let names: BTreeSet<String> = constraint_names(sql);
        names.into_iter().map(|name| (table.clone(), name)).collect()
    };
    let read = Read {
        constraints: tables.iter().flat_map(named).collect(),
        columns: connection.run(&query(COLUMNS, &[TEXT, TEXT, TEXT, BOOL, TEXT]), &none, column)?,
        keys: connection.run(&query(KEYS, &[TEXT, TEXT]), &none, key)?,
        indexes: connection.run(&query(INDEXES, &[TEXT, TEXT, BOOL, BOOL, TEXTS]), &none, index)?,
        references: connection.run(
            &query(REFERENCES, &[TEXT, TEXTS, TEXT, TEXTS, TEXT, TEXT]),
            &none,
            reference,
        )?,
        tables: tables.into_iter().map(|(name, _)| name).collect(),
    };
    Ok(read.catalog())
}
