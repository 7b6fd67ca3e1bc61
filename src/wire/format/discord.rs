//! Discord messages: one embed with a field per fact.

use serde::Serialize;

use super::{Card, clip, units};
use crate::event::Severity;

/// Discord refuses an embed with a longer title,
const MAX_TITLE: usize = 256;
/// ... a longer description,
const MAX_DESCRIPTION: usize = 4_096;
/// ... a longer name of a field,
const MAX_NAME: usize = 256;
/// ... a longer value of a field,
const MAX_VALUE: usize = 1_024;
/// ... more fields,
const MAX_FIELDS: usize = 25;
/// ... or more characters in all of them together.
const MAX_TOTAL: usize = 6_000;
/// Kept free for the field that tells how many were left out.
const RESERVE: usize = 64;
/// It refuses empty names and values as well; this one looks empty.
const ZERO_WIDTH_SPACE: &str = "\u{200b}";

#[derive(Serialize)]
struct Body<'a> {
    content: &'a str,
    embeds: [Embed<'a>; 1],
}

#[derive(Serialize)]
struct Embed<'a> {
    title: String,
    description: String,
    #[serde(skip_serializing_if = "Option::is_none")]
    timestamp: Option<&'a str>,
    color: u32,
    #[serde(skip_serializing_if = "Vec::is_empty")]
    fields: Vec<Field>,
}

#[derive(Serialize)]
struct Field {
    name: String,
    value: String,
    #[serde(skip_serializing_if = "std::ops::Not::not")]
    inline: bool,
}

impl Field {
    fn new(name: &str, value: &str, inline: bool) -> Self {
        let some = |text: String| if text.trim().is_empty() { ZERO_WIDTH_SPACE.to_owned() } else { text };
        Self { name: some(clip(name, MAX_NAME)), value: some(clip(value, MAX_VALUE)), inline }
    }

    fn size(&self) -> usize {
        units(&self.name) + units(&self.value)
    }
}

pub(super) fn body(card: &Card<'_>) -> Result<Vec<u8>, serde_json::Error> {
    let (title, description) = (clip(card.title(), MAX_TITLE), clip(card.message, MAX_DESCRIPTION));
    let room = MAX_TOTAL.saturating_sub(units(&title) + units(&description));
    let id = Some(card.event.id.as_str()).filter(|id| !id.is_empty());
    let origin = card.origin.iter().map(|(word, value)| Field::new(word, value, true));
    let id = id.map(|id| Field::new("Event ID", id, false));
    let details = card.event.details.iter().map(|(key, value)| Field::new(key, value, false));
    let embed = Embed {
        title,
        description,
        timestamp: card.time.as_deref(),
        color: match card.event.severity() {
            Severity::Error => 15_158_332,
            Severity::Warning => 15_844_367,
            Severity::Success => 3_066_993,
            Severity::Info => 3_447_003,
        },
        fields: fit(origin.chain(id).chain(details).collect(), room),
    };
    serde_json::to_vec(&Body { content: "NTM notification", embeds: [embed] })
}

/// As many of the fields as fit; where some do not, the last one says how many.
fn fit(mut fields: Vec<Field>, room: usize) -> Vec<Field> {
    if fields.len() <= MAX_FIELDS && fields.iter().map(Field::size).sum::<usize>() <= room {
        return fields;
    }
    let mut used = 0;
    let fitting = fields
        .iter()
        .take(MAX_FIELDS - 1)
        .take_while(|field| {
            used += field.size();
            used + RESERVE <= room
        })
        .count();
    let left_out = fields.len() - fitting;
    fields.truncate(fitting);
    fields.push(Field::new("…", &format!("{left_out} more"), false));
    fields
}
