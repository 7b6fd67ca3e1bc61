//! The ids of deliveries. Few are stored: an id is that of the event and that of the endpoint with a `_` between, and only
//! where this is the text of another delivery's id already (`a` to `b_c`, and `a_b` to `c`) the later one has an alias.
//!
//! So no two deliveries in the journal have the same id. A new one can take another's only in two ways. Either its
//! endpoint's id ends with `_` and that of the other's endpoint, or the reverse: endpoints never leave the journal and never
//! change their ids, so that is looked for among them. Or the other has an alias. Where there is neither such a pair of
//! endpoints nor any alias, which is nearly everywhere, nothing is looked up.

use std::collections::{BTreeMap, BTreeSet};

use rusqlite::{Connection, OptionalExtension};

use super::JournalError;
use super::tx::{Known, Tx};
use crate::event::id;

/// The id, of `deliveries d`, `events e` and `endpoints p`.
macro_rules! delivery_id {
    () => {
        "coalesce(d.alias, e.id || '_' || p.id)"
    };
}
pub(super) use delivery_id;

/// The sequence of the delivery with this id.
pub(super) fn find(conn: &Connection, id: &str) -> Result<Option<i64>, JournalError> {
    let mut by_alias = conn.prepare_cached("SELECT seq FROM deliveries WHERE alias = ?1")?;
    if let Some(seq) = by_alias.query_row([id], |row| row.get(0)).optional()? {
        return Ok(Some(seq));
    }
    let mut by_pair = conn.prepare_cached(
        "SELECT d.seq FROM endpoints p CROSS JOIN events e CROSS JOIN deliveries d ON d.event = e.seq AND d.endpoint = p.key
         WHERE p.id = ?2 AND e.id = ?1 AND d.alias IS NULL",
    )?;
    for (event, endpoint) in splits(id) {
        if let Some(seq) = by_pair.query_row([event, endpoint], |row| row.get(0)).optional()? {
            return Ok(Some(seq));
        }
    }
    Ok(None)
}

/// What can be the ids of event and endpoint in the id of a delivery.
pub(super) fn splits(id: &str) -> impl Iterator<Item = (&str, &str)> {
    id.match_indices('_').filter_map(|(at, _)| Some((id.get(..at)?, id.get(at + 1..)?)))
}

/// The id of the delivery with this sequence.
pub(super) fn of(conn: &Connection, seq: i64) -> Result<String, JournalError> {
    let mut select = conn.prepare_cached(concat!(
        "SELECT ",
        delivery_id!(),
        " FROM deliveries d CROSS JOIN events e ON e.seq = d.event CROSS JOIN endpoints p ON p.key = d.endpoint
         WHERE d.seq = ?1"
    ))?;
    Ok(select.query_row([seq], |row| row.get(0))?)
}

/// The id of a delivery of which all parts are at hand.
pub(super) fn from_parts(alias: Option<String>, event: &str, endpoint: &str) -> String {
    alias.unwrap_or_else(|| id::delivery_id(event, endpoint))
}

/// What a transaction has found out about ids.
#[derive(Debug, Default)]
pub(super) struct Names {
    /// Endpoints whose ids make another endpoint's with something and a `_` before it, and those others.
    alike: Option<BTreeSet<i64>>,
    /// Some delivery has an alias.
    aliases: Option<bool>,
}

impl Names {
    /// To be called when an endpoint came in.
    pub fn endpoints_changed(&mut self) {
        self.alike = None;
    }
}

/// The alias that a new delivery needs, if its id is taken.
pub(super) fn alias(
    tx: &mut Tx<'_>,
    event: &str,
    endpoint: &str,
    endpoint_key: i64,
) -> Result<Option<String>, JournalError> {
    if !may_be_taken(tx, endpoint_key)? {
        return Ok(None);
    }
    tx.store_deliveries()?;
    if find(tx.conn, &id::delivery_id(event, endpoint))?.is_none() {
        return Ok(None);
    }
    let mut salt = 0;
    let mut alias = id::distinct_delivery_id(event, endpoint, salt);
    while find(tx.conn, &alias)?.is_some() {
        salt += 1;
        alias = id::distinct_delivery_id(event, endpoint, salt);
    }
    tx.names.aliases = Some(true);
    Ok(Some(alias))
}

/// Whether the id of a delivery to this endpoint may be that of another delivery.
fn may_be_taken(tx: &mut Tx<'_>, endpoint: i64) -> Result<bool, JournalError> {
    Ok(has_aliases(tx)? || is_alike(tx, endpoint)?)
}

fn has_aliases(tx: &mut Tx<'_>) -> Result<bool, JournalError> {
    if let Some(known) = tx.names.aliases {
        return Ok(known);
    }
    let mut any = tx.conn.prepare_cached("SELECT 1 FROM deliveries WHERE alias IS NOT NULL LIMIT 1")?;
    Ok(*tx.names.aliases.insert(any.exists([])?))
}

fn is_alike(tx: &mut Tx<'_>, endpoint: i64) -> Result<bool, JournalError> {
    if let Some(alike) = &tx.names.alike {
        return Ok(alike.contains(&endpoint));
    }
    let known = alike(&tx.endpoints()?);
    Ok(tx.names.alike.insert(known).contains(&endpoint))
}

fn alike(endpoints: &[Known]) -> BTreeSet<i64> {
    let by_id: BTreeMap<&str, i64> = endpoints.iter().map(|one| (one.id.as_str(), one.key)).collect();
    let mut alike = BTreeSet::new();
    for one in endpoints {
        for (_, end) in splits(&one.id) {
            if let Some(other) = by_id.get(end) {
                alike.extend([one.key, *other]);
            }
        }
    }
    alike
}
