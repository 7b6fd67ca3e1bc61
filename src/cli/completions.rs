//! `hooktui completions SHELL`.

use clap_complete::{Shell, generate};

use super::exit::{Exit, Outcome};
use super::out::Out;

/// Options of `completions`.
#[derive(Debug, clap::Args)]
pub struct Args {
    /// For which shell
    #[arg(value_enum)]
    shell: Shell,
}

/// Prints the completion script.
pub fn run(args: &Args, command: &mut clap::Command, out: &mut Out) -> Outcome {
    let mut script = Vec::new();
    generate(args.shell, command, "hooktui", &mut script);
    out.line(String::from_utf8_lossy(&script).trim_end())?;
    Ok(Exit::Done)
}
