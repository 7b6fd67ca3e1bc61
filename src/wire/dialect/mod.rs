//! Dialects: what a receiver written for a given system expects (dialects.md).
//!
//! A dialect is one file with one static. To add one: write the file beside `ntm.rs`, put the static into [`ALL`], take
//! its name out of [`LATER`].

mod ntm;

use std::time::Duration;

use super::Message;
use super::sign::Key;

pub use ntm::NTM;

/// Every dialect this version speaks; the first is the default.
pub static ALL: &[&Dialect] = &[&NTM];

/// Dialects that are known by name and come with a later version.
pub const LATER: &[&str] = &["standard", "nself", "marionette", "pilot", "pilot-registry"];

/// Headers that no endpoint may set, whatever its dialect: the transport's own.
const RESERVED: &[&str] = &["Host", "Content-Length", "Transfer-Encoding", "Connection"];

/// Looks a header of a request up by its name.
pub type HeaderOf<'a> = &'a dyn Fn(&str) -> Option<String>;

/// A receiver's expectations and that system's own defaults. Keys of the endpoint override the defaults.
#[derive(Debug)]
pub struct Dialect {
    /// Its name in the file.
    pub name: &'static str,
    /// Carries the delivery's id.
    pub id_header: Option<&'static str>,
    /// Carries the event's type.
    pub type_header: Option<&'static str>,
    /// Carries the number of the attempt, from 1.
    pub attempt_header: Option<&'static str>,
    /// Carries the signature; left out where the endpoint has no secret.
    pub signature_header: &'static str,
    /// Makes the signature header's value of at least one key, newest first, and the body.
    pub sign: fn(&Key, &[Key], &Message<'_>, &[u8]) -> String,
    /// Checks what [`Dialect::sign`] made, by a request's headers (looked up by name) and body; else says why not.
    pub verify: fn(&Key, HeaderOf<'_>, &[u8]) -> Result<(), String>,
    /// The envelope is the event's JSON as it stands in the journal, so that it need not be read to be sent.
    pub sends_as_stored: bool,
    /// Makes the body where the format is `json`.
    pub envelope: fn(&Message<'_>) -> Result<Vec<u8>, serde_json::Error>,
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
    /// How long one attempt may take.
    pub timeout: Duration,
    /// Consecutive failures that open the circuit.
    pub failure_threshold: u32,
    /// Wait before the first probe.
    pub cooldown: Duration,
    /// Good probes that close it.
    pub success_threshold: u32,
}

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
    /// The dialect that a file calls so (any letter case); none for those of [`LATER`] and unknown ones.
    #[must_use]
    pub fn from_word(word: &str) -> Option<&'static Self> {
        ALL.iter().copied().find(|dialect| dialect.name.eq_ignore_ascii_case(word.trim()))
    }

    /// Whether an endpoint of this dialect may not set the header: the dialect or the transport does.
    #[must_use]
    pub fn reserves(&self, header: &str) -> bool {
        [self.id_header, self.type_header, self.attempt_header, Some(self.signature_header)]
            .into_iter()
            .flatten()
            .chain(RESERVED.iter().copied())
            .any(|own| own.eq_ignore_ascii_case(header.trim()))
    }
}
