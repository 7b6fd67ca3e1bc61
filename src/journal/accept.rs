//! Accepting events: routed and stored with their deliveries, or refused as a whole.

use rusqlite::{OptionalExtension, params};
use sha2::{Digest, Sha256};

use super::arrivals::NewDelivery;
use super::flights::at_rest;
use super::named::delivery_id;
use super::redaction::Looked;
use super::tx::Tx;
use super::{Accepted, JournalError, Refusal, RouteBy, Submission, named, overflow, redaction, upkeep};
use crate::event::types::is_own;
use crate::event::{EndpointState, Event, Limits, Millis, Reason, Revision, Route, State, StoredEvent};

/// Accepts each submission on its own; the answers are in their order.
pub(super) fn accept(
    tx: &mut Tx<'_>,
    submissions: &[Looked],
    route_by: &RouteBy,
    now: Millis,
) -> Result<Vec<Result<Accepted, Refusal>>, JournalError> {
    tx.saw(now);
    let revision = tx.route_by(route_by)?;
    let revision = revision.as_deref();
    submissions
        .iter()
        .map(|looked| {
            redaction::pass(tx, looked, revision, now, |tx, clean, written| {
                accept_one(tx, clean, written, revision, now)
            })
        })
        .collect()
}

fn accept_one(
    tx: &mut Tx<'_>,
    submission: &Submission,
    written: &Written,
    revision: Option<&Revision>,
    now: Millis,
) -> Result<Result<Accepted, Refusal>, JournalError> {
    let addressee = Addressee { only: submission.only.as_deref(), not_to: submission.not_to.as_deref() };
    let outcome = match revision {
        None => Ok(Vec::new()),
        Some(revision) => match listeners(tx, revision, &submission.event, addressee)? {
            Ok(routes) => {
                let mut limits = revision.limits;
                // An alert takes nobody's place: one that a full queue refused could not tell that it is full, and one that
                // drove another event out would be the next death to tell of.
                if is_own(&submission.event.kind) {
                    limits.queue_size = 0;
                }
                make_room(tx, &limits, routes.len(), now)?.map(|()| routes)
            }
            refused => refused,
        },
    };
    let routes = match outcome {
        Ok(routes) => routes,
        // What the journal knows already needs no room and no route.
        Err(refusal) => return Ok(duplicate(tx, &submission.event.id, &written.digest)?.ok_or(refusal)),
    };
    let Some(seq) = store(tx, submission, written, revision.is_none(), now)? else {
        let known = duplicate(tx, &submission.event.id, &written.digest)?;
        return known.map(Ok).ok_or_else(|| JournalError::Sqlite("an event is there and is not".to_owned()));
    };
    let deliveries = deliver(tx, (&submission.event.id, seq), Vec::new(), &routes, now)?;
    Ok(Ok(Accepted {
        id: submission.event.id.clone(),
        seq,
        duplicate: false,
        differs: false,
        unrouted: revision.is_none(),
        deliveries,
    }))
}

/// Stores an event; answers with its sequence, or none if its id is taken.
fn store(
    tx: &mut Tx<'_>,
    submission: &Submission,
    written: &Written,
    unrouted: bool,
    now: Millis,
) -> Result<Option<i64>, JournalError> {
    let seq = tx.next_change();
    let values = params![
        seq,
        submission.event.id,
        submission.event.kind,
        now,
        written.body,
        written.digest,
        submission.origin,
        submission.only,
        submission.not_to,
        unrouted
    ];
    if !tx.insert_event(values)? {
        return Ok(None);
    }
    tx.accepted();
    Ok(Some(seq))
}

/// What an event asks of routing beyond its own content.
#[derive(Clone, Copy)]
pub(super) struct Addressee<'a> {
    /// To this endpoint only.
    pub only: Option<&'a str>,
    /// Never to this one.
    pub not_to: Option<&'a str>,
}

/// The endpoints that an event goes to now. One that a 410 disabled gets nothing, a paused one does.
pub(super) fn listeners<'r>(
    tx: &mut Tx<'_>,
    revision: &'r Revision,
    event: &Event,
    addressee: Addressee<'_>,
) -> Result<Result<Vec<&'r Route>, Refusal>, JournalError> {
    if let Some(name) = addressee.only {
        return only(tx, revision, name);
    }
    let known = tx.endpoints()?;
    let takes_part = |route: &Route| {
        addressee.not_to != Some(route.endpoint.as_str())
            && !known.iter().any(|known| known.id == route.endpoint && known.is_switched_off())
    };
    Ok(Ok(revision.routes.iter().filter(|route| route.wants(event) && takes_part(route)).collect()))
}

/// `--endpoint`: that one, whatever its patterns say.
fn only<'r>(
    tx: &mut Tx<'_>,
    revision: &'r Revision,
    name: &str,
) -> Result<Result<Vec<&'r Route>, Refusal>, JournalError> {
    let Some(route) = revision.called(name) else {
        let known = revision.routes.iter().map(|route| route.name.as_str()).collect::<Vec<_>>().join(", ");
        return Ok(Err(Refusal::UnknownEndpoint { name: name.to_owned(), known }));
    };
    let known = tx.endpoints()?;
    if !route.enabled || known.iter().any(|known| known.id == route.endpoint && known.is_switched_off()) {
        return Ok(Err(Refusal::Disabled { name: route.name.clone() }));
    }
    Ok(Ok(vec![route]))
}

