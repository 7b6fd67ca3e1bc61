//! What is in flight: claimed, and its result not yet committed.
//!
//! A claim is a row of `flights`, of which there are never more than may be sent at once. The delivery's own row is not
//! touched: it keeps the state, the due time and the tries to which the delivery goes back should there be no result, and no
//! index has to be written twice for each attempt. So a stored state alone says little: whoever asks for deliveries by
//! theirs leaves out what is in flight ([`AT_REST`]), and whoever shows one shows [`STATE`].

use std::sync::LazyLock;

use rusqlite::{CachedStatement, Connection, OptionalExtension, params};

use super::many::{Insert, Rows};
use super::{ClaimRequest, Epoch, JournalError};
use crate::event::Millis;

/// Of `deliveries d`: it is not in flight. The few keys are looked up by the sequence, which every index ends with, before the
/// row itself is read.
macro_rules! at_rest {
    () => {
        "d.seq NOT IN (SELECT delivery FROM flights)"
    };
}
pub(super) use at_rest;

/// The state of `deliveries d`.
macro_rules! state {
    () => {
        "CASE WHEN d.seq IN (SELECT delivery FROM flights) THEN 2 ELSE d.state END"
    };
}
pub(super) use state;

/// When the state of `deliveries d` last changed.
macro_rules! changed_at {
    () => {
        "coalesce((SELECT claimed_at FROM flights WHERE delivery = d.seq), d.changed_at)"
    };
}
pub(super) use changed_at;

/// The same to be named in formats.
pub(super) const AT_REST: &str = at_rest!();
pub(super) const STATE: &str = state!();

/// A claim that ended without a result.
pub(super) struct Flight {
    pub endpoint: i64,
    /// What set the attempt off.
    pub trigger: i64,
    pub claimed_at: Millis,
}

static CLAIMS: LazyLock<Insert> =
    LazyLock::new(|| Insert::into("flights (delivery, endpoint, epoch, trigger, claimed_at)"));

/// To take in the claims of a request.
pub(super) fn claims(conn: &Connection) -> Result<Rows<'_>, JournalError> {
    CLAIMS.rows(conn)
}

/// A delivery is claimed.
pub(super) fn claim(claims: &mut Rows<'_>, delivery: i64, request: &ClaimRequest) -> Result<(), JournalError> {
    let ClaimRequest { endpoint, epoch, trigger, now, .. } = request;
    claims.push(params![delivery, endpoint, epoch.0, trigger.code(), now])
}

/// What is run for every result, looked up once for all of them.
pub(super) fn results(conn: &Connection) -> rusqlite::Result<CachedStatement<'_>> {
    conn.prepare_cached("DELETE FROM flights WHERE delivery = ?1 AND epoch = ?2")
}

/// A delivery leaves flight with a result, if it is still held under the lease of its claim. Answers whether it was.
pub(super) fn end(statement: &mut CachedStatement<'_>, delivery: i64, epoch: Epoch) -> Result<bool, JournalError> {
    Ok(statement.execute([delivery, epoch.0])? == 1)
}

/// A delivery leaves flight without a result; none if the claim is not of this epoch any more.
pub(super) fn give_up(conn: &Connection, delivery: i64, epoch: Epoch) -> Result<Option<Flight>, JournalError> {
    let mut delete = conn.prepare_cached(
        "DELETE FROM flights WHERE delivery = ?1 AND epoch = ?2 RETURNING endpoint, trigger, claimed_at",
    )?;
    let flight = delete.query_row([delivery, epoch.0], |row| {
        Ok(Flight { endpoint: row.get(0)?, trigger: row.get(1)?, claimed_at: row.get(2)? })
    });
    Ok(flight.optional()?)
}

/// What was claimed under other leases than this one.
pub(super) fn of_others(conn: &Connection, epoch: Epoch) -> Result<Vec<(i64, Epoch)>, JournalError> {
    let mut select = conn.prepare_cached("SELECT delivery, epoch FROM flights WHERE epoch <> ?1 ORDER BY delivery")?;
    let rows = select.query_map([epoch.0], |row| Ok((row.get(0)?, Epoch(row.get(1)?))))?;
    Ok(rows.collect::<Result<_, _>>()?)
}
