//! Routing: which endpoints an event goes to, by a revision of the file.

use serde::{Deserialize, Deserializer, Serialize};

use super::Event;
use super::filter::Filter;
use super::pattern::Patterns;
use super::query::Name;
use super::redact::Policy;

/// The part of one endpoint that routing needs. Holds no secret, so it may stand in the journal.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Route {
    /// The endpoint's id.
    pub endpoint: String,
    /// Its name in the file.
    pub name: String,
    /// The host of its URL: all of the URL that may be shown.
    pub host: String,
    /// What it listens to.
    pub patterns: Patterns,
    /// Further conditions.
    #[serde(default)]
    pub filter: Filter,
    /// `enabled:` of the file. An endpoint that is not enabled gets no new deliveries.
    pub enabled: bool,
}

impl Route {
    /// Whether the event goes to this endpoint, as far as the file decides it.
    #[must_use]
    pub fn wants(&self, event: &Event) -> bool {
        self.enabled && self.patterns.matches(&event.kind) && self.filter.matches(event)
    }
}

/// Limits that accepting obeys (`hooktui.manager`, `hooktui.journal`). 0 means no limit.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default, Serialize, Deserialize)]
pub struct Limits {
    /// Most queued and scheduled deliveries.
    pub queue_size: u64,
    /// At a full queue: kill the oldest instead of refusing the new.
    pub drop_oldest: bool,
    /// Most dead letters; the oldest are cleared.
    pub dead_letter_limit: u64,
    /// Largest size of the journal in bytes.
    pub max_size: u64,
}

/// The part without secrets of the file as last applied: what `emit` routes by while a dispatcher lives.
#[derive(Debug, Clone, PartialEq, Eq, Default, Serialize, Deserialize)]
pub struct Revision {
    /// One per endpoint, in file order.
    pub routes: Vec<Route>,
    /// The limits.
    pub limits: Limits,
    /// How events are redacted. What another version wrote and this one cannot read counts as the default.
    #[serde(default, deserialize_with = "readable")]
    pub redaction: Policy,
}

impl Revision {
    /// The endpoint that a person means: by id, else by name, trimmed and in any letter case, as the file compares names.
    #[must_use]
    pub fn called(&self, name: &str) -> Option<&Route> {
        let name = name.trim();
        let wanted = Name::exactly(name);
        let by_id = self.routes.iter().find(|route| route.endpoint == name);
        by_id.or_else(|| self.routes.iter().find(|route| wanted.fits(&route.name)))
    }
}

/// A revision must stay readable whatever stands in it: without one nothing is accepted, and no other is applied.
fn readable<'de, D: Deserializer<'de>>(deserializer: D) -> Result<Policy, D::Error> {
    let value = serde_json::Value::deserialize(deserializer)?;
    Ok(serde_json::from_value(value).unwrap_or_default())
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::event::redact::{CUSTOM, Extra, Mode, Pattern};

    #[test]
    fn a_revision_reads_back_and_one_of_another_version_stays_readable() {
        let policy = Policy {
            mode: Mode::Warn,
            allowlist: vec![Pattern::new("^password=example$").unwrap()],
            extra_patterns: vec![Extra { category: CUSTOM.to_owned(), pattern: Pattern::new("acme-[0-9]+").unwrap() }],
            disabled_categories: vec!["JWT".to_owned()],
        };
        let revision = Revision { redaction: policy, ..Revision::default() };
        let json = serde_json::to_string(&revision).unwrap();
        assert_eq!(serde_json::from_str::<Revision>(&json).unwrap(), revision);

        let limits = serde_json::to_value(Limits::default()).unwrap();
        for (redaction, mode) in [
            (serde_json::json!({"mode": "off"}), Mode::Off),
            (serde_json::json!({"mode": "shred"}), Mode::Redact),
            (serde_json::json!({"mode": "off", "extra_patterns": ["("]}), Mode::Redact),
            (serde_json::Value::Null, Mode::Redact),
        ] {
            let old = serde_json::json!({"routes": [], "limits": limits, "redaction": redaction});
            assert_eq!(serde_json::from_value::<Revision>(old).unwrap().redaction.mode, mode, "{redaction}");
        }
        let older = serde_json::json!({"routes": [], "limits": limits});
        assert_eq!(serde_json::from_value::<Revision>(older).unwrap(), Revision::default());
    }
}
