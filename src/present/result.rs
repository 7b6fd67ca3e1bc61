//! How an attempt ended and why a delivery is dead, in words: the RESULT and REASON columns.

use crate::event::{Cause, Outcome, Reason, State, Trigger};
use crate::journal::{AttemptRow, DeliveryRow};

use super::glyphs::Glyphs;
use super::{escape, figures, fit};
use crate::wire::status;

/// `✓ 200`, `✗ 502 Bad Gateway`, `✗ connection refused`, `✗ interrupted: may have been sent`; a probe says so. What does
/// not fit loses what the receiver said, then the phrase; an error without an answer shrinks to a word: `✗ refused`.
#[must_use]
pub fn of_attempt(row: &AttemptRow, glyphs: &Glyphs, cells: usize) -> String {
    ended(row.outcome, row.status, row.error.as_deref(), row.trigger, glyphs, cells)
}

/// The newest attempt's result in so many cells; without an attempt, `held` or the state in a word.
#[must_use]
pub fn of_delivery(row: &DeliveryRow, held: bool, glyphs: &Glyphs, cells: usize) -> String {
    match (row.last_outcome, row.state) {
        (Some(outcome), _) => {
            let trigger = row.last_trigger.unwrap_or(Trigger::Auto);
            ended(outcome, row.last_status, row.last_error.as_deref(), trigger, glyphs, cells)
        }
        (None, State::Queued | State::Scheduled) if held => "held".to_owned(),
        (None, other) => state(other).to_owned(),
    }
}

/// The longest form of a failure that fits: with what the receiver said, with the status' phrase, the number alone; without
/// a status a word or two for the kind of error.
#[must_use]
pub fn failure_within(status: Option<u16>, error: Option<&str>, cells: usize) -> String {
    let whole = failure(status, error);
    if fit::width(&whole) <= cells {
        return whole;
    }
    let Some(code) = status else { return error.and_then(brief).map_or(whole, str::to_owned) };
    let phrase = status::with_phrase(code);
    if fit::width(&phrase) <= cells { phrase } else { code.to_string() }
}

/// The kind of an error where there is no room for its words; none where the words must do.
fn brief(error: &str) -> Option<&'static str> {
    match Cause::of_words(error) {
        Cause::Name => Some("no such name"),
        Cause::Tls => Some("bad TLS"),
        Cause::Network => None,
        kind => kind.word(),
    }
}

/// The ATT column: attempts so far, or [`figures::UNKNOWN`] before the first.
#[must_use]
pub fn attempts(row: &DeliveryRow, cells: usize) -> String {
    figures::known((row.attempts > 0).then_some(row.attempts), |count| figures::count_within(u64::from(count), cells))
}

/// A state as a person reads it.
#[must_use]
pub const fn state(state: State) -> &'static str {
    match state {
        State::InFlight => "in flight",
        other => other.as_str(),
    }
}

/// Status and error of a failed attempt in one text: `502 Bad Gateway`, `422 no such field "pane"`, `connection refused`.
#[must_use]
pub fn failure(status: Option<u16>, error: Option<&str>) -> String {
    let error = error.map(str::trim).filter(|error| !error.is_empty());
    match (status, error) {
        (Some(code), Some(error)) if error.starts_with(&code.to_string()) => escape::line(error).into_owned(),
        (Some(code), Some(error)) => format!("{code} {}", escape::line(error)),
        (Some(code), None) => status::with_phrase(code),
        (None, Some(error)) => escape::line(error).into_owned(),
        (None, None) => "no answer".to_owned(),
    }
}

/// Why a delivery is dead: `exhausted: 502 Bad Gateway`, `gone: 410, endpoint disabled`, `cancelled`. Empty unless dead.
#[must_use]
pub fn reason(row: &DeliveryRow) -> String {
    let Some(reason) = row.reason else { return String::new() };
    let detail = match reason {
        Reason::Gone => "410, endpoint disabled".to_owned(),
        Reason::Cancelled => "by hand before it was delivered".to_owned(),
        Reason::Overflow => "the queue was full and this was the oldest".to_owned(),
        Reason::Expired => "waited longer than max_age".to_owned(),
        Reason::Exhausted
        | Reason::Permanent
        | Reason::Redirect
        | Reason::Render
        | Reason::TooLarge
        | Reason::Blocked => match (row.last_status, row.last_error.as_deref()) {
            (None, None) => return word(reason).to_owned(),
            (code, error) => failure(code, error),
        },
    };
    // What the guard says begins with the same word.
    if detail.starts_with(&format!("{}: ", word(reason))) {
        return detail;
    }
    format!("{}: {detail}", word(reason))
}

/// [`reason`] without the status' phrase where both it and the receiver's own words do not fit: the words say more.
#[must_use]
pub fn reason_within(row: &DeliveryRow, cells: usize) -> String {
    let whole = reason(row);
    match row.last_status.filter(|_| fit::width(&whole) > cells) {
        Some(code) => whole.replacen(&format!("{}: ", status::with_phrase(code)), &format!("{code} "), 1),
        None => whole,
    }
}

/// A reason as a person reads it.
#[must_use]
pub const fn word(reason: Reason) -> &'static str {
    match reason {
        Reason::TooLarge => "too large",
        other => other.as_str(),
    }
}

