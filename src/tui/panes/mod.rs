//! The panes. Adding one is a file here and its lines in [`PaneId`] and [`ALL`].

mod dead;
pub mod deliveries;
pub mod endpoints;
mod events;
mod groups;
pub mod log;
mod queue;

use ratatui::buffer::Buffer;
use ratatui::layout::Rect;
use ratatui::widgets::{Block, Borders, Widget};

use crate::event::Query;
use crate::present::{escape, figures, fit};

use super::app::{App, ListState};
use super::feed::List;
use super::finding::{self, By, Find};
use super::keys::Binding;
use super::table::{self, Column, put};
use super::update::{groups as grouping, marks};

/// A list of so many cells has columns that are nowhere else.
const BROAD: u16 = 150;

/// Which pane.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
#[expect(missing_docs, reason = "named after what they show")]
pub enum PaneId {
    Queue,
    Endpoints,
    Deliveries,
    Dead,
    Events,
    Log,
}

/// What a pane is.
#[derive(Debug)]
pub struct Pane {
    /// Which.
    pub id: PaneId,
    /// In its title; its number is its key.
    pub title: &'static str,
    /// It has rows.
    pub is_list: bool,
    /// One of the four that the screen shows by itself.
    pub is_home: bool,
    /// It goes on following the newest rows when it gets the focus; the others select a row then.
    pub follows: bool,
    /// The list whose rows it asks the journal for.
    pub query: fn(&App) -> Option<List>,
    /// Its own keys.
    pub keys: &'static [Binding],
    /// The columns of its rows in this area.
    pub columns: fn(&App, Rect) -> Vec<Column>,
    /// On the right of its title.
    pub corner: fn(&App) -> String,
    /// Its inside.
    pub draw: fn(&App, Rect, &mut Buffer),
}

/// Every pane, in the order of their numbers.
pub static ALL: &[&Pane] = &[&queue::PANE, &endpoints::PANE, &deliveries::PANE, &dead::PANE, &events::PANE, &log::PANE];

impl PaneId {
    /// What it is.
    #[must_use]
    pub fn pane(self) -> &'static Pane {
        ALL.iter().find(|pane| pane.id == self).copied().unwrap_or(&queue::PANE)
    }

    /// Its number, from 1.
    #[must_use]
    pub fn number(self) -> usize {
        ALL.iter().position(|pane| pane.id == self).map_or(0, |at| at + 1)
    }
}

impl Pane {
    /// Rows that fit when the pane has this area.
    #[must_use]
    pub fn rows_in(&self, area: Rect) -> usize {
        if self.is_list { table::rows_in(inside(area)) } else { 0 }
    }
}

/// A border takes one cell on each side.
#[must_use]
pub fn inside(area: Rect) -> Rect {
    Block::bordered().inner(area)
}

/// Draws a pane: border, title, corner, inside.
pub fn draw(app: &App, id: PaneId, area: Rect, buf: &mut Buffer) {
    let pane = id.pane();
    let state = app.lists.get(&id);
    let mode = match state {
        Some(list) if list.frozen => "FROZEN",
        Some(list) if list.window.is_following() && (pane.follows || app.focus == id) => "FOLLOW",
        _ => "",
    };
    let grouped = grouping::are_in(app, id);
    let filtered = state.filter(|list| !grouped && !list.query.is_all());
    let count = filtered.map_or_else(|| (pane.corner)(app), |list| list.find.reach.words());
    let corner = format!("{mode}   {count}");
    let mut title = format!("{} {}", id.number(), pane.title);
    if grouped {
        title.push_str(" · all in groups");
    }
    if let Some(marked) = marks::title(app, id) {
        title.extend([" · ", &marked]);
    }
    let chips = filtered.map(|list| chips(&list.query)).unwrap_or_default();
    // Chips give way to the corner, cut.
    let taken = fit::width(&title) + fit::width(corner.trim()) + 10;
    let chips = fit::cut_end(&chips, usize::from(area.width).saturating_sub(taken)).into_owned();
    frame(app, format!("{title} {chips}").trim_end(), corner.trim(), app.focus == id, area, buf);
    let place = Rect { x: area.x.saturating_add(4 + cells(&title)), width: cells(&chips), height: 1, ..area };
    if !chips.is_empty() {
        buf.set_style(place.intersection(area), app.look.theme.selected);
    }
    let inner = inside(area);
    match state.and_then(|list| list.error.as_deref()) {
        Some(error) => {
            let error = escape::line(error);
            say(app, &["The journal could not be read:", &error, "The next change tries again."], inner, buf);
        }
        None => (pane.draw)(app, inner, buf),
    }
}

/// The terms in force, as they stand in a title.
fn chips(query: &Query) -> String {
    format!("/{}", escape::line(&query.to_string()))
}

fn cells(text: &str) -> u16 {
    u16::try_from(fit::width(text)).unwrap_or(u16::MAX)
}

/// A border with a title on the left and something on the right; heavy where the focus is.
pub fn frame(app: &App, title: &str, corner: &str, focused: bool, area: Rect, buf: &mut Buffer) {
    let theme = app.look.theme;
    let lines = app.look.lines;
    let (set, style) = if focused { (lines.focus_border, theme.focus) } else { (lines.border, theme.frame) };
    Block::new().borders(Borders::ALL).border_set(set).border_style(style).render(area, buf);
    let width = usize::from(area.width);
    let words = if focused { theme.strong.patch(theme.focus) } else { theme.strong };
    let title = format!(" {} ", fit::cut_middle(title, width.saturating_sub(6)));
    put(buf, usize::from(area.x) + 2, area.y, &title, words);
    let room = width.saturating_sub(fit::width(&title) + 6);
    if !corner.is_empty() && fit::width(corner) + 2 <= room {
        let corner = format!(" {corner} ");
        put(buf, usize::from(area.x) + width - 2 - fit::width(&corner), area.y, &corner, theme.plain);
    }
}

