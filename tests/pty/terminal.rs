//! The terminal itself: what is taken of it is given back, whatever happens, and its end is the end.

#![expect(clippy::unwrap_used, reason = "a test that cannot go on fails there and then")]

use std::sync::atomic::Ordering;

use hooktui::tui::run_loop::Screen as _;
use hooktui::tui::term::Tty;
use rustix::process::Signal;

use super::support::project::Project;
use super::support::receiver::Receiver;
use super::support::screen::Screen;
use super::support::wait_until;
use super::{CTRL_Z, console, project, turned, wait_for_panes};

/// A click of the left button on a cell, counted from 1, as a terminal tells it.
fn click(column: usize, row: usize) -> String {
    format!("\x1b[<0;{column};{row}M\x1b[<0;{column};{row}m")
}

/// Where these words stand on the screen, counted from 1.
fn place(screen: &Screen, words: &str) -> (usize, usize) {
    let text = screen.wait_for(words);
    let mut lines = text.lines().enumerate();
    lines.find_map(|(y, line)| line.find(words).map(|at| (line[..at].chars().count() + 1, y + 1))).unwrap()
}

fn bells(screen: &Screen) -> usize {
    String::from_utf8_lossy(&screen.bytes()).matches('\x07').count()
}

#[test]
fn the_mouse_works_and_is_given_back() {
    let receiver = Receiver::good();
    let project = project(&receiver);
    let mut screen = console(&project);
    assert_eq!(screen.mouse(), vt100::MouseProtocolMode::PressRelease);
    let (x, y) = place(&screen, "2 Endpoints");
    screen.press(&click(x, y));
    screen.wait_for("p pause/resume");
    screen.press("M");
    wait_until("the mouse is the terminal's", || screen.mouse() == vt100::MouseProtocolMode::None);
    screen.press("M");
    wait_until("the mouse is ours again", || screen.mouse() == vt100::MouseProtocolMode::PressRelease);
    let (x, y) = place(&screen, "q quit");
    screen.press(&click(x, y));
    let (x, y) = place(&screen, "y quit");
    screen.press(&click(x, y));
    assert!(screen.wait_for_end());
    screen.assert_restored();
}

#[test]
fn a_person_may_not_want_the_mouse() {
    let receiver = Receiver::good();
    let project = project(&receiver);
    project.taste("mouse: false\n");
    let screen = console(&project);
    assert_eq!(screen.mouse(), vt100::MouseProtocolMode::None);
}

#[test]
fn the_first_dead_letter_rings_once_and_what_was_there_before_does_not() {
    let (receiver, status) = turned(400);
    let project = project(&receiver);
    let mut screen = console(&project);
    for (kind, count) in [("agent.one", 1), ("agent.two", 1)] {
        project.ok(&["emit", kind]);
        screen.wait_until("its death", |text| text.matches(&format!("{kind} ")).count() >= 2);
        wait_until("the bell", || bells(&screen) == count);
    }
    screen.press("q");
    screen.wait_for("y quit");
    screen.press("y");
    assert!(screen.wait_for_end());

    let screen = console(&project);
    screen.wait_for("dead 2");
    status.store(200, Ordering::SeqCst);
    project.ok(&["emit", "agent.three", "--wait"]);
    screen.wait_for("✓ 200");
    assert_eq!(bells(&screen), 0);
}

#[test]
fn a_notification_goes_through_tmux_where_it_is_wanted() {
    let (receiver, _) = turned(400);
    let project = project(&receiver);
    project.taste("alerts: {bell: false, notify: true}\n");
    let screen = Screen::start_with(&project, &[("TMUX", "/tmp/tmux,1,0")], 120, 36);
    wait_for_panes(&screen);
    screen.wait_for("dispatching");
    project.ok(&["emit", "agent.crashed"]);
    screen.wait_for("permanent: 400");
    let told = b"\x1bPtmux;\x1b\x1b]9;project: 1 dead letter\x07\x1b\\";
    wait_until("the notification", || screen.bytes().windows(told.len()).any(|bytes| bytes == told));
}

