//! A lane: one endpoint with its own concurrency, pace, circuit, holds and, where asked, order. Lanes never wait for one
//! another. Pure: what may be claimed next, and what the end of an attempt changes, with time and chance passed in.

use std::collections::VecDeque;
use std::sync::Arc;

use crate::config::Endpoint;
use crate::event::{Circuit, EndpointState, Millis, State, Trigger};
use crate::journal::{CircuitRow, Claimed, EndpointRow, Pick, Verdict};

use super::circuit;
use super::clock::after;
use super::pace::Pace;

pub use end::{Ended, GONE, Origin};

/// After so many crashes in a row a delivery is sent alone.
pub const CRASHES_ALONE: u32 = 3;

/// One endpoint's lane.
#[derive(Debug)]
#[expect(clippy::struct_excessive_bools, reason = "each is a fact of its own; no two exclude one another")]
pub struct Lane {
    /// The endpoint's journal key.
    pub key: i64,
    /// As the file in force says.
    pub endpoint: Arc<Endpoint>,
    /// Whether it takes part.
    pub state: EndpointState,
    /// A pause that ends by itself.
    pub paused_until: Option<Millis>,
    /// `Retry-After` in force.
    pub hold_until: Option<Millis>,
    /// The breaker.
    pub circuit: CircuitRow,
    /// Grows when the circuit opens: results of attempts begun before move nothing.
    pub generation: u64,
    /// Grows when the address changes: what the old one answers says nothing of the new one.
    pub address: u64,
    /// `rate_limit`.
    pub pace: Option<Pace>,
    /// Deliveries claimed, or asked for, whose results are not committed.
    pub busy: usize,
    /// Those of them whose results are on their way into the journal: what is claimed after them finds their slots free.
    pub landing: usize,
    /// Those of the busy that go past circuit and pause by hand.
    pub by_hand: usize,
    /// A probe is out.
    pub probing: bool,
    /// A claim is under way.
    pub asking: bool,
    /// A result was committed while the claim was under way, which may not have seen it.
    pub overtaken: bool,
    /// What to look for in the journal.
    pub look: Look,
    /// When the next delivery is due, as far as the last claim knows.
    pub next_due: Option<Millis>,
    /// Queued and scheduled deliveries at the last look.
    pub waiting: (u64, u64),
    /// Attempts that a person ordered: order and delivery.
    pub resends: VecDeque<(i64, i64)>,
    /// A delivery waits that crashed too often: it is sent alone.
    pub suspect: bool,
    /// No claim before this: the last one failed.
    pub not_before: Option<Millis>,
}

/// What may have come that a lane does not know of.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Look {
    /// Deliveries that are due.
    pub due: bool,
    /// What a person wants now, which a blocked lane lets pass.
    pub urgent: bool,
}

impl Look {
    /// Both.
    pub const ALL: Self = Self { due: true, urgent: true };
}

/// What to ask the journal for.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Ask {
    /// Which.
    pub pick: Pick,
    /// At most so many.
    pub limit: usize,
    /// What sets the attempts off.
    pub trigger: Trigger,
    /// The order it fulfils.
    pub order: Option<i64>,
}

impl Lane {
    /// A lane as the file and the journal know it.
    #[must_use]
    pub fn new(endpoint: Arc<Endpoint>, row: &EndpointRow, now: Millis) -> Self {
        let mut lane = Self {
            key: row.key,
            state: row.state,
            paused_until: row.paused_until,
            hold_until: None,
            circuit: row.circuit,
            generation: 0,
            address: 0,
            pace: None,
            busy: 0,
            landing: 0,
            by_hand: 0,
            probing: false,
            asking: false,
            overtaken: false,
            look: Look::ALL,
            next_due: None,
            waiting: (row.counts.queued, row.counts.scheduled),
            resends: VecDeque::new(),
            suspect: false,
            not_before: None,
            endpoint,
        };
        lane.adopt(row, now);
        lane.configure(lane.endpoint.clone());
        lane
    }

    /// Takes over the file's rules; what is under way ends with what it began with.
    pub fn configure(&mut self, endpoint: Arc<Endpoint>) {
        let rate = endpoint.policy.rate_limit;
        if self.pace.map(|pace| pace.rate()) != rate {
            self.pace = rate.map(Pace::new);
        }
        if !endpoint.policy.circuit.enabled {
            self.circuit = circuit::restored(self.circuit, &endpoint.policy.circuit, 0);
        }
        self.endpoint = endpoint;
        self.look = Look::ALL;
    }

    /// The address changed, as the journal found: nothing that was known of the old one's health holds for the new one.
    pub fn moved(&mut self, row: &EndpointRow, now: Millis) {
        self.address += 1;
        self.adopt(row, now);
    }

