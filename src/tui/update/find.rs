//! The filter line, `n` and `N`, sorting.

use crossterm::event::KeyCode;

use crate::event::Query;
use crate::journal::Cursor;
use crate::present::figures;

use super::super::app::App;
use super::super::effects::Effect;
use super::super::feed::{Filter, Found, Question, Subject};
use super::super::finding::{self, By, FilterLine};
use super::super::keys::{Binding, Context, Key, PLAIN};
use super::super::panes::PaneId;
use super::super::rows::Row;
use super::super::window::{Keyed, Rows};
use super::{asking, groups, lists};

/// Keys of the filter line. Whatever types or edits goes into it.
pub const KEYS: &[Binding] = &[
    Binding {
        keys: &[Key::named(KeyCode::Enter)],
        label: "keep",
        help: "Keep the filter",
        priority: 10,
        available: is_right,
        run: keep,
        ..PLAIN
    },
    Binding {
        keys: &[Key::named(KeyCode::Tab), Key::named(KeyCode::Down)],
        label: "complete",
        help: "Complete the word: the next candidate",
        priority: 20,
        run: |app| turn(app, true),
        ..PLAIN
    },
    Binding {
        keys: &[Key::named(KeyCode::BackTab), Key::named(KeyCode::Up)],
        label: "previous candidate",
        help: "The candidate before",
        run: |app| turn(app, false),
        ..PLAIN
    },
    Binding {
        keys: &[Key::named(KeyCode::Esc), Key::ctrl('c')],
        label: "back",
        help: "Back to what was shown before",
        priority: 30,
        run: leave,
        ..PLAIN
    },
];

/// Opens the filter line of the focused pane. It is for rows: groups give way to them.
pub fn open(app: &mut App) -> Vec<Effect> {
    let pane = app.focus;
    app.filter = app.list().map(|list| FilterLine::open(pane, &list.query));
    groups::leave(app).unwrap_or_default()
}

/// The key types or edits. None: it is not the filter line's.
pub fn types(app: &mut App, key: Key) -> Option<Vec<Effect>> {
    let open = app.filter.as_mut().filter(|_| app.modal.is_none())?;
    open.line.press(key).then(|| edited(app))
}

/// Text was pasted. None: the filter line is not open.
pub fn pasted(app: &mut App, text: &str) -> Option<Vec<Effect>> {
    app.filter.as_mut().filter(|_| app.modal.is_none())?.line.paste(text);
    Some(edited(app))
}

/// Looks at what is typed now; the list narrows as soon as it can be read.
fn edited(app: &mut App) -> Vec<Effect> {
    if let Some(open) = &mut app.filter {
        open.turn = None;
    }
    take(app, false)
}

/// Puts what is typed in force; the beginning of a key only when it is done with.
fn take(app: &mut App, done: bool) -> Vec<Effect> {
    let Some(open) = &app.filter else { return Vec::new() };
    let pane = open.pane;
    let text = if done { open.line.text() } else { open.settled(app) };
    let (query, error) = match Query::parse_for(text, finding::subject(app, pane)) {
        Ok(query) => (Some(query), None),
        Err(error) => (None, Some(error)),
    };
    if let Some(open) = &mut app.filter {
        open.error = error;
    }
    query.map_or_else(Vec::new, |query| set(app, pane, query))
}

fn turn(app: &mut App, forward: bool) -> Vec<Effect> {
    if let Some(mut open) = app.filter.take() {
        open.turn(app, forward);
        app.filter = Some(open);
    }
    take(app, false)
}

fn is_right(app: &App) -> Result<(), String> {
    app.filter.as_ref().and_then(|open| open.error.as_ref()).map_or(Ok(()), |error| Err(error.text.clone()))
}

fn keep(app: &mut App) -> Vec<Effect> {
    let effects = take(app, true);
    if is_right(app).is_ok() {
        app.filter = None;
    }
    effects
}

fn leave(app: &mut App) -> Vec<Effect> {
    let Some(open) = app.filter.take() else { return Vec::new() };
    set(app, open.pane, open.before)
}

