//! Endpoints: paused, tripped, reset, tested, looked into.

use crate::sight::{above, is_in, received, sees, sees_no, written};
use crate::stage::{Opening, Stage};
use crate::support::receiver::{Answer, Receiver};

#[test]
fn a_paused_endpoint_holds_until_it_is_resumed() {
    let stage = Stage::good();
    let console = stage.console();
    console.sees("● dispatching").press("2").sees("closed").does("endpoints", "pause", sees("× paused"));
    console.sees("every endpoint is paused");
    stage.emit("held");
    console.sees("queue 1");
    assert_eq!(stage.receiver.count(), 0);
    console.does("endpoints", "pause", received(&stage, 1)).sees("✓ 200").sees_no("every endpoint is paused");
}

#[test]
fn all_endpoints_are_paused_after_a_question_and_resumed_with_the_same_key() {
    let stage = Stage::two();
    let console = Opening::small().on(&stage.project);
    console.sees("● dispatching").press("2").sees("closed");
    console.does("endpoints", "pause all", sees("Pause 2 active endpoints?")).press("n").sees_no("Pause 2");
    assert!(console.screen().matches("● closed").count() == 2, "no is no");
    console.press("P y").sees("2 endpoints paused").sees_no("● closed");
    stage.emit("held");
    console.sees("q 2 ").press("P").sees("Resume 2 paused endpoints?").press("y").sees("2 endpoints resumed");
    stage.receiver.wait_for(2);
    console.sees("q 0 ");
}

#[test]
fn a_reset_circuit_lets_deliveries_flow() {
    let rules =
        "retry: {base_delay: 1h, max_delay: 1h}, circuit: {failure_threshold: 1, cooldown: 1h, max_cooldown: 1h}";
    let stage = Stage::by(Receiver::scripted(|_| Answer::status(503)), rules);
    let console = stage.console();
    console.sees("● dispatching");
    stage.emit("boom");
    console.press("2").sees("○ open");
    stage.receiver.script(|_| Answer::status(200));
    console.does("endpoints", "reset", sees("● closed")).sees("reset: the circuit is closed");
}

#[test]
fn a_tripped_circuit_holds_what_comes() {
    let stage = Stage::by(Receiver::good(), "circuit: {cooldown: 1h, max_cooldown: 1h}");
    let console = stage.console();
    console.sees("● dispatching").press("2").sees("● closed");
    console.does("endpoints", "trip", sees("Trip the circuit of ci?")).press("y").sees("○ open").sees("tripped");
    stage.emit("held");
    console.sees("queue 1").sees("probe in");
    assert_eq!(stage.receiver.count(), 0);
    console.press("o");
    stage.receiver.wait_for(1);
}

#[test]
fn a_test_event_goes_out_after_a_question_and_moves_no_circuit() {
    let stage = Stage::with(Receiver::scripted(|_| Answer::status(500)));
    let console = stage.console();
    console.sees("● dispatching").press("2").sees("closed");
    console.does("endpoints", "test", sees("Send a test event to ci?"));
    assert_eq!(stage.receiver.count(), 0, "it asks first");
    console.does("dialogs", "yes", received(&stage, 1)).sees("ci: 500").sees("● closed");
    assert_eq!(stage.receiver.received()[0].json()["type"], "hooktui.test");
}

#[test]
fn the_deliveries_of_an_endpoint_are_a_key_away_and_all_of_them_come_back_with_esc() {
    let stage = Stage::two();
    let console = stage.console();
    console.sees("● dispatching");
    stage.emit_kind("first.one");
    console.sees("FOLLOW   2 ").press("2").selects("zeta").press("j").selects("alpha");
    console.does("endpoints", "deliveries", is_in("deliveries")).sees("3 Deliveries /endpoint:alpha").sees("1 match");
    console.does("everywhere", "back", sees_no("/endpoint:alpha")).sees("   2 ");
}

#[test]
fn endpoints_are_sorted_by_the_next_column_and_turned_round() {
    let stage = Stage::two();
    let console = Opening::sized(100, 30).on(&stage.project);
    console.sees("● dispatching").press("2").awaits(above("zeta", "alpha"));
    console.press("s").sees("in the order of the file");
    console.does("lists", "sort", above("alpha", "zeta")).sees("sorted by name").sees("NAME↑");
    console.does("lists", "reverse", above("zeta", "alpha")).sees("by name, z first").sees("NAME↓");
}

#[test]
fn the_file_is_edited_at_the_endpoints_line_and_a_save_is_in_force() {
    let stage = Stage::two();
    let editor = stage.program("vi", "echo \"$@\" > told; sed -i s/alpha/omega/ \"$2\"");
    let console = Opening::default().variable("EDITOR", &editor).on(&stage.project);
    console.sees("● dispatching").sees("alpha").press("2").selects("zeta").press("j").selects("alpha");
    console.does("endpoints", "edit", written(&stage, "told", "+4 ")).sees("omega").sees("× removed");
    console.press("1").does("everywhere", "edit file", written(&stage, "told", "+1 "));
}
