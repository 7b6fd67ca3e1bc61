//! What the writer can be asked to do, in words of the product. The SQL stands in the files beside this one.

use std::sync::Arc;
use std::time::Duration;

use crate::event::redact::Findings;
use crate::event::{
    EndpointState, Event, Millis, Outcome, Query, Reason, Revision, Route, State, StoredEvent, Trigger,
};

use super::Headers;
use super::rows::{CircuitRow, Level, LogSource};

/// An event on its way in.
#[derive(Debug, Clone)]
pub struct Submission {
    /// The event, its id and type already in their alphabet (`event::id`).
    pub event: Event,
    /// `--endpoint`: to the endpoint of this id or name only, whatever its patterns say.
    pub only: Option<String>,
    /// The event (or dead letter's event) it was made from.
    pub origin: Option<String>,
    /// An alert never goes to the endpoint it is about: that endpoint's id.
    pub not_to: Option<String>,
}

impl Submission {
    /// An event for whoever listens.
    #[must_use]
    pub const fn new(event: Event) -> Self {
        Self { event, only: None, origin: None, not_to: None }
    }
}

/// What events are routed by. Read inside the transaction that accepts them, so that no change of the file can slip
/// between.
#[derive(Debug, Clone)]
pub enum RouteBy {
    /// The revision that was last applied; without one the event is accepted as unrouted. For when the file cannot be
    /// read.
    Applied,
    /// The revision that was last applied; without one this reading of the file. For when a dispatcher lives, which may not
    /// have come to applying its first one.
    AppliedOr(Arc<Revision>),
    /// This reading of the file: nobody dispatches and the file is good.
    Given(Arc<Revision>),
}

/// The answer to a submission: committed.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Accepted {
    /// The event's id.
    pub id: String,
    /// The event's sequence in the journal.
    pub seq: i64,
    /// The journal knew the id: nothing was stored, nothing will be sent.
    pub duplicate: bool,
    /// A duplicate whose content differs from what the journal has.
    pub differs: bool,
    /// No revision yet: it will be routed when the first good file is applied.
    pub unrouted: bool,
    /// The delivery ids made for it (for a duplicate: those it has).
    pub deliveries: Vec<String>,
}

/// Why a submission was not accepted. Nothing of it is in the journal.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
pub enum Refusal {
    /// `queue_size` would be exceeded.
    #[error(
        "the queue is full: {waiting} of {limit} waiting, and this event needs {wanted}; deliver, cancel or raise \
         hooktui.manager.queue_size"
    )]
    QueueFull {
        /// Queued and scheduled deliveries.
        waiting: u64,
        /// The event's deliveries.
        wanted: u64,
        /// `queue_size`.
        limit: u64,
    },
    /// `max_size` is reached and nothing can be removed.
    #[error(
        "the journal is full ({size} of {limit} bytes) and holds nothing that may go; raise hooktui.journal.max_size"
    )]
    JournalFull {
        /// Its size in bytes.
        size: u64,
        /// `max_size`.
        limit: u64,
    },
    /// `--endpoint` names no endpoint of the revision.
    #[error("no endpoint is called {name:?}; there are: {known}")]
    UnknownEndpoint {
        /// What was asked for.
        name: String,
        /// The names there are.
        known: String,
    },
    /// `--endpoint` names an endpoint that gets no deliveries.
    #[error("endpoint {name:?} is disabled; resume it first")]
    Disabled {
        /// Its name.
        name: String,
    },
    /// Redaction is in mode `block`, and something looks like a secret.
    #[error(
        "it seems to hold secrets: {findings}; hooktui.redaction.mode is `block`: take them out, or allow what is none \
         under hooktui.redaction.allowlist"
    )]
    Blocked {
        /// What and where, never the text itself.
        findings: Findings,
    },
}

/// One endpoint of a file about to be applied.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct EndpointSpec {
    /// Its id.
    pub id: String,
    /// Its name.
    pub name: String,
    /// Host of its URL.
    pub host: String,
    /// Hash of its URL: a changed one closes the circuit and ends a disabling by 410. Zeroes where the URL lacks a variable
    /// here: it is not known, and so not changed.
    pub address_hash: [u8; 32],
    /// `enabled:`.
    pub enabled: bool,
    /// What is missing here, in words.
    pub missing: Option<String>,
}

