//! The console in a terminal of its own, as a person meets it.

#[path = "../support/mod.rs"]
mod support;

mod asking;
mod terminal;

use std::sync::Arc;
use std::sync::atomic::{AtomicU16, Ordering};

use rustix::process::Signal;
use support::project::Project;
use support::receiver::{Answer, Receiver};
use support::screen::Screen;
use support::wait_until;

const PANES: [&str; 4] = ["1 Queue", "2 Endpoints", "3 Deliveries", "4 Dead letters"];
const ESC: &str = "\x1b";
const CTRL_C: &str = "\x03";
const CTRL_Z: &str = "\x1a";

fn project(receiver: &Receiver) -> Project {
    Project::new(&format!("webhooks:\n  - name: ops\n    url: {}\n", receiver.url("/ops")))
}

/// The console at a common size, once it shows its panes and dispatches.
fn console(project: &Project) -> Screen {
    let screen = Screen::start(project, &[], 120, 36);
    wait_for_panes(&screen);
    screen.wait_for("dispatching");
    screen
}

fn wait_for_panes(screen: &Screen) -> String {
    screen.wait_until("the four panes", |text| PANES.iter().all(|title| text.contains(title)))
}

/// A receiver whose status the test turns.
fn turned(status: u16) -> (Receiver, Arc<AtomicU16>) {
    let status = Arc::new(AtomicU16::new(status));
    let answer = Arc::clone(&status);
    (Receiver::scripted(move |_| Answer::status(answer.load(Ordering::SeqCst))), status)
}

#[test]
fn an_emitted_event_appears_as_a_delivery() {
    let receiver = Receiver::good();
    let project = project(&receiver);
    let mut screen = console(&project);
    project.ok(&["emit", "agent.error", "-m", "boom"]);
    let text = screen.wait_until("the delivery and its result", |text| {
        text.lines().any(|line| line.contains("agent.error") && line.contains("ops") && line.contains("✓ 200"))
    });
    assert!(text.contains("boom") || receiver.wait_for(1)[0].json()["message"] == "boom");
    screen.press("q");
    screen.wait_for("hooktui runs again");
    screen.press("y");
    assert!(screen.wait_for_end());
    screen.assert_restored();
}

#[test]
fn a_dead_letter_is_retried_cleared_and_brought_back_by_keys() {
    let (receiver, status) = turned(400);
    let project = project(&receiver);
    let mut screen = console(&project);
    project.ok(&["emit", "agent.crashed"]);
    screen.wait_for("permanent: 400");

    status.store(200, Ordering::SeqCst);
    screen.select_dead_letter();
    screen.press("r");
    receiver.wait_for(2);
    project.wait_for_figure("dead_letter_count", 0);
    screen.wait_until("the dead letter leaves the screen", |text| !text.contains("permanent: 400"));

    status.store(422, Ordering::SeqCst);
    project.ok(&["emit", "agent.idle"]);
    screen.wait_for("permanent: 422");
    screen.press("c");
    screen.wait_for("Clear 1 dead letter?");
    screen.press("y");
    project.wait_for_figure("dead_letter_count", 0);
    screen.press("u");
    project.wait_for_figure("dead_letter_count", 1);
    screen.wait_for("permanent: 422");
}

#[test]
fn enter_and_escape_are_never_destructive() {
    let (receiver, _) = turned(400);
    let project = project(&receiver);
    let mut screen = console(&project);
    project.ok(&["emit", "agent.crashed"]);
    screen.wait_for("permanent: 400");
    screen.select_dead_letter();
    for refusal in ["n", ESC] {
        screen.press("C");
        screen.wait_for("y yes");
        screen.press("\r");
        screen.wait_for("y yes");
        screen.press(refusal);
        screen.wait_until("the question is gone", |text| !text.contains("y yes"));
        assert_eq!(project.figure("dead_letter_count"), 1);
    }
}

#[test]
fn a_storm_of_sizes_ends_in_a_whole_screen() {
    let receiver = Receiver::good();
    let project = project(&receiver);
    let mut screen = console(&project);
    for round in 0_u16..5 {
        for (columns, rows) in [(1, 1), (39, 9), (300, 80), (10, 3), (200, 5), (40, 10), (20, 60)] {
            screen.resize(columns + round, rows + round);
        }
    }
    screen.resize(80, 24);
    wait_for_panes(&screen);
    screen.press("?");
    screen.wait_for("━ Help ━");
    screen.press(ESC);
    wait_for_panes(&screen);
}

#[test]
fn a_terminal_that_is_too_small_is_told_politely() {
    let receiver = Receiver::good();
    let project = project(&receiver);
    let screen = Screen::start(&project, &[], 39, 9);
    screen.wait_for("40x10");
    screen.resize(80, 24);
    wait_for_panes(&screen);
}

#[test]
fn sigterm_gives_the_terminal_back() {
    let receiver = Receiver::good();
    let project = project(&receiver);
    let mut screen = console(&project);
    screen.signal(Signal::TERM);
    assert!(screen.wait_for_end());
    screen.assert_restored();
    assert_eq!(project.dispatcher(), None);
}

#[test]
fn ctrl_c_twice_leaves_at_once() {
    let receiver = Receiver::good();
    let project = project(&receiver);
    let mut screen = console(&project);
    receiver.hold_after(0);
    project.ok(&["emit", "agent.error"]);
    wait_until("an attempt is under way", || receiver.waiting() == 1);
    screen.press(CTRL_C);
    screen.wait_for("hooktui runs again");
    screen.press(CTRL_C);
    screen.wait_for_end();
    screen.assert_restored();
    receiver.release();
    assert_eq!(project.figure("dead_letter_count"), 0, "what was cut off is not dead");
}

