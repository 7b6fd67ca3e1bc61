//! `overflow: drop_oldest`: where the queue is full the oldest of what waits dies, and the dispatcher tells of it.

use rusqlite::{Row, params};

use super::accept::bury;
use super::flights::at_rest;
use super::tx::Tx;
use super::{Buried, Epoch, JournalError, Overflow, named};
use crate::event::{Millis, Reason, State};

/// The count of deaths that were told, beside the count of all.
pub(super) const TOLD: &str = "dropped_told";

/// Of so many deaths the alerts are made, of the newest; the others are counted only.
const MOST: u64 = 10_000;

/// The oldest of what waits dies, whatever its endpoint.
pub(super) fn drop_oldest(tx: &mut Tx<'_>, n: u64, now: Millis) -> Result<(), JournalError> {
    tx.store_deliveries()?;
    let n = usize::try_from(n).unwrap_or(usize::MAX);
    let limit = i64::try_from(n).unwrap_or(i64::MAX);
    let mut oldest: Vec<(Millis, i64, i64, i64)> = Vec::new();
    let read = |row: &Row<'_>| Ok((row.get(0)?, row.get(1)?, row.get(2)?, row.get(3)?));
    let mut seen_before = tx.conn.prepare_cached(concat!(
        "SELECT d.created_at, d.seq, d.endpoint, d.state FROM deliveries d
         WHERE (d.state = 0 OR d.state = 1) AND (d.tried_at > 0 OR d.retried_at IS NOT NULL) AND ",
        at_rest!(),
        " ORDER BY d.created_at, d.seq LIMIT ?1"
    ))?;
    for row in seen_before.query_map([limit], read)? {
        oldest.push(row?);
    }
    // Those that were never tried stand in their lanes in the order in which they came.
    let mut fresh = tx.conn.prepare_cached(concat!(
        "SELECT d.created_at, d.seq, d.endpoint, d.state FROM deliveries d WHERE d.endpoint = ?1 AND d.state = 0 AND ",
        at_rest!(),
        " ORDER BY d.due_at, d.position LIMIT ?2"
    ))?;
    for endpoint in tx.endpoints()?.iter() {
        for row in fresh.query_map([endpoint.key, limit], read)? {
            oldest.push(row?);
        }
    }
    oldest.sort_unstable();
    oldest.dedup();
    for (_, seq, endpoint, state) in oldest.into_iter().take(n) {
        if let Some(from) = State::from_code(state)
            && bury(tx, seq, endpoint, from, Reason::Overflow, now)?
        {
            tx.overflowed();
        }
    }
    Ok(())
}

/// The deaths that no dispatcher has told of yet: they come with what is accepted, in whatever process that is. From now on they
/// count as told.
pub(super) fn take(tx: &mut Tx<'_>, epoch: Epoch) -> Result<Overflow, JournalError> {
    tx.check(epoch)?;
    tx.flush()?;
    let all = tx.meta("dropped")?;
    let told: i64 = tx
        .conn
        .prepare_cached("SELECT coalesce(max(value), 0) FROM meta WHERE key = ?1")?
        .query_row([TOLD], |row| row.get(0))?;
    let died = u64::try_from(all.saturating_sub(told)).unwrap_or_default();
    if died == 0 {
        return Ok(Overflow::default());
    }
    tx.conn
        .prepare_cached("INSERT INTO meta (key, value) VALUES (?1, ?2) ON CONFLICT (key) DO UPDATE SET value = ?2")?
        .execute(params![TOLD, all])?;
    let mut select = tx.conn.prepare_cached(
        "SELECT d.alias, e.id, p.id, e.type, d.endpoint FROM deliveries d CROSS JOIN events e ON e.seq = d.event
         CROSS JOIN endpoints p ON p.key = d.endpoint
         WHERE d.state = 4 AND d.reason = ?1 ORDER BY d.changed_at DESC, d.seq DESC LIMIT ?2",
    )?;
    let read = |row: &Row<'_>| {
        let (event_id, endpoint_id): (String, String) = (row.get(1)?, row.get(2)?);
        Ok(Buried {
            id: named::from_parts(row.get(0)?, &event_id, &endpoint_id),
            event_id,
            event_type: row.get(3)?,
            endpoint: row.get(4)?,
            reason: Reason::Overflow,
        })
    };
    let newest = select.query_map(params![Reason::Overflow.code(), died.min(MOST)], read)?;
    Ok(Overflow { died, newest: newest.collect::<Result<_, _>>()? })
}
