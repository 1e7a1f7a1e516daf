//! The columns that SQL of the user may name.

use super::{OURS, column_name};
use crate::code;
use crate::diagnostic::Diagnostic;
use crate::dialect::Dialect;
use crate::model::{Layout, Sql};
use crate::source::raw::{RawField, RawTable};
use crate::sql::table::DATA;
use crate::sqltext::{Expressions, find_columns, is_value_word, split_at_commas, split_order};

/// The columns of a table, in lower case: SQLite ignores case in names.
pub(in crate::source::check) struct KnownColumns {
    /// The name of the table.
    table: String,
    /// The columns of the fields, and other names that the SQL may have.
    names: Vec<String>,
    is_document: bool,
}

impl KnownColumns {
    /// Returns the columns of a struct.
    pub(in crate::source::check) fn of_struct(table: &RawTable) -> KnownColumns {
        let name = |field: &RawField| column_name(field, table.layout).0.to_owned();
        KnownColumns {
            table: table.table_name(),
            names: table.fields.iter().map(|field| name(field).to_lowercase()).collect(),
            is_document: table.layout == Layout::Document,
        }
    }

    /// Adds names that the SQL may have, too.
    pub(in crate::source::check) fn with(
        mut self,
        names: impl Iterator<Item = String>,
    ) -> KnownColumns {
        self.names.extend(names.map(|name| name.to_lowercase()));
        self
    }

    /// Returns a problem for each column in the SQL that the table does not have.
    pub(in crate::source::check) fn find_unknown(
        &self,
        sql: &Sql,
        expressions: Expressions,
    ) -> Vec<Diagnostic> {
        if sql.postgres == sql.sqlite {
            return self.find_in(&Dialect::ALL, &sql.postgres, expressions);
        }
        let mut found = Vec::new();
        for dialect in Dialect::ALL {
            found.extend(self.find_in(&[dialect], sql.for_dialect(dialect), expressions));
        }
        found
    }

    fn find_in(&self, dialects: &[Dialect], text: &str, of: Expressions) -> Vec<Diagnostic> {
        let dialect = dialects[0];
        let parts = match of {
            Expressions::One | Expressions::Query => vec![text],
            Expressions::List => {
                let parts = split_at_commas(dialect, text).into_iter();
                parts.map(|part| split_order(dialect, part).0).collect()
            }
        };
        let names = parts.into_iter().flat_map(|part| find_columns(dialects, part));
        names.filter_map(|name| self.report_unknown(name)).collect()
    }

    fn report_unknown(&self, mut name: String) -> Option<Diagnostic> {
        // `users.age`: the column of this table.
        if let Some((qualifier, column)) = name.rsplit_once('.')
            && qualifier.rsplit('.').next() == Some(&self.table.to_lowercase())
        {
            name = column.to_owned();
        }
        let known = self.names.contains(&name)
            || OURS.contains(&name.as_str())
            || is_value_word(&name)
            || (self.is_document && name == DATA);
        if known {
            return None;
        }
        let near = |other: &&String| strsim::damerau_levenshtein(other, &name) <= 2;
        let message = format!("`{}` has no column `{name}`", self.table);
        let problem = Diagnostic::new(code::UNKNOWN_COLUMN, message);
        Some(match self.names.iter().find(near) {
            Some(near) => problem.help(format!("did you mean `{near}`?")),
            None => problem.help(format!("its columns are {}", self.names.join(", "))),
        })
    }
}
