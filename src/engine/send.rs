//! One attempt outside of the dispatcher: `hooktui test` and the console's test event.

use crate::config::{Config, Endpoint};
use crate::event::id::delivery_id;
use crate::event::{Event, Millis, StoredEvent, Trigger};
use crate::journal::AttemptRecord;

use super::attempt::{self, Cleaner, Journaled, Numbered};
use super::classify::{classify, unsent};
use super::clock::Clock;
use super::transport::{Sent, Transport};

/// Sends one event to one endpoint of this file once, whatever its circuit says, and tells what came of it (masked).
///
/// # Errors
/// In words, when nothing can be tried: a variable is missing here.
pub async fn send_once(
    endpoint: &Endpoint,
    config: &Config,
    event: &Event,
    now: Millis,
) -> Result<AttemptRecord, String> {
    let Some(target) = &endpoint.target else {
        return Err(endpoint.missing.clone().unwrap_or_else(|| "the endpoint has no address".to_owned()));
    };
    let transport = Transport::http(&config.network);
    let wall = Clock::System.wall();
    let id = delivery_id(&event.id, &endpoint.route.endpoint);
    let numbered = Numbered { number: 1, started_at: now, trigger: Trigger::Test };
    let stored = StoredEvent::try_from(event.clone()).map_err(|error| format!("the event is no JSON: {error}"))?;
    let request = match attempt::request(target, &stored, 0, &id, 1, wall) {
        Ok(request) => request,
        Err(error) => {
            let meaning = unsent(error.reason, error.text);
            return Ok(attempt::record(&numbered, None, None, &Sent::default(), &meaning, Cleaner::of(config)));
        }
    };
    let sent = transport.send(&request, endpoint.policy.timeout).await;
    let meaning = classify(&sent, &endpoint.policy, wall);
    let journaled = Journaled { event: &stored, delivery_id: None };
    Ok(attempt::record(&numbered, Some(&request), Some(journaled), &sent, &meaning, Cleaner::of(config)))
}
