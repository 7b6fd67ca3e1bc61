//! Keys that are heard everywhere: panes, zoom, help, undo, leaving.

use crossterm::event::KeyCode;

use crate::journal::LastAct;

use super::super::app::{App, Modal};
use super::super::effects::{Deed, Effect};
use super::super::feed::{Question, Subject};
use super::super::first;
use super::super::help::Help;
use super::super::keys::{Binding, Key, PLAIN};
use super::super::panes::{self, PaneId};
use super::super::theme::{Colours, Themes};
use super::{acts, asking, find, groups, leave, marks, mouse, palette};

/// Keys of everywhere.
pub const KEYS: &[Binding] = &[
    pane(&[Key::char('1')], "go to queue", "Queue: what waits, and why", |app| focus(app, PaneId::Queue)),
    pane(&[Key::char('2')], "go to endpoints", "Endpoints: circuits, queues, rates", |app| {
        focus(app, PaneId::Endpoints)
    }),
    pane(&[Key::char('3')], "go to deliveries", "Deliveries: what happens to each", |app| {
        focus(app, PaneId::Deliveries)
    }),
    pane(&[Key::char('4')], "go to dead letters", "Dead letters: what will not be tried again", |app| {
        focus(app, PaneId::Dead)
    }),
    pane(&[Key::char('5')], "go to events", "Events: what came in", |app| focus(app, PaneId::Events)),
    pane(&[Key::char('6')], "go to log", "Log: what was done", |app| focus(app, PaneId::Log)),
    Binding {
        keys: &[Key::named(KeyCode::Tab)],
        label: "next pane",
        help: "Next pane",
        run: |app| cycle(app, 1),
        ..PLAIN
    },
    Binding {
        keys: &[Key::named(KeyCode::BackTab)],
        label: "previous pane",
        help: "Previous pane",
        run: |app| cycle(app, -1),
        ..PLAIN
    },
    Binding {
        keys: &[Key::char('z')],
        label: "zoom",
        help: "Zoom: the pane takes the whole screen, or gives it back",
        priority: 75,
        concerns: |app| !first::file_is_all(app),
        available: in_project,
        run: zoom,
        ..PLAIN
    },
    Binding {
        keys: &[Key::char('u')],
        label: "undo",
        help: "Undo your last act by hand; names it, and asks above one row",
        priority: 50,
        concerns: |app| !first::file_is_all(app),
        available: in_project,
        run: undo,
        ..PLAIN
    },
    Binding {
        keys: &[Key::char('T')],
        label: "theme",
        help: "Theme: the next of dark, light, high-contrast, terminal, mono and your own",
        run: theme,
        ..PLAIN
    },
    worn("theme dark", "Wear the theme dark: calm, for dark rooms", |app| wear(app, "dark")),
    worn("theme light", "Wear the theme light", |app| wear(app, "light")),
    worn("theme high contrast", "Wear the theme high-contrast", |app| wear(app, "high-contrast")),
    worn("theme terminal", "Wear the theme terminal: the terminal's own sixteen colours", |app| wear(app, "terminal")),
    worn("theme mono", "Wear the theme mono: no colours", |app| wear(app, "mono")),
    Binding {
        keys: &[Key::char('M')],
        label: "mouse",
        help: "Mouse: leave it to the terminal, or take it again; with Shift the terminal selects text meanwhile",
        run: mouse::toggle,
        ..PLAIN
    },
    Binding {
        keys: &[Key::char(':')],
        name: "palette",
        label: "actions",
        help: "Palette: every action by its name, with its key, or the reason where it cannot be done now",
        priority: 90,
        run: palette::open,
        ..PLAIN
    },
    Binding {
        keys: &[Key::char('?')],
        label: "help",
        help: "Help: every key, with the reason where one is not available",
        priority: 90,
        run: |app| {
            app.modal = Some(Modal::Help(Help::default()));
            Vec::new()
        },
        ..PLAIN
    },
    Binding {
        keys: &[Key::char('e')],
        label: "edit file",
        help: "Edit `.ntm.yaml` in `$EDITOR`, at its first error",
        priority: 80,
        concerns: first::file_is_all,
        available: in_project,
        run: acts::edit,
        ..PLAIN
    },
    Binding { keys: &[Key::named(KeyCode::Esc)], label: "back", help: "Back; never quits", run: back, ..PLAIN },
    Binding {
        keys: &[Key::ctrl('l')],
        label: "redraw",
        help: "Draw the screen anew",
        run: |_| vec![Effect::Redraw],
        ..PLAIN
    },
    Binding {
        keys: &[Key::ctrl('z')],
        label: "suspend",
        help: "Suspend: finish what is in flight, hand dispatching over, back to the shell until `fg`",
        run: |_| vec![Effect::Suspend],
        ..PLAIN
    },
    Binding {
        keys: &[Key::char('q'), Key::ctrl('c')],
        label: "quit",
        help: "Quit; the console that dispatches says what waits and asks, `Ctrl-c` again quits at once",
        priority: 100,
        run: leave::ask,
        ..PLAIN
    },
];

