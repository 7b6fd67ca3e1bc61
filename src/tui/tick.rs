//! When the screen changes by time alone: then, and only then, the loop wakes up without a message.

use crate::event::{Circuit, Millis};
use crate::present::clock::Times;

use super::app::App;
use super::update::asking;

const SECOND: Millis = 1_000;
const MINUTE: Millis = 60_000;
/// Up to this age one of the figures of an age changes every second or so.
const YOUNG: Millis = 3_600_000;

/// The next time at which the screen may look different though nothing has happened.
#[must_use]
pub fn next(app: &App) -> Option<Millis> {
    let notice = app.notice.as_ref().map(|(_, until)| *until);
    let step = step(app).map(|step| app.now.div_euclid(step) * step + step);
    let due = app.lists.values().filter_map(|list| list.find.due).min();
    let pause = asking::pauses(app).filter(|until| *until > app.now).min();
    notice.into_iter().chain(due).chain(pause).chain(step).chain(app.alarm.due()).min()
}

fn step(app: &App) -> Option<Millis> {
    if is_counting_down(app) {
        return Some(SECOND);
    }
    let figures = app.figures.as_ref();
    let oldest = figures.into_iter().flat_map(|known| [known.oldest_undelivered_at, known.oldest_dead_at]).flatten();
    let mut ages = oldest.chain(rows(app)).map(|at| app.now.saturating_sub(at)).peekable();
    ages.peek()?;
    Some(if ages.any(|age| age < YOUNG) { SECOND } else { MINUTE })
}

/// Rates that fade, due times and probes that come nearer.
fn is_counting_down(app: &App) -> bool {
    let Some(known) = &app.figures else { return false };
    let has_probe =
        known.endpoints.iter().any(|one| one.circuit.circuit == Circuit::Open || one.hold_until > Some(app.now));
    has_probe || known.next_retry_at.is_some() || app.is_lively()
}

/// Times of the rows on the screen: their ages, or that they are lit for a second.
fn rows(app: &App) -> impl Iterator<Item = Millis> {
    let shown = app.layout().panes;
    shown.into_iter().flat_map(move |(id, _)| {
        let height = app.height_of(id);
        let rows = app.lists.get(&id).map(|list| list.window.visible(height).0).unwrap_or_default();
        let ages = app.times == Times::Ago;
        rows.iter().filter_map(super::rows::Row::at).filter(move |at| ages || app.now.saturating_sub(*at) < 2 * SECOND)
    })
}
