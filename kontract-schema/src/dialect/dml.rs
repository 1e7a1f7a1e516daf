//! Prints statements on rows for both databases, which differ in a few expressions.
//!
//! Parameters are `$1` on PostgreSQL and `?1` on SQLite. SQLite has no transaction ids and no
//! sequences: there [`SqlExpr::Txid`] and [`SqlExpr::Place`] are two parameters after the caller's own,
//! and [`Printed`] says which of them the statement has.

mod existing_row;
mod expr;

pub(crate) use existing_row::PLACEHOLDER;

use super::Dialect;
pub use super::postgres::{casts_to_assign, casts_to_compare, compares_directly, parameter_type};
use crate::sql::dml::{
    Conflict, Delete, Insert, Join, JoinKind, Lock, Order, Returned, RowStatement, Rows, Select,
    SqlExpr, Update, ValueList, Wait, With,
};

/// SQLite: the function that gives the microseconds of a text. The program that runs a statement
/// brings it: SQLite's own know milliseconds, and no offsets with seconds.
pub const MICROS: &str = "kontract_micros";

/// SQLite: the exact sum of decimals that are texts. The program that runs a statement brings it, and
/// the next three.
pub const SUM: &str = "kontract_sum";

/// SQLite: a decimal without the zeros at its end, or a date with time as a column keeps it, so that equal
/// ones are equal texts.
pub const PLAIN: &str = "kontract_plain";

/// SQLite: the smallest of decimals, or of dates with time, that are texts.
pub const MIN: &str = "kontract_min";

/// SQLite: the greatest of them.
pub const MAX: &str = "kontract_max";

/// SQLite: the collation that compares texts as the decimals that they are. The program that runs a
/// statement brings it.
pub const DECIMAL: &str = "kontract_decimal";

/// SQLite: a value as a column with limits stores it; see [`SqlExpr::Stored`].
pub const FIT: &str = "kontract_fit";

/// SQLite: whether a range and a value, or two ranges, belong together: of the word of a
/// [`RangeTest`](crate::sql::dml::RangeTest), the range type, and the two, as they are stored.
pub const RANGES: &str = "kontract_ranges";

/// A statement as text.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Printed {
    /// The text, on one line, without a semicolon.
    pub text: String,
    /// SQLite: the number of the parameter that takes the transaction's id.
    pub txid: Option<usize>,
    /// SQLite: the number of the parameter that takes the new place.
    pub place: Option<usize>,
}

/// A statement as text; `params` is the number of the caller's own parameters.
pub fn print(dialect: Dialect, statement: &RowStatement, params: usize) -> Printed {
    let mut printer = Printer { dialect, params, of: None, out: Printed::default() };
    match statement {
        RowStatement::Select(select) => printer.print_select(select),
        RowStatement::Insert(insert) => printer.print_insert(insert),
        RowStatement::Update(update) => printer.print_update(update),
        RowStatement::Delete(delete) => printer.print_delete(delete),
    }
    printer.out
}

/// An expression of a migration, which has no parameters, as text.
pub(crate) fn expr_text(dialect: Dialect, expr: &SqlExpr) -> String {
    let mut printer = Printer { dialect, params: 0, of: None, out: Printed::default() };
    printer.print_expr(expr);
    printer.out.text
}

struct Printer {
    dialect: Dialect,
    params: usize,
    /// The table whose columns are printed, where they need its name.
    of: Option<String>,
    out: Printed,
}

impl Printer {
    fn push(&mut self, text: &str) {
        self.out.text.push_str(text);
    }

    fn print_ident(&mut self, name: &str) {
        let name = self.dialect.ident(name);
        self.push(&name);
    }

    /// A table with a path, or an alias.
    fn print_table_name(&mut self, path: &str) {
        let name = self.dialect.table(path);
        self.push(&name);
    }

    /// The items with commas between them.
    fn print_list<T>(&mut self, items: &[T], mut item: impl FnMut(&mut Printer, &T)) {
        for (place, each) in items.iter().enumerate() {
            if place > 0 {
                self.push(", ");
            }
            item(self, each);
        }
    }

    fn print_filter(&mut self, filter: &Option<SqlExpr>) {
        if let Some(filter) = filter {
            self.push(" WHERE ");
            self.print_expr(filter);
        }
    }

