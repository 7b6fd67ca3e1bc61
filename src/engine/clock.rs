//! Time for the engine: the system's, or one that tests turn by hand.
//!
//! Engine time is the wall clock as it stood when the process first asked, plus what the monotonic clock has counted
//! since (sleep of the machine included): due waits never move when somebody sets the wall clock.

use std::collections::BTreeMap;
use std::future::Future;
use std::pin::Pin;
use std::sync::{Arc, Mutex, OnceLock, PoisonError};
use std::task::{Context, Poll, Waker};
use std::time::Duration;

use crate::event::Millis;

/// Tells the time and waits for it.
#[derive(Debug, Clone)]
pub enum Clock {
    /// The system's clocks.
    System,
    /// Stands still until a test moves it.
    Manual(ManualClock),
}

impl Clock {
    /// Now, in Unix milliseconds; never goes back.
    #[must_use]
    pub fn now(&self) -> Millis {
        match self {
            Self::System => system_now(),
            Self::Manual(clock) => clock.lock().now,
        }
    }

    /// What the wall clock shows, in Unix milliseconds: for signatures, dates in headers, and to notice that it jumped.
    #[must_use]
    pub fn wall(&self) -> Millis {
        match self {
            Self::System => jiff::Timestamp::now().as_millisecond(),
            Self::Manual(clock) => {
                let state = clock.lock();
                state.now.saturating_add(state.wall_jump)
            }
        }
    }

    /// Waits until [`Clock::now`] is at least `time`. Dropping the future ends the wait.
    pub async fn sleep_until(&self, time: Millis) {
        match self {
            Self::System => loop {
                let left = time.saturating_sub(system_now());
                if left <= 0 {
                    return;
                }
                // Bounded, because tokio's timers do not count while the machine sleeps.
                let left = Duration::from_millis(u64::try_from(left).unwrap_or(0));
                tokio::time::sleep(left.min(Duration::from_mins(1))).await;
            },
            Self::Manual(clock) => Sleeper { clock: clock.clone(), until: time, number: None }.await,
        }
    }

    /// Waits this long.
    pub async fn sleep(&self, time: Duration) {
        self.sleep_until(after(self.now(), time)).await;
    }
}

/// A time so much later; far future instead of an overflow.
#[must_use]
pub fn after(now: Millis, wait: Duration) -> Millis {
    now.saturating_add(millis(wait))
}

/// A duration in whole milliseconds, rounded up so that nothing is early.
#[must_use]
pub fn millis(duration: Duration) -> Millis {
    Millis::try_from(duration.as_nanos().div_ceil(1_000_000)).unwrap_or(Millis::MAX)
}

fn system_now() -> Millis {
    static START: OnceLock<(Millis, i128)> = OnceLock::new();
    let (wall, monotonic) = *START.get_or_init(|| (jiff::Timestamp::now().as_millisecond(), monotonic_nanos()));
    wall.saturating_add(Millis::try_from((monotonic_nanos() - monotonic) / 1_000_000).unwrap_or(0))
}

fn monotonic_nanos() -> i128 {
    // Linux's monotonic clock stands still while the machine sleeps, Boottime does not; elsewhere Monotonic counts on.
    #[cfg(target_os = "linux")]
    let id = rustix::time::ClockId::Boottime;
    #[cfg(not(target_os = "linux"))]
    let id = rustix::time::ClockId::Monotonic;
    let time = rustix::time::clock_gettime(id);
    i128::from(time.tv_sec) * 1_000_000_000 + i128::from(time.tv_nsec)
}

/// A clock that stands still until it is moved. Clones show the same time.
#[derive(Debug, Clone)]
pub struct ManualClock(Arc<Mutex<ManualState>>);

#[derive(Debug)]
struct ManualState {
    now: Millis,
    wall_jump: Millis,
    next_number: u64,
    sleepers: BTreeMap<(Millis, u64), Waker>,
}

impl ManualClock {
    /// Shows this time.
    #[must_use]
    pub fn at(now: Millis) -> Self {
        Self(Arc::new(Mutex::new(ManualState { now, wall_jump: 0, next_number: 0, sleepers: BTreeMap::new() })))
    }

    /// Moves forward to `time` (never back) and wakes whoever waited for it.
    pub fn advance_to(&self, time: Millis) {
        let woken = {
            let mut state = self.lock();
            state.now = state.now.max(time);
            let later = state.sleepers.split_off(&(time.saturating_add(1), 0));
            std::mem::replace(&mut state.sleepers, later)
        };
        woken.into_values().for_each(Waker::wake);
    }

    /// Sets the wall clock apart from the engine's time.
    pub fn jump_wall(&self, by: Millis) {
        self.lock().wall_jump += by;
    }

    /// The earliest time that somebody waits for.
    #[must_use]
    pub fn next_sleeper(&self) -> Option<Millis> {
        self.lock().sleepers.keys().next().map(|(time, _)| *time)
    }

    fn lock(&self) -> std::sync::MutexGuard<'_, ManualState> {
        self.0.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

struct Sleeper {
    clock: ManualClock,
    until: Millis,
    number: Option<u64>,
}

impl Future for Sleeper {
    type Output = ();

    fn poll(mut self: Pin<&mut Self>, context: &mut Context<'_>) -> Poll<()> {
        let clock = self.clock.clone();
        let mut state = clock.lock();
        if state.now >= self.until {
            return Poll::Ready(());
        }
        let number = *self.number.get_or_insert_with(|| {
            state.next_number += 1;
            state.next_number
        });
        state.sleepers.insert((self.until, number), context.waker().clone());
        Poll::Pending
    }
}

impl Drop for Sleeper {
    fn drop(&mut self) {
        if let Some(number) = self.number {
            self.clock.lock().sleepers.remove(&(self.until, number));
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_manual_clock_wakes_whoever_waited_and_forgets_who_left() {
        let manual = ManualClock::at(1_000);
        let clock = Clock::Manual(manual.clone());
        let mut early = Box::pin(clock.sleep_until(1_500));
        let mut late = Box::pin(clock.sleep(Duration::from_secs(2)));
        let mut context = Context::from_waker(Waker::noop());
        assert!(early.as_mut().poll(&mut context).is_pending());
        assert!(late.as_mut().poll(&mut context).is_pending());
        assert_eq!(manual.next_sleeper(), Some(1_500));

        manual.advance_to(1_500);
        assert!(early.as_mut().poll(&mut context).is_ready());
        assert!(late.as_mut().poll(&mut context).is_pending());
        drop(late);
        assert_eq!(manual.next_sleeper(), None);
    }

    #[test]
    fn a_jump_of_the_wall_clock_does_not_move_engine_time() {
        let manual = ManualClock::at(1_000);
        manual.jump_wall(86_400_000);
        let clock = Clock::Manual(manual);
        assert_eq!((clock.now(), clock.wall()), (1_000, 86_401_000));
    }

    #[test]
    fn system_time_is_the_wall_clock_and_never_goes_back() {
        let (first, wall, second) = (Clock::System.now(), Clock::System.wall(), Clock::System.now());
        assert!(first <= second);
        assert!((wall - first).abs() < 60_000);
    }

    #[test]
    fn durations_round_up_to_milliseconds() {
        for (nanos, expected) in [(0, 0), (1, 1), (1_000_000, 1), (1_000_001, 2)] {
            assert_eq!(millis(Duration::from_nanos(nanos)), expected);
        }
        assert_eq!(after(5, Duration::MAX), Millis::MAX);
    }
}
