//! Applying a reading of the file: the revision, the endpoints, and the events that waited for a first file.

use rusqlite::{OptionalExtension, params};

use super::DISABLED_BY_FILE;
use super::accept::{Addressee, deliver, listeners};
use super::tx::Tx;
use super::{Applied, EndpointSpec, Epoch, JournalError};
use crate::event::{EndpointState, Event, Millis, Revision};

/// Revisions kept to look back at.
const KEPT: i64 = 10;

/// Applies the file: all of it or, on an error, nothing.
pub(super) fn apply(
    tx: &mut Tx<'_>,
    epoch: Epoch,
    revision: &Revision,
    endpoints: &[EndpointSpec],
    now: Millis,
) -> Result<Applied, JournalError> {
    tx.check(epoch)?;
    tx.saw(now);
    tx.flush()?;
    let mut applied = Applied::default();
    let before = tx.revision()?;
    for (position, spec) in (0_i64..).zip(endpoints) {
        let key = upsert(tx, spec, position, before.as_ref().map(|(_, before)| &**before), revision, &mut applied)?;
        applied.keys.push((spec.id.clone(), key));
    }
    remove_others(tx, endpoints, &mut applied)?;
    tx.endpoints_changed();
    applied.revision = match before {
        Some((number, before)) if *before == *revision => number,
        before => store(tx, revision, before.map_or(0, |(number, _)| number) + 1, now)?,
    };
    applied.routed = route_waiting(tx, revision, now)?;
    Ok(applied)
}

fn store(tx: &mut Tx<'_>, revision: &Revision, number: i64, now: Millis) -> Result<i64, JournalError> {
    let body = serde_json::to_string(revision)
        .map_err(|error| JournalError::Sqlite(format!("a revision cannot be stored: {error}")))?;
    tx.conn
        .prepare_cached("INSERT INTO revisions (number, applied_at, body) VALUES (?1, ?2, ?3)")?
        .execute(params![number, now, body])?;
    tx.conn.prepare_cached("DELETE FROM revisions WHERE number <= ?1")?.execute([number - KEPT])?;
    tx.revision_changed();
    Ok(number)
}

/// An endpoint's row before the file is applied.
struct Stored {
    key: i64,
    name: String,
    address_hash: Vec<u8>,
    state: EndpointState,
    disabled_by: Option<String>,
    /// A person paused it, and nobody has resumed it since: also while it is out of the file, or disabled in it.
    is_paused: bool,
    missing: Option<String>,
}

fn stored(tx: &Tx<'_>, id: &str) -> Result<Option<Stored>, JournalError> {
    let mut select = tx.conn.prepare_cached(
        "SELECT key, name, address_hash, state, disabled_by, missing, paused_by IS NOT NULL FROM endpoints WHERE id = ?1",
    )?;
    let row = select.query_row([id], |row| {
        Ok(Stored {
            key: row.get(0)?,
            name: row.get(1)?,
            address_hash: row.get(2)?,
            state: EndpointState::from_code(row.get(3)?).unwrap_or(EndpointState::Active),
            disabled_by: row.get(4)?,
            missing: row.get(5)?,
            is_paused: row.get(6)?,
        })
    });
    Ok(row.optional()?)
}

fn upsert(
    tx: &Tx<'_>,
    spec: &EndpointSpec,
    position: i64,
    before: Option<&Revision>,
    after: &Revision,
    applied: &mut Applied,
) -> Result<i64, JournalError> {
    let Some(stored) = stored(tx, &spec.id)? else {
        insert(tx, spec, position)?;
        applied.added.push(spec.name.clone());
        return Ok(tx.conn.last_insert_rowid());
    };
    // An empty hash is that of a row which `emit` made before any dispatcher came by.
    let unapplied = stored.address_hash.is_empty();
    let known = is_known(&spec.address_hash);
    let moved = known && is_known(&stored.address_hash) && stored.address_hash != spec.address_hash;
    let address_hash = if known || unapplied { &spec.address_hash[..] } else { &stored.address_hash };
    let (state, disabled_by) = next_state(&stored, spec, moved);
    let route = |revision: &Revision| revision.routes.iter().find(|route| route.endpoint == spec.id).cloned();
    if stored.state == EndpointState::Removed || unapplied {
        applied.added.push(spec.name.clone());
    } else if moved
        || state != stored.state
        || stored.missing != spec.missing
        || stored.name != spec.name
        || before.and_then(route) != route(after)
    {
        applied.changed.push(spec.name.clone());
    }
    tx.conn
        .prepare_cached(
            "UPDATE endpoints SET name = ?2, host = ?3, address_hash = ?4, position = ?5, state = ?6, disabled_by = ?7,
                 missing = ?8 WHERE key = ?1",
        )?
        .execute(params![
            stored.key,
            spec.name,
            spec.host,
            address_hash,
            position,
            state.code(),
            disabled_by,
            spec.missing
        ])?;
    if moved {
        close_circuit(tx, stored.key)?;
        applied.moved.push(stored.key);
    }
    Ok(stored.key)
}

