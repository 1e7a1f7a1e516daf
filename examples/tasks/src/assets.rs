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
    /// The user who uploaded it.
    #[references(User)]
    #[index]
    pub user_id: String,
    /// The name under which it is stored.
    pub filename: String,
    /// The name of the uploaded file.
    pub original_name: String,
    /// Its MIME type.
    pub mime_type: String,
    /// The size in bytes.
    pub size: i64,
    /// The path of the stored file.
    pub path: String,
    /// The public URL.
    pub url: String,
    /// For an image `{"width": 640, "height": 480, "format": "png"}`, for other files any JSON.
    pub metadata: Option<Json>,
    /// Kept by the runtime.
    #[created_at]
    pub created_at: jiff::Timestamp,
}

/// The number and size of the files of a user.
#[derive(Clone, Debug, PartialEq, Projection)]
pub struct Usage {
    /// The user.
    pub user_id: String,
    /// How many files.
    pub files: i64,
    /// Their size in bytes.
    pub bytes: Option<i64>,
}

/// The operations on assets.
#[derive(Clone)]
pub struct AssetRepository {
    assets: Table<Asset>,
}

impl AssetRepository {
    /// The repository on a storage, or on the handles of a transaction.
    pub fn new(storage: &Storage) -> AssetRepository {
        AssetRepository { assets: storage.assets.clone() }
    }

    /// All assets, oldest first.
    pub async fn find_all(&self) -> Result<Vec<Asset>> {
        self.assets.list().order_by(Asset::id.asc()).await
    }

    /// The asset with this id.
    pub async fn find_by_id(&self, id: &str) -> Result<Option<Asset>> {
        self.assets.get(id).await
    }

    /// The assets of a user, newest first.
    pub async fn find_by_user(&self, user_id: &str) -> Result<Vec<Asset>> {
        self.assets.query(Asset::user_id.eq(user_id)).order_by(Asset::id.desc()).await
    }

    /// The images with at least this width, by their metadata.
    pub async fn find_images(&self, min_width: i64) -> Result<Vec<Asset>> {
        self.assets
            .query(
                Asset::mime_type.starts_with("image/")
                    & Asset::metadata.at("width").get::<i64>().ge(min_width),
            )
            .await
    }

    /// The usage of each user, the most bytes first.
    pub async fn usage(&self) -> Result<Vec<Usage>> {
        self.assets
            .list()
            .group_by(Asset::user_id)
            .order_by(|_| Asset::size.sum().desc())
            .select(|user_id| (user_id, count(), Asset::size.sum()))
            .named::<Usage>()
            .await
    }

    /// Inserts an asset.
    pub async fn create(&self, asset: NewAsset) -> Result<Asset> {
        self.assets.insert(asset).await
    }

    /// Replaces the metadata.
    pub async fn describe(&self, id: &str, metadata: Json) -> Result<Asset> {
        self.assets.update(id, Asset::patch().metadata(metadata)).await
    }

    /// Deletes an asset. Returns whether it existed.
    pub async fn delete(&self, id: &str) -> Result<bool> {
        self.assets.delete(id).await
    }
}
