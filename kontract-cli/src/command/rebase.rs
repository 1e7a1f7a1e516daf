//! `kontract rebase`: combines the lock files of two branches, which it reads from git.

use clap::{Args, ValueEnum};
use kontract_build::project::Project;
use kontract_build::project::rebase::{Rebasing, Sides, own_migrations};
use kontract_schema::lock::rebase::Rebased;
use kontract_schema::lock::{LockFile, Migration};
use serde_json::{Value, json};

use crate::args::Global;
use crate::command::Answer;
use crate::failure::Failure;
use crate::git::File;
use crate::package;
use crate::show::{self, say};
use released::Releases;

mod released;

/// Renumber the migrations of one branch after those of another
#[derive(Args, Debug)]
#[command(after_help = "\
Examples:
  git merge main        conflict in kontract.lock.json
  kontract rebase       the migrations of main keep their numbers, ours follow
  git add kontract.lock.json migrations

The command takes the three versions of the lock file from the conflict. The branch whose
migrations have been released keeps their numbers: they are in the default branch, in a tag, or
in the database of --database-url. If no branch has been released, the merged branch keeps its
numbers; in `git rebase` and `git cherry-pick`, the commits that are already there do. If both
branches change the same thing, the command names it and writes nothing. Sealed statements do
not change; files of manual migrations are renamed.")]
pub struct Rebase {
    /// Without a conflict: the migrations of HEAD follow those of this commit
    #[arg(long, value_name = "COMMIT")]
    onto: Option<String>,
    /// The side of the conflict whose migrations keep their numbers
    #[arg(long, value_name = "SIDE", value_enum, conflicts_with = "onto")]
    keep: Option<Side>,
    /// Give new numbers to migrations even if they have been released
    #[arg(long)]
    force: bool,
}

/// A side of a conflict, as git names it.
#[derive(Clone, Copy, Debug, PartialEq, Eq, ValueEnum)]
enum Side {
    /// The commit that is checked out
    Ours,
    /// The commit that is merged or applied
    Theirs,
}

impl Side {
    fn other(self) -> Side {
        match self {
            Side::Ours => Side::Theirs,
            Side::Theirs => Side::Ours,
        }
    }

    fn name(self) -> &'static str {
        match self {
            Side::Ours => "ours",
            Side::Theirs => "theirs",
        }
    }
}

/// The lock files of both sides and of their merge base.
struct Branches {
    base: LockFile,
    ours: LockFile,
    theirs: LockFile,
    /// The side whose migrations keep their numbers if no side has been released.
    usual: Side,
}

impl Branches {
    fn into_sides(self, kept: Side) -> Sides {
        let Branches { base, ours, theirs, .. } = self;
        let (first, second) = match kept {
            Side::Ours => (ours, theirs),
            Side::Theirs => (theirs, ours),
        };
        Sides { base, first, second }
    }

    /// The migrations that only one side has.
    fn own(&self, side: Side) -> &[Migration] {
        let (own, other) = match side {
            Side::Ours => (&self.ours, &self.theirs),
            Side::Theirs => (&self.theirs, &self.ours),
        };
        own_migrations(own, other)
    }
}

impl Rebase {
    pub fn run(&self, global: &Global) -> Result<Answer, Failure> {
        let (package, project) = package::open(global)?;
        let path = package.dir().join(project.lock_path());
        let file = File::new(&path);
        let branches = match &self.onto {
            Some(commit) => read_commits(&project, &file, commit)?,
            None => read_conflict(&project, &file)?,
        };
        let own = [branches.own(Side::Ours), branches.own(Side::Theirs)];
        let releases = Releases::find(global, &project, &file, own)?;
        let (kept, why) = self.choose_kept(&branches, &releases)?;
        let sides = branches.into_sides(kept);
        let rebased = match project.rebase(&sides)? {
            Rebasing::Done(rebased) => rebased,
            Rebasing::Refused(problems) => {
                show::refusal(package.name(), &problems, global.json);
                show::tell!("nothing was written");
                return Ok(Answer::No);
            }
        };
        let moved = list_moved(&sides.second, &rebased);
        if global.json {
            show::json(&as_json(package.name(), &rebased, &moved, kept, &why));
        } else {
            print(package.name(), &project, &rebased, &moved, &why);
        }
        Ok(Answer::Yes)
    }

    /// Chooses the side whose migrations keep their numbers. Returns it with the reason.
    ///
    /// # Errors
    /// Migrations that have been released would get new numbers.
    fn choose_kept(
        &self,
        branches: &Branches,
        releases: &Releases,
    ) -> Result<(Side, String), Failure> {
        let places = |side| releases.list_places(branches.own(side));
        let (ours, theirs) = (places(Side::Ours), places(Side::Theirs));
        let asked = self.keep.or(self.onto.as_ref().map(|_| Side::Theirs));
        let kept = asked.unwrap_or(match (ours.is_empty(), theirs.is_empty()) {
            (false, true) => Side::Ours,
            (true, false) => Side::Theirs,
            _ => branches.usual,
        });
        let (kept_places, moved_places) = match kept {
            Side::Ours => (ours, theirs),
            Side::Theirs => (theirs, ours),
        };
        if !moved_places.is_empty() && !self.force {
            let moved = kept.other();
            let names: Vec<String> =
                branches.own(moved).iter().map(|one| format!("`{}`", one.name)).collect();
            let what = format!(
                "{} of {} would get new numbers, but have been released: {}",
                names.join(", "),
                self.describe(moved),
                moved_places.join(", ")
            );
            let databases = "a database that ran them would refuse the new history (K0421)";
            return Err(Failure::new(what).note(databases).help(match (&self.onto, &kept_places[..]) {
                (Some(commit), []) => format!(
                    "rebase the other branch instead: `git checkout {commit}`, `kontract rebase --onto BRANCH`"
                ),
                (None, []) => match moved {
                    Side::Ours => "keep them: `kontract rebase --keep ours`".to_owned(),
                    Side::Theirs => "keep them: `kontract rebase --keep theirs`".to_owned(),
                },
                _ => "the other branch has been released too: one of them has to get new numbers. Choose it, and \
                      recreate the databases that ran it: `--force`"
                    .to_owned(),
            }));
        }
        let why = if kept_places.is_empty() {
            format!("{} keeps its numbers: no released migration was found", self.describe(kept))
        } else {
            format!(
                "{} keeps its numbers: released in {}",
                self.describe(kept),
                kept_places.join(", ")
            )
        };
        Ok((kept, why))
    }