    fn print_returning(&mut self, columns: &[SqlExpr]) {
        if !columns.is_empty() {
            self.push(" RETURNING ");
            self.print_list(columns, |p, column| p.print_expr(column));
        }
    }

    fn print_select(&mut self, select: &Select) {
        self.print_with(&select.with);
        self.print_core(select);
        for (apart, other) in &select.union {
            self.push(if *apart { " UNION ALL " } else { " UNION " });
            let is_plain = other.with.is_empty()
                && other.union.is_empty()
                && other.order.is_empty()
                && other.limit.is_none()
                && other.offset.is_none();
            // SQLite does not accept parentheses around the parts of a union.
            if is_plain {
                self.print_core(other);
            } else {
                self.push("SELECT * FROM (");
                self.print_select(other);
                self.push(")");
                if self.dialect.capabilities().named_subqueries {
                    self.push(" AS u");
                }
            }
        }
        if !select.order.is_empty() {
            self.push(" ORDER BY ");
            self.print_list(&select.order, |p, order| p.print_order(order, select));
        }
        if let Some(limit) = &select.limit {
            self.push(" LIMIT ");
            self.print_expr(limit);
        } else if select.offset.is_some() && !self.dialect.capabilities().offset_without_limit {
            // A negative limit is the same as none.
            self.push(" LIMIT -1");
        }
        if let Some(offset) = &select.offset {
            self.push(" OFFSET ");
            self.print_expr(offset);
        }
        if let Some(lock) = select.lock.filter(|_| self.dialect.capabilities().row_locks) {
            self.print_lock(&lock, select.alias.as_deref());
        }
    }

    /// A select up to its order.
    fn print_core(&mut self, select: &Select) {
        self.push("SELECT ");
        if select.distinct {
            self.push("DISTINCT ");
        }
        if select.numbered.is_some() {
            self.push("k.\" n\", ");
        }
        self.print_list(&select.columns, |p, column| p.print_expr(column));
        self.push(" FROM ");
        self.print_table(&select.from, select.alias.as_deref(), &select.only);
        if let Some((columns, types)) = &select.numbered {
            self.print_key_lists(columns, types);
        }
        for join in &select.joins {
            self.print_join(join);
        }
        if let Some(values) = &select.values {
            self.print_value_list(values);
        }
        self.print_filter(&select.filter);
        if !select.group.is_empty() {
            self.push(" GROUP BY ");
            self.print_list(&select.group, |p, by| p.print_expr(by));
        }
        if let Some(having) = &select.having {
            self.push(" HAVING ");
            self.print_expr(having);
        }
    }

    fn print_with(&mut self, with: &[With]) {
        if with.is_empty() {
            return;
        }
        let recursive = with.iter().any(|with| with.recursive);
        self.push(if recursive { "WITH RECURSIVE " } else { "WITH " });
        self.print_list(with, |p, with| {
            p.print_ident(&with.name);
            p.push(" (");
            p.print_list(&with.columns, |p, column| p.print_ident(column));
            p.push(") AS (");
            p.print_select(&with.select);
            p.push(")");
        });
        self.push(" ");
    }

    fn print_table(&mut self, name: &str, alias: Option<&str>, only: &Option<SqlExpr>) {
        if only.is_some() {
            self.push("(SELECT * FROM ");
            self.print_table_name(name);
            self.print_filter(only);
            self.push(")");
        } else {
            self.print_table_name(name);
        }
        if let Some(alias) = alias {
            self.push(" AS ");
            self.print_ident(alias);
        }
    }

    fn print_join(&mut self, join: &Join) {
        self.push(match join.kind {
            JoinKind::Inner => " JOIN ",
            JoinKind::Left => " LEFT JOIN ",
            JoinKind::Right => " RIGHT JOIN ",
        });
        self.print_table(&join.table, Some(&join.alias), &join.only);
        self.push(" ON ");
        self.print_expr(&join.on);
    }

    fn print_lock(&mut self, lock: &Lock, alias: Option<&str>) {
        self.push(if lock.shared { " FOR SHARE" } else { " FOR UPDATE" });
        if let Some(alias) = alias {
            self.push(" OF ");
            self.print_ident(alias);
        }
        self.push(match lock.wait {
            Wait::Wait => "",
            Wait::Skip => " SKIP LOCKED",
            Wait::Fail => " NOWAIT",
        });
    }

