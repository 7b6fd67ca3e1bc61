//! Messages change the model: `update(&mut App, Msg) -> Vec<Effect>`, pure. Each subject has its file.

pub mod acts;
pub mod asking;
pub mod bulk;
pub mod dialogs;
pub mod edit;
pub mod everywhere;
pub mod find;
pub mod groups;
pub mod hand;
pub mod help;
pub mod inspect;
pub mod jump;
pub mod leave;
pub mod lists;
pub mod marks;
pub mod mouse;
pub mod palette;
pub mod search;

use crossterm::event::{KeyCode, KeyEvent, KeyEventKind, KeyModifiers};
use ratatui::layout::Size;

use super::app::{App, Modal};
use super::effects::Effect;
use super::first;
use super::header;
use super::inspector;
use super::keys::{Binding, Context, Key};
use super::msg::Msg;

/// The one way that the model changes.
#[must_use]
pub fn update(app: &mut App, msg: Msg) -> Vec<Effect> {
    let is_clock = matches!(msg, Msg::Clock(_));
    let was_asking = app.modal.is_some();
    let effects = take(app, msg);
    if app.modal.is_some() && !was_asking {
        // What is asked now must not be read together with what happened before.
        app.notice = None;
    }
    let alarm = header::alarm(app);
    app.alarm.note(alarm, app.now);
    // Ages are told when a frame is drawn; nothing else of a page changes with the time.
    if !is_clock {
        inspector::lay_out(app);
    }
    effects
}

fn take(app: &mut App, msg: Msg) -> Vec<Effect> {
    match msg {
        Msg::Clock(now) => {
            app.now = now;
            app.notice.take_if(|(_, until)| *until <= now);
            asking::overdue(app)
        }
        Msg::Key(event) => key(app, event),
        Msg::Mouse(event) => mouse::happened(app, event),
        // What is pasted is text where text is taken, and never presses keys.
        Msg::Paste(text) => {
            search::paste(app, &text);
            if let Some(effects) = find::pasted(app, &text) {
                return effects;
            }
            palette::paste(app, &text);
            help::paste(app, &text);
            Vec::new()
        }
        Msg::Resize(width, height) => {
            app.size = Size { width, height };
            keep_in_sight(app);
            asking::lists(app)
        }
        Msg::Engine(status) => {
            app.engine = Some(status);
            leave::when_drained(app)
        }
        Msg::Changed => asking::everything(app),
        Msg::Answer(answer) => asking::answered(app, answer),
        Msg::Course(progress) => {
            bulk::course(app, progress);
            Vec::new()
        }
        Msg::Done(outcome) => {
            let undo = app.key(Context::Everywhere, "undo");
            let back = if outcome.undo { format!("; {undo} takes it back") } else { String::new() };
            app.say(outcome.good, outcome.text + &back);
            asking::everything(app)
        }
        Msg::Edited(draft) => edit::edited(app, *draft),
        Msg::Refused(draft, why) => edit::again(app, *draft, &why),
        Msg::Founded(ground) => {
            app.say(true, format!("{} is written; edit it with your endpoints, it is watched", ground.file));
            app.ground = Some(ground);
            asking::everything(app)
        }
        Msg::Terminate | Msg::Interrupt => leave::now(app),
    }
}

/// The contexts that listen, the innermost first. Decided by the model, never by what was drawn.
#[must_use]
pub fn listening(app: &App) -> Vec<Context> {
    match &app.modal {
        Some(Modal::Dialog(_)) => vec![Context::Dialog],
        Some(Modal::Help(_)) => vec![Context::Help],
        Some(Modal::Copy(_)) => vec![Context::Copy],
        Some(Modal::Palette(_)) => vec![Context::Palette],
        None if app.filter.is_some() => vec![Context::Filter],
        None => below(app),
    }
}

/// Contexts that listen when nothing lies over everything else.
#[must_use]
pub fn below(app: &App) -> Vec<Context> {
    match &app.inspector {
        _ if app.ground.is_none() => vec![Context::Welcome, Context::Everywhere],
        // No pane is on the screen.
        _ if first::file_is_all(app) => vec![Context::Everywhere],
        Some(_) if search::is_typing(app) => vec![Context::Search],
        Some(_) => vec![Context::Inspector, Context::Everywhere],
        None if app.list().is_some() => vec![Context::Pane(app.focus), Context::List, Context::Everywhere],
        None => vec![Context::Pane(app.focus), Context::Everywhere],
    }
}

fn key(app: &mut App, event: KeyEvent) -> Vec<Effect> {
    if event.kind == KeyEventKind::Release {
        return Vec::new();
    }
    if event.modifiers.contains(KeyModifiers::ALT) {
        // A terminal sends Alt as Esc and then the key; tmux may send a quick Esc and key as Alt.
        let mut effects = press(app, Key::named(KeyCode::Esc));
        effects.extend(press(app, Key::of(&event)));
        return effects;
    }
    press(app, Key::of(&event))
}

fn press(app: &mut App, key: Key) -> Vec<Effect> {
    if leave::is_forced(app, key) {
        return leave::now(app);
    }
    if bulk::is_stopped(app, key) {
        return vec![Effect::Stop];
    }
    if dialogs::types(app, key) || search::types(app, key) || help::types(app, key) {
        return Vec::new();
    }
    if let Some(effects) = find::types(app, key) {
        return effects;
    }
    if let Some(binding) = app.keys.find(&listening(app), key) {
        return run(app, binding);
    }
    palette::types(app, key);
    Vec::new()
}

fn run(app: &mut App, binding: &Binding) -> Vec<Effect> {
    match (binding.available)(app) {
        Ok(()) => (binding.run)(app),
        Err(reason) => {
            app.say(false, reason);
            Vec::new()
        }
    }
}

fn keep_in_sight(app: &mut App) {
    let heights: Vec<_> = app.lists.keys().map(|id| (*id, app.height_of(*id))).collect();
    for (id, height) in heights {
        if let Some(list) = app.lists.get_mut(&id) {
            list.window.keep_in_sight(height);
        }
    }
}

#[cfg(test)]
mod many_tests;
#[cfg(test)]
mod tests;
