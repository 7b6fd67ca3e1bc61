//! `--wait`: until every delivery has come to an end.

use std::time::{Duration, Instant};

use crate::event::State;
use crate::journal::{Accepted, Reader};
use crate::present::{escape, figures, result};

use crate::cli::exit::{Exit, Failure, Outcome};
use crate::cli::out::tell;
use crate::cli::place::Context;

/// How often the journal is looked at.
const LOOK: Duration = Duration::from_millis(10);
/// How long nobody may dispatch before we give up: a standby takes over within this time.
const TAKE_OVER: Duration = Duration::from_secs(3);

/// What is waited for.
#[derive(Debug, Default)]
pub struct Waited {
    deliveries: Vec<String>,
    /// Events that were accepted before any file was applied: their deliveries are made then.
    unrouted: Vec<String>,
    dead: u64,
}

impl Waited {
    /// Waits for this event too.
    pub fn add(&mut self, accepted: Accepted) {
        if accepted.unrouted {
            self.unrouted.push(accepted.id);
        }
        self.deliveries.extend(accepted.deliveries);
    }

    fn is_over(&self) -> bool {
        self.deliveries.is_empty() && self.unrouted.is_empty()
    }

    fn left(&self) -> u64 {
        u64::try_from(self.deliveries.len() + self.unrouted.len()).unwrap_or(u64::MAX)
    }

    /// Forgets what has come to an end.
    fn look(&mut self, reader: &Reader) -> Result<(), Failure> {
        for id in std::mem::take(&mut self.unrouted) {
            match reader.event(&id)? {
                Some(detail) if detail.row.unrouted => self.unrouted.push(id),
                Some(detail) => self.deliveries.extend(detail.deliveries.into_iter().map(|row| row.id)),
                None => {}
            }
        }
        for id in std::mem::take(&mut self.deliveries) {
            match reader.delivery(&id)?.map(|detail| detail.row) {
                Some(row) if row.state.is_pending() => self.deliveries.push(id),
                Some(row) if row.state == State::Delivered => {}
                Some(row) => {
                    self.dead += 1;
                    tell(format_args!("{}: {}", escape::line(&id), result::reason(&row)));
                }
                // Gone by retention: it had come to an end.
                None => {}
            }
        }
        Ok(())
    }
}

/// Waits until each of the deliveries is delivered or dead.
///
/// # Errors
/// When the journal cannot be read.
pub fn outcome(mut waited: Waited, patience: Duration, context: &Context) -> Outcome {
    let Some(reader) = context.reader()? else { return Ok(Exit::Done) };
    let deadline = Instant::now() + patience;
    let mut dispatched = Instant::now();
    let mut version = None;
    if !waited.is_over() && !context.dispatcher_lives() {
        tell("nobody dispatches: nothing to wait for until `hooktui` or `hooktui run` runs");
        return Ok(Exit::Waiting);
    }
    loop {
        let newest = reader.data_version()?;
        if version != Some(newest) {
            version = Some(newest);
            waited.look(&reader)?;
        }
        if waited.is_over() {
            return Ok(if waited.dead > 0 { Exit::Dead } else { Exit::Done });
        }
        if context.dispatcher_lives() {
            dispatched = Instant::now();
        }
        if Instant::now() >= deadline || dispatched.elapsed() > TAKE_OVER {
            let left = figures::counted(waited.left(), "delivery has", "deliveries have");
            tell(format_args!("{left} not come to an end yet; `hooktui show ID` says why"));
            return Ok(Exit::Waiting);
        }
        std::thread::sleep(LOOK);
    }
}
