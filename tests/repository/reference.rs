//! The pages of `kontract::reference` against the parser, the checks and the SQL that they describe.

use std::collections::BTreeSet;
use std::fs;

use kontract::storage::Base;
use kontract_runtime::manage::{Migrator, Options};
use kontract_schema::Schema;
use kontract_schema::code;
use kontract_schema::dialect::{Dialect, create_schema};
use kontract_schema::lock::LockFile;
use kontract_schema::source::attributes::Position;
use kontract_schema::source::check::{self, Item, Items};
use kontract_schema::source::parse;

use crate::files;

/// The rows of all tables below a heading, or of the whole page for an empty heading: their cells.
fn rows(page: &str, heading: &str) -> Vec<Vec<String>> {
    let section = match page.split_once(&format!("//! # {heading}\n")) {
        Some((_, section)) if !heading.is_empty() => section,
        _ => page,
    };
    let section = section.split("\n//! # ").next().unwrap_or_default();
    let cells = |line: &str| -> Vec<String> {
        line.trim_matches('|').split(" | ").map(|cell| cell.trim().to_owned()).collect()
    };
    let lines = section.lines().filter_map(|line| line.strip_prefix("//! |"));
    let lines: Vec<&str> = lines.collect();
    let is_rule = |line: Option<&&str>| line.is_some_and(|line| line.starts_with("---"));
    let bodies = lines.iter().enumerate().filter(|(at, line)| {
        // A header is above the rule of its table.
        !is_rule(Some(line)) && !is_rule(lines.get(at + 1))
    });
    bodies.map(|(_, line)| cells(line)).collect()
}

/// The names at the beginning of the first cells: `#[index(…)]` and `index(a, b)` are `index`.
fn names(rows: &[Vec<String>]) -> BTreeSet<&str> {
    let is_name = |c: char| c.is_alphanumeric() || c == '_';
    rows.iter()
        .filter_map(|row| row[0].split(|c: char| !is_name(c)).find(|word| !word.is_empty()))
        .collect()
}

#[test]
fn every_attribute_is_described() {
    let page = include_str!("../../src/reference/attributes.rs");
    for (heading, positions) in [
        ("Fields of a table", &[Position::Field][..]),
        ("Structs of tables: `#[table(…)]`", &[Position::TableArgument]),
        ("Structs of tables: other attributes", &[Position::Table]),
        ("Enums", &[Position::Enum, Position::Variant]),
        ("Projections", &[Position::Projection, Position::ProjectionField]),
    ] {
        let rows = rows(page, heading);
        let known = || positions.iter().flat_map(|position| position.attributes());
        assert_eq!(names(&rows), known().map(|known| known.name).collect(), "{heading}");
        for attribute in known() {
            let is_of =
                |row: &&Vec<String>| names(std::slice::from_ref(*row)).contains(attribute.name);
            let texts: Vec<&str> = rows.iter().filter(is_of).map(|row| row[1].as_str()).collect();
            let says = texts.iter().any(|text| text.contains("May be repeated."));
            assert_eq!(says, attribute.repeats, "`{}`: {texts:?}", attribute.name);
        }
    }
    for (position, row) in [
        (Position::IndexArgument, "#[index]"),
        (Position::CheckArgument, "#[check("),
        (Position::ReferenceArgument, "#[references("),
        (Position::ColumnArgument, "#[column("),
        (Position::KeyArgument, "#[primkey]"),
        (Position::DefaultArgument, "#[default("),
        (Position::GeneratedArgument, "#[generated("),
    ] {
        let rows = rows(page, "Fields of a table");
        let texts: Vec<String> = rows
            .iter()
            .filter(|cells| cells[0].contains(row))
            .map(|cells| cells.join(" "))
            .collect();
        for name in position.names().filter(|name| *name != "on") {
            assert!(
                texts.iter().any(|text| text.contains(&format!("{name} = "))
                    || text.contains(&format!("`{name}"))
                    || text.contains(&format!("{name})]"))),
                "`{name}` of {row}: {texts:?}"
            );
        }
    }
}

#[test]
fn the_explanation_of_unknown_attributes_lists_all() {
    let text = code::explain(code::UNKNOWN_ATTRIBUTE.as_str()).expect("an explanation").text;
    for position in [
        Position::Field,
        Position::Table,
        Position::Enum,
        Position::Variant,
        Position::Projection,
        Position::ProjectionField,
    ] {
        for name in position.names() {
            assert!(text.contains(name), "{name}: {text}");
        }
    }
}