    /// The names of the lists' columns cannot clash with those of a table, which are no longer than
    /// 63 bytes and never begin with a space.
    fn print_key_lists(&mut self, columns: &[String], types: &[Vec<String>]) {
        self.push(" JOIN unnest(");
        let mut number = 0;
        self.print_list(types, |p, casts| {
            number += 1;
            p.print_list_param(number, casts);
        });
        self.push(") WITH ORDINALITY AS k(");
        for number in 1..=columns.len() {
            self.push(&format!("\" k{number}\", "));
        }
        self.push("\" n\") ON ");
        for (place, column) in columns.iter().enumerate() {
            if place > 0 {
                self.push(" AND ");
            }
            self.print_ident(column);
            self.push(&format!(" = \" k{}\"", place + 1));
        }
    }

    /// A list of values, which is joined. Its name and columns begin with a space, as those of no table
    /// do.
    fn print_value_list(&mut self, values: &ValueList) {
        match self.dialect {
            Dialect::Postgres => {
                self.push(" JOIN unnest(");
                self.print_list_param(values.list, values.each.casts());
                self.push(") WITH ORDINALITY AS \" k\"(\" k1\", \" n\") ON ");
            }
            Dialect::Sqlite => {
                let value = expr::print_element(&values.each);
                let list = format!(
                    "SELECT rowid AS \" n\", {value} AS \" k1\" FROM rarray(?{})",
                    values.list
                );
                self.push(&format!(" JOIN ({list}) AS \" k\" ON "));
            }
        }
        self.print_expr(&values.of);
        self.push(" = \" k\".\" k1\"");
    }

    /// A parameter that is a list, through the types of its elements (PostgreSQL).
    fn print_list_param(&mut self, number: usize, casts: &[String]) {
        self.push(&format!("${number}"));
        for ty in casts {
            self.push(&format!("::{ty}[]"));
        }
    }

    /// PostgreSQL puts NULL last in ascending order only, SQLite in descending order only.
    ///
    /// A name alone means an output first: beside `k::text` it would be the text, not the column.
    fn print_order(&mut self, order: &Order, select: &Select) {
        if select.union.is_empty() && select.columns.iter().any(|of| of.is_cast_of(&order.by)) {
            self.print_ident(select.alias.as_deref().unwrap_or(&select.from));
            self.push(".");
        }
        self.print_expr(&order.by);
        if order.descending {
            self.push(" DESC");
        }
        let already_last = order.descending != self.dialect.capabilities().nulls_sort_last;
        if order.nullable && !already_last {
            self.push(" NULLS LAST");
        }
    }

    fn print_insert(&mut self, insert: &Insert) {
        match (&insert.rows, &insert.returned) {
            (Rows::Unnest { types, values }, Returned::ByKey(key)) => {
                self.push("WITH e AS MATERIALIZED (SELECT ");
                let mut number = 0;
                self.print_list(values, |p, value| {
                    number += 1;
                    p.print_expr(value);
                    p.push(&format!(" AS c{number}"));
                });
                self.push(", e.n FROM ");
                self.print_arrays(types);
                self.push("), i AS (");
                self.print_into(insert);
                self.push(" SELECT ");
                let numbers: Vec<usize> = (1..=values.len()).collect();
                self.print_list(&numbers, |p, number| p.push(&format!("c{number}")));
                self.push(" FROM e ORDER BY n");
                self.print_returned(insert);
                self.push(" JOIN e ON ");
                for (at, place) in key.iter().enumerate() {
                    self.push(if at > 0 { " AND i." } else { "i." });
                    self.print_ident(&insert.columns[*place]);
                    self.push(&format!(" = e.c{}", place + 1));
                }
                self.push(" ORDER BY e.n");
            }
            (Rows::Unnest { .. }, Returned::ByNumber(column)) => {
                self.push("WITH i AS (");
                self.print_into(insert);
                self.print_rows(insert);
                self.print_returned(insert);
                self.push(" ORDER BY i.");
                self.print_ident(column);
            }
            _ => {
                self.print_into(insert);
                self.print_rows(insert);
                // A row without a key has no conflict, and DEFAULT VALUES takes none.
                if let Some(conflict) = &insert.conflict
                    && !insert.columns.is_empty()
                {
                    self.print_conflict(conflict);
                }
                self.print_returning(&insert.returning);
            }
        }
    }

