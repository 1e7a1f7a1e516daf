//! The rules about the references of one struct.

use super::{check_length, report_unknown_field};
use crate::code;
use crate::diagnostic::Diagnostics;
use crate::model::ReferenceAction;
use crate::source::raw::{RawField, RawReference, RawTable};

/// Reports references whose fields, names or actions are wrong.
pub(super) fn check_references(table: &RawTable, problems: &mut Diagnostics) {
    let of_fields = table.fields.iter().filter_map(|field| field.references.as_ref());
    for reference in of_fields {
        check_reference(table, reference, "references", problems);
    }
    for reference in &table.references {
        check_reference(table, reference, "table(references)", problems);
    }
}

fn check_reference(
    table: &RawTable,
    reference: &RawReference,
    attribute: &str,
    problems: &mut Diagnostics,
) {
    if let Some(name) = &reference.name {
        check_length(name, reference.at, attribute, problems);
    }
    for (i, (name, at)) in reference.fields.iter().enumerate() {
        if reference.fields[..i].iter().any(|(other, _)| other == name) {
            let message = format!("the reference has `{name}` twice");
            problems.report(code::DUPLICATE_ATTRIBUTE, message).at(at);
        }
        match table.fields.iter().find(|field| field.name == *name) {
            Some(field) => check_actions(field, reference, problems),
            None => report_unknown_field(table, name, *at, problems),
        }
    }
}

/// Reports actions that would set the field to a value that it cannot have.
fn check_actions(field: &RawField, reference: &RawReference, problems: &mut Diagnostics) {
    let actions = [("on_delete", reference.on_delete), ("on_update", reference.on_update)];
    for (word, action) in actions {
        let changes = match action {
            ReferenceAction::SetNull | ReferenceAction::SetDefault => true,
            ReferenceAction::Cascade => word == "on_update",
            _ => false,
        };
        if changes && field.generated.is_some() {
            let (field, action) = (&field.name, action.to_keywords());
            let message =
                format!("`{word} = \"{action}\"` for the field `{field}`, which is generated");
            problems
                .report(code::REFERENCE_ACTION, message)
                .at(reference.at)
                .help(format!("remove `{word}`: a generated field cannot be set"));
            continue;
        }
        let (why, help) = match action {
            _ if field.optional => continue,
            ReferenceAction::SetNull => ("cannot be NULL", "make the field an `Option`"),
            ReferenceAction::SetDefault if field.default.is_none() => {
                ("has no default", "give it one, `#[default(…)]`, make the field an `Option`")
            }
            _ => continue,
        };
        let (field, action) = (&field.name, action.to_keywords());
        let message = format!("`{word} = \"{action}\"` for the field `{field}`, which {why}");
        problems
            .report(code::REFERENCE_ACTION, message)
            .at(reference.at)
            .help(format!("{help}, or choose `restrict` or `cascade`"));
    }
}
