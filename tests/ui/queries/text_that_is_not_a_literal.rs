include!("../tables.rs");

pub async fn query(storage: kontract::storage::Base, name: String) {
    let sql = format!("SELECT id FROM users WHERE name = {name:?}");
    let _ = storage.sql(sql).fetch::<(String,)>().await;
}
