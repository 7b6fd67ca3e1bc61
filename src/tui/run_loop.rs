//! The loop: waits for whatever comes first, lets the model change, performs what it asks for, draws what has changed.
//!
//! It is generic over the terminal, so that tests run this very loop.

use std::io;
use std::sync::Arc;
use std::time::Duration;

use crossterm::event::Event;
use ratatui::Terminal;
use ratatui::backend::Backend;
use ratatui::buffer::Buffer;
use ratatui::layout::Rect;
use tokio::sync::mpsc::{UnboundedReceiver, UnboundedSender};
use tokio::sync::watch;
use tokio::time::{Instant, sleep, sleep_until};
use tokio_stream::{Stream, StreamExt};

use crate::config::Project;
use crate::engine::clock::Clock;
use crate::engine::{Role, Status};

use super::app::App;
use super::desk::{Desk, Setting};
use super::effects::{Alert, Draft, Effect, PATIENCE};
use super::msg::Msg;
use super::{child, deeds, tick, update, view};

/// No two frames are closer together.
const FRAME: Duration = Duration::from_millis(16);
/// Commits of this process are looked at no more often than this.
const BREATH: Duration = Duration::from_millis(40);
/// So long after a child a Ctrl-c may still come that was meant for it: the terminal tells everyone in its foreground, and
/// the child may be gone before we hear of it. While the screen is ours Ctrl-c is a key and no signal.
const STRAY: Duration = Duration::from_secs(1);

/// A terminal as the loop needs it.
pub trait Screen {
    /// What is drawn on.
    type Backend: Backend;
    /// Keys and sizes. Its end is the end of the terminal.
    type Input: Stream<Item = io::Result<Event>> + Unpin;

    /// What is drawn on.
    fn terminal(&mut self) -> &mut Terminal<Self::Backend>;
    /// Begins to listen. The one before has been dropped: a child that has the terminal must not lose keys to us.
    fn input(&mut self) -> Self::Input;
    /// Takes the terminal (back), and clears it.
    ///
    /// # Errors
    /// When the terminal refuses.
    fn enter(&mut self) -> io::Result<()>;
    /// Gives the terminal to a child or the shell.
    ///
    /// # Errors
    /// When the terminal refuses.
    fn leave(&mut self) -> io::Result<()>;
    /// Puts bytes on the person's clipboard.
    ///
    /// # Errors
    /// When the terminal refuses.
    fn copy(&mut self, bytes: &[u8]) -> io::Result<()>;
    /// Makes a person who looks elsewhere look here.
    ///
    /// # Errors
    /// When the terminal refuses.
    fn alert(&mut self, alert: &Alert) -> io::Result<()>;
    /// Listens to the mouse from now on, or no longer.
    ///
    /// # Errors
    /// When the terminal refuses.
    fn mouse(&mut self, on: bool) -> io::Result<()>;
}

/// The console: model, terminal, and the desk where there is a project.
pub struct Console<S: Screen> {
    app: App,
    screen: S,
    setting: Setting,
    starter: &'static str,
    desk: Option<Desk>,
    inbox: UnboundedReceiver<Msg>,
    outbox: UnboundedSender<Msg>,
    shown: Option<Buffer>,
    drawn_at: Option<Instant>,
    /// When a child gave the terminal back.
    back_at: Option<Instant>,
}

/// What goes on after effects have been performed.
#[derive(Debug, Clone, PartialEq, Eq)]
enum Flow {
    On,
    /// Somebody else has the terminal for a while.
    Away(Errand),
    End,
}

/// Why the terminal is given away.
#[derive(Debug, Clone, PartialEq, Eq)]
enum Errand {
    /// To the person's editor, at this line of the file.
    Edit(u64),
    /// To the person's editor, with the copy of an event.
    EditCopy(Box<Draft>),
    /// To the person's pager, with this text.
    Page(String),
    /// To the shell, until it continues us.
    Suspend,
}

