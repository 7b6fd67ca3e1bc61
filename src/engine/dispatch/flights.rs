//! Attempts under way: begun, ended, committed, cut off.

use std::sync::Arc;

use tokio::task::AbortHandle;

use crate::config::{Config, Endpoint};
use crate::event::{Millis, Trigger};
use crate::journal::{Claimed, Pick, Settlement};
use crate::wire::Request;

use super::super::attempt::{self, Cleaner, Journaled, Numbered};
use super::super::classify::{self, Meaning};
use super::super::lane::{Ask, Lane, Origin};
use super::super::senders::{Answer, Job};
use super::super::transport::Sent;
use super::notices::Notice;
use super::turn::{JOURNAL_RETRY, Landing};
use super::{Dispatch, Done};

/// A delivery claimed and its request under way.
pub(super) struct Flight {
    slot: Slot,
    origin: Origin,
    claimed: Claimed,
    numbered: Numbered,
    /// None where it could not be rendered.
    request: Option<Arc<Request>>,
    /// The file it began with, and what that says of the endpoint.
    config: Arc<Config>,
    endpoint: Arc<Endpoint>,
    task: Option<AbortHandle>,
}

/// A place in a lane.
#[derive(Debug, Clone, Copy)]
pub(super) struct Slot {
    pub lane: i64,
    /// What it was asked for with.
    pub trigger: Trigger,
}

impl Dispatch {
    /// Begins an attempt; a claim that cannot be begun any more is given back, unlogged.
    pub(super) fn start(&mut self, key: i64, ask: Ask, claimed: Claimed) {
        let now = self.desk.clock.now();
        let slot = Slot { lane: key, trigger: ask.trigger };
        let trigger = if claimed.urgent { Trigger::Manual } else { ask.trigger };
        let may = |lane: &&Lane| self.draining.is_none() && lane.is_able() && lane.is_open_to(trigger, now);
        let ready = self.lanes.get(&key).filter(may);
        let Some((lane, target)) = ready.and_then(|lane| Some((lane, lane.endpoint.target.as_ref()?))) else {
            self.give_back(slot, claimed.delivery, now);
            return;
        };
        let resend = matches!(ask.pick, Pick::Resend(_));
        let rendered = attempt::request(
            target,
            &claimed.event,
            claimed.event_seq,
            &claimed.id,
            claimed.number,
            self.desk.clock.wall(),
        );
        let mut flight = Flight {
            slot,
            origin: Origin { generation: lane.generation, address: lane.address, trigger, resend },
            numbered: Numbered { number: claimed.number, started_at: now, trigger },
            request: None,
            config: self.config.clone(),
            endpoint: lane.endpoint.clone(),
            task: None,
            claimed,
        };
        let delivery = flight.claimed.delivery;
        match rendered {
            Ok(request) => {
                let request = Arc::new(request);
                flight.request = Some(request.clone());
                let timeout = lane.endpoint.policy.timeout;
                flight.task = self.senders.send(Job { delivery, request, timeout }, self.flights.len());
                self.flights.insert(delivery, flight);
            }
            Err(error) => self.conclude(&flight, &Sent::default(), &classify::unsent(error.reason, error.text)),
        }
    }

    fn give_back(&mut self, slot: Slot, delivery: i64, now: Millis) {
        if let Some(lane) = self.lanes.get_mut(&slot.lane) {
            lane.freed(slot.trigger);
            lane.look.due = true;
        }
        self.looks.changed = true;
        let reply = self.desk.journal.release(self.desk.epoch, vec![delivery], now);
        self.tasks.spawn(async move { Done::Aside(reply.await) });
    }

    /// An answer came, or failed to.
    pub(super) fn answered(&mut self, (delivery, sent): Answer) {
        // What was cut off meanwhile is settled already.
        let Some(flight) = self.flights.remove(&delivery) else { return };
        let Some(sent) = &sent else { return self.broke_off(&flight) };
        let meaning = classify::classify(sent, &flight.endpoint.policy, self.desk.clock.wall());
        self.conclude(&flight, sent, &meaning);
    }

    fn conclude(&mut self, flight: &Flight, sent: &Sent, meaning: &Meaning) {
        let now = self.desk.clock.now();
        let Some(lane) = self.lanes.get_mut(&flight.slot.lane) else { return };
        let retry = &flight.endpoint.policy.retry;
        let ended = lane.ended(flight.origin, retry, &flight.claimed, meaning, now, fastrand::f64());
        let record = attempt::record(
            &flight.numbered,
            flight.request.as_deref(),
            Some(Journaled { event: &flight.claimed.event, delivery_id: Some(&flight.claimed.id) }),
            sent,
            meaning,
            Cleaner::of(&flight.config),
        );
        let notice = Notice::of(lane, &ended, &flight.claimed.id, record.error.as_deref());
        let settlement = Settlement {
            epoch: self.desk.epoch,
            delivery: flight.claimed.delivery,
            endpoint: flight.slot.lane,
            was: flight.claimed.was,
            claimed_at: flight.claimed.claimed_at,
            body_hash: flight.claimed.body_hash.clone(),
            attempt: record,
            verdict: ended.verdict,
            charged: ended.charged,
            update: ended.update,
        };
        self.results.push(settlement, Landing { slot: flight.slot, notice });
    }

    /// Cuts off what is in flight: logged as interrupted, charged nothing.
    pub(super) fn interrupt_all(&mut self, now: Millis) {
        let deliveries: Vec<i64> = self.flights.keys().copied().collect();
        for flight in std::mem::take(&mut self.flights).into_values() {
            if let Some(task) = flight.task {
                task.abort();
            }
        }
        self.interrupt(deliveries, now);
    }

    fn interrupt(&mut self, deliveries: Vec<i64>, now: Millis) {
        let reply = self.desk.journal.interrupt(self.desk.epoch, deliveries, now);
        self.tasks.spawn(async move { Done::Aside(reply.await) });
    }

    /// A request whose task broke off, which is a fault of ours and must not cost a delivery.
    fn broke_off(&mut self, flight: &Flight) {
        self.looks.changed = true;
        if let Some(lane) = self.lanes.get_mut(&flight.slot.lane) {
            lane.freed(flight.slot.trigger);
            lane.not_before = Some(super::after(self.desk.clock.now(), JOURNAL_RETRY));
        }
        self.interrupt(vec![flight.claimed.delivery], self.desk.clock.now());
    }
}

impl Lane {
    /// Puts back what an ask took from the lane's own lists when its claim failed.
    pub(super) fn ask_again(&mut self, ask: Ask) {
        match (ask.pick, ask.order) {
            (Pick::Resend(delivery), Some(order)) => self.resends.push_front((order, delivery)),
            (Pick::Urgent, _) => self.look.urgent = true,
            (Pick::Suspect, _) => self.suspect = true,
            _ => self.look.due = true,
        }
    }
}
