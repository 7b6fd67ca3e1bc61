//! NTM's own receivers; the default.

use std::time::Duration;

use super::{Dialect, HeaderOf, RetryOn};
use crate::wire::sign::Key;

const SIGNATURE_HEADER: &str = "X-NTM-Signature";
const PREFIX: &str = "sha256=";

/// What NTM's webhook package sends, but for success (NTM says under 400, here 2xx).
pub static NTM: Dialect = Dialect {
    name: "ntm",
    id_header: Some("X-NTM-Delivery-ID"),
    type_header: Some("X-NTM-Event-Type"),
    attempt_header: Some("X-NTM-Attempt"),
    signature_header: SIGNATURE_HEADER,
    // The header has room for one signature: of several secrets the newest signs.
    sign: |newest, _older, _message, body| format!("{PREFIX}{}", newest.sign_hex(&[body])),
    verify,
    sends_as_stored: true,
    envelope: |message| Ok(message.event.json().as_bytes().to_vec()),
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

fn verify(key: &Key, header: HeaderOf<'_>, body: &[u8]) -> Result<(), String> {
    let value = header(SIGNATURE_HEADER).ok_or_else(|| format!("there is no {SIGNATURE_HEADER} header"))?;
    let hex = value.trim().strip_prefix(PREFIX).ok_or_else(|| format!("{SIGNATURE_HEADER} does not begin {PREFIX}"))?;
    if key.verifies_hex(&[body], hex) { Ok(()) } else { Err("another secret or another body".to_owned()) }
}
