//! Pace: `rate_limit` as a generic cell rate algorithm, so that attempts are spread evenly instead of coming in bursts. Pure.

use std::time::Duration;

use crate::config::Rate;
use crate::event::Millis;

/// Timers count in milliseconds; attempts that fall within this many may go together.
const TOLERANCE_NS: i128 = 2_000_000;

/// When the next attempt of an endpoint may begin.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Pace {
    rate: Rate,
    /// Theoretical time of the next attempt, nanoseconds of engine time.
    next_ns: i128,
}

impl Pace {
    /// A pace that has not been used yet.
    #[must_use]
    pub const fn new(rate: Rate) -> Self {
        Self { rate, next_ns: 0 }
    }

    /// The rate it keeps.
    #[must_use]
    pub const fn rate(&self) -> Rate {
        self.rate
    }

    /// How many attempts may begin at `now`.
    #[must_use]
    pub fn room(&self, now: Millis) -> usize {
        let ahead = nanos(now) - self.next_ns.max(nanos(now));
        let tolerance = if self.interval_ns() < TOLERANCE_NS { TOLERANCE_NS } else { 0 };
        if ahead + tolerance < 0 {
            return 0;
        }
        usize::try_from((ahead + tolerance) / self.interval_ns() + 1).unwrap_or(usize::MAX)
    }

    /// Notes that `count` attempts begin at `now`.
    pub fn take(&mut self, now: Millis, count: usize) {
        self.next_ns = self.next_ns.max(nanos(now)) + self.interval_ns() * count_of(count);
    }

    /// Takes back attempts that did not begin after all.
    pub fn give_back(&mut self, count: usize) {
        self.next_ns -= self.interval_ns() * count_of(count);
    }

    /// When there is room again.
    #[must_use]
    pub fn next_at(&self) -> Millis {
        Millis::try_from(self.next_ns.div_euclid(1_000_000) + i128::from(self.next_ns.rem_euclid(1_000_000) > 0))
            .unwrap_or(Millis::MAX)
    }

    fn interval_ns(&self) -> i128 {
        (duration_ns(self.rate.per) / i128::from(self.rate.count.get())).max(1)
    }
}

fn nanos(time: Millis) -> i128 {
    i128::from(time) * 1_000_000
}

fn duration_ns(duration: Duration) -> i128 {
    i128::try_from(duration.as_nanos()).unwrap_or(i128::MAX)
}

fn count_of(count: usize) -> i128 {
    i128::try_from(count).unwrap_or(i128::MAX)
}

#[cfg(test)]
mod tests {
    use std::num::NonZeroU32;

    use super::*;

    fn pace(count: u32, seconds: u64) -> Pace {
        Pace::new(Rate { count: NonZeroU32::new(count).unwrap(), per: Duration::from_secs(seconds) })
    }

    /// How many attempts begin in `millis`, taking whatever there is room for each millisecond.
    fn begun(pace: &mut Pace, from: Millis, millis: Millis) -> Vec<Millis> {
        (from..from + millis)
            .flat_map(|now| {
                let room = pace.room(now);
                pace.take(now, room);
                std::iter::repeat_n(now, room)
            })
            .collect()
    }

    #[test]
    fn attempts_are_spread_evenly() {
        assert_eq!(begun(&mut pace(5, 1), 1_000, 1_000), [1_000, 1_200, 1_400, 1_600, 1_800]);
        assert_eq!(begun(&mut pace(2, 60), 0, 61_000), [0, 30_000, 60_000]);
    }

    #[test]
    fn a_rest_saves_nothing_up() {
        let mut pace = pace(10, 1);
        pace.take(0, 1);
        assert_eq!(begun(&mut pace, 50_000, 300), [50_000, 50_100, 50_200]);
    }

    #[test]
    fn rates_above_one_a_millisecond_are_kept() {
        let count = begun(&mut pace(5_000, 1), 0, 1_000).len();
        assert!((5_000..=5_011).contains(&count), "{count}");
    }

    #[test]
    fn what_did_not_begin_is_given_back() {
        let mut pace = pace(1, 1);
        pace.take(0, 1);
        assert_eq!((pace.room(0), pace.next_at()), (0, 1_000));
        pace.give_back(1);
        assert_eq!(pace.room(0), 1);
    }
}
