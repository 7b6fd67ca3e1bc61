//! How acts by hand are done, and how they ended, in words for the message line.

use std::future::Future;
use std::thread::JoinHandle;
use std::time::Duration;

use tokio::sync::mpsc::UnboundedSender;
use tokio::sync::oneshot;
use tokio::time::sleep;

use crate::config::Config;
use crate::engine::clock::Clock;
use crate::engine::replay::{self, Order};
use crate::engine::send::send_once;
use crate::event::Event;
use crate::journal::{
    Act, ActResult, Actor, Course, Journal, JournalError, OrderKind, RouteBy, Submission, TestRecord, Undone,
};
use crate::present::{act as words, figures, result};

use super::effects::{Deed, Draft, EndpointOrder, Outcome};
use super::msg::Msg;
use super::update::edit;

/// How far an act has come is told no more often.
const STEP: Duration = Duration::from_millis(50);

/// Rows that the deed is on.
pub fn rows(deed: &Deed) -> u64 {
    match deed {
        Deed::Act(_, _, of) | Deed::Replay(_, of) => *of,
        Deed::ResendAll(ids) | Deed::ResendEvents(ids) => as_count(ids.len()),
        _ => 1,
    }
}

/// Tells how far the work has come, and in the end how it ended.
pub async fn follow(work: impl Future<Output = Outcome>, course: Course, inbox: UnboundedSender<Msg>) {
    let mut progress = course.progress();
    // The work may have begun on its thread before this: what it told then is news too.
    progress.mark_changed();
    tokio::pin!(work);
    let outcome = loop {
        tokio::select! {
            outcome = &mut work => break outcome,
            _ = progress.changed() => {
                let _ = inbox.send(Msg::Course(Some(progress.borrow_and_update().clone())));
            }
        }
        tokio::select! {
            outcome = &mut work => break outcome,
            () = sleep(STEP) => {}
        }
    };
    if rows_are_many(&course) {
        let _ = inbox.send(Msg::Course(None));
    }
    let _ = inbox.send(Msg::Done(outcome));
}

fn rows_are_many(course: &Course) -> bool {
    course.of() > 1
}

/// Starts a gentle retry on a thread of its own: it waits, and the console must not. Its end comes by the future.
pub fn replay(
    journal: Journal,
    order: Order,
    course: Course,
) -> (Option<JoinHandle<()>>, impl Future<Output = Outcome>) {
    let (told, ended) = oneshot::channel();
    let work = move || {
        let outcome = match replay::run(&journal, order, &course) {
            Ok(report) => {
                let (good, text) = words::replayed(&report);
                Outcome { good, text, undo: false }
            }
            Err(error) => bad(error.to_string()),
        };
        let _ = told.send(outcome);
    };
    let thread = std::thread::Builder::new().name("replay".to_owned()).spawn(work).ok();
    (thread, async move { ended.await.unwrap_or_else(|_| bad("the system has no thread left for it")) })
}

fn good(text: impl Into<String>) -> Outcome {
    Outcome { good: true, text: text.into(), undo: false }
}

pub fn bad(text: impl Into<String>) -> Outcome {
    Outcome { good: false, text: text.into(), undo: false }
}

/// Does the deed; how it ended in words.
pub async fn act(journal: &Journal, actor: Actor, deed: Deed, course: &Course) -> Outcome {
    done(journal, actor, deed, course).await.unwrap_or_else(|error| bad(error.to_string()))
}

async fn done(journal: &Journal, actor: Actor, deed: Deed, course: &Course) -> Result<Outcome, JournalError> {
    let now = Clock::System.now();
    Ok(match deed {
        Deed::Act(act, selection, _) => {
            let result = journal.act_with(act, selection, actor, now, course).await?;
            acted(act, &result, course.of())
        }
        // They are done by themselves.
        Deed::Replay(..) | Deed::SendCopy(_) => bad("it was not done"),
        Deed::ResendAll(ids) => {
            let result = journal.resend(ids, actor, now).await?;
            let sent = figures::counted(result.done, "delivery", "deliveries");
            told(&result, &format!("{sent} resent: one attempt each goes now"))
        }
        Deed::ResendEvents(ids) => events(journal, &actor, ids, course).await?,
        Deed::RetryNow(id) => told(&journal.retry_now(id, actor, now).await?, "retried: it goes now, with fresh tries"),
        Deed::Resend(id) => told(&journal.resend(vec![id], actor, now).await?, "resent: one attempt goes now"),
        Deed::ResendEvent(id) => match journal.resend_event(id, None, RouteBy::Applied, actor, now).await? {
            Ok(made) if made.is_empty() => bad("every endpoint that matches now has had it"),
            Ok(made) => good(format!("{} made", figures::counted(as_count(made.len()), "delivery", "deliveries"))),
            Err(reason) => bad(reason),
        },
        Deed::Order(whom, order) => {
            let kind = match order {
                EndpointOrder::Pause => OrderKind::Pause(None),
                EndpointOrder::Resume => OrderKind::Resume,
                EndpointOrder::Reset => OrderKind::Reset,
                EndpointOrder::Trip => OrderKind::Trip,
            };
            let result = journal.order(whom, kind, actor, now).await?;
            let done = match order {
                EndpointOrder::Pause => "paused: events are accepted, deliveries held",
                EndpointOrder::Resume => "resumed",
                EndpointOrder::Reset => "reset: the circuit is closed",
                EndpointOrder::Trip => "tripped: the circuit is open",
            };
            told(&result, &format!("{} {done}", figures::counted(result.done, "endpoint", "endpoints")))
        }
        Deed::Undo(act) => journal.undo(act, actor, now).await?.map_or_else(bad, undone),
    })
}

