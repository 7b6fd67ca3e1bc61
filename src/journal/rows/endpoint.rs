//! An endpoint as the journal knows it: who it is, whether it takes part, its circuit, its counters.

use crate::event::{Circuit, EndpointState, Millis};

/// Why an endpoint is disabled that says `enabled: false`; every other reason outlives the file.
pub const DISABLED_BY_FILE: &str = "enabled: false in the file";

/// One endpoint as the journal knows it, with its counters.
#[derive(Debug, Clone, PartialEq)]
pub struct EndpointRow {
    /// Journal key: small, stable, never shown.
    pub key: i64,
    /// The id of the file.
    pub id: String,
    /// The name of the file.
    pub name: String,
    /// Host of the URL; the rest of the URL is a secret.
    pub host: String,
    /// Whether it takes part.
    pub state: EndpointState,
    /// Why it is disabled, in words.
    pub disabled_by: Option<String>,
    /// What the file lacks in the dispatcher's environment, in words.
    pub missing: Option<String>,
    /// A pause that ends by itself.
    pub paused_until: Option<Millis>,
    /// Who paused it.
    pub paused_by: Option<String>,
    /// The breaker.
    pub circuit: CircuitRow,
    /// Deliveries held by the open circuit, each once per opening, ever.
    pub circuit_skips: u64,
    /// `Retry-After` in force.
    pub hold_until: Option<Millis>,
    /// First failure since the last good attempt.
    pub failing_since: Option<Millis>,
    /// Last good attempt.
    pub last_success_at: Option<Millis>,
    /// Newest attempt.
    pub last_attempt_at: Option<Millis>,
    /// Status of the newest answer; none if there was no answer.
    pub last_status: Option<u16>,
    /// Error of the newest attempt, in words.
    pub last_error: Option<String>,
    /// Deliveries by state.
    pub counts: Counts,
    /// Deliveries ever delivered.
    pub total_delivered: u64,
    /// Deliveries that ever died.
    pub total_dead: u64,
}

impl EndpointRow {
    /// An endpoint to which nothing has happened yet, before the journal has given it a key (its own begin at 1).
    #[must_use]
    pub fn unused(id: &str, name: &str, host: &str) -> Self {
        Self {
            key: 0,
            id: id.to_owned(),
            name: name.to_owned(),
            host: host.to_owned(),
            state: EndpointState::Active,
            disabled_by: None,
            missing: None,
            paused_until: None,
            paused_by: None,
            circuit: CircuitRow::default(),
            circuit_skips: 0,
            hold_until: None,
            failing_since: None,
            last_success_at: None,
            last_attempt_at: None,
            last_status: None,
            last_error: None,
            counts: Counts::default(),
            total_delivered: 0,
            total_dead: 0,
        }
    }

    /// 0 open, 30 half-open, else 100 less 10 per consecutive failure, not under 10 (dialects.md, `nself`).
    #[must_use]
    pub fn health(&self) -> u8 {
        match self.circuit.circuit {
            Circuit::Open => 0,
            Circuit::HalfOpen => 30,
            Circuit::Closed => {
                let lost = u8::try_from(self.circuit.consecutive_failures.min(9)).unwrap_or(9) * 10;
                100 - lost
            }
        }
    }

    /// The endpoint as it stands at `now`: a pause whose end has come is over, though nobody dispatches who would end it.
    #[must_use]
    pub fn at(mut self, now: Millis) -> Self {
        let state = self.state.at(self.paused_until, now);
        if state != self.state {
            (self.state, self.paused_until, self.paused_by) = (state, None, None);
        }
        self
    }

    /// Why its deliveries are held at `now`, if they are (product.md: "Held is not a state").
    #[must_use]
    pub fn held(&self, now: Millis) -> Option<Held> {
        match self.state.at(self.paused_until, now) {
            EndpointState::Removed => return Some(Held::Removed),
            EndpointState::Disabled => return Some(Held::Disabled),
            EndpointState::Paused => return Some(Held::Paused),
            EndpointState::Active => {}
        }
        if self.missing.is_some() {
            return Some(Held::Missing);
        }
        if self.circuit.circuit != Circuit::Closed {
            return Some(Held::Circuit);
        }
        self.hold_until.filter(|until| *until > now).map(Held::RetryAfter)
    }
}

/// What a dispatcher looks at again and again: whether an endpoint takes part, and how much waits for it.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Standing {
    /// Its key.
    pub key: i64,
    /// Whether it takes part.
    pub state: EndpointState,
    /// A pause that ends by itself.
    pub paused_until: Option<Millis>,
    /// Queued deliveries.
    pub queued: u64,
    /// Scheduled deliveries.
    pub scheduled: u64,
}

/// Why the deliveries of an endpoint wait.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Held {
    /// No longer in the file.
    Removed,
    /// `enabled: false` or a 410.
    Disabled,
    /// A person paused it.
    Paused,
    /// A variable is not set in the dispatcher's environment.
    Missing,
    /// The circuit is open or half-open.
    Circuit,
    /// The receiver asked to wait until then.
    RetryAfter(Millis),
}

/// An endpoint's breaker as journaled; the rules are in `engine::circuit`.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct CircuitRow {
    /// Its position.
    pub circuit: Circuit,
    /// Failures in a row that speak of the endpoint.
    pub consecutive_failures: u32,
    /// When it opened.
    pub opened_at: Option<Millis>,
    /// When the next probe may go.
    pub probe_at: Option<Millis>,
    /// The cooldown in force, in ms.
    pub cooldown_ms: u64,
    /// Good probes since it went half-open.
    pub good_probes: u32,
    /// How often it opened, ever. A delivery that waits is a skip once per opening.
    pub openings: u32,
    /// Concurrency while it ramps up after closing; 0 = no limit but the endpoint's own.
    pub ramp: u32,
}

impl Default for CircuitRow {
    fn default() -> Self {
        Self {
            circuit: Circuit::Closed,
            consecutive_failures: 0,
            opened_at: None,
            probe_at: None,
            cooldown_ms: 0,
            good_probes: 0,
            openings: 0,
            ramp: 0,
        }
    }
}

/// Deliveries by state.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default)]
#[expect(missing_docs, reason = "the fields are the states")]
pub struct Counts {
    pub queued: u64,
    pub scheduled: u64,
    pub in_flight: u64,
    pub delivered: u64,
    pub dead: u64,
    pub cleared: u64,
}
