//! The notation of `tests/public_changes/*.txt`: one change of one table in a line,
//! `when verdict table field; field => change; change @ column value value ! reason`.
//!
//! A field is `name type option…`, a type one of [`rust_type`] with `?` if it is optional. Options are
//! `K` (the key; else there is an `id`), `U` (unique), `X` (indexed), `=value` (default),
//! `fill=value` (for existing rows), `gen:expression`, `>table` (reference) with `/action`. `#…` is an
//! argument of `#[table(…)]`. Changes are `+` and `-` of a field or argument, `~field` (another
//! definition), `^old new` (renamed), `%old new` (renamed without a word of it), `-field!` (removed, and
//! the source says so), `DROP`, `NAME new` and `NAME? new`.

use std::collections::BTreeSet;
use std::fmt::Write;

use kontract_schema::dialect::Dialect;

/// What the change should lead to.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub enum Expected {
    /// It fails on no row, changes no value, and programs of the version before run on.
    Safe,
    /// It keeps the rows. The source says what programs of the version before do not know.
    Stated,
    /// Anything else.
    Dangerous,
}

/// A public change of a table.
pub struct Pair {
    pub expected: Expected,
    /// Why the gate answers differently.
    pub reason: Option<String>,
    /// The line without the reason.
    pub text: String,
    pub old: String,
    pub new: String,
    table: Table,
    /// The tables that it refers to.
    targets: BTreeSet<String>,
    values: Vec<(String, Vec<String>)>,
}

#[derive(Clone)]
struct Table {
    name: String,
    renamed_from: Option<String>,
    removed: Vec<String>,
    fields: Vec<Field>,
    arguments: Vec<String>,
}

#[derive(Clone)]
struct Field {
    name: String,
    renamed_from: Option<String>,
    words: Vec<String>,
}

impl Pair {
    /// Reads a line.
    pub fn read(line: &str) -> Pair {
        let (text, reason) = match line.split_once(" ! ") {
            Some((text, reason)) => (text, Some(reason.to_owned())),
            None => (line, None),
        };
        let mut parts = text.split(" @ ");
        let change = parts.next().expect("a change");
        let values = parts.map(|part| {
            let mut words = part.split(' ').map(str::to_owned);
            (words.next().expect("a column"), words.collect())
        });
        let values = values.collect();
        let (head, changes) = change.split_once(" => ").unwrap_or_else(|| panic!("{line}"));
        let mut words = head.splitn(4, ' ').skip(1);
        let mut word = || words.next().unwrap_or_else(|| panic!("{line}"));
        let expected = match word() {
            "ok" => Expected::Safe,
            "st" => Expected::Stated,
            "no" => Expected::Dangerous,
            other => panic!("{other} in {line}"),
        };
        let table = Table::read(word(), word());
        let new = table.changed(changes);
        let mut targets = table.targets();
        match &new {
            Some(new) => targets.extend(new.targets()),
            None => _ = targets.insert("kept".to_owned()),
        }
        let source = |table: Option<&Table>| {
            let others =
                targets.iter().filter(|name| Some(*name) != table.map(|table| &table.name));
            others.map(|name| target(name)).chain(table.map(Table::source)).collect::<String>()
        };
        let (old, new) = (source(Some(&table)), source(new.as_ref()));
        targets.remove(&table.name);
        Pair { expected, reason, text: text.to_owned(), old, new, table, targets, values }
    }

    /// Three rows of the table before the change, with the values of the line.
    pub fn rows(&self, dialect: Dialect) -> Vec<String> {
        let targets = self.targets.iter().flat_map(|name| {
            [1, 2, 3, 9].map(|n| format!("INSERT INTO {} (id) VALUES ({n})", dialect.ident(name)))
        });
        targets.chain((1..=3).map(|n| self.row(dialect, n))).collect()
    }

    /// A row as programs of the version before insert it.
    pub fn row(&self, dialect: Dialect, n: usize) -> String {
        let stored = self.table.fields.iter().filter(|field| !field.has("gen:"));
        let value = |field: &Field| {
            let given = self.values.iter().find(|(name, _)| *name == field.name);
            let given = given.and_then(|(_, values)| values.get(n - 1).or(values.first()));
            match given {
                Some(given) if n <= 3 || !field.is_unique() => given.clone(),
                _ => field.value(dialect, n),
            }
        };
        let (names, values): (Vec<_>, Vec<_>) =
            stored.map(|field| (dialect.ident(&field.name), value(field))).unzip();
        let table = dialect.ident(&self.table.name);
        format!("INSERT INTO {table} ({}) VALUES ({})", names.join(", "), values.join(", "))
    }

    /// A query of all columns, as programs of the version before read them.
    pub fn query(&self, dialect: Dialect) -> String {
        let names: Vec<_> =
            self.table.fields.iter().map(|field| dialect.ident(&field.name)).collect();
        format!(
            "SELECT CAST(count(*) AS TEXT) FROM (SELECT {} FROM {}) AS t",
            names.join(", "),
            dialect.ident(&self.table.name)
        )
    }
}

