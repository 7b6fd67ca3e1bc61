//! Made-up figures and rows, the same at every run.

use std::path::PathBuf;
use std::sync::Arc;

use crossterm::event::{KeyCode, KeyEvent, KeyModifiers};
use jiff::tz::TimeZone;
use ratatui::layout::Size;

use crate::config::{Problem, Severity};
use crate::engine::{FileStatus, Role, Status};
use crate::event::{Cause, Circuit, EndpointState, Event, Millis, Outcome, Query, Reason, State, Trigger};
use crate::journal::latency::Latencies;
use crate::journal::{
    Actor, AttemptDetail, AttemptRow, CircuitRow, Counted, Counts, Cursor, DeliveryDetail, DeliveryRow, EndpointRow,
    EventDetail, EventRow, GroupRow, LastAct, Level, LogRow, LogSource, Overview, RollupRow, Selection,
};
use crate::tui::app::{App, Ground, Look};
use crate::tui::effects::{Bulk, Effect};
use crate::tui::feed::{Answer, Ask, Filter, Found, List, Question, Target};
use crate::tui::finding::Reach;
use crate::tui::msg::Msg;
use crate::tui::rows::Row;
use crate::tui::update::update;
use crate::tui::window::{At, Rows};

/// 2026-11-22T12:03:41Z.
pub const NOW: Millis = 1_795_349_021_000;

/// What the made-up journal holds.
#[derive(Debug, Clone, Default)]
pub struct World {
    pub overview: Overview,
    pub rollups: Vec<RollupRow>,
    pub deliveries: Vec<DeliveryRow>,
    pub dead: Vec<DeliveryRow>,
    pub groups: Vec<GroupRow>,
    pub events: Vec<EventRow>,
    pub log: Vec<LogRow>,
    pub detail: Option<DeliveryDetail>,
    pub error: Option<String>,
}

/// A console before its first answer.
pub fn app(width: u16, height: u16) -> App {
    let look = Look::full(TimeZone::UTC);
    let root = PathBuf::from("/home/amy/acme-api");
    let ground = Ground { name: "acme-api".to_owned(), root: root.clone(), file: ".ntm.yaml".to_owned() };
    let mut app = App::new(look, Some(ground), root, Actor("amy@host".to_owned()), Size { width, height }, NOW);
    app.engine = Some(Arc::new(status(Role::Dispatching { since: NOW - 60_000 })));
    app
}

/// An engine's status with a good file.
pub fn status(role: Role) -> Status {
    Status { role, file: FileStatus::default(), in_flight: 10, idle: false, trouble: None }
}

/// The file is broken at line 12.
pub fn broken() -> Status {
    let problem = Problem {
        severity: Severity::Error,
        file: PathBuf::from("/home/amy/acme-api/.ntm.yaml"),
        line: 12,
        column: 5,
        path: "webhooks[1].retry.backof".to_owned(),
        text: "unknown key; did you mean backoff?".to_owned(),
    };
    Status { file: FileStatus { problems: vec![problem], ..FileStatus::default() }, ..status(Role::Waiting) }
}

/// A key press.
pub fn press(app: &mut App, key: char) -> Vec<Effect> {
    update(app, Msg::Key(KeyEvent::new(KeyCode::Char(key), KeyModifiers::NONE)))
}

/// A named key, or one with a modifier.
pub fn press_key(app: &mut App, code: KeyCode, modifiers: KeyModifiers) -> Vec<Effect> {
    update(app, Msg::Key(KeyEvent::new(code, modifiers)))
}

/// Tells the console that the journal changed, and answers all it asks until it asks no more.
pub fn settle(app: &mut App, world: &World) {
    let effects = update(app, Msg::Changed);
    answer(app, world, effects);
}

/// Answers questions; other effects are handed back.
pub fn answer(app: &mut App, world: &World, mut effects: Vec<Effect>) -> Vec<Effect> {
    let mut others = Vec::new();
    while let Some(effect) = effects.pop() {
        match effect {
            Effect::Ask(ask) => effects.extend(update(app, Msg::Answer(world.answer(ask)))),
            other => others.push(other),
        }
    }
    others
}

