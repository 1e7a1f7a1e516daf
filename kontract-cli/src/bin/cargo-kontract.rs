//! The program behind `cargo kontract`.

use std::process::ExitCode;

fn main() -> ExitCode {
    let mut arguments: Vec<_> = std::env::args_os().collect();
    // Cargo gives the name of the subcommand first.
    if arguments.get(1).is_some_and(|first| first == "kontract") {
        arguments.remove(1);
        arguments[0] = "cargo kontract".into();
    }
    kontract_cli::main(arguments)
}
