//! References to unique fields: of the own table, in a cycle, and of a table that gets the field or its
//! index in the same migration. The unique index exists before the reference.

use kontract_schema::model::Schema;

use crate::breaking::try_schema;
use crate::database::{Live, creates_twice, plan_leads_to_the_schema};
use crate::postgres::Postgres;
use crate::sqlite::Sqlite;

const TABLE: &str = "#[derive(Table)] #[table(layout = \"columns\")]";

fn schema(source: &str) -> Schema {
    let source = source.replace("table ", &format!("{TABLE} struct "));
    try_schema(&source, &Schema::default()).unwrap_or_else(|problems| panic!("{problems:?}"))
}

const PLAIN: &str = "table Node { #[primkey] id: i64 }";
const UNIQUE: &str = "table Node { #[primkey] id: i64, #[unique] code: Option<String> }";
const OWN: &str = "table Node { #[primkey] id: i64, #[unique] code: Option<String>,
    #[index] #[references(Node, field = \"code\")] parent: Option<String> }";
const CYCLE: &str = "table Node { #[primkey] id: i64, #[unique] code: Option<String>,
        #[references(Other, field = \"name\")] parent: Option<String> }
    table Other { #[primkey] id: i64, #[unique] name: Option<String>,
        #[references(Node, field = \"code\")] node: Option<String> }";
const FROM_ANOTHER: &str = "table Node { #[primkey] id: i64, #[unique] code: Option<String> }
    table Leaf { #[primkey] id: i64, #[references(Node, field = \"code\")] node: Option<String> }";

fn references_come_after_their_index<L: Live>(live: &mut L) {
    let steps = [PLAIN, UNIQUE, OWN, CYCLE, FROM_ANOTHER];
    for step in steps {
        creates_twice(live, &schema(step)).unwrap_or_else(|error| panic!("{step}\n{error}"));
    }
    for from in steps {
        for to in steps {
            let done = plan_leads_to_the_schema(live, &schema(from), &schema(to));
            done.unwrap_or_else(|error| panic!("{from}\n→ {to}\n{error}"));
        }
    }
    // The key of the table referred to becomes another type.
    let text = "table Node { #[primkey] id: String }
        table Leaf { #[primkey] id: i64, #[references(Node)] node: Option<String> }";
    let done = plan_leads_to_the_schema(live, &schema(PLAIN), &schema(text));
    done.unwrap_or_else(|error| panic!("{error}"));
}

#[test]
fn references_come_after_their_index_on_postgres() {
    references_come_after_their_index(&mut Postgres::new());
}

#[test]
fn references_come_after_their_index_on_sqlite() {
    references_come_after_their_index(&mut Sqlite::new());
}
