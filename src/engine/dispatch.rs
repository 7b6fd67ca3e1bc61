//! The dispatcher: keeps every lane filled from the journal, sends, and journals what came of it.
//!
//! One loop, one thread. It never waits for a commit or an answer itself: claims, attempts and commits are tasks whose
//! ends come back to the loop as [`Done`]. In flight means claimed and its result not yet committed.

mod apply;
mod flights;
mod look;
mod notices;
mod turn;

use std::collections::{BTreeMap, HashMap, HashSet};
use std::sync::Arc;
use std::time::{Duration, Instant};

use tokio::sync::{mpsc, watch};
use tokio::task::JoinSet;

use crate::config::{Config, Network};
use crate::event::Millis;
use crate::journal::lock::DispatcherLock;
use crate::journal::wake::WakeSocket;
use crate::journal::{Buried, Epoch, Journal, JournalError, Overflow, Reader, Reply, TakeOver, Turned};

use super::Control;
use super::alerts::Alerts;
use super::clock::{Clock, after};
use super::files::Files;
use super::lane::Lane;
use super::senders::Senders;
use super::status::Publisher;
use super::transport::{Script, Transport};
use super::upkeep::Upkeeper;
use flights::Flight;
use look::Looks;
use turn::Results;

/// How often the network is looked at for more answers before those at hand go into the journal.
const GATHERINGS: usize = 2;

/// The number in flight is told at most so often: it changes thousands of times a second, and each time would wake
/// whoever shows it.
const PUBLISH_APART: Duration = Duration::from_millis(10);

/// How long a drain whose patience has run out waits for the last commits.
const LAST_COMMITS: Duration = Duration::from_secs(2);

/// What the dispatcher works with.
pub(super) struct Desk {
    pub journal: Journal,
    pub clock: Clock,
    pub epoch: Epoch,
    pub lock: Arc<DispatcherLock>,
    /// Stands in for the network in tests.
    pub script: Option<Arc<dyn Script>>,
}

/// What it listens to.
pub(super) struct Inputs<'a> {
    pub control: &'a mut mpsc::UnboundedReceiver<Control>,
    pub files: &'a mut Files,
    pub wake: Option<WakeSocket>,
    /// What others, in this process too, did to the journal.
    pub news: watch::Receiver<i64>,
}

/// Why it ended.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum End {
    /// Told to stop.
    Stopped,
    /// Told to stop for a while.
    Suspended,
    /// Another dispatcher has the lease, the journal is closed, or it or its lock is not in its place any more.
    Lost,
}

/// The end of a task.
enum Done {
    Ordered(i64, Result<(), JournalError>),
    Expired(Result<Vec<Buried>, JournalError>),
    Overflowed(Result<Overflow, JournalError>),
    Upkept(Result<bool, JournalError>),
    /// A write nothing waits for: a log line, an alert, a release.
    Aside(Result<(), JournalError>),
}

pub(super) struct Dispatch {
    desk: Desk,
    reader: Reader,
    config: Arc<Config>,
    senders: Senders,
    lanes: BTreeMap<i64, Lane>,
    flights: HashMap<i64, Flight>,
    results: Results,
    /// The turn on its way.
    turn: Option<(turn::Sent, Reply<Turned>)>,
    /// The journal refused the last turn.
    turn_not_before: Option<Millis>,
    tasks: JoinSet<Done>,
    orders_taken: HashSet<i64>,
    alerts: Alerts,
    upkeep: Upkeeper,
    looks: Looks,
    /// What crashed too often is being sent: nothing else goes.
    alone: bool,
    draining: Option<(Millis, End)>,
    /// When the status may be published again, and what of it does not wait for that.
    published: Option<(Instant, (bool, bool, bool))>,
    trouble: Option<String>,
    lost: bool,
}