    /// Takes over what the journal says of the circuit and the holds.
    fn adopt(&mut self, row: &EndpointRow, now: Millis) {
        let longest = after(now, super::classify::LONGEST_HOLD);
        self.hold_until = row.hold_until.map(|until| until.min(longest)).filter(|until| *until > now);
        self.circuit = circuit::restored(row.circuit, &self.endpoint.policy.circuit, now);
    }

    /// Notes whether the endpoint takes part: the journal knows.
    pub fn stands(&mut self, state: EndpointState, paused_until: Option<Millis>) {
        if self.state != state {
            self.look = Look::ALL;
        }
        (self.state, self.paused_until) = (state, paused_until);
    }

    /// Notes the counts of a look at the journal. More than this lane knows of means that something may be due.
    pub fn counted(&mut self, queued: u64, scheduled: u64) {
        // A fifo lane may have another head now, whichever way the counts moved.
        let moved = self.endpoint.policy.fifo && self.waiting != (queued, scheduled);
        if moved || queued > self.waiting.0 || scheduled > self.waiting.1 {
            self.look = Look::ALL;
        }
        self.waiting = (queued, scheduled);
    }

    /// Whether the endpoint takes part and can be sent to.
    #[must_use]
    pub fn is_able(&self) -> bool {
        self.endpoint.target.is_some() && matches!(self.state, EndpointState::Active | EndpointState::Paused)
    }

    /// Whether what waits is held by a person or for want of a variable.
    #[must_use]
    pub fn is_set_aside(&self) -> bool {
        !self.is_able() || self.state == EndpointState::Paused
    }

    /// What to claim now, if anything.
    #[must_use]
    pub fn ask(&self, now: Millis) -> Option<Ask> {
        if self.asking || !self.is_able() || self.not_before.is_some_and(|at| at > now) || self.room_of_pace(now) == 0 {
            return None;
        }
        self.ask_by_hand(now).or_else(|| self.ask_due(now))
    }

    /// By hand it goes past circuit, pause and hold; in a fifo lane it waits for the slot.
    fn ask_by_hand(&self, now: Millis) -> Option<Ask> {
        let free = if self.endpoint.policy.fifo { self.busy == 0 } else { self.by_hand < self.concurrency() };
        if !free {
            return None;
        }
        let ask = |pick, order| Ask { pick, limit: 1, trigger: Trigger::Manual, order };
        if let Some((order, delivery)) = self.resends.front() {
            return Some(ask(Pick::Resend(*delivery), Some(*order)));
        }
        // Where nothing is in its way it goes with the others.
        let blocked = self.is_held(now) || self.is_proving();
        (blocked && self.look.urgent && self.waiting != (0, 0)).then(|| ask(Pick::Urgent, None))
    }

    fn ask_due(&self, now: Millis) -> Option<Ask> {
        let due = self.look.due || self.next_due.is_some_and(|at| at <= now);
        if !due || self.is_held(now) || self.waiting == (0, 0) {
            return None;
        }
        let fifo = self.endpoint.policy.fifo;
        if fifo && (self.busy > 0 || self.suspect) {
            return None;
        }
        let limit = self.free_slots(now);
        if limit == 0 {
            return None;
        }
        let (pick, limit) = match (fifo, self.is_proving()) {
            (true, _) => (Pick::Head, 1),
            (false, true) => (Pick::Probe, 1),
            (false, false) => (Pick::Due, limit),
        };
        Some(Ask { pick, limit, trigger: self.trigger(), order: None })
    }

    /// What crashed too often, if it can be sent now, as a probe where one is due: alone, with nothing else in flight.
    #[must_use]
    pub fn ask_suspect(&self, now: Millis) -> Option<Ask> {
        let ready = self.suspect
            && self.is_able()
            && !self.is_held(now)
            && self.not_before.is_none_or(|at| at <= now)
            && self.free_slots(now) > 0;
        ready.then(|| Ask { pick: Pick::Suspect, limit: 1, trigger: self.trigger(), order: None })
    }

    /// Whether what was claimed as due may still be sent: nothing came in its way while the claim was under way.
    #[must_use]
    pub fn is_open_to(&self, trigger: Trigger, now: Millis) -> bool {
        trigger != Trigger::Auto || (!self.is_held(now) && !self.is_proving())
    }

    /// The circuit lets one through at a time, or none.
    fn is_proving(&self) -> bool {
        self.circuit.circuit != Circuit::Closed
    }

    fn trigger(&self) -> Trigger {
        if self.is_proving() { Trigger::Probe } else { Trigger::Auto }
    }

    fn free_slots(&self, now: Millis) -> usize {
        let slots = usize::try_from(circuit::slots(self.circuit, self.policy_concurrency(), now)).unwrap_or(usize::MAX);
        let taken = if self.is_proving() { usize::from(self.probing) } else { self.busy.saturating_sub(self.landing) };
        slots.saturating_sub(taken).min(self.room_of_pace(now))
    }

