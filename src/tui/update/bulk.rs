//! Acts on more than one row: counted first, then asked about, then done with its course on the screen.

use std::collections::BTreeMap;

use crate::event::{EndpointState, Query};
use crate::journal::{Act, Counted, DISABLED_BY_FILE, Progress, Selection};
use crate::present::{act as words, escape, figures};

use super::super::app::{App, Modal, Running};
use super::super::dialog::Dialog;
use super::super::effects::{Bulk, Deed, Effect};
use super::super::feed::{Question, Subject, Target};
use super::super::keys::Context;
use super::{asking, groups, marks};

/// Below this an act has ended before a line about it could be read.
const SLOW: u64 = 2_000;
/// The same of events that are sent: each is a commit of its own.
const SLOW_EVENTS: u64 = 100;

/// What keys act on that is more than the row: the marks, if there are any, or a group.
#[must_use]
pub fn marked(app: &App) -> Option<Target> {
    if !marks::any(app) {
        return groups::target(app);
    }
    let list = app.list()?;
    Some(if list.marks.is_all() { Target::Matching(list.query.clone()) } else { Target::Ids(list.marks.ids()) })
}

/// Counts what the act would change, then asks.
pub fn ask(app: &mut App, bulk: Bulk, target: Target) -> Vec<Effect> {
    if let Some(running) = &app.course {
        let text = format!("{} is under way: Esc cancels it first", running.what);
        app.say(false, text);
        return Vec::new();
    }
    asking::forget(app, Subject::Dialog);
    asking::ask(app, Subject::Dialog, Question::Count(bulk, target))
}

/// Counts all that the pane's filter finds, or the selected group, then asks.
pub fn ask_all(app: &mut App, act: Act) -> Vec<Effect> {
    if groups::are_in(app, app.focus) {
        let Some(target) = groups::target(app) else { return Vec::new() };
        return ask(app, Bulk::Act(act), target);
    }
    let query = app.list().map_or_else(Query::default, |list| list.query.clone());
    ask(app, Bulk::Act(act), Target::Matching(query))
}

/// It has been counted: asks, or says that there is nothing.
pub fn counted(app: &mut App, bulk: Bulk, selection: Selection, counts: Vec<Counted>) {
    let stays = |one: &Counted| needs_endpoint(bulk) && why_closed(app, one.endpoint_key).is_some();
    let (stay, counts): (Vec<Counted>, Vec<Counted>) = counts.into_iter().partition(stays);
    let stay = stay_lines(app, &stay);
    if words::total(&counts) == 0 {
        app.say(false, stay.into_iter().next().unwrap_or_else(|| nothing(bulk).to_owned()));
    } else if app.modal.is_none() {
        let mut dialog = Dialog::bulk(app, bulk, selection, &counts);
        dialog.lines.extend(stay);
        app.modal = Some(Modal::Dialog(dialog));
    }
}

/// There are more than the act takes.
pub fn too_many(app: &mut App, most: usize) {
    let most = figures::count(u64::try_from(most).unwrap_or(u64::MAX));
    let key = app.key(Context::List, "filter");
    app.say(false, format!("more than {most} match: {key} narrows them down"));
}

/// Removed and disabled endpoints take nothing of it.
const fn needs_endpoint(bulk: Bulk) -> bool {
    matches!(bulk, Bulk::Act(Act::Retry) | Bulk::Resend)
}

/// Why an endpoint takes nothing, and what must come first.
fn why_closed(app: &App, key: i64) -> Option<String> {
    let one = app.endpoint(key)?;
    let name = escape::line(&one.name);
    match one.state {
        EndpointState::Removed => Some(format!("{name} is no longer in the file, put it back first")),
        EndpointState::Disabled if one.disabled_by.as_deref() == Some(DISABLED_BY_FILE) => {
            Some(format!("{name} is disabled in the file, enable it there first"))
        }
        EndpointState::Disabled => Some(format!("{name} is disabled, resume it first")),
        EndpointState::Active | EndpointState::Paused => None,
    }
}

