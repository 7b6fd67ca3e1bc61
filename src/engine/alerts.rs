//! Alerts: a dead letter, a circuit that opens or closes, and an endpoint that is disabled are events of their own
//! (product.md, "Alerts"). At most one of a kind per endpoint and minute; the next one tells how many were left out.

use std::collections::{BTreeMap, HashMap};

use crate::event::{Event, EventTime, Millis, id};
use crate::journal::{Buried, Submission};

/// No second alert of a kind about an endpoint within this many milliseconds.
pub(super) const QUIET: Millis = 60_000;

/// What an alert is about.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
pub enum Kind {
    /// A delivery died.
    Dead,
    /// A circuit opened.
    Opened,
    /// A circuit closed.
    Closed,
    /// An endpoint was disabled by a 410.
    Disabled,
}

impl Kind {
    /// The event's type.
    #[must_use]
    pub const fn event_type(self) -> &'static str {
        match self {
            Self::Dead => "hooktui.delivery.dead",
            Self::Opened => "hooktui.circuit.opened",
            Self::Closed => "hooktui.circuit.closed",
            Self::Disabled => "hooktui.endpoint.disabled",
        }
    }
}

/// Lets one alert of a kind per endpoint and minute pass.
#[derive(Debug, Default)]
pub struct Alerts {
    last: HashMap<(Kind, String), Last>,
}

#[derive(Debug)]
struct Last {
    at: Millis,
    left_out: u64,
}

impl Alerts {
    /// The alert to emit, unless one of its kind about this endpoint has just been.
    pub fn raise(
        &mut self,
        kind: Kind,
        endpoint: (&str, &str),
        message: String,
        mut details: BTreeMap<String, String>,
        now: Millis,
    ) -> Option<Submission> {
        let (endpoint_id, name) = endpoint;
        let last = self.last.entry((kind, endpoint_id.to_owned()));
        let left_out = match last {
            std::collections::hash_map::Entry::Occupied(mut last) if now < last.get().at.saturating_add(QUIET) => {
                last.get_mut().left_out += 1;
                return None;
            }
            std::collections::hash_map::Entry::Occupied(mut last) => {
                std::mem::replace(last.get_mut(), Last { at: now, left_out: 0 }).left_out
            }
            std::collections::hash_map::Entry::Vacant(first) => {
                first.insert(Last { at: now, left_out: 0 });
                0
            }
        };
        details.insert("endpoint".to_owned(), name.to_owned());
        // This one and those that were left out since the last.
        details.insert("count".to_owned(), (left_out + 1).to_string());
        let event = Event {
            id: id::new_event_id(),
            kind: kind.event_type().to_owned(),
            timestamp: EventTime::now(),
            session: String::new(),
            pane: String::new(),
            agent: String::new(),
            message,
            details: details.into(),
            data: None,
        };
        Some(Submission { not_to: Some(endpoint_id.to_owned()), ..Submission::new(event) })
    }

    /// The alert of a death; the deaths of alerts raise none.
    pub fn bury(&mut self, buried: &Buried, endpoint: (&str, &str), now: Millis) -> Option<Submission> {
        if crate::event::types::is_own(&buried.event_type) {
            return None;
        }
        let details = BTreeMap::from([
            ("delivery".to_owned(), buried.id.clone()),
            ("event".to_owned(), buried.event_id.clone()),
            ("event_type".to_owned(), buried.event_type.clone()),
            ("reason".to_owned(), buried.reason.to_string()),
        ]);
        let message = format!("{} to {} is a dead letter: {}", buried.event_type, endpoint.1, buried.reason);
        self.raise(Kind::Dead, endpoint, message, details, now)
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::event::Reason;

    fn death(event_type: &str) -> Buried {
        Buried {
            id: "e1_ops".to_owned(),
            event_id: "e1".to_owned(),
            event_type: event_type.to_owned(),
            endpoint: 1,
            reason: Reason::Exhausted,
        }
    }

    #[test]
    fn one_of_a_kind_per_endpoint_and_minute_and_the_next_tells_how_many_there_were() {
        let mut alerts = Alerts::default();
        let mut count_at = |endpoint: &str, now| {
            let alert = alerts.bury(&death("agent.error"), (endpoint, endpoint), now)?;
            alert.event.details.get("count").cloned()
        };
        assert_eq!(count_at("ops", 0).as_deref(), Some("1"));
        assert_eq!(count_at("ops", 30_000), None);
        assert_eq!(count_at("ops", 59_999), None);
        assert_eq!(count_at("slack", 59_999).as_deref(), Some("1"));
        assert_eq!(count_at("ops", 60_000).as_deref(), Some("3"));
        assert_eq!(count_at("ops", 60_001), None);
    }

    #[test]
    fn an_alert_never_goes_to_the_endpoint_it_is_about_and_says_what_died() {
        let alert = Alerts::default().bury(&death("agent.error"), ("wh_1", "ops"), 0).unwrap();
        assert_eq!(alert.not_to.as_deref(), Some("wh_1"));
        assert_eq!(alert.event.kind, "hooktui.delivery.dead");
        let details: Vec<_> = alert.event.details.iter().map(|(key, value)| format!("{key}={value}")).collect();
        assert_eq!(
            details,
            ["count=1", "delivery=e1_ops", "endpoint=ops", "event=e1", "event_type=agent.error", "reason=exhausted"]
        );
    }

    #[test]
    fn the_deaths_of_alerts_raise_none() {
        assert!(Alerts::default().bury(&death("hooktui.circuit.opened"), ("wh_1", "ops"), 0).is_none());
    }
}
