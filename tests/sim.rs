//! The engine against scripted endpoints on a manual clock, with a real journal: one scenario a file in `tests/sim/`.
//!
//! A scenario tells the file, what each endpoint answers (the last answer repeats), what people do and when, and every
//! attempt there must be: no more, no fewer, each at its millisecond.

#![expect(clippy::unwrap_used, clippy::panic, reason = "a test that cannot go on fails there and then")]

use std::collections::{BTreeMap, BTreeSet, HashMap};
use std::future::Future;
use std::pin::Pin;
use std::sync::{Arc, Mutex};
use std::time::{Duration, Instant};

use hooktui::config::{Durability, Env, Project};
use hooktui::engine::clock::{Clock, ManualClock};
use hooktui::engine::transport::{Failure, Script, Sent};
use hooktui::engine::{Engine, EngineOptions, Role};
use hooktui::event::{Event, Millis, Outcome, Trigger};
use hooktui::journal::lock::DispatcherLock;
use hooktui::journal::{
    self, Act, Actor, AttemptRow, ClaimRequest, Journal, OrderKind, Page, Pick, Reader, RouteBy, Selection, Submission,
    Whom,
};
use hooktui::wire::Request;
use serde::Deserialize;

/// When every scenario begins.
const T0: Millis = 1_800_000_000_000;

/// Longer than anything takes on a busy machine; a scenario that waits so long has failed.
const LIMIT: Duration = Duration::from_secs(30);

