//! Statements on rows as text, for both databases: they differ in a few expressions only.
//!
//! Parameters are `$1` on PostgreSQL and `?1` on SQLite. SQLite has no transaction ids and no
//! sequences: there [`Expr::Txid`] and [`Expr::Place`] are two parameters after the caller's own,
//! and [`Printed`] says which of them the statement has.

use super::{Dialect, json};
use crate::sql::dml::{
    Compare, Conflict, Delete, Expr, Insert, Order, Rows, Select, Statement, Text, Update,
};
use crate::ty::Type;

/// SQLite: the function that gives the microseconds of a text. The program that runs a statement
/// brings it: SQLite's own know milliseconds, and no offsets with seconds.
pub const MICROS: &str = "kontract_micros";

/// The PostgreSQL type in which values of a type travel.
pub fn travel_type(ty: &Type) -> String {
    match ty {
        Type::Boolean => "bool",
        Type::Int8 | Type::Int16 | Type::Uint8 => "int2",
        Type::Int32 | Type::Uint16 => "int4",
        Type::Bigint | Type::Date | Type::Uint32 => "int8",
        Type::Float32 => "float4",
        Type::Number => "float8",
        Type::String | Type::Enum(_) | Type::Sql => "text",
        Type::Bytes => "bytea",
        Type::Uuid => "uuid",
        Type::Decimal => "numeric",
        Type::Instant => "timestamptz",
        Type::DateTime => "timestamp",
        Type::Day => "date",
        Type::Time => "time",
        Type::Array(element) if element.is_scalar() => return travel_type(element) + "[]",
        Type::Json | Type::Object(_) | Type::Array(_) => "jsonb",
    }
    .to_owned()
}

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
pub fn print(dialect: Dialect, statement: &Statement, params: usize) -> Printed {
    let mut printer = Printer { dialect, params, out: Printed::default() };
    match statement {
        Statement::Select(select) => printer.select(select),
        Statement::Insert(insert) => printer.insert(insert),
        Statement::Update(update) => printer.update(update),
        Statement::Delete(delete) => printer.delete(delete),
    }
    printer.out
}

struct Printer {
    dialect: Dialect,
    params: usize,
    out: Printed,
}

impl Printer {
    fn push(&mut self, text: &str) {
        self.out.text.push_str(text);
    }

    fn ident(&mut self, name: &str) {
        let name = self.dialect.ident(name);
        self.push(&name);
    }

    /// The items with commas between them.
    fn list<T>(&mut self, items: &[T], mut item: impl FnMut(&mut Printer, &T)) {
        for (place, each) in items.iter().enumerate() {
            if place > 0 {
                self.push(", ");
            }
            item(self, each);
        }
    }

    fn filter(&mut self, filter: &Option<Expr>) {
        if let Some(filter) = filter {
            self.push(" WHERE ");
            self.expr(filter);
        }
    }

    fn returning(&mut self, columns: &[Expr]) {
        if !columns.is_empty() {
            self.push(" RETURNING ");
            self.list(columns, |p, column| p.expr(column));
        }
    }

    fn select(&mut self, select: &Select) {
        self.push("SELECT ");
        if select.numbered.is_some() {
            self.push("k.\" n\", ");
        }
        self.list(&select.columns, |p, column| p.expr(column));
        self.push(" FROM ");
        self.ident(&select.from);
        if let Some((columns, types)) = &select.numbered {
            self.numbered(columns, types);
        }
        self.filter(&select.filter);
        if !select.order.is_empty() {
            self.push(" ORDER BY ");
            self.list(&select.order, Printer::order);
        }
        if let Some(limit) = &select.limit {
            self.push(" LIMIT ");
            self.expr(limit);
        } else if select.offset.is_some() && self.dialect == Dialect::Sqlite {
            // SQLite has no OFFSET without a LIMIT; a negative one is none.
            self.push(" LIMIT -1");
        }
        if let Some(offset) = &select.offset {
            self.push(" OFFSET ");
            self.expr(offset);
        }
        if select.skip_locked && self.dialect == Dialect::Postgres {
            self.push(" FOR UPDATE SKIP LOCKED");
        }
    }

