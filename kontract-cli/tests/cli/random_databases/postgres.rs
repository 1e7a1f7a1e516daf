//! Random databases of PostgreSQL.

use super::numbers::Numbers;
use super::{TEXTS, choose_names, choose_text, literal, quote};

/// Types of columns, with a default of each.
const TYPES: [(&str, &str); 36] = [
    ("integer", "-1"),
    ("bigint", "(1 + 1)"),
    ("smallint", "7::smallint"),
    ("text", "''"),
    ("varchar(9)", "lower('A')"),
    ("char(3)", "'a'"),
    ("numeric", "1.50"),
    ("numeric(10,2)", "0"),
    ("real", "1e-3"),
    ("double precision", "'NaN'"),
    ("boolean", "true"),
    ("uuid", "gen_random_uuid()"),
    ("jsonb", "'{\"a\": [1, \"it''s\"]}'"),
    ("json", "'[]'"),
    ("timestamptz", "now()"),
    ("timestamptz(3)", "CURRENT_TIMESTAMP(3)"),
    ("timestamp", "'2026-01-31 10:00:00'"),
    ("timestamp(0)", "LOCALTIMESTAMP"),
    ("date", "CURRENT_DATE"),
    ("time", "'10:30'"),
    ("time(2) with time zone", "'10:30+01'"),
    ("interval", "'1 day'"),
    ("interval day to second(3)", "'1 day'"),
    ("bytea", "'\\x00ff'"),
    ("text[]", "'{}'"),
    ("integer[]", "ARRAY[1, 2]"),
    ("varchar(5)[]", "'{a,\"b c\"}'"),
    ("inet", "'10.0.0.1'"),
    ("cidr", "'10.0.0.0/8'"),
    ("money", "'1.00'"),
    ("xml", "NULL"),
    ("point", "'(1,2)'"),
    ("bit(3)", "B'101'"),
    ("tsvector", "''"),
    ("int4range", "'[1,5)'"),
    ("name", "CURRENT_USER"),
];

/// The types that can be keys.
const KEYS: [&str; 7] = ["integer", "bigint", "smallint", "text", "varchar(20)", "uuid", "date"];

struct Table {
    name: String,
    /// The names and types of its key.
    key: Vec<(String, String)>,
}

/// Writes a database with several tables and other objects.
pub fn write_database(numbers: &mut Numbers) -> String {
    let names = choose_names(numbers, 10);
    let mut ddl = write_types(numbers, &names[7]);
    let mut tables: Vec<Table> = Vec::new();
    for name in &names[..5] {
        let (table, text) = write_table(numbers, name, &tables, &quote(&names[7]));
        ddl += &text;
        tables.push(table);
    }
    let of = quote(&tables[0].name);
    ddl += &format!(
        "CREATE VIEW {} AS SELECT * FROM {of};
         CREATE MATERIALIZED VIEW {} AS SELECT 1 AS id;
         CREATE FOREIGN DATA WRAPPER nowhere; CREATE SERVER \"no where\" FOREIGN DATA WRAPPER nowhere;
         CREATE FOREIGN TABLE {} (id integer NOT NULL) SERVER \"no where\";
         CREATE TABLE \"no columns\" ();
         CREATE TABLE wide (id integer PRIMARY KEY{});
         CREATE SCHEMA {schema}; CREATE TABLE {schema}.{of} ({of} integer PRIMARY KEY);
         CREATE TABLE parts (id integer, at date NOT NULL) PARTITION BY RANGE (at);
         CREATE TABLE parts_1 PARTITION OF parts DEFAULT;",
        quote(&names[5]),
        quote(&names[6]),
        quote(&names[8]),
        (0..300).map(|number| format!(", \"c {number}\" text")).collect::<String>(),
        schema = quote(&names[9]),
    );
    ddl
}

/// An enum type, a domain, a composite type and a function.
fn write_types(numbers: &mut Numbers, name: &str) -> String {
    let values: Vec<String> =
        TEXTS.iter().take(3 + numbers.below(11)).map(|text| literal(text)).collect();
    format!(
        "CREATE TYPE {name} AS ENUM ({});
         CREATE DOMAIN {domain} AS text DEFAULT 'it''s' CHECK (VALUE <> '--' /* why */);
         CREATE TYPE \"pair of\" AS (\"a b\" integer, \"select\" text[]);
         CREATE FUNCTION \"is it\"(text) RETURNS boolean IMMUTABLE LANGUAGE sql AS $definition$ SELECT $1 <> '$create$' $definition$;\n",
        values.join(", "),
        name = quote(name),
        domain = quote(&format!("d {}", name.chars().take(9).collect::<String>())),
    )
}

