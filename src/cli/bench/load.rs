//! The events that are delivered, and the ways in which they are accepted.

use std::collections::VecDeque;
use std::time::{Duration, Instant};

use tokio::task::{JoinSet, LocalSet};

use super::super::exit::Failure;
use super::super::place::now;
use super::watch::{Alarm, late, limit_for};
use crate::event::{Details, Event};
use crate::journal::{Accepted, Journal, Refusal, Reply, RouteBy, Submission};

/// Signs everything that is sent, by the raw client and by the engine.
pub const SECRET: &str = "the bench signs with this";

/// The type of the events, and of those for endpoints that do not work.
pub const KIND: &str = "bench.event";

/// The type of events for endpoints that do not work.
pub const SICK_KIND: &str = "bench.sick";

/// Events of one acknowledged batch.
pub const BATCH: u64 = 64;

/// Events of a batch when a journal is only being filled.
const FILLING: u64 = 1_024;

/// An event whose JSON has about 400 bytes.
pub fn event() -> Event {
    Event {
        session: "storefront".to_owned(),
        pane: "storefront__cc_2".to_owned(),
        agent: "claude".to_owned(),
        message: "all 214 tests pass after the orders table moved; the migration took 12 seconds and the import job \
                  waits for a review"
            .to_owned(),
        details: Details::from([
            ("bead".to_owned(), "bd-318".to_owned()),
            ("branch".to_owned(), "orders-migration".to_owned()),
            ("result".to_owned(), "pass".to_owned()),
        ]),
        ..Event::new(KIND)
    }
}

/// Accepts events and answers for them.
#[derive(Debug, Clone)]
pub struct Emitter {
    /// Into this journal.
    pub journal: Journal,
    /// Routed so.
    pub route_by: RouteBy,
    /// Stops when this rings.
    pub alarm: Alarm,
}

impl Emitter {
    /// One acknowledged batch, from now to its commit.
    pub fn batch(&self, events: Vec<Event>) -> Result<Vec<Accepted>, Failure> {
        acknowledged(self.submit(events)?)
    }

    fn submit(&self, events: Vec<Event>) -> Result<Reply<Answers>, Failure> {
        self.alarm.check()?;
        let submissions = events.into_iter().map(Submission::new).collect();
        Ok(self.journal.accept(submissions, self.route_by.clone(), now()))
    }

    /// So many events in batches, each of them acknowledged; while one is committed the next one is made.
    pub fn batches(&self, count: u64) -> Result<(), Failure> {
        self.in_batches_of(BATCH, count, 2)
    }

    /// So many events, each with its own commit, one after the other.
    pub fn one_by_one(&self, count: u64) -> Result<(), Failure> {
        self.in_batches_of(1, count, 1)
    }

    /// So many events, the quickest way.
    pub fn fill(&self, count: u64) -> Result<(), Failure> {
        self.in_batches_of(FILLING, count, 2)
    }

    /// At most `window` batches are on their way at a time.
    fn in_batches_of(&self, size: u64, count: u64, window: usize) -> Result<(), Failure> {
        let (began, limit) = (Instant::now(), limit_for(count));
        let mut left = count;
        let mut on_their_way = VecDeque::new();
        while left > 0 || !on_their_way.is_empty() {
            if began.elapsed() > limit {
                return Err(late("accepting", limit));
            }
            let now = left.min(size);
            if now > 0 {
                on_their_way.push_back(self.submit((0..now).map(|_| event()).collect())?);
                left -= now;
            }
            if on_their_way.len() >= window || left == 0 {
                on_their_way.pop_front().map(acknowledged).transpose()?;
            }
        }
        Ok(())
    }

    /// So many events of [`SICK_KIND`].
    pub fn fill_sick(&self, count: u64) -> Result<(), Failure> {
        let sick = || Event { kind: SICK_KIND.to_owned(), ..event() };
        self.batch((0..count).map(|_| sick()).collect()).map(drop)
    }

    /// So many events by [`BATCH`] emitters at once, each of which waits for the commit of its event before it has another.
    pub fn by_many(&self, count: u64) -> Result<(), Failure> {
        let runtime = tokio::runtime::Builder::new_current_thread().enable_all().build()?;
        let limit = limit_for(count);
        LocalSet::new().block_on(&runtime, async {
            let mut emitters = JoinSet::new();
            for number in 0..BATCH {
                let share = count / BATCH + u64::from(number < count % BATCH);
                emitters.spawn_local(self.clone().each_alone(share));
            }
            let all = async {
                while let Some(ended) = emitters.join_next().await {
                    ended.map_err(|error| Failure::failed(format!("an emitter failed: {error}")))??;
                }
                Ok(())
            };
            tokio::time::timeout(limit, all).await.unwrap_or_else(|_| Err(late("accepting", limit)))
        })
    }

    async fn each_alone(self, count: u64) -> Result<(), Failure> {
        for _ in 0..count {
            self.alarm.check()?;
            let accepted = self.journal.accept(vec![Submission::new(event())], self.route_by.clone(), now()).await?;
            for answer in accepted {
                answer.map_err(|refusal| Failure::failed(refusal.to_string()))?;
            }
        }
        Ok(())
    }
}

type Answers = Vec<Result<Accepted, Refusal>>;

/// Waits for the answers to a batch, which must all be good.
fn acknowledged(reply: Reply<Answers>) -> Result<Vec<Accepted>, Failure> {
    let answers = reply.wait()?;
    answers.into_iter().map(|answer| answer.map_err(|refusal| Failure::failed(refusal.to_string()))).collect()
}

/// The time between two events at so many a second.
pub fn pace(per_second: u32) -> Duration {
    Duration::from_secs(1) / per_second.max(1)
}
