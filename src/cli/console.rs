//! `hooktui` without a command: the console, or `run` where there is no terminal.

use std::io::IsTerminal;

use super::exit::{Failure, Outcome};
use super::out::{Out, is_screen};
use super::place::Place;
use super::run;

/// Opens the console.
pub fn run(place: &Place, out: &mut Out) -> Outcome {
    if !is_screen() || !std::io::stdin().is_terminal() {
        return run::run(&run::Args::default(), place, out);
    }
    Err(Failure::failed("the console is not built yet; `hooktui run` delivers"))
}
