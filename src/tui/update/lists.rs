//! Keys of every list: moving, following, freezing, inspecting, how times are shown.

use crossterm::event::KeyCode;

use super::super::app::App;
use super::super::effects::Effect;
use super::super::keys::{Binding, Context, Key, PLAIN};
use super::super::panes::PaneId;
use super::super::rows::Row;
use super::super::window::Rows;
use super::{asking, find, groups, hand, inspect, marks};

/// Keys of lists.
pub const KEYS: &[Binding] = &[
    Binding {
        keys: &[Key::char('j'), Key::named(KeyCode::Down)],
        label: "down",
        help: "Next row",
        run: |app| step(app, 1),
        ..PLAIN
    },
    Binding {
        keys: &[Key::char('k'), Key::named(KeyCode::Up)],
        label: "up",
        help: "Previous row",
        run: |app| step(app, -1),
        ..PLAIN
    },
    Binding {
        keys: &[Key::char('g'), Key::named(KeyCode::Home)],
        label: "first",
        help: "First row",
        run: first,
        ..PLAIN
    },
    Binding { keys: &[Key::char('G'), Key::named(KeyCode::End)], label: "last", help: "Last row", run: last, ..PLAIN },
    Binding {
        keys: &[Key::ctrl('d')],
        label: "half down",
        help: "Half a screen down",
        run: |app| step(app, half(app)),
        ..PLAIN
    },
    Binding {
        keys: &[Key::ctrl('u')],
        label: "half up",
        help: "Half a screen up",
        run: |app| step(app, -half(app)),
        ..PLAIN
    },
    Binding {
        keys: &[Key::named(KeyCode::PageDown)],
        label: "page down",
        help: "A screen down",
        run: |app| step(app, screen(app)),
        ..PLAIN
    },
    Binding {
        keys: &[Key::named(KeyCode::PageUp)],
        label: "page up",
        help: "A screen up",
        run: |app| step(app, -screen(app)),
        ..PLAIN
    },
    Binding {
        keys: &[Key::named(KeyCode::Enter)],
        label: "inspect",
        help: "Inspect the selected row",
        priority: 30,
        available: inspect::can_open,
        run: inspect::open,
        ..PLAIN
    },
    Binding {
        keys: &[Key::char('/')],
        label: "filter",
        help: "Filter: type what rows must be, `state:dead endpoint:slack* age:>1h`; empty shows all again",
        priority: 40,
        run: find::open,
        ..PLAIN
    },
    Binding {
        keys: &[Key::char('n')],
        label: "next match",
        help: "Next row that matches the filter, also when it is off again",
        available: find::can_go,
        run: |app| find::go(app, true),
        ..PLAIN
    },
    Binding {
        keys: &[Key::char('N')],
        label: "previous match",
        help: "The matching row before",
        available: find::can_go,
        run: |app| find::go(app, false),
        ..PLAIN
    },
    Binding {
        keys: &[Key::char('s')],
        label: "sort",
        help: "Sort by the next column that the list can be sorted by",
        available: find::can_sort,
        run: find::sort,
        ..PLAIN
    },
    Binding {
        keys: &[Key::char('S')],
        label: "reverse",
        help: "Turn the order round: oldest first, or newest first again",
        available: groups::are_not_shown,
        run: find::reverse,
        ..PLAIN
    },
    Binding {
        keys: &[Key::char(' ')],
        label: "mark",
        help: "Mark the row and go on; keys then act on all marked rows, `Esc` takes the marks off",
        available: marks::can_mark_row,
        run: marks::toggle,
        ..PLAIN
    },
    Binding {
        keys: &[Key::char('v')],
        label: "range",
        help: "Begin a range of marks here, or end it",
        available: marks::can_mark_row,
        run: marks::range,
        ..PLAIN
    },
    Binding {
        keys: &[Key::char('*')],
        label: "mark all",
        help: "Mark all that the filter finds",
        available: marks::can_mark_all,
        run: marks::all,
        ..PLAIN
    },
    Binding {
        keys: &[Key::char('f')],
        label: "follow",
        help: "Follow: the newest row is always at the top, none is selected",
        priority: 60,
        available: can_follow,
        run: follow,
        ..PLAIN
    },
    Binding {
        keys: &[Key::char('F')],
        label: "freeze",
        help: "Freeze: the list stands still; delivery goes on",
        priority: 70,
        run: freeze,
        ..PLAIN
    },
    Binding {
        keys: &[Key::char('y')],
        label: "copy",
        help: "Copy id, URL, body, or the request as a line of curl",
        priority: 72,
        available: hand::can_copy,
        run: hand::copy,
        ..PLAIN
    },
    Binding {
        keys: &[Key::char('b')],
        label: "body",
        help: "The body in `$PAGER`: of the newest request, of an event its JSON",
        available: hand::can_page,
        run: hand::open_pager,
        ..PLAIN
    },
    Binding {
        keys: &[Key::char('t')],
        label: "times",
        help: "Show ages, local times or UTC",
        priority: 80,
        run: |app| {
            app.times = app.times.next();
            Vec::new()
        },
        ..PLAIN
    },
];

