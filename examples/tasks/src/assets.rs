//! Files that users have uploaded.

use kontract::expr::count;
use kontract::prelude::*;
use kontract::{Result, Table};

use crate::Storage;

/// An uploaded file: its metadata. The file itself is elsewhere.
#[derive(Clone, Debug, PartialEq, Table)]
#[table(layout = "columns")]
pub struct Asset {
    /// A UUID v7, as text.
    #[primkey]
    pub id: String,
    /// By whom.
    #[references(User)]
    #[index]
    pub user_id: String,
    /// The name under which it is kept.
    pub filename: String,
    /// The name that it had.
    pub original_name: String,
    /// Its MIME type.
    pub mime_type: String,
    /// In bytes.
    pub size: i64,
    /// Where it is kept.
    pub path: String,
    /// Where others find it.
    pub url: String,
    /// Of an image `{"width": 640, "height": 480, "format": "png"}`, of other files anything.
    pub metadata: Option<Json>,
    /// Kept by the runtime.
    #[created_at]
    pub created_at: jiff::Timestamp,
}

/// What the files of a user come to.
#[derive(Clone, Debug, PartialEq, Projection)]
pub struct Usage {
    /// The user.
    pub user_id: String,
    /// How many files.
    pub files: i64,
    /// Of how many bytes.
    pub bytes: Option<i64>,
}

/// All that the application asks and does about assets.
#[derive(Clone)]
pub struct AssetRepository {
    assets: Table<Asset>,
}

impl AssetRepository {
    /// On a storage, or on what the closure of a transaction gets.
    pub fn new(storage: &Storage) -> AssetRepository {
        AssetRepository { assets: storage.assets.clone() }
    }

    /// All of them, oldest first.
    pub async fn find_all(&self) -> Result<Vec<Asset>> {
        self.assets.list().order_by(Asset::id.asc()).await
    }

    /// The one with that id.
    pub async fn find_by_id(&self, id: &str) -> Result<Option<Asset>> {
        self.assets.get(id).await
    }

    /// Those of one user, newest first.
    pub async fn find_by_user(&self, user_id: &str) -> Result<Vec<Asset>> {
        self.assets.query(Asset::user_id.eq(user_id)).order_by(Asset::id.desc()).await
    }

    /// Images that are at least so wide, by their metadata.
    pub async fn find_images(&self, min_width: i64) -> Result<Vec<Asset>> {
        self.assets
            .query(
                Asset::mime_type.starts_with("image/")
                    & Asset::metadata.at("width").get::<i64>().ge(min_width),
            )
            .await
    }

    /// What each user has uploaded, the most bytes first.
    pub async fn usage(&self) -> Result<Vec<Usage>> {
        self.assets
            .list()
            .group_by(Asset::user_id)
            .order_by(|_| Asset::size.sum().desc())
            .select(|user_id| (user_id, count(), Asset::size.sum()))
            .named::<Usage>()
            .await
    }

    /// Adds one.
    pub async fn create(&self, asset: NewAsset) -> Result<Asset> {
        self.assets.insert(asset).await
    }

    /// What is known about it is something else.
    pub async fn describe(&self, id: &str, metadata: Json) -> Result<Asset> {
        self.assets.update(id, Asset::patch().metadata(metadata)).await
    }

    /// Removes one; says whether there was one.
    pub async fn delete(&self, id: &str) -> Result<bool> {
        self.assets.delete(id).await
    }
}
