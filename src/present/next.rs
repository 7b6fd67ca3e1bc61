//! What happens next to a delivery, and why: one sentence for the inspector and `show`, short forms for columns.

use crate::config::{Policy, Rate};
use crate::event::{Circuit, EndpointState, Millis, Outcome, State, Trigger};
use crate::journal::{DISABLED_BY_FILE, DeliveryRow, EndpointRow, Held};

use super::{escape, figures, result};

/// The rules of the file that a forecast needs; unknown where no file is in force.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default)]
pub struct Rules {
    /// `retry.max_attempts`.
    pub max_attempts: Option<u32>,
    /// `circuit.success_threshold`.
    pub success_threshold: Option<u32>,
    /// `circuit: {enabled: false}`.
    pub no_circuit: bool,
    /// `ordering: fifo`.
    pub fifo: bool,
    /// `rate_limit`.
    pub rate_limit: Option<Rate>,
}

impl From<&Policy> for Rules {
    fn from(policy: &Policy) -> Self {
        Self {
            max_attempts: Some(policy.retry.max_attempts.get()),
            success_threshold: Some(policy.circuit.success_threshold),
            no_circuit: !policy.circuit.enabled,
            fifo: policy.fifo,
            rate_limit: policy.rate_limit,
        }
    }
}

impl Rules {
    /// When what is due goes.
    #[must_use]
    pub fn turn(&self) -> String {
        match self.pace() {
            _ if self.fifo => "in its turn, one at a time in order".to_owned(),
            Some(pace) => format!("as soon as the rate limit of {pace} lets it"),
            None => "as soon as a slot is free".to_owned(),
        }
    }