/// Columns at the widths of this project and of this form of times: AGE as `t` has chosen it, names no wider than the
/// longest or their head, so that the rest goes to the words.
fn fitted(app: &App, columns: &[Column]) -> Vec<Column> {
    let endpoints = app.figures.as_ref().map(|known| known.endpoints.as_slice()).unwrap_or_default();
    let longest = endpoints.iter().map(|one| fit::width(&escape::line(&one.name))).max().unwrap_or(0);
    let shown = |column: &Column| match column.title {
        "AGE" => {
            let width = app.times.width();
            Column { title: app.times.title(), least: width, most: width, ..*column }
        }
        "NAME" | "ENDPOINT" => {
            let most = longest.max(fit::width(column.title)).min(column.most);
            Column { least: column.least.min(most), most, ..*column }
        }
        _ => *column,
    };
    columns.iter().map(shown).collect()
}

/// As [`fitted`], and with these too where the pane is as wide as a broad screen lets it be.
fn fitted_with(app: &App, columns: &[Column], broad: &[Column], area: Rect) -> Vec<Column> {
    let mut columns = fitted(app, columns);
    if area.width >= BROAD {
        columns.extend_from_slice(broad);
    }
    columns
}

/// The rows of a pane's list, or words where there are none.
fn list(app: &App, id: PaneId, empty: &[&str], area: Rect, buf: &mut Buffer) {
    let columns = &(id.pane().columns)(app, area);
    let Some(state) = app.lists.get(&id) else { return };
    let (rows, selected) = state.window.visible(table::rows_in(area));
    if rows.is_empty() {
        match state.window.is_loaded() {
            true if state.query.is_all() || grouping::are_in(app, id) => say(app, empty, area, buf),
            true => nothing_matches(app, state, area, buf),
            false => {}
        }
        return;
    }
    let look = table::Look { selected, focused: app.focus == id, marks: &state.marks };
    table::draw(app, columns, rows, &look, area, buf);
    let own = Find::default();
    draw_arrow(app, if grouping::are_in(app, id) { &own } else { &state.find }, columns, area, buf);
}

fn nothing_matches(app: &App, state: &ListState, area: Rect, buf: &mut Buffer) {
    let nothing = format!("nothing matches {}", escape::line(&state.query.to_string()));
    let looked = state.find.reach.looked.map(|_| format!("looked {}", state.find.reach.words()));
    let lines = [Some(nothing.as_str()), looked.as_deref(), Some("Esc takes the filter off")];
    say(app, &lines.into_iter().flatten().collect::<Vec<_>>(), area, buf);
}

/// The arrow beside the head of the sorted column.
fn draw_arrow(app: &App, find: &Find, columns: &[Column], area: Rect, buf: &mut Buffer) {
    let heads = table::heads(columns, area);
    let head = match find.by.head() {
        Some(title) => heads.iter().find(|(column, _)| column.title == title),
        None if find.by == By::File => None,
        None if heads.first().is_some_and(|(column, _)| column.title == "NAME") => {
            heads.iter().find(|(column, _)| column.title == "CIRCUIT")
        }
        None => heads.first(),
    };
    let Some((column, place)) = head else { return };
    let wide = if column.fit == table::Fit::Figure { place.width } else { cells(column.title).min(place.width) };
    let x = usize::from(place.x.saturating_add(wide));
    put(buf, x, place.y, finding::arrow(find.by, find.reversed), app.look.theme.focus);
}

/// Where the heads of columns stand that a click sorts by, each with the cell of its arrow.
#[must_use]
pub fn sorting_heads(app: &App, id: PaneId, area: Rect) -> Vec<(By, Rect)> {
    let Some(state) = app.lists.get(&id).filter(|list| !list.window.rows().is_empty()) else { return Vec::new() };
    let inner = inside(area);
    let heads = table::heads(&(id.pane().columns)(app, inner), inner);
    let first = heads.first().map(|(column, _)| column.title);
    let by = |title: &str| finding::by_head(app, id, state.find.by, title, first == Some(title));
    let head = |(column, place): (Column, Rect)| {
        let width = place.width.saturating_add(1);
        Some((by(column.title)?, Rect { width, ..place }.intersection(inner)))
    };
    heads.into_iter().filter_map(head).collect()
}

/// Words in the middle of an empty pane, as many lines as there is room for.
pub fn say(app: &App, lines: &[&str], area: Rect, buf: &mut Buffer) {
    let width = usize::from(area.width.saturating_sub(4));
    let height = u16::try_from(lines.len()).unwrap_or(u16::MAX).min(area.height);
    let top = area.y + (area.height - height) / 2;
    for (y, line) in (top..).zip(lines.iter().take(usize::from(height))) {
        put(buf, usize::from(area.x) + 2, y, &fit::cut_end(line, width), app.look.theme.faint);
    }
}

/// A title's count, once the figures are known.
fn total(app: &App, of: impl Fn(&crate::journal::Counts) -> u64) -> String {
    let Some(known) = &app.figures else { return String::new() };
    figures::count(known.endpoints.iter().map(|one| of(&one.counts)).sum::<u64>())
}
