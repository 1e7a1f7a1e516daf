//! The laws of [`database`](crate::database) on PostgreSQL.

use std::collections::BTreeMap;

use kontract_schema::catalog::{
    Catalog, IndexPart, LiveCheck, LiveColumn, LiveIndex, LiveReference, LiveTable, parse_action,
};
use kontract_schema::dialect::Dialect;
use kontract_schema::lock::Step;
use kontract_schema::migration::run_mode::{Mode, groups};
use kontract_schema::model::Deferrable;
use kontract_test_support::{Database, postgres_database};
use proptest::prelude::*;
use sqlx::{AssertSqlSafe, Connection, Executor, PgConnection, Row};
use tokio::runtime::Runtime;

use crate::conversions;
use crate::database::{
    self, Live, a_table_with_other_columns_is_reported, creates_twice, draft_keeps_rows,
    plan_leads_to_the_schema, suggested_migration_leads_to_the_schema,
};
use crate::golden;
use crate::random_schemas::{schema, steps, walk};
use crate::sqlite::check;

/// A database of its own.
pub struct Postgres {
    connection: PgConnection,
    runtime: Runtime,
    _database: Database,
}

impl Postgres {
    pub fn new() -> Postgres {
        let database = postgres_database();
        let runtime = tokio::runtime::Builder::new_current_thread().enable_all().build().unwrap();
        let connection = runtime.block_on(PgConnection::connect(database.url())).unwrap();
        Postgres { connection, runtime, _database: database }
    }

    fn query<T>(&mut self, sql: &str, read: impl Fn(&sqlx::postgres::PgRow) -> T) -> Vec<T> {
        let query = sqlx::raw_sql(AssertSqlSafe(sql.to_owned()));
        let rows = self.runtime.block_on(query.fetch_all(&mut self.connection));
        rows.unwrap_or_else(|error| panic!("{sql}: {error}")).iter().map(read).collect()
    }

    fn execute(&mut self, sql: &str) -> Result<(), String> {
        self.changes(sql).map(drop)
    }

    /// How many rows a statement changed.
    fn changes(&mut self, sql: &str) -> Result<u64, String> {
        let done = self.runtime.block_on(self.connection.execute(AssertSqlSafe(sql.to_owned())));
        done.map(|done| done.rows_affected()).map_err(|error| format!("{error}\nin {sql}"))
    }
}

/// The columns of a key, an index or a reference, in order, as one text.
const NAMES: &str = "(SELECT string_agg(coalesce(a.attname, ''), chr(1) ORDER BY u.place) \
    FROM unnest(KEYS) WITH ORDINALITY AS u (number, place) \
    LEFT JOIN pg_attribute a ON a.attrelid = TABLE_OF AND a.attnum = u.number)";

fn names(keys: &str, table: &str) -> String {
    NAMES.replace("KEYS", keys).replace("TABLE_OF", table)
}

fn split(text: String) -> Vec<String> {
    text.split('\u{1}').map(str::to_owned).collect()
}

impl Live for Postgres {
    const DIALECT: Dialect = Dialect::Postgres;

    fn run(&mut self, statements: &[String], _rebuild: bool) -> Result<(), String> {
        let steps = Step::read_texts(Dialect::Postgres, statements);
        groups(&steps).iter().try_for_each(|group| match group.mode {
            Mode::Together => {
                self.execute("BEGIN")?;
                let done = group.steps.iter().try_for_each(|one| self.execute(&one.sql));
                self.execute(if done.is_ok() { "COMMIT" } else { "ROLLBACK" })?;
                done
            }
            Mode::Alone => self.execute(&group.steps[0].sql),
            Mode::Repeat => {
                while self.changes(&group.steps[0].sql)? > 0 {}
                Ok(())
            }
        })
    }

    fn texts(&mut self, sql: &str) -> Vec<Option<String>> {
        self.query(sql, |row| row.get(0))
    }

    fn reset(&mut self) {
        self.execute("DROP SCHEMA public CASCADE").unwrap();
        self.execute("CREATE SCHEMA public").unwrap();
    }

