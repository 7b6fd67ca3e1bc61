//! A terminal for tests: cells that another thread can read, and a note of all that the console asked the terminal for.

use std::convert::Infallible;
use std::io;
use std::pin::Pin;
use std::sync::{Arc, Mutex};
use std::task::{Context, Poll};

use crossterm::event::Event;
use hooktui::tui::effects::Alert;
use hooktui::tui::run_loop::Screen;
use ratatui::Terminal;
use ratatui::backend::{Backend, ClearType, TestBackend, WindowSize};
use ratatui::buffer::{Buffer, Cell};
use ratatui::layout::{Position, Size};
use tokio::sync::mpsc::UnboundedReceiver;
use tokio_stream::Stream;

/// What the terminal shows, and what it has been told.
#[derive(Debug, Default, Clone)]
pub struct Seen {
    /// The frame that was drawn last.
    pub cells: Buffer,
    /// Frames so far.
    pub frames: usize,
    /// How often it was emptied, so that every cell is drawn anew.
    pub wipes: usize,
    /// What was put on the clipboard, the newest last.
    pub copied: Vec<String>,
    /// Whether the console has asked for the mouse; none: not yet.
    pub mouse: Option<bool>,
    /// How often a child has had it.
    pub given_away: usize,
}

impl Seen {
    /// The text of the frame, a line for each line.
    pub fn text(&self) -> String {
        let area = self.cells.area;
        let line = |y: u16| (0..area.width).map(|x| self.cells[(x, y)].symbol()).collect::<String>() + "\n";
        (0..area.height).map(line).collect()
    }
}

/// What is drawn on.
pub struct Glass {
    backend: TestBackend,
    seen: Arc<Mutex<Seen>>,
}

impl Glass {
    fn wiped(&self) {
        self.seen.lock().unwrap().wipes += 1;
    }
}

impl Backend for Glass {
    type Error = Infallible;

    fn draw<'a, I: Iterator<Item = (u16, u16, &'a Cell)>>(&mut self, content: I) -> Result<(), Infallible> {
        self.backend.draw(content)
    }
    fn hide_cursor(&mut self) -> Result<(), Infallible> {
        self.backend.hide_cursor()
    }
    fn show_cursor(&mut self) -> Result<(), Infallible> {
        self.backend.show_cursor()
    }
    fn get_cursor_position(&mut self) -> Result<Position, Infallible> {
        self.backend.get_cursor_position()
    }
    fn set_cursor_position<P: Into<Position>>(&mut self, position: P) -> Result<(), Infallible> {
        self.backend.set_cursor_position(position)
    }
    fn clear(&mut self) -> Result<(), Infallible> {
        self.wiped();
        self.backend.clear()
    }
    fn clear_region(&mut self, region: ClearType) -> Result<(), Infallible> {
        self.wiped();
        self.backend.clear_region(region)
    }
    fn size(&self) -> Result<Size, Infallible> {
        self.backend.size()
    }
    fn window_size(&mut self) -> Result<WindowSize, Infallible> {
        self.backend.window_size()
    }
    fn flush(&mut self) -> Result<(), Infallible> {
        let mut seen = self.seen.lock().unwrap();
        seen.frames += 1;
        seen.cells.clone_from(self.backend.buffer());
        self.backend.flush()
    }
}

/// The terminal.
pub struct Stand {
    terminal: Terminal<Glass>,
    input: Keys,
    seen: Arc<Mutex<Seen>>,
}

impl Stand {
    /// A terminal of this size that these keys are typed on.
    pub fn new(size: Size, input: UnboundedReceiver<io::Result<Event>>, seen: Arc<Mutex<Seen>>) -> Self {
        let backend = TestBackend::new(size.width, size.height);
        let glass = Glass { backend, seen: Arc::clone(&seen) };
        Self { terminal: Terminal::new(glass).unwrap(), input: Keys(Arc::new(Mutex::new(input))), seen }
    }

    fn note(&self, change: impl FnOnce(&mut Seen)) {
        change(&mut self.seen.lock().unwrap());
    }
}

impl Screen for Stand {
    type Backend = Glass;
    type Input = Keys;

    fn terminal(&mut self) -> &mut Terminal<Glass> {
        &mut self.terminal
    }
    fn input(&mut self) -> Keys {
        assert_eq!(Arc::strong_count(&self.input.0), 1, "nobody else listens to the terminal");
        self.input.clone()
    }
    fn enter(&mut self) -> io::Result<()> {
        Ok(())
    }
    fn leave(&mut self) -> io::Result<()> {
        assert_eq!(Arc::strong_count(&self.input.0), 1, "a child loses no keys to the console");
        self.note(|seen| seen.given_away += 1);
        Ok(())
    }
    fn copy(&mut self, bytes: &[u8]) -> io::Result<()> {
        self.note(|seen| seen.copied.push(String::from_utf8_lossy(bytes).into_owned()));
        Ok(())
    }
    fn alert(&mut self, _: &Alert) -> io::Result<()> {
        Ok(())
    }
    fn mouse(&mut self, on: bool) -> io::Result<()> {
        self.note(|seen| seen.mouse = Some(on));
        Ok(())
    }
}

/// Keys, in the order they were typed.
#[derive(Clone)]
pub struct Keys(Arc<Mutex<UnboundedReceiver<io::Result<Event>>>>);

impl Stream for Keys {
    type Item = io::Result<Event>;

    fn poll_next(self: Pin<&mut Self>, context: &mut Context<'_>) -> Poll<Option<Self::Item>> {
        self.0.lock().unwrap().poll_recv(context)
    }
}
