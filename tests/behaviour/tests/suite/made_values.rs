//! Values that the database makes: keys, defaults in SQL, generated columns; and times of change.

use kontract::prelude::*;
use kontract::storage::Base;
use kontract::{Decimal, Kind};
use kontract_schema::change::diff::diff;
use kontract_schema::dialect::{Dialect, create_schema};
use kontract_schema::model::{FieldDefault, Schema, Table as Model};
use kontract_schema::plan::plan;

use super::start::{Program, by_hand};

/// Numbered by the database.
#[derive(Clone, Debug, PartialEq, Table)]
#[table(layout = "columns", standalone, ordered)]
struct Ticket {
    #[primkey(identity)]
    id: i64,
    #[unique]
    title: String,
    stars: Option<i32>,
}

/// A default of each kind.
#[derive(Clone, Debug, PartialEq, Table)]
#[table(layout = "columns", standalone)]
struct Note {
    #[primkey]
    #[default(sql = "gen_random_uuid()")]
    id: Uuid,
    text: String,
    #[default(sql = "now()")]
    instant: jiff::Timestamp,
    #[default(sql = "CURRENT_TIMESTAMP")]
    local: chrono::NaiveDateTime,
    #[default(sql = "now()")]
    millis: Timestamp,
    #[default(sql = "CURRENT_DATE")]
    day: jiff::civil::Date,
    #[default(sql = "1 + 1")]
    two: i32,
    #[default(postgres = "upper('a')", sqlite = "lower('B')")]
    letter: String,
    #[default(sql = "7")]
    seven: Option<i64>,
    #[default("{\"a\": [1]}")]
    json: Json,
    #[default("[\"a b\", \"\"]")]
    texts: Vec<String>,
    #[default("2026-01-31T10:30:00Z")]
    at: jiff::Timestamp,
    #[default("10:30:00")]
    time: time::Time,
    #[default("00000000-0000-0000-0000-00000000000a")]
    uuid: Uuid,
    #[default("1.50")]
    decimal: Decimal,
    #[default(0.000001)]
    small: f64,
}

/// Computed columns.
#[derive(Clone, Debug, PartialEq, Table)]
#[table(layout = "columns", standalone, name = "lines")]
struct Line {
    #[primkey]
    id: i64,
    price: i64,
    amount: i64,
    #[generated("price * amount")]
    #[index]
    total: i64,
    #[generated(postgres = "upper(name)", sqlite = "upper(name)")]
    loud: Option<String>,
    name: Option<String>,
}

/// A time of change of each type.
#[derive(Clone, Debug, PartialEq, Table)]
#[table(layout = "columns", standalone, name = "moments")]
struct Moments {
    #[primkey]
    id: i64,
    n: i32,
    #[created_at]
    millis: Timestamp,
    #[created_at]
    instant: Option<jiff::Timestamp>,
    #[created_at]
    utc: Option<chrono::DateTime<chrono::Utc>>,
    #[updated_at]
    offset: time::OffsetDateTime,
    #[updated_at]
    datetime: jiff::civil::DateTime,
    #[updated_at]
    naive: Option<chrono::NaiveDateTime>,
    #[updated_at]
    plain: time::PrimitiveDateTime,
    #[created_at]
    day: chrono::NaiveDate,
    #[updated_at]
    date: Option<time::Date>,
    #[updated_at]
    time: jiff::civil::Time,
    #[created_at]
    text: Option<String>,
    #[created_at]
    #[column(sql_type = "timestamp(0)")]
    seconds: jiff::civil::DateTime,
}

/// A document whose values the program makes.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize, Table)]
#[table(standalone)]
struct Paper {
    #[primkey]
    id: i64,
    n: i32,
    #[default("{\"a\": 1}")]
    meta: Json,
    #[default("[1, 2]")]
    ranks: Vec<i32>,
    #[default("00000000-0000-0000-0000-00000000000a")]
    token: Uuid,
    #[created_at]
    at: Option<jiff::Timestamp>,
    #[updated_at]
    naive: chrono::NaiveDateTime,
    #[updated_at]
    civil: Option<jiff::civil::DateTime>,
    #[updated_at]
    day: chrono::NaiveDate,
    #[updated_at]
    time: jiff::civil::Time,
}

