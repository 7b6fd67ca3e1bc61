//! The ends of attempts: attempt, state, circuit and counters in one transaction.

use std::sync::LazyLock;

use rusqlite::{CachedStatement, Connection, OptionalExtension, params};
use sha2::{Digest, Sha256};

use super::counters::Told;
use super::flights;
use super::many::{Insert, Rows};
use super::named::delivery_id;
use super::tx::Tx;
use super::{AttemptRecord, Buried, EndpointUpdate, Epoch, JournalError, Settlement, Verdict};
use crate::event::{Circuit, Millis, Outcome, Reason, State, Trigger};

/// Records the ends of attempts; answers with what died.
pub(super) fn settle(tx: &mut Tx<'_>, settlements: &[Settlement], now: Millis) -> Result<Vec<Buried>, JournalError> {
    tx.saw(now);
    let mut buried = Vec::new();
    if settlements.is_empty() {
        return Ok(buried);
    }
    let mut statements = Statements::of(tx.conn)?;
    for settlement in settlements {
        buried.extend(settle_one(tx, &mut statements, settlement, now)?);
    }
    statements.attempts.store()?;
    Ok(buried)
}

/// What is run for every settlement, looked up once for all of them.
struct Statements<'c> {
    flight: CachedStatement<'c>,
    first: CachedStatement<'c>,
    state: CachedStatement<'c>,
    attempts: Rows<'c>,
}

impl<'c> Statements<'c> {
    fn of(conn: &'c Connection) -> Result<Self, JournalError> {
        Ok(Self {
            flight: flights::results(conn)?,
            first: conn.prepare_cached(STORE_FIRST_DELIVERED)?,
            state: conn.prepare_cached(STORE_STATE)?,
            attempts: ATTEMPTS.rows(conn)?,
        })
    }
}

fn settle_one<'c>(
    tx: &mut Tx<'c>,
    statements: &mut Statements<'c>,
    settlement: &Settlement,
    now: Millis,
) -> Result<Option<Buried>, JournalError> {
    let to = match settlement.verdict {
        Verdict::Delivered => State::Delivered,
        Verdict::Retry(_) => State::Scheduled,
        Verdict::Dead(_) => State::Dead,
        Verdict::Back => settlement.was,
    };
    let attempt = &settlement.attempt;
    let body = RequestBody::of(attempt, settlement.body_hash.as_deref());
    let place = Place { seq: tx.next_change(), delivery: settlement.delivery, is_first: attempt.number == 1 };
    if !store_state(tx, statements, settlement, to, (place.seq, body.hash.as_deref()), now)? {
        // Another dispatcher has taken over meanwhile, and with it the delivery, if that is still there.
        if exists(tx, settlement)? {
            let place = Place { is_first: false, ..place };
            insert_attempt(tx, &mut statements.attempts, place, attempt, &body)?;
        }
        return Ok(None);
    }
    insert_attempt(tx, &mut statements.attempts, place, attempt, &body)?;
    tx.moved(settlement.endpoint, Some(State::InFlight), Some(to));
    match settlement.verdict {
        Verdict::Delivered if settlement.was != State::Delivered => tx.got_through(settlement.endpoint),
        Verdict::Dead(_) => tx.died(settlement.endpoint),
        _ => {}
    }
    if matches!(to, State::Queued | State::Scheduled) {
        count_return(tx, settlement.endpoint, settlement.claimed_at)?;
    }
    tell(tx, settlement.endpoint, attempt, now);
    update_endpoint(tx, settlement.endpoint, &settlement.update)?;
    match settlement.verdict {
        Verdict::Dead(reason) => buried(tx, settlement.delivery, reason),
        _ => Ok(None),
    }
}

/// As [`STORE_STATE`], for the end that is the most usual by far: delivered with the first attempt. An index costs each update
/// that names one of its columns, whether their values change or not: so this one names only what may change. Where something
/// was counted before it changes nothing.
const STORE_FIRST_DELIVERED: &str =
    "UPDATE deliveries SET state = 3, reason = NULL, change = ?2, changed_at = ?3, attempts = 1, tries = ?4,
         body_hash = ?5, last_status = ?6, last_error = NULL, last_ms = ?7, last_outcome = ?8, last_trigger = ?9,
         first_attempt = ?10, tried_at = ?11
     WHERE seq = ?1 AND attempts = 0 AND tries = 0 AND crashes = 0";

