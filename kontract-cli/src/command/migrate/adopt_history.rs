//! `kontract migrate adopt-history`: a renamed or split package goes on with the history of its former key.

use clap::Args;

use super::runner;
use super::target::Target;
use crate::args::Global;
use crate::command::Answer;
use crate::failure::Failure;

/// Continue the history of a package that was renamed or split
#[derive(Args, Debug)]
#[command(after_help = "\
Examples:
  kontract migrate adopt-history --from old_name --dry-run
  kontract migrate adopt-history --from old_name

Databases keep the history of a package under its name, or under `history_key` of kontract.toml. If
the package was renamed, its rows move to the new key. If its structs were moved here from a package
that goes on without them, only the tables change their owner: they are compared with the lock file,
and all its migrations are recorded as applied. The former package declares its structs
`#[table(external)]`, which is a migration without statements, before it removes them: a removed
struct drops its table. All of it is one transaction.")]
pub struct AdoptHistory {
    /// The former key: the column `package` in `_kontract_migrations`
    #[arg(long, value_name = "KEY")]
    from: String,
    /// Show what would be done
    #[arg(long)]
    dry_run: bool,
}

impl AdoptHistory {
    pub fn run(&self, global: &Global) -> Result<Answer, Failure> {
        let target = Target::read(global)?;
        if self.dry_run {
            return runner::print_planned(global, &target, async |migrator| {
                migrator.plan_adopt_history(&self.from).await
            });
        }
        runner::run_work(global, &target, None, async |migrator| {
            migrator.adopt_history(&self.from).await
        })
    }
}
