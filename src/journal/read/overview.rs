//! The figures of the whole, from counters: they cost the same whatever the journal holds.

use rusqlite::{OptionalExtension, Row};

use super::Reader;
use crate::event::{Circuit, EndpointState, Millis};
use crate::journal::claim::SUSPECT;
use crate::journal::flights::at_rest;
use crate::journal::overflow;
use crate::journal::{CircuitRow, Counts, DispatcherRow, EndpointRow, JournalError, Overview, Standing};

impl Reader {
    /// The figures of the whole.
    ///
    /// # Errors
    /// [`JournalError`] when the journal cannot be read.
    pub fn overview(&self, now: Millis) -> Result<Overview, JournalError> {
        let endpoints: Vec<EndpointRow> = self.endpoints()?.into_iter().map(|row| row.at(now)).collect();
        let mut oldest_due_at = None;
        let mut next_retry_at = None;
        // What is in flight counts too: of all that is (never more than may be sent at once), and where it is met with the rest.
        let in_flight =
            self.first("SELECT min(d.created_at) FROM flights f CROSS JOIN deliveries d ON d.seq = f.delivery")?;
        let seen_before = self.first(
            "SELECT created_at FROM deliveries
             WHERE (state = 0 OR state = 1) AND (tried_at > 0 OR retried_at IS NOT NULL) ORDER BY created_at LIMIT 1",
        )?;
        let mut oldest_undelivered_at = earlier(in_flight, seen_before);
        for endpoint in &endpoints {
            oldest_undelivered_at = earlier(oldest_undelivered_at, self.oldest_fresh(endpoint)?);
            if endpoint.held(now).is_none() {
                let retry = self.next_retry(endpoint)?;
                next_retry_at = earlier(next_retry_at, retry);
                oldest_due_at = earlier(oldest_due_at, earlier(retry, self.queued_since(endpoint)?));
            }
        }
        let pid = u32::try_from(self.meta("dispatcher_pid")?).unwrap_or_default();
        let since = self.meta("dispatcher_since")?;
        Ok(Overview {
            endpoints,
            oldest_undelivered_at,
            oldest_due_at,
            next_retry_at,
            oldest_dead_at: self.first(concat!(
                "SELECT d.changed_at FROM deliveries d WHERE d.state = 4 AND ",
                at_rest!(),
                " ORDER BY d.changed_at LIMIT 1"
            ))?,
            events: count(self.meta("events")?),
            dropped: count(self.meta("dropped")?),
            change: self.meta("change")?,
            dispatcher: (pid != 0).then_some(DispatcherRow { pid, since }),
            room: self.room()?,
        })
    }

    /// Every endpoint the journal knows, as it was left, in file order, removed ones last.
    ///
    /// # Errors
    /// [`JournalError`] when the journal cannot be read.
    pub fn endpoints(&self) -> Result<Vec<EndpointRow>, JournalError> {
        endpoints(&self.conn)
    }

    /// How every endpoint stands, in no order.
    ///
    /// # Errors
    /// [`JournalError`] when the journal cannot be read.
    pub fn standings(&self) -> Result<Vec<Standing>, JournalError> {
        let mut select =
            self.conn.prepare_cached("SELECT key, state, paused_until, queued, scheduled FROM endpoints")?;
        let rows = select.query_map([], |row| {
            Ok(Standing {
                key: row.get(0)?,
                state: EndpointState::from_code(row.get(1)?).unwrap_or(EndpointState::Disabled),
                paused_until: row.get(2)?,
                queued: row.get(3)?,
                scheduled: row.get(4)?,
            })
        })?;
        Ok(rows.collect::<Result<_, _>>()?)
    }

    /// The endpoints for which a delivery waits that crashed three times in a row, by journal key.
    ///
    /// # Errors
    /// [`JournalError`] when the journal cannot be read.
    pub fn suspects(&self) -> Result<Vec<i64>, JournalError> {
        let mut select =
            self.conn.prepare_cached(&format!("SELECT DISTINCT d.endpoint FROM deliveries d WHERE {SUSPECT}"))?;
        Ok(select.query_map([], |row| row.get(0))?.collect::<Result<_, _>>()?)
    }

    /// Whether deliveries died by overflow of which no dispatcher has told yet.
    ///
    /// # Errors
    /// [`JournalError`] when the journal cannot be read.
    pub fn has_overflowed(&self) -> Result<bool, JournalError> {
        Ok(self.meta("dropped")? > self.meta(overflow::TOLD)?)
    }

    /// The next due time of an endpoint's scheduled deliveries.
    fn next_retry(&self, endpoint: &EndpointRow) -> Result<Option<Millis>, JournalError> {
        if endpoint.counts.scheduled == 0 {
            return Ok(None);
        }
        let mut select = self.conn.prepare_cached(concat!(
            "SELECT d.due_at FROM deliveries d WHERE d.endpoint = ?1 AND d.state = 1 AND ",
            at_rest!(),
            " ORDER BY d.due_at LIMIT 1"
        ))?;
        Ok(select.query_row([endpoint.key], |row| row.get(0)).optional()?)
    }

