use kontract::prelude::*;
use kontract::storage::OwnerBase;

#[derive(Table)]
#[table(standalone, layout = "columns")]
pub struct Ledger {
    #[primkey]
    pub id: String,
}

pub async fn all(ann: &OwnerBase) {
    let _ = ann.table::<Ledger>().list().await;
}

fn main() {}
