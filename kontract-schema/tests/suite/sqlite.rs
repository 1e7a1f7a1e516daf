//! The laws of [`database`](crate::database) on SQLite, in memory.

use kontract_schema::catalog::{
    self, Catalog, LiveColumn, LiveIndex, LiveReference, add_sqlite_expressions, parse_action,
    parse_sqlite_checks, parse_sqlite_deferrable, parse_sqlite_index,
};
use kontract_schema::dialect::{Dialect, create_schema};
use kontract_schema::gate::gate;
use kontract_schema::lock::LockFile;
use kontract_schema::model::types::Type;
use kontract_schema::model::{Deferrable, Layout, Schema};
use proptest::prelude::*;
use proptest::test_runner::TestRunner;
use rusqlite::Connection;

use crate::conversions;
use crate::database::{
    self, Live, a_table_with_other_columns_is_reported, creates_twice, draft_keeps_rows,
    plan_leads_to_the_schema, suggested_migration_leads_to_the_schema, texts,
};
use crate::golden;
use crate::random_schemas::{add_reference, blank, plain, schema, steps, walk};

pub struct Sqlite(Connection);

impl Sqlite {
    pub fn new() -> Sqlite {
        let connection = Connection::open_in_memory().unwrap();
        connection.execute_batch("PRAGMA foreign_keys = ON").unwrap();
        Sqlite(connection)
    }

    fn try_run(&self, statements: &[String]) -> rusqlite::Result<()> {
        self.0.execute_batch("BEGIN IMMEDIATE")?;
        for statement in statements {
            self.0.execute_batch(statement)?;
        }
        Ok(())
    }
}

impl Live for Sqlite {
    const DIALECT: Dialect = Dialect::Sqlite;

    fn run(&mut self, statements: &[String], rebuild: bool) -> Result<(), String> {
        if rebuild {
            self.0.execute_batch("PRAGMA foreign_keys = OFF").unwrap();
        }
        let done = self.try_run(statements).map_err(|error| error.to_string());
        let broken = self.texts("SELECT \"table\" FROM pragma_foreign_key_check");
        let done = if broken.is_empty() {
            done
        } else {
            Err(format!("rows violate foreign keys: {broken:?}"))
        };
        self.0.execute_batch(if done.is_ok() { "COMMIT" } else { "ROLLBACK" }).unwrap();
        self.0.execute_batch("PRAGMA foreign_keys = ON").unwrap();
        done
    }

    fn texts(&mut self, sql: &str) -> Vec<Option<String>> {
        let mut statement = self.0.prepare(sql).unwrap_or_else(|error| panic!("{sql}: {error}"));
        let rows = statement.query_map([], |row| row.get(0)).unwrap();
        rows.map(|row| row.unwrap()).collect()
    }

    fn reset(&mut self) {
        *self = Sqlite::new();
    }

    fn catalog(&mut self) -> Catalog {
        let mut catalog = Catalog::new(Dialect::Sqlite);
        let mut tables = self
            .0
            .prepare("SELECT name, sql FROM sqlite_schema WHERE type = 'table' AND name NOT LIKE 'sqlite_%'")
            .unwrap();
        let tables = tables.query_map([], |row| Ok((row.get(0)?, row.get(1)?))).unwrap();
        for table in tables {
            let (name, sql): (String, String) = table.unwrap();
            let found = self.table(&name, &sql);
            catalog.tables.insert(name, found);
        }
        catalog
    }
}

