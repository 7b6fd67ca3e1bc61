//! What happens next to a delivery, and why: one sentence for the inspector and `show`, short forms for columns.

use crate::config::Policy;
use crate::event::{Circuit, EndpointState, Millis, State, Trigger};
use crate::journal::{DeliveryRow, EndpointRow, Held};

use super::{escape, figures, result};

/// The rules of the file that a forecast needs; unknown where no file is in force.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default)]
pub struct Rules {
    /// `retry.max_attempts`.
    pub max_attempts: Option<u32>,
    /// `circuit.success_threshold`.
    pub success_threshold: Option<u32>,
}

impl From<&Policy> for Rules {
    fn from(policy: &Policy) -> Self {
        Self {
            max_attempts: Some(policy.retry.max_attempts.get()),
            success_threshold: Some(policy.circuit.success_threshold),
        }
    }
}

/// All that decides what happens next to a delivery.
#[derive(Debug, Clone, Copy)]
pub struct Outlook<'a> {
    /// The delivery.
    pub delivery: &'a DeliveryRow,
    /// Its endpoint, as long as the journal knows it.
    pub endpoint: Option<&'a EndpointRow>,
    /// The endpoint's rules.
    pub rules: Rules,
    /// Whether some process dispatches.
    pub dispatching: bool,
    /// Now.
    pub now: Millis,
}

/// How a person acts where the text is read: with keys or with commands.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum By {
    /// The console.
    Keys,
    /// The command line.
    Commands,
}

impl Outlook<'_> {
    /// What happens next and why: `try 4 of 5 in 3.2 s; circuit closed`, `held: paused by amy@host`,
    /// `dead for 41 s: 5 tries failed, the last with 502 Bad Gateway`.
    #[must_use]
    pub fn sentence(&self) -> String {
        let row = self.delivery;
        let ago = figures::span(figures::elapsed(row.changed_at, self.now));
        match row.state {
            State::InFlight => format!("attempt {} is under way", row.attempts.saturating_add(1)),
            State::Delivered => format!("delivered {ago} ago with attempt {}{}", row.attempts, self.answer()),
            State::Dead => format!("dead for {ago}: {}", self.death()),
            State::Cleared => format!("cleared {ago} ago; it was dead: {}", self.death()),
            State::Queued | State::Scheduled => self.pending(),
        }
    }

    /// What a person can do about it, where there is something.
    #[must_use]
    pub fn cure(&self, by: By) -> Option<String> {
        let id = escape::line(&self.delivery.id);
        let act = |key: &str, command: String| match by {
            By::Keys => key.to_owned(),
            By::Commands => format!("`{command}`"),
        };
        match self.delivery.state {
            State::Dead => {
                let retry = act("r", format!("hooktui dlq retry {id}"));
                let budget = self
                    .rules
                    .max_attempts
                    .map_or_else(|| "fresh tries".to_owned(), |most| format!("{most} fresh tries"));
                Some(format!("{retry} sends it again with {budget}{}", self.circuit_clause()))
            }
            State::Cleared => Some(format!("`hooktui dlq restore {id}` makes it a dead letter again")),
            State::Delivered => {
                Some(format!("{} sends it once more under the same id", act("r", format!("hooktui resend {id}"))))
            }
            State::Queued | State::Scheduled => match self.held()? {
                Held::Paused => {
                    let name = self.endpoint_name();
                    Some(format!("{} lets {name} flow again", act("p", format!("hooktui endpoints resume {name}"))))
                }
                Held::Circuit => {
                    let name = self.endpoint_name();
                    Some(format!("{} closes the circuit at once", act("o", format!("hooktui endpoints reset {name}"))))
                }
                Held::Removed | Held::Disabled | Held::Missing | Held::RetryAfter(_) => None,
            },
            State::InFlight => None,
        }
    }

    /// The NEXT column: `try 3 of 5 in 1.9 s`, `circuit open, probe in 12 s`. Empty where nothing more happens.
    #[must_use]
    pub fn column(&self) -> String {
        match self.delivery.state {
            State::InFlight => "under way".to_owned(),
            State::Dead => result::reason(self.delivery),
            State::Cleared => "cleared".to_owned(),
            State::Delivered => self.after_probe().unwrap_or_default(),
            State::Queued | State::Scheduled => {
                if !self.dispatching {
                    return "nobody dispatches".to_owned();
                }
                match (self.held(), self.endpoint) {
                    (Some(held), Some(endpoint)) => held_column(held, endpoint, self.rules, self.now),
                    _ => format!("try {} {}", self.coming_try(), self.due()),
                }
            }
        }
    }

    /// The NEXT column where there is little room: `3/5 in 1.9 s`, `probe in 12 s`.
    #[must_use]
    pub fn narrow_column(&self) -> String {
        let row = self.delivery;
        if !row.state.is_pending() || row.state == State::InFlight || !self.dispatching {
            return self.column();
        }
        if let (Some(held), Some(endpoint)) = (self.held(), self.endpoint) {
            return held_narrow(held, endpoint, self.now);
        }
        let most = self.rules.max_attempts.map_or_else(String::new, |most| format!("/{most}"));
        format!("{}{most} {}", row.tries.saturating_add(1), self.due())
    }

    fn pending(&self) -> String {
        if !self.dispatching {
            return "waits: nobody dispatches; it goes out when hooktui runs again".to_owned();
        }
        if self.delivery.urgent {
            return "goes now: a person asked for it, past circuit and pause".to_owned();
        }
        if let (Some(held), Some(endpoint)) = (self.held(), self.endpoint) {
            return format!("held: {}", held_words(held, endpoint, self.rules, self.now));
        }
        let due = match self.due().as_str() {
            "now" => "as soon as a slot is free".to_owned(),
            later => later.to_owned(),
        };
        format!("try {} {due}{}", self.coming_try(), self.circuit_clause())
    }

    /// Why it is held, if it waits and is held. What a person sends by hand passes circuit and pause.
    #[must_use]
    pub fn held(&self) -> Option<Held> {
        let waits = matches!(self.delivery.state, State::Queued | State::Scheduled) && !self.delivery.urgent;
        self.endpoint.filter(|_| waits).and_then(|endpoint| endpoint.held(self.now))
    }

    fn due(&self) -> String {
        figures::countdown(self.delivery.due_at, self.now)
    }

    fn coming_try(&self) -> String {
        let coming = self.delivery.tries.saturating_add(1);
        self.rules.max_attempts.map_or_else(|| coming.to_string(), |most| format!("{coming} of {most}"))
    }

    fn endpoint_name(&self) -> String {
        escape::line(&self.delivery.endpoint).into_owned()
    }

    fn circuit_clause(&self) -> String {
        self.endpoint.map_or_else(String::new, |endpoint| format!("; circuit {}", endpoint.circuit.circuit))
    }

    fn answer(&self) -> String {
        self.delivery
            .last_status
            .map_or_else(String::new, |code| format!(": {}", crate::wire::status::with_phrase(code)))
    }

    fn death(&self) -> String {
        use crate::event::Reason;
        let row = self.delivery;
        if row.reason != Some(Reason::Exhausted) {
            return result::reason(row);
        }
        let tries = figures::counted(u64::from(row.tries), "try", "tries");
        let last = result::failure(row.last_status, row.last_error.as_deref());
        format!("{tries} failed, the last with {last}")
    }

    /// After a good probe: how many more it takes.
    fn after_probe(&self) -> Option<String> {
        let endpoint = self.endpoint?;
        if self.delivery.last_trigger != Some(Trigger::Probe) || endpoint.circuit.circuit != Circuit::HalfOpen {
            return None;
        }
        let missing = self.rules.success_threshold?.saturating_sub(endpoint.circuit.good_probes).max(1);
        let closes = if missing == 1 { "one closes" } else { "ones close" };
        Some(format!("circuit: {missing} more good {closes} it"))
    }
}

