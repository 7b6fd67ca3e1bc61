//! Flows through the console: the real loop on a journal, an engine and a receiver, driven by keys and mouse and read off
//! the screen, the clipboard, the receiver and the journal.
//!
//! `stage.rs` has the stage, `sight.rs` what can be seen, `deed.rs` how an action is done so that it proves something, and
//! `every.rs` fails where an action of the key table has no flow.

#![expect(clippy::unwrap_used, clippy::panic, reason = "a test that cannot go on fails there and then")]

#[path = "../support/mod.rs"]
mod support;

mod around;
mod children;
mod copying;
mod dead;
mod deed;
mod deliveries;
mod endpoints;
mod every;
mod finding;
mod first;
mod glass;
mod inspector;
mod jumps;
mod lists;
mod many;
mod mouse;
mod palette;
mod sight;
mod stage;

use crossterm::event::Event;
use stage::{Opening, Stage, file};
use support::wait_until;

/// What `w` writes where there is no file yet.
const STARTER: &str = include_str!("../../assets/starter.ntm.yaml");

#[test]
fn a_thousand_sizes_at_once_are_not_a_thousand_frames() {
    let stage = Stage::good();
    let sizes = (0..1_000).map(|at| Event::Resize(40 + at % 160, 10 + at % 50));
    let sizes = sizes.chain([Event::Resize(120, 36)]).collect();
    let console = Opening::default().after(sizes).on(&stage.project);
    console.sees("● dispatching").sees("4 Dead letters");
    let frames = console.seen().frames;
    assert!(frames < 100, "{frames} frames");
}

#[test]
fn the_second_console_attaches_acts_and_takes_over() {
    let stage = Stage::refusing();
    let first = stage.console();
    first.sees("● dispatching");
    let second = stage.console();
    second.sees(&format!("attached to pid {}", std::process::id()));
    stage.emit("boom");
    second
        .press("4")
        .sees("permanent: 422")
        .press("c")
        .sees("Clear 1 dead letter?")
        .press("y")
        .sees("Nothing has died");
    first.sees("Nothing has died");
    first.press("Ctrl-c").sees("Quit?").press("Ctrl-c");
    first.ends();
    second.sees("● dispatching").press("u").sees("permanent: 422");
}

#[test]
fn a_console_that_is_attached_leaves_without_a_question() {
    let stage = Stage::good();
    let first = stage.console();
    first.sees("● dispatching");
    let second = stage.console();
    second.sees("attached to pid").press("q");
    second.ends();
    stage.emit("hello");
    first.sees("✓ 200");
}

#[test]
fn a_broken_file_is_shown_with_its_line_until_it_is_mended() {
    let stage = Stage::good();
    let console = stage.console();
    console.sees("● dispatching");
    let good = file(&stage.receiver, "retry: {max_attempts: 2}");
    stage.project.save(&format!("{good}      - nonsense: [\n"));
    console.sees("✗ line").sees(".ntm.yaml:").sees("not valid YAML").sees("● dispatching");
    stage.project.save(&good);
    console.sees(".ntm.yaml ✓").sees_no("not valid YAML");
}

#[test]
fn the_end_of_the_terminal_ends_the_console() {
    let stage = Stage::good();
    let mut console = stage.console();
    console.sees("● dispatching");
    console.hang_up();
    console.ends();
    wait_until("the lock is free", || stage.project.dispatcher().is_none());
}
