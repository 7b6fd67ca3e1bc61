//! The command line: one file per command; plain text for people and pipes, JSON for programs.
//!
//! Results go to standard output, everything else to standard error. To add a command: a file here with its `Args` and
//! `run`, a variant of `Command`, an arm of `Command::run`.

mod actor;
mod bench;
mod cancel;
mod check;
mod completions;
mod console;
mod deliveries;
mod demo;
mod dlq;
mod emit;
mod endpoints;
mod events;
pub mod exit;
mod figures;
mod filter;
mod follow;
mod init;
mod input;
mod json;
mod keys;
mod log;
pub mod out;
mod outlook;
mod page;
pub mod place;
mod progress;
mod render;
mod resend;
mod run;
mod sample;
mod screen;
mod secret;
mod secrets;
mod select;
mod show;
mod sign;
mod sink;
mod status;
mod table;
mod tail;
mod test;
mod undo;
mod values;
mod verify;

pub use actor::current as current_actor;

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
    /// Deliver without a screen: for a pane, a unit file, a container
    Run(run::Args),
    /// Put an event in
    Emit(Box<emit::Args>),
    /// Attempts as lines, live
    Tail(tail::Args),
    /// List deliveries, newest change first
    Deliveries(deliveries::Args),
    /// List events, newest first
    Events(events::Args),
    /// List what the engine, the file and people did, newest first
    Log(log::Args),
    /// Show one delivery with every attempt, or one event
    Show(show::Args),
    /// Dead letters: list, show, retry, clear, restore, export
    #[command(subcommand)]
    Dlq(dlq::Command),
    /// One attempt now for deliveries, or events to endpoints that never had them
    Resend(resend::Args),
    /// Make what waits dead letters
    Cancel(cancel::Args),
    /// Take your last act by hand back
    Undo(undo::Args),
    /// Circuit, queue and rates of the endpoints; pause, resume, reset, trip
    Endpoints(endpoints::Args),
    /// The figures of the whole
    Status(status::Args),
    /// Tell every problem of the file, and the endpoints it makes
    Check(check::Args),
    /// Show what an endpoint would be sent; sends nothing
    Render(render::Args),
    /// Send one test event to one endpoint
    Test(test::Args),
    /// Receive webhooks here, for trying things out
    Sink(sink::Args),
    /// Make a secret in the shape of a dialect
    Secret(secret::Args),
    /// Print the headers that sign a body
    Sign(sign::Args),
    /// Say whether headers sign a body, and if not, why
    Verify(verify::Args),
    /// Show everything at once: a project, receivers that misbehave, a stream of events; leaves nothing behind
    Demo(demo::Args),
    /// Measure this machine: deliveries/s, events/s, latency, memory, against a raw client on the same receiver
    Bench(bench::Args),
    /// Draw the console's screen as text or as a picture
    #[command(hide = true)]
    Screen(screen::Args),
    #[command(subcommand, hide = true)]
    BenchChild(bench::Child),
    /// Write a commented starter file
    Init(init::Args),
    /// Print shell completions
    Completions(completions::Args),
    /// Print the keys of the console
    Keys(keys::Args),
}

impl Command {
    fn run(self, place: &Place, out: &mut Out) -> Outcome {
        match self {
            Self::Run(args) => run::run(&args, place, out),
            Self::Emit(args) => emit::run(&args, place, out),
            Self::Tail(args) => tail::run(&args, place, out),
            Self::Deliveries(args) => deliveries::run(&args, place, out),
            Self::Events(args) => events::run(&args, place, out),
            Self::Log(args) => log::run(&args, place, out),
            Self::Show(args) => show::run(&args, place, out),
            Self::Dlq(command) => dlq::run(&command, place, out),
            Self::Resend(args) => resend::run(&args, place, out),
            Self::Cancel(args) => cancel::run(&args, place, out),
            Self::Undo(args) => undo::run(&args, place, out),
            Self::Endpoints(args) => endpoints::run(&args, place, out),
            Self::Status(args) => status::run(&args, place, out),
            Self::Check(args) => check::run(&args, place, out),
            Self::Render(args) => render::run(&args, place, out),
            Self::Test(args) => test::run(&args, place, out),
            Self::Sink(args) => sink::run(args, out),
            Self::Secret(args) => secret::run(&args, out),
            Self::Sign(args) => sign::run(&args, out),
            Self::Verify(args) => verify::run(&args, out),
            Self::Demo(args) => demo::run(&args, out),
            Self::Bench(args) => bench::run(&args, out),
            Self::Screen(args) => screen::run(&args, place, out),
            Self::BenchChild(child) => bench::run_child(child, place, out),
            Self::Init(args) => init::run(&args, place, out),
            Self::Completions(args) => completions::run(&args, &Cli::command(), out),
            Self::Keys(args) => keys::run(&args, out),
        }
    }
}

/// Parses the command line, runs the command, tells a failure, and gives the exit code.
#[must_use]
pub fn main() -> ExitCode {
    let cli = match Cli::try_parse() {
        Ok(cli) => cli,
        Err(error) => {
            out::explain(&error);
            return if error.use_stderr() { Exit::Usage.into() } else { Exit::Done.into() };
        }
    };
    let mut out = Out::new();
    let result = match cli.command {
        Some(command) => command.run(&cli.place, &mut out),
        None => console::run(&cli.place, &mut out),
    };
    match result.and_then(|exit| out.flush().map(|()| exit).map_err(Failure::from)) {
        Ok(exit) => exit.into(),
        Err(failure) => {
            // What was found out before it failed still reaches the reader.
            let _ = out.flush();
            out::tell(&failure.text);
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
