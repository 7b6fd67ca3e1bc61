//! Redaction: what looks like a secret in an event is found before the event is stored (`tests/vectors/redaction.json`).
//!
//! It looks at `message`, at the values of `details` and at the strings inside `data`. Keys are left, and `data` stays as
//! it is, byte for byte, but for the strings in which something was found. The time it takes grows with the text, not
//! with its square, whatever the text holds.

mod find;
mod findings;
mod json;
mod pattern;
mod rules;

use std::borrow::Cow;

use serde::{Deserialize, Serialize};
use serde_json::value::RawValue;

use super::{Event, types};

pub use findings::Findings;
pub use pattern::{BadPattern, Pattern};
pub use rules::categories;

/// The category of extra patterns that were given without one.
pub const CUSTOM: &str = "CUSTOM";

/// What is done about a finding.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default, Serialize, Deserialize)]
#[serde(rename_all = "lowercase")]
pub enum Mode {
    /// Nobody looks.
    Off,
    /// The event is accepted as it is, and the log tells of it.
    Warn,
    /// A placeholder takes its place.
    #[default]
    Redact,
    /// The event is refused.
    Block,
}

impl Mode {
    /// As in the file.
    #[must_use]
    pub const fn as_str(self) -> &'static str {
        match self {
            Self::Off => "off",
            Self::Warn => "warn",
            Self::Redact => "redact",
            Self::Block => "block",
        }
    }
}

/// `hooktui.redaction`. Holds no secret, so it may stand in the journal.
#[derive(Debug, Clone, PartialEq, Eq, Default, Serialize, Deserialize)]
#[serde(default)]
pub struct Policy {
    /// What is done about a finding.
    pub mode: Mode,
    /// What is found and holds a match of one of these is left as it is.
    pub allowlist: Vec<Pattern>,
    /// What else is to be found. A built-in rule wins over them where both match.
    pub extra_patterns: Vec<Extra>,
    /// Built-in categories that are not looked for.
    pub disabled_categories: Vec<String>,
}

/// An extra pattern of the file.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Extra {
    /// What it finds: capitals, digits and `_`.
    pub category: String,
    /// What it looks like.
    pub pattern: Pattern,
}

/// What becomes of an event.
#[derive(Debug, Clone)]
pub enum Passed {
    /// Nothing was found, or nobody looks.
    Clean,
    /// It is accepted as it is; the log tells of this.
    Warned(Findings),
    /// It is accepted like this.
    Redacted(Box<Event>),
    /// It is refused because of this.
    Blocked(Findings),
}

impl Policy {
    /// Looks through an event. One of hooktui's own is never refused: where others are, it is redacted.
    #[must_use]
    pub fn pass(&self, event: &Event) -> Passed {
        if self.mode == Mode::Off {
            return Passed::Clean;
        }
        let Some((redacted, findings)) = self.sweep(event) else { return Passed::Clean };
        match self.mode {
            Mode::Off => Passed::Clean,
            Mode::Warn => Passed::Warned(findings),
            Mode::Block if !types::is_own(&event.kind) => Passed::Blocked(findings),
            Mode::Redact | Mode::Block => Passed::Redacted(Box::new(redacted)),
        }
    }

    /// The text with a placeholder in place of each finding, where the mode asks for that.
    #[must_use]
    pub fn text<'t>(&self, text: &'t str) -> Cow<'t, str> {
        match self.mode {
            Mode::Off | Mode::Warn => Cow::Borrowed(text),
            Mode::Redact | Mode::Block => self.redacted(text),
        }
    }

    /// As [`Policy::text`], for bytes that may not be text everywhere: what is not is left as it is.
    #[must_use]
    pub fn bytes<'b>(&self, bytes: &'b [u8]) -> Cow<'b, [u8]> {
        if let Ok(text) = std::str::from_utf8(bytes) {
            return match self.text(text) {
                Cow::Borrowed(text) => Cow::Borrowed(text.as_bytes()),
                Cow::Owned(text) => Cow::Owned(text.into_bytes()),
            };
        }
        let mut clean = Vec::with_capacity(bytes.len());
        for chunk in bytes.utf8_chunks() {
            clean.extend_from_slice(self.text(chunk.valid()).as_bytes());
            clean.extend_from_slice(chunk.invalid());
        }
        Cow::Owned(clean)
    }

    /// The event with placeholders, and what they stand for; none where nothing was found.
    fn sweep(&self, event: &Event) -> Option<(Event, Findings)> {
        let mut findings = Findings::default();
        let message = self.replaced(&event.message, &mut findings, || "message".to_owned());
        let mut details = Vec::new();
        for (key, value) in event.details.iter() {
            let redacted = self.replaced(value, &mut findings, || format!("details.{key}"));
            details.extend(redacted.map(|value| (key.clone(), value)));
        }
        let data = event.data.as_ref().and_then(|data| {
            json::rewrite(data.get(), |trail, text| self.replaced(text, &mut findings, || format!("data{trail}")))
        });
        if findings.is_empty() {
            return None;
        }
        let mut redacted = event.clone();
        if let Some(message) = message {
            redacted.message = message;
        }
        redacted.details.extend(details);
        if let Some(data) = data {
            // What is no JSON any more is not kept; a string in place of a string is always JSON.
            redacted.data = RawValue::from_string(data).ok();
        }
        Some((redacted, findings))
    }

    /// The text with placeholders; none where nothing was found. Notes what was, and where. A key may look like a secret
    /// too: the place is redacted itself.
    fn replaced(&self, text: &str, findings: &mut Findings, place: impl Fn() -> String) -> Option<String> {
        let found = self.find(text);
        if found.is_empty() {
            return None;
        }
        findings.note(found.iter().map(|found| found.category), || self.redacted(&place()).into_owned());
        Some(find::replace(text, &found))
    }

    fn redacted<'t>(&self, text: &'t str) -> Cow<'t, str> {
        let found = self.find(text);
        if found.is_empty() { Cow::Borrowed(text) } else { Cow::Owned(find::replace(text, &found)) }
    }
}

#[cfg(test)]
mod tests;
