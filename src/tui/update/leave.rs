//! Leaving: the quit ladder. Who dispatches is told what waits and asked; Ctrl-c again leaves at once.

use crate::engine::Role;

use super::super::app::{App, Leaving, Modal};
use super::super::dialog::Dialog;
use super::super::effects::{Effect, PATIENCE};
use super::super::keys::Key;

/// `q` and Ctrl-c.
pub fn ask(app: &mut App) -> Vec<Effect> {
    if !app.dispatches() {
        return vec![Effect::Quit];
    }
    app.modal = Some(Modal::Dialog(Dialog::quit(app)));
    Vec::new()
}

/// The person said yes: what is in flight ends first.
pub fn drain(app: &mut App) -> Vec<Effect> {
    app.leaving = Leaving::Draining;
    app.modal = None;
    vec![Effect::Drain(PATIENCE)]
}

/// At once: what is in flight is interrupted.
#[must_use]
pub fn now(_: &mut App) -> Vec<Effect> {
    vec![Effect::Drain(0), Effect::Quit]
}

/// The engine has ended while the console waited for it.
pub fn when_drained(app: &mut App) -> Vec<Effect> {
    let ended = app.engine.as_ref().is_some_and(|status| status.role == Role::Stopped);
    if ended && app.leaving == Leaving::Draining { vec![Effect::Quit] } else { Vec::new() }
}

/// Ctrl-c for the second time: while the question stands, or while the engine drains.
#[must_use]
pub fn is_forced(app: &App, key: Key) -> bool {
    let asking = matches!(&app.modal, Some(Modal::Dialog(dialog)) if dialog.is_quit());
    key == Key::ctrl('c') && (asking || app.leaving == Leaving::Draining)
}
