use kontract::changes::ChangeCursor;
use kontract::prelude::*;

#[derive(Table)]
#[table(standalone, layout = "columns")]
pub struct Letter {
    #[primkey]
    pub id: i64,
}

pub async fn read(letters: &kontract::Table<Letter>) {
    let _ = letters.changes(ChangeCursor::start()).await;
    let _ = letters.subscribe(ChangeCursor::start()).next().await;
}

fn main() {}
