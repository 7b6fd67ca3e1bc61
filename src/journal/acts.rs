//! Acts by hand on deliveries: retry, clear, restore, cancel. Each is one entry for undo and one line in the log, however
//! many transactions it takes.

use std::collections::BTreeSet;

use rusqlite::{OptionalExtension, Row, params};

use super::flights::{AT_REST, state};
use super::found::{Found, Place};
use super::tx::{Known, Tx};
use super::writer::Step;
use super::{Act, ActResult, Actor, Course, JournalError, Level, LogLine, LogSource, Selection, log, named};
use crate::event::{EndpointState, Millis, Reason, State};

/// Rows (or ids) per transaction: some milliseconds, so that delivery never waits long.
const ROWS: usize = 2_000;

/// Why what is in flight is left alone, after "it is" or the delivery's id and "is". Whoever tells it to a person knows
/// whether anybody dispatches.
pub const IN_FLIGHT: &str = "in flight; wait for its result";

/// What a person asked for.
pub(super) struct Request {
    pub act: Act,
    pub selection: Selection,
    pub actor: Actor,
    /// Past circuit and pause, once.
    pub urgent: bool,
    pub now: Millis,
    pub course: Course,
}

/// How far it has come.
#[derive(Debug, Clone, Default)]
pub(super) struct Progress {
    started: Option<Started>,
    /// Ids or parts done with.
    at: usize,
    result: ActResult,
    touched: BTreeSet<i64>,
    /// Of a filter: rows of the part through this place are done with.
    after: Option<Place>,
}

#[derive(Debug, Clone)]
struct Started {
    /// `acts.seq`.
    act: i64,
    /// Only what stood before the act began is meant: not what dies while it runs.
    bound: i64,
    /// Of a filter.
    found: Option<Found>,
}

impl Progress {
    fn change(&mut self, tx: &mut Tx<'_>, request: &Request, act: i64, target: &Target) -> Result<(), JournalError> {
        let to = Change { act, verb: request.act, urgent: request.urgent, now: request.now };
        if change(tx, to, target)?.is_some() {
            self.result.done += 1;
            self.touched.insert(target.endpoint);
        }
        Ok(())
    }
}

/// A row as it stands before the act.
#[derive(Debug)]
pub(super) struct Target {
    pub seq: i64,
    pub endpoint: i64,
    state: State,
    tries: u32,
    reason: Option<i64>,
    position: i64,
    pub changed_at: Millis,
}

pub(super) const COLUMNS: &str =
    concat!("SELECT d.seq, d.endpoint, ", state!(), ", d.tries, d.reason, d.position, d.changed_at FROM deliveries d");

impl Target {
    pub fn read(row: &Row<'_>) -> rusqlite::Result<Self> {
        Ok(Self {
            seq: row.get(0)?,
            endpoint: row.get(1)?,
            state: State::from_code(row.get(2)?).unwrap_or(State::InFlight),
            tries: row.get(3)?,
            reason: row.get(4)?,
            position: row.get(5)?,
            changed_at: row.get(6)?,
        })
    }
}

/// One step of an act.
pub(super) fn step(
    tx: &mut Tx<'_>,
    request: &Request,
    progress: &mut Progress,
) -> Result<Step<ActResult>, JournalError> {
    tx.saw(request.now);
    // What the steps before this one did is committed.
    request.course.tell(progress.result.done, "");
    let running = progress.started.as_ref().map(|started| started.act);
    let taken_back = running.map(|act| is_undone(tx, act)).transpose()?.unwrap_or(false);
    if taken_back || request.course.is_cancelled() {
        progress.result.cancelled = true;
        if let Some(act) = running {
            finish(tx, request, act, progress)?;
        }
        return Ok(Step::Done(progress.result.clone()));
    }
    let started = match progress.started.clone() {
        Some(started) => started,
        None => progress.started.insert(start(tx, request)?).clone(),
    };
    let done = match &request.selection {
        Selection::Ids(ids) => step_ids(tx, request, &started, ids, progress)?,
        Selection::Matching { .. } => step_found(tx, request, &started, progress)?,
    };
    if !done {
        note(tx, request, started.act, progress)?;
        return Ok(Step::More);
    }
    finish(tx, request, started.act, progress)?;
    Ok(Step::Done(progress.result.clone()))
}

