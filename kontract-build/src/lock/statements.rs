//! Compares the statements of sealed migrations with those that their changes generate.

use kontract_schema::diagnostic::Diagnostics;
use kontract_schema::gate::{Compared, compare_statements, refuse_statements};
use kontract_schema::hash;
use kontract_schema::lock::{LockFile, Migration, VERSION};

use super::migrations::MigrationFile;

/// Compares all sealed migrations, with the texts of those files that are unchanged.
pub fn compare<'a>(lock: &'a LockFile, files: &[MigrationFile]) -> Vec<Compared<'a>> {
    compare_statements(lock, 0, |migration| find_text(files, migration))
}

/// Returns the errors of the migrations that differ. `known` is the [`key`] of an earlier comparison
/// without errors: an equal one has none.
pub fn find_problems(
    lock: &LockFile,
    files: &[MigrationFile],
    generators: &[String],
    known: Option<&str>,
) -> Diagnostics {
    if known.is_some_and(|known| known == key(lock, files, generators)) {
        return Diagnostics::new();
    }
    refuse_statements(&compare(lock, files), generators)
}

/// Returns a hash of everything that decides about the result.
pub fn key(lock: &LockFile, files: &[MigrationFile], generators: &[String]) -> String {
    let checksums: Vec<&String> = lock.migrations.iter().map(|one| &one.checksum).collect();
    let tables: Vec<&String> = lock.tables.values().map(|table| &table.hash).collect();
    let texts: Vec<&String> = files.iter().map(|file| &file.text).collect();
    hash::of_json(&(VERSION, lock.head(), checksums, tables, texts, generators))
}

/// Returns the text of a manual migration, if its file is unchanged since it was sealed.
pub fn find_text(files: &[MigrationFile], migration: &Migration) -> Option<String> {
    let sealed = migration.manual.as_ref()?;
    files.iter().find(|file| file.manual == *sealed).map(|file| file.text.clone())
}
