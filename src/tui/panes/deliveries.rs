//! Pane 3, Deliveries: newest change first, a row a delivery with its newest attempt; or a row an attempt (`a`).

use ratatui::buffer::Buffer;
use ratatui::layout::Rect;

use crate::event::{Outcome, State};
use crate::journal::{AttemptRow, DeliveryRow};
use crate::present::next::Outlook;
use crate::present::{figures, fit, result};

use super::super::app::App;
use super::super::effects::Effect;
use super::super::feed::{List, Subject};
use super::super::finding::{By, Find};
use super::super::first;
use super::super::header;
use super::super::keys::{Binding, Key, PLAIN};
use super::super::rows::Row;
use super::super::table::{Cell, Column, Fit, cell};
use super::super::theme::Tone;
use super::super::update::{acts, asking};
use super::super::window::Window;
use super::{Pane, PaneId, endpoints};

/// See [`Pane`].
pub static PANE: Pane = Pane {
    id: PaneId::Deliveries,
    title: "Deliveries",
    is_list: true,
    is_home: true,
    follows: true,
    query: |app| Some(if app.attempts { List::Attempts } else { List::Deliveries }),
    keys: KEYS,
    columns,
    corner,
    draw,
};

const KEYS: &[Binding] = &[
    Binding {
        keys: &[Key::char('r')],
        label: "resend",
        help: "Resend: one attempt now, whatever the delivery's state; if it fails, the delivery is as it was",
        priority: 10,
        available: acts::can_send,
        run: acts::resend,
        ..PLAIN
    },
    Binding {
        keys: &[Key::char('x')],
        label: "cancel",
        help: "Cancel the waiting delivery (asks): it becomes a dead letter",
        priority: 20,
        danger: true,
        available: acts::can_cancel,
        run: acts::cancel,
        ..PLAIN
    },
    Binding {
        keys: &[Key::char('a')],
        label: "attempts",
        help: "Show attempts instead, a row each; and deliveries again",
        priority: 40,
        run: toggle,
        ..PLAIN
    },
];

/// The column of times, in the form that `t` has chosen.
pub const WHEN: Column = Column { title: "AGE", least: 5, most: 5, fit: Fit::Figure, yields: 3, cell: when };

const COLUMNS: &[Column] = &[
    WHEN,
    Column { title: "TYPE", least: 14, most: 22, fit: Fit::Name, yields: 0, cell: kind },
    Column { title: "ENDPOINT", least: 8, most: 24, fit: Fit::Name, yields: 0, cell: endpoint },
    Column { title: "ATT", least: 3, most: 3, fit: Fit::Figure, yields: 5, cell: attempts },
    Column { title: "RESULT", least: 10, most: 34, fit: Fit::Words, yields: 0, cell: outcome },
    Column { title: "TIME", least: 6, most: 6, fit: Fit::Figure, yields: 6, cell: took },
    Column { title: "NEXT", least: 14, most: 60, fit: Fit::Words, yields: 4, cell: next },
];

/// When the event was accepted, in the form that `t` has chosen.
pub const ACCEPTED: Column =
    Column { title: "ACCEPTED", least: 8, most: 9, fit: Fit::Figure, yields: 9, cell: accepted };
/// The event's id.
pub const EVENT: Column = Column { title: "EVENT", least: 20, most: 36, fit: Fit::Name, yields: 8, cell: event };

const ATTEMPTS: &[Column] = &[
    WHEN,
    Column { title: "TYPE", least: 14, most: 22, fit: Fit::Name, yields: 0, cell: kind },
    Column { title: "ENDPOINT", least: 8, most: 24, fit: Fit::Name, yields: 0, cell: endpoint },
    Column { title: "ATT", least: 3, most: 3, fit: Fit::Figure, yields: 5, cell: attempts },
    Column { title: "BY", least: 6, most: 6, fit: Fit::Words, yields: 7, cell: trigger },
    Column { title: "TIME", least: 6, most: 6, fit: Fit::Figure, yields: 6, cell: took },
    Column { title: "RESULT", least: 10, most: 60, fit: Fit::Words, yields: 0, cell: outcome },
];

fn draw(app: &App, area: Rect, buf: &mut Buffer) {
    let words = first::words(app);
    let empty: Vec<&str> = words.iter().map(String::as_str).collect();
    super::list(app, PaneId::Deliveries, &empty, area, buf);
}

fn columns(app: &App, area: Rect) -> Vec<Column> {
    let (columns, broad): (_, &[Column]) =
        if app.attempts { (ATTEMPTS, &[EVENT]) } else { (COLUMNS, &[ACCEPTED, EVENT]) };
    let mut columns = super::fitted_with(app, columns, broad, area);
    let by = app.lists.get(&PaneId::Deliveries).map(|list| list.find.by);
    if let (Some(By::Arrival), Some(first)) = (by, columns.first_mut()) {
        *first = Column { title: "CAME", cell: came, ..*first };
    }
    columns
}

fn corner(app: &App) -> String {
    if app.attempts {
        return "attempts".to_owned();
    }
    super::total(app, |one| one.queued + one.scheduled + one.in_flight + one.delivered + one.dead + one.cleared)
}

