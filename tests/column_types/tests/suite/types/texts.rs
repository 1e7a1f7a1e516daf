//! Texts, and types that are read as text.

column_type!(text: [String], ["".to_owned(), "A b".to_owned(), "z".repeat(5000)], documents documents, lists lists, keys keys);
column_type!(
    varchar: [String] as "varchar(5)" and "varchar(5)[]",
    ["".to_owned(), "abcde".to_owned(), "éüß路🦀".to_owned()],
    documents documents, lists lists, keys keys,
    refused ["abcdef".to_owned(), "abcdeZZZ".to_owned()],
    rounded "abcdf  ".to_owned() => "abcdf".to_owned(),
);
column_type!(
    character: [String] as "char(5)" and "char(5)[]",
    ["".to_owned(), "abcde".to_owned(), "b c".to_owned()],
    documents documents, lists lists, keys keys,
    refused ["abcdef".to_owned()],
    equal "x".to_owned(), "x  ".to_owned(),
);
column_type!(
    citext: [String] as "citext" and "citext[]",
    ["abc".to_owned(), "ABD".to_owned(), "abe".to_owned()],
    documents documents, lists lists, keys keys,
    equal "Ann@example.org".to_owned(), "ann@EXAMPLE.org".to_owned(),
);
column_type!(
    bit: [String] as "bit(3)" and "bit(3)[]",
    ["000".to_owned(), "011".to_owned(), "110".to_owned()],
    documents documents, lists lists, keys keys,
    refused ["01".to_owned(), "0110".to_owned()],
);
column_type!(
    varbit: [String] as "varbit(4)" and "varbit(4)[]",
    ["0".to_owned(), "01".to_owned(), "1".to_owned()],
    documents documents, lists lists, keys keys,
    refused ["01101".to_owned()],
);
column_type!(
    collated: [String] as "text COLLATE \"C\"",
    ["B".to_owned(), "a".to_owned(), "é".to_owned()],
    documents documents, keys keys,
);
column_type!(
    inet: [String] as "inet" and "inet[]",
    ["10.0.0.0/8".to_owned(), "10.0.0.1".to_owned(), "20.0.0.1".to_owned()],
    documents documents, lists lists, keys keys,
);
column_type!(
    interval: [String] as "interval" and "interval[]",
    ["-1 days".to_owned(), "01:00:00".to_owned(), "1 mon".to_owned()],
    documents documents, lists lists, keys keys,
);
column_type!(
    json: [String] as "json" and "json[]",
    ["1".to_owned(), "null".to_owned(), "{\"b\": 1,  \"a\": 2}".to_owned()],
    documents documents, lists lists,
);
column_type!(
    jsonb: [String] as "jsonb" and "jsonb[]",
    ["1".to_owned(), "2".to_owned(), "{\"a\": 2}".to_owned()],
    documents documents, lists lists,
);
column_type!(
    tsvector: [String] as "tsvector" and "tsvector[]",
    ["'a'".to_owned(), "'a' 'cat'".to_owned(), "'a' 'cat' 'sat'".to_owned()],
    documents documents, lists lists,
);
column_type!(
    tsquery: [String] as "tsquery" and "tsquery[]",
    ["'a'".to_owned(), "'a' & 'b'".to_owned(), "'a' & 'b' & 'c'".to_owned()],
    documents documents, lists lists,
);
column_type!(
    ltree: [String] as "ltree" and "ltree[]",
    ["A".to_owned(), "A.B".to_owned(), "A.B.C".to_owned()],
    documents documents, lists lists, keys keys,
);
column_type!(
    domain: [String] as "parcel_code" and "parcel_code[]",
    ["A".to_owned(), "B".to_owned(), "C".to_owned()],
    documents documents, lists lists, keys keys,
);
column_type!(
    composite: [String] as "place" and "place[]",
    ["(a,1)".to_owned(), "(a,2)".to_owned(), "(b,)".to_owned()],
    documents documents, lists lists,
);
column_type!(
    enum_type: [String] as "shade" and "shade[]",
    ["dark".to_owned(), "light".to_owned(), "white".to_owned()],
    documents documents, lists lists, keys keys,
);
column_type!(
    uuid_text: [String] as "uuid" and "uuid[]",
    [
        "00000000-0000-0000-0000-000000000001".to_owned(),
        "0e37e3cd-8e4d-4f3b-b9a5-9f6c3f1f8ad1".to_owned(),
        "ffffffff-ffff-ffff-ffff-ffffffffffff".to_owned(),
    ],
    documents documents, lists lists, keys keys,
);
column_type!(
    xml: [String] as "xml",
    ["<a/>".to_owned(), "<b/>".to_owned(), "<c/>".to_owned()],
);
column_type!(
    range: [String] as "int4range" and "int4range[]",
    ["[1,6)".to_owned(), "[2,3)".to_owned(), "[3,4)".to_owned()],
    documents documents, lists lists,
);
column_type!(
    multirange: [String] as "int4multirange" and "int4multirange[]",
    ["{[1,6)}".to_owned(), "{[2,3)}".to_owned(), "{[3,4),[5,6)}".to_owned()],
    documents documents, lists lists,
);
column_type!(
    hstore: [String] as "hstore" and "hstore[]",
    ["\"a\"=>\"1\"".to_owned(), "\"a\"=>\"2\"".to_owned(), "\"b\"=>NULL".to_owned()],
    documents documents, lists lists,
);