/// An act that undo can take back.
pub fn last_act(what: &str, rows: u64) -> LastAct {
    LastAct { seq: 7, what: what.to_owned(), rows, stays: None }
}

impl World {
    pub fn answer(&self, ask: Ask) -> Answer {
        let found = match (&self.error, ask.question) {
            (Some(error), _) => Err(error.clone()),
            (None, Question::Figures { .. }) => {
                Ok(Found::Figures(Box::new(self.overview.clone()), self.rollups.clone()))
            }
            (None, Question::Rows { list, at, reach, filter }) => {
                Ok(Found::Rows(self.rows(list, at, reach, &filter), Reach::default()))
            }
            (None, Question::Seek { list, from, down, filter }) => Ok(self.seek(list, from, down, &filter)),
            (None, Question::Count(bulk, target)) => {
                let dead = |one: &&EndpointRow| one.counts.dead > 0;
                let count = |one: &EndpointRow| Counted {
                    endpoint_key: one.key,
                    endpoint: one.name.clone(),
                    cause: Some(one.last_status.map_or(Cause::Refused, Cause::Status)),
                    count: one.counts.dead,
                };
                let counts = self.overview.endpoints.iter().filter(dead).map(count);
                let selection = match target {
                    Target::Ids(ids) => Selection::Ids(ids),
                    Target::Matching(_) if bulk == Bulk::Resend => {
                        Selection::Ids(self.deliveries.iter().map(|row| row.id.clone()).collect())
                    }
                    Target::Matching(_) if bulk == Bulk::Events => {
                        Selection::Ids(self.events.iter().map(|row| row.id.clone()).collect())
                    }
                    Target::Matching(query) => Selection::Matching { query, as_of: 77, at: 0 },
                };
                Ok(Found::Count(bulk, selection, counts.collect()))
            }
            (None, Question::LastAct(_)) => Ok(Found::LastAct(Some(last_act("clear 40 dead letters of ops", 40)))),
            (None, Question::Delivery(_)) => Ok(Found::Delivery(self.detail.clone().map(Box::new))),
            (None, Question::Event(_)) => Ok(Found::Event(self.detail.clone().map(|detail| {
                let row = EventRow { origin: detail.origin, ..self.events[0].clone() };
                Box::new(EventDetail { row, event: detail.event, deliveries: self.dead.clone() })
            }))),
        };
        Answer { subject: ask.subject, generation: ask.generation, found }
    }

    /// The next row that matches, as the journal would find it.
    fn seek(&self, list: List, from: Option<(Cursor, Cursor)>, down: bool, filter: &Filter) -> Found {
        use crate::tui::window::Keyed;
        let mut rows = self.rows(list, At::Top, usize::MAX, filter).rows;
        if !down {
            rows.reverse();
        }
        let beyond = |row: &Row| {
            let (at, from) = (row.cursor(), from.map(|(own, _)| (own.sort, own.seq)));
            from.is_none_or(|from| if down { (at.sort, at.seq) < from } else { (at.sort, at.seq) > from })
        };
        Found::Seek { row: rows.into_iter().find(beyond).map(Box::new), down, stopped: None }
    }

    fn rows(&self, list: List, at: At, reach: usize, filter: &Filter) -> Rows<Row> {
        use crate::tui::window::Keyed;
        let all: Vec<Row> = match list {
            List::Deliveries => self.deliveries.iter().cloned().map(|row| Row::Delivery(Box::new(row))).collect(),
            List::Dead => self.dead.iter().cloned().map(|row| Row::Dead(Box::new(row))).collect(),
            List::Events => self.events.iter().cloned().map(|row| Row::Event(Box::new(row))).collect(),
            List::Log => self.log.iter().cloned().map(|row| Row::Log(Box::new(row))).collect(),
            List::Attempts => Vec::new(),
            List::Groups => self.groups.iter().cloned().map(|row| Row::Group(Box::new(row))).collect(),
        };
        let mut all: Vec<Row> = all.into_iter().filter(|row| matches(&filter.query, row)).collect();
        if filter.reversed {
            all.reverse();
        }
        let middle = match at {
            At::Top => 0,
            At::Bottom => all.len(),
            At::Around(place) => all.iter().position(|row| row.cursor() == place).unwrap_or(0),
        };
        let (from, to) = (middle.saturating_sub(reach), middle.saturating_add(reach).min(all.len()));
        Rows { rows: all[from..to].to_vec(), more_above: from > 0, more_below: to < all.len() }
    }
}

