//! A replay of dead letters in small steps: a retry that is one act for undo and for the log, but whose rows are queued
//! bit by bit by whoever watches how they fare (`engine::replay`).

use std::collections::BTreeSet;

use rusqlite::{OptionalExtension, params};

use super::acts::{self, COLUMNS, Change, Target, write_log};
use super::flights::AT_REST;
use super::found::{Found, Place};
use super::tx::Tx;
use super::{Act, Actor, JournalError, Selection};
use crate::event::{Millis, Outcome, Query, Reason, State};

/// A replay under way: what it is about, and how far it has come. Each step hands it back.
#[derive(Debug, Clone)]
pub struct Replay {
    selection: Selection,
    actor: Actor,
    begun: Option<Begun>,
    /// Endpoints done with.
    at: usize,
    /// Of a filter: dead letters of the endpoint through this place are done with.
    after: Option<Place>,
    done: u64,
    touched: BTreeSet<i64>,
}

#[derive(Debug, Clone)]
struct Begun {
    /// `acts.seq`.
    act: i64,
    /// Only what stood before the replay began is meant, and each row once.
    bound: i64,
    endpoints: Vec<(i64, String)>,
    named: Option<Named>,
    /// Of a filter.
    found: Option<Found>,
}

/// Of `Selection::Ids`.
#[derive(Debug, Clone, Default)]
struct Named {
    /// Endpoint and sequence of the dead letters, in the order of the ids.
    letters: Vec<(i64, i64)>,
    /// The ids that it cannot be done to, and why.
    skipped: Vec<(String, String)>,
}

/// A dead letter that was queued again.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Sent {
    /// The delivery's sequence.
    pub seq: i64,
    /// Its change number then.
    pub change: i64,
}

/// What a step did.
#[derive(Debug, Clone)]
pub struct Batch {
    /// For the next step.
    pub replay: Replay,
    /// The endpoint whose turn it is, by name.
    pub endpoint: String,
    /// What was queued again.
    pub sent: Vec<Sent>,
    /// What comes next.
    pub next: Next,
}

/// What comes after a step.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Next {
    /// There may be more of this endpoint.
    More,
    /// Another endpoint's turn has come; nothing was queued.
    Turned,
    /// There is nothing left.
    Over,
    /// Somebody took it back meanwhile.
    TakenBack,
}

/// How a delivery stands.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Stand {
    /// Its sequence.
    pub seq: i64,
    /// Its change number.
    pub change: i64,
    /// Its state.
    pub state: State,
    /// Why it is dead.
    pub reason: Option<Reason>,
    /// Status of its newest attempt.
    pub status: Option<u16>,
    /// Error of its newest attempt, in words.
    pub error: Option<String>,
    /// How its newest attempt ended.
    pub outcome: Option<Outcome>,
}

impl Replay {
    /// Of these dead letters, by this person. Nothing happens before the first step.
    #[must_use]
    pub const fn new(selection: Selection, actor: Actor) -> Self {
        Self { selection, actor, begun: None, at: 0, after: None, done: 0, touched: BTreeSet::new() }
    }

    /// The filter that selects them, if one does.
    #[must_use]
    pub fn filter(&self) -> Option<&Query> {
        match &self.selection {
            Selection::Matching { query, .. } if !query.is_all() => Some(query),
            _ => None,
        }
    }

    /// Those of `Selection::Ids` that it leaves out, with the reason in words; known after the first step.
    #[must_use]
    pub fn skipped(&self) -> &[(String, String)] {
        self.begun.as_ref().and_then(|begun| begun.named.as_ref()).map_or(&[], |named| &named.skipped)
    }

    /// How many were queued again so far.
    #[must_use]
    pub const fn done(&self) -> u64 {
        self.done
    }
}

/// Queues the next dead letters of the endpoint whose turn it is.
pub(super) fn step(
    tx: &mut Tx<'_>,
    mut replay: Replay,
    limit: usize,
    urgent: bool,
    now: Millis,
) -> Result<Batch, JournalError> {
    tx.saw(now);
    let begun = match replay.begun.clone() {
        Some(begun) => begun,
        None => replay.begun.insert(begin(tx, &replay.selection, &replay.actor, now)?).clone(),
    };
    let batch = |replay, endpoint, sent, next| Ok(Batch { replay, endpoint, sent, next });
    if acts::is_undone(tx, begun.act)? {
        return batch(replay, String::new(), Vec::new(), Next::TakenBack);
    }
    let Some((endpoint, name)) = begun.endpoints.get(replay.at).cloned() else {
        return batch(replay, String::new(), Vec::new(), Next::Over);
    };
    let (targets, more) = targets(tx, &begun, endpoint, limit, &mut replay.after)?;
    if targets.is_empty() && !more {
        replay.at += 1;
        replay.after = None;
        let (name, next) = begun
            .endpoints
            .get(replay.at)
            .map_or((String::new(), Next::Over), |(_, name)| (name.clone(), Next::Turned));
        return batch(replay, name, Vec::new(), next);
    }
    let mut sent = Vec::new();
    let to = Change { act: begun.act, verb: Act::Retry, urgent, now };
    for target in &targets {
        if let Some(change) = acts::change(tx, to, target)? {
            sent.push(Sent { seq: target.seq, change });
        }
    }
    replay.touched.insert(endpoint);
    replay.done += u64::try_from(sent.len()).unwrap_or_default();
    let letters = if replay.done == 1 { "dead letter" } else { "dead letters" };
    let of = acts::endpoints(tx, &replay.touched)?;
    tx.conn.prepare_cached("UPDATE acts SET text = ?2, count = ?3 WHERE seq = ?1")?.execute(params![
        begun.act,
        format!("retry {} {letters} of {of}, gently", replay.done),
        replay.done
    ])?;
    batch(replay, name, sent, Next::More)
}

