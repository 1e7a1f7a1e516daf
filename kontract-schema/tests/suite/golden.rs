//! `tests/golden/<case>/schema.json` and the exact SQL and lock file it gives.
//! `UPDATE_GOLDEN=1 cargo test` rewrites them; read the difference before you commit it.

use std::fs;
use std::path::{Path, PathBuf};

use kontract_schema::dialect::{Dialect, create_schema};
use kontract_schema::export::flatbuffers;
use kontract_schema::gate::gate;
use kontract_schema::lock::LockFile;
use kontract_schema::model::Schema;

#[test]
fn create_statements() {
    let cases = cases();
    assert!(cases.len() >= 3, "the golden cases are missing");
    let mut wrong = Vec::new();
    for case in cases {
        let schema = read(&case);
        for dialect in Dialect::ALL {
            let text = create_schema(dialect, &schema).join(";\n\n") + ";\n";
            let file = case.join(dialect.name()).with_extension("sql");
            check(&file, &text, &mut wrong);
        }
        // The lock file with the schema as its draft can be read again.
        let draft = gate(&LockFile::default(), &schema, None).draft;
        let lock = LockFile { draft, ..LockFile::default() };
        assert_eq!(LockFile::read(&lock.write()).as_ref(), Ok(&lock));
        check(&case.join("lock.json"), &lock.write(), &mut wrong);
        let sealed = LockFile::default().with_schema(schema);
        check(&case.join("schema.fbs"), &flatbuffers::schema("tests", &sealed), &mut wrong);
    }
    assert!(wrong.is_empty(), "{}\nUPDATE_GOLDEN=1 rewrites them", wrong.join("\n"));
}

fn check(file: &Path, text: &str, wrong: &mut Vec<String>) {
    if std::env::var_os("UPDATE_GOLDEN").is_some() {
        fs::write(file, text).unwrap();
    } else if fs::read_to_string(file).ok().as_deref() != Some(text) {
        wrong.push(format!("{}: now\n{text}", file.display()));
    }
}

/// The folders of the cases.
pub fn cases() -> Vec<PathBuf> {
    let root = Path::new(env!("CARGO_MANIFEST_DIR")).join("../tests/golden");
    let mut cases: Vec<PathBuf> = fs::read_dir(root)
        .unwrap()
        .map(|entry| entry.unwrap().path())
        .filter(|path| path.join("schema.json").exists())
        .collect();
    cases.sort();
    cases
}

/// The schema of a case.
pub fn read(case: &Path) -> Schema {
    let text = fs::read_to_string(case.join("schema.json")).unwrap();
    let mut schema: Schema = serde_json::from_str(&text)
        .unwrap_or_else(|error| panic!("{}/schema.json: {error}", case.display()));
    for (name, table) in &mut schema.tables {
        table.name = name.clone();
    }
    schema
}
