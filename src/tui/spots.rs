//! What lies under the pointer: told by the layout, never by what was drawn.

use ratatui::layout::{Position, Rect};

use super::app::{App, Modal};
use super::finding::By;
use super::inspector::{self, Tab};
use super::keys::Key;
use super::panes::{self, PaneId};
use super::{footer, layout, palette, table, view};

/// What is there.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Spot {
    /// A pane: its border, its head, or where it has no row.
    Pane(PaneId),
    /// A line of a pane's list, from 0. There may be no row on it.
    Row(PaneId, usize),
    /// The head of a column that the list can be sorted by.
    Head(PaneId, By),
    /// The inspector's inside.
    Inspector,
    /// One of its tabs.
    Tab(Tab),
    /// An action of the palette, by its place in what is found.
    Action(usize),
    /// A page over everything else.
    Modal,
    /// A key that is shown: it is pressed by a click.
    Key(Key),
    /// Nothing that could be clicked.
    Nothing,
}

/// What is under this cell.
#[must_use]
pub fn at(app: &App, column: u16, row: u16) -> Spot {
    let here = Position { x: column, y: row };
    if app.size.width < layout::LEAST.0 || app.size.height < layout::LEAST.1 {
        return Spot::Nothing;
    }
    let places = app.layout();
    if places.footer.contains(here) {
        return key(
            footer::places(app, places.footer).into_iter().map(|(bound, place)| (bound.keys.first().copied(), place)),
            here,
        );
    }
    match &app.modal {
        Some(Modal::Dialog(dialog)) => {
            return key(
                view::answers(app, dialog, places.body).into_iter().map(|(key, place)| (Some(key), place)),
                here,
            );
        }
        Some(_) => return palette::row_at(app, column, row).map_or(Spot::Modal, Spot::Action),
        None => {}
    }
    if let Some(inspector) = &app.inspector {
        let tab = inspector::tab_places(inspector, places.body).into_iter().find(|(_, place)| place.contains(here));
        return match tab {
            Some((tab, _)) => Spot::Tab(tab),
            None if places.body.contains(here) => Spot::Inspector,
            None => Spot::Nothing,
        };
    }
    places
        .panes
        .iter()
        .find(|(_, area)| area.contains(here))
        .map_or(Spot::Nothing, |(id, area)| in_pane(app, *id, *area, here))
}

fn in_pane(app: &App, id: PaneId, area: Rect, here: Position) -> Spot {
    let inner = panes::inside(area);
    let first = inner.y + u16::from(table::has_head(inner));
    if id.pane().is_list && inner.contains(here) && here.y >= first {
        return Spot::Row(id, usize::from(here.y - first));
    }
    let head = panes::sorting_heads(app, id, area).into_iter().find(|(_, place)| place.contains(here));
    head.map_or(Spot::Pane(id), |(by, _)| Spot::Head(id, by))
}

fn key(places: impl Iterator<Item = (Option<Key>, Rect)>, here: Position) -> Spot {
    let mut under = places.filter(|(_, place)| place.contains(here));
    under.find_map(|(key, _)| key).map_or(Spot::Nothing, Spot::Key)
}
