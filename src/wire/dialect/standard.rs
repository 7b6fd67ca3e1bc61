//! Standard Webhooks 1.0.0: Svix and the many others that follow the specification.

use std::time::Duration;

use serde::Serialize;

use super::{DEFAULTS, Dialect, Payload};
use crate::event::EventTime;
use crate::wire::Message;
use crate::wire::key::SecretShape;
use crate::wire::sign::{Scheme, Shape, Signed};

/// Standard Webhooks, with the retry schedule that the specification recommends.
pub static STANDARD: Dialect = Dialect {
    name: "standard",
    id_header: Some("webhook-id"),
    // The dot parts the signed bytes, so an id must have none. `~` is in no id: two ids never become one.
    id: |message| message.delivery_id.replace('.', "~2e").into(),
    timestamp_header: Some("webhook-timestamp"),
    signature: Scheme { header: "webhook-signature", signed: Signed::IdTimestampBody, shape: Shape::Versions },
    secret: SecretShape::StandardWebhooks,
    envelope,
    schedule: &[
        Duration::from_secs(5),
        Duration::from_mins(5),
        Duration::from_mins(30),
        Duration::from_hours(2),
        Duration::from_hours(5),
        Duration::from_hours(10),
        Duration::from_hours(10),
    ],
    max_delay: Duration::from_hours(10),
    jitter: 0.2,
    max_attempts: 8,
    timeout: Some(Duration::from_secs(15)),
    ..DEFAULTS
};

#[derive(Serialize)]
struct Envelope<'a> {
    #[serde(rename = "type")]
    kind: &'a str,
    timestamp: EventTime,
    data: Payload<'a>,
}

fn envelope(message: &Message<'_>) -> Result<Vec<u8>, serde_json::Error> {
    let event = message.event;
    serde_json::to_vec(&Envelope { kind: &event.kind, timestamp: event.timestamp, data: Payload::of(event) })
}
