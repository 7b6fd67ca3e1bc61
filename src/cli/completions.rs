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

/// Prints the completion script. Commands that `--help` does not show are none to be offered.
pub fn run(args: &Args, command: &clap::Command, out: &mut Out) -> Outcome {
    let shown = command.get_subcommands().filter(|one| !one.is_hide_set()).cloned();
    let mut command = clap::Command::new("hooktui")
        .version(env!("CARGO_PKG_VERSION"))
        .args(command.get_arguments().cloned())
        .subcommands(shown);
    let mut script = Vec::new();
    generate(args.shell, &mut command, "hooktui", &mut script);
    out.line(String::from_utf8_lossy(&script).trim_end())?;
    Ok(Exit::Done)
}