const STORE_STATE: &str =
    "UPDATE deliveries SET state = ?2, due_at = CASE ?2 WHEN 1 THEN coalesce(?3, due_at) ELSE due_at END,
         reason = CASE ?2 WHEN 4 THEN coalesce(?4, reason) END, change = ?5, changed_at = ?6,
         attempts = attempts + 1, tries = tries + ?7, crashes = 0, body_hash = ?8, last_status = ?9,
         last_error = ?10, last_ms = ?11, last_outcome = ?12, last_trigger = ?13,
         first_attempt = CASE attempts WHEN 0 THEN ?14 ELSE first_attempt END, tried_at = ?15
     WHERE seq = ?1";

/// Leaves flight, if the delivery is still held under the lease of its claim. Answers whether it is.
fn store_state(
    tx: &mut Tx<'_>,
    statements: &mut Statements<'_>,
    settlement: &Settlement,
    to: State,
    (attempt_seq, body_hash): (i64, Option<&[u8]>),
    now: Millis,
) -> Result<bool, JournalError> {
    let Settlement { delivery, epoch, .. } = *settlement;
    if epoch != Epoch(tx.epoch()) || !flights::end(&mut statements.flight, delivery, epoch)? {
        return Ok(false);
    }
    let attempt = &settlement.attempt;
    let change = tx.next_change();
    let last_ms = attempt.duration_us.map(|micros| micros / 1_000);
    if to == State::Delivered && attempt.number == 1 && attempt.error.is_none() {
        let stored = statements.first.execute(params![
            delivery,
            change,
            now,
            settlement.charged,
            body_hash,
            attempt.status,
            last_ms,
            attempt.outcome.code(),
            attempt.trigger.code(),
            attempt_seq,
            settlement.claimed_at,
        ])?;
        if stored == 1 {
            return Ok(true);
        }
    }
    let stored = statements.state.execute(params![
        delivery,
        to.code(),
        due_at(settlement.verdict),
        reason(settlement.verdict),
        change,
        now,
        settlement.charged,
        body_hash,
        attempt.status,
        attempt.error,
        last_ms,
        attempt.outcome.code(),
        attempt.trigger.code(),
        attempt_seq,
        settlement.claimed_at,
    ])?;
    Ok(stored == 1)
}

fn exists(tx: &Tx<'_>, settlement: &Settlement) -> Result<bool, JournalError> {
    let mut select = tx.conn.prepare_cached("SELECT 1 FROM deliveries WHERE seq = ?1 AND endpoint = ?2")?;
    Ok(select.exists([settlement.delivery, settlement.endpoint])?)
}

/// A delivery that has just died, for an alert.
pub(super) fn buried(tx: &Tx<'_>, delivery: i64, reason: Reason) -> Result<Option<Buried>, JournalError> {
    let mut select = tx.conn.prepare_cached(concat!(
        "SELECT ",
        delivery_id!(),
        ", e.id, e.type, d.endpoint
         FROM deliveries d CROSS JOIN events e ON e.seq = d.event CROSS JOIN endpoints p ON p.key = d.endpoint
         WHERE d.seq = ?1"
    ))?;
    let row = select.query_row([delivery], |row| {
        Ok(Buried { id: row.get(0)?, event_id: row.get(1)?, event_type: row.get(2)?, endpoint: row.get(3)?, reason })
    });
    Ok(row.optional()?)
}

const fn due_at(verdict: Verdict) -> Option<Millis> {
    match verdict {
        Verdict::Retry(at) => Some(at),
        _ => None,
    }
}

fn reason(verdict: Verdict) -> Option<i64> {
    match verdict {
        Verdict::Dead(reason) => Some(reason.code()),
        _ => None,
    }
}

/// A delivery that was in flight when the circuit opened waits behind it now: it was not counted among those that waited.
fn count_return(tx: &mut Tx<'_>, endpoint: i64, tried_at: Millis) -> Result<(), JournalError> {
    if tx.open_since(endpoint)?.is_some_and(|opened| tried_at < opened) {
        tx.skipped(endpoint);
    }
    Ok(())
}

/// What an attempt says of its endpoint: one that was cut off or never sent says nothing.
pub(super) fn tell(tx: &mut Tx<'_>, endpoint: i64, attempt: &AttemptRecord, now: Millis) {
    if matches!(attempt.outcome, Outcome::Interrupted | Outcome::Unsent) {
        return;
    }
    let told = Told {
        good: attempt.outcome == Outcome::Delivered,
        status: attempt.status,
        error: attempt.error.as_deref(),
        duration_us: attempt.duration_us,
    };
    tx.tell(endpoint, now, &told);
}

