//! Keys of dialogs, and what they need to know from the journal.

use crossterm::event::KeyCode;

use crate::journal::LastAct;

use super::super::app::{App, Modal};
use super::super::dialog::{Dialog, Yes};
use super::super::effects::{Deed, Effect};
use super::super::feed::{Found, Subject};
use super::super::keys::{Binding, Key, PLAIN};
use super::{asking, bulk, everywhere, leave};

/// Keys of dialogs.
pub const KEYS: &[Binding] = &[
    Binding {
        keys: &[Key::char('y')],
        label: "yes",
        help: "Yes",
        priority: 10,
        available: is_ready,
        run: yes,
        ..PLAIN
    },
    Binding {
        keys: &[Key::char('g')],
        label: "gently",
        help: "Gently, where a large retry asks: one first, then ten, then the rest at 50/s; stops when one fails again",
        available: can_gently,
        run: gently,
        ..PLAIN
    },
    Binding {
        keys: &[Key::char('n'), Key::named(KeyCode::Esc), Key::ctrl('c')],
        label: "no",
        help: "No; `Enter` never says yes",
        priority: 20,
        run: close,
        ..PLAIN
    },
];

/// Digits go into the number that a dialog asks for. Tells whether the key was taken.
pub fn types(app: &mut App, key: Key) -> bool {
    let Some(Modal::Dialog(Dialog { number: Some((_, typed)), .. })) = &mut app.modal else { return false };
    if key == Key::named(KeyCode::Backspace) {
        typed.pop();
        return true;
    }
    match key.typed().filter(char::is_ascii_digit) {
        Some(digit) if typed.len() < 12 => typed.push(digit),
        Some(_) => {}
        None => return false,
    }
    true
}

/// What a dialog needed to know has come.
pub fn informed(app: &mut App, found: Found) -> Vec<Effect> {
    match found {
        Found::LastAct(act) => return everywhere::undo_known(app, act),
        Found::Count(bulk, selection, counts) => bulk::counted(app, bulk, selection, counts),
        Found::TooMany(most) => bulk::too_many(app, most),
        _ => {}
    }
    Vec::new()
}

/// Names the act that undo would take back.
pub fn ask_undo(app: &mut App, act: LastAct) {
    let title = format!("Undo: {}?", crate::present::escape::line(&act.what));
    let lines = vec![format!("{} rows; those that something has happened to since stay as they are.", act.rows)];
    app.modal = Some(Modal::Dialog(Dialog::deed(title, lines, "undo", Deed::Undo(act))));
}

fn yes(app: &mut App) -> Vec<Effect> {
    app.notice = None;
    let Some(Modal::Dialog(dialog)) = app.modal.take() else { return Vec::new() };
    match dialog.yes {
        Yes::Leave => leave::drain(app),
        Yes::Do(effects) => {
            bulk::begin(app, &effects);
            effects
        }
    }
}

fn gently(app: &mut App) -> Vec<Effect> {
    app.notice = None;
    let Some(Modal::Dialog(Dialog { gently: Some(effect), .. })) = app.modal.take() else { return Vec::new() };
    let effects = vec![*effect];
    bulk::begin(app, &effects);
    effects
}

fn can_gently(app: &App) -> Result<(), String> {
    match &app.modal {
        Some(Modal::Dialog(dialog)) if dialog.gently.is_none() => Err("only a large retry goes gently".to_owned()),
        _ => is_ready(app),
    }
}

fn is_ready(app: &App) -> Result<(), String> {
    match &app.modal {
        Some(Modal::Dialog(dialog)) if !dialog.is_ready() => Err(match &dialog.number {
            Some((wanted, typed)) if !typed.is_empty() => format!("{typed} is another number than {wanted}"),
            _ => "type the number first".to_owned(),
        }),
        _ => Ok(()),
    }
}

fn close(app: &mut App) -> Vec<Effect> {
    // What was said of the answer has no question any more.
    app.notice = None;
    app.modal = None;
    asking::forget(app, Subject::Dialog);
    Vec::new()
}
