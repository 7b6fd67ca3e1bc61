//! What whole-program tests share: a project in a temporary directory, the program, a receiver, a terminal.
//!
//! Nothing here sleeps for a fixed time and asserts nothing about time: tests wait for conditions.

// Each test binary uses its own part of this.
#![expect(clippy::unwrap_used, clippy::panic, reason = "a test that cannot go on fails there and then")]
#![expect(dead_code, reason = "shared by several test binaries, none of which uses all of it")]

pub mod project;
pub mod receiver;
pub mod screen;

use std::time::{Duration, Instant};

/// How long anything may take on a busy machine before a test gives up.
pub const PATIENCE: Duration = Duration::from_mins(1);

/// Polls until the condition gives something. `what` says what was waited for when it never does.
#[track_caller]
pub fn wait_for<T>(what: &str, mut condition: impl FnMut() -> Option<T>) -> T {
    let deadline = Instant::now() + PATIENCE;
    loop {
        if let Some(found) = condition() {
            return found;
        }
        assert!(Instant::now() < deadline, "waited {} s in vain: {what}", PATIENCE.as_secs());
        std::thread::sleep(Duration::from_millis(10));
    }
}

/// Polls until the condition holds.
#[track_caller]
pub fn wait_until(what: &str, mut condition: impl FnMut() -> bool) {
    wait_for(what, || condition().then_some(()));
}
