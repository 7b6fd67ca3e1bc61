//! Pane 5, Events: what came in, and what became of it.

use ratatui::buffer::Buffer;
use ratatui::layout::Rect;

use crate::journal::EventRow;
use crate::present::figures;

use super::super::app::App;
use super::super::feed::List;
use super::super::keys::{Binding, Key, PLAIN};
use super::super::rows::Row;
use super::super::table::{Cell, Column, Fit, cell};
use super::super::theme::Tone;
use super::super::update::acts;
use super::deliveries::WHEN;
use super::{Pane, PaneId};

/// See [`Pane`].
pub static PANE: Pane = Pane {
    id: PaneId::Events,
    title: "Events",
    is_list: true,
    is_home: false,
    follows: true,
    query: |_| Some(List::Events),
    keys: KEYS,
    columns: |app, _| super::fitted(app, COLUMNS),
    corner: |app| app.figures.as_ref().map_or_else(String::new, |known| figures::count(known.events)),
    draw,
};

const KEYS: &[Binding] = &[Binding {
    keys: &[Key::char('r')],
    label: "resend",
    help: "Send the event to the endpoints that match now and never had it",
    priority: 10,
    available: acts::can_resend_event,
    run: acts::resend_event,
    ..PLAIN
}];

const COLUMNS: &[Column] = &[
    WHEN,
    Column { title: "TYPE", least: 16, most: 22, fit: Fit::Name, yields: 0, cell: kind },
    Column { title: "DELIVERED", least: 9, most: 9, fit: Fit::Figure, yields: 0, cell: delivered },
    Column { title: "DEAD", least: 4, most: 4, fit: Fit::Figure, yields: 4, cell: dead },
    Column { title: "SESSION", least: 10, most: 14, fit: Fit::Name, yields: 5, cell: session },
    Column { title: "ID", least: 12, most: 20, fit: Fit::Name, yields: 6, cell: id },
    Column { title: "MESSAGE", least: 24, most: 120, fit: Fit::Words, yields: 1, cell: message },
];

fn draw(app: &App, area: Rect, buf: &mut Buffer) {
    let empty = [
        "Events as they came in, and how many of their deliveries got through.",
        "Try: hooktui emit agent.error -m \"hello\"",
    ];
    super::list(app, PaneId::Events, &empty, area, buf);
}

fn of(row: &Row, show: impl Fn(&EventRow) -> Cell) -> Cell {
    match row {
        Row::Event(one) => show(one),
        _ => Cell::default(),
    }
}

fn kind(_: &App, row: &Row, _: usize) -> Cell {
    of(row, |one| cell(one.kind.as_str(), Tone::Plain))
}

fn session(_: &App, row: &Row, _: usize) -> Cell {
    of(row, |one| cell(one.session.as_str(), Tone::Faint))
}

fn id(_: &App, row: &Row, _: usize) -> Cell {
    of(row, |one| cell(one.id.as_str(), Tone::Faint))
}

fn message(_: &App, row: &Row, _: usize) -> Cell {
    of(row, |one| cell(one.message.as_str(), Tone::Plain))
}

fn delivered(_: &App, row: &Row, _: usize) -> Cell {
    of(row, |one| match (one.unrouted, one.deliveries) {
        (true, _) => cell("unrouted", Tone::Waiting),
        (false, 0) => cell("no match", Tone::Faint),
        (false, all) if one.delivered == all => cell(format!("{all} of {all}"), Tone::Good),
        (false, all) => cell(format!("{} of {all}", one.delivered), Tone::Waiting),
    })
}

fn dead(_: &App, row: &Row, _: usize) -> Cell {
    of(row, |one| match one.dead {
        0 => cell(figures::UNKNOWN, Tone::Faint),
        dead => cell(figures::count(dead), Tone::Bad),
    })
}
