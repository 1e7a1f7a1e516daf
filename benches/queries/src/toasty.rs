//! Toasty, which runs as a program of its own: see its manifest.

use std::io::{BufRead, BufReader, Write};
use std::path::Path;
use std::process::{Child, ChildStdin, ChildStdout, Command, Stdio};
use std::time::Duration;

use kontract_test_support::{Database, execute};
use queries_bench_peer::{Failure, Op};

use crate::databases::{Lane, Rounds, Timed};

/// The program, its input and its output.
struct Program {
    child: Child,
    input: ChildStdin,
    output: BufReader<ChildStdout>,
}

/// Builds and starts it.
pub fn lane(database: Database) -> Result<Lane, Failure> {
    if !database.is_postgres() {
        execute(database.url(), "PRAGMA journal_mode = wal");
    }
    let directory = Path::new(env!("CARGO_MANIFEST_DIR")).join("toasty");
    let mut program = Command::new("cargo")
        .args(["run", "--release", "--quiet", "--", database.url()])
        .current_dir(directory)
        .stdin(Stdio::piped())
        .stdout(Stdio::piped())
        .spawn()?;
    let input = program.stdin.take().ok_or("it is piped")?;
    let output = program.stdout.take().ok_or("it is piped")?;
    let mut program = Program { child: program, input, output: BufReader::new(output) };
    program.read()?;
    Ok(Lane::elsewhere("toasty", database, Box::new(program)))
}

impl Program {
    fn read(&mut self) -> Result<String, Failure> {
        let mut line = String::new();
        match self.output.read_line(&mut line)? {
            0 => Err("the program ended".into()),
            _ => Ok(line.trim().to_owned()),
        }
    }
}

impl Rounds for Program {
    fn round(&mut self, op: Op) -> Timed<'_> {
        Box::pin(async move {
            writeln!(self.input, "{}", op.name())?;
            Ok(Duration::from_nanos(self.read()?.parse()?))
        })
    }
}

impl Drop for Program {
    fn drop(&mut self) {
        // With its input it ends by itself; this is for one that hangs.
        let _ = self.child.kill();
        let _ = self.child.wait();
    }
}