    /// The names of the lists' columns cannot clash with those of a table, which are no longer than
    /// 63 bytes and never begin with a space.
    fn numbered(&mut self, columns: &[String], types: &[String]) {
        self.push(" JOIN unnest(");
        let mut number = 0;
        self.list(types, |p, ty| {
            number += 1;
            p.push(&format!("${number}::{ty}[]"));
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
            self.ident(column);
            self.push(&format!(" = \" k{}\"", place + 1));
        }
    }

    /// PostgreSQL puts NULL last in ascending order only, SQLite in descending order only.
    fn order(&mut self, order: &Order) {
        self.expr(&order.by);
        if order.descending {
            self.push(" DESC");
        }
        let already_last = order.descending == (self.dialect == Dialect::Sqlite);
        if order.nullable && !already_last {
            self.push(" NULLS LAST");
        }
    }

    fn insert(&mut self, insert: &Insert) {
        self.push("INSERT INTO ");
        self.ident(&insert.into);
        self.push(" (");
        self.list(&insert.columns, |p, column| p.ident(column));
        self.push(")");
        match &insert.rows {
            Rows::Values(values) => {
                self.push(" VALUES (");
                self.list(values, |p, value| p.expr(value));
                self.push(")");
            }
            Rows::Unnest { types, values } => {
                self.push(" SELECT ");
                self.list(values, |p, value| p.expr(value));
                self.push(" FROM unnest(");
                let mut number = 0;
                self.list(types, |p, ty| {
                    number += 1;
                    p.push(&format!("${number}::{ty}[]"));
                });
                self.push(") WITH ORDINALITY AS e(");
                for number in 1..=types.len() {
                    self.push(&format!("e{number}, "));
                }
                self.push("n) ORDER BY e.n");
            }
        }
        if let Some(conflict) = &insert.conflict {
            self.conflict(conflict);
        }
        self.returning(&insert.returning);
    }

    fn conflict(&mut self, conflict: &Conflict) {
        self.push(" ON CONFLICT (");
        self.list(&conflict.target, |p, column| p.ident(column));
        if conflict.set.is_empty() {
            return self.push(") DO NOTHING");
        }
        self.push(") DO UPDATE SET ");
        self.list(&conflict.set, Printer::set);
        self.filter(&conflict.filter);
    }

    fn set(&mut self, (column, value): &(String, Expr)) {
        self.ident(column);
        self.push(" = ");
        self.expr(value);
    }

    fn update(&mut self, update: &Update) {
        self.push("UPDATE ");
        self.ident(&update.table);
        self.push(" SET ");
        self.list(&update.set, Printer::set);
        self.filter(&update.filter);
        self.returning(&update.returning);
    }

    fn delete(&mut self, delete: &Delete) {
        self.push("DELETE FROM ");
        self.ident(&delete.from);
        self.filter(&delete.filter);
        self.returning(&delete.returning);
    }

    fn param(&mut self, number: usize) {
        match self.dialect {
            Dialect::Postgres => self.push(&format!("${number}")),
            Dialect::Sqlite => self.push(&format!("?{number}")),
        }
    }

    fn expr(&mut self, expr: &Expr) {
        match expr {
            Expr::Column(name) => self.ident(name),
            Expr::Present { table, column } => {
                self.ident(table);
                self.push(".");
                self.ident(column);
            }
            Expr::Excluded(column) => {
                self.push("excluded.");
                self.ident(column);
            }
            Expr::Json { key, ty } => {
                let text = json::json_field(self.dialect, "data", key, ty);
                self.push(&text);
            }
            Expr::Param(number) => self.param(*number),
            Expr::Element(number) => self.push(&format!("e.e{number}")),
            Expr::As(inner, ty) => {
                self.expr(inner);
                if self.dialect == Dialect::Postgres {
                    self.push("::");
                    self.push(ty);
                }
            }
            Expr::Numeric(inner) => self.sqlite_call("CAST(", inner, " AS NUMERIC)"),
            Expr::Moment(inner) => self.sqlite_call(&format!("{MICROS}("), inner, ")"),
            Expr::Parsed(inner) => self.sqlite_call("(", inner, "->>'$')"),
            Expr::Null => self.push("NULL"),
            Expr::Number(number) => self.push(&number.to_string()),
            Expr::Txid => self.txid(),
            Expr::Place => self.place(),
            Expr::Next(inner) => {
                self.expr(inner);
                self.push(" + 1");
            }
            Expr::Merge { column, keys } => self.merge(column, keys),
            Expr::Compare(op, left, right) => self.compare(*op, left, right),
            Expr::Text(op, left, right) => self.text(*op, left, right),
            Expr::IsNull(inner) => {
                self.expr(inner);
                self.push(" IS NULL");
            }
            Expr::AnyOf { of, list, parsed } => self.any_of(of, *list, *parsed),
            Expr::KeysIn { columns, first, types } => self.keys_in(columns, *first, types),
            Expr::IsRow(columns, select) => self.rows(columns, " = (", select),
            Expr::InRows(columns, select) => self.rows(columns, " IN (", select),
            Expr::And(all) => self.joined(all, " AND "),
            Expr::Or(all) => self.joined(all, " OR "),
            Expr::Not(inner) => {
                self.push("NOT (");
                self.expr(inner);
                self.push(")");
            }
            Expr::Count => self.push("count(*)"),
        }
    }

    /// PostgreSQL compares the value as it is.
    fn sqlite_call(&mut self, before: &str, inner: &Expr, after: &str) {
        match self.dialect {
            Dialect::Postgres => self.expr(inner),
            Dialect::Sqlite => {
                self.push(before);
                self.expr(inner);
                self.push(after);
            }
        }
    }

    fn txid(&mut self) {
        match self.dialect {
            Dialect::Postgres => self.push("txid_current()"),
            Dialect::Sqlite => {
                let number = self.params + 1;
                self.out.txid = Some(number);
                self.param(number);
            }
        }
    }

    fn place(&mut self) {
        match self.dialect {
            Dialect::Postgres => self.push("DEFAULT"),
            Dialect::Sqlite => {
                let number = self.params + 2;
                self.out.place = Some(number);
                self.param(number);
            }
        }
    }

    fn merge(&mut self, column: &str, keys: &[(String, usize)]) {
        match self.dialect {
            Dialect::Postgres => {
                self.ident(column);
                self.push(" || ");
                self.param(keys.first().map_or(0, |(_, number)| *number));
            }
            Dialect::Sqlite => {
                self.push("json_set(");
                self.ident(column);
                for (key, number) in keys {
                    let path = json::path(self.dialect, key);
                    self.push(&format!(", {path}, json(?{number})"));
                }
                self.push(")");
            }
        }
    }

    fn compare(&mut self, op: Compare, left: &Expr, right: &Expr) {
        self.expr(left);
        self.push(match (op, self.dialect) {
            (Compare::Eq, _) => " = ",
            (Compare::Distinct, Dialect::Postgres) => " IS DISTINCT FROM ",
            (Compare::Distinct, Dialect::Sqlite) => " IS NOT ",
            (Compare::Lt, _) => " < ",
            (Compare::Le, _) => " <= ",
            (Compare::Gt, _) => " > ",
            (Compare::Ge, _) => " >= ",
        });
        self.expr(right);
    }

    fn text(&mut self, op: Text, left: &Expr, right: &Expr) {
        let (before, between, after) = match (op, self.dialect) {
            (Text::Pattern, Dialect::Postgres) => ("", " LIKE ", ""),
            (Text::Pattern, Dialect::Sqlite) => ("", " GLOB ", ""),
            (Text::Contains, Dialect::Postgres) => ("strpos(", ", ", ") > 0"),
            (Text::Contains, Dialect::Sqlite) => ("instr(", ", ", ") > 0"),
            (Text::StartsWith, Dialect::Postgres) => ("starts_with(", ", ", ")"),
            (Text::StartsWith, Dialect::Sqlite) => ("instr(", ", ", ") = 1"),
        };
        self.push(before);
        self.expr(left);
        self.push(between);
        self.expr(right);
        self.push(after);
    }

    /// One shape for lists of every length, so that the cache of statements stays small.
    fn any_of(&mut self, of: &Expr, list: usize, parsed: bool) {
        self.expr(of);
        let value = if parsed { "value->>'$'" } else { "value" };
        match self.dialect {
            Dialect::Postgres => self.push(&format!(" = ANY(${list})")),
            Dialect::Sqlite => self.push(&format!(" IN (SELECT {value} FROM rarray(?{list}))")),
        }
    }

    fn keys_in(&mut self, columns: &[String], first: usize, types: &[String]) {
        self.push("(");
        self.list(columns, |p, column| p.ident(column));
        self.push(") IN (SELECT * FROM unnest(");
        let mut number = first;
        self.list(types, |p, ty| {
            p.push(&format!("${number}::{ty}[]"));
            number += 1;
        });
        self.push("))");
    }

    fn rows(&mut self, columns: &[String], is: &str, select: &Select) {
        self.push("(");
        self.list(columns, |p, column| p.ident(column));
        self.push(")");
        self.push(is);
        self.select(select);
        self.push(")");
    }

    /// Long chains as a balanced tree: databases nest one level for each word of a plain chain, and
    /// SQLite takes 1000.
    fn joined(&mut self, all: &[Expr], word: &str) {
        self.push("(");
        if all.len() > CHAIN {
            let (first, rest) = all.split_at(all.len() / 2);
            self.joined(first, word);
            self.push(word);
            self.joined(rest, word);
        } else {
            for (place, each) in all.iter().enumerate() {
                if place > 0 {
                    self.push(word);
                }
                self.expr(each);
            }
        }
        self.push(")");
    }
}

/// How many words of a chain stand behind each other.
const CHAIN: usize = 16;

#[cfg(test)]
mod tests;