#[test]
fn a_terminal_that_goes_away_ends_the_console_and_loses_nothing() {
    for signal in [None, Some(Signal::HUP)] {
        let receiver = Receiver::good();
        let project = project(&receiver);
        let mut screen = console(&project);
        project.ok(&["emit", "agent.error", "--wait"]);
        match signal {
            Some(signal) => screen.signal(signal),
            None => screen.hang_up(),
        }
        screen.wait_for_end();
        assert_eq!(project.dispatcher(), None);
        assert_eq!(project.figure("total_deliveries"), 1);
        let next = console(&project);
        project.ok(&["emit", "agent.error", "--wait"]);
        drop(next);
    }
}

#[test]
fn a_console_that_only_looks_can_be_set_aside_too() {
    let receiver = Receiver::good();
    let project = project(&receiver);
    let first = console(&project);
    let mut second = Screen::start_shell(&project, "$HOOKTUI; echo set aside; read line; fg >/dev/null", 120, 36);
    second.wait_for("attached to pid");
    second.press(CTRL_Z);
    second.wait_for("set aside");
    second.assert_restored();
    assert_eq!(project.dispatcher(), Some(first.pid()), "the one that dispatches is left alone");
    second.press("\r");
    second.wait_for("attached to pid");
    assert_eq!(second.mouse(), vt100::MouseProtocolMode::PressRelease, "the mouse is taken again");
    project.ok(&["emit", "agent.error", "--wait"]);
    second.wait_for("✓ 200");
    second.press("q");
    second.wait_for_end();
    second.assert_restored();
}

#[test]
fn a_dumb_terminal_gets_plain_lines() {
    let receiver = Receiver::good();
    let project = project(&receiver);
    let screen = Screen::start_with(&project, &[("TERM", "dumb")], 120, 36);
    project.wait_for_dispatcher(screen.pid());
    project.ok(&["emit", "agent.error", "--wait"]);
    screen.wait_for("agent.error");
    assert!(!screen.bytes().contains(&0x1b), "{:?}", screen.text());
}

#[test]
fn without_colour_none_reaches_the_terminal() {
    let receiver = Receiver::good();
    let project = project(&receiver);
    for (variables, coloured) in [(&[("NO_COLOR", "1")][..], false), (&[("COLORTERM", "truecolor")], true)] {
        let mut screen = Screen::start_with(&project, variables, 120, 36);
        wait_for_panes(&screen);
        screen.wait_for("dispatching");
        let bytes = String::from_utf8_lossy(&screen.bytes()).into_owned();
        assert_eq!(bytes.contains("38;2;"), coloured, "{variables:?}");
        assert!(coloured || !bytes.contains("38;5;"), "{variables:?}");
        screen.press("q");
        screen.wait_for("y quit");
        screen.press("y");
        screen.wait_for_end();
    }
}

/// Not a test of its own: what the next one runs in a terminal.
#[test]
#[ignore = "takes the terminal and panics"]
fn takes_the_terminal_and_panics() {
    let mut tty = Tty::take(true).unwrap();
    tty.terminal().draw(|frame| frame.render_widget("drawn", frame.area())).unwrap();
    panic!("on purpose");
}

#[test]
fn a_panic_gives_the_terminal_back_before_it_is_told() {
    let project = Project::empty();
    let me = std::env::current_exe().unwrap();
    let arguments = ["--ignored", "--exact", "terminal::takes_the_terminal_and_panics", "--nocapture"];
    let mut screen = Screen::start_program(&project, me.to_str().unwrap(), &arguments, 80, 24);
    assert!(!screen.wait_for_end());
    screen.assert_restored();
    screen.wait_for("on purpose");
    let bytes = String::from_utf8_lossy(&screen.bytes()).into_owned();
    let (shown, told) = (bytes.find("drawn").unwrap(), bytes.find("on purpose").unwrap());
    let back = bytes.find("\x1b[?1049l").unwrap();
    assert!(shown < back && back < told, "the words stand on the main screen");
}
