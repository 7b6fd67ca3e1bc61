//! `hooktui` without a command: the console, or `run` where there is no terminal.

use std::io::IsTerminal;

use crate::config::Personal;
use crate::tui::{self, Start};

use super::current_actor;
use super::exit::{Exit, Failure, Outcome};
use super::out::{Out, is_screen};
use super::place::Place;
use super::run;

/// Opens the console.
pub fn run(place: &Place, out: &mut Out) -> Outcome {
    if !is_screen() || !std::io::stdin().is_terminal() {
        return run::run(&run::Args::default(), place, out);
    }
    let here = match &place.directory {
        Some(directory) => std::path::absolute(directory),
        None => std::env::current_dir(),
    };
    let here = here.map_err(|error| Failure::failed(format!("cannot use this directory: {error}")))?;
    let start = Start {
        project: place.find()?,
        here,
        starter: super::init::STARTER,
        actor: current_actor(),
        taste: Personal::load(),
    };
    tui::run(start).map_err(|error| Failure::failed(error.to_string()))?;
    Ok(Exit::Done)
}
