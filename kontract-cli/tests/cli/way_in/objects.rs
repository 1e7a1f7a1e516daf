//! The objects of a database, as its own catalogue describes them.

use std::fmt;

use kontract_schema::catalog::parse_sqlite_checks;
use kontract_test_support::{Database, answers};

/// An object of a table.
#[derive(Clone, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub struct Object {
    /// `column`, `key`, `reference`, `unique`, `index`, `check` or `default`.
    pub kind: String,
    pub table: String,
    /// Its name; for objects without a name their columns.
    pub title: String,
    /// Its definition as the database prints it.
    pub definition: String,
}

impl fmt::Display for Object {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{} {}.{}: {}", self.kind, self.table, self.title, self.definition)
    }
}

impl Object {
    /// Whether the other object is the same. An object without a name may get one.
    pub fn equals(&self, other: &Object) -> bool {
        (&self.kind, &self.table, &self.definition)
            == (&other.kind, &other.table, &other.definition)
            && (self.title.is_empty() || self.title == other.title)
    }

    /// What identifies it, without its definition.
    pub fn name(&self) -> (&str, &str, &str) {
        (&self.kind, &self.table, &self.title)
    }

    /// The names by which a note may mention it: its own and those in its definition.
    pub fn names(&self) -> impl Iterator<Item = &str> {
        let inside = self.definition.split(|c: char| !(c.is_alphanumeric() || c == '_'));
        [self.title.as_str()].into_iter().chain(inside.filter(|word| word.len() > 1))
    }
}

/// Returns all objects that structs can express, in a fixed order.
pub fn list_objects(database: &Database) -> Vec<Object> {
    let query = if database.is_postgres() { POSTGRES } else { SQLITE };
    let rows = answers(database.url(), &[query.to_owned()]).remove(0).expect("a catalogue query");
    let mut objects: Vec<Object> = rows
        .chunks(4)
        .map(|cells| {
            let cell = |at: usize| cells[at].1.clone().unwrap_or_default();
            let definition =
                if database.is_postgres() { cell(3) } else { normalize(&cell(0), &cell(3)) };
            Object { kind: cell(0), table: cell(1), title: cell(2), definition }
        })
        .filter(|object| object.definition != "null" || object.kind != "default")
        .collect();
    if !database.is_postgres() {
        add_sqlite_texts(database, &mut objects);
    }
    objects.sort();
    objects
}

/// The server prints everything, so that equal texts are equal objects.
const POSTGRES: &str = "
WITH tables AS (
    SELECT c.oid, n.nspname || '.' || relname AS name FROM pg_class c JOIN pg_namespace n ON n.oid = relnamespace
    WHERE relkind IN ('r', 'p') AND NOT relispartition AND nspname NOT LIKE 'pg_%'
        AND nspname <> 'information_schema' AND relname NOT LIKE '\\_kontract%'
)
SELECT 'column', name, attname, format_type(atttypid, atttypmod)
        || CASE WHEN attnotnull THEN ' NOT NULL' ELSE '' END
        || CASE WHEN attcollation <> typcollation THEN ' COLLATE ' || attcollation::regcollation ELSE '' END
    FROM tables JOIN pg_attribute ON attrelid = tables.oid JOIN pg_type t ON t.oid = atttypid
    WHERE attnum > 0 AND NOT attisdropped
UNION ALL
SELECT 'default', name, attname, CASE
        WHEN attidentity = 'a' THEN 'GENERATED ALWAYS AS IDENTITY'
        WHEN attidentity = 'd' OR pg_get_expr(adbin, adrelid) LIKE 'nextval(%' THEN 'numbered'
        WHEN attgenerated <> '' THEN 'GENERATED ALWAYS AS ' || pg_get_expr(adbin, adrelid)
        WHEN pg_get_expr(adbin, adrelid) LIKE 'NULL::%' THEN 'null'
        ELSE pg_get_expr(adbin, adrelid) END
    FROM tables JOIN pg_attribute ON attrelid = tables.oid
    LEFT JOIN pg_attrdef ON adrelid = attrelid AND adnum = attnum
    WHERE attnum > 0 AND NOT attisdropped AND (adbin IS NOT NULL OR attidentity <> '')
UNION ALL
SELECT CASE contype WHEN 'c' THEN 'check' WHEN 'f' THEN 'reference' WHEN 'x' THEN 'index' ELSE 'key' END,
        name, CASE WHEN contype = 'p' THEN 'primary key' ELSE conname END, pg_get_constraintdef(c.oid)
    FROM tables JOIN pg_constraint c ON conrelid = tables.oid WHERE contype IN ('c', 'f', 'p', 'x')
UNION ALL
SELECT CASE WHEN indisunique THEN 'unique' ELSE 'index' END, name, c.relname,
        regexp_replace(pg_get_indexdef(indexrelid), '^.* USING ', '')
        || CASE WHEN indimmediate THEN '' ELSE ' deferrable' END
    FROM tables JOIN pg_index ON indrelid = tables.oid JOIN pg_class c ON c.oid = indexrelid
    WHERE NOT indisprimary AND NOT indisexclusion";

