//! What dead letters died of, in groups; and what an act would change, before anyone says yes.
//!
//! Dead letters are counted off two indexes that hold all that is asked for (migration 3): 100,000 of them in some 20 ms.

use std::collections::BTreeMap;

use rusqlite::types::Value;
use rusqlite::{OptionalExtension, Row, params};

use super::Reader;
use crate::event::query::{Name, Subject};
use crate::event::{Cause, EndpointState, Millis, Outcome, Query, Reason};
use crate::journal::condition::{self, Condition, DELIVERIES};
use crate::journal::flights::AT_REST;
use crate::journal::named;
use crate::journal::{Act, Counted, GroupRow, JournalError, Selection};

/// Up to so many rows outside of those indexes are looked at one by one; above it the counters must do.
const LOOKED_AT: u64 = 20_000;

/// Dead letters of one signature, before names and samples are known.
struct Group {
    count: u64,
    oldest_at: Millis,
    newest_at: Millis,
    sample: Option<String>,
}

/// Endpoint, code of the reason, cause.
type Signature = (i64, Option<i64>, Cause);

/// Endpoint and cause, and how many.
type Sum = ((i64, Option<Cause>), u64);

struct Known {
    id: String,
    name: String,
    state: EndpointState,
}

impl Reader {
    /// Dead letters by their error signature, the largest groups first, at most `limit`; of all endpoints or of those of
    /// this id or name.
    ///
    /// # Errors
    /// [`JournalError`] when the journal cannot be read.
    pub fn groups(&self, endpoint: Option<&Name>, limit: usize) -> Result<Vec<GroupRow>, JournalError> {
        let keys = endpoint.map(|name| self.of_endpoints(&Query::of_endpoint(name.clone()))).transpose()?;
        let mut groups: Vec<_> = self.dead_by_signature(keys.as_deref())?.into_iter().collect();
        groups.sort_by_key(|(_, group)| std::cmp::Reverse((group.count, group.newest_at)));
        groups.truncate(limit);
        let names = self.names()?;
        let row = |((key, reason, cause), group): (Signature, Group)| {
            let name = names.get(&key);
            Ok(GroupRow {
                endpoint_key: key,
                endpoint_id: name.map(|name| name.id.clone()).unwrap_or_default(),
                endpoint: name.map(|name| name.name.clone()).unwrap_or_default(),
                reason: reason.and_then(Reason::from_code),
                cause,
                count: group.count,
                oldest_at: group.oldest_at,
                newest_at: group.newest_at,
                sample: match cause {
                    Cause::Status(status) => self.sample(key, reason, status)?,
                    _ => group.sample,
                },
            })
        };
        groups.into_iter().map(row).collect()
    }

    /// How many deliveries an act on this selection would change, by endpoint and by what their last attempt failed with;
    /// in the order of the file, the largest count of an endpoint first.
    ///
    /// # Errors
    /// [`JournalError`] when the journal cannot be read.
    pub fn count(&self, act: Act, selection: &Selection) -> Result<Vec<Counted>, JournalError> {
        let states = match act {
            Act::Retry | Act::Clear => "d.state = 4",
            Act::Restore => "d.state = 5",
            Act::Cancel => "(d.state = 0 OR d.state = 1)",
        };
        // `retry` is refused for removed and disabled endpoints.
        let open = act != Act::Retry;
        let keys = match selection {
            Selection::Ids(ids) => return self.count_ids(ids, states, open),
            Selection::Matching { query, .. } if query.is_all() => None,
            Selection::Matching { query, .. } if query.is_of_endpoints() => Some(self.of_endpoints(query)?),
            Selection::Matching { query, as_of, at } => {
                let found = self.count_found(act, query, *as_of, *at)?;
                return self.counted(found, open);
            }
        };
        let counts: Vec<Sum> = match act {
            Act::Retry | Act::Clear => self
                .dead_by_signature(keys.as_deref())?
                .into_iter()
                .map(|((endpoint, _, cause), group)| ((endpoint, Some(cause)), group.count))
                .collect(),
            Act::Restore => self.count_standing(keys.as_deref(), "cleared", states)?,
            Act::Cancel => self.count_standing(keys.as_deref(), "queued + scheduled", states)?,
        };
        self.counted(counts, open)
    }

    /// How many of these deliveries one more attempt can be made of, as [`Reader::count`]; those too whose endpoint takes
    /// nothing.
    ///
    /// # Errors
    /// [`JournalError`] when the journal cannot be read.
    pub fn count_resend(&self, ids: &[String]) -> Result<Vec<Counted>, JournalError> {
        self.count_ids(ids, "d.state <> 5", true)
    }

