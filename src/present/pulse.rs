//! The pulse: arrivals and departures second by second, for a screen that watches.
//!
//! The journal keeps minutes; a screen sees them grow. What a minute has grown by since the last look happened since then.

use std::collections::{BTreeMap, VecDeque};

use crate::event::Millis;
use crate::journal::RollupRow;

use super::summary::as_float;

/// Seconds that are kept.
const KEEP: i64 = 120;

/// Seconds over which a rate is taken.
const RATE_OVER: i64 = 10;

/// Deliveries that came in and got through in each of the last seconds.
#[derive(Debug, Clone, Default)]
pub struct Pulse {
    /// When watching began, in Unix seconds.
    since: Option<i64>,
    /// What each minute and endpoint stood at, at the last look.
    seen: BTreeMap<(i64, i64), (u64, u64)>,
    /// Oldest first; seconds in which nothing happened are not in it.
    beats: VecDeque<Beat>,
}

#[derive(Debug, Clone, Copy)]
struct Beat {
    second: i64,
    arrived: u64,
    departed: u64,
}

impl Pulse {
    /// Looks at the rollups (those of this minute and the one before are enough).
    pub fn observe(&mut self, rollups: &[RollupRow], now: Millis) {
        let second = now.div_euclid(1000);
        let oldest_minute = second.div_euclid(60) - 1;
        let watched = self.since.is_some();
        self.since.get_or_insert(second);
        let mut beat = Beat { second, arrived: 0, departed: 0 };
        for row in rollups.iter().filter(|row| row.minute >= oldest_minute) {
            let stands = (u64::from(row.accepted), u64::from(row.delivered));
            let stood = self.seen.insert((row.minute, row.endpoint_key), stands).unwrap_or_default();
            beat.arrived += stands.0.saturating_sub(stood.0);
            beat.departed += stands.1.saturating_sub(stood.1);
        }
        self.seen.retain(|(minute, _), _| *minute >= oldest_minute);
        if watched && beat.arrived + beat.departed > 0 {
            self.beats.push_back(beat);
        }
        while self.beats.front().is_some_and(|beat| beat.second <= second - KEEP) {
            self.beats.pop_front();
        }
    }

    /// Deliveries that came in and got through, per second over the last 10 s; none before a first second has passed.
    #[must_use]
    pub fn rates(&self, now: Millis) -> Option<(f64, f64)> {
        let second = now.div_euclid(1000);
        let over = (second - self.since?).min(RATE_OVER);
        let over = u64::try_from(over).ok().filter(|over| *over > 0)?;
        let (mut arrived, mut departed) = (0, 0);
        for beat in self.beats.iter().filter(|beat| beat.second > second - RATE_OVER) {
            arrived += beat.arrived;
            departed += beat.departed;
        }
        Some((as_float(arrived) / as_float(over), as_float(departed) / as_float(over)))
    }

    /// Arrivals and departures of the last `cells` stretches of `seconds` each, oldest first.
    #[must_use]
    pub fn series(&self, cells: usize, seconds: u32, now: Millis) -> (Vec<u64>, Vec<u64>) {
        let step = i64::from(seconds.max(1));
        let newest = now.div_euclid(1000).div_euclid(step);
        let (mut arrivals, mut departures) = (vec![0; cells], vec![0; cells]);
        for beat in &self.beats {
            let back = newest - beat.second.div_euclid(step) + 1;
            let Some(at) = usize::try_from(back).ok().and_then(|back| cells.checked_sub(back)) else { continue };
            if let (Some(came), Some(went)) = (arrivals.get_mut(at), departures.get_mut(at)) {
                *came += beat.arrived;
                *went += beat.departed;
            }
        }
        (arrivals, departures)
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::journal::latency::Latencies;

    /// The beginning of a minute.
    const START: Millis = 60_000 * 1_000_000;

    fn minute(minute: i64, accepted: u32, delivered: u32) -> RollupRow {
        RollupRow {
            minute: 1_000_000 + minute,
            endpoint_key: 1,
            accepted,
            delivered,
            failed: 0,
            latencies: Latencies::default(),
        }
    }

    #[test]
    fn what_happened_before_watching_began_is_no_beat() {
        let mut pulse = Pulse::default();
        pulse.observe(&[minute(0, 500, 400)], START);
        assert_eq!(pulse.rates(START), None);
        pulse.observe(&[minute(0, 520, 410)], START + 1000);
        assert_eq!(pulse.rates(START + 1000), Some((20.0, 10.0)));
    }

    #[test]
    fn a_minute_that_ends_loses_nothing() {
        let mut pulse = Pulse::default();
        pulse.observe(&[], START + 55_000);
        pulse.observe(&[minute(0, 30, 0)], START + 59_000);
        pulse.observe(&[minute(0, 40, 0), minute(1, 60, 50)], START + 61_000);
        assert_eq!(pulse.series(4, 2, START + 61_000), (vec![0, 0, 30, 70], vec![0, 0, 0, 50]));
    }

    #[test]
    fn a_rate_falls_to_nothing_in_quiet() {
        let mut pulse = Pulse::default();
        pulse.observe(&[], START);
        pulse.observe(&[minute(0, 100, 100)], START + 20_000);
        assert_eq!(pulse.rates(START + 20_000), Some((10.0, 10.0)));
        assert_eq!(pulse.rates(START + 31_000), Some((0.0, 0.0)));
    }

    #[test]
    fn a_clock_that_goes_back_harms_nothing() {
        let mut pulse = Pulse::default();
        pulse.observe(&[minute(0, 5, 5)], START + 5_000);
        pulse.observe(&[minute(0, 9, 9)], START - 90_000);
        assert_eq!(pulse.rates(START - 90_000), None);
        assert_eq!(pulse.series(2, 1, START - 90_000).0.len(), 2);
    }
}
