//! The command line: one file per command; plain text for people and pipes, JSON for programs.
//!
//! Results go to standard output, everything else to standard error. To add a command: a file here with its `Args` and
//! `run`, a variant of [`Command`], an arm of [`Command::run`].

mod completions;
pub mod exit;
pub mod out;
pub mod place;

use std::process::ExitCode;

use clap::{CommandFactory, Parser, Subcommand};

use exit::{Exit, Failure, Outcome};
use out::Out;
use place::Place;

/// Deliver webhooks for certain, and see and steer it in the terminal.
///
/// Without a command: the console, which delivers too unless another process already does.
#[derive(Debug, Parser)]
#[command(name = "hooktui", version, max_term_width = 100, arg_required_else_help = false)]
pub struct Cli {
    #[command(flatten)]
    place: Place,
    #[command(subcommand)]
    command: Option<Command>,
}

/// The commands, in the order of `--help`.
#[derive(Debug, Subcommand)]
enum Command {
    /// Print shell completions
    Completions(completions::Args),
}

impl Command {
    fn run(self, place: &Place, out: &mut Out) -> Outcome {
        let _ = place;
        match self {
            Self::Completions(args) => completions::run(&args, &mut Cli::command(), out),
        }
    }
}

/// Parses the command line, runs the command, tells a failure, and gives the exit code.
#[must_use]
pub fn main() -> ExitCode {
    let cli = match Cli::try_parse() {
        Ok(cli) => cli,
        Err(error) => {
            // Help and version arrive here too; a reader that has gone is no failure.
            let _ = error.print();
            return if error.use_stderr() { Exit::Usage.into() } else { Exit::Done.into() };
        }
    };
    let mut out = Out::new();
    let result = match cli.command {
        Some(command) => command.run(&cli.place, &mut out),
        None => Err(Failure::failed("the console is not built yet")),
    };
    match result.and_then(|exit| out.flush().map(|()| exit).map_err(Failure::from)) {
        Ok(exit) => exit.into(),
        Err(failure) => {
            // What was found out before it failed still reaches the reader.
            let _ = out.flush();
            if !failure.text.is_empty() {
                out::tell(&failure.text);
            }
            failure.exit.into()
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_command_line_is_sound() {
        Cli::command().debug_assert();
    }
}
