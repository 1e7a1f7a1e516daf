//! Tables that are neither owned nor shared, in the statements of an owner.

use kontract::expr::{count, exists, scalar};
use kontract::query::from;

use super::*;

/// Checks that a statement was refused, and names the table.
fn refused<T>(result: Result<T, Error>) {
    let error = result.err().expect("it is refused");
    assert_eq!(*error.kind(), Kind::Forbidden, "{error:?}");
    let text = format!("{error:?}");
    assert!(text.contains("`ledgers` is neither owned nor shared"), "{text}");
    assert!(error.help().is_some_and(|help| help.contains("#[table(owned)]")), "{text}");
}

kontract_test_support::both! {
    async fn a_table_without_owners_is_refused_in_each_place(url: &str) {
        let base = database(url).await;
        let (ann, _) = ann_and_bob(&base);
        let slips = ann.table::<Slip>();
        let ledgers = base.table::<Ledger>();
        slips.insert(Slip::numbered(1, "a")).await.unwrap();
        ledgers.insert(Ledger::numbered(1, "secret")).await.unwrap();
        let list = || slips.list();
        refused(list().join::<Ledger>(Ledger::id.eq(Slip::id)).await);
        refused(list().left_join::<Ledger>(Ledger::id.eq(Slip::id)).count().await);
        refused(list().right_join::<Ledger>(Ledger::id.eq(Slip::id)).await);
        refused(list().join::<Ledger>(Ledger::id.eq(Slip::id)).page(2).await);
        refused(list().filter(exists(from::<Ledger, _>().filter(Ledger::id.eq(Slip::id)))).exists().await);
        refused(list().filter(!exists(from::<Ledger, _>().filter(Ledger::id.eq(Slip::id)))).delete().await);
        refused(list().filter(Slip::id.is_in_query(from::<Ledger, _>().select(Ledger::id))).await);
        refused(list().select(scalar(from::<Ledger, _>().aggregate(Ledger::text.max()))).await);
        refused(list().select(Slip::text).union(ledgers.list().select(Ledger::text)).await);
        refused(list().with(Ledger::n).await);
        refused(list().with_counts(Ledger::n).await);
        let total = scalar(from::<Ledger, _>().aggregate(count())).or_else(0);
        refused(list().update(Slip::patch().set(Slip::n, total)).await);
        let total = scalar(from::<Ledger, _>().aggregate(count())).or_else(0);
        refused(slips.update(1, Slip::patch().set(Slip::n, total)).await);
        let rows = list().insert_into(&ledgers).set(Ledger::id, Slip::id.plus(9)).set(Ledger::code, Slip::code);
        refused(rows.set(Ledger::text, Slip::text).set(Ledger::n, Slip::n).await);
        let mut rows = list().join::<Ledger>(Ledger::id.eq(Slip::id)).stream();
        refused(rows.next().await.expect("an error"));
        // The storage itself may read it, and nothing was written.
        assert_eq!(ledgers.count().await.unwrap(), 1);
        assert_eq!(base.table::<Slip>().get(1).await.unwrap(), Some(Slip::numbered(1, "a")));
    }
}
