//! Objects of others in a file: how they are created, and whether they still are as they were.

use rusqlite::Connection;

use super::file::{File, read};

/// An object of others. All names begin with `theirs_`.
#[derive(Clone, Debug)]
pub struct Theirs {
    pub kind: Kind,
    pub name: String,
    /// The table for which it was created.
    table: String,
    /// The table on which a trigger fires.
    fires_on: Option<String>,
}

#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Kind {
    Column,
    Generated,
    Index,
    Trigger,
    View,
    Table,
    Search,
}

/// What an object was like.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct State(Result<String, String>);

/// Creates some object on a table of the package. Returns none where it is not possible.
pub fn create(file: &File, number: usize, [what, at, column]: [usize; 3]) -> Vec<Theirs> {
    let open = file.open();
    let tables = read(
        &open,
        "SELECT json_group_array(name) FROM sqlite_schema WHERE type = 'table' \
         AND name NOT LIKE 'theirs%' AND name NOT LIKE '\\_kontract%' ESCAPE '\\' AND name NOT LIKE 'sqlite%'",
    );
    let tables: Vec<String> = serde_json::from_str(&tables.unwrap()).unwrap();
    let Some(table) = tables.get(at % tables.len().max(1)) else { return Vec::new() };
    let columns = format!(
        "SELECT json_group_array(name) FROM pragma_table_xinfo('{table}') WHERE hidden = 0 AND name NOT LIKE 'theirs%'"
    );
    let columns: Vec<String> = serde_json::from_str(&read(&open, &columns).unwrap()).unwrap();
    let (column, second) =
        (&columns[column % columns.len()], &columns[(column / 7) % columns.len()]);
    let (t, c, d) = (format!("\"{table}\""), format!("\"{column}\""), format!("\"{second}\""));
    let name = format!("theirs_{number}");
    let log = format!("CREATE TABLE {name}_log (x, y); ");
    let (kind, sql) = match what % 14 {
        0 => (
            Kind::Column,
            format!("ALTER TABLE {t} ADD COLUMN {name} TEXT; UPDATE {t} SET {name} = 'v' || rowid"),
        ),
        1 => (
            Kind::Generated,
            format!("ALTER TABLE {t} ADD COLUMN {name} TEXT AS (upper({c})) VIRTUAL"),
        ),
        2 => (Kind::Index, format!("CREATE INDEX {name} ON {t} ({c}, lower({d}))")),
        3 => (Kind::Index, format!("CREATE INDEX {name} ON {t} ({c}) WHERE {d} IS NOT NULL")),
        4 => (
            Kind::Trigger,
            format!(
                "{log}CREATE TRIGGER {name} AFTER INSERT ON {t} BEGIN INSERT INTO {name}_log VALUES (new.{c}, new.{d}); END"
            ),
        ),
        5 => (
            Kind::Trigger,
            format!(
                "{log}CREATE TRIGGER {name} BEFORE UPDATE OF {c} ON {t} WHEN new.{d} IS NOT NULL BEGIN INSERT INTO {name}_log VALUES (old.{c}, 1); END"
            ),
        ),
        6 => (
            Kind::Trigger,
            format!(
                "{log}CREATE TRIGGER {name} AFTER DELETE ON {t} BEGIN INSERT INTO {name}_log SELECT {c}, old.{d} FROM {t}; END"
            ),
        ),
        7 => (
            Kind::Trigger,
            format!(
                "{log}CREATE TRIGGER {name} AFTER UPDATE ON {name}_log BEGIN DELETE FROM {t} WHERE {c} = new.x AND {d} = new.y; END"
            ),
        ),
        8 => (Kind::View, format!("CREATE VIEW {name} AS SELECT {c} AS a, {d} AS b FROM {t}")),
        9 => (
            Kind::View,
            format!("CREATE VIEW {name} AS SELECT count(*) AS n FROM {t} WHERE {c} IS NOT NULL"),
        ),
        10 => (
            Kind::Table,
            format!(
                "CREATE TABLE {name} (id INTEGER PRIMARY KEY AUTOINCREMENT, g REFERENCES {t} ON DELETE CASCADE); INSERT INTO {name} (g) SELECT id FROM {t}"
            ),
        ),
        11 => (
            Kind::Table,
            format!(
                "CREATE TABLE {name} (k TEXT PRIMARY KEY, g REFERENCES {t} (id) ON DELETE SET NULL ON UPDATE CASCADE) WITHOUT ROWID; INSERT INTO {name} SELECT 'k' || rowid, id FROM {t}"
            ),
        ),
        12 => (
            Kind::Table,
            format!("CREATE TABLE {name} (k, g REFERENCES {t} DEFERRABLE INITIALLY DEFERRED)"),
        ),
        _ => (
            Kind::Search,
            format!(
                "CREATE VIRTUAL TABLE {name} USING fts5({c}, content='{table}'); INSERT INTO {name} ({name}) VALUES ('rebuild')"
            ),
        ),
    };
    let fires_on = match what % 14 {
        4..=6 => Some(table.clone()),
        7 => Some(format!("{name}_log")),
        _ => None,
    };
    if open.execute_batch(&format!("BEGIN; {sql}; COMMIT")).is_err() {
        return Vec::new(); // for instance, names that FTS5 does not take
    }
    vec![Theirs { kind, name, table: table.clone(), fires_on }]
}