/// Whether a row is of the state and the endpoint that a filter names.
fn matches(query: &Query, row: &Row) -> bool {
    use crate::event::query::{Standing, Test};
    let (Row::Delivery(row) | Row::Dead(row)) = row else { return true };
    query.terms().iter().all(|term| match &term.test {
        Test::State(all) => all.contains(&Standing::Is(row.state)),
        Test::Endpoint(names) => names.iter().any(|name| name.fits(&row.endpoint)),
        _ => true,
    })
}

/// Five endpoints, one of each kind, and rows for all panes.
pub fn busy() -> World {
    let endpoints = vec![
        EndpointRow { last_status: Some(200), ..endpoint(1, "slack", counts(2, 1, 840, 0)) },
        EndpointRow { last_status: Some(200), ..endpoint(2, "ci-hook", counts(44, 9, 1_203_000, 1)) },
        EndpointRow {
            circuit: circuit(Circuit::Open, Some(NOW + 12_300)),
            last_status: Some(503),
            last_error: Some("Service Unavailable".to_owned()),
            failing_since: Some(NOW - 90_000),
            ..endpoint(3, "ops", counts(168, 0, 0, 1))
        },
        EndpointRow {
            circuit: circuit(Circuit::HalfOpen, None),
            last_status: Some(200),
            ..endpoint(4, "metrics", counts(0, 0, 490, 0))
        },
        EndpointRow {
            state: EndpointState::Disabled,
            disabled_by: Some("410 Gone".to_owned()),
            last_status: Some(410),
            last_error: Some("Gone".to_owned()),
            ..endpoint(5, "old-bot", counts(0, 0, 0, 2))
        },
    ];
    let overview = Overview {
        endpoints,
        oldest_undelivered_at: Some(NOW - 134_000),
        next_retry_at: Some(NOW + 3_200),
        oldest_dead_at: Some(NOW - 11_520_000),
        events: 401_200,
        ..Overview::default()
    };
    World {
        overview,
        rollups: rollups(),
        deliveries: deliveries(),
        dead: dead(),
        groups: groups(),
        events: events(),
        log: log(),
        detail: Some(detail()),
        error: None,
    }
}

fn counts(waiting: u64, in_flight: u64, delivered: u64, dead: u64) -> Counts {
    let scheduled = waiting / 7;
    Counts { queued: waiting - scheduled, scheduled, in_flight, delivered, dead, cleared: 0 }
}

fn circuit(circuit: Circuit, probe_at: Option<Millis>) -> CircuitRow {
    CircuitRow { circuit, probe_at, good_probes: 1, consecutive_failures: 7, openings: 2, ..CircuitRow::default() }
}

fn endpoint(key: i64, name: &str, counts: Counts) -> EndpointRow {
    EndpointRow {
        key,
        circuit_skips: 168,
        last_success_at: Some(NOW - 400),
        last_attempt_at: Some(NOW - 2_000),
        counts,
        total_delivered: counts.delivered,
        total_dead: counts.dead,
        ..EndpointRow::unused(&format!("wh_{name}"), name, &format!("{name}.example.com"))
    }
}

fn rollups() -> Vec<RollupRow> {
    let minute = NOW / 60_000;
    let row = |endpoint_key, delivered, failed, ms: u64| {
        let mut latencies = Latencies::default();
        for _ in 0..delivered {
            latencies.add(ms * 1000);
        }
        RollupRow { minute, endpoint_key, accepted: delivered, delivered, failed, latencies }
    };
    vec![row(1, 998, 2, 84), row(2, 981, 19, 31), row(3, 0, 40, 9), row(4, 5, 2, 12)]
}

