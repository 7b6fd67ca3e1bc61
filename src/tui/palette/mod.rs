//! The palette: every action by its name, those that make sense here first, each with its key.
//!
//! What it finds is settled when it opens and whenever something is typed, never while it is drawn: Enter runs what the
//! person sees. Whether it can be done is looked at again then.

mod draw;
mod rank;

pub use draw::{draw, page, row_at};

use super::app::App;
use super::input::Line;
use super::keymap::Bound;
use super::keys::Context;
use super::panes;
use super::theme::BUILT_IN;
use super::update::below;

/// Something that can be done.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum What {
    /// The action at this place of a context's table.
    Act(Context, usize),
    /// Wears the theme at this place of their round.
    Theme(usize),
}

/// An action as the palette shows it.
#[derive(Debug, Clone)]
pub struct Command {
    /// What it does.
    pub what: What,
    /// What it is called.
    pub name: String,
    /// Where its keys are listened to.
    pub context: String,
    /// The keys that do it here, and now.
    pub keys: String,
    /// A sentence.
    pub help: String,
    /// Why it cannot be done now.
    pub reason: Option<String>,
    /// Smaller comes first where nothing is typed.
    order: u8,
}

/// A command that matches what is typed.
#[derive(Debug, Clone)]
pub struct Found {
    /// The command.
    pub command: Command,
    /// Characters of its name that were typed, from 0.
    pub lit: Vec<u32>,
}

/// The open palette.
#[derive(Debug, Clone, Default)]
pub struct Palette {
    /// What is typed.
    pub line: Line,
    /// What it finds, best first.
    pub found: Vec<Found>,
    /// Which of them Enter runs.
    pub selected: usize,
    /// The first one on the screen.
    pub top: usize,
}

/// What was done from the palette in this session.
#[derive(Debug, Clone, Default)]
pub struct Past {
    /// The newest first, each once.
    pub done: Vec<What>,
    /// What was typed for the newest; its name, where nothing was.
    pub typed: String,
}

/// Commands remembered.
const REMEMBERED: usize = 5;
/// Where those stand that the footer never shows: behind all that it does.
const UNSHOWN: u8 = 100;
/// Those of other panes, behind all of here.
const ELSEWHERE: u8 = 200;

impl Palette {
    /// A palette that shows everything.
    #[must_use]
    pub fn open(app: &App) -> Self {
        let mut palette = Self::default();
        palette.search(app);
        palette
    }

    /// Finds what is typed now. The best is selected.
    pub fn search(&mut self, app: &App) {
        let typed = self.line.text().trim();
        let mut commands = commands(app);
        if typed.is_empty() {
            // Other panes' actions are found by those who look for them.
            commands.retain(|command| command.order < ELSEWHERE);
        }
        self.found = rank::best_first(commands, typed, &app.past.done);
        self.selected = 0;
        self.top = 0;
    }

    /// Selects another one, so many rows further; `height` of them are on the screen.
    pub fn step(&mut self, by: isize, height: usize) {
        let last = self.found.len().saturating_sub(1);
        self.selected = self.selected.saturating_add_signed(by).min(last);
        self.top = self.top.clamp((self.selected + 1).saturating_sub(height.max(1)), self.selected);
    }
}

impl Past {
    /// It has been done.
    pub fn note(&mut self, what: What, typed: &str, name: &str) {
        self.done.retain(|one| *one != what);
        self.done.insert(0, what);
        self.done.truncate(REMEMBERED);
        let typed = typed.trim();
        (if typed.is_empty() { name } else { typed }).clone_into(&mut self.typed);
    }
}

/// Everything that could be done, with the reason where it cannot be now.
fn commands(app: &App) -> Vec<Command> {
    let here = below(app);
    let mut commands: Vec<Command> = here.iter().flat_map(|context| of(app, *context, &here)).collect();
    commands.extend(themes(app));
    for pane in panes::ALL.iter().filter(|pane| app.ground.is_some() && !here.contains(&Context::Pane(pane.id))) {
        let reason = format!("in pane {} {}", pane.id.number(), pane.title);
        let elsewhere = of(app, Context::Pane(pane.id), &here);
        commands.extend(elsewhere.map(|command| Command { reason: Some(reason.clone()), order: ELSEWHERE, ..command }));
    }
    commands
}

fn of<'a>(app: &'a App, context: Context, here: &'a [Context]) -> impl Iterator<Item = Command> + 'a {
    let table = app.keys.of(context).iter().enumerate();
    // It would only open itself again.
    let table = table.filter(move |(_, bound)| (context, bound.binding.name()) != (Context::Everywhere, "palette"));
    table.map(move |(at, bound)| {
        let Bound { binding, .. } = bound;
        let keys = app.keys.reaching(here, context, bound);
        Command {
            what: What::Act(context, at),
            name: binding.name().to_owned(),
            context: context.title(),
            keys: keys.iter().map(ToString::to_string).collect::<Vec<_>>().join(" "),
            help: binding.help.replace('`', ""),
            reason: (binding.available)(app).err(),
            order: if binding.priority == 0 { UNSHOWN } else { binding.priority },
        }
    })
}

/// A person's own themes: those that come with the program are actions of the table.
fn themes(app: &App) -> impl Iterator<Item = Command> {
    let worn = app.look.themes.name();
    let is_own = |name: &str| BUILT_IN.iter().all(|(known, _)| *known != name);
    app.look.themes.names().enumerate().filter(move |(_, name)| is_own(name)).map(move |(at, name)| Command {
        what: What::Theme(at),
        name: format!("theme {name}"),
        context: Context::Everywhere.title(),
        keys: String::new(),
        help: "Wear this theme".to_owned(),
        reason: (name == worn).then(|| "it is worn".to_owned()),
        order: UNSHOWN,
    })
}
