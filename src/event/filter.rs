//! `filter:` of an endpoint.

use serde::{Deserialize, Serialize};

use super::Event;
use super::glob::Glob;
use super::types::{Severity, fold_agent};

/// Conditions beyond the type. An event without the field that is asked for does not match.
#[derive(Debug, Clone, PartialEq, Eq, Default, Serialize, Deserialize)]
pub struct Filter {
    /// Glob over the session, as Go's `path.Match`; one that cannot be parsed matches nothing.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub session: Option<String>,
    /// Agent types as [`fold_agent`] gives them; empty: any.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub agent_type: Vec<String>,
    /// Severities; empty: any.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub severity: Vec<Severity>,
}

impl Filter {
    /// Whether the event passes.
    #[must_use]
    pub fn matches(&self, event: &Event) -> bool {
        self.session.as_ref().is_none_or(|glob| session_matches(glob, &event.session))
            && (self.agent_type.is_empty() || self.agent_matches(&event.agent))
            && (self.severity.is_empty() || self.severity.contains(&Severity::of_type(&event.kind)))
    }

    fn agent_matches(&self, agent: &str) -> bool {
        let folded = fold_agent(agent);
        !folded.is_empty() && self.agent_type.iter().any(|asked| *asked == folded)
    }
}

fn session_matches(glob: &str, session: &str) -> bool {
    !session.is_empty() && Glob::parse(glob).is_ok_and(|glob| glob.matches(session))
}

#[cfg(test)]
mod tests {
    use super::*;

    fn event(kind: &str, session: &str, agent: &str) -> Event {
        Event { session: session.to_owned(), agent: agent.to_owned(), ..Event::new(kind) }
    }

    #[test]
    fn all_that_is_asked_for_must_fit() {
        let filter = Filter {
            session: Some("acme-*".to_owned()),
            agent_type: vec!["cc".to_owned()],
            severity: vec![Severity::Error],
        };
        for (kind, session, agent, passes) in [
            ("agent.error", "acme-api", "Claude-Code", true),
            ("agent.error", "other", "cc", false),
            ("agent.error", "acme-api", "codex", false),
            ("agent.idle", "acme-api", "cc", false),
        ] {
            assert_eq!(filter.matches(&event(kind, session, agent)), passes, "{kind} {session} {agent}");
        }
    }

    #[test]
    fn an_event_without_the_field_that_is_asked_for_does_not_match() {
        let by_session = Filter { session: Some("*".to_owned()), ..Filter::default() };
        let by_agent = Filter { agent_type: vec!["cc".to_owned()], ..Filter::default() };
        let bare = event("agent.error", "", "");
        assert!(!by_session.matches(&bare));
        assert!(!by_agent.matches(&bare));
        assert!(Filter::default().matches(&bare));
    }
}
