//! A query without types.

mod changes;
pub(crate) mod node;

use kontract_schema::Type;
use kontract_schema::sql::dml::{JoinKind, Lock};

pub(crate) use self::changes::Changes;
use crate::error::Refusal;
use crate::sql::meta::Meta;
use crate::sql::scope::At;
use crate::sql::tree::node::{Field, Node};
use crate::value::datum::Datum;

/// A query as it was built.
#[derive(Clone)]
pub(crate) struct Parts {
    /// Queries whose rows are those of a table of this one.
    pub(crate) with: Vec<(&'static Meta, Parts)>,
    /// Its rows are those of a table: the types of its columns. Keys of documents are read as what
    /// they are, not as JSON.
    pub(crate) typed: Option<Vec<Type>>,
    /// The table it began with, and those that were joined.
    pub(crate) tables: Vec<Joined>,
    /// Values that a row has to match: it comes once for each that is equal.
    pub(crate) matched: Option<Matched>,
    pub(crate) filter: Option<Node>,
    pub(crate) group: Vec<Node>,
    /// What rows were ordered by before they were put into groups.
    pub(crate) before: Vec<(Node, bool)>,
    pub(crate) having: Option<Node>,
    pub(crate) order: Vec<(Node, bool)>,
    pub(crate) outputs: Vec<Output>,
    pub(crate) distinct: bool,
    /// Rows that are equal are one: in this query, or in the union that it is a part of.
    pub(crate) once: bool,
    /// It is a part of a union.
    pub(crate) united: bool,
    /// Its rows are groups.
    pub(crate) grouped: bool,
    /// Its rows are only counted.
    pub(crate) counted: bool,
    pub(crate) limit: Option<u64>,
    pub(crate) offset: Option<u64>,
    pub(crate) lock: Option<Lock>,
    pub(crate) deleted: Deleted,
    /// It is a page, or a part of one.
    pub(crate) page: Option<Stretch>,
    /// Other queries whose rows come too, and whether equal ones stay apart.
    pub(crate) union: Vec<(bool, Parts)>,
    /// The last of these goes on from the rows that were found.
    pub(crate) recursive: bool,
}

/// A table of a query.
#[derive(Clone)]
pub(crate) struct Joined {
    pub(crate) meta: &'static Meta,
    pub(crate) kind: JoinKind,
    pub(crate) on: Option<Node>,
}

/// Something that is equal to one of the values, which have numbers from 1 on.
#[derive(Clone)]
pub(crate) struct Matched {
    pub(crate) of: Node,
    pub(crate) values: Vec<Datum<'static>>,
}

/// What a row gives.
#[derive(Clone)]
pub(crate) enum Output {
    /// A record; where it is optional, whether it is there comes before.
    Record {
        meta: &'static Meta,
        at: At,
        optional: bool,
    },
    /// A record and its bookkeeping.
    Row {
        meta: &'static Meta,
        at: At,
    },
    Value(Node),
    /// Nothing but that it is there.
    One,
}

/// A part of the rows in their order. Rows say what they are ordered by, behind their other columns.
#[derive(Clone)]
pub(crate) struct Stretch {
    pub(crate) among: Among,
    /// It begins behind that position.
    pub(crate) after: Option<Position>,
}

/// The values of a row that rows are ordered by, as text; `None` for NULL.
pub(crate) type Position = Vec<Option<String>>;

/// Rows by whether the first thing that they are ordered by is NULL. Those with NULL are last, in
/// either direction: no index serves one condition for both.
#[derive(Clone, Copy, PartialEq)]
pub(crate) enum Among {
    All,
    Valued,
    Valueless,
}

/// Which rows count.
#[derive(Clone, Copy, PartialEq)]
pub(crate) enum Deleted {
    Without,
    With,
    Only,
}

impl Parts {
    pub(crate) fn new(meta: &'static Meta, output: Output) -> Parts {
        Parts {
            with: Vec::new(),
            typed: None,
            tables: vec![Joined { meta, kind: JoinKind::Inner, on: None }],
            matched: None,
            filter: None,
            group: Vec::new(),
            before: Vec::new(),
            having: None,
            order: Vec::new(),
            outputs: vec![output],
            distinct: false,
            once: false,
            united: false,
            grouped: false,
            counted: false,
            limit: None,
            offset: None,
            lock: None,
            deleted: Deleted::Without,
            page: None,
            union: Vec::new(),
            recursive: false,
        }
    }

    /// Gives the columns the types of that table's fields.
    ///
    /// # Errors
    /// Where a column cannot be stored as its field.
    pub(crate) fn typed_as(mut self, meta: &'static Meta) -> crate::Result<Parts> {
        for (place, output) in self.outputs.iter().enumerate() {
            if let Output::Value(node) = output {
                node.check_stored_as(meta, place)?;
            }
        }
        self.typed = Some(meta.table.schema.iter().map(|field| field.ty.clone()).collect());
        let others = std::mem::take(&mut self.union).into_iter();
        let others = others.map(|(apart, other)| Ok((apart, other.typed_as(meta)?)));
        self.union = others.collect::<crate::Result<_>>()?;
        Ok(self)
    }

