//! The attribute or argument that the user probably meant.

/// What users of other tools write, and what it is called here.
const ELSEWHERE: [(&str, &str); 13] = [
    ("primary_key", "primkey"),
    ("primarykey", "primkey"),
    ("primekey", "primkey"),
    ("pk", "primkey"),
    ("id", "primkey"),
    ("key", "primkey"),
    ("permission", "perm"),
    ("permissions", "perm"),
    ("foreign_key", "references"),
    ("reference", "references"),
    ("belongs_to", "references"),
    ("renamed", "renamed_from"),
    ("rename", "column"),
];

/// The known name that `written` probably means.
pub fn suggestion<'a>(written: &str, known: &[&'a str]) -> Option<&'a str> {
    let elsewhere = ELSEWHERE.iter().find(|(name, _)| *name == written).map(|(_, ours)| *ours);
    let near = |name: &&&str| strsim::damerau_levenshtein(written, name) <= 1 + name.len() / 5;
    let found = known.iter().find(|name| Some(**name) == elsewhere).or_else(|| {
        known.iter().filter(near).min_by_key(|name| strsim::damerau_levenshtein(written, name))
    });
    found.copied()
}
