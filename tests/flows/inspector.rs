//! In the inspector: tabs, scrolling, attempts, words that are looked for, acts on what is inspected.

use crate::sight::{Sight, is_in, opens, received, sees, sees_no};
use crate::stage::{Console, Opening, Stage};
use crate::support::receiver::{Answer, Receiver};

/// A dead letter of an event with forty members, and a console of 80x24 that inspects it.
fn with_long_body() -> (Stage, Console) {
    let stage = Stage::refusing();
    let members: Vec<String> = (0..40).map(|at| format!("\"key{at:02}\": {at}")).collect();
    let line = format!("{{\"id\": \"e1\", \"type\": \"agent.error\", \"data\": {{{}}}}}", members.join(", "));
    let console = Opening::small().on(&stage.project);
    console.sees("● dispatching");
    stage.feed(&[line]);
    console.press("4").sees("┃▌").press("Enter").sees("Delivery e1_").sees("agent.error → ci");
    (stage, console)
}

/// The rows of the open tab in sight begin with this one.
fn from_row(row: usize) -> Sight<'static> {
    Sight::new(format!("row {row} is the first in sight"), move |console| {
        rows(console).is_some_and(|(first, _, _)| first == row)
    })
}

/// Which rows are in sight, and how many there are: ` 1-17 of 60 `.
fn rows(console: &Console) -> Option<(usize, usize, usize)> {
    let screen = console.screen();
    let words: Vec<&str> = screen.lines().rev().find(|line| line.contains('┗'))?.split(' ').collect();
    let at = words.iter().position(|word| *word == "of")?;
    let (first, last) = words.get(at.checked_sub(1)?)?.split_once('-')?;
    Some((first.parse().ok()?, last.parse().ok()?, words.get(at + 1)?.parse().ok()?))
}

#[test]
fn tabs_are_turned_forth_and_back_all_the_way_round() {
    let (_stage, console) = with_long_body();
    console.awaits(opens("Summary")).does("inspector", "next tab", opens("Request").and(sees("SHA-256")));
    console.does("inspector", "previous tab", opens("Summary").and(sees_no("SHA-256")));
    console.press("h").awaits(opens("Event")).sees("\"agent.error\"").press("l").awaits(opens("Summary"));
    console.press("Tab Tab").awaits(opens("Response")).sees("There was no body").press("Tab").awaits(opens("Attempts"));
    console.sees("waiting for the first byte");
}

#[test]
fn a_long_tab_scrolls_by_rows_screens_and_ends() {
    let (_stage, console) = with_long_body();
    console.press("Tab").awaits(opens("Request")).awaits(from_row(1));
    let (_, height, all) = rows(&console).unwrap();
    console.does("inspector", "down", from_row(2)).does("inspector", "up", from_row(1));
    console.does("inspector", "page down", from_row(height)).does("inspector", "page up", from_row(1));
    console.does("inspector", "last", from_row(all - height + 1)).sees("key39");
    console.does("inspector", "first", from_row(1)).sees_no("key39");
}

#[test]
fn words_are_looked_for_and_their_places_walked() {
    let (_stage, console) = with_long_body();
    console
        .press("Tab")
        .awaits(opens("Request"))
        .does("inspector", "search", is_in("search"))
        .types("key3")
        .sees("1 of 10");
    console.does("search", "find", is_in("inspector"));
    console.does("inspector", "next place", sees("2 of 10")).press("n n n").sees("5 of 10").sees("key34");
    console.does("inspector", "previous place", sees("4 of 10"));
    console.press("Esc").sees_no("4 of 10").press("/").types("nowhere").sees("nothing found");
    console
        .does("search", "leave", is_in("inspector"))
        .sees_no("nothing found")
        .press("n")
        .sees("nothing is looked for");
}

#[test]
fn bodies_are_laid_out_or_as_they_are() {
    let (_stage, console) = with_long_body();
    console.press("S-Tab").awaits(opens("Event")).sees("  \"key00\": 0,");
    console.does("inspector", "raw", sees("\"key00\": 0, \"key01\": 1")).press("w").sees("  \"key00\": 0,");
}

#[test]
fn each_attempt_can_be_looked_at_and_its_time_told_in_utc() {
    let count = std::sync::atomic::AtomicUsize::new(0);
    let receiver = Receiver::scripted(move |_| {
        let number = count.fetch_add(1, std::sync::atomic::Ordering::SeqCst) + 1;
        Answer::status(422).body(&format!("no {number}"))
    });
    let stage = Stage::with(receiver);
    let console = stage.console();
    console.sees("● dispatching");
    stage.emit_kind("e1");
    console.press("4").sees("┃▌").press("Enter").sees("e1 → ci");
    console.does("inspector", "send again", received(&stage, 2)).press("Tab Tab").sees("attempt 2 of 2").sees("no 2");
    console.does("inspector", "earlier attempt", sees("attempt 1 of 2")).sees("no 1");
    console.press("[").sees("this is the first attempt");
    console.does("inspector", "later attempt", sees("attempt 2 of 2")).sees("no 2");
    console
        .press("Tab")
        .sees("- no 1")
        .sees("+ no 2")
        .does("inspector", "times", sees("Z  "))
        .press("t")
        .sees_no("Z  ");
}

#[test]
fn a_dead_letter_is_cleared_where_it_is_inspected() {
    let (stage, console) = with_long_body();
    console.does("inspector", "clear", is_in("dialogs")).sees("Clear 1 dead letter?");
    console.press("y").sees("1 dead letter cleared").sees("u takes it back");
    assert_eq!(stage.project.figure("dead_letter_count"), 0);
}

#[test]
fn a_delivery_that_waits_is_cancelled_and_its_endpoint_resumed_where_it_is_inspected() {
    let stage = Stage::good();
    let console = stage.console();
    console.sees("● dispatching").press("2").sees("closed").press("p").sees("× paused");
    stage.emit_kind("e1");
    stage.emit_kind("e2");
    console.press("3").sees("FOLLOW   2 ").sees("e2").press("Enter").sees("e2 → ci");
    console.does("inspector", "cancel", is_in("dialogs")).press("y").sees("cancelled");
    console.press("Esc").sees("dead 1 ").press("3 f G").selects("e1").press("Enter").sees("e1 → ci");
    console
        .does("inspector", "pause", received(&stage, 1))
        .sees_no("paused")
        .sees("delivered")
        .press("p")
        .sees("paused: events are accepted");
    crate::support::wait_until("the order is applied", || stage.project.json(&["endpoints"])[0]["state"] == "paused");
}

#[test]
fn a_circuit_is_reset_where_its_delivery_is_inspected() {
    let rules =
        "retry: {base_delay: 1h, max_delay: 1h}, circuit: {failure_threshold: 1, cooldown: 1h, max_cooldown: 1h}";
    let stage = Stage::by(Receiver::scripted(|_| Answer::status(503)), rules);
    let console = stage.console();
    console.sees("● dispatching");
    stage.emit_kind("e1");
    console.press("2").sees("○ open").press("Enter").sees("Endpoint wh_").sees("○ open");
    console.does("inspector", "reset", sees("● closed")).sees("reset: the circuit is closed");
    assert_eq!(stage.project.json(&["endpoints"])[0]["circuit"], "closed");
}
