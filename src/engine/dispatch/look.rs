//! Looking at the journal: what others, in this process too, did to it.

use std::time::{Duration, Instant};

use crate::event::Millis;

use super::super::PATIENCE;
use super::super::clock::after;
use super::super::lane::Look;
use super::{Dispatch, End};

/// A look at the journal this often, in case a wake-up was missed.
const LOOK_EVERY: Millis = 1_000;

/// Looks take at most such a part of the time, in real time whatever the clock says...
const LOOKS_SHARE: u32 = 16;

/// ... but are never so far apart that somebody would have to wait for one.
const LOOK_APART: Duration = Duration::from_millis(5);

/// When the journal was looked at, and whether it has to be again.
#[derive(Debug)]
pub(super) struct Looks {
    /// The journal changed since the last look.
    pub changed: bool,
    /// It was looked at while a turn was on its way into it: the lanes' counts may be off.
    pub blurred: bool,
    not_before: Option<Instant>,
    /// When it is looked at in any case.
    pub next: Millis,
    /// Deaths by overflow are not told of before this.
    pub overflow_not_before: Millis,
    /// `PRAGMA data_version` at the last look of each second.
    pub data_version: i64,
}

impl Looks {
    pub const fn new(now: Millis) -> Self {
        Self {
            changed: true,
            blurred: false,
            not_before: None,
            next: now + LOOK_EVERY,
            overflow_not_before: now,
            data_version: 0,
        }
    }

    /// When the journal, which has changed, is to be looked at, be it in the past; none if nothing has changed.
    ///
    /// Judged by nobody but the one who waits for it: a time that passes between two questions would be slept through.
    pub fn due_at(&self) -> Option<Instant> {
        self.changed.then(|| self.not_before.unwrap_or_else(Instant::now))
    }

    /// Notes how long a look took.
    fn looked(&mut self, begun: Instant, ended: Instant) {
        self.not_before = Some(ended + ((ended - begun) * LOOKS_SHARE).min(LOOK_APART));
    }
}

impl Dispatch {
    /// What the journal says: counts per lane, who takes part, orders.
    pub(super) fn look(&mut self, now: Millis) {
        if now >= self.looks.next {
            self.look_each_second(now);
        }
        // Many emitters make many changes: a look for each would leave no time for delivering.
        if self.looks.due_at().is_none_or(|at| at > Instant::now()) {
            return;
        }
        self.looks.changed = false;
        let begun = Instant::now();
        self.looks.blurred |= self.turn.is_some();
        match self.reader.standings() {
            Ok(rows) => {
                for row in rows {
                    if let Some(lane) = self.lanes.get_mut(&row.key) {
                        lane.stands(row.state, row.paused_until);
                        lane.counted(row.queued, row.scheduled);
                    }
                }
            }
            Err(error) => self.fail(&error),
        }
        match self.reader.suspects() {
            Ok(endpoints) => {
                for lane in self.lanes.values_mut() {
                    lane.suspect = endpoints.contains(&lane.key);
                }
            }
            Err(error) => self.fail(&error),
        }
        self.take_orders();
        self.looks.looked(begun, Instant::now());
    }

    fn look_each_second(&mut self, now: Millis) {
        self.looks.next = now + LOOK_EVERY;
        let version = self.reader.data_version().unwrap_or(-1);
        if version != self.looks.data_version {
            self.looks.data_version = version;
            self.looks.changed = true;
            // Counts can stay the same while what they count is exchanged.
            for lane in self.lanes.values_mut() {
                lane.look = Look::ALL;
            }
        }
        self.end_pauses(now);
        self.look_for_overflow(now);
        self.keep_up(now);
        self.look_for_files(now);
    }

    /// What is stored in a journal that is not in its place any more nobody finds, and a lock that is not keeps nobody out: what is
    /// in flight ends, and the supervisor goes on from there. Of the journal it tells by itself.
    fn look_for_files(&mut self, now: Millis) {
        let is_there = self.desk.journal.in_place().is_ok();
        let lock = self.desk.lock.in_place().err();
        if is_there && lock.is_none() {
            return;
        }
        self.draining = Some((after(now, PATIENCE), End::Lost));
        if let Some(error) = lock.filter(|_| is_there) {
            self.trouble = Some(error.to_string());
        }
    }

    /// Once nothing is on its way into the journal any more, what it says of the lanes can be trusted again.
    pub(super) fn look_again_if_blurred(&mut self) {
        if self.looks.blurred && self.turn.is_none() {
            self.looks.blurred = false;
            self.looks.changed = true;
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn looks_are_apart_by_what_they_take_and_never_by_much() {
        let mut looks = Looks::new(0);
        assert!(looks.due_at().is_some_and(|at| at <= Instant::now()), "the first is due now");
        let begun = Instant::now();
        for (took, apart) in [(20, 320), (100, 1_600), (10_000, 5_000)] {
            let ended = begun + Duration::from_micros(took);
            looks.looked(begun, ended);
            looks.changed = true;
            assert_eq!(looks.due_at(), Some(ended + Duration::from_micros(apart)), "also when it has passed");
            looks.changed = false;
            assert_eq!(looks.due_at(), None, "nothing has changed");
        }
    }
}
