//! The values of a type as keys, with rows that refer to them.

/// Defines a module with the operations with keys.
macro_rules! keys {
    () => {
        mod keys {
            use super::*;

            pub async fn check(base: &Base, to: &mut Cells, cases: &Cases<Of>) {
                run(base, to, &cases.values).await;
                let rounded = cases.rounded.iter().map(|(given, _)| given);
                for key in cases.refused.iter().chain(rounded) {
                    refuse(base, to, key).await;
                }
                if let Some((one, other)) = &cases.equal {
                    compare(base, to, one, other).await;
                }
            }

            async fn run(base: &Base, to: &mut Cells, values: &[Of; 3]) {
                base.create::<ByKey>().await.unwrap();
                base.create::<Child>().await.unwrap();
                let (keyed, children) = (base.table::<ByKey>(), base.table::<Child>());
                let [a, b, c] = values.clone();
                let mut all = vec![
                    ByKey { key: a.clone(), number: 1 },
                    ByKey { key: b.clone(), number: 2 },
                    ByKey { key: c.clone(), number: 3 },
                ];
                // A type may have two values.
                all.truncate(ranks(values)[2] + 1);
                let last = all.len() - 1;
                to.add("key", keyed.insert(all[0].clone()).await.map(|row| same(&row, &all[0])));
                to.add("key", keyed.insert_many(all[1..].to_vec()).await.map(|_| true));
                to.add("key", is_taken(keyed.insert(all[0].clone()).await));
                to.add("key", keyed.get(b.clone()).await.map(|row| same(&row, &Some(&all[1]))));
                let many = keyed.get_many([c.clone(), a.clone()]).await;
                let found = [Some(all[last].clone()), Some(all[0].clone())];
                to.add("key", many.map(|many| same(&many, &found)));
                to.add("key", keyed.set_many(all.clone()).await.map(|rows| same(&rows, &all)));
                let changed = keyed.update(b.clone(), ByKey::patch().number(7)).await;
                to.add("key", changed.map(|row| row.number == 7));
                let number = keyed.update_many([b.clone()], ByKey::patch().number(2)).await;
                to.add("key", number.map(|number| number == 1));
                let upserted = keyed.upsert(ByKey::key, all[1].clone()).await;
                to.add("key", upserted.map(|row| same(&row, &all[1])));
                to.add("key", keyed.exists(c.clone()).await);
                let new = [(1, a.clone()), (2, a.clone()), (3, c.clone())];
                let new = new.map(|(id, parent)| Child { id, parent });
                to.add("with", children.insert_many(new).await.map(|_| true));
                let query = || keyed.list().order_by(ByKey::number.asc());
                let with = query().with(Child::parent).order_by(Child::id.asc()).await;
                to.add(
                    "with",
                    with.map(|all| {
                        let ids = all.iter().map(|(_, children)| {
                            children.iter().map(|child| child.id).collect::<Vec<_>>()
                        });
                        let mut expected = vec![vec![]; last + 1];
                        (expected[0], expected[last]) = (vec![1, 2], vec![3]);
                        ids.eq(expected)
                    }),
                );
                let counts = query().with_counts(Child::parent).await;
                let mut expected = vec![0; last + 1];
                (expected[0], expected[last]) = (2, 1);
                to.add("with", counts.map(|all| all.iter().map(|(_, count)| *count).eq(expected)));
                to.add("key", keyed.delete(b.clone()).await);
                let gone = keyed.delete_many([a.clone(), b.clone()]).await;
                to.add("key", gone.map(|gone| gone == 1));
            }

            /// A key that the column does not store as it is finds and changes no row.
            async fn refuse(base: &Base, to: &mut Cells, key: &Of) {
                let keyed = base.table::<ByKey>();
                let before = keyed.list().await.unwrap();
                let new = || ByKey { key: key.clone(), number: 99 };
                to.add("key", is_refused(keyed.insert(new()).await, "key"));
                to.add("key", is_refused(keyed.set(new()).await, "key"));
                to.add("key", is_refused(keyed.set_many([new()]).await, "key"));
                to.add("key", is_refused(keyed.upsert(ByKey::key, new()).await, "key"));
                to.add("key", keyed.get(key.clone()).await.map(|row| row.is_none()));
                let many = keyed.get_many([key.clone()]).await;
                to.add("key", many.map(|rows| rows.iter().all(Option::is_none)));
                to.add("key", keyed.delete(key.clone()).await.map(|gone| !gone));
                let number = keyed.update_many([key.clone()], ByKey::patch().number(98)).await;
                to.add("key", number.map(|number| number == 0));
                to.add("key", keyed.list().await.map(|after| same(&after, &before)));
            }

            /// Two keys that the database takes for equal are one.
            async fn compare(base: &Base, to: &mut Cells, one: &Of, other: &Of) {
                let (keyed, children) = (base.table::<ByKey>(), base.table::<Child>());
                let new = |key: &Of, number| ByKey { key: key.clone(), number };
                to.add("key", keyed.insert(new(one, 1)).await.map(|_| true));
                to.add("key", is_taken(keyed.insert(new(other, 1)).await));
                let number = |row: Option<ByKey>| row.is_some_and(|row| row.number == 1);
                to.add("key", keyed.get(other.clone()).await.map(number));
                let many = keyed.get_many([other.clone()]).await;
                to.add("key", many.map(|rows| rows.into_iter().all(number)));
                let both = [one.clone(), other.clone()];
                let batch = [new(one, 2), new(other, 2)];
                to.add("key", keyed.set_many(batch).await.map(|rows| rows.len() == 1));
                to.add("key", keyed.set(new(other, 3)).await.map(|_| true));
                let found = keyed.query(ByKey::key.eq(one.clone())).await;
                to.add("key", found.map(|rows| rows.iter().map(|row| row.number).eq([3])));
                let child = children.insert(Child { id: 9, parent: other.clone() }).await;
                to.add("with", child.map(|_| true));
                let parent = || keyed.query(ByKey::key.eq(one.clone()));
                let with = parent().with(Child::parent).await;
                to.add("with", with.map(|all| all.iter().map(|(_, found)| found.len()).eq([1])));
                let counts = parent().with_counts(Child::parent).await;
                to.add("with", counts.map(|all| all.iter().map(|(_, count)| *count).eq([1])));
                let number = keyed.update_many(both, ByKey::patch().number(4)).await;
                to.add("key", number.map(|number| number == 1));
                to.add("key", keyed.delete(other.clone()).await);
            }
        }
    };
}
