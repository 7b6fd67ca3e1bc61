//! Marionette: an event is about a resource.

use std::collections::BTreeMap;
use std::time::Duration;

use serde::Serialize;

use super::{DEFAULTS, Dialect, Payload, RetryOn};
use crate::event::EventTime;
use crate::wire::Message;
use crate::wire::sign::{Scheme, Signed};

/// Marionette's receivers.
pub static MARIONETTE: Dialect = Dialect {
    name: "marionette",
    id_header: Some("X-Webhook-ID"),
    id: |message| message.event.id.as_str().into(),
    timestamp_header: Some("X-Webhook-Timestamp"),
    signature: Scheme { header: "X-Webhook-Signature", signed: Signed::TimestampBody, ..DEFAULTS.signature },
    envelope,
    // 10 MB.
    max_payload: Some(10_000_000),
    retry_on: &[RetryOn::Network, RetryOn::Timeout, RetryOn::Status(408), RetryOn::Status(429), RetryOn::Any5xx],
    // 60 s x 2^n, n the attempts made: 120, 240, 480 s.
    base_delay: Duration::from_mins(2),
    max_delay: Duration::from_hours(24),
    max_attempts: 4,
    timeout: Some(Duration::from_secs(30)),
    ..DEFAULTS
};

#[derive(Serialize)]
struct Envelope<'a> {
    event: &'a str,
    timestamp: EventTime,
    resource: Resource<'a>,
    data: Payload<'a>,
}

#[derive(Serialize)]
struct Resource<'a> {
    id: &'a str,
    #[serde(rename = "type")]
    kind: &'a str,
    #[serde(skip_serializing_if = "BTreeMap::is_empty")]
    labels: BTreeMap<&'static str, &'a str>,
    #[serde(skip_serializing_if = "BTreeMap::is_empty")]
    annotations: &'a BTreeMap<String, String>,
}

fn envelope(message: &Message<'_>) -> Result<Vec<u8>, serde_json::Error> {
    let event = message.event;
    let labels = [("session", &event.session), ("pane", &event.pane), ("agent", &event.agent)];
    let resource = Resource {
        id: if event.session.is_empty() { &event.id } else { &event.session },
        kind: event.kind.split_once('.').map_or(event.kind.as_str(), |(category, _)| category),
        labels: labels
            .into_iter()
            .filter(|(_, value)| !value.is_empty())
            .map(|(key, value)| (key, value.as_str()))
            .collect(),
        annotations: &event.details,
    };
    let data = Payload::of(event);
    serde_json::to_vec(&Envelope { event: &event.kind, timestamp: event.timestamp, resource, data })
}
