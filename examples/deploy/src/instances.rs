//! Instances: what runs in a cluster.

use kontract::expr::count;
use kontract::prelude::*;
use kontract::table::Patch;
use kontract::{Result, Table};

use crate::{ClusterUser, Storage};

/// How an instance is.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize, Enum)]
#[serde(rename_all = "lowercase")]
pub enum State {
    /// It is being made.
    Pending,
    /// It serves.
    Running,
    /// It was stopped.
    Stopped,
    /// It stopped by itself.
    Failed,
}

/// What runs in a cluster.
#[derive(Clone, Debug, PartialEq, Table)]
#[table(layout = "columns", unique(cluster_id, name))]
pub struct Instance {
    /// A UUID v7.
    #[primkey]
    pub id: Uuid,
    /// The cluster; the instance goes with it.
    #[references(Cluster, on_delete = "cascade")]
    pub cluster_id: Uuid,
    /// Its name, which no other in the cluster has.
    pub name: String,
    /// Where it answers; none while it does not.
    pub address: Option<String>,
    /// How it is.
    #[default(State::Pending)]
    pub state: State,
    /// Kept by the runtime.
    #[created_at]
    pub created_at: Timestamp,
    /// Kept by the runtime.
    #[updated_at]
    pub updated_at: Timestamp,
}

/// What runs in clusters.
#[derive(Clone)]
pub struct InstanceStore {
    instances: Table<Instance>,
}

impl InstanceStore {
    pub(crate) fn new(storage: &Storage) -> InstanceStore {
        InstanceStore { instances: storage.instances.clone() }
    }

    /// A new instance in a cluster.
    ///
    /// # Errors
    /// `Kind::Unique` where the cluster has one of that name, `Kind::ForeignKey` where there is no such
    /// cluster.
    pub async fn create(&self, cluster: Uuid, name: &str) -> Result<Instance> {
        self.instances.insert(NewInstance::new(cluster, name)).await
    }

    /// The instance with that id.
    ///
    /// # Errors
    /// Of the connection.
    pub async fn get(&self, id: Uuid) -> Result<Option<Instance>> {
        self.instances.get(id).await
    }

    /// Those of a cluster, by name.
    ///
    /// # Errors
    /// Of the connection.
    pub async fn in_cluster(&self, cluster: Uuid) -> Result<Vec<Instance>> {
        self.instances.query(Instance::cluster_id.eq(cluster)).order_by(Instance::name.asc()).await
    }

    /// One of those that a user may see: of all clusters that they belong to.
    ///
    /// # Errors
    /// Of the connection.
    pub async fn get_for(&self, user: Uuid, id: Uuid) -> Result<Option<Instance>> {
        self.instances
            .query(Instance::id.eq(id))
            .join::<ClusterUser>(ClusterUser::cluster_id.eq(Instance::cluster_id))
            .filter(ClusterUser::user_id.eq(user))
            .first()
            .await
    }

    /// How many of a cluster are in each state.
    ///
    /// # Errors
    /// Of the connection.
    pub async fn count_by_state(&self, cluster: Uuid) -> Result<Vec<(State, i64)>> {
        self.instances
            .query(Instance::cluster_id.eq(cluster))
            .group_by(Instance::state)
            .order_by(|state| state.asc())
            .select(|state| (state, count()))
            .await
    }

    /// Changes some fields.
    ///
    /// # Errors
    /// `Kind::NotFound` where there is no such instance.
    pub async fn update(&self, id: Uuid, patch: impl Into<Patch<Instance>>) -> Result<Instance> {
        self.instances.update(id, patch).await
    }

    /// Stops all that run in a cluster; gives them.
    ///
    /// # Errors
    /// Of the connection.
    pub async fn stop_all(&self, cluster: Uuid) -> Result<Vec<Instance>> {
        self.instances
            .query(Instance::cluster_id.eq(cluster) & Instance::state.eq(State::Running))
            .update_returning(Instance::patch().state(State::Stopped).address(None))
            .await
    }

    /// Removes an instance; says whether there was one.
    ///
    /// # Errors
    /// Of the connection.
    pub async fn delete(&self, id: Uuid) -> Result<bool> {
        self.instances.delete(id).await
    }
}
