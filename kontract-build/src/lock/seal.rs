//! Sealing: the draft becomes the newest migration, and the schema of the source the sealed state.

use kontract_schema::code;
use kontract_schema::diagnostic::Diagnostic;
use kontract_schema::intent::Checked;
use kontract_schema::lock::LockFile;

/// Seals the draft: it becomes the newest migration. Returns the lock file unchanged if it has no
/// draft.
///
/// # Errors
/// A migration cannot have this name.
pub fn seal_draft(
    lock: LockFile,
    source: &Checked,
    name: &str,
) -> Result<LockFile, Box<Diagnostic>> {
    let Some(draft) = &lock.draft else { return Ok(lock) };
    // A manual migration has the name of its file.
    let name = if draft.name.is_empty() { name } else { &draft.name };
    check_name(&lock, name)?;
    let name = name.to_owned();
    Ok(lock.seal(&name, source.clone()))
}

/// Checks that the next migration can have this name.
///
/// # Errors
/// The name has invalid characters, or another migration has it.
pub fn check_name(lock: &LockFile, name: &str) -> Result<(), Box<Diagnostic>> {
    check_name_form(name)?;
    if lock.migrations.iter().any(|migration| migration.name == *name) {
        return Err(Box::new(
            Diagnostic::new(code::SEAL, format!("a migration `{name}` already exists"))
                .help("choose another name; is KONTRACT_SEAL still set from the last build?"),
        ));
    }
    Ok(())
}

/// Checks the characters of a migration's name.
///
/// # Errors
/// The name has invalid characters or is empty.
pub fn check_name_form(name: &str) -> Result<(), Box<Diagnostic>> {
    let is_allowed = |c: char| c.is_ascii_lowercase() || c.is_ascii_digit() || c == '_';
    if !name.is_empty() && name.chars().all(is_allowed) {
        return Ok(());
    }
    Err(Box::new(
        Diagnostic::new(code::SEAL, format!("`{name}` is not a valid name for a migration"))
            .help("use lower-case letters, digits and `_`: `KONTRACT_SEAL=add_posts cargo build`"),
    ))
}

/// Returns a warning if the lock file has no draft to seal under this name. Returns `None` after the
/// draft was sealed under this name.
pub fn nothing_to_seal(lock: &LockFile, name: &str) -> Option<Diagnostic> {
    let was_sealed = lock.migrations.last().is_some_and(|newest| newest.name == name);
    (lock.draft.is_none() && !was_sealed).then(|| {
        let message = format!(
            "there is nothing to seal as `{name}`: the structs match version {} in kontract.lock.json",
            lock.version
        );
        Diagnostic::new(code::SEAL, message)
            .help("is KONTRACT_SEAL still set from the last build?")
    })
}
