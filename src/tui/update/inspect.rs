//! Opening the inspector and moving in it; walking the list and jumping to what belongs together without leaving it.

use crossterm::event::KeyCode;

use crate::present::clock::Times;

use super::super::app::App;
use super::super::effects::{Deed, Effect};
use super::super::feed::Subject;
use super::super::inspector::{self, Inspector, Tab, Target};
use super::super::keys::{Binding, Context, Key, PLAIN};
use super::super::panes::PaneId;
use super::{acts, asking, edit, groups, hand, jump, search};

/// Keys of the inspector.
pub const KEYS: &[Binding] = &[
    Binding {
        keys: &[Key::named(KeyCode::Tab), Key::named(KeyCode::Right), Key::char('l')],
        label: "next tab",
        help: "Next tab: Summary, Request, Response, Attempts, Event",
        priority: 40,
        concerns: |app| !is_never_sent(app),
        available: has_tabs,
        run: |app| turn(app, true),
        ..PLAIN
    },
    Binding {
        keys: &[Key::named(KeyCode::BackTab), Key::named(KeyCode::Left), Key::char('h')],
        label: "previous tab",
        help: "Previous tab",
        available: has_tabs,
        run: |app| turn(app, false),
        ..PLAIN
    },
    Binding {
        keys: &[Key::char('j'), Key::named(KeyCode::Down)],
        label: "down",
        help: "Scroll down; in the summary of an event, its next delivery",
        run: |app| step(app, 1),
        ..PLAIN
    },
    Binding {
        keys: &[Key::char('k'), Key::named(KeyCode::Up)],
        label: "up",
        help: "Scroll up; in the summary of an event, its previous delivery",
        run: |app| step(app, -1),
        ..PLAIN
    },
    Binding {
        keys: &[Key::ctrl('d'), Key::named(KeyCode::PageDown)],
        label: "page down",
        help: "A screen down",
        run: |app| scroll(app, screen(app)),
        ..PLAIN
    },
    Binding {
        keys: &[Key::ctrl('u'), Key::named(KeyCode::PageUp)],
        label: "page up",
        help: "A screen up",
        run: |app| scroll(app, -screen(app)),
        ..PLAIN
    },
    Binding {
        keys: &[Key::char('g'), Key::named(KeyCode::Home)],
        label: "first",
        help: "To the top",
        run: |app| scroll(app, isize::MIN),
        ..PLAIN
    },
    Binding {
        keys: &[Key::char('G'), Key::named(KeyCode::End)],
        label: "last",
        help: "To the end",
        run: |app| scroll(app, isize::MAX),
        ..PLAIN
    },
    Binding {
        keys: &[Key::char('J')],
        label: "next row",
        help: "Inspect the next row of the list",
        priority: 46,
        available: jump::can_walk,
        run: |app| jump::walk(app, 1),
        ..PLAIN
    },
    Binding {
        keys: &[Key::char('K')],
        label: "previous row",
        help: "Inspect the previous row of the list",
        available: jump::can_walk,
        run: |app| jump::walk(app, -1),
        ..PLAIN
    },
    Binding {
        keys: &[Key::char('[')],
        name: "earlier attempt",
        label: "attempt",
        help: "Request and Response show the attempt before",
        priority: 48,
        concerns: shows_delivery,
        available: has_attempts,
        run: |app| choose(app, false),
        ..PLAIN
    },
    Binding {
        keys: &[Key::char(']')],
        label: "later attempt",
        help: "Request and Response show the attempt after",
        available: has_attempts,
        run: |app| choose(app, true),
        ..PLAIN
    },
    Binding {
        keys: &[Key::char('/')],
        label: "search",
        help: "Look for words in the tab; capitals count where there are any",
        priority: 50,
        run: search::open,
        ..PLAIN
    },
    Binding {
        keys: &[Key::char('n')],
        label: "next place",
        help: "To the next place of the words",
        available: search::can_walk,
        run: |app| search::walk(app, true),
        ..PLAIN
    },
    Binding {
        keys: &[Key::char('N')],
        label: "previous place",
        help: "To the previous place of the words",
        available: search::can_walk,
        run: |app| search::walk(app, false),
        ..PLAIN
    },
    Binding { keys: &[Key::char('w')], label: "raw", help: "Bodies as they are, or JSON laid out", run: raw, ..PLAIN },
    Binding {
        keys: &[Key::char('E')],
        label: "event",
        help: "To the delivery's event; from an event to the one it was made from",
        priority: 52,
        concerns: |app| !is_never_sent(app),
        available: |app| jump::event(app).map(|_| ()),
        run: |app| jump::to(app, jump::event),
        ..PLAIN
    },
    Binding {
        keys: &[Key::char('O')],
        label: "endpoint",
        help: "To the endpoint of the delivery or of the log line",
        priority: 54,
        concerns: leads_to_endpoint,
        available: |app| jump::endpoint(app).map(|_| ()),
        run: |app| jump::to(app, jump::endpoint),
        ..PLAIN
    },
    Binding {
        keys: &[Key::char('D')],
        label: "deliveries",
        help: "To all deliveries of the endpoint; `Esc` there shows all again",
        priority: 55,
        concerns: |app| !shows_event(app),
        available: jump::has_endpoint,
        run: jump::deliveries_of,
        ..PLAIN
    },
    Binding {
        keys: &[Key::named(KeyCode::Enter)],
        label: "open",
        help: "In the summary of an event: to the chosen delivery",
        available: |app| jump::picked(app).map(|_| ()),
        run: |app| jump::to(app, jump::picked),
        ..PLAIN
    },
    Binding {
        keys: &[Key::char('r')],
        label: "send again",
        help: "Retry the dead letter; of any other delivery, make one more attempt now; send an event to those that never had it",
        priority: 10,
        concerns: |app| !is_never_sent(app),
        available: can_send,
        run: again,
        ..PLAIN
    },
    Binding {
        keys: &[Key::char('c')],
        label: "clear",
        help: "Clear the dead letter (asks)",
        priority: 20,
        danger: true,
        concerns: |app| acts::is_dead(app).is_ok(),
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
        concerns: |app| acts::can_cancel(app).is_ok(),
        available: acts::can_cancel,
        run: acts::cancel,
        ..PLAIN
    },
    Binding {
        keys: &[Key::char('p')],
        name: "pause",
        label: "pause/resume",
        help: "Pause the endpoint, or resume it",
        available: jump::has_endpoint,
        run: acts::toggle_pause,
        ..PLAIN
    },
    Binding {
        keys: &[Key::char('o')],
        name: "reset",
        label: "reset circuit",
        help: "Reset the endpoint's circuit: close it now",
        available: jump::has_endpoint,
        run: acts::reset,
        ..PLAIN
    },
    Binding {
        keys: &[Key::char('e')],
        label: "edit a copy",
        help: "Edit a copy of the dead letter's event in `$EDITOR` and send it to the same endpoint (asks)",
        priority: 45,
        danger: true,
        concerns: |app| acts::is_dead(app).is_ok(),
        available: edit::can_edit,
        run: edit::open,
        ..PLAIN
    },
    Binding {
        keys: &[Key::char('y')],
        label: "copy",
        help: "Copy id, URL, the body of the tab, or the request as a line of curl",
        priority: 56,
        available: hand::can_copy,
        run: hand::copy,
        ..PLAIN
    },
    Binding {
        keys: &[Key::char('b')],
        label: "pager",
        help: "What the tab shows in `$PAGER`",
        priority: 58,
        run: hand::open_pager,
        ..PLAIN
    },
    Binding {
        keys: &[Key::char('t')],
        label: "times",
        help: "Show local times or UTC",
        priority: 80,
        run: times,
        ..PLAIN
    },
    Binding {
        keys: &[Key::named(KeyCode::Esc)],
        label: "back",
        help: "Back: out of the search, to what was inspected before, to the list",
        priority: 35,
        run: back,
        ..PLAIN
    },
];

