//! Tokens of both databases, and what is read from them.

use super::*;
use proptest::prelude::*;

fn shown(dialect: Dialect, text: &str) -> Vec<String> {
    words(dialect, text).iter().map(|token| format!("{:?} {}", token.kind, token.text)).collect()
}

#[test]
fn tokens_of_postgresql() {
    assert_eq!(
        shown(
            Dialect::Postgres,
            "a>-1 AND \"B\"\"c\"<>'it''s' -- no\r OR x::text[] || E'\\\\\\'d'/*c/*d*/*/ U&'x' $1 data->-2 1.5e-3.a $b$;'$b$ 0x1F"
        ),
        [
            "Word a",
            "Sign >",
            "Sign -",
            "Number 1",
            "Word AND",
            "QuotedName \"B\"\"c\"",
            "Sign <>",
            "Text 'it''s'",
            "Word OR",
            "Word x",
            "Sign ::",
            "Word text",
            "Sign [",
            "Sign ]",
            "Sign ||",
            "Text E'\\\\\\'d'",
            "Text U&'x'",
            "Parameter $1",
            "Word data",
            "Sign ->",
            "Sign -",
            "Number 2",
            "Number 1.5e-3",
            "Sign .",
            "Word a",
            "Text $b$;'$b$",
            "Number 0x1F",
        ]
    );
    // A text goes on in the next line, by the rules of its first part.
    assert_eq!(
        shown(Dialect::Postgres, "E'a' -- b\n '\\'; c' 'd\\'"),
        ["Text E'a'", "Text '\\'; c'", "Text 'd\\'"]
    );
    assert_eq!(shown(Dialect::Postgres, "a$$b 1$$;$$"), ["Word a$$b", "Number 1", "Text $$;$$"]);
}

#[test]
fn tokens_of_sqlite() {
    assert_eq!(
        shown(
            Dialect::Sqlite,
            "[a ;\"] `b``;` -- c\r d\n ?1 :e @f $g::h('i;) E'j\\' a||-1 x'0A' /* /* */ ->> "
        ),
        [
            "QuotedName [a ;\"]",
            "QuotedName `b``;`",
            "Parameter ?1",
            "Parameter :e",
            "Parameter @f",
            "Parameter $g::h('i;)",
            "Word E",
            "Text 'j\\'",
            "Word a",
            "Sign ||",
            "Sign -",
            "Number 1",
            "Word x",
            "Text '0A'",
            "Sign ->>",
        ]
    );
}

#[test]
fn values_of_tokens() {
    let one = |dialect, text| words(dialect, text)[0];
    let name = |dialect, text| one(dialect, text).name().map(|name| name.into_owned());
    assert_eq!(name(Dialect::Postgres, "Users").as_deref(), Some("users"));
    assert_eq!(name(Dialect::Postgres, "\"My \"\"key\"").as_deref(), Some("My \"key"));
    assert_eq!(name(Dialect::Postgres, "U&\"d\"").as_deref(), Some("d"));
    assert_eq!(name(Dialect::Sqlite, "[My key]").as_deref(), Some("My key"));
    assert_eq!(name(Dialect::Sqlite, "`a``b`").as_deref(), Some("a`b"));
    assert_eq!(name(Dialect::Sqlite, "'a'"), None);
    let text = |dialect, text| one(dialect, text).text_value().map(|text| text.into_owned());
    assert_eq!(text(Dialect::Sqlite, "'it''s'").as_deref(), Some("it's"));
    assert_eq!(text(Dialect::Postgres, "E'a\\\\d'").as_deref(), Some("a\\d"));
    assert_eq!(text(Dialect::Postgres, "$x$it's$x$").as_deref(), Some("it's"));
    assert_eq!(text(Dialect::Postgres, "'open").as_deref(), Some("open"));
}

/// A carriage return ends a comment on PostgreSQL and not on SQLite.
#[test]
fn a_carriage_return_ends_a_comment_on_postgresql() {
    for word in ["BEGIN", "COMMIT"] {
        let text = format!("--\r{word}");
        assert!(refused_in_pool(Dialect::Postgres, &text).is_some(), "{word}");
        assert_eq!(transaction_control(Dialect::Postgres, &text).as_deref(), Some(word));
        assert_eq!(refused_in_pool(Dialect::Sqlite, &text), None);
        assert!(refused_in_pool(Dialect::Sqlite, &format!("--\n{word} /* open")).is_some());
    }
}

#[test]
fn statements_for_one_connection_are_refused() {
    let why = |dialect, text: &str| refused_in_pool(dialect, text).map(|(why, _)| why);
    for (dialect, text, word) in [
        (Dialect::Postgres, "PREPARE a AS SELECT 1", "PREPARE"),
        (Dialect::Postgres, "set search_path = a", "SET"),
        (Dialect::Sqlite, "ATTACH 'a.db' AS a", "ATTACH"),
        (Dialect::Sqlite, "detach a", "DETACH"),
        (Dialect::Sqlite, "PRAGMA foreign_keys = off", "PRAGMA"),
    ] {
        let expected = format!("`{word}` would affect one pooled connection only");
        assert_eq!(why(dialect, text), Some(expected), "{text}");
    }
    for text in ["COPY a FROM STDIN", "copy (SELECT 'x') to stdout (FORMAT csv)"] {
        let expected = Some("`COPY` to and from the program is not supported".to_owned());
        assert_eq!(why(Dialect::Postgres, text), expected, "{text}");
    }
    for text in
        ["COPY a FROM '/stdin.csv'", "SET LOCAL a = 1", "EXECUTE a", "SELECT 'COPY a TO STDOUT'"]
    {
        assert_eq!(why(Dialect::Postgres, text), None, "{text}");
    }
    assert_eq!(why(Dialect::Sqlite, "SELECT 'ATTACH'"), None);
}