/// All of it is made.
#[derive(Clone, Debug, PartialEq, Table)]
#[table(layout = "columns", standalone, name = "marks")]
struct Mark {
    #[primkey(identity)]
    id: i32,
    #[default(sql = "2")]
    n: i32,
}

async fn open<R: kontract::table::Keyed>(url: &str) -> (Base, kontract::Table<R>) {
    let base = Base::open(url).await.unwrap();
    base.create::<R>().await.unwrap();
    let table = base.table();
    (base, table)
}

fn ids(rows: &[Ticket]) -> Vec<i64> {
    rows.iter().map(|ticket| ticket.id).collect()
}

kontract_test_support::both! {
    async fn the_database_numbers_rows(url: &str) {
        let (_base, tickets) = open::<Ticket>(url).await;
        let first = tickets.insert(NewTicket::new("a")).await.unwrap();
        assert_eq!(first, Ticket { id: 1, title: "a".into(), stars: None });
        assert_eq!(tickets.get(1).await.unwrap(), Some(first));
        let more = (1..=300).map(|n| NewTicket::new(format!("t{n}")).stars(n));
        let more = tickets.insert_many(more).await.unwrap();
        assert_eq!(more[0], Ticket { id: 2, title: "t1".into(), stars: Some(1) });
        let titles: Vec<_> = more.iter().map(|ticket| ticket.title.clone()).collect();
        assert_eq!(titles, (1..=300).map(|n| format!("t{n}")).collect::<Vec<_>>());
        assert_eq!(ids(&more), (2..=301).collect::<Vec<_>>());
        let pushed = tickets.push(NewTicket::new("last")).await.unwrap();
        assert_eq!(tickets.pop().await.unwrap(), Some(pushed));
    }

    async fn a_key_can_be_given(url: &str) {
        let (_base, tickets) = open::<Ticket>(url).await;
        assert_eq!(tickets.insert(NewTicket::new("a").id(90)).await.unwrap().id, 90);
        let record = Ticket { id: 80, title: "b".into(), stars: None };
        assert_eq!(tickets.insert(record.clone()).await.unwrap(), record);
        // Rows with and without keys come back in the order in which they were given.
        let mixed = [
            NewTicket::new("c").id(70),
            NewTicket::new("d"),
            NewTicket::new("e").id(60),
            NewTicket::new("f"),
        ];
        let stored = tickets.insert_many(mixed).await.unwrap();
        let titles: Vec<_> = stored.iter().map(|ticket| ticket.title.as_str()).collect();
        assert_eq!(titles, ["c", "d", "e", "f"]);
        assert_eq!((stored[0].id, stored[2].id), (70, 60));
        for ticket in stored {
            assert_eq!(tickets.get(ticket.id).await.unwrap(), Some(ticket));
        }
        let taken = tickets.insert(NewTicket::new("g").id(90)).await.unwrap_err();
        assert!(matches!(taken.kind(), Kind::Unique { .. }), "{taken:?}");
    }

    async fn set_and_upsert_make_keys(url: &str) {
        let (_base, tickets) = open::<Ticket>(url).await;
        let one = tickets.set(NewTicket::new("a")).await.unwrap();
        let again = tickets.set(NewTicket::new("b").id(one.id)).await.unwrap();
        assert_eq!((again.id, again.title.as_str()), (one.id, "b"));
        let rows = [
            NewTicket::new("x"), NewTicket::new("lost").id(one.id), NewTicket::new("y"),
            NewTicket::new("c").id(one.id),
        ];
        let stored = tickets.set_many(rows).await.unwrap();
        let titles: Vec<_> = stored.iter().map(|ticket| ticket.title.as_str()).collect();
        assert_eq!(titles, ["x", "y", "c"]);
        assert_eq!(stored[2].id, one.id);
        let new = tickets.upsert(Ticket::title, NewTicket::new("z").stars(1)).await.unwrap();
        let old = tickets.upsert(Ticket::title, NewTicket::new("z").stars(2)).await.unwrap();
        assert_eq!((old.id, old.stars), (new.id, Some(2)));
        assert_eq!(tickets.count().await.unwrap(), 4);
    }

    async fn rows_without_any_value(url: &str) {
        let (_base, marks) = open::<Mark>(url).await;
        assert_eq!(marks.insert(NewMark::new()).await.unwrap(), Mark { id: 1, n: 2 });
        let more = marks.insert_many([NewMark::new(), NewMark::new().n(5)]).await.unwrap();
        assert_eq!(more.iter().map(|mark| mark.n).collect::<Vec<_>>(), [2, 5]);
        assert_eq!(marks.set(NewMark::new()).await.unwrap().n, 2);
    }

    async fn defaults_of_every_kind(url: &str) {
        let (_base, notes) = open::<Note>(url).await;
        let before = jiff::Timestamp::now() - jiff::SignedDuration::from_secs(2);
        let note = notes.insert(NewNote::new("text")).await.unwrap();
        assert_eq!(notes.get(note.id).await.unwrap(), Some(note.clone()));
        assert_ne!(note.id, Uuid::nil());
        assert!(note.instant >= before, "{note:?}");
        assert!(note.millis.as_millis() >= before.as_millisecond(), "{note:?}");
        let day = before.to_zoned(jiff::tz::TimeZone::UTC).date();
        assert!(note.day >= day.yesterday().unwrap() && note.day <= day.tomorrow().unwrap());
        assert!(note.local.and_utc().timestamp() >= before.as_second() - 86_400, "{note:?}");
        assert_eq!((note.two, note.seven), (2, Some(7)));
        assert!(["A", "b"].contains(&note.letter.as_str()));
        assert_eq!(note.json, serde_json::json!({"a": [1]}));
        assert_eq!(note.texts, ["a b", ""]);
        assert_eq!(note.at.to_string(), "2026-01-31T10:30:00Z");
        assert_eq!(note.time, time::Time::from_hms(10, 30, 0).unwrap());
        assert_eq!(note.uuid.as_u128(), 10);
        assert_eq!(note.decimal.to_string(), "1.50");
        assert_eq!(note.small, 0.000_001);
        // A given value, and a NULL where the default is left out.
        let given = NewNote::new("other").seven(None).two(3).json(Json::from(1)).id(Uuid::nil());
        let given = notes.insert(given).await.unwrap();
        assert_eq!((given.seven, given.two, given.json.clone()), (None, 3, Json::from(1)));
        let batch = (0..50).map(|n| NewNote::new(format!("{n}"))).collect::<Vec<_>>();
        let rows = notes.insert_many(batch).await.unwrap();
        let texts: Vec<_> = rows.iter().map(|note| note.text.clone()).collect();
        assert_eq!(texts, (0..50).map(|n| n.to_string()).collect::<Vec<_>>());
        for note in &rows[..3] {
            assert_eq!(notes.get(note.id).await.unwrap().as_ref(), Some(note));
        }
        // A replaced row gets the defaults of fields that are left out.
        let set = notes.set(NewNote::new("new").id(Uuid::nil())).await.unwrap();
        assert_eq!((set.seven, set.two), (Some(7), 2));
    }

    async fn generated_columns_are_read_only(url: &str) {
        let (base, lines) = open::<Line>(url).await;
        let line = lines.insert(NewLine::new(1, 5, 3).name("a".to_owned())).await.unwrap();
        assert_eq!((line.total, line.loud.as_deref()), (15, Some("A")));
        // What a record has there is not written.
        let record = Line { id: 2, total: -1, loud: None, ..line.clone() };
        assert_eq!(lines.insert(record.clone()).await.unwrap(), Line { id: 2, ..line.clone() });
        let set = lines.set(Line { price: 7, ..record }).await.unwrap();
        assert_eq!(set.total, 21);
        let updated = lines.update(1, Line::patch().amount(10)).await.unwrap();
        assert_eq!(updated.total, 50);
        let upserted = lines.upsert(Line::id, NewLine::new(1, 1, 1)).await.unwrap();
        assert_eq!((upserted.total, upserted.loud), (1, None));
        let many = lines.insert_many((3..6).rev().map(|id| NewLine::new(id, id, id))).await.unwrap();
        assert_eq!(many.iter().map(|line| line.total).collect::<Vec<_>>(), [25, 16, 9]);
        let found: Vec<Line> = lines.query(Line::total.gt(15)).order_by(Line::total.asc()).await.unwrap();
        assert_eq!(found.iter().map(|line| line.id).collect::<Vec<_>>(), [4, 2, 5]);
        let refused = lines.update(1, Line::patch().set(Line::total, Line::price)).await.unwrap_err();
        assert_eq!(*refused.kind(), Kind::Value, "{refused:?}");
        let copied = lines.query(Line::id.eq(5)).insert_into(&lines)
            .set(Line::id, Line::id.plus(100)).set(Line::price, Line::price).value(Line::amount, 2)
            .await.unwrap();
        assert_eq!(copied, 1);
        assert_eq!(lines.get(105).await.unwrap().unwrap().total, 10);
        let refused = lines.list().insert_into(&lines)
            .set(Line::total, Line::id).set(Line::id, Line::id.plus(200))
            .set(Line::price, Line::price).set(Line::amount, Line::amount)
            .await.unwrap_err();
        assert!(format!("{refused:?}").contains("generated"), "{refused:?}");
        drop(base);
    }

    async fn rows_of_a_query_get_numbers_and_defaults(url: &str) {
        let (base, tickets) = open::<Ticket>(url).await;
        base.create::<Mark>().await.unwrap();
        let marks: kontract::Table<Mark> = base.table();
        tickets.insert_many([NewTicket::new("a").stars(4), NewTicket::new("b").stars(5)]).await.unwrap();
        let new = tickets.list().insert_into(&marks).set(Mark::n, Ticket::stars.or_else(0)).await;
        assert_eq!(new.unwrap(), 2);
        let sum: Vec<i32> = marks.list().order_by(Mark::n.asc()).select(Mark::n).await.unwrap();
        assert_eq!(sum, [4, 5]);
    }

    async fn times_of_every_type(url: &str) {
        let (_base, moments) = open::<Moments>(url).await;
        let row = moments.insert(NewMoments::new(1, 0)).await.unwrap();
        let millis = row.millis.as_millis();
        assert_eq!(row.instant.unwrap().as_millisecond(), millis);
        assert_eq!(row.utc.unwrap().timestamp_millis(), millis);
        assert_eq!(row.offset.unix_timestamp_nanos() / 1_000_000, i128::from(millis));
        let utc = jiff::Timestamp::from_millisecond(millis).unwrap();
        let civil = utc.to_zoned(jiff::tz::TimeZone::UTC).datetime();
        assert_eq!((row.datetime, row.time), (civil, civil.time()));
        assert_eq!(row.naive.unwrap().and_utc().timestamp_millis(), millis);
        assert_eq!(row.plain.assume_utc(), row.offset);
        assert_eq!(row.day.to_string(), civil.date().to_string());
        assert_eq!(row.date, Some(row.plain.date()));
        assert!(row.text.as_ref().unwrap().starts_with(&civil.date().to_string()), "{row:?}");
        assert_eq!(row.seconds.subsec_nanosecond(), 0);
        assert_eq!(moments.get(1).await.unwrap(), Some(row.clone()));
        // An explicit `None` stays.
        let none = moments.insert(NewMoments::new(2, 0).instant(None)).await.unwrap();
        assert_eq!(none.instant, None);
        tokio::time::sleep(std::time::Duration::from_millis(3)).await;
        let later = moments.update(1, Moments::patch().n(1)).await.unwrap();
        assert!(later.datetime > row.datetime && later.naive > row.naive, "{later:?}");
        assert_eq!((later.instant, later.day), (row.instant, row.day));
        tokio::time::sleep(std::time::Duration::from_millis(3)).await;
        let set = moments.set(later.clone()).await.unwrap();
        assert!(set.offset > later.offset && set.plain > later.plain);
    }
}

