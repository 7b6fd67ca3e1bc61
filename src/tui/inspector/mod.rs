//! The inspector: everything that is known of one delivery, event, endpoint or log line, in tabs.
//!
//! A tab is a [`page::Page`], laid out when what it shows changes ([`lay_out`], at the end of each update). The Summary
//! tells ages and countdowns and is short: it is made anew for each frame.

mod attempts;
mod draw;
mod json;
pub mod page;
mod search;
mod summary;
mod tabs;

use std::sync::Arc;

use crate::journal::{AttemptDetail, DeliveryDetail, DeliveryRow, EndpointRow, EventDetail, LogRow};
use crate::present::clock::Times;
use crate::present::escape;

use super::app::App;
use super::feed::{Found, Question};
use super::panes;
use super::rows::Row;
use super::theme::Tone;

pub use draw::{draw, tab_places};
pub use search::Search;

use page::Page;

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
    /// A log line: it is all there is of it.
    Log(Box<LogRow>),
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
    /// Scrolled down by so many rows.
    pub scroll: usize,
    /// The number of the attempt that Request and Response show; none: the newest.
    pub attempt: Option<u32>,
    /// Bodies as they are, JSON not laid out.
    pub raw: bool,
    /// Of an event: which of its deliveries Enter opens.
    pub pick: usize,
    /// Words that are looked for.
    pub search: Option<Search>,
    /// What was inspected before; Esc goes back to it.
    pub behind: Option<Box<Self>>,
    detail: Detail,
    /// Counts what the journal has said that was new.
    version: u64,
    page: Option<(Key, Arc<Page>)>,
}

/// For a page that is wrapped elsewhere.
pub const WIDE: usize = 100;

/// A line of a tab: pieces of text, each with what its colour says. Already escaped.
type Line = Vec<(String, Tone)>;

/// All that a page depends on.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
struct Key {
    tab: Tab,
    attempt: Option<u32>,
    raw: bool,
    width: usize,
    times: Times,
    version: u64,
    /// Which reading of the file: Request shows what would be sent by it.
    config: usize,
}

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

impl Target {
    /// Of a row of a list, if there is more to know of it.
    #[must_use]
    pub fn of(row: &Row) -> Option<Self> {
        match row {
            Row::Delivery(_) | Row::Dead(_) | Row::Attempt(_) => Some(Self::Delivery(row.delivery_id()?.to_owned())),
            Row::Event(row) => Some(Self::Event(row.id.clone())),
            Row::Endpoint(row) => Some(Self::Endpoint(row.id.clone())),
            Row::Log(row) => Some(Self::Log(row.clone())),
            Row::Group(_) => None,
        }
    }

    /// What the journal must be asked for to know all of it.
    #[must_use]
    pub fn question(&self) -> Option<Question> {
        match self {
            Self::Delivery(id) => Some(Question::Delivery(id.clone())),
            Self::Event(id) => Some(Question::Event(id.clone())),
            Self::Endpoint(_) | Self::Log(_) => None,
        }
    }
}

impl Inspector {
    /// Of this, at its first tab.
    #[must_use]
    pub const fn new(target: Target) -> Self {
        Self {
            target,
            tab: Tab::Summary,
            scroll: 0,
            attempt: None,
            raw: false,
            pick: 0,
            search: None,
            behind: None,
            detail: Detail::Awaited,
            version: 0,
            page: None,
        }
    }

    /// For a row of a list, if there is more to know of it. An attempt is the one that is shown.
    #[must_use]
    pub fn of(row: &Row) -> Option<Self> {
        let attempt = if let Row::Attempt(row) = row { Some(row.number) } else { None };
        Some(Self { attempt, ..Self::new(Target::of(row)?) })
    }

    /// What the journal must be asked for.
    #[must_use]
    pub fn question(&self) -> Option<Question> {
        self.target.question()
    }

