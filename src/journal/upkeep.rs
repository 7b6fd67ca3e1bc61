//! Retention: what is delivered, cleared or unmatched goes when it is old; bodies and attempts of those go earlier when
//! the journal grows too large. In steps, so that delivery never waits long.

use std::time::{Duration, Instant};

use rusqlite::{OptionalExtension, params};

use super::accept::bury;
use super::flights::{AT_REST, at_rest, state};
use super::settle::buried;
use super::tx::{Room, Tx};
use super::writer::Step;
use super::{Buried, Epoch, JournalError, Pace, Upkeep, UpkeepResult};
use crate::event::{Event, Millis, Reason, State};

/// Rollups feed sparklines and the percentiles of the last minutes.
const ROLLUPS_KEPT: Millis = 2 * 24 * 60 * 60 * 1_000;
/// Free pages that stay in the file, to be used again: one in so many, and no fewer than these. Under steady load what
/// retention frees is what comes in next; giving it back would only mean to ask for it again.
const SPARE_SHARE: u64 = 16;
const SPARE_PAGES: u64 = 256;
/// So small a part of `max_size` is kept free for what comes in before the next run.
const MARGIN: u64 = 32;
/// One look for what may go passes over so many events at most that have given all they can.
const REACH: i64 = 20_000;
/// What an event that comes in when the journal is too large may take from others.
const RELIEF: Pace = Pace { rows: 2_000, step: Duration::from_millis(2), run: Duration::ZERO };

/// How far a run of retention has come.
#[derive(Debug, Clone, Copy, Default)]
pub(super) struct Progress {
    begun: Option<Instant>,
    events: u64,
}

/// One step of retention.
pub(super) fn step(
    tx: &mut Tx<'_>,
    upkeep: &Upkeep,
    progress: &mut Progress,
) -> Result<Step<UpkeepResult>, JournalError> {
    let begun = *progress.begun.get_or_insert_with(Instant::now);
    tx.saw(upkeep.now);
    tx.flush()?;
    let share = Share::of(upkeep.pace);
    let mut more = retain(tx, upkeep, share, progress)?;
    more |= clear_dead_letters(tx, upkeep)?;
    more |= trim(tx, upkeep)?;
    more |= trim_header_sets(tx, upkeep.pace)?;
    if upkeep.max_size > 0 && size(tx)? > upkeep.max_size - upkeep.max_size / MARGIN {
        more |= relieve(tx, share)?.more;
    }
    // A share of its own, so that free pages never pile up behind the rows that are still to go.
    more |= shrink(tx, Share::of(upkeep.pace))?;
    if more && begun.elapsed() < upkeep.pace.run {
        return Ok(Step::More);
    }
    Ok(Step::Done(UpkeepResult { events: progress.events, more }))
}

/// What one kind of work may take of a step. At least one row gets done whatever the time, so that it comes to an end.
#[derive(Debug, Clone, Copy)]
struct Share {
    rows: usize,
    begun: Instant,
    time: Duration,
}

impl Share {
    fn of(pace: Pace) -> Self {
        Self { rows: pace.rows, begun: Instant::now(), time: pace.step / 2 }
    }

    fn is_spent(&self) -> bool {
        self.begun.elapsed() >= self.time
    }
}

/// An event that retention looks at.
struct Old {
    seq: i64,
    unrouted: bool,
    kept_from: Millis,
}

/// Removes old events whose deliveries are all delivered or cleared. Answers whether there are more.
fn retain(tx: &mut Tx<'_>, upkeep: &Upkeep, share: Share, progress: &mut Progress) -> Result<bool, JournalError> {
    let put_off = old(
        tx,
        "SELECT seq, unrouted, kept_from FROM events WHERE kept_from < ?1 AND kept_from <> accepted_at
         ORDER BY kept_from LIMIT ?2",
        (upkeep.keep_since, share.rows),
        |_| true,
    )?;
    let more = put_off.len() >= share.rows;
    for event in put_off {
        keep_or_remove(tx, upkeep, &event, progress)?;
        if share.is_spent() {
            return Ok(true);
        }
    }
    // Those that it has not come to yet lie in the order in which they came in. One from a time that is still to come (the
    // clock was wrong) must not stand before those after it.
    let mut retained = tx.meta("retained")?;
    let fresh = old(
        tx,
        "SELECT seq, unrouted, kept_from FROM events WHERE seq > ?1 AND kept_from = accepted_at ORDER BY seq LIMIT ?2",
        (retained, share.rows),
        |event| !(upkeep.keep_since..=upkeep.now).contains(&event.kept_from),
    )?;
    if fresh.is_empty() {
        return Ok(more);
    }
    let mut more = more || fresh.len() >= share.rows;
    for event in fresh {
        keep_or_remove(tx, upkeep, &event, progress)?;
        retained = event.seq;
        if share.is_spent() {
            more = true;
            break;
        }
    }
    tx.set_meta("retained", retained)?;
    Ok(more)
}

