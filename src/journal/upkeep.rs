//! Retention: what is delivered, cleared or unmatched goes when it is old; bodies and attempts of those go earlier when
//! the journal grows too large. In steps, so that delivery never waits long.

use rusqlite::params;

use super::accept::bury;
use super::settle::buried;
use super::tx::{Room, Tx};
use super::{Buried, Epoch, JournalError, Upkeep, UpkeepResult};
use crate::event::{Event, Millis, Reason, State};

/// Rollups feed sparklines and the percentiles of the last minutes.
const ROLLUPS_KEPT: Millis = 2 * 24 * 60 * 60 * 1_000;
/// Free pages that stay in the file, to be used again.
const SPARE_PAGES: u64 = 256;
/// Events looked at when an event comes in and the journal is too large.
const RELIEF: usize = 500;

/// One step of retention.
pub(super) fn upkeep(tx: &mut Tx<'_>, upkeep: &Upkeep) -> Result<UpkeepResult, JournalError> {
    tx.saw(upkeep.now);
    tx.flush()?;
    let mut result = UpkeepResult::default();
    retain(tx, upkeep, &mut result)?;
    result.more |= clear_dead_letters(tx, upkeep)?;
    result.more |= trim(tx, upkeep)?;
    if upkeep.max_size > 0 && size(tx)? > upkeep.max_size {
        let relieved = relieve(tx, upkeep.step)?;
        result.more |= relieved > 0;
    }
    result.more |= shrink(tx, upkeep.step)?;
    Ok(result)
}

/// Removes old events whose deliveries are all delivered or cleared.
fn retain(tx: &mut Tx<'_>, upkeep: &Upkeep, result: &mut UpkeepResult) -> Result<(), JournalError> {
    let mut select =
        tx.conn.prepare_cached("SELECT seq, unrouted FROM events WHERE kept_from < ?1 ORDER BY kept_from LIMIT ?2")?;
    let old: Vec<(i64, bool)> = select
        .query_map(params![upkeep.keep_since, limit(upkeep.step)], |row| Ok((row.get(0)?, row.get(1)?)))?
        .collect::<Result<_, _>>()?;
    result.more = old.len() >= upkeep.step;
    for (event, unrouted) in old {
        let kept_from = match settled_at(tx, event)? {
            // What still waits, or is dead, can change at any time from now on: retention counts from then.
            None => Some(upkeep.now),
            Some(_) if unrouted => Some(upkeep.now),
            Some(at) if at >= upkeep.keep_since => Some(at),
            Some(_) => None,
        };
        if let Some(kept_from) = kept_from {
            tx.conn.prepare_cached("UPDATE events SET kept_from = ?2 WHERE seq = ?1")?.execute([event, kept_from])?;
        } else {
            remove(tx, event)?;
            result.events += 1;
        }
    }
    Ok(())
}

/// When the last of an event's deliveries was delivered or cleared (0: it has none); none if one may yet be sent.
fn settled_at(tx: &Tx<'_>, event: i64) -> Result<Option<Millis>, JournalError> {
    let mut select = tx.conn.prepare_cached(
        "SELECT coalesce(max(changed_at), 0), coalesce(sum(state NOT IN (3, 5)), 0) FROM deliveries WHERE event = ?1",
    )?;
    let (at, open): (Millis, i64) = select.query_row([event], |row| Ok((row.get(0)?, row.get(1)?)))?;
    Ok((open == 0).then_some(at))
}

fn remove(tx: &mut Tx<'_>, event: i64) -> Result<(), JournalError> {
    remove_attempts(tx, event)?;
    let mut delete = tx.conn.prepare_cached("DELETE FROM deliveries WHERE event = ?1 RETURNING endpoint, state")?;
    let rows: Vec<(i64, i64)> =
        delete.query_map([event], |row| Ok((row.get(0)?, row.get(1)?)))?.collect::<Result<_, _>>()?;
    for (endpoint, state) in rows {
        tx.moved(endpoint, State::from_code(state), None);
    }
    tx.conn.prepare_cached("DELETE FROM events WHERE seq = ?1")?.execute([event])?;
    Ok(())
}

