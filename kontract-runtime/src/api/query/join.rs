//! Joins.

use kontract_schema::sql::dml::JoinKind;

use super::Query;
use crate::api::filter::Filter;
use crate::sql::record::Record;
use crate::sql::scope::{At, Join, Maybe, Scope, Source};
use crate::sql::tree::{Joined, Output};

impl<S: Scope, O, C> Query<S, O, C> {
    /// Joins another table: each pair of rows for which the condition is true (`JOIN`). Deleted
    /// rows (soft delete) are excluded. The query still returns the same records; `select` can add
    /// columns of the other table.
    /// ```
    /// # use kontract_doc_tables::*; example(async |users, tasks| {
    /// let rows: Vec<(String, String)> =
    ///     tasks.list().join::<User>(User::id.eq(Task::user_id)).select((Task::title, User::name)).await?;
    /// assert_eq!(rows[2], ("Buy bread".to_owned(), "Bob".to_owned()));
    /// # Ok(()) })
    /// ```
    pub fn join<Q: Source>(self, on: Filter<Join<S, Q>>) -> Query<Join<S, Q>, O, C> {
        self.joined::<Q, _>(JoinKind::Inner, on.node)
    }

    /// Joins another table, and keeps the rows without a match (`LEFT JOIN`): columns of the other table are
    /// `Option`s.
    ///
    /// ```
    /// # use kontract_doc_tables::*; example(async |users, tasks| {
    /// let query = users.list().left_join::<Task>(Task::user_id.eq(User::id)).filter(Task::id.is_null());
    /// let idle: Vec<(String, Option<String>)> = query.select((User::name, Task::title)).await?;
    /// assert_eq!(idle, [("Cem".to_owned(), None)]);
    /// # Ok(()) })
    /// ```
    pub fn left_join<Q: Source>(self, on: Filter<Join<S, Q>>) -> Query<Join<S, Maybe<Q>>, O, C> {
        self.joined::<Q, _>(JoinKind::Left, on.node)
    }

    /// Joins another table, and keeps its rows without a match (`RIGHT JOIN`): columns of the
    /// tables before are `Option`s. The query returns the records of the other table; `select` can
    /// add columns of the tables before.
    ///
    /// ```
    /// # use kontract_doc_tables::*; example(async |users, tasks| {
    /// let query = tasks.list().right_join::<User>(User::id.eq(Task::user_id));
    /// let all: Vec<(String, Option<String>)> = query.select((User::name, Task::title)).await?;
    /// assert!(all.contains(&("Cem".to_owned(), None)));
    /// # Ok(()) })
    /// ```
    pub fn right_join<Q>(self, on: Filter<Join<S, Q>>) -> Query<Join<Maybe<S>, Q>, Q::Record, C>
    where
        Q: Source,
        Q::Record: Record,
    {
        let mut query = self.joined::<Q, Join<Maybe<S>, Q>>(JoinKind::Right, on.node);
        let at = At { level: 0, place: S::WIDTH };
        query.parts.outputs = vec![Output::Record { meta: Q::source(), at, optional: false }];
        query.read_by(Q::Record::decode)
    }

    fn joined<Q: Source, T>(
        mut self,
        kind: JoinKind,
        on: crate::sql::tree::node::Node,
    ) -> Query<T, O, C> {
        self.parts.before_union("a join");
        self.parts.tables.push(Joined { meta: Q::source(), kind, on: Some(on) });
        let decode = self.decode;
        self.read_by(decode)
    }
}
