//! `kontract flatbuffers`: what is sealed, as a FlatBuffers schema.

use kontract_schema::export::flatbuffers;
use serde_json::json;

use crate::Answer;
use crate::args::{Flatbuffers, Global};
use crate::failure::Failure;
use crate::package;
use crate::show::{self, say};

pub fn run(global: &Global, options: &Flatbuffers) -> Result<Answer, Failure> {
    let (package, project) = package::open(global)?;
    let look = project.look()?;
    let text = flatbuffers::schema(package.name(), &look.lock);
    let unsealed = look.gate.as_ref().is_none_or(|gate| !gate.changes.is_empty());
    if unsealed {
        show::tell!("note: the source has changes that are not sealed; they have no ids yet");
    }
    if let Some(path) = &options.out {
        std::fs::write(path, &text).map_err(|error| {
            Failure::new(format!("{} cannot be written: {error}", path.display()))
                .help("name another file, or make its directory first")
        })?;
    }
    match (global.json, &options.out) {
        (true, file) => show::json(&json!({
            "package": package.name(), "version": look.lock.version, "schema": text, "file": file,
        })),
        (false, Some(path)) => say!("wrote {}", path.display()),
        (false, None) => say!("{}", text.trim_end()),
    }
    Ok(Answer::Yes)
}
