//! Types: Y1 to Y42, enums E2 to E9, nested documents J1 to J8, keys P2.
//!
//! By default every change of a type is refused, also those that widen; the row says how serious it
//! is. What passes: enum variants that are added or reordered (E2, E3, E7), and members of nested
//! documents that may be absent (J1).

use super::{Context, Judgement, Verdict};
use crate::change::{Change, Shape};
use crate::code;
use crate::model::VariantRename;
use crate::model::types::Type;
use crate::model::widening::holds_all_of;

use Verdict::{Backfill, Dangerous, Lock, Loss, Safe};

/// The verdict on a change of a field's type.
pub fn changed(
    change: &Change,
    field: &str,
    from: &Shape,
    to: &Shape,
    context: &Context<'_>,
) -> Judgement {
    let subject = format!("field `{field}` of table `{}`", change.table);
    if from.sql_type == to.sql_type {
        if let Some((old, new)) = both_enums(&from.ty, &to.ty) {
            return variants(change, &subject, old, new);
        }
        if from.ty.members().is_some() && to.ty.members().is_some() {
            return members(change, &subject, &from.ty, &to.ty);
        }
    }
    let shown = |shape: &Shape| match &shape.sql_type {
        Some(text) => format!("{} ({text})", shape.ty),
        None => shape.ty.to_string(),
    };
    let (before, after) = (shown(from), shown(to));
    let message = format!("type of {subject} changed from `{before}` to `{after}`");
    let is_key = context.new_table(change).is_some_and(|table| table.is_key(field));
    let (rule, verdict, why) = match is_key {
        true => ("P2", Dangerous, "rows are found, and referred to, by this value"),
        false => row(from, to),
    };
    Judgement::refuse(change, rule, verdict, code::TYPE_CHANGED, message)
        .flags("P B b R U")
        .note(why)
        .help(format!("keep the type `{before}`, or convert the values in a migration"))
}

/// The row of the specification for a pair of types: its id, how serious, why.
fn row(from: &Shape, to: &Shape) -> (&'static str, Verdict, &'static str) {
    if from.ty == to.ty {
        let text = |shape: &Shape| shape.sql_type.clone().unwrap_or_default();
        return sql_row(&text(from).to_lowercase(), &text(to).to_lowercase());
    }
    use Type::*;
    match (&from.ty, &to.ty) {
        (Array(_), Array(_)) => ("Y32", Dangerous, "each element of each list is converted"),
        (_, Array(_)) => ("Y33", Dangerous, "each value becomes a list of one"),
        (Array(_), _) => ("Y34", Loss, "of each list only the first element is left"),
        (String, Enum(_)) => ("E9", Dangerous, "rows may hold other texts than the variants"),
        (Enum(_), String) => ("E9", Safe, "every variant is a text"),
        (Sql, _) | (_, Sql) => ("Y12", Dangerous, "the database may not know how to convert it"),
        (Bytes, _) | (_, Bytes) => ("Y38", Loss, "not all bytes are text, or the other way round"),
        (Uuid, String) => ("Y24", Dangerous, "programs that run read the old type"),
        (String, Uuid) => ("Y25", Dangerous, "rows may hold texts that are no uuid"),
        (String, Json | Object(_)) => ("Y30", Dangerous, "rows may hold texts that are no JSON"),
        (_, String) => ("Y11", Dangerous, "texts are ordered and compared in another way"),
        (String | Enum(_), _) => ("Y12", Dangerous, "rows may hold texts that mean nothing there"),
        (Boolean, _) => ("Y26", Dangerous, "true and false become numbers"),
        (_, Boolean) => ("Y27", Loss, "all values but 0 become true"),
        (Instant, DateTime) => ("Y19", Dangerous, "the zone of each value is lost"),
        (DateTime, Instant) => ("Y18", Dangerous, "the values are read in some zone"),
        (Day, Instant | DateTime) | (Instant | DateTime, Day | Time) => {
            ("Y22", Loss, "the time of day is lost or invented")
        }
        (Instant | DateTime | Day | Time, _) | (_, Instant | DateTime | Day | Time) => {
            ("Y23", Dangerous, "the unit of the number has to be known")
        }
        (from, Decimal) if from.whole_range().is_some() => ("Y7", Lock, "the table is rewritten"),
        (Decimal, _) | (_, Decimal) => ("Y10", Loss, "digits may be lost without an error"),
        (Float32, Number) => ("Y3", Lock, "the table is rewritten"),
        (Number, Float32) => ("Y4", Loss, "digits are lost without an error"),
        (from, to) => match (from.whole_range(), to.whole_range()) {
            (Some(from), Some(to)) if to.0 <= from.0 && from.1 <= to.1 => {
                ("Y1", Lock, "every value fits, but the table is rewritten")
            }
            (Some(_), Some(_)) => ("Y2", Loss, "rows may hold numbers that do not fit"),
            (Some(_), None) if matches!(to, Number | Float32) => {
                ("Y5", Loss, "large numbers lose their last digits")
            }
            (None, Some(_)) if matches!(from, Number | Float32) => {
                ("Y6", Loss, "numbers with a fraction have no place there")
            }
            _ => ("Y12", Dangerous, "the values mean something else"),
        },
    }
}

