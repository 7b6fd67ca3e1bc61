//! `hooktui dlq retry|clear|restore`.

use crate::config::Rate;
use crate::engine::replay;
use crate::journal::{Act, Counted, Course, Selection};
use crate::present::act as acts;

use crate::cli::exit::{Exit, Failure, Outcome};
use crate::cli::out::{Out, tell};
use crate::cli::place::Place;
use crate::cli::select::{self, Which};
use crate::cli::{progress, values};

/// Options of acts on dead letters.
#[derive(Debug, clap::Args)]
pub struct Args {
    #[command(flatten)]
    which: Which,
    /// Only say how many, by endpoint and by what they died of
    #[arg(long)]
    dry_run: bool,
    /// Print JSON
    #[arg(long)]
    json: bool,
}

/// Options of `dlq clear`.
#[derive(Debug, clap::Args)]
pub struct ClearArgs {
    #[command(flatten)]
    act: Args,
    /// Do not ask
    #[arg(long)]
    yes: bool,
}

/// Options of `dlq retry`.
#[derive(Debug, clap::Args)]
pub struct RetryArgs {
    #[command(flatten)]
    act: Args,
    /// Gently: of each endpoint one first, then ten, then the rest at a pace; stops as soon as one fails again
    #[arg(long, conflicts_with = "dry_run")]
    canary: bool,
    /// The pace of the rest
    #[arg(long, value_name = "RATE", requires = "canary", default_value = "50/s", value_parser = values::rate)]
    pace: Rate,
}

/// Clears, after asking.
pub fn clear(args: &ClearArgs, place: &Place, out: &mut Out) -> Outcome {
    run(Act::Clear, &args.act, args.yes, place, out)
}

/// Retries, all at once or gently.
pub fn retry(args: &RetryArgs, place: &Place, out: &mut Out) -> Outcome {
    if args.canary { gently(args, place, out) } else { run(Act::Retry, &args.act, true, place, out) }
}

/// Does the act on what was selected; asks first unless `sure`.
pub fn run(act: Act, args: &Args, sure: bool, place: &Place, out: &mut Out) -> Outcome {
    let context = place.open()?;
    let reader = context.reader()?;
    let selection = args.which.selection(reader.as_ref())?;
    let counts = select::count(reader.as_ref(), act, &selection)?;
    if args.dry_run {
        return select::dry_run(&counts, act, args.json, out);
    }
    if !select::confirm_act(act, &counts, sure)? {
        tell("nothing was done");
        return Ok(Exit::Failed);
    }
    let journal = context.journal()?;
    let (actor, now) = select::by_hand();
    let course = Course::new(acts::total(&counts));
    let mut result = match only_one(act, &selection, &counts) {
        Some(id) => journal.retry_now(id, actor, now).wait()?,
        None => {
            progress::follow(act.as_str(), &course, || journal.act_with(act, selection, actor, now, &course).wait())?
        }
    };
    select::without_dispatcher(&mut result.skipped, &context);
    if act == Act::Retry && result.done > 0 && !context.dispatcher_lives() {
        tell("nobody dispatches: they wait until `hooktui` or `hooktui run` runs");
    }
    if result.cancelled {
        tell(acts::cancelled(&result, course.of()));
    }
    select::report(&result, act.as_str(), args.json, out)
}

/// One, ten, the rest; it takes a dispatcher that sends them.
fn gently(args: &RetryArgs, place: &Place, out: &mut Out) -> Outcome {
    let context = place.open()?;
    let reader = context.reader()?;
    let selection = args.act.which.selection(reader.as_ref())?;
    if !context.dispatcher_lives() {
        tell("nobody dispatches: a gentle retry waits for what it sends; start `hooktui` or `hooktui run` first");
        return Ok(Exit::Waiting);
    }
    let counts = select::count(reader.as_ref(), Act::Retry, &selection)?;
    let journal = context.journal()?;
    let (actor, _) = select::by_hand();
    let course = Course::new(acts::total(&counts));
    let order = replay::Order { selection, actor, pace: args.pace };
    let report = progress::follow(Act::Retry.as_str(), &course, || replay::run(&journal, order, &course))
        .map_err(|error| Failure::failed(error.to_string()))?;
    let (good, text) = acts::replayed(&report);
    if args.act.json {
        out.json_pretty(&serde_json::json!({
            "act": "retry", "done": report.done, "of": report.of, "ended": ended(&report.end), "text": text,
            "skipped": select::skipped(&report.skipped),
        }))?;
    } else {
        out.line(format_args!("retry: {text}"))?;
    }
    out.flush()?;
    select::tell_skipped(&report.skipped);
    Ok(if good && report.skipped.is_empty() { Exit::Done } else { Exit::Failed })
}

const fn ended(end: &replay::End) -> &'static str {
    match end {
        replay::End::Over => "over",
        replay::End::Failed(_) => "failed",
        replay::End::Cancelled => "cancelled",
        replay::End::TakenBack => "taken_back",
    }
}

/// The id of the one delivery to retry, or of its event: it goes at once, past circuit and pause. Several wait their turn.
fn only_one(act: Act, selection: &Selection, counts: &[Counted]) -> Option<String> {
    match (act, selection) {
        (Act::Retry, Selection::Ids(ids)) if ids.len() == 1 && acts::total(counts) == 1 => ids.first().cloned(),
        _ => None,
    }
}