#[test]
fn no_keeps_it_running_and_escape_never_quits() {
    let receiver = Receiver::good();
    let project = project(&receiver);
    let mut screen = console(&project);
    screen.press("q");
    screen.wait_for("hooktui runs again");
    screen.press("n");
    screen.wait_until("the question is gone", |text| !text.contains("hooktui runs again"));
    screen.press(ESC);
    screen.press(ESC);
    project.ok(&["emit", "agent.error", "--wait"]);
    screen.wait_for("✓ 200");
}

#[test]
fn ctrl_z_gives_terminal_and_lock_back_and_fg_takes_both_again() {
    let receiver = Receiver::good();
    let project = project(&receiver);
    let mut screen = Screen::start_shell(&project, "$HOOKTUI; echo set aside; read line; fg >/dev/null", 120, 36);
    wait_for_panes(&screen);
    screen.wait_for("dispatching");
    screen.press(CTRL_Z);
    screen.wait_for("set aside");
    screen.assert_restored();
    assert_eq!(project.dispatcher(), None, "somebody else may dispatch meanwhile");

    screen.press("\r");
    wait_for_panes(&screen);
    screen.wait_for("dispatching");
    project.ok(&["emit", "agent.error", "--wait"]);
    screen.wait_for("✓ 200");
    screen.press("q");
    screen.wait_for("hooktui runs again");
    screen.press("y");
    screen.wait_for_end();
}

#[test]
fn an_empty_project_is_greeted_with_what_to_do_next() {
    let project = Project::empty();
    let mut screen = Screen::start(&project, &[], 80, 24);
    screen.wait_for("writes a commented starter file");
    screen.press("q");
    assert!(screen.wait_for_end());
    screen.assert_restored();
    assert_eq!(std::fs::read_dir(project.root()).unwrap().count(), 0, "looking creates nothing");
}

#[test]
fn a_broken_file_is_shown_with_its_line_and_mended_while_it_runs() {
    let receiver = Receiver::good();
    let good = format!("webhooks:\n  - name: ops\n    url: {}\n", receiver.url("/ops"));
    let project = Project::new(&format!("{good}    tiemout: 3s\n"));
    let screen = Screen::start(&project, &[], 120, 36);
    screen.wait_until("the mistake and its line", |text| text.contains("tiemout") && text.contains(":4:"));
    assert_eq!(project.dispatcher(), None);
    project.save(&good);
    screen.wait_until("the mistake is gone", |text| text.contains("dispatching") && !text.contains("tiemout"));
    project.ok(&["emit", "agent.error", "--wait"]);
}

#[test]
fn a_second_console_attaches_and_takes_over_when_the_first_is_killed() {
    let (receiver, status) = turned(400);
    let project = project(&receiver);
    let first = console(&project);
    let pid = first.pid().to_string();
    let mut second = Screen::start(&project, &[], 120, 36);
    second.wait_for(&pid);
    project.ok(&["emit", "agent.crashed"]);
    for screen in [&first, &second] {
        screen.wait_for("permanent: 400");
    }
    // The one that looks can act as well as the one that dispatches.
    status.store(200, Ordering::SeqCst);
    second.select_dead_letter();
    second.press("r");
    project.wait_for_figure("total_deliveries", 1);

    first.signal(Signal::KILL);
    project.wait_for_dispatcher(second.pid());
    project.ok(&["emit", "agent.error", "--wait"]);
    second.wait_for("agent.error");
}

#[test]
fn hostile_text_reaches_no_cell_unescaped() {
    let receiver = Receiver::scripted(|_| Answer::status(400).body("\x1b[2J\x1b]0;owned\x07\u{202e}evil"));
    let project = project(&receiver);
    let mut screen = console(&project);
    project.ok(&["emit", "agent.crashed", "-m", "\x1b[31mred\x07"]);
    screen.wait_for("permanent: 400");
    screen.select_dead_letter();
    screen.press("\r");
    screen.wait_for("agent.crashed → ops");
    let bytes = screen.bytes();
    for hostile in [&b"\x1b]0;owned"[..], b"\x1b[31mred", "\u{202e}".as_bytes()] {
        assert!(!bytes.windows(hostile.len()).any(|window| window == hostile));
    }
}

#[test]
fn without_a_terminal_the_console_runs_as_run_does() {
    let receiver = Receiver::good();
    let project = project(&receiver);
    let running = project.start_unseen(&[]);
    project.wait_for_dispatcher(running.pid());
    project.ok(&["emit", "agent.error", "--wait"]);
    wait_until("the attempt is told as a line", || running.printed().contains("agent.error"));
    assert!(!running.printed().contains('\x1b'), "no escape bytes: {:?}", running.printed());
    assert!(running.stop().success());
}

#[test]
fn the_demo_shows_everything_and_leaves_nothing_behind() {
    let project = Project::empty();
    let mut screen = Screen::start(&project, &["demo"], 120, 36);
    wait_for_panes(&screen);
    screen.wait_until("good ones, failed ones and an open circuit", |text| {
        text.contains("✓ 200") && text.contains("✗ ") && text.contains("open, probe")
    });
    screen.wait_until("a dead letter with its reason", |text| text.contains("permanent: 4"));
    screen.press("q");
    screen.wait_for("y yes");
    screen.press("y");
    assert!(screen.wait_for_end());
    screen.assert_restored();
    assert_eq!(project.temporary_files(), Vec::<std::ffi::OsString>::new());
    assert_eq!(std::fs::read_dir(project.root()).unwrap().count(), 0);
}
