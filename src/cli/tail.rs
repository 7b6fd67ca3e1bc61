//! `hooktui tail`: attempts as lines, live, whichever process makes them.

use std::time::{Duration, Instant};

use crate::event::Query;

use super::exit::{Exit, Failure, Outcome};
use super::filter;
use super::follow::{Follower, Form};
use super::out::{Out, tell};
use super::place::{Place, now};
use super::values;

/// How often the journal is looked at, and how often once it has been quiet for [`QUIET`].
const LOOK: Duration = Duration::from_millis(100);
const LOOK_QUIET: Duration = Duration::from_secs(1);
const QUIET: Duration = Duration::from_secs(10);

/// Options of `tail`.
#[derive(Debug, clap::Args)]
pub struct Args {
    /// One JSON object per attempt
    #[arg(long)]
    json: bool,
    /// Only attempts that match, as in the console: 'endpoint:slack* status:5xx'
    #[arg(long, value_name = "EXPR", value_parser = filter::of_attempts)]
    filter: Option<Query>,
    /// Begin this long ago, for example 1h
    #[arg(long, value_name = "DURATION", value_parser = values::duration)]
    since: Option<Duration>,
}

/// Prints attempts until it is interrupted or its reader goes.
pub fn run(args: &Args, place: &Place, out: &mut Out) -> Outcome {
    let context = place.open()?;
    let mut rhythm = Rhythm::new();
    // Looking creates nothing: a journal that does not exist yet is waited for, and all that is in it then is new.
    let mut reader = context.reader()?;
    let is_new = reader.is_none();
    if is_new {
        tell("nothing has come in here yet: waiting for the first event");
    }
    let reader = loop {
        match reader {
            Some(reader) => break reader,
            None => rhythm.rest(),
        }
        reader = context.reader()?;
    };
    let mut follower = match args.since {
        Some(ago) => Follower::since(reader, now().saturating_sub(values::millis(ago)))?,
        None if is_new => Follower::since(reader, 0)?,
        None => Follower::from_now(reader)?,
    };
    follower.only(args.filter.clone());
    let form = if args.json { Form::Json } else { Form::Text };
    let mut version = None;
    loop {
        let newest = follower.reader().data_version().map_err(Failure::from)?;
        if version != Some(newest) {
            version = Some(newest);
            if follower.print_new(out, form)? > 0 {
                rhythm.changed();
            }
            if out.is_reader_gone() {
                return Ok(Exit::Done);
            }
        }
        rhythm.rest();
    }
}

/// When to look again: soon while something happens, seldom when nothing does.
struct Rhythm {
    changed: Instant,
}

impl Rhythm {
    fn new() -> Self {
        Self { changed: Instant::now() }
    }

    fn changed(&mut self) {
        self.changed = Instant::now();
    }

    fn rest(&self) {
        std::thread::sleep(if self.changed.elapsed() < QUIET { LOOK } else { LOOK_QUIET });
    }
}
