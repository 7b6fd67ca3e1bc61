//! What the journal's readers return. Plain data, no SQL, no secrets.

mod endpoint;
mod why;

use crate::event::{Event, Millis, Outcome, Reason, State, Trigger};

pub use endpoint::{CircuitRow, Counts, DISABLED_BY_FILE, EndpointRow, Held, Standing};
pub use why::{Counted, GroupRow};

/// Who dispatches, as the journal knows it (the lock says whether it still lives).
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct DispatcherRow {
    /// Its process id.
    pub pid: u32,
    /// Since when.
    pub since: Millis,
}

/// How much room there is, in bytes.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default)]
pub struct Room {
    /// What the journal's pages hold; free pages do not count.
    pub used: u64,
    /// Free for us on the disk that holds the journal.
    pub disk_free: u64,
    /// The whole of that disk.
    pub disk_size: u64,
}

/// The figures of the whole, from counters: costs the same whatever the journal holds.
#[derive(Debug, Clone, PartialEq, Default)]
pub struct Overview {
    /// Every endpoint the journal knows, in file order, removed ones last.
    pub endpoints: Vec<EndpointRow>,
    /// Created-at of the oldest delivery that is queued, scheduled or in flight.
    pub oldest_undelivered_at: Option<Millis>,
    /// The earliest due time of a delivery that is not held: past means that work is due.
    pub oldest_due_at: Option<Millis>,
    /// The next due time of a scheduled delivery that is not held.
    pub next_retry_at: Option<Millis>,
    /// When the oldest dead letter died.
    pub oldest_dead_at: Option<Millis>,
    /// Events accepted ever.
    pub events: u64,
    /// Deliveries that died by `overflow`, ever.
    pub dropped: u64,
    /// The newest change number: equal numbers mean that nothing changed.
    pub change: i64,
    /// Who dispatches or did last.
    pub dispatcher: Option<DispatcherRow>,
    /// How much room there is, if the system tells.
    pub room: Option<Room>,
}

/// Whose turn in one row: a delivery with its newest attempt.
#[derive(Debug, Clone, PartialEq)]
pub struct DeliveryRow {
    /// Journal order.
    pub seq: i64,
    /// Change number: order of the Deliveries pane.
    pub change: i64,
    /// Its place in the list that it was read for.
    pub place: Cursor,
    /// The id that receivers see.
    pub id: String,
    /// The event's id.
    pub event_id: String,
    /// The event's type.
    pub event_type: String,
    /// The endpoint's journal key.
    pub endpoint_key: i64,
    /// The endpoint's id.
    pub endpoint_id: String,
    /// The endpoint's name.
    pub endpoint: String,
    /// Where it stands.
    pub state: State,
    /// Due time; 0 while queued.
    pub due_at: Millis,
    /// Accepted.
    pub created_at: Millis,
    /// Last change of state.
    pub changed_at: Millis,
    /// Attempts ever.
    pub attempts: u32,
    /// Attempts charged since the last retry by hand.
    pub tries: u32,
    /// A person asked for it; it goes past circuit and pause once.
    pub urgent: bool,
    /// Why it is dead.
    pub reason: Option<Reason>,
    /// Newest attempt: status.
    pub last_status: Option<u16>,
    /// Newest attempt: error in words.
    pub last_error: Option<String>,
    /// Newest attempt: how long, in ms.
    pub last_ms: Option<u64>,
    /// Newest attempt: how it ended.
    pub last_outcome: Option<Outcome>,
    /// Newest attempt: what set it off.
    pub last_trigger: Option<Trigger>,
    /// Last retry by hand.
    pub retried_at: Option<Millis>,
}

/// One attempt in a list.
#[derive(Debug, Clone, PartialEq)]
pub struct AttemptRow {
    /// Journal order of attempts.
    pub seq: i64,
    /// The delivery's id.
    pub delivery_id: String,
    /// The event's id.
    pub event_id: String,
    /// The event's type.
    pub event_type: String,
    /// The endpoint's id.
    pub endpoint_id: String,
    /// The endpoint's name.
    pub endpoint: String,
    /// Counts the delivery's attempts from 1, for ever.
    pub number: u32,
    /// When it began.
    pub started_at: Millis,
    /// What set it off.
    pub trigger: Trigger,
    /// How it ended.
    pub outcome: Outcome,
    /// HTTP status, if there was an answer.
    pub status: Option<u16>,
    /// In words.
    pub error: Option<String>,
    /// Whole duration in microseconds.
    pub duration_us: Option<u64>,
}

