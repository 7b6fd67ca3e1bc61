//! `hooktui dlq export`: the events of dead letters as NDJSON that `emit --stdin` takes, oldest death first:
//! taken in again they stand in the order in which they were to be delivered.

use std::collections::HashSet;
use std::io;

use crate::event::{Event, Query, State, id, types};
use crate::journal::{Direction, Page, Reader, Selection};
use crate::present::{escape, figures};

use crate::cli::exit::{Exit, Failure, Outcome};
use crate::cli::filter;
use crate::cli::out::{Out, tell};
use crate::cli::place::Place;
use crate::cli::select::Which;

/// Dead letters read at once.
const PAGE: usize = 500;

/// Options of `dlq export`.
#[derive(Debug, clap::Args)]
pub struct Args {
    #[command(flatten)]
    which: Which,
}

/// Writes each event once, however many of its deliveries are dead: taken in again it is routed as a whole.
pub fn run(args: &Args, place: &Place, out: &mut Out) -> Outcome {
    let Some(reader) = place.open()?.reader()? else { return Ok(Exit::Done) };
    let selection = args.which.selection(Some(&reader))?;
    let mut export = Export { written: HashSet::new(), own: 0 };
    match selection {
        Selection::Ids(ids) => export.ids(&reader, &ids, out)?,
        Selection::Matching { query, .. } => export.pages(&reader, &query, out)?,
    }
    out.flush()?;
    if export.own > 0 {
        let own = figures::counted(export.own, "alert", "alerts");
        tell(format_args!("{own} of hooktui's own left out: they cannot come from outside"));
    }
    Ok(Exit::Done)
}

struct Export {
    written: HashSet<String>,
    own: u64,
}

impl Export {
    fn ids(&mut self, reader: &Reader, ids: &[String], out: &mut Out) -> Result<(), Failure> {
        for id in ids {
            self.write(&of_id(reader, id)?, out)?;
        }
        Ok(())
    }

    fn pages(&mut self, reader: &Reader, query: &Query, out: &mut Out) -> Result<(), Failure> {
        let mut page = Page { from: None, direction: Direction::Up, limit: PAGE };
        let search = filter::search(Some(query));
        loop {
            let found = reader.find_dead_letters(page, &search)?;
            // A page that is read upwards stands as lists do, newest first, all the same.
            for row in found.rows.iter().rev() {
                if let Some(detail) = reader.event(&row.event_id)? {
                    self.write(&detail.event, out)?;
                }
            }
            let full = found.rows.first().filter(|_| found.rows.len() == PAGE).map(|newest| newest.place);
            page.from = full.or(found.stopped);
            if page.from.is_none() || out.is_reader_gone() {
                return Ok(());
            }
        }
    }

    fn write(&mut self, event: &Event, out: &mut Out) -> io::Result<()> {
        if types::is_own(&event.kind) {
            self.own += 1;
            return Ok(());
        }
        if !self.written.insert(event.id.clone()) {
            return Ok(());
        }
        // As they came: taking them in encodes them again.
        let mut event = event.clone();
        event.id = id::decode(&event.id).into_owned();
        event.kind = id::decode(&event.kind).into_owned();
        out.json(&event)
    }
}

/// The event that this id means: a dead letter's, or one with a dead letter among its deliveries.
fn of_id(reader: &Reader, id: &str) -> Result<Event, Failure> {
    if let Some(detail) = reader.delivery(id)? {
        return if detail.row.state == State::Dead {
            Ok(detail.event)
        } else {
            Err(Failure::failed(format!("{} is no dead letter", escape::line(id))))
        };
    }
    let detail = reader.event(id)?.filter(|detail| detail.deliveries.iter().any(|row| row.state == State::Dead));
    let detail = detail.ok_or_else(|| {
        let id = escape::line(id);
        Failure::failed(format!("{id} is no dead letter and no event with one; `hooktui dlq list` lists them"))
    })?;
    Ok(detail.event)
}
