//! A filter as a condition of SQL, its values bound; and as pairs of endpoint and state, of which counters are kept.

use std::fmt::Write as _;

use rusqlite::types::Value;

use super::EndpointRow;
use super::flights::{self, changed_at};
use super::named::delivery_id;
use crate::event::cause::WORDINGS;
use crate::event::query::{Bound, Name, Op, Standing, Status, Term, Test};
use crate::event::{Cause, Millis, Outcome, Query, State};

/// Where a list keeps what filters ask for. None: it has no such thing.
#[derive(Debug, Clone, Copy)]
pub(super) struct Columns {
    pub state: Option<&'static str>,
    /// The endpoint's key.
    pub endpoint: Option<&'static str>,
    /// The endpoint's name, where the key is not kept.
    pub endpoint_name: Option<&'static str>,
    pub kind: Option<&'static str>,
    pub session: Option<&'static str>,
    pub ids: &'static [&'static str],
    pub status: Option<&'static str>,
    pub reason: Option<&'static str>,
    /// Outcome and words of the newest attempt.
    pub failure: Option<(&'static str, &'static str)>,
    pub attempts: Option<&'static str>,
    /// What ages count from.
    pub at: &'static str,
    /// Words are searched for in these.
    pub texts: &'static [&'static str],
}

const SESSION: &str = "coalesce(e.body ->> '$.session', '')";

/// Of `deliveries d`, `events e` and `endpoints p`.
pub(super) const DELIVERIES: Columns = Columns {
    state: Some(flights::STATE),
    endpoint: Some("d.endpoint"),
    endpoint_name: None,
    kind: Some("e.type"),
    session: Some(SESSION),
    ids: &[delivery_id!(), "e.id"],
    status: Some("d.last_status"),
    reason: Some("d.reason"),
    failure: Some(("d.last_outcome", "d.last_error")),
    attempts: Some("d.attempts"),
    at: changed_at!(),
    texts: &["d.last_error", delivery_id!(), "e.id", "e.type", "p.name", "e.body ->> '$.message'"],
};

/// Of `attempts a` and the others.
pub(super) const ATTEMPTS: Columns = Columns {
    status: Some("a.status"),
    failure: Some(("a.outcome", "a.error")),
    attempts: Some("a.number"),
    at: "a.started_at",
    texts: &["a.error", delivery_id!(), "e.id", "e.type", "p.name", "e.body ->> '$.message'"],
    ..DELIVERIES
};

/// Of `events e`.
pub(super) const EVENTS: Columns = Columns {
    state: None,
    endpoint: None,
    ids: &["e.id"],
    status: None,
    reason: None,
    failure: None,
    attempts: None,
    at: "e.accepted_at",
    texts: &["e.id", "e.type", "e.body ->> '$.message'"],
    ..DELIVERIES
};

/// Of `log l`.
pub(super) const LOG: Columns = Columns {
    endpoint_name: Some("l.endpoint"),
    kind: None,
    session: None,
    ids: &[],
    at: "l.at",
    texts: &["l.text", "l.who", "l.endpoint"],
    ..EVENTS
};

/// A condition, its values numbered from a place on.
#[derive(Debug, Clone)]
pub(super) struct Condition {
    pub sql: String,
    pub values: Vec<Value>,
    next: usize,
}

impl Condition {
    /// The filter as a condition whose first value is `?first`. Terms that the list has nothing for match nothing.
    pub fn new(query: &Query, columns: &Columns, endpoints: &[EndpointRow], now: Millis, first: usize) -> Self {
        let mut condition = Self { sql: "1".to_owned(), values: Vec::new(), next: first };
        for Term { negated, test } in query.terms() {
            let holds = condition.test(test, columns, endpoints, now);
            let not = if *negated { " IS NOT TRUE" } else { "" };
            let _ = write!(condition.sql, " AND ({holds}){not}");
        }
        condition
    }

