//! Foreign keys of several fields: violations, and what happens to rows when the referenced rows are
//! deleted.

use kontract::{Error, Kind};
use kontract_behaviour::{NewSetting, NewUse, Setting, Storage, Use};

/// Opens a storage with settings of two spaces.
async fn open(url: &str) -> Storage {
    let storage = Storage::connect(url).await.unwrap();
    for (space, name) in [("a", 1i64), ("a", 2), ("b", 1)] {
        storage.settings.insert(NewSetting::new(space, name, "v")).await.unwrap();
    }
    storage
}

/// A row that references this setting.
fn of(id: i64, space: &str, name: i64) -> NewUse {
    NewUse::new(id, space, name)
}

/// Fails unless the error is a violation of this reference. SQLite does not report its name.
fn is_refused(url: &str, error: &Error, doing: &str, constraint: &str) {
    let (constraint, named) = if url.starts_with("sqlite") {
        (String::new(), String::new())
    } else {
        (constraint.to_owned(), format!(" (`{constraint}`)"))
    };
    assert_eq!(*error.kind(), Kind::ForeignKey { constraint }, "{error}");
    assert_eq!(format!("{error:?}"), format!("{doing}: a foreign key is violated{named}"));
}

kontract_test_support::both! {
    async fn a_row_needs_the_rows_that_it_references(url: &str) {
        let storage = open(url).await;
        let first = storage.uses.insert(of(1, "a", 1)).await.unwrap();
        assert_eq!(first.last_space, None);
        // Both values exist, but not in one row.
        let doing = "insert into `uses`";
        let error = storage.uses.insert(of(2, "b", 2)).await.unwrap_err();
        is_refused(url, &error, doing, "uses_space_name_fkey");
        let two = of(2, "a", 2);
        let error = storage.uses.insert(two.clone().kept_space("b").kept_name(2i64)).await.unwrap_err();
        is_refused(url, &error, doing, "uses_kept_space_kept_name_fkey");
        let several = [of(3, "a", 2), of(4, "a", 2).last_space("c").last_name(1i64)];
        storage.uses.insert_many(several).await.unwrap_err();
        let error = storage.uses.update(1i64, Use::patch().name(3i64)).await.unwrap_err();
        is_refused(url, &error, "update of `uses`", "uses_space_name_fkey");
        assert_eq!(storage.uses.list().await.unwrap(), [first]);
        // A reference with a NULL column is not checked.
        storage.uses.insert(two.kept_space("nowhere")).await.unwrap();
        assert_eq!(storage.uses.count().await.unwrap(), 2);
    }

    async fn deleting_referenced_rows(url: &str) {
        let storage = open(url).await;
        let of_b = of(1, "b", 1).last_space("a").last_name(1i64).kept_space("a").kept_name(2i64);
        let of_b = storage.uses.insert(of_b).await.unwrap();
        storage.uses.insert(of(2, "a", 1)).await.unwrap();
        let key = |space: &str, name| (space.to_owned(), name);

        // A row that references it by `kept_…` makes the whole statement fail.
        let error = storage.settings.delete(key("a", 2)).await.unwrap_err();
        let kept = "uses_kept_space_kept_name_fkey";
        is_refused(url, &error, "delete from `settings`", kept);
        let error = storage.settings.query(Setting::space.eq("a")).delete().await.unwrap_err();
        is_refused(url, &error, "delete from `settings`", kept);
        assert_eq!(storage.uses.count().await.unwrap(), 2);

        // Rows that reference it by `space` and `name` are deleted; both `last_…` columns are set to NULL.
        assert!(storage.settings.delete(key("a", 1)).await.unwrap());
        let left = Use { last_space: None, last_name: None, ..of_b };
        assert_eq!(storage.uses.list().await.unwrap(), [left]);
        assert!(storage.settings.delete(key("b", 1)).await.unwrap());
        assert_eq!(storage.uses.count().await.unwrap(), 0);
        assert!(storage.settings.delete(key("a", 2)).await.unwrap());
        assert_eq!(storage.settings.count().await.unwrap(), 0);
    }
}
