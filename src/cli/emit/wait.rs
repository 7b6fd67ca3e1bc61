//! `--wait`: until every delivery has come to an end.

use std::time::{Duration, Instant};

use crate::event::State;
use crate::present::{escape, figures, result};

use crate::cli::exit::{Exit, Outcome};
use crate::cli::out::tell;
use crate::cli::place::Context;

/// How often the journal is looked at.
const LOOK: Duration = Duration::from_millis(10);
/// How long nobody may dispatch before we give up: a standby takes over within this time.
const TAKE_OVER: Duration = Duration::from_secs(3);

/// Waits until each of the deliveries is delivered or dead.
///
/// # Errors
/// When the journal cannot be read.
pub fn outcome(mut pending: Vec<String>, patience: Duration, context: &Context) -> Outcome {
    let Some(reader) = context.reader()? else { return Ok(Exit::Done) };
    let deadline = Instant::now() + patience;
    let mut dispatched = Instant::now();
    let mut dead = 0_u64;
    let mut version = None;
    if !pending.is_empty() && !context.dispatcher_lives() {
        tell("nobody dispatches: nothing to wait for until `hooktui` or `hooktui run` runs");
        return Ok(Exit::Waiting);
    }
    loop {
        let newest = reader.data_version()?;
        if version != Some(newest) {
            version = Some(newest);
            let mut rest = Vec::new();
            for id in pending {
                match reader.delivery(&id)?.map(|detail| detail.row) {
                    Some(row) if row.state.is_pending() => rest.push(id),
                    Some(row) if row.state == State::Delivered => {}
                    Some(row) => {
                        dead += 1;
                        tell(format_args!("{}: {}", escape::line(&id), result::reason(&row)));
                    }
                    // Gone by retention: it had come to an end.
                    None => {}
                }
            }
            pending = rest;
        }
        if pending.is_empty() {
            return Ok(if dead > 0 { Exit::Dead } else { Exit::Done });
        }
        if context.dispatcher_lives() {
            dispatched = Instant::now();
        }
        if Instant::now() >= deadline || dispatched.elapsed() > TAKE_OVER {
            let left = figures::counted(pending.len() as u64, "delivery has", "deliveries have");
            tell(format_args!("{left} not come to an end yet; `hooktui show ID` says why"));
            return Ok(Exit::Waiting);
        }
        std::thread::sleep(LOOK);
    }
}
