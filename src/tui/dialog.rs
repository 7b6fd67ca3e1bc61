//! Questions to the person. What is asked about is fixed when the dialog opens; Enter never says yes.

use crate::journal::{Act, Selection};
use crate::present::{escape, figures};

use super::app::App;
use super::effects::{Deed, Effect};

/// Above this many rows the number must be typed.
const MANY: u64 = 50;
/// Endpoints named one by one.
const NAMED: usize = 4;

/// A question.
#[derive(Debug, Clone, PartialEq)]
pub struct Dialog {
    /// What is asked, in one line.
    pub title: String,
    /// What should be known before answering.
    pub lines: Vec<String>,
    /// What `y` does, in a word or two.
    pub yes_label: &'static str,
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
        Self { title, lines, yes_label, number: None, yes: Yes::Do(vec![Effect::Do(deed)]) }
    }

    /// Before an act on many: what and how many, by endpoint.
    #[must_use]
    pub fn act(act: Act, selection: Selection, counts: &[(String, u64)]) -> Self {
        let total: u64 = counts.iter().map(|(_, count)| count).sum();
        let (verb, one, many) = match act {
            Act::Retry => ("Retry", "dead letter", "dead letters"),
            Act::Clear => ("Clear", "dead letter", "dead letters"),
            Act::Restore => ("Restore", "cleared dead letter", "cleared dead letters"),
            Act::Cancel => ("Cancel", "waiting delivery", "waiting deliveries"),
        };
        let after = match act {
            Act::Retry => "They are queued again with fresh tries, and wait their turn.",
            Act::Clear => "They are put away and not delivered. u takes it back.",
            Act::Restore => "They are dead letters again.",
            Act::Cancel => "They become dead letters and are not delivered. u takes it back.",
        };
        Self {
            title: format!("{verb} {}?", figures::counted(total, one, many)),
            lines: vec![by_endpoint(counts), after.to_owned()],
            yes_label: act.as_str(),
            number: (total > MANY).then(|| (total, String::new())),
            yes: Yes::Do(vec![Effect::Do(Deed::Act(act, selection))]),
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
        Self { title: "Quit?".to_owned(), lines, yes_label: "quit", number: None, yes: Yes::Leave }
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

/// `slack 12, ops 28 and 3 more`.
fn by_endpoint(counts: &[(String, u64)]) -> String {
    let mut named: Vec<String> = counts
        .iter()
        .take(NAMED)
        .map(|(name, count)| format!("{} {}", escape::line(name), figures::count(*count)))
        .collect();
    if counts.len() > NAMED {
        let rest: u64 = counts.iter().skip(NAMED).map(|(_, count)| count).sum();
        named.push(format!("others {}", figures::count(rest)));
    }
    named.join(", ")
}