/// Attempts instead, or deliveries again.
pub fn toggle(app: &mut App) -> Vec<Effect> {
    app.attempts = !app.attempts;
    if let Some(list) = app.lists.get_mut(&PaneId::Deliveries) {
        list.window = Window::new(true);
        list.marks.clear();
        list.frozen = false;
        list.find = Find { last: list.find.last.clone(), ..Find::default() };
    }
    asking::forget(app, Subject::Rows(PaneId::Deliveries));
    asking::rows(app, PaneId::Deliveries)
}

fn when(app: &App, row: &Row, _: usize) -> Cell {
    cell(figures::known(row.at(), |at| app.times.show(at, app.now, &app.look.zone)), Tone::Faint)
}

/// The cell of a delivery or of an attempt.
fn of(row: &Row, delivery: impl Fn(&DeliveryRow) -> Cell, attempt: impl Fn(&AttemptRow) -> Cell) -> Cell {
    match row {
        Row::Delivery(one) | Row::Dead(one) => delivery(one),
        Row::Attempt(one) => attempt(one),
        _ => Cell::default(),
    }
}

/// The event's type.
#[must_use]
pub fn kind(_: &App, row: &Row, _: usize) -> Cell {
    let show = |kind: &str| cell(kind, Tone::Plain);
    of(row, |one| show(&one.event_type), |one| show(&one.event_type))
}

/// The endpoint's name.
#[must_use]
pub fn endpoint(_: &App, row: &Row, _: usize) -> Cell {
    let show = |name: &str| cell(name, Tone::Plain);
    of(row, |one| show(&one.endpoint), |one| show(&one.endpoint))
}

/// Attempts so far: those before a retry by hand count too, so these are no tries.
#[must_use]
pub fn attempts(_: &App, row: &Row, width: usize) -> Cell {
    let number = |one: &AttemptRow| figures::count_within(u64::from(one.number), width);
    of(row, |one| cell(result::attempts(one, width), Tone::Plain), |one| cell(number(one), Tone::Plain))
}

/// When its event was accepted; an attempt does not know.
fn accepted(app: &App, row: &Row, _: usize) -> Cell {
    of(row, |one| cell(app.times.show(one.created_at, app.now, &app.look.zone), Tone::Faint), |_| Cell::default())
}

/// The event's id.
fn event(_: &App, row: &Row, _: usize) -> Cell {
    let show = |id: &str| cell(id, Tone::Faint);
    of(row, |one| show(&one.event_id), |one| show(&one.event_id))
}

fn trigger(_: &App, row: &Row, _: usize) -> Cell {
    of(row, |_| Cell::default(), |one| cell(one.trigger.as_str(), Tone::Faint))
}

/// When it came in: what the list is sorted by then.
fn came(app: &App, row: &Row, _: usize) -> Cell {
    let show = |at| cell(app.times.show(at, app.now, &app.look.zone), Tone::Faint);
    of(row, |one| show(one.created_at), |one| show(one.started_at))
}

fn took(_: &App, row: &Row, _: usize) -> Cell {
    let show = |text: String| cell(text, Tone::Faint);
    of(
        row,
        |one| show(figures::known(one.last_ms, figures::took_ms)),
        |one| show(figures::known(one.duration_us, figures::took)),
    )
}

fn outcome(app: &App, row: &Row, width: usize) -> Cell {
    let glyphs = app.look.glyphs;
    of(
        row,
        |one| cell(result::of_delivery(one, outlook(app, one).held().is_some(), glyphs, width), tone(app, one)),
        |one| {
            let tone = if one.outcome == Outcome::Delivered { Tone::Good } else { Tone::Bad };
            cell(result::of_attempt(one, glyphs, width), tone)
        },
    )
}

/// What colour says of a delivery.
#[must_use]
pub fn tone(app: &App, one: &DeliveryRow) -> Tone {
    let is_held = outlook(app, one).held().is_some();
    match (one.state, one.last_outcome) {
        (State::Cleared, _) => Tone::Faint,
        (_, Some(Outcome::Delivered)) => Tone::Good,
        (State::Dead, _) => Tone::Bad,
        (_, Some(_)) => Tone::Waiting,
        (State::Queued | State::Scheduled, None) if is_held => Tone::Faint,
        (State::InFlight, None) => Tone::Focus,
        (_, None) => Tone::Plain,
    }
}

fn next(app: &App, row: &Row, width: usize) -> Cell {
    let show = |one: &DeliveryRow| {
        let outlook = outlook(app, one);
        let wide = outlook.column();
        let text = if fit::width(&wide) <= width { wide } else { outlook.narrow_column() };
        cell(text, if one.state == State::Dead { Tone::Bad } else { Tone::Faint })
    };
    of(row, show, |_| Cell::default())
}

/// All that decides what happens next to a delivery.
#[must_use]
pub fn outlook<'a>(app: &'a App, one: &'a DeliveryRow) -> Outlook<'a> {
    Outlook {
        delivery: one,
        endpoint: app.endpoint(one.endpoint_key),
        rules: endpoints::rules(app, &one.endpoint_id),
        dispatching: header::somebody_dispatches(app),
        now: app.now,
    }
}
