//! Two branches that sealed the next migration: independent migrations are combined, others refused.

use kontract_schema::dialect::{Dialect, create_schema};
use kontract_schema::gate::{compare_statements, gate, generate_again, refuse_statements};
use kontract_schema::intent::Checked;
use kontract_schema::lock::flatbuffers_ids::whole;
use kontract_schema::lock::rebase::rebase;
use kontract_schema::lock::{LockFile, Manual};
use kontract_schema::model::types::Type;
use kontract_schema::model::{Field, Layout, Schema};
use proptest::prelude::*;

use crate::database::{Live, matches, texts};
use crate::random_schemas::{blank, plain, schema, steps, walk};
use crate::sqlite::{Sqlite, check};

/// The lock file with one more migration. Returns `None` without changes, or if one is refused.
fn sealed(lock: &LockFile, new: impl Into<Checked>, name: &str) -> Option<LockFile> {
    let new = new.into();
    let draft = gate(lock, &new, None).draft?;
    let lock = LockFile { draft: Some(draft), ..lock.clone() }.seal(name, new);
    Some(LockFile::read(&lock.write()).expect("a lock file"))
}

#[test]
fn both_histories_lead_to_both_schemas() {
    let done = std::cell::Cell::new((0, 0));
    check(400, (schema(), steps(), steps()), |(a, ours, theirs)| {
        let base = LockFile::default().with_schema(a.clone());
        let both =
            (sealed(&base, walk(&a, &ours), "ours"), sealed(&base, walk(&a, &theirs), "theirs"));
        let (Some(ours), Some(theirs)) = both else { return Ok(()) };
        let (went, refused) = done.get();
        let rebased = match rebase(&base, &theirs, &ours) {
            Ok(rebased) => rebased.lock,
            Err(_) => {
                done.set((went, refused + 1));
                return Ok(());
            }
        };
        done.set((went + 1, refused));
        let rebased = generate_again(rebased, 1, |_| None);
        let rebased = LockFile::read(&rebased.write()).expect("a lock file");
        prop_assert_eq!(&rebased.migrations[..1], &theirs.migrations[..]);
        let problems = refuse_statements(&compare_statements(&rebased, 1, |_| None), &[]);
        prop_assert!(problems.is_empty(), "{problems:?}");
        let mut live = Sqlite::new();
        live.run(&create_schema(Dialect::Sqlite, &a), false).map_err(TestCaseError::fail)?;
        for migration in &rebased.migrations {
            let script = &migration.sql.sqlite;
            live.run(&texts(&script.up), script.rebuild).map_err(TestCaseError::fail)?;
        }
        matches(&mut live, &rebased.schema()).map_err(TestCaseError::fail)
    });
    let (went, refused) = done.get();
    assert!(went > 40 && refused > 40, "{went} were combined, {refused} were refused");
}

#[test]
fn changes_of_one_field_on_both_branches_are_refused() {
    let mut posts = blank("posts", Layout::Columns);
    posts.schema.push(plain("title", Type::String));
    let a = Schema { tables: [("posts".to_owned(), posts)].into() };
    let base = LockFile::default().with_schema(a.clone());
    let with = |name: &str, ty| {
        let mut new = a.clone();
        let field = Field { optional: true, ..plain(name, ty) };
        new.tables.get_mut("posts").unwrap().schema.push(field);
        sealed(&base, new, &format!("add_{name}")).unwrap()
    };
    let found =
        rebase(&base, &with("note", Type::Bigint), &with("note", Type::String)).unwrap_err();
    let messages: Vec<String> = found.iter().map(ToString::to_string).collect();
    assert_eq!(messages.len(), 1, "{messages:?}");
    assert!(messages[0].starts_with(
        "kontract[K0313]: both branches change the same item: `posts.note:added` here"
    ));

    let (theirs, ours) = (with("note", Type::Bigint), with("more", Type::String));
    let rebased = rebase(&base, &theirs, &ours).unwrap().lock;
    let names: Vec<&str> = rebased.migrations.iter().map(|m| &m.name[..]).collect();
    assert_eq!(names, ["add_note", "add_more"]);
    assert_eq!(rebased.migrations[1].parent, theirs.head());
    assert_eq!(rebased.migrations[1].sql, ours.migrations[0].sql);

    let found = rebase(&theirs, &ours, &ours).unwrap_err();
    assert!(found.iter().next().unwrap().message.contains("does not begin"), "{found:?}");
}

