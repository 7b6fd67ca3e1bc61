//! What a person looks for among deliveries, dead letters, events: the filter of lists and of acts on many.
//!
//! A filter is terms between blanks, all of which must hold: `state:dead endpoint:ops,slack* status:5xx age:>1h`. A comma
//! means either, `!` before a term negates it, quotes keep blanks together, `*` stands for any text and `?` for one
//! character, `\` takes the next character as it is. A word without a key is searched for in texts.

pub mod complete;
mod lex;
mod name;
mod parse;
mod value;

use std::fmt;
use std::ops::Range;

use super::cause::Cause;
use super::state::{Circuit, EndpointState, Reason, State};

pub use complete::{Completion, Known};
pub use name::Name;
pub use value::{Bound, Op, Status};

/// A filter: several terms, all of which must hold. Without any, everything is meant.
#[derive(Debug, Clone, PartialEq, Eq, Default)]
pub struct Query {
    terms: Vec<Term>,
}

/// One term.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Term {
    /// `!`: it must not hold.
    pub negated: bool,
    /// What is asked.
    pub test: Test,
}

/// What a term asks; one of its values must fit.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Test {
    /// `state:`
    State(Vec<Standing>),
    /// `endpoint:` name or id.
    Endpoint(Vec<Name>),
    /// `type:` of the event.
    Type(Vec<Name>),
    /// `session:` of the event.
    Session(Vec<Name>),
    /// `id:` of the delivery or of its event.
    Id(Vec<Name>),
    /// `status:` of the newest answer.
    Status(Vec<Status>),
    /// `reason:` why it is dead.
    Reason(Vec<Reason>),
    /// `error:` the kind of error where no answer came.
    Error(Vec<Cause>),
    /// `age:` in milliseconds, as the list shows it.
    Age(Vec<Bound>),
    /// `attempts:` ever.
    Attempts(Vec<Bound>),
    /// Words without a key: one of them must be part of a text.
    Text(Vec<Name>),
}

/// How something stands: a value of `state:`.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Standing {
    /// A delivery's state.
    Is(State),
    /// Queued or scheduled, and held by its endpoint.
    Held,
    /// Queued, scheduled or in flight.
    Pending,
    /// An endpoint's state.
    Endpoint(EndpointState),
    /// An endpoint's circuit.
    Circuit(Circuit),
}

/// The list that a filter is for: not every key means something in every list.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
#[expect(missing_docs, reason = "named after the lists")]
pub enum Subject {
    Deliveries,
    Dead,
    Attempts,
    Events,
    Log,
    Endpoints,
}

/// What is wrong with a filter, and the cure.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
#[error("{text}")]
pub struct QueryError {
    /// The offending word, in bytes of the text.
    pub span: Range<usize>,
    /// In words.
    pub text: String,
}

/// A key of the language.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum Key {
    State,
    Endpoint,
    Type,
    Session,
    Id,
    Status,
    Reason,
    Error,
    Age,
    Attempts,
}

impl Key {
    const ALL: [Self; 10] = [
        Self::State,
        Self::Endpoint,
        Self::Type,
        Self::Session,
        Self::Id,
        Self::Status,
        Self::Reason,
        Self::Error,
        Self::Age,
        Self::Attempts,
    ];

    const fn as_str(self) -> &'static str {
        match self {
            Self::State => "state",
            Self::Endpoint => "endpoint",
            Self::Type => "type",
            Self::Session => "session",
            Self::Id => "id",
            Self::Status => "status",
            Self::Reason => "reason",
            Self::Error => "error",
            Self::Age => "age",
            Self::Attempts => "attempts",
        }
    }
}

impl Standing {
    const DELIVERIES: [Self; 8] = [
        Self::Is(State::Dead),
        Self::Held,
        Self::Pending,
        Self::Is(State::Queued),
        Self::Is(State::Scheduled),
        Self::Is(State::InFlight),
        Self::Is(State::Delivered),
        Self::Is(State::Cleared),
    ];
    const ENDPOINTS: [Self; 8] = [
        Self::Endpoint(EndpointState::Active),
        Self::Endpoint(EndpointState::Paused),
        Self::Endpoint(EndpointState::Disabled),
        Self::Endpoint(EndpointState::Removed),
        Self::Held,
        Self::Circuit(Circuit::Closed),
        Self::Circuit(Circuit::Open),
        Self::Circuit(Circuit::HalfOpen),
    ];

    /// The word of the language.
    #[must_use]
    pub const fn as_str(self) -> &'static str {
        match self {
            Self::Is(state) => state.as_str(),
            Self::Held => "held",
            Self::Pending => "pending",
            Self::Endpoint(state) => state.as_str(),
            Self::Circuit(circuit) => circuit.as_str(),
        }
    }
}

impl Subject {
    /// What its rows are called.
    #[must_use]
    pub const fn plural(self) -> &'static str {
        match self {
            Self::Deliveries => "deliveries",
            Self::Dead => "dead letters",
            Self::Attempts => "attempts",
            Self::Events => "events",
            Self::Log => "the log",
            Self::Endpoints => "endpoints",
        }
    }

    const fn keys(self) -> &'static [Key] {
        match self {
            Self::Deliveries | Self::Dead | Self::Attempts => &Key::ALL,
            Self::Events => &[Key::Type, Key::Session, Key::Id, Key::Age],
            Self::Log => &[Key::Endpoint, Key::Age],
            Self::Endpoints => &[Key::Endpoint, Key::State],
        }
    }

    const fn standings(self) -> &'static [Standing] {
        match self {
            Self::Endpoints => &Standing::ENDPOINTS,
            _ => &Standing::DELIVERIES,
        }
    }
}