/// How the body of an attempt's request is kept: once per delivery, again only when it differs (product.md).
pub(super) struct RequestBody<'a> {
    /// Of the newest body that is stored with an attempt.
    hash: Option<Vec<u8>>,
    /// To be stored with this attempt.
    new: Option<&'a [u8]>,
}

/// Stands for a body that is the event's JSON, byte for byte. No request that is kept has an empty body of its own.
pub(super) const AS_STORED: &[u8] = b"";

impl<'a> RequestBody<'a> {
    /// The hash in a delivery's row, if there is one: until then room for it is kept there (arrivals.rs).
    pub fn hash_in(stored: &[u8]) -> Option<Vec<u8>> {
        (stored.len() == Sha256::output_size()).then(|| stored.to_vec())
    }

    /// `before`: the hash of the newest body that is stored.
    pub fn of(attempt: &'a AttemptRecord, before: Option<&[u8]>) -> Self {
        if attempt.body_as_stored {
            return Self { hash: None, new: Some(AS_STORED) };
        }
        if attempt.request_body.is_empty() {
            return Self { hash: before.map(<[u8]>::to_vec), new: None };
        }
        let hash = Sha256::digest(&attempt.request_body).to_vec();
        let new = (before != Some(&hash)).then_some(attempt.request_body.as_ref());
        Self { hash: Some(hash), new }
    }
}

/// Stores an attempt that its delivery does not name.
pub(super) fn store_attempt(
    tx: &mut Tx<'_>,
    delivery: i64,
    attempt: &AttemptRecord,
    body: &RequestBody<'_>,
) -> Result<(), JournalError> {
    let place = Place { seq: tx.next_change(), delivery, is_first: false };
    let mut rows = ATTEMPTS.rows(tx.conn)?;
    insert_attempt(tx, &mut rows, place, attempt, body)?;
    rows.store()
}

/// Where an attempt stands.
#[derive(Clone, Copy)]
struct Place {
    seq: i64,
    delivery: i64,
    /// Its delivery names it; any other is found by an index.
    is_first: bool,
}

static ATTEMPTS: LazyLock<Insert> = LazyLock::new(|| {
    Insert::into(
        "attempts (seq, delivery, number, started_at, trigger, outcome, status, error, duration_us, resolve_us,
         first_byte_us, remote, request_headers, response_headers, response_body, request_body, is_first, request_set,
         response_set)",
    )
});

fn insert_attempt(
    tx: &mut Tx<'_>,
    rows: &mut Rows<'_>,
    place: Place,
    attempt: &AttemptRecord,
    body: &RequestBody<'_>,
) -> Result<(), JournalError> {
    let (request, response) = (attempt.request_headers.json(), attempt.response_headers.json());
    let (request_set, response_set) = (tx.use_header_set(request)?, tx.use_header_set(response)?);
    rows.push(params![
        place.seq,
        place.delivery,
        attempt.number,
        attempt.started_at,
        attempt.trigger.code(),
        attempt.outcome.code(),
        attempt.status,
        attempt.error,
        attempt.duration_us,
        attempt.resolve_us,
        attempt.first_byte_us,
        attempt.remote,
        request.filter(|_| request_set.is_none()),
        response.filter(|_| response_set.is_none()),
        (!attempt.response_body.is_empty()).then_some(&attempt.response_body),
        body.new,
        place.is_first.then_some(1),
        request_set,
        response_set,
    ])
}

