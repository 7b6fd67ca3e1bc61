//! Claiming: what a lane may send next becomes in flight, under the dispatcher's lease.

use std::sync::Arc;

use rusqlite::{OptionalExtension, Row, params};

use super::accept::bury;
use super::flights::{self, AT_REST, at_rest};
use super::many::Rows;
use super::settle::RequestBody;
use super::tx::Tx;
use super::{Buried, Claim, ClaimRequest, Claimed, JournalError, Pick, named};
use crate::event::{Millis, Reason, State, StoredEvent};

/// A probe is picked among so many of the due retries and so many of the fresh deliveries at the head of the lane.
const PROBE_WINDOW: i64 = 64;

/// Claims what the request asks for.
pub(super) fn claim(tx: &mut Tx<'_>, request: &ClaimRequest) -> Result<Claim, JournalError> {
    tx.check(request.epoch)?;
    tx.saw(request.now);
    let mut claim = Claim::default();
    let mut claims = flights::claims(tx.conn)?;
    let candidates = candidates(tx, request)?;
    let fresh = candidates.iter().filter(|candidate| candidate.state == State::Queued);
    let last_fresh = fresh.map(|candidate| candidate.position).max();
    let endpoint_id = if candidates.is_empty() { String::new() } else { endpoint_id(tx, request.endpoint)? };
    for candidate in candidates {
        if candidate.is_expired(request) {
            if bury(tx, candidate.seq, request.endpoint, candidate.state, Reason::Expired, request.now)? {
                claim.expired.push(candidate.buried((request.endpoint, &endpoint_id), Reason::Expired));
            }
            continue;
        }
        take(tx, &mut claims, &candidate, request)?;
        claim.claimed.push(candidate.claimed(&endpoint_id, request.now));
    }
    claims.store()?;
    claim.next_due = next_due(tx, request, last_fresh)?;
    Ok(claim)
}

fn endpoint_id(tx: &Tx<'_>, key: i64) -> Result<String, JournalError> {
    let mut select = tx.conn.prepare_cached("SELECT id FROM endpoints WHERE key = ?1")?;
    Ok(select.query_row([key], |row| row.get(0))?)
}

/// A delivery as it stands before the claim.
struct Candidate {
    seq: i64,
    alias: Option<String>,
    state: State,
    position: i64,
    attempts: u32,
    tries: u32,
    crashes: u32,
    created_at: Millis,
    retried_at: Option<Millis>,
    urgent: bool,
    tried_at: Millis,
    body_hash: Option<Vec<u8>>,
    event_seq: i64,
    event_id: String,
    event_type: String,
    body: String,
}

/// Of `deliveries d`: it waits and crashed three times in a row. As the index of suspects has it.
pub(super) const SUSPECT: &str = concat!("d.crashes >= 3 AND (d.state = 0 OR d.state = 1) AND ", at_rest!());

const COLUMNS: &str = "SELECT d.seq, d.alias, d.state, d.position, d.attempts, d.tries, d.crashes, d.created_at,
    d.retried_at, d.urgent, d.tried_at, d.body_hash, e.seq, e.id, e.type, e.body
    FROM deliveries d CROSS JOIN events e ON e.seq = d.event";

impl Candidate {
    fn read(row: &Row<'_>) -> rusqlite::Result<Self> {
        Ok(Self {
            seq: row.get(0)?,
            alias: row.get(1)?,
            state: State::from_code(row.get(2)?).unwrap_or(State::Queued),
            position: row.get(3)?,
            attempts: row.get(4)?,
            tries: row.get(5)?,
            crashes: row.get(6)?,
            created_at: row.get(7)?,
            retried_at: row.get(8)?,
            urgent: row.get(9)?,
            tried_at: row.get(10)?,
            body_hash: row.get_ref(11)?.as_blob_or_null()?.and_then(RequestBody::hash_in),
            event_seq: row.get(12)?,
            event_id: row.get(13)?,
            event_type: row.get(14)?,
            body: row.get(15)?,
        })
    }

    /// `max_age`, counted anew from a retry by hand; what a person wants now does not expire.
    fn is_expired(&self, request: &ClaimRequest) -> bool {
        let by_hand = self.urgent || matches!(request.pick, Pick::Resend(_) | Pick::Urgent);
        let since = self.retried_at.unwrap_or(self.created_at).max(self.created_at);
        !by_hand && request.max_age.is_some_and(|max| request.now.saturating_sub_unsigned(max) > since)
    }

