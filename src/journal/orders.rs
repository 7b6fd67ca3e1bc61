//! Orders: rows that whoever holds the dispatcher lock applies and removes. And what else a person asks to have sent.

use rusqlite::{OptionalExtension, params};

use super::accept::{Addressee, deliver, listeners, make_room, to_json};
use super::acts::{IN_FLIGHT, refusal, write_log};
use super::flights::state;
use super::named::{self, delivery_id};
use super::settle::{RequestBody, store_attempt, tell, update_endpoint};
use super::tx::{Known, Tx};
use super::{
    ActResult, Actor, DISABLED_BY_FILE, EndpointUpdate, Epoch, JournalError, OrderKind, RouteBy, TestRecord, Whom,
};
use crate::event::{EndpointState, Event, Millis, Outcome, Route, State};

/// Leaves an order for each of the endpoints that it is for.
pub(super) fn order(
    tx: &mut Tx<'_>,
    whom: &Whom,
    kind: OrderKind,
    actor: &Actor,
    now: Millis,
) -> Result<ActResult, JournalError> {
    let mut result = ActResult::default();
    let targets: Vec<Known> = match whom {
        Whom::One(name) => tx.endpoint_called(name)?.into_iter().collect(),
        Whom::These(ids) => {
            let is_meant = |known: &&Known| ids.contains(&known.id) && changes(known, kind, now);
            tx.endpoints()?.iter().filter(is_meant).cloned().collect()
        }
        Whom::All => tx.endpoints()?.iter().filter(|known| changes(known, kind, now)).cloned().collect(),
    };
    if let (Whom::One(name), []) = (whom, targets.as_slice()) {
        result.skipped.push((name.clone(), "the journal knows no endpoint of this id or name".to_owned()));
    }
    let mut given = Vec::new();
    for target in &targets {
        match objection(target, kind) {
            Some(why) => result.skipped.push((target.name.clone(), why)),
            None => given.push((target, insert(tx, target.key, kind, actor, now)?)),
        }
    }
    result.done = u64::try_from(given.len()).unwrap_or_default();
    let name = match given.as_slice() {
        [] => return Ok(result),
        [(one, _)] => one.name.clone(),
        many => format!("{} endpoints", many.len()),
    };
    let text = format!("{} {name}", word(kind));
    let act = note_for_undo(tx, word(kind), &text, result.done, actor, now)?;
    if matches!(kind, OrderKind::Pause(_) | OrderKind::Resume) {
        note_states(tx, act, &given, now)?;
    }
    write_log(tx, actor, (given.len() == 1).then_some(name), text, now)?;
    Ok(result)
}

/// Whether an order for several is for this one.
fn changes(endpoint: &Known, kind: OrderKind, now: Millis) -> bool {
    let state = endpoint.state_at(now);
    match kind {
        OrderKind::Pause(_) => state == EndpointState::Active,
        OrderKind::Resume => state == EndpointState::Paused,
        OrderKind::Reset | OrderKind::Trip | OrderKind::Resend(_) => state != EndpointState::Removed,
    }
}

fn objection(endpoint: &Known, kind: OrderKind) -> Option<String> {
    match (kind, endpoint.state) {
        (_, EndpointState::Removed) => Some("it is no longer in the file".to_owned()),
        (OrderKind::Pause(_), EndpointState::Disabled) => {
            Some("it is disabled: nothing goes to it, and there is nothing to pause".to_owned())
        }
        (OrderKind::Resume, EndpointState::Disabled) if !endpoint.gone => {
            Some("the file says `enabled: false`; change it there".to_owned())
        }
        _ => None,
    }
}

/// Every act is noted, those too that nothing brings back: undo must not take an older one for the last. Answers with its
/// sequence.
fn note_for_undo(
    tx: &Tx<'_>,
    kind: &str,
    text: &str,
    count: u64,
    actor: &Actor,
    now: Millis,
) -> Result<i64, JournalError> {
    tx.conn
        .prepare_cached("INSERT INTO acts (at, who, kind, text, count) VALUES (?1, ?2, ?3, ?4, ?5)")?
        .execute(params![now, actor.0, kind, text, count])?;
    Ok(tx.conn.last_insert_rowid())
}

/// What the endpoints were before a pause or a resume: their state where a delivery has its reason, and the end of a pause.
fn note_states(tx: &Tx<'_>, act: i64, given: &[(&Known, i64)], now: Millis) -> Result<(), JournalError> {
    for (known, order) in given {
        let was = known.state_at(now);
        let until = known.paused_until.filter(|_| was == EndpointState::Paused);
        tx.conn
            .prepare_cached(
                "INSERT INTO act_rows (act, target, change, was_tries, was_reason, was_position, was_changed_at)
                 VALUES (?1, ?2, ?3, 0, ?4, 0, ?5)",
            )?
            .execute(params![act, known.key, *order, was.code(), until.unwrap_or_default()])?;
    }
    Ok(())
}

