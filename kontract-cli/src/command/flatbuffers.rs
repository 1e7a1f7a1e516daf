//! `kontract flatbuffers`: prints the sealed tables as a FlatBuffers schema.

use std::path::PathBuf;

use clap::Args;
use kontract_schema::export::flatbuffers;
use serde_json::json;

use crate::args::Global;
use crate::command::Answer;
use crate::failure::Failure;
use crate::package;
use crate::show::{self, say};

/// Print the FlatBuffers schema of the sealed tables
#[derive(Args, Debug)]
#[command(after_help = "\
Examples:
  kontract flatbuffers --out app.fbs && flatc --ts app.fbs
  kontract flatbuffers | diff app.fbs -    in CI: the committed schema is up to date

The schema contains sealed fields only, because the lock file keeps their ids. Fields may move
and be renamed; a removed field keeps its id, as `(deprecated)`; a field with a new type gets a
new id. No field is `required`, so that this can change. Every version of the schema can read the
bytes of every other.")]
pub struct Flatbuffers {
    /// Write to this file instead of standard output
    #[arg(long, value_name = "FILE")]
    out: Option<PathBuf>,
}

impl Flatbuffers {
    pub fn run(&self, global: &Global) -> Result<Answer, Failure> {
        let (package, project) = package::open(global)?;
        let look = project.look()?;
        let text = flatbuffers::schema(package.name(), &look.lock);
        let unsealed = look.gate.as_ref().is_none_or(|gate| !gate.changes.is_empty());
        if unsealed {
            show::tell!("note: the source has unsealed changes; they have no ids yet");
        }
        if let Some(path) = &self.out {
            std::fs::write(path, &text).map_err(|error| {
                Failure::new(format!("{} cannot be written: {error}", path.display()))
                    .help("name another file, or create its directory first")
            })?;
        }
        match (global.json, &self.out) {
            (true, file) => show::json(&json!({
                "package": package.name(), "version": look.lock.version, "schema": text, "file": file,
            })),
            (false, Some(path)) => say!("wrote {}", path.display()),
            (false, None) => say!("{}", text.trim_end()),
        }
        Ok(Answer::Yes)
    }
}