/// The same for types of PostgreSQL that the user wrote.
fn sql_row(from: &str, to: &str) -> (&'static str, Verdict, &'static str) {
    let word = |text: &str| text.split('(').next().unwrap_or("").trim().to_owned();
    let numbers = |text: &str| -> Vec<u32> {
        let inner = text.split('(').nth(1).unwrap_or("");
        inner.split([',', ')']).filter_map(|part| part.trim().parse().ok()).collect()
    };
    let is_text = |word: &str| ["varchar", "character varying", "text", ""].contains(&word);
    let (a, b) = (word(from), word(to));
    let (p, q) = (numbers(from), numbers(to));
    match (a.as_str(), b.as_str()) {
        (a, b) if is_text(a) && is_text(b) => match (p.first(), q.first()) {
            (_, None) => ("Y13", Safe, "every text fits"),
            (Some(p), Some(q)) if p <= q => ("Y13", Safe, "every text fits"),
            _ => ("Y14", Loss, "rows may hold longer texts"),
        },
        ("char" | "character" | "bpchar", b) if is_text(b) => {
            ("Y15", Lock, "trailing blanks are stripped")
        }
        ("numeric" | "decimal", "numeric" | "decimal") => {
            let scale = |numbers: &[u32]| numbers.get(1).copied().unwrap_or(0);
            match (p.first(), q.first()) {
                (_, None) => ("Y8", Safe, "every number fits"),
                (Some(x), Some(y)) if x <= y && scale(&p) == scale(&q) => {
                    ("Y8", Safe, "every number fits")
                }
                (Some(x), Some(y))
                    if scale(&q) > scale(&p) && y - scale(&q).min(*y) >= x - scale(&p).min(*x) =>
                {
                    ("Y9", Lock, "the table is rewritten")
                }
                _ => ("Y10", Loss, "digits may be lost without an error"),
            }
        }
        ("timestamp", "timestamptz") => ("Y18", Dangerous, "the values are read in some zone"),
        ("timestamptz", "timestamp") => ("Y19", Dangerous, "the zone of each value is lost"),
        ("json", "jsonb") => ("Y28", Dangerous, "order of keys, double keys and spaces are lost"),
        ("jsonb", "json") => ("Y29", Lock, "the table is rewritten"),
        ("cidr", "inet") => ("Y31", Safe, "every network is an address"),
        ("citext", b) if is_text(b) => ("Y16", Safe, "values stay as they are"),
        (a, b) if a == b && p <= q => ("Y20", Safe, "every value fits"),
        (a, b) if a == b => ("Y21", Loss, "values are rounded"),
        _ => ("Y12", Dangerous, "the database may not know how to convert it"),
    }
}

/// The variants of two enums, or of the elements of two lists.
fn both_enums<'a>(from: &'a Type, to: &'a Type) -> Option<(&'a [String], &'a [String])> {
    match (from, to) {
        (Type::Enum(from), Type::Enum(to)) => Some((from, to)),
        (Type::Array(from), Type::Array(to)) => both_enums(from, to),
        _ => None,
    }
}