/// Stores an order; answers with its sequence.
pub(super) fn insert(
    tx: &Tx<'_>,
    endpoint: i64,
    kind: OrderKind,
    actor: &Actor,
    now: Millis,
) -> Result<i64, JournalError> {
    let (delivery, until) = match kind {
        OrderKind::Pause(until) => (None, until),
        OrderKind::Resend(delivery) => (Some(delivery), None),
        OrderKind::Resume | OrderKind::Reset | OrderKind::Trip => (None, None),
    };
    tx.conn
        .prepare_cached(
            "INSERT INTO orders (at, who, kind, endpoint, delivery, until) VALUES (?1, ?2, ?3, ?4, ?5, ?6)",
        )?
        .execute(params![now, actor.0, word(kind), endpoint, delivery, until])?;
    Ok(tx.conn.last_insert_rowid())
}

const fn word(kind: OrderKind) -> &'static str {
    match kind {
        OrderKind::Pause(_) => "pause",
        OrderKind::Resume => "resume",
        OrderKind::Reset => "reset",
        OrderKind::Trip => "trip",
        OrderKind::Resend(_) => "resend",
    }
}

/// An order's effect and its end. One that is gone already was applied by another, and has no effect any more.
pub(super) fn finish(
    tx: &mut Tx<'_>,
    epoch: Option<Epoch>,
    order: i64,
    update: &EndpointUpdate,
) -> Result<(), JournalError> {
    if let Some(epoch) = epoch {
        tx.check(epoch)?;
    }
    let mut delete = tx.conn.prepare_cached("DELETE FROM orders WHERE seq = ?1 RETURNING endpoint")?;
    let endpoint: Option<i64> = delete.query_row([order], |row| row.get(0)).optional()?;
    match endpoint {
        Some(endpoint) => update_endpoint(tx, endpoint, update),
        None => Ok(()),
    }
}

/// Orders one attempt now for each delivery.
pub(super) fn resend(
    tx: &mut Tx<'_>,
    deliveries: &[String],
    actor: &Actor,
    now: Millis,
) -> Result<ActResult, JournalError> {
    let mut result = ActResult::default();
    let mut select = tx.conn.prepare_cached(concat!(
        "SELECT d.seq, d.endpoint, ",
        state!(),
        ", e.stripped, EXISTS (SELECT 1 FROM orders o WHERE o.delivery = d.seq)
         FROM deliveries d CROSS JOIN events e ON e.seq = d.event WHERE d.seq = ?1"
    ))?;
    for id in deliveries {
        let row: Option<(i64, i64, i64, bool, bool)> = select
            .query_row([named::find(tx.conn, id)?], |row| {
                Ok((row.get(0)?, row.get(1)?, row.get(2)?, row.get(3)?, row.get(4)?))
            })
            .optional()?;
        let why = match row {
            None => Some("there is no delivery of this id".to_owned()),
            Some((_, _, state, ..)) if state == State::InFlight.code() => Some(format!("it is {IN_FLIGHT}")),
            Some((_, _, state, ..)) if state == State::Cleared.code() => {
                Some("it is cleared; restore it first".to_owned())
            }
            Some((_, _, _, true, _)) => Some("its body was removed to keep the journal under max_size".to_owned()),
            Some((.., true)) => Some("it has been asked for already".to_owned()),
            Some((_, endpoint, ..)) => tx.endpoint(endpoint)?.as_ref().and_then(refusal),
        };
        match (why, row) {
            (None, Some((seq, endpoint, ..))) => {
                insert(tx, endpoint, OrderKind::Resend(seq), actor, now)?;
                result.done += 1;
            }
            (why, _) => result.skipped.push((id.clone(), why.unwrap_or_default())),
        }
    }
    if result.done > 0 {
        let text = match (deliveries, result.done) {
            ([one], _) => format!("resend {one}"),
            (_, 1) => "resend 1 delivery".to_owned(),
            (_, many) => format!("resend {many} deliveries"),
        };
        note_for_undo(tx, "resend", &text, result.done, actor, now)?;
        write_log(tx, actor, None, text, now)?;
    }
    Ok(result)
}