#[test]
fn ids_follow_a_renamed_field() {
    let mut posts = blank("posts", Layout::Columns);
    posts.schema.push(plain("title", Type::String));
    let a = Schema { tables: [("posts".to_owned(), posts.clone())].into() };
    let base = LockFile::default().with_schema(a.clone());
    let mut theirs = a.clone();
    let note = Field { optional: true, ..plain("note", Type::String) };
    theirs.tables.get_mut("posts").unwrap().schema.push(note);
    let theirs = sealed(&base, theirs, "note").unwrap();
    let mut ours = Checked::from(a.clone());
    ours.schema.tables.get_mut("posts").unwrap().schema[1] = plain("heading", Type::String);
    let hints = ours.intent.tables.entry("posts".into()).or_default();
    hints.fields.entry("heading".into()).or_default().renamed_from = Some("title".into());
    let ours = sealed(&base, ours, "heading").unwrap();
    let rebased = rebase(&base, &theirs, &ours).unwrap().lock;
    let rebased = LockFile::read(&rebased.write()).unwrap();
    let ids = whole(&rebased.ids, &rebased.schema()).remove("posts").unwrap();
    let names: Vec<(&str, bool)> = ids.iter().map(|slot| (&slot.name[..], slot.removed)).collect();
    assert_eq!(names, [("id", false), ("heading", false), ("note", false)]);
    assert!(rebased.dropped.is_empty(), "{:?}", rebased.dropped);
}

/// One branch renames a table, the other one adds a field to it.
#[test]
fn a_renamed_table_and_a_new_field_in_it() {
    let mut posts = blank("posts", Layout::Columns);
    posts.schema.push(plain("title", Type::String));
    let a = Schema { tables: [("posts".to_owned(), posts.clone())].into() };
    let base = LockFile::default().with_schema(a.clone());
    let mut articles = blank("articles", Layout::Columns);
    articles.schema = posts.schema.clone();
    let mut renames = Checked::from(Schema { tables: [("articles".to_owned(), articles)].into() });
    let hints = renames.intent.tables.entry("articles".to_owned()).or_default();
    hints.renamed_from = Some("posts".to_owned());
    posts.schema.push(Field { optional: true, ..plain("note", Type::String) });
    let adds = Schema { tables: [("posts".to_owned(), posts)].into() };
    let renames = sealed(&base, renames, "articles").unwrap();
    let adds = sealed(&base, adds, "note").unwrap();
    // In both orders, the second migration would use the old name of the table. A lock file has no
    // hints, so the renamed table counts as removed.
    for (theirs, ours) in [(&renames, &adds), (&adds, &renames)] {
        let found = rebase(&base, theirs, ours).unwrap_err();
        let messages: Vec<String> = found.iter().map(ToString::to_string).collect();
        assert_eq!(messages.len(), 1, "{messages:?}");
        let message = &messages[0];
        assert!(
            message.contains("both branches change the same item")
                && message.contains("seal them again"),
            "{message}"
        );
        assert!(
            message.contains("`posts.note:added`") && message.contains("`posts:removed`"),
            "{message}"
        );
    }
}

#[test]
fn manual_files_get_their_new_numbers() {
    let a = Schema::default();
    let base = LockFile::default();
    let table = |name: &str| {
        let mut new = a.clone();
        new.tables.insert(name.to_owned(), blank(name, Layout::Columns));
        sealed(&base, new, &format!("add_{name}")).unwrap()
    };
    let mut ours = table("posts");
    let mut last = ours.migrations.pop().unwrap();
    last.manual = Some(Manual { file: "0001_add_posts.sql".into(), checksum: "sha256:1".into() });
    ours.migrations.push(last.hashed());
    let rebased = rebase(&base, &table("users"), &ours).unwrap();
    assert_eq!(
        rebased.renamed,
        [("0001_add_posts.sql".to_owned(), "0002_add_posts.sql".to_owned())]
    );
    let manual = rebased.lock.migrations[1].manual.as_ref().unwrap();
    assert_eq!(manual.file, "0002_add_posts.sql");
}
