//! Random databases of SQLite.

use super::numbers::Numbers;
use super::{choose_names, choose_text, quote};

const TYPES: [&str; 18] = [
    "INTEGER",
    "INT",
    "BIGINT",
    "BOOLEAN",
    "TEXT",
    "VARCHAR(20)",
    "CLOB",
    "BLOB",
    "REAL",
    "DOUBLE",
    "FLOAT",
    "NUMERIC",
    "DECIMAL(10, 2)",
    "DATE",
    "DATETIME",
    "JSON",
    "",
    "my type",
];

const DEFAULTS: [&str; 14] = [
    "0",
    "-1",
    "+1",
    "1.5",
    "1e3",
    "NULL",
    "TRUE",
    "false",
    "CURRENT_TIMESTAMP",
    "(datetime('now'))",
    "(1 + 1)",
    "x'0A'",
    "\"double\"",
    "(abs(random()) /* it's */)",
];

/// Writes a database with several tables and other objects.
pub fn write_database(numbers: &mut Numbers) -> String {
    let names = choose_names(numbers, 8);
    let mut ddl = String::new();
    let mut keys: Vec<(String, Vec<String>)> = Vec::new();
    for name in &names[..6] {
        let (key, text) = write_table(numbers, name, &keys);
        ddl += &text;
        keys.push((name.clone(), key));
    }
    ddl += &format!(
        "CREATE VIEW {} AS SELECT * FROM {};
         CREATE VIRTUAL TABLE {} USING fts5(title);
         CREATE TABLE wide (id INTEGER PRIMARY KEY{});",
        quote(&names[6]),
        quote(&names[0]),
        quote(&names[7]),
        (0..300).map(|number| format!(", \"c {number}\" TEXT")).collect::<String>(),
    );
    ddl
}

/// Returns the key of the table, and the statements that create it.
fn write_table(
    numbers: &mut Numbers,
    name: &str,
    others: &[(String, Vec<String>)],
) -> (Vec<String>, String) {
    let count = 3 + numbers.below(6);
    let names = choose_names(numbers, count);
    let key_size = numbers.below(4).min(2);
    let key = names[..key_size].to_vec();
    let mut lines = Vec::new();
    for (at, column) in names.iter().enumerate() {
        let mut line = format!("{} {}", quote(column), numbers.choose(&TYPES));
        if at == 0 && key_size == 1 {
            let ty =
                numbers.choose(&["INTEGER", "TEXT", "BIGINT", "INT NOT NULL", "BLOB NOT NULL"]);
            line = format!("{} {ty} PRIMARY KEY", quote(column));
            if *ty == "INTEGER" && numbers.once_in(2) {
                line += " AUTOINCREMENT";
            }
            lines.push(line);
            continue;
        }
        match numbers.below(8) {
            0 => line += " NOT NULL",
            1 => line += &format!(" NOT NULL DEFAULT {}", choose_text(numbers)),
            2 => line += &format!(" DEFAULT {}", numbers.choose(&DEFAULTS)),
            3 => line += &format!(" COLLATE {}", numbers.choose(&["NOCASE", "RTRIM", "BINARY"])),
            4 => line += &format!(" CHECK ({} <> {})", quote(column), choose_text(numbers)),
            5 if at >= key_size => {
                let kind = numbers.choose(&["STORED", "VIRTUAL"]);
                line += &format!(" AS (upper({})) {kind}", choose_text(numbers));
            }
            6 => line += " UNIQUE",
            _ => {}
        }
        lines.push(line);
    }
    let list =
        |names: &[String]| names.iter().map(|name| quote(name)).collect::<Vec<_>>().join(", ");
    if key_size > 1 {
        lines.push(format!("PRIMARY KEY ({})", list(&key)));
    }
    let last = quote(&names[count - 1]);
    let text = choose_text(numbers);
    match numbers.below(5) {
        0 => lines.push(format!("CONSTRAINT {last} CHECK ({last} IN ({text}, 'b', 'c'))")),
        1 => lines
            .push(format!("CHECK (length({last}) < 9 /* it's \" */ -- )\n AND {last} <> {text})")),
        2 => lines.push(format!("CHECK ({last} GLOB '[a-z]*' OR {last} IS NULL)")),
        _ => {}
    }
    for (other, columns) in others.iter().filter(|(_, key)| !key.is_empty()) {
        if numbers.once_in(3) {
            let from: Vec<String> = (0..columns.len())
                .map(|at| format!("to {} {at}", &other.chars().take(9).collect::<String>()))
                .collect();
            let lines_of: Vec<String> =
                from.iter().map(|name| format!("{} BIGINT", quote(name))).collect();
            lines.splice(0..0, lines_of);
            let action =
                numbers.choose(&["", " ON DELETE CASCADE", " DEFERRABLE INITIALLY DEFERRED"]);
            lines.push(format!(
                "FOREIGN KEY ({}) REFERENCES {}{action}",
                list(&from),
                quote(other)
            ));
        }
    }
    let without =
        if key_size > 0 && numbers.once_in(4) && !lines.iter().any(|line| line.contains("AUTO")) {
            " WITHOUT ROWID"
        } else {
            ""
        };
    let id = quote(name);
    let mut text = format!("CREATE TABLE {id} (\n  {}\n){without};\n", lines.join(",\n  "));
    for (at, column) in names.iter().enumerate() {
        let column = quote(column);
        let index = quote(&format!("i {at} of {}", name.chars().take(20).collect::<String>()));
        match numbers.below(8) {
            0 => text += &format!("CREATE INDEX {index} ON {id} ({column} DESC);\n"),
            1 => {
                text += &format!(
                    "CREATE UNIQUE INDEX {index} ON {id} ({column} COLLATE NOCASE, lower({column}));\n"
                )
            }
            2 => {
                text += &format!(
                    "CREATE INDEX {index} ON {id} ({column}) WHERE {column} <> {};\n",
                    choose_text(numbers)
                )
            }
            _ => {}
        }
    }
    if numbers.once_in(3) {
        text += &format!(
            "CREATE TRIGGER {} AFTER INSERT ON {id} BEGIN SELECT 1; END;\n",
            quote(&format!("t {name}"))
        );
    }
    (key, text)
}
