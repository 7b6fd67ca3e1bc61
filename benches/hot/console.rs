//! Frames of 200x50 over a journal of 100,000 deliveries: the model is filled by the console's own feed.

use std::path::PathBuf;

use crossterm::event::{KeyCode, KeyEvent, KeyModifiers};
use divan::Bencher;
use hooktui::journal::Actor;
use hooktui::tui::app::{App, Ground, Look};
use hooktui::tui::effects::Effect;
use hooktui::tui::feed::Feed;
use hooktui::tui::msg::Msg;
use hooktui::tui::panes::{self, PaneId};
use hooktui::tui::update::update;
use hooktui::tui::{inspector::Tab, view};
use jiff::tz::TimeZone;
use ratatui::Terminal;
use ratatui::backend::CrosstermBackend;
use ratatui::buffer::Buffer;
use ratatui::layout::{Rect, Size};
use ratatui::{TerminalOptions, Viewport};

use crate::filled::{ENDED, NOW};

const SIZE: Size = Size { width: 200, height: 50 };
const AREA: Rect = Rect { x: 0, y: 0, width: SIZE.width, height: SIZE.height };

/// A console that has its answers.
struct Stage {
    app: App,
    feed: Feed,
    answers: tokio::sync::mpsc::UnboundedReceiver<Msg>,
}

impl Stage {
    fn set(pane: PaneId) -> Self {
        let look = Look::full(TimeZone::UTC);
        let root = PathBuf::from("/home/amy/acme-api");
        let ground = Ground { name: "acme-api".to_owned(), root: root.clone(), file: ".ntm.yaml".to_owned() };
        let app = App::new(look, Some(ground), root, Actor("amy@host".to_owned()), SIZE, NOW + 4_000);
        let (inbox, answers) = tokio::sync::mpsc::unbounded_channel();
        let feed = Feed::start(ENDED.journal.reader().unwrap(), inbox).unwrap();
        let mut stage = Self { app, feed, answers };
        stage.tell(Msg::Changed);
        stage.press(char::from_digit(u32::try_from(pane.number()).unwrap(), 10).map_or(KeyCode::Null, KeyCode::Char));
        stage
    }

    fn press(&mut self, key: KeyCode) {
        self.tell(Msg::Key(KeyEvent::new(key, KeyModifiers::NONE)));
    }

    /// Tells the model something, and everything it asks for then.
    fn tell(&mut self, msg: Msg) {
        let mut outstanding = self.perform(msg);
        while outstanding > 0 {
            let msg = self.answers.blocking_recv().unwrap();
            let answered = usize::from(matches!(msg, Msg::Answer(_)));
            outstanding = outstanding + self.perform(msg) - answered;
        }
    }

    fn perform(&mut self, msg: Msg) -> usize {
        let asks = update(&mut self.app, msg).into_iter().filter_map(|effect| match effect {
            Effect::Ask(ask) => Some(ask),
            _ => None,
        });
        asks.map(|ask| self.feed.ask(ask)).count()
    }

    /// As the loop does it: a buffer of its own, drawn anew.
    fn frame(&self) -> Buffer {
        let mut buffer = Buffer::empty(AREA);
        view::render(&self.app, &mut buffer);
        buffer
    }
}

/// Each pane with the screen to itself.
#[divan::bench(args = panes::ALL.iter().map(|pane| pane.id))]
fn zoomed(bencher: Bencher<'_, '_>, pane: PaneId) {
    let mut stage = Stage::set(pane);
    stage.press(KeyCode::Char('z'));
    bencher.bench_local(|| stage.frame());
}

/// The whole screen, by the pane that has the focus.
#[divan::bench(args = [PaneId::Deliveries, PaneId::Events, PaneId::Log])]
fn tiled(bencher: Bencher<'_, '_>, focus: PaneId) {
    let stage = Stage::set(focus);
    bencher.bench_local(|| stage.frame());
}

/// The inspector on a dead letter.
#[divan::bench(args = [Tab::Summary, Tab::Request, Tab::Response, Tab::Attempts, Tab::Event])]
fn inspector(bencher: Bencher<'_, '_>, tab: Tab) {
    let mut stage = Stage::set(PaneId::Dead);
    stage.press(KeyCode::Enter);
    if let Some(inspector) = &mut stage.app.inspector {
        inspector.tab = tab;
    }
    bencher.bench_local(|| stage.frame());
}

/// All keys, over the whole screen.
#[divan::bench]
fn help(bencher: Bencher<'_, '_>) {
    let mut stage = Stage::set(PaneId::Deliveries);
    stage.press(KeyCode::Char('?'));
    bencher.bench_local(|| stage.frame());
}

/// From the model to the terminal's bytes, every cell of them: the dearest frame there is.
#[divan::bench]
fn every_cell_to_bytes(bencher: Bencher<'_, '_>) {
    let stage = Stage::set(PaneId::Deliveries);
    let options = || TerminalOptions { viewport: Viewport::Fixed(AREA) };
    bencher.bench_local(|| {
        let mut bytes = Vec::new();
        let mut terminal = Terminal::with_options(CrosstermBackend::new(&mut bytes), options()).unwrap();
        terminal.draw(|frame| view::draw(&stage.app, frame)).unwrap();
        drop(terminal);
        bytes
    });
}