/// Takes the filter of the focused pane off. None: there is none.
pub fn clear(app: &mut App) -> Option<Vec<Effect>> {
    let pane = app.focus;
    app.list().filter(|list| !list.query.is_all())?;
    Some(set(app, pane, Query::default()))
}

/// Puts a filter in force.
pub fn set(app: &mut App, pane: PaneId, query: Query) -> Vec<Effect> {
    let height = app.height_of(pane);
    let Some(list) = app.lists.get_mut(&pane).filter(|list| list.query != query) else { return Vec::new() };
    if query.is_all() {
        // The row that was found stays selected among all.
        if let Some((id, home)) = list.window.selected().map(|row| (row.id(), home(row, list.find.by))) {
            list.window.seek(id, home);
        }
    } else {
        list.find.last.clone_from(&query);
        if !list.window.is_following() {
            list.window.first(height);
        }
    }
    list.query = query;
    list.frozen = false;
    list.find.sought = None;
    renew(app, pane)
}

/// Asks for the rows anew; an answer that is on its way is of no use.
fn renew(app: &mut App, pane: PaneId) -> Vec<Effect> {
    if pane == PaneId::Endpoints {
        show_endpoints(app);
        return Vec::new();
    }
    let waiting = app.pending.get(&Subject::Rows(pane)).is_some_and(|pending| pending.outstanding);
    if let Some(list) = app.lists.get_mut(&pane) {
        list.find.stale = waiting;
        list.find.due = None;
    }
    asking::rows(app, pane)
}

/// The endpoints that match, as they are sorted.
pub fn show_endpoints(app: &mut App) {
    let (Some(known), Some(list)) = (&app.figures, app.lists.get(&PaneId::Endpoints)) else { return };
    let rows = finding::endpoints(app, &known.endpoints, &list.query, &list.find);
    let rows = rows.into_iter().map(|one| Row::Endpoint(Box::new(one))).collect();
    asking::fill(app, PaneId::Endpoints, Rows { rows, more_above: false, more_below: false });
}

/// A row's place in the pane without a filter.
fn home(row: &Row, by: By) -> Cursor {
    match row {
        Row::Delivery(row) if by == By::Arrival => Cursor { sort: row.seq, seq: row.seq },
        Row::Delivery(row) => Cursor { sort: row.change, seq: row.seq },
        _ => row.cursor(),
    }
}

/// There must be a filter to go by.
///
/// # Errors
/// The reason in words.
pub fn can_go(app: &App) -> Result<(), String> {
    groups::are_not_shown(app)?;
    match app.list() {
        Some(list) if !list.find.last.is_all() => Ok(()),
        _ => Err(format!("there was no filter here yet: {} makes one", app.key(Context::List, "filter"))),
    }
}

/// To the next row down or up the list that matches the newest filter.
pub fn go(app: &mut App, down: bool) -> Vec<Effect> {
    let pane = app.focus;
    let Some(list) = app.list() else { return Vec::new() };
    if list.query == list.find.last {
        let before = list.window.selected().map(Keyed::id);
        let effects = lists::step(app, if down { 1 } else { -1 });
        let after = app.selected().map(Keyed::id);
        if before.is_some() && before == after {
            none(app, down, None);
        }
        return effects;
    }
    if pane == PaneId::Endpoints {
        return go_endpoint(app, down);
    }
    let Some(of) = (pane.pane().query)(app) else { return Vec::new() };
    let selected = list.window.selected();
    let id = selected.map(Keyed::id);
    let from = match &list.find.sought {
        Some((sought, way, stopped)) if Some(sought) == id.as_ref() && *way == down => Some((*stopped, *stopped)),
        _ => selected.map(|row| (home(row, list.find.by), by_death(row))),
    };
    let filter = Filter { query: list.find.last.clone(), ..filter(app, pane) };
    asking::forget(app, Subject::Seek);
    asking::ask(app, Subject::Seek, Question::Seek { list: of, from, down, filter })
}

/// What a pane asks the journal with its rows.
#[must_use]
pub fn filter(app: &App, pane: PaneId) -> Filter {
    let list = app.lists.get(&pane);
    let find = list.map(|list| &list.find);
    Filter {
        query: list.map(|list| list.query.clone()).unwrap_or_default(),
        sort: find.map(finding::Find::sort).unwrap_or_default(),
        reversed: find.is_some_and(|find| find.reversed),
        now: app.now,
    }
}

