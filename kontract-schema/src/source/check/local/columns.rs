//! The SQL of the user in attributes: the columns that it may name, what each database has, and whether a
//! condition is one.

use std::collections::BTreeMap;

use super::{OURS, column_name};
use crate::code;
use crate::diagnostic::Diagnostic;
use crate::dialect::Dialect;
use crate::model::types::Type;
use crate::model::{Layout, Sql, SqlKind};
use crate::source::raw::{RawField, RawTable, RawType};
use crate::sql::table::DATA;
use crate::sqltext::{
    Expressions, ValueType, find_columns, find_foreign, find_wrong_condition, is_value_word,
    split_at_commas, split_order,
};

/// The columns of a table, in lower case: SQLite ignores case in names.
pub(in crate::source::check) struct KnownColumns {
    /// The name of the table.
    table: String,
    /// The columns of the fields, and other names that the SQL may have.
    names: Vec<String>,
    /// The types that are known without the other items of the package.
    types: BTreeMap<String, ValueType>,
    is_document: bool,
}

impl KnownColumns {
    /// Returns the columns of a struct.
    pub(in crate::source::check) fn of_struct(table: &RawTable) -> KnownColumns {
        let name = |field: &RawField| column_name(field, table.layout).0.to_owned();
        KnownColumns {
            table: table.table_name(),
            names: table.fields.iter().map(|field| name(field).to_lowercase()).collect(),
            types: table
                .fields
                .iter()
                .filter_map(|field| Some((name(field).to_lowercase(), value_type(field)?)))
                .collect(),
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

    /// Returns the problems of an expression in this attribute: columns that the table does not have, and
    /// what one of the databases does not have.
    pub(in crate::source::check) fn check_expression(
        &self,
        attribute: &str,
        sql: &Sql,
        expressions: Expressions,
    ) -> Vec<Diagnostic> {
        let mut found = self.find_unknown(sql, expressions);
        found.extend(report_foreign(attribute, sql, expressions));
        found
    }

    /// Returns the problems of a condition: those of an expression, and what PostgreSQL does not take as a
    /// condition.
    pub(in crate::source::check) fn check_condition(
        &self,
        attribute: &str,
        sql: &Sql,
    ) -> Vec<Diagnostic> {
        let mut found = self.check_expression(attribute, sql, Expressions::One);
        let column = |name: &str| self.types.get(name).cloned();
        found.extend(find_wrong_condition(&sql.postgres, &column).map(|why| {
            Diagnostic::new(code::NOT_A_CONDITION, why)
                .help("compare values of one type, for example `n > 0`, `done`, `name <> ''`")
        }));
        found
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

/// Reports a function, operator or other part of an expression that one of the databases does not have.
pub(super) fn report_foreign(
    attribute: &str,
    sql: &Sql,
    expressions: Expressions,
) -> Option<Diagnostic> {
    let is_index = expressions == Expressions::List;
    let (dialect, found) = Dialect::ALL.into_iter().find_map(|dialect| {
        Some((dialect, find_foreign(dialect, sql.for_dialect(dialect), is_index)?))
    })?;
    let database = dialect.choose("PostgreSQL", "SQLite");
    let help = if sql.postgres == sql.sqlite {
        format!("write one text for each database: `#[{}]`", print_both(attribute))
    } else {
        format!("write the text of `{}` for {database}", dialect.name())
    };
    Some(Diagnostic::new(code::UNKNOWN_FUNCTION, format!("{database} has no {found}")).help(help))
}

/// Returns the attribute with a text for each database: `check`, or `index(on)`.
fn print_both(attribute: &str) -> String {
    const BOTH: &str = "(postgres = \"…\", sqlite = \"…\")";
    match attribute.strip_suffix(')') {
        Some(head) => format!("{head}{BOTH})"),
        None => format!("{attribute}{BOTH}"),
    }
}

/// Returns the type of the values of a field, if the field alone says it.
fn value_type(field: &RawField) -> Option<ValueType> {
    let kind = match (&field.sql_type, &field.ty) {
        (Some((ty, _)), _) => ty.kind().clone(),
        (None, RawType::Known(Type::Json)) => SqlKind::Jsonb,
        (None, RawType::Known(ty)) => SqlKind::for_type(ty),
        (None, RawType::Text(kind)) => kind.clone(),
        (None, RawType::Named(..) | RawType::List(_)) => return None,
    };
    Some(match kind {
        SqlKind::Boolean => ValueType::Boolean,
        SqlKind::SmallInt
        | SqlKind::Integer
        | SqlKind::BigInt
        | SqlKind::Real
        | SqlKind::Double
        | SqlKind::Numeric(_) => ValueType::Number,
        SqlKind::Text | SqlKind::Varchar(_) | SqlKind::Char(_) => ValueType::Text,
        // A domain may be one of booleans.
        SqlKind::Named { .. } => return None,
        kind => ValueType::Other(kind.to_string()),
    })
}
