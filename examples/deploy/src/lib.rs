//! The data layer of a deployment service, as typed stores: users belong to many clusters, each with a
//! role, and clusters contain instances. Every table has the times of creation and change of its rows,
//! and foreign keys.
//!
//! [`DatabaseStore::open`] runs the pending migrations of the database at every start of the program; if
//! several programs start at the same time, one of them runs them. `kontract migrate create
//! add_avatar_url` sealed the second migration, for a new field.

mod clusters;
mod instances;
mod users;

use kontract::Result;

pub use self::clusters::{
    Cluster, ClusterPatch, ClusterStore, ClusterUser, ClusterUserPatch, NewCluster, NewClusterUser,
    Role,
};
pub use self::instances::{Instance, InstancePatch, InstanceStore, NewInstance, State};
pub use self::users::{NewUser, Provider, User, UserPatch, UserStore};

kontract::storage!();

/// All stores on one database.
#[derive(Clone)]
pub struct DatabaseStore {
    /// Accounts.
    pub users: UserStore,
    /// Clusters and their members.
    pub clusters: ClusterStore,
    /// The instances in clusters.
    pub instances: InstanceStore,
}

impl DatabaseStore {
    /// Opens the database and runs pending migrations.
    ///
    /// # Errors
    /// The database cannot be reached, or a migration fails.
    pub async fn open(url: &str) -> Result<DatabaseStore> {
        Ok(DatabaseStore::on(&Storage::connect(url).await?))
    }

    /// The stores on a storage, or on the handles of a transaction.
    pub fn on(storage: &Storage) -> DatabaseStore {
        DatabaseStore {
            users: UserStore::new(storage),
            clusters: ClusterStore::new(storage),
            instances: InstanceStore::new(storage),
        }
    }
}