/// Routes a stored event to the endpoints that match now and never had it, or to `only`. Answers with the new delivery
/// ids, or why there can be none.
pub(super) fn resend_event(
    tx: &mut Tx<'_>,
    id: &str,
    only: Option<&str>,
    route_by: &RouteBy,
    actor: &Actor,
    now: Millis,
) -> Result<Result<Vec<String>, String>, JournalError> {
    let mut select = tx.conn.prepare_cached("SELECT seq, body, stripped, not_to FROM events WHERE id = ?1")?;
    let stored: Option<(i64, String, bool, Option<String>)> =
        select.query_row([id], |row| Ok((row.get(0)?, row.get(1)?, row.get(2)?, row.get(3)?))).optional()?;
    let Some((seq, body, stripped, not_to)) = stored else {
        return Ok(Err(format!("there is no event {id}")));
    };
    if stripped {
        return Ok(Err(format!("the body of {id} was removed to keep the journal under max_size")));
    }
    let event: Event = serde_json::from_str(&body)
        .map_err(|error| JournalError::Sqlite(format!("event {id} cannot be read: {error}")))?;
    let Some(revision) = tx.route_by(route_by)? else {
        return Ok(Err("no good file has been applied yet; it will be routed then".to_owned()));
    };
    let routes = match listeners(tx, &revision, &event, Addressee { only, not_to: not_to.as_deref() })? {
        Ok(routes) => routes,
        Err(refusal) => return Ok(Err(refusal.to_string())),
    };
    if routes.is_empty() {
        return Ok(Err(format!("no endpoint matches it now; `hooktui resend {id} --endpoint NAME` sends it to one")));
    }
    let mut had = tx.conn.prepare_cached(concat!(
        "SELECT ",
        delivery_id!(),
        " FROM events e CROSS JOIN deliveries d ON d.event = e.seq CROSS JOIN endpoints p ON p.key = d.endpoint
         WHERE e.seq = ?1 AND p.id = ?2"
    ))?;
    let mut fresh = Vec::new();
    for route in routes {
        let delivery: Option<String> = had.query_row(params![seq, route.endpoint], |row| row.get(0)).optional()?;
        match delivery {
            None => fresh.push(route),
            Some(delivery) if only.is_some() => {
                return Ok(Err(format!("{} had it already; resend {delivery} instead", route.name)));
            }
            Some(_) => {}
        }
    }
    if let Err(refusal) = make_room(tx, &revision.limits, fresh.len(), now)? {
        return Ok(Err(refusal.to_string()));
    }
    let deliveries = deliver(tx, (id, seq), Vec::new(), &fresh, now)?;
    tx.conn.prepare_cached("UPDATE events SET unrouted = 0 WHERE seq = ?1")?.execute([seq])?;
    let made = u64::try_from(deliveries.len()).unwrap_or_default();
    if made > 0 {
        let text = format!("send {id} to {made} more {}", if made == 1 { "endpoint" } else { "endpoints" });
        note_for_undo(tx, "send", &text, made, actor, now)?;
        write_log(tx, actor, None, text, now)?;
    }
    Ok(Ok(deliveries))
}

/// An edited copy is an event like any other; that a person sent it is an act.
pub(super) fn sent_copy(
    tx: &mut Tx<'_>,
    copy: &str,
    of: &str,
    endpoint: &str,
    actor: &Actor,
    now: Millis,
) -> Result<(), JournalError> {
    let text = format!("send an edited copy of {of} to {endpoint} as {copy}");
    note_for_undo(tx, "send", &text, 1, actor, now)?;
    write_log(tx, actor, Some(endpoint.to_owned()), text, now)
}

/// Records a test after the fact: delivered or, where it failed, cleared. It never becomes a dead letter and moves no
/// circuit.
pub(super) fn record_test(tx: &mut Tx<'_>, test: &TestRecord, now: Millis) -> Result<(), JournalError> {
    let Route { endpoint: id, name, host, enabled, .. } = &test.endpoint;
    let known = tx.endpoints()?.iter().find(|known| known.id == *id).map(|known| known.key);
    let endpoint = if let Some(key) = known {
        key
    } else {
        // No dispatcher has applied the file yet; what else there is to know of the endpoint comes with that.
        let (state, by) =
            if *enabled { (EndpointState::Active, None) } else { (EndpointState::Disabled, Some(DISABLED_BY_FILE)) };
        tx.conn
            .prepare_cached(
                "INSERT INTO endpoints (id, name, host, address_hash, state, disabled_by) VALUES (?1, ?2, ?3, x'', ?4, ?5)",
            )?
            .execute(params![id, name, host, state.code(), by])?;
        tx.endpoints_changed();
        tx.conn.last_insert_rowid()
    };
    let event = tx.next_change();
    tx.conn
        .prepare_cached(
            "INSERT INTO events (seq, id, type, accepted_at, body, digest, only, kept_from)
             VALUES (?1, ?2, ?3, ?4, ?5, x'', ?6, ?4)",
        )?
        .execute(params![event, test.event.id, test.event.kind, now, to_json(&test.event)?, id])?;
    tx.accepted();
    let state = if test.attempt.outcome == Outcome::Delivered { State::Delivered } else { State::Cleared };
    let alias = named::alias(tx, &test.event.id, id, endpoint)?;
    let delivery = tx.next_change();
    let attempt = &test.attempt;
    tx.conn
        .prepare_cached(
            "INSERT INTO deliveries (seq, event, endpoint, alias, state, position, due_at, change, created_at, changed_at,
                 attempts, tried_at, last_status, last_error, last_ms, last_outcome, last_trigger)
             VALUES (?1, ?2, ?3, ?4, ?5, ?1, 0, ?1, ?6, ?6, 1, ?7, ?8, ?9, ?10, ?11, ?12)",
        )?
        .execute(params![
            delivery,
            event,
            endpoint,
            alias,
            state.code(),
            now,
            attempt.started_at,
            attempt.status,
            attempt.error,
            attempt.duration_us.map(|micros| micros / 1_000),
            attempt.outcome.code(),
            attempt.trigger.code(),
        ])?;
    store_attempt(tx, delivery, attempt, &RequestBody::of(attempt, None))?;
    tx.moved(endpoint, None, Some(state));
    tell(tx, endpoint, attempt, now);
    Ok(())
}