/// What applying a file changed.
#[derive(Debug, Clone, PartialEq, Eq, Default)]
pub struct Applied {
    /// The number of the revision in force.
    pub revision: i64,
    /// Names of endpoints that are new (or returned).
    pub added: Vec<String>,
    /// Names of endpoints whose route, address or enablement changed.
    pub changed: Vec<String>,
    /// Journal keys of endpoints whose address changed: what was known of their health is forgotten.
    pub moved: Vec<i64>,
    /// Names of endpoints that left; with the deliveries they keep, held.
    pub removed: Vec<(String, u64)>,
    /// Events that had waited for a first file and were routed now.
    pub routed: u64,
    /// Journal key of every endpoint in the file, by id.
    pub keys: Vec<(String, i64)>,
}

/// The lease: raised each time the dispatcher lock is taken.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Epoch(pub i64);

/// What taking over found.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct TakeOver {
    /// The new lease.
    pub epoch: Epoch,
    /// Deliveries that an earlier dispatcher left in flight: logged `interrupted`, back where they were.
    pub interrupted: u64,
    /// The latest wall-clock time that the journal had seen before (0: none). A start far past it is a clock that jumped.
    pub newest_time: Millis,
}

/// Which deliveries to claim.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Pick {
    /// What is due: retries by due time, then fresh ones in journal order.
    Due,
    /// The head of a fifo lane, if it is due; never more than one.
    Head,
    /// For a probe: the due delivery least recently tried.
    Probe,
    /// What a person asked to go now, past circuit and pause.
    Urgent,
    /// One that waits and crashed three times in a row: it is sent alone.
    Suspect,
    /// This one, whatever its state (resend), unless it is in flight, cleared or gone.
    Resend(i64),
}

/// A request to claim.
#[derive(Debug, Clone, Copy)]
pub struct ClaimRequest {
    /// The lease.
    pub epoch: Epoch,
    /// The endpoint's journal key.
    pub endpoint: i64,
    /// Which.
    pub pick: Pick,
    /// What sets the attempts off; stored with the claim so that a crash can log it.
    pub trigger: Trigger,
    /// At most so many.
    pub limit: usize,
    /// Now.
    pub now: Millis,
    /// `max_age` in ms: older ones become dead, reason expired, instead of being claimed.
    pub max_age: Option<u64>,
    /// Leave out what crashed this often in a row (it is sent alone; `u32::MAX`: leave out nothing).
    pub below_crashes: u32,
}

/// A claimed delivery: in flight, committed.
#[derive(Debug, Clone)]
pub struct Claimed {
    /// Its sequence: the key for [`Settlement`].
    pub delivery: i64,
    /// Its id, as receivers see it.
    pub id: String,
    /// The event.
    pub event: Arc<StoredEvent>,
    /// The event's sequence in the journal.
    pub event_seq: i64,
    /// Hash of the newest request body that is stored.
    pub body_hash: Option<Vec<u8>>,
    /// Number of this attempt, from 1.
    pub number: u32,
    /// Tries charged before this attempt.
    pub tries: u32,
    /// Crashes in a row.
    pub crashes: u32,
    /// When the delivery was accepted.
    pub created_at: Millis,
    /// When it was claimed.
    pub claimed_at: Millis,
    /// The state it was claimed from.
    pub was: State,
    /// A person asked for it to go now.
    pub urgent: bool,
}

/// The answer to a [`ClaimRequest`].
#[derive(Debug, Clone, Default)]
pub struct Claim {
    /// What was claimed.
    pub claimed: Vec<Claimed>,
    /// Deliveries that had become too old and are dead now.
    pub expired: Vec<Buried>,
    /// When the lane should look again if nothing else happens: the due time of the next delivery of this pick (at or before `now`: more is due already).
    pub next_due: Option<Millis>,
}

/// A delivery that died, for alerts.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Buried {
    /// Its id.
    pub id: String,
    /// Its event's id.
    pub event_id: String,
    /// Its event's type (deaths of `hooktui.*` raise no alert).
    pub event_type: String,
    /// The endpoint's journal key.
    pub endpoint: i64,
    /// Why.
    pub reason: Reason,
}

/// Deaths by overflow.
#[derive(Debug, Clone, Default)]
pub struct Overflow {
    /// How many.
    pub died: u64,
    /// The newest of them that are still dead.
    pub newest: Vec<Buried>,
}

