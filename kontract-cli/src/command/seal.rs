//! `kontract seal` and `kontract migrate create`: the changes become the next migration.

use std::path::Path;

use kontract_build::project::{Problem, Project, Sealing};
use kontract_schema::change::Change;
use kontract_schema::lock::Migration;
use kontract_schema::rules::Judgement;
use serde_json::{Value, json};

use crate::Answer;
use crate::args::{Create, Global, Seal};
use crate::failure::Failure;
use crate::package::{self, Package};
use crate::show::{self, say};

pub fn seal(global: &Global, options: &Seal) -> Result<Answer, Failure> {
    let (package, project) = package::open(global)?;
    let warnings = project.look()?.warned;
    let sealing = project.seal(options.name.as_deref(), options.accept.as_deref())?;
    warn(global, &sealing, &warnings);
    Ok(tell(global, &package, &project, &sealing))
}

pub fn create(global: &Global, options: &Create) -> Result<Answer, Failure> {
    let (package, project) = package::open(global)?;
    let warnings = project.look()?.warned;
    let sealing = project.create(&options.name, options.accept.as_deref(), options.rs)?;
    warn(global, &sealing, &warnings);
    Ok(tell(global, &package, &project, &sealing))
}

/// What passes and is worth a look, where it has just become a migration.
fn warn(global: &Global, sealing: &Sealing, warnings: &[Problem]) {
    if matches!(sealing, Sealing::Sealed(_)) && !global.json {
        show::warnings(warnings);
    }
}

fn tell(global: &Global, package: &Package, project: &Project, sealing: &Sealing) -> Answer {
    match global.json {
        true => show::json(&as_json(package, sealing)),
        false => as_text(package, project, sealing),
    }
    match sealing {
        Sealing::Nothing | Sealing::Sealed(_) => Answer::Yes,
        Sealing::Written { .. } | Sealing::Refused(_) => Answer::No,
    }
}

fn as_json(package: &Package, sealing: &Sealing) -> Value {
    let (what, more) = match sealing {
        Sealing::Nothing => ("nothing", json!({})),
        Sealing::Sealed(migration) => {
            let changes = migration.changes.iter().map(|record| record.change.as_str());
            let migration = json!({
                "version": migration.version, "name": migration.name, "hash": migration.hash,
                "changes": changes.collect::<Vec<_>>(),
            });
            ("sealed", json!({"migration": migration}))
        }
        Sealing::Written { file, refused, .. } => {
            let refused = refused.iter().map(|judgement| {
                let changes: Vec<String> = judgement.covers().map(Change::id).collect();
                json!({"changes": changes, "message": judgement.message, "help": judgement.help})
            });
            ("written", json!({"file": file, "refused": refused.collect::<Vec<_>>()}))
        }
        Sealing::Refused(problems) => {
            ("refused", json!({"problems": show::problems_json(problems)}))
        }
    };
    let mut value = json!({"package": package.name(), "result": what});
    if let (Value::Object(value), Value::Object(more)) = (&mut value, more) {
        value.extend(more);
    }
    value
}

fn as_text(package: &Package, project: &Project, sealing: &Sealing) {
    match sealing {
        Sealing::Nothing => say!("{}: no changes, nothing to seal", package.name()),
        Sealing::Sealed(migration) => sealed(package, project, migration),
        Sealing::Written { file, text, refused } => written(file, text, refused),
        Sealing::Refused(problems) => {
            show::problems(problems);
            show::tell!("nothing is sealed");
        }
    }
}

fn sealed(package: &Package, project: &Project, migration: &Migration) {
    say!("{}: sealed migration {} `{}`", package.name(), migration.version, migration.name);
    for record in &migration.changes {
        say!("  {}", record.change);
    }
    let lock = project.lock_path().display();
    match &migration.manual {
        None => say!("commit {lock}"),
        Some(manual) => {
            say!("commit {lock} and {}", project.migration_path(&manual.file).display());
        }
    }
}

fn written(file: &Path, text: &str, refused: &[Judgement]) {
    if refused.is_empty() {
        say!("wrote {}: write what it does,", file.display());
        say!("and run the same command again: it seals the migration");
        return;
    }
    say!("wrote {}, for changes that need a look:", file.display());
    for judgement in refused {
        say!("  {}", judgement.message);
        judgement.help.iter().for_each(|help| say!("      {help}"));
    }
    match refused.iter().any(|judgement| !judgement.help.is_empty()) {
        true => say!(
            "\nwhere one of these remedies is what you mean, take it and remove the file; otherwise"
        ),
        false => say!(),
    }
    match text.contains("<value for ") {
        true => say!("write the values that rows get in place of `<value for …>`,"),
        false => say!("read its statements, and change them to what you mean,"),
    }
    say!("and run the same command again: it seals the migration");
    if refused.iter().any(Judgement::loses) {
        say!(
            "\nit loses data, which has to be accepted: where a field goes, by `#[removed(\"…\")]` on its"
        );
        say!("struct, otherwise by `--accept HASH`; `kontract plan` shows the hash");
    }
}
