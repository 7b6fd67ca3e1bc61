//! Walking the list, and jumping to what belongs together without leaving the inspector; from an endpoint to its deliveries.

use crate::event::Query;
use crate::event::query::Name;
use crate::journal::EndpointRow;

use super::super::app::App;
use super::super::effects::Effect;
use super::super::inspector::{Inspector, Tab, Target};
use super::super::panes::{PaneId, deliveries};
use super::{acts, asking, everywhere, find, inspect};

/// What was jumped to is no row of the list.
///
/// # Errors
/// In words.
pub fn can_walk(app: &App) -> Result<(), String> {
    let jumped = app.inspector.as_ref().is_some_and(|inspector| inspector.behind.is_some());
    if jumped { Err("this is no row of the list: Esc goes back to the one that is".to_owned()) } else { Ok(()) }
}

/// Another row of the list, at the same tab and place.
pub fn walk(app: &mut App, by: isize) -> Vec<Effect> {
    let height = app.height_of(app.focus);
    let Some(list) = app.list_mut() else { return Vec::new() };
    let near_edge = list.window.step(by, height);
    let Some(mut next) = list.window.selected().and_then(Inspector::of) else { return Vec::new() };
    let Some(before) = app.inspector.take() else { return Vec::new() };
    if next.target == before.target && next.attempt == before.attempt {
        app.inspector = Some(before);
        app.say(false, if by > 0 { "this is the last row" } else { "this is the first row" });
        return Vec::new();
    }
    if next.tabs().contains(&before.tab) {
        next.tab = before.tab;
        next.scroll = before.scroll;
    }
    next.raw = before.raw;
    next.search = before.search;
    app.inspector = Some(next);
    let mut effects = inspect::ask(app);
    if near_edge {
        effects.extend(asking::rows(app, app.focus));
    }
    effects
}

/// To something that belongs to what is inspected; Esc comes back.
pub fn to(app: &mut App, target: fn(&App) -> Result<Target, String>) -> Vec<Effect> {
    let Ok(target) = target(app) else { return Vec::new() };
    let Some(before) = app.inspector.take() else { return Vec::new() };
    let mut next = Inspector::new(target);
    next.raw = before.raw;
    next.behind = Some(Box::new(before));
    app.inspector = Some(next);
    inspect::ask(app)
}

/// The delivery's event, or the event that an event was made from.
///
/// # Errors
/// In words, why there is none.
pub fn event(app: &App) -> Result<Target, String> {
    let Some(inspector) = &app.inspector else { return Err("nothing is inspected".to_owned()) };
    if let Some(row) = inspector.delivery_row() {
        return Ok(Target::Event(row.event_id.clone()));
    }
    let origin = inspector.event().and_then(|event| event.row.origin.clone());
    origin.map(Target::Event).ok_or_else(|| "it was not made from another event".to_owned())
}

/// The endpoint of a delivery or of a log line.
///
/// # Errors
/// In words, why there is none.
pub fn endpoint(app: &App) -> Result<Target, String> {
    let row = app.inspector.as_ref().and_then(|inspector| match inspector.target {
        Target::Log(_) => inspector.endpoint(app).map(|row| &row.id),
        _ => inspector.delivery_row().map(|row| &row.endpoint_id),
    });
    row.map(|id| Target::Endpoint(id.clone())).ok_or_else(|| "it is about no endpoint".to_owned())
}

/// The chosen delivery of an event.
///
/// # Errors
/// In words, why there is none.
pub fn picked(app: &App) -> Result<Target, String> {
    let inspector = app.inspector.as_ref().filter(|inspector| inspector.tab == Tab::Summary);
    let row = inspector.and_then(|one| one.event()?.deliveries.get(one.pick));
    row.map(|row| Target::Delivery(row.id.clone())).ok_or_else(|| "there is no delivery to open".to_owned())
}

/// There must be an endpoint to act on, or whose deliveries could be listed.
///
/// # Errors
/// In words.
pub fn has_endpoint(app: &App) -> Result<(), String> {
    let is_awaited = app.inspector.as_ref().is_some_and(Inspector::is_awaited);
    match acts::endpoint(app) {
        Some(_) => Ok(()),
        None if is_awaited => Err("it is still being read: press the key again".to_owned()),
        None => Err("there is no endpoint here".to_owned()),
    }
}

/// To the pane Deliveries, with those of the endpoint; Esc there takes the filter off.
pub fn deliveries_of(app: &mut App) -> Vec<Effect> {
    let Some(query) = acts::endpoint(app).map(|row| of(app, row)) else { return Vec::new() };
    let mut effects = if app.attempts { deliveries::toggle(app) } else { Vec::new() };
    effects.extend(everywhere::focus(app, PaneId::Deliveries));
    effects.extend(find::set(app, PaneId::Deliveries, query));
    effects
}

/// By its name, as a person would type it; by its id where others have the same name.
fn of(app: &App, row: &EndpointRow) -> Query {
    let all = app.figures.as_ref().map(|known| known.endpoints.as_slice()).unwrap_or_default();
    let is_unique = !row.name.is_empty() && !all.iter().any(|one| one.id != row.id && one.name == row.name);
    Query::of_endpoint(Name::exactly(if is_unique { &row.name } else { &row.id }))
}
