//! The shapes of `--json`. Their field names are a promise: fields may be added, never renamed or removed.

mod attempts;

use serde::Serialize;

use crate::event::{Event, Millis, Outcome, Reason, State, Trigger};
use crate::journal::{Cursor, DeliveryDetail, DeliveryRow, EventDetail, EventRow, GroupRow, LogRow};
use crate::present::clock::rfc3339;

use super::page::cursor_text;

pub use attempts::{Attempt, AttemptEntry, TestAttempt, TestReport, joined};

/// The event of a delivery or attempt, in short.
#[derive(Debug, Serialize)]
pub struct EventRef<'a> {
    id: &'a str,
    #[serde(rename = "type")]
    kind: &'a str,
}

/// A delivery in a list.
#[derive(Debug, Serialize)]
pub struct Delivery<'a> {
    id: &'a str,
    event: EventRef<'a>,
    endpoint: &'a str,
    endpoint_id: &'a str,
    state: State,
    attempts: u32,
    tries: u32,
    created_at: String,
    changed_at: String,
    /// None while it is not scheduled.
    due_at: Option<String>,
    reason: Option<Reason>,
    last_status: Option<u16>,
    last_error: Option<&'a str>,
    last_ms: Option<u64>,
    last_outcome: Option<Outcome>,
    last_trigger: Option<Trigger>,
    retried_at: Option<String>,
    cursor: String,
}

impl<'a> Delivery<'a> {
    /// What stands in a list.
    #[must_use]
    pub fn new(row: &'a DeliveryRow) -> Self {
        Self {
            id: &row.id,
            event: EventRef { id: &row.event_id, kind: &row.event_type },
            endpoint: &row.endpoint,
            endpoint_id: &row.endpoint_id,
            state: row.state,
            attempts: row.attempts,
            tries: row.tries,
            created_at: rfc3339(row.created_at),
            changed_at: rfc3339(row.changed_at),
            due_at: (row.state == State::Scheduled).then(|| rfc3339(row.due_at)),
            reason: row.reason,
            last_status: row.last_status,
            last_error: row.last_error.as_deref(),
            last_ms: row.last_ms,
            last_outcome: row.last_outcome,
            last_trigger: row.last_trigger,
            retried_at: time(row.retried_at),
            cursor: cursor_text(row.place),
        }
    }
}

/// A dead letter in a list.
#[derive(Debug, Serialize)]
pub struct DeadLetter<'a> {
    id: &'a str,
    event: EventRef<'a>,
    endpoint: &'a str,
    attempts: u32,
    failed_at: String,
    retried_at: Option<String>,
    reason: Option<Reason>,
    last_status: Option<u16>,
    last_error: Option<&'a str>,
    cursor: String,
}

impl<'a> DeadLetter<'a> {
    /// What stands in `dlq list`.
    #[must_use]
    pub fn new(row: &'a DeliveryRow) -> Self {
        Self {
            id: &row.id,
            event: EventRef { id: &row.event_id, kind: &row.event_type },
            endpoint: &row.endpoint,
            attempts: row.attempts,
            failed_at: rfc3339(row.changed_at),
            retried_at: time(row.retried_at),
            reason: row.reason,
            last_status: row.last_status,
            last_error: row.last_error.as_deref(),
            cursor: cursor_text(row.place),
        }
    }
}

/// Dead letters that died of the same.
#[derive(Debug, Serialize)]
pub struct Group<'a> {
    endpoint: &'a str,
    endpoint_id: &'a str,
    reason: Option<Reason>,
    /// A status, or the kind of error in a word.
    cause: String,
    count: u64,
    oldest_at: String,
    newest_at: String,
    /// The newest one's error.
    sample: Option<&'a str>,
}

impl<'a> Group<'a> {
    /// What stands in `dlq list --group`.
    #[must_use]
    pub fn new(row: &'a GroupRow) -> Self {
        Self {
            endpoint: &row.endpoint,
            endpoint_id: &row.endpoint_id,
            reason: row.reason,
            cause: row.cause.to_string(),
            count: row.count,
            oldest_at: rfc3339(row.oldest_at),
            newest_at: rfc3339(row.newest_at),
            sample: row.sample.as_deref(),
        }
    }
}

