//! The libraries, each in a file, written the way its documentation does it.

#[cfg(feature = "diesel")]
mod diesel_async_postgres;
#[cfg(feature = "diesel")]
mod diesel_models;
#[cfg(feature = "diesel")]
mod diesel_sync;
pub mod kontract;
mod raw_postgres;
mod raw_sqlite;
#[cfg(feature = "sea-orm")]
mod sea_orm;
#[cfg(feature = "sqlx")]
mod sqlx;

use queries_bench_peer::Failure;

use crate::databases::{Dialect, Kind, Lane, empty, with_table};
#[cfg(feature = "toasty")]
use crate::toasty;

/// All that work with that database.
pub async fn all(dialect: Dialect) -> Result<Vec<Lane>, Failure> {
    let mut lanes = Vec::new();
    macro_rules! lane {
        ($kind:ident $name:literal $database:ident $connect:path) => {{
            let database = $database(dialect);
            let peer = $connect(database.url()).await?;
            lanes.push(Lane::new($name, Kind::$kind, database, peer).await?);
        }};
    }
    lane!(Kontract "kontract" empty kontract::Columns::connect);
    lane!(Documents "kontract, documents" empty kontract::Documents::connect);
    match dialect {
        Dialect::Postgres => {
            lane!(Driver "tokio-postgres" with_table raw_postgres::Raw::connect);
            #[cfg(feature = "sqlx")]
            lane!(Library "sqlx" with_table sqlx::postgres::Sqlx::connect);
            #[cfg(feature = "diesel")]
            lane!(Library "diesel" with_table diesel_sync::postgres::Sync::connect);
            #[cfg(feature = "diesel")]
            lane!(Library "diesel-async" with_table diesel_async_postgres::Async::connect);
        }
        Dialect::Sqlite => {
            lane!(Driver "rusqlite" with_table raw_sqlite::Raw::connect);
            #[cfg(feature = "sqlx")]
            lane!(Library "sqlx" with_table sqlx::sqlite::Sqlx::connect);
            #[cfg(feature = "diesel")]
            lane!(Library "diesel" with_table diesel_sync::sqlite::Sync::connect);
        }
    }
    #[cfg(feature = "sea-orm")]
    lane!(Library "sea-orm" with_table sea_orm::SeaOrm::connect);
    #[cfg(feature = "toasty")]
    lanes.push(toasty::lane(empty(dialect))?);
    Ok(lanes)
}

/// How many rows tasks found together.
async fn sum<E: Into<Failure> + Send + 'static>(
    tasks: Vec<tokio::task::JoinHandle<Result<usize, E>>>,
) -> Result<usize, Failure> {
    let mut found = 0;
    for task in tasks {
        found += task.await?.map_err(Into::into)?;
    }
    Ok(found)
}
