//! Teams messages: an adaptive card with a set of facts.

use serde::Serialize;

use super::{Card, clip};
use crate::event::Severity;

/// Teams refuses a message of more bytes (28 KB).
const MAX_BYTES: usize = 28_000;

/// How far a card that is too large is cut: characters per text and number of facts. The first step that fits is taken;
/// the last one always does (29 facts of twice 64 characters of 6 bytes).
const STEPS: &[(usize, usize)] = &[(usize::MAX, usize::MAX), (8_192, 100), (2_048, 50), (512, 25), (64, 25)];

#[derive(Serialize)]
struct Body {
    r#type: &'static str,
    attachments: [Attachment; 1],
}

#[derive(Serialize)]
#[serde(rename_all = "camelCase")]
struct Attachment {
    content_type: &'static str,
    content: Content,
}

#[derive(Serialize)]
struct Content {
    #[serde(rename = "$schema")]
    schema: &'static str,
    r#type: &'static str,
    version: &'static str,
    body: Vec<Element>,
}

#[derive(Serialize)]
#[serde(tag = "type")]
enum Element {
    #[serde(rename = "TextBlock")]
    Title {
        text: String,
        size: &'static str,
        weight: &'static str,
        color: &'static str,
    },
    #[serde(rename = "TextBlock")]
    Text {
        text: String,
        wrap: bool,
    },
    FactSet {
        facts: Vec<Fact>,
    },
}

#[derive(Serialize)]
struct Fact {
    title: String,
    value: String,
}

pub(super) fn body(card: &Card<'_>) -> Result<Vec<u8>, serde_json::Error> {
    let mut body = Vec::new();
    for &(characters, facts) in STEPS {
        body = serde_json::to_vec(&message(card, characters, facts))?;
        if body.len() <= MAX_BYTES {
            break;
        }
    }
    Ok(body)
}

fn message(card: &Card<'_>, characters: usize, most_details: usize) -> Body {
    let fact = |title: &str, value: &str| Fact { title: clip(title, characters), value: clip(value, characters) };
    let time = card.time.as_deref().map(|time| ("Time", time));
    let details = card.event.details.iter().take(most_details).map(|(key, value)| fact(key, value));
    let facts: Vec<Fact> =
        card.origin.iter().copied().chain(time).map(|(word, value)| fact(word, value)).chain(details).collect();
    let mut elements = vec![
        Element::Title {
            text: clip(card.title(), characters),
            size: "Medium",
            weight: "Bolder",
            color: match card.event.severity() {
                Severity::Error => "Attention",
                Severity::Warning => "Warning",
                Severity::Success => "Good",
                Severity::Info => "Accent",
            },
        },
        Element::Text { text: clip(card.message, characters), wrap: true },
    ];
    if !facts.is_empty() {
        elements.push(Element::FactSet { facts });
    }
    Body {
        r#type: "message",
        attachments: [Attachment {
            content_type: "application/vnd.microsoft.card.adaptive",
            content: Content {
                schema: "http://adaptivecards.io/schemas/adaptive-card.json",
                r#type: "AdaptiveCard",
                version: "1.5",
                body: elements,
            },
        }],
    }
}
