//! Moving in lists, following and freezing them, how their times are shown.

use crate::sight::{is_in, sees, sees_no, selects};
use crate::stage::{Console, Opening, Stage};

/// Rows of the pane with the focus, those on the screen.
fn height(console: &Console) -> usize {
    console.screen().lines().filter(|line| line.starts_with('┃') && line.contains("row.")).count()
}

/// Sixty events, the newest is `row.59`, and a console of 80x24 on their pane.
fn with_rows() -> (Stage, Console) {
    let stage = Stage::good();
    let url = stage.receiver.url("/hook");
    stage.project.save(&format!("webhooks:\n  - {{name: ci, url: \"{url}\", events: [nothing.at.all]}}\n"));
    let console = Opening::small().on(&stage.project);
    console.sees("● dispatching");
    let lines: Vec<String> = (0..60).map(|at| format!("{{\"type\": \"row.{at:02}\"}}")).collect();
    stage.feed(&lines);
    console.press("5").sees("FOLLOW   60 ").sees("row.59");
    (stage, console)
}

#[test]
fn the_cursor_walks_a_list_by_rows_screens_and_ends() {
    let (_stage, console) = with_rows();
    console.does("lists", "down", selects("row.59")).press("j").selects("row.58");
    console.does("lists", "up", selects("row.59"));
    let height = height(&console);
    let half = height / 2;
    assert!(half > 1, "the list has room for {height} rows");
    let row = |below: usize| format!("row.{}", 59 - below);
    console.does("lists", "half down", selects(&row(half)));
    console.does("lists", "page down", selects(&row(half + height)));
    console.does("lists", "half up", selects(&row(height)));
    console.does("lists", "page up", selects("row.59"));
    console.does("lists", "last", selects("row.00"));
    console.does("lists", "first", selects("row.59"));
    console.press("↓").selects("row.58").press("↑").selects("row.59").press("End").selects("row.00");
    console.press("Home").selects("row.59");
}

#[test]
fn a_list_follows_until_a_row_is_held_and_again_when_told() {
    let stage = Stage::good();
    let console = stage.console();
    console.sees("● dispatching");
    stage.emit_kind("one.a");
    console.press("3").sees("FOLLOW   1 ").sees("✓ 200").does("lists", "follow", selects("one.a")).sees_no("FOLLOW");
    stage.emit_kind("two.b");
    console.sees("two.b").selects("one.a");
    console.does("lists", "follow", sees("FOLLOW   2 ")).sees_no("▌");
}

#[test]
fn a_frozen_list_stands_still_while_deliveries_go_on() {
    let stage = Stage::good();
    let console = stage.console();
    console.sees("● dispatching");
    stage.emit_kind("one.a");
    console.press("3").sees("✓ 200").does("lists", "freeze", sees("FROZEN   1 "));
    stage.emit_kind("two.b");
    console.sees("FROZEN   2 ").sees_no("two.b");
    stage.receiver.wait_for(2);
    console.does("lists", "freeze", sees("two.b")).sees_no("FROZEN");
}

#[test]
fn times_are_ages_local_times_or_utc() {
    let (_stage, console) = with_rows();
    console.sees("AGE↓").does("lists", "times", sees_no("AGE↓").and(sees("TIME↓"))).press("t").sees("UTC↓").sees("Z ");
    console.press("t").sees("AGE↓");
}

#[test]
fn a_row_is_inspected_and_esc_comes_back_to_it() {
    let (_stage, console) = with_rows();
    console.press("j j").selects("row.58").does("lists", "inspect", is_in("inspector")).sees("row.58");
    console.sees("No endpoint matched it").does("inspector", "back", is_in("events")).selects("row.58");
}
