//! Undo: takes back the last act of the same person, row by row, only where nothing has happened since. An act of which
//! nothing can be taken back stays the last one: undo never reaches past it for an older one.

use rusqlite::{Connection, OptionalExtension, params};

use super::acts::write_log;
use super::flights::at_rest;
use super::tx::Tx;
use super::writer::Step;
use super::{Actor, JournalError, LastAct, OrderKind, Undone, orders};
use crate::event::{EndpointState, Millis, State};

/// Rows per transaction.
const ROWS: i64 = 2_000;

/// How far it has come.
#[derive(Debug, Clone, Default)]
pub(super) struct Progress {
    /// The act, and its kind.
    act: Option<(LastAct, String)>,
    /// Rows up to this target are done with.
    after: i64,
    undone: u64,
}

/// What a row was before the act.
struct Was {
    target: i64,
    change: i64,
    tries: u32,
    reason: Option<i64>,
    position: i64,
    changed_at: Millis,
}

/// One step of the undo; why there is none, in words.
pub(super) fn step(
    tx: &mut Tx<'_>,
    asked: &LastAct,
    actor: &Actor,
    progress: &mut Progress,
    now: Millis,
) -> Result<Step<Result<Undone, String>>, JournalError> {
    tx.saw(now);
    let (act, kind) = match progress.act.clone() {
        Some(begun) => begun,
        None => match still_last(tx.conn, asked, actor)? {
            Ok(act) => progress.act.insert(act).clone(),
            Err(why) => return Ok(Step::Done(Err(why))),
        },
    };
    // Marked from the first step on, so that nobody takes it back twice.
    mark(tx, act.seq, true)?;
    let rows = rows(tx, act.seq, progress.after)?;
    for was in &rows {
        progress.after = was.target;
        let undone = match kind.as_str() {
            "pause" | "resume" => undo_order(tx, act.seq, &kind, was, actor, now)?,
            kind => undo_row(tx, act.seq, kind, was, now)?,
        };
        progress.undone += u64::from(undone);
    }
    if i64::try_from(rows.len()).unwrap_or(ROWS) == ROWS {
        return Ok(Step::More);
    }
    if progress.undone == 0 {
        mark(tx, act.seq, false)?;
    } else {
        let text = format!("undo {}: {} of {} undone", act.what, progress.undone, act.rows);
        write_log(tx, actor, None, text, now)?;
    }
    Ok(Step::Done(Ok(Undone { what: act.what, undone: progress.undone, of: act.rows })))
}

fn mark(tx: &Tx<'_>, act: i64, undone: bool) -> Result<(), JournalError> {
    tx.conn.prepare_cached("UPDATE acts SET undone = ?2 WHERE seq = ?1")?.execute(params![act, undone])?;
    Ok(())
}

/// The act that was asked about and its kind, as it stands now, if it still is the last one and can be taken back.
fn still_last(
    conn: &Connection,
    asked: &LastAct,
    actor: &Actor,
) -> Result<Result<(LastAct, String), String>, JournalError> {
    let what = &asked.what;
    Ok(match last_act(conn, actor)? {
        Some((act, kind)) if act.seq == asked.seq => match act.stays {
            Some(why) => Err(why),
            None => Ok((act, kind)),
        },
        Some((newer, _)) if newer.seq > asked.seq => {
            Err(format!("{what} is no longer your last act, {} is: nothing was undone", newer.what))
        }
        _ => Err(format!("{what} has been taken back already: nothing was undone")),
    })
}

/// The last act of a person that was not taken back, and its kind.
pub(super) fn last_act(conn: &Connection, actor: &Actor) -> Result<Option<(LastAct, String)>, JournalError> {
    let mut select = conn.prepare_cached(
        "SELECT seq, kind, text, count, EXISTS (SELECT 1 FROM act_rows WHERE act = seq
             AND (kind NOT IN ('pause', 'resume') OR was_reason IS NOT ?2))
         FROM acts WHERE who = ?1 AND undone = 0 AND count > 0 ORDER BY seq DESC LIMIT 1",
    )?;
    let row = select.query_row(params![actor.0, EndpointState::Disabled.code()], |row| {
        let (kind, what, rows): (String, String, u64) = (row.get(1)?, row.get(2)?, row.get(3)?);
        let stays = (!row.get::<_, bool>(4)?).then(|| stays(&kind, &what, rows));
        Ok((LastAct { seq: row.get(0)?, what, rows, stays }, kind))
    });
    Ok(row.optional()?)
}

/// That an act cannot be taken back, and what helps instead.
fn stays(kind: &str, what: &str, rows: u64) -> String {
    let of = match what.split_once(' ') {
        Some((_, name)) if rows == 1 => name,
        _ => "--all",
    };
    let cure = match kind {
        "trip" => format!("`hooktui endpoints reset {of}` closes the circuit"),
        "reset" => format!("`hooktui endpoints trip {of}` opens the circuit"),
        "resume" => format!("`hooktui endpoints pause {of}` holds the deliveries"),
        "send" => "`hooktui cancel` stops what still waits of it".to_owned(),
        _ => "what is sent is sent".to_owned(),
    };
    format!("your last act, {what}, cannot be taken back; {cure}")
}