/// A delivery with everything: `show`, `dlq show`.
#[derive(Debug, Serialize)]
pub struct WholeDelivery<'a> {
    id: &'a str,
    event: &'a Event,
    endpoint: &'a str,
    endpoint_id: &'a str,
    state: State,
    attempts: u32,
    tries: u32,
    created_at: String,
    changed_at: String,
    due_at: Option<String>,
    /// When it died; none while it is not dead.
    failed_at: Option<String>,
    retried_at: Option<String>,
    reason: Option<Reason>,
    last_status: Option<u16>,
    last_error: Option<&'a str>,
    origin: Option<&'a str>,
    /// What happens next and why, in one sentence.
    next: String,
    attempt_log: Vec<AttemptEntry<'a>>,
}

impl<'a> WholeDelivery<'a> {
    /// What `show` tells of a delivery; `next` is the sentence about its future.
    #[must_use]
    pub fn new(detail: &'a DeliveryDetail, next: String) -> Self {
        let row = &detail.row;
        Self {
            id: &row.id,
            event: &detail.event,
            endpoint: &row.endpoint,
            endpoint_id: &row.endpoint_id,
            state: row.state,
            attempts: row.attempts,
            tries: row.tries,
            created_at: rfc3339(row.created_at),
            changed_at: rfc3339(row.changed_at),
            due_at: (row.state == State::Scheduled).then(|| rfc3339(row.due_at)),
            failed_at: (row.state == State::Dead).then(|| rfc3339(row.changed_at)),
            retried_at: time(row.retried_at),
            reason: row.reason,
            last_status: row.last_status,
            last_error: row.last_error.as_deref(),
            origin: detail.origin.as_deref(),
            next,
            attempt_log: detail.attempts.iter().map(AttemptEntry::new).collect(),
        }
    }
}

/// An event in a list.
#[derive(Debug, Serialize)]
pub struct EventEntry<'a> {
    id: &'a str,
    #[serde(rename = "type")]
    kind: &'a str,
    accepted_at: String,
    origin: Option<&'a str>,
    session: &'a str,
    message: &'a str,
    unrouted: bool,
    deliveries: u32,
    delivered: u32,
    dead: u32,
    cursor: String,
}

impl<'a> EventEntry<'a> {
    /// What stands in `events`.
    #[must_use]
    pub fn new(row: &'a EventRow) -> Self {
        Self {
            id: &row.id,
            kind: &row.kind,
            accepted_at: rfc3339(row.accepted_at),
            origin: row.origin.as_deref(),
            session: &row.session,
            message: &row.message,
            unrouted: row.unrouted,
            deliveries: row.deliveries,
            delivered: row.delivered,
            dead: row.dead,
            cursor: cursor_text(Cursor { sort: row.seq, seq: row.seq }),
        }
    }
}

/// An event with everything: `show` of an event id.
#[derive(Debug, Serialize)]
pub struct WholeEvent<'a> {
    event: &'a Event,
    accepted_at: String,
    origin: Option<&'a str>,
    unrouted: bool,
    deliveries: Vec<Delivery<'a>>,
}

impl<'a> WholeEvent<'a> {
    /// What `show` tells of an event.
    #[must_use]
    pub fn new(detail: &'a EventDetail) -> Self {
        Self {
            event: &detail.event,
            accepted_at: rfc3339(detail.row.accepted_at),
            origin: detail.row.origin.as_deref(),
            unrouted: detail.row.unrouted,
            deliveries: detail.deliveries.iter().map(Delivery::new).collect(),
        }
    }
}

/// A line of the log.
#[derive(Debug, Serialize)]
pub struct LogEntry<'a> {
    timestamp: String,
    level: &'static str,
    source: &'static str,
    who: Option<&'a str>,
    endpoint: Option<&'a str>,
    text: &'a str,
    cursor: String,
}

impl<'a> LogEntry<'a> {
    /// What stands in `log`.
    #[must_use]
    pub fn new(row: &'a LogRow) -> Self {
        Self {
            timestamp: rfc3339(row.at),
            level: super::log::level_word(row.level),
            source: super::log::source_word(row.source),
            who: row.who.as_deref(),
            endpoint: row.endpoint.as_deref(),
            text: &row.text,
            cursor: cursor_text(Cursor { sort: row.seq, seq: row.seq }),
        }
    }
}

/// A time, where there is one.
#[must_use]
pub fn time(at: Option<Millis>) -> Option<String> {
    at.map(rfc3339)
}
