//! Expressions of statements on rows as text.

use super::super::values::{print_constant, print_has_key, print_one_of};
use super::super::{ddl, json, postgres, sqlite, variants};
use super::existing_row;
use super::{DECIMAL, Dialect, FIT, MAX, MICROS, MIN, PLAIN, Printer, RANGES, SUM};
use crate::model::types::Type;
use crate::model::{RangeOf, SqlKind};
use crate::sql::dml::{
    Collation, Compare, Each, Function, PathKey, RangeTest, Select, SqlExpr, TextComparison,
};
use crate::sql::table::DATA;

impl Printer {
    fn print_param(&mut self, number: usize) {
        match self.dialect {
            Dialect::Postgres => self.push(&format!("${number}")),
            Dialect::Sqlite => self.push(&format!("?{number}")),
        }
    }

    pub(super) fn print_expr(&mut self, expr: &SqlExpr) {
        match expr {
            SqlExpr::Column(name) => self.print_column(name),
            SqlExpr::Of(table, inner) => {
                let before = self.of.replace(table.clone());
                self.print_expr(inner);
                self.of = before;
            }
            SqlExpr::Present { table, column } => {
                self.print_table_name(table);
                self.push(".");
                self.print_ident(column);
            }
            SqlExpr::Excluded(column) => {
                self.push("excluded.");
                self.print_ident(column);
            }
            SqlExpr::Json { key, ty } => {
                let data = self.print_document_column();
                let text = json::print_json_key(self.dialect, &data, key, ty);
                self.push(&text);
            }
            SqlExpr::Param(number) => self.print_param(*number),
            SqlExpr::Element(number) => self.push(&format!("e.e{number}")),
            SqlExpr::As(inner, ty) => {
                self.print_expr(inner);
                if self.dialect == Dialect::Postgres {
                    self.push("::");
                    self.push(ty);
                }
            }
            SqlExpr::Numeric(inner) => self.print_on_sqlite("CAST(", inner, " AS NUMERIC)"),
            SqlExpr::Collated(inner, collation) => {
                let collation = match collation {
                    Collation::Decimal => DECIMAL,
                    Collation::NoCase => "NOCASE",
                };
                self.print_on_sqlite("", inner, &format!(" COLLATE {collation}"));
            }
            SqlExpr::Plain(inner) => self.print_on_sqlite(&format!("{PLAIN}("), inner, ")"),
            SqlExpr::Moment(inner) => self.print_on_sqlite(&format!("{MICROS}("), inner, ")"),
            SqlExpr::Ranked(inner, names) => {
                let case = |(place, name): (usize, &String)| {
                    format!(" WHEN {} THEN {place}", self.dialect.literal(name))
                };
                let cases: String = names.iter().enumerate().map(case).collect();
                self.print_on_sqlite("CASE ", inner, &format!("{cases} END"));
            }
            SqlExpr::Unranked(inner, names) => {
                let case = |(place, name): (usize, &String)| {
                    format!(" WHEN {place} THEN {}", self.dialect.literal(name))
                };
                let cases: String = names.iter().enumerate().map(case).collect();
                self.print_on_sqlite("CASE ", inner, &format!("{cases} END"));
            }
            SqlExpr::Parsed(inner) => self.print_on_sqlite("(", inner, "->>'$')"),
            SqlExpr::Trimmed(inner) => self.print_on_sqlite("rtrim(", inner, ")"),
            SqlExpr::Stored { value, kind, column } => {
                let kind = self.dialect.literal(&kind.to_string());
                let column = self.dialect.literal(column);
                self.print_on_sqlite(&format!("{FIT}("), value, &format!(", {kind}, {column})"));
            }
            SqlExpr::Null => self.push("NULL"),
            SqlExpr::Number(number) => self.push(&number.to_string()),
            SqlExpr::Txid => self.print_txid(),
            SqlExpr::Place => self.print_place(),
            SqlExpr::Next(inner) => {
                self.print_expr(inner);
                self.push(" + 1");
            }
            SqlExpr::NextNumber { table, column, each } => {
                self.print_next_number(table, column, *each);
            }
            SqlExpr::Merge { column, keys } => self.print_merge(column, keys),
            SqlExpr::WithKeys { document, keys } => self.print_with_keys(document, keys),
            SqlExpr::Embedded(inner) => self.print_on_sqlite("json(", inner, ")"),
            SqlExpr::Fit(inner, ty) => self.print_fit(inner, ty),
            SqlExpr::Literal(value, ty) => {
                let text = print_constant(self.dialect, value, ty);
                self.push(&text);
            }
            SqlExpr::Default(field) => {
                let text = ddl::print_field_default(self.dialect, field);
                self.push(&text);
            }
            SqlExpr::Keep { table, column, keys } => self.print_keep(table, column, keys),
            SqlExpr::Compare(op, left, right) => self.print_compare(*op, left, right),
            SqlExpr::Text(op, left, right) => self.print_text_comparison(*op, left, right),
            SqlExpr::IsNull(inner) => {
                self.print_expr(inner);
                self.push(" IS NULL");
            }
            SqlExpr::AnyOf { of, list, each } => self.print_any_of(of, *list, each),
            SqlExpr::KeysIn { columns, first, types } => self.print_keys_in(columns, *first, types),
            SqlExpr::IsRow(columns, select) => self.print_rows_in(columns, " = (", select),
            SqlExpr::InRows(columns, select) => self.print_rows_in(columns, " IN (", select),
            SqlExpr::And(all) => self.print_chain(all, " AND "),
            SqlExpr::Or(all) => self.print_chain(all, " OR "),
            SqlExpr::Not(inner) => match &**inner {
                // As conditions of indexes have it.
                SqlExpr::IsNull(inner) => {
                    self.print_expr(inner);
                    self.push(" IS NOT NULL");
                }
                inner => {
                    self.push("NOT (");
                    self.print_expr(inner);
                    self.push(")");
                }
            },
            SqlExpr::Count => self.push("count(*)"),
            SqlExpr::ValueNumber => self.push("\" k\".\" n\""),
            SqlExpr::Call(function, args) => self.print_call(*function, args),
            SqlExpr::Exists(select) => self.print_subquery("EXISTS (", select),
            SqlExpr::Scalar(select) => self.print_subquery("(", select),
            SqlExpr::InSelect(inner, select) => {
                self.print_expr(inner);
                self.print_subquery(" IN (", select);
            }
            SqlExpr::HasElement { list, nested: true, element, .. }
                if self.dialect == Dialect::Postgres =>
            {
                self.print_has_nested(list, element)
            }
            SqlExpr::HasElement { list, json, element, .. } => {
                self.print_has_element(list, *json, element)
            }
            SqlExpr::Ranges { test, of, range, other } => {
                self.print_ranges(*test, *of, range, other)
            }
            SqlExpr::Path { of, keys, ty, checked: false } => self.print_path(of, keys, ty),
            SqlExpr::Path { of, keys, ty, checked: true } => self.print_checked_path(of, keys, ty),
            SqlExpr::Matches(text, words) => {
                self.push("to_tsvector('simple', ");
                self.print_expr(text);
                self.push(") @@ websearch_to_tsquery('simple', ");
                self.print_expr(words);
                self.push(")");
            }
            SqlExpr::Case(when, then, otherwise) => {
                self.push("CASE WHEN ");
                self.print_expr(when);
                self.push(" THEN ");
                self.print_expr(then);
                self.push(" ELSE ");
                self.print_expr(otherwise);
                self.push(" END");
            }
            SqlExpr::Now(ty) => self.push(&existing_row::time(self.dialect, ty)),
            SqlExpr::Todo(field, ty) => self.push(&existing_row::placeholder(field, ty)),
            SqlExpr::Given(sql, ..) => self.push(&format!("({})", sql.for_dialect(self.dialect))),
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
            SqlExpr::Variants(variants) => {
                self.push(&variants::print_renamed(self.dialect, variants))
            }
            SqlExpr::HasVariants(variants) => {
                self.push(&variants::print_differs(self.dialect, variants))
            }
            SqlExpr::HasKey(key) => self.push(&print_has_key(self.dialect, key)),
            SqlExpr::LacksKey(key) => {
                let value = json::print_json_text(self.dialect, DATA, key);
                self.push(&format!("{value} IS NULL"));
            }
            SqlExpr::OneOf(place, names) => self.push(&print_one_of(self.dialect, place, names)),
        }
    }

