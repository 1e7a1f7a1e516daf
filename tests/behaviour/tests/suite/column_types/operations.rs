//! The operations with a type: one macro defines the tables of a type and what is done with them.

/// Defines a module for a column type with the function `check`.
///
/// The values are in the order of the databases. `list` is the SQL type of a list. `keys` is for types
/// that can be a key. `refused` are values that the column does not store, `rounded` a value with what is
/// stored of it, `equal` two values that the database takes for equal.
macro_rules! column_type {
    (
        $module:ident: [$($ty:tt)+] $(as $sql:literal)? $(and $list_sql:literal)?,
        [$a:expr, $b:expr, $c:expr]
        $(, list $list:ident)?
        $(, keys $keys:ident)?
        $(, only $columns:ident)?
        $(, refused [$($refused:expr),*])?
        $(, rounded $given:expr => $stored:expr)?
        $(, equal $one:expr, $other:expr)?
        $(,)?
    ) => {
        pub mod $module {
            #[allow(unused_imports)]
            use kontract::prelude::*;
            use kontract::expr::count;
            use kontract::query::Cursor;
            use kontract::storage::Base;

            #[allow(unused_imports)]
            use super::super::cells::{Cells, is_refused};
            #[allow(unused_imports)]
            use super::of;

            type Of = $($ty)+;

            /// The values in columns.
            #[derive(Clone, Debug, PartialEq, Table)]
            #[table(layout = "columns", standalone)]
            pub struct Row {
                #[primkey]
                id: i64,
                $(#[column(sql_type = $sql)])?
                value: $($ty)+,
                $(#[column(sql_type = $sql)])?
                maybe: Option<$($ty)+>,
            }

            fn row(id: i64, value: Of) -> Row {
                Row { id, value, maybe: None }
            }

            pub async fn check(url: &str, to: &mut Cells) {
                let base = Base::open(url).await.unwrap();
                base.create::<Row>().await.unwrap();
                let rows = base.table::<Row>();
                let [a, b, c]: [Of; 3] = [$a, $b, $c];
                let all = [row(1, a.clone()), row(2, b.clone()), row(3, c.clone())];
                macro_rules! ids {
                    ($filter:expr) => {
                        rows.query($filter).order_by(Row::id.asc()).select(Row::id).await
                    };
                }

                let inserted = rows.insert(all[0].clone()).await;
                to.add("insert", inserted.map(|inserted| inserted == all[0]));
                let batch = rows.insert_many(all[1..].to_vec()).await;
                to.add("insert", batch.map(|batch| batch == all[1..]));
                to.add("get", rows.get(2).await.map(|found| found.as_ref() == Some(&all[1])));
                let many = rows.get_many([3, 9, 1]).await;
                let expected = vec![Some(all[2].clone()), None, Some(all[0].clone())];
                to.add("get_many", many.map(|many| many == expected));
                to.add("set", rows.set(all[0].clone()).await.map(|row| row == all[0]));
                let many = rows.set_many(all.clone()).await;
                to.add("set", many.map(|many| many == all));
                let patch = Row::patch().value(c.clone()).maybe(Some(a.clone()));
                let changed = Row { id: 1, value: c.clone(), maybe: Some(a.clone()) };
                to.add("update", rows.update(1, patch).await.map(|row| row == changed));
                let back = || Row::patch().value(a.clone()).maybe(None);
                to.add("update", rows.update_many([1], back()).await.map(|changed| changed == 1));
                let all_rows = rows.list().order_by(Row::id.asc()).await;
                to.add("update", all_rows.map(|found| found == all));
                to.add("upsert", rows.upsert(Row::id, all[2].clone()).await.map(|row| row == all[2]));

                to.add("eq", ids!(Row::value.eq(b.clone())).map(|ids| ids == [2]));
                to.add("eq", ids!(Row::value.ne(b.clone())).map(|ids| ids == [1, 3]));
                to.add("is_in", ids!(Row::value.is_in([a.clone(), c.clone()])).map(|ids| ids == [1, 3]));
                to.add("lt", ids!(Row::value.lt(b.clone())).map(|ids| ids == [1]));
                to.add("lt", ids!(Row::value.ge(b.clone())).map(|ids| ids == [2, 3]));
                let ordered = rows.list().order_by(Row::value.desc()).select(Row::id).await;
                to.add("order", ordered.map(|ids| ids == [3, 2, 1]));
                let ordered = rows.list().order_by(Row::value.desc()).await;
                to.add("order", ordered.map(|rows| {
                    rows.iter().map(|row| row.id).collect::<Vec<_>>() == [3, 2, 1]
                }));
                let page = || rows.list().order_by(Row::value.asc()).select(Row::id).page(2);
                to.add("page", async {
                    let first = page().await?;
                    let next: Option<Cursor> = first.next;
                    let second = page().after(next).await?;
                    Ok(first.rows == [1, 2] && second.rows == [3] && second.next.is_none())
                }.await);
                let groups = rows.list().group_by(Row::value).select(|value| (value, count())).await;
                to.add("group", groups.map(|groups| {
                    groups.len() == 3 && all.iter().all(|row| groups.contains(&(row.value.clone(), 1)))
                }));
                let different = rows.list().aggregate(Row::value.count_distinct()).one().await;
                to.add("group", different.map(|number| number == 3));
                let least = rows.list().aggregate(Row::value.min()).one().await;
                to.add("min", least.map(|least| least.as_ref() == Some(&a)));
                let greatest = rows.list().aggregate(Row::value.max()).one().await;
                to.add("max", greatest.map(|greatest| greatest.as_ref() == Some(&c)));
                let values = rows.list().order_by(Row::id.asc()).select(Row::value).await;
                to.add("select", values.map(|values| values == [a.clone(), b.clone(), c.clone()]));
                let distinct = rows.list().select(Row::value).distinct().await;
                to.add("select", distinct.map(|values| values.len() == 3 && values.contains(&b)));
                let given = rows.list().select(Row::maybe.or_else(b.clone())).await;
                to.add("or_else", given.map(|values| values == [b.clone(), b.clone(), b.clone()]));

                papers::run(&base, to, [a.clone(), b.clone(), c.clone()]).await;

                $(
                    for value in [$($refused),*] {
                        let value: Of = value;
                        let new = || row(9, value.clone());
                        to.add("insert", is_refused(rows.insert(new()).await, "value"));
                        to.add("insert", is_refused(rows.insert_many([all[0].clone(), new()]).await, "value"));
                        to.add("set", is_refused(rows.set(new()).await, "value"));
                        to.add("set", is_refused(rows.set_many([new()]).await, "value"));
                        to.add("upsert", is_refused(rows.upsert(Row::id, new()).await, "value"));
                        let patch = || Row::patch().value(value.clone());
                        to.add("update", is_refused(rows.update(1, patch()).await, "value"));
                        to.add("update", is_refused(rows.update_many([1], patch()).await, "value"));
                        let query = rows.query(Row::id.eq(1)).update(patch()).await;
                        to.add("update", is_refused(query, "value"));
                        to.add("eq", ids!(Row::value.eq(value.clone())).map(|ids| ids.is_empty()));
                        to.add("is_in", ids!(Row::value.is_in([value.clone()])).map(|ids| ids.is_empty()));
                        to.add("lt", ids!(Row::value.lt(value.clone()) | Row::value.ge(value.clone())).map(|ids| ids == [1, 2, 3]));
                    }
                    to.add("update", rows.list().order_by(Row::id.asc()).await.map(|found| found == all));
                )?
                $(
                    let (given, stored): (Of, Of) = ($given, $stored);
                    let new = row(9, given.clone());
                    let expected = row(9, stored.clone());
                    to.add("insert", rows.insert(new.clone()).await.map(|row| row == expected));
                    to.add("get", rows.get(9).await.map(|found| found.as_ref() == Some(&expected)));
                    to.add("set", rows.set(new.clone()).await.map(|row| row == expected));
                    to.add("set", rows.set_many([new.clone()]).await.map(|rows| rows == [expected.clone()]));
                    to.add("upsert", rows.upsert(Row::id, new.clone()).await.map(|row| row == expected));
                    let patch = Row::patch().value(given.clone());
                    to.add("update", rows.update(9, patch).await.map(|row| row == expected));
                    to.add("eq", ids!(Row::value.eq(given.clone())).map(|ids| ids.is_empty()));
                    to.add("is_in", ids!(Row::value.is_in([given.clone()])).map(|ids| ids.is_empty()));
                    to.add("eq", ids!(Row::value.eq(stored.clone())).map(|ids| ids == [9]));
                    to.add("delete", rows.delete(9).await);
                )?
                $(
                    let (one, other): (Of, Of) = ($one, $other);
                    to.add("insert", rows.insert(row(8, one.clone())).await.map(|_| true));
                    to.add("insert", rows.insert(row(9, other.clone())).await.map(|_| true));
                    to.add("eq", ids!(Row::value.eq(other.clone())).map(|ids| ids == [8, 9]));
                    to.add("is_in", ids!(Row::value.is_in([one.clone()])).map(|ids| ids == [8, 9]));
                    let two = || rows.query(Row::id.gt(7));
                    let groups = two().group_by(Row::value).select(|_| count()).await;
                    to.add("group", groups.map(|groups| groups == [2]));
                    let different = two().aggregate(Row::value.count_distinct()).one().await;
                    to.add("group", different.map(|number| number == 1));
                    to.add("select", two().select(Row::value).distinct().await.map(|found| found.len() == 1));
                    to.add("delete", rows.delete_many([8, 9]).await.map(|gone| gone == 2));
                )?

                to.add("delete", rows.delete(1).await);
                to.add("delete", rows.query(Row::value.eq(b.clone())).delete().await.map(|gone| gone == 1));
                to.add("delete", rows.count().await.map(|left| left == 1));
                $( $list!(base, to, a, b, c); )?
                keys::run(&base, to, [a.clone(), b.clone(), c.clone()]).await;
                $( for value in [$($refused),*] { keys::refused(&base, to, value).await; } )?
                $( keys::refused(&base, to, $given).await; )?
                $( keys::equal(&base, to, $one, $other).await; )?
            }

            column_type!(@list $($list)?, [$($ty)+] $($list_sql)?);
            column_type!(@papers $($columns)?, [$($ty)+]);
            column_type!(@keys $($keys)?, [$($ty)+] $($sql)?);
        }
    };

    (@list , [$($ty:tt)+] $($sql:literal)?) => {};
    (@list $list:ident, [$($ty:tt)+] $($sql:literal)?) => {
        /// The values in lists.
        #[derive(Clone, Debug, PartialEq, Table)]
        #[table(layout = "columns", standalone)]
        pub struct Listed {
            #[primkey]
            id: i64,
            $(#[column(sql_type = $sql)])?
            list: Vec<$($ty)+>,
        }
    };

    (@papers , [$($ty:tt)+]) => {
        mod papers {
            #[allow(unused_imports)]
            use kontract::prelude::*;
            use kontract::storage::Base;

            use super::super::super::cells::Cells;

            type Of = $($ty)+;

            /// The values in a document.
            #[derive(Clone, Debug, PartialEq, Serialize, Deserialize, Table)]
            #[table(standalone)]
            pub struct Paper {
                #[primkey]
                id: i64,
                value: $($ty)+,
                maybe: Option<$($ty)+>,
            }

            pub async fn run(base: &Base, to: &mut Cells, [a, b, c]: [Of; 3]) {
                base.create::<Paper>().await.unwrap();
                let papers = base.table::<Paper>();
                let paper = |id, value: &Of| {
                    Paper { id, value: value.clone(), maybe: Some(value.clone()) }
                };
                let stored = papers.insert(paper(1, &a)).await;
                to.add("document", stored.map(|stored| stored == paper(1, &a)));
                let stored = papers.insert_many([paper(2, &b)]).await;
                to.add("document", stored.map(|stored| stored == [paper(2, &b)]));
                to.add("document", papers.get(2).await.map(|found| found == Some(paper(2, &b))));
                let found = papers.query(Paper::value.eq(b.clone())).select(Paper::id).await;
                to.add("document", found.map(|ids| ids == [2]));
                let among = Paper::maybe.is_in([a.clone(), c.clone()]);
                let found = papers.query(among).select(Paper::maybe).await;
                to.add("document", found.map(|found| found == [Some(a.clone())]));
            }
        }
    };
    (@papers $columns:ident, [$($ty:tt)+]) => {
        /// Documents cannot have the type.
        mod papers {
            use kontract::storage::Base;

            use super::super::super::cells::Cells;

            pub async fn run<T>(_: &Base, _: &mut Cells, _: [T; 3]) {}
        }
    };

    (@keys , [$($ty:tt)+] $($sql:literal)?) => {
        /// The type cannot be a key.
        #[allow(dead_code)]
        mod keys {
            use kontract::storage::Base;

            use super::super::super::cells::Cells;

            type Of = $($ty)+;

            pub async fn run(_: &Base, _: &mut Cells, _: [Of; 3]) {}
            pub async fn refused(_: &Base, _: &mut Cells, _: Of) {}
            pub async fn equal(_: &Base, _: &mut Cells, _: Of, _: Of) {}
        }
    };
    (@keys $keys:ident, [$($ty:tt)+] $($sql:literal)?) => {
        /// The values as keys.
        #[allow(dead_code)]
        mod keys {
            use kontract::prelude::*;
            use kontract::storage::Base;

            use super::super::super::cells::{Cells, is_refused, is_taken};

            type Of = $($ty)+;

            /// A value as the key.
            #[derive(Clone, Debug, PartialEq, Table)]
            #[table(layout = "columns", standalone)]
            pub struct Keyed {
                #[primkey]
                $(#[column(sql_type = $sql)])?
                key: $($ty)+,
                number: i64,
            }

            /// A row that refers to a key.
            #[derive(Clone, Debug, PartialEq, Table)]
            #[table(layout = "columns", standalone)]
            pub struct Child {
                #[primkey]
                id: i64,
                $(#[column(sql_type = $sql)])?
                parent: $($ty)+,
            }

            pub async fn run(base: &Base, to: &mut Cells, [a, b, c]: [Of; 3]) {
                base.create::<Keyed>().await.unwrap();
                base.create::<Child>().await.unwrap();
                let (keyed, children) = (base.table::<Keyed>(), base.table::<Child>());
                let all = [
                    Keyed { key: a.clone(), number: 1 },
                    Keyed { key: b.clone(), number: 2 },
                    Keyed { key: c.clone(), number: 3 },
                ];
                to.add("key", keyed.insert(all[0].clone()).await.map(|row| row == all[0]));
                to.add("key", keyed.insert_many(all[1..].to_vec()).await.map(|_| true));
                to.add("key", is_taken(keyed.insert(all[0].clone()).await));
                to.add("key", keyed.get(b.clone()).await.map(|row| row.as_ref() == Some(&all[1])));
                let many = keyed.get_many([c.clone(), a.clone()]).await;
                to.add("key", many.map(|many| many == [Some(all[2].clone()), Some(all[0].clone())]));
                to.add("key", keyed.set_many(all.clone()).await.map(|rows| rows == all));
                let changed = keyed.update(b.clone(), Keyed::patch().number(7)).await;
                to.add("key", changed.map(|row| row.number == 7));
                let number = keyed.update_many([b.clone()], Keyed::patch().number(2)).await;
                to.add("key", number.map(|number| number == 1));
                let upserted = keyed.upsert(Keyed::key, all[1].clone()).await;
                to.add("key", upserted.map(|row| row == all[1]));
                to.add("key", keyed.exists(c.clone()).await);
                let new = [(1, a.clone()), (2, a.clone()), (3, c.clone())];
                let new = new.map(|(id, parent)| Child { id, parent });
                to.add("with", children.insert_many(new).await.map(|_| true));
                let query = || keyed.list().order_by(Keyed::number.asc());
                let with = query().with(Child::parent).order_by(Child::id.asc()).await;
                let ids = |children: &[Child]| children.iter().map(|child| child.id).collect::<Vec<_>>();
                to.add("with", with.map(|all| {
                    ids(&all[0].1) == [1, 2] && all[1].1.is_empty() && ids(&all[2].1) == [3]
                }));
                let counts = query().with_counts(Child::parent).await;
                to.add("with", counts.map(|all| [all[0].1, all[1].1, all[2].1] == [2, 0, 1]));
                to.add("key", keyed.delete(b.clone()).await);
                to.add("key", keyed.delete_many([a.clone(), b.clone()]).await.map(|gone| gone == 1));
            }

            /// A key that the column does not store as it is finds and changes no row.
            pub async fn refused(base: &Base, to: &mut Cells, key: Of) {
                let keyed = base.table::<Keyed>();
                let before = keyed.list().await.unwrap();
                let new = || Keyed { key: key.clone(), number: 99 };
                to.add("key", is_refused(keyed.insert(new()).await, "key"));
                to.add("key", is_refused(keyed.set(new()).await, "key"));
                to.add("key", is_refused(keyed.set_many([new()]).await, "key"));
                to.add("key", is_refused(keyed.upsert(Keyed::key, new()).await, "key"));
                to.add("key", keyed.get(key.clone()).await.map(|row| row.is_none()));
                to.add("key", keyed.get_many([key.clone()]).await.map(|rows| rows == [None]));
                to.add("key", keyed.delete(key.clone()).await.map(|gone| !gone));
                let number = keyed.update_many([key.clone()], Keyed::patch().number(98)).await;
                to.add("key", number.map(|number| number == 0));
                to.add("key", keyed.list().await.map(|after| after == before));
            }

            /// Two keys that the database takes for equal are one.
            pub async fn equal(base: &Base, to: &mut Cells, one: Of, other: Of) {
                let (keyed, children) = (base.table::<Keyed>(), base.table::<Child>());
                to.add("key", keyed.insert(Keyed { key: one.clone(), number: 1 }).await.map(|_| true));
                to.add("key", is_taken(keyed.insert(Keyed { key: other.clone(), number: 1 }).await));
                let number = |row: Option<Keyed>| row.is_some_and(|row| row.number == 1);
                to.add("key", keyed.get(other.clone()).await.map(number));
                let many = keyed.get_many([other.clone()]).await;
                to.add("key", many.map(|rows| rows.into_iter().all(number)));
                let both = [one.clone(), other.clone()];
                let batch = both.clone().map(|key| Keyed { key, number: 2 });
                to.add("key", keyed.set_many(batch).await.map(|rows| rows.len() == 1));
                to.add("key", keyed.set(Keyed { key: other.clone(), number: 3 }).await.map(|_| true));
                let found = keyed.query(Keyed::key.eq(one.clone())).await;
                to.add("key", found.map(|rows| rows.len() == 1 && rows[0].number == 3));
                to.add("with", children.insert(Child { id: 9, parent: other.clone() }).await.map(|_| true));
                let parent = || keyed.query(Keyed::key.eq(one.clone()));
                let with = parent().with(Child::parent).await;
                to.add("with", with.map(|all| all[0].1.len() == 1));
                let counts = parent().with_counts(Child::parent).await;
                to.add("with", counts.map(|all| all[0].1 == 1));
                let number = keyed.update_many(both, Keyed::patch().number(4)).await;
                to.add("key", number.map(|number| number == 1));
                to.add("key", keyed.delete(other).await);
            }
        }
    };
}

/// The operations with lists of the type.
macro_rules! lists {
    ($base:ident, $to:ident, $a:ident, $b:ident, $c:ident) => {
        $base.create::<Listed>().await.unwrap();
        let lists = $base.table::<Listed>();
        let listed = |id, list: &[Of]| Listed { id, list: list.to_vec() };
        let all = [
            listed(1, &[$a.clone(), $b.clone()]),
            listed(2, &[]),
            listed(3, &[$c.clone(), $b.clone()]),
        ];
        $to.add("element", lists.insert(all[0].clone()).await.map(|row| row == all[0]));
        $to.add("element", lists.insert_many(all[1..].to_vec()).await.map(|rows| rows == all[1..]));
        $to.add("element", lists.list().order_by(Listed::id.asc()).await.map(|rows| rows == all));
        let with_b = lists.query(Listed::list.has($b.clone())).order_by(Listed::id.asc());
        $to.add("element", with_b.select(Listed::id).await.map(|ids| ids == [1, 3]));
        let same =
            lists.query(Listed::list.eq(vec![$c.clone(), $b.clone()])).select(Listed::id).await;
        $to.add("element", same.map(|ids| ids == [3]));
        let patch = Listed::patch().list(vec![$b.clone()]);
        $to.add("element", lists.update(2, patch).await.map(|row| row.list == [$b.clone()]));
    };
}
