use kontract::storage::OwnerBase;

pub async fn all(ann: &OwnerBase) {
    let _ = ann.sql("DELETE FROM users").execute().await;
}

fn main() {}
