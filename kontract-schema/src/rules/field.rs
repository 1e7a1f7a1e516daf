//! Fields that come, go or are renamed: C1, C2, C3, C4, C14, C15, C17, C18, C19, C22.
//!
//! C16 (proven empty) needs the database and is C14 for a build. C23 (another order) is no change; C24 is C1 to C3; C26 (skipped) is C14.

use super::{Context, Judgement, Level, Verdict, rename};
use crate::change::{Change, Names};
use crate::code;
use crate::model::types::Type;
use crate::model::{Field, Layout};

/// C3: what the source says, rows that are there get. C1: an optional field needs no value, and a list is empty without one. C2: a default is one. C4: the
/// time is one, the same for all old rows. C3: nothing is one, and the source says no other.
pub fn added(change: &Change, field: &Field, context: &Context<'_>) -> Judgement {
    let found = added_now(change, field, context);
    let before = context.old_table(change).and_then(|table| table.dropped.get(&field.name));
    match before.filter(|before| **before != field.ty) {
        Some(before) => {
            let level = found.level.max(Level::Warn);
            let note = format!(
                "until it was dropped, a field of this name was `{before}`: backups and programs that read them may know it as that"
            );
            Judgement { level, ..found.note(note) }
        }
        None => found,
    }
}

fn added_now(change: &Change, field: &Field, context: &Context<'_>) -> Judgement {
    let message = format!("field `{}` of table `{}` is new", field.name, change.table);
    let absent_is_fine = field.optional || matches!(field.ty, Type::Array(_));
    if field.backfill.is_some() {
        return Judgement::pass(change, "C3", Verdict::Backfill, message)
            .flags("S")
            .note("rows that are there get the value of `backfill`");
    }
    if field.stamp.is_some() {
        return Judgement::pass(change, "C4", Verdict::Backfill, message)
            .note("all rows that are there get the time of the migration")
            .flags("U");
    }
    if field.default.is_some() {
        return Judgement::pass(change, "C2", Verdict::Safe, message);
    }
    if absent_is_fine {
        return Judgement::pass(change, "C1", Verdict::Safe, message);
    }
    let is_key = context.new_table(change).is_some_and(|table| table.is_key(&field.name));
    Judgement::refuse(
        change,
        "C3",
        Verdict::Backfill,
        code::NO_VALUE,
        format!(
            "field `{}` of table `{}` is new and required, and rows that are there have no value \
             for it",
            field.name, change.table
        ),
    )
    .help(value_help(&field.ty, is_key))
}

/// How the source gives existing rows a value: by attributes that the field takes.
pub fn value_help(ty: &Type, is_key: bool) -> String {
    if is_key {
        return "give each row its key in a manual migration".to_owned();
    }
    if let Type::Enum(names) = ty {
        let first = names.first().map_or("…", String::as_str);
        return format!(
            "give them a variant, such as `{first}`: `#[default(…)]`, or in SQL `#[backfill = \
             \"…\"]`; or make the field an `Option`"
        );
    }
    match default_example(ty) {
        Some(example) => format!(
            "give them a value: `#[default({example})]`, or in SQL `#[backfill = \"…\"]`; or make \
             the field an `Option`"
        ),
        None => "give them a value, in SQL: `#[backfill = \"…\"]`; or make the field an `Option`"
            .to_owned(),
    }
}

/// A literal that `#[default(…)]` accepts for the type; none if the type has no default.
fn default_example(ty: &Type) -> Option<&'static str> {
    match ty {
        Type::String => Some("\"…\""),
        Type::Boolean => Some("false"),
        Type::Number | Type::Float32 => Some("0.0"),
        Type::Bigint
        | Type::Date
        | Type::Int8
        | Type::Int16
        | Type::Int32
        | Type::Uint8
        | Type::Uint16
        | Type::Uint32 => Some("0"),
        _ => None,
    }
}

