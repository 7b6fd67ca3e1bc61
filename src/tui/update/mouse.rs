//! The mouse: a click selects, a second one inspects, one on the head of a column sorts, the wheel scrolls what is under it. With Shift the terminal keeps it,
//! for copying.

use std::sync::Arc;

use crossterm::event::{KeyCode, MouseButton, MouseEvent, MouseEventKind};

use super::super::app::{App, Modal};
use super::super::effects::Effect;
use super::super::finding::By;
use super::super::keys::Key;
use super::super::panes::PaneId;
use super::super::spots::{self, Spot};
use super::{everywhere, find, inspect, lists, palette};

/// Rows that one notch of the wheel moves.
pub const NOTCH: isize = 3;

/// The mouse has done something.
pub fn happened(app: &mut App, event: MouseEvent) -> Vec<Effect> {
    if !app.taste.mouse {
        return Vec::new();
    }
    let spot = spots::at(app, event.column, event.row);
    match event.kind {
        MouseEventKind::Down(MouseButton::Left) => click(app, spot),
        MouseEventKind::ScrollDown => wheel(app, spot, NOTCH),
        MouseEventKind::ScrollUp => wheel(app, spot, -NOTCH),
        _ => Vec::new(),
    }
}

/// Listens to the mouse, or leaves it to the terminal.
pub fn toggle(app: &mut App) -> Vec<Effect> {
    let taste = Arc::make_mut(&mut app.taste);
    taste.mouse = !taste.mouse;
    let on = taste.mouse;
    app.say(
        true,
        if on { "the mouse is ours; Shift leaves it to the terminal" } else { "the mouse is the terminal's" },
    );
    vec![Effect::Mouse(on)]
}

fn click(app: &mut App, spot: Spot) -> Vec<Effect> {
    match spot {
        Spot::Key(key) => super::press(app, key),
        Spot::Tab(tab) => inspect::to(app, tab),
        Spot::Pane(id) if id != app.focus => everywhere::focus(app, id),
        Spot::Row(id, line) => on_row(app, id, line),
        Spot::Head(id, by) => sort(app, id, by),
        Spot::Action(at) => palette::pick(app, at),
        Spot::Pane(_) | Spot::Inspector | Spot::Modal | Spot::Nothing => Vec::new(),
    }
}

fn on_row(app: &mut App, id: PaneId, line: usize) -> Vec<Effect> {
    let had_focus = app.focus == id;
    let effects = if had_focus { Vec::new() } else { everywhere::focus(app, id) };
    let height = app.height_of(id);
    let Some(list) = app.lists.get_mut(&id) else { return effects };
    if had_focus && list.window.visible(height).1 == Some(line) {
        return if inspect::can_open(app).is_ok() { inspect::open(app) } else { effects };
    }
    list.window.pick(line);
    effects
}

/// By this column; what is sorted by it already is turned round.
fn sort(app: &mut App, id: PaneId, by: By) -> Vec<Effect> {
    let mut effects = if app.focus == id { Vec::new() } else { everywhere::focus(app, id) };
    let Some((now, reversed)) = app.lists.get(&id).map(|list| (list.find.by, list.find.reversed)) else {
        return effects;
    };
    effects.extend(find::order(app, id, by, now == by && !reversed));
    effects
}

fn wheel(app: &mut App, spot: Spot, rows: isize) -> Vec<Effect> {
    match spot {
        Spot::Row(id, _) | Spot::Pane(id) | Spot::Head(id, _) => lists::scroll(app, id, rows),
        Spot::Inspector | Spot::Tab(_) => inspect::scroll(app, rows),
        Spot::Modal | Spot::Action(_) if matches!(app.modal, Some(Modal::Palette(_))) => {
            palette::step(app, rows.signum())
        }
        // Pages of all sorts scroll by the keys that they have for it.
        Spot::Modal | Spot::Action(_) => {
            let key = Key::named(if rows < 0 { KeyCode::Up } else { KeyCode::Down });
            (0..rows.unsigned_abs()).flat_map(|_| super::press(app, key)).collect()
        }
        Spot::Key(_) | Spot::Nothing => Vec::new(),
    }
}
