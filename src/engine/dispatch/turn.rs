//! Turns: what the dispatcher has to tell the journal and to ask of it, in one operation.
//!
//! One turn at a time. While it is on its way results gather, and slots become free: the next one takes them together. So
//! the busier the dispatcher is, the fewer commits each delivery costs; and a slot that a result frees is given to the next
//! delivery in the transaction that stores the result.
//!
//! A slot is free at the commit, not at the answer: so a crash repeats no more than there are slots. While events come in fast
//! it is the slots that wait, for the journal: with three times as many a quarter more is delivered then (38 -> 48 k/s), and
//! no more where nothing but results is written.

use std::sync::Arc;
use std::time::Duration;

use crate::event::Millis;
use crate::journal::{Claim, ClaimRequest, Claimed, EndpointUpdate, JournalError, Settlement, Turn, Turned};

use super::super::clock::{after, millis};
use super::super::lane::{Ask, CRASHES_ALONE};
use super::Dispatch;
use super::flights::Slot;
use super::notices::Notice;

/// Most deliveries claimed for a lane at once.
const MOST_CLAIMED: usize = 256;

/// How long to wait before the journal is tried again when it refuses to work.
pub(super) const JOURNAL_RETRY: Duration = Duration::from_secs(1);

/// A turn on its way.
pub(super) struct Sent {
    settlements: Arc<Vec<Settlement>>,
    landings: Vec<Landing>,
    asks: Vec<(i64, Ask)>,
    /// The time it was made for.
    at: Millis,
}

/// Results that wait for the next turn: they are large, and go into the journal as they lie here.
#[derive(Default)]
pub(super) struct Results {
    settlements: Vec<Settlement>,
    /// One for each.
    landings: Vec<Landing>,
}

impl Results {
    pub fn push(&mut self, settlement: Settlement, landing: Landing) {
        self.settlements.push(settlement);
        self.landings.push(landing);
    }

    pub fn len(&self) -> usize {
        self.settlements.len()
    }

    pub fn is_empty(&self) -> bool {
        self.settlements.is_empty()
    }

    /// Takes them out; as many are likely to come again.
    fn take(&mut self) -> Self {
        let next = Self { settlements: Vec::with_capacity(self.len()), landings: Vec::with_capacity(self.len()) };
        std::mem::replace(self, next)
    }
}

/// What the commit of a result means to its lane.
pub(super) struct Landing {
    pub slot: Slot,
    pub notice: Option<Notice>,
}

impl Dispatch {
    /// Takes a turn if there is something to tell or to ask, unless one is on its way.
    pub(super) fn take_turn(&mut self, now: Millis) {
        let waits = self.turn_not_before.is_some_and(|at| at > now);
        if self.turn.is_some() || waits {
            return;
        }
        let Results { settlements, landings } = self.results.take();
        for landing in &landings {
            if let Some(lane) = self.lanes.get_mut(&landing.slot.lane) {
                lane.landing += 1;
            }
        }
        let asks = if self.draining.is_none() { self.asks(now) } else { Vec::new() };
        if settlements.is_empty() && asks.is_empty() {
            return;
        }
        let claims = asks.iter().filter_map(|(key, ask)| self.claim_request(*key, *ask, now)).collect();
        let sent = Sent { settlements: Arc::new(settlements), landings, asks, at: now };
        let reply = self.desk.journal.turn(Turn { settlements: sent.settlements.clone(), claims, now });
        self.turn = Some((sent, reply));
    }

    /// What the lanes can send now.
    fn asks(&mut self, now: Millis) -> Vec<(i64, Ask)> {
        let busy: usize = self.lanes.values().map(|lane| lane.busy).sum();
        if self.alone && busy > 0 {
            return Vec::new();
        }
        self.alone = false;
        let suspect = self.lanes.values().find_map(|lane| lane.ask_suspect(now).map(|ask| (lane.key, ask)));
        let asks = match suspect {
            Some(_) if busy > 0 => Vec::new(),
            Some(suspect) => {
                self.alone = true;
                vec![suspect]
            }
            None => self.lanes.values().filter_map(|lane| lane.ask(now).map(|ask| (lane.key, ask))).collect(),
        };
        asks.into_iter().map(|(key, ask)| (key, Ask { limit: ask.limit.min(MOST_CLAIMED), ..ask })).collect()
    }