fn write_table(
    numbers: &mut Numbers,
    name: &str,
    others: &[Table],
    enumeration: &str,
) -> (Table, String) {
    let count = 4 + numbers.below(6);
    let names = choose_names(numbers, count);
    let key_size = numbers.below(4).min(2);
    let mut columns: Vec<(String, String)> = Vec::new();
    let mut lines = Vec::new();
    for (at, column) in names.iter().enumerate() {
        let id = quote(column);
        if at < key_size {
            let ty = numbers.choose(&KEYS).to_string();
            let is_number = matches!(ty.as_str(), "integer" | "bigint" | "smallint");
            let numbered = is_number && key_size == 1 && numbers.once_in(2);
            let kind = numbers.choose(&["BY DEFAULT", "ALWAYS"]);
            let more =
                if numbered { format!(" GENERATED {kind} AS IDENTITY") } else { String::new() };
            lines.push(format!("{id} {ty}{more}"));
            columns.push((column.clone(), ty));
            continue;
        }
        let (ty, line) = match numbers.below(12) {
            0 => (enumeration.to_owned(), String::new()),
            1 => (format!("{enumeration}[]"), String::new()),
            2 => ("\"pair of\"".to_owned(), String::new()),
            3 => (
                "text".to_owned(),
                format!(" GENERATED ALWAYS AS ({} || 'x') STORED", choose_text(numbers)),
            ),
            4 => ("text".to_owned(), format!(" NOT NULL DEFAULT {}", choose_text(numbers))),
            5 => (
                "text".to_owned(),
                format!(" COLLATE \"{}\"", numbers.choose(&["C", "POSIX", "de-x-icu"])),
            ),
            _ => {
                let (ty, default) = *numbers.choose(&TYPES);
                let null = if default != "NULL" && numbers.once_in(2) { " NOT NULL" } else { "" };
                let default =
                    if numbers.once_in(2) { format!(" DEFAULT {default}") } else { String::new() };
                (ty.to_owned(), format!("{null}{default}"))
            }
        };
        lines.push(format!("{id} {ty}{line}"));
        columns.push((column.clone(), ty));
    }
    let key = columns[..key_size].to_vec();
    let list = |columns: &[(String, String)]| {
        columns.iter().map(|(name, _)| quote(name)).collect::<Vec<_>>().join(", ")
    };
    if key_size > 0 {
        lines.push(format!("PRIMARY KEY ({})", list(&key)));
    }
    let texts: Vec<&String> =
        columns.iter().filter(|(_, ty)| ty == "text").map(|(name, _)| name).collect();
    if !texts.is_empty() {
        let id = quote(numbers.choose::<&String>(&texts));
        let (a, b) = (choose_text(numbers), choose_text(numbers));
        let check = match numbers.below(6) {
            0 => format!("{id} IN ({a}, {b}, 'c')"),
            1 => format!("{id} <> {a} /* it's \" */ -- )\n AND length({id}) < 5"),
            2 => format!("\"is it\"({id})"),
            3 => format!("{id} LIKE {a} OR {id} IS NULL"),
            4 => format!("{id} ~ '^[a-z]+$' OR {id} = ANY (ARRAY[{a}, {b}])"),
            _ => format!("CASE WHEN {id} = {a} THEN true ELSE {id} COLLATE \"C\" > {b} END"),
        };
        let named = numbers.once_in(2).then(|| format!("CONSTRAINT {} ", quote(&names[0])));
        lines.push(format!("{}CHECK ({check})", named.unwrap_or_default()));
    }
    for other in others.iter().filter(|other| !other.key.is_empty()) {
        // A column for each of its key.
        if numbers.once_in(3) {
            let from: Vec<String> = (0..other.key.len())
                .map(|at| format!("to {} {at}", other.name.chars().take(9).collect::<String>()))
                .collect();
            for (name, (_, ty)) in from.iter().zip(&other.key) {
                lines.push(format!("{} {ty}", quote(name)));
                columns.push((name.clone(), ty.clone()));
            }
            let from: Vec<String> = from.iter().map(|name| quote(name)).collect();
            let action = numbers.choose(&[
                "",
                " ON DELETE CASCADE",
                " ON UPDATE SET NULL",
                " DEFERRABLE",
                " MATCH FULL",
            ]);
            lines.push(format!(
                "FOREIGN KEY ({}) REFERENCES {}{action}",
                from.join(", "),
                quote(&other.name)
            ));
        }
    }
    let mut text = format!("CREATE TABLE {} (\n  {}\n);\n", quote(name), lines.join(",\n  "));
    for (column, ty) in &columns {
        let (id, table) = (quote(column), quote(name));
        let can = !["json", "xml", "point", "\"pair of\""].contains(&ty.as_str());
        if can && numbers.once_in(4) {
            let unique = numbers.choose(&["", "UNIQUE "]);
            let order = numbers.choose(&["", " DESC", " NULLS FIRST", " DESC NULLS LAST"]);
            let rows = numbers.choose(&[
                "",
                " WHERE true",
                " NULLS NOT DISTINCT",
                " WITH (fillfactor = 70)",
            ]);
            let rows = if unique.is_empty() && rows.contains("DISTINCT") { "" } else { rows };
            text += &format!("CREATE {unique}INDEX ON {table} ({id}{order}){rows};\n");
        }
        if ty == "text" && numbers.once_in(4) {
            text += &format!(
                "CREATE INDEX ON {table} (lower({id}), {id} text_pattern_ops) WHERE {id} <> {};\n",
                choose_text(numbers)
            );
        }
        if numbers.once_in(6) {
            text += &format!("COMMENT ON COLUMN {table}.{id} IS {};\n", choose_text(numbers));
        }
    }
    if numbers.once_in(3) {
        text += &format!("COMMENT ON TABLE {} IS {};\n", quote(name), literal(&TEXTS.join("\n")));
    }
    (Table { name: name.to_owned(), key }, text)
}