fn shows_delivery(app: &App) -> bool {
    matches!(target(app), Some(Target::Delivery(_)))
}

fn shows_event(app: &App) -> bool {
    matches!(target(app), Some(Target::Event(_)))
}

/// It is nothing that is sent: an endpoint or a log line.
fn is_never_sent(app: &App) -> bool {
    matches!(target(app), Some(Target::Endpoint(_) | Target::Log(_)))
}

fn leads_to_endpoint(app: &App) -> bool {
    matches!(target(app), Some(Target::Delivery(_) | Target::Log(_)))
}

fn target(app: &App) -> Option<&Target> {
    app.inspector.as_ref().map(|inspector| &inspector.target)
}

/// There must be something to inspect.
///
/// # Errors
/// The reason in words.
pub fn can_open(app: &App) -> Result<(), String> {
    match app.list() {
        Some(list) if list.window.rows().is_empty() => Err("there is no row to inspect".to_owned()),
        _ => Ok(()),
    }
}

/// Inspects the selected row; in a list that follows, the newest. A group is listed.
pub fn open(app: &mut App) -> Vec<Effect> {
    if let Some(effects) = groups::open(app) {
        return effects;
    }
    if let Some(list) = app.list_mut().filter(|list| list.window.selected().is_none()) {
        list.window.follow(false);
    }
    app.inspector = app.selected().and_then(Inspector::of);
    ask(app)
}

