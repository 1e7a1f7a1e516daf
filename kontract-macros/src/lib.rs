//! The derive macros of Kontract. Applications use them through the crate `kontract`.
//!
//! Thin: tokens in, tokens out. Reading and checking is `kontract-schema`'s, the meaning of what is
//! emitted `kontract-runtime`'s.

use proc_macro::TokenStream;
use syn::{DeriveInput, parse_macro_input};

mod expand;
mod fallback;
mod report;
mod verdict;

/// Makes a struct a table.
///
/// | attribute of a field | meaning |
/// |---|---|
/// | `#[primkey]` | the field that identifies a row |
/// | `#[perm(R__)]` | what owner handles may do: read, write |
/// | `#[references(User, on_delete = "cascade", on_update = "…", field = "…")]` | foreign key (columns layout) |
/// | `#[unique]`, `#[index]`, both with `(name = "…", where = "…")` | index on this field, of the rows of a condition in SQL |
/// | `#[index(method = "gin")]` | finds what a list, document or JSON contains, on PostgreSQL; SQLite has nothing like it, and there none is made |
/// | `#[default(0)]`, `#[default(Status::Draft)]` | the value of a row that is given none |
/// | `#[check("age >= 0")]` | condition in SQL (columns layout) |
/// | `#[created_at]`, `#[updated_at]` | a time that the runtime keeps; in a `String` as `2026-01-15T10:30:00.000Z` |
/// | `#[backfill = "lower(name)"]`, `#[backfill(postgres = "…", sqlite = "…")]` | SQL for the rows that are there before the field |
/// | `#[renamed_from("old")]` | the field had another name: rename, do not replace |
/// | `#[column(name = "…", sql_type = "…")]` | another column name or PostgreSQL type |
///
/// | in `#[table(…)]` on the struct | meaning |
/// |---|---|
/// | `name = "…"` | the logical name; otherwise the plural of the struct's |
/// | `ptr = "…"` | the table's name in the database |
/// | `layout = "columns"` | one typed column a field; otherwise `"document"`: one JSON column |
/// | `primary_key(a, b)` | a key of several fields (columns layout) |
/// | `index(a, b desc)`, `unique(a, b)`, `check("…")`, all with `name = "…"` | over several fields |
/// | `index(on = "lower(email), rank desc")`, `unique(on = "…")` | on what SQL computes from the columns, or from the keys of the document |
/// | `index(a, where = "…")`, `on` and `where` also `(postgres = "…", sqlite = "…")` | of some rows; other SQL for each database |
/// | `references(fields(a, b), Other)`, `references(fields(a, b), Other(x, y), on_delete = "…", name = "…")` | foreign key of several fields (columns layout) |
/// | `track`, `owned`, `versioned`, `soft_delete`, `ordered` | bookkeeping columns (columns layout) |
/// | `standalone` | no build script: the table is never compared or migrated |
///
/// A struct that `references` names need not be in scope: it is found by the end of its path among those of
/// the package, so that a `use` for it alone is one too many.
///
/// `#[perm(…)]` and `#[renamed_from(…)]` stand on the struct too; `#[removed("old")]` only there: that
/// field is gone on purpose, and no other is its successor. `#[removed("old", keep)]` leaves its
/// column for programs that still have the field.
///
/// Besides the handle it makes, for `User`: the constants `User::name` for filters, `NewUser` (what
/// an insert takes) and `User::patch()` (what an update may set).
#[proc_macro_derive(
    Table,
    attributes(
        table,
        primkey,
        perm,
        references,
        unique,
        index,
        default,
        check,
        created_at,
        updated_at,
        backfill,
        renamed_from,
        removed,
        column,
        // What the same is called elsewhere: declared here, so that our error is the only one.
        primary_key,
        primarykey,
        primekey,
        pk,
        id,
        key,
        permission,
        permissions,
        foreign_key,
        reference,
        belongs_to,
        renamed,
        rename
    )
)]
pub fn derive_table(input: TokenStream) -> TokenStream {
    expand::table(&parse_macro_input!(input as DeriveInput)).into()
}

/// Makes an enum without data a type for fields: stored as text, the name of the variant as serde
/// writes it.
///
/// Filters and orders compare these names, not the places of the variants: `Status::Draft` comes
/// before `Status::Archived` in the source and after it in `order_by(Post::status.asc())`. Where
/// the order matters, ask with `is_in`, or keep a number.
///
/// `#[renamed_from("old")]` on a variant says that it had another stored name: values that are there
/// take the new one.
#[proc_macro_derive(Enum, attributes(renamed_from))]
pub fn derive_enum(input: TokenStream) -> TokenStream {
    expand::enumeration(&parse_macro_input!(input as DeriveInput)).into()
}

/// Makes a struct a type for fields: stored as JSON, through its `Serialize` and `Deserialize`.
#[proc_macro_derive(Document)]
pub fn derive_document(input: TokenStream) -> TokenStream {
    expand::document(&parse_macro_input!(input as DeriveInput)).into()
}

/// Makes a struct what rows of a query become.
///
/// | attribute | meaning |
/// |---|---|
/// | `#[projection(Task)]` on the struct | a field is the column of `Task` with its name |
/// | `#[column(User::name)]` on a field | it is that column, or that expression: whatever `select` takes |
///
/// `query.select_as::<TaskWithUser>()` selects them, where the query has the tables. A field that
/// belongs to a table whose rows may be missing, after an outer join, has to be an `Option`. Without
/// any of the attributes, `query.select((…)).named::<TaskWithUser>()` gives the rows these names.
#[proc_macro_derive(Projection, attributes(projection, column))]
pub fn derive_projection(input: TokenStream) -> TokenStream {
    expand::projection(&parse_macro_input!(input as DeriveInput)).into()
}

/// Brings in `Storage` and `StorageRegistry`, which the build script wrote. Call it once, in the
/// root of the crate.
#[proc_macro]
pub fn storage(input: TokenStream) -> TokenStream {
    expand::storage(input.into()).into()
}