    fn catalog(&mut self) -> Catalog {
        let mut tables: BTreeMap<String, LiveTable> = self
            .query("SELECT relname::text FROM pg_class WHERE relkind = 'r' AND relnamespace = 'public'::regnamespace", |row| {
                (row.get(0), LiveTable::default())
            })
            .into_iter()
            .collect();
        let of = "FROM pg_class c JOIN pg_namespace n ON n.oid = c.relnamespace AND n.nspname = 'public'";
        let columns = format!(
            "SELECT c.relname::text, a.attname::text, format_type(a.atttypid, a.atttypmod), \
             a.attnotnull, pg_get_expr(d.adbin, d.adrelid) {of} \
             JOIN pg_attribute a ON a.attrelid = c.oid AND a.attnum > 0 AND NOT a.attisdropped \
             LEFT JOIN pg_attrdef d ON d.adrelid = c.oid AND d.adnum = a.attnum WHERE c.relkind = 'r'"
        );
        for (table, name, column) in self.query(&columns, |row| {
            let column = LiveColumn { ty: row.get(2), not_null: row.get(3), default: row.get(4) };
            (row.get::<String, _>(0), row.get::<String, _>(1), column)
        }) {
            tables.get_mut(&table).unwrap().columns.insert(name, column);
        }
        let indexes = format!(
            "SELECT c.relname::text, x.relname::text, i.indisunique, i.indisprimary, \
             pg_get_expr(i.indpred, i.indrelid), m.amname::text, i.indisvalid, \
             (SELECT string_agg(pg_get_indexdef(x.oid, k::int, false) \
         || CASE WHEN i.indcollation[k - 1] NOT IN (0, coalesce(a.attcollation, 100)) \
         THEN ' COLLATE ' || quote_ident(l.collname) ELSE '' END \
         || CASE WHEN o.opcdefault THEN '' ELSE ' ' || quote_ident(o.opcname) END \
         || CASE i.indoption[k - 1] WHEN 1 THEN ' DESC NULLS LAST' WHEN 2 THEN ' NULLS FIRST' \
         WHEN 3 THEN ' DESC' ELSE '' END, chr(1) ORDER BY k) \
         FROM generate_series(1, i.indnkeyatts) k \
         JOIN pg_catalog.pg_opclass o ON o.oid = i.indclass[k - 1] \
         LEFT JOIN pg_catalog.pg_collation l ON l.oid = i.indcollation[k - 1] \
         LEFT JOIN pg_catalog.pg_attribute a ON a.attrelid = c.oid AND a.attnum = i.indkey[k - 1] \
         AND a.attnum > 0) \
             {of} JOIN pg_index i ON i.indrelid = c.oid \
             JOIN pg_class x ON x.oid = i.indexrelid JOIN pg_am m ON m.oid = x.relam"
        );
        for (table, name, is_key, index) in self.query(&indexes, |row| {
            let parts = split(row.get(7));
            let index = LiveIndex {
                parts: parts.iter().map(|part| IndexPart::new(Dialect::Postgres, part)).collect(),
                unique: row.get(2),
                condition: row.get(4),
                valid: row.get(6),
                method: row.get(5),
                ..LiveIndex::default()
            };
            (row.get::<String, _>(0), row.get::<String, _>(1), row.get::<bool, _>(3), index)
        }) {
            let table = tables.get_mut(&table).unwrap();
            let column = |part: IndexPart| match part {
                IndexPart::Column(name) => Some(name),
                _ => None,
            };
            if is_key {
                table.key = index.parts.into_iter().filter_map(column).collect();
            } else {
                table.indexes.insert(name, index);
            }
        }
        let constraints = format!(
            "SELECT c.relname::text, k.conname::text, k.contype::text, {}, t.relname::text, {}, \
             k.confdeltype::text, k.confupdtype::text, pg_get_expr(k.conbin, k.conrelid), \
             k.condeferrable, k.condeferred {of} JOIN pg_constraint k ON k.conrelid = c.oid \
             LEFT JOIN pg_class t ON t.oid = k.confrelid WHERE k.contype IN ('c', 'f')",
            names("k.conkey", "c.oid"),
            names("k.confkey", "k.confrelid")
        );
        for (table, name, reference, text) in self.query(&constraints, |row| {
            let reference = (row.get::<String, _>(2) == "f").then(|| LiveReference {
                deferrable: Deferrable::from_flags(row.get(9), row.get(10)),
                name: Some(row.get(1)),
                valid: true,
                columns: split(row.get(3)),
                table: row.get(4),
                to: split(row.get(5)),
                on_delete: parse_action(row.get(6)),
                on_update: parse_action(row.get(7)),
            });
            (row.get::<String, _>(0), row.get::<String, _>(1), reference, row.get(8))
        }) {
            let table = tables.get_mut(&table).unwrap();
            table.references.extend(reference);
            let check = |text| LiveCheck { name: Some(name), text, valid: true };
            table.checks.extend(Option::<String>::map(text, check));
        }
        Catalog { tables, ..Catalog::new(Dialect::Postgres) }
    }
}

#[test]
fn golden_tables_are_created_twice() {
    let mut live = Postgres::new();
    for case in golden::cases() {
        let done = creates_twice(&mut live, &golden::read(&case));
        done.unwrap_or_else(|error| panic!("{}: {error}", case.display()));
    }
}

#[test]
fn a_backfill_without_a_value_fails() {
    database::a_backfill_without_a_value_fails(&mut Postgres::new());
}

#[test]
fn a_removed_field_comes_back_empty() {
    database::a_removed_field_comes_back_empty(&mut Postgres::new());
}

#[test]
fn t2_c25_a_table_with_other_columns_is_reported() {
    a_table_with_other_columns_is_reported(&mut Postgres::new());
}

#[test]
fn no_value_changes_silently() {
    conversions::no_value_changes_silently(&mut Postgres::new());
}

#[test]
fn layouts_keep_values() {
    conversions::layouts_keep_values(&mut Postgres::new());
}

#[test]
fn every_plan_leads_to_the_new_schema() {
    let live = std::cell::RefCell::new(Postgres::new());
    check(80, (schema(), schema()), |(a, b)| {
        plan_leads_to_the_schema(&mut *live.borrow_mut(), &a, &b).map_err(TestCaseError::fail)
    });
}

#[test]
fn every_suggested_migration_leads_to_the_new_schema() {
    let live = std::cell::RefCell::new(Postgres::new());
    let done = std::cell::Cell::new(0);
    check(80, (schema(), schema()), |(a, b)| {
        let ran = suggested_migration_leads_to_the_schema(&mut *live.borrow_mut(), &a, &b)
            .map_err(TestCaseError::fail)?;
        done.set(done.get() + usize::from(ran));
        Ok(())
    });
    assert!(done.get() > 20, "only {} of the changes were refused", done.get());
}

#[test]
fn drafts_keep_rows_and_are_rolled_back() {
    let live = std::cell::RefCell::new(Postgres::new());
    let done = std::cell::Cell::new(0);
    check(120, (schema(), steps()), |(a, steps)| {
        let b = walk(&a, &steps);
        let ran = draft_keeps_rows(&mut *live.borrow_mut(), &a, &b).map_err(TestCaseError::fail)?;
        done.set(done.get() + usize::from(ran));
        Ok(())
    });
    assert!(done.get() > 20, "only {} of the steps needed no manual migration", done.get());
}
