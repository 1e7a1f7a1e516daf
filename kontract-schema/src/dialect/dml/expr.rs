//! Expressions of statements on rows as text.

use super::super::values::{constant, has_key, one_of};
use super::super::{json, postgres, variants};
use super::existing_row;
use super::{Dialect, MAX, MICROS, MIN, PLAIN, Printer, SUM};
use crate::model::types::Type;
use crate::sql::dml::{Compare, Each, Function, PathKey, Select, SqlExpr, TextComparison};
use crate::sql::table::DATA;

impl Printer {
    fn param(&mut self, number: usize) {
        match self.dialect {
            Dialect::Postgres => self.push(&format!("${number}")),
            Dialect::Sqlite => self.push(&format!("?{number}")),
        }
    }

    pub(super) fn expr(&mut self, expr: &SqlExpr) {
        match expr {
            SqlExpr::Column(name) => self.column(name),
            SqlExpr::Of(table, inner) => {
                let before = self.of.replace(table.clone());
                self.expr(inner);
                self.of = before;
            }
            SqlExpr::Present { table, column } => {
                self.ident(table);
                self.push(".");
                self.ident(column);
            }
            SqlExpr::Excluded(column) => {
                self.push("excluded.");
                self.ident(column);
            }
            SqlExpr::Json { key, ty } => {
                let data = self.data();
                let text = json::json_field(self.dialect, &data, key, ty);
                self.push(&text);
            }
            SqlExpr::Param(number) => self.param(*number),
            SqlExpr::Element(number) => self.push(&format!("e.e{number}")),
            SqlExpr::As(inner, ty) => {
                self.expr(inner);
                if self.dialect == Dialect::Postgres {
                    self.push("::");
                    self.push(ty);
                }
            }
            SqlExpr::Numeric(inner) => self.sqlite_call("CAST(", inner, " AS NUMERIC)"),
            SqlExpr::Plain(inner) => self.sqlite_call(&format!("{PLAIN}("), inner, ")"),
            SqlExpr::Moment(inner) => self.sqlite_call(&format!("{MICROS}("), inner, ")"),
            SqlExpr::Parsed(inner) => self.sqlite_call("(", inner, "->>'$')"),
            SqlExpr::Null => self.push("NULL"),
            SqlExpr::Number(number) => self.push(&number.to_string()),
            SqlExpr::Txid => self.txid(),
            SqlExpr::Place => self.place(),
            SqlExpr::Next(inner) => {
                self.expr(inner);
                self.push(" + 1");
            }
            SqlExpr::Merge { column, keys } => self.merge(column, keys),
            SqlExpr::WithKeys { document, keys } => self.with_keys(document, keys),
            SqlExpr::Embedded(inner) => self.sqlite_call("json(", inner, ")"),
            SqlExpr::Fit(inner, ty) => self.fit(inner, ty),
            SqlExpr::Literal(value, ty) => {
                let text = constant(self.dialect, value, ty);
                self.push(&text);
            }
            SqlExpr::Keep { table, column, keys } => self.keep(table, column, keys),
            SqlExpr::Compare(op, left, right) => self.compare(*op, left, right),
            SqlExpr::Text(op, left, right) => self.text(*op, left, right),
            SqlExpr::IsNull(inner) => {
                self.expr(inner);
                self.push(" IS NULL");
            }
            SqlExpr::AnyOf { of, list, each } => self.any_of(of, *list, each),
            SqlExpr::KeysIn { columns, first, types } => self.keys_in(columns, *first, types),
            SqlExpr::IsRow(columns, select) => self.rows(columns, " = (", select),
            SqlExpr::InRows(columns, select) => self.rows(columns, " IN (", select),
            SqlExpr::And(all) => self.joined(all, " AND "),
            SqlExpr::Or(all) => self.joined(all, " OR "),
            SqlExpr::Not(inner) => match &**inner {
                // As conditions of indexes have it.
                SqlExpr::IsNull(inner) => {
                    self.expr(inner);
                    self.push(" IS NOT NULL");
                }
                inner => {
                    self.push("NOT (");
                    self.expr(inner);
                    self.push(")");
                }
            },
            SqlExpr::Count => self.push("count(*)"),
            SqlExpr::Call(function, args) => self.call(*function, args),
            SqlExpr::Exists(select) => self.sub_select("EXISTS (", select),
            SqlExpr::Scalar(select) => self.sub_select("(", select),
            SqlExpr::InSelect(inner, select) => {
                self.expr(inner);
                self.sub_select(" IN (", select);
            }
            SqlExpr::HasElement { list, json, element } => self.has_element(list, *json, element),
            SqlExpr::Path { of, keys, ty } => self.path(of, keys, ty),
            SqlExpr::Matches(text, words) => {
                self.push("to_tsvector('simple', ");
                self.expr(text);
                self.push(") @@ websearch_to_tsquery('simple', ");
                self.expr(words);
                self.push(")");
            }
            SqlExpr::Case(when, then, otherwise) => {
                self.push("CASE WHEN ");
                self.expr(when);
                self.push(" THEN ");
                self.expr(then);
                self.push(" ELSE ");
                self.expr(otherwise);
                self.push(" END");
            }
            SqlExpr::Now(ty) => self.push(&existing_row::time(self.dialect, ty)),
            SqlExpr::Todo(field, ty) => self.push(&existing_row::placeholder(field, ty)),
            SqlExpr::Given(sql, ..) => self.push(&format!("({})", sql.of(self.dialect))),
            SqlExpr::Convert(value, from, to) => {
                self.push(&existing_row::convert(self.dialect, value, from, to));
            }
            SqlExpr::Before(tracked) => self.push(existing_row::before(self.dialect, *tracked)),
            SqlExpr::WithKey(document, key, value) => {
                self.push(&existing_row::with_key(self.dialect, document, key, value));
            }
            SqlExpr::WithoutKey(document, key) => {
                self.push(&existing_row::without_key(self.dialect, document, key));
            }
            SqlExpr::RenamedKey(document, from, to) => {
                self.push(&existing_row::rename_key(self.dialect, document, from, to));
            }
            SqlExpr::ConvertedKey(document, key, types) => {
                self.push(&existing_row::convert_key_of(self.dialect, document, key, types));
            }
            SqlExpr::Document(keys) => self.push(&existing_row::document(self.dialect, keys)),
            SqlExpr::ColumnAsJson(column, ty) => {
                self.push(&existing_row::column_as_json(self.dialect, column, ty));
            }
            SqlExpr::KeyAsColumn(key, to, not_null) => {
                self.push(&existing_row::key_as_column(self.dialect, key, to, *not_null));
            }
            SqlExpr::Variants(variants) => self.push(&variants::renamed(self.dialect, variants)),
            SqlExpr::HasVariants(variants) => self.push(&variants::differs(self.dialect, variants)),
            SqlExpr::HasKey(key) => self.push(&has_key(self.dialect, key)),
            SqlExpr::LacksKey(key) => {
                let value = json::json_text(self.dialect, DATA, key);
                self.push(&format!("{value} IS NULL"));
            }
            SqlExpr::OneOf(place, names) => self.push(&one_of(self.dialect, place, names)),
        }
    }

