//! NTM's own receivers; the default.

use std::time::Duration;

use super::{Dialect, RetryOn};

/// What NTM's webhook package sends, but for success (NTM says under 400, here 2xx).
pub static NTM: Dialect = Dialect {
    name: "ntm",
    id_header: Some("X-NTM-Delivery-ID"),
    type_header: Some("X-NTM-Event-Type"),
    attempt_header: Some("X-NTM-Attempt"),
    signature_header: "X-NTM-Signature",
    // The header has room for one signature: of several secrets the newest signs.
    sign: |newest, _older, _message, body| format!("sha256={}", newest.sign_hex(&[body])),
    envelope: |message| serde_json::to_vec(message.event),
    success_below: 300,
    retry_on: &[
        RetryOn::Network,
        RetryOn::Timeout,
        RetryOn::Status(408),
        RetryOn::Status(425),
        RetryOn::Status(429),
        RetryOn::Any5xx,
    ],
    base_delay: Duration::from_secs(1),
    factor: 2.0,
    max_delay: Duration::from_secs(30),
    schedule: &[],
    jitter: 0.0,
    max_attempts: 5,
    timeout: Duration::from_secs(10),
    failure_threshold: 5,
    cooldown: Duration::from_secs(30),
    success_threshold: 2,
};