impl Theirs {
    /// Reads what the object is like now.
    pub fn state(&self, open: &Connection) -> State {
        let name = &self.name;
        let exists =
            read(open, &format!("SELECT count(*) FROM sqlite_schema WHERE name = '{name}'"));
        let is_column = matches!(self.kind, Kind::Column | Kind::Generated);
        if !is_column && exists.as_deref() != Ok("1") {
            return State(Err("it is gone".to_owned()));
        }
        let state = match self.kind {
            Kind::Column => of_table_with(open, &format!("quote({name})"), name),
            // Its values follow those of the package.
            Kind::Generated => of_table_with(open, &format!("typeof({name}) <> 'x'"), name),
            Kind::Index => Ok(String::new()),
            Kind::Trigger => Ok(String::new()),
            Kind::View => read(open, &format!("SELECT count(*) FROM (SELECT * FROM {name})")),
            Kind::Table => of_table(open, name),
            Kind::Search => of_search(open, name, &self.table),
        };
        State(state.map_err(|error| error.to_string()))
    }

    /// Fires the trigger in a transaction that is rolled back. Returns why it does not work.
    pub fn fire(
        &self,
        open: &Connection,
        renamed: impl Fn(&str) -> Option<String>,
    ) -> Option<String> {
        let table = renamed(self.fires_on.as_ref()?)?;
        let columns = format!(
            "SELECT group_concat('\"' || name || '\" = \"' || name || '\"') FROM pragma_table_xinfo('{table}') WHERE hidden = 0"
        );
        let set = read(open, &columns).unwrap();
        let run = |sql: String| {
            let done = open.execute_batch(&format!("BEGIN; PRAGMA defer_foreign_keys = ON; {sql}"));
            open.execute_batch("ROLLBACK").unwrap();
            done.err().map(|error| error.to_string()).filter(|text| text.contains("no such"))
        };
        run(format!("UPDATE \"{table}\" SET {set}"))
            .or_else(|| run(format!("DELETE FROM \"{table}\"")))
            .or_else(|| run(format!("INSERT INTO \"{table}\" DEFAULT VALUES")))
    }

    /// The table on which a trigger fires, as the file has it.
    pub fn table_now(&self, open: &Connection) -> Option<String> {
        let name = &self.name;
        self.fires_on.as_ref()?;
        read(open, &format!("SELECT tbl_name FROM sqlite_schema WHERE name = '{name}'")).ok()
    }

    /// Drops the object, as its owner would.
    pub fn drop(&self, open: &Connection) {
        let name = &self.name;
        let sql = match self.kind {
            Kind::Column | Kind::Generated => {
                let table = table_with(open, name).expect("it exists");
                format!("ALTER TABLE \"{table}\" DROP COLUMN {name}")
            }
            Kind::Index => format!("DROP INDEX {name}"),
            Kind::Trigger => format!("DROP TRIGGER {name}"),
            Kind::View => format!("DROP VIEW {name}"),
            Kind::Table | Kind::Search => format!("DROP TABLE {name}"),
        };
        open.execute_batch(&sql).unwrap_or_else(|error| panic!("`{sql}` failed: {error}"));
    }
}

fn table_with(open: &Connection, column: &str) -> rusqlite::Result<String> {
    read(
        open,
        &format!(
            "SELECT t.name FROM sqlite_schema t, pragma_table_xinfo(t.name) c \
             WHERE t.type = 'table' AND c.name = '{column}'"
        ),
    )
}

fn of_table_with(open: &Connection, value: &str, column: &str) -> rusqlite::Result<String> {
    let table = table_with(open, column)?;
    read(open, &format!("SELECT {value} FROM \"{table}\" ORDER BY rowid"))
}

/// The rows of a table, and whether its references can be followed.
fn of_table(open: &Connection, name: &str) -> rusqlite::Result<String> {
    let columns = format!(
        "SELECT group_concat('quote(' || name || ')', '||') FROM pragma_table_info('{name}')"
    );
    let columns = read(open, &columns)?;
    let rows = read(open, &format!("SELECT {columns} FROM {name} ORDER BY 1"))?;
    let parents = read(
        open,
        &format!(
            "SELECT count(*) FROM pragma_foreign_key_list('{name}') JOIN sqlite_schema t ON t.type = 'table' AND t.name = \"table\" COLLATE NOCASE"
        ),
    )?;
    let broken = read(open, &format!("SELECT count(*) FROM pragma_foreign_key_check('{name}')"))?;
    let sequence =
        read(open, "SELECT name || seq FROM sqlite_sequence WHERE name LIKE 'theirs%' ORDER BY 1")
            .unwrap_or_default();
    Ok(format!("{rows}; {parents}; {broken}; {sequence}"))
}

/// What a full-text search finds, and the keys of the rows by their rowids.
fn of_search(open: &Connection, name: &str, table: &str) -> rusqlite::Result<String> {
    read(open, &format!("SELECT rowid FROM {name}"))?;
    let rows = read(open, &format!("SELECT rowid || quote(id) FROM \"{table}\" ORDER BY rowid"))?;
    let words = "'one OR two OR three'";
    let found = format!("SELECT rowid FROM {name} WHERE {name} MATCH {words} ORDER BY 1");
    Ok(format!("{rows}; {}", read(open, &found)?))
}
