//! Undo: takes back the last act of the same person, row by row, only where nothing has happened since.

use rusqlite::{OptionalExtension, params};

use super::acts::write_log;
use super::flights::at_rest;
use super::tx::Tx;
use super::writer::Step;
use super::{Actor, JournalError, OrderKind, Undone, orders};
use crate::event::{EndpointState, Millis, State};

/// Rows per transaction.
const ROWS: i64 = 2_000;

/// How far it has come.
#[derive(Debug, Clone, Default)]
pub(super) struct Progress {
    act: Option<ActRow>,
    /// Rows up to this target are done with.
    after: i64,
    undone: u64,
}

#[derive(Debug, Clone)]
struct ActRow {
    seq: i64,
    kind: String,
    text: String,
    count: u64,
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

/// One step of the undo; none if there is nothing to take back.
pub(super) fn step(
    tx: &mut Tx<'_>,
    actor: &Actor,
    progress: &mut Progress,
    now: Millis,
) -> Result<Step<Option<Undone>>, JournalError> {
    tx.saw(now);
    if progress.act.is_none() {
        progress.act = last_act(tx, actor)?;
    }
    let Some(act) = progress.act.clone() else { return Ok(Step::Done(None)) };
    // Marked from the first step on, so that nobody takes it back twice.
    tx.conn.prepare_cached("UPDATE acts SET undone = 1 WHERE seq = ?1")?.execute([act.seq])?;
    let rows = rows(tx, act.seq, progress.after)?;
    for was in &rows {
        progress.after = was.target;
        let undone = match act.kind.as_str() {
            "pause" | "resume" => undo_order(tx, &act, was, actor, now)?,
            kind => undo_row(tx, kind, was, now)?,
        };
        progress.undone += u64::from(undone);
    }
    if i64::try_from(rows.len()).unwrap_or(ROWS) == ROWS {
        return Ok(Step::More);
    }
    let text = format!("undo {}: {} of {} undone", act.text, progress.undone, act.count);
    write_log(tx, actor, None, text, now)?;
    Ok(Step::Done(Some(Undone { what: act.text, undone: progress.undone, of: act.count })))
}

fn last_act(tx: &Tx<'_>, actor: &Actor) -> Result<Option<ActRow>, JournalError> {
    let mut select = tx.conn.prepare_cached(
        "SELECT seq, kind, text, count FROM acts WHERE who = ?1 AND undone = 0 AND count > 0 ORDER BY seq DESC LIMIT 1",
    )?;
    let row = select.query_row([&actor.0], |row| {
        Ok(ActRow { seq: row.get(0)?, kind: row.get(1)?, text: row.get(2)?, count: row.get(3)? })
    });
    Ok(row.optional()?)
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
fn undo_row(tx: &mut Tx<'_>, kind: &str, was: &Was, now: Millis) -> Result<bool, JournalError> {
    let (from, to, changed_at) = match kind {
        "retry" => (State::Queued, State::Dead, was.changed_at),
        "clear" => (State::Cleared, State::Dead, was.changed_at),
        "restore" => (State::Dead, State::Cleared, was.changed_at),
        "cancel" => (State::Dead, State::Queued, now),
        _ => return Ok(false),
    };
    let mut select = tx.conn.prepare_cached(concat!(
        "SELECT d.endpoint FROM deliveries d WHERE d.seq = ?1 AND d.change = ?2 AND d.state = ?3 AND ",
        at_rest!()
    ))?;
    let endpoint: Option<i64> =
        select.query_row(params![was.target, was.change, from.code()], |row| row.get(0)).optional()?;
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

/// A pause is taken back by a resume and the reverse; an order that still waits is simply withdrawn.
fn undo_order(tx: &mut Tx<'_>, act: &ActRow, was: &Was, actor: &Actor, now: Millis) -> Result<bool, JournalError> {
    let withdrawn = tx
        .conn
        .prepare_cached("DELETE FROM orders WHERE seq = ?1 AND endpoint = ?2 AND who = ?3")?
        .execute(params![was.change, was.target, actor.0])?;
    if withdrawn > 0 {
        return Ok(true);
    }
    let state = tx.endpoint(was.target)?.map(|known| known.state);
    let (expected, order) = if act.kind == "pause" {
        (EndpointState::Paused, OrderKind::Resume)
    } else {
        (EndpointState::Active, OrderKind::Pause((was.changed_at > 0).then_some(was.changed_at)))
    };
    if state != Some(expected) {
        return Ok(false);
    }
    orders::insert(tx, was.target, order, actor, now)?;
    Ok(true)
}
