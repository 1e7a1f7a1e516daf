use kontract::prelude::*;

#[derive(Table)]
#[table(standalone, layout = "columns")]
pub struct Ledger {
    #[primkey]
    pub id: String,
}

pub async fn give(ledgers: &kontract::Table<Ledger>) {
    let _ = ledgers.transfer("1", "bob").await;
}

fn main() {}
