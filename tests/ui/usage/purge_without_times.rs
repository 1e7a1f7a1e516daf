use kontract::prelude::*;

#[derive(Table)]
#[table(standalone, layout = "columns", soft_delete)]
pub struct Letter {
    #[primkey]
    pub id: i64,
}

pub async fn purge(letters: &kontract::Table<Letter>) {
    let _ = letters.purge_deleted(std::time::Duration::ZERO).await;
}

fn main() {}
