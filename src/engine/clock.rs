//! Time for the engine: the system's, or one that tests turn by hand.

use crate::event::Millis;

/// Tells the time and waits for it. Waits run on the monotonic clock: a jump of the wall clock moves nothing.
#[derive(Debug, Clone)]
pub enum Clock {
    /// The system's clocks.
    System,
}

impl Clock {
    /// Now, in Unix milliseconds.
    #[must_use]
    pub fn now(&self) -> Millis {
        jiff::Timestamp::now().as_millisecond()
    }
}
