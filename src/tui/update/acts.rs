//! Acts by hand: whom they would touch, whether they can be done, and the effects that do them.

use crate::config::Severity;
use crate::event::{Circuit, EndpointState, State};
use crate::journal::{Act, EndpointRow, Selection, Whom};
use crate::present::{escape, figures};

use super::super::app::{App, Modal};
use super::super::dialog::{Dialog, Yes};
use super::super::effects::{Bulk, Deed, Effect, EndpointOrder};
use super::super::keys::Context;
use super::super::panes::PaneId;
use super::super::rows::Row;
use super::{bulk, lists, marks};

/// Retries the dead letter, at once.
pub fn retry(app: &mut App) -> Vec<Effect> {
    match bulk::marked(app) {
        Some(target) => bulk::ask(app, Bulk::Act(Act::Retry), target),
        None => one(app, Deed::RetryNow),
    }
}

/// Asks whether the dead letter shall be cleared.
pub fn clear(app: &mut App) -> Vec<Effect> {
    if let Some(target) = bulk::marked(app) {
        return bulk::ask(app, Bulk::Act(Act::Clear), target);
    }
    let after = format!("It is put away and not delivered. {} takes it back.", app.key(Context::Everywhere, "undo"));
    ask_one(app, Act::Clear, "Clear 1 dead letter?", &after, "clear it")
}

/// Makes one more attempt of the delivery.
pub fn resend(app: &mut App) -> Vec<Effect> {
    match bulk::marked(app) {
        Some(target) => bulk::ask(app, Bulk::Resend, target),
        None => one(app, Deed::Resend),
    }
}

/// `r` of the inspector: a dead letter is retried, anything else sent once more.
pub fn again(app: &mut App) -> Vec<Effect> {
    let is_dead = app.delivery().is_some_and(|row| row.state == State::Dead);
    if is_dead { retry(app) } else { resend(app) }
}

/// Asks whether the delivery shall be cancelled.
pub fn cancel(app: &mut App) -> Vec<Effect> {
    if let Some(target) = bulk::marked(app) {
        return bulk::ask(app, Bulk::Act(Act::Cancel), target);
    }
    let undo = app.key(Context::Everywhere, "undo");
    let after = format!("It becomes a dead letter and is not delivered. {undo} takes it back.");
    ask_one(app, Act::Cancel, "Cancel 1 waiting delivery?", &after, "cancel it")
}

fn ask_one(app: &mut App, act: Act, title: &str, after: &str, yes: &'static str) -> Vec<Effect> {
    let Some(row) = app.delivery() else { return Vec::new() };
    let what = format!("{} → {}", escape::line(&row.event_type), escape::line(&row.endpoint));
    let deed = Deed::Act(act, Selection::Ids(vec![row.id.clone()]), 1);
    let dialog = Dialog::deed(title.to_owned(), vec![what, after.to_owned()], yes, deed);
    app.modal = Some(Modal::Dialog(dialog));
    Vec::new()
}

fn one(app: &mut App, deed: impl FnOnce(String) -> Deed) -> Vec<Effect> {
    app.delivery().map(|row| vec![Effect::Do(deed(row.id.clone()))]).unwrap_or_default()
}

/// The delivery must be dead.
///
/// # Errors
/// The reason in words.
pub fn is_dead(app: &App) -> Result<(), String> {
    if bulk::marked(app).is_some() {
        return Ok(());
    }
    lists::has_row(app)?;
    match app.delivery().map(|row| row.state) {
        Some(State::Dead) => Ok(()),
        Some(state) => Err(format!("it is {state}, not dead")),
        None => Err("there is no delivery here".to_owned()),
    }
}

/// Resend refuses what is in flight, and endpoints that take nothing.
///
/// # Errors
/// The reason in words.
pub fn can_send(app: &App) -> Result<(), String> {
    if bulk::marked(app).is_some() {
        return Ok(());
    }
    lists::has_row(app)?;
    let Some(row) = app.delivery() else { return Err(is_attempt(app)) };
    if row.state == State::InFlight {
        return Err("it is in flight already".to_owned());
    }
    if row.state == State::Cleared {
        return Err("it was cleared: undo or `hooktui dlq restore` brings it back first".to_owned());
    }
    match app.endpoint(row.endpoint_key).map(|endpoint| endpoint.state) {
        Some(EndpointState::Disabled) => {
            let key = app.key(Context::Pane(PaneId::Endpoints), "pause");
            Err(format!("{} is disabled: resume it first ({key} in Endpoints)", row.endpoint))
        }
        Some(EndpointState::Removed) => Err(format!("{} is no longer in the file", row.endpoint)),
        _ => Ok(()),
    }
}