/// E2, E3: more variants. E7: another order, which means nothing. E4: fewer. E6: as many, so that
/// one may be another under a new name.
fn variants(change: &Change, subject: &str, old: &[String], new: &[String]) -> Judgement {
    let missing = |from: &[String], to: &[String]| -> Vec<String> {
        from.iter().filter(|name| !to.contains(name)).map(|name| format!("`{name}`")).collect()
    };
    let (gone, fresh) = (missing(old, new), missing(new, old));
    if gone.is_empty() && fresh.is_empty() {
        let message = format!("variants of {subject} have another order");
        return Judgement::pass(change, "E7", Safe, message).flags("M");
    }
    if gone.is_empty() {
        let message = format!("variants {} of {subject} are new", fresh.join(", "));
        let rule = if new.starts_with(old) { "E2" } else { "E3" };
        return Judgement::pass(change, rule, Lock, message)
            .flags("B S U")
            .note("a program that still runs cannot read them");
    }
    let gone = gone.join(", ");
    if fresh.is_empty() {
        let message = format!("variants {gone} of {subject} were removed");
        return Judgement::refuse(change, "E4", Dangerous, code::ENUM_VARIANT, message)
            .flags("P B b U")
            .note("rows may hold them")
            .help("restore them, or replace them in a migration");
    }
    let message =
        format!("variants {gone} of {subject} were removed, and {} added", fresh.join(", "));
    Judgement::refuse(change, "E6", Dangerous, code::ENUM_VARIANT, message)
        .flags("P H B U")
        .note("rows may hold the old names")
        .help("say what is renamed, `#[renamed_from(\"old\")]` on the variant; keep the stored name, `#[serde(rename = \"…\")]`; or replace it in a migration")
}

/// E5: the source says which variant has which new name.
pub fn variants_renamed(change: &Change, field: &str, renames: &[VariantRename]) -> Judgement {
    let of = |rename: &VariantRename| {
        let place: String = rename.path.iter().map(|key| format!(".{key}")).collect();
        format!("`{}` is now `{}` in `{field}{place}`", rename.from, rename.to)
    };
    let all: Vec<String> = renames.iter().map(of).collect();
    let message = format!("variant {} of table `{}`", all.join(", variant "), change.table);
    Judgement::pass(change, "E5", Dangerous, message)
        .flags("B b")
        .note("a program that still runs knows the old names only; stop it before this one starts")
}

/// J1: members that may be absent. J5: wider ones, also safe. J2, J7: members that old values lack. J3, J4: members that are
/// gone. J5, J6: members of another type.
fn members(change: &Change, subject: &str, from: &Type, to: &Type) -> Judgement {
    let message = format!("members of {subject} changed");
    if holds_all_of(to, from) {
        let rule = if only_added(from, to) { "J1" } else { "J5" };
        return Judgement::pass(change, rule, Safe, message).flags("M");
    }
    let (rule, verdict, why) = match (from.members(), to.members()) {
        (Some(old), Some(new)) => worst_member(old, new),
        _ => ("J5", Dangerous, "old values have another form".to_owned()),
    };
    Judgement::refuse(change, rule, verdict, code::TYPE_CHANGED, message)
        .flags("P B")
        .note(why)
        .help("make new members an `Option`, keep old ones, or rewrite the values in a migration")
}

/// Whether the members that were there are as they were.
fn only_added(from: &Type, to: &Type) -> bool {
    let (old, new) = (from.members().unwrap_or_default(), to.members().unwrap_or_default());
    old.iter().all(|member| new.contains(member))
}

fn worst_member(
    old: &[crate::model::types::Member],
    new: &[crate::model::types::Member],
) -> (&'static str, Verdict, String) {
    let find = |list: &[crate::model::types::Member], name: &str| {
        list.iter().find(|member| member.name == name).cloned()
    };
    let gone = old.iter().find(|member| find(new, &member.name).is_none());
    let fresh = new.iter().find(|member| !member.optional && find(old, &member.name).is_none());
    match (gone, fresh) {
        (Some(gone), Some(fresh)) if gone.ty == fresh.ty => {
            ("J4", Dangerous, format!("`{}` may be `{}` under a new name", fresh.name, gone.name))
        }
        (Some(gone), _) => (
            "J3",
            Dangerous,
            format!("`{}` is gone, and lost when a row is written again", gone.name),
        ),
        (None, Some(fresh)) => ("J2", Backfill, format!("old values have no `{}`", fresh.name)),
        (None, None) => {
            let required = old.iter().find(|member| {
                member.optional && find(new, &member.name).is_some_and(|now| !now.optional)
            });
            match required {
                Some(member) => {
                    ("J7", Backfill, format!("old values may have no `{}`", member.name))
                }
                None => {
                    let is_enum = |ty: &Type| matches!(ty, Type::Enum(_));
                    let by_enum = old.iter().any(|member| {
                        find(new, &member.name).is_some_and(|now| {
                            is_enum(&member.ty) && is_enum(&now.ty) && member.ty != now.ty
                        })
                    });
                    let rule = if by_enum { "J6" } else { "J5" };
                    (rule, Dangerous, "old values have another form".to_owned())
                }
            }
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    /// The extension is not on every server: no case runs it.
    #[test]
    fn y16_citext_is_text() {
        assert_eq!(sql_row("citext", "text").0, "Y16");
        assert_eq!(sql_row("text", "citext").0, "Y12");
    }
}
