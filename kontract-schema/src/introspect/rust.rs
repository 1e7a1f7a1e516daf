//! Converts names of the database to Rust names.

use std::cell::RefCell;
use std::collections::{BTreeMap, BTreeSet};

use crate::dialect::name_in_path;
use crate::name;

/// Names that columns of a Kontract table must not have.
pub const RESERVED_COLUMNS: [&str; 9] =
    ["tableoid", "xmin", "cmin", "xmax", "cmax", "ctid", "rowid", "_rowid_", "oid"];

/// Names that the generated source has in scope.
const TAKEN: [&str; 24] = [
    "Self",
    "String",
    "Vec",
    "Option",
    "Some",
    "None",
    "Ok",
    "Err",
    "Box",
    "Result",
    "Table",
    "Enum",
    "Document",
    "Record",
    "Uuid",
    "Json",
    "Decimal",
    "Bytes",
    "Timestamp",
    "Serialize",
    "Deserialize",
    "Storage",
    "StorageRegistry",
    "Default",
];

const KEYWORDS: [&str; 50] = [
    "abstract", "as", "async", "await", "become", "box", "break", "const", "continue", "do", "dyn",
    "else", "enum", "extern", "false", "final", "fn", "for", "gen", "if", "impl", "in", "let",
    "loop", "macro", "match", "mod", "move", "mut", "override", "priv", "pub", "ref", "return",
    "static", "struct", "trait", "true", "try", "type", "typeof", "union", "unsafe", "unsized",
    "use", "virtual", "where", "while", "yield", "raw",
];

/// The names of a table.
#[derive(Clone, Debug)]
pub struct Named {
    /// The struct.
    pub ident: String,
    /// The logical name.
    pub table: String,
}

/// The names of all tables and enums, each used once.
pub struct RustNames {
    tables: BTreeMap<String, Named>,
    idents: RefCell<BTreeSet<String>>,
}

impl RustNames {
    /// Returns the names for these tables.
    pub fn new<'a>(tables: impl Iterator<Item = &'a str>) -> RustNames {
        let mut idents: BTreeSet<String> = TAKEN.iter().map(|name| (*name).to_owned()).collect();
        let mut logical = BTreeSet::new();
        let mut named = BTreeMap::new();
        let tables: Vec<&str> = tables.collect();
        let is_alone =
            |name: &str| tables.iter().filter(|table| name_in_path(table) == name).count() == 1;
        for table in &tables {
            let path = table;
            let table = if is_alone(name_in_path(path)) {
                name_in_path(path).to_owned()
            } else {
                path.replacen('/', "_", 1)
            };
            let table = table.as_str();
            let ident = choose_free(&camel_case(&find_singular(&join_words(table))), &mut idents);
            let plain = field_name(table);
            let name = if is_plain(table) {
                table.to_owned()
            } else {
                choose_unique(&plain, &mut logical)
            };
            named.insert((*path).to_owned(), Named { ident, table: name });
        }
        RustNames { tables: named, idents: RefCell::new(idents) }
    }

    /// Returns the names of a table.
    pub fn table(&self, table: &str) -> &Named {
        &self.tables[table]
    }

    /// Returns an unused name for an enum.
    pub fn enumeration(&self, wanted: &str) -> String {
        choose_free(wanted, &mut self.idents.borrow_mut())
    }
}

/// Returns a type name that is unused, and so are the names generated for it: `NewUser`, `UserPatch`.
fn choose_free(wanted: &str, idents: &mut BTreeSet<String>) -> String {
    let mut ident = wanted.to_owned();
    let mut number = 2;
    let made = |ident: &str| [format!("New{ident}"), format!("{ident}Patch")];
    while idents.contains(&ident) || made(&ident).iter().any(|name| idents.contains(name)) {
        ident = match number {
            2 => format!("{wanted}Row"),
            _ => format!("{wanted}Row{number}"),
        };
        number += 1;
    }
    idents.extend(made(&ident));
    idents.insert(ident.clone());
    ident
}

/// Whether another one of these names is the same in other capital letters, and is taken over in its place:
/// that in small letters, or the first one.
pub fn is_hidden<'a>(name: &str, names: impl Iterator<Item = &'a String>) -> bool {
    let lower = name.to_lowercase();
    let same = names.filter(|other| other.to_lowercase() == lower);
    let taken = same.min_by_key(|other| (**other != lower, *other));
    taken.is_some_and(|taken| taken != name)
}

