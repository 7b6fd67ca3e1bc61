//! Finding in lists: the filter line, what a list is sorted by, how far a search reached; and how they are drawn.

use std::ops::Range;

use ratatui::buffer::Buffer;
use ratatui::layout::Rect;

use crate::event::query::{Completion, Known, QueryError, Standing, Subject, Term, Test, complete};
use crate::event::{Millis, Query};
use crate::journal::{Cursor, EndpointRow, Sort};
use crate::present::{escape, figures, fit};

use super::app::App;
use super::input::Line;
use super::layout::Layout;
use super::panes::{self, PaneId};
use super::rows::Row;
use super::table::put;
use super::update::groups;

/// The filter line, while it is open.
#[derive(Debug, Clone)]
pub struct FilterLine {
    /// Whose rows are filtered.
    pub pane: PaneId,
    /// What is typed.
    pub line: Line,
    /// What the pane showed before.
    pub before: Query,
    /// What is wrong with what is typed.
    pub error: Option<QueryError>,
    /// Candidates that are gone through.
    pub turn: Option<Turn>,
}

/// Candidates that are gone through.
#[derive(Debug, Clone)]
pub struct Turn {
    /// What was typed.
    pub text: String,
    /// What they stand for in it.
    pub offered: Completion,
    /// The one that stands there now.
    pub at: usize,
}

/// What a list is sorted by.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default)]
pub enum By {
    /// As the pane has it: newest first; of endpoints those in trouble first.
    #[default]
    Own,
    /// Deliveries as they came in.
    Arrival,
    /// Endpoints in the order of the file.
    File,
    /// Endpoints by name.
    Name,
    /// Endpoints by what waits for them.
    Queue,
    /// Endpoints by their share of good attempts, the worst first.
    Ok,
    /// Endpoints by p95, the slowest first.
    P95,
    /// Endpoints by their dead letters.
    Dead,
}

/// How far the newest search of a list reached.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default)]
pub struct Reach {
    /// All that match, where counters tell.
    pub total: Option<u64>,
    /// It stopped after so many rows.
    pub looked: Option<(Side, u64)>,
}

/// Where a search began.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Side {
    /// At the newest row.
    Newest,
    /// At the oldest row.
    Oldest,
    /// At the selected row.
    Next,
}

/// What a pane with rows knows of finding.
#[derive(Debug, Clone, Default)]
pub struct Find {
    /// What it is sorted by.
    pub by: By,
    /// The other way round.
    pub reversed: bool,
    /// The newest filter: `n` goes by it when it is off again.
    pub last: Query,
    /// See [`Reach`].
    pub reach: Reach,
    /// The answer that is on its way is of another filter.
    pub stale: bool,
    /// `n` has looked this far from the row of this id.
    pub sought: Option<(String, bool, Cursor)>,
    /// When the rows were last asked for, if that took a long search.
    pub costly_at: Option<Millis>,
    /// Something has changed since: they are asked for again then.
    pub due: Option<Millis>,
}

impl Find {
    /// The journal's order.
    #[must_use]
    pub const fn sort(&self) -> Sort {
        match self.by {
            By::Arrival => Sort::Arrival,
            _ => Sort::Newest,
        }
    }
}

impl Reach {
    /// For the title's corner, or for an empty list.
    #[must_use]
    pub fn words(&self) -> String {
        match (self.total, self.looked) {
            (Some(total), _) => format!("{} match", figures::count(total)),
            (None, Some((side, looked))) => {
                let side = match side {
                    Side::Newest => "newest",
                    Side::Oldest => "oldest",
                    Side::Next => "next",
                };
                format!("in the {side} {}", figures::count(looked))
            }
            (None, None) => String::new(),
        }
    }
}

/// The list that a pane's filter is for.
#[must_use]
pub const fn subject(app: &App, pane: PaneId) -> Subject {
    match pane {
        PaneId::Endpoints | PaneId::Queue => Subject::Endpoints,
        PaneId::Deliveries if app.attempts => Subject::Attempts,
        PaneId::Deliveries => Subject::Deliveries,
        PaneId::Dead => Subject::Dead,
        PaneId::Events => Subject::Events,
        PaneId::Log => Subject::Log,
    }
}

