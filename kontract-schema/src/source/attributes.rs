//! Every attribute that the derives read, and its arguments: one table for the parser, for the help
//! texts of its errors, for the `attributes(…)` lists of the derives and for the reference.

/// Where an attribute or an argument may be written.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Position {
    /// A struct with `#[derive(Table)]`.
    Table,
    /// In the brackets of `#[table(…)]`.
    TableArgument,
    /// A field of a table.
    Field,
    /// In the brackets of `index` and `unique`.
    IndexArgument,
    /// In the brackets of `check`.
    CheckArgument,
    /// In the brackets of `references`.
    ReferenceArgument,
    /// In the brackets of `#[column(…)]` of a table's field.
    ColumnArgument,
    /// In the brackets of `#[primkey(…)]`.
    KeyArgument,
    /// In the brackets of `#[default(…)]`.
    DefaultArgument,
    /// In the brackets of `#[generated(…)]`.
    GeneratedArgument,
    /// An enum with `#[derive(Enum)]`.
    Enum,
    /// In the brackets of `#[native(…)]`.
    NativeArgument,
    /// A variant of an enum with `#[derive(Enum)]`.
    Variant,
    /// A struct with `#[derive(Projection)]`.
    Projection,
    /// A field of a projection.
    ProjectionField,
}

/// An attribute or an argument.
#[derive(Clone, Copy, Debug)]
pub struct Attribute {
    /// Where it may be written.
    pub position: Position,
    /// Its name.
    pub name: &'static str,
    /// An example of its use, without `#[` and `]`.
    pub form: &'static str,
    /// Whether it may be given several times.
    pub repeats: bool,
    /// The names that users of other libraries write.
    pub aliases: &'static [&'static str],
}

impl Attribute {
    const fn new(position: Position, name: &'static str, form: &'static str) -> Attribute {
        Attribute { position, name, form, repeats: false, aliases: &[] }
    }

    const fn repeated(self) -> Attribute {
        Attribute { repeats: true, ..self }
    }

    const fn aliases(self, aliases: &'static [&'static str]) -> Attribute {
        Attribute { aliases, ..self }
    }
}

const KEY_ALIASES: &[&str] = &["primary_key", "primarykey", "primekey", "pk", "id", "key"];
const REFERENCE_ALIASES: &[&str] = &["foreign_key", "reference", "belongs_to"];
const RENAMED_FROM: &str = "renamed_from(\"old_name\")";

