//! SeaORM, on both databases, through its pool.

use std::hint::black_box;
use std::sync::Arc;

use queries_bench_peer::{Failure, Peer, Rows, TASKS};
use sea_orm::entity::prelude::*;
use sea_orm::sea_query::{ExprTrait, OnConflict};
use sea_orm::{
    ActiveValue, ConnectOptions, Database, DatabaseConnection, NotSet, QueryOrder, Set,
    TransactionTrait,
};

use crate::databases::{POOL, path};

mod users {
    use sea_orm::entity::prelude::*;

    #[derive(Clone, Debug, PartialEq, DeriveEntityModel)]
    #[sea_orm(table_name = "users")]
    pub struct Model {
        #[sea_orm(primary_key, auto_increment = false)]
        pub id: String,
        pub name: String,
        #[sea_orm(unique)]
        pub email: String,
        #[sea_orm(indexed)]
        pub age: i32,
        pub bio: Option<String>,
        pub hair_color: Option<String>,
        pub created: i64,
        pub version: i32,
    }

    #[derive(Copy, Clone, Debug, EnumIter, DeriveRelation)]
    pub enum Relation {}

    impl ActiveModelBehavior for ActiveModel {}
}

use users::{ActiveModel, Column, Entity};

/// As many rows in a statement as there are parameters for.
const CHUNK: usize = 32_766 / 7;

pub struct SeaOrm(DatabaseConnection);

impl SeaOrm {
    pub async fn connect(url: &str) -> Result<SeaOrm, Failure> {
        let url = if url.starts_with("sqlite:") {
            format!("sqlite://{}", path(url))
        } else {
            url.to_owned()
        };
        let mut options = ConnectOptions::new(url);
        options.max_connections(POOL as u32).sqlx_logging(false);
        options.map_sqlx_sqlite_opts(|options| options.pragma("synchronous", "normal"));
        Ok(SeaOrm(Database::connect(options).await?))
    }
}

fn active(user: queries_bench_peer::User) -> ActiveModel {
    ActiveModel {
        id: Set(user.id),
        name: Set(user.name),
        email: Set(user.email),
        age: Set(user.age),
        bio: Set(user.bio),
        hair_color: Set(user.hair_color),
        created: Set(user.created),
        version: NotSet,
    }
}

async fn get(db: &DatabaseConnection, id: &str) -> Rows {
    Ok(black_box(Entity::find_by_id(id).one(db).await?).into_iter().count())
}

impl Peer for SeaOrm {
    async fn get(&mut self, id: &str) -> Rows {
        get(&self.0, id).await
    }

    async fn get_many(&mut self, ids: &[String]) -> Rows {
        Ok(black_box(Entity::find().filter(Column::Id.is_in(ids)).all(&self.0).await?).len())
    }

    async fn list(&mut self, by_key: bool) -> Rows {
        let found = Entity::find();
        let found = if by_key { found.order_by_asc(Column::Id) } else { found };
        Ok(black_box(found.all(&self.0).await?).len())
    }

    async fn filter(&mut self, age: i32, by_key: bool) -> Rows {
        let found = Entity::find().filter(Column::Age.eq(age));
        let found = if by_key { found.order_by_asc(Column::Id) } else { found };
        Ok(black_box(found.all(&self.0).await?).len())
    }

    async fn insert(&mut self, user: queries_bench_peer::User) -> Rows {
        Ok(Entity::insert(active(user)).exec_without_returning(&self.0).await? as usize)
    }

    async fn insert_many(&mut self, new: Vec<queries_bench_peer::User>) -> Rows {
        let transaction = self.0.begin().await?;
        let mut new = new.into_iter().map(active).peekable();
        let mut written = 0;
        while new.peek().is_some() {
            let chunk: Vec<ActiveModel> = new.by_ref().take(CHUNK).collect();
            let done = Entity::insert_many(chunk).exec_without_returning(&transaction).await?;
            written += done as usize;
        }
        transaction.commit().await?;
        Ok(written)
    }

    async fn upsert(&mut self, user: queries_bench_peer::User) -> Rows {
        let columns = [
            Column::Name,
            Column::Email,
            Column::Age,
            Column::Bio,
            Column::HairColor,
            Column::Created,
        ];
        let conflict = OnConflict::column(Column::Id)
            .update_columns(columns)
            .value(Column::Version, Expr::col((Entity, Column::Version)).add(1))
            .to_owned();
        let insert = Entity::insert(active(user)).on_conflict(conflict);
        Ok(insert.exec_without_returning(&self.0).await? as usize)
    }

    async fn rename(&mut self, id: &str, version: i32, name: &str) -> Rows {
        let patch = ActiveModel {
            name: Set(name.to_owned()),
            version: ActiveValue::Set(version + 1),
            ..Default::default()
        };
        let update = Entity::update_many()
            .set(patch)
            .filter(Column::Id.eq(id))
            .filter(Column::Version.eq(version));
        Ok(update.exec(&self.0).await?.rows_affected as usize)
    }

    async fn get_at_once(&mut self, ids: &[String]) -> Rows {
        let ids: Arc<[String]> = ids.into();
        let tasks = (0..TASKS).map(|task| {
            let (db, ids) = (self.0.clone(), Arc::clone(&ids));
            tokio::spawn(async move {
                let mut found = 0;
                for id in ids.iter().skip(task).step_by(TASKS) {
                    found += get(&db, id).await?;
                }
                Ok::<usize, Failure>(found)
            })
        });
        super::sum(tasks.collect()).await
    }
}