impl Dispatch {
    /// Takes up work: applies the file and looks at the journal.
    pub async fn begin(desk: Desk, taken: &TakeOver, config: Arc<Config>) -> Result<Self, String> {
        let now = desk.clock.now();
        let reader = desk.journal.reader().map_err(|error| error.to_string())?;
        let mut dispatch = Self {
            senders: Senders::new(transport(desk.script.as_ref(), &config.network), config.network.clone()),
            upkeep: Upkeeper::new(now, desk.clock.wall(), taken.newest_time),
            reader,
            config: config.clone(),
            lanes: BTreeMap::new(),
            flights: HashMap::new(),
            results: Results::default(),
            turn: None,
            turn_not_before: None,
            tasks: JoinSet::new(),
            orders_taken: HashSet::new(),
            alerts: Alerts::default(),
            looks: Looks::new(now),
            alone: false,
            draining: None,
            published: None,
            trouble: None,
            lost: false,
            desk,
        };
        dispatch.apply(config).await.map_err(|error| error.to_string())?;
        dispatch.end_pauses(now);
        Ok(dispatch)
    }

    /// Delivers until told to stop.
    pub async fn run(&mut self, inputs: &mut Inputs<'_>, status: &mut Publisher) -> End {
        loop {
            // One time for the whole round: what becomes due between filling and going to sleep must not be slept through.
            let now = self.desk.clock.now();
            if self.draining.is_none() {
                self.look(now);
            }
            self.take_turn(now);
            self.publish(status);
            if self.lost {
                return End::Lost;
            }
            if let Some(end) = self.drained() {
                return end;
            }
            // Who drains looks no more.
            let (wake_at, look_at) = (self.wake_at(now), self.looks.due_at().filter(|_| self.draining.is_none()));
            let publish_at = self.published.map(|(at, _)| at).filter(|_| status.in_flight() != self.flights.len());
            let clock = self.desk.clock.clone();
            tokio::select! {
                biased;
                turned = turned(&mut self.turn) => {
                    if let Some((sent, _)) = self.turn.take() {
                        self.turned(sent, turned);
                    }
                    self.look_again_if_blurred();
                }
                Some(done) = self.tasks.join_next() => self.take_done(Some(done)),
                answers = self.senders.answers() => {
                    for answer in answers {
                        self.answered(answer);
                    }
                    self.gather().await;
                }
                told = inputs.control.recv() => self.told(told.as_ref()),
                _ = inputs.news.changed() => self.looks.changed = true,
                () = nudged(inputs.wake.as_ref()) => self.looks.changed = true,
                config = inputs.files.next() => {
                    status.update(|status| status.file = inputs.files.status().clone());
                    self.take_file(config, inputs.files).await;
                    status.update(|status| status.file = inputs.files.status().clone());
                }
                () = clock.sleep_until(wake_at) => {}
                () = reached(look_at) => {}
                () = reached(publish_at) => {}
            }
        }
    }

    /// Answers that are there already share the turn: lets them be read first. Waits for nothing.
    async fn gather(&mut self) {
        for _ in 0..GATHERINGS {
            if self.turn.is_some() || self.results.is_empty() || self.results.len() * 2 >= self.flights.len() {
                return;
            }
            let before = self.results.len();
            tokio::task::yield_now().await;
            self.take_answers();
            if self.results.len() == before {
                return;
            }
        }
    }

    /// Takes the answers that are there.
    fn take_answers(&mut self) {
        while let Some(answer) = self.senders.answer() {
            self.answered(answer);
        }
    }

    fn take_done(&mut self, mut next: Option<Result<Done, tokio::task::JoinError>>) {
        while let Some(done) = next {
            match done {
                Ok(done) => self.ended(done),
                Err(_) => self.fail(&JournalError::Sqlite("a task of the dispatcher failed".to_owned())),
            }
            next = self.tasks.try_join_next();
        }
    }

    fn ended(&mut self, done: Done) {
        match done {
            Done::Ordered(order, result) => {
                self.orders_taken.remove(&order);
                self.noted(result);
            }
            Done::Expired(Ok(buried)) => self.bury(&buried),
            Done::Overflowed(Ok(overflow)) => self.tell_overflow(&overflow),
            Done::Upkept(Ok(more)) => self.upkeep.done(more),
            Done::Expired(Err(error)) | Done::Overflowed(Err(error)) | Done::Upkept(Err(error)) => self.fail(&error),
            Done::Aside(result) => self.noted(result),
        }
        self.look_again_if_blurred();
    }