#[test]
fn names_are_columns() {
    let sql = "lower(Email) || cast(b AS text) = 'email' AND \"it's\"::text > t.c COLLATE nocase";
    let found: Vec<String> =
        list_names(Dialect::Postgres, sql).into_iter().map(|(name, _)| name).collect();
    assert_eq!(found, ["Email", "b", "it's"]);
    let replace = |name: &str| (name == "Email").then(|| "(data->>'email')".to_owned());
    assert_eq!(
        replace_names(Dialect::Sqlite, "lower(Email) <> 'Email'", replace),
        "lower((data->>'email')) <> 'Email'"
    );
}

#[test]
fn parts_between_commas() {
    let parts = |dialect| split_at_commas(dialect, "a, coalesce(b, ','), c desc");
    for dialect in Dialect::ALL {
        assert_eq!(parts(dialect), ["a", "coalesce(b, ',')", "c desc"]);
    }
}

#[test]
fn statements_that_count_their_rows() {
    for (text, counts) in [
        ("UPDATE a SET b = 1", true),
        ("WITH x AS (SELECT 1), y AS (DELETE FROM a RETURNING 1) INSERT INTO b SELECT 1", true),
        ("WITH x AS (UPDATE a SET b = 1 RETURNING 1) SELECT count(*) FROM x", false),
        ("-- UPDATE\nSELECT 'UPDATE'", false),
        ("DO $$ BEGIN UPDATE a SET b = 1; END $$", false),
        ("VACUUM", false),
    ] {
        assert_eq!(counts_changed_rows(Dialect::Postgres, text), counts, "{text}");
    }
}

#[test]
fn parameters_are_numbered() {
    let text = "a = $1 AND b = '$2' AND c = $12";
    assert_eq!(numbered_parameters(Dialect::Postgres, text), (text.to_owned(), 12));
    let numbered = "a = ?1 AND b = '$2' AND c = ?12".to_owned();
    assert_eq!(numbered_parameters(Dialect::Sqlite, text), (numbered, 12));
}

/// Checksums of sealed migration files rest on this form.
#[test]
fn the_form_for_checksums_stays() {
    let form = |text| without_blanks(Dialect::Postgres, text);
    assert_eq!(
        form("a<>b::text  -- c\n+1.5e+3 'x  y'/* d */E'\\''U&'z' \"q\" $1 1abc $$ e $$ 'l'\n 'm'"),
        "a < > b : : text + 1 . 5e + 3 'x  y' E'\\'' U & 'z' \"q\" $ 1 1abc $$ e $$ 'l' 'm'"
    );
    assert_eq!(
        without_blanks(Dialect::Sqlite, "[a  b] :c $d ?1 x'0A'"),
        "[a  b] : c $ d ? 1 x '0A'"
    );
    assert_eq!(form("a 'open"), "a 'open");
}

/// Pieces that begin and end tokens.
fn fragments() -> impl Strategy<Value = String> {
    let piece = prop_oneof![
        Just("'"),
        Just("''"),
        Just("\""),
        Just("`"),
        Just("["),
        Just("]"),
        Just("$$"),
        Just("$a$"),
        Just("$1"),
        Just("E'"),
        Just("U&'"),
        Just("--"),
        Just("/*"),
        Just("*/"),
        Just("\n"),
        Just("\r"),
        Just(" "),
        Just(";"),
        Just("\\"),
        Just("a"),
        Just("1"),
        Just("."),
        Just("e"),
        Just("+"),
        Just("-"),
        Just("|"),
        Just(":"),
        Just("("),
        Just(")"),
        Just("ä"),
        Just("\u{a0}"),
        Just("?"),
    ];
    proptest::collection::vec(piece, 0..24).prop_map(|pieces| pieces.concat())
}

proptest! {
    #![proptest_config(ProptestConfig { failure_persistence: None, ..ProptestConfig::with_cases(500) })]

    #[test]
    fn tokens_cover_the_text(text in fragments()) {
        for dialect in Dialect::ALL {
            let mut at = 0;
            for token in tokens(dialect, &text) {
                prop_assert_eq!(token.start, at);
                prop_assert!(!token.text.is_empty());
                prop_assert_eq!(&text[token.range()], token.text);
                at = token.end();
                prop_assert!(token.unclosed.is_none() || at == text.len());
            }
            prop_assert_eq!(at, text.len());
        }
    }

    #[test]
    fn statements_read_the_same_alone(text in fragments()) {
        for dialect in Dialect::ALL {
            for statement in split_statements(dialect, &text).unwrap_or_default() {
                let alone = split_statements(dialect, statement.text).expect("it is closed");
                prop_assert_eq!(alone.len(), 1);
                prop_assert_eq!(alone[0].text, statement.text);
            }
        }
    }
}