fn remove_attempts(tx: &Tx<'_>, event: i64) -> Result<(), JournalError> {
    tx.conn
        .prepare_cached("DELETE FROM attempts WHERE delivery IN (SELECT seq FROM deliveries WHERE event = ?1)")?
        .execute([event])?;
    Ok(())
}

/// `dead_letter_limit`: the oldest are cleared. Answers whether there are more.
fn clear_dead_letters(tx: &mut Tx<'_>, upkeep: &Upkeep) -> Result<bool, JournalError> {
    if upkeep.dead_letter_limit == 0 {
        return Ok(false);
    }
    tx.flush()?;
    let mut sum = tx.conn.prepare_cached("SELECT coalesce(sum(dead), 0) FROM endpoints")?;
    let dead: u64 = sum.query_row([], |row| row.get(0))?;
    let over = usize::try_from(dead.saturating_sub(upkeep.dead_letter_limit)).unwrap_or(usize::MAX);
    let mut select = tx
        .conn
        .prepare_cached("SELECT seq, endpoint FROM deliveries WHERE state = 4 ORDER BY changed_at, seq LIMIT ?1")?;
    let oldest: Vec<(i64, i64)> = select
        .query_map([limit(over.min(upkeep.step))], |row| Ok((row.get(0)?, row.get(1)?)))?
        .collect::<Result<_, _>>()?;
    for (delivery, endpoint) in oldest {
        let change = tx.next_change();
        tx.conn
            .prepare_cached(
                "UPDATE deliveries SET state = 5, change = ?2, changed_at = ?3 WHERE seq = ?1 AND state = 4",
            )?
            .execute(params![delivery, change, upkeep.now])?;
        tx.moved(endpoint, Some(State::Dead), Some(State::Cleared));
    }
    Ok(over > upkeep.step)
}

/// Old log lines, acts that nobody will undo any more, old rollups.
fn trim(tx: &Tx<'_>, upkeep: &Upkeep) -> Result<bool, JournalError> {
    let step = limit(upkeep.step);
    let mut gone = 0;
    for (statement, since) in [
        ("DELETE FROM log WHERE seq IN (SELECT seq FROM log WHERE at < ?1 ORDER BY seq LIMIT ?2)", upkeep.keep_since),
        (
            "DELETE FROM rollups WHERE (minute, endpoint) IN
                 (SELECT minute, endpoint FROM rollups WHERE minute < ?1 ORDER BY minute LIMIT ?2)",
            (upkeep.now - ROLLUPS_KEPT) / 60_000,
        ),
        (
            "DELETE FROM act_rows WHERE (act, target) IN (SELECT r.act, r.target FROM acts a JOIN act_rows r ON r.act = a.seq
                 WHERE a.at < ?1 ORDER BY a.seq LIMIT ?2)",
            upkeep.keep_since,
        ),
        (
            "DELETE FROM acts WHERE seq IN (SELECT seq FROM acts WHERE at < ?1
                 AND NOT EXISTS (SELECT 1 FROM act_rows WHERE act = seq) ORDER BY seq LIMIT ?2)",
            upkeep.keep_since,
        ),
    ] {
        gone = gone.max(tx.conn.prepare_cached(statement)?.execute([since, step])?);
    }
    Ok(gone >= upkeep.step)
}

/// Takes bodies and attempts of settled events, oldest first, from where the last call ended; ids stay. Answers how many
/// it found.
fn relieve(tx: &mut Tx<'_>, step: usize) -> Result<usize, JournalError> {
    let from = tx.meta("relieved")?;
    let mut select = tx.conn.prepare_cached(
        "SELECT seq, body, unrouted FROM events WHERE seq > ?1 AND stripped = 0 ORDER BY seq LIMIT ?2",
    )?;
    let events: Vec<(i64, String, bool)> = select
        .query_map([from, limit(step)], |row| Ok((row.get(0)?, row.get(1)?, row.get(2)?)))?
        .collect::<Result<_, _>>()?;
    let mut relieved = 0;
    for (event, body, unrouted) in &events {
        if *unrouted || settled_at(tx, *event)?.is_none() {
            continue;
        }
        remove_attempts(tx, *event)?;
        tx.conn
            .prepare_cached("UPDATE events SET body = ?2, stripped = 1 WHERE seq = ?1")?
            .execute(params![event, stripped(body)])?;
        relieved += 1;
    }
    // At the end it begins anew: what waited the last time may be settled now.
    let reached = if events.len() < step { 0 } else { events.last().map_or(0, |(seq, ..)| *seq) };
    tx.set_meta("relieved", reached)?;
    Ok(relieved)
}

