//! From one thing to what belongs to it, and back.

use crate::sight::{Sight, is_in, opens, sees, sees_no};
use crate::stage::{Opening, Stage};

#[test]
fn the_list_is_walked_without_leaving_the_inspector() {
    let stage = Stage::refusing();
    let console = Opening::small().on(&stage.project);
    console.sees("● dispatching");
    for (at, kind) in ["e1", "e2", "e3"].into_iter().enumerate() {
        stage.emit_kind(kind);
        console.sees(&format!("dead {} ", at + 1));
    }
    console.press("4 g").selects("e3").press("Enter").sees("Delivery e3_").press("Tab").awaits(opens("Request"));
    console.does("inspector", "next row", sees("Delivery e2_")).awaits(opens("Request")).sees("attempt 1 of 1");
    console.press("J").sees("Delivery e1_").press("J").sees("this is the last row");
    console.does("inspector", "previous row", sees("Delivery e2_")).press("K K").sees("this is the first row");
    console.press("Esc").selects("e3");
}

#[test]
fn a_delivery_its_event_and_its_endpoint_are_a_key_from_one_another() {
    let stage = Stage::refusing();
    let console = stage.console();
    console.sees("● dispatching");
    stage.emit_kind("e1");
    console.press("4").sees("┃▌").press("Enter").sees("Delivery e1_").sees("e1 → ci");
    console.does("inspector", "event", sees("Event e1")).sees("r sends it to the endpoints that match now");
    console.press("J").sees("this is no row of the list: Esc goes back");
    console.does("inspector", "open", sees("Delivery e1_")).sees("e1 → ci");
    console.does("inspector", "endpoint", sees("Endpoint wh_")).sees("failures in a row");
    console.press("Esc").sees("Delivery e1_").press("Esc").sees("Event e1").press("Esc").sees("Delivery e1_");
    console.does("inspector", "deliveries", is_in("deliveries")).sees("3 Deliveries /endpoint:ci").sees("1 match");
    console.does("everywhere", "back", sees_no("/endpoint:ci")).sees("e1");
}

#[test]
fn from_an_event_to_the_delivery_that_is_chosen_there() {
    let stage = Stage::two();
    let console = Opening::small().on(&stage.project);
    console.sees("● dispatching");
    stage.emit_kind("e1");
    stage.receiver.wait_for(2);
    console.press("5").sees("2 of 2").press("j").selects("e1").press("Enter").sees("Event e1").sees("alpha");
    for endpoint in ["zeta", "alpha"] {
        console.press("k").selects("zeta");
        if endpoint == "alpha" {
            console.press("j").selects("alpha");
        }
        console.press("Enter").sees("Delivery e1_").sees(&format!("e1 → {endpoint}")).press("Esc").sees("Event e1");
    }
}

#[test]
fn from_an_edited_copy_to_the_event_it_was_made_from() {
    let stage = Stage::refusing();
    let editor = stage.program("mend", "sed -i s/boom/mended/ \"$1\"");
    let console = Opening::small().variable("EDITOR", &editor).on(&stage.project);
    console.sees("● dispatching");
    stage.project.ok(&["emit", "agent.error", "-m", "boom", "--id", "e1"]);
    console.press("4").sees("┃▌").press("e").sees("Send the edited copy to ci?").press("y").sees("sent to ci as evt-");
    // Each as a delivery and as a dead letter.
    let both = Sight::new("both are listed", |console| console.screen().matches("agent.error").count() == 4);
    console.awaits(both).press("g").press("Enter").sees("Delivery evt-").sees("made from e1");
    console.press("E").sees("Event evt-").sees("E goes there").press("E").sees("Event e1 ");
    console.press("E").sees("it was not made from another event").press("Esc Esc").sees("Delivery evt-");
}
