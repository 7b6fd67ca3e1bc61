//! Acts on many rows: marks, groups, a number to type, a gentle retry that stops, goes on and is cancelled.

use std::sync::atomic::{AtomicUsize, Ordering};

use crate::sight::{received, sees, sees_no};
use crate::stage::{Console, Stage};
use crate::support::receiver::{Answer, Receiver};
use crate::support::wait_until;

/// So many dead letters, and a console on their pane.
fn with_dead_letters(count: usize) -> (Stage, Console) {
    let stage = Stage::refusing();
    let lines: Vec<String> = (0..count).map(|at| format!("{{\"id\": \"e{at}\", \"type\": \"agent.error\"}}")).collect();
    let console = stage.console();
    console.sees("● dispatching");
    stage.feed(&lines);
    console.press("4").sees(&format!("dead {count} ")).sees("┃▌");
    // The figures may be newer than the rows: keys must not meet a shorter list.
    let rows = || console.screen().lines().filter(|line| line.starts_with('┃') && line.contains("permanent")).count();
    wait_until("the rows", || rows() >= count.min(8));
    (stage, console)
}

/// Answers 200 so many times, then 503.
fn good_for(receiver: &Receiver, count: usize) {
    let answered = AtomicUsize::new(0);
    receiver.script(move |_| {
        let good = answered.fetch_add(1, Ordering::SeqCst) < count;
        Answer::status(if good { 200 } else { 503 })
    });
}

#[test]
fn marked_dead_letters_are_retried_together() {
    let (stage, console) = with_dead_letters(3);
    stage.receiver.script(|_| Answer::status(200));
    // The first row may have come before the others: then it is not the first any more.
    console.press("g").does("lists", "mark", sees("1 marked")).press("Space").sees("2 marked");
    console.press("r").sees("Retry 2 dead letters?").sees("2  ci  422 Unprocessable Content");
    console.does("dialogs", "yes", received(&stage, 5)).sees("2 dead letters queued again").sees("dead 1 ");
    console.sees_no("marked");
}

#[test]
fn a_range_is_marked_by_walking_and_all_by_a_key_and_esc_takes_them_off() {
    let (stage, console) = with_dead_letters(6);
    console.press("g").does("lists", "range", sees("1 in range")).press("j j").sees("3 in range").press("v");
    console.sees("3 marked").press("j j").sees("3 marked").does("everywhere", "back", sees_no("marked"));
    console.does("lists", "mark all", sees("all marked")).press("c").sees("Clear 6 dead letters?").press("y");
    console.sees("6 dead letters cleared").sees("Nothing has died");
    assert_eq!(stage.project.figure("dead_letter_count"), 0);
}

#[test]
fn marked_deliveries_are_resent_and_marked_ones_that_wait_are_cancelled() {
    let stage = Stage::good();
    let console = stage.console();
    console.sees("● dispatching");
    stage.emit_kind("e1");
    stage.emit_kind("e2");
    console.press("3").sees("FOLLOW   2 ").sees("e1").sees("e2");
    stage.receiver.wait_for(2);
    console.sees("queue 0").press("j Space Space").sees("2 marked").press("r").sees("Resend 2 deliveries?");
    console.press("y").awaits(received(&stage, 4)).sees("2 deliveries resent");
    console.press("2 p").sees("× paused");
    stage.emit_kind("e3");
    stage.emit_kind("e4");
    console.sees("queue 2 ").press("3").types("/state:queued").press("Enter").sees("e3").sees("e4").sees_no("e1");
    console.press("*").sees("all marked").press("x").sees("Cancel 2 waiting deliveries?").press("y").sees("dead 2 ");
    assert_eq!(stage.receiver.count(), 4);
    // What dies at once has one time: read anew around either of them, the other is still there.
    console.press("4").sees("e4").press("G").selects("e3").press("F").sees("FROZEN").press("F").sees_no("FROZEN");
    stage.emit_kind("e5");
    console.sees("queue 1 ").press("k").selects("e4").press("j").selects("e3");
}