/// Applies what an attempt, an order or a timer changes of an endpoint.
pub(super) fn update_endpoint(tx: &mut Tx<'_>, endpoint: i64, update: &EndpointUpdate) -> Result<(), JournalError> {
    if let Some(circuit) = &update.circuit {
        // What waits when it opens is counted below, and the counters must be whole for that.
        tx.flush()?;
        tx.conn
            .prepare_cached(
                "UPDATE endpoints SET
                     circuit_skips = circuit_skips + CASE WHEN ?8 > openings AND ?2 <> 0 THEN queued + scheduled ELSE 0 END,
                     circuit = ?2, consecutive_failures = ?3, opened_at = ?4, probe_at = ?5, cooldown_ms = ?6,
                     good_probes = ?7, openings = ?8, ramp = ?9
                 WHERE key = ?1",
            )?
            .execute(params![
                endpoint,
                circuit.circuit.code(),
                circuit.consecutive_failures,
                circuit.opened_at,
                circuit.probe_at,
                i64::try_from(circuit.cooldown_ms).unwrap_or(i64::MAX),
                circuit.good_probes,
                circuit.openings,
                circuit.ramp,
            ])?;
        let open_since = (circuit.circuit != Circuit::Closed).then(|| circuit.opened_at.unwrap_or_default());
        if tx.endpoint(endpoint)?.is_some_and(|known| known.open_since != open_since) {
            tx.endpoints_changed();
        }
    }
    if let Some(state) = update.state {
        tx.conn
            .prepare_cached(
                "UPDATE endpoints SET state = ?2, disabled_by = ?3, paused_until = ?4, paused_by = ?5 WHERE key = ?1",
            )?
            .execute(params![endpoint, state.code(), update.disabled_by, update.paused_until, update.paused_by])?;
        tx.endpoints_changed();
    }
    if let Some(until) = update.hold_until {
        tx.conn
            .prepare_cached("UPDATE endpoints SET hold_until = ?2 WHERE key = ?1")?
            .execute(params![endpoint, until])?;
    }
    Ok(())
}

/// Gives back claims whose attempts never began: as if they had not been claimed.
pub(super) fn release(tx: &mut Tx<'_>, epoch: Epoch, deliveries: &[i64], now: Millis) -> Result<(), JournalError> {
    for delivery in deliveries {
        give_back(tx, epoch, *delivery, now, 0, 0)?;
    }
    Ok(())
}

/// Logs attempts that a stop cut off: they may have been sent, cost no try and say nothing of the endpoint.
pub(super) fn interrupt(tx: &mut Tx<'_>, epoch: Epoch, deliveries: &[i64], now: Millis) -> Result<(), JournalError> {
    for delivery in deliveries {
        store_interrupted(tx, epoch, *delivery)?;
        give_back(tx, epoch, *delivery, now, 1, 0)?;
    }
    Ok(())
}

/// Records the attempt that was under way for a delivery claimed under `epoch`.
pub(super) fn store_interrupted(tx: &mut Tx<'_>, epoch: Epoch, delivery: i64) -> Result<(), JournalError> {
    let seq = tx.next_change();
    tx.conn
        .prepare_cached(
            "INSERT INTO attempts (seq, delivery, number, started_at, trigger, outcome, error)
             SELECT ?5, d.seq, d.attempts + 1, f.claimed_at, f.trigger, ?3, ?4
             FROM flights f CROSS JOIN deliveries d ON d.seq = f.delivery WHERE f.delivery = ?1 AND f.epoch = ?2",
        )?
        .execute(params![delivery, epoch.0, Outcome::Interrupted.code(), super::recover::INTERRUPTED, seq])?;
    Ok(())
}

/// A claim ends without a result: back to what the delivery was. Does nothing if the claim is not of this epoch any more.
pub(super) fn give_back(
    tx: &mut Tx<'_>,
    epoch: Epoch,
    delivery: i64,
    now: Millis,
    attempts: i64,
    crashes: i64,
) -> Result<(), JournalError> {
    let Some(flight) = flights::give_up(tx.conn, delivery, epoch)? else { return Ok(()) };
    let change = tx.next_change();
    let mut update = tx.conn.prepare_cached(
        "UPDATE deliveries SET change = ?2, changed_at = ?3, tried_at = ?4, attempts = attempts + ?5,
             crashes = crashes + ?6, last_status = CASE ?5 WHEN 0 THEN last_status END,
             last_error = CASE ?5 WHEN 0 THEN last_error ELSE ?7 END, last_ms = CASE ?5 WHEN 0 THEN last_ms END,
             last_outcome = CASE ?5 WHEN 0 THEN last_outcome ELSE ?8 END,
             last_trigger = CASE ?5 WHEN 0 THEN last_trigger ELSE ?9 END,
             urgent = ?5 = 0 AND state < 2 AND ?9 = ?10
         WHERE seq = ?1 RETURNING state",
    )?;
    let values = params![
        delivery,
        change,
        now,
        flight.claimed_at,
        attempts,
        crashes,
        super::recover::INTERRUPTED,
        Outcome::Interrupted.code(),
        flight.trigger,
        Trigger::Manual.code(),
    ];
    let was = update.query_row(values, |row| row.get(0)).optional()?.and_then(State::from_code);
    tx.moved(flight.endpoint, Some(State::InFlight), was);
    if matches!(was, Some(State::Queued | State::Scheduled)) {
        count_return(tx, flight.endpoint, flight.claimed_at)?;
    }
    Ok(())
}
