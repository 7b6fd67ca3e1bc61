//! nSelf: tries for a day and a half whatever the answer is.

use std::time::Duration;

use super::{DEFAULTS, Dialect, RetryOn};
use crate::wire::Message;
use crate::wire::sign::{Scheme, Signed};

/// nSelf's receivers. A 410 is one more failure to them, and disables nothing.
pub static NSELF: Dialect = Dialect {
    name: "nself",
    id_header: Some("X-Nself-Delivery"),
    type_header: Some("X-Nself-Event"),
    timestamp_header: Some("X-Nself-Timestamp"),
    signature: Scheme { header: "X-Nself-Signature-256", signed: Signed::TimestampBody, ..DEFAULTS.signature },
    envelope,
    retry_on: &[RetryOn::Any],
    schedule: &[
        Duration::from_secs(1),
        Duration::from_secs(5),
        Duration::from_secs(30),
        Duration::from_mins(5),
        Duration::from_mins(30),
        Duration::from_hours(2),
        Duration::from_hours(8),
        Duration::from_hours(24),
    ],
    max_delay: Duration::from_hours(24),
    max_attempts: 9,
    timeout: Some(Duration::from_secs(10)),
    failure_threshold: 5,
    cooldown: Duration::from_mins(10),
    success_threshold: 2,
    ..DEFAULTS
};

/// The event's data alone; an event without is sent as NTM sends it.
fn envelope(message: &Message<'_>) -> Result<Vec<u8>, serde_json::Error> {
    match &message.event.data {
        Some(data) => serde_json::to_vec(data),
        None => Ok(message.event.json().as_bytes().to_vec()),
    }
}
