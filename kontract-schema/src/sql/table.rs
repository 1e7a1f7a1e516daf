//! How a table of the model looks in a database: its columns, constraints and indexes as a
//! statement tree, and the order in which tables are created.
//!
//! Names of what the user did not name (required keys, enums, indexes on bookkeeping columns) are
//! built from the *stem* of the pointer, which survives renames of the table.

use crate::model::Dialect;
use crate::model::types::Type;
use crate::model::{
    Deferrable, Field, FieldDefault, ForeignKey, Index, Layout, Method, PartitionBy, Schema, Sql,
    Table,
};
use crate::name;
use crate::sql::ddl::{
    ColumnDefault, ColumnDefinition, ColumnKind, Constraint, ConstraintRule, CreateIndex,
    CreateTable, Indexed, IndexedPlace, Place, Tracked, UserSql,
};
use crate::sqltext::{self, expression};

/// The column of the document layout that holds the JSON.
pub const DATA: &str = "data";

/// What generated names of a table begin with: the pointer, without `tbl_` and the hash.
pub fn stem(table: &Table) -> &str {
    stem_of(&table.ptr)
}

/// What generated names of a table with this pointer begin with.
pub fn stem_of(ptr: &str) -> &str {
    let is_hash = |hash: &str| hash.len() == 6 && hash.bytes().all(|b| b.is_ascii_hexdigit());
    match ptr.strip_prefix("tbl_").and_then(|rest| rest.rsplit_once('_')) {
        Some((stem, hash)) if is_hash(hash) => stem,
        _ => ptr,
    }
}

/// The name of the constraint on the values of an enum.
pub fn enum_check_name(ptr: &str, column: &str) -> String {
    name::join(&[stem_of(ptr), column, "enum"])
}

/// The bookkeeping columns of a table: the document layout has all of them.
pub fn tracked(table: &Table) -> impl Iterator<Item = Tracked> {
    let track = table.tracked();
    Tracked::ALL.into_iter().filter(move |column| track.has(*column))
}

/// Whether rows of the table are marked as deleted instead of removed.
pub fn has_soft_delete(table: &Table) -> bool {
    table.tracked().soft_delete
}

/// The column of one field in the columns layout, or of the key in the document layout.
pub fn column(table: &Table, field: &Field) -> ColumnDefinition {
    let default = match (&field.stamp, field.default_value(), &field.generated) {
        (_, _, Some(generated)) => Some(ColumnDefault::Generated(generated.clone())),
        (Some(_), ..) => Some(ColumnDefault::Now),
        (None, Some(FieldDefault::Constant(value)), _) => Some(ColumnDefault::Value(value)),
        (None, Some(FieldDefault::Sql(sql)), _) => Some(ColumnDefault::Sql(sql)),
        (None, None, _) => field.identity.then_some(ColumnDefault::Identity),
    };
    ColumnDefinition {
        name: field.column().to_owned(),
        kind: ColumnKind::Field { ty: field.ty.clone(), sql_type: field.sql_type.clone() },
        not_null: !field.optional,
        default: default.filter(|_| table.layout == Layout::Columns),
        primary_key: table.key() == [field.name.as_str()],
    }
}

/// A bookkeeping column.
pub fn tracked_column(column: Tracked) -> ColumnDefinition {
    ColumnDefinition {
        name: column.name().to_owned(),
        kind: ColumnKind::Tracked(column),
        not_null: !matches!(column, Tracked::DeletedTxid | Tracked::DeletedAt),
        default: None,
        primary_key: false,
    }
}

/// All columns of a table, in order.
pub fn columns(table: &Table) -> Vec<ColumnDefinition> {
    let mut columns = match table.layout {
        Layout::Columns => table.schema.iter().map(|field| column(table, field)).collect(),
        Layout::Document => {
            let mut columns: Vec<_> = table.key_fields().map(|key| column(table, key)).collect();
            columns.push(ColumnDefinition {
                name: DATA.to_owned(),
                kind: ColumnKind::Data,
                not_null: true,
                default: None,
                primary_key: false,
            });
            columns
        }
    };
    columns.extend(tracked(table).map(tracked_column));
    columns
}

/// The place of a field: its column, or its key in the document.
pub fn place(table: &Table, field: &Field) -> Place {
    match table.layout {
        Layout::Document if !table.is_key(&field.name) => {
            Place::Key(field.column().to_owned(), field.ty.clone())
        }
        _ => Place::Column(field.column().to_owned()),
    }
}

