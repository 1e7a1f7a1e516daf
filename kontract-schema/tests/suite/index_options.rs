//! Methods, operator classes and other options of indexes that a struct cannot have.

use kontract_schema::model::Schema;

fn problems(source: &str) -> Vec<String> {
    let source = format!("#[derive(Table)] {source}");
    crate::breaking::try_schema(&source, &Schema::default()).err().unwrap_or_default()
}

#[test]
fn invalid_indexes() {
    let table = |arguments: &str, words: &str| {
        format!(
            "#[table(layout = \"columns\", {arguments} {words})] struct Post {{
                #[primkey] id: i64, title: String, rank: Option<i32>, price: f64, tags: Vec<String>, raw: Json
            }}"
        )
    };
    for (index, expected) in [
        (
            "index(title, method = \"gist\")",
            "`title` cannot have this index: PostgreSQL has no default operator class of this method for its type",
        ),
        (
            "index(tags, method = \"brin\")",
            "`tags` cannot have this index: the method `brin` is for values with an order",
        ),
        ("unique(rank, method = \"hash\")", "an index with the method `hash` cannot be unique"),
        ("index(rank desc, method = \"brin\")", "an index with the method `brin` has no order"),
        ("index(title, rank, method = \"hash\")", "an index with the method `hash` has one field"),
        (
            "index(rank, method = \"brin\", include(title))",
            "an index with the method `brin` cannot include other fields",
        ),
        ("index(title, include(title))", "the index has `title` twice"),
        ("index(title, include(name))", "`Post` has no field `name`"),
        (
            "index(title, opclass(rank = \"int4_ops\"))",
            "`rank` has an operator class and is not in the index",
        ),
        ("index(title, nulls_not_distinct)", "only a unique index can have `nulls_not_distinct`"),
        ("index(title, deferrable)", "only a unique index can be deferrable"),
        (
            "unique(title, where = \"rank > 1\", deferrable)",
            "an index that is deferrable is a constraint on the columns of all rows",
        ),
        (
            "unique(title desc, deferrable)",
            "an index that is deferrable is a constraint on the columns of all rows",
        ),
        (
            "unique(price)",
            "`price` cannot have this index: a floating-point NaN does not equal itself",
        ),
    ] {
        let found = problems(&table(index, ""));
        assert_eq!(found.len(), 1, "{index}: {found:?}");
        assert!(found[0].contains(expected), "{index}: {found:?}");
    }
    let deleted = problems(&table("unique(title, deferrable),", "soft_delete"));
    assert!(deleted[0].contains("an index that is deferrable is a constraint"), "{deleted:?}");
    for index in [
        "index(title, method = \"gist\", opclass = \"gist_trgm_ops\")",
        "index(title, method = \"gin\", opclass = \"gin_trgm_ops\")",
        "index(title, method = \"spgist\", include(rank))",
        "index(raw, method = \"hash\")",
        "unique(title, rank, nulls_not_distinct, deferrable = \"deferred\", include(price))",
    ] {
        assert_eq!(problems(&table(index, "")), [""; 0], "{index}");
    }
}
