//! Clusters and their members.

use kontract::Result;
use kontract::prelude::*;
use kontract::query::record;

use crate::{Instance, Storage, User};

/// What a member may do in a cluster.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize, Enum)]
#[serde(rename_all = "lowercase")]
pub enum Role {
    /// May do everything, also delete the cluster.
    Owner,
    /// May change members and instances.
    Admin,
    /// May change instances.
    Developer,
    /// May read.
    Viewer,
}

/// A group of machines, with its members.
#[derive(Clone, Debug, PartialEq, Table)]
#[table(layout = "columns")]
pub struct Cluster {
    /// A UUID v7.
    #[primkey]
    pub id: Uuid,
    /// Its name.
    #[check("name <> ''")]
    pub name: String,
    /// Kept by the runtime.
    #[created_at]
    pub created_at: Timestamp,
    /// Kept by the runtime.
    #[updated_at]
    pub updated_at: Timestamp,
}

/// The membership of a user in a cluster.
#[derive(Clone, Debug, PartialEq, Table)]
#[table(layout = "columns", name = "cluster_users", primary_key(cluster_id, user_id))]
pub struct ClusterUser {
    /// The cluster. The row is deleted with it.
    #[references(Cluster, on_delete = "cascade")]
    pub cluster_id: Uuid,
    /// The user. The row is deleted with it.
    #[references(User, on_delete = "cascade")]
    #[index]
    pub user_id: Uuid,
    /// What the user may do.
    #[default(Role::Viewer)]
    pub role: Role,
    /// Kept by the runtime.
    #[created_at]
    pub created_at: Timestamp,
    /// Kept by the runtime.
    #[updated_at]
    pub updated_at: Timestamp,
}

/// Clusters and their members.
#[derive(Clone)]
pub struct ClusterStore {
    storage: Storage,
}

impl ClusterStore {
    pub(crate) fn new(storage: &Storage) -> ClusterStore {
        ClusterStore { storage: storage.clone() }
    }

    /// Inserts a cluster and its owner, in one transaction.
    ///
    /// # Errors
    /// `Kind::Check` for an empty name, `Kind::ForeignKey` if the user does not exist.
    pub async fn create(&self, name: &str, owner: Uuid) -> Result<Cluster> {
        self.storage
            .transaction(async |tx| {
                let cluster = tx.clusters.insert(NewCluster::new(name)).await?;
                let place = NewClusterUser::new(cluster.id, owner).role(Role::Owner);
                tx.cluster_users.insert(place).await?;
                Ok(cluster)
            })
            .await
    }

    /// The cluster with this id.
    ///
    /// # Errors
    /// The database cannot be reached.
    pub async fn get(&self, id: Uuid) -> Result<Option<Cluster>> {
        self.storage.clusters.get(id).await
    }

    /// The clusters of a user with the user's role, ordered by name.
    ///
    /// # Errors
    /// The database cannot be reached.
    pub async fn of_user(&self, user: Uuid) -> Result<Vec<(Cluster, Role)>> {
        self.storage
            .clusters
            .list()
            .join::<ClusterUser>(ClusterUser::cluster_id.eq(Cluster::id))
            .filter(ClusterUser::user_id.eq(user))
            .order_by(Cluster::name.asc())
            .select((record::<Cluster>(), ClusterUser::role))
            .await
    }

    /// The members of a cluster with their roles, ordered by name.
    ///
    /// # Errors
    /// The database cannot be reached.
    pub async fn users(&self, cluster: Uuid) -> Result<Vec<(User, Role)>> {
        self.storage
            .users
            .list()
            .join::<ClusterUser>(ClusterUser::user_id.eq(User::id))
            .filter(ClusterUser::cluster_id.eq(cluster))
            .order_by(User::name.asc())
            .select((record::<User>(), ClusterUser::role))
            .await
    }

    /// The role of a user in a cluster. `None` if the user is not a member.
    ///
    /// # Errors
    /// The database cannot be reached.
    pub async fn role(&self, cluster: Uuid, user: Uuid) -> Result<Option<Role>> {
        let place = self.storage.cluster_users.get((cluster, user)).await?;
        Ok(place.map(|place| place.role))
    }

    /// Sets the role of a user in a cluster. Inserts the membership if it does not exist.
    ///
    /// # Errors
    /// `Kind::ForeignKey` if the cluster or the user does not exist.
    pub async fn set_role(&self, cluster: Uuid, user: Uuid, role: Role) -> Result<ClusterUser> {
        let place = NewClusterUser::new(cluster, user).role(role);
        self.storage
            .cluster_users
            .upsert((ClusterUser::cluster_id, ClusterUser::user_id), place)
            .await
    }

    /// Removes a user from a cluster. Returns whether the user was a member.
    ///
    /// # Errors
    /// The database cannot be reached.
    pub async fn remove_user(&self, cluster: Uuid, user: Uuid) -> Result<bool> {
        self.storage.cluster_users.delete((cluster, user)).await
    }

    /// Every cluster with its instances, both ordered by creation, in two statements.
    ///
    /// # Errors
    /// The database cannot be reached.
    pub async fn with_instances(&self) -> Result<Vec<(Cluster, Vec<Instance>)>> {
        self.storage
            .clusters
            .list()
            .order_by(Cluster::id.asc())
            .with(Instance::cluster_id)
            .order_by(Instance::id.asc())
            .await
    }

    /// Deletes a cluster with its members and instances. Returns whether it existed.
    ///
    /// # Errors
    /// The database cannot be reached.
    pub async fn delete(&self, id: Uuid) -> Result<bool> {
        self.storage.clusters.delete(id).await
    }
}