    /// `4/m`, where the rate is limited.
    fn pace(&self) -> Option<String> {
        self.rate_limit.map(|rate| figures::pace(rate.count.get(), rate.per))
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
pub enum By<'a> {
    /// In the console, where the keys are called this.
    Keys(&'a Keys),
    /// On the command line.
    Commands,
}

/// The person's keys for what sentences tell to do.
#[derive(Debug, Clone, PartialEq, Eq)]
#[expect(missing_docs, reason = "named after what they do")]
pub struct Keys {
    pub send: String,
    pub cancel: String,
    pub pause: String,
    pub pause_all: String,
    pub reset: String,
    pub edit_file: String,
}

impl Outlook<'_> {
    /// What happens next and why: `try 4 of 5 in 3.2 s; circuit closed`, `held: paused by amy@host`,
    /// `dead for 41 s: 5 tries failed, the last with 502 Bad Gateway`.
    #[must_use]
    pub fn sentence(&self) -> String {
        let row = self.delivery;
        let ago = figures::span(figures::elapsed(row.changed_at, self.now));
        match row.state {
            State::InFlight => self.under_way(),
            State::Delivered if row.last_outcome.is_some_and(|last| last != Outcome::Delivered) => {
                let last = result::failure(row.last_status, row.last_error.as_deref());
                format!("delivered; attempt {}, sent by hand after that, failed {ago} ago: {last}", row.attempts)
            }
            State::Delivered => format!("delivered {ago} ago with attempt {}{}", row.attempts, self.answer()),
            State::Dead => format!("dead for {ago}: {}", self.death()),
            State::Cleared => format!("cleared {ago} ago; it was dead: {}", self.death()),
            State::Queued | State::Scheduled => self.pending(),
        }
    }

    /// What a person can do about it, where there is something.
    #[must_use]
    pub fn cure(&self, by: By<'_>) -> Option<String> {
        cure::of(self, by)
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
                    // What was tried knows best when it is tried again.
                    (Some(Held::RetryAfter(until)), _) if self.delivery.state == State::Scheduled => {
                        format!("try {} {}", self.coming_try(), self.due_after(until))
                    }
                    (Some(held), Some(endpoint)) => held_column(held, endpoint, self.rules, self.now),
                    _ if self.is_behind() => format!("try {} in its turn", self.coming_try()),
                    _ => format!("try {} {}", self.coming_try(), self.due_or_pace()),
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
        let due = if self.is_behind() { "in turn".to_owned() } else { self.due_or_pace() };
        format!("{}{most} {due}", row.tries.saturating_add(1))
    }

    fn under_way(&self) -> String {
        let coming = self.delivery.attempts.saturating_add(1);
        if self.dispatching {
            return format!("attempt {coming} is under way");
        }
        format!("attempt {coming} was cut off, it may have been sent; it goes out again when hooktui runs again")
    }

    fn pending(&self) -> String {
        let held = self.held().zip(self.endpoint);
        if !self.dispatching {
            return match held {
                Some((held, endpoint)) => {
                    let held = held_words(held, endpoint, self.rules, self.now);
                    format!("waits: nobody dispatches, and it is held besides: {held}")
                }
                None => {
                    format!("waits: nobody dispatches; try {} goes out when hooktui runs again", self.coming_try())
                }
            };
        }
        match held {
            Some((Held::RetryAfter(until), _)) => {
                let try_ = self.coming_try();
                format!("held: the receiver asked to wait; try {try_} {}", self.due_after(until))
            }
            Some((held, endpoint)) => format!("held: {}", held_words(held, endpoint, self.rules, self.now)),
            None if self.delivery.urgent => {
                format!("goes {}: sent by hand{}", self.rules.turn(), self.past())
            }
            None => {
                let due = if self.is_due() { self.rules.turn() } else { self.due() };
                format!("try {} {due}{}", self.coming_try(), self.circuit_clause())
            }
        }
    }

    /// What a delivery sent by hand goes past: of these three that which is in its way now.
    fn past(&self) -> String {
        match self.endpoint.and_then(|endpoint| Some((endpoint.held(self.now)?, endpoint.circuit.circuit))) {
            Some((Held::Paused, _)) => ", past the pause".to_owned(),
            Some((Held::Circuit, circuit)) => format!(", past the {circuit} circuit"),
            Some((Held::RetryAfter(_), _)) => ", past the wait that the receiver asked for".to_owned(),
            _ => String::new(),
        }
    }

    /// Why it is held, if it waits and is held. What a person sends by hand passes circuit, pause and `Retry-After`, but goes
    /// nowhere where there is nothing to send to.
    #[must_use]
    pub fn held(&self) -> Option<Held> {
        let waits = matches!(self.delivery.state, State::Queued | State::Scheduled);
        let endpoint = self.endpoint.filter(|_| waits)?;
        match endpoint.held(self.now)? {
            held if !self.delivery.urgent => Some(held),
            held @ (Held::Removed | Held::Disabled | Held::Missing) => Some(held),
            _ => endpoint.missing.as_ref().map(|_| Held::Missing),
        }
    }

    /// When it is due and the receiver's wish to wait has passed.
    fn due_after(&self, until: Millis) -> String {
        figures::countdown(self.delivery.due_at.max(until), self.now)
    }

    /// It is due, and another is before it in a lane that goes in order.
    fn is_behind(&self) -> bool {
        let is_taken = |one: &EndpointRow| one.counts.in_flight > 0 || one.counts.scheduled > 0;
        self.rules.fifo
            && self.delivery.state == State::Queued
            && self.delivery.due_at <= self.now
            && self.endpoint.is_some_and(is_taken)
    }

    fn due(&self) -> String {
        figures::countdown(self.delivery.due_at, self.now)
    }

    fn is_due(&self) -> bool {
        self.due() == "now"
    }

    /// `in 1.9 s`, `now`; or `at 4/m`, where what is due waits for the rate limit.
    fn due_or_pace(&self) -> String {
        let pace = self.rules.pace().filter(|_| self.is_due());
        pace.map_or_else(|| self.due(), |pace| format!("at {pace}"))
    }

    fn coming_try(&self) -> String {
        let coming = self.delivery.tries.saturating_add(1);
        self.rules.max_attempts.map_or_else(|| coming.to_string(), |most| format!("{coming} of {most}"))
    }

    fn endpoint_name(&self) -> String {
        escape::line(&self.delivery.endpoint).into_owned()
    }

    fn circuit_clause(&self) -> String {
        match self.endpoint {
            Some(_) if self.rules.no_circuit => "; no circuit".to_owned(),
            Some(endpoint) => format!("; circuit {}", endpoint.circuit.circuit),
            None => String::new(),
        }
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
                Circuit::Open if probe(endpoint, now) == UNDER_WAY => format!("circuit open, one probe is {UNDER_WAY}"),
                Circuit::Open => format!("circuit open, one probe {}", probe(endpoint, now)),
                _ if is_idle(endpoint) => format!("circuit half-open, {}", good_probes(endpoint, rules)),
                _ => format!("circuit half-open, {} probes good, one at a time", good_probes(endpoint, rules)),
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
        None => match endpoint.circuit.consecutive_failures {
            0 | 1 => unheld(rules).to_owned(),
            failed => format!("{}, {} failed in a row", unheld(rules), figures::count(failed)),
        },
    }
}

/// The circuit of an endpoint that nothing holds.
const fn unheld(rules: Rules) -> &'static str {
    if rules.no_circuit { "no circuit" } else { Circuit::Closed.as_str() }
}