/// What stays of an event: id, type and time.
fn stripped(body: &str) -> String {
    let short = serde_json::from_str::<Event>(body).map(|event| {
        serde_json::json!({"id": event.id, "type": event.kind, "timestamp": event.timestamp, "message": ""}).to_string()
    });
    short.unwrap_or_else(|_| body.to_owned())
}

/// The bytes that hold something, if they are more than `max_size` and nothing can be removed.
pub(super) fn full(tx: &mut Tx<'_>, max_size: u64) -> Result<Option<u64>, JournalError> {
    if matches!(tx.room, Room::Unknown) {
        let size = size(tx)?;
        // From the start of the list once more, if the first look began behind what can go.
        let full = size > max_size && relieve(tx, RELIEF)? == 0 && relieve(tx, RELIEF)? == 0;
        tx.room = if full { Room::None(size) } else { Room::Enough };
    }
    Ok(match tx.room {
        Room::None(size) => Some(size),
        Room::Unknown | Room::Enough => None,
    })
}

/// Bytes of the journal that hold something.
fn size(tx: &Tx<'_>) -> Result<u64, JournalError> {
    let mut select = tx.conn.prepare_cached(
        "SELECT (page_count - freelist_count) * page_size
         FROM pragma_page_count(), pragma_freelist_count(), pragma_page_size()",
    )?;
    Ok(select.query_row([], |row| row.get(0))?)
}

/// Gives free pages back to the file system. Answers whether there are more.
fn shrink(tx: &Tx<'_>, step: usize) -> Result<bool, JournalError> {
    let free: u64 = tx.conn.prepare_cached("PRAGMA freelist_count")?.query_row([], |row| row.get(0))?;
    let step = u64::try_from(step).unwrap_or(u64::MAX);
    let pages = free.saturating_sub(SPARE_PAGES).min(step);
    if pages == 0 {
        return Ok(false);
    }
    let mut vacuum = tx.conn.prepare(&format!("PRAGMA incremental_vacuum({pages})"))?;
    let mut rows = vacuum.query([])?;
    while rows.next()?.is_some() {}
    Ok(free - pages > SPARE_PAGES)
}

/// Kills what waited for an endpoint longer than `max_age` ms. Looks at the first `step` retries and the first `step` fresh
/// deliveries of the lane, where the oldest are; what it misses is found by the claim.
pub(super) fn expire(
    tx: &mut Tx<'_>,
    epoch: Epoch,
    endpoint: i64,
    max_age: u64,
    step: usize,
    now: Millis,
) -> Result<Vec<Buried>, JournalError> {
    tx.check(epoch)?;
    tx.saw(now);
    let before = now.saturating_sub_unsigned(max_age);
    let mut died = Vec::new();
    for state in [State::Scheduled, State::Queued] {
        let mut select = tx.conn.prepare_cached(&format!(
            "SELECT seq FROM (SELECT seq, urgent, max(created_at, coalesce(retried_at, 0)) AS since FROM deliveries
                 WHERE endpoint = ?1 AND state = {} ORDER BY due_at, position LIMIT ?3)
             WHERE urgent = 0 AND since < ?2",
            state.code()
        ))?;
        let old: Vec<i64> =
            select.query_map(params![endpoint, before, limit(step)], |row| row.get(0))?.collect::<Result<_, _>>()?;
        for delivery in old {
            if bury(tx, delivery, endpoint, state, Reason::Expired, now)? {
                died.extend(buried(tx, delivery, Reason::Expired)?);
            }
        }
    }
    Ok(died)
}

fn limit(n: usize) -> i64 {
    i64::try_from(n).unwrap_or(i64::MAX)
}
