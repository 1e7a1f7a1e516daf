//! The operations with the rows of a type.

/// The ids of the rows that a condition finds.
macro_rules! ids {
    ($rows:ident, $filter:expr) => {
        $rows.query($filter).order_by(Row::id.asc()).select(Row::id).await
    };
}

/// Defines the function `check`, which adds what each operation does with the type.
macro_rules! operations {
    (
        [$a:expr, $b:expr, $c:expr], [$($part:ident)*]
        $(, refused [$($refused:expr),*])?
        $(, rounded $given:expr => $stored:expr)?
        $(, equal $one:expr, $other:expr)?
    ) => {
        pub async fn check(url: &str, to: &mut Cells) {
            let base = open(url).await;
            base.create::<Row>().await.unwrap();
            let values: [Of; 3] = [$a, $b, $c];
            let all = [1, 2, 3].map(|id| row(id, values[id as usize - 1].clone()));
            store(&base, to, &all).await;
            find(&base, to, &all).await;
            aggregate(&base, to, &all).await;
            let refused: Vec<Of> = vec![$($($refused),*)?];
            for value in &refused {
                refuse(&base, to, &values[0], value).await;
            }
            let rounded: Option<(Of, Of)> = None$(.or(Some(($given, $stored))))?;
            if let Some((given, stored)) = &rounded {
                round(&base, to, given, stored).await;
            }
            let equal: Option<(Of, Of)> = None$(.or(Some(($one, $other))))?;
            if let Some((one, other)) = &equal {
                compare(&base, to, one, other).await;
            }
            let rows = base.table::<Row>();
            let kept = rows.list().order_by(Row::id.asc()).await;
            to.add("update", kept.map(|found| same(&found, &all)));
            to.add("delete", rows.delete(1).await);
            let of_second = values[1..].iter().filter(|value| same(*value, &values[1])).count() as u64;
            let found = rows.query(Row::value.eq(values[1].clone()));
            to.add("eq", found.delete().await.map(|gone| gone == of_second));
            to.add("delete", rows.query(Row::id.gt(1)).delete().await.map(|_| true));
            to.add("delete", rows.count().await.map(|left| left == 0));
            let cases = Cases { values, refused, rounded, equal };
            $( $part::check(&base, to, &cases).await; )*
            let _ = cases;
        }

        $( $part!(); )*

        fn row(id: i64, value: Of) -> Row {
            Row { id, value, maybe: None }
        }

        /// Writes and reads.
        async fn store(base: &Base, to: &mut Cells, all: &[Row; 3]) {
            let rows = base.table::<Row>();
            let [a, _, c] = all.each_ref().map(|row| row.value.clone());
            let inserted = rows.insert(all[0].clone()).await;
            to.add("insert", inserted.map(|inserted| same(&inserted, &all[0])));
            let batch = rows.insert_many(all[1..].to_vec()).await;
            to.add("insert", batch.map(|batch| same(&batch, &&all[1..])));
            to.add("get", rows.get(2).await.map(|found| same(&found, &Some(&all[1]))));
            let many = rows.get_many([3, 9, 1]).await;
            let expected = vec![Some(all[2].clone()), None, Some(all[0].clone())];
            to.add("get_many", many.map(|many| same(&many, &expected)));
            to.add("set", rows.set(all[0].clone()).await.map(|row| same(&row, &all[0])));
            to.add("set", rows.set_many(all.clone()).await.map(|many| same(&many, all)));
            let patch = Row::patch().value(c.clone()).maybe(Some(a.clone()));
            let changed = Row { id: 1, value: c.clone(), maybe: Some(a.clone()) };
            to.add("update", rows.update(1, patch).await.map(|row| same(&row, &changed)));
            let back = || Row::patch().value(a.clone()).maybe(None);
            to.add("update", rows.update_many([1], back()).await.map(|changed| changed == 1));
            let copy = rows.query(Row::id.eq(1)).update(Row::patch().set(Row::maybe, Row::value)).await;
            to.add("update", copy.map(|changed| changed == 1));
            let copied = Row { maybe: Some(a.clone()), ..all[0].clone() };
            to.add("update", rows.get(1).await.map(|row| same(&row, &Some(copied))));
            to.add("update", rows.update(1, back()).await.map(|row| same(&row, &all[0])));
            let upserted = rows.upsert(Row::id, all[2].clone()).await;
            to.add("upsert", upserted.map(|row| same(&row, &all[2])));
        }

        /// Conditions and order.
        async fn find(base: &Base, to: &mut Cells, all: &[Row; 3]) {
            let rows = base.table::<Row>();
            let values = all.each_ref().map(|row| row.value.clone());
            let [first, second, third] = ranks(&values);
            let with = |is_of: &dyn Fn(usize) -> bool| {
                let ids = [1, 2, 3].into_iter().zip([first, second, third]);
                ids.filter(|(_, rank)| is_of(*rank)).map(|(id, _)| id).collect::<Vec<i64>>()
            };
            let [a, b, c] = values;
            to.add("eq", ids!(rows, Row::value.eq(b.clone())).map(|ids| ids == with(&|rank| rank == second)));
            to.add("eq", ids!(rows, Row::value.ne(b.clone())).map(|ids| ids == with(&|rank| rank != second)));
            let among = Row::value.is_in([a.clone(), c.clone()]);
            to.add("is_in", ids!(rows, among).map(|ids| ids == with(&|rank| rank == first || rank == third)));
            to.add("lt", ids!(rows, Row::value.lt(b.clone())).map(|ids| ids == with(&|rank| rank < second)));
            to.add("lt", ids!(rows, Row::value.ge(b.clone())).map(|ids| ids == with(&|rank| rank >= second)));
            let descending = || rows.list().order_by(Row::value.desc()).order_by(Row::id.desc());
            let ordered = descending().select(Row::id).await;
            to.add("order", ordered.map(|ids| ids == [3, 2, 1]));
            let ordered = descending().await;
            to.add("order", ordered.map(|rows| rows.iter().map(|row| row.id).eq([3, 2, 1])));
            let page = || rows.list().order_by(Row::value.asc()).select(Row::id).page(2);
            let pages = async {
                let first = page().await?;
                let next: Option<Cursor> = first.next;
                let second = page().after(next).await?;
                Ok(first.rows == [1, 2] && second.rows == [3] && second.next.is_none())
            };
            to.add("page", pages.await);
        }

        /// Groups and selections.
        async fn aggregate(base: &Base, to: &mut Cells, all: &[Row; 3]) {
            let rows = base.table::<Row>();
            let [a, b, c] = all.each_ref().map(|row| row.value.clone());
            let different = ranks(&[&a, &b, &c])[2] + 1;
            let groups = rows.list().group_by(Row::value).select(|value| (value, count())).await;
            to.add("group", groups.map(|groups| {
                groups.len() == different && all.iter().all(|row| {
                    groups.iter().any(|(value, _)| same(value, &row.value))
                }) && groups.iter().map(|(_, number)| number).sum::<i64>() == 3
            }));
            let counted = rows.list().aggregate(Row::value.count_distinct()).one().await;
            to.add("group", counted.map(|number| number == different as i64));
            let least = rows.list().aggregate(Row::value.min()).one().await;
            to.add("min", least.map(|least| same(&least, &Some(&a))));
            let greatest = rows.list().aggregate(Row::value.max()).one().await;
            to.add("max", greatest.map(|greatest| same(&greatest, &Some(&c))));
            let values = rows.list().order_by(Row::id.asc()).select(Row::value).await;
            to.add("select", values.map(|values| same(&values, &[&a, &b, &c])));
            let distinct = rows.list().select(Row::value).distinct().await;
            to.add("select", distinct.map(|values| values.len() == different && values.iter().any(|value| same(value, &b))));
            let given = rows.list().select(Row::maybe.or_else(b.clone())).await;
            to.add("or_else", given.map(|values| same(&values, &[&b; 3])));
        }

        /// A value that the column does not store changes and finds no row.
        #[allow(dead_code)]
        async fn refuse(base: &Base, to: &mut Cells, other: &Of, value: &Of) {
            let rows = base.table::<Row>();
            let new = || row(9, value.clone());
            to.add("insert", is_refused(rows.insert(new()).await, "value"));
            to.add("insert", is_refused(rows.insert_many([row(8, other.clone()), new()]).await, "value"));
            to.add("set", is_refused(rows.set(new()).await, "value"));
            to.add("set", is_refused(rows.set_many([new()]).await, "value"));
            to.add("upsert", is_refused(rows.upsert(Row::id, new()).await, "value"));
            let patch = || Row::patch().value(value.clone());
            to.add("update", is_refused(rows.update(1, patch()).await, "value"));
            to.add("update", is_refused(rows.update_many([1], patch()).await, "value"));
            let query = rows.query(Row::id.eq(1)).update(patch()).await;
            to.add("update", is_refused(query, "value"));
            to.add("eq", ids!(rows, Row::value.eq(value.clone())).map(|ids| ids.is_empty()));
            to.add("is_in", ids!(rows, Row::value.is_in([value.clone()])).map(|ids| ids.is_empty()));
            let either = Row::value.lt(value.clone()) | Row::value.ge(value.clone());
            to.add("lt", ids!(rows, either).map(|ids| ids == [1, 2, 3]));
        }

        /// A value that the column rounds.
        #[allow(dead_code)]
        async fn round(base: &Base, to: &mut Cells, given: &Of, stored: &Of) {
            let rows = base.table::<Row>();
            let new = row(9, given.clone());
            let expected = row(9, stored.clone());
            to.add("insert", rows.insert(new.clone()).await.map(|row| same(&row, &expected)));
            to.add("get", rows.get(9).await.map(|found| same(&found, &Some(&expected))));
            to.add("set", rows.set(new.clone()).await.map(|row| same(&row, &expected)));
            let many = rows.set_many([new.clone()]).await;
            to.add("set", many.map(|rows| same(&rows, &[&expected])));
            to.add("upsert", rows.upsert(Row::id, new.clone()).await.map(|row| same(&row, &expected)));
            let patch = Row::patch().value(given.clone());
            to.add("update", rows.update(9, patch).await.map(|row| same(&row, &expected)));
            to.add("eq", ids!(rows, Row::value.eq(given.clone())).map(|ids| ids.is_empty()));
            to.add("is_in", ids!(rows, Row::value.is_in([given.clone()])).map(|ids| ids.is_empty()));
            to.add("eq", ids!(rows, Row::value.eq(stored.clone())).map(|ids| ids == [9]));
            to.add("delete", rows.delete(9).await);
        }

        /// Two values that the database takes for equal.
        #[allow(dead_code)]
        async fn compare(base: &Base, to: &mut Cells, one: &Of, other: &Of) {
            let rows = base.table::<Row>();
            to.add("insert", rows.insert(row(8, one.clone())).await.map(|_| true));
            to.add("insert", rows.insert(row(9, other.clone())).await.map(|_| true));
            to.add("eq", ids!(rows, Row::value.eq(other.clone())).map(|ids| ids == [8, 9]));
            to.add("is_in", ids!(rows, Row::value.is_in([one.clone()])).map(|ids| ids == [8, 9]));
            let two = || rows.query(Row::id.gt(7));
            let groups = two().group_by(Row::value).select(|_| count()).await;
            to.add("group", groups.map(|groups| groups == [2]));
            let different = two().aggregate(Row::value.count_distinct()).one().await;
            to.add("group", different.map(|number| number == 1));
            let distinct = two().select(Row::value).distinct().await;
            to.add("select", distinct.map(|found| found.len() == 1));
            to.add("delete", rows.delete_many([8, 9]).await.map(|gone| gone == 2));
        }
    };
}
