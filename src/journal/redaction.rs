//! Redaction stands before everything that is stored: event, digest and log know the redacted text only.

use super::tx::Tx;
use super::{Accepted, JournalError, Level, LogLine, LogSource, Refusal, Submission, log};
use crate::event::redact::{Findings, Passed, Policy};
use crate::event::{Millis, Revision};

type Answer = Result<Result<Accepted, Refusal>, JournalError>;

/// Hands a submission on as redaction lets it pass. Before there is any revision the built-in rules hold.
///
/// The digest that tells whether a known id `differs` is taken of what is handed on: a hash of the secret itself would be
/// something to guess it by, and the placeholders tell different secrets apart.
pub(super) fn pass(
    tx: &mut Tx<'_>,
    submission: &Submission,
    revision: Option<&Revision>,
    now: Millis,
    accept: impl FnOnce(&mut Tx<'_>, &Submission) -> Answer,
) -> Answer {
    let built_in = Policy::default();
    let policy = revision.map_or(&built_in, |revision| &revision.redaction);
    match policy.pass(&submission.event) {
        Passed::Clean => accept(tx, submission),
        Passed::Redacted(event) => accept(tx, &Submission { event: *event, ..submission.clone() }),
        Passed::Blocked(findings) => Ok(Err(Refusal::Blocked { findings })),
        Passed::Warned(findings) => {
            let answer = accept(tx, submission)?;
            if answer.as_ref().is_ok_and(|accepted| !accepted.duplicate) {
                warn(tx, &submission.event.id, &findings, now)?;
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
