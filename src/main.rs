//! The `hooktui` program: parse, call, exit code.

use std::process::ExitCode;

fn main() -> ExitCode {
    hooktui::cli::main()
}
