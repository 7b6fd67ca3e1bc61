//! `hooktui cancel`: queued and scheduled deliveries become dead letters, reason cancelled.

use crate::journal::Act;

use super::exit::Outcome;
use super::out::Out;
use super::place::Place;
use super::select::{self, Which};

/// Options of `cancel`.
#[derive(Debug, clap::Args)]
pub struct Args {
    #[command(flatten)]
    which: Which,
    /// Only say how many, by endpoint
    #[arg(long)]
    dry_run: bool,
    /// Print JSON
    #[arg(long)]
    json: bool,
}

/// Cancels what waits.
pub fn run(args: &Args, place: &Place, out: &mut Out) -> Outcome {
    let context = place.open()?;
    let selection = args.which.selection();
    let reader = context.reader()?;
    select::check(reader.as_ref(), &selection)?;
    if args.dry_run {
        let counts = select::count(reader.as_ref(), Act::Cancel, &selection)?;
        return select::dry_run(&counts, Act::Cancel, args.json, out);
    }
    let (actor, now) = select::by_hand();
    let result = context.journal()?.act(Act::Cancel, selection, actor, now).wait()?;
    select::report(&result, Act::Cancel.as_str(), args.json, out)
}