/// The events that a statement finds, as long as they are due: no row is read after the first that is not.
fn old(
    tx: &Tx<'_>,
    select: &str,
    (from, most): (i64, usize),
    is_due: impl Fn(&Old) -> bool,
) -> Result<Vec<Old>, JournalError> {
    let mut select = tx.conn.prepare_cached(select)?;
    let rows = select.query_map(params![from, limit(most)], |row| {
        Ok(Old { seq: row.get(0)?, unrouted: row.get(1)?, kept_from: row.get(2)? })
    })?;
    let due = rows.take_while(|row| row.as_ref().map_or(true, &is_due));
    Ok(due.collect::<Result<_, _>>()?)
}

/// Removes an event, or puts it off: to a time that is not that of its acceptance, so that the index of those finds it.
fn keep_or_remove(tx: &mut Tx<'_>, upkeep: &Upkeep, event: &Old, progress: &mut Progress) -> Result<(), JournalError> {
    let kept_from = match settled_at(tx, event.seq)? {
        // What still waits, or is dead, can change at any time from now on: retention counts from then.
        None => Some(upkeep.now),
        Some(_) if event.unrouted || event.kept_from > upkeep.now => Some(upkeep.now),
        Some(at) if at >= upkeep.keep_since => Some(at),
        Some(_) => None,
    };
    if let Some(kept_from) = kept_from {
        tx.conn
            .prepare_cached("UPDATE events SET kept_from = ?2 + (?2 = accepted_at) WHERE seq = ?1")?
            .execute([event.seq, kept_from])?;
    } else {
        remove(tx, event.seq)?;
        progress.events += 1;
    }
    Ok(())
}

/// When the last of an event's deliveries was delivered or cleared (0: it has none); none if one may yet be sent.
fn settled_at(tx: &Tx<'_>, event: i64) -> Result<Option<Millis>, JournalError> {
    let mut select = tx.conn.prepare_cached(concat!(
        "SELECT coalesce(max(d.changed_at), 0), coalesce(sum(",
        state!(),
        " NOT IN (3, 5)), 0) FROM deliveries d WHERE d.event = ?1"
    ))?;
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

fn remove_attempts(tx: &mut Tx<'_>, event: i64) -> Result<(), JournalError> {
    let mut delete = tx.conn.prepare_cached(
        "DELETE FROM attempts WHERE seq IN (SELECT first_attempt FROM deliveries WHERE event = ?1
             UNION ALL SELECT a.seq FROM deliveries d CROSS JOIN attempts a ON a.delivery = d.seq AND a.is_first IS NULL
                 WHERE d.event = ?1) RETURNING request_set, response_set",
    )?;
    let mut rows = delete.query([event])?;
    while let Some(row) = rows.next()? {
        let sets: [Option<i64>; 2] = [row.get(0)?, row.get(1)?];
        for set in sets.into_iter().flatten() {
            tx.leave_header_set(set);
        }
    }
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
    let mut select = tx.conn.prepare_cached(concat!(
        "SELECT d.seq, d.endpoint FROM deliveries d WHERE d.state = 4 AND ",
        at_rest!(),
        " ORDER BY d.changed_at, d.seq LIMIT ?1"
    ))?;
    let oldest: Vec<(i64, i64)> = select
        .query_map([limit(over.min(upkeep.pace.rows))], |row| Ok((row.get(0)?, row.get(1)?)))?
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
    Ok(over > upkeep.pace.rows)
}

/// Old log lines, acts that nobody will undo any more, old rollups.
fn trim(tx: &Tx<'_>, upkeep: &Upkeep) -> Result<bool, JournalError> {
    let rows = limit(upkeep.pace.rows);
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
        gone = gone.max(tx.conn.prepare_cached(statement)?.execute([since, rows])?);
    }
    Ok(gone >= upkeep.pace.rows)
}

