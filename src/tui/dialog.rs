//! Questions to the person. What is asked about is fixed when the dialog opens; Enter never says yes.

use crate::journal::{Act, Counted, Selection};
use crate::present::{act as words, figures};

use super::app::App;
use super::effects::{Bulk, Deed, Effect};
use super::keys::Context;
use super::update::bulk::holds;

/// Above this many rows the number must be typed.
const MANY: u64 = 50;
/// Lines of the table of what would be changed; one more for the others.
const NAMED: usize = 6;

/// A question.
#[derive(Debug, Clone, PartialEq)]
pub struct Dialog {
    /// What is asked, in one line.
    pub title: String,
    /// What would be changed, a row each: cut where it is too wide.
    pub table: Vec<String>,
    /// What should be known before answering: goes on in the next line where it is too wide.
    pub lines: Vec<String>,
    /// What `y` does, in a word or two.
    pub yes_label: &'static str,
    /// What `g` does instead, where a large retry can go gently.
    pub gently: Option<Box<Effect>>,
    /// The number that must be typed before `y` counts, and what has been typed.
    pub number: Option<(u64, String)>,
    /// What yes means.
    pub yes: Yes,
}

/// What yes means.
#[derive(Debug, Clone, PartialEq)]
pub enum Yes {
    /// Drain and leave.
    Leave,
    /// These.
    Do(Vec<Effect>),
}

impl Dialog {
    /// A question whose answer does one deed.
    #[must_use]
    pub fn deed(title: String, lines: Vec<String>, yes_label: &'static str, deed: Deed) -> Self {
        let yes = Yes::Do(vec![Effect::Do(deed)]);
        Self { title, table: Vec::new(), lines, yes_label, gently: None, number: None, yes }
    }

    /// Before an act on many: what and how many, by endpoint and by what the last attempt failed with, and what comes next.
    #[must_use]
    pub fn bulk(app: &App, bulk: Bulk, selection: Selection, counts: &[Counted]) -> Self {
        let total = words::total(counts);
        let marked = match &selection {
            Selection::Ids(ids) => ids.clone(),
            Selection::Matching { .. } => Vec::new(),
        };
        let (title, after, yes_label, deed) = match bulk {
            Bulk::Act(act) => (
                format!("{} {}?", verb(act), words::what(act, total)),
                after(app, act),
                act.as_str(),
                Deed::Act(act, selection.clone(), total),
            ),
            Bulk::Resend => (
                format!("Resend {}?", figures::counted(total, "delivery", "deliveries")),
                "One attempt each, now; one that fails is as it was. It cannot be undone.".to_owned(),
                "resend",
                Deed::ResendAll(marked),
            ),
            Bulk::Events => (
                format!("Send {}?", figures::counted(total, "new delivery", "new deliveries")),
                "The events go to the endpoints that match now and never had them. It cannot be undone.".to_owned(),
                "send",
                Deed::ResendEvents(marked),
            ),
        };
        let retry = bulk == Bulk::Act(Act::Retry);
        let mut lines = vec![after];
        if !matches!(bulk, Bulk::Act(Act::Clear | Act::Cancel | Act::Restore)) {
            lines.extend(holds(app, counts));
        }
        let gently = (retry && total > MANY).then(|| Box::new(Effect::Do(Deed::Replay(selection, total))));
        Self {
            title,
            table: words::table(counts, NAMED),
            lines,
            yes_label: if gently.is_some() { "all at once" } else { yes_label },
            gently,
            number: (total > MANY).then(|| (total, String::new())),
            yes: Yes::Do(vec![Effect::Do(deed)]),
        }
    }

    /// Before the console that dispatches goes.
    #[must_use]
    pub fn quit(app: &App) -> Self {
        let waiting = app.waiting();
        let first = match waiting {
            0 => "Nothing waits now; nothing is delivered until hooktui runs again.".to_owned(),
            _ => format!(
                "{} {}; nothing is delivered until hooktui runs again.",
                figures::count(waiting),
                if waiting == 1 { "waits" } else { "wait" }
            ),
        };
        let in_flight = app.engine.as_ref().map_or(0, |status| status.in_flight);
        let mut lines = vec![first];
        if in_flight > 0 {
            lines.push(format!("{in_flight} in flight: up to 5 s to end; Ctrl-c leaves at once."));
        }
        Self {
            title: "Quit?".to_owned(),
            table: Vec::new(),
            lines,
            yes_label: "quit",
            gently: None,
            number: None,
            yes: Yes::Leave,
        }
    }

    /// It asks about leaving.
    #[must_use]
    pub fn is_quit(&self) -> bool {
        self.yes == Yes::Leave
    }

    /// Whether `y` counts: the number, where one is asked for, has been typed.
    #[must_use]
    pub fn is_ready(&self) -> bool {
        self.number.as_ref().is_none_or(|(wanted, typed)| typed.parse() == Ok(*wanted))
    }
}

const fn verb(act: Act) -> &'static str {
    match act {
        Act::Retry => "Retry",
        Act::Clear => "Clear",
        Act::Restore => "Restore",
        Act::Cancel => "Cancel",
    }
}

fn after(app: &App, act: Act) -> String {
    let undo = app.key(Context::Everywhere, "undo");
    match act {
        Act::Retry => {
            format!("They are queued again with fresh tries, and wait their turn. {undo} takes back what has not gone.")
        }
        Act::Clear => format!("They are put away and not delivered. {undo} takes it back."),
        Act::Restore => "They are dead letters again.".to_owned(),
        Act::Cancel => format!("They become dead letters and are not delivered. {undo} takes it back."),
    }
}