    fn told(&mut self, control: Option<&Control>) {
        let now = self.desk.clock.now();
        let (patience, end) = match control {
            Some(Control::Drain(patience)) => (*patience, End::Stopped),
            Some(Control::Suspend) => (super::PATIENCE, End::Suspended),
            Some(Control::Resume) => return,
            None => (Duration::ZERO, End::Stopped),
        };
        let until = after(now, patience);
        let (before, kept) = self.draining.unwrap_or((until, end));
        // A stop is not softened by a suspension that comes after it.
        let end = if kept == End::Stopped { kept } else { end };
        self.draining = Some((until.min(before), end));
    }

    /// While draining: whether it is over. When the patience has run out, what is in flight is cut off.
    fn drained(&mut self) -> Option<End> {
        let (until, end) = self.draining?;
        let now = self.desk.clock.now();
        if !self.flights.is_empty() && now >= until {
            self.interrupt_all(now);
        }
        let given_up = now >= after(until, LAST_COMMITS);
        (given_up
            || (self.tasks.is_empty() && self.turn.is_none() && self.flights.is_empty() && self.results.is_empty()))
        .then_some(end)
    }

    fn wake_at(&self, now: Millis) -> Millis {
        if let Some((until, _)) = self.draining {
            return if now < until { until } else { after(until, LAST_COMMITS) };
        }
        let lanes = self.lanes.values().filter_map(|lane| lane.wake_at(now)).min();
        let turn = self.turn_not_before.filter(|at| *at > now);
        [lanes, turn].into_iter().flatten().fold(self.looks.next, Millis::min)
    }

    fn publish(&mut self, status: &mut Publisher) {
        let now = Instant::now();
        let told = (self.is_idle(), self.trouble.is_some(), self.draining.is_some());
        if let Some((again_at, before)) = self.published
            && before == told
            && now < again_at
        {
            return;
        }
        self.published = Some((now + PUBLISH_APART, told));
        status.update(|status| {
            status.in_flight = self.flights.len();
            status.idle = self.is_idle();
            status.trouble.clone_from(&self.trouble);
            if self.draining.is_some() {
                status.role = super::Role::Draining;
            }
        });
    }

    /// Nothing is in flight and nothing can become due by itself.
    fn is_idle(&self) -> bool {
        let quiet = |lane: &Lane| {
            lane.busy == 0 && (lane.is_set_aside() || (lane.waiting == (0, 0) && lane.resends.is_empty()))
        };
        !self.looks.changed
            && !self.looks.blurred
            && self.tasks.is_empty()
            && self.flights.is_empty()
            && self.results.is_empty()
            && self.turn.is_none()
            && self.orders_taken.is_empty()
            && self.lanes.values().all(quiet)
    }

    fn noted(&mut self, result: Result<(), JournalError>) {
        if let Err(error) = result {
            self.fail(&error);
        }
    }

    fn fail(&mut self, error: &JournalError) {
        self.lost |= matches!(error, JournalError::Superseded | JournalError::Closed);
        self.trouble = Some(error.to_string());
    }
}

/// The network, or the script that stands in for it.
fn transport(script: Option<&Arc<dyn Script>>, network: &Network) -> Transport {
    script.map_or_else(|| Transport::http(network), |script| Transport::Scripted(script.clone()))
}

/// The end of the turn on its way.
async fn turned(turn: &mut Option<(turn::Sent, Reply<Turned>)>) -> Result<Turned, JournalError> {
    match turn {
        Some((_, reply)) => reply.await,
        None => std::future::pending().await,
    }
}

async fn reached(time: Option<Instant>) {
    match time {
        Some(time) => tokio::time::sleep_until(time.into()).await,
        None => std::future::pending().await,
    }
}

async fn nudged(wake: Option<&WakeSocket>) {
    match wake {
        Some(wake) => wake.nudged().await,
        None => std::future::pending().await,
    }
}