impl Sqlite {
    fn list<T>(
        &self,
        sql: &str,
        of: &str,
        read: impl FnMut(&rusqlite::Row<'_>) -> rusqlite::Result<T>,
    ) -> Vec<T> {
        let mut statement = self.0.prepare(sql).unwrap();
        statement.query_map([of], read).unwrap().map(|row| row.unwrap()).collect()
    }

    fn table(&self, name: &str, sql: &str) -> catalog::LiveTable {
        let mut found =
            catalog::LiveTable { checks: parse_sqlite_checks(sql), ..Default::default() };
        let columns = self.list(
            "SELECT name, type, \"notnull\", CASE hidden WHEN 2 THEN 'generated always as () virtual' \
             WHEN 3 THEN 'generated always as () stored' ELSE dflt_value END, pk \
             FROM pragma_table_xinfo(?1)",
            name,
            |row| {
                let column =
                    LiveColumn { ty: row.get(1)?, not_null: row.get(2)?, default: row.get(3)? };
                Ok((row.get::<_, String>(0)?, column, row.get::<_, i64>(4)?))
            },
        );
        let mut key: Vec<_> = columns.iter().filter(|(_, _, pk)| *pk > 0).collect();
        key.sort_by_key(|(_, _, pk)| *pk);
        found.key = key.into_iter().map(|(name, ..)| name.clone()).collect();
        found.columns = columns.into_iter().map(|(name, column, _)| (name, column)).collect();
        add_sqlite_expressions(&mut found, sql);
        let indexes = self.list(
            "SELECT name, \"unique\", sql FROM pragma_index_list(?1) JOIN sqlite_schema USING (name) \
             WHERE origin = 'c'",
            name,
            |row| Ok((row.get::<_, String>(0)?, row.get(1)?, row.get::<_, String>(2)?)),
        );
        for (index, unique, sql) in indexes {
            let (parts, condition) = parse_sqlite_index(&sql);
            let method = "btree".to_owned();
            found.indexes.insert(
                index,
                LiveIndex { parts, unique, condition, valid: true, method, ..LiveIndex::default() },
            );
        }
        found.references = self.references(name);
        found
    }

    fn references(&self, table: &str) -> Vec<LiveReference> {
        let parts = self.list(
            "SELECT id, \"table\", \"from\", \"to\", on_delete, on_update \
             FROM pragma_foreign_key_list(?1) ORDER BY id, seq",
            table,
            |row| {
                let reference = LiveReference {
                    deferrable: Deferrable::Never,
                    name: None,
                    valid: true,
                    other_rule: None,
                    columns: vec![row.get(2)?],
                    table: row.get(1)?,
                    to: vec![row.get(3)?],
                    on_delete: parse_action(&row.get::<_, String>(4)?),
                    on_update: parse_action(&row.get::<_, String>(5)?),
                };
                Ok((row.get::<_, i64>(0)?, reference))
            },
        );
        let mut whole: Vec<(i64, LiveReference)> = Vec::new();
        for (id, part) in parts {
            match whole.last_mut() {
                Some((last, reference)) if *last == id => {
                    reference.columns.extend(part.columns);
                    reference.to.extend(part.to);
                }
                _ => whole.push((id, part)),
            }
        }
        let sql =
            self.list("SELECT sql FROM sqlite_schema WHERE name = ?1", table, |row| row.get(0));
        let sql: &String = sql.first().expect("the table");
        let deferrable = parse_sqlite_deferrable(sql);
        let with_time = |mut reference: LiveReference| {
            let found = deferrable.iter().find(|(columns, _)| *columns == reference.columns);
            reference.deferrable = found.map_or(Deferrable::Never, |(_, deferrable)| *deferrable);
            reference
        };
        whole.into_iter().map(|(_, reference)| with_time(reference)).collect()
    }
}

#[test]
fn golden_tables_are_created_twice() {
    let mut live = Sqlite::new();
    for case in golden::cases() {
        let done = creates_twice(&mut live, &golden::read(&case));
        done.unwrap_or_else(|error| panic!("{}: {error}", case.display()));
    }
}

/// Runs a law on random schemas.
pub fn check<S: Strategy>(
    cases: u32,
    strategy: S,
    law: impl Fn(S::Value) -> Result<(), TestCaseError>,
) {
    let config = ProptestConfig { failure_persistence: None, ..ProptestConfig::with_cases(cases) };
    TestRunner::new(config).run(&strategy, law).unwrap_or_else(|error| panic!("{error}"));
}

#[test]
fn a_backfill_without_a_value_fails() {
    database::a_backfill_without_a_value_fails(&mut Sqlite::new());
}

#[test]
fn a_removed_field_comes_back_empty() {
    database::a_removed_field_comes_back_empty(&mut Sqlite::new());
}

#[test]
fn t2_c25_a_table_with_other_columns_is_reported() {
    a_table_with_other_columns_is_reported(&mut Sqlite::new());
}

#[test]
fn no_value_changes_silently() {
    conversions::no_value_changes_silently(&mut Sqlite::new());
}

#[test]
fn layouts_keep_values() {
    conversions::layouts_keep_values(&mut Sqlite::new());
}

#[test]
fn every_plan_leads_to_the_new_schema() {
    check(300, (schema(), schema()), |(a, b)| {
        plan_leads_to_the_schema(&mut Sqlite::new(), &a, &b).map_err(TestCaseError::fail)
    });
}

#[test]
fn every_suggested_migration_leads_to_the_new_schema() {
    let done = std::cell::Cell::new(0);
    check(300, (schema(), schema()), |(a, b)| {
        let ran = suggested_migration_leads_to_the_schema(&mut Sqlite::new(), &a, &b)
            .map_err(TestCaseError::fail)?;
        done.set(done.get() + usize::from(ran));
        Ok(())
    });
    assert!(done.get() > 75, "only {} of the changes were refused", done.get());
}

#[test]
fn drafts_keep_rows_and_are_rolled_back() {
    let done = std::cell::Cell::new(0);
    check(500, (schema(), steps()), |(a, steps)| {
        let b = walk(&a, &steps);
        let ran = draft_keeps_rows(&mut Sqlite::new(), &a, &b).map_err(TestCaseError::fail)?;
        done.set(done.get() + usize::from(ran));
        Ok(())
    });
    assert!(done.get() > 200, "only {} of the steps needed no manual migration", done.get());
}

/// A rebuild drops the table that other tables reference with ON DELETE CASCADE.
#[test]
fn a_rebuild_keeps_rows_that_reference_the_table() {
    let mut a = Schema::default();
    let mut users = blank("users", Layout::Columns);
    users.schema.push(plain("status", Type::Enum(vec!["on".into()])));
    let mut posts = blank("posts", Layout::Columns);
    add_reference(&mut posts, "users");
    a.tables.extend([("users".to_owned(), users), ("posts".to_owned(), posts)]);
    let mut b = a.clone();
    b.tables.get_mut("users").unwrap().schema[1].ty = Type::Enum(vec!["on".into(), "off".into()]);

    let mut live = Sqlite::new();
    live.run(&create_schema(Dialect::Sqlite, &a), false).unwrap();
    let rows = [
        "INSERT INTO users (id, status) VALUES ('k1', 'on')",
        "INSERT INTO posts (id, to_users) VALUES (1, 'k1')",
    ];
    live.run(&rows.map(str::to_owned), false).unwrap();
    let lock = LockFile::default().with_schema(a);
    let script = gate(&lock, &b, None).draft.unwrap().sql.sqlite;
    assert!(script.rebuild);
    live.run(&texts(&script.up), true).unwrap();
    assert_eq!(live.texts("SELECT to_users FROM posts"), [Some("k1".to_owned())]);
    live.run(&["UPDATE users SET status = 'off'".to_owned()], false).unwrap();
    // Rolling back refuses the new variant instead of losing it.
    assert!(live.run(&texts(&script.down.unwrap()), true).is_err());
    assert_eq!(live.texts("SELECT status FROM users"), [Some("off".to_owned())]);
    assert_eq!(live.texts("SELECT to_users FROM posts"), [Some("k1".to_owned())]);
}

/// Tables of former versions have no collation: equality there is that of bytes.
#[test]
fn citext_without_its_collation_is_reported() {
    let source = "#[derive(Table)] #[table(layout = \"columns\")] struct User { \
        #[primkey] id: i64, #[column(sql_type = \"citext\")] email: String }";
    let schema = crate::breaking::try_schema(source, &Schema::default()).expect("a schema");
    let mut live = Sqlite::new();
    let table = "CREATE TABLE users (id INTEGER NOT NULL PRIMARY KEY, email TEXT NOT NULL) STRICT";
    live.run(&[table.to_owned()], false).expect("a table");
    let wanted = catalog::expected(Dialect::Sqlite, &schema);
    let differences = catalog::compare(&wanted, &live.catalog());
    let texts: Vec<String> = differences.iter().map(ToString::to_string).collect();
    assert_eq!(texts.len(), 1, "{texts:?}");
    assert!(texts[0].contains("email") && texts[0].contains("NOCASE"), "{texts:?}");
}
