//! Pane 4 in groups: dead letters by what they died of, the largest groups first.

use crate::journal::GroupRow;
use crate::present::{act, figures};

use super::super::app::App;
use super::super::rows::Row;
use super::super::table::{Cell, Column, Fit, cell};
use super::super::theme::Tone;

/// Its columns.
pub const COLUMNS: &[Column] = &[
    Column { title: "COUNT", least: 7, most: 9, fit: Fit::Figure, yields: 0, cell: count },
    Column { title: "ENDPOINT", least: 8, most: 24, fit: Fit::Name, yields: 0, cell: endpoint },
    Column { title: "WHY", least: 24, most: 38, fit: Fit::Words, yields: 0, cell: why },
    Column { title: "OLDEST", least: 6, most: 6, fit: Fit::Figure, yields: 3, cell: oldest },
    Column { title: "NEWEST", least: 6, most: 6, fit: Fit::Figure, yields: 2, cell: newest },
    Column { title: "THE NEWEST SAYS", least: 15, most: 120, fit: Fit::Words, yields: 4, cell: sample },
];

fn of(row: &Row, show: impl Fn(&GroupRow) -> Cell) -> Cell {
    match row {
        Row::Group(group) => show(group),
        _ => Cell::default(),
    }
}

fn count(_: &App, row: &Row, _: usize) -> Cell {
    of(row, |one| cell(figures::count(one.count), Tone::Strong))
}

fn endpoint(_: &App, row: &Row, _: usize) -> Cell {
    of(row, |one| cell(one.endpoint.as_str(), Tone::Plain))
}

fn why(_: &App, row: &Row, _: usize) -> Cell {
    of(row, |one| cell(act::signature(one), Tone::Bad))
}

fn oldest(app: &App, row: &Row, _: usize) -> Cell {
    of(row, |one| cell(figures::age(figures::elapsed(one.oldest_at, app.now)), Tone::Faint))
}

fn newest(app: &App, row: &Row, _: usize) -> Cell {
    of(row, |one| cell(figures::age(figures::elapsed(one.newest_at, app.now)), Tone::Faint))
}

fn sample(_: &App, row: &Row, _: usize) -> Cell {
    of(row, |one| cell(one.sample.as_deref().unwrap_or_default(), Tone::Faint))
}
