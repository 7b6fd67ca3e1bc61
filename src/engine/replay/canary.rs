//! What a gentle replay does next. Pure: what was sent and how it fares goes in, a move comes out.

use std::sync::Arc;
use std::time::Duration;

use crate::config::Rate;
use crate::journal::{Sent, Stand};

use super::fate;

/// So many go out together once the first of an endpoint was delivered. All of them must be delivered too.
const SECOND: usize = 10;
/// Steps of the rest are no closer together.
const STEP: Duration = Duration::from_millis(100);
/// No more than this are queued in one step.
const MOST: usize = 500;

/// What to do.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Move {
    /// Queue the next ones.
    Send {
        /// At most so many.
        limit: usize,
        /// Past circuit and pause: one alone, that a person waits for.
        urgent: bool,
    },
    /// Look again when something happens, or after this long.
    Wait(Option<Duration>),
    /// One failed again: what, in words.
    Stop(String),
}

/// What became of one that was queued again.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Fate {
    /// It is on its way.
    Waits,
    /// It was delivered.
    Good,
    /// It failed again: what, in words.
    Failed(String),
}

/// Where a gentle replay stands.
#[derive(Debug, Clone)]
pub struct Canary {
    pace: Rate,
    /// Queued of the endpoint whose turn it is.
    sent: usize,
    /// Its name.
    endpoint: Arc<str>,
    /// On their way, of whichever endpoint.
    watched: Vec<(Arc<str>, Sent)>,
    failed: Option<String>,
    /// Up to when the pace has been used up.
    spent: Duration,
}

impl Canary {
    /// Nothing was sent yet; the rest will go at this pace.
    #[must_use]
    pub fn new(pace: Rate) -> Self {
        Self { pace, sent: 0, endpoint: "".into(), watched: Vec::new(), failed: None, spent: Duration::ZERO }
    }

    /// What to do, so long after the beginning.
    #[must_use]
    pub fn next(&self, now: Duration) -> Move {
        if let Some(what) = &self.failed {
            return Move::Stop(what.clone());
        }
        match self.sent {
            0 => Move::Send { limit: 1, urgent: true },
            _ if self.is_proving() && !self.watched.is_empty() => Move::Wait(None),
            1..=SECOND => Move::Send { limit: SECOND + 1 - self.sent, urgent: false },
            _ => self.at_pace(now),
        }
    }

    fn at_pace(&self, now: Duration) -> Move {
        let room = self.most_watched().saturating_sub(self.watched.len());
        if room == 0 {
            return Move::Wait(None);
        }
        let cost = self.cost();
        let saved = now.saturating_sub(self.spent_by(now));
        let due = usize::try_from(saved.as_nanos() / cost.as_nanos().max(1)).unwrap_or(usize::MAX);
        match due {
            0 => Move::Wait(Some(cost.saturating_sub(saved).max(STEP))),
            _ => Move::Send { limit: due.min(room).min(MOST), urgent: false },
        }
    }

    /// These were queued.
    pub fn sent(&mut self, endpoint: &str, sent: &[Sent], now: Duration) {
        if *self.endpoint != *endpoint {
            self.endpoint = endpoint.into();
        }
        if self.sent > SECOND {
            let cost = self.cost() * u32::try_from(sent.len()).unwrap_or(u32::MAX);
            self.spent = self.spent_by(now).saturating_add(cost);
        } else {
            self.spent = now;
        }
        self.sent += sent.len();
        self.watched.extend(sent.iter().map(|one| (Arc::clone(&self.endpoint), *one)));
    }

    /// Another endpoint's turn has come: it begins with one.
    pub fn turned(&mut self) {
        self.sent = 0;
    }

    /// Those on their way.
    pub fn watched(&self) -> impl Iterator<Item = Sent> {
        self.watched.iter().map(|(_, sent)| *sent)
    }

    /// How they stand now. Tells whether one of them moved.
    pub fn saw(&mut self, stands: &[Stand]) -> bool {
        let before = self.watched.len();
        let mut failed = None;
        self.watched.retain(|(endpoint, sent)| {
            // What is no longer in the journal was delivered and has been removed since.
            let stand = stands.iter().find(|stand| stand.seq == sent.seq);
            match stand.map_or(Fate::Good, |stand| fate(endpoint, *sent, stand)) {
                Fate::Waits => true,
                Fate::Good => false,
                Fate::Failed(what) => {
                    failed.get_or_insert(what);
                    false
                }
            }
        });
        self.failed = self.failed.take().or(failed);
        before != self.watched.len()
    }

    /// What it waits for, in words; empty while the rest goes at its pace.
    #[must_use]
    pub fn waits(&self) -> String {
        let all = self.watched.len();
        let own = self.watched.iter().filter(|(endpoint, _)| *endpoint == self.endpoint).count();
        match own {
            _ if all >= self.most_watched() => format!("{all} are on their way"),
            0 => String::new(),
            own if self.is_proving() => format!("waiting for {own} of {}", self.endpoint),
            _ => String::new(),
        }
    }

    /// The endpoint whose turn it is has still to prove itself.
    const fn is_proving(&self) -> bool {
        self.sent <= SECOND + 1 && self.sent > 0
    }

    /// No more than what two seconds bring are on their way: a receiver that holds us up is not flooded.
    fn most_watched(&self) -> usize {
        let in_two_seconds = 2_000_000_000 / self.cost().as_nanos().max(1);
        usize::try_from(in_two_seconds).unwrap_or(usize::MAX).clamp(SECOND, MOST)
    }

    /// The time that one takes at this pace.
    fn cost(&self) -> Duration {
        self.pace.per / self.pace.count.get()
    }

    /// What is saved up is at most a second's worth.
    fn spent_by(&self, now: Duration) -> Duration {
        self.spent.max(now.saturating_sub(self.cost().max(Duration::from_secs(1))))
    }
}