/// A row must be selected for keys that act on one.
///
/// # Errors
/// The reason in words.
pub fn has_row(app: &App) -> Result<(), String> {
    match app.list() {
        _ if app.inspector.is_some() => Ok(()),
        Some(list) if list.window.selected().is_some() => Ok(()),
        Some(list) if list.window.rows().is_empty() => Err("there is no row to act on".to_owned()),
        _ => Err(format!("the list is following: {} selects a row first", app.key(Context::List, "down"))),
    }
}

/// Moves the selection.
pub fn step(app: &mut App, rows: isize) -> Vec<Effect> {
    let height = app.height_of(app.focus);
    let focus = app.focus;
    let near_edge = app.list_mut().is_some_and(|list| {
        // The first step out of following selects the row at the top.
        let rows = if list.window.is_following() && list.window.selected().is_none() { 0 } else { rows };
        list.window.step(rows, height)
    });
    marks::reach(app);
    if near_edge { asking::rows(app, focus) } else { Vec::new() }
}

/// Moves the rows of a list, which need not have the focus.
pub fn scroll(app: &mut App, id: PaneId, rows: isize) -> Vec<Effect> {
    let height = app.height_of(id);
    let near_edge = app.lists.get_mut(&id).is_some_and(|list| list.window.scroll(rows, height));
    if near_edge { asking::rows(app, id) } else { Vec::new() }
}

fn first(app: &mut App) -> Vec<Effect> {
    if range_would_break(app, |rows| rows.more_above) {
        return Vec::new();
    }
    let height = app.height_of(app.focus);
    if let Some(list) = app.list_mut() {
        list.window.first(height);
    }
    marks::reach(app);
    refresh(app)
}

fn last(app: &mut App) -> Vec<Effect> {
    if range_would_break(app, |rows| rows.more_below) {
        return Vec::new();
    }
    let height = app.height_of(app.focus);
    if let Some(list) = app.list_mut() {
        list.window.last(height);
    }
    marks::reach(app);
    refresh(app)
}

/// A range leaves no row out that the console has not seen.
fn range_would_break(app: &mut App, more: fn(&Rows<Row>) -> bool) -> bool {
    let breaks = app.list().is_some_and(|list| list.marks.is_ranging() && more(list.window.page()));
    if breaks {
        app.say(false, "a range goes screen by screen (PgDn, PgUp); * marks all");
    }
    breaks
}

/// Asks for rows at once, whatever is on its way: the person waits for these.
fn refresh(app: &mut App) -> Vec<Effect> {
    let focus = app.focus;
    asking::forget(app, super::super::feed::Subject::Rows(focus));
    asking::rows(app, focus)
}

fn follow(app: &mut App) -> Vec<Effect> {
    if let Some(list) = app.list_mut() {
        let on = !list.window.is_following();
        list.window.follow(on);
        list.frozen = list.frozen && !on;
    }
    refresh(app)
}

fn freeze(app: &mut App) -> Vec<Effect> {
    if let Some(list) = app.list_mut() {
        list.frozen = !list.frozen;
    }
    refresh(app)
}

fn can_follow(app: &App) -> Result<(), String> {
    groups::are_not_shown(app)?;
    if app.focus == PaneId::Endpoints {
        return Err("endpoints stand in the order of the file: there is nothing to follow".to_owned());
    }
    if app.list().is_some_and(|list| list.find.reversed) {
        let key = app.key(Context::List, "reverse");
        return Err(format!("following means newest first, and the order is turned round: {key} turns it back"));
    }
    Ok(())
}

fn screen(app: &App) -> isize {
    isize::try_from(app.height_of(app.focus)).unwrap_or(1).max(1)
}

fn half(app: &App) -> isize {
    (screen(app) / 2).max(1)
}
