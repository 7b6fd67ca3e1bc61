//! Dialects: what a receiver written for a given system expects, and that system's own rules of delivery.
//!
//! A dialect is one file with one static that says what is special about it; `DEFAULTS` stand for the rest. To add one:
//! write the file beside `pilot.rs` and put its static into [`ALL`].

mod marionette;
mod nself;
mod ntm;
mod payload;
mod pilot;
mod pilot_registry;
mod standard;

use std::borrow::Cow;
use std::time::Duration;

use super::Message;
use super::key::{BadSecret, Key, SecretShape};
use super::sign::{Scheme, Shape, Signed};
use secrecy::SecretString;

pub use marionette::MARIONETTE;
pub use nself::NSELF;
pub use ntm::NTM;
pub(super) use payload::Payload;
pub use pilot::PILOT;
pub use pilot_registry::PILOT_REGISTRY;
pub use standard::STANDARD;

/// Every dialect; the first is the default.
pub static ALL: &[&Dialect] = &[&NTM, &STANDARD, &NSELF, &MARIONETTE, &PILOT, &PILOT_REGISTRY];

/// Headers that no endpoint may set, whatever its dialect: the transport's own.
const RESERVED: &[&str] = &["Host", "Content-Length", "Transfer-Encoding", "Connection"];

/// A receiver's expectations and that system's own defaults. Keys of the endpoint override the defaults.
#[derive(Debug)]
pub struct Dialect {
    /// Its name in the file.
    pub name: &'static str,
    /// Carries an id.
    pub id_header: Option<&'static str>,
    /// Which id that is: the delivery's, unless the system knows another one.
    pub id: for<'a> fn(&Message<'a>) -> Cow<'a, str>,
    /// Carries the event's type.
    pub type_header: Option<&'static str>,
    /// Carries the number of the attempt, from 1.
    pub attempt_header: Option<&'static str>,
    /// Carries the time of the attempt in Unix seconds.
    pub timestamp_header: Option<&'static str>,
    /// What is signed, and how it is told.
    pub signature: Scheme,
    /// What its secrets look like.
    pub secret: SecretShape,
    /// The envelope is the event's JSON as it stands in the journal, so that it need not be read to be sent.
    pub sends_as_stored: bool,
    /// Makes the body where the format is `json`.
    pub envelope: fn(&Message<'_>) -> Result<Vec<u8>, serde_json::Error>,
    /// Largest body in bytes; a larger one is dead at once.
    pub max_payload: Option<usize>,
    /// Statuses from 200 up to but not including this are success (an unfollowed redirect never is).
    pub success_below: u16,
    /// Which failures are tried again.
    pub retry_on: &'static [RetryOn],
    /// Delay before the second attempt.
    pub base_delay: Duration,
    /// Each further delay is so many times as long.
    pub factor: f64,
    /// No delay is longer.
    pub max_delay: Duration,
    /// Fixed delays instead of the three above.
    pub schedule: &'static [Duration],
    /// Share of the delay that chance may take or add, 0 to 1.
    pub jitter: f64,
    /// Attempts in all.
    pub max_attempts: u32,
    /// How long one attempt may take; none: as `manager` says.
    pub timeout: Option<Duration>,
    /// Consecutive failures that open the circuit.
    pub failure_threshold: u32,
    /// Those 4xx that are such failures: they speak of the endpoint and not of the request.
    pub faults_4xx: &'static [u16],
    /// Wait before the first probe.
    pub cooldown: Duration,
    /// Good probes that close it.
    pub success_threshold: u32,
}

/// What holds where a dialect says nothing of its own (the built-in rules of `.ntm.yaml`).
const DEFAULTS: Dialect = Dialect {
    name: "",
    id_header: None,
    id: |message| Cow::Borrowed(message.delivery_id),
    type_header: None,
    attempt_header: None,
    timestamp_header: None,
    signature: Scheme { header: "", signed: Signed::Body, shape: Shape::Hex("sha256=") },
    secret: SecretShape::Text,
    sends_as_stored: false,
    envelope: |message| Ok(message.event.json().as_bytes().to_vec()),
    max_payload: None,
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
    timeout: None,
    failure_threshold: 5,
    faults_4xx: &[408, 425],
    cooldown: Duration::from_secs(30),
    success_threshold: 2,
};

/// One entry of `retry.on`.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum RetryOn {
    /// No connection, or it broke.
    Network,
    /// No answer in time.
    Timeout,
    /// This status.
    Status(u16),
    /// 400 to 499.
    Any4xx,
    /// 500 to 599.
    Any5xx,
    /// Every failure.
    Any,
}

impl Dialect {
    /// The dialect that a file calls so, in any letter case.
    #[must_use]
    pub fn from_word(word: &str) -> Option<&'static Self> {
        ALL.iter().copied().find(|dialect| dialect.name.eq_ignore_ascii_case(word.trim()))
    }

    /// Whether an endpoint of this dialect may not set the header: the dialect or the transport does.
    #[must_use]
    pub fn reserves(&self, header: &str) -> bool {
        let own = [self.id_header, self.type_header, self.attempt_header, self.timestamp_header];
        own.into_iter()
            .flatten()
            .chain([self.signature.header])
            .chain(RESERVED.iter().copied())
            .any(|own| own.eq_ignore_ascii_case(header.trim()))
    }

    /// The secret, ready to sign.
    ///
    /// # Errors
    /// [`BadSecret`], if it is none of this dialect's shape.
    pub fn key(&self, secret: &SecretString) -> Result<Key, BadSecret> {
        self.secret.key(secret)
    }
}