struct Sample {
    ago: Millis,
    kind: &'static str,
    endpoint: (i64, &'static str),
    attempts: u32,
    state: State,
    status: Option<u16>,
    error: Option<&'static str>,
}

const SAMPLES: &[Sample] = &[
    Sample {
        ago: 200,
        kind: "agent.completed",
        endpoint: (2, "ci-hook"),
        attempts: 1,
        state: State::Delivered,
        status: Some(200),
        error: None,
    },
    Sample {
        ago: 400,
        kind: "agent.error",
        endpoint: (1, "slack"),
        attempts: 1,
        state: State::Delivered,
        status: Some(200),
        error: None,
    },
    Sample {
        ago: 900,
        kind: "bead.failed",
        endpoint: (2, "ci-hook"),
        attempts: 2,
        state: State::Scheduled,
        status: Some(502),
        error: Some("Bad Gateway"),
    },
    Sample {
        ago: 1_100,
        kind: "agent.error",
        endpoint: (3, "ops"),
        attempts: 0,
        state: State::Queued,
        status: None,
        error: None,
    },
    Sample {
        ago: 2_200,
        kind: "agent.rate_limit",
        endpoint: (1, "slack"),
        attempts: 1,
        state: State::InFlight,
        status: None,
        error: None,
    },
    Sample {
        ago: 41_000,
        kind: "agent.\u{1b}[31mcrashed",
        endpoint: (2, "ci-hook"),
        attempts: 5,
        state: State::Dead,
        status: None,
        error: Some("connection refused"),
    },
];

fn delivery(seq: i64, one: &Sample) -> DeliveryRow {
    let ended = one.status.is_some() || one.error.is_some();
    let outcome = match one.status {
        Some(200) => Outcome::Delivered,
        Some(_) => Outcome::Refused,
        None => Outcome::Network,
    };
    DeliveryRow {
        seq,
        change: seq + 1000,
        place: Cursor { sort: seq + 1000, seq },
        id: format!("evt-{seq}_wh_{}", one.endpoint.1),
        event_id: format!("evt-{seq}"),
        event_type: one.kind.to_owned(),
        endpoint_key: one.endpoint.0,
        endpoint_id: format!("wh_{}", one.endpoint.1),
        endpoint: one.endpoint.1.to_owned(),
        state: one.state,
        due_at: if one.state == State::Scheduled { NOW + 1_900 } else { 0 },
        created_at: NOW - one.ago - 500,
        changed_at: NOW - one.ago,
        attempts: one.attempts,
        tries: one.attempts,
        urgent: false,
        reason: (one.state == State::Dead).then_some(Reason::Exhausted),
        last_status: one.status,
        last_error: one.error.map(str::to_owned),
        last_ms: ended.then_some(28 + seq.unsigned_abs() % 70),
        last_outcome: ended.then_some(outcome),
        last_trigger: ended.then_some(Trigger::Auto),
        retried_at: None,
    }
}

fn deliveries() -> Vec<DeliveryRow> {
    (0..60_i64)
        .map(|at| {
            let one = &SAMPLES[usize::try_from(at).unwrap() % SAMPLES.len()];
            let mut row = delivery(600 - at, one);
            row.changed_at -= at / 6 * 15_000;
            row
        })
        .collect()
}

fn dead() -> Vec<DeliveryRow> {
    let reasons = [
        (41_000, Reason::Exhausted, Some(502), "Bad Gateway"),
        (190_000, Reason::Permanent, Some(422), "no such field \"pane\""),
        (200_000, Reason::Exhausted, None, "connection refused"),
        (11_520_000, Reason::Gone, Some(410), "Gone"),
    ];
    let row = |(seq, (ago, reason, status, error)): (i64, (Millis, Reason, Option<u16>, &str))| DeliveryRow {
        changed_at: NOW - ago,
        place: Cursor { sort: NOW - ago, seq: 400 - seq },
        reason: Some(reason),
        last_status: status,
        last_error: Some(error.to_owned()),
        ..delivery(400 - seq, &SAMPLES[5])
    };
    (0..).zip(reasons).map(row).collect()
}

fn groups() -> Vec<GroupRow> {
    let group = |key: i64, name: &str, reason, cause, count, sample: &str| GroupRow {
        endpoint_key: key,
        endpoint_id: format!("wh_{name}"),
        endpoint: name.to_owned(),
        reason: Some(reason),
        cause,
        count,
        oldest_at: NOW - 11_520_000,
        newest_at: NOW - 41_000,
        sample: Some(sample.to_owned()),
    };
    vec![
        group(3, "ops", Reason::Exhausted, Cause::Status(503), 41_200, "503 Service Unavailable: \u{1b}[2Jupstream"),
        group(2, "ci-hook", Reason::Exhausted, Cause::Refused, 12, "connection refused"),
    ]
}

/// The first dead letter with its two attempts: a time-out, and an answer that is hostile.
fn detail() -> DeliveryDetail {
    let row = dead().remove(0);
    let event = r#"{"id": "evt-400", "type": "agent.crashed", "timestamp": "2026-11-22T12:03:00Z", "session": "acme",
        "message": "it fell: \u001b[2J", "details": {"exit": "139"}, "data": {"pid": 7, "tags": ["a", "b"]}}"#;
    let event: Event = serde_json::from_str(event).unwrap();
    let attempt = |number: u32, outcome, status, error: &str, duration_us| AttemptRow {
        seq: i64::from(number),
        delivery_id: row.id.clone(),
        event_id: row.event_id.clone(),
        event_type: event.kind.clone(),
        endpoint_id: row.endpoint_id.clone(),
        endpoint: row.endpoint.clone(),
        number,
        started_at: NOW - 60_000 + i64::from(number) * 2_000,
        trigger: Trigger::Auto,
        outcome,
        status,
        error: Some(error.to_owned()),
        duration_us: Some(duration_us),
    };
    let header = |name: &str, value: &str| (name.to_owned(), value.to_owned());
    let headers = || vec![header("Content-Type", "application/json"), header("X-NTM-Signature", "sha256=***")];
    let body = || Some(serde_json::to_vec(&event).unwrap());
    let answered = AttemptDetail {
        row: attempt(2, Outcome::Refused, Some(502), "502 Bad Gateway: upstream is gone", 142_000),
        resolve_us: Some(12_000),
        first_byte_us: Some(120_000),
        remote: Some("192.0.2.7:443".to_owned()),
        request_headers: headers(),
        request_body: body(),
        response_headers: vec![header("content-type", "text/plain"), header("x-odd", "\u{202e}gnp")],
        response_body: Some(b"upstream is gone\x1b[31m\nsee the log".to_vec()),
    };
    let late = AttemptDetail {
        row: attempt(1, Outcome::Timeout, None, "no first byte within 10 s", 10_000_000),
        resolve_us: None,
        first_byte_us: None,
        remote: None,
        request_headers: headers(),
        request_body: body(),
        response_headers: Vec::new(),
        response_body: None,
    };
    DeliveryDetail { row, event, event_seq: 400, origin: Some("evt-12".to_owned()), attempts: vec![late, answered] }
}