impl<S: Screen> Console<S> {
    /// Lays the desk where there is a project.
    ///
    /// # Errors
    /// In words, when the journal or a thread cannot be had.
    pub fn open(
        mut app: App,
        screen: S,
        setting: Setting,
        starter: &'static str,
    ) -> Result<Self, super::desk::DeskError> {
        let (outbox, inbox) = tokio::sync::mpsc::unbounded_channel();
        let desk = match app.ground {
            Some(_) => Some(Desk::lay(setting.clone(), outbox.clone())?),
            None => None,
        };
        app.now = Clock::System.now();
        Ok(Self { app, screen, setting, starter, desk, inbox, outbox, shown: None, drawn_at: None, back_at: None })
    }

    /// Where messages for the console can be left: signals.
    #[must_use]
    pub fn outbox(&self) -> UnboundedSender<Msg> {
        self.outbox.clone()
    }

    /// The frame that was drawn last.
    #[must_use]
    pub const fn shown(&self) -> Option<&Buffer> {
        self.shown.as_ref()
    }

    /// Runs until the person leaves or the terminal goes. The engine ends with the console that is dropped then.
    ///
    /// # Errors
    /// When the terminal takes no more output.
    pub async fn run(&mut self) -> io::Result<()> {
        let _ = self.outbox.send(Msg::Changed);
        let mut input = self.screen.input();
        let mut breath = Instant::now();
        loop {
            let mut status = self.desk.as_ref().map(Desk::status);
            let mut changes = self.desk.as_ref().map(Desk::changes);
            if let Some(changes) = &mut changes {
                changes.mark_unchanged();
            }
            loop {
                let flow = self.turn(&mut input, status.as_mut(), changes.as_mut(), &mut breath).await?;
                match flow {
                    Flow::End => return Ok(()),
                    Flow::Away(errand) => {
                        drop(input);
                        self.go(errand).await?;
                        input = self.screen.input();
                    }
                    Flow::On => {}
                }
                if status.is_none() && self.desk.is_some() {
                    break;
                }
            }
        }
    }

    /// Waits for one thing, takes all that has come with it, and draws.
    async fn turn(
        &mut self,
        input: &mut S::Input,
        status: Option<&mut watch::Receiver<Arc<Status>>>,
        changes: Option<&mut watch::Receiver<i64>>,
        breath: &mut Instant,
    ) -> io::Result<Flow> {
        let draw_at = self.draw_due();
        let msg = tokio::select! {
            biased;
            event = input.next() => match event {
                Some(Ok(event)) => translate(&event),
                Some(Err(_)) | None => return Ok(Flow::End),
            },
            msg = self.inbox.recv() => msg,
            status = next_status(status) => Some(Msg::Engine(status)),
            () = next_change(changes, *breath) => {
                *breath = Instant::now() + BREATH;
                Some(Msg::Changed)
            }
            () = until(draw_at) => None,
            () = wake(tick::next(&self.app)) => None,
        };
        let mut flow = self.tell(Msg::Clock(Clock::System.now()))?;
        if let Some(msg) = msg {
            flow = flow.and(self.tell(msg)?);
        }
        while let Ok(msg) = self.inbox.try_recv() {
            flow = flow.and(self.tell(msg)?);
        }
        while let Some(event) = ready(input).await {
            match event {
                Some(Ok(event)) => {
                    if let Some(msg) = translate(&event) {
                        flow = flow.and(self.tell(msg)?);
                    }
                }
                Some(Err(_)) | None => return Ok(Flow::End),
            }
            if flow != Flow::On {
                break;
            }
        }
        if flow != Flow::End && self.draw_due().is_none_or(|at| at <= Instant::now()) {
            self.draw()?;
        }
        Ok(flow)
    }

    fn tell(&mut self, msg: Msg) -> io::Result<Flow> {
        let mut flow = Flow::On;
        if matches!(msg, Msg::Interrupt) && self.back_at.is_some_and(|at| at.elapsed() < STRAY) {
            return Ok(flow);
        }
        for effect in update::update(&mut self.app, msg) {
            flow = flow.and(self.perform(effect)?);
        }
        Ok(flow)
    }