    fn claim_request(&mut self, key: i64, ask: Ask, now: Millis) -> Option<ClaimRequest> {
        let lane = self.lanes.get_mut(&key)?;
        lane.asked(ask, now);
        Some(ClaimRequest {
            epoch: self.desk.epoch,
            endpoint: key,
            pick: ask.pick,
            trigger: ask.trigger,
            limit: ask.limit,
            now,
            max_age: lane.endpoint.policy.max_age.map(|age| u64::try_from(millis(age)).unwrap_or(u64::MAX)),
            below_crashes: CRASHES_ALONE,
        })
    }

    /// The journal has taken the turn, or refused to.
    pub(super) fn turned(&mut self, sent: Sent, turned: Result<Turned, JournalError>) {
        for landing in &sent.landings {
            if let Some(lane) = self.lanes.get_mut(&landing.slot.lane) {
                lane.landing = lane.landing.saturating_sub(1);
            }
        }
        match turned {
            Ok(turned) => {
                self.trouble = None;
                self.settled(sent.landings, &sent.settlements);
                self.bury(&turned.buried);
                let Some(claims) = turned.claims else { return self.fail(&JournalError::Superseded) };
                let mut claimed = Vec::new();
                for ((key, ask), claim) in sent.asks.into_iter().zip(claims) {
                    let found = self.claimed(key, ask, sent.at, claim);
                    claimed.extend(found.into_iter().map(|one| (key, ask, one)));
                }
                // What has gathered goes first: the journal works on it while the requests are made.
                self.take_answers();
                self.take_turn(self.desk.clock.now());
                for (key, ask, one) in claimed {
                    self.start(key, ask, one);
                }
            }
            Err(error) => self.refused(sent, &error),
        }
    }

    /// The results are in the journal: their slots are free.
    fn settled(&mut self, landings: Vec<Landing>, settlements: &[Settlement]) {
        for (settlement, landing) in settlements.iter().zip(landings) {
            if let Some(lane) = self.lanes.get_mut(&landing.slot.lane) {
                lane.committed(landing.slot.trigger, settlement.was, settlement.verdict);
            }
            if let Some(notice) = landing.notice {
                self.tell(&notice);
            }
        }
    }

    /// What a claim found: answers with what is to be sent.
    fn claimed(&mut self, key: i64, ask: Ask, asked_at: Millis, claim: Claim) -> Vec<Claimed> {
        let now = self.desk.clock.now();
        if let Some(lane) = self.lanes.get_mut(&key) {
            lane.answered(ask, &claim.claimed, claim.next_due);
            // A journal that promises and does not give must not make this loop spin.
            let empty = claim.claimed.is_empty() && claim.expired.is_empty();
            lane.not_before = (empty && claim.next_due.is_some_and(|due| due <= asked_at)).then_some(now + 100);
        }
        if let Some(order) = ask.order {
            self.finish_order(order, EndpointUpdate::default());
            if claim.claimed.is_empty() {
                self.log_order_refused(key, "resend: it is in flight, cleared or gone");
            }
        }
        self.looks.changed |= !claim.expired.is_empty();
        self.bury(&claim.expired);
        if self.lanes.get(&key).is_some_and(|lane| lane.endpoint.policy.fifo) {
            for one in &claim.expired {
                self.pass_over(key, &one.id);
            }
        }
        claim.claimed
    }

    /// While the journal refuses to work the results are kept and offered again.
    fn refused(&mut self, sent: Sent, error: &JournalError) {
        self.fail(error);
        let now = self.desk.clock.now();
        self.turn_not_before = Some(after(now, JOURNAL_RETRY));
        for (key, ask) in sent.asks {
            if let Some(lane) = self.lanes.get_mut(&key) {
                lane.answered(ask, &[], Some(now));
                lane.ask_again(ask);
            }
        }
        let newer = self.results.take();
        let settlements = Arc::unwrap_or_clone(sent.settlements).into_iter().chain(newer.settlements).collect();
        let landings = sent.landings.into_iter().chain(newer.landings).collect();
        self.results = Results { settlements, landings };
    }
}