/// Whether a name needs no conversion.
fn is_plain(name: &str) -> bool {
    name.chars().all(|c| c.is_ascii_lowercase() || c.is_ascii_digit() || c == '_')
        && name.starts_with(|c: char| c.is_ascii_lowercase())
        && !["self", "super", "crate"].contains(&name)
}

/// Returns the words of a name in lower case, joined by `_`.
fn join_words(name: &str) -> String {
    let snake = name::snake(name);
    let plain: String = snake.chars().map(|c| if c.is_alphanumeric() { c } else { '_' }).collect();
    let words: Vec<&str> = plain.split('_').filter(|word| !word.is_empty()).collect();
    words.join("_")
}

/// Returns the name of a field: a Rust name without `r#`.
pub fn field_name(name: &str) -> String {
    let is_ident = |name: &str| {
        let start = name.starts_with(|c: char| c.is_ascii_lowercase() || c == '_');
        start
            && name != "_"
            && name.chars().all(|c| c.is_ascii_lowercase() || c.is_ascii_digit() || c == '_')
    };
    let found = if is_ident(name) { name.to_owned() } else { join_words(name) };
    match found.as_str() {
        "" => "column".to_owned(),
        "self" | "super" | "crate" => format!("{found}_"),
        _ if found.starts_with(|c: char| c.is_numeric()) => format!("n{found}"),
        _ => found,
    }
}

/// Returns the name, with a number if it is used already.
pub fn choose_unique(name: &str, there: &mut BTreeSet<String>) -> String {
    let mut found = name.to_owned();
    let mut number = 2;
    while !there.insert(found.clone()) {
        found = format!("{name}_{number}");
        number += 1;
    }
    found
}

/// Returns a name as source text.
pub fn print_ident(name: &str) -> String {
    if KEYWORDS.contains(&name) && !["union", "raw"].contains(&name) {
        format!("r#{name}")
    } else {
        name.to_owned()
    }
}

/// Converts `blog_post` to `BlogPost`.
pub fn camel_case(name: &str) -> String {
    let mut found = String::new();
    for word in name.split('_') {
        let mut chars = word.chars();
        found.extend(chars.next().into_iter().flat_map(char::to_uppercase));
        found.push_str(chars.as_str());
    }
    if found.starts_with(|c: char| c.is_alphabetic()) { found } else { format!("N{found}") }
}

/// Returns the variant for a stored name, if there is one.
pub fn variant_name(stored: &str) -> Option<String> {
    let words = join_words(stored);
    (!words.is_empty()).then(|| camel_case(&words)).filter(|ident| ident != "Self")
}

/// Returns the name that serde's `snake_case` gives a variant.
pub fn snake_case(variant: &str) -> String {
    let mut found = String::new();
    for (at, c) in variant.char_indices() {
        if at > 0 && c.is_uppercase() {
            found.push('_');
        }
        found.push(c.to_ascii_lowercase());
    }
    found
}

/// Returns the English singular, by the rules with which [`name::table`] makes plurals.
fn find_singular(name: &str) -> String {
    let stem = |end: &str| name.strip_suffix(end).map(str::to_owned);
    let candidates =
        [stem("ies").map(|stem| stem + "y"), stem("es"), stem("s"), Some(name.to_owned())];
    let makes = |word: &String| name::table(&camel_case(word)) == name;
    let found = candidates.into_iter().flatten().find(makes);
    found.unwrap_or_else(|| name.to_owned())
}

/// Returns a string literal.
pub fn print_literal(text: &str) -> String {
    format!("{text:?}")
}

/// Returns `word(arguments)` as rustfmt formats it at this depth.
pub fn print_attribute(word: &str, arguments: Vec<String>, depth: usize) -> String {
    /// rustfmt's `attr_fn_like_width`.
    const WIDTH: usize = 70;
    if arguments.is_empty() {
        return word.to_owned();
    }
    let line = arguments.join(", ");
    if line.chars().count() <= WIDTH && !line.contains('\n') {
        return format!("{word}({line})");
    }
    let indent = "    ".repeat(depth);
    let lines: Vec<String> =
        arguments.iter().map(|argument| format!("{indent}    {argument}")).collect();
    format!("{word}(\n{}\n{indent})", lines.join(",\n"))
}
