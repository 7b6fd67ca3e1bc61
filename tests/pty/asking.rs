//! Commands that ask: what is asked about is what is done, whatever happens before the answer.

use super::support::screen::Screen;
use super::{project, turned};

#[test]
fn what_dies_while_a_clear_asks_is_not_meant() {
    let (receiver, _) = turned(422);
    let project = project(&receiver);
    let mut none = Screen::start(&project, &["dlq", "clear", "--all"], 100, 10);
    assert!(!none.wait_for("clear: nothing to clear").contains("[y/N]"));
    assert!(none.wait_for_end());
    let dispatcher = project.start();
    project.ok(&["emit", "agent.error"]);
    project.wait_for_figure("dead_letter_count", 1);
    for selection in [&["--all"][..], &["--endpoint", "ops"], &["--filter", "status:422"]] {
        let mut screen = Screen::start(&project, &[&["dlq", "clear"], selection].concat(), 100, 10);
        screen.wait_for("clear 1 dead letter? [y/N]");
        project.ok(&["emit", "agent.error"]);
        project.wait_for_figure("dead_letter_count", 2);
        screen.press("y\r");
        screen.wait_for("clear: 1 delivery");
        assert!(screen.wait_for_end());
        assert_eq!(project.figure("dead_letter_count"), 1);
    }
    dispatcher.stop();
}

#[test]
fn undo_takes_back_the_act_it_named_or_none() {
    let (receiver, _) = turned(422);
    let project = project(&receiver);
    let dispatcher = project.start();
    for _ in 0..2 {
        project.ok(&["emit", "agent.error"]);
    }
    project.wait_for_figure("dead_letter_count", 2);
    project.ok(&["dlq", "clear", "--all", "--yes"]);
    let mut screen = Screen::start(&project, &["undo"], 100, 10);
    screen.wait_for("undo: clear 2 dead letters of ops? [y/N]");
    project.ok(&["endpoints", "pause", "ops"]);
    screen.press("y\r");
    screen.wait_for("clear 2 dead letters of ops is no longer your last act, pause ops is");
    assert!(!screen.wait_for_end(), "it failed");
    assert_eq!(project.json(&["endpoints"])[0]["state"], "paused");
    assert_eq!(project.figure("dead_letter_count"), 0);
    dispatcher.stop();
}
