//! Redaction stands before everything that is stored: event, digest and log know the redacted text only.

use std::sync::Arc;

use super::accept::Written;
use super::tx::Tx;
use super::{Accepted, JournalError, Level, LogLine, LogSource, Refusal, RouteBy, Submission, log};
use crate::event::redact::{Findings, Passed, Policy};
use crate::event::{Event, Millis, Revision};

type Answer = Result<Result<Accepted, Refusal>, JournalError>;

/// A submission, looked through and written on its emitter's own thread: a message of many megabytes must not hold up the
/// journal, nor many small ones.
pub(super) struct Looked {
    submission: Submission,
    /// By this revision, or by the built-in rules.
    by: Option<Arc<Revision>>,
    passed: Passed,
    /// What of it is stored if it passes so.
    written: Result<Written, JournalError>,
}

impl Looked {
    /// Looks through a submission by the revision that its emitter knows, which mostly is the one in force.
    pub fn through(submission: Submission, route_by: &RouteBy) -> Self {
        let by = match route_by {
            RouteBy::Given(revision) | RouteBy::AppliedOr(revision) => Some(Arc::clone(revision)),
            RouteBy::Applied => None,
        };
        let passed = policy(by.as_deref(), &Policy::default()).pass(&submission.event);
        let written = Written::of(stored(&submission, &passed));
        Self { submission, by, passed, written }
    }
}

/// The event as it is stored, should it be.
fn stored<'e>(submission: &'e Submission, passed: &'e Passed) -> &'e Event {
    match passed {
        Passed::Redacted(event) => event,
        Passed::Clean | Passed::Blocked(_) | Passed::Warned(_) => &submission.event,
    }
}

/// Before there is any revision the built-in rules hold.
fn policy<'p>(revision: Option<&'p Revision>, built_in: &'p Policy) -> &'p Policy {
    revision.map_or(built_in, |revision| &revision.redaction)
}

/// Hands a submission on as redaction lets it pass. If the policy in force is not the one it was looked through by, it is
/// looked through again.
///
/// The digest that tells whether a known id `differs` is taken of what is handed on: a hash of the secret itself would be
/// something to guess it by, and the placeholders tell different secrets apart.
pub(super) fn pass(
    tx: &mut Tx<'_>,
    looked: &Looked,
    revision: Option<&Revision>,
    now: Millis,
    accept: impl FnOnce(&mut Tx<'_>, &Submission, &Written) -> Answer,
) -> Answer {
    let built_in = Policy::default();
    let in_force = policy(revision, &built_in);
    let submission = &looked.submission;
    let again;
    let (passed, written) = if in_force == policy(looked.by.as_deref(), &built_in) {
        (&looked.passed, &looked.written)
    } else {
        let passed = in_force.pass(&submission.event);
        let written = Written::of(stored(submission, &passed));
        again = (passed, written);
        (&again.0, &again.1)
    };
    let written = written.as_ref().map_err(Clone::clone)?;
    match passed {
        Passed::Clean => accept(tx, submission, written),
        Passed::Redacted(event) => {
            accept(tx, &Submission { event: Event::clone(event), ..submission.clone() }, written)
        }
        Passed::Blocked(findings) => Ok(Err(Refusal::Blocked { findings: findings.clone() })),
        Passed::Warned(findings) => {
            let answer = accept(tx, submission, written)?;
            if answer.as_ref().is_ok_and(|accepted| !accepted.duplicate) {
                warn(tx, &submission.event.id, findings, now)?;
            }
            Ok(answer)
        }
    }
}

fn warn(tx: &mut Tx<'_>, event: &str, findings: &Findings, now: Millis) -> Result<(), JournalError> {
    let line = LogLine {
        level: Level::Warning,
        source: LogSource::Engine,
        who: None,
        endpoint: None,
        text: format!(
            "event {event} seems to hold secrets: {findings}; kept and sent as it is, redaction.mode is warn"
        ),
    };
    log::write(tx, &line, now)
}
