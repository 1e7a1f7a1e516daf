//! Which changes an older program may ignore.

use kontract_schema::change::{Change, Fact, ItemChange};
use kontract_schema::model::types::Type;
use kontract_schema::model::{
    Field, ForeignKey, Index, Layout, ReferenceAction, Schema, Stamp, Table,
};
use kontract_schema::rules::additive;

use crate::random_schemas::{blank, plain};

/// Whether the change is additive, in a schema with the table `notes` in columns and `users` as
/// documents.
fn is_additive(table: &str, fact: Fact) -> bool {
    let tables = [blank("notes", Layout::Columns), blank("users", Layout::Document)];
    let old = Schema { tables: tables.map(|table| (table.name.clone(), table)).into() };
    additive(&old, &[Change { table: table.into(), fact }])
}

fn field() -> Field {
    plain("a", Type::String)
}

#[test]
fn new_fields() {
    let cases = [
        (Field { optional: true, ..field() }, true),
        (Field { default: Some("x".into()), ..field() }, true),
        (Field { stamp: Some(Stamp::CreatedAt), ..field() }, true),
        (Field { stamp: Some(Stamp::UpdatedAt), ..field() }, false),
        (field(), false),
    ];
    for (field, in_columns) in cases {
        let added = Fact::FieldAdded { field: field.clone(), backfill: None };
        assert_eq!(is_additive("notes", added.clone()), in_columns, "{field:?}");
        assert!(
            !is_additive("users", added),
            "a program that writes the whole document would remove it"
        );
    }
}

#[test]
fn new_tables() {
    let refers = |to: &str, on_delete, on_update, column: &str| {
        let (fields, to_) = (vec!["a".into()], vec![column.into()]);
        let key = ForeignKey {
            fields,
            table: to.into(),
            to: to_,
            on_delete,
            on_update,
            ..ForeignKey::default()
        };
        let references = [("key".to_owned(), key)].into();
        let table = Table { references, ..blank("tags", Layout::Columns) };
        is_additive("tags", Fact::TableAdded(Box::new(table)))
    };
    use ReferenceAction::{Cascade, NoAction, Restrict, SetNull};
    assert!(refers("tags", Restrict, NoAction, "id"), "the new table itself");
    assert!(refers("notes", SetNull, NoAction, "id"), "keys do not change");
    assert!(!refers("notes", SetNull, NoAction, "slug"), "updates would fail");
    assert!(refers("notes", SetNull, Cascade, "slug"));
    assert!(!refers("notes", NoAction, Cascade, "id"), "deletes would fail");
}

#[test]
fn indexes() {
    for unique in [false, true] {
        let index = || Index { fields: vec!["a".into()], unique, ..Index::default() };
        let name = || "i".to_owned();
        assert_eq!(is_additive("notes", Fact::Index(ItemChange::Added(name(), index()))), !unique);
        let removed = Fact::Index(ItemChange::Removed(name(), index()));
        assert_eq!(is_additive("notes", removed), !unique);
        let to = Index { fields: vec!["b".into()], ..index() };
        let changed = Fact::Index(ItemChange::Changed(name(), index(), to));
        assert_eq!(is_additive("notes", changed), !unique);
    }
}

#[test]
fn changes_that_an_older_program_notices() {
    assert!(!is_additive("notes", Fact::FieldRemoved(field())));
    assert!(!is_additive("notes", Fact::TableRemoved(Box::new(blank("notes", Layout::Columns)))));
    assert!(!is_additive("notes", Fact::BecameOptional { field: "a".into() }));
    let (name, sql) = ("c".to_owned(), "a > 0".into());
    assert!(!is_additive("notes", Fact::Check(ItemChange::Added(name, sql))));
}
