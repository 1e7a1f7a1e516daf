//! How a table is divided into partitions.

use serde::{Deserialize, Serialize};

use super::Dialect;
use crate::sqltext::{split_at_commas, words};

/// The partition key of a table. PostgreSQL only: SQLite has one table with all rows.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct PartitionBy {
    /// How the values of the fields choose the partition of a row.
    pub method: PartitionMethod,
    /// The fields, in the order of the key.
    pub fields: Vec<String>,
}

/// How values choose a partition.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "lowercase")]
pub enum PartitionMethod {
    /// Each partition has the values between two bounds.
    Range,
    /// Each partition has a list of values, of one field.
    List,
    /// Each partition has the values with one remainder of their hash.
    Hash,
}

impl PartitionMethod {
    /// All methods.
    pub const ALL: [PartitionMethod; 3] =
        [PartitionMethod::Range, PartitionMethod::List, PartitionMethod::Hash];

    /// Returns its name in the source and, in upper case, in PostgreSQL's `PARTITION BY`.
    pub fn as_str(self) -> &'static str {
        match self {
            PartitionMethod::Range => "range",
            PartitionMethod::List => "list",
            PartitionMethod::Hash => "hash",
        }
    }

    /// Returns the method with this name, in upper or lower case.
    pub fn find(name: &str) -> Option<PartitionMethod> {
        PartitionMethod::ALL.into_iter().find(|method| method.as_str().eq_ignore_ascii_case(name))
    }
}

impl PartitionBy {
    /// Reads `range(created_at)` with the columns in place of the fields.
    ///
    /// # Errors
    /// What is wrong: another method, or something that is not a column.
    pub fn parse(text: &str) -> Result<PartitionBy, String> {
        let (method, rest) = text.split_once('(').unwrap_or((text, ""));
        let Some(method) = PartitionMethod::find(method.trim()) else {
            return Err(format!("`{}` is not `range`, `list` or `hash`", method.trim()));
        };
        let Some(inner) = rest.trim_end().strip_suffix(')') else {
            return Err(format!("the columns are missing after `{}`", method.as_str()));
        };
        let parts = split_at_commas(Dialect::Postgres, inner).into_iter();
        let fields = parts.map(|part| {
            let name = match &words(Dialect::Postgres, part)[..] {
                [word] => word.name(),
                _ => None,
            };
            let name = name.map(std::borrow::Cow::into_owned);
            name.ok_or_else(|| format!("`{part}` is not a column"))
        });
        Ok(PartitionBy { method, fields: fields.collect::<Result<_, _>>()? })
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn texts_are_partition_keys() {
        let parsed = |text| {
            PartitionBy::parse(text)
                .map(|key| format!("{} {}", key.method.as_str(), key.fields.join(";")))
        };
        assert_eq!(parsed("range(created_at)"), Ok("range created_at".to_owned()));
        assert_eq!(parsed(" HASH (Kind , \"Made At\")"), Ok("hash kind;Made At".to_owned()));
        for (text, why) in [
            ("interval(a)", "`interval` is not `range`, `list` or `hash`"),
            ("range", "the columns are missing after `range`"),
            ("list()", "`` is not a column"),
            ("list(lower(a))", "`lower(a)` is not a column"),
            ("range(a, b desc)", "`b desc` is not a column"),
        ] {
            assert_eq!(parsed(text), Err(why.to_owned()));
        }
    }
}