    /// The tables of a delivery that the condition is asked of: each costs a look-up a row.
    pub fn deliveries(&self) -> &'static str {
        if self.sql.contains("e.") || self.sql.contains("p.") {
            "CROSS JOIN events e ON e.seq = d.event CROSS JOIN endpoints p ON p.key = d.endpoint"
        } else {
            ""
        }
    }

    fn bind(&mut self, value: impl Into<Value>) -> String {
        self.values.push(value.into());
        self.next += 1;
        format!("?{}", self.next - 1)
    }

    fn test(&mut self, test: &Test, columns: &Columns, endpoints: &[EndpointRow], now: Millis) -> String {
        let own = |column: Option<&'static str>| column.unwrap_or("NULL");
        match test {
            Test::State(standings) => {
                let any: Vec<String> =
                    standings.iter().map(|one| self.standing(*one, columns, endpoints, now)).collect();
                any.join(" OR ")
            }
            Test::Endpoint(names) => {
                if let Some(column) = columns.endpoint_name {
                    return self.like(names, &[column], false);
                }
                let fits = |one: &&EndpointRow| names.iter().any(|name| name.fits(&one.name) || name.fits(&one.id));
                self.keys(own(columns.endpoint), endpoints.iter().filter(fits))
            }
            Test::Type(names) => self.like(names, &[own(columns.kind)], false),
            Test::Session(names) => self.like(names, &[own(columns.session)], false),
            Test::Id(names) => self.ids(names, columns.ids),
            Test::Status(all) => self.statuses(all, columns),
            Test::Error(all) => self.errors(all, columns),
            Test::Reason(all) => {
                let codes: Vec<String> = all.iter().map(|one| one.code().to_string()).collect();
                format!("{} IN ({})", own(columns.reason), codes.join(", "))
            }
            // Older than an hour is earlier than an hour ago.
            Test::Age(all) => {
                let earlier = |bound: &Bound| {
                    let op = match bound.op {
                        Op::Less => Op::More,
                        Op::AtMost => Op::AtLeast,
                        Op::AtLeast => Op::AtMost,
                        Op::More => Op::Less,
                        Op::Equal => Op::Equal,
                    };
                    Bound { op, figure: now.saturating_sub(bound.figure) }
                };
                self.bounds(columns.at, all.iter().map(earlier))
            }
            Test::Attempts(all) => self.bounds(own(columns.attempts), all.iter().copied()),
            Test::Text(names) => self.like(names, columns.texts, true),
        }
    }

    fn standing(&mut self, one: Standing, columns: &Columns, endpoints: &[EndpointRow], now: Millis) -> String {
        let Some(state) = columns.state else { return "0".to_owned() };
        match one {
            Standing::Is(wanted) => format!("{state} = {}", wanted.code()),
            Standing::Pending => format!("{state} IN (0, 1, 2)"),
            Standing::Held => {
                let held = endpoints.iter().filter(|endpoint| endpoint.held(now).is_some());
                let keys = self.keys(columns.endpoint.unwrap_or("NULL"), held);
                format!("{state} IN (0, 1) AND {keys}")
            }
            Standing::Endpoint(_) | Standing::Circuit(_) => "0".to_owned(),
        }
    }

    /// One value for all keys, so that one statement serves however many there are.
    fn keys<'e>(&mut self, column: &str, endpoints: impl Iterator<Item = &'e EndpointRow>) -> String {
        let keys: Vec<String> = endpoints.map(|one| one.key.to_string()).collect();
        let keys = self.bind(format!("[{}]", keys.join(",")));
        format!("{column} IN (SELECT value FROM json_each({keys}))")
    }

    fn like(&mut self, names: &[Name], columns: &[&str], part: bool) -> String {
        let mut any = Vec::new();
        for name in names {
            let pattern = self.bind(name.like(part));
            any.extend(columns.iter().map(|column| format!("{column} LIKE {pattern} ESCAPE '\\'")));
        }
        any.join(" OR ")
    }

    fn ids(&mut self, names: &[Name], columns: &[&str]) -> String {
        let mut any = vec!["0".to_owned()];
        for name in names {
            let (compare, value) = name.exact().map_or_else(|| ("GLOB", name.glob()), |id| ("=", id));
            let value = self.bind(value);
            any.extend(columns.iter().map(|column| format!("{column} {compare} {value}")));
        }
        any.join(" OR ")
    }

    fn errors(&mut self, all: &[Cause], columns: &Columns) -> String {
        let (Some(status), Some((outcome, error))) = (columns.status, columns.failure) else { return "0".to_owned() };
        let others =
            [Outcome::Delivered, Outcome::Refused, Outcome::Network].map(|one| one.code().to_string()).join(", ");
        let any: Vec<String> = all
            .iter()
            .map(|one| match one {
                Cause::Status(_) => "0".to_owned(),
                Cause::Untried => format!("{outcome} IS NULL"),
                Cause::Timeout => format!("{outcome} = {}", Outcome::Timeout.code()),
                Cause::Unsent => format!("{outcome} = {}", Outcome::Unsent.code()),
                Cause::Interrupted => format!("{outcome} = {}", Outcome::Interrupted.code()),
                Cause::Network => {
                    let known: Vec<String> = WORDINGS.iter().map(|(begin, _)| self.begins(error, begin)).collect();
                    format!("({outcome} IN ({others}) AND ({}) IS NOT TRUE)", known.join(" OR "))
                }
                kind => {
                    let own = WORDINGS.iter().filter(|(_, cause)| cause == kind);
                    let begins: Vec<String> = own.map(|(begin, _)| self.begins(error, begin)).collect();
                    format!("({outcome} IN ({others}) AND ({}))", begins.join(" OR "))
                }
            })
            .collect();
        format!("{status} IS NULL AND ({})", any.join(" OR "))
    }

    fn begins(&mut self, column: &str, begin: &str) -> String {
        let value = self.bind(begin.to_owned());
        format!("substr({column}, 1, {}) = {value}", begin.len())
    }

    fn statuses(&mut self, all: &[Status], columns: &Columns) -> String {
        let (Some(status), Some(attempts)) = (columns.status, columns.attempts) else { return "0".to_owned() };
        let mut any = Vec::new();
        for one in all {
            any.push(match one {
                Status::None => format!("({status} IS NULL AND {attempts} > 0)"),
                Status::Class(class) => {
                    let low = self.bind(class * 100);
                    format!("{status} BETWEEN {low} AND {low} + 99")
                }
                Status::Code(bound) => self.bounds(status, [*bound].into_iter()),
            });
        }
        any.join(" OR ")
    }

    fn bounds(&mut self, column: &str, all: impl Iterator<Item = Bound>) -> String {
        let any: Vec<String> =
            all.map(|Bound { op, figure }| format!("{column} {} {}", op.as_str(), self.bind(figure))).collect();
        any.join(" OR ")
    }
}