fn start(tx: &mut Tx<'_>, request: &Request) -> Result<Started, JournalError> {
    let mut found = None;
    let mut bound = tx.newest_change();
    if let Selection::Matching { query, as_of, at } = &request.selection {
        bound = bound.min(*as_of);
        let may = |known: &&Known| request.act != Act::Retry || refusal(known).is_none();
        let endpoints: Vec<i64> = tx.endpoints()?.iter().filter(may).map(|known| known.key).collect();
        found = Some(Found::new(tx, request.act, query, *at, &endpoints)?);
    }
    let act = open(tx, request.act, &request.actor, request.now)?;
    Ok(Started { act, bound, found })
}

/// An act begins; its sequence.
pub(super) fn open(tx: &Tx<'_>, act: Act, actor: &Actor, now: Millis) -> Result<i64, JournalError> {
    tx.conn
        .prepare_cached("INSERT INTO acts (at, who, kind, text, count) VALUES (?1, ?2, ?3, '', 0)")?
        .execute(params![now, actor.0, act.as_str()])?;
    Ok(tx.conn.last_insert_rowid())
}

/// Why nothing can be sent to an endpoint by hand.
pub(super) fn refusal(endpoint: &Known) -> Option<String> {
    match endpoint.state {
        EndpointState::Removed => Some(format!("endpoint {} is no longer in the file", endpoint.name)),
        EndpointState::Disabled => Some(format!("endpoint {} is disabled; resume it first", endpoint.name)),
        EndpointState::Active | EndpointState::Paused => None,
    }
}

/// Looks through the next window of a part. Parts without any further row are passed over.
fn step_found(
    tx: &mut Tx<'_>,
    request: &Request,
    started: &Started,
    progress: &mut Progress,
) -> Result<bool, JournalError> {
    let Some(found) = &started.found else { return Ok(true) };
    while let Some(part) = found.parts.get(progress.at) {
        let Some((rows, last)) = found.window(tx, part, progress.after, started.bound)? else {
            progress.at += 1;
            progress.after = None;
            continue;
        };
        for target in &rows {
            progress.change(tx, request, started.act, target)?;
        }
        progress.after = Some(last);
        return Ok(false);
    }
    Ok(true)
}

fn step_ids(
    tx: &mut Tx<'_>,
    request: &Request,
    started: &Started,
    ids: &[String],
    progress: &mut Progress,
) -> Result<bool, JournalError> {
    for id in ids.iter().skip(progress.at).take(ROWS) {
        match chosen(tx, request.act, id)? {
            Ok(targets) => {
                for target in &targets {
                    progress.change(tx, request, started.act, target)?;
                }
            }
            Err(why) => progress.result.skipped.push((id.clone(), why)),
        }
        progress.at += 1;
    }
    Ok(progress.at >= ids.len())
}

/// What the act can be done to of the delivery, or of the deliveries of the event, of this id; else why to none, in words.
pub(super) fn chosen(tx: &mut Tx<'_>, act: Act, id: &str) -> Result<Result<Vec<Target>, String>, JournalError> {
    let (mut targets, mut why) = (Vec::new(), None);
    for target in named(tx, id)? {
        match objection(tx, act, &target, id)? {
            None => targets.push(target),
            // Why one stays that the act is for tells more than what others are.
            objection if why.is_none() || act.is_for(target.state) => why = objection,
            Some(_) => {}
        }
    }
    if targets.is_empty() {
        return Ok(Err(why.unwrap_or_else(|| "there is no delivery or event of this id with deliveries".to_owned())));
    }
    Ok(Ok(targets))
}

