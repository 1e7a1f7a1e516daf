//! Expressions as they were written, without types: what [`lower`](crate::sql::lower) turns into SQL.

use kontract_schema::Type;
use kontract_schema::model::RangeOf;
use kontract_schema::sql::dml::{Function, PathKey, RangeTest};

use crate::error::Refusal;
use crate::sql::meta::Meta;
use crate::sql::scope::At;
use crate::sql::tree::Parts;
use crate::value::datum::Datum;
use crate::value::wire::Wire;

/// An expression, or a condition.
#[derive(Clone)]
pub(crate) enum Node {
    /// A field.
    Column(Field),
    /// A value that is compared or computed with another operand, and has the type of that.
    Value(Datum<'static>),
    /// A value with a type of its own.
    Constant {
        value: Datum<'static>,
        ty: Type,
    },
    Compare {
        op: Compare,
        left: Box<Node>,
        right: Box<Node>,
    },
    In {
        of: Box<Node>,
        values: Vec<Datum<'static>>,
    },
    InQuery {
        of: Box<Node>,
        query: Box<Parts>,
    },
    Exists(Box<Parts>),
    Scalar(Box<Parts>),
    IsNull(Box<Node>),
    Text {
        of: Box<Node>,
        op: Text,
        text: String,
    },
    /// A list with that element.
    Has {
        list: Box<Node>,
        element: Datum<'static>,
        json: String,
    },
    /// A range with that value, or with values of that range.
    Ranges {
        test: RangeTest,
        of: RangeOf,
        range: Box<Node>,
        other: Box<Node>,
    },
    Path {
        of: Box<Node>,
        keys: Vec<PathKey>,
        ty: Type,
        wire: Wire,
        /// Whether the JSON may have another type there, so that there is no value.
        checked: bool,
    },
    /// A function, and what its result is where that is not what its first argument is.
    Call {
        function: Function,
        args: Vec<Node>,
        result: Option<(Type, Wire)>,
    },
    /// The number of rows.
    Count,
    /// A hidden column of a table, which identifies its rows while they do not change.
    Hidden(At, &'static str),
    /// The number of the value that the row belongs to; see [`Matched`](crate::sql::tree::Matched).
    ValueNumber,
    And(Chain),
    Or(Chain),
    Not(Box<Node>),
    /// A value that cannot be sent, and why.
    Refused(Refusal),
}

/// How deep conditions and expressions may be nested. Deeper ones are refused where they are built:
/// to print them, or only to drop them, takes stack, and SQLite takes 1000 levels.
const EXPRESSION_DEPTH: usize = 100;

/// Conditions side by side, and how many levels they have.
#[derive(Clone)]
pub(crate) struct Chain {
    nodes: Vec<Node>,
    depth: usize,
}

impl Chain {
    fn one(node: Node) -> Chain {
        Chain { depth: node.depth(), nodes: vec![node] }
    }

    fn then(mut self, other: Chain) -> Chain {
        self.depth = self.depth.max(other.depth);
        self.nodes.extend(other.nodes);
        self
    }

    fn iter(&self) -> std::slice::Iter<'_, Node> {
        self.nodes.iter()
    }
}

impl IntoIterator for Chain {
    type Item = Node;
    type IntoIter = std::vec::IntoIter<Node>;
    fn into_iter(self) -> Self::IntoIter {
        self.nodes.into_iter()
    }
}

/// A field of a table of the query.
#[derive(Clone, Copy)]
pub(crate) struct Field {
    pub(crate) at: At,
    pub(crate) meta: &'static Meta,
    pub(crate) place: usize,
    /// Whether the texts that a document has for its values sort as the values do.
    pub(crate) sorts_in_documents: bool,
}

impl Field {
    /// Creates a column.
    pub(crate) fn new(at: At, meta: &'static Meta, place: usize) -> Field {
        Field { at, meta, place, sorts_in_documents: true }
    }

    /// Whether it is a key of a document.
    pub(crate) fn is_inside(self) -> bool {
        self.meta.is_inside(self.place)
    }
}

/// A comparison of values.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Compare {
    Eq,
    /// True also where exactly one of the two has no value.
    Ne,
    Lt,
    Le,
    Gt,
    Ge,
}

/// A comparison of texts.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Text {
    Like,
    Contains,
    StartsWith,
    /// All the words, by the full text search of the database.
    Matches,
}

impl Node {
    /// The comparison of two nodes; with NULL, whether it is NULL.
    pub(crate) fn compare(self, op: Compare, right: Node) -> Node {
        match (op, right) {
            (_, Node::Refused(why)) => Node::Refused(why),
            (Compare::Eq, Node::Value(Datum::Null)) => Node::IsNull(Box::new(self)),
            (Compare::Ne, Node::Value(Datum::Null)) => {
                Node::Not(Box::new(Node::IsNull(Box::new(self))))
            }
            (op, right) => Node::Compare { op, left: Box::new(self), right: Box::new(right) },
        }
    }

