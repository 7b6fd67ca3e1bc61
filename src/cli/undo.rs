//! `hooktui undo`: takes one's last act by hand back.

use serde::Serialize;

use crate::engine::orders;
use crate::present::{escape, figures};

use super::endpoints::order;
use super::exit::{Exit, Failure, Outcome};
use super::out::{Out, tell};
use super::place::Place;
use super::select;

/// Options of `undo`.
#[derive(Debug, clap::Args)]
pub struct Args {
    /// Do not ask, however many it touches
    #[arg(long)]
    yes: bool,
    /// Print JSON
    #[arg(long)]
    json: bool,
}

#[derive(Debug, Serialize)]
struct Report<'a> {
    act: &'a str,
    undone: u64,
    of: u64,
}

/// Names the act, asks above one row, and takes it back where nothing has happened since.
pub fn run(args: &Args, place: &Place, out: &mut Out) -> Outcome {
    let context = place.open()?;
    let nothing = || Failure::failed("there is nothing to undo: no act by hand of yours is left");
    let (actor, now) = select::by_hand();
    let reader = context.reader()?.ok_or_else(nothing)?;
    let act = reader.last_act(&actor)?.ok_or_else(nothing)?;
    let refused = |why: String| Failure::failed(escape::line(&why));
    if let Some(why) = act.stays {
        return Err(refused(why));
    }
    if act.rows > 1 && !select::confirm(&format!("undo: {}?", escape::line(&act.what)), args.yes, "")? {
        tell("nothing was done");
        return Ok(Exit::Failed);
    }
    let journal = context.journal()?;
    let undone = journal.undo(act, actor, now).wait()?.map_err(refused)?;
    // Of a pause or a resume: where nobody dispatches there is nobody else to apply it.
    orders::apply_when_free(&journal, context.loaded.config.as_deref(), now)?;
    let applied = order::applied(&journal)?;
    if args.json {
        out.json_pretty(&Report { act: &undone.what, undone: undone.undone, of: undone.of })?;
    } else {
        let done = figures::count(undone.undone);
        let of = figures::count(undone.of);
        let lost = undone.of.saturating_sub(undone.undone);
        let rest = if lost == 0 { String::new() } else { format!(", {} went on since", figures::count(lost)) };
        out.line(format_args!("undo of {}: {done} of {of} undone{rest}", escape::line(&undone.what)))?;
    }
    Ok(match (undone.undone, applied) {
        (0, _) => Exit::Failed,
        (_, false) => Exit::Waiting,
        _ => Exit::Done,
    })
}
