//! The data layer of a deployment service, as typed stores: users belong to many clusters, each with a
//! role, and clusters contain instances. Every table has the times of its rows' making and change, and
//! foreign keys hold it together.
//!
//! [`DatabaseStore::open`] runs the migrations that a database has not had: at every start of the
//! program, by one of those that start at the same time. There is no list of them; `kontract migrate create
//! add_avatar_url` made the second one of a new field.

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
    /// Clusters, and who belongs to them.
    pub clusters: ClusterStore,
    /// What runs in them.
    pub instances: InstanceStore,
}

impl DatabaseStore {
    /// Opens the database and brings it up to date.
    ///
    /// # Errors
    /// The database cannot be reached, or cannot become what this program expects.
    pub async fn open(url: &str) -> Result<DatabaseStore> {
        Ok(DatabaseStore::on(&Storage::connect(url).await?))
    }

    /// The stores on a storage, or on what the closure of a transaction gets.
    pub fn on(storage: &Storage) -> DatabaseStore {
        DatabaseStore {
            users: UserStore::new(storage),
            clusters: ClusterStore::new(storage),
            instances: InstanceStore::new(storage),
        }
    }
}
