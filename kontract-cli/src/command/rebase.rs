//! `kontract rebase`: the lock files of two branches, from git, become one.

use kontract_build::project::rebase::{Rebasing, Sides};
use kontract_build::project::{Problem, Project};
use kontract_schema::lock::LockFile;
use kontract_schema::lock::rebase::Rebased;
use serde_json::{Value, json};

use crate::Answer;
use crate::args::{Global, Rebase, Side};
use crate::failure::Failure;
use crate::git::File;
use crate::package;
use crate::show::{self, say};

pub fn run(global: &Global, options: &Rebase) -> Result<Answer, Failure> {
    let (package, project) = package::open(global)?;
    let path = package.dir().join(project.lock_path());
    let file = File::new(&path);
    let sides = match &options.onto {
        Some(commit) => of_commits(&project, &file, commit)?,
        None => of_conflict(&project, &file, options.keep)?,
    };
    let rebased = match project.rebase(&sides)? {
        Rebasing::Done(rebased) => rebased,
        Rebasing::Refused(problems) => {
            let problems: Vec<Problem> = problems
                .iter()
                .map(|diagnostic| Problem { place: None, diagnostic: diagnostic.clone() })
                .collect();
            if global.json {
                let problems = show::problems_json(&problems);
                show::json(&json!({"package": package.name(), "problems": problems}));
            }
            show::problems(&problems);
            show::tell!("nothing was written");
            return Ok(Answer::No);
        }
    };
    let moved = moved(&sides.second, &rebased);
    match global.json {
        true => show::json(&as_json(package.name(), &rebased, &moved)),
        false => as_text(package.name(), &project, &rebased, &moved),
    }
    Ok(Answer::Yes)
}

/// The three versions of a conflict.
fn of_conflict(project: &Project, file: &File, keep: Option<Side>) -> Result<Sides, Failure> {
    let name = project.lock_path().display();
    let Some([base, ours, theirs]) = file.conflict()? else {
        return Err(Failure::new(format!("git has no conflict in {name}"))
            .help("run it where `git merge` or `git rebase` stops at that file")
            .help("or say on top of which commit: `kontract rebase --onto main`"));
    };
    let side = |text: Option<String>, whose: &str| -> Result<LockFile, Failure> {
        match text {
            Some(text) => Ok(project.read_lock(&text, whose)?),
            None => Err(Failure::new(format!("{name} is deleted on {whose}"))
                .help("decide whether there is one: `git add` or `git rm`")),
        }
    };
    let (ours, theirs) = (side(ours, "our side")?, side(theirs, "their side")?);
    let base = match base {
        Some(text) => project.read_lock(&text, "the common commit")?,
        None => LockFile::default(),
    };
    let keep = keep.unwrap_or(if file.merges() { Side::Theirs } else { Side::Ours });
    let (first, second) = match keep {
        Side::Ours => (ours, theirs),
        Side::Theirs => (theirs, ours),
    };
    Ok(Sides { base, first, second })
}

/// HEAD's on top of those of a commit.
fn of_commits(project: &Project, file: &File, commit: &str) -> Result<Sides, Failure> {
    if !file.knows(commit) {
        return Err(Failure::new(format!("git knows no commit `{commit}`")));
    }
    let base = file.merge_base("HEAD", commit)?;
    let read = |commit: &str| -> Result<LockFile, Failure> {
        match file.in_commit(commit)? {
            Some(text) => Ok(project.read_lock(&text, &format!("commit `{commit}`"))?),
            None => Ok(LockFile::default()),
        }
    };
    let sides = Sides { base: read(&base)?, first: read(commit)?, second: read("HEAD")? };
    // What is nowhere else would be gone. A lock file with a conflict in it has nothing of its own.
    if let Ok(look) = project.look() {
        let known = |hash: &str| {
            let all = sides.first.migrations.iter().chain(&sides.second.migrations);
            all.into_iter().any(|migration| migration.hash == hash)
        };
        if let Some(own) = look.lock.migrations.iter().find(|own| !known(&own.hash)) {
            let (version, name) = (own.version, &own.name);
            let message = format!("migration {version} `{name}` is in no commit yet");
            return Err(Failure::new(message)
                .help(format!("commit {} first", project.lock_path().display())));
        }
    }
    Ok(sides)
}

/// A migration with another number: its name, the number it had, and the one it has.
struct Moved {
    name: String,
    from: u32,
    to: u32,
}

fn moved(before: &LockFile, rebased: &Rebased) -> Vec<Moved> {
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

fn as_text(package: &str, project: &Project, rebased: &Rebased, moved: &[Moved]) {
    let lock = project.lock_path().display();
    say!("{package}: {lock} is at version {} and has the migrations of both", rebased.lock.version);
    for Moved { name, from, to } in moved {
        say!("  `{name}` was version {from} and is version {to}");
    }
    for (from, to) in &rebased.renamed {
        let path = |file: &str| project.migration_path(file).display().to_string();
        say!("  {} is {} now", path(from), path(to));
    }
    match rebased.renamed.is_empty() {
        true => say!("build, then `git add {lock}`"),
        false => say!("build, then `git add {lock} {}`", project.migration_path("").display()),
    }
    if !moved.is_empty() {
        show::tell!(
            "note: a database that has run one of them under its old number has another history; \
             take it back there first, or make that database anew: `kontract refresh`"
        );
    }
}