/// All attributes and arguments.
#[rustfmt::skip]
pub const ATTRIBUTES: &[Attribute] = {
    use Position::*;
    const fn new(position: Position, name: &'static str, form: &'static str) -> Attribute {
        Attribute::new(position, name, form)
    }
    &[
        new(Table, "table", "table(name = \"…\", layout = \"columns\")").repeated(),
        new(Table, "perm", "perm(RW_)").aliases(&["permission", "permissions"]),
        new(Table, "renamed_from", RENAMED_FROM).aliases(&["renamed"]),
        new(Table, "removed", "removed(\"old_name\")]` or `#[removed(\"old_name\", keep)").repeated(),

        new(TableArgument, "name", "table(name = \"…\")"),
        new(TableArgument, "ptr", "table(ptr = \"…\")"),
        new(TableArgument, "schema", "table(schema = \"…\")").aliases(&["namespace"]),
        new(TableArgument, "partition_by", "table(partition_by = \"range(created_at)\")").aliases(&["partition", "partitioned_by", "partitioned"]),
        new(TableArgument, "comments", "table(comments)").aliases(&["comment"]),
        new(TableArgument, "layout", "table(layout = \"columns\")"),
        new(TableArgument, "standalone", "table(standalone)"),
        new(TableArgument, "external", "table(external)"),
        new(TableArgument, "keyless", "table(layout = \"columns\", keyless)").aliases(&["no_primary_key", "no_key", "without_key"]),
        new(TableArgument, "primary_key", "table(primary_key(a, b))").aliases(&["primkey", "pk", "key"]),
        new(TableArgument, "index", "table(index(a, b desc))").repeated(),
        new(TableArgument, "unique", "table(unique(a, b))").repeated(),
        new(TableArgument, "check", "table(check(\"a < b\"))").repeated(),
        new(TableArgument, "references", "table(references(fields(a, b), Other, on_delete = \"cascade\"))").repeated().aliases(REFERENCE_ALIASES),
        new(TableArgument, "track", "table(track)"),
        new(TableArgument, "owned", "table(owned)"),
        new(TableArgument, "shared", "table(shared)"),
        new(TableArgument, "versioned", "table(versioned)"),
        new(TableArgument, "soft_delete", "table(soft_delete)"),
        new(TableArgument, "deleted_at", "table(deleted_at)"),
        new(TableArgument, "ordered", "table(ordered)"),

        new(Field, "primkey", "primkey").aliases(KEY_ALIASES),
        new(Field, "perm", "perm(RW_)").aliases(&["permission", "permissions"]),
        new(Field, "references", "references(User, on_delete = \"cascade\")").aliases(REFERENCE_ALIASES),
        new(Field, "unique", "unique"),
        new(Field, "index", "index"),
        new(Field, "default", "default(0)"),
        new(Field, "generated", "generated(\"price * amount\")"),
        new(Field, "check", "check(\"age >= 0\")").repeated(),
        new(Field, "created_at", "created_at"),
        new(Field, "updated_at", "updated_at"),
        new(Field, "backfill", "backfill = \"0\""),
        new(Field, "renamed_from", RENAMED_FROM).aliases(&["renamed"]),
        new(Field, "column", "column(name = \"…\", sql_type = \"…\")").aliases(&["rename"]),

        new(CheckArgument, "postgres", "check(postgres = \"…\", sqlite = \"…\")"),
        new(CheckArgument, "sqlite", "check(postgres = \"…\", sqlite = \"…\")"),
        new(CheckArgument, "name", "check(\"age >= 0\", name = \"…\")"),

        new(IndexArgument, "name", "index(name = \"…\")"),
        new(IndexArgument, "method", "index(method = \"gin\")"),
        new(IndexArgument, "opclass", "index(title, method = \"gin\", opclass = \"gin_trgm_ops\")"),
        new(IndexArgument, "include", "index(a, include(b, c))"),
        new(IndexArgument, "nulls_not_distinct", "unique(nulls_not_distinct)"),
        new(IndexArgument, "deferrable", "unique(deferrable)").aliases(&["deferred"]),
        new(IndexArgument, "where", "index(where = \"active\")"),
        new(IndexArgument, "on", "index(on = \"lower(email)\")"),

        new(ReferenceArgument, "field", "references(User, field = \"email\")"),
        new(ReferenceArgument, "on_delete", "references(User, on_delete = \"cascade\")"),
        new(ReferenceArgument, "on_update", "references(User, on_update = \"cascade\")"),
        new(ReferenceArgument, "deferrable", "references(User, deferrable)").aliases(&["deferred"]),
        new(ReferenceArgument, "name", "references(User, name = \"…\")"),

        new(ColumnArgument, "name", "column(name = \"…\")"),
        new(ColumnArgument, "sql_type", "column(sql_type = \"…\")"),

        new(KeyArgument, "identity", "primkey(identity)").aliases(&["auto", "auto_increment", "autoincrement", "serial"]),

        new(DefaultArgument, "sql", "default(sql = \"now()\")"),
        new(DefaultArgument, "postgres", "default(postgres = \"…\", sqlite = \"…\")"),
        new(DefaultArgument, "sqlite", "default(postgres = \"…\", sqlite = \"…\")"),

        new(GeneratedArgument, "virtual", "generated(\"price * amount\", virtual)"),
        new(GeneratedArgument, "postgres", "generated(postgres = \"…\", sqlite = \"…\")"),
        new(GeneratedArgument, "sqlite", "generated(postgres = \"…\", sqlite = \"…\")"),

        new(Enum, "native", "native"),
        new(NativeArgument, "name", "native(name = \"mood\")"),
        new(Variant, "renamed_from", RENAMED_FROM).aliases(&["renamed"]),

        new(Projection, "projection", "projection(Task)"),
        new(ProjectionField, "column", "column(Task::title)"),
    ]
};

impl Position {
    /// The attributes of this position, in the order of the table.
    pub fn attributes(self) -> impl Iterator<Item = &'static Attribute> {
        ATTRIBUTES.iter().filter(move |attribute| attribute.position == self)
    }

    /// The names of the attributes of this position, in the order of the table.
    pub fn names(self) -> impl Iterator<Item = &'static str> {
        self.attributes().map(|attribute| attribute.name)
    }

    /// The attribute of that name in this position.
    pub fn find_attribute(self, name: &str) -> Option<&'static Attribute> {
        self.attributes().find(|attribute| attribute.name == name)
    }

    /// The attribute of this position that a user who wrote an unknown name probably meant: the one
    /// with that alias, or else one with a similar name.
    pub fn suggest(self, written: &str) -> Option<&'static str> {
        let distance = |name: &str| strsim::damerau_levenshtein(written, name);
        let by_alias = self.attributes().find(|attribute| attribute.aliases.contains(&written));
        let similar = || {
            let near = self.names().filter(|name| distance(name) <= 1 + name.len() / 5);
            near.min_by_key(|name| distance(name))
        };
        by_alias.map(|attribute| attribute.name).or_else(similar)
    }

    /// What help to give for an unknown name: the probable one, or all of them.
    pub fn help_for_unknown(self, written: &str) -> String {
        if let Some(meant) = self.suggest(written) {
            return format!("did you mean `{meant}`?");
        }
        let names: Vec<&str> = self.names().collect();
        match &names[..] {
            [others @ .., last] if !others.is_empty() => {
                format!("known are {} and {last}", others.join(", "))
            }
            names => format!("known is {}", names.join(", ")),
        }
    }
}
