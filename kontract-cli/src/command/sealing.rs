//! What `seal` and `migrate create` print.

use std::path::Path;

use kontract_build::project::{Project, Sealing};
use kontract_schema::change::{Change, ChangeId};
use kontract_schema::diagnostic::Diagnostics;
use kontract_schema::lock::Migration;
use kontract_schema::rules::Judgement;
use serde_json::{Value, json};

use crate::args::Global;
use crate::command::Answer;
use crate::package::Package;
use crate::show::{self, say};

/// Prints the result of sealing; if it made a migration, also the warnings about its changes.
pub fn report(
    global: &Global,
    package: &Package,
    project: &Project,
    sealing: &Sealing,
    warnings: &Diagnostics,
) -> Answer {
    if global.json {
        show::json(&as_json(package, sealing));
    } else {
        if matches!(sealing, Sealing::Sealed(_)) {
            show::warnings(warnings);
        }
        print(package, project, sealing);
    }
    Answer::yes_if(matches!(sealing, Sealing::Nothing | Sealing::Sealed(_)))
}

fn as_json(package: &Package, sealing: &Sealing) -> Value {
    let (result, details) = match sealing {
        Sealing::Nothing => ("nothing", json!({})),
        Sealing::Sealed(migration) => {
            let changes = migration.changes.iter().map(|record| &record.change);
            let migration = json!({
                "version": migration.version, "name": migration.name, "hash": migration.hash,
                "changes": changes.collect::<Vec<_>>(),
            });
            ("sealed", json!({"migration": migration}))
        }
        Sealing::Written { file, refused, .. } => {
            let refused = refused.iter().map(|judgement| {
                let changes: Vec<ChangeId> = judgement.covers().map(Change::id).collect();
                json!({"changes": changes, "message": judgement.finding.message, "help": judgement.finding.help})
            });
            ("written", json!({"file": file, "refused": refused.collect::<Vec<_>>()}))
        }
        Sealing::Refused(problems) => {
            ("refused", json!({"problems": show::problems_json(problems)}))
        }
    };
    let mut value = json!({"package": package.name(), "result": result});
    if let (Value::Object(value), Value::Object(details)) = (&mut value, details) {
        value.extend(details);
    }
    value
}

fn print(package: &Package, project: &Project, sealing: &Sealing) {
    match sealing {
        Sealing::Nothing => say!("{}: no changes, nothing to seal", package.name()),
        Sealing::Sealed(migration) => print_sealed(package, project, migration),
        Sealing::Written { file, text, refused } => print_written(file, text, refused),
        Sealing::Refused(problems) => {
            show::problems(problems);
            show::tell!("nothing was sealed");
        }
    }
}

fn print_sealed(package: &Package, project: &Project, migration: &Migration) {
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

fn print_written(file: &Path, text: &str, refused: &[Judgement]) {
    let file = file.display();
    if refused.is_empty() {
        say!("wrote {file}: write what it does,");
        say!("then run this command again to seal the migration");
        return;
    }
    say!("wrote {file} for these changes:");
    for judgement in refused {
        say!("  {}", judgement.finding.message);
        judgement.finding.help.iter().for_each(|help| say!("      {help}"));
    }
    if refused.iter().any(|judgement| !judgement.finding.help.is_empty()) {
        say!("\nif one of these remedies is right, apply it and delete the file; otherwise");
    } else {
        say!();
    }
    if text.contains("<value for ") {
        say!("replace each `<value for …>` by an expression,");
    } else {
        say!("check the statements of the file, and edit them if needed,");
    }
    say!("then run this command again to seal the migration");
    if refused.iter().any(Judgement::loses) {
        say!("\nthe migration loses data, and you have to accept that: for a removed field by");
        say!(
            "`#[removed(\"…\")]` on its struct, otherwise by `--accept HASH` (`kontract plan` shows"
        );
        say!("the hash)");
    }
}
