//! Keys of the help: scrolling, searching.

use crossterm::event::KeyCode;

use super::super::app::{App, Modal};
use super::super::effects::Effect;
use super::super::help::{self, Help};
use super::super::keys::{Binding, Key, PLAIN};

/// Keys of the help.
pub const KEYS: &[Binding] = &[
    Binding {
        keys: &[Key::char('j'), Key::named(KeyCode::Down)],
        label: "down",
        help: "Scroll down",
        priority: 20,
        run: |app| scroll(app, 1),
        ..PLAIN
    },
    Binding {
        keys: &[Key::char('k'), Key::named(KeyCode::Up)],
        label: "up",
        help: "Scroll up",
        priority: 30,
        run: |app| scroll(app, -1),
        ..PLAIN
    },
    Binding {
        keys: &[Key::named(KeyCode::PageDown), Key::ctrl('d'), Key::char(' ')],
        label: "page down",
        help: "A screen down",
        run: |app| scroll(app, page(app)),
        ..PLAIN
    },
    Binding {
        keys: &[Key::named(KeyCode::PageUp), Key::ctrl('u')],
        label: "page up",
        help: "A screen up",
        run: |app| scroll(app, -page(app)),
        ..PLAIN
    },
    Binding {
        keys: &[Key::char('/')],
        label: "search",
        help: "Search: only what holds these words is shown; `Enter` ends the typing",
        priority: 15,
        run: |app| {
            if let Some(Modal::Help(help)) = &mut app.modal {
                help.typing = true;
            }
            Vec::new()
        },
        ..PLAIN
    },
    Binding {
        keys: &[Key::named(KeyCode::Esc), Key::char('?'), Key::char('q'), Key::ctrl('c')],
        label: "close",
        help: "End the search; without one, close the help",
        priority: 90,
        run: close,
        ..PLAIN
    },
];

/// The key goes into the search, if one is being typed. Tells whether it was taken.
pub fn types(app: &mut App, key: Key) -> bool {
    let Some(Modal::Help(help)) = app.modal.as_mut().filter(|modal| is_typing(modal)) else { return false };
    if key == Key::named(KeyCode::Enter) {
        help.typing = false;
        return true;
    }
    help.scroll = 0;
    help.search.press(key)
}

/// Pasted text goes into the search, if one is being typed.
pub fn paste(app: &mut App, text: &str) {
    if let Some(Modal::Help(help)) = app.modal.as_mut().filter(|modal| is_typing(modal)) {
        help.search.paste(text);
        help.scroll = 0;
    }
}

const fn is_typing(modal: &Modal) -> bool {
    matches!(modal, Modal::Help(Help { typing: true, .. }))
}

fn close(app: &mut App) -> Vec<Effect> {
    match &mut app.modal {
        Some(Modal::Help(help)) if help.typing || !help.search.text().is_empty() => *help = Help::default(),
        modal => *modal = None,
    }
    Vec::new()
}

fn page(app: &App) -> isize {
    isize::try_from(help::page(app)).unwrap_or(1)
}

fn scroll(app: &mut App, by: isize) -> Vec<Effect> {
    let most = help::most_scroll(app);
    if let Some(Modal::Help(help)) = &mut app.modal {
        help.scroll = help.scroll.min(most).saturating_add_signed(by).min(most);
    }
    Vec::new()
}