fn ended(
    outcome: Outcome,
    code: Option<u16>,
    error: Option<&str>,
    trigger: Trigger,
    glyphs: &Glyphs,
    cells: usize,
) -> String {
    let room = cells.saturating_sub(fit::width(glyphs.failed) + 1);
    let text = match outcome {
        Outcome::Delivered => code.map_or_else(|| "delivered".to_owned(), |code| code.to_string()),
        Outcome::Interrupted => "interrupted: may have been sent".to_owned(),
        Outcome::Refused | Outcome::Timeout | Outcome::Network | Outcome::Unsent => match (code, error) {
            (None, None) => outcome.as_str().to_owned(),
            (code, error) => failure_within(code, error, room),
        },
    };
    let glyph = if outcome == Outcome::Delivered { glyphs.good } else { glyphs.failed };
    let by = match trigger {
        Trigger::Probe => "  probe",
        Trigger::Test => "  test",
        Trigger::Auto | Trigger::Manual => "",
    };
    format!("{glyph} {text}{by}")
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::present::glyphs::{ASCII, UNICODE};
    use crate::present::tests::delivery;

    #[test]
    fn a_result_is_a_glyph_and_words() {
        use Outcome::{Delivered, Interrupted, Network, Refused, Timeout};
        use Trigger::{Auto, Probe, Test};
        for (outcome, code, error, trigger, shown) in [
            (Delivered, Some(200), None, Auto, "✓ 200"),
            (Delivered, Some(204), None, Probe, "✓ 204  probe"),
            (Refused, Some(502), None, Auto, "✗ 502 Bad Gateway"),
            (Refused, Some(502), Some("502 Bad Gateway"), Auto, "✗ 502 Bad Gateway"),
            (Refused, Some(422), Some("no such field"), Test, "✗ 422 no such field  test"),
            (Refused, Some(500), Some("\x1b[2J"), Auto, r"✗ 500 \e[2J"),
            (Network, None, Some("connection refused"), Auto, "✗ connection refused"),
            (Timeout, None, None, Auto, "✗ timeout"),
            (Interrupted, None, Some("whatever"), Auto, "✗ interrupted: may have been sent"),
        ] {
            assert_eq!(ended(outcome, code, error, trigger, &UNICODE, 60), shown);
        }
        assert_eq!(ended(Delivered, Some(200), None, Auto, &ASCII, 60), "+ 200");
    }

    #[test]
    fn a_failure_loses_what_was_said_then_its_phrase_and_never_its_number() {
        let error = Some("502 Bad Gateway: upstream is gone");
        for (cells, shown) in
            [(33, "502 Bad Gateway: upstream is gone"), (32, "502 Bad Gateway"), (15, "502 Bad Gateway"), (14, "502")]
        {
            assert_eq!(failure_within(Some(502), error, cells), shown);
        }
        for (error, shown) in [
            ("connection refused", "refused"),
            ("timeout after 2 s, no first byte", "timeout"),
            ("the name x.example does not resolve: try again", "no such name"),
            ("certificate not trusted: UnknownIssuer", "bad TLS"),
            ("invalid HTTP version parsed", "invalid HTTP version parsed"),
        ] {
            assert_eq!(failure_within(None, Some(error), 8), shown, "what has no word of its own is cut by the column");
        }
        assert_eq!(ended(Outcome::Refused, Some(502), error, Trigger::Auto, &UNICODE, 10), "✗ 502");
    }

    #[test]
    fn a_delivery_without_an_attempt_shows_its_state() {
        let mut row = delivery(State::InFlight);
        row.attempts = 0;
        row.last_outcome = None;
        assert_eq!(of_delivery(&row, true, &UNICODE, 60), "in flight");
        for (state, held, shown) in
            [(State::Queued, false, "queued"), (State::Queued, true, "held"), (State::Scheduled, true, "held")]
        {
            row.state = state;
            assert_eq!(of_delivery(&row, held, &UNICODE, 60), shown);
        }
        assert_eq!(attempts(&row, 3), "–");
        (row.attempts, row.tries) = (1200, 3);
        assert_eq!(attempts(&row, usize::MAX), "1,200", "tries before a retry by hand were attempts too");
        assert_eq!(attempts(&row, 3), "1k");
    }

    #[test]
    fn a_dead_letter_says_why() {
        for (reason, code, error, shown) in [
            (Reason::Exhausted, Some(502), None, "exhausted: 502 Bad Gateway"),
            (Reason::Exhausted, None, Some("connection refused"), "exhausted: connection refused"),
            (Reason::Permanent, Some(422), Some("no such field \"pane\""), "permanent: 422 no such field \"pane\""),
            (Reason::Gone, Some(410), None, "gone: 410, endpoint disabled"),
            (Reason::Redirect, Some(302), Some("302 to https://other"), "redirect: 302 to https://other"),
            (Reason::TooLarge, None, Some("2.0 MiB of at most 1.0 MiB"), "too large: 2.0 MiB of at most 1.0 MiB"),
            (Reason::Blocked, None, Some("blocked: 10.0.0.1 is private"), "blocked: 10.0.0.1 is private"),
            (Reason::Render, None, None, "render"),
            (Reason::Cancelled, Some(502), None, "cancelled: by hand before it was delivered"),
        ] {
            let mut row = delivery(State::Dead);
            row.reason = Some(reason);
            row.last_status = code;
            row.last_error = error.map(str::to_owned);
            assert_eq!(super::reason(&row), shown);
        }
        let mut row = delivery(State::Dead);
        row.reason = Some(Reason::Permanent);
        row.last_status = Some(422);
        row.last_error = Some("422 Unprocessable Content: no such field".to_owned());
        assert_eq!(reason_within(&row, 60), "permanent: 422 Unprocessable Content: no such field");
        assert_eq!(reason_within(&row, 40), "permanent: 422 no such field");
        let mut alive = delivery(State::Queued);
        alive.reason = None;
        assert_eq!(reason(&alive), "");
    }
}
