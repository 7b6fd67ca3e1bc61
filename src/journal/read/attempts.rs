//! Attempts: the log of them, and those of one delivery with all that was kept.

use rusqlite::{OptionalExtension, Row};

use super::Reader;
use super::page::List;
use crate::event::{Millis, Outcome, Trigger};
use crate::journal::headers::pairs;
use crate::journal::named::delivery_id;
use crate::journal::{AttemptDetail, AttemptRow, DeliveryRow, JournalError, Page};

pub(super) const SELECT: &str = concat!(
    "SELECT a.seq, ",
    delivery_id!(),
    ", e.id, e.type, p.id, p.name, a.number, a.started_at, a.trigger, a.outcome, a.status, a.error, a.duration_us
    FROM attempts a CROSS JOIN deliveries d ON d.seq = a.delivery CROSS JOIN events e ON e.seq = d.event
    CROSS JOIN endpoints p ON p.key = d.endpoint"
);

impl Reader {
    /// Attempts, newest first. Cursor: (`seq`, `seq`).
    ///
    /// # Errors
    /// [`JournalError`] when the journal cannot be read.
    pub fn attempts(&self, page: Page) -> Result<Vec<AttemptRow>, JournalError> {
        List { select: SELECT, sort: "a.seq", seq: "a.seq", rows: "1", of: None }.page(&self.conn, page, attempt)
    }

    /// Attempts after a sequence, oldest first: what `tail` follows.
    ///
    /// # Errors
    /// [`JournalError`] when the journal cannot be read.
    pub fn attempts_after(&self, seq: i64, limit: usize) -> Result<Vec<AttemptRow>, JournalError> {
        let mut select = self.conn.prepare_cached(&format!("{SELECT} WHERE a.seq > ?1 ORDER BY a.seq LIMIT ?2"))?;
        let rows = select.query_map([seq, i64::try_from(limit).unwrap_or(i64::MAX)], attempt)?;
        Ok(rows.collect::<Result<_, _>>()?)
    }

    /// The sequence to give to [`Reader::attempts_after`] for the attempts that began at or after a time; the newest one
    /// if none did. Attempts stand in the order in which they ended, so the search is right to within one attempt's length.
    ///
    /// # Errors
    /// [`JournalError`] when the journal cannot be read.
    pub fn attempt_seq_at(&self, since: Millis) -> Result<i64, JournalError> {
        // Asked for together without the subqueries, SQLite would look through the whole table.
        let mut ends = self.conn.prepare_cached(
            "SELECT coalesce((SELECT min(seq) FROM attempts), 1), coalesce((SELECT max(seq) FROM attempts), 0)",
        )?;
        let (mut low, newest): (i64, i64) = ends.query_row([], |row| Ok((row.get(0)?, row.get(1)?)))?;
        let mut high = newest + 1;
        let mut at =
            self.conn.prepare_cached("SELECT seq, started_at FROM attempts WHERE seq >= ?1 ORDER BY seq LIMIT 1")?;
        while low < high {
            let middle = low + (high - low) / 2;
            match at.query_row([middle], |row| Ok((row.get::<_, i64>(0)?, row.get::<_, Millis>(1)?))).optional()? {
                Some((seq, started_at)) if started_at < since => low = seq + 1,
                _ => high = middle,
            }
        }
        Ok(low - 1)
    }

    /// The attempts of a delivery, oldest first, each with its request body, which may stand with an earlier one.
    pub(super) fn attempts_of(&self, delivery: &DeliveryRow) -> Result<Vec<AttemptDetail>, JournalError> {
        let mut select = self.conn.prepare_cached(
            "SELECT seq, number, started_at, trigger, outcome, status, error, duration_us, resolve_us, first_byte_us, remote,
                 coalesce((SELECT text FROM header_sets WHERE key = request_set), request_headers),
                 CASE WHEN request_body = x'' THEN
                     (SELECT CAST(e.body AS BLOB) FROM deliveries d CROSS JOIN events e ON e.seq = d.event WHERE d.seq = ?1)
                     ELSE request_body END,
                 coalesce((SELECT text FROM header_sets WHERE key = response_set), response_headers), response_body
             FROM attempts WHERE seq IN (SELECT first_attempt FROM deliveries WHERE seq = ?1
                 UNION ALL SELECT seq FROM attempts WHERE delivery = ?1 AND is_first IS NULL) ORDER BY number, seq",
        )?;
        let mut attempts: Vec<AttemptDetail> =
            select.query_map([delivery.seq], |row| detail(row, delivery))?.collect::<Result<_, _>>()?;
        let mut body = None;
        for attempt in &mut attempts {
            // One that was cut off may never have had a body rendered: it is not given that of the one before.
            if attempt.row.outcome == Outcome::Interrupted && attempt.request_headers.is_empty() {
                continue;
            }
            if attempt.request_body.is_some() {
                body.clone_from(&attempt.request_body);
            } else {
                attempt.request_body.clone_from(&body);
            }
        }
        Ok(attempts)
    }
}

pub(super) fn attempt(row: &Row<'_>) -> rusqlite::Result<AttemptRow> {
    Ok(AttemptRow {
        seq: row.get(0)?,
        delivery_id: row.get(1)?,
        event_id: row.get(2)?,
        event_type: row.get(3)?,
        endpoint_id: row.get(4)?,
        endpoint: row.get(5)?,
        number: row.get(6)?,
        started_at: row.get(7)?,
        trigger: Trigger::from_code(row.get(8)?).unwrap_or(Trigger::Auto),
        outcome: Outcome::from_code(row.get(9)?).unwrap_or(Outcome::Refused),
        status: row.get(10)?,
        error: row.get(11)?,
        duration_us: row.get(12)?,
    })
}

fn detail(row: &Row<'_>, delivery: &DeliveryRow) -> rusqlite::Result<AttemptDetail> {
    Ok(AttemptDetail {
        row: AttemptRow {
            seq: row.get(0)?,
            delivery_id: delivery.id.clone(),
            event_id: delivery.event_id.clone(),
            event_type: delivery.event_type.clone(),
            endpoint_id: delivery.endpoint_id.clone(),
            endpoint: delivery.endpoint.clone(),
            number: row.get(1)?,
            started_at: row.get(2)?,
            trigger: Trigger::from_code(row.get(3)?).unwrap_or(Trigger::Auto),
            outcome: Outcome::from_code(row.get(4)?).unwrap_or(Outcome::Refused),
            status: row.get(5)?,
            error: row.get(6)?,
            duration_us: row.get(7)?,
        },
        resolve_us: row.get(8)?,
        first_byte_us: row.get(9)?,
        remote: row.get(10)?,
        request_headers: pairs(row.get_ref(11)?.as_str_or_null()?, &delivery.id),
        request_body: row.get(12)?,
        response_headers: pairs(row.get_ref(13)?.as_str_or_null()?, &delivery.id),
        response_body: row.get(14)?,
    })
}