/// The deliveries of one endpoint in one state: an index and a counter are kept of each but the delivered ones.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) struct Part {
    /// The endpoint's key.
    pub endpoint: i64,
    pub state: State,
    /// How many there are.
    pub count: u64,
}

/// What the filter's `state:` and `endpoint:` terms leave.
pub(super) fn parts(query: &Query, endpoints: &[EndpointRow], now: Millis) -> Vec<Part> {
    let holds = |endpoint: &EndpointRow, state: State, term: &Term| {
        let fits = match &term.test {
            Test::Endpoint(names) => names.iter().any(|name| name.fits(&endpoint.name) || name.fits(&endpoint.id)),
            Test::State(all) => all.iter().any(|one| stands(*one, endpoint, state, now)),
            _ => return true,
        };
        fits != term.negated
    };
    let mut parts = Vec::new();
    for endpoint in endpoints {
        let counts = &endpoint.counts;
        for state in State::ALL.iter().copied() {
            let count = match state {
                State::Queued => counts.queued,
                State::Scheduled => counts.scheduled,
                State::InFlight => counts.in_flight,
                State::Delivered => counts.delivered,
                State::Dead => counts.dead,
                State::Cleared => counts.cleared,
            };
            if query.terms().iter().all(|term| holds(endpoint, state, term)) {
                parts.push(Part { endpoint: endpoint.key, state, count });
            }
        }
    }
    parts
}

fn stands(one: Standing, endpoint: &EndpointRow, state: State, now: Millis) -> bool {
    match one {
        Standing::Is(wanted) => wanted == state,
        Standing::Pending => state.is_pending(),
        Standing::Held => matches!(state, State::Queued | State::Scheduled) && endpoint.held(now).is_some(),
        Standing::Endpoint(_) | Standing::Circuit(_) => false,
    }
}

/// The filter asks for nothing but states and endpoints: [`parts`] are all of its meaning.
pub(super) fn is_of_parts(query: &Query) -> bool {
    query.terms().iter().all(|term| matches!(term.test, Test::State(_) | Test::Endpoint(_)))
}

/// The filter asks for a state or an endpoint.
pub(super) fn has_parts(query: &Query) -> bool {
    query.terms().iter().any(|term| matches!(term.test, Test::State(_) | Test::Endpoint(_)))
}

/// The times between which every row lies that can match, of terms with a single age.
pub(super) fn times(query: &Query, now: Millis) -> (Option<Millis>, Option<Millis>) {
    let (mut since, mut until) = (None::<Millis>, None::<Millis>);
    for term in query.terms().iter().filter(|term| !term.negated) {
        let Test::Age(all) = &term.test else { continue };
        let [Bound { op, figure }] = all.as_slice() else { continue };
        let at = now.saturating_sub(*figure);
        match op {
            Op::Less | Op::AtMost => since = Some(since.map_or(at, |known| known.max(at))),
            Op::AtLeast | Op::More => until = Some(until.map_or(at, |known| known.min(at))),
            Op::Equal => {}
        }
    }
    (since, until)
}