fn begin(tx: &mut Tx<'_>, selection: &Selection, actor: &Actor, now: Millis) -> Result<Begun, JournalError> {
    let bound = match selection {
        Selection::Matching { as_of, .. } => (*as_of).min(tx.newest_change()),
        Selection::Ids(_) => tx.newest_change(),
    };
    let named = match selection {
        Selection::Ids(ids) => Some(named(tx, ids)?),
        Selection::Matching { .. } => None,
    };
    let known = tx.endpoints()?;
    let found = match selection {
        Selection::Matching { query, at, .. } => {
            let keys: Vec<i64> = known.iter().map(|one| one.key).collect();
            Some((Found::new(tx, Act::Retry, query, *at, &keys)?, query))
        }
        Selection::Ids(_) => None,
    };
    let is_meant = |key: i64| match (&found, &named) {
        (Some((found, _)), _) => found.parts.iter().any(|part| part.endpoint == key),
        (None, named) => named.iter().flat_map(|named| &named.letters).any(|(endpoint, _)| *endpoint == key),
    };
    let endpoints = known
        .iter()
        .filter(|one| is_meant(one.key) && acts::refusal(one).is_none())
        .map(|one| (one.key, one.name.clone()))
        .collect();
    // All of an endpoint is had from an index.
    let found = found.filter(|(_, query)| !query.is_of_endpoints()).map(|(found, _)| found);
    let act = acts::open(tx, Act::Retry, actor, now)?;
    Ok(Begun { act, bound, endpoints, named, found })
}

fn named(tx: &mut Tx<'_>, ids: &[String]) -> Result<Named, JournalError> {
    let mut named = Named::default();
    for id in ids {
        match acts::chosen(tx, Act::Retry, id)? {
            Ok(targets) => named.letters.extend(targets.iter().map(|target| (target.endpoint, target.seq))),
            Err(why) => named.skipped.push((id.clone(), why)),
        }
    }
    Ok(named)
}

/// The next dead letters of the endpoint, and whether there may be more where there are none.
fn targets(
    tx: &Tx<'_>,
    begun: &Begun,
    endpoint: i64,
    limit: usize,
    after: &mut Option<Place>,
) -> Result<(Vec<Target>, bool), JournalError> {
    if let Some(found) = &begun.found {
        return of_filter(tx, found, begun.bound, endpoint, limit, after);
    }
    let Some(named) = &begun.named else {
        return Ok((dead(tx, endpoint, begun.bound, limit)?, false));
    };
    let mut select = tx
        .conn
        .prepare_cached(&format!("{COLUMNS} WHERE d.seq = ?1 AND d.state = 4 AND {AT_REST} AND d.change <= ?2"))?;
    let mut found = Vec::new();
    for (_, seq) in named.letters.iter().filter(|(of, _)| *of == endpoint) {
        if found.len() >= limit {
            break;
        }
        found.extend(select.query_row([*seq, begun.bound], Target::read).optional()?);
    }
    Ok((found, false))
}

/// Dead letters of the endpoint that have not changed since the replay began, oldest first.
fn dead(tx: &Tx<'_>, endpoint: i64, bound: i64, limit: usize) -> Result<Vec<Target>, JournalError> {
    let mut select = tx.conn.prepare_cached(&format!(
        "{COLUMNS} WHERE d.endpoint = ?1 AND d.state = 4 AND {AT_REST} AND d.change <= ?2
         ORDER BY d.changed_at, d.seq LIMIT ?3"
    ))?;
    let rows = select.query_map(params![endpoint, bound, i64::try_from(limit).unwrap_or(i64::MAX)], Target::read)?;
    Ok(rows.collect::<Result<_, _>>()?)
}

/// One window at a time: a filter may find few among many.
fn of_filter(
    tx: &Tx<'_>,
    found: &Found,
    bound: i64,
    endpoint: i64,
    limit: usize,
    after: &mut Option<Place>,
) -> Result<(Vec<Target>, bool), JournalError> {
    let Some(part) = found.parts.iter().find(|part| part.endpoint == endpoint) else { return Ok((Vec::new(), false)) };
    let Some((mut rows, last)) = found.window(tx, part, *after, bound)? else { return Ok((Vec::new(), false)) };
    let cut = rows.len() > limit;
    rows.truncate(limit);
    *after = match rows.last() {
        Some(row) if cut => Some((row.changed_at, row.seq)),
        // Nothing was wanted: the next step begins where this one did.
        None if cut => *after,
        _ => Some(last),
    };
    Ok((rows, true))
}

/// Writes down how it ended; a replay that queued nothing leaves no trace.
pub(super) fn end(tx: &mut Tx<'_>, replay: &Replay, text: String, now: Millis) -> Result<(), JournalError> {
    if replay.done == 0 {
        return replay.begun.as_ref().map_or(Ok(()), |begun| acts::forget(tx, begun.act));
    }
    let endpoint = match replay.touched.len() {
        1 => Some(acts::endpoints(tx, &replay.touched)?),
        _ => None,
    };
    write_log(tx, &replay.actor, endpoint, text, now)
}
