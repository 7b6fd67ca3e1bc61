use std::path::PathBuf;
use std::sync::Arc;

use super::*;
use crate::config::{Env, Project, load};
use crate::event::Circuit;
use crate::journal::{Counts, DispatcherRow};
use crate::present::tests::{KEYS, NOW, endpoint};

const MINUTE: Millis = 60_000;

fn config(keys: &str) -> Arc<Config> {
    let folder = tempfile::tempdir().unwrap();
    let project = Project::at(folder.path());
    let file = format!("hooktui:\n  webhooks:\n    - {{id: wh_ops, name: ops, url: \"http://localhost/\"{keys}}}\n");
    std::fs::write(&project.file, file).unwrap();
    load(&project, &Env::Fixed([].into())).config.unwrap()
}

/// One endpoint with 31 deliveries, due for 3 s; a dispatcher that has worked for an hour.
fn overview() -> Overview {
    Overview {
        endpoints: vec![EndpointRow { last_attempt_at: Some(NOW - 1_000), ..endpoint() }],
        oldest_due_at: Some(NOW - 3_000),
        dispatcher: Some(DispatcherRow { pid: 7, since: NOW - 60 * MINUTE }),
        ..Overview::default()
    }
}

fn signs(overview: &Overview, dispatcher: Dispatcher) -> Signs<'_> {
    Signs {
        trouble: None,
        problems: &[],
        not_taken: None,
        config: None,
        dispatcher,
        overview: Some(overview),
        before: None,
        by: By::Keys(&KEYS),
        now: NOW,
    }
}

fn told(signs: &Signs<'_>) -> String {
    Alarm::gravest(signs).map_or_else(String::new, |alarm| alarm.to_string())
}

type Change = fn(&mut Overview);

#[test]
fn each_has_its_words_and_its_cure() {
    use Dispatcher::{Deaf, Nobody, Unknown, Works};
    let paused = |known: &mut Overview| {
        known.endpoints.push(EndpointRow { key: 2, ..EndpointRow::unused("b", "b", "") });
        let ops = &mut known.endpoints[0];
        (ops.state, ops.paused_by) = (EndpointState::Paused, Some("amy@host".to_owned()));
    };
    let table: [(Dispatcher, Change, &str); 12] = [
        (Works, |_| {}, ""),
        (Unknown, |_| {}, ""),
        (Nobody, |_| {}, "nobody dispatches: 31 deliveries wait, due for 3.0 s; start hooktui again"),
        (
            Nobody,
            |known| known.oldest_due_at = Some(NOW + 5_000),
            "nobody dispatches: 31 deliveries wait; start hooktui again",
        ),
        (Nobody, |known| known.endpoints.clear(), ""),
        (Deaf(7), |_| {}, "the dispatcher (pid 7) does not answer, and work is due for 3.0 s; restart it"),
        (Deaf(7), |known| known.oldest_due_at = None, ""),
        (
            Works,
            |known| known.endpoints[0].state = EndpointState::Paused,
            "every endpoint is paused: 31 deliveries wait; P in Endpoints resumes them",
        ),
        (Works, paused, "ops is paused by amy@host: 31 deliveries wait; p in Endpoints resumes it"),
        (
            Works,
            |known| {
                let ops = &mut known.endpoints[0];
                (ops.state, ops.disabled_by) = (EndpointState::Disabled, Some("410 Gone".to_owned()));
            },
            "ops is disabled by 410 Gone: 31 deliveries wait; p in Endpoints resumes it",
        ),
        (
            Works,
            |known| known.endpoints[0].missing = Some("$OPS_URL is not set here".to_owned()),
            "ops lacks a variable, $OPS_URL is not set here: 31 deliveries wait; set it and start hooktui again",
        ),
        (Works, |known| known.endpoints[0].circuit.circuit = Circuit::Open, ""),
    ];
    for (dispatcher, change, words) in table {
        let mut known = overview();
        change(&mut known);
        assert_eq!(told(&signs(&known, dispatcher)), words);
    }
}

#[test]
fn the_command_of_a_cure_can_be_typed() {
    for (name, command) in [
        ("a-very-long-name-of-an-endpoint-in-eu", "resume a-very-long-name-of-an-endpoint-in-eu`"),
        ("amy's bot", r"resume 'amy'\''s bot'`"),
    ] {
        let mut known = overview();
        known.endpoints.push(EndpointRow { key: 2, ..EndpointRow::unused("b", "b", "") });
        let one = &mut known.endpoints[0];
        (one.name, one.state) = (name.to_owned(), EndpointState::Paused);
        let told = told(&Signs { by: By::Commands, ..signs(&known, Dispatcher::Works) });
        assert!(told.contains(command), "{told}");
    }
}

