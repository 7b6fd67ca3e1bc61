//! What most envelopes carry as `data`.

use std::collections::BTreeMap;

use serde::Serialize;
use serde_json::value::RawValue;

use crate::event::Event;

/// The event's own data, as it came; of an event without, what it says in fields.
#[derive(Serialize)]
#[serde(untagged)]
pub enum Payload<'a> {
    /// The event's data.
    Data(&'a RawValue),
    /// Its fields; the envelope tells type and time.
    Fields(Fields<'a>),
}

/// Fields of an event. Empty ones are left out, but for the message.
#[derive(Serialize)]
pub struct Fields<'a> {
    id: &'a str,
    #[serde(skip_serializing_if = "str::is_empty")]
    session: &'a str,
    #[serde(skip_serializing_if = "str::is_empty")]
    pane: &'a str,
    #[serde(skip_serializing_if = "str::is_empty")]
    agent: &'a str,
    message: &'a str,
    #[serde(skip_serializing_if = "BTreeMap::is_empty")]
    details: &'a BTreeMap<String, String>,
}

impl<'a> Payload<'a> {
    /// The payload of an event.
    pub fn of(event: &'a Event) -> Self {
        match &event.data {
            Some(data) => Self::Data(data),
            None => Self::Fields(Fields {
                id: &event.id,
                session: &event.session,
                pane: &event.pane,
                agent: &event.agent,
                message: &event.message,
                details: &event.details,
            }),
        }
    }
}