/// As [`circuit_column`], where there is little room: `open, probe 12 s`, `half-open, idle`, `disabled by 410`.
#[must_use]
pub fn circuit_narrow(endpoint: &EndpointRow, rules: Rules, now: Millis) -> String {
    match (endpoint.held(now), endpoint.circuit.circuit) {
        (Some(Held::Circuit), Circuit::Open) => match endpoint.circuit.probe_at.filter(|at| *at > now) {
            Some(at) => format!("open, probe {}", figures::countdown(at, now).trim_start_matches("in ")),
            None if is_idle(endpoint) => "open, idle".to_owned(),
            None => "open, probe now".to_owned(),
        },
        (Some(Held::Circuit), _) if is_idle(endpoint) => "half-open, idle".to_owned(),
        (None, _) if endpoint.circuit.consecutive_failures > 1 => {
            let failed = format!("{} failed", figures::count(endpoint.circuit.consecutive_failures));
            // That there is no circuit is in the file; how it fares is only here.
            if rules.no_circuit { failed } else { format!("{}, {failed}", unheld(rules)) }
        }
        (Some(Held::Paused), _) => EndpointState::Paused.as_str().to_owned(),
        (Some(Held::Disabled), _) => disabled_narrow(endpoint),
        (Some(Held::Missing), _) => missing_narrow(endpoint),
        (Some(Held::RetryAfter(until)), _) => format!("waits {}", figures::span(figures::elapsed(now, until))),
        _ => circuit_column(endpoint, rules, now),
    }
}

/// Why the deliveries of an endpoint wait, in a word or two: `open`, `paused`, `no $OPS_URL`.
#[must_use]
pub fn held_word(held: Held, endpoint: &EndpointRow) -> String {
    match held {
        Held::Circuit => endpoint.circuit.circuit.as_str().to_owned(),
        Held::Removed => "removed".to_owned(),
        Held::Paused => EndpointState::Paused.as_str().to_owned(),
        Held::Disabled => EndpointState::Disabled.as_str().to_owned(),
        Held::Missing => missing_narrow(endpoint),
        Held::RetryAfter(_) => "waits".to_owned(),
    }
}

fn held_narrow(held: Held, endpoint: &EndpointRow, now: Millis) -> String {
    match held {
        Held::Circuit if endpoint.circuit.circuit == Circuit::Open => format!("probe {}", probe(endpoint, now)),
        Held::RetryAfter(until) => figures::countdown(until, now),
        other => held_word(other, endpoint),
    }
}

/// A probe has gone out and not come back.
const UNDER_WAY: &str = "under way";

fn is_idle(endpoint: &EndpointRow) -> bool {
    endpoint.counts.queued + endpoint.counts.scheduled + endpoint.counts.in_flight == 0
}

fn probe(endpoint: &EndpointRow, now: Millis) -> String {
    match endpoint.circuit.probe_at {
        Some(at) if at > now => figures::countdown(at, now),
        _ if endpoint.counts.in_flight > 0 => UNDER_WAY.to_owned(),
        _ if endpoint.counts.queued + endpoint.counts.scheduled > 0 => "now".to_owned(),
        _ => "with the next delivery".to_owned(),
    }
}

fn good_probes(endpoint: &EndpointRow, rules: Rules) -> String {
    let good = endpoint.circuit.good_probes;
    if is_idle(endpoint) {
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
    match endpoint.disabled_by.as_deref() {
        None => EndpointState::Disabled.as_str().to_owned(),
        Some(DISABLED_BY_FILE) => "disabled in the file".to_owned(),
        Some(by) => format!("disabled by {}", escape::line(by)),
    }
}

/// `disabled by 410`, without the status' phrase.
fn disabled_narrow(endpoint: &EndpointRow) -> String {
    match endpoint.disabled_by.as_deref() {
        Some(DISABLED_BY_FILE) => "disabled in file".to_owned(),
        Some(by) => format!("disabled by {}", escape::line(by.split(' ').next().unwrap_or(by))),
        None => disabled(endpoint),
    }
}

fn missing(endpoint: &EndpointRow) -> String {
    endpoint
        .missing
        .as_deref()
        .map_or_else(|| "a variable is not set here".to_owned(), |what| escape::line(what).into_owned())
}

/// `no $OPS_URL`.
fn missing_narrow(endpoint: &EndpointRow) -> String {
    let variable = endpoint.missing.as_deref().and_then(|what| what.split(' ').next());
    let variable = variable.filter(|name| name.starts_with('$'));
    variable.map_or_else(|| "variable not set".to_owned(), |name| format!("no {}", escape::line(name)))
}

mod cure;

#[cfg(test)]
mod tests;
