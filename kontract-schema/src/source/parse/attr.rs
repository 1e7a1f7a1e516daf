//! Reads the attributes of tables, fields, variants and projections.
//!
//! A name that is nearly one of ours is reported with the right spelling; any other name belongs to
//! another derive. The arguments are read in `attr/`.

use syn::DeriveInput;

use crate::code;
use crate::diagnostic::{Diagnostic, Diagnostics};
use crate::model::{Layout, SqlType, Stamp, Track};
use crate::source::attributes::{Attribute, Position};
use crate::source::parse::normalize_name;
use crate::source::raw::{At, RawField, RawTable};

mod arguments;
mod index;
mod made;
mod reference;
mod table_attribute;

use self::arguments::{
    expect_no_arguments, parse_backfill, parse_check, parse_column, parse_default, parse_native,
    parse_perm, parse_removed, parse_text,
};
use self::made::{has_named_argument, parse_default_sql, parse_generated, parse_key};
use self::reference::parse_reference;
use self::table_attribute::read_table_arguments;

/// Reads the attributes of a table's struct. The fields are read by the caller.
pub fn read_table_attributes(input: &DeriveInput, problems: &mut Diagnostics) -> RawTable {
    let mut table = RawTable {
        ident: super::ident(&input.ident),
        at: input.ident.span().into(),
        name: None,
        ptr: None,
        namespace: None,
        partition_by: None,
        comment: None,
        comments: false,
        layout: Layout::Document,
        standalone: false,
        external: None,
        keyless: None,
        shared: false,
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
    each_attribute(&input.attrs, Position::Table, problems, |attr, known, problems| {
        let (at, form) = (At::tokens(attr.meta.path()), known.form);
        match known.name {
            "table" => read_table_arguments(attr, form, &mut table, problems)?,
            "perm" => table.perm = Some((parse_perm(attr, form)?, at)),
            "removed" => table.removed.push(parse_removed(attr, form)?),
            _ => table.renamed_from = Some(parse_text(attr, form)?),
        }
        Ok(())
    });
    table
}

/// Reads the attributes of a table's field into it.
pub fn read_field_attributes(
    attrs: &[syn::Attribute],
    raw: &mut RawField,
    problems: &mut Diagnostics,
) {
    each_attribute(attrs, Position::Field, problems, |attr, known, _| {
        let (at, form) = (At::tokens(attr.meta.path()), known.form);
        match known.name {
            "primkey" => {
                raw.primkey = Some(at);
                raw.identity = parse_key(attr)?;
            }
            "perm" => raw.perm = Some((parse_perm(attr, form)?, at)),
            "references" => raw.references = Some(parse_reference(attr, raw, form)?),
            "unique" | "index" => index::read_field_index(attr, raw, known.name == "unique")?,
            "default" if has_named_argument(attr) => {
                raw.default_sql = Some(parse_default_sql(attr)?);
            }
            "default" => raw.default = Some(parse_default(attr, form)?),
            "generated" => raw.generated = Some((parse_generated(attr, form)?, at)),
            "check" => raw.checks.push(parse_check(attr, form)?),
            "created_at" | "updated_at" => {
                expect_no_arguments(attr)?;
                let is_created = known.name == "created_at";
                let stamp = if is_created { Stamp::CreatedAt } else { Stamp::UpdatedAt };
                raw.stamp = Some((stamp, at));
            }
            "backfill" => raw.backfill = Some(parse_backfill(attr, form)?),
            "renamed_from" => {
                let (name, at) = parse_text(attr, form)?;
                raw.renamed_from = Some((normalize_name(&name), at));
            }
            _ => parse_column(attr, raw, form)?,
        }
        Ok(())
    });
}

/// Reads the attributes of an enum: the type that it has on PostgreSQL with `native`.
pub fn read_enum_attributes(input: &DeriveInput, problems: &mut Diagnostics) -> Option<SqlType> {
    let mut found = None;
    each_attribute(&input.attrs, Position::Enum, problems, |attr, known, _| {
        found = Some(parse_native(attr, &input.ident, known.form)?);
        Ok(())
    });
    found
}

/// Reads the attributes of a variant: its former stored name.
pub fn read_variant_attributes(
    attrs: &[syn::Attribute],
    problems: &mut Diagnostics,
) -> Option<(String, At)> {
    let mut found = None;
    each_attribute(attrs, Position::Variant, problems, |attr, known, _| {
        found = Some(parse_text(attr, known.form)?);
        Ok(())
    });
    found
}

/// Reports attributes on the fields of a document, which has none.
pub fn refuse_all(attrs: &[syn::Attribute], problems: &mut Diagnostics) {
    for attr in attrs {
        if let Some(name) = attr.path().get_ident()
            && Position::Field.names().any(|known| name == known)
        {
            let message = format!("`{name}` is not allowed on a field of a document");
            let help = "it belongs to a field of a table";
            let problem = Diagnostic::new(code::ATTRIBUTE_FORM, message);
            problems.push(problem.at(name.span()).help(help));
        }
    }
}

/// Calls `read` for each attribute of this position, with its row in the table of attributes. Reports
/// an attribute that is given twice, misplaced or misspelt, and the errors of `read`.
pub fn each_attribute(
    attrs: &[syn::Attribute],
    position: Position,
    problems: &mut Diagnostics,
    mut read: impl FnMut(&syn::Attribute, &'static Attribute, &mut Diagnostics) -> syn::Result<()>,
) {
    let mut seen = Vec::new();
    for attr in attrs {
        let Some(ident) = attr.path().get_ident() else { continue };
        let written = super::ident(ident);
        let Some(known) = position.find_attribute(&written) else {
            problems.extend(explain_unknown(&written, position, ident.span().into()));
            continue;
        };
        if seen.contains(&known.name) && !known.repeats {
            problems.push(given_twice(known.name, ident.span().into()));
            continue;
        }
        seen.push(known.name);
        if let Err(error) = read(attr, known, problems) {
            report_errors(error, problems);
        }
    }
}

/// The error for an attribute that is given twice.
fn given_twice(name: &str, at: At) -> Diagnostic {
    let message = format!("`{name}` is given twice");
    Diagnostic::new(code::DUPLICATE_ATTRIBUTE, message).at(at).help("remove one of them")
}

/// The error for a name that is not an attribute of this position; none if it seems to belong to
/// another derive.
fn explain_unknown(written: &str, position: Position, at: At) -> Diagnostics {
    let (place, other) = match position {
        Position::Table => ("struct", Position::Field),
        Position::Field => ("field", Position::Table),
        Position::Projection => ("struct", Position::ProjectionField),
        Position::ProjectionField => ("field", Position::Projection),
        Position::Enum => ("enum", Position::Variant),
        Position::Variant => ("variant", Position::Enum),
        _ => ("variant", position),
    };
    let mut problems = Diagnostics::new();
    if other.find_attribute(written).is_some() {
        let help = match (position, written) {
            (Position::Table, "primkey") => {
                "mark the key field, or write `#[table(primary_key(a, b))]`".to_owned()
            }
            (Position::Table, "unique" | "index" | "check" | "references") => {
                format!("on a struct write `#[table({written}(…))]`")
            }
            (Position::Table | Position::Projection, _) => {
                format!("`{written}` belongs to a field")
            }
            (Position::Enum, _) => format!("`{written}` belongs to a variant"),
            (Position::Variant, _) => format!("`{written}` belongs to the enum"),
            _ => format!("`{written}` belongs to the struct"),
        };
        let message = format!("`{written}` is not allowed on a {place}");
        problems.report(code::ATTRIBUTE_FORM, message).at(at).help(help);
    } else if let Some(meant) = position.suggest(written) {
        let message = format!("unknown attribute `{written}`");
        let help = format!("did you mean `{meant}`?");
        problems.report(code::UNKNOWN_ATTRIBUTE, message).at(at).help(help);
    }
    problems
}

/// The error for an unknown argument of an attribute.
fn unknown_argument(
    tokens: &impl quote::ToTokens,
    written: &str,
    attribute: &str,
    position: Position,
) -> syn::Error {
    let help = position.help_for_unknown(written);
    let message = format!("`{written}` is not an argument of `{attribute}`\n{help}");
    syn::Error::new_spanned(tokens, message)
}

/// Reports syntax errors. The first line of each is the message, the others are its help.
fn report_errors(errors: syn::Error, problems: &mut Diagnostics) {
    for error in errors {
        let text = error.to_string();
        let (message, help) = text.split_once('\n').map_or((&*text, None), |(a, b)| (a, Some(b)));
        let problem = Diagnostic::new(code::ATTRIBUTE_FORM, message).at(error.span());
        problems.push(match help {
            Some(help) => problem.help(help.trim()),
            None => problem,
        });
    }
}