    /// The answer has come.
    pub fn take(&mut self, found: Result<Found, String>) {
        let detail = match found {
            Ok(Found::Delivery(Some(detail))) => Detail::Delivery(detail),
            Ok(Found::Event(Some(detail))) => Detail::Event(detail),
            Ok(Found::Delivery(None) | Found::Event(None)) => Detail::Gone,
            Ok(_) => return,
            Err(error) => Detail::Failed(error),
        };
        if !detail.is_like(&self.detail) {
            self.version += 1;
            self.detail = detail;
        }
    }

    /// The delivery, with everything.
    #[must_use]
    pub fn delivery(&self) -> Option<&DeliveryDetail> {
        match &self.detail {
            Detail::Delivery(detail) => Some(detail),
            _ => None,
        }
    }

    /// The event, with its deliveries.
    #[must_use]
    pub fn event(&self) -> Option<&EventDetail> {
        match &self.detail {
            Detail::Event(detail) => Some(detail),
            _ => None,
        }
    }

    /// The delivery that it is to show has been asked for and has not come.
    #[must_use]
    pub const fn is_awaited(&self) -> bool {
        matches!((&self.target, &self.detail), (Target::Delivery(_), Detail::Awaited))
    }

    /// The delivery that keys act on.
    #[must_use]
    pub fn delivery_row(&self) -> Option<&DeliveryRow> {
        self.delivery().map(|detail| &detail.row)
    }

    /// The endpoint that keys act on: the inspected one, or that of the delivery.
    #[must_use]
    pub fn endpoint<'a>(&self, app: &'a App) -> Option<&'a EndpointRow> {
        let endpoints = &app.figures.as_ref()?.endpoints;
        match &self.target {
            Target::Endpoint(id) => endpoints.iter().find(|one| one.id == *id),
            Target::Log(row) => endpoints.iter().find(|one| Some(&one.name) == row.endpoint.as_ref()),
            _ => app.endpoint(self.delivery_row()?.endpoint_key),
        }
    }

    /// The attempt that Request and Response show.
    #[must_use]
    pub fn attempt(&self) -> Option<&AttemptDetail> {
        let attempts = &self.delivery()?.attempts;
        let chosen = self.attempt.and_then(|number| attempts.iter().find(|one| one.row.number == number));
        chosen.or_else(|| attempts.last())
    }

    /// Its tabs.
    #[must_use]
    pub const fn tabs(&self) -> &'static [Tab] {
        match self.target {
            Target::Delivery(_) => &[Tab::Summary, Tab::Request, Tab::Response, Tab::Attempts, Tab::Event],
            Target::Event(_) => &[Tab::Summary, Tab::Event],
            Target::Endpoint(_) | Target::Log(_) => &[Tab::Summary],
        }
    }

    fn title(&self) -> String {
        match &self.target {
            Target::Delivery(id) => format!("Delivery {}", escape::line(id)),
            Target::Event(id) => format!("Event {}", escape::line(id)),
            Target::Endpoint(id) => format!("Endpoint {}", escape::line(id)),
            Target::Log(_) => "Log".to_owned(),
        }
    }
}

impl Detail {
    /// It shows the same. An event never changes but when size pressure takes its body, and its row with it.
    fn is_like(&self, other: &Self) -> bool {
        match (self, other) {
            (Self::Delivery(one), Self::Delivery(other)) => {
                one.row == other.row && one.attempts == other.attempts && one.event.message == other.event.message
            }
            (Self::Event(one), Self::Event(other)) => one.row == other.row && one.deliveries == other.deliveries,
            (Self::Awaited, Self::Awaited) | (Self::Gone, Self::Gone) => true,
            (Self::Failed(one), Self::Failed(other)) => one == other,
            _ => false,
        }
    }
}

