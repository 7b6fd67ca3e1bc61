//! The console: loop, model, update, view, panes. See the crate's front page for how they fit together.
//!
//! Keys, ticks and answers become messages ([`msg::Msg`]); [`update::update`] changes the model ([`app::App`]) and asks
//! for effects ([`effects::Effect`]); the loop ([`run_loop::Console`]) performs them on the desk ([`desk::Desk`]: engine,
//! journal, feed) and draws ([`view::draw`]). To add a pane, read [`panes`]; to add a key, read [`keys`].

pub mod app;
mod bell;
mod child;
mod counting;
mod deeds;
pub mod depth;
pub mod desk;
pub mod dialog;
pub mod effects;
pub mod feed;
pub mod finding;
pub mod first;
pub mod footer;
pub mod glyph;
mod hangup;
pub mod header;
pub mod help;
pub mod input;
pub mod inspector;
pub mod keymap;
pub mod keys;
pub mod layout;
pub mod marks;
mod menu;
pub mod msg;
pub mod palette;
pub mod panes;
pub mod picture;
pub mod rows;
pub mod run_loop;
pub mod spots;
pub mod still;
pub mod table;
pub mod term;
pub mod theme;
mod tick;
pub mod update;
pub mod view;
pub mod welcome;
pub mod window;

use std::io;
use std::path::PathBuf;

use jiff::tz::TimeZone;
use tokio::signal::unix::{SignalKind, signal};
use tokio::sync::mpsc::UnboundedSender;

use crate::config::{Env, Personal, Project};
use crate::engine::clock::Clock;
use crate::journal::Actor;

use app::{App, Look};
use desk::{Desk, DeskError, Setting};
use msg::Msg;
use run_loop::{Console, Screen};
use theme::{Colours, Themes};

/// What the console is started with.
#[derive(Debug, Clone)]
pub struct Start {
    /// The project; none: the console invites, and creates nothing until it is told to.
    pub project: Option<Project>,
    /// Where a starter file would be written.
    pub here: PathBuf,
    /// What would be in it.
    pub starter: &'static str,
    /// Who sits here.
    pub actor: Actor,
    /// What they like.
    pub taste: Personal,
}

/// Why the console could not begin, or ended against its will.
#[derive(Debug, thiserror::Error)]
pub enum ConsoleError {
    /// No journal, or no thread.
    #[error(transparent)]
    Desk(#[from] DeskError),
    /// The terminal refuses.
    #[error("the terminal refuses: {0}; `hooktui run` delivers without one")]
    Terminal(#[from] io::Error),
}

/// Runs the console until the person leaves. Blocks; the terminal is given back whatever happens.
///
/// # Errors
/// See [`ConsoleError`].
pub fn run(start: Start) -> Result<(), ConsoleError> {
    let runtime = tokio::runtime::Builder::new_current_thread().enable_all().build()?;
    let ended = runtime.block_on(async {
        let mut tty = term::Tty::take(start.taste.mouse)?;
        let size = tty.terminal().size()?;
        let ground = start.project.as_ref().map(Desk::ground);
        let mut taste = start.taste;
        let look = look(&mut taste);
        let app = App::new(look, ground, start.here.clone(), start.actor.clone(), size, Clock::System.now());
        let app = app.with_taste(taste);
        let project = start.project.unwrap_or_else(|| Project::at(&start.here));
        let setting = Setting { project, env: Env::Process, actor: start.actor };
        let mut console = Console::open(app, tty, setting, start.starter)?;
        listen(&console.outbox())?;
        hangup::watch(console.outbox())?;
        console.run().await?;
        Ok(())
    });
    // A test event's look-up of a name may go on: the person has left.
    runtime.shutdown_background();
    ended
}

/// As the person likes it, as far as the terminal can. What is wrong with their themes becomes a problem of their taste.
#[must_use]
pub fn look(taste: &mut Personal) -> Look {
    let set = |name: &str| std::env::var(name).ok();
    let locale = ["LC_ALL", "LC_CTYPE", "LANG"].map(set);
    let utf8 = taste.ascii.map_or_else(|| glyph::is_utf8(locale.iter().map(Option::as_deref)), |ascii| !ascii);
    let own = taste.file.parent().map(|folder| folder.join("themes"));
    let (mut themes, problems) = Themes::load(own.as_deref(), Colours::wanted(taste.colors, set));
    taste.problems.extend(problems);
    if let Some(word) = taste.theme.clone()
        && !themes.wear(&word.text)
    {
        let known: Vec<&str> = themes.names().collect();
        taste.problems.push(taste.problem(&word, format!("there is no such theme; there are {}", known.join(", "))));
    }
    Look::new(themes, utf8, TimeZone::system())
}

/// Signals that ask the process to end become messages.
fn listen(outbox: &UnboundedSender<Msg>) -> io::Result<()> {
    let kinds = [
        (SignalKind::terminate(), Msg::Terminate),
        (SignalKind::hangup(), Msg::Terminate),
        (SignalKind::interrupt(), Msg::Interrupt),
    ];
    for (kind, msg) in kinds {
        let mut signals = signal(kind)?;
        let outbox = outbox.clone();
        tokio::spawn(async move { while signals.recv().await.is_some() && outbox.send(msg.clone()).is_ok() {} });
    }
    Ok(())
}

#[cfg(test)]
mod tests;