    fn buried(self, (endpoint, endpoint_id): (i64, &str), reason: Reason) -> Buried {
        let id = named::from_parts(self.alias, &self.event_id, endpoint_id);
        Buried { id, event_id: self.event_id, event_type: self.event_type, endpoint, reason }
    }

    fn claimed(self, endpoint_id: &str, now: Millis) -> Claimed {
        Claimed {
            delivery: self.seq,
            id: named::from_parts(self.alias, &self.event_id, endpoint_id),
            event: Arc::new(StoredEvent::new(self.event_id, self.event_type, self.body)),
            event_seq: self.event_seq,
            body_hash: self.body_hash,
            number: self.attempts.saturating_add(1),
            tries: self.tries,
            crashes: self.crashes,
            created_at: self.created_at,
            claimed_at: now,
            was: self.state,
            urgent: self.urgent,
        }
    }
}

fn candidates(tx: &Tx<'_>, request: &ClaimRequest) -> Result<Vec<Candidate>, JournalError> {
    let limit = i64::try_from(request.limit).unwrap_or(i64::MAX);
    match request.pick {
        Pick::Due => {
            let mut due = retries(tx, request, limit)?;
            let room = limit - i64::try_from(due.len()).unwrap_or(limit);
            if room > 0 {
                due.extend(fresh(tx, request, room)?);
            }
            Ok(due)
        }
        Pick::Head => {
            let due = |head: &Candidate| {
                head.state == State::Queued || due_at(tx, head.seq).is_ok_and(|at| at <= request.now)
            };
            Ok(head(tx, request)?.filter(due).into_iter().collect())
        }
        Pick::Probe => {
            let mut due = retries(tx, request, PROBE_WINDOW)?;
            due.extend(fresh(tx, request, PROBE_WINDOW)?);
            due.sort_by_key(|candidate| (candidate.tried_at, candidate.position));
            due.truncate(1);
            Ok(due)
        }
        Pick::Urgent => {
            // What is in flight is urgent no more.
            let mut select = tx.conn.prepare_cached(&format!(
                "{COLUMNS} WHERE d.endpoint = ?1 AND d.urgent = 1 AND (d.state = 0 OR d.state = 1)
                 ORDER BY d.position LIMIT ?2"
            ))?;
            let rows = select.query_map(params![request.endpoint, limit], Candidate::read)?;
            Ok(rows.collect::<Result<_, _>>()?)
        }
        Pick::Suspect => {
            let mut select = tx.conn.prepare_cached(&format!(
                "{COLUMNS} WHERE d.endpoint = ?1 AND {SUSPECT} ORDER BY d.position LIMIT ?2"
            ))?;
            let rows = select.query_map(params![request.endpoint, limit], Candidate::read)?;
            Ok(rows.collect::<Result<_, _>>()?)
        }
        Pick::Resend(seq) => {
            let mut select = tx.conn.prepare_cached(&format!(
                "{COLUMNS} WHERE d.seq = ?1 AND d.endpoint = ?2 AND d.state IN (0, 1, 3, 4) AND e.stripped = 0
                 AND {AT_REST}"
            ))?;
            Ok(select.query_row([seq, request.endpoint], Candidate::read).optional()?.into_iter().collect())
        }
    }
}

/// Scheduled deliveries whose time has come, by due time.
fn retries(tx: &Tx<'_>, request: &ClaimRequest, limit: i64) -> Result<Vec<Candidate>, JournalError> {
    let mut select = tx.conn.prepare_cached(&format!(
        "{COLUMNS} WHERE d.endpoint = ?1 AND d.state = 1 AND d.due_at <= ?2 AND d.crashes < ?3 AND {AT_REST}
         ORDER BY d.due_at, d.position LIMIT ?4"
    ))?;
    let rows =
        select.query_map(params![request.endpoint, request.now, request.below_crashes, limit], Candidate::read)?;
    Ok(rows.collect::<Result<_, _>>()?)
}

/// Queued deliveries in lane order.
fn fresh(tx: &Tx<'_>, request: &ClaimRequest, limit: i64) -> Result<Vec<Candidate>, JournalError> {
    let mut select = tx.conn.prepare_cached(&format!(
        "{COLUMNS} WHERE d.endpoint = ?1 AND d.state = 0 AND d.crashes < ?2 AND {AT_REST}
         ORDER BY d.due_at, d.position LIMIT ?3"
    ))?;
    let rows = select.query_map(params![request.endpoint, request.below_crashes, limit], Candidate::read)?;
    Ok(rows.collect::<Result<_, _>>()?)
}

