//! Programs that have the terminal for a while. That the real terminal is given to them and taken back is tested in
//! `tests/hand.rs`.

use crate::sight::{Sight, is_in, opens, sees, written};
use crate::stage::{Console, Opening, Stage};
use crate::support::receiver::Answer;

/// A dead letter of `e1`, and a console on it with this variable.
fn with_dead_letter(name: &str, program: &str, script: &str) -> (Stage, Console) {
    let stage = Stage::refusing();
    let program = stage.program(program, script);
    let console = Opening::default().variable(name, &program).on(&stage.project);
    console.sees("● dispatching");
    stage.project.ok(&["emit", "agent.error", "-m", "boom", "--id", "e1"]);
    console.press("4").sees("┃▌").sees("permanent: 422");
    (stage, console)
}

#[test]
fn the_body_of_a_row_and_what_a_tab_shows_go_into_the_pager() {
    let stage = Stage::refusing();
    let pager = stage.program("pager", "cat > paged");
    let console = Opening::small().variable("PAGER", &pager).on(&stage.project);
    console.sees("● dispatching");
    stage.project.ok(&["emit", "agent.error", "-m", "boom", "--id", "e1"]);
    console.press("4").sees("┃▌").sees("permanent: 422");
    console.does("lists", "body", written(&stage, "paged", "  \"message\": \"boom\""));
    console.press("Enter").sees("Delivery e1_").press("Tab").awaits(opens("Request")).sees("SHA-256");
    console.does("inspector", "pager", written(&stage, "paged", "SHA-256"));
    console.press("Esc").awaits(is_in("dead letters"));
    assert_eq!(console.seen().given_away, 2);
}

#[test]
fn a_pager_that_is_not_there_is_told() {
    let stage = Stage::refusing();
    let console = Opening::small().variable("PAGER", "no-such-pager").on(&stage.project);
    console.sees("● dispatching");
    stage.emit("boom");
    console.press("4").sees("┃▌").press("b").sees("there is no no-such-pager; set $PAGER");
}

#[test]
fn an_edited_copy_goes_to_the_same_endpoint_as_a_new_event() {
    let (stage, console) = with_dead_letter("EDITOR", "mend", "sed -i s/boom/mended/ \"$1\"");
    stage.receiver.script(|_| Answer::status(200));
    console.does("dead letters", "edit a copy", sees("Send the edited copy to ci?")).sees("mended");
    assert_eq!(stage.receiver.count(), 1, "it asks first");
    console.press("y").sees("sent to ci as evt-");
    let sent = stage.receiver.wait_for(2);
    assert_eq!((&sent[1].json()["message"], stage.project.figure("dead_letter_count")), (&"mended".into(), 1));
    assert_ne!(sent[1].json()["id"], "e1");
    console.press("u").sees("your last act, send an edited copy of e1 to ci as evt-");
}

#[test]
fn a_copy_is_edited_where_the_dead_letter_is_inspected_until_it_is_right() {
    // The first time it breaks the text, the second time it mends it.
    let script = "if grep -q oops \"$1\"; then sed -i 's/oops//; s/boom/mended/' \"$1\"; else echo oops >> \"$1\"; fi";
    let (stage, console) = with_dead_letter("EDITOR", "mend", script);
    console.press("Enter").sees("agent.error → ci");
    console.does("inspector", "edit a copy", sees("It cannot be sent as it is")).press("y");
    console.sees("Send the edited copy to ci?").press("y").sees("sent to ci as evt-");
    let is_mended = Sight::new("the mended copy has come", |_| {
        stage.receiver.received().iter().any(|one| one.json()["message"] == "mended")
    });
    console.awaits(is_mended);
}

#[test]
fn the_file_is_opened_at_its_first_error_and_mended() {
    let stage = Stage::good();
    let good = std::fs::read_to_string(stage.project.root().join(".ntm.yaml")).unwrap();
    let editor = stage.program("vi", "echo \"$1\" > told; sed -i '/nonsense/d' \"$2\"");
    let console = Opening::small().variable("EDITOR", &editor).on(&stage.project);
    console.sees("● dispatching").press("1");
    stage.project.save(&format!("{good}      nonsense: 1\n"));
    console.sees("✗ line 6");
    console.does("everywhere", "edit file", written(&stage, "told", "+6")).sees(".ntm.yaml ✓");
}