/// What a pane can be sorted by.
#[must_use]
pub const fn choices(app: &App, pane: PaneId) -> &'static [By] {
    match pane {
        PaneId::Deliveries if !app.attempts => &[By::Own, By::Arrival],
        PaneId::Endpoints => &[By::Own, By::File, By::Name, By::Queue, By::Ok, By::P95, By::Dead],
        _ => &[By::Own],
    }
}

/// What a click on a column's head sorts the pane by; none: it cannot be sorted by that.
#[must_use]
pub fn by_head(app: &App, pane: PaneId, now: By, title: &str, is_first: bool) -> Option<By> {
    if groups::are_in(app, pane) {
        return None;
    }
    let choices = choices(app, pane);
    let own = choices.iter().copied().find(|by| by.head() == Some(title));
    own.or(match pane {
        PaneId::Endpoints => (title == "CIRCUIT").then_some(By::Own),
        // The column of when it came in, where there is room for both.
        PaneId::Deliveries if title == "ACCEPTED" && choices.contains(&By::Arrival) => Some(By::Arrival),
        // The first column is always what the list is sorted by.
        _ => is_first.then_some(now),
    })
}

impl By {
    /// In words, for the message line.
    #[must_use]
    pub const fn words(self, pane: PaneId, reversed: bool) -> &'static str {
        match (self, pane, reversed) {
            (Self::Own, PaneId::Endpoints, false) => "what is in trouble first",
            (Self::Own, PaneId::Endpoints, true) => "what is well first",
            (Self::Own, _, false) => "newest first",
            (Self::Own, _, true) => "oldest first",
            (Self::Arrival, _, false) => "as they came in, newest first",
            (Self::Arrival, _, true) => "as they came in, oldest first",
            (Self::File, _, false) => "in the order of the file",
            (Self::File, _, true) => "in the order of the file, the last first",
            (Self::Name, _, false) => "by name",
            (Self::Name, _, true) => "by name, z first",
            (Self::Queue, _, false) => "longest queue first",
            (Self::Queue, _, true) => "shortest queue first",
            (Self::Ok, _, false) => "worst share of good attempts first",
            (Self::Ok, _, true) => "best share of good attempts first",
            (Self::P95, _, false) => "slowest first",
            (Self::P95, _, true) => "quickest first",
            (Self::Dead, _, false) => "most dead letters first",
            (Self::Dead, _, true) => "fewest dead letters first",
        }
    }

    /// The head of the column that shows it; none: the first one.
    #[must_use]
    pub const fn head(self) -> Option<&'static str> {
        match self {
            Self::Own | Self::Arrival | Self::File => None,
            Self::Name => Some("NAME"),
            Self::Queue => Some("QUEUE"),
            Self::Ok => Some("OK"),
            Self::P95 => Some("p95"),
            Self::Dead => Some("DEAD"),
        }
    }

    /// The greatest comes first.
    const fn descends(self) -> bool {
        matches!(self, Self::Own | Self::Arrival | Self::Queue | Self::P95 | Self::Dead)
    }
}

/// The arrow beside the head of the sorted column.
#[must_use]
pub const fn arrow(by: By, reversed: bool) -> &'static str {
    if by.descends() == reversed { "↑" } else { "↓" }
}

/// Endpoints that match, sorted: these lists are in memory.
#[must_use]
pub fn endpoints(app: &App, all: &[EndpointRow], query: &Query, find: &Find) -> Vec<EndpointRow> {
    let mut rows: Vec<EndpointRow> = all.iter().filter(|one| matches(query, one, app.now)).cloned().collect();
    let waiting = |one: &EndpointRow| one.counts.queued + one.counts.scheduled;
    match find.by {
        By::File => {}
        By::Own | By::Arrival => rows.sort_by_key(|one| panes::endpoints::trouble(one, app.now)),
        By::Name => rows.sort_by_key(|one| one.name.to_lowercase()),
        By::Queue => rows.sort_by_key(|one| std::cmp::Reverse(waiting(one))),
        By::Ok => rows.sort_by_key(|one| {
            let health = app.health(one.key);
            // Those without attempts come last.
            (health.good * 1_000_000).checked_div(health.all).map_or((1, 0), |share| (0, share))
        }),
        By::P95 => rows.sort_by_key(|one| std::cmp::Reverse(app.health(one.key).p95_ms)),
        By::Dead => rows.sort_by_key(|one| std::cmp::Reverse(one.counts.dead)),
    }
    if find.reversed {
        rows.reverse();
    }
    rows
}