kontract_test_support::both! {
    async fn constants_and_times_in_documents(url: &str) {
        let (_base, papers) = open::<Paper>(url).await;
        let paper = papers.insert(NewPaper::new(1, 0)).await.unwrap();
        assert_eq!(paper.meta, serde_json::json!({"a": 1}));
        assert_eq!((paper.ranks.as_slice(), paper.token.as_u128()), (&[1, 2][..], 10));
        assert_eq!(papers.get(1).await.unwrap(), Some(paper.clone()));
        tokio::time::sleep(std::time::Duration::from_millis(3)).await;
        let later = papers.update(1, Paper::patch().n(1)).await.unwrap();
        assert!(later.naive > paper.naive && later.civil > paper.civil, "{later:?}");
        assert_eq!(later.at, paper.at);
        assert_eq!(papers.get(1).await.unwrap(), Some(later));
    }
}

/// The schema of a standalone table.
fn schema_of<R: kontract::table::Record>() -> Schema {
    let mut table: Model = serde_json::from_str(R::SCHEMA).unwrap();
    table.name = R::NAME.to_owned();
    Schema { tables: [(table.name.clone(), table)].into() }
}

/// The difference between a table that other software created and the schema of a struct, as the
/// start of the program reports it.
async fn drift<R: kontract::table::Record>(url: &str, create: &str) -> String {
    let mut program = Program::new(&[create]);
    program.lock = program.lock.with_schema(schema_of::<R>());
    match program.start(url).await {
        Ok(base) => {
            base.close().await;
            by_hand(url, "DELETE FROM _kontract_migrations").await;
            String::new()
        }
        Err(error) => format!("{error:?}"),
    }
}