/// The constraint that rows of the document layout have this key, if they must.
pub fn required(table: &Table, field: &Field) -> Option<Constraint> {
    let wanted = table.layout == Layout::Document && table.is_required(field);
    wanted.then(|| Constraint {
        name: name::join(&[stem(table), field.column(), "required"]),
        rule: ConstraintRule::HasKey(field.column().to_owned()),
    })
}

/// The constraint on the values of an enum; none where the database has an enum type, or a check of the
/// user allows exactly these values. Lists of enums have none: neither database can look into a list from
/// a CHECK alike.
pub fn one_of(table: &Table, field: &Field, dialect: Dialect) -> Option<Constraint> {
    let Type::Enum(names) = &field.ty else { return None };
    let is_checked = field.sql_type.is_none() || field.native && !dialect.capabilities().enum_types;
    if !is_checked || has_own_check(table, field, names, dialect) {
        return None;
    }
    Some(Constraint {
        name: enum_check_name(&table.ptr, field.column()),
        rule: ConstraintRule::OneOf(place(table, field), names.clone()),
    })
}

/// Whether a check of the user allows exactly the values of an enum: `kind IN ('big', 'small')`.
fn has_own_check(table: &Table, field: &Field, names: &[String], dialect: Dialect) -> bool {
    table.layout == Layout::Columns
        && table.checks.values().any(|check| {
            let tree = expression::parse_expression(dialect, check.for_dialect(dialect));
            let values =
                tree.and_then(|tree| expression::list_allowed_texts(&tree, field.column()));
            values.is_some_and(|values| {
                values.iter().all(|value| names.contains(value))
                    && names.iter().all(|name| values.contains(name))
            })
        })
}

/// The foreign key with physical names.
pub fn reference(table: &Table, name: &str, key: &ForeignKey, schema: &Schema) -> Constraint {
    let target = if key.table == table.name { Some(table) } else { schema.tables.get(&key.table) };
    let to = |field: &String| {
        let field_of = target.and_then(|target| target.field(field));
        field_of.map_or(field.as_str(), Field::column).to_owned()
    };
    Constraint {
        name: name.to_owned(),
        rule: ConstraintRule::References {
            columns: column_names(table, &key.fields),
            table: target.map_or_else(|| key.table.clone(), Table::path),
            to: key.to.iter().map(to).collect(),
            on_delete: key.on_delete,
            on_update: key.on_update,
            deferrable: key.deferrable,
        },
    }
}

/// The columns of these fields.
pub fn column_names(table: &Table, fields: &[impl AsRef<str>]) -> Vec<String> {
    let column = |name: &str| table.field(name).map_or(name, Field::column).to_owned();
    fields.iter().map(|name| column(name.as_ref())).collect()
}

/// Returns the name that PostgreSQL gives to a primary key without a name. It truncates the name of the
/// table to make room.
pub fn key_name(table: &Table) -> String {
    let mut end = table.ptr.len().min(name::MAX - "_pkey".len());
    while !table.ptr.is_char_boundary(end) {
        end -= 1;
    }
    format!("{}_pkey", &table.ptr[..end])
}

/// All named constraints of a table: keys of several columns, JSON, required keys, enums, the
/// user's checks, unique constraints that can be deferred, references.
pub fn constraints(table: &Table, schema: &Schema, dialect: Dialect) -> Vec<Constraint> {
    let mut constraints = Vec::new();
    if table.key().len() > 1 {
        constraints.push(Constraint {
            name: key_name(table),
            rule: ConstraintRule::PrimaryKey(column_names(table, &table.key())),
        });
    }
    if table.layout == Layout::Document {
        let name = name::join(&[stem(table), DATA, "json"]);
        constraints.push(Constraint { name, rule: ConstraintRule::IsJson });
    }
    constraints.extend(table.schema.iter().filter_map(|field| required(table, field)));
    constraints.extend(table.schema.iter().filter_map(|field| one_of(table, field, dialect)));
    constraints.extend(table.checks.iter().map(|(name, check)| self::check(name, check)));
    let deferrable = table.indexes.iter().filter(|(_, index)| is_constraint(index));
    constraints.extend(deferrable.map(|(name, index)| unique(table, name, index)));
    constraints
        .extend(table.references.iter().map(|(name, key)| reference(table, name, key, schema)));
    constraints
}

