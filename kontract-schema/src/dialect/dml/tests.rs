//! Statements on rows as both databases get them.

use super::*;
use crate::model::types::Type;
use crate::sql::dml::{Compare, Each, TextComparison};

/// The text for PostgreSQL and for SQLite.
fn texts(statement: RowStatement, params: usize) -> [String; 2] {
    Dialect::ALL.map(|dialect| print(dialect, &statement, params).text)
}

fn key() -> SqlExpr {
    SqlExpr::column("id").eq(SqlExpr::Param(1))
}

#[test]
fn identifiers_are_quoted_where_they_have_to_be() {
    let select = Select {
        from: "order".into(),
        columns: vec![
            SqlExpr::column("a\"; DROP TABLE x; --"),
            SqlExpr::column("userId"),
            SqlExpr::Count,
        ],
        ..Select::default()
    };
    let expected = r#"SELECT "a""; DROP TABLE x; --", "userId", count(*) FROM "order""#;
    assert_eq!(texts(RowStatement::Select(select), 0), [expected, expected]);
}

#[test]
fn select() {
    let age = SqlExpr::Json { key: "it's".into(), ty: Type::Number };
    let older = SqlExpr::Compare(Compare::Gt, Box::new(age.clone()), Box::new(SqlExpr::Param(1)));
    let named = SqlExpr::Text(
        TextComparison::Contains,
        Box::new(SqlExpr::column("name")),
        Box::new(SqlExpr::Param(2)),
    );
    let select = Select {
        from: "t".into(),
        columns: vec![SqlExpr::column("data")],
        filter: SqlExpr::all([older, !named]),
        order: vec![Order { by: age, descending: true, nullable: true }],
        offset: Some(SqlExpr::Param(3)),
        ..Select::default()
    };
    assert_eq!(
        texts(RowStatement::Select(select), 3),
        [
            "SELECT data FROM t WHERE ((data->>'it''s')::double precision > $1 AND NOT (strpos(name, $2) > 0)) \
             ORDER BY (data->>'it''s')::double precision DESC NULLS LAST OFFSET $3",
            "SELECT data FROM t WHERE ((data->>'$.\"it''s\"') > ?1 AND NOT (instr(name, ?2) > 0)) \
             ORDER BY (data->>'$.\"it''s\"') DESC LIMIT -1 OFFSET ?3",
        ]
    );
}

#[test]
fn insert_or_replace() {
    let present = SqlExpr::Present { table: "t".into(), column: "_version".into() };
    let insert = Insert {
        overriding: false,
        returned: Returned::Unordered,
        into: "t".into(),
        columns: ["id", "data", "_txid", "_order"].map(String::from).into(),
        rows: Rows::Values(vec![
            SqlExpr::Param(1),
            SqlExpr::Param(2),
            SqlExpr::Txid,
            SqlExpr::Place,
        ]),
        conflict: Some(Conflict {
            equal_nulls: Vec::new(),
            target: vec![SqlExpr::column("id")],
            partial: None,
            set: vec![
                ("data".into(), SqlExpr::Excluded("data".into())),
                ("_version".into(), SqlExpr::Next(Box::new(present))),
                ("_txid".into(), SqlExpr::Txid),
            ],
            filter: None,
        }),
        returning: Vec::new(),
    };
    let statement = RowStatement::Insert(insert);
    assert_eq!(
        texts(statement.clone(), 2),
        [
            "INSERT INTO t (id, data, _txid, _order) VALUES ($1, $2, txid_current(), DEFAULT) \
             ON CONFLICT (id) DO UPDATE SET data = excluded.data, _version = t._version + 1, _txid = txid_current()",
            "INSERT INTO t (id, data, _txid, _order) VALUES (?1, ?2, ?3, ?4) \
             ON CONFLICT (id) DO UPDATE SET data = excluded.data, _version = t._version + 1, _txid = ?3",
        ]
    );
    let printed = print(Dialect::Sqlite, &statement, 2);
    assert_eq!((printed.txid, printed.place), (Some(3), Some(4)));
}

#[test]
fn insert_of_arrays() {
    let insert = Insert {
        overriding: false,
        returned: Returned::Unordered,
        into: "t".into(),
        columns: vec!["id".into(), "tags".into()],
        rows: Rows::Unnest {
            types: vec!["int8".into(), "text".into()],
            values: vec![
                SqlExpr::Element(1),
                SqlExpr::As(Box::new(SqlExpr::Element(2)), "text[]".into()),
            ],
        },
        conflict: None,
        returning: Vec::new(),
    };
    assert_eq!(
        print(Dialect::Postgres, &RowStatement::Insert(insert), 2).text,
        "INSERT INTO t (id, tags) SELECT e.e1, e.e2::text[] \
         FROM unnest($1::int8[], $2::text[]) WITH ORDINALITY AS e(e1, e2, n) ORDER BY e.n"
    );
}

