//! Log, rollups, orders, revision, acts.

use rusqlite::types::Value;
use rusqlite::{OptionalExtension, Row};

use super::Reader;
use super::page::List;
use crate::event::query::Subject;
use crate::event::{EndpointState, Millis, Query, Revision};
use crate::journal::condition::{self, Condition, DELIVERIES};
use crate::journal::latency::Latencies;
use crate::journal::{
    Act, Actor, EndpointRow, JournalError, Level, LogRow, LogSource, Order, OrderKind, Page, RollupRow, Selection,
};

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

    /// What [`super::super::Journal::undo`] would take back for this actor: the act in words, and its rows.
    ///
    /// # Errors
    /// [`JournalError`] when the journal cannot be read.
    pub fn last_act(&self, actor: &Actor) -> Result<Option<(String, u64)>, JournalError> {
        let mut select = self
            .conn
            .prepare_cached("SELECT text, count FROM acts WHERE who = ?1 AND undone = 0 ORDER BY seq DESC LIMIT 1")?;
        Ok(select.query_row([&actor.0], |row| Ok((row.get(0)?, row.get(1)?))).optional()?)
    }

    /// How many deliveries an act on this selection would change, by endpoint name; endpoints with none are left out.
    ///
    /// # Errors
    /// [`JournalError`] when the journal cannot be read.
    pub fn count(&self, act: Act, selection: &Selection) -> Result<Vec<(String, u64)>, JournalError> {
        let (states, column) = match act {
            Act::Retry | Act::Clear => ("d.state = 4", "dead"),
            Act::Restore => ("d.state = 5", "cleared"),
            Act::Cancel => ("(d.state = 0 OR d.state = 1)", "queued + scheduled"),
        };
        // `retry` is refused for removed and disabled endpoints.
        let takes_part = if act == Act::Retry { "p.state < 2" } else { "1" };
        let key = match selection {
            Selection::Ids(ids) => return self.count_ids(ids, states, takes_part),
            Selection::Endpoint(name) => match self.endpoint_key(name)? {
                None => return Ok(Vec::new()),
                key => key,
            },
            Selection::All => None,
            Selection::Matching { query, .. } if query.is_all() => None,
            Selection::Matching { query, as_of, at } => return self.count_found(act, query, *as_of, *at),
        };
        let mut select = self.conn.prepare_cached(&format!(
            "SELECT p.name, {column} AS n FROM endpoints p WHERE n > 0 AND {takes_part} AND (?1 IS NULL OR p.key = ?1)
             ORDER BY p.position, p.key"
        ))?;
        let rows = select.query_map([key], |row| Ok((row.get(0)?, row.get(1)?)))?;
        Ok(rows.collect::<Result<_, _>>()?)
    }

    /// Looks through every row that the act is for: what a filter means does not depend on how far a list looks.
    fn count_found(&self, act: Act, query: &Query, as_of: i64, at: Millis) -> Result<Vec<(String, u64)>, JournalError> {
        query.check(Subject::Deliveries).map_err(JournalError::Filter)?;
        let endpoints = self.endpoints()?;
        let condition = Condition::new(query, &DELIVERIES, &endpoints, at, 3);
        let mut counts: Vec<(String, u64)> = Vec::new();
        for part in condition::parts(query, &endpoints, at) {
            let endpoint = endpoints.iter().find(|one| one.key == part.endpoint);
            let Some(endpoint) = endpoint.filter(|one| part.count > 0 && act.is_for(part.state) && can(act, one))
            else {
                continue;
            };
            let mut select = self.conn.prepare_cached(&format!(
                "SELECT count(*) FROM deliveries d {joined}
                 WHERE d.endpoint = ?1 AND d.state = {state} AND d.change <= ?2 AND {condition}",
                state = part.state.code(),
                condition = condition.sql,
                joined = condition.deliveries(),
            ))?;
            let own = [part.endpoint, as_of].map(Value::Integer).into_iter();
            let values = own.chain(condition.values.iter().cloned());
            let count: u64 = select.query_row(rusqlite::params_from_iter(values), |row| row.get(0))?;
            match counts.last_mut() {
                Some((name, n)) if *name == endpoint.name => *n += count,
                _ if count > 0 => counts.push((endpoint.name.clone(), count)),
                _ => {}
            }
        }
        Ok(counts)
    }

    fn count_ids(&self, ids: &[String], states: &str, takes_part: &str) -> Result<Vec<(String, u64)>, JournalError> {
        let mut select = self.conn.prepare_cached(&format!(
            "SELECT d.seq, p.name FROM deliveries d JOIN endpoints p ON p.key = d.endpoint
             WHERE (d.id = ?1 OR d.event = (SELECT seq FROM events WHERE id = ?1)) AND {states} AND {takes_part}"
        ))?;
        let mut found = std::collections::BTreeMap::new();
        for id in ids {
            let rows = select.query_map([id], |row| Ok((row.get::<_, i64>(0)?, row.get::<_, String>(1)?)))?;
            for row in rows {
                let (seq, name) = row?;
                found.insert(seq, name);
            }
        }
        let mut counts: Vec<(String, u64)> = Vec::new();
        for name in found.into_values() {
            match counts.iter_mut().find(|(counted, _)| *counted == name) {
                Some((_, n)) => *n += 1,
                None => counts.push((name, 1)),
            }
        }
        Ok(counts)
    }
}

/// `retry` is refused for removed and disabled endpoints.
const fn can(act: Act, endpoint: &EndpointRow) -> bool {
    !matches!((act, endpoint.state), (Act::Retry, EndpointState::Removed | EndpointState::Disabled))
}

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