/// A URL that lacks a variable has a hash of zeroes, and one that was never applied an empty one.
fn is_known(address_hash: &[u8]) -> bool {
    address_hash.iter().any(|byte| *byte != 0)
}

/// An endpoint that the journal has not seen before.
fn insert(tx: &Tx<'_>, spec: &EndpointSpec, position: i64) -> Result<(), JournalError> {
    tx.conn
        .prepare_cached(
            "INSERT INTO endpoints (id, name, host, address_hash, position, state, disabled_by, missing)
             VALUES (?1, ?2, ?3, ?4, ?5, ?6, ?7, ?8)",
        )?
        .execute(params![
            spec.id,
            spec.name,
            spec.host,
            spec.address_hash,
            position,
            if spec.enabled { EndpointState::Active } else { EndpointState::Disabled }.code(),
            (!spec.enabled).then_some(DISABLED_BY_FILE),
            spec.missing
        ])?;
    Ok(())
}

/// Another address has another health: the circuit closes, the wait that the old one asked for ends.
fn close_circuit(tx: &Tx<'_>, endpoint: i64) -> Result<(), JournalError> {
    tx.conn
        .prepare_cached(
            "UPDATE endpoints SET circuit = 0, consecutive_failures = 0, opened_at = NULL, probe_at = NULL,
                 cooldown_ms = 0, good_probes = 0, ramp = 0, hold_until = NULL WHERE key = ?1",
        )?
        .execute([endpoint])?;
    Ok(())
}

/// What the file makes of an endpoint's state. A pause is a person's and stays; a 410 stays until the address changes.
fn next_state(stored: &Stored, spec: &EndpointSpec, moved: bool) -> (EndpointState, Option<String>) {
    if !spec.enabled {
        return (EndpointState::Disabled, Some(DISABLED_BY_FILE.to_owned()));
    }
    let by_file = stored.disabled_by.as_deref() == Some(DISABLED_BY_FILE);
    match (stored.state, &stored.disabled_by) {
        (EndpointState::Disabled, by) if !by_file && !moved => (EndpointState::Disabled, by.clone()),
        // It had left while disabled by a 410, and returns with the same address.
        (EndpointState::Removed, Some(by)) if !by_file && !moved => (EndpointState::Disabled, Some(by.clone())),
        _ if stored.is_paused => (EndpointState::Paused, None),
        _ => (EndpointState::Active, None),
    }
}

/// Endpoints that left the file keep their deliveries, held.
fn remove_others(tx: &Tx<'_>, endpoints: &[EndpointSpec], applied: &mut Applied) -> Result<(), JournalError> {
    let mut select = tx.conn.prepare_cached(
        "SELECT key, id, name, queued + scheduled + in_flight FROM endpoints WHERE state <> 3 ORDER BY position, key",
    )?;
    let rows: Vec<(i64, String, String, u64)> = select
        .query_map([], |row| Ok((row.get(0)?, row.get(1)?, row.get(2)?, row.get(3)?)))?
        .collect::<Result<_, _>>()?;
    for (key, id, name, held) in rows {
        if endpoints.iter().all(|spec| spec.id != id) {
            tx.conn.prepare_cached("UPDATE endpoints SET state = 3, missing = NULL WHERE key = ?1")?.execute([key])?;
            applied.removed.push((name, held));
        }
    }
    Ok(())
}

/// An event that was accepted without any revision.
struct Waiting {
    seq: i64,
    body: String,
    only: Option<String>,
    not_to: Option<String>,
}

/// Routes the events that were accepted before there was any revision.
fn route_waiting(tx: &mut Tx<'_>, revision: &Revision, now: Millis) -> Result<u64, JournalError> {
    let mut select =
        tx.conn.prepare_cached("SELECT seq, body, only, not_to FROM events WHERE unrouted = 1 ORDER BY seq")?;
    let waiting: Vec<Waiting> = select
        .query_map([], |row| {
            Ok(Waiting { seq: row.get(0)?, body: row.get(1)?, only: row.get(2)?, not_to: row.get(3)? })
        })?
        .collect::<Result<_, _>>()?;
    let mut had = tx.conn.prepare_cached("SELECT endpoint FROM deliveries WHERE event = ?1")?;
    let mut routed = 0;
    for Waiting { seq, body, only, not_to } in waiting {
        let addressee = Addressee { only: only.as_deref(), not_to: not_to.as_deref() };
        if let Ok(event) = serde_json::from_str::<Event>(&body)
            && let Ok(routes) = listeners(tx, revision, &event, addressee)?
        {
            let had = had.query_map([seq], |row| row.get(0))?.collect::<Result<_, _>>()?;
            deliver(tx, (&event.id, seq), had, &routes, now)?;
        }
        // One that nobody wants is routed as well: kept, visible, and `resend EVENT` routes it anew.
        tx.conn.prepare_cached("UPDATE events SET unrouted = 0 WHERE seq = ?1")?.execute([seq])?;
        routed += 1;
    }
    Ok(routed)
}
