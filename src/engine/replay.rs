//! A large retry, gently: of each endpoint one dead letter first, then ten, then the rest at a pace; the first that fails
//! again stops it, and the rest stays dead.
//!
//! [`Canary`] decides, purely; [`run`] does what it decides and watches in the journal how those under way fare. They may
//! be sent by this process or by another one.

use std::time::{Duration, Instant};

use crate::config::Rate;
use crate::event::{Reason, State};
use crate::journal::{Actor, Course, Journal, JournalError, Next, Reader, Replay, Selection, Sent, Stand};
use crate::wire::status;

use super::clock::Clock;

mod canary;

pub use canary::{Canary, Fate, Move};

/// Looks are no closer together, however much is committed.
const LEAST: Duration = Duration::from_millis(30);
/// Between looks at what another process may have done.
const BRISK: Duration = Duration::from_millis(100);
/// The same, when nothing has happened for [`QUIET`].
const SLOW: Duration = Duration::from_secs(1);
const QUIET: Duration = Duration::from_secs(10);

/// What shall be replayed.
#[derive(Debug, Clone)]
pub struct Order {
    /// Which dead letters.
    pub selection: Selection,
    /// Who asks.
    pub actor: Actor,
    /// How fast the rest goes.
    pub pace: Rate,
}

/// How a replay ended.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Report {
    /// Dead letters that were queued again.
    pub done: u64,
    /// How many there were when the person was asked; 0: not known.
    pub of: u64,
    /// Ids that it left out, with the reason in words.
    pub skipped: Vec<(String, String)>,
    /// Why it went no further.
    pub end: End,
}

/// Why a replay went no further.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum End {
    /// All of them were queued again.
    Over,
    /// One failed again: what, in words.
    Failed(String),
    /// The person stopped it.
    Cancelled,
    /// Somebody took it back.
    TakenBack,
}

/// Why a replay could not be driven.
#[derive(Debug, thiserror::Error)]
pub enum ReplayError {
    /// The journal refuses.
    #[error(transparent)]
    Journal(#[from] JournalError),
    /// No timer.
    #[error("cannot start: {0}")]
    Start(#[from] std::io::Error),
}

/// The pace of the rest where none is given.
#[must_use]
pub const fn default_pace() -> Rate {
    Rate { count: std::num::NonZeroU32::MIN.saturating_add(49), per: Duration::from_secs(1) }
}

/// Replays until nothing is left, one fails again, or the course is cancelled. Blocks: not for use inside a runtime.
///
/// # Errors
/// See [`ReplayError`]; what was queued again stays queued.
pub fn run(journal: &Journal, order: Order, course: &Course) -> Result<Report, ReplayError> {
    let runtime = tokio::runtime::Builder::new_current_thread().enable_time().build()?;
    Ok(runtime.block_on(drive(journal, order, course))?)
}

async fn drive(journal: &Journal, order: Order, course: &Course) -> Result<Report, JournalError> {
    let mut driver = Driver {
        journal,
        reader: journal.reader()?,
        course,
        replay: Replay::new(order.selection, order.actor.clone()),
        actor: order.actor,
        pace: order.pace,
        canary: Canary::new(order.pace),
        begun: Instant::now(),
        moved: Instant::now(),
    };
    let of = course.of();
    let end = driver.go().await?;
    let done = driver.replay.done();
    let report = Report { done, of, skipped: driver.replay.skipped().to_vec(), end };
    journal.end_replay(driver.replay, report.for_log(), Clock::System.now()).await?;
    Ok(report)
}

struct Driver<'a> {
    journal: &'a Journal,
    reader: Reader,
    course: &'a Course,
    replay: Replay,
    actor: Actor,
    pace: Rate,
    canary: Canary,
    begun: Instant,
    /// When one of those under way was last seen to move.
    moved: Instant,
}

impl Driver<'_> {
    async fn log_start(&self) -> Result<(), JournalError> {
        use crate::journal::{Level, LogLine, LogSource};
        let letters = match self.course.of() {
            0 => "dead letters".to_owned(),
            1 => "1 dead letter".to_owned(),
            of => format!("{of} dead letters"),
        };
        let matching = self.replay.filter().map(|filter| format!(" matching {filter}")).unwrap_or_default();
        let text = format!("retry {letters}{matching} gently: one, then ten, then {}", self.pace);
        let who = Some(self.actor.0.clone());
        let line = LogLine { level: Level::Info, source: LogSource::Act, who, endpoint: None, text };
        self.journal.log(line, Clock::System.now()).await
    }

