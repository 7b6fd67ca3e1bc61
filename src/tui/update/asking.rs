//! Questions to the journal and what becomes of their answers: one of each subject on its way, stale ones dropped.

use crate::event::{EndpointState, Millis};
use crate::present::escape;
use crate::present::summary::Summary;

use super::super::app::{App, ListState, Pending};
use super::super::effects::{Alert, Effect};
use super::super::feed::{Answer, Ask, Found, Question, Subject};
use super::super::finding::Reach;
use super::super::inspector::Inspector;
use super::super::panes::PaneId;
use super::super::rows::Row;
use super::super::window::{Rows, reach};
use super::{dialogs, find, groups, hand};

/// Asks anew for all that is on the screen.
pub fn everything(app: &mut App) -> Vec<Effect> {
    let mut effects = figures(app);
    effects.extend(lists(app));
    effects.extend(detail(app));
    effects
}

/// Asks for the counters.
pub fn figures(app: &mut App) -> Vec<Effect> {
    let question = Question::Figures { now: app.now, since_minute: Summary::since_minute(app.now) };
    ask(app, Subject::Figures, question)
}

/// Asks for the rows of every list on the screen that is not frozen.
pub fn lists(app: &mut App) -> Vec<Effect> {
    let shown: Vec<PaneId> = app.layout().panes.iter().map(|(id, _)| *id).collect();
    shown.into_iter().flat_map(|id| if puts_off(app, id) { Vec::new() } else { rows(app, id) }).collect()
}

/// A search that takes long is not made anew with every change: once a second will do.
const REST: Millis = 1_000;

fn puts_off(app: &mut App, id: PaneId) -> bool {
    let (now, grouped) = (app.now, groups::are_in(app, id));
    let Some(list) = app.lists.get_mut(&id) else { return false };
    let due = list.find.costly_at.map(|at| at.saturating_add(REST)).filter(|due| *due > now);
    list.find.due = due.filter(|_| grouped || !list.query.is_all());
    list.find.due.is_some()
}

/// Makes the searches that were put off, and reads the figures anew where a pause has run out: without a dispatcher nothing
/// else tells.
pub fn overdue(app: &mut App) -> Vec<Effect> {
    let now = app.now;
    let over = pauses(app).any(|until| until <= now);
    let due = |list: &ListState| list.find.due.is_some_and(|due| due <= now);
    let ids: Vec<PaneId> = app.lists.iter().filter(|(_, list)| due(list)).map(|(id, _)| *id).collect();
    let mut effects = if over { figures(app) } else { Vec::new() };
    for id in ids {
        if let Some(list) = app.lists.get_mut(&id) {
            list.find.due = None;
        }
        effects.extend(rows(app, id));
    }
    effects
}

/// When the pauses on the screen end by themselves.
pub fn pauses(app: &App) -> impl Iterator<Item = Millis> {
    let endpoints = app.figures.iter().flat_map(|known| &known.endpoints);
    endpoints.filter(|one| one.state == EndpointState::Paused).filter_map(|one| one.paused_until)
}

/// Asks for the rows of one list.
pub fn rows(app: &mut App, id: PaneId) -> Vec<Effect> {
    let Some(list) = (id.pane().query)(app) else { return Vec::new() };
    let Some(state) = app.lists.get(&id).filter(|state| !state.frozen) else { return Vec::new() };
    let (at, reach) = (state.window.wants(), reach(app.height_of(id)));
    let question = Question::Rows { list, at, reach, filter: find::filter(app, id) };
    ask(app, Subject::Rows(id), question)
}

/// Asks for what the inspector shows.
pub fn detail(app: &mut App) -> Vec<Effect> {
    match app.inspector.as_ref().and_then(Inspector::question) {
        Some(question) => ask(app, Subject::Detail, question),
        None => Vec::new(),
    }
}

/// Asks, if there is a project, unless the same subject's answer is still to come: then once more after it.
pub fn ask(app: &mut App, subject: Subject, question: Question) -> Vec<Effect> {
    if app.ground.is_none() {
        return Vec::new();
    }
    let pending = app.pending.entry(subject).or_insert(Pending { generation: 0, outstanding: false, again: false });
    if pending.outstanding {
        pending.again = true;
        return Vec::new();
    }
    pending.generation += 1;
    pending.outstanding = true;
    pending.again = false;
    vec![Effect::Ask(Ask { subject, generation: pending.generation, question })]
}

