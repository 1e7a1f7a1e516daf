//! What an update sets, without types.

use super::node::Node;
use crate::value::datum::Datum;

/// What a patch sets, by the positions of the fields.
#[derive(Clone, Default)]
pub(crate) struct Changes {
    pub(crate) values: Vec<(usize, Datum<'static>)>,
    pub(crate) computed: Vec<(usize, Node)>,
}

impl Changes {
    /// Whether nothing is set.
    pub(crate) fn is_empty(&self) -> bool {
        self.values.is_empty() && self.computed.is_empty()
    }

    /// A bit for each field, where all of them get values: then they alone decide the statement.
    pub(crate) fn fields(&self) -> Option<u128> {
        let bit = |place: usize| 1_u128.checked_shl(u32::try_from(place).ok()?);
        let bits = self.values.iter().map(|(place, _)| bit(*place));
        let fields = bits.sum::<Option<u128>>()?;
        self.computed.is_empty().then_some(fields)
    }

    /// Whether a computed value has a subquery, so that columns need the name of their table.
    pub(crate) fn needs_names(&self) -> bool {
        self.computed.iter().any(|(_, node)| node.has_query())
    }
}