    /// A column, with the name of its table where that is needed.
    fn column(&mut self, name: &str) {
        if let Some(table) = self.of.clone() {
            self.ident(&table);
            self.push(".");
        }
        self.ident(name);
    }

    /// The column that documents are in.
    fn data(&self) -> String {
        match &self.of {
            Some(table) => format!("{}.{DATA}", self.dialect.ident(table)),
            None => DATA.to_owned(),
        }
    }

    fn sub_select(&mut self, before: &str, select: &Select) {
        self.push(before);
        let of = self.of.take();
        self.select(select);
        self.of = of;
        self.push(")");
    }

    fn call(&mut self, function: Function, args: &[SqlExpr]) {
        let between = match function {
            Function::Add => " + ",
            Function::Subtract => " - ",
            Function::Multiply => " * ",
            Function::Concat => " || ",
            _ => ", ",
        };
        let ours = |postgres, sqlite| match self.dialect {
            Dialect::Postgres => postgres,
            Dialect::Sqlite => sqlite,
        };
        let name = match function {
            Function::Add | Function::Subtract | Function::Multiply | Function::Concat => "",
            Function::Lower => "lower",
            Function::Upper => "upper",
            Function::Length => "length",
            Function::Abs => "abs",
            Function::Coalesce => "coalesce",
            Function::Count | Function::CountDistinct => "count",
            Function::SumInteger | Function::Sum => "sum",
            Function::Avg => "avg",
            Function::Min => "min",
            Function::Max => "max",
            Function::SumOfTexts => ours("sum", SUM),
            Function::MinOfTexts => ours("min", MIN),
            Function::MaxOfTexts => ours("max", MAX),
        };
        self.push(name);
        self.push(if function == Function::CountDistinct { "(DISTINCT " } else { "(" });
        for (place, arg) in args.iter().enumerate() {
            if place > 0 {
                self.push(between);
            }
            self.expr(arg);
        }
        self.push(")");
        // PostgreSQL's sum of bigint and mean of whole numbers are numeric, its lengths are integer.
        match (function, self.dialect) {
            (Function::SumInteger | Function::Length, Dialect::Postgres) => self.push("::bigint"),
            (Function::Avg, Dialect::Postgres) => self.push("::double precision"),
            _ => {}
        }
    }

