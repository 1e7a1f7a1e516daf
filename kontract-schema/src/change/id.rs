//! The identity of a change, as lock files, `covers` lines and messages write it:
//! `users:renamed`, `users.email:removed`.

use std::fmt;
use std::str::FromStr;

use serde::{Deserialize, Serialize};

use super::{Change, Fact, ItemChange};

/// The identity of a change. Its text form is also its serialised form.
#[derive(Clone, Debug, PartialEq, Eq, PartialOrd, Ord, Serialize, Deserialize)]
#[serde(try_from = "String", into = "String")]
pub struct ChangeId {
    /// The logical name of the table.
    pub table: String,
    /// The field, index, constraint or bookkeeping column; `None` if the table itself changes.
    pub item: Option<String>,
    /// The kind of the change.
    pub kind: ChangeKind,
}

/// Declares the kinds of changes with their words.
macro_rules! kinds {
    ($($kind:ident $word:literal,)*) => {
        /// The kind of a change.
        #[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
        pub enum ChangeKind {
            $(#[doc = concat!("`", $word, "`")] $kind,)*
        }

        impl ChangeKind {
            /// All kinds.
            pub const ALL: &'static [ChangeKind] = &[$(ChangeKind::$kind),*];

            /// Returns the word of the text form.
            pub fn as_str(self) -> &'static str {
                match self {
                    $(ChangeKind::$kind => $word,)*
                }
            }
        }
    };
}

kinds! {
    Added "added",
    Removed "removed",
    Renamed "renamed",
    Pointer "pointer",
    Layout "layout",
    External "external",
    Key "key",
    Partition "partition",
    Permission "perm",
    Shared "shared",
    Column "column",
    Type "type",
    VariantsRenamed "variants_renamed",
    Optional "optional",
    Required "required",
    Kept "kept",
    Back "back",
    Default "default",
    Identity "identity",
    Generated "generated",
    Stamp "stamp",
    Comment "comment",
    IndexAdded "index_added",
    IndexRemoved "index_removed",
    IndexChanged "index_changed",
    IndexRenamed "index_renamed",
    CheckAdded "check_added",
    CheckRemoved "check_removed",
    CheckChanged "check_changed",
    CheckRenamed "check_renamed",
    ReferenceAdded "reference_added",
    ReferenceRemoved "reference_removed",
    ReferenceChanged "reference_changed",
    ReferenceRenamed "reference_renamed",
    TrackAdded "track_added",
    TrackRemoved "track_removed",
    Hint "hint",
}

impl Change {
    /// Returns the id of the change.
    pub fn id(&self) -> ChangeId {
        let (item, kind) = self.fact.item_and_kind();
        ChangeId { table: self.table.clone(), item: item.map(str::to_owned), kind }
    }
}

impl Fact {
    /// Returns the item within the table, and the kind of the change.
    fn item_and_kind(&self) -> (Option<&str>, ChangeKind) {
        use ChangeKind as Kind;
        match self {
            Fact::TableAdded(_) => (None, Kind::Added),
            Fact::TableRemoved(_) => (None, Kind::Removed),
            Fact::TableRenamed { .. } => (None, Kind::Renamed),
            Fact::PointerChanged { .. } => (None, Kind::Pointer),
            Fact::LayoutChanged { .. } => (None, Kind::Layout),
            Fact::External { .. } => (None, Kind::External),
            Fact::KeyChanged { .. } => (None, Kind::Key),
            Fact::PartitionChanged { .. } => (None, Kind::Partition),
            Fact::TablePermChanged { .. } => (None, Kind::Permission),
            Fact::SharedChanged { .. } => (None, Kind::Shared),
            Fact::FieldAdded { field, .. } => (Some(&field.name), Kind::Added),
            Fact::FieldRemoved(field) => (Some(&field.name), Kind::Removed),
            Fact::FieldRenamed { to, .. } => (Some(&to.name), Kind::Renamed),
            Fact::ColumnChanged { to, .. } => (Some(&to.name), Kind::Column),
            Fact::TypeChanged { field, .. } => (Some(field), Kind::Type),
            Fact::VariantsRenamed { field, .. } => (Some(field), Kind::VariantsRenamed),
            Fact::BecameOptional { field } => (Some(field), Kind::Optional),
            Fact::BecameRequired { field, .. } => (Some(field), Kind::Required),
            Fact::KeptChanged { field, to: true } => (Some(field), Kind::Kept),
            Fact::KeptChanged { field, to: false } => (Some(field), Kind::Back),
            Fact::DefaultChanged { field, .. } => (Some(field), Kind::Default),
            Fact::IdentityChanged { field, .. } => (Some(field), Kind::Identity),
            Fact::GeneratedChanged { field, .. } => (Some(field), Kind::Generated),
            Fact::CommentChanged { field, .. } => (field.as_deref(), Kind::Comment),
            Fact::PermChanged { field, .. } => (Some(field), Kind::Permission),
            Fact::StampChanged { field, .. } => (Some(field), Kind::Stamp),
            Fact::Index(change) => change.name_and_kind([
                Kind::IndexAdded,
                Kind::IndexRemoved,
                Kind::IndexChanged,
                Kind::IndexRenamed,
            ]),
            Fact::Check(change) => change.name_and_kind([
                Kind::CheckAdded,
                Kind::CheckRemoved,
                Kind::CheckChanged,
                Kind::CheckRenamed,
            ]),
            Fact::Reference(change) => change.name_and_kind([
                Kind::ReferenceAdded,
                Kind::ReferenceRemoved,
                Kind::ReferenceChanged,
                Kind::ReferenceRenamed,
            ]),
            Fact::TrackAdded(tracked) => (Some(tracked.name()), Kind::TrackAdded),
            Fact::TrackRemoved(tracked) => (Some(tracked.name()), Kind::TrackRemoved),
            Fact::BadHint { field, .. } => (field.as_deref(), Kind::Hint),
        }
    }
}