/// A check of the user.
pub fn check(name: &str, sql: &Sql) -> Constraint {
    Constraint { name: name.to_owned(), rule: ConstraintRule::Check(sql.clone()) }
}

/// A unique index that can be deferred, as the constraint that it is.
pub fn unique(table: &Table, name: &str, index: &Index) -> Constraint {
    let rule = ConstraintRule::Unique(self::index(table, name, index));
    Constraint { name: name.to_owned(), rule }
}

/// Whether a database that can defer unique constraints has a constraint in place of the index.
pub fn is_constraint(index: &Index) -> bool {
    index.deferrable != Deferrable::Never
}

/// The whole table, to be created where it is not there yet.
pub fn create(table: &Table, schema: &Schema, dialect: Dialect) -> CreateTable {
    CreateTable {
        name: table.path(),
        if_not_exists: true,
        columns: columns(table),
        constraints: constraints(table, schema, dialect),
        partition_by: partition_key(table),
    }
}

/// The partition key of a table, with columns in place of fields.
pub fn partition_key(table: &Table) -> Option<PartitionBy> {
    let key = table.partition_by.as_ref()?;
    Some(PartitionBy { method: key.method, fields: column_names(table, &key.fields) })
}

/// The comments of a table: those of the columns, each with its name, and that of the table.
pub fn comments(table: &Table) -> Vec<(Option<String>, String)> {
    let own = table.comment.clone().map(|text| (None, text));
    let of_columns = table.schema.iter().filter_map(|field| {
        let Place::Column(column) = place(table, field) else { return None };
        Some((Some(column), field.comment.clone()?))
    });
    own.into_iter().chain(of_columns).collect()
}

/// An index of the user.
pub fn index(table: &Table, name: &str, index: &Index) -> CreateIndex {
    let part = |name: &String| {
        let field = table.field(name);
        IndexedPlace {
            place: field.map_or_else(|| Place::Column(name.clone()), |field| place(table, field)),
            descending: index.descending.contains(name),
            opclass: index.opclass.get(name).cloned(),
            optional: field.is_some_and(|field| field.optional),
        }
    };
    let on = match &index.on {
        Some(sql) => Indexed::Text(resolve_names(table, sql)),
        None => Indexed::Places(index.fields.iter().map(part).collect()),
    };
    CreateIndex {
        name: name.to_owned(),
        table: table.path(),
        on,
        unique: index.unique,
        method: index.method,
        include: column_names(table, &index.include),
        nulls_not_distinct: index.nulls_not_distinct,
        deferrable: index.deferrable,
        condition: index.condition.as_ref().map(|sql| resolve_names(table, sql)),
        live_only: index.unique && has_soft_delete(table),
    }
}

/// SQL of the user with what the table knows of the names in it.
pub fn resolve_names(table: &Table, sql: &Sql) -> UserSql {
    let mut keys: Vec<(String, Type)> = Vec::new();
    for field in &table.schema {
        if let Place::Key(key, ty) = place(table, field)
            && mentions(sql, &key)
        {
            keys.push((key, ty));
        }
    }
    UserSql { sql: sql.clone(), keys }
}

/// Whether SQL of the user names a column or a key of the document.
pub fn mentions(sql: &Sql, column: &str) -> bool {
    Dialect::ALL.into_iter().any(|dialect| {
        let names = sqltext::list_names(dialect, sql.for_dialect(dialect));
        names.iter().any(|(name, _)| name.to_lowercase() == column.to_lowercase())
    })
}

/// Whether what an index is on changes with a field.
pub fn is_on(index: &Index, field: &Field) -> bool {
    index.fields.contains(&field.name)
        || index.include.contains(&field.name)
        || index.texts().any(|sql| mentions(sql, field.column()))
}

/// The field of a key of several that is numbered, if the database does not number it: each INSERT
/// computes the number.
pub fn numbered_by_insert(table: &Table, dialect: Dialect) -> Option<&Field> {
    let is_key_part = table.key().len() > 1 && !dialect.capabilities().numbers_key_parts;
    table.key_fields().find(|field| is_key_part && field.identity)
}

