//! Texts that look like SQL, and unusual queries.

mod unusual_queries;
mod values;

use kontract_behaviour::{NewSetting, Setting, Storage, User};

use super::user_with_id;

const HOSTILE: [&str; 18] = [
    "'; DROP TABLE users; --",
    "\\'; DROP TABLE users; --",
    "\" OR \"\"=\"",
    "$1",
    "?1",
    ":txid",
    "{}",
    "%s",
    "/*",
    "*/",
    "--",
    "ʼ OR 1=1",
    "\u{2019}; SELECT 1",
    "\u{202e}",
    "NULL",
    "1e999",
    "$.name",
    "a\"]['b",
];

kontract_test_support::both! {
    async fn hostile_texts_as_values_and_keys(url: &str) {
        let storage = Storage::connect(url).await.unwrap();
        for text in HOSTILE {
            let row = User { name: text.into(), tags: vec![text.into()], ..user_with_id(text) };
            storage.users.insert(row.clone()).await.unwrap();
            assert_eq!(storage.users.get(text).await.unwrap(), Some(row.clone()));
            assert_eq!(storage.users.query(User::name.eq(text)).await.unwrap(), vec![row.clone()]);
            assert_eq!(storage.users.query(User::name.is_in([text])).await.unwrap(), vec![row.clone()]);
            assert_eq!(storage.users.query(User::id.starts_with(text)).count().await.unwrap(), 1);
            assert_eq!(storage.users.query(User::tags.eq([text])).await.unwrap(), vec![row.clone()]);
            let changed = storage.users.update(text, User::patch().name("x").tags([text, text])).await;
            assert_eq!(changed.unwrap().tags, [text, text]);
            storage.settings.set(NewSetting::new(text, 1i64, text)).await.unwrap();
            let key = (text.to_owned(), 1);
            assert_eq!(storage.settings.get(key.clone()).await.unwrap().unwrap().value, text);
            storage.settings.update_many([key], Setting::patch().value(text)).await.unwrap();
        }
        assert_eq!(storage.users.count().await.unwrap(), HOSTILE.len() as u64);
        assert_eq!(storage.users.get_many(HOSTILE).await.unwrap().iter().flatten().count(), 18);
        assert_eq!(storage.users.delete_many(HOSTILE).await.unwrap(), 18);
    }
}
