//! Sealing: the draft becomes the newest migration, and the schema of the source the sealed state.

use kontract_schema::diagnostic::Diagnostic;
use kontract_schema::lock::{LockFile, Migration};
use kontract_schema::{Schema, code};

/// The lock file with its draft sealed; as it is if it has none.
///
/// # Errors
/// The name cannot be one.
pub fn seal(lock: LockFile, schema: &Schema, name: &str) -> Result<LockFile, Box<Diagnostic>> {
    let Some(draft) = lock.draft.clone() else { return Ok(lock) };
    // A manual migration has its name already.
    let name = if draft.name.is_empty() { name } else { &draft.name };
    check_name(&lock, name)?;
    let migration = Migration { name: name.to_owned(), ..draft }.hashed();
    let version = migration.version;
    let mut migrations = lock.migrations.clone();
    migrations.push(migration);
    Ok(LockFile { version, migrations, draft: None, ..lock }.with_schema(schema.clone()))
}

/// Whether the next migration can have this name.
///
/// # Errors
/// Why not.
pub fn check_name(lock: &LockFile, name: &str) -> Result<(), Box<Diagnostic>> {
    check_form(name)?;
    if lock.migrations.iter().any(|migration| migration.name == *name) {
        return Err(Box::new(
            Diagnostic::new(code::SEAL, format!("there is a migration `{name}` already"))
                .help("give this one another name; is KONTRACT_SEAL still set from the last time?"),
        ));
    }
    Ok(())
}

/// Whether a migration can have this name.
///
/// # Errors
/// Why not.
pub fn check_form(name: &str) -> Result<(), Box<Diagnostic>> {
    let plain = |c: char| c.is_ascii_lowercase() || c.is_ascii_digit() || c == '_';
    if !name.is_empty() && name.chars().all(plain) {
        return Ok(());
    }
    Err(Box::new(
        Diagnostic::new(code::SEAL, format!("`{name}` cannot be the name of a migration"))
            .help("use lower-case letters, digits and `_`: `KONTRACT_SEAL=add_posts cargo build`"),
    ))
}

/// Says that there is no draft to become a migration of this name; not where one has just become it.
pub fn nothing(lock: &LockFile, name: &str) -> Option<Diagnostic> {
    let done = lock.migrations.last().is_some_and(|newest| newest.name == name);
    (lock.draft.is_none() && !done).then(|| {
        let message = format!(
            "there is nothing to seal as `{name}`: the structs are as version {} in kontract.lock.json says",
            lock.version
        );
        Diagnostic::new(code::SEAL, message)
            .help("is KONTRACT_SEAL still set from the last time?")
    })
}
