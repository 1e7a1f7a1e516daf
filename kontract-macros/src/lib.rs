//! The derive macros of Kontract. Applications use them through the crate `kontract`.
//!
//! They expand tokens. `kontract-schema` parses and checks them; `kontract-runtime` has the traits that
//! the expansion implements.

use proc_macro::TokenStream;
use syn::{DeriveInput, parse_macro_input};

mod expand;
mod fallback;
mod report;
mod verdict;

/// Makes a struct a table.
///
/// Every attribute of the struct and its fields is described in `kontract::reference::attributes`, every
/// type of a field in `kontract::reference::types`. One field is the key, `#[primkey]`; `#[table(layout =
/// "columns")]` gives each field a column, otherwise all of them are in one JSON column.
///
/// For a struct `User` the derive makes the constants `User::name`, … for queries, the struct `NewUser`,
/// which an insert takes, and `User::patch()`, which an update takes. `NewUser::new` has a parameter for
/// each field without a default, and a method for each other field.
///
/// # Errors
/// Compile errors at the field: a wrong attribute or type, and what the build script found when it
/// compared the struct with `kontract.lock.json`. `kontract explain K0203` describes a code.
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
        generated,
        check,
        created_at,
        updated_at,
        backfill,
        renamed_from,
        removed,
        column,
        // Names that other libraries use, declared so that our error is the only one.
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

/// Makes an enum a type for fields. Its variants have no data; a value is stored as text, the name of the
/// variant as serde writes it.
///
/// Filters and orders compare these names, not the order of the variants: `Status::Draft` may come before
/// `Status::Archived` in the source and comes after it in `order_by(Post::status.asc())`. If the order
/// matters, use `is_in`, or store a number.
///
/// `#[native]` makes it an enum type of PostgreSQL, whose values are ordered as they are declared, on
/// SQLite too.
///
/// `#[renamed_from("old")]` on a variant declares its former stored name: the migration rewrites the rows.
#[proc_macro_derive(Enum, attributes(native, renamed_from, renamed))]
pub fn derive_enum(input: TokenStream) -> TokenStream {
    expand::enumeration(&parse_macro_input!(input as DeriveInput)).into()
}

/// Makes a struct a type for fields: stored as JSON, by its `Serialize` and `Deserialize`.
#[proc_macro_derive(Document)]
pub fn derive_document(input: TokenStream) -> TokenStream {
    expand::document(&parse_macro_input!(input as DeriveInput)).into()
}

/// Makes a struct with one unnamed field a type for fields: `struct UserId(Uuid)`.
///
/// It is stored as its field is, with the same column, and has the operations of it: as a key, in
/// references, conditions, lists and documents. In documents serde writes a struct with one unnamed field
/// as the field alone.
#[proc_macro_derive(Value)]
pub fn derive_value(input: TokenStream) -> TokenStream {
    expand::newtype(&parse_macro_input!(input as DeriveInput)).into()
}

/// Makes a struct the result of a query.
///
/// | attribute | meaning |
/// |---|---|
/// | `#[projection(Task)]` on the struct | a field is the column of `Task` with its name |
/// | `#[column(User::name)]` on a field | the field is this column or expression: whatever `select` takes |
///
/// `query.select_as::<TaskWithUser>()` selects the fields, if the query has their tables. After an outer
/// join a field of the joined table has to be an `Option`. Without these attributes,
/// `query.select((…)).named::<TaskWithUser>()` gives the columns the names of the fields.
#[proc_macro_derive(Projection, attributes(projection, column))]
pub fn derive_projection(input: TokenStream) -> TokenStream {
    expand::projection(&parse_macro_input!(input as DeriveInput)).into()
}

/// Brings in `Storage`, with a handle for each table, and `StorageRegistry`. Call it once, in the root of
/// the crate; `kontract::reference::storage` describes what is in them.
#[proc_macro]
pub fn storage(input: TokenStream) -> TokenStream {
    expand::storage(input.into()).into()
}