/// Whatever is on its way for this subject is no longer wanted.
pub fn forget(app: &mut App, subject: Subject) {
    if let Some(pending) = app.pending.get_mut(&subject) {
        pending.generation += 1;
        pending.outstanding = false;
        pending.again = false;
    }
}

/// An answer has come.
pub fn answered(app: &mut App, answer: Answer) -> Vec<Effect> {
    let Some(pending) = app.pending.get_mut(&answer.subject) else { return Vec::new() };
    if pending.generation != answer.generation || !pending.outstanding {
        return Vec::new();
    }
    pending.outstanding = false;
    let again = std::mem::take(&mut pending.again);
    let mut effects = take(app, answer.subject, answer.found);
    if again {
        effects.extend(match answer.subject {
            Subject::Figures => figures(app),
            Subject::Rows(id) => rows(app, id),
            Subject::Detail => detail(app),
            // A person's question is never asked twice.
            Subject::Dialog | Subject::Hand | Subject::Seek => Vec::new(),
        });
    }
    effects
}

fn take(app: &mut App, subject: Subject, found: Result<Found, String>) -> Vec<Effect> {
    match (subject, found) {
        (Subject::Figures, Ok(Found::Figures(figures, rollups))) => {
            app.trouble = None;
            app.summary = Summary::new(&figures, &rollups, app.now);
            app.pulse.observe(&rollups, app.now);
            app.depth.note(app.now, app.waiting());
            app.figures = Some(*figures);
            find::show_endpoints(app);
            return alert(app);
        }
        (Subject::Rows(id), Ok(Found::Rows(rows, reach))) => {
            if is_wanted(app, id, reach) {
                fill(app, id, rows);
            }
        }
        (Subject::Seek, Ok(found)) => return find::sought(app, found),
        (Subject::Rows(id), Err(error)) => {
            if let Some(state) = app.lists.get_mut(&id) {
                state.error = Some(error);
            }
        }
        (Subject::Detail, found) => {
            if let Some(inspector) = &mut app.inspector {
                inspector.take(found);
            }
        }
        (Subject::Hand, found) => return hand::told(app, found),
        (Subject::Dialog, Ok(found)) => return dialogs::informed(app, found),
        (Subject::Dialog | Subject::Seek, Err(error)) => app.say(false, error),
        (Subject::Figures, Err(error)) => app.trouble = Some(error),
        (Subject::Figures | Subject::Rows(_), Ok(_)) => {}
    }
    Vec::new()
}

/// A sound, or a notification, where the figures are worth one and the person wants it.
fn alert(app: &mut App) -> Vec<Effect> {
    let endpoints = app.figures.as_ref().map(|figures| figures.endpoints.as_slice()).unwrap_or_default();
    let Some(words) = app.bell.hear(endpoints) else { return Vec::new() };
    let wanted = app.taste.alerts;
    let name = app.ground.as_ref().map_or("", |ground| ground.name.as_str());
    let notify = wanted.notify.then(|| format!("{}: {words}", escape::line(name)));
    if wanted.bell || notify.is_some() { vec![Effect::Alert(Alert { bell: wanted.bell, notify })] } else { Vec::new() }
}

/// Notes how far the search reached. Rows of a filter that is no longer in force are not wanted.
fn is_wanted(app: &mut App, id: PaneId, reach: Reach) -> bool {
    /// A search through so many rows is not made with every change.
    const COSTLY: u64 = 5_000;
    let (now, grouped) = (app.now, groups::are_in(app, id));
    let Some(list) = app.lists.get_mut(&id) else { return false };
    if std::mem::take(&mut list.find.stale) {
        return false;
    }
    list.find.reach = reach;
    // Groups are of all dead letters, however many there are.
    let costly = grouped || reach.looked.is_some_and(|(_, looked)| looked > COSTLY);
    list.find.costly_at = costly.then_some(now);
    true
}

/// Rows have come for a pane.
pub fn fill(app: &mut App, id: PaneId, rows: Rows<Row>) {
    let height = app.height_of(id);
    if let Some(state) = app.lists.get_mut(&id).filter(|state| !state.frozen) {
        state.error = None;
        state.window.apply(rows, height);
    }
}
