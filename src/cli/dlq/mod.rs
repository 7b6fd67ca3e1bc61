//! `hooktui dlq`: dead letters, listed, shown, retried, cleared, restored, exported.

mod act;
mod export;
mod list;

use super::exit::{Failure, Outcome};
use super::out::Out;
use super::place::Place;
use super::show;

use crate::journal::Act;
use crate::present::escape;

/// The commands of `dlq`.
#[derive(Debug, clap::Subcommand)]
pub enum Command {
    /// List dead letters, newest first
    List(list::Args),
    /// Show one with every attempt
    Show {
        /// The delivery's id
        id: String,
        /// Print JSON
        #[arg(long)]
        json: bool,
    },
    /// Queue them again, with fresh tries
    Retry(act::RetryArgs),
    /// Put them away (asks; `restore` and `undo` bring them back)
    Clear(act::ClearArgs),
    /// Make cleared ones dead letters again
    Restore(act::Args),
    /// Write them as NDJSON that `emit --stdin` takes
    Export(export::Args),
}

/// Runs one of them.
pub fn run(command: &Command, place: &Place, out: &mut Out) -> Outcome {
    match command {
        Command::List(args) => list::run(args, place, out),
        Command::Show { id, json } => show(id, *json, place, out),
        Command::Retry(args) => act::retry(args, place, out),
        Command::Clear(args) => act::clear(args, place, out),
        Command::Restore(args) => act::run(Act::Restore, args, true, place, out),
        Command::Export(args) => export::run(args, place, out),
    }
}

fn show(id: &str, json: bool, place: &Place, out: &mut Out) -> Outcome {
    let context = place.open()?;
    let not_there = || {
        let id = escape::line(id);
        Failure::failed(format!("no dead letter has the id {id}; `hooktui dlq list` lists them"))
    };
    let reader = context.reader()?.ok_or_else(not_there)?;
    let detail = reader.delivery(id)?.filter(|detail| detail.row.reason.is_some()).ok_or_else(not_there)?;
    show::delivery(&detail, &context, &reader, json, out)?;
    Ok(super::exit::Exit::Done)
}