/// A mark of other software, and what drift says of it.
const MARKS: [(Dialect, &str, &str); 9] = [
    (Dialect::Postgres, "id serial PRIMARY KEY, n int NOT NULL DEFAULT 2", ""),
    (
        Dialect::Postgres,
        "id int GENERATED ALWAYS AS IDENTITY PRIMARY KEY, n int NOT NULL DEFAULT '2'::int",
        "",
    ),
    (
        Dialect::Postgres,
        "id int PRIMARY KEY, n int NOT NULL DEFAULT 2",
        "has the column `id`, which the database does not number",
    ),
    (
        Dialect::Postgres,
        "id int GENERATED BY DEFAULT AS IDENTITY PRIMARY KEY, n int NOT NULL DEFAULT 3",
        "has the column `n` with the default `3` instead of `2`",
    ),
    (
        Dialect::Postgres,
        "id serial PRIMARY KEY, n int NOT NULL GENERATED ALWAYS AS (2) STORED",
        "has the column `n`, which takes no values: it is generated",
    ),
    (Dialect::Sqlite, "id INTEGER PRIMARY KEY, n INTEGER NOT NULL DEFAULT 2", ""),
    (Dialect::Sqlite, "id INTEGER PRIMARY KEY AUTOINCREMENT, n INT NOT NULL DEFAULT (2)", ""),
    (
        Dialect::Sqlite,
        "id INT NOT NULL PRIMARY KEY, n INT NOT NULL DEFAULT 2",
        "has the column `id`, which the database does not number",
    ),
    (
        Dialect::Sqlite,
        "id INTEGER PRIMARY KEY, n INT NOT NULL",
        "has the column `n` without its default",
    ),
];