/// C14: the values would be gone. C15: and the source says that they may. C17: unless another field is this one under a new name. C22:
/// which differs in case only.
pub fn removed(change: &Change, field: &Field, context: &Context<'_>) -> Judgement {
    let message = format!("field `{}` of table `{}` was removed", field.name, change.table);
    let on_purpose =
        context.new_table(change).is_some_and(|table| table.removed.contains(&field.name));
    if on_purpose {
        let found = Judgement::refuse(change, "C15", Verdict::Loss, code::FIELD_REMOVED, message)
            .flags("B b")
            .note("the source says so, and what becomes of its values is for a migration to say");
        return match field.kept {
            true => found,
            false => found.help(format!(
                "for programs that still have it, keep its column for a release: `#[removed(\"{}\", keep)]`",
                field.name
            )),
        };
    }
    if field.kept {
        let name = &field.name;
        return Judgement::refuse(change, "C14", Verdict::Loss, code::FIELD_REMOVED, message)
            .note("its column was kept, and its values are still there")
            .help(format!("keep it, `#[removed(\"{name}\", keep)]`; or say that it goes, `#[removed(\"{name}\")]`, and drop it in a migration"));
    }
    let optional = if field.optional { ", optional" } else { "" };
    let present = context.present(&format!("as `{}`{optional}", field.ty));
    let Some((other, score)) = rename::likely_field(&change.table, field, context) else {
        return Judgement::refuse(change, "C14", Verdict::Loss, code::FIELD_REMOVED, message)
            .flags("B b")
            .note(present)
            .help("restore the field, or drop it in a migration");
    };
    let rule = if other.name.eq_ignore_ascii_case(&field.name) { "C22" } else { "C17" };
    let mut found = Judgement::refuse(
        change,
        rule,
        Verdict::Dangerous,
        code::FIELD_REMOVED,
        format!("{message}, and `{}` of the same type was added", other.name),
    )
    .flags("H")
    .note(present)
    .note(format!("the names are {score} % alike"))
    .help(format!(
        "if `{}` is `{}` under a new name, say so: `#[renamed_from(\"{}\")]`",
        other.name, field.name, field.name
    ))
    .help(format!(
        "if `{}` is another field, say so on the struct: `#[removed(\"{}\")]`",
        other.name, field.name
    ));
    found.field = Some(other.name.clone());
    // Where the new field would be refused too, it is the same mistake.
    if other.default.is_none() && !other.optional && other.stamp.is_none() {
        let is_other = |candidate: &&Change| match &candidate.fact {
            crate::change::Fact::FieldAdded(field) => {
                candidate.table == change.table && field.name == other.name
            }
            _ => false,
        };
        found.with = context.changes.iter().filter(is_other).cloned().collect();
    }
    found
}

/// C15: the struct has no such field any more, and its column stays for programs that do; or it has
/// it again.
pub fn kept(change: &Change, field: &str, to: bool, context: &Context<'_>) -> Judgement {
    let table = &change.table;
    if !to {
        let message = format!("field `{field}` of table `{table}` is back");
        return Judgement::pass(change, "C15", Verdict::Safe, message).flags("M");
    }
    let message = format!("field `{field}` of table `{table}` was removed, and its values stay");
    let found = Judgement::pass(change, "C15", Verdict::Safe, message).flags("M").note(format!(
        "programs that have it go on; once none does, `#[removed(\"{field}\")]` drops it"
    ));
    match context.new_table(change).map(|table| table.layout) {
        Some(Layout::Document) => {
            let found =
                found.note("a row that this program writes whole is without it from then on");
            Judgement { level: Level::Warn, ..found }
        }
        _ => found,
    }
}

/// C18: the source states the rename. C19: the column stays, so that only the source changes.
pub fn renamed(change: &Change, from: &Names, to: &Names) -> Judgement {
    let message = format!("field `{}` of table `{}` is now `{}`", from.name, change.table, to.name);
    if from.column() == to.column() {
        return Judgement::pass(change, "C19", Verdict::Safe, message).flags("M");
    }
    Judgement::pass(change, "C18", Verdict::Dangerous, message)
        .flags("B b")
        .note("a program that still runs uses the old column; stop it before this one starts")
}

/// C17 for a field that keeps its name and gets another column: what the old column holds is not
/// said. The same column spelled out is no change of the database.
pub fn column(change: &Change, from: &Names, to: &Names) -> Judgement {
    let (before, after) = (from.column(), to.column());
    if before == after {
        let message = format!("field `{}` of table `{}` names its column", to.name, change.table);
        return Judgement::pass(change, "C19", Verdict::Safe, message).flags("M");
    }
    let rule = if before.eq_ignore_ascii_case(after) { "C22" } else { "C17" };
    Judgement::refuse(
        change,
        rule,
        Verdict::Dangerous,
        code::FIELD_REMOVED,
        format!(
            "field `{}` of table `{}` is kept in `{after}`, no longer in `{before}`",
            to.name, change.table
        ),
    )
    .flags("H B b")
    .help(format!("keep the column: `#[column(name = \"{before}\")]`"))
}