/// Whether a filter means an endpoint.
#[must_use]
pub fn matches(query: &Query, row: &EndpointRow, now: Millis) -> bool {
    query.terms().iter().all(|Term { negated, test }| {
        let holds = match test {
            Test::Endpoint(names) => names.iter().any(|name| name.fits(&row.name) || name.fits(&row.id)),
            Test::State(all) => all.iter().any(|one| match one {
                Standing::Endpoint(state) => row.state == *state,
                Standing::Circuit(circuit) => row.circuit.circuit == *circuit,
                Standing::Held => row.held(now).is_some(),
                Standing::Is(_) | Standing::Pending => false,
            }),
            Test::Text(names) => names.iter().any(|name| {
                let texts = [Some(&row.name), Some(&row.id), Some(&row.host), row.last_error.as_ref()];
                texts.into_iter().flatten().any(|text| name.is_in(text))
            }),
            _ => false,
        };
        holds != *negated
    })
}

/// Names that the console has met.
fn known(app: &App) -> Known {
    let mut known = Known::default();
    let endpoints = app.figures.iter().flat_map(|figures| &figures.endpoints);
    known.endpoints = endpoints.map(|one| one.name.clone()).collect();
    for row in app.lists.values().flat_map(|list| list.window.rows()) {
        match row {
            Row::Delivery(row) | Row::Dead(row) => known.types.push(row.event_type.clone()),
            Row::Attempt(row) => known.types.push(row.event_type.clone()),
            Row::Event(row) => {
                known.types.push(row.kind.clone());
                known.sessions.push(row.session.clone());
            }
            Row::Endpoint(_) | Row::Group(_) | Row::Log(_) => {}
        }
    }
    known.sessions.retain(|session| !session.is_empty());
    for names in [&mut known.types, &mut known.sessions] {
        names.sort_unstable();
        names.dedup();
    }
    known
}

impl FilterLine {
    /// With what is in force.
    #[must_use]
    pub fn open(pane: PaneId, query: &Query) -> Self {
        let blank = if query.is_all() { "" } else { " " };
        let line = Line::new(&format!("{query}{blank}"));
        Self { pane, line, before: query.clone(), error: None, turn: None }
    }

    /// What could stand where the cursor is.
    #[must_use]
    pub fn offered(&self, app: &App) -> Completion {
        complete::complete(self.line.text(), self.cursor(), subject(app, self.pane), &known(app))
    }

    /// What is typed, without the last word as long as it may become a key: a list that goes blank until the `:` is of no use.
    #[must_use]
    pub fn settled(&self, app: &App) -> &str {
        let text = self.line.text();
        let begun = complete::begun(text, self.cursor(), subject(app, self.pane));
        begun.and_then(|word| text.get(..word.start)).unwrap_or(text)
    }

    /// The cursor's place in bytes.
    fn cursor(&self) -> usize {
        let text = self.line.text();
        text.char_indices().nth(self.line.cursor()).map_or(text.len(), |(at, _)| at)
    }

    /// Puts the next candidate there, or the one before.
    pub fn turn(&mut self, app: &App, forward: bool) {
        let turn = if let Some(Turn { text, offered, at }) = self.turn.take() {
            let count = offered.candidates.len().max(1);
            let at = if forward { at + 1 } else { at + count - 1 } % count;
            Turn { text, offered, at }
        } else {
            let offered = self.offered(app);
            let at = if forward { 0 } else { offered.candidates.len().saturating_sub(1) };
            Turn { text: self.line.text().to_owned(), offered, at }
        };
        let Some(candidate) = turn.offered.candidates.get(turn.at) else { return };
        let part = |range: Range<usize>| turn.text.get(range).unwrap_or_default();
        let Range { start, end } = turn.offered.span;
        let before = format!("{}{candidate}", part(0..start));
        let whole = format!("{before}{}", part(end..turn.text.len()));
        self.line = Line::at(&whole, before.chars().count());
        self.turn = Some(turn);
    }
}