    fn perform(&mut self, effect: Effect) -> io::Result<Flow> {
        match (effect, &self.desk) {
            (Effect::Quit, _) => return Ok(Flow::End),
            (Effect::Redraw, _) => {
                self.shown = None;
                super::term::wipe(self.screen.terminal()).map_err(to_io)?;
            }
            (Effect::Alert(alert), _) => self.screen.alert(&alert)?,
            (Effect::Mouse(on), _) => self.screen.mouse(on)?,
            (Effect::WriteStarter, None) => self.found(),
            (Effect::Edit(line), _) => return Ok(Flow::Away(Errand::Edit(line))),
            (Effect::EditCopy(draft), _) => return Ok(Flow::Away(Errand::EditCopy(draft))),
            (Effect::Page(text), _) => return Ok(Flow::Away(Errand::Page(text))),
            (Effect::Copy(clip), _) => {
                if let Err(error) = self.screen.copy(&clip.0) {
                    self.app.say(false, format!("the terminal takes nothing to copy: {error}"));
                }
            }
            (Effect::Suspend, _) => return Ok(Flow::Away(Errand::Suspend)),
            (Effect::Ask(ask), Some(desk)) => desk.ask(ask),
            (Effect::Do(deed), Some(desk)) => desk.act(deed),
            (Effect::Test(endpoint), Some(desk)) => {
                if let Some(config) = self.app.config() {
                    desk.test(Arc::clone(config), endpoint);
                }
            }
            (Effect::Stop, Some(desk)) => desk.stop(),
            (Effect::Drain(patience), Some(desk)) => desk.drain(Duration::from_millis(patience)),
            // Without a project there is nothing to ask or do; with one there is no starter file to write.
            (
                Effect::WriteStarter
                | Effect::Ask(_)
                | Effect::Do(_)
                | Effect::Stop
                | Effect::Test(_)
                | Effect::Drain(_),
                _,
            ) => {}
        }
        Ok(Flow::On)
    }

    /// Writes the starter file and begins.
    fn found(&mut self) {
        let project = Project::at(&self.app.here);
        let written = std::fs::OpenOptions::new()
            .write(true)
            .create_new(true)
            .open(&project.file)
            .and_then(|mut file| io::Write::write_all(&mut file, self.starter.as_bytes()));
        let laid =
            written.map_err(|error| format!("cannot write {}: {error}", project.file.display())).and_then(|()| {
                self.setting.project = project.clone();
                Desk::lay(self.setting.clone(), self.outbox.clone()).map_err(|error| error.to_string())
            });
        let msg = match laid {
            Ok(desk) => {
                self.desk = Some(desk);
                Msg::Founded(Desk::ground(&project))
            }
            Err(text) => Msg::Done(deeds::bad(text)),
        };
        let _ = self.outbox.send(msg);
    }

    async fn go(&mut self, errand: Errand) -> io::Result<()> {
        match errand {
            Errand::Edit(line) => {
                self.screen.leave()?;
                let ended = child::edit(&self.setting.project.file, line, &self.setting.env).await;
                if let Err(error) = ended {
                    self.app.say(false, error);
                }
            }
            Errand::EditCopy(draft) => {
                self.screen.leave()?;
                match child::edit_text(&draft.text, &self.setting.env).await {
                    Ok(text) => {
                        let _ = self.outbox.send(Msg::Edited(Box::new(Draft { text, ..*draft })));
                    }
                    Err(error) => self.app.say(false, error),
                }
            }
            Errand::Page(text) => {
                self.screen.leave()?;
                if let Err(error) = child::page(&text, &self.setting.env).await {
                    self.app.say(false, error);
                }
            }
            Errand::Suspend => {
                self.hand_over().await;
                self.screen.leave()?;
                child::stop_myself();
                if let Some(desk) = &self.desk {
                    desk.engine().resume();
                }
            }
        }
        self.back_at = Some(Instant::now());
        self.come_back()
    }