/// Obeys `queue_size` and `max_size`: all of an event's deliveries find room, or none is made.
pub(super) fn make_room(
    tx: &mut Tx<'_>,
    limits: &Limits,
    more: usize,
    now: Millis,
) -> Result<Result<(), Refusal>, JournalError> {
    if limits.max_size > 0
        && let Some(size) = upkeep::full(tx, limits.max_size)?
    {
        return Ok(Err(Refusal::JournalFull { size, limit: limits.max_size }));
    }
    if limits.queue_size == 0 || more == 0 {
        return Ok(Ok(()));
    }
    let waiting = u64::try_from(tx.waiting()?).unwrap_or_default();
    let wanted = u64::try_from(more).unwrap_or(u64::MAX);
    let over = waiting.saturating_add(wanted).saturating_sub(limits.queue_size);
    if over == 0 {
        return Ok(Ok(()));
    }
    if !limits.drop_oldest || wanted > limits.queue_size {
        return Ok(Err(Refusal::QueueFull { waiting, wanted, limit: limits.queue_size }));
    }
    overflow::drop_oldest(tx, over, now)?;
    Ok(Ok(()))
}

/// A delivery that waits dies. Answers whether it did.
pub(super) fn bury(
    tx: &mut Tx<'_>,
    delivery: i64,
    endpoint: i64,
    from: State,
    reason: Reason,
    now: Millis,
) -> Result<bool, JournalError> {
    let change = tx.next_change();
    let died = tx
        .conn
        .prepare_cached(concat!(
            "UPDATE deliveries AS d SET state = 4, reason = ?3, change = ?4, changed_at = ?5, urgent = 0
             WHERE d.seq = ?1 AND d.state = ?2 AND (d.state = 0 OR d.state = 1) AND ",
            at_rest!()
        ))?
        .execute(params![delivery, from.code(), reason.code(), change, now])?
        == 1;
    if died {
        tx.moved(endpoint, Some(from), Some(State::Dead));
        tx.died(endpoint);
    }
    Ok(died)
}

/// Makes the deliveries of a stored event; answers with their ids. `had`: the keys of the endpoints that had it already, which
/// do not get it again.
pub(super) fn deliver(
    tx: &mut Tx<'_>,
    (event_id, event): (&str, i64),
    mut had: Vec<i64>,
    routes: &[&Route],
    now: Millis,
) -> Result<Vec<String>, JournalError> {
    let mut ids = Vec::with_capacity(routes.len());
    had.reserve(routes.len());
    for route in routes {
        let endpoint = endpoint_key(tx, route)?;
        if had.contains(&endpoint) {
            continue;
        }
        had.push(endpoint);
        let alias = named::alias(tx, event_id, &route.endpoint, endpoint)?;
        tx.insert_delivery(NewDelivery { event, endpoint, alias: alias.clone(), now })?;
        tx.moved(endpoint, None, Some(State::Queued));
        tx.came_in(endpoint, now);
        if tx.open_since(endpoint)?.is_some() {
            tx.skipped(endpoint);
        }
        ids.push(named::from_parts(alias, event_id, &route.endpoint));
    }
    Ok(ids)
}

/// The journal key of an endpoint. One that no dispatcher has applied yet gets its row here, so that its deliveries can
/// be stored; what else there is to know of it comes when the file is applied.
fn endpoint_key(tx: &mut Tx<'_>, route: &Route) -> Result<i64, JournalError> {
    if let Some(known) = tx.endpoints()?.iter().find(|known| known.id == route.endpoint) {
        return Ok(known.key);
    }
    tx.conn
        .prepare_cached("INSERT INTO endpoints (id, name, host, address_hash, state) VALUES (?1, ?2, ?3, x'', ?4)")?
        .execute(params![route.endpoint, route.name, route.host, EndpointState::Active.code()])?;
    tx.endpoints_changed();
    Ok(tx.conn.last_insert_rowid())
}

fn duplicate(tx: &mut Tx<'_>, id: &str, digest: &[u8]) -> Result<Option<Accepted>, JournalError> {
    tx.store_deliveries()?;
    let mut select = tx.conn.prepare_cached("SELECT seq, digest, unrouted FROM events WHERE id = ?1")?;
    let known: Option<(i64, Vec<u8>, bool)> =
        select.query_row([id], |row| Ok((row.get(0)?, row.get(1)?, row.get(2)?))).optional()?;
    let Some((seq, stored, unrouted)) = known else { return Ok(None) };
    let mut ids = tx.conn.prepare_cached(concat!(
        "SELECT ",
        delivery_id!(),
        " FROM events e CROSS JOIN deliveries d ON d.event = e.seq CROSS JOIN endpoints p ON p.key = d.endpoint
         WHERE e.seq = ?1 ORDER BY d.seq"
    ))?;
    let deliveries = ids.query_map([seq], |row| row.get(0))?.collect::<Result<_, _>>()?;
    Ok(Some(Accepted { id: id.to_owned(), seq, duplicate: true, differs: stored != digest, unrouted, deliveries }))
}

/// An event as its row is to hold it.
pub(super) struct Written {
    body: String,
    digest: Vec<u8>,
}

impl Written {
    pub fn of(event: &Event) -> Result<Self, JournalError> {
        Ok(Self { body: to_json(event)?, digest: digest(event) })
    }
}

/// The content of an event. Its time is no part of it: a job that says the same thing again says it later.
fn digest(event: &Event) -> Vec<u8> {
    let data = event.data.as_ref().map(|data| data.get());
    let content = (&event.kind, &event.session, &event.pane, &event.agent, &event.message, &event.details, data);
    Sha256::digest(serde_json::to_vec(&content).unwrap_or_default()).to_vec()
}

pub(super) fn to_json(event: &Event) -> Result<String, JournalError> {
    StoredEvent::row(event).map_err(|error| JournalError::Sqlite(format!("an event cannot be stored: {error}")))
}