impl<T> ItemChange<T> {
    /// Returns the name in the new schema, or the old name of a removed item, and its kind of the
    /// given kinds: added, removed, changed and renamed.
    fn name_and_kind(&self, kinds: [ChangeKind; 4]) -> (Option<&str>, ChangeKind) {
        let (name, at) = match self {
            ItemChange::Added(name, _) => (name, 0),
            ItemChange::Removed(name, _) => (name, 1),
            ItemChange::Changed(name, ..) => (name, 2),
            ItemChange::Renamed(_, name) => (name, 3),
        };
        (Some(name), kinds[at])
    }
}

impl fmt::Display for ChangeId {
    /// Writes `table:kind` or `table.item:kind`. A table name with a dot is in quotes.
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        if self.table.contains('.') {
            write!(f, "\"{}\"", self.table)?;
        } else {
            f.write_str(&self.table)?;
        }
        if let Some(item) = &self.item {
            write!(f, ".{item}")?;
        }
        write!(f, ":{}", self.kind.as_str())
    }
}

impl FromStr for ChangeId {
    type Err = String;

    /// Parses the text form. Table names contain no quotes, and words of kinds no colons.
    fn from_str(text: &str) -> Result<ChangeId, String> {
        let parse = || {
            let (subject, word) = text.rsplit_once(':')?;
            let kind = *ChangeKind::ALL.iter().find(|kind| kind.as_str() == word)?;
            let (table, item) = match subject.strip_prefix('"') {
                Some(quoted) => {
                    let (table, rest) = quoted.split_once('"')?;
                    let item = if rest.is_empty() { None } else { Some(rest.strip_prefix('.')?) };
                    (table, item)
                }
                None => match subject.split_once('.') {
                    Some((table, item)) => (table, Some(item)),
                    None => (subject, None),
                },
            };
            let id = ChangeId { table: table.to_owned(), item: item.map(str::to_owned), kind };
            (!table.is_empty() && id.to_string() == text).then_some(id)
        };
        parse().ok_or_else(|| format!("`{text}` is not the name of a change"))
    }
}

impl TryFrom<String> for ChangeId {
    type Error = String;

    fn try_from(text: String) -> Result<ChangeId, String> {
        text.parse()
    }
}

impl From<ChangeId> for String {
    fn from(id: ChangeId) -> String {
        id.to_string()
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn texts_are_ids() {
        let id = |table: &str, item: Option<&str>, kind| ChangeId {
            table: table.to_owned(),
            item: item.map(str::to_owned),
            kind,
        };
        for (text, expected) in [
            ("users:renamed", id("users", None, ChangeKind::Renamed)),
            ("users.email:perm", id("users", Some("email"), ChangeKind::Permission)),
            ("users.a.b:c:check_added", id("users", Some("a.b:c"), ChangeKind::CheckAdded)),
            ("\"app.users\":added", id("app.users", None, ChangeKind::Added)),
            ("\"app.users\".email:type", id("app.users", Some("email"), ChangeKind::Type)),
        ] {
            assert_eq!(text.parse(), Ok(expected));
            let json = serde_json::to_string(&text.parse::<ChangeId>().unwrap()).unwrap();
            assert_eq!(json, serde_json::to_string(text).unwrap());
        }
        for wrong in
            ["", "users", "users:", "users:remove", ":added", "\"users\":added", "\"a.b:added"]
        {
            assert!(wrong.parse::<ChangeId>().is_err(), "{wrong}");
        }
    }
}