/// Lines of other software, and what drift says of them.
const LINES: [(Dialect, &str, &str); 5] = [
    (Dialect::Postgres, "bigint NOT NULL GENERATED ALWAYS AS ((price) * amount) STORED", ""),
    (
        Dialect::Postgres,
        "bigint NOT NULL GENERATED ALWAYS AS (price + amount) STORED",
        "has the column `total` generated as `(price + amount)` instead of `price * amount`",
    ),
    (Dialect::Postgres, "bigint NOT NULL", "has the column `total`, which is not generated"),
    (Dialect::Sqlite, "INT NOT NULL AS (\"price\" * amount) STORED", ""),
    (
        Dialect::Sqlite,
        "INT NOT NULL AS (price * amount)",
        "has the generated column `total`, which is virtual, not stored",
    ),
];

kontract_test_support::both! {
    async fn drift_of_numbers_and_defaults(url: &str) {
        let here = if url.starts_with("sqlite") { Dialect::Sqlite } else { Dialect::Postgres };
        for (_, columns, expected) in MARKS.iter().filter(|(dialect, ..)| *dialect == here) {
            let found = drift::<Mark>(url, &format!("CREATE TABLE marks ({columns})")).await;
            assert!(found.contains(expected), "{columns}: {found}");
            assert_eq!(found.is_empty(), expected.is_empty(), "{columns}: {found}");
            by_hand(url, "DROP TABLE IF EXISTS marks; DROP TABLE _kontract_migrations").await;
        }
    }

    async fn created_tables_have_no_drift(url: &str) {
        let here = if url.starts_with("sqlite") { Dialect::Sqlite } else { Dialect::Postgres };
        let create = |schema: Schema| create_schema(here, &schema).join(";");
        let found = [
            drift::<Ticket>(url, &create(schema_of::<Ticket>())).await,
            drift::<Note>(url, &create(schema_of::<Note>())).await,
            drift::<Line>(url, &create(schema_of::<Line>())).await,
            drift::<Moments>(url, &create(schema_of::<Moments>())).await,
        ];
        assert_eq!(found.concat(), "");
    }

    async fn drift_of_generated_columns(url: &str) {
        let here = if url.starts_with("sqlite") { Dialect::Sqlite } else { Dialect::Postgres };
        let (integer, text) = here.choose(("bigint", "text"), ("INT", "TEXT"));
        for (_, total, expected) in LINES.iter().filter(|(dialect, ..)| *dialect == here) {
            let create = format!(
                "CREATE TABLE lines (id {integer} NOT NULL PRIMARY KEY, price {integer} NOT NULL, \
                 amount {integer} NOT NULL, total {total}, \
                 loud {text} GENERATED ALWAYS AS (upper(name)) STORED, name {text}); \
                 CREATE INDEX idx_lines_total ON lines (total)"
            );
            let found = drift::<Line>(url, &create).await;
            assert!(found.contains(expected), "{total}: {found}");
            assert_eq!(found.is_empty(), expected.is_empty(), "{total}: {found}");
            by_hand(url, "DROP TABLE IF EXISTS lines; DROP TABLE _kontract_migrations").await;
        }
    }

    async fn an_identity_that_takes_no_values(url: &str) {
        let base = Base::open(url).await.unwrap();
        if url.starts_with("sqlite") {
            base.create::<Mark>().await.unwrap();
        } else {
            let create = "CREATE TABLE marks (id int GENERATED ALWAYS AS IDENTITY PRIMARY KEY, \
                          n int NOT NULL DEFAULT 2)";
            by_hand(url, create).await;
        }
        let marks: kontract::Table<Mark> = base.table();
        assert_eq!(marks.insert(Mark { id: 9, n: 1 }).await.unwrap(), Mark { id: 9, n: 1 });
        assert_eq!(marks.insert_many([NewMark::new().id(8), NewMark::new().id(7)]).await.unwrap()[1].id, 7);
        assert_eq!(marks.set(Mark { id: 9, n: 5 }).await.unwrap().n, 5);
    }
}