#[test]
fn the_gravest_is_told() {
    let problem = Problem {
        severity: Severity::Error,
        file: PathBuf::from("/x/.ntm.yaml"),
        line: 12,
        column: 5,
        path: "webhooks".to_owned(),
        text: "unknown key".to_owned(),
    };
    let mut known = overview();
    known.endpoints[0].state = EndpointState::Paused;
    known.room = Some(Room { used: 0, disk_free: 0, disk_size: 1 << 40 });
    let file = config("");
    let paused = Overview { room: None, ..known.clone() };
    let mut signs = signs(&paused, Dispatcher::Works);
    let kind = |signs: &Signs<'_>| Alarm::gravest(signs).unwrap().kind.as_str();
    assert_eq!(kind(&signs), "paused");
    signs.overview = Some(&known);
    assert_eq!(kind(&signs), "disk");
    signs.dispatcher = Dispatcher::Nobody;
    assert_eq!(kind(&signs), "nobody_dispatches");
    let problems = [problem];
    signs.problems = &problems;
    assert_eq!(told(&signs), ".ntm.yaml:12:5: webhooks: unknown key; nothing is dispatched; e in Endpoints opens it");
    assert!(Alarm::gravest(&signs).unwrap().stuck, "whatever is graver: work is due and nothing moves");
    let two = [problems[0].clone(), problems[0].clone()];
    let several = Signs { problems: &two, ..signs };
    assert!(told(&several).starts_with("2 errors: .ntm.yaml:12:5: webhooks: unknown key; "), "{}", told(&several));
    signs.config = Some(&file);
    assert!(told(&signs).ends_with("the last good one is in force; e in Endpoints opens it"));
    signs.trouble = Some("the disk is full: nothing was stored\x1b");
    assert_eq!(told(&signs), r"journal: the disk is full: nothing was stored\e");
}

#[test]
fn stalled_means_that_due_work_is_not_touched_beyond_what_the_rules_allow() {
    let table: [(&str, Millis, Millis, Millis, bool); 9] = [
        // Rules, due for, last attempt ended before, dispatching for.
        ("", 71_000, 71_000, 3_600_000, true),
        ("", 69_000, 71_000, 3_600_000, false),
        ("", 71_000, 69_000, 3_600_000, false),
        ("", 71_000, 71_000, 69_000, false),
        (", timeout: 5m", 71_000, 71_000, 3_600_000, false),
        (", rate_limit: 4/h", 900_000, 900_000, 3_600_000, false),
        (", rate_limit: 4/h", 971_000, 971_000, 3_600_000, true),
        (", ordering: fifo", 120_000, 120_000, 3_600_000, false),
        (", ordering: fifo", 131_000, 131_000, 3_600_000, true),
    ];
    for (keys, due, ended, began, stalled) in table {
        let file = config(keys);
        let mut known = overview();
        known.oldest_due_at = Some(NOW - due);
        known.endpoints[0].last_attempt_at = Some(NOW - ended);
        known.dispatcher = Some(DispatcherRow { pid: 7, since: NOW - began });
        let signs = Signs { config: Some(&file), ..signs(&known, Dispatcher::Works) };
        let alarm = Alarm::gravest(&signs);
        assert_eq!(
            alarm.as_ref().is_some_and(|one| one.kind == Kind::Stalled),
            stalled,
            "{keys} {due} {ended} {began}"
        );
        assert!(alarm.is_none_or(|one| one.stuck));
    }
    let mut known = overview();
    known.oldest_due_at = Some(NOW - 2 * MINUTE);
    known.endpoints[0].last_attempt_at = Some(NOW - 3 * MINUTE);
    assert_eq!(
        told(&signs(&known, Dispatcher::Works)),
        "stalled: work is due for 2m00s, the last attempt ended 3m00s ago; see 6 Log, restart the dispatcher"
    );
}

#[test]
fn a_disk_is_nearly_full_by_share_and_by_size() {
    const GB: u64 = 1_000_000_000;
    for (size, free, low) in [
        (20 * GB, 11 * GB / 10, false),
        (20 * GB, 9 * GB / 10, true),
        (2_000 * GB, 11 << 30, false),
        (2_000 * GB, 10 * GB, true),
        (8 * GB, 450_000_000, true),
        (GB, 300_000_000, false),
        (GB, 200_000_000, true),
    ] {
        let known = Overview { room: Some(Room { used: 0, disk_free: free, disk_size: size }), ..Overview::default() };
        let alarm = Alarm::gravest(&signs(&known, Dispatcher::Works));
        assert_eq!(alarm.is_some_and(|one| one.kind == Kind::Disk && !one.stuck), low, "{free} of {size}");
    }
    let known = Overview { room: Some(Room { used: 0, disk_free: 0, disk_size: 20 << 30 }), ..Overview::default() };
    assert_eq!(
        told(&signs(&known, Dispatcher::Works)),
        "the disk of the journal is nearly full: 0 B of 20.0 GiB left; make room, or events are refused"
    );
}