/// What is kept of one attempt. Free of secrets: the engine masks before it hands this over.
#[derive(Debug, Clone)]
pub struct AttemptRecord {
    /// Number, from 1.
    pub number: u32,
    /// When it began.
    pub started_at: Millis,
    /// What set it off.
    pub trigger: Trigger,
    /// How it ended.
    pub outcome: Outcome,
    /// Status of the answer.
    pub status: Option<u16>,
    /// In words.
    pub error: Option<String>,
    /// Whole duration, microseconds.
    pub duration_us: Option<u64>,
    /// Name resolution, microseconds.
    pub resolve_us: Option<u64>,
    /// Until the first byte, microseconds.
    pub first_byte_us: Option<u64>,
    /// Who answered.
    pub remote: Option<Arc<str>>,
    /// Masked.
    pub request_headers: Headers,
    /// The exact body; stored only where it differs from the attempt before.
    pub request_body: bytes::Bytes,
    /// The body is the event's JSON, byte for byte, which the journal holds already.
    pub body_as_stored: bool,
    /// Masked.
    pub response_headers: Headers,
    /// Up to 4 KiB.
    pub response_body: Vec<u8>,
}

/// What becomes of a delivery after an attempt.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Verdict {
    /// Accepted by the receiver.
    Delivered,
    /// Tried again at this time.
    Retry(Millis),
    /// Not tried again.
    Dead(Reason),
    /// Back to what it was before the claim (failed resend, interrupted).
    Back,
}

/// What an attempt, an order or a timer changes of an endpoint. `None` leaves a field as it is.
#[derive(Debug, Clone, PartialEq, Eq, Default)]
pub struct EndpointUpdate {
    /// The breaker. When its `openings` grow, what waits is counted as skips.
    pub circuit: Option<CircuitRow>,
    /// Whether it takes part.
    pub state: Option<EndpointState>,
    /// Why it is disabled (only with `state`).
    pub disabled_by: Option<String>,
    /// A pause's end (only with `state: Paused`).
    pub paused_until: Option<Millis>,
    /// Who paused it (only with `state: Paused`).
    pub paused_by: Option<String>,
    /// `Retry-After`; `Some(None)` lifts it.
    pub hold_until: Option<Option<Millis>>,
}

/// The end of one attempt: attempt, state, circuit and counters, in one transaction.
#[derive(Debug, Clone)]
pub struct Settlement {
    /// The lease. If it is not the current one, the attempt is recorded and nothing else changes.
    pub epoch: Epoch,
    /// The delivery's sequence.
    pub delivery: i64,
    /// The endpoint's journal key.
    pub endpoint: i64,
    /// The state it was claimed from.
    pub was: State,
    /// When it was claimed.
    pub claimed_at: Millis,
    /// Hash of the newest request body that was stored before this attempt.
    pub body_hash: Option<Vec<u8>>,
    /// What is kept.
    pub attempt: AttemptRecord,
    /// What becomes of the delivery.
    pub verdict: Verdict,
    /// Whether it counts as a try.
    pub charged: bool,
    /// What becomes of the endpoint.
    pub update: EndpointUpdate,
}

/// What a dispatcher tells and asks in one transaction: results first, so that claims find their slots free.
#[derive(Debug, Clone)]
pub struct Turn {
    /// Ends of attempts.
    pub settlements: Arc<Vec<Settlement>>,
    /// What to claim.
    pub claims: Vec<ClaimRequest>,
    /// Now.
    pub now: Millis,
}

/// The answer to a [`Turn`].
#[derive(Debug, Clone, Default)]
pub struct Turned {
    /// What died.
    pub buried: Vec<Buried>,
    /// The answers to the claims, in their order. None: another dispatcher has taken over, and nothing was claimed.
    pub claims: Option<Vec<Claim>>,
}

/// Deliveries that a person means.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Selection {
    /// These, by delivery id (an event id stands for all its deliveries).
    Ids(Vec<String>),
    /// Those that the filter finds and that have not changed since `as_of` ([`super::Overview::change`]): what a person was
    /// asked about.
    Matching {
        /// The filter.
        query: Query,
        /// The newest change number when it was counted.
        as_of: i64,
        /// When it was counted: `age:` and `held` are of this time.
        at: Millis,
    },
}

/// Who acts: `user@host`. Undo takes back the last act of the same.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Actor(pub String);

/// What a person can do with deliveries.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Act {
    /// Dead letters go back to queued, with fresh tries.
    Retry,
    /// Dead letters are put away.
    Clear,
    /// Cleared ones become dead letters again.
    Restore,
    /// Queued and scheduled ones become dead letters.
    Cancel,
}