#[test]
fn p7_a_rebuilt_table_gives_no_number_twice() {
    let database = kontract_test_support::sqlite_database();
    let url = database.url();
    let old = schema_of::<Ticket>();
    let mut new = old.clone();
    let stars = &mut new.tables.get_mut("tickets").unwrap().schema[2];
    stars.set_default(Some(FieldDefault::Constant(1.into())));
    let create = create_schema(Dialect::Sqlite, &old).join(";");
    let mut program = Program::new(&[&create]);
    kontract_test_support::block_on(async {
        program.start(url).await.unwrap().close().await;
        by_hand(
            url,
            "INSERT INTO tickets (title, _order) VALUES ('a', 1), ('b', 2), ('c', 3); \
             DELETE FROM tickets WHERE id > 1",
        )
        .await;
        let script = plan(&old, &diff(&old, &new)).sqlite;
        let up: Vec<String> = script.up.iter().map(|step| step.sql.clone()).collect();
        program = program.then(&up);
        let mut last = program.lock.migrations.pop().unwrap();
        last.sql.sqlite.rebuild = true;
        program.lock.migrations.push(last.hashed());
        let base = program.start(url).await.unwrap();
        let tickets: kontract::Table<Ticket> = base.table();
        assert_eq!(tickets.insert(NewTicket::new("d")).await.unwrap().id, 4);
    });
}