/// A table that others refer to.
fn target(name: &str) -> String {
    Table::read(name, "").source()
}

impl Table {
    fn read(name: &str, items: &str) -> Table {
        let items = || items.split("; ").filter(|item| !item.is_empty());
        let arguments: Vec<_> = items().filter_map(|item| item.strip_prefix('#')).collect();
        let mut fields: Vec<_> =
            items().filter(|item| !item.starts_with('#')).map(Field::read).collect();
        let has_key = fields.iter().any(|field| field.words.iter().any(|word| word == "K"));
        if !has_key && !arguments.iter().any(|one| one.starts_with("primary_key")) {
            fields.insert(0, Field::read("id i K"));
        }
        let arguments = arguments.into_iter().map(str::to_owned).collect();
        Table { name: name.to_owned(), renamed_from: None, removed: Vec::new(), fields, arguments }
    }

    /// The table after the changes, or `None` if it was dropped.
    fn changed(&self, changes: &str) -> Option<Table> {
        let mut table = self.clone();
        for change in changes.split("; ") {
            if change == "DROP" {
                return None;
            }
            if let Some(name) = change.strip_prefix("NAME? ") {
                table.name = name.to_owned();
            } else if let Some(name) = change.strip_prefix("NAME ") {
                table.renamed_from = Some(std::mem::replace(&mut table.name, name.to_owned()));
            } else if let Some(argument) = change.strip_prefix("+#") {
                table.arguments.push(argument.to_owned());
            } else if let Some(argument) = change.strip_prefix("-#") {
                let before = table.arguments.len();
                table.arguments.retain(|one| one != argument);
                assert_ne!(before, table.arguments.len(), "{change}");
            } else {
                table.change_field(change);
            }
        }
        Some(table)
    }

    fn change_field(&mut self, change: &str) {
        let (kind, rest) = change.split_at(1);
        if kind == "+" {
            return self.fields.push(Field::read(rest));
        }
        let name = rest.split(' ').next().unwrap_or_default().trim_end_matches('!');
        let at = self.fields.iter().position(|field| field.name == name);
        let at = at.unwrap_or_else(|| panic!("{change}: there is no field {name}"));
        match kind {
            "-" => {
                self.fields.remove(at);
                self.removed.extend(rest.ends_with('!').then(|| name.to_owned()));
            }
            "~" => {
                let renamed_from = self.fields[at].renamed_from.clone();
                self.fields[at] = Field { renamed_from, ..Field::read(rest) };
            }
            "^" | "%" => {
                let field = &mut self.fields[at];
                let to = rest.split_once(' ').expect("a new name").1.to_owned();
                let from = std::mem::replace(&mut field.name, to);
                field.renamed_from = (kind == "^").then_some(from);
            }
            _ => panic!("{change}"),
        }
    }

    fn targets(&self) -> BTreeSet<String> {
        let words = self.fields.iter().flat_map(|field| &field.words);
        let references = words.filter_map(|word| word.strip_prefix('>'));
        references.map(|to| to.split('/').next().unwrap_or_default().to_owned()).collect()
    }

    /// The struct and its enums.
    fn source(&self) -> String {
        let mut text = String::new();
        self.fields.iter().for_each(|field| field.write_enum(&mut text, &self.name));
        text += "#[derive(Table)]\n";
        let hints = self.renamed_from.iter().map(|from| format!("#[renamed_from({from:?})]\n"));
        text.extend(hints);
        text.extend(self.removed.iter().map(|name| format!("#[removed({name:?})]\n")));
        let arguments: String = self.arguments.iter().map(|one| format!(", {one}")).collect();
        let name = &self.name;
        let _ = writeln!(text, "#[table(name = {name:?}, layout = \"columns\"{arguments})]");
        let _ = writeln!(text, "struct {} {{", upper_camel(name));
        self.fields.iter().for_each(|field| field.write(&mut text, name));
        text + "}\n"
    }
}

impl Field {
    fn read(item: &str) -> Field {
        let mut words = item.split(' ').map(str::to_owned);
        let name = words.next().expect("a name");
        Field { name, renamed_from: None, words: words.collect() }
    }

    fn has(&self, start: &str) -> bool {
        self.words.iter().any(|word| word.starts_with(start))
    }

    fn is_unique(&self) -> bool {
        self.words[1..].iter().any(|word| word == "U" || word == "K")
    }

    /// The word of the type, and whether it is optional.
    fn kind(&self) -> (&str, bool) {
        match self.words[0].strip_suffix('?') {
            Some(kind) => (kind, true),
            None => (&self.words[0], false),
        }
    }

    fn write_enum(&self, text: &mut String, table: &str) {
        let Some(variants) = self.kind().0.strip_prefix("E:") else { return };
        let variants: String = variants
            .split('|')
            .map(|variant| match variant.split_once('>') {
                Some((from, to)) => format!("#[renamed_from({from:?})] {to}, "),
                None => format!("{variant}, "),
            })
            .collect();
        let name = upper_camel(table) + &upper_camel(&self.name);
        let _ = writeln!(text, "#[derive(Enum)]\n#[native]\nenum {name} {{ {variants}}}");
    }

