//! The enum types of PostgreSQL as Rust enums, each once.

use std::collections::{BTreeMap, BTreeSet};

use super::rust::{self, RustNames};
use super::source_text::{Part, Refused, SourceText};
use crate::catalog::{Catalog, LiveTable};
use crate::model::{SqlKind, SqlType};

/// A Rust enum: its name, and its variants with the stored names.
pub(super) type EnumSource = (String, Vec<(String, String)>);

/// Returns the enums for the types that columns of these tables have, by the name of the type.
pub(super) fn find_enums<'a>(
    catalog: &'a Catalog,
    tables: impl Iterator<Item = &'a LiveTable>,
    names: &RustNames,
    refused: &Refused,
) -> BTreeMap<&'a str, EnumSource> {
    let columns = tables.flat_map(|table| table.columns.values());
    let used: BTreeSet<&str> = columns.map(|column| element(&column.ty)).collect();
    let mut found = BTreeMap::new();
    for (name, values) in &catalog.enums {
        let part = Part::EnumType(name.clone());
        if !used.contains(name.as_str()) || refused.contains_key(&(String::new(), part)) {
            continue;
        }
        if let Some(variants) = name_variants(values) {
            let plain = name.replace('"', "");
            let plain = plain.rsplit('.').next().unwrap_or_default();
            let ident = names.enumeration(&rust::camel_case(&rust::field_name(plain)));
            found.insert(name.as_str(), (ident, variants));
        }
    }
    found
}

/// Returns the type of a column, or that of the elements of its list.
pub(super) fn element(ty: &str) -> &str {
    ty.strip_suffix("[]").unwrap_or(ty)
}

/// Returns variants for stored names; `None` if Rust cannot have them.
pub(super) fn name_variants(values: &[String]) -> Option<Vec<(String, String)>> {
    let mut idents = BTreeSet::new();
    let variants = values.iter().map(|value| {
        let plain = !value.contains([',', '(', ')', '\0']) && !value.is_empty();
        let ident = plain.then(|| rust::variant_name(value)).flatten()?;
        idents.insert(ident.clone()).then(|| (ident, value.clone()))
    });
    variants.collect()
}

/// Appends the enums.
pub(super) fn write_enums(enums: &BTreeMap<&str, EnumSource>, to: &mut SourceText) {
    for (name, source) in enums {
        let part = Part::EnumType((*name).to_owned());
        to.push_part("", part, |to| write_enum(source, Some(name), to));
    }
}

/// Appends an enum, with the name of its type if it is one of PostgreSQL.
pub(super) fn write_enum(source: &EnumSource, native: Option<&str>, to: &mut SourceText) {
    let (ident, variants) = source;
    to.push_line("\n#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize, Enum)]");
    let snake = variants.iter().all(|(variant, stored)| rust::snake_case(variant) == *stored);
    if let Some(name) = native {
        // The name in the catalogue is as SQL writes it.
        let implied =
            SqlType::new(SqlKind::Named { name: crate::name::snake(ident), arguments: Vec::new() });
        if implied.as_str() == name {
            to.push_line("#[native]");
        } else {
            to.push_line(&format!("#[native(name = {})]", rust::print_literal(name)));
        }
    }
    if snake {
        to.push_line("#[serde(rename_all = \"snake_case\")]");
    }
    to.push_line(&format!("pub enum {ident} {{"));
    for (variant, stored) in variants {
        if !snake && variant != stored {
            to.push_line(&format!("    #[serde(rename = {})]", rust::print_literal(stored)));
        }
        to.push_line(&format!("    {variant},"));
    }
    to.push_line("}");
}