impl Test {
    const fn key(&self) -> Option<Key> {
        match self {
            Self::State(_) => Some(Key::State),
            Self::Endpoint(_) => Some(Key::Endpoint),
            Self::Type(_) => Some(Key::Type),
            Self::Session(_) => Some(Key::Session),
            Self::Id(_) => Some(Key::Id),
            Self::Status(_) => Some(Key::Status),
            Self::Reason(_) => Some(Key::Reason),
            Self::Error(_) => Some(Key::Error),
            Self::Age(_) => Some(Key::Age),
            Self::Attempts(_) => Some(Key::Attempts),
            Self::Text(_) => None,
        }
    }

    /// Why the test means nothing in a list.
    fn objection(&self, subject: Subject) -> Option<String> {
        let key = self.key()?;
        let words = |all: &[&'static str]| all.join(" ");
        if !subject.keys().contains(&key) {
            let known: Vec<&str> = subject.keys().iter().map(|key| key.as_str()).collect();
            let (key, rows) = (key.as_str(), subject.plural());
            return Some(format!("{key}: means nothing for {rows}; known there: {} and words", words(&known)));
        }
        let Self::State(standings) = self else { return None };
        let odd = standings.iter().find(|one| !subject.standings().contains(one))?;
        let known: Vec<&str> = subject.standings().iter().map(|one| one.as_str()).collect();
        let rows = subject.plural();
        Some(format!("state:{} means nothing for {rows}; known there: {}", odd.as_str(), words(&known)))
    }
}

impl Query {
    /// Reads a filter.
    ///
    /// # Errors
    /// The offending word and what is wrong with it.
    pub fn parse(text: &str) -> Result<Self, QueryError> {
        let terms = parse::terms(text)?;
        Ok(Self { terms: terms.into_iter().map(|(_, term)| term).collect() })
    }

    /// Reads a filter of a list.
    ///
    /// # Errors
    /// As [`Query::parse`], and for a term that means nothing there.
    pub fn parse_for(text: &str, subject: Subject) -> Result<Self, QueryError> {
        let terms = parse::terms(text)?;
        let wrong = terms.iter().find_map(|(span, term)| Some((span, term.test.objection(subject)?)));
        if let Some((span, text)) = wrong {
            return Err(QueryError { span: span.clone(), text });
        }
        Ok(Self { terms: terms.into_iter().map(|(_, term)| term).collect() })
    }

    /// Whether every term means something in a list.
    ///
    /// # Errors
    /// In words.
    pub fn check(&self, subject: Subject) -> Result<(), String> {
        self.terms.iter().find_map(|term| term.test.objection(subject)).map_or(Ok(()), Err)
    }

    /// Everything is meant.
    #[must_use]
    pub const fn is_all(&self) -> bool {
        self.terms.is_empty()
    }

    /// It asks for nothing but endpoints: all that is theirs is meant.
    #[must_use]
    pub fn is_of_endpoints(&self) -> bool {
        self.terms.iter().all(|term| matches!(term.test, Test::Endpoint(_)))
    }

    /// Its terms.
    #[must_use]
    pub fn terms(&self) -> &[Term] {
        &self.terms
    }

    /// It searches texts.
    #[must_use]
    pub fn has_words(&self) -> bool {
        self.terms.iter().any(|term| matches!(term.test, Test::Text(_)))
    }

    /// What is of an endpoint of this name or id.
    #[must_use]
    pub fn of_endpoint(name: Name) -> Self {
        Self { terms: vec![Term { negated: false, test: Test::Endpoint(vec![name]) }] }
    }

    /// Of these terms.
    #[must_use]
    pub const fn of(terms: Vec<Term>) -> Self {
        Self { terms }
    }

    /// This and that.
    #[must_use]
    pub fn and(&self, other: &Self) -> Self {
        Self { terms: self.terms.iter().chain(&other.terms).cloned().collect() }
    }
}

impl fmt::Display for Query {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let texts: Vec<String> = self.terms.iter().map(ToString::to_string).collect();
        f.write_str(&texts.join(" "))
    }
}

impl fmt::Display for Term {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        if self.negated {
            f.write_str("!")?;
        }
        if let Some(key) = self.test.key() {
            write!(f, "{}:", key.as_str())?;
        }
        let values = match &self.test {
            Test::State(all) => joined(all.iter().map(|one| one.as_str())),
            Test::Endpoint(all) | Test::Type(all) | Test::Session(all) | Test::Id(all) => joined(all),
            Test::Status(all) => joined(all),
            Test::Reason(all) => joined(all),
            Test::Error(all) => joined(all),
            Test::Age(all) => joined(all.iter().map(Bound::as_age)),
            Test::Attempts(all) => joined(all),
            Test::Text(all) => joined(all.iter().map(Name::as_word)),
        };
        f.write_str(&values)
    }
}

fn joined(values: impl IntoIterator<Item = impl ToString>) -> String {
    values.into_iter().map(|one| one.to_string()).collect::<Vec<_>>().join(",")
}

/// The known word that was probably meant.
fn nearest<'w>(word: &str, known: impl IntoIterator<Item = &'w str>) -> Option<&'w str> {
    let word: String = word.chars().take(40).flat_map(char::to_lowercase).collect();
    let near_enough = (word.chars().count() / 3).clamp(1, 3);
    let near = |known: &&str| (!word.is_empty() && known.starts_with(&word), strsim::osa_distance(&word, known));
    known
        .into_iter()
        .map(|known| (near(&known), known))
        .filter(|((begins, distance), _)| *begins || *distance <= near_enough)
        .min_by_key(|((begins, distance), _)| (!*begins, *distance))
        .map(|(_, known)| known)
}

#[cfg(test)]
mod tests;
