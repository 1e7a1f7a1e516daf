//! The functions that an expression calls, and those that a database lacks.

use super::{Dialect, TokenKind, is_reserved, words};

/// Returns the first function in the text that the database does not have. PostgreSQL may have any
/// function that is not one of SQLite's alone, because extensions and migrations create some.
pub(super) fn find_missing_function(dialect: Dialect, text: &str) -> Option<String> {
    let is_missing = |name: &str| {
        let is_sqlites = is_in(SQLITE_ONLY, name);
        let is_of_sqlite = is_sqlites || is_in(SHARED, name);
        dialect.choose(is_sqlites, !is_of_sqlite && !name.starts_with("kontract_"))
    };
    list_functions(dialect, text).into_iter().find(|name| is_missing(name))
}

/// Returns the names before opening brackets, in lower case, without those that have a schema.
fn list_functions(dialect: Dialect, text: &str) -> Vec<String> {
    let words = words(dialect, text);
    let found = words.windows(2).enumerate().filter(|(at, pair)| {
        let before = at.checked_sub(1).and_then(|at| words.get(at));
        // `CAST(a AS numeric(10))`, `x.f()`.
        let is_other =
            before.is_some_and(|token| [".", "::", "as"].iter().any(|sign| token.is(sign)));
        let name = pair[0].text.to_lowercase();
        let is_function = !is_reserved(&name) || RESERVED_FUNCTIONS.contains(&name.as_str());
        pair[0].kind == TokenKind::Word && pair[1].is("(") && is_function && !is_other
    });
    found.map(|(_, pair)| pair[0].text.to_lowercase()).collect()
}

fn is_in(names: &str, name: &str) -> bool {
    names.split_whitespace().any(|other| other == name)
}

/// Functions that are also reserved words, and that SQLite does not have.
const RESERVED_FUNCTIONS: [&str; 8] =
    ["extract", "greatest", "least", "left", "normalize", "overlay", "position", "right"];

/// Functions of SQLite that PostgreSQL has, too, or may get from an extension.
/// <https://www.sqlite.org/lang_corefunc.html> and the pages of the other functions.
const SHARED: &str = "\
    abs acos acosh asin asinh atan atan2 atanh avg bm25 ceil ceiling coalesce concat concat_ws \
    cos cosh count cume_dist date degrees dense_rank exp first_value floor format highlight \
    json json_array json_array_length json_each json_object jsonb jsonb_array jsonb_each \
    jsonb_insert jsonb_object jsonb_set lag last_value lead length like ln log log10 lower \
    ltrim match max min mod nth_value ntile nullif octet_length offsets optimize percent_rank \
    pi pow power quote radians random rank regexp replace round row_number rtrim sign sin sinh \
    snippet soundex sqrt string_agg substr substring sum tan tanh time trim trunc unistr upper";

/// Functions of SQLite alone.
const SQLITE_ONLY: &str = "\
    changes char datetime fts3_tokenizer fts5 fts5_get_locale fts5_insttoken fts5_locale \
    fts5_source_id glob group_concat hex if ifnull iif instr json_error_position json_extract \
    json_group_array json_group_object json_insert json_patch json_pretty json_quote \
    json_remove json_replace json_set json_tree json_type json_valid jsonb_extract \
    jsonb_group_array jsonb_group_object jsonb_patch jsonb_remove jsonb_replace jsonb_tree \
    julianday last_insert_rowid likelihood likely load_extension log2 matchinfo median \
    percentile percentile_cont percentile_disc printf randomblob rtreecheck rtreedepth \
    rtreenode sqlite_compileoption_get sqlite_compileoption_used sqlite_log sqlite_source_id \
    sqlite_version strftime subtype timediff total total_changes typeof unhex unicode \
    unistr_quote unixepoch unlikely zeroblob";

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn functions_that_a_database_lacks() {
        for (text, postgres, sqlite) in [
            ("lower(a) || cast(b AS numeric(3))", None, None),
            ("now()", None, Some("now")),
            ("gen_random_uuid()::text", None, Some("gen_random_uuid")),
            ("EXTRACT(year FROM a)", None, Some("extract")),
            ("strftime('%Y', a)", Some("strftime"), None),
            ("a IN (1, 2) AND (b)", None, None),
            ("public.typeof(a)", None, None),
            ("ltree_to(a)", None, Some("ltree_to")),
        ] {
            let found = |dialect| find_missing_function(dialect, text);
            assert_eq!(found(Dialect::Postgres).as_deref(), postgres, "{text}");
            assert_eq!(found(Dialect::Sqlite).as_deref(), sqlite, "{text}");
        }
    }

    #[test]
    fn the_functions_of_sqlite_are_known() {
        let sqlite = rusqlite::Connection::open_in_memory().unwrap();
        let mut names = sqlite.prepare("SELECT DISTINCT name FROM pragma_function_list").unwrap();
        let names = names.query_map([], |row| row.get::<_, String>(0)).unwrap();
        let unknown: Vec<String> = names
            .map(Result::unwrap)
            .filter(|name| find_missing_function(Dialect::Sqlite, &format!("{name}()")).is_some())
            .collect();
        assert_eq!(unknown, [""; 0]);
    }
}
