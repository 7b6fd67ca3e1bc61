//! Counters per endpoint and per minute: gathered while a transaction runs, written once before its commit.

use rusqlite::{Connection, OptionalExtension, params};

use super::JournalError;
use super::latency::Latencies;
use crate::event::{Millis, State};

/// What happened to an endpoint's deliveries in this transaction.
#[derive(Debug, Default)]
pub(super) struct Tally {
    by_state: [i64; 6],
    /// Delivered for the first time.
    pub delivered_ever: i64,
    /// Died.
    pub dead_ever: i64,
    /// Came to wait behind the open circuit.
    pub skips: i64,
    newest: Option<Newest>,
    good_at: Option<Millis>,
    bad_since: Option<Millis>,
}

/// The attempt that ended last.
#[derive(Debug)]
struct Newest {
    /// Its end, as the other times of an endpoint are ends.
    at: Millis,
    status: Option<u16>,
    error: Option<String>,
}

/// What happened in one minute.
#[derive(Debug, Default)]
pub(super) struct Minute {
    pub accepted: i64,
    delivered: i64,
    failed: i64,
    latencies: Latencies,
}

/// An attempt, as far as it speaks of its endpoint.
pub(super) struct Told<'a> {
    pub good: bool,
    pub status: Option<u16>,
    pub error: Option<&'a str>,
    pub duration_us: Option<u64>,
}

impl Tally {
    /// A delivery came into being, changed its state, or went.
    pub fn moved(&mut self, from: Option<State>, to: Option<State>) {
        for (state, n) in [(from, -1), (to, 1)] {
            let slot = state.and_then(|state| usize::try_from(state.code()).ok());
            if let Some(count) = slot.and_then(|slot| self.by_state.get_mut(slot)) {
                *count += n;
            }
        }
    }

    /// An attempt that has just ended spoke of the endpoint.
    pub fn tell(&mut self, now: Millis, told: &Told<'_>) {
        self.newest = Some(Newest { at: now, status: told.status, error: told.error.map(ToOwned::to_owned) });
        if told.good {
            self.good_at = Some(now);
            self.bad_since = None;
        } else if self.bad_since.is_none() {
            self.bad_since = Some(now);
        }
    }

    /// Adds it to the endpoint's row.
    pub fn write(&self, conn: &Connection, endpoint: i64) -> Result<(), JournalError> {
        let [queued, scheduled, in_flight, delivered, dead, cleared] = self.by_state;
        conn.prepare_cached(
            "UPDATE endpoints SET queued = queued + ?2, scheduled = scheduled + ?3, in_flight = in_flight + ?4,
                     delivered = delivered + ?5, dead = dead + ?6, cleared = cleared + ?7,
                     total_delivered = total_delivered + ?8, total_dead = total_dead + ?9,
                     circuit_skips = circuit_skips + ?10
                 WHERE key = ?1",
        )?
        .execute(params![
            endpoint,
            queued,
            scheduled,
            in_flight,
            delivered,
            dead,
            cleared,
            self.delivered_ever,
            self.dead_ever,
            self.skips
        ])?;
        let Some(newest) = &self.newest else { return Ok(()) };
        conn.prepare_cached(
            "UPDATE endpoints SET last_attempt_at = ?2, last_status = ?3, last_error = ?4,
                     failing_since = CASE WHEN ?5 IS NULL THEN coalesce(failing_since, ?6) ELSE ?6 END,
                     last_success_at = coalesce(?5, last_success_at)
                 WHERE key = ?1",
        )?
        .execute(params![endpoint, newest.at, newest.status, newest.error, self.good_at, self.bad_since])?;
        Ok(())
    }
}

impl Minute {
    /// An attempt spoke of the endpoint.
    pub fn tell(&mut self, told: &Told<'_>) {
        if told.good {
            self.delivered += 1;
        } else {
            self.failed += 1;
        }
        if let (Some(_), Some(micros)) = (told.status, told.duration_us) {
            self.latencies.add(micros);
        }
    }

    /// Adds it to the rollup of that minute.
    pub fn write(mut self, conn: &Connection, minute: i64, endpoint: i64) -> Result<(), JournalError> {
        if self.latencies.total() > 0 {
            let mut read = conn.prepare_cached("SELECT latencies FROM rollups WHERE minute = ?1 AND endpoint = ?2")?;
            let stored: Option<Option<Vec<u8>>> = read.query_row([minute, endpoint], |row| row.get(0)).optional()?;
            if let Some(Some(stored)) = stored {
                self.latencies.merge(&Latencies::from_bytes(&stored));
            }
        }
        let latencies = (self.latencies.total() > 0).then(|| self.latencies.to_bytes());
        conn.prepare_cached(
            "INSERT INTO rollups (minute, endpoint, accepted, delivered, failed, latencies)
                 VALUES (?1, ?2, ?3, ?4, ?5, ?6)
                 ON CONFLICT (minute, endpoint) DO UPDATE SET accepted = accepted + excluded.accepted,
                     delivered = delivered + excluded.delivered, failed = failed + excluded.failed,
                     latencies = coalesce(excluded.latencies, latencies)",
        )?
        .execute(params![minute, endpoint, self.accepted, self.delivered, self.failed, latencies])?;
        Ok(())
    }
}
