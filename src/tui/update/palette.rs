//! Keys of the palette: typing, choosing, running.

use crossterm::event::KeyCode;

use super::super::app::{App, Modal};
use super::super::effects::Effect;
use super::super::keys::{Binding, Key, PLAIN};
use super::super::palette::{self, Command, Palette, What};
use super::{below, everywhere};

/// Keys of the palette.
pub const KEYS: &[Binding] = &[
    Binding {
        keys: &[Key::named(KeyCode::Enter)],
        label: "run",
        help: "Do it; what takes something away still asks",
        priority: 10,
        run: |app| chosen(app).map_or_else(Vec::new, |at| run(app, at)),
        ..PLAIN
    },
    Binding {
        keys: &[Key::named(KeyCode::Down), Key::ctrl('n')],
        label: "down",
        help: "Next action",
        priority: 20,
        run: |app| step(app, 1),
        ..PLAIN
    },
    Binding {
        keys: &[Key::named(KeyCode::Up), Key::ctrl('p')],
        label: "up",
        help: "Previous action; where nothing is typed, what was typed last",
        priority: 30,
        run: up,
        ..PLAIN
    },
    Binding {
        keys: &[Key::named(KeyCode::PageDown)],
        label: "page down",
        help: "A screen down",
        run: |app| step(app, height(app)),
        ..PLAIN
    },
    Binding {
        keys: &[Key::named(KeyCode::PageUp)],
        label: "page up",
        help: "A screen up",
        run: |app| step(app, -height(app)),
        ..PLAIN
    },
    Binding {
        keys: &[Key::named(KeyCode::Esc), Key::ctrl('c')],
        label: "close",
        help: "Close the palette",
        priority: 90,
        run: |app| {
            app.modal = None;
            Vec::new()
        },
        ..PLAIN
    },
];

/// Opens the palette.
pub fn open(app: &mut App) -> Vec<Effect> {
    app.modal = Some(Modal::Palette(Palette::open(app)));
    Vec::new()
}

/// The key goes into the line, if the palette is open and it is one that types or edits.
pub fn types(app: &mut App, key: Key) {
    edit(app, |palette| palette.line.press(key));
}

/// Pasted text goes into the line, if the palette is open.
pub fn paste(app: &mut App, text: &str) {
    edit(app, |palette| {
        palette.line.paste(text);
        true
    });
}

fn edit(app: &mut App, change: impl FnOnce(&mut Palette) -> bool) {
    let Some(Modal::Palette(mut palette)) = app.modal.take_if(|modal| matches!(modal, Modal::Palette(_))) else {
        return;
    };
    let before = palette.line.text().to_owned();
    if change(&mut palette) && palette.line.text() != before {
        palette.search(app);
    }
    app.modal = Some(Modal::Palette(palette));
}

/// Chooses the command at this place of what is found; chosen already, it is run.
pub fn pick(app: &mut App, at: usize) -> Vec<Effect> {
    match &mut app.modal {
        Some(Modal::Palette(palette)) if palette.selected != at => palette.selected = at,
        _ => return run(app, at),
    }
    Vec::new()
}

/// Runs the command at this place of what is found. What cannot be done now says why, and the palette stays.
pub fn run(app: &mut App, at: usize) -> Vec<Effect> {
    let Some(Modal::Palette(palette)) = app.modal.take_if(|modal| matches!(modal, Modal::Palette(_))) else {
        return Vec::new();
    };
    let Some(found) = palette.found.get(at) else {
        app.modal = Some(Modal::Palette(palette));
        return Vec::new();
    };
    let command = found.command.clone();
    match perform(app, &command) {
        Ok(effects) => {
            app.past.note(command.what, palette.line.text(), &command.name);
            effects
        }
        Err(reason) => {
            app.say(false, reason);
            app.modal = Some(Modal::Palette(palette));
            Vec::new()
        }
    }
}

fn perform(app: &mut App, command: &Command) -> Result<Vec<Effect>, String> {
    match command.what {
        What::Theme(at) => {
            let name = app.look.themes.names().nth(at).unwrap_or_default().to_owned();
            Ok(everywhere::wear(app, &name))
        }
        What::Act(context, at) => {
            let gone = || command.reason.clone().unwrap_or_else(|| "it is not here any more".to_owned());
            let bound = app.keys.of(context).get(at).filter(|_| below(app).contains(&context)).ok_or_else(gone)?;
            let binding = bound.binding;
            (binding.available)(app)?;
            Ok((binding.run)(app))
        }
    }
}

fn chosen(app: &App) -> Option<usize> {
    match &app.modal {
        Some(Modal::Palette(palette)) => Some(palette.selected),
        _ => None,
    }
}

fn height(app: &App) -> isize {
    isize::try_from(palette::page(app)).unwrap_or(1).max(1)
}

/// Moves the choice by rows.
pub fn step(app: &mut App, by: isize) -> Vec<Effect> {
    let height = palette::page(app);
    if let Some(Modal::Palette(palette)) = &mut app.modal {
        palette.step(by, height);
    }
    Vec::new()
}

fn up(app: &mut App) -> Vec<Effect> {
    let at_the_top =
        matches!(&app.modal, Some(Modal::Palette(palette)) if palette.selected == 0 && palette.line.text().is_empty());
    if at_the_top && !app.past.typed.is_empty() {
        let typed = app.past.typed.clone();
        paste(app, &typed);
        return Vec::new();
    }
    step(app, -1)
}

#[cfg(test)]
mod tests;