    /// When the delivery at the head of an endpoint's queue was accepted. Those that were never tried stand in the order in
    /// which they came.
    fn oldest_fresh(&self, endpoint: &EndpointRow) -> Result<Option<Millis>, JournalError> {
        if endpoint.counts.queued == 0 {
            return Ok(None);
        }
        let mut select = self.conn.prepare_cached(
            "SELECT created_at FROM deliveries WHERE endpoint = ?1 AND state = 0 ORDER BY due_at, position LIMIT 1",
        )?;
        Ok(select.query_row([endpoint.key], |row| row.get(0)).optional()?)
    }

    /// Since when the head of an endpoint's queue waits for its turn.
    fn queued_since(&self, endpoint: &EndpointRow) -> Result<Option<Millis>, JournalError> {
        if endpoint.counts.queued == 0 {
            return Ok(None);
        }
        let mut select = self.conn.prepare_cached(concat!(
            "SELECT d.changed_at FROM deliveries d WHERE d.endpoint = ?1 AND d.state = 0 AND ",
            at_rest!(),
            " ORDER BY d.due_at, d.position LIMIT 1"
        ))?;
        Ok(select.query_row([endpoint.key], |row| row.get(0)).optional()?)
    }

    /// When a lane has something to do next: now (0) if something is queued, else the next due time.
    ///
    /// # Errors
    /// [`JournalError`] when the journal cannot be read.
    pub fn next_due(&self, endpoint: i64) -> Result<Option<Millis>, JournalError> {
        let mut select = self.conn.prepare_cached(concat!(
            "SELECT d.due_at FROM deliveries d WHERE d.endpoint = ?1 AND (d.state = 0 OR d.state = 1) AND ",
            at_rest!(),
            " ORDER BY d.state, d.due_at LIMIT 1"
        ))?;
        Ok(select.query_row([endpoint], |row| row.get(0)).optional()?)
    }

    fn first(&self, query: &str) -> Result<Option<i64>, JournalError> {
        Ok(self.conn.prepare_cached(query)?.query_row([], |row| row.get(0)).optional()?.flatten())
    }

    fn meta(&self, key: &str) -> Result<i64, JournalError> {
        let mut select = self.conn.prepare_cached("SELECT value FROM meta WHERE key = ?1")?;
        Ok(select.query_row([key], |row| row.get(0)).optional()?.unwrap_or_default())
    }
}

/// As [`Reader::endpoints`].
pub(in crate::journal) fn endpoints(conn: &rusqlite::Connection) -> Result<Vec<EndpointRow>, JournalError> {
    let mut select = conn.prepare_cached(
            "SELECT key, id, name, host, state, disabled_by, missing, paused_until, paused_by, circuit,
                 consecutive_failures, opened_at, probe_at, cooldown_ms, good_probes, openings, ramp, circuit_skips,
                 hold_until, failing_since, last_success_at, last_attempt_at, last_status, last_error, queued, scheduled,
                 in_flight, delivered, dead, cleared, total_delivered, total_dead
             FROM endpoints ORDER BY state = 3, position, key",
        )?;
    let rows = select.query_map([], endpoint)?;
    Ok(rows.collect::<Result<_, _>>()?)
}

fn earlier(one: Option<Millis>, other: Option<Millis>) -> Option<Millis> {
    [one, other].into_iter().flatten().min()
}

fn count(n: i64) -> u64 {
    u64::try_from(n).unwrap_or_default()
}

fn endpoint(row: &Row<'_>) -> rusqlite::Result<EndpointRow> {
    Ok(EndpointRow {
        key: row.get(0)?,
        id: row.get(1)?,
        name: row.get(2)?,
        host: row.get(3)?,
        state: EndpointState::from_code(row.get(4)?).unwrap_or(EndpointState::Disabled),
        disabled_by: row.get(5)?,
        missing: row.get(6)?,
        paused_until: row.get(7)?,
        paused_by: row.get(8)?,
        circuit: CircuitRow {
            circuit: Circuit::from_code(row.get(9)?).unwrap_or(Circuit::Closed),
            consecutive_failures: row.get(10)?,
            opened_at: row.get(11)?,
            probe_at: row.get(12)?,
            cooldown_ms: row.get(13)?,
            good_probes: row.get(14)?,
            openings: row.get(15)?,
            ramp: row.get(16)?,
        },
        circuit_skips: row.get(17)?,
        hold_until: row.get(18)?,
        failing_since: row.get(19)?,
        last_success_at: row.get(20)?,
        last_attempt_at: row.get(21)?,
        last_status: row.get(22)?,
        last_error: row.get(23)?,
        counts: Counts {
            queued: row.get(24)?,
            scheduled: row.get(25)?,
            in_flight: row.get(26)?,
            delivered: row.get(27)?,
            dead: row.get(28)?,
            cleared: row.get(29)?,
        },
        total_delivered: row.get(30)?,
        total_dead: row.get(31)?,
    })
}
