//! When retention and expiry run, and when retention pauses because the clock has jumped. Pure.

use std::time::Duration;

use crate::config::JournalSettings;
use crate::event::{Limits, Millis};
use crate::journal::{Pace, Upkeep};

use super::clock::millis;

/// Held deliveries are looked through for age this often.
const EXPIRY_EVERY: Millis = 10_000;
/// Retention runs this often while the journal changes ...
const EVERY: Millis = 60_000;
/// ... and this often while it does not: things grow old all the same.
const EVERY_WHILE_IDLE: Millis = 3_600_000;
/// Wall and monotonic time this far apart: the clock has jumped (product.md, "Accepting").
const JUMP: Millis = 600_000;
/// A start this long after the journal's newest time may be one, too.
const START_JUMP: Millis = 86_400_000;
/// Retention rests this long after a jump.
const REST: Millis = 3_600_000;
/// Steps of some milliseconds, so that delivery never waits long; for a part of the second after which the next run may
/// come, so that it never goes slowly for long.
const PACE: Pace = Pace { rows: 200, step: Duration::from_millis(4), run: Duration::from_millis(250) };

/// Knows when to run what.
#[derive(Debug)]
pub struct Upkeeper {
    next_expiry: Millis,
    next_retention: Millis,
    last_run: Millis,
    seen_version: Option<i64>,
    /// Wall less engine time when they were last taken to be right.
    offset: Millis,
    rests_until: Millis,
    running: bool,
}

impl Upkeeper {
    /// At the start of a dispatcher; `newest` is the latest time the journal had seen (0: none).
    #[must_use]
    pub const fn new(now: Millis, wall: Millis, newest: Millis) -> Self {
        let jumped = newest > 0 && wall.saturating_sub(newest) > START_JUMP;
        Self {
            next_expiry: now + EXPIRY_EVERY,
            next_retention: now + EVERY,
            last_run: now,
            seen_version: None,
            offset: wall.saturating_sub(now),
            rests_until: if jumped { now + REST } else { now },
            running: false,
        }
    }

    /// Whether held deliveries are to be looked through now.
    pub fn expiry_due(&mut self, now: Millis) -> bool {
        let due = now >= self.next_expiry;
        if due {
            self.next_expiry = now + EXPIRY_EVERY;
        }
        due
    }

    /// What retention is to do now, if it is due. `version` changes with the journal.
    pub fn step(
        &mut self,
        now: Millis,
        wall: Millis,
        version: i64,
        settings: &JournalSettings,
        limits: Limits,
    ) -> Option<Upkeep> {
        let offset = wall.saturating_sub(now);
        if offset.saturating_sub(self.offset).abs() > JUMP {
            self.offset = offset;
            self.rests_until = now + REST;
        }
        let idle = self.seen_version == Some(version) && now < self.last_run + EVERY_WHILE_IDLE;
        if self.running || now < self.next_retention || now < self.rests_until || idle {
            return None;
        }
        self.running = true;
        self.last_run = now;
        self.seen_version = Some(version);
        Some(Upkeep {
            now,
            keep_since: now.saturating_sub(millis(settings.retention.max(Duration::from_millis(1)))),
            max_size: settings.max_size,
            dead_letter_limit: limits.dead_letter_limit,
            pace: PACE,
        })
    }

    /// It has run; `more` asks for another run soon.
    pub const fn done(&mut self, more: bool) {
        self.running = false;
        self.next_retention = if more { self.last_run } else { self.last_run + EVERY };
        if more {
            self.seen_version = None;
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::config::Durability;

    const HOUR: Millis = 3_600_000;

    fn settings() -> JournalSettings {
        JournalSettings { path: None, durability: Durability::Full, retention: Duration::from_hours(168), max_size: 7 }
    }

    fn runs(upkeep: &mut Upkeeper, now: Millis, wall: Millis, version: i64) -> bool {
        let step = upkeep.step(now, wall, version, &settings(), Limits::default());
        if step.is_some() {
            upkeep.done(false);
        }
        step.is_some()
    }

    #[test]
    fn it_runs_each_minute_while_the_journal_changes_and_each_hour_while_not() {
        let mut upkeep = Upkeeper::new(0, 0, 0);
        assert!(!runs(&mut upkeep, 59_999, 59_999, 1));
        assert!(runs(&mut upkeep, 60_000, 60_000, 1));
        assert!(!runs(&mut upkeep, 119_999, 119_999, 2));
        assert!(runs(&mut upkeep, 120_000, 120_000, 2));
        assert!(!runs(&mut upkeep, 180_000, 180_000, 2));
        assert!(runs(&mut upkeep, 120_000 + HOUR, 120_000 + HOUR, 2));
    }

    #[test]
    fn it_takes_what_is_older_than_retention() {
        let step = Upkeeper::new(0, 0, 0).step(700_000_000, 700_000_000, 1, &settings(), Limits::default()).unwrap();
        assert_eq!((step.keep_since, step.max_size), (700_000_000 - 168 * HOUR, 7));
    }

    #[test]
    fn it_rests_an_hour_after_the_clock_jumped() {
        let mut upkeep = Upkeeper::new(0, 0, 0);
        let (now, day) = (120_000, 24 * HOUR);
        assert!(!runs(&mut upkeep, now, now + day, 1));
        assert!(!runs(&mut upkeep, now + HOUR - 1, now + day + HOUR, 2));
        assert!(runs(&mut upkeep, now + HOUR, now + day + HOUR, 2));
    }

    #[test]
    fn a_small_difference_of_the_clocks_is_no_jump() {
        let mut upkeep = Upkeeper::new(0, 0, 0);
        assert!(runs(&mut upkeep, 120_000, 120_000 + 600_000, 1));
    }

    #[test]
    fn a_start_a_day_past_the_newest_time_rests_an_hour() {
        let day = 24 * HOUR;
        let mut late = Upkeeper::new(2 * day, 2 * day, day - 1);
        assert!(!runs(&mut late, 2 * day + HOUR - 1, 2 * day + HOUR - 1, 1));
        assert!(runs(&mut late, 2 * day + HOUR, 2 * day + HOUR, 1));
        let mut usual = Upkeeper::new(2 * day, 2 * day, day);
        assert!(runs(&mut usual, 2 * day + 60_000, 2 * day + 60_000, 1));
    }

    #[test]
    fn expiry_comes_round_every_ten_seconds() {
        let mut upkeep = Upkeeper::new(0, 0, 0);
        let due: Vec<Millis> = (0..=30).map(|second| second * 1_000).filter(|now| upkeep.expiry_due(*now)).collect();
        assert_eq!(due, [10_000, 20_000, 30_000]);
    }
}