fn events() -> Vec<EventRow> {
    let row = |seq: i64| EventRow {
        seq: 400 - seq,
        id: format!("evt-{}", 400 - seq),
        kind: "agent.error".to_owned(),
        accepted_at: NOW - seq * 1_300,
        origin: None,
        message: "the build broke: \u{202e}gnp.exe".to_owned(),
        session: "acme".to_owned(),
        unrouted: seq == 3,
        deliveries: u32::from(seq != 2) * 3,
        delivered: u32::from(seq > 3) * 2 + u32::from(seq > 5),
        dead: u32::from(seq == 4),
    };
    (0..40).map(row).collect()
}

fn log() -> Vec<LogRow> {
    vec![
        LogRow {
            seq: 3,
            at: NOW - 4_000,
            level: Level::Info,
            source: LogSource::Act,
            who: Some("amy@host".to_owned()),
            endpoint: Some("ops".to_owned()),
            text: "clear 40 dead letters of ops".to_owned(),
        },
        LogRow {
            seq: 2,
            at: NOW - 90_000,
            level: Level::Warning,
            source: LogSource::Circuit,
            who: None,
            endpoint: Some("ops".to_owned()),
            text: "opened after 5 failures: 503 Service Unavailable".to_owned(),
        },
    ]
}

/// Presses keys and answers what they ask; what is left to do.
pub fn keys(app: &mut App, world: &World, keys: &str) -> Vec<Effect> {
    let mut left = Vec::new();
    for key in keys.chars() {
        let effects = press(app, key);
        left = answer(app, world, effects);
    }
    left
}