    /// How many deliveries would be made if these events went to the endpoints that match now and never had them.
    ///
    /// # Errors
    /// [`JournalError`] when the journal cannot be read.
    pub fn count_routes(&self, events: &[String]) -> Result<Vec<Counted>, JournalError> {
        let Some((_, revision)) = self.revision()? else { return Ok(Vec::new()) };
        let keys: BTreeMap<String, i64> = self.names()?.into_iter().map(|(key, name)| (name.id, key)).collect();
        let mut counts = Vec::new();
        for id in events {
            let Some(detail) = self.event(id)? else { continue };
            let had = |endpoint: &str| detail.deliveries.iter().any(|delivery| delivery.endpoint_id == endpoint);
            let fresh = revision.routes.iter().filter(|route| route.wants(&detail.event) && !had(&route.endpoint));
            counts.extend(fresh.filter_map(|route| keys.get(&route.endpoint)).map(|key| ((*key, None), 1)));
        }
        self.counted(counts, false)
    }

    /// The keys of the endpoints that a filter asks for that asks for nothing else.
    fn of_endpoints(&self, query: &Query) -> Result<Vec<i64>, JournalError> {
        let mut keys: Vec<i64> =
            condition::parts(query, &self.endpoints()?, 0).into_iter().map(|part| part.endpoint).collect();
        keys.dedup();
        Ok(keys)
    }

    /// Of all endpoints, or of these.
    fn dead_by_signature(&self, endpoints: Option<&[i64]>) -> Result<BTreeMap<Signature, Group>, JournalError> {
        let Some(endpoints) = endpoints else { return self.dead_of(None) };
        let mut groups = BTreeMap::new();
        for endpoint in endpoints {
            groups.extend(self.dead_of(Some(*endpoint))?);
        }
        Ok(groups)
    }

    fn dead_of(&self, endpoint: Option<i64>) -> Result<BTreeMap<Signature, Group>, JournalError> {
        let of = if endpoint.is_some() { "d.endpoint = ?1" } else { "?1 IS NULL" };
        let mut groups: BTreeMap<Signature, Group> = BTreeMap::new();
        let mut add = |signature: Signature, group: Group| {
            groups
                .entry(signature)
                .and_modify(|known| {
                    known.count += group.count;
                    known.oldest_at = known.oldest_at.min(group.oldest_at);
                    if group.newest_at > known.newest_at {
                        known.newest_at = group.newest_at;
                        known.sample.clone_from(&group.sample);
                    }
                })
                .or_insert(group);
        };
        let mut answered = self.conn.prepare_cached(&format!(
            "SELECT d.endpoint, d.reason, d.last_status, count(*), min(d.changed_at), max(d.changed_at) FROM deliveries d
             WHERE d.state = 4 AND d.last_status IS NOT NULL AND {of} AND {AT_REST}
             GROUP BY d.endpoint, d.reason, d.last_status"
        ))?;
        let mut rows = answered.query([endpoint])?;
        while let Some(row) = rows.next()? {
            let group = Group { count: row.get(3)?, oldest_at: row.get(4)?, newest_at: row.get(5)?, sample: None };
            add((row.get(0)?, row.get(1)?, Cause::Status(row.get(2)?)), group);
        }
        let mut unanswered = self.conn.prepare_cached(&format!(
            "SELECT d.endpoint, d.reason, d.last_outcome, d.last_error, count(*), min(d.changed_at), max(d.changed_at)
             FROM deliveries d WHERE d.state = 4 AND d.last_status IS NULL AND {of} AND {AT_REST}
             GROUP BY d.endpoint, d.reason, d.last_outcome, d.last_error"
        ))?;
        let mut rows = unanswered.query([endpoint])?;
        while let Some(row) = rows.next()? {
            let sample: Option<String> = row.get(3)?;
            let outcome = row.get::<_, Option<i64>>(2)?.and_then(Outcome::from_code);
            let cause = Cause::of(None, outcome, sample.as_deref());
            add(
                (row.get(0)?, row.get(1)?, cause),
                Group { count: row.get(4)?, oldest_at: row.get(5)?, newest_at: row.get(6)?, sample },
            );
        }
        Ok(groups)
    }

    /// The error of the newest dead letter with this status.
    fn sample(&self, endpoint: i64, reason: Option<i64>, status: u16) -> Result<Option<String>, JournalError> {
        let mut newest = self.conn.prepare_cached(&format!(
            "SELECT d.last_error FROM deliveries d WHERE d.state = 4 AND d.last_status IS NOT NULL AND d.endpoint = ?1
             AND d.reason IS ?2 AND d.last_status = ?3 AND {AT_REST} ORDER BY d.changed_at DESC LIMIT 1"
        ))?;
        Ok(newest.query_row(params![endpoint, reason, status], |row| row.get(0)).optional()?.flatten())
    }

    fn names(&self) -> Result<BTreeMap<i64, Known>, JournalError> {
        let mut select = self.conn.prepare_cached("SELECT key, id, name, state FROM endpoints ORDER BY key")?;
        let rows = select.query_map([], |row| {
            let state = EndpointState::from_code(row.get(3)?).unwrap_or(EndpointState::Removed);
            Ok((row.get(0)?, Known { id: row.get(1)?, name: row.get(2)?, state }))
        })?;
        Ok(rows.collect::<Result<_, _>>()?)
    }

