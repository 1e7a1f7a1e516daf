//! What an UPDATE sets to computed values.

use kontract_schema::Type;
use kontract_schema::sql::dml::SqlExpr;
use kontract_schema::sql::table::DATA;

use super::{Level, Lower, as_json};
use crate::error::{Error, Kind, Result};
use crate::sql::meta::Meta;
use crate::sql::tree::node::Node;

impl Lower {
    /// Adds computed values to a SET of the table. `named`: columns need its name.
    pub(crate) fn assign(
        &mut self,
        meta: &Meta,
        mut set: Vec<(String, SqlExpr)>,
        computed: Vec<(usize, Node)>,
        named: bool,
    ) -> Result<Vec<(String, SqlExpr)>> {
        if computed.is_empty() {
            return Ok(set);
        }
        self.names = self.names.max(1);
        self.levels.push(Level::of_change(named));
        let mut keys = Vec::new();
        for (place, node) in computed {
            let field = &meta.table.schema[place];
            let name = field.column().to_owned();
            if meta.is_inside(place) {
                keys.push((name, self.member(meta, place, node)?));
                continue;
            }
            let is_column = matches!(node, Node::Column(_));
            let (expr, _) = self.operand(node)?;
            let expr = fitting(expr, &field.ty, is_column);
            set.insert(0, (name, meta.computed(place, expr)));
        }
        self.levels.pop();
        if keys.is_empty() {
            return Ok(set);
        }
        let document = match set.iter().position(|(column, _)| column == DATA) {
            Some(found) => set.remove(found).1,
            None => SqlExpr::column(DATA),
        };
        let with = SqlExpr::WithKeys { document: Box::new(document), keys };
        set.insert(0, (DATA.to_owned(), with));
        Ok(set)
    }

    /// A value for a key of a document: what the database makes JSON of, or JSON.
    fn member(&mut self, meta: &Meta, place: usize, node: Node) -> Result<SqlExpr> {
        let is_column = matches!(node, Node::Column(_));
        let (expr, given) = self.operand(node)?;
        let is_inside = given.field.is_some_and(crate::sql::tree::node::Field::is_inside);
        if is_column && is_inside {
            return Ok(SqlExpr::Embedded(Box::new(as_json(expr))));
        }
        let ty = meta.ty(place);
        Ok(match ty {
            Type::Json | Type::Object(_) | Type::Array(_) if is_inside => {
                SqlExpr::Embedded(Box::new(expr))
            }
            Type::Boolean if !self.database.has_booleans => {
                let value = SqlExpr::Case(
                    Box::new(expr.clone().is_null()),
                    Box::new(SqlExpr::Null),
                    Box::new(SqlExpr::Case(
                        Box::new(expr),
                        Box::new(SqlExpr::text_literal("true")),
                        Box::new(SqlExpr::text_literal("false")),
                    )),
                );
                SqlExpr::Embedded(Box::new(value))
            }
            Type::Instant
            | Type::DateTime
            | Type::Day
            | Type::Time
            | Type::Decimal
            | Type::Bytes
            | Type::Json
            | Type::Object(_)
            | Type::Array(_) => {
                let name = &meta.table.schema[place].name;
                let what = format!(
                    "a database cannot compute `{name}`: a document holds it in another form than databases do"
                );
                let help = "set it to a value, or to a field of the same type";
                return Err(Error::new(Kind::Unsupported, what).with_help(help));
            }
            ty => fitting(expr, ty, false),
        })
    }
}

/// A whole number that the type can hold, or an error of the database: not every database, and no
/// document, keeps it out by itself.
pub(super) fn fitting(expr: SqlExpr, ty: &Type, is_column: bool) -> SqlExpr {
    match ty.whole_range() {
        Some(_) if !is_column => SqlExpr::Fit(Box::new(expr), ty.clone()),
        _ => expr,
    }
}
