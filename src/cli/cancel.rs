//! `hooktui cancel`: queued and scheduled deliveries become dead letters, reason cancelled.

use crate::journal::{Act, Course};
use crate::present::act as acts;

use super::exit::{Exit, Outcome};
use super::out::{Out, tell};
use super::place::Place;
use super::progress;
use super::select::{self, Which};

/// Options of `cancel`.
#[derive(Debug, clap::Args)]
pub struct Args {
    #[command(flatten)]
    which: Which,
    /// Only say how many, by endpoint and by what the last attempt failed with
    #[arg(long)]
    dry_run: bool,
    /// Do not ask (`--endpoint`, `--filter` and `--all` do)
    #[arg(long)]
    yes: bool,
    /// Print JSON
    #[arg(long)]
    json: bool,
}

/// Cancels what waits; asks first where deliveries are not named one by one.
pub fn run(args: &Args, place: &Place, out: &mut Out) -> Outcome {
    let context = place.open()?;
    let reader = context.reader()?;
    let selection = args.which.selection(reader.as_ref())?;
    let counts = select::count(reader.as_ref(), Act::Cancel, &selection)?;
    if args.dry_run {
        return select::dry_run(&counts, Act::Cancel, args.json, out);
    }
    if !select::confirm_act(Act::Cancel, &counts, args.yes || !args.which.is_many())? {
        tell("nothing was done");
        return Ok(Exit::Failed);
    }
    let journal = context.journal()?;
    let (actor, now) = select::by_hand();
    let course = Course::new(acts::total(&counts));
    let mut result = progress::follow(Act::Cancel.as_str(), &course, || {
        journal.act_with(Act::Cancel, selection, actor, now, &course).wait()
    })?;
    select::without_dispatcher(&mut result.skipped, &context);
    if result.cancelled {
        tell(acts::cancelled(&result, course.of()));
    }
    select::report(&result, Act::Cancel.as_str(), args.json, out)
}
