//! The demo's events: what a handful of agents in a few sessions would have to tell.

use std::sync::mpsc::{Receiver, RecvTimeoutError};
use std::time::Duration;

use super::super::place;
use crate::event::Event;
use crate::journal::{Journal, RouteBy, Submission};

/// Events that are there at once, so that the first look shows something.
const OPENING: usize = 16;

/// Every so many events a burst comes in, so that the queue is seen to grow and drain.
const BURST_EVERY: usize = 60;

/// Events of a burst.
const BURST: usize = 14;

/// Milliseconds between two events: 3 to 6 in a second.
const PACE: std::ops::Range<u64> = 165..330;

const SESSIONS: &[&str] = &["acme-api", "storefront", "data-pipeline", "infra"];

/// Agent types, and how NTM shortens them in names of panes.
const AGENTS: &[(&str, &str)] = &[("claude", "cc"), ("codex", "cod"), ("gemini", "gmi")];

/// Type, message, details.
type Story = (&'static str, &'static str, &'static [(&'static str, &'static str)]);

/// What happens. The more often it stands here, the more often it happens.
const STORIES: &[Story] = &[
    ("agent.started", "picked up the next bead", &[]),
    ("agent.busy", "running the test suite", &[("command", "cargo test")]),
    ("agent.busy", "rewriting the retry policy", &[("file", "src/retry.rs")]),
    ("agent.idle", "waiting for instructions", &[("idle_for", "4m")]),
    ("agent.completed", "all 214 tests pass", &[("tests", "214"), ("result", "pass")]),
    ("agent.completed", "opened a pull request", &[("pull_request", "#482")]),
    ("agent.error", "the build broke: cannot find type `Cursor`", &[("exit_code", "101")]),
    ("agent.rate_limit", "the model asks to wait", &[("retry_after", "30s")]),
    ("agent.crashed", "signal: killed", &[("exit_code", "137")]),
    ("agent.restarted", "back after a crash", &[("restarts", "1")]),
    ("bead.assigned", "migrate the orders table", &[("bead", "bd-318")]),
    ("bead.completed", "cache the exchange rates", &[("bead", "bd-302"), ("took", "12m")]),
    ("bead.failed", "the import times out on large files", &[("bead", "bd-311"), ("attempts", "3")]),
    ("session.created", "four panes, three agents", &[("panes", "4")]),
    ("session.killed", "closed by hand", &[]),
    ("rotation.needed", "the context is nearly used up", &[("context", "94%")]),
    ("health.degraded", "two of five agents do not answer", &[("silent", "2")]),
];

/// Puts events into the journal until it is told to stop.
pub(super) fn pour(journal: &Journal, stop: &Receiver<()>) {
    let mut poured = 0;
    let mut at_once = OPENING;
    loop {
        let submissions: Vec<Submission> = (poured..poured + at_once).map(|n| Submission::new(event(n))).collect();
        if journal.accept(submissions, RouteBy::Applied, place::now()).wait().is_err() {
            return;
        }
        poured += at_once;
        at_once = if poured % BURST_EVERY < at_once { BURST } else { 1 };
        let pause = Duration::from_millis(fastrand::u64(PACE));
        if stop.recv_timeout(pause) != Err(RecvTimeoutError::Timeout) {
            return;
        }
    }
}

/// The n-th event. The first ones tell every story once.
fn event(n: usize) -> Event {
    let pick = if n < STORIES.len() { n } else { fastrand::usize(..) };
    let (kind, message, details) = of(STORIES, pick).unwrap_or(("agent.idle", "", &[]));
    let session = of(SESSIONS, fastrand::usize(..)).unwrap_or_default();
    let (agent, short) = of(AGENTS, fastrand::usize(..)).unwrap_or_default();
    let details = details.iter().map(|&(key, value)| (key.to_owned(), value.to_owned())).collect();
    Event {
        session: session.to_owned(),
        pane: format!("{session}__{short}_{}", fastrand::u8(1..4)),
        agent: agent.to_owned(),
        message: message.to_owned(),
        details,
        ..Event::new(kind)
    }
}

/// The pick-th of the list, counted round and round.
fn of<T: Copy>(list: &[T], pick: usize) -> Option<T> {
    list.get(pick % list.len().max(1)).copied()
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::event::types;

    #[test]
    fn every_story_is_told_at_the_start_and_is_of_a_type_that_ntm_knows() {
        let told: Vec<Event> = (0..STORIES.len()).map(event).collect();
        for (event, (kind, message, _)) in told.iter().zip(STORIES) {
            assert_eq!((event.kind.as_str(), event.message.as_str()), (*kind, *message));
            assert!(types::is_ntm(kind), "{kind}");
            assert!(event.pane.starts_with(&event.session), "{event:?}");
        }
    }
}
