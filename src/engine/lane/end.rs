//! The end of an attempt: what it changes of the delivery, of its lane and of the endpoint's row.

use std::time::Duration;

use super::super::circuit::{self, Change, Standing};
use super::super::classify::{Fate, Hold, Meaning};
use super::super::clock::after;
use super::super::retry;
use super::Lane;
use crate::config::Retry;
use crate::event::{Circuit, EndpointState, Millis, Reason, Trigger};
use crate::journal::{Claimed, EndpointUpdate, Verdict};

/// Why an endpoint is disabled that answered 410.
pub const GONE: &str = "410 Gone";

/// How an attempt was set off, kept until its end.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Origin {
    /// The lane's generation when it began.
    pub generation: u64,
    /// The lane's address when it began.
    pub address: u64,
    /// What set it off.
    pub trigger: Trigger,
    /// `resend`: a failure leaves the delivery as it was.
    pub resend: bool,
}

/// What the end of an attempt changes.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Ended {
    /// For the delivery.
    pub verdict: Verdict,
    /// Whether it was a try.
    pub charged: bool,
    /// For the endpoint's row.
    pub update: EndpointUpdate,
    /// For log and alerts.
    pub change: Option<Change>,
    /// It disabled the endpoint.
    pub disabled: bool,
}

impl Lane {
    /// What the end of an attempt changes; the lane's own circuit and holds are changed at once. `retry`: the rules that it
    /// began with, while the circuit goes by those of today. `dice` (0 to 1) picks within the jitter.
    pub fn ended(
        &mut self,
        origin: Origin,
        retry: &Retry,
        claimed: &Claimed,
        meaning: &Meaning,
        now: Millis,
        dice: f64,
    ) -> Ended {
        let policy = self.endpoint.policy.circuit;
        let standing = self.standing(origin);
        let is_here = origin.address == self.address;
        let before = self.circuit;
        let (next, change) =
            circuit::after_result(before, &policy, self.policy_concurrency(), standing, meaning.report, now);
        if change == Some(Change::Opened) {
            self.generation += 1;
        }
        self.circuit = next;
        let delivered = meaning.fate == Fate::Delivered;
        let counts = delivered || meaning.fate != Fate::Again || circuit::charges(before, self.circuit, standing);
        let charged = !origin.resend && !meaning.free && counts;
        let tries = claimed.tries.saturating_add(u32::from(charged));
        let wait = retry::delay(retry, if charged { tries } else { tries.saturating_add(1) }, dice);
        let held = meaning.hold.filter(|_| is_here).map(|hold| self.hold(hold, wait, now));
        let disabled = meaning.disables && is_here && self.is_able();
        if disabled {
            self.state = EndpointState::Disabled;
        }
        let update = EndpointUpdate {
            circuit: (self.circuit != before).then_some(self.circuit),
            state: disabled.then_some(EndpointState::Disabled),
            disabled_by: disabled.then(|| GONE.to_owned()),
            hold_until: held.map(Some),
            ..EndpointUpdate::default()
        };
        let verdict = match meaning.fate {
            Fate::Delivered => Verdict::Delivered,
            _ if origin.resend => Verdict::Back,
            Fate::Dead(reason) => Verdict::Dead(reason),
            Fate::Again if charged && retry::is_exhausted(retry, tries) => Verdict::Dead(Reason::Exhausted),
            Fate::Again => Verdict::Retry(after(now, wait).max(held.unwrap_or(now))),
        };
        Ended { verdict, charged, update, change, disabled }
    }

    fn standing(&self, origin: Origin) -> Standing {
        let past = self.circuit.circuit != Circuit::Closed || self.state == EndpointState::Paused;
        match origin.trigger {
            _ if (origin.generation, origin.address) != (self.generation, self.address) => Standing::Stale,
            Trigger::Manual if past => Standing::ByHand,
            Trigger::Probe => Standing::Probe,
            _ => Standing::Ordinary,
        }
    }

    /// Holds the endpoint; an earlier hold that lasts longer stands.
    fn hold(&mut self, hold: Hold, backoff: Duration, now: Millis) -> Millis {
        let until = match hold {
            Hold::For(wait) => after(now, wait),
            Hold::Backoff => after(now, backoff),
        };
        let until = until.max(self.hold_until.unwrap_or(until));
        self.hold_until = Some(until);
        until
    }
}