    fn has_element(&mut self, list: &SqlExpr, json: bool, element: &SqlExpr) {
        match (self.dialect, json) {
            (Dialect::Postgres, true) => {
                self.expr(list);
                self.push(" @> ");
                self.expr(element);
            }
            (Dialect::Postgres, false) => {
                // In this form a GIN index on the column is used.
                self.expr(list);
                self.push(" @> ARRAY[");
                self.expr(element);
                self.push("]");
            }
            (Dialect::Sqlite, _) => {
                self.push("EXISTS (SELECT 1 FROM json_each(");
                self.expr(list);
                self.push(") AS element WHERE element.value = ");
                self.expr(element);
                self.push(")");
            }
        }
    }

    fn path(&mut self, of: &SqlExpr, keys: &[PathKey], ty: &Type) {
        let text = match self.dialect {
            Dialect::Postgres => {
                self.push("((");
                self.expr(of);
                let is_json = matches!(ty, Type::Json | Type::Object(_) | Type::Array(_));
                let steps = self.steps(keys, is_json);
                if is_json {
                    format!("{steps}))")
                } else {
                    format!("{steps})::{})", postgres::document_type(ty))
                }
            }
            Dialect::Sqlite => {
                self.push("(");
                self.expr(of);
                let mut path = "$".to_owned();
                for key in keys {
                    path += &match key {
                        PathKey::Key(key) => format!(".{}", serde_json::Value::from(key.as_str())),
                        PathKey::Index(index) => format!("[{index}]"),
                    };
                }
                let path = self.dialect.literal(&path);
                match ty {
                    Type::Json | Type::Object(_) | Type::Array(_) => format!("->{path})"),
                    _ => format!("->>{path})"),
                }
            }
        };
        self.push(&text);
    }

    /// The steps of a path on PostgreSQL. A whole path takes a number for either, a key or a place: where
    /// there is one, each step says which it is.
    fn steps(&self, keys: &[PathKey], is_json: bool) -> String {
        let item = |key: &PathKey| match key {
            PathKey::Key(key) if key.trim().parse::<i64>().is_err() => Some(array_item(key)),
            _ => None,
        };
        if let Some(items) = keys.iter().map(item).collect::<Option<Vec<String>>>() {
            let path = self.dialect.literal(&format!("{{{}}}", items.join(",")));
            return format!(" {} {path}", if is_json { "#>" } else { "#>>" });
        }
        let last = keys.len() - 1;
        let step = |(place, key): (usize, &PathKey)| {
            let arrow = if place == last && !is_json { "->>" } else { "->" };
            match key {
                PathKey::Key(key) => format!(" {arrow} {}", self.dialect.literal(key)),
                PathKey::Index(index) => format!(" {arrow} {index}"),
            }
        };
        keys.iter().enumerate().map(step).collect()
    }