/// SQLite keeps texts as they were written. Of a type it keeps what values it can store, which is what
/// STRICT tables have names for.
const SQLITE: &str = "
WITH tables AS (
    SELECT m.name FROM sqlite_schema m JOIN pragma_table_list l ON l.name = m.name
    WHERE m.type = 'table' AND l.type = 'table' AND m.name NOT LIKE 'sqlite_%' AND m.name NOT LIKE '_kontract%'
)
SELECT 'column', t.name, c.name, CASE
        WHEN type LIKE '%INT%' OR type LIKE '%BOOL%' THEN 'INTEGER'
        WHEN type LIKE '%CHAR%' OR type LIKE '%TEXT%' OR type LIKE '%DATE%' OR type LIKE '%TIME%'
            OR type LIKE '%JSON%' THEN 'TEXT'
        WHEN type LIKE '%BLOB%' OR type = '' THEN 'BLOB'
        WHEN type LIKE '%REAL%' OR type LIKE '%FLOA%' OR type LIKE '%DOUB%' THEN 'REAL'
        ELSE 'ANY' END || CASE WHEN \"notnull\" AND NOT pk THEN ' NOT NULL' ELSE '' END
    FROM tables t JOIN pragma_table_xinfo(t.name) c
UNION ALL
SELECT 'default', t.name, c.name, dflt_value
    FROM tables t JOIN pragma_table_xinfo(t.name) c WHERE dflt_value IS NOT NULL
UNION ALL
SELECT 'key', t.name, 'primary key', (SELECT group_concat(name, ', ') FROM
        (SELECT name FROM pragma_table_xinfo(t.name) WHERE pk ORDER BY pk))
    FROM tables t WHERE EXISTS (SELECT 1 FROM pragma_table_xinfo(t.name) WHERE pk)
UNION ALL
SELECT 'reference', t.name, group_concat(\"from\", ', '), f.\"table\" || ' (' || group_concat(coalesce(\"to\",
        (SELECT name FROM pragma_table_info(f.\"table\") WHERE pk = f.seq + 1)), ', ') || ') on delete '
        || on_delete || ' on update ' || on_update
    FROM tables t JOIN pragma_foreign_key_list(t.name) f GROUP BY t.name, f.id
UNION ALL
SELECT CASE WHEN i.\"unique\" THEN 'unique' ELSE 'index' END, t.name,
        CASE WHEN origin = 'u' THEN '' ELSE i.name END,
        (SELECT group_concat(coalesce(x.name, 'expression') || CASE WHEN \"desc\" THEN ' desc' ELSE '' END
            || CASE coll WHEN 'BINARY' THEN '' ELSE ' ' || coll END, ', ')
            FROM pragma_index_xinfo(i.name) x WHERE key)
        || coalesce(' where ' || CASE WHEN partial THEN substr(s.sql, instr(upper(s.sql), ' WHERE ') + 7) END, '')
    FROM tables t JOIN pragma_index_list(t.name) i JOIN sqlite_schema s ON s.name = i.name
    WHERE origin <> 'pk'";

/// Adds what SQLite keeps in the text of a table only: the CHECK constraints, and the collations of
/// columns, each on a line of its own.
fn add_sqlite_texts(database: &Database, objects: &mut Vec<Object>) {
    let query = "SELECT name, sql FROM sqlite_schema WHERE type = 'table' AND sql IS NOT NULL \
                 AND name NOT LIKE '_kontract%'";
    let rows = answers(database.url(), &[query.to_owned()]).remove(0).expect("a catalogue query");
    for table in rows.chunks(2) {
        let [(_, Some(name)), (_, Some(sql))] = table else { continue };
        for line in sql.lines() {
            let column = line.split_whitespace().next().unwrap_or_default().trim_matches('"');
            let rest =
                line.split(" COLLATE ").nth(1).and_then(|rest| rest.split_whitespace().next());
            let collation = rest.map(|word| word.trim_end_matches(','));
            let is_it = |object: &&mut Object| {
                (&*object.kind, &object.table, &*object.title) == ("column", name, column)
            };
            if let (Some(collation), Some(found)) = (collation, objects.iter_mut().find(is_it)) {
                found.definition = format!("{} COLLATE {collation}", found.definition);
            }
        }
        objects.extend(parse_sqlite_checks(sql).into_iter().map(|check| Object {
            kind: "check".to_owned(),
            table: name.clone(),
            title: check.name.unwrap_or_default(),
            definition: normalize("check", &check.text),
        }));
    }
}

/// Returns a text of SQLite with single spaces, without outer brackets, with `'` around strings, and
/// with one form of constants.
fn normalize(kind: &str, text: &str) -> String {
    let mut text = text.split_whitespace().collect::<Vec<_>>().join(" ");
    while text.starts_with('(') && text.ends_with(')') {
        text = text[1..text.len() - 1].to_owned();
    }
    if kind != "default" {
        return text.replace('"', "");
    }
    text = text.replace('"', "'");
    match text.to_lowercase().as_str() {
        "true" => "1".to_owned(),
        "false" => "0".to_owned(),
        "null" => "null".to_owned(),
        _ => text.parse::<f64>().map_or(text, |number| number.to_string()),
    }
}
