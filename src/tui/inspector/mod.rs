//! The inspector: everything that is known of one delivery, event or endpoint, in tabs.

mod body;
mod summary;
mod tabs;

use ratatui::buffer::Buffer;
use ratatui::layout::Rect;

use crate::journal::{DeliveryDetail, DeliveryRow, EventDetail};
use crate::present::{escape, fit};

use super::app::App;
use super::feed::{Found, Question};
use super::panes;
use super::rows::Row;
use super::table::put;
use super::theme::Tone;

/// A tab.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
#[expect(missing_docs, reason = "named after what they show")]
pub enum Tab {
    Summary,
    Request,
    Response,
    Attempts,
    Event,
}

/// What is inspected: fixed when it opens.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Target {
    /// A delivery, by id.
    Delivery(String),
    /// An event, by id.
    Event(String),
    /// An endpoint, by id.
    Endpoint(String),
}

/// What the journal has of it.
#[derive(Debug, Clone)]
enum Detail {
    /// The answer has not come.
    Awaited,
    /// Retention has taken it.
    Gone,
    /// It could not be read.
    Failed(String),
    Delivery(Box<DeliveryDetail>),
    Event(Box<EventDetail>),
}

/// The inspector.
#[derive(Debug, Clone)]
pub struct Inspector {
    /// What is inspected.
    pub target: Target,
    /// The open tab.
    pub tab: Tab,
    /// Scrolled down by so many lines.
    pub scroll: usize,
    detail: Detail,
}

/// A line of a tab: pieces of text, each with what its colour says. Already escaped.
type Line = Vec<(String, Tone)>;

impl Tab {
    /// Its title.
    #[must_use]
    pub const fn title(self) -> &'static str {
        match self {
            Self::Summary => "Summary",
            Self::Request => "Request",
            Self::Response => "Response",
            Self::Attempts => "Attempts",
            Self::Event => "Event",
        }
    }

    /// The next of these tabs, round and round.
    #[must_use]
    pub fn beside(tabs: &[Self], tab: Self, forward: bool) -> Self {
        let at = tabs.iter().position(|one| *one == tab).unwrap_or(0);
        let at = if forward { at + 1 } else { at + tabs.len().max(1) - 1 };
        tabs.get(at % tabs.len().max(1)).copied().unwrap_or(tab)
    }
}

impl Inspector {
    /// For a row of a list, if there is more to know of it.
    #[must_use]
    pub fn of(row: &Row) -> Option<Self> {
        let target = match row {
            Row::Delivery(_) | Row::Dead(_) | Row::Attempt(_) => Target::Delivery(row.delivery_id()?.to_owned()),
            Row::Event(row) => Target::Event(row.id.clone()),
            Row::Endpoint(row) => Target::Endpoint(row.id.clone()),
            Row::Log(_) => return None,
        };
        Some(Self { target, tab: Tab::Summary, scroll: 0, detail: Detail::Awaited })
    }

    /// What the journal must be asked for.
    #[must_use]
    pub fn question(&self) -> Option<Question> {
        match &self.target {
            Target::Delivery(id) => Some(Question::Delivery(id.clone())),
            Target::Event(id) => Some(Question::Event(id.clone())),
            Target::Endpoint(_) => None,
        }
    }

    /// The answer has come.
    pub fn take(&mut self, found: Result<Found, String>) {
        self.detail = match found {
            Ok(Found::Delivery(Some(detail))) => Detail::Delivery(detail),
            Ok(Found::Event(Some(detail))) => Detail::Event(detail),
            Ok(Found::Delivery(None) | Found::Event(None)) => Detail::Gone,
            Ok(_) => return,
            Err(error) => Detail::Failed(error),
        };
    }

    /// The delivery that keys act on.
    #[must_use]
    pub fn delivery_row(&self) -> Option<&DeliveryRow> {
        match &self.detail {
            Detail::Delivery(detail) => Some(&detail.row),
            _ => None,
        }
    }

