//! One attempt outside of the dispatcher: `hooktui test` and the console's test event.

use crate::config::{Endpoint, Network};
use crate::event::{Event, Millis};
use crate::journal::AttemptRecord;
use crate::wire::mask::Scrubber;

/// Sends one event to one endpoint once, whatever its circuit says, and tells what came of it (masked).
pub async fn send_once(
    endpoint: &Endpoint,
    network: &Network,
    scrubber: &Scrubber,
    event: &Event,
    now: Millis,
) -> Result<AttemptRecord, String> {
    let _ = (endpoint, network, scrubber, event, now);
    Err(String::new())
}