fn acted(act: Act, result: &ActResult, of: u64) -> Outcome {
    if result.cancelled {
        return Outcome { undo: true, ..bad(words::cancelled(result, of)) };
    }
    let (one, many, done) = match act {
        Act::Retry => ("dead letter", "dead letters", "queued again with fresh tries"),
        Act::Clear => ("dead letter", "dead letters", "cleared"),
        Act::Restore => ("dead letter", "dead letters", "restored"),
        Act::Cancel => ("delivery", "deliveries", "cancelled"),
    };
    let ended = told(result, &format!("{} {done}", figures::counted(result.done, one, many)));
    Outcome { undo: ended.good && matches!(act, Act::Clear | Act::Cancel), ..ended }
}

/// Sends events one after the other; told as one.
async fn events(journal: &Journal, actor: &Actor, ids: Vec<String>, course: &Course) -> Result<Outcome, JournalError> {
    let (mut made, mut refused) = (0, None);
    for (at, id) in ids.into_iter().enumerate() {
        if course.is_cancelled() {
            break;
        }
        match journal.resend_event(id, None, RouteBy::Applied, actor.clone(), Clock::System.now()).await? {
            Ok(deliveries) => made += as_count(deliveries.len()),
            Err(reason) => refused = refused.or(Some(reason)),
        }
        course.tell(as_count(at + 1), "");
    }
    let text = format!("{} made", figures::counted(made, "delivery", "deliveries"));
    Ok(match refused {
        Some(reason) => bad(format!("{text}; some were refused: {reason}")),
        None => good(text),
    })
}

fn as_count(number: usize) -> u64 {
    u64::try_from(number).unwrap_or(u64::MAX)
}

fn told(result: &ActResult, done: &str) -> Outcome {
    match result.skipped.first() {
        Some((_, reason)) if result.done == 0 => bad(reason.clone()),
        _ if result.done == 0 => bad("there was nothing left to do it to"),
        _ => good(done),
    }
}

fn undone(undone: Undone) -> Outcome {
    let Undone { what, undone, of } = undone;
    if undone == of {
        return good(format!("undone: {what}"));
    }
    let text = format!(
        "{} of {} undone; something has happened to the others since: {what}",
        figures::count(undone),
        figures::count(of)
    );
    Outcome { good: undone > 0, text, undo: false }
}

/// Sends a test event to an endpoint of this file.
///
/// # Errors
/// In words, when it could not be sent or written down.
pub async fn test(journal: &Journal, config: &Config, id: &str) -> Result<Outcome, String> {
    let endpoint = config.endpoints.iter().find(|one| one.route.endpoint == id);
    let endpoint = endpoint.ok_or_else(|| "it is no longer in the file".to_owned())?;
    let now = Clock::System.now();
    let message = "A test from hooktui: if you can read this, the webhook works.".to_owned();
    let event = Event { message, ..Event::new("hooktui.test") };
    let attempt = send_once(endpoint, config, &event, now).await?;
    let took = figures::known(attempt.duration_us, figures::took);
    let name = &endpoint.route.name;
    let outcome = match attempt.outcome {
        crate::event::Outcome::Delivered => {
            let status = attempt.status.map_or_else(String::new, |status| status.to_string());
            good(format!("{name} took the test event: {status} in {took}"))
        }
        _ => bad(format!("{name}: {}", result::failure(attempt.status, attempt.error.as_deref()))),
    };
    let record = TestRecord { event, endpoint: endpoint.route.clone(), attempt };
    journal.record_test(record, now).await.map_err(|error| error.to_string())?;
    Ok(outcome)
}

/// Sends an edited copy of an event, made from it, to the one endpoint.
pub async fn send_copy(journal: &Journal, actor: Actor, draft: Draft) -> Msg {
    let event = match edit::read(&draft.text) {
        Ok(event) => event,
        Err(why) => return Msg::Refused(Box::new(draft), why),
    };
    let (only, origin) = (Some(draft.endpoint_id.clone()), Some(draft.event.clone()));
    let submission = Submission { only, origin, ..Submission::new(event) };
    let now = Clock::System.now();
    let accepted = match journal.accept(vec![submission], RouteBy::Applied, now).await.map(|mut all| all.pop()) {
        Ok(Some(Ok(accepted))) => accepted,
        Ok(Some(Err(refusal))) => return Msg::Refused(Box::new(draft), refusal.to_string()),
        Ok(None) => return Msg::Refused(Box::new(draft), "the journal gave no answer".to_owned()),
        Err(error) => return Msg::Refused(Box::new(draft), error.to_string()),
    };
    let noted = journal.sent_copy(accepted.id.clone(), draft.event, draft.endpoint.clone(), actor, now).await;
    Msg::Done(match noted {
        Ok(()) => good(format!("sent to {} as {}", draft.endpoint, accepted.id)),
        Err(error) => bad(format!("sent as {}, but the log could not be written: {error}", accepted.id)),
    })
}

#[cfg(test)]
mod tests {
    use super::*;

    #[tokio::test]
    async fn what_was_told_before_somebody_followed_is_told() {
        let course = Course::new(60);
        course.tell(1, "1 of ci");
        let (inbox, mut told) = tokio::sync::mpsc::unbounded_channel();
        let following = tokio::spawn(follow(std::future::pending(), course, inbox));
        let first = tokio::time::timeout(Duration::from_mins(1), told.recv()).await.expect("it is told at once");
        let Some(Msg::Course(Some(progress))) = first else { panic!("no course") };
        assert_eq!((progress.done, progress.waits.as_str()), (1, "1 of ci"));
        following.abort();
    }
}
