//! The shapes of attempts: in `attempt_log`, of `tail` and `run`, of `test`.

use std::collections::BTreeMap;

use serde::Serialize;

use crate::event::{Event, Outcome, Trigger};
use crate::journal::{AttemptDetail, AttemptRecord, AttemptRow};
use crate::present::clock::rfc3339;

use super::EventRef;

/// One attempt of `attempt_log`.
#[derive(Debug, Serialize)]
pub struct AttemptEntry<'a> {
    attempt: u32,
    timestamp: String,
    outcome: Outcome,
    status_code: Option<u16>,
    error: Option<&'a str>,
    duration_ms: Option<f64>,
    resolve_ms: Option<f64>,
    first_byte_ms: Option<f64>,
    remote: Option<&'a str>,
    trigger: Trigger,
    request: Exchange,
    /// None where there was no answer.
    response: Option<Exchange>,
}

impl<'a> AttemptEntry<'a> {
    pub(super) fn new(attempt: &'a AttemptDetail) -> Self {
        let row = &attempt.row;
        let answered = row.status.is_some();
        Self {
            attempt: row.number,
            timestamp: rfc3339(row.started_at),
            outcome: row.outcome,
            status_code: row.status,
            error: row.error.as_deref(),
            duration_ms: row.duration_us.map(millis),
            resolve_ms: attempt.resolve_us.map(millis),
            first_byte_ms: attempt.first_byte_us.map(millis),
            remote: attempt.remote.as_deref(),
            trigger: row.trigger,
            request: Exchange::new(&attempt.request_headers, attempt.request_body.as_deref()),
            response: answered.then(|| Exchange::new(&attempt.response_headers, attempt.response_body.as_deref())),
        }
    }
}

/// One side of an attempt.
#[derive(Debug, Serialize)]
pub struct Exchange {
    headers: BTreeMap<String, String>,
    body: Option<String>,
}

impl Exchange {
    /// Headers of one name are joined as RFC 9110, 5.3 allows; a body that is not UTF-8 loses what is not.
    #[must_use]
    pub fn new(headers: &[(String, String)], body: Option<&[u8]>) -> Self {
        Self { headers: joined(headers), body: body.map(|body| String::from_utf8_lossy(body).into_owned()) }
    }
}

/// Headers as an object: values of one name are joined by a comma.
#[must_use]
pub fn joined(headers: &[(String, String)]) -> BTreeMap<String, String> {
    let mut out = BTreeMap::<String, String>::new();
    for (name, value) in headers {
        out.entry(name.clone())
            .and_modify(|known| {
                known.push_str(", ");
                known.push_str(value);
            })
            .or_insert_with(|| value.clone());
    }
    out
}

/// One attempt of `tail` and `run`.
#[derive(Debug, Serialize)]
#[expect(clippy::struct_field_names, reason = "`attempt` is the contract's name for its number")]
pub struct Attempt<'a> {
    timestamp: String,
    delivery: &'a str,
    event: EventRef<'a>,
    endpoint: &'a str,
    endpoint_id: &'a str,
    attempt: u32,
    trigger: Trigger,
    outcome: Outcome,
    status_code: Option<u16>,
    error: Option<&'a str>,
    duration_ms: Option<f64>,
}

impl<'a> Attempt<'a> {
    /// What a live line tells.
    #[must_use]
    pub fn new(row: &'a AttemptRow) -> Self {
        Self {
            timestamp: rfc3339(row.started_at),
            delivery: &row.delivery_id,
            event: EventRef { id: &row.event_id, kind: &row.event_type },
            endpoint: &row.endpoint,
            endpoint_id: &row.endpoint_id,
            attempt: row.number,
            trigger: row.trigger,
            outcome: row.outcome,
            status_code: row.status,
            error: row.error.as_deref(),
            duration_ms: row.duration_us.map(millis),
        }
    }
}

/// What `test` tells.
#[derive(Debug, Serialize)]
pub struct TestReport<'a> {
    /// What was sent.
    pub event: &'a Event,
    /// To whom.
    pub endpoint: &'a str,
    /// What came of it.
    #[serde(flatten)]
    pub attempt: TestAttempt<'a>,
}

/// The attempt of a [`TestReport`], in the fields of `attempt_log`.
#[derive(Debug, Serialize)]
pub struct TestAttempt<'a> {
    timestamp: String,
    outcome: Outcome,
    status_code: Option<u16>,
    error: Option<&'a str>,
    duration_ms: Option<f64>,
    resolve_ms: Option<f64>,
    first_byte_ms: Option<f64>,
    remote: Option<&'a str>,
    request: Exchange,
    response: Option<Exchange>,
}

impl<'a> TestAttempt<'a> {
    /// The attempt, as it was recorded.
    #[must_use]
    pub fn new(attempt: &'a AttemptRecord) -> Self {
        Self {
            timestamp: rfc3339(attempt.started_at),
            outcome: attempt.outcome,
            status_code: attempt.status,
            error: attempt.error.as_deref(),
            duration_ms: attempt.duration_us.map(millis),
            resolve_ms: attempt.resolve_us.map(millis),
            first_byte_ms: attempt.first_byte_us.map(millis),
            remote: attempt.remote.as_deref(),
            request: Exchange::new(&attempt.request_headers.pairs(), Some(&attempt.request_body)),
            response: attempt
                .status
                .map(|_| Exchange::new(&attempt.response_headers.pairs(), Some(&attempt.response_body))),
        }
    }
}

/// Microseconds as milliseconds.
#[expect(clippy::cast_precision_loss, reason = "a duration in microseconds stays far below 2^52")]
fn millis(micros: u64) -> f64 {
    micros as f64 / 1000.0
}
