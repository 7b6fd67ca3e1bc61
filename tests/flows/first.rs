//! The first minutes: no file yet, and then the first delivery.

use crate::sight::{is_in, sees};
use crate::stage::{Opening, Stage};
use crate::support::project::Project;
use crate::support::receiver::Receiver;

#[test]
fn the_starter_file_is_written_and_the_console_begins() {
    let project = Project::empty();
    let console = Opening::small().on(&project);
    console.sees("Welcome to hooktui").press("4 z e").sees("there is no project here yet");
    assert!(!project.has(".ntm.yaml") && !project.has(".hooktui"), "looking creates nothing");
    console.does("no project yet", "write starter", sees("● dispatching").and(is_in("deliveries")));
    console.sees(".ntm.yaml is written");
    assert_eq!(std::fs::read_to_string(project.root().join(".ntm.yaml")).unwrap(), crate::STARTER);
    // Nothing may go to the address of the starter file: another one, and the first event.
    let receiver = Receiver::good();
    let stage = Stage { receiver, project };
    stage.project.save(&crate::stage::file(&stage.receiver, "retry: {max_attempts: 1}"));
    console.press("2").sees("ci ").press("3").sees("hooktui emit agent.error");
    stage.emit("hello");
    console.sees("✓ 200");
}