macro_rules! scenarios {
    ($($name:ident),+ $(,)?) => {
        $(#[test] fn $name() { play(stringify!($name)); })+

        #[test]
        fn every_scenario_is_played() {
            let played = BTreeSet::from([$(concat!(stringify!($name), ".toml")),+]);
            let folder = std::fs::read_dir(concat!(env!("CARGO_MANIFEST_DIR"), "/tests/sim")).unwrap();
            let there: BTreeSet<String> =
                folder.map(|entry| entry.unwrap().file_name().into_string().unwrap()).collect();
            assert_eq!(there.iter().map(String::as_str).collect::<BTreeSet<_>>(), played);
        }
    };
}

scenarios! {
    a_good_endpoint_gets_each_event_once,
    a_failing_delivery_backs_off_until_its_tries_are_exhausted,
    a_429_holds_the_endpoint_and_charges_no_try,
    a_503_with_retry_after_holds_and_counts,
    a_circuit_opens_is_probed_closes_and_ramps_up,
    failed_probes_double_the_cooldown,
    a_retry_holds_a_fifo_lane,
    a_dead_head_of_a_fifo_lane_is_passed_over,
    a_rate_limit_is_smooth,
    refusals_are_dead_at_once,
    a_410_disables_the_endpoint_until_it_is_resumed,
    an_address_left_behind_says_nothing_of_the_new_one,
    a_pause_outlives_a_while_out_of_the_file,
    a_pause_that_ended_while_nobody_ran_is_over_at_the_start,
    a_circuit_that_the_file_switches_off_is_closed_for_good,
    an_expired_head_of_a_fifo_lane_is_passed_over,
    a_resend_goes_past_an_open_circuit,
    a_retry_by_hand_goes_past_an_open_circuit,
    a_paused_endpoint_holds_its_deliveries,
    a_pause_ends_by_itself,
    what_waits_longer_than_max_age_expires,
    a_slow_endpoint_does_not_delay_others,
    a_stop_interrupts_what_is_in_flight,
    a_changed_file_leaves_what_is_in_flight_alone,
    a_removed_endpoint_keeps_its_deliveries_held,
    a_death_is_told_to_others_at_most_once_a_minute,
    what_dies_to_make_room_is_told_too,
    a_delivery_that_crashed_three_times_goes_alone,
    a_delivery_that_crashed_three_times_is_the_probe,
    a_delivery_that_crashed_three_times_and_was_cancelled_stays_dead,
    a_delivery_that_crashed_three_times_goes_when_its_endpoint_is_back,
    a_suspended_engine_finishes_what_is_in_flight_and_takes_up_again,
    nself_tries_a_410_nine_times_and_disables_nothing,
    nself_opens_its_circuit_for_ten_minutes,
    marionette_waits_two_four_and_eight_minutes,
    pilot_takes_a_4xx_for_a_fault_of_the_payload,
}

/// One scenario.
#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
struct Scenario {
    /// `.ntm.yaml`.
    file: String,
    /// Per endpoint: `500`, `429 retry-after 7`, `200 after 50`, `refuse`, `hang`.
    answers: BTreeMap<String, Vec<String>>,
    /// `AT verb arguments`, times in ms from the start.
    acts: Vec<String>,
    /// `AT[+TOOK] endpoint event trigger result`.
    attempts: Vec<String>,
    /// Attempts of alerts there must be: `AT endpoint type about count`.
    #[serde(default)]
    alerts: Vec<String>,
    /// Until when nothing else may happen.
    until: Millis,
    /// Deliveries at the end: `state`, or `dead reason`.
    deliveries: BTreeMap<String, String>,
    /// Circuits at the end.
    #[serde(default)]
    circuits: BTreeMap<String, String>,
    /// Texts that must stand in the log.
    #[serde(default)]
    log: Vec<String>,
    /// Files that acts name.
    #[serde(default)]
    files: BTreeMap<String, String>,
}

/// An attempt that must be.
struct Expected {
    start: Millis,
    end: Millis,
    line: String,
}

impl Expected {
    fn parse(line: &str) -> Self {
        let (times, rest) = line.split_once(' ').unwrap();
        let (start, took) = times.split_once('+').unwrap_or((times, "0"));
        let start: Millis = start.parse().unwrap();
        Self { start, end: start + took.parse::<Millis>().unwrap(), line: format!("{start} {rest}") }
    }
}

/// Answers by the script; the endpoint is the last part of the path.
#[derive(Debug)]
struct Actors {
    clock: Clock,
    answers: Mutex<HashMap<String, Vec<String>>>,
    begun: Mutex<usize>,
}

impl Script for Actors {
    fn send<'a>(&'a self, request: &'a Request, timeout: Duration) -> Pin<Box<dyn Future<Output = Sent> + Send + 'a>> {
        let endpoint = request.url.expose().path().trim_matches('/').to_owned();
        let answer = {
            let mut answers = self.answers.lock().unwrap();
            let left = answers.get_mut(&endpoint).unwrap();
            if left.len() > 1 { left.remove(0) } else { left[0].clone() }
        };
        *self.begun.lock().unwrap() += 1;
        Box::pin(async move {
            let words: Vec<&str> = answer.split_whitespace().collect();
            let failed = |failure| Sent { failure: Some(failure), ..Sent::default() };
            match words[..] {
                ["refuse"] => failed(Failure::Network("connection refused".to_owned())),
                ["hang"] => {
                    self.clock.sleep(timeout).await;
                    failed(Failure::Timeout("timeout, no first byte".to_owned()))
                }
                [status] => status_of(status),
                [status, "after", millis] => {
                    self.clock.sleep(Duration::from_millis(millis.parse().unwrap())).await;
                    status_of(status)
                }
                [status, "retry-after", wait] => {
                    Sent { headers: [("retry-after", wait)].into_iter().collect(), ..status_of(status) }
                }
                _ => panic!("no such answer: {answer}"),
            }
        })
    }
}

fn status_of(status: &str) -> Sent {
    Sent { status: Some(status.parse().unwrap()), ..Sent::default() }
}

/// A scenario being played.
struct Stage {
    scenario: Scenario,
    _folder: tempfile::TempDir,
    project: Project,
    clock: ManualClock,
    actors: Arc<Actors>,
    journal: Journal,
    reader: Reader,
    engine: Option<Engine>,
}

fn play(name: &str) {
    let path = format!("{}/tests/sim/{name}.toml", env!("CARGO_MANIFEST_DIR"));
    let scenario: Scenario = toml::from_str(&std::fs::read_to_string(&path).unwrap()).unwrap();
    let mut stage = Stage::set(scenario);
    let expected: Vec<Expected> = stage.scenario.attempts.iter().map(|line| Expected::parse(line)).collect();
    let acts: Vec<(Millis, String)> = stage
        .scenario
        .acts
        .iter()
        .map(|act| act.split_once(' ').map(|(at, act)| (at.parse().unwrap(), act.to_owned())).unwrap())
        .collect();
    let times: BTreeSet<Millis> = acts
        .iter()
        .map(|(at, _)| *at)
        .chain(expected.iter().flat_map(|attempt| [attempt.start, attempt.end]))
        .chain([stage.scenario.until])
        .collect();
    for time in times {
        stage.clock.advance_to(T0 + time);
        for (_, act) in acts.iter().filter(|(at, _)| *at == time) {
            stage.act(act);
        }
        let begun = expected.iter().filter(|attempt| attempt.start <= time).count();
        let ended = expected.iter().filter(|attempt| attempt.end <= time).count();
        stage.wait(&format!("{begun} begun and {ended} ended attempts at {time}"), |stage| {
            *stage.actors.begun.lock().unwrap() >= begun && stage.attempts().len() >= ended
        });
        stage.wait(&format!("the alerts at {time}"), |stage| {
            let due = |alert: &&String| alert.split(' ').next().unwrap().parse::<Millis>().unwrap() <= time;
            stage.alerts().len() >= stage.scenario.alerts.iter().filter(due).count()
        });
    }
    stage.check(&expected);
}

/// A scenario that fails ends: nobody moves the clock on any more for what is in flight.
impl Drop for Stage {
    fn drop(&mut self) {
        if let Some(engine) = &self.engine {
            engine.drain(Duration::ZERO);
        }
    }
}

impl Stage {
    fn set(scenario: Scenario) -> Self {
        let folder = tempfile::tempdir().unwrap();
        let project = Project::at(folder.path());
        std::fs::write(&project.file, &scenario.file).unwrap();
        let journal = Journal::open(&project.journal_path(None), Durability::Normal, journal::Role::Resident).unwrap();
        let clock = ManualClock::at(T0);
        let actors = Arc::new(Actors {
            clock: Clock::Manual(clock.clone()),
            answers: Mutex::new(scenario.answers.clone().into_iter().collect()),
            begun: Mutex::new(0),
        });
        let reader = journal.reader().unwrap();
        let mut stage = Self { scenario, _folder: folder, project, clock, actors, journal, reader, engine: None };
        stage.start();
        stage
    }

    fn start(&mut self) {
        let options = EngineOptions {
            project: self.project.clone(),
            env: Env::Fixed(BTreeMap::new()),
            clock: Clock::Manual(self.clock.clone()),
        };
        self.engine = Some(Engine::start_scripted(options, self.journal.clone(), self.actors.clone()).unwrap());
        self.wait("the dispatcher", |stage| matches!(stage.role(), Some(Role::Dispatching { .. })));
    }

    fn role(&self) -> Option<Role> {
        self.engine.as_ref().map(|engine| engine.status().borrow().role.clone())
    }

    fn now(&self) -> Millis {
        Clock::Manual(self.clock.clone()).now()
    }

    /// Looks until it is so; the condition decides, never the time.
    fn wait(&self, what: &str, mut so: impl FnMut(&Self) -> bool) {
        let begun = Instant::now();
        while !so(self) {
            assert!(
                begun.elapsed() < LIMIT,
                "waited in vain for {what}; there were: {:#?}; the engine: {:?}; {} begun; next sleeper {:?}",
                self.attempts(),
                self.engine.as_ref().map(|engine| engine.status().borrow().clone()),
                self.actors.begun.lock().unwrap(),
                self.clock.next_sleeper().map(|at| at - T0),
            );
            std::thread::yield_now();
        }
    }

    fn act(&mut self, act: &str) {
        let words: Vec<String> = act.split_whitespace().map(ToOwned::to_owned).collect();
        let words: Vec<&str> = words.iter().map(String::as_str).collect();
        match words[..] {
            ["emit", ref events @ ..] => self.emit(events),
            ["pause", endpoint] => self.order(endpoint, OrderKind::Pause(None)),
            ["pause", endpoint, "for", millis] => {
                self.order(endpoint, OrderKind::Pause(Some(self.now() + millis.parse::<Millis>().unwrap())));
            }
            ["resume", endpoint] => self.order(endpoint, OrderKind::Resume),
            ["reset", endpoint] => self.order(endpoint, OrderKind::Reset),
            ["trip", endpoint] => self.order(endpoint, OrderKind::Trip),
            ["resend", delivery] => {
                let result = self.journal.resend(vec![delivery.to_owned()], actor(), self.now()).wait().unwrap();
                assert_eq!(result.done, 1, "{result:?}");
            }
            ["retry-now", delivery] => {
                let result = self.journal.retry_now(delivery.to_owned(), actor(), self.now()).wait().unwrap();
                assert_eq!(result.done, 1, "{result:?}");
            }
            ["cancel", delivery] => {
                let selection = Selection::Ids(vec![delivery.to_owned()]);
                let result = self.journal.act(Act::Cancel, selection, actor(), self.now()).wait().unwrap();
                assert_eq!(result.done, 1, "{result:?}");
            }
            ["stop"] => {
                self.engine.as_ref().unwrap().drain(Duration::ZERO);
                self.wait("the end", |stage| stage.role() == Some(Role::Stopped));
                self.engine = None;
            }
            ["start"] => self.start(),
            ["suspend"] => {
                self.engine.as_ref().unwrap().suspend();
                self.wait("the drain", |stage| matches!(stage.role(), Some(Role::Draining | Role::Stopped)));
            }
            ["resume"] => {
                self.wait("the end of the drain", |stage| stage.role() == Some(Role::Stopped));
                assert!(!DispatcherLock::is_held(self.journal.path()), "a suspended engine holds no lock");
                self.engine.as_ref().unwrap().resume();
                self.wait("the dispatcher", |stage| matches!(stage.role(), Some(Role::Dispatching { .. })));
            }
            // What leaves no trace in the journal (an alert that is left out) has happened as well then.
            ["rest"] => self.wait("the engine to be idle", |stage| {
                stage.engine.as_ref().is_some_and(|engine| engine.status().borrow().idle)
            }),
            ["crash", endpoint] => self.crash(endpoint),
            ["save", file] => {
                std::fs::write(&self.project.file, &self.scenario.files[file]).unwrap();
                let now = Some(self.now());
                self.wait("the file to be applied", |stage| {
                    stage.engine.as_ref().is_some_and(|engine| engine.status().borrow().file.applied_at == now)
                });
            }
            _ => panic!("no such act: {act}"),
        }
    }

    fn emit(&self, events: &[&str]) {
        let submissions = events.iter().map(|id| Submission::new(event(id))).collect();
        for accepted in self.journal.accept(submissions, RouteBy::Applied, self.now()).wait().unwrap() {
            accepted.unwrap();
        }
    }

    /// A dispatcher that dies with the next delivery of an endpoint in flight; the next one to take over finds it.
    fn crash(&self, endpoint: &str) {
        let now = self.now();
        let epoch = self.journal.take_over(1, 60_000, now).wait().unwrap().epoch;
        let endpoint = self.reader.endpoints().unwrap().into_iter().find(|row| row.name == endpoint).unwrap().key;
        let (pick, trigger, below_crashes) = (Pick::Due, Trigger::Auto, u32::MAX);
        let request = ClaimRequest { epoch, endpoint, pick, trigger, limit: 1, now, max_age: None, below_crashes };
        assert_eq!(self.journal.claim(request).wait().unwrap().claimed.len(), 1);
        *self.actors.begun.lock().unwrap() += 1;
    }

    fn order(&self, endpoint: &str, kind: OrderKind) {
        let result = self.journal.order(Whom::One(endpoint.to_owned()), kind, actor(), self.now()).wait().unwrap();
        assert_eq!(result.done, 1, "{result:?}");
        self.wait("the order to be applied", |stage| stage.reader.orders().unwrap().is_empty());
    }

    /// Rows of alerts, or of all else.
    fn rows(&self, alerts: bool) -> Vec<AttemptRow> {
        let mut rows = self.reader.attempts(Page::first(1_000)).unwrap();
        rows.retain(|row| row.event_type.starts_with("hooktui.") == alerts);
        rows
    }

    /// Every attempt of an alert, as scenarios write them.
    fn alerts(&self) -> Vec<String> {
        let told = |row: &AttemptRow| {
            let details = self.reader.event(&row.event_id).unwrap().unwrap().event.details;
            let (about, count) = (&details["endpoint"], &details["count"]);
            format!("{} {} {} {about} {count}", row.started_at - T0, row.endpoint, row.event_type)
        };
        self.rows(true).iter().map(told).collect()
    }

    /// Every attempt in the journal, alerts aside, as scenarios write them.
    fn attempts(&self) -> Vec<String> {
        let rows = self.rows(false);
        rows.iter()
            .map(|row| {
                let result = match (row.outcome, row.status) {
                    (Outcome::Delivered | Outcome::Refused, Some(status)) => status.to_string(),
                    (outcome, _) => outcome.to_string(),
                };
                format!("{} {} {} {} {result}", row.started_at - T0, row.endpoint, row.event_id, row.trigger)
            })
            .collect()
    }

    fn check(&mut self, expected: &[Expected]) {
        let now = self.now();
        self.wait("the engine to rest", |stage| stage.clock.next_sleeper().is_some_and(|next| next > now));
        let deliveries = self.reader.deliveries(Page::first(1_000)).unwrap();
        let found: BTreeMap<String, String> = deliveries
            .iter()
            .filter(|row| !row.event_type.starts_with("hooktui."))
            .map(|row| {
                let reason = row.reason.map(|reason| format!(" {reason}")).unwrap_or_default();
                (row.id.clone(), format!("{}{reason}", row.state))
            })
            .collect();
        let mut attempts = self.attempts();
        attempts.sort();
        let mut wanted: Vec<String> = expected.iter().map(|attempt| attempt.line.clone()).collect();
        wanted.sort();
        assert_eq!(attempts, wanted, "attempts");
        let mut alerts = self.alerts();
        alerts.sort();
        assert_eq!(alerts, self.scenario.alerts, "alerts");
        assert_eq!(found, self.scenario.deliveries, "deliveries");
        let endpoints = self.reader.endpoints().unwrap();
        for (name, circuit) in &self.scenario.circuits {
            let row = endpoints.iter().find(|row| row.name == *name).unwrap();
            assert_eq!(row.circuit.circuit.to_string(), *circuit, "circuit of {name}");
        }
        for text in self.scenario.log.clone() {
            self.wait(&format!("the log to say {text:?}"), |stage| {
                stage.reader.log(Page::first(1_000)).unwrap().iter().any(|line| line.text.contains(&text))
            });
        }
    }
}

fn actor() -> Actor {
    Actor("ann@box".to_owned())
}

fn event(id: &str) -> Event {
    let json =
        serde_json::json!({"id": id, "type": "agent.error", "timestamp": "2026-11-22T10:00:00Z", "message": "boom"});
    serde_json::from_value(json).unwrap()
}
