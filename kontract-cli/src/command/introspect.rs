//! `kontract introspect`: structs for the tables of a live database.
//!
//! What was written is read again as the build script reads it, and compared with the database, so
//! that what the structs do not say is told.

use std::fs::OpenOptions;
use std::io::{ErrorKind, Write as _};
use std::path::Path;

use kontract_schema::catalog::{self, Catalog};
use kontract_schema::introspect::{self, Source};
use serde_json::json;

use crate::Answer;
use crate::args::{Global, Introspect};
use crate::database;
use crate::failure::Failure;
use crate::show::{self, say, tell};

pub fn run(global: &Global, options: &Introspect) -> Result<Answer, Failure> {
    let live = database::inspect(global, async |inspector| inspector.catalog(None).await)?;
    if let Some(missing) = options.tables.iter().find(|name| !live.tables.contains_key(*name)) {
        let names: Vec<String> = live.tables.keys().map(|name| format!("`{name}`")).collect();
        return Err(Failure::new(format!("the database has no table `{missing}`"))
            .note(format!("it has {}", names.join(", "))));
    }
    let source = introspect::source(&live, &options.tables);
    let differences = differences(&source, &live);
    if let Some(path) = &options.out {
        write(path, &source.text)?;
    }
    match global.json {
        true => show::json(&json!({
            "source": source.text,
            "tables": source.tables,
            "features": source.features,
            "left_out": source.left_out.iter()
                .map(|(table, what)| json!({"table": table, "message": what}))
                .collect::<Vec<_>>(),
            "differences": differences,
            "file": options.out,
        })),
        false => as_text(options.out.as_deref(), &source, &differences),
    }
    Ok(Answer::Yes)
}

/// What differs between the database and the structs.
fn differences(source: &Source, live: &Catalog) -> Vec<String> {
    match introspect::reread("introspect", &source.text) {
        Err(problems) => problems,
        Ok(schema) => {
            let expected = catalog::expected(live.dialect, &schema);
            let found = catalog::compare(&expected, live);
            found.iter().map(ToString::to_string).collect()
        }
    }
}

/// What is there already is somebody's work.
fn write(path: &Path, text: &str) -> Result<(), Failure> {
    let shown = path.display();
    let file = OpenOptions::new().write(true).create_new(true).open(path);
    let written = file.and_then(|mut file| file.write_all(text.as_bytes()));
    written.map_err(|error| match error.kind() {
        ErrorKind::AlreadyExists => Failure::new(format!("{shown} is there already"))
            .note("nothing was changed")
            .help("name another file, or remove it first"),
        _ => Failure::new(format!("{shown} cannot be written: {error}")),
    })
}

fn as_text(out: Option<&Path>, source: &Source, differences: &[String]) {
    match out {
        None => say!("{}", source.text.trim_end()),
        Some(path) => {
            let tables = match source.tables {
                1 => "one table".to_owned(),
                many => format!("{many} tables"),
            };
            say!("wrote {} with {tables}", path.display());
        }
    }
    if !source.features.is_empty() {
        let features: Vec<String> =
            source.features.iter().map(|feature| format!("\"{feature}\"")).collect();
        tell!("note: it needs `kontract` with features = [{}]", features.join(", "));
    }
    if source.features.contains("jiff") {
        tell!("note: it names the crate `jiff`: add it to the dependencies");
    }
    for (table, what) in &source.left_out {
        tell!("note: not taken over of `{table}`: {what}");
    }
    for difference in differences {
        tell!("note: the structs differ from the database: {difference}");
    }
}