#[test]
fn a_figure_that_wavers_around_its_bar_does_not_flicker() {
    let at = |free| Overview {
        room: Some(Room { used: 0, disk_free: free, disk_size: 20_000_000_000 }),
        ..Overview::default()
    };
    let mut before = None;
    for (free, low) in [(1_010_000_000, false), (990_000_000, true), (1_010_000_000, true), (1_200_000_000, false)] {
        let known = at(free);
        let alarm = Alarm::gravest(&Signs { before, ..signs(&known, Dispatcher::Works) });
        assert_eq!(alarm.is_some(), low, "{free}");
        before = alarm.map(|one| one.kind);
    }
}

#[test]
fn a_journal_near_max_size_says_so() {
    let folder = tempfile::tempdir().unwrap();
    let project = Project::at(folder.path());
    std::fs::write(&project.file, "hooktui: {journal: {max_size: 64MiB}}\n").unwrap();
    let file = load(&project, &Env::Fixed([].into())).config.unwrap();
    let limit = 64 << 20;
    for (used, near) in [(limit - limit / 32, false), (limit - limit / 100, true), (limit + 9, true)] {
        let room = Some(Room { used, disk_free: 1 << 40, disk_size: 1 << 40 });
        let known = Overview { room, ..Overview::default() };
        let signs = Signs { config: Some(&file), ..signs(&known, Dispatcher::Works) };
        let alarm = Alarm::gravest(&signs);
        assert_eq!(alarm.is_some_and(|one| one.kind == Kind::Full), near, "{used}");
    }
}

#[test]
fn of_several_that_wait_for_a_person_the_one_that_holds_most_is_told() {
    let held = |key, queued, missing: &str| EndpointRow {
        key,
        missing: Some(missing.to_owned()),
        counts: Counts { queued, ..Counts::default() },
        ..EndpointRow::unused(missing, missing, "")
    };
    let known = Overview { endpoints: vec![held(1, 2, "a"), held(2, 9, "b"), held(3, 0, "c")], ..Overview::default() };
    assert!(told(&signs(&known, Dispatcher::Works)).starts_with("b lacks a variable"));
    let none = Overview { endpoints: vec![held(3, 0, "c")], ..Overview::default() };
    assert_eq!(told(&signs(&none, Dispatcher::Works)), "");
}

#[test]
fn where_there_is_little_room_the_cure_gives_way() {
    let known = overview();
    let alarm = Alarm::gravest(&signs(&known, Dispatcher::Nobody)).unwrap();
    assert_eq!(alarm.within(73), "nobody dispatches: 31 deliveries wait, due for 3.0 s; start hooktui again");
    assert_eq!(alarm.within(72), "nobody dispatches: 31 deliveries wait, due for 3.0 s");
    assert_eq!(alarm.within(20), "nobody dispatches: …");
    let commands = Signs { by: By::Commands, ..signs(&known, Dispatcher::Nobody) };
    assert!(told(&commands).ends_with("start `hooktui` or `hooktui run`"));
}

#[test]
fn what_may_pass_within_moments_is_shown_when_it_has_lasted() {
    let mut known = overview();
    let paused = {
        let mut known = overview();
        known.endpoints[0].state = EndpointState::Paused;
        Alarm::gravest(&signs(&known, Dispatcher::Works))
    };
    known.oldest_due_at = Some(NOW - 5 * MINUTE);
    known.endpoints[0].last_attempt_at = None;
    let stalled = Alarm::gravest(&signs(&known, Dispatcher::Works));
    let mut steady = Steady::default();
    steady.note(stalled.clone(), NOW);
    assert_eq!((steady.shown(), steady.due()), (None, Some(NOW + LASTS)));
    steady.note(None, NOW + 100);
    assert_eq!((steady.shown(), steady.due()), (None, None));
    steady.note(stalled.clone(), NOW + 200);
    steady.note(stalled.clone(), NOW + 200 + LASTS);
    assert_eq!(steady.shown(), stalled.as_ref());
    steady.note(paused.clone(), NOW + 3_000);
    assert_eq!(steady.shown(), paused.as_ref(), "the others come at once");
}