/// Why the deliveries of an endpoint wait, without its name: `circuit open, one probe in 12 s, 31 waiting`.
#[must_use]
pub fn held_words(held: Held, endpoint: &EndpointRow, rules: Rules, now: Millis) -> String {
    let waiting = endpoint.counts.queued + endpoint.counts.scheduled;
    match held {
        Held::Circuit => {
            let circuit = match endpoint.circuit.circuit {
                Circuit::Open => format!("circuit open, one probe {}", probe(endpoint, now)),
                _ => format!("circuit half-open, {}, one delivery at a time", good_probes(endpoint, rules)),
            };
            format!("{circuit}, {} waiting", figures::count(waiting))
        }
        Held::Removed => "the endpoint is no longer in the file".to_owned(),
        Held::Paused => match endpoint.paused_until {
            Some(until) => format!("{}, ends {}", paused(endpoint), figures::countdown(until, now)),
            None => paused(endpoint),
        },
        Held::Disabled => format!("the endpoint is {}", disabled(endpoint)),
        Held::Missing => missing(endpoint),
        Held::RetryAfter(until) => {
            format!("the receiver asked to wait, {} left", figures::span(figures::elapsed(now, until)))
        }
    }
}

/// As [`held_words`], for a column: `circuit open, probe in 12 s`, `paused by amy@host`.
#[must_use]
pub fn held_column(held: Held, endpoint: &EndpointRow, rules: Rules, now: Millis) -> String {
    match held {
        Held::Circuit => match endpoint.circuit.circuit {
            Circuit::Open => format!("circuit open, probe {}", probe(endpoint, now)),
            _ => format!("circuit half-open, {}", good_probes(endpoint, rules)),
        },
        Held::Removed => "no longer in the file".to_owned(),
        Held::Paused => paused(endpoint),
        Held::Disabled => disabled(endpoint),
        Held::Missing => missing(endpoint),
        Held::RetryAfter(until) => format!("asked to wait {}", figures::span(figures::elapsed(now, until))),
    }
}

