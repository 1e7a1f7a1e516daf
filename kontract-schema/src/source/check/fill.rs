//! Where each field of a new row has its value from.

use crate::model::types::Type;
use crate::model::{Field, Fill, Layout, Table};

/// For each field of a table, in the order of [`Table::schema`], where a new row has its value from.
pub fn decide_fills(table: &Table) -> Vec<Fill> {
    table.schema.iter().map(|field| decide_fill(table, field)).collect()
}

fn decide_fill(table: &Table, field: &Field) -> Fill {
    if field.generated.is_some() {
        return Fill::Generated;
    }
    if field.stamp.is_some() {
        return Fill::Now;
    }
    if table.layout == Layout::Columns && field.is_made() {
        return Fill::Database;
    }
    let is_key = table.key() == [field.name.as_str()];
    let refers = table.references.values().any(|key| key.fields.contains(&field.name));
    if is_key && !refers && matches!(field.ty, Type::String | Type::Uuid) {
        Fill::NewId
    } else if field.default.is_some() {
        Fill::Default
    } else if field.optional || matches!(field.ty, Type::Array(_)) {
        Fill::Empty
    } else {
        Fill::Caller
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::source::{check, parse};

    #[test]
    fn each_field_has_one_source_of_its_value() {
        let source = "#[table(standalone, layout = \"columns\")] struct Post {
            #[primkey] id: Uuid, title: String, body: Option<String>, tags: Vec<String>,
            #[default(0)] likes: i32, #[default(1)] rank: Option<i32>, #[created_at] at: Timestamp,
            #[default(\"{}\")] meta: Json, #[default(sql = \"now()\")] seen: jiff::Timestamp,
            #[generated(\"likes * 2\")] score: i32,
        }";
        let raw = parse::parse_table(&syn::parse_str(source).expect("a struct")).expect("a table");
        let table = check::check_standalone("app", &raw).expect("a table");
        let expected = [
            Fill::NewId,
            Fill::Caller,
            Fill::Empty,
            Fill::Empty,
            Fill::Default,
            Fill::Default,
            Fill::Now,
            Fill::Database,
            Fill::Database,
            Fill::Generated,
        ];
        assert_eq!(decide_fills(&table), expected);
    }
}