fn by_death(row: &Row) -> Cursor {
    match row {
        Row::Delivery(row) | Row::Dead(row) => Cursor { sort: row.changed_at, seq: row.seq },
        _ => row.cursor(),
    }
}

fn go_endpoint(app: &mut App, down: bool) -> Vec<Effect> {
    let Some(list) = app.list() else { return Vec::new() };
    let rows = list.window.rows();
    let at = list.window.selected().and_then(|selected| rows.iter().position(|row| row.id() == selected.id()));
    let fits = |row: &&Row| matches!(row, Row::Endpoint(one) if finding::matches(&list.find.last, one, app.now));
    let found = match (at, down) {
        (Some(at), true) => rows.iter().skip(at + 1).find(fits),
        (Some(at), false) => rows.iter().take(at).rev().find(fits),
        (None, _) => rows.iter().find(fits),
    };
    match found.map(|row| (row.id(), row.cursor())) {
        Some((id, at)) => {
            if let Some(list) = app.list_mut() {
                list.window.seek(id, at);
            }
            show_endpoints(app);
        }
        None => none(app, down, None),
    }
    Vec::new()
}

/// What `n` looked for has been found, or not.
pub fn sought(app: &mut App, found: Found) -> Vec<Effect> {
    let Found::Seek { row, down, stopped } = found else { return Vec::new() };
    let pane = app.focus;
    let Some(list) = app.list_mut() else { return Vec::new() };
    let Some(row) = row else {
        let id = list.window.selected().map(Keyed::id);
        list.find.sought = stopped.zip(id).map(|((place, _), id)| (id, down, place));
        none(app, down, stopped.map(|(_, looked)| looked));
        return Vec::new();
    };
    list.frozen = false;
    list.find.sought = None;
    list.window.seek(row.id(), home(&row, list.find.by));
    renew(app, pane)
}

fn none(app: &mut App, down: bool, looked: Option<u64>) {
    let (way, action) = if down { ("below", "next match") } else { ("above", "previous match") };
    let key = app.key(Context::List, action);
    app.say(
        false,
        match looked {
            Some(looked) => {
                format!("no match among the next {} rows {way}: {key} looks further", figures::count(looked))
            }
            None => format!("there is no further match {way}"),
        },
    );
}

/// Sorts by the next column.
pub fn sort(app: &mut App) -> Vec<Effect> {
    let pane = app.focus;
    let choices = finding::choices(app, pane);
    let Some(list) = app.list() else { return Vec::new() };
    let at = choices.iter().position(|by| *by == list.find.by).unwrap_or(0);
    let by = choices.get((at + 1) % choices.len().max(1)).copied().unwrap_or_default();
    let reversed = list.find.reversed && by == list.find.by;
    order(app, pane, by, reversed)
}

/// There must be something else to sort by.
///
/// # Errors
/// The reason in words.
pub fn can_sort(app: &App) -> Result<(), String> {
    groups::are_not_shown(app)?;
    if finding::choices(app, app.focus).len() > 1 {
        return Ok(());
    }
    Err(format!("this list has one order; {} turns it round", app.key(Context::List, "reverse")))
}

/// The other way round.
pub fn reverse(app: &mut App) -> Vec<Effect> {
    let pane = app.focus;
    let Some((by, reversed)) = app.list().map(|list| (list.find.by, list.find.reversed)) else { return Vec::new() };
    order(app, pane, by, !reversed)
}

/// Sorts a pane.
pub fn order(app: &mut App, pane: PaneId, by: By, reversed: bool) -> Vec<Effect> {
    let height = app.height_of(pane);
    let Some(list) = app.lists.get_mut(&pane) else { return Vec::new() };
    (list.find.by, list.find.reversed) = (by, reversed);
    list.frozen = false;
    list.find.sought = None;
    list.window.reverse(reversed);
    if reversed || !list.window.is_following() {
        list.window.first(height);
    }
    app.say(true, format!("sorted {}", by.words(pane, reversed)));
    renew(app, pane)
}
