//! The model: all that the screen shows, and nothing that can be derived from it.

use std::collections::BTreeMap;
use std::path::PathBuf;
use std::sync::Arc;

use jiff::tz::TimeZone;
use ratatui::layout::{Rect, Size};

use crate::config::{Config, Endpoint, Personal};
use crate::engine::{Role, Status};
use crate::event::{Millis, Query};
use crate::journal::{Actor, DeliveryRow, EndpointRow, Overview, Progress};
use crate::present::alarm::Steady;
use crate::present::clock::Times;
use crate::present::figures;
use crate::present::glyphs::{self, Glyphs};
use crate::present::next::Keys;
use crate::present::pulse::Pulse;
use crate::present::summary::{Health, Summary};

use super::bell::Bell;
use super::depth::Depth;
use super::dialog::Dialog;
use super::effects::Outcome;
use super::feed::Subject;
use super::finding::{FilterLine, Find};
use super::glyph::{self, Lines};
use super::help::Help;
use super::inspector::Inspector;
use super::keymap::{self, Keymap};
use super::keys::Context;
use super::layout::{self, Layout};
use super::marks::Marks;
use super::palette::{Palette, Past};
use super::panes::{self, PaneId};
use super::rows::Row;
use super::theme::{Colours, Theme, Themes};
use super::update::groups::Groups;
use super::update::hand;
use super::window::Window;

/// How things look: chosen by the terminal and the person.
#[derive(Debug, Clone)]
pub struct Look {
    /// Colours: the theme that is worn, as this terminal can show it.
    pub theme: Theme,
    /// Those to choose from.
    pub themes: Themes,
    /// Marks before words.
    pub glyphs: &'static Glyphs,
    /// Borders and bars.
    pub lines: &'static Lines,
    /// The person's time zone.
    pub zone: TimeZone,
}

impl Look {
    /// With characters beyond ASCII or without.
    #[must_use]
    pub fn new(themes: Themes, utf8: bool, zone: TimeZone) -> Self {
        Self {
            theme: themes.theme(),
            themes,
            glyphs: if utf8 { &glyphs::UNICODE } else { &glyphs::ASCII },
            lines: if utf8 { &glyph::DRAWN } else { &glyph::PLAIN },
            zone,
        }
    }

    /// The first theme in all its colours, with every glyph: what tests and pictures are made with.
    #[must_use]
    pub fn full(zone: TimeZone) -> Self {
        Self::new(Themes::built_in(Colours::True), true, zone)
    }

    /// Changes the theme, by one of [`Themes`]' ways to choose.
    pub fn wear<T>(&mut self, choose: impl FnOnce(&mut Themes) -> T) -> T {
        let chosen = choose(&mut self.themes);
        self.theme = self.themes.theme();
        chosen
    }
}

/// The project that the console works in.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Ground {
    /// For the header.
    pub name: String,
    /// Where it is.
    pub root: PathBuf,
    /// The name of its file.
    pub file: String,
}

/// A question on its way.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Pending {
    /// Of the newest question.
    pub generation: u64,
    /// Its answer has not come.
    pub outstanding: bool,
    /// Ask again when it has: something changed meanwhile.
    pub again: bool,
}

/// A pane with rows.
#[derive(Debug, Clone)]
pub struct ListState {
    /// Its rows.
    pub window: Window<Row>,
    /// Which rows it shows.
    pub query: Query,
    /// How they are found.
    pub find: Find,
    /// Rows that keys act on instead of the selected one.
    pub marks: Marks,
    /// Stands still, whatever happens in the journal.
    pub frozen: bool,
    /// Why its rows could not be read.
    pub error: Option<String>,
}

/// A question or page over everything else.
#[derive(Debug, Clone)]
pub enum Modal {
    /// All keys.
    Help(Help),
    /// Every action.
    Palette(Palette),
    /// A question.
    Dialog(Dialog),
    /// What of it shall be copied.
    Copy(hand::Item),
}

/// An act on many that goes on.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Running {
    /// What it does, in a word.
    pub what: &'static str,
    /// How far it has come.
    pub progress: Progress,
    /// It takes long enough to be shown from the start.
    pub slow: bool,
}

