//! Reading typed values out of the tree. Every reader tells what is wrong and what would be right, and goes on.
//!
//! A value whose variable is not set here reads as none, silently: that is told once, where the tree is complete.

use std::ops::RangeInclusive;
use std::time::Duration;

use super::duration;
use super::node::{Entry, Node, Scalar, Value, shown_key};
use super::report::Report;

/// Longest word for which a suggestion is looked for, in bytes.
const LONGEST_GUESS: usize = 60;

/// The keys of one map, each taken once; what is left over at the end is unknown.
#[derive(Debug)]
pub(super) struct Fields<'a> {
    entries: &'a [Entry],
    known: Vec<&'static str>,
}

impl<'a> Fields<'a> {
    /// The map's keys. None where there is nothing, or something else than a map (which is told).
    pub(super) fn of(node: &'a Node, report: &mut Report<'_>) -> Option<Self> {
        match &node.value {
            Value::Map(entries) => Some(Self { entries, known: Vec::new() }),
            _ if node.is_null() || node.missing() => None,
            _ => {
                report.error(&node.place, format!("must be a map of keys and values, found {}", node.found()));
                None
            }
        }
    }

    /// The value of a key; none where it is absent or empty (`key:`).
    pub(super) fn take(&mut self, key: &'static str, report: &mut Report<'_>) -> Option<&'a Node> {
        self.known.push(key);
        let mut found = self.entries.iter().filter(|entry| entry.key == key);
        let first = found.next()?;
        for again in found {
            let line = first.key_place.line;
            report.error(&again.key_place, format!("stands here a second time (first on line {line}); keep one"));
        }
        Some(&first.node).filter(|node| !node.is_null())
    }

    /// Tells every key that was not taken.
    pub(super) fn finish(self, report: &mut Report<'_>) {
        for entry in self.entries.iter().filter(|entry| !self.known.contains(&entry.key.as_str())) {
            let cure = match nearest(&entry.key, self.known.iter().copied()) {
                Some(near) => format!("did you mean `{near}`?"),
                None => format!("known here: {}", self.known.join(", ")),
            };
            let key = match &entry.key_place.variable {
                Some(name) => format!("in ${name}"),
                None => format!("`{}`", shown_key(&entry.key)),
            };
            report.error(&entry.key_place, format!("unknown key {key}; {cure}"));
        }
    }
}

/// The known word that was probably meant.
#[must_use]
pub fn nearest<'w>(word: &str, known: impl IntoIterator<Item = &'w str>) -> Option<&'w str> {
    if word.len() > LONGEST_GUESS {
        return None;
    }
    let word = word.trim().to_lowercase();
    let near_enough = (word.chars().count() / 3).clamp(1, 3);
    known
        .into_iter()
        .map(|known| (strsim::osa_distance(&word, &known.to_lowercase()), known))
        .min_by_key(|&(distance, _)| distance)
        .filter(|&(distance, _)| distance <= near_enough)
        .map(|(_, known)| known)
}

/// A value as it may be repeated in a message: shortened, and not at all where a variable made it.
pub(super) fn shown(scalar: &Scalar) -> String {
    if scalar.variables.is_empty() {
        format!("`{}`", shown_key(&scalar.text))
    } else {
        "what the variable holds".to_owned()
    }
}

/// A scalar that is there. `expected` completes "must be ...".
pub(super) fn scalar<'a>(node: &'a Node, expected: &str, report: &mut Report<'_>) -> Option<&'a Scalar> {
    match &node.value {
        Value::Scalar(scalar) => Some(scalar).filter(|scalar| scalar.missing.is_none() && !scalar.is_null()),
        Value::List(_) | Value::Map(_) => {
            let quote = |name| format!("; if it is meant as one text, write \"${{{name}}}\" in quotes");
            let cure = node.place.variable.as_ref().map(quote).unwrap_or_default();
            report.error(&node.place, format!("must be {expected}, found {}{cure}", node.found()));
            None
        }
    }
}

/// A text; a number or truth value is taken as it is spelled, as in NTM.
pub(super) fn text(node: &Node, report: &mut Report<'_>) -> Option<String> {
    scalar(node, "a text", report).map(|scalar| scalar.text.clone())
}

/// `true` or `false`.
pub(super) fn boolean(node: &Node, report: &mut Report<'_>) -> Option<bool> {
    let scalar = scalar(node, "true or false", report)?;
    let value = scalar.boolean();
    if value.is_none() {
        report.error(&node.place, format!("must be true or false, found {}", shown(scalar)));
    }
    value
}