    /// Its tabs.
    #[must_use]
    pub const fn tabs(&self) -> &'static [Tab] {
        match self.target {
            Target::Delivery(_) => &[Tab::Summary, Tab::Request, Tab::Response, Tab::Attempts, Tab::Event],
            Target::Event(_) => &[Tab::Summary, Tab::Event],
            Target::Endpoint(_) => &[Tab::Summary],
        }
    }

    fn title(&self) -> String {
        match &self.target {
            Target::Delivery(id) => format!("Delivery {}", escape::line(id)),
            Target::Event(id) => format!("Event {}", escape::line(id)),
            Target::Endpoint(id) => format!("Endpoint {}", escape::line(id)),
        }
    }
}

fn lines(app: &App, inspector: &Inspector, width: usize) -> Vec<Line> {
    let words = |text: &str| vec![vec![(escape::line(text).into_owned(), Tone::Faint)]];
    match (&inspector.detail, &inspector.target, inspector.tab) {
        (_, Target::Endpoint(id), _) => summary::endpoint(app, id),
        (Detail::Awaited, ..) => Vec::new(),
        (Detail::Gone, ..) => words("The journal no longer has it: retention has taken it."),
        (Detail::Failed(error), ..) => words(error),
        (Detail::Delivery(detail), _, Tab::Summary) => summary::delivery(app, detail, width),
        (Detail::Delivery(detail), _, Tab::Request) => tabs::request(app, detail, width),
        (Detail::Delivery(detail), _, Tab::Response) => tabs::response(app, detail, width),
        (Detail::Delivery(detail), _, Tab::Attempts) => tabs::attempts(app, detail, width),
        (Detail::Delivery(detail), _, Tab::Event) => tabs::event(app, &detail.event, detail.origin.as_deref(), width),
        (Detail::Event(detail), _, Tab::Event) => tabs::event(app, &detail.event, detail.row.origin.as_deref(), width),
        (Detail::Event(detail), ..) => summary::event(app, detail),
    }
}

/// So far down the open tab can be scrolled.
#[must_use]
pub fn most_scroll(app: &App) -> usize {
    let inner = panes::inside(app.layout().body);
    let width = usize::from(inner.width).saturating_sub(2);
    let all = app.inspector.as_ref().map_or(0, |inspector| lines(app, inspector, width).len());
    all.saturating_sub(usize::from(inner.height))
}

/// Where the tabs stand.
#[must_use]
pub fn tab_places(inspector: &Inspector, area: Rect) -> Vec<(Tab, Rect)> {
    let mut right = area.right().saturating_sub(3);
    let mut places = Vec::new();
    for tab in inspector.tabs().iter().rev() {
        let width = u16::try_from(tab.title().len() + 2).unwrap_or(u16::MAX);
        right = right.saturating_sub(width).max(area.x);
        places.push((*tab, Rect { x: right, width, height: 1, ..area }));
    }
    places.reverse();
    places
}

/// Draws it.
pub fn draw(app: &App, inspector: &Inspector, area: Rect, buf: &mut Buffer) {
    let theme = app.look.theme;
    let tabs = tab_places(inspector, area);
    let first = tabs.first().map_or(area.right(), |(_, place)| place.x);
    let room = usize::from(first.saturating_sub(area.x)).saturating_sub(7);
    panes::frame(app, &fit::cut_middle(&inspector.title(), room), "", true, area, buf);
    for (tab, place) in tabs {
        let style = if tab == inspector.tab { theme.selected.patch(theme.focus) } else { theme.plain };
        put(buf, usize::from(place.x), place.y, &format!(" {} ", tab.title()), style);
    }
    let inner = panes::inside(area);
    let width = usize::from(inner.width).saturating_sub(2);
    let all = lines(app, inspector, width);
    for (y, line) in (inner.y..inner.bottom()).zip(all.iter().skip(inspector.scroll)) {
        let mut x = usize::from(inner.x) + 1;
        for (text, tone) in line {
            let room = usize::from(inner.right()).saturating_sub(x + 1);
            let text = fit::cut_end(text, room);
            put(buf, x, y, &text, theme.style(*tone));
            x += fit::width(&text);
        }
    }
}