    /// When [`Lane::ask`] may have an answer that it has not now, if nothing else happens.
    #[must_use]
    pub fn wake_at(&self, now: Millis) -> Option<Millis> {
        if !self.is_able() || self.asking {
            return self.pause_ends();
        }
        let mut due = if self.look.due || self.suspect { Some(now) } else { self.next_due };
        if self.waiting == (0, 0) {
            due = None;
        }
        let ready = due.filter(|_| self.state == EndpointState::Active).map(|due| {
            let probe = self.circuit.probe_at.filter(|_| self.circuit.circuit == Circuit::Open && !self.probing);
            due.max(self.hold_until.unwrap_or(due)).max(probe.unwrap_or(due)).max(self.paced_at(now))
        });
        let by_hand = (!self.resends.is_empty()).then(|| self.paced_at(now));
        let wanted = [ready, by_hand].into_iter().flatten().min().map(|at| at.max(self.not_before.unwrap_or(at)));
        [wanted, self.pause_ends()].into_iter().flatten().filter(|at| *at > now).min()
    }

    fn pause_ends(&self) -> Option<Millis> {
        self.paused_until.filter(|_| self.state == EndpointState::Paused)
    }

    /// Notes that a claim is under way.
    pub fn asked(&mut self, ask: Ask, now: Millis) {
        self.asking = true;
        self.busy += ask.limit;
        if let Some(pace) = &mut self.pace {
            pace.take(now, ask.limit);
        }
        match ask.pick {
            Pick::Urgent => self.look.urgent = false,
            Pick::Resend(_) => drop(self.resends.pop_front()),
            Pick::Suspect => self.suspect = false,
            Pick::Due | Pick::Head | Pick::Probe => self.look.due = false,
        }
        match ask.trigger {
            Trigger::Manual => self.by_hand += ask.limit,
            Trigger::Probe => self.probing = true,
            Trigger::Auto | Trigger::Test => {}
        }
    }

    /// Notes what a claim found.
    pub fn answered(&mut self, ask: Ask, claimed: &[Claimed], next_due: Option<Millis>) {
        self.asking = false;
        let unused = ask.limit.saturating_sub(claimed.len());
        for one in claimed {
            match one.was {
                State::Queued => self.waiting.0 = self.waiting.0.saturating_sub(1),
                State::Scheduled => self.waiting.1 = self.waiting.1.saturating_sub(1),
                _ => {}
            }
        }
        if let Some(pace) = &mut self.pace {
            pace.give_back(unused);
        }
        match ask.pick {
            Pick::Urgent => self.look.urgent |= next_due.is_some(),
            Pick::Due | Pick::Head | Pick::Probe => self.next_due = next_due,
            Pick::Suspect => self.suspect = next_due.is_some(),
            Pick::Resend(_) => {}
        }
        self.look.due |= std::mem::take(&mut self.overtaken);
        for _ in 0..unused {
            self.freed(ask.trigger);
        }
    }

    /// Notes that a result is in the journal, and with it what it made of the delivery, which `was` so before its claim.
    pub fn committed(&mut self, trigger: Trigger, was: State, verdict: Verdict) {
        self.freed(trigger);
        self.overtaken |= self.asking;
        match verdict {
            Verdict::Retry(due) => {
                self.next_due = Some(self.next_due.map_or(due, |known| known.min(due)));
                self.waiting.1 += 1;
            }
            // Its due time is known to the journal only.
            Verdict::Back => {
                self.look.due = true;
                match was {
                    State::Queued => self.waiting.0 += 1,
                    State::Scheduled => self.waiting.1 += 1,
                    _ => {}
                }
            }
            // In a fifo lane the next one may be the head now.
            Verdict::Delivered | Verdict::Dead(_) => self.look.due |= self.endpoint.policy.fifo,
        }
    }

    /// Notes that a slot is free: the result is committed, or there was nothing for it.
    pub fn freed(&mut self, trigger: Trigger) {
        self.busy = self.busy.saturating_sub(1);
        match trigger {
            Trigger::Manual => self.by_hand = self.by_hand.saturating_sub(1),
            Trigger::Probe => self.probing = false,
            Trigger::Auto | Trigger::Test => {}
        }
    }

    fn is_held(&self, now: Millis) -> bool {
        self.state != EndpointState::Active || self.hold_until.is_some_and(|until| until > now)
    }

    fn policy_concurrency(&self) -> u32 {
        if self.endpoint.policy.fifo { 1 } else { self.endpoint.policy.concurrency.max(1) }
    }

    fn concurrency(&self) -> usize {
        usize::try_from(self.policy_concurrency()).unwrap_or(usize::MAX)
    }

    fn room_of_pace(&self, now: Millis) -> usize {
        self.pace.map_or(usize::MAX, |pace| pace.room(now))
    }

    fn paced_at(&self, now: Millis) -> Millis {
        self.pace.filter(|pace| pace.room(now) == 0).map_or(now, |pace| pace.next_at())
    }
}

mod end;
#[cfg(test)]
mod tests;
