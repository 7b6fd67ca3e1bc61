//! Events.

use rusqlite::{OptionalExtension, Row};

use super::Reader;
use super::page::List;
use crate::journal::flights::at_rest;
use crate::journal::{EventDetail, EventRow, JournalError, Page};

/// Counts of an event's few deliveries come from the index on (event, endpoint).
pub(super) const SELECT: &str = concat!(
    "SELECT e.seq, e.id, e.type, e.accepted_at, e.origin,
    coalesce(substr(e.body ->> '$.message', 1, 200), ''), coalesce(e.body ->> '$.session', ''),
    e.unrouted,
    (SELECT count(*) FROM deliveries d WHERE d.event = e.seq),
    (SELECT count(*) FROM deliveries d WHERE d.event = e.seq AND d.state = 3 AND ",
    at_rest!(),
    "),
    (SELECT count(*) FROM deliveries d WHERE d.event = e.seq AND d.state = 4 AND ",
    at_rest!(),
    ")
    FROM events e"
);

impl Reader {
    /// Events, newest first. Cursor: (`seq`, `seq`).
    ///
    /// # Errors
    /// [`JournalError`] when the journal cannot be read.
    pub fn events(&self, page: Page) -> Result<Vec<EventRow>, JournalError> {
        List { select: SELECT, sort: "e.seq", seq: "e.seq", rows: "1", of: None }.page(&self.conn, page, event)
    }

    /// One event with its deliveries.
    ///
    /// # Errors
    /// [`JournalError`] when the journal cannot be read.
    pub fn event(&self, id: &str) -> Result<Option<EventDetail>, JournalError> {
        let mut select = self.conn.prepare_cached(&format!("{SELECT} WHERE e.id = ?1"))?;
        let Some(row) = select.query_row([id], event).optional()? else { return Ok(None) };
        let mut body = self.conn.prepare_cached("SELECT body FROM events WHERE seq = ?1")?;
        let body: String = body.query_row([row.seq], |row| row.get(0)).optional()?.unwrap_or_default();
        let event = self.parse(id, &body)?;
        let deliveries = self.deliveries_of(row.seq)?;
        Ok(Some(EventDetail { row, event, deliveries }))
    }
}

pub(super) fn event(row: &Row<'_>) -> rusqlite::Result<EventRow> {
    Ok(EventRow {
        seq: row.get(0)?,
        id: row.get(1)?,
        kind: row.get(2)?,
        accepted_at: row.get(3)?,
        origin: row.get(4)?,
        message: row.get(5)?,
        session: row.get(6)?,
        unrouted: row.get(7)?,
        deliveries: row.get(8)?,
        delivered: row.get(9)?,
        dead: row.get(10)?,
    })
}
