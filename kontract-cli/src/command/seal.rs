//! `kontract seal`: the changes become the next migration.

use clap::Args;

use crate::args::Global;
use crate::command::{Answer, sealing};
use crate::failure::Failure;
use crate::package;

/// Seal the changes as the next migration
#[derive(Args, Debug)]
#[command(after_help = "\
Examples:
  kontract seal add_posts
  kontract seal               a manual migration already has its name
  kontract seal --accept 1f0c2b3a4d5e6f70    accept the data loss of this plan

`KONTRACT_SEAL=add_posts cargo build` does the same. A sealed migration never changes again:
commit kontract.lock.json.")]
pub struct Seal {
    /// What the migration does: lower-case letters, digits and `_`
    name: Option<String>,
    /// Accept the data loss of the plan with this hash, which `kontract plan` shows
    #[arg(long, value_name = "HASH")]
    accept: Option<String>,
}

impl Seal {
    pub fn run(&self, global: &Global) -> Result<Answer, Failure> {
        let (package, project) = package::open(global)?;
        let warnings = project.look()?.warned;
        let sealing = project.seal(self.name.as_deref(), self.accept.as_deref())?;
        Ok(sealing::report(global, &package, &project, &sealing, &warnings))
    }
}
