//! What comes in with a transaction: new events, and the deliveries made of them.

use std::sync::LazyLock;

use rusqlite::{CachedStatement, Connection, Params, params};

use super::JournalError;
use super::many::{Insert, MOST, Rows};
use crate::event::{Millis, State};

const EVENT: &str =
    "INSERT INTO events (seq, id, type, accepted_at, body, digest, origin, only, not_to, unrouted, kept_from)
     VALUES (?1, ?2, ?3, ?4, ?5, ?6, ?7, ?8, ?9, ?10, ?4) ON CONFLICT (id) DO NOTHING";

static DELIVERIES: LazyLock<Insert> = LazyLock::new(|| {
    Insert::into(
        "deliveries (seq, event, endpoint, alias, created_at, changed_at, position, change, state, due_at, body_hash)",
    )
});

/// Stands where the hash of a delivery's body will, until there is one: as many bytes as its first result takes. New rows fill
/// their pages to the end, and one that grew would split its page, and so nearly every page once.
const ROOM: &[u8] = &[0; 14];

/// A delivery that comes in: queued, and its event and its endpoint have none yet.
pub(super) struct NewDelivery {
    pub event: i64,
    pub endpoint: i64,
    pub alias: Option<String>,
    pub now: Millis,
}

/// The statements are looked up once for all that comes in.
#[derive(Default)]
pub(super) struct Arrivals<'c> {
    event: Option<CachedStatement<'c>>,
    rows: Option<Rows<'c>>,
    /// Deliveries that wait for others, [`MOST`] at most.
    waiting: Vec<NewDelivery>,
}

impl<'c> Arrivals<'c> {
    /// Stores an event; answers whether there was none of its id.
    pub fn event(&mut self, conn: &'c Connection, values: impl Params) -> Result<bool, JournalError> {
        let statement = match &mut self.event {
            Some(statement) => statement,
            none => none.insert(conn.prepare_cached(EVENT)?),
        };
        Ok(statement.execute(values)? > 0)
    }

    /// Takes a delivery, which is stored with those after it; answers whether that is due.
    pub fn delivery(&mut self, delivery: NewDelivery) -> bool {
        self.waiting.push(delivery);
        self.waiting.len() >= MOST
    }

    /// Stores the deliveries that wait for others. They are numbered only now, one after the other, and so are the events that
    /// came in meanwhile: to go on to the number that follows is the one way through a table that needs no search, and a
    /// claim goes through both. `change`: the newest change number.
    pub fn store_deliveries(&mut self, conn: &'c Connection, change: &mut i64) -> Result<(), JournalError> {
        if self.waiting.is_empty() {
            return Ok(());
        }
        let rows = match &mut self.rows {
            Some(rows) => rows,
            none => none.insert(DELIVERIES.rows(conn)?),
        };
        for NewDelivery { event, endpoint, alias, now } in self.waiting.drain(..) {
            *change += 1;
            let (seq, queued) = (*change, State::Queued.code());
            rows.push(params![seq, event, endpoint, alias, now, now, seq, seq, queued, 0, ROOM])?;
        }
        rows.store()
    }
}
