//! Log, rollups, orders, revision, acts.

use rusqlite::{OptionalExtension, Row};

use super::Reader;
use super::page::List;
use crate::event::Revision;
use crate::journal::latency::Latencies;
use crate::journal::{Actor, JournalError, LastAct, Level, LogRow, LogSource, Order, OrderKind, Page, RollupRow, undo};

pub(super) const LOG: &str = "SELECT l.seq, l.at, l.level, l.source, l.who, l.endpoint, l.text FROM log l";

impl Reader {
    /// Log lines, newest first. Cursor: (`seq`, `seq`).
    ///
    /// # Errors
    /// [`JournalError`] when the journal cannot be read.
    pub fn log(&self, page: Page) -> Result<Vec<LogRow>, JournalError> {
        List { select: LOG, sort: "l.seq", seq: "l.seq", rows: "1", of: None }.page(&self.conn, page, line)
    }

    /// Rollups from a Unix minute on, oldest first.
    ///
    /// # Errors
    /// [`JournalError`] when the journal cannot be read.
    pub fn rollups(&self, since_minute: i64) -> Result<Vec<RollupRow>, JournalError> {
        let mut select = self.conn.prepare_cached(
            "SELECT minute, endpoint, accepted, delivered, failed, latencies FROM rollups WHERE minute >= ?1
             ORDER BY minute, endpoint",
        )?;
        let rows = select.query_map([since_minute], |row| {
            Ok(RollupRow {
                minute: row.get(0)?,
                endpoint_key: row.get(1)?,
                accepted: row.get(2)?,
                delivered: row.get(3)?,
                failed: row.get(4)?,
                latencies: row
                    .get::<_, Option<Vec<u8>>>(5)?
                    .map_or_else(Latencies::default, |bytes| Latencies::from_bytes(&bytes)),
            })
        })?;
        Ok(rows.collect::<Result<_, _>>()?)
    }

    /// Orders that wait for the dispatcher, oldest first.
    ///
    /// # Errors
    /// [`JournalError`] when the journal cannot be read.
    pub fn orders(&self) -> Result<Vec<Order>, JournalError> {
        let mut select =
            self.conn.prepare_cached("SELECT seq, who, endpoint, kind, delivery, until FROM orders ORDER BY seq")?;
        let rows = select.query_map([], order)?;
        Ok(rows.collect::<Result<Vec<_>, _>>()?.into_iter().flatten().collect())
    }

    /// The newest applied revision, with its number.
    ///
    /// # Errors
    /// [`JournalError`] when the journal or the revision cannot be read.
    pub fn revision(&self) -> Result<Option<(i64, Revision)>, JournalError> {
        let mut select = self.conn.prepare_cached("SELECT number, body FROM revisions ORDER BY number DESC LIMIT 1")?;
        let row: Option<(i64, String)> = select.query_row([], |row| Ok((row.get(0)?, row.get(1)?))).optional()?;
        row.map(|(number, body)| match serde_json::from_str(&body) {
            Ok(revision) => Ok((number, revision)),
            Err(error) => Err(JournalError::Sqlite(format!("revision {number} cannot be read: {error}"))),
        })
        .transpose()
    }

    /// What [`super::super::Journal::undo`] would take back for this actor.
    ///
    /// # Errors
    /// [`JournalError`] when the journal cannot be read.
    pub fn last_act(&self, actor: &Actor) -> Result<Option<LastAct>, JournalError> {
        Ok(undo::last_act(&self.conn, actor)?.map(|(act, _)| act))
    }
}

/// `retry` is refused for removed and disabled endpoints.
pub(super) fn line(row: &Row<'_>) -> rusqlite::Result<LogRow> {
    Ok(LogRow {
        seq: row.get(0)?,
        at: row.get(1)?,
        level: match row.get(2)? {
            0_i64 => Level::Info,
            1 => Level::Warning,
            _ => Level::Error,
        },
        source: LogSource::from_word(row.get_ref(3)?.as_str()?),
        who: row.get(4)?,
        endpoint: row.get(5)?,
        text: row.get(6)?,
    })
}

/// An order of a kind that this version does not know is left to the version that does.
fn order(row: &Row<'_>) -> rusqlite::Result<Option<Order>> {
    let kind = match row.get_ref(3)?.as_str()? {
        "pause" => OrderKind::Pause(row.get(5)?),
        "resume" => OrderKind::Resume,
        "reset" => OrderKind::Reset,
        "trip" => OrderKind::Trip,
        "resend" => OrderKind::Resend(row.get(4)?),
        _ => return Ok(None),
    };
    Ok(Some(Order { seq: row.get(0)?, who: row.get(1)?, endpoint: row.get(2)?, kind }))
}
