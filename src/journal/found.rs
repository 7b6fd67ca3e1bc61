//! What a filter finds for an act: fixed when the act begins, looked through in windows.

use rusqlite::types::Value;
use rusqlite::{OptionalExtension, params};

use super::acts::Target;
use super::condition::{self, Condition, DELIVERIES, Part};
use super::flights::AT_REST;
use super::tx::Tx;
use super::{Act, JournalError, read};
use crate::event::{Millis, Query, State};

/// First value of the condition of a filter.
const FIRST_VALUE: usize = 7;
/// Rows that one window looks at.
const ROWS: usize = 2_000;

/// A place in the order of a part.
pub(super) type Place = (i64, i64);

/// The filter's meaning.
#[derive(Debug, Clone)]
pub(super) struct Found {
    condition: Condition,
    /// Endpoints and states that it leaves.
    pub parts: Vec<Part>,
}

impl Found {
    /// Of deliveries that the act is for, of these endpoints.
    pub fn new(tx: &Tx<'_>, act: Act, query: &Query, at: Millis, endpoints: &[i64]) -> Result<Self, JournalError> {
        let known = read::endpoints(tx.conn)?;
        let mut parts = condition::parts(query, &known, at);
        parts.retain(|part| act.is_for(part.state) && endpoints.contains(&part.endpoint));
        Ok(Self { condition: Condition::new(query, &DELIVERIES, &known, at, FIRST_VALUE), parts })
    }

    /// What it finds among the next [`ROWS`] rows of a part that have not changed since `bound`, and where they end; none if
    /// there is no further row.
    pub fn window(
        &self,
        tx: &Tx<'_>,
        part: &Part,
        after: Option<Place>,
        bound: i64,
    ) -> Result<Option<(Vec<Target>, Place)>, JournalError> {
        let order = order(part.state);
        let (sort, seq) = order;
        let from = after.unwrap_or((i64::MIN, i64::MIN));
        let Some(last) = last_of(tx, part, order, from)? else { return Ok(None) };
        let mut select = tx.conn.prepare_cached(&format!(
            "SELECT d.seq, d.endpoint, d.state, d.tries, d.reason, d.position, d.changed_at
             FROM deliveries d {joined}
             WHERE d.endpoint = ?1 AND d.state = {state} AND {AT_REST}
             AND ({sort}, {seq}) > (?2, ?3) AND ({sort}, {seq}) <= (?4, ?5) AND d.change <= ?6 AND {condition} ORDER BY {sort}, {seq}",
            state = part.state.code(),
            condition = self.condition.sql,
            joined = self.condition.deliveries(),
        ))?;
        let own = [part.endpoint, from.0, from.1, last.0, last.1, bound].map(Value::Integer);
        let values = own.into_iter().chain(self.condition.values.iter().cloned());
        let rows = select.query_map(rusqlite::params_from_iter(values), Target::read)?;
        Ok(Some((rows.collect::<Result<_, _>>()?, last)))
    }
}

const fn order(state: State) -> (&'static str, &'static str) {
    match state {
        State::Dead | State::Cleared => ("d.changed_at", "d.seq"),
        _ => ("d.due_at", "d.position"),
    }
}

/// The place of the last of the next [`ROWS`] rows of a part; none if there is no further row.
fn last_of(tx: &Tx<'_>, part: &Part, (sort, seq): (&str, &str), from: Place) -> Result<Option<Place>, JournalError> {
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
