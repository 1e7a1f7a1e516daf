//! Which types hold all values of another type.

use super::types::{Member, Type};

/// Whether every value of the old type is a value of the new one in the same form: more variants,
/// variants in another order, more optional members.
pub(crate) fn holds_all_of(new: &Type, old: &Type) -> bool {
    match (old, new) {
        (Type::Enum(old), Type::Enum(new)) => old.iter().all(|name| new.contains(name)),
        (Type::Array(old), Type::Array(new)) => holds_all_of(new, old),
        (Type::Object(old), Type::Object(new)) => {
            let kept = old.iter().all(|member| {
                let now = new.iter().find(|other| other.name == member.name);
                now.is_some_and(|now| {
                    let fits = holds_all_of(&now.ty, &member.ty) || widens(&now.ty, &member.ty);
                    (now.optional || !member.optional) && fits
                })
            });
            let is_new = |member: &&Member| old.iter().all(|other| other.name != member.name);
            kept && new.iter().filter(is_new).all(|member| member.optional)
        }
        _ => old == new,
    }
}

/// Whether each integer of the old type is a value of the new one: both are written alike in JSON.
pub(crate) fn widens(new: &Type, old: &Type) -> bool {
    match (old.whole_range(), new.whole_range()) {
        (Some(old), Some(new)) => new.0 <= old.0 && old.1 <= new.1,
        _ => false,
    }
}