    async fn go(&mut self) -> Result<End, JournalError> {
        let mut changes = self.journal.changes();
        loop {
            self.look()?;
            self.course.tell(self.replay.done(), &self.canary.waits());
            if self.course.is_cancelled() {
                return Ok(End::Cancelled);
            }
            match self.canary.next(self.elapsed()) {
                Move::Send { limit, urgent } => {
                    if let Some(end) = self.send(limit, urgent).await? {
                        return Ok(end);
                    }
                }
                Move::Stop(what) => {
                    // What undo takes back is dead again too, and has not failed.
                    let taken_back = self.send(0, false).await? == Some(End::TakenBack);
                    return Ok(if taken_back { End::TakenBack } else { End::Failed(what) });
                }
                Move::Wait(at_most) => {
                    let pause = if self.moved.elapsed() < QUIET { BRISK } else { SLOW };
                    tokio::select! {
                        () = self.course.cancelled() => {}
                        _ = changes.changed() => tokio::time::sleep(LEAST).await,
                        () = tokio::time::sleep(at_most.unwrap_or(pause).min(pause)) => {}
                    }
                }
            }
        }
    }

    /// How those under way fare.
    fn look(&mut self) -> Result<(), JournalError> {
        let watched: Vec<i64> = self.canary.watched().map(|sent| sent.seq).collect();
        if watched.is_empty() {
            return Ok(());
        }
        let stands = self.reader.stands(watched)?;
        if self.canary.saw(&stands) {
            self.moved = Instant::now();
        }
        Ok(())
    }

    async fn send(&mut self, limit: usize, urgent: bool) -> Result<Option<End>, JournalError> {
        let batch = self.journal.replay(self.replay.clone(), limit, urgent, Clock::System.now()).await?;
        let begins = self.replay.done() == 0 && batch.replay.done() > 0;
        self.replay = batch.replay;
        if begins {
            self.log_start().await?;
        }
        match batch.next {
            Next::More => self.canary.sent(&batch.endpoint, &batch.sent, self.elapsed()),
            Next::Turned => self.canary.turned(),
            Next::Over => return Ok(Some(End::Over)),
            Next::TakenBack => return Ok(Some(End::TakenBack)),
        }
        Ok(None)
    }

    fn elapsed(&self) -> Duration {
        self.begun.elapsed()
    }
}

impl Report {
    fn for_log(&self) -> String {
        let Self { done, of, end, .. } = self;
        let of = if *of == 0 { String::new() } else { format!(" of {of}") };
        match end {
            End::Over => format!("retried {done}{of} dead letters gently"),
            End::Failed(what) => format!("stopped after {done}{of}: {what}; the rest stays dead"),
            End::Cancelled => format!("gentle retry cancelled after {done}{of}; the rest stays dead"),
            End::TakenBack => format!("gentle retry taken back after {done}{of}"),
        }
    }
}

/// What became of one that was queued again.
fn fate(endpoint: &str, sent: Sent, stand: &Stand) -> Fate {
    match stand.state {
        _ if stand.change == sent.change => Fate::Waits,
        State::Delivered => Fate::Good,
        State::Cleared => Fate::Failed(format!("one of {endpoint} was cleared by hand")),
        // A 429 asks for patience, and the endpoint is held for it.
        State::Scheduled if stand.status == Some(429) => Fate::Waits,
        State::Dead | State::Scheduled => Fate::Failed(words(endpoint, stand)),
        State::Queued | State::InFlight => Fate::Waits,
    }
}

/// `ops answered 503 Service Unavailable`, `ops: connection refused`.
fn words(endpoint: &str, stand: &Stand) -> String {
    match (stand.reason, stand.status, stand.error.as_deref()) {
        (Some(reason @ (Reason::Cancelled | Reason::Expired | Reason::Overflow)), ..) => {
            format!("one of {endpoint} is {reason}")
        }
        (_, Some(status), _) => format!("{endpoint} answered {}", status::with_phrase(status)),
        (_, None, Some(error)) => format!("{endpoint}: {error}"),
        (_, None, None) => format!("{endpoint}: no answer"),
    }
}

#[cfg(test)]
mod tests;
