//! The program `kontract`.

use std::process::ExitCode;

fn main() -> ExitCode {
    kontract_cli::main(std::env::args_os().collect())
}
