//! Stills: the console's screen as one frame, without a terminal.

use std::io;
use std::sync::Arc;
use std::time::{Duration, Instant};

use crossterm::event::{Event, KeyCode, KeyEvent, KeyModifiers};
use ratatui::Terminal;
use ratatui::backend::TestBackend;
use ratatui::buffer::Buffer;
use ratatui::layout::Rect;
use tokio::sync::mpsc::{UnboundedReceiver, unbounded_channel};
use tokio_stream::wrappers::UnboundedReceiverStream;

use crate::engine::Status;
use crate::engine::clock::Clock;
use crate::journal::Reader;

use super::ConsoleError;
use super::app::App;
use super::desk::Setting;
use super::effects::{Alert, Effect};
use super::feed::Feed;
use super::msg::Msg;
use super::run_loop::{Console, Screen};
use super::update::update;
use super::view;

/// Between looks at the journal.
const STEP: Duration = Duration::from_millis(250);
/// Between keys, and after the last one: what they ask for has come by then.
const KEY: Duration = Duration::from_millis(400);

/// Who looks, for how long, and what is pressed at the end.
#[derive(Debug)]
pub struct Still {
    /// The console; its size is that of the frame.
    pub app: App,
    /// So long it looks on: rates and sparklines need a past.
    pub watch: Duration,
    /// Keys, a character each; a line feed is Enter.
    pub keys: String,
}

impl Still {
    /// A frame of a journal that others work on. Changes nothing, dispatches nothing.
    ///
    /// # Errors
    /// When there is no thread left.
    pub fn of_journal(mut self, reader: Reader, status: Status) -> io::Result<Buffer> {
        let (inbox, mut answers) = unbounded_channel();
        let feed = Feed::start(reader, inbox)?;
        let begun = Instant::now();
        tell(&mut self.app, &feed, &mut answers, Msg::Engine(Arc::new(status)));
        loop {
            tell(&mut self.app, &feed, &mut answers, Msg::Clock(Clock::System.now()));
            tell(&mut self.app, &feed, &mut answers, Msg::Changed);
            if begun.elapsed() >= self.watch {
                break;
            }
            std::thread::sleep(STEP.min(self.watch.saturating_sub(begun.elapsed())));
        }
        for key in self.keys.chars() {
            tell(&mut self.app, &feed, &mut answers, Msg::Key(event(key)));
        }
        let mut frame = Buffer::empty(Rect::from((ratatui::layout::Position::ORIGIN, self.app.size)));
        view::render(&self.app, &mut frame);
        Ok(frame)
    }

    /// The last frame of a console that is left to itself, dispatching.
    ///
    /// # Errors
    /// See [`ConsoleError`].
    pub fn of_console(self, setting: Setting) -> Result<Option<Buffer>, ConsoleError> {
        let runtime = tokio::runtime::Builder::new_current_thread().enable_all().build()?;
        runtime.block_on(async {
            let (sender, input) = unbounded_channel();
            tokio::spawn(async move {
                tokio::time::sleep(self.watch).await;
                for key in self.keys.chars() {
                    let _ = sender.send(Ok(Event::Key(event(key))));
                    tokio::time::sleep(KEY).await;
                }
            });
            let backend = TestBackend::new(self.app.size.width, self.app.size.height);
            let terminal = Terminal::new(backend).map_err(|error| io::Error::other(error.to_string()))?;
            let mut console = Console::open(self.app, Canvas { terminal, input: Some(input) }, setting, "")?;
            console.run().await?;
            Ok(console.shown().cloned())
        })
    }
}

fn event(key: char) -> KeyEvent {
    let code = if key == '\n' { KeyCode::Enter } else { KeyCode::Char(key) };
    KeyEvent::new(code, KeyModifiers::NONE)
}

/// Tells the model something, and everything it asks for then.
fn tell(app: &mut App, feed: &Feed, answers: &mut UnboundedReceiver<Msg>, msg: Msg) {
    let ask = |app: &mut App, msg| {
        let asks = update(app, msg).into_iter().filter_map(|effect| match effect {
            Effect::Ask(ask) => Some(ask),
            _ => None,
        });
        asks.map(|ask| feed.ask(ask)).count()
    };
    let mut outstanding = ask(app, msg);
    while outstanding > 0 {
        let Some(msg) = answers.blocking_recv() else { return };
        let answered = usize::from(matches!(msg, Msg::Answer(_)));
        outstanding = (outstanding + ask(app, msg)).saturating_sub(answered);
    }
}

/// A screen that nobody sees.
struct Canvas {
    terminal: Terminal<TestBackend>,
    input: Option<UnboundedReceiver<io::Result<Event>>>,
}

impl Screen for Canvas {
    type Backend = TestBackend;
    type Input = UnboundedReceiverStream<io::Result<Event>>;

    fn terminal(&mut self) -> &mut Terminal<TestBackend> {
        &mut self.terminal
    }

    fn input(&mut self) -> Self::Input {
        // Nobody else ever has this terminal: asked again, it has nothing more to say.
        let nothing = || unbounded_channel().1;
        UnboundedReceiverStream::new(self.input.take().unwrap_or_else(nothing))
    }

    fn enter(&mut self) -> io::Result<()> {
        Ok(())
    }

    fn leave(&mut self) -> io::Result<()> {
        Ok(())
    }

    fn alert(&mut self, _: &Alert) -> io::Result<()> {
        Ok(())
    }

    fn copy(&mut self, _: &[u8]) -> io::Result<()> {
        Ok(())
    }

    fn mouse(&mut self, _: bool) -> io::Result<()> {
        Ok(())
    }
}
