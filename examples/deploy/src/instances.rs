//! Instances, which run in clusters.

use kontract::expr::count;
use kontract::prelude::*;
use kontract::table::Patch;
use kontract::{Result, Table};

use crate::{ClusterUser, Storage};

/// The state of an instance.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize, Enum)]
#[serde(rename_all = "lowercase")]
pub enum State {
    /// It starts.
    Pending,
    /// It runs.
    Running,
    /// It was stopped.
    Stopped,
    /// It failed.
    Failed,
}

/// A program that runs in a cluster.
#[derive(Clone, Debug, PartialEq, Table)]
#[table(layout = "columns", unique(cluster_id, name))]
pub struct Instance {
    /// A UUID v7.
    #[primkey]
    pub id: Uuid,
    /// The cluster. The instance is deleted with it.
    #[references(Cluster, on_delete = "cascade")]
    pub cluster_id: Uuid,
    /// The name, unique in the cluster.
    pub name: String,
    /// The address at which it answers, while it runs.
    pub address: Option<String>,
    /// The state.
    #[default(State::Pending)]
    pub state: State,
    /// Kept by the runtime.
    #[created_at]
    pub created_at: Timestamp,
    /// Kept by the runtime.
    #[updated_at]
    pub updated_at: Timestamp,
}

/// Instances in clusters.
#[derive(Clone)]
pub struct InstanceStore {
    instances: Table<Instance>,
}

impl InstanceStore {
    pub(crate) fn new(storage: &Storage) -> InstanceStore {
        InstanceStore { instances: storage.instances.clone() }
    }

    /// Inserts an instance in a cluster.
    ///
    /// # Errors
    /// `Kind::Unique` if the cluster has an instance with this name, `Kind::ForeignKey` if the cluster
    /// does not exist.
    pub async fn create(&self, cluster: Uuid, name: &str) -> Result<Instance> {
        self.instances.insert(NewInstance::new(cluster, name)).await
    }

    /// The instance with this id.
    ///
    /// # Errors
    /// The database cannot be reached.
    pub async fn get(&self, id: Uuid) -> Result<Option<Instance>> {
        self.instances.get(id).await
    }

    /// The instances of a cluster, ordered by name.
    ///
    /// # Errors
    /// The database cannot be reached.
    pub async fn in_cluster(&self, cluster: Uuid) -> Result<Vec<Instance>> {
        self.instances.query(Instance::cluster_id.eq(cluster)).order_by(Instance::name.asc()).await
    }

    /// An instance, if the user is a member of its cluster.
    ///
    /// # Errors
    /// The database cannot be reached.
    pub async fn get_for(&self, user: Uuid, id: Uuid) -> Result<Option<Instance>> {
        self.instances
            .query(Instance::id.eq(id))
            .join::<ClusterUser>(ClusterUser::cluster_id.eq(Instance::cluster_id))
            .filter(ClusterUser::user_id.eq(user))
            .first()
            .await
    }

    /// The number of instances of a cluster in each state.
    ///
    /// # Errors
    /// The database cannot be reached.
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
    /// `Kind::NotFound` if the instance does not exist.
    pub async fn update(&self, id: Uuid, patch: impl Into<Patch<Instance>>) -> Result<Instance> {
        self.instances.update(id, patch).await
    }

    /// Stops all running instances of a cluster, and returns them.
    ///
    /// # Errors
    /// The database cannot be reached.
    pub async fn stop_all(&self, cluster: Uuid) -> Result<Vec<Instance>> {
        self.instances
            .query(Instance::cluster_id.eq(cluster) & Instance::state.eq(State::Running))
            .update_returning(Instance::patch().state(State::Stopped).address(None))
            .await
    }

    /// Deletes an instance. Returns whether it existed.
    ///
    /// # Errors
    /// The database cannot be reached.
    pub async fn delete(&self, id: Uuid) -> Result<bool> {
        self.instances.delete(id).await
    }
}
