//! Finds out which migrations have been released: those in the lock file of the default branch, in
//! that of a tag, and those that a database has run. A released migration keeps its number.

use std::collections::BTreeSet;

use kontract_build::project::Project;
use kontract_runtime::manage::{Migrator, Options};
use kontract_schema::lock::{LockFile, Migration};

use crate::args::Global;
use crate::database::block_on;
use crate::failure::Failure;
use crate::git::File;
use crate::show;

/// How many of the newest tags are read.
const TAGS: usize = 100;

/// The places where migrations of two branches can have been released.
pub struct Releases {
    /// Description of the place, and the hashes of its migrations.
    places: Vec<(String, BTreeSet<String>)>,
}

impl Releases {
    /// Reads the lock files of the default branch and of the tags, and the history of the database of
    /// the command line. The database of the environment, which can be one for development, is read
    /// only if git shows no release.
    ///
    /// # Errors
    /// The database of the command line cannot be read.
    pub fn find(
        global: &Global,
        project: &Project,
        file: &File,
        own: [&[Migration]; 2],
    ) -> Result<Releases, Failure> {
        let branches = file.default_branches().into_iter();
        let branches = branches.map(|name| (format!("branch `{name}`"), name));
        let tags = file.newest_tags(TAGS).into_iter();
        let tags = tags.map(|name| (format!("tag `{name}`"), format!("refs/tags/{name}")));
        let mut releases = Releases { places: Vec::new() };
        for (place, commit) in branches.chain(tags) {
            let text = file.read_in_commit(&commit).ok().flatten();
            let lock = text.and_then(|text| project.read_lock(&text, &place).ok());
            releases.places.extend(lock.map(|lock| (place, list_hashes(&lock.migrations))));
        }
        let is_in_git = own.iter().any(|own| !releases.list_places(own).is_empty());
        let url = global.database_url.as_deref().filter(|url| !url.is_empty());
        if let Some(url) = url.filter(|_| global.names_database || !is_in_git) {
            match find_applied(url, &project.history_key()) {
                Ok(found) => releases.places.push(("the database".to_owned(), found)),
                Err(failure) if global.names_database => return Err(failure),
                Err(failure) => show::tell!(
                    "note: the database of DATABASE_URL was not read: {}",
                    failure.diagnostic.message
                ),
            }
        }
        Ok(releases)
    }

    /// Returns the places that have one of the migrations.
    pub fn list_places(&self, migrations: &[Migration]) -> Vec<&str> {
        let own = list_hashes(migrations);
        let places = self.places.iter().filter(|(_, released)| !released.is_disjoint(&own));
        places.map(|(place, _)| place.as_str()).collect()
    }
}

fn list_hashes(migrations: &[Migration]) -> BTreeSet<String> {
    migrations.iter().map(|migration| migration.hash.clone()).collect()
}

/// Returns the hashes of the migrations that the database has run.
fn find_applied(url: &str, history_key: &str) -> Result<BTreeSet<String>, Failure> {
    block_on(async {
        let migrator = Migrator::new(url, history_key, LockFile::default(), Options::from_env()?)?;
        let hashes = migrator.applied_hashes().await;
        migrator.close().await;
        Ok(hashes?.into_iter().collect())
    })
}