/// The delivery at the lowest position of a fifo lane. Of the scheduled ones there is seldom more than one: a retry holds
/// the lane; so they may be looked through.
fn head(tx: &Tx<'_>, request: &ClaimRequest) -> Result<Option<Candidate>, JournalError> {
    let mut select = tx.conn.prepare_cached(&format!(
        "{COLUMNS} WHERE d.endpoint = ?1 AND d.state = 1 AND d.crashes < ?2 AND {AT_REST} ORDER BY d.position LIMIT 1"
    ))?;
    let retry = select.query_row(params![request.endpoint, request.below_crashes], Candidate::read).optional()?;
    let fresh = fresh(tx, request, 1)?.into_iter().next();
    Ok(match (retry, fresh) {
        (Some(retry), Some(fresh)) => Some(if retry.position < fresh.position { retry } else { fresh }),
        (retry, fresh) => retry.or(fresh),
    })
}

fn due_at(tx: &Tx<'_>, delivery: i64) -> Result<Millis, JournalError> {
    let mut select = tx.conn.prepare_cached("SELECT due_at FROM deliveries WHERE seq = ?1")?;
    Ok(select.query_row([delivery], |row| row.get(0))?)
}

/// Stores the lease. The change number stays as it is: a claim soon becomes a result, and the lists need not be sorted anew
/// for each of the two.
fn take(
    tx: &mut Tx<'_>,
    claims: &mut Rows<'_>,
    candidate: &Candidate,
    request: &ClaimRequest,
) -> Result<(), JournalError> {
    flights::claim(claims, candidate.seq, request)?;
    if candidate.urgent {
        tx.conn.prepare_cached("UPDATE deliveries SET urgent = 0 WHERE seq = ?1")?.execute([candidate.seq])?;
    }
    tx.moved(request.endpoint, Some(candidate.state), Some(State::InFlight));
    Ok(())
}

/// When this pick finds something again, after the claim. `last_fresh`: the position of the last queued delivery that it has
/// found.
fn next_due(tx: &Tx<'_>, request: &ClaimRequest, last_fresh: Option<i64>) -> Result<Option<Millis>, JournalError> {
    match request.pick {
        Pick::Resend(_) => Ok(None),
        Pick::Suspect => {
            let mut more = tx
                .conn
                .prepare_cached(&format!("SELECT 1 FROM deliveries d WHERE d.endpoint = ?1 AND {SUSPECT} LIMIT 1"))?;
            Ok(more.exists([request.endpoint])?.then_some(request.now))
        }
        Pick::Urgent => {
            // SQLite would take the index of the lane, and look through all of it.
            let mut more = tx.conn.prepare_cached(
                "SELECT 1 FROM deliveries INDEXED BY deliveries_urgent
                 WHERE endpoint = ?1 AND urgent = 1 AND (state = 0 OR state = 1) LIMIT 1",
            )?;
            Ok(more.exists([request.endpoint])?.then_some(request.now))
        }
        Pick::Head => match head(tx, request)? {
            None => Ok(None),
            Some(head) if head.state == State::Queued => Ok(Some(request.now)),
            Some(head) => due_at(tx, head.seq).map(Some),
        },
        Pick::Due | Pick::Probe => {
            // Of what is due all that stood before the last one is in flight now: it need not be looked past again.
            let after = if request.pick == Pick::Due { last_fresh } else { None };
            let mut fresh = tx.conn.prepare_cached(concat!(
                "SELECT 1 FROM deliveries d WHERE d.endpoint = ?1 AND d.state = 0 AND (d.due_at, d.position) > (0, ?3)
                 AND d.crashes < ?2 AND ",
                at_rest!(),
                " LIMIT 1"
            ))?;
            if fresh.exists(params![request.endpoint, request.below_crashes, after.unwrap_or_default()])? {
                return Ok(Some(request.now));
            }
            let mut retry = tx.conn.prepare_cached(concat!(
                "SELECT d.due_at FROM deliveries d WHERE d.endpoint = ?1 AND d.state = 1 AND d.crashes < ?2 AND ",
                at_rest!(),
                " ORDER BY d.due_at LIMIT 1"
            ))?;
            Ok(retry.query_row(params![request.endpoint, request.below_crashes], |row| row.get(0)).optional()?)
        }
    }
}
