//! Rules: which changes pass, and which the user has to decide about.
//!
//! [`judge`] takes the changes between two schemas and returns a [`Judgement`] for each: the rule, how
//! serious the change is, whether the build continues, and the message. The stricter of the two
//! databases decides. A manual migration can cover a refused change ([`gate`](crate::gate)); the
//! statements are in [`plan`](crate::plan).
//!
//! A rule is a row of a table, [`Rule`]: its id, which lock files refer to and which never changes, its
//! name, its default level, its function and its explanation. Each file has one family. The names have
//! one grammar: what the rule is about, then `no_` (a change that is refused), `same_` (a property that
//! has to stay), `needs_` (a value or condition that has to exist) or `may_` (a change that passes).
//! `kontract.toml` changes the levels ([`Levels`]). Each rule has a case in `tests/breaking`;
//! `docs/rules.md` lists all of them.
//!
//! | rules | about | where |
//! |---|---|---|
//! | T1 T3 T5 T6 T10 T11 T13–T17 M12 | whole tables | `table.rs` |
//! | C1–C5 C7 C8 C14 C15 C17 C18 C19 C22 | fields that are added, removed or renamed | `field/` |
//! | C20 C21 | hints that cannot be followed | `hint.rs` |
//! | N1 N2 N4 N5 N7 | optional fields and defaults | `optional.rs` |
//! | N8–N12 | identities and generated columns | `made.rs` |
//! | Y1 … Y38 E9 | types | `conversion.rs` |
//! | E2 … E7 E10 E11 E15 | variants and types of enums | `enum_variants.rs` |
//! | J1 … J7 | members of nested documents | `nested.rs` |
//! | P1 P2 P5 P9 | primary keys, partition keys | `key.rs` |
//! | C9 I1–I6 I10 | indexes | `index.rs` |
//! | C11 C12 F1 F2 F3 F5 I11 | references | `reference.rs` |
//! | C10 K1–K4 | checks | `check.rs` |
//! | M1 M2 | permissions | `permission.rs` |
//! | C6 I8 M4–M9 | bookkeeping columns | `bookkeeping.rs` |

/// The text that a row gives, or else the usual one.
macro_rules! or {
    ($usual:expr) => {
        $usual
    };
    ($usual:expr, $given:expr) => {
        $given
    };
}

/// A list of rules, each a row: id, name, level and title, then `why`, what the databases do
/// (`postgres` and `sqlite`, or `both`), `fix` if the user can do something, and `judge`.
macro_rules! rules {
    ($(
        $id:literal $name:ident $level:ident: $title:literal;
        why: $why:expr;
        $(postgres: $postgres:expr; sqlite: $sqlite:expr;)?
        $(both: $both:expr;)?
        $(fix: $fix:expr;)?
        judge: $judge:expr;
    )*) => {
        &[$($crate::rules::Rule {
            id: $id,
            name: stringify!($name),
            level: $crate::rules::DefaultLevel::$level,
            judge: $judge,
            explanation: $crate::rules::Explanation {
                title: $title,
                why: $why,
                postgres: $($postgres)? $($both)?,
                sqlite: $($sqlite)? $($both)?,
                fix: or!("" $(, $fix)?),
            },
        }),*]
    };
}

mod additive;
mod bookkeeping;
mod check;
mod conversion;
mod enum_variants;
mod existing_rows;
mod field;
mod hint;
mod index;
mod judgement;
mod key;
mod level;
mod made;
mod nested;
mod optional;
mod permission;
mod reference;
mod rename;
mod rule;
mod table;
mod texts;

use crate::change::{Change, Fact};
use crate::intent::{Intent, Target};
use crate::model::{Field, Schema, Sql, Table};

use self::rename::Renames;
pub use additive::additive;

pub use judgement::Judgement;
pub use level::Levels;
pub(crate) use level::can_pass_by_level;
pub use rule::{DefaultLevel, Explanation, Finding, Level, Rule};

/// The rules of each family, in the order of `docs/rules.md`.
static FAMILIES: [&[Rule]; 16] = [
    table::RULES,
    field::ADDED,
    field::REMOVED,
    field::RENAMED,
    hint::RULES,
    optional::RULES,
    made::RULES,
    conversion::RULES,
    enum_variants::RULES,
    nested::RULES,
    key::RULES,
    index::RULES,
    reference::RULES,
    check::RULES,
    permission::RULES,
    bookkeeping::RULES,
];

/// Returns all rules, family by family.
pub fn all() -> impl Iterator<Item = &'static Rule> {
    FAMILIES.iter().copied().flatten()
}

