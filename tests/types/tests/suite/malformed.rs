//! Texts that are not values of their column's type: an error names the column, on both databases.

use kontract::prelude::*;
use kontract::storage::Base;
use kontract::{Kind, Result};
use kontract_test_support::{Database, block_on, execute, postgres_database, sqlite_database};

/// Adds a line for an operation that is not refused as it should be.
fn expect<T>(wrong: &mut Vec<String>, what: String, column: &str, text: &str, done: Result<T>) {
    let Err(error) = done else { return wrong.push(format!("{what}: done")) };
    let is_right = *error.kind() == Kind::Value
        && error.to_string().contains(&format!("`{column}`"))
        && error.help().is_some()
        && !error.to_string().contains(text);
    if !is_right {
        wrong.push(format!("{what}: {:?} {error} help: {:?}", error.kind(), error.help()));
    }
}

macro_rules! malformed {
    ($all:ident: $($module:ident: $ty:literal, $of:expr, [$($text:literal),+];)*) => {
        $(mod $module {
            use super::*;

            #[derive(Clone, Debug, PartialEq, Table)]
            #[table(layout = "columns", standalone)]
            struct Row {
                #[primkey]
                id: i64,
                #[column(sql_type = $ty)]
                value: String,
                #[column(sql_type = $ty)]
                maybe: Option<String>,
            }

            pub async fn check(url: &str, wrong: &mut Vec<String>) {
                let base = Base::open(url).await.unwrap();
                base.create::<Row>().await.unwrap();
                let rows = base.table::<Row>();
                rows.insert(Row { id: 1, value: $of.to_owned(), maybe: None }).await.unwrap();
                for text in [$($text),+] {
                    let new = || Row { id: 2, value: text.to_owned(), maybe: None };
                    let mut expect = |what: &str, done: Result<()>| {
                        expect(wrong, format!("{} {what} {text:?}", $ty), "value", text, done);
                    };
                    expect("insert", rows.insert(new()).await.map(|_| ()));
                    expect("insert_many", rows.insert_many([new()]).await.map(|_| ()));
                    expect("set", rows.set(new()).await.map(|_| ()));
                    expect("set_many", rows.set_many([new()]).await.map(|_| ()));
                    let patch = Row::patch().value(text.to_owned());
                    expect("update", rows.update(1, patch.clone()).await.map(|_| ()));
                    expect("update_many", rows.update_many([1], patch.clone()).await.map(|_| ()));
                    expect("query update", rows.query(Row::id.eq(1)).update(patch).await.map(|_| ()));
                    expect("eq", rows.query(Row::value.eq(text)).await.map(|_| ()));
                    expect("ne", rows.query(Row::value.ne(text)).count().await.map(|_| ()));
                    expect("is_in", rows.query(Row::value.is_in([text])).await.map(|_| ()));
                    expect("delete", rows.query(Row::value.eq(text)).delete().await.map(|_| ()));
                    let other = Row::maybe.or_else(text.to_owned());
                    expect("or_else", rows.list().select(other).await.map(|_| ()));
                }
                if rows.count().await.unwrap() != 1 { wrong.push(format!("{}: rows", $ty)); }
            }
        })*

        /// Returns what is wrong on databases of one kind.
        fn $all(database: fn() -> Database) -> Vec<String> {
            let mut wrong = Vec::new();
            $({
                let database = database();
                if database.is_postgres() {
                    execute(database.url(), "CREATE EXTENSION hstore; CREATE EXTENSION ltree");
                }
                block_on($module::check(database.url(), &mut wrong));
            })*
            wrong
        }
    };
}

malformed! {
    check_all:
    bit: "bit(3)", "101", ["102"];
    varbit: "varbit", "101", ["xyz"];
    cidr: "cidr", "10.0.0.0/8", ["10.0.0.0/99", "home"];
    inet: "inet", "10.0.0.1", ["10.0.0.256", "home"];
    macaddr: "macaddr", "08:00:2b:01:02:03", ["08:00:2b:01:02", "zz"];
    mac8: "macaddr8", "08:00:2b:01:02:03:04:05", ["zz"];
    interval: "interval", "1 day", ["1 moon"];
    range: "int4range", "[1,2)", ["[1,2", "[b,c)"];
    days: "daterange", "[2026-01-01,2026-01-02)", ["[2026-01-01"];
    multirange: "int4multirange", "{[1,2)}", ["[1,2)"];
    hstore: "hstore", "\"a\"=>\"1\"", ["a=>", "a=>1 b=>2"];
    uuid: "uuid", "00000000-0000-0000-0000-000000000001", ["00000000-0000-0000-0000-00000000000g"];
}

// SQLite keeps these as texts, whatever they are.
malformed! {
    check_of_server:
    numeric: "numeric", "1.5", ["one"];
    integer: "integer", "1", ["one"];
    date: "date", "2026-01-01", ["2026-01-0x"];
    timestamptz: "timestamptz", "2026-01-01 00:00:00+00", ["noo"];
    time: "time", "10:00:00", ["10-x"];
    jsonb: "jsonb", "1", ["{a"];
    ltree: "ltree", "A.B", ["A..B"];
    tsvector: "tsvector", "'a'", ["'a"];
    boolean: "boolean", "true", ["perhaps"];
}

#[test]
fn sqlite() {
    let wrong = check_all(sqlite_database);
    assert!(wrong.is_empty(), "{} are wrong:\n{}", wrong.len(), wrong.join("\n"));
}

#[test]
fn postgres() {
    let mut wrong = check_all(postgres_database);
    wrong.extend(check_of_server(postgres_database));
    assert!(wrong.is_empty(), "{} are wrong:\n{}", wrong.len(), wrong.join("\n"));
}
