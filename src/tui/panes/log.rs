//! Pane 6, Log: what the dispatcher did, what became of the file, every act by hand.

use ratatui::buffer::Buffer;
use ratatui::layout::Rect;

use crate::journal::{Level, LogRow, LogSource};
use crate::present::figures;

use super::super::app::App;
use super::super::feed::List;
use super::super::rows::Row;
use super::super::table::{Cell, Column, Fit, cell};
use super::super::theme::Tone;
use super::deliveries::WHEN;
use super::{Pane, PaneId};

/// See [`Pane`].
pub static PANE: Pane = Pane {
    id: PaneId::Log,
    title: "Log",
    is_list: true,
    is_home: false,
    follows: true,
    query: |_| Some(List::Log),
    keys: &[],
    columns: |app, _| super::fitted(app, COLUMNS),
    corner: |_| String::new(),
    draw,
};

const COLUMNS: &[Column] = &[
    WHEN,
    Column { title: "ABOUT", least: 7, most: 7, fit: Fit::Words, yields: 4, cell: about },
    Column { title: "ENDPOINT", least: 8, most: 14, fit: Fit::Name, yields: 5, cell: endpoint },
    Column { title: "WHO", least: 8, most: 12, fit: Fit::Name, yields: 6, cell: who },
    Column { title: "WHAT", least: 40, most: 160, fit: Fit::Words, yields: 0, cell: what },
];

fn draw(app: &App, area: Rect, buf: &mut Buffer) {
    let empty = [
        "What the dispatcher did, changes of the file and of circuits, every act by hand.",
        "Nothing has happened yet.",
    ];
    super::list(app, PaneId::Log, &empty, area, buf);
}

fn of(row: &Row, show: impl Fn(&LogRow) -> Cell) -> Cell {
    match row {
        Row::Log(one) => show(one),
        _ => Cell::default(),
    }
}

/// What a line is about.
#[must_use]
pub const fn word(source: LogSource) -> &'static str {
    match source {
        LogSource::Engine => "engine",
        LogSource::File => "file",
        LogSource::Circuit => "circuit",
        LogSource::Act => "by hand",
    }
}

/// What colour says of a line.
#[must_use]
pub const fn tone(level: Level) -> Tone {
    match level {
        Level::Info => Tone::Plain,
        Level::Warning => Tone::Waiting,
        Level::Error => Tone::Bad,
    }
}

fn about(_: &App, row: &Row, _: usize) -> Cell {
    of(row, |one| cell(word(one.source), Tone::Faint))
}

fn endpoint(_: &App, row: &Row, _: usize) -> Cell {
    of(row, |one| cell(figures::known(one.endpoint.clone(), |name| name), Tone::Plain))
}

fn who(_: &App, row: &Row, _: usize) -> Cell {
    of(row, |one| cell(figures::known(one.who.clone(), |name| name), Tone::Faint))
}

fn what(_: &App, row: &Row, _: usize) -> Cell {
    of(row, |one| cell(one.text.as_str(), tone(one.level)))
}
