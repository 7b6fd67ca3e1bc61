//! Acts by hand on deliveries: retry, clear, restore, cancel. Each is one entry for undo and one line in the log, however
//! many transactions it takes.

use std::collections::BTreeSet;

use rusqlite::types::Value;
use rusqlite::{OptionalExtension, Row, params};

use super::condition::{self, Condition, DELIVERIES, Part};
use super::tx::{Known, Tx};
use super::writer::Step;
use super::{Act, ActResult, Actor, JournalError, Level, LogLine, LogSource, Selection, log, read};
use crate::event::{EndpointState, Millis, Reason, State};

/// Rows (or ids) per transaction: some milliseconds, so that delivery never waits long.
const ROWS: usize = 2_000;

/// What a person asked for.
pub(super) struct Request {
    pub act: Act,
    pub selection: Selection,
    pub actor: Actor,
    /// Past circuit and pause, once.
    pub urgent: bool,
    pub now: Millis,
}

/// How far it has come.
#[derive(Debug, Clone, Default)]
pub(super) struct Progress {
    started: Option<Started>,
    /// Ids or endpoints done with.
    at: usize,
    result: ActResult,
    touched: BTreeSet<i64>,
    /// Of a filter: rows of the part through this place are done with.
    after: Option<(i64, i64)>,
}

#[derive(Debug, Clone)]
struct Started {
    /// `acts.seq`.
    act: i64,
    /// Only what stood before the act began is meant: not what dies while it runs.
    bound: i64,
    endpoints: Vec<i64>,
    /// Of a filter.
    found: Option<Found>,
}

/// What a filter means: fixed when the act begins.
#[derive(Debug, Clone)]
struct Found {
    condition: Condition,
    parts: Vec<Part>,
}

/// A row as it stands before the act.
#[derive(Debug)]
struct Target {
    seq: i64,
    id: String,
    endpoint: i64,
    state: State,
    tries: u32,
    reason: Option<i64>,
    position: i64,
    changed_at: Millis,
}

const COLUMNS: &str = "SELECT seq, id, endpoint, state, tries, reason, position, changed_at FROM deliveries";