/// Returns the rule with an id or a name, in upper or lower case.
///
/// ```
/// # use kontract_schema::rules;
/// assert_eq!(rules::find("field_no_drop").unwrap().id, "C14");
/// assert_eq!(rules::find("c14").unwrap().name, "field_no_drop");
/// ```
pub fn find(id_or_name: &str) -> Option<&'static Rule> {
    all().find(|rule| {
        rule.id.eq_ignore_ascii_case(id_or_name) || rule.name.eq_ignore_ascii_case(id_or_name)
    })
}

/// Finds the rule that a user who wrote an unknown id or name probably meant.
pub fn suggest(written: &str) -> Option<&'static Rule> {
    let likeness = |rule: &Rule| {
        rename::similarity(written, rule.id).max(rename::similarity(written, rule.name))
    };
    find(written)
        .or_else(|| all().max_by_key(|rule| likeness(rule)).filter(|rule| likeness(rule) > 60))
}

/// How serious a change is.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub enum Verdict {
    /// The change is made without waiting, and both the old and the new program work with it.
    Safe,
    /// Safe if the source declares a value for existing rows.
    Backfill,
    /// No data can be lost, but other sessions that use the table wait.
    Lock,
    /// Running programs break, or existing rows may violate it.
    Dangerous,
    /// Data is lost, or gets another meaning.
    Loss,
}

/// The schemas and changes around the change that a rule judges.
#[derive(Clone)]
pub struct Context<'a> {
    /// The sealed schema.
    pub old: &'a Schema,
    /// The schema of the source.
    pub new: &'a Schema,
    /// The hints of the source.
    pub intent: &'a Intent,
    /// All changes between the two.
    pub changes: &'a [Change],
    /// The version of the lock file.
    pub version: u32,
    /// The likely renames among the changes.
    renames: Renames<'a>,
}

/// Judges each change, in the order of the changes, by the default levels. A change that is part of
/// the mistake of another one is not judged by itself.
pub fn judge(context: &Context<'_>) -> Vec<Judgement> {
    let mut judgements: Vec<Judgement> =
        context.changes.iter().flat_map(|change| judge_change(change, context)).collect();
    let reported: Vec<Change> = judgements
        .iter()
        .filter(|judgement| !judgement.passes)
        .flat_map(|judgement| judgement.finding.with.clone())
        .collect();
    judgements.retain(|judgement| !reported.contains(&judgement.change));
    judgements
}

/// The judgements of all rules on a change: one that decides about it, and advice beside it.
fn judge_change(change: &Change, context: &Context<'_>) -> Vec<Judgement> {
    let field = message_field(change, context);
    let findings = all().filter_map(|rule| Some((rule, (rule.judge)(change, context)?)));
    findings.map(|(rule, finding)| Judgement::new(rule, change, finding, field.clone())).collect()
}

/// Returns the field at which a message about the change is reported, if the new schema has it.
fn message_field(change: &Change, context: &Context<'_>) -> Option<String> {
    let field = change.field()?;
    let table = context.new.tables.get(&change.table)?;
    table.field(field).filter(|field| !field.kept).map(|field| field.name.clone())
}

impl<'a> Context<'a> {
    /// The context of the changes from a sealed schema, of the lock file with this version, to another one.
    pub fn new(
        old: &'a Schema,
        target: Target<'a>,
        changes: &'a [Change],
        version: u32,
    ) -> Context<'a> {
        let Target { schema: new, intent } = target;
        Context { old, new, intent, changes, version, renames: Renames::find(old, new, changes) }
    }
}

impl Context<'_> {
    /// Returns the table of a change in the old schema, also if it had another name there.
    fn old_table(&self, change: &Change) -> Option<&Table> {
        let renamed = self.changes.iter().find_map(|other| match &other.fact {
            Fact::TableRenamed { from } if other.table == change.table => Some(from),
            _ => None,
        });
        self.old.tables.get(renamed.unwrap_or(&change.table))
    }

    /// Returns the table of a change in the new schema.
    fn new_table(&self, change: &Change) -> Option<&Table> {
        self.new.tables.get(&change.table)
    }

    /// Returns what the source gives to existing rows in a field of the changed table.
    fn backfill(&self, change: &Change, field: &Field) -> Option<&Sql> {
        self.intent.field(&change.table, &field.name).backfill.as_ref()
    }

    /// Whether these changes add the field.
    fn is_new_field(&self, table: &str, name: &str) -> bool {
        self.changes.iter().any(|change| match &change.fact {
            Fact::FieldAdded { field, .. } => change.table == table && field.name == name,
            _ => false,
        })
    }

    /// Returns the note that the lock file has something.
    fn present(&self, what: &str) -> String {
        match self.version {
            0 => format!("present in kontract.lock.json {what}"),
            version => format!("present in kontract.lock.json, version {version}, {what}"),
        }
    }
}

#[cfg(test)]
mod tests;