#[test]
fn all_that_a_filter_finds_is_resent_and_all_events_go_where_they_never_went() {
    let stage = Stage::good();
    let console = stage.console();
    console.sees("● dispatching");
    for kind in ["e1", "e2", "f1"] {
        stage.emit_kind(kind);
    }
    stage.receiver.wait_for(3);
    console.press("3").sees("queue 0").types("/type:e*").press("Enter").sees("e2").sees_no("f1");
    console
        .press("*")
        .sees("all marked")
        .press("r")
        .sees("Resend 2 deliveries?")
        .press("y")
        .awaits(received(&stage, 5));
    console.sees("2 deliveries resent").press("5").sees("f1").press("*").sees("all marked").press("r");
    console.sees("no endpoint matches them now that has not had them");
}

#[test]
fn a_gentle_retry_stops_when_one_fails_again_and_later_takes_the_rest() {
    let (stage, console) = with_dead_letters(60);
    good_for(&stage.receiver, 1);
    console.does("dead letters", "retry all", sees("Retry 60 dead letters?")).sees("g gently").press("6 0");
    console.sees("60_").does("dialogs", "gently", sees("dead 59 "));
    console.sees("stopped after 11 of 60: ci answered 503 Service Unavailable; the rest stays dead");
    console.press("6").sees("stopped after 11 of 60: ci answered 503").sees("retry 60 dead letters gently");
    stage.receiver.script(|_| Answer::status(200));
    console.press("4 R").sees("Retry 59 dead letters?").sees("ci  503 Service Unavailable").press("5 9 g");
    console.sees("all 59 queued again").sees("Nothing has died");
    console.press("u").sees("Undo: retry 59 dead letters of ci, gently?").press("n");
}

#[test]
fn a_gentle_retry_is_cancelled_while_it_waits() {
    let (stage, console) = with_dead_letters(60);
    stage.receiver.hold_after(0);
    console.press("R").sees("Retry 60 dead letters?").press("6 0 g");
    console.sees("retry gently 1 of 60: waiting for 1 of ci  Esc cancels").press("Esc");
    console.sees("cancelled after 1 of 60; the rest stays dead").sees_no("Esc cancels");
    stage.receiver.script(|_| Answer::status(200));
    stage.receiver.release();
    console.sees("dead 59 ");
    assert_eq!(stage.receiver.count(), 61, "no more went out");
}

#[test]
fn clearing_many_takes_the_number_and_only_what_was_counted() {
    let (stage, console) = with_dead_letters(51);
    console.does("dead letters", "clear all", sees("Clear 51 dead letters?")).sees("51  ci");
    console.press("y").sees("type the number first");
    stage.emit("one more");
    console.sees("dead 52").press("5 1 y").sees("51 dead letters cleared").sees("dead 1 ");
    console.press("u").sees("Undo: clear 51 dead letters").press("y").sees("dead 52");
}

#[test]
fn dead_letters_are_looked_at_in_groups_and_one_group_is_retried() {
    let stage = Stage::refusing();
    let console = stage.console();
    console.sees("● dispatching");
    stage.emit("one");
    stage.emit("two");
    console.press("4").sees("dead 2 ");
    stage.receiver.script(|_| Answer::status(404));
    stage.emit("three");
    console.sees("dead 3 ").does("dead letters", "why", sees("all in groups")).sees("3 in 2 groups");
    console.selects("permanent: 422 Unprocessable Content");
    console.press("Enter").sees("/endpoint:ci reason:permanent status:422").selects("agent.error").sees_no("in groups");
    console.press("w").sees("3 in 2 groups").selects("422 Unprocessable Content");
    stage.receiver.script(|_| Answer::status(200));
    console.press("r").sees("Retry 2 dead letters?").sees("2  ci  422 Unprocessable Content").press("y");
    console.sees("2 dead letters queued again").sees("1 in 1 group").selects("404 Not Found");
    console.press("Esc Esc").sees_no("in groups").sees("dead 1 ");
    stage.receiver.wait_for(5);
}
