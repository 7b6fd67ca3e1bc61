//! Words become terms, or the error under the word that is none.

use std::ops::Range;

use super::lex::{self, Mark, Means, Word};
use super::{Bound, Key, Name, QueryError, Standing, Status, Term, Test, nearest};
use crate::event::cause::Cause;
use crate::event::state::Reason;

/// Every term with its place in the text.
pub(super) fn terms(text: &str) -> Result<Vec<(Range<usize>, Term)>, QueryError> {
    let (words, wrong) = lex::words(text);
    if let Some(wrong) = wrong {
        return Err(wrong);
    }
    words.iter().map(|word| Ok((word.span.clone(), term(word)?))).collect()
}

fn term(word: &Word) -> Result<Term, QueryError> {
    let fail = |text: String| QueryError { span: word.span.clone(), text };
    let (negated, marks) = match word.marks.split_first() {
        Some((first, rest)) if first.is('!') => (true, rest),
        _ => (false, word.marks.as_slice()),
    };
    if marks.first().is_some_and(|mark| mark.is('!')) {
        return Err(fail("one `!` negates; to search for it put it in quotes".to_owned()));
    }
    let test = match keyed(marks) {
        Some((key, values)) => {
            let key = known(&key).map_err(fail)?;
            test(key, values, &word.span)?
        }
        None => Test::Text(names(marks, &word.span, |name| {
            if name.is_empty() { Err("there is nothing to search for".to_owned()) } else { Ok(()) }
        })?),
    };
    Ok(Term { negated, test })
}

/// The key before the first `:` that stands for itself, and what follows. A time or a number before it is no key.
pub(super) fn keyed(marks: &[Mark]) -> Option<(String, &[Mark])> {
    let colon = marks.iter().position(|mark| mark.is(':'))?;
    let (key, values) = marks.split_at_checked(colon)?;
    let text: String = key.iter().map(|mark| mark.one).collect();
    let plain =
        key.iter().all(|mark| mark.means == Means::Anything && (mark.one.is_alphanumeric() || "_-".contains(mark.one)));
    (plain && text.starts_with(char::is_alphabetic)).then(|| (text, values.get(1..).unwrap_or_default()))
}

fn known(word: &str) -> Result<Key, String> {
    let lower = word.to_lowercase();
    if let Some(key) = Key::ALL.into_iter().find(|key| key.as_str() == lower) {
        return Ok(key);
    }
    Err(match nearest(word, Key::ALL.map(Key::as_str)) {
        Some(near) => {
            format!("there is no key `{word}`; did you mean {near}:? To search for it as text put it in quotes")
        }
        None => format!(
            "there is no key `{word}`; in quotes it is searched for as text; there are: {}",
            Key::ALL.map(Key::as_str).join(" ")
        ),
    })
}

fn test(key: Key, values: &[Mark], word: &Range<usize>) -> Result<Test, QueryError> {
    Ok(match key {
        Key::State => Test::State(each(key, values, word, standing)?),
        Key::Endpoint => Test::Endpoint(some_names(key, values, word)?),
        Key::Type => Test::Type(some_names(key, values, word)?),
        Key::Session => Test::Session(some_names(key, values, word)?),
        Key::Id => Test::Id(some_names(key, values, word)?),
        Key::Status => Test::Status(each(key, values, word, |text| {
            Status::read(text).ok_or_else(|| format!("`{text}` is no status; write 5xx, 429, >=500 or none"))
        })?),
        Key::Reason => Test::Reason(each(key, values, word, |text| {
            Reason::from_word(text).ok_or_else(|| no_such("reason", text, Reason::ALL.iter().map(|one| one.as_str())))
        })?),
        Key::Error => Test::Error(each(key, values, word, |text| {
            Cause::kind(text).ok_or_else(|| no_such("error", text, Cause::KINDS.iter().filter_map(|one| one.word())))
        })?),
        Key::Age => Test::Age(each(key, values, word, |text| {
            Bound::age(text).ok_or_else(|| format!("`{text}` is no age; write >1h or <1h30m, of d h m s"))
        })?),
        Key::Attempts => Test::Attempts(each(key, values, word, |text| {
            Bound::count(text).ok_or_else(|| format!("`{text}` is no number; write 3, >=3 or <2"))
        })?),
    })
}

fn standing(text: &str) -> Result<Standing, String> {
    let all = || Standing::DELIVERIES.into_iter().chain(Standing::ENDPOINTS);
    all().find(|one| one.as_str() == text).ok_or_else(|| {
        no_such("state", text, Standing::DELIVERIES.iter().chain(&Standing::ENDPOINTS).map(|one| one.as_str()))
    })
}

fn no_such<'w>(what: &str, text: &str, known: impl Iterator<Item = &'w str> + Clone) -> String {
    match nearest(text, known.clone()) {
        Some(near) => format!("there is no {what} `{text}`; did you mean {near}?"),
        None => format!("there is no {what} `{text}`; there are: {}", known.collect::<Vec<_>>().join(" ")),
    }
}

/// Values between commas.
fn each<T>(
    key: Key,
    values: &[Mark],
    word: &Range<usize>,
    read: impl Fn(&str) -> Result<T, String>,
) -> Result<Vec<T>, QueryError> {
    alternatives(Some(key), values, word)?
        .into_iter()
        .map(|marks| {
            let chars = marks.iter().filter(|mark| mark.means != Means::Quote).map(|mark| mark.one);
            let text: String = chars.flat_map(char::to_lowercase).collect();
            read(&text).map_err(|text| QueryError { span: span(marks, word), text })
        })
        .collect()
}

fn some_names(key: Key, values: &[Mark], word: &Range<usize>) -> Result<Vec<Name>, QueryError> {
    Ok(alternatives(Some(key), values, word)?.into_iter().map(Name::of).collect())
}

fn names(
    values: &[Mark],
    word: &Range<usize>,
    check: impl Fn(&Name) -> Result<(), String>,
) -> Result<Vec<Name>, QueryError> {
    alternatives(None, values, word)?
        .into_iter()
        .map(|marks| {
            let name = Name::of(marks);
            check(&name).map_err(|text| QueryError { span: span(marks, word), text })?;
            Ok(name)
        })
        .collect()
}

fn alternatives<'m>(key: Option<Key>, values: &'m [Mark], word: &Range<usize>) -> Result<Vec<&'m [Mark]>, QueryError> {
    let all: Vec<&[Mark]> = values.split(|mark| mark.is(',')).collect();
    if all.iter().all(|one| !one.is_empty()) {
        return Ok(all);
    }
    let text = match (key, values) {
        (Some(key), []) => format!("{key}: needs a value, such as {key}:{}", example(key), key = key.as_str()),
        (None, []) => "a term must follow the `!`".to_owned(),
        _ => "a value is missing beside the comma".to_owned(),
    };
    Err(QueryError { span: word.clone(), text })
}

const fn example(key: Key) -> &'static str {
    match key {
        Key::State => "dead",
        Key::Endpoint => "slack*",
        Key::Type => "agent.*",
        Key::Session => "acme",
        Key::Id => "evt-1*",
        Key::Status => "5xx",
        Key::Reason => "exhausted",
        Key::Error => "timeout",
        Key::Age => ">1h",
        Key::Attempts => ">=3",
    }
}

/// The place of a value; that of the word where the value is nothing.
fn span(marks: &[Mark], word: &Range<usize>) -> Range<usize> {
    match (marks.first(), marks.last()) {
        (Some(first), Some(last)) => first.at..last.end(),
        _ => word.clone(),
    }
}
