//! What the dispatcher tells: log lines and alerts, after the commit of what they are about.

use std::collections::BTreeMap;

use crate::event::Millis;
use crate::journal::{Buried, JournalError, Level, LogLine, LogSource, Overflow, RouteBy, Submission, Verdict};

use super::super::alerts::{Kind, QUIET};
use super::super::circuit::Change;
use super::super::lane::{Ended, Lane};
use super::{Dispatch, Done};

/// Something an attempt did to its lane that people want to know.
#[derive(Debug, Clone)]
pub(super) struct Notice {
    lane: i64,
    change: Option<Change>,
    disabled: bool,
    failures: u32,
    cooldown_ms: u64,
    error: Option<String>,
    /// The head of a fifo lane died: the lane goes on without it.
    passed_over: Option<String>,
}

impl Notice {
    pub fn of(lane: &Lane, ended: &Ended, delivery: &str, error: Option<&str>) -> Option<Self> {
        let dead = matches!(ended.verdict, Verdict::Dead(_));
        let passed_over = (lane.endpoint.policy.fifo && dead).then(|| delivery.to_owned());
        let worth = ended.change.is_some() || ended.disabled || passed_over.is_some();
        worth.then(|| Self {
            lane: lane.key,
            change: ended.change,
            disabled: ended.disabled,
            failures: lane.circuit.consecutive_failures,
            cooldown_ms: lane.circuit.cooldown_ms,
            error: error.map(ToOwned::to_owned),
            passed_over,
        })
    }
}

impl Dispatch {
    /// Logs a notice and raises its alerts.
    pub(super) fn tell(&mut self, notice: &Notice) {
        let error = notice.error.as_deref().unwrap_or("no reason known");
        match notice.change {
            Some(Change::Opened) => {
                let wait = notice.cooldown_ms / 1_000;
                let text = format!("circuit opened after {} failures: {error}; a probe in {wait} s", notice.failures);
                self.tell_of(notice.lane, Level::Warning, LogSource::Circuit, text, Some((Kind::Opened, error)));
            }
            Some(Change::Closed) => {
                let text = "circuit closed: the endpoint works again".to_owned();
                self.tell_of(notice.lane, Level::Info, LogSource::Circuit, text, Some((Kind::Closed, "")));
            }
            None => {}
        }
        if notice.disabled {
            let text = "disabled by a 410 until it is resumed or its address changes".to_owned();
            self.tell_of(notice.lane, Level::Warning, LogSource::Engine, text, Some((Kind::Disabled, error)));
        }
        if let Some(delivery) = &notice.passed_over {
            self.pass_over(notice.lane, delivery);
        }
    }

    /// The head of a fifo lane is dead.
    pub(super) fn pass_over(&mut self, lane: i64, delivery: &str) {
        let text = format!("{delivery} is dead and passed over: the lane goes on behind it");
        self.tell_of(lane, Level::Warning, LogSource::Engine, text, None);
    }

    /// Raises the alerts of deaths.
    pub(super) fn bury(&mut self, buried: &[Buried]) {
        let now = self.desk.clock.now();
        let mut raised = Vec::new();
        for one in buried {
            let Some(route) = self.lanes.get(&one.endpoint).map(|lane| &lane.endpoint.route) else { continue };
            raised.extend(self.alerts.bury(one, (&route.endpoint, &route.name), now));
        }
        self.emit(raised, now);
    }

    /// Asks for the deaths by overflow, at once and then as often as an alert may be raised.
    pub(super) fn look_for_overflow(&mut self, now: Millis) {
        if self.looks.overflow_not_before > now {
            return;
        }
        match self.reader.has_overflowed() {
            Ok(true) => {
                self.looks.overflow_not_before = now.saturating_add(QUIET);
                let reply = self.desk.journal.overflow(self.desk.epoch);
                self.tasks.spawn(async move { Done::Overflowed(reply.await) });
            }
            Ok(false) => {}
            Err(error) => self.fail(&error),
        }
    }

    pub(super) fn tell_overflow(&mut self, overflow: &Overflow) {
        if overflow.died > 0 {
            let text =
                format!("the queue was full: the oldest died to make room, {} since this was last told", overflow.died);
            self.log(Level::Warning, LogSource::Engine, None, text);
        }
        self.bury(&overflow.newest);
    }

    pub(super) fn log_order_refused(&mut self, lane: i64, why: &str) {
        self.tell_of(lane, Level::Warning, LogSource::Engine, format!("order not followed: {why}"), None);
    }

    /// Writes a line to the log.
    pub(super) fn log(&mut self, level: Level, source: LogSource, endpoint: Option<String>, text: String) {
        let now = self.desk.clock.now();
        let reply = self.desk.journal.log(LogLine { level, source, who: None, endpoint, text }, now);
        self.tasks.spawn(async move { Done::Aside(reply.await) });
    }

    fn tell_of(&mut self, lane: i64, level: Level, source: LogSource, text: String, alert: Option<(Kind, &str)>) {
        let now = self.desk.clock.now();
        let Some(lane) = self.lanes.get(&lane) else { return };
        let route = &lane.endpoint.route;
        if let Some((kind, error)) = alert {
            let details = BTreeMap::from([("error".to_owned(), error.to_owned())]);
            let details = details.into_iter().filter(|(_, error)| !error.is_empty()).collect();
            let message = format!("{}: {text}", route.name);
            let raised = self.alerts.raise(kind, (&route.endpoint, &route.name), message, details, now);
            let name = route.name.clone();
            self.emit(raised.into_iter().collect(), now);
            self.log(level, source, Some(name), text);
            return;
        }
        let name = route.name.clone();
        self.log(level, source, Some(name), text);
    }

    fn emit(&mut self, alerts: Vec<Submission>, now: Millis) {
        if alerts.is_empty() {
            return;
        }
        let reply = self.desk.journal.accept(alerts, RouteBy::Applied, now);
        self.tasks.spawn(async move {
            // A journal without room refuses an alert like any other event; the log line and the dead letter are there all the same.
            let result: Result<(), JournalError> = reply.await.map(drop);
            Done::Aside(result)
        });
    }
}