    fn write(&self, text: &mut String, table: &str) {
        let (kind, optional) = self.kind();
        let of_enum = upper_camel(table) + &upper_camel(&self.name);
        if let Some(from) = &self.renamed_from {
            let _ = write!(text, "#[renamed_from({from:?})] ");
        }
        for word in &self.words[1..] {
            let attribute = match word.split_at(1) {
                ("K", "") => "primkey".to_owned(),
                ("U", "") => "unique".to_owned(),
                ("X", "") => "index".to_owned(),
                ("=", "now") => "default(sql = \"now()\")".to_owned(),
                ("=", "gen") => "default(sql = \"gen_random_uuid()\")".to_owned(),
                ("=", variant) if kind.starts_with("E:") => {
                    format!("default({of_enum}::{variant})")
                }
                ("=", value) => format!("default({value})"),
                (">", to) => reference(to),
                ("f", _) => format!("backfill = {:?}", word.trim_start_matches("fill=")),
                ("g", _) => format!("generated({:?})", word.trim_start_matches("gen:")),
                _ => panic!("{word}"),
            };
            let _ = write!(text, "#[{attribute}] ");
        }
        let (rust, sql) = if kind.starts_with("E:") { (of_enum, None) } else { rust_type(kind) };
        let sql = sql.map(|sql| format!("#[column(sql_type = {sql:?})] ")).unwrap_or_default();
        let rust = if optional { format!("Option<{rust}>") } else { rust };
        let _ = writeln!(text, "{sql}{}: {rust},", self.name);
    }

    /// The value of a row: NULL in the second if it may be.
    fn value(&self, dialect: Dialect, n: usize) -> String {
        let (kind, optional) = self.kind();
        if optional && n == 2 {
            return "NULL".to_owned();
        }
        if let Some(variants) = kind.strip_prefix("E:") {
            let variants: Vec<_> = variants.split('|').collect();
            let stored = variants[n % variants.len()].split('>').next().unwrap_or_default();
            return format!("'{stored}'");
        }
        match (kind, dialect) {
            ("i" | "s" | "I", _) => n.to_string(),
            ("f" | "r", _) => format!("{n}.5"),
            ("b", _) => ["FALSE", "TRUE"][n % 2].to_owned(),
            ("ts", _) => format!("'2026-11-21T10:30:0{n}Z'"),
            ("tn", _) => format!("'2026-11-21T10:30:0{n}'"),
            ("d", _) => format!("'2026-11-0{n}'"),
            ("u", _) => format!("'0191b3c8-0000-7000-8000-00000000000{n}'"),
            ("j", _) => format!("'{{\"a\": {n}}}'"),
            ("x", Dialect::Postgres) => format!("'\\x0{n}'"),
            ("x", Dialect::Sqlite) => format!("x'0{n}'"),
            ("inet", _) => format!("'10.0.0.{n}'"),
            ("t[]", Dialect::Postgres) => format!("ARRAY['a', '{n}']"),
            ("t[]", Dialect::Sqlite) => format!("'[\"a\",\"{n}\"]'"),
            (number, _) if number.starts_with('n') => format!("'{n}.50'"),
            _ => format!("'r{n}'"),
        }
    }
}

/// The Rust type and the `sql_type` of a word.
fn rust_type(kind: &str) -> (String, Option<String>) {
    let rust = match kind {
        "i" => "i32",
        "s" => "i16",
        "I" => "i64",
        "f" => "f64",
        "r" => "f32",
        "b" => "bool",
        "ts" => "jiff::Timestamp",
        "tn" => "NaiveDateTime",
        "d" => "NaiveDate",
        "u" => "Uuid",
        "j" => "Json",
        "x" => "Bytes",
        "t[]" => "Vec<String>",
        "t" => "String",
        "inet" => return ("String".to_owned(), Some("inet".to_owned())),
        _ => {
            let (letter, size) = kind.split_at(1);
            return match letter {
                "t" => ("String".to_owned(), Some(format!("varchar({size})"))),
                "c" => ("String".to_owned(), Some(format!("char({size})"))),
                "n" if size.is_empty() => ("Decimal".to_owned(), None),
                "n" => ("Decimal".to_owned(), Some(format!("numeric({})", size.replace('.', ",")))),
                _ => panic!("{kind}"),
            };
        }
    };
    (rust.to_owned(), None)
}

fn reference(to: &str) -> String {
    let (table, action) = to.split_once('/').unwrap_or((to, ""));
    let action = match action {
        "" => "",
        "cascade" => ", on_delete = \"cascade\"",
        "null" => ", on_delete = \"set_null\"",
        "restrict" => ", on_delete = \"restrict\"",
        "deferred" => ", deferrable = \"deferred\"",
        other => panic!("{other}"),
    };
    format!("references({}{action})", upper_camel(table))
}

fn upper_camel(name: &str) -> String {
    let parts = name.split('_').filter(|part| !part.is_empty());
    parts.map(|part| part[..1].to_uppercase() + &part[1..]).collect()
}
