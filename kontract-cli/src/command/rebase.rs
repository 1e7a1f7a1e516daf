//! `kontract rebase`: combines the lock files of two branches, which it reads from git.

use clap::{Args, ValueEnum};
use kontract_build::project::Project;
use kontract_build::project::rebase::{Rebasing, Sides};
use kontract_schema::lock::LockFile;
use kontract_schema::lock::rebase::Rebased;
use serde_json::{Value, json};

use crate::args::Global;
use crate::command::Answer;
use crate::failure::Failure;
use crate::git::File;
use crate::package;
use crate::show::{self, say};

/// Renumber the migrations of one branch after those of another
#[derive(Args, Debug)]
#[command(after_help = "\
Examples:
  git merge main        conflict in kontract.lock.json
  kontract rebase       the migrations of main keep their numbers, ours follow
  git add kontract.lock.json migrations

The command takes the three versions of the lock file from the conflict. In a merge, the merged
branch keeps its numbers; in `git rebase` and `git cherry-pick`, the commits that are already
there do; `--keep` overrides that. If both branches change the same thing, the command names it
and writes nothing. Sealed statements do not change; files of manual migrations are renamed.")]
pub struct Rebase {
    /// Without a conflict: the migrations of HEAD follow those of this commit
    #[arg(long, value_name = "COMMIT")]
    onto: Option<String>,
    /// The side of the conflict whose migrations keep their numbers
    #[arg(long, value_name = "SIDE", value_enum, conflicts_with = "onto")]
    keep: Option<Side>,
}

/// A side of a conflict, as git names it.
#[derive(Clone, Copy, Debug, PartialEq, Eq, ValueEnum)]
enum Side {
    /// The commit that is checked out
    Ours,
    /// The commit that is merged or applied
    Theirs,
}

impl Rebase {
    pub fn run(&self, global: &Global) -> Result<Answer, Failure> {
        let (package, project) = package::open(global)?;
        let path = package.dir().join(project.lock_path());
        let file = File::new(&path);
        let sides = match &self.onto {
            Some(commit) => sides_of_commits(&project, &file, commit)?,
            None => sides_of_conflict(&project, &file, self.keep)?,
        };
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
            show::json(&as_json(package.name(), &rebased, &moved));
        } else {
            print(package.name(), &project, &rebased, &moved);
        }
        Ok(Answer::Yes)
    }
}

/// The three versions of a conflict.
fn sides_of_conflict(project: &Project, file: &File, keep: Option<Side>) -> Result<Sides, Failure> {
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
    let keep = keep.unwrap_or(if file.is_merging() { Side::Theirs } else { Side::Ours });
    let (first, second) = match keep {
        Side::Ours => (ours, theirs),
        Side::Theirs => (theirs, ours),
    };
    Ok(Sides { base, first, second })
}

/// The migrations of HEAD after those of a commit.
fn sides_of_commits(project: &Project, file: &File, commit: &str) -> Result<Sides, Failure> {
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
    let sides = Sides { base: read(&base)?, first: read(commit)?, second: read("HEAD")? };
    // A migration that no commit has would be lost. A lock file with conflict markers has none.
    if let Ok(look) = project.look() {
        let known = |hash: &str| {
            let all = sides.first.migrations.iter().chain(&sides.second.migrations);
            all.into_iter().any(|migration| migration.hash == hash)
        };
        if let Some(own) = look.lock.migrations.iter().find(|own| !known(&own.hash)) {
            let (version, name) = (own.version, &own.name);
            let message = format!("migration {version} `{name}` is not committed yet");
            return Err(Failure::new(message)
                .help(format!("commit {} first", project.lock_path().display())));
        }
    }
    Ok(sides)
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

fn as_json(package: &str, rebased: &Rebased, moved: &[Moved]) -> Value {
    let migrations = moved.iter();
    let migrations =
        migrations.map(|moved| json!({"name": moved.name, "from": moved.from, "to": moved.to}));
    let files = rebased.renamed.iter().map(|(from, to)| json!({"from": from, "to": to}));
    json!({
        "package": package,
        "version": rebased.lock.version,
        "moved": migrations.collect::<Vec<_>>(),
        "files": files.collect::<Vec<_>>(),
    })
}

fn print(package: &str, project: &Project, rebased: &Rebased, moved: &[Moved]) {
    let lock = project.lock_path().display();
    say!("{package}: {lock} has the migrations of both, version {}", rebased.lock.version);
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