/// A whole number within a range.
pub(super) fn integer(node: &Node, range: RangeInclusive<i64>, report: &mut Report<'_>) -> Option<i64> {
    let expected = format!("a whole number from {} to {}", range.start(), range.end());
    let scalar = scalar(node, &expected, report)?;
    let value = scalar.integer().or_else(|| whole(scalar.number()?)).filter(|value| range.contains(value));
    if value.is_none() {
        report.error(&node.place, format!("must be {expected}, found {}", shown(scalar)));
    }
    value
}

/// `5.0` is 5, as in NTM.
fn whole(number: f64) -> Option<i64> {
    format!("{number:.0}").parse::<i64>().ok().filter(|_| number.fract() == 0.0)
}

/// A whole number that is a count.
pub(super) fn count(node: &Node, range: RangeInclusive<i64>, report: &mut Report<'_>) -> Option<u32> {
    integer(node, range, report).and_then(|value| u32::try_from(value).ok())
}

/// A number within a range.
pub(super) fn number(node: &Node, range: RangeInclusive<f64>, report: &mut Report<'_>) -> Option<f64> {
    let expected = format!("a number from {} to {}", range.start(), range.end());
    let scalar = scalar(node, &expected, report)?;
    let value = scalar.number().filter(|value| range.contains(value));
    if value.is_none() {
        report.error(&node.place, format!("must be {expected}, found {}", shown(scalar)));
    }
    value
}

/// Whose key a duration belongs to.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Span {
    /// NTM's: no days, and 0 is the default.
    Ntm,
    /// Ours: days too, and longer than 0.
    Ours,
}

/// A duration.
pub(super) fn duration(node: &Node, span: Span, report: &mut Report<'_>) -> Option<Duration> {
    let read = parsed(node, "a duration such as 10s", report, |text| duration::parse(text, span != Span::Ntm))?;
    if span == Span::Ours && read.is_zero() {
        report.error(&node.place, "must be longer than 0");
        return None;
    }
    Some(read)
}

/// Anything that is written as one text. `parse` tells what is wrong, to follow after the value.
pub(super) fn parsed<T>(
    node: &Node,
    expected: &str,
    report: &mut Report<'_>,
    parse: impl FnOnce(&str) -> Result<T, String>,
) -> Option<T> {
    let scalar = scalar(node, expected, report)?;
    match parse(&scalar.text) {
        Ok(value) => Some(value),
        Err(wrong) => {
            report.error(&node.place, format!("{} {wrong}", shown(scalar)));
            None
        }
    }
}

/// One of some words, in any letter case.
pub(super) fn word<T: Copy>(node: &Node, words: &[(&'static str, T)], report: &mut Report<'_>) -> Option<T> {
    let expected = one_of(words.iter().map(|(word, _)| *word));
    let scalar = scalar(node, &expected, report)?;
    let asked = scalar.text.trim();
    let found = words.iter().find(|(word, _)| word.eq_ignore_ascii_case(asked)).map(|(_, value)| *value);
    if found.is_none() {
        let guess = nearest(asked, words.iter().map(|(word, _)| *word));
        let cure = guess.map(|guess| format!("; did you mean `{guess}`?")).unwrap_or_default();
        report.error(&node.place, format!("must be {expected}, found {}{cure}", shown(scalar)));
    }
    found
}

/// `a`, `b` or `c`.
pub(super) fn one_of<'w>(words: impl IntoIterator<Item = &'w str>) -> String {
    let mut words: Vec<String> = words.into_iter().map(|word| format!("`{word}`")).collect();
    match words.pop() {
        Some(last) if words.is_empty() => last,
        Some(last) => format!("{} or {last}", words.join(", ")),
        None => String::new(),
    }
}

/// The items of a list. `example` is one item as it could be.
pub(super) fn items<'a>(node: &'a Node, example: &str, report: &mut Report<'_>) -> &'a [Node] {
    match &node.value {
        Value::List(items) => items,
        _ if node.missing() || node.is_null() => &[],
        _ => {
            report.error(&node.place, format!("must be a list such as [{example}], found {}", node.found()));
            &[]
        }
    }
}

impl Node {
    /// The variable it is made from is not set here.
    pub(super) fn missing(&self) -> bool {
        self.scalar().is_some_and(|scalar| scalar.missing.is_some())
    }
}
