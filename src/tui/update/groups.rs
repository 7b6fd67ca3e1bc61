//! Dead letters by what they died of: the pane's other list.

use crate::event::query::{Bound, Name, Op, Status, Term, Test};
use crate::event::{Cause, Query};
use crate::journal::{Cursor, GroupRow};

use super::super::app::App;
use super::super::effects::Effect;
use super::super::feed::{Subject, Target};
use super::super::finding::Find;
use super::super::keys::Context;
use super::super::panes::PaneId;
use super::super::rows::Row;
use super::super::window::{Keyed, Window};
use super::asking;

/// What the console knows of groups.
#[derive(Debug, Clone, Default)]
pub struct Groups {
    /// Dead letters shows them instead.
    pub shown: bool,
    /// The group that was listed last: its id and its place.
    pub last: Option<(String, Cursor)>,
}

/// The pane shows groups. They are of all dead letters, whatever its filter: only all of them are counted off an index.
#[must_use]
pub fn are_in(app: &App, pane: PaneId) -> bool {
    app.groups.shown && pane == PaneId::Dead
}

/// Groups have one order and are not searched.
///
/// # Errors
/// The reason in words.
pub fn are_not_shown(app: &App) -> Result<(), String> {
    if are_in(app, app.focus) {
        let key = app.key(Context::Pane(PaneId::Dead), "why");
        return Err(format!("groups stand with the largest first: {key} shows dead letters one by one"));
    }
    Ok(())
}

/// Dead letters one by one, or in groups.
pub fn toggle(app: &mut App) -> Vec<Effect> {
    show(app, !app.groups.shown)
}

/// From groups to dead letters one by one. None: the focused pane shows none.
pub fn leave(app: &mut App) -> Option<Vec<Effect>> {
    are_in(app, app.focus).then(|| show(app, false))
}

/// Lists the dead letters of the selected group. None: there is none.
pub fn open(app: &mut App) -> Option<Vec<Effect>> {
    let query = query(app, selected(app)?);
    app.groups.last = app.selected().map(|row| (row.id(), row.cursor()));
    if let Some(list) = app.lists.get_mut(&PaneId::Dead) {
        list.find.last.clone_from(&query);
        list.query = query;
    }
    Some(show(app, false))
}

fn show(app: &mut App, grouped: bool) -> Vec<Effect> {
    app.groups.shown = grouped;
    // Whoever comes back from a group goes on there.
    let there = if grouped { app.groups.last.take() } else { None };
    if let Some(list) = app.lists.get_mut(&PaneId::Dead) {
        list.window = Window::new(false);
        list.window.reverse(list.find.reversed && !grouped);
        if let Some((id, at)) = there {
            list.window.seek(id, at);
        }
        list.marks.clear();
        list.frozen = false;
        let Find { by, reversed, ref last, .. } = list.find;
        list.find = Find { by, reversed, last: last.clone(), ..Find::default() };
    }
    asking::forget(app, Subject::Rows(PaneId::Dead));
    asking::rows(app, PaneId::Dead)
}

/// The group under the cursor.
#[must_use]
pub fn selected(app: &App) -> Option<&GroupRow> {
    match app.selected() {
        Some(Row::Group(group)) if app.inspector.is_none() => Some(group),
        _ => None,
    }
}

/// All dead letters of the group under the cursor.
#[must_use]
pub fn target(app: &App) -> Option<Target> {
    selected(app).map(|group| Target::Matching(query(app, group)))
}

/// The filter that finds the group among dead letters: `endpoint:ops reason:exhausted status:502`.
fn query(app: &App, group: &GroupRow) -> Query {
    let endpoints = app.figures.as_ref().map(|known| known.endpoints.as_slice()).unwrap_or_default();
    let by_name = Name::exactly(&group.endpoint);
    // A name may be that of two: then the id tells.
    let named = endpoints.iter().filter(|one| by_name.fits(&one.name) || by_name.fits(&one.id)).count();
    let endpoint = if named == 1 { by_name } else { Name::exactly(&group.endpoint_id) };
    let mut tests = vec![Test::Endpoint(vec![endpoint])];
    tests.extend(group.reason.map(|reason| Test::Reason(vec![reason])));
    tests.push(match group.cause {
        Cause::Status(status) => Test::Status(vec![Status::Code(Bound { op: Op::Equal, figure: i64::from(status) })]),
        kind => Test::Error(vec![kind]),
    });
    Query::of(tests.into_iter().map(|test| Term { negated: false, test }).collect())
}
