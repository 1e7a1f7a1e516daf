//! Facts that the planner knows are those that are read from its statements, and a lock file of format 1
//! is the same as one of format 2.

use kontract_schema::dialect::Dialect;
use kontract_schema::gate::{compare_statements, gate, refuse_statements};
use kontract_schema::lock::{LockFile, Step};
use kontract_schema::plan::KnownTables;
use kontract_schema::sql::table;
use proptest::prelude::*;

use crate::database::texts;
use crate::random_schemas::{schema, steps, walk};

proptest! {
    #![proptest_config(ProptestConfig { failure_persistence: None, ..ProptestConfig::with_cases(200) })]

    #[test]
    fn planned_facts_are_those_that_are_read(a in schema(), steps in steps()) {
        let b = walk(&a, &steps);
        let lock = LockFile::default().with_schema(a.clone());
        let Some(draft) = gate(&lock, &b, None).draft else { return Ok(()) };
        for dialect in Dialect::ALL {
            let script = draft.sql.for_dialect(dialect);
            let mut read = Step::read_texts(dialect, texts(&script.up));
            let mut known = KnownTables::default();
            for table in a.tables.values() {
                let of_table = table::columns(table).into_iter().map(|column| column.name);
                known.insert(&table.ptr, of_table.collect(), table::index_names(table, dialect));
            }
            known.follow(dialect, &mut read, false);
            for (read, planned) in read.iter().zip(&script.up) {
                prop_assert_eq!(read, planned);
            }
        }
    }

    #[test]
    fn both_formats_have_the_same_content(a in schema(), steps in steps()) {
        let b = walk(&a, &steps);
        let mut lock = LockFile::default();
        for schema in [&a.clone().into(), &b] {
            let Some(draft) = gate(&lock, schema, None).draft else { continue };
            let name = format!("m{}", draft.version);
            lock = LockFile { draft: Some(draft), ..lock }.seal(&name, schema.clone());
        }
        let lock = LockFile::read(&lock.write()).unwrap();
        let problems = refuse_statements(&compare_statements(&lock, 0, |_| None), &[]);
        prop_assert!(problems.is_empty(), "{problems:?}");
        let old = lock.write_in_format_1();
        let read = LockFile::read(&old).unwrap();
        prop_assert!(read.is_in_older_format(&old) && lock.is_in_older_format(&old));
        prop_assert_eq!(read.head(), lock.head());
        prop_assert_eq!(&LockFile::read(&read.write()).unwrap(), &read);
    }
}
