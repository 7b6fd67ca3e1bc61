//! What an act on many would change, counted before anyone is asked.

use crate::engine::clock::Clock;
use crate::event::{Millis, Query};
use crate::journal::{Act, Direction, JournalError, Page, Reader, Search, Selection};

use super::effects::Bulk;
use super::feed::{Found, List, Target, found};
use super::window::Keyed;

/// So many rows that a filter finds are sent once more at the most: each is an order of its own, and none can be undone.
const MOST: usize = 1_000;

/// Counts, and fixes what is asked about.
///
/// # Errors
/// [`JournalError`] when the journal cannot be read.
pub fn count(reader: &Reader, bulk: Bulk, target: &Target) -> Result<Found, JournalError> {
    let now = Clock::System.now();
    let selection = match (target, bulk) {
        (Target::Ids(ids), _) => Selection::Ids(ids.clone()),
        (Target::Matching(query), Bulk::Act(_)) => {
            Selection::Matching { query: query.clone(), as_of: reader.overview(now)?.change, at: now }
        }
        (Target::Matching(query), Bulk::Resend | Bulk::Events) => {
            let list = if bulk == Bulk::Events { List::Events } else { List::Deliveries };
            let ids = ids(reader, list, query, now)?;
            if ids.len() > MOST {
                return Ok(Found::TooMany(MOST));
            }
            Selection::Ids(ids)
        }
    };
    let counts = match (bulk, &selection) {
        // The dead letters of endpoints that take nothing stay, and that is told: `clear` counts those too.
        (Bulk::Act(Act::Retry), _) => reader.count(Act::Clear, &selection)?,
        (Bulk::Act(act), _) => reader.count(act, &selection)?,
        (Bulk::Resend, Selection::Ids(ids)) => reader.count_resend(ids)?,
        (Bulk::Events, Selection::Ids(ids)) => reader.count_routes(ids)?,
        (Bulk::Resend | Bulk::Events, _) => Vec::new(),
    };
    Ok(Found::Count(bulk, selection, counts))
}

/// Ids of the rows that a filter finds, up to one more than [`MOST`].
fn ids(reader: &Reader, list: List, query: &Query, now: Millis) -> Result<Vec<String>, JournalError> {
    let search = Search::new(query.clone(), now);
    let mut ids = Vec::new();
    let mut from = None;
    loop {
        let page = Page { from, direction: Direction::Down, limit: MOST + 1 - ids.len() };
        let rows = found(reader, list, page, &search)?;
        ids.extend(rows.rows.iter().map(Keyed::id));
        from = rows.stopped;
        if from.is_none() || ids.len() > MOST {
            return Ok(ids);
        }
    }
}
