//! Pane 4, Dead letters: what will not be tried again unless a person asks, and why.

use ratatui::buffer::Buffer;
use ratatui::layout::Rect;

use crate::journal::Act;
use crate::present::{figures, result};

use super::super::app::App;
use super::super::feed::List;
use super::super::keys::{Binding, Context, Key, PLAIN};
use super::super::rows::Row;
use super::super::table::{Cell, Column, Fit, cell};
use super::super::theme::Tone;
use super::super::update::{acts, bulk, edit, groups};
use super::deliveries::{ACCEPTED, EVENT, WHEN, attempts, endpoint, kind};
use super::groups::COLUMNS as COLUMNS_OF_GROUPS;
use super::{Pane, PaneId};

/// See [`Pane`].
pub static PANE: Pane = Pane {
    id: PaneId::Dead,
    title: "Dead letters",
    is_list: true,
    is_home: true,
    follows: false,
    query: |app| Some(if app.groups.shown { List::Groups } else { List::Dead }),
    keys: KEYS,
    columns,
    corner,
    draw,
};

const KEYS: &[Binding] = &[
    Binding {
        keys: &[Key::char('r')],
        label: "retry",
        help: "Retry the dead letter now, with fresh tries",
        priority: 10,
        available: acts::can_retry,
        run: acts::retry,
        ..PLAIN
    },
    Binding {
        keys: &[Key::char('R')],
        label: "retry all",
        help: "Retry all dead letters (asks)",
        priority: 20,
        danger: true,
        available: acts::any_dead,
        run: |app| bulk::ask_all(app, Act::Retry),
        ..PLAIN
    },
    Binding {
        keys: &[Key::char('c')],
        label: "clear",
        help: "Clear the dead letter (asks): it is put away; `u` brings it back",
        priority: 22,
        danger: true,
        available: acts::is_dead,
        run: acts::clear,
        ..PLAIN
    },
    Binding {
        keys: &[Key::char('C')],
        label: "clear all",
        help: "Clear all dead letters (asks; above 50 the number is typed)",
        priority: 24,
        danger: true,
        available: acts::any_dead,
        run: |app| bulk::ask_all(app, Act::Clear),
        ..PLAIN
    },
    Binding {
        keys: &[Key::char('e')],
        label: "edit a copy",
        help: "Edit a copy of the event in `$EDITOR` and send it to the dead letter's endpoint (asks)",
        priority: 26,
        danger: true,
        available: edit::can_edit,
        run: edit::open,
        ..PLAIN
    },
    Binding {
        keys: &[Key::char('w')],
        label: "why",
        help: "Why: all dead letters in groups of what they died of; `r` and `c` act on a whole group, `Enter` lists it; `w` again: one by one",
        priority: 40,
        run: groups::toggle,
        ..PLAIN
    },
];

const COLUMNS: &[Column] = &[
    WHEN,
    Column { title: "TYPE", least: 14, most: 22, fit: Fit::Name, yields: 0, cell: kind },
    Column { title: "ENDPOINT", least: 8, most: 24, fit: Fit::Name, yields: 0, cell: endpoint },
    Column { title: "ATT", least: 3, most: 3, fit: Fit::Figure, yields: 4, cell: attempts },
    Column { title: "REASON", least: 30, most: 120, fit: Fit::Words, yields: 0, cell: reason },
];

fn columns(app: &App, area: Rect) -> Vec<Column> {
    if app.groups.shown {
        return super::fitted(app, COLUMNS_OF_GROUPS);
    }
    super::fitted_with(app, COLUMNS, &[ACCEPTED, EVENT], area)
}

fn draw(app: &App, area: Rect, buf: &mut Buffer) {
    let [retry, clear, why] = ["retry", "clear", "why"].map(|action| app.key(Context::Pane(PaneId::Dead), action));
    let last = if app.groups.shown {
        format!("They stand in groups of what they died of then; {why} shows them one by one.")
    } else {
        format!("{retry} sends it again then, {clear} puts it away.")
    };
    let empty =
        ["Nothing has died.", "A delivery comes here when its tries are used up or it is refused.", last.as_str()];
    super::list(app, PaneId::Dead, &empty, area, buf);
}

fn corner(app: &App) -> String {
    if app.groups.shown {
        let groups = app.lists.get(&PaneId::Dead).map_or(0, |list| list.window.rows().len());
        let dead = super::total(app, |counts| counts.dead);
        let groups = figures::counted(u64::try_from(groups).unwrap_or(0), "group", "groups");
        return format!("{dead} in {groups}");
    }
    let count = super::total(app, |counts| counts.dead);
    match app.figures.as_ref().and_then(|known| known.oldest_dead_at) {
        Some(at) => format!("{count}   oldest {}", figures::long_age(figures::elapsed(at, app.now))),
        None => count,
    }
}

fn reason(_: &App, row: &Row, width: usize) -> Cell {
    match row {
        Row::Dead(one) => cell(result::reason_within(one, width), Tone::Bad),
        _ => Cell::default(),
    }
}