#[test]
fn every_type_has_the_columns_that_the_page_lists() {
    let rows = rows(include_str!("../../src/reference/types.rs"), "");
    assert!(rows.len() > 25, "{rows:#?}");
    for row in &rows {
        let [types, word, postgres, sqlite] = &row[..] else { panic!("four cells: {row:?}") };
        for ty in types
            .split('`')
            .skip(1)
            .step_by(2)
            .filter(|code| !code.starts_with('#') && !code.starts_with("struct"))
        {
            let schema = schema_with(ty);
            let found = schema.tables["types"].field("field").expect("the field").ty.to_string();
            assert_eq!(format!("`{found}`"), *word, "{ty}");
            for (dialect, expected) in [(Dialect::Postgres, postgres), (Dialect::Sqlite, sqlite)] {
                let sql = create_schema(dialect, &schema).join("\n");
                let column = sql.lines().find_map(|line| line.trim().strip_prefix("field "));
                let column = column.unwrap_or_else(|| panic!("{ty} has no column: {sql}"));
                let column = column.split(" NOT NULL").next().unwrap_or_default();
                assert_eq!(column, expected, "{ty} on {dialect:?}");
            }
        }
    }
}

/// A schema of one table with a field of this type, enums `Status` and `Mood`, a document `Address`, a newtype `UserId`.
fn schema_with(ty: &str) -> Schema {
    fn item<T>(raw: T) -> Item<T> {
        Item { raw, module: Vec::new(), place: String::new() }
    }
    let source =
        format!("#[table(layout = \"columns\")] struct Type {{ #[primkey] id: i64, field: {ty} }}");
    let parse = |source: &str| syn::parse_str(source).expect("an item");
    let items = Items {
        tables: vec![item(parse::parse_table(&parse(&source)).expect("a table"))],
        enums: ["enum Status { Draft, Published }", "#[native] enum Mood { Good, Bad }"]
            .map(|source| item(parse::parse_enum(&parse(source)).expect("an enum")))
            .into(),
        documents: vec![item(
            parse::parse_document(&parse("struct Address { street: String }")).expect("a document"),
        )],
        newtypes: vec![item(
            parse::parse_newtype(&parse("struct UserId(Uuid);")).expect("a newtype"),
        )],
        ..Items::default()
    };
    let (checked, problems) = check::check_schema("app", &items, &Schema::default());
    assert!(problems.is_empty(), "{ty}: {:?}", problems.iter().collect::<Vec<_>>());
    checked.schema
}

#[test]
fn every_variable_of_the_program_is_described() {
    let page = include_str!("../../src/reference/configuration.rs");
    let rows = rows(page, "Environment variables of the program");
    let paths = files::below("kontract-runtime/src");
    let texts: Vec<String> =
        paths.iter().filter_map(|path| fs::read_to_string(path).ok()).collect();
    let calls = ["env::var(\"", "env::var_os(\""];
    let read = texts.iter().flat_map(|text| calls.iter().flat_map(|call| text.split(call).skip(1)));
    let read: BTreeSet<&str> = read.filter_map(|rest| rest.split('"').next()).collect();
    let read = read.into_iter().filter(|name| name.starts_with("KONTRACT_")).collect();
    assert_eq!(names(&rows), read);
}

#[test]
fn every_address_is_accepted() {
    let rows = rows(include_str!("../../src/reference/storage.rs"), "Addresses");
    let mut known = 0;
    for row in &rows {
        let written: Vec<&str> = row[0].split('`').skip(1).step_by(2).collect();
        for address in &written {
            // `?mode=ro` goes on from the address before it.
            let start = written[0].split('?').next().unwrap_or_default();
            let address = if address.starts_with('?') {
                start.to_owned() + address
            } else {
                (*address).to_owned()
            };
            let migrator = Migrator::new(&address, "app", LockFile::default(), Options::default());
            assert!(migrator.is_ok(), "{address}: {:?}", migrator.err());
            known += 1;
        }
    }
    assert_eq!(known, 6, "{rows:?}");
}

/// The methods of the page, which the compiler finds.
#[allow(dead_code, reason = "it only has to compile")]
async fn call_the_methods(storage: Base) -> kontract::Result<()> {
    let _ = storage.sql("SELECT 1");
    storage.verify().await?;
    storage.close().await;
    Ok(())
}