    /// What is not dead, looked at one by one as long as there are few.
    fn count_standing(&self, endpoints: Option<&[i64]>, counter: &str, states: &str) -> Result<Vec<Sum>, JournalError> {
        let mut counters =
            self.conn.prepare_cached(&format!("SELECT key, {counter} AS n FROM endpoints WHERE n > 0"))?;
        let rows = counters.query_map([], |row| Ok((row.get(0)?, row.get(1)?)))?;
        let mut counters: Vec<(i64, u64)> = rows.collect::<Result<_, _>>()?;
        counters.retain(|(key, _)| endpoints.is_none_or(|these| these.contains(key)));
        if counters.iter().map(|(_, count)| count).sum::<u64>() > LOOKED_AT {
            return Ok(counters.into_iter().map(|(key, count)| ((key, None), count)).collect());
        }
        let mut select = self.conn.prepare_cached(&format!(
            "SELECT d.endpoint, d.last_status, d.last_outcome, d.last_error FROM deliveries d
             WHERE d.endpoint = ?1 AND {states} AND {AT_REST}"
        ))?;
        let mut counts = Vec::new();
        for (key, _) in counters {
            let rows = select.query_map([key], |row| Ok(((row.get(0)?, Some(cause(row, 1)?)), 1)))?;
            for row in rows {
                counts.push(row?);
            }
        }
        Ok(counts)
    }

    /// Looks through every row that the act is for: what a filter means does not depend on how far a list looks.
    fn count_found(&self, act: Act, query: &Query, as_of: i64, at: Millis) -> Result<Vec<Sum>, JournalError> {
        query.check(Subject::Deliveries).map_err(JournalError::Filter)?;
        let endpoints = self.endpoints()?;
        let condition = Condition::new(query, &DELIVERIES, &endpoints, at, 3);
        let mut counts = Vec::new();
        for part in condition::parts(query, &endpoints, at).into_iter().filter(|part| act.is_for(part.state)) {
            let mut select = self.conn.prepare_cached(&format!(
                "SELECT d.last_status, d.last_outcome, CASE WHEN d.last_status IS NULL THEN d.last_error END, count(*)
                 FROM deliveries d {joined}
                 WHERE d.endpoint = ?1 AND d.state = {state} AND {AT_REST} AND d.change <= ?2 AND {condition}
                 GROUP BY 1, 2, 3",
                state = part.state.code(),
                condition = condition.sql,
                joined = condition.deliveries(),
            ))?;
            let own = [part.endpoint, as_of].map(Value::Integer).into_iter();
            let values = own.chain(condition.values.iter().cloned());
            let rows = select.query_map(rusqlite::params_from_iter(values), |row| {
                Ok(((part.endpoint, Some(cause(row, 0)?)), row.get(3)?))
            })?;
            for row in rows {
                counts.push(row?);
            }
        }
        Ok(counts)
    }

    fn count_ids(&self, ids: &[String], states: &str, open: bool) -> Result<Vec<Counted>, JournalError> {
        let mut select = self.conn.prepare_cached(&format!(
            "SELECT d.seq, d.endpoint, d.last_status, d.last_outcome, d.last_error FROM deliveries d
             WHERE (d.seq = ?2 OR d.event = (SELECT seq FROM events WHERE id = ?1)) AND {states} AND {AT_REST}"
        ))?;
        let mut found = BTreeMap::new();
        for id in ids {
            let rows = select.query_map(params![id, named::find(&self.conn, id)?], |row| {
                Ok((row.get::<_, i64>(0)?, (row.get(1)?, Some(cause(row, 2)?))))
            })?;
            for row in rows {
                let (seq, counted) = row?;
                found.insert(seq, counted);
            }
        }
        self.counted(found.into_values().map(|counted| (counted, 1)), open)
    }

    /// Adds up, gives names, and leaves out endpoints that take nothing unless the act is open to all.
    fn counted(&self, counts: impl IntoIterator<Item = Sum>, open: bool) -> Result<Vec<Counted>, JournalError> {
        let names = self.names()?;
        let mut sums: BTreeMap<(i64, Option<Cause>), u64> = BTreeMap::new();
        for (counted, count) in counts {
            *sums.entry(counted).or_default() += count;
        }
        let takes = |name: &Known| open || matches!(name.state, EndpointState::Active | EndpointState::Paused);
        let mut all: Vec<Counted> = sums
            .into_iter()
            .filter_map(|((endpoint_key, cause), count)| {
                let name = names.get(&endpoint_key).filter(|name| takes(name))?;
                Some(Counted { endpoint_key, endpoint: name.name.clone(), cause, count })
            })
            .collect();
        all.sort_by_key(|one| (one.endpoint_key, std::cmp::Reverse(one.count)));
        Ok(all)
    }
}

/// Status, outcome and error from this column on.
fn cause(row: &Row<'_>, at: usize) -> rusqlite::Result<Cause> {
    let outcome = row.get::<_, Option<i64>>(at + 1)?.and_then(Outcome::from_code);
    let error = row.get_ref(at + 2)?.as_str_or_null().ok().flatten();
    Ok(Cause::of(row.get(at)?, outcome, error))
}
