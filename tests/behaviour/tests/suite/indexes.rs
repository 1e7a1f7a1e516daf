//! Indexes of every form with the queries that use them; query plans; times as text.

use kontract::Kind;
use kontract::prelude::*;
use kontract::storage::Base;
use kontract_test_support::execute;

#[derive(Clone, Debug, PartialEq, Serialize, Deserialize, Table)]
#[table(standalone)]
#[table(unique(on = "lower(email)"), index(stars desc, title, where = "open and stars > 2"))]
struct Note {
    #[primkey]
    id: Uuid,
    title: String,
    email: String,
    stars: i64,
    open: bool,
    #[index(method = "gin")]
    tags: Vec<String>,
    #[created_at]
    written: String,
    #[updated_at]
    changed: String,
}

#[derive(Clone, Debug, PartialEq, Table)]
#[table(layout = "columns", standalone)]
#[table(unique(on = "lower(email)"), index(stars desc, title, where = "open and stars > 2"))]
struct Sheet {
    #[primkey]
    id: Uuid,
    title: String,
    email: String,
    stars: i64,
    open: bool,
    #[index(method = "gin")]
    tags: Vec<String>,
    #[created_at]
    written: String,
    #[updated_at]
    changed: String,
}

/// Creates the tables, and makes the planner avoid full scans.
async fn open(url: &str) -> Base {
    let base = Base::open(url).await.unwrap();
    // Twice: each statement can run again.
    for _ in 0..2 {
        base.create::<Note>().await.unwrap();
        base.create::<Sheet>().await.unwrap();
    }
    if !url.starts_with("sqlite") {
        let off = "DO $$ BEGIN EXECUTE 'ALTER DATABASE ' || current_database() || \
                   ' SET enable_seqscan = off'; END $$";
        execute(url, off);
    }
    base.close().await;
    Base::open(url).await.unwrap()
}

kontract_test_support::both! {
    async fn indexes_are_used_by_their_queries(url: &str) {
        let base = open(url).await;
        let (notes, sheets) = (base.table::<Note>(), base.table::<Sheet>());
        for i in 0..400 {
            let (title, email) = (format!("t{i}"), format!("A{i}@example.org"));
            let tags = [format!("tag{i}"), "all".to_owned()];
            let note = NewNote::new(&title, &email, i, true).tags(tags.clone());
            notes.insert(note).await.unwrap();
            sheets.insert(NewSheet::new(title, email, i, true).tags(tags)).await.unwrap();
        }
        execute(url, "ANALYZE");
        let is_served = |plan: &str, index: &str| {
            assert!(plan.contains(index), "{index} is not in the plan:\n{plan}");
        };
        let note = || notes.query(Note::email.lower().eq("a7@example.org"));
        let sheet = || sheets.query(Sheet::email.lower().eq("a7@example.org"));
        assert_eq!(note().await.unwrap()[0].title, "t7");
        assert_eq!(sheet().await.unwrap()[0].title, "t7");
        is_served(&note().explain().await.unwrap(), "notes_lower_email_key");
        is_served(&sheet().explain().await.unwrap(), "sheets_lower_email_key");
        let note = || notes.query(Note::tags.has("tag9"));
        let sheet = || sheets.query(Sheet::tags.has("tag9"));
        assert_eq!(note().await.unwrap()[0].title, "t9");
        assert_eq!(sheet().await.unwrap()[0].title, "t9");
        if !url.starts_with("sqlite") {
            is_served(&note().explain().await.unwrap(), "idx_notes_tags");
            is_served(&sheet().explain().await.unwrap(), "idx_sheets_tags");
        }
        base.close().await;
    }

    async fn query_plans_use_the_current_tables(url: &str) {
        let base = open(url).await;
        let sheets = base.table::<Sheet>();
        let plan = async || sheets.query(Sheet::title.eq("a")).explain().await.unwrap();
        let has_index = |plan: String| plan.contains("by_title");
        for _ in 0..3 {
            assert!(!has_index(plan().await));
            execute(url, "CREATE INDEX by_title ON sheets (title)");
            let there = plan().await;
            assert!(there.contains("by_title"), "{there}");
            execute(url, "DROP INDEX by_title");
        }
        assert!(!has_index(base.transaction(async |tx| {
            tx.table::<Sheet>().query(Sheet::title.eq("a")).explain().await
        }).await.unwrap()));
        base.close().await;
    }

    async fn unique_indexes_on_expressions_refuse_duplicates(url: &str) {
        let base = open(url).await;
        let (notes, sheets) = (base.table::<Note>(), base.table::<Sheet>());
        notes.insert(NewNote::new("a", "A@b", 1, true)).await.unwrap();
        let error = notes.insert(NewNote::new("b", "a@B", 1, true)).await.unwrap_err();
        let constraint = |name: &str| Kind::Unique { constraint: name.to_owned() };
        assert_eq!(*error.kind(), constraint("notes_lower_email_key"));
        sheets.insert(NewSheet::new("a", "A@b", 1, true)).await.unwrap();
        let error = sheets.insert(NewSheet::new("b", "a@B", 1, true)).await.unwrap_err();
        assert_eq!(*error.kind(), constraint("sheets_lower_email_key"));
        // The index is not on the field itself, so an upsert cannot use it.
        let error = sheets.upsert(Sheet::email, NewSheet::new("b", "c", 1, true)).await.unwrap_err();
        assert_eq!(*error.kind(), Kind::Value);
        base.close().await;
    }

    async fn times_as_text(url: &str) {
        let base = open(url).await;
        let (notes, sheets) = (base.table::<Note>(), base.table::<Sheet>());
        let is_iso = |text: &str| {
            let form: String =
                text.chars().map(|c| if c.is_ascii_digit() { '0' } else { c }).collect();
            assert_eq!(form, "0000-00-00T00:00:00.000Z", "{text}");
        };
        let note = notes.insert(NewNote::new("a", "a", 1, true)).await.unwrap();
        let sheet = sheets.insert(NewSheet::new("a", "a", 1, true)).await.unwrap();
        for text in [&note.written, &note.changed, &sheet.written, &sheet.changed] {
            is_iso(text);
        }
        tokio::time::sleep(std::time::Duration::from_millis(5)).await;
        notes.update(note.id, Note::patch().stars(2)).await.unwrap();
        sheets.update(sheet.id, Sheet::patch().stars(2)).await.unwrap();
        let (after, later) = (
            notes.get(note.id).await.unwrap().unwrap(),
            sheets.get(sheet.id).await.unwrap().unwrap(),
        );
        assert!(after.written == note.written && after.changed > note.changed);
        assert!(later.written == sheet.written && later.changed > sheet.changed);
        is_iso(&after.changed);
        is_iso(&later.changed);
        // Rows that other programs insert get the time of the database, in the same form.
        let (id, list) = (Uuid::now_v7(), if url.starts_with("sqlite") { "[]" } else { "{}" });
        let open = if url.starts_with("sqlite") { "1" } else { "true" };
        execute(url, &format!(
            "INSERT INTO sheets (id, title, email, stars, open, tags) \
             VALUES ('{id}', 'x', 'x', 1, {open}, '{list}')"
        ));
        let other = sheets.get(id).await.unwrap().unwrap();
        is_iso(&other.written);
        assert_eq!(other.written[..10], sheet.written[..10]);
        base.close().await;
    }
}
