//! [`RawProjection`] → [`Projection`]: what each field selects, and which tables that needs.

use proc_macro2::{Ident, TokenStream, TokenTree};
use quote::{ToTokens, quote};

use crate::code;
use crate::diagnostic::{Diagnostic, Diagnostics};
use crate::source::raw::{RawProjection, RawProjectionField, RawSelection};

/// A struct that rows of a query become, with what its fields select.
#[derive(Clone, Debug)]
pub struct Projection {
    /// The tables of all fields, each once.
    pub tables: Vec<ProjectedTable>,
    /// The fields in their order.
    pub fields: Vec<ProjectedField>,
}

/// A table whose columns a projection has.
#[derive(Clone, Debug)]
pub struct ProjectedTable {
    /// Its path in the source.
    pub path: TokenStream,
    /// Whether each row of the query has to have a row of it: a field that is not an `Option` is
    /// computed from its columns.
    pub required: bool,
}

/// A field of a projection.
#[derive(Clone, Debug)]
pub struct ProjectedField {
    /// `Option<T>`.
    pub optional: bool,
    /// What is selected.
    pub selection: Selection,
}

/// What a field of a projection is. Tables are positions in [`Projection::tables`].
#[derive(Clone, Debug)]
pub enum Selection {
    /// A column of a table: `Task::title`, or `Task::title.of(Other)`.
    Column {
        /// The expression.
        tokens: TokenStream,
        /// The table.
        table: usize,
    },
    /// An expression: `Task::title.lower()`.
    Expression(TokenStream),
    /// A whole record of a table.
    Record {
        /// The table.
        table: usize,
    },
}

/// Decides what each field of a projection selects. Returns `None` if no field has a
/// column: then the query names the columns.
///
/// # Errors
/// Some fields have a column and others do not.
pub fn check_projection(raw: &RawProjection) -> Result<Option<Projection>, Diagnostics> {
    if raw.table.is_none() && raw.fields.iter().all(|field| field.column.is_none()) {
        return Ok(None);
    }
    let mut problems = Diagnostics::new();
    let mut projection = Projection { tables: Vec::new(), fields: Vec::new() };
    for field in &raw.fields {
        let selection = match (&field.column, &raw.table) {
            (Some(column), _) => column.clone(),
            (None, Some(table)) => column_of(table, &field.ident),
            (None, None) => {
                problems.push(no_column(field));
                continue;
            }
        };
        projection.add(selection, field.optional);
    }
    problems.or(Some(projection))
}

impl Projection {
    fn add(&mut self, selection: RawSelection, optional: bool) {
        let selection = match selection {
            RawSelection::Column { tokens, table } => {
                Selection::Column { tokens, table: self.add_table(&table, optional) }
            }
            RawSelection::Record { table } => {
                Selection::Record { table: self.add_table(&table, optional) }
            }
            RawSelection::Expression { tokens, tables } => {
                for table in &tables {
                    self.add_table(table, optional);
                }
                Selection::Expression(tokens)
            }
        };
        self.fields.push(ProjectedField { optional, selection });
    }

    /// The position of a table, which is added where it is new.
    fn add_table(&mut self, path: &TokenStream, optional: bool) -> usize {
        let text = path.to_string();
        let known = self.tables.iter().position(|table| table.path.to_string() == text);
        let position = known.unwrap_or_else(|| {
            self.tables.push(ProjectedTable { path: path.clone(), required: false });
            self.tables.len() - 1
        });
        self.tables[position].required |= !optional;
        position
    }
}

/// The column of the projection's table with the name of a field. Its tokens are at the field, so that
/// the compiler reports there that the table has no such column.
fn column_of(table: &TokenStream, field: &Ident) -> RawSelection {
    let at_field = |mut token: TokenTree| {
        token.set_span(field.span());
        token
    };
    let moved: TokenStream = table.clone().into_iter().map(at_field).collect();
    let separator = quote::quote_spanned!(field.span()=> ::);
    let tokens = quote!(#moved #separator #field).into_token_stream();
    RawSelection::Column { tokens, table: table.clone() }
}

fn no_column(field: &RawProjectionField) -> Diagnostic {
    let name = crate::source::parse::ident(&field.ident);
    Diagnostic::new(code::NO_COLUMN, format!("the field `{name}` has no column"))
        .at(field.at)
        .help("write `#[column(Task::title)]` on it, or `#[projection(Task)]` on the struct for all fields that are columns of one table")
}
