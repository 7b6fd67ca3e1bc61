//! Events to try endpoints with.

use std::path::Path;

use crate::config::Endpoint;
use crate::event::{Event, Incoming, id};

use super::exit::Failure;
use super::input;

/// Type of what `hooktui test` sends.
pub const TEST_TYPE: &str = "hooktui.test";

/// A made-up event of this type.
#[must_use]
pub fn event(kind: &str) -> Event {
    Event {
        session: "demo".to_owned(),
        pane: "%1".to_owned(),
        agent: "claude".to_owned(),
        message: "A test from hooktui: if you can read this, the webhook works.".to_owned(),
        details: [("source".to_owned(), "hooktui".to_owned())].into(),
        ..Event::new(kind)
    }
}

/// The event in a file, or on standard input for `-`.
///
/// # Errors
/// When it cannot be read or is no event.
pub fn read(path: &Path) -> Result<Event, Failure> {
    let shown = path.display();
    let text = String::from_utf8(input::read(path)?)
        .map_err(|_| Failure::failed(format!("{shown} is not UTF-8; give the event as JSON")))?;
    Incoming::read(&text).and_then(Incoming::into_event).map_err(|error| Failure::failed(format!("{shown}: {error}")))
}

/// The id of the delivery that this would be.
#[must_use]
pub fn delivery_id(event: &Event, endpoint: &Endpoint) -> String {
    id::delivery_id(&event.id, &endpoint.route.endpoint)
}