/// The index by which an INSERT finds the greatest number, unless the key begins with it.
pub fn number_index(table: &Table, dialect: Dialect) -> Option<CreateIndex> {
    let field = numbered_by_insert(table, dialect)?;
    let leads = table.key().first() == Some(&field.name.as_str());
    (!leads).then(|| plain_index(table, "number", field.column()))
}

/// The index that a bookkeeping column has: `_txid`, `_owner`, `_deleted_at` of the deleted rows, and
/// `_order`, in which `pop` and `shift` find the last and first of the rows that are not deleted.
pub fn tracked_index(table: &Table, column: Tracked) -> Option<CreateIndex> {
    let word = match column {
        Tracked::Txid => "txid",
        Tracked::Owner => "owner",
        Tracked::Order => "order",
        Tracked::DeletedAt => "deleted_at",
        Tracked::Version | Tracked::DeletedTxid => return None,
    };
    let live_only = column == Tracked::Order && table.layout == Layout::Document;
    let deleted = || format!("{} IS NOT NULL", column.name());
    let only_deleted = || UserSql { sql: deleted().as_str().into(), keys: Vec::new() };
    let condition = (column == Tracked::DeletedAt).then(only_deleted);
    Some(CreateIndex { condition, live_only, ..plain_index(table, word, column.name()) })
}

/// An index on one column with a name of ours.
fn plain_index(table: &Table, word: &str, column: &str) -> CreateIndex {
    CreateIndex {
        name: name::join(&["idx", stem(table), word]),
        table: table.path(),
        on: Indexed::Places(vec![IndexedPlace {
            place: Place::Column(column.to_owned()),
            descending: false,
            opclass: None,
            optional: false,
        }]),
        unique: false,
        method: Method::Btree,
        include: Vec::new(),
        nulls_not_distinct: false,
        deferrable: Deferrable::Never,
        condition: None,
        live_only: false,
    }
}

/// The indexes of a table that are created after it.
pub fn indexes(table: &Table, dialect: Dialect) -> Vec<CreateIndex> {
    let mut indexes = all_indexes(table, dialect);
    indexes.retain(|index| {
        index.deferrable == Deferrable::Never || !dialect.capabilities().index_options
    });
    indexes
}

/// The names of the indexes of a table.
pub fn index_names(table: &Table, dialect: Dialect) -> Vec<String> {
    let mut names: Vec<String> =
        indexes(table, dialect).into_iter().map(|index| index.name).collect();
    names.sort();
    names
}

/// The indexes that are named after the table: those of the bookkeeping columns and of the number.
pub fn own_indexes(table: &Table, dialect: Dialect) -> impl Iterator<Item = CreateIndex> {
    let tracked = tracked(table).filter_map(|column| tracked_index(table, column));
    tracked.chain(number_index(table, dialect))
}

/// All indexes of a table that a database can have: those that are named after the table, then the
/// user's by name.
pub fn all_indexes(table: &Table, dialect: Dialect) -> Vec<CreateIndex> {
    let mut indexes: Vec<_> = own_indexes(table, dialect).collect();
    let own = table.indexes.iter().filter(|(_, index)| dialect.has(index.method));
    indexes.extend(own.map(|(name, i)| index(table, name, i)));
    indexes
}

/// The tables in the order of their references, each after those it refers to; and the references
/// (table, name) that close a cycle, which have to be added afterwards. A reference to the own
/// table is not a cycle.
pub fn order_by_references(schema: &Schema) -> (Vec<&Table>, Vec<(&Table, &str)>) {
    let mut waiting: Vec<&Table> = schema.tables.values().collect();
    let mut order: Vec<&Table> = Vec::new();
    let mut closing = Vec::new();
    let is_open = |key: &ForeignKey, table: &Table, waiting: &[&Table]| {
        key.table != table.name && waiting.iter().any(|other| other.name == key.table)
    };
    while !waiting.is_empty() {
        let free = waiting
            .iter()
            .position(|table| !table.references.values().any(|key| is_open(key, table, &waiting)));
        // A cycle is cut at its first table by name.
        let table = waiting[free.unwrap_or(0)];
        let open = table.references.iter().filter(|(_, key)| is_open(key, table, &waiting));
        closing.extend(open.map(|(name, _)| (table, name.as_str())));
        waiting.retain(|other| other.name != table.name);
        order.push(table);
    }
    (order, closing)
}
