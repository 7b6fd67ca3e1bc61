//! What can be seen of a console: on its screen, on its clipboard, at the receiver, in the journal.

use std::fmt;

use hooktui::tui::panes;

use crate::glass::Seen;
use crate::stage::{Console, Stage};

/// Something that can be seen, or not yet.
pub struct Sight<'a> {
    pub what: String,
    pub holds: Box<dyn Fn(&Console) -> bool + 'a>,
}

impl<'a> Sight<'a> {
    /// It can be seen when this holds. `what` says it in words.
    pub fn new(what: impl Into<String>, holds: impl Fn(&Console) -> bool + 'a) -> Self {
        Self { what: what.into(), holds: Box::new(holds) }
    }

    pub fn holds(&self, console: &Console) -> bool {
        (self.holds)(console)
    }

    /// Both.
    pub fn and(self, other: Self) -> Self {
        let what = format!("{self} and {other}");
        Self::new(what, move |console| self.holds(console) && other.holds(console))
    }
}

impl fmt::Display for Sight<'_> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(&self.what)
    }
}

/// The screen shows this.
pub fn sees(text: &str) -> Sight<'_> {
    Sight::new(format!("the screen shows {text:?}"), move |console| console.screen().contains(text))
}

/// The screen does not show this.
pub fn sees_no(text: &str) -> Sight<'_> {
    Sight::new(format!("the screen shows no {text:?}"), move |console| !console.screen().contains(text))
}

/// A row under a cursor says this.
pub fn selects(text: &str) -> Sight<'_> {
    let is_it = move |line: &str| line.split('▌').skip(1).any(|row| row.contains(text));
    Sight::new(format!("{text:?} is selected"), move |console| console.screen().lines().any(is_it))
}

/// These words stand one above the other.
pub fn above<'a>(upper: &'a str, lower: &'a str) -> Sight<'a> {
    Sight::new(format!("{upper:?} stands above {lower:?}"), move |console| {
        let screen = console.screen();
        let line = |words: &str| screen.lines().position(|line| line.contains(words));
        line(upper).zip(line(lower)).is_some_and(|(upper, lower)| upper < lower)
    })
}

/// This tab of the inspector is the open one: it stands out in colour.
pub fn opens(tab: &str) -> Sight<'_> {
    let is_open = move |seen: &Seen| {
        let text = seen.text();
        let (y, line) = text.lines().enumerate().find(|(_, line)| line.starts_with("┏━ "))?;
        let at = line.find(&format!(" {tab} ")).map(|at| line[..at].chars().count())?;
        let ground = |x: usize| Some(seen.cells[(u16::try_from(x).ok()?, u16::try_from(y).ok()?)].bg);
        Some(ground(at + 1)? != ground(0)?)
    };
    Sight::new(format!("the tab {tab} is open"), move |console| is_open(&console.seen()) == Some(true))
}

/// The context of this name is the one that takes keys first.
pub fn is_in(context: &str) -> Sight<'_> {
    Sight::new(format!("{context} takes the keys"), move |console| {
        inner(&console.screen()).is_some_and(|inner| inner == context)
    })
}

/// This was put on the clipboard last.
pub fn copied(text: &str) -> Sight<'_> {
    copied_what(text, move |last| last == text)
}

/// Something of the kind was put on the clipboard last.
pub fn copied_what<'a>(what: &str, is_it: impl Fn(&str) -> bool + 'a) -> Sight<'a> {
    Sight::new(format!("{what} was copied"), move |console| {
        console.seen().copied.last().is_some_and(|last| is_it(last))
    })
}

/// The receiver has had so many requests, and no more.
pub fn received(stage: &Stage, count: usize) -> Sight<'_> {
    Sight::new(format!("the receiver has had {count} requests"), move |_| stage.receiver.count() == count)
}

/// A file of the project holds this.
pub fn written<'a>(stage: &'a Stage, name: &'a str, text: &'a str) -> Sight<'a> {
    let path = stage.project.root().join(name);
    Sight::new(format!("{name} holds {text:?}"), move |_| {
        std::fs::read_to_string(&path).is_ok_and(|file| file.contains(text))
    })
}

/// The title of the context that takes keys first, read off the screen; none while nothing has been drawn.
pub fn inner(screen: &str) -> Option<String> {
    let lines: Vec<&str> = screen.lines().collect();
    let [.., above, footer] = lines.as_slice() else { return None };
    if screen.contains("Welcome to hooktui") {
        return Some("no project yet".to_owned());
    }
    // What has the focus has a heavy border, and so has whatever lies over it.
    let titles = || screen.split("┏━ ").skip(1);
    let over = titles().find(|title| !is_below(title));
    if let Some(title) = over {
        let known = [("Help ", "help"), ("Actions ", "palette"), ("Copy ", "copy")];
        let found = known.iter().find(|(begins, _)| title.starts_with(begins));
        return Some(found.map_or("dialogs", |(_, context)| context).to_owned());
    }
    let title = titles().next()?;
    if above.starts_with(" /") {
        return Some("filter line".to_owned());
    }
    match pane(title) {
        Some(pane) => Some(pane.title.to_lowercase()),
        None if footer.contains("Enter find") => Some("search".to_owned()),
        None => Some("inspector".to_owned()),
    }
}

/// A pane, or the inspector.
fn is_below(title: &str) -> bool {
    pane(title).is_some() || ["Delivery ", "Event ", "Endpoint "].iter().any(|begins| title.starts_with(begins))
}

fn pane(title: &str) -> Option<&'static panes::Pane> {
    panes::ALL.iter().copied().find(|pane| title.starts_with(&format!("{} {}", pane.id.number(), pane.title)))
}