    /// Refuses an order by what distinct rows, or the rows of a union, do not have. Of rows that are one it
    /// may have several values; the other queries of a union do not know it.
    pub(crate) fn check_order(&self) -> crate::Result<()> {
        let is_united = !self.union.is_empty();
        if !self.distinct && !is_united {
            return Ok(());
        }
        let is_selected = |field: &Field| {
            self.outputs.iter().any(|output| match output {
                Output::Value(Node::Column(other)) => {
                    other.at == field.at && other.place == field.place
                }
                Output::Value(_) | Output::One => false,
                Output::Record { at, .. } | Output::Row { at, .. } => {
                    *at == field.at && !field.is_inside()
                }
            })
        };
        let missing = self.order.iter().find_map(|(node, _)| match node {
            Node::Column(field) if is_selected(field) && !(is_united && field.is_inside()) => None,
            Node::Column(field) => Some(format!("`{}`", field.meta.table.schema[field.place].name)),
            _ => is_united.then(|| "an expression".to_owned()),
        });
        let Some(missing) = missing else { return Ok(()) };
        let (rows, help) = if is_united {
            (
                "the rows of a union",
                "order by a column that each query selects; to order and limit one query of it, make it a table: `.named::<…>().as_table()`",
            )
        } else {
            ("distinct rows", "select it too, or order by what is selected")
        };
        let what = format!("{rows} are ordered by {missing}, which they do not have");
        Err(crate::Error::value(what).with_help(help))
    }

    /// Refuses the query when it is run.
    pub(crate) fn refuse(&mut self, why: impl Into<Refusal>) {
        self.filter = Some(Node::Refused(why.into()));
    }

    /// Refuses what follows a union but would apply to its first query alone.
    pub(crate) fn before_union(&mut self, what: &str) {
        if !self.union.is_empty() {
            self.refuse(format!(
                "{what} behind a union would be that of its first query only: say it of each of the \
                 queries, or of all rows behind `.named::<…>().as_table()`"
            ));
        }
    }

    /// Whether its rows are those of its tables, not made of several of them.
    pub(crate) fn is_plain(&self) -> bool {
        !self.distinct && !self.grouped && self.union.is_empty()
    }

    /// Whether its filter alone says which rows of its table are among its own.
    pub(crate) fn is_by_filter(&self) -> bool {
        self.union.is_empty() && !self.is_stretch() && self.lock.is_none()
    }

    /// Whether only some of the rows are wanted.
    fn is_stretch(&self) -> bool {
        self.limit.is_some() || self.offset.is_some()
    }

    /// The keys of its rows; without a key, the hidden columns that identify them.
    pub(crate) fn keys(self, row_id: &[&'static str]) -> Parts {
        let (meta, at) = (self.tables[0].meta, At { level: 0, place: 0 });
        let key = meta.key.iter().map(|place| Node::Column(Field::new(at, meta, *place)));
        let mut outputs: Vec<Output> = key.map(Output::Value).collect();
        if outputs.is_empty() {
            outputs.extend(row_id.iter().map(|column| Output::Value(Node::Hidden(at, column))));
        }
        let union = self.union.into_iter();
        let union = union.map(|(apart, other)| (apart, other.keys(row_id))).collect();
        Parts { outputs, union, distinct: false, ..self }
    }

    /// Whether rows come, where nothing else says so, in the order of their keys: which of them are
    /// within a limit must not be left to chance, and rows that are always locked in one order do
    /// not lead to deadlocks.
    pub(crate) fn has_implicit_order(&self) -> bool {
        self.is_plain() && !self.counted && (self.is_stretch() || self.lock.is_some())
    }

    /// Of each table, whether it may have no row for a row of the query.
    pub(crate) fn missing(&self) -> Vec<bool> {
        let mut missing = Vec::with_capacity(self.tables.len());
        for table in &self.tables {
            if table.kind == JoinKind::Right {
                missing.fill(true);
            }
            missing.push(table.kind == JoinKind::Left);
        }
        missing
    }

    /// Whether what the rows are ordered by first may have no value.
    pub(crate) fn begins_with_nullable(&self) -> bool {
        match self.order.first() {
            None => false,
            Some((Node::Column(field), _)) => {
                let missing = self.missing();
                let is_missing = missing.get(usize::from(field.at.place)).copied();
                field.meta.table.schema[field.place].optional || is_missing.unwrap_or(true)
            }
            Some(_) => true,
        }
    }

    /// Whether columns need the names of their tables.
    pub(crate) fn needs_names(&self) -> bool {
        let output = |output: &Output| matches!(output, Output::Value(node) if node.has_query());
        // Without it, an order would be by the output of that name, which is cast to another type.
        let has_own_types = self.tables.iter().any(|table| table.meta.has_own_types());
        self.tables.len() > 1
            || has_own_types
            || self.filter.iter().chain(&self.having).chain(&self.group).any(Node::has_query)
            || self.order.iter().any(|(node, _)| node.has_query())
            || self.outputs.iter().any(output)
    }

    /// The query for EXISTS: without outputs and order, where these do not matter.
    pub(crate) fn for_existence(self) -> Parts {
        if !self.is_plain() {
            return self;
        }
        Parts { outputs: vec![Output::One], order: Vec::new(), counted: true, ..self }
    }
}