    /// What is in flight ends, and another process may dispatch.
    async fn hand_over(&self) {
        let Some(desk) = &self.desk else { return };
        let mut status = desk.status();
        desk.engine().suspend();
        let stopped = status.wait_for(|status| status.role == Role::Stopped);
        let _ = tokio::time::timeout(Duration::from_millis(PATIENCE + 1_000), stopped).await;
    }

    fn come_back(&mut self) -> io::Result<()> {
        self.screen.enter()?;
        self.shown = None;
        // The window may have another size by now.
        let size = self.screen.terminal().size().map_err(to_io)?;
        let _ = self.outbox.send(Msg::Resize(size.width, size.height));
        let _ = self.outbox.send(Msg::Changed);
        Ok(())
    }

    /// When the next frame may be drawn; none if now.
    fn draw_due(&self) -> Option<Instant> {
        self.drawn_at.map(|at| at + FRAME)
    }

    /// Draws, if the screen would look different.
    fn draw(&mut self) -> io::Result<()> {
        self.drawn_at = None;
        let area = Rect::from((ratatui::layout::Position::ORIGIN, self.app.size));
        let mut next = Buffer::empty(area);
        view::render(&self.app, &mut next);
        if self.shown.as_ref() == Some(&next) {
            return Ok(());
        }
        let app = &self.app;
        self.screen
            .terminal()
            .draw(|frame| {
                let buffer = frame.buffer_mut();
                // The terminal may have changed its size and its message not have come yet.
                if buffer.area == next.area { buffer.clone_from(&next) } else { view::render(app, buffer) }
            })
            .map_err(to_io)?;
        self.shown = Some(next);
        self.drawn_at = Some(Instant::now());
        Ok(())
    }
}

impl Flow {
    /// The graver of the two.
    fn and(self, other: Self) -> Self {
        match (self, other) {
            (Self::End, _) | (_, Self::End) => Self::End,
            (Self::Away(errand), _) | (_, Self::Away(errand)) => Self::Away(errand),
            (Self::On, Self::On) => Self::On,
        }
    }
}

fn to_io(error: impl std::fmt::Display) -> io::Error {
    io::Error::other(error.to_string())
}

fn translate(event: &Event) -> Option<Msg> {
    match event {
        Event::Key(key) => Some(Msg::Key(*key)),
        Event::Resize(width, height) => Some(Msg::Resize(*width, *height)),
        Event::Mouse(mouse) => Some(Msg::Mouse(*mouse)),
        Event::Paste(text) => Some(Msg::Paste(text.clone())),
        Event::FocusGained | Event::FocusLost => None,
    }
}

/// What can be read without waiting; none if that is nothing.
async fn ready<I: Stream + Unpin>(input: &mut I) -> Option<Option<I::Item>> {
    tokio::select! {
        biased;
        item = input.next() => Some(item),
        () = std::future::ready(()) => None,
    }
}

async fn next_status(status: Option<&mut watch::Receiver<Arc<Status>>>) -> Arc<Status> {
    if let Some(status) = status
        && status.changed().await.is_ok()
    {
        return Arc::clone(&status.borrow_and_update());
    }
    std::future::pending().await
}

async fn next_change(changes: Option<&mut watch::Receiver<i64>>, not_before: Instant) {
    if let Some(changes) = changes {
        sleep_until(not_before).await;
        if changes.changed().await.is_ok() {
            return;
        }
    }
    std::future::pending::<()>().await;
}

async fn until(at: Option<Instant>) {
    match at {
        Some(at) => sleep_until(at).await,
        None => std::future::pending::<()>().await,
    }
}

async fn wake(at: Option<i64>) {
    match at {
        Some(at) => {
            let left = at.saturating_sub(Clock::System.now());
            sleep(Duration::from_millis(u64::try_from(left).unwrap_or(0))).await;
        }
        None => std::future::pending::<()>().await,
    }
}