    /// SQLite: the greatest number of a column is found by its index.
    fn print_next_number(&mut self, table: &str, column: &str, each: bool) {
        self.push("(SELECT coalesce(max(max(");
        self.print_ident(column);
        self.push("), 0), 0) FROM ");
        self.print_table_name(table);
        self.push(if each { ") + row_number() OVER ()" } else { ") + 1" });
    }

    /// A column, with the name of its table where that is needed.
    fn print_column(&mut self, name: &str) {
        if let Some(table) = self.of.clone() {
            self.print_table_name(&table);
            self.push(".");
        }
        self.print_ident(name);
    }

    /// The column that documents are in.
    fn print_document_column(&self) -> String {
        match &self.of {
            Some(table) => format!("{}.{DATA}", self.dialect.table(table)),
            None => DATA.to_owned(),
        }
    }

    fn print_subquery(&mut self, before: &str, select: &Select) {
        self.push(before);
        let of = self.of.take();
        self.print_select(select);
        self.of = of;
        self.push(")");
    }

    fn print_call(&mut self, function: Function, args: &[SqlExpr]) {
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
            Function::AddressText => ours("abbrev", ""),
        };
        self.push(name);
        self.push(if function == Function::CountDistinct { "(DISTINCT " } else { "(" });
        for (place, arg) in args.iter().enumerate() {
            if place > 0 {
                self.push(between);
            }
            self.print_expr(arg);
        }
        self.push(")");
        // PostgreSQL's sum of bigint and mean of whole numbers are numeric, its lengths are integer.
        match (function, self.dialect) {
            (Function::SumInteger | Function::Length, Dialect::Postgres) => self.push("::bigint"),
            (Function::Avg, Dialect::Postgres) => self.push("::double precision"),
            _ => {}
        }
    }

    fn print_has_element(&mut self, list: &SqlExpr, json: bool, element: &SqlExpr) {
        match (self.dialect, json) {
            (Dialect::Postgres, true) => {
                self.print_expr(list);
                self.push(" @> ");
                self.print_expr(element);
            }
            (Dialect::Postgres, false) => {
                // In this form a GIN index on the column is used.
                self.print_expr(list);
                self.push(" @> ARRAY[");
                self.print_expr(element);
                self.push("]");
            }
            (Dialect::Sqlite, _) => {
                self.push("EXISTS (SELECT 1 FROM json_each(");
                self.print_expr(list);
                self.push(") AS element WHERE element.value = ");
                self.print_expr(element);
                self.push(")");
            }
        }
    }

    /// PostgreSQL: whether a list has an element that is a list or an object. `@>` finds rows by an index; it
    /// also takes a part of an element for it.
    fn print_has_nested(&mut self, list: &SqlExpr, element: &SqlExpr) {
        let contains = |p: &mut Self| {
            p.print_expr(list);
            p.push(" @> jsonb_build_array(");
            p.print_expr(element);
            p.push(")");
        };
        self.push("(");
        contains(self);
        self.push(" AND CASE WHEN ");
        contains(self);
        self.push(" THEN EXISTS (SELECT 1 FROM jsonb_array_elements(");
        self.print_expr(list);
        self.push(") AS element WHERE element.value = ");
        self.print_expr(element);
        self.push(") END)");
    }

    fn print_ranges(&mut self, test: RangeTest, of: RangeOf, range: &SqlExpr, other: &SqlExpr) {
        let kind = SqlKind::Range(of).to_string();
        let (before, between, after) = match (self.dialect, test) {
            (Dialect::Postgres, RangeTest::Overlaps) => (String::new(), " && ", ""),
            (Dialect::Postgres, _) => (String::new(), " @> ", ""),
            (Dialect::Sqlite, test) => {
                let words = [test.word(), &kind].map(|word| self.dialect.literal(word));
                (format!("{RANGES}({}, ", words.join(", ")), ", ", ")")
            }
        };
        let cast = |printer: &mut Printer, expr: &SqlExpr, ty: &str| {
            printer.print_expr(expr);
            if printer.dialect == Dialect::Postgres {
                printer.push(&format!("::{ty}"));
            }
        };
        self.push(&before);
        cast(self, range, &kind);
        self.push(between);
        let is_value = test == RangeTest::ContainsValue;
        cast(
            self,
            other,
            &if is_value { postgres::parameter_type(&of.value_type()) } else { kind },
        );
        self.push(after);
    }

    fn print_path(&mut self, of: &SqlExpr, keys: &[PathKey], ty: &Type) {
        let text = match self.dialect {
            Dialect::Postgres => {
                self.push("((");
                self.print_expr(of);
                let is_json = matches!(ty, Type::Json | Type::Object(_) | Type::Array(_));
                let steps = self.print_steps(keys, is_json);
                if is_json {
                    format!("{steps}))")
                } else {
                    format!("{steps})::{})", postgres::document_type(ty))
                }
            }
            Dialect::Sqlite => {
                self.push("(");
                self.print_expr(of);
                let path = self.print_sqlite_path(keys);
                match ty {
                    Type::Json | Type::Object(_) | Type::Array(_) => format!("->{path})"),
                    _ => format!("->>{path})"),
                }
            }
        };
        self.push(&text);
    }

    /// A path whose end has the type, or is NULL. Each CASE is decided before what is in it is computed.
    fn print_checked_path(&mut self, of: &SqlExpr, keys: &[PathKey], ty: &Type) {
        let path = |ty| SqlExpr::Path {
            of: Box::new(of.clone()),
            keys: keys.to_vec(),
            ty,
            checked: false,
        };
        let text = self.expr_as_text(&path(Type::String));
        let found = match self.dialect {
            Dialect::Postgres => {
                let json = self.expr_as_text(&path(Type::Json));
                format!("jsonb_typeof({json})")
            }
            Dialect::Sqlite => {
                let of = self.expr_as_text(of);
                format!("json_type({of}, {})", self.print_sqlite_path(keys))
            }
        };
        let printed = match self.dialect {
            Dialect::Postgres => postgres::print_of_json_type(&found, &text, ty),
            Dialect::Sqlite => sqlite::print_of_json_type(&found, &text, ty),
        };
        self.push(&printed);
    }

    /// An expression as text, with the name of the table that columns need here.
    fn expr_as_text(&mut self, expr: &SqlExpr) -> String {
        let before = std::mem::take(&mut self.out.text);
        self.print_expr(expr);
        std::mem::replace(&mut self.out.text, before)
    }

    /// A whole path on SQLite, as a literal.
    fn print_sqlite_path(&self, keys: &[PathKey]) -> String {
        let mut path = "$".to_owned();
        for key in keys {
            path += &match key {
                PathKey::Key(key) => format!(".{}", serde_json::Value::from(key.as_str())),
                PathKey::Index(index) => format!("[{index}]"),
            };
        }
        self.dialect.literal(&path)
    }

    /// The steps of a path on PostgreSQL. A whole path takes a number for either, a key or a place: where
    /// there is one, each step says which it is.
    fn print_steps(&self, keys: &[PathKey], is_json: bool) -> String {
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
    fn print_on_sqlite(&mut self, before: &str, inner: &SqlExpr, after: &str) {
        match self.dialect {
            Dialect::Postgres => self.print_expr(inner),
            Dialect::Sqlite => {
                self.push(before);
                self.print_expr(inner);
                self.push(after);
            }
        }
    }

    fn print_txid(&mut self) {
        match self.dialect {
            Dialect::Postgres => self.push("txid_current()"),
            Dialect::Sqlite => {
                let number = self.params + 1;
                self.out.txid = Some(number);
                self.print_param(number);
            }
        }
    }

    fn print_place(&mut self) {
        match self.dialect {
            Dialect::Postgres => self.push("DEFAULT"),
            Dialect::Sqlite => {
                let number = self.params + 2;
                self.out.place = Some(number);
                self.print_param(number);
            }
        }
    }

    fn print_merge(&mut self, column: &str, keys: &[(String, usize)]) {
        match self.dialect {
            Dialect::Postgres => {
                self.print_column(column);
                self.push(" || ");
                self.print_param(keys.first().map_or(0, |(_, number)| *number));
            }
            Dialect::Sqlite => {
                self.push("json_set(");
                self.print_column(column);
                for (key, number) in keys {
                    let path = json::json_path(self.dialect, key);
                    self.push(&format!(", {path}, json(?{number})"));
                }
                self.push(")");
            }
        }
    }

    fn print_with_keys(&mut self, document: &SqlExpr, keys: &[(String, SqlExpr)]) {
        let (before, between) = match self.dialect {
            Dialect::Postgres => ("", " || jsonb_build_object("),
            Dialect::Sqlite => ("json_set(", ", "),
        };
        self.push(before);
        self.print_expr(document);
        self.push(between);
        self.print_list(keys, |p, (key, value)| {
            let key = match p.dialect {
                Dialect::Postgres => p.dialect.literal(key),
                Dialect::Sqlite => json::json_path(p.dialect, key),
            };
            p.push(&key);
            p.push(", ");
            p.print_expr(value);
        });
        self.push(")");
    }

    /// A number that does not fit becomes one that no integer holds, which both databases refuse as
    /// an overflow. It is made of the number, so that nothing computes it before.
    fn print_fit(&mut self, inner: &SqlExpr, ty: &Type) {
        let (least, most) = ty.whole_range().unwrap_or((i64::MIN, i64::MAX));
        let (before, after) = match self.dialect {
            Dialect::Postgres => ("(9223372036854775807 + abs(", "))::bigint END"),
            Dialect::Sqlite => {
                ("abs(CASE WHEN (", ") IS NOT NULL THEN -9223372036854775807 - 1 END) END")
            }
        };
        self.push("CASE WHEN ");
        self.print_expr(inner);
        self.push(&format!(" BETWEEN {least} AND {most} THEN "));
        self.print_expr(inner);
        self.push(" ELSE ");
        self.push(before);
        self.print_expr(inner);
        self.push(after);
    }

    fn print_keep(&mut self, table: &str, column: &str, keys: &[String]) {
        let (there, new) = (self.dialect.table(table), self.dialect.ident(column));
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
                    let path = json::json_path(self.dialect, key);
                    format!(", {path}, json({there}.{new}->{path})")
                };
                let pairs: String = keys.iter().map(pair).collect();
                format!("json_set(excluded.{new}{pairs})")
            }
        };
        self.push(&text);
    }

    fn print_compare(&mut self, op: Compare, left: &SqlExpr, right: &SqlExpr) {
        self.print_expr(left);
        self.push(match (op, self.dialect) {
            (Compare::Eq, _) => " = ",
            (Compare::Distinct, Dialect::Postgres) => " IS DISTINCT FROM ",
            (Compare::Distinct, Dialect::Sqlite) => " IS NOT ",
            (Compare::Lt, _) => " < ",
            (Compare::Le, _) => " <= ",
            (Compare::Gt, _) => " > ",
            (Compare::Ge, _) => " >= ",
        });
        self.print_expr(right);
    }

    fn print_text_comparison(&mut self, op: TextComparison, left: &SqlExpr, right: &SqlExpr) {
        let (before, between, after) = match (op, self.dialect) {
            (TextComparison::Pattern, Dialect::Postgres) => ("", " LIKE ", ""),
            (TextComparison::Pattern, Dialect::Sqlite) => ("", " GLOB ", ""),
            (TextComparison::Contains, Dialect::Postgres) => ("strpos(", ", ", ") > 0"),
            (TextComparison::Contains, Dialect::Sqlite) => ("instr(", ", ", ") > 0"),
            (TextComparison::StartsWith, Dialect::Postgres) => ("starts_with(", ", ", ")"),
            (TextComparison::StartsWith, Dialect::Sqlite) => ("instr(", ", ", ") = 1"),
        };
        self.push(before);
        self.print_expr(left);
        self.push(between);
        self.print_expr(right);
        self.push(after);
    }

    /// One shape for lists of every length, so that the cache of statements stays small.
    fn print_any_of(&mut self, of: &SqlExpr, list: usize, each: &Each) {
        self.print_expr(of);
        match self.dialect {
            Dialect::Postgres => {
                self.push(" = ANY(");
                self.print_list_param(list, each.casts());
                self.push(")");
            }
            Dialect::Sqlite => {
                let value = print_element(each);
                self.push(&format!(" IN (SELECT {value} FROM rarray(?{list}))"));
            }
        }
    }

    fn print_keys_in(&mut self, columns: &[String], first: usize, types: &[Vec<String>]) {
        self.push("(");
        self.print_list(columns, |p, column| p.print_column(column));
        self.push(") IN (SELECT * FROM unnest(");
        let mut number = first;
        self.print_list(types, |p, casts| {
            p.print_list_param(number, casts);
            number += 1;
        });
        self.push("))");
    }

    fn print_rows_in(&mut self, columns: &[String], is: &str, select: &Select) {
        self.push("(");
        self.print_list(columns, |p, column| p.print_column(column));
        self.push(")");
        self.print_subquery(is, select);
    }

    /// Long chains as a balanced tree: databases nest one level for each word of a plain chain, and
    /// SQLite takes 1000.
    fn print_chain(&mut self, all: &[SqlExpr], word: &str) {
        self.push("(");
        if all.len() > CHAIN {
            let (first, rest) = all.split_at(all.len() / 2);
            self.print_chain(first, word);
            self.push(word);
            self.print_chain(rest, word);
        } else {
            for (place, each) in all.iter().enumerate() {
                if place > 0 {
                    self.push(word);
                }
                self.print_expr(each);
            }
        }
        self.push(")");
    }
}

/// An element of a list of SQLite as what it compares.
pub(super) fn print_element(each: &Each) -> String {
    match each {
        Each::Itself | Each::As(_) => "value".to_owned(),
        Each::Trimmed => "rtrim(value)".to_owned(),
        Each::Parsed => "value->>'$'".to_owned(),
        Each::Numeric => "CAST(value AS NUMERIC)".to_owned(),
        Each::Moment => format!("{MICROS}(value)"),
    }
}

/// A text as an element of PostgreSQL's text form of an array.
fn array_item(text: &str) -> String {
    format!("\"{}\"", text.replace('\\', "\\\\").replace('"', "\\\""))
}

/// How many words of a chain stand behind each other.
const CHAIN: usize = 16;
