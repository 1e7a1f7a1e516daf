//! Properties of the model, without a database.

use kontract_schema::change::diff::diff;
use kontract_schema::change::{Change, ChangeId, ChangeKind};
use kontract_schema::lock::LockFile;
use kontract_schema::model::Schema;
use kontract_schema::plan::{needs_value, plan, plan_around};
use kontract_schema::rules::{Context, judge};
use kontract_schema::{dialect::Dialect, gate::gate};
use proptest::prelude::*;

use crate::random_schemas::{hashes, schema, steps, walk};

fn apply(schema: &Schema, changes: &[Change]) -> Schema {
    let mut schema = schema.clone();
    changes.iter().for_each(|change| change.apply(&mut schema));
    schema
}

proptest! {
    #![proptest_config(ProptestConfig { failure_persistence: None, ..ProptestConfig::with_cases(300) })]

    #[test]
    fn a_schema_does_not_differ_from_itself(a in schema()) {
        prop_assert_eq!(diff(&a, &a), []);
        prop_assert!(gate(&LockFile::default().with_schema(a.clone()), &a, None).draft.is_none());
    }

    #[test]
    fn changes_turn_one_schema_into_any_other(a in schema(), b in schema()) {
        let changes = diff(&a, &b);
        prop_assert_eq!(hashes(&apply(&a, &changes)), hashes(&b));
    }

    #[test]
    fn diff_finds_the_steps(a in schema(), steps in steps()) {
        let b = walk(&a, &steps);
        let changes = diff(&a, &b);
        prop_assert_eq!(hashes(&apply(&a, &changes)), hashes(&b.schema));
        // After sealing, the hints have no effect.
        let sealed = LockFile::default().with_schema(b.clone()).schema();
        prop_assert_eq!(diff(&sealed, &b), []);
    }

    #[test]
    fn inverses_restore_the_old_schema(a in schema(), steps in steps()) {
        let b = walk(&a, &steps);
        let changes = diff(&a, &b);
        let inverse: Option<Vec<Change>> =
            changes.iter().rev().map(|change| change.inverse(true)).collect();
        if let Some(inverse) = inverse {
            prop_assert_eq!(hashes(&apply(&b.schema, &inverse)), hashes(&a));
        }
    }

    #[test]
    fn every_change_is_judged_and_planned(a in schema(), b in schema()) {
        let changes = diff(&a, &b);
        let context = Context::new(&a, (&b).into(), &changes, 1);
        let judgements = judge(&context);
        for change in &changes {
            // I11 is a remark, not a verdict.
            let verdicts = judgements.iter().filter(|found| found.rule.id != "I11");
            let of_it = verdicts.filter(|found| found.covers().any(|c| c == change));
            prop_assert_eq!(of_it.count(), 1, "{}", change.id());
        }
        // The ids are distinct.
        let mut ids: Vec<ChangeId> = changes.iter().map(Change::id).collect();
        ids.sort();
        ids.dedup();
        prop_assert_eq!(ids.len(), changes.len());
        let again = plan(&a, &changes);
        prop_assert_eq!(plan(&a, &changes), again);
    }

    #[test]
    fn changes_that_need_a_value_have_placeholders(a in schema(), b in schema()) {
        let changes = diff(&a, &b);
        let forced = plan_around(&a, &changes, |_| true).manual;
        let up = Dialect::ALL.into_iter().flat_map(|dialect| &forced.for_dialect(dialect).up);
        let texts = up.clone().any(|step| step.sql.contains("<value for "));
        prop_assert_eq!(up.clone().any(|step| step.placeholder), texts);
        let needs = changes.iter().any(|change| needs_value(&a, &changes, change));
        prop_assert_eq!(needs, texts);
    }

    #[test]
    fn ids_are_parsed_from_their_text(
        // Table names contain no quotes; other names may contain anything.
        table in "[a-z.:, é]{1,8}|\\PC{1,8}".prop_filter("a name", |name| !name.contains('"')),
        item in prop::option::of("[a-z.:, \"é]{0,8}|\\PC{0,8}"),
        kind in prop::sample::select(ChangeKind::ALL),
    ) {
        let id = ChangeId { table, item, kind };
        prop_assert_eq!(id.to_string().parse(), Ok(id));
    }

    #[test]
    fn the_draft_survives_the_lock_file(a in schema(), steps in steps()) {
        let b = walk(&a, &steps);
        let lock = LockFile::default().with_schema(a);
        let gate = gate(&lock, &b, None);
        let lock = LockFile { draft: gate.draft, ..lock };
        prop_assert_eq!(LockFile::read(&lock.write()).unwrap(), lock);
    }

    #[test]
    fn identifiers_survive(name in "[ -~äß\"]{1,20}") {
        for dialect in Dialect::ALL {
            let quoted = dialect.ident(&name);
            let inner = quoted.strip_prefix('"').and_then(|rest| rest.strip_suffix('"'));
            let read = inner.map_or(quoted.clone(), |inner| inner.replace("\"\"", "\""));
            prop_assert_eq!(&read, &name);
            let connection = rusqlite::Connection::open_in_memory().unwrap();
            connection.execute_batch(&format!("CREATE TABLE t ({quoted} TEXT)")).unwrap();
            let column: String =
                connection.query_row("SELECT name FROM pragma_table_info('t')", [], |row| row.get(0)).unwrap();
            prop_assert_eq!(column, name.clone());
        }
    }
}