fn build(app: &App, inspector: &Inspector, width: usize) -> Page {
    let mut page = Page::new(width);
    let mut words = |text: &str| page.push(vec![(escape::line(text).into_owned(), Tone::Faint)]);
    match (&inspector.detail, &inspector.target, inspector.tab) {
        (_, Target::Endpoint(id), _) => page.extend(summary::endpoint(app, id, width)),
        (_, Target::Log(row), _) => page.extend(summary::log(app, row, width)),
        (Detail::Awaited, ..) => {}
        (Detail::Gone, ..) => words("The journal no longer has it: retention has taken it."),
        (Detail::Failed(error), ..) => words(error),
        (Detail::Delivery(detail), _, Tab::Summary) => page.extend(summary::delivery(app, inspector, detail, width)),
        (Detail::Delivery(detail), _, Tab::Request) => tabs::request(app, inspector, detail, &mut page),
        (Detail::Delivery(detail), _, Tab::Response) => tabs::response(app, inspector, detail, &mut page),
        (Detail::Delivery(detail), _, Tab::Attempts) => page.extend(attempts::all(app, inspector, detail, width)),
        (Detail::Delivery(detail), _, Tab::Event) => {
            tabs::event(&detail.event, detail.origin.as_deref(), inspector.raw, &mut page);
        }
        (Detail::Event(detail), _, Tab::Event) => {
            tabs::event(&detail.event, detail.row.origin.as_deref(), inspector.raw, &mut page);
        }
        (Detail::Event(detail), ..) => page.extend(summary::event(app, detail, inspector.pick, width)),
    }
    page
}

/// Cells of a row, and rows on the screen.
fn room(app: &App) -> (usize, usize) {
    let inner = panes::inside(app.layout().body);
    (usize::from(inner.width).saturating_sub(2), usize::from(inner.height))
}

fn key(app: &App, inspector: &Inspector, width: usize) -> Key {
    Key {
        tab: inspector.tab,
        attempt: inspector.attempt,
        raw: inspector.raw,
        width,
        times: app.times,
        version: inspector.version,
        config: app.config().map_or(0, |config| Arc::as_ptr(config).addr()),
    }
}

/// The open tab: as it was laid out, or anew where that is stale.
#[must_use]
pub fn page(app: &App, inspector: &Inspector, width: usize) -> Arc<Page> {
    let wanted = key(app, inspector, width);
    match &inspector.page {
        Some((known, page)) if *known == wanted && inspector.tab != Tab::Summary => Arc::clone(page),
        _ => Arc::new(build(app, inspector, width)),
    }
}

/// Lays the open tab out where that is stale, and looks for the words of the search in it.
pub fn lay_out(app: &mut App) {
    let (width, height) = room(app);
    let Some(inspector) = &app.inspector else { return };
    let key = key(app, inspector, width);
    let is_stale = inspector.page.as_ref().is_none_or(|(known, _)| *known != key) || inspector.tab == Tab::Summary;
    let page = page(app, inspector, width);
    if let Some(inspector) = &mut app.inspector {
        if let Some(search) = &mut inspector.search {
            search.look(&page, is_stale);
        }
        // While the journal is asked, what was scrolled to stays where it was.
        let is_awaited = matches!(inspector.detail, Detail::Awaited) && inspector.question().is_some();
        if !is_awaited {
            inspector.scroll = inspector.scroll.min(page.height().saturating_sub(height));
        }
        inspector.page = Some((key, page));
    }
}

/// Scrolls so that the row of this place in the open tab's text is on the screen.
pub fn reveal(app: &mut App, place: usize) {
    let (_, height) = room(app);
    let Some(inspector) = &mut app.inspector else { return };
    let Some((_, page)) = &inspector.page else { return };
    let row = page.row_of(place);
    if row < inspector.scroll || row >= inspector.scroll + height {
        inspector.scroll = row.saturating_sub(height / 3).min(page.height().saturating_sub(height));
    }
}

/// Rows on the screen.
#[must_use]
pub fn height(app: &App) -> usize {
    room(app).1
}

/// So far down the open tab can be scrolled.
#[must_use]
pub fn most_scroll(app: &App) -> usize {
    let (width, height) = room(app);
    app.inspector.as_ref().map_or(0, |inspector| page(app, inspector, width).height().saturating_sub(height))
}
