//! Live rates: the journal counts per minute; the meter watches those counts grow and tells what they did in the last
//! seconds.

use std::collections::{BTreeMap, VecDeque};

use crate::event::Millis;
use crate::journal::RollupRow;

/// Over this long a rate is taken.
const SPAN: Millis = 10_000;
/// So far back samples are kept: what a sparkline shows.
const KEPT: Millis = 64_000;
/// Samples are no closer together.
const STEP: Millis = 200;

/// Sums that only grow, at one moment.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
struct Sample {
    at: Millis,
    accepted: u64,
    delivered: u64,
    waiting: u64,
}

/// What a rate or sparkline is about.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
#[expect(missing_docs, reason = "plain words")]
pub enum Gauge {
    Accepted,
    Delivered,
    Waiting,
}

/// The meter. Figures go in, rates come out.
#[derive(Debug, Clone, Default)]
pub struct Meter {
    rollups: Vec<RollupRow>,
    seen: BTreeMap<(i64, i64), (u32, u32)>,
    samples: VecDeque<Sample>,
}

impl Meter {
    /// Takes the newest rollups and the number of deliveries that wait.
    pub fn feed(&mut self, now: Millis, rollups: Vec<RollupRow>, waiting: u64) {
        let first = self.samples.is_empty();
        let last = self.samples.back().copied().unwrap_or(Sample { at: now, accepted: 0, delivered: 0, waiting });
        let mut sample = Sample { at: now, waiting, ..last };
        let before = std::mem::take(&mut self.seen);
        for row in &rollups {
            let key = (row.minute, row.endpoint_key);
            let (accepted, delivered) = before.get(&key).copied().unwrap_or_default();
            if !first {
                sample.accepted += u64::from(row.accepted.saturating_sub(accepted));
                sample.delivered += u64::from(row.delivered.saturating_sub(delivered));
            }
            self.seen.insert(key, (row.accepted, row.delivered));
        }
        self.rollups = rollups;
        // One sample a step: a later one within it takes its place, at its time, so that steps do not stretch.
        if self.samples.len() > 1 && self.samples.back().is_some_and(|last| now - last.at < STEP) {
            self.samples.pop_back();
            sample.at = last.at;
        }
        self.samples.push_back(sample);
        while self.samples.get(1).is_some_and(|second| now - second.at > KEPT) {
            self.samples.pop_front();
        }
    }

    /// The rollups as they came: for percentiles and shares.
    #[must_use]
    pub fn rollups(&self) -> &[RollupRow] {
        &self.rollups
    }

    /// Per second over the last ten; unknown in the first second.
    #[must_use]
    pub fn rate(&self, gauge: Gauge, now: Millis) -> Option<f64> {
        let began = self.samples.front()?.at;
        let span = (now - began).min(SPAN);
        if span < 1000 {
            return None;
        }
        let grown = self.value(gauge, now).saturating_sub(self.value(gauge, now - span));
        // Well under 2^52 in ten seconds.
        #[expect(clippy::cast_precision_loss, reason = "a rate needs no more than the mantissa")]
        let rate = grown as f64 * 1000.0 / span as f64;
        Some(rate)
    }

    /// The last minute in so many steps, oldest first: growth per step, or what waited at its end.
    #[must_use]
    pub fn series(&self, gauge: Gauge, now: Millis, steps: usize) -> Vec<u64> {
        let count = Millis::try_from(steps.max(1)).unwrap_or(1);
        let step = 60_000 / count;
        // Whole steps since the epoch: a bar keeps its height while it moves to the left.
        let end = now.div_euclid(step) * step + step;
        (0..count)
            .map(|at| end - (count - at) * step)
            .map(|from| match gauge {
                Gauge::Waiting => self.value(gauge, from + step),
                _ => self.value(gauge, from + step).saturating_sub(self.value(gauge, from)),
            })
            .collect()
    }

    /// Something moved within what rates and sparklines look at: they change with time alone.
    #[must_use]
    pub fn is_lively(&self, now: Millis) -> bool {
        self.samples.back().is_some_and(|last| {
            self.samples.iter().rfind(|one| now - one.at > KEPT).or(self.samples.front()).is_some_and(|first| {
                (first.accepted, first.delivered, first.waiting) != (last.accepted, last.delivered, last.waiting)
            })
        })
    }

    fn value(&self, gauge: Gauge, at: Millis) -> u64 {
        let sample = self.samples.iter().rfind(|one| one.at <= at).or(self.samples.front());
        sample.map_or(0, |one| match gauge {
            Gauge::Accepted => one.accepted,
            Gauge::Delivered => one.delivered,
            Gauge::Waiting => one.waiting,
        })
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::journal::latency::Latencies;

    fn minute(accepted: u32, delivered: u32) -> Vec<RollupRow> {
        vec![RollupRow { minute: 1, endpoint_key: 1, accepted, delivered, failed: 0, latencies: Latencies::default() }]
    }

    #[test]
    fn what_was_there_before_the_console_is_no_rate() {
        let mut meter = Meter::default();
        meter.feed(60_000, minute(5_000, 5_000), 0);
        assert_eq!(meter.rate(Gauge::Accepted, 60_500), None, "too early to tell");
        assert_eq!(meter.rate(Gauge::Accepted, 70_000), Some(0.0));
    }

    #[test]
    fn a_rate_is_taken_over_ten_seconds_and_fades() {
        let mut meter = Meter::default();
        meter.feed(60_000, minute(0, 0), 0);
        meter.feed(65_000, minute(50, 20), 30);
        assert_eq!(meter.rate(Gauge::Accepted, 65_000), Some(10.0));
        assert_eq!(meter.rate(Gauge::Delivered, 70_000), Some(2.0));
        assert_eq!(meter.rate(Gauge::Accepted, 75_001), Some(0.0));
        assert!(meter.is_lively(75_001));
        assert!(!meter.is_lively(140_000));
    }

    #[test]
    fn a_series_has_the_growth_of_each_step() {
        let mut meter = Meter::default();
        meter.feed(0, minute(0, 0), 4);
        meter.feed(12_000, minute(7, 0), 11);
        assert_eq!(meter.series(Gauge::Accepted, 29_000, 6), [0, 0, 0, 0, 7, 0]);
        assert_eq!(meter.series(Gauge::Waiting, 29_000, 6), [4, 4, 4, 4, 11, 11]);
    }
}
