//! Rows for the tests of this module and those below it.

use std::sync::LazyLock;

use crate::event::{Millis, Outcome, Reason, State, Trigger};
use crate::journal::{Counts, Cursor, DeliveryRow, EndpointRow};

use super::next::Keys;

/// The time at which the rows below are looked at.
pub(crate) const NOW: Millis = 1_795_348_981_042;

/// A delivery after its second attempt, a 502, that changed its state 41 s ago.
pub(crate) fn delivery(state: State) -> DeliveryRow {
    DeliveryRow {
        seq: 7,
        change: 9,
        place: Cursor { sort: 9, seq: 7 },
        id: "evt-1_wh_ops".to_owned(),
        event_id: "evt-1".to_owned(),
        event_type: "agent.error".to_owned(),
        endpoint_key: 1,
        endpoint_id: "wh_ops".to_owned(),
        endpoint: "ops".to_owned(),
        state,
        due_at: if state == State::Scheduled { NOW + 3_200 } else { 0 },
        created_at: NOW - 60_000,
        changed_at: NOW - 41_000,
        attempts: 2,
        tries: 2,
        urgent: false,
        reason: (state == State::Dead).then_some(Reason::Exhausted),
        last_status: Some(502),
        last_error: None,
        last_ms: Some(140),
        last_outcome: Some(Outcome::Refused),
        last_trigger: Some(Trigger::Auto),
        retried_at: None,
    }
}

/// An endpoint that works, with 31 deliveries waiting.
pub(crate) fn endpoint() -> EndpointRow {
    EndpointRow {
        key: 1,
        counts: Counts { queued: 30, scheduled: 1, ..Counts::default() },
        ..EndpointRow::unused("wh_ops", "ops", "ops.example.com")
    }
}

/// Keys as they are built in.
pub(crate) static KEYS: LazyLock<Keys> = LazyLock::new(|| {
    let [send, cancel, pause, pause_all, reset, edit_file] = ["r", "x", "p", "P", "o", "e"].map(str::to_owned);
    Keys { send, cancel, pause, pause_all, reset, edit_file }
});