/// Why there is no delivery to act on: the row is an attempt; or what is inspected is none, or not known yet.
#[must_use]
pub fn is_attempt(app: &App) -> String {
    if app.inspector.is_some() {
        return "there is no delivery here".to_owned();
    }
    format!("this row is an attempt: {} shows deliveries", app.key(Context::Pane(PaneId::Deliveries), "attempts"))
}

/// Retry needs both.
///
/// # Errors
/// The reason in words.
pub fn can_retry(app: &App) -> Result<(), String> {
    is_dead(app)?;
    can_send(app)
}

/// Only what waits can be cancelled.
///
/// # Errors
/// The reason in words.
pub fn can_cancel(app: &App) -> Result<(), String> {
    if marks::any(app) {
        return Ok(());
    }
    lists::has_row(app)?;
    match app.delivery().map(|row| row.state) {
        Some(State::Queued | State::Scheduled) => Ok(()),
        Some(State::InFlight) => Err("it is in flight: its result comes first".to_owned()),
        Some(state) => Err(format!("it is {state}: only what waits can be cancelled")),
        None => Err(is_attempt(app)),
    }
}

/// There must be a dead letter: counted, or on the screen. The counters may be older than the rows, and the filter may leave out
/// what is counted.
///
/// # Errors
/// The reason in words.
pub fn any_dead(app: &App) -> Result<(), String> {
    let counted = app.figures.iter().flat_map(|figures| &figures.endpoints).any(|one| one.counts.dead > 0);
    let is_seen = app.list().is_some_and(|list| !list.window.rows().is_empty());
    if counted || is_seen { Ok(()) } else { Err("there are no dead letters".to_owned()) }
}

/// Events can be sent where one is selected or marked.
///
/// # Errors
/// The reason in words.
pub fn can_resend_event(app: &App) -> Result<(), String> {
    if marks::any(app) { Ok(()) } else { lists::has_row(app) }
}

/// Sends the selected event, or the marked ones, to those who match now and never had it.
pub fn resend_event(app: &mut App) -> Vec<Effect> {
    if let Some(target) = bulk::marked(app) {
        return bulk::ask(app, Bulk::Events, target);
    }
    match app.selected() {
        Some(Row::Event(row)) => vec![Effect::Do(Deed::ResendEvent(row.id.clone()))],
        _ => Vec::new(),
    }
}

/// The endpoint that keys act on: the inspected one or that of the inspected delivery, else the selected one.
#[must_use]
pub fn endpoint(app: &App) -> Option<&EndpointRow> {
    if let Some(inspector) = &app.inspector {
        return inspector.endpoint(app);
    }
    match app.selected() {
        Some(Row::Endpoint(row)) => Some(row),
        _ => None,
    }
}

/// Pauses the selected endpoint, or resumes it.
pub fn toggle_pause(app: &mut App) -> Vec<Effect> {
    let Some(row) = endpoint(app) else { return Vec::new() };
    let order = if row.state == EndpointState::Active { EndpointOrder::Pause } else { EndpointOrder::Resume };
    vec![Effect::Do(Deed::Order(Whom::One(row.id.clone()), order))]
}

/// Asks whether all that is active shall be paused; where nothing is, whether all that is paused shall be resumed. One is
/// resumed unasked, as by its own key.
pub fn toggle_pause_all(app: &mut App) -> Vec<Effect> {
    let (active, paused) = (standing(app, EndpointState::Active), standing(app, EndpointState::Paused));
    let these = |rows: &[&EndpointRow]| Whom::These(rows.iter().map(|row| row.id.clone()).collect());
    let dialog = match (active.as_slice(), paused.as_slice()) {
        ([], []) => {
            app.say(false, "no endpoint is active or paused");
            return Vec::new();
        }
        ([], [one]) => return vec![Effect::Do(Deed::Order(Whom::One(one.id.clone()), EndpointOrder::Resume))],
        ([], several) => {
            let title = format!("Resume {} paused endpoints?", several.len());
            let lines =
                ["What they hold is delivered.".to_owned()].into_iter().chain(by_others(app, several)).collect();
            Dialog::deed(title, lines, "resume all", Deed::Order(these(several), EndpointOrder::Resume))
        }
        (active, _) => {
            let count = u64::try_from(active.len()).unwrap_or_default();
            let title = format!("Pause {}?", figures::counted(count, "active endpoint", "active endpoints"));
            let key = app.key(Context::Pane(PaneId::Endpoints), "pause all");
            let held = format!("Events are still accepted; their deliveries are held until you resume ({key}).");
            Dialog::deed(title, vec![held], "pause all", Deed::Order(these(active), EndpointOrder::Pause))
        }
    };
    app.modal = Some(Modal::Dialog(dialog));
    Vec::new()
}