impl Target {
    fn read(row: &Row<'_>) -> rusqlite::Result<Self> {
        Ok(Self {
            seq: row.get(0)?,
            id: row.get(1)?,
            endpoint: row.get(2)?,
            state: State::from_code(row.get(3)?).unwrap_or(State::InFlight),
            tries: row.get(4)?,
            reason: row.get(5)?,
            position: row.get(6)?,
            changed_at: row.get(7)?,
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
    let started = match progress.started.clone() {
        Some(started) => started,
        None => progress.started.insert(start(tx, request)?).clone(),
    };
    let done = match &request.selection {
        Selection::Ids(ids) => step_ids(tx, request, &started, ids, progress)?,
        Selection::Endpoint(_) | Selection::All => step_endpoints(tx, request, &started, progress)?,
        Selection::Matching { .. } => step_found(tx, request, &started, progress)?,
    };
    if !done {
        return Ok(Step::More);
    }
    finish(tx, request, started.act, progress)?;
    Ok(Step::Done(progress.result.clone()))
}

fn start(tx: &mut Tx<'_>, request: &Request) -> Result<Started, JournalError> {
    let endpoints = match &request.selection {
        Selection::Ids(_) => Vec::new(),
        Selection::Endpoint(name) => tx.endpoint_called(name)?.into_iter().collect(),
        Selection::All | Selection::Matching { .. } => tx.endpoints()?.to_vec(),
    };
    let may = |known: &Known| request.act != Act::Retry || refusal(known).is_none();
    let endpoints: Vec<i64> = endpoints.iter().filter(|known| may(known)).map(|known| known.key).collect();
    let mut found = None;
    let mut bound = tx.newest_change();
    if let Selection::Matching { query, as_of, at } = &request.selection {
        bound = bound.min(*as_of);
        let known = read::endpoints(tx.conn)?;
        let mut parts = condition::parts(query, &known, *at);
        parts.retain(|part| request.act.is_for(part.state) && endpoints.contains(&part.endpoint));
        found = Some(Found { condition: Condition::new(query, &DELIVERIES, &known, *at, FIRST_VALUE), parts });
    }
    tx.conn
        .prepare_cached("INSERT INTO acts (at, who, kind, text, count) VALUES (?1, ?2, ?3, '', 0)")?
        .execute(params![request.now, request.actor.0, request.act.as_str()])?;
    Ok(Started { act: tx.conn.last_insert_rowid(), bound, endpoints, found })
}

/// Why nothing can be sent to an endpoint by hand.
pub(super) fn refusal(endpoint: &Known) -> Option<String> {
    match endpoint.state {
        EndpointState::Removed => Some(format!("endpoint {} is no longer in the file", endpoint.name)),
        EndpointState::Disabled => Some(format!("endpoint {} is disabled; resume it first", endpoint.name)),
        EndpointState::Active | EndpointState::Paused => None,
    }
}

fn step_endpoints(
    tx: &mut Tx<'_>,
    request: &Request,
    started: &Started,
    progress: &mut Progress,
) -> Result<bool, JournalError> {
    let mut room = ROWS;
    while let Some(endpoint) = started.endpoints.get(progress.at).copied() {
        let rows = standing(tx, request.act, endpoint, started.bound, room)?;
        room -= rows.len().min(room);
        for target in &rows {
            change(tx, request, started.act, target, progress)?;
        }
        if room == 0 {
            return Ok(false);
        }
        progress.at += 1;
    }
    Ok(true)
}

/// Deliveries of an endpoint that the act is for, and that have not changed since it began, oldest first.
fn standing(tx: &Tx<'_>, act: Act, endpoint: i64, bound: i64, limit: usize) -> Result<Vec<Target>, JournalError> {
    let (states, order) = match act {
        Act::Retry | Act::Clear => ("state = 4", "changed_at, seq"),
        Act::Restore => ("state = 5", "changed_at, seq"),
        Act::Cancel => ("(state = 0 OR state = 1)", "state, due_at, position"),
    };
    let mut select = tx.conn.prepare_cached(&format!(
        "{COLUMNS} WHERE endpoint = ?1 AND {states} AND change <= ?2 ORDER BY {order} LIMIT ?3"
    ))?;
    let rows = select.query_map(params![endpoint, bound, i64::try_from(limit).unwrap_or(i64::MAX)], Target::read)?;
    Ok(rows.collect::<Result<_, _>>()?)
}

/// First value of the condition of a filter.
const FIRST_VALUE: usize = 7;

/// Looks through the next [`ROWS`] rows of a part. Parts without any are passed over.
fn step_found(
    tx: &mut Tx<'_>,
    request: &Request,
    started: &Started,
    progress: &mut Progress,
) -> Result<bool, JournalError> {
    let Some(found) = &started.found else { return Ok(true) };
    while let Some(part) = found.parts.get(progress.at) {
        let (sort, seq) = match part.state {
            State::Dead | State::Cleared => ("d.changed_at", "d.seq"),
            _ => ("d.due_at", "d.position"),
        };
        let from = progress.after.unwrap_or((i64::MIN, i64::MIN));
        let last = last_of(tx, part, (sort, seq), from)?;
        let Some(last) = last else {
            progress.at += 1;
            progress.after = None;
            continue;
        };
        let mut select = tx.conn.prepare_cached(&format!(
            "SELECT d.seq, d.id, d.endpoint, d.state, d.tries, d.reason, d.position, d.changed_at
             FROM deliveries d {joined}
             WHERE d.endpoint = ?1 AND d.state = {state} AND ({sort}, {seq}) > (?2, ?3) AND ({sort}, {seq}) <= (?4, ?5)
             AND d.change <= ?6 AND {condition} ORDER BY {sort}, {seq}",
            state = part.state.code(),
            condition = found.condition.sql,
            joined = found.condition.deliveries(),
        ))?;
        let own = [part.endpoint, from.0, from.1, last.0, last.1, started.bound].map(Value::Integer);
        let values = own.into_iter().chain(found.condition.values.iter().cloned());
        let rows: Vec<Target> =
            select.query_map(rusqlite::params_from_iter(values), Target::read)?.collect::<Result<_, _>>()?;
        for target in &rows {
            change(tx, request, started.act, target, progress)?;
        }
        progress.after = Some(last);
        return Ok(false);
    }
    Ok(true)
}

/// The place of the last of the next [`ROWS`] rows of a part; none if there is no further row.
fn last_of(
    tx: &Tx<'_>,
    part: &Part,
    (sort, seq): (&str, &str),
    from: (i64, i64),
) -> Result<Option<(i64, i64)>, JournalError> {
    let mut select = tx.conn.prepare_cached(&format!(
        "SELECT a, b FROM (SELECT {sort} AS a, {seq} AS b FROM deliveries d
             WHERE d.endpoint = ?1 AND d.state = {state} AND ({sort}, {seq}) > (?2, ?3) ORDER BY {sort}, {seq} LIMIT ?4)
         ORDER BY a DESC, b DESC LIMIT 1",
        state = part.state.code(),
    ))?;
    let limit = i64::try_from(ROWS).unwrap_or(i64::MAX);
    let place = select.query_row(params![part.endpoint, from.0, from.1, limit], |row| Ok((row.get(0)?, row.get(1)?)));
    Ok(place.optional()?)
}

fn step_ids(
    tx: &mut Tx<'_>,
    request: &Request,
    started: &Started,
    ids: &[String],
    progress: &mut Progress,
) -> Result<bool, JournalError> {
    for id in ids.iter().skip(progress.at).take(ROWS) {
        let targets = named(tx, id)?;
        let mut why = None;
        let mut changed = false;
        for target in &targets {
            match objection(tx, request.act, target)? {
                None => {
                    change(tx, request, started.act, target, progress)?;
                    changed = true;
                }
                objection => why = why.or(objection),
            }
        }
        if !changed {
            let why = why.unwrap_or_else(|| "there is no delivery or event of this id with deliveries".to_owned());
            progress.result.skipped.push((id.clone(), why));
        }
        progress.at += 1;
    }
    Ok(progress.at >= ids.len())
}

/// The delivery of this id, or the deliveries of the event of this id.
fn named(tx: &Tx<'_>, id: &str) -> Result<Vec<Target>, JournalError> {
    let mut one = tx.conn.prepare_cached(&format!("{COLUMNS} WHERE id = ?1"))?;
    if let Some(target) = one.query_row([id], Target::read).optional()? {
        return Ok(vec![target]);
    }
    let mut of_event = tx
        .conn
        .prepare_cached(&format!("{COLUMNS} WHERE event = (SELECT seq FROM events WHERE id = ?1) ORDER BY seq"))?;
    let rows = of_event.query_map([id], Target::read)?;
    Ok(rows.collect::<Result<_, _>>()?)
}

/// Why the act cannot be done on this delivery.
fn objection(tx: &mut Tx<'_>, act: Act, target: &Target) -> Result<Option<String>, JournalError> {
    let is = |state: &str| Some(format!("{} is {}, not {state}", target.id, target.state));
    Ok(match (act, target.state) {
        (_, State::InFlight) => Some(format!("{} is in flight; wait for its result", target.id)),
        (Act::Retry, State::Dead) => tx.endpoint(target.endpoint)?.as_ref().and_then(refusal),
        (Act::Clear, State::Dead)
        | (Act::Restore, State::Cleared)
        | (Act::Cancel, State::Queued | State::Scheduled) => None,
        (Act::Retry | Act::Clear, _) => is("a dead letter"),
        (Act::Restore, _) => is("cleared"),
        (Act::Cancel, _) => is("waiting"),
    })
}

/// Does the act to one row and notes what it was.
fn change(
    tx: &mut Tx<'_>,
    request: &Request,
    act: i64,
    target: &Target,
    progress: &mut Progress,
) -> Result<(), JournalError> {
    let number = tx.next_change();
    let (to, set) = match request.act {
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
            "UPDATE deliveries SET {set}, change = ?2, changed_at = ?3 WHERE seq = ?1 AND state = ?5 AND ?6 IS ?6"
        ))?
        .execute(params![
            target.seq,
            number,
            request.now,
            request.urgent,
            target.state.code(),
            Reason::Cancelled.code()
        ])?;
    if changed == 0 {
        return Ok(());
    }
    tx.moved(target.endpoint, Some(target.state), Some(to));
    match request.act {
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
        .execute(params![act, target.seq, number, target.tries, target.reason, target.position, target.changed_at])?;
    progress.result.done += 1;
    progress.touched.insert(target.endpoint);
    Ok(())
}

/// Names the act and logs it; one that changed nothing leaves no trace.
fn finish(tx: &mut Tx<'_>, request: &Request, act: i64, progress: &Progress) -> Result<(), JournalError> {
    let done = progress.result.done;
    if done == 0 {
        tx.conn.prepare_cached("DELETE FROM acts WHERE seq = ?1")?.execute([act])?;
        return Ok(());
    }
    let what = match request.act {
        Act::Retry | Act::Clear => "dead letter",
        Act::Restore => "cleared dead letter",
        Act::Cancel => "waiting deliver",
    };
    let plural = match (request.act, done) {
        (Act::Cancel, 1) => "y",
        (Act::Cancel, _) => "ies",
        (_, 1) => "",
        _ => "s",
    };
    let mut endpoint = None;
    if let (1, Some(key)) = (progress.touched.len(), progress.touched.first()) {
        endpoint = tx.endpoint(*key)?.map(|known| known.name);
    }
    let of = endpoint.clone().unwrap_or_else(|| format!("{} endpoints", progress.touched.len()));
    let text = format!("{} {done} {what}{plural} of {of}", request.act.as_str());
    tx.conn
        .prepare_cached("UPDATE acts SET text = ?2, count = ?3 WHERE seq = ?1")?
        .execute(params![act, text, done])?;
    write_log(tx, &request.actor, endpoint, text, request.now)
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
