//! The values of a type in documents and in lists.

/// Defines a module with the operations with documents.
macro_rules! documents {
    () => {
        mod documents {
            use super::*;

            pub async fn check(base: &Base, to: &mut Cells, cases: &Cases<Of>) {
                base.create::<Paper>().await.unwrap();
                let papers = base.table::<Paper>();
                let [a, b, c] = cases.values.clone();
                let paper =
                    |id, value: &Of| Paper { id, value: value.clone(), maybe: Some(value.clone()) };
                let stored = papers.insert(paper(1, &a)).await;
                to.add("document", stored.map(|stored| same(&stored, &paper(1, &a))));
                let stored = papers.insert_many([paper(2, &b)]).await;
                to.add("document", stored.map(|stored| same(&stored, &[paper(2, &b)])));
                to.add(
                    "document",
                    papers.get(2).await.map(|found| same(&found, &Some(paper(2, &b)))),
                );
                let found = papers.query(Paper::value.eq(b.clone())).select(Paper::id).await;
                to.add("document", found.map(|ids| ids == [2]));
                let among = Paper::maybe.is_in([a.clone(), c.clone()]);
                let expected: Vec<Option<Of>> = [&a, &b]
                    .into_iter()
                    .filter(|value| same(*value, &a) || same(*value, &c))
                    .cloned()
                    .map(Some)
                    .collect();
                let found =
                    papers.query(among).order_by(Paper::id.asc()).select(Paper::maybe).await;
                to.add("document", found.map(|found| same(&found, &expected)));
                let patch = Paper::patch().value(c.clone()).maybe(None);
                let changed = Paper { id: 2, value: c.clone(), maybe: None };
                to.add("document", papers.update(2, patch).await.map(|row| same(&row, &changed)));
                let found = papers.query(Paper::value.eq(c.clone())).await;
                to.add("document", found.map(|found| same(&found, &[changed])));
            }
        }
    };
}

/// Defines a module with the operations with lists.
macro_rules! lists {
    () => {
        mod lists {
            use super::*;

            pub async fn check(base: &Base, to: &mut Cells, cases: &Cases<Of>) {
                base.create::<Listed>().await.unwrap();
                let lists = base.table::<Listed>();
                let [a, b, c] = cases.values.clone();
                let listed = |id, list: &[Of]| Listed { id, list: list.to_vec() };
                let all = [
                    listed(1, &[a.clone(), b.clone()]),
                    listed(2, &[]),
                    listed(3, &[c.clone(), b.clone()]),
                ];
                to.add(
                    "element",
                    lists.insert(all[0].clone()).await.map(|row| same(&row, &all[0])),
                );
                let batch = lists.insert_many(all[1..].to_vec()).await;
                to.add("element", batch.map(|rows| same(&rows, &&all[1..])));
                let found = lists.list().order_by(Listed::id.asc()).await;
                to.add("element", found.map(|rows| same(&rows, &all)));
                let with_b = lists.query(Listed::list.has(b.clone())).order_by(Listed::id.asc());
                to.add("element", with_b.select(Listed::id).await.map(|ids| ids == [1, 3]));
                let equal = lists.query(Listed::list.eq(vec![c.clone(), b.clone()]));
                to.add("element", equal.select(Listed::id).await.map(|ids| ids == [3]));
                let patch = Listed::patch().list(vec![b.clone()]);
                let changed = lists.update(2, patch).await;
                to.add("element", changed.map(|row| same(&row.list, &[&b])));
            }
        }
    };
}