/// Headers that no attempt has any more. Answers whether there are more.
fn trim_header_sets(tx: &mut Tx<'_>, pace: Pace) -> Result<bool, JournalError> {
    tx.flush()?;
    Ok(tx.remove_unused_header_sets(limit(pace.rows))? >= pace.rows)
}

/// What a look for bodies and attempts that may go has found.
#[derive(Debug, Clone, Copy)]
struct Relief {
    /// Something went.
    any: bool,
    /// There may be more.
    more: bool,
}

/// Takes bodies and attempts of settled events, oldest first, from where the last look ended; ids stay.
fn relieve(tx: &mut Tx<'_>, share: Share) -> Result<Relief, JournalError> {
    let mut ends = tx.conn.prepare_cached("SELECT (SELECT min(seq) FROM events), (SELECT max(seq) FROM events)")?;
    let (oldest, newest): (Option<i64>, Option<i64>) = ends.query_row([], |row| Ok((row.get(0)?, row.get(1)?)))?;
    let from = tx.meta("relieved")?.max(oldest.unwrap_or_default() - 1);
    let mut last = tx.conn.prepare_cached("SELECT seq FROM events WHERE seq > ?1 ORDER BY seq LIMIT 1 OFFSET ?2")?;
    let mut reached: i64 =
        last.query_row([from, REACH - 1], |row| row.get(0)).optional()?.or(newest).unwrap_or_default();
    let mut select = tx.conn.prepare_cached(
        "SELECT seq, body, unrouted FROM events WHERE seq > ?1 AND seq <= ?2 AND stripped = 0 ORDER BY seq LIMIT ?3",
    )?;
    let events: Vec<(i64, String, bool)> = select
        .query_map(params![from, reached, limit(share.rows)], |row| Ok((row.get(0)?, row.get(1)?, row.get(2)?)))?
        .collect::<Result<_, _>>()?;
    let mut any = false;
    for (n, (event, body, unrouted)) in events.iter().enumerate() {
        if !*unrouted && settled_at(tx, *event)?.is_some() {
            remove_attempts(tx, *event)?;
            tx.conn
                .prepare_cached("UPDATE events SET body = ?2, stripped = 1 WHERE seq = ?1")?
                .execute(params![event, stripped(body)])?;
            any = true;
        }
        if n + 1 == share.rows || (any && share.is_spent()) {
            reached = *event;
            break;
        }
    }
    // At the end it begins anew: what waited the last time may be settled now.
    if reached >= newest.unwrap_or_default() {
        reached = 0;
    }
    tx.set_meta("relieved", reached)?;
    Ok(Relief { any, more: any || reached > 0 })
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
        // An event whose deliveries are not stored yet would look as if nobody waited for it.
        tx.store_deliveries()?;
        // From the start of the list once more, if the first look began behind what can go.
        let full = size > max_size && !relieve(tx, Share::of(RELIEF))?.any && !relieve(tx, Share::of(RELIEF))?.any;
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
fn shrink(tx: &Tx<'_>, share: Share) -> Result<bool, JournalError> {
    let mut select = tx
        .conn
        .prepare_cached("SELECT page_count, freelist_count FROM pragma_page_count(), pragma_freelist_count()")?;
    let (pages, free): (u64, u64) = select.query_row([], |row| Ok((row.get(0)?, row.get(1)?)))?;
    let mut left = free.saturating_sub(SPARE_PAGES.max(pages / SPARE_SHARE));
    if left == 0 {
        return Ok(false);
    }
    let most = left.min(u64::try_from(share.rows).unwrap_or(u64::MAX));
    let mut vacuum = tx.conn.prepare(&format!("PRAGMA incremental_vacuum({most})"))?;
    // A row a page.
    let mut rows = vacuum.query([])?;
    while rows.next()?.is_some() {
        left -= 1;
        if share.is_spent() {
            break;
        }
    }
    Ok(left > 0)
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
            "SELECT seq FROM (SELECT d.seq, d.urgent, max(d.created_at, coalesce(d.retried_at, 0)) AS since FROM deliveries d
                 WHERE d.endpoint = ?1 AND d.state = {} AND {AT_REST} ORDER BY d.due_at, d.position LIMIT ?3)
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