/// The delivery of this id, or the deliveries of the event of this id.
pub(super) fn named(tx: &Tx<'_>, id: &str) -> Result<Vec<Target>, JournalError> {
    if let Some(seq) = named::find(tx.conn, id)? {
        let mut one = tx.conn.prepare_cached(&format!("{COLUMNS} WHERE d.seq = ?1"))?;
        return Ok(vec![one.query_row([seq], Target::read)?]);
    }
    let mut of_event = tx
        .conn
        .prepare_cached(&format!("{COLUMNS} WHERE d.event = (SELECT seq FROM events WHERE id = ?1) ORDER BY d.seq"))?;
    let rows = of_event.query_map([id], Target::read)?;
    Ok(rows.collect::<Result<_, _>>()?)
}

/// Why the act cannot be done on this delivery, which a person named by its own id or by that of its event.
fn objection(tx: &mut Tx<'_>, act: Act, target: &Target, called: &str) -> Result<Option<String>, JournalError> {
    let stands = match (act, target.state) {
        (_, State::InFlight) => IN_FLIGHT.to_owned(),
        (Act::Retry, State::Dead) => return Ok(tx.endpoint(target.endpoint)?.as_ref().and_then(refusal)),
        (Act::Clear, State::Dead)
        | (Act::Restore, State::Cleared)
        | (Act::Cancel, State::Queued | State::Scheduled) => return Ok(None),
        (Act::Retry | Act::Clear, state) => format!("{state}, not a dead letter"),
        (Act::Restore, state) => format!("{state}, not cleared"),
        (Act::Cancel, state) => format!("{state}, not waiting"),
    };
    let id = named::of(tx.conn, target.seq)?;
    Ok(Some(format!("{} is {stands}", if id == called { "it" } else { &id })))
}

/// What is done to a row.
#[derive(Debug, Clone, Copy)]
pub(super) struct Change {
    /// `acts.seq`.
    pub act: i64,
    pub verb: Act,
    pub urgent: bool,
    pub now: Millis,
}

/// Does the act to one row and notes what it was. Answers with the row's change number; none if it was no longer as it
/// was read.
pub(super) fn change(tx: &mut Tx<'_>, change: Change, target: &Target) -> Result<Option<i64>, JournalError> {
    let number = tx.next_change();
    let (to, set) = match change.verb {
        Act::Retry => (
            State::Queued,
            "state = 0, due_at = 0, tries = 0, crashes = 0, reason = NULL, position = ?2, retried_at = ?3, urgent = ?4",
        ),
        Act::Clear => (State::Cleared, "state = 5, urgent = ?4"),
        Act::Restore => (State::Dead, "state = 4, urgent = ?4"),
        Act::Cancel => (State::Dead, "state = 4, reason = ?6, urgent = ?4"),
    };
    // `?6 IS ?6`: every act is given all of the values, whether it asks for them or not.
    let changed = tx
        .conn
        .prepare_cached(&format!(
            "UPDATE deliveries AS d SET {set}, change = ?2, changed_at = ?3
             WHERE d.seq = ?1 AND d.state = ?5 AND {AT_REST} AND ?6 IS ?6"
        ))?
        .execute(params![
            target.seq,
            number,
            change.now,
            change.urgent,
            target.state.code(),
            Reason::Cancelled.code()
        ])?;
    if changed == 0 {
        return Ok(None);
    }
    tx.moved(target.endpoint, Some(target.state), Some(to));
    match change.verb {
        Act::Cancel => tx.died(target.endpoint),
        Act::Retry => {
            let opened = tx.endpoint(target.endpoint)?.and_then(|known| known.open_since);
            // One that died while the circuit was open was counted when it opened or came in.
            if opened.is_some_and(|opened| target.changed_at < opened) {
                tx.skipped(target.endpoint);
            }
        }
        Act::Clear | Act::Restore => {}
    }
    tx.conn
        .prepare_cached(
            "INSERT INTO act_rows (act, target, change, was_tries, was_reason, was_position, was_changed_at)
             VALUES (?1, ?2, ?3, ?4, ?5, ?6, ?7)",
        )?
        .execute(params![
            change.act,
            target.seq,
            number,
            target.tries,
            target.reason,
            target.position,
            target.changed_at
        ])?;
    Ok(Some(number))
}

