//! `kontract migrate create`: seals the changes, or writes the manual migration they need.

use clap::Args;

use crate::args::Global;
use crate::command::{Answer, sealing};
use crate::failure::Failure;
use crate::package;

/// Seal the changes as the next migration, or write the manual migration that they need
#[derive(Args, Debug)]
#[command(after_help = "\
Examples:
  kontract migrate create add_posts
  kontract migrate create drop_email      writes migrations/0002_drop_email.sql; run it twice
  kontract migrate create --rs split      writes migrations/0002_split.rs, in Rust

If every change passes, the command seals them. If a change is refused, it writes a ready-made
manual migration, says what to check, and ends with status 1. Complete the file and run the
command again.")]
pub struct Create {
    /// What the migration does: lower-case letters, digits and `_`
    name: String,
    /// Accept the data loss of the plan with this hash, which `kontract plan` shows
    #[arg(long, value_name = "HASH")]
    accept: Option<String>,
    /// Write the migration in Rust, even if no change needs one
    #[arg(long)]
    rs: bool,
}

impl Create {
    pub fn run(&self, global: &Global) -> Result<Answer, Failure> {
        let (package, project) = package::open(global)?;
        let warnings = project.look()?.warned;
        let sealing = project.create(&self.name, self.accept.as_deref(), self.rs)?;
        Ok(sealing::report(global, &package, &project, &sealing, &warnings))
    }
}
