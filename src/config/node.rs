//! The file as a tree that knows where each value stands. What reads it tells problems by place.

use std::fmt;
use std::rc::Rc;

/// One value and where it stands.
#[derive(Debug, Clone)]
pub(super) struct Node {
    pub(super) value: Value,
    pub(super) place: Place,
}

/// A place in the file: line and column from 1, and the path of keys that leads there.
#[derive(Debug, Clone)]
pub(super) struct Place {
    pub(super) line: u64,
    pub(super) column: u64,
    pub(super) trail: Rc<Trail>,
    /// The variable that stands there and nothing else: what it holds has no place of its own.
    pub(super) variable: Option<Rc<str>>,
}

/// What a value is.
#[derive(Debug, Clone)]
pub(super) enum Value {
    Scalar(Scalar),
    List(Vec<Node>),
    Map(Vec<Entry>),
}

/// A text that may mean a number, a truth value or nothing.
#[derive(Clone)]
pub(super) struct Scalar {
    /// As written, without its quotes.
    pub(super) text: String,
    /// Written without quotes: only then can it be more than a text.
    pub(super) plain: bool,
    /// The values of the variables it was made from. It may be a secret if there are any.
    pub(super) variables: Vec<String>,
    /// The variable that is not set here.
    pub(super) missing: Option<String>,
}

/// One key of a map and its value. The key's place is the problem's place when the key is wrong.
#[derive(Debug, Clone)]
pub(super) struct Entry {
    pub(super) key: String,
    pub(super) key_place: Place,
    pub(super) node: Node,
}

/// The keys from the root to a value. A linked list: a hostile file must not make us copy long paths a thousand times.
#[derive(Debug)]
pub(super) struct Trail {
    parent: Option<Rc<Trail>>,
    step: Step,
}

#[derive(Debug)]
enum Step {
    Root,
    Key(String),
    Index(usize),
}

/// Longest key shown in a path, in characters.
const SHOWN_KEY: usize = 60;

impl Trail {
    pub(super) fn root() -> Rc<Self> {
        Rc::new(Self { parent: None, step: Step::Root })
    }

    pub(super) fn key(self: &Rc<Self>, key: &str) -> Rc<Self> {
        Rc::new(Self { parent: Some(Rc::clone(self)), step: Step::Key(shown_key(key)) })
    }

    pub(super) fn index(self: &Rc<Self>, index: usize) -> Rc<Self> {
        Rc::new(Self { parent: Some(Rc::clone(self)), step: Step::Index(index) })
    }

    /// Whether both stand in the same map or list of the file. Keys of an entry may not: one entry can overlay another.
    pub(super) fn is_beside(&self, other: &Self) -> bool {
        self.parent.as_ref().zip(other.parent.as_ref()).is_some_and(|(one, other)| Rc::ptr_eq(one, other))
    }
}

impl fmt::Display for Trail {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let Some(parent) = &self.parent else { return Ok(()) };
        write!(f, "{parent}")?;
        match &self.step {
            Step::Root => Ok(()),
            Step::Key(key) if parent.parent.is_none() => f.write_str(key),
            Step::Key(key) => write!(f, ".{key}"),
            Step::Index(index) => write!(f, "[{index}]"),
        }
    }
}

/// A key as it may be shown: shortened, control characters escaped.
pub(super) fn shown_key(key: &str) -> String {
    let mut shown: String = key.chars().take(SHOWN_KEY).flat_map(escaped).collect();
    if key.chars().nth(SHOWN_KEY).is_some() {
        shown.push('…');
    }
    shown
}

fn escaped(c: char) -> impl Iterator<Item = char> {
    let escape = c.is_control().then(|| c.escape_default());
    let plain = (!c.is_control()).then_some(c);
    escape.into_iter().flatten().chain(plain)
}

impl Node {
    /// In words, for "found ...": its kind, and which variable holds it.
    pub(super) fn found(&self) -> String {
        let held = self.place.variable.as_ref().map(|name| format!(" in ${name}"));
        format!("{}{}", self.kind(), held.unwrap_or_default())
    }

    /// What it is, in words.
    pub(super) fn kind(&self) -> &'static str {
        match &self.value {
            Value::List(_) => "a list",
            Value::Map(_) => "a map",
            Value::Scalar(scalar) if scalar.is_null() => "nothing",
            Value::Scalar(scalar) if scalar.boolean().is_some() => "a truth value",
            Value::Scalar(scalar) if scalar.integer().is_some() || scalar.number().is_some() => "a number",
            Value::Scalar(_) => "a text",
        }
    }

    pub(super) const fn scalar(&self) -> Option<&Scalar> {
        match &self.value {
            Value::Scalar(scalar) => Some(scalar),
            Value::List(_) | Value::Map(_) => None,
        }
    }

    /// Nothing stands there: `key:` alone, `~` or `null`.
    pub(super) fn is_null(&self) -> bool {
        self.scalar().is_some_and(Scalar::is_null)
    }

    /// The value of a key, if this is a map that has it.
    pub(super) fn get(&self, key: &str) -> Option<&Self> {
        match &self.value {
            Value::Map(entries) => entries.iter().rev().find(|entry| entry.key == key).map(|entry| &entry.node),
            Value::Scalar(_) | Value::List(_) => None,
        }
    }
}

impl fmt::Debug for Scalar {
    /// The text may be a secret.
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("Scalar")
    }
}

impl Scalar {
    pub(super) fn is_null(&self) -> bool {
        self.plain && matches!(self.text.as_str(), "" | "~" | "null" | "Null" | "NULL")
    }

    /// `true` and `false` only: YAML's older `yes`, `on`, `y` are refused rather than guessed.
    pub(super) fn boolean(&self) -> Option<bool> {
        match self.text.as_str() {
            "true" | "True" | "TRUE" if self.plain => Some(true),
            "false" | "False" | "FALSE" if self.plain => Some(false),
            _ => None,
        }
    }

    /// A whole number as Go's YAML reads it: decimal, `0x`, `0o` or leading `0`, `0b`, with underscores.
    pub(super) fn integer(&self) -> Option<i64> {
        if !self.plain {
            return None;
        }
        let text = self.text.replace('_', "");
        let (negative, digits) = match text.strip_prefix('-') {
            Some(rest) => (true, rest),
            None => (false, text.strip_prefix('+').unwrap_or(&text)),
        };
        let (radix, digits) = match digits.as_bytes() {
            [b'0', b'x' | b'X', ..] => (16, digits.get(2..)?),
            [b'0', b'o' | b'O', ..] => (8, digits.get(2..)?),
            [b'0', b'b' | b'B', ..] => (2, digits.get(2..)?),
            [b'0', _, ..] => (8, digits.get(1..)?),
            _ => (10, digits),
        };
        if !digits.starts_with(|c: char| c.is_ascii_alphanumeric()) {
            return None;
        }
        let magnitude = i64::from_str_radix(digits, radix).ok()?;
        Some(if negative { -magnitude } else { magnitude })
    }

    /// A finite number.
    pub(super) fn number(&self) -> Option<f64> {
        if !self.plain || !self.text.starts_with(|c: char| c.is_ascii_digit() || matches!(c, '-' | '+' | '.')) {
            return None;
        }
        self.text.parse().ok().filter(|number: &f64| number.is_finite())
    }
}
