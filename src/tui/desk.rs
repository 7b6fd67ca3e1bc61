//! The desk: engine, journal and feed of one project, and how effects are performed on them.

use std::io;
use std::sync::Arc;
use std::time::Duration;

use tokio::sync::mpsc::UnboundedSender;
use tokio::sync::watch;

use crate::config::{self, Config, Env, Project};
use crate::engine::clock::Clock;
use crate::engine::panic_log;
use crate::engine::send::send_once;
use crate::engine::{Engine, EngineOptions, Status};
use crate::event::Event;
use crate::journal::{
    ActResult, Actor, Journal, JournalError, Level, LogLine, LogSource, OrderKind, Role, RouteBy, Submission,
    TestRecord, Undone,
};
use crate::present::{figures, result};

use super::app::Ground;
use super::effects::{Deed, Draft, EndpointOrder, Outcome};
use super::feed::{Ask, Feed};
use super::msg::Msg;
use super::update::edit;

/// What it takes to lay a desk.
#[derive(Debug, Clone)]
pub struct Setting {
    /// The project.
    pub project: Project,
    /// Variables for its file.
    pub env: Env,
    /// Who sits at it.
    pub actor: Actor,
}

/// Why there is no desk.
#[derive(Debug, thiserror::Error)]
pub enum DeskError {
    /// The journal cannot be opened.
    #[error(transparent)]
    Journal(#[from] JournalError),
    /// No thread for engine or feed.
    #[error("cannot start: {0}")]
    Start(#[from] io::Error),
}

/// Engine, journal and feed. Dropping it ends the engine, which drains for 5 s at most.
#[derive(Debug)]
pub struct Desk {
    engine: Engine,
    journal: Journal,
    feed: Feed,
    actor: Actor,
    inbox: UnboundedSender<Msg>,
}

impl Desk {
    /// Opens the journal, starts the engine and the feed. What they tell goes to `inbox`.
    ///
    /// # Errors
    /// See [`DeskError`].
    pub fn lay(setting: Setting, inbox: UnboundedSender<Msg>) -> Result<Self, DeskError> {
        let loaded = config::load(&setting.project, &setting.env);
        let settings = loaded.config.as_deref().filter(|_| !loaded.blank).map(|config| &config.journal);
        let journal = Journal::of(&setting.project, settings, Role::Resident)?;
        panic_log::keep(&setting.project);
        let feed = Feed::start(journal.reader()?, inbox.clone())?;
        let options = EngineOptions { project: setting.project, env: setting.env, clock: Clock::System };
        let engine = Engine::start(options, journal.clone())?;
        Ok(Self { engine, journal, feed, actor: setting.actor, inbox })
    }

    /// The project as the console shows it.
    #[must_use]
    pub fn ground(project: &Project) -> Ground {
        let file = project.file.file_name().map_or_else(String::new, |name| name.to_string_lossy().into_owned());
        Ground { name: project.name(), root: project.root.clone(), file }
    }

    /// What the engine does.
    #[must_use]
    pub fn status(&self) -> watch::Receiver<Arc<Status>> {
        self.engine.status()
    }

    /// Commits of this process.
    #[must_use]
    pub fn changes(&self) -> watch::Receiver<i64> {
        self.journal.changes()
    }

    /// The engine, for draining and suspending.
    #[must_use]
    pub const fn engine(&self) -> &Engine {
        &self.engine
    }

    /// Asks the journal.
    pub fn ask(&self, ask: Ask) {
        self.feed.ask(ask);
    }

    /// Does it; how it ended comes as a message.
    pub fn act(&self, deed: Deed) {
        let (journal, actor, inbox) = (self.journal.clone(), self.actor.clone(), self.inbox.clone());
        if let Deed::SendCopy(draft) = deed {
            tokio::spawn(async move { inbox.send(send_copy(&journal, actor, *draft).await) });
            return;
        }
        tokio::spawn(async move {
            let outcome = act(&journal, actor, deed).await.unwrap_or_else(|error| bad(error.to_string()));
            let _ = inbox.send(Msg::Done(outcome));
        });
    }

    /// Sends a test event to an endpoint of the file in force; how it ended comes as a message.
    pub fn test(&self, config: Arc<Config>, endpoint: String) {
        let (journal, inbox) = (self.journal.clone(), self.inbox.clone());
        tokio::spawn(async move {
            let outcome = test(&journal, &config, &endpoint).await.unwrap_or_else(bad);
            let _ = inbox.send(Msg::Done(outcome));
        });
    }

    /// No new attempts; what is in flight has this long.
    pub fn drain(&self, patience: Duration) {
        self.engine.drain(patience);
    }
}

fn good(text: impl Into<String>) -> Outcome {
    Outcome { good: true, text: text.into() }
}

fn bad(text: impl Into<String>) -> Outcome {
    Outcome { good: false, text: text.into() }
}

async fn act(journal: &Journal, actor: Actor, deed: Deed) -> Result<Outcome, JournalError> {
    let now = Clock::System.now();
    Ok(match deed {
        Deed::Act(act, selection) => {
            let result = journal.act(act, selection, actor, now).await?;
            let (one, many, done) = match act {
                crate::journal::Act::Retry => ("dead letter", "dead letters", "queued again with fresh tries"),
                crate::journal::Act::Clear => ("dead letter", "dead letters", "cleared; u takes it back"),
                crate::journal::Act::Restore => ("dead letter", "dead letters", "restored"),
                crate::journal::Act::Cancel => ("delivery", "deliveries", "cancelled; u takes it back"),
            };
            told(&result, &format!("{} {done}", figures::counted(result.done, one, many)))
        }
        Deed::RetryNow(id) => told(&journal.retry_now(id, actor, now).await?, "retried: it goes now, with fresh tries"),
        Deed::Resend(id) => told(&journal.resend(vec![id], actor, now).await?, "resent: one attempt goes now"),
        Deed::ResendEvent(id) => match journal.resend_event(id, None, RouteBy::Applied, actor, now).await? {
            Ok(made) if made.is_empty() => bad("every endpoint that matches now has had it"),
            Ok(made) => good(format!("{} made", figures::counted(as_count(made.len()), "delivery", "deliveries"))),
            Err(reason) => bad(reason),
        },
        Deed::Order(endpoint, order) => {
            let kind = match order {
                EndpointOrder::Pause => OrderKind::Pause(None),
                EndpointOrder::Resume => OrderKind::Resume,
                EndpointOrder::Reset => OrderKind::Reset,
                EndpointOrder::Trip => OrderKind::Trip,
            };
            let result = journal.order(endpoint, kind, actor, now).await?;
            let done = match order {
                EndpointOrder::Pause => "paused: events are accepted, deliveries held",
                EndpointOrder::Resume => "resumed",
                EndpointOrder::Reset => "reset: the circuit is closed",
                EndpointOrder::Trip => "tripped: the circuit is open",
            };
            told(&result, &format!("{} {done}", figures::counted(result.done, "endpoint", "endpoints")))
        }
        // Sent by itself: what is refused can be edited again.
        Deed::SendCopy(_) => bad("it was not sent"),
        Deed::Undo => journal.undo(actor, now).await?.map_or_else(|| bad("there is nothing of yours to undo"), undone),
    })
}

/// Sends an edited copy of an event, made from it, to the one endpoint.
async fn send_copy(journal: &Journal, actor: Actor, draft: Draft) -> Msg {
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
    let line = LogLine {
        level: Level::Info,
        source: LogSource::Act,
        who: Some(actor.0),
        endpoint: Some(draft.endpoint.clone()),
        text: format!("sent an edited copy of {} to {} as {}", draft.event, draft.endpoint, accepted.id),
    };
    Msg::Done(match journal.log(line, now).await {
        Ok(()) => good(format!("sent to {} as {}", draft.endpoint, accepted.id)),
        Err(error) => bad(format!("sent as {}, but the log could not be written: {error}", accepted.id)),
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
    Outcome { good: undone > 0, text }
}

async fn test(journal: &Journal, config: &Config, id: &str) -> Result<Outcome, String> {
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
    let record = TestRecord { event, endpoint: id.to_owned(), attempt };
    journal.record_test(record, now).await.map_err(|error| error.to_string())?;
    Ok(outcome)
}
