//! The mouse on the real loop: rows, heads, tabs, keys that are shown, answers, the wheel.

use crate::sight::{above, is_in, sees, selects};
use crate::stage::{Console, Opening, Stage};

/// Three dead letters, the newest is `e3`, and a console of this opening.
fn with_dead_letters(opening: Opening) -> (Stage, Console) {
    let stage = Stage::refusing();
    let console = opening.on(&stage.project);
    console.sees("● dispatching");
    for (at, kind) in ["e1", "e2", "e3"].into_iter().enumerate() {
        stage.emit_kind(kind);
        console.sees(&format!("dead {} ", at + 1));
    }
    (stage, console)
}

#[test]
fn a_click_selects_a_row_and_a_second_one_inspects_it() {
    for opening in [Opening::small(), Opening::default()] {
        let (_stage, console) = with_dead_letters(opening);
        console.clicks("4 Dead letters").awaits(is_in("dead letters")).press("z").sees_no("1 Queue").sees("e3");
        console.clicks("e2 ").selects("e2").awaits(is_in("dead letters"));
        console.clicks("e2 ").sees("Delivery e2_").awaits(is_in("inspector"));
    }
}

#[test]
fn tabs_are_opened_by_a_click_and_the_wheel_scrolls_them() {
    let (_stage, console) = with_dead_letters(Opening::sized(100, 16));
    console
        .press("4")
        .sees("e1")
        .press("g")
        .selects("e3")
        .press("Enter")
        .sees("Delivery e3_")
        .clicks(" Request ")
        .sees("signed")
        .sees(" 1-");
    console.wheels(true, "X-NTM").sees_no(" 1-").sees(" 4-").wheels(false, "X-NTM").sees(" 1-");
    console.clicks(" Attempts ").sees("waiting for the first byte").clicks(" Summary ").sees("e3 → ci");
}

#[test]
fn a_click_on_a_head_sorts_by_it_and_a_second_one_turns_round() {
    let (_stage, console) = with_dead_letters(Opening::default());
    console.clicks("2 Endpoints").awaits(is_in("endpoints")).clicks("QUEUE").sees("longest queue first").sees("QUEUE↓");
    console.clicks("QUEUE").sees("shortest queue first").sees("QUEUE↑");
    console.press("4 z").sees_no("1 Queue").awaits(above("e3", "e1"));
    console.clicks("AGE").sees("sorted oldest first").awaits(above("e1", "e3"));
    console.clicks("AGE").sees("sorted newest first").awaits(above("e3", "e1"));
}

#[test]
fn the_wheel_moves_the_rows_under_it_and_leaves_the_focus() {
    let stage = Stage::good();
    let console = Opening::small().on(&stage.project);
    // What is held does not change its place.
    console.sees("● dispatching").press("2").sees("closed").press("p").sees("× paused");
    stage.feed(&(0..40).map(|at| format!("{{\"type\": \"row.{at:02}\"}}")).collect::<Vec<_>>());
    console.sees("FOLLOW   40 ").sees("row.39").wheels(true, "row.39").sees_no("row.39").sees("row.36");
    console.awaits(is_in("endpoints")).wheels(false, "row.36").sees("row.39").awaits(is_in("endpoints"));
}

#[test]
fn keys_that_are_shown_are_pressed_by_a_click() {
    let (stage, console) = with_dead_letters(Opening::small());
    console.press("4 g").selects("e3").clicks("c clear").sees("Clear 1 dead letter?").clicks("n no").sees("dead 3 ");
    console.clicks("c clear").clicks("y clear it").sees("dead 2 ").clicks("? help").awaits(is_in("help"));
    console.wheels(true, "Next row").sees("┏━ Help ").sees(" 4 of ").clicks("Esc close").awaits(is_in("dead letters"));
    console.clicks("q quit").sees("Quit?").clicks("y quit");
    console.ends();
    assert_eq!(stage.project.dispatcher(), None);
}

#[test]
fn an_action_of_the_palette_is_chosen_by_a_click_and_run_by_a_second_one() {
    let (_stage, console) = with_dead_letters(Opening::default());
    console.clicks(": actions").types("theme").sees("Wear the theme light").clicks("Wear the theme light");
    console.selects("Wear the theme light").clicks("Wear the theme light").sees("theme light;").sees_no("┏━ Actions");
    console.clicks(": actions").awaits(selects("")).wheels(true, "┏━ Actions").awaits(sees("┏━ Actions"));
}
