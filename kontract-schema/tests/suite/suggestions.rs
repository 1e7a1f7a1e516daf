//! The product accepts each attribute that a message suggests.

use kontract_schema::code;
use kontract_schema::gate::gate;
use kontract_schema::model::Schema;

use crate::breaking::{parse_schema, parse_source, sealed, try_source};

/// The types of the field, also with the enum and the document below.
const TYPES: &[&str] = &[
    "String",
    "bool",
    "i8",
    "i16",
    "i32",
    "i64",
    "u8",
    "u16",
    "u32",
    "f32",
    "f64",
    "Vec<u8>",
    "Timestamp",
    "Uuid",
    "Decimal",
    "Json",
    "State",
    "Place",
    "Vec<String>",
    "Vec<State>",
    "jiff::Timestamp",
    "jiff::civil::Date",
    "jiff::civil::Time",
    "jiff::civil::DateTime",
    "chrono::NaiveDate",
    "chrono::NaiveTime",
    "chrono::NaiveDateTime",
    "chrono::DateTime<chrono::Utc>",
    "time::OffsetDateTime",
    "time::Date",
];

const OTHERS: &str = "
#[derive(Enum)]
pub enum State { New, Old }
#[derive(Serialize, Deserialize, Document)]
pub struct Place { pub city: String }
";

/// A table with one more field, and the text `before` in front of it.
fn source(layout: &str, before: &str, field: &str) -> String {
    format!(
        "#[derive(Serialize, Deserialize, Table)]\n#[table(layout = \"{layout}\")]\npub struct User \
         {{\n#[primkey] pub id: String,\n{before}\n{field}\n}}\n{OTHERS}"
    )
}

/// The attributes in backticks of some texts, with values in place of `…`.
fn attributes<'a>(texts: impl Iterator<Item = &'a String>) -> Vec<String> {
    let mut found = Vec::new();
    for text in texts {
        // Every second piece is between backticks.
        let quoted = text.split('`').skip(1).step_by(2).filter(|piece| piece.starts_with("#["));
        found.extend(quoted.map(|piece| {
            piece.replace("#[default(…)]", "#[default(State::New)]").replace("\"…\"", "\"'x'\"")
        }));
    }
    found
}

/// Fails unless the source is accepted, and the change to it passes.
fn assert_passes(old: &Schema, text: &str) {
    let new = try_source(text, old).unwrap_or_else(|problems| panic!("{text}\n{problems:#?}"));
    let found = gate(&sealed(old), &new, None);
    assert!(found.problems.is_empty(), "{text}\n{:#?}", found.problems);
}

#[test]
fn suggestions_for_a_required_field() {
    let mut tried = 0;
    for layout in ["columns", "document"] {
        for ty in TYPES {
            let required = format!("pub added: {ty},");
            // A new required field, and a field that becomes required.
            for before in [String::new(), format!("pub added: Option<{ty}>,")] {
                let old = parse_schema(&source(layout, "", &before), &Schema::default());
                let new = parse_source(&source(layout, "", &required), &old);
                let found = gate(&sealed(&old), &new, None);
                let problems = found.problems.iter();
                let lacking = problems.filter(|problem| problem.code == Some(code::NO_VALUE));
                let help: Vec<String> = lacking.flat_map(|problem| problem.help.clone()).collect();
                for attribute in attributes(help.iter()) {
                    assert_passes(&old, &source(layout, &attribute, &required));
                    tried += 1;
                }
                if help.iter().any(|help| help.contains("make the field an `Option`")) {
                    let optional = format!("pub added: Option<{ty}>,");
                    assert_passes(&old, &source(layout, "", &optional));
                    tried += 1;
                }
            }
        }
    }
    assert!(tried > 200, "only {tried} suggestions");
}

#[test]
fn suggestions_for_a_removed_field() {
    for layout in ["columns", "document"] {
        let gone = "pub gone: Option<String>,";
        let old = parse_schema(&source(layout, "", gone), &Schema::default());
        let renamed = "pub other: Option<String>,";
        let new = parse_source(&source(layout, "", renamed), &old);
        let found = gate(&sealed(&old), &new, None);
        let help: Vec<String> =
            found.problems.iter().flat_map(|problem| problem.help.clone()).collect();
        for attribute in attributes(help.iter()) {
            // The attribute belongs to the struct or to the field.
            let text = if attribute.starts_with("#[removed(") {
                format!("{attribute}\n{}", source(layout, "", renamed))
            } else {
                source(layout, &attribute, renamed)
            };
            let new = try_source(&text, &old);
            assert!(new.is_ok(), "{text}\n{new:#?}");
        }
    }
}