fn rows(tx: &Tx<'_>, act: i64, after: i64) -> Result<Vec<Was>, JournalError> {
    let mut select = tx.conn.prepare_cached(
        "SELECT target, change, was_tries, was_reason, was_position, was_changed_at FROM act_rows
         WHERE act = ?1 AND target > ?2 ORDER BY target LIMIT ?3",
    )?;
    let rows = select.query_map([act, after, ROWS], |row| {
        Ok(Was {
            target: row.get(0)?,
            change: row.get(1)?,
            tries: row.get(2)?,
            reason: row.get(3)?,
            position: row.get(4)?,
            changed_at: row.get(5)?,
        })
    })?;
    Ok(rows.collect::<Result<_, _>>()?)
}

/// The way back of each act. A cancelled delivery comes back as queued with the tries it had: out of `dead` there is no
/// other way.
fn undo_row(tx: &mut Tx<'_>, act: i64, kind: &str, was: &Was, now: Millis) -> Result<bool, JournalError> {
    let (from, to, changed_at) = match kind {
        "retry" => (State::Queued, State::Dead, was.changed_at),
        "clear" => (State::Cleared, State::Dead, was.changed_at),
        "restore" => (State::Dead, State::Cleared, was.changed_at),
        "cancel" => (State::Dead, State::Queued, now),
        _ => return Ok(false),
    };
    // What is taken back has not happened: a change since that left neither an attempt nor an act that stands was an undo,
    // and the row is again as this act left it.
    let mut select = tx.conn.prepare_cached(concat!(
        "SELECT d.endpoint FROM deliveries d WHERE d.seq = ?1 AND d.state = ?3 AND ",
        at_rest!(),
        " AND (d.change = ?2 OR NOT (coalesce(d.first_attempt, 0) > ?2
             OR EXISTS (SELECT 1 FROM attempts t WHERE t.delivery = d.seq AND t.is_first IS NULL AND t.seq > ?2)
             OR EXISTS (SELECT 1 FROM acts a CROSS JOIN act_rows r ON r.act = a.seq AND r.target = d.seq
                 WHERE a.seq > ?4 AND a.undone = 0 AND a.kind NOT IN ('pause', 'resume'))))"
    ))?;
    let endpoint: Option<i64> =
        select.query_row(params![was.target, was.change, from.code(), act], |row| row.get(0)).optional()?;
    let Some(endpoint) = endpoint else { return Ok(false) };
    let change = tx.next_change();
    tx.conn
        .prepare_cached(
            "UPDATE deliveries SET state = ?2, change = ?3, changed_at = ?4, tries = ?5, reason = ?6, position = ?7,
                 due_at = CASE ?2 WHEN 0 THEN 0 ELSE due_at END, urgent = 0
             WHERE seq = ?1 AND state = ?8",
        )?
        .execute(params![
            was.target,
            to.code(),
            change,
            changed_at,
            was.tries,
            was.reason,
            was.position,
            from.code()
        ])?;
    tx.moved(endpoint, Some(from), Some(to));
    Ok(true)
}

/// The endpoint becomes what it was: paused as before, or active. An order that still waits is simply withdrawn.
fn undo_order(
    tx: &mut Tx<'_>,
    act: i64,
    kind: &str,
    was: &Was,
    actor: &Actor,
    now: Millis,
) -> Result<bool, JournalError> {
    if is_followed(tx, act, was.target)? {
        return Ok(false);
    }
    let withdrawn = tx
        .conn
        .prepare_cached("DELETE FROM orders WHERE seq = ?1 AND endpoint = ?2 AND who = ?3")?
        .execute(params![was.change, was.target, actor.0])?;
    if withdrawn > 0 {
        return Ok(true);
    }
    let (made, usual) = match kind {
        "pause" => (EndpointState::Paused, EndpointState::Active),
        _ => (EndpointState::Active, EndpointState::Paused),
    };
    if tx.endpoint(was.target)?.map(|known| known.state_at(now)) != Some(made) {
        return Ok(false);
    }
    // Earlier versions noted only those that were what they usually are before.
    let before = was.reason.and_then(EndpointState::from_code).unwrap_or(usual);
    let until = (was.changed_at > 0).then_some(was.changed_at);
    let (order, of) = match (before, made) {
        (EndpointState::Active, EndpointState::Active) => return Ok(true),
        (EndpointState::Active, _) => (OrderKind::Resume, None),
        (EndpointState::Paused, _) => (OrderKind::Pause(until), paused_by(tx, act, was.target)?),
        (EndpointState::Disabled | EndpointState::Removed, _) => return Ok(false),
    };
    orders::insert(tx, was.target, order, of.as_ref().unwrap_or(actor), now)?;
    Ok(true)
}

/// Who gave the pause that was there before the act, if that is still known.
fn paused_by(tx: &Tx<'_>, act: i64, endpoint: i64) -> Result<Option<Actor>, JournalError> {
    let mut earlier = tx.conn.prepare_cached(
        "SELECT a.who FROM acts a CROSS JOIN act_rows r ON r.act = a.seq AND r.target = ?2
         WHERE a.seq < ?1 AND a.kind = 'pause' AND a.undone = 0 ORDER BY a.seq DESC LIMIT 1",
    )?;
    Ok(earlier.query_row([act, endpoint], |row| Ok(Actor(row.get(0)?))).optional()?)
}

/// Whether anybody has paused or resumed the endpoint since, and has not taken that back.
fn is_followed(tx: &Tx<'_>, act: i64, endpoint: i64) -> Result<bool, JournalError> {
    let mut later = tx.conn.prepare_cached(
        "SELECT 1 FROM acts a CROSS JOIN act_rows r ON r.act = a.seq AND r.target = ?2
         WHERE a.seq > ?1 AND a.kind IN ('pause', 'resume') AND a.undone = 0 LIMIT 1",
    )?;
    Ok(later.exists(params![act, endpoint])?)
}