    /// PostgreSQL compares the value as it is.
    fn sqlite_call(&mut self, before: &str, inner: &SqlExpr, after: &str) {
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
                self.column(column);
                self.push(" || ");
                self.param(keys.first().map_or(0, |(_, number)| *number));
            }
            Dialect::Sqlite => {
                self.push("json_set(");
                self.column(column);
                for (key, number) in keys {
                    let path = json::path(self.dialect, key);
                    self.push(&format!(", {path}, json(?{number})"));
                }
                self.push(")");
            }
        }
    }

    fn with_keys(&mut self, document: &SqlExpr, keys: &[(String, SqlExpr)]) {
        let (before, between) = match self.dialect {
            Dialect::Postgres => ("", " || jsonb_build_object("),
            Dialect::Sqlite => ("json_set(", ", "),
        };
        self.push(before);
        self.expr(document);
        self.push(between);
        self.list(keys, |p, (key, value)| {
            let key = match p.dialect {
                Dialect::Postgres => p.dialect.literal(key),
                Dialect::Sqlite => json::path(p.dialect, key),
            };
            p.push(&key);
            p.push(", ");
            p.expr(value);
        });
        self.push(")");
    }

    /// A number that does not fit becomes one that no integer holds, which both databases refuse as
    /// an overflow. It is made of the number, so that nothing computes it before.
    fn fit(&mut self, inner: &SqlExpr, ty: &Type) {
        let (least, most) = ty.whole_range().unwrap_or((i64::MIN, i64::MAX));
        let (before, after) = match self.dialect {
            Dialect::Postgres => ("(9223372036854775807 + abs(", "))::bigint END"),
            Dialect::Sqlite => {
                ("abs(CASE WHEN (", ") IS NOT NULL THEN -9223372036854775807 - 1 END) END")
            }
        };
        self.push("CASE WHEN ");
        self.expr(inner);
        self.push(&format!(" BETWEEN {least} AND {most} THEN "));
        self.expr(inner);
        self.push(" ELSE ");
        self.push(before);
        self.expr(inner);
        self.push(after);
    }

    fn keep(&mut self, table: &str, column: &str, keys: &[String]) {
        let (there, new) = (self.dialect.ident(table), self.dialect.ident(column));
        let text = match self.dialect {
            Dialect::Postgres => {
                let pair = |key: &String| {
                    let key = self.dialect.literal(key);
                    format!("{key}, {there}.{new}->{key}")
                };
                let pairs: Vec<String> = keys.iter().map(pair).collect();
                format!("excluded.{new} || jsonb_build_object({})", pairs.join(", "))
            }
            Dialect::Sqlite => {
                let pair = |key: &String| {
                    let path = json::path(self.dialect, key);
                    format!(", {path}, json({there}.{new}->{path})")
                };
                let pairs: String = keys.iter().map(pair).collect();
                format!("json_set(excluded.{new}{pairs})")
            }
        };
        self.push(&text);
    }

    fn compare(&mut self, op: Compare, left: &SqlExpr, right: &SqlExpr) {
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

    fn text(&mut self, op: TextComparison, left: &SqlExpr, right: &SqlExpr) {
        let (before, between, after) = match (op, self.dialect) {
            (TextComparison::Pattern, Dialect::Postgres) => ("", " LIKE ", ""),
            (TextComparison::Pattern, Dialect::Sqlite) => ("", " GLOB ", ""),
            (TextComparison::Contains, Dialect::Postgres) => ("strpos(", ", ", ") > 0"),
            (TextComparison::Contains, Dialect::Sqlite) => ("instr(", ", ", ") > 0"),
            (TextComparison::StartsWith, Dialect::Postgres) => ("starts_with(", ", ", ")"),
            (TextComparison::StartsWith, Dialect::Sqlite) => ("instr(", ", ", ") = 1"),
        };
        self.push(before);
        self.expr(left);
        self.push(between);
        self.expr(right);
        self.push(after);
    }

    /// One shape for lists of every length, so that the cache of statements stays small.
    fn any_of(&mut self, of: &SqlExpr, list: usize, each: &Each) {
        self.expr(of);
        let text = match (self.dialect, each) {
            (Dialect::Postgres, Each::As(travels, ty)) => {
                format!(" = ANY(${list}::{travels}[]::{ty}[])")
            }
            (Dialect::Postgres, _) => format!(" = ANY(${list})"),
            (Dialect::Sqlite, each) => {
                let value = match each {
                    Each::Itself | Each::As(..) => "value".to_owned(),
                    Each::Parsed => "value->>'$'".to_owned(),
                    Each::Numeric => "CAST(value AS NUMERIC)".to_owned(),
                    Each::Moment => format!("{MICROS}(value)"),
                };
                format!(" IN (SELECT {value} FROM rarray(?{list}))")
            }
        };
        self.push(&text);
    }

    fn keys_in(&mut self, columns: &[String], first: usize, types: &[String]) {
        self.push("(");
        self.list(columns, |p, column| p.column(column));
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
        self.list(columns, |p, column| p.column(column));
        self.push(")");
        self.sub_select(is, select);
    }

    /// Long chains as a balanced tree: databases nest one level for each word of a plain chain, and
    /// SQLite takes 1000.
    fn joined(&mut self, all: &[SqlExpr], word: &str) {
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

/// A text as an element of PostgreSQL's text form of an array.
fn array_item(text: &str) -> String {
    format!("\"{}\"", text.replace('\\', "\\\\").replace('"', "\\\""))
}

/// How many words of a chain stand behind each other.
const CHAIN: usize = 16;
