//! The values that a template works on, with the types that they have in Go: its rules ask for the type.

use std::cell::OnceCell;
use std::collections::BTreeMap;
use std::rc::Rc;

use serde_json::Value as Json;

use super::time::Time;
use crate::event::Event;

/// Any value. Cheap to clone: it borrows from the event and the template, or shares.
#[derive(Debug, Clone)]
pub(super) enum Value<'e> {
    /// Nothing at all, what a missing key gives. Prints as `<no value>`.
    Missing,
    /// An empty `interface {}`: JSON's null.
    Nil,
    Bool(bool),
    Int(i64, Signed),
    Uint(u64, Unsigned),
    Float(f64),
    Text(Text<'e>),
    Map(Map<'e>),
    List(&'e [Json]),
    Event(&'e Source<'e>),
    Time(Time),
}

/// The types of whole numbers with a sign.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Signed {
    Int,
    Int64,
    Month,
    Weekday,
    Duration,
}

/// The types of whole numbers without a sign.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Unsigned {
    /// A byte of a text.
    Uint8,
    Uint64,
}

/// A string of Go: bytes, usually UTF-8 (a slice may cut a character).
#[derive(Debug, Clone)]
pub(super) enum Text<'e> {
    Borrowed(&'e [u8]),
    Shared(Rc<[u8]>),
}

/// A map with text keys; it is walked in key order.
#[derive(Debug, Clone, Copy)]
pub(super) enum Map<'e> {
    /// `map[string]string`; none is Go's nil map.
    Details(Option<&'e BTreeMap<String, String>>),
    /// `map[string]interface {}`
    Json(&'e serde_json::Map<String, Json>),
}

/// The event, and its data once somebody has asked for it.
#[derive(Debug)]
pub(super) struct Source<'e> {
    pub(super) event: &'e Event,
    data: OnceCell<Result<Json, String>>,
}

/// The fields of an event in the order in which Go would print them.
pub(super) const FIELDS: &[&str] =
    &["ID", "Type", "Timestamp", "Session", "Pane", "Agent", "Message", "Details", "Data"];

impl<'e> Source<'e> {
    pub(super) const fn new(event: &'e Event) -> Self {
        Self { event, data: OnceCell::new() }
    }

