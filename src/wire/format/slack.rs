//! Slack messages: a header, the message, where it came from, the details.

use serde::Serialize;

use super::{Card, clip};

/// Slack refuses a message whose text is longer.
const MAX_TEXT: usize = 40_000;
/// ... or whose header block is longer,
const MAX_HEADER: usize = 150;
/// ... or the text of a section,
const MAX_SECTION: usize = 3_000;
/// ... or a field of a section.
const MAX_FIELD: usize = 2_000;

#[derive(Serialize)]
struct Body {
    text: String,
    blocks: Vec<Block>,
}

#[derive(Serialize)]
#[serde(tag = "type", rename_all = "snake_case")]
enum Block {
    Header {
        text: Text,
    },
    #[serde(rename = "section")]
    Section {
        text: Text,
    },
    #[serde(rename = "section")]
    Fields {
        fields: Vec<Text>,
    },
}

#[derive(Serialize)]
#[serde(tag = "type", rename_all = "snake_case")]
enum Text {
    PlainText { text: String, emoji: bool },
    Mrkdwn { text: String },
}

pub(super) fn body(card: &Card<'_>) -> Result<Vec<u8>, serde_json::Error> {
    let title = card.kind.map_or_else(|| card.title().to_owned(), |kind| format!("NTM: {kind}"));
    let section = |text: &str| Block::Section { text: Text::Mrkdwn { text: clip(text, MAX_SECTION) } };
    let mut blocks = vec![
        Block::Header { text: Text::PlainText { text: clip(&title, MAX_HEADER), emoji: true } },
        section(card.message),
    ];
    let time = card.time.as_deref().map(|time| ("Time", time));
    let fields: Vec<Text> = card
        .origin
        .iter()
        .copied()
        .chain(time)
        .map(|(word, value)| Text::Mrkdwn { text: clip(&format!("*{word}:* {value}"), MAX_FIELD) })
        .collect();
    if !fields.is_empty() {
        blocks.push(Block::Fields { fields });
    }
    if !card.event.details.is_empty() {
        let line = |(key, value): (&String, &String)| format!("• *{key}:* {value}").trim_end().to_owned();
        let lines: Vec<String> = card.event.details.iter().map(line).collect();
        blocks.push(section(&format!("*Details:*\n{}", lines.join("\n"))));
    }
    serde_json::to_vec(&Body { text: clip(&format!("{title} — {}", card.message), MAX_TEXT), blocks })
}
