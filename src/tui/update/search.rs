//! Looking for words in the inspector.

use crossterm::event::KeyCode;

use super::super::app::App;
use super::super::effects::Effect;
use super::super::inspector::{self, Search};
use super::super::keys::{Binding, Key, PLAIN};

/// Keys while the words are typed; all others edit the line.
pub const KEYS: &[Binding] = &[
    Binding {
        keys: &[Key::named(KeyCode::Enter)],
        label: "find",
        help: "Keep the words: `n` and `N` walk the places",
        priority: 10,
        run: keep,
        ..PLAIN
    },
    Binding {
        keys: &[Key::named(KeyCode::Esc), Key::ctrl('c')],
        label: "leave",
        help: "Leave the search",
        priority: 20,
        run: leave,
        ..PLAIN
    },
];

/// Words are being typed.
#[must_use]
pub fn is_typing(app: &App) -> bool {
    search(app).is_some_and(|search| search.typing)
}

fn search(app: &App) -> Option<&Search> {
    app.inspector.as_ref().and_then(|inspector| inspector.search.as_ref())
}

fn search_mut(app: &mut App) -> Option<&mut Search> {
    app.inspector.as_mut().and_then(|inspector| inspector.search.as_mut())
}

/// `/`
pub fn open(app: &mut App) -> Vec<Effect> {
    if let Some(inspector) = &mut app.inspector {
        inspector.search = Some(Search::new(inspector.scroll));
    }
    Vec::new()
}

/// Keys that edit go into the line while it is typed. Tells whether the key was taken.
pub fn types(app: &mut App, key: Key) -> bool {
    if app.modal.is_some() || !is_typing(app) {
        return false;
    }
    let taken = search_mut(app).is_some_and(|search| search.line.press(key));
    if taken {
        found(app);
    }
    taken
}

/// Pasted text goes into the line while it is typed.
pub fn paste(app: &mut App, text: &str) {
    if is_typing(app) && app.modal.is_none() {
        if let Some(search) = search_mut(app) {
            search.line.paste(text);
        }
        found(app);
    }
}

/// There must be words to walk.
///
/// # Errors
/// The reason in words.
pub fn can_walk(app: &App) -> Result<(), String> {
    match search(app) {
        None => Err("nothing is looked for: / takes words".to_owned()),
        Some(search) if search.current().is_none() => Err("the words are not in this tab".to_owned()),
        Some(_) => Ok(()),
    }
}

/// `n` and `N`
pub fn walk(app: &mut App, forward: bool) -> Vec<Effect> {
    if let Some(search) = search_mut(app) {
        search.step(forward);
    }
    show(app);
    Vec::new()
}

fn keep(app: &mut App) -> Vec<Effect> {
    let is_empty = search(app).is_some_and(|search| search.line.text().is_empty());
    if let Some(search) = search_mut(app) {
        search.typing = false;
    }
    if is_empty { leave(app) } else { Vec::new() }
}

/// Nothing is looked for any more.
pub fn leave(app: &mut App) -> Vec<Effect> {
    if let Some(inspector) = &mut app.inspector {
        inspector.search = None;
    }
    Vec::new()
}

/// The words have changed: the first place is shown.
fn found(app: &mut App) {
    inspector::lay_out(app);
    show(app);
}

fn show(app: &mut App) {
    if let Some(place) = search(app).and_then(Search::current).map(|hit| hit.start) {
        inspector::reveal(app, place);
    }
}