    /// The end of the common table expression `i`, which inserts, and the select of its rows.
    fn print_returned(&mut self, insert: &Insert) {
        if let Some(conflict) = &insert.conflict {
            self.print_conflict(conflict);
        }
        self.push(" RETURNING *) SELECT ");
        self.print_list(&insert.returning, |p, column| {
            p.print_expr(&SqlExpr::Of("i".to_owned(), Box::new(column.clone())));
        });
        self.push(" FROM i");
    }

    fn print_into(&mut self, insert: &Insert) {
        self.push("INSERT INTO ");
        self.print_table_name(&insert.into);
        // Without a value for any column.
        if insert.columns.is_empty() {
            return;
        }
        self.push(" (");
        self.print_list(&insert.columns, |p, column| p.print_ident(column));
        self.push(")");
        if insert.overriding && self.dialect == Dialect::Postgres {
            self.push(" OVERRIDING SYSTEM VALUE");
        }
    }

    fn print_rows(&mut self, insert: &Insert) {
        match &insert.rows {
            Rows::Values(values) if values.is_empty() => self.push(" DEFAULT VALUES"),
            Rows::Values(values) => {
                self.push(" VALUES (");
                self.print_list(values, |p, value| p.print_expr(value));
                self.push(")");
            }
            Rows::Select(select) => {
                self.push(" ");
                self.print_select(select);
                // Otherwise SQLite takes the ON of a conflict for that of a join.
                if insert.conflict.is_some() && select.filter.is_none() {
                    self.push(" WHERE true");
                }
            }
            Rows::Unnest { types, values } => {
                self.push(" SELECT ");
                self.print_list(values, |p, value| p.print_expr(value));
                self.push(" FROM ");
                self.print_arrays(types);
                self.push(" ORDER BY e.n");
            }
        }
    }

    /// The arrays that are the parameters, as a table `e` with the number of each row.
    fn print_arrays(&mut self, types: &[String]) {
        self.push("unnest(");
        let mut number = 0;
        self.print_list(types, |p, ty| {
            number += 1;
            p.push(&format!("${number}::{ty}[]"));
        });
        self.push(") WITH ORDINALITY AS e(");
        for number in 1..=types.len() {
            self.push(&format!("e{number}, "));
        }
        self.push("n)");
    }

    fn print_conflict(&mut self, conflict: &Conflict) {
        self.push(" ON CONFLICT (");
        let has_equal_nulls = self.dialect.capabilities().index_options;
        self.print_list(&conflict.target, |p, target| {
            if !has_equal_nulls && conflict.equal_nulls.contains(target) {
                // The two expressions that such an index has there.
                p.push("coalesce(");
                p.print_expr(target);
                p.push(", 0), (");
                p.print_expr(target);
                return p.push(" IS NULL)");
            }
            // An expression of an index needs its own parentheses.
            let is_column = matches!(target, SqlExpr::Column(_));
            p.push(if is_column { "" } else { "(" });
            p.print_expr(target);
            p.push(if is_column { "" } else { ")" });
        });
        self.push(")");
        self.print_filter(&conflict.partial);
        if conflict.set.is_empty() {
            return self.push(" DO NOTHING");
        }
        self.push(" DO UPDATE SET ");
        self.print_list(&conflict.set, Printer::print_assignment);
        self.print_filter(&conflict.filter);
    }

    fn print_assignment(&mut self, (column, value): &(String, SqlExpr)) {
        self.print_ident(column);
        self.push(" = ");
        self.print_expr(value);
    }

    fn print_update(&mut self, update: &Update) {
        self.push("UPDATE ");
        self.print_table(&update.table, update.alias.as_deref(), &None);
        self.push(" SET ");
        self.print_list(&update.set, Printer::print_assignment);
        self.print_filter(&update.filter);
        self.print_returning(&update.returning);
    }

    fn print_delete(&mut self, delete: &Delete) {
        self.push("DELETE FROM ");
        self.print_table(&delete.from, delete.alias.as_deref(), &None);
        self.print_filter(&delete.filter);
        self.print_returning(&delete.returning);
    }
}

#[cfg(test)]
mod tests;
