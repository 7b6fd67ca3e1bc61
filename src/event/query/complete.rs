//! What could stand where the cursor is.

use std::ops::Range;

use super::lex::{self, Mark};
use super::parse::keyed;
use super::{Key, Name, Subject};
use crate::event::cause::Cause;
use crate::event::state::Reason;

/// Names that whoever asks has met.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct Known {
    /// Names of endpoints.
    pub endpoints: Vec<String>,
    /// Types of events.
    pub types: Vec<String>,
    /// Sessions of events.
    pub sessions: Vec<String>,
}

/// What could stand at a place.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct Completion {
    /// What a candidate takes the place of, in bytes.
    pub span: Range<usize>,
    /// Candidates, the best first; keys end with `:`.
    pub candidates: Vec<String>,
}

/// Statuses worth offering.
const STATUSES: [&str; 7] = ["5xx", "4xx", "429", "2xx", "none", ">=500", ">=400"];
const AGES: [&str; 6] = ["<5m", "<1h", "<1d", ">5m", ">1h", ">1d"];
const COUNTS: [&str; 4] = ["1", ">1", ">=3", ">=5"];

/// Candidates for the word at the cursor (in bytes): keys, then values. What is there already is no candidate.
#[must_use]
pub fn complete(text: &str, cursor: usize, subject: Subject, known: &Known) -> Completion {
    let (words, _) = lex::words(text.get(..cursor).unwrap_or(text));
    let before = words.last().filter(|word| word.span.end == cursor);
    let marks: &[Mark] = before.map_or(&[], |word| word.marks.as_slice());
    let marks = marks.split_first().filter(|(first, _)| first.is('!')).map_or(marks, |(_, rest)| rest);
    let Some((key, values)) = keyed(marks) else {
        let begun: String = marks.iter().map(|mark| mark.one).collect();
        let keys = subject.keys().iter().map(|key| format!("{}:", key.as_str()));
        return Completion {
            span: marks.first().map_or(cursor, |mark| mark.at)..cursor,
            candidates: fitting(&begun, keys),
        };
    };
    let begun = values.rsplit(|mark| mark.is(',')).next().unwrap_or_default();
    let typed: String = begun.iter().map(|mark| mark.one).filter(|one| *one != '"').collect();
    let span = begun.first().map_or(cursor, |mark| mark.at)..cursor;
    let Some(key) = subject.keys().iter().find(|one| one.as_str() == key.to_lowercase()) else {
        return Completion { span, candidates: Vec::new() };
    };
    Completion { span, candidates: fitting(&typed, values_of(*key, subject, known).into_iter()) }
}

/// The word at the cursor (in bytes), if it is the last one and may become a key: `stat` of `state:`.
#[must_use]
pub fn begun(text: &str, cursor: usize, subject: Subject) -> Option<Range<usize>> {
    let (words, _) = lex::words(text);
    let word = words.last().filter(|word| cursor == word.span.end && cursor == text.len())?;
    let marks = word.marks.split_first().filter(|(first, _)| first.is('!')).map_or(&*word.marks, |(_, rest)| rest);
    let typed: String = marks.iter().map(|mark| mark.one).collect();
    let is_plain = !typed.is_empty() && marks.iter().all(|mark| mark.is(mark.one));
    let typed = typed.to_lowercase();
    let may_become = is_plain && subject.keys().iter().any(|key| key.as_str().starts_with(&typed));
    may_become.then(|| word.span.clone())
}

fn values_of(key: Key, subject: Subject, known: &Known) -> Vec<String> {
    let owned = |all: &[&str]| all.iter().map(|one| (*one).to_owned()).collect();
    let names = |all: &[String]| all.iter().map(|one| Name::exactly(one).to_string()).collect();
    match key {
        Key::State => subject.standings().iter().map(|one| one.as_str().to_owned()).collect(),
        Key::Endpoint => names(&known.endpoints),
        Key::Type => names(&known.types),
        Key::Session => names(&known.sessions),
        Key::Id => Vec::new(),
        Key::Status => owned(&STATUSES),
        Key::Reason => Reason::ALL.iter().map(|one| one.as_str().to_owned()).collect(),
        Key::Error => Cause::KINDS.iter().filter_map(|one| one.word()).map(str::to_owned).collect(),
        Key::Age => owned(&AGES),
        Key::Attempts => owned(&COUNTS),
    }
}

/// Those that begin with what was typed, then those that hold it.
fn fitting(typed: &str, all: impl Iterator<Item = String>) -> Vec<String> {
    let typed = typed.to_lowercase();
    let mut begin = Vec::new();
    let mut hold = Vec::new();
    for one in all {
        let lower = one.to_lowercase();
        let bare = lower.trim_matches('"');
        if bare.starts_with(&typed) && bare != typed {
            begin.push(one);
        } else if bare.contains(&typed) && bare != typed {
            hold.push(one);
        }
    }
    begin.extend(hold);
    begin
}
