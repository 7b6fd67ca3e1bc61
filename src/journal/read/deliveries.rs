//! Deliveries and dead letters.

use rusqlite::{OptionalExtension, Row};

use super::Reader;
use super::page::List;
use super::walk::{BY_CHANGE, FIRST_VALUE, Question, Walk};
use crate::event::{Event, Outcome, Query, Reason, State, Trigger};
use crate::journal::condition::{Condition, DELIVERIES};
use crate::journal::flights::{at_rest, changed_at, state};
use crate::journal::named::{self, delivery_id};
use crate::journal::{Cursor, DeliveryDetail, DeliveryRow, Direction, JournalError, Page};

/// CROSS JOIN keeps SQLite from walking the endpoints first.
pub(super) const SELECT: &str = concat!(
    "SELECT d.seq, d.change, ",
    delivery_id!(),
    ", e.id, e.type, d.endpoint, p.id, p.name, ",
    state!(),
    ", d.due_at, d.created_at, ",
    changed_at!(),
    ", d.attempts, d.tries, d.urgent, d.reason, d.last_status, d.last_error, d.last_ms, d.last_outcome,
    d.last_trigger, d.retried_at
    FROM deliveries d CROSS JOIN events e ON e.seq = d.event CROSS JOIN endpoints p ON p.key = d.endpoint"
);

/// Dead letters: all of them, and those of one endpoint.
pub(super) const DEAD: &str = concat!("d.state = 4 AND ", at_rest!());
pub(super) const DEAD_OF: &str = concat!("d.endpoint = ?4 AND d.state = 4 AND ", at_rest!());

/// All deliveries by change.
pub(super) const WALK: Walk<'_> = Walk {
    select: SELECT,
    table: "deliveries d",
    sort: BY_CHANGE,
    seq: "d.seq",
    rows: "1",
    of: None,
    // What stands in a place that it has left came to it when it came in.
    time: Some("CASE d.change WHEN ?2 THEN d.changed_at ELSE d.created_at END"),
};

impl Reader {
    /// Deliveries, newest change first. Cursor: (`change`, `seq`).
    ///
    /// # Errors
    /// [`JournalError`] when the journal cannot be read.
    pub fn deliveries(&self, page: Page) -> Result<Vec<DeliveryRow>, JournalError> {
        let question = Question {
            page,
            condition: &Condition::new(&Query::default(), &DELIVERIES, &[], 0, FIRST_VALUE),
            times: (None, None),
            stretch: u64::try_from(page.limit).unwrap_or(u64::MAX),
            most: u64::MAX,
            deadline: None,
        };
        let mut rows = self.walk(&WALK, &question, |row| delivery(row).map(|row| (row.place, row)))?.rows;
        if page.direction == Direction::Up {
            rows.reverse();
        }
        Ok(rows.into_iter().map(|(_, row)| row).collect())
    }

    /// Dead letters, newest death first. Cursor: (`changed_at`, `seq`).
    ///
    /// # Errors
    /// [`JournalError`] when the journal cannot be read.
    pub fn dead_letters(&self, page: Page) -> Result<Vec<DeliveryRow>, JournalError> {
        let list = List { select: SELECT, sort: "d.changed_at", seq: "d.seq", rows: DEAD, of: None };
        list.page(&self.conn, page, dead_letter)
    }

    /// One delivery with everything that is known of it.
    ///
    /// # Errors
    /// [`JournalError`] when the journal cannot be read.
    pub fn delivery(&self, id: &str) -> Result<Option<DeliveryDetail>, JournalError> {
        let mut select = self.conn.prepare_cached(&format!("{SELECT} WHERE d.seq = ?1"))?;
        let seq = named::find(&self.conn, id)?;
        let Some(row) = select.query_row([seq], delivery).optional()? else { return Ok(None) };
        let mut event = self.conn.prepare_cached("SELECT seq, body, origin FROM events WHERE id = ?1")?;
        let stored: Option<(i64, String, Option<String>)> =
            event.query_row([&row.event_id], |row| Ok((row.get(0)?, row.get(1)?, row.get(2)?))).optional()?;
        let Some((event_seq, body, origin)) = stored else { return Ok(None) };
        let event = self.parse(&row.event_id, &body)?;
        let attempts = self.attempts_of(&row)?;
        Ok(Some(DeliveryDetail { row, event, event_seq, origin, attempts }))
    }

    /// Deliveries of one event, in journal order.
    pub(super) fn deliveries_of(&self, event: i64) -> Result<Vec<DeliveryRow>, JournalError> {
        let mut select = self.conn.prepare_cached(&format!("{SELECT} WHERE d.event = ?1 ORDER BY d.seq"))?;
        let rows = select.query_map([event], delivery)?;
        Ok(rows.collect::<Result<_, _>>()?)
    }

    pub(super) fn parse(&self, id: &str, body: &str) -> Result<Event, JournalError> {
        serde_json::from_str(body).map_err(|error| {
            let journal = self.conn.file.path.display();
            JournalError::Sqlite(format!("event {id} in {journal} cannot be read: {error}"))
        })
    }
}

/// In a list that is sorted by death.
pub(super) fn dead_letter(row: &Row<'_>) -> rusqlite::Result<DeliveryRow> {
    let row = delivery(row)?;
    Ok(DeliveryRow { place: Cursor { sort: row.changed_at, seq: row.seq }, ..row })
}

pub(super) fn delivery(row: &Row<'_>) -> rusqlite::Result<DeliveryRow> {
    let (seq, change) = (row.get(0)?, row.get(1)?);
    Ok(DeliveryRow {
        seq,
        change,
        place: Cursor { sort: change, seq },
        id: row.get(2)?,
        event_id: row.get(3)?,
        event_type: row.get(4)?,
        endpoint_key: row.get(5)?,
        endpoint_id: row.get(6)?,
        endpoint: row.get(7)?,
        state: State::from_code(row.get(8)?).unwrap_or(State::Dead),
        due_at: row.get(9)?,
        created_at: row.get(10)?,
        changed_at: row.get(11)?,
        attempts: row.get(12)?,
        tries: row.get(13)?,
        urgent: row.get(14)?,
        reason: row.get::<_, Option<i64>>(15)?.and_then(Reason::from_code),
        last_status: row.get(16)?,
        last_error: row.get(17)?,
        last_ms: row.get(18)?,
        last_outcome: row.get::<_, Option<i64>>(19)?.and_then(Outcome::from_code),
        last_trigger: row.get::<_, Option<i64>>(20)?.and_then(Trigger::from_code),
        retried_at: row.get(21)?,
    })
}
