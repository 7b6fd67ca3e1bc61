//! Opening the inspector and moving in it.

use crossterm::event::KeyCode;

use super::super::app::App;
use super::super::effects::Effect;
use super::super::feed::Subject;
use super::super::inspector::{self, Inspector, Tab};
use super::super::keys::{Binding, Key, PLAIN};
use super::super::panes::PaneId;
use super::{acts, asking};

/// Keys of the inspector.
pub const KEYS: &[Binding] = &[
    Binding {
        keys: &[Key::named(KeyCode::Tab), Key::named(KeyCode::Right), Key::char('l')],
        label: "next tab",
        help: "Next tab: Summary, Request, Response, Attempts, Event",
        priority: 40,
        run: |app| turn(app, true),
        ..PLAIN
    },
    Binding {
        keys: &[Key::named(KeyCode::BackTab), Key::named(KeyCode::Left), Key::char('h')],
        label: "previous tab",
        help: "Previous tab",
        run: |app| turn(app, false),
        ..PLAIN
    },
    Binding {
        keys: &[Key::char('j'), Key::named(KeyCode::Down)],
        label: "down",
        help: "Scroll down",
        run: |app| scroll(app, 1),
        ..PLAIN
    },
    Binding {
        keys: &[Key::char('k'), Key::named(KeyCode::Up)],
        label: "up",
        help: "Scroll up",
        run: |app| scroll(app, -1),
        ..PLAIN
    },
    Binding {
        keys: &[Key::ctrl('d'), Key::named(KeyCode::PageDown)],
        label: "page down",
        help: "A screen down",
        run: |app| scroll(app, 10),
        ..PLAIN
    },
    Binding {
        keys: &[Key::ctrl('u'), Key::named(KeyCode::PageUp)],
        label: "page up",
        help: "A screen up",
        run: |app| scroll(app, -10),
        ..PLAIN
    },
    Binding {
        keys: &[Key::char('r')],
        label: "send again",
        help: "Retry the dead letter; of any other delivery, make one more attempt now",
        priority: 10,
        available: acts::can_send,
        run: acts::again,
        ..PLAIN
    },
    Binding {
        keys: &[Key::char('c')],
        label: "clear",
        help: "Clear the dead letter (asks)",
        priority: 20,
        danger: true,
        available: acts::is_dead,
        run: acts::clear,
        ..PLAIN
    },
    Binding {
        keys: &[Key::char('x')],
        label: "cancel",
        help: "Cancel the waiting delivery (asks)",
        priority: 30,
        danger: true,
        available: acts::can_cancel,
        run: acts::cancel,
        ..PLAIN
    },
    Binding {
        keys: &[Key::char('t')],
        label: "times",
        help: "Show ages, local times or UTC",
        priority: 80,
        run: times,
        ..PLAIN
    },
    Binding {
        keys: &[Key::named(KeyCode::Esc)],
        label: "back",
        help: "Back to the list",
        priority: 35,
        run: close,
        ..PLAIN
    },
];

/// There must be something to inspect.
///
/// # Errors
/// The reason in words.
pub fn can_open(app: &App) -> Result<(), String> {
    match app.list() {
        Some(list) if list.window.rows().is_empty() => Err("there is no row to inspect".to_owned()),
        _ if app.focus == PaneId::Log => Err("a log line is all there is of it".to_owned()),
        _ => Ok(()),
    }
}

/// Inspects the selected row; in a list that follows, the newest.
pub fn open(app: &mut App) -> Vec<Effect> {
    if let Some(list) = app.list_mut().filter(|list| list.window.selected().is_none()) {
        list.window.follow(false);
    }
    app.inspector = app.selected().and_then(Inspector::of);
    asking::forget(app, Subject::Detail);
    asking::detail(app)
}

fn close(app: &mut App) -> Vec<Effect> {
    app.inspector = None;
    asking::forget(app, Subject::Detail);
    asking::lists(app)
}

fn turn(app: &mut App, forward: bool) -> Vec<Effect> {
    if let Some(inspector) = &mut app.inspector {
        inspector.tab = Tab::beside(inspector.tabs(), inspector.tab, forward);
        inspector.scroll = 0;
    }
    Vec::new()
}

/// Scrolls the open tab.
pub fn scroll(app: &mut App, by: isize) -> Vec<Effect> {
    let most = inspector::most_scroll(app);
    if let Some(inspector) = &mut app.inspector {
        inspector.scroll = inspector.scroll.saturating_add_signed(by).min(most);
    }
    Vec::new()
}

/// Opens this tab.
pub fn to(app: &mut App, tab: Tab) -> Vec<Effect> {
    if let Some(inspector) = &mut app.inspector {
        inspector.tab = tab;
        inspector.scroll = 0;
    }
    Vec::new()
}

fn times(app: &mut App) -> Vec<Effect> {
    app.times = app.times.next();
    Vec::new()
}
