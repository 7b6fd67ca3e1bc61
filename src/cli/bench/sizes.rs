//! How much is measured.

use std::time::Duration;

use serde::Serialize;

/// How much is measured in a round. All but `rounds` count events or deliveries.
#[derive(Debug, Clone, Serialize)]
pub struct Sizes {
    /// Smaller rounds, fewer of them.
    #[serde(skip)]
    pub quick: bool,
    /// Rounds.
    #[serde(skip)]
    pub rounds: usize,
    /// Deliveries of a measurement of speed; what waits in the small backlog.
    pub events: u64,
    /// Deliveries or requests before each measurement, which do not count.
    pub warm_up: u64,
    /// Deliveries that wait in the large backlog.
    pub backlog: u64,
    /// Of these, delivered in a round.
    pub slice: u64,
    /// Events accepted in batches, without a dispatcher.
    pub accepted: u64,
    /// Events accepted one at a time.
    pub single: u64,
    /// Deliveries to the slow receiver.
    pub slow: u64,
    /// Events at a gentle rate.
    pub paced: u64,
    /// Events in one call.
    pub burst: u64,
    /// Milliseconds for which an idle process is watched.
    pub idle_ms: u64,
    /// No further round begins that would not end within this time.
    #[serde(skip)]
    pub budget: Option<Duration>,
}

impl Sizes {
    /// Sizes that give figures to quote.
    pub fn whole(rounds: Option<usize>) -> Self {
        let rounds = rounds.unwrap_or(5);
        let backlog = 1_000_000;
        Self {
            quick: false,
            rounds,
            events: 20_000,
            warm_up: 2_000,
            backlog,
            slice: 0,
            accepted: 64_000,
            single: 1_000,
            slow: 8_000,
            paced: 400,
            burst: 20_000,
            idle_ms: 3_000,
            budget: None,
        }
        .sliced(backlog)
    }

    /// Sizes for a first look.
    pub fn quick(rounds: Option<usize>) -> Self {
        let events = 1_600;
        Self {
            quick: true,
            rounds: rounds.unwrap_or(3),
            events,
            warm_up: 400,
            backlog: 100_000,
            slice: 0,
            accepted: 3_200,
            single: 50,
            slow: 800,
            paced: 20,
            burst: 1_000,
            idle_ms: 1_500,
            budget: rounds.is_none().then_some(Duration::from_secs(18)),
        }
        .sliced(3 * 2 * events)
    }

    /// Sizes that only show that it works.
    pub fn tiny(rounds: Option<usize>, events: u64) -> Self {
        let events = events.clamp(1, 1_000_000);
        Self {
            quick: true,
            rounds: rounds.unwrap_or(3),
            events,
            warm_up: events.div_ceil(10),
            backlog: 10 * events,
            slice: 0,
            accepted: events,
            single: events.div_ceil(10),
            slow: events,
            paced: events.div_ceil(10),
            burst: events,
            idle_ms: 100,
            budget: None,
        }
        .sliced(3 * events)
    }

    /// The large backlog's share of a round, of so many that are delivered in all.
    fn sliced(self, drained: u64) -> Self {
        let slice = drained / (self.rounds.max(1) as u64);
        Self { slice: slice.max(1), ..self }
    }

    /// Deliveries that a fresh process makes of either backlog before its memory is read.
    pub const fn sampled(&self) -> u64 {
        self.events / 4
    }
}
