//! What the end of an attempt means: for the delivery, for the circuit, for the endpoint. Pure.

use std::time::Duration;

use crate::config::Policy;
use crate::event::{Millis, Outcome, Reason};
use crate::wire::dialect::RetryOn;
use crate::wire::status;

use super::circuit::Report;
use super::said;
use super::transport::{Failure, Sent};

/// No `Retry-After` holds an endpoint longer.
pub const LONGEST_HOLD: Duration = Duration::from_hours(24);

/// What becomes of the delivery, before its tries are counted.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Fate {
    /// The receiver accepted it.
    Delivered,
    /// It is tried again, if it has tries left.
    Again,
    /// It is not tried again.
    Dead(Reason),
}

/// How long the whole endpoint is held.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Hold {
    /// As long as the receiver asked.
    For(Duration),
    /// As long as the backoff says: a 429 that names no time.
    Backoff,
}

/// What the end of an attempt means.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Meaning {
    /// For the attempt log.
    pub outcome: Outcome,
    /// For the delivery.
    pub fate: Fate,
    /// For the circuit.
    pub report: Report,
    /// For the endpoint's other deliveries.
    pub hold: Option<Hold>,
    /// A 429: not a try, whatever the circuit says.
    pub free: bool,
    /// 410: the endpoint gets no more deliveries.
    pub disables: bool,
    /// In words, unless it was delivered. May hold what the receiver said, and so a secret: to be scrubbed and cut.
    pub error: Option<String>,
}

/// What an answer, or its absence, means. `wall` is the wall clock, for dates in `Retry-After`.
#[must_use]
pub fn classify(sent: &Sent, policy: &Policy, wall: Millis) -> Meaning {
    if let Some(failure) = &sent.failure {
        return of_failure(failure, policy);
    }
    let Some(status) = sent.status else {
        return of_failure(&Failure::Network("no answer".to_owned()), policy);
    };
    of_status(status, sent, policy, wall)
}

fn of_failure(failure: &Failure, policy: &Policy) -> Meaning {
    let (outcome, text, retried) = match failure {
        Failure::Timeout(text) => (Outcome::Timeout, text, covers(&policy.retry.on, RetryOn::Timeout)),
        Failure::Network(text) => (Outcome::Network, text, covers(&policy.retry.on, RetryOn::Network)),
        Failure::Blocked(text) => return unsent(Reason::Blocked, text.clone()),
    };
    Meaning {
        outcome,
        fate: if retried { Fate::Again } else { Fate::Dead(Reason::Permanent) },
        report: Report::Failure,
        hold: None,
        free: false,
        disables: false,
        error: Some(text.clone()),
    }
}

/// What a delivery that cannot be sent at all means: dead at once, and nothing is known of the endpoint.
#[must_use]
pub fn unsent(reason: Reason, text: String) -> Meaning {
    Meaning {
        outcome: Outcome::Unsent,
        fate: Fate::Dead(reason),
        report: Report::Neutral,
        hold: None,
        free: false,
        disables: false,
        error: Some(text),
    }
}

fn of_status(status: u16, sent: &Sent, policy: &Policy, wall: Millis) -> Meaning {
    let location = sent.headers.get("location");
    let redirect = matches!(status, 301 | 302 | 303 | 307 | 308) || (300..400).contains(&status) && location.is_some();
    if (200..policy.success_below.max(300)).contains(&status) && !redirect {
        return Meaning {
            outcome: Outcome::Delivered,
            fate: Fate::Delivered,
            report: Report::Success,
            hold: None,
            free: false,
            disables: false,
            error: None,
        };
    }
    let retried = !(300..400).contains(&status) && covers(&policy.retry.on, RetryOn::Status(status));
    let asked = sent.headers.get("retry-after").and_then(|value| retry_after(value, wall));
    Meaning {
        outcome: Outcome::Refused,
        fate: if retried { Fate::Again } else { Fate::Dead(reason_of(status)) },
        report: if speaks_of_endpoint(status, policy) { Report::Failure } else { Report::Neutral },
        hold: match status {
            429 => Some(asked.map_or(Hold::Backoff, Hold::For)),
            503 => asked.map(Hold::For),
            _ => None,
        },
        free: status == 429,
        disables: status == 410 && !retried,
        error: Some(in_words(status, location, &sent.body)),
    }
}

fn reason_of(status: u16) -> Reason {
    match status {
        300..400 => Reason::Redirect,
        410 => Reason::Gone,
        _ => Reason::Permanent,
    }
}

/// A 4xx says that the endpoint answers and does not like this request, but for those that the dialect takes for its fault.
fn speaks_of_endpoint(status: u16, policy: &Policy) -> bool {
    !(400..500).contains(&status) || policy.faults_4xx.contains(&status)
}

fn in_words(status: u16, location: Option<&str>, body: &[u8]) -> String {
    match (status, location) {
        (300..400, Some(location)) => {
            format!("{status} redirect to {}: redirects are not followed", without_query(location))
        }
        (410, _) => "410 gone: the endpoint wants no more deliveries".to_owned(),
        _ => {
            let known = status::with_phrase(status);
            let is_new = |said: &String| !known.to_lowercase().contains(&said.to_lowercase());
            match said::reason(body).filter(is_new) {
                Some(said) => format!("{known}: {said}"),
                None => known,
            }
        }
    }
}

/// Where a redirect leads, without what may be a secret of the other side.
fn without_query(location: &str) -> String {
    location.split(['?', '#']).next().unwrap_or_default().chars().take(200).collect()
}

/// Whether `retry.on` covers a failure.
fn covers(on: &[RetryOn], what: RetryOn) -> bool {
    on.iter().any(|rule| match (*rule, what) {
        (RetryOn::Any, _) => true,
        (RetryOn::Any4xx, RetryOn::Status(status)) => (400..500).contains(&status),
        (RetryOn::Any5xx, RetryOn::Status(status)) => (500..600).contains(&status),
        (rule, what) => rule == what,
    })
}

/// `Retry-After`: seconds, or a date (RFC 9110, 10.2.3); at most 24 h, none if it says neither.
fn retry_after(value: &str, wall: Millis) -> Option<Duration> {
    let value = value.trim();
    let wait = if !value.is_empty() && value.bytes().all(|byte| byte.is_ascii_digit()) {
        Duration::from_secs(value.parse().unwrap_or(u64::MAX))
    } else {
        let date = jiff::fmt::rfc2822::parse(value).ok()?.timestamp().as_millisecond();
        Duration::from_millis(u64::try_from(date.saturating_sub(wall)).unwrap_or(0))
    };
    Some(wait.min(LONGEST_HOLD))
}

#[cfg(test)]
pub(crate) mod tests;