/// Keys of the invitation.
pub const WELCOME_KEYS: &[Binding] = &[Binding {
    keys: &[Key::char('w')],
    label: "write starter",
    help: "Write a commented starter `.ntm.yaml` here and begin",
    priority: 10,
    run: |_| vec![Effect::WriteStarter],
    ..PLAIN
}];

const fn pane(
    keys: &'static [Key],
    name: &'static str,
    help: &'static str,
    run: fn(&mut App) -> Vec<Effect>,
) -> Binding {
    Binding { keys, name, label: name, help, available: in_project, run, ..PLAIN }
}

const fn worn(name: &'static str, help: &'static str, run: fn(&mut App) -> Vec<Effect>) -> Binding {
    Binding { label: name, help, run, ..PLAIN }
}

fn in_project(app: &App) -> Result<(), String> {
    if app.ground.is_some() { Ok(()) } else { Err("there is no project here yet".to_owned()) }
}

/// Gives a pane the focus.
pub fn focus(app: &mut App, id: PaneId) -> Vec<Effect> {
    app.modal = None;
    app.filter = None;
    app.inspector = None;
    asking::forget(app, Subject::Detail);
    app.focus = id;
    if !id.pane().follows
        && let Some(list) = app.list_mut().filter(|list| list.window.selected().is_none())
    {
        list.window.follow(false);
    }
    // Another pane may have come to the screen with it.
    super::keep_in_sight(app);
    asking::lists(app)
}

fn cycle(app: &mut App, by: isize) -> Vec<Effect> {
    let shown: Vec<PaneId> = app.layout().panes.iter().map(|(id, _)| *id).collect();
    let is_near = |id: PaneId| id.pane().is_home || id == app.focus || shown.contains(&id);
    let home: Vec<PaneId> = panes::ALL.iter().map(|pane| pane.id).filter(|id| is_near(*id)).collect();
    let at = home.iter().position(|id| *id == app.focus).unwrap_or(0);
    let len = isize::try_from(home.len()).unwrap_or(1).max(1);
    let next = isize::try_from(at).unwrap_or(0).saturating_add(by).rem_euclid(len);
    let id = usize::try_from(next).ok().and_then(|at| home.get(at)).copied().unwrap_or(app.focus);
    focus(app, id)
}

fn zoom(app: &mut App) -> Vec<Effect> {
    app.zoomed = !app.zoomed;
    super::keep_in_sight(app);
    asking::lists(app)
}

fn back(app: &mut App) -> Vec<Effect> {
    if app.modal.take().is_some() || marks::take_off(app) {
        return Vec::new();
    }
    // A message goes by itself and is in nobody's way: it goes along, and keeps no one from going back.
    app.notice = None;
    if !app.taste.problems.is_empty() && !app.taste_told {
        app.taste_told = true;
        super::keep_in_sight(app);
        return asking::lists(app);
    }
    if let Some(effects) = groups::leave(app) {
        return effects;
    }
    if app.zoomed { zoom(app) } else { find::clear(app).unwrap_or_default() }
}

fn theme(app: &mut App) -> Vec<Effect> {
    app.look.wear(Themes::turn);
    told_theme(app)
}

/// Wears the theme of this name.
pub fn wear(app: &mut App, name: &str) -> Vec<Effect> {
    app.look.wear(|themes| themes.wear(name));
    told_theme(app)
}

fn told_theme(app: &mut App) -> Vec<Effect> {
    let themes = &app.look.themes;
    let colourless = if themes.colours() == Colours::None { "; this terminal shows no colours" } else { "" };
    let name = themes.name();
    app.say(true, format!("theme {name}; `theme: {name}` in config.yaml keeps it{colourless}"));
    Vec::new()
}

fn undo(app: &mut App) -> Vec<Effect> {
    asking::forget(app, Subject::Dialog);
    let question = Question::LastAct(app.actor.clone());
    asking::ask(app, Subject::Dialog, question)
}

/// What undo would take back is known now.
pub fn undo_known(app: &mut App, act: Option<LastAct>) -> Vec<Effect> {
    match act {
        None => app.say(false, "there is nothing of yours to undo"),
        Some(LastAct { stays: Some(why), .. }) => app.say(false, why),
        Some(act) if act.rows > 1 => super::dialogs::ask_undo(app, act),
        Some(act) => return vec![Effect::Do(Deed::Undo(act))],
    }
    Vec::new()
}
