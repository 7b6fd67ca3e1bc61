//! Deliveries and events: sent again, cancelled, looked at by attempt.

use crate::sight::{is_in, received, sees, sees_no};
use crate::stage::{Stage, file};

#[test]
fn a_delivery_is_sent_once_more() {
    let stage = Stage::good();
    let console = stage.console();
    console.sees("● dispatching");
    stage.emit("hello");
    console.sees("✓ 200").press("3 j").does("deliveries", "resend", received(&stage, 2)).sees("one attempt goes now");
    console.press("Enter").sees("by hand").press("r").sees("one attempt goes now");
    stage.receiver.wait_for(3);
    console.press("Tab").sees("attempt 3 of 3").sees("X-NTM").press("Esc").sees("3 Deliveries");
}

#[test]
fn what_waits_is_cancelled_after_a_question() {
    let stage = Stage::good();
    let console = stage.console();
    console.sees("● dispatching").press("2").sees("closed").press("p").sees("× paused");
    stage.emit("held");
    console.press("3").sees("FOLLOW   1 ").sees_no("Deliveries as they happen").press("j");
    console.does("deliveries", "cancel", is_in("dialogs")).sees("Cancel 1 waiting delivery?");
    console.press("Enter").sees("Cancel 1 waiting delivery?").press("y").sees("cancelled: by hand").sees("dead 1 ");
    assert_eq!(stage.receiver.count(), 0);
}

#[test]
fn attempts_are_a_row_each_and_deliveries_come_back() {
    let stage = Stage::good();
    let console = stage.console();
    console.sees("● dispatching");
    stage.emit("hello");
    console.sees("✓ 200").press("3 j r");
    stage.receiver.wait_for(2);
    console.does("deliveries", "attempts", sees("manual").and(sees("auto"))).sees("FOLLOW   attempts");
    console.does("deliveries", "attempts", sees_no("manual")).sees("FOLLOW   1 ");
}

#[test]
fn an_event_that_nobody_wanted_is_sent_to_those_who_match_now() {
    let stage = Stage::good();
    let url = stage.receiver.url("/hook");
    stage.project.save(&format!("webhooks:\n  - {{name: ci, url: \"{url}\", events: [agent.crashed]}}\n"));
    let console = stage.console();
    console.sees("● dispatching");
    stage.emit("hello");
    console.press("5").sees("no match").press("j r").sees("no endpoint matches it now");
    stage.project.save(&file(&stage.receiver, "retry: {max_attempts: 1}"));
    crate::support::wait_until("the file is in force", || stage.project.ok(&["log"]).contains("changed ci"));
    console.does("events", "resend", received(&stage, 1)).sees("1 delivery made").sees("1 of 1");
}