    /// A field by its name; none for another name.
    pub(super) fn field(&'e self, name: &str) -> Option<Result<Value<'e>, String>> {
        let event = self.event;
        let text = |text: &'e str| Value::Text(Text::Borrowed(text.as_bytes()));
        Some(Ok(match name {
            "ID" => text(&event.id),
            "Type" => text(&event.kind),
            "Timestamp" => Value::Time(Time::of(event.timestamp)),
            "Session" => text(&event.session),
            "Pane" => text(&event.pane),
            "Agent" => text(&event.agent),
            "Message" => text(&event.message),
            "Details" => Value::Map(Map::Details(event.details.given())),
            "Data" => return Some(self.data()),
            _ => return None,
        }))
    }

    fn data(&'e self) -> Result<Value<'e>, String> {
        let Some(raw) = &self.event.data else { return Ok(Value::Nil) };
        let read = || serde_json::from_str(raw.get()).map_err(|error| format!("`data` cannot be used: {error}"));
        self.data.get_or_init(read).as_ref().map(Value::of_json).map_err(Clone::clone)
    }
}

impl<'e> Value<'e> {
    /// Whole numbers stay whole where Go's own reader makes every number a `float64`: so an id prints as it was
    /// written, and can be compared with a constant.
    pub(super) fn of_json(json: &'e Json) -> Self {
        match json {
            Json::Null => Self::Nil,
            Json::Bool(value) => Self::Bool(*value),
            Json::Number(number) => match (number.as_i64(), number.as_u64()) {
                (Some(int), _) => Self::Int(int, Signed::Int),
                (None, Some(uint)) => Self::Uint(uint, Unsigned::Uint64),
                (None, None) => Self::Float(number.as_f64().unwrap_or_default()),
            },
            Json::String(text) => Self::Text(Text::Borrowed(text.as_bytes())),
            Json::Array(items) => Self::List(items),
            Json::Object(map) => Self::Map(Map::Json(map)),
        }
    }

    /// A text that a function made.
    pub(super) fn text(bytes: Vec<u8>) -> Self {
        Self::Text(Text::Shared(bytes.into()))
    }

    /// A count.
    pub(super) fn count(count: usize) -> Self {
        Self::Int(i64::try_from(count).unwrap_or(i64::MAX), Signed::Int)
    }

    /// The name of its type, as Go's `%T` says it.
    pub(super) const fn type_name(&self) -> &'static str {
        match self {
            Self::Missing | Self::Nil => "<nil>",
            Self::Bool(_) => "bool",
            Self::Int(_, Signed::Int) => "int",
            Self::Int(_, Signed::Int64) => "int64",
            Self::Int(_, Signed::Month) => "time.Month",
            Self::Int(_, Signed::Weekday) => "time.Weekday",
            Self::Int(_, Signed::Duration) => "time.Duration",
            Self::Uint(_, Unsigned::Uint8) => "uint8",
            Self::Uint(_, Unsigned::Uint64) => "uint64",
            Self::Float(_) => "float64",
            Self::Text(_) => "string",
            Self::Map(Map::Details(_)) => "map[string]string",
            Self::Map(Map::Json(_)) => "map[string]interface {}",
            Self::List(_) => "[]interface {}",
            Self::Event(_) => "webhook.Event",
            Self::Time(_) => "time.Time",
        }
    }

    /// Whether `if` takes it for true: it is not the zero of its type.
    pub(super) fn is_true(&self) -> bool {
        match self {
            Self::Missing | Self::Nil => false,
            Self::Bool(value) => *value,
            Self::Int(value, _) => *value != 0,
            Self::Uint(value, _) => *value != 0,
            Self::Float(value) => *value != 0.0,
            Self::Text(text) => !text.bytes().is_empty(),
            Self::Map(map) => map.len() > 0,
            Self::List(items) => !items.is_empty(),
            Self::Event(_) | Self::Time(_) => true,
        }
    }

    /// Nothing, or nothing in an interface.
    pub(super) const fn is_nil(&self) -> bool {
        matches!(self, Self::Missing | Self::Nil)
    }

    /// What stands in an interface; nothing for an empty one.
    pub(super) fn inner(self) -> Self {
        if self.is_nil() { Self::Missing } else { self }
    }
}

impl Text<'_> {
    pub(super) fn bytes(&self) -> &[u8] {
        match self {
            Self::Borrowed(bytes) => bytes,
            Self::Shared(bytes) => bytes,
        }
    }
}

impl<'e> Map<'e> {
    pub(super) fn len(self) -> usize {
        match self {
            Self::Details(map) => map.map_or(0, BTreeMap::len),
            Self::Json(map) => map.len(),
        }
    }

    /// The value of a key.
    pub(super) fn get(self, key: &[u8]) -> Option<Value<'e>> {
        let key = std::str::from_utf8(key).ok()?;
        match self {
            Self::Details(map) => map?.get(key).map(|text| Value::Text(Text::Borrowed(text.as_bytes()))),
            Self::Json(map) => map.get(key).map(Value::of_json),
        }
    }

    /// What a key that is not there gives to `index`: the zero of the type of its values.
    pub(super) const fn zero(self) -> Value<'e> {
        match self {
            Self::Details(_) => Value::Text(Text::Borrowed(b"")),
            Self::Json(_) => Value::Nil,
        }
    }

    /// Keys and values in key order.
    pub(super) fn iter(self) -> Box<dyn Iterator<Item = (&'e str, Value<'e>)> + 'e> {
        match self {
            Self::Details(map) => Box::new(
                map.into_iter()
                    .flatten()
                    .map(|(key, text)| (key.as_str(), Value::Text(Text::Borrowed(text.as_bytes())))),
            ),
            Self::Json(map) => Box::new(map.iter().map(|(key, json)| (key.as_str(), Value::of_json(json)))),
        }
    }
}