/// `1 stays: gone is disabled, resume it first.`, a line an endpoint; at most three.
fn stay_lines(app: &App, stay: &[Counted]) -> Vec<String> {
    let mut sums: BTreeMap<i64, u64> = BTreeMap::new();
    for one in stay {
        *sums.entry(one.endpoint_key).or_default() += one.count;
    }
    let line = |(key, count): (&i64, &u64)| {
        Some(format!("{}: {}.", figures::counted(*count, "stays", "stay"), why_closed(app, *key)?))
    };
    let mut lines: Vec<String> = sums.iter().filter_map(line).collect();
    if lines.len() > 3 {
        let rest: u64 = sums.values().skip(2).sum();
        lines.truncate(2);
        lines.push(format!("{} of other endpoints that take none.", figures::counted(rest, "stays", "stay")));
    }
    lines
}

const fn nothing(bulk: Bulk) -> &'static str {
    match bulk {
        Bulk::Act(Act::Retry) => "there is no dead letter of an endpoint that takes deliveries",
        Bulk::Act(Act::Clear) => "there are no dead letters",
        Bulk::Act(Act::Restore) => "nothing was cleared",
        Bulk::Act(Act::Cancel) => "nothing of it is waiting any more",
        Bulk::Resend => "none of them can be sent now",
        Bulk::Events => "no endpoint matches them now that has not had them",
    }
}

/// The person said yes: marks have served, and what takes long is shown from now on.
pub fn begin(app: &mut App, effects: &[Effect]) {
    for effect in effects {
        let Effect::Do(deed) = effect else { continue };
        let (what, of, slow) = match deed {
            Deed::Act(act, _, of) => (act.as_str(), *of, *of > SLOW),
            Deed::Replay(_, of) => ("retry gently", *of, true),
            Deed::ResendEvents(ids) => {
                let of = u64::try_from(ids.len()).unwrap_or(0);
                ("send", of, of > SLOW_EVENTS)
            }
            Deed::ResendAll(_) => {
                marks::take_off(app);
                continue;
            }
            _ => continue,
        };
        marks::take_off(app);
        if of > 1 {
            app.course = Some(Running { what, progress: Progress { of, ..Progress::default() }, slow });
        }
    }
}

/// How far it has come; none: it has ended.
pub fn course(app: &mut App, progress: Option<Progress>) {
    match (&mut app.course, progress) {
        (Some(running), Some(progress)) => running.progress = progress,
        (course, None) => *course = None,
        (None, Some(_)) => {}
    }
}

/// Esc stops what goes on, before it does anything else: the line on the screen says so.
#[must_use]
pub fn is_stopped(app: &App, key: super::super::keys::Key) -> bool {
    let esc = super::super::keys::Key::named(crossterm::event::KeyCode::Esc);
    key == esc && app.modal.is_none() && app.course.as_ref().is_some_and(|running| running.slow)
}

/// What will keep the deliveries of these endpoints waiting, in words; at most three lines.
#[must_use]
pub fn holds(app: &App, counts: &[Counted]) -> Vec<String> {
    let mut keys: Vec<i64> = counts.iter().map(|one| one.endpoint_key).collect();
    keys.dedup();
    let held = keys.iter().filter_map(|key| app.endpoint(*key)).filter(|one| one.state != EndpointState::Removed);
    let mut lines: Vec<String> = held.filter_map(|one| words::hold(one, app.now)).collect();
    if !super::super::header::somebody_dispatches(app) {
        lines.insert(0, "Nobody dispatches: they wait until that is mended.".to_owned());
    }
    if lines.len() > 3 {
        let more = lines.len() - 2;
        lines.truncate(2);
        lines.push(format!("{more} more endpoints hold them too."));
    }
    lines
}