/// Draws the line over the message line, candidates above it, and under it what is wrong.
pub fn draw(app: &App, open: &FilterLine, places: &Layout, buf: &mut Buffer) {
    let theme = app.look.theme;
    blank(places.notice, buf);
    put(buf, usize::from(places.notice.x), places.notice.y, " /", theme.strong.patch(theme.focus));
    let x = places.notice.x.saturating_add(2);
    let room = Rect { x, width: places.notice.width.saturating_sub(3), ..places.notice };
    open.line.draw(app, room, buf);
    let (offered, at) = match &open.turn {
        Some(turn) => (turn.offered.clone(), Some(turn.at)),
        None => (open.offered(app), None),
    };
    // A word that may still become one of those offered is no mistake before Enter was refused.
    let may_become = |error: &QueryError| error.span.end == open.cursor() && !offered.candidates.is_empty();
    if let Some(error) = open.error.as_ref().filter(|error| app.notice.is_some() || !may_become(error)) {
        blank(places.footer, buf);
        draw_error(app, open, error, Rect { x, width: room.width, ..places.footer }, buf);
    }
    if !offered.candidates.is_empty() && places.body.height > 2 {
        let line = Rect { y: places.notice.y.saturating_sub(1), height: 1, ..places.notice };
        blank(line, buf);
        draw_candidates(app, &offered.candidates, at, line, buf);
    }
}

fn blank(area: Rect, buf: &mut Buffer) {
    let area = area.intersection(buf.area);
    for position in area.positions() {
        if let Some(cell) = buf.cell_mut(position) {
            cell.reset();
        }
    }
}

fn draw_error(app: &App, open: &FilterLine, error: &QueryError, area: Rect, buf: &mut Buffer) {
    let theme = app.look.theme;
    let width = usize::from(area.width);
    let column = |at: usize| open.line.column_of(at, width);
    let start = column(error.span.start).min(width.saturating_sub(1));
    let marks = column(error.span.end).saturating_sub(start).clamp(1, width.saturating_sub(start).max(1));
    let text = escape::line(&error.text);
    let left = usize::from(area.x);
    put(buf, left + start, area.y, &"^".repeat(marks), theme.bad);
    let after = start + marks + 1;
    let needs = fit::width(&text);
    if after + needs <= width || width.saturating_sub(after) >= start.saturating_sub(1) {
        put(buf, left + after, area.y, &fit::cut_end(&text, width.saturating_sub(after)), theme.bad);
    } else {
        put(buf, left, area.y, &fit::cut_end(&text, start.saturating_sub(1)), theme.bad);
    }
}

fn draw_candidates(app: &App, candidates: &[String], at: Option<usize>, line: Rect, buf: &mut Buffer) {
    let theme = app.look.theme;
    let mut x = usize::from(line.x) + 2;
    let end = usize::from(line.right());
    // The one that stands there is always in sight.
    let first = at.map_or(0, |at| {
        let mut room = end.saturating_sub(x + 4);
        let fitting = candidates.iter().take(at + 1).rev().take_while(|one| {
            let wide = fit::width(&escape::line(one)) + 2;
            let fits = wide <= room;
            room = room.saturating_sub(wide);
            fits
        });
        (at + 1).saturating_sub(fitting.count().max(1))
    });
    for (number, one) in candidates.iter().enumerate().skip(first) {
        let text = escape::line(one);
        let wide = fit::width(&text);
        if x + wide + 2 > end {
            put(buf, x, line.y, "…", theme.faint);
            return;
        }
        put(buf, x, line.y, &text, if at == Some(number) { theme.selected } else { theme.focus });
        x += wide + 2;
    }
}
