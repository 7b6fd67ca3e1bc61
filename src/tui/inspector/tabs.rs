//! The tabs Request, Response, Attempts and Event.

use crate::event::Event;
use crate::journal::{AttemptDetail, DeliveryDetail};
use crate::present::{clock, escape, figures, result};

use super::super::app::App;
use super::super::theme::Tone;
use super::{Line, body};

fn faint(text: impl Into<String>) -> Line {
    vec![(text.into(), Tone::Faint)]
}

/// What the newest attempt sent.
pub fn request(app: &App, detail: &DeliveryDetail, width: usize) -> Vec<Line> {
    let Some(attempt) = detail.attempts.last() else { return vec![faint("Nothing has been sent yet.")] };
    let mut lines = vec![title(app, attempt), Vec::new()];
    lines.extend(headers(&attempt.request_headers));
    lines.push(Vec::new());
    match &attempt.request_body {
        Some(sent) if !sent.is_empty() => lines.extend(body::lines(sent, width)),
        Some(_) => lines.push(faint("The body was empty.")),
        None => lines.push(faint("The body is no longer kept.")),
    }
    lines
}

/// What came back to the newest attempt.
pub fn response(app: &App, detail: &DeliveryDetail, width: usize) -> Vec<Line> {
    let Some(attempt) = detail.attempts.last() else { return vec![faint("Nothing has been sent yet.")] };
    let mut lines = vec![title(app, attempt), Vec::new()];
    lines.extend(headers(&attempt.response_headers));
    lines.push(Vec::new());
    match &attempt.response_body {
        Some(came) if !came.is_empty() => lines.extend(body::lines(came, width)),
        _ if attempt.row.status.is_some() => lines.push(faint("There was no body.")),
        _ => lines.push(faint("There was no answer.")),
    }
    lines
}

/// Every attempt, the newest first, with its timing and answer.
pub fn attempts(app: &App, detail: &DeliveryDetail, width: usize) -> Vec<Line> {
    let mut lines = Vec::new();
    for attempt in detail.attempts.iter().rev() {
        let row = &attempt.row;
        lines.push(title(app, attempt));
        let timing = |us| figures::known(us, figures::took);
        lines.push(faint(format!(
            "{}   {}   name {}, first byte {}, whole {}   {}",
            clock::rfc3339(row.started_at),
            row.trigger,
            timing(attempt.resolve_us),
            timing(attempt.first_byte_us),
            timing(row.duration_us),
            escape::line(attempt.remote.as_deref().unwrap_or_default()),
        )));
        let answer = attempt.response_body.as_deref().unwrap_or_default();
        lines.extend(body::lines(answer, width).into_iter().take(6).filter(|_| !answer.is_empty()));
        lines.push(Vec::new());
    }
    if lines.is_empty() {
        lines.push(faint("No attempt has been made yet."));
    }
    lines
}

/// The event as the journal has it.
pub fn event(_: &App, event: &Event, origin: Option<&str>, width: usize) -> Vec<Line> {
    let mut lines: Vec<Line> =
        origin.map(|origin| faint(format!("made from {}", escape::line(origin)))).into_iter().collect();
    match serde_json::to_vec(event) {
        Ok(json) => lines.extend(body::lines(&json, width)),
        Err(error) => lines.push(faint(escape::line(&error.to_string()).into_owned())),
    }
    lines
}

fn title(app: &App, attempt: &AttemptDetail) -> Line {
    let row = &attempt.row;
    let tone = if row.outcome == crate::event::Outcome::Delivered { Tone::Good } else { Tone::Bad };
    vec![
        (format!("attempt {}  ", row.number), Tone::Strong),
        (result::of_attempt(row, app.look.glyphs, usize::MAX), tone),
    ]
}

fn headers(headers: &[(String, String)]) -> Vec<Line> {
    headers
        .iter()
        .map(|(name, value)| {
            vec![(format!("{}: ", escape::line(name)), Tone::Focus), (escape::line(value).into_owned(), Tone::Plain)]
        })
        .collect()
}
