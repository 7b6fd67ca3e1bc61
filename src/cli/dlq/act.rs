//! `hooktui dlq retry|clear|restore`.

use crate::journal::{Act, Journal, JournalError, Selection};
use crate::present::{escape, figures};

use crate::cli::exit::{Exit, Outcome};
use crate::cli::out::{Out, tell};
use crate::cli::place::Place;
use crate::cli::select::{self, Which};

/// Options of acts on dead letters.
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

/// Options of `dlq clear`.
#[derive(Debug, clap::Args)]
pub struct ClearArgs {
    #[command(flatten)]
    act: Args,
    /// Do not ask
    #[arg(long)]
    yes: bool,
}

/// Clears, after asking.
pub fn clear(args: &ClearArgs, place: &Place, out: &mut Out) -> Outcome {
    run(Act::Clear, &args.act, args.yes, place, out)
}

/// Does the act on what was selected; asks first unless `sure`.
pub fn run(act: Act, args: &Args, sure: bool, place: &Place, out: &mut Out) -> Outcome {
    let context = place.open()?;
    let selection = args.which.selection();
    let reader = context.reader()?;
    select::check(reader.as_ref(), &selection)?;
    if args.dry_run || !sure {
        let counts = select::count(reader.as_ref(), act, &selection)?;
        if args.dry_run {
            return select::dry_run(&counts, act, args.json, out);
        }
        if !select::confirm(&question(act, &counts), sure)? {
            tell("nothing was done");
            return Ok(Exit::Failed);
        }
    }
    let journal = context.journal()?;
    let (actor, now) = select::by_hand();
    let result = match only_one(act, &selection, &journal)? {
        Some(delivery) => journal.retry_now(delivery, actor, now).wait()?,
        None => journal.act(act, selection, actor, now).wait()?,
    };
    if act == Act::Retry && result.done > 0 && !context.dispatcher_lives() {
        tell("nobody dispatches: they wait until `hooktui` or `hooktui run` runs");
    }
    select::report(&result, act.as_str(), args.json, out)
}

/// The one delivery to retry: it goes at once, past circuit and pause. Several wait their turn.
fn only_one(act: Act, selection: &Selection, journal: &Journal) -> Result<Option<String>, JournalError> {
    match (act, selection) {
        (Act::Retry, Selection::Ids(ids)) => match ids.as_slice() {
            [id] if journal.reader()?.delivery(id)?.is_some() => Ok(Some(id.clone())),
            _ => Ok(None),
        },
        _ => Ok(None),
    }
}

/// Names what, how many and of which endpoints.
fn question(act: Act, counts: &[(String, u64)]) -> String {
    let what = figures::counted(select::total(counts), "dead letter", "dead letters");
    let of = match counts {
        [] => String::new(),
        [(endpoint, _)] => format!(" of {}", escape::line(endpoint)),
        several => {
            let parts =
                several.iter().map(|(name, count)| format!("{} {}", escape::line(name), figures::count(*count)));
            format!(" ({})", parts.collect::<Vec<_>>().join(", "))
        }
    };
    format!("{} {what}{of}?", act.as_str())
}
