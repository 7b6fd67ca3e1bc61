//! Keys that mark rows.

use super::super::app::App;
use super::super::effects::Effect;
use super::super::keys::Context;
use super::super::panes::PaneId;
use super::super::rows::Row;
use super::super::window::Keyed;
use super::{acts, lists};

/// Rows of this pane can be marked.
///
/// # Errors
/// The reason in words.
pub fn can_mark(app: &App) -> Result<(), String> {
    if !matches!(app.focus, PaneId::Deliveries | PaneId::Dead | PaneId::Events) {
        return Err("marks are for deliveries, dead letters and events".to_owned());
    }
    match app.selected() {
        Some(Row::Group(_)) => {
            let key = |action| app.key(Context::Pane(PaneId::Dead), action);
            Err(format!("groups are acted on one at a time: {}, {}", key("retry"), key("clear")))
        }
        Some(Row::Attempt(_)) => Err(acts::is_attempt(app)),
        _ => Ok(()),
    }
}

/// A row must be there to be marked.
///
/// # Errors
/// The reason in words.
pub fn can_mark_row(app: &App) -> Result<(), String> {
    can_mark(app)?;
    if app.list().is_some_and(|list| list.marks.is_all()) {
        return Err("all are marked: Esc takes the marks off".to_owned());
    }
    match app.list() {
        // The first of a list that follows is under no cursor, and yet the one that is meant.
        Some(list) if !list.window.rows().is_empty() => Ok(()),
        _ => lists::has_row(app),
    }
}

/// All that the filter finds can be marked where there is anything.
///
/// # Errors
/// The reason in words.
pub fn can_mark_all(app: &App) -> Result<(), String> {
    can_mark(app)?;
    match app.list() {
        Some(list) if list.window.rows().is_empty() => Err("there is nothing to mark".to_owned()),
        _ => Ok(()),
    }
}

/// Marks the row and goes on to the next.
pub fn toggle(app: &mut App) -> Vec<Effect> {
    stop_following(app);
    if let Some(list) = app.list_mut()
        && let Some(id) = list.window.selected().map(Keyed::id)
    {
        list.marks.toggle(id);
    }
    lists::step(app, 1)
}

/// Begins a range, or ends it.
pub fn range(app: &mut App) -> Vec<Effect> {
    stop_following(app);
    if let Some(list) = app.list_mut() {
        if list.marks.is_ranging() {
            list.marks.end();
        } else if let Some(row) = list.window.selected() {
            list.marks.begin(row);
        }
    }
    Vec::new()
}

/// Marks all that the pane's filter finds.
pub fn all(app: &mut App) -> Vec<Effect> {
    if let Some(list) = app.list_mut() {
        list.marks.mark_all();
    }
    Vec::new()
}

/// The cursor has moved: a range on its way reaches up to it.
pub fn reach(app: &mut App) {
    let Some(list) = app.list_mut() else { return };
    if let Some(to) = list.window.selected().map(Keyed::cursor) {
        list.marks.reach(list.window.rows(), to);
    }
}

/// Takes the marks of the focused list off. Tells whether there were any.
pub fn take_off(app: &mut App) -> bool {
    let Some(list) = app.list_mut().filter(|list| !list.marks.is_empty()) else { return false };
    list.marks.clear();
    true
}

/// There are marks that keys act on: those of the focused list, unless the inspector is open.
#[must_use]
pub fn any(app: &App) -> bool {
    app.inspector.is_none() && app.list().is_some_and(|list| !list.marks.is_empty())
}

/// What the marks of the pane come to, for its title: `12 marked`.
#[must_use]
pub fn title(app: &App, pane: PaneId) -> Option<String> {
    let marks = &app.lists.get(&pane)?.marks;
    match marks.count() {
        _ if marks.is_all() => Some("all marked".to_owned()),
        0 => None,
        count if marks.is_ranging() => Some(format!("{count} in range")),
        count => Some(format!("{count} marked")),
    }
}

fn stop_following(app: &mut App) {
    if let Some(list) = app.list_mut().filter(|list| list.window.selected().is_none()) {
        list.window.follow(false);
    }
}
