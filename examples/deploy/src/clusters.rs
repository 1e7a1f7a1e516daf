//! Clusters, and who belongs to them.

use kontract::Result;
use kontract::prelude::*;
use kontract::query::record;

use crate::{Instance, Storage, User};

/// What a member may do in a cluster.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize, Enum)]
#[serde(rename_all = "lowercase")]
pub enum Role {
    /// Everything, and its end.
    Owner,
    /// Its users and its instances.
    Admin,
    /// Its instances.
    Developer,
    /// To look.
    Viewer,
}

/// A group of machines, and of those who work on them.
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

/// Somebody's place in a cluster: one for each user and cluster.
#[derive(Clone, Debug, PartialEq, Table)]
#[table(layout = "columns", name = "cluster_users", primary_key(cluster_id, user_id))]
pub struct ClusterUser {
    /// The cluster; the place goes with it.
    #[references(Cluster, on_delete = "cascade")]
    pub cluster_id: Uuid,
    /// The user; the place goes with them.
    #[references(User, on_delete = "cascade")]
    #[index]
    pub user_id: Uuid,
    /// What they may do.
    #[default(Role::Viewer)]
    pub role: Role,
    /// Kept by the runtime.
    #[created_at]
    pub created_at: Timestamp,
    /// Kept by the runtime.
    #[updated_at]
    pub updated_at: Timestamp,
}

/// Clusters, and who belongs to them.
#[derive(Clone)]
pub struct ClusterStore {
    storage: Storage,
}

impl ClusterStore {
    pub(crate) fn new(storage: &Storage) -> ClusterStore {
        ClusterStore { storage: storage.clone() }
    }

    /// A new cluster and its owner: both or none.
    ///
    /// # Errors
    /// `Kind::Check` for an empty name, `Kind::ForeignKey` where there is no such user.
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

    /// The cluster with that id.
    ///
    /// # Errors
    /// Of the connection.
    pub async fn get(&self, id: Uuid) -> Result<Option<Cluster>> {
        self.storage.clusters.get(id).await
    }

    /// The clusters that a user belongs to, and as what, by name.
    ///
    /// # Errors
    /// Of the connection.
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

    /// Who belongs to a cluster, and as what, by name.
    ///
    /// # Errors
    /// Of the connection.
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

    /// What a user may do in a cluster; nothing where they do not belong to it.
    ///
    /// # Errors
    /// Of the connection.
    pub async fn role(&self, cluster: Uuid, user: Uuid) -> Result<Option<Role>> {
        let place = self.storage.cluster_users.get((cluster, user)).await?;
        Ok(place.map(|place| place.role))
    }

    /// Gives a user a role in a cluster, whether or not they belong to it already.
    ///
    /// # Errors
    /// `Kind::ForeignKey` where one of the two is not there.
    pub async fn set_role(&self, cluster: Uuid, user: Uuid, role: Role) -> Result<ClusterUser> {
        let place = NewClusterUser::new(cluster, user).role(role);
        self.storage
            .cluster_users
            .upsert((ClusterUser::cluster_id, ClusterUser::user_id), place)
            .await
    }

    /// Takes a user out of a cluster; says whether they belonged to it.
    ///
    /// # Errors
    /// Of the connection.
    pub async fn remove_user(&self, cluster: Uuid, user: Uuid) -> Result<bool> {
        self.storage.cluster_users.delete((cluster, user)).await
    }

    /// Every cluster with its instances, both in the order in which they came: two statements.
    ///
    /// # Errors
    /// Of the connection.
    pub async fn with_instances(&self) -> Result<Vec<(Cluster, Vec<Instance>)>> {
        self.storage
            .clusters
            .list()
            .order_by(Cluster::id.asc())
            .with(Instance::cluster_id)
            .order_by(Instance::id.asc())
            .await
    }

    /// Removes a cluster with all that is in it; says whether there was one.
    ///
    /// # Errors
    /// Of the connection.
    pub async fn delete(&self, id: Uuid) -> Result<bool> {
        self.storage.clusters.delete(id).await
    }
}