/// Names the act as far as it has come, so that undo finds it even where this process ends before the act does.
fn note(tx: &mut Tx<'_>, request: &Request, act: i64, progress: &Progress) -> Result<String, JournalError> {
    let done = progress.result.done;
    let what = match (request.act, done) {
        (Act::Retry | Act::Clear, 1) => "dead letter",
        (Act::Retry | Act::Clear, _) => "dead letters",
        (Act::Restore, 1) => "cleared dead letter",
        (Act::Restore, _) => "cleared dead letters",
        (Act::Cancel, 1) => "waiting delivery",
        (Act::Cancel, _) => "waiting deliveries",
    };
    let of = endpoints(tx, &progress.touched)?;
    let matching = match &request.selection {
        Selection::Matching { query, .. } if query.is_of_endpoints() && progress.touched.len() == 1 => String::new(),
        Selection::Matching { query, .. } if !query.is_all() => format!(" matching {query}"),
        _ => String::new(),
    };
    let cancelled = match (progress.result.cancelled, request.course.of()) {
        (false, _) => String::new(),
        (true, 0) => " (cancelled)".to_owned(),
        (true, all) => format!(" (cancelled, of {all})"),
    };
    let text = format!("{} {done} {what} of {of}{matching}{cancelled}", request.act.as_str());
    tx.conn
        .prepare_cached("UPDATE acts SET text = ?2, count = ?3 WHERE seq = ?1")?
        .execute(params![act, text, done])?;
    Ok(text)
}

/// The one endpoint's name, or how many there are.
pub(super) fn endpoints(tx: &mut Tx<'_>, touched: &BTreeSet<i64>) -> Result<String, JournalError> {
    let only = only(tx, touched)?;
    Ok(only.unwrap_or_else(|| format!("{} endpoints", touched.len())))
}

fn only(tx: &mut Tx<'_>, touched: &BTreeSet<i64>) -> Result<Option<String>, JournalError> {
    match (touched.len(), touched.first()) {
        (1, Some(key)) => Ok(tx.endpoint(*key)?.map(|known| known.name)),
        _ => Ok(None),
    }
}

/// Names the act and logs it; one that changed nothing leaves no trace.
fn finish(tx: &mut Tx<'_>, request: &Request, act: i64, progress: &Progress) -> Result<(), JournalError> {
    if progress.result.done == 0 {
        return forget(tx, act);
    }
    let text = note(tx, request, act, progress)?;
    let endpoint = only(tx, &progress.touched)?;
    write_log(tx, &request.actor, endpoint, text, request.now)
}

/// An act that changed nothing leaves no trace.
pub(super) fn forget(tx: &Tx<'_>, act: i64) -> Result<(), JournalError> {
    tx.conn.prepare_cached("DELETE FROM acts WHERE seq = ?1")?.execute([act])?;
    Ok(())
}

/// Somebody took the act back while it ran.
pub(super) fn is_undone(tx: &Tx<'_>, act: i64) -> Result<bool, JournalError> {
    let mut select = tx.conn.prepare_cached("SELECT undone FROM acts WHERE seq = ?1")?;
    Ok(select.query_row([act], |row| row.get(0)).optional()?.unwrap_or(true))
}

/// Every act by hand is in the log.
pub(super) fn write_log(
    tx: &mut Tx<'_>,
    actor: &Actor,
    endpoint: Option<String>,
    text: String,
    now: Millis,
) -> Result<(), JournalError> {
    let line = LogLine { level: Level::Info, source: LogSource::Act, who: Some(actor.0.clone()), endpoint, text };
    log::write(tx, &line, now)
}
