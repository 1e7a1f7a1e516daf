//! Objects of PostgreSQL that tables need and that no struct creates: extensions, functions, domains and
//! other types.

/// An object that tables, or other such objects, need.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Prerequisite {
    /// What it is.
    pub kind: PrerequisiteKind,
    /// Its name as SQL writes it: `hstore`, `public.is_short(text)`.
    pub name: String,
    /// Its schema, if that is not the one of the connection.
    pub namespace: Option<String>,
    /// The statement that creates it; `None` for an extension, and for what no statement of the server
    /// creates again.
    pub definition: Option<String>,
    /// The positions of the prerequisites that it needs itself.
    pub needs: Vec<usize>,
    /// The paths of the tables that need it.
    pub tables: Vec<String>,
}

/// What a [`Prerequisite`] is.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub enum PrerequisiteKind {
    /// An extension.
    Extension,
    /// A function or procedure.
    Function,
    /// A domain, composite type or range type.
    Type,
    /// An enum type, which the migrations create for an enum of the source.
    Enum,
    /// An operator, operator class, collation, or configuration of the text search.
    Other,
}

/// Returns the prerequisites of these tables in an order in which each is created after those that it
/// needs; without the enum types in `natives` that only tables need.
pub fn order_prerequisites<'a>(
    all: &'a [Prerequisite],
    tables: &[&str],
    natives: &[&str],
) -> Vec<&'a Prerequisite> {
    let mut ordered = Vec::new();
    let mut sorted: Vec<(usize, &Prerequisite)> = all.iter().enumerate().collect();
    sorted.sort_by_key(|(_, one)| (one.kind, &one.name));
    for (at, one) in sorted {
        let is_native = one.kind == PrerequisiteKind::Enum && natives.contains(&one.name.as_str());
        if !is_native && one.tables.iter().any(|table| tables.contains(&table.as_str())) {
            push(all, at, &mut Vec::new(), &mut ordered);
        }
    }
    ordered.into_iter().map(|at| &all[at]).collect()
}

/// Appends those that one needs, and then itself.
fn push(all: &[Prerequisite], at: usize, path: &mut Vec<usize>, ordered: &mut Vec<usize>) {
    // Functions may need each other.
    if ordered.contains(&at) || path.contains(&at) {
        return;
    }
    path.push(at);
    for other in &all[at].needs {
        push(all, *other, path, ordered);
    }
    path.pop();
    ordered.push(at);
}