/// One attempt with all that was kept of it.
#[derive(Debug, Clone, PartialEq)]
pub struct AttemptDetail {
    /// What a list shows.
    pub row: AttemptRow,
    /// Name resolution, microseconds.
    pub resolve_us: Option<u64>,
    /// Until the first byte of the answer, microseconds.
    pub first_byte_us: Option<u64>,
    /// Address that answered.
    pub remote: Option<String>,
    /// Request headers, signature and secrets masked.
    pub request_headers: Vec<(String, String)>,
    /// The request body, looked up from the attempt that stored it.
    pub request_body: Option<Vec<u8>>,
    /// Response headers, secrets masked.
    pub response_headers: Vec<(String, String)>,
    /// Up to 4 KiB of the response body.
    pub response_body: Option<Vec<u8>>,
}

/// One delivery with everything that is known of it.
#[derive(Debug, Clone)]
pub struct DeliveryDetail {
    /// What a list shows.
    pub row: DeliveryRow,
    /// The event; only id, type and time once size pressure took the rest.
    pub event: Event,
    /// The event's sequence in the journal.
    pub event_seq: i64,
    /// Where the event came from, if it was made from another.
    pub origin: Option<String>,
    /// Its attempts, oldest first.
    pub attempts: Vec<AttemptDetail>,
}

/// One event in a list.
#[derive(Debug, Clone, PartialEq)]
pub struct EventRow {
    /// Journal order.
    pub seq: i64,
    /// Its id.
    pub id: String,
    /// Its type.
    pub kind: String,
    /// When it was accepted.
    pub accepted_at: Millis,
    /// The event this one was made from.
    pub origin: Option<String>,
    /// Its message, cut to 200 characters.
    pub message: String,
    /// Its session.
    pub session: String,
    /// Not routed yet: no good file has been applied.
    pub unrouted: bool,
    /// How many deliveries it has.
    pub deliveries: u32,
    /// How many of them are delivered.
    pub delivered: u32,
    /// How many of them are dead.
    pub dead: u32,
}

/// One event with its deliveries.
#[derive(Debug, Clone)]
pub struct EventDetail {
    /// What a list shows.
    pub row: EventRow,
    /// The event; only id, type and time once size pressure took the rest.
    pub event: Event,
    /// Its deliveries in journal order.
    pub deliveries: Vec<DeliveryRow>,
}

/// How grave a log line is.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
pub enum Level {
    /// For the record.
    Info,
    /// Somebody may want to look.
    Warning,
    /// Something is wrong.
    Error,
}

/// What a log line is about.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum LogSource {
    /// The dispatcher itself.
    Engine,
    /// The file.
    File,
    /// A circuit.
    Circuit,
    /// Something a person did.
    Act,
}

impl LogSource {
    /// The word stored and shown.
    #[must_use]
    pub const fn as_str(self) -> &'static str {
        match self {
            Self::Engine => "engine",
            Self::File => "file",
            Self::Circuit => "circuit",
            Self::Act => "act",
        }
    }

    /// The source of this word; what a newer version writes counts as the engine's.
    pub(super) fn from_word(word: &str) -> Self {
        [Self::File, Self::Circuit, Self::Act]
            .into_iter()
            .find(|source| source.as_str() == word)
            .unwrap_or(Self::Engine)
    }
}

/// One line of the Log pane.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct LogRow {
    /// Journal order.
    pub seq: i64,
    /// When.
    pub at: Millis,
    /// How grave.
    pub level: Level,
    /// About what.
    pub source: LogSource,
    /// Who did it, for acts by hand: `user@host`.
    pub who: Option<String>,
    /// The endpoint's name, where it is about one.
    pub endpoint: Option<String>,
    /// The line.
    pub text: String,
}

/// One minute of one endpoint.
#[derive(Debug, Clone, PartialEq)]
pub struct RollupRow {
    /// Unix minutes.
    pub minute: i64,
    /// The endpoint's journal key.
    pub endpoint_key: i64,
    /// Deliveries that came in.
    pub accepted: u32,
    /// Deliveries that got through.
    pub delivered: u32,
    /// Attempts that failed.
    pub failed: u32,
    /// Durations of attempts that were answered.
    pub latencies: super::latency::Latencies,
}

/// A place in a list to go on from: the sort value and the sequence of a row.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Cursor {
    /// The value the list is sorted by.
    pub sort: i64,
    /// Breaks ties.
    pub seq: i64,
}

/// Which way from the cursor.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Direction {
    /// Rows after the cursor in the list's order (older ones: lists are newest first).
    Down,
    /// Rows before it, returned in the list's order all the same.
    Up,
}

/// One page of a list. There is no offset: a page costs the same wherever it lies.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Page {
    /// Where to go on; none: from the top (`Down`) or the bottom (`Up`).
    pub from: Option<Cursor>,
    /// Which way.
    pub direction: Direction,
    /// Most rows.
    pub limit: usize,
}

impl Page {
    /// The newest `limit` rows.
    #[must_use]
    pub const fn first(limit: usize) -> Self {
        Self { from: None, direction: Direction::Down, limit }
    }
}