/// What the inspector shows now is asked for, whatever is on its way.
pub fn ask(app: &mut App) -> Vec<Effect> {
    asking::forget(app, Subject::Detail);
    asking::detail(app)
}

/// One step back.
fn back(app: &mut App) -> Vec<Effect> {
    let Some(inspector) = &mut app.inspector else { return Vec::new() };
    if inspector.search.is_some() {
        return search::leave(app);
    }
    app.inspector = inspector.behind.take().map(|behind| *behind);
    if app.inspector.is_some() {
        return ask(app);
    }
    asking::forget(app, Subject::Detail);
    asking::lists(app)
}

fn has_tabs(app: &App) -> Result<(), String> {
    match &app.inspector {
        Some(inspector) if inspector.tabs().len() < 2 => Err("there is one tab only".to_owned()),
        _ => Ok(()),
    }
}

fn turn(app: &mut App, forward: bool) -> Vec<Effect> {
    if let Some(inspector) = &mut app.inspector {
        inspector.tab = Tab::beside(inspector.tabs(), inspector.tab, forward);
        inspector.scroll = 0;
    }
    Vec::new()
}

/// A row down or up; in the summary of an event, from delivery to delivery.
fn step(app: &mut App, by: isize) -> Vec<Effect> {
    if let Some(inspector) = app.inspector.as_mut().filter(|inspector| inspector.tab == Tab::Summary)
        && let Some(count) = inspector.event().map(|event| event.deliveries.len()).filter(|count| *count > 0)
    {
        inspector.pick = inspector.pick.saturating_add_signed(by).min(count - 1);
    }
    scroll(app, by)
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

fn screen(app: &App) -> isize {
    isize::try_from(inspector::height(app)).unwrap_or(1).max(2) - 1
}

fn raw(app: &mut App) -> Vec<Effect> {
    if let Some(inspector) = &mut app.inspector {
        inspector.raw = !inspector.raw;
    }
    Vec::new()
}

fn has_attempts(app: &App) -> Result<(), String> {
    let attempts = app.inspector.as_ref().and_then(Inspector::delivery).map_or(0, |detail| detail.attempts.len());
    if attempts > 1 { Ok(()) } else { Err("there is no other attempt".to_owned()) }
}

fn choose(app: &mut App, later: bool) -> Vec<Effect> {
    let Some(inspector) = &mut app.inspector else { return Vec::new() };
    let (Some(detail), Some(shown)) = (inspector.delivery(), inspector.attempt()) else { return Vec::new() };
    let numbers: Vec<u32> = detail.attempts.iter().map(|one| one.row.number).collect();
    let at = numbers.iter().position(|number| *number == shown.row.number).unwrap_or(0);
    let next = if later { (at + 1).min(numbers.len() - 1) } else { at.saturating_sub(1) };
    if next == at {
        let which = if later { "newest" } else { "first" };
        app.say(false, format!("this is the {which} attempt"));
    } else {
        inspector.attempt = numbers.get(next).copied();
    }
    Vec::new()
}

fn can_send(app: &App) -> Result<(), String> {
    match target(app) {
        Some(Target::Event(_)) => Ok(()),
        Some(Target::Endpoint(_)) => {
            let key = app.key(Context::Pane(PaneId::Endpoints), "test");
            Err(format!("an endpoint is not sent: {key} in Endpoints sends it a test event"))
        }
        Some(Target::Log(_)) => Err("a log line is not sent".to_owned()),
        _ => acts::can_send(app),
    }
}

fn again(app: &mut App) -> Vec<Effect> {
    match target(app) {
        Some(Target::Event(id)) => vec![Effect::Do(Deed::ResendEvent(id.clone()))],
        _ => acts::again(app),
    }
}

/// There are no ages here: attempts are told by the clock. Lists have theirs back when it is no longer UTC.
fn times(app: &mut App) -> Vec<Effect> {
    app.times = if app.times == Times::Utc { Times::Ago } else { Times::Utc };
    Vec::new()
}
