//! The attributes of tables and fields.
//!
//! A name that is nearly one of ours is reported with the right spelling; any other name belongs to
//! somebody else. What stands in the brackets is read in `attr/`.

use syn::{Attribute, DeriveInput, LitStr};

use crate::code;
use crate::diagnostic::{Diagnostic, Diagnostics};
use crate::model::{Layout, Stamp, Track};
use crate::source::raw::{At, RawField, RawTable};

mod arguments;
mod index;
mod suggestion;
mod table_attribute;

use self::arguments::{backfill, check, column, default, perm, reference, removed, text, word};
use self::suggestion::suggestion;
pub use self::table_attribute::TABLE_ARGUMENTS;
use self::table_attribute::words;

/// The attributes of fields.
pub const FIELD_ATTRIBUTES: [&str; 12] = [
    "primkey",
    "perm",
    "references",
    "unique",
    "index",
    "default",
    "check",
    "created_at",
    "updated_at",
    "backfill",
    "renamed_from",
    "column",
];

/// The attributes of structs.
pub const STRUCT_ATTRIBUTES: [&str; 4] = ["table", "perm", "renamed_from", "removed"];

/// Reads the attributes of a struct. The fields are read by the caller.
pub fn table(input: &DeriveInput, problems: &mut Diagnostics) -> RawTable {
    let mut table = RawTable {
        ident: super::ident(&input.ident),
        at: input.ident.span().into(),
        name: None,
        ptr: None,
        layout: Layout::Document,
        standalone: false,
        external: None,
        track: Track::default(),
        track_at: None,
        primary_key: Vec::new(),
        indexes: Vec::new(),
        checks: Vec::new(),
        references: Vec::new(),
        perm: None,
        renamed_from: None,
        removed: Vec::new(),
        fields: Vec::new(),
    };
    let mut seen = Vec::new();
    for attr in &input.attrs {
        let Some(name) = own(attr, &STRUCT_ATTRIBUTES, "struct", &mut seen, problems) else {
            continue;
        };
        let at = At::tokens(attr.meta.path());
        let read = match name {
            "table" => words(attr, &mut table, problems),
            "perm" => perm(attr).map(|bits| table.perm = Some((bits, at))),
            "removed" => removed(attr).map(|removed| table.removed.push(removed)),
            _ => text(attr, "renamed_from(\"old_name\")").map(|old| table.renamed_from = Some(old)),
        };
        report(read, problems);
    }
    table
}

/// Reads the attributes of a field into it.
pub fn field(attrs: &[Attribute], raw: &mut RawField, problems: &mut Diagnostics) {
    let mut seen = Vec::new();
    for attr in attrs {
        let Some(name) = own(attr, &FIELD_ATTRIBUTES, "field", &mut seen, problems) else {
            continue;
        };
        let at = At::tokens(attr.meta.path());
        let read = match name {
            "primkey" => word(attr).map(|()| raw.primkey = Some(at)),
            "perm" => perm(attr).map(|bits| raw.perm = Some((bits, at))),
            "references" => reference(attr, raw).map(|reference| raw.references = Some(reference)),
            "unique" | "index" => index::of_field(attr, raw, name == "unique"),
            "default" => default(attr).map(|default| raw.default = Some(default)),
            "check" => check(attr).map(|check| raw.checks.push(check)),
            "created_at" | "updated_at" => word(attr).map(|()| {
                let stamp = if name == "created_at" { Stamp::CreatedAt } else { Stamp::UpdatedAt };
                raw.stamp = Some((stamp, at));
            }),
            "backfill" => backfill(attr).map(|backfill| raw.backfill = Some(backfill)),
            "renamed_from" => {
                text(attr, "renamed_from(\"old_name\")").map(|old| raw.renamed_from = Some(old))
            }
            _ => column(attr, raw),
        };
        report(read, problems);
    }
}

