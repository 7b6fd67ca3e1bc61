//! Pilot's daemon.

use std::time::Duration;

use serde::Serialize;

use super::{DEFAULTS, Dialect, Payload, RetryOn};
use crate::event::EventTime;
use crate::wire::Message;
use crate::wire::sign::{Scheme, Shape};

/// Pilot's daemon. A 4xx says that the payload is wrong, and nothing of the daemon.
pub static PILOT: Dialect = Dialect {
    name: "pilot",
    signature: Scheme { header: "X-Pilot-Signature-256", shape: Shape::Hex(""), ..DEFAULTS.signature },
    envelope,
    success_below: 400,
    retry_on: &[RetryOn::Network, RetryOn::Timeout, RetryOn::Any5xx],
    max_attempts: 3,
    timeout: Some(Duration::from_secs(5)),
    faults_4xx: &[],
    ..DEFAULTS
};

#[derive(Serialize)]
struct Envelope<'a> {
    /// Grows with each event of the journal.
    event_id: i64,
    event: &'a str,
    node_id: u32,
    timestamp: EventTime,
    data: Payload<'a>,
}

fn envelope(message: &Message<'_>) -> Result<Vec<u8>, serde_json::Error> {
    let event = message.event;
    serde_json::to_vec(&Envelope {
        event_id: message.event_seq,
        event: &event.kind,
        node_id: event.details.get("node_id").and_then(|id| id.parse().ok()).unwrap_or(0),
        timestamp: event.timestamp,
        data: Payload::of(event),
    })
}
