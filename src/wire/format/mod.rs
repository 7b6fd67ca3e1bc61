//! How a body looks. The chat formats are those of NTM's formatters (`tests/vectors/formats.json`), clipped to what the
//! platforms take.

mod cloudevents;
mod discord;
mod slack;
mod teams;

use super::dialect::{Dialect, Payload};
use super::{Header, Message};
use crate::event::Event;

/// `formatter:` of an endpoint.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default)]
pub enum Format {
    /// The dialect's JSON envelope.
    #[default]
    Json,
    /// A Slack message.
    Slack,
    /// A Discord message.
    Discord,
    /// A Teams adaptive card.
    Teams,
    /// `CloudEvents` 1.0, structured: the attributes and the payload in one JSON object.
    CloudEvents,
    /// `CloudEvents` 1.0, binary: the attributes in headers, the payload alone in the body.
    CloudEventsBinary,
}

impl Format {
    /// Every format with the words a file may use for it, the usual one first.
    pub const WORDS: &'static [(Self, &'static [&'static str])] = &[
        (Self::Json, &["json"]),
        (Self::Slack, &["slack"]),
        (Self::Discord, &["discord"]),
        (Self::Teams, &["teams", "msteams", "ms-teams", "microsoft-teams", "microsoft_teams"]),
        (Self::CloudEvents, &["cloudevents"]),
        (Self::CloudEventsBinary, &["cloudevents-binary"]),
    ];

    /// The format that a file calls so: any letter case, spaces around do not matter.
    #[must_use]
    pub fn from_word(word: &str) -> Option<Self> {
        let word = word.trim().to_lowercase();
        Self::WORDS.iter().find(|(_, words)| words.contains(&word.as_str())).map(|&(format, _)| format)
    }

    /// The usual word for it.
    #[must_use]
    pub const fn as_str(self) -> &'static str {
        match self {
            Self::Json => "json",
            Self::Slack => "slack",
            Self::Discord => "discord",
            Self::Teams => "teams",
            Self::CloudEvents => "cloudevents",
            Self::CloudEventsBinary => "cloudevents-binary",
        }
    }

    /// What the `Content-Type` header says.
    #[must_use]
    pub const fn content_type(self) -> &'static str {
        match self {
            Self::Json | Self::Slack | Self::Discord | Self::Teams | Self::CloudEventsBinary => "application/json",
            Self::CloudEvents => "application/cloudevents+json",
        }
    }

    /// Headers that belong to the body. The endpoint's own ones of the same name replace them.
    pub(super) fn headers(self, message: &Message<'_>) -> Vec<Header> {
        match self {
            Self::Json | Self::Slack | Self::Discord | Self::Teams | Self::CloudEvents => Vec::new(),
            Self::CloudEventsBinary => cloudevents::headers(message.event),
        }
    }

    /// The body.
    pub(super) fn body(self, dialect: &Dialect, message: &Message<'_>) -> Result<Vec<u8>, serde_json::Error> {
        let card = || Card::new(message.event);
        match self {
            Self::Json => (dialect.envelope)(message),
            Self::Slack => slack::body(&card()),
            Self::Discord => discord::body(&card()),
            Self::Teams => teams::body(&card()),
            Self::CloudEvents => cloudevents::body(message.event),
            Self::CloudEventsBinary => serde_json::to_vec(&Payload::of(message.event)),
        }
    }
}

/// What the chat formats show of an event: trimmed, with words for what is missing.
struct Card<'a> {
    event: &'a Event,
    /// The type; none if it is empty.
    kind: Option<&'a str>,
    message: &'a str,
    /// Session, agent and pane, those there are, with the words for them.
    origin: Vec<(&'static str, &'a str)>,
    /// In UTC, to the second; none for the zero time.
    time: Option<String>,
}

impl<'a> Card<'a> {
    fn new(event: &'a Event) -> Self {
        let origin = [("Session", &event.session), ("Agent", &event.agent), ("Pane", &event.pane)];
        Self {
            event,
            kind: Some(event.kind.trim()).filter(|kind| !kind.is_empty()),
            message: Some(event.message.trim()).filter(|message| !message.is_empty()).unwrap_or("(no message)"),
            origin: origin
                .into_iter()
                .map(|(word, value)| (word, value.trim()))
                .filter(|(_, value)| !value.is_empty())
                .collect(),
            time: (!event.timestamp.is_zero()).then(|| event.timestamp.to_utc_seconds()),
        }
    }

    fn title(&self) -> &'a str {
        self.kind.unwrap_or("NTM Event")
    }
}

/// At most `limit` UTF-16 units of the text (the strictest way in which platforms count characters); where it is cut, it
/// ends with `…`.
fn clip(text: &str, limit: usize) -> String {
    if units(text) <= limit {
        return text.to_owned();
    }
    let mut left = limit.saturating_sub(1);
    let kept = text.chars().take_while(|c| {
        let fits = c.len_utf16() <= left;
        left = left.saturating_sub(c.len_utf16());
        fits
    });
    kept.chain(std::iter::once('…')).collect()
}

/// Length in UTF-16 units.
fn units(text: &str) -> usize {
    text.chars().map(char::len_utf16).sum()
}

#[cfg(test)]
mod tests;