impl Act {
    /// Whether it is done to deliveries in this state.
    #[must_use]
    pub const fn is_for(self, state: State) -> bool {
        match self {
            Self::Retry | Self::Clear => matches!(state, State::Dead),
            Self::Restore => matches!(state, State::Cleared),
            Self::Cancel => matches!(state, State::Queued | State::Scheduled),
        }
    }

    /// The verb, as in the log and on the command line.
    #[must_use]
    pub const fn as_str(self) -> &'static str {
        match self {
            Self::Retry => "retry",
            Self::Clear => "clear",
            Self::Restore => "restore",
            Self::Cancel => "cancel",
        }
    }
}

/// What an act did.
#[derive(Debug, Clone, PartialEq, Eq, Default)]
pub struct ActResult {
    /// How many it changed.
    pub done: u64,
    /// Those of `Selection::Ids` that it did not, with the reason in words.
    pub skipped: Vec<(String, String)>,
    /// It was stopped before it came to the rest.
    pub cancelled: bool,
}

/// A person's last act by hand: what undo takes back.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct LastAct {
    /// Its sequence.
    pub seq: i64,
    /// In words: "clear 40 dead letters of ops".
    pub what: String,
    /// Rows it touched.
    pub rows: u64,
    /// Why it cannot be taken back, and what helps instead; none if it can.
    pub stays: Option<String>,
}

/// What undo did.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Undone {
    /// The act in words: "clear 40 dead letters of ops".
    pub what: String,
    /// Rows it took back.
    pub undone: u64,
    /// Rows the act had touched.
    pub of: u64,
}

/// Endpoints that an order is for. Of several, those that it changes: what is active is paused (a pause keeps the end that
/// it was given), what is paused is resumed (what a 410 has disabled is resumed by its name).
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Whom {
    /// This one, by id or name; where it cannot be done to it, that is told.
    One(String),
    /// These, by id: those that a person was asked about.
    These(Vec<String>),
    /// All in the file.
    All,
}

/// What an order tells the dispatcher to do.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum OrderKind {
    /// Hold the endpoint's deliveries, until a time or until resumed.
    Pause(Option<Millis>),
    /// Let them flow; also lifts a disabling by 410.
    Resume,
    /// Close the circuit.
    Reset,
    /// Open the circuit.
    Trip,
    /// One attempt now for this delivery (its sequence).
    Resend(i64),
}

/// An order that waits for the dispatcher.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Order {
    /// Its sequence.
    pub seq: i64,
    /// Who gave it.
    pub who: String,
    /// The endpoint's journal key.
    pub endpoint: i64,
    /// What to do.
    pub kind: OrderKind,
}

/// A line for the log.
#[derive(Debug, Clone)]
pub struct LogLine {
    /// How grave.
    pub level: Level,
    /// About what.
    pub source: LogSource,
    /// Who, for acts.
    pub who: Option<String>,
    /// The endpoint's name.
    pub endpoint: Option<String>,
    /// The line.
    pub text: String,
}

/// How a test delivery ended; recorded after the fact, in one transaction, as delivered or cleared: it never becomes a
/// dead letter and never moves a circuit.
#[derive(Debug, Clone)]
pub struct TestRecord {
    /// The test event (`hooktui.test`).
    pub event: Event,
    /// The endpoint, as the file has it: the journal may not know it yet.
    pub endpoint: Route,
    /// The attempt.
    pub attempt: AttemptRecord,
}

/// What retention may take, and how much of the writer's time.
#[derive(Debug, Clone, Copy)]
pub struct Upkeep {
    /// Now.
    pub now: Millis,
    /// Events whose last change lies before this go, if all they have is delivered or cleared.
    pub keep_since: Millis,
    /// `max_size` in bytes, 0 = none: above it, bodies and attempts of removable deliveries go first.
    pub max_size: u64,
    /// `dead_letter_limit`, 0 = none: the oldest beyond it are cleared.
    pub dead_letter_limit: u64,
    /// How it shares the writer with delivery.
    pub pace: Pace,
}

/// Retention goes in steps, each a transaction, with whatever else waits between them.
#[derive(Debug, Clone, Copy)]
pub struct Pace {
    /// Most rows that one step removes, of each kind.
    pub rows: usize,
    /// How long a step may work; each kind of work gets at least one row done. The commit comes on top.
    pub step: Duration,
    /// No further step begins after so long.
    pub run: Duration,
}

/// What a run of retention did.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default)]
pub struct UpkeepResult {
    /// Events removed.
    pub events: u64,
    /// There is more to remove.
    pub more: bool,
}