    /// Both; however many there are, it is one level.
    pub(crate) fn and(self, other: Node) -> Node {
        let chain = |node| match node {
            Node::And(chain) => chain,
            node => Chain::one(node),
        };
        Node::And(chain(self).then(chain(other))).bounded()
    }

    /// At least one of both; however many there are, it is one level.
    pub(crate) fn or(self, other: Node) -> Node {
        let chain = |node| match node {
            Node::Or(chain) => chain,
            node => Chain::one(node),
        };
        Node::Or(chain(self).then(chain(other))).bounded()
    }

    /// The opposite.
    pub(crate) fn not(self) -> Node {
        Node::Not(Box::new(self)).bounded()
    }

    /// Returns the node, or one that is refused where it is nested too deeply.
    pub(crate) fn bounded(self) -> Node {
        if self.depth() > EXPRESSION_DEPTH {
            Node::Refused(
                format!("the condition or expression is nested more than {EXPRESSION_DEPTH} levels deep; many values are one level in `is_in`, many conditions in a chain of `&` or of `|`").into(),
            )
        } else {
            self
        }
    }

    /// How many levels it has, without those of queries in it.
    fn depth(&self) -> usize {
        1 + match self {
            Node::And(chain) | Node::Or(chain) => chain.depth,
            Node::Compare { left, right, .. } => left.depth().max(right.depth()),
            Node::Ranges { range, other, .. } => range.depth().max(other.depth()),
            Node::In { of, .. }
            | Node::InQuery { of, .. }
            | Node::IsNull(of)
            | Node::Text { of, .. }
            | Node::Has { list: of, .. }
            | Node::Path { of, .. }
            | Node::Not(of) => of.depth(),
            Node::Call { args, .. } => args.iter().map(Node::depth).max().unwrap_or_default(),
            Node::Column(_)
            | Node::Value(_)
            | Node::Constant { .. }
            | Node::Exists(_)
            | Node::Scalar(_)
            | Node::Count
            | Node::ValueNumber
            | Node::Hidden(..)
            | Node::Refused(_) => 0,
        }
    }

    /// Whether its values compare as those of documents do.
    pub(crate) fn is_inside(&self) -> bool {
        matches!(self, Node::Column(field) if field.is_inside())
    }

    /// Whether it is a column that is a list of scalars.
    pub(crate) fn is_array(&self) -> bool {
        match self {
            Node::Column(field) => !field.is_inside() && field.meta.wires[field.place].is_list(),
            _ => false,
        }
    }

    /// A value, or why it cannot be sent.
    pub(crate) fn value(datum: crate::Result<Datum<'_>>) -> Node {
        match datum {
            Ok(datum) => Node::Value(datum.into_owned()),
            Err(error) => Node::Refused(Refusal::from_error(&error)),
        }
    }

    /// Refuses a key of a document whose value a column keeps in another form.
    pub(crate) fn check_stored_as(&self, meta: &Meta, place: usize) -> crate::Result<()> {
        let Node::Column(field) = self else { return Ok(()) };
        let is_alike = match meta.ty(place) {
            Type::String | Type::Enum(_) | Type::Uuid | Type::Boolean => true,
            Type::Number | Type::Float32 | Type::Date | Type::Json | Type::Object(_) => true,
            ty => ty.whole_range().is_some(),
        };
        if !field.is_inside() || is_alike {
            return Ok(());
        }
        let name = &field.meta.table.schema[field.place].name;
        let what = format!("a document holds `{name}` in another form than a column does");
        let help = "read the rows, and give them to `insert_many`";
        Err(crate::Error::new(crate::Kind::Unsupported, what).with_help(help))
    }

    /// Whether it has a subquery, so that columns need the names of their tables.
    pub(crate) fn has_query(&self) -> bool {
        match self {
            Node::InQuery { .. } | Node::Exists(_) | Node::Scalar(_) => true,
            Node::Compare { left, right, .. } => left.has_query() || right.has_query(),
            Node::Ranges { range, other, .. } => range.has_query() || other.has_query(),
            Node::In { of, .. }
            | Node::IsNull(of)
            | Node::Text { of, .. }
            | Node::Has { list: of, .. }
            | Node::Path { of, .. }
            | Node::Not(of) => of.has_query(),
            Node::Call { args, .. } => args.iter().any(Node::has_query),
            Node::And(chain) | Node::Or(chain) => chain.iter().any(Node::has_query),
            Node::Column(_)
            | Node::Value(_)
            | Node::Constant { .. }
            | Node::Count
            | Node::ValueNumber
            | Node::Hidden(..)
            | Node::Refused(_) => false,
        }
    }
}