/// Reads the attributes of a variant: its former stored name.
pub fn variant(attrs: &[Attribute], problems: &mut Diagnostics) -> Option<(String, At)> {
    let mut found = None;
    // Others belong to other derives: `#[default]`.
    for attr in attrs.iter().filter(|attr| attr.path().is_ident("renamed_from")) {
        if found.is_some() {
            let message = "`renamed_from` stands here twice";
            let problem = Diagnostic::new(code::DUPLICATE_ATTRIBUTE, message);
            problems.push(problem.at(At::tokens(attr.meta.path())).help("remove one of them"));
        }
        report(text(attr, "renamed_from(\"old_name\")").map(|old| found = Some(old)), problems);
    }
    found
}

/// Reports attributes on the fields of a document, which has none.
pub fn none(attrs: &[Attribute], problems: &mut Diagnostics) {
    for attr in attrs {
        if let Some(name) = attr.path().get_ident()
            && FIELD_ATTRIBUTES.iter().any(|known| name == known)
        {
            problems.push(
                Diagnostic::new(code::ATTRIBUTE_FORM, format!("`{name}` on a field of a document"))
                    .at(name.span())
                    .help(
                        "attributes belong to the fields of tables; a document is stored as it is",
                    ),
            );
        }
    }
}

/// Whether the field says `column(sql_type = …)`.
pub fn has_sql_type(attrs: &[Attribute]) -> bool {
    attrs.iter().filter(|attr| attr.path().is_ident("column")).any(|attr| {
        let mut found = false;
        let _ = attr.parse_nested_meta(|meta| {
            found |= meta.path.is_ident("sql_type");
            meta.value()?.parse::<LitStr>().map(drop)
        });
        found
    })
}

/// The name of an attribute if it is one of `known` and stands here for the first time.
fn own(
    attr: &Attribute,
    known: &[&'static str],
    place: &str,
    seen: &mut Vec<&'static str>,
    problems: &mut Diagnostics,
) -> Option<&'static str> {
    let ident = attr.path().get_ident()?;
    let written = super::ident(ident);
    let other_place = |name: &&&str| **name == written.as_str() && !known.contains(name);
    if let Some(name) = known.iter().find(|name| **name == written) {
        if seen.contains(name) && !["check", "table", "removed"].contains(name) {
            problems.push(
                Diagnostic::new(code::DUPLICATE_ATTRIBUTE, format!("`{name}` stands here twice"))
                    .at(ident.span())
                    .help("remove one of them"),
            );
            return None;
        }
        seen.push(name);
        return Some(name);
    }
    if FIELD_ATTRIBUTES.iter().chain(&STRUCT_ATTRIBUTES).find(other_place).is_some() {
        let help = if place == "struct" {
            match written.as_str() {
                "primkey" => {
                    "mark the key field, or write `#[table(primary_key(a, b))]`".to_owned()
                }
                "unique" | "index" | "check" | "references" => {
                    format!("on a struct write `#[table({written}(…))]`")
                }
                _ => format!("`{written}` belongs to a field"),
            }
        } else {
            format!("`{written}` belongs to the struct")
        };
        problems.push(
            Diagnostic::new(code::ATTRIBUTE_FORM, format!("`{written}` on a {place}"))
                .at(ident.span())
                .help(help),
        );
        return None;
    }
    if let Some(meant) = suggestion(&written, known) {
        problems.push(
            Diagnostic::new(code::UNKNOWN_ATTRIBUTE, format!("unknown attribute `{written}`"))
                .at(ident.span())
                .help(format!("did you mean `{meant}`?")),
        );
    }
    None
}

fn report(read: syn::Result<()>, problems: &mut Diagnostics) {
    for error in read.err().into_iter().flatten() {
        let mut lines = error.to_string();
        let help = lines.find('\n').map(|at| lines.split_off(at));
        let mut problem = Diagnostic::new(code::ATTRIBUTE_FORM, lines).at(error.span());
        if let Some(help) = help {
            problem = problem.help(help.trim());
        }
        problems.push(problem);
    }
}