fn standing(app: &App, state: EndpointState) -> Vec<&EndpointRow> {
    let known = app.figures.iter().flat_map(|figures| &figures.endpoints);
    known.filter(|one| one.state == state).collect()
}

/// Pauses that others gave, in a line.
fn by_others(app: &App, paused: &[&EndpointRow]) -> Option<String> {
    let given = |one: &&EndpointRow| {
        let by = one.paused_by.as_deref().filter(|by| *by != app.actor.0)?;
        Some(format!("{} by {}", escape::line(&one.name), escape::line(by)))
    };
    let others: Vec<String> = paused.iter().filter_map(given).collect();
    (!others.is_empty()).then(|| format!("Not paused by you: {}.", others.join(", ")))
}

/// Closes the circuit of the selected endpoint.
pub fn reset(app: &mut App) -> Vec<Effect> {
    endpoint(app)
        .map(|row| vec![Effect::Do(Deed::Order(Whom::One(row.id.clone()), EndpointOrder::Reset))])
        .unwrap_or_default()
}

/// Asks whether the circuit of the selected endpoint shall be opened.
pub fn trip(app: &mut App) -> Vec<Effect> {
    let Some(row) = endpoint(app) else { return Vec::new() };
    let title = format!("Trip the circuit of {}?", escape::line(&row.name));
    let lines = vec![
        "Its deliveries wait until a probe gets through, and lose no tries.".to_owned(),
        "A reset closes it again.".to_owned(),
    ];
    let deed = Deed::Order(Whom::One(row.id.clone()), EndpointOrder::Trip);
    app.modal = Some(Modal::Dialog(Dialog::deed(title, lines, "trip it", deed)));
    Vec::new()
}

/// An open circuit cannot be opened.
///
/// # Errors
/// The reason in words.
pub fn can_trip(app: &App) -> Result<(), String> {
    lists::has_row(app)?;
    match endpoint(app) {
        Some(row) if row.state == EndpointState::Removed => Err(format!("{} is no longer in the file", row.name)),
        Some(row) if row.circuit.circuit == Circuit::Open => Err(format!("the circuit of {} is open", row.name)),
        Some(_) => Ok(()),
        None => Err("select an endpoint first".to_owned()),
    }
}

/// Asks whether a test event shall go out.
pub fn test(app: &mut App) -> Vec<Effect> {
    let Some(row) = endpoint(app) else { return Vec::new() };
    let dialog = Dialog {
        title: format!("Send a test event to {}?", escape::line(&row.name)),
        table: Vec::new(),
        lines: vec![
            format!("One request goes to {} now, whatever the circuit says.", escape::line(&row.host)),
            "It is logged and never moves the circuit.".to_owned(),
        ],
        yes_label: "send",
        gently: None,
        number: None,
        yes: Yes::Do(vec![Effect::Test(row.id.clone())]),
    };
    app.modal = Some(Modal::Dialog(dialog));
    Vec::new()
}

/// A test needs the endpoint's address: it must be in the file, and nothing of it missing.
///
/// # Errors
/// The reason in words.
pub fn can_test(app: &App) -> Result<(), String> {
    lists::has_row(app)?;
    let Some(row) = endpoint(app) else { return Err("select an endpoint first".to_owned()) };
    match app.configured(&row.id) {
        None => Err(format!("{} is not in the file in force", row.name)),
        Some(configured) => match (&configured.target, &configured.missing) {
            (Some(_), _) => Ok(()),
            (None, Some(missing)) => Err(missing.clone()),
            (None, None) => Err(format!("{} cannot be sent to", row.name)),
        },
    }
}

/// Opens the file at its first error, else where the selected endpoint begins.
pub fn edit(app: &mut App) -> Vec<Effect> {
    let problems = app.engine.as_ref().map(|status| status.file.problems.as_slice()).unwrap_or_default();
    let error = problems.iter().find(|one| one.severity == Severity::Error && one.line > 0).map(|one| one.line);
    let entry = || endpoint(app).and_then(|row| app.configured(&row.id)).map(|configured| configured.line);
    vec![Effect::Edit(error.or_else(entry).unwrap_or(1))]
}