#[test]
fn taking_the_last_row() {
    let last = Select {
        from: "t".into(),
        columns: vec![SqlExpr::column("id")],
        filter: Some(SqlExpr::column("_deleted_txid").is_null()),
        order: vec![Order { by: SqlExpr::column("_order"), descending: true, nullable: false }],
        limit: Some(SqlExpr::Number(1)),
        lock: Some(Lock { shared: false, wait: Wait::Skip }),
        ..Select::default()
    };
    let delete = Delete {
        from: "t".into(),
        alias: None,
        filter: Some(SqlExpr::IsRow(vec!["id".into()], Box::new(last))),
        returning: vec![SqlExpr::column("data")],
    };
    assert_eq!(
        texts(RowStatement::Delete(delete), 0),
        [
            "DELETE FROM t WHERE (id) = (SELECT id FROM t WHERE _deleted_txid IS NULL \
             ORDER BY _order DESC LIMIT 1 FOR UPDATE SKIP LOCKED) RETURNING data",
            "DELETE FROM t WHERE (id) = (SELECT id FROM t WHERE _deleted_txid IS NULL \
             ORDER BY _order DESC LIMIT 1) RETURNING data",
        ]
    );
}

#[test]
fn deleting_what_a_select_finds_once() {
    let some = Select {
        from: "t".into(),
        columns: vec![SqlExpr::column("id"), SqlExpr::column("part")],
        limit: Some(SqlExpr::Param(1)),
        lock: Some(Lock { shared: false, wait: Wait::Skip }),
        ..Select::default()
    };
    let key = vec!["id".to_owned(), "part".to_owned()];
    let rows = SqlExpr::InRows(key.clone(), Box::new(some.materialize(key)));
    let delete =
        Delete { from: "t".into(), alias: None, filter: Some(rows), returning: Vec::new() };
    assert_eq!(
        texts(RowStatement::Delete(delete), 1),
        [
            "DELETE FROM t WHERE (id, part) IN (WITH \" rows\" (id, part) AS (SELECT id, part FROM t \
             LIMIT $1 FOR UPDATE SKIP LOCKED) SELECT id, part FROM \" rows\")",
            "DELETE FROM t WHERE (id, part) IN (WITH \" rows\" (id, part) AS (SELECT id, part FROM t \
             LIMIT ?1) SELECT id, part FROM \" rows\")",
        ]
    );
}

#[test]
fn update_of_a_document() {
    let keys = |number: fn(usize) -> usize| {
        ["age", "na\"me"].iter().zip(1..).map(|(key, n)| ((*key).to_owned(), number(n))).collect()
    };
    let update = |keys| {
        RowStatement::Update(Update {
            table: "t".into(),
            alias: None,
            set: vec![("data".into(), SqlExpr::Merge { column: "data".into(), keys })],
            filter: Some(key()),
            returning: Vec::new(),
        })
    };
    let postgres = print(Dialect::Postgres, &update(keys(|_| 2)), 2);
    assert_eq!(postgres.text, "UPDATE t SET data = data || $2 WHERE id = $1");
    let sqlite = print(Dialect::Sqlite, &update(keys(|n| n + 1)), 3);
    assert_eq!(
        sqlite.text,
        r#"UPDATE t SET data = json_set(data, '$."age"', json(?2), '$."na\"me"', json(?3)) WHERE id = ?1"#
    );
}

#[test]
fn lists_of_every_length_are_one_statement() {
    let any = SqlExpr::AnyOf { of: Box::new(SqlExpr::column("id")), list: 1, each: Each::Itself };
    let delete = Delete { from: "t".into(), alias: None, filter: Some(any), returning: Vec::new() };
    assert_eq!(
        texts(RowStatement::Delete(delete), 1),
        [
            "DELETE FROM t WHERE id = ANY($1)",
            "DELETE FROM t WHERE id IN (SELECT value FROM rarray(?1))",
        ]
    );
}

#[test]
fn long_chains_are_shallow() {
    let all = |count| SqlExpr::Or((0..count).map(|_| key()).collect());
    let depth = |count| {
        let delete = Delete {
            from: "t".into(),
            alias: None,
            filter: Some(all(count)),
            returning: Vec::new(),
        };
        let [_, text] = texts(RowStatement::Delete(delete), 1);
        assert_eq!(text.matches("id = ?1").count(), count);
        let mut open = 0;
        let depth = text.chars().map(|letter| {
            open += i32::from(letter == '(') - i32::from(letter == ')');
            open
        });
        depth.max()
    };
    assert_eq!([depth(1), depth(16), depth(17), depth(20_000)], [1, 1, 2, 12].map(Some));
}
