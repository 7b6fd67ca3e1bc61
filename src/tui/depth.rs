//! How deep the queue was in the last minute: the journal knows only how deep it is.

use std::collections::VecDeque;

use crate::event::Millis;

/// So far back is kept.
const KEPT: Millis = 64_000;
/// Samples are no closer together.
const STEP: Millis = 500;

/// Deliveries that waited, over the last minute.
#[derive(Debug, Clone, Default)]
pub struct Depth {
    samples: VecDeque<(Millis, u64)>,
}

impl Depth {
    /// So many wait now.
    pub fn note(&mut self, now: Millis, waiting: u64) {
        if let Some((at, last)) = self.samples.back_mut()
            && now - *at < STEP
        {
            *last = waiting;
            return;
        }
        self.samples.push_back((now, waiting));
        // One sample older than what is kept tells how it was when that began.
        while self.samples.get(1).is_some_and(|(at, _)| now - at > KEPT) {
            self.samples.pop_front();
        }
    }

    /// What waited at the end of each of so many steps of `seconds`, oldest first.
    #[must_use]
    pub fn series(&self, steps: usize, seconds: u32, now: Millis) -> Vec<u64> {
        let step = Millis::from(seconds.max(1)) * 1_000;
        // Whole steps since the epoch: a bar keeps its height while it moves to the left.
        let end = now.div_euclid(step) * step + step;
        let count = Millis::try_from(steps).unwrap_or(0);
        (0..count).map(|at| self.at(end - (count - 1 - at) * step)).collect()
    }

    /// It was not the same all the time.
    #[must_use]
    pub fn has_moved(&self, now: Millis) -> bool {
        let mut recent = self.samples.iter().skip_while(|(at, _)| now - at > KEPT).map(|(_, waiting)| *waiting);
        let first = recent.next();
        recent.any(|waiting| Some(waiting) != first)
    }

    fn at(&self, time: Millis) -> u64 {
        self.samples.iter().rfind(|(at, _)| *at < time).map_or(0, |(_, waiting)| *waiting)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_series_has_the_depth_at_the_end_of_each_step() {
        let mut depth = Depth::default();
        depth.note(5_000, 4);
        depth.note(12_000, 11);
        depth.note(12_100, 12);
        assert_eq!(depth.series(5, 4, 17_000), [0, 4, 4, 12, 12]);
        assert!(depth.has_moved(17_000));
        assert!(!depth.has_moved(90_000));
    }
}
