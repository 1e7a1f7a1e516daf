//! Compares columns: types, collations, NULL, defaults, generated expressions and enum values.

use super::Sides;
use crate::catalog::normal::{self, NormalDefault};
use crate::catalog::{ALWAYS, BY_DEFAULT, LiveColumn};
use crate::dialect::Dialect;
use crate::model::SqlType;
use crate::sqltext::expression;

/// The result of comparing a default.
pub(super) enum DefaultDifference {
    None,
    /// The text differs; the meaning may be the same.
    Unsure,
    Is(String),
    /// The live column has a default that the schema does not have and that changes nothing.
    Besides,
}

impl Sides<'_> {
    pub(super) fn compare_column(
        &self,
        name: &str,
        wanted: &LiveColumn,
        found: &LiveColumn,
        push: &mut impl FnMut(String),
    ) {
        let (is, wants) = (self.type_word(&found.ty), self.type_word(&wanted.ty));
        if is != wants {
            let is = match self.live.dialect {
                Dialect::Sqlite if is == "any" => found.ty.to_ascii_lowercase(),
                _ => is,
            };
            push(format!("has the column `{name}` of type {is} instead of {wants}"));
        } else if let (is, Some(wants)) = self.collations(wanted, found)
            && is.as_ref() != Some(&wants)
        {
            let is = is.map_or_else(|| "that of its type".to_owned(), |is| format!("`{is}`"));
            push(format!("has the column `{name}` with the collation {is} instead of `{wants}`"));
        }
        self.compare_enum(name, found, push);
        if self.wanted.external {
            return;
        }
        match (found.not_null, wanted.not_null) {
            (true, false) => push(format!("has the column `{name}`, which refuses NULL")),
            // Tables of old SQLite versions allow NULL in a key; Kontract never writes a NULL key.
            (false, true) if self.is_loose_key(name) => {}
            (false, true) => push(format!("has the column `{name}`, which allows NULL")),
            _ => {}
        }
        if let DefaultDifference::Is(text) = self.compare_default(name, wanted, found) {
            push(text);
        }
    }

    fn is_loose_key(&self, name: &str) -> bool {
        self.live.dialect == Dialect::Sqlite && self.found.key.iter().any(|key| key == name)
    }

    /// Returns the collations of both columns, found and wanted, if they are not those of the types.
    pub(super) fn collations(
        &self,
        wanted: &LiveColumn,
        found: &LiveColumn,
    ) -> (Option<String>, Option<String>) {
        let collation = |column: &LiveColumn| match self.live.dialect {
            Dialect::Postgres => SqlType::from_text(&column.ty).collation().map(str::to_owned),
            Dialect::Sqlite => normal::split_collation(&column.ty).1.map(str::to_owned),
        };
        (collation(found), collation(wanted))
    }

    fn type_word(&self, text: &str) -> String {
        match self.live.dialect {
            Dialect::Postgres => normal::normalize_type(text),
            Dialect::Sqlite => normal::find_affinity(text),
        }
    }

    pub(super) fn compare_default(
        &self,
        name: &str,
        wanted: &LiveColumn,
        found: &LiveColumn,
    ) -> DefaultDifference {
        use DefaultDifference::{Besides, Is, Unsure};
        let ty = self.type_word(&wanted.ty);
        let starts = |prefix: &str| found.default.as_ref().is_some_and(|d| d.starts_with(prefix));
        if found.expression().is_some() || wanted.expression().is_some() {
            return self.compare_expression(name, wanted, found);
        }
        match (wanted.is_numbered(), found.is_numbered() || self.is_row_number(name, found)) {
            (true, true) => return DefaultDifference::None,
            (true, false) => {
                return Is(format!("has the column `{name}`, which the database does not number"));
            }
            (false, true) if starts(ALWAYS) => {
                return Is(format!(
                    "has the column `{name}`, which takes no values: it is an identity"
                ));
            }
            _ => {}
        }
        let form = |column: &LiveColumn| {
            let is_null = |text: &&str| {
                expression::strip_brackets(self.live.dialect, text).eq_ignore_ascii_case("null")
            };
            let text = column.default.as_deref().filter(|text| !is_null(text));
            text.map(|text| normal::normalize_default(self.live.dialect, text, &ty))
        };
        match (form(found), form(wanted)) {
            (None, None) => DefaultDifference::None,
            // The program gives the values of a key, so a default makes no difference.
            (Some(_), None) if self.wanted.key.iter().any(|key| key == name) => Besides,
            (Some(_), None) if starts(BY_DEFAULT) => Besides,
            (Some(NormalDefault::Expression(_)), None) => Besides,
            (Some(NormalDefault::Constant(_)), None) if !takes_default(&ty) => Besides,
            (Some(actual), None) => {
                Is(format!("has the column `{name}` with the default {actual}"))
            }
            (None, Some(_)) => Is(format!("has the column `{name}` without its default")),
            (Some(is), Some(wants)) if is == wants => DefaultDifference::None,
            (Some(is), Some(wants)) => match (&is, &wants) {
                (NormalDefault::Expression(a), NormalDefault::Expression(b))
                    if same_expression(self.live.dialect, a, b) =>
                {
                    DefaultDifference::None
                }
                (NormalDefault::Expression(_), NormalDefault::Expression(_))
                    if self.live.unsure =>
                {
                    Unsure
                }
                _ => {
                    Is(format!("has the column `{name}` with the default {is} instead of {wants}"))
                }
            },
        }
    }

    /// Whether a column is SQLite's number of the row: the only key column, of the type INTEGER.
    fn is_row_number(&self, name: &str, found: &LiveColumn) -> bool {
        self.live.dialect == Dialect::Sqlite
            && self.found.key == [name]
            && found.ty.eq_ignore_ascii_case("integer")
    }

    /// Compares the expressions of generated columns, of which one may be a plain column.
    fn compare_expression(
        &self,
        name: &str,
        wanted: &LiveColumn,
        found: &LiveColumn,
    ) -> DefaultDifference {
        use DefaultDifference::{Is, Unsure};
        let (wants, is) = match (wanted.expression(), found.expression()) {
            (Some(wants), Some(is)) => (wants, is),
            (None, _) => {
                let text = "which takes no values: it is generated";
                return Is(format!("has the column `{name}`, {text}"));
            }
            (_, None) => return Is(format!("has the column `{name}`, which is not generated")),
        };
        if wants.1 != is.1 {
            let word = |stored| if stored { "stored" } else { "virtual" };
            let (is, wants) = (word(is.1), word(wants.1));
            return Is(format!("has the generated column `{name}`, which is {is}, not {wants}"));
        }
        if expression::have_same_meaning(self.live.dialect, is.0, wants.0) {
            DefaultDifference::None
        } else if self.live.unsure {
            Unsure
        } else {
            let (is, wants) = (is.0, wants.0);
            Is(format!("has the column `{name}` generated as `{is}` instead of `{wants}`"))
        }
    }

    /// Compares the values of the enum type of a column.
    fn compare_enum(&self, name: &str, found: &LiveColumn, push: &mut impl FnMut(String)) {
        let ty = found.ty.strip_suffix("[]").unwrap_or(&found.ty);
        if let (Some(wanted), Some(is)) = (self.expected.enums.get(ty), self.live.enums.get(ty))
            && wanted != is
        {
            let (is, wants) = (is.join(", "), wanted.join(", "));
            push(format!(
                "has the column `{name}` of the enum type `{ty}` with the values ({is}) instead of ({wants})"
            ));
        }
    }
}

/// Whether a field of this type can have a default in the source.
fn takes_default(ty: &str) -> bool {
    let words = ["text", "character", "smallint", "integer", "bigint", "real", "double", "boolean"];
    words.iter().any(|word| ty.starts_with(word)) && !ty.ends_with("[]")
}

/// Compares two defaults that are expressions. The name of a sequence is chosen by the database.
fn same_expression(dialect: Dialect, a: &str, b: &str) -> bool {
    let counts = |text: &str| text.starts_with("nextval(");
    expression::have_same_meaning(dialect, a, b) || counts(a) && counts(b)
}