/// The console is on its way out.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Leaving {
    /// Not.
    No,
    /// The engine drains.
    Draining,
}

/// The model.
#[derive(Debug, Clone)]
pub struct App {
    /// The time of the newest message.
    pub now: Millis,
    /// Of the terminal.
    pub size: Size,
    /// See [`Look`].
    pub look: Look,
    /// What the person likes, and what is wrong with how it is said.
    pub taste: Arc<Personal>,
    /// The person has been told what is wrong with it.
    pub taste_told: bool,
    /// Which key does what.
    pub keys: Arc<Keymap>,
    /// Those that sentences name.
    pub named: Arc<Keys>,
    /// What was done from the palette.
    pub past: Past,
    /// None: there is no file yet, and the console invites.
    pub ground: Option<Ground>,
    /// Where a starter file would be written.
    pub here: PathBuf,
    /// Who sits here.
    pub actor: Actor,
    /// What the engine does.
    pub engine: Option<Arc<Status>>,
    /// The newest figures.
    pub figures: Option<Overview>,
    /// Why there are none.
    pub trouble: Option<String>,
    /// What is wrong, if anything is: the banner.
    pub alarm: Steady,
    /// Shares and percentiles, as they were when the figures came.
    pub summary: Summary,
    /// Rates of the last seconds.
    pub pulse: Pulse,
    /// The queue of the last minute.
    pub depth: Depth,
    /// Dead letters in groups.
    pub groups: Groups,
    /// The panes with rows.
    pub lists: BTreeMap<PaneId, ListState>,
    /// Deliveries shows attempts instead.
    pub attempts: bool,
    /// Has the focus.
    pub focus: PaneId,
    /// The focused pane has the screen to itself.
    pub zoomed: bool,
    /// The filter line, where one is open.
    pub filter: Option<FilterLine>,
    /// An act on many that goes on.
    pub course: Option<Running>,
    /// Over everything else.
    pub modal: Option<Modal>,
    /// Over the panes.
    pub inspector: Option<Inspector>,
    /// What becomes of the thing that the journal was asked for.
    pub want: Option<hand::Want>,
    /// The message line, until then.
    pub notice: Option<(Outcome, Millis)>,
    /// What has been heard of so far.
    pub bell: Bell,
    /// How times are shown.
    pub times: Times,
    /// Questions on their way.
    pub pending: BTreeMap<Subject, Pending>,
    /// See [`Leaving`].
    pub leaving: Leaving,
}

impl App {
    /// A console that has seen nothing yet.
    #[must_use]
    pub fn new(look: Look, ground: Option<Ground>, here: PathBuf, actor: Actor, size: Size, now: Millis) -> Self {
        let lists = panes::ALL
            .iter()
            .filter(|pane| pane.is_list)
            .map(|pane| {
                let window = Window::new(true);
                (
                    pane.id,
                    ListState {
                        window,
                        query: Query::default(),
                        find: Find::default(),
                        marks: Marks::default(),
                        frozen: false,
                        error: None,
                    },
                )
            })
            .collect();
        Self {
            now,
            size,
            look,
            taste: Arc::default(),
            taste_told: false,
            keys: Arc::default(),
            named: Arc::new(Keymap::default().named()),
            past: Past::default(),
            ground,
            here,
            actor,
            engine: None,
            figures: None,
            trouble: None,
            alarm: Steady::default(),
            summary: Summary::default(),
            pulse: Pulse::default(),
            depth: Depth::default(),
            lists,
            attempts: false,
            groups: Groups::default(),
            focus: PaneId::Deliveries,
            zoomed: false,
            filter: None,
            course: None,
            modal: None,
            inspector: None,
            want: None,
            notice: None,
            bell: Bell::default(),
            times: Times::default(),
            pending: BTreeMap::new(),
            leaving: Leaving::No,
        }
    }

    /// A console to this taste. How it looks is settled before, in [`Look`].
    #[must_use]
    pub fn with_taste(mut self, mut taste: Personal) -> Self {
        self.keys = Arc::new(keymap::settle(&mut taste));
        self.named = Arc::new(self.keys.named());
        self.taste = Arc::new(taste);
        self
    }