/// The CIRCUIT column of Endpoints: `closed`, `open, probe in 12 s`, `half-open, 1 of 2`, `paused by amy@host`,
/// `disabled by 410`.
#[must_use]
pub fn circuit_column(endpoint: &EndpointRow, rules: Rules, now: Millis) -> String {
    match endpoint.held(now) {
        Some(Held::Circuit) => match endpoint.circuit.circuit {
            Circuit::Open => format!("open, probe {}", probe(endpoint, now)),
            _ => format!("half-open, {}", good_probes(endpoint, rules)),
        },
        Some(Held::Removed) => "removed".to_owned(),
        Some(held) => held_column(held, endpoint, rules, now),
        None => Circuit::Closed.as_str().to_owned(),
    }
}

/// As [`circuit_column`], where there is little room: `open, probe 12 s`, `half-open, idle`.
#[must_use]
pub fn circuit_narrow(endpoint: &EndpointRow, rules: Rules, now: Millis) -> String {
    let is_idle = endpoint.counts.queued + endpoint.counts.scheduled + endpoint.counts.in_flight == 0;
    match (endpoint.held(now), endpoint.circuit.circuit) {
        (Some(Held::Circuit), Circuit::Open) => match endpoint.circuit.probe_at.filter(|at| *at > now) {
            Some(at) => format!("open, probe {}", figures::countdown(at, now).trim_start_matches("in ")),
            None if is_idle => "open, idle".to_owned(),
            None => "open, probe now".to_owned(),
        },
        (Some(Held::Circuit), _) if is_idle => "half-open, idle".to_owned(),
        (Some(Held::Paused), _) => EndpointState::Paused.as_str().to_owned(),
        (Some(Held::RetryAfter(until)), _) => format!("waits {}", figures::span(figures::elapsed(now, until))),
        _ => circuit_column(endpoint, rules, now),
    }
}

/// Why the deliveries of an endpoint wait, in a word or two: `circuit open`, `paused`.
#[must_use]
pub fn held_word(held: Held, endpoint: &EndpointRow) -> String {
    match held {
        Held::Circuit => format!("circuit {}", endpoint.circuit.circuit),
        Held::Removed => "removed".to_owned(),
        Held::Paused => EndpointState::Paused.as_str().to_owned(),
        Held::Disabled => EndpointState::Disabled.as_str().to_owned(),
        Held::Missing => "variable not set".to_owned(),
        Held::RetryAfter(_) => "asked to wait".to_owned(),
    }
}

fn held_narrow(held: Held, endpoint: &EndpointRow, now: Millis) -> String {
    match held {
        Held::Circuit if endpoint.circuit.circuit == Circuit::Open => format!("probe {}", probe(endpoint, now)),
        Held::Circuit => "half-open".to_owned(),
        Held::Removed => "removed".to_owned(),
        Held::Paused => EndpointState::Paused.as_str().to_owned(),
        Held::Disabled => EndpointState::Disabled.as_str().to_owned(),
        Held::Missing => missing(endpoint),
        Held::RetryAfter(until) => figures::countdown(until, now),
    }
}

fn probe(endpoint: &EndpointRow, now: Millis) -> String {
    match endpoint.circuit.probe_at {
        Some(at) if at > now => figures::countdown(at, now),
        _ if endpoint.counts.queued + endpoint.counts.scheduled > 0 => "now".to_owned(),
        _ => "with the next delivery".to_owned(),
    }
}

fn good_probes(endpoint: &EndpointRow, rules: Rules) -> String {
    let good = endpoint.circuit.good_probes;
    if endpoint.counts.queued + endpoint.counts.scheduled + endpoint.counts.in_flight == 0 {
        return "waiting for a delivery to prove it".to_owned();
    }
    rules.success_threshold.map_or_else(|| format!("{good} good"), |most| format!("{good} of {most}"))
}

fn paused(endpoint: &EndpointRow) -> String {
    endpoint
        .paused_by
        .as_deref()
        .map_or_else(|| EndpointState::Paused.as_str().to_owned(), |who| format!("paused by {}", escape::line(who)))
}

fn disabled(endpoint: &EndpointRow) -> String {
    endpoint
        .disabled_by
        .as_deref()
        .map_or_else(|| EndpointState::Disabled.as_str().to_owned(), |by| format!("disabled by {}", escape::line(by)))
}

fn missing(endpoint: &EndpointRow) -> String {
    endpoint
        .missing
        .as_deref()
        .map_or_else(|| "a variable is not set here".to_owned(), |what| escape::line(what).into_owned())
}

#[cfg(test)]
mod tests;