    fn describe(&self, side: Side) -> String {
        match (&self.onto, side) {
            (Some(commit), Side::Theirs) => format!("`{commit}`"),
            (Some(_), Side::Ours) => "HEAD".to_owned(),
            (None, Side::Ours) => "our side".to_owned(),
            (None, Side::Theirs) => "their side".to_owned(),
        }
    }
}

/// The three versions of a conflict.
fn read_conflict(project: &Project, file: &File) -> Result<Branches, Failure> {
    let name = project.lock_path().display();
    let Some([base, ours, theirs]) = file.conflict()? else {
        return Err(Failure::new(format!("git has no conflict in {name}"))
            .help("run this command when `git merge` or `git rebase` stops at that file")
            .help("or name the commit to follow: `kontract rebase --onto main`"));
    };
    let side = |text: Option<String>, whose: &str| -> Result<LockFile, Failure> {
        match text {
            Some(text) => Ok(project.read_lock(&text, whose)?),
            None => Err(Failure::new(format!("{name} is deleted on {whose}"))
                .help("keep or delete the file first: `git add` or `git rm`")),
        }
    };
    let (ours, theirs) = (side(ours, "our side")?, side(theirs, "their side")?);
    let base = match base {
        Some(text) => project.read_lock(&text, "the common commit")?,
        None => LockFile::default(),
    };
    let usual = if file.is_merging() { Side::Theirs } else { Side::Ours };
    Ok(Branches { base, ours, theirs, usual })
}

/// The migrations of HEAD, which follow those of a commit.
fn read_commits(project: &Project, file: &File, commit: &str) -> Result<Branches, Failure> {
    if !file.has_commit(commit) {
        return Err(Failure::new(format!("git has no commit `{commit}`")));
    }
    let base = file.merge_base("HEAD", commit)?;
    let read = |commit: &str| -> Result<LockFile, Failure> {
        match file.read_in_commit(commit)? {
            Some(text) => Ok(project.read_lock(&text, &format!("commit `{commit}`"))?),
            None => Ok(LockFile::default()),
        }
    };
    let (base, ours, theirs) = (read(&base)?, read("HEAD")?, read(commit)?);
    // A migration that no commit has would be lost. A lock file with conflict markers has none.
    if let Ok(look) = project.look() {
        let known = |hash: &str| {
            ours.migrations.iter().chain(&theirs.migrations).any(|migration| migration.hash == hash)
        };
        if let Some(own) = look.lock.migrations.iter().find(|own| !known(&own.hash)) {
            let (version, name) = (own.version, &own.name);
            let message = format!("migration {version} `{name}` is not committed yet");
            return Err(Failure::new(message)
                .help(format!("commit {} first", project.lock_path().display())));
        }
    }
    Ok(Branches { base, ours, theirs, usual: Side::Theirs })
}

/// A migration that got another number.
struct Moved {
    name: String,
    from: u32,
    to: u32,
}

fn list_moved(before: &LockFile, rebased: &Rebased) -> Vec<Moved> {
    let own = before.migrations.iter().filter_map(|own| {
        let now = rebased.lock.migrations.iter().find(|now| now.name == own.name)?;
        let moved = Moved { name: own.name.clone(), from: own.version, to: now.version };
        (moved.from != moved.to).then_some(moved)
    });
    own.collect()
}

fn as_json(package: &str, rebased: &Rebased, moved: &[Moved], kept: Side, why: &str) -> Value {
    let migrations = moved.iter();
    let migrations =
        migrations.map(|moved| json!({"name": moved.name, "from": moved.from, "to": moved.to}));
    let files = rebased.renamed.iter().map(|(from, to)| json!({"from": from, "to": to}));
    json!({
        "package": package,
        "version": rebased.lock.version,
        "kept": kept.name(),
        "reason": why,
        "moved": migrations.collect::<Vec<_>>(),
        "files": files.collect::<Vec<_>>(),
    })
}

fn print(package: &str, project: &Project, rebased: &Rebased, moved: &[Moved], why: &str) {
    let lock = project.lock_path().display();
    say!("{package}: {lock} has the migrations of both, version {}", rebased.lock.version);
    if !moved.is_empty() {
        say!("  {why}");
    }
    for Moved { name, from, to } in moved {
        say!("  `{name}`: version {from} is now version {to}");
    }
    for (from, to) in &rebased.renamed {
        let path = |file: &str| project.migration_path(file).display().to_string();
        say!("  {} is now {}", path(from), path(to));
    }
    if rebased.renamed.is_empty() {
        say!("build, then `git add {lock}`");
    } else {
        say!("build, then `git add {lock} {}`", project.migration_path("").display());
    }
    if !moved.is_empty() {
        show::tell!(
            "note: a database that ran one of them under its old number has another history: roll it \
             back there first, or recreate that database with `kontract refresh`"
        );
    }
}
