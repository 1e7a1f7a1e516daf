//! Every attribute that a text of the product names in backticks is one that the product accepts.
//!
//! An attribute is put at each place of a source that it may belong to: structs, fields and variants.
//! Placeholders (`…`, `old`) get values. One place with one value has to be accepted.

use std::collections::BTreeSet;
use std::fs;
use std::path::Path;

use kontract_schema::code;
use kontract_schema::diagnostic::Diagnostic;
use kontract_schema::gate::gate;
use kontract_schema::model::Schema;
use kontract_schema::source::attributes::{ATTRIBUTES, Position};
use kontract_schema::source::parse;
use quote::{ToTokens, quote};
use syn::parse::Parser as _;
use syn::punctuated::Punctuated;
use syn::{Attribute, Meta, Token};

use crate::breaking::{CASES, parse_schema, parse_source, sealed, sources, try_schema, try_source};

/// Tables with a field of each kind that attributes need.
const SOURCE: &str = r#"
#[derive(Enum)]
enum Status { Draft, Done }
#[derive(Document)]
struct Place { city: String, zip: Option<String> }
#[derive(Table)]
#[table(layout = "columns")]
struct User { #[primkey] id: String, #[unique] email: String, active: bool }
#[derive(Table)]
#[table(layout = "columns", primary_key(x, y))]
struct Other { x: i64, y: i64 }
#[derive(Table)]
#[table(layout = "columns")]
struct Task {
    #[primkey] id: i64, user: String, email: String, active: bool, a: i64, b: i64, age: i64,
    status: Status, home: Place, at: Timestamp, since: Timestamp, price: f64, tags: Vec<String>, data: Json,
}
#[derive(Serialize, Deserialize, Table)]
struct Note { #[primkey] id: String, text: String, count: i64 }
"#;

/// A table whose key is missing.
const WITHOUT_KEY: &str =
    "#[derive(Table)] #[table(layout = \"columns\")] struct Task { id: String, a: i64, b: i64 }";

/// The pieces of a text in backticks that are attributes.
fn attributes(text: &str) -> Vec<String> {
    let quoted = text.split('`').skip(1).step_by(2);
    quoted
        .filter(|piece| piece.starts_with("#[") && piece.ends_with(']'))
        .map(str::to_owned)
        .collect()
}

/// The attribute with each value in place of its placeholders.
fn filled(attribute: &str, values: &[String]) -> Vec<String> {
    let attribute = attribute.replace("(…)", "(0)").replace(", …", "");
    let placeholder =
        ["…", "\"old\"", "\"old_name\""].into_iter().find(|one| attribute.contains(one));
    let Some(placeholder) = placeholder else { return vec![attribute] };
    let quote = |value: &String| {
        if placeholder == "…" { value.clone() } else { format!("\"{value}\"") }
    };
    values.iter().map(|value| attribute.replace(placeholder, &quote(value))).collect()
}

/// The sources that have the attribute at one more place, or one less.
fn placements(source: &str, attribute: &str) -> Vec<String> {
    let Ok(new) = Attribute::parse_outer.parse_str(attribute) else { return Vec::new() };
    let [new] = &new[..] else { return Vec::new() };
    let mut all = Vec::new();
    for place in 0.. {
        let mut file: syn::File = syn::parse_str(source).expect("Rust");
        let mut count = 0;
        for_each_place(&mut file, &mut |attrs| {
            if count == place {
                put(attrs, new);
            }
            count += 1;
        });
        if place >= count {
            return all;
        }
        all.push(file.to_token_stream().to_string());
    }
    all
}

/// Calls a function with the attributes of each struct, field, enum and variant.
fn for_each_place(file: &mut syn::File, visit: &mut impl FnMut(&mut Vec<Attribute>)) {
    for item in &mut file.items {
        match item {
            syn::Item::Struct(item) => {
                visit(&mut item.attrs);
                item.fields.iter_mut().for_each(|field| visit(&mut field.attrs));
            }
            syn::Item::Enum(item) => {
                visit(&mut item.attrs);
                item.variants.iter_mut().for_each(|variant| visit(&mut variant.attrs));
            }
            _ => {}
        }
    }
}

fn text(tokens: &impl ToTokens) -> String {
    tokens.to_token_stream().to_string()
}

/// Adds an attribute in place of one of the same name; removes it if it is there.
fn put(attrs: &mut Vec<Attribute>, new: &Attribute) {
    if attrs.iter().any(|attr| text(attr) == text(new)) {
        attrs.retain(|attr| text(attr) != text(new));
    } else if new.path().is_ident("table") {
        let arguments = |attr: &Attribute| {
            let parser = Punctuated::<Meta, Token![,]>::parse_terminated;
            attr.parse_args_with(parser).map(|all| all.into_iter().collect::<Vec<_>>())
        };
        let added = arguments(new).unwrap_or_default();
        let is_added =
            |meta: &Meta| added.iter().any(|other| text(other.path()) == text(meta.path()));
        let old = attrs.iter().filter(|attr| attr.path().is_ident("table"));
        let mut all: Vec<Meta> = old.flat_map(|attr| arguments(attr).unwrap_or_default()).collect();
        all.retain(|meta| !is_added(meta));
        all.extend(added.iter().cloned());
        attrs.retain(|attr| !attr.path().is_ident("table"));
        attrs.push(syn::parse_quote!(#[table(#(#all),*)]));
    } else {
        // Several `removed` name several fields.
        let subject = |attr: &Attribute| {
            let field =
                attr.path().is_ident("removed").then(|| attr.parse_args_with(first_literal));
            (text(attr.path()), field.and_then(Result::ok))
        };
        attrs.retain(|attr| subject(attr) != subject(new));
        attrs.push(new.clone());
    }
}

fn first_literal(input: syn::parse::ParseStream<'_>) -> syn::Result<String> {
    let literal: syn::LitStr = input.parse()?;
    input.parse::<proc_macro2::TokenStream>()?;
    Ok(literal.value())
}

/// Whether a projection accepts the attribute, on its struct or its field.
fn is_of_projection(attribute: &str) -> bool {
    // Its attributes name the struct of a table.
    if !["Task", "User"].iter().any(|name| attribute.contains(name)) {
        return false;
    }
    let Ok(attrs) = Attribute::parse_outer.parse_str(attribute) else { return false };
    let on_struct = quote!(#(#attrs)* struct Title { title: String });
    let on_field = quote!(struct Title { #(#attrs)* title: String });
    [on_struct, on_field]
        .into_iter()
        .any(|tokens| parse::parse_projection(&syn::parse2(tokens).expect("a struct")).is_ok())
}

/// Values for placeholders that no change gives.
fn values() -> Vec<String> {
    [
        "id",
        "a",
        "0",
        "x",
        "text",
        "columns",
        "document",
        "numeric(20)",
        "id = id",
        "Status::Draft",
        "\"new\"",
    ]
    .map(str::to_owned)
    .to_vec()
}

/// Whether the product accepts an attribute somewhere.
fn is_accepted(attribute: &str) -> bool {
    let derives = ["Table", "Document", "Enum", "Projection", "Value"];
    if let Some(name) = attribute.strip_prefix("#[derive(") {
        return derives.contains(&name.trim_end_matches(")]"));
    }
    filled(attribute, &values()).iter().any(|attribute| {
        let mut sources = placements(SOURCE, attribute);
        sources.extend(placements(WITHOUT_KEY, attribute));
        let is_valid = |source: &String| try_schema(source, &Schema::default()).is_ok();
        is_of_projection(attribute) || sources.iter().any(is_valid)
    })
}

#[test]
fn the_sources_have_no_other_mistakes() {
    assert_eq!(try_schema(SOURCE, &Schema::default()).err(), None);
    assert_eq!(try_schema(WITHOUT_KEY, &Schema::default()).unwrap_err().len(), 1);
}

#[test]
fn the_forms_of_all_attributes() {
    for attribute in ATTRIBUTES {
        let text = format!("`#[{}]`", attribute.form);
        for form in attributes(&text) {
            assert!(is_accepted(&form), "{form}");
        }
    }
}

/// Attributes of Rust itself.
const OF_RUST: &[&str] = &["cfg", "cfg_attr", "path", "doc", "expect", "allow", "test"];

/// The attributes of texts whose form depends on what the user wrote, with what they are here.
const WITH_PARTS: &[(&str, &str)] = &[
    ("#[table({word}({list}))]", "#[table(index(a, b))]"),
    ("#[table({written}(…))]", "#[table(index(a))]"),
    ("#[table(…)]", "#[table(track)]"),
    ("#[table(index(…))]", "#[table(index(a))]"),
    ("#[table(index({}))]", "#[table(index(a, b))]"),
    ("#[{form}]", "#[primkey]"),
    ("#[{cfg}]", "#[primkey]"),
    ("#[{attribute}(name = \"…\")]", "#[column(name = \"x\")]"),
    ("#[projection(Table)]", "#[projection(Task)]"),
    ("#[table(references(fields(a, b), …))]", "#[table(references(fields(a, b), Other))]"),
    ("#[table(unique({}))]", "#[table(unique(a, b))]"),
    ("#[column(…)]", "#[column(name = \"x\")]"),
    ("#[default({example})]", "#[default(0)]"),
    ("#[serde({key})]", "#[serde(default)]"),
    ("#[serde(…)]", "#[serde(default)]"),
];

#[test]
fn the_attributes_of_all_texts() {
    let mut tried = BTreeSet::new();
    let mut refused = Vec::new();
    let workspace = Path::new(env!("CARGO_MANIFEST_DIR")).parent().expect("the workspace");
    for krate in ["schema", "macros", "build", "runtime", "cli"] {
        let mut files = Vec::new();
        visit(&workspace.join(format!("kontract-{krate}/src")), &mut files);
        for (path, source) in files {
            let source = source.split("#[cfg(test)]").next().unwrap_or_default();
            for line in source.lines().filter(|line| !line.trim_start().starts_with("//")) {
                for attribute in attributes(&line.replace("\\\"", "\"")) {
                    let name: String = attribute[2..]
                        .chars()
                        .take_while(|c| c.is_alphanumeric() || *c == '_')
                        .collect();
                    if OF_RUST.contains(&name.as_str()) || !tried.insert(attribute.clone()) {
                        continue;
                    }
                    let known = WITH_PARTS.iter().find(|(template, _)| *template == attribute);
                    let meant = known.map_or(attribute.as_str(), |(_, meant)| meant);
                    // Other pieces of a format string are names of fields.
                    let meant = without_arguments(meant);
                    if !is_accepted(&meant) {
                        refused.push(format!("{}: {attribute}", path.display()));
                    }
                }
            }
        }
    }
    assert!(refused.is_empty(), "{refused:#?}");
    assert!(tried.len() > 60, "only {}: {tried:#?}", tried.len());
}

/// The text with `…` in place of `{}` and `{name}`.
fn without_arguments(text: &str) -> String {
    let mut result = String::new();
    let mut rest = text;
    while let Some((before, after)) = rest.split_once('{') {
        let Some((_, after)) = after.split_once('}') else { break };
        result += before;
        result.push('…');
        rest = after;
    }
    result + rest
}

fn visit(dir: &Path, found: &mut Vec<(std::path::PathBuf, String)>) {
    for entry in fs::read_dir(dir).expect("a directory").flatten() {
        let path = entry.path();
        if path.is_dir() {
            if !path.ends_with("tests") {
                visit(&path, found);
            }
        } else if path.extension().is_some_and(|ending| ending == "rs")
            && !path.ends_with("tests.rs")
        {
            let text = fs::read_to_string(&path).expect("UTF-8");
            found.push((path, text));
        }
    }
}

/// The identifiers of a source, as values for placeholders.
fn identifiers(source: &str) -> Vec<String> {
    let words = source.split(|c: char| !c.is_alphanumeric() && c != '_');
    let all: BTreeSet<&str> = words.filter(|word| !word.is_empty()).collect();
    all.into_iter().map(str::to_owned).collect()
}

/// Whether the change with the attribute does not have the problem any more.
fn fixes(old: &Schema, source: &str, problem: &Diagnostic) -> bool {
    let Ok(new) = try_source(source, old) else { return false };
    let after = gate(&sealed(old), &new, None);
    after.problems.iter().all(|left| left.judgement != problem.judgement)
}

#[test]
fn the_attributes_that_refused_changes_suggest() {
    let mut tried = 0;
    let mut useless = Vec::new();
    for row in CASES {
        let [old_source, new_source] = sources(row);
        let old = parse_schema(&old_source, &Schema::default());
        let new = parse_source(&new_source, &old);
        let before = gate(&sealed(&old), &new, None);
        let mut values = values();
        values.push("'x'".to_owned());
        values.extend(identifiers(&old_source));
        for problem in
            before.problems.iter().filter(|problem| problem.code != Some(code::NOT_ACCEPTED))
        {
            // Two renames need two migrations; one attribute is not all of that help.
            let helps = problem.help.iter().filter(|help| !help.contains("in two migrations"));
            for attribute in helps.flat_map(|help| attributes(help)) {
                tried += 1;
                let is_useful = filled(&attribute, &values).iter().any(|attribute| {
                    placements(&new_source, attribute)
                        .iter()
                        .any(|source| fixes(&old, source, problem))
                });
                if !is_useful {
                    useless.push(format!("{row}: {attribute}: {}", problem.message));
                }
            }
        }
    }
    assert!(useless.is_empty(), "{useless:#?}");
    assert!(tried > 25, "only {tried} attributes");
}

#[test]
fn the_suggested_names_of_attributes_exist() {
    let positions = [
        Position::Table,
        Position::TableArgument,
        Position::Field,
        Position::IndexArgument,
        Position::ReferenceArgument,
        Position::ColumnArgument,
        Position::Variant,
        Position::Projection,
        Position::ProjectionField,
    ];
    for position in positions {
        for attribute in position.attributes() {
            let typo = attribute.name.to_owned() + "s";
            for written in attribute.aliases.iter().copied().chain([typo.as_str()]) {
                let help = position.help_for_unknown(written);
                if let Some(meant) = help.strip_prefix("did you mean `") {
                    let meant = meant.trim_end_matches("`?");
                    assert!(position.find_attribute(meant).is_some(), "{written}: {help}");
                }
            }
        }
    }
}