    /// The key of an action, for a sentence that tells to press it.
    #[must_use]
    pub fn key(&self, context: Context, action: &str) -> String {
        self.keys.told(context, action)
    }

    /// Where everything goes.
    #[must_use]
    pub fn layout(&self) -> Layout {
        layout::of(self)
    }

    /// Rows that the pane shows at this size.
    #[must_use]
    pub fn height_of(&self, pane: PaneId) -> usize {
        let area = self.layout().panes.iter().find(|(id, _)| *id == pane).map_or(Rect::ZERO, |(_, area)| *area);
        pane.pane().rows_in(area)
    }

    /// The focused pane, if it has rows.
    #[must_use]
    pub fn list(&self) -> Option<&ListState> {
        self.lists.get(&self.focus)
    }

    /// As [`App::list`].
    pub fn list_mut(&mut self) -> Option<&mut ListState> {
        self.lists.get_mut(&self.focus)
    }

    /// The row that keys act on.
    #[must_use]
    pub fn selected(&self) -> Option<&Row> {
        self.list().and_then(|list| list.window.selected())
    }

    /// The delivery that keys act on: the inspected one, else the selected one.
    #[must_use]
    pub fn delivery(&self) -> Option<&DeliveryRow> {
        if let Some(inspector) = &self.inspector {
            return inspector.delivery_row();
        }
        match self.selected()? {
            Row::Delivery(row) | Row::Dead(row) => Some(row),
            _ => None,
        }
    }

    /// The endpoint of this journal key.
    #[must_use]
    pub fn endpoint(&self, key: i64) -> Option<&EndpointRow> {
        self.figures.as_ref()?.endpoints.iter().find(|endpoint| endpoint.key == key)
    }

    /// The file in force.
    #[must_use]
    pub fn config(&self) -> Option<&Arc<Config>> {
        self.engine.as_ref()?.file.config.as_ref()
    }

    /// The endpoint of this id in the file in force.
    #[must_use]
    pub fn configured(&self, id: &str) -> Option<&Endpoint> {
        self.config()?.endpoints.iter().find(|endpoint| endpoint.route.endpoint == id)
    }

    /// This process delivers.
    #[must_use]
    pub fn dispatches(&self) -> bool {
        self.engine.as_ref().is_some_and(|status| matches!(status.role, Role::Dispatching { .. }))
    }

    /// Waiting deliveries: queued and scheduled.
    #[must_use]
    pub const fn waiting(&self) -> u64 {
        self.summary.queued + self.summary.scheduled
    }

    /// How the attempts of an endpoint went lately.
    #[must_use]
    pub fn health(&self, key: i64) -> Health {
        self.place(key).and_then(|at| self.summary.endpoints.get(at)).copied().unwrap_or_default()
    }

    /// Good and all attempts of an endpoint in each of the last minutes, oldest first.
    #[must_use]
    pub fn minutes(&self, key: i64) -> &[(u64, u64)] {
        self.place(key).and_then(|at| self.summary.by_minute.get(at)).map(Vec::as_slice).unwrap_or_default()
    }

    fn place(&self, key: i64) -> Option<usize> {
        self.figures.as_ref()?.endpoints.iter().position(|one| one.key == key)
    }

    /// Deliveries that came in and got through, per second over the last ten, in words.
    #[must_use]
    pub fn rates(&self) -> (String, String) {
        let rates = self.pulse.rates(self.now);
        (figures::known(rates, |(came, _)| figures::rate(came)), figures::known(rates, |(_, went)| figures::rate(went)))
    }

    /// Rates or sparklines have something that moves out of them as time goes.
    #[must_use]
    pub fn is_lively(&self) -> bool {
        let (came, went) = self.pulse.series(1, 64, self.now);
        let beats = came.iter().chain(&went).any(|count| *count > 0);
        beats || self.depth.has_moved(self.now)
    }

    /// Puts words on the message line.
    pub fn say(&mut self, good: bool, text: impl Into<String>) {
        self.notice =
            Some((Outcome { good, text: text.into(), undo: false }, self.now.saturating_add(super::effects::NOTICE)));
    }
}
